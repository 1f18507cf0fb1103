/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options: tests 1.2.5 to 1.2.8 of the core specification 4.0.7, by RFC 8200 section 4.2: known ones,
 * and unknown ones by the two high bits of their type.
 *
 * The specification's packets are as RFC 2460 has them. At the destination hop-by-hop options SHOULD be
 * processed (RFC 9673 section 5.1). On the way one that is not known MAY end the packet, whatever its
 * bits, and SHOULD not (section 5.2); so 1.2.7 D to H judge how the packet goes on, or how its
 * sender is told, not which of them it is.
 */
#include "conform/message.h"

#define OPTION_AT 0x2a /* of the first option behind an IPv6 header */

static const uint8_t pad1[6];
static const uint8_t padn[6] = { 1, 4 };
static const uint8_t bits_00[6] = { 17, 4 };  /* skip */
static const uint8_t bits_01[6] = { 71, 4 };  /* discard */
static const uint8_t bits_10[6] = { 135, 4 }; /* discard, and say so */
static const uint8_t bits_11[6] = { 199, 4 }; /* discard, and say so if it was not multicast */

static void put_options(struct pv *pv, uint8_t kind, const uint8_t *body, size_t n)
{
	ASSERT(pv->n_ext < PV_EXT_MAX);
	pv->ext[pv->n_ext++] = (struct pv_ext){ .kind = kind, .body = IS_OCTETS(body, n) };
}

static struct pv echo_with(struct tester *t, uint8_t kind, const uint8_t option[6])
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));

	put_options(&echo, kind, option, 6);
	return echo;
}

static void is_answered(struct tester *t, const struct pv *echo)
{
	struct pv reply = reply_to(tx(t, TN1, echo));

	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void is_ignored(struct tester *t, const struct pv *echo)
{
	ping(t, TN1);
	tx(t, TN1, echo);
	silence(t, SILENCE_FOR, NULL);
}

/* Parameter Problem code 2 from @src, and no answer. */
static void is_told(struct tester *t, const struct pv *echo, uint32_t pointer, struct av src)
{
	struct pv problem =
		error_about(tx(t, TN1, echo), ICMP6_PARAM_PROB, ICMP6_PARAM_OPTION, pointer);

	problem.src = src;
	expect(t, LINK_B, REPLY_WITHIN, &problem);
	silence(t, SILENCE_FOR, NULL);
}

/*
 * 1.2.5: three unknown options behind one that is skipped; the first of them decides.
 */
static const uint8_t order_a[30] = { 17, 4, 0,	 0, 0, 0, 71, 6, 0, 0, 0,   0,
				     0,	 0, 135, 6, 0, 0, 0,  0, 0, 0, 199, 6 };
static const uint8_t order_b[30] = { 17, 4, 0,	 0, 0, 0, 135, 6, 0, 0, 0,  0,
				     0,	 0, 199, 6, 0, 0, 0,   0, 0, 0, 71, 6 };
static const uint8_t order_c[30] = { 17, 4, 0,	0, 0, 0, 199, 6, 0, 0, 0,   0,
				     0,	 0, 71, 6, 0, 0, 0,   0, 0, 0, 135, 6 };

static struct pv echo_of_order(struct tester *t, const uint8_t body[30])
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));

	put_options(&echo, IP6_NH_DSTOPTS, body, 30);
	return echo;
}

static void order_discard(struct tester *t)
{
	struct pv echo = echo_of_order(t, order_a);

	is_ignored(t, &echo);
}

static void order_tell(struct tester *t)
{
	struct pv echo = echo_of_order(t, order_b);

	is_told(t, &echo, 0x30, echo.dst);
}

static void order_tell_unicast(struct tester *t)
{
	struct pv echo = echo_of_order(t, order_c);

	is_told(t, &echo, 0x30, echo.dst);
}

/*
 * 1.2.6 and 1.2.8: at the destination, hop-by-hop and destination options alike.
 */
#define AT_THE_END(name, option, judged)                                                           \
	static void hbh_##name(struct tester *t)                                                   \
	{                                                                                          \
		struct pv echo = echo_with(t, IP6_NH_HBH, option);                                 \
		judged(t, &echo);                                                                  \
	}                                                                                          \
	static void dst_##name(struct tester *t)                                                   \
	{                                                                                          \
		struct pv echo = echo_with(t, IP6_NH_DSTOPTS, option);                             \
		judged(t, &echo);                                                                  \
	}

static void is_told_of_first(struct tester *t, const struct pv *echo)
{
	is_told(t, echo, OPTION_AT, echo->dst);
}

