/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MLDv1 listeners: group 1 of the MLD operations specification 1.3, by RFC 2710 sections 4 and 5. The
 * device speaks MLDv1 because TR1 does (RFC 3810 section 8.2.1); it listens to ff1e::1:3, and has
 * said so often enough, when a case begins.
 */
#include "conform/message.h"
#include "conform/mld_odd.h"
#include "conform/mld_script.h"
#include "conform/suites/robust.h"

#define MS(n)	    ((n)*NS_PER_MS)
#define S(n)	    ((n)*NS_PER_S)
#define UNSOLICITED S(10) /* [Unsolicited Report Interval] of RFC 2710 section 7.10 */
#define LONG_MS	    10000 /* a delay that leaves time for somebody else's report */
#define ROUNDS	    5	  /* delays are random: luck hides a wrong one half of the time */

/* Whatever was to come, has. */
#define QUIET S(3)

#define AT_ONCE (10 * NS_PER_MS)

static void listen(struct tester *t, struct ip6_addr group)
{
	setup_listen(t, LINK_B, &group, true, NULL, 0);
}

static void leave(struct tester *t, struct ip6_addr group)
{
	setup_listen(t, LINK_B, &group, false, NULL, 0);
}

static struct pv message_of(uint8_t type, const struct ip6_addr *group)
{
	return (struct pv){ .dst = IS_ADDR(type == ICMP6_MLD_DONE ? all_routers : *group),
			    .ext = { { .kind = IP6_NH_HBH } },
			    .n_ext = 1,
			    .kind = PV_ICMP6,
			    .type = IS(type),
			    .begin = IS_OCTETS(group->b, IP6_ADDR_OCTETS) };
}

static time_ns comes(struct tester *t, uint8_t type, const struct ip6_addr *group, time_ns within)
{
	struct pv want = message_of(type, group);
	const struct seen *s = expect(t, LINK_B, within, &want);
	const char *why = mld_form(&s->pv);

	if (why != NULL)
		tester_fail(t, "a report or done: %s", why);
	return s->when;
}

static void reported(struct tester *t, const struct ip6_addr *group, time_ns within)
{
	comes(t, ICMP6_MLD_REPORT, group, within);
}

/* Since the last tx() and for so long, nothing more about the group: in no version. */
static void not_reported(struct tester *t, const struct ip6_addr *group, time_ns how_long)
{
	struct pv v1 = message_of(ICMP6_MLD_REPORT, group);

	silence(t, how_long, &v1);
	silence(t, 0, &any_mld_report);
}

static struct pv asking(struct tester *t, struct ip6_addr group, uint16_t delay_ms)
{
	struct mq q = { .version = 1, .code = delay_ms, .group = group };

	return mq_pv(t, TR1, &q);
}

static void ask(struct tester *t, struct ip6_addr group, uint16_t delay_ms)
{
	struct pv pv = asking(t, group, delay_ms);

	tx(t, TR1, &pv);
}

static void other_reports(struct tester *t)
{
	struct pv pv = mv1_pv(t, TN1, ICMP6_MLD_REPORT, mld_m1);

	tx(t, TN1, &pv);
}

/* TR1 asks, and so the device speaks MLDv1. */
static void v1(struct tester *t)
{
	ping(t, TR1);
	ask(t, IP6_UNSPEC, 0);
	pause_for(t, QUIET);
}

/* It listens to M1, to M2 as well, and that is known. */
static void listens(struct tester *t, bool both)
{
	v1(t);
	listen(t, mld_m1);
	if (both)
		listen(t, mld_m2);
	reported(t, &mld_m1, NS_PER_S);
	pause_for(t, UNSOLICITED + QUIET);
	from_now(t);
}

/*
 * Queries.
 */

static void general_0(struct tester *t)
{
	listens(t, false);
	ask(t, IP6_UNSPEC, 0);
	reported(t, &mld_m1, AT_ONCE);
	not_reported(t, &mld_m1, QUIET);
}

static void general_0_both(struct tester *t)
{
	listens(t, true);
	ask(t, IP6_UNSPEC, 0);
	reported(t, &mld_m1, AT_ONCE);
	reported(t, &mld_m2, AT_ONCE);
	not_reported(t, &mld_m1, QUIET);
}

static void general_1000(struct tester *t)
{
	listens(t, true);
	ask(t, IP6_UNSPEC, 1000);
	reported(t, &mld_m1, S(1));
	reported(t, &mld_m2, S(1));
	not_reported(t, &mld_m1, QUIET);
}

