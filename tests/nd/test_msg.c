/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Neighbor Discovery codec: every check of RFC 4861 sections 6.1, 7.1 and 8.1 by itself,
 * every option, truncation, text, and random values there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* the order matters to cmocka */
#include <cmocka.h>

#include "base/rng.h"
#include "ip6/scope.h"
#include "msg_eq.h"

#define UNSPEC	"::"
#define LL	"fe80::1"
#define GLOBAL	"2001:db8::1"
#define NODES	"ff02::1"
#define ROUTERS "ff02::2"
#define SNM	"ff02::1:ff00:2"

/* On the wire, in hexadecimal; blanks are for the reader. */
#define HDR(type)	       type "00 0000"
#define A_LL		       "fe800000000000000000000000000002"
#define A_LL3		       "fe800000000000000000000000000003"
#define A_GLOBAL	       "20010db8000000000000000000000002"
#define A_MCAST		       "ff020000000000000000000000000001"
#define RS		       HDR("85") "00000000"
#define RA		       HDR("86") "40 c0 0708 00007530 000003e8"
#define NS(target)	       HDR("87") "00000000" target
#define NA(flags, target)      HDR("88") flags target
#define REDIRECT(target, dest) HDR("89") "00000000" target dest
#define SLLA		       "01 01 020000000001"
#define TLLA		       "02 01 020000000002"
#define SLLA_LONG	       "01 02 02000000000100000000000000 00"
#define TLLA_LONG	       "02 02 02000000000100000000000000 00"
#define UNKNOWN		       "fd 02 0102030405060708090a0b0c0d0e"
#define ZERO		       "fd 00 000000000000"
#define OVERRUN		       "fd 02 000000000000"

static size_t unhex(const char *hex, uint8_t *to, size_t max)
{
	size_t n = 0;
	unsigned v;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex, "%2x", &v), 1);
		assert_true(n < max);
		to[n++] = (uint8_t)v;
		hex++;
	}
	return n;
}

static struct ip6_addr addr(const char *text)
{
	struct ip6_addr a;

	assert_int_equal(ip6_parse(text, &a), 0);
	return a;
}

/* In a buffer of exactly that length, so that a read past it is caught. The value does not
 * outlive the buffer; @look sees it while it lives. */
static enum drop parse(const uint8_t *p, size_t n, const char *src, const char *dst, uint8_t hops,
		       void (*look)(const struct nd_msg *m, const void *arg), const void *arg)
{
	uint8_t *exact = malloc(n + (n == 0));
	struct ip6_addr s = addr(src), d = addr(dst);
	struct nd_msg m, before;
	enum drop why;

	memset(&m, 0xa5, sizeof(m));
	memcpy(&before, &m, sizeof(m));
	assert_non_null(exact);
	memcpy(exact, p, n);
	why = nd_parse(rd_of(exact, n), &s, &d, hops, &m);
	if (why != DROP_NONE)
		assert_memory_equal(&m, &before, sizeof(m));
	else if (look != NULL)
		look(&m, arg);
	free(exact);
	return why;
}

static enum drop parse_hex(const char *hex, const char *src, const char *dst, uint8_t hops,
			   void (*look)(const struct nd_msg *m, const void *arg), const void *arg)
{
	uint8_t buf[4096];

	return parse(buf, unhex(hex, buf, sizeof(buf)), src, dst, hops, look, arg);
}

