/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbor Solicitations and Advertisements that RFC 4861 section 7.1 has discarded, a part for
 * each check, and those that RFC 6980 forbids.
 *
 * A bad solicitation must neither be answered nor leave its sender in the neighbor cache. A bad
 * advertisement must not end the resolution that it claims to answer.
 */
#include "conform/suites/robust.h"

#include "ip6/scope.h"

#define NS_OCTETS 24 /* of an NS or NA without options */

static const struct ip6_addr a_group = { { 0xff, 0x02, [14] = 0x12, [15] = 0x34 } };

/*
 * Solicitations. TN1 sends the bad one, TR2 the good one.
 */

static struct pv good_ns(struct tester *t, enum station_id from)
{
	return ns(t, from, nut_lla(t, from), &t->st[from].mac);
}

static void ns_is_ignored(struct tester *t, const struct pv *bad)
{
	struct pv good = good_ns(t, TR2), answer = any_na;

	alive(t);
	tx(t, TN1, bad);
	silence(t, SILENCE_FOR, &any_na);
	must_resolve(t, TN1);
	answer.dst = IS_ADDR(t->st[TR2].lla);
	tx(t, TR2, &good);
	expect(t, LINK_B, REPLY_WITHIN, &answer);
	must_know(t, TR2);
	alive(t);
}

static void ns_hop_limit(struct tester *t)
{
	struct pv bad = good_ns(t, TN1);

	bad.hop_limit = IS(254);
	ns_is_ignored(t, &bad);
}

static void ns_checksum(struct tester *t)
{
	struct pv bad = good_ns(t, TN1);

	spoil_checksum(&bad);
	ns_is_ignored(t, &bad);
}

static void ns_code(struct tester *t)
{
	struct pv bad = good_ns(t, TN1);

	bad.code = IS(1);
	ns_is_ignored(t, &bad);
}

static void ns_short(struct tester *t)
{
	struct pv whole = good_ns(t, TN1), bad = cut_to(t, &whole, NS_OCTETS - 1);

	ns_is_ignored(t, &bad);
}

static void ns_multicast_target(struct tester *t)
{
	struct pv bad = ns(t, TN1, all_nodes, &t->st[TN1].mac);

	bad.src = IS_ADDR(t->st[TN1].lla);
	bad.dst = IS_ADDR(nut_lla(t, TN1));
	ns_is_ignored(t, &bad);
}

static void ns_option_zero(struct tester *t)
{
	struct pv bad = good_ns(t, TN1);

	zero_option(t, &bad);
	ns_is_ignored(t, &bad);
}

static void ns_option_overrun(struct tester *t)
{
	struct pv bad = good_ns(t, TN1);

	overrun_option(t, &bad);
	ns_is_ignored(t, &bad);
}

static void ns_not_ours(struct tester *t)
{
	struct pv bad = ns(t, TN1, t->st[TR1].lla, &t->st[TN1].mac);

	bad.dst = IS_ADDR(nut_lla(t, TN1));
	ns_is_ignored(t, &bad);
}

/* Who probes has no address: the answer, if any, is for all. */
static void probe_is_ignored(struct tester *t, const struct pv *bad)
{
	struct pv good = ns(t, TR2, nut_lla(t, TR2), NULL), answer = any_na;

	alive(t);
	tx(t, TN1, bad);
	silence(t, SILENCE_FOR, &any_na);
	must_resolve(t, TN1);
	good.src = IS_ADDR(IP6_UNSPEC);
	answer.dst = IS_ADDR(all_nodes);
	tx(t, TR2, &good);
	expect(t, LINK_B, REPLY_WITHIN, &answer);
	alive(t);
}

static void probe_to_one(struct tester *t)
{
	struct pv bad = ns(t, TN1, nut_lla(t, TN1), NULL);

	bad.src = IS_ADDR(IP6_UNSPEC);
	bad.dst = IS_ADDR(nut_lla(t, TN1));
	probe_is_ignored(t, &bad);
}

static void probe_to_all(struct tester *t)
{
	struct pv bad = ns(t, TN1, nut_lla(t, TN1), NULL);

	bad.src = IS_ADDR(IP6_UNSPEC);
	bad.dst = IS_ADDR(all_nodes);
	probe_is_ignored(t, &bad);
}

static void probe_with_lla(struct tester *t)
{
	struct pv bad = good_ns(t, TN1);

	bad.src = IS_ADDR(IP6_UNSPEC);
	probe_is_ignored(t, &bad);
}

/*
 * Advertisements. TN1 does not answer when the device asks for it, so the reply to its echo
 * request waits for an advertisement: the bad one must not set it free, the good one does.
 */

