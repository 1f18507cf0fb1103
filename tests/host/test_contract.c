/* SPDX-License-Identifier: BSD-3-Clause */
/* What host/host.h says of sockets, on both hosts; test_timers.c and test_rounds.c have the rest. */
#include "host/rig.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <netinet/icmp6.h>
#include <unistd.h>

#include "host/inside.h"
#include "host/linux.h"

static ssize_t get(struct rig *r, int s, void *buf, size_t room)
{
	return host_recvfrom(r->h, s, buf, room, NULL, NULL);
}

static ssize_t put(struct rig *r, int s, const char *text)
{
	return host_sendto(r->h, s, text, strlen(text), NULL, 0);
}

static ssize_t put_to(struct rig *r, int s, const struct sockaddr_in6 *to, const void *p, size_t n)
{
	return host_sendto(r->h, s, p, n, (const struct sockaddr *)to, sizeof(*to));
}

static void assert_got(struct rig *r, int s, const char *text)
{
	char buf[256] = "";

	assert_int_equal(rig_ready(r, s, POLLIN) & POLLIN, POLLIN);
	assert_int_equal(get(r, s, buf, sizeof(buf) - 1), strlen(text));
	assert_string_equal(buf, text);
}

/*
 * Datagrams.
 */

static void udp_there_and_back(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in6 at_a, at_b, from = { 0 };
	int a = rig_bound(r, SOCK_DGRAM, &at_a), b = rig_bound(r, SOCK_DGRAM, &at_b);
	socklen_t len = sizeof(from);
	char buf[16] = "";

	assert_int_equal(get(r, b, buf, sizeof(buf)), -EAGAIN);
	assert_int_equal(rig_is_ready(r, b, POLLIN), 0);
	assert_int_equal(put_to(r, a, &at_b, "hello", 5), 5);
	assert_int_equal(rig_ready(r, b, POLLIN), POLLIN);
	assert_int_equal(host_recvfrom(r->h, b, buf, sizeof(buf), (struct sockaddr *)&from, &len),
			 5);
	assert_string_equal(buf, "hello");
	assert_int_equal(len, sizeof(from));
	assert_memory_equal(&from, &at_a, sizeof(from));
	assert_int_equal(get(r, b, buf, sizeof(buf)), -EAGAIN);
	assert_int_equal(put_to(r, b, &from, "", 0), 0);
	assert_int_equal(rig_ready(r, a, POLLIN), POLLIN);
	assert_int_equal(get(r, a, buf, sizeof(buf)), 0);
}

static void udp_sizes(void **state)
{
	static uint8_t big[65536], back[65536];
	struct rig *r = *state;
	struct sockaddr_in6 at;
	int b = rig_bound(r, SOCK_DGRAM, &at), a = rig_open(r, SOCK_DGRAM, 0);
	struct iovec iov[2] = { { back, 1 }, { back + 1, 2 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7);
	assert_int_equal(host_sendto(r->h, a, big, 1, NULL, 0), -EDESTADDRREQ);
	assert_int_equal(put_to(r, a, &at, big, 65528), -EMSGSIZE);
	assert_int_equal(put_to(r, a, &at, big, 65527), 65527); /* 65535 less the header of UDP */
	assert_int_equal(rig_ready(r, b, POLLIN), POLLIN);
	assert_int_equal(get(r, b, back, sizeof(back)), 65527);
	assert_memory_equal(big, back, 65527);

	assert_int_equal(put_to(r, a, &at, big, 5),
			 5); /* what does not fit is lost, and said to be */
	assert_int_equal(rig_ready(r, b, POLLIN), POLLIN);
	assert_int_equal(host_recvmsg(r->h, b, &msg, 0), 3);
	assert_int_equal(msg.msg_flags, MSG_TRUNC);
	assert_memory_equal(big, back, 3);
	assert_int_equal(get(r, b, back, sizeof(back)), -EAGAIN);
}

/* RFC 1122 section 4.1.3.3: a connected socket learns of the ICMP error. POLLERR need not be wanted. */
static void udp_refused(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in6 at;
	int b = rig_bound(r, SOCK_DGRAM, &at), a = rig_open(r, SOCK_DGRAM, 0);
	char c;

	assert_int_equal(host_close(r->h, b), 0);
	assert_int_equal(rig_connect(r, a, &at), 0);
	assert_int_equal(rig_is_ready(r, a, 0), 0);
	assert_int_equal(put(r, a, "x"), 1);
	assert_int_equal(rig_ready(r, a, 0), POLLERR);
	assert_int_equal(get(r, a, &c, 1), -ECONNREFUSED);
	assert_int_equal(get(r, a, &c, 1), -EAGAIN);
}

/* What one object of ancillary data holds. */
static void control_of(const struct msghdr *msg, int type, void *ret, size_t n)
{
	struct msghdr m = *msg;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == type) {
			assert_int_equal(c->cmsg_len, CMSG_LEN(n));
			memcpy(ret, CMSG_DATA(c), n);
			return;
		}
	fail();
}

