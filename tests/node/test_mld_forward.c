/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets of groups go to where listeners are (RFC 3810 section 7.3), by way of the whole node; and
 * a node's own listeners get what their filters say (section 4.2).
 */
#include "bed.h"

#include "base/csum.h"

#define ALERT	"\x3a\x00\x05\x02\x00\x00\x01\x00"
#define GROUP	"ff1e::1:2"
#define PEER	"2001:db8::100"
#define OTHER	"2001:db8::200"
#define UNKNOWN 253

static void begin(struct bed *b)
{
	struct mld_router_conf conf = MLD_ROUTER_DEFAULT;

	bed_init(b, 3);
	bed_router(b, 3);
	bed_addr(b, 0, "2001:db8::1/64");
	bed_addr(b, 1, "2001:db8:1::1/64");
	bed_addr(b, 2, "2001:db8:2::1/64");
	conf.on = true;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(mld_set_router(&b->node->mld, bed_if(b, i), &conf), 0);
	bed_quiet(b);
}

/* A record of one source, or without any, in a report on @link. */
static void says(struct bed *b, unsigned link, uint8_t type, const char *group, const char *source)
{
	struct ip6_addr s = bed_addr_of("fe80::100"), d = bed_addr_of("ff02::16");
	struct ip6_addr g = bed_addr_of(group), from;
	uint8_t m[8 + 20 + 16] = { ICMP6_MLD2_REPORT, [7] = 1, [8] = type };
	size_t n = source != NULL ? sizeof(m) : sizeof(m) - 16;
	struct pkt *pkt;

	memcpy(m + 12, g.b, 16);
	if (source != NULL) {
		from = bed_addr_of(source);
		memcpy(m + 28, from.b, 16);
		m[11] = 1;
	}
	put_be16(m + 2, csum_upper(&s, &d, m, (uint32_t)n, IP6_NH_ICMP6));
	pkt = bed_ext(b, "fe80::100", "ff02::16", IP6_NH_HBH, ALERT, 8, IP6_NH_ICMP6, m, n);
	pkt->p[IP6_HLIM_OFF] = 1;
	bed_rx(b, link, pkt);
	bed_forget(b); /* queries */
	bed_mark(b);
}

/* One packet: the links that it leaves by, as bits. */
static unsigned goes(struct bed *b, unsigned link, const char *src, const char *group,
		     enum drop why)
{
	unsigned on = 0;
	uint32_t ifindex;

	bed_mark(b);
	bed_rx(b, link, bed_packet(b, src, group, UNKNOWN, 64, "x", 1));
	while (bed_tx(b, &ifindex, NULL) != NULL)
		for (unsigned i = 0; i < 3; i++)
			on |= (ifindex == b->ifindex[i] ? 1u : 0) << i;
	bed_dropped_only(b, why, why != DROP_NONE);
	return on;
}

static void test_listeners(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	assert_int_equal(goes(&b, 0, PEER, GROUP, DROP_MROUTE_NO_OIF), 0);
	says(&b, 1, 2, GROUP, OTHER); /* IS_EX */
	assert_int_equal(goes(&b, 0, PEER, GROUP, DROP_NONE), 1 << 1);
	assert_int_equal(goes(&b, 0, OTHER, GROUP, DROP_MROUTE_NO_OIF), 0);
	says(&b, 2, 1, GROUP, OTHER); /* IS_IN */
	assert_int_equal(goes(&b, 0, PEER, GROUP, DROP_NONE), 1 << 1);
	assert_int_equal(goes(&b, 0, OTHER, GROUP, DROP_NONE), 1 << 2);
	says(&b, 2, 2, GROUP, NULL);
	assert_int_equal(goes(&b, 0, PEER, GROUP, DROP_NONE), 1 << 1 | 1 << 2);
	/* nobody listens where it comes from, other than those who have it already */
	assert_int_equal(goes(&b, 1, "2001:db8:1::100", GROUP, DROP_NONE), 1 << 2);
	assert_int_equal(goes(&b, 0, PEER, "ff1e::9", DROP_MROUTE_NO_OIF), 0);
	bed_done(&b);
}

/* RFC 4291 section 2.7, RFC 4007 section 9; and packets that would go round in circles. */
static void test_held_back(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	says(&b, 1, 2, GROUP, NULL);
	says(&b, 1, 2, "ff02::9", NULL);
	assert_int_equal(goes(&b, 0, PEER, "ff02::9", DROP_IP6_MCAST_NOT_JOINED), 0);
	assert_int_equal(goes(&b, 0, "fe80::100", GROUP, DROP_IP6_SCOPE), 0);
	assert_int_equal(goes(&b, 2, PEER, GROUP, DROP_MROUTE_WRONG_IF), 0);
	assert_int_equal(goes(&b, 0, "2001:db8:9::1", GROUP, DROP_MROUTE_NO_OIF), 0);
	/* who comes by a wrong link does not keep the others out */
	assert_int_equal(goes(&b, 0, PEER, GROUP, DROP_NONE), 1 << 1);
	assert_int_equal(goes(&b, 2, PEER, GROUP, DROP_MROUTE_WRONG_IF), 0);
	bed_done(&b);
}

/* What nobody here listens to is dropped, but for MLD's own messages. */
static void test_filter(void **state)
{
	struct ip6_addr group = bed_addr_of("ff05::7"), other = bed_addr_of(OTHER);
	struct ip6_addr router = bed_addr_of("fe80::100");
	uint8_t query[28] = { ICMP6_MLD_QUERY, [24] = 2, [25] = 125 };
	const struct pkt *pkt;
	struct pkt *in;
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	bed_addr(&b, 0, "2001:db8::1/64");
	assert_int_equal(mld_listen(&b.node->mld, bed_if(&b, 0), &b, &group, false, &other, 1), 0);
	bed_quiet(&b);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, "ff05::7", 1, 8)), DROP_IP6_MCAST_SOURCE);
	bed_silent_until(&b, b.now + NS_PER_S);
	bed_rx(&b, 0, bed_echo(&b, OTHER, "ff05::7", 1, 8));
	bed_dropped_only(&b, DROP_IP6_MCAST_SOURCE, 1);
	bed_quiet(&b);
	memcpy(query + 8, group.b, 16);
	put_be16(query + 2, csum_upper(&router, &group, query, sizeof(query), IP6_NH_ICMP6));
	in = bed_ext(&b, "fe80::100", "ff05::7", IP6_NH_HBH, ALERT, 8, IP6_NH_ICMP6, query,
		     sizeof(query));
	in->p[IP6_HLIM_OFF] = 1;
	bed_rx(&b, 0, in);
	bed_run(&b, b.now + 1);
	pkt = bed_tx(&b, NULL, NULL);
	assert_non_null(pkt);
	assert_int_equal(pkt->p[IP6_HDR_OCTETS + 8], ICMP6_MLD2_REPORT);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_held_back),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
