/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ancillary data and what goes with packets (RFC 3542), path MTU, raw sockets and echo sockets, between two
 * nodes.
 */
#include "pair.h"

#include <linux/errqueue.h>
#include <netinet/icmp6.h>

#define I6 IPPROTO_IPV6

static void begin(struct pair *p, struct sock **a, struct sock **b)
{
	pair_init(p);
	*a = open_on(p->a, SOCK_DGRAM, 0);
	*b = open_on(p->b, SOCK_DGRAM, 0);
	assert_int_equal(bind_to(*a, NULL, 5000), 0);
	assert_int_equal(bind_to(*b, NULL, 7), 0);
}

/* The next one at @b. */
static struct got next(struct pair *p, struct sock *b)
{
	pair_run(p, 10);
	return recv_from(b, 2000, 0);
}

/* RFC 3542 section 6: what was asked for is told, in each packet anew. */
static void told(void **state)
{
	static const int names[] = { IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS };
	int hops = 77, tclass = 0xb9;
	struct in6_pktinfo info;
	struct sockaddr_in6 addr_b = in6(ADDR_B, 0);
	struct sock *a, *b;
	struct pair p;
	struct got g;
	size_t n;

	(void)state;
	begin(&p, &a, &b);
	send_to(a, ADDR_B, 7, "x");
	g = next(&p, b);
	assert_int_equal(g.control_octets, 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_int_equal(set_int(b, I6, names[i], 1), 0);
	assert_int_equal(send_with(a, ADDR_B, 7, "x", IPV6_HOPLIMIT, &hops, sizeof(hops)), 1);
	g = next(&p, b);
	assert_int_equal(got_int(&g, IPV6_HOPLIMIT), 77);
	assert_int_equal(got_int(&g, IPV6_TCLASS), 0);
	memcpy(&info, got_cmsg(&g, I6, IPV6_PKTINFO, &n), sizeof(info));
	assert_int_equal(n, sizeof(info));
	assert_int_equal(info.ipi6_ifindex, PAIR_ZONE);
	assert_memory_equal(&info.ipi6_addr, &addr_b.sin6_addr, 16);
	assert_int_equal(send_with(a, ADDR_B, 7, "x", IPV6_TCLASS, &tclass, sizeof(tclass)), 1);
	g = next(&p, b);
	assert_int_equal(got_int(&g, IPV6_HOPLIMIT), 64); /* it was for one packet only */
	assert_int_equal(got_int(&g, IPV6_TCLASS), 0xb9);
	hops = 256;
	assert_int_equal(send_with(a, ADDR_B, 7, "x", IPV6_HOPLIMIT, &hops, sizeof(hops)), -EINVAL);
	hops = 1;
	assert_int_equal(send_with(a, ADDR_B, 7, "x", IPV6_HOPLIMIT, &hops, 3), -EINVAL);
	assert_int_equal(send_with(a, ADDR_B, 7, "x", 250, &hops, sizeof(hops)), -EINVAL);
	/* what does not fit is cut, and told */
	hops = 0;
	assert_int_equal(send_with(a, ADDR_B, 7, "x", IPV6_HOPLIMIT, &hops, sizeof(hops)), 1);
	g = next(&p, b);
	assert_int_equal(got_int(&g, IPV6_HOPLIMIT), 0);
	pair_done(&p);
}

static void cut(void **state)
{
	uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo)) + 20] __attribute__((aligned(8)));
	struct iovec iov = { NULL, 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	struct sock *a, *b;
	struct cmsghdr h;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	set_int(b, I6, IPV6_RECVPKTINFO, 1);
	set_int(b, I6, IPV6_RECVHOPLIMIT, 1);
	set_int(b, I6, IPV6_RECVTCLASS, 1);
	send_to(a, ADDR_B, 7, "");
	pair_run(&p, 10);
	msg.msg_controllen = sizeof(control);
	assert_int_equal(sock_recvmsg(b, &msg, 0), 0);
	assert_int_equal(msg.msg_flags, MSG_CTRUNC);
	assert_int_equal(msg.msg_controllen, sizeof(control));
	memcpy(&h, control + CMSG_SPACE(sizeof(struct in6_pktinfo)), sizeof(h));
	assert_int_equal(h.cmsg_type, IPV6_HOPLIMIT);
	assert_int_equal(h.cmsg_len, 20);
	pair_done(&p);
}

