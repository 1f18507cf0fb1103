/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls about sockets that move no data. */
#include "exec/part.h"
#include "exec/target.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define OPTION_MAX 65536u

/* The outcome is the node's return code. */
static void just_end(struct exec *e, struct call *c, struct answer *a)
{
	call_end(e, c, a->h.rc);
}

/*
 * socket(2), accept(2).
 */

/* The program's descriptor is to be like the one that it asked for. */
static void give(struct exec *e, struct call *c, struct answer *a, int flags)
{
	struct esock *s = esock_add(e, a->fd, a->h.sock);

	if (s == NULL) {
		close(a->fd);
		call_end(e, c, -ENOMEM);
		return;
	}
	s->domain = c->s != NULL ? c->s->domain : (int)c->arg[0];
	s->type = c->s != NULL ? c->s->type : (int)c->arg[1] & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
	s->protocol = c->s != NULL ? c->s->protocol : (int)c->arg[2];
	(void)fcntl(a->fd, F_SETFL, O_RDWR | ((flags & SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0));
	call_fd(e, c, a->fd, (flags & SOCK_CLOEXEC) != 0);
}

static void opened(struct exec *e, struct call *c, struct answer *a)
{
	if (a->h.rc < 0 || a->fd < 0)
		call_end(e, c, a->h.rc < 0 ? a->h.rc : -EIO);
	else
		give(e, c, a, (int)c->arg[1]);
}

static void begin_socket(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_SOCKET,
			      .a = (uint32_t)c->arg[0],
			      .b = (uint32_t)c->arg[1] & ~(uint32_t)(SOCK_NONBLOCK | SOCK_CLOEXEC),
			      .c = (uint32_t)c->arg[2],
			      .flags = (uint32_t)c->tid };

	ask(e, c, &q, NULL, NULL, NULL, opened);
}

/* A value-result length at @len_at: the whole address is told, as much as fits is written. */
static int write_addr(struct call *c, uint64_t at, uint64_t len_at, const struct answer *a)
{
	uint32_t room, n = a->h.addr_len;

	if (at == 0)
		return 0;
	if (target_read(c->tid, len_at, &room, sizeof(room)) < 0)
		return -EFAULT;
	if ((int32_t)room < 0)
		return -EINVAL;
	if (target_write(c->tid, at, a->addr, MIN(room, n)) < 0)
		return -EFAULT;
	return target_write(c->tid, len_at, &n, sizeof(n));
}

static void begin_accept(struct exec *e, struct call *c);

static void accepted(struct exec *e, struct call *c, struct answer *a)
{
	int rc;

	if (a->h.rc == -EAGAIN && !c->nonblock) {
		wait_for(e, c, POLLIN, begin_accept);
		return;
	}
	if (a->h.rc < 0 || a->fd < 0) {
		call_end(e, c, a->h.rc < 0 ? a->h.rc : -EIO);
		return;
	}
	take_copy_away(c, a);
	rc = write_addr(c, c->arg[1], c->arg[2], a);
	if (rc == 0) {
		give(e, c, a, c->nr == SYS_accept4 ? (int)c->arg[3] : 0);
		return;
	}
	close(a->fd);
	call_end(e, c, rc);
}

static void begin_accept(struct exec *e, struct call *c)
{
	ask(e, c, &(struct seam_req){ .op = SEAM_ACCEPT }, NULL, NULL, NULL, accepted);
}

/*
 * Addresses.
 */

static void with_addr(struct exec *e, struct call *c, enum seam_op op, after_fn *after)
{
	struct seam_req q = { .op = op, .flags = c->nonblock, .addr_len = (uint32_t)c->arg[2] };
	uint8_t addr[SEAM_ADDR_MAX];

	if (c->arg[2] > sizeof(addr))
		call_end(e, c, -EINVAL);
	else if (target_read(c->tid, c->arg[1], addr, c->arg[2]) < 0)
		call_end(e, c, -EFAULT);
	else
		ask(e, c, &q, addr, NULL, NULL, after);
}

