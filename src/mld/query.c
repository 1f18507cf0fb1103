/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is heard: queries of either version, and in MLDv1 mode the reports of others; a router
 * hears all reports. A message is judged whole before anything is changed.
 *
 * RFC 3810 section 6.2 gives five rules for a query that finds an answer already pending; they
 * are on_general() (1, 2) and on_specific() (1, 3, 4, 5) below. MLDv1 mode follows the state
 * diagram of RFC 2710 section 5 instead: v1_on_query() and on_v1_report().
 */
#include "mld/router.h"

/* Offsets in the IPv6 header, RFC 8200 section 3. */
#define AT_HOP_LIMIT 7
#define AT_SRC	     8

/*
 * Sources asked about.
 */

struct mld_asked *mld_asked_find(struct mld_if *mif, const struct ip6_addr *group)
{
	for (unsigned i = 0; i < MLD_ASKED_MAX; i++)
		if (mif->asked[i].n != 0 && ip6_eq(&mif->asked[i].group, group))
			return &mif->asked[i];
	return NULL;
}

void mld_asked_forget(struct mld_if *mif, const struct ip6_addr *group)
{
	struct mld_asked *a = mld_asked_find(mif, group);

	if (a != NULL)
		a->n = 0;
}

static bool asked_has(const struct mld_asked *a, const struct ip6_addr *source)
{
	for (unsigned i = 0; i < a->n; i++)
		if (ip6_eq(&a->source[i], source))
			return true;
	return false;
}

/*
 * Note the sources of a query, beside those noted before. When there is no room (RFC 3810 section
 * 10.1 warns of the attack) all are forgotten: the answer is then the group's whole state, which
 * tells the router more than it asked.
 */
static void asked_add(struct mld_if *mif, const struct mld_query *q)
{
	struct mld_asked *a = mld_asked_find(mif, &q->group);
	struct rd in = q->sources;
	struct ip6_addr source;

	for (unsigned i = 0; a == NULL && i < MLD_ASKED_MAX; i++)
		if (mif->asked[i].n == 0)
			a = &mif->asked[i];
	if (a == NULL)
		return;
	a->group = q->group;
	while (rd_addr(&in, &source)) {
		if (asked_has(a, &source))
			continue;
		if (a->n == MLD_ASKED_SOURCES) {
			a->n = 0;
			return;
		}
		a->source[a->n++] = source;
	}
}

/*
 * Queries.
 */

static bool has_reported(const struct mld_if *mif)
{
	LIST_FOR_EACH(it, &mif->ifc->groups)
		if (mld_is_reported(mif, &LIST_ENTRY(it, struct if_group, on)->addr))
			return true;
	return false;
}

static bool general_is_sooner(const struct mld_if *mif, time_ns when)
{
	const struct timer *t = &mif->timer[MLD_GENERAL].timer;

	return timer_is_armed(t) && t->when < when;
}

static void on_general(struct mld *mld, struct mld_if *mif, const struct mld_query *q)
{
	struct env *env = mld->ip6->env;
	time_ns when;

	if (!has_reported(mif))
		return;
	when = time_after(env->now, mld_draw(mld, q->max_delay));
	if (!general_is_sooner(mif, when))				       /* rule 1 */
		timer_set(&env->timers, &mif->timer[MLD_GENERAL].timer, when); /* rule 2 */
}

static void on_specific(struct mld *mld, struct mld_if *mif, struct if_group *g,
			const struct mld_query *q)
{
	struct env *env = mld->ip6->env;
	time_ns when = time_after(env->now, mld_draw(mld, q->max_delay));
	bool pending = timer_is_armed(&g->timer);

	if (general_is_sooner(mif, when)) /* rule 1 */
		return;
	if (q->n_sources == 0 || (pending && mld_asked_find(mif, &g->addr) == NULL))
		mld_asked_forget(mif, &g->addr); /* rule 4 */
	else
		asked_add(mif, q); /* rules 3, 5 */
	mld_group_arm(mld, g, pending ? MIN(g->timer.when, when) : when);
}

