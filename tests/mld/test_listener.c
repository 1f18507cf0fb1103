/* SPDX-License-Identifier: BSD-3-Clause */
/* The listener in virtual time: joining and leaving for all sources. */
#include "stage.h"

/* What a join at time 0 sends. */
#define JOINED_A                                                                                   \
	{ 0, 0, TO_EX_A, 0 },                                                                      \
	{                                                                                          \
		0, 1000, TO_EX_A, 1                                                                \
	}

/* clang-format off */

/* RFC 3810 section 6.1; sections 9.1 and 9.11. */
static const struct scenario changes[] = {
	{ "a join is reported and repeated once", .steps = { { 0, JOIN, A } }, .rows = { JOINED_A } },
	{ "a leave likewise",
	  .steps = { { 0, JOIN, A }, { 5000, LEAVE, A } },
	  .rows = { JOINED_A, { 5000, 5000, TO_IN_A, 0 }, { 0, 1000, TO_IN_A, 3 } } },
	{ "only the first and the last member count",
	  .steps = { { 0, JOIN, A }, { 2000, JOIN, A }, { 3000, LEAVE, A }, { 5000, LEAVE, A } },
	  .rows = { JOINED_A, { 5000, 5000, TO_IN_A, 0 }, { 0, 1000, TO_IN_A, 3 } } },
	{ "a leave ends the repeats of the join",
	  .steps = { { 0, JOIN, A }, { 0, LEAVE, A } },
	  .rows = { { 0, 0, TO_EX_A, 0 }, { 0, 0, TO_IN_A, 0 }, { 0, 1000, TO_IN_A, 2 } } },
	{ "a join ends the repeats of the leave",
	  .steps = { { 0, JOIN, A }, { 5000, LEAVE, A }, { 5000, JOIN, A } },
	  .rows = { JOINED_A, { 5000, 5000, TO_IN_A, 0 }, { 5000, 5000, TO_EX_A, 0 },
		    { 0, 1000, TO_EX_A, 4 } } },
	{ "repeats are merged",
	  .steps = { { 0, JOIN, A }, { 0, JOIN, B } },
	  .rows = { { 0, 0, TO_EX_A, 0 }, { 0, 0, TO_EX_B, 0 },
		    { 0, 1000, V2 "TO_EX ff05::a {}, TO_EX ff05::b {}", 0 } } },
	{ "repeats of a leave and a join are merged",
	  .steps = { { 0, JOIN, A }, { 5000, LEAVE, A }, { 5000, JOIN, B } },
	  .rows = { JOINED_A, { 5000, 5000, TO_IN_A, 0 }, { 5000, 5000, TO_EX_B, 0 },
		    { 5000, 6000, V2 "TO_IN ff05::a {}, TO_EX ff05::b {}", 0 } } },
	{ "robustness 3 is adopted: two repeats",
	  .steps = { { 0, QUERY2, NULL, 1000, .qrv = 3 }, { 100, JOIN, A }, { 5000, LEAVE, A } },
	  .rows = { { 100, 100, TO_EX_A, 0 }, { 0, 1000, TO_EX_A, 1 }, { 0, 1000, TO_EX_A, 2 },
		    { 5000, 5000, TO_IN_A, 0 }, { 0, 1000, TO_IN_A, 4 },
		    { 0, 1000, TO_IN_A, 5 } } },
	{ "robustness 1: no repeat",
	  .steps = { { 0, QUERY2, NULL, 1000, .qrv = 1 }, { 100, JOIN, A }, { 5000, LEAVE, A } },
	  .rows = { { 100, 100, TO_EX_A, 0 }, { 5000, 5000, TO_IN_A, 0 } } },
	{ "robustness 0 is the default",
	  .steps = { { 0, QUERY2, NULL, 1000, .qrv = 3 }, { 50, QUERY2, NULL, 1000, .qrv = 0 },
		     { 100, JOIN, A } },
	  .rows = { { 100, 100, TO_EX_A, 0 }, { 0, 1000, TO_EX_A, 1 } } },
	/* section 6: these are never reported, those of link-local scope are */
	{ "all-nodes, reserved and interface-local scope are silent",
	  .steps = { { 0, JOIN, "ff02::1" }, { 0, JOIN, "ff01::5" }, { 0, JOIN, "ff10::5" },
		     { 100, QUERY2, NULL, 1000 }, { 100, QUERY2, "ff01::5", 1000 },
		     { 100, QUERY2, "ff02::1", 1000 }, { 5000, QUERY1, NULL, 1000 },
		     { 9000, LEAVE, "ff02::1" }, { 9000, LEAVE, "ff01::5" } } },
	{ "a solicited-node group is reported",
	  .steps = { { 0, JOIN, "ff02::1:ff00:1" } },
	  .rows = { { 0, 0, V2 "TO_EX ff02::1:ff00:1 {}", 0 },
		    { 0, 1000, V2 "TO_EX ff02::1:ff00:1 {}", 1 } } },
	{ "the loopback interface is silent",
	  .loopback = true,
	  .steps = { { 0, JOIN, A }, { 5000, LEAVE, A } } },
};

