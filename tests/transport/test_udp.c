/* SPDX-License-Identifier: BSD-3-Clause */
/* UDP sockets of two nodes: who gets what, what comes back, what waits. */
#include "pair.h"

#include <linux/errqueue.h>
#include <stdio.h>

static void there_and_back(void **state)
{
	struct sockaddr_in6 name;
	socklen_t len = sizeof(name);
	struct sock *a, *b;
	struct pair p;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	b = open_on(p.b, SOCK_DGRAM, IPPROTO_UDP);
	assert_int_equal(bind_to(b, NULL, 7), 0);
	assert_int_equal(bind_to(a, ADDR_A, 5000), 0);
	assert_int_equal(send_to(a, ADDR_B, 7, "hello"), 5);
	assert_nothing(b);
	assert_int_equal(sock_poll(b) & POLLIN, 0);
	pair_run(&p, 10);
	assert_int_equal(sock_poll(b) & POLLIN, POLLIN);
	assert_recv(b, "[2001:db8::1]:5000", "hello");
	assert_nothing(b);
	assert_int_equal(send_to(b, ADDR_A, 5000, ""), 0); /* nothing is something, too */
	pair_run(&p, 10);
	assert_recv(a, "[2001:db8::2]:7", "");
	assert_int_equal(sock_getsockname(b, (struct sockaddr *)&name, &len), 0);
	assert_int_equal(get_be16((const uint8_t *)&name.sin6_port), 7);
	assert_true(IN6_IS_ADDR_UNSPECIFIED(&name.sin6_addr));
	sock_close(a);
	sock_close(b);
	pair_done(&p);
}

struct reader {
	unsigned calls, read;
	struct sock *also; /* to be closed */
};

static void on_ready(void *ctx, struct sock *s)
{
	struct reader *r = ctx;

	r->calls++;
	while (recv_from(s, 100, 0).rc >= 0)
		r->read++;
	sock_close(r->also);
	r->also = NULL;
}

/* Told at the end of the step; it may close others that wait to be told, and itself. */
static void who_is_told(void **state)
{
	struct reader r1 = { 0 }, r2 = { 0 };
	struct sock *a, *b1, *b2;
	struct pair p;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	b1 = open_on(p.b, SOCK_DGRAM, 0);
	b2 = open_on(p.b, SOCK_DGRAM, 0);
	set_int(b1, SOL_SOCKET, SO_REUSEADDR, 1);
	set_int(b2, SOL_SOCKET, SO_REUSEADDR, 1);
	assert_int_equal(bind_to(b1, NULL, 1), 0);
	assert_int_equal(bind_to(b2, NULL, 1), 0);
	sock_on_ready(b1, on_ready, &r1);
	sock_on_ready(b2, on_ready, &r2);
	send_to(a, ADDR_B, 1, "x");
	pair_run(&p, 10);
	assert_int_equal(r1.calls, 0);
	assert_int_equal(r2.calls, 1); /* the younger */
	assert_int_equal(r2.read, 1);
	r1.also = b2; /* whoever is first closes the other, who waits, too */
	r2.also = b1;
	send_to(a, "ff02::1%2", 1, "x");
	pair_run(&p, 10);
	assert_int_equal(r1.calls + r2.calls, 2);
	assert_int_equal(r1.read + r2.read, 2);
	assert_int_equal(pair_socks(p.b)->n, 1);
	pair_done(&p); /* with what is still open */
}

