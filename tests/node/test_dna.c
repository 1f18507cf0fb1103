/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Simple DNA, RFC 6059: a host whose link goes down and comes up, there or elsewhere, with the
 * routers that it knew, others, or none. Exact times.
 */
#include "bed.h"

#include <stdio.h>

#define LL	 "fe80::ff:fe00:0"
#define R1	 "fe80::100"
#define R1_MAC	 "02:00:00:00:01:00" /* as bed_rx() sends */
#define OTHER	 "02:00:00:00:02:00"
#define PREFIX	 "2001:db8:5::"
#define ADDR	 "2001:db8:5::ff:fe00:0"
#define PREFIX_2 "2001:db8:6::"
#define ADDR_2	 "2001:db8:6::ff:fe00:0"
#define FAR	 "2001:db8:77::1"
#define VALID_S	 9000u

/* An advertisement of @prefix (NULL: none), with or without the option about who sends it. */
static void advertise(struct bed *b, const char *router, const char *mac, const char *prefix)
{
	struct nd_msg ra = { .ra = { .lifetime_s = 1800, .hop_limit = 50 },
			     .opts = { .has = ND_HAS_MTU, .mtu = 1400 } };

	if (mac != NULL) {
		ra.opts.has |= ND_HAS_SLLA;
		ra.opts.slla = bed_mac_of(mac);
	}
	if (prefix != NULL) {
		ra.opts.n_prefixes = 1;
		ra.opts.prefix[0] = (struct nd_prefix){ .prefix = bed_addr_of(prefix),
							.len = 64,
							.on_link = true,
							.autonomous = true,
							.valid_s = VALID_S,
							.preferred_s = 3600 };
	}
	bed_rx(b, 0, bed_ra(b, router, &ra));
}

static void begin(struct bed *b)
{
	bed_init_down(b, 1);
	bed_up(b, 0);
	bed_run(b, b->now + 5 * NS_PER_S);
	bed_forget(b);
}

/* Down for @s seconds. */
static void away(struct bed *b, unsigned s)
{
	assert_int_equal(node_if_set(b->node, b->ifindex[0], false, b->now), 0);
	bed_run(b, b->now + s * NS_PER_S);
	bed_forget(b);
	bed_mark(b);
	bed_up(b, 0);
}

/* A host that had ADDR by R1 for some seconds, and comes back after ten. */
static void come_back(struct bed *b)
{
	begin(b);
	advertise(b, R1, R1_MAC, PREFIX);
	bed_run(b, b->now + 5 * NS_PER_S);
	assert_int_equal(bed_addr_state(b, 0, ADDR), ADDR_PREFERRED);
	away(b, 10);
}

/* How many probes (section 5.6.1) to @router at @mac were sent, @forget or not. */
static unsigned probes(struct bed *b, const char *router, const char *mac)
{
	struct ip6_addr src = bed_addr_of(LL), dst = bed_addr_of(router);
	struct mac to = bed_mac_of(mac);
	unsigned n = 0;

	for (unsigned i = 0; i < b->n_sent; i++) {
		const struct pkt *pkt = b->sent[i].pkt;
		struct ip6_addr d = ip6_hdr_dst(pkt->p), s = ip6_hdr_src(pkt->p);
		const uint8_t *m = pkt->p + IP6_HDR_OCTETS;

		if (pkt->p[IP6_NEXT_OFF] != IP6_NH_ICMP6 || m[0] != ND_NS || !ip6_eq(&d, &dst) ||
		    memcmp(bed_tx_eth(pkt), to.b, sizeof(to.b)) != 0)
			continue;
		assert_true(ip6_eq(&s, &src));
		assert_int_equal(pkt->p[IP6_HLIM_OFF], 255);
		assert_int_equal(pkt->len, IP6_HDR_OCTETS + 32);
		assert_memory_equal(m + 8, dst.b, IP6_ADDR_OCTETS);
		assert_memory_equal(m + 24, "\1\1\2\0\0\0\0\0", 8);
		n++;
	}
	return n;
}

static unsigned solicitations(const struct bed *b, const char *src)
{
	struct ip6_addr want = bed_addr_of(src);
	unsigned n = 0;

	for (unsigned i = 0; i < b->n_sent; i++) {
		const struct pkt *pkt = b->sent[i].pkt;
		struct ip6_addr s = ip6_hdr_src(pkt->p);

		n += pkt->p[IP6_NEXT_OFF] == IP6_NH_ICMP6 && pkt->p[IP6_HDR_OCTETS] == ND_RS &&
		     ip6_eq(&s, &want);
	}
	return n;
}

