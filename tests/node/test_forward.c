/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Forwarding: RFC 8200 sections 3 and 4, RFC 4007 section 9, RFC 4443 section 3, RFC 4861
 * sections 7.2.2 and 8.2. What goes on and how it looks then, what does not and who is told, in
 * batches and alone.
 */
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>

#define OURS	  "2001:db8::1"
#define OURS1	  "2001:db8:1::1"
#define OUR_LL	  "fe80::ff:fe00:0"
#define OUR_LL1	  "fe80::ff:fe00:1"
#define PEER	  "2001:db8::100"
#define PEER_LL	  "fe80::100"
#define PEER1	  "2001:db8:1::100"
#define SILENT1	  "2001:db8:1::200"
#define FAR	  "2001:db8:77::100" /* behind PEER_LL on link 0 */
#define NOWHERE	  "2001:db9::1"
#define PEER_MAC  "02:00:00:00:01:00"
#define PEER1_MAC "02:00:00:00:01:01"
#define PEER2_MAC "02:00:00:00:01:02"
#define UNKNOWN	  253

static void begin(struct bed *b)
{
	bed_init(b, 3);
	bed_router(b, 2);
	bed_addr(b, 0, OURS "/64");
	bed_addr(b, 1, OURS1 "/64");
	bed_addr(b, 2, "2001:db8:2::1/64");
	bed_neigh(b, 0, PEER, PEER_MAC);
	bed_neigh(b, 0, PEER_LL, PEER_MAC);
	bed_neigh(b, 1, PEER1, PEER1_MAC);
	bed_neigh(b, 1, "fe80::101", PEER1_MAC);
	bed_route(b, 0, "2001:db8:77::/48", PEER_LL);
	bed_route(b, 1, "2001:db8:78::/48", "fe80::101");
	bed_route_type(b, "2001:db8:aa::/48", ROUTE_PROHIBIT);
	bed_route_type(b, "2001:db8:bb::/48", ROUTE_UNREACHABLE);
	bed_route_type(b, "2001:db8:cc::/48", ROUTE_BLACKHOLE);
	assert_int_equal(nd_set_mtu(&b->node->nd, bed_if(b, 1), 1400), 0);
	bed_quiet(b);
}

/*
 * One packet each, received on a link.
 */

#define MCAST	  "33:33:00:00:00:01"
#define BCAST	  "ff:ff:ff:ff:ff:ff"
#define OCTETS(s) s, sizeof(s) - 1

struct row {
	unsigned link;
	const char *src, *dst; /* src NULL: a source behind PEER_LL */
	uint8_t hop_limit;
	const char *mac; /* NULL: as dst demands */
	uint8_t next;
	const char *octets; /* NULL: zeros */
	size_t n;
	/* what happens */
	enum drop why;	    /* DROP_NONE: it goes on, by link 1 */
	uint8_t type, code; /* of the error; type 0: silence */
};

