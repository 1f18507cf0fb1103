/* SPDX-License-Identifier: BSD-3-Clause */
/* ARP over the neighbour cache: RFC 826, RFC 5227 sections 2.3 and 2.4, RFC 1122 section 2.3.2. */
#include "ip4/bed4.h"

#define EVERYBODY "ff:ff:ff:ff:ff:ff"
#define OTHER_MAC "02:00:00:00:01:99"
#define REQUEST	  1
#define REPLY	  2

static int state_of(struct bed *b, const char *addr)
{
	struct ip6_addr a = bed_addr_of(addr);
	const struct neigh *n = neigh_find(&b->node->ip6.neigh, &bed_if(b, 0)->link, &a);

	return n != NULL ? (int)n->nud.state : -1;
}

/* RFC 5227 section 2.3: twice, two seconds apart. */
static void a_new_address_is_announced(void **state)
{
	struct bed b;
	time_ns t;

	(void)state;
	bed_init(&b, 1);
	t = b.now;
	bed_addr(&b, 0, "192.0.2.1/24");
	bed4_tx_arp(&b, REQUEST, EVERYBODY, "192.0.2.1", "192.0.2.1");
	bed_silent_until(&b, t + 2 * NS_PER_S - 1);
	bed_run(&b, t + 2 * NS_PER_S);
	bed4_tx_arp(&b, REQUEST, EVERYBODY, "192.0.2.1", "192.0.2.1");
	bed_silent_until(&b, t + 60 * NS_PER_S);
	bed_done(&b);
}

static void a_request_is_answered_and_learned_from(void **state)
{
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	assert_int_equal(bed4_arp(&b, 0, REQUEST, PEER4_MAC, "192.0.2.2", "192.0.2.1", true), 0);
	bed4_tx_arp(&b, REPLY, PEER4_MAC, "192.0.2.1", "192.0.2.2");
	assert_int_equal(state_of(&b, "192.0.2.2"), NUD_STALE);
	bed_dropped_only(&b, DROP_ARP_DONE, 1);
	bed_done(&b);
}

/* RFC 5227 section 2.1.1: who probes for an address of ours learns that it is taken; we learn nothing. */
static void a_probe_is_answered(void **state)
{
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	assert_int_equal(bed4_arp(&b, 0, REQUEST, PEER4_MAC, "0.0.0.0", "192.0.2.1", true), 0);
	bed4_tx_arp(&b, REPLY, PEER4_MAC, "192.0.2.1", "0.0.0.0");
	assert_int_equal(state_of(&b, "0.0.0.0"), -1);
	bed_done(&b);
}

