/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a route is shown. The table local, fe80::/64 and ff00::/8 are in no table of the node's, but
 * follow from its addresses; they are shown as Linux has them. Several routes that share a prefix
 * and a metric, and each have a gateway, are one with several next hops.
 */
#include "netlink/route_route.h"

#include <linux/icmpv6.h>

uint8_t route_rtn(uint8_t type)
{
	static const uint8_t rtn[] = { [ROUTE_UNICAST] = RTN_UNICAST,
				       [ROUTE_UNREACHABLE] = RTN_UNREACHABLE,
				       [ROUTE_PROHIBIT] = RTN_PROHIBIT,
				       [ROUTE_BLACKHOLE] = RTN_BLACKHOLE,
				       [ROUTE_THROW] = RTN_THROW };

	return rtn[type];
}

static uint8_t pref_of(int8_t pref)
{
	if (pref == ROUTE_PREF_MEDIUM)
		return ICMPV6_ROUTER_PREF_MEDIUM;
	return pref > 0 ? ICMPV6_ROUTER_PREF_HIGH : ICMPV6_ROUTER_PREF_LOW;
}

static void put_metrics(struct wr *w, const struct via *via)
{
	uint8_t *nest;

	if (via->mtu == 0 && via->hop_limit == 0)
		return;
	nest = nla_nest(w, RTA_METRICS);
	if (via->mtu != 0)
		nla_u32(w, RTAX_MTU, via->mtu);
	if (via->hop_limit != 0)
		nla_u32(w, RTAX_HOPLIMIT, via->hop_limit);
	nla_nest_end(w, nest);
}

static void put_hops(struct wr *w, const struct route_show *s)
{
	uint8_t *nest = nla_nest(w, RTA_MULTIPATH);

	for (unsigned i = 0; i < s->n_hops; i++) {
		bool by_router = !ip6_is_unspec(&s->hop[i].gateway);
		struct rtnexthop nh = {
			.rtnh_len = sizeof(nh) + (by_router ? NL_ATTR + IP6_ADDR_OCTETS : 0),
			.rtnh_flags = (s->hop[i].flags & VIA_ONLINK) != 0 ? RTNH_F_ONLINK : 0,
			.rtnh_ifindex = (int)s->hop[i].ifindex
		};

		wr_bytes(w, &nh, sizeof(nh));
		if (by_router)
			nla_addr(w, RTA_GATEWAY, &s->hop[i].gateway);
	}
	nla_nest_end(w, nest);
}

/* Where the address has gone, Linux forgets that the route preferred it. */
static bool prefsrc_is_ours(const struct nl *nl, const struct ip6_addr *addr)
{
	const struct if_addr *a = ip6_local(nl_ip6(nl), addr, 0);

	return a != NULL && if_addr_is_assigned(a);
}

static void put_dst(struct wr *w, const struct nl *nl, const struct route_show *s)
{
	const struct ip6_addr *dst = s->is_answer ? &s->dst : &s->r.dst;
	const struct ip6_addr *src = s->is_answer ? &s->src : &s->r.src;

	if (s->is_answer || s->r.dst_len != 0)
		nla_addr(w, RTA_DST, dst);
	if (s->is_answer || s->r.src_len != 0) /* Linux with source prefixes tells :: too */
		nla_addr(w, RTA_SRC, src);
	if (s->iif != 0)
		nla_u32(w, RTA_IIF, s->iif);
	else if (!ip6_is_unspec(&s->prefsrc))
		nla_addr(w, RTA_PREFSRC, &s->prefsrc);
	else if (!ip6_is_unspec(&s->r.via.prefsrc) && prefsrc_is_ours(nl, &s->r.via.prefsrc))
		nla_addr(w, RTA_PREFSRC, &s->r.via.prefsrc);
}

/* Routes that lead nowhere lead to the loopback interface, as they do on Linux. */
static void put_way(struct wr *w, const struct nl *nl, const struct route_show *s)
{
	const struct via *via = &s->r.via;

	if (s->n_hops > 1 || s->is_group) {
		put_hops(w, s);
		return;
	}
	if (!ip6_is_unspec(&via->gateway))
		nla_addr(w, RTA_GATEWAY, &via->gateway);
	nla_u32(w, RTA_OIF, via->ifindex != 0 ? via->ifindex : if_index(nl_ip6(nl)->lo));
}

