/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IPv4 on a whole node in virtual time: a router with sockets of both families. The input is a list of
 * operations, one octet each with its arguments behind: raw frames, packets with good headers, fragments,
 * ARP messages, errors about what the node sent last, sockets that send, time that passes, addresses and
 * routes that come and go. After each the node must be at rest; at the end every buffer is home.
 */
#include "base/csum.h"
#include "ip4/ip4.h"
#include "node/node.h"

/* prototype for -Wmissing-prototypes; libFuzzer calls it */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_IFS	  2
#define N_SOCKS	  4
#define OPS_MAX	  300
#define FRAME_MAX 1514

struct fuzz {
	struct pkt_pool pool;
	struct node *n;
	time_ns now;
	struct rd in;
	struct sock *s[N_SOCKS];
	uint8_t last[576]; /* what the node sent last, from its IPv4 header */
	uint32_t last_len;
};

static const char *const palette[] = {
	"192.0.2.1",	"192.0.2.2", "192.0.2.3",	"192.0.2.255", "198.51.100.1",
	"198.51.100.2", "10.0.0.1",  "255.255.255.255", "224.0.0.1",   "239.1.1.1",
	"127.0.0.1",	"0.0.0.0",   "169.254.1.1",	"240.0.0.1",   "127.9.9.9",
};

static uint8_t u8(struct fuzz *f)
{
	uint8_t v = 0;

	(void)rd_u8(&f->in, &v);
	return v;
}

static struct ip6_addr addr(struct fuzz *f)
{
	struct ip6_addr a;
	int rc = addr_parse(palette[u8(f) % ARRAY_LEN(palette)], &a);

	ASSERT(rc == 0);
	return a;
}

static void give(struct fuzz *f, struct pkt *pkt, uint16_t type)
{
	uint8_t how = u8(f);
	uint32_t ifindex = 2 + (how & 1);
	struct iface *ifc = node_if(f->n, ifindex);
	struct mac to = ifc->link.mac, from = { { 2, 0, 0, 0, 1, how & 3 } };
	struct batch b = { .n = 0 };
	int rc;

	if ((how & 4) != 0)
		memset(to.b, 0xff, sizeof(to.b));
	link_header(pkt, &to, &from, type);
	batch_put(&b, pkt);
	rc = node_input(f->n, ifindex, &b, f->now);
	ASSERT(rc == 0);
}

static void put_input(struct fuzz *f, struct pkt *pkt)
{
	uint32_t n = u8(f);

	n = (uint32_t)MIN(MIN(n, pkt_tailroom(pkt)), f->in.left);
	(void)rd_copy(&f->in, pkt_put(pkt, n), n);
}

static void op_raw(struct fuzz *f, bool arp)
{
	struct pkt *pkt = pkt_new(&f->pool, FRAME_MAX);

	if (pkt == NULL)
		return;
	put_input(f, pkt);
	give(f, pkt, arp ? ETH_TYPE_ARP : ETH_TYPE_IP4);
}

static void op_arp(struct fuzz *f)
{
	struct pkt *pkt = pkt_new(&f->pool, FRAME_MAX);
	struct ip6_addr spa = addr(f), tpa = addr(f);
	uint8_t *p;

	if (pkt == NULL)
		return;
	p = pkt_put(pkt, 28);
	memset(p, 0, 28);
	memcpy(p, "\0\1\10\0\6\4\0", 7);
	p[7] = (uint8_t)(1 + (u8(f) & 1));
	p[8] = 2;
	p[13] = u8(f) & 3;
	put_be32(p + 14, ip4_of(&spa));
	put_be32(p + 24, ip4_of(&tpa));
	give(f, pkt, ETH_TYPE_ARP);
}

