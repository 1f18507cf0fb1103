/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/seam.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/list.h"
#include "host/end.h"
#include "host/seam_files.h"
#include "host/seam_ioctl.h"
#include "host/seam_ring.h"
#include "transport/sock.h"

#define RING_MS	    2 /* how long poll(2) may go on to return */
#define WAITS_MAX   8 /* threads that wait at one socket */
#define CHUNK	    65536
#define ROUNDS_MAX  16
#define ROOM	    212992 /* octets, doubled by the kernel: what it lets everybody have */
#define SOCK_EVENTS (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

enum thing { THING_CLIENT, THING_SOCK };

struct seam_client {
	enum thing thing; /* first: how seam_event() knows */
	struct seam *seam;
	int fd; /* -1: free */
	uint32_t n_socks;
	bool is_full; /* it reads no answers: asked for no more requests until it does */
};

/* What lies in the descriptor that the program has. */
enum copy {
	COPY_NONE,
	COPY_THERE, /* of the next packet */
	COPY_STALE, /* of the packet that was fetched: the client takes it away */
};

struct seam_sock {
	enum thing thing;
	struct seam_client *client;
	uint32_t id, pid; /* the node's number; of the program that opened it */
	int fd;		  /* of the pair, the node's */
	bool is_stream, listens;
	bool will_fill;	 /* SEAM_FILLED is to come: until then nobody looks at what is there */
	uint32_t filled; /* octets of a stream that are the client's, while it is not connected */
	bool in_over, out_over; /* of streams: the program's end, the peer's */
	bool connected;		/* it has been: a failure is no longer connect()'s */
	bool is_reset;		/* the program is to be told so */
	bool lingers;		/* the program has closed it: what it wrote is still to go */
	bool is_ready, is_gone;
	enum copy copy;
	bool copy_of_error; /* an empty packet: that there is something to be asked */
	struct end end;
	struct seam_ring ring;
	struct end_waiter waiter;
	unsigned n_waits;
	struct {
		uint32_t id, events;
		bool whatever_error; /* one that was there before is none to it */
	} wait[WAITS_MAX];
	struct list on, on_ready;
	struct hnode node;
	struct seam_sock *next_gone;
};

struct seam {
	struct node *node;
	int epoll_fd;
	uint32_t last_id, n_socks;
	uint32_t n_rings; /* sockets that have one */
	struct list socks, ready;
	struct htab by_id;
	struct seam_sock *gone; /* to be freed */
	struct seam_client client[SEAM_CLIENTS_MAX];
	struct seam_client nobody; /* whose streams outlive their client */
	_Alignas(16) uint8_t addr[SEAM_ADDR_MAX], control[SEAM_CONTROL_MAX];
	_Alignas(16) uint8_t out[SEAM_ADDR_MAX + SEAM_CONTROL_MAX + SEAM_DATA_MAX];
	uint8_t in[SEAM_MESSAGE_MAX], chunk[CHUNK];
};

/* A request with what follows it, and its answer. */
struct rpc {
	struct seam_client *cl;
	struct seam_req q;
	uint8_t *addr, *control, *data;
	struct seam_rsp r;
	uint8_t *out_addr, *out_control, *out_data;
	int fd; /* to be sent, and closed */
	bool later;
};

/* For struct iovec, what is only read. */
static void *unconst(const void *p)
{
	void *ret;

	memcpy(&ret, &p, sizeof(ret));
	return ret;
}

/*
 * Answers.
 */

