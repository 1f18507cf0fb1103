/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 5942: Neighbor Discovery stays on its link, whatever the routes say (section 1), and what is on
 * the link is so because somebody said it (section 4).
 */
#include "nd_pkt.h"

#define OURS	 "2001:db8::1"
#define PEER_MAC "02:00:00:00:01:00"

struct row {
	const char *route; /* by a router on link 0; NULL: none */
	const char *from;  /* who solicits OURS on link 0 */
};

static const struct row rows[] = {
	{ NULL, "fe80::100" },
	{ NULL, "2001:db8::100" }, /* our address is a /128: no prefix is on link */
	{ "::/0", "2001:db8::100" },
	{ "2001:db8::/64", "2001:db8::100" },
	{ "::/0", "2001:db8:77::100" },
};

/* Section 7.2.4: the answer goes to whom asked, in one frame, with a hop limit of 255. */
static void test_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nd_msg ns = { .type = ND_NS,
				     .target = bed_addr_of(OURS),
				     .opts = { .has = ND_HAS_SLLA, .slla = bed_mac_of(PEER_MAC) } };
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		bed_init(&b, 2);
		bed_addr(&b, 0, OURS "/128");
		bed_neigh(&b, 0, "fe80::2", "02:00:00:00:02:00");
		if (rows[i].route != NULL)
			bed_route(&b, 0, rows[i].route, "fe80::2");
		bed_quiet(&b);
		nd_rx(&b, 0, rows[i].from, "ff02::1:ff00:1", &ns);
		bed_tx_msg(&b, OURS, rows[i].from, ND_NA, 0, NULL);
		assert_memory_equal(bed_tx_eth(bed_msg_pkt(&b)), bed_mac_of(PEER_MAC).b,
				    ETH_MAC_OCTETS);
		assert_true(bed_silent(&b));
		bed_done(&b);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
}

/*
 * RFC 5942 section 4: what is on the link, and what is not, whatever addresses the node has and
 * whoever it heard of. GATEWAY is its default router, if it has one.
 */
#define GATEWAY	    "fe80::2"
#define GATEWAY_MAC "02:00:00:00:02:00"
#define PEER	    "2001:db8:5::9"
#define FAR	    "2001:db8:77::1"

/* Where a packet to @dst goes: 'D' there, 'G' to GATEWAY, '-' nowhere. */
static char goes(struct bed *b, const char *dst)
{
	struct ip6_addr d = bed_addr_of(dst), hop, gateway = bed_addr_of(GATEWAY);
	struct iface *ifc;
	uint32_t mtu;

	if (ip6_first_hop(&b->node->ip6, &d, &IP6_UNSPEC, 0, &ifc, &hop, &mtu) < 0)
		return '-';
	return ip6_eq(&hop, &d) ? 'D' : ip6_eq(&hop, &gateway) ? 'G' : '?';
}

static void advertise(struct bed *b, uint16_t router_s, const char *prefix, uint8_t len,
		      bool on_link, uint32_t valid_s)
{
	struct nd_msg ra = {
		.ra = { .lifetime_s = router_s },
		.opts = { .has = ND_HAS_SLLA, .slla = bed_mac_of(GATEWAY_MAC), .n_prefixes = 1 }
	};
	struct ip6_addr a = bed_addr_of(prefix);

	ra.opts.prefix[0] = (struct nd_prefix){ .prefix = ip6_prefix(&a, len),
						.len = len,
						.on_link = on_link,
						.autonomous = true,
						.valid_s = valid_s,
						.preferred_s = valid_s };
	bed_rx(b, 0, bed_ra(b, GATEWAY, &ra));
}

/* Rule 1: an address makes no prefix on link; only who says the length says that (section 5). */
static void test_addresses(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	advertise(&b, 9000, "2001:db8:5::", 64, false, 9000);
	assert_int_equal(bed_addr_state(&b, 0, "2001:db8:5::ff:fe00:0"), ADDR_PREFERRED);
	assert_int_equal(goes(&b, PEER), 'G');
	bed_addr(&b, 0, "2001:db8:5::77/128");
	assert_int_equal(goes(&b, PEER), 'G');
	bed_addr(&b, 0, "2001:db8:5::78/64");
	assert_int_equal(goes(&b, PEER), 'D');
	bed_done(&b);

	bed_init(&b, 1);
	bed_if(&b, 0)->conf.temp_addrs = true;
	advertise(&b, 0, "2001:db8:5::", 64, false, 9000);
	assert_int_equal(bed_if(&b, 0)->n_addrs, 3);
	assert_int_equal(goes(&b, PEER), '-');
	bed_done(&b);
}

