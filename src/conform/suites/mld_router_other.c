/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Another querier on the link: group 3 of the MLDv2 router specification 1.0.1, by RFC 3810 sections
 * 5.1.8, 5.1.9, 7.6 and 9.5. While there is a querier with a lower address the device is silent,
 * with that one's Robustness Variable and Query Interval, and it is so for [Other Querier Present
 * Timeout] after its last query. No RFC says whose [Query Response Interval] counts, so where the
 * query has another one than the device either may; nor whether the device, when it is the querier again,
 * keeps the other one's variables or returns to its own, so either may. Its timers are those of
 * when they were set.
 */
#include <string.h>

#include "conform/message.h"
#include "conform/mld_script.h"
#include "mld/msg.h"

#define S(n)   ((n)*NS_PER_S)
#define MARGIN NS_PER_S
#define EXP_33 0x8388 /* 40 s */

/* What the other one's query has, and what the device has to make of it. */
struct other {
	const char *id;
	const char *then; /* of the parts about timers: what TO_IN() is followed by */
	uint8_t own_robustness;
	uint8_t own_query; /* s, as all here but @code: ms, or as floating point */
	uint16_t code;
	uint8_t qrv, qqic;
	bool s;
	uint8_t robustness;
	uint8_t query, response;
	bool after; /* and when: timers are over */
	enum { PLAIN, TO_IN_BETWEEN, S_BETWEEN } how;
};

#define OWN	2, 125
#define ADOPTED 2, 125, 10