/* RFC 3542 section 6.1 and 6.2: the source and the interface, of one packet or of all. */
static void pktinfo(void **state)
{
	struct in6_pktinfo info = { .ipi6_addr = in6(LL_A, 0).sin6_addr };
	struct sock *a, *b;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	assert_int_equal(send_with(a, ADDR_B, 7, "x", IPV6_PKTINFO, &info, sizeof(info)), -EINVAL);
	info.ipi6_ifindex = 9;
	assert_int_equal(send_with(a, ADDR_B, 7, "x", IPV6_PKTINFO, &info, sizeof(info)), -ENODEV);
	info.ipi6_ifindex = PAIR_ZONE;
	assert_int_equal(send_with(a, ADDR_B, 7, "x", IPV6_PKTINFO, &info, sizeof(info)), 1);
	pair_run(&p, 10);
	assert_recv(b, "[" LL_A "%2]:5000", "x");
	info.ipi6_addr = in6("2001:db8::9", 0).sin6_addr; /* not ours */
	assert_int_equal(send_with(a, ADDR_B, 7, "x", IPV6_PKTINFO, &info, sizeof(info)), -EINVAL);
	info.ipi6_addr = in6(LL_A, 0).sin6_addr;
	assert_int_equal(sock_setsockopt(a, I6, IPV6_PKTINFO, &info, sizeof(info)), 0);
	send_to(a, ADDR_B, 7, "y");
	pair_run(&p, 10);
	assert_recv(b, "[" LL_A "%2]:5000", "y");
	assert_int_equal(sock_setsockopt(a, I6, IPV6_PKTINFO, NULL, 0), 0);
	send_to(a, ADDR_B, 7, "z");
	pair_run(&p, 10);
	assert_recv(b, "[2001:db8::1]:5000", "z");
	pair_done(&p);
}

/* RFC 3542 sections 7 to 9: options headers that stay, or go with one packet; and are read. */
static void headers(void **state)
{
	static const uint8_t hbh[8] = { 0, 0, 0x1e, 4, 1, 2, 3, 4 };
	static const uint8_t dst[16] = { 0, 1, 0x1e, 12, 9, 8, 7 };
	static const uint8_t bad[8] = { 0, 1 };
	uint8_t back[16];
	socklen_t len = sizeof(back);
	struct sock *a, *b;
	const uint8_t *h;
	struct pair p;
	struct got g;
	size_t n;

	(void)state;
	begin(&p, &a, &b);
	set_int(b, I6, IPV6_RECVHOPOPTS, 1);
	set_int(b, I6, IPV6_RECVDSTOPTS, 1);
	assert_int_equal(sock_setsockopt(a, I6, IPV6_DSTOPTS, bad, sizeof(bad)), -EINVAL);
	assert_int_equal(sock_setsockopt(a, I6, IPV6_DSTOPTS, dst, sizeof(dst)), 0);
	assert_int_equal(sock_getsockopt(a, I6, IPV6_DSTOPTS, back, &len), 0);
	assert_int_equal(len, sizeof(dst));
	assert_memory_equal(back, dst, sizeof(dst));
	assert_int_equal(send_with(a, ADDR_B, 7, "xyz", IPV6_HOPOPTS, hbh, sizeof(hbh)), 3);
	g = next(&p, b);
	assert_int_equal(g.rc, 3);
	h = got_cmsg(&g, I6, IPV6_HOPOPTS, &n);
	assert_non_null(h);
	assert_int_equal(n, sizeof(hbh));
	assert_int_equal(h[0], IP6_NH_DSTOPTS);
	assert_memory_equal(h + 1, hbh + 1, sizeof(hbh) - 1);
	h = got_cmsg(&g, I6, IPV6_DSTOPTS, &n);
	assert_non_null(h);
	assert_int_equal(n, sizeof(dst));
	assert_int_equal(h[0], IP6_NH_UDP);
	assert_memory_equal(h + 1, dst + 1, sizeof(dst) - 1);
	/* before a routing header only, and there is none: section 6.4 */
	assert_int_equal(sock_setsockopt(a, I6, IPV6_DSTOPTS, NULL, 0), 0);
	assert_int_equal(sock_setsockopt(a, I6, IPV6_RTHDRDSTOPTS, dst, sizeof(dst)), 0);
	send_to(a, ADDR_B, 7, "x");
	g = next(&p, b);
	assert_int_equal(g.rc, 1);
	assert_int_equal(g.control_octets, 0);
	pair_done(&p);
}