/* RFC 768, RFC 8200 section 8.1; RFC 4443 section 3.1. */
static void nobody(void **state)
{
	struct sock *a;
	struct pair p;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	send_to(a, ADDR_B, 9, "x");
	pair_run(&p, 10);
	assert_int_equal(pair_drops(p.b, DROP_IP6_PORT_UNREACH), 1);
	assert_nothing(
		a); /* not connected: nobody to tell, RFC 1122 section 4.1.3.3 as Linux has it */
	assert_int_equal(connect_to(a, ADDR_B, 9), 0);
	assert_int_equal(send_to(a, NULL, 0, "x"), 1);
	pair_run(&p, 10);
	assert_int_equal(sock_poll(a) & POLLERR, POLLERR);
	assert_int_equal(recv_from(a, 10, 0).rc, -ECONNREFUSED);
	assert_int_equal(sock_poll(a) & POLLERR, 0);
	assert_int_equal(send_to(a, NULL, 0, "x"), 1);
	pair_run(&p, 10);
	assert_int_equal(get_int(a, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
	assert_int_equal(get_int(a, SOL_SOCKET, SO_ERROR), 0);
	send_to(a, NULL, 0, "x");
	pair_run(&p, 10);
	assert_int_equal(send_to(a, NULL, 0, "x"), -ECONNREFUSED);
	assert_int_equal(send_to(a, NULL, 0, "x"), 1);
	pair_done(&p);
}

static void count(void *ctx, struct sock *s)
{
	(void)s;
	++*(unsigned *)ctx;
}

static void errors_queued(void **state)
{
	unsigned calls = 0;
	struct sock_extended_err ee;
	struct sock *a;
	struct pair p;
	struct got g;
	size_t n;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	assert_int_equal(set_int(a, IPPROTO_IPV6, IPV6_RECVERR, 1), 0);
	assert_int_equal(recv_from(a, 10, MSG_ERRQUEUE).rc, -EAGAIN);
	sock_on_ready(a, count, &calls);
	send_to(a, ADDR_B, 9, "one");
	send_to(a, LL_B "%2", 10, "two");
	pair_run(&p, 10);
	assert_in_range(calls, 1, 2); /* as they arrive, together or not */
	assert_int_equal(sock_poll(a) & POLLERR, POLLERR);
	assert_int_equal(recv_from(a, 10, 0).rc, -ECONNREFUSED);
	g = recv_from(a, 2, MSG_ERRQUEUE);
	assert_int_equal(g.rc, 2);
	assert_memory_equal(g.data, "on", 2);
	assert_int_equal(g.flags, MSG_ERRQUEUE | MSG_TRUNC);
	assert_string_equal(g.from, "[2001:db8::2]:9");
	memcpy(&ee, got_cmsg(&g, IPPROTO_IPV6, IPV6_RECVERR, &n), sizeof(ee));
	assert_int_equal(n, sizeof(ee) + sizeof(struct sockaddr_in6));
	assert_int_equal(ee.ee_errno, ECONNREFUSED);
	assert_int_equal(ee.ee_origin, SO_EE_ORIGIN_ICMP6);
	assert_int_equal(ee.ee_type, ICMP6_UNREACH);
	assert_int_equal(ee.ee_code, ICMP6_UNREACH_PORT);
	assert_int_equal(get_int(a, SOL_SOCKET, SO_ERROR), ECONNREFUSED); /* the next one's */
	g = recv_from(a, 10, MSG_ERRQUEUE);
	assert_int_equal(g.rc, 3);
	assert_string_equal(g.from, "[" LL_B "%2]:10");
	assert_int_equal(sock_poll(a) & POLLERR, 0);
	pair_done(&p);
}

/* A datagram is cut, looked at, counted: MSG_TRUNC, MSG_PEEK. */
static void reading(void **state)
{
	struct sock *a, *b;
	struct pair p;
	struct got g;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	b = open_on(p.b, SOCK_DGRAM, 0);
	bind_to(b, NULL, 7);
	send_to(a, ADDR_B, 7, "abcdef");
	send_to(a, ADDR_B, 7, "gh");
	pair_run(&p, 10);
	g = recv_from(b, 3, MSG_PEEK);
	assert_int_equal(g.rc, 3);
	assert_int_equal(g.flags, MSG_TRUNC);
	assert_int_equal(recv_from(b, 3, MSG_PEEK | MSG_TRUNC).rc, 6);
	assert_int_equal(recv_from(b, 6, MSG_PEEK).flags, 0);
	assert_int_equal(recv_from(b, 2, 0).rc, 2);
	assert_int_equal(recv_from(b, 10, 0).rc, 2);
	assert_nothing(b);
	assert_int_equal(b->queued, 0);
	pair_done(&p);
}

static void full(void **state)
{
	struct sock *a, *b;
	struct pair p;
	unsigned n = 0;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	b = open_on(p.b, SOCK_DGRAM, 0);
	bind_to(b, NULL, 7);
	assert_int_equal(set_int(b, SOL_SOCKET, SO_RCVBUF, 5000), 0);
	assert_int_equal(get_int(b, SOL_SOCKET, SO_RCVBUF), 10000);
	for (unsigned i = 0; i < 8; i++)
		send_to(a, ADDR_B, 7, "x");
	pair_run(&p, 10);
	assert_int_equal(pair_drops(p.b, DROP_SOCK_FULL), 3); /* buffers of 1,984 octets */
	while (recv_from(b, 10, 0).rc == 1)
		n++;
	assert_int_equal(n, 5);
	send_to(a, ADDR_B, 7, "x"); /* there is room again */
	pair_run(&p, 10);
	assert_int_equal(recv_from(b, 10, 0).rc, 1);
	pair_done(&p);
}

/* And of all sockets together. */
static void full_together(void **state)
{
	struct sock *a, *b[2];
	struct pair p;

	(void)state;
	pair_init(&p);
	pair_socks(p.b)->conf.queued_max = 3 * PKT_SMALL;
	a = open_on(p.a, SOCK_DGRAM, 0);
	for (unsigned i = 0; i < 2; i++) {
		b[i] = open_on(p.b, SOCK_DGRAM, 0);
		bind_to(b[i], NULL, 7 + i);
		send_to(a, ADDR_B, 7 + i, "x");
		send_to(a, ADDR_B, 7 + i, "y");
	}
	pair_run(&p, 10);
	assert_int_equal(pair_drops(p.b, DROP_SOCK_FULL), 1);
	pair_socks(p.b)->conf.max = 2;
	assert_int_equal(sock_open(pair_socks(p.b), AF_INET6, SOCK_DGRAM, 0, &a), -ENFILE);
	pair_done(&p);
}

/*
 * Who may share a port: a row is two sockets on one node; flags R: SO_REUSEADDR, P: SO_REUSEPORT.
 */
static const struct {
	const char *flags1, *addr1, *flags2, *addr2;
	int rc;
} shares[] = {
	{ "", "::", "", "::", -EADDRINUSE },
	{ "", "::", "", ADDR_A, -EADDRINUSE },
	{ "", ADDR_A, "", "::", -EADDRINUSE },
	{ "", ADDR_A, "", ADDR_A, -EADDRINUSE },
	{ "", ADDR_A, "", "::1", 0 },
	{ "R", "::", "", "::", -EADDRINUSE },
	{ "", "::", "R", "::", -EADDRINUSE },
	{ "R", "::", "R", "::", 0 },
	{ "P", "::", "P", "::", 0 },
	{ "P", "::", "R", "::", -EADDRINUSE },
	{ "RP", "::", "R", "::", 0 },
	{ "R", ADDR_A, "R", "::", 0 },
	{ "", LL_A "%2", "", ADDR_A, 0 },
	{ "", LL_A "%2", "", "::", -EADDRINUSE },
	{ "", "ff02::5%2", "", "ff02::6%2", 0 },
	{ "", "ff02::5%2", "", "ff02::5%2", -EADDRINUSE },
};

static void flags_set(struct sock *s, const char *flags)
{
	set_int(s, SOL_SOCKET, SO_REUSEADDR, strchr(flags, 'R') != NULL);
	set_int(s, SOL_SOCKET, SO_REUSEPORT, strchr(flags, 'P') != NULL);
}

static void sharing(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p);
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		struct sock *s = open_on(p.a, SOCK_DGRAM, 0), *t = open_on(p.a, SOCK_DGRAM, 0);

		flags_set(s, shares[i].flags1);
		flags_set(t, shares[i].flags2);
		assert_int_equal(bind_to(s, shares[i].addr1, 7), 0);
		if (bind_to(t, shares[i].addr2, 7) != shares[i].rc)
			fail_msg("row %zu", i);
		sock_close(s);
		if (shares[i].rc < 0)
			assert_int_equal(bind_to(t, shares[i].addr2, 7), 0);
		sock_close(t);
	}
	pair_done(&p);
}

