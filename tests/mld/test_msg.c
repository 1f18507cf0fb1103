/* SPDX-License-Identifier: BSD-3-Clause */
#include "mld/msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* clang-format off */

/* RFC 3810 section 5.1.3: code, and its delay in ms. */
static const struct { uint16_t code; uint64_t ms; } delays[] = {
	{ 0, 0 }, { 1, 1 }, { 10000, 10000 }, { 32767, 32767 },
	{ 0x8000, 32768 },		/* (0 | 0x1000) << 3 */
	{ 0x8001, 32776 },
	{ 0x8fff, 65528 },
	{ 0x9000, 65536 },
	{ 0xefff, 4193792 },
	{ 0xf000, 4194304 },
	{ 0xffff, 8387584 },
};

/* RFC 3810 section 5.1.9: code, and its interval in s. */
static const struct { uint8_t code; uint64_t s; } intervals[] = {
	{ 0, 0 }, { 1, 1 }, { 125, 125 }, { 127, 127 },
	{ 0x80, 128 }, { 0x81, 136 }, { 0x8f, 248 }, { 0x90, 256 }, { 0xf0, 16384 }, { 0xff, 31744 },
};

/* Section 9.8: what has no code takes that of the next lower value. */
static const struct { uint64_t ms; uint16_t code; } rounded[] = {
	{ 32775, 0x8000 }, { 65535, 0x8fff }, { 65551, 0x9000 }, { 65552, 0x9001 },
	{ 8387585, 0xffff }, { UINT64_C(1) << 40, 0xffff },
};

/* clang-format on */

static void test_codes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(delays); i++)
		assert_int_equal(mld_delay_of(delays[i].code), delays[i].ms * NS_PER_MS);
	for (unsigned i = 0; i < ARRAY_LEN(intervals); i++)
		assert_int_equal(mld_interval_of(intervals[i].code), intervals[i].s * NS_PER_S);
	for (unsigned i = 0; i < ARRAY_LEN(rounded); i++)
		assert_int_equal(mld_delay_code(rounded[i].ms * NS_PER_MS), rounded[i].code);
	assert_int_equal(mld_delay_of(0xffff), MLD_DELAY_MAX);
	assert_int_equal(mld_interval_of(0xff), MLD_QQI_MAX);
	assert_int_equal(mld_interval_code(135 * NS_PER_S), 0x80);
	assert_int_equal(mld_interval_code(31743 * NS_PER_S), 0xfe);
	assert_int_equal(mld_interval_code(31745 * NS_PER_S), 0xff);
	assert_int_equal(mld_interval_code(TIME_NEVER), 0xff);
	assert_int_equal(mld_delay_code(TIME_NEVER), 0xffff);
}

/* Each code stands for a value of its own, larger ones for larger ones. */
static void test_codes_all(void **state)
{
	(void)state;
	for (unsigned c = 0; c <= UINT16_MAX; c++) {
		assert_int_equal(mld_delay_code(mld_delay_of((uint16_t)c)), c);
		if (c != 0) {
			assert_true(mld_delay_of((uint16_t)c) > mld_delay_of((uint16_t)(c - 1)));
			assert_int_equal(mld_delay_code(mld_delay_of((uint16_t)c) - 1), c - 1);
		}
	}
	for (unsigned c = 0; c <= UINT8_MAX; c++) {
		assert_int_equal(mld_interval_code(mld_interval_of((uint8_t)c)), c);
		if (c != 0)
			assert_int_equal(mld_interval_code(mld_interval_of((uint8_t)c) - 1), c - 1);
	}
}

/* clang-format off */

/* Messages octet by octet; white space does not count. */
#define G "ff05 0000 0000 0000 0000 0000 0000 000a "
#define H "ff02 0000 0000 0000 0000 0001 ff00 0001 "
#define ZERO "0000 0000 0000 0000 0000 0000 0000 0000 "
#define U "2001 0db8 0000 0000 0000 0000 0000 0001 "
#define V "2001 0db8 0000 0000 0000 0000 0000 0002 "