/* RFC 3810 sections 6.2 and 6.3. */
static const struct scenario queries[] = {
	{ "a general query is answered in one report",
	  .steps = { { 0, JOIN, A }, { 2000, JOIN, B }, { 5000, QUERY2, NULL, 10000 } },
	  .rows = { JOINED_A, { 2000, 2000, TO_EX_B, 0 }, { 0, 1000, TO_EX_B, 3 },
		    { 5000, 15000, IS_EX_AB, 0 } } },
	{ "a general query, and nothing to report",
	  .steps = { { 0, JOIN, A }, { 2000, LEAVE, A }, { 5000, QUERY2, NULL, 1000 } },
	  .rows = { JOINED_A, { 2000, 2000, TO_IN_A, 0 }, { 0, 1000, TO_IN_A, 3 } } },
	{ "a maximum response delay in the floating range",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, NULL, LONG } },
	  .rows = { JOINED_A, { 33000, 5000 + LONG, IS_EX_A, 0 } } },
	{ "a maximum response delay of zero",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, NULL, 0 } },
	  .rows = { JOINED_A, { 5000, 5000, IS_EX_A, 0 } } },
	{ "rule 1: a general answer that comes sooner does for a specific query",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, NULL, 100 }, { 5000, QUERY2, A, LONG } },
	  .rows = { JOINED_A, { 5000, 5100, IS_EX_A, 0 } } },
	{ "rule 1: and for a general one",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, NULL, 100 }, { 5000, QUERY2, NULL, LONG } },
	  .rows = { JOINED_A, { 5000, 5100, IS_EX_A, 0 } } },
	{ "rule 1 does not hold for a later general answer",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, NULL, LONG }, { 5000, QUERY2, A, 100 } },
	  .rows = { JOINED_A, { 5000, 5100, IS_EX_A, 0 }, { 6000, LONG, IS_EX_A, 0 } } },
	{ "rule 2: the new general answer replaces a later one",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, NULL, LONG }, { 5000, QUERY2, NULL, 100 } },
	  .rows = { JOINED_A, { 5000, 5100, IS_EX_A, 0 } } },
	{ "rule 3: a specific query is answered for its group",
	  .steps = { { 0, JOIN, A }, { 0, JOIN, B }, { 5000, QUERY2, A, 1000 } },
	  .rows = { { 0, 0, TO_EX_A, 0 }, { 0, 0, TO_EX_B, 0 },
		    { 0, 1000, V2 "TO_EX ff05::a {}, TO_EX ff05::b {}", 0 },
		    { 5000, 6000, IS_EX_A, 0 } } },
	{ "a specific query for somebody else's group",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, B, 1000 } },
	  .rows = { JOINED_A } },
	{ "rule 3: sources asked for are reported as listened to",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, A, 1000, "2001:db8::1 2001:db8::2" } },
	  .rows = { JOINED_A, { 5000, 6000, V2 "IS_IN ff05::a {2001:db8::1, 2001:db8::2}", 0 } } },
	{ "rule 3: two groups are asked about at a time",
	  .steps = { { 0, JOIN, A }, { 2000, JOIN, B }, { 5000, QUERY2, A, 1000, "2001:db8::1" },
		     { 5000, QUERY2, B, 1000, "2001:db8::2" } },
	  .rows = { JOINED_A, { 2000, 2000, TO_EX_B, 0 }, { 0, 1000, TO_EX_B, 3 },
		    { 5000, 6000, V2 "IS_IN ff05::a {2001:db8::1}", 0 },
		    { 5000, 6000, V2 "IS_IN ff05::b {2001:db8::2}", 0 } } },
	{ "rule 4: the earlier of two specific answers, once",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, A, LONG }, { 5000, QUERY2, A, 100 } },
	  .rows = { JOINED_A, { 5000, 5100, IS_EX_A, 0 } } },
	{ "rule 4: also when it is the pending one",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, A, 100 }, { 5000, QUERY2, A, LONG } },
	  .rows = { JOINED_A, { 5000, 5100, IS_EX_A, 0 } } },
	{ "rule 4: a query without sources clears those recorded",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, A, 1000, "2001:db8::1" },
		     { 5000, QUERY2, A, 1000 } },
	  .rows = { JOINED_A, { 5000, 6000, IS_EX_A, 0 } } },
	{ "rule 4: sources do not narrow a pending answer about the group",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, A, 1000 },
		     { 5000, QUERY2, A, 1000, "2001:db8::1" } },
	  .rows = { JOINED_A, { 5000, 6000, IS_EX_A, 0 } } },
	{ "rule 5: sources add up, at the earliest time",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, A, LONG, "2001:db8::1 2001:db8::2" },
		     { 5000, QUERY2, A, 100, "2001:db8::2 2001:db8::3" } },
	  .rows = { JOINED_A,
		    { 5000, 5100, V2 "IS_IN ff05::a {2001:db8::1, 2001:db8::2, 2001:db8::3}", 0 } } },
	{ "sources are forgotten with the answer",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, A, 100, "2001:db8::1" },
		     { 6000, QUERY2, A, 100, "2001:db8::2" }, { 7000, QUERY2, A, 100 } },
	  .rows = { JOINED_A, { 5000, 5100, V2 "IS_IN ff05::a {2001:db8::1}", 0 },
		    { 6000, 6100, V2 "IS_IN ff05::a {2001:db8::2}", 0 },
		    { 7000, 7100, IS_EX_A, 0 } } },
	{ "a leave cancels the answer, and its sources",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, A, LONG, "2001:db8::1" },
		     { 5000, QUERY2, NULL, LONG }, { 5000, LEAVE, A }, { 7000, JOIN, A },
		     { 8500, QUERY2, A, 100, "2001:db8::2" }, { 9000, LEAVE, A } },
	  .rows = { JOINED_A, { 5000, 5000, TO_IN_A, 0 }, { 0, 1000, TO_IN_A, 3 },
		    { 7000, 7000, TO_EX_A, 0 }, { 0, 1000, TO_EX_A, 5 },
		    { 8500, 8600, V2 "IS_IN ff05::a {2001:db8::2}", 0 },
		    { 9000, 9000, TO_IN_A, 0 }, { 0, 1000, TO_IN_A, 8 } } },
	{ "an answer and a repeat are two things",
	  .steps = { { 0, JOIN, A }, { 0, QUERY2, A, 1000 } },
	  .rows = { JOINED_A, { 0, 1000, IS_EX_A, 0 } } },
	{ "section 8.2.2: an MLDv1 report suppresses nothing",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, A, 1000 }, { 5000, REPORT1, A } },
	  .rows = { JOINED_A, { 5000, 6000, IS_EX_A, 0 } } },
};

