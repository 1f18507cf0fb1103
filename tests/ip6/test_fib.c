/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fib_bed.h"

/* Which route: destination first, then source, then what is less specific. */
static void lookup_takes_destination_then_source(void **state)
{
	/* clang-format off */
	static const struct line lines[] = {
		{ .ifindex = 1, .gateway = "fe80::1" },
		{ .src = "2001:db8:a::/48", .ifindex = 2 },
		{ .src = "2001:db8:a:1::/64", .ifindex = 3 },
		{ .dst = "2001:db8:5::/48", .src = "2001:db8:a::/48", .ifindex = 4 },
		{ .dst = "2001:db8:5::/48", .src = "2001:db8:b::/48", .ifindex = 5 },
		{ .dst = "2001:db8:5:5::/64", .src = "2001:db8:b:1::/64", .ifindex = 6 },
		{ .dst = "2001:db8:5:5::1/128", .ifindex = 7 },
		{ .dst = "2001:db8:6::/48", .type = ROUTE_PROHIBIT },
		{ .dst = "2001:db8:6::/48", .src = "2001:db8:a::/48", .ifindex = 8 },
		{ .dst = "2001:db8:7::/48", .type = ROUTE_BLACKHOLE },
		{ .dst = "2001:db8:8::/48", .type = ROUTE_UNREACHABLE },
		{ .dst = "2001:db8:9::/48", .type = ROUTE_THROW },
	};
	/* clang-format on */
	/* clang-format off */
	static const struct {
		const char *dst, *src;
		uint32_t oif;
		const char *want;
	} cases[] = {
		{ "2001:db8:1::1", "2001:db8:c::1", 0, "1 /0" },
		{ "2001:db8:1::1", "2001:db8:a::1", 0, "2 /0" },
		{ "2001:db8:1::1", "2001:db8:a:1::1", 0, "3 /0" },
		{ "2001:db8:1::1", NULL, 0, "1 /0" },		   /* shortest source first */
		{ "2001:db8:1::1", NULL, 3, "3 /0" },		   /* any source */
		{ "2001:db8:1::1", "2001:db8:a:1::1", 2, "2 /0" }, /* shorter source */
		{ "2001:db8:1::1", "2001:db8:a:1::1", 1, "1 /0" },
		{ "2001:db8:1::1", "2001:db8:a:1::1", 9, "unreachable" },
		{ "2001:db8:5::1", "2001:db8:a:1::1", 0, "4 /48" }, /* destination counts first */
		{ "2001:db8:5::1", "2001:db8:b::1", 0, "5 /48" },
		{ "2001:db8:5::1", "2001:db8:c::1", 0, "1 /0" },   /* no source matches there */
		{ "2001:db8:5::1", "2001:db8:a:1::1", 3, "3 /0" }, /* no interface matches there */
		{ "2001:db8:5::1", NULL, 0, "4 /48" },		   /* same length: the lower */
		{ "2001:db8:5:5::2", "2001:db8:b:1::1", 0, "6 /64" },
		{ "2001:db8:5:5::2", "2001:db8:b:2::1", 0, "5 /48" },
		{ "2001:db8:5:5::2", "2001:db8:a:2::1", 0, "4 /48" },
		{ "2001:db8:5:5::2", "2001:db8:c:2::1", 0, "1 /0" },
		{ "2001:db8:5:5::1", "2001:db8:a::1", 0, "7 /128" },
		{ "2001:db8:5:5::1", "2001:db8:a::1", 4, "4 /48" },
		{ "2001:db8:6::1", "2001:db8:c::1", 0, "prohibit" },
		{ "2001:db8:6::1", "2001:db8:a::1", 0, "8 /48" },
		{ "2001:db8:6::1", "2001:db8:a::1", 1, "prohibit" }, /* whatever the interface */
		{ "2001:db8:7::1", "2001:db8:c::1", 0, "blackhole" },
		{ "2001:db8:7::1", "2001:db8:c::1", 1, "blackhole" },
		{ "2001:db8:8::1", "2001:db8:c::1", 0, "unreachable" },
		{ "2001:db8:9::1", "2001:db8:c::1", 0, "unreachable" }, /* not the default */
	};
	/* clang-format on */
	struct bed b;

	(void)state;
	for (unsigned backward = 0; backward < 2; backward++) {
		bed_init(&b);
		expect(&b, "2001:db8::1", NULL, 0, "unreachable");
		for (unsigned i = 0; i < ARRAY_LEN(lines); i++)
			assert_int_equal(add(&b, lines[backward ? ARRAY_LEN(lines) - 1 - i : i]),
					 0);
		assert_int_equal(fib_count(b.f), ARRAY_LEN(lines));
		for (unsigned i = 0; i < ARRAY_LEN(cases); i++)
			expect(&b, cases[i].dst, cases[i].src, cases[i].oif, cases[i].want);
		bed_done(&b);
	}
}

