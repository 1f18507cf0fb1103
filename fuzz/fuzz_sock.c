/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Socket calls in any order with any arguments, on a node with one link and a loopback interface: the input
 * is a list of calls, one octet each with their arguments behind. After each call the queues are what the
 * sockets say, and within bounds; at the end every buffer is home.
 */
#include "base/rd.h"
#include "node/node.h"

/* prototype for -Wmissing-prototypes; libFuzzer calls it */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SOCKETS	   6
#define OPS_MAX	   300
#define PKTS_MAX   256
#define DATA_MAX   3000
#define QUEUED_MAX 60000

struct fuzz {
	struct pkt_pool pool;
	struct node *n;
	time_ns now;
	struct rd in;
	uint32_t ifindex;
	struct sock *s[SOCKETS];
	unsigned told;
};

static const char *const palette[] = {
	"::",	       "::1",	   "2001:db8::1",      "2001:db8::2",	 "fe80::ff:fe00:1",
	"fe80::2",     "ff02::1",  "ff15::1",	       "ff02::5",	 "ff01::1",
	"2001:db8::a", "ff02::16", "::ffff:192.0.2.1", "2001:db8:77::1",
};

static uint8_t u8(struct fuzz *f)
{
	uint8_t v = 0;

	(void)rd_u8(&f->in, &v);
	return v;
}

static struct sockaddr_in6 addr(struct fuzz *f)
{
	static const sa_family_t families[] = { AF_INET6, AF_INET6, AF_INET6,
						AF_INET,  AF_INET6, AF_UNSPEC };
	struct sockaddr_in6 a = { .sin6_family = families[u8(f) % ARRAY_LEN(families)] };
	struct ip6_addr is;

	ASSERT(ip6_parse(palette[u8(f) % ARRAY_LEN(palette)], &is) == 0);
	memcpy(&a.sin6_addr, is.b, sizeof(is.b));
	put_be16((uint8_t *)&a.sin6_port, u8(f) % 5);
	a.sin6_scope_id = u8(f) % 4;
	return a;
}

static void on_ready(void *ctx, struct sock *s)
{
	struct fuzz *f = ctx;

	f->told++;
	/* an owner may close, and others, too */
	for (unsigned i = 0; i < SOCKETS; i++)
		if (f->s[i] != NULL && (f->s[i] == s ? f->told % 16 == 0 : f->told % 32 == 0)) {
			sock_close(f->s[i]);
			f->s[i] = NULL;
			break;
		}
}

static void do_open(struct fuzz *f, unsigned i)
{
	static const int types[] = { SOCK_DGRAM, SOCK_DGRAM, SOCK_DGRAM,
				     SOCK_RAW,	 SOCK_RAW,   SOCK_STREAM };
	static const int protocols[] = { 0, IPPROTO_ICMPV6, IPPROTO_UDP, 253, IPPROTO_RAW, 17, 58 };
	uint8_t how = u8(f);

	sock_close(f->s[i]);
	f->s[i] = NULL;
	(void)sock_open(&f->n->socks, AF_INET6, types[how % ARRAY_LEN(types)],
			protocols[how / 8 % ARRAY_LEN(protocols)], &f->s[i]);
	if (f->s[i] != NULL && (how & 0x80) != 0)
		sock_on_ready(f->s[i], on_ready, f);
}

static void do_send(struct fuzz *f, struct sock *s)
{
	static uint8_t data[DATA_MAX] = { 0x80, 0, 0, 0, 0x60 };
	uint8_t control[128], how = u8(f);
	struct sockaddr_in6 a = addr(f);
	struct iovec iov[2];
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 1 + how % 2 };

	iov[0] = (struct iovec){ data, u8(f) };
	iov[1] = (struct iovec){ data, u8(f) * 10 };
	if ((how & 2) != 0) {
		msg.msg_name = &a;
		msg.msg_namelen = (how & 4) != 0 ? sizeof(a) : u8(f) % (sizeof(a) + 1);
	}
	if ((how & 8) != 0) {
		msg.msg_control = control;
		msg.msg_controllen = MIN(u8(f) % sizeof(control), f->in.left);
		(void)rd_copy(&f->in, control, msg.msg_controllen);
	}
	(void)sock_sendmsg(s, &msg, (how & 0x40) != 0 ? u8(f) : 0);
}

