/* SPDX-License-Identifier: BSD-3-Clause */
/* Changing a trie; see lpm.c for what it looks like. */
#include "ip6/lpm_update.h"

/* Where a prefix is kept: the node's place, and the bit of own. */
struct place {
	unsigned half, pos;
	unsigned bit;
};

/* The nodes from a root down. Units keep their place while their own blocks change. */
struct path {
	uint32_t at[LPM_DEPTH_MAX];
	unsigned n;
};

static struct place place_of(const struct lpm_key *k, unsigned len)
{
	struct place w;
	unsigned in_half;

	ASSERT(len >= 1 && len <= IP6_ADDR_BITS);
	w.half = (len - 1) / 64;
	in_half = len - 64 * w.half;
	w.pos = lpm_grid(w.half, in_half);
	w.bit = lpm_own_bit(in_half - w.pos, lpm_slot(k->w[w.half], w.pos));
	return w;
}

static void path_push(struct path *p, uint32_t at)
{
	ASSERT(p->n < LPM_DEPTH_MAX);
	p->at[p->n++] = at;
}

static struct lpm_node new_node(uint64_t word, unsigned half, unsigned pos)
{
	struct lpm_node n = { .tag = word & ~(~UINT64_C(0) >> pos), .leaf = 1 };

	n.pos = (uint8_t)pos;
	n.half = (uint8_t)half;
	return n;
}

static unsigned common_bits(uint64_t a, uint64_t b)
{
	return a == b ? 64 : (unsigned)__builtin_clzll(a ^ b);
}

static size_t units(unsigned n)
{
	return (size_t)n * LPM_UNIT_OCTETS;
}

/* Give a leaf a block with room for @nkids children before its values. */
static int leaf_to_block(struct lpm *t, uint32_t at, unsigned nkids)
{
	struct lpm_node *n = lpm_node(t, at);
	uint32_t v[LPM_INLINE], base;

	memcpy(v, n->value, sizeof(v));
	base = lpm_pool_alloc(&t->pool, nkids + (n->own != 0 || nkids == 0));
	if (base == 0)
		return -ENOMEM;
	n = lpm_node(t, at);
	n->leaf = 0;
	n->kids = 0;
	n->base = base;
	if (n->own != 0)
		memcpy(&t->pool.unit[base + nkids], v, sizeof(v));
	return 0;
}

/* The reverse, for a node that has lost its last child or the fourth value. */
static void block_to_leaf(struct lpm *t, struct lpm_node *n, unsigned old_units)
{
	uint32_t base = n->base, v[LPM_INLINE] = { 0 };

	if (n->own != 0)
		memcpy(v, &t->pool.unit[base], sizeof(v));
	memcpy(n->value, v, sizeof(v));
	n->leaf = 1;
	lpm_pool_free(&t->pool, base, old_units);
}

/* Put @kid below the node at @at. Return: where it is, 0 if there is no memory. */
static uint32_t add_kid(struct lpm *t, uint32_t at, unsigned slot, const struct lpm_node *kid)
{
	struct lpm_node *n = lpm_node(t, at);
	unsigned len, rank = 0;
	uint32_t base;

	if (n->leaf) {
		if (leaf_to_block(t, at, 1) < 0)
			return 0;
		n = lpm_node(t, at);
	} else {
		len = lpm_block_units(n);
		base = lpm_pool_grow(&t->pool, n->base, len);
		if (base == 0)
			return 0;
		n = lpm_node(t, at);
		n->base = base;
		rank = lpm_popcount(n->kids & lpm_below(slot));
		memmove(&t->pool.unit[base + rank + 1], &t->pool.unit[base + rank],
			units(len - rank));
	}
	n->kids |= UINT64_C(1) << slot;
	*lpm_node(t, n->base + rank) = *kid;
	return n->base + rank;
}

static void del_kid(struct lpm *t, struct lpm_node *n, unsigned slot)
{
	unsigned len = lpm_block_units(n);
	unsigned rank = lpm_popcount(n->kids & lpm_below(slot));

	memmove(&t->pool.unit[n->base + rank], &t->pool.unit[n->base + rank + 1],
		units(len - rank - 1));
	n->kids &= ~(UINT64_C(1) << slot);
	if (n->kids == 0 && lpm_popcount(n->own) <= LPM_INLINE)
		block_to_leaf(t, n, len);
	else
		lpm_pool_free(&t->pool, n->base + len - 1, 1);
}