/* Metric, then preference, then age; what is no unicast ends the list. */
static void choices_come_best_first(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b);
	assert_int_equal(add(&b, (struct line){ .ifindex = 1, .metric = 20 }), 0);
	expect(&b, "::1", NULL, 0, "1 /0");
	assert_int_equal(add(&b, (struct line){ .ifindex = 2, .metric = 10 }), 0);
	expect(&b, "::1", NULL, 0, "2 1 /0");
	assert_int_equal(add(&b, (struct line){ .ifindex = 3, .metric = 10, .pref = 1 }), 0);
	assert_int_equal(add(&b, (struct line){ .ifindex = 4, .metric = 10, .pref = -1 }), 0);
	assert_int_equal(add(&b, (struct line){ .ifindex = 5, .metric = 10 }), 0);
	assert_int_equal(add(&b, (struct line){ .ifindex = 6, .metric = 10, .pref = 1 }), 0);
	expect(&b, "::1", NULL, 0, "3 6 2 5 4 1 /0");
	expect(&b, "::1", "2001:db8::1", 0, "3 6 2 5 4 1 /0");
	expect(&b, "::1", NULL, 5, "5 /0");

	/* A new preference is a new place; the same again is not. */
	assert_int_equal(add(&b, (struct line){ .ifindex = 3, .metric = 10 }), 0);
	expect(&b, "::1", NULL, 0, "6 2 5 3 4 1 /0");
	assert_int_equal(add(&b, (struct line){ .ifindex = 2, .metric = 10 }), 0);
	expect(&b, "::1", NULL, 0, "6 2 5 3 4 1 /0");
	assert_int_equal(fib_count(b.f), 6);

	assert_int_equal(add(&b, (struct line){ .metric = 15, .type = ROUTE_PROHIBIT }), 0);
	expect(&b, "::1", NULL, 0, "6 2 5 3 4 /0");
	expect(&b, "::1", NULL, 1, "prohibit");
	assert_int_equal(add(&b, (struct line){ .metric = 5, .type = ROUTE_BLACKHOLE }), 0);
	expect(&b, "::1", NULL, 0, "blackhole");
	bed_done(&b);
}

static void choices_are_cut_at_the_limit(void **state)
{
	struct fib_key key = { .dst = addr("::1") };
	struct fib_choices c;
	struct bed b;

	(void)state;
	bed_init(&b);
	for (uint32_t i = FIB_PREFIX_MAX; i > 0; i--)
		assert_int_equal(add(&b, (struct line){ .ifindex = i, .metric = i }), 0);
	assert_int_equal(add(&b, (struct line){ .ifindex = 999 }), -ENOSPC);
	assert_int_equal(add(&b, (struct line){ .ifindex = 7, .metric = 7, .pref = 1 }), 0);
	assert_int_equal(fib_count(b.f), FIB_PREFIX_MAX);
	assert_int_equal(fib_lookup(b.f, &key, &c), ROUTE_UNICAST);
	assert_int_equal(c.n, FIB_CHOICES_MAX);
	for (uint32_t i = 0; i < c.n; i++)
		assert_int_equal(c.via[i]->ifindex, i + 1);
	bed_done(&b);
}

