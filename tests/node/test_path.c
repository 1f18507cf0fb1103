/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Path MTU discovery of a whole node, by RFC 8201: which Packet Too Big messages are believed,
 * what is sent afterwards, and for how long.
 */
#include "bed.h"

#define OURS	 "2001:db8::1"
#define OUR_LL1	 "fe80::ff:fe00:1"
#define PEER_LL	 "fe80::100"
#define FAR	 "2001:db8:77::100"
#define FAR2	 "2001:db8:77::200"
#define GROUP	 "ff0e::77"
#define PEER_MAC "02:00:00:00:01:00"

static void begin(struct bed *b)
{
	bed_init(b, 2);
	bed_addr(b, 0, OURS "/64");
	bed_neigh(b, 0, PEER_LL, PEER_MAC);
	bed_neigh(b, 1, PEER_LL, PEER_MAC);
	bed_route(b, 0, "::/0", PEER_LL);
	bed_quiet(b);
}

/* The node sends a packet of @octets, all told, to @dst; it must leave in these sizes. */
static void sends_on(struct bed *b, unsigned link, const char *src, const char *dst,
		     uint32_t octets, const uint32_t *sizes, size_t n)
{
	bed_send(b, bed_echo(b, src, dst, 1, octets - IP6_HDR_OCTETS - 8), link);
	for (size_t i = 0; i < n; i++) {
		const struct pkt *pkt = bed_tx(b, NULL, NULL);

		assert_non_null(pkt);
		assert_int_equal(pkt->len, sizes[i]);
		assert_int_equal(pkt->p[IP6_NEXT_OFF], n == 1 ? IP6_NH_ICMP6 : IP6_NH_FRAGMENT);
	}
	assert_true(bed_silent(b));
}

#define SENDS(b, dst, octets, ...)                                                                 \
	sends_on(b, 0, OURS, dst, octets, (const uint32_t[]){ __VA_ARGS__ },                       \
		 ARRAY_LEN(((const uint32_t[]){ __VA_ARGS__ })))

/* A Packet Too Big about @quote arrives. */
static void too_big(struct bed *b, uint8_t code, uint32_t mtu, const uint8_t *quote, uint32_t n)
{
	uint8_t m[1240] = { ICMP6_TOO_BIG, code };

	put_be32(m + 4, mtu);
	memcpy(m + 8, quote, n);
	bed_rx(b, 0, bed_icmp6(b, "2001:db8:5::1", OURS, 64, m, 8 + n));
}

/* About the packet that was sent last. */
static void too_big_now(struct bed *b, uint32_t mtu)
{
	too_big(b, 0, mtu, bed_msg_pkt(b)->p, 1232);
}

/*
 * Section 4: one message about a packet of @sent octets.
 */
struct believe_row {
	uint32_t sent, mtu;
	int flip;     /* octet of the quote that is not as sent, or -1 */
	uint32_t cut; /* octets quoted */
	uint8_t code;
	enum drop why;	   /* what becomes of the message */
	uint32_t path_mtu; /* afterwards */
};

#define DONE   DROP_ICMP6_ERROR_DONE
#define FORGED DROP_ICMP6_ERROR_FORGED
#define SMALL  DROP_ICMP6_PTB_SMALL

/* clang-format off */
static const struct believe_row believe_rows[] = {
	/* sent   mtu flip   cut code */
	{ 1500, 1400,  -1, 1232, 0, DONE,   1400 },
	{ 1500, 1499,  -1, 1232, 0, DONE,   1499 },
	{ 1500, 1281,  -1, 1232, 0, DONE,   1281 },
	{ 1500, 1280,  -1, 1232, 0, DONE,   1280 },
	{ 1500, 1400,  -1, 1232, 7, DONE,   1400 },	/* RFC 4443 section 3.2: code ignored */
	/* less than 1,280 MUST be discarded */
	{ 1500, 1279,  -1, 1232, 0, SMALL,  1500 },
	{ 1500,   68,  -1, 1232, 0, SMALL,  1500 },
	{ 1500,    0,  -1, 1232, 0, SMALL,  1500 },
	/* no reason to complain: MUST NOT increase */
	{ 1500, 1500,  -1, 1232, 0, FORGED, 1500 },
	{ 1500, 9000,  -1, 1232, 0, FORGED, 1500 },
	{ 1500, UINT32_MAX, -1, 1232, 0, FORGED, 1500 },
	{ 1400, 1400,  -1, 1232, 0, FORGED, 1500 },
	{ 1400, 1399,  -1, 1232, 0, DONE,   1399 },
	{ 1281, 1280,  -1, 1232, 0, DONE,   1280 },
	{ 1280, 1280,  -1, 1232, 0, FORGED, 1500 },
	/* what routers may change, and what they may not */
	{ 1500, 1400,   1, 1232, 0, DONE,   1400 },	/* flow label, traffic class */
	{ 1500, 1400,   3, 1232, 0, DONE,   1400 },
	{ 1500, 1400,   7, 1232, 0, DONE,   1400 },	/* hop limit */
	{ 1500, 1400,   5, 1232, 0, FORGED, 1500 },	/* payload length */
	{ 1500, 1400,   6, 1232, 0, FORGED, 1500 },
	{ 1500, 1400,  23, 1232, 0, FORGED, 1500 },	/* source */
	{ 1500, 1400,  39, 1232, 0, FORGED, 1500 },	/* destination */
	{ 1500, 1400,  43, 1232, 0, FORGED, 1500 },	/* checksum */
	{ 1500, 1400,  47, 1232, 0, FORGED, 1500 },	/* sequence number */
	{ 1500, 1400, 103, 1232, 0, FORGED, 1500 },
	/* a quote must be long enough to be known again */
	{ 1500, 1400,  -1,  104, 0, DONE,   1400 },
	{ 1500, 1400,  -1,  103, 0, FORGED, 1500 },
	{ 1500, 1400,  -1,   40, 0, FORGED, 1500 },
	{ 1500, 1400,  -1,   39, 0, DROP_ICMP6_SHORT, 1500 },
	{ 1500, 1400,  -1,    0, 0, DROP_ICMP6_SHORT, 1500 },
};
/* clang-format on */

