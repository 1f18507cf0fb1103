/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interfaces as IPv6 sees them: variables, addresses with their life cycle, multicast groups.
 * This is the data; the protocols that move it (DAD, autoconfiguration, MLD) live above.
 */
#ifndef INABA_IP6_IFACE_H
#define INABA_IP6_IFACE_H

#include "link/neigh.h"

#define IF_NAME_MAX    16   /* with the final NUL, as on Linux */
#define IF_MAX	       64   /* interfaces of one node */
#define IF_ADDRS_MAX   64   /* addresses of one interface */
#define IF_GROUPS_MAX  256  /* multicast groups of one interface */
#define IF_REFUSED_MAX 32   /* prefixes of one interface whose addresses are sources no more */
#define IF_DAD_NONCES  4    /* probes whose return is known as such */
#define IF_WAIT_MAX    16   /* packets that wait for an optimistic source */
#define IF_RS_FOREVER  255  /* router solicitations: RFC 7559 knows no maximum */
#define IP6_MTU_MIN    1280 /* RFC 8200 section 5 */

/* Interface variables, under the names that the RFCs give them. */
struct if_conf {
	uint32_t link_mtu;	       /* LinkMTU in effect: the device's, or less by an RA */
	uint8_t cur_hop_limit;	       /* CurHopLimit */
	uint8_t dad_transmits;	       /* DupAddrDetectTransmits; 0: no DAD */
	uint8_t max_rtr_solicitations; /* MAX_RTR_SOLICITATIONS; 0: none; or IF_RS_FOREVER */
	uint8_t accept_dad;	       /* 0: no DAD; 1; 2: IP is off if the hardware's fails */
	uint8_t accept_ra_level;       /* what accept_ra follows from: 0, 1: as a host, 2: always */
	uint8_t accept_ra_plen_max;    /* of advertised routes (RFC 4191) */
	uint8_t accept_ra_hops_min;    /* a smaller hop limit is not taken from routers */
	uint8_t slaac_max;	       /* addresses made of advertised prefixes */
	bool forwarding;	       /* IsRouter: forwards what arrives here */
	bool forwarding4;	       /* the same of IPv4 */
	bool accept_ra;		       /* takes router advertisements (a host) */
	bool autoconf;		       /* makes addresses of advertised prefixes */
	bool accept_redirects;
	bool send_redirects;
	bool temp_addrs;      /* makes temporary ones, too: RFC 8981 */
	bool optimistic_dad;  /* RFC 4429 */
	bool announce;	      /* a host tells routers of new addresses: RFC 9131 */
	bool simple_dna;      /* probes for routers of earlier links: RFC 6059 */
	bool hears_listeners; /* an MLD router: takes their messages to whatever group */
	bool echo_multicast;  /* answers echo requests to a group */
	/* of advertisements: the default router, its preference, prefixes, the MTU */
	bool accept_ra_defrtr, accept_ra_pref, accept_ra_pinfo, accept_ra_mtu;
	bool proxy_ndp;		/* answers for proxied addresses */
	bool disable_ipv6;	/* by the user: no addresses, nothing sent or taken */
	bool no_link_local;	/* makes no address of its own when it comes up */
	time_ns base_reachable; /* BaseReachableTime */
	time_ns retrans;	/* RetransTimer */
	time_ns rtr_solicitation_interval;
	time_ns temp_valid, temp_preferred; /* TEMP_VALID_LIFETIME, TEMP_PREFERRED_LIFETIME */
};

extern const struct if_conf IF_CONF_DEFAULT;

/*
 * RFC 4862 section 2 (and RFC 4429 for optimistic). Only the middle three are assigned, that is,
 * answered for and sent from.
 */
enum addr_state {
	ADDR_TENTATIVE,	 /* DAD runs: nothing is sent from it, nothing taken for it but ND */
	ADDR_OPTIMISTIC, /* DAD runs, but it may be used with the care of RFC 4429 */
	ADDR_PREFERRED,	 /* usable without restriction */
	ADDR_DEPRECATED, /* existing communication only */
	ADDR_DUPLICATE,	 /* DAD failed: kept so that people see it, never used */
};

const char *addr_state_name(enum addr_state s);

enum addr_origin {
	ADDR_STATIC,	 /* by the user */
	ADDR_LINK_LOCAL, /* made by the node when the interface came up */
	ADDR_SLAAC,	 /* RFC 4862 section 5.5.3 */
	ADDR_TEMPORARY,	 /* RFC 8981 */
	ADDR_ANYCAST,	 /* subnet-router anycast and its like */
};

const char *addr_origin_name(enum addr_origin o);

struct iface;
struct tunnel;

