/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets that speak IPv4: RFC 3493 sections 3.7 and 5.3 for those of AF_INET6, RFC 1122 section 4.1.3 for
 * UDP, RFC 1191 for path MTU. What needs no link is in transport/test_oracle.c, beside the kernel.
 */
#include "ip4/bed4.h"

#include <netinet/in.h>

#include "base/csum.h"

static struct sockaddr_in sin_of(const char *text, uint16_t port)
{
	struct ip6_addr a = bed_addr_of(text);
	struct sockaddr_in sin = { .sin_family = AF_INET };

	put_be16((uint8_t *)&sin.sin_port, port);
	memcpy(&sin.sin_addr, a.b + 12, 4);
	return sin;
}

static struct sock *udp_at(struct bed *b, int family, uint16_t port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	struct sockaddr_in any4 = sin_of("0.0.0.0", port);
	struct sock *s;

	put_be16((uint8_t *)&any.sin6_port, port);
	assert_int_equal(sock_open(&b->node->socks, family, SOCK_DGRAM, 0, &s), 0);
	assert_int_equal(family == AF_INET ? sock_bind(s, (struct sockaddr *)&any4, sizeof(any4))
					   : sock_bind(s, (struct sockaddr *)&any, sizeof(any)),
			 0);
	return s;
}

static ssize_t say(struct bed *b, struct sock *s, const char *to, uint16_t port, size_t octets)
{
	static uint8_t data[8000];
	struct sockaddr_in sin = sin_of(to, port);
	struct iovec iov = { data, octets };
	struct msghdr msg = {
		.msg_name = &sin, .msg_namelen = sizeof(sin), .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t rc = sock_sendmsg(s, &msg, 0);

	node_settle(b->node, b->now);
	bed_run(b, b->now);
	return rc;
}

/* Return: octets; @from is what the program is told. */
static ssize_t hear(struct sock *s, void *from, socklen_t *len)
{
	uint8_t data[100];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_name = from, .msg_namelen = *len, .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t rc = sock_recvmsg(s, &msg, MSG_TRUNC);

	*len = msg.msg_namelen;
	return rc;
}

/* Without a checksum: RFC 768. */
static struct pkt *udp_from(struct bed *b, const char *src, const char *dst, uint16_t sport,
			    uint16_t dport)
{
	uint8_t u[12] = { 0, 0, 0, 0, 0, 12, 0, 0, 'h', 'e', 'y', '!' };
	struct ip4_say m = { .src = src, .dst = dst, .proto = 17, .data = u, .octets = 12 };

	put_be16(u, sport);
	put_be16(u + 2, dport);
	return bed4_packet(b, &m);
}

static void a_socket_of_each_family(void **state)
{
	struct sockaddr_in6 from6 = { 0 };
	struct sockaddr_in from = { 0 };
	struct ip6_addr a;
	char text[IP6_TEXT_MAX];
	struct sock *s;
	socklen_t len;
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	s = udp_at(&b, AF_INET6, 7);
	assert_int_equal(bed4_rx(&b, 0, udp_from(&b, "192.0.2.2", "192.0.2.1", 9, 7)), DROP_NONE);
	len = sizeof(from6);
	assert_int_equal(hear(s, &from6, &len), 4);
	memcpy(a.b, &from6.sin6_addr, 16);
	assert_string_equal(ip6_text(&a, text), "::ffff:192.0.2.2");
	sock_close(s);
	s = udp_at(&b, AF_INET, 7);
	assert_int_equal(bed4_rx(&b, 0, udp_from(&b, "192.0.2.2", "192.0.2.1", 9, 7)), DROP_NONE);
	len = sizeof(from);
	assert_int_equal(hear(s, &from, &len), 4);
	assert_int_equal(len, sizeof(from));
	assert_int_equal(from.sin_family, AF_INET);
	assert_int_equal(get_be32((uint8_t *)&from.sin_addr), 0xc0000202);
	assert_int_equal(get_be16((uint8_t *)&from.sin_port), 9);
	sock_close(s);
	bed_done(&b);
}

/* RFC 1122 section 4.1.3.5; ip(7): a broadcast goes to all that want it, and is not sent by accident. */
static void broadcasts(void **state)
{
	static const char *const all[] = { "192.0.2.255", "255.255.255.255" };
	struct sock *s, *t;
	struct ip4_hdr h;
	struct bed b;
	int one = 1;

	(void)state;
	bed4_init(&b, 1);
	s = udp_at(&b, AF_INET, 7);
	t = udp_at(&b, AF_INET, 8);
	for (unsigned i = 0; i < 2; i++) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);

		assert_int_equal(bed4_rx(&b, 0, udp_from(&b, "192.0.2.2", all[i], 9, 7)),
				 DROP_NONE);
		assert_int_equal(hear(s, &from, &len), 4);
		assert_int_equal(say(&b, t, all[i], 7, 5), -EACCES);
	}
	sock_setsockopt(t, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(say(&b, t, all[i], 7, 5), 5);
		bed4_tx(&b, "192.0.2.1", all[i], &h);
		assert_int_equal(bed_tx_eth(bed_msg_pkt(&b))[0], 0xff);
	}
	sock_close(s);
	sock_close(t);
	bed_done(&b);
}

