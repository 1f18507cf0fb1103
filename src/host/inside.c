/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. A handle holds an end (host/end.h), a socket of the node's of whichever kind. The node
 * tells from within its steps that something has changed about one; that only puts the handle onto a list,
 * and the next round asks those on it what holds (poll). What was ready and still is after the round stays
 * there, which makes watching level-triggered at a cost that grows with what is ready, not with what is open.
 *
 * Every call that may lead to packets ends with node_settle(): what a daemon sends to its own node has
 * arrived when the call returns, as on the loopback interface of a kernel.
 */
#include "host/inside.h"

#include <stdlib.h>

#include "host/end.h"
#include "host/part.h"

struct inside;

struct inside_handle {
	struct inside *of;
	struct end end;
	struct end_waiter waiter;
	struct list on_maybe;
	struct host_handle *h;
};

struct inside {
	struct host host;
	struct host_inside_conf conf;
	struct rng rng;
	struct list maybe; /* watched, and may be ready */
	time_ns free_at;   /* the last round is over */
	bool busy;	   /* in a round, or being freed: nobody is told of changes */
	struct inside_handle own[HOST_HANDLES_MAX];
	struct host_event ev[HOST_HANDLES_MAX];
	uint8_t buf[NL_REQUEST_MAX]; /* netlink takes and gives what lies in one piece */
};

static struct inside *of(struct host *h)
{
	return CONTAINER_OF(h, struct inside, host);
}

static struct inside_handle *own(struct host *h, const struct host_handle *s)
{
	return &of(h)->own[s->index];
}

static time_ns inside_now(struct host *h)
{
	return of(h)->conf.now(of(h)->conf.ctx);
}

/* The node's time is that of its last step; so that what is done now is done now. */
static void enter(struct inside *in)
{
	in->conf.node->env.now = inside_now(&in->host);
}

static void leave(struct inside *in)
{
	node_settle(in->conf.node, inside_now(&in->host));
	if (!in->busy)
		in->conf.changed(in->conf.ctx);
}

/*
 * Handles.
 */

static void maybe_ready(struct inside_handle *o)
{
	if (!list_is_on(&o->on_maybe))
		list_add_tail(&o->of->maybe, &o->on_maybe);
}

static void on_end(struct end_waiter *w)
{
	struct inside_handle *o = CONTAINER_OF(w, struct inside_handle, waiter);

	if (o->h->fn != NULL)
		maybe_ready(o);
}

static int adopt(struct inside *in, const struct end *end)
{
	struct host_handle *s = host_add(&in->host);
	struct inside_handle *o;

	ASSERT(s != NULL);
	o = own(&in->host, s);
	*o = (struct inside_handle){ .of = in, .end = *end, .waiter = { on_end }, .h = s };
	end->ops->on_ready(end->s, &o->waiter);
	return s->number;
}

static int inside_socket(struct host *h, int family, int type, int protocol)
{
	struct inside *in = of(h);
	struct end end;
	int rc;

	if (h->n_handles == HOST_HANDLES_MAX)
		return -EMFILE;
	rc = end_open(in->conf.node, family, type, protocol, 0, &end);
	return rc < 0 ? rc : adopt(in, &end);
}

static int inside_accept(struct host *h, struct host_handle *s)
{
	struct inside *in = of(h);
	const struct end *e = &own(h, s)->end;
	struct end new;
	int rc;

	if (h->n_handles == HOST_HANDLES_MAX)
		return -EMFILE;
	if (e->ops->accept == NULL)
		return -EOPNOTSUPP;
	enter(in);
	rc = e->ops->accept(e->s, &new);
	if (rc == 0)
		rc = adopt(in, &new);
	leave(in);
	return rc;
}

static void inside_close(struct host *h, struct host_handle *s)
{
	struct inside_handle *o = own(h, s);

	enter(o->of);
	o->end.ops->close(o->end.s);
	leave(o->of);
}

