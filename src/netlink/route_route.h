/* SPDX-License-Identifier: BSD-3-Clause */
/* Routes as messages: between route_route.c (changing), route_list.c and route_get.c. */
#ifndef INABA_NETLINK_ROUTE_ROUTE_H
#define INABA_NETLINK_ROUTE_ROUTE_H

#include "netlink/rtnl.h"

#define ROUTE_HOPS_MAX	  32   /* next hops in one message; the others come in further ones */
#define ROUTE_METRIC	  1024 /* of a route that a user gives none */
#define ROUTE_METRIC_ADDR 256  /* of one that follows from an address */

/* A route as it is shown. */
struct route_show {
	struct route r;
	uint8_t type;			   /* RTN_* */
	uint8_t flags;			   /* RTNH_F_*, shown as RTM_F_* */
	bool is_answer;			   /* of RTM_GETROUTE: to packets of this one destination */
	struct ip6_addr dst, src, prefsrc; /* of the answer; unspecified: not told */
	uint32_t iif;
	unsigned n_hops; /* beyond one, or of a group: hop[] instead of r.via's */
	bool is_group;
	struct via hop[ROUTE_HOPS_MAX];
};

/** route_rtn() - RTN_* of enum route_type. */
uint8_t route_rtn(uint8_t type);

/** route_fill() - Write it as a message. Return: whether it did fit. */
bool route_fill(struct wr *w, const struct nl *nl, const struct nlmsghdr *h,
		const struct route_show *s);

/** route_show_of() - @r alone. */
struct route_show route_show_of(const struct nl *nl, const struct route *r);

/** route_shares() - Are two routes of one prefix shown as one with two next hops? */
bool route_shares(const struct route *a, const struct route *b);

/** route_local() - The route of table local that an assigned address brings with it. */
struct route_show route_local(const struct if_addr *a);

/** route_groups(), route_link_local() - Those of an interface, to ff00::/8 and fe80::/64. */
struct route_show route_groups(const struct iface *ifc);
struct route_show route_link_local(const struct iface *ifc);

/**
 * route_check_hop() - May a user give this next hop? Finds the interface of a gateway that has none.
 *
 * Return: 0; -ENODEV, -ENETDOWN, -EINVAL, -EHOSTUNREACH, with words.
 */
int route_check_hop(struct nl_req *req, struct via *via);

/**
 * nexthop_hops() - Where the object leads that @via names: into @via itself if that is one way, or
 * into @hop, of ROUTE_HOPS_MAX, with @n ways. Everything else of them is @via's.
 *
 * Return: 0; -EINVAL, with words, if there is no such object.
 */
int nexthop_hops(struct nl_req *req, struct via *via, struct via *hop, unsigned *n);

/**
 * route_tell() - Tell of @r with all that share its metric.
 * @flags:	NLM_F_*, in the message's header.
 */
void route_tell(struct nl *nl, const struct route *r, uint16_t flags, bool echo);

/** nexthop_is_group() - Is there a group of this id? */
bool nexthop_is_group(const struct nl *nl, uint32_t id);

extern const struct nla_policy ROUTE_POLICY[RTA_MAX + 1];

#endif
