/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMPv6 of a whole node, by RFC 4443: what is answered and from which address, which errors are
 * sent about what and which never, how often, and which errors that arrive are believed.
 */
#include "bed.h"

#include <stdio.h>

#include "base/csum.h"

#define OURS	    "2001:db8::1"
#define OURS1	    "2001:db8:1::1"
#define OUR_ANYCAST "2001:db8::"
#define OUR_LL	    "fe80::ff:fe00:0"
#define OUR_LL1	    "fe80::ff:fe00:1"
#define PEER	    "2001:db8::100"
#define PEER_LL	    "fe80::100"
#define PEER1	    "2001:db8:1::100"
#define PEER2	    "2001:db8:2::100"
#define FAR	    "2001:db8:77::100" /* behind PEER_LL */
#define NOWHERE	    "2001:db9::1"
#define PEER_MAC    "02:00:00:00:01:00"
#define UNKNOWN	    253

/* A router between two links; all peers have PEER_MAC. */
static void begin(struct bed *b)
{
	bed_init(b, 3);
	bed_router(b, 3);
	bed_addr(b, 0, OURS "/64");
	bed_addr(b, 1, OURS1 "/64");
	bed_neigh(b, 0, PEER, PEER_MAC);
	bed_neigh(b, 0, PEER_LL, PEER_MAC);
	bed_neigh(b, 1, PEER1, PEER_MAC);
	bed_route(b, 0, "2001:db8:77::/48", PEER_LL);
	bed_neigh(b, 2, PEER_LL, PEER_MAC);
	bed_neigh(b, 2, PEER2, PEER_MAC);
	bed_route(b, 2, "2001:db8:2::/64", NULL);
	bed_quiet(b);
}

/*
 * Section 4: echo.
 */

struct echo_row {
	unsigned link;
	const char *src, *dst;
	const char *from; /* of the reply; NULL: silence */
	unsigned reply_link;
	size_t octets;
};

/* clang-format off */
static const struct echo_row echo_rows[] = {
	{ 0, PEER, OURS, OURS, 0, 0 },
	{ 0, PEER, OURS, OURS, 0, 1 },
	{ 0, PEER, OURS, OURS, 0, 1452 },	/* all that the link takes */
	{ 0, PEER, OURS1, OURS1, 0, 8 },	/* any of ours: RFC 1122's weak end system */
	{ 0, PEER_LL, OUR_LL, OUR_LL, 0, 8 },
	{ 0, PEER, OUR_LL, OUR_LL, 0, 8 },
	{ 0, PEER_LL, OURS, OURS, 0, 8 },
	{ 0, FAR, OURS, OURS, 0, 8 },
	{ 1, FAR, OURS, OURS, 0, 8 },		/* the way back is another one */
	/* section 4.2: a unicast address of the interface that it came to */
	{ 0, PEER, "ff02::1", OURS, 0, 8 },
	{ 0, PEER_LL, "ff02::1", OUR_LL, 0, 8 },
	{ 1, FAR, "ff02::1", OURS1, 0, 8 },
	{ 2, PEER_LL, "ff02::1", "fe80::ff:fe00:2", 2, 8 },
	{ 2, PEER2, "ff02::1", "fe80::ff:fe00:2", 2, 8 },	/* it has no other */
	{ 0, PEER, "ff02::1:ff00:1", OURS, 0, 8 },
	{ 0, PEER, OUR_ANYCAST, OURS, 0, 8 },
	{ 0, PEER, "ff02::77", NULL, 0, 8 },
	{ 0, "::", OURS, NULL, 0, 8 },
};
/* clang-format on */

static void echo_one(const struct echo_row *r)
{
	uint32_t ifindex;
	const uint8_t *m;
	size_t octets;
	struct bed b;

	begin(&b);
	bed_rx(&b, r->link, bed_echo(&b, r->src, r->dst, 0x1234, r->octets));
	if (r->from != NULL) {
		m = bed_tx_msg(&b, r->from, r->src, ICMP6_ECHO_REPLY, 0, &octets);
		assert_int_equal(octets, 8 + r->octets);
		assert_int_equal(get_be32(m + 4), 0x00071234);
		for (size_t i = 0; i < r->octets; i++)
			assert_int_equal(m[8 + i], (uint8_t)i);
		assert_int_equal(bed_msg_pkt(&b)->p[IP6_HLIM_OFF], 64);
		ifindex = b.sent[0].ifindex;
		assert_int_equal(ifindex, b.ifindex[r->reply_link]);
		bed_dropped_only(&b, DROP_NONE, 0);
	}
	bed_silent_until(&b, b.now + 10 * NS_PER_S);
	bed_done(&b);
}

