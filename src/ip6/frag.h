/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fragments (RFC 8200 section 4.5): reassembly (frag.c), and what a sender does (fragment.c).
 */
#ifndef INABA_IP6_FRAG_H
#define INABA_IP6_FRAG_H

#include "base/env.h"
#include "ip6/ext.h"

struct frag_conf {
	uint32_t octets_max;	 /* of buffers that are held */
	uint32_t datagrams_max;	 /* that wait, or are remembered as refused */
	uint32_t per_source_max; /* of these, of one source address */
	uint32_t pieces_max;	 /* of one datagram */
	time_ns timeout;	 /* from the first arrival: 60 seconds, says RFC 8200 */
};

extern const struct frag_conf FRAG_CONF_DEFAULT;

/* What makes fragments belong together. No padding: compared and hashed as octets. */
struct frag_key {
	struct ip6_addr src, dst;
	uint32_t id;
	uint32_t ifindex; /* where an address has link-local scope; else 0 */
};

#define FRAG_COUNTERS 1024 /* RFC 7739 section 5.3; a power of two */

struct frag_table {
	struct env *env;
	struct frag_conf conf;
	struct htab tab;	/* struct frag_dgram, by key */
	struct htab sources;	/* the same, by source address */
	struct list waiting;	/* oldest first: those that hold pieces */
	struct list refused;	/* oldest first: those whose later pieces are dropped too */
	struct list spare;	/* unused; given back by frag_done() */
	uint32_t datagrams;	/* waiting and refused */
	uint32_t octets;	/* of buffers held by those waiting */
	uint64_t seq;		/* of the newest datagram */
	struct hash_key id_key; /* the secret of frag_id() */
	uint32_t id_counter[FRAG_COUNTERS];
};

/*
 * An ICMPv6 error that the caller should send, and the packet that it is about: given, to be
 * dropped for @why. Untouched (all zero, say) when there is none to send.
 */
struct frag_error {
	struct pkt *quote;
	uint8_t type, code;
	uint32_t param; /* pointer of a Parameter Problem */
	enum drop why;
};

/** frag_init() - An empty table. Draws the secrets of frag_id() from @env's rng. */
void frag_init(struct frag_table *t, struct env *env, const struct frag_conf *conf);

/** frag_done() - Free all pieces, cancel all timers, give the memory back. */
void frag_done(struct frag_table *t);

/**
 * frag_input() - Take the fragment at which a walk stopped.
 * @pkt:	From its IPv6 header. Given.
 * @w:		The walk of @pkt, at the fragment header.
 * @err:	Set only when there is an error to send.
 *
 * RFC 8200 section 4.5; RFC 5722 (overlaps end the datagram, silently); RFC 6946 (an atomic
 * fragment comes back at once, its fragment header still in it so that errors quote what was
 * sent); RFC 7112 (the first fragment holds the header chain); RFC 3168 section 5.3.
 *
 * Return: a whole packet, with PKT_REASSEMBLED and frag_max set and @w behind the place of the
 * fragment header, to walk on; or NULL: held, or dropped with a reason, or in @err.
 */
struct pkt *frag_input(struct frag_table *t, struct pkt *pkt, struct ip6_walk *w,
		       struct frag_error *err);

/**
 * frag_timer() - TIMER_FRAG is due: the datagram is given up.
 * @err:	Set if its first fragment was there: Time Exceeded, code 1.
 */
void frag_timer(struct frag_table *t, struct timer *timer, struct frag_error *err);

/**
 * frag_id() - Identification for the next packet from @src to @dst that will be fragmented.
 * @dst:	The final destination if there is a routing header (RFC 8200 section 4.5).
 *
 * RFC 7739 section 5.3: a keyed hash of both addresses plus a counter that few destinations
 * share; nobody else can predict it, and it repeats as late as can be.
 */
uint32_t frag_id(struct frag_table *t, const struct ip6_addr *src, const struct ip6_addr *dst);

/**
 * ip6_fragment() - Split a packet of this node's own into fragments of at most @mtu octets.
 * @pkt:	From its IPv6 header, with its payload length filled in. Given.
 * @out:	Fragments are added in order; on failure, none. What fits is added as it is: no
 *		atomic fragments (RFC 8021).
 *
 * RFC 8200 section 4.5, with the whole header chain in the first fragment (RFC 7112 section 5).
 *
 * Return: 0; -EMSGSIZE if the headers leave no room, -ENOMEM if the pool is at its limit; @pkt
 * is then dropped with a reason.
 */
int ip6_fragment(struct env *env, struct pkt *pkt, uint32_t mtu, uint32_t id, struct pktq *out);

#endif
