/* SPDX-License-Identifier: BSD-3-Clause */
/* Between chaos.c, which lets a world live, and chaos_judge.c, which says whether all is well. */
#ifndef INABA_SIM_CHAOS_PART_H
#define INABA_SIM_CHAOS_PART_H

#include "base/pcapng.h"
#include "sim/chaos.h"

struct chaos_wire {
	struct world_wire *ww;
	struct ip6_addr prefix;
	struct wire_conf calm;
	struct nd_adv adv;
	unsigned pcap;
};

struct chaos_router {
	struct world_node *wn; /* NULL: dead, or not there yet */
	bool planned;	       /* is there, or comes back */
	bool on[CHAOS_WIRES_MAX];
	uint32_t ifindex[CHAOS_WIRES_MAX];
	unsigned births;
	uint8_t hardware; /* changes its link-layer addresses */
	int8_t pref;
};

struct chaos_host {
	struct world_node *wn;
	unsigned wire, births;
	uint32_t ifindex; /* 0: unplugged */
	uint32_t mtu;
};

enum trouble {
	TROUBLE_PARTITION,
	TROUBLE_ROUTER_DIES,
	TROUBLE_ROUTER_APPEARS,
	TROUBLE_HOST_MOVES, /* pulled out, and plugged in again, there or elsewhere */
	TROUBLE_HOST_RESETS,
	TROUBLE_HOST_CUT, /* its cable is cut, and it does not notice */
	TROUBLE_HOST_BOUNCES,
	TROUBLE_WIRE_CHANGES,
	TROUBLE_CLOCK_STEPS, /* of a host or router: its clock jumps forward, by up to two hours */
	TROUBLE_HOST_SLEEPS, /* suspended; its clock may have gone on meanwhile, or not */
	TROUBLE_KINDS
};

struct chaos;

struct chaos_trouble {
	struct chaos *c;
	enum trouble kind;
	unsigned which;
	time_ns until;
};

/* One pair of hosts in the end: how its requests fare. */
struct chaos_pair {
	uint32_t replies, first_seq, last_seq;
};

struct chaos {
	struct world w;
	const struct chaos_conf *conf;
	struct chaos_verdict *v;
	struct chaos_wire wire[CHAOS_WIRES_MAX];
	struct chaos_router router[CHAOS_ROUTERS_MAX];
	struct chaos_host host[CHAOS_HOSTS_MAX];
	unsigned n_wires, n_routers, n_hosts;
	struct chaos_trouble trouble[CHAOS_TROUBLES_MAX];
	struct chaos_pair pair[CHAOS_HOSTS_MAX][CHAOS_HOSTS_MAX];
	struct chaos_pair to_router[CHAOS_HOSTS_MAX][CHAOS_ROUTERS_MAX];
	struct pcapng_file pcap;
};

static inline unsigned below(struct chaos *c, unsigned n)
{
	return (unsigned)rng_below(&c->w.rng, n);
}

static inline bool chance(struct chaos *c, unsigned percent)
{
	return below(c, 100) < percent;
}

struct mac chaos_router_mac(const struct chaos_router *r, unsigned number, unsigned wire);
struct ip6_addr chaos_router_addr(const struct chaos *c, unsigned number, unsigned wire);

/** chaos_host_addr() - The address that @h makes of its wire's prefix. */
struct ip6_addr chaos_host_addr(const struct chaos *c, const struct chaos_host *h);

/** chaos_tell() - A line of the story. */
PRINTF(2, 3) void chaos_tell(struct chaos *c, const char *fmt, ...);

/** chaos_fail() - Something is not as it must be. */
PRINTF(2, 3) void chaos_fail(struct chaos *c, const char *fmt, ...);

/** chaos_judge() - Let the calm world live on while the hosts ping, and say what is wrong. */
void chaos_judge(struct chaos *c);

#endif
