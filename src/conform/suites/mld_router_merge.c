/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reports that come between a query and its repetition, reports of several records, and more
 * sources than fit a packet: tests 4.25 to 4.28 of the MLDv2 router specification, by RFC 3810 section
 * 7.6.3. Sources that were asked about are asked about again, with the S flag if they were
 * wanted since then. What has no record any more may be asked about with the S flag, or not at all.
 */
#include "conform/mld_script.h"

#define MTU 1500

#define MERGED(id, title, script) MLD_LISTENED(id, title, script, "RFC 3810 section 7.6.3.2")

/* More sources than one packet holds (RFC 3810 section 5.1.10): none is too large, none is left out. */
static void many(struct tester *t)
{
	mld_script(t);
	for (size_t i = 0; i < t->record.n; i++) {
		const struct seen *s = t->record.seen[i];

		if (s->from_nut && s->ip6 && s->n > ETH_HDR_OCTETS + MTU)
			tester_fail(t, "a packet of %zu octets came, no more than %u may",
				    s->n - ETH_HDR_OCTETS, (unsigned)MTU);
	}
}

#define MANY(id, title, script)                                                                    \
	{                                                                                          \
		"mldv2r." id, title, script, "RFC 3810 section 5.1.10", LEVEL_MUST, NUT_ROUTER,    \
			NUT_MLD_ROUTER, NS_PER_S, many                                             \
	}

