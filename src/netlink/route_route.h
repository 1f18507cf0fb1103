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
	unsigned n_hops; /* beyond one: hop[] instead of r.via's */
	struct via hop[ROUTE_HOPS_MAX];
};

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

extern const struct nla_policy ROUTE_POLICY[RTA_MAX + 1];

#endif
