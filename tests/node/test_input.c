/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The checks of RFC 8200 sections 3 and 4 on what arrives for the node itself. A row is an echo
 * request, or something else, with one thing wrong about it.
 */
#include "bed.h"

#include "base/csum.h"

#define OURS	 "2001:db8::1"
#define PEER	 "2001:db8::100"
#define PEER_MAC "02:00:00:00:01:00"

static void begin(struct bed *b)
{
	bed_init(b, 1);
	bed_addr(b, 0, OURS "/64");
	bed_neigh(b, 0, PEER, PEER_MAC);
	bed_quiet(b);
}

/*
 * An echo request whose header is changed, in a frame of another length.
 */
struct header_row {
	int off; /* octet to change, or -1 */
	uint8_t value;
	int longer;    /* octets of the frame more than of the packet */
	enum drop why; /* DROP_NONE: it is answered */
};

/* clang-format off */
static const struct header_row header_rows[] = {
	{ -1, 0, 0, DROP_NONE },
	/* version, and nothing else of that octet */
	{ 0, 0x40, 0, DROP_IP6_VERSION },
	{ 0, 0x50, 0, DROP_IP6_VERSION },
	{ 0, 0x70, 0, DROP_IP6_VERSION },
	{ 0, 0x00, 0, DROP_IP6_VERSION },
	{ 0, 0xf0, 0, DROP_IP6_VERSION },
	{ 0, 0x6f, 0, DROP_NONE },	/* traffic class */
	{ 1, 0xff, 0, DROP_NONE },
	{ 3, 0xff, 0, DROP_NONE },	/* flow label */
	/* lengths: 16 octets of payload */
	{ 5, 17, 0, DROP_IP6_LEN },
	{ 4, 0xff, 0, DROP_IP6_LEN },
	{ -1, 0, -1, DROP_IP6_LEN },
	{ -1, 0, -16, DROP_IP6_LEN },
	{ -1, 0, -17, DROP_IP6_SHORT },
	{ -1, 0, -56, DROP_IP6_SHORT },
	{ -1, 0, 1, DROP_NONE },	/* padding of the link is cut off */
	{ -1, 0, 500, DROP_NONE },
	{ 5, 15, 0, DROP_ICMP6_CSUM },
	{ 5, 7, 0, DROP_ICMP6_CSUM },
	{ 5, 3, 0, DROP_ICMP6_SHORT },
	{ 5, 0, 0, DROP_ICMP6_SHORT },	/* not a jumbogram: no hop-by-hop header */
	/* hop limit: of no interest to a destination */
	{ 7, 0, 0, DROP_NONE },
	{ 7, 1, 0, DROP_NONE },
	{ 7, 255, 0, DROP_NONE },
	/* what is behind */
	{ 6, IP6_NH_NONE, 0, DROP_IP6_NO_NEXT_HEADER },
	{ 6, 253, 0, DROP_IP6_NEXT_HEADER },
	{ 6, IP6_NH_TCP, 0, DROP_TCP_SHORT },
	/* addresses */
	{ 8, 0xff, 0, DROP_IP6_SRC_MCAST },
	{ 24, 0xff, 0, DROP_IP6_DST_MCAST_SCOPE },	/* ff01:... */
	{ 39, 2, 0, DROP_IP6_NOT_OURS },
};
/* clang-format on */

static void header_one(const struct header_row *r)
{
	struct mac from = bed_mac_of(PEER_MAC);
	const uint8_t *m;
	struct pkt *pkt;
	size_t octets;
	struct bed b;

	begin(&b);
	pkt = bed_echo(&b, PEER, OURS, 1, 8);
	if (r->off == 24)
		pkt->p[25] = 1;
	if (r->off >= 0)
		pkt->p[r->off] = r->value;
	if (r->longer >= 0)
		memset(pkt_put(pkt, (uint32_t)r->longer), 0xee, (size_t)r->longer);
	else
		pkt_trim(pkt, (uint32_t)((int)pkt->len + r->longer));
	link_header(pkt, &b.mac[0], &from, ETH_TYPE_IP6);
	assert_int_equal(bed_rx_frame(&b, 0, pkt), r->why);
	bed_dropped_only(&b, r->why, 1);
	if (r->why == DROP_NONE) {
		bed_tx_msg(&b, OURS, PEER, ICMP6_ECHO_REPLY, 0, &octets);
		assert_int_equal(octets, 16);
	} else if (r->why == DROP_IP6_NEXT_HEADER) {
		m = bed_tx_msg(&b, OURS, PEER, ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, NULL);
		assert_int_equal(get_be32(m + 4), IP6_NEXT_OFF);
	}
	bed_silent_until(&b, b.now + 10 * NS_PER_S);
	bed_done(&b);
}