/* RFC 3542 sections 6.1 and 6.3 */
static void udp_ancillary(void **state)
{
	static const struct in6_addr lo = IN6ADDR_LOOPBACK_INIT;
	struct rig *r = *state;
	struct sockaddr_in6 at;
	int b = rig_bound(r, SOCK_DGRAM, &at), a = rig_open(r, SOCK_DGRAM, 0), hops = 7;
	_Alignas(16) uint8_t control[256] = { 0 };
	struct cmsghdr *c = (struct cmsghdr *)(void *)control;
	char buf[4];
	struct iovec iov = { buf, 2 };
	struct msghdr msg = { .msg_name = &at,
			      .msg_namelen = sizeof(at),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = CMSG_SPACE(sizeof(hops)) };
	struct in6_pktinfo info = { 0 };

	rig_set(r, b, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	rig_set(r, b, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	assert_int_equal(rig_get(r, b, IPPROTO_IPV6, IPV6_RECVPKTINFO), 1);
	*c = (struct cmsghdr){ CMSG_LEN(sizeof(hops)), IPPROTO_IPV6, IPV6_HOPLIMIT };
	memcpy(CMSG_DATA(c), &hops, sizeof(hops));
	assert_int_equal(host_sendmsg(r->h, a, &msg, 0), 2);

	assert_int_equal(rig_ready(r, b, POLLIN), POLLIN);
	hops = 0;
	msg.msg_controllen = sizeof(control);
	assert_int_equal(host_recvmsg(r->h, b, &msg, 0), 2);
	assert_int_equal(msg.msg_flags, 0);
	control_of(&msg, IPV6_PKTINFO, &info, sizeof(info));
	control_of(&msg, IPV6_HOPLIMIT, &hops, sizeof(hops));
	assert_memory_equal(&info.ipi6_addr, &lo, sizeof(lo));
	assert_int_equal(info.ipi6_ifindex, RIG_LO);
	assert_int_equal(hops, 7);
}

static void groups(void **state)
{
	struct rig *r = *state;
	int a = rig_open(r, SOCK_DGRAM, 0);
	struct ipv6_mreq m = { .ipv6mr_multiaddr = { { { 0xff, 0x15, [15] = 1 } } },
			       .ipv6mr_interface = RIG_LO };

	assert_int_equal(host_setsockopt(r->h, a, IPPROTO_IPV6, IPV6_LEAVE_GROUP, &m, sizeof(m)),
			 -EADDRNOTAVAIL);
	assert_int_equal(host_setsockopt(r->h, a, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m, sizeof(m)), 0);
	assert_int_equal(host_setsockopt(r->h, a, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m, sizeof(m)),
			 -EADDRINUSE);
	assert_int_equal(host_setsockopt(r->h, a, IPPROTO_IPV6, IPV6_LEAVE_GROUP, &m, sizeof(m)),
			 0);
	assert_int_equal(host_setsockopt(r->h, a, IPPROTO_IPV6, 250, &m, sizeof(m)), -ENOPROTOOPT);
}

/* RFC 3542 sections 3.1 and 3.2: the system makes the checksum; only what is wanted passes the filter. */
static void raw_icmp(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct icmp6_filter filter;
	uint8_t echo[12] = { ICMP6_ECHO_REQUEST, 0, 0, 0, 0x12, 0x34, 0, 1, 'a', 'b', 'c', 'd' };
	uint8_t buf[64];
	int s;

	rig_needs_namespace(r);
	s = rig_open(r, SOCK_RAW, IPPROTO_ICMPV6);
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
	assert_int_equal(
		host_setsockopt(r->h, s, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)), 0);
	assert_int_equal(put_to(r, s, &to, echo, sizeof(echo)), sizeof(echo));
	assert_int_equal(rig_ready(r, s, POLLIN), POLLIN);
	assert_int_equal(get(r, s, buf, sizeof(buf)), sizeof(echo));
	assert_int_equal(buf[0], ICMP6_ECHO_REPLY);
	assert_true(buf[2] != 0 || buf[3] != 0);
	assert_memory_equal(buf + 4, echo + 4, sizeof(echo) - 4);
	assert_int_equal(get(r, s, buf, sizeof(buf)), -EAGAIN);
}

/* packet(7): whoever listens to an interface sees what passes there, without its link-layer header if it likes. */
static void packet(void **state)
{
	struct rig *r = *state;
	struct sockaddr_ll lo = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IPV6),
				  .sll_ifindex = RIG_LO },
			   from = { 0 };
	struct sockaddr_in6 at;
	int a = rig_bound(r, SOCK_DGRAM, &at), s;
	socklen_t len = sizeof(from);
	uint8_t buf[128];

	rig_needs_namespace(r);
	s = host_socket(r->h, AF_PACKET, SOCK_DGRAM, htons(ETH_P_IPV6));
	assert_true(s > 0);
	assert_int_equal(host_bind(r->h, s, (struct sockaddr *)&lo, sizeof(lo)), 0);
	assert_int_equal(get(r, s, buf, sizeof(buf)), -EAGAIN);
	assert_int_equal(put_to(r, a, &at, "hello", 5), 5);
	assert_int_equal(rig_ready(r, s, POLLIN), POLLIN);
	assert_int_equal(host_recvfrom(r->h, s, buf, sizeof(buf), (struct sockaddr *)&from, &len),
			 40 + 8 + 5);
	assert_memory_equal(buf + 40 + 8, "hello", 5);
	assert_int_equal(from.sll_family, AF_PACKET);
	assert_int_equal(from.sll_ifindex, RIG_LO);
	assert_int_equal(from.sll_protocol, htons(ETH_P_IPV6));
}

