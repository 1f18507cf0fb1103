/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fib_bed.h"

/* Main leads out by 1, table 10 by 10, 11 by 11 (only 2001:db8:b::/48), 12 throws. */
static void rules_choose_the_table(void **state)
{
	/* clang-format off */
	static const struct line lines[] = {
		{ .ifindex = 1 },
		{ .dst = "2001:db8:1::/48", .ifindex = 2 },
		{ .table = 10, .ifindex = 10 },
		{ .table = 11, .dst = "2001:db8:b::/48", .ifindex = 11 },
		{ .table = 12, .dst = "::/0", .ifindex = 12 },
		{ .table = 12, .dst = "2001:db8:c::/48", .type = ROUTE_THROW },
	};
	/* clang-format on */
#define AT(p, t) .priority = (p), .table = (t)
#define SRC(p)	 .src_text = (p)
#define DST(p)	 .dst_text = (p)
	/* clang-format off */
	static const struct {
		struct {
			uint32_t priority, table;
			const char *src_text, *dst_text;
			uint32_t iif, oif, mark, mask;
			uint8_t type;
			bool invert;
			int8_t suppress; /* length plus 1 */
		} rule[3];
		const char *dst, *src;
		uint32_t iif, oif, mark;
		const char *want;
	} cases[] = {
		/* priority order, whatever the order of adding */
		{ { { 0 } }, "2001:db8::1", NULL, 0, 0, 0, "1 /0" },
		{ { { AT(100, 10) } }, "2001:db8::1", NULL, 0, 0, 0, "10 /0" },
		{ { { AT(40000, 10) } }, "2001:db8::1", NULL, 0, 0, 0, "1 /0" },
		{ { { AT(200, 10) }, { AT(100, 12) } }, "2001:db8::1", NULL, 0, 0, 0, "12 /0" },
		{ { { AT(100, 10) }, { AT(100, 12) } }, "2001:db8::1", NULL, 0, 0, 0, "10 /0" },
		{ { { AT(100, 12) }, { AT(100, 10) } }, "2001:db8::1", NULL, 0, 0, 0, "12 /0" },
		/* nothing found, no such table, throw: on with the next */
		{ { { AT(100, 11) } }, "2001:db8:b::1", NULL, 0, 0, 0, "11 /48" },
		{ { { AT(100, 11) } }, "2001:db8:c::1", NULL, 0, 0, 0, "1 /0" },
		{ { { AT(100, 99) } }, "2001:db8:c::1", NULL, 0, 0, 0, "1 /0" },
		{ { { AT(100, 12) } }, "2001:db8:c::1", NULL, 0, 0, 0, "1 /0" },
		{ { { AT(100, 12) }, { AT(101, 10) } }, "2001:db8:c::1", NULL, 0, 0, 0, "10 /0" },
		{ { { AT(100, 11) } }, "2001:db8:b::1", NULL, 0, 1, 0, "1 /0" },
		/* verdicts */
		{ { { .priority = 100, .type = ROUTE_PROHIBIT } }, "::1", NULL, 0, 0, 0,
		  "prohibit" },
		{ { { .priority = 100, .type = ROUTE_BLACKHOLE } }, "::1", NULL, 0, 0, 0,
		  "blackhole" },
		{ { { .priority = 100, .type = ROUTE_UNREACHABLE } }, "::1", NULL, 0, 0, 0,
		  "unreachable" },
		{ { { .priority = 100, .type = ROUTE_THROW } }, "::1", NULL, 0, 0, 0, "1 /0" },
		/* from and to */
		{ { { AT(100, 10), SRC("2001:db8:a::/48") } }, "::1", "2001:db8:a::1", 0, 0, 0,
		  "10 /0" },
		{ { { AT(100, 10), SRC("2001:db8:a::/48") } }, "::1", "2001:db8:b::1", 0, 0, 0,
		  "1 /0" },
		{ { { AT(100, 10), SRC("2001:db8:a::/48") } }, "::1", NULL, 0, 0, 0, "1 /0" },
		{ { { AT(100, 10), SRC("::/8") } }, "::1", NULL, 0, 0, 0, "1 /0" },
		{ { { AT(100, 10), DST("2001:db8:a::/48") } }, "2001:db8:a::1", NULL, 0, 0, 0,
		  "10 /0" },
		{ { { AT(100, 10), DST("2001:db8:a::/48") } }, "2001:db8:b::1", NULL, 0, 0, 0,
		  "1 /0" },
		{ { { AT(100, 10), SRC("2001:db8:a::/48"), DST("2001:db8:b::/48") } },
		  "2001:db8:b::1", "2001:db8:c::1", 0, 0, 0, "1 /0" },
		/* interfaces */
		{ { { AT(100, 10), .iif = 5 } }, "::1", NULL, 5, 0, 0, "10 /0" },
		{ { { AT(100, 10), .iif = 5 } }, "::1", NULL, 6, 0, 0, "1 /0" },
		{ { { AT(100, 10), .iif = 5 } }, "::1", NULL, 0, 0, 0, "1 /0" },
		/* the loopback interface's: what is sent from here */
		{ { { AT(100, 10), .iif = 1 } }, "::1", NULL, 0, 0, 0, "10 /0" },
		{ { { AT(100, 10), .iif = 1 } }, "::1", NULL, 5, 0, 0, "1 /0" },
		{ { { AT(100, 10), .oif = 10 } }, "::1", NULL, 0, 10, 0, "10 /0" },
		{ { { AT(100, 10), .oif = 10 } }, "::1", NULL, 0, 1, 0, "1 /0" },
		{ { { AT(100, 10), .oif = 10 } }, "::1", NULL, 0, 0, 0, "1 /0" },
		/* mark */
		{ { { AT(100, 10), .mark = 1, .mask = 0xff } }, "::1", NULL, 0, 0, 0x101, "10 /0" },
		{ { { AT(100, 10), .mark = 1, .mask = 0xff } }, "::1", NULL, 0, 0, 0x102, "1 /0" },
		{ { { AT(100, 10), .mark = 0, .mask = 0xff } }, "::1", NULL, 0, 0, 0x100, "10 /0" },
		{ { { AT(100, 10), .mark = 0, .mask = 0xff } }, "::1", NULL, 0, 0, 0x101, "1 /0" },
		/* not: of all selectors together */
		{ { { AT(100, 10), .iif = 5, .invert = true } }, "::1", NULL, 5, 0, 0, "1 /0" },
		{ { { AT(100, 10), .iif = 5, .invert = true } }, "::1", NULL, 6, 0, 0, "10 /0" },
		{ { { AT(100, 10), .invert = true } }, "::1", NULL, 6, 0, 0, "1 /0" },
		{ { { AT(100, 10), .iif = 5, .mark = 1, .mask = 1, .invert = true } }, "::1",
		  NULL, 5, 0, 0, "10 /0" },
		{ { { AT(100, 10), .iif = 5, .mark = 1, .mask = 1, .invert = true } }, "::1",
		  NULL, 5, 0, 1, "1 /0" },
		{ { { AT(100, 10), SRC("2001:db8::/32"), .invert = true } }, "::1", NULL, 0, 0,
		  0, "10 /0" },
		/* suppress: main without its default first, then another's default */
		{ { { AT(100, 254), .suppress = 1 }, { AT(101, 10) } }, "2001:db8:1::1", NULL, 0,
		  0, 0, "2 /48" },
		{ { { AT(100, 254), .suppress = 1 }, { AT(101, 10) } }, "2001:db8:2::1", NULL, 0,
		  0, 0, "10 /0" },
		{ { { AT(100, 254), .suppress = 48 }, { AT(101, 10) } }, "2001:db8:1::1", NULL,
		  0, 0, 0, "2 /48" },
		{ { { AT(100, 254), .suppress = 49 }, { AT(101, 10) } }, "2001:db8:1::1", NULL,
		  0, 0, 0, "10 /0" },
		{ { { AT(100, 12), .suppress = 49 }, { AT(101, 10) } }, "2001:db8:c::1", NULL, 0,
		  0, 0, "10 /0" },
	};
	/* clang-format on */
	struct bed b;

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		struct fib_key key = { .dst = addr(cases[i].dst),
				       .src = addr(cases[i].src),
				       .iif = cases[i].iif,
				       .oif = cases[i].oif,
				       .mark = cases[i].mark };
		char buf[128];

		bed_init(&b);
		for (unsigned j = 0; j < ARRAY_LEN(lines); j++)
			assert_int_equal(add(&b, lines[j]), 0);
		for (unsigned j = 0; j < 3 && cases[i].rule[j].priority != 0; j++) {
			struct rule r = { .priority = cases[i].rule[j].priority,
					  .table = cases[i].rule[j].table,
					  .iif = cases[i].rule[j].iif,
					  .oif = cases[i].rule[j].oif,
					  .mark = cases[i].rule[j].mark,
					  .mask = cases[i].rule[j].mask,
					  .type = cases[i].rule[j].type,
					  .invert = cases[i].rule[j].invert };

			r.src_len = prefix(cases[i].rule[j].src_text, &r.src);
			r.dst_len = prefix(cases[i].rule[j].dst_text, &r.dst);
			r.suppress_len = (int8_t)(cases[i].rule[j].suppress - 1);
			assert_int_equal(fib_rule_add(b.f, &r), 0);
			assert_false(fib_is_plain(b.f));
		}
		assert_string_equal(found(b.f, &key, buf), cases[i].want);
		bed_done(&b);
	}
}

