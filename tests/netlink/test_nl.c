/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine, and the seam's fine print, which broke one re-implementation or another: lengths by
 * MSG_PEEK|MSG_TRUNC, options that must succeed, port ids and sequence numbers, 12 octets of
 * sockaddr_nl, unknown requests, dumps in parts, acknowledgements as they were asked for.
 */
#include "netlink/nlbed.h"

#include <stdio.h>

static void dump_links(struct nlb *n, unsigned family)
{
	struct ifinfomsg head = { .ifi_family = (uint8_t)family };

	nlb_req(n, RTM_GETLINK, NLM_F_DUMP, &head, sizeof(head));
	nlb_send(n);
}

static void dump_addrs(struct nlb *n, uint32_t ifindex)
{
	struct ifaddrmsg head = { .ifa_family = AF_INET6, .ifa_index = ifindex };

	nlb_req(n, RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
	nlb_send(n);
}

static void links_are_listed(void **state)
{
	struct nlb n;
	struct nlb_msg m;
	struct ifinfomsg head;
	struct rd spec, inet6, v;

	(void)state;
	nlb_init(&n, 2);
	dump_links(&n, AF_PACKET);
	assert_int_equal(nlb_dump(&n, RTM_NEWLINK, &m), 3);
	memcpy(&head, m.body.p, sizeof(head));
	assert_int_equal(head.ifi_index, n.b.ifindex[1]);
	assert_int_equal(head.ifi_flags & 0x1, 0x1);
	assert_string_equal((const char *)nlb_attr(&m, sizeof(head), IFLA_IFNAME).p, "e1");
	assert_int_equal(nla_get_u32(nlb_attr(&m, sizeof(head), IFLA_MTU)), 1500);
	assert_int_equal(nla_get_u8(nlb_attr(&m, sizeof(head), IFLA_OPERSTATE)), 6);
	assert_memory_equal(nlb_attr(&m, sizeof(head), IFLA_ADDRESS).p, n.b.mac[1].b, 6);
	spec = nlb_attr(&m, sizeof(head), IFLA_AF_SPEC);
	assert_true(nlb_in(spec, AF_INET6, &inet6));
	assert_true(nlb_in(inet6, IFLA_INET6_CONF, &v));
	assert_true(v.left % 4 == 0);
	assert_true(nlb_in(inet6, IFLA_INET6_STATS, &v));
	nlb_done(&n);
}

static void links_of_inet6_have_a_shape_of_their_own(void **state)
{
	struct nlb n;
	struct nlb_msg m;
	struct rd v;

	(void)state;
	nlb_init(&n, 1);
	dump_links(&n, AF_INET6);
	assert_int_equal(nlb_dump(&n, RTM_NEWLINK, &m), 2);
	assert_int_equal(m.body.p[0], AF_INET6);
	nlb_attr(&m, sizeof(struct ifinfomsg), IFLA_PROTINFO);
	assert_false(nlb_has_attr(&m, sizeof(struct ifinfomsg), IFLA_AF_SPEC, &v));
	nlb_done(&n);
}

static void a_link_is_told_by_index_or_name(void **state)
{
	struct nlb n;
	struct nlb_msg m;
	struct ifinfomsg head = { 0 };
	struct rd v;

	(void)state;
	nlb_init(&n, 1);
	nlb_req(&n, RTM_GETLINK, 0, &head, sizeof(head));
	nla_text(&n.w, IFLA_IFNAME, "e0");
	nla_u32(&n.w, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	nlb_send(&n);
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_flags & NLM_F_MULTI, 0);
	memcpy(&head, m.body.p, sizeof(head));
	assert_int_equal(head.ifi_index, n.b.ifindex[0]);
	assert_false(nlb_has_attr(&m, sizeof(head), IFLA_STATS64, &v));
	assert_true(nlb_silent(&n));

	head = (struct ifinfomsg){ .ifi_index = 1 };
	nlb_req(&n, RTM_GETLINK, NLM_F_ACK, &head, sizeof(head));
	nlb_send(&n);
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_type, RTM_NEWLINK);
	assert_int_equal(nlb_error(&n), 0);

	head.ifi_index = 9;
	nlb_req(&n, RTM_GETLINK, 0, &head, sizeof(head));
	nlb_send(&n);
	assert_int_equal(nlb_error(&n), -ENODEV);
	nlb_done(&n);
}

