/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The batch lookup with AVX-512: eight walks to a vector, all vectors of a batch a step at a time.
 * The same steps as lookup_batch() in lpm_lookup.c, which says what they mean.
 */
#include "ip6/lpm_update.h"

#ifdef __x86_64__
#include <immintrin.h>

#define AVX512	   __attribute__((target("avx512f,avx512bw,avx512dq,avx512cd,avx512vpopcntdq")))
#define LANES	   8
#define VECTORS	   (LPM_BATCH_MAX / LANES)
#define UNIT_SHIFT 5
#define META_HALF  (INT64_C(1) << 32)
#define META_LEAF  (INT64_C(1) << 40)
#define META_POS   56

_Static_assert(1 << UNIT_SHIFT == LPM_UNIT_OCTETS, "units are counted by shifts");
_Static_assert(offsetof(struct lpm_node, tag) == 0 && offsetof(struct lpm_node, own) == 8 &&
		       offsetof(struct lpm_node, kids) == 16 &&
		       offsetof(struct lpm_node, value) == 16 &&
		       offsetof(struct lpm_node, base) == 24 &&
		       offsetof(struct lpm_node, half) == 28 &&
		       offsetof(struct lpm_node, leaf) == 29 &&
		       offsetof(struct lpm_node, pos) == 31,
	       "the vectors know where things are");

enum lpm_cpu lpm_cpu_detect(void)
{
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd") &&
	    __builtin_cpu_supports("avx512vpopcntdq"))
		return LPM_CPU_AVX512;
	if (__builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2"))
		return LPM_CPU_POPCNT;
	return LPM_CPU_ANY;
}

/* Eight walks. @at and @best are octets from the first unit; 0 for none. */
struct walks {
	__m512i hi, lo;
	__m512i at, best;
	__m512i hits;
};

/* Eight nodes, by field. */
struct nodes {
	__m512i tag, own, kids, meta;
};

AVX512 static inline __m512i two_nodes(const struct lpm_unit *unit, uint64_t a, uint64_t b)
{
	__m256i x = _mm256_load_si256((const void *)((const char *)unit + a));
	__m256i y = _mm256_load_si256((const void *)((const char *)unit + b));

	return _mm512_inserti64x4(_mm512_castsi256_si512(x), y, 1);
}

/* Whole nodes loaded and turned round: less work than four gathers. */
AVX512 static inline struct nodes nodes_load(const struct lpm_unit *unit, const __m512i *offset)
{
	const uint64_t *o = (const uint64_t *)offset;
	__m512i n02 = two_nodes(unit, o[0], o[2]), n13 = two_nodes(unit, o[1], o[3]);
	__m512i n46 = two_nodes(unit, o[4], o[6]), n57 = two_nodes(unit, o[5], o[7]);
	__m512i even0 = _mm512_unpacklo_epi64(n02, n13), even4 = _mm512_unpacklo_epi64(n46, n57);
	__m512i odd0 = _mm512_unpackhi_epi64(n02, n13), odd4 = _mm512_unpackhi_epi64(n46, n57);

	return (struct nodes){
		.tag = _mm512_shuffle_i64x2(even0, even4, 0x88),
		.own = _mm512_shuffle_i64x2(odd0, odd4, 0x88),
		.kids = _mm512_shuffle_i64x2(even0, even4, 0xdd),
		.meta = _mm512_shuffle_i64x2(odd0, odd4, 0xdd),
	};
}

AVX512 static inline __m512i popcount_below(__m512i bits, __m512i bit)
{
	__m512i below = _mm512_add_epi64(bit, _mm512_set1_epi64(-1));

	return _mm512_popcnt_epi64(_mm512_and_si512(bits, below));
}

