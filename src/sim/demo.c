/* SPDX-License-Identifier: BSD-3-Clause */
#include "sim/demo.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "sim/story.h"

#define LAN_DELAY    (100 * NS_PER_US)
#define CORE_DELAY   (5 * NS_PER_MS)
#define CORE_MTU     1400
#define REACHABLE_MS 5000 /* shorter than usual, so that the third act is not long */

#define DATA_SMALL 56
#define DATA_BIG   1452 /* fills 1,500 octets with the headers of IPv6 and ICMPv6 */
#define TIMEOUT	   NS_PER_S

/* The script's times. */
#define AT_ACROSS      (5 * NS_PER_S)
#define AT_BIG	       (8 * NS_PER_S)
#define AT_ON	       (12 * NS_PER_S)
#define AT_DEATH       (15 * NS_PER_S)
#define AT_GUEST       (41 * NS_PER_S)
#define AT_GUEST_PINGS (46 * NS_PER_S)
#define AT_END	       (49 * NS_PER_S)
#define ON_COUNT       ((uint32_t)((AT_GUEST - TIMEOUT - AT_ON) / DEMO_PING_INTERVAL))
#define HOLDER_COUNT   ((uint32_t)((AT_END - TIMEOUT - AT_GUEST) / DEMO_PING_INTERVAL))

/* ReachableTime at its longest, DELAY_FIRST_PROBE_TIME, three probes; and some for the way. */
#define RECOVERY_MAX (7500 * NS_PER_MS + 5 * NS_PER_S + 3 * NS_PER_S + 500 * NS_PER_MS)

static const struct {
	const char *name, *role;
} nodes[DEMO_NODES] = {
	[DEMO_H1] = { "h1", "host" },
	[DEMO_H2] = { "h2", "host" },
	[DEMO_R1] = { "R1", "router, preferred" },
	[DEMO_R2] = { "R2", "router" },
	[DEMO_R3] = { "R3", "router" },
	[DEMO_H3] = { "h3", "host" },
	[DEMO_H4] = { "h4", "host" },
	[DEMO_H5] = { "h5", "guest" },
};

static const struct {
	const char *name, *words, *prefix;
	struct wire_conf conf;
} wires[DEMO_WIRES] = {
	[DEMO_LAN_A] = { "site-a", "site A", "2001:db8:a::", { .delay = LAN_DELAY } },
	[DEMO_CORE] = { "core",
			"core, MTU 1400",
			"2001:db8:c::",
			{ .delay = CORE_DELAY, .mtu = CORE_MTU } },
	[DEMO_LAN_B] = { "site-b", "site B", "2001:db8:b::", { .delay = LAN_DELAY } },
};

/* A router's address is the site's prefix and its number. */
static const struct {
	enum demo_who who;
	enum demo_where lan;
	uint8_t number;
	enum nd_pref pref;
} routers[] = {
	{ DEMO_R1, DEMO_LAN_A, 1, ND_PREF_HIGH },
	{ DEMO_R2, DEMO_LAN_A, 2, ND_PREF_MEDIUM },
	{ DEMO_R3, DEMO_LAN_B, 3, ND_PREF_MEDIUM },
};

static const struct {
	enum demo_who who;
	enum demo_where to;
	uint8_t via;
	enum route_pref pref;
} routes[] = {
	{ DEMO_R1, DEMO_LAN_B, 3, ROUTE_PREF_MEDIUM },
	{ DEMO_R2, DEMO_LAN_B, 3, ROUTE_PREF_MEDIUM },
	{ DEMO_R3, DEMO_LAN_A, 1, ROUTE_PREF_HIGH },
	{ DEMO_R3, DEMO_LAN_A, 2, ROUTE_PREF_MEDIUM },
};

/* What cannot come from a sound node over a sound wire. */
static const enum drop malformed[] = {
	DROP_LINK_SHORT,   DROP_IP6_SHORT, DROP_IP6_VERSION, DROP_IP6_LEN,
	DROP_EXT_SHORT,	   DROP_OPT_SHORT, DROP_FRAG_SHORT,  DROP_FRAG_LEN,
	DROP_FRAG_OVERLAP, DROP_FRAG_LAST, DROP_ICMP6_SHORT, DROP_ICMP6_CSUM,
	DROP_ND_HOP_LIMIT, DROP_ND_SHORT,  DROP_ND_OPT_ZERO, DROP_ND_OPT_OVERRUN,
	DROP_ND_OPT_BAD,   DROP_MLD_SHORT, DROP_MLD_SRC,     DROP_MLD_NO_ALERT,
};

