/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MLDv1 routers: group 2 of the MLD operations specification 1.3, by RFC 2710 sections 4 and 6. The
 * device is told to act as one (RFC 3810 section 8.3.1). Whether it believes that there are
 * listeners is seen by what it asks when one is done, and by what TN2 sends to the group from
 * the other link. Scripts are those of conform/mld_script.h.
 */
#include "conform/message.h"
#include "conform/mld_odd.h"
#include "conform/mld_script.h"

#define S(n)	  ((n)*NS_PER_S)
#define OQPI	  S(255) /* [Other Querier Present Interval] */
#define LISTENING S(260) /* [Multicast Listener Interval] */
#define LATE	  S(200) /* in it */
#define MARGIN	  S(1)

static const struct mld_router_conf *up(struct tester *t)
{
	struct mld_router_conf *c = (struct mld_router_conf *)octets(t, sizeof(*c));

	*c = mld_conf(1);
	setup_router(t);
	mld_router_up(t, c);
	return c;
}

static struct pv says(struct tester *t, uint8_t type)
{
	return mv1_pv(t, TN1, type, mld_m1);
}

static void listener(struct tester *t)
{
	struct pv pv = says(t, ICMP6_MLD_REPORT);

	tx(t, TN1, &pv);
}

/* A query of a router's, about no group if that is unspecified. */
static const struct seen *asks(struct tester *t, enum station_id from, struct ip6_addr group,
			       uint16_t delay_ms)
{
	struct mq q = { .version = 1, .code = delay_ms, .group = group };
	struct pv pv = mq_pv(t, from, &q);

	return tx(t, from, &pv);
}

/* Another querier, before anything else. */
static const struct mld_router_conf *up_not_querier(struct tester *t)
{
	const struct mld_router_conf *c = up(t);

	asks(t, TR1, IP6_UNSPEC, 10000);
	mld_no_query(t, MARGIN);
	return c;
}

/* What TN2 sends to the group. Return: as it has to come out on link B. */
static struct pv data(struct tester *t)
{
	struct pv pv = echo_to(t, TN2, mld_m1);

	return forwarded(tx(t, TN2, &pv));
}

static void passes(struct tester *t)
{
	struct pv want = data(t);

	expect(t, LINK_B, REPLY_WITHIN, &want);
}

static void is_held_back(struct tester *t)
{
	struct pv want = data(t);

	silence(t, REPLY_WITHIN, &want);
}

static void wait_until(struct tester *t, time_ns when)
{
	time_ns now = t->nut->ops->now(t->nut);

	pause_for(t, when > now ? when - now : 0);
}

/*
 * Queries.
 */

static void starts(struct tester *t)
{
	struct mld_router_conf c = mld_conf(1);

	mld_periodic(t, &c, mld_router_up(t, &c), 2);
}

static void script(struct tester *t)
{
	mld_play(t, up(t), t->part->purpose);
}

/* Silent until [Other Querier Present Interval] is over, then a query. */
static void succeeds(struct tester *t, const struct mld_router_conf *c, time_ns heard)
{
	struct pv want = mld_general(t, c);
	time_ns now = t->nut->ops->now(t->nut);

	mld_no_query(t, heard + OQPI - MARGIN - now - tester_slack(t));
	expect_at(t, LINK_B, heard + OQPI, &want);
}

/*
 * Odd messages.
 */

static void bad_sum(struct tester *t, struct pv *pv)
{
	mld_bad_sum(t, pv);
}

static void from_global(struct tester *t, struct pv *pv)
{
	pv->src = IS_ADDR(t->st[TN1].global);
}

static void has_delay(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->param = IS(1000u << 16);
}

