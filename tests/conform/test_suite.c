/* SPDX-License-Identifier: BSD-3-Clause */
/* All registered parts on a simulated node, and the three ways of telling the results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/jsonw.h"
#include "conform/run.h"

static struct nut *open_sim(void *ctx, uint64_t seed, char *why, size_t size)
{
	(void)ctx;
	(void)why;
	(void)size;
	return nut_sim_new(seed);
}

static struct run_conf conf_of(uint64_t seed)
{
	return (struct run_conf){
		.roles = NUT_BOTH, .nut_name = "sim", .seed = seed, .open = open_sim
	};
}

/* Parts that need what a simulated node cannot do are left out. */
static void complain(struct out *o, const struct result *r)
{
	(void)o;
	if (r->verdict != VERDICT_PASS && r->verdict != VERDICT_SKIP)
		print_error("%s as a %s: %s\n%s\n", r->part->id, nut_role_name(r->role),
			    verdict_name(r->verdict), r->why != NULL ? r->why : "");
}

/* How many runs the registry has for these roles of parts that need no more than @has. */
static unsigned runs_with(unsigned roles, uint32_t has)
{
	const struct suite *s;
	unsigned n = 0;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < s->n; k++)
			if ((s->part[k].needs & ~has) == 0)
				n += (unsigned)__builtin_popcount(s->part[k].roles & roles);
	return n;
}

static unsigned runs_of(unsigned roles)
{
	return runs_with(roles, UINT32_MAX);
}

static void test_all_pass(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct run_conf conf = conf_of(seed);
		struct out o = { .part = complain };
		struct nut *nut = nut_sim_new(seed);
		unsigned able = runs_with(NUT_BOTH, nut->has);
		struct tally tally;

		nut->ops->close(nut);
		assert_int_equal(run_parts(&conf, &o, &tally), 0);
		assert_true(run_ok(&tally));
		assert_int_equal(tally.n, runs_of(NUT_BOTH));
		assert_int_equal(tally.by[VERDICT_PASS], able);
		assert_int_equal(tally.by[VERDICT_SKIP], tally.n - able);
	}
}

/* The registry itself: every field there, no id twice. */
static void test_registry(void **state)
{
	const struct suite *s;

	(void)state;
	for (size_t i = 0; (s = suite_get(i)) != NULL; i++) {
		for (size_t k = 0; k < s->n; k++) {
			const struct part *p = &s->part[k];

			assert_non_null(p->fn);
			assert_int_not_equal(p->roles & NUT_BOTH, 0);
			assert_int_equal(strncmp(p->clause, "RFC ", 4), 0);
			assert_non_null(strstr(p->clause, " section "));
			assert_true(strlen(p->title) > 0 && strlen(p->purpose) > 0);
			for (size_t j = 0; j < k; j++)
				assert_string_not_equal(p->id, s->part[j].id);
		}
	}
}

static void test_selection(void **state)
{
	const struct {
		const char *glob, *suite;
		unsigned roles, want;
	} rows[] = {
		{ "*", NULL, NUT_BOTH, runs_of(NUT_BOTH) },
		{ "*", NULL, NUT_HOST, runs_of(NUT_HOST) },
		{ "*", NULL, NUT_ROUTER, runs_of(NUT_ROUTER) },
		{ "v6lc.1.1.4.*", NULL, NUT_BOTH, 3 },
		{ "v6lc.1.1.1", NULL, NUT_BOTH, 2 },
		{ "*", "rfc8200-header", NUT_HOST, 9 },
		{ "v6lc.*", "robust", NUT_BOTH, 0 },
		{ "robust.*", "core", NUT_BOTH, 0 },
		{ "v6lc.1.1.9", "core", NUT_BOTH, 1 },
		{ "*", "no such", NUT_BOTH, 0 },
		{ "no such", NULL, NUT_BOTH, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run_conf conf = conf_of(1);
		struct out o = { 0 };
		struct tally tally;

		conf.globs = &rows[i].glob;
		conf.n_globs = 1;
		conf.suite = rows[i].suite;
		conf.roles = rows[i].roles;
		assert_int_equal(run_parts(&conf, &o, &tally), 0);
		assert_int_equal(tally.n, rows[i].want);
		assert_int_equal(run_ok(&tally), rows[i].want > 0);
	}
}

enum writer { TABLE, JSON, TAP };

/* What a run of the flow label's parts prints; to be freed. */
static char *written(enum writer how)
{
	static const char *const glob = "v6lc.1.1.4.*";
	struct run_conf conf = conf_of(1);
	struct tally tally;
	struct jsonw json;
	char *text = NULL;
	struct out o;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	jsonw_init(&json, 0);
	if (how == JSON)
		out_json_init(&o, f, &json);
	else if (how == TAP)
		out_tap_init(&o, f);
	else
		out_table_init(&o, f, false);
	conf.globs = &glob;
	conf.n_globs = 1;
	assert_int_equal(run_parts(&conf, &o, &tally), 0);
	jsonw_done(&json);
	fclose(f);
	return text;
}

static void test_tap(void **state)
{
	char *text = written(TAP);

	(void)state;
	assert_string_equal(text, "KTAP version 1\n"
				  "1..2\n"
				  "  KTAP version 1\n"
				  "  1..1\n"
				  "  ok 1 v6lc.1.1.4.a\n"
				  "ok 1 rfc8200-header-host\n"
				  "  KTAP version 1\n"
				  "  1..2\n"
				  "  ok 1 v6lc.1.1.4.a\n"
				  "  ok 2 v6lc.1.1.4.b\n"
				  "ok 2 rfc8200-header-router\n");
	free(text);
}

static void test_table(void **state)
{
	char *text = written(TABLE);

	(void)state;
	assert_string_equal(text, "3 parts on sim, seed 1\n\n"
				  "rfc8200-header: the IPv6 header, as a host (1 parts)\n"
				  "  PASS  v6lc.1.1.4.a   MUST   flow label, received\n\n"
				  "rfc8200-header: the IPv6 header, as a router (2 parts)\n"
				  "  PASS  v6lc.1.1.4.a   MUST   flow label, received\n"
				  "  PASS  v6lc.1.1.4.b   MUST   flow label, forwarded\n\n"
				  "3 parts: 3 PASS\n");
	free(text);
}

static void test_json(void **state)
{
	char *text = written(JSON), *again = written(JSON);
	static const char part[] =
		"{\"id\":\"v6lc.1.1.4.b\",\"role\":\"router\",\"suite\":\"rfc8200-header\","
		"\"title\":\"flow label, forwarded\",\"clause\":\"RFC 6437 section 2\","
		"\"level\":\"MUST\",\"verdict\":\"PASS\",\"ns\":";
	static const char begin[] = "{\"nut\":\"sim\",\"seed\":1,\"parts\":[{";
	static const char end[] =
		"],\"sums\":{\"PASS\":3,\"FAIL\":0,\"SKIP\":0,\"XFAIL\":0,\"ERROR\":0}}\n";

	(void)state;
	assert_string_equal(text, again); /* the same seed, the same run */
	assert_int_equal(strncmp(text, begin, strlen(begin)), 0);
	assert_non_null(strstr(text, part));
	assert_string_equal(text + strlen(text) - strlen(end), end);
	free(again);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_pass),  cmocka_unit_test(test_registry),
		cmocka_unit_test(test_selection), cmocka_unit_test(test_tap),
		cmocka_unit_test(test_table),	  cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
