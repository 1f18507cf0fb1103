/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routes come and go: RTM_NEWROUTE, RTM_DELROUTE, and the news of it. What NLM_F_CREATE, EXCL,
 * REPLACE and APPEND mean is rtnetlink(7)'s, with what Linux makes of it for IPv6: routes of one
 * prefix and metric are alike; a second one must be appended.
 */
#include "netlink/route_route.h"

#include <linux/icmpv6.h>

const struct nla_policy ROUTE_POLICY[RTA_MAX + 1] = {
	[RTA_DST] = { NLP_ADDR, 0 },	  [RTA_SRC] = { NLP_ADDR, 0 },
	[RTA_IIF] = { NLP_U32, 0 },	  [RTA_OIF] = { NLP_U32, 0 },
	[RTA_GATEWAY] = { NLP_ADDR, 0 },  [RTA_PRIORITY] = { NLP_U32, 0 },
	[RTA_PREFSRC] = { NLP_ADDR, 0 },  [RTA_METRICS] = { NLP_NEST, 0 },
	[RTA_MULTIPATH] = { NLP_ANY, 0 }, [RTA_CACHEINFO] = { NLP_ANY, 0 },
	[RTA_TABLE] = { NLP_U32, 0 },	  [RTA_MARK] = { NLP_U32, 0 },
	[RTA_PREF] = { NLP_U8, 0 },	  [RTA_EXPIRES] = { NLP_U32, 0 },
	[RTA_UID] = { NLP_U32, 0 },	  [RTA_ENCAP_TYPE] = { NLP_U16, 0 },
	[RTA_ENCAP] = { NLP_NEST, 0 },	  [RTA_NH_ID] = { NLP_U32, 0 },
	[RTA_IP_PROTO] = { NLP_U8, 0 },	  [RTA_SPORT] = { NLP_U16, 0 },
	[RTA_DPORT] = { NLP_U16, 0 },
};

/* A request to add or remove, taken apart. */
struct wish {
	struct route r;
	bool has_metric;
	unsigned n_hops;
	struct via hop[ROUTE_HOPS_MAX];
};

static int take_type(struct nl_req *req, uint8_t rtn, uint8_t *ret)
{
	switch (rtn) {
	case RTN_UNSPEC:
	case RTN_UNICAST:
		*ret = ROUTE_UNICAST;
		return 0;
	case RTN_UNREACHABLE:
		*ret = ROUTE_UNREACHABLE;
		return 0;
	case RTN_PROHIBIT:
		*ret = ROUTE_PROHIBIT;
		return 0;
	case RTN_BLACKHOLE:
		*ret = ROUTE_BLACKHOLE;
		return 0;
	case RTN_THROW:
		*ret = ROUTE_THROW;
		return 0;
	}
	return nl_refuse(req, -EOPNOTSUPP, NULL, "no route of this type can be given");
}

static int take_metrics(struct nl_req *req, struct rd list, struct via *via)
{
	static const struct nla_policy policy[RTAX_MAX + 1] = {
		[RTAX_MTU] = { NLP_U32, 0 },
		[RTAX_HOPLIMIT] = { NLP_U32, 0 },
	};
	struct rd attr[RTAX_MAX + 1];
	int err;

	if (list.p == NULL)
		return 0;
	err = nla_parse(list, policy, ARRAY_LEN(attr), true, &req->why, attr);
	if (err != 0)
		return err == -EINVAL ? -EOPNOTSUPP : err;
	if (attr[RTAX_MTU].p != NULL)
		via->mtu = nla_get_u32(attr[RTAX_MTU]);
	if (attr[RTAX_HOPLIMIT].p != NULL)
		via->hop_limit = (uint8_t)MIN(nla_get_u32(attr[RTAX_HOPLIMIT]), 255u);
	return 0;
}

