/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMPv6 messages that are broken, lie, or must not be answered: RFC 4443 section 2.4, and what
 * RFC 8201 section 4 says of Packet Too Big messages that are not to be believed.
 */
#include "conform/suites/robust.h"

#define OPTIONS	      6
#define AT_OPTION     (IP6_HDR_OCTETS + 2)
#define UNKNOWN_NEXT  143
#define UNKNOWN_ERROR 99
#define UNKNOWN_INFO  199
#define QUOTE_MAX     1232
#define LARGE	      1400 /* octets of data: more than fits 1280, less than fits 1500 */

static const uint8_t loud[OPTIONS] = { 0x87, 4 };	  /* 10: discard, say so */
static const uint8_t unless_group[OPTIONS] = { 0xc7, 4 }; /* 11: say so if it was not a group */
static const struct ip6_addr stranger = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0e, [15] = 1 } };

static struct pv echo_to_nut(struct tester *t)
{
	return echo_to(t, TN1, nut_lla(t, TN1));
}

/* The whole packet @s, as an error quotes it. */
static struct ov quote(const struct seen *s)
{
	return IS_OCTETS(s->octets + ETH_HDR_OCTETS, MIN(s->n - ETH_HDR_OCTETS, (size_t)QUOTE_MAX));
}

/* An error of TN1's about @about, a packet of the device's. */
static struct pv error_of(const struct seen *about, uint8_t type, uint32_t param)
{
	return (struct pv){ .src = about->pv.dst,
			    .dst = about->pv.src,
			    .hop_limit = IS(64),
			    .kind = PV_ICMP6,
			    .type = IS(type),
			    .code = IS(0),
			    .param = IS(param),
			    .data = quote(about) };
}

/* TN1 gets an echo reply, and so something to complain about. */
static const struct seen *replied(struct tester *t)
{
	struct pv echo = echo_to_nut(t), reply = reply_to(tx(t, TN1, &echo));

	return expect(t, LINK_B, REPLY_WITHIN, &reply);
}

/* One packet after the other: nothing comes, and the device is alive. */
static void all_ignored(struct tester *t, const struct pv *bad, size_t n)
{
	alive(t);
	for (size_t i = 0; i < n; i++) {
		tx(t, TN1, &bad[i]);
		silence(t, NS_PER_S, NULL);
	}
	alive(t);
}

static void checksum(struct tester *t)
{
	struct pv bad = echo_to_nut(t), good = bad;

	spoil_checksum(&bad);
	ignored(t, TN1, &bad);
	answered(t, TN1, &good);
}

static void truncated(struct tester *t)
{
	struct pv good = echo_to_nut(t);
	struct pv bad[] = { cut_to(t, &good, 1), cut_to(t, &good, 3), cut_to(t, &good, 4),
			    cut_to(t, &good, 7) };

	all_ignored(t, bad, ARRAY_LEN(bad));
	answered(t, TN1, &good);
}

static void unknown_info(struct tester *t)
{
	struct pv good = echo_to_nut(t), bad = good;

	bad.type = IS(UNKNOWN_INFO);
	ignored(t, TN1, &bad);
	answered(t, TN1, &good);
}

static void unknown_error(struct tester *t)
{
	struct pv bad = error_of(replied(t), UNKNOWN_ERROR, 0);

	ignored(t, TN1, &bad);
	replied(t);
}

/* Type, code and checksum alone; no quotation; half an IPv6 header. */
static void errors_truncated(struct tester *t)
{
	static const size_t lengths[] = { 4, 8, 8 + IP6_HDR_OCTETS / 2 };
	const struct seen *about = replied(t);

	for (uint8_t type = ICMP6_UNREACH; type <= ICMP6_PARAM_PROB; type++) {
		struct pv whole = error_of(about, type, 1280), bad[ARRAY_LEN(lengths)];

		for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
			bad[i] = cut_to(t, &whole, lengths[i]);
		all_ignored(t, bad, ARRAY_LEN(bad));
	}
	replied(t);
}

/* What they quote was sent by somebody else. */
static void errors_about_others(struct tester *t)
{
	const struct seen *about = replied(t);
	uint8_t *others = octets(t, QUOTE_MAX);
	struct pv bad[4];

	memcpy(others, quote(about).p, quote(about).n);
	memcpy(others + IP6_SRC_OFF, stranger.b, IP6_ADDR_OCTETS);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		bad[i] = error_of(about, (uint8_t)(ICMP6_UNREACH + i), 1280);
		bad[i].data.p = others;
	}
	all_ignored(t, bad, ARRAY_LEN(bad));
	replied(t);
}

