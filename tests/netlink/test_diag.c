/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NETLINK_SOCK_DIAG: what is listed, in which state, with what beside it; one socket; the end of a
 * connection by SOCK_DESTROY. Connections are between sockets of the same node, over ::1.
 */
#include "nlbed.h"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <net/if.h>

#include "transport/sock_view.h"

#define MLD_REPORT 143
#define STATE(s)   (1u << (s))
#define ALL	   UINT32_MAX
#define EXT(e)	   (1u << ((e)-1))
#define PORT	   5001

static struct nlb n;

static void init(void)
{
	nlb_init(&n, 1);
	nl_close(n.s);
	assert_int_equal(nl_open(&n.b.node->nl, NETLINK_SOCK_DIAG, NLB_PORT, true, &n.s), 0);
	assert_int_equal(nl_bind(n.s, 0, 0), 0);
}

static struct sock *opened(int type, int protocol)
{
	struct sock *s;

	assert_int_equal(sock_open(&n.b.node->socks, AF_INET6, type, protocol, &s), 0);
	return s;
}

static struct sockaddr_in6 at(const char *addr, uint16_t port)
{
	struct sockaddr_in6 ret = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct ip6_addr a = bed_addr_of(addr);

	memcpy(&ret.sin6_addr, a.b, sizeof(a.b));
	return ret;
}

static void bind_to(struct sock *s, const char *addr, uint16_t port)
{
	struct sockaddr_in6 a = at(addr, port);

	assert_int_equal(sock_bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
}

static struct sock *listening(uint16_t port)
{
	struct sock *s = opened(SOCK_STREAM, 0);

	bind_to(s, "::", port);
	assert_int_equal(sock_listen(s, 7), 0);
	return s;
}

static struct sock *connected(uint16_t port)
{
	struct sockaddr_in6 to = at("::1", port);
	struct sock *s = opened(SOCK_STREAM, 0);

	assert_int_equal(sock_connect(s, (struct sockaddr *)&to, sizeof(to)), -EINPROGRESS);
	node_settle(n.b.node, n.b.now);
	return s;
}

static void ask(unsigned type, unsigned flags, uint8_t family, uint8_t protocol, uint32_t states,
		unsigned ext, const struct inet_diag_sockid *id)
{
	struct inet_diag_req_v2 q = { .sdiag_family = family,
				      .sdiag_protocol = protocol,
				      .idiag_ext = (uint8_t)ext,
				      .idiag_states = states };

	if (id != NULL)
		q.id = *id;
	nlb_req(&n, type, flags, &q, sizeof(q));
	nlb_send(&n);
}

static unsigned dump(uint8_t protocol, uint32_t states, unsigned ext, struct nlb_msg *last)
{
	ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, AF_INET6, protocol, states, ext, NULL);
	return nlb_dump(&n, SOCK_DIAG_BY_FAMILY, last);
}

static unsigned dump4(uint8_t protocol, uint32_t states, struct nlb_msg *last)
{
	ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, AF_INET, protocol, states, 0, NULL);
	return nlb_dump(&n, SOCK_DIAG_BY_FAMILY, last);
}

static struct inet_diag_msg head_of(const struct nlb_msg *m)
{
	struct inet_diag_msg ret;

	assert_true(m->body.left >= sizeof(ret));
	memcpy(&ret, m->body.p, sizeof(ret));
	return ret;
}

