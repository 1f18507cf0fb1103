/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The form of queries: those that a router sends, and those that it hears from TR1, whose address
 * is lower, so that a query of its ends the device's own if it is taken. Tests 2.1 to 2.8 and
 * 2.14 to 2.21 of the MLDv2 router specification 1.0.1, by RFC 3810 sections 5.1 and 7.6.
 */
#include <string.h>

#include "conform/message.h"
#include "conform/mld_odd.h"
#include "conform/mld_script.h"
#include "mld/msg.h"

#define OQPT	  (255 * NS_PER_S) /* [Other Querier Present Timeout] */
#define LLQT	  (2 * NS_PER_S)
#define SHORTLY	  (3 * NS_PER_S)
#define MORE	  8 /* octets that nobody expects */
#define AT_N	  26
#define AT_SOURCE 28
#define ODD	  0xffu

/*
 * Queries of the device's.
 */

static size_t last_length(const struct tester *t)
{
	for (size_t i = t->record.n; i > 0; i--) {
		const struct seen *s = t->record.seen[i - 1];

		if (s->from_nut && s->ip6 && pv_match(&any_mld_query, &s->pv) == 0)
			return s->pv.plen.v;
	}
	return 0;
}

static void sent(struct tester *t, const char *script, size_t octets_of_it)
{
	struct mld_router_conf c = mld_conf(2);

	mld_router_up(t, &c);
	mld_play(t, &c, script);
	if (last_length(t) != octets_of_it)
		tester_fail(t, "a query has a payload of %zu octets, not %zu", last_length(t),
			    octets_of_it);
}

static void sends_general(struct tester *t)
{
	struct mld_router_conf c = mld_conf(2);

	mld_router_up(t, &c);
	if (last_length(t) != 36)
		tester_fail(t, "a query has a payload of %zu octets, not 36", last_length(t));
}

static void sends_specific(struct tester *t)
{
	sent(t, "IS_EX(); TO_IN() > Q()", 36);
}

static void sends_sources(struct tester *t)
{
	sent(t, "ALLOW(1,2); BLOCK(1,2) > Q(1,2)", 68);
}

/*
 * What is odd about a query of TR1's.
 */

static void from_on_link(struct tester *t, struct pv *pv)
{
	pv->src = IS_ADDR(t->st[TR1].global);
}

static void from_off_link(struct tester *t, struct pv *pv)
{
	pv->src = IS_ADDR(t->st[TN2].global);
}

static void odd_type(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->type = IS(ODD);
}

static void odd_code(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->code = IS(ODD);
}

static void odd_reserved(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->param.v |= ODD;
	*mld_octet(pv, 24) |= 0xf0;
}

static void longer(struct tester *t, struct pv *pv)
{
	mld_resize(t, pv, pv->data.n + 8 + MORE);
}

static void of_26(struct tester *t, struct pv *pv)
{
	mld_resize(t, pv, 26);
}

static void to_device(struct tester *t, struct pv *pv)
{
	pv->dst = IS_ADDR(nut_lla(t, TR1));
}

static void to_global(struct tester *t, struct pv *pv)
{
	pv->dst = IS_ADDR(nut_global(t, TR1));
}

static void to_routers(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->dst = IS_ADDR(all_mld_routers);
}

static void to_all(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->dst = IS_ADDR(all_nodes);
}

static void one_source_short(struct tester *t, struct pv *pv)
{
	mld_resize(t, pv, AT_SOURCE + (*mld_octet(pv, AT_N + 1) - 1u) * IP6_ADDR_OCTETS);
}

static void two_sources_claimed(struct tester *t, struct pv *pv)
{
	uint16_t plen = (uint16_t)(8 + 8 + pv->data.n + IP6_ADDR_OCTETS);

	(void)t;
	pv->plen = IS(plen);
}

static void no_source_counted(struct tester *t, struct pv *pv)
{
	(void)t;
	*mld_octet(pv, AT_N + 1) = 0;
}

static void one_more_counted(struct tester *t, struct pv *pv)
{
	(void)t;
	++*mld_octet(pv, AT_N + 1);
}

/*
 * Cases.
 */

static struct pv general(struct tester *t)
{
	struct mq q = mq_general(2);

	return mq_pv(t, TR1, &q);
}

/* About group @group, sources S1 to S@n; sent to M1. */
static struct pv specific(struct tester *t, enum station_id from, struct ip6_addr group, unsigned n)
{
	struct mq q = mq_general(2);
	struct pv pv;