/* A valid message of each type, and each single violation of the section's checks. */
static const struct check {
	const char *section;
	const char *hex;
	const char *src, *dst;
	uint8_t hops;
	enum drop want;
} checks[] = {
	/* 6.1.1: Router Solicitations */
	{ "6.1.1 least", RS, UNSPEC, ROUTERS, 255, DROP_NONE },
	{ "6.1.1 with address", RS SLLA, LL, ROUTERS, 255, DROP_NONE },
	{ "6.1.1 global source", RS SLLA, GLOBAL, ROUTERS, 255, DROP_NONE },
	{ "6.1.1 hop limit", RS, UNSPEC, ROUTERS, 254, DROP_ND_HOP_LIMIT },
	{ "6.1.1 hop limit", RS, UNSPEC, ROUTERS, 0, DROP_ND_HOP_LIMIT },
	{ "6.1.1 code", "8501 0000 00000000", UNSPEC, ROUTERS, 255, DROP_ND_CODE },
	{ "6.1.1 length", "8500 0000 000000", UNSPEC, ROUTERS, 255, DROP_ND_SHORT },
	{ "6.1.1 option zero", RS ZERO, LL, ROUTERS, 255, DROP_ND_OPT_ZERO },
	{ "6.1.1 second option zero", RS SLLA ZERO, LL, ROUTERS, 255, DROP_ND_OPT_ZERO },
	{ "6.1.1 :: with address", RS SLLA, UNSPEC, ROUTERS, 255, DROP_ND_RS_SLLAO },
	{ "6.1.1 :: with address behind", RS UNKNOWN SLLA, UNSPEC, ROUTERS, 255, DROP_ND_RS_SLLAO },
	{ "6.1.1 reserved", "8500 0000 ffffffff", UNSPEC, ROUTERS, 255, DROP_NONE },
	{ "6.1.1 unknown option", RS UNKNOWN, UNSPEC, ROUTERS, 255, DROP_NONE },
	{ "6.1.1 other's option", RS TLLA, UNSPEC, ROUTERS, 255, DROP_NONE },
	{ "6.1.1 other's option, bad", RS TLLA_LONG, UNSPEC, ROUTERS, 255, DROP_NONE },

	/* 6.1.2: Router Advertisements */
	{ "6.1.2 valid", RA SLLA, LL, NODES, 255, DROP_NONE },
	{ "6.1.2 without options", RA, LL, LL, 255, DROP_NONE },
	{ "6.1.2 source", RA SLLA, GLOBAL, NODES, 255, DROP_ND_SRC_NOT_LL },
	{ "6.1.2 source", RA, UNSPEC, NODES, 255, DROP_ND_SRC_NOT_LL },
	{ "6.1.2 source", RA, "::1", NODES, 255, DROP_ND_SRC_NOT_LL },
	{ "6.1.2 source", RA, "fec0::1", NODES, 255, DROP_ND_SRC_NOT_LL },
	{ "6.1.2 hop limit", RA SLLA, LL, NODES, 1, DROP_ND_HOP_LIMIT },
	{ "6.1.2 code", "8601 0000 40c00708 00007530 000003e8", LL, NODES, 255, DROP_ND_CODE },
	{ "6.1.2 length", "8600 0000 40c00708 00007530 000003", LL, NODES, 255, DROP_ND_SHORT },
	{ "6.1.2 option zero", RA ZERO, LL, NODES, 255, DROP_ND_OPT_ZERO },
	{ "6.1.2 reserved", "8600 0000 40030708 00007530 000003e8", LL, NODES, 255, DROP_NONE },
	{ "6.1.2 other's option", RA TLLA, LL, NODES, 255, DROP_NONE },

	/* 7.1.1: Neighbor Solicitations */
	{ "7.1.1 resolution", NS(A_LL) SLLA, LL, SNM, 255, DROP_NONE },
	{ "7.1.1 probe", NS(A_LL), LL, "fe80::2", 255, DROP_NONE },
	{ "7.1.1 DAD", NS(A_LL), UNSPEC, SNM, 255, DROP_NONE },
	{ "7.1.1 DAD to another group", NS(A_LL), UNSPEC, "ff02::1:ffff:ffff", 255, DROP_NONE },
	{ "7.1.1 hop limit", NS(A_LL) SLLA, LL, SNM, 64, DROP_ND_HOP_LIMIT },
	{ "7.1.1 code", "87ff 0000 00000000" A_LL, LL, SNM, 255, DROP_ND_CODE },
	{ "7.1.1 length", "8700 0000 00000000 fe8000000000000000000000000000", LL, SNM, 255,
	  DROP_ND_SHORT },
	{ "7.1.1 target", NS(A_MCAST), LL, SNM, 255, DROP_ND_TARGET_MCAST },
	{ "7.1.1 option zero", NS(A_LL) ZERO, LL, SNM, 255, DROP_ND_OPT_ZERO },
	{ "7.1.1 DAD to nodes", NS(A_LL), UNSPEC, NODES, 255, DROP_ND_DAD_DST },
	{ "7.1.1 DAD to unicast", NS(A_LL), UNSPEC, "fe80::2", 255, DROP_ND_DAD_DST },
	{ "7.1.1 DAD, not quite", NS(A_LL), UNSPEC, "ff02::1:fe00:2", 255, DROP_ND_DAD_DST },
	{ "7.1.1 DAD, other scope", NS(A_LL), UNSPEC, "ff05::1:ff00:2", 255, DROP_ND_DAD_DST },
	{ "7.1.1 DAD with address", NS(A_LL) SLLA, UNSPEC, SNM, 255, DROP_ND_DAD_SLLAO },
	{ "7.1.1 reserved", "8700 0000 ffffffff" A_LL, LL, SNM, 255, DROP_NONE },
	{ "7.1.1 unknown option", NS(A_LL) UNKNOWN, LL, SNM, 255, DROP_NONE },
	{ "7.1.1 other's option", NS(A_LL) TLLA, UNSPEC, SNM, 255, DROP_NONE },

	/* 7.1.2: Neighbor Advertisements */
	{ "7.1.2 solicited", NA("60000000", A_LL) TLLA, "fe80::2", LL, 255, DROP_NONE },
	{ "7.1.2 unsolicited", NA("20000000", A_LL) TLLA, "fe80::2", NODES, 255, DROP_NONE },
	{ "7.1.2 hop limit", NA("60000000", A_LL) TLLA, "fe80::2", LL, 254, DROP_ND_HOP_LIMIT },
	{ "7.1.2 code", "8801 0000 60000000" A_LL, "fe80::2", LL, 255, DROP_ND_CODE },
	{ "7.1.2 length", "8800 0000 60000000 fe8000000000000000000000000000", "fe80::2", LL, 255,
	  DROP_ND_SHORT },
	{ "7.1.2 target", NA("60000000", A_MCAST) TLLA, "fe80::2", LL, 255, DROP_ND_TARGET_MCAST },
	{ "7.1.2 solicited multicast", NA("40000000", A_LL) TLLA, "fe80::2", NODES, 255,
	  DROP_ND_NA_SOLICITED },
	{ "7.1.2 option zero", NA("60000000", A_LL) ZERO, "fe80::2", LL, 255, DROP_ND_OPT_ZERO },
	{ "7.1.2 reserved", NA("3fffffff", A_LL), "fe80::2", NODES, 255, DROP_NONE },
	{ "7.1.2 other's option", NA("60000000", A_LL) SLLA_LONG, "fe80::2", LL, 255, DROP_NONE },

	/* 8.1: Redirects */
	{ "8.1 to a router", REDIRECT(A_LL, A_GLOBAL) TLLA, LL, GLOBAL, 255, DROP_NONE },
	{ "8.1 to itself", REDIRECT(A_GLOBAL, A_GLOBAL), LL, GLOBAL, 255, DROP_NONE },
	{ "8.1 source", REDIRECT(A_LL, A_GLOBAL), "2001:db8::9", GLOBAL, 255, DROP_ND_SRC_NOT_LL },
	{ "8.1 hop limit", REDIRECT(A_LL, A_GLOBAL), LL, GLOBAL, 254, DROP_ND_HOP_LIMIT },
	{ "8.1 code", "8901 0000 00000000" A_LL A_GLOBAL, LL, GLOBAL, 255, DROP_ND_CODE },
	{ "8.1 length", "8900 0000 00000000" A_LL "20010db80000000000000000000000", LL, GLOBAL, 255,
	  DROP_ND_SHORT },
	{ "8.1 destination", REDIRECT(A_LL, A_MCAST), LL, GLOBAL, 255, DROP_ND_REDIRECT_DST },
	{ "8.1 both multicast", REDIRECT(A_MCAST, A_MCAST), LL, GLOBAL, 255, DROP_ND_REDIRECT_DST },
	{ "8.1 target", REDIRECT("20010db8000000000000000000000003", A_GLOBAL), LL, GLOBAL, 255,
	  DROP_ND_REDIRECT_TARGET },
	{ "8.1 target", REDIRECT(A_MCAST, A_GLOBAL), LL, GLOBAL, 255, DROP_ND_REDIRECT_TARGET },
	{ "8.1 option zero", REDIRECT(A_LL, A_GLOBAL) ZERO, LL, GLOBAL, 255, DROP_ND_OPT_ZERO },
	{ "8.1 reserved", "8900 0000 ffffffff" A_LL A_GLOBAL, LL, GLOBAL, 255, DROP_NONE },

	/* 4.6: options that break the list, or the link-layer address */
	{ "4.6 half a header", RS "01", LL, ROUTERS, 255, DROP_ND_OPT_SHORT },
	{ "4.6 overrun", RS OVERRUN, LL, ROUTERS, 255, DROP_ND_OPT_OVERRUN },
	{ "4.6 overrun by one", RS "01 01 0200000000", LL, ROUTERS, 255, DROP_ND_OPT_OVERRUN },
	{ "4.6.1 source in RS", RS SLLA_LONG, LL, ROUTERS, 255, DROP_ND_OPT_BAD },
	{ "4.6.1 source in RA", RA SLLA_LONG, LL, NODES, 255, DROP_ND_OPT_BAD },
	{ "4.6.1 source in NS", NS(A_LL) SLLA_LONG, LL, SNM, 255, DROP_ND_OPT_BAD },
	{ "4.6.1 target in NA", NA("60000000", A_LL) TLLA_LONG, LL, LL, 255, DROP_ND_OPT_BAD },
	{ "4.6.1 target in Redirect", REDIRECT(A_LL, A_GLOBAL) TLLA_LONG, LL, GLOBAL, 255,
	  DROP_ND_OPT_BAD },

	/* no message of ours */
	{ "empty", "", LL, NODES, 255, DROP_ND_SHORT },
	{ "other type", "8400 0000 00000000", LL, NODES, 255, DROP_ICMP6_TYPE },
	{ "other type", "8a00 0000 00000000", LL, NODES, 255, DROP_ICMP6_TYPE },
};

