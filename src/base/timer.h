/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers of one node: a hierarchical wheel that is exact to the nanosecond. Arming and
 * cancelling take constant time at any number of timers.
 *
 * A timer has a kind from the one list below; whoever runs the wheel takes what is due with
 * timers_pop() and hands it to the owner of that kind, so the wheel calls nobody.
 */
#ifndef INABA_BASE_TIMER_H
#define INABA_BASE_TIMER_H

#include "base/list.h"

/* Every timer of a node, by owner. */
enum timer_kind {
	TIMER_NONE,
	TIMER_NEIGH,	    /* link/neigh: an entry's NUD timer */
	TIMER_NEIGH_GC,	    /* link/neigh: idle entries */
	TIMER_FRAG,	    /* ip6/frag: a datagram waits for its rest */
	TIMER_PATH,	    /* ip6/path: path MTU and redirects age */
	TIMER_MROUTE,	    /* ip6/mroute: packets wait for a multicast route */
	TIMER_ROUTE,	    /* ip6/fib: a route's lifetime */
	TIMER_ADDR,	    /* ip6/iface: an address's next change of state */
	TIMER_DAD,	    /* nd/dad: next probe, or done */
	TIMER_ND_RS,	    /* nd/host: router solicitation */
	TIMER_ND_ROUTER,    /* nd/host: a default router's lifetime */
	TIMER_ND_TEMP,	    /* nd/temp: a temporary address is to be replaced */
	TIMER_ND_DNA,	    /* nd/dna: routers of earlier links are probed again */
	TIMER_ND_DNS,	    /* nd/dns: a server's, domain's or prefix's time is over */
	TIMER_ND_IFACE,	    /* nd/host: reachable time is drawn again */
	TIMER_ND_RA,	    /* nd/router: next advertisement */
	TIMER_ND_NA,	    /* nd: an advertisement that is delayed */
	TIMER_ND_ANNOUNCE,  /* nd/announce: routers are told of an address again */
	TIMER_IP4_ANNOUNCE, /* ip4/addr: neighbours are told of an address again */
	TIMER_MLD_GROUP,    /* mld: report of one group */
	TIMER_MLD_ROUTER,   /* mld/router: general query, other querier present */
	TIMER_MLD_LISTENED, /* mld/listened: what listeners want of one group */
	TIMER_MLD_FORWARD,  /* mld/forward: routes that nobody uses go */
	TIMER_MLD_IFACE,    /* mld: state change, general query, compatibility */
	TIMER_TCP,	    /* transport/tcp: the earliest that is due on a connection */
	TIMER_PING,	    /* node/ping: next request, or time-out */
	TIMER_RESOLVE,	    /* node/resolve: next query, or the end */
	TIMER_HOST,	    /* host/host: a daemon's */
	TIMER_WIRE,	    /* link/wire: a frame arrives */
	TIMER_WORLD,	    /* sim/world: a node's deadline */
	TIMER_SCRIPT,	    /* sim/world: an entry of the scenario's script */
	TIMER_TEST,
	TIMER_NUM_KINDS
};

/* Zero (with its kind set by timer_init()) is idle. Lives in its owner's object. */
struct timer {
	struct list on;
	time_ns when; /* exact; meaningful while armed */
	uint8_t kind; /* enum timer_kind */
	uint8_t slot, level;
};

#define TIMERS_LEVELS 11 /* of 6 bits: all of time_ns */
#define TIMERS_SLOTS  64

struct timers {
	time_ns now; /* no timer before this is left */
	uint64_t busy[TIMERS_LEVELS];
	struct list slot[TIMERS_LEVELS][TIMERS_SLOTS];
	struct list due;
	uint64_t n;
	time_ns next; /* cached answer of timers_next() */
	bool next_known;
};

void timers_init(struct timers *t, time_ns now);

static inline void timer_init(struct timer *timer, enum timer_kind kind)
{
	*timer = (struct timer){ .kind = (uint8_t)kind };
}

static inline bool timer_is_armed(const struct timer *timer)
{
	return list_is_on(&timer->on);
}

/**
 * timer_set() - Arm @timer for @when, wherever it was armed for before.
 * @when:	A time in the past is due at once; TIME_NEVER only cancels.
 */
void timer_set(struct timers *t, struct timer *timer, time_ns when);

/** timer_cancel() - Disarm; allowed when idle. */
void timer_cancel(struct timers *t, struct timer *timer);

/**
 * timers_next() - When to call timers_pop() next; TIME_NEVER if no timer is armed.
 * Never later than the earliest timer; earlier, rarely, when many timers lie close together.
 * Once timers_pop() has found nothing at that time, the answer is a later one.
 */
time_ns timers_next(struct timers *t);

/**
 * timers_pop() - Take one timer that is due at @now; it is idle then and may be armed again.
 * Those of an earlier time come first, those of the same time in the order they were armed.
 * @now:	Never less than in an earlier call, and less than TIME_NEVER.
 *
 * Return: NULL when nothing (more) is due.
 */
struct timer *timers_pop(struct timers *t, time_ns now);

#endif