/* Rules 2 and 3: at the end of its lifetime a prefix is off the link, unless another covers it. */
static void test_expires(void **state)
{
	struct bed b;
	time_ns t;

	(void)state;
	bed_init(&b, 1);
	t = b.now;
	advertise(&b, 9000, "2001:db8:5::", 64, true, 100);
	advertise(&b, 9000, "2001:db8::", 32, true, 200);
	assert_int_equal(goes(&b, PEER), 'D');
	bed_run(&b, t + 100 * NS_PER_S);
	assert_int_equal(goes(&b, PEER), 'D');
	bed_run(&b, t + 200 * NS_PER_S - 1);
	assert_int_equal(goes(&b, PEER), 'D');
	bed_run(&b, t + 200 * NS_PER_S);
	assert_int_equal(goes(&b, PEER), 'G');
	bed_run(&b, t + 9000 * NS_PER_S);
	assert_int_equal(goes(&b, PEER), '-');
	bed_done(&b);

	/* two hours more for the address, RFC 4862 section 5.5.3; none for the prefix */
	bed_init(&b, 1);
	advertise(&b, 9000, "2001:db8:5::", 64, true, 9000);
	advertise(&b, 9000, "2001:db8:5::", 64, true, 0);
	assert_int_equal(goes(&b, PEER), 'G');
	assert_true(bed_addr_state(&b, 0, "2001:db8:5::ff:fe00:0") >= 0);
	bed_done(&b);
}

/* Rule 4: without routers nothing is on the link, nor asked for there; who sends is told. */
static void test_no_router(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	bed_addr(&b, 0, OURS "/128");
	bed_quiet(&b);
	assert_int_equal(goes(&b, FAR), '-');
	assert_int_equal(goes(&b, "2001:db8::2"), '-');
	assert_int_equal(goes(&b, "fe80::9"), 'D');
	assert_int_equal(ip6_output(&b.node->ip6, bed_echo(&b, OURS, FAR, 1, 8), 0), -ENETUNREACH);
	bed_dropped_only(&b, DROP_IP6_NO_ROUTE, 1);
	bed_run(&b, b.now + 10 * NS_PER_S);
	assert_true(bed_silent(&b));
	/* a prefix that is on link makes only itself so */
	advertise(&b, 0, "2001:db8:5::", 64, true, 9000);
	assert_int_equal(goes(&b, PEER), 'D');
	assert_int_equal(goes(&b, FAR), '-');
	bed_done(&b);
}

/*
 * Section 3 point 3: hearing of an address by Neighbor Discovery fills the neighbour cache and no
 * more, on a host and on a router.
 */
static void test_heard_of(void **state)
{
	struct ip6_addr far = bed_addr_of(FAR);

	(void)state;
	for (unsigned router = 0; router < 2; router++) {
		for (unsigned type = ND_RS; type <= ND_NA; type++) {
			struct nd_msg m = { .type = (enum nd_type)type,
					    .target = bed_addr_of(type == ND_NA ? FAR : OURS),
					    .override = true,
					    .opts = { .has = type == ND_NA ? ND_HAS_TLLA
									   : ND_HAS_SLLA,
						      .slla = bed_mac_of(PEER_MAC),
						      .tlla = bed_mac_of(PEER_MAC) } };
			struct bed b;

			if (type == ND_RA)
				continue; /* only from link-local addresses */
			bed_init(&b, 1);
			if (router != 0)
				bed_router(&b, 1);
			bed_addr(&b, 0, OURS "/128");
			assert_int_equal(goes(&b, FAR), '-');
			nd_rx(&b, 0, FAR,
			      type == ND_NS ? "ff02::1:ff00:1"
					    : (type == ND_RS ? "ff02::2" : "ff02::1"),
			      &m);
			if (type == ND_NS || router != 0)
				assert_non_null(
					neigh_find(&b.node->ip6.neigh, &bed_if(&b, 0)->link, &far));
			assert_int_equal(goes(&b, FAR), '-');
			bed_route(&b, 0, "::/0", GATEWAY);
			assert_int_equal(goes(&b, FAR), 'G');
			bed_done(&b);
		}
	}
}

/* Section 3 point 5: what is heard on one link concerns that link. */
static void test_two_links(void **state)
{
	struct nd_msg ns = { .type = ND_NS,
			     .target = bed_addr_of(OURS),
			     .opts = { .has = ND_HAS_SLLA, .slla = bed_mac_of(PEER_MAC) } };
	struct bed b;

	(void)state;
	bed_init(&b, 2);
	bed_addr(&b, 0, OURS "/128");
	bed_quiet(&b);
	nd_rx(&b, 1, "fe80::100", "ff02::1:ff00:1", &ns);
	bed_run(&b, b.now + 3 * NS_PER_S);
	assert_true(bed_silent(&b));
	nd_rx(&b, 0, "fe80::100", "ff02::1:ff00:1", &ns);
	bed_tx_msg(&b, OURS, "fe80::100", ND_NA, 0, NULL);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_answer),		 cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_expires),	 cmocka_unit_test(test_no_router),
		cmocka_unit_test(test_heard_of), cmocka_unit_test(test_two_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
