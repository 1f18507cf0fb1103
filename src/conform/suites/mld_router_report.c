/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The form of reports that a router hears: tests 2.9 to 2.13 and 2.22 to 2.32 of the MLDv2 router
 * specification 1.0.1, by RFC 3810 sections 5.2 and 7.4. TN1 sends a report that has something
 * odd, then a good one; what the router asks about when all is over tells what it has taken.
 */
#include <string.h>

#include "conform/message.h"
#include "conform/mld_odd.h"
#include "conform/mld_script.h"
#include "mld/msg.h"

#define MORE	  8 /* octets that nobody expects */
#define ODD	  0xffu
#define AT_RECORD REPORT_OCTETS /* the first record's type, lengths, group and sources */
#define AT_AUX	  (AT_RECORD + 1)
#define AT_N	  (AT_RECORD + 3)
#define AT_GROUP  (AT_RECORD + 4)
#define AT_SOURCE (AT_RECORD + RECORD_OCTETS)
#define ONE	  (RECORD_OCTETS + IP6_ADDR_OCTETS) /* octets of a record of one source */

/*
 * What is odd.
 */

static void from_on_link(struct tester *t, struct pv *pv)
{
	pv->src = IS_ADDR(t->st[TN1].global);
}

static void from_off_link(struct tester *t, struct pv *pv)
{
	pv->src = IS_ADDR(t->st[TN2].global);
}

static void to_device(struct tester *t, struct pv *pv)
{
	pv->dst = IS_ADDR(nut_lla(t, TN1));
}

static void to_global(struct tester *t, struct pv *pv)
{
	pv->dst = IS_ADDR(nut_global(t, TN1));
}

static void to_m1(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->dst = IS_ADDR(mld_m1);
}

static void to_off_link(struct tester *t, struct pv *pv)
{
	pv->hop_limit = IS(2);
	pv->src = IS_ADDR(t->st[TR1].global);
	pv->dst = IS_ADDR(t->st[TN2].global);
	mld_no_options(t, pv);
}

static void trailer(struct tester *t, struct pv *pv)
{
	mld_trailer(t, pv, MORE);
}

static void longer(struct tester *t, struct pv *pv)
{
	mld_resize(t, pv, REPORT_OCTETS + pv->data.n + MORE);
}

static void one_source_short(struct tester *t, struct pv *pv)
{
	(void)t;
	*mld_octet(pv, AT_N) = 2; /* and there is one */
}

static void truncated(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->plen = IS(8 + REPORT_OCTETS + pv->data.n + IP6_ADDR_OCTETS);
}

static void odd_type(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->type = IS(ODD);
}

static void odd_reserved(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->code = IS(ODD);
	pv->param.v |= (uint64_t)ODD << 16;
}

static void no_sum(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->csum = IS(0);
}

static void count_0(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->param = IS(0);
}

static void count_1(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->param = IS(1);
}

static void no_record_of_1(struct tester *t, struct pv *pv)
{
	mld_resize(t, pv, REPORT_OCTETS);
}

static void no_record_of_2(struct tester *t, struct pv *pv)
{
	pv->param = IS(2);
	mld_resize(t, pv, REPORT_OCTETS);
}

static void record_0(struct tester *t, struct pv *pv)
{
	(void)t;
	*mld_octet(pv, AT_RECORD) = 0;
}

static void record_7(struct tester *t, struct pv *pv)
{
	(void)t;
	*mld_octet(pv, AT_RECORD) = 7;
}

static void record_255(struct tester *t, struct pv *pv)
{
	(void)t;
	*mld_octet(pv, AT_RECORD) = ODD;
}

/* Octets @from of all of the message move back by @n zeros. */
static void insert(struct tester *t, struct pv *pv, size_t from, size_t n)
{
	size_t end = REPORT_OCTETS + pv->data.n;

	mld_resize(t, pv, end + n);
	memmove(mld_octet(pv, from) + n, mld_octet(pv, from), end - from);
	memset(mld_octet(pv, from), 0, n);
}

