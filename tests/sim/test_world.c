/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Worlds: that a run is a function of its seed, octet for octet; that nodes can be killed, pulled
 * out and parted from each other; that events come in order; and how many hosts one link holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "sim/world.h"

#define S  NS_PER_S
#define MS NS_PER_MS

#define N_HOSTS	  1000
#define HOSTS_MAX N_HOSTS

struct lan {
	struct world w;
	struct world_wire *wire;
	struct world_node *router, *host[HOSTS_MAX];
	uint32_t router_if, host_if[HOSTS_MAX];
	struct ip6_addr prefix, router_addr;
	unsigned n_hosts;
};

static struct ip6_addr addr(const char *text)
{
	struct ip6_addr a;

	assert_int_equal(ip6_parse(text, &a), 0);
	return a;
}

static void make_router(struct lan *l)
{
	struct nd_adv adv = ND_ADV_DEFAULT;
	struct nd *nd;

	l->router = world_add_node(&l->w, "router");
	l->router_if = world_plug(l->router, "e0", l->wire);
	nd = &l->router->node->nd;
	nd_set_forwarding(nd, world_if(l->router, l->router_if), true);
	assert_int_equal(nd_addr_add(nd, world_if(l->router, l->router_if), &l->router_addr, 64,
				     ADDR_STATIC, false),
			 0);
	adv.send = true;
	adv.n_prefixes = 1;
	adv.prefix[0] = (struct nd_adv_prefix){ .prefix = l->prefix,
						.len = 64,
						.on_link = true,
						.autonomous = true,
						.valid_s = 3600,
						.preferred_s = 1800 };
	assert_int_equal(nd_set_adv(nd, world_if(l->router, l->router_if), &adv), 0);
	world_touch(l->router);
}

static void make_host(struct lan *l)
{
	char name[NODE_NAME_MAX];
	unsigned i = l->n_hosts++;

	snprintf(name, sizeof(name), "h%u", i);
	l->host[i] = world_add_node(&l->w, name);
	l->host_if[i] = world_plug(l->host[i], "e0", l->wire);
}

/* A router on a wire; the hosts come later. */
static struct lan *lan_new(uint64_t seed, const struct wire_conf *wc)
{
	struct lan *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	l->prefix = addr("2001:db8:1::");
	l->router_addr = addr("2001:db8:1::1");
	world_init(&l->w, &(struct world_conf){ .seed = seed });
	l->wire = world_add_wire(&l->w, "lan", wc);
	make_router(l);
	return l;
}

/* Every buffer must have come home: pkt_pool_done() asserts it. */
static void lan_free(struct lan *l)
{
	world_done(&l->w);
	free(l);
}

static struct ip6_addr slaac(const struct lan *l, unsigned host)
{
	const struct iface *ifc = world_if(l->host[host], l->host_if[host]);

	return ip6_with_iid(&l->prefix, ip6_iid_of_mac(&ifc->link.mac));
}

static bool is_preferred(const struct iface *ifc, const struct ip6_addr *a)
{
	const struct if_addr *ia = if_addr_find(ifc, a);

	return ia != NULL && ia->state == ADDR_PREFERRED;
}

/* Link-local and global address, and a default router: the router. */
static bool is_configured(const struct lan *l, unsigned host)
{
	const struct iface *ifc = world_if(l->host[host], l->host_if[host]);
	struct ip6_addr ll = ip6_linklocal_of(ip6_iid_of_mac(&ifc->link.mac));
	struct ip6_addr global = slaac(l, host), router;

	if (!is_preferred(ifc, &ll) || !is_preferred(ifc, &global) || nd_if(ifc)->n_routers != 1)
		return false;
	router = if_link_local(world_if(l->router, l->router_if))->addr;
	return ip6_eq(&LIST_ENTRY(nd_if(ifc)->routers.next, struct nd_router, on)->addr, &router);
}

static void count_replies(void *ctx, const struct ping_result *r)
{
	*(unsigned *)ctx += r->event == PING_EVENT_REPLY;
}

/* One request; its reply is counted in @replies. */
static void ping(struct world_node *from, const struct ip6_addr *to, unsigned *replies)
{
	struct ping_conf pc = { .dst = *to,
				.count = 1,
				.octets = 56,
				.interval = S,
				.timeout = S,
				.hop_limit = -1,
				.fn = count_replies,
				.ctx = replies };

	assert_int_equal(ping_start(&from->node->pings, &pc, NULL), 0);
	world_touch(from);
}