static void bad_routes_are_refused(void **state)
{
	/* clang-format off */
	static const struct line bad[] = {
		{ .ifindex = 0 },
		{ .ifindex = 1, .gateway = "ff02::1" },
		{ .ifindex = 1, .gateway = "::1" },
		{ .ifindex = 1, .type = ROUTE_THROW + 1 },
		{ .ifindex = 1, .type = ROUTE_PROHIBIT },
		{ .type = ROUTE_PROHIBIT, .gateway = "fe80::1" },
		{ .ifindex = 1, .pref = 2 },
		{ .ifindex = 1, .pref = -2 },
		{ .ifindex = 1, .table = FIB_TABLE_LOCAL },
	};
	/* clang-format on */
	struct route r = route_of(&(struct line){ .ifindex = 1 });
	struct bed b;

	(void)state;
	bed_init(&b);
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(add(&b, bad[i]), -EINVAL);
	r.dst_len = 129;
	assert_int_equal(fib_add(b.f, &r), -EINVAL);
	assert_int_equal(fib_del(b.f, &r), -ESRCH);
	r.dst_len = 0;
	r.src_len = 129;
	assert_int_equal(fib_add(b.f, &r), -EINVAL);
	assert_int_equal(fib_del(b.f, &r), -ESRCH);
	r.src_len = 0;
	r.table = 0;
	assert_int_equal(fib_add(b.f, &r), -EINVAL);
	assert_int_equal(fib_del(b.f, &r), -ESRCH);
	assert_int_equal(fib_count(b.f), 0);
	assert_int_equal(fib_generation(b.f), 0);
	bed_done(&b);
}

/* Same prefixes, metric, interface and gateway: one route. */
static void add_replaces_what_is_the_same(void **state)
{
	static const struct line base = { .dst = "2001:db8::/32", .ifindex = 1, .metric = 5 };
	struct fib_key key = { .dst = addr("2001:db8::1") };
	struct fib_choices c;
	struct line l = base;
	uint32_t gen;
	struct bed b;

	(void)state;
	bed_init(&b);
	for (unsigned timed = 0; timed < 2; timed++) {
		l = base;
		l.life = timed * 50;
		assert_int_equal(add(&b, l), 0);
		l.pref = 1;
		l.proto = ROUTE_PROTO_RA;
		assert_int_equal(add(&b, l), 0);
		assert_int_equal(fib_count(b.f), 1);
		assert_int_equal(fib_lookup(b.f, &key, &c), ROUTE_UNICAST);
		assert_int_equal(c.n, 1);
		assert_int_equal(c.via[0]->proto, ROUTE_PROTO_RA);
		assert_int_equal(c.via[0]->pref, 1);
		assert_int_equal(b.f->vias.n, 1);
	}
	/* The very same again changes nothing that a cache holds. */
	gen = fib_generation(b.f);
	assert_int_equal(add(&b, l), 0);
	l.life = 0;
	assert_int_equal(add(&b, l), 0);
	assert_int_equal(b.f->sets.n, 0);
	l.dst = "2001:db8:7::/48";
	l.ifindex = 7;
	assert_int_equal(add(&b, l), 0);
	assert_int_not_equal(fib_generation(b.f), gen);
	gen = fib_generation(b.f);
	assert_int_equal(add(&b, l), 0);
	assert_int_equal(fib_generation(b.f), gen);
	assert_int_equal(del(&b, l), 0);
	l = base;
	l.metric = 6;
	assert_int_equal(add(&b, l), 0);
	l = base;
	l.gateway = "fe80::1";
	assert_int_equal(add(&b, l), 0);
	l = base;
	l.ifindex = 2;
	assert_int_equal(add(&b, l), 0);
	l = base;
	l.src = "2001:db8::/32";
	assert_int_equal(add(&b, l), 0);
	assert_int_equal(fib_count(b.f), 5);
	l.dst = "2001:db8:ffff::1/32"; /* bits behind the length */
	l.src = "2001:db8:ffff::1/32";
	assert_int_equal(add(&b, l), 0);
	assert_int_equal(fib_count(b.f), 5);
	bed_done(&b);
}

