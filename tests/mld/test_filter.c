/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Listeners with source filters, in virtual time.
 *
 * RFC 3810 section 6.1:
 *	was			is			told
 *	INCLUDE (A)		INCLUDE (B)		ALLOW (B-A), BLOCK (A-B)
 *	EXCLUDE (A)		EXCLUDE (B)		ALLOW (A-B), BLOCK (B-A)
 *	INCLUDE (A)		EXCLUDE (B)		TO_EX (B)
 *	EXCLUDE (A)		INCLUDE (B)		TO_IN (B)
 */
#include "stage.h"

#define S(n)	     "2001:db8::" #n
#define S12	     S(1) " " S(2)
#define S23	     S(2) " " S(3)
#define T12	     S(1) ", " S(2)
#define R(rec, list) V2 rec " ff05::a {" list "}"

/* Told at a time, and once more within a second. */
#define TWICE(ms, n, text)                                                                         \
	{ ms, ms, text, 0 },                                                                       \
	{                                                                                          \
		0, 1000, text, n                                                                   \
	}

/* clang-format off */

static const struct scenario changes[] = {
	{ "nothing to INCLUDE, and back",
	  .steps = { { 0, LISTEN, A, 0, S(1) }, { 5000, LISTEN, A } },
	  .rows = { TWICE(0, 1, R("ALLOW", S(1))), TWICE(5000, 3, R("BLOCK", S(1))) } },
	{ "nothing to EXCLUDE, and back",
	  .steps = { { 0, EXCEPT, A, 0, S12 }, { 5000, LISTEN, A } },
	  .rows = { TWICE(0, 1, R("TO_EX", T12)), TWICE(5000, 3, TO_IN_A) } },
	{ "nothing to nothing",
	  .steps = { { 0, LISTEN, A }, { 0, LISTEN, A, 0, S(1), .who = 1 },
		     { 5000, LISTEN, A } },
	  .rows = { TWICE(0, 1, R("ALLOW", S(1))) } },
	{ "the same again, and a source that is named twice",
	  .steps = { { 0, LISTEN, A, 0, S12 " " S(1) }, { 5000, LISTEN, A, 0, S12 } },
	  .rows = { TWICE(0, 1, R("ALLOW", T12)) } },
	{ "INCLUDE (A) to INCLUDE (B)",
	  .steps = { { 0, LISTEN, A, 0, S12 }, { 5000, LISTEN, A, 0, S23 } },
	  .rows = { TWICE(0, 1, R("ALLOW", T12)),
		    TWICE(5000, 3, R("ALLOW", S(3)) ", BLOCK ff05::a {" S(1) "}") } },
	{ "EXCLUDE (A) to EXCLUDE (B)",
	  .steps = { { 0, EXCEPT, A, 0, S12 }, { 5000, EXCEPT, A, 0, S23 } },
	  .rows = { TWICE(0, 1, R("TO_EX", T12)),
		    TWICE(5000, 3, R("ALLOW", S(1)) ", BLOCK ff05::a {" S(3) "}") } },
	{ "INCLUDE (A) to EXCLUDE (B)",
	  .steps = { { 0, LISTEN, A, 0, S12 }, { 5000, EXCEPT, A, 0, S(3) } },
	  .rows = { TWICE(0, 1, R("ALLOW", T12)), TWICE(5000, 3, R("TO_EX", S(3))) } },
	{ "EXCLUDE (A) to INCLUDE (B)",
	  .steps = { { 0, EXCEPT, A, 0, S12 }, { 5000, LISTEN, A, 0, S(3) } },
	  .rows = { TWICE(0, 1, R("TO_EX", T12)), TWICE(5000, 3, R("TO_IN", S(3))) } },
};

