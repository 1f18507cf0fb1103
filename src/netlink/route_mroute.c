/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routes of multicast packets, to be listed: RTM_GETROUTE of RTNL_FAMILY_IP6MR, ip -6 mroute. Those that
 * somebody is asked for, and has not told yet, are listed last.
 */
#include "netlink/route_route.h"

#define TABLE 254 /* RT6_TABLE_DFLT of Linux: there is one */

struct mroute_list {
	uint32_t done; /* routes, and then pairs that wait */
};

static struct nlmsg begin(struct wr *w, const struct nlmsghdr *h, const struct ip6_addr *src,
			  const struct ip6_addr *group, uint8_t proto, uint8_t flags)
{
	struct rtmsg head = { .rtm_family = RTNL_FAMILY_IP6MR,
			      .rtm_dst_len = IP6_ADDR_BITS,
			      .rtm_src_len = IP6_ADDR_BITS,
			      .rtm_table = TABLE,
			      .rtm_protocol = proto,
			      .rtm_scope = RT_SCOPE_UNIVERSE,
			      .rtm_type = RTN_MULTICAST,
			      .rtm_flags = flags };
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));

	nla_u32(w, RTA_TABLE, TABLE);
	nla_addr(w, RTA_SRC, src);
	nla_addr(w, RTA_DST, group);
	return m;
}

static void put_oifs(struct wr *w, const struct mroute *mr, const struct mroute_route *r)
{
	uint8_t *nest = nla_nest(w, RTA_MULTIPATH);

	for (unsigned i = 0; i < MROUTE_MIFS; i++) {
		const struct mroute_mif *mif = &mr->mif[i];
		uint8_t hops = r->threshold[i] != 0 ? r->threshold[i] : mif->threshold;
		struct rtnexthop nh = { .rtnh_len = sizeof(nh),
					.rtnh_hops = hops,
					.rtnh_ifindex = (int)mif->ifindex };

		if ((r->oifs >> i & 1) != 0)
			wr_bytes(w, &nh, sizeof(nh));
	}
	nla_nest_end(w, nest);
}

static bool fill(struct wr *w, const struct nl *nl, const struct nlmsghdr *h, const struct mfc *e)
{
	const struct mroute *mr = nl_ip6(nl)->mroute;
	time_ns now = nl_ip6(nl)->env->now;
	struct rta_mfc_stats stats = { e->pkts, e->octets, e->wrong_if };
	uint64_t idle = rtnl_ticks(e->used != 0 ? now - e->used : now);
	struct nlmsg m = begin(w, h, &e->r.src, &e->r.group,
			       e->r.is_static ? RTPROT_STATIC : RTPROT_MROUTED, 0);

	nla_u32(w, RTA_IIF, mr->mif[e->r.iif].ifindex);
	put_oifs(w, mr, &e->r);
	nla_put(w, RTA_MFC_STATS, &stats, sizeof(stats));
	nla_put(w, RTA_EXPIRES, &idle, sizeof(idle));
	return nlmsg_end(&m);
}

static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	const struct ip6 *ip6 = nl_ip6(nl);
	struct mroute_list *at = d->state;
	const struct mfc *e = NULL;
	struct nlmsghdr h = d->h;
	uint32_t seen = 0;

	h.nlmsg_type = RTM_NEWROUTE;
	while ((e = mroute_iter(ip6, e)) != NULL) {
		if (seen++ < at->done)
			continue;
		if (!fill(w, nl, &h, e))
			return 1;
		at->done++;
	}
	if (ip6->mroute == NULL)
		return 0;
	LIST_FOR_EACH(it, &ip6->mroute->waiting) {
		const struct mroute_wait *q = LIST_ENTRY(it, struct mroute_wait, on);
		struct nlmsg m;

		if (seen++ < at->done)
			continue;
		m = begin(w, &h, &q->src, &q->group, RTPROT_MROUTED, RTNH_F_UNRESOLVED);
		if (!nlmsg_end(&m))
			return 1;
		at->done++;
	}
	return 0;
}

int mroute_dump(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(struct mroute_list), list };
	const struct mroute_list first = { 0 };
	struct rd attr[RTA_MAX + 1];
	struct rtmsg head;
	int err = nl_head(req, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(req, ROUTE_POLICY, ARRAY_LEN(attr), attr);
	if (err == 0 && attr[RTA_TABLE].p != NULL && nla_get_u32(attr[RTA_TABLE]) != TABLE)
		err = nl_refuse(req, -ENOENT, &attr[RTA_TABLE], "there is no such table");
	return err != 0 ? err : nl_dump_start(req, &lister, &first);
}