static void test_echo(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(echo_rows); i++) {
		bed_row(i, ARRAY_LEN(echo_rows));
		echo_one(&echo_rows[i]);
	}
	bed_row(ARRAY_LEN(echo_rows), ARRAY_LEN(echo_rows));
}

#define LARGE 65000

/* The request comes in fragments of 1,280 octets, the reply goes in such of the link's 1,500. */
static void test_echo_large(void **state)
{
	struct ip6_addr src = bed_addr_of(PEER), dst = bed_addr_of(OURS);
	static uint8_t got[8 + LARGE];
	struct pktq q = { 0 };
	uint32_t id = 0, want = 0;
	const struct pkt *f;
	struct pkt *pkt;
	struct bed b;
	uint8_t *m;

	(void)state;
	begin(&b);
	pkt = pkt_new(&b.pool, IP6_HDR_OCTETS + 8 + LARGE);
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), 0, 0, 8 + LARGE, IP6_NH_ICMP6, 64, &src, &dst);
	m = pkt_put(pkt, 8 + LARGE);
	for (unsigned i = 0; i < 8 + LARGE; i++)
		m[i] = (uint8_t)(i * 7 + i / 251);
	memcpy(m, "\x80\0\0\0\0\7\0\1", 8);
	put_be16(m + 2, csum_upper(&src, &dst, m, 8 + LARGE, IP6_NH_ICMP6));
	assert_int_equal(ip6_fragment(&b.node->env, pkt, IP6_MTU_MIN, 77, &q), 0);
	while ((pkt = pktq_get(&q)) != NULL) {
		assert_true(bed_silent(&b));
		bed_rx(&b, 0, pkt);
	}

	while ((f = bed_tx(&b, NULL, NULL)) != NULL) {
		const uint8_t *h = f->p + IP6_HDR_OCTETS;
		uint16_t off = get_be16(h + IP6_FRAG_OFFSET_OFF);
		uint32_t n = f->len - IP6_HDR_OCTETS - IP6_FRAG_OCTETS;

		assert_int_equal(f->p[IP6_NEXT_OFF], IP6_NH_FRAGMENT);
		assert_int_equal(h[0], IP6_NH_ICMP6);
		assert_int_equal(off & IP6_FRAG_OFFSET_MASK, want);
		assert_int_equal(off & IP6_FRAG_MORE, want + n < sizeof(got));
		assert_true(f->len <= 1500 && (want + n == sizeof(got) || f->len > 1500 - 8));
		if (want == 0)
			id = get_be32(h + IP6_FRAG_ID_OFF);
		assert_int_equal(get_be32(h + IP6_FRAG_ID_OFF), id);
		memcpy(got + want, h + IP6_FRAG_OCTETS, n);
		want += n;
	}
	assert_int_equal(want, sizeof(got));
	assert_int_equal(got[0], ICMP6_ECHO_REPLY);
	assert_int_equal(csum_upper(&dst, &src, got, sizeof(got), IP6_NH_ICMP6), 0);
	for (unsigned i = 8; i < sizeof(got); i++)
		assert_int_equal(got[i], (uint8_t)(i * 7 + i / 251));
	bed_dropped_only(&b, DROP_NONE, 0);
	bed_done(&b);
}

/*
 * Section 2.4 (e): what must not be answered, each beside a twin that is.
 */

enum what {
	WHAT_NEXT,  /* an unknown next header */
	WHAT_OPT10, /* an unknown option of each kind that reports */
	WHAT_OPT11,
	WHAT_ICMP,     /* an ICMPv6 message of type icmp, for nowhere */
	WHAT_ICMP_EXT, /* the same behind a destination options header */
	WHAT_LATER,    /* a second fragment for nowhere: nobody sees what it is of */
};

struct never_row {
	const char *src, *dst, *mac; /* mac NULL: as dst demands */
	enum what what;
	uint8_t icmp;
	uint8_t type, code; /* of the error; type 0: silence */
};

