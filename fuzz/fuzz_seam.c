/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The protocol by which programs of other processes reach a node's sockets (host/seam.h), spoken by two
 * hostile clients: requests of any kind with any arguments, rubbish, descriptors that nobody asked for,
 * answers that are not read, and whatever a program can do with its end of a socket. Answers are well
 * formed and hold no more than was asked for; the node comes to rest after each step, and keeps neither
 * descriptors nor buffers.
 */
#include "base/rd.h"
#include "host/seam.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLIENTS	   2
#define ENDS	   8
#define ASKED	   256 /* by id, modulo */
#define OPS_MAX	   200
#define TURNS_MAX  2000
#define EVENTS_MAX 16
#define LAST_TIMES 300

struct fuzz {
	struct pkt_pool pool;
	struct node *n;
	struct seam *seam;
	struct rd in;
	time_ns now;
	int epoll, client[CLIENTS], end[ENDS];
	uint32_t sock[ENDS], last_id;
	unsigned n_ends;
	struct seam_req asked[ASKED];
};

static uint8_t u8(struct fuzz *f)
{
	uint8_t v = 0;

	(void)rd_u8(&f->in, &v);
	return v;
}

static uint32_t u32(struct fuzz *f)
{
	uint32_t v = 0;

	(void)rd_u32(&f->in, &v);
	return v;
}

static int lowest_free(void)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD, 3);

	ASSERT(fd >= 0);
	close(fd);
	return fd;
}

/* Until nothing happens any more, which must come soon. */
static void turn(struct fuzz *f)
{
	struct epoll_event ev[EVENTS_MAX];
	uint32_t ifindex;
	struct pktq q;
	int n;

	for (unsigned i = 0; i < TURNS_MAX; i++) {
		n = epoll_wait(f->epoll, ev, EVENTS_MAX, 0);
		for (int k = 0; k < n; k++)
			(void)seam_event(f->seam, ev[k].data.ptr, ev[k].events);
		node_settle(f->n, f->now);
		while (node_output(f->n, &ifindex, &q))
			pktq_free(&q);
		if (n <= 0 && !seam_has_work(f->seam))
			return;
		seam_flush(f->seam);
	}
	ASSERT_NOT_REACHED(); /* somebody keeps the node busy */
}