static void aux_not_counted(struct tester *t, struct pv *pv)
{
	insert(t, pv, AT_RECORD + ONE, 16);
}

static void aux_1(struct tester *t, struct pv *pv)
{
	(void)t;
	*mld_octet(pv, AT_AUX) = 1;
}

/* Four octets behind either record. */
static void aux_there(struct tester *t, struct pv *pv)
{
	insert(t, pv, AT_RECORD + ONE, AUX_UNIT);
	mld_resize(t, pv, REPORT_OCTETS + pv->data.n + AUX_UNIT);
	*mld_octet(pv, AT_AUX) = 1;
	*mld_octet(pv, AT_AUX + ONE + AUX_UNIT) = 1;
}

static void sources_0(struct tester *t, struct pv *pv)
{
	(void)t;
	*mld_octet(pv, AT_N) = 0;
}

/* The first record counts one and has none. */
static void source_missing(struct tester *t, struct pv *pv)
{
	size_t end = REPORT_OCTETS + pv->data.n;

	memmove(mld_octet(pv, AT_SOURCE), mld_octet(pv, AT_SOURCE) + IP6_ADDR_OCTETS,
		end - AT_SOURCE - IP6_ADDR_OCTETS);
	mld_resize(t, pv, end - IP6_ADDR_OCTETS);
}

/*
 * Cases.
 */

static const struct mld_router_conf *up(struct tester *t)
{
	struct mld_router_conf *c = (struct mld_router_conf *)octets(t, sizeof(*c));

	*c = mld_conf(2);
	setup_router(t);
	mld_router_up(t, c);
	return c;
}

static struct mrec record(uint8_t type, struct ip6_addr group, struct ip6_addr source)
{
	return (struct mrec){ .type = type, .group = group, .list = { .n = 1, .a = { source } } };
}

/* Records IS_IN(S1) of M1 and, if there are two, of M2. */
static struct pv one_or_two(struct tester *t, unsigned n)
{
	struct mrec r[2] = { record(MLD_IS_IN, mld_m1, mld_source(1)),
			     record(MLD_IS_IN, mld_m2, mld_source(1)) };

	return mreport_pv(t, TN1, r, n);
}