struct if_addr {
	struct hnode node; /* in ip6.local, by address */
	struct list on;	   /* in iface.addrs, oldest first */
	struct iface *ifc;
	struct ip6_addr addr;
	uint8_t prefix_len;
	uint8_t state;	/* enum addr_state; changed by ip6_addr_enter() only */
	uint8_t origin; /* enum addr_origin */
	bool no_dad;
	bool dna_asks; /* nd/dna: while tentative, takes answers of routers: RFC 6059 section 5.6 */
	bool no_route; /* its prefix is not taken for on link */
	bool home;     /* of a mobile node, by the user: RFC 6724 section 3.5 */
	bool wants_optimistic;		     /* by the user, as conf.optimistic_dad does for all */
	time_ns updated;		     /* when its lifetime was last set */
	uint8_t dad_left;		     /* nd/dad: probes still to send */
	uint32_t dad_sent;		     /* nd/dad: probes sent */
	bool dad_looped;		     /* nd/dad: one of them came back */
	uint8_t dad_nonce[IF_DAD_NONCES][6]; /* nd/dad: of the last probes, RFC 7527 */
	uint8_t dad_counter;		     /* nd/iid: identifiers tried before, RFC 7217 */
	bool temp_replaced;		     /* nd/temp: has a successor, or needs none */
	uint8_t temp_tries;		     /* nd/temp: predecessors that failed DAD */
	time_ns created, temp_desync;	     /* nd/temp: CREATION_TIME, DESYNC_FACTOR */
	bool dad_joined;		     /* nd/dad: its solicited-node group is joined */
	uint8_t announce_left;		     /* nd/announce: advertisements still to send */
	struct timer announce;		     /* TIMER_ND_ANNOUNCE; of IPv4 TIMER_IP4_ANNOUNCE */
	time_ns defend_at;		     /* ip4/addr: not before */
	struct timer dad;		     /* TIMER_DAD */
	struct pktq waiting;		     /* while OPTIMISTIC: RFC 4429 section 3.2 */
	struct timer life;		     /* TIMER_ADDR */
	time_ns preferred_until;	     /* TIME_NEVER: infinite */
	time_ns valid_until;
};

static inline bool if_addr_is_assigned(const struct if_addr *a)
{
	return a->state == ADDR_OPTIMISTIC || a->state == ADDR_PREFERRED ||
	       a->state == ADDR_DEPRECATED;
}

/*
 * Membership of a group: from any source, or as mld writes it into the filter: RFC 3810 section
 * 4.2. The last part is MLD's own.
 */
struct if_group {
	struct list on; /* in iface.groups */
	struct iface *ifc;
	struct ip6_addr addr;
	uint32_t refs;		       /* members: addresses, sockets, the node itself */
	bool include;		       /* filter mode: from these sources, or all but these */
	uint16_t n_sources;	       /* none */
	const struct ip6_addr *source; /* of those in mld_filter */
	struct mld_filter *mld_filter; /* mld: members with filters; NULL: none */
	struct timer timer;	       /* mld: TIMER_MLD_GROUP, answer to a query */
	uint8_t reports_left;	       /* mld: state-change reports still to repeat */
	bool last_reporter;	       /* mld: MLDv1, we sent the last report */
};

/* An address of somebody else's that a router answers for (RFC 4861 section 7.2.8). */
struct if_proxied {
	struct hnode node; /* in ip6.proxied, by address and interface */
	struct list on;	   /* in iface.proxied */
	struct iface *ifc;
	struct ip6_addr addr;
};

/* A prefix that was withdrawn here (RFC 7084 L-14): written by nd/edge. */
struct if_refused {
	struct ip6_addr prefix;
	uint8_t len;
};

struct if_counters {
	uint64_t in_pkts, in_delivers, in_forwarded, out_pkts, in_mcast, out_mcast;
	uint64_t frag_created, reasm_ok;
	uint64_t icmp_errors_sent;
};

struct iface {
	struct link_if link;
	char name[IF_NAME_MAX];
	bool loopback;
	bool disabled; /* nd: no IP until it comes up again, RFC 4862 section 5.4.5 */
	uint16_t n_proxied, n_refused;
	struct if_conf conf;
	struct tunnel *tunnel;	/* it is one; NULL: it has a link layer */
	struct neigh_if *neigh; /* its part of the neighbour cache; NULL for loopback */
	struct list addrs;
	struct list addrs4; /* of IPv4, as mapped addresses */
	uint32_t n_addrs;   /* in both */
	struct list groups;
	struct list groups4; /* of IPv4, as mapped addresses; nobody reports them (no IGMP) */
	uint32_t n_groups;
	struct list proxied;
	struct if_refused refused[IF_REFUSED_MAX];
	struct if_counters count;
	void *nd;  /* nd: state of its own for this interface */
	void *mld; /* mld: likewise */
};

static inline uint32_t if_index(const struct iface *ifc)
{
	return ifc->link.ifindex;
}

/* May packets leave by it, and does a route by it count? */
static inline bool if_is_usable(const struct iface *ifc)
{
	return ifc->link.up && !ifc->disabled;
}

/** if_group_find() - The membership of @group, or NULL. */
struct if_group *if_group_find(const struct iface *ifc, const struct ip6_addr *group);

/** if_group_wants() - Does a member listen to packets of @src? Not asked for messages of MLD. */
bool if_group_wants(const struct if_group *g, const struct ip6_addr *src);

/** if_addr_find() - The address on this interface, in whatever state, or NULL. */
struct if_addr *if_addr_find(const struct iface *ifc, const struct ip6_addr *addr);

/** if_link_local() - An assigned link-local address of @ifc, no anycast one, or NULL. */
const struct if_addr *if_link_local(const struct iface *ifc);

#endif
