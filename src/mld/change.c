/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Joining, leaving, listening: what changes an interface's state for a group, and how the link is
 * told of it. RFC 3810 sections 4.2 and 6.1; RFC 2710 section 4 in MLDv1 mode.
 *
 * MLDv2. A change is what an interface's state was against what it is; nothing at all is INCLUDE
 * {}. It is told at once, in a report of its own, and again [Robustness Variable] - 1 times. Until
 * then it has a struct mld_change, which knows no lists to send: only that the filter mode changed,
 * or which sources did, and how often each is yet to be told. What is sent is made of that and of
 * the state at that time, so that a later change of the same group merges with an earlier one.
 *
 * The repeats of all groups share one timer per interface, so that one report carries what is due
 * of all of them; a change that finds the timer running is repeated when it fires, which is within
 * the interval, too.
 *
 * MLDv1 knows groups only: a first member, reported and repeated by if_group.timer, and a last one.
 */
#include "mld/listener.h"

#include <stdlib.h>

/*
 * Changes that are yet to be told again.
 */

static struct mld_change *change_find(const struct mld_if *mif, const struct ip6_addr *group)
{
	LIST_FOR_EACH(it, &mif->changes) {
		struct mld_change *c = LIST_ENTRY(it, struct mld_change, on);

		if (ip6_eq(&c->group, group))
			return c;
	}
	return NULL;
}

/* The change of @group; without room for it, one that is told only once. */
static struct mld_change *change_get(struct mld_if *mif, const struct ip6_addr *group)
{
	struct mld_change *c = change_find(mif, group);

	if (c != NULL)
		return c;
	if (mif->n_changes < MLD_CHANGES_MAX)
		c = calloc(1, sizeof(*c));
	if (c == NULL) {
		mif->once = (struct mld_change){ .group = *group };
		return &mif->once;
	}
	c->group = *group;
	list_add_tail(&mif->changes, &c->on);
	mif->n_changes++;
	return c;
}

/* @c was told: it goes if that was the last time. */
static void change_told(struct mld_if *mif, struct mld_change *c)
{
	if (c == &mif->once || c->mode_left != 0 || c->n != 0)
		return;
	list_del(&c->on);
	mif->n_changes--;
	free(c);
}

void mld_changes_forget(struct mld_if *mif)
{
	LIST_FOR_EACH(it, &mif->changes)
		free(LIST_ENTRY(it, struct mld_change, on));
	list_init(&mif->changes);
	mif->n_changes = 0;
}

static void note_source(struct mld_change *c, const struct ip6_addr *source, uint8_t times)
{
	unsigned i = 0;

	while (i < c->n && !ip6_eq(&c->repeat[i].source, source))
		i++;
	if (i == MLD_REPEATS_MAX) { /* the whole state tells it, too */
		c->mode_left = times;
		c->n = 0;
		return;
	}
	c->repeat[i] = (struct mld_repeat){ *source, times };
	c->n = MAX(c->n, (uint16_t)(i + 1));
}

/* The table of section 6.1. Return: false if nothing changed. */
static bool note(struct mld_change *c, const struct mld_state *was, const struct mld_state *is,
		 uint8_t times)
{
	bool any = false;

	if (was->include != is->include) {
		c->mode_left = times;
		return true;
	}
	for (unsigned i = 0; i < was->n; i++) {
		if (mld_state_has(is, &was->source[i]))
			continue;
		note_source(c, &was->source[i], times);
		any = true;
	}
	for (unsigned i = 0; i < is->n; i++) {
		if (mld_state_has(was, &is->source[i]))
			continue;
		note_source(c, &is->source[i], times);
		any = true;
	}
	return any;
}

/* ALLOW or BLOCK: those yet to be told that are to be forwarded now, or that are not. */
static void put_sources(struct mld_out *out, const struct mld_change *c, const struct mld_state *is,
			bool allow)
{
	struct ip6_addr list[MLD_REPEATS_MAX];
	uint16_t n = 0;

	for (unsigned i = 0; i < c->n; i++) {
		const struct ip6_addr *s = &c->repeat[i].source;

		if ((mld_state_has(is, s) == is->include) == allow)
			list[n++] = *s;
	}
	if (n != 0)
		mld_out_add(out, allow ? MLD_ALLOW : MLD_BLOCK, &c->group, list, n);
}

