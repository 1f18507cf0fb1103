/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 6724: the examples of section 10, a row each, and a row per rule in which all rules above
 * it tie. Every row runs in the order given and in reverse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* the order matters to cmocka */
#include <cmocka.h>

#include "ip6/scope.h"
#include "ip6/select.h"

#define N_MAX 6

/* The default table, those of section 10, and one that does not prefer a family. */
enum table { STD, T10_3, T10_4, T10_5, T10_6, T10_7, EVEN };

static struct ip6_addr addr(const char *text)
{
	char mapped[IP6_TEXT_MAX + 8];
	struct ip6_addr a;

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') == NULL ? "::ffff:" : "", text);
	if (ip6_parse(mapped, &a) < 0)
		fail_msg("%s is no address", text);
	return a;
}

static void set_row(struct ip6_policy *p, const char *prefix, uint32_t precedence, uint32_t label)
{
	struct ip6_policy_row row = { .precedence = precedence, .label = label };
	unsigned len;

	assert_int_equal(ip6_parse_prefix(prefix, &row.prefix, &len), 0);
	row.len = (uint8_t)len;
	assert_int_equal(ip6_policy_set(p, &row), 0);
}

static void make_table(struct ip6_policy *p, enum table t)
{
	ip6_policy_init(p);
	switch (t) {
	case STD:
		return;
	case T10_3:
		set_row(p, "::ffff:0:0/96", 100, 4);
		return;
	case T10_4:
		set_row(p, "fe80::/10", 33, 1);
		return;
	case T10_5:
		set_row(p, "2001:db8:1aaa::/48", 43, 6);
		set_row(p, "2001:db8:1bbb::/48", 43, 6);
		return;
	case T10_6:
		set_row(p, "fd11:1111:1111::/48", 45, 14);
		return;
	case T10_7:
		set_row(p, "2002:c633:6401::/48", 45, 14);
		return;
	case EVEN:
		set_row(p, "::ffff:0:0/96", 40, 4);
		return;
	}
}

/* "ADDRESS WORD...": WORD is a prefix length "/N", an interface "ifN" or a property. */
static struct src_cand cand(const char *text)
{
	char buf[128], *save, *word;
	struct src_cand c = { .ifindex = 1 };

	snprintf(buf, sizeof(buf), "%s", text);
	c.addr = addr(strtok_r(buf, " ", &save));
	c.prefix_len = ip6_is_v4mapped(&c.addr) ? 120 : 64;
	while ((word = strtok_r(NULL, " ", &save)) != NULL) {
		if (word[0] == '/')
			c.prefix_len = (uint8_t)atoi(word + 1);
		else if (strncmp(word, "if", 2) == 0)
			c.ifindex = (uint32_t)atoi(word + 2);
		else if (strcmp(word, "deprecated") == 0)
			c.deprecated = true;
		else if (strcmp(word, "optimistic") == 0)
			c.optimistic = true;
		else if (strcmp(word, "temporary") == 0)
			c.temporary = true;
		else if (strcmp(word, "home") == 0)
			c.home = true;
		else if (strcmp(word, "coa") == 0)
			c.care_of = true;
		else if (strcmp(word, "hop") == 0)
			c.from_next_hop = true;
		else
			fail_msg("unknown word %s", word);
	}
	return c;
}

