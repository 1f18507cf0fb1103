/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/tcp_seg.h"

#include "base/csum.h"

#define DOFF_UNIT 4

/* What nearly all segments carry, in the form of RFC 7323 appendix A. */
#define TS_PREFIX                                                                                  \
	((uint32_t)TCP_OPT_NOP << 24 | (uint32_t)TCP_OPT_NOP << 16 | (uint32_t)TCP_OPT_TS << 8 | 10)

/* Lengths of options, kind and length included; 0: any. */
static uint8_t opt_octets(uint8_t kind)
{
	switch (kind) {
	case TCP_OPT_MSS:
		return 4;
	case TCP_OPT_WSCALE:
		return 3;
	case TCP_OPT_SACK_OK:
		return 2;
	case TCP_OPT_TS:
		return 10;
	default:
		return 0;
	}
}

static bool take_sack(struct tcp_seg *s, struct rd body)
{
	if (body.left == 0 || body.left % 8 != 0)
		return false;
	while (body.left != 0 && s->n_sack < TCP_SACK_BLOCKS_MAX) {
		struct tcp_range *r = &s->sack[s->n_sack++];

		if (!rd_u32(&body, &r->from) || !rd_u32(&body, &r->to))
			return false;
	}
	return true;
}

static bool take_option(struct tcp_seg *s, uint8_t kind, struct rd body)
{
	bool syn = (s->flags & TCP_SYN) != 0;

	switch (kind) {
	case TCP_OPT_MSS:
		if (syn && rd_u16(&body, &s->mss))
			s->has |= TCP_HAS_MSS;
		return true;
	case TCP_OPT_WSCALE: /* RFC 7323 section 2.3: a larger shift count is taken as 14 */
		if (syn && rd_u8(&body, &s->wscale))
			s->has |= TCP_HAS_WSCALE;
		s->wscale = MIN(s->wscale, TCP_WSCALE_MAX);
		return true;
	case TCP_OPT_SACK_OK:
		if (syn)
			s->has |= TCP_HAS_SACK_OK;
		return true;
	case TCP_OPT_SACK:
		return take_sack(s, body);
	case TCP_OPT_TS:
		if (rd_u32(&body, &s->tsval) && rd_u32(&body, &s->tsecr))
			s->has |= TCP_HAS_TS;
		return true;
	default:
		return true;
	}
}

static bool parse_options(struct tcp_seg *s, struct rd in)
{
	if (LIKELY(in.left == TCP_OPT_TS_OCTETS && get_be32(in.p) == TS_PREFIX)) {
		s->tsval = get_be32(in.p + 4);
		s->tsecr = get_be32(in.p + 8);
		s->has |= TCP_HAS_TS;
		return true;
	}
	while (in.left != 0) {
		struct rd body;
		uint8_t kind, n;

		if (!rd_u8(&in, &kind))
			return false;
		if (kind == TCP_OPT_END)
			return true;
		if (kind == TCP_OPT_NOP)
			continue;
		if (!rd_u8(&in, &n) || n < 2 || !rd_take(&in, n - 2u, &body))
			return false;
		if (opt_octets(kind) != 0 && n != opt_octets(kind))
			return false;
		if (!take_option(s, kind, body))
			return false;
	}
	return true;
}

enum drop tcp_seg_parse(const struct pkt *pkt, struct tcp_seg *ret)
{
	const uint8_t *h = pkt->p + pkt->l4_off;
	uint32_t left = pkt->len - pkt->l4_off, hdr;