/* Two queries at a time; one report, no later than the sooner of both wants it. */
static void twice(struct tester *t, struct ip6_addr group, uint16_t first_ms, uint16_t then_ms)
{
	listens(t, false);
	for (unsigned i = 0; i < ROUNDS; i++) {
		ask(t, group, first_ms);
		ask(t, group, then_ms);
		reported(t, &mld_m1, S(1));
		not_reported(t, &mld_m1, QUIET);
	}
}

static void general_shorter(struct tester *t)
{
	twice(t, IP6_UNSPEC, 2000, 1000);
}

static void general_longer(struct tester *t)
{
	twice(t, IP6_UNSPEC, 1000, 2000);
}

static void specific_shorter(struct tester *t)
{
	twice(t, mld_m1, 2000, 1000);
}

static void specific_longer(struct tester *t)
{
	twice(t, mld_m1, 1000, 2000);
}

static void specific_0(struct tester *t)
{
	listens(t, false);
	ask(t, mld_m1, 0);
	reported(t, &mld_m1, AT_ONCE);
	not_reported(t, &mld_m1, QUIET);
}

static void specific_0_both(struct tester *t)
{
	listens(t, true);
	ask(t, mld_m1, 0);
	reported(t, &mld_m1, AT_ONCE);
	not_reported(t, &mld_m2, QUIET);
	ask(t, mld_m2, 0);
	reported(t, &mld_m2, AT_ONCE);
	not_reported(t, &mld_m1, QUIET);
}

static void specific_0_none(struct tester *t)
{
	v1(t);
	ask(t, mld_m1, 0);
	not_reported(t, &mld_m1, QUIET);
}

/* A report of the right form within a second. */
static void specific_1000(struct tester *t)
{
	listens(t, false);
	ask(t, mld_m1, 1000);
	reported(t, &mld_m1, S(1));
	not_reported(t, &mld_m1, QUIET);
}

static void report_form(struct tester *t)
{
	listens(t, false);
	ask(t, mld_m1, 2000);
	reported(t, &mld_m1, S(2));
}

static void about_all_nodes(struct tester *t)
{
	v1(t);
	ask(t, all_nodes, 1000);
	not_reported(t, &all_nodes, QUIET);
}

/*
 * Odd queries, and odd reports of somebody else's.
 */

static void from_global(struct tester *t, struct pv *pv)
{
	pv->src = IS_ADDR(t->st[TR1].global);
}

static void has_delay(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->param = IS(500u << 16);
}

static void as_it_is(struct tester *t, struct pv *pv)
{
	(void)t;
	(void)pv;
}

static void about_tr1(struct tester *t, struct pv *pv)
{
	memcpy(mld_octet(pv, 8), t->st[TR1].lla.b, IP6_ADDR_OCTETS);
}

static const struct row {
	const char *id;
	bool general;
	void (*odd)(struct tester *t, struct pv *pv);
} rows[] = {
	{ "mld.1.5.a", true, mld_v1_odd_code },
	{ "mld.1.5.b", false, mld_v1_odd_code },
	{ "mld.1.5.c", true, mld_v1_odd_reserved },
	{ "mld.1.5.d", false, mld_v1_odd_reserved },
	{ "mld.1.5.e", true, mld_v1_longer },
	{ "mld.1.5.f", false, mld_v1_longer },
	{ "mld.1.6.a", true, mld_bad_sum },
	{ "mld.1.6.b", false, mld_bad_sum },
	{ "mld.1.6.c", true, from_global },
	{ "mld.1.6.d", false, from_global },
	{ "mld.1.6.e", true, mld_v1_shorter },
	{ "mld.1.6.f", false, mld_v1_shorter },
	{ "mld.1.6.g", false, about_tr1 },
	{ "mld.1.8.a", false, mld_v1_odd_code },
	{ "mld.1.8.b", false, mld_v1_odd_reserved },
	{ "mld.1.8.c", false, mld_v1_longer },
	{ "mld.1.9", false, has_delay },
	{ "mld.1.10.a", false, from_global },
	{ "mld.1.10.b", false, mld_bad_sum },
	{ "mld.1.10.c", false, mld_v1_shorter },
	{ "mld.1.10.d", false, as_it_is },
};

static const struct row *row_of(const struct tester *t)
{
	const struct row *r = rows;

	while (strcmp(r->id, t->part->id) != 0)
		ASSERT(++r < rows + ARRAY_LEN(rows));
	return r;
}

