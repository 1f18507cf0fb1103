/* SPDX-License-Identifier: BSD-3-Clause */
/* Anycast addresses of a router: RFC 4291 section 2.6.1, RFC 4861 section 7.2.7. */
#include "nd_pkt.h"

#include <stdio.h>

#define PEER_MAC "02:00:00:00:01:00"

static bool has(struct bed *b, const char *addr)
{
	struct ip6_addr a = bed_addr_of(addr);

	return if_addr_find(bed_if(b, 0), &a) != NULL;
}

static void del(struct bed *b, const char *addr)
{
	struct ip6_addr a = bed_addr_of(addr);

	assert_int_equal(nd_addr_del(&b->node->nd, bed_if(b, 0), &a), 0);
	node_settle(b->node, b->now);
}

/* The anycast address of a prefix goes with the last address that has it. */
static void test_goes(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	bed_router(&b, 1);
	bed_addr(&b, 0, "2001:db8::1/64");
	bed_addr(&b, 0, "2001:db8::2/64");
	bed_addr(&b, 0, "2001:db8::3/48"); /* 2001:db8:: is its anycast address, too */
	assert_true(has(&b, "2001:db8::"));
	del(&b, "2001:db8::1");
	del(&b, "2001:db8::2");
	assert_true(has(&b, "2001:db8::"));
	del(&b, "2001:db8::3");
	assert_false(has(&b, "2001:db8::"));
	assert_int_equal(bed_if(&b, 0)->n_addrs, 1);
	bed_done(&b);
}

/* fe80:: needs no DAD, but it is no source: nothing may come from it while fe80::1 is tentative. */
static void test_not_link_local(void **state)
{
	struct nd_adv adv = ND_ADV_DEFAULT;
	struct ip6_addr src;
	struct bed b;

	(void)state;
	bed_init_down(&b, 1);
	bed_router(&b, 1);
	adv.send = true;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	bed_addr(&b, 0, "fe80::1/64");
	bed_up(&b, 0);
	assert_null(if_link_local(bed_if(&b, 0)));
	bed_run(&b, b.now + 3 * NS_PER_S);
	assert_non_null(if_link_local(bed_if(&b, 0)));
	assert_non_null(bed_tx_icmp6(&b, ND_RA, NULL));
	src = ip6_hdr_src(bed_msg_pkt(&b)->p);
	assert_true(ip6_eq(&src, &(struct ip6_addr){ { 0xfe, 0x80, [15] = 1 } }));
	bed_done(&b);
}

static void ask(struct bed *b, const char *from)
{
	struct nd_msg ns = { .type = ND_NS,
			     .target = bed_addr_of("2001:db8::"),
			     .opts = { .has = ND_HAS_SLLA, .slla = bed_mac_of(PEER_MAC) } };

	nd_rx(b, 0, from, "ff02::1:ff00:0", &ns);
}

/* Answered within MAX_ANYCAST_DELAY_TIME, once, without Override, from an address of its own. */
static void test_delay(void **state)
{
	const uint8_t *na;
	struct bed b;
	time_ns at;

	(void)state;
	bed_init(&b, 1);
	bed_router(&b, 1);
	bed_addr(&b, 0, "2001:db8::1/64");
	bed_quiet(&b);
	at = b.now;
	ask(&b, "2001:db8::100");
	ask(&b, "2001:db8::100");
	assert_true(bed_silent(&b));
	bed_run(&b, at + NS_PER_S);
	na = bed_tx_msg(&b, "fe80::ff:fe00:0", "2001:db8::100", ND_NA, 0, NULL);
	assert_int_equal(na[4], NUD_NA_ROUTER | NUD_NA_SOLICITED);
	assert_true(bed_msg_when(&b) > at);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* Who is one too many is answered at once; an interface that goes takes what waits with it. */
static void test_many(void **state)
{
	char from[IP6_TEXT_MAX];
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	bed_router(&b, 1);
	bed_addr(&b, 0, "2001:db8::1/64");
	bed_quiet(&b);
	for (unsigned i = 0; i < ND_LATE_MAX; i++) {
		snprintf(from, sizeof(from), "2001:db8::1:%x", i);
		ask(&b, from);
	}
	assert_true(bed_silent(&b));
	ask(&b, "2001:db8::2:1");
	bed_tx_msg(&b, NULL, "2001:db8::2:1", ND_NA, 0, NULL);
	assert_int_equal(node_if_del(b.node, b.ifindex[0]), 0);
	assert_null(bed_tx_icmp6(&b, ND_NA, NULL));
	bed_run(&b, b.now + 2 * NS_PER_S);
	assert_null(bed_tx_icmp6(&b, ND_NA, NULL));
	bed_done(&b);
}

/* RFC 4291 section 2.8: a router is in both groups of all routers. */
static void test_all_routers(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	bed_router(&b, 1);
	assert_non_null(if_group_find(bed_if(&b, 0), &IP6_ALL_ROUTERS));
	assert_non_null(if_group_find(bed_if(&b, 0), &IP6_ALL_ROUTERS_SITE));
	nd_set_forwarding(&b.node->nd, bed_if(&b, 0), false);
	assert_null(if_group_find(bed_if(&b, 0), &IP6_ALL_ROUTERS));
	assert_null(if_group_find(bed_if(&b, 0), &IP6_ALL_ROUTERS_SITE));
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes),	    cmocka_unit_test(test_not_link_local),
		cmocka_unit_test(test_delay),	    cmocka_unit_test(test_many),
		cmocka_unit_test(test_all_routers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