	if (left < TCP_HDR_OCTETS)
		return DROP_TCP_SHORT;
	hdr = (uint32_t)(h[TCP_DOFF_OFF] >> 4) * DOFF_UNIT;
	if (hdr < TCP_HDR_OCTETS || hdr > left)
		return DROP_TCP_SHORT;
	ret->src = ip6_hdr_src(pkt->p);
	ret->dst = ip6_hdr_dst(pkt->p);
	if (csum_upper(&ret->src, &ret->dst, h, left, IP6_NH_TCP) != 0)
		return DROP_TCP_CSUM;
	ret->sport = get_be16(h + TCP_SPORT_OFF);
	ret->dport = get_be16(h + TCP_DPORT_OFF);
	ret->seq = get_be32(h + TCP_SEQ_OFF);
	ret->ack = get_be32(h + TCP_ACK_OFF);
	ret->flags = h[TCP_FLAGS_OFF];
	ret->wnd = get_be16(h + TCP_WND_OFF);
	ret->urgent = get_be16(h + TCP_URG_OFF);
	ret->ecn = ip6_hdr_class(pkt->p) & IP6_ECN_MASK;
	ret->ifindex = pkt->ifindex;
	ret->data = h + hdr;
	ret->len = left - hdr;
	ret->has = ret->n_sack = ret->wscale = 0;
	ret->mss = 0;
	ret->tsval = ret->tsecr = 0;
	return parse_options(ret, rd_of(h + TCP_HDR_OCTETS, hdr - TCP_HDR_OCTETS)) ? DROP_NONE
										   : DROP_TCP_OPT;
}

uint32_t tcp_seg_hdr_octets(const struct tcp_seg *s)
{
	uint32_t n = TCP_HDR_OCTETS;

	if ((s->has & TCP_HAS_TS) != 0)
		n += TCP_OPT_TS_OCTETS;
	if (s->n_sack != 0)
		n += 4u + s->n_sack * 8u;
	if ((s->has & TCP_HAS_MSS) != 0)
		n += 4;
	if ((s->has & TCP_HAS_WSCALE) != 0)
		n += 4;
	if ((s->has & TCP_HAS_SACK_OK) != 0)
		n += 4;
	ASSERT(n <= TCP_HDR_MAX);
	return n;
}

/* Each option is filled with NOPs to a multiple of four octets, from the front. */
static uint8_t *put_options(uint8_t *o, const struct tcp_seg *s)
{
	if ((s->has & TCP_HAS_MSS) != 0) {
		put_be32(o, (uint32_t)TCP_OPT_MSS << 24 | 4u << 16 | s->mss);
		o += 4;
	}
	if ((s->has & TCP_HAS_SACK_OK) != 0) {
		put_be32(o, 0x01010000u | TCP_OPT_SACK_OK << 8 | 2);
		o += 4;
	}
	if ((s->has & TCP_HAS_TS) != 0) {
		put_be32(o, TS_PREFIX);
		put_be32(o + 4, s->tsval);
		put_be32(o + 8, s->tsecr);
		o += TCP_OPT_TS_OCTETS;
	}
	if ((s->has & TCP_HAS_WSCALE) != 0) {
		put_be32(o, 0x01000000u | TCP_OPT_WSCALE << 16 | 3u << 8 | s->wscale);
		o += 4;
	}
	if (s->n_sack != 0) {
		put_be32(o, 0x01010000u | TCP_OPT_SACK << 8 | (2u + s->n_sack * 8u));
		o += 4;
		for (unsigned i = 0; i < s->n_sack; i++, o += 8) {
			put_be32(o, s->sack[i].from);
			put_be32(o + 4, s->sack[i].to);
		}
	}
	return o;
}

void tcp_seg_put(uint8_t *h, const struct tcp_seg *s)
{
	uint32_t hdr = (uint32_t)(put_options(h + TCP_HDR_OCTETS, s) - h);

	put_be16(h + TCP_SPORT_OFF, s->sport);
	put_be16(h + TCP_DPORT_OFF, s->dport);
	put_be32(h + TCP_SEQ_OFF, s->seq);
	put_be32(h + TCP_ACK_OFF, s->ack);
	h[TCP_DOFF_OFF] = (uint8_t)(hdr / DOFF_UNIT << 4);
	h[TCP_FLAGS_OFF] = s->flags;
	put_be16(h + TCP_WND_OFF, s->wnd);
	put_be16(h + TCP_CSUM_OFF, 0);
	put_be16(h + TCP_URG_OFF, s->urgent);
	put_be16(h + TCP_CSUM_OFF, csum_upper(&s->src, &s->dst, h, hdr + s->len, IP6_NH_TCP));
}