#define BCAST "ff:ff:ff:ff:ff:ff"
#define MCAST "33:33:00:00:00:01"

/* clang-format off */
static const struct never_row never_rows[] = {
	/* (e.1) an error message */
	{ PEER, NOWHERE, NULL, WHAT_ICMP, ICMP6_ECHO_REQUEST, ICMP6_UNREACH, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP, ICMP6_ECHO_REPLY, ICMP6_UNREACH, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP, 255, ICMP6_UNREACH, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP, ICMP6_UNREACH, 0, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP, ICMP6_TOO_BIG, 0, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP, ICMP6_TIME_EXCEEDED, 0, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP, ICMP6_PARAM_PROB, 0, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP, 0, 0, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP, 100, 0, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP, 127, 0, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP_EXT, ICMP6_ECHO_REQUEST, ICMP6_UNREACH, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP_EXT, ICMP6_UNREACH, 0, 0 },
	{ PEER, NOWHERE, NULL, WHAT_LATER, ICMP6_UNREACH, ICMP6_UNREACH, 0 },
	/* (e.2) a redirect */
	{ PEER, NOWHERE, NULL, WHAT_ICMP, ICMP6_REDIRECT, 0, 0 },
	{ PEER, NOWHERE, NULL, WHAT_ICMP, ICMP6_NS, ICMP6_UNREACH, 0 },
	/* (e.3) to a multicast address, but for options of kind 10 */
	{ PEER, OURS, NULL, WHAT_NEXT, 0, ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT },
	{ PEER, OURS, NULL, WHAT_OPT10, 0, ICMP6_PARAM_PROB, ICMP6_PARAM_OPTION },
	{ PEER, OURS, NULL, WHAT_OPT11, 0, ICMP6_PARAM_PROB, ICMP6_PARAM_OPTION },
	{ PEER, "ff02::1", NULL, WHAT_NEXT, 0, 0, 0 },
	{ PEER, "ff02::1", NULL, WHAT_OPT10, 0, ICMP6_PARAM_PROB, ICMP6_PARAM_OPTION },
	{ PEER, "ff02::1", NULL, WHAT_OPT11, 0, 0, 0 },
	/* (e.4) by link-layer multicast, (e.5) by link-layer broadcast */
	{ PEER, OURS, MCAST, WHAT_NEXT, 0, 0, 0 },
	{ PEER, OURS, MCAST, WHAT_OPT10, 0, ICMP6_PARAM_PROB, ICMP6_PARAM_OPTION },
	{ PEER, OURS, MCAST, WHAT_OPT11, 0, 0, 0 },
	{ PEER, OURS, BCAST, WHAT_NEXT, 0, 0, 0 },
	{ PEER, OURS, BCAST, WHAT_OPT10, 0, ICMP6_PARAM_PROB, ICMP6_PARAM_OPTION },
	{ PEER, OURS, BCAST, WHAT_OPT11, 0, 0, 0 },
	/* (e.6) from no single node */
	{ "::", OURS, NULL, WHAT_NEXT, 0, 0, 0 },
	{ "::", OURS, NULL, WHAT_OPT10, 0, 0, 0 },
	{ "ff02::1", OURS, NULL, WHAT_NEXT, 0, 0, 0 },
	{ "ff0e::77", OURS, NULL, WHAT_NEXT, 0, 0, 0 },
	{ OUR_ANYCAST, OURS, NULL, WHAT_NEXT, 0, 0, 0 },
	{ "::1", OURS, NULL, WHAT_NEXT, 0, 0, 0 },
};
/* clang-format on */

static struct pkt *make(struct bed *b, const char *src, const char *dst, enum what what,
			uint8_t icmp)
{
	uint8_t m[72] = { icmp };

	switch (what) {
	case WHAT_NEXT:
		return bed_packet(b, src, dst, UNKNOWN, 64, "12345678", 8);
	case WHAT_OPT10:
		return bed_ext(b, src, dst, IP6_NH_DSTOPTS, "\0\0\x9e\4\0\0\0\0", 8, IP6_NH_NONE,
			       NULL, 0);
	case WHAT_OPT11:
		return bed_ext(b, src, dst, IP6_NH_DSTOPTS, "\0\0\xde\4\0\0\0\0", 8, IP6_NH_NONE,
			       NULL, 0);
	case WHAT_ICMP:
		return bed_icmp6(b, src, dst, 64, m, sizeof(m));
	case WHAT_ICMP_EXT:
		return bed_ext(b, src, dst, IP6_NH_DSTOPTS, "\0\0\1\4\0\0\0\0", 8, IP6_NH_ICMP6, m,
			       sizeof(m));
	case WHAT_LATER:
		return bed_ext(b, src, dst, IP6_NH_FRAGMENT, "\0\0\0\x51\0\0\0\1", 8, IP6_NH_ICMP6,
			       m, sizeof(m));
	}
	return NULL;
}

