/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Duplicate Address Detection of a whole node: RFC 4862 section 5.4, RFC 7527. Exact times; what
 * is random (the first delay) is read off the first probe, and must be within its bounds.
 */
#include "bed.h"

#define OUR_LL	  "fe80::ff:fe00:0"
#define GROUP_LL  "ff02::1:ff00:0"
#define NEW	  "2001:db8::77"
#define GROUP_NEW "ff02::1:ff00:77"
#define PEER_LL	  "fe80::100"
#define PEER_MAC  "02:00:00:00:01:00"

/* The probe that has just been sent: RFC 4862 section 5.4.2, RFC 7527 section 4.1. */
static void expect_probe(struct bed *b, const char *target, const char *group, time_ns when,
			 uint8_t nonce[ND_NONCE_OCTETS])
{
	struct ip6_addr t = bed_addr_of(target), g = bed_addr_of(group);
	struct mac to = mac_of_group(&g);
	size_t octets;
	const uint8_t *m = bed_tx_msg(b, "::", group, ND_NS, 0, &octets);

	assert_int_equal(octets, 32);
	assert_int_equal(bed_msg_pkt(b)->p[IP6_HLIM_OFF], 255);
	assert_memory_equal(m + 8, t.b, IP6_ADDR_OCTETS);
	assert_memory_equal(m + 24, "\x0e\1", 2); /* a nonce, and no link-layer address */
	assert_memory_equal(bed_tx_eth(bed_msg_pkt(b)), to.b, ETH_MAC_OCTETS);
	assert_int_equal(bed_msg_when(b), when);
	if (nonce != NULL)
		memcpy(nonce, m + 26, ND_NONCE_OCTETS);
}

/* Take what is no ND: MLD reports. */
static void skip_mld(struct bed *b)
{
	while (b->taken < b->n_sent && b->sent[b->taken].pkt->p[IP6_NEXT_OFF] == IP6_NH_HBH)
		b->taken++;
}

/* Nothing but MLD, up to and including @when. */
static void quiet_until(struct bed *b, time_ns when)
{
	bed_run(b, when);
	skip_mld(b);
	assert_true(bed_silent(b));
}

/* Time passes until a probe is sent. Return: when that was. */
static time_ns until_probe(struct bed *b)
{
	for (;;) {
		skip_mld(b);
		if (!bed_silent(b))
			return b->now;
		assert_true(node_next(b->node) != TIME_NEVER);
		bed_run(b, node_next(b->node));
	}
}

/*
 * The interface comes up: DupAddrDetectTransmits probes RetransTimer apart, and the address is
 * ours RetransTimer after the last.
 */
struct time_row {
	uint8_t transmits;
	uint32_t retrans_ms;
};

/* clang-format off */
static const struct time_row time_rows[] = {
	{ 0, 1000 }, { 1, 1000 }, { 2, 1000 }, { 3, 1000 }, { 5, 1000 }, { 1, 250 }, { 3, 4000 },
};
/* clang-format on */

static void time_one(const struct time_row *r)
{
	time_ns retrans = r->retrans_ms * NS_PER_MS, t0, t;
	uint8_t nonce[5][ND_NONCE_OCTETS];
	struct bed b;

	bed_init_down(&b, 1);
	bed_if(&b, 0)->conf.dad_transmits = r->transmits;
	bed_if(&b, 0)->conf.retrans = retrans;
	bed_if(&b, 0)->conf.max_rtr_solicitations = 0;
	t0 = b.now;
	bed_up(&b, 0);
	if (r->transmits == 0) {
		assert_int_equal(bed_addr_state(&b, 0, OUR_LL), ADDR_PREFERRED);
		quiet_until(&b, t0 + 60 * NS_PER_S);
		bed_done(&b);
		return;
	}
	t = until_probe(&b);
	assert_true(t >= t0 && t < t0 + NS_PER_S); /* MAX_RTR_SOLICITATION_DELAY */
	for (unsigned i = 0; i < r->transmits; i++) {
		if (i != 0)
			quiet_until(&b, t + i * retrans - 1);
		bed_run(&b, t + i * retrans);
		expect_probe(&b, OUR_LL, GROUP_LL, t + i * retrans, nonce[i]);
		for (unsigned k = 0; k < i; k++) /* a new one each */
			assert_memory_not_equal(nonce[i], nonce[k], ND_NONCE_OCTETS);
	}
	quiet_until(&b, t + r->transmits * retrans - 1);
	assert_int_equal(bed_addr_state(&b, 0, OUR_LL), ADDR_TENTATIVE);
	quiet_until(&b, t + r->transmits * retrans);
	assert_int_equal(bed_addr_state(&b, 0, OUR_LL), ADDR_PREFERRED);
	quiet_until(&b, t + 60 * NS_PER_S);
	bed_done(&b);
}

