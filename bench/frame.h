/* SPDX-License-Identifier: BSD-3-Clause */
/* The frame that is forwarded: 14 octets of Ethernet, 40 of IPv6, 24 of UDP. */
#ifndef INABA_BENCH_FRAME_H
#define INABA_BENCH_FRAME_H

#include "ip6/hdr.h"
#include "link/link.h"

#define FRAME_PAYLOAD  24
#define FRAME_OCTETS   (ETH_HDR_OCTETS + IP6_HDR_OCTETS + FRAME_PAYLOAD)
#define FRAME_TYPE_OFF ETH_TYPE_OFF
#define FRAME_HLIM_OFF (ETH_HDR_OCTETS + IP6_HLIM_OFF)
#define FRAME_DST_OFF  (ETH_HDR_OCTETS + IP6_DST_OFF)

_Static_assert(FRAME_OCTETS == 78, "as the goals say");

/** frame_make() - Write FRAME_OCTETS to @p: to the station @to, from nowhere to nowhere. */
static inline void frame_make(uint8_t *p, const uint8_t to[ETH_MAC_OCTETS])
{
	static const uint8_t from[ETH_MAC_OCTETS] = { 2, 0, 0, 0, 1, 1 };
	static const struct ip6_addr src = { { 0xfd, 0, 0, 1, [15] = 2 } };

	memcpy(p + ETH_DST_OFF, to, ETH_MAC_OCTETS);
	memcpy(p + ETH_SRC_OFF, from, ETH_MAC_OCTETS);
	put_be16(p + ETH_TYPE_OFF, ETH_TYPE_IP6);
	p += ETH_HDR_OCTETS;
	ip6_put_header(p, 0, 0, FRAME_PAYLOAD, IP6_NH_UDP, 64, &src, &IP6_UNSPEC);
	memset(p + IP6_HDR_OCTETS, 0, FRAME_PAYLOAD);
}

#endif
