/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP: RFC 792, RFC 1122 section 3.2.2, RFC 1812 section 4.3.2. */
#include "ip4/bed4.h"

#include "base/csum.h"

static void echo(void **state)
{
	struct bed b;
	struct pkt *pkt;
	struct ip4_hdr h;
	const struct pkt *reply;
	const uint8_t *m;
	size_t n;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	pkt = bed4_echo(&b, "192.0.2.2", "192.0.2.1", 5, 100);
	pkt->p[IP4_TOS_OFF] = 0x28;
	bed4_csum(pkt);
	assert_int_equal(bed4_rx(&b, 0, pkt), DROP_NONE);
	m = bed4_tx_icmp(&b, "192.0.2.1", "192.0.2.2", ICMP4_ECHO_REPLY, 0, &n);
	assert_int_equal(n, 108);
	assert_int_equal(get_be16(m + 4), 7);
	assert_int_equal(get_be16(m + 6), 5);
	assert_int_equal(m[8 + 99], 99);
	reply = bed_msg_pkt(&b);
	ip4_hdr_parse(rd_of(reply->p, reply->len), &h);
	assert_int_equal(h.ttl, 64);
	assert_int_equal(h.tos, 0x28); /* RFC 1122 section 3.2.2.6 */
	assert_int_equal(h.off, IP4_DF);
	assert_int_equal(h.id, 0); /* RFC 6864 section 4.1 */
	bed_done(&b);
}

/* An echo request of 1,400 octets and one of 1,900 in two fragments, in either order. */
static void fragments(void **state)
{
	struct bed b;
	size_t n;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	for (unsigned order = 0; order < 2; order++) {
		struct pkt *whole = bed4_echo(&b, "192.0.2.2", "192.0.2.1", 5, 1892), *f[2];
		struct ip4_say say = { .src = "192.0.2.2",
				       .dst = "192.0.2.1",
				       .proto = 1,
				       .id = (uint16_t)(9 + order),
				       .off = IP4_MF,
				       .data = whole->p + 20,
				       .octets = 1480 };
		struct ip4_hdr h1, h2;
		const struct pkt *p;

		f[0] = bed4_packet(&b, &say);
		say.off = 1480 / 8;
		say.data = whole->p + 20 + 1480;
		say.octets = 420;
		f[1] = bed4_packet(&b, &say);
		assert_int_equal(bed4_rx(&b, 0, f[order]), DROP_NONE);
		assert_true(bed_silent(&b));
		assert_int_equal(bed4_rx(&b, 0, f[1 - order]), DROP_NONE);
		/* the answer comes in two, too: one Identification, no DF */
		p = bed4_tx(&b, "192.0.2.1", "192.0.2.2", &h1);
		assert_int_equal(h1.off, IP4_MF);
		assert_int_equal(h1.len, 1500);
		n = p->len;
		p = bed4_tx(&b, "192.0.2.1", "192.0.2.2", &h2);
		assert_int_equal(h2.off, 1480 / 8);
		assert_int_equal(h2.id, h1.id);
		assert_int_equal(n + p->len - 40, 1900);
		assert_memory_equal(p->p + 21, whole->p + 20 + 1481, 419);
		pkt_free(whole);
	}
	assert_int_equal(b.node->ip6.frag.datagrams, 0);
	bed_done(&b);
}

/* RFC 792: who takes no such protocol, and no such port, says so, and quotes what came. */
static void unreachable(void **state)
{
	static const uint8_t udp[12] = { 0, 99, 0, 98, 0, 12, 0, 0, 'a', 'b', 'c', 'd' };
	static const struct {
		uint8_t proto, code;
		enum drop why;
	} rows[] = {
		{ 17, ICMP4_UNREACH_PORT, DROP_IP6_PORT_UNREACH },
		{ 200, ICMP4_UNREACH_PROTOCOL, DROP_IP4_PROTOCOL },
		{ 58, ICMP4_UNREACH_PROTOCOL, DROP_IP4_PROTOCOL }, /* no ICMPv6 here */
	};
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip4_say say = { .src = "192.0.2.2",
				       .dst = "192.0.2.1",
				       .id = 0x1234,
				       .proto = rows[i].proto,
				       .tos = 4,
				       .ttl = 9,
				       .data = udp,
				       .octets = sizeof(udp) };
		struct pkt *pkt = bed4_packet(&b, &say);
		uint8_t was[32];
		const uint8_t *m;
		size_t n;

		bed_row(i, ARRAY_LEN(rows));
		memcpy(was, pkt->p, sizeof(was));
		assert_int_equal(bed4_rx(&b, 0, pkt), rows[i].why);
		m = bed4_tx_icmp(&b, "192.0.2.1", "192.0.2.2", ICMP4_UNREACH, rows[i].code, &n);
		assert_int_equal(n, 8 + sizeof(was));
		assert_memory_equal(m + 8, was, sizeof(was));
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	bed_done(&b);
}

/* RFC 1122 section 3.2.2: what is never answered with an error. */
static void no_error_about(void **state)
{
	static const uint8_t error[16] = { ICMP4_UNREACH, 77 }, query[16] = { ICMP4_ECHO_REQUEST };
	static const struct {
		const char *src, *dst;
		uint8_t proto;
		uint16_t off;
		const uint8_t *data;
	} rows[] = {
		{ "192.0.2.2", "192.0.2.255", 200, 0, query }, /* a broadcast */
		{ "192.0.2.2", "255.255.255.255", 200, 0, query },
		{ "192.0.2.2", "224.0.0.1", 200, 0, query },	 /* a group */
		{ "0.0.0.0", "255.255.255.255", 200, 0, query }, /* nobody's */
		{ "192.0.2.2", "198.51.100.9", 1, 0, error },	 /* an error */
		{ "192.0.2.2", "198.51.100.9", 200, 2, query },	 /* not the first fragment */
	};
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	bed_if(&b, 0)->conf.forwarding4 = true; /* the last two have no route */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip4_say say = { .src = rows[i].src,
				       .dst = rows[i].dst,
				       .proto = rows[i].proto,
				       .off = rows[i].off,
				       .data = rows[i].data,
				       .octets = 16 };

		bed_row(i, ARRAY_LEN(rows));
		assert_int_not_equal(bed4_rx(&b, 0, bed4_packet(&b, &say)), DROP_NONE);
		assert_true(bed_silent(&b));
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	bed_done(&b);
}

/* RFC 1812 section 4.3.2.8. The quote is cut at 576 octets in all (section 4.3.2.3). */
static void errors_are_few_and_short(void **state)
{
	static const uint8_t data[1000];
	struct ip4_say say = { .src = "192.0.2.2",
			       .dst = "192.0.2.1",
			       .proto = 200,
			       .data = data,
			       .octets = sizeof(data) };
	unsigned errors = 0;
	struct bed b;
	size_t n;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	bed4_rx(&b, 0, bed4_packet(&b, &say));
	bed4_tx_icmp(&b, NULL, NULL, ICMP4_UNREACH, ICMP4_UNREACH_PROTOCOL, &n);
	assert_int_equal(n, 576 - 20);
	for (unsigned i = 0; i < 100; i++)
		bed4_rx(&b, 0, bed4_packet(&b, &say));
	while (bed_tx(&b, NULL, NULL) != NULL)
		errors++;
	assert_in_range(errors, 10, 20);
	assert_int_equal(bed_dropped(&b, DROP_ICMP6_RATE), 100 - errors);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo),
		cmocka_unit_test(fragments),
		BED_ROWS(unreachable),
		BED_ROWS(no_error_about),
		cmocka_unit_test(errors_are_few_and_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
