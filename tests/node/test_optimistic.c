/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Optimistic DAD, RFC 4429: an address that may be used as soon as its first probe is out, and
 * what a node must not do meanwhile.
 */
#include "bed.h"

#define ROUTER	   "fe80::100"
#define PEER	   "2001:db8:5::9"
#define ROUTER_MAC "02:00:00:00:01:00"
#define ADDR	   "2001:db8:5::ff:fe00:0"
#define GROUP	   "ff02::1:ff00:0"
#define SLLA	   "\1\1\2\0\0\0\1\0"

static void advertise(struct bed *b, bool lladdr, const char *prefix)
{
	struct nd_msg ra = { .ra = { .lifetime_s = 1800 }, .opts = { .n_prefixes = 1 } };

	if (lladdr) {
		ra.opts.has = ND_HAS_SLLA;
		ra.opts.slla = bed_mac_of(ROUTER_MAC);
	}
	ra.opts.prefix[0] = (struct nd_prefix){ .prefix = bed_addr_of(prefix),
						.len = 64,
						.on_link = true,
						.autonomous = true,
						.valid_s = 3600,
						.preferred_s = 3600 };
	bed_rx(b, 0, bed_ra(b, ROUTER, &ra));
}

/* A host with a link-local address that hears a router, and probes for ADDR as @optimistic. */
static void begin(struct bed *b, bool optimistic, bool router_known)
{
	bed_init(b, 1);
	bed_if(b, 0)->conf.dad_transmits = 1;
	bed_if(b, 0)->conf.optimistic_dad = optimistic;
	advertise(b, router_known, "2001:db8:5::");
}

static enum addr_state state_of_addr(struct bed *b)
{
	struct ip6_addr a = bed_addr_of(ADDR);
	const struct if_addr *found = if_addr_find(bed_if(b, 0), &a);

	assert_non_null(found);
	return found->state;
}

/* Go on to the moment when the probe leaves; what was sent by then is forgotten. */
static void until_probe(struct bed *b)
{
	while (bed_tx_icmp6(b, ND_NS, NULL) == NULL)
		bed_run(b, node_next(b->node));
	bed_forget(b);
}

/* Section 3.3: who turns it on, and knows the router's link-layer address. */
static void test_when(void **state)
{
	static const struct {
		bool on, router_known;
		enum addr_state after_probe;
	} rows[] = {
		{ true, true, ADDR_OPTIMISTIC },
		{ true, false, ADDR_TENTATIVE },
		{ false, true, ADDR_TENTATIVE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		begin(&b, rows[i].on, rows[i].router_known);
		assert_int_equal(state_of_addr(&b),
				 rows[i].after_probe); /* at once, and probed for */
		assert_int_equal(bed_tx_icmp6(&b, ND_NS, NULL) != NULL,
				 rows[i].after_probe == ADDR_OPTIMISTIC);
		if (rows[i].after_probe != ADDR_OPTIMISTIC)
			until_probe(&b);
		assert_int_equal(state_of_addr(&b), rows[i].after_probe);
		bed_run(&b, b.now + NS_PER_S);
		assert_int_equal(state_of_addr(&b), ADDR_PREFERRED);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* Section 3.3: who asks for it is answered without Override; who tries for it gets it. */
static void test_asked(void **state)
{
	const uint8_t *m;
	size_t octets;
	struct bed b;

	(void)state;
	begin(&b, true, true);
	/* RFC 7527 section 4.2: our own probe comes back */
	assert_non_null(bed_tx_icmp6(&b, ND_NS, NULL));
	assert_int_equal(bed_rx(&b, 0, pkt_copy(&b.pool, bed_msg_pkt(&b))), DROP_ND_OWN_DAD);
	assert_int_equal(state_of_addr(&b), ADDR_OPTIMISTIC);
	bed_forget(&b);
	bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, PEER, GROUP, ADDR, SLLA, 8));
	m = bed_tx_msg(&b, ADDR, PEER, ND_NA, 0, &octets);
	assert_int_equal(m[4], NUD_NA_SOLICITED);
	assert_int_equal(state_of_addr(&b), ADDR_OPTIMISTIC);
	bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, "::", GROUP, ADDR, NULL, 0));
	assert_int_equal(state_of_addr(&b), ADDR_DUPLICATE);
	assert_null(bed_tx_icmp6(&b, ND_NA, NULL));
	bed_done(&b);
}

static void skip_mld(struct bed *b)
{
	while (b->taken < b->n_sent && b->sent[b->taken].pkt->p[IP6_NEXT_OFF] == IP6_NH_HBH)
		b->taken++;
}