static int inside_watch(struct host *h, struct host_handle *s, bool before)
{
	struct inside_handle *o = own(h, s);

	(void)before;
	if (s->fn != NULL)
		maybe_ready(o);
	else if (list_is_on(&o->on_maybe))
		list_del(&o->on_maybe);
	if (!o->of->busy)
		o->of->conf.changed(o->of->conf.ctx);
	return 0;
}

/*
 * Calls.
 */

static int inside_bind(struct host *h, struct host_handle *s, const struct sockaddr *addr,
		       socklen_t len)
{
	const struct end *e = &own(h, s)->end;

	return e->ops->bind != NULL ? e->ops->bind(e->s, addr, len) : -EOPNOTSUPP;
}

static int inside_connect(struct host *h, struct host_handle *s, const struct sockaddr *addr,
			  socklen_t len)
{
	const struct end *e = &own(h, s)->end;
	int rc;

	if (e->ops->connect == NULL)
		return -EOPNOTSUPP;
	enter(of(h));
	rc = e->ops->connect(e->s, addr, len);
	leave(of(h));
	return rc;
}

static int inside_listen(struct host *h, struct host_handle *s, int backlog)
{
	const struct end *e = &own(h, s)->end;

	return e->ops->listen != NULL ? e->ops->listen(e->s, backlog) : -EOPNOTSUPP;
}

static int inside_shutdown(struct host *h, struct host_handle *s, int how)
{
	const struct end *e = &own(h, s)->end;
	int rc;

	if (e->ops->shutdown == NULL)
		return -EOPNOTSUPP;
	enter(of(h));
	rc = e->ops->shutdown(e->s, how);
	leave(of(h));
	return rc;
}

/* Return: octets of all pieces together. */
static size_t length(const struct msghdr *msg)
{
	size_t n = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++)
		n += msg->msg_iov[i].iov_len;
	return n;
}

static ssize_t send_gathered(struct inside *in, const struct end *e, const struct msghdr *msg,
			     int flags)
{
	struct iovec iov = { in->buf, 0 };
	struct msghdr one = *msg;

	if (length(msg) > sizeof(in->buf))
		return -EMSGSIZE;
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		const struct iovec *v = &msg->msg_iov[i];

		if (v->iov_len > 0)
			memcpy(in->buf + iov.iov_len, v->iov_base, v->iov_len);
		iov.iov_len += v->iov_len;
	}
	one.msg_iov = &iov;
	one.msg_iovlen = 1;
	return e->ops->sendmsg(e->s, &one, flags);
}

static ssize_t inside_sendmsg(struct host *h, struct host_handle *s, const struct msghdr *msg,
			      int flags)
{
	const struct end *e = &own(h, s)->end;
	ssize_t n;

	if (e->ops->sendmsg == NULL)
		return -EOPNOTSUPP;
	enter(of(h));
	if (e->ops->in_one_piece && msg->msg_iovlen != 1)
		n = send_gathered(of(h), e, msg, flags);
	else
		n = e->ops->sendmsg(e->s, msg, flags);
	leave(of(h));
	return n;
}

static ssize_t recv_scattered(struct inside *in, const struct end *e, struct msghdr *msg, int flags)
{
	struct iovec iov = { in->buf, MIN(length(msg), sizeof(in->buf)) }, *all = msg->msg_iov;
	size_t pieces = msg->msg_iovlen, at = 0, have;
	ssize_t n;

	msg->msg_iov = &iov;
	msg->msg_iovlen = 1;
	n = e->ops->recvmsg(e->s, msg, flags);
	msg->msg_iov = all;
	msg->msg_iovlen = pieces;
	have = n > 0 ? MIN((size_t)n, iov.iov_len) : 0; /* MSG_TRUNC may tell more */
	for (size_t i = 0; i < pieces && at < have; i++) {
		size_t k = MIN(all[i].iov_len, have - at);

		if (k > 0)
			memcpy(all[i].iov_base, in->buf + at, k);
		at += k;
	}
	return n;
}

