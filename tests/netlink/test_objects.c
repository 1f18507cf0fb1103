/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a node does because of preferred sources, next hops as objects, labels, proxies and dummies.
 * That it says of them what the kernel says is for test_oracle.c.
 */
#include "netlink/nlbed.h"

#include <linux/if.h>
#include <linux/if_addrlabel.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/ip6_tunnel.h>
#include <linux/nexthop.h>
#include <stdio.h>

static struct rtmsg route_head(const char *prefix, struct ip6_addr *dst)
{
	struct rtmsg head = { .rtm_family = AF_INET6, .rtm_protocol = RTPROT_STATIC };
	unsigned len;

	assert_int_equal(ip6_parse_prefix(prefix, dst, &len), 0);
	head.rtm_dst_len = (uint8_t)len;
	return head;
}

/* A route by a gateway, NULL: of an object; from an address, NULL: any. */
static int add_route(struct nlb *n, const char *prefix, const char *gateway, uint32_t id,
		     const char *prefsrc)
{
	struct ip6_addr dst, a;
	struct rtmsg head = route_head(prefix, &dst);

	nlb_req(n, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE, &head, sizeof(head));
	nla_addr(&n->w, RTA_DST, &dst);
	if (gateway != NULL) {
		a = bed_addr_of(gateway);
		nla_addr(&n->w, RTA_GATEWAY, &a);
		nla_u32(&n->w, RTA_OIF, n->b.ifindex[0]);
	}
	if (id != 0)
		nla_u32(&n->w, RTA_NH_ID, id);
	if (prefsrc != NULL) {
		a = bed_addr_of(prefsrc);
		nla_addr(&n->w, RTA_PREFSRC, &a);
	}
	nlb_send(n);
	return nlb_error(n);
}

static void assert_source(struct nlb *n, const char *dst, const char *expected)
{
	struct ip6_addr to = bed_addr_of(dst), want = bed_addr_of(expected), got;

	assert_int_equal(ip6_source(&n->b.node->ip6, &to, 0, &got), 0);
	assert_memory_equal(got.b, want.b, sizeof(want.b));
}

/* Longest match (RFC 6724 section 5, rule 8) would choose the other one. */
static void a_route_says_what_is_sent_from(void **state)
{
	struct ifaddrmsg head = { .ifa_family = AF_INET6, .ifa_prefixlen = 64 };
	struct ip6_addr addr = bed_addr_of("2001:db8:1::2");
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	bed_addr(&n.b, 0, "2001:db8:20::1/64");
	bed_addr(&n.b, 0, "2001:db8:1::2/64");
	assert_int_equal(add_route(&n, "2001:db8:20:1::/64", "fe80::9", 0, "2001:db8:1::2"), 0);
	assert_int_equal(add_route(&n, "2001:db8:20:2::/64", "fe80::9", 0, NULL), 0);
	assert_int_equal(add_route(&n, "2001:db8:20:3::/64", "fe80::9", 0, "2001:db8:1::3"),
			 -EINVAL); /* not ours */
	assert_source(&n, "2001:db8:20:1::5", "2001:db8:1::2");
	assert_source(&n, "2001:db8:20:2::5", "2001:db8:20::1");
	head.ifa_index = n.b.ifindex[0];
	nlb_req(&n, RTM_DELADDR, NLM_F_ACK, &head, sizeof(head));
	nla_addr(&n.w, IFA_LOCAL, &addr);
	nlb_send(&n);
	assert_int_equal(nlb_error(&n), 0);
	assert_source(&n, "2001:db8:20:1::5", "2001:db8:20::1"); /* it prefers what is gone */
	nlb_done(&n);
}

/*
 * Next hops.
 */
static int set_hop(struct nlb *n, unsigned flags, uint32_t id, const char *gateway, unsigned link)
{
	struct nhmsg head = { .nh_family = AF_INET6 };
	struct ip6_addr a = bed_addr_of(gateway);

	nlb_req(n, RTM_NEWNEXTHOP, NLM_F_ACK | NLM_F_CREATE | flags, &head, sizeof(head));
	nla_u32(&n->w, NHA_ID, id);
	nla_u32(&n->w, NHA_OIF, n->b.ifindex[link]);
	nla_addr(&n->w, NHA_GATEWAY, &a);
	nlb_send(n);
	return nlb_error(n);
}