const char *demo_node_name(enum demo_who who)
{
	return nodes[who].name;
}

const char *demo_node_role(enum demo_who who)
{
	return nodes[who].role;
}

const char *demo_wire_name(enum demo_where where)
{
	return wires[where].name;
}

const char *demo_wire_words(enum demo_where where)
{
	return wires[where].words;
}

/*
 * Building.
 */
static struct ip6_addr addr_on(enum demo_where where, uint8_t number)
{
	struct ip6_addr a;
	int rc = ip6_parse(wires[where].prefix, &a);

	ASSERT(rc == 0);
	a.b[IP6_ADDR_OCTETS - 1] = number;
	return a;
}

static void plug(struct demo *d, enum demo_who who, enum demo_where where)
{
	struct demo_node *n = &d->node[who];
	struct demo_if *di = &n->ifs[n->n_ifs];
	uint32_t ifindex;

	ASSERT(n->n_ifs < DEMO_IFS_MAX);
	ifindex = world_plug(n->wn, n->n_ifs == 0 ? "e0" : "e1", d->wire[where]);
	di->wire = where;
	di->mac = world_if(n->wn, ifindex)->link.mac;
	n->n_ifs++;
}

static void make_node(struct demo *d, enum demo_who who)
{
	struct demo_node *n = &d->node[who];

	n->hop = TL_WORLD;
	n->wn = world_add_node(&d->w, nodes[who].name);
	ASSERT(n->wn->number == who);
	d->tl.lane[who].from = d->w.now;
}

static struct iface *if_on(const struct demo *d, enum demo_who who, enum demo_where where)
{
	const struct demo_node *n = &d->node[who];

	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (n->wn->plug[i].wire == d->wire[where])
			return world_if(n->wn, i);
	ASSERT_NOT_REACHED();
}

static void add_addr(struct demo *d, enum demo_who who, enum demo_where where,
		     const struct ip6_addr *addr)
{
	struct iface *ifc = if_on(d, who, where);
	int rc = nd_addr_add(&d->node[who].wn->node->nd, ifc, addr, 64, ADDR_STATIC, false);

	ASSERT(rc == 0);
}

static void make_router(struct demo *d, unsigned i)
{
	enum demo_who who = routers[i].who;
	enum demo_where lan = routers[i].lan;
	struct ip6_addr lan_addr = addr_on(lan, routers[i].number);
	struct ip6_addr core_addr = addr_on(DEMO_CORE, routers[i].number);
	struct nd *nd = &d->node[who].wn->node->nd;
	struct nd_adv adv = ND_ADV_DEFAULT;
	int rc;

	plug(d, who, lan);
	plug(d, who, DEMO_CORE);
	add_addr(d, who, lan, &lan_addr);
	add_addr(d, who, DEMO_CORE, &core_addr);
	nd_set_forwarding(nd, if_on(d, who, lan), true);
	nd_set_forwarding(nd, if_on(d, who, DEMO_CORE), true);
	if_on(d, who, DEMO_CORE)->neigh->nud.reachable = REACHABLE_MS * NS_PER_MS;
	adv.send = true;
	adv.pref = routers[i].pref;
	adv.reachable_ms = REACHABLE_MS;
	adv.prefix[0] = (struct nd_adv_prefix){ .prefix = addr_on(lan, 0),
						.len = 64,
						.on_link = true,
						.autonomous = true,
						.valid_s = 86400,
						.preferred_s = 14400 };
	adv.n_prefixes = 1;
	rc = nd_set_adv(nd, if_on(d, who, lan), &adv);
	ASSERT(rc == 0);
}

static void make_route(struct demo *d, unsigned i)
{
	enum demo_who who = routes[i].who;
	struct route r = { .table = FIB_TABLE_MAIN,
			   .dst = addr_on(routes[i].to, 0),
			   .dst_len = 64,
			   .via = { .gateway = addr_on(DEMO_CORE, routes[i].via),
				    .ifindex = if_index(if_on(d, who, DEMO_CORE)),
				    .metric = 1024,
				    .proto = ROUTE_PROTO_STATIC,
				    .pref = (int8_t)routes[i].pref },
			   .expires = TIME_NEVER };
	int rc = fib_add(d->node[who].wn->node->ip6.fib, &r);

	ASSERT(rc == 0);
}

