/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Detecting Network Attachment the simple way, RFC 6059: what a host keeps of the routers that it
 * met. The procedure is in dna.c.
 */
#ifndef INABA_ND_DNA_H
#define INABA_ND_DNA_H

#include "nd/msg.h"

#define DNA_ROUTERS_MAX	 6 /* section 5.5.3: no more SHOULD be probed; the longest unheard goes */
#define DNA_PREFIXES_MAX 8 /* of one router; more are learned again from its advertisement */

enum dna_state {
	DNA_KNOWN,     /* of an earlier attachment: not here, or nobody knows */
	DNA_PROBED,    /* solicited since the link came up, and silent so far */
	DNA_CONFIRMED, /* answered: what it gave us is in use again */
	DNA_HEARD,     /* has advertised since the link came up: definitive (section 5.7.3.1) */
};

const char *dna_state_name(enum dna_state s);

/* An entry of the Simple DNA Address Table (section 4) and its prefix. No SEND, no DHCPv6 here. */
struct dna_prefix {
	struct ip6_addr prefix;
	uint8_t len;
	bool on_link, autonomous;
	uint8_t misses; /* advertisements in a row that did not have it */
	time_ns preferred_until, valid_until;
	struct ip6_addr
		addr; /* ours, when the link went down; unspecified: none that was operable */
	uint8_t dad_counter;
	time_ns addr_preferred_until, addr_valid_until;
};

/* A router is both addresses together (section 1.5): one fe80::1 is not another. */
struct dna_router {
	struct ip6_addr addr;
	struct mac mac;
	enum dna_state state;
	unsigned probes;     /* sent since the link came up */
	struct ip6_addr own; /* our link-local address on its link */
	struct nd_ra ra;     /* its last one; 0 in it: never said */
	uint32_t mtu;	     /* 0: not said */
	time_ns until;	     /* a default router */
	time_ns heard;
	unsigned n;
	struct dna_prefix prefix[DNA_PREFIXES_MAX];
};

struct dna {
	struct timer timer; /* TIMER_ND_DNA: next probes; armed: the procedure runs */
	time_ns began;	    /* last, to do it no more than once a second */
	bool ever;
	bool soliciting;     /* the router solicitation did not wait for a link-local address */
	struct ip6_addr own; /* which the probes are sent from */
	unsigned n;
	struct dna_router router[DNA_ROUTERS_MAX];
};

#endif
