/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between rtnl.c, which knows what requests there are, and the files that serve them: route_*.c.
 * A file has for each kind of thing: a fill function, that writes it as a message; a lister, for
 * dumps; what RTM_GET, RTM_NEW and RTM_DEL do; what a change of it notifies.
 */
#ifndef INABA_NETLINK_RTNL_H
#define INABA_NETLINK_RTNL_H

#include <sys/socket.h>

#include "netlink/nl_part.h"

#include <linux/rtnetlink.h>

/*
 * linux/neighbour.h has macros of the names that link/nud.h has for its states: take their values,
 * and keep the names for the latter. So include no header of Linux before this one.
 */
enum {
	LINUX_NUD_INCOMPLETE = NUD_INCOMPLETE,
	LINUX_NUD_REACHABLE = NUD_REACHABLE,
	LINUX_NUD_STALE = NUD_STALE,
	LINUX_NUD_DELAY = NUD_DELAY,
	LINUX_NUD_PROBE = NUD_PROBE,
	LINUX_NUD_FAILED = NUD_FAILED,
	LINUX_NUD_NOARP = NUD_NOARP,
	LINUX_NUD_PERMANENT = NUD_PERMANENT,
};
#undef NUD_INCOMPLETE
#undef NUD_REACHABLE
#undef NUD_STALE
#undef NUD_DELAY
#undef NUD_PROBE
#undef NUD_PERMANENT

/** nl_ip6() - The IPv6 layer of the node. */
static inline struct ip6 *nl_ip6(const struct nl *nl)
{
	return nl->nd->ip6;
}

/** rtnl_if() - The interface of a request; -ENODEV, with words, if there is none. */
int rtnl_if(struct nl_req *req, uint32_t ifindex, struct iface **ret);

/** rtnl_if_next() - The interface behind @ifindex (0: the first), or NULL. */
struct iface *rtnl_if_next(const struct nl *nl, uint32_t ifindex);

/** rtnl_lifetime_s() - Seconds from @now on, as netlink counts them: infinity is UINT32_MAX. */
uint32_t rtnl_lifetime_s(time_ns until, time_ns now);

/** rtnl_until() - And back. */
time_ns rtnl_until(uint32_t seconds, time_ns now);

/** rtnl_ticks() - @t in hundredths of a second, as timestamps of Linux are. */
uint32_t rtnl_ticks(time_ns t);

/** rtnl_head() - Header of a notification; as the answer to the request that runs, with @echo. */
struct nlmsghdr rtnl_head(const struct nl *nl, uint16_t type, bool echo);

/** rtnl_strict_zero() - Refuse a header with other fields set than may be, from who wants that. */
#define RTNL_STRICT(req, ok)                                                                       \
	((req)->sock->strict && !(ok)                                                              \
		 ? nl_refuse((req), -EINVAL, NULL, "a field of the header is not used here")       \
		 : 0)

/* route_link.c */
int link_get(struct nl_req *req);
int link_dump(struct nl_req *req);
int link_set(struct nl_req *req);
int link_new(struct nl_req *req);
int link_del(struct nl_req *req);
void link_changed(struct nl *nl, const struct iface *ifc, bool gone);

/* route_tunnel.c */
#define TUNNEL_KIND "ip6tnl"

/** tunnel_fill() - IFLA_LINKINFO of a tunnel. */
void tunnel_fill(struct wr *w, const struct iface *ifc);

/** tunnel_read() - And of a request (IFLA_INFO_DATA; it may be none). Return: 0, -EINVAL, -EOPNOTSUPP. */
int tunnel_read(struct nl_req *req, struct rd data, struct tunnel_conf *ret);

/* route_addr.c */
int addr_get(struct nl_req *req);
int addr_dump(struct nl_req *req);
int addr_new(struct nl_req *req);
int addr_del(struct nl_req *req);
int maddr_dump(struct nl_req *req);
int acaddr_dump(struct nl_req *req);
void addr_changed(struct nl *nl, enum news what, const struct if_addr *a);

/* route_list.c, route_get.c, route_route.c */
int route_dump(struct nl_req *req);
int route_get(struct nl_req *req);
int route_new(struct nl_req *req);
int route_del(struct nl_req *req);
void route_changed(struct nl *nl, enum news what, const struct route *r);
/** route_link_changed() - The route to ff00::/8 that an interface has while it is up. */
void route_link_changed(struct nl *nl, const struct iface *ifc, bool up);
/** route_addr_changed() - The route of table local that comes and goes with an address. */
void route_addr_changed(struct nl *nl, enum news what, const struct if_addr *a);

/* route_ip4.c */
int route4_dump(struct nl_req *req);
int route4_get(struct nl_req *req);
int route4_new(struct nl_req *req);
int route4_del(struct nl_req *req);
/** route4_changed() - Return: whether @r is of IPv4, and has been told of. */
bool route4_changed(struct nl *nl, enum news what, const struct route *r);

/* route_mroute.c */
int mroute_dump(struct nl_req *req);

/* route_rule.c */
int rule_dump(struct nl_req *req);
int rule_new(struct nl_req *req);
int rule_remove(struct nl_req *req);
void rule_changed(struct nl *nl, const struct rule *r, bool gone);

/* route_neigh.c */
int neighbour_get(struct nl_req *req);
int neighbour_dump(struct nl_req *req);
int neighbour_new(struct nl_req *req);
int neighbour_del(struct nl_req *req);
/* route_proxy.c: with NTF_PROXY */
int proxy_get(struct nl_req *req, struct iface *ifc, const struct ip6_addr *addr);
int proxy_dump(struct nl_req *req, uint32_t ifindex);
int proxy_new(struct nl_req *req, struct iface *ifc, const struct ip6_addr *addr);
int proxy_del(struct nl_req *req, struct iface *ifc, const struct ip6_addr *addr);
void neighbour_changed(struct nl *nl, const struct neigh *n, bool gone);

/* route_nexthop.c */
int nexthop_get(struct nl_req *req);
int nexthop_dump(struct nl_req *req);
int nexthop_new(struct nl_req *req);
int nexthop_del(struct nl_req *req);
/** nexthop_if_down() - Objects of an interface that is down, or gone, are no more. */
void nexthop_if_down(struct nl *nl, uint32_t ifindex);

/* route_label.c */
int label_get(struct nl_req *req);
int label_dump(struct nl_req *req);
int label_new(struct nl_req *req);
int label_del(struct nl_req *req);

/* route_misc.c */
int netconf_get(struct nl_req *req);
int netconf_dump(struct nl_req *req);
void netconf_changed(struct nl *nl, const struct iface *ifc);
int ntable_dump(struct nl_req *req);
int nsid_get(struct nl_req *req);
void prefix_told(struct nl *nl, const struct news_prefix *p);

#endif
