/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/env.h"

#define NAME(name, text) #name,
#define TEXT(name, text) text,

static const char *const event_names[] = { EVENTS(NAME) };
static const char *const event_texts[] = { EVENTS(TEXT) };

const char *event_name(enum event e)
{
	ASSERT(e < EVENT_NUM);
	return event_names[e];
}

const char *event_text(enum event e)
{
	ASSERT(e < EVENT_NUM);
	return event_texts[e];
}

void env_init(struct env *e, struct pkt_pool *pool, const uint8_t seed[RNG_SEED_OCTETS],
	      time_ns now)
{
	memset(e, 0, sizeof(*e));
	e->now = now;
	e->pool = pool;
	rng_init(&e->rng, seed);
	timers_init(&e->timers, now);
	e->key.k[0] = rng_u64(&e->rng);
	e->key.k[1] = rng_u64(&e->rng);
}

static void trace_drop(struct env *e, uint32_t ifindex, const struct pkt *pkt, enum drop why)
{
	if (e->tracer.fn != NULL)
		e->tracer.fn(e->tracer.ctx, &(struct trace){ .kind = TRACE_DROP,
							     .now = e->now,
							     .ifindex = ifindex,
							     .pkt = pkt,
							     .drop = why });
}

void env_drop(struct env *e, struct pkt *pkt, enum drop why)
{
	ASSERT(why > DROP_NONE && why < DROP_NUM);
	e->drops[why]++;
	trace_drop(e, pkt->ifindex, pkt, why);
	pkt_free(pkt);
}

void env_count_drop(struct env *e, uint32_t ifindex, enum drop why)
{
	ASSERT(why > DROP_NONE && why < DROP_NUM);
	e->drops[why]++;
	trace_drop(e, ifindex, NULL, why);
}

void env_drop_queue(struct env *e, struct pktq *q, enum drop why)
{
	struct pkt *pkt;

	while ((pkt = pktq_get(q)) != NULL)
		env_drop(e, pkt, why);
}

void env_event(struct env *e, enum event what, uint32_t ifindex, const struct ip6_addr *addr,
	       uint64_t value)
{
	if (e->tracer.fn != NULL)
		e->tracer.fn(e->tracer.ctx, &(struct trace){ .kind = TRACE_EVENT,
							     .now = e->now,
							     .ifindex = ifindex,
							     .event = what,
							     .addr = addr,
							     .value = value });
}

static time_ns percent(time_ns t, unsigned n)
{
	uint128 r = (uint128)t * n / 100;

	return (time_ns)MIN(r, (uint128)TIME_NEVER);
}

time_ns env_jitter(struct env *e, time_ns t, unsigned lo, unsigned hi)
{
	if (t == TIME_NEVER)
		return t;
	return rng_between(&e->rng, percent(t, lo), percent(t, hi));
}