/* RFC 3810 sections 8.2.1 and 9.12; RFC 2710 sections 4 and 5. */
static const struct scenario version1[] = {
	{ "each group answers for itself, to itself",
	  .steps = { { 0, JOIN, A }, { 2000, JOIN, B }, { 5000, QUERY1, NULL, 1000 } },
	  .rows = { JOINED_A, { 2000, 2000, TO_EX_B, 0 }, { 0, 1000, TO_EX_B, 3 },
		    { 5000, 6000, REPORT_A, 0 }, { 5000, 6000, REPORT_B, 0 } } },
	{ "the maximum response delay is linear, to the end of its range",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, A, 65535 } },
	  .rows = { JOINED_A, { 5000, 70535, REPORT_A, 0 } } },
	{ "a maximum response delay of zero: at once",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, A, 0 } },
	  .rows = { JOINED_A, { 5000, 5000, REPORT_A, 0 } } },
	{ "start listening: report, repeat within 10 s; stop listening: done",
	  .steps = { { 0, QUERY1, NULL, 1000 }, { 1000, JOIN, A }, { 20000, LEAVE, A } },
	  .rows = { { 1000, 1000, REPORT_A, 0 }, { 0, 10000, REPORT_A, 1 },
		    { 20000, 20000, DONE_A, 0 } } },
	{ "robustness 3: two repeats",
	  .steps = { { 0, QUERY2, NULL, 1000, .qrv = 3 }, { 100, QUERY1, NULL, 1000 },
		     { 1000, JOIN, A } },
	  .rows = { { 1000, 1000, REPORT_A, 0 }, { 0, 10000, REPORT_A, 1 },
		    { 0, 10000, REPORT_A, 2 } } },
	{ "stop listening stops the timer",
	  .steps = { { 0, QUERY1, NULL, 1000 }, { 1000, JOIN, A }, { 1000, LEAVE, A } },
	  .rows = { { 1000, 1000, REPORT_A, 0 }, { 1000, 1000, DONE_A, 0 } } },
	{ "another's report suppresses ours, and the done",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, A, 60000 }, { 5001, REPORT1, A },
		     { 90000, LEAVE, A } },
	  .rows = { JOINED_A } },
	{ "the done is sent all the same if the user wants it",
	  .done_always = true,
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, A, 60000 }, { 5001, REPORT1, A },
		     { 90000, LEAVE, A } },
	  .rows = { JOINED_A, { 90000, 90000, DONE_A, 0 } } },
	{ "another's report ends the repeats",
	  .steps = { { 0, QUERY2, NULL, 1000, .qrv = 7 }, { 100, QUERY1, NULL, 1000 },
		     { 1000, JOIN, A }, { 1000, REPORT1, A }, { 30000, QUERY1, A, 100 } },
	  .rows = { { 1000, 1000, REPORT_A, 0 }, { 30000, 30100, REPORT_A, 0 } } },
	{ "another's report while we are idle changes nothing",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, A, 100 }, { 6000, REPORT1, A },
		     { 7000, LEAVE, A } },
	  .rows = { JOINED_A, { 5000, 5100, REPORT_A, 0 }, { 7000, 7000, DONE_A, 0 } } },
	{ "another's report of another group likewise",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, A, 60000 }, { 5000, REPORT1, B } },
	  .rows = { JOINED_A, { 5000, 65000, REPORT_A, 0 } } },
	{ "our own report does not suppress us",
	  .steps = { { 0, QUERY1, NULL, 1000 }, { 1000, JOIN, A }, { 1000, REPORT1_OWN, A },
		     { 20000, LEAVE, A } },
	  .rows = { { 1000, 1000, REPORT_A, 0 }, { 0, 10000, REPORT_A, 1 },
		    { 20000, 20000, DONE_A, 0 } } },
	{ "the next report after a suppressed one makes us the last again",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, A, 60000 }, { 5001, REPORT1, A },
		     { 6000, QUERY1, A, 100 }, { 7000, LEAVE, A } },
	  .rows = { JOINED_A, { 6000, 6100, REPORT_A, 0 }, { 7000, 7000, DONE_A, 0 } } },
	{ "a running timer is shortened",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, A, 65535 }, { 5000, QUERY1, NULL, 5 } },
	  .rows = { JOINED_A, { 5000, 5005, REPORT_A, 0 } } },
	{ "a running timer is not prolonged",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, NULL, 5 }, { 5000, QUERY1, A, 65535 } },
	  .rows = { JOINED_A, { 5000, 5005, REPORT_A, 0 } } },
	{ "in MLDv1 mode an MLDv2 query gets an MLDv1 answer, sources or not",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, B, 1000 }, { 6000, QUERY2, NULL, 1000 },
		     { 8000, QUERY2, A, 1000, "2001:db8::1" }, { 9000, VERSION, NULL, 1 } },
	  .rows = { JOINED_A, { 6000, 7000, REPORT_A, 0 }, { 8000, 9000, REPORT_A, 0 } } },
	/* 9.12: 2 times 125 s, plus 10 s as long as no General Query said otherwise */
	{ "older version querier present: default",
	  .steps = { { 5000, QUERY1, A, 100 }, { 264999, VERSION, NULL, 1 },
		     { 265000, VERSION, NULL, 2 }, { 266000, JOIN, A } },
	  .rows = { { 266000, 266000, TO_EX_A, 0 }, { 0, 1000, TO_EX_A, 1 } } },
	{ "older version querier present: with the query's response interval",
	  .steps = { { 5000, QUERY1, NULL, 1000 }, { 255999, VERSION, NULL, 1 },
		     { 256000, VERSION, NULL, 2 } } },
	{ "older version querier present: robustness and interval of the last MLDv2 query",
	  .steps = { { 0, QUERY2, NULL, 2000, .qrv = 3, .qqi_s = 10 }, { 1000, QUERY1, A, 500 },
		     { 32999, VERSION, NULL, 1 }, { 33000, VERSION, NULL, 2 } } },
	{ "older version querier present: each MLDv1 query sets it anew",
	  .steps = { { 0, QUERY1, NULL, 10000 }, { 100000, QUERY1, NULL, 10000 },
		     { 359999, VERSION, NULL, 1 }, { 360000, VERSION, NULL, 2 } } },
	{ "older version querier present: an MLDv2 query does not",
	  .steps = { { 0, QUERY1, NULL, 10000 }, { 100000, QUERY2, NULL, 10000 },
		     { 259999, VERSION, NULL, 1 }, { 260000, VERSION, NULL, 2 } } },
	{ "the change of mode cancels repeats of a join",
	  .steps = { { 0, JOIN, A }, { 0, QUERY1, B, 1000 } },
	  .rows = { { 0, 0, TO_EX_A, 0 } } },
	{ "and does not carry their count over",
	  .steps = { { 0, QUERY2, B, 0, .qrv = 3 }, { 0, JOIN, A }, { 0, QUERY1, A, 1000 } },
	  .rows = { { 0, 0, TO_EX_A, 0 }, { 0, 1000, REPORT_A, 0 } } },
	{ "the change of mode cancels repeats of a leave",
	  .steps = { { 0, JOIN, A }, { 5000, LEAVE, A }, { 5000, QUERY1, B, 1000 },
		     { 266000, JOIN, B } },
	  .rows = { JOINED_A, { 5000, 5000, TO_IN_A, 0 }, { 266000, 266000, TO_EX_B, 0 },
		    { 0, 1000, TO_EX_B, 4 } } },
	{ "the change of mode cancels answers",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, NULL, 10000 },
		     { 5000, QUERY2, A, 9000, "2001:db8::1" }, { 5000, QUERY1, B, 1000 },
		     { 265000, VERSION, NULL, 2 },
		     { 270000, QUERY2, A, 1000, "2001:db8::2" } },
	  .rows = { JOINED_A, { 270000, 271000, V2 "IS_IN ff05::a {2001:db8::2}", 0 } } },
	{ "the change back cancels, too",
	  .steps = { { 0, QUERY2, NULL, 0, .qrv = 1, .qqi_s = 1 }, { 1000, JOIN, A },
		     { 2000, QUERY1, B, 0 }, { 2000, QUERY2, A, LONG }, { 2999, VERSION, NULL, 1 },
		     { 3000, VERSION, NULL, 2 } },
	  .rows = { { 1000, 1000, TO_EX_A, 0 } } },
	{ "an MLDv1 query is refused where only MLDv2 is wanted",
	  .v2_only = true,
	  .steps = { { 0, JOIN, A }, { 5000, QUERY1, NULL, 1000 }, { 5000, VERSION, NULL, 2 } },
	  .rows = { JOINED_A } },
};

