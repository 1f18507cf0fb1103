/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * UDP sockets of two nodes on a wire against a model: which ports are whose, who gets which datagram,
 * what errors are, what options say, what poll(2) says. The input is a list of calls; after each, all
 * sockets must be what the model has them for. (fuzz_sock is for arguments of any kind.)
 *
 * The model knows nothing of packets. It is doc/sockets.md in code: who may bind what beside whom, and
 * the socket that says most of a datagram has it; where several share by SO_REUSEPORT, it is told by
 * whose queue grew. An ICMPv6 error may be withheld (RFC 4443 section 2.4): a pending error is only
 * allowed where one was due.
 */
#include "base/rd.h"
#include "node/node.h"

#include <poll.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NODES	   2
#define SOCKS	   6 /* of each node */
#define QUEUE	   64
#define OPS_MAX	   400
#define PORT_1ST   7
#define PORTS	   4
#define LEN_MAX	   1400
#define ROUNDS_MAX 64

/* A datagram that waits. */
struct waits {
	struct ip6_addr from;
	uint16_t port, len;
	uint8_t fill, hops;
};

struct model {
	struct sock *s; /* NULL: closed */
	struct ip6_addr addr, peer;
	uint16_t port, peer_port;
	bool addr_given, port_given, connected, shut_rd, shut_wr;
	bool reuseaddr, reuseport, may_err;
	int hops, tclass, v6only;
	int err; /* pending, positive */
	uint64_t serial;
	unsigned n;
	struct waits q[QUEUE];
};

struct fuzz {
	struct pkt_pool pool;
	struct node *node[NODES];
	struct ip6_addr addr[NODES];
	uint32_t ifindex;
	struct rd in;
	time_ns now;
	uint64_t serial;
	uint8_t fill;
	struct model m[NODES][SOCKS];
};

static const struct ip6_addr loopback = { { [15] = 1 } };

static uint8_t u8(struct fuzz *f)
{
	uint8_t v = 0;

	(void)rd_u8(&f->in, &v);
	return v;
}

static struct sockaddr_in6 sin6(const struct ip6_addr *a, uint16_t port)
{
	struct sockaddr_in6 ret = { .sin6_family = AF_INET6 };

	memcpy(&ret.sin6_addr, a->b, sizeof(a->b));
	put_be16((uint8_t *)&ret.sin6_port, port);
	return ret;
}

/* Any, the node's, the other one's, loopback, and nobody's. */
static struct ip6_addr pick_addr(struct fuzz *f, unsigned node)
{
	static const struct ip6_addr nobody = { { 0x20, 1, 0x0d, 0xb8, [15] = 99 } };

	switch (u8(f) % 5) {
	case 0:
		return IP6_UNSPEC;
	case 1:
		return f->addr[node];
	case 2:
		return f->addr[1 - node];
	case 3:
		return loopback;
	default:
		return nobody;
	}
}

/* Frames go to the other node at once, until there are none. */
static void carry(struct fuzz *f)
{
	uint32_t ifindex;
	struct pktq q;
	struct pkt *pkt;

	for (unsigned i = 0, quiet = 0; quiet < NODES; i++) {
		struct node *to = f->node[1 - i % NODES];

		ASSERT(i < ROUNDS_MAX);
		node_settle(f->node[i % NODES], f->now);
		quiet++;
		while (node_output(f->node[i % NODES], &ifindex, &q)) {
			quiet = 0;
			while ((pkt = pktq_get(&q)) != NULL) {
				struct batch b = { .n = 0 };

				batch_put(&b, pkt);
				ASSERT(node_input(to, f->ifindex, &b, f->now) == 0);
			}
		}
	}
}

/*
 * Ports.
 */
static bool in_the_way(const struct model *a, const struct model *b)
{
	bool meet = ip6_is_unspec(&a->addr) || ip6_is_unspec(&b->addr) ||
		    ip6_eq(&a->addr, &b->addr);

	return meet && !(a->reuseaddr && b->reuseaddr) && !(a->reuseport && b->reuseport);
}

static bool is_free(const struct fuzz *f, unsigned node, const struct model *m, uint16_t port)
{
	for (unsigned i = 0; i < SOCKS; i++) {
		const struct model *o = &f->m[node][i];

		if (o != m && o->s != NULL && o->port == port && in_the_way(m, o))
			return false;
	}
	return true;
}

