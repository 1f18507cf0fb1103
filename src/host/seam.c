/* SPDX-License-Identifier: BSD-3-Clause */
/* Who asks: clients, their requests and answers, and when what is looked at. */
#include "host/seam_part.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define RING_MS 2 /* how long poll(2) may go on to return */

void seam_answer(struct seam_client *cl, const struct seam_rsp *r, const struct seam_rpc *with)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .room = { 0 } };
	struct iovec iov[4] = { { seam_unconst(r), sizeof(*r) } };
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

static void client_close(struct seam_client *cl)
{
	struct seam *seam = cl->seam;

	LIST_FOR_EACH(it, &seam->socks) {
		struct seam_sock *s = LIST_ENTRY(it, struct seam_sock, on);

		if (s->client != cl)
			continue;
		if (!s->is_stream || s->listens || seam->nobody.n_socks >= SEAM_LINGER_MAX) {
			seam_sock_gone(s, false);
			continue;
		}
		s->client = &seam->nobody; /* ends when what was written has gone */
		s->client->n_socks++;
		cl->n_socks--;
	}
	close(cl->fd);
	cl->fd = -1;
}

static bool is_request(const struct seam_req *q, size_t octets)
{
	return q->addr_len <= SEAM_ADDR_MAX && q->control_len <= SEAM_CONTROL_MAX &&
	       q->data_len <= SEAM_DATA_MAX && (q->id != 0 || q->op == SEAM_CANCEL) &&
	       octets == sizeof(*q) + q->addr_len + q->control_len + q->data_len;
}

/* What follows c->q in seam->in, aligned; and where the answer's will be. */
static void lay_out(struct seam_rpc *c)
{
	struct seam *seam = c->cl->seam;
	uint8_t *in = seam->in + sizeof(c->q);

	memcpy(seam->addr, in, c->q.addr_len);
	memcpy(seam->control, in + c->q.addr_len, c->q.control_len);
	c->addr = seam->addr;
	c->control = seam->control;
	c->data = in + c->q.addr_len + c->q.control_len;
	c->out_addr = seam->out;
	c->out_control = c->out_addr + SEAM_ADDR_MAX;
	c->out_data = c->out_control + SEAM_CONTROL_MAX;
	memset(c->out_addr, 0, SEAM_ADDR_MAX); /* nothing of other clients' */
}

/* Return: false when there is nothing more, or what came is not a request. */
static bool take_request(struct seam_client *cl)
{
	struct seam *seam = cl->seam;
	struct seam_rpc c = { .cl = cl, .fd = -1 };
	ssize_t n = recv(cl->fd, seam->in, sizeof(seam->in), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return false;
	if ((size_t)n >= sizeof(c.q))
		memcpy(&c.q, seam->in, sizeof(c.q));
	if ((size_t)n < sizeof(c.q) || (size_t)n > sizeof(seam->in) ||
	    !is_request(&c.q, (size_t)n)) {
		client_close(cl);
		return false;
	}
	lay_out(&c);
	c.r.id = c.q.id;
	seam_request(&c);
	if (!c.later)
		seam_answer(cl, &c.r, &c);
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
	bool full = !seam_fd_has(cl->fd, POLLOUT);
	struct epoll_event ev = { .events = full ? EPOLLOUT : EPOLLIN, .data.ptr = cl };

	if (full != cl->is_full)
		(void)epoll_ctl(cl->seam->epoll_fd, EPOLL_CTL_MOD, cl->fd, &ev);
	cl->is_full = full;
}

bool seam_event(struct seam *s, void *what, uint32_t events)
{
	struct seam_client *cl = what;

	(void)s;
	if (cl->thing == SEAM_THING_SOCK) {
		seam_sock_event(what, events);
		return true;
	}
	/* what is not asked while the client has no room for answers is asked later */
	for (unsigned i = 0;
	     i < SEAM_ROUNDS_MAX && cl->fd >= 0 && seam_fd_has(cl->fd, POLLOUT) && take_request(cl);
	     i++) {
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
			seam_sock_mark(k);
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
		seam_sock_go_on(k);
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
	s->nobody = (struct seam_client){ SEAM_THING_CLIENT, s, -1, 0, false };
	for (unsigned i = 0; i < SEAM_CLIENTS_MAX; i++)
		s->client[i] = (struct seam_client){ SEAM_THING_CLIENT, s, -1, 0, false };
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
		seam_sock_gone(LIST_ENTRY(it, struct seam_sock, on), false);
	seam_flush(s);
	htab_done(&s->by_id);
	free(s);
}