static const struct msg {
	const char *octets, *text;
	enum drop why;
	const char *built;	/* what building it again gives; NULL: the same */
} msgs[] = {
	{ "82000000 03e80000" ZERO, "query v1 :: max 1000 ms", DROP_NONE, NULL },
	{ "82000000 ffff0000" G, "query v1 ff05::a max 65535 ms", DROP_NONE, NULL },
	{ "82070102 03e80304" G, "query v1 ff05::a max 1000 ms", DROP_NONE,
	  "82000000 03e80000" G },
	{ "82000000 27100000" ZERO "027d 0000", "query v2 :: max 10000 ms QRV 2 QQI 125 s",
	  DROP_NONE, NULL },
	{ "82000000 80000000" G "0980 0000", "query v2 ff05::a max 32768 ms S QRV 1 QQI 128 s",
	  DROP_NONE, NULL },
	{ "82070102 27100304" G "f77d 0000 aabb", "query v2 ff05::a max 10000 ms QRV 7 QQI 125 s",
	  DROP_NONE, "82000000 27100000" G "077d 0000" },
	{ "82000000 00010000" G "0000 0002" U V,
	  "query v2 ff05::a max 1 ms QRV 0 QQI 0 s {2001:db8::1, 2001:db8::2}", DROP_NONE, NULL },
	{ "82000000 00010000" G "0000 0002" U V "00", NULL, DROP_NONE,
	  "82000000 00010000" G "0000 0002" U V },
	{ "82000000 00010000" G "0000 0002" U, "malformed", DROP_MLD_SHORT, NULL },
	{ "82000000 00010000" G "0000 ffff" U V, "malformed", DROP_MLD_SHORT, NULL },
	{ "82000000 00010000" G "0000 00", "malformed", DROP_MLD_SHORT, NULL },
	{ "82000000 00010000" G "0000", "malformed", DROP_MLD_SHORT, NULL },
	{ "82000000 00010000" G "00", "malformed", DROP_MLD_SHORT, NULL },
	{ "82000000 00010000 ff05", "malformed", DROP_MLD_SHORT, NULL },
	{ "82", "malformed", DROP_MLD_SHORT, NULL },
	{ "82000000 00010000" U, "malformed", DROP_MLD_GROUP, NULL },
	{ "82000000 00010000" U "0000 0000", "malformed", DROP_MLD_GROUP, NULL },
	{ "82000000 00010000" ZERO "0000 0001" U, "malformed", DROP_MLD_GROUP, NULL },
	{ "83000000 00000000" G, "report v1 ff05::a", DROP_NONE, NULL },
	{ "83070102 03040506" H "00", "report v1 ff02::1:ff00:1", DROP_NONE,
	  "83000000 00000000" H },
	{ "84000000 00000000" G, "done v1 ff05::a", DROP_NONE, NULL },
	{ "83000000 00000000 ff", "malformed", DROP_MLD_SHORT, NULL },
	{ "83000000 00000000" ZERO, "malformed", DROP_MLD_GROUP, NULL },
	{ "84000000 00000000" U, "malformed", DROP_MLD_GROUP, NULL },
	{ "8f000000 00000000", "report v2, empty", DROP_NONE, NULL },
	{ "8f000000 00000001 04000000" G, "report v2 TO_EX ff05::a {}", DROP_NONE, NULL },
	{ "8f000000 00000002 01000002" G U V "02000000" H,
	  "report v2 IS_IN ff05::a {2001:db8::1, 2001:db8::2}, IS_EX ff02::1:ff00:1 {}", DROP_NONE,
	  NULL },
	{ "8f000000 00000004 03000000" G "05000001" G U "06000001" G V "63000000" G,
	  "report v2 TO_IN ff05::a {}, ALLOW ff05::a {2001:db8::1}, BLOCK ff05::a {2001:db8::2}, "
	  "? ff05::a {}", DROP_NONE, NULL },
	{ "8f070102 03040002 04010000" G "deadbeef 03020001" H U "deadbeef deadbeef" "00",
	  "report v2 TO_EX ff05::a {}, TO_IN ff02::1:ff00:1 {2001:db8::1}", DROP_NONE,
	  "8f000000 00000002 04000000" G "03000001" H U },
	{ "8f000000 000000", "malformed", DROP_MLD_SHORT, NULL },
	{ "8f000000 00000001", "malformed", DROP_MLD_SHORT, NULL },
	{ "8f000000 00000002 04000000" G, "malformed", DROP_MLD_SHORT, NULL },
	{ "8f000000 00000001 04000001" G "20", "malformed", DROP_MLD_SHORT, NULL },
	{ "8f000000 00000001 04ff0000" G, "malformed", DROP_MLD_SHORT, NULL },
	{ "8f000000 0000ffff 04000000" G, "malformed", DROP_MLD_SHORT, NULL },
};

/* clang-format on */

/* In memory of exactly its size, so that a read behind its end is seen. */
static uint8_t *octets_of(const char *hex, size_t *n)
{
	uint8_t *p = malloc(strlen(hex) + 1);

	assert_non_null(p);
	for (*n = 0; *hex != '\0';) {
		unsigned v;

		if (*hex == ' ') {
			hex++;
			continue;
		}
		assert_int_equal(sscanf(hex, "%2x", &v), 1);
		p[(*n)++] = (uint8_t)v;
		hex += 2;
	}
	p = realloc(p, MAX(*n, (size_t)1));
	assert_non_null(p);
	return p;
}

