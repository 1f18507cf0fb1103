/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. What both hosts share: the table of handles, timers, and the order of calls.
 *
 * A handle's number, modulo the size of the table, is its place there; numbers grow, and places that are
 * taken are skipped. So finding one is one comparison, a stale number finds nothing, and the order of
 * numbers is that of age.
 *
 * A round moves the timers that are due from the wheel onto a list and calls from there; so one that is
 * armed meanwhile, even for the past, waits in the wheel for the next round, and one that is cancelled is
 * simply taken off. Handles are looked up again by their number just before each call.
 */
#include "host/host.h"

#include <limits.h>
#include <stdlib.h>

#include "host/part.h"

void host_init(struct host *h, const struct host_ops *ops, time_ns now)
{
	h->ops = ops;
	timers_init(&h->timers, now);
	list_init(&h->due);
	for (unsigned i = 0; i < HOST_HANDLES_MAX; i++)
		h->handle[i].index = i;
}

void host_done(struct host *h)
{
	for (unsigned i = 0; i < HOST_HANDLES_MAX; i++)
		if (h->handle[i].number != 0)
			(void)host_close(h, h->handle[i].number);
	while (timers_pop(&h->timers, TIME_NEVER - 1) != NULL) {
	}
	LIST_FOR_EACH(it, &h->due)
		list_del(it);
}

/*
 * Handles.
 */

struct host_handle *host_add(struct host *h)
{
	struct host_handle *s;

	if (h->n_handles == HOST_HANDLES_MAX)
		return NULL;
	do {
		h->last = h->last == INT_MAX ? 1 : h->last + 1;
		s = &h->handle[(unsigned)h->last % HOST_HANDLES_MAX];
	} while (s->number != 0);
	*s = (struct host_handle){ .number = h->last, .index = s->index };
	h->n_handles++;
	return s;
}

void host_drop(struct host *h, struct host_handle *s)
{
	s->number = 0;
	s->fn = NULL;
	h->n_handles--;
}

struct host_handle *host_find(struct host *h, int number)
{
	struct host_handle *s = &h->handle[(unsigned)number % HOST_HANDLES_MAX];

	return number > 0 && s->number == number ? s : NULL;
}

unsigned host_wants(const struct host_handle *s, unsigned events)
{
	return s->fn != NULL ? events & (s->events | POLLERR | POLLHUP) : 0;
}

/*
 * Calls.
 */

int host_socket(struct host *h, int family, int type, int protocol)
{
	return h->ops->socket(h, family, type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), protocol);
}

int host_close(struct host *h, int handle)
{
	struct host_handle *s = host_find(h, handle);

	if (s == NULL)
		return -EBADF;
	(void)host_unwatch(h, handle);
	h->ops->close(h, s);
	host_drop(h, s);
	return 0;
}

int host_bind(struct host *h, int handle, const struct sockaddr *addr, socklen_t len)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->bind(h, s, addr, len) : -EBADF;
}

int host_listen(struct host *h, int handle, int backlog)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->listen(h, s, backlog) : -EBADF;
}

int host_shutdown(struct host *h, int handle, int how)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->shutdown(h, s, how) : -EBADF;
}

int host_connect(struct host *h, int handle, const struct sockaddr *addr, socklen_t len)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->connect(h, s, addr, len) : -EBADF;
}

int host_accept(struct host *h, int handle)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->accept(h, s) : -EBADF;
}

ssize_t host_sendmsg(struct host *h, int handle, const struct msghdr *msg, int flags)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->sendmsg(h, s, msg, flags) : -EBADF;
}

ssize_t host_recvmsg(struct host *h, int handle, struct msghdr *msg, int flags)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->recvmsg(h, s, msg, flags) : -EBADF;
}

/* For struct iovec and msghdr, what is only read. */
static void *unconst(const void *p)
{
	void *ret;

	memcpy(&ret, &p, sizeof(ret));
	return ret;
}

ssize_t host_sendto(struct host *h, int handle, const void *p, size_t octets,
		    const struct sockaddr *addr, socklen_t len)
{
	struct iovec iov = { unconst(p), octets };
	struct msghdr msg = { .msg_name = unconst(addr),
			      .msg_namelen = addr != NULL ? len : 0,
			      .msg_iov = &iov,
			      .msg_iovlen = 1 };

	return host_sendmsg(h, handle, &msg, 0);
}