/* clang-format off */
static const struct row rows[] = {
	/* hop limit: RFC 8200 section 3 */
	{ 0, NULL, PEER1, 255, NULL, UNKNOWN, OCTETS("x"), DROP_NONE, 0, 0 },
	{ 0, NULL, PEER1, 64, NULL, UNKNOWN, OCTETS("x"), DROP_NONE, 0, 0 },
	{ 0, NULL, PEER1, 2, NULL, UNKNOWN, OCTETS("x"), DROP_NONE, 0, 0 },
	{ 0, NULL, PEER1, 1, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_HOP_LIMIT, 3, 0 },
	{ 0, NULL, PEER1, 0, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_HOP_LIMIT, 3, 0 },
	/* to a gateway; the hop limit comes before the route */
	{ 0, NULL, "2001:db8:78::1", 2, NULL, UNKNOWN, OCTETS("x"), DROP_NONE, 0, 0 },
	{ 0, NULL, NOWHERE, 1, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_HOP_LIMIT, 3, 0 },
	/* scopes: RFC 4007 section 9, RFC 4291 section 2.5.6 */
	{ 0, PEER_LL, PEER1, 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_SCOPE, 1, 2 },
	{ 0, PEER_LL, NOWHERE, 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_NO_ROUTE, 1, 0 },
	/* sources and destinations that never leave: RFC 4291 sections 2.5.2, 2.5.3, 2.7 */
	{ 0, "::", PEER1, 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_SRC_UNSPEC, 0, 0 },
	{ 0, "::1", PEER1, 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_SRC_LOOPBACK, 0, 0 },
	{ 0, NULL, "::1", 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_DST_LOOPBACK, 0, 0 },
	{ 0, NULL, "::", 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_DST_UNSPEC, 0, 0 },
	{ 0, "ff02::1", PEER1, 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_SRC_MCAST, 0, 0 },
	{ 0, "ff0e::1", PEER1, 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_SRC_MCAST, 0, 0 },
	{ 0, NULL, "ff0e::77", 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_MCAST_NOT_JOINED, 0, 0 },
	/* addresses that look odd but are not */
	{ 0, "::2", "2001:db8:78::1", 64, NULL, UNKNOWN, OCTETS("x"), DROP_NONE, 0, 0 },
	{ 0, "fec0::1", PEER1, 64, NULL, UNKNOWN, OCTETS("x"), DROP_NONE, 0, 0 },
	{ 0, "fd00::1", PEER1, 64, NULL, UNKNOWN, OCTETS("x"), DROP_NONE, 0, 0 },
	/* a frame to many: RFC 1812 section 5.3.4 is right about IPv6, too */
	{ 0, NULL, PEER1, 64, MCAST, UNKNOWN, OCTETS("x"), DROP_IP6_LINK_UNICAST, 0, 0 },
	{ 0, NULL, PEER1, 64, BCAST, UNKNOWN, OCTETS("x"), DROP_IP6_LINK_UNICAST, 0, 0 },
	/* routes that forbid */
	{ 0, NULL, NOWHERE, 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_NO_ROUTE, 1, 0 },
	{ 0, NULL, "2001:db8:aa::1", 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_PROHIBIT, 1, 1 },
	{ 0, NULL, "2001:db8:bb::1", 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_NO_ROUTE, 1, 0 },
	{ 0, NULL, "2001:db8:cc::1", 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_BLACKHOLE, 0, 0 },
	/* link 2 does not forward */
	{ 2, NULL, PEER1, 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_NOT_OURS, 0, 0 },
	{ 2, NULL, NOWHERE, 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_NOT_OURS, 0, 0 },
	{ 2, NULL, PEER1, 1, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_NOT_OURS, 0, 0 },
	/* size: 1,400 octets, all told */
	{ 0, NULL, PEER1, 64, NULL, UNKNOWN, NULL, 1360, DROP_NONE, 0, 0 },
	{ 0, NULL, PEER1, 64, NULL, UNKNOWN, NULL, 1361, DROP_IP6_TOO_BIG, 2, 0 },
	{ 0, NULL, PEER1, 64, NULL, UNKNOWN, NULL, 0, DROP_NONE, 0, 0 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_NONE, OCTETS("xyz"), DROP_NONE, 0, 0 },
	/* hop-by-hop options on the way: RFC 8200 section 4.3, RFC 9673 section 5.2 */
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_HBH, OCTETS("\x3b\0\1\4\0\0\0\0"), DROP_NONE, 0, 0 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_HBH, OCTETS("\x3b\0\x1e\4\0\0\0\0"), DROP_NONE, 0, 0 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_HBH, OCTETS("\x3b\0\5\2\0\0\1\0"), DROP_NONE, 0, 0 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_HBH,
	  OCTETS("\x3b\2\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\x9e\0\1\2\0\0"),
	  DROP_NONE, 0, 0 },			/* the ninth is not looked at */
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_HBH, OCTETS("\x3b\0\x5e\4\0\0\0\0"), DROP_OPT_UNKNOWN,
	  0, 0 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_HBH, OCTETS("\x3b\0\x9e\4\0\0\0\0"),
	  DROP_OPT_UNKNOWN_ICMP, 4, 2 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_HBH, OCTETS("\x3b\0\xde\4\0\0\0\0"),
	  DROP_OPT_UNKNOWN_UCAST, 4, 2 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_HBH, OCTETS("\x3b\1\1\4\0\0\0\0"), DROP_EXT_SHORT, 4,
	  0 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_HBH, OCTETS("\x3b\0\xc2\4\0\1\0\0"), DROP_OPT_JUMBO, 4,
	  2 },
	/* everything behind them is not our business: RFC 8200 section 4 */
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_DSTOPTS, OCTETS("\x3b\0\x9e\4\0\0\0\0"), DROP_NONE, 0,
	  0 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_DSTOPTS, OCTETS("\x3b\7\x9e\4\0\0\0\0"), DROP_NONE, 0,
	  0 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_ROUTING, OCTETS("\x3b\0\0\1\0\0\0\0"), DROP_NONE, 0,
	  0 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_FRAGMENT, OCTETS("\x06\0\0\x09\0\0\0\1abc"), DROP_NONE,
	  0, 0 },
	{ 0, NULL, PEER1, 64, NULL, IP6_NH_ICMP6, OCTETS("\x80\0\0\0\0\0\0\0"), DROP_NONE, 0, 0 },
	/* and ours: they do not go on */
	{ 0, NULL, OURS1, 1, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_NEXT_HEADER, 4, 1 },
	{ 0, NULL, "2001:db8:1::", 64, NULL, UNKNOWN, OCTETS("x"), DROP_IP6_NEXT_HEADER, 4, 1 },
};
/* clang-format on */