static void reply_unasked(struct tester *t)
{
	struct pv bad = echo_to_nut(t);

	bad.type = IS(ICMP6_ECHO_REPLY);
	ignored(t, TN1, &bad);
	replied(t);
}

/*
 * No error about these. The twin is an echo request with the same fault, which has one.
 */

static void option_is_refused(struct tester *t)
{
	struct pv good = with_options(echo_to_nut(t), IP6_NH_DSTOPTS, loud, OPTIONS);

	pause_for(t, ERROR_GAP);
	refused(t, TN1, &good, ICMP6_PARAM_OPTION, AT_OPTION);
}

static void about_error(struct tester *t)
{
	const struct seen *about = replied(t);
	struct pv bad[4];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		bad[i] = with_options(error_of(about, (uint8_t)(ICMP6_UNREACH + i), 1280),
				      IP6_NH_DSTOPTS, loud, OPTIONS);
	all_ignored(t, bad, ARRAY_LEN(bad));
	option_is_refused(t);
}

static void about_unknown_error(struct tester *t)
{
	struct pv bad =
		with_options(error_of(replied(t), UNKNOWN_ERROR, 0), IP6_NH_DSTOPTS, loud, OPTIONS);

	ignored(t, TN1, &bad);
	option_is_refused(t);
}

static void about_redirect(struct tester *t)
{
	struct pv bad = redirect(t, TR1, nut_lla(t, TR1), t->st[TR2].lla, far);

	bad = with_options(bad, IP6_NH_DSTOPTS, loud, OPTIONS);
	ignored(t, TR1, &bad);
	option_is_refused(t);
}

static struct pv to_unknown_next(struct tester *t)
{
	struct pv pv = echo_to_nut(t);

	pv.next = IS(UNKNOWN_NEXT);
	return pv;
}

static void unknown_next_is_refused(struct tester *t)
{
	struct pv good = to_unknown_next(t);

	pause_for(t, ERROR_GAP);
	refused(t, TN1, &good, ICMP6_PARAM_NEXT, IP6_NEXT_OFF);
}

static void about_group(struct tester *t)
{
	struct pv bad = to_unknown_next(t);

	bad.dst = IS_ADDR(all_nodes);
	ignored(t, TN1, &bad);
	unknown_next_is_refused(t);
}

/* The exception: an option that is to be reported, group or not. */
static void about_group_option(struct tester *t)
{
	struct pv bad = with_options(echo_to_nut(t), IP6_NH_DSTOPTS, unless_group, OPTIONS);
	struct pv good = with_options(echo_to_nut(t), IP6_NH_DSTOPTS, loud, OPTIONS);

	bad.dst = good.dst = IS_ADDR(all_nodes);
	ignored(t, TN1, &bad);
	refused(t, TN1, &good, ICMP6_PARAM_OPTION, AT_OPTION);
}

static void about_group_udp(struct tester *t)
{
	struct pv udp = { .src = IS_ADDR(t->st[TN1].lla),
			  .dst = IS_ADDR(nut_lla(t, TN1)),
			  .kind = PV_UDP,
			  .sport = IS(4096),
			  .dport = IS(9) };
	struct pv bad = udp, want;

	bad.dst = IS_ADDR(all_nodes);
	ignored(t, TN1, &bad);
	want = error_about(tx(t, TN1, &udp), ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0);
	want.param.set = false;
	expect(t, LINK_B, REPLY_WITHIN, &want);
}

static void about_link_multicast(struct tester *t)
{
	struct pv bad = to_unknown_next(t);

	bad.eth_dst = IS_MAC(mac_of_group(&all_nodes));
	ignored(t, TN1, &bad);
	unknown_next_is_refused(t);
}

static void about_link_broadcast(struct tester *t)
{
	static const struct mac broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	struct pv bad = to_unknown_next(t);

	bad.eth_dst = IS_MAC(broadcast);
	ignored(t, TN1, &bad);
	unknown_next_is_refused(t);
}

static void about_nobody(struct tester *t)
{
	struct pv bad = to_unknown_next(t);

	bad.src = IS_ADDR(IP6_UNSPEC);
	ignored(t, TN1, &bad);
	unknown_next_is_refused(t);
}

static void about_group_source(struct tester *t)
{
	struct pv bad = to_unknown_next(t);

	bad.src = IS_ADDR(all_nodes);
	ignored(t, TN1, &bad);
	unknown_next_is_refused(t);
}

