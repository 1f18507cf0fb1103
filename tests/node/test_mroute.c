/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Multicast forwarding: RFC 4291 section 2.7, RFC 4007 sections 5 and 9, RFC 4443 sections 2.4
 * (e.3) and 3.2, RFC 8200 sections 3 and 4. What goes on, to where, and how it looks then; what
 * does not, and who is told; what waits for a route.
 */
#include "bed.h"

#include "node/status.h"

#define PEER	  "2001:db8::100"
#define PEER_LL	  "fe80::100"
#define PEER1	  "2001:db8:1::100"
#define GROUP	  "ff1e::1:2"
#define UNKNOWN	  253
#define OCTETS(s) s, sizeof(s) - 1

/* A router on three links. */
static void begin(struct bed *b)
{
	bed_init(b, 3);
	bed_router(b, 3);
	bed_addr(b, 0, "2001:db8::1/64");
	bed_addr(b, 1, "2001:db8:1::1/64");
	bed_addr(b, 2, "2001:db8:2::1/64");
	bed_neigh(b, 0, PEER, "02:00:00:00:01:00");
	bed_if(b, 1)->conf.link_mtu = 1400;
	bed_quiet(b);
}

static unsigned mif(struct bed *b, unsigned link)
{
	int rc = mroute_mif(&b->node->ip6, b->ifindex[link]);

	assert_true(rc >= 0);
	return (unsigned)rc;
}

/* @group from link 0 on to the @n links from link 1. */
static void route(struct bed *b, const char *group, unsigned n)
{
	struct ip6_addr g = bed_addr_of(group);

	assert_int_equal(mroute_add_static(&b->node->ip6, &g, b->ifindex[0], b->ifindex + 1, n), 0);
}

static const struct mfc *get(struct bed *b, const char *src, const char *group)
{
	struct ip6_addr s = bed_addr_of(src), g = bed_addr_of(group);

	return mroute_get(&b->node->ip6, &s, &g);
}

static int join(struct bed *b, unsigned link, const char *group)
{
	struct ip6_addr g = bed_addr_of(group);
	int rc = mld_join(&b->node->mld, bed_if(b, link), &g);

	node_settle(b->node, b->now);
	bed_quiet(b);
	return rc;
}

/* The next frame is @was after a hop, on @link, to the group's link-layer address. */
static void expect(struct bed *b, unsigned link, const uint8_t *was, uint32_t n)
{
	uint8_t want[2048];
	uint32_t ifindex;
	const struct pkt *out = bed_tx(b, &ifindex, NULL);
	struct ip6_addr dst;
	struct mac to;

	assert_non_null(out);
	assert_int_equal(ifindex, b->ifindex[link]);
	assert_int_equal(out->len, n);
	memcpy(want, was, n);
	want[IP6_HLIM_OFF]--;
	assert_memory_equal(out->p, want, n);
	dst = ip6_hdr_dst(want);
	to = mac_of_group(&dst);
	assert_memory_equal(bed_tx_eth(out) + ETH_DST_OFF, to.b, ETH_MAC_OCTETS);
	assert_memory_equal(bed_tx_eth(out) + ETH_SRC_OFF, b->mac[link].b, ETH_MAC_OCTETS);
}

/*
 * One packet each, to a group that has a static route from link 0 to the links 1 (MTU 1,400) and
 * 2 (1,500).
 */
struct row {
	unsigned link;
	const char *src, *group;
	uint8_t hop_limit;
	uint8_t next;
	const char *octets; /* NULL: zeros */
	size_t n;
	/* what happens */
	enum drop why;	    /* counted once */
	unsigned on;	    /* links it leaves by, as bits */
	uint8_t type, code; /* of the error; type 0: silence */
};

