/* SPDX-License-Identifier: BSD-3-Clause */
/* Going through the table in order, and checking it; see lpm.c for what it looks like. */
#include "ip6/lpm_update.h"

/*
 * A node's elements in order of address, the shorter first: slot * 8 + deep for a prefix, by the
 * first slot that it holds; slot * 8 + KID for a child.
 */
#define KID	   LPM_STRIDE
#define NO_ELEMENT 512u

/* The first element of @n from @code on. */
static unsigned node_from(const struct lpm_node *n, unsigned code)
{
	uint64_t kids = lpm_kids(n);
	unsigned slot = code / 8, deep = code % 8, least;

	for (; slot < 64; slot++, deep = 0) {
		least = slot == 0 ? 0 : LPM_STRIDE - (unsigned)__builtin_ctz(slot);
		for (deep = MAX(deep, least); deep < LPM_STRIDE; deep++)
			if (n->own >> lpm_own_bit(deep, slot) & 1)
				return slot * 8 + deep;
		if (deep == KID && kids >> slot & 1)
			return slot * 8 + KID;
	}
	return NO_ELEMENT;
}

/* An element, and the first half of its address if the node is in the second. */
struct found {
	const struct lpm_node *n;
	unsigned code;
	uint64_t hi;
};

/* Go down from an element to the first prefix in it, and set @c to that. */
static void found_to_cursor(const struct lpm *t, struct found f, struct lpm_cursor *c)
{
	unsigned slot = f.code / 8, deep = f.code % 8;
	struct lpm_node *n;
	uint64_t w[2];

	while (f.code % 8 == KID) {
		slot = f.code / 8;
		if (f.n->pos == LPM_LAST_POS && f.n->half == 0)
			f.hi = f.n->tag | slot >> 3;
		f.n = lpm_node(t, lpm_kid(f.n, slot));
		f.code = node_from(f.n, 0);
		ASSERT(f.code != NO_ELEMENT);
		slot = f.code / 8;
		deep = f.code % 8;
	}
	n = lpm_node(t, (uint32_t)((const struct lpm_unit *)(const void *)f.n - t->pool.unit));
	w[0] = n->half == 0 ? n->tag : f.hi;
	w[1] = n->half == 0 ? 0 : n->tag;
	w[n->half] |= (uint64_t)slot << (64 - LPM_STRIDE) >> n->pos;
	put_be64(c->addr.b, w[0]);
	put_be64(c->addr.b + 8, w[1]);
	c->len = lpm_node_pos(n) + deep;
	c->value = lpm_values(t, n)[lpm_popcount(n->own & lpm_below(lpm_own_bit(deep, slot)))];
	c->begun = true;
}

bool lpm_trie_next(const struct lpm *t, uint32_t root, struct lpm_cursor *c)
{
	struct lpm_key k = lpm_key(&c->addr);
	struct found f = { NULL, NO_ELEMENT, 0 }, here = { NULL, NO_ELEMENT, 0 };
	uint32_t at = root;

	while (at != 0) {
		const struct lpm_node *n = lpm_node(t, at);
		unsigned slot = lpm_slot(k.w[n->half], n->pos), pos = lpm_node_pos(n), deep;
		bool on_path = lpm_on_path(n, &k);

		here.n = n;
		here.hi = k.w[0];
		at = 0;
		if (!on_path && n->tag < k.w[n->half])
			break; /* all of it comes before */
		if (!on_path || c->len < pos) {
			here.code = node_from(n, 0);
			f = here; /* all of it comes after */
			break;
		}
		deep = MIN(c->len - pos, (unsigned)KID);
		if (n->half == 0 && c->len > 64)
			deep = KID;
		here.code = node_from(n, slot * 8 + deep + 1);
		if (here.code != NO_ELEMENT)
			f = here;
		if (deep == KID && lpm_kids(n) >> slot & 1)
			at = lpm_kid(n, slot);
	}
	if (f.n == NULL)
		return false;
	found_to_cursor(t, f, c);
	return true;
}

