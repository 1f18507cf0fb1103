/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Searching the table; see lpm.c for what it looks like.
 *
 * Everything here is straight-line code per node: which way a walk goes is data, not a branch,
 * because branches that depend on the routing table are mispredicted. The same text is compiled
 * twice on x86-64: for any processor, and for those that count bits in one instruction.
 */
#include "ip6/lpm_update.h"

#define FORCE_INLINE static inline __attribute__((always_inline))

#ifdef __x86_64__
#define FAST_CPU __attribute__((target("popcnt,bmi,bmi2,lzcnt")))
#else
#define FAST_CPU
#endif

/* Per slot, the bits of own that hold it: one of each depth, 0 to 5. */
#define M(s)                                                                                       \
	(UINT64_C(1) << 1 | UINT64_C(1) << (2 + ((s) >> 5)) | UINT64_C(1) << (4 + ((s) >> 4)) |    \
	 UINT64_C(1) << (8 + ((s) >> 3)) | UINT64_C(1) << (16 + ((s) >> 2)) |                      \
	 UINT64_C(1) << (32 + ((s) >> 1)))
#define M4(s)  M(s), M((s) + 1), M((s) + 2), M((s) + 3)
#define M16(s) M4(s), M4((s) + 4), M4((s) + 8), M4((s) + 12)
const uint64_t lpm_own_mask[64] = { M16(0), M16(16), M16(32), M16(48) };

/* The value of the longest prefix among @hits, bits of own of @n. */
FORCE_INLINE const uint32_t *best_value(const struct lpm *t, const struct lpm_node *n,
					uint64_t hits)
{
	const uint32_t *in_block =
		(const uint32_t *)(const void *)&t->pool.unit[n->base + lpm_popcount(n->kids)];

	return (n->leaf ? n->value : in_block) +
	       lpm_popcount(n->own & lpm_below(lpm_top_bit(hits)));
}

FORCE_INLINE uint32_t lookup(const struct lpm *t, const struct ip6_addr *dst)
{
	struct lpm_key k = lpm_key(dst);
	const struct lpm_root *r = &t->start[k.w[0] >> t->shift];
	const struct lpm_node *best = NULL;
	uint64_t hits = 0;
	uint32_t at = r->node;

	while (at != 0) {
		const struct lpm_node *n = lpm_node(t, at);
		unsigned slot = lpm_slot(k.w[n->half], n->pos);
		uint64_t m = n->own & lpm_own_mask[slot];

		if (!lpm_on_path(n, &k))
			break;
		best = m != 0 ? n : best;
		hits = m != 0 ? m : hits;
		at = lpm_kids(n) >> slot & 1 ? lpm_kid(n, slot) : 0;
	}
	return best != NULL ? *best_value(t, best, hits) : r->value;
}

/* One walk of a batch. */
struct walk {
	uint64_t w[2];
	uint64_t hits;
	uint32_t at; /* unit; 0 when it has ended */
	uint32_t best;
};

/* Take one step. Return: 1 if the walk goes on. */
FORCE_INLINE unsigned walk_step(const struct lpm *t, struct walk *w)
{
	const struct lpm_node *n = lpm_node(t, w->at);
	uint64_t word = w->w[n->half], m, on_path, kids = lpm_kids(n), take;
	unsigned slot = lpm_slot(word, n->pos), more;
	uint32_t next = lpm_kid(n, slot);

	on_path = lpm_agree(word, n->tag, n->pos);
	m = n->own & lpm_own_mask[slot] & -on_path;
	take = -(uint64_t)(m != 0); /* ?: would be compiled to a branch */
	w->best ^= (w->best ^ w->at) & (uint32_t)take;
	w->hits ^= (w->hits ^ m) & take;
	more = (unsigned)(kids >> slot & on_path);
	w->at = next & -more;
	__builtin_prefetch(lpm_node(t, w->at));
	return more;
}

