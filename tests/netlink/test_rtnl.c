/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What rtnetlink does to a node, and what it tells of what happens there. That its answers are the
 * kernel's is for test_oracle.c; here is what that cannot see.
 */
#include "netlink/nlbed.h"

#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/netconf.h>
#include <stdio.h>

static void join(struct nlb *n, int group)
{
	assert_int_equal(
		nl_setsockopt(n->s, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)), 0);
}

static void new_route(struct nlb *n, unsigned flags, const char *dst, const char *gateway)
{
	struct rtmsg head = { .rtm_family = AF_INET6, .rtm_protocol = RTPROT_STATIC };
	struct ip6_addr a, gw = bed_addr_of(gateway);
	unsigned len;

	assert_int_equal(ip6_parse_prefix(dst, &a, &len), 0);
	head.rtm_dst_len = (uint8_t)len;
	nlb_req(n, RTM_NEWROUTE, flags, &head, sizeof(head));
	nla_addr(&n->w, RTA_DST, &a);
	nla_addr(&n->w, RTA_GATEWAY, &gw);
	nla_u32(&n->w, RTA_OIF, n->b.ifindex[0]);
	nlb_send(n);
}

static void set_link(struct nlb *n, uint32_t flags, uint32_t change, uint32_t mtu)
{
	struct ifinfomsg head = { .ifi_index = (int)n->b.ifindex[0],
				  .ifi_flags = flags,
				  .ifi_change = change };

	nlb_req(n, RTM_SETLINK, NLM_F_ACK, &head, sizeof(head));
	if (mtu != 0)
		nla_u32(&n->w, IFLA_MTU, mtu);
	nlb_send(n);
}

static void a_link_goes_down_and_up(void **state)
{
	struct nlb n;
	struct nlb_msg m;
	struct ifinfomsg head;

	(void)state;
	nlb_init(&n, 1);
	set_link(&n, 0, IFF_UP, 0);
	assert_int_equal(nlb_error(&n), 0);
	assert_false(bed_if(&n.b, 0)->link.up);
	join(&n, RTNLGRP_LINK);
	set_link(&n, IFF_UP, IFF_UP, 0);
	assert_true(nlb_next(&n, &m)); /* told before it is acknowledged */
	assert_int_equal(m.h.nlmsg_type, RTM_NEWLINK);
	memcpy(&head, m.body.p, sizeof(head));
	assert_int_equal(head.ifi_flags & IFF_UP, IFF_UP);
	assert_int_equal(nlb_error(&n), 0);
	assert_true(bed_if(&n.b, 0)->link.up);
	bed_run(&n.b, n.b.now + 5 * NS_PER_S);
	assert_int_equal(bed_addr_state(&n.b, 0, "fe80::ff:fe00:0"), ADDR_PREFERRED);
	nlb_done(&n);
}

static void an_mtu_has_its_bounds(void **state)
{
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	set_link(&n, 0, 0, 1400);
	assert_int_equal(nlb_error(&n), 0);
	assert_int_equal(bed_if(&n.b, 0)->conf.link_mtu, 1400);
	set_link(&n, 0, 0, 1279); /* RFC 8200 section 5 */
	assert_int_equal(nlb_error(&n), -EINVAL);
	set_link(&n, 0, 0, 1501);
	assert_int_equal(nlb_error(&n), -EINVAL);
	assert_int_equal(bed_if(&n.b, 0)->conf.link_mtu, 1400);
	set_link(&n, IFF_PROMISC, IFF_PROMISC, 0);
	assert_int_equal(nlb_error(&n), -EOPNOTSUPP);
	nlb_done(&n);
}

static int set_one(struct nlb *n, unsigned attr, const void *p, size_t octets)
{
	struct ifinfomsg head = { .ifi_index = (int)n->b.ifindex[0] };

	nlb_req(n, RTM_SETLINK, NLM_F_ACK, &head, sizeof(head));
	nla_put(&n->w, attr, p, octets);
	nlb_send(n);
	return nlb_error(n);
}

