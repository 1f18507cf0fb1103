/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which router a packet goes to: RFC 4191 section 3 (shorter prefixes when the routers of a longer
 * one fail, probing), RFC 4311 (equals share the load), RFC 8028 (by the prefix of the source).
 */
#include <stdio.h>

#include "bed.h"

#define A	"2001:db8:a::1" /* an address in the prefix of router 1 */
#define B	"2001:db8:b::1" /* and of router 2 */
#define FAR	"2001:db8:f::1"
#define UNKNOWN 253
#define ROUTERS 4

static const char *router_addr(unsigned r)
{
	static const char *const addr[] = { "fe80::101", "fe80::102", "fe80::103", "fe80::104" };

	return addr[r - 1];
}

static void begin(struct bed *b)
{
	bed_init(b, 1);
	bed_addr(b, 0, A "/64");
	bed_addr(b, 0, B "/64");
	bed_quiet(b);
}

/* With a link-layer address, so that it is probably reachable; it answers no probe. */
static void ra(struct bed *b, unsigned router, const struct nd_msg *m)
{
	struct nd_msg msg = *m;

	msg.opts.has |= ND_HAS_SLLA;
	msg.opts.slla = (struct mac){ { 2, 0, 0, 0, 1, (uint8_t)router } };
	assert_int_equal(bed_rx(b, 0, bed_ra(b, router_addr(router), &msg)), DROP_NONE);
}

static void is_default(struct bed *b, unsigned router, int8_t pref)
{
	ra(b, router, &(struct nd_msg){ .ra = { .lifetime_s = 9000, .pref = pref } });
}

static void has_route(struct bed *b, unsigned router, const char *prefix, uint8_t len,
		      uint16_t life)
{
	struct nd_msg m = { .ra = { .lifetime_s = life }, .opts = { .n_routes = 1 } };
	struct ip6_addr a = bed_addr_of(prefix);

	m.opts.route[0] =
		(struct nd_route){ .prefix = ip6_prefix(&a, len), .len = len, .lifetime_s = 9000 };
	ra(b, router, &m);
}

/* An advertised prefix, neither on link nor for addresses: RFC 8028 section 2.1. */
static void has_prefix(struct bed *b, unsigned router, const char *addr, uint32_t valid_s,
		       int8_t pref)
{
	struct nd_msg m = { .ra = { .lifetime_s = 9000, .pref = pref },
			    .opts = { .n_prefixes = 1 } };
	struct ip6_addr a = bed_addr_of(addr);

	m.opts.prefix[0] =
		(struct nd_prefix){ .prefix = ip6_prefix(&a, 64), .len = 64, .valid_s = valid_s };
	ra(b, router, &m);
}

static unsigned goes_by(struct bed *b, const char *src, const char *dst)
{
	const struct pkt *pkt;

	bed_forget(b);
	bed_send(b, bed_packet(b, src, dst, UNKNOWN, 64, "x", 1), 0);
	while ((pkt = bed_tx(b, NULL, NULL)) != NULL)
		if (pkt->p[IP6_NEXT_OFF] == UNKNOWN)
			return bed_tx_eth(pkt)[5];
	return 0;
}

/* The router is used and does not answer: five seconds of waiting, three probes. */
static void fails(struct bed *b, const char *dst, unsigned router)
{
	assert_int_equal(goes_by(b, A, dst), router);
	bed_run(b, b->now + 8 * NS_PER_S);
}

static void answers(struct bed *b, unsigned router)
{
	uint8_t tlla[8] = { 2, 1, 2, 0, 0, 0, 1, (uint8_t)router };

	bed_rx(b, 0,
	       bed_ns(b, ND_NA, NUD_NA_SOLICITED | NUD_NA_ROUTER, router_addr(router), A,
		      router_addr(router), tlla, sizeof(tlla)));
}

static unsigned probes_of(struct bed *b, unsigned router)
{
	struct ip6_addr target = bed_addr_of(router_addr(router));
	const uint8_t *m;
	unsigned n = 0;

	while ((m = bed_tx_icmp6(b, ND_NS, NULL)) != NULL)
		n += memcmp(m + 8, target.b, IP6_ADDR_OCTETS) == 0;
	return n;
}