static void rules_are_a_list(void **state)
{
	const struct fib_conf conf = { .max_routes = 10, .max_tables = 2, .max_rules = 4 };
	struct rule r = { .priority = 100, .table = 10, .suppress_len = -1, .src_len = 64 }, bad;
	const struct rule main = { .priority = 32766, .table = 254, .suppress_len = -1 };
	const struct rule local = { .priority = 0, .table = 255, .suppress_len = -1 };
	const struct rule *all;
	uint32_t gen;
	struct bed b;
	unsigned n;

	(void)state;
	bed_init_conf(&b, &conf);
	all = fib_rules(b.f, &n);
	assert_int_equal(n, 2);
	assert_int_equal(all[0].table, FIB_TABLE_LOCAL);
	assert_int_equal(all[1].table, FIB_TABLE_MAIN);
	assert_int_equal(all[1].priority, 32766);
	assert_true(fib_is_plain(b.f));

	gen = fib_generation(b.f);
	r.src = addr("2001:db8::1:2"); /* bits behind the length do not count */
	assert_int_equal(fib_rule_add(b.f, &r), 0);
	assert_int_not_equal(fib_generation(b.f), gen);
	assert_false(fib_is_plain(b.f));
	gen = fib_generation(b.f);
	r.src = addr("2001:db8::3");
	assert_int_equal(fib_rule_add(b.f, &r), -EEXIST);
	r.mask = 1;
	assert_int_equal(fib_rule_del(b.f, &r), -ENOENT);
	assert_int_equal(fib_generation(b.f), gen);
	assert_int_equal(fib_rule_add(b.f, &r), 0);
	r.mask = 3;
	assert_int_equal(fib_rule_add(b.f, &r), -ENOSPC);
	all = fib_rules(b.f, &n);
	assert_int_equal(n, 4);
	assert_int_equal(all[1].mask, 0);
	assert_int_equal(all[2].mask, 1);
	r.mask = 0;
	assert_int_equal(fib_rule_del(b.f, &r), 0);
	r.mask = 1;
	assert_false(fib_is_plain(b.f));
	assert_int_equal(fib_rule_del(b.f, &r), 0);
	assert_true(fib_is_plain(b.f));
	assert_int_equal(fib_rule_del(b.f, &local), 0);
	assert_true(fib_is_plain(b.f));
	assert_int_equal(fib_rule_del(b.f, &main), 0);
	assert_false(fib_is_plain(b.f));
	assert_int_equal(add(&b, (struct line){ .ifindex = 1 }), 0);
	expect(&b, "::1", NULL, 0, "unreachable");

	bad = main;
	bad.src_len = 129;
	assert_int_equal(fib_rule_add(b.f, &bad), -EINVAL);
	bad = main;
	bad.dst_len = 129;
	assert_int_equal(fib_rule_add(b.f, &bad), -EINVAL);
	assert_int_equal(fib_rule_del(b.f, &bad), -EINVAL);
	bad = main;
	bad.table = 0;
	assert_int_equal(fib_rule_add(b.f, &bad), -EINVAL);
	bad = main;
	bad.type = ROUTE_THROW + 1;
	assert_int_equal(fib_rule_add(b.f, &bad), -EINVAL);
	bad = main;
	bad.mark = 1;
	assert_int_equal(fib_rule_add(b.f, &bad), -EINVAL);
	bad = main;
	bad.suppress_len = -2;
	assert_int_equal(fib_rule_add(b.f, &bad), -EINVAL);
	bed_done(&b);
}

