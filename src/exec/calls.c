/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls about sockets that move no data. */
#include "exec/part.h"
#include "exec/target.h"
#include "host/seam_ioctl.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define OPTION_MAX    65536u
#define OPTION_IN_MAX 512u	  /* that getsockopt(2) is told */
#define FILL_MAX      (16u << 20) /* somebody may be reading what is filled in */
#define WAIT_MAX_S    INT32_MAX

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
	s->cloexec = (flags & SOCK_CLOEXEC) != 0;
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

	if (a->h.rc == -EAGAIN && !is_nonblocking(c)) {
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

static void listening(struct exec *e, struct call *c, struct answer *a)
{
	c->s->listens = c->s->listens || a->h.rc == 0;
	call_end(e, c, a->h.rc);
}

/* write(2) is to fail from now on, too. */
static void was_shut(struct exec *e, struct call *c, struct answer *a)
{
	int fd = a->h.rc == 0 && c->arg[1] == SHUT_WR ? target_fd(c->tid, c->fd) : -1;

	if (fd >= 0) {
		(void)shutdown(fd, SHUT_WR);
		close(fd);
	}
	call_end(e, c, a->h.rc);
}

/* Of a stream, the node sees it by itself. */
static void begin_shutdown(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_SHUTDOWN, .a = (uint32_t)c->arg[1] };

	if (c->s->type == SOCK_STREAM && !c->s->listens)
		call_pass(e, c);
	else
		ask(e, c, &q, NULL, NULL, NULL, was_shut);
}

/*
 * Addresses.
 */

static void with_addr(struct exec *e, struct call *c, enum seam_op op, after_fn *after)
{
	struct seam_req q = { .op = op, .flags = c->nonblock, .addr_len = (uint32_t)c->arg[2] };
	/* of an int, the kernel looks at the lower half of a register only */
	uint8_t addr[SEAM_ADDR_MAX];

	if (q.addr_len > sizeof(addr))
		call_end(e, c, -EINVAL);
	else if (target_read(c->tid, c->arg[1], addr, q.addr_len) < 0)
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
	static const uint8_t zeros[65536];
	struct seam_req q = { .op = SEAM_FILLED };
	int fd = target_fd(c->tid, c->fd);
	ssize_t n = 0;

	while (fd >= 0 && n >= 0 && q.a < FILL_MAX) {
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
	if (tv.tv_sec < 0 || tv.tv_sec > WAIT_MAX_S || tv.tv_usec < 0)
		return 0;
	return (time_ns)tv.tv_sec * NS_PER_S + (time_ns)tv.tv_usec * 1000;
}

/* read(2) and write(2), which nobody sees, keep to these, too. */
static void keep_times(struct call *c, const uint8_t *val, size_t n)
{
	int name = (int)c->arg[2], fd;

	if ((int)c->arg[1] != SOL_SOCKET || (name != SO_RCVTIMEO && name != SO_SNDTIMEO))
		return;
	*(name == SO_RCVTIMEO ? &c->s->rcvtimeo : &c->s->sndtimeo) = time_of(val, n);
	fd = target_fd(c->tid, c->fd);
	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, name, val, (socklen_t)n);
	close(fd);
}

/* Its value is a pointer to the instructions: they go in its place. */
static void attach_filter(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_SETSOCKOPT, .a = SOL_SOCKET, .b = SO_ATTACH_FILTER };
	struct sock_fprog prog;
	uint8_t *insns;

	if (c->arg[4] != sizeof(prog)) {
		call_end(e, c, -EINVAL);
		return;
	}
	if (target_read(c->tid, c->arg[3], &prog, sizeof(prog)) < 0) {
		call_end(e, c, -EFAULT);
		return;
	}
	q.data_len = (uint32_t)(prog.len * sizeof(*prog.filter));
	if (prog.len == 0 || q.data_len > OPTION_MAX) {
		call_end(e, c, -EINVAL);
		return;
	}
	insns = malloc(q.data_len);
	if (insns == NULL)
		call_end(e, c, -ENOMEM);
	else if (target_read(c->tid, (uintptr_t)prog.filter, insns, q.data_len) < 0)
		call_end(e, c, -EFAULT);
	else
		ask(e, c, &q, NULL, NULL, insns, just_end);
	free(insns);
}

static void keep_recverr(struct exec *e, struct call *c, const uint8_t *val, size_t n)
{
	int on = 0;

	if ((c->arg[1] != IPPROTO_IPV6 || c->arg[2] != IPV6_RECVERR) &&
	    (c->arg[1] != IPPROTO_IP || c->arg[2] != IP_RECVERR))
		return;
	memcpy(&on, val, MIN(n, sizeof(on)));
	set_recverr(e, c->s, on != 0);
}