/* RFC 5095: no type 0. Of type 2 the destination is the address within, and ours comes behind. */
static void routing(void **state)
{
	uint8_t rh[24] = { 0, 2, 2, 1 };
	struct sockaddr_in6 via = in6(ADDR_B, 0);
	struct sock *a, *b;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	memcpy(rh + 8, &via.sin6_addr, 16);
	assert_int_equal(send_with(a, "2001:db8::3", 7, "x", IPV6_RTHDR, rh, sizeof(rh)), 1);
	pair_run(&p, 10);
	assert_int_equal(pair_drops(p.b, DROP_RH_TYPE),
			 1); /* it came to b, which is no mobile node */
	rh[2] = 0;
	assert_int_equal(send_with(a, "2001:db8::3", 7, "x", IPV6_RTHDR, rh, sizeof(rh)), -EINVAL);
	pair_done(&p);
}

/* RFC 3542 section 11: fragments unless forbidden; who may not is told how large it may be. */
static void too_large(void **state)
{
	static const uint8_t more[70000];
	static const uint8_t data[1500];
	struct ip6_mtuinfo info;
	struct sock_extended_err ee;
	struct sock *a, *b;
	struct pair p;
	struct got g;

	(void)state;
	begin(&p, &a, &b);
	assert_int_equal(send_octets(a, ADDR_B, 7, data, 1453), 1453);
	assert_int_equal(next(&p, b).rc, 1453);
	assert_int_equal(set_int(a, I6, IPV6_DONTFRAG, 1), 0);
	assert_int_equal(send_octets(a, ADDR_B, 7, data, 1452), 1452);
	assert_int_equal(send_octets(a, ADDR_B, 7, data, 1453), -EMSGSIZE);
	assert_int_equal(sock_poll(a) & POLLIN, 0);
	set_int(a, I6, IPV6_RECVPATHMTU, 1);
	assert_int_equal(send_octets(a, ADDR_B, 7, data, 1453), -EMSGSIZE);
	assert_int_equal(sock_poll(a) & POLLIN, POLLIN);
	g = recv_from(a, 10, 0);
	assert_int_equal(g.rc, 0);
	memcpy(&info, got_cmsg(&g, I6, IPV6_PATHMTU, NULL), sizeof(info));
	assert_int_equal(info.ip6m_mtu, 1500);
	assert_nothing(a);
	set_int(a, I6, IPV6_DONTFRAG, 0);
	set_int(a, I6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
	set_int(a, I6, IPV6_RECVERR, 1);
	assert_int_equal(send_octets(a, ADDR_B, 7, data, 1453), -EMSGSIZE);
	g = recv_from(a, 10, MSG_ERRQUEUE);
	assert_int_equal(g.rc, 0);
	assert_string_equal(g.from, "[2001:db8::2]:7");
	memcpy(&ee, got_cmsg(&g, I6, IPV6_RECVERR, NULL), sizeof(ee));
	assert_int_equal(ee.ee_errno, EMSGSIZE);
	assert_int_equal(ee.ee_origin, SO_EE_ORIGIN_LOCAL);
	assert_int_equal(ee.ee_info, 1500);
	/* of what no packet can be, too: who looks for the MTU begins so */
	assert_int_equal(send_octets(a, ADDR_B, 7, more, sizeof(more)), -EMSGSIZE);
	g = recv_from(a, 10, MSG_ERRQUEUE);
	memcpy(&ee, got_cmsg(&g, I6, IPV6_RECVERR, NULL), sizeof(ee));
	assert_int_equal(ee.ee_info, 1500);
	connect_to(a, ADDR_B, 7);
	assert_int_equal(get_int(a, I6, IPV6_MTU), 1500);
	path_too_big(&p.a->node->ip6.path, &a->peer, 0, 1300);
	assert_int_equal(get_int(a, I6, IPV6_MTU), 1300);
	assert_int_equal(send_octets(a, NULL, 0, data, 1253), -EMSGSIZE);
	assert_int_equal(send_octets(a, NULL, 0, data, 1252), 1252);
	pair_done(&p);
}

struct largest {
	uint32_t len;
};

static void on_frame(void *ctx, const struct world_node *wn, const struct trace *t)
{
	struct largest *l = ctx;

	(void)wn;
	if (t->kind == TRACE_TX && t->pkt->len > l->len)
		l->len = t->pkt->len;
}

/* IPV6_USE_MIN_MTU and IPV6_MTU: smaller fragments than the path would take. */
static void smaller(void **state)
{
	static const uint8_t data[1400];
	struct largest l = { 0 };
	struct sock *a, *b;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	world_watch(&p.w, (struct world_watch){ on_frame, &l });
	send_octets(a, ADDR_B, 7, data, sizeof(data));
	assert_int_equal(next(&p, b).rc, sizeof(data));
	assert_int_equal(l.len, 14 + 40 + 8 + 1400);
	l.len = 0;
	assert_int_equal(set_int(a, I6, 63, 1), 0);
	send_octets(a, ADDR_B, 7, data, sizeof(data));
	assert_int_equal(next(&p, b).rc, sizeof(data));
	assert_in_range(l.len, 1200, 14 + 1280);
	l.len = 0;
	set_int(a, I6, 63, 0);
	set_int(a, I6, IPV6_MTU, 1400);
	send_octets(a, ADDR_B, 7, data, sizeof(data));
	assert_int_equal(next(&p, b).rc, sizeof(data));
	assert_in_range(l.len, 1300, 14 + 1400);
	world_watch(&p.w, (struct world_watch){ NULL, NULL });
	pair_done(&p);
}

static void timestamps(void **state)
{
	struct sock *a, *b;
	struct timespec ts;
	struct pair p;
	struct got g;
	time_ns at;

	(void)state;
	begin(&p, &a, &b);
	set_int(b, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	pair_socks(p.b)->wall = 5 * NS_PER_S;
	pair_run(&p, 0);
	send_to(a, ADDR_B, 7, "x"); /* resolves the address first */
	next(&p, b);
	at = p.w.now + 1 * NS_PER_MS; /* of the wire */
	send_to(a, ADDR_B, 7, "x");
	pair_run(&p, 500); /* read late: told is when it came */
	g = recv_from(b, 1, 0);
	memcpy(&ts, got_cmsg(&g, SOL_SOCKET, SCM_TIMESTAMPNS, NULL), sizeof(ts));
	assert_int_equal((time_ns)ts.tv_sec * NS_PER_S + (time_ns)ts.tv_nsec, at + 5 * NS_PER_S);
	pair_done(&p);
}

/* RFC 5014: a temporary address, unless it is to be a public one. */
static void preferences(void **state)
{
	struct sock *a, *b;
	struct pair p;
	struct ip6_addr tmp = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x77 } };

	(void)state;
	begin(&p, &a, &b);
	assert_int_equal(nd_addr_add(&p.a->node->nd, world_if(p.a, PAIR_ZONE), &tmp, 64,
				     ADDR_TEMPORARY, true),
			 0);
	send_to(a, ADDR_B, 7, "x");
	pair_run(&p, 10);
	assert_recv(b, "[2001:db8::77]:5000", "x");
	assert_int_equal(set_int(a, I6, IPV6_ADDR_PREFERENCES, SRC_PREFER_PUBLIC), 0);
	send_to(a, ADDR_B, 7, "x");
	pair_run(&p, 10);
	assert_recv(b, "[2001:db8::1]:5000", "x");
	pair_done(&p);
}