/* What leaves the node next, MLD aside, is an echo reply of ADDR's to @dst at this link-layer address. */
static void expect_reply(struct bed *b, const char *dst, const char *mac)
{
	skip_mld(b);
	bed_tx_msg(b, ADDR, dst, ICMP6_ECHO_REPLY, 0, NULL);
	assert_memory_equal(bed_tx_eth(bed_msg_pkt(b)), bed_mac_of(mac).b, ETH_MAC_OCTETS);
}

/* Section 3.2: nobody is solicited for it; the router passes on what is for a neighbour. */
static void test_uses(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, true, true);
	until_probe(&b);
	bed_rx(&b, 0, bed_echo(&b, "2001:db8:77::1", ADDR, 1, 8));
	expect_reply(&b, "2001:db8:77::1", ROUTER_MAC);
	bed_rx(&b, 0, bed_echo(&b, PEER, ADDR, 2, 8));
	expect_reply(&b, PEER, ROUTER_MAC);
	bed_rx(&b, 0, bed_echo(&b, PEER, ADDR, 3, 1900)); /* in fragments, none of them asks */
	for (unsigned i = 0; i < 2; i++) {
		const struct pkt *pkt = bed_tx(&b, NULL, NULL);

		assert_non_null(pkt);
		assert_memory_equal(bed_tx_eth(pkt), bed_mac_of(ROUTER_MAC).b, ETH_MAC_OCTETS);
	}
	skip_mld(&b);
	assert_true(bed_silent(&b));
	/* a neighbour that is known is written to */
	bed_neigh(&b, 0, PEER, "02:00:00:00:09:09");
	bed_rx(&b, 0, bed_echo(&b, PEER, ADDR, 4, 8));
	expect_reply(&b, PEER, "02:00:00:00:09:09");
	bed_done(&b);
}

/* @router: PEER is on the link; its link-layer address is 02:00:00:00:09:09, or not told. */
static enum drop redirect(struct bed *b, const char *router, bool tllao, const char *quoted_src)
{
	struct ip6_addr peer = bed_addr_of(PEER), src = bed_addr_of(quoted_src);
	uint8_t m[40 + 8 + 48] = { ND_REDIRECT };
	size_t n = 40;

	memcpy(m + 8, peer.b, IP6_ADDR_OCTETS);
	memcpy(m + 24, peer.b, IP6_ADDR_OCTETS);
	if (tllao) {
		memcpy(m + n, "\2\1\2\0\0\0\x09\x09", 8);
		n += 8;
	}
	if (!ip6_is_unspec(&src)) {
		m[n] = ND_OPT_REDIRECTED;
		m[n + 1] = 6;
		ip6_put_header(m + n + 8, 0, 0, 0, IP6_NH_NONE, 64, &src, &peer);
		n += 48;
	}
	bed_mark(b);
	return bed_rx(b, 0, bed_icmp6(b, router, ADDR, 255, m, n));
}