/* A table main that is not asked by all, or not believed, is not plain. */
static void each_selector_ends_plain(void **state)
{
	const struct rule main = { .priority = 32766, .table = 254, .suppress_len = -1 };
	struct rule only[] = { main, main, main, main, main, main, main, main, main };
	struct bed b;

	(void)state;
	only[0].src_len = 1;
	only[1].dst_len = 1;
	only[2].iif = 1;
	only[3].oif = 1;
	only[4].mask = 1;
	only[5].invert = true;
	only[6].suppress_len = 0;
	only[7].table = 10;
	only[8].type = ROUTE_THROW;
	bed_init(&b);
	for (unsigned i = 0; i < ARRAY_LEN(only); i++) {
		assert_int_equal(fib_rule_del(b.f, &main), 0);
		assert_int_equal(fib_rule_add(b.f, &only[i]), 0);
		assert_false(fib_is_plain(b.f));
		assert_int_equal(fib_rule_del(b.f, &only[i]), 0);
		assert_int_equal(fib_rule_add(b.f, &main), 0);
		assert_true(fib_is_plain(b.f));
	}
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_choose_the_table),
		cmocka_unit_test(rules_are_a_list),
		cmocka_unit_test(each_selector_ends_plain),
	};

	return cmocka_run_group_tests_name("rule", tests, NULL, NULL);
}
