/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbor Discovery stays on its link, whatever the routes say: RFC 5942 section 1. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
