/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The demo: a small IPv6 internet in virtual time, and what happens in it.
 *
 *	 h1    h2                      h3    h4    h5 (a guest)
 *	  |     |       site A          |     |     |        site B
 *	--+--+--+--+--  2001:db8:a::  --+--+--+-----+------  2001:db8:b::
 *	     |     |                       |
 *	    R1     R2                     R3
 *	     |     |       core            |
 *	-----+-----+-----------------------+--------  2001:db8:c::, MTU 1400
 *
 * demo.c builds it, tells it what to do when, and judges at the end whether everything that
 * should happen did; story.c turns what the nodes trace into words.
 */
#ifndef INABA_SIM_DEMO_H
#define INABA_SIM_DEMO_H

#include "sim/capture.h"
#include "sim/timeline.h"
#include "sim/world.h"

/* In order of lanes, and of making: also struct world_node's number. */
enum demo_who {
	DEMO_H1,
	DEMO_H2,
	DEMO_R1,
	DEMO_R2,
	DEMO_R3,
	DEMO_H3,
	DEMO_H4,
	DEMO_H5,
	DEMO_NODES
};

enum demo_where { DEMO_LAN_A, DEMO_CORE, DEMO_LAN_B, DEMO_WIRES };

/* The sessions of echo requests. */
enum demo_ping_id {
	DEMO_PING_ACROSS, /* h1 to h3 */
	DEMO_PING_BIG,	  /* h1 to h3, in packets as large as the LAN takes */
	DEMO_PING_ON_1,	  /* h1 to h3, while R1 dies */
	DEMO_PING_ON_2,	  /* h2 to h4, likewise */
	DEMO_PING_ON_3,	  /* h3 to h1, likewise: so that R3 has something to send, too */
	DEMO_PING_HOLDER, /* h4 to h1, while h5 tries to take its address */
	DEMO_PING_GUEST,  /* h5 to h1, from an address of its own */
	DEMO_PINGS
};

#define DEMO_IFS_MAX	   2
#define DEMO_ADDRS_MAX	   6
#define DEMO_NAMES_MAX	   64
#define DEMO_CHECKS_MAX	   16
#define DEMO_REQUESTS_MAX  256 /* of one session */
#define DEMO_PING_INTERVAL (200 * NS_PER_MS)
#define DEMO_RING	   1024 /* frames under way that are drawn */

struct demo_addr {
	struct ip6_addr addr;
	uint8_t len;
	enum addr_state state;
	enum addr_origin origin;
};

/* An interface, as it was when the node was last looked at (the end, or its own). */
struct demo_if {
	enum demo_where wire;
	struct mac mac;
	struct demo_addr addr[DEMO_ADDRS_MAX];
	unsigned n_addrs;
};

struct demo_node {
	struct world_node *wn; /* NULL: not yet, or no more */
	struct demo_if ifs[DEMO_IFS_MAX];
	unsigned n_ifs;
	uint64_t tx, rx;	  /* frames */
	int hop;		  /* lane of the router it sends by; -1: none yet */
	time_ns moved;		  /* when it took another one; 0: never */
	time_ns suspects;	  /* when it found R1 unreachable; 0: never */
	uint64_t drops[DROP_NUM]; /* refusals */
};

/* A session and what came of it. */
struct demo_ping {
	struct demo *d;
	enum demo_who from, to;
	uint32_t octets, sent, answered, lost, errors;
	time_ns min, max, sum;
	uint32_t last_seq; /* answered last */
	time_ns last;	   /* when */
	time_ns gap;	   /* longest time without an answer after R1's death */
	uint32_t gap_pkts; /* requests lost in it */
	time_ns gap_end;
	time_ns start;
	bool got[DEMO_REQUESTS_MAX]; /* by sequence number: answered */
};

/* Something that should have happened. */
struct demo_check {
	bool ok;
	char what[TL_TEXT_MAX];
};

struct demo {
	uint64_t seed;
	struct world w;
	struct world_wire *wire[DEMO_WIRES];
	struct demo_node node[DEMO_NODES];
	struct demo_ping ping[DEMO_PINGS];
	struct capture capture;
	struct timeline tl;
	struct demo_check check[DEMO_CHECKS_MAX];
	unsigned n_checks;
	unsigned act;
	time_ns r1_death;
	/* story.c */
	struct {
		struct ip6_addr addr;
		int lane;
	} name[DEMO_NAMES_MAX];
	unsigned n_names;
	struct {
		uint32_t frame, entry;
	} drawn[DEMO_RING];    /* by frame number, modulo */
	unsigned follow;       /* echo frames still to be drawn */
	uint32_t routers_seen; /* bits of lanes whose advertisement was told */
	uint32_t mtu_found;    /* bits of lanes that learned the path MTU */
	uint32_t fragments_sent, too_bigs_sent;
};

/** demo_run() - Build the world of @seed, let it run to its end, judge. Return: never NULL. */
struct demo *demo_run(uint64_t seed);

/** demo_free() - NULL is allowed. */
void demo_free(struct demo *d);

/** demo_ok() - Did everything happen that should? */
bool demo_ok(const struct demo *d);

/** demo_print() - Timeline and summary as text. */
void demo_print(const struct demo *d, FILE *f, bool colour);

/** demo_capture() - All frames as pcapng. Return: 0, or a negative errno. */
int demo_capture(const struct demo *d, FILE *f);

/** demo_global() - The first usable address of @who's that is not link-local, or NULL. */
const struct demo_addr *demo_global(const struct demo *d, enum demo_who who);

/* What a node and a wire are for, in a few words. */
const char *demo_node_name(enum demo_who who);
const char *demo_node_role(enum demo_who who);
const char *demo_wire_name(enum demo_where where);
const char *demo_wire_words(enum demo_where where);

#endif