static void rx_mac(struct bed *b, unsigned link, struct pkt *pkt, const char *mac)
{
	struct mac to, from = bed_mac_of(PEER_MAC);

	if (mac == NULL) {
		bed_rx(b, link, pkt);
		return;
	}
	to = bed_mac_of(mac);
	link_header(pkt, &to, &from, ETH_TYPE_IP6);
	bed_rx_frame(b, link, pkt);
}

static void test_never(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(never_rows); i++) {
		const struct never_row *r = &never_rows[i];
		struct bed b;

		bed_row(i, ARRAY_LEN(never_rows));
		begin(&b);
		rx_mac(&b, 0, make(&b, r->src, r->dst, r->what, r->icmp), r->mac);
		if (r->type != 0)
			bed_tx_msg(&b, OURS, r->src, r->type, r->code, NULL);
		bed_silent_until(&b, b.now + 10 * NS_PER_S);
		bed_done(&b);
	}
	bed_row(ARRAY_LEN(never_rows), ARRAY_LEN(never_rows));
}

/* (e.3), first exception: no multicast is forwarded here yet, so the rule is asked directly. */
static void test_too_big_about_multicast(void **state)
{
	struct pkt *pkt;
	struct bed b;

	(void)state;
	begin(&b);
	pkt = bed_echo(&b, PEER, "ff0e::77", 1, 1452);
	pkt->ifindex = b.ifindex[0];
	icmp6_error(&b.node->ip6, pkt, ICMP6_TOO_BIG, 0, 1280, DROP_IP6_TOO_BIG);
	bed_run(&b, b.now);
	assert_int_equal(get_be32(bed_tx_msg(&b, OURS, PEER, ICMP6_TOO_BIG, 0, NULL) + 4), 1280);
	bed_dropped_only(&b, DROP_IP6_TOO_BIG, 1);
	bed_done(&b);
}

/*
 * Section 2.4 (c): as much of the packet as fits into 1,280 octets.
 */
static void test_quote(void **state)
{
	static const uint32_t lens[] = { 40, 41, 48, 1231, 1232, 1233, 1500 };
	uint8_t sent[1500];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		uint8_t data[1460];
		const uint8_t *m;
		struct pkt *pkt;
		size_t octets;
		struct bed b;

		begin(&b);
		for (size_t k = 0; k < sizeof(data); k++)
			data[k] = (uint8_t)(k * 3);
		pkt = bed_packet(&b, PEER, NOWHERE, UNKNOWN, 3, data, lens[i] - IP6_HDR_OCTETS);
		put_be32(pkt->p, 0x6b5abcde); /* traffic class and flow label come back, too */
		memcpy(sent, pkt->p, pkt->len);
		bed_rx(&b, 0, pkt);
		m = bed_tx_msg(&b, OURS, PEER, ICMP6_UNREACH, ICMP6_UNREACH_ROUTE, &octets);
		assert_int_equal(octets, MIN(lens[i] + 8, 1280u - 40));
		assert_memory_equal(m + 8, sent, octets - 8);
		assert_true(bed_silent(&b));
		bed_done(&b);
	}
}

/*
 * Section 2.2: where an error comes from.
 */
