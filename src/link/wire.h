/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A simulated Ethernet segment on a virtual clock. Any number of ports; each frame is delayed,
 * serialised, lost, duplicated, reordered or damaged as the segment's parameters say, and comes
 * out at an exact time. Pure: no clock, no system call; a run is a function of seed and input.
 */
#ifndef INABA_LINK_WIRE_H
#define INABA_LINK_WIRE_H

#include "base/hash.h"
#include "base/pkt.h"
#include "base/rng.h"
#include "link/link.h"

#define WIRE_PPM	1000000u   /* certain, in parts per million */
#define WIRE_FLIGHT_MAX (1u << 20) /* deliveries under way, unless the owner says otherwise */

/*
 * All zero is a perfect wire. May be changed at any time; a frame keeps the time it was given
 * when it was sent. Jitter is drawn once a frame and never makes it overtake an earlier frame of
 * the same port; loss, duplication, reordering and damage are drawn for each receiver.
 */
struct wire_conf {
	time_ns delay;
	time_ns jitter;	       /* up to this much more, uniform */
	time_ns reorder_delay; /* how much longer a reordered frame takes */
	uint64_t rate_bps;     /* of each sending port, bit/s of frame; 0: infinite */
	uint32_t loss_ppm;
	uint32_t dup_ppm; /* the second follows at the same time */
	uint32_t reorder_ppm;
	uint32_t corrupt_ppm;  /* one bit behind the Ethernet header is inverted */
	uint32_t queue_octets; /* that may wait at a port for their turn; 0: no limit */
	uint32_t mtu;	       /* octets behind the Ethernet header; 0: no limit */
};

/* What became of a frame. */
enum wire_fate {
	WIRE_SENT,	 /* taken from its sender; now: when it was given */
	WIRE_DELIVERED,	 /* handed to a receiver */
	WIRE_DUPLICATED, /* a receiver will get it twice */
	WIRE_REORDERED,	 /* a receiver will get it late */
	WIRE_CORRUPTED,	 /* a receiver will get it damaged */
	WIRE_DROPPED,	 /* for the reason drop */
	WIRE_NUM_FATES
};

/* Borrowed for the time of the call. */
struct wire_seen {
	enum wire_fate fate;
	enum drop drop;
	time_ns now;
	unsigned port;	       /* the sender's until it is under way, then the receiver's */
	const struct pkt *pkt; /* from its Ethernet header */
};

/* Who watches, for captures and tests. @fn must not call the wire. */
struct wire_watch {
	void (*fn)(void *ctx, const struct wire_seen *s);
	void *ctx;
};

struct wire_port {
	uint32_t part; /* frames pass between ports of the same part only */
	bool up;
	bool filter;	      /* hears only the groups it listens to */
	time_ns busy_until;   /* its last frame has left */
	time_ns last_arrival; /* of its frames under jitter */
};

/* Sorted ports with a count each: who hears an address. */
struct wire_ears {
	struct wire_ear *ear;
	uint32_t n, room;
};

/* One frame on its way to one port. */
struct wire_flight {
	time_ns when;
	uint64_t seq;	 /* first sent, first out, at equal times */
	struct pkt *pkt; /* shared by all flights of one frame */
	uint32_t port;
};

struct wire {
	struct wire_conf conf;
	struct wire_watch watch; /* fn is NULL when nobody watches */
	uint32_t flight_max;	 /* flights; beyond, DROP_WIRE_FULL */
	uint64_t drops[DROP_NUM];
	uint64_t sent, delivered; /* frames taken; frames handed to receivers */

	struct pkt_pool *pool;
	struct rng rng;
	struct hash_key key;
	struct wire_port *port;
	uint32_t n_ports, room_ports;
	struct htab addrs;	     /* struct wire_addr: who hears which address */
	struct wire_ears unfiltered; /* ports that hear every group */
	struct wire_flight *heap;    /* four children each, earliest on top */
	uint32_t n_flights, room_flights;
	uint64_t seq;
	time_ns now;
};

/**
 * wire_init() - A perfect wire without ports.
 * @pool:	For the copies that several receivers need; borrowed until wire_done().
 * @seed, @stream: As rng_init_u64(); all randomness of the wire comes from them.
 */
void wire_init(struct wire *w, struct pkt_pool *pool, uint64_t seed, uint64_t stream);

/** wire_done() - Free the frames under way and the wire's memory. */
void wire_done(struct wire *w);

/**
 * wire_port_add() - Plug one more station in: up, in part 0, hearing every group.
 * @mac:	Its address. A unicast frame goes to the ports that have its address, and to all
 *		if none has. NULL: no address is known, so only flooded frames arrive.
 *
 * Ports are numbered from 0 and stay; a station that leaves sets its port down.
 *
 * Return: the port's number, or -ENOMEM.
 */
int wire_port_add(struct wire *w, const struct mac *mac);

/** wire_port_up() - Plug in or pull out. What is under way to a port that is down is dropped. */
void wire_port_up(struct wire *w, unsigned port, bool up);

/** wire_port_part() - Move @port to a part of the segment; frames do not pass between parts. */
void wire_port_part(struct wire *w, unsigned port, uint32_t part);

/**
 * wire_port_filter() - Turn filtering of groups on or off. A filtered port hears broadcast,
 * all-nodes (33:33:00:00:00:01), its own address and what it listens to with wire_port_listen().
 *
 * Return: 0, or -ENOMEM (nothing changed).
 */
int wire_port_filter(struct wire *w, unsigned port, bool on);

/**
 * wire_port_listen() - Begin or end listening to @mac: a group (several IPv6 groups can share
 * one: RFC 2464 section 7), or one more unicast address. Counted: end it as often as begun.
 *
 * Return: 0, -ENOMEM, or -ENOENT to end what was not begun (nothing changed).
 */
int wire_port_listen(struct wire *w, unsigned port, const struct mac *mac, bool on);

/**
 * wire_send() - Put a frame on the wire.
 * @pkt:	From its Ethernet header, without FCS. Given.
 * @now:	Never less than in an earlier call on @w.
 *
 * A frame that is not carried is counted in drops, shown to the watch and freed.
 */
void wire_send(struct wire *w, unsigned port, struct pkt *pkt, time_ns now);

/** wire_next() - When the next frame arrives; TIME_NEVER if none is under way. */
static inline time_ns wire_next(const struct wire *w)
{
	return w->n_flights > 0 ? w->heap[0].when : TIME_NEVER;
}

/**
 * wire_pop() - Take one frame that has arrived by @now, in exact order of time.
 * @port:	Receiver; set on success.
 *
 * Return: the frame, the caller's, its notes cleared; NULL when no (more) frame has arrived.
 */
struct pkt *wire_pop(struct wire *w, time_ns now, unsigned *port);

#endif
