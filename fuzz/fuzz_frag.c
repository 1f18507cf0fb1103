/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reassembly and fragmentation, driven by a list of commands: fragments of a few datagrams with
 * any offset and length, arbitrary packets, packets that are fragmented here, and time that
 * passes. The data of fragments is a function of their offset, so that a whole packet tells
 * whether its pieces are where they belong. At the end no buffer is out.
 */
#include "ip6/frag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct play {
	struct pkt_pool pool;
	struct env env;
	struct frag_table t;
	struct rd in;
};

static uint8_t mark(uint32_t k)
{
	return (uint8_t)(k * 7 + (k >> 8) * 13 + 1);
}

static uint8_t u8(struct play *y)
{
	uint8_t v = 0;

	(void)rd_u8(&y->in, &v);
	return v;
}

static uint16_t u16(struct play *y)
{
	uint16_t v = 0;

	(void)rd_u16(&y->in, &v);
	return v;
}

static void answer(const struct frag_error *err)
{
	if (err->quote == NULL)
		return;
	ASSERT(err->why != DROP_NONE && err->quote->len >= IP6_HDR_OCTETS);
	ASSERT(err->param < err->quote->len);
	pkt_free(err->quote);
}

static void check_bounds(const struct play *y)
{
	ASSERT(y->t.octets <= y->t.conf.octets_max);
	ASSERT(y->t.datagrams <= y->t.conf.datagrams_max);
	ASSERT(y->env.timers.n == y->t.datagrams && y->t.tab.n == y->t.datagrams);
	ASSERT(y->t.sources.n == y->t.datagrams);
}

/* As the way in does. @marked: its data is marks, if it gets whole. */
static void input(struct play *y, struct pkt *pkt, bool marked)
{
	bool fragmented = false;
	struct ip6_walk w;

	ip6_walk_begin(&w, pkt);
	for (;;) {
		struct frag_error err = { .quote = NULL };
		bool atomic;

		ip6_walk_chain(&w, pkt, &IP6_EXT_LIMITS_DEFAULT);
		if (w.why != DROP_NONE || w.next != IP6_NH_FRAGMENT)
			break;
		atomic = w.frag_atomic;
		pkt = frag_input(&y->t, pkt, &w, &err);
		ASSERT(pkt == NULL || err.quote == NULL);
		answer(&err);
		check_bounds(y);
		if (pkt == NULL)
			return;
		ASSERT((pkt->flags & PKT_REASSEMBLED) != 0 && w.off <= pkt->len);
		ASSERT(ip6_hdr_plen(pkt->p) == pkt->len - IP6_HDR_OCTETS);
		fragmented |= !atomic;
	}
	if (marked && fragmented)
		for (uint32_t k = 0; w.off + k < pkt->len; k++)
			ASSERT(pkt->p[w.off + k] == mark(k));
	pkt_free(pkt);
}

static struct pkt *header(struct play *y, uint8_t who, uint8_t next, uint32_t n)
{
	struct ip6_addr src = { { 0x20, 1, [15] = 1 } }, dst = { { 0x20, 1, [15] = 2 } };
	struct pkt *pkt = pkt_new(&y->pool, IP6_HDR_OCTETS + n);

	if (pkt == NULL)
		return NULL;
	src.b[15] = who & 3;
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), who >> 6, 0, (uint16_t)n, next, 64, &src,
		       &dst);
	return pkt;
}

static void one_piece(struct play *y)
{
	uint8_t who = u8(y);
	uint16_t bits = u16(y), len = u16(y);
	uint32_t n = bits & 2 ? len & 0x3ff8u : len & 0x7fu;
	struct pkt *pkt = header(y, who, IP6_NH_FRAGMENT, IP6_FRAG_OCTETS + n);
	uint8_t *p;

	if (pkt == NULL)
		return;
	p = pkt_put(pkt, IP6_FRAG_OCTETS + n);
	p[0] = IP6_NH_UDP;
	p[1] = 0;
	put_be16(p + 2, bits & 4 ? bits : bits & 0x00f9); /* most are close together */
	put_be32(p + 4, who >> 2 & 3);
	for (uint32_t k = 0; k < n; k++)
		p[IP6_FRAG_OCTETS + k] = mark((get_be16(p + 2) & IP6_FRAG_OFFSET_MASK) + k);
	input(y, pkt, true);
}

static void raw_packet(struct play *y)
{
	uint8_t who = u8(y), next = u8(y), n = u8(y);
	struct pkt *pkt;
	struct rd body;

	if (!rd_take(&y->in, n, &body))
		return;
	pkt = header(y, who & 0x3c, next, n);
	if (pkt == NULL)
		return;
	memcpy(pkt_put(pkt, n), body.p, n);
	input(y, pkt, false);
}

static void own_packet(struct play *y)
{
	uint32_t mtu = u16(y) & 0x7ff, n = u16(y);
	uint8_t next = u8(y), ext = u8(y) & 0x3f;
	struct pkt *pkt = header(y, 0xfc, next, n), *f;
	struct pktq q = { 0 };
	struct rd body;

	if (pkt == NULL)
		return;
	memset(pkt_put(pkt, n), 0, n);
	if (ext <= n && rd_take(&y->in, ext, &body) && ext != 0)
		memcpy(pkt->p + IP6_HDR_OCTETS, body.p, ext);
	if (ip6_fragment(&y->env, pkt, mtu, u8(y), &q) < 0)
		ASSERT(q.n == 0);
	while ((f = pktq_get(&q)) != NULL) {
		ASSERT(f->len <= mtu && ip6_hdr_plen(f->p) == f->len - IP6_HDR_OCTETS);
		input(y, f, false);
	}
}

static void pass_time(struct play *y)
{
	struct timer *timer;

	y->env.now += u8(y) * NS_PER_S;
	while ((timer = timers_pop(&y->env.timers, y->env.now)) != NULL) {
		struct frag_error err = { .quote = NULL };

		frag_timer(&y->t, timer, &err);
		answer(&err);
	}
	check_bounds(y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[RNG_SEED_OCTETS];
	struct frag_conf conf = FRAG_CONF_DEFAULT;
	struct play y = { .in = rd_of(data, size) };

	conf.octets_max = 16 * PKT_SMALL + PKT_LARGE;
	conf.datagrams_max = 12;
	conf.per_source_max = 5;
	conf.pieces_max = 6;
	pkt_pool_init(&y.pool, 128, 4);
	env_init(&y.env, &y.pool, seed, 0);
	frag_init(&y.t, &y.env, &conf);
	while (y.in.left != 0) {
		switch (u8(&y) & 7) {
		case 0:
			raw_packet(&y);
			break;
		case 1:
			own_packet(&y);
			break;
		case 2:
			pass_time(&y);
			break;
		default:
			one_piece(&y);
			break;
		}
	}
	frag_done(&y.t);
	ASSERT(y.pool.used == 0 && y.env.timers.n == 0);
	pkt_pool_done(&y.pool);
	return 0;
}
