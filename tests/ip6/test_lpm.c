/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Longest-prefix match (ip6/lpm.h): the cases one thinks of, then random tables against a plain
 * list of prefixes, on key spaces so small that prefixes nest, split and merge all the time.
 */
#include "ip6/lpm.h"
#include "ip6/lpm_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct rng {
	uint64_t s;
};

static uint64_t rnd(struct rng *r)
{
	uint64_t z = (r->s += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned below(struct rng *r, unsigned n)
{
	assert_int_not_equal(n, 0);
	return (unsigned)(rnd(r) % n);
}

static struct ip6_addr addr_of(uint64_t hi, uint64_t lo)
{
	struct ip6_addr a;

	put_be64(a.b, hi);
	put_be64(a.b + 8, lo);
	return a;
}

/* The model: prefixes in no order, at most one of each. */
struct model {
	struct lpm_cursor *p; /* begun is not used */
	unsigned n, room;
};

static struct lpm_cursor *model_find(struct model *m, const struct ip6_addr *a, unsigned len)
{
	unsigned i;

	for (i = 0; i < m->n; i++)
		if (m->p[i].len == len && ip6_eq(&m->p[i].addr, a))
			return &m->p[i];
	return NULL;
}

static void model_add(struct model *m, const struct ip6_addr *a, unsigned len, uint32_t value)
{
	if (m->n == m->room) {
		m->room = m->room * 2 + 16;
		m->p = realloc(m->p, m->room * sizeof(*m->p));
		assert_non_null(m->p);
	}
	m->p[m->n++] = (struct lpm_cursor){ *a, len, value, true };
}

static uint32_t model_lookup(const struct model *m, const struct ip6_addr *a, unsigned max,
			     unsigned *len)
{
	uint32_t value = 0;
	unsigned i, best = 0;

	for (i = 0; i < m->n; i++) {
		if (m->p[i].len >= max || (value != 0 && m->p[i].len <= best) ||
		    !ip6_in_prefix(a, &m->p[i].addr, m->p[i].len))
			continue;
		best = m->p[i].len;
		value = m->p[i].value;
	}
	if (value != 0)
		*len = best;
	return value;
}

static int by_order(const void *a, const void *b)
{
	const struct lpm_cursor *x = a, *y = b;
	int d = ip6_cmp(&x->addr, &y->addr);

	return d != 0 ? d : (int)x->len - (int)y->len;
}

/* The walk gives exactly the model, in order. Sorts the model. */
static void check_walk(const struct lpm *t, struct model *m)
{
	struct lpm_cursor c = { .begun = false };
	unsigned i;

	if (m->n > 0)
		qsort(m->p, m->n, sizeof(*m->p), by_order);
	for (i = 0; i < m->n; i++) {
		assert_true(lpm_next(t, &c));
		assert_int_equal(by_order(&c, &m->p[i]), 0);
		assert_int_equal(c.value, m->p[i].value);
	}
	assert_false(lpm_next(t, &c));
	assert_int_equal(lpm_count(t), m->n);
	lpm_check(t);
}

/* Every copy of the lookups that this processor can run; @want has @n results. */
static void check_copies(struct lpm *t, const struct ip6_addr *dst, const uint32_t *want,
			 unsigned n)
{
	const enum lpm_cpu best = t->cpu;
	const struct ip6_addr *at[LPM_BATCH_MAX];
	uint32_t got[LPM_BATCH_MAX];
	unsigned i;

	for (i = 0; i < n; i++)
		at[i] = &dst[i];
	for (t->cpu = LPM_CPU_ANY;; t->cpu++) {
		memset(got, 0xaa, sizeof(got));
		lpm_lookup_batch(t, at, got, n);
		for (i = 0; i < n; i++) {
			assert_int_equal(got[i], want[i]);
			assert_int_equal(lpm_lookup(t, &dst[i]), want[i]);
		}
		for (; i < LPM_BATCH_MAX; i++)
			assert_int_equal(got[i], 0xaaaaaaaa);
		if (t->cpu == best)
			break;
	}
}

static void check_lookups(struct lpm *t, const struct model *m, const struct ip6_addr *dst,
			  unsigned n, struct rng *r)
{
	uint32_t all[LPM_BATCH_MAX];
	unsigned i, max, len, want_len;

	for (i = 0; i < n; i++)
		all[i] = model_lookup(m, &dst[i], 129, &want_len);
	check_copies(t, dst, all, n);
	for (i = 0; i < n; i++) {
		uint32_t want, v;

		for (max = 129;; max = len) { /* down to the least specific */
			len = want_len = 999;
			want = model_lookup(m, &dst[i], max, &want_len);
			v = lpm_lookup_shorter(t, &dst[i], max, &len);
			assert_int_equal(v, want);
			assert_int_equal(len, want_len);
			if (v == 0)
				break;
		}
		max = below(r, 130);
		len = want_len = 999;
		want = model_lookup(m, &dst[i], max, &want_len);
		assert_int_equal(lpm_lookup_shorter(t, &dst[i], max, &len), want);
		assert_int_equal(len, want_len);
	}
}

/* How random prefixes look. */
struct space {
	const char *name;
	unsigned octets[4]; /* values that an octet may have: few, so that prefixes nest */
	unsigned used;	    /* octets that vary; the rest are 0 */
	unsigned len_min, len_max;
	unsigned prefixes; /* the table hovers about this size */
	unsigned ops;
};

static const struct space spaces[] = {
	{ "every length, two octets", { 0x00, 0xff, 0x80, 0x01 }, 16, 0, 128, 120, 60000 },
	{ "dense and short", { 0x00, 0x20, 0xa0, 0x3f }, 3, 0, 20, 150, 60000 },
	{ "about the middle", { 0x00, 0x20, 0x20, 0x20 }, 9, 56, 72, 200, 60000 },
	{ "end of the address", { 0x55, 0x55, 0x55, 0x54 }, 16, 118, 128, 150, 60000 },
	{ "like the Internet", { 0x20, 0x01, 0x24, 0x2a }, 6, 20, 48, 300, 60000 },
	{ "hardly anything", { 0x20, 0x01, 0xfe, 0x80 }, 16, 0, 128, 4, 60000 },
	{ "one path", { 0x00, 0x00, 0x00, 0x00 }, 16, 0, 128, 60, 30000 },
};

static struct ip6_addr space_addr(const struct space *s, struct rng *r)
{
	struct ip6_addr a = IP6_UNSPEC;
	unsigned i;

	for (i = 0; i < s->used; i++)
		a.b[i] = (uint8_t)s->octets[below(r, 4)];
	if (below(r, 3) == 0)
		a.b[below(r, s->used)] ^= (uint8_t)(1u << below(r, 8));
	return a;
}

/* Set (@adding) or delete a random prefix, in table and model alike. */
static void random_change(struct lpm *t, struct model *m, const struct space *s, struct rng *r,
			  bool adding)
{
	unsigned len = s->len_min + below(r, s->len_max - s->len_min + 1);
	struct ip6_addr a = space_addr(s, r), p = ip6_prefix(&a, len);
	struct lpm_cursor *had = model_find(m, &p, len);
	uint32_t value = (uint32_t)rnd(r) | 1;

	if (!adding && had == NULL && m->n > 0 && below(r, 4) != 0) {
		had = &m->p[below(r, m->n)];
		p = a = had->addr;
		len = had->len;
	}
	assert_int_equal(lpm_get(t, &a, len), had != NULL ? had->value : 0);
	if (adding) {
		assert_int_equal(lpm_set(t, &a, len, value), 0);
		if (had != NULL)
			had->value = value;
		else
			model_add(m, &p, len, value);
	} else {
		assert_int_equal(lpm_del(t, &a, len), had != NULL ? 0 : -ENOENT);
		if (had != NULL)
			*had = m->p[--m->n];
	}
	assert_int_equal(lpm_get(t, &p, len), adding ? value : 0);
}

static void test_random(void **state)
{
	unsigned i, j, op;

	(void)state;
	for (i = 0; i < ARRAY_LEN(spaces); i++) {
		const struct space *s = &spaces[i];
		struct rng r = { 1000 + i };
		struct model m = { NULL, 0, 0 };
		struct lpm *t = lpm_new(UINT32_MAX);
		struct ip6_addr dst[LPM_BATCH_MAX];

		assert_non_null(t);
		for (op = 0; op < s->ops; op++) {
			unsigned grow = op / 5000 % 2 == 0 ? 70 : 40;

			random_change(t, &m, s, &r, below(&r, 100) < grow && m.n < s->prefixes);
			if (op % 50 == 0) {
				unsigned n = below(&r, op % 500 == 0 ? LPM_BATCH_MAX + 1 : 12);

				for (j = 0; j < n; j++)
					dst[j] = space_addr(s, &r);
				check_lookups(t, &m, dst, n, &r);
			}
			if (op % 1000 == 0)
				check_walk(t, &m);
		}
		check_walk(t, &m);
		while (m.n > 0)
			random_change(t, &m, s, &r, false);
		check_walk(t, &m);
		assert_int_equal(t->pool.top, 1); /* every unit came back */
		lpm_free(t);
		free(m.p);
	}
}

/* Prefixes as in a table of @n routes; deterministic, and the same for the same @i. */
static struct ip6_addr nth_prefix(uint32_t i, unsigned *len)
{
	static const uint8_t lens[] = { 48, 48, 48,  32, 44, 40, 36, 29,
					47, 64, 128, 24, 19, 48, 46, 12 };
	struct rng r = { i };
	uint64_t a = rnd(&r), b = rnd(&r);
	struct ip6_addr x = addr_of(UINT64_C(0x2000000000000000) | (a & 0x1f3f0fffffff0000), b);

	*len = lens[i % ARRAY_LEN(lens)];
	return ip6_prefix(&x, *len);
}

/* Through the sizes where directories come and go, and back; no model but the prefixes. */
static void test_large(void **state)
{
	const uint32_t n = 800000;
	struct lpm *t = lpm_new(n);
	struct lpm_cursor c = { .begun = false }, last = c;
	struct ip6_addr a;
	uint32_t i, count = 0, steps = 0;
	unsigned len;

	(void)state;
	for (i = 1; i <= n; i++) {
		a = nth_prefix(i, &len);
		count += lpm_get(t, &a, len) == 0;
		assert_int_equal(lpm_set(t, &a, len, i), 0);
		assert_int_equal(lpm_get(t, &a, len), i);
		if ((i & (i - 1)) == 0 && i > 4096)
			lpm_check(t);
	}
	assert_int_equal(lpm_count(t), count);
	assert_true(count > 524288 && t->dir_bits == 19);
	assert_true(lpm_octets(t) < (size_t)count * 64);
	lpm_check(t);
	for (; lpm_next(t, &c); last = c, steps++)
		assert_true(!last.begun || by_order(&last, &c) < 0);
	assert_int_equal(steps, count);
	for (i = 1; i <= n; i++) {
		a = nth_prefix(i, &len);
		count -= lpm_del(t, &a, len) == 0;
		if ((count & (count - 1)) == 0 && count > 100)
			lpm_check(t);
	}
	assert_int_equal(count, 0);
	assert_int_equal(lpm_count(t), 0);
	assert_true(t->dir_bits == 0 && lpm_octets(t) < 2048);
	lpm_check(t);
	lpm_free(t);
}

/* A table with a directory against the model: short prefixes come and go above long ones. */
static void test_directory(void **state)
{
	const struct space s = { "short", { 0x20, 0x24, 0x00, 0x26 }, 3, 0, 20, 12000, 0 };
	struct lpm *t = lpm_new(UINT32_MAX);
	struct model m = { NULL, 0, 0 };
	struct rng r = { 7 };
	struct ip6_addr dst[LPM_BATCH_MAX];
	unsigned i, j, len;

	(void)state;
	for (i = 0; m.n < 8300; i++) {
		struct ip6_addr a = nth_prefix(i, &len);

		if (lpm_get(t, &a, len) == 0)
			model_add(&m, &a, len, i + 1);
		else
			model_find(&m, &a, len)->value = i + 1;
		assert_int_equal(lpm_set(t, &a, len, i + 1), 0);
	}
	assert_int_equal(t->dir_bits, 13);
	for (i = 0; i < 2000; i++) {
		random_change(t, &m, &s, &r, below(&r, 2) == 0);
		if (i % 20 == 0) {
			for (j = 0; j < 4; j++)
				dst[j] = space_addr(&s, &r);
			dst[3] = m.p[below(&r, m.n)].addr;
			check_lookups(t, &m, dst, 4, &r);
		}
		if (i % 500 == 0)
			check_walk(t, &m);
	}
	check_walk(t, &m);
	lpm_free(t);
	free(m.p);
}

struct route {
	const char *prefix;
	uint32_t value;
};

static const struct route routes[] = {
	{ "::/0", 1 },
	{ "2000::/3", 2 },
	{ "2001:db8::/32", 3 },
	{ "2001:db8:1::/48", 4 },
	{ "2001:db8:1:2::/64", 5 },
	{ "2001:db8:1:2::/65", 6 },
	{ "2001:db8:1:2::1/128", 7 },
	{ "fe80::/10", 8 },
	{ "fe80::/64", 9 },
	{ "ff00::/8", 10 },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 11 },
	{ "8000::/1", 12 },
	{ "::1/128", 13 },
	{ "::/127", 14 },
};

static const struct {
	const char *dst;
	uint32_t value;
	unsigned len;
} answers[] = {
	{ "2001:db8:1:2::1", 7, 128 },
	{ "2001:db8:1:2::2", 6, 65 },
	{ "2001:db8:1:2:8000::", 5, 64 },
	{ "2001:db8:1:3::1", 4, 48 },
	{ "2001:db8:2::1", 3, 32 },
	{ "2001:db9::", 2, 3 },
	{ "3fff:ffff::", 2, 3 },
	{ "4000::", 1, 0 },
	{ "::", 14, 127 },
	{ "::1", 13, 128 },
	{ "::2", 1, 0 },
	{ "fe80::1", 9, 64 },
	{ "fe80:0:0:1::1", 8, 10 },
	{ "fec0::", 12, 1 },
	{ "ff02::1", 10, 8 },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 11, 128 },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 10, 8 },
};