/* RFC 1112 section 6: to a group, TTL 1, and 01:00:5e; who joined it hears it. */
static void groups(void **state)
{
	struct ip_mreqn m = { .imr_ifindex = 0 };
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	struct ip4_hdr h;
	struct sock *s;
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	s = udp_at(&b, AF_INET, 7);
	m.imr_multiaddr = sin_of("239.129.1.2", 0).sin_addr;
	assert_int_equal(bed4_rx(&b, 0, udp_from(&b, "192.0.2.2", "239.129.1.2", 9, 7)),
			 DROP_IP4_MCAST_NOT_JOINED);
	assert_int_equal(sock_setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m)), 0);
	assert_int_equal(sock_setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m)),
			 -EADDRINUSE);
	assert_int_equal(bed4_rx(&b, 0, udp_from(&b, "192.0.2.2", "239.129.1.2", 9, 7)), DROP_NONE);
	assert_int_equal(hear(s, &from, &len), 4);
	assert_int_equal(say(&b, s, "239.129.1.2", 7, 6), 6);
	bed4_tx(&b, "192.0.2.1", "239.129.1.2", &h);
	assert_int_equal(h.ttl, 1);
	assert_memory_equal(bed_tx_eth(bed_msg_pkt(&b)), "\x01\x00\x5e\x01\x01\x02", 6);
	assert_int_equal(hear(s, &from, &len), 6); /* IP_MULTICAST_LOOP */
	assert_int_equal(sock_setsockopt(s, IPPROTO_IP, IP_DROP_MEMBERSHIP, &m, sizeof(m)), 0);
	assert_int_equal(bed4_rx(&b, 0, udp_from(&b, "192.0.2.2", "239.129.1.2", 9, 7)),
			 DROP_IP4_MCAST_NOT_JOINED);
	assert_true(bed_silent(&b));
	sock_close(s);
	bed_done(&b);
}

/* An error about @pkt, one that we sent, as a router makes it. */
static enum drop icmp_about(struct bed *b, const struct pkt *pkt, uint8_t type, uint8_t code,
			    uint16_t mtu)
{
	uint8_t m[8 + 28] = { type, code };

	put_be16(m + 6, mtu);
	memcpy(m + 8, pkt->p, 28);
	return bed4_rx(b, 0, bed4_icmp(b, "192.0.2.254", "192.0.2.1", m, sizeof(m)));
}

