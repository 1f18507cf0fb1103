/* SPDX-License-Identifier: BSD-3-Clause */
/* Header checks and forwarding: RFC 791, RFC 1122 section 3.2.1, RFC 1812 section 5. */
#include "ip4/bed4.h"

#include "base/csum.h"

static const uint8_t data[16] = { 1, 2, 3 };

/* A header with one thing wrong. */
static void wrong_headers(void **state)
{
	static const struct {
		int at; /* -1: cut to @value octets; -2: the checksum */
		uint16_t value;
		enum drop why;
	} rows[] = {
		{ -1, 19, DROP_IP4_SHORT },	   { 0, 0x6500, DROP_IP4_VERSION },
		{ 0, 0x4400, DROP_IP4_HDR_LEN },   { 0, 0x4f00, DROP_IP4_HDR_LEN },
		{ IP4_LEN_OFF, 19, DROP_IP4_LEN }, { IP4_LEN_OFF, 37, DROP_IP4_LEN },
		{ -2, 1, DROP_IP4_CSUM },
	};
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip4_say say = { .src = "192.0.2.2",
				       .dst = "192.0.2.1",
				       .proto = 17,
				       .data = data,
				       .octets = sizeof(data) };
		struct pkt *pkt = bed4_packet(&b, &say);

		bed_row(i, ARRAY_LEN(rows));
		if (rows[i].at >= 0) {
			put_be16(pkt->p + rows[i].at, rows[i].value);
			put_be16(pkt->p + IP4_CSUM_OFF, 0);
			put_be16(pkt->p + IP4_CSUM_OFF,
				 (uint16_t)~csum_fold(csum_add(0, pkt->p, 20)));
		} else if (rows[i].at == -1) {
			pkt_trim(pkt, rows[i].value);
		} else {
			pkt->p[IP4_CSUM_OFF] ^= 1;
		}
		assert_int_equal(bed4_rx(&b, 0, pkt), rows[i].why);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* RFC 1122 section 3.2.1.3. */
static void wrong_addresses(void **state)
{
	static const struct {
		const char *src, *dst;
		enum drop why;
	} rows[] = {
		{ "224.0.0.5", "192.0.2.1", DROP_IP4_SRC },
		{ "240.1.2.3", "192.0.2.1", DROP_IP4_SRC },
		{ "255.255.255.255", "192.0.2.1", DROP_IP4_SRC },
		{ "192.0.2.255", "192.0.2.1", DROP_IP4_SRC },
		{ "0.1.2.3", "192.0.2.1", DROP_IP4_SRC },
		{ "0.0.0.0", "192.0.2.1", DROP_IP4_SRC },
		{ "127.0.0.1", "192.0.2.1", DROP_IP4_LOOPBACK },
		{ "192.0.2.2", "127.0.0.1", DROP_IP4_LOOPBACK },
		{ "192.0.2.2", "0.0.0.0", DROP_IP4_DST },
		{ "192.0.2.2", "240.0.0.1", DROP_IP4_DST },
		{ "192.0.2.1", "192.0.2.1", DROP_IP4_SRC_OWN },
		{ "192.0.2.2", "224.9.9.9", DROP_IP4_MCAST_NOT_JOINED },
		{ "192.0.2.2", "198.51.100.7", DROP_IP4_NOT_OURS },
	};
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip4_say say = { .src = rows[i].src,
				       .dst = rows[i].dst,
				       .proto = 17,
				       .data = data,
				       .octets = sizeof(data) };

		bed_row(i, ARRAY_LEN(rows));
		assert_int_equal(bed4_rx(&b, 0, bed4_packet(&b, &say)), rows[i].why);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* RFC 1122 section 3.3.6: what came to all stations is for one. */
static void link_broadcast(void **state)
{
	struct mac all = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }, from;
	struct bed b;
	struct pkt *pkt;

	(void)state;
	bed4_init(&b, 1);
	from = bed_mac_of(PEER4_MAC);
	pkt = bed4_echo(&b, "192.0.2.2", "192.0.2.1", 1, 0);
	link_header(pkt, &all, &from, ETH_TYPE_IP4);
	assert_int_equal(bed_rx_frame(&b, 0, pkt), DROP_IP4_LINK_UNICAST);
	bed_done(&b);
}

/* RFC 4942 section 2.2: whoever could send such would speak for IPv4 nodes. */
static void mapped_addresses_on_the_wire(void **state)
{
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	bed_addr(&b, 0, "2001:db8::1/64");
	bed_quiet(&b);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, "::ffff:192.0.2.2", "2001:db8::1", 1, 0)),
			 DROP_IP6_MAPPED);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, "2001:db8::2", "::ffff:192.0.2.1", 1, 0)),
			 DROP_IP6_MAPPED);
	/* Neighbor Discovery has no say about IPv4's neighbours */
	assert_int_equal(bed_rx(&b, 0,
				bed_ns(&b, ICMP6_NA, NUD_NA_OVERRIDE, "fe80::2", "ff02::1",
				       "::ffff:192.0.2.2", "\x02\x01\x02\x00\x00\x00\x01\x99", 8)),
			 DROP_IP6_MAPPED);
	assert_int_equal(bed_rx(&b, 0,
				bed_ns(&b, ICMP6_NS, 0, "fe80::2", "fe80::ff:fe00:0",
				       "::ffff:192.0.2.1", NULL, 0)),
			 DROP_IP6_MAPPED);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* Options: passed over, but for source routes (RFC 7126 section 4.3) and what is none. */
