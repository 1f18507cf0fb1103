/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * One array of 32-octet units grows by an eighth at a time; a block is a run of them and knows
 * nothing of its own length, because its owner (a trie node) can tell it from two bitmaps. So a
 * block in use has no overhead at all.
 *
 * Free blocks sit in bins by exact length, doubly linked through their first unit; the last unit
 * holds the length too. One bit per unit says "first or last of a free block", which is all that
 * is needed to merge a block being freed with free neighbours. Allocation takes the exact bin,
 * else splits the shortest longer block, else cuts from the unused end. All steps are O(1), save
 * the move of the array when it grows, which is amortised (and for large arrays is the page
 * table's work, in glibc's realloc()).
 */
#include "ip6/lpm_pool.h"

#include <stdlib.h>

#define POOL_ALIGN 64
#define POOL_FIRST 16 /* units in a new pool */

/* A free block, as seen in its first unit. @len is repeated in its last unit. */
struct gap {
	uint32_t next, prev;
	uint32_t len;
	uint32_t unused;
	uint64_t unused2;
	uint32_t unused3;
	uint32_t len_at_end;
};

_Static_assert(sizeof(struct gap) == LPM_UNIT_OCTETS, "a free unit holds its links");
_Static_assert(sizeof(struct lpm_unit) == LPM_UNIT_OCTETS, "units tile cache lines");
_Static_assert(LPM_BINS <= 128, "filled[] has a bit per bin");

static struct gap *gap_at(const struct lpm_pool *p, uint32_t at)
{
	return (struct gap *)(void *)&p->unit[at];
}

static bool edge_get(const struct lpm_pool *p, uint32_t at)
{
	return p->edge[at / 64] >> (at % 64) & 1;
}

static void edge_set(struct lpm_pool *p, uint32_t at)
{
	p->edge[at / 64] |= UINT64_C(1) << (at % 64);
}

static void edge_clear(struct lpm_pool *p, uint32_t at)
{
	p->edge[at / 64] &= ~(UINT64_C(1) << (at % 64));
}

static unsigned bin_of(uint32_t len)
{
	return MIN(len, (uint32_t)LPM_BINS) - 1;
}

static void gap_link(struct lpm_pool *p, uint32_t at, uint32_t len)
{
	unsigned b = bin_of(len);
	struct gap *g = gap_at(p, at);

	g->prev = 0;
	g->next = p->bin[b];
	g->len = len;
	gap_at(p, at + len - 1)->len_at_end = len;
	if (g->next != 0)
		gap_at(p, g->next)->prev = at;
	p->bin[b] = at;
	p->filled[b / 64] |= UINT64_C(1) << (b % 64);
	edge_set(p, at);
	edge_set(p, at + len - 1);
	p->spare += len;
}

static uint32_t gap_unlink(struct lpm_pool *p, uint32_t at)
{
	struct gap *g = gap_at(p, at);
	uint32_t len = g->len;
	unsigned b = bin_of(len);

	if (g->next != 0)
		gap_at(p, g->next)->prev = g->prev;
	if (g->prev != 0)
		gap_at(p, g->prev)->next = g->next;
	else
		p->bin[b] = g->next;
	if (p->bin[b] == 0)
		p->filled[b / 64] &= ~(UINT64_C(1) << (b % 64));
	edge_clear(p, at);
	edge_clear(p, at + len - 1);
	p->spare -= len;
	return len;
}

void lpm_pool_init(struct lpm_pool *p)
{
	memset(p, 0, sizeof(*p));
	p->top = 1;
	p->size_max = UINT32_MAX / 2;
}

void lpm_pool_done(struct lpm_pool *p)
{
	free(p->raw);
	free(p->edge);
	lpm_pool_init(p);
}

static size_t edge_words(uint32_t units)
{
	return (size_t)units / 64 + 1;
}

static size_t raw_octets(uint32_t units)
{
	return (size_t)units * LPM_UNIT_OCTETS + POOL_ALIGN - 16;
}

static void *aligned(void *raw)
{
	uintptr_t up = (POOL_ALIGN - ((uintptr_t)raw & (POOL_ALIGN - 1))) & (POOL_ALIGN - 1);

	return (uint8_t *)raw + up;
}

/* Units and edges are moved apart: if the second fails, the first is only larger than it says. */
static int pool_resize(struct lpm_pool *p, uint32_t size)
{
	size_t words = edge_words(size), had = p->edge != NULL ? edge_words(p->size) : 0;
	size_t shift = p->raw != NULL ? (size_t)((char *)p->unit - (char *)p->raw) : 0;
	uint64_t *edge;
	void *raw;

	if (words > had) {
		edge = realloc(p->edge, words * sizeof(*edge));
		if (edge == NULL)
			return -ENOMEM;
		memset(edge + had, 0, (words - had) * sizeof(*edge));
		p->edge = edge;
	}
	raw = realloc(p->raw, raw_octets(size));
	if (raw == NULL)
		return -ENOMEM;
	p->unit = aligned(raw);
	if (p->raw == NULL)
		memset(p->unit, 0, LPM_UNIT_OCTETS);
	else if ((char *)p->unit - (char *)raw != (ptrdiff_t)shift)
		memmove(p->unit, (char *)raw + shift, (size_t)MIN(p->top, size) * LPM_UNIT_OCTETS);
	p->raw = raw;
	p->size = size;
	if (words < had) {
		edge = realloc(p->edge, words * sizeof(*edge));
		if (edge != NULL)
			p->edge = edge;
	}
	return 0;
}

