/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * Routes of IPv4, as `ip -4 route` lists, asks for, adds and deletes them: those in ip6.fib4, whose
 * prefixes are of mapped addresses, 96 bits longer. There is one next hop a route, and no table local to
 * be shown; addresses and neighbours of IPv4 are in the files of their own kind. A list is walked from its
 * beginning for each datagram: it is meant for as many routes as a host has.
 */
#include "netlink/route_route.h"

struct dump4 {
	uint32_t table, oif; /* 0: any */
	uint32_t done;
};

struct listing {
	struct nl *nl;
	struct dump4 *at;
	struct nlmsghdr h;
	struct wr *w;
	uint32_t seen;
};

static uint8_t scope_of(const struct route *r)
{
	return r->via.type == ROUTE_UNICAST && ip6_is_unspec(&r->via.gateway) ? RT_SCOPE_LINK
									      : RT_SCOPE_UNIVERSE;
}

/* Of a route that came with an address it is that address, as Linux keeps it. */
static bool source_of(const struct nl *nl, const struct route *r, struct ip6_addr *ret)
{
	const struct iface *ifc = ip6_if(nl_ip6(nl), r->via.ifindex);

	*ret = r->via.prefsrc;
	if (!ip6_is_unspec(ret))
		return true;
	return r->via.proto == ROUTE_PROTO_KERNEL && ifc != NULL &&
	       mapped_source(nl_ip6(nl), ifc, &r->dst, ret) == 0;
}

static bool fill(struct wr *w, const struct nl *nl, const struct nlmsghdr *h, const struct route *r)
{
	struct rtmsg head = { .rtm_family = AF_INET,
			      .rtm_dst_len = (uint8_t)(r->dst_len - IP4_MAPPED_BITS),
			      .rtm_table = (uint8_t)(r->table < 256 ? r->table : RT_TABLE_COMPAT),
			      .rtm_protocol = r->via.proto,
			      .rtm_scope = scope_of(r),
			      .rtm_type = route_rtn(r->via.type) };
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));
	struct ip6_addr src;
	uint8_t *nest;

	nla_u32(w, RTA_TABLE, r->table);
	if (r->dst_len > IP4_MAPPED_BITS)
		nla_addr_of(w, RTA_DST, &r->dst);
	if (r->via.metric != 0)
		nla_u32(w, RTA_PRIORITY, r->via.metric);
	if (source_of(nl, r, &src))
		nla_addr_of(w, RTA_PREFSRC, &src);
	if (r->via.mtu != 0) {
		nest = nla_nest(w, RTA_METRICS);
		nla_u32(w, RTAX_MTU, r->via.mtu);
		nla_nest_end(w, nest);
	}
	if (!ip6_is_unspec(&r->via.gateway))
		nla_addr_of(w, RTA_GATEWAY, &r->via.gateway);
	if (r->via.ifindex != 0)
		nla_u32(w, RTA_OIF, r->via.ifindex);
	return nlmsg_end(&m);
}

static int each(void *ctx, const struct route *r)
{
	struct listing *l = ctx;

	if (l->seen++ < l->at->done)
		return 0;
	if ((l->at->oif == 0 || l->at->oif == r->via.ifindex) && !fill(l->w, l->nl, &l->h, r))
		return 1;
	l->at->done++;
	return 0;
}

static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	struct listing l = { .nl = nl, .at = d->state, .h = d->h, .w = w };

	l.h.nlmsg_type = RTM_NEWROUTE;
	return fib_walk(nl_ip6(nl)->fib4, l.at->table, each, &l);
}

static const struct nla_policy policy[RTA_MAX + 1] = {
	[RTA_DST] = { NLP_U32, 0 },	[RTA_SRC] = { NLP_U32, 0 },
	[RTA_IIF] = { NLP_U32, 0 },	[RTA_OIF] = { NLP_U32, 0 },
	[RTA_GATEWAY] = { NLP_U32, 0 }, [RTA_PRIORITY] = { NLP_U32, 0 },
	[RTA_PREFSRC] = { NLP_U32, 0 }, [RTA_METRICS] = { NLP_NEST, 0 },
	[RTA_TABLE] = { NLP_U32, 0 },	[RTA_MARK] = { NLP_U32, 0 },
	[RTA_UID] = { NLP_U32, 0 },	[RTA_IP_PROTO] = { NLP_U8, 0 },
	[RTA_SPORT] = { NLP_U16, 0 },	[RTA_DPORT] = { NLP_U16, 0 },
};

int route4_dump(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(struct dump4), list };
	struct dump4 at = { .table = 0 };
	struct rd attr[RTA_MAX + 1];
	struct rtmsg head;
	int err;

	if (!req->sock->strict)
		return nl_dump_start(req, &lister, &at);
	err = nl_head(req, &head, sizeof(head));
	if (err == 0)
		err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
	if (err != 0)
		return err;
	at.table = attr[RTA_TABLE].p != NULL ? nla_get_u32(attr[RTA_TABLE]) : head.rtm_table;
	if (attr[RTA_OIF].p != NULL)
		at.oif = nla_get_u32(attr[RTA_OIF]);
	return nl_dump_start(req, &lister, &at);
}

