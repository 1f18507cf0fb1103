/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Optimistic DAD, RFC 4429: an address that may be used as soon as its first probe is out, and
 * what a node must not do meanwhile.
 */
#include "bed.h"

#define ROUTER "fe80::100"
#define PEER   "2001:db8:5::9"
#define ADDR   "2001:db8:5::ff:fe00:0"
#define GROUP  "ff02::1:ff00:0"
#define SLLA   "\1\1\2\0\0\0\1\0"

/* A host with a link-local address that hears a router, and probes for ADDR as @optimistic. */
static void begin(struct bed *b, bool optimistic, bool router_known)
{
	struct nd_msg ra = { .ra = { .lifetime_s = 1800 }, .opts = { .n_prefixes = 1 } };
	struct ip6_addr prefix = bed_addr_of("2001:db8:5::");

	bed_init(b, 1);
	bed_if(b, 0)->conf.dad_transmits = 1;
	bed_if(b, 0)->conf.optimistic_dad = optimistic;
	if (router_known) {
		ra.opts.has = ND_HAS_SLLA;
		ra.opts.slla = bed_mac_of("02:00:00:00:01:00");
	}
	ra.opts.prefix[0] = (struct nd_prefix){ .prefix = prefix,
						.len = 64,
						.on_link = true,
						.autonomous = true,
						.valid_s = 3600,
						.preferred_s = 3600 };
	bed_rx(b, 0, bed_ra(b, ROUTER, &ra));
}

static enum addr_state state_of_addr(struct bed *b)
{
	struct ip6_addr a = bed_addr_of(ADDR);
	const struct if_addr *found = if_addr_find(bed_if(b, 0), &a);

	assert_non_null(found);
	return found->state;
}

/* Go on to the moment when the probe leaves; the reports before it are forgotten. */
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
		assert_int_equal(state_of_addr(&b), ADDR_TENTATIVE);
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
	until_probe(&b);
	bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, PEER, GROUP, ADDR, SLLA, 8));
	m = bed_tx_msg(&b, ADDR, PEER, ND_NA, 0, &octets);
	assert_int_equal(m[4], NUD_NA_SOLICITED);
	assert_int_equal(state_of_addr(&b), ADDR_OPTIMISTIC);
	bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, "::", GROUP, ADDR, NULL, 0));
	assert_int_equal(state_of_addr(&b), ADDR_DUPLICATE);
	assert_null(bed_tx_icmp6(&b, ND_NA, NULL));
	bed_done(&b);
}

/* Section 3.2: it answers from the address, but solicits nobody from it. */
static void test_uses(void **state)
{
	const uint8_t *m;
	size_t octets;
	struct bed b;

	(void)state;
	begin(&b, true, true);
	until_probe(&b);
	/* by the router, whose link-layer address is known */
	bed_rx(&b, 0, bed_echo(&b, "2001:db8:77::1", ADDR, 1, 8));
	bed_tx_msg(&b, ADDR, "2001:db8:77::1", ICMP6_ECHO_REPLY, 0, &octets);
	/* to a neighbour that must be asked for first: from the link-local address */
	bed_rx(&b, 0, bed_echo(&b, PEER, ADDR, 2, 8));
	m = bed_tx_msg(&b, "fe80::ff:fe00:0", "ff02::1:ff00:9", ND_NS, 0, &octets);
	assert_int_equal(octets, 32);
	assert_memory_equal(m + 24, "\1\1\2\0\0\0\0\0", 8);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_when),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_uses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
