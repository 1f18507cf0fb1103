/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * Next hops as objects: RTM_*NEXTHOP, and RTA_NH_ID of a route. An object is one way (a gateway, an
 * interface, or nowhere) or a group of such objects. The tables of routes know nothing of them: a route
 * that names an object is entered as the ways that it stands for, each with the object's id, so that
 * looking up costs nothing more. When an object changes, its routes, found by that id, are entered
 * anew; when it goes, they go. Changing one therefore costs a walk over all routes.
 *
 * Read linux/nexthop.h. Objects are bounded in number, a group in its members; all members of a
 * group have the same weight.
 */
#include "netlink/route_route.h"

#include <linux/nexthop.h>
#include <stdlib.h>

#define NEXTHOPS_MAX 1024

struct nexthop {
	struct list on; /* in nl.nexthops, lowest id first */
	uint32_t id;
	uint8_t proto;
	struct via way; /* of one that is no group: where to, and no more */
	unsigned n;	/* 0: no group */
	uint32_t member[ROUTE_HOPS_MAX];
};

static struct nexthop *find(const struct nl *nl, uint32_t id)
{
	LIST_FOR_EACH(it, &nl->nexthops) {
		struct nexthop *nh = LIST_ENTRY(it, struct nexthop, on);

		if (nh->id == id)
			return nh;
	}
	return NULL;
}

/* The object behind @id in the order of the list, or NULL. */
static const struct nexthop *next(const struct nl *nl, uint32_t id)
{
	LIST_FOR_EACH(it, &nl->nexthops) {
		const struct nexthop *nh = LIST_ENTRY(it, struct nexthop, on);

		if (nh->id > id)
			return nh;
	}
	return NULL;
}

static void insert(struct nl *nl, struct nexthop *nh)
{
	struct list *at = &nl->nexthops;

	LIST_FOR_EACH(it, &nl->nexthops)
		if (LIST_ENTRY(it, struct nexthop, on)->id > nh->id) {
			at = it;
			break;
		}
	list_add_tail(at, &nh->on); /* before it */
	nl->n_nexthops++;
	NL_ROUTE.watch(nl);
}

static bool fill(struct wr *w, const struct nlmsghdr *h, const struct nexthop *nh)
{
	struct nhmsg head = { .nh_family = nh->n > 0 ? AF_UNSPEC : AF_INET6,
			      .nh_scope = nh->way.ifindex != 0 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
			      .nh_protocol = nh->proto,
			      .nh_flags = (nh->way.flags & VIA_ONLINK) != 0 ? RTNH_F_ONLINK : 0 };
	struct nexthop_grp group[ROUTE_HOPS_MAX] = { { 0 } };
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));

	nla_u32(w, NHA_ID, nh->id);
	if (nh->n > 0) {
		for (unsigned i = 0; i < nh->n; i++)
			group[i].id = nh->member[i];
		nla_u16(w, NHA_GROUP_TYPE, NEXTHOP_GRP_TYPE_MPATH);
		nla_put(w, NHA_GROUP, group, nh->n * sizeof(group[0]));
	} else if (nh->way.type == ROUTE_BLACKHOLE) {
		nla_put(w, NHA_BLACKHOLE, NULL, 0);
	} else {
		nla_u32(w, NHA_OIF, nh->way.ifindex);
		if (!ip6_is_unspec(&nh->way.gateway))
			nla_addr(w, NHA_GATEWAY, &nh->way.gateway);
	}
	return nlmsg_end(&m);
}

static void tell(struct nl *nl, const struct nexthop *nh, uint16_t type)
{
	struct nlmsghdr h = rtnl_head(nl, type, true);
	struct nl_dgram *d;
	struct wr w;

	if (!nl_wants(nl, RTNLGRP_NEXTHOP, true) || (d = nl_dgram_new(NL_DGRAM_OCTETS, &w)) == NULL)
		return;
	if (nl->req != NULL)
		h.nlmsg_flags = nl->req->h.nlmsg_flags; /* Linux tells of the request's */
	fill(&w, &h, nh);
	nl_notify(nl, RTNLGRP_NEXTHOP, true, d, &w);
}

/*
 * Routes of an object.
 */
static struct via way_of(const struct via *via, const struct nexthop *nh)
{
	struct via v = *via;