/* RFC 3810 section 5.2.13, RFC 3590 section 4; interfaces that come and go. */
static const struct scenario life[] = {
	{ "what was joined while down is reported, in one, when it comes up",
	  .starts_down = true,
	  .steps = { { 0, JOIN, A }, { 0, JOIN, B }, { 1000, QUERY2, NULL, 100 },
		     { 3000, UP, NULL } },
	  .rows = { { 3000, 3000, V2 "TO_EX ff05::a {}, TO_EX ff05::b {}", 0 },
		    { 0, 1000, V2 "TO_EX ff05::a {}, TO_EX ff05::b {}", 1 } } },
	{ "going down cancels all, and says nothing",
	  .steps = { { 0, JOIN, A }, { 2000, JOIN, B }, { 5000, QUERY2, NULL, 9000 },
		     { 5000, QUERY2, A, 9000 }, { 5000, LEAVE, B }, { 5000, DOWN, NULL },
		     { 5000, DOWN, NULL }, { 6000, LEAVE, A } },
	  .rows = { JOINED_A, { 2000, 2000, TO_EX_B, 0 }, { 0, 1000, TO_EX_B, 3 },
		    { 5000, 5000, V2 "TO_IN ff05::b {}", 0 } } },
	{ "down and up: as new, in MLDv2 and with default robustness",
	  .steps = { { 0, JOIN, A }, { 5000, QUERY2, B, 0, .qrv = 7 }, { 5000, QUERY1, B, 0 },
		     { 6000, DOWN, NULL }, { 7000, UP, NULL }, { 7000, UP, NULL },
		     { 7000, VERSION, NULL, 2 } },
	  .rows = { JOINED_A, { 7000, 7000, TO_EX_A, 0 }, { 0, 1000, TO_EX_A, 3 } } },
	{ "without link-local address from ::, then again",
	  .no_link_local = true,
	  .steps = { { 0, JOIN, "ff02::1:ff00:1" }, { 1500, LL_READY, NULL } },
	  .rows = { { 0, 0, ":: > ff02::16 report v2 TO_EX ff02::1:ff00:1 {}", 0 },
		    { 0, 1000, ":: > ff02::16 report v2 TO_EX ff02::1:ff00:1 {}", 1 },
		    { 1500, 1500, V2 "TO_EX ff02::1:ff00:1 {}", 0 },
		    { 0, 1000, V2 "TO_EX ff02::1:ff00:1 {}", 3 } } },
	{ "likewise in MLDv1",
	  .no_link_local = true,
	  .steps = { { 0, QUERY1, B, 100 }, { 0, JOIN, A }, { 20000, LL_READY, NULL } },
	  .rows = { { 0, 0, ":: > ff05::a report v1 ff05::a", 0 },
		    { 0, 10000, ":: > ff05::a report v1 ff05::a", 1 },
		    { 20000, 20000, REPORT_A, 0 }, { 0, 10000, REPORT_A, 3 } } },
	{ "a leave before there is an address",
	  .no_link_local = true,
	  .steps = { { 0, JOIN, A }, { 0, LEAVE, A } },
	  .rows = { { 0, 0, ":: > ff02::16 report v2 TO_EX ff05::a {}", 0 },
		    { 0, 0, ":: > ff02::16 report v2 TO_IN ff05::a {}", 0 },
		    { 0, 1000, ":: > ff02::16 report v2 TO_IN ff05::a {}", 2 } } },
};