/* clang-format off */
static const struct row rows[] = {
	{ 0, PEER, GROUP, 64, UNKNOWN, OCTETS("x"), DROP_NONE, 6, 0, 0 },
	{ 0, PEER, GROUP, 255, UNKNOWN, OCTETS("x"), DROP_NONE, 6, 0, 0 },
	/* hop limit: taken off, and nobody is told when it is exhausted: RFC 4443 2.4 (e.3) */
	{ 0, PEER, GROUP, 2, UNKNOWN, OCTETS("x"), DROP_NONE, 6, 0, 0 },
	{ 0, PEER, GROUP, 1, UNKNOWN, OCTETS("x"), DROP_IP6_HOP_LIMIT, 0, 0, 0 },
	{ 0, PEER, GROUP, 0, UNKNOWN, OCTETS("x"), DROP_IP6_HOP_LIMIT, 0, 0, 0 },
	/* scopes of the group: RFC 4291 section 2.7 */
	{ 0, PEER, "ff10::1:2", 64, UNKNOWN, OCTETS("x"), DROP_IP6_DST_MCAST_SCOPE, 0, 0, 0 },
	{ 0, PEER, "ff11::1:2", 64, UNKNOWN, OCTETS("x"), DROP_IP6_DST_MCAST_SCOPE, 0, 0, 0 },
	{ 0, PEER, "ff12::1:2", 64, UNKNOWN, OCTETS("x"), DROP_IP6_SCOPE, 0, 0, 0 },
	{ 0, PEER, "ff02::1:2", 64, UNKNOWN, OCTETS("x"), DROP_IP6_SCOPE, 0, 0, 0 },
	{ 0, PEER, "ff13::1:2", 64, UNKNOWN, OCTETS("x"), DROP_NONE, 6, 0, 0 },
	{ 0, PEER, "ff15::1:2", 64, UNKNOWN, OCTETS("x"), DROP_NONE, 6, 0, 0 },
	{ 0, PEER, "ff18::1:2", 64, UNKNOWN, OCTETS("x"), DROP_NONE, 6, 0, 0 },
	{ 0, PEER, "ff1f::1:2", 64, UNKNOWN, OCTETS("x"), DROP_NONE, 6, 0, 0 },
	/* sources: RFC 4007 section 9, RFC 4291 sections 2.5.2, 2.5.3, 2.7 */
	{ 0, PEER_LL, GROUP, 64, UNKNOWN, OCTETS("x"), DROP_IP6_SCOPE, 0, 0, 0 },
	{ 0, "::", GROUP, 64, UNKNOWN, OCTETS("x"), DROP_IP6_SRC_UNSPEC, 0, 0, 0 },
	{ 0, "::1", GROUP, 64, UNKNOWN, OCTETS("x"), DROP_IP6_SRC_LOOPBACK, 0, 0, 0 },
	{ 0, GROUP, GROUP, 64, UNKNOWN, OCTETS("x"), DROP_IP6_SRC_MCAST, 0, 0, 0 },
	{ 0, "fec0::1", GROUP, 64, UNKNOWN, OCTETS("x"), DROP_NONE, 6, 0, 0 },
	{ 0, "fd00::1", GROUP, 64, UNKNOWN, OCTETS("x"), DROP_NONE, 6, 0, 0 },
	/* where it comes from */
	{ 1, PEER1, GROUP, 64, UNKNOWN, OCTETS("x"), DROP_MROUTE_WRONG_IF, 0, 0, 0 },
	{ 2, PEER, GROUP, 64, UNKNOWN, OCTETS("x"), DROP_MROUTE_WRONG_IF, 0, 0, 0 },
	/* size: RFC 4443 section 3.2; who has a smaller link is not who has it all */
	{ 0, PEER, GROUP, 64, UNKNOWN, NULL, 1360, DROP_NONE, 6, 0, 0 },
	{ 0, PEER, GROUP, 64, UNKNOWN, NULL, 1361, DROP_IP6_TOO_BIG, 4, 2, 0 },
	{ 0, "::", GROUP, 64, UNKNOWN, NULL, 1361, DROP_IP6_SRC_UNSPEC, 0, 0, 0 },
	{ 0, PEER, GROUP, 1, UNKNOWN, NULL, 1361, DROP_IP6_HOP_LIMIT, 0, 0, 0 },
	/* hop-by-hop options on the way: RFC 8200 sections 4.2 and 4.3 */
	{ 0, PEER, GROUP, 64, IP6_NH_HBH, OCTETS("\x3b\0\1\4\0\0\0\0"), DROP_NONE, 6, 0, 0 },
	{ 0, PEER, GROUP, 64, IP6_NH_HBH, OCTETS("\x3b\0\x1e\4\0\0\0\0"), DROP_NONE, 6, 0, 0 },
	{ 0, PEER, GROUP, 64, IP6_NH_HBH, OCTETS("\x3b\0\5\2\0\0\1\0"), DROP_NONE, 6, 0, 0 },
	{ 0, PEER, GROUP, 64, IP6_NH_HBH, OCTETS("\x3b\0\x5e\4\0\0\0\0"), DROP_OPT_UNKNOWN, 0, 0,
	  0 },
	{ 0, PEER, GROUP, 64, IP6_NH_HBH, OCTETS("\x3b\0\x9e\4\0\0\0\0"), DROP_OPT_UNKNOWN_ICMP, 0,
	  4, 2 },
	{ 0, PEER, GROUP, 64, IP6_NH_HBH, OCTETS("\x3b\0\xde\4\0\0\0\0"), DROP_OPT_UNKNOWN_UCAST,
	  0, 0, 0 },
	{ 0, PEER, GROUP, 64, IP6_NH_HBH, OCTETS("\x3b\1\1\4\0\0\0\0"), DROP_EXT_SHORT, 0, 0, 0 },
	/* they are judged on the packet's way, not beside it */
	{ 1, PEER1, GROUP, 64, IP6_NH_HBH, OCTETS("\x3b\0\x9e\4\0\0\0\0"), DROP_MROUTE_WRONG_IF, 0,
	  0, 0 },
	/* what lies behind is not our business */
	{ 0, PEER, GROUP, 64, IP6_NH_DSTOPTS, OCTETS("\x3b\0\x9e\4\0\0\0\0"), DROP_NONE, 6, 0, 0 },
	{ 0, PEER, GROUP, 64, IP6_NH_FRAGMENT, OCTETS("\x06\0\0\x09\0\0\0\1abc"), DROP_NONE, 6, 0,
	  0 },
	{ 0, PEER, GROUP, 64, IP6_NH_NONE, OCTETS("xyz"), DROP_NONE, 6, 0, 0 },
};
/* clang-format on */