/* Which sockets a list has: by protocol and state. */
static void test_which(void **state)
{
	struct sock *listener, *client, *server, *udp, *raw, *unbound;
	struct inet_diag_msg h;
	struct nlb_msg m;

	(void)state;
	init();
	listener = listening(PORT);
	client = connected(PORT);
	assert_int_equal(sock_accept(listener, &server), 0);
	udp = opened(SOCK_DGRAM, 0);
	bind_to(udp, "::", 53);
	raw = opened(SOCK_RAW, IPPROTO_ICMPV6);
	unbound = opened(SOCK_DGRAM, 0);

	assert_int_equal(dump(IPPROTO_TCP, ALL, 0, &m), 3);
	assert_int_equal(dump(IPPROTO_TCP, STATE(VIEW_ESTABLISHED), 0, &m), 2);
	assert_int_equal(dump(IPPROTO_TCP, STATE(VIEW_TIME_WAIT), 0, NULL), 0);
	assert_int_equal(dump(IPPROTO_TCP, STATE(VIEW_LISTEN), 0, &m), 1);
	h = head_of(&m);
	assert_int_equal(h.idiag_family, AF_INET6);
	assert_int_equal(h.idiag_state, VIEW_LISTEN);
	assert_int_equal(ntohs(h.id.idiag_sport), PORT);
	assert_int_equal(h.id.idiag_dport, 0);
	assert_int_equal(h.idiag_rqueue, 0);
	assert_int_equal(h.idiag_wqueue, 7);
	assert_int_equal(dump(IPPROTO_UDP, ALL, 0, &m), 1);
	h = head_of(&m);
	assert_int_equal(h.idiag_state, VIEW_CLOSE);
	assert_int_equal(ntohs(h.id.idiag_sport), 53);
	assert_int_equal(dump(IPPROTO_UDP, STATE(VIEW_ESTABLISHED), 0, NULL), 0);
	assert_int_equal(dump(IPPROTO_RAW, ALL, 0, &m), 1);
	assert_int_equal(ntohs(head_of(&m).id.idiag_sport), IPPROTO_ICMPV6);
	assert_int_equal(*nlb_attr(&m, sizeof(h), INET_DIAG_PROTOCOL).p, IPPROTO_ICMPV6);

	sock_close(unbound);
	sock_close(raw);
	sock_close(udp);
	sock_close(server);
	sock_close(client);
	sock_close(listener);
	nlb_done(&n);
}