/* RFC 1191: a smaller MTU is learned, of a packet that a socket sent, and holds for what follows. */
static void path_mtu_is_learned(void **state)
{
	struct ip4_hdr h;
	struct sock *s;
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	s = udp_at(&b, AF_INET, 7);
	assert_int_equal(say(&b, s, "192.0.2.2", 9, 1400), 1400);
	bed4_tx(&b, NULL, NULL, &h);
	assert_int_equal(h.off, IP4_DF);
	assert_int_equal(
		icmp_about(&b, bed_msg_pkt(&b), ICMP4_UNREACH, ICMP4_UNREACH_TOO_BIG, 1000),
		DROP_NONE);
	assert_int_equal(say(&b, s, "192.0.2.2", 9, 1400), 1400);
	bed4_tx(&b, NULL, NULL, &h);
	assert_int_equal(h.len, 996); /* 20 and a multiple of eight */
	assert_int_equal(h.off, IP4_MF);
	bed4_tx(&b, NULL, NULL, &h);
	assert_int_equal(h.off, 976 / 8);
	sock_close(s);
	/* nobody's any more: not believed */
	assert_int_equal(icmp_about(&b, bed_msg_pkt(&b), ICMP4_UNREACH, ICMP4_UNREACH_PORT, 0),
			 DROP_ICMP4_QUOTE);
	bed_done(&b);
}

/* A lie about a packet that we never sent: wrong port, or larger than the packet was. */
static void lies_about_the_path(void **state)
{
	struct ip6_addr dst = bed_addr_of("192.0.2.2");
	uint8_t copy[28];
	struct ip4_hdr h;
	struct sock *s;
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	s = udp_at(&b, AF_INET, 7);
	say(&b, s, "192.0.2.2", 9, 800);
	bed4_tx(&b, NULL, NULL, &h);
	memcpy(copy, bed_msg_pkt(&b)->p, sizeof(copy));
	assert_int_equal(
		icmp_about(&b, bed_msg_pkt(&b), ICMP4_UNREACH, ICMP4_UNREACH_TOO_BIG, 1000),
		DROP_ICMP4_QUOTE);
	sock_close(s);
	s = udp_at(&b, AF_INET, 70);
	assert_int_equal(icmp_about(&b, bed_msg_pkt(&b), ICMP4_UNREACH, ICMP4_UNREACH_TOO_BIG, 600),
			 DROP_ICMP4_QUOTE);
	assert_null(path_find(&b.node->ip6.path, &dst, 0));
	sock_close(s);
	bed_done(&b);
}

/* RFC 1122 section 4.2.2.6 and 4.2.3.9: a connection over IPv4, its MSS, and a refusal. */
static void tcp(void **state)
{
	struct sockaddr_in to = sin_of("192.0.2.2", 80);
	const struct pkt *syn;
	struct ip4_hdr h;
	struct ip6_addr s6, d6;
	struct sock *s;
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	assert_int_equal(sock_open(&b.node->socks, AF_INET, SOCK_STREAM, 0, &s), 0);
	assert_int_equal(sock_connect(s, (struct sockaddr *)&to, sizeof(to)), -EINPROGRESS);
	node_settle(b.node, b.now);
	bed_run(&b, b.now);
	syn = bed4_tx(&b, "192.0.2.1", "192.0.2.2", &h);
	assert_int_equal(h.off, IP4_DF);
	assert_int_equal(h.proto, 6);
	s6 = h.src;
	d6 = h.dst;
	/* the pseudo-header's sum is the same in both families */
	assert_int_equal(csum_upper(&s6, &d6, syn->p + 20, syn->len - 20, 6), 0);
	assert_int_equal(syn->p[40], 2);
	assert_int_equal(get_be16(syn->p + 42), 1460);
	assert_int_equal(icmp_about(&b, syn, ICMP4_UNREACH, ICMP4_UNREACH_PORT, 0), DROP_NONE);
	assert_int_equal(sock_poll(s) & POLLERR, POLLERR);
	sock_close(s);
	bed_done(&b);
}

