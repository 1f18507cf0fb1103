/* SPDX-License-Identifier: BSD-3-Clause */
#include "routes.h"

#include <stdlib.h>

#include "bench.h"

/* Lengths of announcements below a holder's block, in thousandths, after the global table. */
static const struct {
	uint8_t len;
	uint16_t share;
} below_mix[] = {
	{ 48, 585 }, { 44, 110 }, { 40, 85 }, { 36, 50 }, { 46, 30 }, { 47, 28 },
	{ 45, 20 },  { 42, 25 },  { 43, 10 }, { 41, 5 },  { 38, 8 },  { 39, 4 },
	{ 37, 4 },   { 35, 5 },	  { 34, 6 },  { 33, 10 }, { 64, 15 },
};

/* First 16 bits of the registries' blocks, and how many of a hundred holders are there. */
static const struct {
	uint16_t block, weight;
} registries[] = { { 0x2001, 10 }, { 0x2400, 30 }, { 0x2600, 25 },
		   { 0x2800, 12 }, { 0x2a00, 20 }, { 0x2c00, 3 } };

struct maker {
	uint64_t rnd;
	uint32_t next[ARRAY_LEN(registries)]; /* free from here, in units of /32 */
	struct prefix *r;
	uint32_t n, room;
};

static uint64_t rnd(struct maker *m)
{
	return bench_rnd(&m->rnd);
}

static void put(struct maker *m, uint64_t hi, unsigned len)
{
	struct prefix *p = &m->r[m->n];
	struct ip6_addr a = IP6_UNSPEC;

	if (m->n == m->room)
		return;
	put_be64(a.b, hi);
	*p = (struct prefix){ .addr = ip6_prefix(&a, len),
			      .hop = 1 + (uint32_t)(rnd(m) % ROUTES_HOPS),
			      .len = (uint8_t)len };
	m->n++;
}

static unsigned draw_length(struct maker *m)
{
	unsigned share = (unsigned)(rnd(m) % 1000), k = 0;

	while (share >= below_mix[k].share)
		share -= below_mix[k++].share;
	return below_mix[k].len;
}

/* How many parts a holder announces: mostly none or a few, now and then thousands. */
static unsigned draw_parts(struct maker *m)
{
	if (rnd(m) % 400 == 0)
		return 1000 + (unsigned)(rnd(m) % 3000);
	if (rnd(m) % 4 == 0)
		return 1u << rnd(m) % 9;
	return (unsigned)(rnd(m) % 4);
}

/* A block as registries give it, aligned, and room to grow behind it. */
static uint64_t draw_block(struct maker *m, unsigned *len)
{
	unsigned pick = (unsigned)(rnd(m) % 100), reg = 0, kind = (unsigned)(rnd(m) % 100);
	uint32_t span, at;

	while (pick >= registries[reg].weight)
		pick -= registries[reg++].weight;
	*len = kind < 62 ? 32 : kind < 90 ? 29 : 24 + (unsigned)(rnd(m) % 8);
	span = *len < 29 ? 1u << (32 - *len) : 8;
	at = (m->next[reg] + span - 1) / span * span;
	m->next[reg] = at + span * (1 + (uint32_t)(rnd(m) & 1));
	return ((uint64_t)registries[reg].block << 48) + ((uint64_t)at << 32);
}

static void put_holder(struct maker *m)
{
	unsigned len, parts;
	uint64_t block = draw_block(m, &len), seq = 0;

	if (rnd(m) % 100 < 80)
		put(m, block, len);
	parts = draw_parts(m);
	for (unsigned i = 0; i < parts; i++) {
		unsigned plen = draw_length(m);
		uint64_t part = rnd(m);

		if (plen <= len)
			plen = 48;
		if (rnd(m) % 2 == 0) /* half of them side by side */
			part = seq++ << (64 - plen) << len;
		put(m, block | part >> len, plen);
	}
}

static int compare(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;
	int d = ip6_cmp(&x->addr, &y->addr);

	return d != 0 ? d : (int)x->len - (int)y->len;
}

static void shuffle(struct maker *m)
{
	for (uint32_t i = m->n; i > 1; i--) {
		uint32_t j = (uint32_t)(rnd(m) % i);
		struct prefix t = m->r[i - 1];

		m->r[i - 1] = m->r[j];
		m->r[j] = t;
	}
}

/* Sort, keep one of each, mix again. */
static void unite(struct maker *m)
{
	uint32_t kept = 0;

	qsort(m->r, m->n, sizeof(*m->r), compare);
	for (uint32_t i = 0; i < m->n; i++)
		if (kept == 0 || compare(&m->r[kept - 1], &m->r[i]) != 0)
			m->r[kept++] = m->r[i];
	m->n = kept;
	shuffle(m);
}

static void make_dsts(struct routes *rs, struct maker *m)
{
	rs->dst = bench_alloc(ROUTES_DSTS, sizeof(*rs->dst));
	for (uint32_t i = 0; i < ROUTES_DSTS; i++) {
		const struct prefix *p = &rs->r[rnd(m) % rs->n];
		uint64_t host = p->len < 64 ? rnd(m) >> p->len : 0;

		put_be64(rs->dst[i].b, ip6_hi(&p->addr) | host);
		put_be64(rs->dst[i].b + 8, rnd(m));
	}
}

void routes_make(struct routes *rs, uint32_t n)
{
	struct maker m = { .rnd = n, .room = n + n / 4 + 64 };

	m.r = bench_alloc(m.room, sizeof(*m.r));
	if (n == 1)
		put(&m, UINT64_C(1) << 61, 3);
	else
		while (m.n < m.room)
			put_holder(&m);
	unite(&m);
	ASSERT(m.n >= n);
	*rs = (struct routes){ .r = m.r, .n = n };
	make_dsts(rs, &m);
}

void routes_free(struct routes *rs)
{
	free(rs->r);
	free(rs->dst);
	*rs = (struct routes){ 0 };
}