FORCE_INLINE void lookup_batch(const struct lpm *t, const struct ip6_addr *const dst[],
			       uint32_t value[], unsigned n)
{
	struct walk w[LPM_BATCH_MAX];
	const struct lpm_root *root[LPM_BATCH_MAX];
	const uint32_t *from[LPM_BATCH_MAX];
	unsigned i, any;

	for (i = 0; i < n; i++) {
		w[i].w[0] = ip6_hi(dst[i]);
		w[i].w[1] = ip6_lo(dst[i]);
		w[i].hits = 0;
		w[i].best = 0;
		root[i] = &t->start[w[i].w[0] >> t->shift];
		__builtin_prefetch(root[i]);
	}
	for (any = 0, i = 0; i < n; i++) {
		w[i].at = root[i]->node;
		any |= w[i].at;
	}
	if (any == 0) { /* and perhaps no unit at all */
		for (i = 0; i < n; i++)
			value[i] = root[i]->value;
		return;
	}
	for (i = 0; i < n; i++)
		__builtin_prefetch(lpm_node(t, w[i].at));
	while (any != 0)
		for (any = 0, i = 0; i < n; i++)
			any |= walk_step(t, &w[i]);
	for (i = 0; i < n; i++) {
		from[i] = best_value(t, lpm_node(t, w[i].best), w[i].hits | 1);
		__builtin_prefetch(from[i]);
	}
	for (i = 0; i < n; i++)
		value[i] = w[i].hits != 0 ? *from[i] : root[i]->value;
}

FAST_CPU static uint32_t lookup_fast(const struct lpm *t, const struct ip6_addr *dst)
{
	return lookup(t, dst);
}

FAST_CPU static void lookup_batch_fast(const struct lpm *t, const struct ip6_addr *const dst[],
				       uint32_t value[], unsigned n)
{
	lookup_batch(t, dst, value, n);
}

uint32_t lpm_lookup(const struct lpm *t, const struct ip6_addr *dst)
{
	return t->cpu >= LPM_CPU_POPCNT ? lookup_fast(t, dst) : lookup(t, dst);
}

void lpm_lookup_batch(const struct lpm *t, const struct ip6_addr *const dst[], uint32_t value[],
		      unsigned n)
{
	ASSERT(n <= LPM_BATCH_MAX);
	if (t->cpu == LPM_CPU_AVX512)
		lpm_lookup_batch_avx512(t, dst, value, n);
	else if (t->cpu == LPM_CPU_POPCNT)
		lookup_batch_fast(t, dst, value, n);
	else
		lookup_batch(t, dst, value, n);
}

uint32_t lpm_trie_shorter(const struct lpm *t, uint32_t root, const struct lpm_key *k, unsigned max,
			  unsigned *len)
{
	const struct lpm_node *best = NULL;
	uint64_t hits = 0;
	unsigned bit;
	uint32_t at = root;

	while (at != 0) {
		const struct lpm_node *n = lpm_node(t, at);
		unsigned slot = lpm_slot(k->w[n->half], n->pos), pos = lpm_node_pos(n);
		uint64_t m = n->own & lpm_own_mask[slot];

		if (pos >= max || !lpm_on_path(n, k))
			break;
		if (max - pos < LPM_STRIDE)
			m &= lpm_below(1u << (max - pos));
		if (m != 0) {
			best = n;
			hits = m;
		}
		at = lpm_kids(n) >> slot & 1 ? lpm_kid(n, slot) : 0;
	}
	if (best == NULL)
		return 0;
	bit = lpm_top_bit(hits);
	if (len != NULL)
		*len = lpm_node_pos(best) + lpm_bit_deep(bit);
	return *best_value(t, best, hits);
}

uint32_t lpm_lookup_shorter(const struct lpm *t, const struct ip6_addr *dst, unsigned max,
			    unsigned *len)
{
	struct lpm_key k = lpm_key(dst);
	uint32_t value = 0;

	if (t->dir_bits != 0 && max > t->dir_bits)
		value = lpm_trie_shorter(t, t->dir[k.w[0] >> t->shift].node, &k, max, len);
	if (value == 0)
		value = lpm_trie_shorter(t, t->top[k.w[0] >> 63].node, &k, max, len);
	if (value == 0 && max > 0) {
		value = t->top[0].value;
		if (value != 0 && len != NULL)
			*len = 0;
	}
	return value;
}