ssize_t host_recvfrom(struct host *h, int handle, void *buf, size_t room, struct sockaddr *addr,
		      socklen_t *len)
{
	struct iovec iov = { buf, room };
	struct msghdr msg = { .msg_name = addr,
			      .msg_namelen = addr != NULL ? *len : 0,
			      .msg_iov = &iov,
			      .msg_iovlen = 1 };
	ssize_t n = host_recvmsg(h, handle, &msg, 0);

	if (n >= 0 && addr != NULL)
		*len = msg.msg_namelen;
	return n;
}

int host_getsockname(struct host *h, int handle, struct sockaddr *addr, socklen_t *len)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->name(h, s, false, addr, len) : -EBADF;
}

int host_getpeername(struct host *h, int handle, struct sockaddr *addr, socklen_t *len)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->name(h, s, true, addr, len) : -EBADF;
}

int host_setsockopt(struct host *h, int handle, int level, int name, const void *val, socklen_t len)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->setsockopt(h, s, level, name, val, len) : -EBADF;
}

int host_getsockopt(struct host *h, int handle, int level, int name, void *val, socklen_t *len)
{
	struct host_handle *s = host_find(h, handle);

	return s != NULL ? h->ops->getsockopt(h, s, level, name, val, len) : -EBADF;
}

/*
 * Who is called.
 */

int host_watch(struct host *h, int handle, unsigned events, host_ready_fn *fn, void *ctx)
{
	struct host_handle *s = host_find(h, handle);
	struct host_handle was;
	int rc;

	ASSERT(fn != NULL && (events & ~(unsigned)(POLLIN | POLLOUT | POLLRDHUP)) == 0);
	if (s == NULL)
		return -EBADF;
	was = *s;
	s->events = events;
	s->fn = fn;
	s->ctx = ctx;
	rc = h->ops->watch(h, s, was.fn != NULL);
	if (rc < 0)
		*s = was;
	return rc;
}

int host_unwatch(struct host *h, int handle)
{
	struct host_handle *s = host_find(h, handle);

	if (s == NULL)
		return -EBADF;
	if (s->fn == NULL)
		return 0;
	s->fn = NULL;
	return h->ops->watch(h, s, true);
}

void host_timer_init(struct host_timer *t, void (*fn)(void *ctx), void *ctx)
{
	*t = (struct host_timer){ .fn = fn, .ctx = ctx };
	timer_init(&t->timer, TIMER_HOST);
}

void host_timer_cancel(struct host *h, struct host_timer *t)
{
	if (list_is_on(&t->on_due))
		list_del(&t->on_due);
	timer_cancel(&h->timers, &t->timer);
}

void host_timer_set(struct host *h, struct host_timer *t, time_ns when)
{
	host_timer_cancel(h, t);
	timer_set(&h->timers, &t->timer, when);
	h->ops->armed(h);
}

void host_timer_after(struct host *h, struct host_timer *t, time_ns delay)
{
	host_timer_set(h, t, time_after(host_now(h), delay));
}

static bool round_timers(struct host *h, time_ns now)
{
	bool any = false;
	struct timer *due;

	while ((due = timers_pop(&h->timers, now)) != NULL)
		list_add_tail(&h->due, &CONTAINER_OF(due, struct host_timer, timer)->on_due);
	while (!list_is_empty(&h->due)) {
		struct host_timer *t = LIST_ENTRY(h->due.next, struct host_timer, on_due);

		list_del(&t->on_due);
		t->fn(t->ctx);
		any = true;
	}
	return any;
}

static int by_number(const void *a, const void *b)
{
	const struct host_event *x = a, *y = b;

	return x->handle < y->handle ? -1 : x->handle > y->handle;
}

bool host_round(struct host *h, time_ns now, struct host_event *ev, unsigned n)
{
	bool any = round_timers(h, now);

	qsort(ev, n, sizeof(*ev), by_number);
	for (unsigned i = 0; i < n; i++) {
		struct host_handle *s = host_find(h, ev[i].handle);
		unsigned events = s != NULL ? host_wants(s, ev[i].events) : 0;

		if (events == 0)
			continue;
		s->fn(s->ctx, s->number, events);
		any = true;
	}
	return any;
}
