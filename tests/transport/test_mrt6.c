/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Multicast routing by a program (MRT6_*): what each option says to what it is given, upcalls and what
 * they wait for, whose routing it is. tests/real/exec-mroute asks Linux the same.
 */
#include "bed.h"

#include <stdio.h>

#include "transport/mrt6.h"

#include <linux/mroute6.h>

#define PEER	"2001:db8::100"
#define GROUP	"ff1e::1:2"
#define UNKNOWN 253
#define I6	IPPROTO_IPV6

static struct sock *open_raw(struct bed *b, int protocol)
{
	struct sock *s;

	assert_int_equal(sock_open(&b->node->socks, AF_INET6, SOCK_RAW, protocol, &s), 0);
	return s;
}

/* A router on three links, and a socket for who routes. */
static struct sock *begin(struct bed *b)
{
	bed_init(b, 3);
	bed_router(b, 3);
	bed_addr(b, 0, "2001:db8::1/64");
	bed_addr(b, 1, "2001:db8:1::1/64");
	bed_quiet(b);
	return open_raw(b, IPPROTO_ICMPV6);
}

static int set_int(struct sock *s, int name, int v)
{
	return sock_setsockopt(s, I6, name, &v, sizeof(v));
}

static int get_int(struct sock *s, int name)
{
	socklen_t len = sizeof(int);
	int v = -1, rc = sock_getsockopt(s, I6, name, &v, &len);

	return rc < 0 ? rc : v;
}

static int add_mif(struct sock *s, const struct bed *b, unsigned mif, unsigned link)
{
	struct mif6ctl c = { .mif6c_mifi = (mifi_t)mif,
			     .vifc_threshold = 9,
			     .mif6c_pifi = (uint16_t)b->ifindex[link] };

	return sock_setsockopt(s, I6, MRT6_ADD_MIF, &c, sizeof(c));
}

static int del_mif(struct sock *s, unsigned mif)
{
	mifi_t m = (mifi_t)mif;

	return sock_setsockopt(s, I6, MRT6_DEL_MIF, &m, sizeof(m));
}

static int mfc(struct sock *s, int name, const char *src, const char *group, unsigned iif,
	       uint32_t oifs)
{
	struct ip6_addr from = bed_addr_of(src), to = bed_addr_of(group);
	struct mf6cctl c = { .mf6cc_parent = (mifi_t)iif };

	memcpy(&c.mf6cc_origin.sin6_addr, from.b, sizeof(from.b));
	memcpy(&c.mf6cc_mcastgrp.sin6_addr, to.b, sizeof(to.b));
	c.mf6cc_ifset.ifs_bits[0] = oifs;
	return sock_setsockopt(s, I6, name, &c, sizeof(c));
}

static const struct mfc *get(const struct bed *b, const char *src, const char *group)
{
	struct ip6_addr s = bed_addr_of(src), g = bed_addr_of(group);

	return mroute_get(&b->node->ip6, &s, &g);
}