/* struct rtnexthop after struct rtnexthop, each with attributes of its own. */
static int take_hops(struct nl_req *req, struct rd list, struct wish *x)
{
	const struct rd whole = list;
	struct rd attr[RTA_MAX + 1], rest;
	struct rtnexthop nh;
	int err;

	while (list.left > 0) {
		if (!rd_copy(&list, &nh, sizeof(nh)) || nh.rtnh_len < sizeof(nh) ||
		    !rd_take(&list, nh.rtnh_len - sizeof(nh), &rest))
			return nl_refuse(req, -EINVAL, &whole, "a next hop of a wrong length");
		rd_skip(&list, MIN(list.left, nl_padding(nh.rtnh_len)));
		if (x->n_hops == ROUTE_HOPS_MAX)
			return nl_refuse(req, -ENOSPC, &whole, "more next hops than one may give");
		err = nla_parse(rest, ROUTE_POLICY, ARRAY_LEN(attr), false, &req->why, attr);
		if (err != 0)
			return err;
		x->hop[x->n_hops] = x->r.via;
		x->hop[x->n_hops].ifindex = (uint32_t)nh.rtnh_ifindex;
		if (attr[RTA_GATEWAY].p != NULL)
			x->hop[x->n_hops].gateway = nla_get_addr(attr[RTA_GATEWAY]);
		x->hop[x->n_hops++].flags = (nh.rtnh_flags & RTNH_F_ONLINK) != 0 ? VIA_ONLINK : 0;
	}
	return 0;
}

static int take_prefixes(struct nl_req *req, const struct rtmsg *head, const struct rd *attr,
			 struct route *r)
{
	if (head->rtm_dst_len > IP6_ADDR_BITS || head->rtm_src_len > IP6_ADDR_BITS)
		return nl_refuse(req, -EINVAL, NULL, "a prefix has 128 bits at most");
	r->dst_len = head->rtm_dst_len;
	r->src_len = head->rtm_src_len;
	if (attr[RTA_DST].p != NULL)
		r->dst = nla_get_addr(attr[RTA_DST]);
	if (attr[RTA_SRC].p != NULL)
		r->src = nla_get_addr(attr[RTA_SRC]);
	r->table = attr[RTA_TABLE].p != NULL ? nla_get_u32(attr[RTA_TABLE]) : head->rtm_table;
	if (r->table == 0)
		r->table = FIB_TABLE_MAIN;
	return 0;
}

static void take_values(struct nl_req *req, const struct rd *attr, struct wish *x)
{
	struct route *r = &x->r;
	uint8_t pref;

	r->expires = TIME_NEVER;
	if (attr[RTA_OIF].p != NULL)
		r->via.ifindex = nla_get_u32(attr[RTA_OIF]);
	if (attr[RTA_GATEWAY].p != NULL)
		r->via.gateway = nla_get_addr(attr[RTA_GATEWAY]);
	if (attr[RTA_PREFSRC].p != NULL)
		r->via.prefsrc = nla_get_addr(attr[RTA_PREFSRC]);
	x->has_metric = attr[RTA_PRIORITY].p != NULL && nla_get_u32(attr[RTA_PRIORITY]) != 0;
	if (x->has_metric)
		r->via.metric = nla_get_u32(attr[RTA_PRIORITY]);
	if (attr[RTA_EXPIRES].p != NULL && nla_get_u32(attr[RTA_EXPIRES]) != 0)
		r->expires = rtnl_until(nla_get_u32(attr[RTA_EXPIRES]), nl_ip6(req->nl)->env->now);
	if (attr[RTA_PREF].p != NULL) {
		pref = nla_get_u8(attr[RTA_PREF]);
		r->via.pref = pref == ICMPV6_ROUTER_PREF_HIGH  ? ROUTE_PREF_HIGH
			      : pref == ICMPV6_ROUTER_PREF_LOW ? ROUTE_PREF_LOW
							       : ROUTE_PREF_MEDIUM;
	}
}