static int set_group(struct nlb *n, uint32_t id, const struct nexthop_grp *g, size_t members)
{
	struct nhmsg head = { .nh_family = AF_UNSPEC };

	nlb_req(n, RTM_NEWNEXTHOP, NLM_F_ACK | NLM_F_CREATE, &head, sizeof(head));
	nla_u32(&n->w, NHA_ID, id);
	nla_put(&n->w, NHA_GROUP, g, members * sizeof(*g));
	nlb_send(n);
	return nlb_error(n);
}

static int del_hop(struct nlb *n, uint32_t id)
{
	struct nhmsg head = { .nh_family = AF_UNSPEC };

	nlb_req(n, RTM_DELNEXTHOP, NLM_F_ACK, &head, sizeof(head));
	nla_u32(&n->w, NHA_ID, id);
	nlb_send(n);
	return nlb_error(n);
}

static unsigned count_hops(struct nlb *n)
{
	struct nhmsg head = { .nh_family = AF_UNSPEC };

	nlb_req(n, RTM_GETNEXTHOP, NLM_F_DUMP, &head, sizeof(head));
	nlb_send(n);
	return nlb_dump(n, RTM_NEWNEXTHOP, NULL);
}

/* @gateway NULL: nowhere. */
static void assert_goes_by(struct nlb *n, const char *dst, const char *gateway)
{
	struct ip6_addr to = bed_addr_of(dst), want, hop;
	struct iface *ifc;
	uint32_t mtu;
	int rc = ip6_first_hop(&n->b.node->ip6, &to, &IP6_UNSPEC, 0, &ifc, &hop, &mtu);

	assert_int_equal(rc, gateway != NULL ? 0 : -ENETUNREACH);
	if (gateway == NULL)
		return;
	want = bed_addr_of(gateway);
	assert_memory_equal(hop.b, want.b, sizeof(want.b));
}

static void routes_follow_their_next_hop(void **state)
{
	const struct nexthop_grp both[] = { { .id = 10 }, { .id = 11 } };
	struct nlb n;

	(void)state;
	nlb_init(&n, 2);
	assert_int_equal(set_hop(&n, 0, 10, "fe80::9", 0), 0);
	assert_int_equal(set_hop(&n, 0, 11, "fe80::b", 1), 0);
	assert_int_equal(set_group(&n, 20, both, 2), 0);
	assert_int_equal(add_route(&n, "2001:db8:20::/48", NULL, 10, NULL), 0);
	assert_int_equal(add_route(&n, "2001:db8:21::/48", NULL, 20, NULL), 0);
	assert_int_equal(add_route(&n, "2001:db8:22::/48", NULL, 99, NULL), -EINVAL);
	assert_int_equal(add_route(&n, "2001:db8:22::/48", "fe80::9", 10, NULL), -EINVAL);
	assert_int_equal(fib_count(n.b.node->ip6.fib), 3);
	assert_goes_by(&n, "2001:db8:20::1", "fe80::9");
	assert_int_equal(set_hop(&n, NLM_F_REPLACE, 10, "fe80::a", 0), 0);
	assert_goes_by(&n, "2001:db8:20::1", "fe80::a");
	assert_int_equal(fib_count(n.b.node->ip6.fib), 3);
	assert_int_equal(del_hop(&n, 11), 0);
	assert_goes_by(&n, "2001:db8:21::1", "fe80::a");
	assert_int_equal(fib_count(n.b.node->ip6.fib), 2);
	assert_int_equal(set_hop(&n, NLM_F_REPLACE, 10, "fe80::c", 0), 0); /* by the group, too */
	assert_goes_by(&n, "2001:db8:21::1", "fe80::c");
	assert_int_equal(count_hops(&n), 2);
	assert_int_equal(del_hop(&n, 10), 0);
	assert_goes_by(&n, "2001:db8:20::1", NULL);
	assert_goes_by(&n, "2001:db8:21::1", NULL);
	assert_int_equal(count_hops(&n), 0);
	assert_int_equal(fib_count(n.b.node->ip6.fib), 0);
	nlb_done(&n);
}

