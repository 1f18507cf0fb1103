/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of the way of a packet: a neighbour's entry, a checksum, timers. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/csum.h"
#include "dpdk.h"
#include "heap.h"
#include "link/neigh.h"

/*
 * Neighbours: random ones of many. The keys of both sides hold the same.
 */

#define NEIGH_CHUNK 4096
#define NEIGH_BULK  64

struct neighbours {
	struct pkt_pool pool;
	struct env env;
	struct neigh_table table;
	struct link_if link;
	struct dpdk_key *key; /* in the order of asking, which is not that of entering */
	uint32_t n, at, peer_at;
	struct dpdk *peer;
};

static void neighbours_init(struct neighbours *s, uint32_t n)
{
	static const uint8_t seed[RNG_SEED_OCTETS] = { 1 };
	struct neigh_conf conf = NEIGH_CONF_DEFAULT;
	struct mac mac = { { 2 } };
	uint64_t rnd = n;

	*s = (struct neighbours){ .n = n, .link = { .ifindex = 1, .mtu = 1500, .up = true } };
	conf.max = n;
	env_init(&s->env, &s->pool, seed, NS_PER_S);
	neigh_init(&s->table, &s->env, &conf);
	ASSERT(neigh_if_add(&s->table, &s->link, &NUD_CONF_DEFAULT) != NULL);
	s->key = bench_alloc(n + NEIGH_CHUNK, sizeof(*s->key));
	for (uint32_t i = 0; i < n; i++) {
		s->key[i] = (struct dpdk_key){ .addr = { { 0x20, 1, 0xd, 0xb8 } }, .ifindex = 1 };
		put_be64(s->key[i].addr.b + 8, bench_rnd(&rnd));
		ASSERT(neigh_set(&s->table, &s->link, &s->key[i].addr, &mac) != NULL);
	}
	for (uint32_t i = n; i > 1; i--) {
		uint32_t j = (uint32_t)(bench_rnd(&rnd) % i);
		struct dpdk_key t = s->key[i - 1];

		s->key[i - 1] = s->key[j];
		s->key[j] = t;
	}
	memcpy(s->key + n, s->key, NEIGH_CHUNK * sizeof(*s->key));
}

static double neigh_ns(void *ctx)
{
	struct neighbours *s = ctx;
	const struct dpdk_key *key = &s->key[s->at];
	unsigned found = 0;
	double from = bench_ns();

	for (unsigned i = 0; i < NEIGH_CHUNK; i++)
		found += neigh_find(&s->table, &s->link, &key[i].addr) != NULL;
	s->at = (s->at + NEIGH_CHUNK) % s->n;
	ASSERT(found == NEIGH_CHUNK);
	return (bench_ns() - from) / NEIGH_CHUNK;
}

static double neigh_peer_ns(void *ctx)
{
	struct neighbours *s = ctx;
	const struct dpdk_key *key = &s->key[s->peer_at];
	const void *keys[NEIGH_CHUNK];
	unsigned found = 0;
	double from;

	for (unsigned i = 0; i < NEIGH_CHUNK; i++)
		keys[i] = &key[i];
	from = bench_ns();
	for (unsigned i = 0; i < NEIGH_CHUNK; i += NEIGH_BULK)
		found += dpdk_hash_lookup(s->peer, keys + i, NEIGH_BULK);
	s->peer_at = (s->peer_at + NEIGH_CHUNK) % s->n;
	ASSERT(found == NEIGH_CHUNK);
	return (bench_ns() - from) / NEIGH_CHUNK;
}

static double neigh_size(void *ctx)
{
	struct neighbours *s = ctx;

	return (double)neigh_octets(&s->table) / s->n;
}

static void neighbours(struct bench *b, const struct row *row)
{
	struct neighbours *s = bench_alloc(1, sizeof(*s));
	struct side sides[] = {
		{ .name = "Inaba", .once = row->once ? neigh_size : neigh_ns, .ctx = s },
		{ .name = "DPDK hash, bulk of 64", .ctx = s },
	};

	neighbours_init(s, row->arg);
	if (!row->once) {
		s->peer = dpdk_hash_new(s->key, s->n, sides[1].note);
		if (s->peer != NULL)
			sides[1].once = neigh_peer_ns;
	}
	bench_measure(b, row, sides, row->once ? 1 : 2);
	dpdk_free(s->peer);
	neigh_done(&s->table);
	free(s->key);
	free(s);
}

/*
 * Checksums, of octets that are in the cache.
 */

#define CSUM_OCTETS 100000 /* of one chunk, at least */

struct csum {
	uint32_t n;
	uint8_t *from, *to;
};

#define CSUM_LOOP(s, expr)                                                                         \
	do {                                                                                       \
		unsigned times_ = 16 + CSUM_OCTETS / (s)->n;                                       \
		double from_ = bench_ns();                                                         \
		for (unsigned i_ = 0; i_ < times_; i_++) {                                         \
			BENCH_USE((s)->from);                                                      \
			BENCH_USE(expr);                                                           \
		}                                                                                  \
		return (bench_ns() - from_) / times_;                                              \
	} while (0)

static double csum_ns(void *ctx)
{
	const struct csum *s = ctx;

	CSUM_LOOP(s, csum_fold(csum_add(0, s->from, s->n)));
}

static double csum_dpdk_ns(void *ctx)
{
	const struct csum *s = ctx;

	CSUM_LOOP(s, dpdk_csum(s->from, s->n));
}