/* Read a message and write it again. */
static enum drop again(struct rd in, struct wr *w)
{
	struct mld_report rep;
	struct mld_record rec;
	struct mld_query q;
	struct ip6_addr a;
	enum drop why;

	if (mld_type(in) == MLD_TYPE_QUERY) {
		why = mld_get_query(in, &q);
		if (why == DROP_NONE)
			mld_put_query(w, &q);
	} else if (mld_type(in) == MLD_TYPE_V2_REPORT) {
		why = mld_get_report(in, &rep);
		if (why == DROP_NONE) {
			mld_put_report(w, rep.n_records);
			while (mld_record_next(&rep.records, &rec))
				mld_put_record(w, &rec);
			assert_int_equal(rep.records.left, 0);
		}
	} else {
		why = mld_get_v1(in, &a);
		if (why == DROP_NONE)
			mld_put_v1(w, mld_type(in), &a);
	}
	return why;
}

static void test_messages(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(msgs); i++) {
		const struct msg *m = &msgs[i];
		uint8_t out[256], *p, *want;
		struct wr w = wr_of(out, sizeof(out));
		char text[256];
		size_t n, n_want;

		p = octets_of(m->octets, &n);
		want = octets_of(m->built != NULL ? m->built : m->octets, &n_want);
		if (again(rd_of(p, n), &w) != m->why)
			fail_msg("row %u: not %s", i, drop_name(m->why));
		assert_false(w.overflow);
		assert_int_equal(wr_len(&w), m->why == DROP_NONE ? n_want : 0);
		assert_memory_equal(out, want, wr_len(&w));
		if (m->text != NULL)
			assert_string_equal(mld_text(rd_of(p, n), text, sizeof(text)), m->text);
		free(p);
		free(want);
	}
}

/* What fails sets nothing. */
static void test_untouched(void **state)
{
	static const uint8_t short_query[27] = { 130, [8] = 0xff },
			     unicast[24] = { 131, [8] = 0x20 };
	static const uint8_t record[19] = { 4 };
	struct mld_report rep = { .n_records = 77 };
	struct rd in = rd_of(record, sizeof(record));
	struct mld_record rec = { .type = 99 };
	struct mld_query q = { .version = 77 };
	struct ip6_addr a = { { 1, 2, 3 } }, b = a;

	(void)state;
	assert_int_equal(mld_get_query(rd_of(short_query, sizeof(short_query)), &q),
			 DROP_MLD_SHORT);
	assert_int_equal(q.version, 77);
	assert_int_equal(mld_get_v1(rd_of(unicast, sizeof(unicast)), &a), DROP_MLD_GROUP);
	assert_true(ip6_eq(&a, &b));
	assert_false(mld_record_next(&in, &rec));
	assert_int_equal(rec.type, 99);
	assert_int_equal(in.left, sizeof(record));
	assert_int_equal(mld_get_report(rd_of(record, 7), &rep), DROP_MLD_SHORT);
	assert_int_equal(rep.n_records, 77);
	assert_int_equal(mld_type(rd_of(record, 0)), 0);
}

/* RFC 3810 section 5.1.8: a Robustness Variable of more than 7 is sent as 0. */
static void test_large_qrv(void **state)
{
	static const struct {
		uint8_t qrv, sent;
	} rows[] = { { 7, 7 }, { 8, 0 }, { 255, 0 } };

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		struct mld_query q = { .version = 2, .qrv = rows[i].qrv };
		uint8_t out[28];
		struct wr w = wr_of(out, sizeof(out));

		mld_put_query(&w, &q);
		assert_int_equal(out[24], rows[i].sent);
	}
}

/* An MLDv1 query says at most 65,535 ms; a text that is too long is cut. */
static void test_limits(void **state)
{
	struct mld_query q = { .version = 1, .max_delay = 65536 * NS_PER_MS };
	uint8_t out[MLD_V1_OCTETS];
	struct wr w = wr_of(out, sizeof(out));
	char text[12];

	(void)state;
	mld_put_query(&w, &q);
	assert_int_equal(get_be16(out + 4), 65535);
	assert_true(strlen(mld_text(rd_of(out, sizeof(out)), text, sizeof(text))) < sizeof(text));
	assert_string_equal(mld_text(rd_of(out, sizeof(out)), text, 1), "");
	w = wr_of(out, sizeof(out) - 1);
	mld_put_query(&w, &q);
	assert_true(w.overflow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),	  cmocka_unit_test(test_codes_all),
		cmocka_unit_test(test_messages),  cmocka_unit_test(test_untouched),
		cmocka_unit_test(test_large_qrv), cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