/* RFC 3542 section 3: a copy each, from the upper layer's header; RFC 8200 section 4 if nobody wants it. */
static void raw_copies(void **state)
{
	struct sock *a, *b[2];
	struct pair p;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_RAW, 253);
	assert_int_equal(send_to(a, ADDR_B, 0, "hello"), 5);
	pair_run(&p, 10);
	assert_int_equal(pair_drops(p.b, DROP_IP6_NEXT_HEADER), 1);
	for (unsigned i = 0; i < 2; i++)
		b[i] = open_on(p.b, SOCK_RAW, 253);
	send_to(a, ADDR_B, 0, "hello");
	pair_run(&p, 10);
	assert_recv(b[0], "[2001:db8::1]:0", "hello");
	assert_recv(b[1], "[2001:db8::1]:0", "hello");
	assert_int_equal(bind_to(b[0], LL_B "%2", 0), 0);
	assert_int_equal(connect_to(b[1], LL_A "%2", 0), 0);
	send_to(a, ADDR_B, 0, "hello");
	pair_run(&p, 10);
	assert_nothing(b[0]);
	assert_nothing(b[1]);
	assert_int_equal(pair_drops(p.b, DROP_IP6_NEXT_HEADER), 2);
	pair_done(&p);
}

/* RFC 3542 section 3.1. */
static void raw_checksum(void **state)
{
	struct sock *a, *b;
	struct pair p;
	struct got g;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_RAW, 253);
	b = open_on(p.b, SOCK_RAW, 253);
	assert_int_equal(set_int(b, I6, IPV6_CHECKSUM, 2), 0);
	send_to(a, ADDR_B, 0, "hello!");
	pair_run(&p, 10);
	assert_nothing(b);
	assert_int_equal(pair_drops(p.b, DROP_SOCK_CSUM), 1);
	assert_int_equal(set_int(a, I6, IPV6_CHECKSUM, 2), 0);
	send_to(a, ADDR_B, 0, "hello!");
	g = next(&p, b);
	assert_int_equal(g.rc, 6);
	assert_memory_equal(g.data, "he", 2);
	assert_memory_equal(g.data + 4, "o!", 2);
	assert_int_equal(send_to(a, ADDR_B, 0, "abc"), -EINVAL); /* no room for it */
	pair_done(&p);
}

