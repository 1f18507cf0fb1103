/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups, source filters (RFC 3678) and anycast addresses of sockets: what calls say, and what arrives. */
#include "pair.h"

#define GROUP  "ff15::7"
#define GROUP2 "ff15::8"

static struct in6_addr raw(const char *text)
{
	return in6(text, 0).sin6_addr;
}

static int join(struct sock *s, int name, const char *group, unsigned ifindex)
{
	struct ipv6_mreq m = { .ipv6mr_multiaddr = raw(group), .ipv6mr_interface = ifindex };

	return sock_setsockopt(s, IPPROTO_IPV6, name, &m, sizeof(m));
}

static int source(struct sock *s, int name, const char *group, const char *from)
{
	struct group_source_req r = { .gsr_interface = PAIR_ZONE };
	struct sockaddr_in6 g = in6(group, 0), f = in6(from, 0);

	memcpy(&r.gsr_group, &g, sizeof(g));
	memcpy(&r.gsr_source, &f, sizeof(f));
	return sock_setsockopt(s, IPPROTO_IPV6, name, &r, sizeof(r));
}

/* Does the node listen to the group, and to that source? */
static bool node_wants(struct world_node *n, const char *group, const char *from)
{
	struct in6_addr g = raw(group), f = raw(from);
	struct ip6_addr ga, fa;
	const struct if_group *ig;

	memcpy(&ga, &g, sizeof(ga));
	memcpy(&fa, &f, sizeof(fa));
	ig = if_group_find(world_if(n, PAIR_ZONE), &ga);
	return ig != NULL && if_group_wants(ig, &fa);
}

/* Does a packet of the first node to the group reach @s? */
static bool hears(struct pair *p, struct sock *a, struct sock *s, const char *group)
{
	send_to(a, group, 7, "x");
	pair_run(p, 10);
	return recv_from(s, 1, 0).rc == 1;
}

static void begin(struct pair *p, struct sock **a, struct sock **b)
{
	pair_init(p);
	*a = open_on(p->a, SOCK_DGRAM, 0);
	*b = open_on(p->b, SOCK_DGRAM, 0);
	set_int(*b, SOL_SOCKET, SO_REUSEADDR, 1);
	assert_int_equal(bind_to(*b, NULL, 7), 0);
}

static void groups(void **state)
{
	struct sock *a, *b, *c;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	assert_false(hears(&p, a, b, GROUP));
	assert_int_equal(join(b, IPV6_JOIN_GROUP, "2001:db8::7", PAIR_ZONE), -EINVAL);
	assert_int_equal(join(b, IPV6_JOIN_GROUP, GROUP, 9), -ENODEV);
	assert_int_equal(join(b, IPV6_LEAVE_GROUP, GROUP, PAIR_ZONE), -EADDRNOTAVAIL);
	assert_int_equal(join(b, IPV6_JOIN_GROUP, GROUP, PAIR_ZONE), 0);
	assert_int_equal(join(b, IPV6_JOIN_GROUP, GROUP, 0), -EADDRINUSE);
	assert_true(hears(&p, a, b, GROUP));
	/* a second socket of the port gets its own, member or not, unless it does not want to */
	c = open_on(p.b, SOCK_DGRAM, 0);
	set_int(c, SOL_SOCKET, SO_REUSEADDR, 1);
	assert_int_equal(bind_to(c, NULL, 7), 0);
	assert_true(hears(&p, a, b, GROUP));
	assert_int_equal(recv_from(c, 1, 0).rc, 1);
	assert_int_equal(set_int(c, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0), 0);
	assert_true(hears(&p, a, b, GROUP));
	assert_nothing(c);
	assert_int_equal(join(c, IPV6_JOIN_GROUP, GROUP, PAIR_ZONE), 0);
	assert_int_equal(join(b, IPV6_LEAVE_GROUP, GROUP, PAIR_ZONE), 0);
	assert_true(hears(&p, a, c, GROUP));
	sock_close(c); /* and with it, its membership */
	assert_false(node_wants(p.b, GROUP, ADDR_A));
	pair_done(&p);
}

