/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel as a device: it does what it is told. Skipped where there are no namespaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conform/tester.h"
#include "conform/value.h"

static const struct ip6_addr gateway = { { 0xfe, 0x80, [15] = 1 } };
static const struct ip6_addr all_nodes = { { 0xff, 0x02, [15] = 1 } };
static const struct ip6_addr prefix = { { 0x20, 0x01, 0x0d, 0xb8 } };
static const struct ip6_addr unspec;

static struct nut *device(void)
{
	char why[NUT_WHY];
	struct nut *nut = nut_netns_new(why, sizeof(why));

	if (nut == NULL) {
		print_message("%s\n", why);
		skip();
	}
	return nut;
}

/* Wait for an ICMPv6 message on a link; @target NULL or what follows its second word. */
static bool sees(struct nut *nut, enum nut_link link, unsigned type, const struct ip6_addr *target,
		 unsigned s)
{
	time_ns until = nut->ops->now(nut) + s * NS_PER_S;
	struct nut_frame f;

	while (nut->ops->recv(nut, until, &f)) {
		struct pv pv;

		assert_true(f.when <= until);
		if (f.link != link || !pv_decode(f.p, f.octets, &pv) || pv.kind != PV_ICMP6)
			continue;
		assert_false(pv.csum_wrong);
		if (pv.type.v == type &&
		    (target == NULL || (pv.data.n >= IP6_ADDR_OCTETS &&
					memcmp(pv.data.p, target->b, IP6_ADDR_OCTETS) == 0)))
			return true;
	}
	return false;
}

static void test_host(void **state)
{
	/* of 02:00:00:00:0b:00 */
	static const struct ip6_addr lla = { { 0xfe,
					       0x80, [11] = 0xff, [12] = 0xfe, [14] = 0x0b } };
	struct nut *nut = device();
	struct ip6_addr a = prefix;

	(void)state;
	assert_int_equal(nut->ops->start(nut, NUT_HOST), 0);
	assert_false(sees(nut, LINK_A, ICMP6_NS, NULL, 0));
	assert_true(sees(nut, LINK_B, ICMP6_RS, NULL, 10));
	assert_int_equal(nut->ops->reboot(nut), 0);
	assert_true(sees(nut, LINK_B, ICMP6_NS, &lla, 10));
	a.b[15] = 9;
	assert_int_equal(nut->ops->addr(nut, LINK_B, &a, 64), 0);
	assert_true(sees(nut, LINK_B, ICMP6_NS, &a, 10));
	assert_int_equal(nut->ops->addr(nut, LINK_B, &a, 64), -EIO);
	assert_int_equal(strncmp(nut->why, "ip: ", 4), 0); /* and the kernel's words */
	assert_int_equal(nut->ops->route(nut, LINK_B, &unspec, 0, &gateway), 0);
	assert_false(sees(nut, LINK_B, ICMP6_NS, &gateway, 2)); /* DAD is over */
	a.b[4] = 1;
	assert_int_equal(nut->ops->ping(nut, LINK_B, &a, 8), 0);
	assert_true(sees(nut, LINK_B, ICMP6_NS, &gateway, 5));
	nut->ops->close(nut);
}

/* Size of the largest frame on link B, of a ping that has to be cut. */
static size_t largest(struct nut *nut)
{
	time_ns until = nut->ops->now(nut) + NS_PER_S;
	struct nut_frame f;
	size_t ret = 0;

	assert_int_equal(nut->ops->ping(nut, LINK_B, &all_nodes, 3000), 0);
	while (nut->ops->recv(nut, until, &f))
		ret = MAX(ret, f.octets);
	return ret;
}

static void test_router(void **state)
{
	const struct nd_adv adv = adv_with(&prefix);
	struct nut *nut = device();

	(void)state;
	assert_int_equal(nut->ops->start(nut, NUT_ROUTER), 0);
	assert_false(sees(nut, LINK_B, ICMP6_RS, NULL, 4));
	assert_int_equal(nut->ops->ping(nut, LINK_A, &all_nodes, 8), 0);
	assert_true(sees(nut, LINK_A, ICMP6_ECHO_REQUEST, NULL, 5));
	assert_int_equal(largest(nut), 1510);
	assert_int_equal(nut->ops->mtu(nut, LINK_B, 1280), 0);
	assert_int_equal(largest(nut), 14 + 1280);
	if ((nut->has & NUT_CAN_ADVERTISE) != 0) {
		assert_int_equal(nut->ops->advertise(nut, LINK_A, &adv), 0);
		assert_true(sees(nut, LINK_A, ICMP6_RA, NULL, 10));
		assert_int_equal(nut->ops->advertise(nut, LINK_B, &adv), 0);
		assert_true(sees(nut, LINK_B, ICMP6_RA, NULL, 10));
	}
	assert_int_equal(nut->ops->forwarding(nut, LINK_A, false), 0);
	assert_int_equal(nut->ops->forwarding(nut, LINK_B, false), 0);
	assert_int_equal(nut->ops->forwarding(nut, LINK_B, true), 0);
	nut->ops->stop(nut);
	assert_int_equal(nut->ops->start(nut, NUT_HOST), 0);
	nut->ops->close(nut);
}

