/* SPDX-License-Identifier: BSD-3-Clause */
/* What a host takes from routers, and what it gives back when the link goes. */
#include "nd_pkt.h"

#define ROUTER "fe80::2"

static const struct nd_msg ra_usual = { .type = ND_RA, .ra = { .lifetime_s = 1800 } };

static void hear(struct bed *b, const struct nd_msg *m)
{
	nd_rx(b, 0, ROUTER, "ff02::1", m);
}

/* Does a packet to @dst have a first hop? */
static bool goes(struct bed *b, const char *dst)
{
	struct ip6_addr d = bed_addr_of(dst), next_hop;
	struct iface *ifc;
	uint32_t mtu;

	return ip6_first_hop(&b->node->ip6, &d, &IP6_UNSPEC, 0, &ifc, &next_hop, &mtu) == 0;
}

/* An advertiser of ever new prefixes gets ND_LEARNED_MAX routes, and those until they expire. */
static void test_bounded(void **state)
{
	struct nd_msg m = ra_usual;
	uint32_t before;
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	before = fib_count(b.node->ip6.fib);
	m.ra.lifetime_s = 0;
	m.opts.n_prefixes = 1;
	m.opts.prefix[0] = (struct nd_prefix){ .len = 64, .on_link = true, .valid_s = 100 };
	for (unsigned i = 0; i < 10 * ND_LEARNED_MAX; i++) {
		m.opts.prefix[0].prefix = bed_addr_of("2001:db8::");
		put_be16(m.opts.prefix[0].prefix.b + 6, (uint16_t)i);
		hear(&b, &m);
	}
	assert_int_equal(fib_count(b.node->ip6.fib), before + ND_LEARNED_MAX);
	assert_true(goes(&b, "2001:db8:0:3f::1"));
	assert_false(goes(&b, "2001:db8:0:40::1"));
	bed_run(&b, b.now + 100 * NS_PER_S);
	assert_int_equal(fib_count(b.node->ip6.fib), before);
	hear(&b, &m);
	assert_int_equal(fib_count(b.node->ip6.fib), before + 1);
	for (unsigned i = 0; i < 2 * ND_LEARNED_MAX; i++) { /* what is taken back makes room */
		m.opts.prefix[0].valid_s = 0;
		hear(&b, &m);
		assert_int_equal(fib_count(b.node->ip6.fib), before);
		m.opts.prefix[0].valid_s = 100;
		put_be16(m.opts.prefix[0].prefix.b + 6, (uint16_t)i);
		hear(&b, &m);
		assert_int_equal(fib_count(b.node->ip6.fib), before + 1);
	}
	bed_done(&b);
}

/* RFC 4191 section 3.1: a ::/0 option overrides the header; without it the header counts again. */
static const struct {
	int rio_s;	 /* -1: no such option */
	time_ns after_s; /* look then */
	bool goes;
} default_rows[] = {
	{ -1, 0, true },     { -1, 1799, true }, { -1, 1800, false },  { 100, 99, true },
	{ 100, 100, false }, { 0, 0, false },	 { 9000, 1800, true },
};

static void test_default(void **state)
{
	const size_t n = ARRAY_LEN(default_rows);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct nd_msg m = ra_usual;
		struct bed b;

		bed_row(i, n);
		bed_init(&b, 1);
		if (default_rows[i].rio_s >= 0) {
			m.opts.n_routes = 1;
			m.opts.route[0].lifetime_s = (uint32_t)default_rows[i].rio_s;
		}
		hear(&b, &m);
		bed_run(&b, b.now + default_rows[i].after_s * NS_PER_S);
		assert_int_equal(goes(&b, "2001:db8:77::1"), default_rows[i].goes);
		hear(&b, &ra_usual);
		bed_run(&b, b.now + 1799 * NS_PER_S);
		assert_true(goes(&b, "2001:db8:77::1"));
		bed_done(&b);
	}
	bed_row(n, n);
}

