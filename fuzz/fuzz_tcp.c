/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One TCP connection, its peer and the clock in the hands of the input: segments near what is
 * expected, or any; errors, calls of the owner, time. Whatever comes: no crash, no leak, bounded
 * tables, and the owner reads what the peer wrote.
 */
#include "base/csum.h"
#include "node/node.h"
#include "transport/tcp.h"
#include "transport/tcp_seg.h"

#define STEP 31

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct play {
	struct rd in;
	struct pkt_pool pool;
	struct node *node;
	uint32_t ifindex;
	struct mac mac;
	struct tcp_end ours, peer;
	struct tcp *tc;
	struct tcp_listener *l;
	uint32_t seq, ack; /* where the peer stands, and the node, as last seen */
	time_ns now;
};

static uint8_t u8(struct play *y)
{
	uint8_t v = 0;

	(void)rd_u8(&y->in, &v);
	return v;
}

static uint32_t u32(struct play *y)
{
	uint32_t v = 0;

	(void)rd_u32(&y->in, &v);
	return v;
}

static uint8_t pattern(uint32_t seq)
{
	return (uint8_t)(seq * STEP);
}

/* What the node sends: where it stands; and the packets go. */
static void drain(struct play *y)
{
	uint32_t ifindex;
	struct pktq q;

	while (node_output(y->node, &ifindex, &q)) {
		struct pkt *pkt;

		while ((pkt = pktq_get(&q)) != NULL) {
			struct tcp_seg s;

			pkt_pull(pkt, ETH_HDR_OCTETS);
			pkt->l4_off = IP6_HDR_OCTETS;
			if (pkt->p[IP6_NEXT_OFF] == IP6_NH_TCP) {
				ASSERT(tcp_seg_parse(pkt, &s) == DROP_NONE);
				ASSERT(pkt->len <= 1500);
				y->ack = s.seq + tcp_seg_len(&s);
				if ((s.flags & TCP_ACK) != 0 && (s.flags & TCP_RST) == 0)
					y->seq = s.ack;
				y->ours.port = s.sport;
			}
			pkt_free(pkt);
		}
	}
}

static void deliver(struct play *y, struct pkt *pkt)
{
	struct mac from = { { 2, 0, 0, 0, 1, 0 } };
	struct batch in = { .n = 0 };

	link_header(pkt, &y->mac, &from, ETH_TYPE_IP6);
	batch_put(&in, pkt);
	ASSERT(node_input(y->node, y->ifindex, &in, y->now) == 0);
}

static uint32_t near(struct play *y, uint32_t of)
{
	uint8_t how = u8(y);

	if (how < 160)
		return of;
	return how < 240 ? of + (uint32_t)(int8_t)u8(y) * 16 : u32(y);
}

static void segment(struct play *y)
{
	struct tcp_seg s = { .src = y->peer.addr,
			     .dst = y->ours.addr,
			     .sport = y->peer.port,
			     .dport = y->ours.port };
	uint8_t more = u8(y);
	uint32_t hdr;
	struct pkt *pkt;
	uint8_t *h;

	s.flags = (more & 0x80) != 0 ? u8(y) : TCP_ACK;
	s.seq = near(y, y->seq);
	s.ack = near(y, y->ack);
	s.wnd = (uint16_t)((more & 0x40) != 0 ? u32(y) : 65535);
	s.len = (more & 0x20) != 0 ? u32(y) % 1400 : 0;
	s.has = (more & 0x10) != 0 ? u8(y) & 0x0f : 0;
	s.mss = (uint16_t)(100 + u8(y) * 8);
	s.wscale = u8(y) & 0x0f;
	s.tsval = (uint32_t)(y->now / NS_PER_MS) + (s.has != 0 ? (uint32_t)(int8_t)u8(y) : 0);
	s.tsecr = s.tsval;
	for (s.n_sack = 0; s.n_sack < (more & 3); s.n_sack++) {
		s.sack[s.n_sack].from = near(y, y->ack) - u8(y) * 100u;
		s.sack[s.n_sack].to = s.sack[s.n_sack].from + u8(y) * 100u;
	}
	if ((more & 3) == 3)
		s.has &= (uint8_t)~TCP_HAS_TS;
	if (s.n_sack != 0)
		s.has &= TCP_HAS_TS;
	hdr = tcp_seg_hdr_octets(&s);
	pkt = pkt_new(&y->pool, IP6_HDR_OCTETS + hdr + s.len);
	if (pkt == NULL)
		return;
	h = pkt_put(pkt, IP6_HDR_OCTETS + hdr + s.len);
	ip6_put_header(h, (more & 8) != 0 ? IP6_ECN_CE : 0, 0, (uint16_t)(hdr + s.len), IP6_NH_TCP,
		       64, &s.src, &s.dst);
	for (uint32_t i = 0; i < s.len; i++)
		h[IP6_HDR_OCTETS + hdr + i] = pattern(s.seq + ((s.flags & TCP_SYN) != 0) + i);
	tcp_seg_put(h + IP6_HDR_OCTETS, &s);
	deliver(y, pkt);
}

