/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * A world has 1 to 4 wires, joined by 1 to 3 routers so that all hang together, and 2 to 12
 * hosts. Each wire has a prefix; its routers advertise it and know static routes to the other
 * ones. Wires lose, double, delay, reorder and damage frames as drawn. Hosts ping at random. In
 * the first minutes things go wrong: wires part, routers die and come back (with other hardware,
 * perhaps, or never, if the rest holds together without them), hosts are pulled out, moved, reset,
 * sleep; clocks jump.
 *
 * Then comes the calm: everything that is to come back is back, and wires only delay. How long
 * until all must be well, by the slowest timers that can matter:
 *	2 s	DAD of a router's link-local address: MAX_RTR_SOLICITATION_DELAY, RetransTimer
 *	33 s	its advertisement: MaxRtrAdvInterval is 30 s at most here, MIN_DELAY_BETWEEN_RAS
 *	2 s	DAD of the address made of it
 *	45 s	a neighbour that is gone counts as REACHABLE: ReachableTime, 1.5 times 30 s
 * where the last runs beside the others: CALM_SETTLE. Then chaos_judge.c takes over.
 */
#include "sim/chaos_part.h"

#include <stdarg.h>
#include <stdlib.h>

#define CALM_SETTLE   (60 * NS_PER_S)
#define TRAFFIC_EVERY (2 * NS_PER_S)
#define PREFIX_LEN    64

static time_ns between(struct chaos *c, time_ns from, time_ns to)
{
	return rng_between(&c->w.rng, from, to);
}

void chaos_tell(struct chaos *c, const char *fmt, ...)
{
	va_list ap;

	if (c->conf->story == NULL)
		return;
	fprintf(c->conf->story, "%10.4f ", (double)c->w.now / (double)NS_PER_S);
	va_start(ap, fmt);
	vfprintf(c->conf->story, fmt, ap);
	va_end(ap);
	fputc('\n', c->conf->story);
}

