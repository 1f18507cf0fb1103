/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses: RTM_*ADDR, and lists of groups and anycast addresses. An address is announced when it
 * is new and tentative, and when DAD is over, with its route in the table local.
 */
#include "netlink/rtnl.h"

enum addr_kind { KIND_UNICAST, KIND_GROUP, KIND_ANYCAST };

struct addr_dump {
	enum addr_kind kind;
	uint32_t only;	  /* ifindex, or 0 */
	uint32_t ifindex; /* where it is, and */
	uint32_t done;	  /* how many of its addresses are listed */
	bool ip4, ip6;	  /* still to be listed; IPv4 first, as Linux does */
};

static uint8_t rt_scope(const struct ip6_addr *a)
{
	enum scope s = ip6_scope(a);

	if (s == SCOPE_IFACE || ip6_is_loopback(a) || mapped_is_loopback(a))
		return RT_SCOPE_HOST;
	if (s == SCOPE_LINK)
		return RT_SCOPE_LINK;
	return s == SCOPE_SITE ? RT_SCOPE_SITE : RT_SCOPE_UNIVERSE;
}

static uint32_t addr_flags(const struct nl *nl, const struct if_addr *a)
{
	static const uint32_t by_state[] = {
		[ADDR_TENTATIVE] = IFA_F_TENTATIVE,
		[ADDR_OPTIMISTIC] = IFA_F_TENTATIVE | IFA_F_OPTIMISTIC,
		[ADDR_PREFERRED] = 0,
		[ADDR_DEPRECATED] = IFA_F_DEPRECATED,
		[ADDR_DUPLICATE] = IFA_F_TENTATIVE | IFA_F_DADFAILED,
	};
	bool made = a->origin == ADDR_SLAAC || a->origin == ADDR_LINK_LOCAL;
	uint32_t flags = by_state[a->state];

	if (a->valid_until == TIME_NEVER && a->origin != ADDR_SLAAC)
		flags |= IFA_F_PERMANENT;
	if (a->origin == ADDR_TEMPORARY)
		flags |= IFA_F_TEMPORARY;
	if (a->origin == ADDR_SLAAC)
		flags |= IFA_F_MANAGETEMPADDR;
	if (made && nl->nd->iid_opaque)
		flags |= IFA_F_STABLE_PRIVACY;
	if (a->no_dad)
		flags |= IFA_F_NODAD;
	if (a->home)
		flags |= IFA_F_HOMEADDRESS;
	if (a->no_route)
		flags |= IFA_F_NOPREFIXROUTE;
	return flags;
}

/* IFA_PROTO: who made it. 0: a user. */
static uint8_t addr_proto(const struct if_addr *a)
{
	switch ((enum addr_origin)a->origin) {
	case ADDR_STATIC:
		return a->ifc->loopback ? IFAPROT_KERNEL_LO : 0;
	case ADDR_LINK_LOCAL:
		return IFAPROT_KERNEL_LL;
	case ADDR_SLAAC:
	case ADDR_TEMPORARY:
		return IFAPROT_KERNEL_RA;
	case ADDR_ANYCAST:
		return 0;
	}
	ASSERT_NOT_REACHED();
}