	v.gateway = nh->way.gateway;
	v.ifindex = nh->way.ifindex;
	v.type = nh->way.type;
	v.flags = nh->way.flags;
	return v;
}

static unsigned ways(const struct nl *nl, const struct nexthop *nh, const struct via *via,
		     struct via *hop)
{
	if (nh->n == 0)
		hop[0] = way_of(via, nh);
	for (unsigned i = 0; i < nh->n; i++)
		hop[i] = way_of(via, find(nl, nh->member[i]));
	return MAX(nh->n, 1u);
}

int nexthop_hops(struct nl_req *req, struct via *via, struct via *hop, unsigned *n)
{
	const struct nexthop *nh = find(req->nl, via->nexthop);

	if (nh == NULL)
		return nl_refuse(req, -EINVAL, NULL, "there is no such next hop");
	*n = ways(req->nl, nh, via, hop);
	return 0;
}

bool nexthop_is_group(const struct nl *nl, uint32_t id)
{
	const struct nexthop *nh = find(nl, id);

	return nh != NULL && nh->n > 0;
}

/* Those that name @id, each once, however many ways it has. */
struct users {
	uint32_t id;
	struct route *r;
	size_t n, room;
};

static bool is_same(const struct route *a, const struct route *b)
{
	return a->table == b->table && a->dst_len == b->dst_len && ip6_eq(&a->dst, &b->dst) &&
	       a->via.metric == b->via.metric;
}