static int pool_more(struct lpm_pool *p, uint32_t n)
{
	uint64_t size = MAX((uint64_t)p->size + p->size / 8, (uint64_t)p->top + n);

	size = MAX(size, POOL_FIRST);
	if (p->size < 256)
		size = MAX(size, p->size + p->size / 2);
	if (size > p->size_max)
		size = p->size_max;
	if (size < (uint64_t)p->top + n)
		return -ENOMEM;
	return pool_resize(p, (uint32_t)size);
}

/* The shortest free block of at least @n units; 0 if there is none. */
static uint32_t gap_best(const struct lpm_pool *p, unsigned n)
{
	unsigned b = bin_of(n);
	uint64_t w = p->filled[b / 64] & ~UINT64_C(0) << (b % 64);

	if (w == 0 && b < 64) {
		b = 64;
		w = p->filled[1];
	}
	return w != 0 ? p->bin[(b & 64) + (unsigned)__builtin_ctzll(w)] : 0;
}

uint32_t lpm_pool_alloc(struct lpm_pool *p, unsigned n)
{
	uint32_t at = gap_best(p, n), len;

	ASSERT(n > 0 && n <= LPM_BLOCK_MAX);
	if (at != 0) {
		len = gap_unlink(p, at);
		if (len > n)
			gap_link(p, at + n, len - n);
		return at;
	}
	if (p->top + n > p->size && pool_more(p, n) < 0)
		return 0;
	at = p->top;
	p->top += n;
	return at;
}

int lpm_pool_reserve(struct lpm_pool *p, uint32_t n)
{
	return p->size - p->top >= n && p->size > 0 ? 0 : pool_more(p, n);
}

void lpm_pool_free(struct lpm_pool *p, uint32_t at, unsigned n)
{
	uint32_t len = n, before;

	ASSERT(at > 0 && n > 0 && at + n <= p->top);
	if (at + len < p->top && edge_get(p, at + len))
		len += gap_unlink(p, at + len);
	if (at > 1 && edge_get(p, at - 1)) {
		before = gap_at(p, at - 1)->len_at_end;
		at -= before;
		len += gap_unlink(p, at);
	}
	if (at + len < p->top) {
		gap_link(p, at, len);
		return;
	}
	p->top = at;
}

void lpm_pool_trim(struct lpm_pool *p)
{
	if (p->size > POOL_FIRST && p->top < p->size / 2)
		(void)pool_resize(p, MAX(p->top + p->top / 4, (uint32_t)POOL_FIRST));
}

uint32_t lpm_pool_grow(struct lpm_pool *p, uint32_t at, unsigned n)
{
	uint32_t len, to;

	if (at + n == p->top && p->top < p->size) {
		p->top++;
		return at;
	}
	if (at + n < p->top && edge_get(p, at + n)) {
		len = gap_unlink(p, at + n);
		if (len > 1)
			gap_link(p, at + n + 1, len - 1);
		return at;
	}
	to = lpm_pool_alloc(p, n + 1);
	if (to == 0)
		return 0;
	memcpy(&p->unit[to], &p->unit[at], (size_t)n * LPM_UNIT_OCTETS);
	lpm_pool_free(p, at, n);
	return to;
}

size_t lpm_pool_octets(const struct lpm_pool *p)
{
	if (p->raw == NULL)
		return 0;
	return raw_octets(p->size) + edge_words(p->size) * sizeof(*p->edge);
}

void lpm_pool_check(const struct lpm_pool *p)
{
	uint32_t at, spare = 0, edges = 0, want = 0;
	unsigned b;

	for (b = 0; b < LPM_BINS; b++) {
		ASSERT((p->bin[b] != 0) == (p->filled[b / 64] >> (b % 64) & 1));
		for (at = p->bin[b]; at != 0; at = gap_at(p, at)->next) {
			uint32_t len = gap_at(p, at)->len;

			ASSERT(len > 0 && at + len < p->top && bin_of(len) == b);
			ASSERT(edge_get(p, at) && edge_get(p, at + len - 1));
			ASSERT(gap_at(p, at + len - 1)->len_at_end == len);
			ASSERT(!edge_get(p, at + len));
			spare += len;
			want += len > 1 ? 2 : 1;
		}
	}
	for (at = 0; at < p->size; at++)
		edges += edge_get(p, at);
	ASSERT(spare == p->spare && edges == want && p->top <= MAX(p->size, 1u));
}