static void test_cases(void **state)
{
	struct lpm *t = lpm_new(100);
	struct ip6_addr a;
	unsigned i, len;

	(void)state;
	assert_true(lpm_octets(t) <= 1024);
	for (i = 0; i < ARRAY_LEN(routes); i++) {
		assert_int_equal(ip6_parse_prefix(routes[i].prefix, &a, &len), 0);
		assert_int_equal(lpm_set(t, &a, len, routes[i].value), 0);
		if (i == 5)
			assert_true(lpm_octets(t) <= 1024);
	}
	for (i = 0; i < ARRAY_LEN(answers); i++) {
		const struct ip6_addr *dst = &a;
		uint32_t v;

		assert_int_equal(ip6_parse(answers[i].dst, &a), 0);
		assert_int_equal(lpm_lookup(t, &a), answers[i].value);
		lpm_lookup_batch(t, &dst, &v, 1);
		assert_int_equal(v, answers[i].value);
		assert_int_equal(lpm_lookup_shorter(t, &a, 129, &len), answers[i].value);
		assert_int_equal(len, answers[i].len);
	}
	lpm_lookup_batch(t, NULL, NULL, 0);
	lpm_check(t);
	lpm_free(t);
}

static void test_replace_delete(void **state)
{
	struct lpm *t = lpm_new(100);
	struct ip6_addr a;
	unsigned len;

	(void)state;
	for (len = 0; len <= 128; len += 16) {
		assert_int_equal(ip6_parse("2001:db8:1:2:3:4:5:6", &a), 0);
		assert_int_equal(lpm_del(t, &a, len), -ENOENT);
		assert_int_equal(lpm_set(t, &a, len, 1 + len), 0);
		assert_int_equal(lpm_set(t, &a, len, 2 + len), 0);
		assert_int_equal(lpm_get(t, &a, len), 2 + len);
		assert_int_equal(lpm_lookup(t, &a), 2 + len);
		assert_int_equal(lpm_count(t), 1 + len / 16);
	}
	for (len = 128;; len -= 16) {
		assert_int_equal(lpm_lookup(t, &a), 2 + len);
		assert_int_equal(lpm_del(t, &a, len), 0);
		assert_int_equal(lpm_del(t, &a, len), -ENOENT);
		if (len == 0)
			break;
	}
	assert_int_equal(lpm_lookup(t, &a), 0);
	assert_int_equal(lpm_count(t), 0);
	lpm_check(t);
	lpm_free(t);
	lpm_free(NULL);
}