/* Though nobody listens, and so nobody is told that the link went down. */
static void next_hops_end_with_their_link(void **state)
{
	const struct nexthop_grp both[] = { { .id = 10 }, { .id = 11 } }, one[] = { { .id = 10 } };
	struct nlb n;

	(void)state;
	nlb_init(&n, 2);
	assert_int_equal(set_hop(&n, 0, 10, "fe80::9", 0), 0);
	assert_int_equal(set_hop(&n, 0, 11, "fe80::b", 1), 0);
	assert_int_equal(set_group(&n, 20, both, 2), 0);
	assert_int_equal(set_group(&n, 21, one, 1), 0);
	assert_int_equal(add_route(&n, "2001:db8:21::/48", NULL, 20, NULL), 0);
	assert_int_equal(node_if_set(n.b.node, n.b.ifindex[0], false, n.b.now), 0);
	assert_int_equal(count_hops(&n), 2); /* 11, and 20 */
	assert_goes_by(&n, "2001:db8:21::1", "fe80::b");
	assert_int_equal(set_hop(&n, 0, 10, "fe80::9", 0), -ENETDOWN);
	nlb_done(&n);
}

static void next_hops_are_bounded(void **state)
{
	struct nexthop_grp g[33] = { { .id = 0 } };
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	for (uint32_t i = 1; i <= 1024; i++)
		assert_int_equal(set_hop(&n, 0, i, "fe80::9", 0), 0);
	assert_int_equal(set_hop(&n, 0, 1025, "fe80::9", 0), -ENOSPC);
	assert_int_equal(del_hop(&n, 1024), 0);
	for (uint32_t i = 0; i < 33; i++)
		g[i].id = i + 1;
	assert_int_equal(set_group(&n, 2000, g, 33), -ENOSPC);
	assert_int_equal(set_group(&n, 2000, g, 32), 0);
	g[0].weight = 1;
	assert_int_equal(set_group(&n, 2001, g, 2), -EOPNOTSUPP);
	nlb_done(&n);
}

/*
 * Labels.
 */
static void a_label_chooses_a_source(void **state)
{
	struct ifaddrlblmsg head = { .ifal_family = AF_INET6, .ifal_prefixlen = 48 };
	struct ip6_addr to = bed_addr_of("2001:db8:9::"), from = bed_addr_of("2001:db8:77::");
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	bed_addr(&n.b, 0, "2001:db8:8::1/64");
	bed_addr(&n.b, 0, "2001:db8:77::1/64");
	assert_int_equal(add_route(&n, "::/0", "fe80::9", 0, NULL), 0);
	assert_source(&n, "2001:db8:9::1", "2001:db8:8::1");
	for (unsigned i = 0; i < 2; i++) { /* RFC 6724 section 5, rule 6: matching labels */
		nlb_req(&n, RTM_NEWADDRLABEL, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &head,
			sizeof(head));
		nla_addr(&n.w, IFAL_ADDRESS, i == 0 ? &to : &from);
		nla_u32(&n.w, IFAL_LABEL, 99);
		nlb_send(&n);
		assert_int_equal(nlb_error(&n), 0);
	}
	assert_source(&n, "2001:db8:9::1", "2001:db8:77::1");
	assert_int_equal(ip6_policy_find(&n.b.node->ip6.policy, &to)->precedence, 40);
	nlb_done(&n);
}

static void labels_are_bounded(void **state)
{
	struct ifaddrlblmsg head = { .ifal_family = AF_INET6, .ifal_prefixlen = 64 };
	struct ip6_addr a = bed_addr_of("2001:db8::");
	unsigned added = 0;
	struct nlb n;
	int rc;

	(void)state;
	nlb_init(&n, 1);
	do {
		a.b[7] = (uint8_t)++added;
		nlb_req(&n, RTM_NEWADDRLABEL, NLM_F_ACK | NLM_F_CREATE, &head, sizeof(head));
		nla_addr(&n.w, IFAL_ADDRESS, &a);
		nla_u32(&n.w, IFAL_LABEL, added);
		nlb_send(&n);
		rc = nlb_error(&n);
	} while (rc == 0 && added < 200);
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(n.b.node->ip6.policy.n, IP6_POLICY_MAX);
	nlb_done(&n);
}

