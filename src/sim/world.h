/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Worlds: nodes and wires on one virtual clock. One seed, one run: the same calls on a world of
 * the same seed give the same frames at the same nanoseconds, octet for octet.
 *
 * The world owns its nodes and wires. It moves time from event to event: a frame arrives, a
 * node's timer is due, an entry of the script is due. Between events nothing happens, so an hour
 * in which a link is silent costs nothing.
 */
#ifndef INABA_SIM_WORLD_H
#define INABA_SIM_WORLD_H

#include "host/host.h"
#include "link/wire.h"
#include "node/node.h"

struct world;

/* A wire of the world. */
struct world_wire {
	struct list on;
	struct timer timer; /* TIMER_WIRE: the next frame arrives */
	struct world *world;
	struct wire wire;
	char name[NODE_NAME_MAX];
	struct world_port *port; /* by port number of the wire */
	unsigned n_ports, max_ports;
};

/* Where an interface is plugged in. */
struct world_port {
	struct world_node *node; /* NULL: unplugged */
	uint32_t ifindex;
};

/* A node of the world. */
struct world_node {
	struct list on;
	struct timer timer; /* TIMER_WORLD: node_next() */
	struct world *world;
	struct node *node;
	uint32_t number; /* from 0, in order of making */
	time_ns ahead; /* of the world's time, modulo 2^64: the node's clock; see world_node_now() */
	time_ns slept; /* asleep: the node's clock when it fell asleep */
	bool asleep;
	struct list hosts; /* of daemons that live on it */
	uint32_t n_hosts;  /* made so far */
	struct {
		struct world_wire *wire;
		unsigned port;
	} plug[IF_MAX + 1]; /* by ifindex */
};

/* Who watches a world: what each node traces, with the node; see base/trace.h. */
struct world_watch {
	void (*fn)(void *ctx, const struct world_node *wn, const struct trace *t);
	void *ctx;
};

struct world_conf {
	uint64_t seed;
	uint32_t max_pkts; /* buffers of all nodes and wires; 0: plenty */
};

struct world {
	time_ns now;
	uint64_t seed;
	struct pkt_pool pool;
	struct rng rng; /* for scenarios */
	struct timers timers;
	struct list nodes, wires, events;
	uint32_t n_nodes, n_wires;
	struct world_watch watch;
	uint64_t n_frames; /* delivered so far */
};

/** world_init() - An empty world at time 0. */
void world_init(struct world *w, const struct world_conf *conf);

/** world_done() - End all nodes and wires. */
void world_done(struct world *w);

/** world_watch() - fn of NULL: nobody. Nodes made later are watched too. */
void world_watch(struct world *w, struct world_watch watch);

/** world_add_node() - A new node, seeded from the world. Asserts that there is memory. */
struct world_node *world_add_node(struct world *w, const char *name);

/** world_add_wire() - A new wire; @conf may be changed later in what is returned. MTU 0: 1500. */
struct world_wire *world_add_wire(struct world *w, const char *name, const struct wire_conf *conf);

/**
 * world_plug() - A new interface of @wn on @wire, with a link-layer address of its own; up.
 * Return: its ifindex.
 */
uint32_t world_plug(struct world_node *wn, const char *ifname, struct world_wire *wire);

/** world_plug_as() - The same with a link-layer address of the caller's. */
uint32_t world_plug_as(struct world_node *wn, const char *ifname, struct world_wire *wire,
		       const struct mac *mac);

/** world_unplug() - Pull the interface's plug: the interface goes down, and is gone. */
void world_unplug(struct world_node *wn, uint32_t ifindex);

/** world_kill() - The node loses power, without a word. @wn is gone. */
void world_kill(struct world_node *wn);

/** world_node_now() - What the node's clock says; stands still while it sleeps. */
time_ns world_node_now(const struct world_node *wn);

/** world_clock_step() - The node's clock jumps forward: all that was due by then is due at once. */
void world_clock_step(struct world_node *wn, time_ns by);

/** world_sleep() - The node is suspended: hears nothing, does nothing, though its links stay up. */
void world_sleep(struct world_node *wn);

/**
 * world_wake() - It goes on.
 * @noticed:	Its clock has gone on meanwhile: a jump. Otherwise to it no time has passed.
 */
void world_wake(struct world_node *wn, bool noticed);

/**
 * world_host() - What a daemon that is to live on @wn calls, in the node's time. Each has one of its own.
 * Its timers and its watchers are called by the world, where nothing else runs. Ends with the node, at the
 * latest; not from within a round of its own.
 */
struct host *world_host(struct world_node *wn);

/** world_host_end() - The daemon is gone: close what it has open. */
void world_host_end(struct world_node *wn, struct host *h);

/** world_touch() - Call after changing a node directly: what follows from it is carried out. */
void world_touch(struct world_node *wn);

/** world_at() - Call @fn at time @when, before whatever else is due then but was set later. */
void world_at(struct world *w, time_ns when, void (*fn)(struct world *w, void *ctx), void *ctx);

/** world_step() - Go on to the next event, if it is not after @until. Return: false if it is. */
bool world_step(struct world *w, time_ns until);

/** world_run() - Go on to @until, inclusive. */
void world_run(struct world *w, time_ns until);

struct iface *world_if(struct world_node *wn, uint32_t ifindex);

#endif