/*
 * Packet Too Big. Somebody far away asks with as much as the link carries; TR1 complains about
 * the reply.
 */

static struct pv large_echo(struct tester *t, size_t n)
{
	struct pv echo = echo_to(t, TR1, nut_global(t, TR1));

	echo.src = IS_ADDR(far);
	echo.data = IS_OCTETS(octets(t, n), n);
	return echo;
}

/* The reply to @n octets comes in one piece. */
static const struct seen *whole(struct tester *t, size_t n)
{
	struct pv echo = large_echo(t, n), reply = reply_to(tx(t, TR1, &echo));

	return expect(t, LINK_B, REPLY_WITHIN, &reply);
}

/* The reply comes in two, the first of which is no larger than @mtu. */
static void in_two(struct tester *t, size_t mtu)
{
	struct pv echo = large_echo(t, LARGE);
	struct pv cut = { .src = echo.dst, .dst = echo.src, .n_ext = 1, .kind = PV_RAW };
	const struct seen *first;

	cut.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT, .offset = IS(0), .flags = IS(1) };
	tx(t, TR1, &echo);
	first = expect(t, LINK_B, REPLY_WITHIN, &cut);
	if (first->n - ETH_HDR_OCTETS > mtu)
		tester_fail(t, "the reply's first fragment has %zu octets, %zu fit the path",
			    first->n - ETH_HDR_OCTETS, mtu);
	cut.ext[0].offset.set = false;
	cut.ext[0].flags = IS(0);
	expect(t, LINK_B, REPLY_WITHIN, &cut);
}

static struct pv too_big(struct tester *t, const struct seen *about, uint32_t mtu)
{
	struct pv pv = error_of(about, ICMP6_TOO_BIG, mtu);

	pv.src = IS_ADDR(t->st[TR1].lla);
	return pv;
}

/* @bad changes nothing, a good one of 1280 does. */
static void ptb_is_ignored(struct tester *t, const struct pv *bad, const struct seen *about)
{
	struct pv good = too_big(t, about, 1280);

	tx(t, TR1, bad);
	pause_for(t, NS_PER_S);
	whole(t, LARGE);
	tx(t, TR1, &good);
	pause_for(t, NS_PER_S);
	in_two(t, 1280);
	alive(t);
}

static void ptb_checksum(struct tester *t)
{
	const struct seen *about;
	struct pv bad;

	setup_1(t, 1);
	about = whole(t, LARGE);
	bad = too_big(t, about, 1280);
	spoil_checksum(&bad);
	ptb_is_ignored(t, &bad, about);
}

static void ptb_without_quote(struct tester *t)
{
	const struct seen *about;
	struct pv bad;

	setup_1(t, 1);
	about = whole(t, LARGE);
	bad = too_big(t, about, 1280);
	bad.data.n = 0;
	ptb_is_ignored(t, &bad, about);
}

static void ptb_about_others(struct tester *t)
{
	uint8_t *others = octets(t, QUOTE_MAX);
	const struct seen *about;
	struct pv bad;

	setup_1(t, 1);
	about = whole(t, LARGE);
	bad = too_big(t, about, 1280);
	memcpy(others, bad.data.p, bad.data.n);
	memcpy(others + IP6_SRC_OFF, stranger.b, IP6_ADDR_OCTETS);
	bad.data.p = others;
	ptb_is_ignored(t, &bad, about);
}

/* It is discarded, not read as 1280: what is larger stays whole too, as ptb_is_ignored() sees. */
static void ptb_too_small(struct tester *t)
{
	const struct seen *about;
	struct pv bad;

	setup_1(t, 1);
	about = whole(t, LARGE);
	bad = too_big(t, about, 600);
	tx(t, TR1, &bad);
	pause_for(t, NS_PER_S);
	whole(t, 1280 - IP6_HDR_OCTETS - 8);
	ptb_is_ignored(t, &bad, about);
}

static void ptb_increase(struct tester *t)
{
	const struct seen *about;
	struct pv good, bad;

	setup_1(t, 1);
	about = whole(t, LARGE);
	good = too_big(t, about, 1300);
	bad = too_big(t, about, 1420);
	tx(t, TR1, &good);
	pause_for(t, NS_PER_S);
	in_two(t, 1300);
	tx(t, TR1, &bad);
	pause_for(t, NS_PER_S);
	in_two(t, 1300);
	alive(t);
}