/* RFC 4191 section 3.2: the next best route, shorter and shorter, and back. */
static void test_shorter_prefix(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	is_default(&b, 1, 0);
	has_route(&b, 2, "2001:db8::", 32, 0);
	has_route(&b, 3, "2001:db8:f::", 48, 0);
	fails(&b, FAR, 3);
	fails(&b, FAR, 2);
	assert_int_equal(goes_by(&b, A, FAR), 1);
	answers(&b, 3);
	assert_int_equal(goes_by(&b, A, FAR), 3);
	/* the middle one is still dead, and nobody asks it while it would not be used */
	bed_run(&b, b.now + 100 * NS_PER_S);
	bed_forget(&b);
	answers(&b, 3);
	(void)goes_by(&b, A, FAR);
	assert_int_equal(probes_of(&b, 2), 0);
	bed_done(&b);
}

/* Section 3.5: who was passed over is probed, once a minute, and only when there is traffic. */
static void test_probes(void **state)
{
	unsigned n = 0;
	struct bed b;

	(void)state;
	begin(&b);
	bed_neigh(&b, 0, router_addr(1), "02:00:00:00:01:01");
	is_default(&b, 1, 0);
	has_route(&b, 2, "2001:db8:f::", 48, 0);
	fails(&b, FAR, 2);
	bed_forget(&b);
	bed_run(&b, b.now + 300 * NS_PER_S);
	assert_int_equal(probes_of(&b, 2), 0);
	for (unsigned s = 0; s < 300; s++) {
		assert_int_equal(goes_by(&b, A, FAR), 1);
		b.taken = 0;
		n += probes_of(&b, 2);
		bed_run(&b, b.now + NS_PER_S);
	}
	assert_int_equal(n, 5);
	bed_done(&b);
}

/* None works: those of the longest prefix are asked, each in its turn (RFC 4861 section 6.3.6). */
static void test_none_works(void **state)
{
	unsigned looked_for = 0;
	struct bed b;

	(void)state;
	begin(&b);
	is_default(&b, 1, 0);
	has_route(&b, 2, "2001:db8:f::", 48, 0);
	fails(&b, FAR, 2);
	fails(&b, FAR, 1);
	bed_forget(&b);
	for (unsigned i = 0; i < 4; i++) {
		bed_send(&b, bed_packet(&b, A, FAR, UNKNOWN, 64, "x", 1), 0);
		bed_run(&b, b.now + 90 * NS_PER_S);
	}
	b.taken = 0;
	looked_for = probes_of(&b, 2);
	assert_true(looked_for >= 3);
	bed_done(&b);
}

/* A configured route is the last word: no shorter one takes over from a router somebody named. */
static void test_configured(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	is_default(&b, 1, 0);
	bed_route(&b, 0, "2001:db8:f::/48", router_addr(2));
	bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, router_addr(2), A, A, "\1\1\2\0\0\0\1\2", 8));
	fails(&b, FAR, 2);
	assert_int_equal(goes_by(&b, A, FAR), 2);
	assert_int_equal(goes_by(&b, A, "2001:db8:e::1"), 1);
	bed_done(&b);
}

