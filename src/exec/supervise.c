/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: the supervisor holds two descriptors. By one the kernel tells which thread of a
 * program waits for the outcome of which system call (seccomp_unotify(2)); by the other the node
 * answers requests. It blocks on neither: a call is a little machine that goes on with each
 * answer, and a call that a signal has interrupted is found to be gone when it is to be answered.
 *
 * A descriptor is known by its inode, which is the same after dup(2), fork(2) and SCM_RIGHTS; whatever is
 * not a node's socket the kernel goes on with by itself.
 */
#include "exec/filter.h"
#include "exec/part.h"
#include "exec/target.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX   16
#define WAKE_IN_TURN 1UL /* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, Linux 6.6 */

/* SECCOMP_IOCTL_NOTIF_SET_FLAGS */
static const unsigned long SET_FLAGS = _IOW('!', 4, uint64_t);

time_ns now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (time_ns)ts.tv_sec * NS_PER_S + (time_ns)ts.tv_nsec;
}

/* Of numbers that the kernel gives out: nobody aims at a bucket. */
static uint32_t hash_of(uint64_t v)
{
	return (uint32_t)(v * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static void answered(struct exec *e, struct call *c)
{
	if (c->rpc != 0)
		htab_del(&e->rpcs, &c->by_rpc);
	c->rpc = 0;
}

void wait_until(struct exec *e, struct call *c, time_ns deadline)
{
	if (c->deadline != 0)
		e->n_timed--;
	if (deadline != 0)
		e->n_timed++;
	c->deadline = deadline;
}

static void call_free(struct exec *e, struct call *c)
{
	answered(e, c);
	wait_until(e, c, 0);
	poll_done(c);
	htab_del(&e->calls, &c->node);
	free(c);
}

static void respond(struct exec *e, struct call *c, int64_t rc, uint32_t flags)
{
	memset(e->rsp, 0, e->rsp_octets);
	e->rsp->id = c->id;
	e->rsp->flags = flags;
	e->rsp->error = rc < 0 ? (int)rc : 0;
	e->rsp->val = rc < 0 ? 0 : rc;
	(void)ioctl(e->notify, SECCOMP_IOCTL_NOTIF_SEND, e->rsp); /* it may be gone */
	call_free(e, c);
}

void call_end(struct exec *e, struct call *c, int64_t rc)
{
	respond(e, c, rc, 0);
}

void call_pass(struct exec *e, struct call *c)
{
	respond(e, c, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

static void add_fd(struct exec *e, struct call *c, int fd, bool cloexec, int number)
{
	uint32_t set = number >= 0 ? SECCOMP_ADDFD_FLAG_SETFD : 0;
	struct seccomp_notif_addfd add = { .id = c->id,
					   .flags = SECCOMP_ADDFD_FLAG_SEND | set,
					   .srcfd = (uint32_t)fd,
					   .newfd = number >= 0 ? (uint32_t)number : 0,
					   .newfd_flags = cloexec ? O_CLOEXEC : 0 };
	int rc = ioctl(e->notify, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	if (rc < 0 && errno != ENOENT) {
		rc = -errno;
		close(fd);
		call_end(e, c, rc);
		return;
	}
	close(fd);
	call_free(e, c);
}

int call_replace(const struct exec *e, const struct call *c, int fd, int number, bool cloexec)
{
	struct seccomp_notif_addfd add = { .id = c->id,
					   .flags = SECCOMP_ADDFD_FLAG_SETFD,
					   .srcfd = (uint32_t)fd,
					   .newfd = (uint32_t)number,
					   .newfd_flags = cloexec ? O_CLOEXEC : 0 };

	return ioctl(e->notify, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0 ? -errno : 0;
}

void call_fd(struct exec *e, struct call *c, int fd, bool cloexec)
{
	add_fd(e, c, fd, cloexec, -1);
}

void call_fd_high(struct exec *e, struct call *c, int fd, bool cloexec)
{
	struct rlimit most;
	char path[64];

	if (prlimit(c->tid, RLIMIT_NOFILE, NULL, &most) < 0)
		most.rlim_cur = 0;
	for (int i = FILTER_FILE_FIRST; i <= FILTER_FILE_LAST && (rlim_t)i < most.rlim_cur; i++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)c->tid, i);
		if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) {
			add_fd(e, c, fd, cloexec, i);
			return;
		}
	}
	close(fd);
	call_end(e, c, -EMFILE);
}

bool still_there(const struct exec *e, const struct call *c)
{
	uint64_t id = c->id;

	return ioctl(e->notify, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

/*
 * Sockets.
 */

static struct esock *esock_find(const struct exec *e, uint64_t inode)
{
	for (struct hnode *n = htab_first(&e->socks, hash_of(inode)); n != NULL; n = htab_next(n)) {
		struct esock *s = CONTAINER_OF(n, struct esock, node);

		if (s->inode == inode)
			return s;
	}
	return NULL;
}

struct esock *esock_add(struct exec *e, int fd, uint32_t id)
{
	struct stat st;
	struct esock *s = calloc(1, sizeof(*s));

	if (s == NULL || fstat(fd, &st) < 0)
		goto fail;
	s->inode = st.st_ino;
	s->id = id;
	if (htab_add(&e->socks, &s->node, hash_of(s->inode)) == 0)
		return s;
fail:
	free(s);
	return NULL;
}

static struct esock *esock_by_id(const struct exec *e, uint32_t id)
{
	for (struct hnode *n = htab_iter(&e->socks, NULL); n != NULL; n = htab_iter(&e->socks, n)) {
		struct esock *s = CONTAINER_OF(n, struct esock, node);

		if (s->id == id)
			return s;
	}
	return NULL;
}

/* The program looks into its ring, and has seen all. */
static void seen_all(const struct exec *e, uint32_t id)
{
	const struct esock *s = esock_by_id(e, id);
	uint8_t octet;
	int fd;

	if (s == NULL || s->ring_tid == 0 || target_inode(s->ring_tid, s->ring_fd) != s->inode)
		return;
	fd = target_fd(s->ring_tid, s->ring_fd);
	if (fd < 0)
		return;
	(void)recv(fd, &octet, 1, MSG_DONTWAIT | MSG_TRUNC);
	close(fd);
}

void set_recverr(struct exec *e, struct esock *s, bool on)
{
	if (s->recverr)
		e->n_recverr--;
	if (on)
		e->n_recverr++;
	s->recverr = on;
}

/* Threads that wait at a socket that another one has closed. Of a connection that was reset the kernel knows. */
static void end_calls(struct exec *e, const struct esock *s)
{
	struct hnode *n = htab_iter(&e->calls, NULL), *next;

	for (; n != NULL; n = next) {
		struct call *c = CONTAINER_OF(n, struct call, node);

		next = htab_iter(&e->calls, n);
		if (c->s != s)
			continue;
		if (s->type == SOCK_STREAM && !s->listens)
			call_pass(e, c);
		else
			call_end(e, c, -EBADF);
	}
}

static void esock_gone(struct exec *e, uint32_t id)
{
	struct hnode *n = htab_iter(&e->socks, NULL), *next;

	for (; n != NULL; n = next) {
		struct esock *s = CONTAINER_OF(n, struct esock, node);

		next = htab_iter(&e->socks, n);
		if (s->id != id)
			continue;
		end_calls(e, s);
		set_recverr(e, s, false);
		htab_del(&e->socks, n);
		free(s);
	}
}

struct esock *esock_of(struct exec *e, pid_t tid, int fd)
{
	uint64_t inode = target_inode(tid, fd);

	return inode != 0 ? esock_find(e, inode) : NULL;
}

/*
 * Requests and answers.
 */

static bool put(struct wr *w, const void *p, uint32_t n)
{
	if (n > w->left)
		return false;
	wr_bytes(w, p, n);
	return true;
}

static int send_request(struct exec *e, const struct seam_req *q, const void *addr,
			const void *control, const void *data)
{
	struct wr w = wr_of(e->out, sizeof(e->out));

	if (!put(&w, q, sizeof(*q)) || !put(&w, addr, q->addr_len) ||
	    !put(&w, control, q->control_len) || !put(&w, data, q->data_len))
		return -EMSGSIZE;
	return send(e->seam, e->out, wr_len(&w), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

void ask(struct exec *e, struct call *c, const struct seam_req *q, const void *addr,
	 const void *control, const void *data, after_fn *after)
{
	struct seam_req r = *q;
	int rc;

	if (++e->last_rpc == 0)
		e->last_rpc = 1;
	r.id = e->last_rpc;
	if (c->s != NULL)
		r.sock = c->s->id;
	answered(e, c);
	rc = htab_add(&e->rpcs, &c->by_rpc, hash_of(r.id));
	if (rc < 0) {
		call_end(e, c, -ENOMEM);
		return;
	}
	c->rpc = r.id;
	c->after = after;
	rc = send_request(e, &r, addr, control, data);
	if (rc < 0)
		call_end(e, c, rc == -EMSGSIZE ? rc : -ENETDOWN);
}

static struct call *call_of(const struct exec *e, uint32_t rpc)
{
	for (struct hnode *n = htab_first(&e->rpcs, hash_of(rpc)); n != NULL; n = htab_next(n)) {
		struct call *c = CONTAINER_OF(n, struct call, by_rpc);

		if (c->rpc == rpc)
			return c;
	}
	return NULL;
}

static void cancel(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_CANCEL, .a = c->rpc };

	if (c->events != 0)
		(void)send_request(e, &q, NULL, NULL, NULL);
	call_free(e, c);
}

static void now_ready(struct exec *e, struct call *c, struct answer *a)
{
	c->events = 0;
	c->ready = a->h.rc < 0 ? 0 : (uint32_t)a->h.rc;
	if (!still_there(e, c))
		call_free(e, c);
	else if (a->h.rc < 0)
		call_end(e, c, a->h.rc);
	else
		c->retry(e, c);
}

void wait_for(struct exec *e, struct call *c, uint32_t events,
	      void (*retry)(struct exec *e, struct call *c))
{
	time_ns most = (events & POLLIN) != 0 ? c->s->rcvtimeo : c->s->sndtimeo;

	if (c->deadline == 0 && most != 0)
		wait_until(e, c, time_after(now_ns(), most));
	c->events = events;
	c->retry = retry;
	ask(e, c, &(struct seam_req){ .op = SEAM_WAIT, .a = events }, NULL, NULL, NULL, now_ready);
}

/* Return: false when the node has gone. */
static bool take_answer(struct exec *e)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { e->in, sizeof(e->in) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	ssize_t n = recvmsg(e->seam, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct answer a = { .fd = -1 };
	struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	struct call *c;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (h != NULL && h->cmsg_type == SCM_RIGHTS)
		memcpy(&a.fd, CMSG_DATA(h), sizeof(int));
	if ((size_t)n < sizeof(a.h))
		return false;
	memcpy(&a.h, e->in, sizeof(a.h));
	if ((size_t)n != sizeof(a.h) + a.h.addr_len + a.h.control_len + a.h.data_len)
		return false;
	a.addr = e->in + sizeof(a.h);
	a.control = a.addr + a.h.addr_len;
	a.data = a.control + a.h.control_len;
	if (a.h.id == 0 && a.h.rc == SEAM_TAKE_COPY)
		seen_all(e, a.h.sock);
	else if (a.h.id == 0)
		esock_gone(e, a.h.sock);
	c = a.h.id != 0 ? call_of(e, a.h.id) : NULL;
	if (c != NULL) {
		answered(e, c);
		c->after(e, c, &a);
	} else if (a.fd >= 0) {
		close(a.fd);
	}
	return true;
}

/*
 * Calls.
 */

static struct call *call_by(const struct exec *e, pid_t tid)
{
	for (struct hnode *n = htab_first(&e->calls, hash_of((uint64_t)tid)); n != NULL;
	     n = htab_next(n)) {
		struct call *c = CONTAINER_OF(n, struct call, node);

		if (c->tid == tid)
			return c;
	}
	return NULL;
}

/* Return: false when nobody is left. */
static bool take_call(struct exec *e)
{
	struct call *c, *old;

	memset(e->req, 0, e->req_octets);
	if (ioctl(e->notify, SECCOMP_IOCTL_NOTIF_RECV, e->req) < 0)
		return errno == EINTR || errno == ENOENT;
	old = call_by(e, (pid_t)e->req->pid);
	if (old != NULL)
		cancel(e, old); /* a signal has ended it */
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return true; /* the program waits for ever */
	c->tid = (pid_t)e->req->pid;
	c->id = e->req->id;
	c->nr = e->req->data.nr;
	memcpy(c->arg, e->req->data.args, sizeof(c->arg));
	c->fd = (int)c->arg[0];
	if (htab_add(&e->calls, &c->node, hash_of((uint64_t)c->tid)) < 0) {
		free(c);
		return true;
	}
	call_begin(e, c);
	return true;
}

static void times_out(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_CANCEL, .a = c->rpc };

	(void)send_request(e, &q, NULL, NULL, NULL);
	call_end(e, c, -EAGAIN);
}

/* Those whose time is over; and when the next is. */
static int milliseconds(struct exec *e)
{
	time_ns now, first = TIME_NEVER;
	struct hnode *n, *next;

	if (e->n_timed == 0)
		return -1;
	now = now_ns();
	for (n = htab_iter(&e->calls, NULL); n != NULL; n = next) {
		struct call *c = CONTAINER_OF(n, struct call, node);

		next = htab_iter(&e->calls, n);
		if (c->deadline == 0 || (c->events == 0 && c->polling == NULL))
			continue;
		if (c->deadline > now)
			first = MIN(first, c->deadline);
		else if (c->polling != NULL)
			poll_again(e, c);
		else
			times_out(e, c);
	}
	if (first == TIME_NEVER)
		return -1;
	return (int)MIN((first - now) / NS_PER_MS + 1, (time_ns)60000);
}

/* Children are the program, and what lost its parent. */
static void reap(struct exec *e)
{
	struct signalfd_siginfo si;
	int status;
	pid_t who;

	(void)!read(e->signals, &si, sizeof(si));
	while ((who = waitpid(-1, &status, WNOHANG)) > 0) {
		if (who != e->program)
			continue;
		(void)!write(e->status_to, &status, sizeof(status));
		close(e->status_to);
		e->program = 0;
	}
}

/* A descriptor that none of the others is: of a poll(2). */
static void polled(struct exec *e, int fd)
{
	for (struct hnode *n = htab_iter(&e->calls, NULL); n != NULL; n = htab_iter(&e->calls, n)) {
		struct call *c = CONTAINER_OF(n, struct call, node);

		if (c->polling != NULL && polling_fd(c) == fd) {
			poll_again(e, c);
			return;
		}
	}
}

static bool watch(const struct exec *e, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static bool serve(struct exec *e)
{
	struct epoll_event ev[EVENTS_MAX];
	int n = epoll_wait(e->epoll, ev, EVENTS_MAX, milliseconds(e));

	if (n < 0)
		return errno == EINTR;
	for (int i = 0; i < n; i++) {
		if (ev[i].data.fd == e->signals) {
			reap(e);
		} else if (ev[i].data.fd == e->seam) {
			if (!take_answer(e))
				return false;
		} else if (ev[i].data.fd != e->notify) {
			polled(e, ev[i].data.fd);
		} else if ((ev[i].events & EPOLLIN) == 0 || !take_call(e)) {
			epoll_ctl(e->epoll, EPOLL_CTL_DEL, e->notify, NULL); /* nobody is left */
			e->is_over = true;
		}
	}
	return !e->is_over || e->program != 0;
}

void supervise(int notify, int seam, pid_t program, int status_to)
{
	struct seccomp_notif_sizes sizes;
	struct exec *e = calloc(1, sizeof(*e));
	sigset_t set;

	ASSERT(e != NULL);
	e->notify = notify;
	e->seam = seam;
	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	e->program = program;
	e->status_to = status_to;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	e->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		sizes = (struct seccomp_notif_sizes){ .seccomp_notif = 0 };
	e->req_octets = MAX(sizes.seccomp_notif, sizeof(*e->req));
	e->rsp_octets = MAX(sizes.seccomp_notif_resp, sizeof(*e->rsp));
	e->req = calloc(1, e->req_octets);
	e->rsp = calloc(1, e->rsp_octets);
	ASSERT(e->req != NULL && e->rsp != NULL);
	/* on the caller's processor, if the kernel can */
	(void)ioctl(notify, SET_FLAGS, WAKE_IN_TURN);
	if (e->epoll >= 0 && watch(e, notify) && watch(e, seam) && watch(e, e->signals)) {
		reap(e);
		while (serve(e)) {
		}
	}
	shadow_done(&e->shadow);
	free(e->req);
	free(e->rsp);
	free(e);
}