/* Of both families: who listens, both ends of a connection, and who is bound. */
static void test_families(void **state)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(PORT),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sock *listener, *client, *server, *udp, *both;
	struct inet_diag_msg h;
	struct nlb_msg m;

	(void)state;
	init();
	assert_int_equal(sock_open(&n.b.node->socks, AF_INET, SOCK_STREAM, 0, &listener), 0);
	assert_int_equal(sock_bind(listener, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(sock_listen(listener, 7), 0);
	assert_int_equal(sock_open(&n.b.node->socks, AF_INET, SOCK_STREAM, 0, &client), 0);
	assert_int_equal(sock_connect(client, (struct sockaddr *)&to, sizeof(to)), -EINPROGRESS);
	node_settle(n.b.node, n.b.now);
	assert_int_equal(sock_accept(listener, &server), 0);
	assert_int_equal(sock_open(&n.b.node->socks, AF_INET, SOCK_DGRAM, 0, &udp), 0);
	assert_int_equal(sock_bind(udp, (struct sockaddr *)&to, sizeof(to)), 0);
	both = listening(PORT + 1);

	assert_int_equal(dump(IPPROTO_TCP, ALL, 0, &m), 1);
	assert_int_equal(ntohs(head_of(&m).id.idiag_sport), PORT + 1);
	assert_int_equal(dump(IPPROTO_UDP, ALL, 0, NULL), 0);
	assert_int_equal(dump4(IPPROTO_TCP, STATE(VIEW_LISTEN), &m), 1);
	h = head_of(&m);
	assert_int_equal(h.idiag_family, AF_INET);
	assert_int_equal(ntohs(h.id.idiag_sport), PORT);
	assert_int_equal(ntohl(h.id.idiag_src[0]), INADDR_LOOPBACK);
	assert_int_equal(h.id.idiag_src[1] | h.id.idiag_src[2] | h.id.idiag_src[3], 0);
	assert_int_equal(h.id.idiag_dst[0], 0);
	assert_int_equal(dump4(IPPROTO_TCP, STATE(VIEW_ESTABLISHED), &m), 2);
	assert_int_equal(ntohl(head_of(&m).id.idiag_dst[0]), INADDR_LOOPBACK);
	assert_int_equal(dump4(IPPROTO_UDP, ALL, &m), 1);
	assert_int_equal(ntohs(head_of(&m).id.idiag_sport), PORT);

	sock_close(both);
	sock_close(udp);
	sock_close(server);
	sock_close(client);
	sock_close(listener);
	nlb_done(&n);
}

/* What is told beside: only what was asked for. */
static void test_extensions(void **state)
{
	unsigned ext = EXT(INET_DIAG_INFO) | EXT(INET_DIAG_MEMINFO) | EXT(INET_DIAG_SKMEMINFO) |
		       EXT(INET_DIAG_CONG);
	struct sock *listener, *client, *server;
	struct nlb_msg m;
	struct rd at_;

	(void)state;
	init();
	listener = listening(PORT);
	client = connected(PORT);
	assert_int_equal(sock_accept(listener, &server), 0);
	assert_int_equal(dump(IPPROTO_TCP, STATE(VIEW_ESTABLISHED), 0, &m), 2);
	assert_false(nlb_has_attr(&m, sizeof(struct inet_diag_msg), INET_DIAG_INFO, &at_));
	assert_false(nlb_has_attr(&m, sizeof(struct inet_diag_msg), INET_DIAG_MEMINFO, &at_));
	assert_int_equal(dump(IPPROTO_TCP, STATE(VIEW_ESTABLISHED), ext, &m), 2);
	at_ = nlb_attr(&m, sizeof(struct inet_diag_msg), INET_DIAG_INFO);
	assert_true(at_.left >= 192); /* down to min_rtt, which ss(8) shows */
	assert_int_equal(at_.p[0], VIEW_ESTABLISHED);
	at_ = nlb_attr(&m, sizeof(struct inet_diag_msg), INET_DIAG_CONG);
	assert_string_equal((const char *)at_.p, "cubic");
	at_ = nlb_attr(&m, sizeof(struct inet_diag_msg), INET_DIAG_MEMINFO);
	assert_int_equal(at_.left, sizeof(struct inet_diag_meminfo));
	at_ = nlb_attr(&m, sizeof(struct inet_diag_msg), INET_DIAG_SKMEMINFO);
	assert_int_equal(at_.left, 4 * SK_MEMINFO_VARS);
	sock_close(server);
	sock_close(client);
	sock_close(listener);
	nlb_done(&n);
}

/* The inode that a program's descriptor has, and what waits in the queues. */
static void test_owner_and_queues(void **state)
{
	struct iovec iov = { (uint8_t[1000]){ 0 }, 1000 };
	const struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct sock *listener, *client;
	struct inet_diag_msg h;
	struct nlb_msg m;

	(void)state;
	init();
	listener = listening(PORT);
	listener->inode = 77777;
	listener->pid = 42;
	client = connected(PORT);
	client->inode = 88888;
	assert_int_equal(dump(IPPROTO_TCP, STATE(VIEW_LISTEN), 0, &m), 1);
	h = head_of(&m);
	assert_int_equal(h.idiag_inode, 77777);
	assert_int_equal(h.idiag_rqueue, 1); /* it waits for accept() */
	assert_int_equal(sock_sendmsg(client, &msg, 0), 1000);
	node_settle(n.b.node, n.b.now);
	ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, AF_INET6, IPPROTO_TCP, STATE(VIEW_ESTABLISHED), 0,
	    NULL);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(nlb_next(&n, &m));
		h = head_of(&m);
		if (ntohs(h.id.idiag_sport) == PORT)
			assert_int_equal(h.idiag_rqueue, 1000);
		else
			assert_int_equal(h.idiag_inode, 88888);
	}
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_type, NLMSG_DONE);
	sock_close(client);
	sock_close(listener);
	nlb_done(&n);
}

