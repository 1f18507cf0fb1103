/* SPDX-License-Identifier: BSD-3-Clause */
/* The simulated node as a device: what the tester tells it, it does, and time is exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conform/tester.h"
#include "conform/value.h"

static const struct ip6_addr peer = { { 0xfe, 0x80, [15] = 1 } };
static const struct ip6_addr all = { { 0xff, 0x02, [15] = 1 } };
static const struct ip6_addr prefix = { { 0x20, 0x01, 0x0d, 0xb8 } };

/* Number of ICMPv6 messages of @type on @link in the next @s seconds. */
static unsigned count(struct nut *nut, enum nut_link link, unsigned type, unsigned s)
{
	time_ns until = nut->ops->now(nut) + s * NS_PER_S, last = 0;
	struct nut_frame f;
	unsigned n = 0;

	while (nut->ops->recv(nut, until, &f)) {
		struct pv pv;

		assert_true(f.when >= last && f.when <= until);
		last = f.when;
		if (pv_decode(f.p, f.octets, &pv) && pv.kind == PV_ICMP6 && pv.type.v == type)
			n += f.link == link;
	}
	assert_int_equal(nut->ops->now(nut), until);
	return n;
}

static void test_roles(void **state)
{
	struct nut *nut = nut_sim_new(1);
	const struct nd_adv adv = adv_with(&prefix);

	(void)state;
	assert_int_equal(nut->ops->start(nut, NUT_HOST), 0);
	assert_int_not_equal(count(nut, LINK_B, ICMP6_RS, 10), 0);
	assert_int_equal(nut->ops->reboot(nut), 0);
	assert_int_not_equal(count(nut, LINK_B, ICMP6_RS, 10), 0);
	assert_int_equal(count(nut, LINK_A, ICMP6_RS, 60), 0);
	nut->ops->stop(nut);
	assert_int_equal(nut->ops->start(nut, NUT_ROUTER), 0);
	assert_int_equal(count(nut, LINK_B, ICMP6_RS, 10), 0);
	assert_int_equal(nut->ops->advertise(nut, LINK_A, &adv), 0);
	assert_int_equal(count(nut, LINK_A, ICMP6_RA, 1), 1);
	assert_int_equal(count(nut, LINK_B, ICMP6_RA, 60), 0);
	assert_int_equal(nut->ops->forwarding(nut, LINK_B, false), 0);
	assert_int_not_equal(count(nut, LINK_B, ICMP6_RS, 10), 0);
	nut->ops->close(nut);
}

static void test_addresses(void **state)
{
	struct nut *nut = nut_sim_new(1);
	struct ip6_addr a = prefix;

	(void)state;
	a.b[15] = 9;
	assert_int_equal(nut->ops->start(nut, NUT_HOST), 0);
	count(nut, LINK_B, ICMP6_NS, 10);
	assert_int_equal(nut->ops->addr(nut, LINK_B, &a, 64), 0);
	assert_int_equal(count(nut, LINK_B, ICMP6_NS, 10), 1); /* DAD */
	assert_int_equal(nut->ops->ping(nut, LINK_B, &peer, 8), 0);
	assert_int_equal(count(nut, LINK_B, ICMP6_NS, 10), 3); /* nobody answers */
	a = prefix;
	a.b[4] = 1;
	assert_int_equal(nut->ops->route(nut, LINK_B, &a, 48, &peer), 0);
	a.b[15] = 1;
	assert_int_equal(nut->ops->ping(nut, LINK_B, &a, 8), 0);
	assert_int_equal(count(nut, LINK_B, ICMP6_NS, 10), 3); /* for the router */
	nut->ops->close(nut);
}

/* Asked for more than the MTU of the link, it says so by fragments. */
static void test_mtu(void **state)
{
	struct nut *nut = nut_sim_new(1);
	struct nut_frame f;
	unsigned n = 0;

	(void)state;
	assert_int_not_equal(nut->has & NUT_CAN_MTU, 0);
	assert_int_equal(nut->ops->start(nut, NUT_HOST), 0);
	count(nut, LINK_B, ICMP6_NS, 60);
	assert_int_equal(nut->ops->mtu(nut, LINK_B, 1279), -EINVAL);
	assert_int_equal(nut->ops->mtu(nut, LINK_B, 1501), -EINVAL);
	assert_int_equal(nut->ops->mtu(nut, LINK_B, 1280), 0);
	assert_int_equal(nut->ops->ping(nut, LINK_B, &all, 1400), 0);
	while (nut->ops->recv(nut, nut->ops->now(nut) + NS_PER_S, &f)) {
		assert_int_equal(f.link, LINK_B);
		assert_true(f.octets <= ETH_HDR_OCTETS + 1280);
		n++;
	}
	assert_int_equal(n, 2);
	nut->ops->close(nut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_mtu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