static void test_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(header_rows); i++) {
		bed_row(i, ARRAY_LEN(header_rows));
		header_one(&header_rows[i]);
	}
	bed_row(1, 1);
}

/*
 * Section 4: headers before the echo request, in any order and number but for hop-by-hop options,
 * and where an error about them points.
 */
struct chain_row {
	const char *chain; /* a letter each: H D R F A(tomic fragment) */
	uint8_t last;	   /* what the last names */
	enum drop why;
	int type, code; /* -1: no error */
	uint32_t ptr;
};

/* clang-format off */
static const struct chain_row chain_rows[] = {
	{ "", IP6_NH_ICMP6, DROP_NONE, -1, 0, 0 },
	{ "H", IP6_NH_ICMP6, DROP_NONE, -1, 0, 0 },
	{ "D", IP6_NH_ICMP6, DROP_NONE, -1, 0, 0 },
	{ "R", IP6_NH_ICMP6, DROP_NONE, -1, 0, 0 },
	{ "A", IP6_NH_ICMP6, DROP_NONE, -1, 0, 0 },
	{ "HDRAD", IP6_NH_ICMP6, DROP_NONE, -1, 0, 0 },	/* the order of section 4.1 */
	{ "DRADR", IP6_NH_ICMP6, DROP_NONE, -1, 0, 0 },	/* and others: "must attempt" */
	{ "DDDDDDDD", IP6_NH_ICMP6, DROP_NONE, -1, 0, 0 },
	{ "DDDDDDDDD", IP6_NH_ICMP6, DROP_EXT_TOO_MANY, -1, 0, 0 },	/* a limit of ours */
	{ "DH", IP6_NH_ICMP6, DROP_EXT_HBH_PLACE, 4, 1, 40 },
	{ "HH", IP6_NH_ICMP6, DROP_EXT_HBH_PLACE, 4, 1, 40 },
	{ "RDH", IP6_NH_ICMP6, DROP_EXT_HBH_PLACE, 4, 1, 48 },
	{ "", 253, DROP_IP6_NEXT_HEADER, 4, 1, 6 },
	{ "H", 253, DROP_IP6_NEXT_HEADER, 4, 1, 40 },
	{ "HD", 253, DROP_IP6_NEXT_HEADER, 4, 1, 48 },
	{ "HDR", 253, DROP_IP6_NEXT_HEADER, 4, 1, 56 },
	{ "A", 253, DROP_IP6_NEXT_HEADER, 4, 1, 40 },
	{ "D", IP6_NH_NONE, DROP_IP6_NO_NEXT_HEADER, -1, 0, 0 },
	{ "HDRA", IP6_NH_NONE, DROP_IP6_NO_NEXT_HEADER, -1, 0, 0 },
};
/* clang-format on */

static uint8_t number_of(char c)
{
	switch (c) {
	case 'H':
		return IP6_NH_HBH;
	case 'D':
		return IP6_NH_DSTOPTS;
	case 'R':
		return IP6_NH_ROUTING;
	default:
		return IP6_NH_FRAGMENT;
	}
}

static struct pkt *chain_packet(struct bed *b, const struct chain_row *r)
{
	struct pkt *echo = bed_echo(b, PEER, OURS, 1, 8), *pkt;
	size_t n = strlen(r->chain);
	uint8_t octets[200] = { 0 };

	for (size_t i = 0; i < n; i++) {
		uint8_t *p = octets + 8 * i;

		p[0] = i + 1 < n ? number_of(r->chain[i + 1]) : r->last;
		if (r->chain[i] == 'H' || r->chain[i] == 'D')
			memcpy(p + 2, "\1\4", 2);
		if (r->chain[i] == 'R')
			p[2] = 253; /* no segments left: whatever its type */
	}
	memcpy(octets + 8 * n, echo->p + IP6_HDR_OCTETS, 16);
	pkt_free(echo);
	pkt = bed_packet(b, PEER, OURS, n != 0 ? number_of(r->chain[0]) : r->last, 64, octets,
			 8 * n + 16);
	return pkt;
}