static bool cursor_before(const struct lpm_cursor *a, const struct lpm_cursor *b)
{
	int d = ip6_cmp(&a->addr, &b->addr);

	return d != 0 ? d < 0 : a->len < b->len;
}

bool lpm_next(const struct lpm *t, struct lpm_cursor *c)
{
	struct lpm_cursor top = *c, deep;
	bool have = false;
	uint32_t i;

	if (!c->begun && t->top[0].value != 0) {
		*c = (struct lpm_cursor){ .value = t->top[0].value, .begun = true };
		return true;
	}
	for (i = c->addr.b[0] >> 7; i < 2 && !have; i++)
		have = lpm_trie_next(t, t->top[i].node, &top);
	if (t->dir_bits != 0) {
		uint32_t last = (1u << t->dir_bits) - 1;

		if (have)
			last = (uint32_t)(ip6_hi(&top.addr) >> t->shift);
		for (i = (uint32_t)(ip6_hi(&c->addr) >> t->shift); i <= last; i++) {
			deep = *c;
			if (t->dir[i].node == 0 || !lpm_trie_next(t, t->dir[i].node, &deep))
				continue;
			if (!have || cursor_before(&deep, &top))
				top = deep;
			have = true;
			break;
		}
	}
	if (have)
		*c = top;
	return have;
}

/* Prefixes and units in the subtrie at @at, its own unit not counted. */
static void check_node(const struct lpm *t, uint32_t at, uint32_t *prefixes, uint32_t *used)
{
	const struct lpm_node *n = lpm_node(t, at), *kid;
	unsigned nkids = lpm_popcount(lpm_kids(n)), nval = lpm_popcount(n->own), slot, i = 0;
	bool crossing = n->half == 0 && n->pos == LPM_LAST_POS;

	ASSERT(n->half <= 1 && n->pos == lpm_grid(n->half, n->pos) && n->pos <= LPM_LAST_POS);
	ASSERT(n->tag << n->pos == 0);
	ASSERT(nval > 0 || nkids > 1 || (nkids == 1 && crossing));
	ASSERT(n->leaf == (nkids == 0 && nval <= LPM_INLINE));
	*prefixes += nval;
	if (!n->leaf)
		*used += lpm_block_units(n);
	for (slot = 0; slot < 64; slot++) {
		if ((lpm_kids(n) >> slot & 1) == 0)
			continue;
		kid = lpm_node(t, n->base + i++);
		ASSERT(kid->half == (crossing || n->half == 1));
		if (!crossing)
			ASSERT(kid->pos > n->pos && lpm_agree(kid->tag, n->tag, n->pos) &&
			       lpm_slot(kid->tag, n->pos) == slot);
		check_node(t, n->base + i - 1, prefixes, used);
	}
}

void lpm_check(const struct lpm *t)
{
	uint32_t prefixes = t->top[0].value != 0, used = 1, i;
	uint64_t path;

	for (i = 0; i < 2; i++) {
		if (t->top[i].node == 0)
			continue;
		ASSERT(lpm_node(t, t->top[i].node)->tag >> 63 == i);
		check_node(t, t->top[i].node, &prefixes, &used);
		used++;
	}
	for (i = 0; t->dir_bits != 0 && i < 1u << t->dir_bits; i++) {
		struct ip6_addr a = IP6_UNSPEC;
		unsigned len = 0;

		path = (uint64_t)i << t->shift;
		put_be64(a.b, path);
		ASSERT(t->dir[i].value == lpm_lookup_shorter(t, &a, t->dir_bits, &len));
		ASSERT(t->dir_len[i] == len);
		if (t->dir[i].node == 0)
			continue;
		ASSERT(lpm_node(t, t->dir[i].node)->pos >= t->dir_bits);
		ASSERT(lpm_node(t, t->dir[i].node)->tag >> t->shift == i);
		check_node(t, t->dir[i].node, &prefixes, &used);
		used++;
	}
	ASSERT(prefixes == t->count);
	ASSERT(used + t->pool.spare == t->pool.top);
	lpm_pool_check(&t->pool);
}
