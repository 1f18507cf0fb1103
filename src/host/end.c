/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/end.h"

#include "transport/sock.h"

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

static const struct end_ops end_sock = {
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

int end_open(struct node *n, int family, int type, int protocol, struct end *ret)
{
	struct sock *s;
	int rc = sock_open(&n->socks, family, type, protocol, &s);

	if (rc == 0)
		*ret = (struct end){ &end_sock, s };
	return rc;
}