static void csums(struct pkt *pkt, const struct ip6_addr *src, const struct ip6_addr *dst,
		  uint8_t proto, uint32_t hdr)
{
	uint8_t *m = pkt->p + hdr;
	uint32_t n = pkt->len - hdr, at = proto == 1 ? 2 : proto == 17 ? 6 : 16;

	put_be16(pkt->p + IP4_LEN_OFF, (uint16_t)pkt->len);
	put_be16(pkt->p + IP4_CSUM_OFF, 0);
	put_be16(pkt->p + IP4_CSUM_OFF, (uint16_t)~csum_fold(csum_add(0, pkt->p, hdr)));
	if (n < at + 2)
		return;
	put_be16(m + at, 0);
	put_be16(m + at, proto == 1 ? (uint16_t)~csum_fold(csum_add(0, m, n))
				    : csum_upper(src, dst, m, n, proto));
}

/* A good header, perhaps with options, perhaps of a fragment; then what the input says. */
static void op_packet(struct fuzz *f)
{
	static const uint8_t protos[] = { 1, 17, 6, 1, 17, 200, 58, 44 };
	struct pkt *pkt = pkt_new(&f->pool, FRAME_MAX);
	struct ip4_hdr h = { .ttl = 3 };
	uint32_t hdr = IP4_HDR_OCTETS;
	uint8_t how = u8(f), *p;

	if (pkt == NULL)
		return;
	h.proto = protos[how & 7];
	h.src = addr(f);
	h.dst = addr(f);
	if ((how & 0x10) != 0) {
		h.id = u8(f) & 3;
		h.off = (uint16_t)((u8(f) & 1) != 0 ? IP4_MF : 0) | (u8(f) & 15);
	}
	if ((how & 0x20) != 0)
		h.off |= IP4_DF;
	ip4_hdr_put(pkt_put(pkt, IP4_HDR_OCTETS), &h, 0);
	if ((how & 0x08) != 0) {
		p = pkt_put(pkt, 8);
		memset(p, 0, 8);
		(void)rd_copy(&f->in, p, 8);
		hdr += 8;
		pkt->p[0] = 0x47;
	}
	put_input(f, pkt);
	if ((how & 0x40) != 0) { /* a long one */
		uint32_t n = 8u * u8(f);

		n = MIN(n, pkt_tailroom(pkt));
		memset(pkt_put(pkt, n), 0, n);
	}
	csums(pkt, &h.src, &h.dst, h.proto, hdr);
	give(f, pkt, ETH_TYPE_IP4);
}

/* An error that quotes what the node sent last. */
static void op_error(struct fuzz *f)
{
	struct pkt *pkt = pkt_new(&f->pool, FRAME_MAX);
	struct ip4_hdr h = { .ttl = 9, .proto = 1, .src = addr(f) };
	uint8_t *m;

	if (pkt == NULL)
		return;
	h.dst = addr(f);
	ip4_hdr_put(pkt_put(pkt, IP4_HDR_OCTETS), &h, 0);
	m = pkt_put(pkt, 8);
	memset(m, 0, 8);
	m[0] = (uint8_t[4]){ 3, 11, 12, 3 }[u8(f) & 3];
	m[1] = u8(f) & 15;
	put_be16(m + 6, (uint16_t)(u8(f) * 8));
	memcpy(pkt_put(pkt, f->last_len), f->last, f->last_len);
	csums(pkt, &h.src, &h.dst, 1, IP4_HDR_OCTETS);
	give(f, pkt, ETH_TYPE_IP4);
}

static struct sockaddr_in6 name(struct fuzz *f, int family)
{
	struct ip6_addr a = addr(f);
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	uint8_t port[2] = { 0, u8(f) & 3 };

	memcpy(&sin6.sin6_addr, a.b, sizeof(a.b));
	memcpy(&sin6.sin6_port, port, sizeof(port));
	memcpy(&sin.sin_addr, a.b + 12, 4);
	memcpy(&sin.sin_port, port, sizeof(port));
	if (family == AF_INET)
		memcpy(&sin6, &sin, sizeof(sin));
	return sin6;
}