/* Deleting by part of a route. */
static void delete_takes_what_agrees(void **state)
{
	/* clang-format off */
	static const struct line lines[] = {
		{ .ifindex = 1, .gateway = "fe80::1", .metric = 10, .proto = ROUTE_PROTO_RA },
		{ .ifindex = 1, .gateway = "fe80::2", .metric = 10, .proto = ROUTE_PROTO_RA },
		{ .ifindex = 2, .gateway = "fe80::1", .metric = 20, .proto = ROUTE_PROTO_STATIC },
		{ .type = ROUTE_PROHIBIT, .metric = 30, .proto = ROUTE_PROTO_STATIC },
		{ .src = "2001:db8::/32", .ifindex = 4, .metric = 10 },
		{ .table = 10, .ifindex = 5 },
	};
	/* clang-format on */
	/* clang-format off */
	static const struct {
		struct line del;
		int err;
		uint32_t left;
	} cases[] = {
		{ { .ifindex = 1 }, 0, 4 },
		{ { .ifindex = 2 }, 0, 5 },
		{ { .gateway = "fe80::1" }, 0, 4 },
		{ { .gateway = "fe80::1", .ifindex = 1 }, 0, 5 },
		{ { .gateway = "fe80::2", .ifindex = 2 }, -ESRCH, 6 },
		{ { .metric = 10 }, 0, 4 },
		{ { .metric = 20, .proto = ROUTE_PROTO_RA }, -ESRCH, 6 },
		{ { .proto = ROUTE_PROTO_STATIC }, 0, 4 },
		{ { .type = ROUTE_PROHIBIT }, 0, 5 },
		{ { .type = ROUTE_BLACKHOLE }, -ESRCH, 6 },
		{ { 0 }, 0, 2 },
		{ { .src = "2001:db8::/32" }, 0, 5 },
		{ { .src = "2001:db8::/33" }, -ESRCH, 6 },
		{ { .src = "2001:db9::/32" }, -ESRCH, 6 },
		{ { .dst = "::/1" }, -ESRCH, 6 },
		{ { .table = 10 }, 0, 5 },
		{ { .table = 10, .ifindex = 1 }, -ESRCH, 6 },
		{ { .table = 10, .src = "2001:db8::/32" }, -ESRCH, 6 },
		{ { .table = 11 }, -ESRCH, 6 },
	};
	/* clang-format on */
	struct bed b;

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t gen;

		bed_init(&b);
		for (unsigned j = 0; j < ARRAY_LEN(lines); j++)
			assert_int_equal(add(&b, lines[j]), 0);
		gen = fib_generation(b.f);
		assert_int_equal(del(&b, cases[i].del), cases[i].err);
		assert_int_equal(fib_count(b.f), cases[i].left);
		assert_int_equal(fib_generation(b.f) == gen, cases[i].err != 0);
		bed_done(&b);
	}
}

static void lifetimes_end_exactly(void **state)
{
	static const struct line a = { .ifindex = 1, .gateway = "fe80::1", .life = 1000 };
	static const struct line c = { .ifindex = 2, .gateway = "fe80::2", .life = 1001 };
	struct line l = a;
	uint32_t gen;
	struct bed b;

	(void)state;
	bed_init(&b);
	assert_int_equal(add(&b, a), 0);
	assert_int_equal(add(&b, c), 0);
	assert_int_equal(add(&b, (struct line){ .ifindex = 3 }), 0);
	assert_int_equal(timers_next(&b.env.timers), 1000);
	bed_run_until(&b, 999);
	expect(&b, "::1", NULL, 0, "1 2 3 /0");
	gen = fib_generation(b.f);
	bed_run_until(&b, 1000);
	expect(&b, "::1", NULL, 0, "2 3 /0");
	assert_int_not_equal(fib_generation(b.f), gen);
	bed_run_until(&b, 1001);
	expect(&b, "::1", NULL, 0, "3 /0");
	assert_int_equal(b.f->sets.n, 0); /* plain again */
	assert_int_equal(timers_next(&b.env.timers), TIME_NEVER);

	/* A lifetime is renewed, cut, taken away and given; that is no new generation. */
	l.life = 2000;
	assert_int_equal(add(&b, l), 0);
	gen = fib_generation(b.f);
	l.life = 5000;
	assert_int_equal(add(&b, l), 0);
	expect_walk(&b, 0, "254 ::/0 dev 3\n254 ::/0 dev 1 until 5000\n");
	l.life = 3000;
	assert_int_equal(add(&b, l), 0);
	assert_int_equal(timers_next(&b.env.timers), 3000);
	l.life = 0;
	assert_int_equal(add(&b, l), 0);
	assert_int_equal(timers_next(&b.env.timers), TIME_NEVER);
	assert_int_equal(fib_generation(b.f), gen);
	assert_int_equal(del(&b, (struct line){ .ifindex = 3 }), 0);
	assert_int_equal(b.f->sets.n, 0);
	gen = fib_generation(b.f);
	l.life = 4000;
	assert_int_equal(add(&b, l), 0);
	assert_int_equal(fib_generation(b.f), gen);
	bed_run_until(&b, 3999);
	expect(&b, "::1", NULL, 0, "1 /0");
	bed_run_until(&b, 4000);
	expect(&b, "::1", NULL, 0, "unreachable");
	assert_int_equal(fib_count(b.f), 0);

	/* Over before it began: gone when timers are run. */
	l.life = 10;
	assert_int_equal(add(&b, l), 0);
	assert_int_equal(timers_next(&b.env.timers), 4000);
	bed_run_until(&b, 4000);
	assert_int_equal(fib_count(b.f), 0);
	assert_int_equal(b.f->vias.n, 0);
	/* And one that is deleted leaves no timer. */
	l.life = 9000;
	assert_int_equal(add(&b, l), 0);
	assert_int_equal(del(&b, l), 0);
	assert_int_equal(timers_next(&b.env.timers), TIME_NEVER);
	bed_done(&b);
}

