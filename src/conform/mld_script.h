/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cases about an MLD router, many of which differ only in the records that a listener sends and
 * in the queries that have to follow. They are written in the notation of RFC 3810 section 7.4:
 *
 *	IS_IN(1,2); @1+QI TO_EX(2,3) > Q(1); TO_IN() > Q(2) Q()
 *
 * Steps are parted by semicolons. A step is one report by TN1 about group M1; what is behind ">"
 * has to be sent because of it, and no other query about a group may be.
 *
 *	IS_EX(1)+ALLOW(2)	two records in one report
 *	M2:IS_IN(1-89)		about group M2; sources S1 to S89
 *	A:IS_IN(1)		by TN2 on link A
 *	V1, DONE		a Version 1 Report, a Version 1 Done
 *	Q(1,2), Q(), M2:Q()	[Last Listener Query Count] queries, the first at once, the others
 *				each [Last Listener Query Interval] later
 *	Q(1)*			... with the S flag set
 *	Q(1)!, Q(1)~		one of them only: at once; at any time before the next step
 *	Q(1)?			... or not
 *
 * A step comes when [Last Listener Query Time] of the one before it is over, unless it says:
 *
 *	@2+QI, @2+QI/2		so long after step 2; QI is [Query Interval]
 *	@2+before		... [Multicast Address Listening Interval] less [Last Listener
 *				Query Time] and a second: timers set then are still larger than LLQT
 *	@2+early		... two [Last Listener Query Time] sooner than that
 *	@2+late			... [Multicast Address Listening Interval] less [Last Listener
 *				Query Time], and half a second: not larger than LLQT any more
 *	@2+after		... [Multicast Address Listening Interval] and a second
 *	@soon			half of [Last Listener Query Interval] after the step before
 *
 * Before the first step may be variables other than the default ones: RV=3, QI=60, LLQI=2 (in s).
 */
#ifndef INABA_CONFORM_MLD_SCRIPT_H
#define INABA_CONFORM_MLD_SCRIPT_H

#include "conform/mld_msg.h"
#include "mld/mld.h"

/* Any query, and what any MLDv2 Report is. */
extern const struct pv any_mld_query, any_mld_report;

/** mld_conf() - A router's default variables (RFC 3810 section 9), of this version. */
struct mld_router_conf mld_conf(unsigned version);

/** mld_llqt() - [Last Listener Query Time], mld_mali() - [Multicast Address Listening Interval]. */
time_ns mld_llqt(const struct mld_router_conf *c);
time_ns mld_mali(const struct mld_router_conf *c);

/** mld_general() - The General Query that a Querier with these variables sends. */
struct pv mld_general(struct tester *t, const struct mld_router_conf *c);

/**
 * mld_router_up() - The device becomes an MLD router on both links, and sends its first queries,
 * which are judged. TR1's address is lower than the device's, TR2's and TR3's are higher.
 *
 * Return: when the last of them came on link B.
 */
time_ns mld_router_up(struct tester *t, const struct mld_router_conf *c);

/** mld_periodic() - On link B come @n more General Queries, the first [Query Interval] after @last. */
void mld_periodic(struct tester *t, const struct mld_router_conf *c, time_ns last, unsigned n);

/** mld_play() - Run @script on a router that is up and has these variables. */
void mld_play(struct tester *t, const struct mld_router_conf *c, const char *script);

/**
 * mld_tx() - @from sends @pv, which is followed by these queries about groups ("Q(1) Q()") until
 * [Last Listener Query Time] is over, and by no others.
 */
void mld_tx(struct tester *t, const struct mld_router_conf *c, enum station_id from,
	    const struct pv *pv, const char *wants);

/** mld_script() - The function of parts whose purpose is a script. */
void mld_script(struct tester *t);

/* A part that is a script about what a router keeps of a group. */
#define MLD_LISTENED(id, title, script, clause)                                                    \
	{                                                                                          \
		"mldv2r." id, title, script, clause, LEVEL_MUST, NUT_ROUTER, NUT_MLD_ROUTER,       \
			NS_PER_S, mld_script                                                       \
	}
#define MLD_CURRENT(id, title, script) MLD_LISTENED(id, title, script, "RFC 3810 section 7.4.1")
#define MLD_CHANGE(id, title, script)  MLD_LISTENED(id, title, script, "RFC 3810 section 7.4.2")

/** mld_no_query() - For so long the device sends no query on link B. */
void mld_no_query(struct tester *t, time_ns how_long);

/** mld_reports() - Within so long the device sends a Report with a record like this on link B. */
const struct seen *mld_reports(struct tester *t, time_ns within, const struct mrec *want);

#endif