static void test_source(void **state)
{
	/* clang-format off */
	static const struct {
		unsigned link;
		const char *src, *dst;
		enum what what;
		const char *from;
	} rows[] = {
		/* (a) what it was sent to */
		{ 0, PEER, OURS, WHAT_NEXT, OURS },
		{ 0, PEER, OURS1, WHAT_NEXT, OURS1 },
		{ 0, PEER_LL, OUR_LL, WHAT_NEXT, OUR_LL },
		{ 0, PEER, OUR_LL, WHAT_NEXT, OUR_LL },
		{ 1, PEER1, OUR_LL1, WHAT_NEXT, OUR_LL1 },
		/* (b) group, anycast, somebody else: as any packet to there */
		{ 0, PEER, "ff02::1", WHAT_OPT10, OURS },
		{ 0, PEER_LL, "ff02::1", WHAT_OPT10, OUR_LL },
		{ 0, PEER, OUR_ANYCAST, WHAT_NEXT, OURS },
		{ 0, PEER, NOWHERE, WHAT_NEXT, OURS },
		{ 1, PEER1, NOWHERE, WHAT_NEXT, OURS1 },
		{ 1, FAR, NOWHERE, WHAT_NEXT, OURS },	/* leaves by link 0 */
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const uint8_t *m;
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		begin(&b);
		bed_rx(&b, rows[i].link, make(&b, rows[i].src, rows[i].dst, rows[i].what, 0));
		assert_int_equal(b.n_sent, 1);
		m = b.sent[0].pkt->p + IP6_HDR_OCTETS;
		bed_tx_msg(&b, rows[i].from, rows[i].src, m[0], m[1], NULL);
		bed_done(&b);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
}

/*
 * Section 2.4 (f): 20 at once and 20 a second to one /64, 200 at once and 1,000 a second in all.
 */
static bool answered(struct bed *b, const char *src)
{
	unsigned before = b->n_sent;

	bed_rx(b, 0, make(b, src, OURS, WHAT_NEXT, 0));
	return b->n_sent > before;
}

static void test_rate(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	for (unsigned i = 0; i < 20; i++)
		assert_true(answered(&b, PEER));
	assert_false(answered(&b, PEER));
	assert_false(answered(&b, "2001:db8::101")); /* the same /64 */
	assert_true(answered(&b, FAR));
	assert_int_equal(bed_dropped(&b, DROP_ICMP6_RATE), 2);
	assert_int_equal(bed_dropped(&b, DROP_IP6_NEXT_HEADER), 23);
	bed_run(&b, b.now + 50 * NS_PER_MS - 1);
	assert_false(answered(&b, PEER));
	bed_run(&b, b.now + 1);
	assert_true(answered(&b, PEER));
	assert_false(answered(&b, PEER));
	bed_run(&b, b.now + NS_PER_S);
	for (unsigned i = 0; i < 20; i++) /* a second later the bucket is full again, no fuller */
		assert_true(answered(&b, PEER));
	assert_false(answered(&b, PEER));
	bed_done(&b);
}

static void test_rate_of_all(void **state)
{
	unsigned total = 0;
	char src[64];
	struct bed b;

	(void)state;
	begin(&b);
	for (unsigned i = 0; i < 640; i++) {
		snprintf(src, sizeof(src), "2001:db8:77:%x::1", i / 10);
		total += answered(&b, src);
	}
	assert_int_equal(total, 200);
	bed_run(&b, b.now + NS_PER_MS - 1);
	assert_false(answered(&b, "2001:db8:77:100::1"));
	bed_run(&b, b.now + 1);
	assert_true(answered(&b, "2001:db8:77:101::1"));
	assert_false(answered(&b, "2001:db8:77:102::1"));
	bed_done(&b);
}

/*
 * Section 3: each error with its code and its 32 bits, and when it is sent. Packets come from
 * PEER on link 0.
 */
struct error_row {
	const char *dst;
	uint8_t next;
	const char *octets; /* behind the IPv6 header, of length n */
	size_t n;
	uint8_t hop_limit;
	uint8_t type, code;
	uint32_t param;
	time_ns after;
};

#define OCTETS(s) s, sizeof(s) - 1

/* clang-format off */
static const struct error_row error_rows[] = {
	/* 3.1: destination unreachable */
	{ NOWHERE, UNKNOWN, OCTETS("x"), 64, 1, 0, 0, 0 },
	{ "2001:db8:aa::1", UNKNOWN, OCTETS("x"), 64, 1, 1, 0, 0 },	/* prohibited */
	{ "2001:db8:bb::1", UNKNOWN, OCTETS("x"), 64, 1, 0, 0, 0 },	/* unreachable route */
	{ "2001:db8:1::200", UNKNOWN, OCTETS("x"), 64, 1, 3, 0, 3 * NS_PER_S },
	{ OURS, IP6_NH_UDP, OCTETS("\0\x35\0\x35\0\x08\0\0"), 64, 1, 4, 0, 0 },
	/* 3.2: packet too big; link 1 takes 1,400 octets */
	{ PEER1, UNKNOWN, NULL, 1361, 64, 2, 0, 1400, 0 },
	/* 3.3: time exceeded */
	{ PEER1, UNKNOWN, OCTETS("x"), 1, 3, 0, 0, 0 },
	{ PEER1, UNKNOWN, OCTETS("x"), 0, 3, 0, 0, 0 },
	{ OURS, IP6_NH_FRAGMENT, OCTETS("\xfd\0\0\x01\0\0\0\1abcdefgh"), 64, 3, 1, 0,
	  60 * NS_PER_S },
	/* 3.4: parameter problem, and where it points */
	{ OURS, IP6_NH_DSTOPTS, OCTETS("\x3b\1\1\4\0\0\0\0"), 64, 4, 0, 41, 0 },
	{ OURS, IP6_NH_ROUTING, OCTETS("\x3b\0\xfd\1\0\0\0\0"), 64, 4, 0, 42, 0 },
	{ OURS, IP6_NH_FRAGMENT, OCTETS("\xfd\0\0\x01\0\0\0\1abcdefg"), 64, 4, 0, 4, 0 },
	{ OURS, IP6_NH_FRAGMENT, OCTETS("\xfd\0\xff\xf8\0\0\0\1abcdefgh"), 64, 4, 0, 42, 0 },
	{ OURS, UNKNOWN, OCTETS("x"), 64, 4, 1, 6, 0 },
	{ OURS, IP6_NH_DSTOPTS, OCTETS("\xfd\0\1\4\0\0\0\0"), 64, 4, 1, 40, 0 },
	{ OURS, IP6_NH_DSTOPTS, OCTETS("\0\0\1\4\0\0\0\0\x3b\0\1\4\0\0\0\0"), 64, 4, 1, 40, 0 },
	{ OURS, IP6_NH_DSTOPTS, OCTETS("\x3b\0\x9e\4\0\0\0\0"), 64, 4, 2, 42, 0 },
	{ OURS, IP6_NH_DSTOPTS, OCTETS("\x3b\0\1\1\0\xde\1\0"), 64, 4, 2, 45, 0 },
	{ PEER1, IP6_NH_HBH, OCTETS("\x3b\0\x9e\4\0\0\0\0"), 64, 4, 2, 42, 0 },
	{ OURS, IP6_NH_FRAGMENT, OCTETS("\x06\0\0\x01\0\0\0\1abcdefgh"), 64, 4, 3, 0, 0 },
	/* and silence */
	{ "2001:db8:cc::1", UNKNOWN, OCTETS("x"), 64, 0, 0, 0, 0 },	/* black hole */
	{ OURS, IP6_NH_FRAGMENT, OCTETS("\xfd\0\0\x09\0\0\0\1abcdefgh"), 64, 0, 0, 0, 0 },
	{ OURS, IP6_NH_DSTOPTS, OCTETS("\x3b\0\x5e\4\0\0\0\0"), 64, 0, 0, 0, 0 },
	{ OURS, IP6_NH_DSTOPTS, OCTETS("\x3b\0\x1e\4\0\0\0\0"), 64, 0, 0, 0, 0 },
	{ OURS, IP6_NH_UDP, OCTETS("\0\x35\0\x35\0\x08\x12\x34"), 64, 0, 0, 0, 0 },
};
/* clang-format on */

/* A UDP datagram of no data, its checksum made right if it is 0. */
static void fix_udp(struct pkt *pkt)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p), dst = ip6_hdr_dst(pkt->p);
	uint8_t *udp = pkt->p + IP6_HDR_OCTETS;

	if (pkt->p[IP6_NEXT_OFF] == IP6_NH_UDP && get_be16(udp + 6) == 0)
		put_be16(udp + 6, csum_upper(&src, &dst, udp, 8, IP6_NH_UDP));
}

