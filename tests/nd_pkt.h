/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbor Discovery messages as packets, for tests of a whole node. */
#ifndef INABA_TESTS_ND_PKT_H
#define INABA_TESTS_ND_PKT_H

#include "bed.h"

/* @m as a packet with hop limit 255. */
static inline struct pkt *nd_pkt(struct bed *b, const char *src, const char *dst,
				 const struct nd_msg *m)
{
	uint8_t octets[IP6_MTU_MIN - IP6_HDR_OCTETS];
	struct wr w = wr_of(octets, sizeof(octets));

	nd_build(&w, m);
	assert_false(w.overflow);
	return bed_icmp6(b, src, dst, ND_HOP_LIMIT, octets, wr_len(&w));
}

/* @link hears @m. */
static inline void nd_rx(struct bed *b, unsigned link, const char *src, const char *dst,
			 const struct nd_msg *m)
{
	bed_rx(b, link, nd_pkt(b, src, dst, m));
}

#endif