static void ask_odd(struct tester *t)
{
	const struct row *r = row_of(t);
	struct pv pv = asking(t, r->general ? IP6_UNSPEC : mld_m1, 1000);

	r->odd(t, &pv);
	tx(t, TR1, &pv);
}

static void query_taken(struct tester *t)
{
	listens(t, false);
	ask_odd(t);
	reported(t, &mld_m1, S(1));
}

static void query_dropped(struct tester *t)
{
	listens(t, false);
	ask_odd(t);
	not_reported(t, &mld_m1, QUIET);
	ask(t, mld_m1, 1000); /* the good twin */
	reported(t, &mld_m1, S(1));
}

/* The device is about to report M1, TN1 does so at once. */
static void tn1_is_first(struct tester *t)
{
	struct pv pv = mv1_pv(t, TN1, ICMP6_MLD_REPORT, mld_m1);

	listens(t, false);
	ask(t, mld_m1, LONG_MS);
	row_of(t)->odd(t, &pv);
	tx(t, TN1, &pv);
}

static void report_taken(struct tester *t)
{
	tn1_is_first(t);
	not_reported(t, &mld_m1, MS(LONG_MS) + QUIET);
}

static void report_dropped(struct tester *t)
{
	tn1_is_first(t);
	reported(t, &mld_m1, MS(LONG_MS));
}

/*
 * Joining and leaving: the states of RFC 2710 section 5.
 */

static void joins(struct tester *t)
{
	v1(t);
	listen(t, mld_m1);
	reported(t, &mld_m1, AT_ONCE);
	reported(t, &mld_m1, UNSOLICITED);
}

static void done(struct tester *t)
{
	comes(t, ICMP6_MLD_DONE, &mld_m1, AT_ONCE);
}

static void no_done(struct tester *t)
{
	struct pv pv = message_of(ICMP6_MLD_DONE, &mld_m1);

	silence(t, QUIET, &pv);
}

static void leaves(struct tester *t)
{
	listens(t, false);
	leave(t, mld_m1);
	done(t);
}

/* It is not the last to report any more. */
static void suppressed(struct tester *t)
{
	listens(t, false);
	ask(t, mld_m1, LONG_MS);
	other_reports(t);
	not_reported(t, &mld_m1, MS(LONG_MS) + QUIET);
}

static void done_saved(struct tester *t)
{
	suppressed(t);
	leave(t, mld_m1);
	no_done(t);
}

static void done_always(struct tester *t)
{
	setup_mld_option(t, NUT_MLD_DONE_ALWAYS, true);
	suppressed(t);
	leave(t, mld_m1);
	done(t);
}

static void idle_leaves(struct tester *t)
{
	specific_1000(t);
	leave(t, mld_m1);
	done(t);
}

static void delaying_leaves(struct tester *t)
{
	specific_1000(t);
	ask(t, mld_m1, LONG_MS);
	leave(t, mld_m1);
	done(t);
	not_reported(t, &mld_m1, MS(LONG_MS) + QUIET);
}

static void delaying_leaves_silently(struct tester *t)
{
	suppressed(t);
	ask(t, mld_m1, LONG_MS);
	leave(t, mld_m1);
	no_done(t);
	not_reported(t, &mld_m1, MS(LONG_MS) + QUIET);
}

#define LISTENER(id, title, purpose, clause, level, fn)                                            \
	{                                                                                          \
		"mld." id, title, purpose, "RFC 2710 section " clause, level, NUT_BOTH,            \
			NUT_CAN_LISTEN, NS_PER_S, fn                                               \
	}
#define MUST(id, title, purpose, clause, fn) LISTENER(id, title, purpose, clause, LEVEL_MUST, fn)
#define ANSWERED(id, title, clause)                                                                \
	MUST(id, title, "What is odd about it is ignored; the query is answered.", clause,         \
	     query_taken)
#define DROPPED(id, title)                                                                         \
	MUST(id, title, "It is not answered; a good one afterwards is.", "5", query_dropped)
#define SUPPRESSES(id, title, clause)                                                              \
	MUST(id, title, "Another listener's report makes the device's own needless.", clause,      \
	     report_taken)
#define IGNORED(id, title)                                                                         \
	MUST(id, title, "It is not valid, so the device reports as it was about to.", "5",         \
	     report_dropped)