static void test_limit(void **state)
{
	struct lpm *t = lpm_new(10);
	struct ip6_addr a = IP6_UNSPEC;
	unsigned i;

	(void)state;
	for (i = 0; i < 10; i++) {
		a.b[15] = (uint8_t)i;
		assert_int_equal(lpm_set(t, &a, 128, i + 1), 0);
	}
	a.b[15] = 10;
	assert_int_equal(lpm_set(t, &a, 128, 99), -ENOSPC);
	assert_int_equal(lpm_set(t, &a, 0, 99), -ENOSPC);
	assert_int_equal(lpm_lookup(t, &a), 0);
	for (i = 0; i < 10; i++) {
		a.b[15] = (uint8_t)i;
		assert_int_equal(lpm_lookup(t, &a), i + 1);
		assert_int_equal(lpm_set(t, &a, 128, i + 2), 0); /* full, but replaced */
	}
	assert_int_equal(lpm_del(t, &a, 128), 0);
	assert_int_equal(lpm_set(t, &a, 0, 99), 0);
	assert_int_equal(lpm_count(t), 10);
	lpm_check(t);
	lpm_free(t);
}

/* The cursor survives the loss of what it is at. */
static void test_walk_and_delete(void **state)
{
	struct lpm *t = lpm_new(UINT32_MAX);
	struct lpm_cursor c = { .begun = false };
	uint32_t i, n;
	unsigned len;

	(void)state;
	for (i = 0; i < 3000; i++) {
		struct ip6_addr a = nth_prefix(i, &len);

		assert_int_equal(lpm_set(t, &a, len, i + 1), 0);
	}
	for (n = lpm_count(t); lpm_next(t, &c); n--)
		assert_int_equal(lpm_del(t, &c.addr, c.len), 0);
	assert_int_equal(n, 0);
	assert_int_equal(lpm_count(t), 0);
	lpm_free(t);
}