static void one(const struct row *r)
{
	static const char zeros[1500];
	struct pkt *pkt;
	uint8_t was[1500];
	struct bed b;
	uint32_t n;

	begin(&b);
	route(&b, r->group, 2);
	pkt = bed_packet(&b, r->src, r->group, r->next, r->hop_limit,
			 r->octets != NULL ? r->octets : zeros, r->n);
	n = pkt->len;
	memcpy(was, pkt->p, n);
	bed_rx(&b, r->link, pkt);
	bed_dropped_only(&b, r->why, 1);
	if (r->type != 0) {
		const uint8_t *m = bed_tx_msg(&b, "2001:db8::1", PEER, r->type, r->code, NULL);

		assert_memory_equal(m + 8, was, n < 1232 ? n : 1232); /* hop limit as it came */
		if (r->type == ICMP6_TOO_BIG)
			assert_int_equal(get_be32(m + 4), 1400);
	}
	for (unsigned link = 2; link > 0; link--)
		if ((r->on & 1u << link) != 0)
			expect(&b, r->on == 6 ? 3 - link : link, was, n);
	assert_int_equal(bed_if(&b, 0)->count.in_forwarded, r->on != 0);
	bed_silent_until(&b, b.now + 10 * NS_PER_S);
	bed_done(&b);
}

static void test_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bed_row(i, ARRAY_LEN(rows));
		one(&rows[i]);
	}
	bed_row(1, 1);
}

