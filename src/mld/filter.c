/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Source filters of the members of a group, and what they come to for the interface: RFC 3810
 * sections 3, 4.1 and 4.2. Nothing is sent here.
 *
 * A membership by mld_join() is EXCLUDE {}, and only counted, in if_group.refs. Those with a filter
 * are kept in a list that the group has from the first one on; each is one of refs, too.
 */
#include "mld/listener.h"

#include <stdlib.h>

bool mld_state_has(const struct mld_state *s, const struct ip6_addr *source)
{
	for (unsigned i = 0; i < s->n; i++)
		if (ip6_eq(&s->source[i], source))
			return true;
	return false;
}

void mld_state_of(const struct if_group *g, struct mld_state *ret)
{
	*ret = (struct mld_state){ .include = true };
	if (g == NULL)
		return;
	ret->include = g->include;
	ret->n = g->n_sources;
	for (unsigned i = 0; i < g->n_sources; i++)
		ret->source[i] = g->source[i];
}

static bool add_source(struct mld_state *s, const struct ip6_addr *source)
{
	if (mld_state_has(s, source))
		return true;
	if (s->n == MLD_FILTER_SOURCES)
		return false;
	s->source[s->n++] = *source;
	return true;
}

static void take_away(struct mld_state *s, const struct mld_state *from, bool if_in)
{
	uint16_t n = 0;

	for (unsigned i = 0; i < s->n; i++)
		if (mld_state_has(from, &s->source[i]) != if_in)
			s->source[n++] = s->source[i];
	s->n = n;
}

/* What members in INCLUDE mode come to: the union of their lists. */
static int include_all(const struct mld_filter *f, struct mld_state *ret)
{
	*ret = (struct mld_state){ .include = true };
	LIST_FOR_EACH(it, &f->members) {
		const struct mld_member *m = LIST_ENTRY(it, struct mld_member, on);

		for (unsigned i = 0; m->state.include && i < m->state.n; i++)
			if (!add_source(ret, &m->state.source[i]))
				return -ENOSPC;
	}
	return 0;
}

/*
 * Section 4.2: what one member excludes and all others that exclude do, too, without what is
 * included by any.
 */
static void exclude_common(const struct mld_filter *f, const struct mld_member *one,
			   struct mld_state *ret)
{
	*ret = one->state;
	LIST_FOR_EACH(it, &f->members) {
		const struct mld_member *m = LIST_ENTRY(it, struct mld_member, on);

		take_away(ret, &m->state, m->state.include);
	}
}

/*
 * What the members come to. @all: others listen to all sources. Lists that would be too long if
 * nobody excluded anything are refused now: later nobody could be told.
 */
static int merge(const struct mld_filter *f, bool all, struct mld_state *ret)
{
	int rc = include_all(f, ret);

	if (rc < 0)
		return rc;
	if (all) {
		*ret = (struct mld_state){ .include = false };
		return 0;
	}
	LIST_FOR_EACH(it, &f->members) {
		const struct mld_member *m = LIST_ENTRY(it, struct mld_member, on);

		if (!m->state.include) {
			exclude_common(f, m, ret);
			break;
		}
	}
	return 0;
}

int mld_filter_apply(struct if_group *g)
{
	struct mld_filter *f = g->mld_filter;
	struct mld_state s;
	int rc;

	if (f == NULL)
		return 0;
	rc = merge(f, g->refs > f->n, &s);
	if (rc < 0)
		return rc;
	f->state = s;
	g->include = s.include;
	g->n_sources = s.n;
	g->source = f->state.source;
	return 0;
}

struct mld_member *mld_filter_find(const struct if_group *g, const void *who)
{
	if (g == NULL || g->mld_filter == NULL)
		return NULL;
	LIST_FOR_EACH(it, &g->mld_filter->members) {
		struct mld_member *m = LIST_ENTRY(it, struct mld_member, on);

		if (m->who == who)
			return m;
	}
	return NULL;
}

int mld_filter_add(struct if_group *g, const void *who, struct mld_member **ret)
{
	struct mld_filter *f = g->mld_filter;
	struct mld_member *m;

	if (f != NULL && f->n == MLD_MEMBERS_MAX)
		return -ENOSPC;
	m = calloc(1, sizeof(*m));
	if (m != NULL && f == NULL)
		f = calloc(1, sizeof(*f));
	if (m == NULL || f == NULL) {
		free(m);
		return -ENOMEM;
	}
	if (g->mld_filter == NULL)
		list_init(&f->members);
	g->mld_filter = f;
	m->who = who;
	m->state.include = true;
	list_add_tail(&f->members, &m->on);
	f->n++;
	*ret = m;
	return 0;
}

static void filter_free(struct if_group *g)
{
	free(g->mld_filter);
	g->mld_filter = NULL;
	g->include = false;
	g->n_sources = 0;
	g->source = NULL;
}

void mld_filter_del(struct if_group *g, struct mld_member *m)
{
	list_del(&m->on);
	free(m);
	if (--g->mld_filter->n == 0)
		filter_free(g);
}
