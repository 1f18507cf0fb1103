/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: poll(2) is the kernel's, because descriptors are. One thing the kernel cannot tell of the
 * program's end of a socket pair is POLLERR, that an error waits in the queue of a socket with IPV6_RECVERR,
 * without which traceroute sees nothing. So a poll(2) about such a socket is answered here: the node is asked
 * about each of them, the kernel about duplicates of the others, and an epoll set of all these tells
 * when to ask again. All other calls of poll(2) are passed on.
 *
 * A call that a signal has ended is not told: so each is looked at from time to time, lest its
 * duplicates keep open what the program has closed.
 */
#include "exec/part.h"
#include "exec/target.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define POLLFDS_MAX 64u /* more: the kernel's, without POLLERR */
#define LOOK_EVERY  (200 * NS_PER_MS)

struct polling {
	int epoll;
	unsigned n, at;	  /* @at: that the node is asked about */
	bool asks, again; /* the node; and once more afterwards */
	time_ns until;	  /* TIME_NEVER */
	struct {
		struct pollfd p;
		int fd;	     /* a duplicate */
		uint32_t id; /* of the socket that the node is asked about; 0: none */
	} on[POLLFDS_MAX];
};

int polling_fd(const struct call *c)
{
	return c->polling->epoll;
}

void poll_done(struct call *c)
{
	struct polling *g = c->polling;

	if (g == NULL)
		return;
	c->polling = NULL;
	for (unsigned i = 0; i < g->n; i++)
		if (g->on[i].fd >= 0)
			close(g->on[i].fd);
	close(g->epoll);
	free(g);
}

/* Return: how many have events; -EFAULT. */
static int tell(struct call *c, const struct polling *g)
{
	int ret = 0;

	for (unsigned i = 0; i < g->n; i++) {
		uint64_t at = c->arg[0] + i * sizeof(struct pollfd);

		ret += g->on[i].p.revents != 0;
		if (target_write(c->tid, at, &g->on[i].p, sizeof(g->on[i].p)) < 0)
			return -EFAULT;
	}
	return ret;
}

static bool any(const struct polling *g)
{
	for (unsigned i = 0; i < g->n; i++)
		if (g->on[i].p.revents != 0)
			return true;
	return false;
}

static void ask_kernel(struct polling *g)
{
	for (unsigned i = 0; i < g->n; i++) {
		struct pollfd *p = &g->on[i].p, here = { g->on[i].fd, p->events, 0 };

		if (g->on[i].id != 0 || p->fd < 0)
			continue;
		p->revents = POLLNVAL;
		if (here.fd >= 0 && poll(&here, 1, 0) >= 0)
			p->revents = here.revents;
	}
}

static void node_said(struct exec *e, struct call *c, struct answer *a);

/* The next that is the node's; and when all are known, is there something to tell? */
static void ask_next(struct exec *e, struct call *c)
{
	struct polling *g = c->polling;
	time_ns now;

	while (g->at < g->n && g->on[g->at].id == 0)
		g->at++;
	if (g->at < g->n) {
		g->asks = true;
		ask(e, c, &(struct seam_req){ .op = SEAM_POLL, .sock = g->on[g->at].id }, NULL,
		    NULL, NULL, node_said);
		return;
	}
	ask_kernel(g);
	now = now_ns();
	if (any(g) || now >= g->until)
		call_end(e, c, tell(c, g));
	else if (g->again)
		poll_again(e, c);
	else
		wait_until(e, c, MIN(g->until, time_after(now, LOOK_EVERY)));
}

static void node_said(struct exec *e, struct call *c, struct answer *a)
{
	struct polling *g = c->polling;
	struct pollfd *p = &g->on[g->at].p;

	g->asks = false;
	p->revents = POLLNVAL;
	if (a->h.rc >= 0)
		p->revents = (short)(a->h.rc & (p->events | POLLERR | POLLHUP));
	g->at++;
	ask_next(e, c);
}