/* RFC 4861 section 7.2.8: what was entered is answered for, without Override; and then no more. */
static void a_proxy_answers(void **state)
{
	struct ndmsg head = { .ndm_family = AF_INET6, .ndm_flags = NTF_PROXY };
	struct ip6_addr addr = bed_addr_of("2001:db8:1::77");
	const uint8_t *m;
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	bed_router(&n.b, 1);
	bed_addr(&n.b, 0, "2001:db8:1::1/64");
	bed_quiet(&n.b);
	head.ndm_ifindex = (int)n.b.ifindex[0];
	for (unsigned i = 0; i < 2; i++) {
		nlb_req(&n, i == 0 ? RTM_NEWNEIGH : RTM_DELNEIGH, NLM_F_ACK | NLM_F_CREATE, &head,
			sizeof(head));
		nla_addr(&n.w, NDA_DST, &addr);
		nlb_send(&n);
		assert_int_equal(nlb_error(&n), 0);
		bed_run(&n.b, n.b.now + 10 * NS_PER_S);
		bed_forget(&n.b);
		bed_rx(&n.b, 0,
		       bed_ns(&n.b, ICMP6_NS, 0, "2001:db8:1::5", "ff02::1:ff00:77",
			      "2001:db8:1::77", "\1\1\2\0\0\0\1\0", 8));
		bed_run(&n.b, n.b.now + 2 * NS_PER_S); /* at random within a second */
		m = bed_tx_icmp6(&n.b, ICMP6_NA, NULL);
		assert_int_equal(m != NULL, i == 0);
		assert_true(m == NULL || (m[4] & 0x20) == 0);
	}
	nlb_done(&n);
}

/*
 * Dummies.
 */
static int add_dummy(struct nlb *n, const char *name, const char *kind, uint32_t mtu)
{
	struct ifinfomsg head = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	uint8_t *nest;

	nlb_req(n, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	if (name != NULL)
		nla_text(&n->w, IFLA_IFNAME, name);
	if (mtu != 0)
		nla_u32(&n->w, IFLA_MTU, mtu);
	nest = nla_nest(&n->w, IFLA_LINKINFO);
	nla_text(&n->w, IFLA_INFO_KIND, kind);
	nla_nest_end(&n->w, nest);
	nlb_send(n);
	return nlb_error(n);
}

static int del_link(struct nlb *n, const char *name)
{
	struct ifinfomsg head = { .ifi_index = 0 };

	nlb_req(n, RTM_DELLINK, NLM_F_ACK, &head, sizeof(head));
	nla_text(&n->w, IFLA_IFNAME, name);
	nlb_send(n);
	return nlb_error(n);
}

static void a_dummy_swallows(void **state)
{
	struct iface *d;
	uint64_t before;
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	assert_int_equal(add_dummy(&n, "d0", "dummy", 0), 0);
	d = ip6_if_by_name(&n.b.node->ip6, "d0");
	assert_non_null(d);
	assert_true(d->link.up && (d->link.mac.b[0] & 3) == 2);
	assert_non_null(if_link_local(d)); /* at once: nobody is there to ask */
	assert_int_equal(nd_addr_add(&n.b.node->nd, d, &(struct ip6_addr){ { 0x20, 1, 13 } }, 64,
				     ADDR_STATIC, false),
			 0);
	bed_quiet(&n.b);
	assert_int_equal(ip6_output(&n.b.node->ip6,
				    bed_packet(&n.b, "2001:d00::", "2001:d00::5", 59, 64, "", 0),
				    0),
			 0);
	before = d->link.count.tx_pkts;
	bed_run(&n.b, n.b.now + 10 * NS_PER_S);
	assert_true(bed_silent(&n.b));
	assert_true(d->link.count.tx_pkts > before); /* solicitations */
	assert_int_equal(del_link(&n, "d0"), 0);
	assert_null(ip6_if_by_name(&n.b.node->ip6, "d0"));
	assert_int_equal(del_link(&n, "d0"), -ENODEV);
	assert_int_equal(del_link(&n, "e0"), -EOPNOTSUPP);
	nlb_done(&n);
}

/* Its neighbours are gone by then, with the times that a link is shown with. */
static void the_end_of_a_link_is_told(void **state)
{
	int group = RTNLGRP_LINK;
	struct nlb_msg m;
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	assert_int_equal(add_dummy(&n, "d0", "dummy", 0), 0);
	assert_int_equal(
		nl_setsockopt(n.s, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)), 0);
	assert_int_equal(node_if_del(n.b.node, ip6_if_by_name(&n.b.node->ip6, "d0")->link.ifindex),
			 0);
	do
		assert_true(nlb_next(&n, &m));
	while (m.h.nlmsg_type != RTM_DELLINK);
	assert_true(nlb_silent(&n));
	nlb_done(&n);
}