static int gather(void *ctx, const struct route *r)
{
	struct users *u = ctx;
	struct route *more;

	if (r->via.nexthop != u->id || (u->n > 0 && is_same(&u->r[u->n - 1], r)))
		return 0;
	if (u->n == u->room) {
		more = realloc(u->r, (u->room * 2 + 16) * sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		u->r = more;
		u->room = u->room * 2 + 16;
	}
	u->r[u->n++] = *r;
	return 0;
}

/*
 * Give the routes of an object the ways that it has now. What the tables have no room for is gone. Of
 * each @told is told; Linux tells nothing where a group only loses a member.
 */
static int enter_anew(struct nl *nl, const struct nexthop *nh, bool told)
{
	struct fib *fib = nl_ip6(nl)->fib;
	struct users u = { .id = nh->id };
	struct via hop[ROUTE_HOPS_MAX];
	unsigned n;
	int err = fib_walk(fib, 0, gather, &u);

	if (err == 0 && u.n > 0) {
		nl->routes_are_quiet = true;
		fib_flush_nexthop(fib, nh->id);
		for (size_t i = 0; i < u.n; i++) {
			n = ways(nl, nh, &u.r[i].via, hop);
			for (unsigned k = 0; k < n; k++) {
				u.r[i].via = hop[k];
				err = fib_add(fib, &u.r[i]) < 0 ? -ENOSPC : err;
			}
		}
	}
	nl->routes_are_quiet = false;
	for (size_t i = 0; told && err == 0 && i < u.n; i++)
		route_tell(nl, &u.r[i], NLM_F_REPLACE, false);
	free(u.r);
	return err;
}

/*
 * Going.
 */
static void forget(struct nl *nl, struct nexthop *nh)
{
	list_del(&nh->on);
	nl->n_nexthops--;
	free(nh);
	NL_ROUTE.watch(nl);
}

static bool is_member(const struct nexthop *group, uint32_t id)
{
	for (unsigned i = 0; i < group->n; i++)
		if (group->member[i] == id)
			return true;
	return false;
}

static void leave_group(struct nexthop *group, uint32_t id)
{
	unsigned n = 0;

	for (unsigned i = 0; i < group->n; i++)
		if (group->member[i] != id)
			group->member[n++] = group->member[i];
	group->n = n;
}

/*
 * A group that loses its last member goes, too. @with_routes: false where the routes are somebody
 * else's business: those of an interface that goes down.
 */
static void remove_one(struct nl *nl, struct nexthop *nh, bool with_routes)
{
	uint32_t id = nh->id;

	tell(nl, nh, RTM_DELNEXTHOP);
	if (with_routes)
		fib_flush_nexthop(nl_ip6(nl)->fib, id);
	LIST_FOR_EACH(it, &nl->nexthops) {
		struct nexthop *group = LIST_ENTRY(it, struct nexthop, on);

		if (!is_member(group, id))
			continue;
		if (group->n > 1) {
			leave_group(group, id);
			tell(nl, group, RTM_NEWNEXTHOP);
			if (with_routes)
				(void)enter_anew(nl, group, false);
			continue;
		}
		tell(nl, group, RTM_DELNEXTHOP);
		if (with_routes)
			fib_flush_nexthop(nl_ip6(nl)->fib, group->id);
		forget(nl, group);
	}
	forget(nl, nh);
}

void nexthop_if_down(struct nl *nl, uint32_t ifindex)
{
	const struct nexthop *nh = NULL;
	uint32_t id = 0;

	while ((nh = next(nl, id)) != NULL) {
		id = nh->id;
		if (nh->n == 0 && nh->way.ifindex == ifindex)
			remove_one(nl, find(nl, id), false);
	}
}

void nexthops_done(struct nl *nl)
{
	LIST_FOR_EACH(it, &nl->nexthops)
		forget(nl, LIST_ENTRY(it, struct nexthop, on));
}

/*
 * Asking.
 */
static const struct nla_policy policy[NHA_MAX + 1] = {
	[NHA_ID] = { NLP_U32, 0 },	   [NHA_GROUP] = { NLP_ANY, 0 },
	[NHA_GROUP_TYPE] = { NLP_U16, 0 }, [NHA_BLACKHOLE] = { NLP_ANY, 0 },
	[NHA_OIF] = { NLP_U32, 0 },	   [NHA_GATEWAY] = { NLP_ADDR, 0 },
	[NHA_ENCAP_TYPE] = { NLP_U16, 0 }, [NHA_ENCAP] = { NLP_NEST, 0 },
	[NHA_GROUPS] = { NLP_ANY, 0 },	   [NHA_MASTER] = { NLP_U32, 0 },
	[NHA_FDB] = { NLP_ANY, 0 },	   [NHA_RES_GROUP] = { NLP_NEST, 0 },
};

/* These requests are younger than strict checks: whoever makes them is checked. */
static int take(struct nl_req *req, struct nhmsg *head, struct rd *attr)
{
	int err = nl_head(req, head, sizeof(*head));

	if (err == 0)
		err = nla_parse(req->body, policy, NHA_MAX + 1, true, &req->why, attr);
	if (err == 0 && (head->resvd != 0 || head->nh_scope != 0))
		err = nl_refuse(req, -EINVAL, NULL, "a field of the header is not used here");
	return err;
}

struct nexthop_list {
	uint32_t last; /* id */
	uint32_t only_oif;
	bool only_groups, nothing;
};

static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	struct nexthop_list *at = d->state;
	struct nlmsghdr h = d->h;
	const struct nexthop *nh;

	h.nlmsg_type = RTM_NEWNEXTHOP;
	while (!at->nothing && (nh = next(nl, at->last)) != NULL) {
		bool wanted =
			(!at->only_groups || nh->n > 0) &&
			(at->only_oif == 0 || (nh->n == 0 && nh->way.ifindex == at->only_oif));

		if (wanted && !fill(w, &h, nh))
			return 1;
		at->last = nh->id;
	}
	return 0;
}

int nexthop_dump(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(struct nexthop_list), list };
	struct nexthop_list at = { .last = 0 };
	struct rd attr[NHA_MAX + 1];
	struct nhmsg head;
	int err = take(req, &head, attr);

	if (err != 0)
		return err;
	at.nothing = attr[NHA_MASTER].p != NULL || attr[NHA_FDB].p != NULL ||
		     (head.nh_family != AF_UNSPEC && head.nh_family != AF_INET6);
	at.only_groups = attr[NHA_GROUPS].p != NULL;
	if (attr[NHA_OIF].p != NULL)
		at.only_oif = nla_get_u32(attr[NHA_OIF]);
	return nl_dump_start(req, &lister, &at);
}

static int named(struct nl_req *req, const struct rd *attr, struct nexthop **ret)
{
	uint32_t id = attr[NHA_ID].p != NULL ? nla_get_u32(attr[NHA_ID]) : 0;

	for (unsigned i = 0; i <= NHA_MAX; i++)
		if (i != NHA_ID && attr[i].p != NULL)
			return nl_refuse(req, -EINVAL, &attr[i],
					 "an object is named by its id alone");
	if (id == 0)
		return nl_refuse(req, -EINVAL, NULL, "which object? it has an id");
	*ret = find(req->nl, id);
	return *ret != NULL ? 0 : -ENOENT;
}