static void test_checks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		const struct check *c = &checks[i];
		enum drop got = parse_hex(c->hex, c->src, c->dst, c->hops, NULL, NULL);

		if (got != c->want)
			fail_msg("row %zu, %s: %s, not %s", i, c->section, drop_name(got),
				 drop_name(c->want));
	}
}

/* Every way to write an option of an RA: what is kept of it, in the words of nd_text(). */
#define DB8			  "20010db8000000000000000000000000"
#define PREFIX(units, len, flags) "03" units len flags "00000e10 00000708 00000000 " DB8
static const struct opt_case {
	const char *hex;
	const char *want; /* text behind that of the message */
} opt_cases[] = {
	{ "", "" },
	{ SLLA, ", from 02:00:00:00:00:01" },
	{ SLLA "01 01 020000000009", ", from 02:00:00:00:00:01, 1 options ignored" },
	{ UNKNOWN, "" },
	/* RFC 4861 section 4.6.2, RFC 6275 section 7.2 */
	{ PREFIX("04", "40", "c0"),
	  ", prefix 2001:db8::/64 on-link autonomous valid 3600 s preferred 1800 s" },
	{ PREFIX("04", "40", "80"),
	  ", prefix 2001:db8::/64 on-link valid 3600 s preferred 1800 s" },
	{ PREFIX("04", "40", "5f"),
	  ", prefix 2001:db8::/64 autonomous valid 3600 s preferred 1800 s" },
	{ "03 04 40 a0 ffffffff fffffffe 00000000 20010db8000000010000000000000009",
	  ", prefix 2001:db8:0:1::/64 on-link valid infinite preferred 4294967294 s"
	  " router 2001:db8:0:1::9" },
	{ "03 04 40 00 00000000 00000001 ffffffff 20010db80000000100000000000000ff",
	  ", prefix 2001:db8:0:1::/64 valid 0 s preferred 1 s" },
	{ PREFIX("04", "80", "00"), ", prefix 2001:db8::/128 valid 3600 s preferred 1800 s" },
	{ PREFIX("04", "81", "c0"), ", 1 options ignored" },
	{ PREFIX("05", "40", "c0") "0000000000000000", ", 1 options ignored" },
	{ "03 03 40 c0 00000e10 00000708 00000000 20010db800000000", ", 1 options ignored" },
	/* RFC 4861 section 4.6.4 */
	{ "05 01 ffff 000005dc", ", mtu 1500" },
	{ "05 01 0000 00000000", ", mtu 0" },
	{ "05 01 0000 000005dc 05 01 0000 00000500", ", mtu 1500, 1 options ignored" },
	{ "05 02 0000 000005dc 0000000000000000", ", 1 options ignored" },
	{ "05 02 0000 000005dc 0000000000000000 05 01 0000 00000500",
	  ", mtu 1280, 1 options ignored" },
	/* RFC 6275 sections 7.3 and 7.4 */
	{ "07 01 ffff 000005dc", ", interval 1500 ms" },
	{ "07 02 0000 000005dc 0000000000000000", ", 1 options ignored" },
	{ "08 01 ffff 0009 0708", ", home agent preference 9 lifetime 1800 s" },
	{ "08 02 0000 0009 0708 0000000000000000", ", 1 options ignored" },
	/* RFC 3971 section 5.3.2 */
	{ "0e 01 010203040506", ", nonce 010203040506" },
	{ "0e 02 010203040506 0708090a0b0c0d0e", ", nonce 0102030405060708090a0b0c0d0e" },
	/* RFC 4191 section 2.3 */
	{ "18 01 00 00 00000708", ", route ::/0 preference medium lifetime 1800 s" },
	{ "18 02 00 08 ffffffff ffffffffffffffff",
	  ", route ::/0 preference high lifetime infinite" },
	{ "18 03 00 18 00000000 ffffffffffffffff ffffffffffffffff",
	  ", route ::/0 preference low lifetime 0 s" },
	{ "18 02 30 e7 00000708 20010db8ffffffff",
	  ", route 2001:db8:ffff::/48 preference medium lifetime 1800 s" },
	{ "18 02 40 08 00000708 20010db8ffffffff",
	  ", route 2001:db8:ffff:ffff::/64 preference high lifetime 1800 s" },
	{ "18 03 41 08 00000708 20010db800000000 ffffffffffffffff",
	  ", route 2001:db8:0:0:8000::/65 preference high lifetime 1800 s" },
	{ "18 03 80 18 00000708" A_GLOBAL,
	  ", route 2001:db8::2/128 preference low lifetime 1800 s" },
	{ "18 01 01 00 00000708", ", 1 options ignored" },
	{ "18 02 41 00 00000708 20010db800000000", ", 1 options ignored" },
	{ "18 03 81 00 00000708" A_GLOBAL, ", 1 options ignored" },
	{ "18 04 40 00 00000708" A_GLOBAL "0000000000000000", ", 1 options ignored" },
	{ "18 01 00 10 00000708", ", 1 options ignored" },
	/* RFC 8106 sections 5.1 and 5.3.1 */
	{ "19 03 ffff 00000708" A_GLOBAL, ", rdnss 2001:db8::2 lifetime 1800 s" },
	{ "19 05 0000 ffffffff" A_GLOBAL A_LL, ", rdnss 2001:db8::2 fe80::2 lifetime infinite" },
	{ "19 01 0000 00000708", ", 1 options ignored" },
	{ "19 02 0000 00000708 20010db800000000", ", 1 options ignored" },
	{ "19 04 0000 00000708" A_GLOBAL "0000000000000000", ", 1 options ignored" },
	{ "19 03 0000 00000708" A_MCAST, ", 1 options ignored" },
	{ "19 05 0000 00000708" A_GLOBAL "00000000000000000000000000000000",
	  ", 1 options ignored" },
	/* RFC 5175 section 4: longer is allowed, the first counts */
	{ "1a 01 800000000001", ", flags 800000000001" },
	{ "1a 02 000000000002 ffffffffffffffff", ", flags 000000000002" },
	{ "1a 01 000000000002 1a 01 000000000004", ", flags 000000000002, 1 options ignored" },
	/* RFC 8106 section 5.2 */
	{ "1f 02 ffff 00000708 016101620000 0000", ", dnssl a.b lifetime 1800 s" },
	{ "1f 02 0000 00000000 0161000162000000", ", dnssl a b lifetime 0 s" },
	{ "1f 02 0000 00000708 0661622e5c2000 00",
	  ", dnssl ab\\046\\092\\032\\000 lifetime 1800 s" },
	{ "1f 01 0000 00000708", ", 1 options ignored" },
	{ "1f 02 0000 00000708 0000000000000000", ", 1 options ignored" },
	{ "1f 02 0000 00000708 0161016201630164", ", 1 options ignored" },
	{ "1f 02 0000 00000708 08616263646566 67", ", 1 options ignored" },
	{ "1f 02 0000 00000708 0161c00000000000", ", 1 options ignored" },
	/* RFC 8910 */
	{ "25 02 68747470733a2f2f6578616d0000", ", captive portal https://exam" },
	{ "25 02 68747470733a2f2f65780a20006d", ", captive portal https://ex???m" },
	{ "25 01 000000000000", ", 1 options ignored" },
	/* RFC 8781 section 4 */
	{ "26 02 0708 0064ff9b0000000000000000", ", pref64 64:ff9b::/96 lifetime 1800 s" },
	{ "26 02 fff9 0064ff9b000100020003ffff", ", pref64 64:ff9b:1:2::/64 lifetime 65528 s" },
	{ "26 02 0002 0064ff9b00010fff0003ffff", ", pref64 64:ff9b:1:f00::/56 lifetime 0 s" },
	{ "26 02 000b 0064ff9b00010fff0003ffff", ", pref64 64:ff9b:1::/48 lifetime 8 s" },
	{ "26 02 000c 0064ff9b12340fff0003ffff", ", pref64 64:ff9b:1200::/40 lifetime 8 s" },
	{ "26 02 000d 0064ff9b12340fff0003ffff", ", pref64 64:ff9b::/32 lifetime 8 s" },
	{ "26 02 000e 0064ff9b0000000000000000", ", 1 options ignored" },
	{ "26 02 000f 0064ff9b0000000000000000", ", 1 options ignored" },
	{ "26 01 0708 0064ff9b", ", 1 options ignored" },
	{ "26 03 0708 0064ff9b0000000000000000 0000000000000000", ", 1 options ignored" },
};