/* clang-format on */

static void test_changes(void **state)
{
	(void)state;
	stage_table(changes, ARRAY_LEN(changes));
}

static void test_queries(void **state)
{
	(void)state;
	stage_table(queries, ARRAY_LEN(queries));
}

static void test_version1(void **state)
{
	(void)state;
	stage_table(version1, ARRAY_LEN(version1));
}

static void test_life(void **state)
{
	(void)state;
	stage_table(life, ARRAY_LEN(life));
}

/* clang-format off */
/* What is refused, why, and that it changes nothing. RFC 3810 sections 6.2, 8.1; RFC 3590. */
static const struct refusal {
	const char *name;
	const char *src;
	uint8_t type;
	const char *group;
	uint8_t octets, hop_limit, n_sources;
	bool no_alert;
	enum drop why;
} refusals[] = {
	{ "good, v2", "fe80::99", 130, NULL, 28, 1, 0, false, DROP_MLD_DONE },
	{ "good, v1", "fe80::99", 130, NULL, 24, 1, 0, false, DROP_MLD_DONE },
	{ "good, end of fe80::/10", "febf::99", 130, NULL, 28, 1, 0, false, DROP_MLD_DONE },
	{ "octets behind the end", "fe80::99", 130, NULL, 29, 1, 0, false, DROP_MLD_DONE },
	{ "good, one source", "fe80::99", 130, A, 44, 1, 1, false, DROP_MLD_DONE },
	{ "hop limit 0", "fe80::99", 130, NULL, 28, 0, 0, false, DROP_MLD_HOP_LIMIT },
	{ "hop limit 2", "fe80::99", 130, NULL, 28, 2, 0, false, DROP_MLD_HOP_LIMIT },
	{ "hop limit 255", "fe80::99", 130, NULL, 28, 255, 0, false, DROP_MLD_HOP_LIMIT },
	{ "query from ::", "::", 130, NULL, 28, 1, 0, false, DROP_MLD_SRC },
	{ "report from ::", "::", 131, A, 24, 1, 0, false, DROP_MLD_SRC },
	{ "query from a global address", "2001:db8::1", 130, NULL, 28, 1, 0, false, DROP_MLD_SRC },
	{ "query from behind fe80::/10", "fec0::1", 130, NULL, 28, 1, 0, false, DROP_MLD_SRC },
	{ "no router alert", "fe80::99", 130, NULL, 28, 1, 0, true, DROP_MLD_NO_ALERT },
	{ "no router alert, v1", "fe80::99", 130, NULL, 24, 1, 0, true, DROP_MLD_NO_ALERT },
	{ "23 octets", "fe80::99", 130, NULL, 23, 1, 0, false, DROP_MLD_SHORT },
	{ "25 octets", "fe80::99", 130, NULL, 25, 1, 0, false, DROP_MLD_SHORT },
	{ "26 octets", "fe80::99", 130, NULL, 26, 1, 0, false, DROP_MLD_SHORT },
	{ "27 octets", "fe80::99", 130, NULL, 27, 1, 0, false, DROP_MLD_SHORT },
	{ "half a source", "fe80::99", 130, A, 43, 1, 1, false, DROP_MLD_SHORT },
	{ "unicast group", "fe80::99", 130, "2001:db8::a", 28, 1, 0, false, DROP_MLD_GROUP },
	{ "unicast group, v1", "fe80::99", 130, "fe80::a", 24, 1, 0, false, DROP_MLD_GROUP },
	{ "sources of no group", "fe80::99", 130, NULL, 44, 1, 1, false, DROP_MLD_GROUP },
	{ "v1 report", "fe80::99", 131, A, 24, 1, 0, false, DROP_MLD_DONE },
	{ "v1 report, longer", "fe80::99", 131, A, 30, 1, 0, false, DROP_MLD_DONE },
	{ "v1 report, short", "fe80::99", 131, A, 23, 1, 0, false, DROP_MLD_SHORT },
	{ "v1 report, unicast", "fe80::99", 131, "::1", 24, 1, 0, false, DROP_MLD_GROUP },
	{ "v1 report, hop limit 255", "fe80::99", 131, A, 24, 255, 0, false, DROP_MLD_HOP_LIMIT },
	{ "v1 done", "fe80::99", 132, A, 24, 1, 0, false, DROP_MLD_REPORT },
	{ "v2 report", "fe80::99", 143, NULL, 8, 1, 0, false, DROP_MLD_REPORT },
	{ "v2 report from ::", "::", 143, NULL, 8, 1, 0, false, DROP_MLD_SRC },
	{ "nothing", "fe80::99", 0, NULL, 0, 1, 0, false, DROP_ICMP6_TYPE },
};
/* clang-format on */

