/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extension header walker on arbitrary octets: one octet of limits, then the packet. The
 * packet ends where its buffer ends, so that reading behind it shows.
 */
#include <stdlib.h>

#include "ip6/ext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ip6_ext_limits limits_of(uint8_t bits)
{
	struct ip6_ext_limits l = { .hdrs_max = bits & 1 ? 8 : 0,
				    .opts_max = bits & 2 ? 2 : 0,
				    .pad_octets_max = bits & 4 ? 7 : 0,
				    .pad_zero = (bits & 4) != 0,
				    .chain_octets_max = bits & 8 ? 64 : 0,
				    .hdr_octets_max = bits & 8 ? 32 : 0,
				    .refuse_unknown = (bits & 16) != 0,
				    .report = (bits & 32) != 0,
				    .forward_skip = (bits & 64) != 0,
				    .rh_type2 = (bits & 128) != 0 };

	return bits == 255 ? IP6_EXT_LIMITS_DEFAULT : l;
}

static void check(const struct ip6_walk *w, const struct pkt *pkt)
{
	ASSERT(w->off <= pkt->len && w->nh_off < w->off);
	ASSERT(w->next == pkt->p[w->nh_off] && w->why < DROP_NUM);
	ASSERT(!w->icmp || (w->why != DROP_NONE && w->icmp_type == ICMP6_PARAM_PROB));
	/* a pointer leads into the packet; that to a length that says too much, or limit, may not */
	ASSERT(!w->icmp || w->icmp_ptr < MAX(pkt->len, (uint32_t)IP6_HDR_OCTETS + 64 + 1));
	ASSERT(((pkt->flags & PKT_ROUTER_ALERT) != 0) == w->router_alert);
}

/* What the walker takes, the finder finds: it is the same chain. */
static void compare(const struct ip6_walk *w, const struct pkt *pkt)
{
	bool stops = w->next == IP6_NH_FRAGMENT || w->next == IP6_NH_ROUTING ||
		     w->next == IP6_NH_AH;
	uint8_t next = 0;
	uint32_t off = 0;
	bool found = ip6_upper_find(rd_of(pkt->p, pkt->len), &next, &off);

	ASSERT(!found || off <= pkt->len);
	if (w->why == DROP_NONE && !stops)
		ASSERT(found && next == w->next && off == w->off);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = size != 0 ? size - 1 : 0, slack = (64 - n % 64) % 64;
	struct ip6_ext_limits limits;
	struct ip6_walk w, again;
	struct pkt *pkt;

	if (n < IP6_HDR_OCTETS || n > IP6_HDR_OCTETS + IP6_PLEN_MAX)
		return 0;
	limits = limits_of(data[0]);
	pkt = aligned_alloc(64, sizeof(*pkt) + slack + n);
	if (pkt == NULL)
		return 0;
	*pkt = (struct pkt){ .p = pkt->buf + slack,
			     .len = (uint32_t)n,
			     .size = (uint32_t)(slack + n) };
	memcpy(pkt->p, data + 1, n);

	ip6_walk_begin(&w, pkt);
	ip6_walk_hbh(&w, pkt, &limits);
	check(&w, pkt);
	pkt->flags = 0;
	ip6_walk_begin(&w, pkt);
	ip6_walk_chain(&w, pkt, &limits);
	check(&w, pkt);
	compare(&w, pkt);
	if (w.why == DROP_NONE) { /* it has ended: walking on does not move it */
		again = w;
		ip6_walk_chain(&again, pkt, &limits);
		ASSERT(again.why == w.why && again.off == w.off && again.nh_off == w.nh_off &&
		       again.next == w.next && again.n_hdrs == w.n_hdrs);
	}
	ASSERT(memcmp(pkt->p, data + 1, n) == 0);
	free(pkt);
	return 0;
}
