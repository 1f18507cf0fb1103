/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/peer.h"

void peer_attach(struct peer *p, struct bed *b)
{
	*p = (struct peer){ .b = b,
			    .stack = &b->node->tcp,
			    .wnd = 65535,
			    .mss = 1440,
			    .port = PEER_OURS_PORT,
			    .remote = { .addr = bed_addr_of(PEER_ADDR), .port = PEER_PORT } };
}

void peer_init(struct peer *p, struct bed *b)
{
	bed_init(b, 1);
	bed_addr(b, 0, PEER_OURS "/64");
	bed_neigh(b, 0, PEER_ADDR, "02:00:00:00:01:00");
	bed_quiet(b);
	peer_attach(p, b);
}

void peer_done(struct peer *p)
{
	if (p->tc != NULL)
		tcp_abort(p->tc);
	tcp_listener_free(p->l);
	node_settle(p->b->node, p->b->now);
	bed_done(p->b);
}

static enum drop say(struct peer *p, struct tcp_seg *s, size_t n)
{
	uint8_t m[TCP_HDR_MAX + 2000];
	struct pkt *pkt;
	uint32_t hdr;

	s->src = p->remote.addr;
	s->dst = bed_addr_of(PEER_OURS);
	s->sport = p->remote.port;
	s->dport = p->port;
	s->wnd = p->wnd;
	s->seq += PEER_ISS;
	s->ack = (s->flags & TCP_ACK) != 0 ? s->ack + p->node_iss : 0;
	s->len = (uint32_t)n;
	s->has = p->has & TCP_HAS_TS;
	s->tsval = p->tsval;
	s->tsecr = p->tsecr;
	if ((s->flags & TCP_SYN) != 0) {
		s->has = p->has;
		s->wscale = p->wscale;
		s->mss = p->mss;
		if (p->mss != 0)
			s->has |= TCP_HAS_MSS;
	}
	for (; s->n_sack < p->n_sack; s->n_sack++) {
		s->sack[s->n_sack].from = p->sack[s->n_sack].from + p->node_iss;
		s->sack[s->n_sack].to = p->sack[s->n_sack].to + p->node_iss;
	}
	p->n_sack = 0;
	hdr = tcp_seg_hdr_octets(s);
	for (size_t i = 0; i < n; i++)
		m[hdr + i] = (uint8_t)(s->seq + i);
	tcp_seg_put(m, s);
	pkt = bed_packet(p->b, PEER_ADDR, PEER_OURS, IP6_NH_TCP, 64, m, hdr + n);
	ip6_hdr_set_src(pkt->p, &s->src);
	ip6_hdr_set_class(pkt->p, p->ecn);
	return bed_rx(p->b, 0, pkt);
}

enum drop peer_say(struct peer *p, unsigned flags, uint32_t seq, uint32_t ack, size_t n)
{
	struct tcp_seg s = { .flags = (uint8_t)flags, .seq = seq, .ack = ack };

	return say(p, &s, n);
}

enum drop peer_say_urgent(struct peer *p, uint32_t seq, uint32_t ack, size_t n, uint16_t up)
{
	struct tcp_seg s = { .flags = A | TCP_URG, .seq = seq, .ack = ack, .urgent = up };

	return say(p, &s, n);
}

static bool next_segment(struct peer *p)
{
	const struct pkt *pkt;
	uint32_t ifindex;

	while ((pkt = bed_tx(p->b, &ifindex, &p->got_at)) != NULL) {
		struct pkt copy = *pkt;

		if (pkt->p[IP6_NEXT_OFF] != IP6_NH_TCP)
			continue;
		copy.l4_off = IP6_HDR_OCTETS;
		assert_int_equal(tcp_seg_parse(&copy, &p->got), DROP_NONE);
		p->got_pkt = pkt;
		return true;
	}
	return false;
}

const struct tcp_seg *peer_hears(struct peer *p, unsigned flags, uint32_t seq, uint32_t ack,
				 uint32_t len)
{
	if (!next_segment(p))
		fail_msg("silence, not flags %x seq %u len %u", flags, seq, len);
	if ((p->got.flags & TCP_SYN) != 0) {
		p->node_iss = p->got.seq;
		p->port = p->got.sport;
	}
	if ((p->got.flags & TCP_SYN) != 0 && (flags & (TCP_ECE | TCP_CWR)) == 0)
		p->got.flags &= (uint8_t) ~(TCP_ECE | TCP_CWR); /* an offer that is not looked at */
	p->got.seq -= p->node_iss;
	if ((p->got.flags & TCP_ACK) != 0)
		p->got.ack -= PEER_ISS;
	if (p->got.flags != flags || p->got.seq != seq || p->got.ack != ack || p->got.len != len)
		fail_msg("flags %x seq %u ack %u len %u, not %x %u %u %u", p->got.flags, p->got.seq,
			 p->got.ack, p->got.len, flags, seq, ack, len);
	return &p->got;
}

const struct tcp_seg *peer_hears_at(struct peer *p, time_ns when, unsigned flags, uint32_t seq,
				    uint32_t ack, uint32_t len)
{
	if (when >= p->b->now)
		bed_run(p->b, when);
	(void)peer_hears(p, flags, seq, ack, len);
	if (p->got_at != when)
		fail_msg("seq %u: %lld us too late", seq,
			 (long long)((int64_t)(p->got_at - when) / 1000));
	return &p->got;
}

void peer_silent(struct peer *p)
{
	if (next_segment(p))
		fail_msg("flags %x seq %u len %u, not silence", p->got.flags,
			 p->got.seq - p->node_iss, p->got.len);
}

void peer_settle(struct peer *p)
{
	bed_run(p->b, p->b->now);
}

void peer_accepted(struct peer *p, const struct tcp_opts *opts)
{
	struct tcp_end at = { .port = PEER_OURS_PORT };

	assert_int_equal(tcp_listen(p->stack, &at, 1, opts, &p->l), 0);
	assert_int_equal(peer_say(p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(p, SA, 0, 1, 0);
	p->tsecr = p->got.tsval;
	assert_int_equal(peer_say(p, A, 1, 1, 0), DROP_NONE);
	p->tc = tcp_accept(p->l);
	assert_non_null(p->tc);
	peer_silent(p);
}

void peer_connected(struct peer *p, const struct tcp_opts *opts)
{
	assert_int_equal(tcp_connect(p->stack, NULL, &p->remote, opts, &p->tc), 0);
	peer_settle(p);
	(void)peer_hears(p, S, 0, 0, 0);
	p->tsecr = p->got.tsval;
	assert_int_equal(peer_say(p, SA, 0, 1, 0), DROP_NONE);
	(void)peer_hears(p, A, 1, 1, 0);
	peer_silent(p);
}

void peer_send(struct peer *p, size_t n)
{
	static const uint8_t data[100000];

	assert_true(n <= sizeof(data));
	assert_int_equal(tcp_send(p->tc, data, n), n);
	peer_settle(p);
}

enum tcp_state peer_state(const struct peer *p)
{
	struct tcp_info i;

	tcp_info(p->tc, &i);
	return i.state;
}