static void run_refusal(const struct refusal *r)
{
	struct ip6_addr group = stage_addr(r->group), a = stage_addr(A);
	uint8_t msg[64] = { r->type, 7, [5] = 100 };
	struct stage s;
	struct pkt *pkt;
	uint64_t n = 0;

	stage_init(&s, 1);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	assert_int_equal(mld_join(&s.mld, &s.f.ifc, &a), 0);
	stage_run(&s, 5 * NS_PER_S);
	s.f.n_sent = 0;

	memcpy(msg + 8, &group, sizeof(group));
	msg[27] = r->n_sources;
	pkt = stage_pkt(&s, r->src, msg, r->octets);
	pkt->p[7] = r->hop_limit;
	if (r->no_alert)
		pkt->flags = 0;
	mld_input(&s.mld, pkt);
	if (s.f.env.drops[r->why] != 1)
		fail_msg("%s: not dropped as %s", r->name, drop_name(r->why));
	for (unsigned i = 0; i < DROP_NUM; i++)
		n += s.f.env.drops[i];
	assert_int_equal(n, 1);
	assert_int_equal(s.f.n_sent, 0);
	if (r->why != DROP_MLD_DONE) {
		assert_int_equal(mld_version(&s.f.ifc), 2);
		assert_true(timers_next(&s.f.env.timers) == TIME_NEVER);
	}
	stage_done(&s);
}

static void test_refusals(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(refusals); i++)
		run_refusal(&refusals[i]);
}

static void test_refused_elsewhere(void **state)
{
	static const struct step query = { .what = QUERY1, .max_ms = 100 };
	uint8_t buf[64];
	struct stage s;
	struct pkt *pkt;
	size_t n = stage_query(&query, buf, sizeof(buf));

	(void)state;
	stage_init(&s, 1);
	mld_input(&s.mld, stage_pkt(&s, "fe80::99", buf, n)); /* down */
	assert_int_equal(s.f.env.drops[DROP_IF_DOWN], 1);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	pkt = stage_pkt(&s, "fe80::99", buf, n);
	pkt->ifindex = 2; /* gone */
	mld_input(&s.mld, pkt);
	assert_int_equal(s.f.env.drops[DROP_IF_DOWN], 2);
	s.mld.v2_only = true;
	mld_input(&s.mld, stage_pkt(&s, "fe80::99", buf, n));
	assert_int_equal(s.f.env.drops[DROP_MLD_VERSION], 1);
	buf[0] = MLD_TYPE_V1_REPORT;
	buf[8] = 0xff;
	mld_input(&s.mld, stage_pkt(&s, "fe80::99", buf, n));
	assert_int_equal(s.f.env.drops[DROP_MLD_VERSION], 2);
	stage_done(&s);
}

/* RFC 3810 section 5.2.15: reports split at the MTU: 48 octets of headers, 8, 20 a record. */
static const struct split {
	uint32_t mtu;
	unsigned groups;
	unsigned octets[6]; /* of the packets of one answer */
} splits[] = {
	{ 1280, 61, { 1276 } },
	{ 1280, 62, { 1276, 76 } },
	{ 1296, 62, { 1296 } },
	{ 1296, 63, { 1296, 76 } },
	{ 1500, 72, { 1496 } },
	{ 1500, 73, { 1496, 76 } },
	{ 9000, 73, { 1496, 76 } },
	{ 1280, 255, { 1276, 1276, 1276, 1276, 276 } }, /* all that an interface holds */
};

static struct ip6_addr numbered(unsigned i)
{
	struct ip6_addr a = stage_addr("ff05::1:0");

	put_be16(a.b + 14, (uint16_t)i);
	return a;
}

static void test_split(void **state)
{
	static const struct step general = { .what = QUERY2, .max_ms = 100 };

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(splits); i++) {
		const struct split *sp = &splits[i];
		unsigned records = 0, n = 0;
		struct ip6_addr a;
		struct stage s;

		stage_init(&s, 1);
		s.f.ifc.conf.link_mtu = sp->mtu;
		assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
		for (unsigned g = 0; g < sp->groups; g++) {
			a = numbered(g);
			assert_int_equal(mld_join(&s.mld, &s.f.ifc, &a), 0);
		}
		stage_run(&s, 5 * NS_PER_S);
		s.f.n_sent = 0;
		stage_play(&s, &general);
		stage_run(&s, 6 * NS_PER_S);
		for (; sp->octets[n] != 0; n++) {
			assert_true(n < s.f.n_sent);
			assert_int_equal(s.f.sent[n].octets, sp->octets[n]);
			records += (s.f.sent[n].octets - 56) / 20;
		}
		assert_int_equal(s.f.n_sent, n);
		assert_int_equal(records, sp->groups);
		a = numbered(999);
		if (sp->groups == IF_GROUPS_MAX - 1)
			assert_int_equal(mld_join(&s.mld, &s.f.ifc, &a), -ENOSPC);
		stage_done(&s);
	}
}

