/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Multicast forwarding: the interfaces that take part in it (mifs), the routes of groups, and what
 * somebody above is asked when there is none. The shape is that of Linux's socket options MRT6_*,
 * which sit on top (transport/mrt6.c); the numbers of its messages are ours.
 *
 * What a node never used costs it a pointer: all this is made when the first mif is.
 */
#ifndef INABA_IP6_MROUTE_H
#define INABA_IP6_MROUTE_H

#include "base/env.h"
#include "ip6/iface.h"
#include "ip6/scope.h"

struct ip6;

#define MROUTE_MIFS	   IF_MAX /* each interface may be one; MRT6_* reach the first 32 */
#define MROUTE_UPCALLS_MAX 64	  /* that may wait to be taken: then no more is asked */

_Static_assert(MROUTE_MIFS <= 64, "a bit for each");

struct mroute_conf {
	uint32_t max;		 /* routes. Full: a new one is refused, none goes for another */
	uint32_t unresolved_max; /* that are asked for at a time. Full: the oldest goes */
	uint32_t queue_pkts;	 /* that wait for one of these. Full: the oldest goes */
	time_ns timeout;	 /* how long they wait */
};

extern const struct mroute_conf MROUTE_CONF_DEFAULT;

/* An interface that takes part. */
struct mroute_mif {
	uint32_t ifindex;  /* 0: there is none of this number */
	uint8_t threshold; /* only packets with more hops left leave by it; at least 1 */
	uint8_t boundary;  /* enum scope: of groups up to it nothing passes here, in or out */
	bool is_static;	   /* outlives who was asked */
	uint64_t in_pkts, in_octets, out_pkts, out_octets;
};

/* A route of packets from @src to @group. */
struct mroute_route {
	struct ip6_addr src, group;	/* src unspecified: any that has no route of its own */
	uint64_t oifs;			/* the mifs they leave by, as bits; @iif is left out */
	uint8_t iif;			/* the mif they have to come in by */
	bool is_static;			/* outlives who was asked */
	uint8_t threshold[MROUTE_MIFS]; /* of each oif; 0: as the mif says */
};

/* A route in the table. */
struct mfc {
	struct hnode node;
	struct mroute_route r;
	uint64_t pkts, octets; /* with those by a wrong interface, as Linux counts */
	uint64_t wrong_if;
	time_ns used;	  /* last packet that took it; 0: none */
	time_ns may_tell; /* from when on a wrong interface is told again */
};

/* What somebody is told; numbers of MRT6MSG_*. */
enum mroute_upcall_type {
	MROUTE_NOCACHE = 1,  /* packets wait for a route */
	MROUTE_WRONGMIF = 2, /* packets come in by another interface than the route says */
};

struct mroute_upcall {
	struct ip6_addr src, group;
	uint8_t type; /* enum mroute_upcall_type */
	uint8_t mif;  /* they came in by */
};

/* Packets from one source to one group by one mif, until their route is known. */
struct mroute_wait {
	struct list on; /* in waiting or spare */
	struct ip6_addr src, group;
	time_ns until;
	uint8_t mif;
	struct pktq q;
};

struct mroute {
	struct htab tab;
	uint8_t mif_of[IF_MAX + 1]; /* by ifindex: the mif and one; 0: none */
	struct mroute_mif mif[MROUTE_MIFS];
	struct timer timer; /* TIMER_MROUTE: the oldest of waiting */
	struct list waiting, spare;
	uint32_t n_waiting;
	struct mroute_wait *wait; /* all of them; NULL: there is nobody to ask */
	uint32_t upcall_at, n_upcalls;
	struct mroute_upcall upcall[MROUTE_UPCALLS_MAX];
};

/*
 * What users and routing protocols do. Packets may leave because of it.
 */

/**
 * mroute_mif_add() - Let an interface take part, under a number.
 * @threshold:	Hops that a packet must have more of to leave by it; 0 and 1 are the same.
 *
 * Return: 0; -EINVAL (number, or loopback), -ENODEV, -EADDRINUSE (either is one), -ENOMEM.
 */
int mroute_mif_add(struct ip6 *ip6, unsigned mif, uint32_t ifindex, uint8_t threshold);