/* No memory at any moment: the call fails and nothing has changed. */
static void test_no_memory(void **state)
{
	const struct space *s = &spaces[0];
	struct lpm *t = lpm_new(UINT32_MAX);
	struct model m = { NULL, 0, 0 };
	struct rng r = { 42 };
	unsigned i, failed = 0;

	(void)state;
	for (i = 0; i < 60000; i++) {
		unsigned len = below(&r, 129);
		struct ip6_addr a = space_addr(s, &r), p = ip6_prefix(&a, len);
		struct lpm_cursor *had = model_find(&m, &p, len);
		int e;

		if (i % 5 < 2) {
			if (m.n > 0)
				random_change(t, &m, s, &r, false);
			continue;
		}
		t->pool.size_max = t->pool.top + below(&r, 3);
		e = lpm_set(t, &a, len, i + 1);
		if (e == 0 && had != NULL)
			had->value = i + 1;
		else if (e == 0)
			model_add(&m, &p, len, i + 1);
		else
			assert_int_equal(e, -ENOMEM);
		failed += e < 0;
		if (i % 10 == 0)
			lpm_check(t);
		if (i % 100 == 0)
			check_walk(t, &m);
	}
	assert_true(failed > 100);
	check_walk(t, &m);
	lpm_free(t);
	free(m.p);
}

