/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/addr.h"
#include "base/rng.h"

#include "aborts.h"

/* Canonical text: the sections are of RFC 5952. */
static const struct {
	const char *in, *out, *section;
} texts[] = {
	{ "2001:0db8::0001", "2001:db8::1", "4.1 leading zeros go" },
	{ "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1", "4.1" },
	{ "2001:db8::0000:1", "2001:db8::1", "4.1" },
	{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1", "4.2.1 as short as possible" },
	{ "2001:db8::0:1", "2001:db8::1", "4.2.1" },
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "4.2.2 not for one field" },
	{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "4.2.2" },
	{ "0:1:1:1:1:1:1:1", "0:1:1:1:1:1:1:1", "4.2.2 at the front" },
	{ "1:1:1:1:1:1:1:0", "1:1:1:1:1:1:1:0", "4.2.2 at the end" },
	{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1", "4.2.3 the longest run" },
	{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "4.2.3 the first of two" },
	{ "0:0:1:1:0:0:1:1", "::1:1:0:0:1:1", "4.2.3" },
	{ "1:1:0:0:1:1:0:0", "1:1::1:1:0:0", "4.2.3" },
	{ "1:0:0:1:1:0:0:0", "1:0:0:1:1::", "4.2.3 at the end" },
	{ "2001:DB8::ABCD:EF01", "2001:db8::abcd:ef01", "4.3 lower case" },
	{ "::", "::", "unspecified" },
	{ "::1", "::1", "loopback" },
	{ "ff02::1:ff00:1", "ff02::1:ff00:1", "" },
	{ "0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1", "5 IPv4-mapped" },
	{ "::ffff:c000:201", "::ffff:192.0.2.1", "5" },
	{ "::192.0.2.1", "::192.0.2.1", "5 IPv4-compatible, RFC 4291 section 2.5.5.1" },
	{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201", "5 MAY, for prefixes known otherwise" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	  "" },
};

static void text_is_canonical(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char buf[IP6_TEXT_MAX];
		struct ip6_addr a;

		assert_int_equal(ip6_parse(texts[i].in, &a), 0);
		assert_string_equal(ip6_text(&a, buf), texts[i].out);
	}
}

static const char *const bad_addrs[] = {
	"",
	":",
	":::",
	"1",
	"1:",
	":1",
	"1:2:3:4:5:6:7",
	"1:2:3:4:5:6:7:8:9",
	"1::2::3",
	"12345::",
	"g::",
	"::1 ",
	" ::1",
	"::1%eth0",
	"::1/64",
	"[::1]",
	"1.2.3.4",
	"::1.2.3",
	"::1.2.3.4.5",
	"::256.0.0.1",
	"::1.2.3.4:5",
	"1:2:3:4:5:6:7:1.2.3.4",
	"::-1",
	"0x1::",
	"::\n",
	"1:2:3:4:5:6:7::8", /* eight fields leave nothing to "::" */
};

static void bad_addresses_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_addrs); i++) {
		struct ip6_addr a = { { 0xaa } };

		if (ip6_parse(bad_addrs[i], &a) != -EINVAL)
			fail_msg("accepted \"%s\"", bad_addrs[i]);
		assert_int_equal(a.b[0], 0xaa);
	}
}

static const struct {
	const char *in, *addr;
	unsigned len;
} prefixes[] = {
	{ "::/0", "::", 0 },
	{ "2001:db8::/32", "2001:db8::", 32 },
	{ "2001:db8::1/64", "2001:db8::1", 64 }, /* the bits behind the length stay */
	{ "::1/128", "::1", 128 },
	{ "1111:2222:3333:4444:5555:6666:255.255.255.255/9",
	  "1111:2222:3333:4444:5555:6666:ffff:ffff", 9 },
};

static const char *const bad_prefixes[] = {
	"",
	"/",
	"::",
	"::/",
	"/64",
	"::/129",
	"::/-1",
	"::/+1",
	"::/ 1",
	"::/1 ",
	"::/1x",
	"::/x",
	"::/0x10",
	"::1/64/64",
	"::/4294967296",
	"::/18446744073709551616",
	"::/99999999999999999999999999",
	"x/64",
	"::%lo/64",
	"1.2.3.4/24",
	"::/64\n",
	"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa/64",
	"00000000000000000000000000000000000000000000000::/64",
};