static void error_one(const struct error_row *r)
{
	const char zeros[1500] = { 0 };
	struct ip6_addr to;
	const uint8_t *m;
	struct pkt *pkt;
	struct bed b;
	time_ns t0;

	begin(&b);
	bed_if(&b, 1)->conf.link_mtu = 1400;
	bed_route_type(&b, "2001:db8:aa::/48", ROUTE_PROHIBIT);
	bed_route_type(&b, "2001:db8:bb::/48", ROUTE_UNREACHABLE);
	bed_route_type(&b, "2001:db8:cc::/48", ROUTE_BLACKHOLE);
	pkt = bed_packet(&b, PEER, r->dst, r->next, r->hop_limit,
			 r->octets != NULL ? r->octets : zeros, r->n);
	fix_udp(pkt);
	to = ip6_hdr_dst(pkt->p);
	t0 = b.now;
	bed_rx(&b, 0, pkt);
	if (r->after != 0) {
		bed_run(&b, t0 + r->after - 1);
		bed_forget(&b); /* solicitations of the neighbour */
		bed_run(&b, t0 + r->after);
	}
	if (r->type != 0) {
		bool ours = ip6_local(&b.node->ip6, &to, 0) != NULL;

		m = bed_tx_msg(&b, ours ? r->dst : OURS, PEER, r->type, r->code, NULL);
		assert_int_equal(get_be32(m + 4), r->param);
		assert_memory_equal(m + 8 + IP6_DST_OFF, to.b, IP6_ADDR_OCTETS);
	}
	bed_silent_until(&b, b.now + 100 * NS_PER_S);
	bed_done(&b);
}

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(error_rows); i++) {
		bed_row(i, ARRAY_LEN(error_rows));
		error_one(&error_rows[i]);
	}
	bed_row(ARRAY_LEN(error_rows), ARRAY_LEN(error_rows));
}

