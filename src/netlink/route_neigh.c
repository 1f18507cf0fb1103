/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The neighbour cache: RTM_*NEIGH. A user can set an entry PERMANENT, STALE or REACHABLE; the other
 * states are what happens. UNREACHABLE (RFC 7048) is shown as PROBE: it is still probed, and has
 * a link-layer address. Proxies are in route_proxy.c.
 */
#include "netlink/rtnl.h"

struct neigh_dump {
	uint32_t only; /* ifindex */
	uint32_t done; /* entries passed */
	bool nothing;
	uint8_t family; /* AF_UNSPEC: both */
};

static uint16_t state_of(const struct neigh *n)
{
	switch ((enum nud_state)n->nud.state) {
	case NUD_FREE:
	case NUD_NUM_STATES:
		return NUD_NONE;
	case NUD_INCOMPLETE:
		return LINUX_NUD_INCOMPLETE;
	case NUD_REACHABLE:
		return LINUX_NUD_REACHABLE;
	case NUD_STALE:
		return LINUX_NUD_STALE;
	case NUD_DELAY:
		return LINUX_NUD_DELAY;
	case NUD_PROBE:
	case NUD_UNREACHABLE:
		return LINUX_NUD_PROBE;
	case NUD_PERMANENT:
		return LINUX_NUD_PERMANENT;
	}
	ASSERT_NOT_REACHED();
}

static bool fill(struct wr *w, const struct nlmsghdr *h, const struct neigh *n)
{
	struct ndmsg head = { .ndm_family = ip6_is_v4mapped(&n->addr) ? AF_INET : AF_INET6,
			      .ndm_ifindex = (int)n->nif->lif->ifindex,
			      .ndm_state = state_of(n),
			      .ndm_flags = n->is_router ? NTF_ROUTER : 0,
			      .ndm_type = RTN_UNICAST };
	struct nda_cacheinfo ci = { .ndm_refcnt = 0 };
	struct mac mac = neigh_mac(n);
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));

	nla_addr_of(w, NDA_DST, &n->addr);
	if (nud_has_lladdr(&n->nud))
		nla_put(w, NDA_LLADDR, mac.b, sizeof(mac.b));
	nla_put(w, NDA_CACHEINFO, &ci, sizeof(ci));
	nla_u32(w, NDA_PROBES, n->nud.probes);
	return nlmsg_end(&m);
}

static const struct nla_policy policy[NDA_MAX + 1] = {
	[NDA_DST] = { NLP_ADDR, 0 },	  [NDA_LLADDR] = { NLP_ANY, 32 },
	[NDA_CACHEINFO] = { NLP_ANY, 0 }, [NDA_PROBES] = { NLP_U32, 0 },
	[NDA_VLAN] = { NLP_U16, 0 },	  [NDA_IFINDEX] = { NLP_U32, 0 },
	[NDA_MASTER] = { NLP_U32, 0 },	  [NDA_PROTOCOL] = { NLP_U8, 0 },
	[NDA_FLAGS_EXT] = { NLP_U32, 0 },
};

static const struct nla_policy policy4[NDA_MAX + 1] = {
	[NDA_DST] = { NLP_U32, 0 },	  [NDA_LLADDR] = { NLP_ANY, 32 },
	[NDA_CACHEINFO] = { NLP_ANY, 0 }, [NDA_PROBES] = { NLP_U32, 0 },
	[NDA_IFINDEX] = { NLP_U32, 0 },	  [NDA_PROTOCOL] = { NLP_U8, 0 },
	[NDA_FLAGS_EXT] = { NLP_U32, 0 },
};

/*
 * Asking.
 */
static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	struct neigh_dump *at = d->state;
	const struct neigh *n = NULL;
	struct nlmsghdr h = d->h;
	uint32_t k = 0;

	h.nlmsg_type = RTM_NEWNEIGH;
	if (at->only != 0)
		h.nlmsg_flags |= NLM_F_DUMP_FILTERED;
	while (!at->nothing && (n = neigh_iter(&nl_ip6(nl)->neigh, n)) != NULL) {
		bool wanted = (at->only == 0 || at->only == n->nif->lif->ifindex) &&
			      n->nud.state != NUD_FREE &&
			      (at->family == AF_UNSPEC ||
			       (at->family == AF_INET) == ip6_is_v4mapped(&n->addr));

		if (k++ < at->done)
			continue;
		if (wanted && !fill(w, &h, n))
			return 1;
		at->done++;
	}
	return 0;
}

