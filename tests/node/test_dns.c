/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What routers say beside how to reach them: RFC 8106 sections 5 and 6, RFC 8781, RFC 8910, RFC 5175,
 * and what a router advertises of it.
 */
#include "nd/part.h"
#include "nd_pkt.h"

#include <stdio.h>

#define ROUTER "fe80::2"
#define S      NS_PER_S

static const char *const all[] = { "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4",
				   "2001:db8::5", "2001:db8::6", "2001:db8::7", "2001:db8::8",
				   "2001:db8::9", "2001:db8::a", "2001:db8::b", "2001:db8::c" };

static struct nd_dns *dns(struct bed *b)
{
	return &nd_if(bed_if(b, 0))->dns;
}

/* An advertisement with options as octets: "TYPE LEN ..." in hexadecimal, by blanks at will. */
static void hear_raw(struct bed *b, const char *hex)
{
	uint8_t m[1232] = { ND_RA, 0, 0, 0, 64, 0, 7, 8 };
	size_t n = 16;
	unsigned v;

	for (int used; sscanf(hex, " %2x%n", &v, &used) == 1; hex += used)
		m[n++] = (uint8_t)v;
	bed_rx(b, 0, bed_icmp6(b, ROUTER, "ff02::1", 255, m, n));
}

/* Servers by their numbers in all[], as in "312": one option. */
static void hear_servers(struct bed *b, const char *which, uint32_t lifetime_s)
{
	struct nd_msg m = { .type = ND_RA, .ra = { .lifetime_s = 1800 } };
	struct ip6_addr a[16];
	size_t n = strlen(which);

	for (size_t i = 0; i < n; i++)
		a[i] = bed_addr_of(all[which[i] <= '9' ? which[i] - '1' : which[i] - 'a' + 9]);
	m.opts.n_rdnss = 1;
	m.opts.rdnss[0] = (struct nd_rdnss){ rd_of(a, n * sizeof(a[0])), lifetime_s };
	nd_rx(b, 0, ROUTER, "ff02::1", &m);
	bed_run(b, b->now + 1); /* no two advertisements at the same time */
}

static void servers_are(struct bed *b, const char *which)
{
	const struct nd_said_list *l = &dns(b)->servers;
	char got[ND_SAID_MAX + 1] = "";

	for (unsigned i = 0; i < l->n; i++) {
		uint8_t last = l->item[i].b[15];

		got[i] = (char)(last <= 9 ? '0' + last : 'a' + last - 10);
	}
	assert_string_equal(got, which);
}

/* RFC 8106 section 6.2: each row an option, the time to look, and the list then. */
static const struct {
	const char *option;
	uint32_t lifetime_s;
	unsigned after_s;
	const char *then;
} rows[] = {
	{ "12", 100, 0, "12" },	       /* in the order of the option */
	{ "34", 50, 0, "3412" },       /* (d): new ones first */
	{ "21", 100, 0, "3412" },      /* (c): known ones keep their places */
	{ "4", 0, 0, "312" },	       /* (b): zero ends it */
	{ "5", 0, 0, "312" },	       /* and nothing else */
	{ "", 0, 49, "312" },	       /* section 6.1: 3 ends ... */
	{ "", 0, 1, "12" },	       /* ... at 50 s */
	{ "2", 500, 0, "12" },	       /* only 2 lives on */
	{ "", 0, 49, "12" },	       /* at 99 s */
	{ "", 0, 1, "2" },	       /* at 100 s */
	{ "6", ND_INFINITY, 0, "62" }, /* for ever */
	{ "", 0, 1000000, "6" },
	{ "1123", 10, 0, "1236" }, /* named twice, kept once */
};

static void test_servers(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bed_row(i, ARRAY_LEN(rows));
		if (rows[i].option[0] != '\0')
			hear_servers(&b, rows[i].option, rows[i].lifetime_s);
		bed_run(&b, b.now + rows[i].after_s * S);
		servers_are(&b, rows[i].then);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	bed_done(&b);
}

/* Section 6.2 (d): the one that would end first makes room; section 5.3.1: three at least. */
static void test_full(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	assert_true(ND_SAID_MAX >= 3);
	hear_servers(&b, "1234", 100);
	hear_servers(&b, "56", 50);
	hear_servers(&b, "78", 200);
	servers_are(&b, "78561234");
	hear_servers(&b, "9", 10);
	servers_are(&b, "97861234");
	hear_servers(&b, "ab", 300);
	servers_are(&b, "ab781234");
	hear_servers(&b, "c", 300);
	servers_are(&b, "cab78234");
	/* of more than there is room for, the first; never one of the same advertisement */
	hear_servers(&b, "123456789abc", 10);
	servers_are(&b, "cab78234");
	bed_run(&b, b.now + 10 * S);
	hear_servers(&b, "123456789abc", 10);
	servers_are(&b, "12345678");
	bed_done(&b);
}