/* Section 6.1, from "If more changes" on: a change finds another one yet to be repeated. */
static const struct scenario merges[] = {
	{ "each source is told as often as it takes",
	  .steps = { { 0, LISTEN, A, 0, S(1) }, { 0, LISTEN, A, 0, S12 } },
	  .rows = { { 0, 0, R("ALLOW", S(1)), 0 }, { 0, 0, R("ALLOW", T12), 0 },
		    { 0, 1000, R("ALLOW", S(2)), 2 } } },
	{ "robustness 3: two repeats, of which the other change has one",
	  .steps = { { 0, QUERY2, NULL, 1000, .qrv = 3 }, { 100, LISTEN, A, 0, S(1) },
		     { 100, LISTEN, A, 0, S12 } },
	  .rows = { { 100, 100, R("ALLOW", S(1)), 0 }, { 100, 100, R("ALLOW", T12), 0 },
		    { 0, 1000, R("ALLOW", T12), 2 }, { 0, 1000, R("ALLOW", S(2)), 3 } } },
	{ "a source that comes and goes is told as it is now",
	  .steps = { { 0, LISTEN, A, 0, S12 }, { 0, LISTEN, A, 0, S(2) } },
	  .rows = { { 0, 0, R("ALLOW", T12), 0 },
		    { 0, 0, R("ALLOW", S(2)) ", BLOCK ff05::a {" S(1) "}", 0 },
		    { 0, 1000, R("BLOCK", S(1)), 2 } } },
	{ "all sources go, and the group with them",
	  .steps = { { 0, LISTEN, A, 0, S(1) }, { 0, LISTEN, A } },
	  .rows = { { 0, 0, R("ALLOW", S(1)), 0 }, { 0, 0, R("BLOCK", S(1)), 0 },
		    { 0, 1000, R("BLOCK", S(1)), 2 } } },
	{ "a mode is told before sources",
	  .steps = { { 0, EXCEPT, A, 0, S(1) }, { 0, EXCEPT, A, 0, S12 } },
	  .rows = { { 0, 0, R("TO_EX", S(1)), 0 }, { 0, 0, R("TO_EX", T12), 0 },
		    { 0, 1000, R("BLOCK", S(2)), 2 } } },
	{ "a change of mode takes the place of sources",
	  .steps = { { 0, LISTEN, A, 0, S(1) }, { 0, EXCEPT, A, 0, S(2) } },
	  .rows = { { 0, 0, R("ALLOW", S(1)), 0 }, { 0, 0, R("TO_EX", S(2)), 0 },
		    { 0, 1000, R("TO_EX", S(2)), 2 } } },
	{ "and one of another mode",
	  .steps = { { 0, EXCEPT, A }, { 0, LISTEN, A, 0, S(1) } },
	  .rows = { { 0, 0, TO_EX_A, 0 }, { 0, 0, R("TO_IN", S(1)), 0 },
		    { 0, 1000, R("TO_IN", S(1)), 2 } } },
	{ "two groups are repeated in one",
	  .steps = { { 0, LISTEN, A, 0, S(1) }, { 0, EXCEPT, B, 0, S(2) } },
	  .rows = { { 0, 0, R("ALLOW", S(1)), 0 }, { 0, 0, V2 "TO_EX ff05::b {" S(2) "}", 0 },
		    { 0, 1000, R("ALLOW", S(1)) ", TO_EX ff05::b {" S(2) "}", 0 } } },
};