#define RA_TEXT "RA managed other lifetime 1800 s hop limit 64 reachable 30000 ms retrans 1000 ms"

static void look_text(const struct nd_msg *m, const void *arg)
{
	char text[2048];

	assert_string_equal(nd_text(m, text, sizeof(text)), arg);
}

static void test_options(void **state)
{
	char hex[1024], want[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(opt_cases); i++) {
		snprintf(hex, sizeof(hex), "%s%s", RA, opt_cases[i].hex);
		snprintf(want, sizeof(want), "%s%s", RA_TEXT, opt_cases[i].want);
		assert_int_equal(parse_hex(hex, LL, NODES, 255, look_text, want), DROP_NONE);
	}
}

/* In each message all options of all others: MUST be ignored, however they look. */
static const struct {
	const char *hex, *dst, *want;
} texts[] = {
	{ RS SLLA, ROUTERS, "RS, from 02:00:00:00:00:01" },
	{ RS TLLA PREFIX("04", "40", "c0") "05 01 0000 000005dc 0401 000000000000", ROUTERS, "RS" },
	{ RS "0e 01 010203040506", ROUTERS, "RS, nonce 010203040506" },
	{ RA TLLA "04 01 000000000000", NODES, RA_TEXT },
	{ HDR("86") "00 3f 0000 00000000 00000000", NODES, "RA home-agent proxied lifetime 0 s" },
	{ HDR("86") "00 08 0001 00000000 00000000", NODES, "RA lifetime 1 s preference high" },
	{ HDR("86") "00 18 ffff ffffffff ffffffff", NODES,
	  "RA lifetime 65535 s preference low reachable 4294967295 ms retrans 4294967295 ms" },
	{ HDR("86") "00 10 0001 00000000 00000000", NODES, "RA lifetime 1 s" },
	{ HDR("86") "00 08 0000 00000000 00000000", NODES, "RA lifetime 0 s" },
	{ NS(A_LL) SLLA "0e 01 010203040506", SNM,
	  "NS who has fe80::2, from 02:00:00:00:00:01, nonce 010203040506" },
	{ NS(A_LL) TLLA PREFIX("04", "40", "c0") "18 01 00 00 00000708 19 01 000000000000", SNM,
	  "NS who has fe80::2" },
	{ NA("e0000000", A_LL) TLLA, LL,
	  "NA fe80::2 router solicited override, at 02:00:00:00:00:02" },
	{ NA("00000000", A_LL) SLLA, NODES, "NA fe80::2" },
	{ NA("80000000", A_LL), NODES, "NA fe80::2 router" },
	{ NA("20000000", A_LL), NODES, "NA fe80::2 override" },
	{ REDIRECT(A_LL, A_GLOBAL) TLLA "04 02 000000000000 6000000000000000", GLOBAL,
	  "Redirect 2001:db8::2 to fe80::2, at 02:00:00:00:00:02, quotes 8 octets" },
	{ REDIRECT(A_LL, A_GLOBAL) SLLA "04 01 ffffffffffff 0e 01 010203040506", GLOBAL,
	  "Redirect 2001:db8::2 to fe80::2, quotes 0 octets" },
};

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_int_equal(
			parse_hex(texts[i].hex, LL, texts[i].dst, 255, look_text, texts[i].want),
			DROP_NONE);
}