static void watch_wire(void *ctx, const struct wire_seen *s)
{
	struct world_wire *ww = ctx;
	struct demo *d = CONTAINER_OF(ww->world, struct demo, w);

	capture_wire(&d->capture, ww, s);
}

static void build(struct demo *d)
{
	for (unsigned i = 0; i < DEMO_WIRES; i++) {
		d->wire[i] = world_add_wire(&d->w, wires[i].name, &wires[i].conf);
		d->wire[i]->wire.watch = (struct wire_watch){ watch_wire, d->wire[i] };
	}
	for (unsigned i = 0; i < DEMO_NODES; i++)
		timeline_lane(&d->tl, nodes[i].name);
	d->tl.lane[DEMO_H5].from = TIME_NEVER;
	for (enum demo_who who = 0; who < DEMO_H5; who++)
		make_node(d, who);
	plug(d, DEMO_H1, DEMO_LAN_A);
	plug(d, DEMO_H2, DEMO_LAN_A);
	plug(d, DEMO_H3, DEMO_LAN_B);
	plug(d, DEMO_H4, DEMO_LAN_B);
	for (unsigned i = 0; i < ARRAY_LEN(routers); i++)
		make_router(d, i);
	for (unsigned i = 0; i < ARRAY_LEN(routes); i++)
		make_route(d, i);
	for (enum demo_who who = 0; who < DEMO_H5; who++)
		world_touch(d->node[who].wn);
}

/*
 * The script.
 */
static void look_at(struct demo *d, enum demo_who who)
{
	struct demo_node *n = &d->node[who];

	for (unsigned i = 0; n->wn != NULL && i < n->n_ifs; i++) {
		struct demo_if *di = &n->ifs[i];

		di->n_addrs = 0;
		LIST_FOR_EACH(it, &if_on(d, who, di->wire)->addrs) {
			const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

			if (di->n_addrs < DEMO_ADDRS_MAX)
				di->addr[di->n_addrs++] =
					(struct demo_addr){ a->addr, a->prefix_len,
							    (enum addr_state)a->state,
							    (enum addr_origin)a->origin };
		}
	}
}

const struct demo_addr *demo_global(const struct demo *d, enum demo_who who)
{
	const struct demo_node *n = &d->node[who];

	for (unsigned i = 0; i < n->n_ifs; i++)
		for (unsigned k = 0; k < n->ifs[i].n_addrs; k++) {
			const struct demo_addr *a = &n->ifs[i].addr[k];

			if (!ip6_is_linklocal(&a->addr) && a->state == ADDR_PREFERRED)
				return a;
		}
	return NULL;
}

static void act(struct demo *d, const char *fmt, ...) PRINTF(2, 3);