static double csum_memcpy_ns(void *ctx)
{
	const struct csum *s = ctx;

	CSUM_LOOP(s, memcpy(s->to, s->from, s->n));
}

static void checksum(struct bench *b, const struct row *row)
{
	struct csum s = { .n = row->arg,
			  .from = bench_alloc(row->arg, 1),
			  .to = bench_alloc(row->arg, 1) };
	struct side sides[] = { { .name = "Inaba", .once = csum_ns, .ctx = &s },
				{ .name = "DPDK rte_raw_cksum", .once = csum_dpdk_ns, .ctx = &s },
				{ .name = "memcpy", .once = csum_memcpy_ns, .ctx = &s } };
	uint64_t rnd = 1;

	for (uint32_t i = 0; i < s.n; i++)
		s.from[i] = (uint8_t)bench_rnd(&rnd);
	ASSERT(csum_fold(csum_add(0, s.from, s.n)) == __builtin_bswap16(dpdk_csum(s.from, s.n)));
	bench_measure(b, row, sides, ARRAY_LEN(sides));
	free(s.from);
	free(s.to);
}

/*
 * Timers: many are armed, spread evenly over a minute. One row arms a random one anew; one takes
 * what is due next and arms it anew, so that time goes on.
 */

#define TIMERS_SPAN  (60 * NS_PER_S)
#define TIMERS_CHUNK 4096

struct clock {
	struct timers timers;
	struct timer *timer;
	struct heap heap;
	uint32_t n;
	uint64_t rnd, peer_rnd;
};

static time_ns draw(uint64_t *rnd, time_ns now)
{
	return now + 1 + bench_rnd(rnd) % TIMERS_SPAN;
}

static double timers_set_ns(void *ctx)
{
	struct clock *c = ctx;
	double from = bench_ns();

	for (unsigned i = 0; i < TIMERS_CHUNK; i++)
		timer_set(&c->timers, &c->timer[bench_rnd(&c->rnd) % c->n],
			  draw(&c->rnd, c->timers.now));
	return (bench_ns() - from) / TIMERS_CHUNK;
}

static double heap_set_ns(void *ctx)
{
	struct clock *c = ctx;
	double from = bench_ns();

	for (unsigned i = 0; i < TIMERS_CHUNK; i++)
		heap_set(&c->heap, (uint32_t)(bench_rnd(&c->peer_rnd) % c->n),
			 draw(&c->peer_rnd, c->heap.now));
	return (bench_ns() - from) / TIMERS_CHUNK;
}

static double timers_fire_ns(void *ctx)
{
	struct clock *c = ctx;
	double from = bench_ns();

	for (unsigned fired = 0; fired < TIMERS_CHUNK;) {
		time_ns now = timers_next(&c->timers);
		struct timer *t;

		while ((t = timers_pop(&c->timers, now)) != NULL) {
			timer_set(&c->timers, t, draw(&c->rnd, now));
			fired++;
		}
	}
	return (bench_ns() - from) / TIMERS_CHUNK;
}

static double heap_fire_ns(void *ctx)
{
	struct clock *c = ctx;
	double from = bench_ns();

	for (unsigned i = 0; i < TIMERS_CHUNK; i++) {
		uint32_t id = heap_first(&c->heap);

		heap_set(&c->heap, id, draw(&c->peer_rnd, c->heap.now));
	}
	return (bench_ns() - from) / TIMERS_CHUNK;
}

static void timers(struct bench *b, const struct row *row, double (*own)(void *),
		   double (*other)(void *))
{
	struct clock *c = bench_alloc(1, sizeof(*c));
	struct side sides[] = { { .name = "Inaba", .once = own, .ctx = c },
				{ .name = "binary heap", .once = other, .ctx = c } };

	c->n = row->arg;
	c->rnd = c->peer_rnd = row->arg;
	c->timer = bench_alloc(c->n, sizeof(*c->timer));
	timers_init(&c->timers, 0);
	heap_init(&c->heap, c->n);
	for (uint32_t i = 0; i < c->n; i++) {
		timer_init(&c->timer[i], TIMER_TEST);
		timer_set(&c->timers, &c->timer[i], draw(&c->rnd, 0));
		heap_set(&c->heap, i, draw(&c->peer_rnd, 0));
	}
	bench_measure(b, row, sides, ARRAY_LEN(sides));
	heap_done(&c->heap);
	free(c->timer);
	free(c);
}

static void timers_set(struct bench *b, const struct row *row)
{
	timers(b, row, timers_set_ns, heap_set_ns);
}

static void timers_fire(struct bench *b, const struct row *row)
{
	timers(b, row, timers_fire_ns, heap_fire_ns);
}

/* clang-format off */
const struct row part_rows[] = {
	{ .name = "neighbour/100000",      .unit = "ns", .run = neighbours, .arg = 100000 },
	{ .name = "checksum/40",           .unit = "ns", .run = checksum, .arg = 40 },
	{ .name = "checksum/1500",         .unit = "ns", .run = checksum, .arg = 1500 },
	{ .name = "checksum/40000",        .unit = "ns", .run = checksum, .arg = 40000 },
	{ .name = "timer-set/1000000",     .unit = "ns", .run = timers_set, .arg = 1000000 },
	{ .name = "timer-fire/1000000",    .unit = "ns", .run = timers_fire, .arg = 1000000 },
	{ .name = "neighbour-size/100000", .unit = "octets", .run = neighbours, .arg = 100000, .once = true },
	{ .name = NULL }
};
/* clang-format on */