/* By its ends, and by its cookie, which is the same each time. */
static void test_one(void **state)
{
	struct sock *listener, *client, *server;
	struct inet_diag_msg h;
	struct nlb_msg m;

	(void)state;
	init();
	listener = listening(PORT);
	client = connected(PORT);
	assert_int_equal(sock_accept(listener, &server), 0);
	assert_int_equal(dump(IPPROTO_TCP, STATE(VIEW_ESTABLISHED), 0, &m), 2);
	h = head_of(&m);
	ask(SOCK_DIAG_BY_FAMILY, 0, AF_INET6, IPPROTO_TCP, ALL, 0, &h.id);
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_type, SOCK_DIAG_BY_FAMILY);
	assert_memory_equal(m.body.p, &h, offsetof(struct inet_diag_msg, idiag_expires));
	h.id.idiag_cookie[0]++;
	ask(SOCK_DIAG_BY_FAMILY, 0, AF_INET6, IPPROTO_TCP, ALL, 0, &h.id);
	assert_int_equal(nlb_error(&n), -ENOENT);
	h.id.idiag_cookie[0] = h.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	ask(SOCK_DIAG_BY_FAMILY, 0, AF_INET6, IPPROTO_TCP, ALL, 0, &h.id);
	assert_true(nlb_next(&n, &m));
	h.id.idiag_dport ^= 1;
	ask(SOCK_DIAG_BY_FAMILY, 0, AF_INET6, IPPROTO_TCP, ALL, 0, &h.id);
	assert_int_equal(nlb_error(&n), -ENOENT);
	sock_close(server);
	sock_close(client);
	sock_close(listener);
	nlb_done(&n);
}

/* Both ends learn of it: ours by ECONNABORTED, the other by a reset. */
static void test_destroy(void **state)
{
	struct sock *listener, *client, *server;
	char octet;
	struct iovec iov = { &octet, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct inet_diag_msg h;
	struct nlb_msg m;

	(void)state;
	init();
	listener = listening(PORT);
	client = connected(PORT);
	assert_int_equal(sock_accept(listener, &server), 0);
	do {
		ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, AF_INET6, IPPROTO_TCP, STATE(VIEW_LISTEN), 0,
		    NULL);
	} while (nlb_dump(&n, SOCK_DIAG_BY_FAMILY, &m) != 1);
	h = head_of(&m);
	ask(SOCK_DESTROY, NLM_F_ACK, AF_INET6, IPPROTO_TCP, ALL, 0, &h.id);
	assert_int_equal(nlb_error(&n), -EOPNOTSUPP);
	ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, AF_INET6, IPPROTO_TCP, STATE(VIEW_ESTABLISHED), 0,
	    NULL);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(nlb_next(&n, &m));
		if (ntohs(head_of(&m).id.idiag_sport) == PORT)
			h = head_of(&m);
	}
	assert_true(nlb_next(&n, &m));
	ask(SOCK_DESTROY, NLM_F_ACK, AF_INET6, IPPROTO_TCP, ALL, 0, &h.id);
	assert_int_equal(nlb_error(&n), 0);
	assert_int_equal(sock_recvmsg(server, &msg, 0), -ECONNABORTED);
	assert_int_equal(sock_recvmsg(client, &msg, 0), -ECONNRESET);
	assert_int_equal(dump(IPPROTO_TCP, STATE(VIEW_ESTABLISHED), 0, NULL), 0);
	sock_close(server);
	sock_close(client);
	sock_close(listener);
	nlb_done(&n);
}

/* Who may only ask ends nothing. */
static void test_no_rights(void **state)
{
	struct sock *listener, *client;
	struct inet_diag_msg h;
	struct nlb_msg m;

	(void)state;
	init();
	listener = listening(PORT);
	client = connected(PORT);
	n.s->admin = false;
	assert_int_equal(dump(IPPROTO_TCP, STATE(VIEW_ESTABLISHED), 0, &m), 2);
	h = head_of(&m);
	ask(SOCK_DESTROY, NLM_F_ACK, AF_INET6, IPPROTO_TCP, ALL, 0, &h.id);
	assert_int_equal(nlb_error(&n), -EPERM);
	sock_close(client);
	sock_close(listener);
	nlb_done(&n);
}

