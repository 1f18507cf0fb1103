/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CUBIC (RFC 9438), in whole numbers, so that a run is the same on every machine: windows in
 * octets, time in milliseconds. Section 4 gives the functions; C is 0.4, beta is 0.7.
 */
#include "transport/tcp_part.h"

#define TIME_MAX_MS 200000 /* beyond, the cubic is steeper than any path */
#define ALPHA_NUM   9	   /* 3 * (1 - beta) / (1 + beta), section 4.3 */
#define ALPHA_DEN   17

static uint32_t cube_root(uint64_t v)
{
	uint32_t r = 0;

	for (uint32_t bit = 1u << 20; bit != 0; bit >>= 1) {
		uint64_t t = r | bit;

		if (t * t * t <= v)
			r |= bit;
	}
	return r;
}

/* Section 4.2: K, in ms: the cube root of (W_max - cwnd_epoch) / C segments. */
static uint32_t time_to_w_max(const struct tcp *tc)
{
	const struct tcp_cubic_state *c = &tc->cubic;

	if (c->w_max <= tc->cwnd)
		return 0;
	return cube_root((uint64_t)(c->w_max - tc->cwnd) * UINT64_C(2500000000) / tc->snd_mss);
}

/* Section 4.2: W_cubic(t) = C * (t - K)^3 + W_max; may be below nothing. */
static int64_t w_cubic(const struct tcp *tc, time_ns since)
{
	const struct tcp_cubic_state *c = &tc->cubic;
	int64_t d = (int64_t)MIN(since / NS_PER_MS, (uint64_t)TIME_MAX_MS) - (int64_t)c->k_ms;

	d = MAX(MIN(d, TIME_MAX_MS), -TIME_MAX_MS);
	return d * d * d * 2 / 5 / 1000 * tc->snd_mss / 1000000 + MAX(c->w_max, c->cwnd_epoch);
}

static void begin_epoch(struct tcp *tc)
{
	struct tcp_cubic_state *c = &tc->cubic;

	c->epoch = tc->stack->env->now;
	c->cwnd_epoch = c->w_est = tc->cwnd;
	c->est_rest = 0;
	c->k_ms = time_to_w_max(tc);
	if (c->w_max == 0)
		c->w_max = tc->cwnd;
}

/* Section 4.3: what Reno would have by now. */
static void grow_estimate(struct tcp *tc, uint32_t acked)
{
	struct tcp_cubic_state *c = &tc->cubic;
	bool reno = c->w_est >= c->cwnd_prior; /* alpha is 1 from there on */
	uint64_t add = (uint64_t)acked * tc->snd_mss / (reno ? 1 : ALPHA_DEN) *
		       (reno ? 1 : ALPHA_NUM);

	add += c->est_rest;
	c->w_est += (uint32_t)(add / tc->cwnd);
	c->est_rest = (uint32_t)(add % tc->cwnd);
}

/* Sections 4.2 to 4.5. */
static void cubic_avoid(struct tcp *tc, uint32_t acked)
{
	struct tcp_cubic_state *c = &tc->cubic;
	uint64_t since, add;
	int64_t target;

	if (c->epoch == 0)
		begin_epoch(tc);
	since = tc->stack->env->now - c->epoch;
	grow_estimate(tc, acked);
	if (w_cubic(tc, since) < (int64_t)c->w_est) { /* the Reno-friendly region */
		tc->cwnd = MAX(tc->cwnd, c->w_est);
		return;
	}
	target = w_cubic(tc, since + tc->srtt);
	target = MIN(MAX(target, (int64_t)tc->cwnd), (int64_t)tc->cwnd + tc->cwnd / 2);
	add = ((uint64_t)target - tc->cwnd) * acked + tc->ca_acked;
	tc->ca_acked = (uint32_t)(add % tc->cwnd);
	tc->cwnd += (uint32_t)(add / tc->cwnd);
}

/* Sections 4.6 and 4.7. */
static uint32_t cubic_ssthresh(struct tcp *tc)
{
	struct tcp_cubic_state *c = &tc->cubic;
	uint32_t flight = MIN(tc->snd_nxt - tc->snd_una, tc->cwnd);

	c->cwnd_prior = tc->cwnd;
	c->w_max = tc->cwnd < c->w_max ? (uint32_t)((uint64_t)tc->cwnd * 17 / 20) : tc->cwnd;
	c->epoch = 0;
	return (uint32_t)((uint64_t)flight * 7 / 10);
}

/* Section 4.8: after a time-out or a pause the next epoch begins afresh. */
static void cubic_reset(struct tcp *tc)
{
	tc->cubic.epoch = 0;
	tc->ca_acked = 0;
}

const struct tcp_cc TCP_CUBIC = {
	.name = "cubic",
	.avoid = cubic_avoid,
	.ssthresh = cubic_ssthresh,
	.reset = cubic_reset,
};
