/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options, routing headers and fragments guarded (tests 1.2.5 to 1.3.4): simulated nodes that are
 * wrong about them on purpose, each failed by the parts that are about it and by no others; and two
 * that differ from ours and are right. Each part is failed by one at least.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conform/rfc8200_faults.h"

#define PREFIX	     "v6lc.1."
#define HOST_PARTS   36
#define ROUTER_PARTS 44 /* with 1.2.7 */

static struct scratch *scratch(const struct wrong *w)
{
	return ((const struct device *)w->fault)->scratch;
}

static const struct fault *fault_of(const struct wrong *w)
{
	return ((const struct device *)w->fault)->fault;
}

static bool is(const struct pv *pv, unsigned type)
{
	return pv->kind == PV_ICMP6 && pv->type.v == type;
}

/* Not ND or MLD? */
static bool is_no_background(const struct pv *pv)
{
	return pv->kind != PV_ICMP6 || pv->type.v <= ICMP6_ECHO_REPLY;
}

static void pass_or_not(struct wrong *w, struct pv *pv)
{
	struct scratch *s = scratch(w);

	s->n = pv_build(pv, s->sent, sizeof(s->sent));
	if (fault_of(w)->in(w, pv))
		wrong_pass(w, pv);
}

/* What was changed on its way in is quoted as it was: the fault is to be seen, not how it is made. */
static bool requote_or_not(struct wrong *w, struct pv *pv)
{
	const struct scratch *s = scratch(w);

	if (fault_of(w)->in != NULL && is(pv, ICMP6_PARAM_PROB))
		pv->data = IS_OCTETS(s->sent + ETH_HDR_OCTETS, s->n - ETH_HDR_OCTETS);
	return fault_of(w)->out == NULL || fault_of(w)->out(w, pv);
}

static bool recv_early_or_late(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	const struct wrong *w = wrong_of(nut);
	struct pv pv;

	if (!w->real->recv(nut, until, ret))
		return false;
	if (pv_decode(ret->p, ret->octets, &pv) && is(&pv, ICMP6_TIME_EXCEEDED))
		ret->when = ret->when + fault_of(w)->late - fault_of(w)->early;
	return true;
}

static struct nut *open_wrong(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct wrong *w = wrong_new(seed);
	const struct device *d = ctx;

	(void)why;
	(void)size;
	*d->scratch = (struct scratch){ .n = 0 };
	w->fault = d;
	w->takes = is_no_background;
	w->in = d->fault->in != NULL ? pass_or_not : NULL;
	w->out = requote_or_not;
	if (d->fault->early != 0 || d->fault->late != 0)
		w->ops.recv = recv_early_or_late;
	return w->nut;
}

static unsigned run_on(const struct fault *fault, unsigned roles, uint64_t seed, struct failed *f)
{
	static const char *const ours[] = { PREFIX "2.[5-9].*", PREFIX "2.10.*", PREFIX "3.*" };
	struct scratch s;
	struct device device = { fault, &s };
	struct run_conf conf = { .roles = roles,
				 .nut_name = "wrong",
				 .seed = seed,
				 .open = open_wrong,
				 .ctx = &device,
				 .globs = ours,
				 .n_globs = ARRAY_LEN(ours) };
	struct tally tally;

	failed_init(f, strlen(PREFIX));
	assert_int_equal(run_parts(&conf, &f->out, &tally), 0);
	assert_int_equal(f->skipped, 0);
	return tally.n;
}

/* @caught without what only routers do; to be freed. */
static char *for_role(const char *caught, enum nut_role role)
{
	char *text = NULL;
	size_t size, n;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	for (const char *id = caught; *id != '\0'; id += n) {
		n = strcspn(id, " ") + 1;
		if (role == NUT_ROUTER || strncmp(id, "2.7.", 4) != 0)
			fprintf(f, "%.*s", (int)n, id);
	}
	fclose(f);
	return text;
}

static unsigned check(const struct fault *fault, enum nut_role role, unsigned *parts)
{
	char *want = for_role(fault->caught, role);
	struct failed f;
	unsigned wrong;

	*parts = run_on(fault, role, 1, &f);
	wrong = strcmp(f.ids, want) != 0;
	if (wrong)
		print_error("\"%s\", as a %s, is caught by: %s\n    not by: %s\n", fault->name,
			    nut_role_name(role), f.ids, want);
	free(want);
	return wrong;
}

static void test_wrong_devices(void **state)
{
	unsigned wrong = 0, parts;

	(void)state;
	for (size_t i = 0; i < rfc8200_n_faults; i++) {
		wrong += check(&rfc8200_faults[i], NUT_HOST, &parts);
		assert_int_equal(parts, HOST_PARTS);
		wrong += check(&rfc8200_faults[i], NUT_ROUTER, &parts);
		assert_int_equal(parts, ROUTER_PARTS);
	}
	assert_int_equal(wrong, 0);
}

/* All parts of these tests stand somewhere in the table, which the test above holds to. */
static void test_each_part_caught(void **state)
{
	static const struct suite *const suites[] = { &suite_rfc8200_options,
						      &suite_rfc8200_fragment };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		for (size_t k = 0; k < suites[i]->n; k++) {
			const char *id = suites[i]->part[k].id + strlen(PREFIX);
			size_t n = strlen(id), j = 0;
			const char *at = NULL;

			for (; j < rfc8200_n_faults && at == NULL; j++) {
				at = strstr(rfc8200_faults[j].caught, id);
				if (at != NULL && at[n] != ' ')
					at = NULL;
			}
			if (at == NULL)
				fail_msg("%s fails none of them", id);
		}
	}
}

/* Not even silence is right of a device that was never heard of. */
static void test_deaf(void **state)
{
	const struct fault fault = { .name = "deaf", .in = fault_deaf };
	struct failed f;

	(void)state;
	run_on(&fault, NUT_HOST, 1, &f);
	assert_int_equal(f.n, HOST_PARTS);
	run_on(&fault, NUT_ROUTER, 1, &f);
	assert_int_equal(f.n, ROUTER_PARTS);
}

/* The same with other chances. */
static void test_seeds(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct failed f;

		assert_int_equal(run_on(&rfc8200_faults[0], NUT_BOTH, seed, &f),
				 HOST_PARTS + ROUTER_PARTS);
		assert_string_equal(f.ids, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_devices),
		cmocka_unit_test(test_each_part_caught),
		cmocka_unit_test(test_deaf),
		cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
