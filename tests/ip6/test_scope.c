/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What addresses mean: a row per kind with its scope, and the addresses made from others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* the order matters to cmocka */
#include <cmocka.h>

#include "ip6/scope.h"

enum kind {
	MCAST = 1,
	UNICAST = 2,
	LL = 4,
	SITE = 8,
	LOOPBACK = 16,
	MAPPED = 32,
	COMPAT = 64,
	ULA = 128,
	SOLICITED = 256,
};

static struct ip6_addr addr(const char *text)
{
	struct ip6_addr a;

	assert_int_equal(ip6_parse(text, &a), 0);
	return a;
}

static const struct {
	const char *addr;
	unsigned kinds;
	unsigned scope;
	const char *name;
} rows[] = {
	{ "::", 0, SCOPE_GLOBAL, "global" },
	{ "::1", UNICAST | LOOPBACK, SCOPE_LINK, "link-local" },
	{ "::2", UNICAST | COMPAT, SCOPE_GLOBAL, "global" },
	{ "::127.0.0.1", UNICAST | COMPAT, SCOPE_GLOBAL, "global" },
	{ "1::1", UNICAST, SCOPE_GLOBAL, "global" },
	{ "2001:db8::1", UNICAST, SCOPE_GLOBAL, "global" },
	{ "64:ff9b::7f00:1", UNICAST, SCOPE_GLOBAL, "global" },
	{ "fbff::1", UNICAST, SCOPE_GLOBAL, "global" },
	{ "fc00::1", UNICAST | ULA, SCOPE_GLOBAL, "global" },
	{ "fdff::1", UNICAST | ULA, SCOPE_GLOBAL, "global" },
	{ "fe00::1", UNICAST, SCOPE_GLOBAL, "global" },
	{ "fe7f::1", UNICAST, SCOPE_GLOBAL, "global" },
	{ "fe80::1", UNICAST | LL, SCOPE_LINK, "link-local" },
	{ "febf::1", UNICAST | LL, SCOPE_LINK, "link-local" },
	{ "fec0::1", UNICAST | SITE, SCOPE_SITE, "site-local" },
	{ "feff::1", UNICAST | SITE, SCOPE_SITE, "site-local" },
	/* IPv4: RFC 6724 section 3.2 */
	{ "::ffff:127.1.2.3", UNICAST | MAPPED, SCOPE_LINK, "link-local" },
	{ "::ffff:128.0.0.1", UNICAST | MAPPED, SCOPE_GLOBAL, "global" },
	{ "::ffff:169.254.1.1", UNICAST | MAPPED, SCOPE_LINK, "link-local" },
	{ "::ffff:169.253.1.1", UNICAST | MAPPED, SCOPE_GLOBAL, "global" },
	{ "::ffff:10.0.0.1", UNICAST | MAPPED, SCOPE_GLOBAL, "global" },
	{ "::fffe:10.0.0.1", UNICAST, SCOPE_GLOBAL, "global" },
	{ "::1:ffff:10.0.0.1", UNICAST, SCOPE_GLOBAL, "global" },
	/* multicast: RFC 7346 section 2, RFC 4291 section 2.7 */
	{ "ff00::1", MCAST, 0, "reserved" },
	{ "ff01::1", MCAST, SCOPE_IFACE, "interface-local" },
	{ "ff02::1", MCAST, SCOPE_LINK, "link-local" },
	{ "ff12::1", MCAST, SCOPE_LINK, "link-local" },
	{ "ff03::1", MCAST, SCOPE_REALM, "realm-local" },
	{ "ff04::1", MCAST, SCOPE_ADMIN, "admin-local" },
	{ "ff05::1", MCAST, SCOPE_SITE, "site-local" },
	{ "ff06::1", MCAST, 6, "unassigned" },
	{ "ff08::1", MCAST, SCOPE_ORG, "organization-local" },
	{ "ff0d::1", MCAST, 13, "unassigned" },
	{ "ff0e::1", MCAST, SCOPE_GLOBAL, "global" },
	{ "ff0f::1", MCAST, SCOPE_GLOBAL, "global" },
	{ "ff3e::1", MCAST, SCOPE_GLOBAL, "global" },
	/* solicited-node: RFC 4291 section 2.7.1 */
	{ "ff02::1:ff00:0", MCAST | SOLICITED, SCOPE_LINK, "link-local" },
	{ "ff02::1:ffff:ffff", MCAST | SOLICITED, SCOPE_LINK, "link-local" },
	{ "ff02::1:fe00:0", MCAST, SCOPE_LINK, "link-local" },
	{ "ff02::2:ff00:0", MCAST, SCOPE_LINK, "link-local" },
	{ "ff02::1:0:0:1:ff00:0", MCAST, SCOPE_LINK, "link-local" },
	{ "ff05::1:ff00:0", MCAST, SCOPE_SITE, "site-local" },
	{ "ff12::1:ff00:0", MCAST, SCOPE_LINK, "link-local" },
};