static struct pkt *packet_of(struct bed *b, const struct row *r, size_t source)
{
	static const char zeros[1500];
	char src[64];

	snprintf(src, sizeof(src), "2001:db8:77:%zx::100", source);
	return bed_packet(b, r->src != NULL ? r->src : src, r->dst, r->next, r->hop_limit,
			  r->octets != NULL ? r->octets : zeros, r->n);
}

static void add_eth(struct bed *b, const struct row *r, struct pkt *pkt)
{
	struct ip6_addr dst = ip6_hdr_dst(pkt->p);
	struct mac to = b->mac[r->link], from = bed_mac_of(PEER_MAC);

	if (r->mac != NULL)
		to = bed_mac_of(r->mac);
	else if (ip6_is_mcast(&dst))
		to = mac_of_group(&dst);
	link_header(pkt, &to, &from, ETH_TYPE_IP6);
}

static void one(const struct row *r)
{
	struct mac to = bed_mac_of(PEER1_MAC);
	uint8_t was[1500];
	uint32_t ifindex, n;
	const struct pkt *out;
	struct pkt *pkt;
	struct bed b;

	begin(&b);
	pkt = packet_of(&b, r, 0);
	n = pkt->len;
	memcpy(was, pkt->p, n);
	add_eth(&b, r, pkt);
	memset(pkt_put(pkt, 3), 0xee, 3); /* padding of the link does not go on */
	bed_rx_frame(&b, r->link, pkt);
	bed_dropped_only(&b, r->why, 1);
	if (r->why == DROP_NONE) {
		out = bed_tx(&b, &ifindex, NULL);
		assert_non_null(out);
		assert_int_equal(ifindex, b.ifindex[1]);
		assert_int_equal(out->len, n);
		was[IP6_HLIM_OFF]--;
		assert_memory_equal(out->p, was, n);
		assert_memory_equal(bed_tx_eth(out) + ETH_DST_OFF, to.b, ETH_MAC_OCTETS);
		assert_memory_equal(bed_tx_eth(out) + ETH_SRC_OFF, b.mac[1].b, ETH_MAC_OCTETS);
		assert_int_equal(get_be16(bed_tx_eth(out) + ETH_TYPE_OFF), ETH_TYPE_IP6);
		assert_int_equal(bed_if(&b, 0)->count.in_forwarded, 1);
	} else if (r->type != 0) {
		const uint8_t *m = bed_tx_msg(&b, NULL, NULL, r->type, r->code, NULL);

		assert_memory_equal(m + 8, was, n < 1232 ? n : 1232); /* hop limit as it came */
		if (r->type == ICMP6_TOO_BIG)
			assert_int_equal(get_be32(m + 4), 1400);
	}
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

/*
 * RFC 4007 section 9: a link-local destination that is not ours is looked for on the link that the
 * packet came by and nowhere else, be the same address ours, or known, on another one.
 */
static void test_link_local_destination(void **state)
{
	struct mac to = bed_mac_of(PEER2_MAC);
	uint32_t ifindex;
	const struct pkt *out;
	struct bed b;

	(void)state;
	begin(&b);
	bed_neigh(&b, 0, "fe80::102", PEER2_MAC);
	bed_neigh(&b, 1, "fe80::102", PEER1_MAC);
	bed_rx(&b, 0, bed_packet(&b, FAR, "fe80::102", UNKNOWN, 64, "x", 1));
	out = bed_tx(&b, &ifindex, NULL);
	assert_non_null(out);
	assert_int_equal(ifindex, b.ifindex[0]);
	assert_int_equal(out->p[IP6_HLIM_OFF], 63);
	assert_memory_equal(bed_tx_eth(out) + ETH_DST_OFF, to.b, ETH_MAC_OCTETS);
	bed_silent_until(&b, b.now + NS_PER_S);

	bed_rx(&b, 0, bed_packet(&b, FAR, OUR_LL1, UNKNOWN, 64, "x", 1));
	for (unsigned i = 0; i < 3; i++) {
		out = bed_tx(&b, &ifindex, NULL);
		assert_non_null(out);
		assert_int_equal(out->p[IP6_HDR_OCTETS], ICMP6_NS);
		assert_int_equal(ifindex, b.ifindex[0]);
		bed_run(&b, b.now + NS_PER_S);
	}
	bed_tx_msg(&b, NULL, FAR, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, NULL);
	bed_dropped_only(&b, DROP_NEIGH_UNREACH, 1);
	bed_silent_until(&b, b.now + 10 * NS_PER_S);
	bed_done(&b);
}

/*
 * The same packets in batches of 64, and one by one: what is sent and what is counted agree.
 */
static int cmp_sent(const void *x, const void *y)
{
	const struct bed_sent *a = x, *b = y;

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	if (a->pkt->len != b->pkt->len)
		return a->pkt->len < b->pkt->len ? -1 : 1;
	return memcmp(bed_tx_eth(a->pkt), bed_tx_eth(b->pkt), a->pkt->len + ETH_HDR_OCTETS);
}

static void mixed(struct bed *b, uint64_t seed, bool together)
{
	struct batch in = { .n = 0 };
	struct rng rng;

	begin(b);
	rng_init_u64(&rng, seed, 0);
	for (size_t i = 0; i < BATCH_MAX; i++) {
		const struct row *r = &rows[rng_below(&rng, ARRAY_LEN(rows))];
		struct pkt *pkt;

		if (r->link != 0)
			continue;
		pkt = packet_of(b, r, i % 16); /* so that no rate limit takes part */
		add_eth(b, r, pkt);
		if (together)
			batch_put(&in, pkt);
		else
			bed_rx_frame(b, 0, pkt);
	}
	if (together)
		bed_rx_batch(b, 0, &in);
	bed_run(b, b->now + 10 * NS_PER_S);
	qsort(b->sent, b->n_sent, sizeof(b->sent[0]), cmp_sent);
}

static void test_batches(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct bed a, b;

		mixed(&a, seed, true);
		mixed(&b, seed, false);
		assert_true(a.n_sent > 10);
		assert_int_equal(a.n_sent, b.n_sent);
		for (unsigned i = 0; i < a.n_sent; i++)
			assert_int_equal(cmp_sent(&a.sent[i], &b.sent[i]), 0);
		for (unsigned d = 0; d < DROP_NUM; d++)
			assert_int_equal(bed_dropped(&a, (enum drop)d),
					 bed_dropped(&b, (enum drop)d));
		assert_int_equal(bed_dropped(&a, DROP_ICMP6_RATE), 0);
		bed_done(&a);
		bed_done(&b);
	}
}