static const struct other others[] = {
	{ "3.1.a", NULL, OWN, 10000, 2, 125, false, ADOPTED, false, PLAIN },
	{ "3.1.b", NULL, OWN, 0, 2, 125, false, 2, 125, 0, false, PLAIN },
	{ "3.1.c", NULL, OWN, 5000, 2, 125, false, 2, 125, 5, false, PLAIN },
	{ "3.1.d", NULL, OWN, 20000, 2, 125, false, 2, 125, 20, false, PLAIN },
	{ "3.1.e", NULL, OWN, 10000, 0, 125, false, ADOPTED, false, PLAIN },
	{ "3.1.f", NULL, OWN, 10000, 2, 0, false, ADOPTED, false, PLAIN },
	{ "3.1.g", NULL, 2, 60, 10000, 0, 0, false, ADOPTED, false, PLAIN },
	{ "3.1.h", NULL, OWN, 10000, 7, 60, false, 7, 60, 10, false, PLAIN },
	{ "3.1.i", NULL, OWN, 10000, 2, 127, false, 2, 127, 10, false, PLAIN },
	{ "3.1.j", NULL, OWN, 10000, 2, 128, false, 2, 128, 10, false, PLAIN },
	{ "3.1.k", NULL, OWN, 10000, 2, 132, false, 2, 160, 10, false, PLAIN },
	{ "3.1.l", NULL, OWN, 10000, 2, 125, true, ADOPTED, false, PLAIN },
	{ "3.4.a", "Q()", OWN, 10000, 2, 125, false, ADOPTED, false, PLAIN },
	{ "3.4.b", "", OWN, 10000, 2, 125, false, ADOPTED, true, PLAIN },
	{ "3.4.c", "Q()", OWN, 5000, 0, 0, false, 2, 125, 5, false, PLAIN },
	{ "3.4.d", "", OWN, 5000, 0, 0, false, 2, 125, 5, true, PLAIN },
	{ "3.4.e", "Q()", OWN, 10000, 2, 60, false, 2, 60, 10, false, PLAIN },
	{ "3.4.f", "", OWN, 10000, 2, 60, false, 2, 60, 10, true, PLAIN },
	{ "3.4.g", "Q()", OWN, 20000, 3, 80, false, 3, 80, 20, false, PLAIN },
	{ "3.4.h", "", OWN, 20000, 3, 80, false, 3, 80, 20, true, PLAIN },
	{ "3.4.i", "Q()", OWN, EXP_33, 2, 132, false, 2, 160, 40, false, PLAIN },
	{ "3.4.j", "", OWN, EXP_33, 2, 132, false, 2, 160, 40, true, PLAIN },
	{ "3.4.k", "Q()", 3, 125, 10000, 2, 60, false, 2, 60, 10, false, PLAIN },
	{ "3.4.l", "Q()", OWN, 10000, 3, 60, false, 3, 60, 10, false, TO_IN_BETWEEN },
	{ "3.4.m", "", OWN, 10000, 3, 60, false, 3, 60, 10, true, TO_IN_BETWEEN },
	{ "3.4.n", "Q()", OWN, 10000, 2, 125, false, ADOPTED, false, S_BETWEEN },
	{ "3.5.a", "Q(1)", OWN, 10000, 2, 125, false, ADOPTED, false, PLAIN },
	{ "3.5.b", "", OWN, 10000, 2, 125, false, ADOPTED, true, PLAIN },
	{ "3.5.c", "Q(1)", OWN, 5000, 0, 0, false, 2, 125, 5, false, PLAIN },
	{ "3.5.d", "", OWN, 5000, 0, 0, false, 2, 125, 5, true, PLAIN },
	{ "3.5.e", "Q(1)", OWN, 10000, 2, 60, false, 2, 60, 10, false, PLAIN },
	{ "3.5.f", "", OWN, 10000, 2, 60, false, 2, 60, 10, true, PLAIN },
	{ "3.5.g", "Q(1)", OWN, 20000, 3, 80, false, 3, 80, 20, false, PLAIN },
	{ "3.5.h", "", OWN, 20000, 3, 80, false, 3, 80, 20, true, PLAIN },
	{ "3.5.i", "Q(1)", OWN, EXP_33, 2, 132, false, 2, 160, 40, false, PLAIN },
	{ "3.5.j", "", OWN, EXP_33, 2, 132, false, 2, 160, 40, true, PLAIN },
	{ "3.5.k", "Q(1)", 3, 125, 10000, 2, 60, false, 2, 60, 10, false, PLAIN },
	{ "3.5.l", "Q(1)", OWN, 10000, 3, 60, false, 3, 60, 10, false, TO_IN_BETWEEN },
	{ "3.5.m", "", OWN, 10000, 3, 60, false, 3, 60, 10, true, TO_IN_BETWEEN },
	{ "3.5.n", "Q(1)", OWN, 10000, 2, 125, false, ADOPTED, false, S_BETWEEN },
};

static const struct other *other_of(const struct tester *t)
{
	const struct other *o = others;

	while (strcmp(o->id, t->part->id + strlen("mldv2r.")) != 0)
		ASSERT(++o < others + ARRAY_LEN(others));
	return o;
}

static struct mld_router_conf adopted(const struct other *o)
{
	struct mld_router_conf c = mld_conf(2);

	c.robustness = o->robustness;
	c.query_interval = S(o->query);
	c.response_interval = S(o->response);
	return c;
}

/* Start, and hear the other one. Return: when. */
static time_ns hear(struct tester *t, const struct other *o)
{
	struct mld_router_conf c = mld_conf(2);
	struct mq q = mq_general(2);
	struct pv pv;

	c.robustness = o->own_robustness;
	c.query_interval = S(o->own_query);
	mld_router_up(t, &c);
	q.code = o->code;
	q.qrv = o->qrv;
	q.qqic = o->qqic;
	q.s = o->s;
	pv = mq_pv(t, TR1, &q);
	return tx(t, TR1, &pv)->when;
}

static time_ns until(const struct tester *t, time_ns when)
{
	time_ns now = t->nut->ops->now(t->nut);

	return when > now ? when - now : 0;
}

/*
 * No query since the last tx(), until [Other Querier Present Timeout] after @heard; then one.
 *
 * Return: it.
 */