/* Section 5. The outgoing interface is 1. */
static const struct source_row {
	const char *why;
	const char *dst;
	const char *cands[N_MAX];
	const char *want; /* NULL: none */
	enum table table;
	uint32_t prefer;
} sources[] = {
	/* clang-format off */
	/* section 10.1 */
	{ "10.1 appropriate scope", "2001:db8:1::1", { "2001:db8:3::1", "fe80::1" },
	  "2001:db8:3::1", STD, 0 },
	{ "10.1 appropriate scope", "ff05::1", { "2001:db8:3::1", "fe80::1" },
	  "2001:db8:3::1", STD, 0 },
	{ "10.1 same address", "2001:db8:1::1",
	  { "2001:db8:1::1 deprecated", "2001:db8:2::1" }, "2001:db8:1::1", STD, 0 },
	{ "10.1 appropriate scope", "fe80::1", { "fe80::2 deprecated", "2001:db8:1::1" },
	  "fe80::2", STD, 0 },
	{ "10.1 longest prefix", "2001:db8:1::1",
	  { "2001:db8:1::2", "2001:db8:3::2" }, "2001:db8:1::2", STD, 0 },
	{ "10.1 home address", "2001:db8:1::1",
	  { "2001:db8:1::2 coa", "2001:db8:3::2 home" }, "2001:db8:3::2", STD, 0 },
	{ "10.1 matching label", "2002:c633:6401::1",
	  { "2002:c633:6401::d5e3:7953:13eb:22e8 temporary", "2001:db8:1::2" },
	  "2002:c633:6401::d5e3:7953:13eb:22e8", STD, 0 },
	{ "10.1 temporary address", "2001:db8:1::d5e3:0:0:1",
	  { "2001:db8:1::2", "2001:db8:1::d5e3:7953:13eb:22e8 temporary" },
	  "2001:db8:1::d5e3:7953:13eb:22e8", STD, 0 },
	/* section 10.6, its last example (printed there as ff00:1) */
	{ "10.6 matching label", "ff0e::1",
	  { "2001:db8:1::1", "fd11:1111:1111:1::1" }, "2001:db8:1::1", STD, 0 },
	{ "10.6 matching label", "ff0e::1",
	  { "2001:db8:1::1", "fd11:1111:1111:1::1" }, "2001:db8:1::1", T10_6, 0 },

	/* rule 1, against all that is below */
	{ "1 same address", "2001:db8:1::1",
	  { "2001:db8:1::1 deprecated coa if2", "2001:db8:1::2 home hop temporary" },
	  "2001:db8:1::1", STD, 0 },
	/* rule 2: all that scopes can do */
	{ "2 both too small: larger", "2001:db8::9", { "fe80::1", "fec0::1" }, "fec0::1", STD, 0 },
	{ "2 both large enough: smaller", "fe80::9", { "fec0::1", "2001:db8::1" },
	  "fec0::1", STD, 0 },
	{ "2 one reaches", "fec0::9", { "fe80::1", "2001:db8::1" }, "2001:db8::1", STD, 0 },
	{ "2 same scope", "fec0::9", { "fec0::1 deprecated", "2001:db8::1" }, "fec0::1", STD, 0 },
	{ "2 organisation", "ff08::1", { "fec0::1", "2001:db8::1" }, "2001:db8::1", STD, 0 },
	{ "2 realm", "ff03::1", { "fe80::1", "fec0::1", "2001:db8::1" }, "fec0::1", STD, 0 },
	{ "2 interface-local group", "ff01::1", { "fe80::1", "2001:db8::1" }, "fe80::1", STD, 0 },
	{ "2 scop F is E", "ff0f::1", { "fe80::1", "2001:db8::1" }, "2001:db8::1", STD, 0 },
	{ "2 loopback is link-local", "::1", { "fe80::1", "2001:db8::1" }, "fe80::1", STD, 0 },
	{ "2 before 3", "2001:db8::9", { "fe80::1", "2001:db8::1 deprecated" },
	  "2001:db8::1", STD, 0 },
	/* rule 3; RFC 4429 section 2.1 for optimistic */
	{ "3 deprecated", "2001:db8:1::9",
	  { "2001:db8:1::1 deprecated home hop temporary", "2001:db8:2::1 coa if2" },
	  "2001:db8:2::1", STD, 0 },
	{ "3 optimistic", "2001:db8:1::9",
	  { "2001:db8:1::1 optimistic home", "2001:db8:2::1" }, "2001:db8:2::1", STD, 0 },
	{ "3 deprecated or optimistic tie", "2001:db8:1::9",
	  { "2001:db8:1::1 optimistic", "2001:db8:2::1 deprecated" }, "2001:db8:1::1", STD, 0 },
	{ "3.3 IPv4-compatible is preferred", "::9.9.9.9",
	  { "::1.1.1.1 deprecated home", "::9.9.9.1" }, "::1.1.1.1", STD, 0 },
	/* rule 4 */
	{ "4 home", "2001:db8:1::9",
	  { "2001:db8:2::1 home if2", "2001:db8:1::1 coa hop temporary" },
	  "2001:db8:2::1", STD, 0 },
	{ "4 both at once", "2001:db8:1::9",
	  { "2001:db8:2::1 home coa if2", "2001:db8:1::1 home hop" }, "2001:db8:2::1", STD, 0 },
	{ "4 both at once, care-of", "2001:db8:1::9",
	  { "2001:db8:2::1 home coa if2", "2001:db8:1::1 coa hop" }, "2001:db8:2::1", STD, 0 },
	{ "4 reversed", "2001:db8:1::9", { "2001:db8:2::1 coa if2",
	  "2001:db8:1::1 home hop" },
	  "2001:db8:2::1", STD, SRC_PREFER_COA },
	{ "4 reversed, both at once", "2001:db8:1::9",
	  { "2001:db8:2::1 home coa if2", "2001:db8:1::1 coa hop" },
	  "2001:db8:2::1", STD, SRC_PREFER_COA },
	{ "4 home wanted", "2001:db8:1::9", { "2001:db8:2::1 home if2",
	  "2001:db8:1::1 coa hop" },
	  "2001:db8:2::1", STD, SRC_PREFER_HOME },
	/* rule 5 */
	{ "5 outgoing interface", "2001:db8:1::9",
	  { "2001:db8:2::1", "2001:db8:1::1 if2 hop temporary" }, "2001:db8:2::1", STD, 0 },
	/* rule 5.5 */
	{ "5.5 next hop", "2002:1::9", { "2001:db8::1 hop", "2002:1::1 temporary" },
	  "2001:db8::1", STD, 0 },
	/* rule 6 */
	{ "6 label", "fd00::9", { "fdff:1::1", "fa00::1 temporary" }, "fdff:1::1", STD, 0 },
	{ "6 neither label", "2002:1::9", { "fdff::1 temporary", "2001:db8::1" },
	  "fdff::1", STD, 0 },
	/* rule 7 */
	{ "7 temporary", "2001:db8:1::9", { "2001:db8:2::1 temporary", "2001:db8:1::1" },
	  "2001:db8:2::1", STD, 0 },
	{ "7 temporary wanted", "2001:db8:1::9", { "2001:db8:2::1 temporary",
	  "2001:db8:1::1" },
	  "2001:db8:2::1", STD, SRC_PREFER_TMP },
	{ "7 reversed", "2001:db8:1::9", { "2001:db8:2::1", "2001:db8:1::1 temporary" },
	  "2001:db8:2::1", STD, SRC_PREFER_PUBLIC },
	/* rule 8: up to the length of the source's prefix (section 2.2) */
	{ "8 longest prefix", "2001:db8:1:2::9", { "2001:db8:1:3::1", "2001:db8:1:0::1" },
	  "2001:db8:1:3::1", STD, 0 },
	{ "8 prefix length counts", "2001:db8:1:2::9",
	  { "2001:db8:1:2::1 /48", "2001:db8:1:1::1 /64" }, "2001:db8:1:1::1", STD, 0 },
	{ "8 whole address", "2001:db8::9", { "2001:db8::8 /128", "2001:db8::1 /64" },
	  "2001:db8::8", STD, 0 },

	/* section 4: no candidates */
	{ "4 empty", "2001:db8::9", { NULL }, NULL, STD, 0 },
	{ "4 unspecified and multicast", "ff02::1", { "::", "ff02::2" }, NULL, STD, 0 },
	{ "4 multicast: other link", "ff05::1", { "2001:db8::1 if2" }, NULL, STD, 0 },
	{ "4 multicast: this link", "ff05::1", { "2001:db8::1 if2", "fe80::1" },
	  "fe80::1", STD, 0 },
	{ "4 link-local: other link", "fe80::9", { "fe80::9 if2", "2001:db8::1" },
	  "2001:db8::1", STD, 0 },
	{ "4 global: other interface", "2001:db8::9", { "2001:db8::1 if2" },
	  "2001:db8::1", STD, 0 },
	{ "4 other family", "2001:db8::9", { "10.0.0.1" }, NULL, STD, 0 },
	{ "4 other family", "10.0.0.2", { "2001:db8::1", "10.0.0.1" }, "10.0.0.1", STD, 0 },
	/* clang-format on */
};