/* The way to @dst, told as a route of 32 bits. */
static int answer(struct nl_req *req, const struct ip6_addr *dst, const struct via *via, bool local,
		  const struct ip6_addr *src)
{
	struct nlmsghdr h = nl_answer_head(req, RTM_NEWROUTE);
	struct rtmsg head = { .rtm_family = AF_INET,
			      .rtm_dst_len = IP4_ADDR_BITS,
			      .rtm_table = local ? RT_TABLE_LOCAL : RT_TABLE_MAIN,
			      .rtm_type = local ? RTN_LOCAL : RTN_UNICAST,
			      .rtm_flags = RTM_F_CLONED };
	struct nl_dgram *d;
	struct nlmsg m;
	struct wr w;

	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	m = nlmsg_begin(&w, &h, &head, sizeof(head));
	nla_u32(&w, RTA_TABLE, head.rtm_table);
	nla_addr_of(&w, RTA_DST, dst);
	nla_u32(&w, RTA_OIF, via->ifindex);
	if (!ip6_is_unspec(&via->gateway))
		nla_addr_of(&w, RTA_GATEWAY, &via->gateway);
	nla_addr_of(&w, RTA_PREFSRC, src);
	nla_u32(&w, RTA_UID, 0);
	nlmsg_end(&m);
	return nl_answer(req, d, &w);
}

