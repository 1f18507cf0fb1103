/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A world: a thousand hosts on one link with one router. Each makes its addresses from what the
 * router advertises, with duplicate address detection; after 20 seconds of the world's time all
 * are ready. What that takes, in seconds of ours and in octets for each host.
 */
#include "bench.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/world.h"

#define BOOT_SPAN   NS_PER_S /* hosts come up one after another */
#define WORLD_UNTIL (20 * NS_PER_S)

struct town {
	uint32_t n_hosts;
	double seconds, host_octets;
};

static size_t heap_octets(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void add_router(struct world *w, struct world_wire *wire)
{
	static const struct ip6_addr prefix = { { 0x20, 1, 0xd, 0xb8 } };
	struct world_node *wn = world_add_node(w, "router");
	uint32_t ifindex = world_plug(wn, "eth0", wire);
	struct iface *ifc = world_if(wn, ifindex);
	struct nd_adv adv = ND_ADV_DEFAULT;

	adv.send = true;
	adv.prefix[0] = (struct nd_adv_prefix){ .prefix = prefix,
						.len = 64,
						.on_link = true,
						.autonomous = true,
						.valid_s = 86400,
						.preferred_s = 14400 };
	adv.n_prefixes = 1;
	nd_set_forwarding(&wn->node->nd, ifc, true);
	ASSERT(nd_set_adv(&wn->node->nd, ifc, &adv) == 0);
	world_touch(wn);
}

/* Has it a global address that may be used? */
static bool is_ready(const struct world_node *wn)
{
	const struct iface *ifc = wn->node->ip6.ifs[wn->node->ip6.n_ifs];
	bool global = false;

	for (const struct list *on = ifc->addrs.next; on != &ifc->addrs; on = on->next) {
		const struct if_addr *a = CONTAINER_OF(on, struct if_addr, on);

		global = global || (a->origin == ADDR_SLAAC && if_addr_is_assigned(a));
	}
	return global;
}

static size_t pool_octets(const struct pkt_pool *pool)
{
	return (size_t)pool->n_small * (sizeof(struct pkt) + PKT_SMALL) +
	       (size_t)pool->n_large * (sizeof(struct pkt) + PKT_LARGE);
}

static void live(struct town *t)
{
	static const struct wire_conf perfect = { 0 };
	struct world_conf conf = { .seed = 1 };
	struct world_node **host = bench_alloc(t->n_hosts, sizeof(struct world_node *));
	struct world *w = bench_alloc(1, sizeof(*w));
	double from = bench_ns();
	struct world_wire *wire;
	size_t before, pool;

	world_init(w, &conf);
	wire = world_add_wire(w, "lan", &perfect);
	add_router(w, wire);
	before = heap_octets();
	pool = pool_octets(&w->pool);
	for (uint32_t i = 0; i < t->n_hosts; i++) {
		char name[NODE_NAME_MAX];

		world_run(w, BOOT_SPAN * i / t->n_hosts);
		snprintf(name, sizeof(name), "h%u", i);
		host[i] = world_add_node(w, name);
		world_plug(host[i], "eth0", wire);
	}
	world_run(w, WORLD_UNTIL);
	t->seconds = (bench_ns() - from) / 1e9;
	pool = pool_octets(&w->pool) - pool; /* of all and none */
	t->host_octets = (double)(heap_octets() - before - pool) / t->n_hosts;
	for (uint32_t i = 0; i < t->n_hosts; i++)
		ASSERT(is_ready(host[i]));
	world_done(w);
	free(w);
	free(host);
}

static double seconds(void *ctx)
{
	struct town *t = ctx;

	live(t);
	return t->seconds;
}

static double octets(void *ctx)
{
	struct town *t = ctx;

	live(t);
	return t->host_octets;
}

static void run(struct bench *b, const struct row *row)
{
	struct town t = { .n_hosts = row->arg };
	struct side own = { .name = "Inaba", .ctx = &t };

	own.once = row->at_most > 0 ? seconds : octets;
	bench_measure(b, row, &own, 1);
}

const struct row world_rows[] = {
	{ .name = "world/1000", .unit = "s", .run = run, .arg = 1000, .once = true, .at_most = 5 },
	{ .name = "host-size/1000", .unit = "octets", .run = run, .arg = 1000, .once = true },
	{ .name = NULL },
};