/* Code 2 cannot be had with a hop limit that ends, nor on the same link: see test_forward. */
static void test_beyond_scope(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	bed_rx(&b, 0, bed_packet(&b, PEER_LL, PEER1, UNKNOWN, 64, "x", 1));
	bed_tx_msg(&b, OUR_LL, PEER_LL, ICMP6_UNREACH, ICMP6_UNREACH_SCOPE, NULL);
	bed_silent_until(&b, b.now + 10 * NS_PER_S);
	bed_dropped_only(&b, DROP_IP6_SCOPE, 1);
	bed_done(&b);
}

/*
 * Errors that arrive, while the node pings PEER: what it quotes decides.
 */
struct told {
	unsigned n;
	struct ping_result last;
};

static void on_ping(void *ctx, const struct ping_result *r)
{
	struct told *t = ctx;

	if (r->event != PING_EVENT_ERROR)
		return;
	t->n++;
	t->last = *r;
}

struct believe_row {
	uint8_t type, code;
	int id_off, seq_off; /* added to what was sent */
	const char *src;     /* of the quote, if not ours */
	uint8_t quoted_type; /* if not the echo request */
	uint32_t cut;	     /* octets quoted, if not all */
	bool told;
	enum drop why;
};

/* clang-format off */
static const struct believe_row believe_rows[] = {
	{ ICMP6_UNREACH, 3, 0, 0, NULL, 0, 0, true, DROP_ICMP6_ERROR_DONE },
	{ ICMP6_TIME_EXCEEDED, 0, 0, 0, NULL, 0, 0, true, DROP_ICMP6_ERROR_DONE },
	{ ICMP6_PARAM_PROB, 1, 0, 0, NULL, 0, 0, true, DROP_ICMP6_ERROR_DONE },
	{ 100, 9, 0, 0, NULL, 0, 0, true, DROP_ICMP6_ERROR_DONE },	/* section 2.4 (a) */
	{ 0, 0, 0, 0, NULL, 0, 0, true, DROP_ICMP6_ERROR_DONE },
	{ 100, 9, 1, 0, NULL, 0, 0, false, DROP_ICMP6_ERROR_UNKNOWN },
	{ ICMP6_UNREACH, 3, 1, 0, NULL, 0, 0, false, DROP_ICMP6_ERROR_DONE },
	{ ICMP6_UNREACH, 3, 0, 1, NULL, 0, 0, false, DROP_ICMP6_ERROR_DONE },
	{ ICMP6_UNREACH, 3, 0, -1, NULL, 0, 0, false, DROP_ICMP6_ERROR_DONE },
	{ ICMP6_UNREACH, 3, 0, 0, NULL, ICMP6_ECHO_REPLY, 0, false, DROP_ICMP6_ERROR_DONE },
	{ ICMP6_UNREACH, 3, 0, 0, PEER, 0, 0, false, DROP_ICMP6_ERROR_FORGED },
	{ ICMP6_UNREACH, 3, 0, 0, OUR_LL1, 0, 0, false, DROP_ICMP6_ERROR_FORGED },
	{ ICMP6_UNREACH, 3, 0, 0, NULL, 0, 48, true, DROP_ICMP6_ERROR_DONE },
	{ ICMP6_UNREACH, 3, 0, 0, NULL, 0, 47, false, DROP_ICMP6_ERROR_DONE },
	{ ICMP6_UNREACH, 3, 0, 0, NULL, 0, 40, false, DROP_ICMP6_ERROR_DONE },
	{ ICMP6_UNREACH, 3, 0, 0, NULL, 0, 39, false, DROP_ICMP6_SHORT },
};
/* clang-format on */

