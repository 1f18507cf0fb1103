/* SPDX-License-Identifier: BSD-3-Clause */
/* rtnetlink of IPv4: addresses, routes and neighbours of AF_INET, and that AF_INET6 sees none of them. */
#include "netlink/nlbed.h"

#include <linux/if_addr.h>
#include <linux/neighbour.h>

static void put4(struct nlb *n, unsigned attr, const char *addr)
{
	struct ip6_addr a = bed_addr_of(addr);

	nla_addr_of(&n->w, attr, &a);
}

static int change_addr(struct nlb *n, unsigned type, const char *addr, uint8_t len)
{
	struct ifaddrmsg head = { .ifa_family = AF_INET,
				  .ifa_prefixlen = len,
				  .ifa_index = n->b.ifindex[0] };

	nlb_req(n, type, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	put4(n, IFA_LOCAL, addr);
	put4(n, IFA_ADDRESS, addr);
	nlb_send(n);
	return nlb_error(n);
}

static int change_route(struct nlb *n, unsigned type, unsigned flags, const char *dst, uint8_t len,
			const char *gateway)
{
	struct rtmsg head = { .rtm_family = AF_INET,
			      .rtm_dst_len = len,
			      .rtm_type = RTN_UNICAST,
			      .rtm_protocol = RTPROT_STATIC,
			      .rtm_table = RT_TABLE_MAIN };

	nlb_req(n, type, NLM_F_ACK | flags, &head, sizeof(head));
	if (len != 0)
		put4(n, RTA_DST, dst);
	put4(n, RTA_GATEWAY, gateway);
	nlb_send(n);
	return nlb_error(n);
}

static unsigned list(struct nlb *n, unsigned type, uint8_t family, struct nlb_msg *last)
{
	struct rtmsg head = { .rtm_family = family };
	size_t octets = type == RTM_GETADDR    ? sizeof(struct ifaddrmsg)
			: type == RTM_GETNEIGH ? sizeof(struct ndmsg)
					       : sizeof(head);

	nlb_req(n, type, NLM_F_DUMP, &head, octets);
	nlb_send(n);
	return nlb_dump(n, type - 2, last);
}

static void addresses(void **state)
{
	struct ifaddrmsg head;
	struct nlb_msg m;
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	assert_int_equal(change_addr(&n, RTM_NEWADDR, "192.0.2.1", 24), 0);
	assert_int_equal(change_addr(&n, RTM_NEWADDR, "192.0.2.1", 24), -EEXIST);
	assert_int_equal(change_addr(&n, RTM_NEWADDR, "192.0.2.1", 33), -EINVAL);
	assert_int_equal(change_addr(&n, RTM_NEWADDR, "224.0.0.9", 24), -EADDRNOTAVAIL);
	assert_int_equal(bed_addr_state(&n.b, 0, "192.0.2.1"), ADDR_PREFERRED);
	assert_int_equal(list(&n, RTM_GETADDR, AF_INET, &m), 2); /* and 127.0.0.1 */
	memcpy(&head, m.body.p, sizeof(head));
	assert_int_equal(head.ifa_family, AF_INET);
	assert_int_equal(head.ifa_prefixlen, 24);
	assert_memory_equal(nlb_attr(&m, sizeof(head), IFA_LOCAL).p, "\xc0\x00\x02\x01", 4);
	assert_string_equal((const char *)nlb_attr(&m, sizeof(head), IFA_LABEL).p, "e0");
	assert_int_equal(list(&n, RTM_GETADDR, AF_INET6, &m), 2); /* ::1 and fe80:: */
	assert_int_equal(list(&n, RTM_GETADDR, AF_UNSPEC, &m), 4);
	assert_int_equal(change_addr(&n, RTM_DELADDR, "192.0.2.1", 25), -EADDRNOTAVAIL);
	assert_int_equal(change_addr(&n, RTM_DELADDR, "192.0.2.1", 24), 0);
	assert_int_equal(list(&n, RTM_GETADDR, AF_INET, &m), 1);
	nlb_done(&n);
}

static void routes(void **state)
{
	const unsigned anew = NLM_F_CREATE | NLM_F_EXCL;
	struct rtmsg head;
	struct nlb_msg m;
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	bed_addr(&n.b, 0, "192.0.2.1/24");
	assert_int_equal(change_route(&n, RTM_NEWROUTE, anew, "", 0, "198.51.100.1"), -ENETUNREACH);
	assert_int_equal(change_route(&n, RTM_NEWROUTE, anew, "", 0, "192.0.2.1"), -EINVAL);
	assert_int_equal(change_route(&n, RTM_NEWROUTE, anew, "", 0, "192.0.2.254"), 0);
	assert_int_equal(change_route(&n, RTM_NEWROUTE, anew, "", 0, "192.0.2.253"), -EEXIST);
	assert_int_equal(change_route(&n, RTM_NEWROUTE, anew, "10.0.0.0", 8, "192.0.2.9"), 0);
	assert_int_equal(list(&n, RTM_GETROUTE, AF_INET, &m), 3);
	head = (struct rtmsg){ .rtm_family = AF_INET, .rtm_dst_len = 32 };
	nlb_req(&n, RTM_GETROUTE, 0, &head, sizeof(head));
	put4(&n, RTA_DST, "10.1.2.3");
	nlb_send(&n);
	assert_true(nlb_next(&n, &m));
	assert_memory_equal(nlb_attr(&m, sizeof(head), RTA_GATEWAY).p, "\xc0\x00\x02\x09", 4);
	assert_memory_equal(nlb_attr(&m, sizeof(head), RTA_PREFSRC).p, "\xc0\x00\x02\x01", 4);
	assert_int_equal(change_route(&n, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, "10.0.0.0", 8,
				      "192.0.2.8"),
			 0);
	assert_int_equal(change_route(&n, RTM_DELROUTE, 0, "10.0.0.0", 8, "192.0.2.9"), -ESRCH);
	assert_int_equal(change_route(&n, RTM_DELROUTE, 0, "10.0.0.0", 8, "192.0.2.8"), 0);
	assert_int_equal(list(&n, RTM_GETROUTE, AF_INET, &m), 2);
	nlb_done(&n);
}

static void neighbours(void **state)
{
	struct nlb_msg m;
	struct ndmsg head;
	struct nlb n;

	(void)state;
	nlb_init(&n, 1);
	bed_addr(&n.b, 0, "192.0.2.1/24");
	bed_neigh(&n.b, 0, "192.0.2.2", "02:00:00:00:01:00");
	bed_neigh(&n.b, 0, "fe80::2", "02:00:00:00:01:00");
	assert_int_equal(list(&n, RTM_GETNEIGH, AF_INET, &m), 1);
	memcpy(&head, m.body.p, sizeof(head));
	assert_int_equal(head.ndm_family, AF_INET);
	assert_memory_equal(nlb_attr(&m, sizeof(head), NDA_DST).p, "\xc0\x00\x02\x02", 4);
	assert_int_equal(list(&n, RTM_GETNEIGH, AF_INET6, &m), 1);
	assert_int_equal(list(&n, RTM_GETNEIGH, AF_UNSPEC, &m), 2);
	nlb_done(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(routes),
		cmocka_unit_test(neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