static int add_value(struct lpm *t, uint32_t at, unsigned bit, uint32_t value)
{
	struct lpm_node *n = lpm_node(t, at);
	unsigned nval = lpm_popcount(n->own);
	unsigned rank = lpm_popcount(n->own & lpm_below(bit));
	uint32_t base, *v;

	if (n->own >> bit & 1) {
		lpm_values(t, n)[rank] = value;
		return 0;
	}
	if (n->leaf && nval == LPM_INLINE) {
		if (leaf_to_block(t, at, 0) < 0)
			return -ENOMEM;
	} else if (!n->leaf && nval % LPM_PER_UNIT == 0) {
		base = lpm_pool_grow(&t->pool, n->base, lpm_block_units(n));
		if (base == 0)
			return -ENOMEM;
		lpm_node(t, at)->base = base;
	}
	n = lpm_node(t, at);
	v = lpm_values(t, n);
	memmove(v + rank + 1, v + rank, (nval - rank) * sizeof(*v));
	v[rank] = value;
	n->own |= UINT64_C(1) << bit;
	return 0;
}

static void del_value(struct lpm *t, struct lpm_node *n, unsigned bit)
{
	unsigned nval = lpm_popcount(n->own);
	unsigned rank = lpm_popcount(n->own & lpm_below(bit));
	unsigned len = n->leaf ? 0 : lpm_block_units(n);
	uint32_t *v = lpm_values(t, n);

	memmove(v + rank, v + rank + 1, (nval - rank - 1) * sizeof(*v));
	n->own &= ~(UINT64_C(1) << bit);
	if (n->leaf)
		return;
	if (n->kids == 0 && nval - 1 <= LPM_INLINE)
		block_to_leaf(t, n, len);
	else if ((nval - 1) % LPM_PER_UNIT == 0)
		lpm_pool_free(&t->pool, n->base + len - 1, 1);
}

/*
 * The node at @at is not on the way to (@word, @pos), which shares @common bits with it: put a node
 * above both, which is the wanted one if that is where the old one's path leads through.
 */
static uint32_t split(struct lpm *t, uint32_t at, uint64_t word, unsigned pos, unsigned common)
{
	struct lpm_node old = *lpm_node(t, at), fresh = new_node(word, old.half, pos), up;
	unsigned up_pos = lpm_grid(old.half, MIN(common, pos)), old_slot, fresh_slot;
	uint32_t base;

	ASSERT(up_pos <= pos && up_pos < old.pos);
	base = lpm_pool_alloc(&t->pool, up_pos == pos ? 1 : 2);
	if (base == 0)
		return 0;
	up = new_node(word, old.half, up_pos);
	old_slot = lpm_slot(old.tag, up_pos);
	fresh_slot = lpm_slot(word, up_pos);
	up.leaf = 0;
	up.kids = UINT64_C(1) << old_slot;
	up.base = base;
	if (up_pos < pos) {
		up.kids |= UINT64_C(1) << fresh_slot;
		*lpm_node(t, base + (fresh_slot > old_slot)) = fresh;
		*lpm_node(t, base + (fresh_slot < old_slot)) = old;
	} else {
		*lpm_node(t, base) = old;
	}
	*lpm_node(t, at) = up;
	return up_pos < pos ? base + (fresh_slot > old_slot) : at;
}

/* Find or make the node for (@word, @pos) at or below @at, all in one half. 0: no memory. */
static uint32_t open_in_half(struct lpm *t, uint32_t at, uint64_t word, unsigned pos,
			     struct path *path)
{
	for (;;) {
		const struct lpm_node *n = lpm_node(t, at);
		unsigned common = common_bits(word, n->tag), slot = lpm_slot(word, n->pos);
		uint32_t to;

		path_push(path, at);
		if (common < n->pos || n->pos > pos) {
			to = split(t, at, word, pos, common);
		} else if (n->pos == pos) {
			return at;
		} else if (lpm_kids(n) >> slot & 1) {
			at = lpm_kid(n, slot);
			continue;
		} else {
			struct lpm_node fresh = new_node(word, n->half, pos);

			to = add_kid(t, at, slot, &fresh);
		}
		if (to != 0 && to != at)
			path_push(path, to);
		return to;
	}
}

