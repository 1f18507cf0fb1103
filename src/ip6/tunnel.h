/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tunnels as links: packets in packets of IPv6 (RFC 2473). A tunnel is an interface that has no
 * link layer and one neighbour, its exit.
 */
#ifndef INABA_IP6_TUNNEL_H
#define INABA_IP6_TUNNEL_H

#include "base/env.h"
#include "base/rd.h"

struct ip6;
struct iface;

#define TUNNEL_LIMIT_DEFAULT 4	/* RFC 2473 section 6.6 */
#define TUNNEL_HOPS_DEFAULT  64 /* section 6.3 */
#define TUNNEL_NEST_MAX	     3	/* tunnels of this node within each other */
#define TUNNEL_LINK_MTU	     1500
#define TUNNEL_MTU_MAX	     65487 /* what a packet has room for, with an option */

/* RFC 2473 section 6, under the names that Linux shows. */
struct tunnel_conf {
	struct ip6_addr local, remote; /* entry and exit */
	uint32_t link;		       /* ifindex that it goes by; 0: as the routes say */
	uint8_t proto;		       /* IP6_NH_IP6, IP6_NH_IP4; 0: both */
	bool no_limit;		       /* puts no limit on nesting, but heeds those there are */
	uint8_t limit;		       /* Tunnel Encapsulation Limit */
	uint8_t hop_limit;	       /* 0: as the packet inside */
	bool inherit_class, inherit_flow;
	uint8_t tclass;
	uint32_t flow;
};

struct tunnel {
	struct tunnel_conf conf;
	bool busy; /* it is asking, or sending, right now: see tunnel.c */
};

/** tunnel_overhead() - Octets that @c puts before a packet. */
uint32_t tunnel_overhead(const struct tunnel_conf *c);

/**
 * tunnel_check() - May there be such a tunnel?
 *
 * RFC 2473 section 4.1.2: not one whose ends are both here. Return: 0; -EINVAL (an end is no
 * unicast address; both are ours), -EEXIST (there is one between the two).
 */
int tunnel_check(const struct ip6 *ip6, const struct tunnel_conf *c);

/** tunnel_attach() - Make @ifc a tunnel, for good. Return: 0; as tunnel_check(); -ENOMEM. */
int tunnel_attach(struct ip6 *ip6, struct iface *ifc, const struct tunnel_conf *c);

/**
 * tunnel_mtu() - Octets of a packet that the tunnel @ifc carries in one piece now.
 *
 * RFC 2473 section 6.7: the path MTU to the exit less the headers, never more than the interface's
 * own. May be less than 1,280: see tunnel_mtu_for().
 */
uint32_t tunnel_mtu(struct ip6 *ip6, const struct iface *ifc);

/** tunnel_mtu_for() - What is left of @mtu for a packet to @dst. Of IPv6 at least 1,280: what then
 * does not fit is fragmented outside (section 7.1 (b)). */
uint32_t tunnel_mtu_for(struct ip6 *ip6, const struct iface *ifc, const struct ip6_addr *dst,
			uint32_t mtu);

/** tunnel_output() - Send @pkt, from its IP header of either version, through @ifc. Given. */
void tunnel_output(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt);

/**
 * tunnel_input() - Take a delivered packet of protocol 41 or 4 out of its tunnel.
 * @ret:	The tunnel, when that worked: @pkt now begins with the header inside, as if received
 *		there, and is still the caller's.
 *
 * RFC 2473 section 3.3; RFC 6040 section 4.2 for ECN. Return: false if no tunnel takes it, and
 * @pkt is as it was. If true and *@ret is NULL it has been dropped.
 */
bool tunnel_input(struct ip6 *ip6, struct pkt *pkt, struct iface **ret);

/* What the sender of a packet inside is to be told, in words of ICMPv6. */
struct tunnel_news {
	uint8_t proto; /* of the packet inside */
	uint8_t type;  /* ICMP6_UNREACH, ICMP6_TOO_BIG; 0: nothing */
	uint8_t code;
	uint32_t mtu; /* of ICMP6_TOO_BIG */
};

/**
 * tunnel_error() - Is the ICMPv6 error @pkt, which was delivered, about a packet of a tunnel?
 * @ret:	Set if so, and @pkt then begins with what is quoted of the packet inside.
 *
 * RFC 2473 sections 8.1 and 8.2.
 */
bool tunnel_error(struct ip6 *ip6, struct pkt *pkt, struct tunnel_news *ret);

#endif
