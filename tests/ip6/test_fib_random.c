/* SPDX-License-Identifier: BSD-3-Clause */
/* A fib against a list of routes, searched from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ip6/fib.h"

#define ROUTES_MAX 150
#define RULES_MAX  8

struct mroute {
	struct route r;
	uint64_t order; /* of coming */
};

struct model {
	struct mroute route[ROUTES_MAX];
	unsigned n;
	uint64_t order;
	struct rule rule[RULES_MAX];
	unsigned nrules;
};

/* Routes of a model or a walk, in order. */
struct listing {
	struct route r[ROUTES_MAX + 1];
	unsigned n;
};

static bool route_alike(const struct route *a, const struct route *b)
{
	return a->table == b->table && a->dst_len == b->dst_len && a->src_len == b->src_len &&
	       ip6_eq(&a->dst, &b->dst) && ip6_eq(&a->src, &b->src);
}

static int model_add(struct model *m, const struct route *r)
{
	bool same = false;
	unsigned i;

	for (i = 0; i < m->n; i++) {
		const struct via *v = &m->route[i].r.via;

		if (route_alike(&m->route[i].r, r) && v->metric == r->via.metric &&
		    v->ifindex == r->via.ifindex && ip6_eq(&v->gateway, &r->via.gateway))
			break;
	}
	if (i == ROUTES_MAX)
		return -ENOSPC;
	if (i == m->n)
		m->n++;
	else
		same = memcmp(&m->route[i].r.via, &r->via, sizeof(r->via)) == 0;
	if (!same)
		m->route[i].order = m->order++;
	m->route[i].r = *r;
	return 0;
}

static void model_drop(struct model *m, unsigned i)
{
	m->route[i] = m->route[--m->n];
}

static int model_del(struct model *m, const struct route *r)
{
	unsigned before = m->n;

	for (unsigned i = m->n; i-- > 0;) {
		const struct via *v = &m->route[i].r.via, *w = &r->via;

		if (route_alike(&m->route[i].r, r) &&
		    (w->ifindex == 0 || w->ifindex == v->ifindex) &&
		    (ip6_is_unspec(&w->gateway) || ip6_eq(&w->gateway, &v->gateway)) &&
		    (w->metric == 0 || w->metric == v->metric) &&
		    (w->proto == 0 || w->proto == v->proto) && (w->type == 0 || w->type == v->type))
			model_drop(m, i);
	}
	return m->n < before ? 0 : -ESRCH;
}

static void model_flush(struct model *m, uint32_t ifindex, unsigned proto)
{
	for (unsigned i = m->n; i-- > 0;)
		if (m->route[i].r.via.ifindex == ifindex &&
		    (proto == 0 || m->route[i].r.via.proto == proto))
			model_drop(m, i);
}

static void model_expire(struct model *m, time_ns now)
{
	for (unsigned i = m->n; i-- > 0;)
		if (m->route[i].r.expires <= now)
			model_drop(m, i);
}

#define BY(a, b)                                                                                   \
	do {                                                                                       \
		if ((a) != (b))                                                                    \
			return (a) < (b) ? -1 : 1;                                                 \
	} while (0)

/* The order of a walk. */
static int mroute_cmp(const void *x, const void *y)
{
	const struct mroute *a = x, *b = y;
	int c;

	BY(a->r.table, b->r.table);
	c = ip6_cmp(&a->r.dst, &b->r.dst);
	BY(c, 0);
	BY(a->r.dst_len, b->r.dst_len);
	BY(b->r.src_len, a->r.src_len);
	c = ip6_cmp(&a->r.src, &b->r.src);
	BY(c, 0);
	BY(a->r.via.metric, b->r.via.metric);
	BY(b->r.via.pref, a->r.via.pref);
	BY(a->order, b->order);
	return 0;
}

static bool model_usable(const struct route *r, uint32_t oif)
{
	return r->via.type != ROUTE_UNICAST || oif == 0 || r->via.ifindex == oif;
}

