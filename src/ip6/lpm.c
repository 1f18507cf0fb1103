/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * The table is a trie of 64-way nodes, at once what is changed (RIB) and what is searched (FIB).
 * An address is two halves of 64 bits. Nodes stand only at bits 1, 7, 13, .. 61 of the first half
 * and 0, 6, 12, .. 60 of the second. A node at bit p holds the prefixes of p to p + 5 bits below
 * it, as 63 bits in heap order (own: bit 1 is the prefix of p bits, 2 and 3 are those of p + 1, ..
 * 32 to 63 those of p + 5), and has a child per value of the next 6 bits (kids). With this choice
 * a node that holds prefixes of 48 bits holds those of 43 to 47 too, and they are the most
 * frequent ones of the Internet. The node at bit 61 holds those of 61 to 64, and its children
 * start the second half.
 *
 *	unit:   | tag | own | kids | base | half leaf pos |
 *	                               |
 *	block:                         +-> child child .. value value value ..
 *
 * Both bitmaps index one block by counting bits. A walk tests own against the six bits on its way
 * and remembers the last node with a match; which value that is, is counted out only at the end. A
 * node without children and with at most three values keeps these in itself (leaf). Nodes exist
 * only where prefixes are or paths part: each carries the whole path of its half (tag), which a
 * walk compares with the address in one step however many bits were skipped. A path does not skip
 * from one half into the other: prefixes longer than 64 bits hang below a node at bit 61 of the
 * first half.
 *
 * A node is named by the index of its unit (lpm_pool.h); units move when a block changes size, so
 * nobody but the parent's base knows where a node is. Removal never needs memory: blocks shrink in
 * place. A node that is left without values and with one child gives its place to the child.
 *
 * Small tables have two roots, by the first bit. Large ones have a directory by the first 13 or
 * 19 bits: each entry has the root of the prefixes that are at least so long, and the longest
 * match among the shorter ones, which stay in a trie of their own (top) to know what to fall back
 * on when one of them goes.
 */
#include "ip6/lpm_node.h"
#include "ip6/lpm_update.h"

#include <stdlib.h>

/* Directories, and the number of prefixes from which each pays. Powers of two: see dir_adapt(). */
static const struct {
	unsigned bits;
	uint32_t from;
} dirs[] = {
	{ 13, 2048 },
	{ 19, 524288 },
};

struct lpm *lpm_new(uint32_t limit)
{
	struct lpm *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	lpm_pool_init(&t->pool);
	t->limit = limit;
	t->cpu = lpm_cpu_detect();
	t->start = t->top;
	t->shift = 63;
	return t;
}

static void lpm_clear(struct lpm *t)
{
	lpm_pool_done(&t->pool);
	free(t->dir);
	free(t->dir_len);
}

void lpm_free(struct lpm *t)
{
	if (t == NULL)
		return;
	lpm_clear(t);
	free(t);
}

uint32_t lpm_count(const struct lpm *t)
{
	return t->count;
}

size_t lpm_octets(const struct lpm *t)
{
	size_t dir = t->dir_bits == 0 ? 0 : (sizeof(*t->dir) + 1) << t->dir_bits;

	return sizeof(*t) + lpm_pool_octets(&t->pool) + dir;
}

static struct lpm_key masked_key(const struct ip6_addr *addr, unsigned len)
{
	struct ip6_addr a = ip6_prefix(addr, len);

	return lpm_key(&a);
}

/* The root below which prefixes of @len bits (not 0) are. */
static uint32_t *root_of(struct lpm *t, const struct lpm_key *k, unsigned len)
{
	if (t->dir_bits != 0 && len >= t->dir_bits)
		return &t->dir[k->w[0] >> (64 - t->dir_bits)].node;
	return &t->top[k->w[0] >> 63].node;
}

uint32_t lpm_get(const struct lpm *t, const struct ip6_addr *addr, unsigned len)
{
	struct lpm_key k = masked_key(addr, len);
	uint32_t at;

	if (len == 0)
		return t->top[0].value;
	if (t->dir_bits != 0 && len >= t->dir_bits)
		at = t->dir[k.w[0] >> (64 - t->dir_bits)].node;
	else
		at = t->top[k.w[0] >> 63].node;
	return lpm_trie_get(t, at, &k, len);
}

