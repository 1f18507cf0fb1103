/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Changes of a fib, chosen by the input. After each: the fib is sound, and a lookup finds what a
 * search of the whole walk finds.
 */
#include "base/rd.h"
#include "ip6/fib.h"

#include <stdlib.h>

#define WALK_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct listing {
	struct route r[WALK_MAX];
	unsigned n;
};

static uint8_t octet(struct rd *in)
{
	uint8_t v = 0;

	rd_u8(in, &v);
	return v;
}

static struct ip6_addr take_addr(struct rd *in)
{
	uint8_t v = octet(in);
	struct ip6_addr a = { { v & 0xe0 } };

	a.b[8] = v & 0x18;
	a.b[15] = v & 0x07;
	return a;
}

static struct route take_route(struct rd *in)
{
	static const uint8_t len[] = { 0, 1, 2, 3, 68, 126, 128, 129 };
	struct route r = { .expires = TIME_NEVER };
	uint8_t v = octet(in);

	r.dst_len = len[v & 7];
	r.table = 252 + (v >> 3 & 3);
	r.src_len = v & 0x80 ? len[v >> 4 & 7] : 0;
	r.dst = take_addr(in);
	r.src = take_addr(in);
	v = octet(in);
	r.via.ifindex = v & 3;
	r.via.metric = v >> 2 & 1;
	r.via.pref = (int8_t)((v >> 3 & 3) - 1);
	r.via.type = v >> 5 & 1 ? v >> 6 : 0;
	r.via.gateway.b[15] = octet(in) & 3;
	v = octet(in);
	if (v & 1)
		r.expires = v;
	r.via.proto = v >> 6;
	return r;
}

static struct rule take_rule(struct rd *in)
{
	uint8_t v = octet(in);
	struct rule r = { .priority = v, .type = v & 0x80 ? 0 : v & 7 };

	r.src = take_addr(in);
	r.dst = take_addr(in);
	v = octet(in);
	r.src_len = v & 3;
	r.dst_len = v >> 2 & 3;
	r.iif = v >> 4 & 1;
	r.oif = v >> 5 & 1;
	r.mask = v >> 6 & 1;
	r.mark = v >> 7;
	v = octet(in);
	r.table = 251 + (v & 3);
	r.suppress_len = (int8_t)((v >> 2 & 3) - 1);
	r.invert = v >> 4 & 1;
	return r;
}

static int list_route(void *ctx, const struct route *r)
{
	struct listing *l = ctx;

	ASSERT(l->n < WALK_MAX);
	l->r[l->n++] = *r;
	return 0;
}

/* The best answer of table @t by definition: no prefix is longer, of those no source is. */
static const struct route *search(const struct listing *l, const struct rule *rule,
				  const struct fib_key *key)
{
	const struct route *best = NULL;

	for (unsigned i = 0; i < l->n; i++) {
		const struct route *r = &l->r[i];

		if (r->table != rule->table || !ip6_in_prefix(&key->dst, &r->dst, r->dst_len) ||
		    !ip6_in_prefix(&key->src, &r->src, r->src_len) ||
		    (key->oif != 0 && r->via.ifindex != 0 && r->via.ifindex != key->oif))
			continue;
		if (best == NULL || r->dst_len > best->dst_len ||
		    (r->dst_len == best->dst_len && r->src_len > best->src_len))
			best = r; /* of equal ones the walk shows the best first */
	}
	return best != NULL && best->dst_len > rule->suppress_len ? best : NULL;
}

static void compare(const struct fib *f, const struct fib_key *key)
{
	struct listing l = { .n = 0 };
	struct fib_choices c;
	enum route_type type, want = ROUTE_THROW;
	const struct route *best = NULL;
	const struct rule *rule;
	unsigned n;

	fib_check(f);
	ASSERT(fib_walk(f, 0, list_route, &l) == 0 && l.n == fib_count(f));
	rule = fib_rules(f, &n);
	for (unsigned i = 0; i < n && want == ROUTE_THROW; i++) {
		if (!rule_matches(&rule[i], key))
			continue;
		want = (enum route_type)rule[i].type;
		if (want != ROUTE_UNICAST)
			continue;
		best = search(&l, &rule[i], key);
		want = best != NULL ? (enum route_type)best->via.type : ROUTE_THROW;
	}
	type = fib_lookup(f, key, &c);
	ASSERT(type == (want == ROUTE_THROW ? ROUTE_UNREACHABLE : want));
	if (type != ROUTE_UNICAST)
		return;
	ASSERT(best != NULL);
	ASSERT(c.n >= 1 && c.n <= FIB_CHOICES_MAX && c.dst_len == best->dst_len);
	ASSERT(via_eq(c.via[0], &best->via));
	for (unsigned i = 1; i < c.n; i++)
		ASSERT(c.via[i]->metric >= c.via[i - 1]->metric);
}

static void change(struct fib *f, struct env *e, struct rd *in)
{
	uint8_t op = octet(in);
	struct timer *t;
	struct route r;
	struct rule rule;

	switch (op & 7) {
	case 0:
	case 1:
	case 2:
	case 3:
		r = take_route(in);
		fib_add(f, &r);
		break;
	case 4:
		r = take_route(in);
		fib_del(f, &r);
		break;
	case 5:
		rule = take_rule(in);
		if (op & 8)
			fib_rule_del(f, &rule);
		else
			fib_rule_add(f, &rule);
		break;
	case 6:
		if (op & 8)
			fib_flush_if(f, 1 + (op >> 4 & 3));
		else
			fib_flush_proto(f, 1 + (op >> 4 & 1), 1 + (op >> 5 & 1));
		break;
	case 7:
		e->now += op;
		while ((t = timers_pop(&e->timers, e->now)) != NULL)
			fib_timer(f, t);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint8_t seed[RNG_SEED_OCTETS] = { 7 };
	const struct fib_conf conf = { .max_routes = WALK_MAX, .max_tables = 3, .max_rules = 8 };
	struct rd in = rd_of(p, n);
	struct env *e = malloc(sizeof(*e));
	struct fib *f;

	ASSERT(e != NULL);
	env_init(e, NULL, seed, 0);
	f = fib_new(e, &conf);
	ASSERT(f != NULL);
	while (in.left > 0) {
		struct fib_key key = { .oif = 0 };

		change(f, e, &in);
		key.dst = take_addr(&in);
		key.src = take_addr(&in);
		key.src.b[1] = 1; /* chosen */
		key.iif = octet(&in);
		key.oif = key.iif >> 2 & 3;
		key.mark = key.iif >> 4;
		key.iif &= 1;
		compare(f, &key);
	}
	fib_free(f);
	ASSERT(timers_next(&e->timers) == TIME_NEVER);
	free(e);
	return 0;
}