/* Text that does not fit is cut, never overrun. */
static void look_cut(const struct nd_msg *m, const void *arg)
{
	const char *full = arg;

	for (size_t size = 1; size <= strlen(full) + 2; size++) {
		char *buf = malloc(size);
		size_t n = MIN(size - 1, strlen(full));

		assert_non_null(buf);
		nd_text(m, buf, size);
		assert_int_equal(strlen(buf), n);
		assert_memory_equal(buf, full, n);
		free(buf);
	}
}

static void test_text_cut(void **state)
{
	(void)state;
	parse_hex(RA SLLA, LL, NODES, 255, look_cut, RA_TEXT ", from 02:00:00:00:00:01");
}

/* The values behind the text: units, infinity, pointers into the message. */
static void look_values(const struct nd_msg *m, const void *arg)
{
	const struct nd_opts *o = &m->opts;

	(void)arg;
	assert_true(m->ra.reachable == 30 * NS_PER_S && m->ra.retrans == NS_PER_S);
	assert_int_equal(o->has, ND_HAS_ADV_INTERVAL | ND_HAS_RA_FLAGS);
	assert_true(o->adv_interval == UINT32_MAX * NS_PER_MS);
	assert_true(o->ra_flags == UINT64_C(1) << 47);
	assert_int_equal(o->n_prefixes, 1);
	assert_true(nd_lifetime(o->prefix[0].valid_s) == TIME_NEVER);
	assert_true(nd_lifetime(o->prefix[0].preferred_s) == 4294967294 * NS_PER_S);
	assert_true(nd_lifetime(0) == 0);
}

static void test_values(void **state)
{
	(void)state;
	assert_int_equal(parse_hex(RA "03 04 40 a0 ffffffff fffffffe 00000000" DB8
				      "07 01 0000 ffffffff 1a 01 800000000000",
				   LL, NODES, 255, look_values, NULL),
			 DROP_NONE);
}