static unsigned dad_probes(const struct bed *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < b->n_sent; i++) {
		const struct pkt *pkt = b->sent[i].pkt;
		struct ip6_addr s = ip6_hdr_src(pkt->p);

		n += pkt->p[IP6_NEXT_OFF] == IP6_NH_ICMP6 && pkt->p[IP6_HDR_OCTETS] == ND_NS &&
		     ip6_is_unspec(&s);
	}
	return n;
}

/* An advertisement of @target to us; @tllao NULL: without; from R1_MAC, whatever it says. */
static void answer(struct bed *b, const char *target, const char *tllao, unsigned flags)
{
	uint8_t opt[8] = { ND_OPT_TLLA, 1 };

	if (tllao != NULL)
		memcpy(opt + 2, bed_mac_of(tllao).b, ETH_MAC_OCTETS);
	bed_rx(b, 0,
	       bed_ns(b, ND_NA, (uint8_t)flags, target, LL, target, opt, tllao != NULL ? 8 : 0));
}

static bool has_route(struct bed *b, const char *dst, const char *next_hop)
{
	struct ip6_addr d = bed_addr_of(dst), hop = bed_addr_of(next_hop), found;
	struct iface *ifc;
	uint32_t mtu;

	return ip6_first_hop(&b->node->ip6, &d, &IP6_UNSPEC, 0, &ifc, &found, &mtu) == 0 &&
	       ip6_eq(&found, &hop);
}

static const struct if_addr *link_local_of(struct bed *b)
{
	LIST_FOR_EACH(it, &bed_if(b, 0)->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (ip6_is_linklocal(&a->addr))
			return a;
	}
	ASSERT_NOT_REACHED();
}

static bool has_group(struct bed *b, const char *addr)
{
	struct ip6_addr a = bed_addr_of(addr), g = ip6_solicited_node(&a);

	return if_group_find(bed_if(b, 0), &g) != NULL;
}

#define ROUTER_ANSWERS (NUD_NA_ROUTER | NUD_NA_SOLICITED)

/* Sections 5.5 to 5.8: in the instant of the answer all is as before, and nothing is tested. */
static void test_same_link(void **state)
{
	struct ip6_addr addr = bed_addr_of(ADDR), ll = bed_addr_of(LL), r1 = bed_addr_of(R1);
	const struct if_addr *a;
	const struct neigh *n;
	time_ns up, preferred, valid;
	size_t octets;
	struct bed b;

	(void)state;
	begin(&b);
	preferred = b.now + 3600 * NS_PER_S;
	valid = b.now + VALID_S * NS_PER_S;
	advertise(&b, R1, R1_MAC, PREFIX);
	bed_run(&b, b.now + 5 * NS_PER_S);
	away(&b, 10);
	up = b.now;
	assert_int_equal(bed_addr_state(&b, 0, ADDR), -1);
	assert_int_equal(bed_addr_state(&b, 0, LL), ADDR_TENTATIVE);
	/* 5.5.1, 5.5.3: both at once; 5.6.2: no link-layer address in the one */
	assert_non_null(bed_tx_icmp6(&b, ND_RS, NULL));
	assert_int_equal(bed_msg_when(&b), up);
	octets = bed_msg_pkt(&b)->len - IP6_HDR_OCTETS;
	assert_int_equal(octets, 8);
	assert_int_equal(solicitations(&b, LL), 1);
	assert_int_equal(probes(&b, R1, R1_MAC), 1);
	assert_false(has_route(&b, FAR, R1));
	/* but for the answer it is tentative: RFC 4862 section 5.4 */
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, R1, LL, 1, 8)), DROP_IP6_DST_TENTATIVE);
	assert_int_equal(bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, R1, LL, LL, NULL, 0)),
			 DROP_IP6_DST_TENTATIVE);

	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_PREFERRED);
	assert_int_equal(bed_addr_state(&b, 0, LL), ADDR_PREFERRED);
	a = if_addr_find(bed_if(&b, 0), &addr);
	assert_int_equal(a->preferred_until, preferred);
	assert_int_equal(a->valid_until, valid);
	assert_false(a->no_dad);
	assert_true(has_group(&b, ADDR)); /* 5.8: rejoins */
	assert_true(if_addr_find(bed_if(&b, 0), &ll)->dad_joined);
	assert_true(has_route(&b, FAR, R1));
	assert_true(has_route(&b, "2001:db8:5::9", "2001:db8:5::9"));
	assert_int_equal(bed_if(&b, 0)->conf.link_mtu, 1400);
	assert_int_equal(bed_if(&b, 0)->conf.cur_hop_limit, 50);
	n = neigh_find(&b.node->ip6.neigh, &bed_if(&b, 0)->link, &r1);
	assert_int_equal(n->nud.state, NUD_REACHABLE);
	assert_true(n->is_router);
	/* nothing is tested, the router is probed no more; an advertisement is still wanted */
	bed_run(&b, up + 3 * NS_PER_S);
	assert_int_equal(solicitations(&b, LL), 1); /* 5.5.1: one only */
	bed_run(&b, up + 60 * NS_PER_S);
	assert_int_equal(dad_probes(&b), 0);
	assert_int_equal(probes(&b, R1, R1_MAC), 1);
	assert_int_equal(solicitations(&b, LL), 2);
	bed_done(&b);
}