/* A zero and a lifetime in one advertisement: in the order of the options. */
static void test_two_options(void **state)
{
	struct ip6_addr a = bed_addr_of(all[0]), c = bed_addr_of(all[1]);
	struct nd_msg m = { .type = ND_RA };
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	m.opts.n_rdnss = 2;
	m.opts.rdnss[0] = (struct nd_rdnss){ rd_of(&a, 16), 100 };
	m.opts.rdnss[1] = (struct nd_rdnss){ rd_of(&c, 16), 100 };
	nd_rx(&b, 0, ROUTER, "ff02::1", &m);
	servers_are(&b, "12");
	hear_servers(&b, "12", 0);
	servers_are(&b, "");
	m.opts.rdnss[1] = (struct nd_rdnss){ rd_of(&a, 16), 0 };
	nd_rx(&b, 0, ROUTER, "ff02::1", &m);
	servers_are(&b, "");
	m.opts.rdnss[0].lifetime_s = 0;
	m.opts.rdnss[1].lifetime_s = 7;
	nd_rx(&b, 0, ROUTER, "ff02::1", &m);
	servers_are(&b, "1");
	bed_run(&b, b.now + 7 * S);
	servers_are(&b, "");
	bed_done(&b);
}

#define SERVER1 "20010db8 00000000 00000000 00000001"
#define SERVER2 "20010db8 00000000 00000000 00000002"

/* Section 5.3.1: an option that is not valid is discarded, the others count. */
static const struct {
	const char *bad;
} bad_rows[] = {
	{ "19 01 0000 00000064" },
	{ "19 02 0000 00000064 20010db8 00000000" },
	{ "19 04 0000 00000064 " SERVER2 "20010db8 00000000" },
	{ "19 05 0000 00000064 " SERVER2 "ff020000 00000000 00000000 00000099" },
	{ "19 03 0000 00000064 00000000 00000000 00000000 00000000" },
	{ "1f 01 0000 00000064" },
	{ "1f 02 0000 00000064 00000000 00000000" },
	{ "1f 02 0000 00000064 40616263 00000000" }, /* a label of 64 octets */
	{ "1f 02 0000 00000064 03616263 c0000000" }, /* compressed */
	{ "1f 02 0000 00000064 07616263 64656667" }, /* no end */
	{ "26 01 0708 00000000" },
	{ "26 02 070e 0064ff9b 00000000 00000000" },
	{ "26 03 0708 0064ff9b 00000000 00000000 00000000 00000000" },
};

static void test_malformed(void **state)
{
	const size_t n = ARRAY_LEN(bad_rows);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char hex[512];
		struct bed b;

		bed_row(i, n);
		bed_init(&b, 1);
		snprintf(hex, sizeof(hex), "%s 19 03 0000 00000064 " SERVER1, bad_rows[i].bad);
		hear_raw(&b, hex);
		servers_are(&b, "1");
		assert_int_equal(dns(&b)->domains.n, 0);
		assert_int_equal(dns(&b)->pref64.n, 0);
		bed_done(&b);
	}
	bed_row(n, n);
}

static void domains_are(struct bed *b, const char *want)
{
	const struct nd_said_list *l = &dns(b)->domains;
	char got[2048] = "", text[DNAME_TEXT_MAX];

	for (unsigned i = 0; i < l->n; i++) {
		struct dname name = nd_said_name(&l->item[i]);

		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s ",
			 dname_text(&name, text));
	}
	assert_string_equal(got, want);
}

/* Section 6.3: as servers; the same name in other letters is the same. */
static void test_domains(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	hear_raw(&b, "1f 03 0000 00000064 01610361626300 026262 00 00000000 00");
	domains_are(&b, "a.abc bb ");
	hear_raw(&b, "1f 02 0000 00000032 0163 00 00 00000000");
	domains_are(&b, "c a.abc bb ");
	hear_raw(&b, "1f 02 0000 00000000 0141 03414243 00 00");
	domains_are(&b, "c bb ");
	bed_run(&b, b.now + 50 * S);
	domains_are(&b, "bb ");
	bed_run(&b, b.now + 50 * S);
	domains_are(&b, "");
	bed_done(&b);
}