/* Section 4.2, its examples first: the interface's state of several listeners'. */
static const struct scenario members[] = {
	{ "INCLUDE and INCLUDE: all of both",
	  .steps = { { 0, LISTEN, A, 0, S12 }, { 5000, LISTEN, A, 0, S23, .who = 1 },
		     { 9000, QUERY2, NULL, 0 } },
	  .rows = { TWICE(0, 1, R("ALLOW", T12)), TWICE(5000, 3, R("ALLOW", S(3))),
		    { 9000, 9000, R("IS_IN", T12 ", " S(3)), 0 } } },
	{ "EXCLUDE and EXCLUDE and INCLUDE: what both exclude, without what one includes",
	  .steps = { { 0, EXCEPT, A, 0, S12 " " S(3) " " S(4) },
		     { 5000, EXCEPT, A, 0, S23 " " S(4) " " S(5), .who = 1 },
		     { 9000, LISTEN, A, 0, S(4) " " S(5) " " S(6), .who = 2 },
		     { 15000, QUERY2, NULL, 0 } },
	  .rows = { TWICE(0, 1, R("TO_EX", T12 ", " S(3) ", " S(4))),
		    TWICE(5000, 3, R("ALLOW", S(1))), TWICE(9000, 5, R("ALLOW", S(4))),
		    { 15000, 15000, R("IS_EX", S(2) ", " S(3)), 0 } } },
	{ "and EXCLUDE {}, who leaves again",
	  .steps = { { 0, EXCEPT, A, 0, S(1) }, { 5000, EXCEPT, A, .who = 1 },
		     { 9000, LISTEN, A, .who = 1 } },
	  .rows = { TWICE(0, 1, R("TO_EX", S(1))), TWICE(5000, 3, R("ALLOW", S(1))),
		    TWICE(9000, 5, R("BLOCK", S(1))) } },
	{ "who joins wants all sources",
	  .steps = { { 0, LISTEN, A, 0, S(1) }, { 5000, JOIN, A }, { 9000, LISTEN, A, 0, S12 },
		     { 10000, LEAVE, A } },
	  .rows = { TWICE(0, 1, R("ALLOW", S(1))), TWICE(5000, 3, TO_EX_A),
		    TWICE(10000, 5, R("TO_IN", T12)) } },
	{ "nobody who excludes is left: INCLUDE",
	  .steps = { { 0, EXCEPT, A, 0, S(1) }, { 0, LISTEN, A, 0, S(2), .who = 1 },
		     { 5000, LISTEN, A } },
	  .rows = { TWICE(0, 1, R("TO_EX", S(1))), TWICE(5000, 3, R("TO_IN", S(2))) } },
	{ "what is no source is refused",
	  .steps = { { 0, LISTEN, A, 0, "ff05::1", .rc = -EINVAL },
		     { 0, EXCEPT, A, 0, "::", .rc = -EINVAL } } },
};

/* Sections 6.2, 6.3; 8.2.1. */
static const struct scenario answers[] = {
	{ "about the group: the filter",
	  .steps = { { 0, EXCEPT, A, 0, S(1) }, { 0, LISTEN, B, 0, S(2) },
		     { 5000, QUERY2, A, 0 }, { 6000, QUERY2, B, 0 } },
	  .rows = { { 0, 0, R("TO_EX", S(1)), 0 }, { 0, 0, V2 "ALLOW ff05::b {" S(2) "}", 0 },
		    { 0, 1000, R("TO_EX", S(1)) ", ALLOW ff05::b {" S(2) "}", 0 },
		    { 5000, 5000, R("IS_EX", S(1)), 0 },
		    { 6000, 6000, V2 "IS_IN ff05::b {" S(2) "}", 0 } } },
	{ "about sources, INCLUDE (A): A*B, if that is any",
	  .steps = { { 0, LISTEN, A, 0, S12 }, { 5000, QUERY2, A, 0, S23 },
		     { 6000, QUERY2, A, 0, S(3) } },
	  .rows = { TWICE(0, 1, R("ALLOW", T12)), { 5000, 5000, R("IS_IN", S(2)), 0 } } },
	{ "about sources, EXCLUDE (A): B-A, if that is any",
	  .steps = { { 0, EXCEPT, A, 0, S12 }, { 5000, QUERY2, A, 0, S23 },
		     { 6000, QUERY2, A, 0, S12 } },
	  .rows = { TWICE(0, 1, R("TO_EX", T12)), { 5000, 5000, R("IS_IN", S(3)), 0 } } },
	{ "what was asked counts, and what is then listened to",
	  .steps = { { 0, LISTEN, A, 0, S(1) }, { 5000, QUERY2, A, LONG, S(2) },
		     { 5000, LISTEN, A, 0, S(2) } },
	  .rows = { TWICE(0, 1, R("ALLOW", S(1))),
		    TWICE(5000, 3, R("ALLOW", S(2)) ", BLOCK ff05::a {" S(1) "}"),
		    { 5000, LONG, R("IS_IN", S(2)), 0 } } },
	{ "MLDv1 knows no filters",
	  .steps = { { 0, QUERY1, B, 0 }, { 1000, LISTEN, A, 0, S(1) },
		     { 2000, EXCEPT, A, 0, S(1) }, { 2000, JOIN, A }, { 20000, LEAVE, A },
		     { 30000, LISTEN, A } },
	  .rows = { { 1000, 1000, REPORT_A, 0 }, { 0, 10000, REPORT_A, 1 },
		    { 30000, 30000, DONE_A, 0 } } },
	{ "what was listened to while down is told when it comes up",
	  .starts_down = true,
	  .steps = { { 0, LISTEN, A, 0, S(1) }, { 0, EXCEPT, B, 0, S(2) }, { 3000, UP, NULL } },
	  .rows = { { 3000, 3000, R("ALLOW", S(1)) ", TO_EX ff05::b {" S(2) "}", 0 },
		    { 0, 1000, R("ALLOW", S(1)) ", TO_EX ff05::b {" S(2) "}", 1 } } },
};