static void op_socket(struct fuzz *f)
{
	static const struct {
		int family, type, protocol;
	} kinds[] = {
		{ AF_INET, SOCK_DGRAM, 0 },  { AF_INET6, SOCK_DGRAM, 0 },
		{ AF_INET, SOCK_STREAM, 0 }, { AF_INET6, SOCK_STREAM, 0 },
		{ AF_INET, SOCK_RAW, 1 },    { AF_INET, SOCK_DGRAM, 1 },
		{ AF_INET, SOCK_RAW, 255 },  { AF_INET, SOCK_RAW, 17 },
	};
	uint8_t how = u8(f), k = u8(f) % ARRAY_LEN(kinds), i = how & 3;
	struct sockaddr_in6 a;

	if (f->s[i] != NULL) {
		sock_close(f->s[i]);
		f->s[i] = NULL;
		return;
	}
	if (sock_open(&f->n->socks, kinds[k].family, kinds[k].type, kinds[k].protocol, &f->s[i]) <
	    0) {
		f->s[i] = NULL;
		return;
	}
	a = name(f, kinds[k].family);
	if ((how & 4) != 0)
		(void)sock_bind(f->s[i], (struct sockaddr *)&a, sizeof(a));
	if ((how & 8) != 0)
		(void)sock_listen(f->s[i], 2);
	a = name(f, kinds[k].family);
	if ((how & 16) != 0)
		(void)sock_connect(f->s[i], (struct sockaddr *)&a, sizeof(a));
}

static void op_option(struct fuzz *f)
{
	struct sock *s = f->s[u8(f) & 3];
	uint8_t name_ = u8(f), v[16] = { 0 }, len = u8(f) & 15;
	socklen_t room = sizeof(v);

	(void)rd_copy(&f->in, v, len);
	if (s == NULL)
		return;
	(void)sock_setsockopt(s, IPPROTO_IP, name_ & 63, v, len);
	(void)sock_getsockopt(s, IPPROTO_IP, name_ & 63, v, &room);
}

static void op_talk(struct fuzz *f)
{
	static uint8_t data[5000];
	struct sock *s = f->s[u8(f) & 3];
	uint8_t control[256] = { 0 };
	struct iovec iov = { data, u8(f) * 16u };
	struct sockaddr_in6 to;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (s == NULL)
		return;
	to = name(f, s->family);
	msg.msg_name = (u8(f) & 1) != 0 ? &to : NULL;
	msg.msg_namelen = msg.msg_name != NULL ? sizeof(to) : 0;
	(void)sock_sendmsg(s, &msg, 0);
	node_settle(f->n, f->now);
	msg = (struct msghdr){ .msg_name = &to,
			       .msg_namelen = sizeof(to),
			       .msg_iov = &iov,
			       .msg_iovlen = 1,
			       .msg_control = control,
			       .msg_controllen = sizeof(control) };
	(void)sock_recvmsg(s, &msg, (u8(f) & 1) != 0 ? MSG_ERRQUEUE : 0);
}

static void op_config(struct fuzz *f)
{
	uint8_t how = u8(f);
	struct iface *ifc = node_if(f->n, 2 + (how & 1));
	struct ip6_addr a = addr(f);
	struct route r = {
		.table = FIB_TABLE_MAIN, .dst = a, .dst_len = 120, .expires = TIME_NEVER
	};

	switch (how >> 1 & 3) {
	case 0:
		(void)nd_addr_add(&f->n->nd, ifc, &a, 96u + how % 33, ADDR_STATIC, false);
		break;
	case 1:
		(void)nd_addr_del(&f->n->nd, ifc, &a);
		break;
	case 2:
		r.via.ifindex = if_index(ifc);
		r.via.gateway = addr(f);
		(void)fib_add(f->n->ip6.fib4, &r);
		break;
	default:
		(void)node_if_set(f->n, if_index(ifc), (how & 8) != 0, f->now);
		break;
	}
	node_settle(f->n, f->now);
}