/*
 * Policy rules, and routes that ask for the source (RFC 8028).
 */
struct choice_row {
	const char *src, *dst;
	int link; /* it leaves by; -1: prohibited, -2: no route */
};

/* clang-format off */
static const struct choice_row choice_rows[] = {
	{ "2001:db8:77::1", "2001:db8:a::1", 1 },	/* routes by source */
	{ "2001:db8:77:1::1", "2001:db8:a::1", 2 },	/* a longer source prefix */
	{ "2001:db8:99::1", "2001:db8:a::1", -2 },
	{ "2001:db8:99::1", "2001:db8:b::1", 1 },	/* main */
	{ "2001:db8:98::1", "2001:db8:b::1", 2 },	/* a rule for the source: table 100 */
	{ "2001:db8:98::1", PEER1, 1 },			/* not in table 100: on to main */
	{ "2001:db8:97::1", "2001:db8:b::1", -1 },	/* a rule that prohibits */
	{ "2001:db8:97::1", PEER1, -1 },
};
/* clang-format on */

static void add_route(struct bed *b, unsigned link, uint32_t table, const char *dst,
		      const char *src)
{
	struct route r = { .table = table, .expires = TIME_NEVER };
	unsigned n;

	assert_int_equal(ip6_parse_prefix(dst, &r.dst, &n), 0);
	r.dst_len = (uint8_t)n;
	assert_int_equal(ip6_parse_prefix(src, &r.src, &n), 0);
	r.src_len = (uint8_t)n;
	r.via.ifindex = b->ifindex[link];
	r.via.gateway = bed_addr_of("fe80::101");
	r.via.metric = 1024;
	r.via.proto = ROUTE_PROTO_STATIC;
	assert_int_equal(fib_add(b->node->ip6.fib, &r), 0);
}