static void flush_takes_an_interface(void **state)
{
	/* clang-format off */
	static const struct line lines[] = {
		{ .ifindex = 1, .proto = ROUTE_PROTO_RA, .life = 100 },
		{ .ifindex = 2, .proto = ROUTE_PROTO_RA },
		{ .dst = "2001:db8::/32", .ifindex = 1 },
		{ .dst = "2001:db8:1::/48", .ifindex = 1, .proto = ROUTE_PROTO_RA },
		{ .dst = "2001:db8:2::/48", .src = "2001:db8::/32", .ifindex = 1 },
		{ .dst = "2001:db8:2::/48", .src = "2001:db8::/33", .ifindex = 3 },
		{ .dst = "2001:db8:3::/48", .type = ROUTE_PROHIBIT },
		{ .table = 10, .ifindex = 1 },
		{ .table = 11, .ifindex = 1, .proto = ROUTE_PROTO_RA },
	};
	/* clang-format on */
	uint32_t gen;
	struct bed b;

	(void)state;
	bed_init(&b);
	for (unsigned i = 0; i < ARRAY_LEN(lines); i++)
		assert_int_equal(add(&b, lines[i]), 0);
	gen = fib_generation(b.f);
	fib_flush_if(b.f, 9);
	fib_flush_proto(b.f, 3, ROUTE_PROTO_RA);
	assert_int_equal(fib_count(b.f), ARRAY_LEN(lines));
	assert_int_equal(fib_generation(b.f), gen);
	fib_flush_proto(b.f, 1, ROUTE_PROTO_RA);
	fib_check(b.f);
	assert_int_not_equal(fib_generation(b.f), gen);
	expect_walk(&b, 0,
		    "10 ::/0 dev 1\n"
		    "254 ::/0 dev 2\n"
		    "254 2001:db8::/32 dev 1\n"
		    "254 2001:db8:2::/48 from 2001:db8::/33 dev 3\n"
		    "254 2001:db8:2::/48 from 2001:db8::/32 dev 1\n"
		    "254 2001:db8:3::/48 dev 0\n");
	fib_flush_if(b.f, 1);
	fib_check(b.f);
	expect_walk(&b, 0,
		    "254 ::/0 dev 2\n"
		    "254 2001:db8:2::/48 from 2001:db8::/33 dev 3\n"
		    "254 2001:db8:3::/48 dev 0\n");
	assert_int_equal(b.f->tables.n, 1);
	bed_done(&b);
}

static int stop_at_second(void *ctx, const struct route *r)
{
	unsigned *n = ctx;

	(void)r;
	return ++*n == 2 ? 7 : 0;
}