/* Of different devices they are in nobody's way; and each hears its own. */
static void devices(void **state)
{
	static const char name[] = "e0";
	struct sock *lo, *e0, *a;
	struct pair p;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	lo = open_on(p.b, SOCK_DGRAM, 0);
	e0 = open_on(p.b, SOCK_DGRAM, 0);
	assert_int_equal(set_int(lo, SOL_SOCKET, SO_BINDTOIFINDEX, 77), -ENODEV);
	assert_int_equal(set_int(lo, SOL_SOCKET, SO_BINDTOIFINDEX, 1), 0);
	assert_int_equal(sock_setsockopt(e0, SOL_SOCKET, SO_BINDTODEVICE, name, sizeof(name)), 0);
	assert_int_equal(get_int(e0, SOL_SOCKET, SO_BINDTOIFINDEX), PAIR_ZONE);
	assert_int_equal(bind_to(lo, NULL, 7), 0);
	assert_int_equal(bind_to(e0, NULL, 7), 0);
	assert_int_equal(bind_to(open_on(p.b, SOCK_DGRAM, 0), NULL, 7), -EADDRINUSE);
	assert_int_equal(send_to(a, ADDR_B, 7, "x"), 1);
	pair_run(&p, 10);
	assert_nothing(lo);
	assert_int_equal(recv_from(e0, 9, 0).rc, 1);
	pair_done(&p);
}

