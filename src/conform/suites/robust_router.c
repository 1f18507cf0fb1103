/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What passes between hosts and routers: Router Solicitations and Router Advertisements that
 * RFC 4861 section 6.1 has discarded, a part for each check, and the prefixes that RFC 4862
 * section 5.5.3 has ignored.
 *
 * A bad solicitation must neither be answered nor leave its sender in the neighbor cache. A bad
 * advertisement must make no address, no default router and no neighbor.
 */
#include "conform/suites/robust.h"

#include "nd/opt.h"

#define ANSWER_WITHIN (4 * NS_PER_S) /* MAX_RA_DELAY_TIME and MIN_DELAY_BETWEEN_RAS */
#define PROBE_WITHIN  (3 * NS_PER_S) /* MAX_RTR_SOLICITATION_DELAY before DAD, and more */
#define LIFETIME_S    1800
#define PREFIX_LEN    64
#define RA_OCTETS     16 /* without options */

static const struct ip6_addr other_prefix = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c } };
static const struct ip6_addr link_local_prefix = { { 0xfe, 0x80 } };

/* Duplicate Address Detection: an address is being made. */
static const struct pv probe = { .src = { .set = true },
				 .kind = PV_ICMP6,
				 .type = { true, ICMP6_NS } };

/*
 * Router Solicitations. TN1 sends the bad one, TR2 the good one.
 */

static struct pv good_rs(struct tester *t, enum station_id from)
{
	struct pv pv = rs(t, from);

	option_lla(t, &pv, ND_OPT_SLLA, &t->st[from].mac);
	return pv;
}

/* One advertisement may be due anyway, but not a second one so soon (RFC 4861 section 6.2.4). */
static void rs_goes_unanswered(struct tester *t, const struct pv *bad)
{
	tx(t, TN1, bad);
	if (!came(t, ANSWER_WITHIN, &any_ra))
		return;
	tx(t, TN1, bad);
	if (came(t, ANSWER_WITHIN, &any_ra))
		tester_fail(t, "each such solicitation is answered by an advertisement");
}

static void rs_is_ignored(struct tester *t, const struct pv *bad)
{
	struct pv good = good_rs(t, TR2);

	setup_router(t);
	alive(t);
	rs_goes_unanswered(t, bad);
	must_resolve(t, TN1);
	tx(t, TR2, &good);
	if (!came(t, ANSWER_WITHIN, &any_ra))
		tester_fail(t, "a good solicitation is not answered: so it says nothing that a "
			       "bad one is not");
	must_know(t, TR2);
	alive(t);
}

static void rs_hop_limit(struct tester *t)
{
	struct pv bad = good_rs(t, TN1);

	bad.hop_limit = IS(254);
	rs_is_ignored(t, &bad);
}

static void rs_checksum(struct tester *t)
{
	struct pv bad = good_rs(t, TN1);

	spoil_checksum(&bad);
	rs_is_ignored(t, &bad);
}

static void rs_code(struct tester *t)
{
	struct pv bad = good_rs(t, TN1);

	bad.code = IS(1);
	rs_is_ignored(t, &bad);
}

/* Type, code, checksum, and nothing else. */
static void rs_short(struct tester *t)
{
	struct pv whole = rs(t, TN1), bad = cut_to(t, &whole, 4);

	rs_is_ignored(t, &bad);
}

static void rs_option_zero(struct tester *t)
{
	struct pv bad = good_rs(t, TN1);

	zero_option(t, &bad);
	rs_is_ignored(t, &bad);
}

static void rs_unspecified_lla(struct tester *t)
{
	struct pv bad = good_rs(t, TN1);

	bad.src = IS_ADDR(IP6_UNSPEC);
	rs_is_ignored(t, &bad);
}

static void rs_fragment(struct tester *t)
{
	struct pv bad = in_fragment(good_rs(t, TN1));

	rs_is_ignored(t, &bad);
}

/* There is no good twin: no solicitation is for a host. That it can learn, a good NS shows. */
static void rs_to_host(struct tester *t)
{
	struct pv bad = good_rs(t, TN1), good = ns(t, TR2, nut_lla(t, TR2), &t->st[TR2].mac);

	bad.dst = IS_ADDR(nut_lla(t, TN1));
	alive(t);
	tx(t, TN1, &bad);
	silence(t, ANSWER_WITHIN, &any_ra);
	must_resolve(t, TN1);
	tx(t, TR2, &good);
	expect(t, LINK_B, REPLY_WITHIN, &any_na);
	must_know(t, TR2);
}

/*
 * Router Advertisements. TR1 sends the bad one, TR2 the good one.
 */

static struct pv good_ra(struct tester *t, enum station_id from)
{
	struct pv pv = ra(t, from, LIFETIME_S, 0);