int nexthop_get(struct nl_req *req)
{
	struct nlmsghdr h = nl_answer_head(req, RTM_NEWNEXTHOP);
	struct rd attr[NHA_MAX + 1];
	struct nl_dgram *d;
	struct nexthop *nh;
	struct nhmsg head;
	struct wr w;
	int err = take(req, &head, attr);

	if (err == 0)
		err = named(req, attr, &nh);
	if (err != 0)
		return err;
	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	fill(&w, &h, nh);
	return nl_answer(req, d, &w);
}

int nexthop_del(struct nl_req *req)
{
	struct rd attr[NHA_MAX + 1];
	struct nexthop *nh;
	struct nhmsg head;
	int err = take(req, &head, attr);

	if (err == 0)
		err = named(req, attr, &nh);
	if (err != 0)
		return err;
	remove_one(req->nl, nh, true);
	return 0;
}

/*
 * Making, and making anew.
 */
static int take_group(struct nl_req *req, const struct rd *attr, struct nexthop *nh)
{
	struct rd list = attr[NHA_GROUP];
	struct nexthop_grp g;
	const struct nexthop *member;

	for (unsigned i = 0; i <= NHA_MAX; i++)
		if (i != NHA_ID && i != NHA_GROUP && i != NHA_GROUP_TYPE && attr[i].p != NULL)
			return nl_refuse(req, -EINVAL, &attr[i], "a group has nothing but members");
	if (attr[NHA_GROUP_TYPE].p != NULL &&
	    nla_get_u16(attr[NHA_GROUP_TYPE]) != NEXTHOP_GRP_TYPE_MPATH)
		return nl_refuse(req, -EOPNOTSUPP, &attr[NHA_GROUP_TYPE], "no groups of this kind");
	if (list.left == 0 || list.left % sizeof(g) != 0)
		return nl_refuse(req, -EINVAL, &attr[NHA_GROUP], "members of a wrong length");
	while (rd_copy(&list, &g, sizeof(g))) {
		if (nh->n == ROUTE_HOPS_MAX)
			return nl_refuse(req, -ENOSPC, &attr[NHA_GROUP], "more than one may give");
		if (g.weight != 0)
			return nl_refuse(req, -EOPNOTSUPP, &attr[NHA_GROUP], "all weigh the same");
		member = find(req->nl, g.id);
		if (member == NULL || member->n > 0 || g.resvd1 != 0 || g.resvd2 != 0)
			return nl_refuse(req, -EINVAL, &attr[NHA_GROUP], "no member of a group");
		for (unsigned i = 0; i < nh->n; i++)
			if (nh->member[i] == g.id || member->way.type != ROUTE_UNICAST)
				return nl_refuse(req, -EINVAL, &attr[NHA_GROUP],
						 "a member twice, or one that leads nowhere");
		nh->member[nh->n++] = g.id;
	}
	return 0;
}

static int take_way(struct nl_req *req, const struct nhmsg *head, const struct rd *attr,
		    struct nexthop *nh)
{
	static const uint16_t unable[] = { NHA_ENCAP,  NHA_ENCAP_TYPE, NHA_FDB,	      NHA_RES_GROUP,
					   NHA_GROUPS, NHA_MASTER,     NHA_GROUP_TYPE };

	for (unsigned i = 0; i < ARRAY_LEN(unable); i++)
		if (attr[unable[i]].p != NULL)
			return nl_refuse(req, -EOPNOTSUPP, &attr[unable[i]],
					 "not of next hops here");
	if (head->nh_family != AF_INET6)
		return nl_refuse(req, -EAFNOSUPPORT, NULL, "next hops of IPv6 only");
	if (attr[NHA_BLACKHOLE].p != NULL) {
		if (attr[NHA_OIF].p != NULL || attr[NHA_GATEWAY].p != NULL)
			return nl_refuse(req, -EINVAL, &attr[NHA_BLACKHOLE],
					 "nowhere is no gateway");
		nh->way.type = ROUTE_BLACKHOLE;
		return 0;
	}
	if (attr[NHA_OIF].p == NULL)
		return nl_refuse(req, -EINVAL, NULL, "by which interface?");
	nh->way.type = ROUTE_UNICAST;
	nh->way.ifindex = nla_get_u32(attr[NHA_OIF]);
	if (ip6_if(nl_ip6(req->nl), nh->way.ifindex) == NULL)
		return nl_refuse(req, -EINVAL, &attr[NHA_OIF], "there is no such interface");
	if (attr[NHA_GATEWAY].p != NULL)
		nh->way.gateway = nla_get_addr(attr[NHA_GATEWAY]);
	nh->way.flags = (head->nh_flags & RTNH_F_ONLINK) != 0 ? VIA_ONLINK : 0;
	return route_check_hop(req, &nh->way);
}

