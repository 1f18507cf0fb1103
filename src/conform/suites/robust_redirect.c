/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Redirects that RFC 4861 section 8.1 has discarded, a part for each check. TR1 is the default
 * router and turns traffic for far away to TR2: a bad redirect must not do so, nor make TR2 known.
 */
#include "conform/suites/robust.h"

#include "nd/opt.h"

#define REDIRECT_OCTETS 40 /* without options */

static struct pv good_redirect(struct tester *t)
{
	struct pv pv = redirect(t, TR1, nut_global(t, TR1), t->st[TR2].lla, far);

	option_lla(t, &pv, ND_OPT_TLLA, &t->st[TR2].mac);
	return pv;
}

static void redirect_is_ignored(struct tester *t, const struct pv *bad)
{
	struct pv good = good_redirect(t);

	far_goes_by(t, TR1);
	tx(t, TR1, bad);
	pause_for(t, NS_PER_S);
	far_goes_by(t, TR1);
	must_resolve(t, TR2);
	tx(t, TR1, &good);
	pause_for(t, NS_PER_S);
	far_goes_by(t, TR2);
	alive(t);
}

static void redirect_global_source(struct tester *t)
{
	struct pv bad;

	setup_1(t, 1);
	bad = good_redirect(t);
	bad.src = IS_ADDR(t->st[TR1].global);
	redirect_is_ignored(t, &bad);
}

static void redirect_hop_limit(struct tester *t)
{
	struct pv bad;

	setup_1(t, 1);
	bad = good_redirect(t);
	bad.hop_limit = IS(254);
	redirect_is_ignored(t, &bad);
}

static void redirect_checksum(struct tester *t)
{
	struct pv bad;

	setup_1(t, 1);
	bad = good_redirect(t);
	spoil_checksum(&bad);
	redirect_is_ignored(t, &bad);
}

static void redirect_code(struct tester *t)
{
	struct pv bad;

	setup_1(t, 1);
	bad = good_redirect(t);
	bad.code = IS(1);
	redirect_is_ignored(t, &bad);
}

static void redirect_short(struct tester *t)
{
	struct pv bad;

	setup_1(t, 1);
	bad = good_redirect(t);
	bad = cut_to(t, &bad, REDIRECT_OCTETS - 1);
	redirect_is_ignored(t, &bad);
}

static void redirect_by_stranger(struct tester *t)
{
	struct pv bad;

	setup_1(t, 1);
	bad = good_redirect(t);
	bad.eth_src = IS_MAC(t->st[TN1].mac);
	bad.src = IS_ADDR(t->st[TN1].lla);
	redirect_is_ignored(t, &bad);
}

static void redirect_about_group(struct tester *t)
{
	static const struct ip6_addr group = { { 0xff, 0x0e, [15] = 0x65 } };
	struct pv bad;

	setup_1(t, 1);
	bad = redirect(t, TR1, nut_global(t, TR1), t->st[TR2].lla, group);
	option_lla(t, &bad, ND_OPT_TLLA, &t->st[TR2].mac);
	redirect_is_ignored(t, &bad);
}

static void redirect_to_global(struct tester *t)
{
	struct pv bad;

	setup_1(t, 1);
	bad = redirect(t, TR1, nut_global(t, TR1), t->st[TR2].global, far);
	option_lla(t, &bad, ND_OPT_TLLA, &t->st[TR2].mac);
	redirect_is_ignored(t, &bad);
}

static void redirect_option_zero(struct tester *t)
{
	struct pv bad;

	setup_1(t, 1);
	bad = good_redirect(t);
	zero_option(t, &bad);
	redirect_is_ignored(t, &bad);
}

static void redirect_fragment(struct tester *t)
{
	struct pv bad;

	setup_1(t, 1);
	bad = in_fragment(good_redirect(t));
	redirect_is_ignored(t, &bad);
}

static void redirect_to_router(struct tester *t)
{
	struct pv bad;

	setup_1(t, 1);
	far_goes_by(t, TR1);
	bad = good_redirect(t);
	tx(t, TR1, &bad);
	pause_for(t, NS_PER_S);
	far_goes_by(t, TR1);
	alive(t);
}

static const struct part parts[] = {
	{ "robust.4861.8.1.a", "Redirect from a global address",
	  "A router is known by its link-local address.", "RFC 4861 section 8.1", LEVEL_MUST,
	  NUT_HOST, 0, NS_PER_S, redirect_global_source },
	{ "robust.4861.8.1.b", "Redirect that could have been forwarded",
	  "A redirect with a hop limit below 255 comes from who knows where.",
	  "RFC 4861 section 8.1", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, redirect_hop_limit },
	{ "robust.4861.8.1.c", "Redirect with a wrong checksum",
	  "A redirect that was damaged on its way is not acted on.", "RFC 4861 section 8.1",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, redirect_checksum },
	{ "robust.4861.8.1.d", "Redirect with a code",
	  "Another code than 0 means another message, which nobody knows.", "RFC 4861 section 8.1",
	  LEVEL_MUST, NUT_HOST, 0, NS_PER_S, redirect_code },
	{ "robust.4861.8.1.e", "Redirect of 39 octets",
	  "The last octet of the destination is missing: nothing is made up for it.",
	  "RFC 4861 section 8.1", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, redirect_short },
	{ "robust.4861.8.1.f", "Redirect by a stranger",
	  "Only the router that is used for a destination can turn its traffic.",
	  "RFC 4861 section 8.1", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, redirect_by_stranger },
	{ "robust.4861.8.1.g", "Redirect of a group", "Traffic for a group has no first hop.",
	  "RFC 4861 section 8.1", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, redirect_about_group },
	{ "robust.4861.8.1.h", "Redirect to a router's global address",
	  "The target is the destination itself, or a router by its link-local address.",
	  "RFC 4861 section 8.1", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, redirect_to_global },
	{ "robust.4861.8.1.i", "Redirect with an option of length zero",
	  "One option without a length spoils the message, its good options too.",
	  "RFC 4861 section 8.1", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, redirect_option_zero },
	{ "robust.4861.8.2.a", "Redirect to a router",
	  "Routers do not learn their ways from redirects.", "RFC 4861 section 8.2", LEVEL_MUST,
	  NUT_ROUTER, NUT_CAN_ADDR | NUT_CAN_ROUTE, NS_PER_S, redirect_to_router },
	{ "robust.6980.5.f", "Redirect behind a fragment header",
	  "A redirect that says it is a fragment is ignored, though it is whole.",
	  "RFC 6980 section 5", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, redirect_fragment },
};

const struct suite suite_robust_redirect = {
	.name = "robust-redirect",
	.title = "robustness: redirects",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
