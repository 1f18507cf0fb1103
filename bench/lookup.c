/* SPDX-License-Identifier: BSD-3-Clause */
/* Longest-prefix lookup: the same routes and destinations in Inaba's table and in DPDK's. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "dpdk.h"
#include "ip6/lpm.h"
#include "kernel.h"
#include "routes.h"

#define CHUNK 8192 /* lookups */
#define PEERS 3	   /* fib6 twice, lpm6 */

struct lookup {
	struct routes routes;
	struct lpm *lpm;
	uint32_t at; /* next destination; a multiple of CHUNK */
};

/* A peer walks through the destinations by itself. */
struct peer {
	struct lookup *l;
	struct dpdk *d; /* the fib6 is one, looked up in two ways */
	enum dpdk_lpm kind;
	bool simd;
	uint32_t at;
};

static const struct {
	const char *name;
	enum dpdk_lpm kind;
	bool simd;
} peers[PEERS] = {
	{ "DPDK fib6, AVX-512", DPDK_FIB6, true },
	{ "DPDK fib6, scalar", DPDK_FIB6, false },
	{ "DPDK lpm6", DPDK_LPM6, false },
};

static struct ip6_addr *next_dsts(const struct lookup *l, uint32_t *at)
{
	struct ip6_addr *dst = &l->routes.dst[*at];

	*at = (*at + CHUNK) % ROUTES_DSTS;
	return dst;
}

static double batch_ns(void *ctx)
{
	struct lookup *l = ctx;
	const struct ip6_addr *dst = next_dsts(l, &l->at), *p[CHUNK];
	uint32_t value[LPM_BATCH_MAX];
	double from;

	for (uint32_t i = 0; i < CHUNK; i++) /* what DPDK wants side by side is so already */
		p[i] = &dst[i];
	from = bench_ns();
	for (uint32_t i = 0; i < CHUNK; i += LPM_BATCH_MAX) {
		lpm_lookup_batch(l->lpm, p + i, value, LPM_BATCH_MAX);
		BENCH_USE(value);
	}
	return (bench_ns() - from) / CHUNK;
}

static double single_ns(void *ctx)
{
	struct lookup *l = ctx;
	const struct ip6_addr *dst = next_dsts(l, &l->at);
	double from = bench_ns();

	for (uint32_t i = 0; i < CHUNK; i++) {
		uint32_t v = lpm_lookup(l->lpm, &dst[i]);

		BENCH_USE(v);
	}
	return (bench_ns() - from) / CHUNK;
}

static double peer_ns(struct peer *p, uint32_t bulk)
{
	struct ip6_addr *dst = next_dsts(p->l, &p->at);
	struct dpdk_values v;
	double from;

	if (p->kind == DPDK_FIB6)
		(void)dpdk_lpm_simd(p->d, p->simd);
	from = bench_ns();
	for (uint32_t i = 0; i < CHUNK; i += bulk) {
		dpdk_lpm_lookup(p->d, &dst[i], &v, bulk);
		BENCH_USE(&v);
	}
	return (bench_ns() - from) / CHUNK;
}

static double peer_batch_ns(void *ctx)
{
	return peer_ns(ctx, LPM_BATCH_MAX);
}

static double peer_single_ns(void *ctx)
{
	return peer_ns(ctx, 1);
}

static double route_octets(void *ctx)
{
	struct lookup *l = ctx;

	return (double)lpm_octets(l->lpm) / l->routes.n;
}

static double peer_octets(void *ctx)
{
	struct peer *p = ctx;

	return (double)dpdk_lpm_octets(p->d) / p->l->routes.n;
}

static void lookup_init(struct lookup *l, uint32_t n)
{
	*l = (struct lookup){ .at = 0 };
	routes_make(&l->routes, n);
	l->lpm = lpm_new(n);
	ASSERT(l->lpm != NULL);
	for (uint32_t i = 0; i < n; i++) {
		const struct prefix *p = &l->routes.r[i];

		ASSERT(lpm_set(l->lpm, &p->addr, p->len, p->hop) == 0);
	}
}

static void lookup_done(struct lookup *l)
{
	lpm_free(l->lpm);
	routes_free(&l->routes);
}

/* Peers that answer differently measure something else. */
static void compare(const struct lookup *l, const struct dpdk *d)
{
	for (uint32_t i = 0; i < ROUTES_DSTS; i++) {
		struct dpdk_values v;

		dpdk_lpm_lookup(d, &l->routes.dst[i], &v, 1);
		ASSERT(dpdk_lpm_value(d, &v, 0) == lpm_lookup(l->lpm, &l->routes.dst[i]));
	}
}

