/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interfaces: RTM_*LINK. They come and go with the devices behind them, which are the business of
 * who runs the node; what can be set here is up and down, MTU, name, link-layer address, queue. The
 * exceptions have no device: a dummy, which swallows what is sent there, and a tunnel (route_tunnel.c).
 *
 * A list for AF_INET6 (ip -6 link) has a shape of its own, with the IPv6 part in IFLA_PROTINFO;
 * else that is in IFLA_AF_SPEC.
 */
#include "netlink/rtnl.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/ipv6.h>
#include <linux/snmp.h>
#include <stdio.h>

#define OPER_UNKNOWN 0 /* RFC 2863, as IFLA_OPERSTATE has them */
#define OPER_DOWN    2
#define OPER_UP	     6
#define LINK_MTU_MAX 65535
#define DUMMY_MTU    1500
#define TX_QUEUE_MAX 65536u	 /* frames that a user may let wait; more counts as this */
#define IF6_READY    0x80000000u /* of IFLA_INET6_FLAGS: IP runs there */
#define IF6_RS_SENT  0x10u
#define REASM_MAX    65535u

struct link_dump {
	uint32_t last; /* ifindex */
	uint32_t ext_mask;
	bool inet6;
	bool only_dummies, only_tunnels, nothing; /* of a kind */
};

static bool is_dummy(const struct iface *ifc)
{
	return ifc->link.dummy && ifc->tunnel == NULL;
}

/* Made here, and taken away here. */
static bool is_own(const struct iface *ifc)
{
	return ifc->link.dummy;
}

static uint32_t link_flags(const struct iface *ifc)
{
	uint32_t kind = ifc->loopback	      ? IFF_LOOPBACK
			: ifc->tunnel != NULL ? IFF_POINTOPOINT | IFF_NOARP
			: ifc->link.dummy     ? IFF_BROADCAST | IFF_NOARP
					      : IFF_BROADCAST | IFF_MULTICAST;

	return kind | (ifc->link.up ? IFF_UP | IFF_RUNNING | IFF_LOWER_UP : 0u);
}

static uint8_t operstate(const struct iface *ifc)
{
	if (ifc->loopback || (is_own(ifc) && ifc->link.up))
		return OPER_UNKNOWN;
	return ifc->link.up ? OPER_UP : OPER_DOWN;
}

/* What a user gave, not what a router said. */
static uint32_t own_mtu(const struct iface *ifc)
{
	const struct nd_if *ni = nd_if(ifc);

	return ni != NULL && ni->own_saved ? ni->own.link_mtu : ifc->conf.link_mtu;
}

static void put_stats(struct wr *w, const struct iface *ifc)
{
	const struct link_counters *c = &ifc->link.count;
	struct rtnl_link_stats64 s = { .rx_packets = c->rx_pkts,
				       .tx_packets = c->tx_pkts,
				       .rx_bytes = c->rx_octets,
				       .tx_bytes = c->tx_octets,
				       .multicast = ifc->count.in_mcast };
	struct rtnl_link_stats old = { .rx_packets = (uint32_t)c->rx_pkts,
				       .tx_packets = (uint32_t)c->tx_pkts,
				       .rx_bytes = (uint32_t)c->rx_octets,
				       .tx_bytes = (uint32_t)c->tx_octets,
				       .multicast = (uint32_t)ifc->count.in_mcast };

	nla_put(w, IFLA_STATS64, &s, sizeof(s));
	nla_put(w, IFLA_STATS, &old, sizeof(old));
}