/* RTA_NH_ID: an object says where the route leads, and nothing else does. */
static int take_nexthop(struct nl_req *req, const struct rd *attr, struct wish *x)
{
	static const uint16_t others[] = { RTA_GATEWAY, RTA_OIF, RTA_MULTIPATH };

	if (attr[RTA_NH_ID].p == NULL)
		return 0;
	for (unsigned i = 0; i < ARRAY_LEN(others); i++)
		if (attr[others[i]].p != NULL)
			return nl_refuse(req, -EINVAL, &attr[others[i]],
					 "where to is said by the next hop's object");
	if (x->r.src_len != 0)
		return nl_refuse(req, -EINVAL, &attr[RTA_NH_ID],
				 "no source prefix with a next hop's object");
	x->r.via.nexthop = nla_get_u32(attr[RTA_NH_ID]);
	return 0;
}

static int take(struct nl_req *req, struct wish *x)
{
	static const uint16_t unable[] = { RTA_ENCAP, RTA_ENCAP_TYPE };
	struct rd attr[RTA_MAX + 1];
	struct rtmsg head;
	int err = nl_head(req, &head, sizeof(head));

	*x = (struct wish){ .n_hops = 0 };
	if (err == 0)
		err = nl_attrs(req, ROUTE_POLICY, ARRAY_LEN(attr), attr);
	for (unsigned i = 0; err == 0 && i < ARRAY_LEN(unable); i++)
		if (attr[unable[i]].p != NULL)
			err = nl_refuse(req, -EOPNOTSUPP, &attr[unable[i]], "not of routes here");
	if (err == 0)
		err = take_type(req, head.rtm_type, &x->r.via.type);
	if (err == 0)
		err = take_prefixes(req, &head, attr, &x->r);
	if (err != 0)
		return err;
	x->r.via.proto = head.rtm_protocol;
	x->r.via.flags = (head.rtm_flags & RTNH_F_ONLINK) != 0 ? VIA_ONLINK : 0;
	take_values(req, attr, x);
	err = take_nexthop(req, attr, x);
	if (err == 0)
		err = take_metrics(req, attr[RTA_METRICS], &x->r.via);
	if (err == 0 && attr[RTA_MULTIPATH].p != NULL)
		err = take_hops(req, attr[RTA_MULTIPATH], x);
	/* on Linux these lead to lo, and may say so */
	if (x->r.via.type != ROUTE_UNICAST) {
		x->r.via.ifindex = 0;
		x->r.via.gateway = x->r.via.prefsrc = IP6_UNSPEC;
		x->r.via.nexthop = x->r.via.flags = 0;
		x->n_hops = 0;
	}
	return err;
}

/*
 * Adding.
 */

/* Is this what the request that runs is about, and no consequence? */
static bool is_asked(const struct nl *nl)
{
	return nl->req != NULL &&
	       (nl->req->h.nlmsg_type == RTM_NEWROUTE || nl->req->h.nlmsg_type == RTM_DELROUTE);
}

/* What NLM_F_* says of a new route: in a place of its own, beside others, in that of others. */
static uint16_t flags_of(const struct nl *nl)
{
	unsigned flags = is_asked(nl) ? nl->req->h.nlmsg_flags : 0;

	if ((flags & NLM_F_REPLACE) != 0)
		return NLM_F_REPLACE;
	return NLM_F_CREATE | ((flags & NLM_F_APPEND) != 0 ? NLM_F_APPEND : NLM_F_EXCL);
}

