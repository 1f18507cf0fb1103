/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTM_GETROUTE of one destination: where would a packet go now? Asked of what packets ask: the
 * node's own addresses, the routes, redirects and path MTUs; it leaves no trace there. With
 * RTM_F_FIB_MATCH the route itself is told, not what is true of the destination.
 */
#include "netlink/route_route.h"

struct question {
	struct fib_key key;
	bool fib_match;
};

static int take(struct nl_req *req, struct question *q)
{
	struct rd attr[RTA_MAX + 1];
	struct rtmsg head;
	int err = nl_head(req, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(req, ROUTE_POLICY, ARRAY_LEN(attr), attr);
	if (err == 0 && ((head.rtm_dst_len != 0 && head.rtm_dst_len != IP6_ADDR_BITS) ||
			 (head.rtm_src_len != 0 && head.rtm_src_len != IP6_ADDR_BITS)))
		err = nl_refuse(req, -EINVAL, NULL, "addresses, not prefixes");
	if (err != 0)
		return err;
	*q = (struct question){ .fib_match = (head.rtm_flags & RTM_F_FIB_MATCH) != 0 };
	if (attr[RTA_DST].p != NULL)
		q->key.dst = nla_get_addr(attr[RTA_DST]);
	if (attr[RTA_SRC].p != NULL)
		q->key.src = nla_get_addr(attr[RTA_SRC]);
	if (attr[RTA_OIF].p != NULL)
		q->key.oif = nla_get_u32(attr[RTA_OIF]);
	if (attr[RTA_IIF].p != NULL)
		q->key.iif = nla_get_u32(attr[RTA_IIF]);
	if (attr[RTA_MARK].p != NULL)
		q->key.mark = nla_get_u32(attr[RTA_MARK]);
	return 0;
}

/* What the type of a route, or none, is to who sends. */
static int error_of(enum route_type type, bool matched)
{
	switch (type) {
	case ROUTE_UNREACHABLE:
		return matched ? -EHOSTUNREACH : -ENETUNREACH;
	case ROUTE_PROHIBIT:
		return -EACCES;
	case ROUTE_BLACKHOLE:
		return -EINVAL;
	case ROUTE_THROW:
		return -ENETUNREACH;
	case ROUTE_UNICAST:
		break;
	}
	return 0;
}

/* A destination that needs no route: this node, a group, a neighbour by its link-local address. */
static bool without_route(struct nl_req *req, const struct question *q, struct route_show *s)
{
	struct ip6 *ip6 = nl_ip6(req->nl);
	const struct if_addr *self = ip6_local(ip6, &q->key.dst, q->key.oif);
	struct iface *ifc = NULL;

	if (self != NULL && if_addr_is_assigned(self)) {
		*s = route_local(self);
		if (!q->fib_match && self->origin != ADDR_ANYCAST)
			s->r.via.ifindex = if_index(ip6->lo);
		return true;
	}
	if (!ip6_is_mcast(&q->key.dst) && !ip6_is_linklocal(&q->key.dst))
		return false;
	if (q->key.oif != 0)
		ifc = ip6_if(ip6, q->key.oif);
	while (q->key.oif == 0 && (ifc = rtnl_if_next(req->nl, ifc != NULL ? if_index(ifc) : 0)) &&
	       (ifc->loopback || !ifc->link.up))
		;
	if (ifc == NULL || !ifc->link.up)
		return false;
	*s = ip6_is_mcast(&q->key.dst) ? route_groups(ifc) : route_link_local(ifc);
	return true;
}

/* The route that matched, whole: with its prefix and lifetime. */
struct match {
	const struct via *via;
	struct route *ret;
	bool found;
};

static int find_via(void *ctx, const struct route *r)
{
	struct match *m = ctx;

	if (!via_eq(&r->via, m->via))
		return 0;
	*m->ret = *r;
	m->found = true;
	return 1;
}

static int by_route(struct nl_req *req, const struct question *q, struct route_show *s)
{
	struct ip6 *ip6 = nl_ip6(req->nl);
	struct fib_choices c = { .n = 0 };
	const struct via *via = NULL;
	enum route_type type = fib_lookup(ip6->fib, &q->key, &c);
	struct route r = { .table = c.table, .expires = TIME_NEVER };
	struct match m = { .ret = &r };

	if (type != ROUTE_UNICAST)
		return error_of(type, c.table != 0);
	(void)hop_lookup(ip6, &q->key, false, &via);
	ASSERT(via != NULL);
	r.via = *via;
	m.via = via;
	r.dst = ip6_prefix(&q->key.dst, c.dst_len);
	r.dst_len = c.dst_len;
	fib_walk_prefix(ip6->fib, c.table, &r.dst, c.dst_len, find_via, &m);
	*s = route_show_of(req->nl, &r);
	return 0;
}

/* What was learned of this one destination: a redirect, a smaller MTU. */
static void add_exceptions(struct nl_req *req, const struct question *q, struct route_show *s)
{
	struct ip6 *ip6 = nl_ip6(req->nl);
	struct ip6_addr next_hop;
	struct iface *ifc;
	uint32_t mtu;

	if (ip6_first_hop(ip6, &q->key.dst, &q->key.src, q->key.oif, &ifc, &next_hop, &mtu) < 0)
		return;
	s->r.via.ifindex = if_index(ifc);
	s->r.via.gateway = ip6_eq(&next_hop, &q->key.dst) ? IP6_UNSPEC : next_hop;
	mtu = ip6_path_mtu(ip6, &q->key.dst, q->key.oif);
	if (mtu < ifc->conf.link_mtu)
		s->r.via.mtu = mtu;
}

static void as_answer(struct nl_req *req, const struct question *q, struct route_show *s)
{
	struct ip6_addr src;

	s->is_answer = true;
	s->dst = q->key.dst;
	s->src = q->key.src;
	s->iif = q->key.iif;
	if (s->type == RTN_UNICAST && !ip6_is_linklocal(&q->key.dst) && q->key.iif == 0)
		add_exceptions(req, q, s);
	if (ip6_source(nl_ip6(req->nl), &q->key.dst,
		       s->type == RTN_LOCAL ? q->key.oif : s->r.via.ifindex, &src) == 0)
		s->prefsrc = src;
}

int route_get(struct nl_req *req)
{
	struct nlmsghdr h = nl_answer_head(req, RTM_NEWROUTE);
	struct route_show s;
	struct nl_dgram *d;
	struct question q;
	struct iface *ifc;
	struct wr w;
	int err = take(req, &q);

	if (err == 0 && q.key.oif != 0)
		err = rtnl_if(req, q.key.oif, &ifc);
	if (err == 0 && q.key.iif != 0)
		err = rtnl_if(req, q.key.iif, &ifc);
	if (err == 0 && !without_route(req, &q, &s))
		err = by_route(req, &q, &s);
	if (err != 0)
		return err;
	if (!q.fib_match)
		as_answer(req, &q, &s);
	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	route_fill(&w, req->nl, &h, &s);
	return nl_answer(req, d, &w);
}