void chaos_fail(struct chaos *c, const char *fmt, ...)
{
	char what[CHAOS_WHAT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	chaos_tell(c, "FAILED: %s", what);
	if (c->v->n_failures++ > 0)
		return;
	c->v->when = c->w.now;
	memcpy(c->v->what, what, sizeof(what));
}

/*
 * Watching
 */

static void watch_node(void *ctx, const struct world_node *wn, const struct trace *t)
{
	struct chaos *c = ctx;
	char text[IP6_TEXT_MAX] = "";

	if (t->addr != NULL)
		ip6_text(t->addr, text);
	if (t->kind == TRACE_EVENT && t->event != EVENT_GROUP_JOINED &&
	    t->event != EVENT_GROUP_LEFT)
		chaos_tell(c, "%s if%u %s %s %llu", wn->node->name, t->ifindex,
			   event_text(t->event), text, (unsigned long long)t->value);
	if (t->kind == TRACE_DROP && drop_is_refusal(t->drop))
		chaos_tell(c, "%s if%u drop %s", wn->node->name, t->ifindex, drop_name(t->drop));
}

static void watch_wire(void *ctx, const struct wire_seen *s)
{
	struct chaos_wire *cw = ctx;
	struct chaos *c = CONTAINER_OF(cw - cw->pcap, struct chaos, wire[0]);
	char why[80] = "";

	if (s->fate != WIRE_SENT && s->fate != WIRE_DROPPED)
		return;
	if (s->fate == WIRE_DROPPED)
		snprintf(why, sizeof(why), "%s at port %u", drop_name(s->drop), s->port);
	pcapng_file_frame(&c->pcap, &(struct pcapng_frame){ .iface = cw->pcap,
							    .when = s->now,
							    .p = s->pkt->p,
							    .len = s->pkt->len,
							    .comment = { why[0] ? why : NULL } });
}

static void watch(struct chaos *c)
{
	char comment[64];
	int rc;

	if (c->conf->story != NULL)
		world_watch(&c->w, (struct world_watch){ watch_node, c });
	if (c->conf->capture == NULL)
		return;
	snprintf(comment, sizeof(comment), "chaos seed %llu", (unsigned long long)c->conf->seed);
	rc = pcapng_file_open(&c->pcap, c->conf->capture,
			      &(struct pcapng_conf){ .comment = comment });
	ASSERT(rc == 0);
}

/*
 * Wires
 */

/* Bad weather: everything that a wire can do to frames. */
static void wire_redraw(struct chaos *c, struct chaos_wire *cw)
{
	struct wire_conf *wc = &cw->ww->wire.conf;

	*wc = cw->calm;
	wc->loss_ppm = chance(c, 80) ? below(c, 200001) : 0;
	wc->dup_ppm = chance(c, 50) ? below(c, 100001) : 0;
	wc->reorder_ppm = chance(c, 50) ? below(c, 200001) : 0;
	wc->reorder_delay = between(c, NS_PER_MS, 200 * NS_PER_MS);
	wc->corrupt_ppm = chance(c, 30) ? below(c, 10001) : 0;
	chaos_tell(c, "%s: %u ppm lost, %u doubled, %u late, %u damaged", cw->ww->name,
		   wc->loss_ppm, wc->dup_ppm, wc->reorder_ppm, wc->corrupt_ppm);
}

/* What all routers of a wire advertise there alike (RFC 4861 section 6.2.7). */
static void draw_adv(struct chaos *c, struct chaos_wire *cw)
{
	static const uint32_t retrans_ms[] = { 0, 0, 500, 1000 };
	bool short_lived = chance(c, 30);
	struct nd_adv *adv = &cw->adv;

	*adv = ND_ADV_DEFAULT;
	adv->send = true;
	adv->interval_max = between(c, 4, 30) * NS_PER_S;
	adv->interval_min = MAX(adv->interval_max / 3, 3 * NS_PER_S);
	if (adv->interval_min > adv->interval_max / 4 * 3)
		adv->interval_min = adv->interval_max / 4 * 3;
	adv->default_lifetime_s = chance(c, 50) ? (uint16_t)(adv->interval_max / NS_PER_S * 3)
						: 1800;
	adv->reachable_ms = chance(c, 50) ? 1000 * below(c, 30) : 0;
	adv->retrans_ms = retrans_ms[below(c, ARRAY_LEN(retrans_ms))];
	adv->link_mtu = chance(c, 20) ? IP6_MTU_MIN : 0;
	adv->n_prefixes = 1;
	adv->prefix[0] = (struct nd_adv_prefix){ .prefix = cw->prefix,
						 .len = PREFIX_LEN,
						 .on_link = chance(c, 85),
						 .autonomous = true,
						 .valid_s = short_lived ? 120 : 3600,
						 .preferred_s = short_lived ? 60 : 1800 };
}

static void add_wire(struct chaos *c)
{
	struct chaos_wire *cw = &c->wire[c->n_wires];
	char name[NODE_NAME_MAX];
	int rc = ip6_parse("2001:db8::", &cw->prefix);

	ASSERT(rc == 0);
	cw->prefix.b[5] = (uint8_t)(c->n_wires + 1);
	cw->calm = (struct wire_conf){ .delay = between(c, 10 * NS_PER_US, 50 * NS_PER_MS),
				       .jitter = between(c, 0, 20 * NS_PER_MS),
				       .queue_octets = 256 * 1024,
				       .mtu = chance(c, 70) ? 1500 : IP6_MTU_MIN + below(c, 221) };
	if (chance(c, 30))
		cw->calm.rate_bps = between(c, 10000000, 1000000000);
	snprintf(name, sizeof(name), "w%u", c->n_wires);
	cw->ww = world_add_wire(&c->w, name, &cw->calm);
	cw->pcap = c->n_wires++;
	if (c->conf->capture != NULL) {
		uint32_t iface = pcapng_file_iface(&c->pcap, name);

		ASSERT(iface == cw->pcap);
		cw->ww->wire.watch = (struct wire_watch){ watch_wire, cw };
	}
	draw_adv(c, cw);
	wire_redraw(c, cw);
}

/*
 * Routers and their routes
 */

struct mac chaos_router_mac(const struct chaos_router *r, unsigned number, unsigned wire)
{
	return (struct mac){ { 2, 0xee, r->hardware, 0, (uint8_t)number, (uint8_t)wire } };
}

struct ip6_addr chaos_router_addr(const struct chaos *c, unsigned number, unsigned wire)
{
	return ip6_with_iid(&c->wire[wire].prefix, number + 1);
}

/*
 * How many wires away is each wire from wire @from, by the routers that are planned but @without?
 * UINT8_MAX: not reached.
 */
static void distances(const struct chaos *c, unsigned from, const struct chaos_router *without,
		      uint8_t far[CHAOS_WIRES_MAX])
{
	memset(far, UINT8_MAX, CHAOS_WIRES_MAX);
	far[from] = 0;
	for (uint8_t d = 0; d < CHAOS_WIRES_MAX; d++)
		for (const struct chaos_router *r = c->router; r < c->router + CHAOS_ROUTERS_MAX;
		     r++)
			for (unsigned i = 0; i < c->n_wires; i++) {
				if (!r->planned || r == without || !r->on[i] || far[i] != d)
					continue;
				for (unsigned k = 0; k < c->n_wires; k++)
					if (r->on[k] && far[k] == UINT8_MAX)
						far[k] = (uint8_t)(d + 1);
			}
}

/* Do the wires hang together, each with a router, when @r is gone? */
static bool is_spare(const struct chaos *c, const struct chaos_router *r)
{
	uint8_t far[CHAOS_WIRES_MAX];
	bool has_router = false;

	distances(c, 0, r, far);
	for (unsigned i = 0; i < c->n_wires; i++)
		if (far[i] == UINT8_MAX)
			return false;
	for (const struct chaos_router *o = c->router; o < c->router + CHAOS_ROUTERS_MAX; o++)
		has_router |= o != r && o->planned && o->on[0];
	return has_router;
}

/* Give @r its route to wire @to: the neighbour router that is nearest to it. */
static void set_route(struct chaos *c, const struct chaos_router *r, unsigned to)
{
	struct route route = { .table = FIB_TABLE_MAIN,
			       .dst = c->wire[to].prefix,
			       .dst_len = PREFIX_LEN,
			       .via = { .proto = ROUTE_PROTO_STATIC },
			       .expires = TIME_NEVER };
	uint8_t far[CHAOS_WIRES_MAX], best = UINT8_MAX;

	distances(c, to, NULL, far);
	(void)fib_del(r->wn->node->ip6.fib, &route);
	for (unsigned n = 0; n < CHAOS_ROUTERS_MAX; n++) {
		const struct chaos_router *o = &c->router[n];

		for (unsigned i = 0; i < c->n_wires; i++)
			for (unsigned k = 0; k < c->n_wires; k++) {
				struct mac mac = chaos_router_mac(o, n, i);

				if (o == r || !o->planned || !o->on[i] || !r->on[i] || !o->on[k] ||
				    far[k] >= best)
					continue;
				best = far[k];
				route.via.ifindex = r->ifindex[i];
				route.via.gateway = ip6_linklocal_of(ip6_iid_of_mac(&mac));
			}
	}
	ASSERT(best != UINT8_MAX);
	if (fib_add(r->wn->node->ip6.fib, &route) < 0)
		chaos_fail(c, "%s: no route to w%u", r->wn->node->name, to);
}

/* The administrators' work, whenever a router has come, gone, or changed its hardware. */
static void set_routes(struct chaos *c)
{
	for (struct chaos_router *r = c->router; r < c->router + CHAOS_ROUTERS_MAX; r++)
		for (unsigned i = 0; r->wn != NULL && i < c->n_wires; i++)
			if (!r->on[i])
				set_route(c, r, i);
}

static void router_born(struct chaos *c, unsigned number)
{
	struct chaos_router *r = &c->router[number];
	char name[NODE_NAME_MAX], ifname[IF_NAME_MAX];

	snprintf(name, sizeof(name), "r%u.%u", number, r->births++);
	r->wn = world_add_node(&c->w, name);
	r->planned = true;
	chaos_tell(c, "%s is born, hardware %u", name, r->hardware);
	for (unsigned i = 0; i < c->n_wires; i++) {
		struct mac mac = chaos_router_mac(r, number, i);
		struct ip6_addr a = chaos_router_addr(c, number, i);
		struct nd_adv adv = c->wire[i].adv;
		struct nd *nd = &r->wn->node->nd;
		int rc;

		if (!r->on[i])
			continue;
		snprintf(ifname, sizeof(ifname), "e%u", i);
		r->ifindex[i] = world_plug_as(r->wn, ifname, c->wire[i].ww, &mac);
		nd_set_forwarding(nd, world_if(r->wn, r->ifindex[i]), true);
		rc = nd_addr_add(nd, world_if(r->wn, r->ifindex[i]), &a, PREFIX_LEN, ADDR_STATIC,
				 false);
		ASSERT(rc == 0);
		adv.pref = (enum nd_pref)r->pref;
		rc = nd_set_adv(nd, world_if(r->wn, r->ifindex[i]), &adv);
		ASSERT(rc == 0);
	}
	world_touch(r->wn);
	set_routes(c);
}

static void router_dies(struct chaos *c, struct chaos_router *r, bool for_good)
{
	chaos_tell(c, "%s dies%s", r->wn->node->name, for_good ? " for good" : "");
	if (chance(c, 30)) { /* with a last word */
		node_shutdown(r->wn->node, world_node_now(r->wn));
		world_touch(r->wn);
	}
	world_kill(r->wn);
	r->wn = NULL;
	r->planned = !for_good;
	if (for_good)
		set_routes(c);
}

/* Wires are joined one after the other; the last router takes those that are left. */
static void draw_topology(struct chaos *c)
{
	unsigned joined = 1;

	c->n_routers = 1 + below(c, 3);
	for (unsigned n = 0; n < c->n_routers; n++) {
		struct chaos_router *r = &c->router[n];
		unsigned more = c->n_wires - joined;

		r->planned = true;
		r->pref = (int8_t)((int)below(c, 3) - 1);
		r->on[below(c, joined)] = true;
		if (n + 1 < c->n_routers)
			more = below(c, more + 1);
		while (more-- > 0)
			r->on[joined++] = true;
		if (chance(c, 25))
			r->on[below(c, joined)] = true;
	}
	for (unsigned n = 0; n < c->n_routers; n++)
		router_born(c, n);
}

/*
 * Hosts
 */

static void host_plug(struct chaos *c, unsigned number, unsigned wire)
{
	struct mac mac = { { 2, 0xaa, 0, 0, 0, (uint8_t)number } };
	struct chaos_host *h = &c->host[number];

	h->wire = wire;
	h->ifindex = world_plug_as(h->wn, "e", c->wire[wire].ww, &mac);
	chaos_tell(c, "%s is plugged into w%u", h->wn->node->name, wire);
}

static void host_born(struct chaos *c, unsigned number, unsigned wire)
{
	struct chaos_host *h = &c->host[number];
	char name[NODE_NAME_MAX];

	snprintf(name, sizeof(name), "h%u.%u", number, h->births++);
	h->wn = world_add_node(&c->w, name);
	host_plug(c, number, wire);
}

struct ip6_addr chaos_host_addr(const struct chaos *c, const struct chaos_host *h)
{
	struct mac mac = { { 2, 0xaa, 0, 0, 0, (uint8_t)(h - c->host) } };

	return ip6_with_iid(&c->wire[h->wire].prefix, ip6_iid_of_mac(&mac));
}

/* Somebody pings somebody, a host or a router, now and then with more than a link takes. */
static void traffic(struct world *w, void *ctx)
{
	static const uint32_t octets[] = { 56, 56, 56, 1200, 1400, 3000 };
	struct chaos *c = ctx;
	const struct chaos_host *from = &c->host[below(c, c->n_hosts)];
	struct ping_conf pc = { .dst = chaos_host_addr(c, &c->host[below(c, c->n_hosts)]),
				.count = 1 + below(c, 10),
				.octets = octets[below(c, ARRAY_LEN(octets))],
				.interval = between(c, 100 * NS_PER_MS, 3 * NS_PER_S),
				.timeout = 2 * NS_PER_S,
				.hop_limit = -1 };

	if (chance(c, 20))
		pc.dst = chaos_router_addr(c, below(c, c->n_routers), below(c, c->n_wires));
	if (!from->wn->asleep) {
		(void)ping_start(&from->wn->node->pings, &pc, NULL);
		world_touch(from->wn);
	}
	if (w->now < c->v->calm + CALM_SETTLE)
		world_at(w, time_after(w->now, TRAFFIC_EVERY), traffic, c);
}

/*
 * Trouble, and how it ends
 */

static void part(struct chaos *c, struct chaos_wire *cw, bool on)
{
	chaos_tell(c, "%s %s", cw->ww->name, on ? "is parted" : "is whole");
	for (unsigned i = 0; i < cw->ww->wire.n_ports; i++)
		wire_port_part(&cw->ww->wire, i, on ? below(c, 2) : 0);
}

static void cut(struct chaos *c, const struct chaos_host *h, bool on)
{
	if (h->ifindex == 0)
		return;
	chaos_tell(c, "%s: cable %s", h->wn->node->name, on ? "cut" : "mended");
	wire_port_up(&h->wn->plug[h->ifindex].wire->wire, h->wn->plug[h->ifindex].port, !on);
}

static void bounce(const struct chaos_host *h, bool up)
{
	if (h->ifindex == 0)
		return;
	(void)node_if_set(h->wn->node, h->ifindex, up, world_node_now(h->wn));
	world_touch(h->wn);
}

/* Suspended it says nothing; most clocks go on, those of some systems do not. */
static void host_sleeps(struct chaos *c, const struct chaos_host *h, bool on)
{
	bool noticed = !on && h->wn->asleep && chance(c, 70);

	if (on == h->wn->asleep)
		return;
	chaos_tell(c, "%s %s", h->wn->node->name,
		   on	     ? "falls asleep"
		   : noticed ? "wakes up"
			     : "wakes up as if nothing had been");
	if (on)
		world_sleep(h->wn);
	else
		world_wake(h->wn, noticed);
}

/* All lifetimes that a node counts may be over at once. */
static void clock_steps(struct chaos *c, const struct chaos_trouble *t)
{
	struct world_node *wn = c->host[t->which % c->n_hosts].wn;
	time_ns by = between(c, NS_PER_S, chance(c, 50) ? 7200 * NS_PER_S : 100 * NS_PER_S);

	if (t->which % 4 == 0)
		wn = c->router[t->which / 4 % c->n_routers].wn;
	if (wn == NULL || wn->asleep)
		return;
	chaos_tell(c, "%s: the clock jumps by %.3f s", wn->node->name,
		   (double)by / (double)NS_PER_S);
	world_clock_step(wn, by);
}

static void trouble_ends(struct world *w, void *ctx)
{
	struct chaos_trouble *t = ctx;
	struct chaos *c = t->c;
	struct chaos_host *h = &c->host[t->which % c->n_hosts];
	unsigned n = t->which % CHAOS_ROUTERS_MAX;

	(void)w;
	switch (t->kind) {
	case TROUBLE_PARTITION:
		part(c, &c->wire[t->which % c->n_wires], false);
		break;
	case TROUBLE_ROUTER_DIES:
		if (c->router[n].wn != NULL || !c->router[n].planned)
			break;
		c->router[n].hardware = (uint8_t)(c->router[n].hardware + chance(c, 30));
		router_born(c, n);
		break;
	case TROUBLE_HOST_MOVES:
		if (h->ifindex == 0)
			host_plug(c, t->which % c->n_hosts, below(c, c->n_wires));
		break;
	case TROUBLE_HOST_RESETS:
		if (h->wn == NULL)
			host_born(c, t->which % c->n_hosts, h->wire);
		break;
	case TROUBLE_HOST_CUT:
		cut(c, h, false);
		break;
	case TROUBLE_HOST_BOUNCES:
		bounce(h, true);
		break;
	case TROUBLE_HOST_SLEEPS:
		host_sleeps(c, h, false);
		break;
	case TROUBLE_CLOCK_STEPS:
		clock_steps(c, t);
		break;
	case TROUBLE_ROUTER_APPEARS:
	case TROUBLE_WIRE_CHANGES:
	case TROUBLE_KINDS:
		break;
	}
}

static void router_trouble(struct chaos *c, const struct chaos_trouble *t)
{
	struct chaos_router *r = &c->router[t->which % CHAOS_ROUTERS_MAX];

	if (r->wn != NULL)
		router_dies(c, r, is_spare(c, r) && chance(c, 50));
}

static void router_appears(struct chaos *c)
{
	struct chaos_router *r = &c->router[c->n_routers];

	if (c->n_routers == CHAOS_ROUTERS_MAX)
		return;
	r->on[below(c, c->n_wires)] = true;
	r->on[below(c, c->n_wires)] = true;
	router_born(c, c->n_routers++);
}

static void host_resets(struct chaos *c, struct chaos_host *h)
{
	unsigned number = (unsigned)(h - c->host);

	chaos_tell(c, "%s resets", h->wn->node->name);
	world_kill(h->wn);
	host_born(c, number, h->wire);
}

static void trouble_begins(struct world *w, void *ctx)
{
	struct chaos_trouble *t = ctx;
	struct chaos *c = t->c;
	struct chaos_host *h = &c->host[t->which % c->n_hosts];

	switch (t->kind) {
	case TROUBLE_PARTITION:
		part(c, &c->wire[t->which % c->n_wires], true);
		break;
	case TROUBLE_ROUTER_DIES:
		router_trouble(c, t);
		break;
	case TROUBLE_ROUTER_APPEARS:
		router_appears(c);
		break;
	case TROUBLE_HOST_MOVES:
		if (h->ifindex == 0)
			break;
		chaos_tell(c, "%s is pulled out", h->wn->node->name);
		world_unplug(h->wn, h->ifindex);
		h->ifindex = 0;
		break;
	case TROUBLE_HOST_RESETS:
		host_resets(c, h);
		break;
	case TROUBLE_HOST_CUT:
		cut(c, h, true);
		break;
	case TROUBLE_HOST_BOUNCES:
		bounce(h, false);
		break;
	case TROUBLE_WIRE_CHANGES:
		wire_redraw(c, &c->wire[t->which % c->n_wires]);
		break;
	case TROUBLE_HOST_SLEEPS:
		host_sleeps(c, h, true);
		break;
	case TROUBLE_CLOCK_STEPS:
		clock_steps(c, t);
		break;
	case TROUBLE_KINDS:
		break;
	}
	world_at(w, t->until, trouble_ends, t);
}

static void draw_troubles(struct chaos *c)
{
	c->v->n_troubles = 3 + below(c, CHAOS_TROUBLES_MAX - 2);
	for (unsigned i = 0; i < c->v->n_troubles; i++) {
		struct chaos_trouble *t = &c->trouble[i];
		time_ns when = between(c, 0, c->v->calm - NS_PER_S);

		*t = (struct chaos_trouble){ .c = c,
					     .kind = (enum trouble)below(c, TROUBLE_KINDS),
					     .which = below(c, 1000),
					     .until = when + between(c, NS_PER_S, 90 * NS_PER_S) };
		t->until = MIN(t->until, c->v->calm);
		world_at(&c->w, when, trouble_begins, t);
	}
}

/* Whatever overlapping troubles have left behind ends now. */
static void calm(struct chaos *c)
{
	chaos_tell(c, "calm");
	for (unsigned i = 0; i < c->n_wires; i++) {
		part(c, &c->wire[i], false);
		c->wire[i].ww->wire.conf = c->wire[i].calm;
	}
	for (unsigned n = 0; n < c->n_routers; n++)
		if (c->router[n].wn == NULL && c->router[n].planned)
			router_born(c, n);
	for (unsigned n = 0; n < c->n_hosts; n++) {
		host_sleeps(c, &c->host[n], false);
		if (c->host[n].ifindex == 0)
			host_plug(c, n, c->host[n].wire);
		cut(c, &c->host[n], false);
		bounce(&c->host[n], true);
	}
}

static void build(struct chaos *c)
{
	unsigned n_wires = 1 + below(c, CHAOS_WIRES_MAX);
	unsigned n_hosts = 2 + below(c, CHAOS_HOSTS_MAX - 1);

	watch(c);
	c->v->calm = between(c, 60 * NS_PER_S, 300 * NS_PER_S);
	for (unsigned i = 0; i < n_wires; i++)
		add_wire(c);
	draw_topology(c);
	c->v->n_wires = n_wires;
	c->v->n_routers = c->n_routers;
	c->v->n_hosts = c->n_hosts = n_hosts;
	for (unsigned i = 0; i < n_hosts; i++)
		host_born(c, i, below(c, n_wires));
	draw_troubles(c);
	world_at(&c->w, NS_PER_S, traffic, c);
}

bool chaos_run(const struct chaos_conf *conf, struct chaos_verdict *v)
{
	struct chaos *c = calloc(1, sizeof(*c));

	ASSERT(c != NULL);
	*v = (struct chaos_verdict){ .seed = conf->seed };
	c->conf = conf;
	c->v = v;
	world_init(&c->w, &(struct world_conf){ .seed = conf->seed });
	build(c);
	world_run(&c->w, v->calm);
	calm(c);
	world_run(&c->w, v->calm + CALM_SETTLE);
	chaos_judge(c);
	v->ok = v->n_failures == 0;
	v->end = c->w.now;
	v->frames = c->w.n_frames;
	chaos_tell(c, "%s", v->ok ? "all is well" : v->what);
	world_done(&c->w);
	if (conf->capture != NULL)
		(void)pcapng_file_close(&c->pcap);
	free(c);
	return v->ok;
}