int route4_get(struct nl_req *req)
{
	struct ip6 *ip6 = nl_ip6(req->nl);
	struct rd attr[RTA_MAX + 1];
	struct via via = { .metric = 0 };
	struct ip6_addr dst, src, hop;
	struct iface *ifc = ip6->lo;
	struct rtmsg head;
	bool local;
	uint32_t mtu;
	int err = nl_head(req, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
	if (err == 0 && attr[RTA_DST].p == NULL)
		err = nl_refuse(req, -EINVAL, NULL, "the way to where?");
	if (err != 0)
		return err;
	dst = hop = nla_get_ip4(attr[RTA_DST]);
	via.ifindex = attr[RTA_OIF].p != NULL ? nla_get_u32(attr[RTA_OIF]) : 0;
	local = ip6_local(ip6, &dst, 0) != NULL;
	if (!local)
		err = ip6_first_hop(ip6, &dst, &IP6_UNSPEC, via.ifindex, &ifc, &hop, &mtu);
	if (err == 0)
		err = ip6_source(ip6, &dst, via.ifindex, &src);
	if (err != 0)
		return nl_refuse(req, err == -ENODEV ? -ENETUNREACH : err, NULL, "no way there");
	via.ifindex = if_index(ifc);
	if (!ip6_eq(&hop, &dst))
		via.gateway = hop;
	return answer(req, &dst, &via, local, &src);
}

/*
 * Changing.
 */
static int take_type(struct nl_req *req, uint8_t rtn, uint8_t *ret)
{
	if (rtn == RTN_UNSPEC)
		rtn = RTN_UNICAST;
	for (unsigned t = ROUTE_UNICAST; t <= ROUTE_THROW; t++) {
		if (route_rtn((uint8_t)t) != rtn)
			continue;
		*ret = (uint8_t)t;
		return 0;
	}
	return nl_refuse(req, -EOPNOTSUPP, NULL, "no route of this type can be given");
}

static int take_metrics(struct nl_req *req, struct rd list, struct via *via)
{
	static const struct nla_policy metrics[RTAX_MAX + 1] = { [RTAX_MTU] = { NLP_U32, 0 } };
	struct rd attr[RTAX_MAX + 1];
	int err;

	if (list.p == NULL)
		return 0;
	err = nla_parse(list, metrics, ARRAY_LEN(attr), true, &req->why, attr);
	if (err == 0 && attr[RTAX_MTU].p != NULL)
		via->mtu = nla_get_u32(attr[RTAX_MTU]);
	return err == -EINVAL ? -EOPNOTSUPP : err;
}

static int take(struct nl_req *req, struct route *ret)
{
	struct route r = { .dst = MAPPED_ANY, .expires = TIME_NEVER };
	struct rd attr[RTA_MAX + 1];
	struct rtmsg head;
	int err = nl_head(req, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
	if (err == 0 && (head.rtm_dst_len > IP4_ADDR_BITS || head.rtm_src_len != 0))
		err = nl_refuse(req, -EINVAL, NULL, "a prefix has 32 bits at most, and no source");
	if (err == 0)
		err = take_type(req, head.rtm_type, &r.via.type);
	if (err == 0)
		err = take_metrics(req, attr[RTA_METRICS], &r.via);
	if (err != 0)
		return err;
	r.dst_len = (uint8_t)(head.rtm_dst_len + IP4_MAPPED_BITS);
	if (attr[RTA_DST].p != NULL)
		r.dst = nla_get_ip4(attr[RTA_DST]);
	r.table = attr[RTA_TABLE].p != NULL ? nla_get_u32(attr[RTA_TABLE]) : head.rtm_table;
	if (r.table == 0)
		r.table = FIB_TABLE_MAIN;
	r.via.proto = head.rtm_protocol;
	r.via.flags = (head.rtm_flags & RTNH_F_ONLINK) != 0 ? VIA_ONLINK : 0;
	if (attr[RTA_OIF].p != NULL && r.via.type == ROUTE_UNICAST)
		r.via.ifindex = nla_get_u32(attr[RTA_OIF]);
	if (attr[RTA_GATEWAY].p != NULL && r.via.type == ROUTE_UNICAST)
		r.via.gateway = nla_get_ip4(attr[RTA_GATEWAY]);
	if (attr[RTA_PRIORITY].p != NULL)
		r.via.metric = nla_get_u32(attr[RTA_PRIORITY]);
	if (attr[RTA_PREFSRC].p != NULL)
		r.via.prefsrc = nla_get_ip4(attr[RTA_PREFSRC]);
	*ret = r;
	return 0;
}

/* The gateway must be a neighbour by what the routes say, unless the user knows better. */
static int check_way(struct nl_req *req, struct via *via)
{
	struct ip6 *ip6 = nl_ip6(req->nl);
	struct fib_key key = { .dst = via->gateway, .oif = via->ifindex };
	struct fib_choices c;
	struct iface *ifc;
	int err;

	if (via->type != ROUTE_UNICAST)
		return 0;
	if (!ip6_is_unspec(&via->prefsrc) && ip6_local(ip6, &via->prefsrc, 0) == NULL)
		return nl_refuse(req, -EINVAL, NULL,
				 "the preferred source is no address of this node");
	if (!ip6_is_unspec(&via->gateway) && (via->flags & VIA_ONLINK) == 0) {
		if (addr_is_mcast(&via->gateway) || ip6_local(ip6, &via->gateway, 0) != NULL)
			return nl_refuse(req, -EINVAL, NULL, "no gateway: a group, or this node");
		if (fib_lookup(ip6->fib4, &key, &c) != ROUTE_UNICAST ||
		    !ip6_is_unspec(&c.via[0]->gateway))
			return nl_refuse(req, -ENETUNREACH, NULL, "the gateway is on no link");
		via->ifindex = c.via[0]->ifindex;
	}
	if (via->ifindex == 0)
		return nl_refuse(req, -ENODEV, NULL, "by which interface?");
	err = rtnl_if(req, via->ifindex, &ifc);
	if (err == 0 && !ifc->link.up)
		err = nl_refuse(req, -ENETDOWN, NULL, "the interface is down");
	return err;
}

struct alike {
	const struct route *like;
	bool found;
};

static int find_alike(void *ctx, const struct route *r)
{
	struct alike *a = ctx;

	a->found |= r->via.metric == a->like->via.metric;
	return a->found;
}

int route4_new(struct nl_req *req)
{
	struct fib *fib = nl_ip6(req->nl)->fib4;
	struct alike a = { .found = false };
	struct route r;
	int err = take(req, &r);

	if (err == 0)
		err = check_way(req, &r.via);
	if (err != 0)
		return err;
	a.like = &r;
	fib_walk_prefix(fib, r.table, &r.dst, r.dst_len, find_alike, &a);
	if (a.found && (req->h.nlmsg_flags & (NLM_F_REPLACE | NLM_F_APPEND)) == 0)
		return nl_refuse(req, -EEXIST, NULL, "there is such a route");
	if (!a.found && (req->h.nlmsg_flags & (NLM_F_REPLACE | NLM_F_CREATE)) == NLM_F_REPLACE)
		return nl_refuse(req, -ENOENT, NULL, "there is no such route to replace");
	if (a.found && (req->h.nlmsg_flags & NLM_F_REPLACE) != 0) {
		struct route all = r;

		all.via = (struct via){ .metric = r.via.metric };
		(void)fib_del(fib, &all);
	}
	err = fib_add(fib, &r);
	return err == -EINVAL ? nl_refuse(req, err, NULL, "no route that can be: its table?") : err;
}

int route4_del(struct nl_req *req)
{
	struct route r;
	int err = take(req, &r);

	return err != 0 ? err : fib_del(nl_ip6(req->nl)->fib4, &r);
}

bool route4_changed(struct nl *nl, enum news what, const struct route *r)
{
	bool gone = what == NEWS_ROUTE_GONE;
	struct nlmsghdr h = rtnl_head(nl, gone ? RTM_DELROUTE : RTM_NEWROUTE, false);
	struct nl_dgram *d;
	struct wr w;

	if (r->dst_len < IP4_MAPPED_BITS || !ip6_is_v4mapped(&r->dst))
		return false;
	if (!nl_wants(nl, RTNLGRP_IPV4_ROUTE, false) ||
	    (d = nl_dgram_new(NL_DGRAM_OCTETS, &w)) == NULL)
		return true;
	fill(&w, nl, &h, r);
	nl_notify(nl, RTNLGRP_IPV4_ROUTE, false, d, &w);
	return true;
}