static const struct src_cand *pick(const struct ip6_policy *p, const struct source_row *row,
				   struct src_cand *c, bool reverse)
{
	struct src_query q = { .dst = addr(row->dst), .ifindex = 1, .prefer = row->prefer };
	size_t n = 0;

	while (n < N_MAX && row->cands[n] != NULL)
		n++;
	for (size_t i = 0; i < n; i++)
		c[i] = cand(row->cands[reverse ? n - 1 - i : i]);
	return ip6_pick_source(p, &q, c, n);
}

static void test_sources(void **state)
{
	struct src_cand c[N_MAX];
	struct ip6_policy p;
	char text[IP6_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sources) * 2; i++) {
		const struct source_row *row = &sources[i / 2];
		const struct src_cand *got;
		struct ip6_addr want;

		make_table(&p, row->table);
		got = pick(&p, row, c, i % 2);
		if (row->want == NULL) {
			assert_null(got);
			continue;
		}
		want = addr(row->want);
		if (got == NULL || !ip6_eq(&got->addr, &want))
			fail_msg("%s%s: %s, not %s", row->why, i % 2 ? " in reverse" : "",
				 got == NULL ? "none" : ip6_text(&got->addr, text), row->want);
	}
}

/* What the implementation may choose: the first of equals; no interface known, no rule 5. */
static void test_source_ties(void **state)
{
	struct src_cand c[2] = { cand("2001:db8:2::1"), cand("2001:db8:3::1 if2") };
	struct src_query q = { .dst = addr("2600::1") };
	struct ip6_policy p;

	(void)state;
	ip6_policy_init(&p);
	assert_ptr_equal(ip6_pick_source(&p, &q, c, 2), &c[0]);
	c[0].ifindex = 2;
	c[1].ifindex = 0;
	assert_ptr_equal(ip6_pick_source(&p, &q, c, 2), &c[0]);
	q.dst = addr("ff02::1");
	assert_ptr_equal(ip6_pick_source(&p, &q, c, 2), &c[0]);
}

