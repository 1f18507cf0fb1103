/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routes: several tables of prefixes, policy rules that choose among them, and what a packet
 * finds there. A table is a longest-prefix table (lpm.h) of 32-bit values; nearly all routes of
 * a large table share a few next hops, so a value is the index of an interned next hop, and only
 * a prefix with more than one route, a source prefix or a lifetime has an object of its own.
 */
#ifndef INABA_IP6_FIB_H
#define INABA_IP6_FIB_H

#include "base/env.h"
#include "ip6/fib_set.h"
#include "ip6/fib_table.h"
#include "ip6/rule.h"

#define FIB_PREFIX_MAX 256 /* routes of one prefix, which a lookup may have to walk */

/* A route as a value: what fib_add() takes and a walk shows. */
struct route {
	uint32_t table;
	struct ip6_addr dst, src; /* src: source prefix, for source-specific routing */
	uint8_t dst_len, src_len;
	struct via via;
	time_ns expires; /* TIME_NEVER, or when the route goes by itself */
};

struct fib_conf {
	uint32_t max_routes; /* all tables together; at most 2^31 - 1 */
	uint32_t max_tables;
	uint32_t max_rules;
};

extern const struct fib_conf FIB_CONF_DEFAULT;

/*
 * Several routes may serve one key (same prefix and source prefix, any metric): the
 * conceptual default router list is such a set. Best first: metric, then preference, then the
 * one that was there first.
 */
#define FIB_CHOICES_MAX 16
struct fib_choices {
	unsigned n;
	const struct via *via[FIB_CHOICES_MAX]; /* borrowed until the next change of the fib */
	uint8_t dst_len;			/* of the prefix that matched */
	uint32_t table; /* and of what table; set always: 0: nothing matched */
};

/* To be seen only by the inline functions below. */
struct fib {
	struct env *env;
	struct fib_conf conf;
	struct rules rules;
	struct vias vias;
	struct fib_sets sets;
	struct fib_tables tables;
	uint32_t nroutes;
	uint32_t generation;
	bool plain;
};

#define FIB_VALUE_SET (UINT32_C(1) << 31) /* the rest is a set's index, not a via's */

/** fib_new() - Rules as a new network namespace has them: local (kept for show) and main. */
struct fib *fib_new(struct env *env, const struct fib_conf *conf);
void fib_free(struct fib *f);

/**
 * fib_add() - Put a route in; one with the same table, prefixes, metric, interface and gateway
 * is replaced (its lifetime too). Address bits behind the lengths are ignored.
 *
 * A lifetime that is already over ends when the timers are next run.
 *
 * Return: 0; -EINVAL (lengths, an unknown type or preference, a gateway that is no unicast
 * address, a unicast route without interface, another type with interface or gateway, a table of
 * 0 or FIB_TABLE_LOCAL), -ENOSPC (a limit), -ENOMEM. Nothing is changed on error.
 */
int fib_add(struct fib *f, const struct route *r);

/**
 * fib_del() - Take routes out: those with @r's table and prefixes that agree in every further
 * field that is not zero (ifindex, gateway, metric, proto, nexthop; type is compared when not
 * unicast).
 *
 * Return: 0, or -ESRCH when none matched.
 */
int fib_del(struct fib *f, const struct route *r);

/** fib_flush_if() - Take out all routes by @ifindex, not 0 (it went down, or away). */
void fib_flush_if(struct fib *f, uint32_t ifindex);

/** fib_flush_proto() - Take out all routes by @ifindex, not 0, that @proto, not 0, put in. */
void fib_flush_proto(struct fib *f, uint32_t ifindex, uint8_t proto);

/** fib_flush_nexthop() - Take out all routes of an object, not 0. */
void fib_flush_nexthop(struct fib *f, uint32_t nexthop);

/** fib_has_prefsrc() - Does any route say what to send from? */
static inline bool fib_has_prefsrc(const struct fib *f)
{
	return f->vias.n_prefsrc != 0;
}

