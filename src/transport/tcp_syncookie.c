/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SYN cookies (RFC 4987 section 3.6): under a flood the SYN,ACK's sequence number holds all that
 * we must remember of the SYN: 5 bits of time, 3 of MSS, 24 of a keyed hash of the ends, the
 * peer's number and these. The low bits of our timestamp hold the rest, if the peer has
 * timestamps: they come back with the acknowledgment.
 */
#include "transport/tcp_part.h"

#define TICK	   (64 * NS_PER_S)
#define TICK_BITS  5
#define TICKS_OLD  1 /* so many ticks ago is still good */
#define HASH_MASK  0xffffffu
#define NOTE_MASK  0x3fu /* of the timestamp: */
#define NOTE_WS	   0x0fu
#define NOTE_NO_WS 0x0fu
#define NOTE_SACK  0x10u
#define NOTE_ECN   0x20u

static const uint16_t mss_table[8] = { 64, 536, 1220, 1340, 1400, 1440, 4000, 8940 };

static uint32_t cookie(const struct tcp_listener *l, const struct tcp_seg *seg, uint32_t irs,
		       uint32_t tick, uint32_t mss)
{
	struct tcp_end local = { seg->dst, seg->dport, 0 }, remote = { seg->src, seg->sport, 0 };
	uint64_t h = tcp_tuple_hash(&l->stack->cookie_key, &local, &remote,
				    (uint64_t)irs << 32 | tick << 3 | mss);

	return (tick & ((1u << TICK_BITS) - 1)) << 27 | mss << 24 | ((uint32_t)h & HASH_MASK);
}

static uint32_t tick_now(const struct tcp_stack *s)
{
	return (uint32_t)(s->env->now / TICK);
}

static uint32_t ts_offset(const struct tcp_stack *s, const struct tcp_seg *seg)
{
	struct tcp_end local = { seg->dst, seg->dport, 0 }, remote = { seg->src, seg->sport, 0 };

	return (uint32_t)tcp_tuple_hash(&s->secret, &local, &remote, 1);
}

/* Our timestamp with the notes in its low bits; never later than the clock, or it would go back. */
static uint32_t noted_time(const struct tcp_stack *s, const struct tcp_seg *syn, uint32_t note)
{
	uint32_t now = tcp_clock_ms(s) + ts_offset(s, syn), ts = (now & ~NOTE_MASK) | note;

	return seq_lt(now, ts) ? ts - NOTE_MASK - 1 : ts;
}

/** tcp_cookie_send() - Answer @syn and forget it. */
void tcp_cookie_send(struct tcp_listener *l, const struct tcp_seg *syn)
{
	struct tcp_stack *s = l->stack;
	uint16_t mss = (syn->has & TCP_HAS_MSS) != 0 ? syn->mss : TCP_MSS_DEFAULT;
	uint32_t i = ARRAY_LEN(mss_table) - 1, note = NOTE_NO_WS;
	uint16_t ours = l->opts.mss != 0 ? l->opts.mss : 1500 - TCP_HDRS_OCTETS;
	struct tcp_seg a = { .src = syn->dst,
			     .dst = syn->src,
			     .sport = syn->dport,
			     .dport = syn->sport,
			     .ifindex = syn->ifindex,
			     .flags = TCP_SYN | TCP_ACK,
			     .ack = syn->seq + 1,
			     .wnd = (uint16_t)MIN(l->opts.rcvbuf, UINT16_MAX),
			     .has = TCP_HAS_MSS,
			     .mss = ours };

	while (i > 0 && mss_table[i] > mss)
		i--;
	a.seq = cookie(l, syn, syn->seq, tick_now(s), i);
	if (l->opts.timestamps && (syn->has & TCP_HAS_TS) != 0) {
		a.has |= TCP_HAS_TS | (l->opts.sack ? syn->has & TCP_HAS_SACK_OK : 0);
		if (l->opts.wscale && (syn->has & TCP_HAS_WSCALE) != 0) {
			a.has |= TCP_HAS_WSCALE;
			a.wscale = tcp_wscale_for(l->opts.rcvbuf);
			note = syn->wscale;
		}
		if ((a.has & TCP_HAS_SACK_OK) != 0)
			note |= NOTE_SACK;
		if (l->opts.ecn && (syn->flags & (TCP_ECE | TCP_CWR)) == (TCP_ECE | TCP_CWR)) {
			a.flags |= TCP_ECE;
			note |= NOTE_ECN;
		}
		a.tsval = noted_time(s, syn, note);
		a.tsecr = syn->tsval;
	}
	s->count.cookies_sent++;
	tcp_send_raw(s, &a, &l->opts, 0);
}

/**
 * tcp_cookie_check() - Is @ack the answer to a cookie of ours?
 * @syn:	Set on success to the SYN that it was, as far as it matters.
 */
bool tcp_cookie_check(const struct tcp_listener *l, const struct tcp_seg *ack, struct tcp_seg *syn)
{
	uint32_t c = ack->ack - 1, irs = ack->seq - 1, tick = tick_now(l->stack);
	uint32_t age = (tick - (c >> 27)) & ((1u << TICK_BITS) - 1), mss = c >> 24 & 7, note;

	if (age > TICKS_OLD || c != cookie(l, ack, irs, tick - age, mss))
		return false;
	*syn = *ack;
	syn->seq = irs;
	syn->flags = TCP_SYN;
	syn->len = 0;
	syn->n_sack = 0;
	syn->mss = mss_table[mss];
	syn->has = TCP_HAS_MSS | (ack->has & TCP_HAS_TS);
	if ((ack->has & TCP_HAS_TS) == 0)
		return true;
	note = ack->tsecr & NOTE_MASK;
	if ((note & NOTE_WS) != NOTE_NO_WS)
		syn->has |= TCP_HAS_WSCALE;
	syn->wscale = note & NOTE_WS;
	if ((note & NOTE_SACK) != 0)
		syn->has |= TCP_HAS_SACK_OK;
	if ((note & NOTE_ECN) != 0)
		syn->flags |= TCP_ECE | TCP_CWR;
	return true;
}
