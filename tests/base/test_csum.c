/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/csum.h"
#include "base/rng.h"

#include "aborts.h"

#include <time.h>

/* RFC 1071 section 1, octet by octet; not complemented. */
static uint16_t reference(const uint8_t *p, size_t n)
{
	uint32_t s = 0;

	for (size_t i = 0; i < n; i++) {
		s += (uint32_t)p[i] << (i % 2 == 0 ? 8 : 0);
		s = (s & 0xffff) + (s >> 16);
	}
	return (uint16_t)s;
}

static void fill(struct rng *r, uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)rng_u32(r);
}

static void rfc1071_example(void **state)
{
	static const uint8_t b[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;
	assert_int_equal(csum_fold(csum_add(0, b, sizeof(b))), 0xddf2); /* section 3 */
}

/* Octets that make carries meet carries, then random ones; exact buffers, so that ASan watches. */
static void all_lengths_and_alignments(void **state)
{
	struct rng r;

	(void)state;
	rng_init_u64(&r, 2, 0);
	for (unsigned kind = 0; kind < 4; kind++) {
		for (size_t n = 0; n <= 200; n++) {
			for (size_t off = 0; off < 16; off++) {
				uint8_t *b = malloc(MAX(off + n, (size_t)1));

				assert_non_null(b);
				fill(&r, b, off + n);
				if (kind < 2)
					memset(b, kind == 0 ? 0x00 : 0xff, off + n);
				if (kind == 2)
					memset(b, 0xff, (off + n) / 2);
				assert_int_equal(csum_fold(csum_add(0, b + off, n)),
						 reference(b + off, n));
				free(b);
			}
		}
	}
}

static void long_runs_of_ones(void **state)
{
	static uint8_t b[65600];

	(void)state;
	memset(b, 0xff, sizeof(b));
	for (size_t n = sizeof(b) - 70; n <= sizeof(b); n++)
		assert_int_equal(csum_fold(csum_add(UINT64_MAX, b, n)),
				 n % 2 == 0 ? 0xffff : 0xff00);
}

static void parts_add_up(void **state)
{
	uint8_t b[400];
	struct rng r;

	(void)state;
	rng_init_u64(&r, 3, 0);
	for (unsigned round = 0; round < 2000; round++) {
		size_t n = rng_below(&r, sizeof(b) + 1);
		size_t cut = rng_below(&r, n / 2 + 1) * 2;

		fill(&r, b, n);
		assert_int_equal(csum_fold(csum_add(csum_add(0, b, cut), b + cut, n - cut)),
				 reference(b, n));
	}
}

/* RFC 8200 section 8.1: the sum over a pseudo-header that is laid out octet by octet. */
static void upper_layer_checksum(void **state)
{
	uint8_t pseudo[40 + 64] = { 0 }, *msg = pseudo + 40;
	struct ip6_addr src, dst;
	struct rng r;
	uint16_t sum;

	(void)state;
	assert_int_equal(ip6_parse("2001:db8::1", &src), 0);
	assert_int_equal(ip6_parse("2001:db8::2", &dst), 0);
	memcpy(pseudo, src.b, 16);
	memcpy(pseudo + 16, dst.b, 16);
	put_be32(pseudo + 32, 64);
	pseudo[39] = 58;
	rng_init_u64(&r, 4, 0);
	fill(&r, msg, 64);
	put_be16(msg + 2, 0);
	sum = csum_upper(&src, &dst, msg, 64, 58);
	assert_int_equal(sum, (uint16_t)~reference(pseudo, sizeof(pseudo)));
	put_be16(msg + 2, sum);
	assert_int_equal(csum_upper(&src, &dst, msg, 64, 58), 0);
	assert_int_equal(reference(pseudo, sizeof(pseudo)), 0xffff);
	for (unsigned bit = 0; bit < 64 * 8; bit++) {
		msg[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(csum_upper(&src, &dst, msg, 64, 58), 0);
		msg[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_not_equal(csum_upper(&src, &dst, msg, 64, 59), 0);
	assert_int_not_equal(csum_upper(&src, &dst, msg, 63, 58), 0);
}

/* In two pieces it is the same, whatever the length. */
static void pieces(void **state)
{
	struct ip6_addr src = { { 0x20, 1 } }, dst = { { 0xff, 2, [15] = 1 } };
	uint8_t msg[8 + 200];
	uint64_t first;
	struct rng r;

	(void)state;
	rng_init_u64(&r, 5, 0);
	fill(&r, msg, sizeof(msg));
	memcpy(&first, msg, sizeof(first));
	for (uint32_t n = 0; n <= sizeof(msg) - 8; n++)
		assert_int_equal(csum_upper_of(&src, &dst, first, msg + 8, n, 17),
				 csum_upper(&src, &dst, msg, 8 + n, 17));
}

/* RFC 1624 section 4: what equation 2 of RFC 1141 gets wrong. */
static void rfc1624_example(void **state)
{
	(void)state;
	assert_int_equal(csum_update(0xdd2f, 0x5555, 0x3285), 0x0000);
}

static void update_equals_recomputation(void **state)
{
	static const uint16_t corner[] = { 0x0000, 0x0001, 0x7fff, 0x8000, 0xfffe, 0xffff };
	uint16_t word[3];
	struct rng r;

	(void)state;
	rng_init_u64(&r, 5, 0);
	for (unsigned round = 0; round < 200000; round++) {
		uint16_t from, to, old;
		uint8_t b[8];

		for (unsigned i = 0; i < 3; i++)
			word[i] = round % 2 == 0 ? (uint16_t)rng_u32(&r)
						 : corner[rng_below(&r, ARRAY_LEN(corner))];
		from = round % 3 == 0 ? (uint16_t)rng_u32(&r) : word[0];
		to = word[2];
		put_be16(b, 0x6000); /* no packet is all zero */
		put_be16(b + 2, word[1]);
		put_be16(b + 4, from);
		put_be16(b + 6, word[0]);
		old = (uint16_t)~reference(b, sizeof(b));
		put_be16(b + 4, to);
		assert_int_equal(csum_update(old, from, to), (uint16_t)~reference(b, sizeof(b)));
	}
}

static double run_ns(uint64_t (*fn)(uint64_t, const void *, size_t), const void *p, size_t n)
{
	unsigned rounds = (unsigned)(4000000 / (n + 200));
	double best = 1e18;

	for (unsigned t = 0; t < 5; t++) {
		volatile uint64_t sink;
		uint64_t sum = 0;
		clock_t begin = clock();

		for (unsigned i = 0; i < rounds; i++)
			sum = fn(sum & 1, p, n);
		sink = sum;
		(void)sink;
		best = MIN(best, (double)(clock() - begin) * 1e9 / CLOCKS_PER_SEC / rounds);
	}
	return best;
}

static uint64_t copy(uint64_t sum, const void *p, size_t n)
{
	static uint8_t to[40000];

	memcpy(to, p, n);
	__asm__ volatile("" : : "r"(to) : "memory");
	return sum + to[0];
}

/* A figure for people; of interest without sanitizers only. */
static void speed_is_printed(void **state)
{
	static const size_t octets[] = { 64, 1500, 40000 };
	static uint8_t b[40016];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(octets); i++) {
		double sum = run_ns(csum_add, b + 14, octets[i]);
		double move = run_ns(copy, b + 14, octets[i]);

		print_message("csum_add of %zu octets: %.0f ns, %.1f GB/s (memcpy %.0f ns)\n",
			      octets[i], sum, (double)octets[i] / sum, move);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc1071_example),
		cmocka_unit_test(all_lengths_and_alignments),
		cmocka_unit_test(long_runs_of_ones),
		cmocka_unit_test(parts_add_up),
		cmocka_unit_test(upper_layer_checksum),
		cmocka_unit_test(pieces),
		cmocka_unit_test(rfc1624_example),
		cmocka_unit_test(update_equals_recomputation),
		cmocka_unit_test(speed_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