/* lpm_own_mask[slot]: depth 5 is the upper half; the rest depends on the first four bits only. */
AVX512 static inline __m512i own_mask(__m512i slot)
{
#define LOW(s)                                                                                     \
	(int)(2 | 1 << (2 + ((s) >> 3)) | 1 << (4 + ((s) >> 2)) | 1 << (8 + ((s) >> 1)) |          \
	      1u << (16 + (s)))
	const __m512i low = _mm512_set_epi32(LOW(15), LOW(14), LOW(13), LOW(12), LOW(11), LOW(10),
					     LOW(9), LOW(8), LOW(7), LOW(6), LOW(5), LOW(4), LOW(3),
					     LOW(2), LOW(1), LOW(0));
	__m512i bit =
		_mm512_sllv_epi64(_mm512_set1_epi64(INT64_C(1) << 32), _mm512_srli_epi64(slot, 1));

	return _mm512_mask_permutexvar_epi32(bit, 0x5555, _mm512_srli_epi64(slot, 2), low);
#undef LOW
}

AVX512 static inline __mmask8 walks_step(const struct lpm_unit *unit, struct walks *w)
{
	const __m512i ones = _mm512_set1_epi64(-1), one = _mm512_set1_epi64(1);
	__mmask8 live = _mm512_test_epi64_mask(w->at, w->at), hit, more;
	__m512i pos, word, slot, bit, mask, differ, next;
	struct nodes n;

	n = nodes_load(unit, &w->at);
	pos = _mm512_srli_epi64(n.meta, META_POS);
	word = _mm512_mask_mov_epi64(
		w->hi, _mm512_test_epi64_mask(n.meta, _mm512_set1_epi64(META_HALF)), w->lo);
	/* (word ^ n.tag) & ~(ones >> pos) */
	differ = _mm512_ternarylogic_epi64(word, n.tag, _mm512_srlv_epi64(ones, pos), 0x14);
	live = _mm512_mask_testn_epi64_mask(live, differ, differ);
	slot = _mm512_srli_epi64(_mm512_sllv_epi64(word, pos), 64 - LPM_STRIDE);
	mask = own_mask(slot);
	hit = _mm512_mask_test_epi64_mask(live, n.own, mask);
	w->best = _mm512_mask_mov_epi64(w->best, hit, w->at);
	w->hits = _mm512_mask_and_epi64(w->hits, hit, n.own, mask);
	bit = _mm512_sllv_epi64(one, slot);
	more = _mm512_mask_test_epi64_mask(live, n.kids, bit) &
	       (__mmask8)~_mm512_test_epi64_mask(n.meta, _mm512_set1_epi64(META_LEAF));
	next = _mm512_and_si512(n.meta, _mm512_set1_epi64(UINT32_MAX));
	next = _mm512_add_epi64(next, popcount_below(n.kids, bit));
	w->at = _mm512_maskz_slli_epi64(more, next, UNIT_SHIFT);
	return more;
}

AVX512 static inline __m512i four_addrs(const struct ip6_addr *a, const struct ip6_addr *b,
					const struct ip6_addr *c, const struct ip6_addr *d)
{
	__m256i ab =
		_mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const void *)a->b)),
					_mm_loadu_si128((const void *)b->b), 1);
	__m256i cd =
		_mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const void *)c->b)),
					_mm_loadu_si128((const void *)d->b), 1);

	return _mm512_inserti64x4(_mm512_castsi256_si512(ab), cd, 1);
}

