/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * rtnetlink: what iproute2, glibc and routing daemons speak. Read rtnetlink(7) and, for what a
 * field means, the headers linux/rtnetlink.h, if_link.h, if_addr.h, neighbour.h, fib_rules.h. One
 * table says which requests there are; what is asked of no family here lists nothing, and what nobody knows
 * is refused with -EOPNOTSUPP, never with silence.
 *
 * Notifications are made where things change (base/news.h), while they change, and only of what
 * somebody has asked for.
 */
#include "netlink/rtnl.h"

struct op {
	uint16_t type;
	uint8_t family; /* AF_UNSPEC: any */
	int (*one)(struct nl_req *req);
	int (*dump)(struct nl_req *req);
};

static const struct op ops[] = {
	{ RTM_GETLINK, AF_UNSPEC, link_get, link_dump },
	{ RTM_SETLINK, AF_UNSPEC, link_set, NULL },
	{ RTM_NEWLINK, AF_UNSPEC, link_new, NULL },
	{ RTM_DELLINK, AF_UNSPEC, link_del, NULL },
	{ RTM_GETADDR, AF_INET6, addr_get, addr_dump },
	{ RTM_GETADDR, AF_INET, addr_get, addr_dump },
	{ RTM_NEWADDR, AF_INET6, addr_new, NULL },
	{ RTM_NEWADDR, AF_INET, addr_new, NULL },
	{ RTM_DELADDR, AF_INET6, addr_del, NULL },
	{ RTM_DELADDR, AF_INET, addr_del, NULL },
	{ RTM_GETMULTICAST, AF_INET6, NULL, maddr_dump },
	{ RTM_GETANYCAST, AF_INET6, NULL, acaddr_dump },
	{ RTM_GETROUTE, AF_INET6, route_get, route_dump },
	{ RTM_GETROUTE, AF_INET, route4_get, route4_dump },
	{ RTM_NEWROUTE, AF_INET, route4_new, NULL },
	{ RTM_DELROUTE, AF_INET, route4_del, NULL },
	{ RTM_GETROUTE, RTNL_FAMILY_IP6MR, NULL, mroute_dump },
	{ RTM_NEWROUTE, AF_INET6, route_new, NULL },
	{ RTM_DELROUTE, AF_INET6, route_del, NULL },
	{ RTM_GETRULE, AF_INET6, NULL, rule_dump },
	{ RTM_NEWRULE, AF_INET6, rule_new, NULL },
	{ RTM_DELRULE, AF_INET6, rule_remove, NULL },
	{ RTM_GETNEIGH, AF_UNSPEC, neighbour_get, neighbour_dump },
	{ RTM_NEWNEIGH, AF_UNSPEC, neighbour_new, NULL },
	{ RTM_DELNEIGH, AF_UNSPEC, neighbour_del, NULL },
	{ RTM_GETNETCONF, AF_INET6, netconf_get, netconf_dump },
	{ RTM_GETADDRLABEL, AF_INET6, label_get, label_dump },
	{ RTM_NEWADDRLABEL, AF_INET6, label_new, NULL },
	{ RTM_DELADDRLABEL, AF_INET6, label_del, NULL },
	{ RTM_GETNEXTHOP, AF_UNSPEC, nexthop_get, nexthop_dump },
	{ RTM_NEWNEXTHOP, AF_UNSPEC, nexthop_new, NULL },
	{ RTM_DELNEXTHOP, AF_UNSPEC, nexthop_del, NULL },
	{ RTM_GETNEIGHTBL, AF_INET6, NULL, ntable_dump },
	{ RTM_GETNSID, AF_UNSPEC, nsid_get, NULL },
};

static const struct op *find(uint16_t type, uint8_t family, bool dump)
{
	for (unsigned i = 0; i < ARRAY_LEN(ops); i++) {
		const struct op *op = &ops[i];

		if (op->type == type && (op->family == AF_UNSPEC || op->family == family ||
					 (dump && family == AF_UNSPEC)))
			return op;
	}
	return NULL;
}

static bool is_listed(uint16_t type)
{
	for (unsigned i = 0; i < ARRAY_LEN(ops); i++)
		if (ops[i].type == type && ops[i].dump != NULL)
			return true;
	return false;
}

static int request(struct nl_req *req)
{
	uint16_t type = req->h.nlmsg_type;
	bool get = (type - RTM_BASE) % 4 == 2; /* each has NEW, DEL, GET, SET */
	bool dump = get && (req->h.nlmsg_flags & NLM_F_DUMP) != 0;
	const struct op *op;
	uint8_t family;
	int rc;

	if (req->body.left < sizeof(struct rtgenmsg))
		return 0;
	family = req->body.p[0];
	if (!get && !req->sock->admin)
		return -EPERM;
	op = find(type, family, dump);
	if (op != NULL && dump && op->dump != NULL) {
		rc = op->dump(req);
		return rc < 0 && rc != -EBUSY ? nl_dump_refuse(req, rc) : rc;
	}
	if (op != NULL && !dump && op->one != NULL)
		return op->one(req);
	if (dump && op == NULL && is_listed(type))
		return nl_dump_nothing(req);
	return nl_refuse(req, -EOPNOTSUPP, NULL, "no such request here");
}