/* Is @a the better answer of a table to a key with or without a source? */
static bool model_better(const struct mroute *a, const struct mroute *b, bool any_src)
{
	if (a->r.dst_len != b->r.dst_len)
		return a->r.dst_len > b->r.dst_len;
	if (a->r.src_len != b->r.src_len)
		return (a->r.src_len > b->r.src_len) != any_src;
	return mroute_cmp(a, b) < 0;
}

/* As text: the verdict, or length and vias. Sorted first. */
static bool model_table(const struct model *m, const struct rule *rule, const struct fib_key *key,
			char *out, size_t size)
{
	bool any_src = ip6_is_unspec(&key->src);
	const struct mroute *best = NULL;
	size_t n;

	for (unsigned i = 0; i < m->n; i++) {
		const struct mroute *it = &m->route[i];

		if (it->r.table != rule->table ||
		    ip6_common_bits(&it->r.dst, &key->dst) < it->r.dst_len ||
		    (!any_src && ip6_common_bits(&it->r.src, &key->src) < it->r.src_len) ||
		    !model_usable(&it->r, key->oif))
			continue;
		if (best == NULL || model_better(it, best, any_src))
			best = it;
	}
	if (best == NULL || best->r.dst_len <= rule->suppress_len ||
	    best->r.via.type == ROUTE_THROW)
		return false;
	if (best->r.via.type != ROUTE_UNICAST) {
		snprintf(out, size, "type %u", best->r.via.type);
		return true;
	}
	n = (size_t)snprintf(out, size, "/%u", best->r.dst_len);
	for (unsigned i = 0, k = 0; i < m->n && k < FIB_CHOICES_MAX; i++) {
		const struct route *r = &m->route[i].r;

		if (!route_alike(r, &best->r) || !model_usable(r, key->oif))
			continue;
		if (r->via.type != ROUTE_UNICAST)
			break;
		n += (size_t)snprintf(out + n, size - n, " %u.%u.%u.%d", r->via.ifindex,
				      r->via.gateway.b[15], r->via.metric, r->via.pref);
		k++;
	}
	return true;
}

static bool model_rule(const struct rule *r, const struct fib_key *k)
{
	bool yes = true;

	if (r->src_len > 0)
		yes = !ip6_is_unspec(&k->src) && ip6_common_bits(&r->src, &k->src) >= r->src_len;
	yes = yes && ip6_common_bits(&r->dst, &k->dst) >= r->dst_len;
	yes = yes && (r->iif == 0 || r->iif == (k->iif != 0 ? k->iif : 1)); /* 1: loopback */
	yes = yes && (r->oif == 0 || r->oif == k->oif);
	yes = yes && (k->mark & r->mask) == r->mark;
	return r->invert ? !yes : yes;
}

static void model_lookup(const struct model *m, const struct fib_key *key, char *out, size_t size)
{
	for (unsigned i = 0; i < m->nrules; i++) {
		const struct rule *r = &m->rule[i];

		if (!model_rule(r, key))
			continue;
		if (r->type == ROUTE_UNICAST) {
			if (model_table(m, r, key, out, size))
				return;
		} else if (r->type != ROUTE_THROW) {
			snprintf(out, size, "type %u", r->type);
			return;
		}
	}
	snprintf(out, size, "type %u", ROUTE_UNREACHABLE);
}

static void fib_as_text(const struct fib *f, const struct fib_key *key, char *out, size_t size)
{
	struct fib_choices c;
	enum route_type type = fib_lookup(f, key, &c);
	size_t n;

	if (type != ROUTE_UNICAST) {
		snprintf(out, size, "type %u", type);
		return;
	}
	n = (size_t)snprintf(out, size, "/%u", c.dst_len);
	for (unsigned i = 0; i < c.n; i++)
		n += (size_t)snprintf(out + n, size - n, " %u.%u.%u.%d", c.via[i]->ifindex,
				      c.via[i]->gateway.b[15], c.via[i]->metric, c.via[i]->pref);
}

