/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the listeners of a link want, as an MLD router keeps it: RFC 3810 sections 7.2 to 7.5, and
 * 8.3.2 for MLDv1 listeners.
 *
 * The tables of section 7.4 are set operations on the sources of a group and those of a record.
 * Here the sources that both have are marked first; then each row of the table is a walk over the
 * group's sources, or over the record's, or both. A source whose timer is 0 is on the Exclude List.
 *
 * A group has one timer, set to whatever comes next: a source or the filter runs out, queries are to
 * be sent again. A group that is INCLUDE({}) is not there.
 */
#include <stdlib.h>

#include "mld/router.h"

struct mld_listened *mld_listened_find(const struct mld_router *r, const struct ip6_addr *group)
{
	struct env *env = mld_router_env(r);

	if (r->groups.n == 0)
		return NULL;
	for (struct hnode *n = htab_first(&r->groups, hash_addr(&env->key, group, 0)); n != NULL;
	     n = htab_next(n)) {
		struct mld_listened *g = CONTAINER_OF(n, struct mld_listened, node);

		if (ip6_eq(&g->group, group))
			return g;
	}
	return NULL;
}

static struct mld_listened *group_new(struct mld_router *r, const struct ip6_addr *group)
{
	struct env *env = mld_router_env(r);
	struct mld_listened *g;

	if (r->groups.n >= MLD_LISTENED_MAX)
		return NULL;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return NULL;
	g->r = r;
	g->group = *group;
	timer_init(&g->timer, TIMER_MLD_LISTENED);
	if (htab_add(&r->groups, &g->node, hash_addr(&env->key, group, 0)) < 0) {
		free(g);
		return NULL;
	}
	list_add_tail(&r->all, &g->on);
	env_event(env, EVENT_MLD_LISTENED, if_index(r->ifc), group, 1);
	return g;
}

static void group_del(struct mld_listened *g)
{
	struct mld_router *r = g->r;
	struct env *env = mld_router_env(r);

	env_event(env, EVENT_MLD_LISTENED, if_index(r->ifc), &g->group, 0);
	timer_cancel(&env->timers, &g->timer);
	htab_del(&r->groups, &g->node);
	list_del(&g->on);
	free(g->source);
	free(g);
}

void mld_listened_flush(struct mld_router *r)
{
	LIST_FOR_EACH(it, &r->all)
		group_del(LIST_ENTRY(it, struct mld_listened, on));
}

/*
 * Sources.
 */

struct mld_source *mld_source_find(const struct mld_listened *g, const struct ip6_addr *addr)
{
	for (uint32_t i = 0; i < g->n; i++)
		if (ip6_eq(&g->source[i].addr, addr))
			return &g->source[i];
	return NULL;
}

static struct mld_source *source_add(struct mld_listened *g, const struct ip6_addr *addr,
				     time_ns until)
{
	if (g->n == g->room) {
		uint32_t room = MIN(MAX(4u, g->room * 2), (uint32_t)MLD_SOURCES_MAX);
		struct mld_source *s = NULL;

		if (g->n < MLD_SOURCES_MAX)
			s = realloc(g->source, room * sizeof(*s));
		if (s == NULL)
			return NULL;
		g->source = s;
		g->room = room;
	}
	g->source[g->n] = (struct mld_source){ .addr = *addr, .until = until, .marked = true };
	return &g->source[g->n++];
}

/* Mark those that @rec has, too. */
static void mark(struct mld_listened *g, const struct mld_record *rec)
{
	struct rd in = rec->sources;
	struct mld_source *s;
	struct ip6_addr a;

	for (uint32_t i = 0; i < g->n; i++)
		g->source[i].marked = false;
	while (rd_addr(&in, &a))
		if ((s = mld_source_find(g, &a)) != NULL)
			s->marked = true;
}

static void delete_unmarked(struct mld_listened *g)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->n; i++)
		if (g->source[i].marked)
			g->source[n++] = g->source[i];
	g->n = n;
}

static void delete_excluded(struct mld_listened *g)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->n; i++)
		if (g->source[i].until != 0)
			g->source[n++] = g->source[i];
	g->n = n;
}

/* No packet comes from anything else. */
static bool is_source(const struct ip6_addr *a)
{
	return !ip6_is_unspec(a) && !ip6_is_mcast(a) && !ip6_is_loopback(a);
}