	option_lla(t, &pv, ND_OPT_SLLA, &t->st[from].mac);
	option_prefix(t, &pv, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, LIFETIME_S,
		      LIFETIME_S);
	return pv;
}

static void makes_an_address(struct tester *t, enum station_id from, const struct pv *good)
{
	tx(t, from, good);
	expect(t, LINK_B, PROBE_WITHIN, &probe);
	pause_for(t, PROBE_WITHIN);
}

/* From far away to a link-local address: without a default router there is no way back. */
static void has_no_way_out(struct tester *t)
{
	struct pv echo = echo_to(t, TR1, nut_lla(t, TR1));

	echo.src = IS_ADDR(far);
	tx(t, TR1, &echo);
	silence(t, SILENCE_FOR, &any_echo_reply);
}

static void ra_is_ignored(struct tester *t, const struct pv *bad)
{
	struct pv good = good_ra(t, TR2);

	alive(t);
	tx(t, TR1, bad);
	silence(t, PROBE_WITHIN, &probe);
	has_no_way_out(t);
	must_resolve(t, TR1);
	makes_an_address(t, TR2, &good);
	far_goes_by(t, TR2);
	alive(t);
}

static void ra_global_source(struct tester *t)
{
	struct pv bad = good_ra(t, TR1);

	bad.src = IS_ADDR(t->st[TR1].global);
	ra_is_ignored(t, &bad);
}

static void ra_hop_limit(struct tester *t)
{
	struct pv bad = good_ra(t, TR1);

	bad.hop_limit = IS(254);
	ra_is_ignored(t, &bad);
}

static void ra_checksum(struct tester *t)
{
	struct pv bad = good_ra(t, TR1);

	spoil_checksum(&bad);
	ra_is_ignored(t, &bad);
}

static void ra_code(struct tester *t)
{
	struct pv bad = good_ra(t, TR1);

	bad.code = IS(1);
	ra_is_ignored(t, &bad);
}

static void ra_short(struct tester *t)
{
	struct pv whole = good_ra(t, TR1), bad = cut_to(t, &whole, RA_OCTETS - 1);

	ra_is_ignored(t, &bad);
}

static void ra_option_zero(struct tester *t)
{
	struct pv bad = good_ra(t, TR1);

	zero_option(t, &bad);
	ra_is_ignored(t, &bad);
}

static void ra_option_overrun(struct tester *t)
{
	struct pv bad = good_ra(t, TR1);

	overrun_option(t, &bad);
	ra_is_ignored(t, &bad);
}

static void ra_fragment(struct tester *t)
{
	struct pv bad = in_fragment(good_ra(t, TR1));

	ra_is_ignored(t, &bad);
}

/*
 * Prefix Information options, each alone in an advertisement that is good otherwise.
 */

static void prefix_is_ignored(struct tester *t, const struct ip6_addr *prefix, unsigned len,
			      uint8_t flags, uint32_t valid_s, uint32_t preferred_s)
{
	struct pv bad = ra(t, TR1, LIFETIME_S, 0), good = good_ra(t, TR1);

	option_prefix(t, &bad, prefix, len, flags, valid_s, preferred_s);
	alive(t);
	tx(t, TR1, &bad);
	silence(t, PROBE_WITHIN, &probe);
	makes_an_address(t, TR1, &good);
	far_goes_by(t, TR1);
	alive(t);
}

static void prefix_not_autonomous(struct tester *t)
{
	prefix_is_ignored(t, &other_prefix, PREFIX_LEN, PIO_ON_LINK, LIFETIME_S, LIFETIME_S);
}

static void prefix_link_local(struct tester *t)
{
	prefix_is_ignored(t, &link_local_prefix, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, LIFETIME_S,
			  LIFETIME_S);
}

static void prefix_preferred_too_long(struct tester *t)
{
	prefix_is_ignored(t, &other_prefix, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, LIFETIME_S,
			  LIFETIME_S + 1);
}

static void prefix_not_valid(struct tester *t)
{
	prefix_is_ignored(t, &other_prefix, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 0, 0);
}

static void prefix_too_long(struct tester *t)
{
	prefix_is_ignored(t, &other_prefix, PREFIX_LEN + 1, PIO_ON_LINK | PIO_AUTO, LIFETIME_S,
			  LIFETIME_S);
}

static void prefix_too_short(struct tester *t)
{
	prefix_is_ignored(t, &other_prefix, PREFIX_LEN - 1, PIO_ON_LINK | PIO_AUTO, LIFETIME_S,
			  LIFETIME_S);
}

static void prefix_absurd(struct tester *t)
{
	prefix_is_ignored(t, &other_prefix, 200, PIO_ON_LINK | PIO_AUTO, LIFETIME_S, LIFETIME_S);
}