/* The variables of net.ipv6.conf that the node has; the others are 0. */
static void put_conf(struct wr *w, const struct iface *ifc)
{
	const struct if_conf *cf = &ifc->conf;
	int32_t v[DEVCONF_MAX] = { 0 };

	v[DEVCONF_FORWARDING] = cf->forwarding;
	v[DEVCONF_HOPLIMIT] = cf->cur_hop_limit;
	v[DEVCONF_MTU6] = (int32_t)cf->link_mtu;
	v[DEVCONF_ACCEPT_RA] = cf->accept_ra_level;
	v[DEVCONF_ACCEPT_REDIRECTS] = cf->accept_redirects;
	v[DEVCONF_AUTOCONF] = cf->autoconf;
	v[DEVCONF_DAD_TRANSMITS] = cf->dad_transmits;
	v[DEVCONF_RTR_SOLICITS] =
		cf->max_rtr_solicitations == IF_RS_FOREVER ? -1 : cf->max_rtr_solicitations;
	v[DEVCONF_RTR_SOLICIT_INTERVAL] = (int32_t)(cf->rtr_solicitation_interval / NS_PER_MS);
	v[DEVCONF_USE_TEMPADDR] = cf->temp_addrs ? 2 : 0;
	v[DEVCONF_OPTIMISTIC_DAD] = cf->optimistic_dad;
	v[DEVCONF_DISABLE_IPV6] = ifc->disabled;
	nla_put(w, IFLA_INET6_CONF, v, sizeof(v));
}

static void put_ip_stats(struct wr *w, const struct iface *ifc)
{
	const struct if_counters *c = &ifc->count;
	uint64_t v[__IPSTATS_MIB_MAX] = { __IPSTATS_MIB_MAX };

	v[IPSTATS_MIB_INPKTS] = c->in_pkts;
	v[IPSTATS_MIB_INDELIVERS] = c->in_delivers;
	v[IPSTATS_MIB_OUTFORWDATAGRAMS] = c->in_forwarded;
	v[IPSTATS_MIB_OUTPKTS] = c->out_pkts;
	v[IPSTATS_MIB_INMCASTPKTS] = c->in_mcast;
	v[IPSTATS_MIB_OUTMCASTPKTS] = c->out_mcast;
	v[IPSTATS_MIB_REASMOKS] = c->reasm_ok;
	v[IPSTATS_MIB_FRAGCREATES] = c->frag_created;
	nla_put(w, IFLA_INET6_STATS, v, sizeof(v));
}

static void put_icmp_stats(struct wr *w, const struct iface *ifc)
{
	uint64_t v[__ICMP6_MIB_MAX] = { __ICMP6_MIB_MAX };

	v[ICMP6_MIB_OUTMSGS] = ifc->count.icmp_errors_sent;
	nla_put(w, IFLA_INET6_ICMP6STATS, v, sizeof(v));
}

static void put_inet6(struct wr *w, const struct nl *nl, const struct iface *ifc, bool stats)
{
	const struct nd_if *ni = nd_if(ifc);
	struct ifla_cacheinfo ci = { .max_reasm_len = REASM_MAX };

	if (ifc->neigh != NULL) {
		ci.reachable_time = (uint32_t)(ifc->neigh->nud.reachable / NS_PER_MS);
		ci.retrans_time = (uint32_t)(ifc->neigh->nud.retrans / NS_PER_MS);
	}
	nla_u32(w, IFLA_INET6_FLAGS,
		(ifc->link.up && !ifc->disabled ? IF6_READY : 0) |
			(ni != NULL && ni->rs_sent > 0 ? IF6_RS_SENT : 0));
	nla_put(w, IFLA_INET6_CACHEINFO, &ci, sizeof(ci));
	put_conf(w, ifc);
	if (stats) {
		put_ip_stats(w, ifc);
		put_icmp_stats(w, ifc);
	}
	nla_addr(w, IFLA_INET6_TOKEN, &IP6_UNSPEC);
	nla_u8(w, IFLA_INET6_ADDR_GEN_MODE,
	       nl->nd->iid_opaque ? IN6_ADDR_GEN_MODE_STABLE_PRIVACY : IN6_ADDR_GEN_MODE_EUI64);
}

static struct ifinfomsg head_of(const struct iface *ifc, uint8_t family)
{
	uint16_t type = ifc->loopback	      ? ARPHRD_LOOPBACK
			: ifc->tunnel != NULL ? ARPHRD_TUNNEL6
					      : ARPHRD_ETHER;

	return (struct ifinfomsg){ .ifi_family = family,
				   .ifi_type = type,
				   .ifi_index = (int)if_index(ifc),
				   .ifi_flags = link_flags(ifc) };
}

static void put_address(struct wr *w, const struct iface *ifc)
{
	if (ifc->tunnel != NULL)
		nla_addr(w, IFLA_ADDRESS, &ifc->tunnel->conf.local);
	else
		nla_put(w, IFLA_ADDRESS, ifc->link.mac.b, ETH_MAC_OCTETS);
}