/* Of several that fit, the one that says most: its address, its peer, its device. */
static void the_best(void **state)
{
	static const char *const addr[] = { "::", ADDR_B, ADDR_B, "::" };
	struct sock *a, *other, *b[4];
	struct pair p;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	other = open_on(p.a, SOCK_DGRAM, 0);
	bind_to(a, NULL, 5000);
	bind_to(other, NULL, 5001);
	for (unsigned i = 0; i < 4; i++) {
		b[i] = open_on(p.b, SOCK_DGRAM, 0);
		flags_set(b[i], "R");
		assert_int_equal(bind_to(b[i], addr[i], 7), 0);
	}
	assert_int_equal(connect_to(b[1], ADDR_A, 5000), 0);
	send_to(a, ADDR_B, 7, "peer");
	send_to(other, ADDR_B, 7, "address");
	send_to(a, LL_B "%2", 7, "youngest");
	pair_run(&p, 10);
	assert_recv(b[1], "[2001:db8::1]:5000", "peer");
	assert_recv(b[2], "[2001:db8::1]:5001", "address");
	assert_recv(b[3], "[" LL_A "%2]:5000", "youngest");
	for (unsigned i = 0; i < 4; i++)
		assert_nothing(b[i]);
	pair_done(&p);
}

/* A flow stays with one; flows are spread; who leaves, leaves the rest to the others. */
static void reuseport(void **state)
{
	struct sock *b[4];
	unsigned n[4] = { 0 };
	struct pair p;

	(void)state;
	pair_init(&p);
	for (unsigned i = 0; i < 4; i++) {
		b[i] = open_on(p.b, SOCK_DGRAM, 0);
		flags_set(b[i], "P");
		assert_int_equal(bind_to(b[i], NULL, 7), 0);
	}
	for (unsigned i = 0; i < 64; i++) {
		struct sock *a = open_on(p.a, SOCK_DGRAM, 0);
		unsigned with = 0;

		send_to(a, ADDR_B, 7, "1");
		send_to(a, ADDR_B, 7, "2");
		pair_run(&p, 10);
		for (unsigned k = 0; k < 4; k++) {
			unsigned mine = 0;

			while (recv_from(b[k], 9, 0).rc == 1)
				mine++;
			assert_true(mine == 0 || mine == 2);
			with += mine;
			n[k] += mine;
		}
		assert_int_equal(with, 2);
		sock_close(a);
	}
	for (unsigned k = 0; k < 4; k++)
		assert_in_range(n[k], 2 * 4, 2 * 32);
	pair_done(&p);
}

