/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Proxy Neighbor Advertisements: RFC 4861 section 7.2.8, with 7.2.3 and 7.2.4. Link 0 is where the
 * router answers for 2001:db8::5 and fe80::5; link 1 is where it forwards what then comes.
 */
#include "nd_pkt.h"

#include <stdio.h>

#include "mld/msg.h"

#define OUR_LL	 "fe80::ff:fe00:0"
#define AWAY	 "2001:db8::5"
#define AWAY_LL	 "fe80::5"
#define GROUP	 "ff02::1:ff00:5"
#define PEER	 "2001:db8::100"
#define PEER_MAC "02:00:00:00:01:00"
#define BEYOND	 "02:00:00:00:02:00"

static struct iface *home(struct bed *b)
{
	return bed_if(b, 0);
}

static int add(struct bed *b, const char *addr)
{
	struct ip6_addr a = bed_addr_of(addr);
	int rc = nd_proxy_add(&b->node->nd, home(b), &a);

	bed_run(b, b->now);
	return rc;
}

static int del(struct bed *b, const char *addr)
{
	struct ip6_addr a = bed_addr_of(addr);
	int rc = nd_proxy_del(&b->node->nd, home(b), &a);

	bed_run(b, b->now);
	return rc;
}

static bool in_group(struct bed *b)
{
	struct ip6_addr group = bed_addr_of(GROUP);

	return if_group_find(home(b), &group) != NULL;
}

static void begin(struct bed *b)
{
	bed_init(b, 2);
	bed_router(b, 2);
	bed_addr(b, 0, "2001:db8::1/64");
	bed_route(b, 1, AWAY "/128", "fe80::2:1");
	bed_neigh(b, 1, "fe80::2:1", BEYOND);
	bed_neigh(b, 0, PEER, PEER_MAC);
	assert_int_equal(add(b, AWAY), 0);
	assert_int_equal(add(b, AWAY_LL), 0);
	bed_quiet(b);
}

static void ask(struct bed *b, const char *from, const char *to, const char *target)
{
	struct nd_msg ns = { .type = ND_NS, .target = bed_addr_of(target) };

	if (strcmp(from, "::") != 0) {
		ns.opts.has = ND_HAS_SLLA;
		ns.opts.slla = bed_mac_of(PEER_MAC);
	}
	nd_rx(b, 0, from, to, &ns);
}

/* The advertisement of @target that must come next; returns its flags. */
static uint8_t answer(struct bed *b, const char *to, const char *target)
{
	struct ip6_addr src = bed_addr_of(OUR_LL), dst = bed_addr_of(to), t = bed_addr_of(target);
	struct nd_msg m;
	size_t octets;
	const uint8_t *na = bed_tx_msg(b, OUR_LL, to, ND_NA, 0, &octets);

	assert_int_equal(nd_parse(rd_of(na, octets), &src, &dst, 255, &m), DROP_NONE);
	assert_true(ip6_eq(&m.target, &t));
	assert_int_equal(m.opts.has, ND_HAS_TLLA);
	assert_memory_equal(m.opts.tlla.b, b->mac[0].b, ETH_MAC_OCTETS);
	return na[4];
}

/* Is the next packet a report of one record, of @type and about the group? */
static bool reported(struct bed *b, uint8_t type)
{
	struct ip6_addr group = bed_addr_of(GROUP);
	const struct pkt *pkt = bed_tx(b, NULL, NULL);
	const uint8_t *m;

	if (pkt == NULL || pkt->p[IP6_NEXT_OFF] != IP6_NH_HBH)
		return false;
	m = pkt->p + IP6_HDR_OCTETS + 8;
	return m[0] == MLD_TYPE_V2_REPORT && get_be16(m + 6) == 1 && m[8] == type &&
	       memcmp(m + 12, group.b, IP6_ADDR_OCTETS) == 0;
}

/* The group is joined by MLD with the first address that has it, and left with the last. */
static void test_group(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	bed_router(&b, 1);
	bed_quiet(&b);
	assert_int_equal(add(&b, AWAY), 0);
	assert_true(reported(&b, MLD_TO_EX));
	assert_true(in_group(&b));
	bed_quiet(&b);
	assert_int_equal(add(&b, AWAY_LL), 0);
	assert_true(bed_silent(&b));
	assert_int_equal(del(&b, AWAY), 0);
	assert_true(bed_silent(&b) && in_group(&b));
	assert_int_equal(del(&b, AWAY_LL), 0);
	assert_true(reported(&b, MLD_TO_IN));
	assert_false(in_group(&b));
	assert_int_equal(del(&b, AWAY), -ENOENT);
	bed_done(&b);
}