static struct pv good_na(struct tester *t)
{
	return na(t, TN1, t->st[TN1].lla, nut_lla(t, TN1), NA_SOLICITED | NA_OVERRIDE,
		  &t->st[TN1].mac);
}

/* Shorter than the time for which the device asks: three seconds (RFC 4861 section 10). */
#define NA_SILENCE (NS_PER_S / 2)

static void na_is_ignored(struct tester *t, const struct pv *bad)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1)), good = good_na(t), reply;
	struct pv asks = { .dst = IS_ADDR(ip6_solicited_node(&t->st[TN1].lla)),
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_NS) };

	alive(t);
	t->st[TN1].muted = true;
	reply = reply_to(tx(t, TN1, &echo));
	expect(t, LINK_B, REPLY_WITHIN, &asks);
	tx(t, TN1, bad);
	silence(t, NA_SILENCE, &reply);
	tx(t, TN1, &good);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
	t->st[TN1].muted = false;
	alive(t);
}

static void na_hop_limit(struct tester *t)
{
	struct pv bad = good_na(t);

	bad.hop_limit = IS(254);
	na_is_ignored(t, &bad);
}

static void na_checksum(struct tester *t)
{
	struct pv bad = good_na(t);

	spoil_checksum(&bad);
	na_is_ignored(t, &bad);
}

static void na_code(struct tester *t)
{
	struct pv bad = good_na(t);

	bad.code = IS(1);
	na_is_ignored(t, &bad);
}

static void na_short(struct tester *t)
{
	struct pv whole = good_na(t), bad = cut_to(t, &whole, NS_OCTETS - 1);

	na_is_ignored(t, &bad);
}

static void na_multicast_target(struct tester *t)
{
	struct pv bad =
		na(t, TN1, a_group, nut_lla(t, TN1), NA_SOLICITED | NA_OVERRIDE, &t->st[TN1].mac);

	bad.src = IS_ADDR(t->st[TN1].lla);
	na_is_ignored(t, &bad);
}

static void na_multicast_solicited(struct tester *t)
{
	struct pv bad = good_na(t);

	bad.dst = IS_ADDR(all_nodes);
	na_is_ignored(t, &bad);
}

static void na_option_zero(struct tester *t)
{
	struct pv bad = good_na(t);

	zero_option(t, &bad);
	na_is_ignored(t, &bad);
}

static void na_option_overrun(struct tester *t)
{
	struct pv bad = good_na(t);

	overrun_option(t, &bad);
	na_is_ignored(t, &bad);
}

static void na_without_lla(struct tester *t)
{
	struct pv bad =
		na(t, TN1, t->st[TN1].lla, nut_lla(t, TN1), NA_SOLICITED | NA_OVERRIDE, NULL);

	na_is_ignored(t, &bad);
}

static void na_unasked(struct tester *t)
{
	struct pv bad = na(t, TN1, t->st[TN1].lla, all_nodes, NA_OVERRIDE, &t->st[TN1].mac);
	struct pv good = good_ns(t, TR2), answer = any_na;

	alive(t);
	tx(t, TN1, &bad);
	pause_for(t, NS_PER_S);
	must_resolve(t, TN1);
	answer.dst = IS_ADDR(t->st[TR2].lla);
	tx(t, TR2, &good);
	expect(t, LINK_B, REPLY_WITHIN, &answer);
	must_know(t, TR2);
}

/*
 * Fragmented ones, RFC 6980.
 */

static void ns_atomic(struct tester *t)
{
	struct pv bad = in_fragment(good_ns(t, TN1));

	ns_is_ignored(t, &bad);
}

static void ns_in_two(struct tester *t)
{
	struct pv whole = good_ns(t, TN1);
	struct pv first = piece(t, &whole, 0, 24), rest = piece(t, &whole, 24, 0);

	alive(t);
	tx(t, TN1, &first);
	ns_is_ignored(t, &rest);
}

static void na_atomic(struct tester *t)
{
	struct pv bad = in_fragment(good_na(t));

	na_is_ignored(t, &bad);
}