/* Linux's range, any but what is taken; RFC 6056. */
static void ports(void **state)
{
	struct sockaddr_in6 name;
	struct sock *s[3];
	struct pair p;

	(void)state;
	pair_init(&p);
	pair_socks(p.a)->conf.port_first = 40000;
	pair_socks(p.a)->conf.port_last = 40001;
	for (unsigned i = 0; i < 3; i++) {
		socklen_t len = sizeof(name);

		s[i] = open_on(p.a, SOCK_DGRAM, 0);
		assert_int_equal(bind_to(s[i], NULL, 0), i < 2 ? 0 : -EADDRINUSE);
		sock_getsockname(s[i], (struct sockaddr *)&name, &len);
		if (i < 2)
			assert_in_range(get_be16((const uint8_t *)&name.sin6_port), 40000, 40001);
	}
	assert_int_not_equal(s[0]->port, s[1]->port);
	assert_int_equal(send_to(s[2], ADDR_B, 7, "x"), -EAGAIN);
	assert_int_equal(bind_to(s[0], NULL, 9), -EINVAL);
	pair_done(&p);
}

static void connecting(void **state)
{
	struct sockaddr_in6 name;
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	socklen_t len = sizeof(name);
	struct sock *a, *b;
	struct pair p;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	b = open_on(p.b, SOCK_DGRAM, 0);
	bind_to(b, NULL, 7);
	assert_int_equal(send_to(a, NULL, 0, "x"), -EDESTADDRREQ);
	assert_int_equal(sock_getpeername(a, (struct sockaddr *)&name, &len), -ENOTCONN);
	assert_int_equal(connect_to(a, ADDR_B, 7), 0);
	assert_int_equal(sock_getsockname(a, (struct sockaddr *)&name, &len), 0);
	assert_true(name.sin6_addr.s6_addr[15] == 1);
	assert_int_equal(send_to(a, NULL, 0, "x"), 1);
	pair_run(&p, 10);
	assert_int_equal(recv_from(b, 9, 0).rc, 1);
	send_to(b, ADDR_A, a->port, "y");
	assert_int_equal(set_int(b, SOL_SOCKET, SO_REUSEADDR, 1), 0);
	pair_run(&p, 10);
	assert_recv(a, "[2001:db8::2]:7", "y");
	sock_close(b);
	b = open_on(p.b, SOCK_DGRAM, 0); /* from another port: not for a */
	send_to(b, ADDR_A, a->port, "z");
	pair_run(&p, 10);
	assert_nothing(a);
	assert_int_equal(sock_connect(a, &none, sizeof(none)), 0);
	assert_int_equal(a->port, 0);
	assert_true(ip6_is_unspec(&a->addr));
	assert_int_equal(connect_to(a, LL_B, 7), -EINVAL);
	assert_int_equal(connect_to(a, LL_B "%2", 7), 0);
	assert_int_equal(connect_to(a, LL_B "%1", 7), -EINVAL);
	assert_int_equal(connect_to(open_on(p.a, SOCK_DGRAM, 0), "2001:db8:99::1", 7),
			 -ENETUNREACH);
	assert_int_equal(connect_to(open_on(p.a, SOCK_DGRAM, 0), "::ffff:192.0.2.1", 7),
			 -ENETUNREACH);
	pair_done(&p);
}

static void shutting(void **state)
{
	struct sock *a;
	struct pair p;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	assert_int_equal(sock_shutdown(a, 3), -EINVAL);
	connect_to(a, ADDR_B, 7);
	assert_int_equal(sock_shutdown(a, SHUT_WR), 0);
	assert_int_equal(send_to(a, NULL, 0, "x"), -EPIPE);
	assert_int_equal(sock_poll(a) & (POLLHUP | POLLRDHUP), 0);
	assert_int_equal(sock_shutdown(a, SHUT_RD), 0);
	assert_int_equal(sock_poll(a) & (POLLHUP | POLLRDHUP), POLLHUP | POLLRDHUP);
	assert_int_equal(sock_listen(a, 1), -EOPNOTSUPP);
	pair_done(&p);
}

