/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tunnels in IFLA_LINKINFO, as Linux has them for the kind "ip6tnl": RFC 2473's variables in
 * IFLA_IPTUN_*. They are given when the tunnel is made, and stay. Unlike there both ends must be named,
 * and what the node does not do is refused.
 */
#include "netlink/rtnl.h"

#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/ip6_tunnel.h>

#define FLOW_CLASS_SHIFT 20
#define FLAGS_ABLE                                                                                 \
	(IP6_TNL_F_IGN_ENCAP_LIMIT | IP6_TNL_F_USE_ORIG_TCLASS | IP6_TNL_F_USE_ORIG_FLOWLABEL)

static const struct nla_policy policy[IFLA_IPTUN_MAX + 1] = {
	[IFLA_IPTUN_LINK] = { NLP_U32, 0 },
	[IFLA_IPTUN_LOCAL] = { NLP_ADDR, 0 },
	[IFLA_IPTUN_REMOTE] = { NLP_ADDR, 0 },
	[IFLA_IPTUN_TTL] = { NLP_U8, 0 },
	[IFLA_IPTUN_ENCAP_LIMIT] = { NLP_U8, 0 },
	[IFLA_IPTUN_FLOWINFO] = { NLP_U32, 0 },
	[IFLA_IPTUN_FLAGS] = { NLP_U32, 0 },
	[IFLA_IPTUN_PROTO] = { NLP_U8, 0 },
	[IFLA_IPTUN_ENCAP_TYPE] = { NLP_U16, 0 },
	[IFLA_IPTUN_ENCAP_FLAGS] = { NLP_U16, 0 },
	[IFLA_IPTUN_ENCAP_SPORT] = { NLP_U16, 0 },
	[IFLA_IPTUN_ENCAP_DPORT] = { NLP_U16, 0 },
	[IFLA_IPTUN_COLLECT_METADATA] = { NLP_ANY, 0 },
	[IFLA_IPTUN_FWMARK] = { NLP_U32, 0 },
};

void tunnel_fill(struct wr *w, const struct iface *ifc)
{
	const struct tunnel_conf *c = &ifc->tunnel->conf;
	uint32_t flags = (c->no_limit ? IP6_TNL_F_IGN_ENCAP_LIMIT : 0u) |
			 (c->inherit_class ? IP6_TNL_F_USE_ORIG_TCLASS : 0u) |
			 (c->inherit_flow ? IP6_TNL_F_USE_ORIG_FLOWLABEL : 0u);
	uint8_t *nest = nla_nest(w, IFLA_LINKINFO), *data;

	nla_text(w, IFLA_INFO_KIND, TUNNEL_KIND);
	data = nla_nest(w, IFLA_INFO_DATA);
	nla_u32(w, IFLA_IPTUN_LINK, c->link);
	nla_addr(w, IFLA_IPTUN_LOCAL, &c->local);
	nla_addr(w, IFLA_IPTUN_REMOTE, &c->remote);
	nla_u8(w, IFLA_IPTUN_TTL, c->hop_limit);
	nla_u8(w, IFLA_IPTUN_ENCAP_LIMIT, c->limit);
	nla_u32(w, IFLA_IPTUN_FLOWINFO, htobe32((uint32_t)c->tclass << FLOW_CLASS_SHIFT | c->flow));
	nla_u32(w, IFLA_IPTUN_FLAGS, flags);
	nla_u8(w, IFLA_IPTUN_PROTO, c->proto);
	nla_u32(w, IFLA_IPTUN_FWMARK, 0);
	nla_u16(w, IFLA_IPTUN_ENCAP_TYPE, TUNNEL_ENCAP_NONE);
	nla_u16(w, IFLA_IPTUN_ENCAP_SPORT, 0);
	nla_u16(w, IFLA_IPTUN_ENCAP_DPORT, 0);
	nla_u16(w, IFLA_IPTUN_ENCAP_FLAGS, 0);
	nla_nest_end(w, data);
	nla_nest_end(w, nest);
}