/* The shape of a list for AF_INET6, and of RTNLGRP_IPV6_IFINFO. */
static bool fill_inet6(struct wr *w, const struct nl *nl, const struct nlmsghdr *h,
		       const struct iface *ifc)
{
	struct ifinfomsg head = head_of(ifc, AF_INET6);
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));
	uint8_t *nest;

	nla_text(w, IFLA_IFNAME, ifc->name);
	put_address(w, ifc);
	nla_u32(w, IFLA_MTU, own_mtu(ifc));
	nla_u8(w, IFLA_OPERSTATE, operstate(ifc));
	nest = nla_nest(w, IFLA_PROTINFO | NLA_F_NESTED);
	put_inet6(w, nl, ifc, true);
	nla_nest_end(w, nest);
	return nlmsg_end(&m);
}

static void put_device(struct wr *w, const struct iface *ifc)
{
	static const struct mac broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	static const struct mac none;

	nla_text(w, IFLA_IFNAME, ifc->name);
	nla_u32(w, IFLA_TXQLEN, ifc->link.tx_max);
	nla_u8(w, IFLA_OPERSTATE, operstate(ifc));
	nla_u8(w, IFLA_LINKMODE, 0);
	nla_u32(w, IFLA_MTU, own_mtu(ifc));
	nla_u32(w, IFLA_MIN_MTU, ifc->loopback ? 0 : IP6_MTU_MIN);
	nla_u32(w, IFLA_MAX_MTU, ifc->loopback ? 0 : MIN(ifc->link.mtu, LINK_MTU_MAX));
	nla_u32(w, IFLA_GROUP, 0);
	nla_u32(w, IFLA_PROMISCUITY, 0);
	nla_u32(w, IFLA_NUM_TX_QUEUES, 1);
	nla_u32(w, IFLA_NUM_RX_QUEUES, 1);
	nla_u8(w, IFLA_CARRIER, ifc->link.up);
	nla_text(w, IFLA_QDISC, "noqueue");
	put_address(w, ifc);
	if (ifc->tunnel != NULL)
		nla_addr(w, IFLA_BROADCAST, &ifc->tunnel->conf.remote);
	else
		nla_put(w, IFLA_BROADCAST, ifc->loopback ? none.b : broadcast.b, ETH_MAC_OCTETS);
}

static void put_kind(struct wr *w, const char *kind)
{
	uint8_t *nest = nla_nest(w, IFLA_LINKINFO);

	nla_text(w, IFLA_INFO_KIND, kind);
	nla_nest_end(w, nest);
}

static bool fill(struct wr *w, const struct nl *nl, const struct nlmsghdr *h,
		 const struct iface *ifc, uint32_t ext_mask)
{
	struct ifinfomsg head = head_of(ifc, AF_UNSPEC);
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));
	bool stats = (ext_mask & RTEXT_FILTER_SKIP_STATS) == 0;
	uint8_t *spec, *inet6;

	put_device(w, ifc);
	if (ifc->tunnel != NULL)
		tunnel_fill(w, ifc);
	else if (ifc->link.dummy)
		put_kind(w, "dummy");
	if (stats)
		put_stats(w, ifc);
	spec = nla_nest(w, IFLA_AF_SPEC);
	inet6 = nla_nest(w, AF_INET6);
	put_inet6(w, nl, ifc, stats);
	nla_nest_end(w, inet6);
	nla_nest_end(w, spec);
	return nlmsg_end(&m);
}