/* Section 3.2, "in the hope that the packet will be redirected": and what is believed. */
static void test_redirected(void **state)
{
	static const struct {
		const char *router;
		bool tllao;
		const char *quoted_src;
		enum drop why;
		const char *then; /* where packets go */
	} rows[] = {
		{ ROUTER, true, "::", DROP_NONE, "02:00:00:00:09:09" },
		{ ROUTER, true, ADDR, DROP_NONE, "02:00:00:00:09:09" },
		{ ROUTER, false, ADDR, DROP_NONE, ROUTER_MAC }, /* nobody may be asked yet */
		{ ROUTER, true, "2001:db8:5::1", DROP_ND_REDIRECT_ROUTER, ROUTER_MAC },
		{ "fe80::200", true, ADDR, DROP_ND_REDIRECT_ROUTER, ROUTER_MAC },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		begin(&b, true, true);
		until_probe(&b);
		assert_int_equal(redirect(&b, rows[i].router, rows[i].tllao, rows[i].quoted_src),
				 rows[i].why);
		bed_rx(&b, 0, bed_echo(&b, PEER, ADDR, 1, 8));
		expect_reply(&b, PEER, rows[i].then);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* An address that DAD is over for is the router's redirect's no more: RFC 4861 section 8.1. */
static void test_redirected_late(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, true, true);
	until_probe(&b);
	bed_run(&b, b.now + NS_PER_S);
	assert_int_equal(state_of_addr(&b), ADDR_PREFERRED);
	assert_int_equal(redirect(&b, ROUTER, true, ADDR), DROP_ND_REDIRECT_ROUTER);
	/* nor while another one is optimistic */
	advertise(&b, true, "2001:db8:6::");
	assert_int_equal(b.node->ip6.n_optimistic, 1);
	assert_int_equal(redirect(&b, ROUTER, true, ADDR), DROP_ND_REDIRECT_ROUTER);
	bed_done(&b);
}

static void lose_router(struct bed *b)
{
	struct ip6_addr a = bed_addr_of(ROUTER);
	struct neigh_table *t = &b->node->ip6.neigh;

	neigh_del(t, neigh_find(t, &bed_if(b, 0)->link, &a));
}

/* Section 3.2, "otherwise": without a router, or where none passes it on, it waits for DAD. */
static void test_waits(void **state)
{
	static const char *const peers[] = { PEER, "fe80::9" };
	struct bed b;
	time_ns t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
		begin(&b, true, true);
		until_probe(&b);
		t = b.now;
		if (i == 0)
			lose_router(&b);
		bed_rx(&b, 0, bed_echo(&b, peers[i], ADDR, 1, 8));
		bed_run(&b, t + NS_PER_S - 1);
		skip_mld(&b);
		assert_true(bed_silent(&b));
		bed_run(&b, t + NS_PER_S);
		assert_int_equal(state_of_addr(&b), ADDR_PREFERRED);
		assert_non_null(bed_tx_icmp6(&b, ND_NS, NULL));
		bed_rx(&b, 0,
		       bed_ns(&b, ND_NA, NUD_NA_SOLICITED, peers[i], ADDR, peers[i],
			      "\2\1\2\0\0\0\x09\x09", 8));
		expect_reply(&b, peers[i], "02:00:00:00:09:09");
		bed_done(&b);
	}
}

/* So does an answer to who does not say where it is: no router can pass that on. */
static void test_answer_waits(void **state)
{
	const uint8_t *m;
	struct bed b;
	time_ns t;

	(void)state;
	begin(&b, true, true);
	until_probe(&b);
	t = b.now;
	bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, PEER, ADDR, ADDR, NULL, 0));
	bed_run(&b, t + NS_PER_S - 1);
	skip_mld(&b);
	assert_true(bed_silent(&b));
	bed_run(&b, t + NS_PER_S);
	assert_non_null(bed_tx_icmp6(&b, ND_NS, NULL));
	bed_rx(&b, 0,
	       bed_ns(&b, ND_NA, NUD_NA_SOLICITED, PEER, ADDR, PEER, "\2\1\2\0\0\0\x09\x09", 8));
	m = bed_tx_msg(&b, ADDR, PEER, ND_NA, 0, NULL);
	assert_int_equal(m[4], NUD_NA_SOLICITED);
	bed_done(&b);
}

/* What waits is bounded, and goes with the address. */
static void test_waits_in_vain(void **state)
{
	struct ip6_addr a = bed_addr_of(ADDR);
	struct bed b;

	(void)state;
	for (unsigned gone = 0; gone < 2; gone++) {
		begin(&b, true, true);
		until_probe(&b);
		lose_router(&b);
		bed_mark(&b);
		for (unsigned i = 0; i <= IF_WAIT_MAX; i++)
			bed_rx(&b, 0, bed_echo(&b, PEER, ADDR, (uint16_t)i, 8));
		assert_int_equal(bed_dropped(&b, DROP_IP6_SRC_WAITS), 1);
		if (gone != 0)
			assert_int_equal(nd_addr_del(&b.node->nd, bed_if(&b, 0), &a), 0);
		else
			bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, "::", GROUP, ADDR, NULL, 0));
		assert_int_equal(bed_dropped(&b, DROP_IP6_SRC_GONE), IF_WAIT_MAX);
		assert_int_equal(b.node->ip6.n_optimistic, 0);
		bed_run(&b, b.now + 10 * NS_PER_S);
		assert_null(bed_tx_icmp6(&b, ICMP6_ECHO_REPLY, NULL));
		bed_done(&b);
	}
}

/* Section 3.1: not what somebody typed. */
static void test_by_hand(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, true, true);
	bed_addr(&b, 0, "2001:db8:5::77/64");
	assert_int_equal(bed_addr_state(&b, 0, "2001:db8:5::77"), ADDR_TENTATIVE);
	until_probe(&b);
	assert_int_equal(bed_addr_state(&b, 0, "2001:db8:5::77"), ADDR_TENTATIVE);
	bed_done(&b);
}

