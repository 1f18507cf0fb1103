/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an MLD router does with what it knows: packets to a group go to the links that have listeners
 * for them (RFC 3810 section 7.3), if they come by the link that packets to their source would leave
 * by; else they would go in circles where two routers share two links, and anybody could keep a
 * source's packets out by sending in its name elsewhere. That is all of multicast routing where no
 * other multicast router is around; whoever has a routing protocol opens multicast routing
 * (mroute_open()) first, or takes it over (mld_forward_stop()), and this stays out of it.
 *
 * A route is made when packets ask for one, and made anew when the listeners of its group change, or
 * packets come by another link than it says. Routes that nobody has used for a while go.
 */
#include "ip6/fib.h"
#include "mld/router.h"

#define IDLE (180 * NS_PER_S)
#define LOOK (60 * NS_PER_S)

/* The number of an interface among those that take part. */
static unsigned mif_of(uint32_t ifindex)
{
	return ifindex - 1;
}

static uint64_t wanted_by(const struct mld *mld, const struct ip6_addr *src,
			  const struct ip6_addr *group)
{
	uint64_t ret = 0;

	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (mld->router[i] != NULL && mld_wants(mld, mld->router[i]->ifc, src, group))
			ret |= UINT64_C(1) << mif_of(i);
	return ret;
}

void mld_forward_begin(struct mld *mld, const struct iface *ifc)
{
	if (!mld->forwards) {
		if (mroute_open(mld->ip6) < 0)
			return; /* somebody else is in charge */
		mld->forwards = true;
		timer_init(&mld->idle, TIMER_MLD_FORWARD);
	}
	(void)mroute_mif_add(mld->ip6, mif_of(if_index(ifc)), if_index(ifc), 1);
}

void mld_forward_end(struct mld *mld, const struct iface *ifc)
{
	if (!mld->forwards)
		return;
	(void)mroute_mif_del(mld->ip6, mif_of(if_index(ifc)));
	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (mld->router[i] != NULL)
			return;
	mld_forward_stop(mld);
}

void mld_forward_stop(struct mld *mld)
{
	if (!mld->forwards)
		return;
	timer_cancel(&mld->ip6->env->timers, &mld->idle);
	mroute_close(mld->ip6);
	mld->forwards = false;
}

void mld_forward_start(struct mld *mld)
{
	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (mld->router[i] != NULL)
			mld_forward_begin(mld, mld->router[i]->ifc);
}

/* The link, among those that take part, that a route to @src leaves by, preferably @ifindex; or 0. */
static uint32_t leads_to(const struct mld *mld, const struct ip6_addr *src, uint32_t ifindex)
{
	struct fib_key key = { .dst = *src };
	struct fib_choices c;
	uint32_t ret = 0;

	if (fib_lookup(mld->ip6->fib, &key, &c) != ROUTE_UNICAST)
		return 0;
	for (unsigned i = 0; i < c.n; i++) {
		uint32_t by = c.via[i]->ifindex;

		if (mld->router[by] != NULL && (ret == 0 || by == ifindex))
			ret = by;
	}
	return ret;
}

static void answer(struct mld *mld, const struct mroute_upcall *u)
{
	struct env *env = mld->ip6->env;
	struct mroute_route r = { .src = u->src, .group = u->group };
	uint32_t by = leads_to(mld, &u->src, u->mif + 1);

	r.iif = by != 0 ? (uint8_t)mif_of(by) : u->mif;
	r.oifs = by != 0 ? wanted_by(mld, &u->src, &u->group) : 0;
	(void)mroute_add(mld->ip6, &r); /* full: it waits until it is too old */
	if (!timer_is_armed(&mld->idle))
		timer_set(&env->timers, &mld->idle, time_after(env->now, LOOK));
}

void mld_run(struct mld *mld)
{
	struct mroute_upcall u;

	while (mld->forwards && mroute_upcall(mld->ip6, &u))
		if (u.type == MROUTE_NOCACHE || u.type == MROUTE_WRONGMIF)
			answer(mld, &u);
}

void mld_forward_changed(struct mld *mld, const struct ip6_addr *group)
{
	const struct mfc *m = NULL;

	while (mld->forwards && (m = mroute_iter(mld->ip6, m)) != NULL) {
		struct mroute_route r = m->r;

		if (m->r.is_static || !ip6_eq(&r.group, group))
			continue;
		r.oifs = wanted_by(mld, &r.src, group);
		if (r.oifs != m->r.oifs)
			(void)mroute_add(mld->ip6, &r);
	}
}

void mld_forward_timer(struct mld *mld)
{
	struct env *env = mld->ip6->env;
	const struct mfc *m = mroute_iter(mld->ip6, NULL), *next;
	bool more = false;

	for (; m != NULL; m = next) {
		next = mroute_iter(mld->ip6, m);
		if (m->r.is_static)
			continue;
		if (time_after(m->used, IDLE) <= env->now)
			(void)mroute_del(mld->ip6, &m->r.src, &m->r.group);
		else
			more = true;
	}
	if (more)
		timer_set(&env->timers, &mld->idle, time_after(env->now, LOOK));
}
