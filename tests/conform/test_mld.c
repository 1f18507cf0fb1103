/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The suites of MLD guarded: a router by the book passes all parts, and routers with one thing
 * wrong each fail the part that is about it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conform/mld_device.h"
#include "conform/run.h"

static struct nut *open_device(void *ctx, uint64_t seed, char *why, size_t size)
{
	const enum mld_fault *fault = ctx;

	(void)why;
	(void)size;
	return mld_device_new(seed, *fault);
}

static void complain(struct out *o, const struct result *r)
{
	(void)o;
	if (r->verdict != VERDICT_PASS)
		print_error("%s as a %s: %s\n%s\n", r->part->id, nut_role_name(r->role),
			    verdict_name(r->verdict), r->why != NULL ? r->why : "");
}

static void run(enum mld_fault fault, const char *glob,
		void (*part)(struct out *o, const struct result *r), struct tally *tally)
{
	struct run_conf conf = { .roles = NUT_BOTH,
				 .nut_name = "device",
				 .seed = 1,
				 .suite = "mld",
				 .globs = &glob,
				 .n_globs = 1,
				 .open = open_device,
				 .ctx = &fault };
	struct out o = { .part = part };

	assert_int_equal(run_parts(&conf, &o, tally), 0);
}

static void test_by_the_book(void **state)
{
	struct tally tally;

	(void)state;
	run(MLD_NO_FAULT, "*", complain, &tally);
	assert_int_equal(tally.by[VERDICT_PASS], tally.n);
}

