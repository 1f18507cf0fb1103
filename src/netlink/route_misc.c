/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Smaller things: RTM_GETNETCONF (which interfaces forward), RTM_NEWPREFIX (what a router just
 * advertised), RTM_GETNEIGHTBL (times and limits of the neighbour cache), RTM_GETNSID (a node knows of
 * no other).
 */
#include "netlink/rtnl.h"

#include <linux/net_namespace.h>
#include <linux/netconf.h>

#define PREFIX_ON_LINK	  0x01 /* prefix_flags */
#define PREFIX_AUTONOMOUS 0x02

/*
 * netconf: interfaces, and what Linux calls all and default.
 */
static bool fill_netconf(struct wr *w, const struct nl *nl, const struct nlmsghdr *h,
			 const struct iface *ifc, int32_t ifindex)
{
	struct netconfmsg head = { .ncm_family = AF_INET6 };
	bool forwarding = ifc != NULL ? ifc->conf.forwarding
				      : ifindex == NETCONFA_IFINDEX_ALL && nl_ip6(nl)->forwarding;
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));

	nla_u32(w, NETCONFA_IFINDEX, (uint32_t)ifindex);
	nla_u32(w, NETCONFA_FORWARDING, forwarding);
	nla_u32(w, NETCONFA_MC_FORWARDING,
		ifc != NULL && mroute_mif(nl_ip6(nl), if_index(ifc)) >= 0);
	nla_u32(w, NETCONFA_PROXY_NEIGH, ifc != NULL && ifc->n_proxied > 0);
	nla_u32(w, NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN, 0);
	return nlmsg_end(&m);
}

static int list_netconf(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	uint32_t *at = d->state;
	struct nlmsghdr h = d->h;
	struct iface *ifc;

	h.nlmsg_type = RTM_NEWNETCONF;
	while ((ifc = rtnl_if_next(nl, *at)) != NULL) {
		if (!fill_netconf(w, nl, &h, ifc, (int32_t)if_index(ifc)))
			return 1;
		*at = if_index(ifc);
	}
	*at = MAX(*at, (uint32_t)IF_MAX);
	for (; *at < IF_MAX + 2; ++*at)
		if (!fill_netconf(w, nl, &h, NULL,
				  *at == IF_MAX ? NETCONFA_IFINDEX_ALL : NETCONFA_IFINDEX_DEFAULT))
			return 1;
	return 0;
}

int netconf_dump(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(uint32_t), list_netconf };
	const uint32_t first = 0;
	struct netconfmsg head;
	int err = req->sock->strict ? nl_head(req, &head, sizeof(head)) : 0;

	if (err == 0 && req->sock->strict && req->body.left > 0)
		err = nl_refuse(req, -EINVAL, NULL, "no filter of a list");
	return err != 0 ? err : nl_dump_start(req, &lister, &first);
}