static void connect_done(struct exec *e, struct call *c, struct answer *a)
{
	int err = 0;

	if (a->h.rc == 0 && a->h.data_len == sizeof(err))
		memcpy(&err, a->data, sizeof(err));
	call_end(e, c, a->h.rc < 0 ? a->h.rc : -err);
}

static void connect_ready(struct exec *e, struct call *c)
{
	struct seam_req q = {
		.op = SEAM_GETSOCKOPT, .a = SOL_SOCKET, .b = SO_ERROR, .c = sizeof(int)
	};

	ask(e, c, &q, NULL, NULL, NULL, connect_done);
}

static void filled(struct exec *e, struct call *c, struct answer *a)
{
	(void)a;
	call_end(e, c, -EINPROGRESS);
}

/* Until there is an outcome, poll(2) is not to call it writable. */
static void fill(struct exec *e, struct call *c)
{
	static const uint8_t zeros[4096];
	struct seam_req q = { .op = SEAM_FILLED };
	int fd = target_fd(c->tid, c->fd);
	ssize_t n = 0;

	while (fd >= 0 && n >= 0) {
		n = send(fd, zeros, sizeof(zeros), MSG_DONTWAIT | MSG_NOSIGNAL);
		q.a += n > 0 ? (uint32_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	ask(e, c, &q, NULL, NULL, NULL, filled);
}

static void connecting(struct exec *e, struct call *c, struct answer *a)
{
	if (a->h.rc != -EINPROGRESS)
		call_end(e, c, a->h.rc);
	else if (c->nonblock)
		fill(e, c);
	else
		wait_for(e, c, POLLOUT, connect_ready);
}

static void named(struct exec *e, struct call *c, struct answer *a)
{
	call_end(e, c, a->h.rc < 0 ? a->h.rc : write_addr(c, c->arg[1], c->arg[2], a));
}

/*
 * Options.
 */

static time_ns time_of(const uint8_t *val, size_t n)
{
	struct timeval tv;

	if (n < sizeof(tv))
		return 0;
	memcpy(&tv, val, sizeof(tv));
	return (time_ns)tv.tv_sec * NS_PER_S + (time_ns)tv.tv_usec * 1000;
}

/* read(2) and write(2), which nobody sees, keep to these, too. */
static void keep_times(struct call *c, const uint8_t *val, size_t n)
{
	int name = (int)c->arg[2], fd;

	if (c->arg[1] != SOL_SOCKET || (name != SO_RCVTIMEO && name != SO_SNDTIMEO))
		return;
	*(name == SO_RCVTIMEO ? &c->s->rcvtimeo : &c->s->sndtimeo) = time_of(val, n);
	fd = target_fd(c->tid, c->fd);
	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, name, val, (socklen_t)n);
	close(fd);
}

static void begin_setsockopt(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_SETSOCKOPT,
			      .a = (uint32_t)c->arg[1],
			      .b = (uint32_t)c->arg[2],
			      .data_len = (uint32_t)c->arg[4] };
	uint8_t *val;

	if (c->arg[4] > OPTION_MAX) {
		call_end(e, c, -EINVAL);
		return;
	}
	val = malloc(c->arg[4] + 1);
	if (val == NULL || target_read(c->tid, c->arg[3], val, c->arg[4]) < 0) {
		call_end(e, c, val == NULL ? -ENOMEM : -EFAULT);
	} else {
		keep_times(c, val, c->arg[4]);
		ask(e, c, &q, NULL, NULL, val, just_end);
	}
	free(val);
}

static void got_option(struct exec *e, struct call *c, struct answer *a)
{
	uint32_t n = a->h.data_len;
	int rc = a->h.rc;

	if (rc == 0)
		rc = target_write(c->tid, c->arg[3], a->data, n);
	if (rc == 0)
		rc = target_write(c->tid, c->arg[4], &n, sizeof(n));
	call_end(e, c, rc);
}