/* RFC 4311: every router gets its share; a destination stays with one, whoever else goes. */
static void test_load_sharing(void **state)
{
	unsigned used[64], share[ROUTERS + 1] = { 0 };
	char dst[32];
	struct bed b;

	(void)state;
	begin(&b);
	for (unsigned r = 1; r <= ROUTERS; r++)
		is_default(&b, r, 0);
	for (unsigned i = 0; i < ARRAY_LEN(used); i++) {
		snprintf(dst, sizeof(dst), "2001:db8:f::%x", i + 1);
		used[i] = goes_by(&b, A, dst);
		assert_int_equal(goes_by(&b, A, dst), used[i]);
		share[used[i]]++;
	}
	for (unsigned r = 1; r <= ROUTERS; r++)
		assert_true(share[r] >= 6);
	ra(&b, 4, &(struct nd_msg){ .ra = { .lifetime_s = 0 } });
	for (unsigned i = 0; i < ARRAY_LEN(used); i++) {
		snprintf(dst, sizeof(dst), "2001:db8:f::%x", i + 1);
		if (used[i] == 4)
			assert_int_not_equal(goes_by(&b, A, dst), 4);
		else
			assert_int_equal(goes_by(&b, A, dst), used[i]);
	}
	/* equals only: a better one takes all (RFC 4191 section 3.2) */
	is_default(&b, 2, 1);
	for (unsigned i = 0; i < ARRAY_LEN(used); i++) {
		snprintf(dst, sizeof(dst), "2001:db8:f::%x", i + 1);
		assert_int_equal(goes_by(&b, A, dst), 2);
	}
	bed_done(&b);
}

/* RFC 8028 section 3.2: by who advertised the prefix, whatever the preference. */
static void test_by_source(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	has_prefix(&b, 1, A, 9000, -1);
	has_prefix(&b, 2, B, 100, 0);
	is_default(&b, 3, 1);
	assert_int_equal(goes_by(&b, A, FAR), 1);
	assert_int_equal(goes_by(&b, B, FAR), 2);
	/* before the longest match, too: a router that cannot send it on is no use */
	has_route(&b, 3, "2001:db8:f::", 48, 9000);
	assert_int_equal(goes_by(&b, A, FAR), 1);
	/* a prefix that nobody advertises any more binds nobody */
	bed_run(&b, b.now + 101 * NS_PER_S);
	assert_int_equal(goes_by(&b, B, FAR), 3);
	bed_done(&b);
}

/* A router that does not answer is no use either: another one may. */
static void test_by_source_fails(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	has_prefix(&b, 1, A, 9000, 0);
	is_default(&b, 2, 0);
	fails(&b, FAR, 1);
	assert_int_equal(goes_by(&b, A, FAR), 2);
	answers(&b, 1);
	assert_int_equal(goes_by(&b, A, FAR), 1);
	bed_done(&b);
}

/* RFC 6724 rule 5.5: with a router chosen, an address of its prefix (RFC 8028 section 3.3). */
static void test_rule_5_5(void **state)
{
	struct ip6_addr dst = bed_addr_of(FAR), a = bed_addr_of(A), b_addr = bed_addr_of(B), src;
	struct bed b;

	(void)state;
	begin(&b);
	has_prefix(&b, 1, A, 9000, 0);
	has_prefix(&b, 2, B, 9000, 1);
	assert_int_equal(ip6_source(&b.node->ip6, &dst, 0, &src), 0);
	assert_memory_equal(src.b, b_addr.b, 16);
	has_prefix(&b, 1, A, 9000, 1);
	has_prefix(&b, 2, B, 9000, 0);
	assert_int_equal(ip6_source(&b.node->ip6, &dst, 0, &src), 0);
	assert_memory_equal(src.b, a.b, 16);
	bed_done(&b);
}

/* A redirect of FAR to router 3, about a packet from @src; NULL: it quotes nothing. */
static void redirect(struct bed *b, unsigned from, const char *src)
{
	struct ip6_addr target = bed_addr_of(router_addr(3)), dst = bed_addr_of(FAR);
	uint8_t m[40 + 8 + 8 + 48] = { 137 };
	size_t n = 48;
	struct pkt *quote;

	memcpy(m + 8, target.b, 16);
	memcpy(m + 24, dst.b, 16);
	memcpy(m + 40, "\2\1\2\0\0\0\1\3", 8);
	if (src != NULL) {
		quote = bed_packet(b, src, FAR, UNKNOWN, 64, "xxxxxxxx", 8);
		memcpy(m + n, "\4\7\0\0\0\0\0\0", 8);
		memcpy(m + n + 8, quote->p, 48);
		n += 56;
		pkt_free(quote);
	}
	assert_int_equal(bed_rx(b, 0, bed_icmp6(b, router_addr(from), A, 255, m, n)), DROP_NONE);
}

