/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MLDv2 routers among MLDv1 routers and listeners: group 5 of the MLDv2 router specification 1.0.1,
 * by RFC 3810 section 8.3. The purpose of most parts is a script (conform/mld_script.h).
 */
#include "conform/mld_script.h"

/* A Version 1 query of TR1's, whose address is lower, does not end the device's own. */
static void v1_query(struct tester *t, struct ip6_addr group)
{
	struct mld_router_conf c = mld_conf(2);
	time_ns last = mld_router_up(t, &c);
	struct mq q = mq_general(1);
	struct pv pv;

	q.group = group;
	pv = mq_pv(t, TR1, &q);
	tx(t, TR1, &pv);
	mld_periodic(t, &c, last, 1);
}

static void v1_general(struct tester *t)
{
	v1_query(t, IP6_UNSPEC);
}

static void v1_specific(struct tester *t)
{
	v1_query(t, mld_m1);
}

static void v2_only(struct tester *t)
{
	struct mld_router_conf c = mld_conf(2);

	setup_mld_option(t, NUT_MLD_V2_ONLY, true);
	mld_router_up(t, &c);
	mld_play(t, &c, t->part->purpose);
}

#define COMPAT(id, title, script)                                                                  \
	{                                                                                          \
		"mldv2r.5." id, title, script, "RFC 3810 section 8.3.2", LEVEL_MUST, NUT_ROUTER,   \
			NUT_MLD_ROUTER, NS_PER_S, mld_script                                       \
	}

static const struct part parts[] = {
	{ "mldv2r.5.1.a", "MLDv1 General Query",
	  "A router that is not told to use MLDv1 goes on asking as it did.",
	  "RFC 3810 section 8.3.1", LEVEL_SHOULD, NUT_ROUTER, NUT_MLD_ROUTER, NS_PER_S,
	  v1_general },
	{ "mldv2r.5.1.b", "MLDv1 query about a group",
	  "A router that is not told to use MLDv1 goes on asking as it did.",
	  "RFC 3810 section 8.3.1", LEVEL_SHOULD, NUT_ROUTER, NUT_MLD_ROUTER, NS_PER_S,
	  v1_specific },
	COMPAT("2.a", "INCLUDE, MLDv1 report", "IS_IN(1); V1; TO_IN() > Q()"),
	COMPAT("2.b", "INCLUDE, MLDv1 report, before the filter's end",
	       "IS_IN(1); V1; @2+before TO_IN() > Q()"),
	COMPAT("2.c", "INCLUDE, MLDv1 report, after the filter's end",
	       "IS_IN(1); V1; @2+after TO_IN()"),
	COMPAT("2.d", "INCLUDE, MLDv1 done", "IS_IN(1); DONE > Q(1); TO_IN()"),
	COMPAT("2.e", "EXCLUDE, MLDv1 report", "IS_EX(2); IS_IN(1); V1; TO_IN() > Q()"),
	COMPAT("2.f", "EXCLUDE, MLDv1 report, before the filter's end",
	       "IS_EX(2); IS_IN(1); V1; @3+before TO_IN() > Q()"),
	COMPAT("2.g", "EXCLUDE, MLDv1 report, after the filter's end",
	       "IS_EX(2); IS_IN(1); V1; @3+after TO_IN()"),
	COMPAT("2.h", "EXCLUDE, MLDv1 done", "IS_EX(2); IS_IN(1); DONE > Q(1) Q(); TO_IN()"),
	COMPAT("3.a", "MLDv1 mode: done", "V1; DONE > Q(); TO_IN()"),
	COMPAT("3.b", "MLDv1 mode: IS_IN", "V1; @1+QI IS_IN(1); @1+after TO_IN() > Q(1)"),
	COMPAT("3.c", "MLDv1 mode: IS_EX of nothing", "V1; @1+QI IS_EX(); @1+after TO_IN() > Q()"),
	COMPAT("3.d", "MLDv1 mode: IS_EX of a source",
	       "V1; @1+QI IS_EX(1); @1+after TO_IN() > Q(1)? Q()"),
	COMPAT("3.e", "MLDv1 mode: ALLOW", "V1; @1+QI ALLOW(1); @1+after TO_IN() > Q(1)"),
	COMPAT("3.f", "MLDv1 mode: BLOCK is ignored, as long as it lasts",
	       "V1; @1+QI IS_EX(); BLOCK(1); @1+after BLOCK(1) > Q(1)"),
	COMPAT("3.g", "MLDv1 mode: TO_EX of nothing", "V1; @1+QI TO_EX(); @1+after TO_IN() > Q()"),
	COMPAT("3.h", "MLDv1 mode: TO_EX of a source is TO_EX of nothing",
	       "V1; @1+QI TO_EX(1); @1+after BLOCK(1) > Q(1); TO_IN() > Q()"),
	COMPAT("3.i", "MLDv1 mode: TO_IN of nothing", "V1; @1+QI TO_IN() > Q(); TO_IN()"),
	COMPAT("3.j", "MLDv1 mode: TO_IN of a source", "V1; @1+QI TO_IN(1) > Q(); TO_IN() > Q(1)"),
	COMPAT("3.k", "MLDv1 mode: ALLOW two, TO_IN one",
	       "V1; @1+QI/2 ALLOW(1,2); @1+QI TO_IN(1) > Q(2) Q(); TO_IN() > Q(1)"),
	COMPAT("4.a", "MLDv1 mode is of a link", "A:V1; IS_EX(); A:BLOCK(1); BLOCK(1) > Q(1)"),
	COMPAT("4.b", "MLDv1 mode ends on each link for itself",
	       "A:V1; V1; @1+QI A:ALLOW(1); V1; @1+after A:BLOCK(1) > A:Q(1); BLOCK(1)"),
	COMPAT("4.c", "MLDv1 mode is of a group", "M2:V1; IS_EX(); M2:BLOCK(1); BLOCK(1) > Q(1)"),
	COMPAT("4.d", "MLDv1 mode ends for each group for itself",
	       "M2:V1; V1; @1+QI M2:ALLOW(1); V1; @1+after M2:BLOCK(1) > M2:Q(1); BLOCK(1)"),
	{ "mldv2r.5.5.a", "MLDv2 only: MLDv1 report", "IS_IN(1); V1; TO_IN() > Q(1)",
	  "RFC 3810 section 10.2", LEVEL_MAY, NUT_ROUTER, NUT_MLD_ROUTER, NS_PER_S, v2_only },
	{ "mldv2r.5.5.b", "MLDv2 only: MLDv1 done", "IS_IN(1); DONE; TO_IN() > Q(1)",
	  "RFC 3810 section 10.2", LEVEL_MAY, NUT_ROUTER, NUT_MLD_ROUTER, NS_PER_S, v2_only },
};

const struct suite suite_mld_compat = {
	.name = "mld-compat",
	.title = "MLD routers: MLDv1 routers and listeners",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
