/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: one socket, between the node (struct end) and the program, which has the other end of
 * a pair of Unix sockets. Of a stream octets are moved between both; of all else the next packet lies there as a
 * copy, and what the program writes is taken. seam.h tells what programs see of it.
 */
#include "host/seam_part.h"

#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport/sock.h"

#define ROOM	    212992 /* octets, doubled by the kernel: what it lets everybody have */
#define SOCK_EVENTS (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

bool seam_fd_has(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 0) > 0 && (p.revents & events) != 0;
}

void seam_sock_mark(struct seam_sock *s)
{
	if (s->is_ready || s->is_gone)
		return;
	s->is_ready = true;
	list_add_tail(&s->client->seam->ready, &s->on_ready);
}

static void on_end(struct end_waiter *w)
{
	seam_sock_mark(CONTAINER_OF(w, struct seam_sock, waiter));
}

unsigned seam_sock_poll(const struct seam_sock *s)
{
	return s->end.ops->poll(s->end.s);
}

/*
 * Begin and end.
 */

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

void seam_sock_gone(struct seam_sock *s, bool tell)
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
		seam_answer(s->client, &r, NULL);
}

/* The two ends of what stands for a socket: the node's, the program's. Return: 0 or a negative errno. */
static int pair_new(bool is_stream, int pair[2])
{
	int type = is_stream ? SOCK_STREAM : SOCK_SEQPACKET, rc = 0;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	if (is_stream && !put_stale(pair[1]))
		rc = -errno;
	if (rc < 0) {
		close(pair[0]);
		close(pair[1]);
	}
	return rc;
}

/* Into the tables of its seam. Return: 0, or a negative errno with nothing done. */
static int sock_enter(struct seam_sock *s)
{
	struct seam *seam = s->client->seam;
	struct epoll_event ev = { .events = SOCK_EVENTS, .data.ptr = s };
	int rc = htab_add(&seam->by_id, &s->node, hash_of(s->id));

	if (rc < 0)
		return rc;
	if (epoll_ctl(seam->epoll_fd, EPOLL_CTL_ADD, s->fd, &ev) < 0) {
		rc = -errno;
		htab_del(&seam->by_id, &s->node);
		return rc;
	}
	list_add_tail(&seam->socks, &s->on);
	seam->n_socks++;
	s->client->n_socks++;
	return 0;
}

static int sock_start(struct seam_sock *s, const struct seam_sock *as, int *fd)
{
	int pair[2], rc = pair_new(as->is_stream, pair);
	struct stat st;

	if (rc < 0)
		return rc;
	*s = *as;
	s->id = ++s->client->seam->last_id;
	s->fd = pair[0];
	rc = sock_enter(s);
	if (rc < 0) {
		close(pair[0]);
		close(pair[1]);
		return rc;
	}
	if (s->end.ops->owner != NULL && fstat(pair[1], &st) == 0)
		s->end.ops->owner(s->end.s, st.st_ino, s->pid);
	s->end.ops->on_ready(s->end.s, &s->waiter);
	*fd = pair[1];
	return 0;
}

int seam_sock_new(struct seam_client *cl, const struct end *end, uint32_t pid, bool is_stream,
		  int *fd, uint32_t *id)
{
	const struct seam_sock as = { .thing = SEAM_THING_SOCK,
				      .client = cl,
				      .pid = pid,
				      .is_stream = is_stream,
				      .end = *end,
				      .waiter = { on_end } };
	struct seam_sock *s = NULL;
	int rc = -ENFILE;

	if (cl->seam->n_socks < SEAM_SOCKS_MAX && cl->n_socks < SEAM_SHARE_MAX) {
		s = calloc(1, sizeof(*s));
		rc = s != NULL ? sock_start(s, &as, fd) : -ENOMEM;
	}
	if (rc < 0) {
		end->ops->close(end->s);
		free(s);
		return rc;
	}
	*id = s->id;
	return 0;
}