/* Does @to answer @from within two seconds? */
static bool reaches(struct lan *l, struct world_node *from, const struct ip6_addr *to)
{
	unsigned replies = 0;

	ping(from, to, &replies);
	world_run(&l->w, l->w.now + 2 * S);
	return replies == 1;
}

/*
 * Replay
 */

/* FNV-1a over all that nodes tell: who, when, what, and every octet of every frame. */
struct hash {
	uint64_t v;
	unsigned frames;
};

static void mix(struct hash *h, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h->v = (h->v ^ ((const uint8_t *)p)[i]) * UINT64_C(0x100000001b3);
}

static void hash_trace(void *ctx, const struct world_node *wn, const struct trace *t)
{
	struct hash *h = ctx;

	mix(h, &wn->number, sizeof(wn->number));
	mix(h, &t->kind, sizeof(t->kind));
	mix(h, &t->now, sizeof(t->now));
	mix(h, &t->ifindex, sizeof(t->ifindex));
	mix(h, &t->value, sizeof(t->value));
	if (t->addr != NULL)
		mix(h, t->addr, sizeof(*t->addr));
	if (t->pkt != NULL)
		mix(h, t->pkt->p, t->pkt->len);
	h->frames += t->kind == TRACE_RX;
}

/* A minute on a bad wire, with a router that dies. */
static struct hash live(uint64_t seed)
{
	struct lan *l = lan_new(seed, &(struct wire_conf){ .delay = MS,
							   .jitter = 3 * MS,
							   .reorder_delay = 20 * MS,
							   .rate_bps = 100000000,
							   .loss_ppm = 100000,
							   .dup_ppm = 50000,
							   .reorder_ppm = 100000,
							   .corrupt_ppm = 10000 });
	struct hash h = { .v = UINT64_C(0xcbf29ce484222325) };
	unsigned replies = 0;

	world_watch(&l->w, (struct world_watch){ hash_trace, &h });
	for (unsigned i = 0; i < 6; i++)
		make_host(l);
	world_run(&l->w, 10 * S);
	for (unsigned i = 0; i < 6; i++)
		ping(l->host[i], &l->router_addr, &replies);
	world_run(&l->w, 30 * S);
	world_kill(l->router);
	world_run(&l->w, 60 * S);
	assert_int_equal(l->w.now, 60 * S);
	lan_free(l);
	return h;
}

static void replays(void **state)
{
	struct hash a = live(1), b = live(1), c = live(2);

	(void)state;
	assert_true(a.frames > 60);
	assert_int_equal(a.v, b.v);
	assert_int_equal(a.frames, b.frames);
	assert_true(a.v != c.v);
}

/*
 * Events and time
 */

struct script {
	char told[64];
	time_ns when[8];
	unsigned n;
};

static void tell(struct script *s, struct world *w, char what)
{
	s->when[s->n] = w->now;
	s->told[s->n++] = what;
}

static void event_a(struct world *w, void *ctx)
{
	tell(ctx, w, 'a');
}

static void event_b(struct world *w, void *ctx)
{
	tell(ctx, w, 'b');
	world_at(w, w->now, event_a, ctx); /* due at once */
	world_at(w, w->now + 5, event_a, ctx);
}

static void events_in_order(void **state)
{
	struct script s = { .n = 0 };
	struct world w;

	(void)state;
	world_init(&w, &(struct world_conf){ .seed = 1 });
	world_at(&w, 20, event_a, &s);
	world_at(&w, 10, event_b, &s);
	world_at(&w, 20, event_b, &s);
	world_at(&w, 26, event_a, &s);
	world_run(&w, 9);
	assert_int_equal(s.n, 0);
	assert_int_equal(w.now, 9);
	world_run(&w, 25); /* inclusive */
	assert_string_equal(s.told, "baaabaa");
	assert_int_equal(s.when[0], 10);
	assert_int_equal(s.when[1], 10);
	assert_int_equal(s.when[2], 15);
	assert_int_equal(s.when[3], 20);
	assert_int_equal(s.when[4], 20);
	assert_int_equal(s.when[5], 20);
	assert_int_equal(s.when[6], 25);
	world_done(&w); /* with one event that never came */
}