static void (*odd_of(const struct tester *t))(struct tester *t, struct pv *pv)
{
	static const struct {
		const char *id;
		void (*odd)(struct tester *t, struct pv *pv);
	} rows[] = {
		{ "mld.2.3.a", bad_sum },
		{ "mld.2.3.b", from_global },
		{ "mld.2.3.c", mld_v1_shorter },
		{ "mld.2.4.a", mld_v1_odd_code },
		{ "mld.2.4.b", mld_v1_odd_reserved },
		{ "mld.2.4.c", mld_v1_longer },
		{ "mld.2.4.d", has_delay },
		{ "mld.2.5.a", bad_sum },
		{ "mld.2.5.b", from_global },
		{ "mld.2.5.c", mld_v1_shorter },
		{ "mld.2.6.a", mld_v1_odd_code },
		{ "mld.2.6.b", mld_v1_odd_reserved },
		{ "mld.2.6.c", mld_v1_longer },
		{ "mld.2.7.a", bad_sum },
		{ "mld.2.7.b", from_global },
		{ "mld.2.7.c", mld_v1_shorter },
		{ "mld.2.8.a", mld_v1_odd_code },
		{ "mld.2.8.b", mld_v1_odd_reserved },
		{ "mld.2.8.c", mld_v1_longer },
		{ "mld.2.8.d", has_delay },
	};
	unsigned i = 0;

	while (strcmp(rows[i].id, t->part->id) != 0)
		ASSERT(++i < ARRAY_LEN(rows));
	return rows[i].odd;
}

static void odd_done(struct tester *t, const char *wants)
{
	const struct mld_router_conf *c = up(t);
	struct pv pv = says(t, ICMP6_MLD_DONE);

	mld_play(t, c, "V1");
	odd_of(t)(t, &pv);
	mld_tx(t, c, TN1, &pv, wants);
}

static void done_dropped(struct tester *t)
{
	struct mld_router_conf c = mld_conf(1);

	odd_done(t, "");
	mld_play(t, &c, "DONE > Q()"); /* the good twin */
}

static void done_taken(struct tester *t)
{
	odd_done(t, "Q()");
}

static void query_dropped(struct tester *t)
{
	struct mld_router_conf c = mld_conf(1);
	struct mq q = mq_general(1);
	time_ns last = mld_router_up(t, &c);
	struct pv pv = mq_pv(t, TR1, &q);

	odd_of(t)(t, &pv);
	tx(t, TR1, &pv);
	mld_periodic(t, &c, last, 1);
}

static void query_taken(struct tester *t)
{
	const struct mld_router_conf *c = up(t);
	struct mq q = mq_general(1);
	struct pv pv = mq_pv(t, TR1, &q);

	odd_of(t)(t, &pv);
	succeeds(t, c, tx(t, TR1, &pv)->when);
}

/* A report long ago, an odd one later; when the first is forgotten, a listener is done. */
static void odd_report(struct tester *t, const char *wants)
{
	const struct mld_router_conf *c = up(t);
	time_ns first = t->nut->ops->now(t->nut);
	struct pv pv = says(t, ICMP6_MLD_REPORT), end = says(t, ICMP6_MLD_DONE);

	mld_play(t, c, "V1");
	wait_until(t, first + LATE);
	odd_of(t)(t, &pv);
	mld_tx(t, c, TN1, &pv, "");
	wait_until(t, first + LISTENING + MARGIN);
	mld_tx(t, c, TN1, &end, wants);
}

static void report_dropped(struct tester *t)
{
	odd_report(t, "");
}

static void report_taken(struct tester *t)
{
	odd_report(t, "Q()");
}

/*
 * Queriers: RFC 2710 section 6, the first diagram.
 */

static void other_ends(struct tester *t)
{
	const struct mld_router_conf *c = up(t);
	time_ns heard = 0;

	for (unsigned i = 0; i < 3; i++) {
		if (i > 0)
			mld_no_query(t, c->query_interval - tester_slack(t));
		heard = asks(t, TR1, IP6_UNSPEC, 10000)->when;
	}
	succeeds(t, c, heard);
}

static void other_again(struct tester *t)
{
	const struct mld_router_conf *c = up(t);

	asks(t, TR1, IP6_UNSPEC, 10000);
	mld_no_query(t, LATE - tester_slack(t));
	succeeds(t, c, asks(t, TR1, IP6_UNSPEC, 10000)->when);
}