static void test_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(time_rows); i++) {
		bed_row(i, ARRAY_LEN(time_rows));
		time_one(&time_rows[i]);
	}
	bed_row(1, 1);
}

/* A node whose NEW is tentative, and was probed the first time at b.now. */
static void tentative(struct bed *b, uint8_t nonce[ND_NONCE_OCTETS])
{
	bed_init(b, 1);
	bed_neigh(b, 0, PEER_LL, PEER_MAC);
	bed_if(b, 0)->conf.dad_transmits = 1;
	bed_addr(b, 0, NEW "/64");
	until_probe(b);
	expect_probe(b, NEW, GROUP_NEW, b->now, nonce);
	skip_mld(b);
	bed_mark(b);
}

/*
 * What is heard while NEW is tentative: RFC 4862 sections 5.4.3 and 5.4.4, RFC 7527 section 4.2.
 */
enum nonce { NO_NONCE, OTHER_NONCE, OUR_NONCE };

struct heard_row {
	uint8_t type;
	const char *src, *target;
	enum nonce nonce;
	uint8_t hop_limit;
	bool duplicate;
	enum drop why;
};

/* clang-format off */
static const struct heard_row heard_rows[] = {
	/* somebody else probes for it */
	{ ND_NS, "::", NEW, NO_NONCE, 255, true, DROP_ND_DONE },
	{ ND_NS, "::", NEW, OTHER_NONCE, 255, true, DROP_ND_DONE },
	/* we hear ourselves */
	{ ND_NS, "::", NEW, OUR_NONCE, 255, false, DROP_ND_OWN_DAD },
	/* somebody looks for whoever has it: not for us to say */
	{ ND_NS, PEER_LL, NEW, NO_NONCE, 255, false, DROP_ND_TENTATIVE },
	/* invalid ones are not heard: RFC 4861 section 7.1.1 */
	{ ND_NS, "::", NEW, NO_NONCE, 254, false, DROP_ND_HOP_LIMIT },
	{ ND_NS, "::", "2001:db8::1:77", NO_NONCE, 255, false, DROP_ND_NOT_OURS },
	/* somebody has it */
	{ ND_NA, PEER_LL, NEW, NO_NONCE, 255, true, DROP_ND_DONE },
	{ ND_NA, PEER_LL, NEW, NO_NONCE, 64, false, DROP_ND_HOP_LIMIT },
	{ ND_NA, PEER_LL, "2001:db8::1:77", NO_NONCE, 255, false, DROP_ND_NO_ENTRY },
};
/* clang-format on */

static void heard_one(const struct heard_row *r)
{
	uint8_t nonce[ND_NONCE_OCTETS], opt[8] = { ND_OPT_NONCE, 1, 1, 2, 3, 4, 5, 6 };
	struct pkt *pkt;
	struct bed b;
	time_ns t;

	tentative(&b, nonce);
	t = b.now;
	if (r->nonce == OUR_NONCE)
		memcpy(opt + 2, nonce, ND_NONCE_OCTETS);
	pkt = bed_ns(&b, r->type, 0, r->src, r->type == ND_NA ? "ff02::1" : GROUP_NEW, r->target,
		     opt, r->nonce != NO_NONCE ? 8 : 0);
	pkt->p[IP6_HLIM_OFF] = r->hop_limit;
	bed_rx(&b, 0, pkt);
	bed_dropped_only(&b, r->why, 1);
	skip_mld(&b);
	assert_true(bed_silent(&b));
	if (r->duplicate) {
		assert_int_equal(bed_addr_state(&b, 0, NEW), ADDR_DUPLICATE);
		quiet_until(&b, t + 100 * NS_PER_S);
		assert_int_equal(bed_addr_state(&b, 0, NEW), ADDR_DUPLICATE);
	} else {
		quiet_until(&b, t + NS_PER_S - 1);
		assert_int_equal(bed_addr_state(&b, 0, NEW), ADDR_TENTATIVE);
		if (r->nonce != OUR_NONCE) {
			quiet_until(&b, t + NS_PER_S);
			assert_int_equal(bed_addr_state(&b, 0, NEW), ADDR_PREFERRED);
		}
	}
	bed_done(&b);
}

static void test_heard(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(heard_rows); i++) {
		bed_row(i, ARRAY_LEN(heard_rows));
		heard_one(&heard_rows[i]);
	}
	bed_row(1, 1);
}

/*
 * RFC 7527 section 4.1: a probe came back, so MAX_MULTICAST_SOLICIT more are sent; and again, as
 * long as they come back. Row: which of the probes come back.
 */