/* RFC 3493 section 5.3: a listener on :: has peers of IPv4, too, but with IPV6_V6ONLY. */
static void tcp_listeners(void **state)
{
	static const struct {
		int family, v6only;
		uint8_t flags; /* of the answer: SYN,ACK, or RST,ACK */
	} rows[] = { { AF_INET6, 0, 0x12 }, { AF_INET6, 1, 0x14 }, { AF_INET, 0, 0x12 } };
	uint8_t syn[20] = { 0, 9, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 1 };
	struct ip6_addr src = bed_addr_of("192.0.2.2"), dst = bed_addr_of("192.0.2.1");
	struct ip4_say m = { .src = "192.0.2.2",
			     .dst = "192.0.2.1",
			     .proto = 6,
			     .data = syn,
			     .octets = sizeof(syn) };

	(void)state;
	put_be16(syn + 16, csum_upper(&src, &dst, syn, sizeof(syn), 6));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
		struct sockaddr_in any4 = sin_of("0.0.0.0", 80);
		const struct pkt *pkt;
		struct ip4_hdr h;
		struct sock *s;
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		bed4_init(&b, 1);
		bed4_know(&b);
		put_be16((uint8_t *)&any.sin6_port, 80);
		assert_int_equal(sock_open(&b.node->socks, rows[i].family, SOCK_STREAM, 0, &s), 0);
		if (rows[i].v6only != 0)
			sock_setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &rows[i].v6only, sizeof(int));
		assert_int_equal(rows[i].family == AF_INET
					 ? sock_bind(s, (struct sockaddr *)&any4, sizeof(any4))
					 : sock_bind(s, (struct sockaddr *)&any, sizeof(any)),
				 0);
		assert_int_equal(sock_listen(s, 5), 0);
		bed4_rx(&b, 0, bed4_packet(&b, &m));
		pkt = bed4_tx(&b, "192.0.2.1", "192.0.2.2", &h);
		assert_int_equal(pkt->p[20 + 13] & 0x17, rows[i].flags);
		sock_close(s);
		bed_done(&b);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
}

/* No connection with many: RFC 9293 section 3.9.2.3. */
static void no_tcp_with_many(void **state)
{
	uint8_t syn[20] = { 0, 9, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 1 };
	struct ip4_say m = { .src = "192.0.2.2",
			     .dst = "192.0.2.255",
			     .proto = 6,
			     .data = syn,
			     .octets = sizeof(syn) };
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	assert_int_equal(bed4_rx(&b, 0, bed4_packet(&b, &m)), DROP_TCP_ADDRESS);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* raw(7): the IPv4 header comes with it. */
static void raw(void **state)
{
	uint8_t data[100];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct pkt *pkt;
	uint8_t was[20];
	struct sock *s;
	struct bed b;

	(void)state;
	bed4_init(&b, 1);
	bed4_know(&b);
	assert_int_equal(sock_open(&b.node->socks, AF_INET, SOCK_RAW, 1, &s), 0);
	pkt = bed4_echo(&b, "192.0.2.2", "192.0.2.1", 3, 10);
	put_be16(pkt->p + IP4_ID_OFF, 0x4321);
	bed4_csum(pkt);
	memcpy(was, pkt->p, sizeof(was));
	bed4_rx(&b, 0, pkt);
	assert_int_equal(sock_recvmsg(s, &msg, 0), 38);
	assert_memory_equal(data, was, sizeof(was));
	assert_int_equal(data[20], ICMP4_ECHO_REQUEST);
	sock_close(s);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_of_each_family),
		cmocka_unit_test(broadcasts),
		cmocka_unit_test(groups),
		cmocka_unit_test(path_mtu_is_learned),
		cmocka_unit_test(lies_about_the_path),
		cmocka_unit_test(tcp),
		BED_ROWS(tcp_listeners),
		cmocka_unit_test(no_tcp_with_many),
		cmocka_unit_test(raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