static const struct part parts[] = {
	MUST("1.1.a", "General Query without delay", "The group is reported at once.", "4",
	     general_0),
	MUST("1.1.b", "General Query without delay, two groups", "Both are reported at once.", "4",
	     general_0_both),
	MUST("1.2.a", "General Query, one second", "Both groups are reported in time.", "4",
	     general_1000),
	MUST("1.2.b", "General Query while a mld_v1_longer delay runs", "The delay is shortened.",
	     "4", general_shorter),
	MUST("1.2.c", "General Query while a mld_v1_shorter delay runs", "The delay stays.", "4",
	     general_longer),
	MUST("1.3.a", "query about a group without delay", "The group is reported at once.", "4",
	     specific_0),
	MUST("1.3.b", "query about one of two groups",
	     "The one that is asked for is reported, the other is not.", "4", specific_0_both),
	MUST("1.3.c", "query about a group of others", "There is nothing to report.", "5",
	     specific_0_none),
	MUST("1.4.a", "query about a group, one second", "The group is reported in time.", "4",
	     specific_1000),
	MUST("1.4.b", "query about a group while a mld_v1_longer delay runs",
	     "The delay is shortened.", "4", specific_shorter),
	MUST("1.4.c", "query about a group while a mld_v1_shorter delay runs", "The delay stays.",
	     "4", specific_longer),
	ANSWERED("1.5.a", "General Query with another code", "3.2"),
	ANSWERED("1.5.b", "query about a group with another code", "3.2"),
	ANSWERED("1.5.c", "General Query with reserved bits", "3.5"),
	ANSWERED("1.5.d", "query about a group with reserved bits", "3.5"),
	ANSWERED("1.5.e", "General Query of 32 octets", "3.7"),
	ANSWERED("1.5.f", "query about a group of 32 octets", "3.7"),
	DROPPED("1.6.a", "General Query with a wrong checksum"),
	DROPPED("1.6.b", "query about a group with a wrong checksum"),
	DROPPED("1.6.c", "General Query from a global address"),
	DROPPED("1.6.d", "query about a group from a global address"),
	DROPPED("1.6.e", "General Query of 20 octets"),
	DROPPED("1.6.f", "query about a group of 20 octets"),
	DROPPED("1.6.g", "query about an address that is no group"),
	MUST("1.7", "the form of a report", "Each field, and nothing behind them.", "3",
	     report_form),
	SUPPRESSES("1.8.a", "report with another code", "3.2"),
	SUPPRESSES("1.8.b", "report with reserved bits", "3.5"),
	SUPPRESSES("1.8.c", "report of 32 octets", "3.7"),
	SUPPRESSES("1.9", "report with a Maximum Response Delay", "3.4"),
	IGNORED("1.10.a", "report from a global address"),
	IGNORED("1.10.b", "report with a wrong checksum"),
	IGNORED("1.10.c", "report of 20 octets"),
	SUPPRESSES("1.10.d", "another listener's report", "4"),
	LISTENER("1.11", "listening begins",
		 "A report at once, and again within the Unsolicited Report Interval.", "4",
		 LEVEL_SHOULD, joins),
	MUST("1.12", "query about all nodes", "That group is never reported.", "5",
	     about_all_nodes),
	LISTENER("1.13.a", "listening ends", "The last to report says that it is done.", "4",
		 LEVEL_SHOULD, leaves),
	LISTENER("1.13.b", "listening ends, others are there",
		 "Somebody else was the last to report, so the device says nothing.", "4",
		 LEVEL_SHOULD, done_saved),
	MUST("1.13.c", "listening ends, others are there, the device is to say so",
	     "That silence can be turned off.", "4", done_always),
	MUST("1.14.a", "idle listener: query", "A report within the delay.", "5", specific_1000),
	MUST("1.14.b", "idle listener that was the last to report: listening ends",
	     "It says that it is done.", "5", idle_leaves),
	LISTENER("1.14.c", "idle listener that was not the last to report: listening ends",
		 "It says nothing.", "5", LEVEL_SHOULD, done_saved),
	MUST("1.15.a", "delaying listener: report", "Its own is not sent.", "5", suppressed),
	MUST("1.15.b", "delaying listener that was the last to report: listening ends",
	     "It says that it is done, and reports nothing.", "5", delaying_leaves),
	LISTENER("1.15.c", "delaying listener that was not the last to report: listening ends",
		 "It says nothing, and reports nothing.", "5", LEVEL_SHOULD,
		 delaying_leaves_silently),
	MUST("1.15.d", "delaying listener: the delay is over", "The group is reported.", "5",
	     specific_1000),
};

const struct suite suite_mld_listener = {
	.name = "mld-listener",
	.title = "MLDv1 listeners",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
