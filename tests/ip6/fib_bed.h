/* SPDX-License-Identifier: BSD-3-Clause */
/* A fib with an environment of its own, and routes in short; for the tests of fib and rule. */
#ifndef INABA_TESTS_IP6_FIB_BED_H
#define INABA_TESTS_IP6_FIB_BED_H

#include "ip6/fib.h"

struct bed {
	struct env env;
	struct fib *f;
};

static inline void bed_init_conf(struct bed *b, const struct fib_conf *conf)
{
	static const uint8_t seed[RNG_SEED_OCTETS] = { 1 };

	env_init(&b->env, NULL, seed, 0);
	b->f = fib_new(&b->env, conf);
	assert_non_null(b->f);
}

static inline void bed_init(struct bed *b)
{
	bed_init_conf(b, &FIB_CONF_DEFAULT);
}

static inline void bed_done(struct bed *b)
{
	fib_check(b->f);
	fib_free(b->f);
	assert_int_equal(timers_next(&b->env.timers), TIME_NEVER);
}

static inline void bed_run_until(struct bed *b, time_ns now)
{
	struct timer *t;

	b->env.now = now;
	while ((t = timers_pop(&b->env.timers, now)) != NULL)
		fib_timer(b->f, t);
	fib_check(b->f);
}

static inline struct ip6_addr addr(const char *text)
{
	struct ip6_addr a = IP6_UNSPEC;

	if (text != NULL)
		assert_int_equal(ip6_parse(text, &a), 0);
	return a;
}

static inline uint8_t prefix(const char *text, struct ip6_addr *a)
{
	unsigned len = 0;

	*a = IP6_UNSPEC;
	if (text != NULL)
		assert_int_equal(ip6_parse_prefix(text, a, &len), 0);
	return (uint8_t)len;
}

/* A route in short. NULL prefixes are ::/0; life of 0 is for ever. */
struct line {
	uint32_t table; /* 0: main */
	const char *dst, *src;
	uint32_t ifindex;
	const char *gateway;
	uint32_t metric;
	int8_t pref;
	uint8_t type;
	uint8_t proto;
	time_ns life;
};

static inline struct route route_of(const struct line *l)
{
	struct route r = { .table = l->table != 0 ? l->table : FIB_TABLE_MAIN };

	r.dst_len = prefix(l->dst, &r.dst);
	r.src_len = prefix(l->src, &r.src);
	r.via = (struct via){ .gateway = addr(l->gateway),
			      .ifindex = l->ifindex,
			      .metric = l->metric,
			      .type = l->type,
			      .proto = l->proto,
			      .pref = l->pref };
	r.expires = l->life != 0 ? l->life : TIME_NEVER;
	return r;
}

static inline int add(struct bed *b, struct line l)
{
	struct route r = route_of(&l);
	int err = fib_add(b->f, &r);

	fib_check(b->f);
	return err;
}

static inline int del(struct bed *b, struct line l)
{
	struct route r = route_of(&l);
	int err = fib_del(b->f, &r);

	fib_check(b->f);
	return err;
}

/* What a lookup finds, in words: a verdict, or the interfaces in order and the prefix length. */
static const char *found(const struct fib *f, const struct fib_key *key, char buf[128])
{
	static const char *const verdict[] = { "unicast", "unreachable", "prohibit", "blackhole" };
	struct fib_choices c = { .n = 99, .dst_len = 199 };
	enum route_type type = fib_lookup(f, key, &c);
	size_t n = 0;

	if (type != ROUTE_UNICAST) {
		assert_true(type < ARRAY_LEN(verdict));
		assert_int_equal(c.n, 99); /* set only on success */
		assert_int_equal(c.dst_len, 199);
		return verdict[type];
	}
	assert_true(c.n >= 1 && c.n <= FIB_CHOICES_MAX);
	for (unsigned i = 0; i < c.n; i++)
		n += (size_t)snprintf(buf + n, 128 - n, "%u ", c.via[i]->ifindex);
	snprintf(buf + n, 128 - n, "/%u", c.dst_len);
	return buf;
}

static inline void expect(const struct bed *b, const char *dst, const char *src, uint32_t oif,
			  const char *want)
{
	struct fib_key key = { .dst = addr(dst), .src = addr(src), .oif = oif };
	char buf[128];

	assert_string_equal(found(b->f, &key, buf), want);
}

static inline int walk_line(void *ctx, const struct route *r)
{
	char *out = ctx, text[IP6_TEXT_MAX];
	size_t n = strlen(out);

	n += (size_t)snprintf(out + n, 1024 - n, "%u %s/%u", r->table, ip6_text(&r->dst, text),
			      r->dst_len);
	if (r->src_len != 0)
		n += (size_t)snprintf(out + n, 1024 - n, " from %s/%u", ip6_text(&r->src, text),
				      r->src_len);
	n += (size_t)snprintf(out + n, 1024 - n, " dev %u", r->via.ifindex);
	if (r->expires != TIME_NEVER)
		n += (size_t)snprintf(out + n, 1024 - n, " until %u", (unsigned)r->expires);
	snprintf(out + n, 1024 - n, "\n");
	return 0;
}

static inline void expect_walk(const struct bed *b, uint32_t table, const char *want)
{
	char out[1024] = "";

	assert_int_equal(fib_walk(b->f, table, walk_line, out), 0);
	assert_string_equal(out, want);
}

#endif
