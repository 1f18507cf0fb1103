/* SPDX-License-Identifier: BSD-3-Clause */
#include "sim/world.h"

#include <stdlib.h>

#include "host/inside.h"

#define PKTS_PLENTY 4000000
#define MTU_USUAL   1500
#define WIRE_STREAM (UINT64_C(1) << 32) /* of random numbers; nodes have those below */
#define HOST_STREAM (UINT64_C(1) << 33) /* and of hosts: by node, by number there */
#define HOST_SHIFT  8

struct world_event {
	struct list on;
	struct timer timer;
	void (*fn)(struct world *w, void *ctx);
	void *ctx;
};

struct world_host {
	struct list on;
	struct timer timer; /* TIMER_HOST: host_inside_next() */
	struct world_node *wn;
	struct host *host;
};

void world_init(struct world *w, const struct world_conf *conf)
{
	uint32_t max = conf->max_pkts != 0 ? conf->max_pkts : PKTS_PLENTY;

	memset(w, 0, sizeof(*w));
	w->seed = conf->seed;
	pkt_pool_init(&w->pool, max, max / 64);
	rng_init_u64(&w->rng, conf->seed, 0);
	timers_init(&w->timers, 0);
	list_init(&w->nodes);
	list_init(&w->wires);
	list_init(&w->events);
}

void world_done(struct world *w)
{
	LIST_FOR_EACH(it, &w->events)
		free(LIST_ENTRY(it, struct world_event, on));
	LIST_FOR_EACH(it, &w->nodes)
		world_kill(LIST_ENTRY(it, struct world_node, on));
	LIST_FOR_EACH(it, &w->wires) {
		struct world_wire *ww = LIST_ENTRY(it, struct world_wire, on);

		wire_done(&ww->wire);
		free(ww->port);
		free(ww);
	}
	pkt_pool_done(&w->pool);
}

/*
 * A port hears the groups that its node has joined: a switch that snoops. A multicast router hears
 * all of them (RFC 4541 section 2.1.2).
 */
static void snoop(struct world_node *wn, const struct trace *t)
{
	struct world_wire *ww = t->ifindex <= IF_MAX ? wn->plug[t->ifindex].wire : NULL;
	struct mac group;
	unsigned port;
	int rc = 0;

	if (ww == NULL)
		return;
	port = wn->plug[t->ifindex].port;
	if (t->event == EVENT_MROUTE_IF) {
		rc = wire_port_filter(&ww->wire, port, t->value == 0);
	} else if (t->event == EVENT_GROUP_JOINED || t->event == EVENT_GROUP_LEFT) {
		group = mac_of_group(t->addr);
		rc = wire_port_listen(&ww->wire, port, &group, t->event == EVENT_GROUP_JOINED);
	}
	ASSERT(rc == 0);
}

static void watch_node(void *ctx, const struct trace *t)
{
	struct world_node *wn = ctx;

	if (t->kind == TRACE_EVENT)
		snoop(wn, t);
	if (wn->world->watch.fn != NULL)
		wn->world->watch.fn(wn->world->watch.ctx, wn, t);
}

void world_watch(struct world *w, struct world_watch watch)
{
	w->watch = watch;
}

struct world_node *world_add_node(struct world *w, const char *name)
{
	struct world_node *wn = calloc(1, sizeof(*wn));
	struct node_conf conf;
	struct rng rng;

	ASSERT(wn != NULL);
	wn->world = w;
	wn->number = w->n_nodes++;
	node_conf_init(&conf, name, &w->pool);
	rng_init_u64(&rng, w->seed, 1 + (uint64_t)wn->number);
	for (unsigned i = 0; i < RNG_SEED_OCTETS; i++)
		conf.seed[i] = (uint8_t)rng_u32(&rng);
	wn->node = node_new(&conf, w->now);
	ASSERT(wn->node != NULL);
	timer_init(&wn->timer, TIMER_WORLD);
	list_init(&wn->hosts);
	list_add_tail(&w->nodes, &wn->on);
	node_trace(wn->node, (struct tracer){ watch_node, wn });
	return wn;
}

struct world_wire *world_add_wire(struct world *w, const char *name, const struct wire_conf *conf)
{
	struct world_wire *ww = calloc(1, sizeof(*ww));

	ASSERT(ww != NULL && strlen(name) < sizeof(ww->name));
	ww->world = w;
	memcpy(ww->name, name, strlen(name) + 1);
	wire_init(&ww->wire, &w->pool, w->seed, WIRE_STREAM + w->n_wires++);
	ww->wire.conf = *conf;
	if (conf->mtu == 0)
		ww->wire.conf.mtu = MTU_USUAL;
	timer_init(&ww->timer, TIMER_WIRE);
	list_add_tail(&w->wires, &ww->on);
	return ww;
}

struct iface *world_if(struct world_node *wn, uint32_t ifindex)
{
	return node_if(wn->node, ifindex);
}

static void arm_wire(struct world_wire *ww)
{
	timer_set(&ww->world->timers, &ww->timer, wire_next(&ww->wire));
}