int neighbour_dump(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(struct neigh_dump), list };
	struct neigh_dump at = { .family = req->body.p[0] }; /* before its header is taken */
	struct rd attr[NDA_MAX + 1];
	struct ndmsg head = { 0 };
	int err = 0;

	if (req->body.left >= sizeof(head) || req->sock->strict) {
		err = nl_head(req, &head, sizeof(head));
		if (err == 0)
			err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
		if (err == 0)
			err = RTNL_STRICT(req, head.ndm_state == 0 && head.ndm_type == 0 &&
						       head.ndm_ifindex == 0 &&
						       (head.ndm_flags & ~NTF_PROXY) == 0);
		if (err != 0)
			return err;
		if (attr[NDA_IFINDEX].p != NULL)
			at.only = nla_get_u32(attr[NDA_IFINDEX]);
		at.nothing = attr[NDA_MASTER].p != NULL;
	}
	at.nothing |= at.family != AF_UNSPEC && at.family != AF_INET6 &&
		      (at.family != AF_INET || (head.ndm_flags & NTF_PROXY) != 0);
	if (!at.nothing && (head.ndm_flags & NTF_PROXY) != 0)
		return proxy_dump(req, at.only);
	return nl_dump_start(req, &lister, &at);
}

/* Which entry: of which interface, and address. */
static int take(struct nl_req *req, struct ndmsg *head, struct rd *attr, struct iface **ifc,
		struct ip6_addr *addr)
{
	bool ip4 = req->body.p[0] == AF_INET;
	int err = nl_head(req, head, sizeof(*head));

	if (err == 0)
		err = nl_attrs(req, ip4 ? policy4 : policy, NDA_MAX + 1, attr);
	if (err == 0 && (ip4 ? (head->ndm_flags & NTF_PROXY) != 0 : head->ndm_family != AF_INET6))
		err = nl_refuse(req, -EAFNOSUPPORT, NULL, "no neighbours of this family");
	if (err == 0 && attr[NDA_DST].p == NULL)
		err = nl_refuse(req, -EINVAL, NULL, "which address?");
	if (err == 0)
		err = rtnl_if(req, (uint32_t)head->ndm_ifindex, ifc);
	if (err != 0)
		return err;
	*addr = ip4 ? nla_get_ip4(attr[NDA_DST]) : nla_get_addr(attr[NDA_DST]);
	if ((*ifc)->neigh == NULL || addr_is_mcast(addr) || addr_is_any(addr))
		return nl_refuse(req, -EINVAL, &attr[NDA_DST], "no neighbour can be there");
	return 0;
}

int neighbour_get(struct nl_req *req)
{
	struct nlmsghdr h = nl_answer_head(req, RTM_NEWNEIGH);
	struct rd attr[NDA_MAX + 1];
	const struct neigh *n;
	struct ip6_addr addr;
	struct nl_dgram *d;
	struct iface *ifc;
	struct ndmsg head;
	struct wr w;
	int err = take(req, &head, attr, &ifc, &addr);

	if (err != 0)
		return err;
	if ((head.ndm_flags & NTF_PROXY) != 0)
		return proxy_get(req, ifc, &addr);
	n = neigh_find(&nl_ip6(req->nl)->neigh, &ifc->link, &addr);
	if (n == NULL || n->nud.state == NUD_FREE)
		return nl_refuse(req, -ENOENT, NULL, "nothing is known of this neighbour");
	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	fill(&w, &h, n);
	return nl_answer(req, d, &w);
}

/*
 * Changing.
 */
static int set(struct nl_req *req, struct iface *ifc, const struct ip6_addr *addr,
	       const struct ndmsg *head, const struct mac *mac)
{
	struct neigh_table *t = &nl_ip6(req->nl)->neigh;
	struct neigh *n = neigh_find(t, &ifc->link, addr);
	bool for_good = head->ndm_state == LINUX_NUD_PERMANENT ||
			head->ndm_state == LINUX_NUD_NOARP;

	if (n != NULL && n->nud.state == NUD_PERMANENT && !for_good)
		neigh_del(t, n); /* what neighbours say would not change it */
	n = neigh_get(t, &ifc->link, addr);
	if (n == NULL)
		return nl_refuse(req, -ENOBUFS, NULL, "the neighbour cache is full");
	n->is_router = (head->ndm_flags & NTF_ROUTER) != 0;
	if (for_good) {
		n = neigh_set(t, &ifc->link, addr, mac);
	} else {
		n = neigh_hint(t, &ifc->link, addr, mac, NEIGH_ROLE_UNKNOWN).n;
		if (head->ndm_state == LINUX_NUD_REACHABLE)
			neigh_confirm(t, n);
	}
	ASSERT(n != NULL); /* it was there */
	return 0;
}