static void walk_is_in_order(void **state)
{
	/* clang-format off */
	static const struct line lines[] = {
		{ .table = 300, .ifindex = 6 },
		{ .dst = "2001:db8::/48", .ifindex = 5, .metric = 9 },
		{ .dst = "2001:db8::/48", .ifindex = 4, .metric = 8, .life = 77 },
		{ .dst = "2001:db8::/32", .ifindex = 3 },
		{ .dst = "::/0", .ifindex = 2 },
		{ .table = 1, .dst = "ff00::/8", .ifindex = 1 },
	};
	/* clang-format on */
	unsigned n = 0;
	struct bed b;

	(void)state;
	bed_init(&b);
	for (unsigned i = 0; i < ARRAY_LEN(lines); i++)
		assert_int_equal(add(&b, lines[i]), 0);
	expect_walk(&b, 0,
		    "1 ff00::/8 dev 1\n"
		    "254 ::/0 dev 2\n"
		    "254 2001:db8::/32 dev 3\n"
		    "254 2001:db8::/48 dev 4 until 77\n"
		    "254 2001:db8::/48 dev 5\n"
		    "300 ::/0 dev 6\n");
	expect_walk(&b, 300, "300 ::/0 dev 6\n");
	expect_walk(&b, 2, "");
	assert_int_equal(fib_walk(b.f, 0, stop_at_second, &n), 7);
	assert_int_equal(n, 2);
	n = 1;
	assert_int_equal(fib_walk(b.f, 0, stop_at_second, &n), 7);
	n = 1;
	assert_int_equal(fib_walk(b.f, 300, stop_at_second, &n), 7);
	bed_done(&b);
}

static void limits_hold(void **state)
{
	const struct fib_conf conf = { .max_routes = 3, .max_tables = 2, .max_rules = 2 };
	static const struct rule r = { .priority = 5, .table = 7, .suppress_len = -1 };
	struct bed b;

	(void)state;
	bed_init_conf(&b, &conf);
	assert_int_equal(fib_rule_add(b.f, &r), -ENOSPC);
	assert_int_equal(add(&b, (struct line){ .ifindex = 1 }), 0);
	assert_int_equal(add(&b, (struct line){ .table = 10, .ifindex = 1 }), 0);
	assert_int_equal(add(&b, (struct line){ .table = 11, .ifindex = 1 }), -ENOSPC);
	assert_int_equal(add(&b, (struct line){ .ifindex = 2 }), 0);
	/* a new prefix, a prefix with a set, a plain one; with a lifetime, with a source */
	assert_int_equal(add(&b, (struct line){ .dst = "::/1", .ifindex = 1 }), -ENOSPC);
	assert_int_equal(add(&b, (struct line){ .dst = "::/1", .ifindex = 9, .life = 9 }), -ENOSPC);
	assert_int_equal(add(&b, (struct line){ .ifindex = 3 }), -ENOSPC);
	assert_int_equal(add(&b, (struct line){ .table = 10, .ifindex = 3 }), -ENOSPC);
	assert_int_equal(add(&b, (struct line){ .table = 10, .src = "::/1", .ifindex = 1 }),
			 -ENOSPC);
	expect_walk(&b, 0, "10 ::/0 dev 1\n254 ::/0 dev 1\n254 ::/0 dev 2\n");
	assert_int_equal(b.f->vias.n, 2);
	/* replacing is no more */
	assert_int_equal(add(&b, (struct line){ .ifindex = 1, .pref = 1 }), 0);
	assert_int_equal(add(&b, (struct line){ .ifindex = 1, .life = 9 }), 0);
	assert_int_equal(add(&b, (struct line){ .table = 10, .ifindex = 1, .pref = 1 }), 0);
	assert_int_equal(add(&b, (struct line){ .table = 10, .ifindex = 1, .life = 9 }), 0);
	assert_int_equal(del(&b, (struct line){ .table = 10 }), 0);
	assert_int_equal(add(&b, (struct line){ .table = 11, .ifindex = 1 }), 0);
	bed_done(&b);
}

