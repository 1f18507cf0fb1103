/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The IPv6 layer of one node: what its parts share, and its ways in and out.
 *
 * A packet is looked at from its IPv6 header: pkt->p stays there from ip6_input() to delivery,
 * pkt->l4_off tells where the upper layer begins. What is for this node waits in ip6.upper;
 * the node hands it to whoever owns pkt->proto. Nothing here calls upwards.
 */
#ifndef INABA_IP6_IP6_H
#define INABA_IP6_IP6_H

#include "ip6/ext.h"
#include "ip6/fib.h"
#include "ip6/frag.h"
#include "ip6/hop.h"
#include "ip6/hdr.h"
#include "ip6/icmp6.h"
#include "ip6/iface.h"
#include "ip6/mapped.h"
#include "ip6/mroute.h"
#include "ip6/path.h"
#include "ip6/scope.h"
#include "ip6/select.h"
#include "ip6/tunnel.h"

#define IP6_LOOP_MAX	1024 /* packets to itself that may wait */
#define IP6_PROXIED_MAX 1024 /* addresses of others that a node answers for */

struct ip6 {
	struct env *env;
	struct iface *ifs[IF_MAX + 1]; /* by ifindex; NULL where there is none */
	uint32_t n_ifs;
	struct iface *lo;
	struct htab local;   /* struct if_addr, by address */
	struct htab proxied; /* struct if_proxied */
	struct neigh_table neigh;
	struct fib *fib, *fib4; /* of IPv4: prefixes of mapped addresses; see ip6_fib_of() */
	struct path_table path;
	struct frag_table frag;
	struct mroute *mroute; /* NULL: no multicast routing */
	struct mroute_conf mroute_conf;
	struct icmp6_limit icmp_limit;
	struct ip6_policy policy; /* RFC 6724 policy table */
	struct ip6_ext_limits ext_limits;
	struct pktq upper;    /* for this node, to be delivered */
	struct pktq loop;     /* sent by this node to itself */
	struct pktq to_ip4;   /* to mapped destinations, with what mapped_output() notes */
	struct pktq refused4; /* came by IPv4 and deserve an ICMP error: mapped_error() */
	struct pktq redirect; /* copies of packets whose senders know no better first hop */
	struct hops hops;
	bool forwarding;	   /* on any interface */
	struct if_conf if_default; /* of interfaces to come */
	struct nud_conf nud_default;
	uint32_t n_optimistic; /* addresses in that state */
	uint32_t tunnels_busy; /* that what is being sent is in now, one within the other */
};

struct ip6_conf {
	struct neigh_conf neigh;
	struct fib_conf fib;
	struct path_conf path;
	struct frag_conf frag;
	struct mroute_conf mroute;
};

/** ip6_init() - An IPv6 layer with a loopback interface. Return: 0, or -ENOMEM. */
int ip6_init(struct ip6 *ip6, struct env *env, const struct ip6_conf *conf);
void ip6_done(struct ip6 *ip6);

/*
 * Interfaces.
 */

/**
 * ip6_if_add() - A new Ethernet-like interface, down.
 * @ret:	Set on success.
 *
 * Return: 0; -EEXIST (name), -EINVAL (an MTU below 1280), -ENOSPC, -ENOMEM.
 */
int ip6_if_add(struct ip6 *ip6, const char *name, const struct mac *mac, uint32_t mtu,
	       struct iface **ret);

/** ip6_if_del() - Take it away with all that refers to it. */
void ip6_if_del(struct ip6 *ip6, struct iface *ifc);

/** ip6_if_rename() - Return: 0; -EINVAL, -EEXIST. */
int ip6_if_rename(struct ip6 *ip6, struct iface *ifc, const char *name);

/**
 * ip6_if_set_mac() - Send from, and listen to, another link-layer address from now on. Addresses that
 * were made of the old one stay.
 *
 * Return: 0; -EINVAL (a group's), -EOPNOTSUPP (the loopback interface).
 */
int ip6_if_set_mac(struct ip6 *ip6, struct iface *ifc, const struct mac *mac);

/** ip6_if_up(), ip6_if_down() - Neighbours and routes of an interface that goes down are lost. */
void ip6_if_up(struct ip6 *ip6, struct iface *ifc);
void ip6_if_down(struct ip6 *ip6, struct iface *ifc);

static inline struct iface *ip6_if(const struct ip6 *ip6, uint32_t ifindex)
{
	return ifindex <= IF_MAX ? ip6->ifs[ifindex] : NULL;
}