static void keep_end(struct fuzz *f, int fd, uint32_t sock)
{
	unsigned at = f->n_ends < ENDS ? f->n_ends++ : sock % ENDS;

	if (f->end[at] >= 0)
		close(f->end[at]);
	f->end[at] = fd;
	f->sock[at] = sock;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void check(const struct fuzz *f, const struct seam_rsp *r, size_t octets, int fd)
{
	const struct seam_req *q = &f->asked[r->id % ASKED];

	ASSERT(octets == sizeof(*r) + r->addr_len + r->control_len + r->data_len);
	ASSERT(r->addr_len <= SEAM_ADDR_MAX && r->control_len <= SEAM_CONTROL_MAX &&
	       r->data_len <= SEAM_DATA_MAX && r->rc > -4096);
	ASSERT(fd < 0 || (r->rc >= 0 && r->sock != 0));
	if (r->id == 0 || q->id != r->id)
		return;
	if (q->op == SEAM_GETSOCKOPT)
		ASSERT(r->data_len <= q->c);
	if (q->op == SEAM_RECVMSG)
		ASSERT(r->data_len <= q->c && r->control_len <= q->b);
	if (q->op == SEAM_RECVMSG && (q->flags & MSG_TRUNC) == 0)
		ASSERT(r->rc < 0 || (uint32_t)r->rc <= q->c);
}

static bool take_answer(struct fuzz *f, unsigned client)
{
	static uint8_t buf[SEAM_MESSAGE_MAX];
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	struct seam_rsp r;
	struct cmsghdr *h;
	int fd = -1;
	ssize_t n = recvmsg(f->client[client], &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n <= 0)
		return false;
	h = CMSG_FIRSTHDR(&m);
	if (h != NULL && h->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	ASSERT((size_t)n >= sizeof(r));
	memcpy(&r, buf, sizeof(r));
	check(f, &r, (size_t)n, fd);
	if (fd >= 0)
		keep_end(f, fd, r.sock);
	return true;
}

static void connect_client(struct fuzz *f, unsigned client)
{
	f->client[client] = seam_client(f->seam);
	ASSERT(f->client[client] >= 0);
	(void)fcntl(f->client[client], F_SETFL, O_NONBLOCK);
}

static void reconnect(struct fuzz *f, unsigned client)
{
	close(f->client[client]);
	turn(f);
	connect_client(f, client);
}

/* The arguments that an operation can make something of, most of the time. */
static void fit(struct fuzz *f, struct seam_req *q, uint8_t how)
{
	static const uint32_t families[] = { AF_INET6, AF_INET6, AF_NETLINK, AF_INET, AF_PACKET };
	static const uint32_t types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET };
	static const uint32_t protocols[] = { 0, 0, 58, 253, IPPROTO_RAW };
	static const uint32_t levels[] = { SOL_SOCKET, IPPROTO_IPV6, IPPROTO_TCP, SOL_NETLINK,
					   IPPROTO_ICMPV6 };

	if (q->op == SEAM_SOCKET) {
		q->a = families[how % ARRAY_LEN(families)];
		q->b = types[how / 5 % ARRAY_LEN(types)];
		q->c = protocols[how / 20 % ARRAY_LEN(protocols)];
	} else if (q->op == SEAM_SETSOCKOPT || q->op == SEAM_GETSOCKOPT) {
		q->a = levels[how % ARRAY_LEN(levels)];
		q->b = u8(f) % 128;
		q->c = u8(f);
	} else if (q->op == SEAM_RECVMSG) {
		q->flags = (uint32_t[]){ 0, MSG_PEEK, MSG_TRUNC, MSG_ERRQUEUE }[how % 4];
		q->a = how;
		q->b = u8(f);
		q->c = u8(f) * 8u;
	} else if (q->op == SEAM_IOCTL) {
		q->a = SIOCGIFNAME + how % 64;
	} else if (q->op == SEAM_WAIT || q->op == SEAM_LISTEN || q->op == SEAM_SHUTDOWN) {
		q->a = how % 64;
	} else if (q->op == SEAM_CANCEL) {
		q->a = f->last_id - how % 8;
	}
}

static void put_addr(struct fuzz *f, uint8_t *p, uint32_t *len)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	uint8_t how = u8(f);

	put_be16((uint8_t *)&a.sin6_port, 7 + how % 4);
	if ((how & 16) != 0)
		a.sin6_addr = (struct in6_addr)IN6ADDR_ANY_INIT;
	if ((how & 32) != 0)
		a.sin6_family = u8(f);
	memcpy(p, &a, sizeof(a));
	*len = (how & 64) != 0 ? u8(f) % SEAM_ADDR_MAX : sizeof(a);
}