/* Families that a node has none of list nothing; what nobody knows is refused. */
static void test_others(void **state)
{
	static const uint8_t families[] = { AF_UNIX, AF_PACKET, AF_NETLINK, AF_INET };

	(void)state;
	init();
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, families[i], IPPROTO_TCP, ALL, 0, NULL);
		assert_int_equal(nlb_dump(&n, SOCK_DIAG_BY_FAMILY, NULL), 0);
	}
	ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, AF_BLUETOOTH, 0, ALL, 0, NULL);
	assert_int_equal(nlb_error(&n), -ENOENT);
	nlb_req(&n, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, "\x0a", 1);
	nlb_send(&n);
	assert_true(nlb_error(&n) < 0);
	ask(99, 0, AF_INET6, IPPROTO_TCP, ALL, 0, NULL);
	assert_int_equal(nlb_error(&n), -EINVAL);
	nlb_done(&n);
}

/* A list of more than a datagram has room for tells of each once. */
static void test_many(void **state)
{
	enum { MANY = 300 };
	static struct sock *s[MANY];
	bool seen[MANY] = { false };
	struct nlb_msg m;
	unsigned all = 0;

	(void)state;
	init();
	for (unsigned i = 0; i < MANY; i++) {
		s[i] = opened(SOCK_DGRAM, 0);
		bind_to(s[i], "::", (uint16_t)(1000 + i));
	}
	ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, AF_INET6, IPPROTO_UDP, ALL, 0, NULL);
	n.dgrams = 0;
	while (nlb_next(&n, &m) && m.h.nlmsg_type != NLMSG_DONE) {
		unsigned i = ntohs(head_of(&m).id.idiag_sport) - 1000u;

		assert_true(i < MANY && !seen[i]);
		seen[i] = true;
		all++;
	}
	assert_int_equal(all, MANY);
	assert_true(n.dgrams > 1);
	for (unsigned i = 0; i < MANY; i++)
		sock_close(s[i]);
	nlb_done(&n);
}

/* An interface that the user takes down says goodbye first (RFC 3810 section 6.1), one that lost its link not. */
static void test_farewell(void **state)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_change = IFF_UP };
	const struct ip6_addr group = bed_addr_of("ff05::77");
	const struct pkt *report;

	(void)state;
	nlb_init(&n, 1);
	bed_quiet(&n.b);
	assert_int_equal(mld_join(&n.b.node->mld, bed_if(&n.b, 0), &group), 0);
	node_settle(n.b.node, n.b.now);
	bed_run(&n.b, n.b.now + 5 * NS_PER_S);
	bed_forget(&n.b);
	head.ifi_index = (int)if_index(bed_if(&n.b, 0));
	nlb_req(&n, RTM_NEWLINK, NLM_F_ACK, &head, sizeof(head));
	nlb_send(&n);
	assert_int_equal(nlb_error(&n), 0);
	assert_false(bed_if(&n.b, 0)->link.up);
	bed_run(&n.b, n.b.now + 1);
	report = bed_tx(&n.b, NULL, NULL);
	assert_non_null(report);
	assert_int_equal(report->p[IP6_HDR_OCTETS + 8], MLD_REPORT); /* behind the router alert */
	assert_true(bed_silent(&n.b));
	nlb_done(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which),	   cmocka_unit_test(test_families),
		cmocka_unit_test(test_extensions), cmocka_unit_test(test_owner_and_queues),
		cmocka_unit_test(test_one),	   cmocka_unit_test(test_destroy),
		cmocka_unit_test(test_no_rights),  cmocka_unit_test(test_others),
		cmocka_unit_test(test_many),	   cmocka_unit_test(test_farewell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