	q.code = 1000;
	q.group = group;
	for (q.list.n = 0; q.list.n < n; q.list.n++)
		q.list.a[q.list.n] = mld_source(q.list.n + 1);
	pv = mq_pv(t, from, &q);
	pv.dst = IS_ADDR(mld_m1);
	return pv;
}

static const struct mld_router_conf *up(struct tester *t)
{
	struct mld_router_conf *c = (struct mld_router_conf *)octets(t, sizeof(*c));

	*c = mld_conf(2);
	setup_router(t);
	mld_router_up(t, c);
	return c;
}

/* A General Query, later one about a source; the device is the querier still. */
static void both_dropped(struct tester *t, void (*odd)(struct tester *t, struct pv *pv))
{
	const struct mld_router_conf *c = up(t);
	struct pv pv = general(t);

	odd(t, &pv);
	mld_tx(t, c, TR1, &pv, "");
	mld_play(t, c, "IS_IN(1)");
	pv = specific(t, TR1, mld_m1, 1);
	odd(t, &pv);
	mld_tx(t, c, TR1, &pv, "");
	mld_play(t, c, "TO_IN() > Q(1)");
}

/* A General Query of a lower address: what a listener owes, and no query until it is over. */
static void yields(struct tester *t, void (*odd)(struct tester *t, struct pv *pv))
{
	const struct mld_router_conf *c = up(t);
	struct mrec want = { .type = MLD_IS_EX, .group = all_mld_routers };
	struct pv pv = general(t), own = mld_general(t, c);
	const struct seen *s;
	time_ns end;

	odd(t, &pv);
	s = tx(t, TR1, &pv);
	end = s->when + OQPT;
	mld_reports(t, c->response_interval, &want);
	mld_no_query(t, end - NS_PER_S - t->nut->ops->now(t->nut) - tester_slack(t));
	expect_at(t, LINK_B, end, &own);
}

/* A query about a source, and what comes of TO_IN afterwards: the querier's queries, or nothing. */
static void asked(struct tester *t, const struct mld_router_conf *c, enum station_id from,
		  struct pv pv, void (*odd)(struct tester *t, struct pv *pv), const char *after)
{
	if (odd != NULL)
		odd(t, &pv);
	mld_tx(t, c, from, &pv, "");
	mld_play(t, c, after);
}

#define BOTH_DROPPED(name)                                                                         \
	static void name##_dropped(struct tester *t)                                               \
	{                                                                                          \
		both_dropped(t, name);                                                             \
	}
#define YIELDS(name)                                                                               \
	static void name##_yields(struct tester *t)                                                \
	{                                                                                          \
		yields(t, name);                                                                   \
	}
#define ASKED(name, before, from, group, n, odd, after)                                            \
	static void name(struct tester *t)                                                         \
	{                                                                                          \
		const struct mld_router_conf *c = up(t);                                           \
                                                                                                   \
		mld_play(t, c, before);                                                            \
		asked(t, c, from, specific(t, from, group, n), odd, after);                        \
	}

BOTH_DROPPED(mld_hop_0)
BOTH_DROPPED(mld_hop_2)
BOTH_DROPPED(mld_hop_255)
BOTH_DROPPED(mld_from_nobody)
BOTH_DROPPED(from_on_link)
BOTH_DROPPED(from_off_link)
BOTH_DROPPED(mld_from_group)
BOTH_DROPPED(mld_no_options)
BOTH_DROPPED(mld_no_alert)
BOTH_DROPPED(odd_type)
BOTH_DROPPED(mld_bad_sum)
YIELDS(to_device)
YIELDS(to_global)
YIELDS(to_routers)
YIELDS(odd_code)
YIELDS(odd_reserved)
YIELDS(longer)

/* Taken, so the device is no querier any more. */
ASKED(specific_to_device, "IS_IN(1)", TR1, mld_m1, 1, to_device, "TO_IN()")
ASKED(specific_to_global, "IS_IN(1)", TR1, mld_m1, 1, to_global, "TO_IN()")
ASKED(specific_to_all, "IS_IN(1)", TR1, mld_m1, 1, to_all, "TO_IN()")
ASKED(about_m2, "IS_IN(1)", TR1, mld_m2, 1, NULL, "TO_IN()")