static const struct nla_policy policy[IFLA_MAX + 1] = {
	[IFLA_ADDRESS] = { NLP_ANY, 32 },    [IFLA_BROADCAST] = { NLP_ANY, 32 },
	[IFLA_IFNAME] = { NLP_NAME, 0 },     [IFLA_MTU] = { NLP_U32, 0 },
	[IFLA_LINK] = { NLP_U32, 0 },	     [IFLA_MASTER] = { NLP_U32, 0 },
	[IFLA_TXQLEN] = { NLP_U32, 0 },	     [IFLA_OPERSTATE] = { NLP_U8, 0 },
	[IFLA_LINKMODE] = { NLP_U8, 0 },     [IFLA_LINKINFO] = { NLP_NEST, 0 },
	[IFLA_NET_NS_PID] = { NLP_U32, 0 },  [IFLA_NET_NS_FD] = { NLP_U32, 0 },
	[IFLA_IFALIAS] = { NLP_ANY, 256 },   [IFLA_AF_SPEC] = { NLP_NEST, 0 },
	[IFLA_GROUP] = { NLP_U32, 0 },	     [IFLA_EXT_MASK] = { NLP_U32, 0 },
	[IFLA_CARRIER] = { NLP_U8, 0 },	     [IFLA_ALT_IFNAME] = { NLP_NAME, 0 },
	[IFLA_PROMISCUITY] = { NLP_U32, 0 },
};

/* IFLA_LINKINFO's kind, empty if there is none, and what it says of it, if @data is not NULL. */
static int kind_of(struct nl_req *req, struct rd info, char ret[NLA_NAME_MAX], struct rd *data)
{
	static const struct nla_policy kinds[IFLA_INFO_MAX + 1] = {
		[IFLA_INFO_KIND] = { NLP_NAME, 0 },
		[IFLA_INFO_DATA] = { NLP_NEST, 0 },
	};
	struct rd attr[IFLA_INFO_MAX + 1];
	int err;

	ret[0] = '\0';
	if (info.p == NULL)
		return 0;
	err = nla_parse(info, kinds, ARRAY_LEN(attr), false, &req->why, attr);
	if (err == 0 && attr[IFLA_INFO_KIND].p != NULL)
		nla_get_name(attr[IFLA_INFO_KIND], ret);
	if (err == 0 && data != NULL)
		*data = attr[IFLA_INFO_DATA];
	return err;
}

/*
 * Asking.
 */
static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	struct link_dump *at = d->state;
	struct nlmsghdr h = d->h;
	struct iface *ifc;

	h.nlmsg_type = RTM_NEWLINK;
	if (at->only_dummies || at->only_tunnels || at->nothing)
		h.nlmsg_flags |= NLM_F_DUMP_FILTERED;
	while (!at->nothing && (ifc = rtnl_if_next(nl, at->last)) != NULL) {
		bool other = (at->only_dummies && !is_dummy(ifc)) ||
			     (at->only_tunnels && ifc->tunnel == NULL);
		bool fits = other	? true
			    : at->inet6 ? fill_inet6(w, nl, &h, ifc)
					: fill(w, nl, &h, ifc, at->ext_mask);

		if (!fits)
			return 1;
		at->last = if_index(ifc);
	}
	return 0;
}

int link_dump(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(struct link_dump), list };
	struct link_dump at = { .last = 0 };
	struct rd attr[IFLA_MAX + 1];
	char kind[NLA_NAME_MAX];
	struct ifinfomsg head;
	int err = nl_head(req, &head, sizeof(head));

	/* RTM_GETLINK was once asked with no more than a struct rtgenmsg: by glibc, too */
	if (err < 0 && !req->sock->strict) {
		head = (struct ifinfomsg){ .ifi_family = req->body.p[0] };
		req->body.left = 0;
		err = 0;
	}
	if (err == 0)
		err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
	if (err == 0)
		err = RTNL_STRICT(req, head.ifi_index == 0 && head.ifi_flags == 0 &&
					       head.ifi_change == 0);
	if (err != 0)
		return err;
	at.inet6 = head.ifi_family == AF_INET6;
	err = kind_of(req, attr[IFLA_LINKINFO], kind, NULL);
	if (err != 0)
		return err;
	at.only_dummies = strcmp(kind, "dummy") == 0;
	at.only_tunnels = strcmp(kind, TUNNEL_KIND) == 0;
	at.nothing = kind[0] != '\0' && !at.only_dummies && !at.only_tunnels;
	if (attr[IFLA_EXT_MASK].p != NULL)
		at.ext_mask = nla_get_u32(attr[IFLA_EXT_MASK]);
	return nl_dump_start(req, &lister, &at);
}