static unsigned kinds_of(const struct ip6_addr *a)
{
	return (ip6_is_mcast(a) ? MCAST : 0u) | (ip6_is_unicast(a) ? UNICAST : 0u) |
	       (ip6_is_linklocal(a) ? LL : 0u) | (ip6_is_sitelocal(a) ? SITE : 0u) |
	       (ip6_is_loopback(a) ? LOOPBACK : 0u) | (ip6_is_v4mapped(a) ? MAPPED : 0u) |
	       (ip6_is_v4compat(a) ? COMPAT : 0u) | (ip6_is_ula(a) ? ULA : 0u) |
	       (ip6_is_solicited_node(a) ? SOLICITED : 0u);
}

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip6_addr a = addr(rows[i].addr);
		enum scope s = ip6_scope(&a);

		if (kinds_of(&a) != rows[i].kinds || (unsigned)s != rows[i].scope)
			fail_msg("%s: kinds %x, scope %u", rows[i].addr, kinds_of(&a), (unsigned)s);
		assert_string_equal(scope_name(s), rows[i].name);
	}
}

static void assert_text(struct ip6_addr a, const char *want)
{
	char text[IP6_TEXT_MAX];

	assert_string_equal(ip6_text(&a, text), want);
}

static void test_well_known(void **state)
{
	(void)state;
	assert_text(IP6_LOOPBACK, "::1");
	assert_text(IP6_ALL_NODES_IF, "ff01::1");
	assert_text(IP6_ALL_NODES, "ff02::1");
	assert_text(IP6_ALL_ROUTERS_IF, "ff01::2");
	assert_text(IP6_ALL_ROUTERS, "ff02::2");
	assert_text(IP6_ALL_ROUTERS_SITE, "ff05::2");
	assert_text(IP6_ALL_MLDV2_ROUTERS, "ff02::16");
}

/* The example of RFC 4291 section 2.7.1, and more. */
static void test_solicited_node(void **state)
{
	static const char *const pairs[][2] = {
		{ "4037::1:800:200e:8c6c", "ff02::1:ff0e:8c6c" },
		{ "fe80::1", "ff02::1:ff00:1" },
		{ "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "ff02::1:ffff:ffff" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct ip6_addr a = addr(pairs[i][0]), group = ip6_solicited_node(&a);

		assert_text(group, pairs[i][1]);
		assert_true(ip6_is_solicited_node(&group));
	}
}

/* RFC 2464 section 4 has the first row. */
static void test_iid(void **state)
{
	static const struct {
		struct mac mac;
		uint64_t iid;
	} iids[] = {
		{ { { 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde } }, UINT64_C(0x365678fffe9abcde) },
		{ { { 0x02, 0, 0, 0, 0, 0x01 } }, UINT64_C(0x000000fffe000001) },
		{ { { 0, 0, 0xff, 0xff, 0, 0 } }, UINT64_C(0x0200fffffeff0000) },
	};
	struct ip6_addr prefix = addr("2001:db8:1:2:ffff::");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(iids); i++)
		assert_true(ip6_iid_of_mac(&iids[i].mac) == iids[i].iid);
	assert_text(ip6_linklocal_of(iids[0].iid), "fe80::3656:78ff:fe9a:bcde");
	assert_text(ip6_with_iid(&prefix, iids[0].iid), "2001:db8:1:2:3656:78ff:fe9a:bcde");
}

static void test_reserved_iid(void **state)
{
	static const struct {
		uint64_t iid;
		bool reserved;
	} iids[] = {
		{ 0, true },
		{ 1, false },
		{ UINT64_C(0x02005efffdffffff), false },
		{ UINT64_C(0x02005efffe000000), true },
		{ UINT64_C(0x02005efffe005213), true }, /* RFC 6543 */
		{ UINT64_C(0x02005efffeffffff), true },
		{ UINT64_C(0x02005effff000000), false },
		{ UINT64_C(0xfdffffffffffff7f), false },
		{ UINT64_C(0xfdffffffffffff80), true },
		{ UINT64_C(0xfdffffffffffffff), true },
		{ UINT64_C(0xfe00000000000000), false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(iids); i++)
		assert_int_equal(ip6_iid_is_reserved(iids[i].iid), iids[i].reserved);
}

static void test_subnet_router(void **state)
{
	static const struct {
		const char *addr;
		unsigned len;
		bool is;
	} cases[] = {
		{ "2001:db8::", 64, true },	{ "2001:db8::1", 64, false },
		{ "2001:db8::4", 126, true },	{ "2001:db8::5", 126, false },
		{ "2001:db8::4", 127, false },	{ "2001:db8::4", 128, false },
		{ "2001:db8:0:1::", 64, true }, { "2001:db8:0:1::", 48, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ip6_addr a = addr(cases[i].addr);

		assert_int_equal(ip6_is_subnet_router(&a, cases[i].len), cases[i].is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),	       cmocka_unit_test(test_well_known),
		cmocka_unit_test(test_solicited_node), cmocka_unit_test(test_iid),
		cmocka_unit_test(test_reserved_iid),   cmocka_unit_test(test_subnet_router),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