/**
 * fib_lookup() - Find the routes for @key: rules in order, then longest destination prefix, then
 * longest source prefix (RFC 8028 section 2.2 wants routes by both), then all routes of that
 * pair. A less specific destination is tried when no route of a longer one serves the source, or
 * leaves by key->oif. Routes of other types than unicast leave by no interface and always count;
 * the best of a pair decides, and ends the list of choices.
 * Of a route only those shorter than key->shorter_than count, if it is not 0.
 * @ret:	Set only for ROUTE_UNICAST; more than FIB_CHOICES_MAX choices are cut there.
 *
 * While key->src is unspecified every source prefix serves, the shortest first, so that a node
 * with nothing but source-specific routes can find an interface to choose a source for (RFC 6724
 * section 4). The caller asks again with the source it has chosen.
 *
 * Return: ROUTE_UNICAST with @ret filled (n >= 1), or the verdict: ROUTE_UNREACHABLE when
 * nothing matched.
 */
enum route_type fib_lookup(const struct fib *f, const struct fib_key *key, struct fib_choices *ret);

/** fib_is_plain() - Only the default rules: fib_plain_batch() may be used. */
static inline bool fib_is_plain(const struct fib *f)
{
	return f->plain;
}

/**
 * fib_plain_batch() - Longest match in table main for up to BATCH_MAX destinations at once.
 * @value:	For each, 0 for no route, or a value for fib_plain_via().
 */
void fib_plain_batch(const struct fib *f, const struct ip6_addr *const dst[], uint32_t value[],
		     unsigned n);

/**
 * fib_plain_via() - The one next hop of a value, of type unicast; or NULL when fib_lookup() must
 * be asked: no route, another type, several routes, source prefixes, a lifetime.
 */
static inline const struct via *fib_plain_via(const struct fib *f, uint32_t value)
{
	const struct via *via;

	if ((value & FIB_VALUE_SET) != 0)
		return NULL;
	via = &f->vias.via[value];
	return via->type == ROUTE_UNICAST ? via : NULL;
}

/**
 * fib_walk() - Call @fn for each route of @table (0: all, in order of number) in order of prefix,
 * those of one prefix best first; a non-zero return ends the walk and is returned. @fn must not
 * change the fib.
 */
int fib_walk(const struct fib *f, uint32_t table, int (*fn)(void *ctx, const struct route *r),
	     void *ctx);

/** fib_walk_prefix() - The same for the routes of exactly one prefix. */
int fib_walk_prefix(const struct fib *f, uint32_t table, const struct ip6_addr *dst,
		    unsigned dst_len, int (*fn)(void *ctx, const struct route *r), void *ctx);

/**
 * fib_next_table(), fib_next_prefix() - A walk that may be interrupted, and the fib changed, at any
 * place: the table behind number @table (0: the first), or 0; the prefix behind the cursor, or false.
 */
uint32_t fib_next_table(const struct fib *f, uint32_t table);
bool fib_next_prefix(const struct fib *f, uint32_t table, struct lpm_cursor *c);

/** fib_timer() - A TIMER_ROUTE is due (and comes here before any other call): the route goes. */
void fib_timer(struct fib *f, struct timer *timer);

/** fib_rule_add(), fib_rule_del() - See rules_add() and rules_del(). */
int fib_rule_add(struct fib *f, const struct rule *r);
int fib_rule_del(struct fib *f, const struct rule *r);

/** fib_rules() - The rules in order; the count in @n. Borrowed until the next change. */
const struct rule *fib_rules(const struct fib *f, unsigned *n);

/**
 * fib_generation() - Changes whenever a route or rule does: caches compare it, and may keep what
 * they borrowed while it stays. A new lifetime alone does not change it.
 */
static inline uint32_t fib_generation(const struct fib *f)
{
	return f->generation;
}

uint32_t fib_count(const struct fib *f);
size_t fib_octets(const struct fib *f);

/** fib_check() - Assert that the fib is sound; slow, for tests. */
void fib_check(const struct fib *f);

#endif