/* Those of @rec that are not there yet get this timer. */
static enum drop add_others(struct mld_listened *g, const struct mld_record *rec, time_ns until)
{
	struct rd in = rec->sources;
	struct ip6_addr a;

	while (rd_addr(&in, &a))
		if (is_source(&a) && mld_source_find(g, &a) == NULL &&
		    source_add(g, &a, until) == NULL)
			return DROP_MLD_FULL;
	return DROP_NONE;
}

/*
 * Rows of the tables 7.4.1 and 7.4.2. @mali: when [Multicast Address Listening Interval] is over.
 */

/* IS_IN, ALLOW and the first half of TO_IN, in either mode: (B)=MALI. */
static enum drop allow(struct mld_listened *g, const struct mld_record *rec, time_ns mali)
{
	for (uint32_t i = 0; i < g->n; i++)
		if (g->source[i].marked)
			g->source[i].until = mali;
	return add_others(g, rec, mali);
}

/* IS_EX, and what TO_EX has in common with it; @others: the timer of A-X-Y. */
static enum drop exclude(struct mld_listened *g, const struct mld_record *rec, time_ns mali,
			 time_ns others)
{
	enum drop why;

	delete_unmarked(g);
	why = add_others(g, rec, g->exclude ? others : 0);
	g->exclude = true;
	g->filter = mali;
	return why;
}

static enum drop to_ex(struct mld_listened *g, const struct mld_record *rec, time_ns mali)
{
	enum drop why = exclude(g, rec, mali, g->filter);

	mld_ask_sources(g, true); /* A*B, or A-Y: the timers of others are 0 */
	return why;
}

static enum drop to_in(struct mld_listened *g, const struct mld_record *rec, time_ns mali)
{
	enum drop why = allow(g, rec, mali);

	mld_ask_sources(g, false);
	if (g->exclude)
		mld_ask_group(g);
	return why;
}

static enum drop block(struct mld_listened *g, const struct mld_record *rec)
{
	enum drop why = g->exclude ? add_others(g, rec, g->filter) : DROP_NONE;

	mld_ask_sources(g, true);
	return why;
}

static enum drop apply(struct mld_listened *g, const struct mld_record *rec)
{
	time_ns mali = time_after(mld_router_env(g->r)->now, mld_mali(g->r));

	mark(g, rec);
	switch ((enum mld_record_type)rec->type) {
	case MLD_IS_IN:
	case MLD_ALLOW:
		return allow(g, rec, mali);
	case MLD_IS_EX:
		return exclude(g, rec, mali, mali);
	case MLD_TO_EX:
		return to_ex(g, rec, mali);
	case MLD_TO_IN:
		return to_in(g, rec, mali);
	case MLD_BLOCK:
		return block(g, rec);
	}
	ASSERT_NOT_REACHED();
}

/* INCLUDE({}) becomes something else by these only. */
static bool makes_group(const struct mld_record *rec)
{
	return rec->type == MLD_IS_EX || rec->type == MLD_TO_EX ||
	       (rec->type != MLD_BLOCK && rec->n_sources > 0);
}

static void settle(struct mld_listened *g)
{
	if (!g->exclude && g->n == 0)
		group_del(g);
	else
		mld_listened_arm(g);
}

/* A group that somebody may listen to on another link, and ask a router for. */
static bool is_listened(const struct mld_router *r, const struct ip6_addr *group)
{
	return ip6_is_mcast(group) && mld_is_reported(mld_if(r->ifc), group);
}

enum drop mld_listened_record(struct mld_router *r, const struct mld_record *given)
{
	struct mld_record rec = *given;
	struct mld_listened *g;
	enum drop why;

	if (rec.type < MLD_IS_IN || rec.type > MLD_BLOCK || !is_listened(r, &rec.group))
		return DROP_NONE; /* section 5.2.12: MUST be ignored */
	g = mld_listened_find(r, &rec.group);
	if (g != NULL && g->v1_until != 0) { /* section 8.3.2 */
		if (rec.type == MLD_BLOCK)
			return DROP_NONE;
		if (rec.type == MLD_TO_EX)
			rec.n_sources = 0;
		if (rec.n_sources == 0)
			rec.sources = rd_of(NULL, 0);
	}
	if (g == NULL && !makes_group(&rec))
		return DROP_NONE;
	if (g == NULL)
		g = group_new(r, &rec.group);
	if (g == NULL)
		return DROP_MLD_FULL;
	why = apply(g, &rec);
	settle(g);
	return why;
}