void poll_again(struct exec *e, struct call *c)
{
	struct polling *g = c->polling;
	struct epoll_event ev[POLLFDS_MAX];

	(void)epoll_wait(g->epoll, ev, POLLFDS_MAX, 0); /* which they are is not asked */
	g->again = g->asks;
	if (g->asks)
		return;
	wait_until(e, c, 0);
	if (!still_there(e, c)) {
		call_end(e, c, -EINTR);
		return;
	}
	g->at = 0;
	ask_next(e, c);
}

/* Return: is there a socket whose errors are to be told? */
static bool find_socks(struct exec *e, struct call *c, struct polling *g)
{
	bool ret = false;

	for (unsigned i = 0; i < g->n; i++) {
		uint64_t at = c->arg[0] + i * sizeof(struct pollfd);
		struct esock *s;

		if (target_read(c->tid, at, &g->on[i].p, sizeof(g->on[i].p)) < 0)
			return false;
		g->on[i].p.revents = 0;
		s = g->on[i].p.fd >= 0 ? esock_of(e, c->tid, g->on[i].p.fd) : NULL;
		if (s == NULL || !s->recverr || s->type == SOCK_STREAM)
			continue;
		g->on[i].id = s->id;
		ret = true;
	}
	return ret;
}

static int read_until(const struct call *c, time_ns *ret)
{
	struct timespec ts;

	*ret = TIME_NEVER;
#ifdef SYS_poll
	if (c->nr == SYS_poll) {
		if ((int)c->arg[2] >= 0)
			*ret = time_after(now_ns(), (time_ns)(int)c->arg[2] * NS_PER_MS);
		return 0;
	}
#endif
	if (c->arg[2] == 0)
		return 0;
	if (target_read(c->tid, c->arg[2], &ts, sizeof(ts)) < 0)
		return -EFAULT;
	*ret = time_after(now_ns(), (time_ns)ts.tv_sec * NS_PER_S + (time_ns)ts.tv_nsec);
	return 0;
}

/* The node's are looked at when something new lies there: that they are ready is no news. */
static bool watch_all(struct exec *e, struct call *c, struct polling *g)
{
	struct epoll_event self = { .events = EPOLLIN, .data.fd = g->epoll };

	for (unsigned i = 0; i < g->n; i++) {
		struct epoll_event ev = { .events = (uint32_t)g->on[i].p.events };

		if (g->on[i].p.fd < 0)
			continue;
		g->on[i].fd = target_fd(c->tid, g->on[i].p.fd);
		if (g->on[i].id != 0)
			ev.events = EPOLLIN | EPOLLET;
		if (g->on[i].fd >= 0) /* of what cannot be watched, poll(2) tells at once */
			(void)epoll_ctl(g->epoll, EPOLL_CTL_ADD, g->on[i].fd, &ev);
	}
	return epoll_ctl(e->epoll, EPOLL_CTL_ADD, g->epoll, &self) == 0;
}

static struct polling *polling_new(const struct call *c)
{
	struct polling *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->n = (unsigned)c->arg[1];
	for (unsigned i = 0; i < POLLFDS_MAX; i++)
		g->on[i].fd = -1;
	g->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (g->epoll >= 0)
		return g;
	free(g);
	return NULL;
}

void begin_poll(struct exec *e, struct call *c)
{
	bool has_mask = c->nr == SYS_ppoll && c->arg[3] != 0;

	if (e->n_recverr == 0 || c->arg[1] == 0 || c->arg[1] > POLLFDS_MAX || has_mask) {
		call_pass(e, c);
		return;
	}
	c->polling = polling_new(c);
	if (c->polling == NULL || !find_socks(e, c, c->polling) ||
	    read_until(c, &c->polling->until) < 0 || !watch_all(e, c, c->polling)) {
		call_pass(e, c);
		return;
	}
	poll_again(e, c);
}