/**
 * mroute_mif_del() - The mif goes, and so do the routes that come in by it; others lose it.
 *
 * Return: 0, -EADDRNOTAVAIL.
 */
int mroute_mif_del(struct ip6 *ip6, unsigned mif);

/**
 * mroute_mif_boundary() - Zones of @scope and smaller end at this mif (RFC 4007 section 5): each
 * side has its own. Every interface bounds those of link-local scope, whatever @scope is.
 *
 * Return: 0, -EADDRNOTAVAIL.
 */
int mroute_mif_boundary(struct ip6 *ip6, unsigned mif, enum scope scope);

/** mroute_mif() - The mif that an interface is, or -ENODEV. */
int mroute_mif(const struct ip6 *ip6, uint32_t ifindex);

/**
 * mroute_add() - Enter a route, or change it; its counters go on. Packets that wait for it go.
 * @r:		Copied. Groups that nobody may forward are taken, and not forwarded.
 *
 * Return: 0; -EINVAL (no group, or a multicast source), -EADDRNOTAVAIL (no such mif), -ENOSPC,
 * -ENOMEM.
 */
int mroute_add(struct ip6 *ip6, const struct mroute_route *r);

/** mroute_del() - Return: 0, or -ENOENT. */
int mroute_del(struct ip6 *ip6, const struct ip6_addr *src, const struct ip6_addr *group);

/**
 * mroute_add_static() - Packets to @group from any source that come in by the interface @iif go
 * on to the @n interfaces @oif. They become mifs as needed; the route stays until it is deleted.
 *
 * Return: 0; -ENODEV, or as mroute_mif_add() and mroute_add(): nothing but mifs changed.
 */
int mroute_add_static(struct ip6 *ip6, const struct ip6_addr *group, uint32_t iif,
		      const uint32_t *oif, unsigned n);

/** mroute_get() - The route of just these two, or NULL. */
const struct mfc *mroute_get(const struct ip6 *ip6, const struct ip6_addr *src,
			     const struct ip6_addr *group);

/** mroute_iter() - Walk all routes: start with NULL, pass the last one to get the next. */
const struct mfc *mroute_iter(const struct ip6 *ip6, const struct mfc *last);

/**
 * mroute_open() - From now on there is somebody to ask, who takes upcalls: MRT6_INIT.
 *
 * Return: 0; -EADDRINUSE (there is already), -EINVAL (limits of zero), -ENOMEM.
 */
int mroute_open(struct ip6 *ip6);

/** mroute_close() - And now no more: MRT6_DONE. What is not static goes. */
void mroute_close(struct ip6 *ip6);

/** mroute_upcall() - Take the oldest upcall. Return: false if there is none. */
bool mroute_upcall(struct ip6 *ip6, struct mroute_upcall *ret);

/*
 * Of the IPv6 layer itself.
 */

void mroute_done(struct ip6 *ip6);

/** mroute_if_gone() - The interface is going to be deleted. */
void mroute_if_gone(struct ip6 *ip6, uint32_t ifindex);

/** mroute_timer() - TIMER_MROUTE is due. */
void mroute_timer(struct ip6 *ip6);

/**
 * mroute_judge() - Is a packet to a group, which came in by @in, to be forwarded?
 * @route:	Set on DROP_NONE: its route, for mroute_forward(); or NULL, for mroute_ask().
 *
 * RFC 4291 section 2.7, RFC 4007 section 9. Return: DROP_NONE; DROP_IP6_MCAST_NOT_JOINED if it
 * is nothing to multicast routing; or why it is not forwarded, which is no reason not to deliver
 * it here.
 */
enum drop mroute_judge(struct ip6 *ip6, const struct iface *in, const struct pkt *pkt,
		       struct mfc **route);

/**
 * mroute_forward() - Send @pkt where its route says. Given, from its IPv6 header.
 * @delivered:	This node, a listener on the link it came from, has it already.
 */
void mroute_forward(struct ip6 *ip6, struct mfc *route, struct pkt *pkt, bool delivered);

/** mroute_ask() - Keep @pkt until its route is known. Given. */
void mroute_ask(struct ip6 *ip6, struct pkt *pkt);

#endif