/* Nothing of it exists where nobody asked for it, and an interface that routes nothing is out. */
static void test_takes_no_part(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	bed_dropped_only(&b, DROP_IP6_MCAST_NOT_JOINED, 1);
	assert_null(b.node->ip6.mroute);
	bed_mark(&b);
	route(&b, GROUP, 1);
	bed_rx(&b, 2, bed_echo(&b, PEER, "ff1e::9", 1, 8));
	bed_dropped_only(&b, DROP_IP6_MCAST_NOT_JOINED, 1);
	bed_mark(&b);
	bed_rx(&b, 1, bed_echo(&b, PEER1, "ff02::9", 1, 8)); /* the link's own business */
	bed_dropped_only(&b, DROP_IP6_MCAST_NOT_JOINED, 1);
	bed_mark(&b);
	nd_set_forwarding(&b.node->nd, bed_if(&b, 0), false);
	bed_quiet(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	bed_dropped_only(&b, DROP_IP6_MCAST_NOT_JOINED, 1);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* A source's own route goes before that of the group, and says no, too. */
static void test_source_first(void **state)
{
	struct mroute_route r = { .src = bed_addr_of(PEER), .group = bed_addr_of(GROUP) };
	struct bed b;
	uint8_t was[100];
	struct pkt *pkt;

	(void)state;
	begin(&b);
	route(&b, GROUP, 2);
	r.iif = (uint8_t)mif(&b, 0);
	assert_int_equal(mroute_add(&b.node->ip6, &r), 0);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	bed_dropped_only(&b, DROP_MROUTE_NO_OIF, 1);
	bed_mark(&b);
	r.oifs = UINT64_C(1) << mif(&b, 0) | UINT64_C(1) << mif(&b, 2);
	assert_int_equal(mroute_add(&b.node->ip6, &r), 0);
	pkt = bed_echo(&b, PEER, GROUP, 1, 8);
	memcpy(was, pkt->p, pkt->len);
	bed_rx(&b, 0, pkt);
	expect(&b, 2, was, 56); /* and not by link 0, though the route has it */
	assert_true(bed_silent(&b));
	bed_rx(&b, 0, bed_echo(&b, "2001:db8::101", GROUP, 1, 8));
	assert_int_equal(b.n_sent - b.taken, 2);
	bed_dropped_only(&b, DROP_NONE, 0);
	assert_int_equal(get(&b, PEER, GROUP)->pkts, 2);
	assert_int_equal(get(&b, PEER, GROUP)->octets, 2 * 56);
	assert_int_equal(get(&b, PEER, GROUP)->used, b.now);
	assert_int_equal(get(&b, "::", GROUP)->pkts, 1);
	assert_int_equal(mroute_del(&b.node->ip6, &r.src, &r.group), 0);
	assert_int_equal(mroute_del(&b.node->ip6, &r.src, &r.group), -ENOENT);
	bed_forget(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	assert_int_equal(b.n_sent, 2);
	bed_done(&b);
}

/* Hops that must be left: of the mif, or of the route where that says something. */
static void test_threshold(void **state)
{
	static const struct {
		uint8_t of_mif, of_route, hop_limit;
		bool goes;
	} row[] = {
		{ 0, 0, 2, true },	{ 1, 0, 2, true },  { 32, 0, 32, false },
		{ 32, 0, 33, true },	{ 32, 8, 9, true }, { 32, 8, 8, false },
		{ 1, 255, 255, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct mroute_route r = { .group = bed_addr_of(GROUP), .oifs = 2, .iif = 0 };
		struct pkt *pkt;
		struct bed b;

		bed_row(i, ARRAY_LEN(row));
		begin(&b);
		r.threshold[1] = row[i].of_route;
		assert_int_equal(mroute_mif_add(&b.node->ip6, 0, b.ifindex[0], 200), 0);
		assert_int_equal(mroute_mif_add(&b.node->ip6, 1, b.ifindex[1], row[i].of_mif), 0);
		assert_int_equal(mroute_add(&b.node->ip6, &r), 0);
		pkt = bed_echo(&b, PEER, GROUP, 1, 8);
		pkt->p[IP6_HLIM_OFF] = row[i].hop_limit;
		bed_rx(&b, 0, pkt);
		assert_int_equal(b.n_sent, row[i].goes);
		bed_dropped_only(&b, row[i].goes ? DROP_NONE : DROP_MROUTE_THRESHOLD, 1);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* RFC 4007 section 5: zones end at a mif, for what comes and what goes. */
static void test_boundary(void **state)
{
	static const struct {
		unsigned link;
		enum scope boundary;
		const char *group;
		unsigned sent;
	} row[] = {
		{ 1, SCOPE_SITE, "ff15::1", 1 },  { 1, SCOPE_SITE, "ff14::1", 1 },
		{ 1, SCOPE_SITE, "ff18::1", 2 },  { 1, SCOPE_SITE, "ff1e::1", 2 },
		{ 0, SCOPE_SITE, "ff15::1", 0 },  { 0, SCOPE_SITE, "ff18::1", 2 },
		{ 0, SCOPE_IFACE, "ff12::1", 0 }, { 0, SCOPE_GLOBAL, "ff1f::1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct bed b;

		bed_row(i, ARRAY_LEN(row));
		begin(&b);
		route(&b, row[i].group, 2);
		assert_int_equal(
			mroute_mif_boundary(&b.node->ip6, mif(&b, row[i].link), row[i].boundary),
			0);
		bed_rx(&b, 0, bed_echo(&b, PEER, row[i].group, 1, 8));
		assert_int_equal(b.n_sent, row[i].sent);
		bed_dropped_only(&b, row[i].sent != 0 ? DROP_NONE : DROP_IP6_SCOPE, 1);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* Who routes a group may listen to it: where it comes from, or else where it goes to; once. */
static void test_listener(void **state)
{
	struct bed b;

	(void)state;
	for (unsigned joined = 0; joined < 8; joined++) {
		begin(&b);
		route(&b, GROUP, 2);
		for (unsigned link = 0; link < 3; link++)
			if ((joined & 1u << link) != 0)
				assert_int_equal(join(&b, link, GROUP), 0);
		bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
		bed_dropped_only(&b, DROP_NONE, 0);
		assert_int_equal(bed_if(&b, 0)->count.in_delivers, joined & 1);
		if ((joined & 1) == 0)
			assert_int_equal(bed_if(&b, 1)->count.in_delivers +
						 bed_if(&b, 2)->count.in_delivers,
					 joined != 0);
		assert_int_equal(b.n_sent, joined != 0 ? 3 : 2); /* two copies, one reply */
		bed_forget(&b);
		/* what may not go on is delivered all the same, and no refusal */
		bed_mark(&b);
		bed_rx(&b, 0, bed_echo(&b, PEER_LL, GROUP, 1, 8));
		bed_dropped_only(&b, (joined & 1) != 0 ? DROP_NONE : DROP_IP6_SCOPE, 1);
		bed_done(&b);
	}
}

/* RFC 4443 section 3.2: too large for both links, told once, with what passes either. */
static void test_too_big_for_all(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 2; i++) {
		struct bed b;

		begin(&b);
		route(&b, GROUP, 2);
		bed_if(&b, i)->conf.link_mtu = 1300;
		bed_if(&b, 3 - i)->conf.link_mtu = 1400;
		bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 1400));
		bed_dropped_only(&b, DROP_IP6_TOO_BIG, 1);
		assert_int_equal(
			get_be32(bed_tx_msg(&b, "2001:db8::1", PEER, ICMP6_TOO_BIG, 0, NULL) + 4),
			1300);
		assert_true(bed_silent(&b));
		bed_done(&b);
	}
}

/* Links that are down, and buffers that are not there. */
static void test_short_of(void **state)
{
	struct pktq all = { 0 };
	struct pkt *echo, *pkt;
	struct bed b;

	(void)state;
	begin(&b);
	route(&b, GROUP, 2);
	assert_int_equal(node_if_set(b.node, b.ifindex[1], false, b.now), 0);
	bed_quiet(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	assert_int_equal(b.n_sent, 1);
	bed_dropped_only(&b, DROP_NONE, 0);
	assert_int_equal(node_if_set(b.node, b.ifindex[2], false, b.now), 0);
	bed_quiet(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	bed_dropped_only(&b, DROP_IF_DOWN, 1);
	bed_done(&b);

	begin(&b);
	route(&b, GROUP, 2);
	echo = bed_echo(&b, PEER, GROUP, 1, 8);
	while ((pkt = pkt_new(&b.pool, 100)) != NULL)
		pktq_put(&all, pkt);
	bed_rx(&b, 0, echo);
	pktq_free(&all);
	assert_int_equal(b.n_sent, 1); /* the last one needs no copy */
	bed_dropped_only(&b, DROP_NO_BUFFER, 1);
	bed_done(&b);
}

/* An interface that goes takes its mif along, and the routes that come in by it. */
static void test_interface_gone(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	route(&b, GROUP, 2);
	assert_int_equal(node_if_del(b.node, b.ifindex[1]), 0);
	bed_quiet(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	assert_int_equal(b.n_sent, 1);
	bed_dropped_only(&b, DROP_NONE, 0);
	assert_int_equal(node_if_del(b.node, b.ifindex[0]), 0);
	assert_null(get(&b, "::", GROUP));
	assert_null(mroute_iter(&b.node->ip6, NULL));
	bed_done(&b);
}

static void test_status(void **state)
{
	struct mroute_route r = { .src = bed_addr_of(PEER), .group = bed_addr_of("ff1e::3") };
	struct ip6_addr any = IP6_UNSPEC, group = bed_addr_of(GROUP);
	struct jsonw j;
	const char *text;
	size_t octets;
	struct bed b;

	(void)state;
	begin(&b);
	route(&b, GROUP, 2);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	bed_rx(&b, 1, bed_echo(&b, PEER1, GROUP, 1, 8));
	jsonw_init(&j, 0);
	status_write(b.node, &j);
	assert_int_equal(jsonw_finish(&j, &text, &octets), 0);
	assert_non_null(strstr(text, "\"multicast_routes\":[{\"group\":\"" GROUP
				     "\",\"from\":\"e0\",\"to\":[\"e2\",\"e1\"],\"static\":true,"
				     "\"packets\":2,\"octets\":112,\"wrong_interface\":1}]"));
	jsonw_again(&j);
	r.iif = (uint8_t)mif(&b, 1);
	assert_int_equal(mroute_del(&b.node->ip6, &any, &group), 0);
	assert_int_equal(mroute_add(&b.node->ip6, &r), 0);
	status_write(b.node, &j);
	assert_int_equal(jsonw_finish(&j, &text, &octets), 0);
	assert_non_null(strstr(text, "\"multicast_routes\":[{\"source\":\"" PEER
				     "\",\"group\":\"ff1e::3\",\"from\":\"e1\",\"to\":[],"
				     "\"static\":false,"));
	jsonw_done(&j);
	bed_done(&b);
}

/*
 * What waits for a route.
 */

static void begin_asking(struct bed *b)
{
	begin(b);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(mroute_mif_add(&b->node->ip6, i, b->ifindex[i], 1), 0);
	assert_int_equal(mroute_open(&b->node->ip6), 0);
}

static void expect_upcall(struct bed *b, enum mroute_upcall_type type, unsigned m, const char *src,
			  const char *group)
{
	struct ip6_addr s = bed_addr_of(src), g = bed_addr_of(group);
	struct mroute_upcall up;

	assert_true(mroute_upcall(&b->node->ip6, &up));
	assert_int_equal(up.type, type);
	assert_int_equal(up.mif, m);
	assert_true(ip6_eq(&up.src, &s) && ip6_eq(&up.group, &g));
}

static void no_upcall(struct bed *b)
{
	struct mroute_upcall up;

	assert_false(mroute_upcall(&b->node->ip6, &up));
}

/* Asked once; then all goes, in order, by a route of the source or of the group. */
static void test_resolved(void **state)
{
	(void)state;
	for (unsigned any = 0; any < 2; any++) {
		struct mroute_route r = { .group = bed_addr_of(GROUP), .oifs = 4 };
		struct bed b;

		begin_asking(&b);
		for (uint16_t seq = 1; seq <= 3; seq++)
			bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, seq, 8));
		bed_rx(&b, 0, bed_echo(&b, PEER, "ff1e::3", 9, 8));
		bed_rx(&b, 0, bed_echo(&b, "2001:db8::101", GROUP, 4, 8));
		expect_upcall(&b, MROUTE_NOCACHE, 0, PEER, GROUP);
		expect_upcall(&b, MROUTE_NOCACHE, 0, PEER, "ff1e::3");
		expect_upcall(&b, MROUTE_NOCACHE, 0, "2001:db8::101", GROUP);
		no_upcall(&b);
		assert_true(bed_silent(&b));
		assert_int_equal(b.pool.used, 5);
		if (any == 0)
			r.src = bed_addr_of(PEER);
		bed_run(&b, b.now + 10 * NS_PER_S - 1);
		assert_int_equal(mroute_add(&b.node->ip6, &r), 0);
		bed_run(&b, b.now);
		for (unsigned seq = 1; seq <= 3 + any; seq++) {
			uint32_t ifindex;
			const struct pkt *pkt = bed_tx(&b, &ifindex, NULL);

			assert_non_null(pkt);
			assert_int_equal(ifindex, b.ifindex[2]);
			assert_int_equal(get_be16(pkt->p + IP6_HDR_OCTETS + 6), seq);
			assert_int_equal(pkt->p[IP6_HLIM_OFF], 63);
		}
		bed_dropped_only(&b, DROP_NONE, 0);
		bed_silent_until(&b, b.now + 1); /* and the rest is over */
		bed_dropped_only(&b, DROP_MROUTE_UNRESOLVED, 2 - any);
		bed_done(&b);
	}
}

/* The route that was waited for says that they came by the wrong interface. */
static void test_resolved_otherwise(void **state)
{
	struct mroute_route r = { .group = bed_addr_of(GROUP), .oifs = 4, .iif = 1 };
	struct bed b;

	(void)state;
	begin_asking(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 2, 8));
	expect_upcall(&b, MROUTE_NOCACHE, 0, PEER, GROUP);
	assert_int_equal(mroute_add(&b.node->ip6, &r), 0);
	bed_dropped_only(&b, DROP_MROUTE_WRONG_IF, 2);
	expect_upcall(&b, MROUTE_WRONGMIF, 0, PEER, GROUP);
	no_upcall(&b); /* not so soon again */
	bed_run(&b, b.now + 3 * NS_PER_S - 1);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 3, 8));
	no_upcall(&b);
	bed_run(&b, b.now + 1);
	bed_rx(&b, 2, bed_echo(&b, PEER, GROUP, 4, 8));
	expect_upcall(&b, MROUTE_WRONGMIF, 2, PEER, GROUP);
	assert_int_equal(get(&b, "::", GROUP)->wrong_if, 4);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* 10 s for each, from its first packet; a new question after that. */
static void test_unresolved(void **state)
{
	struct bed b;

	(void)state;
	begin_asking(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	bed_run(&b, b.now + 4 * NS_PER_S);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 2, 8));
	bed_rx(&b, 1, bed_echo(&b, PEER, GROUP, 3, 8)); /* by another interface: asked for itself */
	bed_silent_until(&b, b.now + 6 * NS_PER_S - 1);
	bed_dropped_only(&b, DROP_NONE, 0);
	bed_silent_until(&b, b.now + 1);
	bed_dropped_only(&b, DROP_MROUTE_UNRESOLVED, 2);
	bed_silent_until(&b, b.now + 4 * NS_PER_S - 1);
	bed_dropped_only(&b, DROP_MROUTE_UNRESOLVED, 2);
	bed_silent_until(&b, b.now + 1);
	bed_dropped_only(&b, DROP_MROUTE_UNRESOLVED, 3);
	expect_upcall(&b, MROUTE_NOCACHE, 0, PEER, GROUP);
	expect_upcall(&b, MROUTE_NOCACHE, 1, PEER, GROUP);
	no_upcall(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 3, 8));
	expect_upcall(&b, MROUTE_NOCACHE, 0, PEER, GROUP);
	bed_done(&b); /* with a packet that waits */
}

/* What may not go anywhere is not asked about; who listens gets it at once. */
static void test_not_asked(void **state)
{
	struct pkt *pkt;
	struct bed b;

	(void)state;
	begin_asking(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER_LL, GROUP, 1, 8));
	bed_rx(&b, 0, bed_echo(&b, PEER, "ff12::1", 1, 8));
	pkt = bed_echo(&b, PEER, GROUP, 1, 8);
	pkt->p[IP6_HLIM_OFF] = 1;
	bed_rx(&b, 0, pkt);
	no_upcall(&b);
	assert_int_equal(bed_dropped(&b, DROP_IP6_SCOPE), 1);
	assert_int_equal(bed_dropped(&b, DROP_IP6_MCAST_NOT_JOINED), 1);
	assert_int_equal(bed_dropped(&b, DROP_IP6_HOP_LIMIT), 1);
	assert_int_equal(join(&b, 0, GROUP), 0);
	bed_rx(&b, 0, bed_echo(&b, PEER, GROUP, 1, 8));
	expect_upcall(&b, MROUTE_NOCACHE, 0, PEER, GROUP);
	bed_tx_msg(&b, "2001:db8::1", PEER, ICMP6_ECHO_REPLY, 0, NULL);
	bed_dropped_only(&b, DROP_NONE, 0);
	assert_int_equal(b.pool.used, 2); /* the reply, and who waits */
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_one),
		cmocka_unit_test(test_takes_no_part),
		cmocka_unit_test(test_source_first),
		BED_ROWS(test_threshold),
		BED_ROWS(test_boundary),
		cmocka_unit_test(test_listener),
		cmocka_unit_test(test_too_big_for_all),
		cmocka_unit_test(test_short_of),
		cmocka_unit_test(test_interface_gone),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_resolved),
		cmocka_unit_test(test_resolved_otherwise),
		cmocka_unit_test(test_unresolved),
		cmocka_unit_test(test_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
