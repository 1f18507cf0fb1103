/* SPDX-License-Identifier: BSD-3-Clause */
/* When DAD fails: RFC 4862 section 5.4.5. */
#include "nd_pkt.h"

#define OURS	 "2001:db8::1"
#define OUR_LL	 "fe80::ff:fe00:0"
#define PEER_MAC "02:00:00:00:01:00"

static void taken(struct bed *b, const char *addr)
{
	struct nd_msg na = { .type = ND_NA,
			     .target = bed_addr_of(addr),
			     .override = true,
			     .opts = { .has = ND_HAS_TLLA, .tlla = bed_mac_of(PEER_MAC) } };

	nd_rx(b, 0, addr, "ff02::1", &na);
}

static enum addr_state state_of(struct bed *b, const char *addr)
{
	struct ip6_addr a = bed_addr_of(addr);
	const struct if_addr *found = if_addr_find(bed_if(b, 0), &a);

	assert_non_null(found);
	return found->state;
}

/* The address is made of the hardware's: no IP at all there, in, out or through, till it is up anew. */
static void test_link_local(void **state)
{
	struct ip6_addr all = IP6_ALL_NODES, src = bed_addr_of(OURS);
	struct bed b;

	(void)state;
	bed_init_down(&b, 2);
	bed_router(&b, 2);
	bed_up(&b, 0);
	bed_addr(&b, 0, OURS "/64");
	bed_neigh(&b, 0, "2001:db8::100", PEER_MAC);
	bed_up(&b, 1);
	bed_run(&b, b.now + 500 * NS_PER_MS);
	taken(&b, OUR_LL);
	assert_int_equal(state_of(&b, OUR_LL), ADDR_DUPLICATE);
	bed_run(&b, b.now + 60 * NS_PER_S);
	bed_forget(&b);
	assert_int_equal(state_of(&b, OURS), ADDR_TENTATIVE);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, "fe80::100", "ff02::1", 1, 0)),
			 DROP_IF_DISABLED);
	bed_mark(&b);
	ip6_output(&b.node->ip6, ip6_new_packet(&b.node->ip6, &src, &all, IP6_NH_NONE, 1, 0),
		   b.ifindex[0]);
	assert_int_equal(bed_dropped(&b, DROP_IP6_NO_ROUTE), 1);
	bed_rx(&b, 1, bed_echo(&b, "2001:db8:1::100", "2001:db8::100", 1, 0));
	bed_run(&b, b.now + 3600 * NS_PER_S);
	while (bed_tx(&b, NULL, NULL) != NULL)
		assert_int_not_equal(b.sent[b.taken - 1].ifindex, b.ifindex[0]);
	assert_int_equal(node_if_set(b.node, b.ifindex[0], false, b.now), 0);
	bed_up(&b, 0);
	bed_run(&b, b.now + 10 * NS_PER_S);
	assert_int_equal(state_of(&b, OUR_LL), ADDR_PREFERRED);
	assert_int_equal(state_of(&b, OURS), ADDR_PREFERRED);
	bed_done(&b);
}

/* Any other address: that alone. */
static void test_other(void **state)
{
	struct bed b;

	(void)state;
	bed_init_down(&b, 1);
	bed_up(&b, 0);
	bed_run(&b, b.now + 10 * NS_PER_S);
	bed_addr(&b, 0, OURS "/64");
	taken(&b, OURS);
	assert_int_equal(state_of(&b, OURS), ADDR_DUPLICATE);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, "fe80::100", OUR_LL, 1, 0)), DROP_NONE);
	bed_done(&b);
}

/* An autoconfigured address that was refused is shown until its lifetime is over, then tried anew. */
static void test_slaac(void **state)
{
	struct nd_msg ra = { .type = ND_RA,
			     .opts = { .n_prefixes = 1,
				       .prefix = { { .prefix = bed_addr_of("2001:db8::"),
						     .len = 64,
						     .autonomous = true,
						     .preferred_s = 50,
						     .valid_s = 100 } } } };
	struct bed b;

	(void)state;
	bed_init_down(&b, 1);
	bed_up(&b, 0);
	bed_run(&b, b.now + 10 * NS_PER_S);
	nd_rx(&b, 0, "fe80::2", "ff02::1", &ra);
	assert_int_equal(bed_if(&b, 0)->n_addrs, 2);
	taken(&b, "2001:db8::ff:fe00:0");
	assert_int_equal(state_of(&b, "2001:db8::ff:fe00:0"), ADDR_DUPLICATE);
	bed_run(&b, b.now + 100 * NS_PER_S);
	assert_int_equal(bed_if(&b, 0)->n_addrs, 1);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link_local),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_slaac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