/* RFC 2710 section 4: a timer that runs is only ever shortened. */
static void v1_on_query(struct mld *mld, struct if_group *g, const struct mld_query *q)
{
	struct env *env = mld->ip6->env;

	if (timer_is_armed(&g->timer) && time_after(env->now, q->max_delay) >= g->timer.when)
		return;
	mld_group_arm(mld, g, time_after(env->now, mld_draw(mld, q->max_delay)));
}

static void v1_on_general(struct mld *mld, struct mld_if *mif, const struct mld_query *q)
{
	LIST_FOR_EACH(it, &mif->ifc->groups) {
		struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		if (mld_is_reported(mif, &g->addr))
			v1_on_query(mld, g, q);
	}
}

/* Adopt the querier's variables, and its version. RFC 3810 sections 5.1.8, 5.1.9, 8.2.1, 9.12. */
static void adopt(struct mld *mld, struct mld_if *mif, const struct mld_query *q)
{
	struct env *env = mld->ip6->env;

	if (q->version == 2) {
		mif->robustness = q->qrv != 0 ? q->qrv : MLD_ROBUSTNESS;
		mif->query_interval = q->interval != 0 ? q->interval : MLD_QUERY_INTERVAL;
	}
	if (ip6_is_unspec(&q->group))
		mif->response_interval = q->max_delay;
	if (q->version == 1) {
		mld_enter_version(mld, mif, 1);
		timer_set(&env->timers, &mif->timer[MLD_OLDER].timer,
			  env->now + mif->robustness * mif->query_interval +
				  mif->response_interval);
	}
}

static enum drop on_query(struct mld *mld, struct mld_if *mif, const struct pkt *pkt, struct rd msg)
{
	struct mld_router *r = mld_router_of(mld, mif->ifc);
	struct ip6_addr src = ip6_hdr_src(pkt->p);
	struct if_group *g;
	struct mld_query q;
	enum drop why;

	why = mld_get_query(msg, &q);
	if (why != DROP_NONE)
		return why;
	if (q.version == 1 && mld->v2_only)
		return DROP_MLD_VERSION;

	if (r != NULL && (pkt->flags & PKT_LOCAL_IN) == 0)
		mld_router_query(r, &src, &q);
	adopt(mld, mif, &q);
	if (ip6_is_unspec(&q.group)) {
		if (mif->version == 1)
			v1_on_general(mld, mif, &q);
		else
			on_general(mld, mif, &q);
		return DROP_MLD_DONE;
	}
	g = if_group_find(mif->ifc, &q.group);
	if (g == NULL || !mld_is_reported(mif, &q.group))
		return DROP_MLD_DONE;
	if (mif->version == 1)
		v1_on_query(mld, g, &q);
	else
		on_specific(mld, mif, g, &q);
	return DROP_MLD_DONE;
}

/*
 * RFC 2710 section 5: somebody else's report makes ours needless, if one is pending. In MLDv2
 * mode nothing is suppressed (RFC 3810 section 8.2.2 would allow it).
 */
static enum drop on_v1_report(struct mld *mld, struct mld_if *mif, const struct pkt *pkt,
			      struct rd msg)
{
	struct ip6_addr group;
	struct if_group *g;
	enum drop why;

	why = mld_get_v1(msg, &group);
	if (why != DROP_NONE)
		return why;
	if (mld->v2_only)
		return DROP_MLD_VERSION;
	if (mld_router_of(mld, mif->ifc) != NULL && mld_router_of(mld, mif->ifc)->running)
		why = mld_listened_v1(mld_router_of(mld, mif->ifc), &group, false);
	if (why != DROP_NONE)
		return why;
	g = if_group_find(mif->ifc, &group);
	if (mif->version != 1 || g == NULL || !timer_is_armed(&g->timer) ||
	    (pkt->flags & PKT_LOCAL_IN) != 0) /* our own comes back to us, as a member */
		return DROP_MLD_DONE;
	timer_cancel(&mld->ip6->env->timers, &g->timer);
	g->reports_left = 0;
	g->last_reporter = false;
	return DROP_MLD_DONE;
}