/* RFC 8028 section 3.4: for the pair of source and destination only. */
static void test_redirect(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	is_default(&b, 1, 0);
	redirect(&b, 1, A);
	assert_int_equal(goes_by(&b, A, FAR), 3);
	assert_int_equal(goes_by(&b, B, FAR), 1);
	redirect(&b, 1, B);
	assert_int_equal(goes_by(&b, B, FAR), 3);
	bed_done(&b);

	begin(&b);
	is_default(&b, 1, 0);
	redirect(&b, 1, NULL); /* about whom, it does not say */
	assert_int_equal(goes_by(&b, A, FAR), 3);
	assert_int_equal(goes_by(&b, B, FAR), 3);
	bed_done(&b);
}

/* What fills the table is not remembered, and harms nobody. */
static void test_many_prefixes(void **state)
{
	char addr[40];
	struct bed b;

	(void)state;
	begin(&b);
	for (unsigned i = 0; i < 2 * HOP_PREFIXES_MAX; i++) {
		snprintf(addr, sizeof(addr), "2001:db8:c:%x::", i);
		has_prefix(&b, 1, addr, 60, 0);
	}
	assert_int_equal(b.node->ip6.hops.n, HOP_PREFIXES_MAX);
	has_prefix(&b, 2, B, 9000, -1);
	assert_int_equal(goes_by(&b, B, FAR), 1);
	bed_run(&b, b.now + 61 * NS_PER_S);
	answers(&b, 1);
	has_prefix(&b, 2, B, 9000, -1);
	assert_int_equal(goes_by(&b, B, FAR), 2);
	assert_int_equal(node_if_set(b.node, b.ifindex[0], false, b.now), 0);
	assert_int_equal(b.node->ip6.hops.n, 0);
	bed_done(&b);
}

/* Said without a link-layer address, so that nothing is known of it. */
static void is_unknown_default(struct bed *b, unsigned router, int8_t pref)
{
	struct nd_msg m = { .ra = { .lifetime_s = 9000, .pref = pref } };

	assert_int_equal(bed_rx(b, 0, bed_ra(b, router_addr(router), &m)), DROP_NONE);
}

static unsigned asked_for(struct bed *b, unsigned router, time_ns until)
{
	unsigned n = 0;

	while (b->now < until) { /* somebody sends all the time, so that there is reason to ask */
		answers(b, 2);
		assert_int_equal(goes_by(b, A, FAR), 2);
		bed_run(b, b->now + NS_PER_S);
		n += probes_of(b, router);
	}
	return n;
}

/*
 * The better router cannot be found, and the neighbour cache keeps nothing of that. It costs one packet; then
 * it is sought once a minute (RFC 4191 section 3.5), three times each, until it answers.
 */
static void test_not_found(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	is_unknown_default(&b, 1, 1);
	is_default(&b, 2, 0);
	assert_int_equal(goes_by(&b, A, FAR), 0); /* waits for router 1 */
	assert_int_equal(goes_by(&b, A, FAR), 2); /* the others do not */
	bed_run(&b, b.now + 3 * NS_PER_S);
	bed_forget(&b);
	assert_int_equal(asked_for(&b, 1, b.now + 59 * NS_PER_S), 0);
	assert_int_equal(asked_for(&b, 1, b.now + 4 * NS_PER_S), 3);
	assert_int_equal(asked_for(&b, 1, b.now + 58 * NS_PER_S), 0);
	assert_int_equal(asked_for(&b, 1, b.now + 3 * NS_PER_S), 2);
	answers(&b, 1);
	assert_int_equal(goes_by(&b, A, FAR), 1);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shorter_prefix),	cmocka_unit_test(test_probes),
		cmocka_unit_test(test_none_works),	cmocka_unit_test(test_configured),
		cmocka_unit_test(test_load_sharing),	cmocka_unit_test(test_by_source),
		cmocka_unit_test(test_by_source_fails), cmocka_unit_test(test_rule_5_5),
		cmocka_unit_test(test_not_found),	cmocka_unit_test(test_redirect),
		cmocka_unit_test(test_many_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
