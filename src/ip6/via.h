/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where routes lead: next hops, interned. However many routes share one, it is held once and
 * named by its index, which is what a longest-prefix table keeps.
 */
#ifndef INABA_IP6_VIA_H
#define INABA_IP6_VIA_H

#include "base/hash.h"

enum route_type {
	ROUTE_UNICAST,
	ROUTE_UNREACHABLE, /* drop, ICMPv6 no route */
	ROUTE_PROHIBIT,	   /* drop, ICMPv6 administratively prohibited */
	ROUTE_BLACKHOLE,   /* drop in silence */
	ROUTE_THROW,	   /* go on with the next rule */
};

/* Who put a route in; numbers of rtnetlink's rtm_protocol. */
enum route_proto {
	ROUTE_PROTO_KERNEL = 2, /* follows from an address */
	ROUTE_PROTO_BOOT = 3,
	ROUTE_PROTO_STATIC = 4,
	ROUTE_PROTO_RA = 9,
};

/* Router preference of RFC 4191 section 2.1, as a signed number that compares. */
enum route_pref { ROUTE_PREF_LOW = -1, ROUTE_PREF_MEDIUM = 0, ROUTE_PREF_HIGH = 1 };

/* Where a route leads: interned, shared by all routes that agree in it. */
struct via {
	struct ip6_addr gateway; /* unspecified: the destination is on the link */
	uint32_t ifindex;	 /* 0 for types other than unicast */
	uint32_t metric;	 /* lower is better */
	uint32_t mtu;		 /* 0: the interface's */
	uint8_t type;		 /* enum route_type */
	uint8_t proto;		 /* enum route_proto, or any other number */
	int8_t pref;		 /* enum route_pref */
	uint8_t hop_limit;	 /* 0: the interface's */
	struct ip6_addr prefsrc; /* what it is sent from, while that is ours; unspecified: any */
	uint32_t nexthop; /* the object that it came from, in whose place it stands; 0: none */
	uint32_t flags;	  /* VIA_* */
};

#define VIA_ONLINK 1u /* the gateway is a neighbour, whatever the routes say */

_Static_assert(sizeof(struct via) == 56, "no padding: compared and hashed as octets");

struct via_ref {
	uint32_t users; /* 0: free */
	uint32_t next;	/* in its hash chain, or on the free list; 0 ends it */
};

/* The table; grows with what is in use and never shrinks. */
struct vias {
	const struct hash_key *key; /* borrowed */
	struct via *via;	    /* [0] is nobody's: unreachable, for a lookup without match */
	struct via_ref *ref;
	uint32_t *slot;	    /* heads of hash chains */
	uint32_t size;	    /* of each of the three; a power of two */
	uint32_t top;	    /* from here on never used */
	uint32_t free;	    /* list of those below */
	uint32_t n;	    /* in use */
	uint32_t n_prefsrc; /* of these, with a preferred source */
};

/** vias_init() - An empty table. @key: borrowed. Return: 0, or -ENOMEM. */
int vias_init(struct vias *vs, const struct hash_key *key);
void vias_done(struct vias *vs);

/**
 * via_get() - The index of what equals @via, with one user more; may move vs->via.
 *
 * Return: the index (1 to 2^31 - 1), or 0 if there is no memory.
 */
uint32_t via_get(struct vias *vs, const struct via *via);

/** via_put() - One user less; the last one frees the index. */
void via_put(struct vias *vs, uint32_t index);

static inline bool via_eq(const struct via *a, const struct via *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline size_t vias_octets(const struct vias *vs)
{
	return vs->size * (sizeof(vs->via[0]) + sizeof(vs->ref[0]) + sizeof(vs->slot[0]));
}

#endif