static void add_rule(struct bed *b, uint32_t priority, const char *src, uint32_t table,
		     enum route_type type)
{
	struct rule r = {
		.priority = priority, .table = table, .type = (uint8_t)type, .suppress_len = -1
	};
	unsigned n;

	assert_int_equal(ip6_parse_prefix(src, &r.src, &n), 0);
	r.src_len = (uint8_t)n;
	assert_int_equal(fib_rule_add(b->node->ip6.fib, &r), 0);
}

static void choose(struct bed *b, const struct choice_row *r)
{
	uint32_t ifindex;

	bed_rx(b, 0, bed_packet(b, r->src, r->dst, UNKNOWN, 64, "x", 1));
	if (r->link >= 0) {
		assert_int_equal(bed_tx(b, &ifindex, NULL)->p[IP6_HLIM_OFF], 63);
		assert_int_equal(ifindex, b->ifindex[r->link]);
		bed_dropped_only(b, DROP_NONE, 0);
	} else {
		bed_dropped_only(b, r->link == -1 ? DROP_IP6_PROHIBIT : DROP_IP6_NO_ROUTE, 1);
	}
}

static void choices(bool with_rules)
{
	for (size_t i = 0; i < ARRAY_LEN(choice_rows); i++) {
		struct bed b;

		bed_row(i, ARRAY_LEN(choice_rows));
		if (!with_rules && i > 3)
			break;
		begin(&b);
		bed_neigh(&b, 2, "fe80::101", PEER1_MAC);
		add_route(&b, 1, FIB_TABLE_MAIN, "2001:db8:a::/48", "2001:db8:77::/48");
		add_route(&b, 2, FIB_TABLE_MAIN, "2001:db8:a::/48", "2001:db8:77:1::/64");
		add_route(&b, 1, FIB_TABLE_MAIN, "2001:db8:b::/48", "::/0");
		if (with_rules) {
			add_route(&b, 2, 100, "2001:db8:b::/48", "::/0");
			add_rule(&b, 1000, "2001:db8:98::/48", 100, ROUTE_UNICAST);
			add_rule(&b, 900, "2001:db8:97::/48", 0, ROUTE_PROHIBIT);
		}
		choose(&b, &choice_rows[i]);
		bed_done(&b);
	}
	bed_row(1, 1);
}