/*
 * Tunnels (RFC 2473).
 */
struct tun_ask {
	const char *local, *remote; /* NULL: not named */
	uint32_t flags, flowinfo;   /* IFLA_IPTUN_* */
	uint16_t encap;
	uint8_t proto, limit, hop_limit;
};

static int add_tunnel(struct nlb *n, const char *name, const struct tun_ask *ask)
{
	struct ifinfomsg head = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct ip6_addr local, remote;
	uint8_t *nest, *data;

	nlb_req(n, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	if (name != NULL)
		nla_text(&n->w, IFLA_IFNAME, name);
	nest = nla_nest(&n->w, IFLA_LINKINFO);
	nla_text(&n->w, IFLA_INFO_KIND, "ip6tnl");
	data = nla_nest(&n->w, IFLA_INFO_DATA);
	if (ask->local != NULL) {
		local = bed_addr_of(ask->local);
		nla_addr(&n->w, IFLA_IPTUN_LOCAL, &local);
	}
	if (ask->remote != NULL) {
		remote = bed_addr_of(ask->remote);
		nla_addr(&n->w, IFLA_IPTUN_REMOTE, &remote);
	}
	nla_u8(&n->w, IFLA_IPTUN_TTL, ask->hop_limit);
	nla_u8(&n->w, IFLA_IPTUN_ENCAP_LIMIT, ask->limit);
	nla_u32(&n->w, IFLA_IPTUN_FLOWINFO, htobe32(ask->flowinfo));
	nla_u32(&n->w, IFLA_IPTUN_FLAGS, ask->flags);
	nla_u8(&n->w, IFLA_IPTUN_PROTO, ask->proto);
	nla_u16(&n->w, IFLA_IPTUN_ENCAP_TYPE, ask->encap);
	nla_nest_end(&n->w, data);
	nla_nest_end(&n->w, nest);
	nlb_send(n);
	return nlb_error(n);
}

/* An attribute of the tunnel that @m tells of. */
static struct rd tunnel_attr(const struct nlb_msg *m, unsigned type)
{
	struct rd kind, data, ret;
	struct rd info = nlb_attr(m, sizeof(struct ifinfomsg), IFLA_LINKINFO);

	assert_true(nlb_in(info, IFLA_INFO_KIND, &kind));
	assert_string_equal((const char *)kind.p, "ip6tnl");
	assert_true(nlb_in(info, IFLA_INFO_DATA, &data));
	assert_true(nlb_in(data, type, &ret));
	return ret;
}

static void ask_link(struct nlb *n, const char *name, struct nlb_msg *m)
{
	struct ifinfomsg head = { .ifi_index = 0 };

	nlb_req(n, RTM_GETLINK, 0, &head, sizeof(head));
	nla_text(&n->w, IFLA_IFNAME, name);
	nlb_send(n);
	assert_true(nlb_next(n, m));
	assert_int_equal(m->h.nlmsg_type, RTM_NEWLINK);
}

static void a_tunnel_is_as_it_was_asked_for(void **state)
{
	const struct tun_ask ask = { .local = "2001:db8::1",
				     .remote = "2001:db8::2",
				     .flags = IP6_TNL_F_USE_ORIG_TCLASS,
				     .flowinfo = 0x0b8abcde,
				     .proto = IPPROTO_IPV6,
				     .limit = 7,
				     .hop_limit = 33 };
	struct ifinfomsg head;
	struct tunnel_conf c;
	struct nlb_msg m;
	struct iface *t;
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	bed_addr(&n.b, 0, "2001:db8::1/64");
	assert_int_equal(add_tunnel(&n, "t0", &ask), 0);
	t = ip6_if_by_name(&n.b.node->ip6, "t0");
	assert_non_null(t);
	assert_non_null(t->tunnel);
	c = t->tunnel->conf;
	assert_true(t->link.up && c.limit == 7 && !c.no_limit && c.hop_limit == 33);
	assert_true(c.inherit_class && !c.inherit_flow && c.tclass == 0xb8 && c.flow == 0xabcde);
	assert_int_equal(c.proto, IPPROTO_IPV6);
	ask_link(&n, "t0", &m);
	memcpy(&head, m.body.p, sizeof(head));
	assert_int_equal(head.ifi_type, ARPHRD_TUNNEL6);
	assert_int_equal(head.ifi_flags & (IFF_POINTOPOINT | IFF_NOARP | IFF_BROADCAST),
			 IFF_POINTOPOINT | IFF_NOARP);
	assert_memory_equal(nlb_attr(&m, sizeof(head), IFLA_ADDRESS).p, c.local.b, 16);
	assert_memory_equal(nlb_attr(&m, sizeof(head), IFLA_BROADCAST).p, c.remote.b, 16);
	assert_int_equal(nla_get_u32(nlb_attr(&m, sizeof(head), IFLA_MTU)), 1452);
	assert_memory_equal(tunnel_attr(&m, IFLA_IPTUN_LOCAL).p, c.local.b, 16);
	assert_memory_equal(tunnel_attr(&m, IFLA_IPTUN_REMOTE).p, c.remote.b, 16);
	assert_int_equal(nla_get_u8(tunnel_attr(&m, IFLA_IPTUN_TTL)), 33);
	assert_int_equal(nla_get_u8(tunnel_attr(&m, IFLA_IPTUN_ENCAP_LIMIT)), 7);
	assert_int_equal(be32toh(nla_get_u32(tunnel_attr(&m, IFLA_IPTUN_FLOWINFO))), 0x0b8abcde);
	assert_int_equal(nla_get_u32(tunnel_attr(&m, IFLA_IPTUN_FLAGS)), IP6_TNL_F_USE_ORIG_TCLASS);
	assert_int_equal(nla_get_u8(tunnel_attr(&m, IFLA_IPTUN_PROTO)), IPPROTO_IPV6);
	assert_int_equal(add_tunnel(&n, "t1", &ask), -EEXIST); /* between the same two */
	assert_int_equal(del_link(&n, "t0"), 0);
	assert_null(ip6_if_by_name(&n.b.node->ip6, "t0"));
	assert_int_equal(add_tunnel(&n, NULL, &ask), 0);
	assert_non_null(ip6_if_by_name(&n.b.node->ip6, "ip6tnl0"));
	nlb_done(&n);
}

static void what_no_tunnel_can_be_is_refused(void **state)
{
	static const struct {
		struct tun_ask ask;
		int rc;
	} rows[] = {
		{ { .local = "2001:db8::1" }, -EINVAL },
		{ { .remote = "2001:db8::2" }, -EINVAL },
		{ { .local = "2001:db8::1", .remote = "2001:db8::1" }, -EINVAL },
		{ { .local = "2001:db8::1", .remote = "2001:db8::2", .proto = 47 }, -EINVAL },
		{ { .local = "2001:db8::1", .remote = "2001:db8::2", .encap = TUNNEL_ENCAP_FOU },
		  -EOPNOTSUPP },
		{ { .local = "2001:db8::1",
		    .remote = "2001:db8::2",
		    .flags = IP6_TNL_F_RCV_DSCP_COPY },
		  -EOPNOTSUPP },
	};
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bed_row(i, ARRAY_LEN(rows));
		assert_int_equal(add_tunnel(&n, "t0", &rows[i].ask), rows[i].rc);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	assert_null(ip6_if_by_name(&n.b.node->ip6, "t0"));
	nlb_done(&n);
}

static void dummies_are_bounded_and_nothing_else_is_made(void **state)
{
	struct nlb n;
	unsigned made = 0;
	int rc;

	(void)state;
	nlb_init(&n, 1);
	assert_int_equal(add_dummy(&n, "v0", "veth", 0), -EOPNOTSUPP);
	assert_int_equal(add_dummy(&n, "b0", "bridge", 0), -EOPNOTSUPP);
	assert_int_equal(add_dummy(&n, "d0", "dummy", 1279), -EINVAL); /* RFC 8200 section 5 */
	assert_int_equal(add_dummy(&n, "d0", "dummy", 65536), -EINVAL);
	assert_int_equal(add_dummy(&n, "e0", "dummy", 0), -EEXIST);
	while ((rc = add_dummy(&n, NULL, "dummy", 1280)) == 0)
		made++;
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(made, IF_MAX - 2); /* beside lo and e0 */
	assert_non_null(ip6_if_by_name(&n.b.node->ip6, "dummy0"));
	nlb_done(&n);
}

/*
 * Lists of routes on a strict socket.
 */
static int list_routes(struct nlb *n, unsigned flags, uint32_t oif)
{
	struct rtmsg head = { .rtm_family = AF_INET6, .rtm_flags = flags };
	struct nlb_msg m;
	int routes = 0, err = 0;

	nlb_req(n, RTM_GETROUTE, NLM_F_DUMP, &head, sizeof(head));
	if (oif != 0)
		nla_u32(&n->w, RTA_OIF, oif);
	nlb_send(n);
	while (nlb_next(n, &m) && m.h.nlmsg_type == RTM_NEWROUTE)
		routes++;
	assert_int_equal(m.h.nlmsg_type, NLMSG_DONE);
	assert_true(rd_copy(&m.body, &err, sizeof(err)));
	return err != 0 ? err : routes;
}

static void routes_are_filtered(void **state)
{
	struct ip6_addr ra = bed_addr_of("2001:db8:5::");
	struct route r = { .table = FIB_TABLE_MAIN,
			   .dst = ra,
			   .dst_len = 64,
			   .via = { .proto = ROUTE_PROTO_RA, .metric = 256 },
			   .expires = TIME_NEVER };
	struct nlb n;

	(void)state;
	nlb_init(&n, 2);
	r.via.ifindex = n.b.ifindex[1];
	assert_int_equal(fib_add(n.b.node->ip6.fib, &r), 0);
	assert_int_equal(list_routes(&n, RTM_F_PREFIX, 0), 1);
	assert_int_equal(list_routes(&n, RTM_F_PREFIX, n.b.ifindex[0]), 0);
	assert_int_equal(list_routes(&n, RTM_F_CLONED, 0), 0);
	assert_int_equal(list_routes(&n, RTM_F_NOTIFY, 0), -EINVAL);
	assert_int_equal(list_routes(&n, 0, 77), -ENODEV);
	assert_true(list_routes(&n, 0, n.b.ifindex[1]) < list_routes(&n, 0, 0));
	nlb_done(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_says_what_is_sent_from),
		cmocka_unit_test(routes_follow_their_next_hop),
		cmocka_unit_test(next_hops_end_with_their_link),
		cmocka_unit_test(next_hops_are_bounded),
		cmocka_unit_test(a_label_chooses_a_source),
		cmocka_unit_test(labels_are_bounded),
		cmocka_unit_test(a_proxy_answers),
		cmocka_unit_test(a_dummy_swallows),
		cmocka_unit_test(a_tunnel_is_as_it_was_asked_for),
		BED_ROWS(what_no_tunnel_can_be_is_refused),
		cmocka_unit_test(the_end_of_a_link_is_told),
		cmocka_unit_test(dummies_are_bounded_and_nothing_else_is_made),
		cmocka_unit_test(routes_are_filtered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