/* Section 5.7.1: both addresses MUST match. */
static void test_answers(void **state)
{
	static const struct {
		const char *target, *tllao;
		unsigned flags;
		bool here;
	} rows[] = {
		{ R1, R1_MAC, ROUTER_ANSWERS, true },
		{ R1, NULL, ROUTER_ANSWERS, true }, /* the frame says where it is */
		{ R1, OTHER, ROUTER_ANSWERS, false },
		{ R1, R1_MAC, NUD_NA_ROUTER, false }, /* not an answer */
		{ "fe80::200", R1_MAC, ROUTER_ANSWERS, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		come_back(&b);
		answer(&b, rows[i].target, rows[i].tllao, rows[i].flags);
		assert_int_equal(bed_addr_state(&b, 0, ADDR), rows[i].here ? ADDR_PREFERRED : -1);
		assert_int_equal(has_route(&b, FAR, R1), rows[i].here);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* Section 5.11: a link that nobody answers on is like any other. Two retransmissions, no more. */
static void test_other_link(void **state)
{
	struct bed b;
	time_ns up;

	(void)state;
	come_back(&b);
	up = b.now;
	bed_run(&b, up + NS_PER_S - 1);
	assert_int_equal(probes(&b, R1, R1_MAC), 1);
	bed_run(&b, up + NS_PER_S);
	assert_int_equal(probes(&b, R1, R1_MAC), 2);
	bed_run(&b, up + 2 * NS_PER_S);
	assert_int_equal(probes(&b, R1, R1_MAC), 3);
	bed_run(&b, up + 60 * NS_PER_S);
	assert_int_equal(probes(&b, R1, R1_MAC), 3);
	assert_int_equal(dad_probes(&b), 1);
	assert_int_equal(bed_addr_state(&b, 0, LL), ADDR_PREFERRED);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), -1);
	assert_true(solicitations(&b, LL) >= 4); /* and RFC 7559 */
	/* the answer comes too late: the procedure is over */
	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), -1);
	bed_done(&b);
}

/* Two links whose routers have one link-local address: each is probed where it was. */
static void test_two_links(void **state)
{
	struct bed b;

	(void)state;
	come_back(&b);
	advertise(&b, R1, OTHER, PREFIX_2);
	bed_run(&b, b.now + 5 * NS_PER_S);
	assert_int_equal(bed_addr_state(&b, 0, ADDR_2), ADDR_PREFERRED);
	away(&b, 10);
	assert_int_equal(probes(&b, R1, R1_MAC), 1);
	assert_int_equal(probes(&b, R1, OTHER), 1);
	assert_int_equal(solicitations(&b, LL), 1);
	answer(&b, R1, OTHER, ROUTER_ANSWERS);
	assert_int_equal(bed_addr_state(&b, 0, ADDR_2), ADDR_PREFERRED);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), -1);
	bed_run(&b, b.now + 10 * NS_PER_S);
	assert_int_equal(probes(&b, R1, OTHER), 1); /* 5.11: MUST be cancelled */
	assert_int_equal(probes(&b, R1, R1_MAC), 3);
	bed_done(&b);
}

/* Sections 5.5.2 and 5.10: who is no candidate MUST NOT be probed. */
enum unfit { EXPIRED, NOT_MADE, TESTED_STILL, OTHER_SELF, ROUTER, TURNED_OFF, TWO_MISSES, MISSES };

