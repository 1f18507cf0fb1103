/* SPDX-License-Identifier: BSD-3-Clause */
/* What clients of the seam ask for, kind by kind: enum seam_op in seam.h. */
#include "host/seam_part.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/seam_files.h"
#include "host/seam_ioctl.h"
#include "transport/sock.h"

/*
 * About the node.
 */

static void do_socket(struct seam_rpc *c)
{
	struct end end;
	int type = (int)c->q.b;

	c->r.rc = end_open(c->cl->seam->node, (int)c->q.a, type, (int)c->q.c, c->q.flags, &end);
	if (c->r.rc == 0)
		c->r.rc = seam_sock_new(c->cl, &end, c->q.flags, type == SOCK_STREAM, &c->fd,
					&c->r.sock);
}

static void do_cancel(struct seam_rpc *c)
{
	LIST_FOR_EACH(it, &c->cl->seam->socks) {
		struct seam_sock *s = LIST_ENTRY(it, struct seam_sock, on);

		for (unsigned i = 0; s->client == c->cl && i < s->n_waits; i++)
			if (s->wait[i].id == c->q.a)
				s->wait[i] = s->wait[--s->n_waits];
	}
	c->later = true; /* never */
}

/* Whoever writes there without asking is told that he may not; its name says to the supervisor what it is. */
static int sealed_file(const char *path, const struct text *t)
{
	char name[SEAM_FILE_NAME_MAX];
	int fd;

	snprintf(name, sizeof(name), SEAM_FILE_NAME "%.230s", path);
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	if (write(fd, t->n > 0 ? t->buf : "", t->n) == (ssize_t)t->n &&
	    lseek(fd, 0, SEEK_SET) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
		return fd;
	close(fd);
	return -EIO;
}

/* Contents: a file of the kernel's for them, or names. */
static int file_contents(struct seam_rpc *c, const char *path)
{
	struct node *n = c->cl->seam->node;
	struct text t = { .n = 0 };
	int rc;

	if (c->r.flags == SEAM_FILE_DIR) {
		rc = seam_file_list(n, path, &t);
		if (rc == 0 && t.n <= SEAM_DATA_MAX)
			memcpy(c->out_data, t.buf, c->r.data_len = (uint32_t)t.n);
	} else {
		rc = seam_file(n, path, &t);
		if (rc == 0)
			rc = c->fd = sealed_file(path, &t);
	}
	text_done(&t);
	return MIN(rc, 0);
}

static void do_file(struct seam_rpc *c)
{
	char path[SEAM_PATH_MAX];
	int what;

	c->r.rc = -ENOENT;
	if (c->q.data_len >= sizeof(path))
		return;
	memcpy(path, c->data, c->q.data_len);
	path[c->q.data_len] = '\0';
	what = seam_file_what(c->cl->seam->node, path);
	c->r.rc = MIN(what, 0);
	if (what < 0)
		return;
	c->r.flags = (uint32_t)what;
	if (c->q.a != 0)
		c->r.rc = file_contents(c, path);
}

static void do_write(struct seam_rpc *c)
{
	const uint8_t *end = memchr(c->data, '\0', c->q.data_len);
	size_t octets;

	c->r.rc = -EINVAL;
	if (end == NULL)
		return;
	octets = c->q.data_len - (size_t)(end + 1 - c->data);
	c->r.rc = seam_file_write(c->cl->seam->node, (const char *)c->data, (const char *)end + 1,
				  octets);
}

static void do_ioctl(struct seam_rpc *c)
{
	int rc;

	memcpy(c->out_data, c->data, c->q.data_len);
	rc = seam_ioctl(c->cl->seam->node, c->q.a, (int)c->q.b, c->out_data, c->q.data_len);
	c->r.data_len = rc > 0 ? (uint32_t)rc : 0;
	c->r.rc = MIN(rc, 0);
}

/*
 * About a socket. What its kind cannot do is -EOPNOTSUPP, which is there already.
 */

/*
 * The port may be one of a program that has ended, of which epoll_wait(2) has not told yet: as on a kernel's
 * socket, who was seen to end holds nothing.
 */
static void do_bind(struct seam_rpc *c, struct seam_sock *s)
{
	const struct sockaddr *addr = (const struct sockaddr *)c->addr;

	if (s->end.ops->bind == NULL)
		return;
	c->r.rc = s->end.ops->bind(s->end.s, addr, c->q.addr_len);
	if (c->r.rc != -EADDRINUSE)
		return;
	seam_sock_retire(c->cl->seam, s);
	c->r.rc = s->end.ops->bind(s->end.s, addr, c->q.addr_len);
}

static void do_connect(struct seam_rpc *c, struct seam_sock *s)
{
	if (s->end.ops->connect == NULL)
		return;
	c->r.rc = s->end.ops->connect(s->end.s, (const struct sockaddr *)c->addr, c->q.addr_len);
	s->will_fill = c->r.rc == -EINPROGRESS && c->q.flags != 0;
}

static void do_listen(struct seam_rpc *c, struct seam_sock *s)
{
	if (s->end.ops->listen == NULL)
		return;
	c->r.rc = s->end.ops->listen(s->end.s, (int)c->q.a);
	if (c->r.rc == -EADDRINUSE) { /* as in do_bind() */
		seam_sock_retire(c->cl->seam, s);
		c->r.rc = s->end.ops->listen(s->end.s, (int)c->q.a);
	}
	s->listens = c->r.rc == 0;
}

/* What lies there is to be taken away by the client. */
static void fetched(struct seam_rpc *c, struct seam_sock *s)
{
	if (s->copy != COPY_THERE)
		return;
	s->copy = COPY_STALE;
	c->r.copy = 1;
}

static void error_taken(struct seam_rpc *c, struct seam_sock *s)
{
	if (s->copy_of_error && (seam_sock_poll(s) & POLLERR) == 0)
		fetched(c, s);
}

static void do_accept(struct seam_rpc *c, struct seam_sock *s)
{
	socklen_t len = SEAM_ADDR_MAX;
	struct end end;

	seam_sock_look_at_copy(s);
	c->r.rc = s->end.ops->accept != NULL ? s->end.ops->accept(s->end.s, &end) : -EOPNOTSUPP;
	if (c->r.rc < 0)
		return;
	fetched(c, s);
	if (end.ops->getpeername(end.s, (struct sockaddr *)c->out_addr, &len) == 0)
		c->r.addr_len = len;
	c->r.rc = seam_sock_new(c->cl, &end, s->pid, true, &c->fd, &c->r.sock);
}

static void do_name(struct seam_rpc *c, struct seam_sock *s,
		    int (*fn)(const void *s, struct sockaddr *addr, socklen_t *len))
{
	socklen_t len = SEAM_ADDR_MAX;

	c->r.rc = fn != NULL ? fn(s->end.s, (struct sockaddr *)c->out_addr, &len) : -EOPNOTSUPP;
	if (c->r.rc == 0)
		c->r.addr_len = len;
}

static void do_getsockname(struct seam_rpc *c, struct seam_sock *s)
{
	do_name(c, s, s->end.ops->getsockname);
}

static void do_getpeername(struct seam_rpc *c, struct seam_sock *s)
{
	do_name(c, s, s->end.ops->getpeername);
}

/* What lay there without one, or with the one before, is a copy that nobody will ask for. */
static int ring_set(struct seam_sock *s, const void *val, size_t len)
{
	bool was = s->ring.mem != NULL;
	int rc = seam_ring_set(&s->ring, &s->end, val, len);

	s->client->seam->n_rings += s->ring.mem != NULL;
	s->client->seam->n_rings -= was;
	if (rc == 0 && s->copy == COPY_THERE)
		seam_sock_take_copy(s);
	return rc;
}

/* Of a filter the instructions come instead of a pointer to them. */
static int set_option(const struct seam_rpc *c, struct seam_sock *s)
{
	const void *val = c->data;
	socklen_t len = c->q.data_len;
	struct sock_fprog prog;

	if (s->end.ops->setsockopt == NULL)
		return -ENOPROTOOPT;
	if (c->q.a == SOL_PACKET && c->q.b == PACKET_RX_RING)
		return ring_set(s, val, len);
	if (c->q.a == SOL_SOCKET && c->q.b == SO_ATTACH_FILTER) {
		memcpy(c->out_data, c->data, len);
		prog.filter = (struct sock_filter *)c->out_data;
		prog.len = (unsigned short)MIN(len / sizeof(*prog.filter), (size_t)UINT16_MAX);
		val = &prog;
		len = sizeof(prog);
	}
	return s->end.ops->setsockopt(s->end.s, (int)c->q.a, (int)c->q.b, val, len);
}

static void do_setsockopt(struct seam_rpc *c, struct seam_sock *s)
{
	c->r.rc = set_option(c, s);
}

static void do_getsockopt(struct seam_rpc *c, struct seam_sock *s)
{
	socklen_t room = MIN(c->q.c, (uint32_t)SEAM_DATA_MAX), len = room;

	if (s->end.ops->getsockopt == NULL)
		return;
	memcpy(c->out_data, c->data, c->q.data_len); /* some are told what is asked for there */
	c->r.rc = s->end.ops->getsockopt(s->end.s, (int)c->q.a, (int)c->q.b, c->out_data, &len);
	if (c->r.rc == 0) {
		c->r.flags = len; /* of NETLINK_LIST_MEMBERSHIPS more than there is room for */
		c->r.data_len = MIN(len, room);
	}
	error_taken(c, s); /* SO_ERROR */
}

static void do_sendmsg(struct seam_rpc *c, struct seam_sock *s)
{
	struct iovec iov = { c->data, c->q.data_len };
	struct msghdr m = { .msg_name = c->q.addr_len > 0 ? c->addr : NULL,
			    .msg_namelen = c->q.addr_len,
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = c->q.control_len > 0 ? c->control : NULL,
			    .msg_controllen = c->q.control_len };

	if (s->end.ops->sendmsg != NULL)
		c->r.rc = (int32_t)s->end.ops->sendmsg(s->end.s, &m, (int)c->q.flags);
}

static void received(struct seam_rpc *c, const struct msghdr *m, size_t n)
{
	c->r.flags = (uint32_t)m->msg_flags;
	c->r.addr_len = m->msg_name != NULL ? MIN(m->msg_namelen, (socklen_t)SEAM_ADDR_MAX) : 0;
	c->r.control_len = m->msg_control != NULL ? (uint32_t)m->msg_controllen : 0;
	c->r.data_len = (uint32_t)MIN(n, m->msg_iov->iov_len);
}

static void do_recvmsg(struct seam_rpc *c, struct seam_sock *s)
{
	int flags = (int)c->q.flags;
	struct iovec iov = { c->out_data, MIN(c->q.c, (uint32_t)SEAM_DATA_MAX) };
	struct msghdr m = { .msg_name = c->q.a > 0 ? c->out_addr : NULL,
			    .msg_namelen = MIN(c->q.a, (uint32_t)SEAM_ADDR_MAX),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = c->q.b > 0 ? c->out_control : NULL,
			    .msg_controllen = MIN(c->q.b, (uint32_t)SEAM_CONTROL_MAX) };
	ssize_t n;

	if (s->end.ops->recvmsg == NULL)
		return;
	seam_sock_look_at_copy(s);
	n = s->end.ops->recvmsg(s->end.s, &m, flags);
	c->r.rc = (int32_t)n;
	if (n >= 0 && (flags & (MSG_PEEK | MSG_ERRQUEUE)) == 0)
		fetched(c, s);
	error_taken(c, s);
	if (n >= 0)
		received(c, &m, (size_t)n);
}

static void do_shutdown(struct seam_rpc *c, struct seam_sock *s)
{
	if (s->end.ops->shutdown != NULL)
		c->r.rc = s->end.ops->shutdown(s->end.s, (int)c->q.a);
}

static void do_filled(struct seam_rpc *c, struct seam_sock *s)
{
	c->r.rc = 0;
	s->filled = c->q.a;
	s->will_fill = false;
}

static void do_ring(struct seam_rpc *c, struct seam_sock *s)
{
	c->r.rc = s->ring.mem != NULL ? 0 : -EINVAL;
	if (s->ring.mem == NULL)
		return;
	c->fd = fcntl(s->ring.fd, F_DUPFD_CLOEXEC, 0);
	c->r.rc = c->fd < 0 ? -errno : 0;
}

static void do_wait(struct seam_rpc *c, struct seam_sock *s)
{
	unsigned events = seam_sock_poll(s);
	/* of packets: whoever waits has just asked, and was told of none */
	bool whatever_error = !s->is_stream && (events & POLLERR) != 0;

	c->r.rc = (int32_t)(events & (c->q.a | (whatever_error ? 0 : POLLERR) | POLLHUP));
	if (c->r.rc != 0)
		return;
	if (s->n_waits == SEAM_WAITS_MAX) {
		c->r.rc = -ENOBUFS;
		return;
	}
	s->wait[s->n_waits].id = c->q.id;
	s->wait[s->n_waits].whatever_error = whatever_error;
	s->wait[s->n_waits++].events = c->q.a;
	c->later = true;
}

static void do_poll(struct seam_rpc *c, struct seam_sock *s)
{
	c->r.rc = (int32_t)seam_sock_poll(s);
}

/*
 * All.
 */

static void (*const about_node[SEAM_OPS])(struct seam_rpc *c) = {
	[SEAM_SOCKET] = do_socket, [SEAM_FILE] = do_file,     [SEAM_WRITE] = do_write,
	[SEAM_IOCTL] = do_ioctl,   [SEAM_CANCEL] = do_cancel,
};

static void (*const about_socket[SEAM_OPS])(struct seam_rpc *c, struct seam_sock *s) = {
	[SEAM_BIND] = do_bind,
	[SEAM_CONNECT] = do_connect,
	[SEAM_LISTEN] = do_listen,
	[SEAM_ACCEPT] = do_accept,
	[SEAM_GETSOCKNAME] = do_getsockname,
	[SEAM_GETPEERNAME] = do_getpeername,
	[SEAM_SETSOCKOPT] = do_setsockopt,
	[SEAM_GETSOCKOPT] = do_getsockopt,
	[SEAM_SENDMSG] = do_sendmsg,
	[SEAM_RECVMSG] = do_recvmsg,
	[SEAM_SHUTDOWN] = do_shutdown,
	[SEAM_FILLED] = do_filled,
	[SEAM_RING] = do_ring,
	[SEAM_WAIT] = do_wait,
	[SEAM_POLL] = do_poll,
};

void seam_request(struct seam_rpc *c)
{
	uint32_t op = c->q.op;
	struct seam_sock *s;

	if (op < SEAM_OPS && about_node[op] != NULL) {
		about_node[op](c);
		return;
	}
	s = seam_sock_by_id(c->cl, c->q.sock);
	if (s == NULL) {
		c->r.rc = -EBADF;
		return;
	}
	if (!s->is_stream) /* what was written before comes before */
		seam_sock_take_packets(s);
	c->r.rc = -EOPNOTSUPP;
	if (op < SEAM_OPS && about_socket[op] != NULL)
		about_socket[op](c, s);
	seam_sock_mark(s);
}
