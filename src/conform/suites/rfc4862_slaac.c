/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses made of advertised prefixes: tests 3.2.1 to 3.2.5 of the core specification 4.0.7, by
 * RFC 4862 section 5.5. What a device has is seen by whether it answers for it.
 */
#include <string.h>

#include "conform/message.h"

#define PREFIX_LEN 64
#define IN_PREFIX  8 /* octets of an address that are prefix */
#define DAD_FOR	   (3 * NS_PER_S)
#define S(n)	   ((time_ns)(n)*NS_PER_S)
#define HOUR	   3600u

static const struct ip6_addr prefix_x = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0b } };
static const struct ip6_addr prefix_y = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0e } };
static const struct ip6_addr prefix_8000 = { { 0x80 } };
static const struct ip6_addr prefix_fec0 = { { 0xfe, 0xc0 } };
static const struct ip6_addr prefix_fe80 = { { 0xfe, 0x80 } };

/* An advertisement as test 3.2.4 has it, without prefixes. */
static struct pv advertisement(struct tester *t)
{
	struct pv adv = ra(t, TR1, 60, 0);

	ra_timers(&adv, 10000, 1000);
	return adv;
}

static void advertise(struct tester *t, const struct ip6_addr *prefix, unsigned len, uint8_t flags,
		      uint32_t valid_s, uint32_t preferred_s)
{
	struct pv adv = advertisement(t);

	option_prefix(t, &adv, prefix, len, flags, valid_s, preferred_s);
	tx(t, TR1, &adv);
}

/* A prefix for on-link determination and autoconfiguration, both lifetimes the same. */
static void advertise_for(struct tester *t, const struct ip6_addr *prefix, uint32_t lifetime_s)
{
	advertise(t, prefix, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, lifetime_s, lifetime_s);
}

static struct pv probe_in(const struct ip6_addr *prefix)
{
	return (struct pv){ .src = IS_ADDR(IP6_UNSPEC),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .begin = IS_OCTETS(prefix->b, IN_PREFIX) };
}

/* The device probes for an address with this prefix. Return: the address. */
static struct ip6_addr forms(struct tester *t, const struct ip6_addr *prefix)
{
	struct pv probe = probe_in(prefix);
	const struct seen *s = expect(t, LINK_B, DAD_FOR, &probe);
	struct ip6_addr a;

	memcpy(a.b, s->pv.data.p, sizeof(a.b));
	return a;
}

static struct pv answer_for(const struct ip6_addr *a)
{
	return (struct pv){ .kind = PV_ICMP6,
			    .type = IS(ICMP6_NA),
			    .begin = IS_OCTETS(a->b, sizeof(a->b)) };
}

static void ask(struct tester *t, struct ip6_addr a)
{
	struct pv pv = ns(t, TR1, a, &t->st[TR1].mac);

	pv.src = IS_ADDR(t->st[TR1].lla);
	tx(t, TR1, &pv);
}

static void has(struct tester *t, struct ip6_addr a)
{
	struct pv answer = answer_for(&a);

	answer.dst = IS_ADDR(t->st[TR1].lla);
	ask(t, a);
	if ((expect(t, LINK_B, REPLY_WITHIN, &answer)->pv.param.v & NA_SOLICITED) == 0)
		tester_fail(t, "the answer is not marked as solicited");
}

static void has_not(struct tester *t, struct ip6_addr a)
{
	struct pv never = answer_for(&a);

	ask(t, a);
	silence(t, NS_PER_S, &never);
}

/* @a is the device's: who probes for it is told. */
static void defends(struct tester *t, struct ip6_addr a)
{
	struct pv probe = ns(t, TN1, a, NULL), answer = answer_for(&a);

	probe.src = IS_ADDR(IP6_UNSPEC);
	answer.dst = IS_ADDR(all_nodes);
	tx(t, TN1, &probe);
	expect(t, LINK_B, REPLY_WITHIN, &answer);
}

/* The prefix of a router's address is configured, of a host's advertised. */
static void forms_and_defends(struct tester *t, const struct ip6_addr *prefix)
{
	struct pv probe = probe_in(prefix);
	struct ip6_addr a = *prefix;

	if (t->role == NUT_HOST) {
		advertise_for(t, prefix, 40);
		a = forms(t, prefix);
	} else {
		a.b[15] = 0xfe;
		must_do(t, t->nut->ops->addr(t->nut, LINK_B, &a, PREFIX_LEN), "an address");
		forms(t, prefix);
	}
	silence(t, DAD_FOR, &probe); /* DupAddrDetectTransmits is 1 */
	defends(t, a);
}

static void forms_global(struct tester *t)
{
	forms_and_defends(t, &prefix_x);
}

static void forms_8000(struct tester *t)
{
	forms_and_defends(t, &prefix_8000);
}

static void forms_fec0(struct tester *t)
{
	forms_and_defends(t, &prefix_fec0);
}