/* clang-format on */

static void test_changes(void **state)
{
	(void)state;
	stage_table(changes, ARRAY_LEN(changes));
}

static void test_merges(void **state)
{
	(void)state;
	stage_table(merges, ARRAY_LEN(merges));
}

static void test_members(void **state)
{
	(void)state;
	stage_table(members, ARRAY_LEN(members));
}

static void test_answers(void **state)
{
	(void)state;
	stage_table(answers, ARRAY_LEN(answers));
}

static int listen_to(struct stage *s, unsigned who, bool exclude, unsigned first, unsigned n)
{
	struct ip6_addr source[MLD_FILTER_SOURCES + 1], a = stage_addr(A);

	for (unsigned i = 0; i < n; i++) {
		source[i] = stage_addr(S(0));
		put_be16(source[i].b + 14, (uint16_t)(first + i));
	}
	return mld_listen(&s->mld, &s->f.ifc, &s->who[who], &a, exclude, source, n);
}

/* Section 4.2: an error MUST be returned; and nothing has changed. */
static void test_limits(void **state)
{
	struct ip6_addr a = stage_addr(A);
	struct stage s;
	unsigned n;

	(void)state;
	stage_init(&s, 1);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	assert_int_equal(listen_to(&s, 0, false, 1, MLD_FILTER_SOURCES + 1), -ENOBUFS);
	assert_null(if_group_find(&s.f.ifc, &a));
	assert_int_equal(listen_to(&s, 0, false, 1, MLD_FILTER_SOURCES), 0);
	n = s.f.n_sent;
	assert_int_equal(listen_to(&s, 1, false, 2, MLD_FILTER_SOURCES), -ENOSPC);
	assert_int_equal(listen_to(&s, 1, true, 2, MLD_FILTER_SOURCES), 0);
	assert_int_equal(listen_to(&s, 1, false, 2, MLD_FILTER_SOURCES), -ENOSPC);
	assert_int_equal(mld_leave(&s.mld, &s.f.ifc, &a), -EADDRNOTAVAIL);
	assert_int_equal(s.f.n_sent, n + 1);
	assert_false(if_group_find(&s.f.ifc, &a)->include);
	assert_int_equal(if_group_find(&s.f.ifc, &a)->n_sources, 1); /* 65 */
	assert_int_equal(listen_to(&s, 0, false, 0, 0), 0);
	assert_false(if_group_find(&s.f.ifc, &a)->include);
	assert_int_equal(if_group_find(&s.f.ifc, &a)->n_sources, MLD_FILTER_SOURCES);
	mld_if_del(&s.mld, &s.f.ifc);
	assert_null(if_group_find(&s.f.ifc, &a));
	stage_done(&s);
}

/* More sources have changed than can be repeated: the whole state is told instead. */
static void test_many_changes(void **state)
{
	struct stage s;

	(void)state;
	stage_init(&s, 1);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	assert_int_equal(listen_to(&s, 0, false, 1, MLD_FILTER_SOURCES), 0);
	assert_int_equal(listen_to(&s, 0, false, 101, 1), 0);
	assert_string_equal(s.f.sent[1].text, R("TO_IN", "2001:db8::65"));
	stage_run(&s, NS_PER_S);
	assert_int_equal(s.f.n_sent, 3);
	assert_string_equal(s.f.sent[2].text, R("TO_IN", "2001:db8::65"));
	stage_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes), cmocka_unit_test(test_merges),
		cmocka_unit_test(test_members), cmocka_unit_test(test_answers),
		cmocka_unit_test(test_limits),	cmocka_unit_test(test_many_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