/* Time moves from event to event: a silent day takes few steps. */
static void silence_costs_nothing(void **state)
{
	struct world_node *h;
	unsigned steps = 0;
	struct world w;

	(void)state;
	world_init(&w, &(struct world_conf){ .seed = 1 });
	h = world_add_node(&w, "h");
	world_plug(h, "e0", world_add_wire(&w, "lan", &(struct wire_conf){ 0 }));
	while (world_step(&w, 86400 * S))
		steps++;
	assert_int_equal(w.now, 86400 * S);
	/* DAD, MLD, then 35 solicitations ever further apart to an hour, and ReachableTime's redraws */
	assert_in_range(steps, 40, 120);
	world_done(&w);
}

/*
 * Trouble
 */

static void killed(void **state)
{
	struct lan *l = lan_new(1, &(struct wire_conf){ .delay = 10 * MS });
	struct ip6_addr to;

	(void)state;
	make_host(l);
	make_host(l);
	world_run(&l->w, 10 * S);
	to = slaac(l, 1);
	assert_true(reaches(l, l->host[0], &to));
	assert_true(reaches(l, l->host[0], &l->router_addr));

	/* a frame is under way to it when it dies; its last one still arrives */
	assert_int_equal(l->w.n_nodes, 3);
	ping(l->host[0], &to, &(unsigned){ 0 });
	world_run(&l->w, l->w.now + 5 * MS);
	assert_true(wire_next(&l->wire->wire) != TIME_NEVER);
	world_kill(l->host[1]);
	world_run(&l->w, l->w.now + 2 * S);
	assert_true(l->wire->wire.drops[DROP_IF_DOWN] > 0);
	assert_false(reaches(l, l->host[0], &to));
	assert_true(reaches(l, l->host[0], &l->router_addr));

	world_kill(l->router);
	assert_false(reaches(l, l->host[0], &l->router_addr));
	lan_free(l);
}

static void unplugged(void **state)
{
	struct lan *l = lan_new(1, &(struct wire_conf){ .delay = MS });
	const struct iface *ifc;
	struct ip6_addr a;
	unsigned port;

	(void)state;
	make_host(l);
	world_run(&l->w, 10 * S);
	assert_true(is_configured(l, 0));
	a = slaac(l, 0);
	assert_true(reaches(l, l->router, &a));
	port = l->host[0]->plug[l->host_if[0]].port;
	world_unplug(l->host[0], l->host_if[0]);
	assert_false(l->wire->wire.port[port].up);
	assert_null(world_if(l->host[0], l->host_if[0]));
	assert_false(reaches(l, l->router, &a));
	world_run(&l->w, l->w.now + 60 * S);

	/* in again: the same address, and all anew */
	l->host_if[0] = world_plug(l->host[0], "e0", l->wire);
	ifc = world_if(l->host[0], l->host_if[0]);
	assert_int_equal(ifc->n_addrs, 1);
	world_run(&l->w, l->w.now + 10 * S);
	assert_true(is_configured(l, 0));
	assert_true(reaches(l, l->router, &a));
	lan_free(l);
}