static uint32_t free_id(const struct nl *nl)
{
	uint32_t id = 1;

	LIST_FOR_EACH(it, &nl->nexthops)
		id += LIST_ENTRY(it, struct nexthop, on)->id == id;
	return id;
}

/* In the place of @old: its routes follow, and those of the groups that it is in. */
static int replace(struct nl *nl, struct nexthop *old, const struct nexthop *nh)
{
	struct list on = old->on;
	int err;

	*old = *nh;
	old->on = on;
	tell(nl, old, RTM_NEWNEXTHOP);
	err = enter_anew(nl, old, true);
	LIST_FOR_EACH(it, &nl->nexthops) {
		const struct nexthop *group = LIST_ENTRY(it, struct nexthop, on);

		if (err == 0 && is_member(group, old->id))
			err = enter_anew(nl, group, true);
	}
	return err;
}

/* A blackhole among several ways would be none. */
static bool is_in_crowd(const struct nl *nl, uint32_t id)
{
	LIST_FOR_EACH(it, &nl->nexthops) {
		const struct nexthop *group = LIST_ENTRY(it, struct nexthop, on);

		if (group->n > 1 && is_member(group, id))
			return true;
	}
	return false;
}

static int enter(struct nl_req *req, const struct nexthop *nh)
{
	struct nexthop *old = find(req->nl, nh->id), *new;

	if (old != NULL && (req->h.nlmsg_flags & NLM_F_REPLACE) == 0)
		return nl_refuse(req, -EEXIST, NULL, "there is an object of this id");
	if (old == NULL && (req->h.nlmsg_flags & NLM_F_REPLACE) != 0 &&
	    (req->h.nlmsg_flags & NLM_F_CREATE) == 0)
		return nl_refuse(req, -ENOENT, NULL, "there is no such object to replace");
	if (old != NULL && (old->n > 0) != (nh->n > 0))
		return nl_refuse(req, -EINVAL, NULL,
				 "a group in the place of none, or the reverse");
	if (old != NULL && nh->way.type != ROUTE_UNICAST && is_in_crowd(req->nl, nh->id))
		return nl_refuse(req, -EINVAL, NULL, "it is in a group, and would lead nowhere");
	if (old != NULL)
		return replace(req->nl, old, nh);
	if (req->nl->n_nexthops >= NEXTHOPS_MAX)
		return nl_refuse(req, -ENOSPC, NULL, "no room for one more next hop");
	new = malloc(sizeof(*new));
	if (new == NULL)
		return -ENOMEM;
	*new = *nh;
	insert(req->nl, new);
	tell(req->nl, new, RTM_NEWNEXTHOP);
	return 0;
}

int nexthop_new(struct nl_req *req)
{
	struct rd attr[NHA_MAX + 1];
	struct nexthop nh = { .n = 0 };
	struct nhmsg head;
	int err = take(req, &head, attr);

	if (err != 0)
		return err;
	if ((head.nh_flags & ~(unsigned)RTNH_F_ONLINK) != 0)
		return nl_refuse(req, -EINVAL, NULL, "of the flags only onlink can be set");
	nh.proto = head.nh_protocol;
	if (attr[NHA_ID].p != NULL)
		nh.id = nla_get_u32(attr[NHA_ID]);
	if (nh.id == 0)
		nh.id = free_id(req->nl);
	err = attr[NHA_GROUP].p != NULL ? take_group(req, attr, &nh)
					: take_way(req, &head, attr, &nh);
	return err != 0 ? err : enter(req, &nh);
}