static enum drop on_done(struct mld *mld, struct mld_router *r, struct rd msg)
{
	struct ip6_addr group;
	enum drop why = mld_get_v1(msg, &group);

	if (why == DROP_NONE && mld->v2_only)
		why = DROP_MLD_VERSION;
	if (why == DROP_NONE)
		why = mld_listened_v1(r, &group, true);
	return why != DROP_NONE ? why : DROP_MLD_DONE;
}

/*
 * RFC 3810 section 7.4; a router told to speak MLDv1 knows nothing of them. Section 5.2.14: they go
 * to all MLDv2 routers, and only those of MLDv1 elsewhere.
 */
static enum drop on_report(struct mld_router *r, const struct pkt *pkt, struct rd msg)
{
	struct ip6_addr dst = ip6_hdr_dst(pkt->p);
	struct mld_report report;
	struct mld_record rec;
	enum drop why = mld_get_report(msg, &report), ret = DROP_MLD_DONE;

	if (why != DROP_NONE)
		return why;
	if (!ip6_eq(&dst, &IP6_ALL_MLDV2_ROUTERS))
		return DROP_MLD_DST;
	if (r->conf.version == 1)
		return DROP_MLD_REPORT;
	while (mld_record_next(&report.records, &rec)) {
		why = mld_listened_record(r, &rec);
		if (why != DROP_NONE)
			ret = why;
	}
	return ret;
}

/* RFC 3810 sections 6.2, 5.1.14 and 10; a report from the unspecified address counts for nobody. */
static enum drop judge(const struct pkt *pkt)
{
	struct ip6_addr src;

	if (pkt->p[AT_HOP_LIMIT] != 1)
		return DROP_MLD_HOP_LIMIT;
	memcpy(src.b, pkt->p + AT_SRC, sizeof(src.b));
	if (!ip6_is_linklocal(&src))
		return DROP_MLD_SRC;
	if ((pkt->flags & PKT_ROUTER_ALERT) == 0)
		return DROP_MLD_NO_ALERT;
	return DROP_NONE;
}

static enum drop take(struct mld *mld, const struct pkt *pkt)
{
	struct iface *ifc = ip6_if(mld->ip6, pkt->ifindex);
	enum drop why = judge(pkt);
	struct mld_router *r;
	struct rd msg;

	if (why != DROP_NONE)
		return why;
	if (ifc == NULL || mld_if(ifc) == NULL)
		return DROP_IF_DOWN;
	ASSERT(pkt->l4_off >= MLD_IP6_OCTETS && pkt->l4_off <= pkt->len);
	msg = rd_of(pkt->p + pkt->l4_off, pkt->len - pkt->l4_off);
	r = mld_router_of(mld, ifc);
	switch (mld_type(msg)) {
	case MLD_TYPE_QUERY:
		return on_query(mld, mld_if(ifc), pkt, msg);
	case MLD_TYPE_V1_REPORT:
		return on_v1_report(mld, mld_if(ifc), pkt, msg);
	case MLD_TYPE_V1_DONE:
		return r != NULL && r->running ? on_done(mld, r, msg) : DROP_MLD_REPORT;
	case MLD_TYPE_V2_REPORT: /* RFC 3810 section 6: only routers take them */
		return r != NULL && r->running ? on_report(r, pkt, msg) : DROP_MLD_REPORT;
	}
	return DROP_ICMP6_TYPE;
}

void mld_input(struct mld *mld, struct pkt *pkt)
{
	env_drop(mld->ip6->env, pkt, take(mld, pkt));
}