/* Answered within MAX_ANYCAST_DELAY_TIME, once, never with Override; the asker is remembered. */
static void test_solicited(void **state)
{
	struct ip6_addr peer = bed_addr_of("2001:db8::101");
	const struct neigh *n;
	time_ns at, least = TIME_NEVER, most = 0;
	struct bed b;

	(void)state;
	begin(&b);
	for (unsigned i = 0; i < 100; i++) {
		at = b.now;
		ask(&b, "2001:db8::101", GROUP, AWAY);
		ask(&b, "2001:db8::101", GROUP, AWAY);
		assert_true(bed_silent(&b));
		n = neigh_find(&b.node->ip6.neigh, &home(&b)->link, &peer);
		assert_non_null(n);
		assert_true(i > 0 || n->nud.state == NUD_STALE);
		bed_run(&b, at + NS_PER_S - 1);
		assert_int_equal(answer(&b, "2001:db8::101", AWAY),
				 NUD_NA_ROUTER | NUD_NA_SOLICITED);
		least = MIN(least, bed_msg_when(&b) - at);
		most = MAX(most, bed_msg_when(&b) - at);
		bed_quiet(&b);
	}
	assert_true(least < NS_PER_S / 20 && most > NS_PER_S / 20 * 19);
	bed_done(&b);
}

/* Who is one too many is answered at once. */
static void test_many(void **state)
{
	char from[IP6_TEXT_MAX];
	struct bed b;

	(void)state;
	begin(&b);
	for (unsigned i = 0; i < ND_LATE_MAX; i++) {
		snprintf(from, sizeof(from), "2001:db8::1:%x", i);
		ask(&b, from, GROUP, AWAY);
	}
	assert_true(bed_silent(&b));
	ask(&b, "2001:db8::2:1", GROUP, AWAY);
	assert_int_equal(answer(&b, "2001:db8::2:1", AWAY), NUD_NA_ROUTER | NUD_NA_SOLICITED);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* A neighbour that probes by unicast sends to the very address: answered, and not forwarded. */
static void test_probed(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	ask(&b, PEER, AWAY, AWAY);
	bed_run(&b, b.now + NS_PER_S);
	assert_int_equal(answer(&b, PEER, AWAY), NUD_NA_ROUTER | NUD_NA_SOLICITED);
	ask(&b, PEER, AWAY_LL, AWAY_LL);
	bed_run(&b, b.now + NS_PER_S);
	assert_int_equal(answer(&b, PEER, AWAY_LL), NUD_NA_ROUTER | NUD_NA_SOLICITED);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* RFC 4862 section 5.4.3: who tries for it hears at once that it is taken. */
static void test_defends(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	ask(&b, "::", GROUP, AWAY);
	assert_int_equal(answer(&b, "ff02::1", AWAY), NUD_NA_ROUTER);
	assert_int_equal(b.node->ip6.neigh.n, 2); /* section 7.2.3: MUST NOT create an entry */
	bed_done(&b);
}

/* What is no Neighbor Discovery goes on; to a link-local address it cannot. */
static void test_forwards(void **state)
{
	const struct pkt *pkt;
	uint32_t ifindex;
	size_t octets;
	struct bed b;

	(void)state;
	begin(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, AWAY, 1, 8));
	pkt = bed_tx(&b, &ifindex, NULL);
	assert_non_null(pkt);
	assert_int_equal(ifindex, b.ifindex[1]);
	assert_int_equal(pkt->p[IP6_HLIM_OFF], 63);
	assert_true(bed_silent(&b));
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, AWAY_LL, 1, 8)),
			 DROP_IP6_PROXY_LINK_LOCAL);
	bed_tx_msg(&b, NULL, PEER, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, &octets);
	/* Neighbor Discovery to somebody else on another link is nobody's */
	bed_rx(&b, 1, bed_ns(&b, ND_NS, 0, "fe80::2:1", AWAY, AWAY, NULL, 0));
	assert_null(bed_tx_icmp6(&b, ND_NA, NULL));
	bed_done(&b);
}