static void addresses_are_listed(void **state)
{
	struct nlb n;
	struct nlb_msg m;
	struct ifaddrmsg head;
	struct ip6_addr a;
	struct ifa_cacheinfo ci;

	(void)state;
	nlb_init(&n, 2);
	bed_addr(&n.b, 1, "2001:db8:1::1/64");
	dump_addrs(&n, 0);
	assert_int_equal(nlb_dump(&n, RTM_NEWADDR, &m), 4); /* ::1, two link-local, that one */
	dump_addrs(&n, n.b.ifindex[1]);
	assert_true(nlb_next(&n, &m)); /* global ones first */
	memcpy(&head, m.body.p, sizeof(head));
	assert_int_equal(head.ifa_family, AF_INET6);
	assert_int_equal(head.ifa_prefixlen, 64);
	assert_int_equal(head.ifa_scope, RT_SCOPE_UNIVERSE);
	assert_int_equal(head.ifa_flags, IFA_F_PERMANENT);
	a = nla_get_addr(nlb_attr(&m, sizeof(head), IFA_ADDRESS));
	assert_memory_equal(a.b, bed_addr_of("2001:db8:1::1").b, 16);
	memcpy(&ci, nlb_attr(&m, sizeof(head), IFA_CACHEINFO).p, sizeof(ci));
	assert_int_equal(ci.ifa_valid, UINT32_MAX);
	assert_int_equal(ci.tstamp, 106000); /* 1060 s */
	assert_int_equal(nlb_dump(&n, RTM_NEWADDR, &m), 1);
	nlb_done(&n);
}