static const struct part parts[] = {
	{ "robust.4443.2.3.a", "echo request with a wrong checksum",
	  "A request that was damaged on its way is not answered.", "RFC 4443 section 2.3",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, checksum },
	{ "robust.4443.4.1.a", "echo request of 1 to 7 octets",
	  "What has no identifier and no sequence number is not answered.", "RFC 4443 section 4.1",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, truncated },
	{ "robust.4443.4.2.a", "echo reply that nobody asked for", "There is nobody to give it to.",
	  "RFC 4443 section 4.2", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, reply_unasked },
	{ "robust.4443.2.4.a", "error of an unknown type", "It is not answered, and does no harm.",
	  "RFC 4443 section 2.4 (a)", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, unknown_error },
	{ "robust.4443.2.4.b", "informational message of an unknown type",
	  "It is discarded in silence.", "RFC 4443 section 2.4 (b)", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, unknown_info },
	{ "robust.4443.2.4.c", "errors that quote too little",
	  "Whom such an error is for cannot be told: it is dropped in silence.",
	  "RFC 4443 section 2.4 (d)", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, errors_truncated },
	{ "robust.4443.2.4.d", "errors about somebody else's packets",
	  "What the device did not send is not its affair.", "RFC 4443 section 2.4 (d)", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, errors_about_others },
	{ "robust.4443.2.4.e", "bad packets that carry errors",
	  "An error is not answered by an error.", "RFC 4443 section 2.4 (e.1)", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, about_error },
	{ "robust.4443.2.4.f", "bad packet that carries an error of an unknown type",
	  "All types below 128 are errors.", "RFC 4443 section 2.4 (e.1)", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, about_unknown_error },
	{ "robust.4443.2.4.g", "bad packet that carries a Redirect",
	  "It is no error by its number, and is treated like one.", "RFC 4443 section 2.4 (e.2)",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, about_redirect },
	{ "robust.4443.2.4.h", "unknown next header, to a group", "All its members would answer.",
	  "RFC 4443 section 2.4 (e.3)", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, about_group },
	{ "robust.4443.2.4.i", "unknown option, to a group",
	  "One option says that it is to be reported even so, one that it is not.",
	  "RFC 4443 section 2.4 (e.3)", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, about_group_option },
	{ "robust.4443.2.4.j", "UDP to a group, and nobody listens",
	  "All its members would answer.", "RFC 4443 section 2.4 (e.3)", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, about_group_udp },
	{ "robust.4443.2.4.k", "unknown next header, by link-layer multicast",
	  "More nodes than the addressed one may have got it.", "RFC 4443 section 2.4 (e.4)",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, about_link_multicast },
	{ "robust.4443.2.4.l", "unknown next header, by link-layer broadcast",
	  "More nodes than the addressed one have got it.", "RFC 4443 section 2.4 (e.5)",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, about_link_broadcast },
	{ "robust.4443.2.4.m", "unknown next header, from nobody", "There is no one to tell.",
	  "RFC 4443 section 2.4 (e.6)", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, about_nobody },
	{ "robust.4443.2.4.n", "unknown next header, from a group",
	  "An error must have one recipient.", "RFC 4443 section 2.4 (e.6)", LEVEL_MUST, NUT_BOTH,
	  0, NS_PER_S, about_group_source },
	{ "robust.8201.4.a", "Packet Too Big below 1280",
	  "What every link carries is never made smaller.", "RFC 8201 section 4", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, ptb_too_small },
	{ "robust.8201.4.b", "Packet Too Big that raises the path MTU",
	  "A path MTU is only ever lowered by a message.", "RFC 8201 section 4", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, ptb_increase },
	{ "robust.8201.4.c", "Packet Too Big about somebody else's packet",
	  "It answers nothing that the device has sent, and changes nothing.", "RFC 8201 section 4",
	  LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, ptb_about_others },
	{ "robust.8201.4.d", "Packet Too Big without a quotation",
	  "It belongs to no path, and changes nothing.", "RFC 8201 section 4", LEVEL_SHOULD,
	  NUT_BOTH, 0, NS_PER_S, ptb_without_quote },
	{ "robust.8201.4.e", "Packet Too Big with a wrong checksum",
	  "A message that was damaged on its way changes nothing.", "RFC 4443 section 2.3",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ptb_checksum },
};

const struct suite suite_robust_rfc4443 = {
	.name = "robust-4443",
	.title = "robustness: ICMPv6",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