/* The interface that a request names: by index, or else by name. */
static int named(struct nl_req *req, const struct ifinfomsg *head, const struct rd *attr,
		 struct iface **ret)
{
	const struct rd *by = attr[IFLA_IFNAME].p != NULL ? &attr[IFLA_IFNAME]
							  : &attr[IFLA_ALT_IFNAME];
	char name[NLA_NAME_MAX];

	if (head->ifi_index < 0)
		return nl_refuse(req, -EINVAL, NULL, "an interface's index is not negative");
	if (head->ifi_index > 0)
		return rtnl_if(req, (uint32_t)head->ifi_index, ret);
	if (by->p == NULL)
		return nl_refuse(req, -EINVAL, NULL, "which interface? it has an index or a name");
	nla_get_name(*by, name);
	*ret = ip6_if_by_name(nl_ip6(req->nl), name);
	return *ret != NULL ? 0 : nl_refuse(req, -ENODEV, by, "there is no such interface");
}

int link_get(struct nl_req *req)
{
	struct nlmsghdr h = nl_answer_head(req, RTM_NEWLINK);
	struct rd attr[IFLA_MAX + 1];
	struct ifinfomsg head;
	struct nl_dgram *d;
	struct iface *ifc;
	struct wr w;
	bool fits;
	int err = nl_head(req, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
	if (err == 0)
		err = named(req, &head, attr, &ifc);
	if (err != 0)
		return err;
	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	fits = fill(&w, req->nl, &h, ifc,
		    attr[IFLA_EXT_MASK].p != NULL ? nla_get_u32(attr[IFLA_EXT_MASK]) : 0);
	ASSERT(fits);
	return nl_answer(req, d, &w);
}

/*
 * Changing.
 */

/* What cannot be set here is refused before anything is changed. */
static int check_set(struct nl_req *req, const struct rd *attr, const struct iface *ifc)
{
	static const uint16_t able[] = { IFLA_ADDRESS, IFLA_IFNAME,   IFLA_ALT_IFNAME, IFLA_MTU,
					 IFLA_TXQLEN,  IFLA_EXT_MASK, IFLA_LINKINFO };

	for (unsigned i = 0; i <= IFLA_MAX; i++) {
		bool known = attr[i].p == NULL;

		for (unsigned k = 0; k < ARRAY_LEN(able); k++)
			known |= able[k] == i;
		if (!known)
			return nl_refuse(req, -EOPNOTSUPP, &attr[i], "that cannot be set here");
	}
	if (attr[IFLA_ADDRESS].p != NULL &&
	    (attr[IFLA_ADDRESS].left < ETH_MAC_OCTETS || ifc->loopback || ifc->tunnel != NULL))
		return nl_refuse(req, -EINVAL, &attr[IFLA_ADDRESS], "no Ethernet address");
	return 0;
}

/* As the kernel does it: what is said to neighbours, that nobody listens any more, still leaves. */
static int take_down(struct nl *nl, struct iface *ifc)
{
	struct pktq farewell;
	int rc;

	if (if_is_usable(ifc)) {
		nd_if_farewell(nl->nd, ifc);
		mld_if_farewell(nl->nd->mld, ifc);
	}
	farewell = ifc->link.tx;
	ifc->link.tx = (struct pktq){ 0 };
	rc = nd_if_set(nl->nd, ifc, false);
	ASSERT(ifc->link.tx.n == 0);
	ifc->link.tx = farewell;
	return rc;
}

static int set_flags(struct nl_req *req, struct iface *ifc, const struct ifinfomsg *head)
{
	uint32_t change = head->ifi_change != 0	 ? head->ifi_change
			  : head->ifi_flags != 0 ? UINT32_MAX
						 : 0;
	bool up = (head->ifi_flags & IFF_UP) != 0;
	int rc;

	/* the others follow from the device */
	if (head->ifi_change != 0 &&
	    ((head->ifi_flags ^ link_flags(ifc)) & change & ~(uint32_t)IFF_UP) != 0)
		return nl_refuse(req, -EOPNOTSUPP, NULL, "of the flags only up can be set here");
	if ((change & IFF_UP) == 0 || up == ifc->link.up)
		return 0;
	if (ifc->loopback)
		return nl_refuse(req, -EOPNOTSUPP, NULL, "the loopback interface is always up");
	if (up)
		return nd_if_set(req->nl->nd, ifc, true);
	rc = take_down(req->nl, ifc);
	req->nl->if_went_down = true;
	return rc;
}

static int set_attrs(struct nl_req *req, struct iface *ifc, const struct ifinfomsg *head,
		     const struct rd *attr)
{
	char name[NLA_NAME_MAX];
	struct mac mac;
	int err = 0;

	if (attr[IFLA_MTU].p != NULL)
		err = nd_set_mtu(req->nl->nd, ifc, nla_get_u32(attr[IFLA_MTU]));
	if (err != 0)
		return nl_refuse(req, err, &attr[IFLA_MTU], "below 1280, or beyond the device's");
	if (attr[IFLA_ADDRESS].p != NULL) {
		memcpy(mac.b, attr[IFLA_ADDRESS].p, sizeof(mac.b));
		err = ip6_if_set_mac(nl_ip6(req->nl), ifc, &mac);
	}
	if (err != 0)
		return nl_refuse(req, -EADDRNOTAVAIL, &attr[IFLA_ADDRESS], "no station's address");
	if (attr[IFLA_TXQLEN].p != NULL)
		ifc->link.tx_max = MIN(nla_get_u32(attr[IFLA_TXQLEN]), TX_QUEUE_MAX);
	if (attr[IFLA_IFNAME].p != NULL && head->ifi_index > 0) {
		nla_get_name(attr[IFLA_IFNAME], name);
		err = ip6_if_rename(nl_ip6(req->nl), ifc, name);
	}
	return err;
}

int link_set(struct nl_req *req)
{
	struct rd attr[IFLA_MAX + 1];
	char kind[NLA_NAME_MAX];
	struct ifinfomsg head;
	struct iface *ifc;
	int err = nl_head(req, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
	if (err == 0)
		err = named(req, &head, attr, &ifc);
	if (err == 0)
		err = check_set(req, attr, ifc);
	if (err == 0)
		err = kind_of(req, attr[IFLA_LINKINFO], kind, NULL);
	if (err == 0 && kind[0] != '\0' && !(is_dummy(ifc) && strcmp(kind, "dummy") == 0))
		err = nl_refuse(req, -EOPNOTSUPP, &attr[IFLA_LINKINFO], "it is of another kind");
	if (err == 0)
		err = set_attrs(req, ifc, &head, attr);
	if (err == 0)
		err = set_flags(req, ifc, &head);
	return err;
}

/* "dummy0", "ip6tnl1" and so on, as Linux names what has no name. */
static void name_of(const struct nl *nl, struct rd given, const char *kind, char ret[NLA_NAME_MAX])
{
	if (given.p != NULL) {
		nla_get_name(given, ret);
		return;
	}
	for (unsigned i = 0; i <= IF_MAX; i++) {
		snprintf(ret, NLA_NAME_MAX, "%.8s%u", kind, i);
		if (ip6_if_by_name(nl_ip6(nl), ret) == NULL)
			return;
	}
}

static int dummy_make(struct nl_req *req, const struct rd *attr, const char *name)
{
	struct env *env = nl_ip6(req->nl)->env;
	struct mac mac = { { 0x02 } };
	uint32_t mtu = DUMMY_MTU;

	put_be32(mac.b + 1, rng_u32(&env->rng));
	mac.b[5] = (uint8_t)rng_u32(&env->rng);
	if (attr[IFLA_ADDRESS].p != NULL)
		memcpy(mac.b, attr[IFLA_ADDRESS].p, sizeof(mac.b));
	if (attr[IFLA_MTU].p != NULL)
		mtu = nla_get_u32(attr[IFLA_MTU]);
	if (mtu > LINK_MTU_MAX)
		return -EINVAL;
	return req->nl->ifs.add(req->nl->ifs.ctx, name, &mac, mtu);
}

static int tunnel_make(struct nl_req *req, const struct rd *attr, struct rd data, const char *name)
{
	struct tunnel_conf conf;
	int rc = tunnel_read(req, data, &conf);

	if (rc < 0)
		return rc;
	return req->nl->ifs.tunnel(req->nl->ifs.ctx, name, &conf,
				   attr[IFLA_MTU].p != NULL ? nla_get_u32(attr[IFLA_MTU]) : 0);
}

/* Dummies and tunnels: all others have a device, which who runs the node has. */
static int link_make(struct nl_req *req, const struct ifinfomsg *head, const struct rd *attr)
{
	const struct iface none = { .loopback = false };
	char kind[NLA_NAME_MAX], name[NLA_NAME_MAX];
	bool tunnel;
	struct iface *ifc;
	struct rd data = { 0 };
	int rc;

	rc = kind_of(req, attr[IFLA_LINKINFO], kind, &data);
	if (rc < 0)
		return rc;
	tunnel = strcmp(kind, TUNNEL_KIND) == 0;
	if ((!tunnel && strcmp(kind, "dummy") != 0) || req->nl->ifs.add == NULL)
		return nl_refuse(req, -EOPNOTSUPP, NULL,
				 "interfaces are made by who runs the node");
	if (head->ifi_index != 0)
		return nl_refuse(req, -EOPNOTSUPP, NULL, "its index cannot be chosen");
	rc = check_set(req, attr, &none);
	if (rc < 0)
		return rc;
	name_of(req->nl, attr[IFLA_IFNAME], kind, name);
	rc = tunnel ? tunnel_make(req, attr, data, name) : dummy_make(req, attr, name);
	if (rc < 0)
		return req->why.text != NULL
			       ? rc
			       : nl_refuse(req, rc, NULL,
					   "no more interfaces, or no such name, address or MTU");
	ifc = ip6_if(nl_ip6(req->nl), (uint32_t)rc);
	if (attr[IFLA_TXQLEN].p != NULL)
		ifc->link.tx_max = MIN(nla_get_u32(attr[IFLA_TXQLEN]), TX_QUEUE_MAX);
	return (head->ifi_flags & IFF_UP) != 0 ? nd_if_set(req->nl->nd, ifc, true) : 0;
}

int link_new(struct nl_req *req)
{
	struct nl_req look = *req;
	struct rd attr[IFLA_MAX + 1];
	struct ifinfomsg head;
	struct iface *ifc;
	int err = nl_head(&look, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(&look, policy, ARRAY_LEN(attr), attr);
	if (err != 0) {
		req->why = look.why;
		return err;
	}
	if (named(&look, &head, attr, &ifc) == 0) {
		if ((req->h.nlmsg_flags & NLM_F_EXCL) != 0)
			return nl_refuse(req, -EEXIST, NULL, "there is one of that name");
		return link_set(req);
	}
	if ((req->h.nlmsg_flags & NLM_F_CREATE) == 0)
		return nl_refuse(req, -ENODEV, NULL, "there is no such interface");
	return link_make(req, &head, attr);
}

int link_del(struct nl_req *req)
{
	struct rd attr[IFLA_MAX + 1];
	struct ifinfomsg head;
	struct iface *ifc;
	int err = nl_head(req, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
	if (err == 0)
		err = named(req, &head, attr, &ifc);
	if (err != 0)
		return err;
	if (!is_own(ifc))
		return nl_refuse(req, -EOPNOTSUPP, NULL,
				 "interfaces are taken away by who runs the node");
	/* when the node settles, and nobody holds it */
	req->nl->ifs_to_go |= UINT64_C(1) << (if_index(ifc) - 1);
	return 0;
}

void link_changed(struct nl *nl, const struct iface *ifc, bool gone)
{
	struct nlmsghdr h = rtnl_head(nl, gone ? RTM_DELLINK : RTM_NEWLINK, false);
	struct nl_dgram *d;
	struct wr w;

	if (nl_wants(nl, RTNLGRP_LINK, true) && (d = nl_dgram_new(NL_DGRAM_OCTETS, &w)) != NULL) {
		fill(&w, nl, &h, ifc, 0);
		nl_notify(nl, RTNLGRP_LINK, true, d, &w);
	}
	if (!gone && nl_wants(nl, RTNLGRP_IPV6_IFINFO, false) &&
	    (d = nl_dgram_new(NL_DGRAM_OCTETS, &w)) != NULL) {
		fill_inet6(&w, nl, &h, ifc);
		nl_notify(nl, RTNLGRP_IPV6_IFINFO, false, d, &w);
	}
}