/* RFC 3542 section 3.2; ICMPv6 that the node itself takes is read, too, and what it does not know. */
static void raw_icmp(void **state)
{
	static const uint8_t odd[8] = { 200 };
	struct icmp6_filter f;
	struct sock *a, *b;
	struct pair p;
	struct got g;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_RAW, IPPROTO_ICMPV6);
	send_octets(a, ADDR_B, 0, odd, sizeof(odd));
	pair_run(&p, 10);
	assert_int_equal(pair_drops(p.b, DROP_ICMP6_TYPE), 1);
	b = open_on(p.b, SOCK_RAW, IPPROTO_ICMPV6);
	send_octets(a, ADDR_B, 0, odd, sizeof(odd));
	g = next(&p, b);
	assert_int_equal(g.rc, 8);
	assert_int_equal((uint8_t)g.data[0], 200);
	assert_true(g.data[2] != 0 || g.data[3] != 0); /* the checksum is the kernel's to make */
	assert_int_equal(pair_drops(p.b, DROP_ICMP6_TYPE), 1);
	ICMP6_FILTER_SETBLOCKALL(&f);
	ICMP6_FILTER_SETPASS(201, &f);
	assert_int_equal(sock_setsockopt(b, IPPROTO_ICMPV6, 1, &f, sizeof(f)), 0);
	send_octets(a, ADDR_B, 0, odd, sizeof(odd));
	assert_int_equal(next(&p, b).rc, -EAGAIN);
	ICMP6_FILTER_SETPASSALL(&f);
	sock_setsockopt(b, IPPROTO_ICMPV6, 1, &f, sizeof(f));
	sock_close(a); /* an echo request is answered all the same */
	a = open_on(p.a, SOCK_DGRAM, IPPROTO_ICMPV6);
	assert_int_equal(send_octets(a, ADDR_B, 0, "\200\0\0\0\0\0\0\1ping", 12), 12);
	g = next(&p, b);
	assert_int_equal((uint8_t)g.data[0], ICMP6_ECHO_REQUEST);
	g = recv_from(a, 100, 0);
	assert_int_equal(g.rc, 12);
	assert_int_equal((uint8_t)g.data[0], ICMP6_ECHO_REPLY);
	assert_int_equal(get_be16((const uint8_t *)g.data + 4), a->port);
	assert_memory_equal(g.data + 8, "ping", 4);
	assert_string_equal(g.from, "[2001:db8::2]:0");
	pair_done(&p);
}

static int via_b(struct pair *p)
{
	struct route r = { .table = FIB_TABLE_MAIN,
			   .via = { .ifindex = PAIR_ZONE, .metric = 1 },
			   .expires = TIME_NEVER };
	struct sockaddr_in6 via = in6(LL_B, 0);

	memcpy(&r.via.gateway, &via.sin6_addr, 16);
	return fib_add(p->a->node->ip6.fib, &r);
}

