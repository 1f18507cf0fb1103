/* SPDX-License-Identifier: BSD-3-Clause */
/* Stream sockets: connections and listeners of tcp.h under the names of sockets. */
#include "transport/opt.h"
#include "transport/part.h"
#include "transport/sock_view.h"
#include "transport/tcp_part.h"

#include <stdio.h>
#include <stdlib.h>

/* Of linux/tcp.h, some names of which are ours, too. */
enum {
	OPT_NODELAY = 1,
	OPT_MAXSEG = 2,
	OPT_KEEPIDLE = 4,
	OPT_KEEPINTVL = 5,
	OPT_KEEPCNT = 6,
	OPT_CORK = 3,
	OPT_DEFER_ACCEPT = 9,
	OPT_INFO = 11,
	OPT_QUICKACK = 12,
	OPT_CONGESTION = 13,
	OPT_USER_TIMEOUT = 18,
	OPT_NOTSENT_LOWAT = 25,
	OPT_HINTS_END = 32,
	CC_NAME_MAX = 16,
	MAXSEG_MIN = 88,
};

/* What was asked for before there is a connection, which then keeps it; and what is only kept. */
struct wishes {
	struct tcp_opts opts;
	int hint[OPT_HINTS_END]; /* of those that is_hint() */
};

struct stream {
	struct tcp *tc;
	struct tcp_listener *l;
	struct wishes *wishes; /* NULL: none but what all begin with */
};

_Static_assert(sizeof(struct stream) <= 24, "a connection's socket is small: see struct sock");

static void told(void *ctx, struct tcp *tc)
{
	struct sock *s = ctx;

	if ((tcp_poll(tc) & TCP_FAILED) != 0 && s->err == 0)
		s->err = -tcp_error_of(tc);
	sock_wake(s);
}

static void somebody_came(void *ctx, struct tcp_listener *l)
{
	(void)l;
	sock_wake(ctx);
}

const struct sock *sock_of_tcp(const struct tcp *tc)
{
	return tc->notify == told ? tc->notify_ctx : NULL;
}

const struct sock *sock_of_listener(const struct tcp_listener *l)
{
	return l->notify == somebody_came ? l->notify_ctx : NULL;
}

static void has_connection(struct sock *s, struct tcp *tc)
{
	struct stream *st = s->own;

	st->tc = tc;
	s->connected = true;
	tcp_notify(tc, told, s);
}

static int stream_open(struct sock *s)
{
	s->own = calloc(1, sizeof(struct stream));
	return s->own != NULL ? 0 : -ENOMEM;
}

static struct wishes *wishes_of(struct sock *s)
{
	struct stream *st = s->own;

	if (st->wishes == NULL) {
		st->wishes = calloc(1, sizeof(*st->wishes));
		if (st->wishes != NULL)
			st->wishes->opts = s->of->tcp->conf.opts;
	}
	return st->wishes;
}

static const struct tcp_opts *opts_of(const struct sock *s)
{
	const struct stream *st = s->own;

	if (st->tc != NULL)
		return tcp_opts(st->tc);
	return st->wishes != NULL ? &st->wishes->opts : &s->of->tcp->conf.opts;
}

static void stream_done(struct sock *s)
{
	struct stream *st = s->own;

	if (st->tc != NULL) {
		tcp_notify(st->tc, NULL, NULL);
		if (s->opt->linger.l_onoff != 0 && s->opt->linger.l_linger == 0)
			tcp_abort(st->tc);
		else
			tcp_close(st->tc);
	}
	tcp_listener_free(st->l);
	free(st->wishes);
	free(st);
}

