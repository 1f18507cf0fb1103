/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How much may be in flight: what both algorithms share (RFC 5681), and NewReno.
 *
 * Slow start adds what was acknowledged, as Linux does, not at most one segment an acknowledgment
 * (RFC 5681 section 3.1): our receivers acknowledge a batch at a time.
 */
#include "transport/tcp_part.h"

#define CWND_MAX (1u << 30)

const char *tcp_cc_name(const struct tcp_cc *cc)
{
	return cc->name;
}

/* RFC 6928 section 2. */
uint32_t tcp_initial_window(uint32_t mss)
{
	return MIN(10 * mss, MAX(2 * mss, 14600u));
}

/** tcp_cc_init() - Begin; called again when the connection stands, with the peer's MSS known. */
void tcp_cc_init(struct tcp *tc)
{
	tc->cwnd = tc->syn_again ? tc->snd_mss : tcp_initial_window(tc->snd_mss);
	tc->ssthresh = CWND_MAX;
	tc->rack_mult = 1;
	tc->tlp_sampled = true;
	tc->opts.cc->reset(tc);
}

/** tcp_cc_acked() - @acked octets were delivered, and the window was in use. */
void tcp_cc_acked(struct tcp *tc, uint32_t acked)
{
	if (tc->cwnd < tc->ssthresh) {
		uint32_t n = MIN(acked, tc->ssthresh - tc->cwnd);

		tc->cwnd += n;
		acked -= n;
	}
	if (acked != 0 && tc->cwnd >= tc->ssthresh)
		tc->opts.cc->avoid(tc, acked);
	tc->cwnd = MIN(tc->cwnd, CWND_MAX);
}

/** tcp_cc_congestion() - A loss, or ECN's word: once a round trip. */
void tcp_cc_congestion(struct tcp *tc)
{
	tc->ssthresh = MAX(tc->opts.cc->ssthresh(tc), 2u * tc->snd_mss);
	tc->cwnd = tc->ssthresh;
	tc->ca_acked = 0;
}

/** tcp_cc_timeout() - RFC 5681 section 3.1: @first, for this segment. */
void tcp_cc_timeout(struct tcp *tc, bool first)
{
	if (first) /* equation (4); else ssthresh stays */
		tc->ssthresh = MAX(tc->opts.cc->ssthresh(tc), 2u * tc->snd_mss);
	tc->cwnd = tc->snd_mss; /* the loss window */
	tc->ca_acked = 0;
	tc->opts.cc->reset(tc);
}

/** tcp_cc_idle() - RFC 5681 section 4.1: nothing was sent for longer than the RTO. */
void tcp_cc_idle(struct tcp *tc)
{
	if (tc->tx_at == 0 || tc->stack->env->now - tc->tx_at <= tc->rto)
		return;
	tc->cwnd = MIN(tc->cwnd, tcp_initial_window(tc->snd_mss));
	tc->opts.cc->reset(tc);
}

/* RFC 5681 section 3.1, equation (3) by counting octets. */
static void newreno_avoid(struct tcp *tc, uint32_t acked)
{
	tc->ca_acked += acked;
	if (tc->ca_acked >= tc->cwnd) {
		tc->ca_acked -= tc->cwnd;
		tc->cwnd += tc->snd_mss;
	}
}

static uint32_t newreno_ssthresh(struct tcp *tc)
{
	return MIN(tc->snd_nxt - tc->snd_una, tc->cwnd) / 2;
}

static void newreno_reset(struct tcp *tc)
{
	tc->ca_acked = 0;
}

const struct tcp_cc TCP_NEWRENO = {
	.name = "newreno",
	.avoid = newreno_avoid,
	.ssthresh = newreno_ssthresh,
	.reset = newreno_reset,
};