/* Limits: 64 options and no more; 16 prefixes are kept, the others counted. */
static void look_limits(const struct nd_msg *m, const void *arg)
{
	unsigned n = *(const unsigned *)arg;

	assert_int_equal(m->opts.n_prefixes, MIN(n, ND_PREFIXES_MAX));
	assert_int_equal(m->opts.ignored, n - m->opts.n_prefixes);
}

static void test_limits(void **state)
{
	uint8_t buf[16 + 65 * 32], opt[32];

	(void)state;
	unhex(RA, buf, sizeof(buf));
	unhex(PREFIX("04", "40", "c0"), opt, sizeof(opt));
	for (unsigned n = 0; n <= 65; n++) {
		enum drop want = n <= 64 ? DROP_NONE : DROP_ND_OPT_MANY;

		assert_int_equal(parse(buf, 16 + n * 32, LL, NODES, 255, look_limits, &n), want);
		if (n < 65)
			memcpy(buf + 16 + n * 32, opt, 32);
	}
}

static void rebuild_and_compare(const struct nd_msg *m, const void *arg)
{
	struct ip6_addr s = addr(LL), d = addr(m->type == ND_NA ? LL : SNM);
	uint8_t buf[20000];
	struct wr w = wr_of(buf, sizeof(buf));
	struct nd_msg back;

	(void)arg;
	nd_build(&w, m);
	assert_false(w.overflow);
	assert_int_equal(nd_parse(rd_of(buf, wr_len(&w)), &s, &d, 255, &back), DROP_NONE);
	assert_int_equal(back.opts.ignored, 0);
	assert_true(msg_eq(m, &back));
}

/* Is @len where the fixed part or an option of the message ends? */
static bool is_boundary(const uint8_t *p, size_t len)
{
	static const size_t fixed[] = { 8, 16, 24, 24, 40 };
	size_t at = fixed[p[0] - ND_RS];

	while (at < len)
		at += p[at + 1] * 8u;
	return at == len;
}

/* Each valid message of the tables, cut at each length: taken at boundaries, refused elsewhere. */
static void cut_everywhere(const char *hex, const char *src, const char *dst)
{
	uint8_t buf[4096];
	size_t n = unhex(hex, buf, sizeof(buf));

	for (size_t len = 0; len <= n; len++) {
		enum drop why = parse(buf, len, src, dst, 255, rebuild_and_compare, NULL);

		assert_int_equal(why == DROP_NONE, len > 0 && is_boundary(buf, len));
	}
}

/* A router advertisement with the options of the cases from @from up to @to, cut everywhere. */
static void cut_options(size_t from, size_t to)
{
	char hex[8192];
	int n = snprintf(hex, sizeof(hex), "%s", RA);

	for (size_t i = from; i < to; i++)
		n += snprintf(hex + n, sizeof(hex) - (size_t)n, "%s", opt_cases[i].hex);
	cut_everywhere(hex, LL, NODES);
}

static void test_truncation(void **state)
{
	const size_t half = MIN(ARRAY_LEN(opt_cases), (size_t)ND_OPTS_MAX / 2);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		if (checks[i].want == DROP_NONE)
			cut_everywhere(checks[i].hex, checks[i].src, checks[i].dst);
	cut_options(0, half);
	cut_options(half, ARRAY_LEN(opt_cases));
}

/*
 * Random values, there and back.
 */

static void random_octets(struct rng *r, void *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = (uint8_t)rng_u32(r);
}

static struct ip6_addr random_prefix(struct rng *r, uint8_t len)
{
	struct ip6_addr a;

	random_octets(r, a.b, sizeof(a.b));
	return ip6_prefix(&a, len);
}

static uint32_t random_lifetime(struct rng *r)
{
	static const uint32_t edge[] = { 0, 1, ND_INFINITY - 1, ND_INFINITY };
	uint64_t pick = rng_below(r, 8);

	return pick < 4 ? edge[pick] : rng_u32(r);
}

static void random_prefixes(struct rng *r, struct nd_opts *o)
{
	o->n_prefixes = (uint8_t)rng_below(r, ND_PREFIXES_MAX + 1);
	for (unsigned i = 0; i < o->n_prefixes; i++) {
		struct nd_prefix *p = &o->prefix[i];

		p->len = (uint8_t)rng_below(r, 129);
		p->router_addr = rng_below(r, 2);
		p->on_link = rng_below(r, 2);
		p->autonomous = rng_below(r, 2);
		p->valid_s = random_lifetime(r);
		p->preferred_s = random_lifetime(r);
		if (p->router_addr)
			p->router = random_prefix(r, 128);
		p->prefix = p->router_addr ? ip6_prefix(&p->router, p->len)
					   : random_prefix(r, p->len);
	}
	o->n_routes = (uint8_t)rng_below(r, ND_ROUTES_MAX + 1);
	for (unsigned i = 0; i < o->n_routes; i++) {
		o->route[i].len = (uint8_t)rng_below(r, 129);
		o->route[i].prefix = random_prefix(r, o->route[i].len);
		o->route[i].pref = (int8_t)((int)rng_below(r, 3) - 1);
		o->route[i].lifetime_s = random_lifetime(r);
	}
}

static const uint8_t some_servers[] = { 0x20, 1, [15] = 1, [16] = 0x20, [31] = 9, [32] = 0x20 };
static const uint8_t some_names[] = "\1a\0\4name\7example\0\3xyz"; /* and its final NUL */
static const size_t name_ends[] = { 3, 17, 22 };
static uint8_t some_octets[2032];

