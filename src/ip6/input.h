/* SPDX-License-Identifier: BSD-3-Clause */
/* Between input.c, forward.c, mroute.c and output.c only. */
#ifndef INABA_IP6_INPUT_H
#define INABA_IP6_INPUT_H

#include "ip6/ip6.h"

/** ip6_forward_batch() - ip6_forward() for each packet of @b, the usual ones together. Given. */
void ip6_forward_batch(struct ip6 *ip6, struct iface *in, const struct batch *b);

/** ip6_local_in() - Deliver a packet that is ours, once its headers are read. Given. */
void ip6_local_in(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt);

/** if_mtu() - What a packet of IPv6 that leaves by @ifc may have in octets. */
static inline uint32_t if_mtu(struct ip6 *ip6, const struct iface *ifc)
{
	if (LIKELY(ifc->tunnel == NULL))
		return ifc->conf.link_mtu;
	return MAX(tunnel_mtu(ip6, ifc), (uint32_t)IP6_MTU_MIN);
}

/** ip6_src_may_leave() - Source neither unspecified, loopback, link-local nor multicast. */
static inline bool ip6_src_may_leave(const uint8_t *ip)
{
	uint16_t top = get_be16(ip + IP6_SRC_OFF);

	/* the first sixteen bits decide: 0 holds :: and ::1, and nothing that routers see daily */
	return top != 0 && (top & 0xffc0) != 0xfe80 && top < 0xff00;
}

#endif