static void begin_getsockopt(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_GETSOCKOPT,
			      .a = (uint32_t)c->arg[1],
			      .b = (uint32_t)c->arg[2] };

	if (target_read(c->tid, c->arg[4], &q.c, sizeof(q.c)) < 0)
		call_end(e, c, -EFAULT);
	else if (q.c > OPTION_MAX)
		call_end(e, c, -EINVAL);
	else
		ask(e, c, &q, NULL, NULL, NULL, got_option);
}

/*
 * ioctl(2): about interfaces, by whatever socket.
 */

static void ioctl_done(struct exec *e, struct call *c, struct answer *a)
{
	int rc = a->h.rc;

	if (rc >= 0 && a->h.data_len > 0 &&
	    target_write(c->tid, c->arg[2], a->data, a->h.data_len) < 0)
		rc = -EFAULT;
	call_end(e, c, rc);
}

static void begin_ioctl(struct exec *e, struct call *c)
{
	uint32_t cmd = (uint32_t)c->arg[1];
	struct seam_req q = { .op = SEAM_IOCTL, .a = cmd, .data_len = sizeof(struct ifreq) };
	struct ifreq ifr;

	if (target_inode(c->tid, c->fd) == 0 || cmd < SIOCGIFNAME)
		call_pass(e, c);
	else if (cmd == SIOCGIFCONF)
		call_end(e, c, -ENOTTY); /* the kernel would tell of its own */
	else if (target_read(c->tid, c->arg[2], &ifr, sizeof(ifr)) < 0)
		call_end(e, c, -EFAULT);
	else
		ask(e, c, &q, NULL, NULL, &ifr, ioctl_done);
}

bool is_nonblocking(const struct call *c)
{
	int fd = target_fd(c->tid, c->fd), flags;

	if (fd < 0)
		return false;
	flags = fcntl(fd, F_GETFL);
	close(fd);
	return flags >= 0 && (flags & O_NONBLOCK) != 0;
}

static void begin_on_socket(struct exec *e, struct call *c)
{
	switch (c->nr) {
	case SYS_bind:
		with_addr(e, c, SEAM_BIND, just_end);
		return;
	case SYS_connect:
		c->nonblock = is_nonblocking(c);
		with_addr(e, c, SEAM_CONNECT, connecting);
		return;
	case SYS_listen:
		ask(e, c, &(struct seam_req){ .op = SEAM_LISTEN, .a = (uint32_t)c->arg[1] }, NULL,
		    NULL, NULL, just_end);
		return;
	case SYS_accept:
	case SYS_accept4:
		c->nonblock = is_nonblocking(c);
		begin_accept(e, c);
		return;
	case SYS_getsockname:
		ask(e, c, &(struct seam_req){ .op = SEAM_GETSOCKNAME }, NULL, NULL, NULL, named);
		return;
	case SYS_getpeername:
		ask(e, c, &(struct seam_req){ .op = SEAM_GETPEERNAME }, NULL, NULL, NULL, named);
		return;
	case SYS_setsockopt:
		begin_setsockopt(e, c);
		return;
	case SYS_getsockopt:
		begin_getsockopt(e, c);
		return;
	case SYS_sendto:
	case SYS_sendmsg:
	case SYS_sendmmsg:
		begin_sendmsg(e, c);
		return;
	default:
		begin_recvmsg(e, c);
		return;
	}
}

void call_begin(struct exec *e, struct call *c)
{
	switch (c->nr) {
	case SYS_socket:
		begin_socket(e, c);
		return;
	case SYS_ioctl:
		begin_ioctl(e, c);
		return;
	default:
		if (begin_file(e, c))
			return;
		c->s = esock_of(e, c->tid, c->fd);
		if (c->s == NULL)
			call_pass(e, c);
		else
			begin_on_socket(e, c);
		return;
	}
}