/* What the node does not do, if somebody wants it. */
static int check(struct nl_req *req, const struct rd *attr)
{
	if (attr[IFLA_IPTUN_COLLECT_METADATA].p != NULL)
		return nl_refuse(req, -EOPNOTSUPP, &attr[IFLA_IPTUN_COLLECT_METADATA],
				 "a tunnel has two ends here, not whichever a route says");
	if (attr[IFLA_IPTUN_ENCAP_TYPE].p != NULL &&
	    nla_get_u16(attr[IFLA_IPTUN_ENCAP_TYPE]) != TUNNEL_ENCAP_NONE)
		return nl_refuse(req, -EOPNOTSUPP, &attr[IFLA_IPTUN_ENCAP_TYPE],
				 "no second encapsulation here");
	if (attr[IFLA_IPTUN_FWMARK].p != NULL && nla_get_u32(attr[IFLA_IPTUN_FWMARK]) != 0)
		return nl_refuse(req, -EOPNOTSUPP, &attr[IFLA_IPTUN_FWMARK], "no marks here");
	if (attr[IFLA_IPTUN_FLAGS].p != NULL &&
	    (nla_get_u32(attr[IFLA_IPTUN_FLAGS]) & ~(uint32_t)FLAGS_ABLE) != 0)
		return nl_refuse(req, -EOPNOTSUPP, &attr[IFLA_IPTUN_FLAGS],
				 "a flag that does nothing here");
	if (attr[IFLA_IPTUN_LOCAL].p == NULL || attr[IFLA_IPTUN_REMOTE].p == NULL)
		return nl_refuse(req, -EINVAL, NULL, "both ends must be named");
	return 0;
}

static void read_flags(const struct rd *attr, struct tunnel_conf *c)
{
	uint32_t flags = attr[IFLA_IPTUN_FLAGS].p != NULL ? nla_get_u32(attr[IFLA_IPTUN_FLAGS]) : 0;
	uint32_t info = attr[IFLA_IPTUN_FLOWINFO].p != NULL
				? be32toh(nla_get_u32(attr[IFLA_IPTUN_FLOWINFO]))
				: 0;

	c->no_limit = (flags & IP6_TNL_F_IGN_ENCAP_LIMIT) != 0;
	c->inherit_class = (flags & IP6_TNL_F_USE_ORIG_TCLASS) != 0;
	c->inherit_flow = (flags & IP6_TNL_F_USE_ORIG_FLOWLABEL) != 0;
	c->tclass = (uint8_t)(info >> FLOW_CLASS_SHIFT);
	c->flow = info & IP6_FLOW_MASK;
}

int tunnel_read(struct nl_req *req, struct rd data, struct tunnel_conf *ret)
{
	struct tunnel_conf c = { .limit = TUNNEL_LIMIT_DEFAULT, .hop_limit = TUNNEL_HOPS_DEFAULT };
	struct rd attr[IFLA_IPTUN_MAX + 1] = { { 0 } };
	int rc = 0;

	if (data.p != NULL)
		rc = nla_parse(data, policy, ARRAY_LEN(attr), false, &req->why, attr);
	if (rc == 0)
		rc = check(req, attr);
	if (rc < 0)
		return rc;
	c.local = nla_get_addr(attr[IFLA_IPTUN_LOCAL]);
	c.remote = nla_get_addr(attr[IFLA_IPTUN_REMOTE]);
	if (attr[IFLA_IPTUN_LINK].p != NULL)
		c.link = nla_get_u32(attr[IFLA_IPTUN_LINK]);
	if (attr[IFLA_IPTUN_TTL].p != NULL)
		c.hop_limit = nla_get_u8(attr[IFLA_IPTUN_TTL]);
	if (attr[IFLA_IPTUN_ENCAP_LIMIT].p != NULL)
		c.limit = nla_get_u8(attr[IFLA_IPTUN_ENCAP_LIMIT]);
	if (attr[IFLA_IPTUN_PROTO].p != NULL)
		c.proto = nla_get_u8(attr[IFLA_IPTUN_PROTO]);
	read_flags(attr, &c);
	if (c.proto != 0 && c.proto != IP6_NH_IP6 && c.proto != IP6_NH_IP4)
		return nl_refuse(req, -EINVAL, &attr[IFLA_IPTUN_PROTO],
				 "a tunnel carries IPv6, IPv4 or both");
	if (c.link != 0 && ip6_if(nl_ip6(req->nl), c.link) == NULL)
		return nl_refuse(req, -ENODEV, &attr[IFLA_IPTUN_LINK],
				 "there is no interface that it could go by");
	rc = tunnel_check(nl_ip6(req->nl), &c);
	if (rc < 0)
		return nl_refuse(req, rc, NULL,
				 rc == -EEXIST ? "there is a tunnel between the two"
					       : "its ends are no unicast addresses of two nodes");
	*ret = c;
	return 0;
}