static bool fill(struct wr *w, const struct nl *nl, const struct nlmsghdr *h,
		 const struct if_addr *a)
{
	time_ns now = nl_ip6(nl)->env->now;
	uint32_t flags = addr_flags(nl, a);
	bool ip4 = ip6_is_v4mapped(&a->addr);
	struct ifaddrmsg head = { .ifa_family = ip4 ? AF_INET : AF_INET6,
				  .ifa_prefixlen =
					  (uint8_t)(a->prefix_len - (ip4 ? IP4_MAPPED_BITS : 0)),
				  .ifa_flags = (uint8_t)flags,
				  .ifa_scope = rt_scope(&a->addr),
				  .ifa_index = if_index(a->ifc) };
	struct ifa_cacheinfo ci = { .ifa_prefered = rtnl_lifetime_s(a->preferred_until, now),
				    .ifa_valid = rtnl_lifetime_s(a->valid_until, now),
				    .cstamp = rtnl_ticks(a->created),
				    .tstamp = rtnl_ticks(a->updated) };
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));

	nla_addr_of(w, IFA_ADDRESS, &a->addr);
	if (ip4) {
		nla_addr_of(w, IFA_LOCAL, &a->addr);
		nla_text(w, IFA_LABEL, a->ifc->name);
	}
	nla_put(w, IFA_CACHEINFO, &ci, sizeof(ci));
	nla_u32(w, IFA_FLAGS, flags);
	if (addr_proto(a) != 0)
		nla_u8(w, IFA_PROTO, addr_proto(a));
	return nlmsg_end(&m);
}

/* A group, or an anycast address. */
static bool fill_other(struct wr *w, const struct nlmsghdr *h, const struct iface *ifc,
		       const struct ip6_addr *a, unsigned attr)
{
	struct ifaddrmsg head = { .ifa_family = AF_INET6,
				  .ifa_prefixlen = IP6_ADDR_BITS,
				  .ifa_flags = IFA_F_PERMANENT,
				  .ifa_scope = rt_scope(a),
				  .ifa_index = if_index(ifc) };
	struct ifa_cacheinfo ci = { UINT32_MAX, UINT32_MAX, 0, 0 };
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));

	nla_addr(w, attr, a);
	nla_put(w, IFA_CACHEINFO, &ci, sizeof(ci));
	return nlmsg_end(&m);
}

/*
 * Asking.
 */

/*
 * Addresses in the order of Linux: the widest scope first, and of one scope the newest (the node has
 * the oldest first). Return: how many.
 */
static unsigned in_order(const struct iface *ifc, bool any, const struct if_addr *ret[IF_ADDRS_MAX])
{
	unsigned n = 0, at;

	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if ((a->origin == ADDR_ANYCAST) != any)
			continue;
		ASSERT(n < IF_ADDRS_MAX);
		for (at = n++; at > 0 && rt_scope(&ret[at - 1]->addr) >= rt_scope(&a->addr); at--)
			ret[at] = ret[at - 1];
		ret[at] = a;
	}
	return n;
}

/* Those of IPv4: the first is the primary one, and is told so. */
static unsigned oldest_first(const struct iface *ifc, const struct if_addr *ret[IF_ADDRS_MAX])
{
	unsigned n = 0;

	LIST_FOR_EACH(it, &ifc->addrs4)
		ret[n++] = LIST_ENTRY(it, struct if_addr, on);
	return n;
}

/* One interface from the place at->done on. Return: false if not all did fit. */
static bool list_addrs(struct nl *nl, const struct nlmsghdr *h, struct addr_dump *at,
		       const struct iface *ifc, struct wr *w)
{
	const struct if_addr *addr[IF_ADDRS_MAX];
	bool any = at->kind == KIND_ANYCAST;
	unsigned n = at->ip4 ? oldest_first(ifc, addr) : in_order(ifc, any, addr);

	for (; at->done < n; at->done++) {
		const struct if_addr *a = addr[at->done];

		if (!(any ? fill_other(w, h, ifc, &a->addr, IFA_ANYCAST) : fill(w, nl, h, a)))
			return false;
	}
	return true;
}

static bool list_groups(const struct nlmsghdr *h, struct addr_dump *at, const struct iface *ifc,
			struct wr *w)
{
	uint32_t k = 0;

	LIST_FOR_EACH(it, &ifc->groups) {
		const struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		if (k++ < at->done)
			continue;
		if (!fill_other(w, h, ifc, &g->addr, IFA_MULTICAST))
			return false;
		at->done++;
	}
	return true;
}