/* A strict socket's filters count, and what a dump does not know is an error, not ignored. */
static void a_dump_is_checked_if_one_asks_for_it(void **state)
{
	struct nlb n;
	struct nlb_msg m;
	struct ifaddrmsg head = { .ifa_family = AF_INET6, .ifa_scope = 1 };
	int off = 0;

	(void)state;
	nlb_init(&n, 1);
	nlb_req(&n, RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
	nlb_send(&n);
	assert_int_equal(nlb_done_with(&n), -EINVAL);
	dump_addrs(&n, 7);
	assert_int_equal(nlb_done_with(&n), -ENODEV);
	nlb_req(&n, RTM_GETADDR, NLM_F_DUMP, &(struct ifaddrmsg){ .ifa_family = AF_INET6 },
		sizeof(head));
	nla_u32(&n.w, 60, 1);
	nlb_send(&n);
	assert_int_equal(nlb_done_with(&n), -EINVAL);
	/* the old way: nothing is checked, all is told */
	nl_setsockopt(n.s, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &off, sizeof(off));
	nlb_req(&n, RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
	nlb_send(&n);
	assert_int_equal(nlb_dump(&n, RTM_NEWADDR, &m), 2);
	nlb_done(&n);
}

/* glibc's getifaddrs() asks with a struct rtgenmsg and no more. */
static void a_request_of_17_octets_is_answered(void **state)
{
	struct nlb n;
	int off = 0;
	struct rtgenmsg gen = { .rtgen_family = AF_UNSPEC };

	(void)state;
	nlb_init(&n, 1);
	nl_setsockopt(n.s, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &off, sizeof(off));
	nlb_req(&n, RTM_GETLINK, NLM_F_DUMP, &gen, sizeof(gen));
	nlb_send(&n);
	assert_int_equal(nlb_dump(&n, RTM_NEWLINK, NULL), 2);
	nlb_req(&n, RTM_GETADDR, NLM_F_DUMP, &gen, sizeof(gen));
	nlb_send(&n);
	assert_int_equal(nlb_dump(&n, RTM_NEWADDR, NULL), 3);
	nlb_done(&n);
}

static void many_addrs(struct nlb *n, unsigned links)
{
	char text[64];

	for (unsigned i = 0; i < links * 60; i++) {
		snprintf(text, sizeof(text), "2001:db8::%x/64", i + 1);
		bed_addr(&n->b, i / 60, text);
	}
}

static void a_list_comes_in_datagrams_of_a_page(void **state)
{
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	many_addrs(&n, 1);
	dump_addrs(&n, 0);
	assert_true(nl_recv(n.s, NULL, 0, MSG_PEEK | MSG_TRUNC, NULL) <= NL_DGRAM_OCTETS);
	assert_int_equal(nlb_dump(&n, RTM_NEWADDR, NULL), 62);
	assert_int_equal(n.dgrams, 2);
	/* whoever has read with more room gets more at a time */
	n.dgrams = 0;
	dump_addrs(&n, 0);
	assert_int_equal(nlb_dump(&n, RTM_NEWADDR, NULL), 62);
	assert_int_equal(n.dgrams, 1);
	nlb_done(&n);
}

/* Read the messages of one datagram. */
static unsigned read_one(struct nlb *n, unsigned *interrupted)
{
	struct nlb_msg m;
	unsigned k = 0;

	do {
		assert_true(nlb_next(n, &m));
		*interrupted += (m.h.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		k++;
	} while (n->in.left > 0);
	return k;
}

static void a_change_while_listing_is_told(void **state)
{
	struct nlb n;
	unsigned interrupted = 0, third;

	(void)state;
	nlb_init(&n, 2);
	n.room = NL_DGRAM_OCTETS;
	many_addrs(&n, 2);
	dump_addrs(&n, 0);
	assert_true(read_one(&n, &interrupted) > 30); /* the second part was made when */
	bed_addr(&n.b, 1, "2001:db8:1::1/64");	      /* the first was read: before this */
	assert_true(read_one(&n, &interrupted) > 30);
	assert_int_equal(interrupted, 0);
	third = read_one(&n, &interrupted);
	assert_true(third > 10);
	assert_int_equal(interrupted, third);
	assert_true(nlb_silent(&n));
	/* once nobody lists or listens any more, a change costs nothing */
	assert_int_equal(n.b.node->env.watch.wanted, 0);
	nlb_done(&n);
}

static void one_list_at_a_time(void **state)
{
	struct nlb n;
	struct nlb_msg m;
	unsigned k = 0;

	(void)state;
	nlb_init(&n, 2);
	n.room = NL_DGRAM_OCTETS;
	many_addrs(&n, 2);
	dump_addrs(&n, 0);
	n.seq--; /* both have the same */
	dump_addrs(&n, 0);
	while (nlb_next(&n, &m) && m.h.nlmsg_type == RTM_NEWADDR)
		k++;
	assert_int_equal(m.h.nlmsg_type, NLMSG_ERROR);
	assert_int_equal((int)nla_get_u32(m.body), -EBUSY);
	assert_int_equal(k + nlb_dump(&n, RTM_NEWADDR, NULL), 123);
	nlb_done(&n);
}

static void an_error_says_why_and_where(void **state)
{
	struct nlb n;
	struct nlb_msg m;
	struct ifaddrmsg head = { .ifa_family = AF_INET6 };
	struct rd text, offs;
	uint32_t short_addr = 0;

	(void)state;
	nlb_init(&n, 1);
	nlb_req(&n, RTM_NEWADDR, NLM_F_ACK, &head, sizeof(head));
	nla_u32(&n.w, IFA_FLAGS, 0);
	nla_put(&n.w, IFA_LOCAL, &short_addr, sizeof(short_addr));
	nlb_send(&n);
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_type, NLMSG_ERROR);
	assert_int_equal(m.h.nlmsg_flags, NLM_F_ACK_TLVS);
	/* error, the whole request, the reason */
	assert_int_equal((int)nla_get_u32(m.body), -ERANGE);
	assert_memory_equal(m.body.p + 4, n.out, wr_len(&n.w));
	text = rd_of(m.body.p + 4 + wr_len(&n.w), m.body.left - 4 - wr_len(&n.w));
	assert_true(nlb_in(text, NLMSGERR_ATTR_OFFS, &offs));
	assert_int_equal(nla_get_u32(offs), 16 + 8 + 8);
	assert_true(nlb_in(text, NLMSGERR_ATTR_MSG, &offs));
	assert_int_equal(offs.p[offs.left - 1], 0);
	nlb_done(&n);
}

static void acknowledgements_are_as_asked_for(void **state)
{
	struct nlb n;
	struct nlb_msg m;
	struct ifaddrmsg head = { .ifa_family = AF_INET6 };
	int on = 1, off = 0;

	(void)state;
	nlb_init(&n, 1);
	nl_setsockopt(n.s, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	nl_setsockopt(n.s, SOL_NETLINK, NETLINK_EXT_ACK, &off, sizeof(off));
	nlb_req(&n, RTM_NEWADDR, NLM_F_ACK, &head, sizeof(head));
	nla_u32(&n.w, IFA_FLAGS, 0);
	nlb_send(&n);
	assert_true(nlb_next(&n, &m)); /* capped: the header of the request alone */
	assert_int_equal(m.h.nlmsg_len, 16 + 4 + 16);
	assert_int_equal(m.h.nlmsg_flags, NLM_F_CAPPED);
	/* success has no more than that either way */
	nl_setsockopt(n.s, SOL_NETLINK, NETLINK_CAP_ACK, &off, sizeof(off));
	nlb_req(&n, NLMSG_NOOP, NLM_F_ACK, NULL, 0);
	nlb_send(&n);
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_len, 36);
	assert_int_equal(nla_get_u32(m.body), 0);
	/* and nobody who did not ask gets one, but for an error */
	nlb_req(&n, NLMSG_NOOP, 0, NULL, 0);
	nlb_send(&n);
	assert_true(nlb_silent(&n));
	nlb_done(&n);
}

static void what_nobody_knows_is_refused(void **state)
{
	static const uint16_t types[] = { RTM_NEWQDISC, RTM_GETTFILTER, RTM_NEWNEXTHOPBUCKET, 200,
					  65535 };
	struct nlb n;
	struct rtgenmsg gen = { .rtgen_family = AF_INET6 };

	(void)state;
	nlb_init(&n, 1);
	for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
		nlb_req(&n, types[i], 0, &gen, sizeof(gen));
		nlb_send(&n);
		assert_int_equal(nlb_error(&n), -EOPNOTSUPP);
		nlb_req(&n, types[i], NLM_F_DUMP, &gen, sizeof(gen));
		nlb_send(&n);
		assert_int_equal(nlb_error(&n), -EOPNOTSUPP);
	}
	nlb_done(&n);
}

static void other_families_have_empty_lists(void **state)
{
	struct nlb n;
	struct rtgenmsg gen = { .rtgen_family = AF_BRIDGE };

	(void)state;
	nlb_init(&n, 1);
	nlb_req(&n, RTM_GETADDR, NLM_F_DUMP, &gen, sizeof(gen));
	nlb_send(&n);
	assert_int_equal(nlb_dump(&n, 0, NULL), 0);
	nlb_done(&n);
}

static void lengths_are_told_before_one_reads(void **state)
{
	struct nlb n;
	struct nl_from from;
	uint8_t buf[64];
	ssize_t whole;

	(void)state;
	nlb_init(&n, 1);
	assert_int_equal(nl_recv(n.s, buf, sizeof(buf), 0, &from), -EAGAIN);
	dump_links(&n, AF_PACKET);
	whole = nl_recv(n.s, NULL, 0, MSG_PEEK | MSG_TRUNC, &from);
	assert_true(whole > 1000);
	assert_int_equal(from.flags, MSG_TRUNC);
	assert_int_equal(nl_recv(n.s, buf, sizeof(buf), MSG_PEEK, &from), sizeof(buf));
	assert_int_equal(nl_recv(n.s, n.buf, sizeof(n.buf), MSG_PEEK, &from), whole);
	assert_int_equal(from.flags, 0);
	assert_int_equal(from.addr.nl_family, AF_NETLINK);
	assert_int_equal(from.addr.nl_pid, 0);
	assert_int_equal(nl_recv(n.s, buf, sizeof(buf), MSG_TRUNC, &from), whole);
	assert_int_equal(from.flags, MSG_TRUNC);
	nlb_done(&n);
}

static void options_and_names(void **state)
{
	static const int flags[] = { NETLINK_PKTINFO,	 NETLINK_BROADCAST_ERROR,
				     NETLINK_NO_ENOBUFS, NETLINK_CAP_ACK,
				     NETLINK_EXT_ACK,	 NETLINK_GET_STRICT_CHK };
	static const int buffers[] = { SO_SNDBUF, SO_RCVBUF, SO_SNDBUFFORCE, SO_RCVBUFFORCE };
	struct nlb n;
	struct nl *nl;
	struct nl_sock *s, *t;
	struct sockaddr_nl me;
	int v = 1;
	size_t len = sizeof(v);

	(void)state;
	nlb_init(&n, 1);
	nl = &n.b.node->nl;
	assert_int_equal(nl_open(nl, 16, 1, true, &s), -EPROTONOSUPPORT);
	assert_int_equal(nl_open(nl, NETLINK_ROUTE, NLB_PORT, false, &s), 0);
	nl_getsockname(s, &me);
	assert_int_equal(me.nl_pid, 0);
	for (unsigned i = 0; i < ARRAY_LEN(flags); i++) {
		assert_int_equal(nl_setsockopt(s, SOL_NETLINK, flags[i], &v, sizeof(v)), 0);
		assert_int_equal(nl_getsockopt(s, SOL_NETLINK, flags[i], &v, &len), 0);
		assert_int_equal(v, 1);
	}
	v = 32768;
	for (unsigned i = 0; i < ARRAY_LEN(buffers); i++)
		assert_int_equal(nl_setsockopt(s, SOL_SOCKET, buffers[i], &v, sizeof(v)), 0);
	assert_int_equal(nl_getsockopt(s, SOL_SOCKET, SO_RCVBUF, &v, &len), 0);
	assert_int_equal(v, 65536);
	assert_int_equal(nl_setsockopt(s, SOL_NETLINK, 99, &v, sizeof(v)), -ENOPROTOOPT);
	assert_int_equal(nl_setsockopt(s, SOL_NETLINK, NETLINK_CAP_ACK, &v, 2), -EINVAL);
	v = RTNLGRP_MAX + 1;
	assert_int_equal(nl_setsockopt(s, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &v, sizeof(v)),
			 -EINVAL);

	/* the process's id is the first socket's; a second one gets another */
	assert_int_equal(nl_bind(s, 0, 0), 0);
	nl_getsockname(s, &me);
	assert_int_not_equal(me.nl_pid, NLB_PORT);
	assert_true(me.nl_pid >= 0x80000000u);
	assert_int_equal(nl_bind(s, 5, 0), -EINVAL);
	assert_int_equal(nl_open(nl, NETLINK_ROUTE, NLB_PORT, false, &t), 0);
	assert_int_equal(nl_bind(t, NLB_PORT, 0), -EADDRINUSE);
	assert_int_equal(nl_bind(t, 77, 0), 0);
	nl_getsockname(t, &me);
	assert_int_equal(me.nl_pid, 77);
	assert_int_equal(nl_send(t, "", 0, &(struct sockaddr_nl){ AF_NETLINK, 0, 5, 0 }),
			 -ECONNREFUSED);
	nl_close(s); /* the other one is left to nl_done() */
	nlb_done(&n);
}

static void sockets_are_bounded(void **state)
{
	struct nl_sock *s = NULL;
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	for (unsigned i = 1; i < NL_SOCKS_MAX; i++) {
		assert_int_equal(nl_open(&n.b.node->nl, NETLINK_ROUTE, 7, true, &s), 0);
		assert_int_equal(nl_bind(s, 0, 0), 0);
	}
	assert_int_equal(nl_open(&n.b.node->nl, NETLINK_ROUTE, 7, true, &s), -ENFILE);
	nlb_done(&n);
}

static void who_may_not_change_may_ask(void **state)
{
	struct nlb n;
	struct nl_sock *mine;
	struct ifinfomsg head = { .ifi_index = 2 };

	(void)state;
	nlb_init(&n, 1);
	mine = n.s;
	nl_close(mine);
	assert_int_equal(nl_open(&n.b.node->nl, NETLINK_ROUTE, NLB_PORT, false, &n.s), 0);
	nlb_req(&n, RTM_SETLINK, 0, &head, sizeof(head));
	nlb_send(&n);
	assert_int_equal(nlb_error(&n), -EPERM);
	dump_links(&n, AF_UNSPEC);
	assert_int_equal(nlb_dump(&n, RTM_NEWLINK, NULL), 2);
	nlb_done(&n);
}

/* iproute2's dumps carry octets of zero behind their message; hostile lengths end the datagram. */
static void rubbish_behind_a_request_is_passed_over(void **state)
{
	struct nlb n;
	struct ifaddrmsg head = { .ifa_family = AF_INET6 };
	struct nlmsghdr h;

	(void)state;
	nlb_init(&n, 1);
	nlb_req(&n, RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
	assert_true(nlmsg_end(&n.m));
	wr_zero(&n.w, 128);
	assert_int_equal(nl_send(n.s, n.out, wr_len(&n.w), NULL), 152);
	assert_int_equal(nlb_dump(&n, RTM_NEWADDR, NULL), 2);
	for (uint32_t len = 0; len < 64; len++) {
		memcpy(&h, n.out, sizeof(h));
		h.nlmsg_len = len;
		h.nlmsg_type = RTM_GETLINK;
		h.nlmsg_flags = NLM_F_REQUEST;
		memcpy(n.out, &h, sizeof(h));
		nl_send(n.s, n.out, 24, NULL);
		/* 17 to 24 octets are a message, with a header that is too short; more is none */
		assert_int_equal(nl_readable(n.s), len >= 17 && len <= 24);
		if (nl_readable(n.s))
			assert_int_equal(nlb_error(&n), -EINVAL);
	}
	nlb_done(&n);
}

static void several_requests_in_a_datagram(void **state)
{
	struct nlb n;
	struct nlb_msg m;
	struct ifinfomsg head = { .ifi_index = 1 };
	struct nlmsghdr h = { .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST };

	(void)state;
	nlb_init(&n, 1);
	nlb_req(&n, RTM_GETLINK, 0, &head, sizeof(head));
	assert_true(nlmsg_end(&n.m));
	for (int i = 9; i > 0; i -= 7) {
		head.ifi_index = i;
		h.nlmsg_seq = 1;
		n.m = nlmsg_begin(&n.w, &h, &head, sizeof(head));
		assert_true(nlmsg_end(&n.m));
	}
	nl_send(n.s, n.out, wr_len(&n.w), NULL);
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_type, RTM_NEWLINK);
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_type, NLMSG_ERROR);
	assert_true(nlb_next(&n, &m));
	assert_int_equal(m.h.nlmsg_type, RTM_NEWLINK);
	assert_true(nlb_silent(&n));
	nlb_done(&n);
}