static void parted(void **state)
{
	struct lan *l = lan_new(1, &(struct wire_conf){ .delay = MS });
	struct ip6_addr to[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		make_host(l);
	world_run(&l->w, 10 * S);
	for (unsigned i = 0; i < 3; i++) {
		to[i] = slaac(l, i);
		wire_port_part(&l->wire->wire, l->host[i]->plug[l->host_if[i]].port, i == 2);
	}
	assert_true(reaches(l, l->host[0], &to[1]));
	assert_false(reaches(l, l->host[0], &to[2]));
	assert_false(reaches(l, l->host[2], &to[0]));
	assert_false(reaches(l, l->host[2], &l->router_addr));
	assert_true(reaches(l, l->host[1], &l->router_addr));
	wire_port_part(&l->wire->wire, l->host[2]->plug[l->host_if[2]].port, 0);
	world_run(&l->w, l->w.now + 5 * S);
	assert_true(reaches(l, l->host[0], &to[2]));
	assert_true(reaches(l, l->host[2], &l->router_addr));
	lan_free(l);
}

/* When its clock jumps over all lifetimes a host has nothing; the next advertisement gives it all. */
static void clock_steps(void **state)
{
	struct lan *l = lan_new(1, &(struct wire_conf){ .delay = MS });
	time_ns before;
	struct ip6_addr a;

	(void)state;
	make_host(l);
	world_run(&l->w, 10 * S);
	assert_true(is_configured(l, 0));
	a = slaac(l, 0);
	before = world_node_now(l->host[0]);
	world_clock_step(l->host[0], 1000 * S); /* less than 1,800 s */
	assert_true(is_configured(l, 0));
	assert_true(reaches(l, l->host[0], &l->router_addr));
	world_clock_step(l->host[0], 7200 * S);
	assert_int_equal(world_node_now(l->host[0]), before + 8202 * S);
	assert_null(if_addr_find(world_if(l->host[0], l->host_if[0]), &a));
	assert_int_equal(nd_if(world_if(l->host[0], l->host_if[0]))->n_routers, 0);
	world_run(&l->w, l->w.now + 600 * S + 2 * S); /* MaxRtrAdvInterval, DAD */
	assert_true(is_configured(l, 0));
	assert_true(reaches(l, l->router, &a));

	/* a router that thinks it is late does not do all at once what it has missed */
	l->w.n_frames = 0;
	world_clock_step(l->router, 7200 * S);
	world_run(&l->w, l->w.now + 10 * S);
	assert_in_range(l->w.n_frames, 0, 20);
	assert_true(reaches(l, l->router, &a));
	lan_free(l);
}

/* Asleep a host hears nothing. How much later it is when it wakes up depends on its clock. */
static void sleeps(void **state)
{
	(void)state;
	for (unsigned noticed = 0; noticed < 2; noticed++) {
		struct lan *l = lan_new(1, &(struct wire_conf){ .delay = MS });
		time_ns before;

		make_host(l);
		world_run(&l->w, 10 * S);
		assert_true(is_configured(l, 0));
		before = world_node_now(l->host[0]);
		world_sleep(l->host[0]);
		world_run(&l->w, l->w.now + 4000 * S);
		assert_int_equal(world_node_now(l->host[0]), before);
		assert_true(is_configured(l, 0)); /* as it was */
		world_wake(l->host[0], noticed);
		world_wake(l->host[0], noticed); /* nothing more */
		assert_int_equal(world_node_now(l->host[0]), before + noticed * 4000 * S);
		assert_int_equal(is_configured(l, 0), !noticed);
		assert_int_equal(reaches(l, l->host[0], &l->router_addr), !noticed);
		world_run(&l->w, l->w.now + 610 * S);
		assert_true(is_configured(l, 0));
		assert_true(reaches(l, l->host[0], &l->router_addr));
		lan_free(l);
	}
}

/* Two stations with one link-layer address make one IPv6 address: the later one gives way. */
static void duplicate(void **state)
{
	struct lan *l = lan_new(1, &(struct wire_conf){ .delay = MS });
	struct world_node *twin;
	struct ip6_addr ll;
	uint32_t ifindex;
	struct mac mac;

	(void)state;
	make_host(l);
	world_run(&l->w, 10 * S);
	mac = world_if(l->host[0], l->host_if[0])->link.mac;
	ll = ip6_linklocal_of(ip6_iid_of_mac(&mac));
	twin = world_add_node(&l->w, "twin");
	ifindex = world_plug_as(twin, "e0", l->wire, &mac);
	world_run(&l->w, l->w.now + 10 * S);
	assert_int_equal(if_addr_find(world_if(twin, ifindex), &ll)->state, ADDR_DUPLICATE);
	assert_true(is_configured(l, 0));
	lan_free(l);
}

/*
 * Routers that die and come back
 */

static struct world_node *add_router(struct lan *l, unsigned n, enum nd_pref pref)
{
	struct world_node *wn = world_add_node(&l->w, "r");
	struct mac mac = { { 2, 0xee, 0, 0, 0, (uint8_t)n } };
	uint32_t ifindex = world_plug_as(wn, "e0", l->wire, &mac);
	struct nd_adv adv = ND_ADV_DEFAULT;

	nd_set_forwarding(&wn->node->nd, world_if(wn, ifindex), true);
	adv.send = true;
	adv.pref = pref;
	adv.interval_max = 1800 * S;
	adv.interval_min = 1350 * S;
	adv.default_lifetime_s = 9000;
	assert_int_equal(nd_set_adv(&wn->node->nd, world_if(wn, ifindex), &adv), 0);
	world_touch(wn);
	return wn;
}

/* Where does the host's default route lead now? The number of a router. */
static int first_hop(struct lan *l)
{
	struct ip6_addr to = addr("2001:db8:9::9"), next_hop;
	struct iface *ifc;
	uint32_t mtu;

	if (ip6_first_hop(&l->host[0]->node->ip6, &to, &IP6_UNSPEC, 0, &ifc, &next_hop, &mtu) < 0)
		return -1;
	return next_hop.b[15];
}

static enum nud_state neighbour(struct lan *l, const struct world_node *r)
{
	const struct link_if *lif = &world_if(l->host[0], l->host_if[0])->link;
	const struct if_addr *ll = if_link_local(ip6_if(&r->node->ip6, 2));
	const struct neigh *n = neigh_find(&l->host[0]->node->ip6.neigh, lif, &ll->addr);

	assert_non_null(n);
	return (enum nud_state)n->nud.state;
}

static void ping_far(struct lan *l, uint32_t count)
{
	struct ping_conf pc = { .dst = addr("2001:db8:9::9"),
				.count = count,
				.interval = S,
				.timeout = S,
				.hop_limit = -1 };

	assert_int_equal(ping_start(&l->host[0]->node->pings, &pc, NULL), 0);
	world_touch(l->host[0]);
}

static struct lan *two_routers(enum nd_pref first, enum nd_pref second, struct world_node *r[2])
{
	struct lan *l = lan_new(1, &(struct wire_conf){ .delay = MS });

	/* the router that the others need is none that hosts may choose */
	world_kill(l->router);
	r[0] = add_router(l, 1, first);
	r[1] = add_router(l, 2, second);
	world_run(&l->w, 5 * S);
	make_host(l);
	world_run(&l->w, 20 * S);
	assert_int_equal(nd_if(world_if(l->host[0], l->host_if[0]))->n_routers, 2);
	return l;
}

/* RFC 4191 section 3.5: the better router is asked once a minute, while there is traffic, only. */
static void better_router_comes_back(void **state)
{
	struct world_node *r[2];
	struct lan *l = two_routers(ND_PREF_HIGH, ND_PREF_LOW, r);
	uint32_t port;

	(void)state;
	assert_int_equal(first_hop(l), 1);
	port = r[0]->plug[2].port;
	wire_port_up(&l->wire->wire, port, false); /* it does not notice, and will say nothing */
	ping_far(l, 20);
	world_run(&l->w, 30 * S); /* DELAY_FIRST_PROBE_TIME and three probes: 8 s */
	assert_int_equal(first_hop(l), 2);
	world_run(&l->w, 40 * S);
	wire_port_up(&l->wire->wire, port, true);
	world_run(&l->w, 600 * S); /* without traffic nobody asks */
	assert_int_equal(first_hop(l), 2);
	ping_far(l, 2);
	world_run(&l->w, 602 * S);
	assert_int_equal(first_hop(l), 1);
	lan_free(l);
}

/* RFC 4861 section 6.3.6: of two that do not answer each is tried, so the one that is back helps. */
static void either_router_comes_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct world_node *r[2];
		struct lan *l = two_routers(ND_PREF_MEDIUM, ND_PREF_MEDIUM, r);

		for (unsigned k = 0; k < 2; k++)
			wire_port_up(&l->wire->wire, r[k]->plug[2].port, false);
		ping_far(l, 300);
		world_run(&l->w, 100 * S);
		for (unsigned k = 0; k < 2; k++)
			assert_int_equal(neighbour(l, r[k]), NUD_UNREACHABLE);
		wire_port_up(&l->wire->wire, r[i]->plug[2].port, true);
		world_run(&l->w, 165 * S); /* MAX_RETRANS_TIMER of RFC 7048: a minute */
		assert_int_equal(neighbour(l, r[i]), NUD_REACHABLE);
		assert_int_equal(first_hop(l), i + 1);
		lan_free(l);
	}
}