static const struct seen *succeeds(struct tester *t, const struct mld_router_conf *c, time_ns heard)
{
	time_ns base = heard + c->robustness * c->query_interval;
	time_ns a = base + MIN(c->response_interval, MLD_QUERY_RESPONSE_INTERVAL) / 2;
	time_ns b = base + MAX(c->response_interval, MLD_QUERY_RESPONSE_INTERVAL) / 2;
	struct pv want = any_mld_query;
	const struct seen *s;

	want.dst = IS_ADDR(all_nodes);
	mld_no_query(t, until(t, a - MARGIN));
	if (a == b)
		return expect_at(t, LINK_B, a, &want);
	s = expect(t, LINK_B, until(t, b), &want);
	if (s->when < a - tester_slack(t))
		tester_fail(t, "the device asks before the other querier is over");
	return s;
}

/* By what the device asks now: the other one's variables, or its own. */
static struct mld_router_conf now_in_force(struct tester *t, const struct other *o,
					   const struct seen *s)
{
	struct mld_router_conf ret[2] = { adopted(o), mld_conf(2) };

	ret[1].robustness = o->own_robustness;
	ret[1].query_interval = S(o->own_query);
	for (unsigned i = 0; i < ARRAY_LEN(ret); i++) {
		struct pv want = mld_general(t, &ret[i]);

		want.param.set = false; /* [Query Response Interval] */
		if (pv_match(&want, &s->pv) == 0)
			return ret[i];
	}
	tester_fail(t, "the QRV and QQIC are neither those of the other querier nor the device's");
}

static void querier(struct tester *t)
{
	const struct other *o = other_of(t);
	struct mrec want = { .type = MLD_IS_EX, .group = all_mld_routers };
	struct mld_router_conf c = adopted(o);
	time_ns heard = hear(t, o);

	mld_reports(t, S(MAX(o->response, 1)), &want);
	succeeds(t, &c, heard);
}

static void say(struct tester *t, uint8_t type, unsigned source)
{
	struct mrec r = { .type = type, .group = mld_m1 };
	struct pv pv;

	if (source != 0)
		r.list = (struct mld_list){ .n = 1, .a = { mld_source(source) } };
	pv = mreport_pv(t, TN1, &r, 1);
	tx(t, TN1, &pv);
}

/* A query that nobody is to lower a timer for. */
static void say_s(struct tester *t, unsigned source)
{
	struct mq q = mq_general(2);
	struct pv pv;

	q.code = 1000;
	q.group = mld_m1;
	q.s = true;
	if (source != 0)
		q.list = (struct mld_list){ .n = 1, .a = { mld_source(source) } };
	pv = mq_pv(t, TR2, &q);
	tx(t, TR2, &pv);
}

/* The timer of what TN1 wants is of the other one's variables, when the device is alone again, too. */
static void timer(struct tester *t, uint8_t type, unsigned source)
{
	const struct other *o = other_of(t);
	struct mld_router_conf c = adopted(o), in_force;
	time_ns heard = hear(t, o), said, end;
	char script[32];

	mld_no_query(t, c.query_interval - tester_slack(t));
	said = t->nut->ops->now(t->nut);
	say(t, type, source);
	if (o->how != PLAIN)
		mld_no_query(t, c.query_interval - tester_slack(t));
	if (o->how == TO_IN_BETWEEN)
		say(t, MLD_TO_IN, 0);
	if (o->how == S_BETWEEN)
		say_s(t, source);
	in_force = now_in_force(t, o, succeeds(t, &c, heard));
	if (o->after)
		c.response_interval = MAX(c.response_interval, MLD_QUERY_RESPONSE_INTERVAL);
	else
		c.response_interval = MIN(c.response_interval, MLD_QUERY_RESPONSE_INTERVAL);
	end = said + mld_mali(&c) + MARGIN;
	if (!o->after)
		end -= MAX(mld_llqt(&c), mld_llqt(&in_force)) + 2 * MARGIN;
	pause_for(t, until(t, end));
	snprintf(script, sizeof(script), "TO_IN() > %s", o->then);
	mld_play(t, &in_force, script);
}