/* Load eight addresses and find their roots. */
AVX512 static inline __mmask8 walks_start(const struct lpm *t, const struct ip6_addr *const d[],
					  struct walks *w, __m512i *value)
{
	const __m512i swap = _mm512_broadcast_i32x4(
		_mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
	__m512i even = _mm512_shuffle_epi8(four_addrs(d[0], d[2], d[4], d[6]), swap);
	__m512i odd = _mm512_shuffle_epi8(four_addrs(d[1], d[3], d[5], d[7]), swap);
	__m128i shift = _mm_cvtsi64_si128((long long)t->shift);
	__m512i root;

	w->hi = _mm512_unpacklo_epi64(even, odd);
	w->lo = _mm512_unpackhi_epi64(even, odd);
	root = _mm512_i64gather_epi64(_mm512_srl_epi64(w->hi, shift), t->start, 8);
	w->at = _mm512_slli_epi64(_mm512_and_si512(root, _mm512_set1_epi64(UINT32_MAX)),
				  UNIT_SHIFT);
	w->best = _mm512_setzero_si512();
	w->hits = _mm512_setzero_si512();
	*value = _mm512_srli_epi64(root, 32);
	return _mm512_test_epi64_mask(w->at, w->at);
}

/* The values of the best matches, where there are any. */
AVX512 static inline __m256i walks_value(const struct lpm_unit *unit, const struct walks *w,
					 __m512i from_root)
{
	const __m512i top = _mm512_set1_epi64(INT64_MIN);
	__mmask8 found = _mm512_test_epi64_mask(w->best, w->best), leaf;
	__m512i bit, rank, in_leaf, index;
	struct nodes n;

	if (found == 0)
		return _mm512_cvtepi64_epi32(from_root);
	n = nodes_load(unit, &w->best);
	bit = _mm512_srlv_epi64(top, _mm512_lzcnt_epi64(w->hits));
	rank = popcount_below(n.own, bit);
	leaf = _mm512_test_epi64_mask(n.meta, _mm512_set1_epi64(META_LEAF));
	in_leaf = _mm512_add_epi64(_mm512_srli_epi64(w->best, 2), _mm512_set1_epi64(4));
	index = _mm512_add_epi64(_mm512_and_si512(n.meta, _mm512_set1_epi64(UINT32_MAX)),
				 _mm512_popcnt_epi64(n.kids));
	index = _mm512_mask_mov_epi64(_mm512_slli_epi64(index, 3), leaf, in_leaf);
	index = _mm512_add_epi64(index, rank);
	return _mm512_mask_i64gather_epi32(_mm512_cvtepi64_epi32(from_root), found, index, unit, 4);
}

AVX512 void lpm_lookup_batch_avx512(const struct lpm *t, const struct ip6_addr *const dst[],
				    uint32_t value[], unsigned n)
{
	const struct lpm_unit *unit = t->pool.unit;
	struct walks w[VECTORS];
	__m512i root_value[VECTORS];
	__mmask8 go[VECTORS], any = 0;
	unsigned nvec = n / LANES, rest = n % LANES, i;

	for (i = 0; i < nvec; i++) {
		go[i] = walks_start(t, dst + i * LANES, &w[i], &root_value[i]);
		any |= go[i];
	}
	if (rest > 0) {
		const struct ip6_addr *last[LANES];

		for (i = 0; i < LANES; i++)
			last[i] = dst[nvec * LANES + MIN(i, rest - 1)];
		go[nvec] = walks_start(t, last, &w[nvec], &root_value[nvec]);
		any |= go[nvec++];
	}
	while (any != 0) {
		for (any = 0, i = 0; i < nvec; i++) {
			if (go[i] != 0)
				go[i] = walks_step(unit, &w[i]);
			any |= go[i];
		}
	}
	for (i = 0; i < nvec; i++) {
		__m256i v = walks_value(unit, &w[i], root_value[i]);

		if (i + 1 < nvec || rest == 0)
			_mm256_storeu_si256((__m256i *)(void *)(value + i * LANES), v);
		else
			_mm512_mask_cvtepi64_storeu_epi32(value + i * LANES,
							  (__mmask8)((1u << rest) - 1),
							  _mm512_cvtepu32_epi64(v));
	}
}
#else
enum lpm_cpu lpm_cpu_detect(void)
{
	return LPM_CPU_ANY;
}

void lpm_lookup_batch_avx512(const struct lpm *t, const struct ip6_addr *const dst[],
			     uint32_t value[], unsigned n)
{
	(void)t, (void)dst, (void)value, (void)n;
	ASSERT_NOT_REACHED();
}
#endif