/* An echo socket's errors come by the identifier that is quoted. */
static void echo_errors(void **state)
{
	struct sock *a, *other;
	struct pair p;
	struct got g;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_DGRAM, IPPROTO_ICMPV6);
	other = open_on(p.a, SOCK_DGRAM, IPPROTO_ICMPV6);
	set_int(a, I6, IPV6_RECVERR, 1);
	set_int(other, I6, IPV6_RECVERR, 1);
	set_int(a, I6, IPV6_RECVHOPLIMIT, 1);
	set_int(a, I6, IPV6_2292HOPLIMIT, 1);
	bind_to(other, NULL, 78);
	bind_to(a, NULL, 77);
	nd_set_forwarding(&p.b->node->nd, world_if(p.b, PAIR_ZONE), true);
	assert_int_equal(via_b(&p), 0);
	assert_int_equal(send_octets(a, "2001:db8:7::1", 0, "\200\0\0\0\0\0\0\1ping", 12), 12);
	pair_run(&p, 10);
	g = recv_from(a, 100, MSG_ERRQUEUE);
	assert_int_equal(g.rc, 12); /* from the echo's own header on */
	assert_int_equal((uint8_t)g.data[0], ICMP6_ECHO_REQUEST);
	assert_int_equal(got_int(&g, IPV6_HOPLIMIT), 64); /* of the error */
	assert_int_equal(got_int(&g, IPV6_2292HOPLIMIT), 64);
	assert_int_equal(recv_from(other, 100, MSG_ERRQUEUE).rc, -EAGAIN);
	pair_done(&p);
}

/* Raw sockets of TCP's hear of errors that TCP knows nothing of: traceroute -T. */
static void raw_tcp_error(void **state)
{
	static const uint8_t syn[20] = { 0x30, 0x39, 0, 80, [12] = 0x50, 2 };
	struct sock *a;
	struct pair p;
	struct got g;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_RAW, IPPROTO_TCP);
	set_int(a, I6, IPV6_RECVERR, 1);
	set_int(a, I6, IPV6_UNICAST_HOPS, 1);
	nd_set_forwarding(&p.b->node->nd, world_if(p.b, PAIR_ZONE), true);
	assert_int_equal(via_b(&p), 0);
	assert_int_equal(send_octets(a, "2001:db8:7::1", 0, syn, sizeof(syn)), sizeof(syn));
	pair_run(&p, 10);
	g = recv_from(a, 100, MSG_ERRQUEUE);
	assert_int_equal(g.rc, sizeof(syn));
	assert_int_equal(pair_drops(p.a, DROP_ICMP6_ERROR_FORGED), 0);
	pair_done(&p);
}

/* What a program was told is sent goes out, and the error that is pending stays for its next call. */
static void late(void **state)
{
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct sock *a, *b;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	connect_to(a, ADDR_B, 7);
	a->err = ECONNREFUSED;
	assert_int_equal(sock_sendmsg(a, &m, SOCK_SEND_LATE), 1);
	assert_int_equal(next(&p, b).rc, 1);
	assert_int_equal(sock_sendmsg(a, &m, 0), -ECONNREFUSED);
	assert_int_equal(sock_sendmsg(a, &m, 0), 1);
	pair_done(&p);
}

static uint32_t label_of(struct pair *p, struct sock *b)
{
	struct got g = next(p, b);
	const uint8_t *flow = got_cmsg(&g, I6, 11, NULL); /* IPV6_FLOWINFO */

	assert_int_equal(g.rc, 1);
	assert_non_null(flow);
	return get_be32(flow) & IP6_FLOW_MASK;
}

