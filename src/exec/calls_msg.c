/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls that send and receive packets with addresses and ancillary data. */
#include "exec/part.h"
#include "exec/target.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define IOVS_MAX 1024u

static bool is_mmsg(const struct call *c)
{
	return c->nr == SYS_sendmmsg || c->nr == SYS_recvmmsg;
}

/* The header of the present message, as the call gave it. */
static int read_hdr(struct call *c)
{
	uint32_t room = 0;

	if (c->nr == SYS_sendto || c->nr == SYS_recvfrom) {
		if (c->nr == SYS_recvfrom && c->arg[4] != 0 &&
		    target_read(c->tid, c->arg[5], &room, sizeof(room)) < 0)
			return -EFAULT;
		c->hdr = (struct msghdr){
			.msg_name = target_pointer(c->arg[4]),
			.msg_namelen = c->nr == SYS_sendto ? (socklen_t)c->arg[5] : room,
		};
		c->flags = (int)c->arg[3];
		return (int32_t)c->hdr.msg_namelen < 0 ? -EINVAL : 0;
	}
	c->flags = (int)c->arg[is_mmsg(c) ? 3 : 2];
	c->msg = c->arg[1] + c->done * sizeof(struct mmsghdr);
	if (target_read(c->tid, c->msg, &c->hdr, sizeof(c->hdr)) < 0)
		return -EFAULT;
	if (c->hdr.msg_iovlen > IOVS_MAX)
		return -EMSGSIZE;
	return (int32_t)c->hdr.msg_namelen < 0 ? -EINVAL : 0;
}

static int read_iovs(const struct call *c, struct iovec *iov, size_t *n)
{
	if (c->nr == SYS_sendto || c->nr == SYS_recvfrom) {
		iov[0] = (struct iovec){ target_pointer(c->arg[1]), c->arg[2] };
		*n = 1;
		return 0;
	}
	*n = c->hdr.msg_iovlen;
	return target_read(c->tid, (uintptr_t)c->hdr.msg_iov, iov, *n * sizeof(*iov));
}

/* Return: octets in all, at most SIZE_MAX / 2; -EFAULT. */
static ssize_t room_of(const struct call *c, struct iovec *iov, size_t *n)
{
	size_t ret = 0;

	if (read_iovs(c, iov, n) < 0)
		return -EFAULT;
	for (size_t i = 0; i < *n; i++) {
		if (iov[i].iov_len > (size_t)SSIZE_MAX - ret)
			return -EINVAL;
		ret += iov[i].iov_len;
	}
	return (ssize_t)ret;
}

/*
 * Sending.
 */

static void next_send(struct exec *e, struct call *c);

/* What came of it is told with the next, as the kernel does, unless it is the first. */
static void send_ends(struct exec *e, struct call *c, int rc)
{
	call_end(e, c, rc < 0 && c->done > 0 ? (int64_t)c->done : rc);
}

static void sent(struct exec *e, struct call *c, struct answer *a)
{
	uint32_t n = (uint32_t)a->h.rc;

	if (a->h.rc == -EAGAIN && !is_nonblocking(c) && (c->flags & MSG_DONTWAIT) == 0) {
		wait_for(e, c, POLLOUT, next_send);
		return;
	}
	if (a->h.rc < 0 || !is_mmsg(c)) {
		send_ends(e, c, a->h.rc);
		return;
	}
	if (target_write(c->tid, c->msg + offsetof(struct mmsghdr, msg_len), &n, sizeof(n)) < 0) {
		send_ends(e, c, -EFAULT);
		return;
	}
	if (++c->done == c->n)
		call_end(e, c, c->n);
	else
		next_send(e, c);
}

struct payload {
	uint8_t addr[SEAM_ADDR_MAX], control[SEAM_CONTROL_MAX], data[SEAM_DATA_MAX];
	struct iovec iov[IOVS_MAX];
};

static int gather(struct call *c, struct payload *p, struct seam_req *q)
{
	size_t n, at = 0;
	ssize_t octets = room_of(c, p->iov, &n);

	if (octets < 0)
		return (int)octets;
	/* of too long a packet, the beginning is enough for the node to refuse it and say so */
	if ((size_t)octets > sizeof(p->data) && c->s->domain != AF_INET6 && c->s->domain != AF_INET)
		return -EMSGSIZE;
	for (size_t i = 0; i < n && at < sizeof(p->data); i++) {
		size_t k = MIN(p->iov[i].iov_len, sizeof(p->data) - at);

		if (target_read(c->tid, (uintptr_t)p->iov[i].iov_base, p->data + at, k) < 0)
			return -EFAULT;
		at += k;
	}
	q->data_len = (uint32_t)at;
	q->addr_len = c->hdr.msg_name != NULL ? c->hdr.msg_namelen : 0;
	q->control_len = (uint32_t)c->hdr.msg_controllen;
	if (q->addr_len > sizeof(p->addr) || c->hdr.msg_controllen > sizeof(p->control))
		return -EINVAL;
	if (target_read(c->tid, (uintptr_t)c->hdr.msg_name, p->addr, q->addr_len) < 0 ||
	    target_read(c->tid, (uintptr_t)c->hdr.msg_control, p->control, q->control_len) < 0)
		return -EFAULT;
	return 0;
}