static void a_link_gets_a_name_and_an_address(void **state)
{
	static const uint8_t mac[] = { 2, 9, 9, 9, 9, 9 }, group[] = { 3, 9, 9, 9, 9, 9 };
	const uint32_t many = UINT32_MAX;
	struct nlb n;

	(void)state;
	nlb_init(&n, 2);
	assert_int_equal(set_one(&n, IFLA_IFNAME, "wan", 4), 0);
	assert_ptr_equal(ip6_if_by_name(&n.b.node->ip6, "wan"), bed_if(&n.b, 0));
	assert_int_equal(set_one(&n, IFLA_IFNAME, "e1", 3), -EEXIST);
	assert_int_equal(set_one(&n, IFLA_IFNAME, "sixteen-octets-x", 16), -ERANGE);
	assert_int_equal(set_one(&n, IFLA_IFNAME, "", 1), -ERANGE);
	assert_int_equal(set_one(&n, IFLA_ADDRESS, mac, 6), 0);
	assert_memory_equal(bed_if(&n.b, 0)->link.mac.b, mac, 6);
	assert_int_equal(set_one(&n, IFLA_ADDRESS, group, 6), -EADDRNOTAVAIL);
	assert_int_equal(set_one(&n, IFLA_ADDRESS, mac, 5), -EINVAL);
	assert_int_equal(set_one(&n, IFLA_TXQLEN, &many, 4), 0);
	assert_int_equal(bed_if(&n.b, 0)->link.tx_max, 65536); /* bounded */
	assert_int_equal(set_one(&n, IFLA_MASTER, &many, 4), -EOPNOTSUPP);
	nlb_done(&n);
}

/* One copy, numbered as the request, whether or not one listens, too. */
static void an_echo_comes_once(void **state)
{
	struct ifaddrmsg head = { .ifa_family = AF_INET6, .ifa_prefixlen = 64 };
	struct ip6_addr addr = bed_addr_of("2001:db8:9::1");
	unsigned echoes = 0;
	struct nlb n;
	struct nlb_msg m;

	(void)state;
	nlb_init(&n, 1);
	for (unsigned i = 0; i < 2; i++) {
		new_route(&n, NLM_F_ACK | NLM_F_ECHO | NLM_F_CREATE,
			  i == 0 ? "2001:db8:1::/48" : "2001:db8:2::/48", "fe80::9");
		assert_true(
			nlb_next(&n, &m)); /* its number is the request's, or nlb_next() fails */
		assert_int_equal(n.from.group, 0);
		assert_int_equal(m.h.nlmsg_type, RTM_NEWROUTE);
		assert_int_equal(nlb_error(&n), 0);
		join(&n, RTNLGRP_IPV6_ROUTE);
	}
	head.ifa_index = n.b.ifindex[0];
	nlb_req(&n, RTM_NEWADDR, NLM_F_ACK | NLM_F_ECHO, &head, sizeof(head));
	nla_addr(&n.w, IFA_LOCAL, &addr);
	nlb_send(&n);
	for (unsigned i = 0; i < 4; i++) { /* tentative, not; two routes, which are no echoes */
		assert_true(nlb_next(&n, &m));
		echoes += n.from.group == 0;
	}
	assert_int_equal(echoes, 2);
	assert_int_equal(nlb_error(&n), 0);
	nlb_done(&n);
}

static void a_route_that_ends_is_told(void **state)
{
	struct rtmsg head = { .rtm_family = AF_INET6, .rtm_dst_len = 32 };
	struct ip6_addr dst = bed_addr_of("2001:db8::");
	struct nlb n;
	struct nlb_msg m;

	(void)state;
	nlb_init(&n, 1);
	join(&n, RTNLGRP_IPV6_ROUTE);
	nlb_req(&n, RTM_NEWROUTE, NLM_F_CREATE, &head, sizeof(head));
	nla_addr(&n.w, RTA_DST, &dst);
	nla_u32(&n.w, RTA_OIF, n.b.ifindex[0]);
	nla_u32(&n.w, RTA_EXPIRES, 10);
	nlb_send(&n);
	assert_true(nlb_next(&n, &m));
	assert_true(nlb_silent(&n));
	bed_run(&n.b, n.b.now + 10 * NS_PER_S - 1);
	assert_true(nlb_silent(&n));
	bed_run(&n.b, n.b.now + 1);
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_type, RTM_DELROUTE);
	assert_true(nlb_silent(&n));
	nlb_done(&n);
}