/* RFC 3678 section 4 and 5: each row a call, what it says, and who is heard then. */
static const struct {
	int name;
	const char *from;
	int rc;
	bool a, other; /* the node's first node, 2001:db8::99 */
} filters[] = {
	{ MCAST_BLOCK_SOURCE, ADDR_A, -EINVAL, false, false },
	{ MCAST_JOIN_SOURCE_GROUP, ADDR_A, 0, true, false },
	{ MCAST_JOIN_SOURCE_GROUP, ADDR_A, -EADDRNOTAVAIL, true, false },
	{ MCAST_JOIN_SOURCE_GROUP, "2001:db8::99", 0, true, true },
	{ MCAST_BLOCK_SOURCE, ADDR_A, -EINVAL, true, true },
	{ MCAST_LEAVE_SOURCE_GROUP, ADDR_A, 0, false, true },
	{ MCAST_LEAVE_SOURCE_GROUP, ADDR_A, -EADDRNOTAVAIL, false, true },
	{ MCAST_LEAVE_SOURCE_GROUP, "2001:db8::99", 0, false, false }, /* the last: it is left */
	{ MCAST_LEAVE_SOURCE_GROUP, "2001:db8::99", -EINVAL, false, false },
	{ MCAST_JOIN_GROUP, NULL, 0, true, true },
	{ MCAST_JOIN_GROUP, NULL, -EADDRINUSE, true, true },
	{ MCAST_BLOCK_SOURCE, ADDR_A, 0, false, true },
	{ MCAST_BLOCK_SOURCE, ADDR_A, -EADDRNOTAVAIL, false, true },
	{ MCAST_JOIN_SOURCE_GROUP, ADDR_A, -EINVAL, false, true },
	{ MCAST_UNBLOCK_SOURCE, ADDR_A, 0, true, true },
	{ MCAST_LEAVE_GROUP, NULL, 0, false, false },
	{ MCAST_LEAVE_GROUP, NULL, -EADDRNOTAVAIL, false, false },
};

static void source_filters(void **state)
{
	struct sock *a, *b;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	bind_to(a, ADDR_A, 5000);
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		struct group_req r = { .gr_interface = PAIR_ZONE };
		struct sockaddr_in6 g = in6(GROUP, 0);
		int rc;

		memcpy(&r.gr_group, &g, sizeof(g));
		rc = filters[i].from != NULL
			     ? source(b, filters[i].name, GROUP, filters[i].from)
			     : sock_setsockopt(b, IPPROTO_IPV6, filters[i].name, &r, sizeof(r));
		if (rc != filters[i].rc || hears(&p, a, b, GROUP) != filters[i].a ||
		    node_wants(p.b, GROUP, "2001:db8::99") != filters[i].other)
			fail_msg("row %zu: %d", i, rc);
	}
	pair_done(&p);
}

/* One node, two sockets of a port: what one excludes the other gets. */
static void own_filters(void **state)
{
	struct sock *a, *b, *c;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	bind_to(a, ADDR_A, 5000);
	c = open_on(p.b, SOCK_DGRAM, 0);
	set_int(c, SOL_SOCKET, SO_REUSEADDR, 1);
	bind_to(c, NULL, 7);
	assert_int_equal(join(b, IPV6_JOIN_GROUP, GROUP, PAIR_ZONE), 0);
	assert_int_equal(join(c, IPV6_JOIN_GROUP, GROUP, PAIR_ZONE), 0);
	assert_int_equal(source(c, MCAST_BLOCK_SOURCE, GROUP, ADDR_A), 0);
	assert_true(hears(&p, a, b, GROUP));
	assert_nothing(c);
	pair_done(&p);
}