/* Any octets as a TCP header: the options. */
static void raw(struct play *y)
{
	struct pkt *pkt = pkt_new(&y->pool, IP6_HDR_OCTETS + 60);
	uint32_t n = (u8(y) % 61) & ~3u;
	uint8_t *h;

	if (pkt == NULL)
		return;
	h = pkt_put(pkt, IP6_HDR_OCTETS + n);
	ip6_put_header(h, 0, 0, (uint16_t)n, IP6_NH_TCP, 64, &y->peer.addr, &y->ours.addr);
	memset(h + IP6_HDR_OCTETS, 0, n);
	(void)rd_copy(&y->in, h + IP6_HDR_OCTETS, MIN(n, y->in.left));
	if (n >= TCP_HDR_OCTETS) {
		struct tcp_seg s = { .src = y->peer.addr, .dst = y->ours.addr };
		uint8_t *t = h + IP6_HDR_OCTETS;

		put_be16(t + TCP_SPORT_OFF, y->peer.port);
		put_be16(t + TCP_DPORT_OFF, y->ours.port);
		t[TCP_DOFF_OFF] = (uint8_t)(n / 4 << 4); /* no text: its pattern would be wrong */
		put_be32(t + TCP_SEQ_OFF, y->seq);
		put_be32(t + TCP_ACK_OFF, y->ack);
		put_be16(t + TCP_CSUM_OFF, 0);
		put_be16(t + TCP_CSUM_OFF, csum_upper(&s.src, &s.dst, t, n, IP6_NH_TCP));
	}
	deliver(y, pkt);
}

static void error(struct play *y)
{
	struct pkt *pkt = pkt_new(&y->pool, 200);
	uint8_t *h, *m, *q;
	uint32_t n = 8 + IP6_HDR_OCTETS + 8;

	if (pkt == NULL)
		return;
	h = pkt_put(pkt, IP6_HDR_OCTETS + n);
	memset(h, 0, IP6_HDR_OCTETS + n);
	ip6_put_header(h, 0, 0, (uint16_t)n, IP6_NH_ICMP6, 64, &y->peer.addr, &y->ours.addr);
	m = h + IP6_HDR_OCTETS;
	m[0] = u8(y) & 3;
	m[1] = u8(y) & 7;
	put_be32(m + 4, 1200u + u8(y));
	q = m + 8;
	ip6_put_header(q, 0, 0, 1460, IP6_NH_TCP, 64, &y->ours.addr, &y->peer.addr);
	put_be16(q + IP6_HDR_OCTETS, y->ours.port);
	put_be16(q + IP6_HDR_OCTETS + 2, y->peer.port);
	put_be32(q + IP6_HDR_OCTETS + 4, near(y, y->ack) - u8(y));
	put_be16(m + ICMP6_CSUM_OFF, csum_upper(&y->peer.addr, &y->ours.addr, m, n, IP6_NH_ICMP6));
	deliver(y, pkt);
}

/* Octets in order have patterns in order, wherever the peer's numbers began. */
static void read_some(struct play *y, uint8_t *buf, size_t n)
{
	long rc = tcp_recv(y->tc, buf, n);

	for (long i = 0; i + 1 < rc; i++)
		ASSERT((uint8_t)(buf[i + 1] - buf[i]) == STEP);
}