static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	static const uint16_t type[] = { [KIND_UNICAST] = RTM_NEWADDR,
					 [KIND_GROUP] = RTM_GETMULTICAST,
					 [KIND_ANYCAST] = RTM_GETANYCAST };
	struct addr_dump *at = d->state;
	struct nlmsghdr h = d->h;
	struct iface *ifc;

	h.nlmsg_type = type[at->kind];
	if (at->only != 0)
		h.nlmsg_flags |= NLM_F_DUMP_FILTERED;
	while ((ifc = rtnl_if_next(nl, at->ifindex)) != NULL) {
		bool wanted = at->only == 0 || at->only == if_index(ifc);

		if (wanted && !(at->kind == KIND_GROUP ? list_groups(&h, at, ifc, w)
						       : list_addrs(nl, &h, at, ifc, w)))
			return 1;
		at->ifindex = if_index(ifc);
		at->done = 0;
	}
	if (at->ip4 && at->ip6) {
		at->ip4 = false;
		at->ifindex = 0;
		return list(nl, d, w);
	}
	return 0;
}

static const struct nla_policy policy[IFA_MAX + 1] = {
	[IFA_ADDRESS] = { NLP_ADDR, 0 },    [IFA_LOCAL] = { NLP_ADDR, 0 },
	[IFA_CACHEINFO] = { NLP_ANY, 0 },   [IFA_FLAGS] = { NLP_U32, 0 },
	[IFA_RT_PRIORITY] = { NLP_U32, 0 }, [IFA_TARGET_NETNSID] = { NLP_U32, 0 },
	[IFA_PROTO] = { NLP_U8, 0 },
};

static const struct nla_policy policy4[IFA_MAX + 1] = {
	[IFA_ADDRESS] = { NLP_U32, 0 },	    [IFA_LOCAL] = { NLP_U32, 0 },
	[IFA_BROADCAST] = { NLP_U32, 0 },   [IFA_LABEL] = { NLP_ANY, 16 },
	[IFA_CACHEINFO] = { NLP_ANY, 0 },   [IFA_FLAGS] = { NLP_U32, 0 },
	[IFA_RT_PRIORITY] = { NLP_U32, 0 }, [IFA_PROTO] = { NLP_U8, 0 },
};

static int dump(struct nl_req *req, enum addr_kind kind)
{
	static const struct nl_lister lister = { sizeof(struct addr_dump), list };
	uint8_t family = req->body.p[0];
	struct addr_dump at = { .kind = kind,
				.ip4 = kind == KIND_UNICAST && family != AF_INET6,
				.ip6 = family != AF_INET };
	struct rd attr[IFA_MAX + 1];
	struct ifaddrmsg head = { 0 };
	struct iface *ifc;
	int err = 0;

	/* who does not ask for checks may send less than a header, and is told of all */
	if (!req->sock->strict)
		return nl_dump_start(req, &lister, &at);
	err = nl_head(req, &head, sizeof(head));
	if (err == 0)
		err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
	if (err == 0)
		err = RTNL_STRICT(req, head.ifa_prefixlen == 0 && head.ifa_flags == 0 &&
					       head.ifa_scope == 0);
	if (err == 0 && head.ifa_index != 0)
		err = rtnl_if(req, head.ifa_index, &ifc);
	if (err != 0)
		return err;
	at.only = head.ifa_index;
	return nl_dump_start(req, &lister, &at);
}

int addr_dump(struct nl_req *req)
{
	return dump(req, KIND_UNICAST);
}

int maddr_dump(struct nl_req *req)
{
	return dump(req, KIND_GROUP);
}

int acaddr_dump(struct nl_req *req)
{
	return dump(req, KIND_ANYCAST);
}