struct seam_sock *seam_sock_by_id(const struct seam_client *cl, uint32_t id)
{
	for (struct hnode *n = htab_first(&cl->seam->by_id, hash_of(id)); n != NULL;
	     n = htab_next(n)) {
		struct seam_sock *s = CONTAINER_OF(n, struct seam_sock, node);

		if (s->id == id && s->client == cl)
			return s;
	}
	return NULL;
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

void seam_sock_look_at_copy(struct seam_sock *s)
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
	unsigned events = seam_sock_poll(s);
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

void seam_sock_take_copy(struct seam_sock *s)
{
	struct seam_rsp take = { .rc = SEAM_TAKE_COPY, .sock = s->id };

	s->copy = COPY_STALE;
	seam_answer(s->client, &take, NULL);
}

/*
 * A program looks into the ring and not at what makes poll(2) return, so somebody has to take that away
 * when it has seen all; that it has is found out by looking, too, every RING_MS.
 */
static void ring_go_on(struct seam_sock *s)
{
	bool waits = (seam_sock_poll(s) & (POLLIN | POLLERR)) != 0;

	if (s->copy != COPY_NONE && copy_is_gone(s))
		s->copy = COPY_NONE;
	if (s->copy == COPY_NONE && waits) {
		if (send(s->fd, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			s->copy = COPY_THERE;
	} else if (s->copy == COPY_THERE && !waits) {
		seam_sock_take_copy(s);
	}
}

static ssize_t send_on(struct seam_sock *s, const void *p, size_t n)
{
	struct iovec iov = { seam_unconst(p), n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (s->end.ops->sendmsg == NULL)
		return -EOPNOTSUPP;
	return s->end.ops->sendmsg(s->end.s, &m, s->is_stream ? 0 : SOCK_SEND_LATE);
}

void seam_sock_take_packets(struct seam_sock *s)
{
	struct seam *seam = s->client->seam;

	for (unsigned i = 0; i < SEAM_ROUNDS_MAX; i++) {
		ssize_t n = recv(s->fd, seam->chunk, sizeof(seam->chunk), MSG_DONTWAIT);

		if (n < 0 || (n == 0 && seam_fd_has(s->fd, POLLRDHUP)))
			return;
		(void)send_on(s, seam->chunk, (size_t)n);
	}
	seam_sock_mark(s); /* there may be more: the others first */
}

/*
 * Streams.
 */

static void stream_out(struct seam_sock *s)
{
	uint8_t *chunk = s->client->seam->chunk;
	ssize_t n = 0, k;

	for (unsigned i = 0; i < SEAM_ROUNDS_MAX && !s->out_over && !s->lingers; i++) {
		n = receive(s, chunk, SEAM_CHUNK, MSG_PEEK);
		if (n <= 0)
			break;
		k = send(s->fd, chunk, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (k <= 0)
			return;
		(void)receive(s, chunk, (size_t)k, 0);
	}
	if (n > 0)
		seam_sock_mark(s); /* there may be more: the others first */
	if (s->out_over || n > 0 || n == -EAGAIN || n == -ENOTCONN)
		return;
	if (n < 0 && s->connected) {
		s->is_reset = true;
		seam_sock_gone(s, true);
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
		n = recv(s->fd, chunk, MIN(s->filled, (uint32_t)SEAM_CHUNK), MSG_DONTWAIT);
		s->filled -= n > 0 ? (uint32_t)n : 0;
	}
	s->filled = 0;
}

static void stream_in(struct seam_sock *s)
{
	uint8_t *chunk = s->client->seam->chunk;
	ssize_t n = 0, k;

	for (unsigned i = 0; i < SEAM_ROUNDS_MAX && !s->in_over; i++) {
		if ((seam_sock_poll(s) & POLLOUT) == 0)
			return;
		/* the first is the stale one, behind which the last of these will be */
		n = recv(s->fd, chunk, SEAM_CHUNK, MSG_DONTWAIT | MSG_PEEK) - 1;
		if (n <= 0)
			break;
		k = send_on(s, chunk + 1, (size_t)n);
		if (k == -EAGAIN)
			return;
		(void)recv(s->fd, chunk, k > 0 ? (size_t)k : (size_t)n, MSG_DONTWAIT);
	}
	if (n > 0)
		seam_sock_mark(s);
	if (n == 0 && !s->in_over && seam_fd_has(s->fd, POLLRDHUP)) {
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
	unsigned events = s->n_waits > 0 ? seam_sock_poll(s) : 0;

	for (unsigned i = 0; i < s->n_waits;) {
		unsigned err = s->wait[i].whatever_error ? 0 : POLLERR;
		unsigned now = events & (s->wait[i].events | err | POLLHUP);
		struct seam_rsp r = { .id = s->wait[i].id, .rc = (int32_t)now };

		if (now == 0) {
			i++;
			continue;
		}
		s->wait[i] = s->wait[--s->n_waits];
		seam_answer(s->client, &r, NULL);
	}
}

static void note_connected(struct seam_sock *s)
{
	if (!s->connected)
		s->connected = (seam_sock_poll(s) & (POLLOUT | POLLERR | POLLHUP)) == POLLOUT;
}

/* Return: false when it is gone. */
static bool stream_go_on(struct seam_sock *s)
{
	note_connected(s);
	if (s->filled > 0 && (seam_sock_poll(s) & (POLLOUT | POLLERR | POLLHUP)) != 0)
		throw_away(s);
	if (s->filled == 0 && !s->will_fill)
		stream_in(s);
	if (s->lingers && (s->in_over || (seam_sock_poll(s) & (POLLERR | POLLHUP)) != 0)) {
		seam_sock_gone(s, true);
		return false;
	}
	stream_out(s);
	return !s->is_gone;
}

static void packets_go_on(struct seam_sock *s)
{
	seam_sock_take_packets(s);
	if (s->ring.mem != NULL) {
		ring_go_on(s);
	} else {
		seam_sock_look_at_copy(s);
		put_copy(s);
	}
}

void seam_sock_go_on(struct seam_sock *s)
{
	if (!s->is_stream || s->listens)
		packets_go_on(s);
	else if (!stream_go_on(s))
		return;
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

void seam_sock_event(struct seam_sock *s, uint32_t events)
{
	if (s->is_gone)
		return;
	if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
		s->lingers = true;
		if (s->is_stream && left_unread(s)) {
			seam_sock_gone(s, true);
			return;
		}
		if (!s->is_stream)
			seam_sock_take_packets(s);
		if (!s->is_stream || s->listens || s->filled > 0 || s->will_fill) {
			seam_sock_gone(s, true);
			return;
		}
	}
	seam_sock_go_on(s);
}

/* By now each of them may be in another's way, who is not to be told of an order of events. */
void seam_sock_retire(struct seam *seam, const struct seam_sock *but)
{
	LIST_FOR_EACH(it, &seam->socks) {
		struct seam_sock *s = LIST_ENTRY(it, struct seam_sock, on);

		if (s != but && seam_fd_has(s->fd, POLLHUP))
			seam_sock_event(s, EPOLLHUP);
	}
}