static void filter_timer(struct tester *t)
{
	timer(t, MLD_IS_EX, 0);
}

static void source_timer(struct tester *t)
{
	timer(t, MLD_IS_IN, 1);
}

/* TR1's query about a group, or a source of it, ends the device's as any query does. */
static void specific(struct tester *t, unsigned source, bool s)
{
	struct mld_router_conf c = mld_conf(2);
	struct mq q = mq_general(2);
	struct pv pv;

	mld_router_up(t, &c);
	q.group = mld_m1;
	q.s = s;
	if (source != 0)
		q.list = (struct mld_list){ .n = 1, .a = { mld_source(source) } };
	pv = mq_pv(t, TR1, &q);
	succeeds(t, &c, tx(t, TR1, &pv)->when);
}

static void of_group(struct tester *t)
{
	specific(t, 0, false);
}

static void of_source(struct tester *t)
{
	specific(t, 1, false);
}

static void of_group_s(struct tester *t)
{
	specific(t, 0, true);
}

static void of_source_s(struct tester *t)
{
	specific(t, 1, true);
}

/* TR2's address is higher. */
static void higher(struct tester *t, struct ip6_addr group, unsigned source)
{
	struct mld_router_conf c = mld_conf(2);
	time_ns last = mld_router_up(t, &c);
	struct mrec want = { .type = MLD_IS_EX, .group = all_mld_routers };
	struct mq q = mq_general(2);
	struct pv pv;

	q.group = group;
	if (source != 0)
		q.list = (struct mld_list){ .n = 1, .a = { mld_source(source) } };
	pv = mq_pv(t, TR2, &q);
	tx(t, TR2, &pv);
	if (ip6_is_unspec(&group))
		mld_reports(t, c.response_interval, &want);
	mld_periodic(t, &c, last, 1);
}

static void higher_general(struct tester *t)
{
	higher(t, IP6_UNSPEC, 0);
}

static void higher_of_group(struct tester *t)
{
	higher(t, mld_m1, 0);
}

static void higher_of_source(struct tester *t)
{
	higher(t, mld_m1, 1);
}

#define OTHER(id, title, purpose, clause, fn)                                                      \
	{                                                                                          \
		"mldv2r." id, title, purpose, "RFC 3810 section " clause, LEVEL_MUST, NUT_ROUTER,  \
			NUT_MLD_ROUTER, NS_PER_S, fn                                               \
	}
#define QUERIER(id, title, clause)                                                                 \
	OTHER(id, "another querier: " title,                                                       \
	      "The device reports as a listener, and asks nothing until the other one is gone.",   \
	      clause, querier)
#define FILTER(id, title, clause)                                                                  \
	OTHER(id, "filter timer by another querier's variables: " title,                           \
	      "The timer is that of the variables in the other one's query.", clause,              \
	      filter_timer)
#define SOURCE(id, title, clause)                                                                  \
	OTHER(id, "source timer by another querier's variables: " title,                           \
	      "The timer is that of the variables in the other one's query.", clause,              \
	      source_timer)

