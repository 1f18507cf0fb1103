/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory fails at every place in turn, and nothing has changed. The sources are included, so that
 * their allocations come here; the longest-prefix table tests its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ip6/lpm.h"

/* Counts down to the allocation that fails; negative: none does. */
static int fail_in = -1;

static bool fails(void)
{
	return fail_in >= 0 && fail_in-- == 0;
}

static void *test_alloc_zero(size_t n, size_t size)
{
	return fails() ? NULL : calloc(n, size);
}

static void *test_alloc(size_t size)
{
	return fails() ? NULL : malloc(size);
}

static void *test_resize(void *p, size_t size)
{
	return fails() ? NULL : realloc(p, size);
}

/* The longest-prefix table's own allocations are not counted: it as a whole has memory or not. */
static struct lpm *test_lpm_new(uint32_t limit)
{
	return fails() ? NULL : lpm_new(limit);
}

static int test_lpm_set(struct lpm *t, const struct ip6_addr *a, unsigned len, uint32_t value)
{
	if (lpm_get(t, a, len) == 0 && fails()) /* a prefix that is there needs no memory */
		return -ENOMEM;
	return lpm_set(t, a, len, value);
}

#undef calloc
#undef malloc
#undef realloc
#define calloc	test_alloc_zero
#define malloc	test_alloc
#define realloc test_resize
#define lpm_new test_lpm_new
#define lpm_set test_lpm_set
#include "ip6/fib.c"
#include "ip6/fib_lookup.c"
#include "ip6/fib_set.c"
#include "ip6/fib_table.c"
#include "ip6/rule.c"
#include "ip6/via.c"

static int walk_line(void *ctx, const struct route *r)
{
	char *out = ctx;
	size_t n = strlen(out);

	snprintf(out + n, 4096 - n, "%u /%u /%u %u %u %d %llu\n", r->table, r->dst_len, r->src_len,
		 r->via.ifindex, r->via.metric, r->via.pref, (unsigned long long)r->expires);
	return 0;
}

static void show(const struct fib *f, struct env *e, char out[4096])
{
	snprintf(out, 4096, "%u routes, %u vias, %u sets, %u entries, %u tables, next %llu\n",
		 f->nroutes, f->vias.n, f->sets.n, f->sets.entries, f->tables.n,
		 (unsigned long long)timers_next(&e->timers));
	assert_int_equal(fib_walk(f, 0, walk_line, out), 0);
	fib_check(f);
}

/* Try @r with the first, second ... allocation failing, until it goes in. */
static unsigned add_at_last(struct fib *f, struct env *e, const struct route *r)
{
	char before[4096], after[4096];
	unsigned tries = 0;
	const struct via *via;
	uint32_t gen;
	int err;

	for (;; tries++) {
		show(f, e, before);
		gen = f->generation;
		via = f->vias.via;
		fail_in = (int)tries;
		err = fib_add(f, r);
		fail_in = -1;
		if (err == 0)
			return tries;
		assert_int_equal(err, -ENOMEM);
		show(f, e, after);
		assert_string_equal(after, before);
		assert_true(gen != f->generation || via == f->vias.via);
	}
}

static void add_changes_all_or_nothing(void **state)
{
	static const uint8_t seed[RNG_SEED_OCTETS] = { 3 };
	unsigned tries = 0;
	struct env e;
	struct fib *f;

	(void)state;
	env_init(&e, NULL, seed, 0);
	f = fib_new(&e, &FIB_CONF_DEFAULT);
	assert_non_null(f);
	for (uint32_t i = 0; i < 60; i++) {
		struct route r = { .table = 250 + i % 5, .expires = TIME_NEVER };

		r.dst_len = (uint8_t)(i % 3);
		r.src_len = (uint8_t)(i % 7 == 6);
		r.via.ifindex = 1 + i;
		if (i % 4 == 3)
			r.expires = 1000 + i;
		tries += add_at_last(f, &e, &r);
		r.via.pref = 1; /* replaced */
		tries += add_at_last(f, &e, &r);
		r.expires = i % 2 ? TIME_NEVER : 2000;
		tries += add_at_last(f, &e, &r);
	}
	assert_true(tries > 200);
	fib_free(f);
}

static void rules_change_all_or_nothing(void **state)
{
	static const uint8_t seed[RNG_SEED_OCTETS] = { 3 };
	struct rule r = { .table = 10, .suppress_len = -1 };
	unsigned n, failed = 0;
	struct env e;
	struct fib *f;

	(void)state;
	env_init(&e, NULL, seed, 0);
	f = fib_new(&e, &FIB_CONF_DEFAULT);
	for (r.priority = 1; r.priority < 20; r.priority++) {
		fail_in = 0;
		if (fib_rule_add(f, &r) == -ENOMEM) {
			failed++;
			fib_rules(f, &n);
			assert_int_equal(n, r.priority + 1);
			assert_int_equal(fib_rule_add(f, &r), 0);
		}
		fail_in = -1;
	}
	assert_int_equal(failed, 3); /* 4, 8, 16 */
	fib_free(f);
}

static void new_needs_all_of_its_memory(void **state)
{
	static const uint8_t seed[RNG_SEED_OCTETS] = { 3 };
	struct env e;
	struct fib *f;

	(void)state;
	env_init(&e, NULL, seed, 0);
	for (int i = 0; i < 5; i++) {
		fail_in = i;
		assert_null(fib_new(&e, &FIB_CONF_DEFAULT));
	}
	fail_in = 5;
	f = fib_new(&e, &FIB_CONF_DEFAULT);
	fail_in = -1;
	assert_non_null(f);
	fib_free(f);
	fib_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(add_changes_all_or_nothing),
		cmocka_unit_test(rules_change_all_or_nothing),
		cmocka_unit_test(new_needs_all_of_its_memory),
	};

	return cmocka_run_group_tests_name("fib_nomem", tests, NULL, NULL);
}
