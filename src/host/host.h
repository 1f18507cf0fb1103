/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a daemon of ours calls in place of the C library for sockets, time, timers and randomness. There
 * are two of these: host/linux.h (system calls) and host/inside.h (a node in this process, its clock).
 * What is said here holds for both; tests/host tries each sentence on both. doc/host.md
 * shows how a daemon is written.
 *
 * Numbers and structures are Linux's, errors are negative errno values, and nothing blocks: what cannot
 * be done now is -EAGAIN, or -EINPROGRESS of host_connect().
 *
 * A handle is a positive number. Numbers grow; one that was closed is not given out again before 2^31
 * others were, so whoever keeps a stale one gets -EBADF and never somebody else's socket.
 *
 * A daemon is called in rounds, one thing at a time and never from within a call of its own:
 *
 * 1. The timers that were due when the round began: the earlier first; of one time, those armed first.
 * 2. The handles that were ready when it began, the older (the smaller number) first.
 *
 * In each call it may do all there is: close, unwatch, cancel, arm, open, free its own objects. Who was
 * closed, unwatched or cancelled is not called any more, not even later in the same round. Who was
 * armed or became ready meanwhile has to wait for the next round. Something may have been read meanwhile,
 * so a handle that was said to be ready may give -EAGAIN.
 */
#ifndef INABA_HOST_HOST_H
#define INABA_HOST_HOST_H

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/timer.h"

#define HOST_HANDLES_MAX 512

struct host;

/* @events: of POLLIN, POLLOUT, POLLRDHUP those that were wanted; POLLERR and POLLHUP always. */
typedef void host_ready_fn(void *ctx, int handle, unsigned events);

/* Lives in its owner's object, so arming one allocates nothing. host_timer_init() before anything else. */
struct host_timer {
	struct timer timer;
	struct list on_due; /* this round's, before it has been called */
	void (*fn)(void *ctx);
	void *ctx;
};

/* For those below host.c; a daemon calls the functions that follow. */
struct host_handle;
struct host_ops {
	int (*socket)(struct host *h, int family, int type, int protocol);
	void (*close)(struct host *h, struct host_handle *s);
	int (*bind)(struct host *h, struct host_handle *s, const struct sockaddr *addr,
		    socklen_t len);
	int (*connect)(struct host *h, struct host_handle *s, const struct sockaddr *addr,
		       socklen_t len);
	int (*listen)(struct host *h, struct host_handle *s, int backlog);
	int (*accept)(struct host *h, struct host_handle *s);
	ssize_t (*sendmsg)(struct host *h, struct host_handle *s, const struct msghdr *msg,
			   int flags);
	ssize_t (*recvmsg)(struct host *h, struct host_handle *s, struct msghdr *msg, int flags);
	int (*shutdown)(struct host *h, struct host_handle *s, int how);
	int (*name)(struct host *h, struct host_handle *s, bool peer, struct sockaddr *addr,
		    socklen_t *len);
	int (*setsockopt)(struct host *h, struct host_handle *s, int level, int name,
			  const void *val, socklen_t len);
	int (*getsockopt)(struct host *h, struct host_handle *s, int level, int name, void *val,
			  socklen_t *len);
	int (*watch)(struct host *h, struct host_handle *s, bool before);
	void (*armed)(struct host *h); /* the next deadline may be another one */
	time_ns (*now)(struct host *h);
	time_ns (*wall)(struct host *h);
	void (*random)(struct host *h, void *buf, size_t octets);
};

/* An open handle. */
struct host_handle {
	int number; /* 0: free */
	unsigned index;
	unsigned events;
	host_ready_fn *fn; /* NULL: nobody watches */
	void *ctx;
};

struct host {
	const struct host_ops *ops;
	struct timers timers;
	struct list due; /* timers of the round that runs */
	unsigned n_handles;
	int last; /* number that was given out */
	struct host_handle handle[HOST_HANDLES_MAX];
};

/*
 * Sockets.
 */

/**
 * host_socket() - socket(2).
 * @type:	Without SOCK_NONBLOCK and SOCK_CLOEXEC: both go without saying.
 *
 * AF_INET6 (SOCK_DGRAM, SOCK_STREAM, SOCK_RAW), AF_PACKET and AF_NETLINK are on both; whatever else the kernel or the
 * node knows is passed on.
 *
 * Return: a handle; -EMFILE when HOST_HANDLES_MAX are open; -EAFNOSUPPORT, -EPROTONOSUPPORT, -EPERM, ...
 */
int host_socket(struct host *h, int family, int type, int protocol);

/** host_close() - It is not watched any more; a stream's data still goes out. Return: 0, -EBADF. */
int host_close(struct host *h, int handle);