/* Section 6.1: each report counts, also one whose sources are in a record about the filter mode. */
static void put_change(struct mld_out *out, struct mld_change *c)
{
	struct mld_state is;
	uint16_t n = 0;

	mld_state_of(if_group_find(out->mif->ifc, &c->group), &is);
	if (c->mode_left != 0) {
		mld_out_add(out, is.include ? MLD_TO_IN : MLD_TO_EX, &c->group, is.source, is.n);
		c->mode_left--;
	} else {
		put_sources(out, c, &is, true);
		put_sources(out, c, &is, false);
	}
	for (unsigned i = 0; i < c->n; i++)
		if (--c->repeat[i].left != 0)
			c->repeat[n++] = c->repeat[i];
	c->n = n;
}

static void repeat_later(struct mld *mld, struct mld_if *mif)
{
	struct env *env = mld->ip6->env;
	struct timer *t = &mif->timer[MLD_CHANGE].timer;

	if (mif->n_changes != 0 && !timer_is_armed(t))
		timer_set(&env->timers, t,
			  env->now + mld_draw(mld, MLD_UNSOLICITED_REPORT_INTERVAL));
}

/* RFC 3810 section 6.3, 4: one report repeats all that is to be repeated. */
void mld_change_due(struct mld *mld, struct mld_if *mif)
{
	struct mld_out out = { .mld = mld, .mif = mif };

	LIST_FOR_EACH(it, &mif->changes) {
		struct mld_change *c = LIST_ENTRY(it, struct mld_change, on);

		put_change(&out, c);
		change_told(mif, c);
	}
	mld_out_send(&out);
	repeat_later(mld, mif);
}

/*
 * MLDv1.
 */

/* Set how often @g's report is yet to be sent, and arm the timer for it. */
void mld_v1_repeat(struct mld *mld, struct if_group *g, uint8_t reports_left)
{
	g->reports_left = reports_left;
	if (reports_left != 0)
		mld_group_arm(mld, g,
			      mld->ip6->env->now +
				      mld_draw(mld, MLD_V1_UNSOLICITED_REPORT_INTERVAL));
}

static void v1_joined(struct mld *mld, struct mld_if *mif, struct if_group *g)
{
	mld_send_v1(mld, mif, MLD_TYPE_V1_REPORT, &g->addr);
	g->last_reporter = true;
	mld_v1_repeat(mld, g, (uint8_t)(mif->robustness - 1));
}

/*
 * Members.
 */

/* The state of @group was @was. @last_reporter: of a group that is gone. */
static void changed(struct mld *mld, struct mld_if *mif, const struct ip6_addr *group,
		    const struct mld_state *was, bool last_reporter)
{
	struct if_group *g = if_group_find(mif->ifc, group);
	bool was_there = !was->include || was->n != 0;
	struct mld_out out = { .mld = mld, .mif = mif };
	struct mld_change *c;
	struct mld_state is;

	if (mif->version == 1) {
		if (g != NULL && !was_there)
			v1_joined(mld, mif, g);
		else if (g == NULL && (last_reporter || mld->done_always))
			mld_send_v1(mld, mif, MLD_TYPE_V1_DONE, group);
		return;
	}
	if (g != NULL)
		g->last_reporter = true;
	mld_state_of(g, &is);
	c = change_get(mif, group);
	if (note(c, was, &is, mif->robustness))
		put_change(&out, c);
	change_told(mif, c);
	mld_out_send(&out);
	repeat_later(mld, mif);
}

/* As if all groups had just been joined, in as few reports as will hold them. */
void mld_report_all(struct mld *mld, struct mld_if *mif)
{
	const struct mld_state nothing = { .include = true };
	struct mld_out out = { .mld = mld, .mif = mif };

	LIST_FOR_EACH(it, &mif->ifc->groups) {
		struct if_group *g = LIST_ENTRY(it, struct if_group, on);
		struct mld_change *c;
		struct mld_state is;

		if (!mld_is_reported(mif, &g->addr))
			continue;
		if (mif->version == 1) {
			v1_joined(mld, mif, g);
			continue;
		}
		g->last_reporter = true;
		mld_state_of(g, &is);
		c = change_get(mif, &g->addr);
		note(c, &nothing, &is, mif->robustness);
		put_change(&out, c);
		change_told(mif, c);
	}
	mld_out_send(&out);
	repeat_later(mld, mif);
}

void mld_if_farewell(struct mld *mld, struct iface *ifc)
{
	struct mld_if *mif = mld_if(ifc);
	struct mld_out out = { .mld = mld, .mif = mif };

	if (mif == NULL)
		return;
	LIST_FOR_EACH(it, &ifc->groups) {
		struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		if (!mld_is_reported(mif, &g->addr))
			continue;
		if (mif->version == 2)
			mld_out_add(&out, g->include ? MLD_BLOCK : MLD_TO_IN, &g->addr, g->source,
				    g->include ? g->n_sources : 0);
		else if (g->last_reporter || mld->done_always)
			mld_send_v1(mld, mif, MLD_TYPE_V1_DONE, &g->addr);
	}
	mld_out_send(&out);
}