/* To all nodes: the error comes from an address of the interface. */
static void is_told_though_multicast(struct tester *t, struct pv *echo)
{
	echo->dst = IS_ADDR(all_nodes);
	is_told(t, echo, OPTION_AT, IS_ADDR(nut_lla(t, TN1)));
}

static void is_ignored_as_multicast(struct tester *t, struct pv *echo)
{
	echo->dst = IS_ADDR(all_nodes);
	is_ignored(t, echo);
}

AT_THE_END(pad1, pad1, is_answered)
AT_THE_END(padn, padn, is_answered)
AT_THE_END(skip, bits_00, is_answered)
AT_THE_END(discard, bits_01, is_ignored)
AT_THE_END(tell, bits_10, is_told_of_first)
AT_THE_END(tell_unicast, bits_11, is_told_of_first)
AT_THE_END(tell_multicast, bits_10, is_told_though_multicast)
AT_THE_END(not_multicast, bits_11, is_ignored_as_multicast)

/*
 * 1.2.7: on the way.
 */
static struct pv echo_through(struct tester *t, const uint8_t option[6])
{
	struct pv echo;

	setup_router(t);
	echo = echo_to(t, TN1, t->st[TN2].global);
	put_options(&echo, IP6_NH_HBH, option, 6);
	return echo;
}

/* @echo as it should come out on the other link. */
static struct pv one_hop_on(const struct tester *t, const struct seen *sent)
{
	struct pv want = forwarded(sent);

	want.tclass.set = (t->nut->has & NUT_USES_CLASS) == 0;
	want.flow.set = (t->nut->has & NUT_USES_FLOW) == 0;
	return want;
}

static void goes_on(struct tester *t, const uint8_t option[6])
{
	struct pv echo = echo_through(t, option), want;

	want = one_hop_on(t, tx(t, TN1, &echo));
	expect(t, LINK_A, REPLY_WITHIN, &want);
}

/* Has the device sent a message of this type since the last tx()? */
static bool came(const struct tester *t, uint8_t type)
{
	for (size_t i = t->since; i < t->record.n; i++) {
		const struct seen *s = t->record.seen[i];

		if (s->from_nut && s->ip6 && s->pv.kind == PV_ICMP6 && s->pv.type.v == type)
			return true;
	}
	return false;
}

/* It goes on unchanged, or it ends here; in that case the sender may be told, if @may_tell. */
static void goes_on_or_ends(struct tester *t, const struct pv *echo, bool may_tell)
{
	const struct seen *sent;
	struct pv want, problem;

	ping(t, TN1);
	sent = tx(t, TN1, echo);
	want = one_hop_on(t, sent);
	problem = error_about(sent, ICMP6_PARAM_PROB, ICMP6_PARAM_OPTION, OPTION_AT);
	pause_for(t, time_after(REPLY_WITHIN, tester_slack(t)));
	if (came(t, ICMP6_ECHO_REQUEST))
		expect(t, LINK_A, 0, &want);
	else if (may_tell && came(t, ICMP6_PARAM_PROB))
		expect(t, LINK_B, 0, &problem);
	silence(t, 0, NULL);
}

static void way_pad1(struct tester *t)
{
	goes_on(t, pad1);
}

static void way_padn(struct tester *t)
{
	goes_on(t, padn);
}

static void way_skip(struct tester *t)
{
	goes_on(t, bits_00);
}

static void way_discard(struct tester *t)
{
	struct pv echo = echo_through(t, bits_01);

	goes_on_or_ends(t, &echo, false);
}

static void way_tell(struct tester *t)
{
	struct pv echo = echo_through(t, bits_10);

	goes_on_or_ends(t, &echo, true);
}

static void way_tell_unicast(struct tester *t)
{
	struct pv echo = echo_through(t, bits_11);

	goes_on_or_ends(t, &echo, true);
}

static struct pv echo_to_group(struct tester *t, const uint8_t option[6])
{
	static const char group[] = "ff1e::1:2";
	struct pv echo = echo_through(t, option);

	setup_mroute(t, LINK_B, group, LINK_A);
	if (ip6_parse(group, &echo.dst.a) < 0)
		tester_error(t, "\"%s\" is no address", group);
	return echo;
}

static void way_tell_multicast(struct tester *t)
{
	struct pv echo = echo_to_group(t, bits_10);

	goes_on_or_ends(t, &echo, true);
}

static void way_not_multicast(struct tester *t)
{
	struct pv echo = echo_to_group(t, bits_11);

	goes_on_or_ends(t, &echo, false);
}

