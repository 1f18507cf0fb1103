/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MLD queries that a listener drops: RFC 3810 sections 5.1.14, 6.2 and 8.1, RFC 2710 section 5.
 * Each device on a link listens to its solicited-node groups at least, and so reports them when
 * it is asked; a bad query must be followed by no report, the good one at the end is by one.
 */
#include "conform/suites/robust.h"

#define DELAY_MS     1000 /* Maximum Response Delay */
#define REPORT_AFTER (3 * NS_PER_S)
#define V1_OCTETS    24
#define V2_OCTETS    28
#define OPTIONS	     6

static const uint8_t alert[OPTIONS] = { 5, 2, 0, 0, 1, 0 }; /* RFC 2711, padding */
static const uint8_t padn[OPTIONS] = { 1, 4 };

/* Whatever they report, and the router alert that all of them have. */
static const struct pv v1_report = { .ext = { { .kind = IP6_NH_HBH } },
				     .n_ext = 1,
				     .kind = PV_ICMP6,
				     .type = { true, ICMP6_MLD_REPORT } };
static const struct pv v2_report = { .ext = { { .kind = IP6_NH_HBH } },
				     .n_ext = 1,
				     .kind = PV_ICMP6,
				     .type = { true, ICMP6_MLD2_REPORT } };

/* A General Query of TR1's, cut or filled with zeros to @n octets, behind this option header. */
static struct pv query(struct tester *t, size_t n, const uint8_t *hbh)
{
	uint8_t *data = octets(t, n);
	struct pv pv = { .src = IS_ADDR(t->st[TR1].lla),
			 .dst = IS_ADDR(all_nodes),
			 .hop_limit = IS(1),
			 .kind = PV_ICMP6,
			 .type = IS(ICMP6_MLD_QUERY),
			 .code = IS(0),
			 .param = IS((uint32_t)DELAY_MS << 16),
			 .data = IS_OCTETS(data, n - 8) };

	if (n >= V2_OCTETS) {
		data[16] = 2;	/* robustness */
		data[17] = 125; /* s between queries */
	}
	return hbh != NULL ? with_options(pv, IP6_NH_HBH, hbh, OPTIONS) : pv;
}

static struct pv good_query(struct tester *t)
{
	return query(t, V2_OCTETS, alert);
}

static void is_dropped(struct tester *t, const struct pv *bad, const struct pv *good,
		       const struct pv *report)
{
	alive(t);
	pause_for(t, 5 * NS_PER_S); /* what it reports of its own is over */
	tx(t, TR1, bad);
	silence(t, REPORT_AFTER, &v2_report);
	silence(t, 0, &v1_report);
	tx(t, TR1, good);
	expect(t, LINK_B, REPORT_AFTER, report);
	alive(t);
}

static void query_is_dropped(struct tester *t, const struct pv *bad)
{
	struct pv good = good_query(t), report = v2_report;

	report.hop_limit = IS(1);
	is_dropped(t, bad, &good, &report);
}

static void v1_query_is_dropped(struct tester *t, const struct pv *bad)
{
	struct pv good = query(t, V1_OCTETS, alert), report = v1_report;

	report.hop_limit = IS(1);
	is_dropped(t, bad, &good, &report);
}

static void checksum(struct tester *t)
{
	struct pv bad = good_query(t);

	spoil_checksum(&bad);
	query_is_dropped(t, &bad);
}

static void from_global(struct tester *t)
{
	struct pv bad = good_query(t);

	bad.src = IS_ADDR(t->st[TR1].global);
	query_is_dropped(t, &bad);
}

static void from_nobody(struct tester *t)
{
	struct pv bad = good_query(t);

	bad.src = IS_ADDR(IP6_UNSPEC);
	query_is_dropped(t, &bad);
}

static void hop_limit(struct tester *t)
{
	struct pv bad = good_query(t);

	bad.hop_limit = IS(255);
	query_is_dropped(t, &bad);
}

static void no_options(struct tester *t)
{
	struct pv bad = query(t, V2_OCTETS, NULL);

	query_is_dropped(t, &bad);
}

static void no_alert(struct tester *t)
{
	struct pv bad = query(t, V2_OCTETS, padn);

	query_is_dropped(t, &bad);
}

static void between_versions(struct tester *t)
{
	struct pv bad = query(t, V1_OCTETS + 2, alert);

	query_is_dropped(t, &bad);
}

static void short_for_any(struct tester *t)
{
	struct pv bad = query(t, V1_OCTETS - 1, alert);

	query_is_dropped(t, &bad);
}

/* It announces four sources, which are not there; a General Query has none anyway. */
static void sources_missing(struct tester *t)
{
	struct pv bad = good_query(t);

	((uint8_t *)bad.data.p)[19] = 4; /* ours: query() made it */
	query_is_dropped(t, &bad);
}

static void v1_from_global(struct tester *t)
{
	struct pv bad = query(t, V1_OCTETS, alert);

	bad.src = IS_ADDR(t->st[TR1].global);
	v1_query_is_dropped(t, &bad);
}

static void v1_short(struct tester *t)
{
	struct pv bad = query(t, 8, alert);

	v1_query_is_dropped(t, &bad);
}

static void v1_checksum(struct tester *t)
{
	struct pv bad = query(t, V1_OCTETS, alert);

	spoil_checksum(&bad);
	v1_query_is_dropped(t, &bad);
}

static const struct part parts[] = {
	{ "robust.3810.5.1.2.a", "query with a wrong checksum",
	  "A query that was damaged on its way is not answered.", "RFC 3810 section 5.1.2",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, checksum },
	{ "robust.3810.5.1.10.a", "query for all groups that announces sources",
	  "It announces more than it has, and should have none.", "RFC 3810 section 5.1.10",
	  LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, sources_missing },
	{ "robust.3810.5.1.14.a", "query from a global address",
	  "A querier is known by its link-local address.", "RFC 3810 section 5.1.14", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, from_global },
	{ "robust.3810.5.1.14.b", "query from nobody",
	  "Not even snooping switches may ask without an address.", "RFC 3810 section 5.1.14",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, from_nobody },
	{ "robust.3810.6.2.a", "query with a hop limit of 255",
	  "A query is for its link, and says so.", "RFC 3810 section 6.2", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, hop_limit },
	{ "robust.3810.6.2.b", "query without hop-by-hop options", "The router alert is missing.",
	  "RFC 3810 section 6.2", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, no_options },
	{ "robust.3810.6.2.c", "query with hop-by-hop options and no router alert",
	  "Padding is no router alert.", "RFC 3810 section 6.2", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S,
	  no_alert },
	{ "robust.3810.8.1.a", "query of 26 octets", "It is of neither version.",
	  "RFC 3810 section 8.1", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, between_versions },
	{ "robust.3810.8.1.b", "query of 23 octets", "It is of neither version.",
	  "RFC 3810 section 8.1", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, short_for_any },
	{ "robust.2710.5.a", "MLDv1 query from a global address",
	  "A querier is known by its link-local address.", "RFC 2710 section 5", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, v1_from_global },
	{ "robust.2710.5.b", "MLDv1 query of 8 octets", "It does not say what group it is about.",
	  "RFC 2710 section 5", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, v1_short },
	{ "robust.2710.5.c", "MLDv1 query with a wrong checksum",
	  "A query that was damaged on its way is not answered.", "RFC 2710 section 5", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, v1_checksum },
};

const struct suite suite_robust_mld = {
	.name = "robust-mld",
	.title = "robustness: Multicast Listener Discovery",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