static void test_chain(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chain_rows); i++) {
		const struct chain_row *r = &chain_rows[i];
		const uint8_t *m;
		struct bed b;

		bed_row(i, ARRAY_LEN(chain_rows));
		begin(&b);
		bed_rx(&b, 0, chain_packet(&b, r));
		bed_dropped_only(&b, r->why, 1);
		if (r->why == DROP_NONE)
			bed_tx_msg(&b, OURS, PEER, ICMP6_ECHO_REPLY, 0, NULL);
		if (r->type >= 0) {
			m = bed_tx_msg(&b, OURS, PEER, (uint8_t)r->type, (uint8_t)r->code, NULL);
			assert_int_equal(get_be32(m + 4), r->ptr);
		}
		bed_silent_until(&b, b.now + 100 * NS_PER_S);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/*
 * RFC 2675 is not taken: the option is unknown (kind 11), whatever the payload length says.
 */
static void test_jumbo(void **state)
{
	/* clang-format off */
	static const struct {
		const char *dst, *hbh;
		bool zero_plen;
		enum drop why;
		int type, code;		/* -1: silence */
		uint32_t ptr;
	} rows[] = {
		{ OURS, "\x3b\0\xc2\4\0\1\0\0", true, DROP_OPT_JUMBO, 4, 2, 42 },
		{ OURS, "\x3b\0\xc2\4\0\1\0\0", false, DROP_OPT_JUMBO, 4, 2, 42 },
		{ "ff02::1", "\x3b\0\xc2\4\0\1\0\0", true, DROP_OPT_JUMBO, -1, 0, 0 },
		/* no such option: then nothing is behind the IPv6 header, not even options */
		{ OURS, "\x3b\0\1\4\0\0\0\0", true, DROP_EXT_SHORT, -1, 0, 0 },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const uint8_t *m;
		struct pkt *pkt;
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		begin(&b);
		pkt = bed_packet(&b, PEER, rows[i].dst, IP6_NH_HBH, 64, rows[i].hbh, 8);
		if (rows[i].zero_plen)
			put_be16(pkt->p + IP6_PLEN_OFF, 0);
		bed_rx(&b, 0, pkt);
		bed_dropped_only(&b, rows[i].why, 1);
		if (rows[i].type >= 0) {
			m = bed_tx_msg(&b, OURS, PEER, (uint8_t)rows[i].type, (uint8_t)rows[i].code,
				       NULL);
			assert_int_equal(get_be32(m + 4), rows[i].ptr);
		}
		bed_silent_until(&b, b.now + 10 * NS_PER_S);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/*
 * Who listens: RFC 4291 section 2.8 for a host and a router.
 */
static void test_groups(void **state)
{
	/* clang-format off */
	static const struct {
		const char *dst;
		bool host, router;	/* is it taken? */
	} rows[] = {
		{ OURS, true, true },
		{ "fe80::ff:fe00:0", true, true },
		{ "ff02::1", true, true },
		{ "ff02::2", false, true },
		{ "ff02::1:ff00:1", true, true },	/* solicited-node of OURS */
		{ "ff02::1:ff00:0", true, true },	/* of the link-local address */
		{ "ff02::1:ff00:2", false, false },
		{ "2001:db8::", false, true },		/* subnet-router anycast */
		{ "ff02::1:1", false, false },
		{ "ff05::1", false, false },
		{ "ff12::1", false, false },		/* transient: not all-nodes */
		{ "ff02::16", false, false },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		bool router = i % 2, want = router ? rows[i / 2].router : rows[i / 2].host;
		struct bed b;

		bed_row(i, 2 * ARRAY_LEN(rows));
		begin(&b);
		if (router)
			bed_router(&b, 1);
		bed_quiet(&b);
		bed_rx(&b, 0, bed_echo(&b, PEER, rows[i / 2].dst, 1, 8));
		assert_int_equal(bed_if(&b, 0)->count.in_delivers > 0, want);
		if (want)
			bed_tx_msg(&b, NULL, PEER, ICMP6_ECHO_REPLY, 0, NULL);
		bed_silent_until(&b, b.now + 10 * NS_PER_S);
		bed_done(&b);
	}
	bed_row(1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_header),
		BED_ROWS(test_chain),
		BED_ROWS(test_jumbo),
		BED_ROWS(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