/* The DPDK peers of @sides, which begin at [1]. */
static void add_peers(struct side *sides, struct peer *peer, struct lookup *l,
		      double (*once)(void *))
{
	for (unsigned i = 0; i < PEERS; i++) {
		struct side *s = &sides[1 + i];
		struct peer *p = &peer[i];

		*p = (struct peer){ .l = l, .kind = peers[i].kind, .simd = peers[i].simd };
		s->name = peers[i].name;
		s->ctx = p;
		if (i > 0 && p->kind == peer[i - 1].kind)
			p->d = peer[i - 1].d;
		else
			p->d = dpdk_lpm_new(p->kind, &l->routes, s->note);
		if (p->d == NULL)
			continue;
		if (p->simd && !dpdk_lpm_simd(p->d, true)) {
			snprintf(s->note, BENCH_NOTE_MAX, "not on this processor");
			continue;
		}
		compare(l, p->d);
		s->once = once;
	}
}

static void measure(struct bench *b, const struct row *row, double (*own)(void *),
		    double (*other)(void *))
{
	struct side sides[1 + PEERS] = { { .name = "Inaba", .once = own } };
	struct peer peer[PEERS];
	struct lookup l;

	lookup_init(&l, row->arg);
	sides[0].ctx = &l;
	add_peers(sides, peer, &l, other);
	bench_measure(b, row, sides, ARRAY_LEN(sides));
	dpdk_free(peer[0].d);
	dpdk_free(peer[PEERS - 1].d);
	lookup_done(&l);
}

static void batch(struct bench *b, const struct row *row)
{
	measure(b, row, batch_ns, peer_batch_ns);
}

static void single(struct bench *b, const struct row *row)
{
	measure(b, row, single_ns, peer_single_ns);
}

/* The sizes of both, and of the kernel's table where that does not take minutes. */
static void octets(struct bench *b, const struct row *row)
{
	struct side sides[4] = { { .name = "Inaba", .once = route_octets },
				 { .name = "DPDK fib6", .once = peer_octets },
				 { .name = "DPDK lpm6", .once = peer_octets },
				 { .name = "Linux", .once = kernel_route_octets } };
	struct peer peer[2];
	struct lookup l;

	lookup_init(&l, row->arg);
	sides[0].ctx = &l;
	for (unsigned i = 0; i < ARRAY_LEN(peer); i++) {
		peer[i] = (struct peer){ .l = &l };
		peer[i].d =
			dpdk_lpm_new(i == 0 ? DPDK_FIB6 : DPDK_LPM6, &l.routes, sides[1 + i].note);
		sides[1 + i].ctx = &peer[i];
		if (peer[i].d == NULL)
			sides[1 + i].once = NULL;
	}
	if (row->arg > KERNEL_ROUTES_MAX)
		snprintf(sides[3].note, BENCH_NOTE_MAX, KERNEL_TOO_MANY);
	else
		kernel_set_up(row->arg, sides[3].note);
	if (sides[3].note[0] != '\0')
		sides[3].once = NULL;
	bench_measure(b, row, sides, ARRAY_LEN(sides));
	kernel_tear_down();
	dpdk_free(peer[0].d);
	dpdk_free(peer[1].d);
	lookup_done(&l);
}

/* clang-format off */
const struct row lookup_rows[] = {
	{ .name = "lookup/1",          .unit = "ns", .run = batch,  .arg = 1,       .beat_peers = true },
	{ .name = "lookup/200000",     .unit = "ns", .run = batch,  .arg = 200000,  .beat_peers = true },
	{ .name = "lookup/1000000",    .unit = "ns", .run = batch,  .arg = 1000000, .beat_peers = true },
	{ .name = "lookup1/1",         .unit = "ns", .run = single, .arg = 1 },
	{ .name = "lookup1/200000",    .unit = "ns", .run = single, .arg = 200000 },
	{ .name = "lookup1/1000000",   .unit = "ns", .run = single, .arg = 1000000 },
	{ .name = "route/200000",      .unit = "octets", .run = octets, .arg = 200000,  .once = true, .at_most = 64 },
	{ .name = "route/1000000",     .unit = "octets", .run = octets, .arg = 1000000, .once = true, .at_most = 64 },
	{ .name = NULL }
};
/* clang-format on */