static void do_recv(struct fuzz *f, struct sock *s)
{
	static const int flags[] = { 0, 0, MSG_PEEK, MSG_TRUNC, MSG_ERRQUEUE, MSG_OOB };
	uint8_t data[300], control[300], how = u8(f);
	struct sockaddr_in6 a;
	struct iovec iov = { data, u8(f) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t rc;

	if ((how & 0x80) != 0) {
		msg.msg_name = &a;
		msg.msg_namelen = u8(f) % (sizeof(a) + 1);
	}
	if ((how & 0x40) != 0) {
		msg.msg_control = control;
		msg.msg_controllen = u8(f);
	}
	rc = sock_recvmsg(s, &msg, flags[how % ARRAY_LEN(flags)]);
	ASSERT(rc < 0 || (size_t)rc <= iov.iov_len ||
	       (flags[how % ARRAY_LEN(flags)] & MSG_TRUNC) != 0);
	ASSERT(msg.msg_controllen <= UINT8_MAX);
}

/* Levels and names that there are, and octets of the input as value. */
static void do_option(struct fuzz *f, struct sock *s)
{
	static const int levels[] = { SOL_SOCKET,     IPPROTO_IPV6, IPPROTO_IPV6, IPPROTO_IPV6,
				      IPPROTO_ICMPV6, SOL_RAW,	    IPPROTO_UDP };
	uint8_t val[UINT8_MAX] __attribute__((aligned(8))) = { 0 };
	int level = levels[u8(f) % ARRAY_LEN(levels)], name = u8(f) % 128;
	uint8_t how = u8(f);
	socklen_t len = how % 64 == 63 ? sizeof(val) : how % 64;
	struct sockaddr_in6 a;

	if ((how & 0x40) != 0 &&
	    level == IPPROTO_IPV6) { /* an interface and a group, in each shape */
		a = addr(f);
		val[0] = val[16] = u8(f) % 4;
		memcpy(name < 30 ? val : val + 8, name < 30 ? (void *)&a.sin6_addr : (void *)&a,
		       name < 30 ? 16 : sizeof(a));
		a = addr(f);
		memcpy(val + 136, &a, sizeof(a));
		len = sizeof(val);
	} else {
		(void)rd_copy(&f->in, val, MIN(len, f->in.left));
	}
	if ((how & 0x80) != 0)
		(void)sock_getsockopt(s, level, name, val, &len);
	else
		(void)sock_setsockopt(s, level, name, val, len);
}

static void from_the_link(struct fuzz *f)
{
	static const struct mac to = { { 2, 0, 0, 0, 0, 1 } }, from = { { 2, 0, 0, 0, 0, 2 } };
	struct batch in = { .n = 0 };
	struct pkt *pkt = pkt_new(&f->pool, 400);
	struct sockaddr_in6 src = addr(f), dst = addr(f);
	uint32_t n = u8(f);
	struct ip6_addr sa, da;

	if (pkt == NULL)
		return;
	memcpy(sa.b, &src.sin6_addr, sizeof(sa.b));
	memcpy(da.b, &dst.sin6_addr, sizeof(da.b));
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), u8(f), 0, (uint16_t)n, u8(f), u8(f), &sa, &da);
	memset(pkt_put(pkt, n), 0, n);
	(void)rd_copy(&f->in, pkt->p + IP6_HDR_OCTETS, MIN(n, f->in.left));
	link_header(pkt, &to, &from, ETH_TYPE_IP6);
	batch_put(&in, pkt);
	ASSERT(node_input(f->n, f->ifindex, &in, f->now) == 0);
}