/* Not taken. */
ASKED(short_by_one, "IS_IN(1,2)", TR1, mld_m1, 2, one_source_short, "TO_IN() > Q(1,2)")
ASKED(truncated, "IS_IN(1)", TR1, mld_m1, 1, two_sources_claimed, "TO_IN() > Q(1)")
ASKED(about_nothing, "IS_IN(1)", TR1, IP6_UNSPEC, 1, NULL, "TO_IN() > Q(1)")
ASKED(about_device, "IS_IN(1)", TR1, nut_lla(t, TR1), 1, NULL, "TO_IN() > Q(1)")
ASKED(about_global, "IS_IN(1)", TR1, nut_global(t, TR1), 1, NULL, "TO_IN() > Q(1)")
ASKED(none_of_one, "IS_IN(1)", TR2, mld_m1, 0, one_more_counted, "TO_IN() > Q(1)")
ASKED(one_of_two, "IS_IN(1,2)", TR2, mld_m1, 1, one_more_counted, "TO_IN() > Q(1,2)")
ASKED(querier_none_of_one, "IS_IN(1)", TR1, mld_m1, 0, one_more_counted, "TO_IN() > Q(1)")
ASKED(querier_one_of_two, "IS_IN(1,2)", TR1, mld_m1, 1, one_more_counted, "TO_IN() > Q(1,2)")

/* Taken, as a query about the group; from a higher address. */
ASKED(none_counted, "IS_IN(1)", TR2, mld_m1, 1, no_source_counted, "TO_IN() > Q(1)")

/* Whoever asks about ff02::1: it is not reported. Who is the querier then is not judged. */
static void about_all_nodes(struct tester *t)
{
	struct pv pv;

	up(t);
	pv = specific(t, TR1, all_nodes, 1);
	tx(t, TR1, &pv);
	silence(t, SHORTLY, &any_mld_report);
	ping(t, TR1);
}

/* A group that the device is a listener of itself. */
static void about_routers(struct tester *t, bool s)
{
	const struct mld_router_conf *c = up(t);
	struct mrec want = { .type = MLD_IS_IN,
			     .group = all_mld_routers,
			     .list = { .n = 1, .a = { mld_source(1) } } };
	struct pv pv = specific(t, TR1, all_mld_routers, 1);

	if (s)
		*mld_octet(&pv, 24) |= 0x08;
	mld_play(t, c, "IS_IN(1)");
	tx(t, TR1, &pv);
	mld_reports(t, NS_PER_S, &want);
	mld_no_query(t, SHORTLY);
	mld_play(t, c, "TO_IN()");
}

static void about_routers_clear(struct tester *t)
{
	about_routers(t, false);
}

static void about_routers_set(struct tester *t)
{
	about_routers(t, true);
}

/* What is behind the packet is none of its business, so the query counts. */
static void trailer(struct tester *t)
{
	const struct mld_router_conf *c = up(t);
	struct pv pv = general(t);

	mld_play(t, c, "IS_IN(1)");
	mld_trailer(t, &pv, MORE);
	tx(t, TR1, &pv);
	mld_no_query(t, LLQT);
	mld_play(t, c, "TO_IN()");
}

/* Of neither version, or of the other one: the device goes on. */
static void goes_on(struct tester *t, struct pv pv)
{
	struct mld_router_conf c = mld_conf(2);
	time_ns last = mld_router_up(t, &c);

	tx(t, TR1, &pv);
	mld_periodic(t, &c, last, 1);
}

static void length_24(struct tester *t)
{
	struct mq q = mq_general(1);

	goes_on(t, mq_pv(t, TR1, &q));
}

static void length_26(struct tester *t)
{
	struct pv pv = general(t);

	of_26(t, &pv);
	goes_on(t, pv);
}

static void not_forwarded(struct tester *t)
{
	struct pv pv = general(t), passed;

	up(t);
	pv.hop_limit = IS(2);
	pv.dst = IS_ADDR(t->st[TN2].global);
	mld_no_options(t, &pv);
	passed = forwarded(tx(t, TR1, &pv));
	passed.hop_limit.set = false;
	silence(t, SILENCE_FOR, &passed);
	ping(t, TR1);
}

#define QUERY(id, title, purpose, clause, fn)                                                      \
	{                                                                                          \
		"mldv2r." id, title, purpose, "RFC 3810 section " clause, LEVEL_MUST, NUT_ROUTER,  \
			NUT_MLD_ROUTER, NS_PER_S, fn                                               \
	}
