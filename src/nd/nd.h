/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbor Discovery (RFC 4861) and address autoconfiguration (RFC 4862) of one node.
 *
 * nd_input() decodes and judges a whole message (msg.h), then hands it to the part that acts:
 * neighbour.c (solicitations and advertisements, both ways), proxy.c (for others), announce.c (of new
 * addresses), dad.c, host.c (what a host learns from routers), dna.c
 * (whether they are the same after the link was down), router.c (what a router tells), edge.c
 * (and at a customer's edge), redirect.c. Neighbour entries and addresses lie lower, in link/neigh and
 * ip6/iface; this is what moves them.
 */
#ifndef INABA_ND_ND_H
#define INABA_ND_ND_H

#include "ip6/ip6.h"
#include "mld/mld.h"
#include "nd/dna.h"
#include "nd/dns.h"
#include "nd/msg.h"

#define ND_ROUTERS_MAX	     16 /* default routers of one interface */
#define ND_ADV_PREFIXES_MAX  ND_PREFIXES_MAX
#define ND_ADV_SERVERS_MAX   8	 /* of one lifetime */
#define ND_ADV_NAMES_OCTETS  256 /* likewise, of domain names */
#define ND_LATE_MAX	     8	 /* advertisements of anycast and proxied addresses that wait */
#define ND_LEARNED_MAX	     64	 /* routes of advertised prefixes, per interface */
#define ND_IID_SECRET_OCTETS 16	 /* RFC 7217 section 5: at least 128 bits */

#define ND_STALE_MAX	  16 /* withdrawn prefixes of one interface that are still told of */
#define ND_ADV_ROUTES_MAX ND_ROUTES_MAX

/* RFC 9096 section 4. */
#define ND_PREFERRED_LIMIT_S 2700
#define ND_VALID_LIMIT_S     5400

/* RFC 4861 section 10. */
#define ND_MAX_RTR_SOLICITATION_DELAY	   NS_PER_S
#define ND_MIN_DELAY_BETWEEN_RAS	   (3 * NS_PER_S)
#define ND_MAX_RA_DELAY_TIME		   (500 * NS_PER_MS)
#define ND_MAX_INITIAL_RTR_ADVERT_INTERVAL (16 * NS_PER_S)
#define ND_MAX_INITIAL_RTR_ADVERTISEMENTS  3
#define ND_MAX_FINAL_RTR_ADVERTISEMENTS	   3
#define ND_MAX_ANYCAST_DELAY_TIME	   NS_PER_S
#define ND_MAX_NEIGHBOR_ADVERTISEMENT	   3
#define ND_RS_INTERVAL_MAX		   (3600 * NS_PER_S) /* MRT of RFC 7559 section 2.1 */
#define ND_REACHABLE_REDRAW		   (7200 * NS_PER_S) /* section 6.3.4: at least every few hours */
#define ND_TEMP_DESYNC(preferred)                                                                  \
	((preferred) / 10 * 4)	       /* RFC 8981 section 3.8: MAX_DESYNC_FACTOR */
#define ND_TWO_HOURS (7200 * NS_PER_S) /* RFC 4862 section 5.5.3 (e) */

/* A default router (RFC 4861 section 5.1). */
struct nd_router {
	struct list on;
	struct timer timer; /* TIMER_ND_ROUTER: its lifetime is over */
	struct iface *ifc;
	struct ip6_addr addr;
	time_ns until;
	enum route_pref pref;
};

/* A route that follows from advertisements: a prefix on link, or RFC 4191's; known by its key. */
struct nd_learned {
	struct ip6_addr dst, gateway;
	uint8_t len;
	time_ns until; /* free when that is past */
};

/* Interface variables as they were before routers spoke. */
struct nd_own_conf {
	uint32_t link_mtu;
	uint8_t cur_hop_limit;
	time_ns base_reachable, retrans;
};

/* What another router says differently (section 6.2.7), as bits. */
#define ND_CONFLICT_HOP_LIMIT 0x01u
#define ND_CONFLICT_MANAGED   0x02u
#define ND_CONFLICT_OTHER     0x04u
#define ND_CONFLICT_REACHABLE 0x08u
#define ND_CONFLICT_RETRANS   0x10u
#define ND_CONFLICT_MTU	      0x20u
#define ND_CONFLICT_LIFETIME  0x40u

/* A prefix that this router advertises (section 6.2.1, AdvPrefixList). */
struct nd_adv_prefix {
	struct ip6_addr prefix;
	uint8_t len;
	bool on_link, autonomous;
	uint32_t valid_s, preferred_s; /* UINT32_MAX: infinity */
	bool decrement;		       /* they run down from nd_set_adv() on, in real time */
	bool router_addr;	       /* prefix is our address, with len of it the prefix: R */
};

/* Three times MaxRtrAdvInterval, as RFC 8106 sections 5.1 and 5.2 say; else a lifetime is in seconds. */
#define ND_ADV_LIFETIME_AUTO (-1)

/* One option of servers or domains (RFC 8106), by nd_adv_add_rdnss() and nd_adv_add_dnssl(). */
struct nd_adv_rdnss {
	int64_t lifetime_s; /* or ND_ADV_LIFETIME_AUTO; UINT32_MAX: infinity */
	unsigned n;
	struct ip6_addr addr[ND_ADV_SERVERS_MAX];
};

struct nd_adv_dnssl {
	int64_t lifetime_s;
	unsigned octets;
	uint8_t names[ND_ADV_NAMES_OCTETS];
};

/* A route by this router (RFC 4191 section 2.3). */
struct nd_adv_route {
	struct ip6_addr prefix;
	uint8_t len;
	enum nd_pref pref;
	uint32_t lifetime_s;
};

/* Router configuration variables of an interface (section 6.2.1). */
struct nd_adv {
	bool send; /* AdvSendAdvertisements */
	bool edge; /* by the rules for routers at a customer's edge: edge.c */
	bool managed, other_config;
	bool home_agent;   /* H of RFC 6275 section 7.1, with the option of section 7.4: */
	bool adv_interval; /* the option of RFC 6275 section 7.3 */
	uint16_t ha_preference;
	uint16_t ha_lifetime_s; /* 0: as the router lifetime, and then no option is sent for it */
	uint8_t cur_hop_limit;
	enum nd_pref pref;
	uint16_t default_lifetime_s;
	uint32_t reachable_ms, retrans_ms;
	uint32_t link_mtu; /* 0: not said */
	time_ns interval_min, interval_max;
	struct nd_adv_prefix prefix[ND_ADV_PREFIXES_MAX];
	unsigned n_prefixes;
	struct nd_adv_rdnss rdnss[ND_RDNSS_MAX];
	struct nd_adv_dnssl dnssl[ND_DNSSL_MAX];
	unsigned n_rdnss, n_dnssl;
	struct nd_adv_route route[ND_ADV_ROUTES_MAX];
	unsigned n_routes;
};

extern const struct nd_adv ND_ADV_DEFAULT;
extern const struct nd_adv ND_ADV_EDGE; /* the same at a customer's edge: RFC 9096 section 3.4 */

/* A prefix that was withdrawn: told of with lifetimes of zero until then (RFC 9096 section 3.5). */
struct nd_stale {
	struct ip6_addr prefix;
	uint8_t len;
	bool on_link, autonomous;
	time_ns until;
};

/* An advertisement of an anycast or proxied address, held back for a random time (section 7.2.7). */
struct nd_late {
	struct timer timer; /* TIMER_ND_NA; armed: taken */
	struct nd_if *ni;
	struct ip6_addr target, to;
};

/* What Neighbor Discovery keeps for one interface; at iface.nd. */
struct nd_if {
	struct iface *ifc;
	/* as a host */
	struct timer rs; /* TIMER_ND_RS */
	unsigned rs_sent;
	time_ns rs_interval;
	time_ns start_at; /* nothing is probed for before: chosen when it came up */
	struct list routers;
	unsigned n_routers;
	struct nd_learned learned[ND_LEARNED_MAX];
	struct nd_own_conf own;
	bool own_saved;
	struct timer temp;   /* TIMER_ND_TEMP: a temporary address is to be replaced */
	struct timer redraw; /* TIMER_ND_IFACE: ReachableTime is drawn again */
	struct nd_dns dns;
	struct dna dna;
	struct nd_late late[ND_LATE_MAX];
	/* as a router */
	struct nd_adv adv;
	struct timer ra;   /* TIMER_ND_RA */
	unsigned ra_sent;  /* multicast ones since advertising began */
	bool ra_ever;	   /* a multicast one went since the interface was added, */
	time_ns ra_last;   /* and the last of them then */
	time_ns adv_since; /* when the variables were set */
	unsigned finals;   /* advertisements of the end that are still to come */
	bool ceased;	   /* said goodbye: silent until it comes up again */
	bool had_default;  /* nd/edge: there was a way out when we looked last */
	struct nd_stale stale[ND_STALE_MAX];
	unsigned n_stale, stale_next; /* which of them goes first into the next advertisement */
	uint32_t conflicts;	      /* advertisements of others that contradicted ours */
	uint32_t conflict;	      /* ND_CONFLICT_* of the last of them, and who sent it */
	struct ip6_addr conflict_with;
};

struct nd {
	struct ip6 *ip6;
	struct mld *mld;
	bool iid_opaque; /* identifiers are RFC 7217's, not made of the link-layer address */
	struct hash_key iid_secret;
	uint8_t idgen_retries; /* IDGEN_RETRIES and IDGEN_DELAY of RFC 7217 section 7 */
	time_ns idgen_delay;
	uint32_t edge_generation; /* nd/edge: of the routes that it looked at last */
};

void nd_init(struct nd *nd, struct ip6 *ip6, struct mld *mld);
void nd_done(struct nd *nd);

/**
 * nd_set_iid_secret() - Make addresses of stable, opaque identifiers (RFC 7217) from now on.
 * @secret:	The same at each start, or they are not stable; known to nobody.
 *
 * Call it before interfaces come up: addresses that are there stay as they are.
 */
void nd_set_iid_secret(struct nd *nd, const uint8_t secret[ND_IID_SECRET_OCTETS]);

/**
 * nd_set_temp_addrs() - Make temporary addresses of autonomous prefixes, too (RFC 8981), from the
 * next advertisement on; or remove those that are there, and make no more.
 */
void nd_set_temp_addrs(struct nd *nd, struct iface *ifc, bool on);

/** nd_if_add() - Set up @ifc. Return: 0, or -ENOMEM. */
int nd_if_add(struct nd *nd, struct iface *ifc);
void nd_if_del(struct nd *nd, struct iface *ifc);

/**
 * nd_if_up() - The interface came up: a link-local address is made of its link-layer address
 * (RFC 4862 section 5.3), DAD starts for all addresses, routers are solicited.
 */
void nd_if_up(struct nd *nd, struct iface *ifc);

/**
 * nd_if_farewell() - The interface is about to be taken down: a final advertisement, if it
 * advertises (RFC 4861 section 6.2.5), then silence until nd_if_up().
 */
void nd_if_farewell(struct nd *nd, struct iface *ifc);

/** nd_if_down() - What was learned from routers there is forgotten; static addresses stay. */
void nd_if_down(struct nd *nd, struct iface *ifc);

/**
 * nd_if_set() - Bring an interface up or down in all layers up to this one, in their order. One that
 * is so already stays so.
 *
 * Return: 0; -ENODEV (the loopback interface, which is always up), -ENOMEM.
 */
int nd_if_set(struct nd *nd, struct iface *ifc, bool up);

/**
 * nd_addr_add() - Assign an address: solicited-node group, DAD.
 * @no_dad:	Skip DAD, as for anycast addresses.
 *
 * Return: 0, or as ip6_addr_add().
 */
int nd_addr_add(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr, unsigned prefix_len,
		enum addr_origin origin, bool no_dad);

/** nd_addr_add_opts() - The same with more said of it. */
int nd_addr_add_opts(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr,
		     unsigned prefix_len, enum addr_origin origin,
		     const struct ip6_addr_opts *opts);

/** nd_addr_del() - Take an address away. Return: 0, or -EADDRNOTAVAIL. */
int nd_addr_del(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr);

/**
 * nd_proxy_add() - Answer solicitations for @addr on @ifc, which is somebody else's, while @ifc
 * forwards (RFC 4861 section 7.2.8): its solicited-node group is joined, DAD finds it taken.
 * Packets to it are forwarded as routes say; none is made here.
 *
 * Return: 0; -EEXIST (also if it is our own), -EINVAL (no unicast address), -ENOSPC, -ENOMEM.
 */
int nd_proxy_add(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr);

/** nd_proxy_del() - Return: 0, or -ENOENT. */
int nd_proxy_del(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr);

/**
 * nd_set_forwarding() - Make @ifc a router's interface, or a host's (RFC 4861 section 6.2.2, 6.2.5):
 * all-routers group, subnet-router anycast addresses.
 */
void nd_set_forwarding(struct nd *nd, struct iface *ifc, bool on);

/**
 * nd_set_accept_ra() - Take router advertisements on @ifc, also as a router: the WAN of a router at a
 * customer's edge is a host there (RFC 7084 W-1 to W-3). nd_set_forwarding() sets the usual.
 */
void nd_set_accept_ra(struct nd *nd, struct iface *ifc, bool on);

/** nd_set_accept_ra_level() - 0: none; 1: unless it forwards; 2: always. */
void nd_set_accept_ra_level(struct nd *nd, struct iface *ifc, uint8_t level);

/**
 * nd_set_disabled() - No IPv6 on @ifc from now on: its addresses and what was learned there go, nothing
 * is sent or taken. Or again: as if it had just come up.
 */
void nd_set_disabled(struct nd *nd, struct iface *ifc, bool off);

/**
 * nd_set_hop_limit(), nd_set_reachable(), nd_set_retrans() - CurHopLimit, BaseReachableTime and
 * RetransTimer of @ifc, until a router advertises others (RFC 4861 section 6.3.4).
 */
void nd_set_hop_limit(struct iface *ifc, uint8_t hops);
void nd_set_reachable(struct nd *nd, struct iface *ifc, time_ns t);
void nd_set_retrans(struct nd *nd, struct iface *ifc, time_ns t);

/**
 * nd_set_mtu() - LinkMTU of @ifc, until a router advertises another one (RFC 4861 section 6.3.4).
 *
 * Packets that are sent or forwarded from now on obey it; frames as large as the device takes are
 * received as before. When the interface goes down, what routers said is forgotten and this counts.
 *
 * Return: 0, or -EINVAL below 1280 (RFC 8200 section 5), beyond what the device takes, or for the
 * loopback interface.
 */
int nd_set_mtu(struct nd *nd, struct iface *ifc, uint32_t mtu);

/**
 * nd_set_adv() - Set the router variables of @ifc; a change is advertised at once. Who ceases
 * (@adv->send false, the rest then does not count) says so up to three times, MIN_DELAY_BETWEEN_RAS
 * apart (RFC 4861 section 6.2.5).
 *
 * Return: 0, or -EINVAL (bounds of RFC 4861 section 6.2.1, or more than fits 1,280 octets: an
 * advertisement is never fragmented, RFC 6980).
 */
int nd_set_adv(struct nd *nd, struct iface *ifc, const struct nd_adv *adv);

/**
 * nd_adv_was() - @p was advertised on @ifc by this router before it started: unless it is now, it is
 * withdrawn for its valid lifetime (RFC 9096 section 3.5). After nd_set_adv(), with edge.
 *
 * Return: 0, or -EINVAL (a length above 128, or no edge).
 */
int nd_adv_was(struct nd *nd, struct iface *ifc, const struct nd_adv_prefix *p);

/**
 * nd_adv_add_rdnss() - One more recursive name server to advertise (RFC 8106 section 5.1).
 * @lifetime_s:	0 to UINT32_MAX, or ND_ADV_LIFETIME_AUTO. Servers of one lifetime share an option.
 *
 * Return: 0, -EINVAL (no unicast address), -ENOSPC.
 */
int nd_adv_add_rdnss(struct nd_adv *adv, const struct ip6_addr *server, int64_t lifetime_s);

/** nd_adv_add_dnssl() - One more search domain (section 5.2); as nd_adv_add_rdnss(). */
int nd_adv_add_dnssl(struct nd_adv *adv, const struct dname *domain, int64_t lifetime_s);

/** nd_input() - An ICMPv6 message of types 133 to 137, checksum verified. Given. */
void nd_input(struct nd *nd, struct pkt *pkt);

/** nd_run() - Send what the neighbour cache wants, answer packets without a neighbour, redirect. */
void nd_run(struct nd *nd);

/** nd_has_work() - Would nd_run() do anything? */
bool nd_has_work(const struct nd *nd);

/** nd_timer() - A timer of Neighbor Discovery's or of an address is due. */
void nd_timer(struct nd *nd, struct timer *timer);

/** nd_shutdown() - Stop advertising on all interfaces: final advertisements. */
void nd_shutdown(struct nd *nd);

static inline struct nd_if *nd_if(const struct iface *ifc)
{
	return ifc->nd;
}

#endif