static const struct part parts[] = {
	MERGED("4.25.a", "INCLUDE, BLOCK: IS_IN between a query and its repeat",
	       "IS_IN(1,2); BLOCK(1,2) > Q(1,2); @soon IS_IN(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3)"),
	MERGED("4.25.b", "INCLUDE, BLOCK: IS_EX between a query and its repeat",
	       "IS_IN(1,2); BLOCK(1,2) > Q(1,2); @soon IS_EX(1,3) > Q(1)~ Q(2)*~?; TO_IN() > Q()"),
	MERGED("4.25.c", "INCLUDE, TO_EX: IS_IN between a query and its repeat",
	       "IS_IN(1,2); TO_EX(1,2) > Q(1,2); @soon IS_IN(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3) Q()"),
	MERGED("4.25.d", "INCLUDE, TO_EX: IS_EX between a query and its repeat",
	       "IS_IN(1,2); TO_EX(1,2) > Q(1,2); @soon IS_EX(1,3) > Q(1)~ Q(2)*~?; TO_IN() > Q(3) Q()"),
	MERGED("4.25.e", "INCLUDE, TO_IN: IS_IN between a query and its repeat",
	       "IS_IN(1,2); TO_IN() > Q(1,2); @soon IS_IN(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3)"),
	MERGED("4.25.f", "INCLUDE, TO_IN: IS_EX between a query and its repeat",
	       "IS_IN(1,2); TO_IN(3,4) > Q(1,2); @soon IS_EX(1,3) > Q(1)~ Q(2)*~?; TO_IN() > Q(3) Q()"),
	MERGED("4.25.g", "EXCLUDE, BLOCK: IS_IN between a query and its repeat",
	       "IS_EX(); BLOCK(1,2) > Q(1,2); @soon IS_IN(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3) Q()"),
	MERGED("4.25.h", "EXCLUDE, BLOCK: IS_EX between a query and its repeat",
	       "IS_EX(); BLOCK(1,2) > Q(1,2); @soon IS_EX(1,3) > Q(1)~ Q(2)*~?; TO_IN() > Q(3) Q()"),
	MERGED("4.25.i", "EXCLUDE, TO_EX: IS_IN between a query and its repeat",
	       "IS_EX(); TO_EX(1,2) > Q(1,2); @soon IS_IN(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3) Q()"),
	MERGED("4.25.j", "EXCLUDE, TO_EX: IS_EX between a query and its repeat",
	       "IS_EX(); TO_EX(1,2) > Q(1,2); @soon IS_EX(1,3) > Q(1)~ Q(2)*~?; TO_IN() > Q(3) Q()"),
	MERGED("4.25.k", "EXCLUDE, TO_IN: IS_IN between a query and its repeat",
	       "IS_EX(); IS_IN(1,2); TO_IN() > Q(1,2) Q(); @soon IS_IN(1,3) > Q(1)*~? Q(2)~ Q()~; TO_IN() > Q(1,3)"),
	MERGED("4.25.l", "EXCLUDE, TO_IN: IS_EX between a query and its repeat",
	       "IS_EX(); IS_IN(1,2); TO_IN() > Q(1,2) Q(); @soon IS_EX(1,3) > Q(1)~ Q(2)*~? Q()*~; TO_IN() > Q(3) Q()"),
	MERGED("4.26.a", "INCLUDE, BLOCK: ALLOW between a query and its repeat",
	       "IS_IN(1,2); BLOCK(1,2) > Q(1,2); @soon ALLOW(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3)"),
	MERGED("4.26.b", "INCLUDE, BLOCK: BLOCK between a query and its repeat",
	       "IS_IN(1-4); BLOCK(1,2) > Q(1,2); @soon BLOCK(2,3) > Q(1,2,3)! Q(3)~; TO_IN() > Q(4)"),
	MERGED("4.26.c", "INCLUDE, BLOCK: TO_EX between a query and its repeat",
	       "IS_IN(1,2); BLOCK(1,2) > Q(1,2); @soon TO_EX(1,3) > Q(1)~ Q(2)*~?; TO_IN() > Q()"),
	MERGED("4.26.d", "INCLUDE, BLOCK: TO_IN between a query and its repeat",
	       "IS_IN(1,2); BLOCK(1,2) > Q(1,2); @soon TO_IN(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3)"),
	MERGED("4.26.e", "INCLUDE, TO_EX: ALLOW between a query and its repeat",
	       "IS_IN(1,2); TO_EX(1,2) > Q(1,2); @soon ALLOW(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3) Q()"),
	MERGED("4.26.f", "INCLUDE, TO_EX: BLOCK between a query and its repeat",
	       "IS_IN(1,2); TO_EX(1,2) > Q(1,2); @soon BLOCK(1,3) > Q(1,2,3)! Q(3)~; TO_IN() > Q()"),
	MERGED("4.26.g", "INCLUDE, TO_EX: TO_EX between a query and its repeat",
	       "IS_IN(1,2); TO_EX(1,2) > Q(1,2); @soon TO_EX(1,3) > Q(1,3)! Q(2)*~? Q(3)~; TO_IN() > Q()"),
	MERGED("4.26.h", "INCLUDE, TO_EX: TO_IN between a query and its repeat",
	       "IS_IN(1,2); TO_EX(1,2) > Q(1,2); @soon TO_IN(1,3) > Q(1)*~? Q(2)~ Q()! Q()~; TO_IN() > Q(1,3)"),
	MERGED("4.26.i", "INCLUDE, TO_IN: ALLOW between a query and its repeat",
	       "IS_IN(1,2); TO_IN() > Q(1,2); @soon ALLOW(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3)"),
	MERGED("4.26.j", "INCLUDE, TO_IN: BLOCK between a query and its repeat",
	       "IS_IN(1,2); TO_IN(3,4) > Q(1,2); @soon BLOCK(1,3) > Q(1,2,3)! Q(3)~; TO_IN() > Q(4)"),
	MERGED("4.26.k", "INCLUDE, TO_IN: TO_EX between a query and its repeat",
	       "IS_IN(1,2); TO_IN(3,4) > Q(1,2); @soon TO_EX(1,3) > Q(1,3)! Q(2)*~? Q(3)~; TO_IN() > Q()"),
	MERGED("4.26.l", "INCLUDE, TO_IN: TO_IN between a query and its repeat",
	       "IS_IN(1,2); TO_IN(3,4) > Q(1,2); @soon TO_IN(1,3) > Q(1)*~ Q(2,4)! Q(4)~; TO_IN() > Q(1,3)"),
	MERGED("4.26.m", "EXCLUDE, BLOCK: ALLOW between a query and its repeat",
	       "IS_EX(); BLOCK(1,2) > Q(1,2); @soon ALLOW(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3) Q()"),
	MERGED("4.26.n", "EXCLUDE, BLOCK: BLOCK between a query and its repeat",
	       "IS_EX(); BLOCK(1,2) > Q(1,2); @soon BLOCK(1,3) > Q(1,2,3)! Q(3)~; TO_IN() > Q()"),
	MERGED("4.26.o", "EXCLUDE, BLOCK: TO_EX between a query and its repeat",
	       "IS_EX(); BLOCK(1,2) > Q(1,2); @soon TO_EX(1,3) > Q(1,3)! Q(2)*~? Q(3)~; TO_IN() > Q()"),
	MERGED("4.26.p", "EXCLUDE, BLOCK: TO_IN between a query and its repeat",
	       "IS_EX(); BLOCK(1,2) > Q(1,2); @soon TO_IN(1,3) > Q(1)*~? Q(2)~ Q()! Q()~; TO_IN() > Q(1,3)"),
	MERGED("4.26.q", "EXCLUDE, TO_EX: ALLOW between a query and its repeat",
	       "IS_EX(); TO_EX(1,2) > Q(1,2); @soon ALLOW(1,3) > Q(1)*~ Q(2)~; TO_IN() > Q(1,3) Q()"),
	MERGED("4.26.r", "EXCLUDE, TO_EX: BLOCK between a query and its repeat",
	       "IS_EX(); TO_EX(1,2) > Q(1,2); @soon BLOCK(1,3) > Q(1,2,3)! Q(3)~; TO_IN() > Q()"),
	MERGED("4.26.s", "EXCLUDE, TO_EX: TO_EX between a query and its repeat",
	       "IS_EX(); TO_EX(1,2) > Q(1,2); @soon TO_EX(1,3) > Q(1,3)! Q(2)*~? Q(3)~; TO_IN() > Q()"),
	MERGED("4.26.t", "EXCLUDE, TO_EX: TO_IN between a query and its repeat",
	       "IS_EX(); TO_EX(1,2) > Q(1,2); @soon TO_IN(1,3) > Q(1)*~? Q(2)~ Q()! Q()~; TO_IN() > Q(1,3)"),
	MERGED("4.26.u", "EXCLUDE, TO_IN: ALLOW between a query and its repeat",
	       "IS_EX(); IS_IN(1,2); TO_IN() > Q(1,2) Q(); @soon ALLOW(1,3) > Q(1)*~? Q(2)~ Q()~; TO_IN() > Q(1,3)"),
	MERGED("4.26.v", "EXCLUDE, TO_IN: BLOCK between a query and its repeat",
	       "IS_EX(); IS_IN(1,2); TO_IN(3,4) > Q(1,2) Q(); @soon BLOCK(1,3) > Q(1,2,3)! Q(3)~ Q()~; TO_IN() > Q(4)"),
	MERGED("4.26.w", "EXCLUDE, TO_IN: TO_EX between a query and its repeat",
	       "IS_EX(); IS_IN(1,2); TO_IN(3,4) > Q(1,2) Q(); @soon TO_EX(1,3) > Q(1,3)! Q(2)*~? Q()*~ Q(3)~; TO_IN() > Q()"),
	MERGED("4.26.x", "EXCLUDE, TO_IN: TO_IN between a query and its repeat",
	       "IS_EX(); IS_IN(1,2); TO_IN(3,4) > Q(1,2) Q(); @soon TO_IN(1,3) > Q(1)*~? Q(2,4)! Q(4)~ Q()~ Q()~?; TO_IN() > Q(1,3)"),
	MLD_CURRENT(
		"4.27.a", "two records: one of each mode",
		"IS_IN(1,2)+M2:IS_EX(1,3); TO_IN() > Q(1,2); TO_IN(); M2:TO_IN() > M2:Q(); M2:TO_IN()"),
	MLD_CURRENT(
		"4.27.b", "two records: both INCLUDE",
		"IS_IN(1,2)+M2:IS_IN(1,2); @1+QI IS_IN(1,3)+M2:IS_IN(2,3); @1+after TO_IN() > Q(1,3); TO_IN(); M2:TO_IN() > M2:Q(2,3); M2:TO_IN()"),
	MLD_CURRENT(
		"4.27.c", "two records: both EXCLUDE of nothing",
		"IS_EX()+M2:IS_EX(); @1+QI IS_IN(1,2)+M2:IS_EX(1,2); @1+after TO_IN() > Q(1,2); TO_IN(); M2:TO_IN() > M2:Q(1,2) M2:Q(); M2:TO_IN()"),
	MLD_CURRENT(
		"4.27.d", "two records: both EXCLUDE of some",
		"IS_EX(3,4)+M2:IS_EX(3,4); @1+QI/2 ALLOW(1,2)+M2:ALLOW(1,2); @1+QI IS_IN(1,3,5)+M2:IS_EX(1,3,5); @1+after TO_IN() > Q(1,2,3,5); TO_IN(); M2:TO_IN() > M2:Q(1,5) M2:Q(); M2:TO_IN()"),
	MANY("4.28.a", "ninety sources, INCLUDE", "ALLOW(1-89); ALLOW(90); TO_IN() > Q(1-90)"),
	MANY("4.28.b", "ninety sources, EXCLUDE",
	     "IS_EX(); ALLOW(1-89); ALLOW(90); TO_IN() > Q(1-90) Q()"),
};

const struct suite suite_mld_merge = {
	.name = "mld-merge",
	.title = "MLD routers: queries that are repeated",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