/* Half an hour remains; who wants to take it away says ten seconds. */
static void prefix_cut_short(struct tester *t)
{
	struct pv good = good_ra(t, TR1), bad = ra(t, TR1, LIFETIME_S, 0);

	makes_an_address(t, TR1, &good);
	far_goes_by(t, TR1);
	option_prefix(t, &bad, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 10, 10);
	tx(t, TR1, &bad);
	pause_for(t, 15 * NS_PER_S);
	far_goes_by(t, TR1);
	alive(t);
}

/*
 * Parameters of an advertisement.
 */

/* An MTU of @bad leaves packets of 1280 octets whole; one of 1280 cuts what is larger. */
static void mtu_too_small(struct tester *t)
{
	struct pv bad = ra(t, TR1, LIFETIME_S, 0), good = ra(t, TR1, LIFETIME_S, 0);
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));
	struct pv cut = { .dst = echo.src, .n_ext = 1, .kind = PV_RAW };

	option_mtu(t, &bad, 600);
	option_mtu(t, &good, 1280);
	tx(t, TR1, &bad);
	echo.data = IS_OCTETS(octets(t, 1400), 1280 - IP6_HDR_OCTETS - 8);
	answered(t, TN1, &echo);
	tx(t, TR1, &good);
	echo.data.n = 1400;
	tx(t, TN1, &echo);
	cut.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT, .offset = IS(0) };
	expect(t, LINK_B, REPLY_WITHIN, &cut);
	cut.ext[0].offset.set = false;
	expect(t, LINK_B, REPLY_WITHIN, &cut);
	alive(t);
}

static const struct seen *pong(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1)), reply = reply_to(tx(t, TN1, &echo));

	return expect(t, LINK_B, REPLY_WITHIN, &reply);
}

/* Zero is "not said" (section 4.2). */
static void hop_limit_zero(struct tester *t)
{
	struct pv good = ra(t, TR1, LIFETIME_S, 0), bad = good;

	good.param = IS(77u << 24 | LIFETIME_S);
	bad.param = IS(LIFETIME_S);
	tx(t, TR1, &good);
	pause_for(t, NS_PER_S);
	if (pong(t)->pv.hop_limit.v != 77)
		tester_fail(t, "the advertised hop limit is not used");
	tx(t, TR1, &bad);
	pause_for(t, NS_PER_S);
	if (pong(t)->pv.hop_limit.v != 77)
		tester_fail(t, "an advertised hop limit of 0 is taken for a value");
}