/* Without a route of its own it is sought on the link; its sender did right and is not redirected. */
static void test_no_redirect(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	assert_int_equal(add(&b, "2001:db8::6"), 0);
	bed_neigh(&b, 0, "2001:db8::6", "02:00:00:00:03:00");
	bed_neigh(&b, 0, "2001:db8::7", "02:00:00:00:04:00");
	bed_quiet(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, "2001:db8::6", 1, 8));
	bed_tx_msg(&b, PEER, "2001:db8::6", ICMP6_ECHO_REQUEST, 0, NULL);
	assert_true(bed_silent(&b));
	bed_rx(&b, 0, bed_echo(&b, PEER, "2001:db8::7", 1, 8));
	assert_non_null(bed_tx_icmp6(&b, ND_REDIRECT, NULL));
	bed_done(&b);
}

/* A host answers for nobody (section 7.2.8: a router MAY), nor who no longer proxies. */
static void test_not(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	nd_set_forwarding(&b.node->nd, home(&b), false);
	bed_quiet(&b);
	ask(&b, PEER, GROUP, AWAY);
	bed_dropped_only(&b, DROP_ND_NOT_OURS, 1);
	nd_set_forwarding(&b.node->nd, home(&b), true);
	bed_quiet(&b);
	ask(&b, PEER, GROUP, AWAY);
	assert_int_equal(del(&b, AWAY), 0);
	bed_run(&b, b.now + 2 * NS_PER_S);
	assert_null(bed_tx_icmp6(&b, ND_NA, NULL));
	bed_done(&b);
}

static void test_bounds(void **state)
{
	char addr[IP6_TEXT_MAX];
	struct bed b;

	(void)state;
	begin(&b);
	assert_int_equal(add(&b, AWAY), -EEXIST);
	assert_int_equal(add(&b, "2001:db8::1"), -EEXIST);
	assert_int_equal(add(&b, "ff02::1"), -EINVAL);
	assert_int_equal(add(&b, "::"), -EINVAL);
	assert_int_equal(add(&b, "::1"), -EINVAL);
	for (unsigned i = 2; i < IP6_PROXIED_MAX; i++) {
		snprintf(addr, sizeof(addr), "2001:db8:%x::5", i);
		assert_int_equal(add(&b, addr), 0);
	}
	assert_int_equal(add(&b, "2001:db8:ffff::5"), -ENOSPC);
	assert_int_equal(del(&b, AWAY), 0);
	assert_int_equal(add(&b, "2001:db8:ffff::5"), 0);
	assert_int_equal(node_if_del(b.node, b.ifindex[0]), 0);
	assert_int_equal(b.node->ip6.proxied.n, 0);
	bed_done(&b);
}

/* The group is full: nothing is half there. */
static void test_no_group(void **state)
{
	char addr[IP6_TEXT_MAX];
	unsigned n = 0;
	struct bed b;
	int rc;

	(void)state;
	begin(&b);
	do {
		snprintf(addr, sizeof(addr), "2001:db8:1::%x", 0x100 + n);
		rc = add(&b, addr);
	} while (rc == 0 && n++ < IF_GROUPS_MAX);
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(home(&b)->n_proxied, n + 2);
	assert_int_equal(del(&b, addr), -ENOENT);
	bed_done(&b);
}

/* What was asked for is there again after the interface was down. */
static void test_down_and_up(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	assert_int_equal(node_if_set(b.node, b.ifindex[0], false, b.now), 0);
	assert_int_equal(node_if_set(b.node, b.ifindex[0], true, b.now), 0);
	bed_quiet(&b);
	assert_true(in_group(&b));
	ask(&b, PEER, GROUP, AWAY);
	bed_run(&b, b.now + NS_PER_S);
	assert_int_equal(answer(&b, PEER, AWAY), NUD_NA_ROUTER | NUD_NA_SOLICITED);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_group),	    cmocka_unit_test(test_solicited),
		cmocka_unit_test(test_many),	    cmocka_unit_test(test_probed),
		cmocka_unit_test(test_defends),	    cmocka_unit_test(test_forwards),
		cmocka_unit_test(test_no_redirect), cmocka_unit_test(test_not),
		cmocka_unit_test(test_bounds),	    cmocka_unit_test(test_no_group),
		cmocka_unit_test(test_down_and_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