static void test_prefer_flags(void **state)
{
	(void)state;
	assert_true(src_prefer_is_valid(0));
	assert_true(src_prefer_is_valid(SRC_PREFER_TMP | SRC_PREFER_COA));
	assert_true(src_prefer_is_valid(SRC_PREFER_PUBLIC | SRC_PREFER_HOME));
	assert_false(src_prefer_is_valid(SRC_PREFER_PUBLIC | SRC_PREFER_TMP));
	assert_false(src_prefer_is_valid(SRC_PREFER_HOME | SRC_PREFER_COA));
}

/* Section 6. A destination may be "unreachable" or reached by a "tunnel". */
static const struct dest_row {
	const char *why;
	const char *cands[N_MAX];
	const char *dsts[N_MAX];
	const char *want; /* as in the RFC */
	enum table table;
	bool ordered; /* depends on the order given: not run in reverse */
} dests[] = {
	/* clang-format off */
	/* section 10.2 */
	{ "10.2 matching scope", { "2001:db8:1::2", "fe80::1", "169.254.13.78" },
	  { "2001:db8:1::1", "198.51.100.121" },
	  "2001:db8:1::1 (src 2001:db8:1::2) then ::ffff:198.51.100.121 (src ::ffff:169.254.13.78)",
	  STD, false },
	{ "10.2 matching scope", { "fe80::1", "198.51.100.117" },
	  { "2001:db8:1::1", "198.51.100.121" },
	  "::ffff:198.51.100.121 (src ::ffff:198.51.100.117) then 2001:db8:1::1 (src fe80::1)",
	  STD, false },
	{ "10.2 higher precedence", { "2001:db8:1::2", "fe80::1", "10.1.2.4" },
	  { "2001:db8:1::1", "10.1.2.3" },
	  "2001:db8:1::1 (src 2001:db8:1::2) then ::ffff:10.1.2.3 (src ::ffff:10.1.2.4)",
	  STD, false },
	{ "10.2 smaller scope", { "2001:db8:1::2", "fe80::2" }, { "2001:db8:1::1", "fe80::1" },
	  "fe80::1 (src fe80::2) then 2001:db8:1::1 (src 2001:db8:1::2)", STD, false },
	{ "10.2 home address", { "2001:db8:1::2 coa", "2001:db8:3::1 home", "fe80::2 coa" },
	  { "2001:db8:1::1", "fe80::1" },
	  "2001:db8:1::1 (src 2001:db8:3::1) then fe80::1 (src fe80::2)", STD, false },
	{ "10.2 deprecated", { "2001:db8:1::2", "fe80::2 deprecated" },
	  { "2001:db8:1::1", "fe80::1" },
	  "2001:db8:1::1 (src 2001:db8:1::2) then fe80::1 (src fe80::2)", STD, false },
	{ "10.2 longest prefix", { "2001:db8:1::2", "2001:db8:3f44::2", "fe80::2" },
	  { "2001:db8:1::1", "2001:db8:3ffe::1" },
	  "2001:db8:1::1 (src 2001:db8:1::2) then 2001:db8:3ffe::1 (src 2001:db8:3f44::2)",
	  STD, false },
	{ "10.2 matching label", { "2002:c633:6401::2", "fe80::2" },
	  { "2002:c633:6401::1", "2001:db8:1::1" },
	  "2002:c633:6401::1 (src 2002:c633:6401::2) then 2001:db8:1::1 (src 2002:c633:6401::2)",
	  STD, false },
	{ "10.2 higher precedence", { "2002:c633:6401::2", "2001:db8:1::2", "fe80::2" },
	  { "2002:c633:6401::1", "2001:db8:1::1" },
	  "2001:db8:1::1 (src 2001:db8:1::2) then 2002:c633:6401::1 (src 2002:c633:6401::2)",
	  STD, false },
	/* section 10.3 */
	{ "10.3 matching scope", { "2001:db8::2", "fe80::1", "169.254.13.78" },
	  { "2001:db8::1", "198.51.100.121" },
	  "2001:db8::1 (src 2001:db8::2) then ::ffff:198.51.100.121 (src ::ffff:169.254.13.78)",
	  T10_3, false },
	{ "10.3 matching scope", { "fe80::1", "198.51.100.117" },
	  { "2001:db8::1", "198.51.100.121" },
	  "::ffff:198.51.100.121 (src ::ffff:198.51.100.117) then 2001:db8::1 (src fe80::1)",
	  T10_3, false },
	{ "10.3 higher precedence", { "2001:db8::2", "fe80::1", "10.1.2.4" },
	  { "2001:db8::1", "10.1.2.3" },
	  "::ffff:10.1.2.3 (src ::ffff:10.1.2.4) then 2001:db8::1 (src 2001:db8::2)",
	  T10_3, false },
	/* section 10.4 */
	{ "10.4 higher precedence", { "2001:db8::2", "fe80::2" }, { "2001:db8::1", "fe80::1" },
	  "2001:db8::1 (src 2001:db8::2) then fe80::1 (src fe80::2)", T10_4, false },
	{ "10.4 deprecated", { "2001:db8::2 deprecated", "fe80::2" }, { "2001:db8::1", "fe80::1" },
	  "fe80::1 (src fe80::2) then 2001:db8::1 (src 2001:db8::2)", T10_4, false },
	/* section 10.5 */
	{ "10.5 by default", { "2001:db8:1aaa::a", "2001:db8:70aa::a", "fe80::a" },
	  { "2001:db8:1bbb::b", "2001:db8:70bb::b" },
	  "2001:db8:70bb::b (src 2001:db8:70aa::a) then 2001:db8:1bbb::b (src 2001:db8:1aaa::a)",
	  STD, false },
	{ "10.5 by default", { "2001:db8:1aaa::a", "2001:db8:70aa::a", "fe80::a" },
	  { "2001:db8:1ccc::c", "2001:db8:6ccc::c" },
	  "2001:db8:1ccc::c (src 2001:db8:1aaa::a) then 2001:db8:6ccc::c (src 2001:db8:70aa::a)",
	  STD, false },
	{ "10.5 higher precedence", { "2001:db8:1aaa::a", "2001:db8:70aa::a", "fe80::a" },
	  { "2001:db8:1bbb::b", "2001:db8:70bb::b" },
	  "2001:db8:1bbb::b (src 2001:db8:1aaa::a) then 2001:db8:70bb::b (src 2001:db8:70aa::a)",
	  T10_5, false },
	{ "10.5 longest prefix", { "2001:db8:1aaa::a", "2001:db8:70aa::a", "fe80::a" },
	  { "2001:db8:1ccc::c", "2001:db8:6ccc::c" },
	  "2001:db8:6ccc::c (src 2001:db8:70aa::a) then 2001:db8:1ccc::c (src 2001:db8:70aa::a)",
	  T10_5, false },
	/* section 10.6 */
	{ "10.6 by default", { "2001:db8:1::1", "fd11:1111:1111:1::1" },
	  { "2001:db8:2::2", "fd22:2222:2222:2::2" },
	  "2001:db8:2::2 (src 2001:db8:1::1) then fd22:2222:2222:2::2 (src fd11:1111:1111:1::1)",
	  STD, false },
	{ "10.6 other site", { "2001:db8:1::1", "fd11:1111:1111:1::1" },
	  { "2001:db8:2::2", "fd22:2222:2222:2::2" },
	  "2001:db8:2::2 (src 2001:db8:1::1) then fd22:2222:2222:2::2 (src fd11:1111:1111:1::1)",
	  T10_6, false },
	{ "10.6 same site", { "2001:db8:1::1", "fd11:1111:1111:1::1" },
	  { "2001:db8:2::2", "fd11:1111:1111:2::2" },
	  "fd11:1111:1111:2::2 (src fd11:1111:1111:1::1) then 2001:db8:2::2 (src 2001:db8:1::1)",
	  T10_6, false },
	/* section 10.7 */
	{ "10.7 by default", { "2002:c633:6401::2", "10.1.2.3" },
	  { "2001:db8:1::1", "203.0.113.1" },
	  "::ffff:203.0.113.1 (src ::ffff:10.1.2.3) then 2001:db8:1::1 (src 2002:c633:6401::2)",
	  STD, false },
	{ "10.7 same site", { "2002:c633:6401:1::1", "10.1.2.3" },
	  { "2002:c633:6401:2::2", "203.0.113.1" },
	  "2002:c633:6401:2::2 (src 2002:c633:6401:1::1) then "
	  "::ffff:203.0.113.1 (src ::ffff:10.1.2.3)",
	  T10_7, false },

	/* rule 1, against all that is below */
	{ "1 no source", { "10.0.0.1" }, { "2001:db8::9", "10.9.9.9" },
	  "::ffff:10.9.9.9 (src ::ffff:10.0.0.1) then 2001:db8::9 (no src)", STD, false },
	{ "1 unreachable", { "2001:db8::1", "10.0.0.1" }, { "2001:db8::9 unreachable", "10.9.9.9" },
	  "::ffff:10.9.9.9 (src ::ffff:10.0.0.1) then 2001:db8::9 (src 2001:db8::1)", STD, false },
	{ "1 both: precedence", { NULL }, { "10.9.9.9", "2001:db8::9" },
	  "2001:db8::9 (no src) then ::ffff:10.9.9.9 (no src)", STD, false },
	/* rule 2 before 3 to 9 */
	{ "2 scope", { "fe80::1", "2002:1::1 deprecated" }, { "2001:db8::9", "fec0::9" },
	  "2001:db8::9 (src 2002:1::1) then fec0::9 (src 2002:1::1)", STD, false },
	/* rule 3 before 4 to 9 */
	{ "3 deprecated source", { "2001:db8::1 deprecated home", "fdaa::1 coa if2" },
	  { "2001:db8::1", "fdaa::9 tunnel" },
	  "fdaa::9 (src fdaa::1) then 2001:db8::1 (src 2001:db8::1)", STD, false },
	/* rule 4 before 5 to 9 */
	{ "4 home source", { "2001:db8::1 coa", "fdaa::1 home" },
	  { "2001:db8::1", "fdaa::9 tunnel" },
	  "fdaa::9 (src fdaa::1) then 2001:db8::1 (src 2001:db8::1)", STD, false },
	{ "4 both at once", { "2001:db8::1 home", "fdaa::1 home coa" },
	  { "2001:db8::1", "fdaa::9 tunnel" },
	  "fdaa::9 (src fdaa::1) then 2001:db8::1 (src 2001:db8::1)", STD, false },
	/* rule 5 before 6 to 9 */
	{ "5 label", { "fdaa::1" }, { "2001:db8::9", "fdaa::9 tunnel" },
	  "fdaa::9 (src fdaa::1) then 2001:db8::9 (src fdaa::1)", STD, false },
	/* rule 6 before 7 to 9 */
	{ "6 precedence", { "2001:db8::1", "fdaa::1" }, { "fdaa::9", "2600::9 tunnel" },
	  "2600::9 (src 2001:db8::1) then fdaa::9 (src fdaa::1)", STD, false },
	/* rule 7 before 8 and 9 */
	{ "7 native transport", { "2001:db8::1", "fe80::1" }, { "fe80::9 tunnel", "2600::9" },
	  "2600::9 (src 2001:db8::1) then fe80::9 (src fe80::1)", STD, false },
	/* rule 8 before 9 */
	{ "8 smaller scope", { "2001:db8::1 /64", "fe80::1 /10" }, { "2001:db8::9", "fe80::9" },
	  "fe80::9 (src fe80::1) then 2001:db8::9 (src 2001:db8::1)", STD, false },
	/* rule 9, within one family; IPv4 too */
	{ "9 longest prefix", { "2001:db8::1" }, { "2001:db9::9", "2001:db8::9" },
	  "2001:db8::9 (src 2001:db8::1) then 2001:db9::9 (src 2001:db8::1)", STD, false },
	{ "9 prefix of the source", { "2001:db8::1 /24" }, { "2001:db9::9", "2001:db8::9" },
	  "2001:db9::9 (src 2001:db8::1) then 2001:db8::9 (src 2001:db8::1)", STD, true },
	{ "9 longest prefix", { "10.0.0.1" }, { "11.0.0.9", "10.0.0.9" },
	  "::ffff:10.0.0.9 (src ::ffff:10.0.0.1) then ::ffff:11.0.0.9 (src ::ffff:10.0.0.1)",
	  STD, false },
	/* rule 10 */
	{ "9 not across families", { "2001:db8::1", "10.0.0.1" }, { "2600::9", "10.0.0.9" },
	  "2600::9 (src 2001:db8::1) then ::ffff:10.0.0.9 (src ::ffff:10.0.0.1)", EVEN, true },
	{ "9 not across families", { "2001:db8::1", "10.0.0.1" }, { "11.0.0.9", "2001:db8::9" },
	  "::ffff:11.0.0.9 (src ::ffff:10.0.0.1) then 2001:db8::9 (src 2001:db8::1)", EVEN, true },
	{ "10 order unchanged", { "2001:db8::1" },
	  { "2601::1", "2601::3", "2601::2", "2001:db8::9" },
	  "2001:db8::9 (src 2001:db8::1) then 2601::1 (src 2001:db8::1) then "
	  "2601::3 (src 2001:db8::1) then 2601::2 (src 2001:db8::1)", STD, true },
	/* clang-format on */
};