static void unfit(struct bed *b, enum unfit why)
{
	unsigned down_s = 10;

	begin(b);
	if (why == NOT_MADE)
		bed_if(b, 0)->conf.autoconf = false;
	advertise(b, R1, R1_MAC, PREFIX);
	if (why != TESTED_STILL)
		bed_run(b, b->now + 5 * NS_PER_S);
	for (unsigned i = 0; i < 3 && (why == MISSES || (why == TWO_MISSES && i < 2)); i++)
		advertise(b, R1, R1_MAC, NULL);
	if (why == EXPIRED)
		down_s = VALID_S - 5;
	assert_int_equal(node_if_set(b->node, b->ifindex[0], false, b->now), 0);
	if (why == OTHER_SELF)
		bed_if(b, 0)->link.mac.b[5] = 0x77;
	if (why == ROUTER)
		nd_set_forwarding(&b->node->nd, bed_if(b, 0), true);
	if (why == TURNED_OFF)
		bed_if(b, 0)->conf.simple_dna = false;
	away(b, down_s);
}

static void test_unfit(void **state)
{
	(void)state;
	for (unsigned i = EXPIRED; i <= MISSES; i++) {
		struct bed b;

		bed_row(i, MISSES + 1);
		unfit(&b, (enum unfit)i);
		assert_int_equal(probes(&b, R1, R1_MAC), i == TWO_MISSES);
		assert_int_equal(solicitations(&b, LL), i == TWO_MISSES);
		assert_int_equal(nd_if(bed_if(&b, 0))->dna.n, i != EXPIRED && i != MISSES);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* A second before it expires it is a candidate still. */
static void test_last_second(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	advertise(&b, R1, R1_MAC, PREFIX);
	bed_run(&b, b.now + 5 * NS_PER_S);
	away(&b, VALID_S - 6);
	assert_int_equal(probes(&b, R1, R1_MAC), 1);
	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_DEPRECATED);
	assert_false(has_route(&b, FAR, R1)); /* as a router its time is over */
	bed_run(&b, b.now + NS_PER_S);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), -1);
	bed_done(&b);
}

/* Section 5.5.3: at most six, the longest unheard of goes. */
static void test_many(void **state)
{
	char router[16], mac[18];
	struct bed b;

	(void)state;
	begin(&b);
	for (unsigned i = 0; i < DNA_ROUTERS_MAX + 2; i++) {
		snprintf(router, sizeof(router), "fe80::%u", i + 1);
		snprintf(mac, sizeof(mac), "02:00:00:00:03:0%u", i);
		advertise(&b, router, mac, PREFIX);
		bed_run(&b, b.now + NS_PER_S);
		if (i == DNA_ROUTERS_MAX - 1)
			advertise(&b, "fe80::1", "02:00:00:00:03:00", PREFIX);
	}
	bed_run(&b, b.now + 5 * NS_PER_S);
	away(&b, 10);
	for (unsigned i = 0; i < DNA_ROUTERS_MAX + 2; i++) {
		snprintf(router, sizeof(router), "fe80::%u", i + 1);
		snprintf(mac, sizeof(mac), "02:00:00:00:03:0%u", i);
		assert_int_equal(probes(&b, router, mac), i != 1 && i != 2);
	}
	bed_done(&b);
}

/* Section 5.11: no more than once a second; otherwise the link is like a new one. */
static void test_damped(void **state)
{
	struct bed b;
	time_ns up;

	(void)state;
	come_back(&b);
	up = b.now;
	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	bed_run(&b, up + NS_PER_S - 1);
	away(&b, 0);
	assert_int_equal(probes(&b, R1, R1_MAC), 0);
	bed_run(&b, up + NS_PER_S);
	away(&b, 0);
	assert_int_equal(probes(&b, R1, R1_MAC), 1);
	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_PREFERRED);
	bed_done(&b);
}

/* Sections 5.7.2 and 5.7.3.1: the advertisement is the last word. */
static void test_definitive(void **state)
{
	struct bed b;

	(void)state;
	come_back(&b);
	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	advertise(&b, R1, R1_MAC, PREFIX);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_PREFERRED);
	/* from then on it is an address like any other */
	advertise(&b, R1, R1_MAC, NULL);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_PREFERRED);
	bed_done(&b);

	come_back(&b);
	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	advertise(&b, R1, R1_MAC, PREFIX_2);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), -1);
	assert_false(has_route(&b, "2001:db8:5::9", "2001:db8:5::9"));
	assert_int_equal(bed_addr_state(&b, 0, ADDR_2), ADDR_TENTATIVE);
	bed_run(&b, b.now + 3 * NS_PER_S);
	assert_int_equal(dad_probes(&b), 1);
	bed_done(&b);

	/* the advertisement of another router says nothing of this one's prefixes */
	come_back(&b);
	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	advertise(&b, "fe80::200", OTHER, PREFIX_2);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_PREFERRED);
	/* and if it says the same, it vouches for them */
	advertise(&b, "fe80::200", OTHER, PREFIX);
	advertise(&b, R1, R1_MAC, PREFIX_2);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_PREFERRED);
	assert_true(has_route(&b, "2001:db8:5::9", "2001:db8:5::9"));
	bed_done(&b);

	/* it came first: all is tested as on any link, and the answer changes nothing */
	come_back(&b);
	advertise(&b, R1, R1_MAC, PREFIX);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_TENTATIVE);
	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_TENTATIVE);
	bed_run(&b, b.now + 5 * NS_PER_S);
	assert_int_equal(dad_probes(&b), 2);
	assert_int_equal(probes(&b, R1, R1_MAC), 1);
	bed_done(&b);
}