static const struct row {
	const char *id;
	void (*odd)(struct tester *t, struct pv *pv);
	unsigned records;
	const char *script; /* what follows */
} rows[] = {
	{ "mldv2r.2.9.a", mld_hop_0, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.9.b", mld_hop_2, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.9.c", mld_hop_255, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.10.a", mld_from_nobody, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.10.b", from_on_link, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.10.c", from_off_link, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.10.d", mld_from_group, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.11.a", to_device, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.11.b", to_global, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.11.c", to_m1, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.11.d", to_off_link, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.12.a", mld_no_options, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.12.b", mld_no_alert, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.13.a", trailer, 1, "IS_IN(2); TO_IN() > Q(1,2)" },
	{ "mldv2r.2.13.b", one_source_short, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.13.c", truncated, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.22", odd_type, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.23", odd_reserved, 1, "IS_IN(2); TO_IN() > Q(1,2)" },
	{ "mldv2r.2.24", no_sum, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.25.a", count_0, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.25.b", no_record_of_1, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.25.c", count_1, 2, "IS_IN(2); TO_IN() > Q(1,2); M2:TO_IN()" },
	{ "mldv2r.2.25.d", no_record_of_2, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.26.a", record_0, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.26.b", record_7, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.26.c", record_255, 2, "IS_IN(2); TO_IN() > Q(2); M2:TO_IN() > M2:Q(1)" },
	{ "mldv2r.2.27.a", aux_not_counted, 2, "IS_IN(2); TO_IN() > Q(1,2); M2:TO_IN()" },
	{ "mldv2r.2.27.b", aux_1, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.27.c", aux_1, 2, "IS_IN(2); TO_IN() > Q(2); M2:TO_IN()" },
	{ "mldv2r.2.28.a", sources_0, 2, "IS_IN(2); TO_IN() > Q(2); M2:TO_IN()" },
	{ "mldv2r.2.28.b", source_missing, 1, "IS_IN(2); TO_IN() > Q(2)" },
	{ "mldv2r.2.28.c", source_missing, 2, "IS_IN(2); TO_IN() > Q(2); M2:TO_IN()" },
	{ "mldv2r.2.31", aux_there, 2, "TO_IN() > Q(1); M2:TO_IN() > M2:Q(1)" },
	{ "mldv2r.2.32", longer, 1, "TO_IN() > Q(1)" },
};

static void odd_report(struct tester *t)
{
	const struct mld_router_conf *c = up(t);
	const struct row *r = rows;
	struct pv pv;

	while (strcmp(r->id, t->part->id) != 0)
		ASSERT(++r < rows + ARRAY_LEN(rows));
	pv = one_or_two(t, r->records);
	r->odd(t, &pv);
	mld_tx(t, c, TN1, &pv, "");
	mld_play(t, c, r->script);
	ping(t, TN1);
}

/* IS_IN(S1) of a group that is none, and of M2; TO_IN of either. */
static void odd_group(struct tester *t, const struct mld_router_conf *c, struct ip6_addr group)
{
	struct mrec r[2] = { record(MLD_IS_IN, group, mld_source(1)),
			     record(MLD_IS_IN, mld_m2, mld_source(1)) };
	struct mrec end = { .type = MLD_TO_IN, .group = group };
	struct pv pv = mreport_pv(t, TN1, r, 2);

	mld_tx(t, c, TN1, &pv, "");
	pv = mreport_pv(t, TN1, &end, 1);
	mld_tx(t, c, TN1, &pv, "");
	mld_play(t, c, "M2:TO_IN() > M2:Q(1)");
	ping(t, TN1);
}

static void group_unspecified(struct tester *t)
{
	odd_group(t, up(t), IP6_UNSPEC);
}

static void group_device(struct tester *t)
{
	const struct mld_router_conf *c = up(t);

	odd_group(t, c, nut_lla(t, TN1));
}

static void group_global(struct tester *t)
{
	const struct mld_router_conf *c = up(t);

	odd_group(t, c, nut_global(t, TN1));
}

static void group_all_nodes(struct tester *t)
{
	odd_group(t, up(t), all_nodes);
}

/* A group like any other: the router is asked to ask about it. */
static void group_routers(struct tester *t)
{
	const struct mld_router_conf *c = up(t);
	struct mrec r = record(MLD_IS_IN, all_mld_routers, mld_source(1));
	struct mrec end = { .type = MLD_TO_IN, .group = all_mld_routers };
	struct mq q = mq_general(2);
	struct pv pv = mreport_pv(t, TN1, &r, 1), want;

	tx(t, TN1, &pv);
	pause_for(t, mld_llqt(c));
	pv = mreport_pv(t, TN1, &end, 1);
	tx(t, TN1, &pv);
	q.code = 1000;
	q.group = all_mld_routers;
	q.list = r.list;
	want = mq_pv(t, TN1, &q);
	want.src.set = want.ext[0].body.set = false;
	expect(t, LINK_B, REPLY_WITHIN, &want);
	expect(t, LINK_B, REPLY_WITHIN, &want);
}

/* IS_IN of a source that is none, and of S2. */
static void odd_source(struct tester *t, struct ip6_addr source)
{
	const struct mld_router_conf *c = up(t);
	struct mrec r = { .type = MLD_IS_IN,
			  .group = mld_m1,
			  .list = { .n = 2, .a = { source, mld_source(2) } } };
	struct pv pv = mreport_pv(t, TN1, &r, 1);

	mld_tx(t, c, TN1, &pv, "");
	mld_play(t, c, "TO_IN() > Q(2)");
	ping(t, TN1);
}

static void source_unspecified(struct tester *t)
{
	odd_source(t, IP6_UNSPEC);
}

static void source_all_nodes(struct tester *t)
{
	odd_source(t, all_nodes);
}

static void source_routers(struct tester *t)
{
	odd_source(t, all_mld_routers);
}

/* IS_IN of an address of the device's, which is one that may send, and of S2. */
static void own_source(struct tester *t, const struct mld_router_conf *c, struct ip6_addr source)
{
	struct mrec r = { .type = MLD_IS_IN,
			  .group = mld_m1,
			  .list = { .n = 2, .a = { source, mld_source(2) } } };
	struct pv pv = mreport_pv(t, TN1, &r, 1), want;
	struct mq q;

	mld_tx(t, c, TN1, &pv, "");
	r.type = MLD_TO_IN;
	r.list.n = 0;
	pv = mreport_pv(t, TN1, &r, 1);
	tx(t, TN1, &pv);
	want = any_mld_query;
	want.dst = IS_ADDR(mld_m1);
	if (!mq_of(&expect(t, LINK_B, REPLY_WITHIN, &want)->pv, &q))
		tester_fail(t, "a query came that is too short or lists more than it has");
	for (unsigned i = 0; i < q.list.n; i++)
		if (!ip6_eq(&q.list.a[i], &source) && !ip6_eq(&q.list.a[i], &r.list.a[1]))
			tester_fail(t, "the query lists a source that was never reported");
	ping(t, TN1);
}

static void source_device(struct tester *t)
{
	const struct mld_router_conf *c = up(t);

	own_source(t, c, nut_lla(t, TN1));
}

static void source_global(struct tester *t)
{
	const struct mld_router_conf *c = up(t);

	own_source(t, c, nut_global(t, TN1));
}

#define REPORT(id, title, purpose, clause, level, fn)                                              \
	{                                                                                          \
		"mldv2r." id, title, purpose, "RFC 3810 section " clause, level, NUT_ROUTER,       \
			NUT_MLD_ROUTER, NS_PER_S, fn                                               \
	}
#define DROPPED(id, title, clause)                                                                 \
	REPORT(id, title, "It is not taken, so nothing is asked about what it says.", clause,      \
	       LEVEL_MUST, odd_report)
#define TAKEN(id, title, clause)                                                                   \
	REPORT(id, title, "It is taken like any other.", clause, LEVEL_MUST, odd_report)

static const struct part parts[] = {
	DROPPED("2.9.a", "report with a hop limit of 0", "7.4"),
	DROPPED("2.9.b", "report with a hop limit of 2", "7.4"),
	DROPPED("2.9.c", "report with a hop limit of 255", "7.4"),
	DROPPED("2.10.a", "report from the unspecified address", "5.2.13"),
	DROPPED("2.10.b", "report from a global address on link", "7.4"),
	DROPPED("2.10.c", "report from a global address of another link", "7.4"),
	DROPPED("2.10.d", "report from a group", "7.4"),
	REPORT("2.11.a", "report to the device's link-local address",
	       "Only MLDv1 reports may go elsewhere than to all MLDv2 routers.", "5.2.14",
	       LEVEL_SHOULD, odd_report),
	REPORT("2.11.b", "report to the device's global address",
	       "Only MLDv1 reports may go elsewhere than to all MLDv2 routers.", "5.2.14",
	       LEVEL_SHOULD, odd_report),
	REPORT("2.11.c", "report to the group that it is about",
	       "Only MLDv1 reports may go elsewhere than to all MLDv2 routers.", "5.2.14",
	       LEVEL_SHOULD, odd_report),
	DROPPED("2.11.d", "report to somebody on the other link", "5.2.14"),
	DROPPED("2.12.a", "report without hop-by-hop options", "7.4"),
	DROPPED("2.12.b", "report without a router alert", "7.4"),
	TAKEN("2.13.a", "report with octets behind its payload", "5.2"),
	DROPPED("2.13.b", "report that ends before its second source", "5.2.7"),
	DROPPED("2.13.c", "report that ends before its payload length says", "5.2"),
	DROPPED("2.22", "unknown message type", "5"),
	TAKEN("2.23", "report with reserved fields", "5.2.1"),
	DROPPED("2.24", "report with a checksum of zero", "5.2.2"),
	DROPPED("2.25.a", "a record in a report that counts none", "5.2.3"),
	DROPPED("2.25.b", "report that counts a record and has none", "5.2.3"),
	REPORT("2.25.c", "two records in a report that counts one",
	       "The first is taken, the second is ignored as what is behind the records.", "5.2.11",
	       LEVEL_MUST, odd_report),
	DROPPED("2.25.d", "report that counts two records and has none", "5.2.3"),
	DROPPED("2.26.a", "record of type 0", "5.2.12"),
	DROPPED("2.26.b", "record of type 7", "5.2.12"),
	REPORT("2.26.c", "record of type 255, and a good one",
	       "The unknown one is ignored, the other is taken.", "5.2.12", LEVEL_MUST, odd_report),
	REPORT("2.27.a", "auxiliary data that are not counted",
	       "The first record is taken; another begins where those data are.", "5.2.6",
	       LEVEL_MUST, odd_report),
	DROPPED("2.27.b", "auxiliary data that are counted and not there, at the end", "5.2.6"),
	DROPPED("2.27.c", "auxiliary data that are counted and not there, before a record",
		"5.2.6"),
	DROPPED("2.28.a", "source that is not counted, before a record", "5.2.7"),
	DROPPED("2.28.b", "source that is counted and not there, at the end", "5.2.7"),
	DROPPED("2.28.c", "source that is counted and not there, before a record", "5.2.7"),
	REPORT("2.29.a", "record about the unspecified address", "Only the other record is taken.",
	       "5.2.8", LEVEL_MUST, group_unspecified),
	REPORT("2.29.b", "record about the device's link-local address",
	       "Only the other record is taken.", "5.2.8", LEVEL_MUST, group_device),
	REPORT("2.29.c", "record about the device's global address",
	       "Only the other record is taken.", "5.2.8", LEVEL_MUST, group_global),
	REPORT("2.29.d", "record about all nodes", "Only the other record is taken.", "6",
	       LEVEL_MUST, group_all_nodes),
	REPORT("2.29.e", "record about all MLDv2 routers", "It is a group like any other.", "6",
	       LEVEL_MUST, group_routers),
	REPORT("2.30.a", "source that is the unspecified address",
	       "No packet comes from it: only the other source is taken.", "5.2.9", LEVEL_SHOULD,
	       source_unspecified),
	REPORT("2.30.b", "source that is the device's link-local address",
	       "The other source is taken.", "5.2.9", LEVEL_MUST, source_device),
	REPORT("2.30.c", "source that is the device's global address", "The other source is taken.",
	       "5.2.9", LEVEL_MUST, source_global),
	REPORT("2.30.d", "source that is all nodes",
	       "No packet comes from it: only the other source is taken.", "5.2.9", LEVEL_SHOULD,
	       source_all_nodes),
	REPORT("2.30.e", "source that is all MLDv2 routers",
	       "No packet comes from it: only the other source is taken.", "5.2.9", LEVEL_SHOULD,
	       source_routers),
	REPORT("2.31", "auxiliary data in each record", "They are skipped, the records are taken.",
	       "5.2.10", LEVEL_MUST, odd_report),
	TAKEN("2.32", "report with octets behind its records", "5.2.11"),
};

const struct suite suite_mld_report = {
	.name = "mld-report",
	.title = "MLD routers: the form of reports",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