static void options(void **state)
{
	static const struct {
		uint8_t octets[8];
		enum drop why;
		int pointer; /* of a Parameter Problem */
	} rows[] = {
		{ { 1, 1, 0, 0 }, DROP_NONE, -1 },
		{ { 148, 4, 0, 0, 1, 0 }, DROP_NONE, -1 }, /* router alert */
		{ { 7, 7, 4, 0, 0, 0, 0, 0 }, DROP_NONE, -1 },
		{ { 131, 7, 4, 1, 2, 3, 4, 0 }, DROP_IP4_SOURCE_ROUTE, -1 },
		{ { 1, 137, 7, 4, 1, 2, 3, 4 }, DROP_IP4_SOURCE_ROUTE, -1 },
		{ { 148, 1, 0, 0 }, DROP_IP4_OPTION, 20 },
		{ { 148, 9, 0, 0 }, DROP_IP4_OPTION, 20 },
		{ { 1, 1, 1, 1, 1, 1, 1, 148 }, DROP_IP4_OPTION, 20 },
	};
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pkt *echo = bed4_echo(&b, "192.0.2.2", "192.0.2.1", 1, 0);
		struct ip4_say say = { .src = "192.0.2.2",
				       .dst = "192.0.2.1",
				       .proto = 1,
				       .options = rows[i].octets,
				       .n_options = 8,
				       .data = echo->p + 20,
				       .octets = 8 };

		bed_row(i, ARRAY_LEN(rows));
		assert_int_equal(bed4_rx(&b, 0, bed4_packet(&b, &say)), rows[i].why);
		pkt_free(echo);
		if (rows[i].why == DROP_NONE)
			bed4_tx_icmp(&b, NULL, NULL, ICMP4_ECHO_REPLY, 0, NULL);
		if (rows[i].pointer >= 0)
			assert_int_equal(bed4_tx_icmp(&b, NULL, NULL, ICMP4_PARAM_PROB, 0, NULL)[4],
					 rows[i].pointer);
		assert_true(bed_silent(&b));
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	bed_done(&b);
}

static void forward_on(struct bed *b)
{
	bed4_init(b, 2);
	bed4_know(b);
	bed_neigh(b, 1, "198.51.100.2", "02:00:00:00:02:00");
	bed_if(b, 0)->conf.forwarding4 = bed_if(b, 1)->conf.forwarding4 = true;
}