/* Section 2.1, RFC 6724 rule 3: another address comes first, whatever the rules after that say. */
static void test_chosen_last(void **state)
{
	struct ip6_addr dst = bed_addr_of(PEER), src;
	struct bed b;

	(void)state;
	begin(&b, true, true);
	assert_int_equal(ip6_source(&b.node->ip6, &dst, 0, &src), 0);
	assert_int_equal(state_of_addr(&b), ADDR_OPTIMISTIC);
	assert_string_equal(ip6_text(&src, (char[IP6_TEXT_MAX]){ 0 }), ADDR);
	bed_if(&b, 0)->conf.dad_transmits = 0;
	bed_addr(&b, 0, "2001:db8:6::1/64");
	assert_int_equal(ip6_source(&b.node->ip6, &dst, 0, &src), 0);
	assert_string_equal(ip6_text(&src, (char[IP6_TEXT_MAX]){ 0 }), "2001:db8:6::1");
	bed_run(&b, b.now + 2 * NS_PER_S);
	assert_int_equal(ip6_source(&b.node->ip6, &dst, 0, &src), 0);
	assert_string_equal(ip6_text(&src, (char[IP6_TEXT_MAX]){ 0 }), ADDR);
	bed_done(&b);
}

/*
 * Section 3.2: an optimistic link-local address. What begins when there is a link-local address begins when it
 * is one for good; until then a solicitation for routers has neither it nor a link-layer address.
 */
static void test_link_local(void **state)
{
	struct nd_msg ra = { .ra = { .lifetime_s = 1800 },
			     .opts = { .has = ND_HAS_SLLA, .slla = bed_mac_of(ROUTER_MAC) } };
	size_t octets;
	time_ns t;
	struct bed b;

	(void)state;
	bed_init_down(&b, 1);
	bed_if(&b, 0)->conf.optimistic_dad = true;
	bed_if(&b, 0)->conf.dad_transmits = 3;
	bed_up(&b, 0);
	bed_rx(&b, 0, bed_ra(&b, ROUTER, &ra));
	until_probe(&b);
	t = b.now;
	assert_int_equal(bed_addr_state(&b, 0, "fe80::ff:fe00:0"), ADDR_OPTIMISTIC);
	nd_set_forwarding(&b.node->nd, bed_if(&b, 0), true);
	nd_set_forwarding(&b.node->nd, bed_if(&b, 0), false);
	bed_run(&b, t + NS_PER_S);
	while (bed_tx_icmp6(&b, ND_RS, NULL) == NULL)
		bed_run(&b, node_next(b.node));
	assert_true(bed_msg_when(&b) < t + NS_PER_S);
	octets = bed_msg_pkt(&b)->len - IP6_HDR_OCTETS;
	assert_int_equal(octets, 8);
	assert_memory_equal(bed_msg_pkt(&b)->p + IP6_SRC_OFF, IP6_UNSPEC.b, IP6_ADDR_OCTETS);
	bed_forget(&b);
	bed_run(&b, t + 3 * NS_PER_S);
	assert_int_equal(bed_addr_state(&b, 0, "fe80::ff:fe00:0"), ADDR_PREFERRED);
	assert_non_null(bed_tx_icmp6(&b, ND_RS, NULL));
	assert_memory_equal(bed_msg_pkt(&b)->p + IP6_SRC_OFF, bed_addr_of("fe80::ff:fe00:0").b,
			    IP6_ADDR_OCTETS);
	bed_done(&b);
}

/* Section 3.3, the end: preferred or deprecated as its lifetime says. */
static void test_deprecated(void **state)
{
	struct ip6_addr a = bed_addr_of(ADDR);
	struct if_addr *found;
	struct bed b;

	(void)state;
	begin(&b, true, true);
	found = if_addr_find(bed_if(&b, 0), &a);
	ip6_addr_lifetime(&b.node->ip6, found, b.now, b.now + 100 * NS_PER_S);
	assert_int_equal(state_of_addr(&b), ADDR_OPTIMISTIC);
	bed_run(&b, b.now + NS_PER_S);
	assert_int_equal(state_of_addr(&b), ADDR_DEPRECATED);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_when),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_uses),
		BED_ROWS(test_redirected),
		cmocka_unit_test(test_redirected_late),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_answer_waits),
		cmocka_unit_test(test_waits_in_vain),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_chosen_last),
		cmocka_unit_test(test_link_local),
		cmocka_unit_test(test_deprecated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
