/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an MLD router sends of its own, its variables and its two links: group 1 of the MLDv2
 * router specification 1.0.1, by RFC 3810 sections 7 and 9.
 */
#include "conform/message.h"
#include "conform/mld_script.h"
#include "ip6/scope.h"
#include "mld/msg.h"

#define MS(n) ((n)*NS_PER_MS)
#define S(n)  ((n)*NS_PER_S)

/* All on one wire, station TN1 and both interfaces of the device. */
#define ONE_WIRE_START S(40)
#define ONE_WIRE_WAIT  S(3)

/* A report of a change to EXCLUDE {}, which is what joining a group is. */
static struct mrec joined(struct ip6_addr group)
{
	return (struct mrec){ .type = MLD_TO_EX, .group = group };
}

static void starts(struct tester *t)
{
	struct mld_router_conf c = mld_conf(2);
	struct ip6_addr lla;
	time_ns last = mld_router_up(t, &c), first;
	struct mrec want = joined(all_mld_routers);

	first = mld_reports(t, 0, &want)->when;
	if (mld_reports(t, 0, &want)->when - first >
	    MLD_UNSOLICITED_REPORT_INTERVAL + tester_slack(t))
		tester_fail(t, "the report is not repeated within a second");
	mld_periodic(t, &c, last, 2);
	t->since = 0; /* what it listens to since it came up */
	lla = nut_lla(t, TN1);
	want = joined(ip6_solicited_node(&lla));
	mld_reports(t, 0, &want);
	want = joined(all_routers);
	mld_reports(t, 0, &want);
}

/* Variables, and the codes of the wire that they are. */
static const struct vars {
	const char *id;
	uint8_t robustness;
	time_ns query, response;
	unsigned code, qrv, qqic;
	unsigned queries; /* after those at the start */
} vars[] = {
	{ "mldv2r.1.2.a", 3, S(60), S(10), 10000, 3, 60, 2 },
	{ "mldv2r.1.2.b", 8, S(60), S(10), 10000, 0, 60, 2 },
	{ "mldv2r.1.3.a", 2, S(127), S(10), 10000, 2, 127, 2 },
	{ "mldv2r.1.3.b", 2, S(128), S(10), 10000, 2, 0x80, 2 },
	{ "mldv2r.1.3.c", 2, S(160), S(10), 10000, 2, 0x84, 2 },
	{ "mldv2r.1.3.d", 2, S(164), S(10), 10000, 2, 0x84, 2 },
	{ "mldv2r.1.3.e", 2, S(31744), S(10), 10000, 2, 0xff, 1 },
	{ "mldv2r.1.4.a", 2, S(132), MS(32767), 0x7fff, 2, 0x80, 1 },
	{ "mldv2r.1.4.b", 2, S(132), MS(32768), 0x8000, 2, 0x80, 1 },
	{ "mldv2r.1.4.c", 2, S(160), MS(40000), 0x8388, 2, 0x84, 1 },
	{ "mldv2r.1.4.d", 2, S(161), MS(40007), 0x8388, 2, 0x84, 1 },
	{ "mldv2r.1.4.e", 2, S(512), MS(128000), 0x9f40, 2, 0xa0, 1 },
};

static void variables(struct tester *t)
{
	struct mld_router_conf c = mld_conf(2);
	const struct vars *v = vars;
	struct pv want;
	struct mq q;

	while (strcmp(v->id, t->part->id) != 0)
		ASSERT(++v < vars + ARRAY_LEN(vars));
	c.robustness = v->robustness;
	c.query_interval = v->query;
	c.response_interval = v->response;
	want = mld_general(t, &c);
	if (!mq_of(&want, &q) || q.code != v->code || q.qrv != v->qrv || q.qqic != v->qqic)
		tester_error(t, "the codes %u, %u, %u that are computed are not those of the table",
			     q.code, q.qrv, q.qqic);
	mld_periodic(t, &c, mld_router_up(t, &c), v->queries);
}

static void election(struct tester *t)
{
	struct mld_router_conf c = mld_conf(2);
	struct mrec routers = { .type = MLD_IS_EX, .group = all_mld_routers };
	struct mq general = mq_general(2);
	struct pv pv;

	mld_router_up(t, &c);
	mld_play(t, &c, "IS_IN(1,2); A:IS_IN(1,2)");
	pv = mq_pv(t, TR1, &general);
	tx(t, TR1, &pv);
	mld_reports(t, MLD_QUERY_RESPONSE_INTERVAL, &routers);
	mld_no_query(t, 0);
	mld_play(t, &c, "BLOCK(1); A:BLOCK(1) > A:Q(1)");
}