/* When a daemon wants to be called again: often at once. */
static void arm_host(struct world_host *wh)
{
	struct world_node *wn = wh->wn;
	time_ns next = wn->asleep ? TIME_NEVER : host_inside_next(wh->host);

	if (next != TIME_NEVER)
		next = MAX(next, world_node_now(wn)) - wn->ahead;
	timer_set(&wn->world->timers, &wh->timer, next);
}

/* When it wants to run again, in the world's time. */
static void arm_node(struct world_node *wn)
{
	time_ns next = node_next(wn->node);

	if (wn->asleep)
		next = TIME_NEVER;
	timer_set(&wn->world->timers, &wn->timer, next == TIME_NEVER ? next : next - wn->ahead);
	LIST_FOR_EACH(it, &wn->hosts)
		arm_host(LIST_ENTRY(it, struct world_host, on));
}

/* Put what the node wants to send onto its wires, and note when it wants to run again. */
static void flush(struct world_node *wn)
{
	struct world *w = wn->world;
	uint32_t ifindex;
	struct pktq q;

	while (node_output(wn->node, &ifindex, &q)) {
		struct world_wire *ww = wn->plug[ifindex].wire;
		struct pkt *pkt;

		while ((pkt = pktq_get(&q)) != NULL) {
			if (ww != NULL)
				wire_send(&ww->wire, wn->plug[ifindex].port, pkt, w->now);
			else
				pkt_free(pkt);
		}
		if (ww != NULL)
			arm_wire(ww);
	}
	arm_node(wn);
}

void world_touch(struct world_node *wn)
{
	node_settle(wn->node, world_node_now(wn));
	flush(wn);
}

/*
 * Daemons.
 */

static time_ns host_clock(void *ctx)
{
	return world_node_now(((struct world_host *)ctx)->wn);
}

static void host_changed(void *ctx)
{
	world_touch(((struct world_host *)ctx)->wn);
}

struct host *world_host(struct world_node *wn)
{
	struct world_host *wh = calloc(1, sizeof(*wh));
	struct host_inside_conf conf = {
		.node = wn->node,
		.seed = wn->world->seed,
		.stream = HOST_STREAM + ((uint64_t)wn->number << HOST_SHIFT) + wn->n_hosts++,
		.now = host_clock,
		.changed = host_changed,
		.ctx = wh,
	};

	ASSERT(wh != NULL);
	wh->wn = wn;
	timer_init(&wh->timer, TIMER_HOST);
	wh->host = host_inside_new(&conf);
	ASSERT(wh->host != NULL);
	list_add_tail(&wn->hosts, &wh->on);
	return wh->host;
}

static void host_end(struct world_host *wh)
{
	timer_cancel(&wh->wn->world->timers, &wh->timer);
	list_del(&wh->on);
	host_inside_free(wh->host);
	free(wh);
}

void world_host_end(struct world_node *wn, struct host *h)
{
	LIST_FOR_EACH(it, &wn->hosts)
		if (LIST_ENTRY(it, struct world_host, on)->host == h)
			host_end(LIST_ENTRY(it, struct world_host, on));
	world_touch(wn);
}

/*
 * Clocks of nodes.
 */

time_ns world_node_now(const struct world_node *wn)
{
	return wn->asleep ? wn->slept : wn->world->now + wn->ahead;
}

void world_clock_step(struct world_node *wn, time_ns by)
{
	ASSERT(!wn->asleep);
	wn->ahead += by;
	node_run(wn->node, world_node_now(wn));
	flush(wn);
}

void world_sleep(struct world_node *wn)
{
	wn->slept = world_node_now(wn);
	wn->asleep = true;
	arm_node(wn);
}

void world_wake(struct world_node *wn, bool noticed)
{
	if (!wn->asleep)
		return;
	if (!noticed)
		wn->ahead = wn->slept - wn->world->now;
	wn->asleep = false;
	node_run(wn->node, world_node_now(wn));
	flush(wn);
}

/* 02, the node's number, the interface's: locally administered, and readable in a capture. */
static struct mac make_mac(const struct world_node *wn, uint32_t ifindex)
{
	struct mac m = { { 0x02, 0, (uint8_t)(wn->number >> 16), (uint8_t)(wn->number >> 8),
			   (uint8_t)wn->number, (uint8_t)ifindex } };

	return m;
}

static void port_set(struct world_wire *ww, unsigned port, struct world_node *wn, uint32_t ifindex)
{
	if (port >= ww->max_ports) {
		unsigned max = MAX(port + 1, ww->max_ports * 2);
		struct world_port *p = realloc(ww->port, max * sizeof(*p));

		ASSERT(p != NULL);
		memset(p + ww->max_ports, 0, (max - ww->max_ports) * sizeof(*p));
		ww->port = p;
		ww->max_ports = max;
	}
	ww->port[port] = (struct world_port){ wn, ifindex };
}

/* The one that node_if_add() will choose. */
static uint32_t next_ifindex(struct world_node *wn)
{
	uint32_t ifindex = 1;

	while (world_if(wn, ifindex) != NULL)
		ifindex++;
	return ifindex;
}