static void believe_one(const struct believe_row *r)
{
	struct told told = { 0 };
	struct ping_conf conf = { .dst = bed_addr_of(PEER),
				  .count = 1,
				  .octets = 16,
				  .interval = NS_PER_S,
				  .timeout = 10 * NS_PER_S,
				  .hop_limit = -1,
				  .fn = on_ping,
				  .ctx = &told };
	uint8_t m[200] = { r->type, r->code };
	uint32_t n;
	struct bed b;

	begin(&b);
	assert_int_equal(ping_start(&b.node->pings, &conf, NULL), 0);
	bed_run(&b, b.now);
	bed_tx_msg(&b, OURS, PEER, ICMP6_ECHO_REQUEST, 0, NULL);
	n = bed_msg_pkt(&b)->len;
	memcpy(m + 8, bed_msg_pkt(&b)->p, n);
	put_be16(m + 8 + 44, (uint16_t)(get_be16(m + 8 + 44) + r->id_off));
	put_be16(m + 8 + 46, (uint16_t)(get_be16(m + 8 + 46) + r->seq_off));
	if (r->src != NULL) {
		struct ip6_addr src = bed_addr_of(r->src);

		ip6_hdr_set_src(m + 8, &src);
	}
	if (r->quoted_type != 0)
		m[8 + 40] = r->quoted_type;
	bed_rx(&b, 0, bed_icmp6(&b, PEER_LL, OURS, 64, m, 8 + (r->cut != 0 ? r->cut : n)));
	assert_int_equal(told.n, r->told);
	if (r->told) {
		assert_int_equal(told.last.type, r->type);
		assert_int_equal(told.last.code, r->code);
		assert_int_equal(told.last.seq, 0);
	}
	bed_dropped_only(&b, r->why, 1);
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
	bed_row(ARRAY_LEN(believe_rows), ARRAY_LEN(believe_rows));
}

/* Section 2.3 and 2.4 (b): every wrong checksum, every unknown informational type, in silence. */
static void test_not_taken(void **state)
{
	struct pkt *pkt;
	struct bed b;

	(void)state;
	begin(&b);
	for (unsigned bit = 0; bit < 16; bit++) {
		pkt = bed_echo(&b, PEER, OURS, 1, 8);
		pkt->p[IP6_HDR_OCTETS + 2 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		bed_rx(&b, 0, pkt);
	}
	bed_dropped_only(&b, DROP_ICMP6_CSUM, 16);
	bed_mark(&b);
	for (unsigned type = 138; type < 256; type++) {
		uint8_t m[8] = { (uint8_t)type };

		if (type != ICMP6_MLD2_REPORT)
			bed_rx(&b, 0, bed_icmp6(&b, PEER, OURS, 64, m, sizeof(m)));
	}
	bed_dropped_only(&b, DROP_ICMP6_TYPE, 256 - 138 - 1);
	bed_silent_until(&b, b.now + 10 * NS_PER_S);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_echo),	      cmocka_unit_test(test_echo_large),
		BED_ROWS(test_never),	      cmocka_unit_test(test_too_big_about_multicast),
		cmocka_unit_test(test_quote), BED_ROWS(test_source),
		cmocka_unit_test(test_rate),  cmocka_unit_test(test_rate_of_all),
		BED_ROWS(test_errors),	      cmocka_unit_test(test_beyond_scope),
		BED_ROWS(test_believed),      cmocka_unit_test(test_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
