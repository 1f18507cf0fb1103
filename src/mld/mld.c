/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listener part of Multicast Listener Discovery. Read RFC 3810 sections 4.2, 6 and 8.2, then
 * RFC 2710 sections 4 and 5, then RFC 3590.
 *
 * A membership is for any source: in the terms of RFC 3810 the interface's state for a group is
 * EXCLUDE {} or nothing at all. So a change of state is always a change of filter mode, TO_EX({})
 * or TO_IN({}), and a Current State Record is IS_EX({}), or IS_IN(B) when B sources were asked for.
 *
 * MLDv2. A change is reported at once, alone, and repeated [Robustness Variable] - 1 times at
 * random intervals in (0, [Unsolicited Report Interval]). The merging of section 6.1 is simple
 * here: the later change of a group replaces the earlier one and starts its count anew. Repeats of
 * all groups share one timer per interface, so that one report carries what is due of all of them;
 * a group whose change finds the timer running is repeated when it fires, which is within the
 * interval, too. if_group.reports_left counts the repeats of a group joined, mld_if.gone[] those
 * of a group left. if_group.timer is the Multicast Address Timer of section 6.2.
 *
 * MLDv1 (section 8.2.1). if_group.timer is the delay timer of RFC 2710: it answers queries and
 * repeats the first report, and stops when somebody else reports the group. One Done ends it all,
 * sent if we were the last to report.
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
	const struct mld_router_conf off = { .on = false };

	for (uint32_t i = 0; i < ARRAY_LEN(mld->ip6->ifs); i++) {
		if (mld->ip6->ifs[i] == NULL)
			continue;
		mld_if_down(mld, mld->ip6->ifs[i]);
		(void)mld_set_router(mld, mld->ip6->ifs[i], &off);
	}
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
	mif->n_gone = 0;
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

/*
 * Groups that were left.
 */

static void gone_forget(struct mld_if *mif, const struct ip6_addr *group)
{
	for (uint32_t i = 0; i < mif->n_gone; i++) {
		if (ip6_eq(&mif->gone[i].group, group)) {
			mif->gone[i] = mif->gone[--mif->n_gone];
			return;
		}
	}
}

static void gone_add(struct mld_if *mif, const struct ip6_addr *group, uint8_t reports_left)
{
	if (reports_left != 0 && mif->n_gone < MLD_GONE_MAX)
		mif->gone[mif->n_gone++] = (struct mld_gone){ *group, reports_left };
}

/*
 * State changes.
 */

static void repeat_later(struct mld *mld, struct mld_if *mif)
{
	struct env *env = mld->ip6->env;
	struct timer *t = &mif->timer[MLD_CHANGE].timer;

	if (!timer_is_armed(t))
		timer_set(&env->timers, t,
			  env->now + mld_draw(mld, MLD_UNSOLICITED_REPORT_INTERVAL));
}

/* Set how often @g's change of state is yet to be sent, and arm the timer for it. */
static void repeat(struct mld *mld, struct mld_if *mif, struct if_group *g, uint8_t reports_left)
{
	struct env *env = mld->ip6->env;

	g->reports_left = reports_left;
	if (reports_left == 0)
		return;
	if (mif->version == 1)
		mld_group_arm(mld, g, env->now + mld_draw(mld, MLD_V1_UNSOLICITED_REPORT_INTERVAL));
	else
		repeat_later(mld, mif);
}

static void group_joined(struct mld *mld, struct mld_if *mif, struct if_group *g)
{
	gone_forget(mif, &g->addr);
	if (mif->version == 1)
		mld_send_v1(mld, mif, MLD_TYPE_V1_REPORT, &g->addr);
	else
		mld_send_record(mld, mif, MLD_TO_EX, &g->addr);
	g->last_reporter = true;
	repeat(mld, mif, g, (uint8_t)(mif->robustness - 1));
}

static void group_left(struct mld *mld, struct mld_if *mif, const struct ip6_addr *group,
		       bool last_reporter)
{
	if (mif->version == 1) {
		if (last_reporter || mld->done_always)
			mld_send_v1(mld, mif, MLD_TYPE_V1_DONE, group);
		return;
	}
	mld_send_record(mld, mif, MLD_TO_IN, group);
	gone_add(mif, group, (uint8_t)(mif->robustness - 1));
	if (mif->n_gone != 0)
		repeat_later(mld, mif);
}