static const struct part parts[] = {
	{ "robust.4861.7.1.1.a", "NS that could have been forwarded",
	  "A solicitation with a hop limit below 255 comes from who knows where.",
	  "RFC 4861 section 7.1.1", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ns_hop_limit },
	{ "robust.4861.7.1.1.b", "NS with a wrong checksum",
	  "A solicitation that was damaged on its way is not acted on.", "RFC 4861 section 7.1.1",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ns_checksum },
	{ "robust.4861.7.1.1.c", "NS with a code",
	  "Another code than 0 means another message, which nobody knows.",
	  "RFC 4861 section 7.1.1", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ns_code },
	{ "robust.4861.7.1.1.d", "NS of 23 octets",
	  "The last octet of the target is missing: nothing is made up for it.",
	  "RFC 4861 section 7.1.1", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ns_short },
	{ "robust.4861.7.1.1.e", "NS for a group",
	  "Nobody's link-layer address is asked for, even if the device is a member.",
	  "RFC 4861 section 7.1.1", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ns_multicast_target },
	{ "robust.4861.7.1.1.f", "NS with an option of length zero",
	  "One option without a length spoils the message, its good options too.",
	  "RFC 4861 section 7.1.1", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ns_option_zero },
	{ "robust.4861.7.1.1.g", "probe to the device alone",
	  "Who has no address yet may ask at the solicited-node group only.",
	  "RFC 4861 section 7.1.1", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, probe_to_one },
	{ "robust.4861.7.1.1.h", "probe to all nodes",
	  "Another group than the solicited-node one will not do.", "RFC 4861 section 7.1.1",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, probe_to_all },
	{ "robust.4861.7.1.1.i", "probe with a source link-layer address",
	  "There is no source that the address could belong to.", "RFC 4861 section 7.1.1",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, probe_with_lla },
	{ "robust.4861.4.6.a", "NS with an option longer than the message",
	  "An option that is not there in whole is not read beyond the end.",
	  "RFC 4861 section 4.6", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, ns_option_overrun },
	{ "robust.4861.7.2.3.a", "NS for somebody else",
	  "What another node is asked for is neither answered nor learned from.",
	  "RFC 4861 section 7.2.3", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ns_not_ours },
	{ "robust.4861.7.1.2.a", "NA that could have been forwarded",
	  "An advertisement with a hop limit below 255 comes from who knows where.",
	  "RFC 4861 section 7.1.2", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, na_hop_limit },
	{ "robust.4861.7.1.2.b", "NA with a wrong checksum",
	  "An advertisement that was damaged on its way is not acted on.", "RFC 4861 section 7.1.2",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, na_checksum },
	{ "robust.4861.7.1.2.c", "NA with a code",
	  "Another code than 0 means another message, which nobody knows.",
	  "RFC 4861 section 7.1.2", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, na_code },
	{ "robust.4861.7.1.2.d", "NA of 23 octets",
	  "The last octet of the target is missing: nothing is made up for it.",
	  "RFC 4861 section 7.1.2", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, na_short },
	{ "robust.4861.7.1.2.e", "NA for a group",
	  "A group has no link-layer address that could be advertised.", "RFC 4861 section 7.1.2",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, na_multicast_target },
	{ "robust.4861.7.1.2.f", "solicited NA to all nodes",
	  "An answer goes to who has asked; one to a group contradicts itself.",
	  "RFC 4861 section 7.1.2", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, na_multicast_solicited },
	{ "robust.4861.7.1.2.g", "NA with an option of length zero",
	  "One option without a length spoils the message, its good options too.",
	  "RFC 4861 section 7.1.2", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, na_option_zero },
	{ "robust.4861.4.6.b", "NA with an option longer than the message",
	  "An option that is not there in whole is not read beyond the end.",
	  "RFC 4861 section 4.6", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, na_option_overrun },
	{ "robust.4861.7.2.5.a", "NA without a link-layer address",
	  "Where one is needed and none is known, an answer without one is no answer.",
	  "RFC 4861 section 7.2.5", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, na_without_lla },
	{ "robust.4861.7.2.5.b", "NA that nobody asked for",
	  "It does not make a neighbor of a stranger, for a host (for routers: RFC 9131).",
	  "RFC 4861 section 7.2.5", LEVEL_SHOULD, NUT_HOST, 0, NS_PER_S, na_unasked },
	{ "robust.6980.5.a", "NS behind a fragment header",
	  "A solicitation that says it is a fragment is ignored, though it is whole.",
	  "RFC 6980 section 5", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ns_atomic },
	{ "robust.6980.5.b", "NS in two fragments",
	  "A solicitation that had to be reassembled is ignored.", "RFC 6980 section 5", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, ns_in_two },
	{ "robust.6980.5.c", "NA behind a fragment header",
	  "An advertisement that says it is a fragment is ignored, though it is whole.",
	  "RFC 6980 section 5", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, na_atomic },
};

const struct suite suite_robust_nd = {
	.name = "robust-nd",
	.title = "robustness: neighbors",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