/* The node chose a port: nobody's. */
static void learn_port(struct fuzz *f, unsigned node, struct model *m)
{
	struct sockaddr_in6 a;
	socklen_t len = sizeof(a);

	ASSERT(sock_getsockname(m->s, (struct sockaddr *)&a, &len) == 0);
	m->port = get_be16((const uint8_t *)&a.sin6_port);
	m->serial = ++f->serial;
	ASSERT(m->port >= 1024);
	for (unsigned i = 0; i < SOCKS; i++)
		ASSERT(&f->m[node][i] == m || f->m[node][i].s == NULL ||
		       f->m[node][i].port != m->port);
}

static void do_bind(struct fuzz *f, unsigned node, struct model *m)
{
	struct ip6_addr a = pick_addr(f, node), before = m->addr;
	uint16_t port = u8(f) % (PORTS + 1);
	struct sockaddr_in6 to;
	int want = 0;

	port = port == 0 ? 0 : (uint16_t)(PORT_1ST + port - 1);
	to = sin6(&a, port);
	if (m->port != 0 || m->connected || m->addr_given)
		want = -EINVAL;
	else if (!ip6_is_unspec(&a) && !ip6_eq(&a, &loopback) && !ip6_eq(&a, &f->addr[node]))
		want = -EADDRNOTAVAIL;
	if (want == 0) {
		m->addr = a;
		if (port != 0 && !is_free(f, node, m, port))
			want = -EADDRINUSE;
	}
	ASSERT(sock_bind(m->s, (struct sockaddr *)&to, sizeof(to)) == want);
	if (want != 0) {
		m->addr = before;
		return;
	}
	m->addr_given = !ip6_is_unspec(&a);
	m->port_given = port != 0;
	if (port == 0) {
		learn_port(f, node, m);
		return;
	}
	m->port = port;
	m->serial = ++f->serial;
}

static struct ip6_addr source_to(const struct fuzz *f, unsigned node, const struct model *m,
				 const struct ip6_addr *dst)
{
	if (!ip6_is_unspec(&m->addr))
		return m->addr;
	return ip6_eq(dst, &loopback) ? loopback : f->addr[node];
}

/* What comes from the loopback address stays in the node; nobody answers for nobody's address. */
static bool is_asked(const struct fuzz *f, unsigned node, const struct model *m,
		     const struct ip6_addr *dst)
{
	bool known = ip6_eq(dst, &f->addr[0]) || ip6_eq(dst, &f->addr[1]) || ip6_eq(dst, &loopback);

	return known && (!ip6_eq(&m->addr, &loopback) || ip6_eq(dst, &loopback)) &&
	       (!ip6_eq(dst, &loopback) || ip6_is_unspec(&m->addr) ||
		ip6_eq(&m->addr, &loopback)) &&
	       node < NODES;
}

static void do_connect(struct fuzz *f, unsigned node, struct model *m)
{
	struct ip6_addr dst = pick_addr(f, node);
	uint16_t port = PORT_1ST + u8(f) % PORTS;
	struct sockaddr_in6 to = sin6(&dst, port);
	uint8_t how = u8(f);

	if (how % 4 == 0) {
		to.sin6_family = AF_UNSPEC;
		ASSERT(sock_connect(m->s, (struct sockaddr *)&to, sizeof(to)) == 0);
		m->connected = m->may_err = false;
		if (!m->addr_given)
			m->addr = IP6_UNSPEC;
		if (!m->port_given)
			m->port = 0;
		return;
	}
	if (ip6_is_unspec(&dst))
		dst = loopback;
	if (!is_asked(f, node, m, &dst))
		return;
	ASSERT(sock_connect(m->s, (struct sockaddr *)&to, sizeof(to)) == 0);
	m->addr = source_to(f, node, m, &dst);
	if (m->port == 0)
		learn_port(f, node, m);
	m->peer = dst;
	m->peer_port = port;
	m->connected = true;
}

/*
 * Datagrams.
 */
static int score_of(const struct model *m, const struct ip6_addr *src, uint16_t sport,
		    const struct ip6_addr *dst)
{
	int score = 0;

	if (!ip6_is_unspec(&m->addr)) {
		if (!ip6_eq(&m->addr, dst))
			return -1;
		score++;
	}
	if (m->connected) {
		if (!ip6_eq(&m->peer, src) || m->peer_port != sport)
			return -1;
		score += 2;
	}
	return score;
}