static ssize_t inside_recvmsg(struct host *h, struct host_handle *s, struct msghdr *msg, int flags)
{
	const struct end *e = &own(h, s)->end;
	ssize_t n;

	if (e->ops->recvmsg == NULL)
		return -EOPNOTSUPP;
	enter(of(h));
	if (e->ops->in_one_piece && msg->msg_iovlen != 1)
		n = recv_scattered(of(h), e, msg, flags);
	else
		n = e->ops->recvmsg(e->s, msg, flags);
	leave(of(h));
	return n;
}

static int inside_name(struct host *h, struct host_handle *s, bool peer, struct sockaddr *addr,
		       socklen_t *len)
{
	const struct end *e = &own(h, s)->end;

	return (peer ? e->ops->getpeername : e->ops->getsockname)(e->s, addr, len);
}

static int inside_setsockopt(struct host *h, struct host_handle *s, int level, int name,
			     const void *val, socklen_t len)
{
	const struct end *e = &own(h, s)->end;
	int rc;

	enter(of(h));
	rc = e->ops->setsockopt(e->s, level, name, val, len);
	leave(of(h));
	return rc;
}

static int inside_getsockopt(struct host *h, struct host_handle *s, int level, int name, void *val,
			     socklen_t *len)
{
	const struct end *e = &own(h, s)->end;

	return e->ops->getsockopt(e->s, level, name, val, len);
}

/*
 * Time and chance.
 */

static time_ns inside_wall(struct host *h)
{
	return inside_now(h) + of(h)->conf.node->socks.wall;
}

static void inside_armed(struct host *h)
{
	if (!of(h)->busy)
		of(h)->conf.changed(of(h)->conf.ctx);
}

static void inside_random(struct host *h, void *buf, size_t octets)
{
	uint8_t *p = buf;

	for (size_t i = 0; i < octets; i++)
		p[i] = (uint8_t)rng_u32(&of(h)->rng);
}

static const struct host_ops inside_ops = {
	.socket = inside_socket,
	.close = inside_close,
	.bind = inside_bind,
	.connect = inside_connect,
	.listen = inside_listen,
	.accept = inside_accept,
	.sendmsg = inside_sendmsg,
	.recvmsg = inside_recvmsg,
	.shutdown = inside_shutdown,
	.name = inside_name,
	.setsockopt = inside_setsockopt,
	.getsockopt = inside_getsockopt,
	.watch = inside_watch,
	.armed = inside_armed,
	.now = inside_now,
	.wall = inside_wall,
	.random = inside_random,
};

/*
 * Rounds.
 */

/* Those that are ready are in in->ev and stay on the list, the others leave it. */
static unsigned sift(struct inside *in)
{
	unsigned n = 0;

	LIST_FOR_EACH(it, &in->maybe) {
		struct inside_handle *o = LIST_ENTRY(it, struct inside_handle, on_maybe);
		unsigned events = host_wants(o->h, o->end.ops->poll(o->end.s));

		if (events == 0)
			list_del(&o->on_maybe);
		else
			in->ev[n++] = (struct host_event){ o->h->number, events };
	}
	return n;
}

time_ns host_inside_next(struct host *h)
{
	struct inside *in = of(h);
	time_ns next = list_is_empty(&in->maybe) ? timers_next(&h->timers) : 0;

	return MAX(next, in->free_at);
}

void host_inside_run(struct host *h)
{
	struct inside *in = of(h);
	time_ns now = inside_now(h);

	if (host_inside_next(h) > now)
		return;
	in->busy = true;
	if (host_round(h, now, in->ev, sift(in))) {
		in->free_at = now + HOST_ROUND_NS;
		(void)sift(in);
	}
	in->busy = false;
}

struct host *host_inside_new(const struct host_inside_conf *conf)
{
	struct inside *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return NULL;
	in->conf = *conf;
	rng_init_u64(&in->rng, conf->seed, conf->stream);
	list_init(&in->maybe);
	host_init(&in->host, &inside_ops, conf->now(conf->ctx));
	return &in->host;
}

void host_inside_free(struct host *h)
{
	if (h == NULL)
		return;
	of(h)->busy = true;
	host_done(h);
	free(of(h));
}