/*
 * Streams.
 */

static void tcp_both_ways(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in6 name, peer;
	socklen_t len = sizeof(name);
	int a, b;
	char c;

	rig_pair(r, &a, &b);
	assert_int_equal(get(r, a, &c, 1), -EAGAIN);
	assert_int_equal(put(r, a, "to b"), 4);
	assert_got(r, b, "to b");
	assert_int_equal(put(r, b, "to a"), 4);
	assert_got(r, a, "to a");
	assert_int_equal(host_getsockname(r->h, a, (struct sockaddr *)&name, &len), 0);
	assert_int_equal(host_getpeername(r->h, b, (struct sockaddr *)&peer, &len), 0);
	assert_int_equal(name.sin6_port, peer.sin6_port);
	assert_memory_equal(&name.sin6_addr, &peer.sin6_addr, sizeof(name.sin6_addr));
}

/* RFC 9293 section 3.6: one half ends, the other goes on. */
static void tcp_half_close(void **state)
{
	struct rig *r = *state;
	int a, b;
	char c;

	rig_pair(r, &a, &b);
	assert_int_equal(put(r, a, "last"), 4);
	assert_int_equal(host_shutdown(r->h, a, SHUT_WR), 0);
	assert_int_equal(put(r, a, "more"), -EPIPE);
	assert_got(r, b, "last");
	assert_int_equal(rig_ready(r, b, POLLIN | POLLRDHUP), POLLIN | POLLRDHUP);
	assert_int_equal(get(r, b, &c, 1), 0);
	assert_int_equal(get(r, b, &c, 1), 0);
	assert_int_equal(put(r, b, "still"), 5);
	assert_got(r, a, "still");
	assert_int_equal(host_close(r->h, b), 0);
	assert_int_equal(rig_ready(r, a, POLLIN) & POLLIN, POLLIN);
	assert_int_equal(get(r, a, &c, 1), 0);
}

