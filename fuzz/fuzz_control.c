/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket of a running node (host/control.h): an input is what clients send, in
 * pieces. The high bit of an octet says that the next seven bits' worth of octets come in one
 * piece, or, if they are none, that the client shuts its side down and another one connects.
 * Afterwards the node still serves: a client that asks for its status gets it.
 */
#include "host/control.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/rd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PIECES_MAX 64
#define EVENTS_MAX 32
#define START	   (1000 * NS_PER_S)

struct fuzz {
	struct pkt_pool pool;
	struct node *node;
	struct control *control;
	int epoll_fd, fd;
	struct sockaddr_un name; /* of the listening socket, in no file system */
	socklen_t name_len;
	time_ns now;
};

static void connect_one(struct fuzz *f)
{
	f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ASSERT(f->fd >= 0);
	ASSERT(connect(f->fd, (struct sockaddr *)&f->name, f->name_len) == 0);
}

static void setup(struct fuzz *f)
{
	static const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct node_conf conf;
	int ifindex;

	*f = (struct fuzz){ .now = START, .name_len = sizeof(sa_family_t) };
	f->name.sun_family = AF_UNIX;
	ASSERT(fd >= 0 && bind(fd, (struct sockaddr *)&f->name, f->name_len) == 0);
	f->name_len = sizeof(f->name);
	ASSERT(getsockname(fd, (struct sockaddr *)&f->name, &f->name_len) == 0);
	ASSERT(listen(fd, 8) == 0);
	f->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	ASSERT(f->epoll_fd >= 0);
	pkt_pool_init(&f->pool, 256, 16);
	node_conf_init(&conf, "n", &f->pool);
	f->node = node_new(&conf, f->now);
	ASSERT(f->node != NULL);
	ifindex = node_if_add(f->node, "eth0", &mac, 1500);
	ASSERT(ifindex > 0 && node_if_set(f->node, (uint32_t)ifindex, true, f->now) == 0);
	f->control = control_new(f->node, fd, f->epoll_fd, 0);
	ASSERT(f->control != NULL);
	connect_one(f);
}

static void drain_node(struct fuzz *f)
{
	uint32_t ifindex;
	struct pktq q;

	while (node_output(f->node, &ifindex, &q))
		pktq_free(&q);
}

/* Until nothing is ready any more. Return: octets that our client was sent. */
static size_t turn(struct fuzz *f)
{
	struct epoll_event ev[EVENTS_MAX];
	char sink[4096];
	size_t got = 0;
	ssize_t n;

	for (unsigned i = 0; i < EVENTS_MAX; i++) {
		int ready = epoll_wait(f->epoll_fd, ev, EVENTS_MAX, 0);

		if (ready <= 0)
			break;
		for (int k = 0; k < ready; k++)
			ASSERT(control_event(f->control, ev[k].data.ptr, ev[k].events, f->now));
		control_flush(f->control);
		drain_node(f);
		while (f->fd >= 0 && (n = recv(f->fd, sink, sizeof(sink), 0)) > 0)
			got += (size_t)n;
	}
	return got;
}

static void next_client(struct fuzz *f)
{
	(void)shutdown(f->fd, SHUT_WR);
	(void)turn(f);
	close(f->fd);
	connect_one(f);
}

static void one(struct fuzz *f, struct rd *in)
{
	struct rd piece;
	uint8_t n;

	if (!rd_u8(in, &n))
		return;
	if ((n & 0x7f) == 0) {
		next_client(f);
		return;
	}
	if (!rd_take(in, MIN((size_t)(n & 0x7f), in->left), &piece))
		return;
	if (piece.left > 0)
		(void)send(f->fd, piece.p, piece.left, MSG_NOSIGNAL);
	if (n & 0x80) {
		f->now = time_after(f->now, NS_PER_S);
		node_run(f->node, f->now);
	}
	(void)turn(f);
}

static void still_serves(struct fuzz *f)
{
	static const char ask[] = "status\n";

	next_client(f);
	ASSERT(send(f->fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) == sizeof(ask) - 1);
	ASSERT(turn(f) > 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_of(data, size);
	struct fuzz f;

	setup(&f);
	for (unsigned i = 0; i < PIECES_MAX && in.left > 0; i++)
		one(&f, &in);
	still_serves(&f);
	close(f.fd);
	control_free(f.control);
	drain_node(&f);
	node_free(f.node);
	pkt_pool_done(&f.pool);
	close(f.epoll_fd);
	return 0;
}