/*
 * A short prefix was set (@value) or removed (0): bring the directory up to date. Touches only the
 * entries that it covers, and no more of the table.
 */
static void dir_paint(struct lpm *t, const struct lpm_key *k, unsigned len, uint32_t value)
{
	uint32_t i, first, n, to = value;
	unsigned to_len = len;

	if (t->dir_bits == 0 || len >= t->dir_bits)
		return;
	if (value == 0) {
		to_len = 0;
		to = lpm_trie_shorter(t, t->top[k->w[0] >> 63].node, k, len, &to_len);
		if (to == 0 && len > 0)
			to = t->top[0].value;
	}
	first = (uint32_t)(k->w[0] >> (64 - t->dir_bits));
	n = 1u << (t->dir_bits - len);
	for (i = first; i < first + n; i++) {
		if (value != 0 ? t->dir_len[i] <= len : t->dir_len[i] == len) {
			t->dir[i].value = to;
			t->dir_len[i] = (uint8_t)to_len;
		}
	}
}

/* What dir_build() makes, until it is known to be whole. */
struct dir_plan {
	unsigned bits;
	struct lpm_root top[2];
	uint32_t moves; /* nodes that need a unit of their own */
};

/* Copy what is shorter than the new directory's bits into the new top; count the rest. */
static int dir_copy_short(struct lpm *t, uint32_t at, bool is_root, struct dir_plan *plan)
{
	struct lpm_node n = *lpm_node(t, at);
	unsigned i, bit, deep, nkids = lpm_popcount(lpm_kids(&n));
	uint64_t own;
	struct lpm_key k = { { 0, 0 } };
	int r = 0;

	if (n.half == 1 || n.pos >= plan->bits) {
		plan->moves += !is_root;
		return 0;
	}
	for (own = n.own, i = 0; own != 0; own &= own - 1, i++) {
		bit = (unsigned)__builtin_ctzll(own);
		deep = lpm_bit_deep(bit);
		k.w[0] = n.tag | (uint64_t)(bit - (1u << deep)) << (64 - n.pos - deep);
		r = lpm_trie_set(t, &plan->top[k.w[0] >> 63].node, &k, n.pos + deep,
				 lpm_values(t, lpm_node(t, at))[i]);
		if (r < 0)
			return r;
	}
	for (i = 0; i < nkids && r == 0; i++)
		r = dir_copy_short(t, n.base + i, false, plan);
	return r;
}

/* Hang the subtries of long prefixes into @dir, and free the nodes above them. */
static void dir_move_long(struct lpm *t, uint32_t at, bool is_root, unsigned bits,
			  struct lpm_root *dir)
{
	struct lpm_node n = *lpm_node(t, at);
	unsigned i, nkids = lpm_popcount(lpm_kids(&n));

	if (n.half == 1 || n.pos >= bits) {
		if (!is_root) {
			at = lpm_pool_alloc(&t->pool, 1);
			ASSERT(at != 0); /* reserved */
			*lpm_node(t, at) = n;
		}
		dir[n.tag >> (64 - bits)].node = at;
		return;
	}
	for (i = 0; i < nkids; i++)
		dir_move_long(t, n.base + i, false, bits, dir);
	if (!n.leaf)
		lpm_pool_free(&t->pool, n.base, lpm_block_units(&n));
	if (is_root)
		lpm_pool_free(&t->pool, at, 1);
}

/* Calls @do_it for all roots of top and directory. */
static int dir_plan_all(struct lpm *t, struct dir_plan *plan)
{
	uint32_t i;
	int r = 0;

	for (i = 0; i < 2 && r == 0; i++)
		if (t->top[i].node != 0)
			r = dir_copy_short(t, t->top[i].node, true, plan);
	for (i = 0; t->dir_bits != 0 && i < 1u << t->dir_bits && r == 0; i++)
		if (t->dir[i].node != 0)
			r = dir_copy_short(t, t->dir[i].node, true, plan);
	return r;
}

static void dir_fill_values(struct lpm *t)
{
	struct lpm_cursor c = { .begun = false };
	struct lpm_key k = { { 0, 0 } };
	uint32_t i;

	if (t->top[0].value != 0)
		dir_paint(t, &k, 0, t->top[0].value);
	for (i = 0; i < 2; i++) {
		while (lpm_trie_next(t, t->top[i].node, &c)) {
			k = lpm_key(&c.addr);
			dir_paint(t, &k, c.len, c.value);
		}
	}
}