static void believe_one(const struct believe_row *r)
{
	struct ip6_addr far = bed_addr_of(FAR);
	uint8_t quote[1500];
	struct bed b;

	begin(&b);
	SENDS(&b, FAR, r->sent, r->sent);
	memcpy(quote, bed_msg_pkt(&b)->p, r->sent);
	if (r->flip >= 0)
		quote[r->flip] ^= 1;
	too_big(&b, r->code, r->mtu, quote, r->cut);
	bed_dropped_only(&b, r->why, 1);
	assert_int_equal(ip6_path_mtu(&b.node->ip6, &far, 0), r->path_mtu);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

static void test_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(believe_rows); i++) {
		bed_row(i, ARRAY_LEN(believe_rows));
		believe_one(&believe_rows[i]);
	}
	bed_row(1, 1);
}

/* Something that was never sent, right in everything else. */
static void test_never_sent(void **state)
{
	struct pkt *pkt;
	struct bed b;

	(void)state;
	begin(&b);
	pkt = bed_echo(&b, OURS, FAR, 1, 1452);
	too_big(&b, 0, 1400, pkt->p, 1232);
	pkt_free(pkt);
	bed_dropped_only(&b, FORGED, 1);
	SENDS(&b, FAR, 1500, 1500);
	bed_done(&b);
}

/* Packets behind it are fragmented to it; others are not; it only goes down. */
static void test_lowers(void **state)
{
	uint8_t large[1232];
	struct bed b;

	(void)state;
	begin(&b);
	SENDS(&b, FAR, 1500, 1500);
	memcpy(large, bed_msg_pkt(&b)->p, sizeof(large));
	too_big_now(&b, 1400);
	SENDS(&b, FAR, 1401, 1400, 57);
	SENDS(&b, FAR, 1400, 1400);
	SENDS(&b, FAR, 1500, 1400, 156);
	SENDS(&b, FAR2, 1500, 1500);
	too_big(&b, 0, 1450, large, sizeof(large)); /* from a wider place of the path */
	SENDS(&b, FAR, 1500, 1400, 156);
	too_big(&b, 0, 1300, large, sizeof(large));
	SENDS(&b, FAR, 1500, 1296, 260); /* fragments end at multiples of eight */
	too_big(&b, 0, 1400, large, sizeof(large));
	SENDS(&b, FAR, 1500, 1296, 260);
	too_big(&b, 0, 1280, large, sizeof(large));
	SENDS(&b, FAR, 1500, 1280, 276);
	SENDS(&b, FAR, 1280, 1280);
	bed_done(&b);
}

/* Fragments are packets like others: a message about one of them counts. */
static void test_about_a_fragment(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	bed_send(&b, bed_echo(&b, OURS, FAR, 1, 2000), 0);
	assert_int_equal(bed_tx(&b, NULL, NULL)->len, 1496);
	too_big_now(&b, 1400);
	assert_int_equal(bed_tx(&b, NULL, NULL)->len, 48 + 2008 - 1448);
	bed_dropped_only(&b, DONE, 1);
	SENDS(&b, FAR, 1500, 1400, 156);
	bed_done(&b);
}

/*
 * Section 4: not before five minutes, and 10 are recommended, is more tried again.
 */
struct age_row {
	uint32_t s, ns;	   /* time */
	uint32_t ptb;	   /* a message with this MTU about the first packet, or 0 */
	uint32_t path_mtu; /* then */
};

