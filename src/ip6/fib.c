/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * A value of a longest-prefix table says what is at a prefix: one plain route (the index of its
 * via: no source prefix, no lifetime), or a set (FIB_VALUE_SET and the set's index). A prefix
 * changes from the one to the other and back as routes come and go, so that at any time a prefix
 * has a set only if it needs one, and fib_plain_via() answers for all others.
 *
 * Each plain route and each entry of a set is a user of its via. A table exists while it has a
 * route. Whatever may fail is done before anything is changed; giving another value to a prefix
 * that is there, and taking one out, cannot fail.
 */
#include "ip6/fib.h"

#include <stdlib.h>

#define PRIORITY_LOCAL 0 /* as Linux numbers its own */
#define PRIORITY_MAIN  32766

const struct fib_conf FIB_CONF_DEFAULT = {
	.max_routes = 1u << 21,
	.max_tables = 256,
	.max_rules = 256,
};

/* Everything at one prefix of one table. */
struct place {
	struct lpm *lpm; /* NULL: no such table */
	uint32_t table;
	uint32_t value; /* 0: nothing there */
	struct ip6_addr dst;
	uint8_t dst_len;
};

/* Which routes to take out: zero fields of @like agree with any. */
struct filter {
	const struct via *like;
	const struct route *src; /* whose source prefix; NULL: any */
};

static struct place place_of(const struct fib *f, uint32_t table, const struct ip6_addr *dst,
			     uint8_t dst_len)
{
	struct place p = { fib_table_find(&f->tables, table), table, 0, ip6_prefix(dst, dst_len),
			   dst_len };

	if (p.lpm != NULL)
		p.value = lpm_get(p.lpm, &p.dst, p.dst_len);
	return p;
}

/* A route at @p, which a value can hold, or whose entry is @e. */
static struct route route_at(const struct place *p, const struct via *via,
			     const struct fib_entry *e)
{
	struct route r = { .table = p->table,
			   .dst = p->dst,
			   .dst_len = p->dst_len,
			   .via = *via,
			   .expires = TIME_NEVER };

	if (e != NULL) {
		r.src = e->src;
		r.src_len = e->src_len;
		r.expires = fib_entry_expires(e);
	}
	return r;
}

static void tell(const struct fib *f, enum news what, const struct place *p, uint32_t via,
		 const struct fib_entry *e)
{
	struct route r;

	if (LIKELY(!env_wants(f->env, what)))
		return;
	r = route_at(p, &f->vias.via[via], e);
	env_news(f->env, what, &r);
}

static struct fib_set *place_set(const struct fib *f, const struct place *p)
{
	if ((p->value & FIB_VALUE_SET) == 0)
		return NULL;
	return fib_set_at(&f->sets, p->value & ~FIB_VALUE_SET);
}

/* Another value, or the first; only the first can fail. */
static int place_put(struct place *p, uint32_t value)
{
	int err = lpm_set(p->lpm, &p->dst, p->dst_len, value);

	if (err == 0)
		p->value = value;
	return err;
}

static void place_clear(struct place *p)
{
	int err = lpm_del(p->lpm, &p->dst, p->dst_len);

	ASSERT(err == 0);
	p->value = 0;
}

/* The entry is in no set (any more). */
static void entry_free(struct fib *f, struct fib_entry *e)
{
	timer_cancel(&f->env->timers, &e->timer);
	via_put(&f->vias, e->via);
	free(e);
}

static void entry_remove(struct fib *f, struct fib_entry *e)
{
	fib_set_unlink(&f->sets, e);
	f->nroutes--;
	entry_free(f, e);
}

/* After changes to the set at @p: what need not be a set is none. */
static void settle(struct fib *f, struct place *p, struct fib_set *set)
{
	struct fib_entry *e = set->first;
	int err;

	if (set->n == 0) {
		place_clear(p);
		fib_set_free(&f->sets, set);
		return;
	}
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what was freed has left the set's list */
	if (set->n == 1 && e->src_len == 0 && !timer_is_armed(&e->timer)) {
		err = place_put(p, e->via);
		ASSERT(err == 0);
		fib_set_unlink(&f->sets, e);
		fib_set_free(&f->sets, set);
		free(e); /* its use of the via is the value's now */
	}
}

struct fib *fib_new(struct env *env, const struct fib_conf *conf)
{
	static const struct rule rules[] = {
		{ .priority = PRIORITY_LOCAL,
		  .table = FIB_TABLE_LOCAL,
		  .suppress_len = -1,
		  .proto = ROUTE_PROTO_KERNEL },
		{ .priority = PRIORITY_MAIN,
		  .table = FIB_TABLE_MAIN,
		  .suppress_len = -1,
		  .proto = ROUTE_PROTO_KERNEL },
	};
	struct fib *f = calloc(1, sizeof(*f));

	ASSERT(conf->max_routes < FIB_VALUE_SET);
	if (f == NULL)
		return NULL;
	f->env = env;
	f->conf = *conf;
	if (vias_init(&f->vias, &env->key) < 0)
		goto fail;
	for (unsigned i = 0; i < ARRAY_LEN(rules); i++)
		if (rules_add(&f->rules, &rules[i], UINT32_MAX) < 0)
			goto fail;
	f->plain = true;
	return f;
fail:
	fib_free(f);
	return NULL;
}

static bool gateway_is_valid(const struct ip6_addr *a)
{
	static const struct ip6_addr loopback = { .b[15] = 1 };

	return a->b[0] != 0xff && !ip6_eq(a, &loopback);
}

static bool route_is_valid(const struct route *r)
{
	const struct via *v = &r->via;

	if (r->table == 0 || r->table == FIB_TABLE_LOCAL || r->dst_len > IP6_ADDR_BITS ||
	    r->src_len > IP6_ADDR_BITS || v->type > ROUTE_THROW || v->pref < ROUTE_PREF_LOW ||
	    v->pref > ROUTE_PREF_HIGH)
		return false;
	if (v->type == ROUTE_UNICAST && !ip6_is_unspec(&v->gateway) &&
	    ip6_is_v4mapped(&v->gateway) != ip6_is_v4mapped(&r->dst))
		return false; /* a neighbour is asked for in the family of the packet */
	if (v->type == ROUTE_UNICAST)
		return v->ifindex != 0 && gateway_is_valid(&v->gateway);
	return v->ifindex == 0 && ip6_is_unspec(&v->gateway);
}

/* Of two routes of one pair of prefixes: does the later one replace the other? */
static bool same_route(const struct via *a, const struct via *b)
{
	return a->metric == b->metric && a->ifindex == b->ifindex &&
	       ip6_eq(&a->gateway, &b->gateway);
}

/* A route that a value can hold, at a prefix with none, or with the one that it replaces. */
static int add_plain(struct fib *f, struct place *p, const struct via *via)
{
	uint32_t old = p->value, index;
	int err;

	if (old == 0 && f->nroutes >= f->conf.max_routes)
		return -ENOSPC;
	index = via_get(&f->vias, via);
	if (index == 0)
		return -ENOMEM;
	err = place_put(p, index);
	if (err < 0) {
		via_put(&f->vias, index);
		return err;
	}
	if (old != 0)
		via_put(&f->vias, old);
	else
		f->nroutes++;
	tell(f, old != 0 ? NEWS_ROUTE_AGAIN : NEWS_ROUTE, p, index, NULL);
	return 0;
}

static struct fib_entry *entry_new(struct fib *f, const struct route *r)
{
	struct ip6_addr src = ip6_prefix(&r->src, r->src_len);
	uint32_t index = via_get(&f->vias, &r->via);
	struct fib_entry *e;

	if (index == 0)
		return NULL;
	e = fib_entry_new(&src, r->src_len, index);
	if (e == NULL)
		via_put(&f->vias, index);
	return e;
}

/* Make a set at @p, which has none; the plain route there becomes its entry. */
static int set_open(struct fib *f, struct place *p, struct fib_set **ret)
{
	struct fib_set *set = fib_set_new(&f->sets);
	struct fib_entry *e = NULL;
	uint32_t old = p->value;
	int err = -ENOMEM;

	if (set == NULL)
		return -ENOMEM;
	set->table = p->table;
	set->dst = p->dst;
	set->dst_len = p->dst_len;
	if (old != 0)
		e = fib_entry_new(&IP6_UNSPEC, 0, old);
	if (old == 0 || e != NULL)
		err = place_put(p, FIB_VALUE_SET | set->index);
	if (err < 0) {
		free(e);
		fib_set_free(&f->sets, set);
		return err;
	}
	if (e != NULL)
		fib_set_link(&f->sets, set, e, f->vias.via);
	*ret = set;
	return 0;
}

/* The entry that @e replaces. */
static struct fib_entry *entry_find(const struct fib *f, const struct fib_set *set,
				    const struct fib_entry *e)
{
	struct fib_entry *it = set->first;

	while (it != NULL &&
	       !(fib_entry_alike(it, e) && same_route(&f->vias.via[it->via], &f->vias.via[e->via])))
		it = it->next;
	return it;
}

/* Link @e at @p, or set the lifetime of what equals it and free it. */
static int entry_insert(struct fib *f, struct place *p, struct fib_entry *e, time_ns expires)
{
	struct fib_set *set = place_set(f, p);
	struct fib_entry *old;
	bool known, same;
	int err;

	old = set != NULL ? entry_find(f, set, e) : NULL;
	known = old != NULL || (p->value != 0 && set == NULL && e->src_len == 0 &&
				same_route(&f->vias.via[p->value], &f->vias.via[e->via]));
	if (!known &&
	    (f->nroutes >= f->conf.max_routes || (set != NULL && set->n >= FIB_PREFIX_MAX)))
		return -ENOSPC;
	if (set == NULL) {
		err = set_open(f, p, &set);
		if (err < 0)
			return err;
		old = entry_find(f, set, e);
	}
	same = old != NULL && old->via == e->via;
	if (same) {
		entry_free(f, e);
		e = old;
	} else {
		if (old != NULL)
			entry_remove(f, old);
		fib_set_link(&f->sets, set, e, f->vias.via);
		f->nroutes++;
		f->generation++;
	}
	timer_set(&f->env->timers, &e->timer, expires);
	if (!same) /* another lifetime is no news */
		tell(f, known ? NEWS_ROUTE_AGAIN : NEWS_ROUTE, p, e->via, e);
	settle(f, p, set);
	return 0;
}

int fib_add(struct fib *f, const struct route *r)
{
	bool plain = r->src_len == 0 && r->expires == TIME_NEVER;
	uint32_t size = f->vias.size;
	struct fib_entry *e;
	struct place p;
	int err = 0;

	if (!route_is_valid(r))
		return -EINVAL;
	p = place_of(f, r->table, &r->dst, r->dst_len);
	if (p.lpm == NULL)
		err = fib_table_new(&f->tables, r->table, f->conf.max_tables, f->conf.max_routes,
				    &p.lpm);
	if (err < 0)
		return err;
	if (plain && (p.value == 0 ||
		      (place_set(f, &p) == NULL && same_route(&f->vias.via[p.value], &r->via)))) {
		if (p.value != 0 && via_eq(&f->vias.via[p.value], &r->via))
			return 0;
		err = add_plain(f, &p, &r->via);
		f->generation += err == 0;
	} else {
		e = entry_new(f, r);
		err = e != NULL ? entry_insert(f, &p, e, r->expires) : -ENOMEM;
		if (err < 0 && e != NULL)
			entry_free(f, e);
	}
	f->generation += f->vias.size != size; /* what was borrowed has moved */
	fib_table_tidy(&f->tables, r->table);
	return err;
}

static bool filter_takes(const struct filter *flt, const struct via *v, const struct ip6_addr *src,
			 uint8_t src_len)
{
	const struct via *like = flt->like;

	if (flt->src != NULL &&
	    (flt->src->src_len != src_len || !ip6_in_prefix(&flt->src->src, src, src_len)))
		return false;
	return (like->ifindex == 0 || like->ifindex == v->ifindex) &&
	       (ip6_is_unspec(&like->gateway) || ip6_eq(&like->gateway, &v->gateway)) &&
	       (like->metric == 0 || like->metric == v->metric) &&
	       (like->proto == 0 || like->proto == v->proto) &&
	       (like->nexthop == 0 || like->nexthop == v->nexthop) &&
	       (like->type == ROUTE_UNICAST || like->type == v->type);
}

/* Take the routes at @p out that @flt takes. Return: whether there were any. */
static bool prune(struct fib *f, struct place *p, const struct filter *flt)
{
	struct fib_set *set = place_set(f, p);
	struct fib_entry *e, *next;
	uint32_t before = f->nroutes, via = p->value;

	if (set == NULL) {
		if (!filter_takes(flt, &f->vias.via[via], &IP6_UNSPEC, 0))
			return false;
		tell(f, NEWS_ROUTE_GONE, p, via, NULL);
		place_clear(p);
		via_put(&f->vias, via);
		f->nroutes--;
		return true;
	}
	for (e = set->first; e != NULL; e = next) {
		next = e->next;
		if (!filter_takes(flt, &f->vias.via[e->via], &e->src, e->src_len))
			continue;
		tell(f, NEWS_ROUTE_GONE, p, e->via, e);
		entry_remove(f, e);
	}
	if (f->nroutes == before)
		return false;
	settle(f, p, set);
	return true;
}

int fib_del(struct fib *f, const struct route *r)
{
	struct filter flt = { .like = &r->via, .src = r };
	struct place p;

	if (r->dst_len > IP6_ADDR_BITS || r->src_len > IP6_ADDR_BITS)
		return -ESRCH;
	p = place_of(f, r->table, &r->dst, r->dst_len);
	if (p.value == 0 || !prune(f, &p, &flt))
		return -ESRCH;
	f->generation++;
	fib_table_tidy(&f->tables, r->table);
	return 0;
}

/* Is there a route that @flt may take? Spares most flushes the walk. */
static bool flush_is_due(const struct fib *f, const struct filter *flt)
{
	for (uint32_t i = 1; i < f->vias.top; i++)
		if (f->vias.ref[i].users != 0 && filter_takes(flt, &f->vias.via[i], &IP6_UNSPEC, 0))
			return true;
	return false;
}

static void flush(struct fib *f, const struct via *like)
{
	struct filter flt = { .like = like };

	if (!flush_is_due(f, &flt))
		return;
	for (uint32_t i = f->tables.n; i-- > 0;) {
		struct fib_table t = f->tables.table[i];
		struct lpm_cursor c = { 0 };

		while (lpm_next(t.lpm, &c)) {
			struct place p = { t.lpm, t.id, c.value, c.addr, (uint8_t)c.len };

			prune(f, &p, &flt);
		}
		fib_table_tidy(&f->tables, t.id);
	}
	f->generation++;
}

void fib_flush_if(struct fib *f, uint32_t ifindex)
{
	ASSERT(ifindex != 0);
	flush(f, &(struct via){ .ifindex = ifindex });
}

void fib_flush_proto(struct fib *f, uint32_t ifindex, uint8_t proto)
{
	ASSERT(ifindex != 0 && proto != 0);
	flush(f, &(struct via){ .ifindex = ifindex, .proto = proto });
}

void fib_flush_nexthop(struct fib *f, uint32_t nexthop)
{
	ASSERT(nexthop != 0);
	flush(f, &(struct via){ .nexthop = nexthop });
}

void fib_timer(struct fib *f, struct timer *timer)
{
	struct fib_entry *e = CONTAINER_OF(timer, struct fib_entry, timer);
	struct fib_set *set = e->set;
	struct place p = place_of(f, set->table, &set->dst, set->dst_len);

	ASSERT(timer->kind == TIMER_ROUTE && place_set(f, &p) == set);
	tell(f, NEWS_ROUTE_GONE, &p, e->via, e);
	entry_remove(f, e);
	settle(f, &p, set);
	f->generation++;
	fib_table_tidy(&f->tables, p.table);
}

/* What fib_free() walks: everything. */
void fib_free(struct fib *f)
{
	struct via any = { .ifindex = 0 };
	struct filter all = { .like = &any };

	if (f == NULL)
		return;
	for (uint32_t i = 0; i < f->tables.n; i++) {
		struct lpm_cursor c = { 0 };

		/* The plain ones go with their table. */
		while (f->sets.n != 0 && lpm_next(f->tables.table[i].lpm, &c)) {
			struct place p = { f->tables.table[i].lpm, f->tables.table[i].id, c.value,
					   c.addr, (uint8_t)c.len };

			if (place_set(f, &p) != NULL)
				prune(f, &p, &all);
		}
	}
	fib_tables_done(&f->tables);
	fib_sets_done(&f->sets);
	vias_done(&f->vias);
	rules_done(&f->rules);
	free(f);
}

static int place_walk(const struct fib *f, const struct place *p,
		      int (*fn)(void *ctx, const struct route *r), void *ctx)
{
	const struct fib_set *set = place_set(f, p);
	struct route r;
	int rc = 0;

	if (set == NULL) {
		r = route_at(p, &f->vias.via[p->value], NULL);
		return fn(ctx, &r);
	}
	for (const struct fib_entry *e = set->first; e != NULL && rc == 0; e = e->next) {
		r = route_at(p, &f->vias.via[e->via], e);
		rc = fn(ctx, &r);
	}
	return rc;
}

int fib_walk_prefix(const struct fib *f, uint32_t table, const struct ip6_addr *dst,
		    unsigned dst_len, int (*fn)(void *ctx, const struct route *r), void *ctx)
{
	struct place p = place_of(f, table, dst, (uint8_t)MIN(dst_len, (unsigned)IP6_ADDR_BITS));

	return dst_len <= IP6_ADDR_BITS && p.value != 0 ? place_walk(f, &p, fn, ctx) : 0;
}

uint32_t fib_next_table(const struct fib *f, uint32_t table)
{
	for (uint32_t i = 0; i < f->tables.n; i++)
		if (f->tables.table[i].id > table)
			return f->tables.table[i].id;
	return 0;
}

bool fib_next_prefix(const struct fib *f, uint32_t table, struct lpm_cursor *c)
{
	const struct lpm *lpm = fib_table_find(&f->tables, table);

	return lpm != NULL && lpm_next(lpm, c);
}

int fib_walk(const struct fib *f, uint32_t table, int (*fn)(void *ctx, const struct route *r),
	     void *ctx)
{
	int rc = 0;

	for (uint32_t i = 0; i < f->tables.n && rc == 0; i++) {
		const struct fib_table *t = &f->tables.table[i];
		struct lpm_cursor c = { 0 };

		if (table != 0 && t->id != table)
			continue;
		while (rc == 0 && lpm_next(t->lpm, &c)) {
			struct place p = { t->lpm, t->id, c.value, c.addr, (uint8_t)c.len };

			rc = place_walk(f, &p, fn, ctx);
		}
	}
	return rc;
}

/* Plain: nothing but table main is ever asked, and its answer is the last word. */
static void rules_changed(struct fib *f)
{
	unsigned main = 0, others = 0;

	for (uint32_t i = 0; i < f->rules.n; i++) {
		const struct rule *r = &f->rules.rule[i];

		if (r->type == ROUTE_UNICAST && r->table == FIB_TABLE_LOCAL)
			continue; /* holds nothing */
		if (r->type == ROUTE_UNICAST && r->table == FIB_TABLE_MAIN && rule_is_any(r))
			main++;
		else
			others++;
	}
	f->plain = main > 0 && others == 0;
	f->generation++;
}

int fib_rule_add(struct fib *f, const struct rule *r)
{
	int err = rules_add(&f->rules, r, f->conf.max_rules);

	if (err == 0) {
		rules_changed(f);
		env_news(f->env, NEWS_RULE, r);
	}
	return err;
}

int fib_rule_del(struct fib *f, const struct rule *r)
{
	struct rule gone = *r; /* it may be the table's own */
	int err = rules_del(&f->rules, &gone);

	if (err == 0) {
		rules_changed(f);
		env_news(f->env, NEWS_RULE_GONE, &gone);
	}
	return err;
}

const struct rule *fib_rules(const struct fib *f, unsigned *n)
{
	*n = f->rules.n;
	return f->rules.rule;
}

uint32_t fib_count(const struct fib *f)
{
	return f->nroutes;
}

size_t fib_octets(const struct fib *f)
{
	size_t sum = sizeof(*f) + f->rules.room * sizeof(f->rules.rule[0]) +
		     f->tables.n * sizeof(f->tables.table[0]) + vias_octets(&f->vias) +
		     fib_sets_octets(&f->sets);

	for (uint32_t i = 0; i < f->tables.n; i++)
		sum += lpm_octets(f->tables.table[i].lpm);
	return sum;
}

static void check_place(const struct fib *f, const struct place *p, uint32_t *routes,
			uint64_t *users)
{
	const struct fib_set *set = place_set(f, p);
	uint32_t n = 0;

	if (set == NULL) {
		ASSERT(p->value < f->vias.top);
		*routes += 1;
		*users += 1;
		return;
	}
	ASSERT(set->index == (p->value & ~FIB_VALUE_SET) && set->table == p->table);
	ASSERT(set->dst_len == p->dst_len && ip6_eq(&set->dst, &p->dst));
	for (const struct fib_entry *e = set->first; e != NULL; e = e->next, n++)
		ASSERT(e->set == set && f->vias.ref[e->via].users > 0);
	ASSERT(n == set->n && n <= FIB_PREFIX_MAX);
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a set has an entry */
	ASSERT(n > 1 || set->first->src_len != 0 || timer_is_armed(&set->first->timer));
	*routes += n;
	*users += n;
}

void fib_check(const struct fib *f)
{
	uint32_t routes = 0, sets = 0;
	uint64_t users = 0;

	for (uint32_t i = 0; i < f->tables.n; i++) {
		struct lpm_cursor c = { 0 };

		ASSERT(lpm_count(f->tables.table[i].lpm) > 0);
		ASSERT(i == 0 || f->tables.table[i - 1].id < f->tables.table[i].id);
		while (lpm_next(f->tables.table[i].lpm, &c)) {
			struct place p = { f->tables.table[i].lpm, f->tables.table[i].id, c.value,
					   c.addr, (uint8_t)c.len };

			sets += place_set(f, &p) != NULL;
			check_place(f, &p, &routes, &users);
		}
	}
	ASSERT(routes == f->nroutes && sets == f->sets.n);
	for (uint32_t i = 1; i < f->vias.top; i++)
		users -= f->vias.ref[i].users;
	ASSERT(users == 0);
}