static void next_send(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_SENDMSG };
	struct payload *p = malloc(sizeof(*p));
	int rc = p == NULL ? -ENOMEM : read_hdr(c);

	if (rc == 0)
		rc = gather(c, p, &q);
	q.flags = (uint32_t)c->flags;
	if (rc < 0)
		send_ends(e, c, rc);
	else
		ask(e, c, &q, p->addr, p->control, p->data, sent);
	free(p);
}

void begin_sendmsg(struct exec *e, struct call *c)
{
	c->n = is_mmsg(c) ? MIN((uint32_t)c->arg[2], (uint32_t)MSGS_MAX) : 1;
	if (c->s->type == SOCK_STREAM)
		call_pass(e, c);
	else if (c->n == 0)
		call_end(e, c, 0);
	else
		next_send(e, c);
}

/*
 * Receiving.
 */

static int scatter(struct call *c, const struct answer *a)
{
	struct iovec *iov = calloc(IOVS_MAX, sizeof(*iov));
	size_t n, at = 0;
	int rc = iov != NULL ? read_iovs(c, iov, &n) : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < n && at < a->h.data_len; i++) {
		size_t k = MIN(iov[i].iov_len, (size_t)(a->h.data_len - at));

		rc = target_write(c->tid, (uintptr_t)iov[i].iov_base, a->data + at, k);
		at += k;
	}
	free(iov);
	return rc;
}

static int write_result(struct call *c, const struct answer *a)
{
	uint32_t room = c->hdr.msg_namelen, n = a->h.addr_len;
	int rc = scatter(c, a);

	if (rc == 0 && c->hdr.msg_name != NULL)
		rc = target_write(c->tid, (uintptr_t)c->hdr.msg_name, a->addr, MIN(room, n));
	if (rc < 0)
		return rc;
	if (c->nr == SYS_recvfrom)
		return c->arg[4] == 0 ? 0 : target_write(c->tid, c->arg[5], &n, sizeof(n));
	c->hdr.msg_namelen = c->hdr.msg_name != NULL ? n : 0;
	c->hdr.msg_flags = (int)a->h.flags;
	rc = target_write(c->tid, (uintptr_t)c->hdr.msg_control, a->control, a->h.control_len);
	c->hdr.msg_controllen = a->h.control_len;
	if (rc == 0)
		rc = target_write(c->tid, c->msg, &c->hdr, sizeof(c->hdr));
	if (rc == 0 && c->nr == SYS_recvmmsg) {
		n = (uint32_t)a->h.rc;
		rc = target_write(c->tid, c->msg + offsetof(struct mmsghdr, msg_len), &n,
				  sizeof(n));
	}
	return rc;
}

void take_copy_away(const struct call *c, const struct answer *a)
{
	uint8_t octet;
	int fd;

	if (a->h.copy == 0)
		return;
	fd = target_fd(c->tid, c->fd);
	if (fd < 0)
		return;
	(void)recv(fd, &octet, 1, MSG_DONTWAIT | MSG_TRUNC);
	close(fd);
}

static void begin_recv(struct exec *e, struct call *c);

static void received(struct exec *e, struct call *c, struct answer *a)
{
	int rc = a->h.rc;

	if (rc == -EAGAIN && (c->ready & POLLRDHUP) != 0) {
		call_end(e, c, 0); /* it was shut: who waits is told so */
		return;
	}
	if (rc == -EAGAIN && (c->flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) == 0 &&
	    !is_nonblocking(c)) {
		wait_for(e, c, POLLIN | POLLRDHUP, begin_recv);
		return;
	}
	take_copy_away(c, a);
	if (rc >= 0)
		rc = write_result(c, a);
	if (rc == 0)
		rc = c->nr == SYS_recvmmsg ? 1 : a->h.rc;
	call_end(e, c, rc);
}

static void begin_recv(struct exec *e, struct call *c)
{
	struct seam_req q = { .op = SEAM_RECVMSG };
	struct iovec *iov = calloc(IOVS_MAX, sizeof(*iov));
	ssize_t room = 0;
	size_t n;
	int rc = iov != NULL ? read_hdr(c) : -ENOMEM;

	if (rc == 0)
		room = room_of(c, iov, &n);
	free(iov);
	if (rc < 0 || room < 0) {
		call_end(e, c, rc < 0 ? rc : room);
		return;
	}
	q.flags = (uint32_t)c->flags;
	q.a = c->hdr.msg_name != NULL ? MIN(c->hdr.msg_namelen, (socklen_t)SEAM_ADDR_MAX) : 0;
	if (c->hdr.msg_control != NULL)
		q.b = (uint32_t)MIN(c->hdr.msg_controllen, (size_t)SEAM_CONTROL_MAX);
	q.c = (uint32_t)MIN((size_t)room, (size_t)SEAM_DATA_MAX);
	ask(e, c, &q, NULL, NULL, NULL, received);
}

void begin_recvmsg(struct exec *e, struct call *c)
{
	if (c->s->listens) /* what lies there only says that somebody has come */
		call_end(e, c, -ENOTCONN);
	else if (c->s->type == SOCK_STREAM)
		call_pass(e, c);
	else if (c->nr == SYS_recvmmsg && (uint32_t)c->arg[2] == 0)
		call_end(e, c, 0);
	else
		begin_recv(e, c);
}