/** ip6_fib_of() - The routes that a packet to @dst takes. */
static inline struct fib *ip6_fib_of(const struct ip6 *ip6, const struct ip6_addr *dst)
{
	return UNLIKELY(ip6_is_v4mapped(dst)) ? ip6->fib4 : ip6->fib;
}

struct iface *ip6_if_by_name(const struct ip6 *ip6, const char *name);

/** ip6_if_conf_changed() - Call after a change of ifc->conf: neighbours and forwarding follow. */
void ip6_if_conf_changed(struct ip6 *ip6, struct iface *ifc);

/*
 * Addresses and groups. The protocols call these; users go through nd_addr_add().
 */

/**
 * ip6_addr_add() - Enter an address as tentative.
 *
 * Return: 0; -EEXIST, -EINVAL (no unicast address), -ENOSPC, -ENOMEM.
 */
int ip6_addr_add(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *addr,
		 unsigned prefix_len, enum addr_origin origin, struct if_addr **ret);

struct ip6_addr_opts {
	bool no_dad;
	bool no_route;	 /* its prefix is not taken to be on the link */
	bool home;	 /* a mobile node's: RFC 6724 section 3.5 */
	bool optimistic; /* RFC 4429, whatever the interface's variable says */
	time_ns preferred_until, valid_until;
};

/** ip6_addr_add_opts() - The same with more said of it. */
int ip6_addr_add_opts(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *addr,
		      unsigned prefix_len, enum addr_origin origin,
		      const struct ip6_addr_opts *opts, struct if_addr **ret);

/** ip6_addr_enter() - Move @a to @state: asserts that RFC 4862 allows it, and traces it. */
void ip6_addr_enter(struct ip6 *ip6, struct if_addr *a, enum addr_state state);

/**
 * ip6_addr_lifetime() - Set until when it is preferred and valid (times, not durations); the
 * TIMER_ADDR follows.
 */
void ip6_addr_lifetime(struct ip6 *ip6, struct if_addr *a, time_ns preferred_until,
		       time_ns valid_until);

/**
 * ip6_addr_timer() - TIMER_ADDR is due: the address becomes deprecated.
 *
 * Return: true when its valid lifetime is over: the caller removes it.
 */
bool ip6_addr_timer(struct ip6 *ip6, struct if_addr *a);

/** ip6_addr_del() - Remove it, and the route that came with it. */
void ip6_addr_del(struct ip6 *ip6, struct if_addr *a);

/** ip6_addr_routes() - Enter the routes that follow from the addresses of @ifc again. */
void ip6_addr_routes(struct ip6 *ip6, struct iface *ifc);

/**
 * ip6_local() - The address of this node that @addr is, in any state, or NULL.
 * @ifindex:	Zone of a link-local address; 0 takes the first that fits.
 */
struct if_addr *ip6_local(const struct ip6 *ip6, const struct ip6_addr *addr, uint32_t ifindex);

/**
 * ip6_group_join() - One member more. @ret (may be NULL) is the membership.
 *
 * Return: 1 when the group is new on the interface, 0 when it was there; -ENOSPC, -ENOMEM.
 */
int ip6_group_join(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *group,
		   struct if_group **ret);

/** ip6_group_leave() - One member less. Return: true when that was the last: @g is gone. */
bool ip6_group_leave(struct ip6 *ip6, struct if_group *g);

/**
 * ip6_source() - Choose a source address (RFC 6724 section 5).
 * @oif:	Interface the packet will leave by; 0 lets the routes say.
 * @ret:	Set on success.
 *
 * Return: 0, -ENETUNREACH (no route), -EADDRNOTAVAIL.
 */
int ip6_source(struct ip6 *ip6, const struct ip6_addr *dst, uint32_t oif, struct ip6_addr *ret);

/** ip6_source_prefer() - The same, with the wishes of an application: SRC_PREFER_*, RFC 5014. */
int ip6_source_prefer(struct ip6 *ip6, const struct ip6_addr *dst, uint32_t oif, uint32_t prefer,
		      struct ip6_addr *ret);

/**
 * ip6_source_of() - The same, of the addresses of one interface, wherever the packet will leave.
 *
 * Return: 0, -EADDRNOTAVAIL.
 */
int ip6_source_of(const struct ip6 *ip6, const struct ip6_addr *dst, const struct iface *ifc,
		  struct ip6_addr *ret);

/*
 * Addresses of others (proxied.c). Users go through nd_proxy_add().
 */

