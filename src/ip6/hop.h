/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first hop. Routes say who could carry a packet; this says who does: RFC 4861 section 6.3.6
 * (routers that work before those that do not), RFC 4191 section 3 (preferences, and shorter
 * prefixes when the routers of a longer one fail), RFC 4311 (equals share the load) and RFC 8028
 * (a packet goes by a router that advertised the prefix of its source).
 */
#ifndef INABA_IP6_HOP_H
#define INABA_IP6_HOP_H

#include "ip6/fib.h"

#define HOP_PREFIXES_MAX 64 /* of all routers; what does not fit is not preferred, no more */

#define HOP_FAILED_MAX 16 /* the oldest is forgotten: assumed to work again */

struct ip6;

/* A prefix that a router has advertised, whatever the flags (RFC 8028 section 2.1). */
struct hop_prefix {
	struct ip6_addr prefix, router;
	uint32_t ifindex;
	uint8_t len;
	time_ns until;
};

/* A router that nobody answered for when it was sought. */
struct hop_failed {
	struct ip6_addr router;
	uint32_t ifindex;
	time_ns ask_at; /* whether it is back, no earlier */
};

struct hops {
	uint32_t n;
	struct hop_prefix prefix[HOP_PREFIXES_MAX];
	uint32_t turn; /* among routers when none answers */
	uint32_t n_failed;
	struct hop_failed failed[HOP_FAILED_MAX]; /* the oldest first */
};

/**
 * hop_prefix_set() - @router advertised @prefix, valid until then; if that is over, no more.
 * Prefixes that have run out make room.
 */
void hop_prefix_set(struct hops *h, uint32_t ifindex, const struct ip6_addr *router,
		    const struct ip6_addr *prefix, uint8_t len, time_ns until, time_ns now);

/** hop_forget() - The interface went down: its routers are others when it comes back. */
void hop_forget(struct hops *h, uint32_t ifindex);

/**
 * hop_failed() - The link-layer address of @router could not be found (RFC 4861 section 7.2.2).
 *
 * The neighbour cache keeps nothing of that; but a router without an entry is assumed to be reachable
 * (RFC 4191 section 3.2), and would be taken again and again. So while it has no entry it is suspect,
 * and asked whether it is back once a minute (section 3.5).
 */
void hop_failed(struct hops *h, uint32_t ifindex, const struct ip6_addr *router, time_ns now);

/** hop_serves() - Did @router advertise a prefix that @src is in? */
bool hop_serves(const struct hops *h, uint32_t ifindex, const struct ip6_addr *router,
		const struct ip6_addr *src, time_ns now);

/**
 * hop_lookup() - The route for @key, and of several the one to use now.
 * @sending:	A packet goes there: routers that were passed over are probed, and where none works
 *		it is the next one's turn. Otherwise the answer leaves no trace.
 * @via:	Set for ROUTE_UNICAST; borrowed until the next change of the routes.
 *
 * Return: as fib_lookup().
 */
enum route_type hop_lookup(struct ip6 *ip6, const struct fib_key *key, bool sending,
			   const struct via **via);

#endif