static void three_mifs(struct sock *s, struct bed *b)
{
	assert_int_equal(set_int(s, MRT6_INIT, 1), 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(add_mif(s, b, i, i), 0);
}

/* One packet on @link; the links that something left by, as bits. */
static unsigned goes(struct bed *b, unsigned link, const char *group, uint8_t hop_limit)
{
	unsigned on = 0;
	uint32_t ifindex;

	bed_rx(b, link, bed_packet(b, PEER, group, UNKNOWN, hop_limit, "x", 1));
	while (bed_tx(b, &ifindex, NULL) != NULL)
		for (unsigned i = 0; i < 3; i++)
			on |= (ifindex == b->ifindex[i] ? 1u : 0) << i;
	return on;
}

/* The next upcall is this one, or there is none (@type 0). */
static void upcall(struct sock *s, uint8_t type, unsigned mif, const char *group)
{
	struct ip6_addr from = bed_addr_of(PEER), to = bed_addr_of(group);
	struct sockaddr_in6 name;
	struct mrt6msg m;
	struct iovec iov = { &m, sizeof(m) };
	struct msghdr msg = {
		.msg_name = &name, .msg_namelen = sizeof(name), .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t n = sock_recvmsg(s, &msg, MSG_TRUNC);

	if (type == 0) {
		assert_int_equal(n, -EAGAIN);
		return;
	}
	assert_int_equal(n, sizeof(m));
	assert_int_equal(m.im6_mbz, 0);
	assert_int_equal(m.im6_msgtype, type);
	assert_int_equal(m.im6_mif, mif);
	assert_int_equal(m.im6_pad, 0);
	assert_memory_equal(&m.im6_src, from.b, sizeof(from.b));
	assert_memory_equal(&m.im6_dst, to.b, sizeof(to.b));
	assert_memory_equal(&name.sin6_addr, from.b, sizeof(from.b));
}

/* Whose it is, and what is refused. */
static void test_options(void **state)
{
	struct bed b;
	struct sock *s, *other, *raw, *udp;
	struct mif6ctl reg = { .mif6c_mifi = 5, .mif6c_flags = MIFF_REGISTER };

	(void)state;
	s = begin(&b);
	other = open_raw(&b, IPPROTO_ICMPV6);
	raw = open_raw(&b, UNKNOWN);
	assert_int_equal(sock_open(&b.node->socks, AF_INET6, SOCK_DGRAM, 0, &udp), 0);

	assert_int_equal(set_int(raw, MRT6_INIT, 1), -EOPNOTSUPP);
	assert_int_equal(set_int(udp, MRT6_INIT, 1), -EOPNOTSUPP);
	assert_int_equal(get_int(udp, MRT6_VERSION), -EOPNOTSUPP);
	assert_int_equal(get_int(s, MRT6_VERSION), 0x0305);
	assert_int_equal(get_int(s, MRT6_INIT), -ENOPROTOOPT);
	assert_int_equal(set_int(s, MRT6_VERSION, 1), -ENOPROTOOPT);
	assert_int_equal(set_int(s, MRT6_LAST + 1, 1), -ENOPROTOOPT);
	assert_int_equal(set_int(s, MRT6_DONE, 1), -EACCES);
	assert_int_equal(sock_setsockopt(s, I6, MRT6_INIT, "", 1), -EINVAL);
	assert_int_equal(set_int(s, MRT6_INIT, 1), 0);
	assert_int_equal(set_int(s, MRT6_INIT, 1), -EADDRINUSE);
	assert_int_equal(set_int(other, MRT6_INIT, 1), -EADDRINUSE);
	assert_int_equal(set_int(other, MRT6_DONE, 1), -EACCES);

	assert_int_equal(sock_setsockopt(s, I6, MRT6_ADD_MIF, "", 1), -EINVAL);
	assert_int_equal(add_mif(s, &b, MAXMIFS, 0), -ENFILE);
	assert_int_equal(add_mif(s, &b, 31, 0), 0);
	assert_int_equal(add_mif(s, &b, 31, 1), -EADDRINUSE);
	b.ifindex[0] += 40;
	assert_int_equal(add_mif(s, &b, 1, 0), -EADDRNOTAVAIL);
	b.ifindex[0] -= 40;
	assert_int_equal(sock_setsockopt(s, I6, MRT6_ADD_MIF, &reg, sizeof(reg)), -EOPNOTSUPP);
	reg.mif6c_flags = 8;
	assert_int_equal(sock_setsockopt(s, I6, MRT6_ADD_MIF, &reg, sizeof(reg)), -EINVAL);
	assert_int_equal(del_mif(s, 30), -EADDRNOTAVAIL);
	assert_int_equal(del_mif(s, 32), -EADDRNOTAVAIL);
	assert_int_equal(del_mif(s, 31), 0);
	assert_int_equal(del_mif(s, 31), -EADDRNOTAVAIL);

	assert_int_equal(add_mif(s, &b, 0, 0), 0);
	assert_int_equal(sock_setsockopt(s, I6, MRT6_ADD_MFC, "", 1), -EINVAL);
	assert_int_equal(mfc(s, MRT6_ADD_MFC, PEER, GROUP, MAXMIFS, 0), -ENFILE);
	assert_int_equal(mfc(s, MRT6_ADD_MFC, PEER, "2001:db8::9", 0, 0), -EINVAL);
	assert_int_equal(mfc(s, MRT6_DEL_MFC, PEER, GROUP, 0, 0), -ENOENT);
	assert_int_equal(mfc(s, MRT6_ADD_MFC, PEER, GROUP, 0, UINT32_MAX), 0);
	assert_int_equal(get(&b, PEER, GROUP)->r.oifs, 0); /* there are no others */
	assert_int_equal(mfc(s, MRT6_DEL_MFC_PROXY, PEER, GROUP, 1, 0), -ENOENT);
	assert_int_equal(mfc(s, MRT6_DEL_MFC, PEER, GROUP, 1, 0), 0);

	assert_int_equal(get_int(s, MRT6_ASSERT), 0);
	assert_int_equal(set_int(s, MRT6_ASSERT, 7), 0);
	assert_int_equal(get_int(s, MRT6_ASSERT), 1);
	assert_int_equal(set_int(s, MRT6_ASSERT, 0), 0);
	assert_int_equal(set_int(s, MRT6_PIM, 1), 0);
	assert_int_equal(get_int(s, MRT6_PIM), 1);
	assert_int_equal(get_int(s, MRT6_ASSERT), 1);
	assert_int_equal(set_int(s, MRT6_PIM, 0), 0);
	assert_int_equal(get_int(s, MRT6_ASSERT), 0);
	assert_int_equal(sock_setsockopt(s, I6, MRT6_PIM, "", 1), -EINVAL);
	assert_int_equal(set_int(s, MRT6_TABLE, 254), -EBUSY);
	assert_int_equal(set_int(other, MRT6_TABLE, 254), 0);
	assert_int_equal(set_int(other, MRT6_TABLE, 1), -ENOPROTOOPT);
	assert_int_equal(set_int(other, MRT6_TABLE, -1), -EINVAL);
	assert_int_equal(set_int(s, MRT6_DONE, 1), 0);
	assert_int_equal(set_int(s, MRT6_DONE, 1), -EACCES);
	bed_done(&b);
}

/* Packets wait for a route, and go when it is given; each pair is told of once. */
static void test_nocache(void **state)
{
	struct bed b;
	struct sock *s, *other;
	uint8_t none[32];

	(void)state;
	s = begin(&b);
	other = open_raw(&b, IPPROTO_ICMPV6);
	memset(none, 0xff, sizeof(none)); /* no type is wanted; upcalls are none */
	assert_int_equal(sock_setsockopt(s, IPPROTO_ICMPV6, 1, none, sizeof(none)), 0);
	assert_int_equal(goes(&b, 0, GROUP, 64), 0);
	bed_dropped_only(&b, DROP_IP6_MCAST_NOT_JOINED, 1);
	bed_mark(&b);
	three_mifs(s, &b);
	assert_int_equal(goes(&b, 0, GROUP, 64), 0);
	assert_int_equal(goes(&b, 0, GROUP, 64), 0);
	assert_int_equal(goes(&b, 2, "ff1e::9", 64), 0);
	upcall(s, MRT6MSG_NOCACHE, 0, GROUP);
	upcall(s, MRT6MSG_NOCACHE, 2, "ff1e::9");
	upcall(s, 0, 0, GROUP);
	upcall(other, 0, 0, GROUP);
	assert_int_equal(mfc(s, MRT6_ADD_MFC, PEER, GROUP, 0, 7), 0);
	bed_run(&b, b.now);
	for (unsigned i = 0; i < 4; i++) /* two packets to two links */
		assert_non_null(bed_tx(&b, NULL, NULL));
	assert_null(bed_tx(&b, NULL, NULL));
	assert_int_equal(goes(&b, 0, GROUP, 64), 6);
	assert_int_equal(goes(&b, 0, GROUP, 2), 6); /* not what the mif's threshold says */
	assert_int_equal(get(&b, PEER, GROUP)->pkts, 4);
	bed_dropped_only(&b, DROP_NONE, 0);
	bed_silent_until(&b, b.now + 10 * NS_PER_S);
	bed_dropped_only(&b, DROP_MROUTE_UNRESOLVED, 1);
	assert_int_equal(mfc(s, MRT6_ADD_MFC, PEER, GROUP, 0, 2), 0);
	assert_int_equal(goes(&b, 0, GROUP, 64), 2);
	assert_int_equal(mfc(s, MRT6_DEL_MFC, PEER, GROUP, 0, 0), 0);
	assert_int_equal(goes(&b, 0, GROUP, 64), 0);
	upcall(s, MRT6MSG_NOCACHE, 0, GROUP);
	bed_done(&b);
}

/* The queue of upcalls is the socket's; who does not read them loses them, with a reason. */
static void test_full(void **state)
{
	struct bed b;
	struct sock *s;

	(void)state;
	s = begin(&b);
	b.node->ip6.mroute_conf.unresolved_max = 1000;
	three_mifs(s, &b);
	assert_int_equal(sock_setsockopt(s, SOL_SOCKET, SO_RCVBUF, &(int){ 0 }, sizeof(int)), 0);
	for (unsigned i = 1; i <= 20; i++) {
		char group[IP6_TEXT_MAX];

		snprintf(group, sizeof(group), "ff1e::%x", i);
		assert_int_equal(goes(&b, 0, group, 64), 0);
	}
	assert_in_range(bed_dropped(&b, DROP_SOCK_FULL), 1, 19);
	upcall(s, MRT6MSG_NOCACHE, 0, "ff1e::1");
	bed_done(&b);
}

/* Told of only if it is asked for: by a link that the route leads to, or with PIM by any. */
static void test_wrong_mif(void **state)
{
	struct bed b;
	struct sock *s;

	(void)state;
	s = begin(&b);
	three_mifs(s, &b);
	assert_int_equal(mfc(s, MRT6_ADD_MFC, PEER, GROUP, 0, 2), 0);
	assert_int_equal(goes(&b, 1, GROUP, 64), 0);
	upcall(s, 0, 0, GROUP);
	assert_int_equal(set_int(s, MRT6_ASSERT, 1), 0);
	bed_run(&b, b.now + 3 * NS_PER_S);
	assert_int_equal(goes(&b, 1, GROUP, 64), 0);
	assert_int_equal(goes(&b, 1, GROUP, 64), 0); /* once in three seconds */
	upcall(s, MRT6MSG_WRONGMIF, 1, GROUP);
	upcall(s, 0, 0, GROUP);
	bed_run(&b, b.now + 3 * NS_PER_S);
	assert_int_equal(goes(&b, 2, GROUP, 64), 0);
	upcall(s, 0, 0, GROUP);
	assert_int_equal(set_int(s, MRT6_PIM, 1), 0);
	bed_run(&b, b.now + 3 * NS_PER_S);
	assert_int_equal(goes(&b, 2, GROUP, 64), 0);
	upcall(s, MRT6MSG_WRONGMIF, 2, GROUP);
	bed_dropped_only(&b, DROP_MROUTE_WRONG_IF, 5);
	bed_done(&b);
}

static void test_counters(void **state)
{
	struct ip6_addr from = bed_addr_of(PEER), to = bed_addr_of(GROUP);
	struct sioc_mif_req6 m = { .mifi = 1 };
	struct sioc_sg_req6 sg = { .pktcnt = 9 };
	const struct socks *socks;
	struct sock *s;
	struct bed b;

	(void)state;
	s = begin(&b);
	socks = &b.node->socks;
	three_mifs(s, &b);
	memcpy(&sg.src.sin6_addr, from.b, sizeof(from.b));
	memcpy(&sg.grp.sin6_addr, to.b, sizeof(to.b));
	assert_int_equal(mrt6_ioctl(socks, SIOCGETSGCNT_IN6, &sg), -EADDRNOTAVAIL);
	assert_int_equal(mfc(s, MRT6_ADD_MFC, PEER, GROUP, 0, 2), 0);
	assert_int_equal(goes(&b, 0, GROUP, 64), 2);
	assert_int_equal(goes(&b, 0, GROUP, 64), 2);
	assert_int_equal(goes(&b, 2, GROUP, 64), 0);
	assert_int_equal(mrt6_ioctl(socks, SIOCGETSGCNT_IN6, &sg), 0);
	assert_int_equal(sg.pktcnt, 3); /* by the wrong interface, too */
	assert_int_equal(sg.bytecnt, 3 * (IP6_HDR_OCTETS + 1));
	assert_int_equal(sg.wrong_if, 1);
	assert_int_equal(mrt6_ioctl(socks, SIOCGETMIFCNT_IN6, &m), 0);
	assert_int_equal(m.icount, 0);
	assert_int_equal(m.ocount, 2);
	assert_int_equal(m.obytes, 2 * (IP6_HDR_OCTETS + 1));
	m.mifi = 0;
	assert_int_equal(mrt6_ioctl(socks, SIOCGETMIFCNT_IN6, &m), 0);
	assert_int_equal(m.icount, 2);
	assert_int_equal(m.ibytes, 2 * (IP6_HDR_OCTETS + 1));
	m.mifi = 3; /* beyond the last */
	assert_int_equal(mrt6_ioctl(socks, SIOCGETMIFCNT_IN6, &m), -EINVAL);
	assert_int_equal(del_mif(s, 1), 0);
	m.mifi = 1;
	assert_int_equal(mrt6_ioctl(socks, SIOCGETMIFCNT_IN6, &m), -EADDRNOTAVAIL);
	assert_int_equal(mrt6_ioctl_octets(SIOCGETMIFCNT_IN6), sizeof(m));
	assert_int_equal(mrt6_ioctl_octets(SIOCGETSGCNT_IN6), sizeof(sg));
	assert_int_equal(mrt6_ioctl_octets(SIOCGETRPF), 0);
	bed_done(&b);
}

/* What another socket adds stays when the router goes; each kind is flushed by its flag. */
static void test_flush(void **state)
{
	const struct mroute_mif *mif;
	struct sock *s, *other;
	struct bed b;

	(void)state;
	s = begin(&b);
	other = open_raw(&b, IPPROTO_ICMPV6);
	assert_int_equal(set_int(s, MRT6_INIT, 1), 0);
	assert_int_equal(add_mif(s, &b, 0, 0), 0);
	assert_int_equal(add_mif(other, &b, 1, 1), 0);
	mif = b.node->ip6.mroute->mif;
	assert_int_equal(mfc(s, MRT6_ADD_MFC, PEER, GROUP, 1, 0), 0);
	assert_int_equal(mfc(other, MRT6_ADD_MFC, PEER, "ff1e::9", 1, 0), 0);
	assert_int_equal(sock_setsockopt(s, I6, MRT6_FLUSH, "", 1), -EINVAL);
	assert_int_equal(set_int(s, MRT6_FLUSH, MRT6_FLUSH_MFC), 0);
	assert_null(get(&b, PEER, GROUP));
	assert_non_null(get(&b, PEER, "ff1e::9"));
	assert_int_equal(set_int(s, MRT6_FLUSH, MRT6_FLUSH_MIFS), 0);
	assert_int_equal(mif[0].ifindex, 0);
	assert_int_equal(mif[1].ifindex, b.ifindex[1]);
	assert_int_equal(add_mif(s, &b, 0, 0), 0);
	sock_close(s);
	assert_int_equal(mif[0].ifindex, 0);
	assert_int_equal(mif[1].ifindex, b.ifindex[1]);
	assert_non_null(get(&b, PEER, "ff1e::9"));
	assert_int_equal(set_int(other, MRT6_FLUSH, MRT6_FLUSH_MFC_STATIC), 0);
	assert_null(get(&b, PEER, "ff1e::9"));
	assert_int_equal(set_int(other, MRT6_FLUSH, MRT6_FLUSH_MIFS_STATIC), 0);
	assert_int_equal(mif[1].ifindex, 0);
	bed_done(&b);
}

/* A node that forwards by MLD leaves it to the program, and takes it back. */
static void test_instead_of_mld(void **state)
{
	struct mld_router_conf conf = MLD_ROUTER_DEFAULT;
	struct sock *s;
	struct bed b;

	(void)state;
	s = begin(&b);
	conf.on = true;
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(mld_set_router(&b.node->mld, bed_if(&b, i), &conf), 0);
	bed_quiet(&b);
	assert_int_equal(goes(&b, 0, GROUP, 64), 0);
	bed_dropped_only(&b, DROP_MROUTE_NO_OIF, 1); /* its own answer */
	bed_mark(&b);
	three_mifs(s, &b);
	assert_null(get(&b, PEER, GROUP));
	assert_int_equal(goes(&b, 0, GROUP, 64), 0);
	upcall(s, MRT6MSG_NOCACHE, 0, GROUP);
	assert_int_equal(mfc(s, MRT6_ADD_MFC, PEER, GROUP, 0, 4), 0);
	assert_int_equal(goes(&b, 0, GROUP, 64), 4);
	/* another router's beginning does not disturb it */
	assert_int_equal(mld_set_router(&b.node->mld, bed_if(&b, 2), &conf), 0);
	bed_quiet(&b);
	assert_int_equal(goes(&b, 0, GROUP, 64), 4);
	sock_close(s);
	assert_null(get(&b, PEER, GROUP));
	bed_mark(&b);
	assert_int_equal(goes(&b, 0, GROUP, 64), 0);
	bed_dropped_only(&b, DROP_MROUTE_NO_OIF, 1);
	bed_done(&b);
}

/* Daemons of both families want IPv4's, too, before they begin: it is given, and does nothing. */
static void test_ipv4(void **state)
{
	struct bed b;
	struct sock *s;
	int one = 1;

	(void)state;
	bed_init(&b, 1);
	assert_int_equal(sock_open(&b.node->socks, AF_INET, SOCK_RAW, IPPROTO_IGMP, &s), 0);
	assert_int_equal(sock_setsockopt(s, IPPROTO_IP, MRT6_INIT, &one, sizeof(one)), 0);
	assert_int_equal(sock_setsockopt(s, IPPROTO_IP, MRT6_ADD_MIF, &one, sizeof(one)), 0);
	assert_int_equal(sock_setsockopt(s, IPPROTO_IP, MRT6_ADD_MFC, &one, sizeof(one)),
			 -EOPNOTSUPP);
	assert_true(sock_setsockopt(s, I6, MRT6_INIT, &one, sizeof(one)) < 0);
	assert_null(b.node->socks.mroute);
	assert_int_equal(sock_recvmsg(s, &(struct msghdr){ 0 }, 0), -EAGAIN);
	assert_int_equal(sock_setsockopt(s, IPPROTO_IP, MRT6_DONE, NULL, 0), 0);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),	       cmocka_unit_test(test_nocache),
		cmocka_unit_test(test_full),	       cmocka_unit_test(test_wrong_mif),
		cmocka_unit_test(test_counters),       cmocka_unit_test(test_flush),
		cmocka_unit_test(test_instead_of_mld), cmocka_unit_test(test_ipv4),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
