/* SPDX-License-Identifier: BSD-3-Clause */
/* Results as octets: there and back, and everything that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conform/journal.h"

static const uint8_t frame[] = { 1, 2, 3, 0, 5 };

/* A result of the first part with two frames, as an entry. */
static uint8_t *entry_of(size_t *octets)
{
	const struct suite *s = suite_get(0);
	struct record record = { 0 };
	struct result r = { s, &s->part[0], NUT_ROUTER, VERDICT_FAIL, "a\nb", 77, &record };
	struct seen *seen = record_add(&record, 1000, LINK_A, true, frame, sizeof(frame));
	uint8_t *p;

	seen->claimed = true;
	record_comment(seen, "judged");
	record_add(&record, UINT64_MAX, LINK_B, false, frame, 0);
	p = journal_pack(&r, octets);
	record_done(&record);
	return p;
}

static void test_round_trip(void **state)
{
	struct record record = { 0 };
	struct journal_result r;
	struct journal_entry e;
	size_t n;
	uint8_t *p = entry_of(&n);
	struct rd in = rd_of(p, n);
	char *why;

	(void)state;
	assert_int_equal(journal_next(&in, &e), 1);
	assert_int_equal(in.left, 0);
	assert_int_equal(e.type, JOURNAL_RESULT);
	assert_true(journal_get_result(e.body, &r));
	assert_true(journal_is(r.suite, suite_get(0)->name));
	assert_true(journal_is(r.id, suite_get(0)->part[0].id));
	assert_int_equal(r.role, NUT_ROUTER);
	assert_int_equal(r.verdict, VERDICT_FAIL);
	assert_int_equal(r.took, 77);
	why = journal_unpack(&r, &record);
	assert_string_equal(why, "a\nb");
	assert_int_equal(record.n, 2);
	assert_int_equal(record.seen[0]->when, 1000);
	assert_int_equal(record.seen[0]->n, sizeof(frame));
	assert_memory_equal(record.seen[0]->octets, frame, sizeof(frame));
	assert_true(record.seen[0]->claimed && record.seen[0]->from_nut);
	assert_string_equal(record.seen[0]->comment, "judged");
	assert_true(record.seen[1]->when == UINT64_MAX && record.seen[1]->n == 0);
	assert_int_equal(record.seen[1]->link, LINK_B);
	assert_false(record.seen[1]->claimed || record.seen[1]->from_nut);
	assert_null(record.seen[1]->comment);
	free(why);
	record_done(&record);
	free(p);
}

/* Cut anywhere it is not there yet; with any bit wrong it is never taken for whole. */
static void test_torn_and_wrong(void **state)
{
	struct journal_entry e;
	size_t n;
	uint8_t *p = entry_of(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct rd in = rd_of(p, i);

		assert_int_equal(journal_next(&in, &e), 0);
		assert_int_equal(in.left, i);
	}
	for (size_t i = 0; i < n * 8; i++) {
		struct rd in = rd_of(p, n);

		p[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_not_equal(journal_next(&in, &e), 1);
		p[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	put_be32(p + 4, JOURNAL_BODY_MAX + 1);
	assert_int_equal(journal_next(&(struct rd){ p, n }, &e), -EBADMSG);
	free(p);
}

/* Bodies whose digest is right, and which are wrong nevertheless. */
static void test_bad_bodies(void **state)
{
	static const struct {
		size_t at; /* behind the two names */
		uint8_t was, is;
	} rows[] = {
		{ 0, NUT_ROUTER, 0 }, { 0, NUT_ROUTER, NUT_BOTH }, { 1, VERDICT_FAIL, 5 },
		{ 2, 1, 2 },   /* has why */
		{ 2, 1, 0 },   /* a text that is not there */
		{ 4, 3, 4 },   /* its length */
		{ 5, 'a', 0 }, /* NUL in a text */
		{ 19, 2, 1 },  /* number of frames */
		{ 19, 2, 3 },	      { 28, LINK_A, NUT_LINKS },   { 29, 7, 8 }, /* flags */
		{ 29, 7, 3 }, /* a comment that is not there */
		{ 33, 5, 6 }, /* length of the frame */
		{ 35, 6, 5 }, /* of the comment */
	};
	size_t n, names;
	uint8_t *p = entry_of(&n);
	struct journal_result r;

	(void)state;
	names = 4 + strlen(suite_get(0)->name) + strlen(suite_get(0)->part[0].id);
	assert_true(journal_get_result(rd_of(p + 8, n - 16), &r));
	assert_false(journal_get_result(rd_of(p + 8, n - 17), &r));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t *at = p + 8 + names + rows[i].at;

		assert_int_equal(*at, rows[i].was);
		*at = rows[i].is;
		if (journal_get_result(rd_of(p + 8, n - 16), &r))
			fail_msg("row %zu: taken", i);
		*at = rows[i].was;
	}
	free(p);
}

/* One octet more than the limit is too many. */
static void test_limits(void **state)
{
	static uint8_t buf[2 * JOURNAL_FRAME_MAX], text[JOURNAL_FRAME_MAX + 1];
	static const struct {
		size_t octets, note, name;
		bool ok;
	} rows[] = {
		{ JOURNAL_FRAME_MAX, JOURNAL_NOTE_MAX, JOURNAL_NAME_MAX, true },
		{ JOURNAL_FRAME_MAX + 1, 1, 1, false },
		{ 1, JOURNAL_NOTE_MAX + 1, 1, false },
		{ 1, 1, JOURNAL_NAME_MAX + 1, false },
	};

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct journal_frame f = { .has_note = true,
					   .octets = rd_of(text, rows[i].octets),
					   .note = rd_of(text, rows[i].note) };
		struct journal_header h = { .nut = rd_of(text, rows[i].name) };
		struct wr w = wr_of(buf, sizeof(buf));
		bool ok;

		journal_put_frame(&w, &f);
		ok = journal_next_frame(&(struct rd){ buf, wr_len(&w) }, &f);
		w = wr_of(buf, sizeof(buf));
		journal_put_header(&w, &h);
		ok = journal_get_header(rd_of(buf + 8, wr_len(&w) - 16), &h) && ok;
		assert_int_equal(ok, rows[i].ok);
	}
}

/* More than a journal holds: the verdict stays, the frames go, and it says so. */
static void test_too_large(void **state)
{
	static uint8_t large[JOURNAL_FRAME_MAX];
	const struct suite *s = suite_get(0);
	struct record record = { 0 };
	struct result r = { s, &s->part[0], NUT_HOST, VERDICT_FAIL, "wrong", 0, &record };
	struct journal_entry e;
	struct journal_result j;
	struct rd in;
	uint8_t *p;
	size_t n;

	(void)state;
	for (size_t i = 0; i <= JOURNAL_BODY_MAX / JOURNAL_FRAME_MAX; i++)
		record_add(&record, i, LINK_A, true, large, sizeof(large));
	p = journal_pack(&r, &n);
	in = rd_of(p, n);
	assert_int_equal(journal_next(&in, &e), 1);
	assert_true(journal_get_result(e.body, &j));
	assert_int_equal(j.verdict, VERDICT_FAIL);
	assert_int_equal(j.n_frames, 0);
	assert_true(journal_is(j.why, "wrong\nthe record of 1023 frames was too large to be kept"));
	free(p);
	record_done(&record);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip), TEST(test_torn_and_wrong), TEST(test_bad_bodies),
		TEST(test_limits),     TEST(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