/* Destinations with their sources by section 5. Return: how many. */
static size_t make_dests(const struct ip6_policy *p, const struct dest_row *row, bool reverse,
			 struct src_cand *c, struct dst_cand *d)
{
	size_t n_cands = 0, n = 0;

	while (n_cands < N_MAX && row->cands[n_cands] != NULL) {
		c[n_cands] = cand(row->cands[n_cands]);
		n_cands++;
	}
	while (n < N_MAX && row->dsts[n] != NULL)
		n++;
	for (size_t i = 0; i < n; i++) {
		const char *text = row->dsts[reverse ? n - 1 - i : i];
		char buf[64];
		struct src_query q = { .ifindex = 1 };

		snprintf(buf, sizeof(buf), "%s", text);
		d[i] = (struct dst_cand){ .unreachable = strstr(text, " unreachable") != NULL,
					  .encapsulated = strstr(text, " tunnel") != NULL };
		d[i].addr = q.dst = addr(strtok(buf, " "));
		d[i].src = ip6_pick_source(p, &q, c, n_cands);
	}
	return n;
}

static void describe(const struct dst_cand *d, size_t n, char *buf, size_t size)
{
	char dst[IP6_TEXT_MAX], src[IP6_TEXT_MAX];
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		at += (size_t)snprintf(buf + at, size - at, "%s%s (%s%s)", i == 0 ? "" : " then ",
				       ip6_text(&d[i].addr, dst),
				       d[i].src == NULL ? "no src" : "src ",
				       d[i].src == NULL ? "" : ip6_text(&d[i].src->addr, src));
		assert_true(at < size);
	}
}