static void lower(struct tester *t)
{
	const struct mld_router_conf *c = up(t);

	succeeds(t, c, asks(t, TR1, IP6_UNSPEC, 10000)->when);
}

static void higher(struct tester *t)
{
	struct mld_router_conf c = mld_conf(1);
	time_ns last = mld_router_up(t, &c);

	asks(t, TR2, IP6_UNSPEC, 10000);
	mld_periodic(t, &c, last, 2);
}

/*
 * Listeners: RFC 2710 section 6, the second and the third diagram.
 */

static void interval(struct tester *t)
{
	const struct mld_router_conf *c = up(t);

	listener(t);
	passes(t);
	for (unsigned i = 0; i < 2; i++) {
		pause_for(t, c->query_interval);
		listener(t);
	}
	passes(t);
	pause_for(t, LISTENING + MARGIN);
	is_held_back(t);
}

static void querier_hears(struct tester *t)
{
	up(t);
	is_held_back(t);
	listener(t);
	passes(t);
}

static void renewed(struct tester *t)
{
	listener(t);
	passes(t);
	pause_for(t, LATE);
	listener(t);
	passes(t);
	pause_for(t, LATE);
	passes(t);
}

static void querier_renews(struct tester *t)
{
	up(t);
	renewed(t);
}

static void forgotten(struct tester *t)
{
	listener(t);
	pause_for(t, LISTENING - MARGIN - tester_slack(t));
	passes(t);
	pause_for(t, MARGIN + tester_slack(t));
	is_held_back(t);
}

static void querier_forgets(struct tester *t)
{
	up(t);
	forgotten(t);
}

static void querier_done(struct tester *t)
{
	const struct mld_router_conf *c = up(t);

	listener(t);
	passes(t);
	mld_play(t, c, "DONE > Q()");
	is_held_back(t);
}

/* Checking Listeners, and one is there after all. */
static void checking_report(struct tester *t)
{
	const struct mld_router_conf *c = up(t);
	struct pv pv = says(t, ICMP6_MLD_DONE);

	listener(t);
	pause_for(t, MARGIN);
	tx(t, TN1, &pv);
	pause_for(t, c->last_interval / 2);
	passes(t); /* as long as nobody has failed to answer */
	listener(t);
	pause_for(t, mld_llqt(c) + MARGIN);
	passes(t);
}

/* As long as it is not known that nobody is there, it goes on. */
static void checking_repeats(struct tester *t)
{
	const struct mld_router_conf *c = up(t);

	mld_play(t, c, "V1; DONE > Q()");
}

static void not_querier_hears(struct tester *t)
{
	up_not_querier(t);
	is_held_back(t);
	listener(t);
	passes(t);
}

static void not_querier_renews(struct tester *t)
{
	up_not_querier(t);
	renewed(t);
}

static void not_querier_forgets(struct tester *t)
{
	up_not_querier(t);
	forgotten(t);
}

/* It is for the querier to ask; what becomes of the group is seen then. */
static void not_querier_done(struct tester *t)
{
	const struct mld_router_conf *c = up_not_querier(t);
	struct pv pv = says(t, ICMP6_MLD_DONE);

	listener(t);
	pause_for(t, MARGIN);
	tx(t, TN1, &pv);
	mld_no_query(t, mld_llqt(c) + MARGIN);
	passes(t);
}

static void not_querier_checking_report(struct tester *t)
{
	up_not_querier(t);
	listener(t);
	pause_for(t, MARGIN);
	asks(t, TR1, mld_m1, 1000);
	pause_for(t, S(1));
	listener(t);
	pause_for(t, S(2));
	passes(t);
}

/* [Last Listener Query Count] times the delay that the query says. */
static void checking_ends(struct tester *t, uint16_t delay_ms)
{
	time_ns delay = delay_ms * NS_PER_MS;

	up_not_querier(t);
	listener(t);
	passes(t);
	asks(t, TR1, mld_m1, delay_ms);
	pause_for(t, delay);
	passes(t);
	pause_for(t, delay + MARGIN + tester_slack(t));
	is_held_back(t);
}