/* 65,527 octets in fragments, and not one more. */
static void large(void **state)
{
	static uint8_t data[65528];
	struct sock *a, *b;
	struct pair p;
	struct got g;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, 0);
	b = open_on(p.b, SOCK_DGRAM, 0);
	bind_to(b, NULL, 7);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(send_octets(a, ADDR_B, 7, data, sizeof(data)), -EMSGSIZE);
	assert_int_equal(send_octets(a, ADDR_B, 7, data, sizeof(data) - 1), 65527);
	pair_run(&p, 100);
	g = recv_from(b, sizeof(g.data), MSG_TRUNC);
	assert_int_equal(g.rc, 65527);
	assert_memory_equal(g.data, data, sizeof(g.data));
	pair_done(&p);
}

/* What both ends of a connection of UDP have sent and told before they ask for anything. */
static void connected(struct pair *p, struct sock **a, struct sock **b)
{
	pair_init(p);
	*a = open_on(p->a, SOCK_DGRAM, 0);
	*b = open_on(p->b, SOCK_DGRAM, 0);
	assert_int_equal(bind_to(*b, NULL, 7), 0);
	assert_int_equal(connect_to(*a, ADDR_B, 7), 0);
	assert_int_equal(send_to(*a, NULL, 0, "x"), 1);
	pair_run(p, 10);
	assert_int_equal(recv_from(*b, 10, 0).control_octets, 0);
	assert_int_equal((*a)->plain, SOCK_PLAIN_OUT | SOCK_PLAIN_IN);
	assert_int_equal((*b)->plain, SOCK_PLAIN_IN);
}

/* Each may be asked for at any time, alone, and be taken back. */
static void reader_asks(void **state)
{
	static const struct {
		int level, name;
		int with; /* a header it is about; 0: none */
	} rows[] = {
		{ SOL_SOCKET, SO_TIMESTAMP, 0 },
		{ SOL_SOCKET, SO_TIMESTAMPNS, 0 },
		{ IPPROTO_IPV6, IPV6_RECVPKTINFO, 0 },
		{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 0 },
		{ IPPROTO_IPV6, IPV6_RECVTCLASS, 0 },
		{ IPPROTO_IPV6, IPV6_2292PKTINFO, 0 },
		{ IPPROTO_IPV6, IPV6_2292HOPLIMIT, 0 },
		{ IPPROTO_IPV6, 11 /* IPV6_FLOWINFO */, 0 },
		{ IPPROTO_IPV6, 74 /* RECVORIGDSTADDR */, 0 },
		{ IPPROTO_IPV6, IPV6_RECVHOPOPTS, IPV6_HOPOPTS },
		{ IPPROTO_IPV6, IPV6_RECVDSTOPTS, IPV6_DSTOPTS },
	};
	static const uint8_t padding[8] = { 0, 0, 1, 4 };
	struct sock *a, *b;
	struct pair p;

	(void)state;
	connected(&p, &a, &b);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int on = 1; on >= 0; on--) {
			assert_int_equal(set_int(b, rows[i].level, rows[i].name, on), 0);
			if (rows[i].with == 0)
				send_to(a, NULL, 0, "x");
			else
				send_with(a, ADDR_B, 7, "x", rows[i].with, padding, 8);
			pair_run(&p, 10);
			assert_int_equal(recv_from(b, 10, 0).control_octets != 0, on);
		}
		assert_int_equal(b->plain, SOCK_PLAIN_IN);
	}
	pair_done(&p);
}