/* RFC 1812 section 5.3.1: one less to live, and the checksum follows. */
static void forwarded(void **state)
{
	struct ip4_say say = { .src = "192.0.2.2",
			       .dst = "198.51.100.2",
			       .proto = 17,
			       .ttl = 2,
			       .id = 77,
			       .data = data,
			       .octets = sizeof(data) };
	struct ip4_hdr h;
	struct bed b;

	(void)state;
	forward_on(&b);
	assert_int_equal(bed4_rx(&b, 0, bed4_packet(&b, &say)), DROP_NONE);
	bed4_tx(&b, "192.0.2.2", "198.51.100.2", &h);
	assert_int_equal(h.ttl, 1);
	assert_int_equal(h.id, 77);
	assert_int_equal(bed_tx_eth(bed_msg_pkt(&b))[4], 2);
	say.ttl = 1;
	assert_int_equal(bed4_rx(&b, 0, bed4_packet(&b, &say)), DROP_IP4_TTL);
	bed4_tx_icmp(&b, "192.0.2.1", "192.0.2.2", ICMP4_TIME_EXCEEDED, ICMP4_TIME_TTL, NULL);
	say.ttl = 9;
	bed_route(&b, 1, "203.0.113.0/24", "198.51.100.2");
	say.dst = "203.0.113.5";
	assert_int_equal(bed4_rx(&b, 0, bed4_packet(&b, &say)), DROP_NONE);
	bed4_tx(&b, "192.0.2.2", "203.0.113.5", &h);
	bed_done(&b);
}

