/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An MLD router on an interface: querier or not, and the queries that it sends to everybody. RFC
 * 3810 sections 7.1, 7.6.2, 8.3.1 and 9; RFC 2710 section 4 in MLDv1 mode.
 *
 * One timer: of a querier it is the time of the next General Query, of others that of Other Querier
 * Present. It runs from when the interface has a link-local address, which queries come from.
 */
#include <stdlib.h>

#include "mld/router.h"

const struct mld_router_conf MLD_ROUTER_DEFAULT = {
	.version = 2,
	.robustness = MLD_ROBUSTNESS,
	.query_interval = MLD_QUERY_INTERVAL,
	.response_interval = MLD_QUERY_RESPONSE_INTERVAL,
	.last_interval = NS_PER_S,
};

struct mld_router *mld_router_of(const struct mld *mld, const struct iface *ifc)
{
	return mld->router[if_index(ifc)];
}

/* Sections 5.1.3, 5.1.8, 5.1.9, 9.1 and 9.3: what has a code, and makes sense. */
static bool conf_ok(const struct mld_router_conf *c)
{
	return (c->version == 1 || c->version == 2) && c->robustness != 0 &&
	       c->query_interval >= NS_PER_S && c->query_interval <= MLD_QQI_MAX &&
	       c->response_interval < c->query_interval && c->response_interval <= MLD_DELAY_MAX &&
	       c->last_interval >= NS_PER_MS && c->last_interval <= MLD_DELAY_MAX;
}

static void next_in(struct mld_router *r, time_ns wait)
{
	struct env *env = mld_router_env(r);

	timer_set(&env->timers, &r->timer, time_after(env->now, wait));
}

/* Sections 9.6 and 9.7: the first ones come sooner. */
static void ask_all(struct mld_router *r)
{
	mld_ask_general(r);
	if (r->startup_left > 0)
		r->startup_left--;
	next_in(r, r->startup_left > 0 ? r->query_interval / 4 : r->query_interval);
}

static void become_querier(struct mld_router *r)
{
	r->querier = true;
	env_event(mld_router_env(r), EVENT_MLD_QUERIER, if_index(r->ifc), NULL, 1);
	ask_all(r);
}

static void cease(struct mld_router *r, const struct ip6_addr *other)
{
	r->querier = false;
	r->startup_left = 0;
	/* RFC 2710 section 4: what has begun goes on to its end; in MLDv2 the querier only asks */
	LIST_FOR_EACH(it, &r->all)
		if (r->conf.version == 2)
			mld_ask_end(LIST_ENTRY(it, struct mld_listened, on));
	env_event(mld_router_env(r), EVENT_MLD_QUERIER, if_index(r->ifc), other, 0);
}

void mld_router_start(struct mld_router *r)
{
	if (r->running || !r->ifc->link.up || mld_if(r->ifc) == NULL ||
	    if_link_local(r->ifc) == NULL)
		return;
	r->running = true;
	r->startup_left = r->conf.robustness;
	become_querier(r);
}

void mld_router_stop(struct mld_router *r)
{
	r->running = r->querier = false;
	mld_listened_flush(r);
	timer_cancel(&mld_router_env(r)->timers, &r->timer);
}

void mld_router_timer(struct mld_router *r)
{
	if (r->querier)
		ask_all(r);
	else
		become_querier(r);
}

/* Section 7.6.2: the last 64 bits decide. */
static bool is_lower(const struct ip6_addr *a, const struct ip6_addr *b)
{
	return get_be64(a->b + 8) < get_be64(b->b + 8);
}

/* Section 9.5; its variables are ours from now on, sections 5.1.8 and 5.1.9. */
static void other_querier(struct mld_router *r, const struct ip6_addr *from,
			  const struct mld_query *q)
{
	if (r->querier)
		cease(r, from);
	r->other = *from;
	if (q->version == 2) {
		r->robustness = q->qrv != 0 ? q->qrv : r->conf.robustness;
		r->query_interval = q->interval != 0 ? q->interval : MLD_QUERY_INTERVAL;
	}
	next_in(r, r->robustness * r->query_interval + r->conf.response_interval / 2);
}

void mld_router_query(struct mld_router *r, const struct ip6_addr *from, const struct mld_query *q)
{
	const struct if_addr *own = if_link_local(r->ifc);

	if (!r->running || own == NULL)
		return;
	/* section 8.3.1: an older router among us is the administrator's to tell us */
	if (q->version < r->conf.version) {
		if (r->old_queries++ == 0)
			env_event(mld_router_env(r), EVENT_MLD_OLDER, if_index(r->ifc), from,
				  q->version);
		return;
	}
	if (is_lower(from, &own->addr))
		other_querier(r, from, q);
	if (!ip6_is_unspec(&q->group))
		mld_listened_lower(r, q);
}

static struct mld_router *router_new(struct mld *mld, struct iface *ifc)
{
	struct mld_router *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->mld = mld;
	r->ifc = ifc;
	list_init(&r->all);
	timer_init(&r->timer, TIMER_MLD_ROUTER);
	if (mld_join(mld, ifc, &IP6_ALL_MLDV2_ROUTERS) < 0) {
		free(r);
		return NULL;
	}
	mld->router[if_index(ifc)] = r;
	ifc->conf.hears_listeners = true;
	return r;
}

static void router_del(struct mld_router *r)
{
	mld_router_stop(r);
	htab_done(&r->groups);
	r->mld->router[if_index(r->ifc)] = NULL;
	r->ifc->conf.hears_listeners = false;
	mld_leave(r->mld, r->ifc, &IP6_ALL_MLDV2_ROUTERS);
	free(r);
}

int mld_set_router(struct mld *mld, struct iface *ifc, const struct mld_router_conf *conf)
{
	struct mld_router *r = mld_router_of(mld, ifc);

	if (!conf->on) {
		if (r != NULL)
			router_del(r);
		return 0;
	}
	if (ifc->loopback || !conf_ok(conf))
		return -EINVAL;
	if (r == NULL)
		r = router_new(mld, ifc);
	else
		mld_router_stop(r);
	if (r == NULL)
		return -ENOMEM;
	r->conf = *conf;
	r->robustness = conf->robustness;
	r->query_interval = conf->query_interval;
	mld_router_start(r);
	return 0;
}

static bool listeners_want(const void *ctx, const struct iface *out, const struct ip6_addr *source,
			   const struct ip6_addr *group)
{
	return mld_wants(ctx, out, source, group);
}

int mld_forward(struct mld *mld, bool on)
{
	return mroute_by_listeners(mld->ip6, on ? listeners_want : NULL, mld);
}

bool mld_is_querier(const struct mld *mld, const struct iface *ifc)
{
	const struct mld_router *r = mld_router_of(mld, ifc);

	return r != NULL && r->querier;
}
