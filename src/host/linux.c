/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/linux.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "host/part.h"

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLRDHUP == POLLRDHUP &&
		       EPOLLERR == POLLERR && EPOLLHUP == POLLHUP,
	       "epoll's events are those of poll");

struct linux_host {
	struct host host;
	int epoll_fd;
	bool stop;
	int fd[HOST_HANDLES_MAX]; /* of the handle in that place */
	struct epoll_event got[HOST_HANDLES_MAX];
	struct host_event ev[HOST_HANDLES_MAX];
};

static struct linux_host *of(struct host *h)
{
	return CONTAINER_OF(h, struct linux_host, host);
}

static int fd_of(struct host *h, const struct host_handle *s)
{
	return of(h)->fd[s->index];
}

static int err(int rc)
{
	return rc < 0 ? -errno : rc;
}

/*
 * Time.
 */

static time_ns clock_ns(clockid_t id)
{
	struct timespec ts;
	int rc = clock_gettime(id, &ts);

	ASSERT(rc == 0);
	return (time_ns)ts.tv_sec * NS_PER_S + (time_ns)ts.tv_nsec;
}

static time_ns linux_now(struct host *h)
{
	(void)h;
	return clock_ns(CLOCK_MONOTONIC);
}

static time_ns linux_wall(struct host *h)
{
	(void)h;
	return clock_ns(CLOCK_REALTIME);
}

/* The loop asks for the next deadline each time. */
static void linux_armed(struct host *h)
{
	(void)h;
}

static void linux_random(struct host *h, void *buf, size_t octets)
{
	uint8_t *p = buf;

	(void)h;
	while (octets > 0) {
		ssize_t n = getrandom(p, octets, 0);

		ASSERT(n > 0 || errno == EINTR);
		if (n > 0) {
			p += n;
			octets -= (size_t)n;
		}
	}
}

/*
 * Sockets.
 */

int host_linux_adopt(struct host *h, int fd)
{
	struct host_handle *s = host_add(h);

	if (s == NULL)
		return -EMFILE;
	of(h)->fd[s->index] = fd;
	return s->number;
}

static int linux_socket(struct host *h, int family, int type, int protocol)
{
	int fd;

	if (h->n_handles == HOST_HANDLES_MAX)
		return -EMFILE;
	fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	return fd < 0 ? -errno : host_linux_adopt(h, fd);
}

static void linux_close(struct host *h, struct host_handle *s)
{
	close(fd_of(h, s));
}

static int linux_bind(struct host *h, struct host_handle *s, const struct sockaddr *addr,
		      socklen_t len)
{
	return err(bind(fd_of(h, s), addr, len));
}

static int linux_connect(struct host *h, struct host_handle *s, const struct sockaddr *addr,
			 socklen_t len)
{
	return err(connect(fd_of(h, s), addr, len));
}

static int linux_listen(struct host *h, struct host_handle *s, int backlog)
{
	return err(listen(fd_of(h, s), backlog));
}

static int linux_accept(struct host *h, struct host_handle *s)
{
	int fd;

	if (h->n_handles == HOST_HANDLES_MAX)
		return -EMFILE;
	fd = accept4(fd_of(h, s), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	return fd < 0 ? -errno : host_linux_adopt(h, fd);
}

static ssize_t linux_sendmsg(struct host *h, struct host_handle *s, const struct msghdr *msg,
			     int flags)
{
	ssize_t n = sendmsg(fd_of(h, s), msg, flags | MSG_NOSIGNAL | MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

static ssize_t linux_recvmsg(struct host *h, struct host_handle *s, struct msghdr *msg, int flags)
{
	ssize_t n = recvmsg(fd_of(h, s), msg, flags | MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

static int linux_shutdown(struct host *h, struct host_handle *s, int how)
{
	return err(shutdown(fd_of(h, s), how));
}

static int linux_name(struct host *h, struct host_handle *s, bool peer, struct sockaddr *addr,
		      socklen_t *len)
{
	int fd = fd_of(h, s);

	return err(peer ? getpeername(fd, addr, len) : getsockname(fd, addr, len));
}

static int linux_setsockopt(struct host *h, struct host_handle *s, int level, int name,
			    const void *val, socklen_t len)
{
	return err(setsockopt(fd_of(h, s), level, name, val, len));
}

static int linux_getsockopt(struct host *h, struct host_handle *s, int level, int name, void *val,
			    socklen_t *len)
{
	return err(getsockopt(fd_of(h, s), level, name, val, len));
}

/* @before: is epoll watching it? */
static int linux_watch(struct host *h, struct host_handle *s, bool before)
{
	struct epoll_event ev = { .events = s->events, .data.fd = s->number };
	int op = s->fn == NULL ? EPOLL_CTL_DEL : before ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	return err(epoll_ctl(of(h)->epoll_fd, op, fd_of(h, s), &ev));
}

static const struct host_ops linux_ops = {
	.socket = linux_socket,
	.close = linux_close,
	.bind = linux_bind,
	.connect = linux_connect,
	.listen = linux_listen,
	.accept = linux_accept,
	.sendmsg = linux_sendmsg,
	.recvmsg = linux_recvmsg,
	.shutdown = linux_shutdown,
	.name = linux_name,
	.setsockopt = linux_setsockopt,
	.getsockopt = linux_getsockopt,
	.watch = linux_watch,
	.armed = linux_armed,
	.now = linux_now,
	.wall = linux_wall,
	.random = linux_random,
};

/*
 * The loop.
 */

/* Return: as epoll_wait(); 0 also when a signal came. */
static int wait_until(struct linux_host *l, time_ns until)
{
	time_ns now = linux_now(&l->host), left = until > now ? until - now : 0;
	struct timespec ts = { (time_t)(left / NS_PER_S), (long)(left % NS_PER_S) };
	int n = epoll_pwait2(l->epoll_fd, l->got, HOST_HANDLES_MAX,
			     until == TIME_NEVER ? NULL : &ts, NULL);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n;
}

int host_linux_step(struct host *h, time_ns until)
{
	struct linux_host *l = of(h);
	time_ns next = timers_next(&h->timers);
	int n = wait_until(l, MIN(next, until));

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++)
		l->ev[i] = (struct host_event){ l->got[i].data.fd, l->got[i].events };
	return host_round(h, linux_now(h), l->ev, (unsigned)n);
}

int host_linux_run(struct host *h)
{
	struct linux_host *l = of(h);
	int rc = 0;

	while (!l->stop && rc >= 0)
		rc = host_linux_step(h, TIME_NEVER);
	l->stop = false;
	return MIN(rc, 0);
}

void host_linux_stop(struct host *h)
{
	of(h)->stop = true;
}

int host_linux_new(struct host **ret)
{
	struct linux_host *l = calloc(1, sizeof(*l));
	int rc;

	if (l == NULL)
		return -ENOMEM;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0) {
		rc = -errno;
		free(l);
		return rc;
	}
	host_init(&l->host, &linux_ops, linux_now(&l->host));
	*ret = &l->host;
	return 0;
}

void host_linux_free(struct host *h)
{
	if (h == NULL)
		return;
	host_done(h);
	close(of(h)->epoll_fd);
	free(of(h));
}