/* What the device sends on one link arrives on the other, too. Return: queries that @want counts. */
static unsigned one_wire(struct tester *t, time_ns how_long, unsigned by_link[NUT_LINKS])
{
	time_ns until = t->nut->ops->now(t->nut) + how_long;
	const struct seen *s;
	struct mq q;

	while ((s = tester_take(t, until)) != NULL) {
		t->nut->ops->send(t->nut, s->link == LINK_A ? LINK_B : LINK_A, s->octets, s->n);
		if (s->ip6 && mq_of(&s->pv, &q) && !ip6_is_unspec(&q.group))
			by_link[s->link]++;
	}
	return by_link[LINK_A] + by_link[LINK_B];
}

static void say_on_both(struct tester *t, uint8_t type, const struct mld_list *l)
{
	struct mrec r = { .type = type, .group = mld_m1, .list = *l };
	struct pv pv = mreport_pv(t, TN1, &r, 1);
	const struct seen *s = tx(t, TN1, &pv);

	t->nut->ops->send(t->nut, LINK_A, s->octets, s->n);
}

static void same_link(struct tester *t)
{
	struct mld_list l = { .n = 2, .a = { mld_source(1), mld_source(2) } };
	struct mld_router_conf c = mld_conf(2);
	unsigned n[NUT_LINKS] = { 0 };

	setup_mld(t, LINK_A, &c);
	setup_mld(t, LINK_B, &c);
	one_wire(t, ONE_WIRE_START, n);
	say_on_both(t, MLD_IS_IN, &l);
	if (one_wire(t, ONE_WIRE_WAIT, n) != 0)
		tester_fail(t, "nothing calls for a query about a group");
	l.n = 1;
	say_on_both(t, MLD_BLOCK, &l);
	if (one_wire(t, ONE_WIRE_WAIT, n) != c.robustness || (n[LINK_A] != 0 && n[LINK_B] != 0))
		tester_fail(t, "%u queries came from one interface and %u from the other",
			    n[LINK_A], n[LINK_B]);
}

#define ROUTER(id, title, purpose, clause, fn)                                                     \
	{                                                                                          \
		"mldv2r." id, title, purpose, clause, LEVEL_MUST, NUT_ROUTER, NUT_MLD_ROUTER,      \
			NS_PER_S, fn                                                               \
	}
#define SCRIPT(id, title, script, clause) ROUTER(id, title, script, clause, mld_script)
#define HOURS(id, title, purpose, clause, fn)                                                      \
	{                                                                                          \
		"mldv2r." id, title, purpose, clause, LEVEL_MUST, NUT_ROUTER,                      \
			NUT_MLD_ROUTER | NUT_WAITS_HOURS, NS_PER_S, fn                             \
	}