static void begin_setsockopt(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_SETSOCKOPT,
			      .a = (uint32_t)c->arg[1],
			      .b = (uint32_t)c->arg[2],
			      .data_len = (uint32_t)c->arg[4] };
	uint8_t *val;

	if (c->arg[1] == SOL_SOCKET && c->arg[2] == SO_ATTACH_FILTER) {
		attach_filter(e, c);
		return;
	}
	if (q.data_len > OPTION_MAX) {
		call_end(e, c, -EINVAL);
		return;
	}
	val = malloc(q.data_len + 1);
	if (val == NULL || target_read(c->tid, c->arg[3], val, q.data_len) < 0) {
		call_end(e, c, val == NULL ? -ENOMEM : -EFAULT);
	} else {
		keep_times(c, val, q.data_len);
		keep_recverr(e, c, val, q.data_len);
		ask(e, c, &q, NULL, NULL, val, just_end);
	}
	free(val);
}

static void got_option(struct exec *e, struct call *c, struct answer *a)
{
	uint32_t n = a->h.flags;
	int rc = a->h.rc;

	take_copy_away(c, a);
	if (rc == 0)
		rc = target_write(c->tid, c->arg[3], a->data, a->h.data_len);
	if (rc == 0)
		rc = target_write(c->tid, c->arg[4], &n, sizeof(n));
	call_end(e, c, rc);
}

/* What lies there says what is asked for: a version, a group. */
static bool reads_value(uint32_t level, uint32_t name)
{
	return (level == SOL_PACKET && name == PACKET_HDRLEN) ||
	       (level == IPPROTO_IPV6 && name == MCAST_MSFILTER);
}

static void begin_getsockopt(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_GETSOCKOPT,
			      .a = (uint32_t)c->arg[1],
			      .b = (uint32_t)c->arg[2] };
	uint8_t val[OPTION_IN_MAX];

	if (target_read(c->tid, c->arg[4], &q.c, sizeof(q.c)) < 0) {
		call_end(e, c, -EFAULT);
		return;
	}
	if (q.c > OPTION_MAX) {
		call_end(e, c, -EINVAL);
		return;
	}
	if (reads_value(q.a, q.b))
		q.data_len = MIN(q.c, (uint32_t)sizeof(val));
	if (target_read(c->tid, c->arg[3], val, q.data_len) < 0)
		call_end(e, c, -EFAULT);
	else
		ask(e, c, &q, NULL, NULL, val, got_option);
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

/* An array of struct ifreq, as much of it as there is room for; without a place for it, its length. */
static void conf_done(struct exec *e, struct call *c, struct answer *a)
{
	struct ifconf conf;
	uint32_t n = a->h.data_len;
	int rc = a->h.rc;

	if (rc == 0)
		rc = target_read(c->tid, c->arg[2], &conf, sizeof(conf));
	if (rc == 0 && conf.ifc_buf != NULL) {
		n = (uint32_t)MIN((size_t)MAX(conf.ifc_len, 0) / sizeof(struct ifreq),
				  n / sizeof(struct ifreq)) *
		    (uint32_t)sizeof(struct ifreq);
		rc = target_write(c->tid, (uintptr_t)conf.ifc_buf, a->data, n);
	}
	conf.ifc_len = (int)n;
	if (rc == 0)
		rc = target_write(c->tid, c->arg[2], &conf, sizeof(conf));
	call_end(e, c, rc);
}

/* SIOCGSTAMP and its like are about a socket, and the kernel's: see below 0x8910. */
static bool is_about_network(uint32_t cmd)
{
	return cmd >= SIOCGIFNAME || cmd == SIOCADDRT || cmd == SIOCDELRT;
}

static void begin_ioctl(struct exec *e, struct call *c)
{
	uint32_t cmd = (uint32_t)c->arg[1];
	struct seam_req q = { .op = SEAM_IOCTL, .a = cmd };
	uint8_t arg[SEAM_IOCTL_MAX];

	if (target_inode(c->tid, c->fd) == 0 || !is_about_network(cmd)) {
		call_pass(e, c);
		return;
	}
	c->s = esock_of(e, c->tid, c->fd);
	q.b = c->s != NULL ? (uint32_t)c->s->domain : AF_UNSPEC;
	q.data_len = seam_ioctl_octets(cmd, (int)q.b);
	if (cmd == SIOCGIFCONF)
		ask(e, c, &q, NULL, NULL, NULL, conf_done);
	else if (target_read(c->tid, c->arg[2], arg, q.data_len) < 0)
		call_end(e, c, -EFAULT);
	else
		ask(e, c, &q, NULL, NULL, arg, ioctl_done);
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
		    NULL, NULL, listening);
		return;
	case SYS_shutdown:
		begin_shutdown(e, c);
		return;
	case SYS_accept:
	case SYS_accept4:
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
	put_back(e, c);
	switch (c->nr) {
	case SYS_socket:
		begin_socket(e, c);
		return;
	case SYS_ioctl:
		begin_ioctl(e, c);
		return;
	case SYS_mmap:
		begin_mmap(e, c);
		return;
#ifdef SYS_poll
	case SYS_poll:
#endif
	case SYS_ppoll:
		begin_poll(e, c);
		return;
	case SYS_execve:
	case SYS_execveat:
		begin_execve(e, c);
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