/* The address that a request means: IFA_LOCAL, or else IFA_ADDRESS. */
static int take(struct nl_req *req, struct ifaddrmsg *head, struct rd *attr, struct ip6_addr *ret)
{
	const struct rd *local = &attr[IFA_LOCAL], *addr = &attr[IFA_ADDRESS];
	bool ip4 = req->body.p[0] == AF_INET;
	struct ip6_addr a;
	int err = nl_head(req, head, sizeof(*head));

	if (err == 0)
		err = nl_attrs(req, ip4 ? policy4 : policy, IFA_MAX + 1, attr);
	if (err != 0)
		return err;
	if (local->p == NULL && addr->p == NULL)
		return nl_refuse(req, -EINVAL, NULL, "which address?");
	if (local->p != NULL && addr->p != NULL &&
	    memcmp(local->p, addr->p, ip4 ? 4 : IP6_ADDR_OCTETS) != 0)
		return nl_refuse(req, -EOPNOTSUPP, addr, "no addresses of peers here");
	if (head->ifa_prefixlen > (ip4 ? IP4_ADDR_BITS : IP6_ADDR_BITS))
		return nl_refuse(req, -EINVAL, NULL, "a prefix has 128 bits at most, 32 of IPv4");
	local = local->p != NULL ? local : addr;
	a = ip4 ? nla_get_ip4(*local) : nla_get_addr(*local);
	if (ip4)
		head->ifa_prefixlen = (uint8_t)(head->ifa_prefixlen + IP4_MAPPED_BITS);
	*ret = a;
	return 0;
}

int addr_get(struct nl_req *req)
{
	struct nlmsghdr h = nl_answer_head(req, RTM_NEWADDR);
	struct rd attr[IFA_MAX + 1];
	const struct if_addr *a;
	struct ifaddrmsg head;
	struct ip6_addr addr;
	struct nl_dgram *d;
	struct wr w;
	int err = take(req, &head, attr, &addr);

	if (err != 0)
		return err;
	a = ip6_local(nl_ip6(req->nl), &addr, head.ifa_index);
	if (a == NULL || (head.ifa_index != 0 && if_index(a->ifc) != head.ifa_index))
		return nl_refuse(req, -EADDRNOTAVAIL, NULL, "no address of this node");
	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	fill(&w, req->nl, &h, a);
	return nl_answer(req, d, &w);
}

/*
 * Changing.
 */
#define FLAGS_ABLE                                                                                 \
	(IFA_F_NODAD | IFA_F_NOPREFIXROUTE | IFA_F_PERMANENT | IFA_F_TENTATIVE |                   \
	 IFA_F_DEPRECATED | IFA_F_HOMEADDRESS | IFA_F_OPTIMISTIC)

static int lifetimes(struct nl_req *req, const struct rd *attr, struct ifa_cacheinfo *ret)
{
	*ret = (struct ifa_cacheinfo){ .ifa_prefered = UINT32_MAX, .ifa_valid = UINT32_MAX };
	if (attr[IFA_CACHEINFO].p == NULL)
		return 0;
	if (attr[IFA_CACHEINFO].left < sizeof(*ret))
		return nl_refuse(req, -ERANGE, &attr[IFA_CACHEINFO], "lifetimes cut short");
	memcpy(ret, attr[IFA_CACHEINFO].p, sizeof(*ret));
	if (ret->ifa_valid == 0 || ret->ifa_prefered > ret->ifa_valid)
		return nl_refuse(req, -EINVAL, &attr[IFA_CACHEINFO],
				 "valid for no time, or not as long as preferred");
	return 0;
}

static int add(struct nl_req *req, struct iface *ifc, const struct ip6_addr *addr,
	       const struct ifaddrmsg *head, const struct ip6_addr_opts *opts)
{
	int err = nd_addr_add_opts(req->nl->nd, ifc, addr, head->ifa_prefixlen, ADDR_STATIC, opts);

	if (err == -EINVAL)
		return nl_refuse(req, -EADDRNOTAVAIL, NULL, "no address for an interface");
	return err;
}

