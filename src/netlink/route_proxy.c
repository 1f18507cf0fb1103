/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbours' proxies: RTM_*NEIGH with NTF_PROXY. The node answers for such an address on its interface
 * (RFC 4861 section 7.2.8) while that forwards; no variable like Linux's proxy_ndp switches it.
 */
#include "netlink/rtnl.h"

static bool fill(struct wr *w, const struct nlmsghdr *h, const struct if_proxied *p)
{
	struct ndmsg head = { .ndm_family = AF_INET6,
			      .ndm_ifindex = (int)if_index(p->ifc),
			      .ndm_flags = NTF_PROXY,
			      .ndm_type = RTN_UNICAST };
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));

	nla_addr(w, NDA_DST, &p->addr);
	return nlmsg_end(&m);
}

struct proxy_list {
	uint32_t only;		/* ifindex */
	uint32_t ifindex, done; /* interfaces passed, and proxies of the next */
};

static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	struct proxy_list *at = d->state;
	struct nlmsghdr h = d->h;
	const struct iface *ifc;

	h.nlmsg_type = RTM_NEWNEIGH;
	if (at->only != 0)
		h.nlmsg_flags |= NLM_F_DUMP_FILTERED;
	while ((ifc = rtnl_if_next(nl, at->ifindex)) != NULL) {
		uint32_t k = 0;

		LIST_FOR_EACH(it, &ifc->proxied) {
			if (k++ < at->done || (at->only != 0 && at->only != if_index(ifc)))
				continue;
			if (!fill(w, &h, LIST_ENTRY(it, struct if_proxied, on)))
				return 1;
			at->done++;
		}
		at->ifindex = if_index(ifc);
		at->done = 0;
	}
	return 0;
}

int proxy_dump(struct nl_req *req, uint32_t ifindex)
{
	static const struct nl_lister lister = { sizeof(struct proxy_list), list };
	const struct proxy_list at = { .only = ifindex };

	return nl_dump_start(req, &lister, &at);
}

int proxy_get(struct nl_req *req, struct iface *ifc, const struct ip6_addr *addr)
{
	const struct if_proxied *p = ip6_proxied(nl_ip6(req->nl), ifc, addr);
	struct nlmsghdr h = nl_answer_head(req, RTM_NEWNEIGH);
	struct nl_dgram *d;
	struct wr w;

	if (p == NULL)
		return nl_refuse(req, -ENOENT, NULL, "the node answers for no such address");
	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	fill(&w, &h, p);
	return nl_answer(req, d, &w);
}

/* As on Linux, what is there already is no error, whatever the flags. */
int proxy_new(struct nl_req *req, struct iface *ifc, const struct ip6_addr *addr)
{
	int rc = 0;

	if (ip6_proxied(nl_ip6(req->nl), ifc, addr) == NULL)
		rc = nd_proxy_add(req->nl->nd, ifc, addr);
	if (rc == -EEXIST)
		return nl_refuse(req, rc, NULL, "it is the node's own address");
	if (rc == -EINVAL)
		return nl_refuse(req, rc, NULL, "no address to answer for");
	return rc == -ENOSPC ? nl_refuse(req, rc, NULL, "no room for one more") : rc;
}

int proxy_del(struct nl_req *req, struct iface *ifc, const struct ip6_addr *addr)
{
	int rc = nd_proxy_del(req->nl->nd, ifc, addr);

	return rc == -ENOENT ? nl_refuse(req, rc, NULL, "the node answers for no such address")
			     : rc;
}