/*
 * RFC 4861 sections 5.2 and 7.3.1: a redirect to a router that has died since is forgotten, though
 * the one that sent it stands by it.
 */
static void redirected_to_the_dead(void **state)
{
	struct world_node *r[2];
	struct lan *l = two_routers(ND_PREF_HIGH, ND_PREF_LOW, r);
	struct route route = { .table = FIB_TABLE_MAIN,
			       .dst_len = 64,
			       .via = { .gateway = if_link_local(world_if(r[1], 2))->addr,
					.ifindex = 2,
					.proto = ROUTE_PROTO_STATIC },
			       .expires = TIME_NEVER };

	(void)state;
	route.dst = addr("2001:db8:9::");
	assert_int_equal(fib_add(r[0]->node->ip6.fib, &route), 0);
	assert_int_equal(first_hop(l), 1);
	ping_far(l, 60);
	world_run(&l->w, 22 * S);
	assert_int_equal(first_hop(l), 2);
	wire_port_up(&l->wire->wire, r[1]->plug[2].port, false);
	/* REACHABLE for 45 s at most, then DELAY_FIRST_PROBE_TIME and three probes */
	world_run(&l->w, 22 * S + 54 * S);
	assert_int_equal(first_hop(l), 1);
	lan_free(l);
}

/* A link-local address by hand: its subnet-router anycast address is no address to send from. */
static void router_with_static_link_local(void **state)
{
	struct lan *l = lan_new(1, &(struct wire_conf){ .delay = MS });
	struct ip6_addr ll = addr("fe80::1");
	const struct iface *ifc;
	struct nd *nd;

	(void)state;
	make_host(l);
	(void)node_if_set(l->router->node, l->router_if, false, l->w.now);
	nd = &l->router->node->nd;
	assert_int_equal(
		nd_addr_add(nd, world_if(l->router, l->router_if), &ll, 64, ADDR_STATIC, false), 0);
	(void)node_if_set(l->router->node, l->router_if, true, l->w.now);
	world_touch(l->router);
	world_run(&l->w, 60 * S);
	ifc = world_if(l->host[0], l->host_if[0]);
	assert_int_equal(nd_if(ifc)->n_routers, 1);
	assert_true(is_configured(l, 0));
	assert_true(ip6_eq(&LIST_ENTRY(nd_if(ifc)->routers.next, struct nd_router, on)->addr, &ll));
	lan_free(l);
}

