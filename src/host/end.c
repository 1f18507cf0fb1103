/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/end.h"

#include "netlink/nl.h"
#include "transport/packet.h"
#include "transport/sock.h"

void end_ready(void *ctx)
{
	struct end_waiter *w = ctx;

	w->fn(w);
}

/*
 * Sockets of the transports.
 */

static void sock_end_close(void *s)
{
	sock_close(s);
}

static int sock_end_bind(void *s, const struct sockaddr *addr, socklen_t len)
{
	return sock_bind(s, addr, len);
}

static int sock_end_connect(void *s, const struct sockaddr *addr, socklen_t len)
{
	return sock_connect(s, addr, len);
}

static int sock_end_listen(void *s, int backlog)
{
	return sock_listen(s, backlog);
}

static const struct end_ops end_sock;

static int sock_end_accept(void *s, struct end *ret)
{
	struct sock *new;
	int rc = sock_accept(s, &new);

	if (rc == 0)
		*ret = (struct end){ &end_sock, new };
	return rc;
}

static ssize_t sock_end_sendmsg(void *s, const struct msghdr *msg, int flags)
{
	return sock_sendmsg(s, msg, flags);
}

static ssize_t sock_end_recvmsg(void *s, struct msghdr *msg, int flags)
{
	return sock_recvmsg(s, msg, flags);
}

static int sock_end_shutdown(void *s, int how)
{
	return sock_shutdown(s, how);
}

static int sock_end_getsockname(const void *s, struct sockaddr *addr, socklen_t *len)
{
	return sock_getsockname(s, addr, len);
}

static int sock_end_getpeername(const void *s, struct sockaddr *addr, socklen_t *len)
{
	return sock_getpeername(s, addr, len);
}

static int sock_end_setsockopt(void *s, int level, int name, const void *val, socklen_t len)
{
	return sock_setsockopt(s, level, name, val, len);
}

static int sock_end_getsockopt(void *s, int level, int name, void *val, socklen_t *len)
{
	return sock_getsockopt(s, level, name, val, len);
}

static unsigned sock_end_poll(const void *s)
{
	return sock_poll(s);
}

/* The callback's context is the one that was given; who it is about it knows. */
static void sock_end_ready(void *ctx, struct sock *s)
{
	(void)s;
	end_ready(ctx);
}

static void sock_end_on_ready(void *s, void *ctx)
{
	sock_on_ready(s, sock_end_ready, ctx);
}

static void sock_end_owner(void *of, uint64_t inode, uint32_t pid)
{
	struct sock *s = of;

	s->inode = inode;
	s->pid = pid;
}

static const struct end_ops end_sock = {
	.owner = sock_end_owner,
	.close = sock_end_close,
	.bind = sock_end_bind,
	.connect = sock_end_connect,
	.listen = sock_end_listen,
	.accept = sock_end_accept,
	.sendmsg = sock_end_sendmsg,
	.recvmsg = sock_end_recvmsg,
	.shutdown = sock_end_shutdown,
	.getsockname = sock_end_getsockname,
	.getpeername = sock_end_getpeername,
	.setsockopt = sock_end_setsockopt,
	.getsockopt = sock_end_getsockopt,
	.poll = sock_end_poll,
	.on_ready = sock_end_on_ready,
};

/*
 * Netlink.
 */

static void nl_end_close(void *s)
{
	nl_close(s);
}

static const struct sockaddr_nl *nl_addr(const void *addr, socklen_t len)
{
	const struct sockaddr_nl *a = addr;

	return len >= sizeof(*a) && a->nl_family == AF_NETLINK ? a : NULL;
}

static int nl_end_bind(void *s, const struct sockaddr *addr, socklen_t len)
{
	const struct sockaddr_nl *a = nl_addr(addr, len);

	return a != NULL ? nl_bind(s, a->nl_pid, a->nl_groups) : -EINVAL;
}

/* Only the kernel's port can be connected to: nothing changes. */
static int nl_end_connect(void *s, const struct sockaddr *addr, socklen_t len)
{
	const struct sockaddr_nl *a = nl_addr(addr, len);

	(void)s;
	return a == NULL ? -EINVAL : a->nl_pid != 0 ? -ECONNREFUSED : 0;
}

static ssize_t nl_end_sendmsg(void *s, const struct msghdr *msg, int flags)
{
	const struct sockaddr_nl *to = msg->msg_name;

	(void)flags;
	ASSERT(msg->msg_iovlen == 1);
	if (to != NULL && nl_addr(to, msg->msg_namelen) == NULL)
		return -EINVAL;
	return nl_send(s, msg->msg_iov[0].iov_base, msg->msg_iov[0].iov_len, to);
}

static ssize_t nl_end_recvmsg(void *s, struct msghdr *msg, int flags)
{
	struct nl_from from = { .flags = 0 };
	ssize_t n;

	ASSERT(msg->msg_iovlen == 1);
	n = nl_recv(s, msg->msg_iov[0].iov_base, msg->msg_iov[0].iov_len, flags, &from);
	if (n < 0)
		return n;
	if (msg->msg_name != NULL) {
		memcpy(msg->msg_name, &from.addr,
		       MIN(msg->msg_namelen, (socklen_t)sizeof(from.addr)));
		msg->msg_namelen = sizeof(from.addr);
	}
	msg->msg_flags = from.flags;
	msg->msg_controllen = 0;
	return n;
}