/* RFC 8781 section 4: seconds in units of eight, lengths by code, several at a time. */
static void test_pref64(void **state)
{
	struct ip6_addr wkp = bed_addr_of("64:ff9b::"), own = bed_addr_of("2001:db8:64::");
	struct nd_said_list *l;
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	l = &dns(&b)->pref64;
	hear_raw(&b, "26 02 0010 0064ff9b 00000000 00000000"
		     "26 02 000b 20010db8 0064ffff ffffffff");
	assert_int_equal(l->n, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct ip6_addr a = nd_said_addr(&l->item[i]);

		assert_true(ip6_eq(&a, i == 0 ? &wkp : &own));
		assert_int_equal(nd_said_len(&l->item[i]), i == 0 ? 96 : 48);
		assert_int_equal(l->item[i].until, b.now + (i == 0 ? 16 : 8) * S);
	}
	/* another length is another prefix */
	hear_raw(&b, "26 02 0011 0064ff9b 00000000 00000000");
	assert_int_equal(l->n, 3);
	bed_run(&b, b.now + 8 * S);
	assert_int_equal(l->n, 2);
	hear_raw(&b, "26 02 0000 0064ff9b 00000000 00000000"); /* section 4.1: 0 ends it */
	assert_int_equal(l->n, 1);
	assert_int_equal(nd_said_len(&l->item[0]), 64);
	hear_raw(&b, "26 02 fff8 0064ff9b 00000000 00000000");
	assert_int_equal(l->item[0].until, b.now + 65528 * S);
	bed_done(&b);
}

static void captive_is(struct bed *b, const char *want)
{
	assert_int_equal(dns(b)->captive_octets, strlen(want));
	assert_memory_equal(dns(b)->captive, want, strlen(want));
}

/* The URI verbatim, if nothing in it could be taken for something else where it is shown. */
static void test_captive(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	captive_is(&b, "");
	hear_raw(&b, "25 02 68747470733a2f2f612f c3a90000");
	captive_is(&b, "https://a/\xc3\xa9");
	hear_raw(&b, "25 01 6120 62000000"); /* a blank */
	hear_raw(&b, "25 01 610a 62000000"); /* a line feed */
	hear_raw(&b, "25 01 617f 62000000"); /* DEL */
	hear_raw(&b, "25 01 61c2 9b620000"); /* a C1 control: CSI */
	hear_raw(&b, "25 01 61c3 62000000"); /* no UTF-8 */
	hear_raw(&b, "25 01 6100 62000000"); /* padding in the middle */
	hear_raw(&b, "25 01 0000 00000000"); /* nothing */
	hear_raw(&b, "");
	captive_is(&b, "https://a/\xc3\xa9");
	hear_raw(&b, "25 01 75726e3a 7879");
	captive_is(&b, "urn:xy");
	bed_done(&b);
}

/* RFC 5175 section 4: unknown bits are no reason to refuse anything. */
static void test_flags(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	assert_false(dns(&b)->has_flags);
	hear_raw(&b, "1a 01 8001 00000042 19 03 0000 00000064 " SERVER1);
	assert_true(dns(&b)->has_flags);
	assert_true(dns(&b)->flags == UINT64_C(0x800100000042));
	servers_are(&b, "1");
	bed_done(&b);
}

/* What is true of one link is not true of the next, nor for a router. */
static void test_forgotten(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	for (int how = 0; how < 3; how++) {
		hear_raw(&b, "1f 02 0000 00000064 0163 00 00 00000000 25 01 75726e3a 7879"
			     "26 02 0010 0064ff9b 00000000 00000000 1a 01 8001 00000042");
		hear_servers(&b, "12", ND_INFINITY);
		servers_are(&b, "12");
		if (how == 0)
			node_if_set(b.node, b.ifindex[0], false, b.now);
		else if (how == 1)
			nd_set_forwarding(&b.node->nd, bed_if(&b, 0), true);
		else
			nd_disable(&b.node->nd, bed_if(&b, 0));
		servers_are(&b, "");
		domains_are(&b, "");
		captive_is(&b, "");
		assert_false(dns(&b)->has_flags);
		assert_int_equal(dns(&b)->pref64.n, 0);
		assert_false(timer_is_armed(&dns(&b)->timer));
		nd_set_forwarding(&b.node->nd, bed_if(&b, 0), false);
		node_if_set(b.node, b.ifindex[0], true, b.now);
	}
	bed_done(&b);
}

/*
 * A router.
 */
static struct nd_msg advertised(struct bed *b, const struct nd_adv *adv)
{
	struct ip6_addr src = bed_addr_of("fe80::ff:fe00:0"), dst = bed_addr_of("ff02::1");
	struct nd_msg m = { 0 };
	const struct pkt *pkt;