/* clang-format off */
static const struct age_row age_rows[] = {
	{ 0, 0, 1400, 1400 },
	{ 599, 999999999, 0, 1400 },
	{ 600, 0, 0, 1500 },		/* exactly */
	{ 700, 0, 1400, 1400 },
	{ 1000, 0, 1300, 1300 },	/* less: ten minutes from here */
	{ 1300, 0, 0, 1300 },
	{ 1599, 999999999, 0, 1300 },
	{ 1600, 0, 0, 1500 },
	{ 2000, 0, 1400, 1400 },
	{ 2300, 0, 1400, 1400 },	/* a late one adds nothing: it was not decreased */
	{ 2301, 0, 1450, 1400 },
	{ 2599, 999999999, 0, 1400 },
	{ 2600, 0, 0, 1500 },
	{ 9999, 0, 0, 1500 },
};
/* clang-format on */

static void test_age(void **state)
{
	struct ip6_addr far = bed_addr_of(FAR);
	uint8_t large[1232];
	struct bed b;
	time_ns t0;

	(void)state;
	begin(&b);
	t0 = b.now;
	SENDS(&b, FAR, 1500, 1500);
	memcpy(large, bed_msg_pkt(&b)->p, sizeof(large));
	for (size_t i = 0; i < ARRAY_LEN(age_rows); i++) {
		const struct age_row *r = &age_rows[i];

		bed_row(i, ARRAY_LEN(age_rows));
		bed_silent_until(&b, t0 + r->s * NS_PER_S + r->ns);
		if (r->ptb != 0)
			too_big(&b, 0, r->ptb, large, sizeof(large));
		assert_int_equal(ip6_path_mtu(&b.node->ip6, &far, 0), r->path_mtu);
		if (r->path_mtu == 1500)
			SENDS(&b, FAR, 1500, 1500);
	}
	bed_row(1, 1);
	bed_done(&b);
}

/* Section 5.2: paths to groups have an MTU, too. */
static void test_multicast(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	SENDS(&b, GROUP, 1500, 1500);
	too_big_now(&b, 1400);
	bed_dropped_only(&b, DONE, 1);
	SENDS(&b, GROUP, 1500, 1400, 156);
	SENDS(&b, "ff0e::78", 1500, 1500);
	bed_done(&b);
}

/* Link-local destinations are of one zone each. */
static void test_zone(void **state)
{
	const uint32_t whole[] = { 1500 }, cut[] = { 1400, 156 };
	uint8_t m[1240] = { ICMP6_TOO_BIG };
	struct bed b;

	(void)state;
	begin(&b);
	put_be32(m + 4, 1400);
	sends_on(&b, 1, OUR_LL1, PEER_LL, 1500, whole, 1);
	memcpy(m + 8, bed_msg_pkt(&b)->p, 1232);
	bed_rx(&b, 1, bed_icmp6(&b, PEER_LL, OUR_LL1, 64, m, sizeof(m)));
	bed_dropped_only(&b, DONE, 1);
	sends_on(&b, 1, OUR_LL1, PEER_LL, 1500, cut, 2);
	sends_on(&b, 0, "fe80::ff:fe00:0", PEER_LL, 1500, whole, 1);
	bed_done(&b);
}

/* The table is bounded; the destination that was touched longest ago is forgotten. */
static void test_full(void **state)
{
	static const char *const dsts[] = { FAR, FAR2, "2001:db8:77::300" };
	struct ip6_conf conf = { .neigh = NEIGH_CONF_DEFAULT,
				 .fib = FIB_CONF_DEFAULT,
				 .path = PATH_CONF_DEFAULT,
				 .frag = FRAG_CONF_DEFAULT };
	struct bed b;

	(void)state;
	conf.path.max = 2;
	bed_init_conf(&b, 1, &conf);
	bed_up_quietly(&b, 1);
	bed_addr(&b, 0, OURS "/64");
	bed_neigh(&b, 0, PEER_LL, PEER_MAC);
	bed_route(&b, 0, "::/0", PEER_LL);
	bed_quiet(&b);
	for (unsigned i = 0; i < 3; i++) {
		SENDS(&b, dsts[i], 1500, 1500);
		too_big_now(&b, 1400);
	}
	SENDS(&b, dsts[0], 1500, 1500);
	SENDS(&b, dsts[1], 1500, 1400, 156);
	SENDS(&b, dsts[2], 1500, 1400, 156);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_believed),
		cmocka_unit_test(test_never_sent),
		cmocka_unit_test(test_lowers),
		cmocka_unit_test(test_about_a_fragment),
		BED_ROWS(test_age),
		cmocka_unit_test(test_multicast),
		cmocka_unit_test(test_zone),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