static void owner(struct play *y)
{
	static uint8_t buf[8192];
	uint8_t what = u8(y);
	struct tcp_opts o;

	if (y->tc == NULL)
		return;
	switch (what & 7) {
	case 0:
		(void)tcp_shutdown(y->tc);
		break;
	case 1:
		if ((what & 8) != 0)
			tcp_abort(y->tc);
		else
			tcp_close(y->tc);
		y->tc = NULL;
		break;
	case 2:
	case 3:
		(void)tcp_send(y->tc, buf, u32(y) % sizeof(buf));
		break;
	case 4:
		(void)tcp_send_urgent(y->tc, buf, 1);
		break;
	case 5:
		o = *tcp_opts(y->tc);
		o.nodelay = (what & 8) != 0;
		o.keepalive = (what & 16) != 0;
		o.rcvbuf = (what & 32) != 0 ? 3000 : 100000;
		tcp_set_opts(y->tc, &o);
		break;
	default:
		read_some(y, buf, u32(y) % sizeof(buf));
		break;
	}
	node_settle(y->node, y->now);
}

static void begin(struct play *y)
{
	static const struct mac other = { { 2, 0, 0, 0, 1, 0 } };
	struct node_conf conf;
	struct iface *ifc;
	uint8_t how = u8(y);

	pkt_pool_init(&y->pool, 512, 4);
	node_conf_init(&conf, "fuzz", &y->pool);
	memset(conf.seed, how, sizeof(conf.seed));
	y->now = 1000 * NS_PER_S;
	y->node = node_new(&conf, y->now);
	ASSERT(y->node != NULL);
	y->mac = (struct mac){ { 2, 0, 0, 0, 0, 0 } };
	y->ifindex = (uint32_t)node_if_add(y->node, "e0", &y->mac, 1500);
	ifc = node_if(y->node, y->ifindex);
	ifc->conf.dad_transmits = 0;
	ifc->conf.max_rtr_solicitations = 0;
	(void)node_if_set(y->node, y->ifindex, true, y->now);
	y->ours = (struct tcp_end){ .addr = { { 0x20, 1, 0xd, 0xb8, [15] = 1 } }, .port = 80 };
	y->peer = (struct tcp_end){ .addr = { { 0x20, 1, 0xd, 0xb8, [15] = 2 } }, .port = 9 };
	ASSERT(nd_addr_add(&y->node->nd, ifc, &y->ours.addr, 64, ADDR_STATIC, true) == 0);
	ASSERT(neigh_set(&y->node->ip6.neigh, &ifc->link, &y->peer.addr, &other) != NULL);
	y->node->tcp.conf.half_open_max = (how & 1) != 0 ? 0 : 2;
	y->node->tcp.conf.mem_max = 1u << 20;
	y->node->tcp.conf.opts.rcvbuf = y->node->tcp.conf.opts.sndbuf = 100000;
	y->node->tcp.conf.opts.cc = (how & 4) != 0 ? &TCP_NEWRENO : &TCP_CUBIC;
	ASSERT(tcp_listen(&y->node->tcp, &y->ours, 2, NULL, &y->l) == 0);
	if ((how & 2) != 0)
		ASSERT(tcp_connect(&y->node->tcp, NULL, &y->peer, NULL, &y->tc) == 0);
	node_settle(y->node, y->now);
	y->seq = 1000;
}

static void check(struct play *y)
{
	struct tcp_stack *s = &y->node->tcp;
	struct tcp_info i;

	drain(y);
	if (y->tc == NULL)
		y->tc = tcp_accept(y->l);
	ASSERT(s->mem <= s->conf.mem_max && s->n_conns < 100);
	if (y->tc == NULL)
		return;
	tcp_info(y->tc, &i);
	ASSERT(i.cwnd <= 1u << 30 && (i.state == TCP_CLOSED || i.cwnd >= 1));
	ASSERT(i.in_flight <= 200000 && i.unread <= 200000 && i.unsent <= 200000);
	ASSERT(i.rcv_wnd <= 200000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct play y = { .in = rd_of(data, size) };

	begin(&y);
	check(&y);
	while (y.in.left != 0) {
		uint8_t what = u8(&y);

		switch (what & 7) {
		case 0:
			raw(&y);
			break;
		case 1:
			error(&y);
			break;
		case 2:
		case 3:
			owner(&y);
			break;
		case 4:
			y.now += (time_ns)(1 + (what >> 3)) * 50 * NS_PER_MS << (u8(&y) & 15);
			node_run(y.node, y.now);
			break;
		default:
			segment(&y);
			break;
		}
		check(&y);
	}
	if (y.tc != NULL)
		tcp_close(y.tc);
	node_settle(y.node, y.now);
	tcp_listener_free(y.l);
	node_free(y.node);
	ASSERT(y.pool.used == 0);
	pkt_pool_done(&y.pool);
	return 0;
}