/* More next hops than one message has room for come in two, and a default route comes last. */
static void many_routes_are_all_listed_once(void **state)
{
	struct rtmsg head = { .rtm_family = AF_INET6 };
	struct nlb n;
	struct nlb_msg m;
	unsigned k = 0;
	char text[64];

	(void)state;
	nlb_init(&n, 1);
	n.room = NL_DGRAM_OCTETS;
	new_route(&n, NLM_F_CREATE, "::/0", "fe80::1");
	for (unsigned i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "fe80::1:%x", i);
		new_route(&n, NLM_F_CREATE | NLM_F_APPEND, "2001:db8::/32", text);
	}
	for (unsigned i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::/48", i);
		new_route(&n, NLM_F_CREATE, text, "fe80::1");
	}
	assert_true(nlb_silent(&n));
	head.rtm_table = RT_TABLE_MAIN;
	nlb_req(&n, RTM_GETROUTE, NLM_F_DUMP, &head, sizeof(head));
	nlb_send(&n);
	while (nlb_next(&n, &m) && m.h.nlmsg_type == RTM_NEWROUTE) {
		memcpy(&head, m.body.p, sizeof(head));
		/* what lies within a prefix, then the prefix, fe80::/64, the default route */
		assert_int_equal(head.rtm_dst_len, k < 100 ? 48 : k < 102 ? 32 : k == 102 ? 64 : 0);
		if (k == 100)
			assert_int_equal(nlb_attr(&m, sizeof(head), RTA_MULTIPATH).left, 32 * 28);
		if (k == 101)
			assert_int_equal(nlb_attr(&m, sizeof(head), RTA_MULTIPATH).left, 8 * 28);
		k++;
	}
	assert_int_equal(k, 104);
	assert_int_equal(m.h.nlmsg_type, NLMSG_DONE);
	nlb_done(&n);
}

static void neighbours_are_told_of(void **state)
{
	struct ndmsg head;
	struct nlb n;
	struct nlb_msg m;
	static const uint16_t states[] = { 0x01, 0x02, 0x04 }; /* INCOMPLETE, REACHABLE, STALE */
	struct ip6_addr from = bed_addr_of("fe80::ff:fe00:0");

	(void)state;
	nlb_init(&n, 1);
	join(&n, RTNLGRP_NEIGH);
	bed_send(&n.b, bed_echo(&n.b, "fe80::ff:fe00:0", "fe80::9", 1, 8), 0);
	bed_rx(&n.b, 0,
	       bed_ns(&n.b, ND_NA, NUD_NA_SOLICITED | NUD_NA_OVERRIDE, "fe80::9", "fe80::ff:fe00:0",
		      "fe80::9", "\x02\x01\x02\x00\x00\x00\x00\x09", 8));
	bed_run(&n.b, n.b.now + 50 * NS_PER_S);
	for (unsigned i = 0; i < ARRAY_LEN(states); i++) {
		assert_true(nlb_next(&n, &m));
		assert_int_equal(m.h.nlmsg_type, RTM_NEWNEIGH);
		memcpy(&head, m.body.p, sizeof(head));
		assert_int_equal(head.ndm_state, states[i]);
	}
	assert_true(nlb_silent(&n));
	(void)from;
	/* DELAY is no news; PROBE is */
	bed_send(&n.b, bed_echo(&n.b, "fe80::ff:fe00:0", "fe80::9", 2, 8), 0);
	assert_true(nlb_silent(&n));
	bed_run(&n.b, n.b.now + 5 * NS_PER_S);
	assert_true(nlb_next(&n, &m));
	memcpy(&head, m.body.p, sizeof(head));
	assert_int_equal(head.ndm_state, 0x10);
	nlb_done(&n);
}