static bool shares(const struct model *a, const struct model *b)
{
	return a->reuseport && b->reuseport && !a->connected && !b->connected &&
	       ip6_eq(&a->addr, &b->addr);
}

static struct model *winner(struct fuzz *f, unsigned node, const struct ip6_addr *src,
			    uint16_t sport, const struct ip6_addr *dst, uint16_t dport)
{
	struct model *best = NULL;
	int most = -1;

	for (unsigned i = 0; i < SOCKS; i++) {
		struct model *m = &f->m[node][i];
		int score = m->s != NULL && m->port == dport ? score_of(m, src, sport, dst) : -1;

		if (score > most || (score == most && score >= 0 && m->serial > best->serial)) {
			best = m;
			most = score;
		}
	}
	return best;
}

/* Of those that share, the one that has it. */
static struct model *who_has_it(struct fuzz *f, unsigned node, struct model *best)
{
	struct model *ret = NULL;

	for (unsigned i = 0; i < SOCKS; i++) {
		struct model *m = &f->m[node][i];

		if (m->s == NULL || m->s->rx.n == m->n)
			continue;
		ASSERT(m->s->rx.n == m->n + 1 && ret == NULL); /* one, and only once */
		ret = m;
	}
	ASSERT(ret != NULL && (ret == best || (ret->port == best->port && shares(ret, best))));
	return ret;
}

static void arrives(struct fuzz *f, unsigned node, struct model *from, const struct ip6_addr *dst,
		    uint16_t dport, const struct waits *w)
{
	unsigned to = ip6_eq(dst, &f->addr[1 - node]) ? 1 - node : node;
	struct model *m = winner(f, to, &w->from, w->port, dst, dport);

	if (m == NULL) { /* RFC 4443 section 3.1: port unreachable */
		from->may_err = from->connected && ip6_eq(&from->peer, dst) &&
				from->peer_port == dport;
		return;
	}
	m = who_has_it(f, to, m);
	m->q[m->n++] = *w;
}

static bool has_room(const struct fuzz *f)
{
	for (unsigned i = 0; i < NODES * SOCKS; i++)
		if (f->m[i / SOCKS][i % SOCKS].n == QUEUE)
			return false;
	return true;
}