static const struct part parts[] = {
	QUERIER("3.1.a", "Maximum Response Code 10000", "9.5"),
	QUERIER("3.1.b", "Maximum Response Code 0", "9.5"),
	QUERIER("3.1.c", "Maximum Response Code 5000", "9.5"),
	QUERIER("3.1.d", "Maximum Response Code 20000", "9.5"),
	QUERIER("3.1.e", "QRV 0", "5.1.8"),
	QUERIER("3.1.f", "QQIC 0", "5.1.9"),
	QUERIER("3.1.g", "QRV 0 and QQIC 0", "5.1.9"),
	QUERIER("3.1.h", "QRV 7 and QQIC 60", "9.5"),
	QUERIER("3.1.i", "QQIC 127", "5.1.9"),
	QUERIER("3.1.j", "QQIC 128", "5.1.9"),
	QUERIER("3.1.k", "QQIC 132", "5.1.9"),
	QUERIER("3.1.l", "S flag", "5.1.7"),
	OTHER("3.2.a", "another querier's query about a group",
	      "It counts in the election as a General Query does.", "7.6.2", of_group),
	OTHER("3.2.b", "another querier's query about a source",
	      "It counts in the election as a General Query does.", "7.6.2", of_source),
	OTHER("3.2.c", "another querier's query about a group, S flag",
	      "The flag is not for the election.", "5.1.7", of_group_s),
	OTHER("3.2.d", "another querier's query about a source, S flag",
	      "The flag is not for the election.", "5.1.7", of_source_s),
	OTHER("3.3.a", "General Query from a higher address", "The device goes on asking.", "7.6.2",
	      higher_general),
	OTHER("3.3.b", "query about a group from a higher address", "The device goes on asking.",
	      "7.6.2", higher_of_group),
	OTHER("3.3.c", "query about a source from a higher address", "The device goes on asking.",
	      "7.6.2", higher_of_source),
	FILTER("3.4.a", "the defaults, before its end", "9.4"),
	FILTER("3.4.b", "the defaults, after its end", "9.4"),
	FILTER("3.4.c", "QRV 0 and QQIC 0, before its end", "5.1.8"),
	FILTER("3.4.d", "QRV 0 and QQIC 0, after its end", "5.1.8"),
	FILTER("3.4.e", "QQIC 60, before its end", "5.1.9"),
	FILTER("3.4.f", "QQIC 60, after its end", "5.1.9"),
	FILTER("3.4.g", "QRV 3 and QQIC 80, before its end", "5.1.8"),
	FILTER("3.4.h", "QRV 3 and QQIC 80, after its end", "5.1.8"),
	FILTER("3.4.i", "QQIC 132, before its end", "5.1.9"),
	FILTER("3.4.j", "QQIC 132, after its end", "5.1.9"),
	FILTER("3.4.k", "QRV 2 where it has 3: two queries about the group", "9.9"),
	FILTER("3.4.l", "TO_IN while the other one is there, before its end", "7.4.2"),
	FILTER("3.4.m", "TO_IN while the other one is there, after its end", "7.4.2"),
	FILTER("3.4.n", "a query with the S flag lowers nothing", "7.6.1"),
	SOURCE("3.5.a", "the defaults, before its end", "9.4"),
	SOURCE("3.5.b", "the defaults, after its end", "9.4"),
	SOURCE("3.5.c", "QRV 0 and QQIC 0, before its end", "5.1.8"),
	SOURCE("3.5.d", "QRV 0 and QQIC 0, after its end", "5.1.8"),
	SOURCE("3.5.e", "QQIC 60, before its end", "5.1.9"),
	SOURCE("3.5.f", "QQIC 60, after its end", "5.1.9"),
	SOURCE("3.5.g", "QRV 3 and QQIC 80, before its end", "5.1.8"),
	SOURCE("3.5.h", "QRV 3 and QQIC 80, after its end", "5.1.8"),
	SOURCE("3.5.i", "QQIC 132, before its end", "5.1.9"),
	SOURCE("3.5.j", "QQIC 132, after its end", "5.1.9"),
	SOURCE("3.5.k", "QRV 2 where it has 3: two queries about the source", "9.9"),
	SOURCE("3.5.l", "TO_IN while the other one is there, before its end", "7.4.2"),
	SOURCE("3.5.m", "TO_IN while the other one is there, after its end", "7.4.2"),
	SOURCE("3.5.n", "a query with the S flag lowers nothing", "7.6.1"),
};

const struct suite suite_mld_other = {
	.name = "mld-other",
	.title = "MLD routers: another querier",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
