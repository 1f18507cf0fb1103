/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/rd.h"
#include "base/wr.h"

#include "aborts.h"

enum op { U8, U16, U32, ADDR, SKIP, TAKE, COPY };

/* What each read needs. One octet less: false, and nothing has moved. */
static const struct {
	enum op op;
	size_t octets;
} ops[] = {
	{ U8, 1 },   { U16, 2 },  { U32, 4 },  { ADDR, 16 }, { SKIP, 7 },
	{ TAKE, 5 }, { COPY, 9 }, { SKIP, 0 }, { TAKE, 0 },  { COPY, 0 },
};

static bool run(enum op op, struct rd *r, size_t n)
{
	uint8_t buf[16];
	struct ip6_addr a;
	struct rd part;
	uint32_t u32;
	uint16_t u16;
	uint8_t u8;

	switch (op) {
	case U8:
		return rd_u8(r, &u8);
	case U16:
		return rd_u16(r, &u16);
	case U32:
		return rd_u32(r, &u32);
	case ADDR:
		return rd_addr(r, &a);
	case SKIP:
		return rd_skip(r, n);
	case TAKE:
		return rd_take(r, n, &part) && part.left == n;
	case COPY:
		return rd_copy(r, buf, n);
	}
	return false;
}

static void reads_fit_or_change_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		for (size_t have = 0; have <= 20; have++) {
			uint8_t *exact = calloc(1, MAX(have, (size_t)1)); /* ASan watches */
			struct rd r = rd_of(exact, have);
			bool fits = have >= ops[i].octets;

			assert_non_null(exact);
			assert_int_equal(run(ops[i].op, &r, ops[i].octets), fits);
			assert_int_equal(r.left, fits ? have - ops[i].octets : have);
			assert_ptr_equal(r.p, exact + (fits ? ops[i].octets : 0));
			free(exact);
		}
	}
}

static void sizes_near_the_end_of_memory_do_not_wrap(void **state)
{
	uint8_t b[4] = { 0 };
	struct rd r = rd_of(b, sizeof(b)), part = { b, 1 };
	struct wr w = wr_of(b, sizeof(b));

	(void)state;
	assert_false(rd_skip(&r, SIZE_MAX));
	assert_false(rd_take(&r, SIZE_MAX - 1, &part));
	assert_int_equal(part.left, 1);
	assert_int_equal(r.left, 4);
	assert_null(wr_take(&w, SIZE_MAX));
	assert_true(w.overflow);
	assert_int_equal(w.left, 4);
}

static void octets_are_big_endian(void **state)
{
	static const uint8_t wire[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xfe,
					0x80, 0,    0,	  0,	0,    0,    0,	  0,
					0,    0,    0,	  0,	0,    0,    0x09 };
	struct rd r = rd_of(wire, sizeof(wire)), copy = r;
	struct ip6_addr a;
	uint32_t u32;
	uint16_t u16;
	uint8_t u8;

	(void)state;
	assert_true(rd_u8(&r, &u8) && u8 == 0x01);
	assert_true(rd_u16(&r, &u16) && u16 == 0x0203);
	assert_true(rd_u32(&r, &u32) && u32 == 0x04050607);
	assert_true(rd_addr(&r, &a) && a.b[0] == 0xfe && a.b[15] == 0x09);
	assert_int_equal(r.left, 0);
	assert_int_equal(copy.left, sizeof(wire)); /* a copied cursor is a place kept */
}

static void what_is_written_is_read(void **state)
{
	uint8_t buf[32], zero[3];
	struct wr w = wr_of(buf, sizeof(buf));
	struct ip6_addr a = { { 0xfe, 0x80, [15] = 1 } }, b;
	struct rd r;
	uint32_t u32;
	uint16_t u16;
	uint8_t u8;

	(void)state;
	memset(buf, 0xee, sizeof(buf));
	wr_u8(&w, 0x12);
	wr_u16(&w, 0x3456);
	wr_u32(&w, 0x789abcde);
	wr_zero(&w, 3);
	wr_addr(&w, &a);
	wr_bytes(&w, NULL, 0);
	assert_false(w.overflow);
	assert_int_equal(wr_len(&w), 26);
	r = rd_of(buf, wr_len(&w));
	assert_true(rd_u8(&r, &u8) && u8 == 0x12);
	assert_true(rd_u16(&r, &u16) && u16 == 0x3456);
	assert_true(rd_u32(&r, &u32) && u32 == 0x789abcde);
	assert_true(rd_copy(&r, zero, 3) && zero[0] == 0 && zero[1] == 0 && zero[2] == 0);
	assert_true(rd_addr(&r, &b) && ip6_eq(&a, &b));
	assert_int_equal(buf[26], 0xee);
}

/* After the first thing that does not fit, not even a smaller one is written. */
static void overflow_stays(void **state)
{
	uint8_t buf[8];
	struct wr w = wr_of(buf, 5);

	(void)state;
	memset(buf, 0xee, sizeof(buf));
	wr_u32(&w, 1);
	wr_u16(&w, 2);
	assert_true(w.overflow);
	wr_u8(&w, 3);
	wr_zero(&w, 0);
	assert_true(w.overflow);
	assert_int_equal(wr_len(&w), 4);
	for (unsigned i = 4; i < sizeof(buf); i++)
		assert_int_equal(buf[i], 0xee);
}

static void big_endian_at_any_alignment(void **state)
{
	uint8_t b[16];

	(void)state;
	for (unsigned off = 0; off < 8; off++) {
		put_be64(b + off, UINT64_C(0x0102030405060708));
		for (unsigned i = 0; i < 8; i++)
			assert_int_equal(b[off + i], i + 1);
		assert_true(get_be64(b + off) == UINT64_C(0x0102030405060708));
		assert_true(get_be32(b + off) == 0x01020304);
		assert_true(get_be16(b + off) == 0x0102);
		put_be32(b + off, 0xfffefdfc);
		assert_true(get_be32(b + off) == 0xfffefdfc);
		put_be16(b + off, 0xfbfa);
		assert_true(get_be32(b + off) == 0xfbfafdfc);
	}
}

static void time_saturates(void **state)
{
	(void)state;
	assert_true(time_after(1, 2) == 3);
	assert_true(time_after(TIME_NEVER, 1) == TIME_NEVER);
	assert_true(time_after(1, TIME_NEVER) == TIME_NEVER);
	assert_true(time_after(TIME_NEVER - 5, 4) == TIME_NEVER - 1);
	assert_true(time_after(TIME_NEVER - 5, 6) == TIME_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_fit_or_change_nothing),
		cmocka_unit_test(sizes_near_the_end_of_memory_do_not_wrap),
		cmocka_unit_test(octets_are_big_endian),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(overflow_stays),
		cmocka_unit_test(big_endian_at_any_alignment),
		cmocka_unit_test(time_saturates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