/* The gateway must be a neighbour by what the routes say, unless the user knows better. */
static int check_gateway(struct nl_req *req, struct via *via)
{
	struct ip6 *ip6 = nl_ip6(req->nl);
	struct fib_key key = { .dst = via->gateway, .oif = via->ifindex };
	struct fib_choices c;

	if (ip6_is_unspec(&via->gateway))
		return 0;
	if (ip6_is_mcast(&via->gateway) || ip6_local(ip6, &via->gateway, via->ifindex) != NULL)
		return nl_refuse(req, -EINVAL, NULL, "no gateway: a group, or this node");
	if (ip6_is_linklocal(&via->gateway) || (via->flags & VIA_ONLINK) != 0)
		return via->ifindex != 0 ? 0 : nl_refuse(req, -EINVAL, NULL, "by which interface?");
	if (fib_lookup(ip6->fib, &key, &c) != ROUTE_UNICAST || c.n == 0 ||
	    !ip6_is_unspec(&c.via[0]->gateway))
		return nl_refuse(req, -EHOSTUNREACH, NULL, "the gateway is on no link");
	via->ifindex = c.via[0]->ifindex;
	return 0;
}

int route_check_hop(struct nl_req *req, struct via *via)
{
	struct iface *ifc;
	int err;

	if (via->type != ROUTE_UNICAST)
		return 0;
	if (via->ifindex != 0) {
		err = rtnl_if(req, via->ifindex, &ifc);
		if (err != 0)
			return err;
		if (!ifc->link.up)
			return nl_refuse(req, -ENETDOWN, NULL, "the interface is down");
	}
	err = check_gateway(req, via);
	if (err == 0 && via->ifindex == 0)
		err = nl_refuse(req, -ENODEV, NULL, "by which interface?");
	return err;
}

/* What there is of the same prefixes and metric. */
struct alike {
	const struct route *like;
	bool any, same_hop;
};

static int find_alike(void *ctx, const struct route *r)
{
	struct alike *a = ctx;

	if (r->src_len != a->like->src_len || !ip6_in_prefix(&r->src, &a->like->src, r->src_len) ||
	    r->via.metric != a->like->via.metric)
		return 0;
	a->any = true;
	a->same_hop |= r->via.ifindex == a->like->via.ifindex &&
		       ip6_eq(&r->via.gateway, &a->like->via.gateway);
	return 0;
}

static struct alike alike_of(const struct nl *nl, const struct route *r)
{
	struct alike a = { .like = r };

	fib_walk_prefix(nl_ip6(nl)->fib, r->table, &r->dst, r->dst_len, find_alike, &a);
	return a;
}

/* All of the same prefixes and metric go; @r says which. */
static void remove_alike(struct nl *nl, const struct route *r)
{
	struct route all = *r;

	all.via = (struct via){ .metric = r->via.metric };
	(void)fib_del(nl_ip6(nl)->fib, &all);
}

static int check_flags(struct nl_req *req, const struct wish *x)
{
	unsigned flags = req->h.nlmsg_flags;
	struct alike a = alike_of(req->nl, &x->r);

	if (a.any && (flags & NLM_F_EXCL) != 0)
		return nl_refuse(req, -EEXIST, NULL, "there is such a route");
	if (!a.any && (flags & NLM_F_REPLACE) != 0 && (flags & NLM_F_CREATE) == 0)
		return nl_refuse(req, -ENOENT, NULL, "there is no such route to replace");
	if (a.same_hop && (flags & NLM_F_REPLACE) == 0)
		return nl_refuse(req, -EEXIST, NULL, "there is this very route");
	return 0;
}

static int add(struct nl_req *req, const struct wish *x)
{
	struct fib *fib = nl_ip6(req->nl)->fib;
	struct route r = x->r;
	int err = 0;

	req->nl->routes_are_quiet = x->n_hops > 1; /* they are told of as one */
	for (unsigned i = 0; i < x->n_hops && err == 0; i++) {
		r.via = x->hop[i];
		err = fib_add(fib, &r);
		if (err < 0 && i > 0)
			remove_alike(req->nl, &x->r);
	}
	req->nl->routes_are_quiet = false;
	if (x->n_hops == 0)
		err = fib_add(fib, &r);
	else if (x->n_hops > 1 && err == 0)
		/* a list of ways is not said to be the first, as on Linux */
		route_tell(req->nl, &r,
			   flags_of(req->nl) &
				   (uint16_t)(r.via.nexthop != 0 ? ~0u : ~(unsigned)NLM_F_EXCL),
			   true);
	return err == -EINVAL ? nl_refuse(req, err, NULL, "no route that can be: its table?") : err;
}