static const struct part parts[] = {
	ROUTER("1.1", "a router starts",
	       "It listens to all MLDv2 routers, asks at once, again after a quarter of the Query Interval, "
	       "and from then on each Query Interval.",
	       "RFC 3810 section 9.6", starts),
	ROUTER("1.2.a", "Robustness Variable 3, Query Interval 60 s",
	       "Three queries at the start, and both values in each.", "RFC 3810 section 9.7",
	       variables),
	ROUTER("1.2.b", "Robustness Variable 8", "It does not fit the field, which is zero then.",
	       "RFC 3810 section 5.1.8", variables),
	ROUTER("1.3.a", "Query Interval 127 s", "The largest that is its own code.",
	       "RFC 3810 section 5.1.9", variables),
	ROUTER("1.3.b", "Query Interval 128 s", "The smallest that is a floating-point value.",
	       "RFC 3810 section 5.1.9", variables),
	ROUTER("1.3.c", "Query Interval 160 s", "A value with a mantissa.",
	       "RFC 3810 section 5.1.9", variables),
	ROUTER("1.3.d", "Query Interval 164 s", "It has no code: the next lower one that has.",
	       "RFC 3810 section 5.1.9", variables),
	HOURS("1.3.e", "Query Interval 31744 s", "The largest value of all.",
	      "RFC 3810 section 5.1.9", variables),
	ROUTER("1.4.a", "Query Response Interval 32.767 s", "The largest that is its own code.",
	       "RFC 3810 section 5.1.3", variables),
	ROUTER("1.4.b", "Query Response Interval 32.768 s",
	       "The smallest that is a floating-point value.", "RFC 3810 section 5.1.3", variables),
	ROUTER("1.4.c", "Query Response Interval 40 s", "A value with a mantissa.",
	       "RFC 3810 section 5.1.3", variables),
	ROUTER("1.4.d", "Query Response Interval 40.007 s",
	       "It has no code: the next lower one that has.", "RFC 3810 section 5.1.3", variables),
	ROUTER("1.4.e", "Query Response Interval 128 s", "A value with an exponent.",
	       "RFC 3810 section 5.1.3", variables),
	SCRIPT("1.5.a", "filter timer, before its end", "IS_EX(); @1+before TO_IN() > Q()",
	       "RFC 3810 section 9.4"),
	SCRIPT("1.5.b", "filter timer, after its end", "IS_EX(); @1+after TO_IN()",
	       "RFC 3810 section 9.4"),
	SCRIPT("1.5.c", "filter timer of other variables, before its end",
	       "RV=3 QI=60; IS_EX(); @1+before TO_IN() > Q()", "RFC 3810 section 9.4"),
	SCRIPT("1.5.d", "filter timer of other variables, after its end",
	       "RV=3 QI=60; IS_EX(); @1+after TO_IN()", "RFC 3810 section 9.4"),
	SCRIPT("1.5.e", "filter timer renewed, before its end",
	       "QI=60; IS_EX(); @1+QI IS_EX(); @2+before TO_IN() > Q()", "RFC 3810 section 7.4.1"),
	SCRIPT("1.5.f", "filter timer renewed, after its end",
	       "QI=60; IS_EX(); @1+QI IS_EX(); @2+after TO_IN()", "RFC 3810 section 7.4.1"),
	SCRIPT("1.5.g", "source timer, before its end", "IS_IN(1); @1+before TO_IN() > Q(1)",
	       "RFC 3810 section 9.4"),
	SCRIPT("1.5.h", "source timer, after its end", "IS_IN(1); @1+after TO_IN()",
	       "RFC 3810 section 9.4"),
	SCRIPT("1.5.i", "source timer of other variables, before its end",
	       "RV=3 QI=60; IS_IN(1); @1+before TO_IN() > Q(1)", "RFC 3810 section 9.4"),
	SCRIPT("1.5.j", "source timer of other variables, after its end",
	       "RV=3 QI=60; IS_IN(1); @1+after TO_IN()", "RFC 3810 section 9.4"),
	SCRIPT("1.5.k", "source timer renewed, before its end",
	       "QI=60; IS_IN(1); @1+QI IS_IN(1); @2+before TO_IN() > Q(1)",
	       "RFC 3810 section 7.4.1"),
	SCRIPT("1.5.l", "source timer renewed, after its end",
	       "QI=60; IS_IN(1); @1+QI IS_IN(1); @2+after TO_IN()", "RFC 3810 section 7.4.1"),
	SCRIPT("1.6.a", "nobody answers about a group", "IS_EX(); TO_IN() > Q(); TO_IN()",
	       "RFC 3810 section 9.10"),
	SCRIPT("1.6.b", "nobody answers about a group, other variables",
	       "RV=3 LLQI=2; IS_EX(); TO_IN() > Q(); TO_IN()", "RFC 3810 section 9.10"),
	SCRIPT("1.6.d", "nobody answers about a source", "IS_IN(1); BLOCK(1) > Q(1); TO_IN()",
	       "RFC 3810 section 9.10"),
	SCRIPT("1.6.e", "nobody answers about a source, other variables",
	       "RV=3 LLQI=2; IS_IN(1); BLOCK(1) > Q(1); TO_IN()", "RFC 3810 section 9.10"),
	SCRIPT("1.6.f", "a source that ends soon anyway", "RV=5 QI=60; IS_IN(1); @1+late BLOCK(1)",
	       "RFC 3810 section 7.6.3.2"),
	SCRIPT("1.7.a", "one group on two links: two lists",
	       "IS_IN(1,2); A:IS_IN(1,3); TO_IN() > Q(1,2); A:TO_IN() > A:Q(1,3)",
	       "RFC 3810 section 7"),
	SCRIPT("1.7.b", "one group on two links: one list is changed",
	       "IS_IN(1,2); A:IS_IN(1,2); BLOCK(1) > Q(1); A:BLOCK(2) > A:Q(2)",
	       "RFC 3810 section 7"),
	ROUTER("1.7.c", "another querier on one of two links",
	       "It is silent there, as a router; on the other link it is the querier still.",
	       "RFC 3810 section 7.6.2", election),
	ROUTER("1.8", "two interfaces on one link", "Only one of them asks.",
	       "RFC 3810 section 7.6.2", same_link),
};

const struct suite suite_mld_basic = {
	.name = "mld-basic",
	.title = "MLD routers: variables and timers",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