static void expires(struct tester *t)
{
	struct ip6_addr a;

	advertise_for(t, &prefix_x, 40);
	a = forms(t, &prefix_x);
	pause_for(t, DAD_FOR);
	has(t, a);
	pause_for(t, S(32));
	has(t, a);
	pause_for(t, S(10));
	has_not(t, a);
}

static void renumbering(struct tester *t)
{
	struct ip6_addr x, y;

	advertise_for(t, &prefix_x, 20);
	x = forms(t, &prefix_x);
	advertise_for(t, &prefix_y, 30);
	y = forms(t, &prefix_y);
	pause_for(t, S(10));
	has(t, x);
	has(t, y);
	/* a kernel's timer of 20 s may fire 2 s late, on a whole second */
	pause_for(t, S(11) + 2 * tester_slack(t));
	has_not(t, x);
	has(t, y);
	pause_for(t, S(10));
	has_not(t, y);
}

static void two_prefixes(struct tester *t)
{
	struct pv adv = advertisement(t);
	struct ip6_addr x, y;

	option_prefix(t, &adv, &prefix_x, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 20, 20);
	option_prefix(t, &adv, &prefix_y, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 40, 40);
	tx(t, TR1, &adv);
	x = forms(t, &prefix_x);
	y = forms(t, &prefix_y);
	pause_for(t, DAD_FOR);
	has(t, x);
	has(t, y);
	pause_for(t, S(21));
	has_not(t, x);
	has(t, y);
	pause_for(t, S(20));
	has_not(t, y);
}

/* Whatever the device makes of it, it makes no address of @prefix. */
static void forms_none(struct tester *t, const struct ip6_addr *prefix)
{
	struct pv never = probe_in(prefix);
	struct ip6_addr a = *prefix;

	silence(t, DAD_FOR, &never);
	memcpy(a.b + IN_PREFIX, t->lla[LINK_B].b + IN_PREFIX, IN_PREFIX);
	has_not(t, a);
	ping(t, TR1);
}

static void not_autonomous(struct tester *t)
{
	ping(t, TR1);
	advertise(t, &prefix_x, PREFIX_LEN, PIO_ON_LINK, 20, 20);
	forms_none(t, &prefix_x);
}

/* It has an address with that prefix already, and makes no other one. */
static void link_local_prefix(struct tester *t)
{
	struct pv never = probe_in(&prefix_fe80);

	ping(t, TR1);
	advertise_for(t, &prefix_fe80, 20);
	silence(t, DAD_FOR, &never);
	pause_for(t, S(20)); /* nor does it lose it */
	ping(t, TR1);
}

static void preferred_over_valid(struct tester *t)
{
	ping(t, TR1);
	advertise(t, &prefix_x, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 20, 30);
	forms_none(t, &prefix_x);
}

static void of_length(struct tester *t, unsigned len)
{
	ping(t, TR1);
	advertise(t, &prefix_x, len, PIO_ON_LINK | PIO_AUTO, 20, 20);
	forms_none(t, &prefix_x);
}

static void length_128(struct tester *t)
{
	of_length(t, 128);
}

static void length_0(struct tester *t)
{
	of_length(t, 0);
}

static void length_120(struct tester *t)
{
	of_length(t, 120);
}

static void valid_0(struct tester *t)
{
	ping(t, TR1);
	advertise_for(t, &prefix_x, 0);
	forms_none(t, &prefix_x);
}

static void from_afar(struct tester *t)
{
	struct pv adv = advertisement(t);

	ping(t, TR1);
	option_prefix(t, &adv, &prefix_x, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 20, 20);
	adv.hop_limit = IS(254);
	tx(t, TR1, &adv);
	forms_none(t, &prefix_x);
}

static void infinite(struct tester *t)
{
	struct ip6_addr a;

	advertise_for(t, &prefix_x, LIFE_INFINITE);
	a = forms(t, &prefix_x);
	pause_for(t, DAD_FOR);
	has(t, a);
}

/* Advertised for @first and @wait later for @then seconds; the address is asked for later. */
static struct ip6_addr twice(struct tester *t, uint32_t first, time_ns wait, uint32_t then)
{
	struct ip6_addr a;

	advertise_for(t, &prefix_x, first);
	a = forms(t, &prefix_x);
	pause_for(t, wait);
	advertise_for(t, &prefix_x, then);
	return a;
}

static void longer(struct tester *t)
{
	struct ip6_addr a = twice(t, 30, S(10), 60);

	pause_for(t, S(25));
	has(t, a);
}

/* RFC 4862 section 5.5.3 (e.1): more than two hours are believed, even if they are fewer. */
static void over_two_hours(struct tester *t)
{
	struct ip6_addr a = twice(t, 3 * HOUR, S(1), 2 * HOUR + 30);

	pause_for(t, S(2 * HOUR + 15));
	has(t, a);
	pause_for(t, S(45 * 60 + 30));
	has_not(t, a);
}