static void collect(struct fuzz *f)
{
	uint32_t ifindex;
	struct pktq q;
	struct pkt *pkt;

	while (node_output(f->n, &ifindex, &q)) {
		while ((pkt = pktq_get(&q)) != NULL) {
			if (get_be16(pkt->p + ETH_TYPE_OFF) == ETH_TYPE_IP4) {
				struct ip4_hdr h;

				/* whatever goes out is well-formed */
				pkt_pull(pkt, ETH_HDR_OCTETS);
				ASSERT(ip4_hdr_parse(rd_of(pkt->p, pkt->len), &h) == DROP_NONE);
				ASSERT(h.len == pkt->len && !mapped_is_loopback(&h.src));
				f->last_len = MIN(pkt->len, (uint32_t)sizeof(f->last));
				memcpy(f->last, pkt->p, f->last_len);
			}
			pkt_free(pkt);
		}
	}
}

static void pass(struct fuzz *f, time_ns t)
{
	f->now = time_after(f->now, t);
	for (unsigned i = 0; i < 200 && node_next(f->n) <= f->now; i++) {
		node_run(f->n, MAX(node_next(f->n), f->n->env.now));
		collect(f);
	}
	f->now = MAX(f->now, f->n->env.now);
	node_run(f->n, f->now);
}

static void op(struct fuzz *f)
{
	uint8_t what = u8(f);

	switch (what & 7) {
	case 0:
		op_raw(f, (what & 8) != 0);
		break;
	case 1:
		op_arp(f);
		break;
	case 2:
		op_error(f);
		break;
	case 3:
		op_socket(f);
		break;
	case 4:
		if ((what & 8) != 0)
			op_option(f);
		else
			op_talk(f);
		break;
	case 5:
		op_config(f);
		break;
	case 6:
		pass(f, (time_ns)(what >> 3) * NS_PER_S / 2);
		break;
	default:
		op_packet(f);
		break;
	}
	ASSERT(!ip4_has_work(&f->n->ip6) && f->n->ip6.upper.n == 0);
	collect(f);
}

static void begin(struct fuzz *f)
{
	static const char *const own[N_IFS] = { "192.0.2.1", "198.51.100.1" };
	struct node_conf conf;

	f->now = NS_PER_S;
	pkt_pool_init(&f->pool, 1024, 16);
	node_conf_init(&conf, "fuzz", &f->pool);
	f->n = node_new(&conf, f->now);
	ASSERT(f->n != NULL);
	for (unsigned i = 0; i < N_IFS; i++) {
		struct mac mac = { { 2, 0, 0, 0, 0, (uint8_t)i } };
		int ifindex = node_if_add(f->n, i == 0 ? "e0" : "e1", &mac, 1500 - i * 200);
		struct ip6_addr a;
		int rc = addr_parse(own[i], &a);

		ASSERT(ifindex == (int)i + 2 && rc == 0);
		node_if(f->n, (uint32_t)ifindex)->conf.forwarding4 = true;
		(void)node_if_set(f->n, (uint32_t)ifindex, true, f->now);
		(void)nd_addr_add(&f->n->nd, node_if(f->n, (uint32_t)ifindex), &a, 120, ADDR_STATIC,
				  false);
	}
	node_settle(f->n, f->now);
	collect(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { .in = rd_of(data, size) };

	begin(&f);
	for (unsigned i = 0; i < OPS_MAX && f.in.left > 0; i++)
		op(&f);
	for (unsigned i = 0; i < N_SOCKS; i++)
		sock_close(f.s[i]);
	node_settle(f.n, f.now);
	collect(&f);
	node_free(f.n);
	ASSERT(f.pool.used == 0);
	pkt_pool_done(&f.pool);
	return 0;
}