/* Ask about @n sources of the group, counted from @from. */
static void ask(struct stage *s, const struct ip6_addr *group, unsigned from, unsigned n)
{
	struct mld_query q = { .version = 2,
			       .max_delay = 100 * NS_PER_MS,
			       .group = *group,
			       .n_sources = (uint16_t)n };
	struct ip6_addr sources[MLD_ASKED_SOURCES + 1];
	uint8_t buf[1500];
	struct wr w = wr_of(buf, sizeof(buf));

	for (unsigned i = 0; i < n; i++) {
		sources[i] = stage_addr("2001:db8::");
		put_be16(sources[i].b + 14, (uint16_t)(from + i));
	}
	q.sources = rd_of(sources, n * sizeof(sources[0]));
	mld_put_query(&w, &q);
	mld_input(&s->mld, stage_pkt(s, "fe80::99", buf, wr_len(&w)));
}

/* The bounds on remembered sources: beyond them the whole state is the answer. */
static const struct asked {
	const char *name;
	unsigned groups, first, second; /* sources in one query, and in another behind it */
	unsigned is_in, is_ex;		/* answers */
	uint32_t octets;		/* of the longest */
} askeds[] = {
	{ "as many as fit", 1, 64, 0, 1, 0, 76 + 64 * 16 },
	{ "one too many", 1, 65, 0, 0, 1, 76 },
	{ "add up to as many as fit", 1, 60, 4, 1, 0, 76 + 64 * 16 },
	{ "add up to one too many", 1, 60, 5, 0, 1, 76 },
	{ "four groups", 4, 1, 1, 4, 0, 76 + 2 * 16 },
	{ "five groups", 5, 1, 1, 4, 1, 76 + 2 * 16 },
};

static void test_asked(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(askeds); i++) {
		const struct asked *as = &askeds[i];
		unsigned is_in = 0, is_ex = 0;
		uint32_t octets = 0;
		struct stage s;

		stage_init(&s, 1);
		assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
		for (unsigned g = 0; g < as->groups; g++) {
			struct ip6_addr a = numbered(g);

			assert_int_equal(mld_join(&s.mld, &s.f.ifc, &a), 0);
		}
		stage_run(&s, 5 * NS_PER_S);
		s.f.n_sent = 0;
		for (unsigned g = 0; g < as->groups; g++) {
			struct ip6_addr a = numbered(g);

			ask(&s, &a, g * 100, as->first);
			if (as->second != 0)
				ask(&s, &a, g * 100 + as->first, as->second);
		}
		stage_run(&s, 6 * NS_PER_S);
		for (unsigned n = 0; n < s.f.n_sent; n++) {
			is_in += strstr(s.f.sent[n].text, "IS_IN") != NULL;
			is_ex += strstr(s.f.sent[n].text, "IS_EX") != NULL;
			octets = MAX(octets, s.f.sent[n].octets);
		}
		if (is_in != as->is_in || is_ex != as->is_ex || octets != as->octets)
			fail_msg("%s: %u, %u, %u octets", as->name, is_in, is_ex, octets);
		stage_done(&s);
	}
}

/* Changes beyond the table are told once, those in it twice. */
static void test_changes_bound(void **state)
{
	unsigned n = MLD_CHANGES_MAX + 3, records = 0;
	struct ip6_addr a;
	struct stage s;

	(void)state;
	stage_init(&s, 1);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	for (unsigned g = 0; g < n; g++) {
		a = numbered(g);
		assert_int_equal(mld_join(&s.mld, &s.f.ifc, &a), 0);
		assert_int_equal(mld_leave(&s.mld, &s.f.ifc, &a), 0);
	}
	assert_int_equal(mld_leave(&s.mld, &s.f.ifc, &a), -EADDRNOTAVAIL);
	assert_int_equal(s.f.n_sent, 2 * n);
	stage_run(&s, 9 * NS_PER_S);
	for (unsigned i = 2 * n; i < s.f.n_sent; i++)
		records += (s.f.sent[i].octets - 56) / 20;
	assert_int_equal(records, MLD_CHANGES_MAX);
	stage_done(&s);
}

/* Changes that follow closely do not put off the repeats of earlier ones. */
static void test_repeat_in_time(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct ip6_addr a = stage_addr(A);
		unsigned told = 0;
		struct stage s;

		stage_init(&s, seed);
		assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
		assert_int_equal(mld_join(&s.mld, &s.f.ifc, &a), 0);
		for (unsigned i = 1; i < 50; i++) {
			stage_run(&s, i * 20 * NS_PER_MS);
			a = numbered(i);
			assert_int_equal(mld_join(&s.mld, &s.f.ifc, &a), 0);
		}
		stage_run(&s, NS_PER_S - 1);
		for (unsigned i = 0; i < s.f.n_sent; i++)
			told += strstr(s.f.sent[i].text, "TO_EX " A " ") != NULL;
		assert_int_equal(told, 2);
		stage_done(&s);
	}
}

/* A report for which there is no buffer is lost; the next is not. */
static void test_no_buffer(void **state)
{
	struct ip6_addr a = stage_addr(A);
	struct stage s;

	(void)state;
	stage_init(&s, 1);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	s.f.pool.max_small = 0;
	assert_int_equal(mld_join(&s.mld, &s.f.ifc, &a), 0);
	assert_int_equal(s.f.n_sent, 0);
	assert_int_equal(s.f.env.drops[DROP_NO_BUFFER], 1);
	s.f.pool.max_small = 64;
	stage_run(&s, NS_PER_S);
	assert_int_equal(s.f.n_sent, 1);
	assert_string_equal(s.f.sent[0].text, TO_EX_A);
	stage_done(&s);
}