static void whole_filter(void **state)
{
	struct sockaddr_in6 g = in6(GROUP, 0), f = in6(ADDR_A, 0), q = in6("2001:db8::99", 0);
	uint8_t buf[GROUP_FILTER_SIZE(2)] __attribute__((aligned(8))) = { 0 };
	struct group_filter *gf = (struct group_filter *)(void *)buf;
	socklen_t len = sizeof(buf);
	struct sock *a, *b;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	bind_to(a, ADDR_A, 5000);
	gf->gf_interface = PAIR_ZONE;
	gf->gf_fmode = MCAST_INCLUDE;
	gf->gf_numsrc = 2;
	memcpy(&gf->gf_group, &g, sizeof(g));
	memcpy(buf + GROUP_FILTER_SIZE(0), &f, sizeof(f));
	memcpy(buf + GROUP_FILTER_SIZE(1), &q, sizeof(q));
	assert_int_equal(sock_setsockopt(b, IPPROTO_IPV6, MCAST_MSFILTER, buf, len), -EINVAL);
	assert_int_equal(join(b, IPV6_JOIN_GROUP, GROUP, PAIR_ZONE), 0);
	assert_int_equal(sock_setsockopt(b, IPPROTO_IPV6, MCAST_MSFILTER, buf, len - 1), -EINVAL);
	assert_int_equal(sock_setsockopt(b, IPPROTO_IPV6, MCAST_MSFILTER, buf, len), 0);
	assert_true(hears(&p, a, b, GROUP));
	assert_false(node_wants(p.b, GROUP, "2001:db8::98"));
	memset(buf + GROUP_FILTER_SIZE(0), 0, 2 * sizeof(struct sockaddr_storage));
	gf->gf_fmode = 9;
	len = GROUP_FILTER_SIZE(1); /* room for one: told are two */
	assert_int_equal(sock_getsockopt(b, IPPROTO_IPV6, MCAST_MSFILTER, buf, &len), 0);
	assert_int_equal(len, GROUP_FILTER_SIZE(1));
	assert_int_equal(gf->gf_fmode, MCAST_INCLUDE);
	assert_int_equal(gf->gf_numsrc, 2);
	assert_memory_equal(buf + GROUP_FILTER_SIZE(0), &f, sizeof(f));
	gf->gf_numsrc = 65;
	assert_int_equal(sock_setsockopt(b, IPPROTO_IPV6, MCAST_MSFILTER, buf, sizeof(buf)),
			 -ENOBUFS);
	gf->gf_numsrc = 0;
	assert_int_equal(sock_setsockopt(b, IPPROTO_IPV6, MCAST_MSFILTER, buf, sizeof(buf)), 0);
	assert_false(node_wants(p.b, GROUP, ADDR_A));
	pair_done(&p);
}

