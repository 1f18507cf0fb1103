/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listener part of Multicast Listener Discovery: interfaces, versions and timers, and answers
 * to queries. Read RFC 3810 sections 4.2, 6 and 8.2, then RFC 2710 sections 4 and 5, then RFC 3590.
 *
 * In the terms of RFC 3810 the interface's state for a group is EXCLUDE {} or what the filters of
 * its members come to (filter.c), or nothing at all. How changes of it are told is in change.c.
 * if_group.timer is the Multicast Address Timer of section 6.2.
 *
 * MLDv1 (section 8.2.1). if_group.timer is the delay timer of RFC 2710: it answers queries and
 * repeats the first report, and stops when somebody else reports the group. One Done ends it all,
 * sent if we were the last to report. Filters are not told.
 *
 * In both, only mld_enter_version() moves between the two, and it stops whatever was pending.
 */
#include "mld/router.h"

#include <stdlib.h>

void mld_init(struct mld *mld, struct ip6 *ip6)
{
	*mld = (struct mld){ .ip6 = ip6 };
}

void mld_done(struct mld *mld)
{
	for (uint32_t i = 0; i < ARRAY_LEN(mld->ip6->ifs); i++)
		if (mld->ip6->ifs[i] != NULL)
			mld_if_del(mld, mld->ip6->ifs[i]);
}

unsigned mld_version(const struct iface *ifc)
{
	return mld_if(ifc) != NULL ? mld_if(ifc)->version : 0;
}

bool mld_is_reported(const struct mld_if *mif, const struct ip6_addr *group)
{
	return !mif->ifc->loopback && ip6_scope(group) >= SCOPE_LINK &&
	       !ip6_eq(group, &IP6_ALL_NODES);
}

time_ns mld_draw(struct mld *mld, time_ns max)
{
	return max <= 1 ? 0 : 1 + rng_below(&mld->ip6->env->rng, max - 1);
}

void mld_group_arm(struct mld *mld, struct if_group *g, time_ns when)
{
	if (!timer_is_armed(&g->timer))
		timer_init(&g->timer, TIMER_MLD_GROUP);
	timer_set(&mld->ip6->env->timers, &g->timer, when);
}

static void cancel(struct mld *mld, struct timer *timer)
{
	timer_cancel(&mld->ip6->env->timers, timer);
}

/* Forget all that was to be sent. */
static void cancel_pending(struct mld *mld, struct mld_if *mif)
{
	cancel(mld, &mif->timer[MLD_GENERAL].timer);
	cancel(mld, &mif->timer[MLD_CHANGE].timer);
	LIST_FOR_EACH(it, &mif->ifc->groups) {
		struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		cancel(mld, &g->timer);
		g->reports_left = 0;
	}
	for (unsigned i = 0; i < MLD_ASKED_MAX; i++)
		mif->asked[i].n = 0;
	mld_changes_forget(mif);
}

void mld_enter_version(struct mld *mld, struct mld_if *mif, uint8_t version)
{
	ASSERT(version == 1 || version == 2);
	if (version == mif->version)
		return;
	cancel_pending(mld, mif); /* RFC 3810 section 8.2.1 */
	mif->version = version;
	env_event(mld->ip6->env, EVENT_MLD_VERSION, if_index(mif->ifc), NULL, version);
}

void mld_link_local_ready(struct mld *mld, struct iface *ifc)
{
	if (mld_if(ifc) == NULL)
		return;
	mld_report_all(mld, mld_if(ifc));
	if (mld_router_of(mld, ifc) != NULL)
		mld_router_start(mld_router_of(mld, ifc));
}

/*
 * Interfaces.
 */

int mld_if_up(struct mld *mld, struct iface *ifc)
{
	struct mld_if *mif;
	int rc;

	if (mld_if(ifc) != NULL)
		return 0;
	mif = calloc(1, sizeof(*mif));
	if (mif == NULL)
		return -ENOMEM;
	mif->ifc = ifc;
	mif->version = 2;
	list_init(&mif->changes);
	mif->robustness = MLD_ROBUSTNESS;
	mif->query_interval = MLD_QUERY_INTERVAL;
	mif->response_interval = MLD_QUERY_RESPONSE_INTERVAL;
	for (unsigned i = 0; i < MLD_NUM_IFACE_TIMERS; i++) {
		timer_init(&mif->timer[i].timer, TIMER_MLD_IFACE);
		mif->timer[i].what = (uint8_t)i;
		mif->timer[i].mif = mif;
	}
	rc = mld_join(mld, ifc, &IP6_ALL_NODES);
	if (rc < 0) {
		free(mif);
		return rc;
	}
	ifc->mld = mif;
	mld_report_all(mld, mif);
	return 0;
}

