/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The queries of an MLD router: RFC 3810 sections 5.1 and 7.6.3, RFC 2710 section 3 in MLDv1 mode.
 * Only the querier asks; what others would have to ask is none of their business.
 */
#include "mld/router.h"

/* Sources that fit a query which no link has to fragment (section 5.1.10). */
static unsigned sources_max(const struct mld_router *r)
{
	uint32_t room = MIN(r->ifc->conf.link_mtu, (uint32_t)MLD_PKT_MAX) - MLD_IP6_OCTETS -
			MLD_ALERT_OCTETS - MLD_V2_QUERY_OCTETS;

	return room / IP6_ADDR_OCTETS;
}

static struct mld_query query_of(const struct mld_router *r, const struct ip6_addr *group)
{
	bool general = ip6_is_unspec(group);
	struct mld_query q = { .version = r->conf.version,
			       .max_delay = general ? r->conf.response_interval
						    : r->conf.last_interval,
			       .group = *group };

	if (q.version == 2) {
		q.qrv = r->robustness <= MLD_QRV_MAX ? r->robustness : 0;
		q.interval = r->query_interval;
	}
	return q;
}

void mld_ask_general(struct mld_router *r)
{
	struct mld_query q = query_of(r, &IP6_UNSPEC);

	mld_send_query(r->mld, r->ifc, &q);
}

/* Section 7.6.3.1: the S flag says that somebody has answered in between. */
static void send_group(struct mld_listened *g)
{
	struct mld_router *r = g->r;
	time_ns now = mld_router_env(r)->now;
	struct mld_query q = query_of(r, &g->group);

	q.suppress = q.version == 2 && g->filter > time_after(now, mld_llqt(r));
	mld_send_query(r->mld, r->ifc, &q);
	g->asks--;
	g->ask_at = time_after(now, r->conf.last_interval);
}

void mld_ask_group(struct mld_listened *g)
{
	struct mld_router *r = g->r;

	if (!r->querier)
		return;
	g->filter = MIN(g->filter, time_after(mld_router_env(r)->now, mld_llqt(r)));
	g->asks = r->robustness;
	send_group(g);
}

/* One of the two messages of section 7.6.3.2, in as many packets as it takes. */
static void send_sources_that(struct mld_listened *g, bool suppress)
{
	struct ip6_addr list[MLD_PKT_MAX / IP6_ADDR_OCTETS];
	struct mld_router *r = g->r;
	time_ns llqt = time_after(mld_router_env(r)->now, mld_llqt(r));
	struct mld_query q = query_of(r, &g->group);
	unsigned max = sources_max(r), n = 0;

	q.suppress = suppress;
	for (uint32_t i = 0; i <= g->n; i++) {
		if (n == max || (i == g->n && n > 0)) {
			q.n_sources = (uint16_t)n;
			q.sources = rd_of(list, n * sizeof(list[0]));
			mld_send_query(r->mld, r->ifc, &q);
			n = 0;
		}
		if (i < g->n && g->source[i].asks != 0 && (g->source[i].until > llqt) == suppress)
			list[n++] = g->source[i].addr;
	}
}

static void send_sources(struct mld_listened *g)
{
	send_sources_that(g, true);
	send_sources_that(g, false);
	for (uint32_t i = 0; i < g->n; i++)
		if (g->source[i].asks != 0)
			g->source[i].asks--;
	g->ask_src_at = time_after(mld_router_env(g->r)->now, g->r->conf.last_interval);
}

void mld_ask_sources(struct mld_listened *g, bool marked)
{
	time_ns llqt = time_after(mld_router_env(g->r)->now, mld_llqt(g->r));
	bool any = false;

	if (!g->r->querier || g->r->conf.version == 1)
		return;
	for (uint32_t i = 0; i < g->n; i++) {
		struct mld_source *s = &g->source[i];

		if (s->marked != marked || s->until <= llqt)
			continue;
		s->until = llqt;
		s->asks = g->r->robustness;
		any = true;
	}
	if (any)
		send_sources(g);
}

void mld_ask_again(struct mld_listened *g)
{
	time_ns now = mld_router_env(g->r)->now;
	bool due = false;

	for (uint32_t i = 0; i < g->n; i++)
		due |= g->source[i].asks != 0;
	if (g->asks != 0 && g->ask_at <= now)
		send_group(g);
	if (due && g->ask_src_at <= now)
		send_sources(g);
}

void mld_ask_end(struct mld_listened *g)
{
	g->asks = 0;
	for (uint32_t i = 0; i < g->n; i++)
		g->source[i].asks = 0;
	mld_listened_arm(g);
}
