/* SPDX-License-Identifier: BSD-3-Clause */
/* Echo requests of the node's own: what their owner is told. */
#include "nd_pkt.h"

struct told {
	unsigned n[PING_EVENT_DONE + 1];
};

static void tell(void *ctx, const struct ping_result *r)
{
	((struct told *)ctx)->n[r->event]++;
}

/* Requests to a group: all members answer the first, nobody the others. */
static void test_group(void **state)
{
	struct told told = { { 0 } };
	struct ping_conf conf = { .dst = bed_addr_of("ff02::1"),
				  .count = 66, /* more than are remembered at a time */
				  .interval = NS_PER_S,
				  .timeout = 500 * NS_PER_MS,
				  .hop_limit = 1,
				  .fn = tell,
				  .ctx = &told };
	static const char *const members[] = { "fe80::100", "fe80::101", "fe80::102" };
	const uint8_t *m;
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	conf.oif = b.ifindex[0];
	assert_int_equal(ping_start(&b.node->pings, &conf, NULL), 0);
	bed_run(&b, b.now);
	m = bed_tx_msg(&b, "fe80::ff:fe00:0", "ff02::1", ICMP6_ECHO_REQUEST, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		uint8_t reply[8];

		memcpy(reply, m, sizeof(reply));
		reply[0] = ICMP6_ECHO_REPLY;
		bed_rx(&b, 0,
		       bed_icmp6(&b, members[i], "fe80::ff:fe00:0", 64, reply, sizeof(reply)));
	}
	bed_run(&b, b.now + 70 * NS_PER_S);
	assert_int_equal(told.n[PING_EVENT_REPLY], 3);
	assert_int_equal(told.n[PING_EVENT_TIMEOUT], 65);
	assert_int_equal(told.n[PING_EVENT_DONE], 1);
	bed_done(&b);
}

/* RFC 4291 section 2.7: interface-local groups stay in the node, of scope 0 there are none. */
static void test_small_scopes(void **state)
{
	static const char *const groups[] = { "ff01::1", "ff11::1:2", "ff00::1", "ff10::1:2" };
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	bed_quiet(&b);
	for (unsigned i = 0; i < ARRAY_LEN(groups); i++) {
		struct ping_conf conf = { .dst = bed_addr_of(groups[i]),
					  .oif = b.ifindex[0],
					  .count = 1,
					  .interval = NS_PER_S,
					  .timeout = NS_PER_S,
					  .hop_limit = -1 };

		(void)ping_start(&b.node->pings, &conf, NULL);
		bed_run(&b, b.now);
		bed_dropped_only(&b, DROP_IP6_DST_MCAST_SCOPE, i + 1);
	}
	bed_silent_until(&b, b.now + 10 * NS_PER_S);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_small_scopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