/* Where it leads, by an object or as was said, and from what address. */
static int check_way(struct nl_req *req, struct wish *x)
{
	const struct if_addr *a = ip6_local(nl_ip6(req->nl), &x->r.via.prefsrc, 0);
	int err = 0;

	if (!ip6_is_unspec(&x->r.via.prefsrc) && (a == NULL || a->origin == ADDR_ANYCAST))
		return nl_refuse(req, -EINVAL, NULL,
				 "the preferred source is no address of this node");
	if (x->r.via.nexthop != 0)
		return nexthop_hops(req, &x->r.via, x->hop, &x->n_hops);
	if (x->n_hops == 0)
		err = route_check_hop(req, &x->r.via);
	for (unsigned i = 0; i < x->n_hops && err == 0; i++) {
		x->hop[i].metric = x->r.via.metric;
		err = route_check_hop(req, &x->hop[i]);
	}
	return err;
}

int route_new(struct nl_req *req)
{
	struct wish x;
	int err = take(req, &x);

	if (err != 0)
		return err;
	if (!x.has_metric)
		x.r.via.metric = ROUTE_METRIC;
	err = check_way(req, &x);
	if (err == 0 && x.r.table == FIB_TABLE_LOCAL)
		err = nl_refuse(req, -EOPNOTSUPP, NULL, "table local follows from the addresses");
	if (err == 0)
		err = check_flags(req, &x);
	if (err != 0)
		return err;
	if ((req->h.nlmsg_flags & NLM_F_REPLACE) != 0)
		remove_alike(req->nl, &x.r);
	return add(req, &x);
}

/*
 * Removing: the first that agrees in all that was said, with those it shares its metric with.
 */
struct victim {
	const struct route *like;
	bool found;
	uint32_t metric;
};

static int find_victim(void *ctx, const struct route *r)
{
	struct victim *v = ctx;
	const struct via *like = &v->like->via;

	if (r->src_len != v->like->src_len || !ip6_in_prefix(&r->src, &v->like->src, r->src_len) ||
	    (like->ifindex != 0 && like->ifindex != r->via.ifindex) ||
	    (!ip6_is_unspec(&like->gateway) && !ip6_eq(&like->gateway, &r->via.gateway)) ||
	    (like->metric != 0 && like->metric != r->via.metric) ||
	    (like->proto != 0 && like->proto != r->via.proto) ||
	    (like->nexthop != 0 && like->nexthop != r->via.nexthop) ||
	    (like->type != ROUTE_UNICAST && like->type != r->via.type))
		return 0;
	v->found = true;
	v->metric = r->via.metric;
	return 1;
}

static int del_one(struct nl_req *req, struct route r)
{
	struct victim v = { .like = &r };

	fib_walk_prefix(nl_ip6(req->nl)->fib, r.table, &r.dst, r.dst_len, find_victim, &v);
	if (!v.found)
		return nl_refuse(req, -ESRCH, NULL, "there is no such route");
	r.via.metric = v.metric;
	r.via.pref = 0;
	return fib_del(nl_ip6(req->nl)->fib, &r);
}

int route_del(struct nl_req *req)
{
	struct wish x;
	struct route r;
	int err = take(req, &x), rc = 0;

	if (err != 0)
		return err;
	/* a route that leads nowhere has no interface here; on Linux its is lo */
	if (x.r.via.ifindex == if_index(nl_ip6(req->nl)->lo))
		x.r.via.ifindex = 0;
	if (x.n_hops == 0)
		return del_one(req, x.r);
	for (unsigned i = 0; i < x.n_hops; i++) {
		r = x.r;
		r.via.ifindex = x.hop[i].ifindex;
		r.via.gateway = x.hop[i].gateway;
		err = del_one(req, r);
		if (err != 0)
			rc = err;
	}
	return rc;
}