static void not_forwarded(void **state)
{
	static const struct {
		const char *src, *dst;
		enum drop why;
		int type, code;
	} rows[] = {
		{ "192.0.2.2", "10.0.0.1", DROP_IP4_NO_ROUTE, 3, 0 },
		{ "192.0.2.2", "10.1.0.1", DROP_IP6_PROHIBIT, 3, 13 },
		{ "192.0.2.2", "10.2.0.1", DROP_IP6_BLACKHOLE, -1, 0 },
		{ "169.254.1.1", "198.51.100.2", DROP_IP4_SCOPE, -1, 0 },
		{ "192.0.2.2", "169.254.1.1", DROP_IP4_SCOPE, -1, 0 },
		{ "192.0.2.2", "198.51.100.255", DROP_IP4_BROADCAST, -1, 0 },
	};
	struct mac from = { { 2, 0, 0, 0, 1, 0 } };
	struct bed b;

	(void)state;
	forward_on(&b);
	bed_addr(&b, 0, "2001:db8::1/64"); /* an IPv6 default route is none of IPv4's */
	bed_route(&b, 0, "::/0", "fe80::2");
	bed_quiet(&b);
	bed_route_type(&b, "10.1.0.0/16", ROUTE_PROHIBIT);
	bed_route_type(&b, "10.2.0.0/16", ROUTE_BLACKHOLE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip4_say say = { .src = rows[i].src,
				       .dst = rows[i].dst,
				       .proto = 17,
				       .data = data,
				       .octets = sizeof(data) };
		struct pkt *pkt = bed4_packet(&b, &say);

		bed_row(i, ARRAY_LEN(rows));
		link_header(pkt, &b.mac[0], &from, ETH_TYPE_IP4);
		assert_int_equal(bed_rx_frame(&b, 0, pkt), rows[i].why);
		if (rows[i].type >= 0)
			bed4_tx_icmp(&b, "192.0.2.1", "192.0.2.2", (uint8_t)rows[i].type,
				     (uint8_t)rows[i].code, NULL);
		assert_true(bed_silent(&b));
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	bed_done(&b);
}

/* RFC 1191 section 4: the MTU of the next hop; RFC 791 section 3.2: who may be fragmented is. */
static void too_big_for_the_next_link(void **state)
{
	static const uint8_t big[1380];
	uint8_t options[8] = { 148, 4, 0, 0, 7, 3, 4, 0 };
	struct ip4_say say = { .src = "192.0.2.2",
			       .dst = "198.51.100.2",
			       .proto = 17,
			       .off = IP4_DF,
			       .id = 5,
			       .data = big,
			       .octets = sizeof(big) };
	const uint8_t *m;
	struct ip4_hdr h;
	struct bed b;

	(void)state;
	forward_on(&b);
	bed_if(&b, 1)->link.mtu = 1300;
	assert_int_equal(bed4_rx(&b, 0, bed4_packet(&b, &say)), DROP_IP4_DONT_FRAGMENT);
	m = bed4_tx_icmp(&b, "192.0.2.1", "192.0.2.2", ICMP4_UNREACH, ICMP4_UNREACH_TOO_BIG, NULL);
	assert_int_equal(get_be32(m + 4), 1300);
	say.off = IP4_MF | 10; /* a fragment itself */
	say.options = options;
	say.n_options = sizeof(options);
	assert_int_equal(bed4_rx(&b, 0, bed4_packet(&b, &say)), DROP_NONE);
	bed4_tx(&b, NULL, NULL, &h);
	assert_int_equal(h.octets, 28);
	assert_int_equal(h.len, 28 + 1272);
	assert_int_equal(h.off, IP4_MF | 10);
	bed4_tx(&b, NULL, NULL, &h);
	assert_int_equal(h.octets, 24); /* the router alert is copied, the other is not */
	assert_int_equal(h.len, 24 + 108);
	assert_int_equal(h.off, IP4_MF | (10 + 1272 / 8));
	assert_int_equal(h.id, 5);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* RFC 791 section 3.2, RFC 1858, RFC 5722 for the overlap. */
static void bad_fragments(void **state)
{
	static const uint8_t d[64];
	static const struct {
		uint16_t off;
		size_t octets;
		enum drop why;
	} rows[] = {
		{ IP4_MF | 1, 0, DROP_IP4_FRAG_LEN },
		{ IP4_MF | 1, 12, DROP_IP4_FRAG_LEN },
		{ 8189, 64, DROP_FRAG_TOO_BIG },
		{ IP4_MF | 0, 32, DROP_NONE },
		{ IP4_MF | 0, 32, DROP_FRAG_DUPLICATE },
		{ IP4_MF | 3, 32, DROP_FRAG_OVERLAP },
		{ 4, 8, DROP_FRAG_OVERLAP }, /* of what was refused */
	};
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip4_say say = { .src = "192.0.2.2",
				       .dst = "192.0.2.1",
				       .proto = 17,
				       .id = 3,
				       .off = rows[i].off,
				       .data = d,
				       .octets = rows[i].octets };

		bed_row(i, ARRAY_LEN(rows));
		assert_int_equal(bed4_rx(&b, 0, bed4_packet(&b, &say)), rows[i].why);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* RFC 1122 section 3.3.2: after a minute, and only if the first is there. */
static void reassembly_times_out(void **state)
{
	static const uint8_t d[64] = { 9 };
	struct ip4_say say = { .src = "192.0.2.2",
			       .dst = "192.0.2.1",
			       .proto = 17,
			       .id = 3,
			       .off = IP4_MF,
			       .data = d,
			       .octets = 64 };
	const uint8_t *m;
	struct pkt *pkt;
	uint8_t was[84];
	struct bed b;
	size_t n;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	pkt = bed4_packet(&b, &say);
	memcpy(was, pkt->p, sizeof(was));
	bed4_rx(&b, 0, pkt);
	bed_silent_until(&b, b.now + 60 * NS_PER_S - 1);
	bed_run(&b, b.now + 1);
	m = bed4_tx_icmp(&b, "192.0.2.1", "192.0.2.2", ICMP4_TIME_EXCEEDED, ICMP4_TIME_REASSEMBLY,
			 &n);
	assert_int_equal(n, 8 + 84);
	assert_memory_equal(m + 8, was, 84);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(wrong_headers),
		BED_ROWS(wrong_addresses),
		cmocka_unit_test(link_broadcast),
		cmocka_unit_test(mapped_addresses_on_the_wire),
		BED_ROWS(options),
		cmocka_unit_test(forwarded),
		BED_ROWS(not_forwarded),
		cmocka_unit_test(too_big_for_the_next_link),
		BED_ROWS(bad_fragments),
		cmocka_unit_test(reassembly_times_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