uint32_t world_plug(struct world_node *wn, const char *ifname, struct world_wire *ww)
{
	struct mac mac = make_mac(wn, next_ifindex(wn));

	return world_plug_as(wn, ifname, ww, &mac);
}

uint32_t world_plug_as(struct world_node *wn, const char *ifname, struct world_wire *ww,
		       const struct mac *mac)
{
	uint32_t ifindex = next_ifindex(wn);
	int port, rc;

	rc = node_if_add(wn->node, ifname, mac, ww->wire.conf.mtu);
	port = wire_port_add(&ww->wire, mac);
	ASSERT(rc == (int)ifindex && port >= 0);
	rc = wire_port_filter(&ww->wire, (unsigned)port, true);
	ASSERT(rc == 0);
	wn->plug[ifindex].wire = ww;
	wn->plug[ifindex].port = (unsigned)port;
	port_set(ww, (unsigned)port, wn, ifindex);
	rc = node_if_set(wn->node, ifindex, true, world_node_now(wn));
	ASSERT(rc == 0);
	flush(wn);
	return ifindex;
}

void world_unplug(struct world_node *wn, uint32_t ifindex)
{
	struct world_wire *ww = wn->plug[ifindex].wire;

	ASSERT(ww != NULL);
	(void)node_if_set(wn->node, ifindex, false, world_node_now(wn));
	flush(wn);
	wire_port_up(&ww->wire, wn->plug[ifindex].port, false);
	ww->port[wn->plug[ifindex].port].node = NULL;
	wn->plug[ifindex].wire = NULL;
	arm_wire(ww);
	(void)node_if_del(wn->node, ifindex);
}

void world_kill(struct world_node *wn)
{
	struct world *w = wn->world;

	for (uint32_t i = 1; i <= IF_MAX; i++) {
		struct world_wire *ww = wn->plug[i].wire;

		if (ww == NULL)
			continue;
		wire_port_up(&ww->wire, wn->plug[i].port, false);
		ww->port[wn->plug[i].port].node = NULL;
		arm_wire(ww);
	}
	LIST_FOR_EACH(it, &wn->hosts)
		host_end(LIST_ENTRY(it, struct world_host, on));
	node_trace(wn->node, (struct tracer){ 0 });
	timer_cancel(&w->timers, &wn->timer);
	list_del(&wn->on);
	node_free(wn->node);
	free(wn);
}

void world_at(struct world *w, time_ns when, void (*fn)(struct world *w, void *ctx), void *ctx)
{
	struct world_event *e = calloc(1, sizeof(*e));

	ASSERT(e != NULL);
	e->fn = fn;
	e->ctx = ctx;
	timer_init(&e->timer, TIMER_SCRIPT);
	list_add_tail(&w->events, &e->on);
	timer_set(&w->timers, &e->timer, when);
}

static void give(struct world_wire *ww, unsigned port, struct batch *b)
{
	struct world_port *p = &ww->port[port];
	struct world *w = ww->world;

	if (b->n == 0)
		return;
	w->n_frames += b->n;
	if (p->node == NULL || p->node->asleep ||
	    node_input(p->node->node, p->ifindex, b, world_node_now(p->node)) < 0) {
		for (unsigned i = 0; i < b->n; i++)
			pkt_free(b->pkt[i]);
		b->n = 0;
		return;
	}
	flush(p->node);
}

/* All that arrives at this time, in batches of one port. */
static void wire_due(struct world_wire *ww)
{
	struct batch b = { .n = 0 };
	unsigned port, last = 0;
	struct pkt *pkt;

	while ((pkt = wire_pop(&ww->wire, ww->world->now, &port)) != NULL) {
		if (b.n == BATCH_MAX || (b.n > 0 && port != last))
			give(ww, last, &b);
		last = port;
		batch_put(&b, pkt);
	}
	give(ww, last, &b);
	arm_wire(ww);
}

static void due(struct world *w, struct timer *t)
{
	struct world_event *e;
	struct world_node *wn;
	struct world_host *wh;

	switch ((int)t->kind) {
	case TIMER_WIRE:
		wire_due(CONTAINER_OF(t, struct world_wire, timer));
		break;
	case TIMER_WORLD:
		wn = CONTAINER_OF(t, struct world_node, timer);
		node_run(wn->node, world_node_now(wn));
		flush(wn);
		break;
	case TIMER_HOST:
		wh = CONTAINER_OF(t, struct world_host, timer);
		host_inside_run(wh->host);
		world_touch(wh->wn);
		break;
	case TIMER_SCRIPT:
		e = CONTAINER_OF(t, struct world_event, timer);
		list_del(&e->on);
		e->fn(w, e->ctx);
		free(e);
		break;
	default:
		ASSERT_NOT_REACHED();
	}
}

bool world_step(struct world *w, time_ns until)
{
	time_ns next = timers_next(&w->timers);
	struct timer *t;

	if (next > until) {
		w->now = MAX(w->now, until);
		return false;
	}
	w->now = MAX(w->now, next);
	t = timers_pop(&w->timers, w->now);
	if (t != NULL)
		due(w, t);
	return true;
}

void world_run(struct world *w, time_ns until)
{
	while (world_step(w, until))
		;
}