/* Few different prefixes, so that they nest and meet. */
static uint8_t random_prefix(struct rng *g, struct ip6_addr *a)
{
	static const uint8_t lens[] = { 0, 0, 1, 8, 9, 16, 64, 127, 128 };
	uint8_t len = lens[rng_below(g, ARRAY_LEN(lens))];

	*a = IP6_UNSPEC;
	a->b[0] = (uint8_t)(rng_below(g, 2) * 0x80);
	a->b[1] = (uint8_t)(rng_below(g, 2) * 0x80);
	a->b[15] = (uint8_t)rng_below(g, 2);
	*a = ip6_prefix(a, len);
	return len;
}

static struct ip6_addr random_addr(struct rng *g)
{
	struct ip6_addr a;

	random_prefix(g, &a);
	if (rng_below(g, 4) == 0)
		a.b[8] = 1;
	return a;
}

static struct route random_route(struct rng *g, time_ns now, bool for_del)
{
	struct route r = { .table = (uint32_t)rng_between(g, 252, 254), .expires = TIME_NEVER };

	r.dst_len = random_prefix(g, &r.dst);
	if (rng_below(g, 3) == 0)
		r.src_len = random_prefix(g, &r.src);
	if (rng_below(g, 5) == 0)
		r.via.type = (uint8_t)rng_between(g, ROUTE_UNREACHABLE, ROUTE_THROW);
	else
		r.via.ifindex = (uint32_t)rng_between(g, 1, 3);
	if (r.via.type == ROUTE_UNICAST && rng_below(g, 2) == 0)
		r.via.gateway.b[15] = (uint8_t)rng_between(g, 2, 4);
	r.via.metric = (uint32_t)rng_between(g, 1, 2);
	r.via.pref = (int8_t)((int)rng_below(g, 3) - 1);
	r.via.proto = (uint8_t)rng_between(g, 3, 4);
	if (rng_below(g, 4) == 0)
		r.expires = now + rng_below(g, 100);
	if (for_del && rng_below(g, 2) == 0)
		r.via.ifindex = 0;
	if (for_del && rng_below(g, 2) == 0)
		r.via.gateway = IP6_UNSPEC;
	if (for_del && rng_below(g, 2) == 0)
		r.via.metric = 0;
	if (for_del && rng_below(g, 2) == 0)
		r.via.proto = 0;
	return r;
}

static struct rule random_rule(struct rng *g)
{
	struct rule r = { .priority = (uint32_t)rng_between(g, 1, 40000), .suppress_len = -1 };

	r.table = (uint32_t)rng_between(g, 251, 254);
	r.src_len = rng_below(g, 2) == 0 ? random_prefix(g, &r.src) : 0;
	r.dst_len = rng_below(g, 2) == 0 ? random_prefix(g, &r.dst) : 0;
	r.iif = rng_below(g, 4) == 0 ? (uint32_t)rng_between(g, 1, 2) : 0;
	r.oif = rng_below(g, 4) == 0;
	r.mask = rng_below(g, 4) == 0;
	r.mark = r.mask & rng_u32(g);
	r.invert = rng_below(g, 4) == 0;
	if (rng_below(g, 3) == 0)
		r.suppress_len = (int8_t)rng_below(g, 20);
	if (rng_below(g, 6) == 0)
		r.type = (uint8_t)rng_between(g, ROUTE_UNREACHABLE, ROUTE_THROW);
	return r;
}

static int list_route(void *ctx, const struct route *r)
{
	struct listing *l = ctx;

	assert_true(l->n < ROUTES_MAX);
	l->r[l->n++] = *r;
	return 0;
}