static void answer(struct seam_client *cl, const struct seam_rsp *r, const struct rpc *with)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .room = { 0 } };
	struct iovec iov[4] = { { unconst(r), sizeof(*r) } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1 };
	struct cmsghdr *h;

	if (with != NULL) {
		iov[1] = (struct iovec){ with->out_addr, r->addr_len };
		iov[2] = (struct iovec){ with->out_control, r->control_len };
		iov[3] = (struct iovec){ with->out_data, r->data_len };
		m.msg_iovlen = 4;
	}
	if (with != NULL && with->fd >= 0) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof(control.room);
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &with->fd, sizeof(int));
	}
	(void)sendmsg(cl->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/*
 * Sockets.
 */

static void mark_ready(struct seam_sock *s)
{
	if (s->is_ready || s->is_gone)
		return;
	s->is_ready = true;
	list_add_tail(&s->client->seam->ready, &s->on_ready);
}

static void on_end(struct end_waiter *w)
{
	mark_ready(CONTAINER_OF(w, struct seam_sock, waiter));
}

/*
 * An octet is always left unread in the node's end of a stream: when a Unix socket with unread data is closed,
 * the kernel tells the other end ECONNRESET, which is what a program is to see of a reset. Of what the program
 * wrote at once (sendfile(2): 64 KiB) all is charged to it until the last octet is read, and it is not writable
 * while that is more than a quarter of its room.
 */
static bool put_stale(int fd)
{
	const int room = ROOM;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return send(fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

static void drop_stale(const struct seam_sock *s)
{
	uint8_t octet;

	(void)recv(s->fd, &octet, 1, MSG_DONTWAIT);
}

/* Of numbers that we give out: nobody aims at a bucket. */
static uint32_t hash_of(uint32_t id)
{
	return id * 0x9e3779b9u;
}

/* Freed by seam_flush(): events of it may be under way. */
static void sock_gone(struct seam_sock *s, bool tell)
{
	struct seam *seam = s->client->seam;
	struct seam_rsp r = { .id = 0, .rc = SEAM_GONE, .sock = s->id };

	if (s->is_gone)
		return;
	s->is_gone = true;
	if (s->is_stream && !s->is_reset)
		drop_stale(s);
	s->end.ops->close(s->end.s);
	seam->n_rings -= s->ring.mem != NULL;
	seam_ring_done(&s->ring);
	close(s->fd);
	if (s->is_ready)
		list_del(&s->on_ready);
	s->is_ready = false;
	list_del(&s->on);
	s->client->n_socks--;
	htab_del(&seam->by_id, &s->node);
	s->next_gone = seam->gone;
	seam->gone = s;
	seam->n_socks--;
	if (tell)
		answer(s->client, &r, NULL);
}

/* Return: 0 with the program's end in *@fd, or a negative errno with @end closed. */
static int sock_new(struct seam_client *cl, const struct end *end, uint32_t pid, bool is_stream,
		    int *fd, uint32_t *id)
{
	struct seam *seam = cl->seam;
	struct seam_sock *s = NULL;
	struct epoll_event ev = { .events = SOCK_EVENTS };
	int pair[2], rc = -ENFILE;
	struct stat st;

	if (seam->n_socks >= SEAM_SOCKS_MAX || cl->n_socks >= SEAM_SHARE_MAX)
		goto fail;
	rc = -ENOMEM;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		goto fail;
	if (socketpair(AF_UNIX,
		       (is_stream ? SOCK_STREAM : SOCK_SEQPACKET) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       pair) < 0) {
		rc = -errno;
		goto fail;
	}
	*s = (struct seam_sock){ .thing = THING_SOCK,
				 .client = cl,
				 .id = ++seam->last_id,
				 .pid = pid,
				 .fd = pair[0],
				 .is_stream = is_stream,
				 .end = *end,
				 .waiter = { on_end } };
	ev.data.ptr = s;
	rc = htab_add(&seam->by_id, &s->node, hash_of(s->id));
	if (rc == 0 && ((is_stream && !put_stale(pair[1])) ||
			epoll_ctl(seam->epoll_fd, EPOLL_CTL_ADD, s->fd, &ev) < 0)) {
		rc = -errno;
		htab_del(&seam->by_id, &s->node);
	}
	if (rc < 0) {
		close(pair[0]);
		close(pair[1]);
		goto fail;
	}
	list_add_tail(&seam->socks, &s->on);
	seam->n_socks++;
	if (end->ops->owner != NULL && fstat(pair[1], &st) == 0)
		end->ops->owner(end->s, st.st_ino, pid);
	cl->n_socks++;
	end->ops->on_ready(end->s, &s->waiter);
	*fd = pair[1];
	*id = s->id;
	return 0;
fail:
	end->ops->close(end->s);
	free(s);
	return rc;
}

static struct seam_sock *sock_of(const struct seam_client *cl, uint32_t id)
{
	for (struct hnode *n = htab_first(&cl->seam->by_id, hash_of(id)); n != NULL;
	     n = htab_next(n)) {
		struct seam_sock *s = CONTAINER_OF(n, struct seam_sock, node);

		if (s->id == id && s->client == cl)
			return s;
	}
	return NULL;
}

static unsigned poll_of(const struct seam_sock *s)
{
	return s->end.ops->poll(s->end.s);
}

/*
 * Packets.
 */

static ssize_t receive(struct seam_sock *s, void *p, size_t n, int flags)
{
	struct iovec iov = { p, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	return s->end.ops->recvmsg(s->end.s, &m, flags);
}

static bool copy_is_gone(const struct seam_sock *s)
{
	int octets = 0;

	return ioctl(s->fd, SIOCOUTQ, &octets) == 0 && octets == 0;
}

/* The program has read it, or the client has taken it away. */
static void look_at_copy(struct seam_sock *s)
{
	uint8_t octet;

	if (s->copy == COPY_NONE || !copy_is_gone(s))
		return;
	if (s->copy == COPY_THERE && !s->listens)
		(void)receive(s, &octet, 1, MSG_TRUNC);
	s->copy = COPY_NONE;
}

static void put_copy(struct seam_sock *s)
{
	struct seam *seam = s->client->seam;
	unsigned events = poll_of(s);
	ssize_t n = s->listens ? 1 : 0;

	if (s->copy != COPY_NONE || (events & (POLLIN | POLLERR)) == 0)
		return;
	s->copy_of_error = (events & POLLERR) != 0;
	if (!s->listens && !s->copy_of_error)
		n = receive(s, seam->chunk, sizeof(seam->chunk), MSG_PEEK);
	/* an error: that there is something to read, so that somebody asks */
	if (send(s->fd, seam->chunk, n > 0 ? (size_t)n : 0, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		s->copy = COPY_THERE;
}

/*
 * A program looks into the ring and not at what makes poll(2) return, so somebody has to take that away
 * when it has seen all; that it has is found out by looking, too, every RING_MS.
 */
static void ring_go_on(struct seam_sock *s)
{
	struct seam_rsp take = { .rc = SEAM_TAKE_COPY, .sock = s->id };
	bool waits = (poll_of(s) & (POLLIN | POLLERR)) != 0;

	if (s->copy != COPY_NONE && copy_is_gone(s))
		s->copy = COPY_NONE;
	if (s->copy == COPY_NONE && waits) {
		if (send(s->fd, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			s->copy = COPY_THERE;
	} else if (s->copy == COPY_THERE && !waits) {
		s->copy = COPY_STALE;
		answer(s->client, &take, NULL);
	}
}

static ssize_t send_on(struct seam_sock *s, const void *p, size_t n)
{
	struct iovec iov = { unconst(p), n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (s->end.ops->sendmsg == NULL)
		return -EOPNOTSUPP;
	return s->end.ops->sendmsg(s->end.s, &m, s->is_stream ? 0 : SOCK_SEND_LATE);
}

static bool has(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 0) > 0 && (p.revents & events) != 0;
}

/* What the program has written without a word to anybody; an empty packet is one, too. */
static void take_packets(struct seam_sock *s)
{
	struct seam *seam = s->client->seam;

	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		ssize_t n = recv(s->fd, seam->chunk, sizeof(seam->chunk), MSG_DONTWAIT);

		if (n < 0 || (n == 0 && has(s->fd, POLLRDHUP)))
			return;
		(void)send_on(s, seam->chunk, (size_t)n);
	}
	mark_ready(s); /* there may be more: the others first */
}

/*
 * Streams.
 */

static void stream_out(struct seam_sock *s)
{
	uint8_t *chunk = s->client->seam->chunk;
	ssize_t n = 0, k;

	for (unsigned i = 0; i < ROUNDS_MAX && !s->out_over && !s->lingers; i++) {
		n = receive(s, chunk, CHUNK, MSG_PEEK);
		if (n <= 0)
			break;
		k = send(s->fd, chunk, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (k <= 0)
			return;
		(void)receive(s, chunk, (size_t)k, 0);
	}
	if (n > 0)
		mark_ready(s); /* there may be more: the others first */
	if (s->out_over || n > 0 || n == -EAGAIN || n == -ENOTCONN)
		return;
	if (n < 0 && s->connected) {
		s->is_reset = true;
		sock_gone(s, true);
		return;
	}
	s->out_over = true;
	(void)shutdown(s->fd, SHUT_WR);
}

/* The outcome of connect() is known: what was to keep poll() waiting goes. */
static void throw_away(struct seam_sock *s)
{
	uint8_t *chunk = s->client->seam->chunk;
	ssize_t n = 1;

	while (s->filled > 0 && n > 0) {
		n = recv(s->fd, chunk, MIN(s->filled, (uint32_t)CHUNK), MSG_DONTWAIT);
		s->filled -= n > 0 ? (uint32_t)n : 0;
	}
	s->filled = 0;
}

static void stream_in(struct seam_sock *s)
{
	uint8_t *chunk = s->client->seam->chunk;
	ssize_t n = 0, k;

	for (unsigned i = 0; i < ROUNDS_MAX && !s->in_over; i++) {
		if ((poll_of(s) & POLLOUT) == 0)
			return;
		/* the first is the stale one, behind which the last of these will be */
		n = recv(s->fd, chunk, CHUNK, MSG_DONTWAIT | MSG_PEEK) - 1;
		if (n <= 0)
			break;
		k = send_on(s, chunk + 1, (size_t)n);
		if (k == -EAGAIN)
			return;
		(void)recv(s->fd, chunk, k > 0 ? (size_t)k : (size_t)n, MSG_DONTWAIT);
	}
	if (n > 0)
		mark_ready(s);
	if (n == 0 && !s->in_over && has(s->fd, POLLRDHUP)) {
		s->in_over = true;
		if (s->end.ops->shutdown != NULL)
			(void)s->end.ops->shutdown(s->end.s, SHUT_WR);
	}
}

/*
 * Both.
 */

static void tell_waiting(struct seam_sock *s)
{
	unsigned events = s->n_waits > 0 ? poll_of(s) : 0;

	for (unsigned i = 0; i < s->n_waits;) {
		unsigned err = s->wait[i].whatever_error ? 0 : POLLERR;
		unsigned now = events & (s->wait[i].events | err | POLLHUP);
		struct seam_rsp r = { .id = s->wait[i].id, .rc = (int32_t)now };

		if (now == 0) {
			i++;
			continue;
		}
		s->wait[i] = s->wait[--s->n_waits];
		answer(s->client, &r, NULL);
	}
}

static void note_connected(struct seam_sock *s)
{
	if (!s->connected)
		s->connected = (poll_of(s) & (POLLOUT | POLLERR | POLLHUP)) == POLLOUT;
}

static void go_on(struct seam_sock *s)
{
	if (s->is_stream && !s->listens) {
		note_connected(s);
		if (s->filled > 0 && (poll_of(s) & (POLLOUT | POLLERR | POLLHUP)) != 0)
			throw_away(s);
		if (s->filled == 0 && !s->will_fill)
			stream_in(s);
		if (s->lingers && (s->in_over || (poll_of(s) & (POLLERR | POLLHUP)) != 0)) {
			sock_gone(s, true);
			return;
		}
		stream_out(s);
		if (s->is_gone)
			return;
	} else {
		take_packets(s);
		if (s->ring.mem != NULL) {
			ring_go_on(s);
		} else {
			look_at_copy(s);
			put_copy(s);
		}
	}
	tell_waiting(s);
}

/*
 * Has the program closed a connection without having read all? RFC 9293 section 3.6.1: then the peer SHOULD be
 * told by a reset (SHLD-3). What lay in the program's end TCP takes for read.
 */
static bool left_unread(struct seam_sock *s)
{
	const struct linger now = { .l_onoff = 1 };
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0 || err != ECONNRESET)
		return false;
	(void)s->end.ops->setsockopt(s->end.s, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	return true;
}

static void on_sock(struct seam_sock *s, uint32_t events)
{
	if (s->is_gone)
		return;
	if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
		s->lingers = true;
		if (s->is_stream && left_unread(s)) {
			sock_gone(s, true);
			return;
		}
		if (!s->is_stream)
			take_packets(s);
		if (!s->is_stream || s->listens || s->filled > 0 || s->will_fill) {
			sock_gone(s, true);
			return;
		}
	}
	go_on(s);
}

/*
 * Requests.
 */

static void do_socket(struct rpc *c)
{
	struct end end;
	int type = (int)c->q.b;

	c->r.rc = end_open(c->cl->seam->node, (int)c->q.a, type, (int)c->q.c, c->q.flags, &end);
	if (c->r.rc == 0)
		c->r.rc =
			sock_new(c->cl, &end, c->q.flags, type == SOCK_STREAM, &c->fd, &c->r.sock);
}

/* What lies there is to be taken away by the client. */
static void fetched(struct rpc *c, struct seam_sock *s)
{
	if (s->copy != COPY_THERE)
		return;
	s->copy = COPY_STALE;
	c->r.copy = 1;
}

static void error_taken(struct rpc *c, struct seam_sock *s)
{
	if (s->copy_of_error && (poll_of(s) & POLLERR) == 0)
		fetched(c, s);
}

static void do_accept(struct rpc *c, struct seam_sock *s)
{
	socklen_t len = SEAM_ADDR_MAX;
	struct end end;

	look_at_copy(s);
	c->r.rc = s->end.ops->accept != NULL ? s->end.ops->accept(s->end.s, &end) : -EOPNOTSUPP;
	if (c->r.rc < 0)
		return;
	fetched(c, s);
	if (end.ops->getpeername(end.s, (struct sockaddr *)c->out_addr, &len) == 0)
		c->r.addr_len = len;
	c->r.rc = sock_new(c->cl, &end, s->pid, true, &c->fd, &c->r.sock);
}

static void do_name(struct rpc *c, struct seam_sock *s,
		    int (*fn)(const void *s, struct sockaddr *addr, socklen_t *len))
{
	socklen_t len = SEAM_ADDR_MAX;

	c->r.rc = fn != NULL ? fn(s->end.s, (struct sockaddr *)c->out_addr, &len) : -EOPNOTSUPP;
	if (c->r.rc == 0)
		c->r.addr_len = len;
}

static void do_getsockopt(struct rpc *c, struct seam_sock *s)
{
	socklen_t room = MIN(c->q.c, (uint32_t)SEAM_DATA_MAX), len = room;

	memcpy(c->out_data, c->data, c->q.data_len); /* some are told what is asked for there */
	c->r.rc = s->end.ops->getsockopt(s->end.s, (int)c->q.a, (int)c->q.b, c->out_data, &len);
	if (c->r.rc == 0) {
		c->r.flags = len; /* of NETLINK_LIST_MEMBERSHIPS more than there is room for */
		c->r.data_len = MIN(len, room);
	}
	error_taken(c, s); /* SO_ERROR */
}

static void do_sendmsg(struct rpc *c, struct seam_sock *s)
{
	struct iovec iov = { c->data, c->q.data_len };
	struct msghdr m = { .msg_name = c->q.addr_len > 0 ? c->addr : NULL,
			    .msg_namelen = c->q.addr_len,
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = c->q.control_len > 0 ? c->control : NULL,
			    .msg_controllen = c->q.control_len };

	c->r.rc = (int32_t)s->end.ops->sendmsg(s->end.s, &m, (int)c->q.flags);
}

static void do_recvmsg(struct rpc *c, struct seam_sock *s)
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

	look_at_copy(s);
	n = s->end.ops->recvmsg(s->end.s, &m, flags);
	c->r.rc = (int32_t)n;
	if (n >= 0 && (flags & (MSG_PEEK | MSG_ERRQUEUE)) == 0)
		fetched(c, s);
	error_taken(c, s);
	if (n < 0)
		return;
	c->r.flags = (uint32_t)m.msg_flags;
	c->r.addr_len = m.msg_name != NULL ? MIN(m.msg_namelen, (socklen_t)SEAM_ADDR_MAX) : 0;
	c->r.control_len = m.msg_control != NULL ? (uint32_t)m.msg_controllen : 0;
	c->r.data_len = (uint32_t)MIN((size_t)n, iov.iov_len);
}

static void do_wait(struct rpc *c, struct seam_sock *s)
{
	unsigned events = poll_of(s);
	/* of packets: whoever waits has just asked, and was told of none */
	bool whatever_error = !s->is_stream && (events & POLLERR) != 0;

	c->r.rc = (int32_t)(events & (c->q.a | (whatever_error ? 0 : POLLERR) | POLLHUP));
	if (c->r.rc != 0)
		return;
	if (s->n_waits == WAITS_MAX) {
		c->r.rc = -ENOBUFS;
		return;
	}
	s->wait[s->n_waits].id = c->q.id;
	s->wait[s->n_waits].whatever_error = whatever_error;
	s->wait[s->n_waits++].events = c->q.a;
	c->later = true;
}

static void do_cancel(const struct rpc *c)
{
	LIST_FOR_EACH(it, &c->cl->seam->socks) {
		struct seam_sock *s = LIST_ENTRY(it, struct seam_sock, on);

		for (unsigned i = 0; s->client == c->cl && i < s->n_waits; i++)
			if (s->wait[i].id == c->q.a)
				s->wait[i] = s->wait[--s->n_waits];
	}
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

static void do_file(struct rpc *c)
{
	char path[SEAM_PATH_MAX];
	struct node *n = c->cl->seam->node;
	struct text t = { .n = 0 };

	c->r.rc = -ENOENT;
	if (c->q.data_len >= sizeof(path))
		return;
	memcpy(path, c->data, c->q.data_len);
	path[c->q.data_len] = '\0';
	c->r.rc = seam_file_what(n, path);
	if (c->r.rc < 0)
		return;
	c->r.flags = (uint32_t)c->r.rc;
	c->r.rc = 0;
	if (c->q.a == 0)
		return;
	if (c->r.flags != SEAM_FILE_DIR) {
		c->r.rc = seam_file(n, path, &t);
		if (c->r.rc == 0)
			c->r.rc = c->fd = sealed_file(path, &t);
	} else {
		c->r.rc = seam_file_list(n, path, &t);
		if (c->r.rc == 0 && t.n <= SEAM_DATA_MAX)
			memcpy(c->out_data, t.buf, c->r.data_len = (uint32_t)t.n);
	}
	c->r.rc = MIN(c->r.rc, 0);
	text_done(&t);
}

static void do_write(struct rpc *c)
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

static void do_ioctl(struct rpc *c)
{
	int rc;

	memcpy(c->out_data, c->data, c->q.data_len);
	rc = seam_ioctl(c->cl->seam->node, c->q.a, (int)c->q.b, c->out_data, c->q.data_len);
	c->r.data_len = rc > 0 ? (uint32_t)rc : 0;
	c->r.rc = MIN(rc, 0);
}

/* What lay there without one, or with the one before, is a copy that nobody will ask for. */
static int ring_set(struct seam_sock *s, const void *val, size_t len)
{
	struct seam_rsp take = { .rc = SEAM_TAKE_COPY, .sock = s->id };
	bool was = s->ring.mem != NULL;
	int rc = seam_ring_set(&s->ring, &s->end, val, len);

	s->client->seam->n_rings += s->ring.mem != NULL;
	s->client->seam->n_rings -= was;
	if (rc < 0 || s->copy != COPY_THERE)
		return rc;
	s->copy = COPY_STALE;
	answer(s->client, &take, NULL);
	return rc;
}

static void do_ring(struct rpc *c, const struct seam_sock *s)
{
	c->r.rc = s->ring.mem != NULL ? 0 : -EINVAL;
	if (s->ring.mem == NULL)
		return;
	c->fd = fcntl(s->ring.fd, F_DUPFD_CLOEXEC, 0);
	c->r.rc = c->fd < 0 ? -errno : 0;
}

/* Of a filter the instructions come instead of a pointer to them. */
static int do_setsockopt(struct rpc *c, struct seam_sock *s)
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

/* A request about a socket. What the kind cannot do is -EOPNOTSUPP. */
static void on_socket(struct rpc *c, struct seam_sock *s)
{
	const struct end_ops *o = s->end.ops;
	const struct sockaddr *addr = (const struct sockaddr *)c->addr;

	if (!s->is_stream) /* what was written before comes before */
		take_packets(s);
	c->r.rc = -EOPNOTSUPP;
	if (c->q.op == SEAM_BIND && o->bind != NULL) {
		c->r.rc = o->bind(s->end.s, addr, c->q.addr_len);
	} else if (c->q.op == SEAM_CONNECT && o->connect != NULL) {
		c->r.rc = o->connect(s->end.s, addr, c->q.addr_len);
		s->will_fill = c->r.rc == -EINPROGRESS && c->q.flags != 0;
	} else if (c->q.op == SEAM_LISTEN && o->listen != NULL) {
		c->r.rc = o->listen(s->end.s, (int)c->q.a);
		s->listens = c->r.rc == 0;
	} else if (c->q.op == SEAM_ACCEPT) {
		do_accept(c, s);
	} else if (c->q.op == SEAM_GETSOCKNAME) {
		do_name(c, s, o->getsockname);
	} else if (c->q.op == SEAM_GETPEERNAME) {
		do_name(c, s, o->getpeername);
	} else if (c->q.op == SEAM_SETSOCKOPT) {
		c->r.rc = do_setsockopt(c, s);
	} else if (c->q.op == SEAM_GETSOCKOPT && o->getsockopt != NULL) {
		do_getsockopt(c, s);
	} else if (c->q.op == SEAM_SENDMSG && o->sendmsg != NULL) {
		do_sendmsg(c, s);
	} else if (c->q.op == SEAM_RECVMSG && o->recvmsg != NULL) {
		do_recvmsg(c, s);
	} else if (c->q.op == SEAM_SHUTDOWN && o->shutdown != NULL) {
		c->r.rc = o->shutdown(s->end.s, (int)c->q.a);
	} else if (c->q.op == SEAM_FILLED) {
		c->r.rc = 0;
		s->filled = c->q.a;
		s->will_fill = false;
	} else if (c->q.op == SEAM_RING) {
		do_ring(c, s);
	} else if (c->q.op == SEAM_WAIT) {
		do_wait(c, s);
	} else if (c->q.op == SEAM_POLL) {
		c->r.rc = (int32_t)poll_of(s);
	}
	mark_ready(s);
}

static void request(struct rpc *c)
{
	struct seam_sock *s;

	if (c->q.op == SEAM_SOCKET) {
		do_socket(c);
	} else if (c->q.op == SEAM_FILE) {
		do_file(c);
	} else if (c->q.op == SEAM_WRITE) {
		do_write(c);
	} else if (c->q.op == SEAM_IOCTL) {
		do_ioctl(c);
	} else if (c->q.op == SEAM_CANCEL) {
		do_cancel(c);
		c->later = true;
	} else {
		s = sock_of(c->cl, c->q.sock);
		if (s == NULL)
			c->r.rc = -EBADF;
		else
			on_socket(c, s);
	}
}

/*
 * Clients.
 */

static void client_close(struct seam_client *cl)
{
	struct seam *seam = cl->seam;

	LIST_FOR_EACH(it, &seam->socks) {
		struct seam_sock *s = LIST_ENTRY(it, struct seam_sock, on);

		if (s->client != cl)
			continue;
		if (!s->is_stream || s->listens || seam->nobody.n_socks >= SEAM_LINGER_MAX) {
			sock_gone(s, false);
			continue;
		}
		s->client = &seam->nobody; /* ends when what was written has gone */
		s->client->n_socks++;
		cl->n_socks--;
	}
	close(cl->fd);
	cl->fd = -1;
}

/* Return: false when there is nothing more, or what came is not a request. */
static bool take_request(struct seam_client *cl)
{
	struct seam *seam = cl->seam;
	struct rpc c = { .cl = cl, .fd = -1 };
	ssize_t n = recv(cl->fd, seam->in, sizeof(seam->in), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return false;
	if ((size_t)n < sizeof(c.q) || (size_t)n > sizeof(seam->in)) {
		client_close(cl);
		return false;
	}
	memcpy(&c.q, seam->in, sizeof(c.q));
	if (c.q.addr_len > SEAM_ADDR_MAX || c.q.control_len > SEAM_CONTROL_MAX ||
	    c.q.data_len > SEAM_DATA_MAX || (c.q.id == 0 && c.q.op != SEAM_CANCEL) ||
	    (size_t)n != sizeof(c.q) + c.q.addr_len + c.q.control_len + c.q.data_len) {
		client_close(cl);
		return false;
	}
	memcpy(seam->addr, seam->in + sizeof(c.q), c.q.addr_len);
	memcpy(seam->control, seam->in + sizeof(c.q) + c.q.addr_len, c.q.control_len);
	c.addr = seam->addr;
	c.control = seam->control;
	c.data = seam->in + sizeof(c.q) + c.q.addr_len + c.q.control_len;
	c.out_addr = seam->out;
	c.out_control = c.out_addr + SEAM_ADDR_MAX;
	c.out_data = c.out_control + SEAM_CONTROL_MAX;
	c.r.id = c.q.id;
	memset(c.out_addr, 0, SEAM_ADDR_MAX); /* nothing of other clients' */
	request(&c);
	if (!c.later)
		answer(cl, &c.r, &c);
	if (c.fd >= 0)
		close(c.fd);
	return true;
}

int seam_client(struct seam *s)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int pair[2];

	for (unsigned i = 0; i < SEAM_CLIENTS_MAX; i++) {
		struct seam_client *cl = &s->client[i];

		if (cl->fd >= 0)
			continue;
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
			return -errno;
		cl->fd = pair[0];
		cl->is_full = false;
		ev.data.ptr = cl;
		if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, cl->fd, &ev) == 0)
			return pair[1];
		close(pair[0]);
		close(pair[1]);
		cl->fd = -1;
		return -ENOMEM;
	}
	return -EMFILE;
}

/* Requests that wait would be an event again and again, while no answer has room. */
static void watch_room(struct seam_client *cl)
{
	bool full = !has(cl->fd, POLLOUT);
	struct epoll_event ev = { .events = full ? EPOLLOUT : EPOLLIN, .data.ptr = cl };

	if (full != cl->is_full)
		(void)epoll_ctl(cl->seam->epoll_fd, EPOLL_CTL_MOD, cl->fd, &ev);
	cl->is_full = full;
}

bool seam_event(struct seam *s, void *what, uint32_t events)
{
	struct seam_client *cl = what;

	(void)s;
	if (cl->thing == THING_SOCK) {
		on_sock(what, events);
		return true;
	}
	/* what is not asked while the client has no room for answers is asked later */
	for (unsigned i = 0;
	     i < ROUNDS_MAX && cl->fd >= 0 && has(cl->fd, POLLOUT) && take_request(cl); i++) {
	}
	if (cl->fd >= 0 && (events & (EPOLLHUP | EPOLLERR)) != 0)
		client_close(cl);
	if (cl->fd >= 0)
		watch_room(cl);
	return true;
}

int seam_patience(const struct seam *s)
{
	if (s->n_rings == 0)
		return -1;
	LIST_FOR_EACH(it, &s->socks) {
		const struct seam_sock *k = LIST_ENTRY(it, struct seam_sock, on);

		if (k->ring.mem != NULL && k->copy == COPY_THERE)
			return RING_MS;
	}
	return -1;
}

static void look_at_rings(struct seam *s)
{
	LIST_FOR_EACH(it, &s->socks) {
		struct seam_sock *k = LIST_ENTRY(it, struct seam_sock, on);

		if (k->ring.mem != NULL && k->copy == COPY_THERE)
			mark_ready(k);
	}
}

bool seam_has_work(const struct seam *s)
{
	return !list_is_empty(&s->ready);
}

void seam_flush(struct seam *s)
{
	if (s->n_rings > 0)
		look_at_rings(s);
	for (unsigned i = s->n_socks; i > 0 && !list_is_empty(&s->ready); i--) {
		struct seam_sock *k = LIST_ENTRY(s->ready.next, struct seam_sock, on_ready);

		list_del(&k->on_ready);
		k->is_ready = false;
		go_on(k);
	}
	while (s->gone != NULL) {
		struct seam_sock *k = s->gone;

		s->gone = k->next_gone;
		free(k);
	}
}

struct seam *seam_new(struct node *n, int epoll_fd)
{
	struct seam *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->node = n;
	s->epoll_fd = epoll_fd;
	list_init(&s->socks);
	list_init(&s->ready);
	s->nobody = (struct seam_client){ THING_CLIENT, s, -1, 0, false };
	for (unsigned i = 0; i < SEAM_CLIENTS_MAX; i++)
		s->client[i] = (struct seam_client){ THING_CLIENT, s, -1, 0, false };
	return s;
}

void seam_free(struct seam *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < SEAM_CLIENTS_MAX; i++)
		if (s->client[i].fd >= 0)
			client_close(&s->client[i]);
	LIST_FOR_EACH(it, &s->socks)
		sock_gone(LIST_ENTRY(it, struct seam_sock, on), false);
	seam_flush(s);
	htab_done(&s->by_id);
	free(s);
}