static void random_dns(struct rng *r, struct nd_opts *o)
{
	static const uint8_t pref64_lens[] = { 32, 40, 48, 56, 64, 96 };

	o->n_rdnss = (uint8_t)rng_below(r, ND_RDNSS_MAX + 1);
	for (unsigned i = 0; i < o->n_rdnss; i++)
		o->rdnss[i] = (struct nd_rdnss){ rd_of(some_servers, 16 * rng_between(r, 1, 2)),
						 random_lifetime(r) };
	o->n_dnssl = (uint8_t)rng_below(r, ND_DNSSL_MAX + 1);
	for (unsigned i = 0; i < o->n_dnssl; i++)
		o->dnssl[i] = (struct nd_dnssl){ rd_of(some_names, name_ends[rng_below(r, 3)]),
						 random_lifetime(r) };
	o->n_pref64 = (uint8_t)rng_below(r, ND_PREF64_MAX + 1);
	for (unsigned i = 0; i < o->n_pref64; i++) {
		o->pref64[i].len = pref64_lens[rng_below(r, 6)];
		o->pref64[i].prefix = random_prefix(r, o->pref64[i].len);
		o->pref64[i].lifetime_s = (uint16_t)(rng_below(r, 8192) * 8);
	}
}

static void random_ra(struct rng *r, struct nd_msg *m)
{
	struct nd_opts *o = &m->opts;

	m->ra = (struct nd_ra){
		.hop_limit = (uint8_t)rng_u32(r),
		.managed = rng_below(r, 2),
		.other = rng_below(r, 2),
		.home_agent = rng_below(r, 2),
		.proxied = rng_below(r, 2),
		.lifetime_s = (uint16_t)(rng_below(r, 2) * rng_below(r, 65536)),
		.reachable = rng_u32(r) * NS_PER_MS,
		.retrans = rng_u32(r) * NS_PER_MS,
	};
	if (m->ra.lifetime_s != 0)
		m->ra.pref = (int8_t)((int)rng_below(r, 3) - 1);
	o->has |= rng_u32(r) & (ND_HAS_MTU | ND_HAS_ADV_INTERVAL | ND_HAS_HOME_AGENT |
				ND_HAS_RA_FLAGS | ND_HAS_CAPTIVE);
	if (o->has & ND_HAS_MTU)
		o->mtu = rng_u32(r);
	if (o->has & ND_HAS_ADV_INTERVAL)
		o->adv_interval = rng_u32(r) * NS_PER_MS;
	if (o->has & ND_HAS_HOME_AGENT) {
		o->ha_preference = (uint16_t)rng_u32(r);
		o->ha_lifetime_s = (uint16_t)rng_u32(r);
	}
	if (o->has & ND_HAS_RA_FLAGS)
		o->ra_flags = rng_u64(r) >> 16;
	if (o->has & ND_HAS_CAPTIVE)
		o->captive = rd_of("https://[2001:db8::1]/portal", rng_between(r, 1, 28));
	random_prefixes(r, o);
	random_dns(r, o);
}

static struct nd_msg random_msg(struct rng *r)
{
	struct nd_msg m = { .type = (enum nd_type)rng_between(r, ND_RS, ND_REDIRECT) };
	struct nd_opts *o = &m.opts;

	if (m.type == ND_NA || m.type == ND_REDIRECT)
		o->has |= rng_u32(r) & ND_HAS_TLLA;
	else
		o->has |= rng_u32(r) & ND_HAS_SLLA;
	if (m.type == ND_REDIRECT)
		o->has |= rng_u32(r) & ND_HAS_REDIRECTED;
	else
		o->has |= rng_u32(r) & ND_HAS_NONCE;
	if (o->has & ND_HAS_SLLA)
		random_octets(r, o->slla.b, sizeof(o->slla.b));
	if (o->has & ND_HAS_TLLA)
		random_octets(r, o->tlla.b, sizeof(o->tlla.b));
	if (o->has & ND_HAS_NONCE)
		o->nonce = rd_of(some_octets, 6 + 8 * rng_below(r, 4));
	if (o->has & ND_HAS_REDIRECTED)
		o->redirected = rd_of(some_octets, 8 * rng_below(r, 255));
	if (m.type == ND_RA)
		random_ra(r, &m);
	if (m.type == ND_NS || m.type == ND_NA || m.type == ND_REDIRECT) {
		m.target = random_prefix(r, 128);
		m.target.b[0] = 0x20;
	}
	if (m.type == ND_REDIRECT)
		m.dest = m.target;
	if (m.type == ND_NA) {
		m.router = rng_below(r, 2);
		m.solicited = rng_below(r, 2);
		m.override = rng_below(r, 2);
	}
	return m;
}

static void test_round_trip(void **state)
{
	struct rng r;

	(void)state;
	rng_init_u64(&r, 4861, 0);
	random_octets(&r, some_octets, sizeof(some_octets));
	for (unsigned i = 0; i < 5000; i++) {
		struct nd_msg m = random_msg(&r);

		rebuild_and_compare(&m, NULL);
	}
}

/* Octet by octet: reserved fields zero, checksum left to the caller. */
static void look_built(const struct nd_msg *m, const void *arg)
{
	uint8_t want[512], got[512];
	size_t n = unhex(arg, want, sizeof(want));
	struct wr w = wr_of(got, sizeof(got));

	nd_build(&w, m);
	assert_int_equal(wr_len(&w), n);
	assert_memory_equal(got, want, n);
}