int addr_new(struct nl_req *req)
{
	struct rd attr[IFA_MAX + 1];
	struct ifa_cacheinfo life;
	struct ip6_addr_opts opts;
	struct ifaddrmsg head;
	struct ip6_addr addr;
	struct iface *ifc;
	struct if_addr *a;
	uint32_t flags;
	time_ns now = nl_ip6(req->nl)->env->now;
	int err = take(req, &head, attr, &addr);

	if (err == 0)
		err = lifetimes(req, attr, &life);
	if (err == 0)
		err = rtnl_if(req, head.ifa_index, &ifc);
	if (err != 0)
		return err;
	flags = attr[IFA_FLAGS].p != NULL ? nla_get_u32(attr[IFA_FLAGS]) : head.ifa_flags;
	if ((flags & ~(uint32_t)FLAGS_ABLE) != 0 || attr[IFA_RT_PRIORITY].p != NULL)
		return nl_refuse(req, -EOPNOTSUPP, &attr[IFA_FLAGS], "that cannot be set here");
	if ((flags & IFA_F_NODAD) != 0 && (flags & IFA_F_OPTIMISTIC) != 0)
		return nl_refuse(req, -EINVAL, &attr[IFA_FLAGS], "optimistic about no DAD?");
	a = if_addr_find(ifc, &addr);
	if (a != NULL && ((req->h.nlmsg_flags & NLM_F_EXCL) != 0 ||
			  (req->h.nlmsg_flags & NLM_F_REPLACE) == 0 || a->origin == ADDR_ANYCAST))
		return nl_refuse(req, -EEXIST, NULL, "the interface has this address");
	opts = (struct ip6_addr_opts){ .no_dad = (flags & IFA_F_NODAD) != 0,
				       .no_route = (flags & IFA_F_NOPREFIXROUTE) != 0,
				       .home = (flags & IFA_F_HOMEADDRESS) != 0,
				       .optimistic = (flags & IFA_F_OPTIMISTIC) != 0,
				       .preferred_until = rtnl_until(life.ifa_prefered, now),
				       .valid_until = rtnl_until(life.ifa_valid, now) };
	if (a == NULL)
		return add(req, ifc, &addr, &head, &opts);
	a->home = opts.home;
	ip6_addr_lifetime(nl_ip6(req->nl), a, opts.preferred_until, opts.valid_until);
	return 0;
}

int addr_del(struct nl_req *req)
{
	struct rd attr[IFA_MAX + 1];
	const struct if_addr *a;
	struct ifaddrmsg head;
	struct ip6_addr addr;
	struct iface *ifc;
	int err = take(req, &head, attr, &addr);

	if (err == 0)
		err = rtnl_if(req, head.ifa_index, &ifc);
	if (err != 0)
		return err;
	a = if_addr_find(ifc, &addr);
	if (a == NULL || a->prefix_len != head.ifa_prefixlen || a->origin == ADDR_ANYCAST)
		return nl_refuse(req, -EADDRNOTAVAIL, NULL, "the interface has no such address");
	return nd_addr_del(req->nl->nd, ifc, &addr);
}

void addr_changed(struct nl *nl, enum news what, const struct if_addr *a)
{
	bool gone = what == NEWS_ADDR_GONE;
	struct nlmsghdr h = rtnl_head(nl, gone ? RTM_DELADDR : RTM_NEWADDR, false);
	uint32_t group = ip6_is_v4mapped(&a->addr) ? RTNLGRP_IPV4_IFADDR : RTNLGRP_IPV6_IFADDR;
	struct nl_dgram *d;
	struct wr w;

	if (a->origin == ADDR_ANYCAST)
		return;
	if (!nl_wants(nl, group, true) || (d = nl_dgram_new(NL_DGRAM_OCTETS, &w)) == NULL)
		return;
	fill(&w, nl, &h, a);
	nl_notify(nl, group, true, d, &w);
}