static int nl_end_getsockname(const void *s, struct sockaddr *addr, socklen_t *len)
{
	struct sockaddr_nl a;

	nl_getsockname(s, &a);
	memcpy(addr, &a, MIN(*len, (socklen_t)sizeof(a)));
	*len = sizeof(a);
	return 0;
}

static int nl_end_getpeername(const void *s, struct sockaddr *addr, socklen_t *len)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK };

	(void)s;
	memcpy(addr, &a, MIN(*len, (socklen_t)sizeof(a)));
	*len = sizeof(a);
	return 0;
}

static int nl_end_setsockopt(void *s, int level, int name, const void *val, socklen_t len)
{
	return nl_setsockopt(s, level, name, val, len);
}

static int nl_end_getsockopt(void *s, int level, int name, void *val, socklen_t *len)
{
	size_t n = *len;
	int rc = nl_getsockopt(s, level, name, val, &n);

	*len = (socklen_t)n;
	return rc;
}

static unsigned nl_end_poll(const void *s)
{
	return POLLOUT | (nl_readable(s) ? POLLIN : 0u);
}

static void nl_end_on_ready(void *s, void *ctx)
{
	nl_on_ready(s, end_ready, ctx);
}

static const struct end_ops end_nl = {
	.close = nl_end_close,
	.bind = nl_end_bind,
	.connect = nl_end_connect,
	.sendmsg = nl_end_sendmsg,
	.recvmsg = nl_end_recvmsg,
	.getsockname = nl_end_getsockname,
	.getpeername = nl_end_getpeername,
	.setsockopt = nl_end_setsockopt,
	.getsockopt = nl_end_getsockopt,
	.poll = nl_end_poll,
	.on_ready = nl_end_on_ready,
	.in_one_piece = true,
};

static int open_netlink(struct node *n, int type, int protocol, uint32_t port, struct end *ret)
{
	struct nl_sock *s;
	int rc;

	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	rc = nl_open(&n->nl, protocol, port, true, &s);
	if (rc == 0)
		*ret = (struct end){ &end_nl, s };
	return rc;
}

/*
 * Packet sockets.
 */

static void packet_end_close(void *s)
{
	packet_close(s);
}

static int packet_end_bind(void *s, const struct sockaddr *addr, socklen_t len)
{
	return packet_bind(s, addr, len);
}

static ssize_t packet_end_sendmsg(void *s, const struct msghdr *msg, int flags)
{
	return packet_sendmsg(s, msg, flags);
}

static ssize_t packet_end_recvmsg(void *s, struct msghdr *msg, int flags)
{
	return packet_recvmsg(s, msg, flags);
}

static int packet_end_getsockname(const void *s, struct sockaddr *addr, socklen_t *len)
{
	return packet_getsockname(s, addr, len);
}

static int packet_end_setsockopt(void *s, int level, int name, const void *val, socklen_t len)
{
	return packet_setsockopt(s, level, name, val, len);
}

static int packet_end_getsockopt(void *s, int level, int name, void *val, socklen_t *len)
{
	return packet_getsockopt(s, level, name, val, len);
}

static int packet_end_ring_octets(const void *s, const struct tpacket_req *req, size_t *ret)
{
	return packet_ring_octets(s, req, ret);
}

static void packet_end_ring_set(void *s, const struct tpacket_req *req, void *mem)
{
	packet_ring_set(s, req, mem);
}

static unsigned packet_end_poll(const void *s)
{
	return packet_poll(s);
}

static void packet_end_on_ready(void *s, void *ctx)
{
	packet_on_ready(s, end_ready, ctx);
}

static const struct end_ops end_packet = {
	.close = packet_end_close,
	.bind = packet_end_bind,
	.sendmsg = packet_end_sendmsg,
	.recvmsg = packet_end_recvmsg,
	.getsockname = packet_end_getsockname,
	.setsockopt = packet_end_setsockopt,
	.getsockopt = packet_end_getsockopt,
	.ring_octets = packet_end_ring_octets,
	.ring_set = packet_end_ring_set,
	.poll = packet_end_poll,
	.on_ready = packet_end_on_ready,
};

static int open_packet(struct node *n, int type, int protocol, struct end *ret)
{
	struct packet_sock *s;
	int rc = packet_open(&n->packets, type, protocol, &s);

	if (rc == 0)
		*ret = (struct end){ &end_packet, s };
	return rc;
}

int end_open(struct node *n, int family, int type, int protocol, uint32_t pid, struct end *ret)
{
	struct sock *s;
	int rc;

	if (family == AF_NETLINK)
		return open_netlink(n, type, protocol, pid, ret);
	if (family == AF_PACKET)
		return open_packet(n, type, protocol, ret);
	rc = sock_open(&n->socks, family, type, protocol, &s);
	if (rc == 0)
		*ret = (struct end){ &end_sock, s };
	return rc;
}