/* RFC 6437 section 3: a flow keeps its label, another one has another; what a program says stays. */
static void labels(void **state)
{
	struct sockaddr_in6 to = in6(ADDR_B, 7);
	struct iovec iov = { (char *)(uintptr_t) "x", 1 };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1
	};
	struct sock *a, *b, *other;
	struct pair p;
	uint32_t label;

	(void)state;
	begin(&p, &a, &b);
	other = open_on(p.a, SOCK_DGRAM, 0);
	set_int(b, I6, 11, 1);
	set_int(other, I6, IPV6_AUTOFLOWLABEL, 1);
	send_to(a, ADDR_B, 7, "x");
	assert_int_equal(label_of(&p, b), 0);
	set_int(a, I6, IPV6_AUTOFLOWLABEL, 1);
	send_to(a, ADDR_B, 7, "x");
	label = label_of(&p, b);
	assert_int_not_equal(label, 0);
	send_to(a, ADDR_B, 7, "x");
	assert_int_equal(label_of(&p, b), label);
	send_to(other, ADDR_B, 7, "x");
	assert_int_not_equal(label_of(&p, b), label);
	set_int(a, I6, 33, 1); /* IPV6_FLOWINFO_SEND */
	put_be32((uint8_t *)&to.sin6_flowinfo, 0x12345);
	assert_int_equal(sock_sendmsg(a, &m, 0), 1);
	assert_int_equal(label_of(&p, b), 0x12345);
	pair_done(&p);
}

/* IPV6_FLOWLABEL_MGR: a label that is named may be used; none is given out. */
static void leases(void **state)
{
	static const struct {
		uint32_t label;
		uint8_t action;
		socklen_t len;
		int rc;
	} rows[] = {
		{ 0x12345, 0, 32, 0 },	      { 0x12345, 1, 32, 0 },
		{ 0x12345, 2, 32, 0 },	      { 0x12345, 3, 32, -EINVAL },
		{ 0x100000, 0, 32, -EINVAL }, { 0x12345, 0, 31, -EINVAL },
		{ 0, 0, 32, -EOPNOTSUPP },
	};
	struct sock *a, *b;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t req[32] = { [20] = rows[i].action };

		put_be32(req + 16, rows[i].label);
		if (sock_setsockopt(a, I6, 32, req, rows[i].len) != rows[i].rc)
			fail_msg("row %zu", i);
	}
	pair_done(&p);
}

/* How large the largest fragment was; RFC 8200 section 4.5: all but the last are of eights. */
static void fragment_size(void **state)
{
	static const uint8_t data[2000];
	struct sock *a, *b;
	struct pair p;
	struct got g;

	(void)state;
	begin(&p, &a, &b);
	set_int(b, I6, IPV6_RECVFRAGSIZE, 1);
	send_octets(a, ADDR_B, 7, data, 100);
	g = next(&p, b);
	assert_int_equal(g.rc, 100);
	assert_int_equal(got_int(&g, IPV6_RECVFRAGSIZE), -1000);
	send_octets(a, ADDR_B, 7, data, sizeof(data));
	g = next(&p, b);
	assert_int_equal(g.rc, sizeof(data));
	assert_int_equal(got_int(&g, IPV6_RECVFRAGSIZE), 40 + 8 + 1448);
	pair_done(&p);
}

/* UDP_SEGMENT cuts where it likes, not where the program's pieces end. */
static void pieces(void **state)
{
	struct sockaddr_in6 to = in6(ADDR_B, 7);
	char one[] = "abc", two[] = "", three[] = "defgh";
	struct iovec iov[3] = { { one, 3 }, { two, 0 }, { three, 5 } };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = iov, .msg_iovlen = 3
	};
	struct sock *a, *b;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	assert_int_equal(set_int(a, IPPROTO_UDP, 103 /* UDP_SEGMENT */, 4), 0);
	assert_int_equal(sock_sendmsg(a, &m, 0), 8);
	assert_memory_equal(next(&p, b).data, "abcd", 4);
	assert_memory_equal(recv_from(b, 10, 0).data, "efgh", 4);
	pair_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told),		cmocka_unit_test(cut),
		cmocka_unit_test(pktinfo),	cmocka_unit_test(headers),
		cmocka_unit_test(routing),	cmocka_unit_test(too_large),
		cmocka_unit_test(smaller),	cmocka_unit_test(timestamps),
		cmocka_unit_test(preferences),	cmocka_unit_test(raw_copies),
		cmocka_unit_test(raw_checksum), cmocka_unit_test(raw_icmp),
		cmocka_unit_test(echo_errors),	cmocka_unit_test(raw_tcp_error),
		cmocka_unit_test(late),		cmocka_unit_test(labels),
		cmocka_unit_test(leases),	cmocka_unit_test(fragment_size),
		cmocka_unit_test(pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