int rtnl_if(struct nl_req *req, uint32_t ifindex, struct iface **ret)
{
	struct iface *ifc = ip6_if(nl_ip6(req->nl), ifindex);

	if (ifc == NULL)
		return nl_refuse(req, -ENODEV, NULL, "there is no such interface");
	*ret = ifc;
	return 0;
}

struct iface *rtnl_if_next(const struct nl *nl, uint32_t ifindex)
{
	while (++ifindex <= IF_MAX)
		if (ip6_if(nl_ip6(nl), ifindex) != NULL)
			return ip6_if(nl_ip6(nl), ifindex);
	return NULL;
}

uint32_t rtnl_lifetime_s(time_ns until, time_ns now)
{
	if (until == TIME_NEVER)
		return UINT32_MAX;
	return until > now ? (uint32_t)MIN((until - now) / NS_PER_S, UINT32_MAX - 1) : 0;
}

time_ns rtnl_until(uint32_t seconds, time_ns now)
{
	return seconds == UINT32_MAX ? TIME_NEVER : time_after(now, seconds * NS_PER_S);
}

uint32_t rtnl_ticks(time_ns t)
{
	return (uint32_t)(t / (NS_PER_S / 100));
}

struct nlmsghdr rtnl_head(const struct nl *nl, uint16_t type, bool echo)
{
	struct nlmsghdr h = { .nlmsg_type = type };

	if (echo && nl->req != NULL)
		h = nl_answer_head(nl->req, type);
	return h;
}

/*
 * Notifications.
 */
static void changed(void *ctx, enum news what, const void *of)
{
	struct nl *nl = ctx;

	nl->changes++;
	switch (what) {
	case NEWS_LINK_UP:
	case NEWS_LINK_DOWN:
		link_changed(nl, of, false);
		route_link_changed(nl, of, what == NEWS_LINK_UP);
		if (what == NEWS_LINK_DOWN)
			nexthop_if_down(nl, if_index(of));
		break;
	case NEWS_LINK:
	case NEWS_LINK_GONE:
		link_changed(nl, of, what == NEWS_LINK_GONE);
		break;
	case NEWS_ADDR_BEGIN:
		addr_changed(nl, what, of);
		route_addr_changed(nl, what, of);
		break;
	case NEWS_ADDR:
		addr_changed(nl, what, of);
		break;
	case NEWS_ADDR_END:
		route_addr_changed(nl, what, of);
		break;
	case NEWS_ADDR_GONE:
		addr_changed(nl, what, of);
		if (if_addr_is_assigned(of))
			route_addr_changed(nl, what, of);
		break;
	case NEWS_CONF:
		netconf_changed(nl, of);
		break;
	case NEWS_ROUTE:
	case NEWS_ROUTE_AGAIN:
	case NEWS_ROUTE_GONE:
		route_changed(nl, what, of);
		break;
	case NEWS_RULE:
	case NEWS_RULE_GONE:
		rule_changed(nl, of, what == NEWS_RULE_GONE);
		break;
	case NEWS_NEIGH:
	case NEWS_NEIGH_GONE:
		neighbour_changed(nl, of, what == NEWS_NEIGH_GONE);
		break;
	case NEWS_PREFIX:
		prefix_told(nl, of);
		break;
	case NEWS_NUM:
		ASSERT_NOT_REACHED();
	}
}

/* While nobody listens, and nobody asks, a change costs the test of a bit. Next hops need their links. */
static void watch(struct nl *nl)
{
	bool any = nl->dumps > 0 || (nl->req != NULL && (nl->req->h.nlmsg_flags & NLM_F_ECHO) != 0);
	uint32_t wanted = 0;

	for (uint32_t g = 1; g <= RTNLGRP_MAX; g++)
		any |= nl->listeners[g] > 0;
	if (!any && !list_is_empty(&nl->nexthops))
		wanted = 1u << NEWS_LINK_DOWN;
	nl_ip6(nl)->env->watch = (struct watch){ any ? UINT32_MAX : wanted, changed, nl };
}

_Static_assert(RTNLGRP_MAX <= NL_GROUPS_MAX, "groups are bits of 64");

const struct nl_proto NL_ROUTE = {
	.protocol = NETLINK_ROUTE,
	.groups = RTNLGRP_MAX,
	.request = request,
	.watch = watch,
};