static void compare_all(struct model *m, const struct fib *f, struct rng *g)
{
	struct listing l = { .n = 0 };
	char want[512], got[512];

	fib_check(f);
	qsort(m->route, m->n, sizeof(m->route[0]), mroute_cmp);
	assert_int_equal(fib_walk(f, 0, list_route, &l), 0);
	assert_int_equal(l.n, m->n);
	assert_int_equal(fib_count(f), m->n);
	for (unsigned i = 0; i < l.n; i++) {
		assert_true(route_alike(&l.r[i], &m->route[i].r));
		assert_memory_equal(&l.r[i].via, &m->route[i].r.via, sizeof(struct via));
		assert_int_equal(l.r[i].expires, m->route[i].r.expires);
	}
	for (unsigned i = 0; i < 20; i++) {
		struct fib_key key = { .dst = random_addr(g) };

		if (rng_below(g, 3) != 0)
			key.src = random_addr(g);
		key.oif = rng_below(g, 2) == 0 ? (uint32_t)rng_below(g, 5) : 0;
		key.iif = (uint32_t)rng_below(g, 3);
		key.mark = rng_u32(g);
		model_lookup(m, &key, want, sizeof(want));
		fib_as_text(f, &key, got, sizeof(got));
		assert_string_equal(got, want);
	}
}

static void model_rules(struct model *m, const struct fib *f)
{
	const struct rule *r = fib_rules(f, &m->nrules);

	assert_true(m->nrules <= RULES_MAX);
	memcpy(m->rule, r, m->nrules * sizeof(*r));
}

static void step(struct model *m, struct fib *f, struct env *e, struct rng *g, unsigned crowd)
{
	struct timer *t;
	struct route r;
	struct rule rule;
	uint32_t ifindex;

	switch (rng_below(g, 100)) {
	case 0:
		ifindex = (uint32_t)rng_between(g, 1, 3);
		fib_flush_if(f, ifindex);
		model_flush(m, ifindex, 0);
		break;
	case 1:
	case 2:
		ifindex = (uint32_t)rng_between(g, 1, 3);
		fib_flush_proto(f, ifindex, 3);
		model_flush(m, ifindex, 3);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
	case 7:
		e->now += rng_below(g, 30);
		while ((t = timers_pop(&e->timers, e->now)) != NULL)
			fib_timer(f, t);
		model_expire(m, e->now);
		break;
	case 8:
	case 9:
		rule = random_rule(g);
		fib_rule_add(f, &rule);
		break;
	case 10:
	case 11:
		rule = fib_rules(f, &ifindex)[rng_below(g, ifindex)];
		if (rule.table != FIB_TABLE_LOCAL)
			assert_int_equal(fib_rule_del(f, &rule), 0);
		break;
	default:
		if (rng_below(g, 100) < crowd) {
			r = random_route(g, e->now, false);
			assert_int_equal(fib_add(f, &r), model_add(m, &r));
		} else {
			r = random_route(g, e->now, true);
			assert_int_equal(fib_del(f, &r), model_del(m, &r));
		}
	}
	model_rules(m, f);
}

static void agrees_with_a_list(void **state)
{
	const struct fib_conf conf = { .max_routes = ROUTES_MAX,
				       .max_tables = 3,
				       .max_rules = RULES_MAX };

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct model *m = calloc(1, sizeof(*m));
		uint8_t s[RNG_SEED_OCTETS] = { (uint8_t)seed };
		struct env e;
		struct fib *f;
		struct rng g;

		env_init(&e, NULL, s, 0);
		f = fib_new(&e, &conf);
		assert_non_null(m);
		assert_non_null(f);
		rng_init_u64(&g, seed, 0);
		for (unsigned i = 0; i < 1500; i++) {
			step(m, f, &e, &g, 30 + (unsigned)seed * 3);
			compare_all(m, f, &g);
		}
		fib_free(f);
		assert_int_equal(timers_next(&e.timers), TIME_NEVER);
		free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_list),
	};

	return cmocka_run_group_tests_name("fib_random", tests, NULL, NULL);
}