/* Give the table its first directory, or a larger one. Work is bound by the directory's size. */
static int dir_build(struct lpm *t, unsigned bits)
{
	struct lpm_root *dir = calloc((size_t)1 << bits, sizeof(*dir));
	uint8_t *dir_len = calloc((size_t)1 << bits, 1);
	struct dir_plan plan = { .bits = bits };
	uint32_t i;

	if (dir == NULL || dir_len == NULL || dir_plan_all(t, &plan) < 0 ||
	    lpm_pool_reserve(&t->pool, plan.moves) < 0) {
		lpm_trie_free(t, plan.top[0].node);
		lpm_trie_free(t, plan.top[1].node);
		free(dir);
		free(dir_len);
		return -ENOMEM;
	}
	for (i = 0; i < 2; i++)
		if (t->top[i].node != 0)
			dir_move_long(t, t->top[i].node, true, bits, dir);
	for (i = 0; t->dir_bits != 0 && i < 1u << t->dir_bits; i++)
		if (t->dir[i].node != 0)
			dir_move_long(t, t->dir[i].node, true, bits, dir);
	for (i = 0; i < 2; i++)
		t->top[i].node = plan.top[i].node;
	free(t->dir);
	free(t->dir_len);
	t->dir = dir;
	t->dir_len = dir_len;
	t->dir_bits = bits;
	t->start = dir;
	t->shift = 64 - bits;
	dir_fill_values(t);
	return 0;
}

/* Fill a new table from @t and take its place: smaller directory, no gaps. */
static void lpm_rebuild(struct lpm *t)
{
	struct lpm_cursor c = { .begun = false };
	struct lpm *to = lpm_new(t->limit);

	if (to == NULL)
		return;
	while (lpm_next(t, &c)) {
		if (lpm_set(to, &c.addr, c.len, c.value) < 0) {
			lpm_free(to);
			return;
		}
	}
	lpm_clear(t);
	*t = *to;
	if (t->dir_bits == 0)
		t->start = t->top;
	free(to);
}

/*
 * After the number of prefixes has changed. If there is no memory for a larger directory the table
 * works without, and tries again at the next power of two; same for the smaller one.
 */
static void dir_adapt(struct lpm *t, bool grew)
{
	unsigned i, want = 0;

	if (t->count != 0 && (t->count & (t->count - 1)) != 0)
		return;
	for (i = 0; i < ARRAY_LEN(dirs); i++)
		if (t->count >= (grew ? dirs[i].from : dirs[i].from / 4 + 1))
			want = dirs[i].bits;
	if (grew && want > t->dir_bits)
		(void)dir_build(t, want);
	else if (!grew && want < t->dir_bits)
		lpm_rebuild(t);
}

int lpm_set(struct lpm *t, const struct ip6_addr *addr, unsigned len, uint32_t value)
{
	struct lpm_key k = masked_key(addr, len);
	bool fresh = lpm_get(t, addr, len) == 0;
	int r;

	ASSERT(value != 0);
	if (fresh && t->count >= t->limit)
		return -ENOSPC;
	if (len == 0) {
		t->top[0].value = value;
		t->top[1].value = value;
	} else {
		r = lpm_trie_set(t, root_of(t, &k, len), &k, len, value);
		if (r < 0)
			return r;
	}
	dir_paint(t, &k, len, value);
	t->count += fresh;
	if (fresh)
		dir_adapt(t, true);
	return 0;
}

int lpm_del(struct lpm *t, const struct ip6_addr *addr, unsigned len)
{
	struct lpm_key k = masked_key(addr, len);

	if (len == 0) {
		if (t->top[0].value == 0)
			return -ENOENT;
		t->top[0].value = 0;
		t->top[1].value = 0;
	} else if (lpm_trie_del(t, root_of(t, &k, len), &k, len) < 0) {
		return -ENOENT;
	}
	dir_paint(t, &k, len, 0);
	t->count--;
	lpm_pool_trim(&t->pool);
	dir_adapt(t, false);
	return 0;
}
