/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Multicast forwarding: a node takes frames to random groups of a thousand on one interface and
 * gives each out on 1 or 8 others. As forward.c, but that frames are new buffers of the pool, and
 * all that is given out goes back to it, as after a driver has sent it: that is timed, for copies
 * are what this is about.
 */
#include "bench.h"

#include <stdlib.h>

#include "frame.h"
#include "node/node.h"

#define GROUPS	1000
#define RING	1024
#define BATCHES (RING / BATCH_MAX)
#define IN	0 /* the mif, and the first of the others is 1 */

struct fan {
	struct pkt_pool pool;
	struct node *node;
	uint32_t in, outs;
	time_ns now;
	uint64_t rnd;
	uint8_t frame[FRAME_OCTETS];
	struct pkt *ring[RING];
};

static struct ip6_addr group_addr(uint32_t i)
{
	struct ip6_addr a = { { 0xff, 0x1e } };

	put_be32(a.b + 12, i);
	return a;
}

static void add_if(struct fan *f, unsigned mif)
{
	struct mac mac = { { 2, 0, 0, 0, 0, (uint8_t)(mif + 1) } };
	char name[] = { 'e', (char)('0' + mif), '\0' };
	int ifindex = node_if_add(f->node, name, &mac, 1500);

	ASSERT(ifindex > 0);
	nd_set_forwarding(&f->node->nd, node_if(f->node, (uint32_t)ifindex), true);
	ASSERT(node_if_set(f->node, (uint32_t)ifindex, true, f->now) == 0);
	ASSERT(mroute_mif_add(&f->node->ip6, mif, (uint32_t)ifindex, 1) == 0);
	if (mif == IN)
		f->in = (uint32_t)ifindex;
}

/* Let duplicate address detection, listener reports and so on be over. */
static void settle(struct fan *f)
{
	struct pktq q = { 0 };
	uint32_t ifindex;
	time_ns next;

	while ((next = node_next(f->node)) < 60 * NS_PER_S) {
		f->now = MAX(f->now, next);
		node_run(f->node, f->now);
		while (node_output(f->node, &ifindex, &q))
			pktq_free(&q);
	}
}

static void fan_init(struct fan *f, uint32_t outs)
{
	static const uint8_t to[ETH_MAC_OCTETS] = { 0x33, 0x33 };
	struct node_conf conf;

	*f = (struct fan){ .now = NS_PER_S, .outs = outs };
	pkt_pool_init(&f->pool, 4 * RING, 4);
	node_conf_init(&conf, "fan", &f->pool);
	f->node = node_new(&conf, f->now);
	ASSERT(f->node != NULL);
	for (unsigned mif = IN; mif <= outs; mif++)
		add_if(f, mif);
	settle(f);
	frame_make(f->frame, to);
	for (uint32_t i = 0; i < GROUPS; i++) {
		struct mroute_route r = { .src = ip6_hdr_src(f->frame + ETH_HDR_OCTETS),
					  .group = group_addr(i),
					  .iif = IN,
					  .oifs = (UINT64_C(2) << outs) - 2 };

		ASSERT(mroute_add(&f->node->ip6, &r) == 0);
	}
}

static void fan_done(struct fan *f)
{
	node_free(f->node);
	pkt_pool_done(&f->pool);
}

static void write_ring(struct fan *f)
{
	for (unsigned i = 0; i < RING; i++) {
		struct ip6_addr group = group_addr((uint32_t)(bench_rnd(&f->rnd) % GROUPS));
		struct pkt *pkt = pkt_new(&f->pool, FRAME_OCTETS);

		ASSERT(pkt != NULL);
		memcpy(pkt_put(pkt, FRAME_OCTETS), f->frame, FRAME_OCTETS);
		memcpy(pkt->p + FRAME_DST_OFF, &group, IP6_ADDR_OCTETS);
		memcpy(pkt->p + ETH_DST_OFF + 2, group.b + 12, 4);
		f->ring[i] = pkt;
	}
}

static double fan_ns(void *ctx)
{
	struct fan *f = ctx;
	uint32_t ifindex, out = 0;
	double from;

	write_ring(f);
	from = bench_ns();
	for (unsigned i = 0; i < BATCHES; i++) {
		struct batch in = { .n = BATCH_MAX };
		struct pktq q;

		memcpy(in.pkt, f->ring + (size_t)i * BATCH_MAX, sizeof(in.pkt));
		node_input(f->node, f->in, &in, f->now);
		while (node_output(f->node, &ifindex, &q)) {
			ASSERT(q.head->p[FRAME_HLIM_OFF] == 63);
			out += q.n;
			pktq_free(&q);
		}
	}
	from = bench_ns() - from;
	ASSERT(out == RING * f->outs && f->pool.used == 0);
	return from / out;
}

static void fan_out(struct bench *b, const struct row *row)
{
	struct fan *f = bench_alloc(1, sizeof(*f));
	struct side own = { .name = "Inaba", .once = fan_ns, .ctx = f };

	fan_init(f, row->arg);
	bench_measure(b, row, &own, 1);
	fan_done(f);
	free(f);
}

/* clang-format off */
const struct row mroute_rows[] = {
	{ .name = "mroute/1", .unit = "ns/packet", .run = fan_out, .arg = 1 },
	{ .name = "mroute/8", .unit = "ns/copy",   .run = fan_out, .arg = 8 },
	{ .name = NULL }
};
/* clang-format on */