static void tell(struct mld *mld, const struct iface *ifc, const struct ip6_addr *group,
		 const struct mld_state *was, bool last_reporter)
{
	struct mld_if *mif = mld_if(ifc);

	if (mif == NULL || !mld_is_reported(mif, group))
		return;
	if (if_group_find(ifc, group) == NULL)
		mld_asked_forget(mif, group);
	changed(mld, mif, group, was, last_reporter);
}

int mld_join(struct mld *mld, struct iface *ifc, const struct ip6_addr *group)
{
	struct mld_state was;
	struct if_group *g;
	int rc;

	ASSERT(ip6_is_mcast(group));
	mld_state_of(if_group_find(ifc, group), &was);
	rc = ip6_group_join(mld->ip6, ifc, group, &g);
	if (rc < 0)
		return rc;
	(void)mld_filter_apply(g); /* EXCLUDE {} fits */
	tell(mld, ifc, group, &was, false);
	return 0;
}

/* One member less; what is left comes to a state of its own. */
static void leave(struct mld *mld, struct iface *ifc, struct if_group *g,
		  const struct mld_state *was)
{
	bool last_reporter = g->last_reporter;
	struct ip6_addr group = g->addr;

	if (g->refs == 1)
		timer_cancel(&mld->ip6->env->timers, &g->timer);
	if (!ip6_group_leave(mld->ip6, g))
		(void)mld_filter_apply(g); /* checked before, or the filters of fewer members */
	tell(mld, ifc, &group, was, last_reporter);
}

int mld_leave(struct mld *mld, struct iface *ifc, const struct ip6_addr *group)
{
	struct if_group *g = if_group_find(ifc, group);
	struct mld_state was;

	if (g == NULL || (g->mld_filter != NULL && g->refs == g->mld_filter->n))
		return -EADDRNOTAVAIL;
	mld_state_of(g, &was);
	leave(mld, ifc, g, &was);
	return 0;
}

/* The member goes, and the group with the last. */
static int listen_no_more(struct mld *mld, struct iface *ifc, struct if_group *g,
			  struct mld_member *m)
{
	struct mld_state was;

	mld_state_of(g, &was);
	mld_filter_del(g, m);
	leave(mld, ifc, g, &was);
	return 0;
}

static int state_given(bool exclude, const struct ip6_addr *source, unsigned n,
		       struct mld_state *ret)
{
	*ret = (struct mld_state){ .include = !exclude };
	if (n > MLD_FILTER_SOURCES)
		return -ENOBUFS;
	for (unsigned i = 0; i < n; i++) {
		if (ip6_is_mcast(&source[i]) || ip6_is_unspec(&source[i]))
			return -EINVAL;
		if (!mld_state_has(ret, &source[i]))
			ret->source[ret->n++] = source[i];
	}
	return 0;
}

/* A member of an interface's group that may be new: it has no filter yet. */
static int member_new(struct mld *mld, struct iface *ifc, const struct ip6_addr *group,
		      const void *who, struct mld_member **ret)
{
	struct if_group *g;
	int rc = ip6_group_join(mld->ip6, ifc, group, &g);

	if (rc < 0)
		return rc;
	rc = mld_filter_add(g, who, ret);
	if (rc < 0)
		ip6_group_leave(mld->ip6, g);
	return rc;
}

int mld_listen(struct mld *mld, struct iface *ifc, const void *who, const struct ip6_addr *group,
	       bool exclude, const struct ip6_addr *source, unsigned n)
{
	struct mld_member *m = mld_filter_find(if_group_find(ifc, group), who);
	struct mld_state was, given, before = { .include = true };
	struct if_group *g;
	int rc = state_given(exclude, source, n, &given);

	ASSERT(ip6_is_mcast(group));
	if (rc < 0)
		return rc;
	if (!exclude && n == 0)
		return m != NULL ? listen_no_more(mld, ifc, if_group_find(ifc, group), m) : 0;
	mld_state_of(if_group_find(ifc, group), &was);
	if (m != NULL)
		before = m->state;
	else
		rc = member_new(mld, ifc, group, who, &m);
	if (rc < 0)
		return rc;
	g = if_group_find(ifc, group);
	m->state = given;
	rc = mld_filter_apply(g);
	if (rc == 0) {
		tell(mld, ifc, group, &was, false);
		return 0;
	}
	m->state = before; /* section 4.2: an error MUST be returned, and nothing has changed */
	if (before.n != 0 || !before.include)
		return rc;
	mld_filter_del(g, m);
	if (!ip6_group_leave(mld->ip6, g))
		(void)mld_filter_apply(g);
	return rc;
}