void mld_if_down(struct mld *mld, struct iface *ifc)
{
	struct mld_if *mif = mld_if(ifc);

	if (mif == NULL)
		return;
	if (mld_router_of(mld, ifc) != NULL)
		mld_router_stop(mld_router_of(mld, ifc));
	cancel_pending(mld, mif);
	cancel(mld, &mif->timer[MLD_OLDER].timer);
	ifc->mld = NULL;
	free(mif);
	mld_leave(mld, ifc, &IP6_ALL_NODES);
}

void mld_if_del(struct mld *mld, struct iface *ifc)
{
	const struct mld_router_conf off = { .on = false };

	mld_if_down(mld, ifc);
	(void)mld_set_router(mld, ifc, &off);
	LIST_FOR_EACH(it, &ifc->groups) {
		struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		while (g->mld_filter != NULL) {
			struct list *first = g->mld_filter->members.next;

			mld_filter_del(g, LIST_ENTRY(first, struct mld_member, on));
			if (ip6_group_leave(mld->ip6, g))
				break;
		}
	}
}

/*
 * Timers: RFC 3810 section 6.3.
 */

/* 1: one Current State Record for each group. */
static void general_due(struct mld *mld, struct mld_if *mif)
{
	struct mld_out out = { .mld = mld, .mif = mif };

	LIST_FOR_EACH(it, &mif->ifc->groups) {
		struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		if (mld_is_reported(mif, &g->addr))
			mld_out_add(&out, g->include ? MLD_IS_IN : MLD_IS_EX, &g->addr, g->source,
				    g->n_sources);
	}
	mld_out_send(&out);
}

/* 2 and 3: one group; with B sources asked for, IS_IN(A*B) or IS_IN(B-A), if that is any. */
static void group_due(struct mld *mld, struct mld_if *mif, struct if_group *g)
{
	struct mld_out out = { .mld = mld, .mif = mif };
	struct mld_asked *asked = mld_asked_find(mif, &g->addr);
	struct ip6_addr list[MLD_ASKED_SOURCES];
	uint16_t n = 0;

	for (unsigned i = 0; asked != NULL && i < asked->n; i++)
		if (if_group_wants(g, &asked->source[i]))
			list[n++] = asked->source[i];
	if (asked == NULL)
		mld_out_add(&out, g->include ? MLD_IS_IN : MLD_IS_EX, &g->addr, g->source,
			    g->n_sources);
	else if (n != 0)
		mld_out_add(&out, MLD_IS_IN, &g->addr, list, n);
	mld_out_send(&out);
	mld_asked_forget(mif, &g->addr);
}

/* RFC 2710 section 5, "timer expired". */
static void v1_group_due(struct mld *mld, struct mld_if *mif, struct if_group *g)
{
	mld_send_v1(mld, mif, MLD_TYPE_V1_REPORT, &g->addr);
	g->last_reporter = true;
	if (g->reports_left != 0)
		mld_v1_repeat(mld, g, (uint8_t)(g->reports_left - 1));
}

static void iface_due(struct mld *mld, struct mld_if *mif, enum mld_iface_timer what)
{
	switch (what) {
	case MLD_GENERAL:
		general_due(mld, mif);
		return;
	case MLD_CHANGE:
		mld_change_due(mld, mif);
		return;
	case MLD_OLDER:
		mld_enter_version(mld, mif, 2);
		return;
	case MLD_NUM_IFACE_TIMERS:
		break;
	}
	ASSERT_NOT_REACHED();
}

static void group_timer(struct mld *mld, struct if_group *g)
{
	struct mld_if *mif = mld_if(g->ifc);

	ASSERT(mif != NULL); /* mld_if_down() cancelled it */
	if (mif->version == 1)
		v1_group_due(mld, mif, g);
	else
		group_due(mld, mif, g);
}

void mld_timer(struct mld *mld, struct timer *timer)
{
	const struct mld_timer *t;

	switch ((int)timer->kind) {
	case TIMER_MLD_GROUP:
		group_timer(mld, CONTAINER_OF(timer, struct if_group, timer));
		return;
	case TIMER_MLD_IFACE:
		t = CONTAINER_OF(timer, struct mld_timer, timer);
		iface_due(mld, t->mif, (enum mld_iface_timer)t->what);
		return;
	case TIMER_MLD_ROUTER:
		mld_router_timer(CONTAINER_OF(timer, struct mld_router, timer));
		return;
	case TIMER_MLD_LISTENED:
		mld_listened_timer(CONTAINER_OF(timer, struct mld_listened, timer));
		return;
	}
	ASSERT_NOT_REACHED();
}