static void prefixes_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		struct ip6_addr a, want;
		unsigned len;

		assert_int_equal(ip6_parse(prefixes[i].addr, &want), 0);
		assert_int_equal(ip6_parse_prefix(prefixes[i].in, &a, &len), 0);
		assert_true(ip6_eq(&a, &want));
		assert_int_equal(len, prefixes[i].len);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad_prefixes); i++) {
		struct ip6_addr a = { { 0xaa } };
		unsigned len = 77;

		if (ip6_parse_prefix(bad_prefixes[i], &a, &len) != -EINVAL)
			fail_msg("accepted \"%s\"", bad_prefixes[i]);
		assert_int_equal(a.b[0], 0xaa);
		assert_int_equal(len, 77);
	}
}

static bool bit(const struct ip6_addr *a, unsigned i)
{
	return (a->b[i / 8] >> (7 - i % 8) & 1) != 0;
}

static void prefix_bits_agree_with_single_bits(void **state)
{
	struct rng r;

	(void)state;
	rng_init_u64(&r, 1, 0);
	for (unsigned round = 0; round < 200; round++) {
		unsigned same = (unsigned)rng_below(&r, 129), common = 0;
		struct ip6_addr a, b;

		for (unsigned i = 0; i < sizeof(a.b); i++)
			a.b[i] = (uint8_t)rng_u32(&r);
		b = a;
		if (same < IP6_ADDR_BITS)
			b.b[same / 8] ^= (uint8_t)(0x80u >> same % 8);
		while (common < IP6_ADDR_BITS && bit(&a, common) == bit(&b, common))
			common++;
		assert_int_equal(common, same);
		assert_int_equal(ip6_common_bits(&a, &b), same);
		assert_int_equal(ip6_eq(&a, &b), same == IP6_ADDR_BITS);
		for (unsigned len = 0; len <= IP6_ADDR_BITS; len++) {
			struct ip6_addr p = ip6_prefix(&a, len);

			assert_int_equal(ip6_in_prefix(&b, &a, len), len <= same);
			for (unsigned i = 0; i < IP6_ADDR_BITS; i++)
				assert_int_equal(bit(&p, i), i < len && bit(&a, i));
		}
	}
}

static void order_and_halves(void **state)
{
	struct ip6_addr lo, hi;

	(void)state;
	assert_int_equal(ip6_parse("1:2:3:4:5:6:7:8", &lo), 0);
	assert_int_equal(ip6_parse("8000::", &hi), 0);
	assert_true(ip6_hi(&lo) == UINT64_C(0x0001000200030004));
	assert_true(ip6_lo(&lo) == UINT64_C(0x0005000600070008));
	assert_true(ip6_cmp(&lo, &hi) < 0 && ip6_cmp(&hi, &lo) > 0 && ip6_cmp(&lo, &lo) == 0);
	assert_true(ip6_is_unspec(&IP6_UNSPEC));
	for (unsigned i = 0; i < IP6_ADDR_OCTETS; i++) {
		struct ip6_addr one = IP6_UNSPEC;

		one.b[i] = 1;
		assert_false(ip6_is_unspec(&one));
		assert_false(ip6_eq(&one, &IP6_UNSPEC));
	}
}

static void longer_than_an_address(void *ctx)
{
	struct ip6_addr a = ip6_prefix(&IP6_UNSPEC, 129);

	*(struct ip6_addr *)ctx = a;
}

static void length_is_asserted(void **state)
{
	struct ip6_addr a;

	(void)state;
	assert_true(aborts(longer_than_an_address, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_canonical),
		cmocka_unit_test(bad_addresses_are_refused),
		cmocka_unit_test(prefixes_are_read),
		cmocka_unit_test(prefix_bits_agree_with_single_bits),
		cmocka_unit_test(order_and_halves),
		cmocka_unit_test(length_is_asserted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