static void plain_batch_answers(void **state)
{
	struct ip6_addr a[3] = { addr("2001:db8::1"), addr("2001:db8:1::1"), addr("fd00::1") };
	const struct ip6_addr *dst[3] = { &a[0], &a[1], &a[2] };
	uint32_t value[3] = { 9, 9, 9 };
	struct bed b;

	(void)state;
	bed_init(&b);
	fib_plain_batch(b.f, dst, value, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_null(fib_plain_via(b.f, value[i]));
	assert_int_equal(add(&b, (struct line){ .dst = "2001:db8::/32", .ifindex = 1 }), 0);
	assert_int_equal(add(&b, (struct line){ .dst = "2001:db8:1::/48", .ifindex = 2 }), 0);
	assert_int_equal(add(&b, (struct line){ .dst = "fd00::/8", .type = ROUTE_PROHIBIT }), 0);
	fib_plain_batch(b.f, dst, value, 3);
	assert_int_equal(fib_plain_via(b.f, value[0])->ifindex, 1);
	assert_int_equal(fib_plain_via(b.f, value[1])->ifindex, 2);
	assert_int_not_equal(value[2], 0);
	assert_null(fib_plain_via(b.f, value[2]));
	assert_int_equal(add(&b, (struct line){ .dst = "2001:db8:1::/48", .ifindex = 3 }), 0);
	fib_plain_batch(b.f, dst, value, 3);
	assert_null(fib_plain_via(b.f, value[1]));
	assert_int_equal(del(&b, (struct line){ .dst = "2001:db8:1::/48", .ifindex = 2 }), 0);
	fib_plain_batch(b.f, dst, value, 3);
	assert_int_equal(fib_plain_via(b.f, value[1])->ifindex, 3);
	bed_done(&b);
}

/* A small node pays little; a million simple routes cost what their table costs. */
static void memory_is_small(void **state)
{
	struct route r = route_of(&(struct line){ .ifindex = 1, .gateway = "fe80::1" });
	struct bed b;

	(void)state;
	bed_init(&b);
	assert_int_equal(add(&b, (struct line){ .ifindex = 1, .gateway = "fe80::1", .life = 9 }),
			 0);
	assert_int_equal(add(&b, (struct line){ .dst = "2001:db8::/64", .ifindex = 1 }), 0);
	assert_int_equal(add(&b, (struct line){ .dst = "fe80::/64", .ifindex = 1 }), 0);
	assert_int_equal(add(&b, (struct line){ .dst = "fd00::/64", .ifindex = 1 }), 0);
	assert_int_equal(add(&b, (struct line){ .dst = "2001:db8:1::/48", .ifindex = 2 }), 0);
	assert_true(fib_octets(b.f) < 3 * 1024);

	r.dst_len = 48;
	for (uint32_t i = 0; i < 20000; i++) {
		put_be32(r.dst.b, 0x20010000 + i);
		r.via.gateway.b[15] = (uint8_t)(2 + i % 8);
		assert_int_equal(fib_add(b.f, &r), 0);
	}
	assert_int_equal(fib_count(b.f), 20005);
	assert_int_equal(b.f->sets.n, 1);
	assert_true(fib_octets(b.f) - lpm_octets(b.f->tables.main) < 3 * 1024);
	bed_done(&b);
}

static void many_vias_are_kept_apart(void **state)
{
	struct line l = { .ifindex = 1 };
	char dst[32];
	struct bed b;

	(void)state;
	bed_init(&b);
	for (unsigned round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 500; i++) {
			snprintf(dst, sizeof(dst), "2001:db8:%x::/48", i);
			l.dst = dst;
			l.metric = i / 2 + 1;
			assert_int_equal(add(&b, l), 0);
		}
		assert_int_equal(b.f->vias.n, 250);
		for (uint32_t i = 0; i < 500; i++) {
			snprintf(dst, sizeof(dst), "2001:db8:%x::/48", i);
			l.dst = dst;
			l.metric = i / 2 + 2;
			assert_int_equal(del(&b, l), -ESRCH);
			l.metric = i / 2 + 1;
			assert_int_equal(del(&b, l), 0);
		}
		assert_int_equal(b.f->vias.n, 0);
		assert_int_equal(b.f->vias.size, 256); /* indices are used again */
	}
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookup_takes_destination_then_source),
		cmocka_unit_test(choices_come_best_first),
		cmocka_unit_test(choices_are_cut_at_the_limit),
		cmocka_unit_test(bad_routes_are_refused),
		cmocka_unit_test(add_replaces_what_is_the_same),
		cmocka_unit_test(delete_takes_what_agrees),
		cmocka_unit_test(lifetimes_end_exactly),
		cmocka_unit_test(flush_takes_an_interface),
		cmocka_unit_test(walk_is_in_order),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(plain_batch_answers),
		cmocka_unit_test(memory_is_small),
		cmocka_unit_test(many_vias_are_kept_apart),
	};

	return cmocka_run_group_tests_name("fib", tests, NULL, NULL);
}
