/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Forwarding: a node with two interfaces takes frames on one and gives them out on the other.
 *
 * The frames live in a ring of packet buffers, as a driver's would. A turn writes all of them
 * anew (header, hop limit, a random destination), which is not timed; then the node takes the
 * ring in batches of 64 by node_input() and what it puts out is collected by node_output(), which
 * is. Nothing is subtracted. The ring is larger than the first-level cache and smaller than the
 * second, where a network card's ring would be too.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "frame.h"
#include "kernel.h"
#include "node/node.h"
#include "routes.h"

#define RING	1024
#define TURNS	4 /* of the ring, in one chunk */
#define BATCHES (RING / BATCH_MAX)

struct router {
	struct pkt_pool pool;
	struct node *node;
	uint32_t in, out;
	time_ns now;
	struct routes routes;
	struct pkt *ring[RING];
	uint8_t frame[FRAME_OCTETS];
	uint32_t at; /* next destination */
};

static struct ip6_addr hop_addr(uint32_t hop)
{
	struct ip6_addr a = { { 0xfd, 0, 0, 2 } };

	put_be32(a.b + 12, hop);
	return a;
}

static uint32_t add_if(struct router *r, const char *name, uint8_t number)
{
	struct mac mac = { { 2, 0, 0, 0, 0, number } };
	int ifindex = node_if_add(r->node, name, &mac, 1500);

	ASSERT(ifindex > 0);
	nd_set_forwarding(&r->node->nd, node_if(r->node, (uint32_t)ifindex), true);
	ASSERT(node_if_set(r->node, (uint32_t)ifindex, true, r->now) == 0);
	return (uint32_t)ifindex;
}

static void add_hops(struct router *r)
{
	struct iface *out = node_if(r->node, r->out);

	for (uint32_t h = 1; h <= ROUTES_HOPS; h++) {
		struct ip6_addr a = hop_addr(h);
		struct mac mac = { { 2, 0, 0, 0, 2, (uint8_t)h } };

		ASSERT(neigh_set(&r->node->ip6.neigh, &out->link, &a, &mac) != NULL);
	}
}

static void add_routes(struct router *r)
{
	for (uint32_t i = 0; i < r->routes.n; i++) {
		const struct prefix *p = &r->routes.r[i];
		struct route route = { .table = FIB_TABLE_MAIN,
				       .dst = p->addr,
				       .dst_len = p->len,
				       .via = { .gateway = hop_addr(p->hop),
						.ifindex = r->out,
						.metric = 1024,
						.type = ROUTE_UNICAST,
						.proto = ROUTE_PROTO_STATIC },
				       .expires = TIME_NEVER };

		ASSERT(fib_add(r->node->ip6.fib, &route) == 0);
	}
}

/* Let duplicate address detection, listener reports and so on be over. */
static void settle(struct router *r)
{
	struct pktq q = { 0 };
	uint32_t ifindex;
	time_ns next;

	while ((next = node_next(r->node)) < 60 * NS_PER_S) {
		r->now = MAX(r->now, next);
		node_run(r->node, r->now);
		while (node_output(r->node, &ifindex, &q))
			pktq_free(&q);
	}
}

/* Send to @n neighbours on the link behind, not to routers there. */
static void add_neighbours(struct router *r, uint32_t n)
{
	struct iface *out = node_if(r->node, r->out);
	struct route route = { .table = FIB_TABLE_MAIN,
			       .dst = hop_addr(0),
			       .dst_len = 64,
			       .via = { .ifindex = r->out, .type = ROUTE_UNICAST },
			       .expires = TIME_NEVER };
	uint64_t rnd = n;

	ASSERT(fib_add(r->node->ip6.fib, &route) == 0);
	for (uint32_t i = 0; i < ROUTES_DSTS; i++) {
		struct mac mac = { { 2, 0, 0, 0, 2, 1 } };

		if (i < n) {
			r->routes.dst[i] = hop_addr(0);
			put_be64(r->routes.dst[i].b + 8, bench_rnd(&rnd));
			ASSERT(neigh_set(&r->node->ip6.neigh, &out->link, &r->routes.dst[i],
					 &mac) != NULL);
		} else {
			r->routes.dst[i] = r->routes.dst[bench_rnd(&rnd) % n];
		}
	}
}