static void test_choice(void **state)
{
	(void)state;
	choices(false);
	choices(true);
}

/*
 * RFC 4861 section 7.2.2: address resolution on the way.
 */
static void expect_ns(struct bed *b, time_ns when)
{
	struct ip6_addr target = bed_addr_of(SILENT1);
	size_t octets;
	const uint8_t *m = bed_tx_msg(b, OUR_LL1, "ff02::1:ff00:200", ND_NS, 0, &octets);

	assert_int_equal(octets, 32);
	assert_memory_equal(m + 8, target.b, IP6_ADDR_OCTETS);
	assert_memory_equal(m + 24, "\1\1\2\0\0\0\0\1", 8); /* source link-layer address */
	assert_int_equal(bed_msg_pkt(b)->p[IP6_HLIM_OFF], 255);
	assert_int_equal(bed_msg_when(b), when);
	assert_true(bed_silent(b));
}

static void test_unresolved_answers(void **state)
{
	uint8_t na[32] = { ND_NA, 0, 0, 0, 0x60 };
	struct ip6_addr target = bed_addr_of(SILENT1);
	struct bed b;
	time_ns t0;

	(void)state;
	begin(&b);
	t0 = b.now;
	bed_rx(&b, 0, bed_packet(&b, FAR, SILENT1, UNKNOWN, 64, "a", 1));
	expect_ns(&b, t0);
	bed_rx(&b, 0, bed_packet(&b, FAR, SILENT1, UNKNOWN, 64, "b", 1));
	bed_silent_until(&b, t0 + NS_PER_S - 1);
	bed_run(&b, t0 + NS_PER_S);
	expect_ns(&b, t0 + NS_PER_S);
	bed_silent_until(&b, t0 + 2 * NS_PER_S - 1);
	memcpy(na + 8, target.b, IP6_ADDR_OCTETS);
	memcpy(na + 24, "\2\1\2\0\0\0\2\0", 8);
	bed_rx(&b, 1, bed_icmp6(&b, SILENT1, OUR_LL1, 255, na, sizeof(na)));
	for (int c = 'a'; c <= 'b'; c++) { /* in order */
		const struct pkt *pkt = bed_tx(&b, NULL, NULL);

		assert_int_equal(pkt->p[IP6_HDR_OCTETS], c);
		assert_int_equal(pkt->p[IP6_HLIM_OFF], 63);
		assert_memory_equal(bed_tx_eth(pkt), "\2\0\0\0\2\0", ETH_MAC_OCTETS);
	}
	bed_silent_until(&b, t0 + 20 * NS_PER_S);
	bed_dropped_only(&b, DROP_ND_DONE, 1);
	bed_done(&b);
}