/* A link without carrier carries nothing, and does again; and an address that is in use at once. */
static void test_link(void **state)
{
	struct nut *nut = device();
	struct ip6_addr a = prefix;

	(void)state;
	assert_int_equal(nut->ops->start(nut, NUT_HOST), 0);
	assert_false(sees(nut, LINK_B, ICMP6_REDIRECT, NULL, 4));
	assert_int_equal(nut->ops->ping(nut, LINK_B, &all_nodes, 8), 0);
	assert_true(sees(nut, LINK_B, ICMP6_ECHO_REQUEST, NULL, 5));
	assert_int_equal(nut->ops->link(nut, LINK_B, false), 0);
	(void)nut->ops->ping(nut, LINK_B, &all_nodes, 8);
	assert_false(sees(nut, LINK_B, ICMP6_ECHO_REQUEST, NULL, 1));
	assert_int_equal(nut->ops->link(nut, LINK_B, true), 0);
	assert_false(sees(nut, LINK_B, ICMP6_REDIRECT, NULL, 4));
	assert_int_equal(nut->ops->ping(nut, LINK_B, &all_nodes, 8), 0);
	assert_true(sees(nut, LINK_B, ICMP6_ECHO_REQUEST, NULL, 5));
	if ((nut->has & NUT_CAN_OPTIMISTIC) != 0) {
		a.b[15] = 9;
		assert_int_equal(nut->ops->optimistic(nut, true), 0);
		assert_int_equal(nut->ops->addr(nut, LINK_B, &a, 64), 0);
		assert_true(sees(nut, LINK_B, ICMP6_NS, &a, 10));
		assert_int_equal(nut->ops->optimistic(nut, false), 0);
	}
	nut->ops->close(nut);
}

#define ADVERTISED 0x80000000u

/* Flags and lifetime of the next advertisement on link A, and that there is one; or 0. */
static uint32_t advertised(struct nut *nut, unsigned s)
{
	time_ns until = nut->ops->now(nut) + s * NS_PER_S;
	struct nut_frame f;

	while (nut->ops->recv(nut, until, &f)) {
		struct pv pv;

		if (f.link == LINK_A && pv_decode(f.p, f.octets, &pv) && pv.kind == PV_ICMP6 &&
		    pv.type.v == ICMP6_RA)
			return ADVERTISED | ((uint32_t)pv.param.v & 0xffffff);
	}
	return 0;
}

/* Told by systemd-networkd: flags and lifetime are ours, addresses outlive its restart. */
static void test_networkd(void **state)
{
	struct nd_adv adv = adv_with(&prefix);
	char why[NUT_WHY];
	struct nut *nut = nut_networkd_new(why, sizeof(why));
	struct ip6_addr a = prefix;

	(void)state;
	if (nut == NULL) {
		print_message("%s\n", why);
		skip();
	}
	if (nut->ops->start(nut, NUT_ROUTER) != 0)
		fail_msg("%s", nut->why);
	a.b[15] = 9;
	assert_int_equal(nut->ops->addr(nut, LINK_A, &a, 64), 0);
	adv.managed = true;
	adv.pref = ND_PREF_HIGH;
	adv.default_lifetime_s = 1234;
	assert_int_equal(nut->ops->advertise(nut, LINK_A, &adv), 0);
	assert_int_equal(advertised(nut, 20), ADVERTISED | 0x88 << 16 | 1234);
	assert_int_equal(nut->ops->addr(nut, LINK_A, &a, 64), -EIO);
	adv.send = false;
	assert_int_equal(nut->ops->advertise(nut, LINK_A, &adv), 0);
	assert_int_equal(advertised(nut, 10) & (ADVERTISED | 0xffff), ADVERTISED);
	assert_int_equal(advertised(nut, 4), 0);
	nut->ops->stop(nut);
	assert_int_equal(nut->ops->start(nut, NUT_HOST), 0);
	assert_true(sees(nut, LINK_B, ICMP6_RS, NULL, 10));
	nut->ops->close(nut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_router),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_networkd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