static int stream_connect(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
	struct stream *st = s->own;
	struct tcp_end local = { s->addr, s->port, s->device }, to;
	struct sockaddr_in6 sin6;
	struct tcp_opts opts;
	struct tcp *tc;
	int rc;

	if (st->l != NULL)
		return -EINVAL;
	if (st->tc != NULL)
		return (tcp_poll(st->tc) & TCP_WRITABLE) != 0 ? -EISCONN : -EALREADY;
	if (len < SIN6_LEN_MIN)
		return -EINVAL;
	sin6 = sin6_take(addr, len);
	if (sin6.sin6_family != AF_INET6)
		return -EAFNOSUPPORT;
	to = (struct tcp_end){ addr_of_in6(&sin6.sin6_addr),
			       get_be16((const uint8_t *)&sin6.sin6_port), sin6.sin6_scope_id };
	if (to.ifindex == 0)
		to.ifindex = s->device;
	if (ip6_is_v4mapped(&to.addr) && addr_is_any(&to.addr))
		to.addr = MAPPED_LOOPBACK;
	rc = sock_may_speak(s, &to.addr);
	if (rc == 0 && (mapped_is_on_link(&to.addr) || sock_is_broadcast4(s, &to.addr)))
		rc = -ENETUNREACH;
	if (rc < 0)
		return rc;
	opts = *opts_of(s);
	opts.keepalive = s->opt->keepalive;
	rc = tcp_connect(s->of->tcp, &local, &to, &opts, &tc);
	if (rc < 0)
		return rc;
	has_connection(s, tc);
	return -EINPROGRESS;
}

static int stream_listen(struct sock *s, int backlog)
{
	struct stream *st = s->own;
	struct tcp_end at = { s->addr, s->port, s->device };
	int rc;

	if (st->tc != NULL)
		return -EINVAL;
	if (st->l != NULL)
		return 0;
	rc = tcp_listen(s->of->tcp, &at, MIN((unsigned)MAX(backlog, 1), s->of->conf.backlog_max),
			opts_of(s), &st->l);
	if (rc < 0)
		return rc;
	tcp_listener_v6only(st->l, s->opt->v6only);
	tcp_listener_notify(st->l, somebody_came, s);
	return rc;
}

static int stream_accept(struct sock *s, struct sock **ret)
{
	struct stream *st = s->own;
	struct tcp *tc;
	int rc;

	if (st->l == NULL)
		return -EINVAL;
	if (tcp_accept_waiting(st->l) == 0)
		return -EAGAIN;
	rc = sock_open(s->of, s->family, SOCK_STREAM, IPPROTO_TCP, ret);
	if (rc < 0)
		return rc;
	tc = tcp_accept(st->l);
	ASSERT(tc != NULL);
	has_connection(*ret, tc);
	return 0;
}

static ssize_t stream_sendmsg(struct sock *s, const struct msghdr *msg, int flags)
{
	struct stream *st = s->own;
	int rc = sock_error_take(s);
	ssize_t ret = 0;

	(void)flags;
	if (rc < 0)
		return rc;
	if (st->tc == NULL)
		return -EPIPE;
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		long n = 0;

		if (msg->msg_iov[i].iov_len > 0)
			n = tcp_send(st->tc, msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
		if (n < 0)
			return ret > 0 ? ret : n;
		ret += n;
		if ((size_t)n < msg->msg_iov[i].iov_len)
			break;
	}
	return ret;
}

/* Nothing to read, and not because the peer ended its side: then the reader is told of the error. */
static bool is_over(const struct tcp *tc, long n)
{
	return n == -EAGAIN || (n == 0 && (tcp_poll(tc) & TCP_HUNG_UP) == 0);
}

static ssize_t stream_recvmsg(struct sock *s, struct msghdr *msg, int flags)
{
	struct stream *st = s->own;
	ssize_t ret = 0;

	if (st->tc == NULL)
		return -ENOTCONN;
	if ((flags & MSG_ERRQUEUE) != 0)
		return -EAGAIN;
	msg->msg_namelen = 0;
	msg->msg_controllen = 0;
	msg->msg_flags = 0;
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		long n = 0;

		if (msg->msg_iov[i].iov_len > 0)
			n = ((flags & MSG_PEEK) != 0 ? tcp_peek : tcp_recv)(
				st->tc, msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
		if (ret == 0 && s->err != 0 && is_over(st->tc, n)) /* who peeks only looks at it */
			return (flags & MSG_PEEK) != 0 ? -s->err : sock_error_take(s);
		if (n < 0)
			return ret > 0 ? ret : n;
		ret += n;
		if ((size_t)n < msg->msg_iov[i].iov_len || (flags & MSG_PEEK) != 0)
			break;
	}
	return ret;
}