bool route_fill(struct wr *w, const struct nl *nl, const struct nlmsghdr *h,
		const struct route_show *s)
{
	time_ns now = nl_ip6(nl)->env->now;
	const struct route *r = &s->r;
	struct rtmsg head = {
		.rtm_family = AF_INET6,
		.rtm_dst_len = s->is_answer ? IP6_ADDR_BITS : r->dst_len,
		.rtm_src_len = r->src_len,
		.rtm_table = (uint8_t)(r->table < 256 ? r->table : RT_TABLE_COMPAT),
		.rtm_protocol = r->via.proto,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = s->type,
		.rtm_flags = s->flags | ((r->via.flags & VIA_ONLINK) != 0 ? RTNH_F_ONLINK : 0u)
	};
	struct rta_cacheinfo ci = { .rta_expires = 0 };
	struct nlmsg m;

	if (s->is_answer)
		head.rtm_src_len = IP6_ADDR_BITS;
	if (r->expires != TIME_NEVER && r->expires > now)
		ci.rta_expires = (int32_t)MIN(rtnl_ticks(r->expires - now), (uint32_t)INT32_MAX);
	m = nlmsg_begin(w, h, &head, sizeof(head));
	nla_u32(w, RTA_TABLE, r->table);
	put_dst(w, nl, s);
	put_metrics(w, &r->via);
	nla_u32(w, RTA_PRIORITY, r->via.metric);
	if (r->via.nexthop != 0 && !s->is_answer)
		nla_u32(w, RTA_NH_ID, r->via.nexthop);
	put_way(w, nl, s);
	nla_put(w, RTA_CACHEINFO, &ci, sizeof(ci));
	nla_u8(w, RTA_PREF, pref_of(r->via.pref));
	return nlmsg_end(&m);
}

/* A default router has its lifetime in nd, not in its route. */
static time_ns router_until(const struct nl *nl, const struct route *r)
{
	const struct iface *ifc = ip6_if(nl_ip6(nl), r->via.ifindex);

	if (ifc == NULL || ifc->nd == NULL)
		return TIME_NEVER;
	LIST_FOR_EACH(it, &nd_if(ifc)->routers) {
		const struct nd_router *router = LIST_ENTRY(it, struct nd_router, on);

		if (ip6_eq(&router->addr, &r->via.gateway))
			return router->until;
	}
	return TIME_NEVER;
}

/* The route that follows from addresses ends with the last of them. */
static time_ns addrs_until(const struct nl *nl, const struct route *r)
{
	const struct iface *ifc = ip6_if(nl_ip6(nl), r->via.ifindex);
	time_ns until = 0;

	if (ifc == NULL)
		return TIME_NEVER;
	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->origin == ADDR_STATIC && !a->no_route && a->prefix_len == r->dst_len &&
		    ip6_in_prefix(&a->addr, &r->dst, r->dst_len))
			until = MAX(until, a->valid_until);
	}
	return until != 0 ? until : TIME_NEVER;
}

struct route_show route_show_of(const struct nl *nl, const struct route *r)
{
	struct route_show s = { .r = *r, .type = route_rtn(r->via.type), .n_hops = 1 };

	s.is_group = r->via.nexthop != 0 && nexthop_is_group(nl, r->via.nexthop);
	s.hop[0] = r->via;
	if (r->via.proto == ROUTE_PROTO_RA && r->dst_len == 0 && r->expires == TIME_NEVER)
		s.r.expires = router_until(nl, r);
	if (r->via.proto == ROUTE_PROTO_KERNEL && r->expires == TIME_NEVER)
		s.r.expires = addrs_until(nl, r);
	return s;
}

static struct route_show made(const struct iface *ifc, const struct ip6_addr *dst, uint8_t len,
			      uint32_t table, uint8_t type)
{
	return (struct route_show){ .r = { .table = table,
					   .dst = *dst,
					   .dst_len = len,
					   .via = { .ifindex = if_index(ifc),
						    .proto = ROUTE_PROTO_KERNEL },
					   .expires = TIME_NEVER },
				    .type = type,
				    .n_hops = 1 };
}

struct route_show route_local(const struct if_addr *a)
{
	return made(a->ifc, &a->addr, IP6_ADDR_BITS, FIB_TABLE_LOCAL,
		    a->origin == ADDR_ANYCAST ? RTN_ANYCAST : RTN_LOCAL);
}

struct route_show route_groups(const struct iface *ifc)
{
	static const struct ip6_addr groups = { { 0xff } };
	struct route_show s = made(ifc, &groups, 8, FIB_TABLE_LOCAL, RTN_MULTICAST);

	s.r.via.metric = ROUTE_METRIC_ADDR;
	return s;
}

struct route_show route_link_local(const struct iface *ifc)
{
	static const struct ip6_addr link_local = { { 0xfe, 0x80 } };
	struct route_show s = made(ifc, &link_local, 64, FIB_TABLE_MAIN, RTN_UNICAST);

	s.r.via.metric = ROUTE_METRIC_ADDR;
	return s;
}