static void test_unresolved_fails(void **state)
{
	struct bed b;
	time_ns t0;

	(void)state;
	begin(&b);
	t0 = b.now;
	for (unsigned i = 0; i < 3; i++)
		bed_rx(&b, 0,
		       bed_packet(&b, i == 1 ? PEER : FAR, SILENT1, UNKNOWN, 64, &"abc"[i], 1));
	expect_ns(&b, t0);
	for (unsigned s = 1; s <= 2; s++) {
		bed_silent_until(&b, t0 + s * NS_PER_S - 1);
		bed_run(&b, t0 + s * NS_PER_S);
		expect_ns(&b, t0 + s * NS_PER_S);
	}
	bed_silent_until(&b, t0 + 3 * NS_PER_S - 1);
	bed_dropped_only(&b, DROP_NONE, 0);
	bed_run(&b, t0 + 3 * NS_PER_S);
	for (unsigned i = 0; i < 3; i++) { /* each packet, to its own source */
		const uint8_t *m = bed_tx_msg(&b, OURS, i == 1 ? PEER : FAR, ICMP6_UNREACH,
					      ICMP6_UNREACH_ADDR, NULL);

		assert_int_equal(m[8 + IP6_HDR_OCTETS], "abc"[i]);
		assert_int_equal(get_be32(m + 4), 0);
		assert_int_equal(bed_msg_when(&b), t0 + 3 * NS_PER_S);
	}
	bed_dropped_only(&b, DROP_NEIGH_UNREACH, 3);
	bed_silent_until(&b, t0 + 100 * NS_PER_S);
	bed_rx(&b, 0, bed_packet(&b, FAR, SILENT1, UNKNOWN, 64, "d", 1)); /* begins anew */
	expect_ns(&b, t0 + 100 * NS_PER_S);
	bed_done(&b);
}

/*
 * RFC 4861 section 8.2: redirects.
 */
enum odd { ODD_NOT, ODD_TURNED_OFF, ODD_NO_MAC };

struct redirect_row {
	const char *src, *dst;
	enum odd odd;
	const char *target; /* NULL: no redirect */
};

/* clang-format off */
static const struct redirect_row redirect_rows[] = {
	{ PEER, FAR, ODD_NOT, PEER_LL },		/* a better router */
	{ PEER, "2001:db8::300", ODD_NOT, "2001:db8::300" },	/* on link after all */
	{ "fe80::300", FAR, ODD_NOT, PEER_LL },
	{ PEER, FAR, ODD_TURNED_OFF, NULL },
	{ PEER, PEER1, ODD_NOT, NULL },			/* leaves by another link */
	{ "2001:db8:55::1", FAR, ODD_NOT, NULL },	/* not from a neighbour */
	{ "2001:db8:77::1", FAR, ODD_NOT, NULL },	/* from behind that very router */
	{ PEER_LL, FAR, ODD_NOT, NULL },		/* from that router itself */
	{ PEER, "2001:db8:66::1", ODD_NOT, NULL },	/* its link-local address is not known */
	{ PEER, "2001:db8:65::1", ODD_NO_MAC, "fe80::400" },	/* its link-layer address neither */
};
/* clang-format on */