#define END(id, title, purpose, clause, level, fn)                                                 \
	{                                                                                          \
		"v6lc.1.2." id, title, purpose, clause, level, NUT_BOTH, 0, NS_PER_S, fn           \
	}
#define DST(id, title, purpose, fn) END(id, title, purpose, OPTIONS, LEVEL_MUST, fn)
#define HBH(id, title, purpose, level, fn)                                                         \
	END("6." id, "hop-by-hop: " title, purpose, HBH_HDR, level, fn)
#define WAY(id, title, purpose, clause, level, needs, fn)                                          \
	{                                                                                          \
		"v6lc.1.2.7." id, "on the way: " title, purpose, clause, level, NUT_ROUTER,        \
			NUT_CAN_FORWARD | NUT_CAN_ADDR | (needs), NS_PER_S, fn                     \
	}
#define WAY_ON(id, title, purpose, clause, fn) WAY(id, title, purpose, clause, LEVEL_MUST, 0, fn)
#define WAY_MAY(id, title, purpose, needs, fn)                                                     \
	WAY(id, title, purpose, "RFC 9673 section 5.2", LEVEL_MAY, needs, fn)

#define OPTIONS "RFC 8200 section 4.2"
#define HBH_HDR "RFC 9673 section 5.1"

#define ORDER	"Options are processed in the order they stand in."
#define PADDING "Padding is nothing."
#define BITS_00 "An unknown option of these bits is skipped."
#define BITS_01 "A packet with an unknown option of these bits is discarded in silence."
#define BITS_10 "A packet with an unknown option of these bits is discarded, and its sender told."
#define BITS_11 "As before, unless the destination is multicast: then it is discarded in silence."

#define WAY_01 "The packet goes on as it is, or is discarded in silence."
#define WAY_10 "The packet goes on as it is, or is discarded; only then its sender may be told."
#define WAY_11 "As before, but of a packet to a group nobody is told."

static const struct part parts[] = {
	DST("5.a", "order: bits 00, then 01", ORDER, order_discard),
	DST("5.b", "order: bits 00, then 10", ORDER, order_tell),
	DST("5.c", "order: bits 00, then 11", ORDER, order_tell_unicast),
	HBH("a", "Pad1", PADDING, LEVEL_MUST, hbh_pad1),
	HBH("b", "PadN", PADDING, LEVEL_MUST, hbh_padn),
	HBH("c", "bits 00", BITS_00, LEVEL_MUST, hbh_skip),
	HBH("d", "bits 01", BITS_01, LEVEL_SHOULD, hbh_discard),
	HBH("e", "bits 10", BITS_10, LEVEL_SHOULD, hbh_tell),
	HBH("f", "bits 11", BITS_11, LEVEL_SHOULD, hbh_tell_unicast),
	HBH("g", "bits 10, multicast", BITS_10, LEVEL_SHOULD, hbh_tell_multicast),
	HBH("h", "bits 11, multicast", BITS_11, LEVEL_SHOULD, hbh_not_multicast),
	WAY_ON("a", "Pad1", PADDING, HBH_HDR, way_pad1),
	WAY_ON("b", "PadN", PADDING, HBH_HDR, way_padn),
	WAY_ON("c", "bits 00", BITS_00, OPTIONS, way_skip),
	WAY_MAY("d", "bits 01", WAY_01, 0, way_discard),
	WAY_MAY("e", "bits 10", WAY_10, 0, way_tell),
	WAY_MAY("f", "bits 11", WAY_10, 0, way_tell_unicast),
	WAY_MAY("g", "bits 10, multicast", WAY_10, NUT_MCAST_ROUTING, way_tell_multicast),
	WAY_MAY("h", "bits 11, multicast", WAY_11, NUT_MCAST_ROUTING, way_not_multicast),
	DST("8.a", "destination options: Pad1", PADDING, dst_pad1),
	DST("8.b", "destination options: PadN", PADDING, dst_padn),
	DST("8.c", "destination options: bits 00", BITS_00, dst_skip),
	DST("8.d", "destination options: bits 01", BITS_01, dst_discard),
	DST("8.e", "destination options: bits 10", BITS_10, dst_tell),
	DST("8.f", "destination options: bits 11", BITS_11, dst_tell_unicast),
	DST("8.g", "destination options: bits 10, multicast", BITS_10, dst_tell_multicast),
	DST("8.h", "destination options: bits 11, multicast", BITS_11, dst_not_multicast),
};

const struct suite suite_rfc8200_options = {
	.name = "rfc8200-options",
	.title = "options",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