static void an_advertised_prefix_is_told(void **state)
{
	struct nd_msg ra = { .type = ND_RA, .ra = { .lifetime_s = 1800 } };
	struct prefixmsg head;
	struct nlb n;
	struct nlb_msg m;

	(void)state;
	nlb_init(&n, 1);
	join(&n, RTNLGRP_IPV6_PREFIX);
	ra.opts.n_prefixes = 1;
	ra.opts.prefix[0] = (struct nd_prefix){ .prefix = bed_addr_of("2001:db8::"),
						.len = 64,
						.on_link = true,
						.autonomous = true,
						.valid_s = 7200,
						.preferred_s = 3600 };
	bed_rx(&n.b, 0, bed_ra(&n.b, "fe80::1", &ra));
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_type, RTM_NEWPREFIX);
	memcpy(&head, m.body.p, sizeof(head));
	assert_int_equal(head.prefix_ifindex, n.b.ifindex[0]);
	assert_int_equal(head.prefix_len, 64);
	assert_int_equal(head.prefix_flags, 3);
	assert_memory_equal(nlb_attr(&m, sizeof(head), PREFIX_ADDRESS).p,
			    ra.opts.prefix[0].prefix.b, 16);
	nlb_done(&n);
}

static void forwarding_is_told(void **state)
{
	struct netconfmsg head;
	struct nlb n;
	struct nlb_msg m;

	(void)state;
	nlb_init(&n, 1);
	join(&n, RTNLGRP_IPV6_NETCONF);
	bed_router(&n.b, 1);
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_type, RTM_NEWNETCONF);
	assert_int_equal(nla_get_u32(nlb_attr(&m, NLMSG_ALIGN(sizeof(head)), NETCONFA_FORWARDING)),
			 1);
	nlb_done(&n);
}

/* Addresses of a router's advertisement, with their flags. */
static void made_addresses_are_marked(void **state)
{
	struct nd_msg ra = { .type = ND_RA, .ra = { .lifetime_s = 1800 } };
	struct ifaddrmsg head = { .ifa_family = AF_INET6 };
	struct nlb n;
	struct nlb_msg m;
	uint32_t flags = 0;

	(void)state;
	nlb_init(&n, 1);
	bed_if(&n.b, 0)->conf.temp_addrs = true;
	ra.opts.n_prefixes = 1;
	ra.opts.prefix[0] = (struct nd_prefix){ .prefix = bed_addr_of("2001:db8::"),
						.len = 64,
						.autonomous = true,
						.valid_s = 7200,
						.preferred_s = 3600 };
	bed_rx(&n.b, 0, bed_ra(&n.b, "fe80::1", &ra));
	bed_run(&n.b, n.b.now + 5 * NS_PER_S);
	head.ifa_index = n.b.ifindex[0];
	nlb_req(&n, RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
	nlb_send(&n);
	while (nlb_next(&n, &m) && m.h.nlmsg_type == RTM_NEWADDR)
		flags |= nla_get_u32(nlb_attr(&m, sizeof(head), IFA_FLAGS));
	assert_int_equal(flags, IFA_F_TEMPORARY | IFA_F_MANAGETEMPADDR | IFA_F_PERMANENT);
	nlb_done(&n);
}

/* A hostile list of next hops: every length that there is. */
static void next_hops_of_any_length(void **state)
{
	struct rtmsg head = { .rtm_family = AF_INET6, .rtm_dst_len = 32 };
	struct ip6_addr dst = bed_addr_of("2001:db8::");
	struct rtnexthop nh = { .rtnh_ifindex = 2 };
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	for (unsigned len = 0; len < 64; len++) {
		nlb_req(&n, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_ACK | NLM_F_REPLACE, &head,
			sizeof(head));
		nla_addr(&n.w, RTA_DST, &dst);
		nh.rtnh_len = (uint16_t)len;
		nla_put(&n.w, RTA_MULTIPATH, &nh, sizeof(nh));
		nlb_send(&n);
		assert_int_equal(nlb_error(&n), len == 8 ? 0 : -EINVAL);
	}
	nlb_done(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_goes_down_and_up),
		cmocka_unit_test(an_mtu_has_its_bounds),
		cmocka_unit_test(a_link_gets_a_name_and_an_address),
		cmocka_unit_test(an_echo_comes_once),
		cmocka_unit_test(a_route_that_ends_is_told),
		cmocka_unit_test(many_routes_are_all_listed_once),
		cmocka_unit_test(neighbours_are_told_of),
		cmocka_unit_test(an_advertised_prefix_is_told),
		cmocka_unit_test(forwarding_is_told),
		cmocka_unit_test(made_addresses_are_marked),
		cmocka_unit_test(next_hops_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