/*
 * A thousand hosts
 */

static double wall_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * All are switched on at once. By RFC 4862 and RFC 4861 each has its addresses 1 s of random
 * delay and 1 s of DAD after the interface came up, at most 3 s for an advertisement (0.5 s after
 * a solicitation, MIN_DELAY_BETWEEN_RAS apart), and again 2 s of DAD later.
 */
static void thousand_hosts(void **state)
{
	struct lan *l = lan_new(1, &(struct wire_conf){ .delay = 100 * NS_PER_US });
	double start = wall_s();
	unsigned replies = 0;

	(void)state;
	for (unsigned i = 0; i < N_HOSTS; i++)
		make_host(l);
	world_run(&l->w, 8 * S);
	for (unsigned i = 0; i < N_HOSTS; i++)
		assert_true(is_configured(l, i));
	for (unsigned i = 0; i < N_HOSTS; i++)
		ping(l->host[i], &l->router_addr, &replies);
	world_run(&l->w, 9 * S);
	assert_int_equal(replies, N_HOSTS);
	print_message(
		"# %u hosts configured, and the router pinged by all: 9 s in %.2f s, %llu frames\n",
		N_HOSTS, wall_s() - start, (unsigned long long)l->w.n_frames);
	/* nothing here grows with the square of the hosts */
	assert_in_range(l->w.n_frames, 5 * N_HOSTS, 7 * N_HOSTS);
	lan_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replays),
		cmocka_unit_test(events_in_order),
		cmocka_unit_test(silence_costs_nothing),
		cmocka_unit_test(killed),
		cmocka_unit_test(unplugged),
		cmocka_unit_test(parted),
		cmocka_unit_test(clock_steps),
		cmocka_unit_test(sleeps),
		cmocka_unit_test(duplicate),
		cmocka_unit_test(better_router_comes_back),
		cmocka_unit_test(either_router_comes_back),
		cmocka_unit_test(redirected_to_the_dead),
		cmocka_unit_test(router_with_static_link_local),
		cmocka_unit_test(thousand_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