int netconf_get(struct nl_req *req)
{
	static const struct nla_policy policy[NETCONFA_MAX + 1] = {
		[NETCONFA_IFINDEX] = { NLP_U32, 0 },
	};
	struct nlmsghdr h = nl_answer_head(req, RTM_NEWNETCONF);
	struct rd attr[NETCONFA_MAX + 1];
	struct iface *ifc = NULL;
	struct netconfmsg head;
	struct nl_dgram *d;
	int32_t ifindex;
	struct wr w;
	int err = nl_head(req, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
	if (err == 0 && attr[NETCONFA_IFINDEX].p == NULL)
		err = nl_refuse(req, -EINVAL, NULL, "of which interface?");
	if (err != 0)
		return err;
	ifindex = (int32_t)nla_get_u32(attr[NETCONFA_IFINDEX]);
	if (ifindex != NETCONFA_IFINDEX_ALL && ifindex != NETCONFA_IFINDEX_DEFAULT)
		err = rtnl_if(req, (uint32_t)ifindex, &ifc);
	if (err != 0)
		return err;
	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	fill_netconf(&w, req->nl, &h, ifc, ifindex);
	return nl_answer(req, d, &w);
}

void netconf_changed(struct nl *nl, const struct iface *ifc)
{
	struct nlmsghdr h = rtnl_head(nl, RTM_NEWNETCONF, false);
	struct nl_dgram *d;
	struct wr w;

	if (!nl_wants(nl, RTNLGRP_IPV6_NETCONF, false) ||
	    (d = nl_dgram_new(NL_DGRAM_OCTETS, &w)) == NULL)
		return;
	fill_netconf(&w, nl, &h, ifc, (int32_t)if_index(ifc));
	nl_notify(nl, RTNLGRP_IPV6_NETCONF, false, d, &w);
}

/*
 * The neighbour cache's parameters: of the whole table, then of each interface.
 */
static void put_ms(struct wr *w, unsigned type, time_ns t)
{
	uint64_t ms = t / NS_PER_MS;

	nla_put(w, type, &ms, sizeof(ms));
}

static void put_params(struct wr *w, const struct iface *ifc)
{
	const struct nud_conf cf = ifc != NULL ? ifc->neigh->nud : NUD_CONF_DEFAULT;
	uint8_t *nest = nla_nest(w, NDTA_PARMS);

	if (ifc != NULL)
		nla_u32(w, NDTPA_IFINDEX, if_index(ifc));
	nla_u32(w, NDTPA_REFCNT, 1);
	nla_u32(w, NDTPA_APP_PROBES, 0);
	nla_u32(w, NDTPA_UCAST_PROBES, cf.ucast_probes_max);
	nla_u32(w, NDTPA_MCAST_PROBES, cf.mcast_probes_max);
	put_ms(w, NDTPA_REACHABLE_TIME, cf.reachable);
	put_ms(w, NDTPA_BASE_REACHABLE_TIME,
	       ifc != NULL ? ifc->conf.base_reachable : NUD_REACHABLE_TIME);
	put_ms(w, NDTPA_DELAY_PROBE_TIME, cf.delay_first_probe);
	put_ms(w, NDTPA_RETRANS_TIME, cf.retrans);
	nla_nest_end(w, nest);
}

static int list_ntable(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	struct ndtmsg head = { .ndtm_family = AF_INET6 };
	const struct neigh_table *t = &nl_ip6(nl)->neigh;
	uint32_t *at = d->state; /* 0: the table; else the interface behind this index, less 1 */
	struct nlmsghdr h = d->h;
	struct iface *ifc = NULL;

	h.nlmsg_type = RTM_NEWNEIGHTBL;
	while (*at == 0 || (ifc = rtnl_if_next(nl, *at - 1)) != NULL) {
		struct nlmsg m;

		if (ifc != NULL && ifc->neigh == NULL) {
			*at = if_index(ifc) + 1;
			continue;
		}
		m = nlmsg_begin(w, &h, &head, sizeof(head));
		nla_text(w, NDTA_NAME, "ndisc_cache");
		if (ifc == NULL) {
			put_ms(w, NDTA_GC_INTERVAL, t->conf.gc_idle);
			nla_u32(w, NDTA_THRESH1, 0);
			nla_u32(w, NDTA_THRESH2, t->conf.max);
			nla_u32(w, NDTA_THRESH3, t->conf.max);
		}
		put_params(w, ifc);
		if (!nlmsg_end(&m))
			return 1;
		*at = (ifc != NULL ? if_index(ifc) : 0) + 1;
	}
	return 0;
}

int ntable_dump(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(uint32_t), list_ntable };
	const uint32_t first = 0;

	return nl_dump_start(req, &lister, &first);
}

/* iproute2 asks for the id of other namespaces, and is content that they have none. */
int nsid_get(struct nl_req *req)
{
	struct nlmsghdr h = nl_answer_head(req, RTM_NEWNSID);
	struct rtgenmsg head = { .rtgen_family = AF_UNSPEC };
	struct nl_dgram *d;
	struct nlmsg m;
	struct wr w;

	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	m = nlmsg_begin(&w, &h, &head, sizeof(head));
	nla_u32(&w, NETNSA_NSID, (uint32_t)NETNSA_NSID_NOT_ASSIGNED);
	nlmsg_end(&m);
	return nl_answer(req, d, &w);
}

void prefix_told(struct nl *nl, const struct news_prefix *p)
{
	struct nlmsghdr h = rtnl_head(nl, RTM_NEWPREFIX, false);
	struct prefixmsg head = { .prefix_family = AF_INET6,
				  .prefix_ifindex = (int)p->ifindex,
				  .prefix_type = ND_OPT_PREFIX,
				  .prefix_len = p->len,
				  .prefix_flags =
					  (uint8_t)((p->on_link ? PREFIX_ON_LINK : 0) |
						    (p->autonomous ? PREFIX_AUTONOMOUS : 0)) };
	struct prefix_cacheinfo ci = { p->preferred_s, p->valid_s };
	struct nl_dgram *d;
	struct nlmsg m;
	struct wr w;

	if (!nl_wants(nl, RTNLGRP_IPV6_PREFIX, false) ||
	    (d = nl_dgram_new(NL_DGRAM_OCTETS, &w)) == NULL)
		return;
	m = nlmsg_begin(&w, &h, &head, sizeof(head));
	nla_put(&w, PREFIX_ADDRESS, p->prefix, IP6_ADDR_OCTETS);
	nla_put(&w, PREFIX_CACHEINFO, &ci, sizeof(ci));
	nlmsg_end(&m);
	nl_notify(nl, RTNLGRP_IPV6_PREFIX, false, d, &w);
}