/* Each fault, and a part that is about it. */
static const struct {
	enum mld_fault fault;
	const char *part;
} rows[] = {
	{ IN_IS_IN_IGNORED, "mldv2r.4.1.d" },
	{ IN_IS_IN_NOT_RENEWED, "mldv2r.4.2.c" },
	{ IN_IS_EX_IGNORED, "mldv2r.4.3.a" },
	{ IN_IS_EX_KEEPS_OTHERS, "mldv2r.4.3.g" },
	{ IN_IS_EX_REQUESTS_NEW, "mldv2r.4.3.d" },
	{ EX_IS_IN_IGNORED, "mldv2r.4.5.c" },
	{ EX_IS_IN_LEAVES_EXCLUDED, "mldv2r.4.5.g" },
	{ EX_IS_EX_IGNORED, "mldv2r.4.7.c" },
	{ EX_IS_EX_KEEPS_REQUESTED, "mldv2r.4.7.e" },
	{ EX_IS_EX_KEEPS_EXCLUDED, "mldv2r.4.7.f" },
	{ EX_IS_EX_EXCLUDES_NEW, "mldv2r.4.7.c" },
	{ EX_IS_EX_FILTER_NOT_RENEWED, "mldv2r.4.8.e" },
	{ IN_ALLOW_IGNORED, "mldv2r.4.9.b" },
	{ IN_BLOCK_IGNORED, "mldv2r.4.11.f" },
	{ IN_BLOCK_DELETES, "mldv2r.4.11.f" },
	{ IN_TO_EX_ASKS_NOT, "mldv2r.4.13.g" },
	{ IN_TO_EX_KEEPS_OTHERS, "mldv2r.4.13.e" },
	{ IN_TO_IN_ASKS_NOT, "mldv2r.4.15.c" },
	{ IN_TO_IN_IGNORED, "mldv2r.4.15.b" },
	{ EX_ALLOW_IGNORED, "mldv2r.4.17.c" },
	{ EX_BLOCK_IGNORED, "mldv2r.4.19.b" },
	{ EX_BLOCK_ASKS_ALL, "mldv2r.4.19.g" },
	{ EX_TO_EX_ASKS_NOT, "mldv2r.4.21.c" },
	{ EX_TO_EX_KEEPS_REQUESTED, "mldv2r.4.21.e" },
	{ EX_TO_EX_FILTER_NOT_RENEWED, "mldv2r.4.22.a" },
	{ EX_TO_IN_ASKS_SOURCES_ONLY, "mldv2r.4.23.a" },
	{ EX_TO_IN_ASKS_GROUP_ONLY, "mldv2r.4.23.c" },
	{ EX_TO_IN_IGNORES_SOURCES, "mldv2r.4.24.a" },
	{ SOURCE_ENDS_LATE, "mldv2r.1.5.h" },
	{ SOURCE_ENDS_EARLY, "mldv2r.1.5.g" },
	{ FILTER_NEVER_ENDS, "mldv2r.1.5.b" },
	{ FILTER_ENDS_EARLY, "mldv2r.1.5.a" },
	{ FILTER_END_FORGETS_SOURCES, "mldv2r.4.6.c" },
	{ EXCLUDED_ON_END_FORGOTTEN, "mldv2r.4.8.d" },
	{ ASKS_ONCE, "mldv2r.1.6.a" },
	{ ASKS_TOO_OFTEN, "mldv2r.4.3.b" },
	{ ASKS_LATE, "mldv2r.1.6.e" },
	{ SOURCE_NOT_LOWERED, "mldv2r.1.6.d" },
	{ FILTER_NOT_LOWERED, "mldv2r.1.6.a" },
	{ LOW_SOURCE_ASKED_AGAIN, "mldv2r.1.6.f" },
	{ S_NEVER, "mldv2r.4.25.a" },
	{ S_ALWAYS, "mldv2r.2.2" },
	{ WANTED_AGAIN_FORGOTTEN, "mldv2r.4.25.c" },
	{ NEW_NOT_MERGED, "mldv2r.4.26.b" },
	{ ALL_IN_ONE_PACKET, "mldv2r.4.28.a" },
	{ SECOND_RECORD_UNREAD, "mldv2r.4.27.a" },
	{ LINKS_MIXED, "mldv2r.1.7.a" },
	{ STARTS_WITH_ONE, "mldv2r.1.1" },
	{ STARTS_SLOWLY, "mldv2r.1.2.a" },
	{ GENERAL_EARLY, "mldv2r.1.3.a" },
	{ DELAY_CODE_LINEAR, "mldv2r.1.4.c" },
	{ INTERVAL_CODE_LINEAR, "mldv2r.1.3.c" },
	{ QRV_CUT, "mldv2r.1.2.b" },
	{ DEFAULT_MALI, "mldv2r.3.4.f" },
	{ ALWAYS_QUERIER, "mldv2r.3.1.a" },
	{ HIGHER_WINS, "mldv2r.3.3.a" },
	{ SPECIFIC_NOT_ELECTED, "mldv2r.3.2.b" },
	{ S_NOT_ELECTED, "mldv2r.3.2.c" },
	{ NOT_QUERIER_ASKS, "mldv2r.3.4.l" },
	{ NEVER_SUCCEEDS, "mldv2r.3.1.l" },
	{ OTHER_TIMEOUT_LONG, "mldv2r.3.1.a" },
	{ QRV_NOT_ADOPTED, "mldv2r.3.1.h" },
	{ QQIC_NOT_ADOPTED, "mldv2r.3.1.k" },
	{ QQIC_0_ADOPTED, "mldv2r.3.1.f" },
	{ S_LOWERS, "mldv2r.3.4.n" },
	{ ANY_HOP_LIMIT, "mldv2r.2.9.c" },
	{ ANY_SOURCE_ADDRESS, "mldv2r.2.10.a" },
	{ NO_ALERT_NEEDED, "mldv2r.2.12.b" },
	{ CHECKSUM_UNREAD, "mldv2r.2.24" },
	{ SHORT_QUERY_TAKEN, "mldv2r.2.8.e" },
	{ SHORT_REPORT_TAKEN, "mld.2.7.c" },
	{ CODE_READ, "mldv2r.2.15" },
	{ TAIL_REFUSED, "mldv2r.2.32" },
	{ UNKNOWN_RECORD_ENDS, "mldv2r.2.26.c" },
	{ RECORD_0_TAKEN, "mldv2r.2.26.a" },
	{ AUX_UNREAD, "mldv2r.2.27.b" },
	{ COUNT_UNREAD, "mldv2r.2.25.c" },
	{ ODD_GROUP_TAKEN, "mldv2r.2.29.b" },
	{ ODD_SOURCE_TAKEN, "mldv2r.2.30.d" },
	{ QUERY_TO_GROUP_MALFORMED, "mldv2r.2.6.d" },
	{ SENDS_HOP_LIMIT_2, "mldv2r.2.1" },
	{ SENDS_NO_ALERT, "mldv2r.2.2" },
	{ SENDS_TAIL, "mldv2r.2.3" },
	{ V1_QUERY_ELECTS, "mldv2r.5.1.a" },
	{ V1_REPORT_IGNORED, "mldv2r.5.2.a" },
	{ V1_DONE_IGNORED, "mldv2r.5.2.d" },
	{ V1_BLOCK_TAKEN, "mldv2r.5.3.f" },
	{ V1_TO_EX_SOURCES_TAKEN, "mldv2r.5.3.h" },
	{ V1_MODE_STAYS, "mldv2r.5.4.b" },
	{ V1_MODE_OF_LINK, "mldv2r.5.4.c" },
	{ V1_MODE_OF_ALL_LINKS, "mldv2r.5.4.a" },
	{ V2_ONLY_IGNORED, "mldv2r.5.5.a" },
	{ V1_SENDS_V2, "mld.2.2.a" },
	{ V1_DONE_OF_OTHER_GROUP, "mld.2.2.d" },
	{ V1_NOT_QUERIER_DONE, "mld.2.19" },
	{ V1_NOT_QUERIER_KEEPS, "mld.2.18.b" },
	{ V1_NOT_QUERIER_STOPS_AT_ONCE, "mld.2.20" },
	{ V1_NO_MORE_QUERIER_STOPS, "mld.2.21.a" },
	{ PASSES_ALWAYS, "mld.2.14.b" },
	{ PASSES_NEVER, "mld.2.13" },
	{ CHECKING_STOPS, "mld.2.15.a" },
};

static void test_faults(void **state)
{
	unsigned missed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tally tally;

		run(rows[i].fault, rows[i].part, NULL, &tally);
		assert_int_equal(tally.n, 1);
		if (tally.by[VERDICT_FAIL] == 1)
			continue;
		print_error("fault %d: %s does not see it\n", (int)rows[i].fault, rows[i].part);
		missed++;
	}
	assert_int_equal(missed, 0);
}

/* No fault is left out, none is there twice. */
static void test_all_faults(void **state)
{
	(void)state;
	assert_int_equal(ARRAY_LEN(rows), MLD_FAULTS - 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(rows[i].fault, i + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_the_book),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_all_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