/* IPV6_MULTICAST_LOOP, _HOPS, _IF: RFC 3493 section 5.2. */
static void sending(void **state)
{
	struct sock *a, *b, *here;
	struct pair p;
	struct got g;

	(void)state;
	begin(&p, &a, &b);
	here = open_on(p.a, SOCK_DGRAM, 0);
	bind_to(here, NULL, 7);
	set_int(b, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	assert_int_equal(join(b, IPV6_JOIN_GROUP, GROUP, PAIR_ZONE), 0);
	assert_int_equal(join(here, IPV6_JOIN_GROUP, GROUP, PAIR_ZONE), 0);
	send_to(a, GROUP, 7, "x");
	pair_run(&p, 10);
	g = recv_from(b, 1, 0);
	assert_int_equal(got_int(&g, IPV6_HOPLIMIT), 1);
	assert_int_equal(recv_from(here, 1, 0).rc, 1);
	assert_int_equal(set_int(a, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 2), -EINVAL);
	assert_int_equal(set_int(a, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0), 0);
	assert_int_equal(set_int(a, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 256), -EINVAL);
	assert_int_equal(set_int(a, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 33), 0);
	assert_int_equal(set_int(a, IPPROTO_IPV6, IPV6_MULTICAST_IF, 9), -ENODEV);
	assert_int_equal(set_int(a, IPPROTO_IPV6, IPV6_MULTICAST_IF, PAIR_ZONE), 0);
	send_to(a, GROUP, 7, "x");
	pair_run(&p, 10);
	g = recv_from(b, 1, 0);
	assert_int_equal(got_int(&g, IPV6_HOPLIMIT), 33);
	assert_nothing(here);
	/* no hop: it goes no further than this node */
	set_int(a, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1);
	set_int(a, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 0);
	assert_int_equal(send_to(a, GROUP, 7, "x"), 1);
	pair_run(&p, 10);
	assert_nothing(b);
	assert_int_equal(recv_from(here, 1, 0).rc, 1);
	pair_done(&p);
}

static void anycast(void **state)
{
	struct sock *a, *b, *c;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	c = open_on(p.b, SOCK_DGRAM, 0);
	assert_int_equal(join(b, IPV6_JOIN_ANYCAST, ADDR_B, PAIR_ZONE), -EINVAL);
	assert_int_equal(join(b, IPV6_JOIN_ANYCAST, "2001:db8:9::1", PAIR_ZONE), -EADDRNOTAVAIL);
	assert_int_equal(join(b, IPV6_LEAVE_ANYCAST, "2001:db8::a", PAIR_ZONE), -ENOENT);
	assert_int_equal(join(b, IPV6_JOIN_ANYCAST, "2001:db8::a", PAIR_ZONE), 0);
	assert_int_equal(join(c, IPV6_JOIN_ANYCAST, "2001:db8::a", PAIR_ZONE), 0);
	send_to(a, "2001:db8::a", 7, "x");
	pair_run(&p, 5000);
	assert_int_equal(recv_from(b, 1, 0).rc, 1);
	assert_int_equal(join(b, IPV6_LEAVE_ANYCAST, "2001:db8::a", PAIR_ZONE), 0);
	send_to(a, "2001:db8::a", 7, "x"); /* the other keeps it */
	pair_run(&p, 10);
	assert_int_equal(recv_from(b, 1, 0).rc, 1);
	sock_close(c);
	send_to(a, "2001:db8::a", 7, "x");
	pair_run(&p, 10);
	assert_nothing(b);
	assert_int_equal(bind_to(open_on(p.b, SOCK_DGRAM, 0), "2001:db8::a", 0), -EADDRNOTAVAIL);
	pair_done(&p);
}

/* An interface goes away with all that was joined there. */
static void interface_gone(void **state)
{
	struct sock *a, *b;
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	assert_int_equal(join(b, IPV6_JOIN_GROUP, GROUP, PAIR_ZONE), 0);
	assert_int_equal(join(b, IPV6_JOIN_GROUP, GROUP2, PAIR_ZONE), 0);
	world_unplug(p.b, PAIR_ZONE);
	assert_int_equal(b->more->n_groups, 0);
	assert_int_equal(join(b, IPV6_LEAVE_GROUP, GROUP, PAIR_ZONE), -EADDRNOTAVAIL);
	pair_done(&p);
}

/* Bounded: 64 of one socket. */
static void many(void **state)
{
	struct sock *a, *b;
	char group[64];
	struct pair p;

	(void)state;
	begin(&p, &a, &b);
	for (unsigned i = 0; i < SOCK_GROUPS_MAX + 1; i++) {
		struct ip6_addr g = { { 0xff, 0x15, [14] = 1, [15] = (uint8_t)i } };

		assert_int_equal(join(b, IPV6_JOIN_GROUP, ip6_text(&g, group), PAIR_ZONE),
				 i < SOCK_GROUPS_MAX ? 0 : -ENOBUFS);
	}
	pair_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups),	  cmocka_unit_test(source_filters),
		cmocka_unit_test(own_filters),	  cmocka_unit_test(whole_filter),
		cmocka_unit_test(sending),	  cmocka_unit_test(anycast),
		cmocka_unit_test(interface_gone), cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