static const struct {
	const char *in, *out;
} builds[] = {
	{ "8500 ffff ffffffff" SLLA, RS SLLA },
	{ "8600 ffff 40fb0708 00007530 000003e8", HDR("86") "40f80708 00007530 000003e8" },
	{ "8700 ffff ffffffff" A_LL, NS(A_LL) },
	{ "8800 ffff dfffffff" A_LL TLLA, NA("c0000000", A_LL) TLLA },
	{ "8900 ffff ffffffff" A_LL A_LL3 "0401 ffffffffffff",
	  REDIRECT(A_LL, A_LL3) "0401 000000000000" },
	{ RA "03 04 40 df 00000e10 00000708 ffffffff 20010db8000000000000000000000009",
	  RA PREFIX("04", "40", "c0") },
	{ RA "18 03 40 ef 00000708 20010db80000000100000000000000ff",
	  RA "18 02 40 08 00000708 20010db800000001" },
	{ RA "1f 03 ffff 00000708 0161000000000000 ffffffffffffffff",
	  RA "1f 02 0000 00000708 0161000000000000" },
};

static void test_build(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(builds); i++)
		assert_int_equal(parse_hex(builds[i].in, LL, SNM, 255, look_built, builds[i].out) ==
					 DROP_NONE,
				 i != 3);
	/* a solicited advertisement is unicast */
	assert_int_equal(parse_hex(builds[3].in, LL, LL, 255, look_built, builds[3].out),
			 DROP_NONE);
}

/* What a caller may hand over in its own units: rounded up, padded. */
static void test_build_rounds(void **state)
{
	uint8_t want[256], got[256];
	struct wr w = wr_of(got, sizeof(got));
	struct nd_msg m = { .type = ND_RA };
	size_t n;

	(void)state;
	m.ra = (struct nd_ra){ .pref = ND_PREF_HIGH, .reachable = 1, .retrans = NS_PER_MS + 1 };
	m.opts.n_pref64 = 2;
	m.opts.pref64[0] = (struct nd_pref64){ addr("64:ff9b::"), 1, 96 };
	m.opts.pref64[1] = (struct nd_pref64){ addr("64:ff9b::"), 65535, 32 };
	n = unhex(HDR("86") "00000000 00000001 00000002"
			    "26 02 0008 0064ff9b0000000000000000"
			    "26 02 fffd 0064ff9b0000000000000000",
		  want, sizeof(want));
	nd_build(&w, &m);
	assert_int_equal(wr_len(&w), n);
	assert_memory_equal(got, want, n);

	m = (struct nd_msg){ .type = ND_REDIRECT, .target = addr(LL), .dest = addr(GLOBAL) };
	m.opts.has = ND_HAS_REDIRECTED;
	m.opts.redirected = rd_of("\x60\1\2", 3);
	w = wr_of(got, sizeof(got));
	nd_build(&w, &m);
	n = unhex("04 02 000000000000 6001020000000000", want, sizeof(want));
	assert_int_equal(wr_len(&w), 40 + n);
	assert_memory_equal(got + 40, want, n);
}

/* A buffer too small is noticed, and nothing is written past it. */
static void look_overflow(const struct nd_msg *m, const void *arg)
{
	(void)arg;
	for (size_t size = 0; size <= 24; size++) {
		uint8_t *buf = malloc(size + (size == 0));
		struct wr w = wr_of(buf, size);

		nd_build(&w, m);
		assert_int_equal(w.overflow, size < 24);
		free(buf);
	}
}

static void test_build_overflow(void **state)
{
	(void)state;
	assert_int_equal(parse_hex(RA SLLA, LL, NODES, 255, look_overflow, NULL), DROP_NONE);
}

/* A name of 255 octets, all of them in need of escape, is the longest text. */
static void test_longest_name(void **state)
{
	uint8_t buf[16 + 8 + 256] = { 134 };
	static const uint8_t labels[] = { 63, 63, 63, 61 };
	struct ip6_addr s = addr(LL), d = addr(NODES);
	char text[ND_NAME_TEXT_MAX];
	size_t at = 24;
	struct nd_msg m;
	struct rd names;

	(void)state;
	buf[16] = ND_OPT_DNSSL;
	buf[17] = 33;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		buf[at] = labels[i];
		memset(buf + at + 1, 0xff, labels[i]);
		at += 1u + labels[i];
	}
	assert_int_equal(nd_parse(rd_of(buf, sizeof(buf)), &s, &d, 255, &m), DROP_NONE);
	assert_int_equal(m.opts.n_dnssl, 1);
	names = m.opts.dnssl[0].names;
	assert_int_equal(names.left, 255);
	assert_true(nd_dnssl_next(&names, text));
	assert_int_equal(strlen(text), 250 * 4 + 3);
	assert_false(nd_dnssl_next(&names, text));

	buf[24] = 64; /* a label of 64 octets, all the same in number */
	buf[24 + 65] = 62;
	assert_int_equal(nd_parse(rd_of(buf, sizeof(buf)), &s, &d, 255, &m), DROP_NONE);
	assert_int_equal(m.opts.n_dnssl, 0);
	buf[24] = 63;
	buf[24 + 64] = 63;

	buf[at - 62] = 62; /* 256 octets are one too many */
	buf[at] = 0xff;
	buf[at + 1] = 0;
	assert_int_equal(nd_parse(rd_of(buf, sizeof(buf)), &s, &d, 255, &m), DROP_NONE);
	assert_int_equal(m.opts.n_dnssl, 0);
	assert_int_equal(m.opts.ignored, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checks),	       cmocka_unit_test(test_options),
		cmocka_unit_test(test_text),	       cmocka_unit_test(test_text_cut),
		cmocka_unit_test(test_values),	       cmocka_unit_test(test_limits),
		cmocka_unit_test(test_truncation),     cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_build),	       cmocka_unit_test(test_build_rounds),
		cmocka_unit_test(test_build_overflow), cmocka_unit_test(test_longest_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