static const struct part parts[] = {
	{ "robust.4861.6.1.1.a", "RS that could have been forwarded",
	  "A solicitation with a hop limit below 255 comes from who knows where.",
	  "RFC 4861 section 6.1.1", LEVEL_MUST, NUT_ROUTER, NUT_CAN_ADVERTISE | NUT_CAN_ADDR,
	  NS_PER_S, rs_hop_limit },
	{ "robust.4861.6.1.1.b", "RS with a wrong checksum",
	  "A solicitation that was damaged on its way is not acted on.", "RFC 4861 section 6.1.1",
	  LEVEL_MUST, NUT_ROUTER, NUT_CAN_ADVERTISE | NUT_CAN_ADDR, NS_PER_S, rs_checksum },
	{ "robust.4861.6.1.1.c", "RS with a code",
	  "Another code than 0 means another message, which nobody knows.",
	  "RFC 4861 section 6.1.1", LEVEL_MUST, NUT_ROUTER, NUT_CAN_ADVERTISE | NUT_CAN_ADDR,
	  NS_PER_S, rs_code },
	{ "robust.4861.6.1.1.d", "RS of four octets",
	  "The reserved word is missing: the message is not there in whole.",
	  "RFC 4861 section 6.1.1", LEVEL_MUST, NUT_ROUTER, NUT_CAN_ADVERTISE | NUT_CAN_ADDR,
	  NS_PER_S, rs_short },
	{ "robust.4861.6.1.1.e", "RS with an option of length zero",
	  "One option without a length spoils the message, its good options too.",
	  "RFC 4861 section 6.1.1", LEVEL_MUST, NUT_ROUTER, NUT_CAN_ADVERTISE | NUT_CAN_ADDR,
	  NS_PER_S, rs_option_zero },
	{ "robust.4861.6.1.1.f", "RS from nobody with a link-layer address",
	  "There is no source that the address could belong to.", "RFC 4861 section 6.1.1",
	  LEVEL_MUST, NUT_ROUTER, NUT_CAN_ADVERTISE | NUT_CAN_ADDR, NS_PER_S, rs_unspecified_lla },
	{ "robust.4861.6.1.1.g", "RS to a host",
	  "A host leaves solicitations to routers, and learns nothing from them.",
	  "RFC 4861 section 6.1.1", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, rs_to_host },
	{ "robust.4861.6.1.2.a", "RA from a global address",
	  "A router is known by its link-local address.", "RFC 4861 section 6.1.2", LEVEL_MUST,
	  NUT_HOST, 0, NS_PER_S, ra_global_source },
	{ "robust.4861.6.1.2.b", "RA that could have been forwarded",
	  "An advertisement with a hop limit below 255 comes from who knows where.",
	  "RFC 4861 section 6.1.2", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, ra_hop_limit },
	{ "robust.4861.6.1.2.c", "RA with a wrong checksum",
	  "An advertisement that was damaged on its way is not acted on.", "RFC 4861 section 6.1.2",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, ra_checksum },
	{ "robust.4861.6.1.2.d", "RA with a code",
	  "Another code than 0 means another message, which nobody knows.",
	  "RFC 4861 section 6.1.2", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, ra_code },
	{ "robust.4861.6.1.2.e", "RA of 15 octets",
	  "The last octet of the timers is missing: the message is not there in whole.",
	  "RFC 4861 section 6.1.2", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, ra_short },
	{ "robust.4861.6.1.2.f", "RA with an option of length zero",
	  "One option without a length spoils the message, its good options too.",
	  "RFC 4861 section 6.1.2", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, ra_option_zero },
	{ "robust.4861.4.6.c", "RA with an option longer than the message",
	  "An option that is not there in whole is not read beyond the end.",
	  "RFC 4861 section 4.6", LEVEL_SHOULD, NUT_HOST, 0, NS_PER_S, ra_option_overrun },
	{ "robust.4861.6.3.4.a", "RA with an MTU below the minimum",
	  "An MTU below 1280 is not taken over; one of 1280 is.", "RFC 4861 section 6.3.4",
	  LEVEL_SHOULD, NUT_HOST, 0, NS_PER_S, mtu_too_small },
	{ "robust.4861.6.3.4.b", "RA with a hop limit of zero",
	  "Zero says nothing: the hop limit stays as it was.", "RFC 4861 section 6.3.4",
	  LEVEL_SHOULD, NUT_HOST, 0, NS_PER_S, hop_limit_zero },
	{ "robust.4862.5.5.3.a", "prefix that is not autonomous",
	  "Without the flag no address is made.", "RFC 4862 section 5.5.3 (a)", LEVEL_MUST,
	  NUT_HOST, 0, NS_PER_S, prefix_not_autonomous },
	{ "robust.4862.5.5.3.b", "prefix that is link-local",
	  "Routers have no say in link-local addresses.", "RFC 4862 section 5.5.3 (b)", LEVEL_MUST,
	  NUT_HOST, 0, NS_PER_S, prefix_link_local },
	{ "robust.4862.5.5.3.c", "prefix preferred longer than valid",
	  "Lifetimes that contradict each other make no address.", "RFC 4862 section 5.5.3 (c)",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, prefix_preferred_too_long },
	{ "robust.4862.5.5.3.d", "prefix that is not valid any more",
	  "A valid lifetime of zero makes no address.", "RFC 4862 section 5.5.3 (d)", LEVEL_MUST,
	  NUT_HOST, 0, NS_PER_S, prefix_not_valid },
	{ "robust.4862.5.5.3.e", "prefix of 65 bits",
	  "It leaves no room for the interface identifier.", "RFC 4862 section 5.5.3 (d)",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, prefix_too_long },
	{ "robust.4862.5.5.3.f", "prefix of 63 bits",
	  "It leaves a hole before the interface identifier.", "RFC 4862 section 5.5.3 (d)",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, prefix_too_short },
	{ "robust.4862.5.5.3.g", "prefix of 200 bits",
	  "It is longer than an address, and no address is made.", "RFC 4862 section 5.5.3 (d)",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, prefix_absurd },
	{ "robust.4862.5.5.3.h", "prefix that takes an address away",
	  "Less than two hours remain, and nobody can shorten them.", "RFC 4862 section 5.5.3 (e)",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, prefix_cut_short },
	{ "robust.6980.5.d", "RS behind a fragment header",
	  "A solicitation that says it is a fragment is ignored, though it is whole.",
	  "RFC 6980 section 5", LEVEL_MUST, NUT_ROUTER, NUT_CAN_ADVERTISE | NUT_CAN_ADDR, NS_PER_S,
	  rs_fragment },
	{ "robust.6980.5.e", "RA behind a fragment header",
	  "An advertisement that says it is a fragment is ignored, though it is whole.",
	  "RFC 6980 section 5", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, ra_fragment },
};

const struct suite suite_robust_router = {
	.name = "robust-router",
	.title = "robustness: router discovery and prefixes",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