static void count_ready(void *ctx)
{
	++*(unsigned *)ctx;
}

static void who_reads_too_slowly_loses_and_is_told(void **state)
{
	struct nlb n;
	unsigned ready = 0, told = 0;
	int v = RTNLGRP_IPV6_IFADDR, small = 1024;
	struct nl_from from;

	(void)state;
	nlb_init(&n, 1);
	nl_on_ready(n.s, count_ready, &ready);
	nl_setsockopt(n.s, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &v, sizeof(v));
	nl_setsockopt(n.s, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	for (unsigned i = 1; i <= 20; i++) {
		char text[64];

		snprintf(text, sizeof(text), "2001:db8::%x/64", i);
		bed_addr(&n.b, 0, text);
	}
	assert_int_equal(ready, 1);
	assert_int_equal(nl_recv(n.s, n.buf, sizeof(n.buf), 0, &from), -ENOBUFS);
	while (nl_recv(n.s, n.buf, sizeof(n.buf), 0, &from) > 0) {
		assert_int_equal(from.group, RTNLGRP_IPV6_IFADDR);
		assert_int_equal(from.addr.nl_groups, 1u << (RTNLGRP_IPV6_IFADDR - 1));
		told++;
	}
	assert_true(told > 2 && told < 8);
	bed_addr(&n.b, 0, "2001:db8::99/64");
	assert_int_equal(ready, 2);
	v = 1;
	nl_setsockopt(n.s, SOL_NETLINK, NETLINK_NO_ENOBUFS, &v, sizeof(v));
	for (unsigned i = 1; i <= 20; i++)
		assert_int_equal(nd_addr_del(&n.b.node->nd, bed_if(&n.b, 0),
					     &(struct ip6_addr){ { 0x20, 0x01, 0x0d,
								   0xb8, [15] = (uint8_t)i } }),
				 0);
	assert_true(nl_recv(n.s, n.buf, sizeof(n.buf), 0, &from) > 0);
	nlb_done(&n);
}

static struct nl_sock *listener(struct nlb *n)
{
	struct nl_sock *s;

	assert_int_equal(nl_open(&n->b.node->nl, NETLINK_ROUTE, 0, true, &s), 0);
	assert_int_equal(nl_bind(s, 0, 1u << (RTNLGRP_IPV6_ROUTE - 1)), 0);
	return s;
}

static void add_route(struct nlb *n, const char *text)
{
	struct rtmsg head = { .rtm_family = AF_INET6,
			      .rtm_dst_len = 64,
			      .rtm_table = RT_TABLE_MAIN,
			      .rtm_protocol = RTPROT_ZEBRA,
			      .rtm_type = RTN_UNICAST };
	struct ip6_addr dst = bed_addr_of(text);

	nlb_req(n, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_ACK, &head, sizeof(head));
	nla_addr(&n->w, RTA_DST, &dst);
	nla_u32(&n->w, RTA_OIF, n->b.ifindex[0]);
	nlb_send(n);
	assert_int_equal(nlb_error(n), 0);
}

/* As zebra has it: routes that another of its sockets adds are not told to the one that listens. */
static void a_filter_keeps_messages_away(void **state)
{
	struct sock_filter insn[] = {
		BPF_STMT(BPF_LD | BPF_ABS | BPF_H, offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTM_NEWROUTE << 8, 0, 3),
		BPF_STMT(BPF_LD | BPF_ABS | BPF_W, offsetof(struct nlmsghdr, nlmsg_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __builtin_bswap32(NLB_PORT), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 20),
	};
	struct sock_fprog prog = { ARRAY_LEN(insn), insn };
	struct nl_sock *all, *other;
	uint8_t buf[4096];
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	all = listener(&n);
	other = listener(&n);
	assert_int_equal(nl_setsockopt(other, SOL_SOCKET, SO_DETACH_FILTER, &prog, 4), -ENOENT);
	assert_int_equal(nl_setsockopt(other, SOL_SOCKET, SO_ATTACH_FILTER, &prog, 4), -EINVAL);
	assert_int_equal(nl_setsockopt(other, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)),
			 0);
	add_route(&n, "2001:db8:5::");
	assert_true(nl_readable(all));
	assert_false(nl_readable(other));
	bed_addr(&n.b, 0, "2001:db8:6::1/64"); /* nobody's request: cut to 20 octets */
	assert_int_equal(nl_recv(other, buf, sizeof(buf), MSG_TRUNC, NULL), 20);
	while (nl_recv(other, buf, sizeof(buf), 0, NULL) > 0) {
	}
	assert_int_equal(nl_setsockopt(other, SOL_SOCKET, SO_DETACH_FILTER, &prog, 4), 0);
	add_route(&n, "2001:db8:7::");
	assert_true(nl_recv(other, buf, sizeof(buf), 0, NULL) > 20);
	nlb_done(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_listed),
		cmocka_unit_test(links_of_inet6_have_a_shape_of_their_own),
		cmocka_unit_test(a_link_is_told_by_index_or_name),
		cmocka_unit_test(addresses_are_listed),
		cmocka_unit_test(a_dump_is_checked_if_one_asks_for_it),
		cmocka_unit_test(a_request_of_17_octets_is_answered),
		cmocka_unit_test(a_list_comes_in_datagrams_of_a_page),
		cmocka_unit_test(a_change_while_listing_is_told),
		cmocka_unit_test(one_list_at_a_time),
		cmocka_unit_test(an_error_says_why_and_where),
		cmocka_unit_test(acknowledgements_are_as_asked_for),
		cmocka_unit_test(what_nobody_knows_is_refused),
		cmocka_unit_test(other_families_have_empty_lists),
		cmocka_unit_test(lengths_are_told_before_one_reads),
		cmocka_unit_test(options_and_names),
		cmocka_unit_test(a_filter_keeps_messages_away),
		cmocka_unit_test(sockets_are_bounded),
		cmocka_unit_test(who_may_not_change_may_ask),
		cmocka_unit_test(rubbish_behind_a_request_is_passed_over),
		cmocka_unit_test(several_requests_in_a_datagram),
		cmocka_unit_test(who_reads_too_slowly_loses_and_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