/**
 * ip6_proxied_add() - Take Neighbor Discovery messages to @addr that arrive on @ifc for our own; all
 * else to it is forwarded (RFC 4861 section 7.2.8).
 *
 * Return: 0; -EEXIST, -EINVAL (no unicast address), -ENOSPC, -ENOMEM.
 */
int ip6_proxied_add(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *addr);
void ip6_proxied_del(struct ip6 *ip6, struct if_proxied *p);

/** ip6_proxied() - Or NULL. */
struct if_proxied *ip6_proxied(const struct ip6 *ip6, const struct iface *ifc,
			       const struct ip6_addr *addr);

/*
 * The way in (input.c, forward.c).
 */

/**
 * ip6_input() - Take packets that arrived on @ifc, each from its IPv6 header. Given.
 * Forwards, queues for delivery, or drops, each by RFC 8200.
 */
void ip6_input(struct ip6 *ip6, struct iface *ifc, struct batch *in);

/** ip6_forward() - The general way for one packet that is for somebody else. Given. */
void ip6_forward(struct ip6 *ip6, struct iface *in, struct pkt *pkt);

/** ip6_run_loop() - Take in up to BATCH_MAX packets that the node sent to itself. */
void ip6_run_loop(struct ip6 *ip6);

/** ip6_frag_timer() - TIMER_FRAG is due. */
void ip6_frag_timer(struct ip6 *ip6, struct timer *timer);

/*
 * The way out (output.c).
 */

/**
 * ip6_output() - Send a packet of this node's own, complete from its IPv6 header: find the
 * first hop, fragment if needed. Given.
 * @oif:	It must leave by this interface; 0 lets the routes say. Needed for link-local and
 *		multicast destinations unless there is only one interface.
 *
 * Return: 0 when it is on its way (which promises nothing), -EMSGSIZE, or as ip6_first_hop();
 * it is then dropped with a reason.
 */
int ip6_output(struct ip6 *ip6, struct pkt *pkt, uint32_t oif);

/** ip6_xmit() - Hand @pkt to the link, to @next_hop (or its own destination, if multicast). */
void ip6_xmit(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *next_hop, struct pkt *pkt);

/**
 * ip6_first_hop() - The router, or the destination itself if on link, that a packet of ours to
 * @dst goes to now (RFC 4861 section 5.2, 6.3.6; RFC 4191 section 3.2).
 *
 * Return: 0 with @ifc and @next_hop set; -ENODEV when the zone is not told, or what the
 * route says: -ENETUNREACH, -EACCES (prohibit), -EINVAL (blackhole).
 */
int ip6_first_hop(struct ip6 *ip6, const struct ip6_addr *dst, const struct ip6_addr *src,
		  uint32_t oif, struct iface **ifc, struct ip6_addr *next_hop, uint32_t *mtu);

/**
 * ip6_optimistic_router() - The default router on @ifc that takes what an optimistic address @src
 * sends to neighbours whose link-layer address is not known (RFC 4429 section 3.2).
 *
 * Return: false if there is none whose own link-layer address is known.
 */
bool ip6_optimistic_router(struct ip6 *ip6, const struct iface *ifc, const struct ip6_addr *src,
			   struct ip6_addr *ret);

/**
 * ip6_optimistic_hop() - Where @pkt goes instead of to @next_hop if its source is optimistic and that
 * neighbour's link-layer address is not known: address resolution is not for such packets.
 *
 * Return: false if it waits for the end of DAD: taken.
 */
bool ip6_optimistic_hop(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt,
			struct ip6_addr *next_hop);

/**
 * ip6_optimistic_go() - @a is OPTIMISTIC no more, or goes: what waited is sent, or dropped.
 */
void ip6_optimistic_go(struct ip6 *ip6, struct if_addr *a);

/** ip6_path_mtu() - Octets that a packet to @dst may have now. */
uint32_t ip6_path_mtu(struct ip6 *ip6, const struct ip6_addr *dst, uint32_t oif);

/**
 * ip6_new_packet() - A packet of this node's with its IPv6 header filled in and nothing behind.
 * @hop_limit:	-1: the interface's CurHopLimit.
 * @octets:	Room wanted behind the header.
 *
 * Payload length is set by ip6_output(). Return: NULL when the pool is at its limit (counted).
 */
struct pkt *ip6_new_packet(struct ip6 *ip6, const struct ip6_addr *src, const struct ip6_addr *dst,
			   uint8_t next, int hop_limit, uint32_t octets);

#endif