static void step(struct fuzz *f)
{
	uint8_t op = u8(f);
	unsigned i = op / 16 % SOCKETS;
	struct sock *s = f->s[i];
	struct sockaddr_in6 a;
	socklen_t len = u8(f) % (sizeof(a) + 1);

	if (op % 16 == 0 || (s == NULL && op % 16 < 12)) {
		do_open(f, i);
		return;
	}
	switch (op % 16) {
	case 1:
		a = addr(f);
		(void)sock_bind(s, (const struct sockaddr *)&a, sizeof(a));
		break;
	case 2:
		a = addr(f);
		(void)sock_connect(s, (const struct sockaddr *)&a,
				   (op & 0x80) != 0 ? len : sizeof(a));
		break;
	case 3:
	case 4:
	case 5:
		do_send(f, s);
		break;
	case 6:
	case 7:
		do_recv(f, s);
		break;
	case 8:
	case 9:
		do_option(f, s);
		break;
	case 10:
		(void)sock_shutdown(s, u8(f) % 4);
		(void)sock_poll(s);
		(void)sock_listen(s, 1);
		break;
	case 11:
		(void)sock_getsockname(s, (struct sockaddr *)&a, &len);
		(void)sock_getpeername(s, (struct sockaddr *)&a, &len);
		break;
	case 12:
	case 13:
		from_the_link(f);
		break;
	default:
		f->now += u8(f) * 100 * NS_PER_MS;
		node_run(f->n, f->now);
		break;
	}
}

static void check(const struct socks *socks)
{
	uint32_t queued = 0, n = 0, ports = 0;

	LIST_FOR_EACH(it, &socks->all) {
		const struct sock *s = LIST_ENTRY(it, struct sock, on);
		uint32_t mine = 0;

		for (const struct pkt *p = s->rx.n != 0 ? s->rx.head : NULL; p != NULL; p = p->next)
			mine += p->size;
		for (const struct pkt *p = s->more != NULL ? s->more->errors.head : NULL; p != NULL;
		     p = p->next)
			mine += p->size;
		ASSERT(mine == s->queued);
		queued += mine;
		n++;
		ports += s->port != 0;
	}
	ASSERT(queued == socks->queued && queued <= QUEUED_MAX);
	ASSERT(n == socks->n && n <= SOCKETS && ports == socks->ports.n);
	ASSERT(!socks_has_work(socks));
}

static void flush(struct fuzz *f)
{
	uint32_t ifindex;
	struct pktq q;

	node_settle(f->n, f->now);
	while (node_output(f->n, &ifindex, &q))
		pktq_free(&q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { .now = NS_PER_S, .in = rd_of(data, size) };
	struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
	struct ip6_addr a = { { 0x20, 1, 0x0d, 0xb8, [15] = 1 } };
	struct node_conf conf;

	pkt_pool_init(&f.pool, PKTS_MAX, 16);
	node_conf_init(&conf, "fuzz", &f.pool);
	f.n = node_new(&conf, f.now);
	ASSERT(f.n != NULL);
	f.n->socks.conf.queued_max = QUEUED_MAX;
	f.n->socks.conf.max = SOCKETS;
	f.ifindex = (uint32_t)node_if_add(f.n, "e0", &mac, 1500);
	node_if(f.n, f.ifindex)->conf.dad_transmits = 0;
	ASSERT(node_if_set(f.n, f.ifindex, true, f.now) == 0);
	ASSERT(nd_addr_add(&f.n->nd, node_if(f.n, f.ifindex), &a, 64, ADDR_STATIC, true) == 0);
	for (unsigned i = 0; i < OPS_MAX && f.in.left != 0; i++) {
		step(&f);
		flush(&f);
		check(&f.n->socks);
	}
	node_free(f.n);
	pkt_pool_done(&f.pool);
	return 0;
}