static void not_querier_checking_ends(struct tester *t)
{
	checking_ends(t, 1000);
}

static void not_querier_lowers(struct tester *t)
{
	checking_ends(t, 500);
}

/* A listener is done, and a lower querier comes: what was begun is brought to its end. */
static void querier_no_more(struct tester *t, bool answered)
{
	const struct mld_router_conf *c = up(t);
	struct pv pv = says(t, ICMP6_MLD_DONE), want = any_mld_query;
	time_ns at;

	want.dst = IS_ADDR(mld_m1);
	listener(t);
	pause_for(t, MARGIN);
	at = tx(t, TN1, &pv)->when;
	expect_at(t, LINK_B, at, &want);
	asks(t, TR1, IP6_UNSPEC, 10000);
	expect_at(t, LINK_B, at + c->last_interval, &want);
	if (answered)
		listener(t);
	mld_no_query(t, c->query_interval);
	if (answered)
		passes(t);
	else
		is_held_back(t);
}

static void no_more_ends(struct tester *t)
{
	querier_no_more(t, false);
}

static void no_more_answered(struct tester *t)
{
	querier_no_more(t, true);
}

#define ROUTER(id, title, purpose, clause, needs, fn)                                              \
	{                                                                                          \
		"mld." id, title, purpose, "RFC 2710 section " clause, LEVEL_MUST, NUT_ROUTER,     \
			NUT_MLD_ROUTER | (needs), NS_PER_S, fn                                     \
	}
#define ASKS(id, title, purpose, clause, fn) ROUTER(id, title, purpose, clause, 0, fn)
#define PASSES(id, title, purpose, clause, fn)                                                     \
	ROUTER(id, title, purpose, clause, NUT_MCAST_ROUTING, fn)