enum drop mld_listened_v1(struct mld_router *r, const struct ip6_addr *group, bool done)
{
	struct mld_record rec = { .type = done ? MLD_TO_IN : MLD_IS_EX, .group = *group };
	enum drop why = mld_listened_record(r, &rec);
	struct mld_listened *g = done ? NULL : mld_listened_find(r, group);

	if (g == NULL)
		return why;
	g->v1_until = time_after(mld_router_env(r)->now, mld_mali(r)); /* section 9.13 */
	mld_listened_arm(g);
	return why;
}

static void lower(time_ns *timer, time_ns to)
{
	if (*timer > to)
		*timer = to;
}

/* Section 7.6.1; in MLDv1 the query tells the time (RFC 2710 section 4). */
void mld_listened_lower(struct mld_router *r, const struct mld_query *q)
{
	time_ns llqt = q->version == 1 ? q->max_delay * r->robustness : mld_llqt(r);
	time_ns to = time_after(mld_router_env(r)->now, llqt);
	struct mld_listened *g = mld_listened_find(r, &q->group);
	struct rd in = q->sources;
	struct mld_source *s;
	struct ip6_addr a;

	if (g == NULL || q->suppress)
		return;
	if (q->n_sources == 0 && g->exclude)
		lower(&g->filter, to);
	while (rd_addr(&in, &a))
		if ((s = mld_source_find(g, &a)) != NULL)
			lower(&s->until, to);
	mld_listened_arm(g);
}

void mld_listened_arm(struct mld_listened *g)
{
	time_ns next = TIME_NEVER;
	bool asks = false;

	for (uint32_t i = 0; i < g->n; i++) {
		if (g->source[i].until != 0)
			next = MIN(next, g->source[i].until);
		asks |= g->source[i].asks != 0;
	}
	if (asks)
		next = MIN(next, g->ask_src_at);
	if (g->asks != 0)
		next = MIN(next, g->ask_at);
	if (g->exclude)
		next = MIN(next, g->filter);
	if (g->v1_until != 0)
		next = MIN(next, g->v1_until);
	timer_set(&mld_router_env(g->r)->timers, &g->timer, next);
}

/* Sections 7.2.2, 7.2.3, 7.5: what has run out. */
static void expire(struct mld_listened *g, time_ns now)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->n; i++) {
		struct mld_source *s = &g->source[i];
		bool over = s->until != 0 && s->until <= now;

		if (over && !g->exclude)
			continue;
		if (over)
			s->until = 0;
		g->source[n++] = *s;
	}
	g->n = n;
	if (g->exclude && g->filter <= now) {
		delete_excluded(g);
		g->exclude = false;
	}
	if (g->v1_until != 0 && g->v1_until <= now)
		g->v1_until = 0;
}

void mld_listened_timer(struct mld_listened *g)
{
	expire(g, mld_router_env(g->r)->now);
	mld_ask_again(g);
	settle(g);
}

/* Section 7.3. */
bool mld_wants(const struct mld *mld, const struct iface *ifc, const struct ip6_addr *source,
	       const struct ip6_addr *group)
{
	const struct mld_router *r = mld_router_of(mld, ifc);
	const struct mld_listened *g = r != NULL ? mld_listened_find(r, group) : NULL;
	const struct mld_source *s;

	if (g == NULL)
		return false;
	s = mld_source_find(g, source);
	return s != NULL ? s->until != 0 : g->exclude;
}

void mld_walk(const struct mld *mld, const struct iface *ifc,
	      void (*fn)(void *ctx, const struct mld_want *w), void *ctx)
{
	const struct mld_router *r = mld_router_of(mld, ifc);

	if (r == NULL)
		return;
	LIST_FOR_EACH(it, &r->all) {
		const struct mld_listened *g = LIST_ENTRY(it, struct mld_listened, on);
		struct mld_want w = { .group = g->group,
				      .exclude = g->exclude,
				      .v1 = g->v1_until != 0,
				      .until = g->filter };

		for (uint32_t i = 0; i < g->n; i++)
			*(g->source[i].until != 0 ? &w.n_wanted : &w.n_not) += 1;
		fn(ctx, &w);
	}
}