static void router_init(struct router *r, uint32_t n_routes, uint32_t n_neighbours)
{
	static const uint8_t to[ETH_MAC_OCTETS] = { 2, 0, 0, 0, 0, 1 };
	struct node_conf conf;

	*r = (struct router){ .now = NS_PER_S };
	routes_make(&r->routes, n_routes);
	pkt_pool_init(&r->pool, 4 * RING, 4);
	node_conf_init(&conf, "router", &r->pool);
	conf.ip6.fib.max_routes = n_routes + 1000;
	conf.ip6.neigh.max += n_neighbours;
	r->node = node_new(&conf, r->now);
	ASSERT(r->node != NULL);
	r->in = add_if(r, "in", 1);
	r->out = add_if(r, "out", 2);
	add_hops(r);
	add_routes(r);
	settle(r);
	if (n_neighbours > 0)
		add_neighbours(r, n_neighbours);
	frame_make(r->frame, to);
	for (unsigned i = 0; i < RING; i++) {
		r->ring[i] = pkt_new(&r->pool, FRAME_OCTETS);
		ASSERT(r->ring[i] != NULL);
	}
}

static void router_done(struct router *r)
{
	for (unsigned i = 0; i < RING; i++)
		pkt_free(r->ring[i]);
	node_free(r->node);
	pkt_pool_done(&r->pool);
	routes_free(&r->routes);
}

static void write_ring(struct router *r)
{
	for (unsigned i = 0; i < RING; i++) {
		struct pkt *pkt = r->ring[i];

		pkt->p = pkt->buf + PKT_HEADROOM;
		pkt->len = FRAME_OCTETS;
		pkt->flags = 0;
		memcpy(pkt->p, r->frame, FRAME_OCTETS);
		memcpy(pkt->p + FRAME_DST_OFF, &r->routes.dst[r->at++ % ROUTES_DSTS],
		       IP6_ADDR_OCTETS);
	}
}

/* Did the last frames leave as they should? */
static void check(const struct router *r)
{
	const struct iface *out = node_if(r->node, r->out);

	for (unsigned i = 0; i < RING; i++) {
		const uint8_t *p = r->ring[i]->p;

		ASSERT(r->ring[i]->len == FRAME_OCTETS && p[FRAME_HLIM_OFF] == 63);
		ASSERT(memcmp(p + ETH_SRC_OFF, out->link.mac.b, ETH_MAC_OCTETS) == 0);
		ASSERT(p[ETH_DST_OFF + 4] == 2 && p[ETH_DST_OFF + 5] >= 1);
	}
}

static double forward_ns(void *ctx)
{
	struct router *r = ctx;
	uint32_t ifindex = 0, out = 0;
	double sum = 0;

	for (unsigned turn = 0; turn < TURNS; turn++) {
		double from;

		write_ring(r);
		from = bench_ns();
		for (unsigned i = 0; i < BATCHES; i++) {
			struct batch in = { .n = BATCH_MAX };
			struct pktq q;

			memcpy(in.pkt, r->ring + (size_t)i * BATCH_MAX, sizeof(in.pkt));
			node_input(r->node, r->in, &in, r->now);
			while (node_output(r->node, &ifindex, &q))
				out += q.n;
		}
		sum += bench_ns() - from;
	}
	ASSERT(out == TURNS * RING && ifindex == r->out);
	check(r);
	return sum / out;
}

static void routed(struct bench *b, const struct row *row)
{
	struct router *r = bench_alloc(1, sizeof(*r));
	struct side sides[] = {
		{ .name = "Inaba", .once = forward_ns, .ctx = r },
		{ .name = "Linux, at least" },
		{ .name = "Linux, with one veth" },
	};
	bool kernel = false;

	if (row->arg > KERNEL_ROUTES_MAX)
		snprintf(sides[1].note, BENCH_NOTE_MAX, KERNEL_TOO_MANY);
	else
		kernel = kernel_set_up(row->arg, sides[1].note);
	if (kernel) {
		sides[1].once = kernel_forward_ns;
		sides[2].once = kernel_hop_ns;
		sides[1].whole = sides[2].whole = true;
	}
	router_init(r, row->arg, 0);
	bench_measure(b, row, sides, kernel ? 3 : 2);
	router_done(r);
	free(r);
	kernel_tear_down();
}

static void on_link(struct bench *b, const struct row *row)
{
	struct router *r = bench_alloc(1, sizeof(*r));
	struct side own = { .name = "Inaba", .once = forward_ns, .ctx = r };

	router_init(r, 1, row->arg);
	bench_measure(b, row, &own, 1);
	router_done(r);
	free(r);
}

/* clang-format off */
const struct row forward_rows[] = {
	{ .name = "forward/1",       .unit = "ns/packet", .run = routed, .arg = 1,       .at_most = 55 },
	{ .name = "forward/200000",  .unit = "ns/packet", .run = routed, .arg = 200000,  .at_most = 115 },
	{ .name = "forward/1000000", .unit = "ns/packet", .run = routed, .arg = 1000000, .at_most = 150 },
	{ .name = "forward-link/100000", .unit = "ns/packet", .run = on_link, .arg = 100000 },
	{ .name = NULL }
};
/* clang-format on */