/* A request, with descriptors that nobody wants if @fds. */
static void put(const struct fuzz *f, unsigned client, void *p, size_t n, bool fds)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .room = { 0 } };
	struct iovec iov = { p, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *h;
	int fd = STDIN_FILENO;

	if (fds) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof(control.room);
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	}
	(void)sendmsg(f->client[client], &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void ask(struct fuzz *f, unsigned client)
{
	static uint8_t buf[sizeof(struct seam_req) + SEAM_ADDR_MAX + 256 + 16384];
	static const char *const paths[] = { "/proc/net/if_inet6", "/etc/resolv.conf",
					     "/proc/net/../../etc/passwd", "/proc/sys/net/ipv6" };
	struct seam_req q = { .id = ++f->last_id, .op = u8(f) % (SEAM_OPS + 1) };
	uint8_t how = u8(f), more = u8(f), *p = buf + sizeof(q);

	q.sock = (more & 1) != 0 ? f->sock[more / 2 % ENDS] : more;
	if ((how & 0x80) != 0) {
		q.flags = u32(f);
		q.a = u32(f);
		q.b = u32(f);
		q.c = u32(f);
	} else {
		fit(f, &q, how);
	}
	memset(p, 0, sizeof(buf) - sizeof(q));
	if (q.op == SEAM_BIND || q.op == SEAM_CONNECT || (more & 2) != 0)
		put_addr(f, p, &q.addr_len);
	if ((more & 4) != 0) {
		q.control_len = u8(f);
		(void)rd_copy(&f->in, p + q.addr_len, MIN((size_t)q.control_len, f->in.left));
	}
	p += q.addr_len + q.control_len;
	q.data_len = (more & 8) != 0 ? u8(f) * 64u : u8(f);
	if (q.op == SEAM_IOCTL && (more & 16) == 0)
		q.data_len = 40; /* struct ifreq */
	if (q.op == SEAM_FILE && (more & 16) == 0) {
		q.data_len = (uint32_t)strlen(paths[how % ARRAY_LEN(paths)]);
		memcpy(p, paths[how % ARRAY_LEN(paths)], q.data_len);
	} else {
		(void)rd_copy(&f->in, p, MIN((size_t)q.data_len, f->in.left));
	}
	p += q.data_len;
	if (more == 0x55)
		q.data_len = u32(f); /* another length than it has */
	f->asked[q.id % ASKED] = q;
	memcpy(buf, &q, sizeof(q));
	put(f, client, buf, (size_t)(p - buf), (more & 32) != 0);
}

static void use_end(struct fuzz *f, uint8_t op, unsigned at)
{
	static uint8_t buf[70000];
	size_t n = u8(f) * 256u;

	if (f->end[at] < 0)
		return;
	switch (op) {
	case 10:
		(void)send(f->end[at], buf, n, MSG_NOSIGNAL);
		break;
	case 11:
		(void)recv(f->end[at], buf, n, 0);
		break;
	default:
		if ((n & 0x100) != 0) {
			(void)shutdown(f->end[at], n / 512 % 3 == 0   ? SHUT_RD
						   : n / 512 % 3 == 1 ? SHUT_WR
								      : SHUT_RDWR);
			break;
		}
		close(f->end[at]);
		f->end[at] = -1;
		break;
	}
}

static void step(struct fuzz *f)
{
	uint8_t op = u8(f), rubbish[UINT8_MAX];
	unsigned client = op / 16 % CLIENTS;
	size_t n;

	switch (op % 16) {
	case 8:
		n = MIN((size_t)u8(f), f->in.left);
		(void)rd_copy(&f->in, rubbish, n);
		put(f, client, rubbish, n, false);
		break;
	case 9:
		for (n = op / 32; n > 0 && take_answer(f, client); n--) {
		}
		break;
	case 10:
	case 11:
	case 12:
		use_end(f, op % 16, op / 16 % ENDS);
		break;
	case 13:
		f->now = time_after(f->now, u8(f) * 100 * NS_PER_MS);
		node_run(f->n, f->now);
		break;
	case 14:
		reconnect(f, client);
		break;
	case 15: /* many at once, and no answer is read */
		for (n = u8(f); n > 0; n--)
			put(f, client, &(struct seam_req){ .id = ++f->last_id, .op = SEAM_FILE },
			    sizeof(struct seam_req), false);
		break;
	default:
		ask(f, client);
		break;
	}
	turn(f);
	if ((op & 0x80) != 0)
		(void)take_answer(f, client);
}

static void start(struct fuzz *f)
{
	static const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
	struct node_conf conf;
	int ifindex;

	pkt_pool_init(&f->pool, 512, 64);
	node_conf_init(&conf, "fuzz", &f->pool);
	f->n = node_new(&conf, f->now);
	ASSERT(f->n != NULL);
	ifindex = node_if_add(f->n, "e0", &mac, 1500);
	ASSERT(ifindex > 0 && node_if_set(f->n, (uint32_t)ifindex, true, f->now) == 0);
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	f->seam = seam_new(f->n, f->epoll);
	ASSERT(f->epoll >= 0 && f->seam != NULL);
	for (unsigned i = 0; i < CLIENTS; i++)
		connect_client(f, i);
	for (unsigned i = 0; i < ENDS; i++)
		f->end[i] = -1;
}

/* All have gone: what still waits for a peer ends by itself. */
static void finish(struct fuzz *f)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		close(f->client[i]);
	for (unsigned i = 0; i < ENDS; i++)
		if (f->end[i] >= 0)
			close(f->end[i]);
	turn(f);
	for (unsigned i = 0; i < LAST_TIMES && node_next(f->n) != TIME_NEVER; i++) {
		f->now = MAX(f->now, node_next(f->n));
		node_run(f->n, f->now);
		turn(f);
	}
	seam_free(f->seam);
	node_free(f->n);
	close(f->epoll);
	ASSERT(f->pool.used == 0);
	pkt_pool_done(&f->pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz f;
	int first = lowest_free();

	f = (struct fuzz){ .now = NS_PER_S, .in = rd_of(data, size) };
	start(&f);
	for (unsigned i = 0; i < OPS_MAX && f.in.left != 0; i++)
		step(&f);
	finish(&f);
	ASSERT(lowest_free() == first);
	return 0;
}