static uint32_t open_node(struct lpm *t, uint32_t *root, const struct lpm_key *k, unsigned half,
			  unsigned pos, struct path *path)
{
	unsigned first_pos = half == 0 ? pos : LPM_LAST_POS, slot;
	struct lpm_node fresh;
	const struct lpm_node *n;
	uint32_t at;

	if (*root == 0) {
		at = lpm_pool_alloc(&t->pool, 1);
		if (at == 0)
			return 0;
		*lpm_node(t, at) = new_node(k->w[0], 0, first_pos);
		*root = at;
	}
	at = open_in_half(t, *root, k->w[0], first_pos, path);
	if (at == 0 || half == 0)
		return at;
	n = lpm_node(t, at);
	slot = lpm_slot(k->w[0], LPM_LAST_POS);
	if (lpm_kids(n) >> slot & 1) {
		at = lpm_kid(n, slot);
	} else {
		fresh = new_node(k->w[1], 1, pos);
		at = add_kid(t, at, slot, &fresh);
		if (at == 0)
			return 0;
	}
	return open_in_half(t, at, k->w[1], pos, path);
}

/* From the end of @path up: remove empty nodes; let an only child take its parent's place. */
static void prune(struct lpm *t, uint32_t *root, const struct lpm_key *k, struct path *path)
{
	while (path->n > 0) {
		uint32_t at = path->at[--path->n], base;
		struct lpm_node *n = lpm_node(t, at), *up;
		unsigned nkids = lpm_popcount(lpm_kids(n));

		if (n->own != 0 || nkids > 1)
			return;
		if (nkids == 1) {
			base = n->base;
			if (lpm_node(t, base)->half == n->half) {
				*n = *lpm_node(t, base);
				lpm_pool_free(&t->pool, base, 1);
			}
			return;
		}
		ASSERT(n->leaf);
		if (path->n == 0) {
			lpm_pool_free(&t->pool, at, 1);
			*root = 0;
			return;
		}
		up = lpm_node(t, path->at[path->n - 1]);
		del_kid(t, up, lpm_slot(k->w[up->half], up->pos));
	}
}

/* The node at @w, with the way there; 0 if there is none. */
static uint32_t find_node(const struct lpm *t, uint32_t at, const struct lpm_key *k,
			  const struct place *w, struct path *path)
{
	unsigned pos = w->half * 64 + w->pos, slot;

	while (at != 0) {
		const struct lpm_node *n = lpm_node(t, at);

		if (lpm_node_pos(n) > pos || !lpm_on_path(n, k))
			return 0;
		if (path != NULL)
			path_push(path, at);
		if (lpm_node_pos(n) == pos)
			return at;
		slot = lpm_slot(k->w[n->half], n->pos);
		if ((lpm_kids(n) >> slot & 1) == 0)
			return 0;
		at = lpm_kid(n, slot);
	}
	return 0;
}

uint32_t lpm_trie_get(const struct lpm *t, uint32_t root, const struct lpm_key *k, unsigned len)
{
	struct place w = place_of(k, len);
	uint32_t at = find_node(t, root, k, &w, NULL);
	struct lpm_node *n;

	if (at == 0)
		return 0;
	n = lpm_node(t, at);
	if ((n->own >> w.bit & 1) == 0)
		return 0;
	return lpm_values(t, n)[lpm_popcount(n->own & lpm_below(w.bit))];
}

int lpm_trie_set(struct lpm *t, uint32_t *root, const struct lpm_key *k, unsigned len,
		 uint32_t value)
{
	struct place w = place_of(k, len);
	struct path path = { .n = 0 };
	uint32_t at = open_node(t, root, k, w.half, w.pos, &path);

	if (at == 0 || add_value(t, at, w.bit, value) < 0) {
		prune(t, root, k, &path);
		return -ENOMEM;
	}
	return 0;
}

int lpm_trie_del(struct lpm *t, uint32_t *root, const struct lpm_key *k, unsigned len)
{
	struct place w = place_of(k, len);
	struct path path = { .n = 0 };
	uint32_t at = find_node(t, *root, k, &w, &path);

	if (at == 0 || (lpm_node(t, at)->own >> w.bit & 1) == 0)
		return -ENOENT;
	del_value(t, lpm_node(t, at), w.bit);
	prune(t, root, k, &path);
	return 0;
}

static void free_kids(struct lpm *t, const struct lpm_node *n)
{
	unsigned i;

	if (n->leaf)
		return;
	for (i = 0; i < lpm_popcount(n->kids); i++)
		free_kids(t, lpm_node(t, n->base + i));
	if (lpm_block_units(n) != 0)
		lpm_pool_free(&t->pool, n->base, lpm_block_units(n));
}

void lpm_trie_free(struct lpm *t, uint32_t root)
{
	if (root == 0)
		return;
	free_kids(t, lpm_node(t, root));
	lpm_pool_free(&t->pool, root, 1);
}