static void test_dests(void **state)
{
	struct src_cand c[N_MAX];
	struct dst_cand d[N_MAX];
	struct ip6_policy p;
	char got[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dests) * 2; i++) {
		const struct dest_row *row = &dests[i / 2];
		size_t n;

		if (i % 2 && row->ordered)
			continue;
		make_table(&p, row->table);
		n = make_dests(&p, row, i % 2, c, d);
		ip6_sort_dests(&p, d, n);
		describe(d, n, got, sizeof(got));
		if (strcmp(got, row->want) != 0)
			fail_msg("%s%s:\n  %s\nnot\n  %s", row->why, i % 2 ? " in reverse" : "",
				 got, row->want);
	}
}

static void test_sort_of_nothing(void **state)
{
	struct ip6_policy p;

	(void)state;
	ip6_policy_init(&p);
	ip6_sort_dests(&p, NULL, 0);
}

/* Section 2.1: the default table, row by row, and an address beside each. */
static void test_policy_default(void **state)
{
	static const struct {
		const char *addr;
		uint32_t precedence, label;
	} want[] = {
		{ "::1", 50, 0 },     { "2600::1", 40, 1 }, { "10.0.0.1", 35, 4 },
		{ "2002::1", 30, 2 }, { "2001::1", 5, 5 },  { "2001:1::1", 40, 1 },
		{ "fc00::1", 3, 13 }, { "fdff::1", 3, 13 }, { "fe00::1", 40, 1 },
		{ "::2", 1, 3 },      { "::", 1, 3 },	    { "::1:0:0:1", 40, 1 },
		{ "fec0::1", 1, 11 }, { "fe80::1", 40, 1 }, { "3ffe::1", 1, 12 },
		{ "3fff::1", 40, 1 }, { "ff02::1", 40, 1 }, { "2003::1", 40, 1 },
	};
	struct ip6_policy p;

	(void)state;
	ip6_policy_init(&p);
	assert_int_equal(p.n, 9);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct ip6_addr a = addr(want[i].addr);
		const struct ip6_policy_row *row = ip6_policy_find(&p, &a);

		if (row->precedence != want[i].precedence || row->label != want[i].label)
			fail_msg("%s: %u, %u", want[i].addr, row->precedence, row->label);
	}
}

