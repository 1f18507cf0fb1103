/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Test group 5 of the conformance suites guarded: simulated nodes that are wrong on purpose about
 * ICMPv6, each by one thing that is changed on its way in or out, each failed by the parts that
 * are about it and by no others of their tests. Each part is failed by one at least.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conform/rfc4443_faults.h"

#define PREFIX "v6lc.5.1."

/* Not ND or MLD? */
static bool is_no_background(const struct pv *pv)
{
	return pv->kind != PV_ICMP6 || pv->type.v <= ICMP6_ECHO_REPLY || pv->type.v >= UNKNOWN;
}

static void pass_or_not(struct wrong *w, struct pv *pv)
{
	const struct fault *fault = w->fault;

	if (fault->in(w, pv))
		wrong_pass(w, pv);
}

static struct nut *open_wrong(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct wrong *w = wrong_new(seed);
	const struct fault *fault = ctx;

	(void)why;
	(void)size;
	w->fault = fault;
	w->takes = is_no_background;
	w->in = fault->in != NULL ? pass_or_not : NULL;
	w->out = fault->out;
	if (fault->mtu != NULL)
		w->ops.mtu = fault->mtu;
	if (fault->mroute != NULL) {
		w->ops.mroute = fault->mroute;
		w->nut->has |= NUT_MCAST_ROUTING;
	}
	return w->nut;
}

static unsigned run_on(const struct fault *fault, unsigned roles, uint64_t seed, struct failed *f)
{
	struct fault ctx = *fault;
	char tests[64];
	const char *glob = tests;
	struct run_conf conf = { .roles = roles,
				 .nut_name = "wrong",
				 .seed = seed,
				 .open = open_wrong,
				 .ctx = &ctx,
				 .globs = &glob,
				 .n_globs = 1 };
	struct tally tally;

	snprintf(tests, sizeof(tests), PREFIX "%s", fault->tests);
	failed_init(f, strlen(PREFIX));
	assert_int_equal(run_parts(&conf, &f->out, &tally), 0);
	assert_true(tally.n > 0);
	return tally.n;
}

/* Every part of the group that is for @role is in @f. */
static void all_caught(enum nut_role role, const struct failed *f)
{
	const struct suite *s;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++) {
		for (size_t k = 0; k < s->n; k++) {
			unsigned n = 0;

			if (strncmp(s->part[k].id, PREFIX, strlen(PREFIX)) != 0 ||
			    (s->part[k].roles & role) == 0)
				continue;
			while (n < f->n && f->id[n] != s->part[k].id)
				n++;
			if (n == f->n)
				fail_msg("%s, as a %s, fails none of them", s->part[k].id,
					 nut_role_name(role));
		}
	}
}

static void remember(struct failed *all, const struct failed *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		unsigned n = 0;

		while (n < all->n && all->id[n] != f->id[i])
			n++;
		all->id[n] = f->id[i];
		all->n = MAX(all->n, n + 1);
	}
}

static void test_wrong_devices(void **state)
{
	struct failed as_host = { .n = 0 }, as_router = { .n = 0 };
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < rfc4443_n_faults; i++) {
		const struct fault *fault = &rfc4443_faults[i];
		struct failed f;

		run_on(fault, fault->role, 1, &f);
		if (strcmp(f.ids, fault->caught) != 0) {
			print_error("\"%s\", as a %s, is caught by: %s\n    not by: %s\n",
				    fault->name, nut_role_name(fault->role), f.ids, fault->caught);
			wrong++;
		}
		remember(fault->role == NUT_HOST ? &as_host : &as_router, &f);
	}
	assert_int_equal(wrong, 0);
	all_caught(NUT_HOST, &as_host);
	all_caught(NUT_ROUTER, &as_router);
}

/* Not even silence is right of a device that was never heard of. */
static void test_deaf(void **state)
{
	const struct fault fault = {
		.name = "deaf", .in = fault_deaf, .tests = "*", .mroute = fault_mroute
	};
	struct failed f;

	(void)state;
	run_on(&fault, NUT_HOST, 1, &f);
	all_caught(NUT_HOST, &f);
	run_on(&fault, NUT_ROUTER, 1, &f);
	all_caught(NUT_ROUTER, &f);
}

/* The same with other chances. */
static void test_seeds(void **state)
{
	const struct fault none = { .name = "none", .tests = "*" };

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct failed f;

		assert_int_equal(run_on(&none, NUT_BOTH, seed, &f), 60);
		assert_string_equal(f.ids, "");
		assert_true(f.skipped <= 1); /* multicast routing */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_devices),
		cmocka_unit_test(test_deaf),
		cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