int mld_join(struct mld *mld, struct iface *ifc, const struct ip6_addr *group)
{
	struct mld_if *mif = mld_if(ifc);
	struct if_group *g;
	int rc;

	ASSERT(ip6_is_mcast(group));
	rc = ip6_group_join(mld->ip6, ifc, group, &g);
	if (rc <= 0)
		return rc;
	if (mif != NULL && mld_is_reported(mif, group))
		group_joined(mld, mif, g);
	return 0;
}

int mld_leave(struct mld *mld, struct iface *ifc, const struct ip6_addr *group)
{
	struct if_group *g = if_group_find(ifc, group);
	struct ip6_addr addr = *group; /* may lie in *g */
	struct mld_if *mif = mld_if(ifc);
	bool last_reporter;

	if (g == NULL)
		return -EADDRNOTAVAIL;
	last_reporter = g->last_reporter;
	if (g->refs == 1)
		cancel(mld, &g->timer);
	if (!ip6_group_leave(mld->ip6, g) || mif == NULL || !mld_is_reported(mif, &addr))
		return 0;
	mld_asked_forget(mif, &addr);
	group_left(mld, mif, &addr, last_reporter);
	return 0;
}

/* As if all groups had just been joined, in as few reports as will hold them. */
static void report_all(struct mld *mld, struct mld_if *mif)
{
	struct mld_out out = { .mld = mld, .mif = mif };

	LIST_FOR_EACH(it, &mif->ifc->groups) {
		struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		if (!mld_is_reported(mif, &g->addr))
			continue;
		if (mif->version == 1)
			mld_send_v1(mld, mif, MLD_TYPE_V1_REPORT, &g->addr);
		else
			mld_out_add(&out, MLD_TO_EX, &g->addr, NULL, 0);
		g->last_reporter = true;
		repeat(mld, mif, g, (uint8_t)(mif->robustness - 1));
	}
	mld_out_send(&out);
}

void mld_link_local_ready(struct mld *mld, struct iface *ifc)
{
	if (mld_if(ifc) == NULL)
		return;
	report_all(mld, mld_if(ifc));
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
	report_all(mld, mif);
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
			mld_out_add(&out, MLD_IS_EX, &g->addr, NULL, 0);
	}
	mld_out_send(&out);
}

/* 2 and 3: one group; of EXCLUDE {} with B sources asked for, IS_IN(B). */
static void group_due(struct mld *mld, struct mld_if *mif, struct if_group *g)
{
	struct mld_out out = { .mld = mld, .mif = mif };
	struct mld_asked *asked = mld_asked_find(mif, &g->addr);

	if (asked != NULL)
		mld_out_add(&out, MLD_IS_IN, &g->addr, asked->source, asked->n);
	else
		mld_out_add(&out, MLD_IS_EX, &g->addr, NULL, 0);
	mld_out_send(&out);
	mld_asked_forget(mif, &g->addr);
}

/* 4: one report repeats all changes of state that are to be repeated. */
static void change_due(struct mld *mld, struct mld_if *mif)
{
	struct mld_out out = { .mld = mld, .mif = mif };
	bool more = false;
	uint32_t kept = 0;

	LIST_FOR_EACH(it, &mif->ifc->groups) {
		struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		if (g->reports_left == 0)
			continue;
		mld_out_add(&out, MLD_TO_EX, &g->addr, NULL, 0);
		more |= --g->reports_left != 0;
	}
	for (uint32_t i = 0; i < mif->n_gone; i++) {
		mld_out_add(&out, MLD_TO_IN, &mif->gone[i].group, NULL, 0);
		if (--mif->gone[i].reports_left != 0)
			mif->gone[kept++] = mif->gone[i];
	}
	mif->n_gone = kept;
	mld_out_send(&out);
	if (more || kept != 0)
		repeat_later(mld, mif);
}

/* RFC 2710 section 5, "timer expired". */
static void v1_group_due(struct mld *mld, struct mld_if *mif, struct if_group *g)
{
	mld_send_v1(mld, mif, MLD_TYPE_V1_REPORT, &g->addr);
	g->last_reporter = true;
	if (g->reports_left != 0)
		repeat(mld, mif, g, (uint8_t)(g->reports_left - 1));
}

static void iface_due(struct mld *mld, struct mld_if *mif, enum mld_iface_timer what)
{
	switch (what) {
	case MLD_GENERAL:
		general_due(mld, mif);
		return;
	case MLD_CHANGE:
		change_due(mld, mif);
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
	case TIMER_MLD_FORWARD:
		mld_forward_timer(mld);
		return;
	case TIMER_MLD_LISTENED:
		mld_listened_timer(CONTAINER_OF(timer, struct mld_listened, timer));
		return;
	}
	ASSERT_NOT_REACHED();
}