/* No memory for the directory: the table works without, and gets one when it has doubled. */
static void test_no_directory(void **state)
{
	uint32_t more, i;
	unsigned len;

	(void)state;
	for (more = 0; more < 1500; more += 50) {
		struct lpm *t = lpm_new(UINT32_MAX);
		struct ip6_addr a;
		bool had = false;

		for (i = 0; lpm_count(t) < 4096; i++) {
			bool eve = lpm_count(t) == 2047;

			if (eve)
				t->pool.size_max = t->pool.top + 4 + more;
			a = nth_prefix(i, &len);
			assert_int_equal(lpm_set(t, &a, len, i + 1), 0);
			t->pool.size_max = UINT32_MAX / 2;
			if (eve && lpm_count(t) == 2048) {
				had = t->dir_bits != 0;
				lpm_check(t);
			}
		}
		assert_int_equal(t->dir_bits, 13);
		assert_true(more > 0 || !had);
		lpm_check(t);
		lpm_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),	  cmocka_unit_test(test_replace_delete),
		cmocka_unit_test(test_limit),	  cmocka_unit_test(test_walk_and_delete),
		cmocka_unit_test(test_no_memory), cmocka_unit_test(test_no_directory),
		cmocka_unit_test(test_random),	  cmocka_unit_test(test_directory),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests_name("ip6/lpm", tests, NULL, NULL);
}