/*
 * News.
 */
static void tell(struct nl *nl, const struct nlmsghdr *h, const struct route_show *s, bool echo)
{
	struct nl_dgram *d;
	struct wr w;

	if (!nl_wants(nl, RTNLGRP_IPV6_ROUTE, echo) ||
	    (d = nl_dgram_new(NL_DGRAM_OCTETS, &w)) == NULL)
		return;
	route_fill(&w, nl, h, s);
	nl_notify(nl, RTNLGRP_IPV6_ROUTE, echo, d, &w);
}

/* The other next hops of a route that is one of several. */
static int gather(void *ctx, const struct route *r)
{
	struct route_show *s = ctx;

	if (s->n_hops < ROUTE_HOPS_MAX && route_shares(&s->r, r) && !via_eq(&s->r.via, &r->via))
		s->hop[s->n_hops++] = r->via;
	return 0;
}

/* All of those that share its metric, in their order. */
static int gather_all(void *ctx, const struct route *r)
{
	struct route_show *s = ctx;

	if (s->n_hops < ROUTE_HOPS_MAX && route_shares(&s->r, r))
		s->hop[s->n_hops++] = r->via;
	return 0;
}

void route_tell(struct nl *nl, const struct route *r, uint16_t flags, bool echo)
{
	struct nlmsghdr h = rtnl_head(nl, RTM_NEWROUTE, echo);
	struct route_show s = route_show_of(nl, r);

	h.nlmsg_flags = flags;
	s.n_hops = 0;
	fib_walk_prefix(nl_ip6(nl)->fib, r->table, &r->dst, r->dst_len, gather_all, &s);
	tell(nl, &h, &s, echo);
}

void route_changed(struct nl *nl, enum news what, const struct route *r)
{
	bool gone = what == NEWS_ROUTE_GONE;
	struct nlmsghdr h = rtnl_head(nl, gone ? RTM_DELROUTE : RTM_NEWROUTE, is_asked(nl));
	struct route_show s = route_show_of(nl, r);

	if (nl->routes_are_quiet || route4_changed(nl, what, r))
		return;
	if (gone && is_asked(nl) && (nl->req->h.nlmsg_flags & NLM_F_REPLACE) != 0 &&
	    nl->req->h.nlmsg_type == RTM_NEWROUTE)
		return; /* what takes its place is told of */
	if (!gone)
		h.nlmsg_flags = flags_of(nl);
	if (!gone)
		fib_walk_prefix(nl_ip6(nl)->fib, r->table, &r->dst, r->dst_len, gather, &s);
	tell(nl, &h, &s, is_asked(nl));
}

static void tell_made(struct nl *nl, const struct route_show *s, bool gone)
{
	struct nlmsghdr h = rtnl_head(nl, gone ? RTM_DELROUTE : RTM_NEWROUTE, false);

	if (!gone)
		h.nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	tell(nl, &h, s, false);
}

void route_link_changed(struct nl *nl, const struct iface *ifc, bool up)
{
	struct route_show s = route_groups(ifc);

	tell_made(nl, &s, !up);
}

void route_addr_changed(struct nl *nl, enum news what, const struct if_addr *a)
{
	bool gone = what == NEWS_ADDR_GONE || what == NEWS_ADDR_END;
	struct route_show s = route_local(a);

	if (ip6_is_v4mapped(&a->addr)) /* the table local of IPv4 is not shown */
		return;
	tell_made(nl, &s, gone);
	if (a->origin != ADDR_LINK_LOCAL)
		return;
	s = route_link_local(a->ifc);
	tell_made(nl, &s, gone);
}