static void do_send(struct fuzz *f, unsigned node, struct model *m)
{
	static uint8_t data[LEN_MAX];
	uint8_t how = u8(f);
	struct ip6_addr dst = pick_addr(f, node);
	struct sockaddr_in6 to = sin6(&dst, PORT_1ST + how % PORTS);
	uint16_t len = (uint16_t)(u8(f) * 5), port = PORT_1ST + how % PORTS;
	struct iovec iov = { data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct waits w;
	ssize_t want = len;

	if ((how & 0x80) != 0) {
		msg.msg_name = &to;
		msg.msg_namelen = sizeof(to);
		if (ip6_is_unspec(&dst))
			dst = loopback;
	} else {
		dst = m->peer;
		port = m->peer_port;
	}
	if ((msg.msg_name != NULL || m->connected) && (!is_asked(f, node, m, &dst) || !has_room(f)))
		return;
	if (msg.msg_name == NULL && !m->connected)
		want = -EDESTADDRREQ;
	else if (m->shut_wr)
		want = -EPIPE;
	else if (m->err != 0)
		want = -m->err;
	memset(data, ++f->fill, len);
	ASSERT(sock_sendmsg(m->s, &msg, 0) == want);
	if (m->port == 0)
		learn_port(f, node, m);
	if (want == -m->err)
		m->err = 0;
	if (want < 0)
		return;
	carry(f);
	w = (struct waits){ source_to(f, node, m, &dst), m->port, len, f->fill,
			    (uint8_t)(m->hops < 0 ? 64 : m->hops) };
	arrives(f, node, m, &dst, port, &w);
}

static void check_got(const struct msghdr *msg, const struct waits *w, ssize_t rc, size_t room)
{
	const struct sockaddr_in6 *from = msg->msg_name;
	const uint8_t *data = msg->msg_iov[0].iov_base;
	const struct cmsghdr *h = CMSG_FIRSTHDR(msg);
	int hops = -1;

	ASSERT(rc == (ssize_t)MIN(room, (size_t)w->len));
	ASSERT(((msg->msg_flags & MSG_TRUNC) != 0) == (w->len > room));
	for (ssize_t i = 0; i < rc; i++)
		ASSERT(data[i] == w->fill);
	ASSERT(memcmp(&from->sin6_addr, w->from.b, sizeof(w->from.b)) == 0 &&
	       get_be16((const uint8_t *)&from->sin6_port) == w->port);
	ASSERT(h != NULL && h->cmsg_type == IPV6_HOPLIMIT);
	memcpy(&hops, CMSG_DATA(h), sizeof(hops));
	ASSERT(hops == w->hops);
}

static void do_recv(struct fuzz *f, struct model *m)
{
	uint8_t data[LEN_MAX], how = u8(f);
	struct sockaddr_in6 from;
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { data, (how & 0x40) != 0 ? u8(f) : sizeof(data) };
	struct msghdr msg = { &from, sizeof(from), &iov, 1, control.room, sizeof(control), 0 };
	ssize_t rc = sock_recvmsg(m->s, &msg, (how & 0x80) != 0 ? MSG_PEEK : 0);

	if (m->err != 0) {
		ASSERT(rc == -m->err);
		m->err = 0;
		return;
	}
	if (m->n == 0) {
		ASSERT(rc == -EAGAIN);
		return;
	}
	check_got(&msg, &m->q[0], rc, iov.iov_len);
	if ((how & 0x80) == 0)
		memmove(&m->q[0], &m->q[1], --m->n * sizeof(m->q[0]));
}

/*
 * Options.
 */
static void do_option(struct fuzz *f, struct model *m)
{
	uint8_t which = u8(f);
	int v = (int)u8(f) * 2 - 100, want = 0;

	switch (which % 5) {
	case 0:
		ASSERT(sock_setsockopt(m->s, SOL_SOCKET, SO_REUSEADDR, &v, sizeof(v)) == 0);
		m->reuseaddr = v != 0;
		break;
	case 1:
		ASSERT(sock_setsockopt(m->s, SOL_SOCKET, SO_REUSEPORT, &v, sizeof(v)) == 0);
		m->reuseport = v != 0;
		break;
	case 2: /* RFC 3493 section 5.1 */
		want = v < -1 || v > 255 ? -EINVAL : 0;
		ASSERT(sock_setsockopt(m->s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &v, sizeof(v)) ==
		       want);
		m->hops = want == 0 ? v : m->hops;
		break;
	case 3: /* RFC 3542 section 6.5 */
		want = v < -1 || v > 255 ? -EINVAL : 0;
		ASSERT(sock_setsockopt(m->s, IPPROTO_IPV6, IPV6_TCLASS, &v, sizeof(v)) == want);
		m->tclass = want == 0 ? MAX(v, 0) : m->tclass;
		break;
	default:
		want = m->port != 0 ? -EINVAL : 0; /* RFC 3493 section 5.3: before bind() */
		ASSERT(sock_setsockopt(m->s, IPPROTO_IPV6, IPV6_V6ONLY, &v, sizeof(v)) == want);
		m->v6only = want == 0 ? v != 0 : m->v6only;
		break;
	}
}

static int get(const struct model *m, int level, int name)
{
	socklen_t len = sizeof(int);
	int v = -12345;

	ASSERT(sock_getsockopt(m->s, level, name, &v, &len) == 0 && len == sizeof(v));
	return v;
}

static void do_shutdown(struct fuzz *f, struct model *m)
{
	int how = u8(f) % 4;

	ASSERT(sock_shutdown(m->s, how) == (how > SHUT_RDWR ? -EINVAL
					    : m->connected  ? 0
							    : -ENOTCONN));
	m->shut_rd |= how == SHUT_RD || how == SHUT_RDWR;
	m->shut_wr |= how == SHUT_WR || how == SHUT_RDWR;
}

static void do_open(struct fuzz *f, unsigned node, struct model *m)
{
	int on = 1;

	sock_close(m->s);
	*m = (struct model){ .hops = -1 };
	if (u8(f) % 8 == 0)
		return;
	ASSERT(sock_open(&f->node[node]->socks, AF_INET6, SOCK_DGRAM, 0, &m->s) == 0);
	ASSERT(sock_setsockopt(m->s, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof(on)) == 0);
}

/*
 * What must hold always.
 */
static void check_name(const struct model *m)
{
	struct sockaddr_in6 a, want = sin6(&m->addr, m->port);
	socklen_t len = sizeof(a);

	ASSERT(sock_getsockname(m->s, (struct sockaddr *)&a, &len) == 0 && len == sizeof(a) &&
	       memcmp(&a, &want, sizeof(a)) == 0);
	want = sin6(&m->peer, m->peer_port);
	ASSERT(sock_getpeername(m->s, (struct sockaddr *)&a, &len) ==
	       (m->connected ? 0 : -ENOTCONN));
	ASSERT(!m->connected || memcmp(&a, &want, sizeof(a)) == 0);
}

static void check_one(struct model *m)
{
	unsigned events = sock_poll(m->s);

	if ((events & POLLERR) != 0 && m->err == 0) {
		ASSERT(m->may_err); /* and it is taken by the next that asks */
		m->err = ECONNREFUSED;
	}
	m->may_err = false;
	ASSERT(((events & POLLERR) != 0) == (m->err != 0));
	ASSERT(((events & POLLIN) != 0) == (m->n > 0 || m->shut_rd));
	ASSERT(((events & POLLHUP) != 0) == (m->shut_rd && m->shut_wr));
	ASSERT((events & POLLOUT) != 0);
	ASSERT(m->s->rx.n == m->n && m->s->queued <= (uint32_t)m->s->opt->rcvbuf);
	check_name(m);
	ASSERT(get(m, SOL_SOCKET, SO_REUSEADDR) == m->reuseaddr);
	ASSERT(get(m, SOL_SOCKET, SO_REUSEPORT) == m->reuseport);
	ASSERT(get(m, IPPROTO_IPV6, IPV6_UNICAST_HOPS) == (m->hops < 0 ? 64 : m->hops));
	ASSERT(get(m, IPPROTO_IPV6, IPV6_TCLASS) == m->tclass);
	ASSERT(get(m, IPPROTO_IPV6, IPV6_V6ONLY) == m->v6only);
}

static void step(struct fuzz *f)
{
	uint8_t op = u8(f);
	unsigned node = op & 1, i = op / 2 % 8 % SOCKS;
	struct model *m = &f->m[node][i];

	op = op / 16;
	if (m->s == NULL || op == 0) {
		do_open(f, node, m);
	} else if (op <= 3) {
		do_bind(f, node, m);
	} else if (op <= 5) {
		do_connect(f, node, m);
	} else if (op <= 9) {
		do_send(f, node, m);
	} else if (op <= 11) {
		do_recv(f, m);
	} else if (op <= 13) {
		do_option(f, m);
	} else if (op == 14) {
		do_shutdown(f, m);
	} else {
		f->now += u8(f) * NS_PER_MS * 100;
		for (unsigned k = 0; k < NODES; k++)
			node_run(f->node[k], f->now);
	}
	carry(f);
	for (unsigned k = 0; k < NODES * SOCKS; k++)
		if (f->m[k / SOCKS][k % SOCKS].s != NULL)
			check_one(&f->m[k / SOCKS][k % SOCKS]);
}

static void start(struct fuzz *f, unsigned i)
{
	struct mac mac = { { 2, 0, 0, 0, 0, (uint8_t)(i + 1) } };
	struct node_conf conf;

	node_conf_init(&conf, i == 0 ? "a" : "b", &f->pool);
	f->node[i] = node_new(&conf, f->now);
	ASSERT(f->node[i] != NULL);
	f->ifindex = (uint32_t)node_if_add(f->node[i], "e0", &mac, 1500);
	node_if(f->node[i], f->ifindex)->conf.dad_transmits = 0;
	node_if(f->node[i], f->ifindex)->conf.max_rtr_solicitations = 0;
	ASSERT(node_if_set(f->node[i], f->ifindex, true, f->now) == 0);
	f->addr[i] = (struct ip6_addr){ { 0x20, 1, 0x0d, 0xb8, [15] = (uint8_t)(i + 1) } };
	ASSERT(nd_addr_add(&f->node[i]->nd, node_if(f->node[i], f->ifindex), &f->addr[i], 64,
			   ADDR_STATIC, true) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz f;

	f = (struct fuzz){ .now = NS_PER_S, .in = rd_of(data, size) };
	pkt_pool_init(&f.pool, 1024, 64);
	for (unsigned i = 0; i < NODES; i++)
		start(&f, i);
	carry(&f);
	for (unsigned i = 0; i < OPS_MAX && f.in.left != 0; i++)
		step(&f);
	for (unsigned i = 0; i < NODES; i++)
		node_free(f.node[i]);
	ASSERT(f.pool.used == 0);
	pkt_pool_done(&f.pool);
	return 0;
}