/* (e.2): of less than two hours that remain nobody takes anything away. */
static void shorter(struct tester *t)
{
	struct ip6_addr a = twice(t, 60, S(1), 30);

	pause_for(t, S(35));
	has(t, a);
	pause_for(t, S(30));
	has_not(t, a);
}

/* (e.3): more than two hours become two. */
static void cut_to_two_hours(struct tester *t)
{
	struct ip6_addr a = twice(t, 2 * HOUR + 30, S(1), 10);

	pause_for(t, S(11));
	has(t, a);
	pause_for(t, S(2 * HOUR + 15));
	has_not(t, a);
}

#define AUTO "RFC 4862 section 5.5.3"

static const struct part parts[] = {
	{ "v6lc.3.2.1.a", "a global address", "A new address is probed for once, then defended.",
	  "RFC 4862 section 5.4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, forms_global },
	{ "v6lc.3.2.1.b", "an address of 8000::/64",
	  "A prefix that ends in zeros is one like any other.", "RFC 4862 section 5.4", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, forms_8000 },
	{ "v6lc.3.2.1.c", "an address of fec0::/64",
	  "A prefix that was site-local once is one like any other (RFC 3879).",
	  "RFC 4862 section 5.4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, forms_fec0 },
	{ "v6lc.3.2.2", "the end of an address", "An address ends with its valid lifetime.",
	  "RFC 4862 section 5.5.4", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, expires },
	{ "v6lc.3.2.3", "renumbering",
	  "Two prefixes live side by side, each as long as it was said.", "RFC 4862 section 4.1",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, renumbering },
	{ "v6lc.3.2.4.a", "two prefixes in one advertisement",
	  "Each prefix makes an address with its own lifetime.", AUTO, LEVEL_MUST, NUT_HOST, 0,
	  NS_PER_S, two_prefixes },
	{ "v6lc.3.2.4.b", "a prefix not for autoconfiguration",
	  "Without the autonomous flag no address is made.", AUTO " (a)", LEVEL_MUST, NUT_HOST, 0,
	  NS_PER_S, not_autonomous },
	{ "v6lc.3.2.4.c", "the link-local prefix", "The link-local prefix is ignored.", AUTO " (b)",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, link_local_prefix },
	{ "v6lc.3.2.4.d", "preferred for longer than valid",
	  "A prefix with a preferred lifetime beyond its valid one is ignored.", AUTO " (c)",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, preferred_over_valid },
	{ "v6lc.3.2.4.e", "a prefix of 128 bits",
	  "A prefix that leaves no room for the interface identifier makes no address.",
	  AUTO " (d)", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, length_128 },
	{ "v6lc.3.2.4.f", "a prefix of no bits",
	  "A prefix that does not end where the interface identifier begins makes no address.",
	  AUTO " (d)", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, length_0 },
	{ "v6lc.3.2.4.g", "a prefix of 120 bits",
	  "A prefix that leaves too little room for the interface identifier makes no address.",
	  AUTO " (d)", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, length_120 },
	{ "v6lc.3.2.4.h", "a valid lifetime of zero",
	  "A prefix that is not valid makes no address.", AUTO " (d)", LEVEL_MUST, NUT_HOST, 0,
	  NS_PER_S, valid_0 },
	{ "v6lc.3.2.4.i", "an advertisement from afar",
	  "An advertisement that a router may have forwarded is ignored.", "RFC 4861 section 6.1.2",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, from_afar },
	{ "v6lc.3.2.4.j", "an infinite lifetime", "0xffffffff is a lifetime without an end.",
	  "RFC 4861 section 4.6.2", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, infinite },
	{ "v6lc.3.2.5.a", "a longer lifetime", "A longer lifetime is believed.", AUTO " (e.1)",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, longer },
	{ "v6lc.3.2.5.b", "a lifetime of over two hours",
	  "More than two hours are believed, even if more were left.", AUTO " (e.1)", LEVEL_MUST,
	  NUT_HOST, NUT_WAITS_HOURS, NS_PER_S, over_two_hours },
	{ "v6lc.3.2.5.c", "a shorter lifetime, below two hours",
	  "Nobody can shorten a lifetime of less than two hours.", AUTO " (e.2)", LEVEL_MUST,
	  NUT_HOST, 0, NS_PER_S, shorter },
	{ "v6lc.3.2.5.d", "a lifetime cut to two hours",
	  "A lifetime of more than two hours becomes two, if less is advertised.", AUTO " (e.3)",
	  LEVEL_MUST, NUT_HOST, NUT_WAITS_HOURS, NS_PER_S, cut_to_two_hours },
};

const struct suite suite_rfc4862_slaac = {
	.name = "rfc4862-slaac",
	.title = "stateless address autoconfiguration",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