static void act(struct demo *d, const char *fmt, ...)
{
	char text[TL_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	timeline_add(&d->tl, d->w.now, TL_ACT, TL_WORLD, "%u. %s", ++d->act, text);
}

static void start_ping(struct demo *d, enum demo_ping_id id, enum demo_who from, enum demo_who to,
		       uint32_t octets, uint32_t count)
{
	const struct demo_addr *dst;
	struct demo_ping *p = &d->ping[id];
	struct ping_conf conf = { .count = count,
				  .octets = octets,
				  .interval = DEMO_PING_INTERVAL,
				  .timeout = TIMEOUT,
				  .hop_limit = -1,
				  .fn = story_ping,
				  .ctx = p };
	int rc;

	ASSERT(count <= DEMO_REQUESTS_MAX);
	*p = (struct demo_ping){
		.d = d, .from = from, .to = to, .octets = octets, .sent = count, .start = d->w.now
	};
	look_at(d, to);
	dst = demo_global(d, to);
	if (dst == NULL) { /* the check of its addresses will say so */
		p->lost = count;
		return;
	}
	conf.dst = dst->addr;
	rc = ping_start(&d->node[from].wn->node->pings, &conf, NULL);
	ASSERT(rc == 0);
	world_touch(d->node[from].wn);
}

static void act_across(struct world *w, void *ctx)
{
	struct demo *d = ctx;

	(void)w;
	act(d, "h1 pings h3 on the other site");
	d->follow = 6;
	start_ping(d, DEMO_PING_ACROSS, DEMO_H1, DEMO_H3, DATA_SMALL, 3);
}

static void act_big(struct world *w, void *ctx)
{
	struct demo *d = ctx;

	(void)w;
	act(d, "Packets of 1500 octets, and a link that takes 1400");
	d->follow = 40;
	start_ping(d, DEMO_PING_BIG, DEMO_H1, DEMO_H3, DATA_BIG, 4);
}

static void act_on(struct world *w, void *ctx)
{
	struct demo *d = ctx;

	(void)w;
	act(d, "h1, h2 and h3 ping on every 200 ms; three seconds later R1 loses its power");
	d->follow = 0;
	start_ping(d, DEMO_PING_ON_1, DEMO_H1, DEMO_H3, DATA_SMALL, ON_COUNT);
	start_ping(d, DEMO_PING_ON_2, DEMO_H2, DEMO_H4, DATA_SMALL, ON_COUNT);
	start_ping(d, DEMO_PING_ON_3, DEMO_H3, DEMO_H1, DATA_SMALL, ON_COUNT);
}

static void kill_r1(struct world *w, void *ctx)
{
	struct demo *d = ctx;

	look_at(d, DEMO_R1);
	world_kill(d->node[DEMO_R1].wn);
	d->node[DEMO_R1].wn = NULL;
	d->tl.lane[DEMO_R1].until = w->now;
	d->r1_death = w->now;
	timeline_add(&d->tl, w->now, TL_BAD, DEMO_R1, "loses its power, without a word");
}

/* It is set up with the very address that h4 uses. */
static void act_guest(struct world *w, void *ctx)
{
	const struct demo_addr *held;
	struct demo *d = ctx;

	(void)w;
	act(d, "A guest at site B, h5, is set up with h4's address");
	start_ping(d, DEMO_PING_HOLDER, DEMO_H4, DEMO_H1, DATA_SMALL, HOLDER_COUNT);
	make_node(d, DEMO_H5);
	plug(d, DEMO_H5, DEMO_LAN_B);
	look_at(d, DEMO_H4);
	held = demo_global(d, DEMO_H4);
	if (held != NULL)
		add_addr(d, DEMO_H5, DEMO_LAN_B, &held->addr);
	world_touch(d->node[DEMO_H5].wn);
}

static void guest_pings(struct world *w, void *ctx)
{
	(void)w;
	start_ping(ctx, DEMO_PING_GUEST, DEMO_H5, DEMO_H1, DATA_SMALL, 2);
}

/*
 * Judging.
 */
static void check(struct demo *d, bool ok, const char *fmt, ...) PRINTF(3, 4);

static void check(struct demo *d, bool ok, const char *fmt, ...)
{
	struct demo_check *c = &d->check[d->n_checks++];
	va_list args;

	ASSERT(d->n_checks <= DEMO_CHECKS_MAX);
	c->ok = ok;
	va_start(args, fmt);
	vsnprintf(c->what, sizeof(c->what), fmt, args);
	va_end(args);
}

static bool autoconfigured(const struct demo *d, enum demo_who who, enum demo_where where)
{
	const struct demo_addr *a = demo_global(d, who);
	struct ip6_addr prefix = addr_on(where, 0);

	return a != NULL && a->origin == ADDR_SLAAC && ip6_in_prefix(&a->addr, &prefix, 64);
}

static bool all_answered(const struct demo *d, enum demo_ping_id id)
{
	const struct demo_ping *p = &d->ping[id];

	return p->sent > 0 && p->answered == p->sent && p->lost == 0 && p->errors == 0;
}

static void check_pings(struct demo *d)
{
	const struct demo_ping *big = &d->ping[DEMO_PING_BIG];
	const uint32_t ends = 1u << DEMO_H1 | 1u << DEMO_H3;
	const uint32_t at = 1u << DEMO_R1 | 1u << DEMO_R3;

	check(d, all_answered(d, DEMO_PING_ACROSS), "h1 and h3 reached each other across the core");
	check(d, (d->too_bigs_sent & at) == at && (d->mtu_found & ends) == ends,
	      "h1 and h3 learned the path MTU, each from its router's Packet Too Big");
	check(d, (d->fragments_sent & ends) == ends && big->answered > 0,
	      "a packet of 1500 octets then crossed in fragments, and so did its answer");
}

static void check_death(struct demo *d)
{
	static const enum demo_who movers[] = { DEMO_H1, DEMO_H2, DEMO_R3 };
	time_ns slowest = 0;
	bool moved = true, on = true;

	for (unsigned i = 0; i < ARRAY_LEN(movers); i++) {
		const struct demo_node *n = &d->node[movers[i]];

		moved = moved && n->suspects > d->r1_death && n->moved >= n->suspects &&
			n->hop == DEMO_R2;
	}
	for (unsigned i = DEMO_PING_ON_1; i <= DEMO_PING_ON_3; i++) {
		const struct demo_ping *p = &d->ping[i];

		/* each was lost in the one gap; before and after it all were answered */
		on = on && p->gap_end != 0 && p->errors == 0 && p->gap_pkts == p->lost &&
		     p->answered + p->lost == p->sent;
		slowest = MAX(slowest, p->gap_end - MIN(p->gap_end, d->r1_death));
	}
	check(d, moved, "h1, h2 and R3 found R1 unreachable and moved to R2");
	check(d, on, "every ping then went on, and no other was lost");
	check(d, on && slowest <= RECOVERY_MAX,
	      "the last of them was back %.3f s after R1 went (%.1f s allowed)",
	      (double)slowest / 1e9, (double)RECOVERY_MAX / 1e9);
}

static void check_guest(struct demo *d)
{
	const struct demo_addr *held = demo_global(d, DEMO_H4);
	const struct demo_if *di = &d->node[DEMO_H5].ifs[0];
	bool refused = false;

	for (unsigned i = 0; held != NULL && i < di->n_addrs; i++)
		if (ip6_eq(&di->addr[i].addr, &held->addr))
			refused = di->addr[i].state == ADDR_DUPLICATE;
	check(d, refused, "h5 found h4's address taken, and does not use it");
	check(d, autoconfigured(d, DEMO_H4, DEMO_LAN_B) && all_answered(d, DEMO_PING_HOLDER),
	      "h4 kept it, and lost nothing");
	check(d, autoconfigured(d, DEMO_H5, DEMO_LAN_B) && all_answered(d, DEMO_PING_GUEST),
	      "h5 works with an address of its own");
}

static void judge(struct demo *d)
{
	uint64_t bad = 0;

	for (enum demo_who who = 0; who < DEMO_NODES; who++)
		look_at(d, who);
	check(d,
	      autoconfigured(d, DEMO_H1, DEMO_LAN_A) && autoconfigured(d, DEMO_H2, DEMO_LAN_A) &&
		      autoconfigured(d, DEMO_H3, DEMO_LAN_B) &&
		      autoconfigured(d, DEMO_H4, DEMO_LAN_B),
	      "h1 to h4 made themselves addresses of their sites' prefixes");
	check_pings(d);
	check_death(d);
	check_guest(d);
	for (unsigned i = 0; i < DEMO_NODES; i++)
		for (unsigned k = 0; k < ARRAY_LEN(malformed); k++)
			bad += d->node[i].drops[malformed[k]];
	check(d, bad == 0, "no node was sent anything malformed");
}

struct demo *demo_run(uint64_t seed)
{
	struct demo *d = calloc(1, sizeof(*d));

	ASSERT(d != NULL);
	d->seed = seed;
	timeline_init(&d->tl);
	capture_init(&d->capture);
	world_init(&d->w, &(struct world_conf){ .seed = seed });
	world_watch(&d->w, (struct world_watch){ story_watch, d });
	act(d, "Everything is plugged in, with nothing configured on the hosts");
	build(d);
	world_at(&d->w, AT_ACROSS, act_across, d);
	world_at(&d->w, AT_BIG, act_big, d);
	world_at(&d->w, AT_ON, act_on, d);
	world_at(&d->w, AT_DEATH, kill_r1, d);
	world_at(&d->w, AT_GUEST, act_guest, d);
	world_at(&d->w, AT_GUEST_PINGS, guest_pings, d);
	world_run(&d->w, AT_END);
	judge(d);
	return d;
}

void demo_free(struct demo *d)
{
	if (d == NULL)
		return;
	world_done(&d->w);
	capture_done(&d->capture);
	timeline_done(&d->tl);
	free(d);
}

bool demo_ok(const struct demo *d)
{
	for (unsigned i = 0; i < d->n_checks; i++)
		if (!d->check[i].ok)
			return false;
	return true;
}

int demo_capture(const struct demo *d, FILE *f)
{
	char text[64];

	snprintf(text, sizeof(text), "inaba demo --seed %" PRIu64, d->seed);
	return capture_write(&d->capture, &d->w, f, text);
}