static void tcp_refused(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in6 at;
	int b = rig_bound(r, SOCK_STREAM, &at), a = rig_open(r, SOCK_STREAM, 0);

	assert_int_equal(host_close(r->h, b), 0);
	assert_int_equal(rig_connect(r, a, &at), -EINPROGRESS);
	assert_true((rig_ready(r, a, POLLOUT) & (POLLOUT | POLLERR)) == (POLLOUT | POLLERR));
	assert_int_equal(rig_get(r, a, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
	assert_int_equal(rig_get(r, a, SOL_SOCKET, SO_ERROR), 0);
}

/* RFC 9293 section 3.6.1: who closes with data that nobody read resets. */
static void tcp_reset(void **state)
{
	struct rig *r = *state;
	int a, b;
	char c;

	rig_pair(r, &a, &b);
	assert_int_equal(put(r, a, "unread"), 6);
	assert_int_equal(rig_ready(r, b, POLLIN), POLLIN);
	assert_int_equal(host_close(r->h, b), 0);
	assert_true((rig_ready(r, a, POLLIN) & POLLERR) != 0);
	assert_int_equal(get(r, a, &c, 1), -ECONNRESET);
	assert_int_equal(put(r, a, "x"), -EPIPE);
}

/* But who was told before that the peer ended its side reads the end, as Linux has it. */
static void tcp_reset_after_end(void **state)
{
	struct rig *r = *state;
	int a, b;
	char c;

	rig_pair(r, &a, &b);
	assert_int_equal(host_shutdown(r->h, b, SHUT_WR), 0);
	assert_int_equal(rig_ready(r, a, POLLRDHUP), POLLRDHUP);
	assert_int_equal(put(r, a, "unread"), 6);
	assert_int_equal(rig_ready(r, b, POLLIN), POLLIN);
	assert_int_equal(host_close(r->h, b), 0);
	assert_true((rig_ready(r, a, 0) & POLLERR) != 0);
	assert_int_equal(get(r, a, &c, 1), 0);
	assert_int_equal(put(r, a, "x"), -EPIPE);
}

/* Nothing is lost when the writer is told to wait. */
static void tcp_full(void **state)
{
	static uint8_t chunk[65536];
	struct rig *r = *state;
	size_t sent = 0, got = 0;
	ssize_t n;
	int a, b;

	rig_pair(r, &a, &b);
	for (unsigned i = 0; i < 1000; i++) { /* the peer's buffer fills meanwhile, too */
		n = host_sendto(r->h, a, chunk, sizeof(chunk), NULL, 0);
		if (n == -EAGAIN && rig_is_ready(r, a, POLLOUT) == 0)
			break;
		assert_true(n > 0 || n == -EAGAIN);
		sent += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(n, -EAGAIN);
	while (got < sent) {
		assert_int_equal(rig_ready(r, b, POLLIN), POLLIN);
		n = get(r, b, chunk, sizeof(chunk));
		assert_true(n > 0);
		got += (size_t)n;
	}
	assert_int_equal(got, sent);
	assert_int_equal(rig_ready(r, a, POLLOUT), POLLOUT);
}

/* What was written before close() arrives. */
static void tcp_close_sends(void **state)
{
	struct rig *r = *state;
	int a, b;
	char c;

	rig_pair(r, &a, &b);
	assert_int_equal(put(r, a, "goodbye"), 7);
	assert_int_equal(host_close(r->h, a), 0);
	assert_got(r, b, "goodbye");
	assert_int_equal(rig_ready(r, b, POLLIN) & POLLIN, POLLIN);
	assert_int_equal(get(r, b, &c, 1), 0);
}

/*
 * Handles.
 */

static void stale_handles(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in6 at;
	socklen_t len = sizeof(at);
	struct sockaddr *sa = (struct sockaddr *)&at;
	int s = rig_bound(r, SOCK_DGRAM, &at), bad[] = { 0, -1, -EMFILE, 0, INT32_MAX };
	char c;

	bad[3] = s;
	assert_int_equal(host_close(r->h, s), 0);
	for (unsigned i = 0; i < HOST_HANDLES_MAX; i++) /* its place is taken, wherever that is */
		assert_true(rig_open(r, SOCK_DGRAM, 0) > s);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(host_close(r->h, bad[i]), -EBADF);
		assert_int_equal(host_bind(r->h, bad[i], sa, len), -EBADF);
		assert_int_equal(host_connect(r->h, bad[i], sa, len), -EBADF);
		assert_int_equal(host_listen(r->h, bad[i], 1), -EBADF);
		assert_int_equal(host_accept(r->h, bad[i]), -EBADF);
		assert_int_equal(host_shutdown(r->h, bad[i], SHUT_RD), -EBADF);
		assert_int_equal(host_sendto(r->h, bad[i], "x", 1, sa, len), -EBADF);
		assert_int_equal(get(r, bad[i], &c, 1), -EBADF);
		assert_int_equal(host_getsockname(r->h, bad[i], sa, &len), -EBADF);
		assert_int_equal(host_getpeername(r->h, bad[i], sa, &len), -EBADF);
		assert_int_equal(host_setsockopt(r->h, bad[i], 1, 1, &c, 1), -EBADF);
		assert_int_equal(host_getsockopt(r->h, bad[i], 1, 1, &c, &len), -EBADF);
		assert_int_equal(host_unwatch(r->h, bad[i]), -EBADF);
	}
}

/* Each keeps its own socket while others come and go, and the young have the greater numbers. */
static void numbers_grow(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in6 at[HOST_HANDLES_MAX] = { 0 }, now;
	int s[HOST_HANDLES_MAX], last = 0;
	socklen_t len = sizeof(now);

	for (unsigned round = 0; round < 4; round++) {
		for (unsigned i = 0; i < HOST_HANDLES_MAX; i += 1 + round) {
			if (round != 0)
				assert_int_equal(host_close(r->h, s[i]), 0);
			s[i] = rig_bound(r, SOCK_DGRAM, &at[i]);
			assert_true(s[i] > last);
			last = s[i];
		}
	}
	for (unsigned i = 0; i < HOST_HANDLES_MAX; i++) {
		assert_int_equal(host_getsockname(r->h, s[i], (struct sockaddr *)&now, &len), 0);
		assert_int_equal(now.sin6_port, at[i].sin6_port);
	}
}

static void at_most_so_many(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in6 at;
	int l = rig_bound(r, SOCK_STREAM, &at), a = rig_open(r, SOCK_STREAM, 0), last = 0, b;

	assert_int_equal(rig_connect(r, a, &at), -EINPROGRESS);
	assert_int_equal(rig_ready(r, l, POLLIN), POLLIN);
	for (unsigned i = 2; i < HOST_HANDLES_MAX; i++)
		last = rig_open(r, SOCK_DGRAM, 0);
	assert_int_equal(host_socket(r->h, AF_INET6, SOCK_DGRAM, 0), -EMFILE);
	assert_int_equal(host_accept(r->h, l), -EMFILE);
	assert_int_equal(host_close(r->h, last), 0);
	b = host_accept(r->h, l); /* it has waited */
	assert_true(b > last);
	assert_int_equal(host_socket(r->h, AF_INET6, SOCK_DGRAM, 0), -EMFILE);
}

static void what_cannot_be_opened(void **state)
{
	struct rig *r = *state;
	int s = rig_open(r, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(host_socket(r->h, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE) > s);
	assert_int_equal(host_socket(r->h, 77, SOCK_DGRAM, 0), -EAFNOSUPPORT);
	assert_int_equal(host_socket(r->h, AF_INET6, SOCK_DGRAM, IPPROTO_TCP), -EPROTONOSUPPORT);
	assert_int_equal(host_listen(r->h, s, 1), -EOPNOTSUPP);
	assert_int_equal(host_accept(r->h, s), -EOPNOTSUPP);
}

/*
 * Netlink.
 */

struct nlreq {
	struct nlmsghdr h;
	struct ifaddrmsg ifa;
	struct rtattr attr;
	struct in6_addr addr;
};

static const struct in6_addr added = { { { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 } } };

static int open_netlink(struct rig *r, uint32_t group)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = group };
	int s = host_socket(r->h, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	assert_true(s > 0);
	assert_int_equal(host_bind(r->h, s, (struct sockaddr *)&a, sizeof(a)), 0);
	return s;
}

static struct nlreq request(uint16_t type, uint16_t flags)
{
	return (struct nlreq){ .h = { sizeof(struct nlreq), type, NLM_F_REQUEST | flags, 5, 0 },
			       .ifa = { AF_INET6, 128, 0, 0, RIG_LO },
			       .attr = { sizeof(struct rtattr) + sizeof(added), IFA_LOCAL },
			       .addr = added };
}

/* Is @addr in a message of @type? @done: the end of a dump, or an error, has come. */
static bool tells(const uint8_t *p, size_t n, uint16_t type, const struct in6_addr *addr,
		  bool *done)
{
	bool found = false;

	while (n >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr h;

		memcpy(&h, p, sizeof(h));
		assert_true(h.nlmsg_len >= sizeof(h) && h.nlmsg_len <= n);
		*done = *done || h.nlmsg_type == NLMSG_DONE || h.nlmsg_type == NLMSG_ERROR;
		if (h.nlmsg_type == type && memmem(p, h.nlmsg_len, addr, sizeof(*addr)) != NULL)
			found = true;
		p += MIN(NLMSG_ALIGN(h.nlmsg_len), n);
		n -= MIN(NLMSG_ALIGN(h.nlmsg_len), n);
	}
	return found;
}

/* From one that dumps, to the end of that; else until it is said. */
static bool netlink_says(struct rig *r, int s, uint16_t type, const struct in6_addr *addr,
			 bool dump)
{
	bool found = false, done = false;
	uint8_t buf[16384];
	ssize_t n;

	do {
		assert_int_equal(rig_ready(r, s, POLLIN), POLLIN);
		n = get(r, s, buf, sizeof(buf));
		assert_true(n > 0);
		found = tells(buf, (size_t)n, type, addr, &done) || found;
	} while (dump ? !done : !found);
	return found;
}

static void netlink_dump(void **state)
{
	static const struct in6_addr lo = IN6ADDR_LOOPBACK_INIT;
	struct rig *r = *state;
	int s;
	struct nlreq q = request(RTM_GETADDR, NLM_F_DUMP);
	struct iovec iov[2] = { { &q.h, sizeof(q.h) }, { &q.ifa, sizeof(q.ifa) } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	char c;

	s = open_netlink(r, 0);
	q.h.nlmsg_len = sizeof(q.h) + sizeof(q.ifa);
	q.ifa = (struct ifaddrmsg){ .ifa_family = AF_INET6 };
	assert_int_equal(get(r, s, &c, 1), -EAGAIN);
	assert_int_equal(host_sendmsg(r->h, s, &msg, 0), q.h.nlmsg_len); /* in two pieces */
	assert_true(netlink_says(r, s, RTM_NEWADDR, &lo, true));
	assert_int_equal(get(r, s, &c, 1), -EAGAIN);
}

static void netlink_notification(void **state)
{
	struct rig *r = *state;
	int s, told;
	struct nlreq q = request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE);
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = added };
	struct iovec iov[2];
	struct nlmsgerr e;
	struct nlmsghdr h;
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	rig_needs_namespace(r);
	s = open_netlink(r, 0);
	told = open_netlink(r, RTMGRP_IPV6_IFADDR);
	q.ifa.ifa_flags = IFA_F_NODAD;
	assert_int_equal(host_sendto(r->h, s, &q, sizeof(q), NULL, 0), sizeof(q));
	iov[0] = (struct iovec){ &h, sizeof(h) }; /* read in two pieces */
	iov[1] = (struct iovec){ &e, sizeof(e) };
	assert_int_equal(rig_ready(r, s, POLLIN), POLLIN);
	assert_true(host_recvmsg(r->h, s, &msg, 0) >= (ssize_t)sizeof(h) + 4);
	assert_int_equal(h.nlmsg_type, NLMSG_ERROR);
	assert_int_equal(h.nlmsg_seq, 5);
	assert_int_equal(e.error, 0);
	assert_true(netlink_says(r, told, RTM_NEWADDR, &added, false));
	assert_int_equal(
		host_bind(r->h, rig_open(r, SOCK_DGRAM, 0), (struct sockaddr *)&at, sizeof(at)), 0);

	q = request(RTM_DELADDR, 0);
	assert_int_equal(host_sendto(r->h, s, &q, sizeof(q), NULL, 0), sizeof(q));
	assert_true(netlink_says(r, told, RTM_DELADDR, &added, false));
}

/*
 * One of the two only.
 */

static void linux_adopts(void **state)
{
	struct rig *r = *state;
	int p[2], a, b;
	char c = 0;

	assert_int_equal(pipe(p), 0);
	a = host_linux_adopt(r->h, p[0]);
	b = host_linux_adopt(r->h, p[1]);
	assert_true(a > 0 && b > a);
	assert_int_equal(rig_is_ready(r, a, POLLIN), 0);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(rig_ready(r, a, POLLIN), POLLIN);
	assert_int_equal(read(p[0], &c, 1), 1);
	assert_int_equal(host_close(r->h, b), 0);
	assert_int_equal(rig_ready(r, a, POLLIN), POLLHUP);
	assert_int_equal(get(r, a, &c, 1), -ENOTSOCK);
	assert_int_equal(host_close(r->h, a), 0);
	assert_int_equal(fcntl(p[0], F_GETFD), -1);
}

struct at_once {
	struct rig *r;
	int a, b;
	struct sockaddr_in6 at;
	unsigned n;
};

static void send_to_oneself(void *ctx)
{
	struct at_once *x = ctx;
	char c;

	assert_int_equal(put_to(x->r, x->a, &x->at, "x", 1), 1);
	assert_int_equal(get(x->r, x->b, &c, 1), 1);
	x->n++;
}

/* A datagram to oneself has arrived when the call returns, in a round, too. On a kernel that may take a moment. */
static void inside_at_once(void **state)
{
	struct at_once x = { .r = *state };
	struct host_timer t;

	x.b = rig_bound(x.r, SOCK_DGRAM, &x.at);
	x.a = rig_open(x.r, SOCK_DGRAM, 0);
	send_to_oneself(&x);
	host_timer_init(&t, send_to_oneself, &x);
	host_timer_set(x.r->h, &t, 0);
	rig_wait(x.r, &x.n, 2);
}

/* A node that was idle for a while does not take what is done now for done then. */
static void inside_it_is_now(void **state)
{
	struct rig *r = *state;
	struct {
		struct nlreq q;
		struct rtattr attr;
		struct ifa_cacheinfo life;
	} add = { .q = request(RTM_NEWADDR, NLM_F_CREATE),
		  .attr = { sizeof(struct rtattr) + sizeof(struct ifa_cacheinfo), IFA_CACHEINFO },
		  .life = { .ifa_prefered = 10, .ifa_valid = 20 } };
	struct if_addr *a;
	struct ip6_addr is;
	int s = open_netlink(r, 0);

	world_run(&r->w, r->w.now + 100 * NS_PER_S);
	add.q.h.nlmsg_len = sizeof(add);
	add.q.ifa.ifa_flags = IFA_F_NODAD;
	assert_int_equal(host_sendto(r->h, s, &add, sizeof(add), NULL, 0), sizeof(add));
	memcpy(&is, &added, sizeof(is));
	a = if_addr_find(world_if(r->wn, RIG_LO), &is);
	assert_non_null(a);
	assert_int_equal(a->valid_until, host_now(r->h) + 20 * NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_BOTH(udp_there_and_back),
		RIG_BOTH(udp_sizes),
		RIG_BOTH(udp_refused),
		RIG_BOTH(udp_ancillary),
		RIG_BOTH(groups),
		RIG_BOTH(raw_icmp),
		RIG_BOTH(packet),
		RIG_BOTH(tcp_both_ways),
		RIG_BOTH(tcp_half_close),
		RIG_BOTH(tcp_refused),
		RIG_BOTH(tcp_reset),
		RIG_BOTH(tcp_reset_after_end),
		RIG_BOTH(tcp_full),
		RIG_BOTH(tcp_close_sends),
		RIG_BOTH(stale_handles),
		RIG_BOTH(numbers_grow),
		RIG_BOTH(at_most_so_many),
		RIG_BOTH(what_cannot_be_opened),
		RIG_BOTH(netlink_dump),
		RIG_BOTH(netlink_notification),
		cmocka_unit_test_setup_teardown(linux_adopts, rig_linux, rig_done),
		cmocka_unit_test_setup_teardown(inside_at_once, rig_inside, rig_done),
		cmocka_unit_test_setup_teardown(inside_it_is_now, rig_inside, rig_done),
	};

	rig_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