static void redirect_one(const struct redirect_row *r)
{
	uint8_t was[41], pad = 0;
	const uint8_t *m;
	struct ip6_addr a;
	struct pkt *pkt;
	size_t octets, n;
	struct bed b;

	begin(&b);
	bed_neigh(&b, 0, "2001:db8::300", "02:00:00:00:03:00");
	bed_neigh(&b, 0, "fe80::300", "02:00:00:00:03:00");
	bed_neigh(&b, 0, "2001:db8::101", "02:00:00:00:03:00");
	bed_route(&b, 0, "2001:db8:66::/48", "2001:db8::101");
	bed_route(&b, 0, "2001:db8:65::/48", "fe80::400");
	bed_if(&b, 0)->conf.send_redirects = r->odd != ODD_TURNED_OFF;
	pkt = bed_packet(&b, r->src, r->dst, UNKNOWN, 64, "x", 1);
	memcpy(was, pkt->p, sizeof(was));
	bed_rx(&b, 0, pkt);
	if (r->odd == ODD_NO_MAC) /* it waits, and the solicitation is first */
		bed_tx_msg(&b, OUR_LL, "ff02::1:ff00:400", ND_NS, 0, NULL);
	else
		assert_int_equal(bed_tx(&b, NULL, NULL)->p[IP6_HLIM_OFF],
				 63); /* sent on in any case */
	if (r->target != NULL) {
		m = bed_tx_msg(&b, OUR_LL, r->src, ND_REDIRECT, 0, &octets);
		assert_int_equal(bed_msg_pkt(&b)->p[IP6_HLIM_OFF], 255);
		a = bed_addr_of(r->target);
		assert_memory_equal(m + 8, a.b, IP6_ADDR_OCTETS);
		a = bed_addr_of(r->dst);
		assert_memory_equal(m + 24, a.b, IP6_ADDR_OCTETS);
		n = 40;
		if (r->odd != ODD_NO_MAC) {
			assert_memory_equal(m + n, "\2\1\2\0\0\0", 6);
			n += 8;
		}
		assert_memory_equal(m + n, "\4\7\0\0\0\0\0\0", 8); /* Redirected Header */
		assert_memory_equal(m + n + 8, was, sizeof(was));
		for (size_t i = n + 8 + sizeof(was); i < octets; i++)
			pad |= m[i];
		assert_int_equal(pad, 0);
		assert_int_equal(octets, n + 7 * 8);
	}
	assert_true(bed_silent(&b));
	bed_dropped_only(&b, DROP_NONE, 0);
	bed_done(&b);
}

static void test_redirect(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(redirect_rows); i++) {
		bed_row(i, ARRAY_LEN(redirect_rows));
		redirect_one(&redirect_rows[i]);
	}
	bed_row(1, 1);
}

/* "A router MUST limit the rate": 20 at once, then one in 50 ms; the packets themselves go on. */
static void test_redirect_rate(void **state)
{
	unsigned n = 0;
	struct bed b;
	time_ns t0;

	(void)state;
	begin(&b);
	t0 = b.now;
	for (unsigned i = 0; i < 30; i++)
		bed_rx(&b, 0, bed_packet(&b, PEER, FAR, UNKNOWN, 64, "x", 1));
	assert_int_equal(b.n_sent, 30 + 20);
	bed_run(&b, t0 + 50 * NS_PER_MS - 1);
	bed_rx(&b, 0, bed_packet(&b, PEER, FAR, UNKNOWN, 64, "x", 1));
	assert_int_equal(b.n_sent, 31 + 20);
	bed_run(&b, t0 + 50 * NS_PER_MS);
	bed_rx(&b, 0, bed_packet(&b, PEER, FAR, UNKNOWN, 64, "x", 1));
	assert_int_equal(b.n_sent, 32 + 21);
	while (bed_tx_icmp6(&b, ND_REDIRECT, NULL) != NULL)
		n++;
	assert_int_equal(n, 21);
	bed_done(&b);
}

/* A link that is down takes its routes along. */
static void test_link_down(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	assert_int_equal(node_if_set(b.node, b.ifindex[1], false, b.now), 0);
	bed_forget(&b);
	bed_mark(&b);
	bed_rx(&b, 0, bed_packet(&b, PEER, PEER1, UNKNOWN, 64, "x", 1));
	bed_tx_msg(&b, OURS, PEER, ICMP6_UNREACH, ICMP6_UNREACH_ROUTE, NULL);
	bed_dropped_only(&b, DROP_IP6_NO_ROUTE, 1);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_one),
		cmocka_unit_test(test_link_local_destination),
		cmocka_unit_test(test_batches),
		BED_ROWS(test_choice),
		cmocka_unit_test(test_unresolved_answers),
		cmocka_unit_test(test_unresolved_fails),
		BED_ROWS(test_redirect),
		cmocka_unit_test(test_redirect_rate),
		cmocka_unit_test(test_link_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