/* NTF_USE, or a state without an address: see whether it is there. */
static int resolve(struct nl_req *req, struct iface *ifc, const struct ip6_addr *addr)
{
	struct neigh_table *t = &nl_ip6(req->nl)->neigh;
	struct neigh *n = neigh_get(t, &ifc->link, addr);

	if (n == NULL)
		return nl_refuse(req, -ENOBUFS, NULL, "the neighbour cache is full");
	neigh_ask(t, n);
	return 0;
}

static int check_new(struct nl_req *req, const struct ndmsg *head, const struct rd *attr,
		     const struct neigh *n)
{
	const uint16_t able = LINUX_NUD_PERMANENT | LINUX_NUD_NOARP | LINUX_NUD_REACHABLE |
			      LINUX_NUD_STALE;

	if (attr[NDA_LLADDR].p != NULL && attr[NDA_LLADDR].left < ETH_MAC_OCTETS)
		return nl_refuse(req, -EINVAL, &attr[NDA_LLADDR], "no Ethernet address");
	if (n == NULL && (req->h.nlmsg_flags & NLM_F_CREATE) == 0)
		return nl_refuse(req, -ENOENT, NULL, "nothing is known of this neighbour");
	if (n != NULL && (req->h.nlmsg_flags & NLM_F_EXCL) != 0)
		return nl_refuse(req, -EEXIST, NULL, "this neighbour is known");
	if ((head->ndm_flags & NTF_USE) != 0)
		return 0;
	if ((head->ndm_state & able) == 0)
		return nl_refuse(req, -EOPNOTSUPP, NULL, "a state that cannot be set");
	if (attr[NDA_LLADDR].p == NULL && n == NULL)
		return nl_refuse(req, -EINVAL, NULL, "at which link-layer address?");
	return 0;
}

int neighbour_new(struct nl_req *req)
{
	struct rd attr[NDA_MAX + 1];
	const struct neigh *n;
	struct ip6_addr addr;
	struct iface *ifc;
	struct ndmsg head;
	struct mac mac;
	int err = take(req, &head, attr, &ifc, &addr);

	if (err != 0)
		return err;
	if ((head.ndm_flags & NTF_PROXY) != 0)
		return proxy_new(req, ifc, &addr);
	n = neigh_find(&nl_ip6(req->nl)->neigh, &ifc->link, &addr);
	if (n != NULL && n->nud.state == NUD_FREE)
		n = NULL;
	err = check_new(req, &head, attr, n);
	if (err != 0)
		return err;
	if ((head.ndm_flags & NTF_USE) != 0)
		return resolve(req, ifc, &addr);
	if (attr[NDA_LLADDR].p != NULL)
		memcpy(mac.b, attr[NDA_LLADDR].p, sizeof(mac.b));
	else if (n != NULL && nud_has_lladdr(&n->nud))
		mac = neigh_mac(n);
	else
		return nl_refuse(req, -EINVAL, NULL, "at which link-layer address?");
	return set(req, ifc, &addr, &head, &mac);
}

int neighbour_del(struct nl_req *req)
{
	struct neigh_table *t = &nl_ip6(req->nl)->neigh;
	struct rd attr[NDA_MAX + 1];
	struct ip6_addr addr;
	struct iface *ifc;
	struct ndmsg head;
	struct neigh *n;
	int err = take(req, &head, attr, &ifc, &addr);

	if (err != 0)
		return err;
	if ((head.ndm_flags & NTF_PROXY) != 0)
		return proxy_del(req, ifc, &addr);
	n = neigh_find(t, &ifc->link, &addr);
	if (n == NULL)
		return nl_refuse(req, -ENOENT, NULL, "nothing is known of this neighbour");
	neigh_del(t, n);
	return 0;
}

void neighbour_changed(struct nl *nl, const struct neigh *n, bool gone)
{
	struct nlmsghdr h = rtnl_head(nl, gone ? RTM_DELNEIGH : RTM_NEWNEIGH, false);
	struct nl_dgram *d;
	struct wr w;

	/* that a packet made it DELAY is no news (and would be one for each burst) */
	if (!gone && n->nud.state == NUD_DELAY)
		return;
	if (!nl_wants(nl, RTNLGRP_NEIGH, false) || (d = nl_dgram_new(NL_DGRAM_OCTETS, &w)) == NULL)
		return;
	fill(&w, &h, n);
	nl_notify(nl, RTNLGRP_NEIGH, false, d, &w);
}
