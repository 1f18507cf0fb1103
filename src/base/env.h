/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What all layers of one node share: the time of the present step, timers, random numbers,
 * packet buffers, drop counters and the tracer.
 */
#ifndef INABA_BASE_ENV_H
#define INABA_BASE_ENV_H

#include "base/news.h"
#include "base/hash.h"
#include "base/pkt.h"
#include "base/rng.h"
#include "base/timer.h"
#include "base/trace.h"

struct env {
	time_ns now;
	struct pkt_pool *pool; /* borrowed; may be shared by the nodes of one thread */
	struct tracer tracer;  /* fn is NULL when nobody watches */
	struct watch watch;    /* wanted is 0 when nobody does */
	struct hash_key key;   /* secret of this node's tables */
	struct rng rng;
	struct timers timers;
	uint64_t drops[DROP_NUM];
};

/**
 * env_init() - A node's environment.
 * @pool:	Borrowed for as long as @e lives; there is nothing to undo.
 * @seed:	All randomness of the node comes from it.
 */
void env_init(struct env *e, struct pkt_pool *pool, const uint8_t seed[RNG_SEED_OCTETS],
	      time_ns now);

/** env_drop() - Count and trace the end of @pkt, and free it. */
void env_drop(struct env *e, struct pkt *pkt, enum drop why);

/** env_count_drop() - The same for something that is not, or not only, a packet. */
void env_count_drop(struct env *e, uint32_t ifindex, enum drop why);

/** env_drop_queue() - env_drop() for all of @q. */
void env_drop_queue(struct env *e, struct pktq *q, enum drop why);

/** env_event() - Tell the tracer about a change of state; see trace.h for @addr and @value. */
void env_event(struct env *e, enum event what, uint32_t ifindex, const struct ip6_addr *addr,
	       uint64_t value);

/** env_wants() - Does anybody want to know of @what? */
static inline bool env_wants(const struct env *e, enum news what)
{
	return (e->watch.wanted >> what & 1) != 0;
}

/** env_news() - Tell who wants to know; see news.h for @of. */
static inline void env_news(struct env *e, enum news what, const void *of)
{
	if (UNLIKELY(env_wants(e, what)))
		e->watch.fn(e->watch.ctx, what, of);
}

/** env_frame() - Tell the tracer about a frame: TRACE_RX, TRACE_TX or TRACE_SELF. */
static inline void env_frame(struct env *e, enum trace_kind kind, uint32_t ifindex,
			     const struct pkt *pkt)
{
	if (UNLIKELY(e->tracer.fn != NULL))
		e->tracer.fn(e->tracer.ctx,
			     &(struct trace){
				     .kind = kind, .now = e->now, .ifindex = ifindex, .pkt = pkt });
}

/**
 * env_jitter() - @t times a uniform factor in [@lo, @hi] percent: the random 0.5 to 1.5 of
 * RFC 4861 section 6.3.2 and its like. TIME_NEVER stays.
 */
time_ns env_jitter(struct env *e, time_ns t, unsigned lo, unsigned hi);

#endif