static void test_loops(void **state)
{
	/* clang-format off */
	static const struct {
		unsigned back;		/* bits: probe 0, 1, ... */
		unsigned probes;	/* in all; ours a second after the last */
	} rows[] = {
		{ 0x00, 1 }, { 0x01, 4 }, { 0x03, 7 }, { 0x09, 7 }, { 0x0f, 7 }, { 0x49, 10 },
		{ 0x81, 4 },	/* none of them is ever sent: bit 7 */
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t nonce[ND_NONCE_OCTETS], last[ND_NONCE_OCTETS] = { 0 };
		struct bed b;
		time_ns t;

		bed_row(i, ARRAY_LEN(rows));
		tentative(&b, nonce);
		t = b.now;
		for (unsigned k = 0; k < rows[i].probes; k++) {
			if (k != 0) {
				quiet_until(&b, t + k * NS_PER_S - 1);
				bed_run(&b, t + k * NS_PER_S);
				expect_probe(&b, NEW, GROUP_NEW, t + k * NS_PER_S, nonce);
				assert_memory_not_equal(nonce, last, ND_NONCE_OCTETS);
			}
			memcpy(last, nonce, ND_NONCE_OCTETS);
			if ((rows[i].back >> k & 1) != 0)
				assert_int_equal(bed_rx(&b, 0, pkt_copy(&b.pool, bed_msg_pkt(&b))),
						 DROP_ND_OWN_DAD);
			skip_mld(&b);
		}
		quiet_until(&b, t + rows[i].probes * NS_PER_S - 1);
		assert_int_equal(bed_addr_state(&b, 0, NEW), ADDR_TENTATIVE);
		quiet_until(&b, t + rows[i].probes * NS_PER_S);
		assert_int_equal(bed_addr_state(&b, 0, NEW), ADDR_PREFERRED);
		quiet_until(&b, t + 100 * NS_PER_S);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* What is assigned is defended, and stays; a tentative or duplicate address is not answered for. */
static void test_defence(void **state)
{
	const uint8_t *m;
	struct bed b;

	(void)state;
	tentative(&b, NULL);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER_LL, NEW, 1, 8)), DROP_IP6_DST_TENTATIVE);
	assert_int_equal(
		bed_rx(&b, 0, bed_ns(&b, ND_NA, NUD_NA_SOLICITED, PEER_LL, NEW, PEER_LL, NULL, 0)),
		DROP_IP6_DST_TENTATIVE);
	quiet_until(&b, b.now + NS_PER_S);
	bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, "::", GROUP_NEW, NEW, NULL, 0));
	m = bed_tx_msg(&b, NEW, "ff02::1", ND_NA, 0, NULL);
	assert_int_equal(m[4], NUD_NA_OVERRIDE);
	bed_rx(&b, 0, bed_ns(&b, ND_NA, NUD_NA_OVERRIDE, PEER_LL, "ff02::1", NEW, NULL, 0));
	assert_int_equal(bed_addr_state(&b, 0, NEW), ADDR_PREFERRED);
	bed_done(&b);

	tentative(&b, NULL);
	bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, "::", GROUP_NEW, NEW, NULL, 0));
	quiet_until(&b, b.now + 10 * NS_PER_S);
	bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, PEER_LL, "ff02::1", NEW, NULL, 0));
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER_LL, NEW, 1, 8)), DROP_IP6_DST_TENTATIVE);
	quiet_until(&b, b.now + 10 * NS_PER_S);
	bed_done(&b);
}

/* Down and up again: all of it once more (section 5.4, "when an interface becomes enabled"). */
static void test_again(void **state)
{
	time_ns t, up;
	struct bed b;

	(void)state;
	tentative(&b, NULL);
	quiet_until(&b, b.now + NS_PER_S);
	assert_int_equal(node_if_set(b.node, b.ifindex[0], false, b.now), 0);
	assert_int_equal(bed_addr_state(&b, 0, NEW), ADDR_TENTATIVE);
	assert_int_equal(bed_addr_state(&b, 0, OUR_LL), -1);
	quiet_until(&b, b.now + 10 * NS_PER_S);
	up = b.now;
	bed_up(&b, 0);
	t = until_probe(&b);
	assert_true(t > up && t < up + NS_PER_S); /* one delay, for all addresses */
	expect_probe(&b, OUR_LL, GROUP_LL, t, NULL);
	skip_mld(&b);
	expect_probe(&b, NEW, GROUP_NEW, t, NULL);
	quiet_until(&b, t + NS_PER_S - 1);
	assert_int_equal(bed_addr_state(&b, 0, NEW), ADDR_TENTATIVE);
	quiet_until(&b, t + NS_PER_S);
	assert_int_equal(bed_addr_state(&b, 0, NEW), ADDR_PREFERRED);
	assert_int_equal(bed_addr_state(&b, 0, OUR_LL), ADDR_PREFERRED);
	quiet_until(&b, t + 100 * NS_PER_S);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_times),		BED_ROWS(test_heard),	      BED_ROWS(test_loops),
		cmocka_unit_test(test_defence), cmocka_unit_test(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