static const struct part parts[] = {
	ASKS("2.1", "a router starts",
	     "Two queries a quarter of the Query Interval apart, then one each Query Interval.",
	     "7.6", starts),
	ASKS("2.2.a", "the form of a General Query", "Each field, and nothing behind them.", "3",
	     starts),
	ASKS("2.2.b", "the form of a query about a group", "V1; DONE > Q()", "4", script),
	ASKS("2.2.c", "a query about each of two groups", "V1; M2:V1; DONE > Q(); M2:DONE > M2:Q()",
	     "4", script),
	ASKS("2.2.d", "done with a group of others", "V1; M2:DONE", "4", script),
	ASKS("2.3.a", "done with a wrong checksum", "It is not followed by a query.", "6",
	     done_dropped),
	ASKS("2.3.b", "done from a global address", "It is not followed by a query.", "6",
	     done_dropped),
	ASKS("2.3.c", "done of 20 octets", "It is not followed by a query.", "6", done_dropped),
	ASKS("2.4.a", "done with another code", "It counts like any other.", "3.2", done_taken),
	ASKS("2.4.b", "done with reserved bits", "It counts like any other.", "3.5", done_taken),
	ASKS("2.4.c", "done of 32 octets", "It counts like any other.", "3.7", done_taken),
	ASKS("2.4.d", "done with a Maximum Response Delay", "It counts like any other.", "3.4",
	     done_taken),
	ASKS("2.5.a", "query with a wrong checksum", "The device stays the querier.", "6",
	     query_dropped),
	ASKS("2.5.b", "query from a global address", "The device stays the querier.", "6",
	     query_dropped),
	ASKS("2.5.c", "query of 20 octets", "The device stays the querier.", "6", query_dropped),
	ASKS("2.6.a", "query with another code", "It ends the device's own like any other.", "3.2",
	     query_taken),
	ASKS("2.6.b", "query with reserved bits", "It ends the device's own like any other.", "3.5",
	     query_taken),
	ASKS("2.6.c", "query of 32 octets", "It ends the device's own like any other.", "3.7",
	     query_taken),
	ASKS("2.7.a", "report with a wrong checksum", "The listener is forgotten in time.", "6",
	     report_dropped),
	ASKS("2.7.b", "report from a global address", "The listener is forgotten in time.", "6",
	     report_dropped),
	ASKS("2.7.c", "report of 20 octets", "The listener is forgotten in time.", "6",
	     report_dropped),
	ASKS("2.8.a", "report with another code", "The listener is remembered.", "3.2",
	     report_taken),
	ASKS("2.8.b", "report with reserved bits", "The listener is remembered.", "3.5",
	     report_taken),
	ASKS("2.8.c", "report of 32 octets", "The listener is remembered.", "3.7", report_taken),
	ASKS("2.8.d", "report with a Maximum Response Delay", "The listener is remembered.", "3.4",
	     report_taken),
	ASKS("2.9.a", "another querier is gone",
	     "The device asks again when the Other Querier Present Interval is over.", "7.5",
	     other_ends),
	ASKS("2.9.b", "another querier was away for less than that", "The timer begins anew.",
	     "7.5", other_again),
	PASSES("2.10", "the Multicast Listener Interval",
	       "Packets to the group pass from the first report until it is over after the last.",
	       "7.4", interval),
	ASKS("2.11.a", "querier: query from a lower address", "It is the querier no more.", "6",
	     lower),
	ASKS("2.11.b", "querier: query from a higher address", "It goes on asking.", "6", higher),
	ASKS("2.12.a", "not the querier: query from a lower address", "The timer begins anew.", "6",
	     other_again),
	ASKS("2.12.b", "not the querier: the other one is gone", "It asks again.", "6", lower),
	PASSES("2.13", "querier: a first listener", "Packets pass from then on.", "6",
	       querier_hears),
	PASSES("2.14.a", "querier, listeners present: report", "The timer begins anew.", "6",
	       querier_renews),
	PASSES("2.14.b", "querier, listeners present: the timer is over", "Packets pass no more.",
	       "6", querier_forgets),
	PASSES("2.14.c", "querier, listeners present: done",
	       "Two queries; nobody answers, and packets pass no more.", "6", querier_done),
	PASSES("2.15.a", "querier, checking listeners: report", "Packets pass as before.", "6",
	       checking_report),
	ASKS("2.15.b", "querier, checking listeners: it asks once more",
	     "The second query comes the Last Listener Query Interval after the first.", "6",
	     checking_repeats),
	PASSES("2.15.c", "querier, checking listeners: the timer is over", "Packets pass no more.",
	       "6", querier_done),
	PASSES("2.16", "not the querier: a first listener", "Packets pass from then on.", "6",
	       not_querier_hears),
	PASSES("2.17.a", "not the querier, listeners present: report", "The timer begins anew.",
	       "6", not_querier_renews),
	PASSES("2.17.b", "not the querier, listeners present: the timer is over",
	       "Packets pass no more.", "6", not_querier_forgets),
	PASSES("2.17.c", "not the querier, listeners present: done", "It asks nothing.", "6",
	       not_querier_done),
	PASSES("2.18.a", "not the querier, checking listeners: report", "Packets pass as before.",
	       "6", not_querier_checking_report),
	PASSES("2.18.b", "not the querier, checking listeners: the timer is over",
	       "Packets pass no more.", "6", not_querier_checking_ends),
	PASSES("2.19", "not the querier: done", "It is ignored; packets pass as before.", "4",
	       not_querier_done),
	PASSES("2.20", "not the querier: the other one asks about the group",
	       "The timer is lowered to twice the delay in that query.", "4", not_querier_lowers),
	PASSES("2.21.a", "querier no more while it checks listeners: nobody is there",
	       "It asks to the end, then no more; packets pass no more.", "4", no_more_ends),
	PASSES("2.21.b", "querier no more while it checks listeners: a report",
	       "It asks to the end, then no more; packets pass.", "4", no_more_answered),
};

const struct suite suite_mld_v1 = {
	.name = "mld-v1",
	.title = "MLDv1 routers",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
