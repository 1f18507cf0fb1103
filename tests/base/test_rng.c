/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/rng.h"

#include "aborts.h"

/*
 * ChaCha8, key and nonce zero, first block: TC1 of draft-strombergson-chacha-test-vectors. A run
 * is a function of its seed, so these numbers never change.
 */
static const uint8_t zero_block[] = {
	0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6, 0x7f, 0x5b, 0xb8, 0xe8, 0x1f,
	0x09, 0xa5, 0xa1, 0x2c, 0x84, 0x0e, 0xc3, 0xce, 0x9a, 0x7f, 0x3b, 0x18, 0x1b,
	0xe1, 0x88, 0xef, 0x71, 0x1a, 0x1e, 0x98, 0x4c, 0xe1, 0x72, 0xb9, 0x21, 0x6f,
	0x41, 0x9f, 0x44, 0x53, 0x67, 0x45, 0x6d, 0x56, 0x19, 0x31, 0x4a, 0x42, 0xa3,
	0xda, 0x86, 0xb0, 0x01, 0x38, 0x7b, 0xfd, 0xb8, 0x0e, 0x0c, 0xfe, 0x42,
};

static void chacha8_vector(void **state)
{
	static const uint8_t seed[RNG_SEED_OCTETS];
	struct rng r;

	(void)state;
	rng_init(&r, seed);
	for (size_t i = 0; i < sizeof(zero_block); i += 4) {
		uint32_t w = rng_u32(&r);

		assert_memory_equal(&w, zero_block + i, sizeof(w));
	}
}

/* Worlds that were recorded must replay: the first numbers of some seeds and streams. */
static const struct {
	uint64_t seed, stream, first, thousandth;
} recorded[] = {
	{ 0, 0, UINT64_C(0x2fef003ed6405f89), UINT64_C(0xed9b3cdd637afc4c) },
	{ 1, 0, UINT64_C(0xa0e95ecf61a94a49), UINT64_C(0x0226d17b62e74ced) },
	{ 0, 1, UINT64_C(0x52d765653febe7d0), UINT64_C(0x873575f14a62cd43) },
	{ UINT64_MAX, 42, UINT64_C(0xac71a4d032bf9bab), UINT64_C(0xbc44cad3f9313e7d) },
};

static void recorded_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(recorded); i++) {
		struct rng r;
		uint64_t v;

		rng_init_u64(&r, recorded[i].seed, recorded[i].stream);
		v = rng_u64(&r);
		if (v != recorded[i].first)
			fail_msg("row %zu: first is 0x%016llx", i, (unsigned long long)v);
		for (unsigned n = 1; n < 1000; n++)
			v = rng_u64(&r);
		if (v != recorded[i].thousandth)
			fail_msg("row %zu: thousandth is 0x%016llx", i, (unsigned long long)v);
	}
}

static void block_count_carries(void **state)
{
	struct rng a, b;

	(void)state;
	rng_init_u64(&a, 9, 0);
	b = a;
	a.block = UINT32_MAX;
	for (unsigned i = 0; i < RNG_BLOCK; i++)
		rng_u32(&a);
	for (unsigned i = 0; i < RNG_BLOCK; i++) /* block 2^32 is not block 0 */
		if (rng_u32(&a) != rng_u32(&b))
			return;
	fail();
}

/* Chi-squared of n classes stays below n + 5 sqrt(2 n): five deviations. */
static void below_is_uniform(void **state)
{
	static const uint64_t sizes[] = { 2, 3, 6, 10, 100, 1000 };

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		uint64_t n = sizes[s], draws = n * 1000, count[1000] = { 0 };
		double chi = 0, over;
		struct rng r;

		rng_init_u64(&r, 10, n);
		for (uint64_t i = 0; i < draws; i++) {
			uint64_t v = rng_below(&r, n);

			assert_true(v < n);
			count[v]++;
		}
		for (uint64_t i = 0; i < n; i++) {
			double d = (double)count[i] - 1000;

			chi += d * d / 1000;
		}
		over = MAX(chi - (double)n, 0.0);
		assert_true(over * over < 25.0 * 2 * (double)n);
	}
}

/* Plain "v % n" would hit the lower third of 3 * 2^62 twice as often as each of the others. */
static void below_favours_nobody(void **state)
{
	uint64_t n = UINT64_C(3) << 62;
	unsigned low = 0;
	struct rng r;

	(void)state;
	rng_init_u64(&r, 11, 0);
	for (unsigned i = 0; i < 30000; i++)
		low += rng_below(&r, n) < n / 3;
	assert_in_range(low, 9600, 10400); /* 10,000, plus or minus 5 deviations of 82 */
}

static const struct {
	uint64_t from, to;
} ranges[] = {
	{ 0, 0 },	   { 5, 5 },	      { 5, 6 },
	{ 0, UINT64_MAX }, { 1, UINT64_MAX }, { UINT64_MAX, UINT64_MAX },
	{ 500, 1500 },
};

static void between_keeps_its_ends(void **state)
{
	struct rng r;
	bool low = false, high = false;

	(void)state;
	rng_init_u64(&r, 12, 0);
	assert_true(rng_below(&r, 0) == 0);
	assert_true(rng_below(&r, 1) == 0);
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		for (unsigned n = 0; n < 1000; n++) {
			uint64_t v = rng_between(&r, ranges[i].from, ranges[i].to);

			assert_true(v >= ranges[i].from && v <= ranges[i].to);
		}
	}
	for (unsigned n = 0; n < 1000; n++) {
		uint64_t v = rng_between(&r, 7, 9);

		low |= v == 7;
		high |= v == 9;
	}
	assert_true(low && high);
}

static void ends_swapped(void *ctx)
{
	rng_between(ctx, 2, 1);
}

static void misuse_is_asserted(void **state)
{
	struct rng r;

	(void)state;
	rng_init_u64(&r, 13, 0);
	assert_true(aborts(ends_swapped, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chacha8_vector),	cmocka_unit_test(recorded_numbers),
		cmocka_unit_test(block_count_carries),	cmocka_unit_test(below_is_uniform),
		cmocka_unit_test(below_favours_nobody), cmocka_unit_test(between_keeps_its_ends),
		cmocka_unit_test(misuse_is_asserted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