static int stream_shutdown(struct sock *s, int how)
{
	struct stream *st = s->own;

	if (st->l != NULL && how != SHUT_WR) { /* as Linux: it listens no more, who waits is told */
		tcp_listener_free(st->l);
		st->l = NULL;
		sock_wake(s);
		return 0;
	}
	if (st->tc == NULL)
		return -ENOTCONN;
	return how == SHUT_RD ? 0 : tcp_shutdown(st->tc);
}

static unsigned stream_poll(const struct sock *s)
{
	const struct stream *st = s->own;
	unsigned ret = s->err != 0 ? POLLERR | POLLIN | POLLOUT : 0, has;

	if (st->l != NULL)
		return tcp_accept_waiting(st->l) > 0 ? POLLIN : 0;
	if (st->tc == NULL)
		return ret | POLLOUT | POLLHUP;
	has = tcp_poll(st->tc);
	ret |= (has & TCP_READABLE) != 0 ? POLLIN : 0;
	ret |= (has & TCP_WRITABLE) != 0 ? POLLOUT : 0;
	ret |= (has & TCP_HUNG_UP) != 0 ? POLLIN | POLLRDHUP : 0;
	ret |= (has & TCP_FAILED) != 0 ? POLLERR | POLLIN | POLLOUT : 0;
	return ret | ((has & TCP_GONE) != 0 ? POLLHUP : 0);
}

static void stream_ends(const struct sock *s, struct tcp_end *local, struct tcp_end *remote)
{
	const struct stream *st = s->own;
	struct tcp_info info;

	*local = (struct tcp_end){ s->addr, s->port, s->device };
	*remote = (struct tcp_end){ .port = 0 };
	if (st->l != NULL) {
		*local = *tcp_listener_end(st->l);
	} else if (st->tc != NULL) {
		tcp_info(st->tc, &info);
		*local = info.local;
		*remote = info.remote;
	}
}

static int stream_name(const struct sock *s, bool peer, struct sockaddr_in6 *ret)
{
	const struct stream *st = s->own;
	struct tcp_end local, remote, *e = peer ? &remote : &local;

	if (peer && st->tc == NULL)
		return -ENOTCONN;
	stream_ends(s, &local, &remote);
	*ret = sin6_of(&e->addr, e->port, e->ifindex);
	return 0;
}

/* Wishes that may be left without effect: no packet is wrong without them. */
static bool is_hint(int name)
{
	return name == OPT_CORK || name == OPT_DEFER_ACCEPT || name == OPT_QUICKACK ||
	       name == OPT_NOTSENT_LOWAT;
}

static int set_congestion(struct sock *s, const void *val, socklen_t len)
{
	static const struct tcp_cc *const all[] = { &TCP_CUBIC, &TCP_NEWRENO };
	const struct stream *st = s->own;
	char name[CC_NAME_MAX] = "";

	memcpy(name, val, MIN(len, sizeof(name) - 1));
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const char *known = tcp_cc_name(all[i]);

		/* Linux calls the older one so */
		if (strcmp(name, known) != 0 &&
		    (all[i] != &TCP_NEWRENO || strcmp(name, "reno") != 0))
			continue;
		if (st->tc != NULL)
			return tcp_opts(st->tc)->cc == all[i] ? 0 : -EBUSY;
		if (wishes_of(s) == NULL)
			return -ENOMEM;
		st->wishes->opts.cc = all[i];
		return 0;
	}
	return -ENOENT;
}

static int get_congestion(const struct tcp_opts *o, void *val, socklen_t *len)
{
	char name[CC_NAME_MAX] = "";

	snprintf(name, sizeof(name), "%s", o->cc == &TCP_NEWRENO ? "reno" : tcp_cc_name(o->cc));
	return opt_put(val, len, name, sizeof(name));
}