/* Another router of the link advertised before: the test that it caused is called off. */
static void test_called_off(void **state)
{
	struct bed b;

	(void)state;
	come_back(&b);
	advertise(&b, "fe80::200", OTHER, PREFIX);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_TENTATIVE);
	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_PREFERRED);
	bed_run(&b, b.now + 5 * NS_PER_S);
	assert_int_equal(dad_probes(&b), 0);
	bed_done(&b);
}

/* Somebody has our link-local address: whatever was ours is on another link. */
static void test_duplicate(void **state)
{
	struct bed b;

	(void)state;
	come_back(&b);
	bed_rx(&b, 0, bed_ns(&b, ND_NA, NUD_NA_OVERRIDE, LL, "ff02::1", LL, NULL, 0));
	bed_forget(&b);
	bed_run(&b, b.now + 10 * NS_PER_S);
	assert_int_equal(probes(&b, R1, R1_MAC), 0);
	bed_done(&b);
}

/* Where another identifier may be tried (RFC 7217 section 6) it is not disabled, but as silent. */
static void test_duplicate_opaque(void **state)
{
	static const uint8_t secret[ND_IID_SECRET_OCTETS] = "0123456789abcde";
	struct ip6_addr r1 = bed_addr_of(R1);
	char ll[IP6_TEXT_MAX];
	struct bed b;
	time_ns t;

	(void)state;
	bed_init_down(&b, 1);
	nd_set_iid_secret(&b.node->nd, secret);
	bed_up(&b, 0);
	bed_run(&b, b.now + 5 * NS_PER_S);
	advertise(&b, R1, R1_MAC, PREFIX);
	bed_run(&b, b.now + 5 * NS_PER_S);
	assert_int_equal(node_if_set(b.node, b.ifindex[0], false, b.now), 0);
	bed_if(&b, 0)->conf.retrans = 50 * NS_PER_MS; /* the next probe comes before the next try */
	away(&b, 10);
	ip6_text(&link_local_of(&b)->addr, ll);
	bed_rx(&b, 0, bed_ns(&b, ND_NA, NUD_NA_OVERRIDE, ll, "ff02::1", ll, NULL, 0));
	assert_int_equal(bed_addr_state(&b, 0, ll), ADDR_DUPLICATE);
	/* the next one is tried within a second, and has never been on that router's link */
	bed_forget(&b);
	t = b.now;
	bed_run(&b, t + 10 * NS_PER_S);
	for (unsigned i = 0; i < b.n_sent; i++) {
		struct ip6_addr dst = ip6_hdr_dst(b.sent[i].pkt->p);

		assert_false(ip6_eq(&dst, &r1));
	}
	bed_done(&b);
}

/* Appendix A: what was entered by hand is tested, whoever is here. */
static void test_by_hand(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	bed_addr(&b, 0, "2001:db8:5::77/64");
	advertise(&b, R1, R1_MAC, PREFIX);
	bed_run(&b, b.now + 5 * NS_PER_S);
	away(&b, 10);
	answer(&b, R1, R1_MAC, ROUTER_ANSWERS);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_PREFERRED);
	assert_int_equal(bed_addr_state(&b, 0, "2001:db8:5::77"), ADDR_TENTATIVE);
	bed_run(&b, b.now + 5 * NS_PER_S);
	assert_int_equal(dad_probes(&b), 1);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_link),
		BED_ROWS(test_answers),
		cmocka_unit_test(test_other_link),
		cmocka_unit_test(test_two_links),
		BED_ROWS(test_unfit),
		cmocka_unit_test(test_last_second),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_damped),
		cmocka_unit_test(test_definitive),
		cmocka_unit_test(test_called_off),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_duplicate_opaque),
		cmocka_unit_test(test_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
