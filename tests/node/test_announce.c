/* SPDX-License-Identifier: BSD-3-Clause */
/* A host tells routers of a new address: RFC 9131 section 6.1.2. */
#include "nd_pkt.h"

#include "nd/part.h"

#define ROUTER	   "fe80::100"
#define ROUTER_MAC "02:00:00:00:01:00"
#define PREFIX	   "2001:db8::"
#define OURS	   "2001:db8::ff:fe00:0"

/* A host with DAD, up and quiet, which then hears of a prefix. */
static void begin(struct bed *b, bool optimistic, bool announce)
{
	struct nd_msg ra = { .type = ND_RA,
			     .ra = { .lifetime_s = 1800, .retrans = 3 * NS_PER_S },
			     .opts = { .has = ND_HAS_SLLA, .slla = bed_mac_of(ROUTER_MAC) } };

	bed_init_down(b, 1);
	bed_if(b, 0)->conf.announce = announce;
	bed_if(b, 0)->conf.optimistic_dad = optimistic;
	bed_up(b, 0);
	bed_run(b, b->now + 60 * NS_PER_S);
	assert_null(bed_tx_icmp6(b, ND_NA, NULL)); /* of the link-local address */
	bed_quiet(b);
	ra.opts.n_prefixes = 1;
	ra.opts.prefix[0] = (struct nd_prefix){ .prefix = bed_addr_of(PREFIX),
						.len = 64,
						.on_link = true,
						.autonomous = true,
						.valid_s = 86400,
						.preferred_s = 86400 };
	nd_rx(b, 0, ROUTER, "ff02::1", &ra);
}

/* The next advertisement of the node's, to all routers; when it was sent, or 0. */
static time_ns next(struct bed *b)
{
	struct ip6_addr routers = IP6_ALL_ROUTERS, ours = bed_addr_of(OURS), src, dst;
	const struct pkt *pkt;
	const uint8_t *na;
	struct nd_msg m;

	na = bed_tx_icmp6(b, ND_NA, &pkt);
	if (na == NULL)
		return 0;
	src = ip6_hdr_src(pkt->p);
	dst = ip6_hdr_dst(pkt->p);
	assert_true(ip6_eq(&src, &ours) && ip6_eq(&dst, &routers));
	assert_int_equal(nd_parse(rd_of(na, pkt->len - IP6_HDR_OCTETS), &src, &dst,
				  pkt->p[IP6_HLIM_OFF], &m),
			 DROP_NONE);
	assert_true(ip6_eq(&m.target, &ours));
	assert_false(m.override || m.solicited || m.router);
	assert_int_equal(m.opts.has, ND_HAS_TLLA);
	assert_memory_equal(m.opts.tlla.b, b->mac[0].b, ETH_MAC_OCTETS);
	return bed_msg_when(b);
}

/* Three, RetransTimer apart, the first as soon as it is preferred; of no link-local address. */
static void test_preferred(void **state)
{
	struct bed b;
	time_ns t;

	(void)state;
	begin(&b, false, true);
	while (bed_addr_state(&b, 0, OURS) != ADDR_PREFERRED)
		bed_run(&b, node_next(b.node));
	t = b.now;
	bed_run(&b, t + 60 * NS_PER_S);
	assert_int_equal(next(&b), t);
	assert_int_equal(next(&b), t + 3 * NS_PER_S);
	assert_int_equal(next(&b), t + 6 * NS_PER_S);
	assert_int_equal(next(&b), 0);
	bed_done(&b);
}

/* RFC 4429: as soon as it is optimistic, and not again when DAD is over. */
static void test_optimistic(void **state)
{
	struct bed b;
	time_ns t;

	(void)state;
	begin(&b, true, true);
	while (bed_addr_state(&b, 0, OURS) != ADDR_OPTIMISTIC)
		bed_run(&b, node_next(b.node));
	t = b.now;
	bed_run(&b, t + 60 * NS_PER_S);
	assert_int_equal(bed_addr_state(&b, 0, OURS), ADDR_PREFERRED);
	assert_int_equal(next(&b), t);
	assert_int_equal(next(&b), t + 3 * NS_PER_S);
	assert_int_equal(next(&b), t + 6 * NS_PER_S);
	assert_int_equal(next(&b), 0);
	bed_done(&b);
}

/* An address that turns out to be another's is told of no more. */
static void test_duplicate(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, true, true);
	while (bed_addr_state(&b, 0, OURS) != ADDR_OPTIMISTIC)
		bed_run(&b, node_next(b.node));
	bed_run(&b, b.now + NS_PER_S);
	assert_true(next(&b) != 0);
	bed_rx(&b, 0, bed_ns(&b, ND_NA, NUD_NA_OVERRIDE, ROUTER, "ff02::1", OURS, NULL, 0));
	assert_int_equal(bed_addr_state(&b, 0, OURS), ADDR_DUPLICATE);
	bed_run(&b, b.now + 60 * NS_PER_S);
	assert_int_equal(next(&b), 0);
	bed_done(&b);
}

/* Nor one that is gone, nor on a link that is. */
static void test_gone(void **state)
{
	struct ip6_addr a = bed_addr_of(OURS);
	struct bed b;

	(void)state;
	begin(&b, false, true);
	bed_run(&b, b.now + 5 * NS_PER_S);
	assert_true(next(&b) != 0);
	assert_int_equal(nd_addr_del(&b.node->nd, bed_if(&b, 0), &a), 0);
	bed_run(&b, b.now + 60 * NS_PER_S);
	assert_int_equal(next(&b), 0);
	bed_done(&b);
	begin(&b, false, true);
	bed_run(&b, b.now + 5 * NS_PER_S);
	assert_true(next(&b) != 0);
	nd_disable(&b.node->nd, bed_if(&b, 0));
	bed_run(&b, b.now + 60 * NS_PER_S);
	assert_int_equal(next(&b), 0);
	bed_done(&b);
}

/* Routers have nobody to tell, and who was not told to does not. */
static void test_not(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, false, false);
	bed_run(&b, b.now + 60 * NS_PER_S);
	assert_int_equal(bed_addr_state(&b, 0, OURS), ADDR_PREFERRED);
	assert_int_equal(next(&b), 0);
	bed_done(&b);
	bed_init(&b, 1);
	bed_if(&b, 0)->conf.announce = true;
	bed_router(&b, 1);
	bed_addr(&b, 0, "2001:db8::1/64");
	bed_run(&b, b.now + 60 * NS_PER_S);
	assert_int_equal(next(&b), 0);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_preferred), cmocka_unit_test(test_optimistic),
		cmocka_unit_test(test_duplicate), cmocka_unit_test(test_gone),
		cmocka_unit_test(test_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