/* The parameters of one link are not those of the next, nor a router's. */
static void test_given_back(void **state)
{
	struct nd_msg m = ra_usual;
	struct iface *ifc;
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	ifc = bed_if(&b, 0);
	m.ra.hop_limit = 7;
	m.ra.reachable = 5 * NS_PER_S;
	m.ra.retrans = 2 * NS_PER_S;
	m.opts.has = ND_HAS_MTU;
	m.opts.mtu = 1300;
	hear(&b, &m);
	assert_int_equal(ifc->conf.cur_hop_limit, 7);
	assert_int_equal(ifc->conf.link_mtu, 1300);
	assert_int_equal(ifc->neigh->nud.retrans, 2 * NS_PER_S);
	assert_in_range(ifc->neigh->nud.reachable, 2500 * NS_PER_MS, 7500 * NS_PER_MS);
	nd_set_forwarding(&b.node->nd, ifc, true);
	assert_int_equal(ifc->conf.cur_hop_limit, 64);
	assert_int_equal(ifc->conf.link_mtu, 1500);
	assert_int_equal(ifc->neigh->nud.retrans, NS_PER_S);
	assert_in_range(ifc->neigh->nud.reachable, 15 * NS_PER_S, 45 * NS_PER_S);
	bed_done(&b);
}

/*
 * RFC 4861 section 6.3.7: a host solicits once even if a router was heard before, be it while DAD
 * runs or while the solicitation waits.
 */
static void test_solicits(void **state)
{
	(void)state;
	for (uint8_t dad = 0; dad < 2; dad++) {
		struct bed b;

		bed_init_down(&b, 1);
		bed_if(&b, 0)->conf.dad_transmits = dad;
		bed_up(&b, 0);
		hear(&b, &ra_usual);
		bed_run(&b, b.now + 3 * NS_PER_S);
		assert_non_null(bed_tx_icmp6(&b, ND_RS, NULL));
		assert_null(bed_tx_icmp6(&b, ND_RS, NULL));
		hear(&b, &ra_usual);
		bed_run(&b, b.now + 100 * NS_PER_S);
		assert_null(bed_tx_icmp6(&b, ND_RS, NULL));
		bed_done(&b);
	}
}

/* A prefix route of an interface that is down hides no route that works. */
static void test_down(void **state)
{
	struct bed b;

	(void)state;
	bed_init_down(&b, 2);
	bed_up(&b, 1);
	bed_route(&b, 1, "::/0", ROUTER);
	bed_addr(&b, 0, "2001:db8::1/64");
	assert_true(goes(&b, "2001:db8::2"));
	bed_up(&b, 0);
	assert_true(goes(&b, "2001:db8::2"));
	bed_done(&b);
}

/* LinkMTU set by hand: its bounds, what it does to packets on their way, and to what routers say. */
static void test_mtu_by_hand(void **state)
{
	static const struct {
		uint32_t mtu;
		int rc;
	} rows[] = {
		{ 0, -EINVAL },	   { 1279, -EINVAL },	   { 1280, 0 }, { 1400, 0 }, { 1500, 0 },
		{ 1501, -EINVAL }, { UINT32_MAX, -EINVAL }
	};
	struct nd_msg m = ra_usual;
	struct iface *ifc;
	struct bed b;
	struct nd *nd;

	(void)state;
	bed_init(&b, 1);
	ifc = bed_if(&b, 0);
	nd = &b.node->nd;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t before = ifc->conf.link_mtu;

		assert_int_equal(nd_set_mtu(nd, ifc, rows[i].mtu), rows[i].rc);
		assert_int_equal(ifc->conf.link_mtu, rows[i].rc == 0 ? rows[i].mtu : before);
		assert_int_equal(ifc->link.mtu, 1500);
	}
	assert_int_equal(nd_set_mtu(nd, b.node->ip6.lo, 1400), -EINVAL);
	assert_int_equal(nd_set_mtu(nd, ifc, 1400), 0);
	m.opts.has = ND_HAS_MTU; /* a router says less, and more */
	m.opts.mtu = 1300;
	hear(&b, &m);
	assert_int_equal(ifc->conf.link_mtu, 1300);
	m.opts.mtu = 1450;
	hear(&b, &m);
	assert_int_equal(ifc->conf.link_mtu, 1450);
	assert_int_equal(nd_set_mtu(nd, ifc, 1320), 0); /* the last word counts */
	assert_int_equal(ifc->conf.link_mtu, 1320);
	hear(&b, &m);
	assert_int_equal(ifc->conf.link_mtu, 1450);
	assert_int_equal(node_if_set(b.node, if_index(ifc), false, b.now), 0);
	assert_int_equal(ifc->conf.link_mtu, 1320);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounded),	   BED_ROWS(test_default),
		cmocka_unit_test(test_given_back), cmocka_unit_test(test_solicits),
		cmocka_unit_test(test_down),	   cmocka_unit_test(test_mtu_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