#define DROPPED(id, title, clause, name)                                                           \
	QUERY(id, title,                                                                           \
	      "Neither a General Query nor one about a source counts: the device is the querier.", \
	      clause, name##_dropped)
#define TAKEN(id, title, clause, fn)                                                               \
	QUERY(id, title, "It counts: the device asks nothing until the other querier is gone.",    \
	      clause, fn)
#define BROKEN(id, title, clause, fn)                                                              \
	QUERY(id, title, "It does not count: the device is the querier, and no timer is lowered.", \
	      clause, fn)

static const struct part parts[] = {
	QUERY("2.1", "the form of a General Query", "Each field, and nothing behind them.", "5.1",
	      sends_general),
	QUERY("2.2", "the form of a query about a group", "Each field, and nothing behind them.",
	      "5.1", sends_specific),
	QUERY("2.3", "the form of a query about sources", "Each field, and nothing behind them.",
	      "5.1", sends_sources),
	DROPPED("2.4.a", "query with a hop limit of 0", "7.6", mld_hop_0),
	DROPPED("2.4.b", "query with a hop limit of 2", "7.6", mld_hop_2),
	DROPPED("2.4.c", "query with a hop limit of 255", "7.6", mld_hop_255),
	DROPPED("2.5.a", "query from the unspecified address", "5.1.14", mld_from_nobody),
	DROPPED("2.5.b", "query from a global address on link", "5.1.14", from_on_link),
	DROPPED("2.5.c", "query from a global address of another link", "5.1.14", from_off_link),
	DROPPED("2.5.d", "query from a group", "5.1.14", mld_from_group),
	TAKEN("2.6.a", "General Query to the device's link-local address", "5.1.15",
	      to_device_yields),
	TAKEN("2.6.b", "General Query to the device's global address", "5.1.15", to_global_yields),
	TAKEN("2.6.c", "General Query to all MLDv2 routers", "5.1.15", to_routers_yields),
	TAKEN("2.6.d", "query about a source to the device's link-local address", "5.1.15",
	      specific_to_device),
	TAKEN("2.6.e", "query about a source to the device's global address", "5.1.15",
	      specific_to_global),
	TAKEN("2.6.f", "query about a source to all nodes", "5.1.15", specific_to_all),
	QUERY("2.6.g", "query to somebody on the other link",
	      "It is from a link-local address, so it stays on its link.", "5.1.14", not_forwarded),
	DROPPED("2.7.a", "query without hop-by-hop options", "7.6", mld_no_options),
	DROPPED("2.7.b", "query without a router alert", "7.6", mld_no_alert),
	TAKEN("2.8.a", "query with octets behind its payload", "8.1", trailer),
	BROKEN("2.8.b", "query of two sources that ends behind the first", "5.1.10", short_by_one),
	BROKEN("2.8.c", "query that ends before its payload length says", "5.1.10", truncated),
	{ "mldv2r.2.8.d", "query of 24 octets",
	  "It is an MLDv1 query: a router that is not told to use MLDv1 goes on asking.",
	  "RFC 3810 section 8.3.1", LEVEL_SHOULD, NUT_ROUTER, NUT_MLD_ROUTER, NS_PER_S, length_24 },
	QUERY("2.8.e", "query of 26 octets", "It is of neither version.", "8.1", length_26),
	DROPPED("2.14", "unknown message type", "5", odd_type),
	TAKEN("2.15", "query with another code", "5.1.1", odd_code_yields),
	DROPPED("2.16", "query with a wrong checksum", "5.1.2", mld_bad_sum),
	TAKEN("2.17", "query with reserved bits", "5.1.4", odd_reserved_yields),
	QUERY("2.18.a", "query about all nodes", "It is answered by no report.", "6",
	      about_all_nodes),
	QUERY("2.18.b", "query about a source of all MLDv2 routers",
	      "The device listens to that group, and says so; it asks nothing any more.", "6.3",
	      about_routers_clear),
	QUERY("2.18.c", "query about a source of all MLDv2 routers, S flag set",
	      "The flag is not for listeners, nor for the election.", "5.1.7", about_routers_set),
	TAKEN("2.18.d", "query about a group that nobody listens to", "7.6.2", about_m2),
	BROKEN("2.18.e", "query about a source of no group", "5.1.10", about_nothing),
	BROKEN("2.18.f", "query about the device's link-local address", "5.1.5", about_device),
	BROKEN("2.18.g", "query about the device's global address", "5.1.5", about_global),
	QUERY("2.19.a", "a source behind a query that counts none",
	      "It is a query about the group; what is behind it is ignored.", "5.1.12",
	      none_counted),
	BROKEN("2.19.b", "query that counts a source and has none", "5.1.10", none_of_one),
	BROKEN("2.19.d", "query that counts two sources and has one", "5.1.10", one_of_two),
	BROKEN("2.19.e", "the querier's, that counts a source and has none", "5.1.10",
	       querier_none_of_one),
	BROKEN("2.19.f", "the querier's, that counts two sources and has one", "5.1.10",
	       querier_one_of_two),
	TAKEN("2.21", "query with octets behind its sources", "5.1.12", longer_yields),
};

const struct suite suite_mld_query = {
	.name = "mld-query",
	.title = "MLD routers: the form of queries",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