static int get_info(const struct stream *st, const struct tcp_info *info, void *val, socklen_t *len)
{
	if ((int)*len < 0)
		return -EINVAL;
	*len = (socklen_t)tcp_info_put(info, st->l != NULL, val, *len);
	return 0;
}

static int stream_setsockopt(struct sock *s, int level, int name, const void *val, socklen_t len)
{
	struct stream *st = s->own;
	struct tcp_opts o = *opts_of(s);
	int v, rc;

	if (level != IPPROTO_TCP)
		return -ENOPROTOOPT;
	if (name == OPT_CONGESTION)
		return set_congestion(s, val, len);
	rc = opt_int(val, len, &v);
	if (rc < 0)
		return rc;
	if ((is_hint(name) || st->tc == NULL) && wishes_of(s) == NULL)
		return -ENOMEM;
	if (is_hint(name)) {
		st->wishes->hint[name] = v;
		return 0;
	}
	if (name == OPT_NODELAY)
		o.nodelay = v != 0;
	else if (name == OPT_KEEPIDLE && v > 0)
		o.keep_idle = (time_ns)v * NS_PER_S;
	else if (name == OPT_KEEPINTVL && v > 0)
		o.keep_interval = (time_ns)v * NS_PER_S;
	else if (name == OPT_KEEPCNT && v > 0 && v < 128)
		o.keep_count = (uint8_t)v;
	else if (name == OPT_USER_TIMEOUT && v >= 0)
		o.user_timeout = (time_ns)v * NS_PER_MS;
	else if (name == OPT_MAXSEG && v >= MAXSEG_MIN && v <= UINT16_MAX)
		o.mss = (uint16_t)v;
	else
		return name == OPT_MAXSEG ? -EINVAL : -ENOPROTOOPT;
	if (st->tc != NULL)
		tcp_set_opts(st->tc, &o);
	else
		st->wishes->opts = o;
	return 0;
}

static int stream_getsockopt(struct sock *s, int level, int name, void *val, socklen_t *len)
{
	const struct stream *st = s->own;
	const struct tcp_opts *o = opts_of(s);
	struct tcp_info info = { .snd_mss = 536 };

	if (level == SOL_SOCKET && name == SO_ACCEPTCONN)
		return opt_put_int(val, len, st->l != NULL);
	if (level != IPPROTO_TCP)
		return -ENOPROTOOPT;
	if (is_hint(name))
		return opt_put_int(val, len, st->wishes != NULL ? st->wishes->hint[name] : 0);
	if (st->tc != NULL)
		tcp_info(st->tc, &info);
	switch (name) {
	case OPT_NODELAY:
		return opt_put_int(val, len, o->nodelay);
	case OPT_MAXSEG:
		return opt_put_int(val, len, (int)info.snd_mss);
	case OPT_KEEPIDLE:
		return opt_put_int(val, len, (int)(o->keep_idle / NS_PER_S));
	case OPT_KEEPINTVL:
		return opt_put_int(val, len, (int)(o->keep_interval / NS_PER_S));
	case OPT_KEEPCNT:
		return opt_put_int(val, len, o->keep_count);
	case OPT_USER_TIMEOUT:
		return opt_put_int(val, len, (int)(o->user_timeout / NS_PER_MS));
	case OPT_CONGESTION:
		return get_congestion(o, val, len);
	case OPT_INFO:
		return get_info(st, &info, val, len);
	default:
		return -ENOPROTOOPT;
	}
}

const struct sock_kind tcp_kind = {
	.type = SOCK_STREAM,
	.protocol = IP6_NH_TCP,
	.has_ports = true,
	.open = stream_open,
	.done = stream_done,
	.connect = stream_connect,
	.listen = stream_listen,
	.accept = stream_accept,
	.sendmsg = stream_sendmsg,
	.recvmsg = stream_recvmsg,
	.shutdown = stream_shutdown,
	.poll = stream_poll,
	.name = stream_name,
	.setsockopt = stream_setsockopt,
	.getsockopt = stream_getsockopt,
};