static void test_policy_change(void **state)
{
	struct ip6_policy_row row = { .len = 48, .precedence = 7, .label = 7 };
	struct ip6_addr a = addr("2001:db8:1::1");
	struct ip6_policy p;

	(void)state;
	ip6_policy_init(&p);
	row.prefix = a; /* bits behind the length do not count */
	assert_int_equal(ip6_policy_set(&p, &row), 0);
	assert_int_equal(ip6_policy_find(&p, &a)->label, 7);
	row.prefix = addr("2001:db8:1::2");
	row.label = 8;
	assert_int_equal(ip6_policy_set(&p, &row), 0);
	assert_int_equal(p.n, 10);
	assert_int_equal(ip6_policy_find(&p, &a)->label, 8);
	assert_int_equal(ip6_policy_del(&p, &a, 49), -ENOENT);
	assert_int_equal(ip6_policy_del(&p, &a, 129), -ENOENT);
	assert_int_equal(ip6_policy_del(&p, &a, 48), 0);
	assert_int_equal(ip6_policy_del(&p, &a, 48), -ENOENT);
	assert_int_equal(p.n, 9);
	assert_int_equal(ip6_policy_find(&p, &a)->label, 1);

	row.label = IP6_LABEL_NONE;
	assert_int_equal(ip6_policy_set(&p, &row), -EINVAL);
	row = (struct ip6_policy_row){ .len = 129 };
	assert_int_equal(ip6_policy_set(&p, &row), -EINVAL);

	ip6_policy_clear(&p);
	assert_int_equal(ip6_policy_find(&p, &a)->label, IP6_LABEL_NONE);
	assert_int_equal(ip6_policy_find(&p, &a)->precedence, 0);
}

static void test_policy_full(void **state)
{
	struct ip6_policy_row row = { .len = 128, .label = 1 };
	struct ip6_policy p;

	(void)state;
	ip6_policy_clear(&p);
	for (unsigned i = 0; i < IP6_POLICY_MAX; i++) {
		row.prefix.b[15] = (uint8_t)i;
		assert_int_equal(ip6_policy_set(&p, &row), 0);
	}
	row.prefix.b[15] = IP6_POLICY_MAX;
	assert_int_equal(ip6_policy_set(&p, &row), -ENOSPC);
	row.prefix.b[15] = 0; /* there already: replaced */
	assert_int_equal(ip6_policy_set(&p, &row), 0);
	assert_int_equal(p.n, IP6_POLICY_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),		cmocka_unit_test(test_source_ties),
		cmocka_unit_test(test_prefer_flags),	cmocka_unit_test(test_dests),
		cmocka_unit_test(test_sort_of_nothing), cmocka_unit_test(test_policy_default),
		cmocka_unit_test(test_policy_change),	cmocka_unit_test(test_policy_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