static void others_are_none_of_our_business(void **state)
{
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	assert_int_equal(bed4_arp(&b, 0, REQUEST, PEER4_MAC, "192.0.2.2", "192.0.2.3", true),
			 DROP_ARP_NOT_OURS);
	assert_int_equal(bed4_arp(&b, 0, REPLY, PEER4_MAC, "192.0.2.2", "192.0.2.1", false),
			 DROP_ARP_NO_ENTRY);
	assert_int_equal(state_of(&b, "192.0.2.2"), -1);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* What waits leaves with the reply; the neighbour is REACHABLE by it. */
static void resolution(void **state)
{
	struct ip4_hdr h;
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	bed4_rx(&b, 0, bed4_echo(&b, "192.0.2.2", "192.0.2.1", 1, 0));
	bed4_tx_arp(&b, REQUEST, EVERYBODY, "192.0.2.1", "192.0.2.2");
	assert_true(bed_silent(&b));
	assert_int_equal(bed4_arp(&b, 0, REPLY, PEER4_MAC, "192.0.2.2", "192.0.2.1", false), 0);
	bed4_tx(&b, "192.0.2.1", "192.0.2.2", &h);
	assert_int_equal(state_of(&b, "192.0.2.2"), NUD_REACHABLE);
	/* a reply to all is no answer to us, but may move him: RFC 826 */
	bed4_arp(&b, 0, REPLY, OTHER_MAC, "192.0.2.2", "192.0.2.2", true);
	assert_int_equal(state_of(&b, "192.0.2.2"), NUD_STALE);
	bed_done(&b);
}

/* RFC 4861 section 7.3.3 on IPv4: five seconds of doubt, three polls a second apart. */
static void a_silent_neighbour_is_polled(void **state)
{
	struct bed b;
	time_ns t;

	(void)state;
	bed4_init(&b, 1);
	bed4_arp(&b, 0, REQUEST, PEER4_MAC, "192.0.2.2", "192.0.2.1", true);
	bed4_rx(&b, 0, bed4_echo(&b, "192.0.2.2", "192.0.2.1", 1, 0));
	bed_forget(&b);
	t = b.now + 5 * NS_PER_S;
	bed_silent_until(&b, t - 1);
	for (unsigned i = 0; i < 3; i++) {
		bed_run(&b, t + i * NS_PER_S);
		bed4_tx_arp(&b, REQUEST, PEER4_MAC, "192.0.2.1", "192.0.2.2");
	}
	bed_done(&b);
}

/* RFC 1122 section 3.3.1.1 and 3.2.2.1: who does not answer at all costs the sender an error. */
static void nobody_there(void **state)
{
	struct bed b;
	time_ns t;

	(void)state;
	bed4_init(&b, 2);
	bed_if(&b, 1)->conf.forwarding4 = true;
	bed_neigh(&b, 1, "198.51.100.2", PEER4_MAC);
	t = b.now;
	bed4_rx(&b, 1, bed4_echo(&b, "198.51.100.2", "192.0.2.77", 1, 0));
	for (unsigned i = 0; i < 3; i++) {
		bed_run(&b, t + i * NS_PER_S);
		bed4_tx_arp(&b, REQUEST, EVERYBODY, "192.0.2.1", "192.0.2.77");
	}
	bed_run(&b, t + 3 * NS_PER_S);
	bed4_tx_icmp(&b, "198.51.100.1", "198.51.100.2", ICMP4_UNREACH, ICMP4_UNREACH_HOST, NULL);
	assert_int_equal(bed_dropped(&b, DROP_NEIGH_UNREACH), 1);
	bed_done(&b);
}

/* RFC 5227 section 2.4 (b): once in ten seconds. */
static void a_conflict_is_defended_against(void **state)
{
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	assert_int_equal(bed4_arp(&b, 0, REQUEST, OTHER_MAC, "192.0.2.1", "192.0.2.9", true),
			 DROP_ARP_CONFLICT);
	bed4_tx_arp(&b, REQUEST, EVERYBODY, "192.0.2.1", "192.0.2.1");
	bed4_arp(&b, 0, REPLY, OTHER_MAC, "192.0.2.1", "192.0.2.9", true);
	bed_silent_until(&b, b.now + 10 * NS_PER_S);
	bed4_arp(&b, 0, REQUEST, OTHER_MAC, "192.0.2.1", "192.0.2.1", true);
	bed4_tx_arp(&b, REQUEST, EVERYBODY, "192.0.2.1", "192.0.2.1");
	assert_int_equal(bed_dropped(&b, DROP_ARP_CONFLICT), 3);
	bed_done(&b);
}

/* One octet of the message changed. */
static void malformed(void **state)
{
	static const struct {
		unsigned len, at;
		uint8_t value;
		enum drop why;
	} rows[] = {
		{ 27, 0, 0, DROP_ARP_SHORT },	  { 28, 1, 6, DROP_ARP_FORMAT },
		{ 28, 2, 0x86, DROP_ARP_FORMAT }, { 28, 4, 8, DROP_ARP_FORMAT },
		{ 28, 5, 16, DROP_ARP_FORMAT },	  { 28, 7, 3, DROP_ARP_FORMAT },
		{ 28, 7, 0, DROP_ARP_FORMAT },	  { 28, 8, 1, DROP_ARP_SENDER },
		{ 28, 14, 224, DROP_ARP_SENDER }, { 28, 14, 127, DROP_ARP_SENDER },
	};
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t m[ARP_OCTETS] = { 0,   1, 8, 0, 6, 4, 0, 1, 2, 0, 0,   0, 1, 0,
					  192, 0, 2, 2, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1 };
		struct mac from = bed_mac_of(PEER4_MAC), to = bed_mac_of(EVERYBODY);
		struct pkt *pkt = pkt_new(&b.pool, ARP_OCTETS);

		bed_row(i, ARRAY_LEN(rows));
		m[rows[i].at] = rows[i].value;
		memcpy(pkt_put(pkt, rows[i].len), m, rows[i].len);
		link_header(pkt, &to, &from, ETH_TYPE_ARP);
		assert_int_equal(bed_rx_frame(&b, 0, pkt), rows[i].why);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	assert_true(bed_silent(&b));
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_address_is_announced),
		cmocka_unit_test(a_request_is_answered_and_learned_from),
		cmocka_unit_test(a_probe_is_answered),
		cmocka_unit_test(others_are_none_of_our_business),
		cmocka_unit_test(resolution),
		cmocka_unit_test(a_silent_neighbour_is_polled),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(a_conflict_is_defended_against),
		BED_ROWS(malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