/* And so it is with what is sent. */
static void sender_asks(void **state)
{
	static const uint8_t padding[8] = { 0, 0, 1, 4 };
	struct sock *a, *b;
	struct pair p;
	struct got g;
	size_t n;

	(void)state;
	connected(&p, &a, &b);
	set_int(b, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	set_int(b, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
	set_int(b, IPPROTO_IPV6, IPV6_RECVDSTOPTS, 1);
	set_int(a, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 33);
	set_int(a, IPPROTO_IPV6, IPV6_TCLASS, 0xb8);
	send_to(a, NULL, 0, "x");
	pair_run(&p, 10);
	g = recv_from(b, 10, 0);
	assert_int_equal(got_int(&g, IPV6_HOPLIMIT), 33);
	assert_int_equal(got_int(&g, IPV6_TCLASS), 0xb8);
	assert_null(got_cmsg(&g, IPPROTO_IPV6, IPV6_DSTOPTS, &n));
	assert_int_equal(sock_setsockopt(a, IPPROTO_IPV6, IPV6_DSTOPTS, padding, 8), 0);
	send_to(a, NULL, 0, "x");
	pair_run(&p, 10);
	g = recv_from(b, 10, 0);
	assert_non_null(got_cmsg(&g, IPPROTO_IPV6, IPV6_DSTOPTS, &n));
	assert_int_equal(sock_setsockopt(a, IPPROTO_IPV6, IPV6_DSTOPTS, NULL, 0), 0);
	set_int(a, IPPROTO_UDP, 103 /* UDP_SEGMENT */, 1);
	send_to(a, NULL, 0, "xy");
	pair_run(&p, 10);
	assert_int_equal(recv_from(b, 10, 0).data[0], 'x');
	assert_int_equal(recv_from(b, 10, 0).data[0], 'y');
	set_int(a, IPPROTO_UDP, 103, 0);
	assert_int_equal(connect_to(a, ADDR_B, 8), 0);
	send_to(a, NULL, 0, "x");
	pair_run(&p, 10);
	assert_nothing(b);
	assert_int_equal(recv_from(a, 10, 0).rc, -ECONNREFUSED);
	assert_int_equal(sock_shutdown(a, SHUT_WR), 0);
	assert_int_equal(send_to(a, NULL, 0, "x"), -EPIPE);
	pair_done(&p);
}

/* Options are shared while they are the same, and nobody sees it. */
static void each_its_own(void **state)
{
	struct sock *s[3];
	struct pair p;

	(void)state;
	pair_init(&p);
	s[0] = open_on(p.a, SOCK_DGRAM, 0);
	s[1] = open_on(p.a, SOCK_STREAM, 0);
	assert_ptr_equal(s[0]->opt, s[1]->opt);
	assert_int_equal(set_int(s[1], IPPROTO_TCP, 1 /* TCP_NODELAY */, 1), 0);
	assert_ptr_equal(s[0]->opt, s[1]->opt);
	assert_int_equal(set_int(s[0], IPPROTO_IPV6, IPV6_UNICAST_HOPS, 5), 0);
	assert_int_equal(get_int(s[0], IPPROTO_IPV6, IPV6_UNICAST_HOPS), 5);
	assert_int_equal(get_int(s[1], IPPROTO_IPV6, IPV6_UNICAST_HOPS), 64);
	pair_socks(p.a)->conf.rcvbuf = 5000; /* for those to come */
	s[2] = open_on(p.a, SOCK_DGRAM, 0);
	assert_int_equal(get_int(s[0], SOL_SOCKET, SO_RCVBUF), SOCK_BUF_DEFAULT);
	assert_int_equal(get_int(s[1], SOL_SOCKET, SO_RCVBUF), SOCK_BUF_DEFAULT);
	assert_int_equal(get_int(s[2], SOL_SOCKET, SO_RCVBUF), 5000);
	sock_close(s[2]);
	assert_int_equal(set_int(s[1], SOL_SOCKET, SO_KEEPALIVE, 1), 0);
	assert_int_equal(get_int(open_on(p.a, SOCK_STREAM, 0), SOL_SOCKET, SO_KEEPALIVE), 0);
	pair_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back), cmocka_unit_test(who_is_told),
		cmocka_unit_test(nobody),	  cmocka_unit_test(errors_queued),
		cmocka_unit_test(reading),	  cmocka_unit_test(full),
		cmocka_unit_test(full_together),  cmocka_unit_test(sharing),
		cmocka_unit_test(devices),	  cmocka_unit_test(the_best),
		cmocka_unit_test(reuseport),	  cmocka_unit_test(ports),
		cmocka_unit_test(connecting),	  cmocka_unit_test(shutting),
		cmocka_unit_test(large),	  cmocka_unit_test(reader_asks),
		cmocka_unit_test(sender_asks),	  cmocka_unit_test(each_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