/** host_bind(), host_listen(), host_shutdown() - As the system calls. Return: 0, -EBADF, -errno. */
int host_bind(struct host *h, int handle, const struct sockaddr *addr, socklen_t len);
int host_listen(struct host *h, int handle, int backlog);
int host_shutdown(struct host *h, int handle, int how);

/**
 * host_connect() - connect(2).
 *
 * Return: 0; -EINPROGRESS of a stream: when it is ready for POLLOUT, SO_ERROR tells the outcome. -EBADF,
 * -ENETUNREACH, ...
 */
int host_connect(struct host *h, int handle, const struct sockaddr *addr, socklen_t len);

/** host_accept() - accept(2). Return: a new handle, -EAGAIN, -EMFILE (it waits on), -EBADF, ... */
int host_accept(struct host *h, int handle);

/**
 * host_sendmsg() - sendmsg(2); no signal is ever raised.
 *
 * Return: octets taken, of a stream maybe fewer than given; -EAGAIN, -EMSGSIZE, -EPIPE, -EDESTADDRREQ, -EBADF,
 * or the error that was pending.
 */
ssize_t host_sendmsg(struct host *h, int handle, const struct msghdr *msg, int flags);

/**
 * host_recvmsg() - recvmsg(2).
 *
 * Return: octets; 0 of a stream: the peer has ended it; -EAGAIN, -ENOTCONN, -EBADF, or the error that was
 * pending.
 */
ssize_t host_recvmsg(struct host *h, int handle, struct msghdr *msg, int flags);

/** host_sendto(), host_recvfrom() - The same in short; @addr may be NULL. @len: in and out. */
ssize_t host_sendto(struct host *h, int handle, const void *p, size_t octets,
		    const struct sockaddr *addr, socklen_t len);
ssize_t host_recvfrom(struct host *h, int handle, void *buf, size_t room, struct sockaddr *addr,
		      socklen_t *len);

/** host_getsockname(), host_getpeername() - @len: in and out. Return: 0, -ENOTCONN, -EBADF. */
int host_getsockname(struct host *h, int handle, struct sockaddr *addr, socklen_t *len);
int host_getpeername(struct host *h, int handle, struct sockaddr *addr, socklen_t *len);

/** host_setsockopt(), host_getsockopt() - Return: 0, -ENOPROTOOPT, -EINVAL, -EBADF, ... */
int host_setsockopt(struct host *h, int handle, int level, int name, const void *val,
		    socklen_t len);
int host_getsockopt(struct host *h, int handle, int level, int name, void *val, socklen_t *len);

/**
 * host_watch() - Call @fn in each round in which @handle is ready, as long as it is.
 * @events:	POLLIN, POLLOUT, POLLRDHUP; 0: only POLLERR and POLLHUP, which are always told.
 *
 * Takes the place of what was said before. Return: 0, -EBADF, -errno.
 */
int host_watch(struct host *h, int handle, unsigned events, host_ready_fn *fn, void *ctx);

/** host_unwatch() - Nobody is called. Return: 0 (also if nobody was), -EBADF. */
int host_unwatch(struct host *h, int handle);

/*
 * Time.
 */

/** host_timer_init() - An idle timer. */
void host_timer_init(struct host_timer *t, void (*fn)(void *ctx), void *ctx);

/**
 * host_timer_set() - Arm it for @when of host_now(), whatever it was armed for before. What is not after now is
 * due in the next round. TIME_NEVER cancels. Constant time at any number of timers.
 */
void host_timer_set(struct host *h, struct host_timer *t, time_ns when);

/** host_timer_after() - The same, @delay from now. */
void host_timer_after(struct host *h, struct host_timer *t, time_ns delay);

/** host_timer_cancel() - It does not call; fine when idle. Before its memory goes. */
void host_timer_cancel(struct host *h, struct host_timer *t);

static inline bool host_timer_is_armed(const struct host_timer *t)
{
	return timer_is_armed(&t->timer) || list_is_on(&t->on_due);
}

/** host_now() - Monotonic nanoseconds of an epoch of its own; never less than before. */
static inline time_ns host_now(struct host *h)
{
	return h->ops->now(h);
}

/** host_wall() - Nanoseconds since 1970, UTC. May jump either way: for telling people, not for waiting. */
static inline time_ns host_wall(struct host *h)
{
	return h->ops->wall(h);
}

/** host_random() - Octets that nobody can guess; inside, the same of the same seed. */
static inline void host_random(struct host *h, void *buf, size_t octets)
{
	h->ops->random(h, buf, octets);
}

#endif