/* A membership that did not come through mld_join() is answered for, too. */
static void test_foreign_membership(void **state)
{
	static const struct step query = { .what = QUERY2, .group = A, .max_ms = 100 };
	struct ip6_addr a = stage_addr(A);
	struct stage s;

	(void)state;
	stage_init(&s, 1);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	assert_int_equal(ip6_group_join(&s.f.ip6, &s.f.ifc, &a, NULL), 1);
	stage_play(&s, &query);
	stage_run(&s, 100 * NS_PER_MS);
	assert_int_equal(s.f.n_sent, 1);
	assert_string_equal(s.f.sent[0].text, IS_EX_A);
	stage_done(&s);
}

/* ff02::1 is joined while the interface is up, beside whoever else joins it. */
static void test_all_nodes(void **state)
{
	struct ip6_addr all = stage_addr("ff02::1");
	struct stage s;

	(void)state;
	stage_init(&s, 1);
	assert_int_equal(mld_version(&s.f.ifc), 0);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	assert_int_equal(if_group_find(&s.f.ifc, &all)->refs, 1);
	assert_int_equal(mld_join(&s.mld, &s.f.ifc, &all), 0);
	mld_if_down(&s.mld, &s.f.ifc);
	assert_int_equal(if_group_find(&s.f.ifc, &all)->refs, 1);
	assert_int_equal(mld_leave(&s.mld, &s.f.ifc, &all), 0);
	assert_null(if_group_find(&s.f.ifc, &all));
	assert_int_equal(mld_leave(&s.mld, &s.f.ifc, &all), -EADDRNOTAVAIL);
	stage_done(&s);
}

/* Delays fill their windows: over many seeds, each tenth of the window is hit. */
static void test_draws(void **state)
{
	/* clang-format off */
	static const struct draw {
		struct step st[2];
		const char *text;
		unsigned nth;		/* packet of that text */
		uint64_t from_ms, window_ms;
	} draws[] = {
		{ .st = { { 0, JOIN, A } }, TO_EX_A, 2, 0, 1000 },
		{ .st = { { 0, JOIN, A }, { 5000, QUERY2, NULL, 10000 } }, IS_EX_A, 1, 5000, 10000 },
		{ .st = { { 0, JOIN, A }, { 5000, QUERY2, A, 1000 } }, IS_EX_A, 1, 5000, 1000 },
		{ .st = { { 0, JOIN, A }, { 5000, QUERY1, NULL, 1000 } }, REPORT_A, 1, 5000, 1000 },
		{ .st = { { 0, QUERY1, B, 0 }, { 0, JOIN, A } }, REPORT_A, 2, 0, 10000 },
	};
	/* clang-format on */

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(draws); i++) {
		const struct draw *d = &draws[i];
		unsigned tenths = 0;

		for (uint64_t seed = 1; seed <= 200; seed++) {
			unsigned seen = 0;
			struct stage s;

			stage_init(&s, seed);
			assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
			for (unsigned k = 0; k < 2 && d->st[k].what != END; k++) {
				stage_run(&s, d->st[k].ms * NS_PER_MS);
				stage_play(&s, &d->st[k]);
			}
			stage_run(&s, 100 * NS_PER_S);
			for (unsigned k = 0; k < s.f.n_sent; k++) {
				uint64_t ns = s.f.sent[k].at - d->from_ms * NS_PER_MS;

				if (strcmp(s.f.sent[k].text, d->text) != 0 || ++seen != d->nth)
					continue;
				assert_true(ns > 0 && ns < d->window_ms * NS_PER_MS);
				tenths |= 1u << ns * 10 / (d->window_ms * NS_PER_MS);
			}
			stage_done(&s);
		}
		assert_int_equal(tenths, 0x3ff);
	}
}

/* One seed, one run. */
static void test_replay(void **state)
{
	struct stage s[2];
	const struct scenario *sc = &version1[0];

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		stage_init(&s[k], 7);
		assert_int_equal(mld_if_up(&s[k].mld, &s[k].f.ifc), 0);
		for (unsigned i = 0; sc->steps[i].what != END; i++) {
			stage_run(&s[k], sc->steps[i].ms * NS_PER_MS);
			stage_play(&s[k], &sc->steps[i]);
		}
		stage_run(&s[k], 10 * NS_PER_S);
	}
	assert_int_equal(s[0].f.n_sent, s[1].f.n_sent);
	for (unsigned i = 0; i < s[0].f.n_sent; i++)
		assert_memory_equal(&s[0].f.sent[i], &s[1].f.sent[i], sizeof(s[0].f.sent[i]));
	stage_done(&s[0]);
	stage_done(&s[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),	      cmocka_unit_test(test_queries),
		cmocka_unit_test(test_version1),      cmocka_unit_test(test_life),
		cmocka_unit_test(test_refusals),      cmocka_unit_test(test_refused_elsewhere),
		cmocka_unit_test(test_split),	      cmocka_unit_test(test_asked),
		cmocka_unit_test(test_changes_bound), cmocka_unit_test(test_repeat_in_time),
		cmocka_unit_test(test_no_buffer),     cmocka_unit_test(test_foreign_membership),
		cmocka_unit_test(test_all_nodes),     cmocka_unit_test(test_draws),
		cmocka_unit_test(test_replay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