	bed_forget(b);
	bed_run(b, b->now + 5 * S);
	bed_forget(b);
	assert_int_equal(nd_set_adv(&b->node->nd, bed_if(b, 0), adv), 0);
	bed_run(b, b->now + 5 * S);
	assert_non_null(bed_tx_icmp6(b, ND_RA, &pkt));
	assert_int_equal(nd_parse(rd_of(pkt->p + 40, pkt->len - 40), &src, &dst, 255, &m),
			 DROP_NONE);
	return m;
}

static void test_advertised(void **state)
{
	struct nd_adv adv = ND_ADV_DEFAULT;
	struct dname name, other;
	struct ip6_addr a[3];
	struct nd_msg m;
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	bed_router(&b, 1);
	adv.send = true;
	for (unsigned i = 0; i < 3; i++)
		a[i] = bed_addr_of(all[i]);
	assert_int_equal(dname_parse("example.com", &name), 0);
	assert_int_equal(dname_parse("x.example.", &other), 0);
	assert_int_equal(nd_adv_add_rdnss(&adv, &a[1], ND_ADV_LIFETIME_AUTO), 0);
	assert_int_equal(nd_adv_add_rdnss(&adv, &a[2], 0), 0);
	assert_int_equal(nd_adv_add_rdnss(&adv, &a[0], ND_ADV_LIFETIME_AUTO), 0);
	assert_int_equal(nd_adv_add_dnssl(&adv, &name, ND_INFINITY), 0);
	assert_int_equal(nd_adv_add_dnssl(&adv, &other, ND_INFINITY), 0);
	m = advertised(&b, &adv);
	assert_int_equal(m.opts.n_rdnss, 2);
	assert_int_equal(m.opts.rdnss[0].lifetime_s,
			 1800); /* sections 5.1: 3 * MaxRtrAdvInterval */
	assert_int_equal(m.opts.rdnss[0].addrs.left, 32);
	assert_memory_equal(m.opts.rdnss[0].addrs.p, a[1].b, 16);
	assert_memory_equal(m.opts.rdnss[0].addrs.p + 16, a[0].b, 16);
	assert_int_equal(m.opts.rdnss[1].lifetime_s, 0);
	assert_memory_equal(m.opts.rdnss[1].addrs.p, a[2].b, 16);
	assert_int_equal(m.opts.n_dnssl, 1);
	assert_true(m.opts.dnssl[0].lifetime_s == ND_INFINITY);
	assert_int_equal(m.opts.dnssl[0].names.left, 13 + 11);
	assert_memory_equal(m.opts.dnssl[0].names.p, "\7example\3com\0\1x\7example", 24);
	bed_done(&b);
}

/* What cannot be said is refused when it is set: bounds, and 1,280 octets in all. */
static void test_adv_bounds(void **state)
{
	char label[DNAME_LABEL_MAX + 1] = "", text[300];
	struct ip6_addr group = bed_addr_of("ff02::1"), a = bed_addr_of(all[0]);
	struct nd_adv adv = ND_ADV_DEFAULT;
	struct dname big, root = { .octets = 1 };
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	memset(label, 'a', DNAME_LABEL_MAX);
	snprintf(text, sizeof(text), "%s.%s.%s.%.61s", label, label, label, label);
	assert_int_equal(dname_parse(text, &big), 0);
	assert_int_equal(big.octets, DNAME_MAX);
	assert_int_equal(nd_adv_add_rdnss(&adv, &group, 10), -EINVAL);
	assert_int_equal(nd_adv_add_dnssl(&adv, &root, 10), -EINVAL);
	for (unsigned i = 0; i < ND_ADV_SERVERS_MAX; i++)
		assert_int_equal(nd_adv_add_rdnss(&adv, &a, 10), 0);
	assert_int_equal(nd_adv_add_rdnss(&adv, &a, 10), -ENOSPC);
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	for (int64_t i = 0; i < ND_DNSSL_MAX; i++) {
		assert_int_equal(nd_adv_add_dnssl(&adv, &big, i), 0);
		assert_int_equal(nd_adv_add_dnssl(&adv, &big, i), -ENOSPC);
	}
	assert_int_equal(nd_adv_add_dnssl(&adv, &big, 77), -ENOSPC);
	/* 16 + 8 + 136 + 4 * 264 octets fit 1,240; 32 more do not */
	adv.n_prefixes = 1;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), -EINVAL);
	adv.n_prefixes = 0;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	adv.rdnss[0].lifetime_s = INT64_C(1) << 32;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), -EINVAL);
	adv.rdnss[0].lifetime_s = -2;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), -EINVAL);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_servers),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_two_options),
		BED_ROWS(test_malformed),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_pref64),
		cmocka_unit_test(test_captive),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_advertised),
		cmocka_unit_test(test_adv_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
