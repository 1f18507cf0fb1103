/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The IPv6 header: group 1.1 of the IPv6 Ready core specification 4.0.7, which cites RFC 2460, by
 * RFC 8200. Where they differ, the part says so.
 */
#include "conform/tester.h"

#define GAP                                                                                        \
	NS_PER_S /* between errors, so that no rate limit (RFC 4443 section 2.4 (f)) hides one */

/* @echo goes from TN1 to the device and is answered. Returns the answer. */
static const struct seen *answered(struct tester *t, const struct pv *echo)
{
	struct pv reply = reply_to(tx(t, TN1, echo));

	return expect(t, LINK_B, REPLY_WITHIN, &reply);
}

/* @pv, sent by @from to @to through the device, gets there as it should. */
static void passes(struct tester *t, enum station_id from, const struct pv *pv, enum station_id to)
{
	struct pv want = forwarded(tx(t, from, pv));

	want.eth_dst = IS_MAC(t->st[to].mac);
	want.tclass.set = (t->nut->has & NUT_USES_CLASS) == 0;
	want.flow.set = (t->nut->has & NUT_USES_FLOW) == 0 || want.flow.v != 0;
	expect(t, t->st[to].link, REPLY_WITHIN, &want);
}

/* And this one does not. */
static void is_held_back(struct tester *t, enum station_id from, const struct pv *pv)
{
	struct pv never = { .kind = PV_ICMP6, .type = IS(ICMP6_ECHO_REQUEST) };

	tx(t, from, pv);
	silence(t, SILENCE_FOR, &never);
}

static struct pv echo_to_nut(struct tester *t)
{
	return echo_to(t, TN1, nut_lla(t, TN1));
}

/* A router's part begins: TN1's packet to TN2 is ready. */
static struct pv echo_through(struct tester *t)
{
	setup_router(t);
	return echo_to(t, TN1, t->st[TN2].global);
}

static void version(struct tester *t)
{
	static const uint8_t wrong[] = { 4, 0, 5, 7, 15 };

	ping(t, TN1);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct pv echo = echo_to_nut(t);

		echo.version = IS(wrong[i]);
		tx(t, TN1, &echo);
		silence(t, SILENCE_FOR, NULL);
		ping(t, TN1);
	}
}

static void class_end(struct tester *t)
{
	struct pv echo = echo_to_nut(t), reply;

	echo.tclass = IS(32);
	reply = reply_to(tx(t, TN1, &echo));
	if ((t->nut->has & NUT_USES_CLASS) == 0)
		reply.tclass = IS(0);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void class_through(struct tester *t)
{
	struct pv echo = echo_through(t);

	echo.tclass = IS(32);
	passes(t, TN1, &echo, TN2);
}

static void flow_end(struct tester *t)
{
	struct pv echo = echo_to_nut(t), reply;

	echo.flow = IS(0x34567);
	reply = reply_to(tx(t, TN1, &echo));
	if ((t->nut->has & NUT_USES_FLOW) == 0)
		reply.flow = IS(0);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void flow_through(struct tester *t)
{
	struct pv echo = echo_through(t);

	echo.flow = IS(0x34567);
	passes(t, TN1, &echo, TN2);
}

static const uint8_t filler[64] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17 };

static void length_odd(struct tester *t)
{
	struct pv echo = echo_to_nut(t);

	echo.data = IS_OCTETS(filler, 51 - 8);
	answered(t, &echo);
}

static void length_odd_through(struct tester *t)
{
	struct pv echo = echo_through(t);

	echo.data = IS_OCTETS(filler, 51 - 8);
	passes(t, TN1, &echo, TN2);
}

static void length_even(struct tester *t)
{
	struct pv echo = echo_to_nut(t);

	echo.data = IS_OCTETS(filler, 50 - 8);
	answered(t, &echo);
}

static void none_end(struct tester *t)
{
	struct pv echo;

	ping(t, TN1);
	echo = echo_to_nut(t);
	echo.next = IS(IP6_NH_NONE);
	tx(t, TN1, &echo);
	silence(t, SILENCE_FOR, NULL);
}

static void none_through(struct tester *t)
{
	struct pv echo = echo_through(t);

	echo.next = IS(IP6_NH_NONE);
	passes(t, TN1, &echo, TN2);
}

/* 143 is Ethernet since RFC 8986, 144 AGGFRAG since RFC 9347: no host has to know them. */
static void next_unknown(struct tester *t)
{
	for (unsigned next = 143; next <= 252; next++) {
		struct pv echo = echo_to_nut(t), problem;

		echo.next = IS(next);
		problem = error_about(tx(t, TN1, &echo), ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT,
				      IP6_NEXT_OFF);
		expect(t, LINK_B, REPLY_WITHIN, &problem);
		ping(t, TN1);
		pause_for(t, GAP);
	}
}

/*
 * A fragment header where hop-by-hop options are announced. The specification's identification
 * stands where its pointer says: read as options, octet 0x2e is of type 135, of no data.
 */
static void next_unexpected(struct tester *t)
{
	struct pv echo = echo_to_nut(t), problem;

	echo.next = IS(IP6_NH_HBH);
	echo.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT, .id = IS(135u << 8) };
	echo.n_ext = 1;
	problem = error_about(tx(t, TN1, &echo), ICMP6_PARAM_PROB, ICMP6_PARAM_OPTION, 0x2e);
	expect(t, LINK_B, REPLY_WITHIN, &problem);
	silence(t, SILENCE_FOR, NULL);
}

static void hops_zero(struct tester *t)
{
	struct pv echo = echo_to_nut(t);

	echo.hop_limit = IS(0);
	if (answered(t, &echo)->pv.hop_limit.v == 0)
		tester_fail(t, "the reply has a hop limit of 0");
}

static void hops_through(struct tester *t)
{
	struct pv echo = echo_through(t);

	echo.hop_limit = IS(15);
	passes(t, TN1, &echo, TN2);
}

/* Group 1.1.10 goes the other way: TN2, on link A, sends towards TN1 on link B. */
static struct pv echo_back(struct tester *t)
{
	setup_1(t, 1);
	return echo_to(t, TN2, t->st[TN1].global);
}

/* TN1 gets an address @tn1 more, in a prefix of its own on link B. */
static struct pv echo_to_extra(struct tester *t, const char *nut, const char *tn1)
{
	struct pv echo = echo_back(t);

	setup_addr(t, LINK_B, nut);
	if (ip6_parse(tn1, &t->st[TN1].extra) < 0)
		tester_error(t, "\"%s\" is no address", tn1);
	echo.dst = IS_ADDR(t->st[TN1].extra);
	return echo;
}

static void to_global(struct tester *t)
{
	struct pv echo = echo_back(t);

	passes(t, TN2, &echo, TN1);
}

static void to_zeros(struct tester *t)
{
	struct pv echo = echo_to_extra(t, "8000::fe", "8000::1");

	passes(t, TN2, &echo, TN1);
}

static void from_unspecified(struct tester *t)
{
	struct pv echo = echo_back(t);

	echo.src = IS_ADDR(IP6_UNSPEC);
	is_held_back(t, TN2, &echo);
}

static void to_loopback(struct tester *t)
{
	struct pv echo = echo_back(t);

	echo.dst = IS_ADDR(((struct ip6_addr){ { [15] = 1 } }));
	is_held_back(t, TN2, &echo);
}

static void from_link_local(struct tester *t)
{
	struct pv echo = echo_back(t);

	echo.src = IS_ADDR(t->st[TN2].lla);
	is_held_back(t, TN2, &echo);
}

static void to_link_local(struct tester *t)
{
	struct pv echo = echo_back(t);

	echo.dst = IS_ADDR(t->st[TN1].lla);
	is_held_back(t, TN2, &echo);
}

/* RFC 4291 section 2.5.7: the prefix means nothing any more, so it is global unicast. */
static void to_site_local(struct tester *t)
{
	struct pv echo = echo_to_extra(t, "fec0::b:0:0:0:fe", "fec0::b:0:0:0:1");

	passes(t, TN2, &echo, TN1);
}

/*
 * Multicast routing. TN1 becomes a listener (RFC 3810 section 5.2: one record, "changes to exclude
 * nothing"), TN2 sends to the group.
 */
static struct pv echo_to_group(struct tester *t, const char *group)
{
	static const uint8_t alert[] = { 5, 2, 0, 0, 1, 0 }; /* RFC 2711, padding */
	static const struct ip6_addr all_mld2_routers = { { 0xff, 0x02, [15] = 0x16 } };
	uint8_t record[20] = { 4 };
	struct pv echo = echo_back(t);
	struct pv report = { .src = IS_ADDR(t->st[TN1].lla),
			     .dst = IS_ADDR(all_mld2_routers),
			     .hop_limit = IS(1),
			     .ext = { { .kind = IP6_NH_HBH,
					.body = IS_OCTETS(alert, sizeof(alert)) } },
			     .n_ext = 1,
			     .kind = PV_ICMP6,
			     .type = IS(ICMP6_MLD2_REPORT),
			     .param = IS(1),
			     .data = IS_OCTETS(record, sizeof(record)) };

	if (ip6_parse(group, &echo.dst.a) < 0)
		tester_error(t, "\"%s\" is no address", group);
	memcpy(record + 4, echo.dst.a.b, IP6_ADDR_OCTETS);
	setup_mroute(t, LINK_A, group, LINK_B);
	tx(t, TN1, &report);
	pause_for(t, NS_PER_S);
	return echo;
}

static void group_passes(struct tester *t, const char *group)
{
	struct pv echo = echo_to_group(t, group);
	struct pv want = forwarded(tx(t, TN2, &echo));

	expect(t, LINK_B, REPLY_WITHIN, &want);
}

static void group_is_held_back(struct tester *t, const char *group)
{
	struct pv echo = echo_to_group(t, group);

	is_held_back(t, TN2, &echo);
}

static void to_group_global(struct tester *t)
{
	group_passes(t, "ff1e::1:2");
}

static void to_group_link_local(struct tester *t)
{
	group_is_held_back(t, "ff12::1:2");
}

static void to_group_scope_0(struct tester *t)
{
	group_is_held_back(t, "ff10::1:2");
}

static void to_group_scope_f(struct tester *t)
{
	group_passes(t, "ff1f::1:2");
}

#define ROUTES	      (NUT_CAN_FORWARD | NUT_CAN_ADDR | NUT_CAN_ROUTE)
#define ROUTES_GROUPS (ROUTES | NUT_MCAST_ROUTING)

static const struct part parts[] = {
	{ "v6lc.1.1.1", "other versions than 6",
	  "A packet of another version is not taken for IPv6, and does no harm.",
	  "RFC 8200 section 3", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, version },
	{ "v6lc.1.1.2", "traffic class, received",
	  "A traffic class is no reason to refuse a packet, and is not reflected without a use.",
	  "RFC 8200 section 7", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, class_end },
	{ "v6lc.1.1.3", "traffic class, forwarded",
	  "A router that has no use for the traffic class passes it on as it is.",
	  "RFC 8200 section 7", LEVEL_SHOULD, NUT_ROUTER, NUT_CAN_FORWARD | NUT_CAN_ADDR, NS_PER_S,
	  class_through },
	{ "v6lc.1.1.4.a", "flow label, received",
	  "A flow label is no reason to refuse a packet; the answer has none, or one of its own.",
	  "RFC 6437 section 3", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, flow_end },
	{ "v6lc.1.1.4.b", "flow label, forwarded",
	  "A flow label reaches the destination unchanged.", "RFC 6437 section 2", LEVEL_MUST,
	  NUT_ROUTER, NUT_CAN_FORWARD | NUT_CAN_ADDR, NS_PER_S, flow_through },
	{ "v6lc.1.1.5.a", "odd payload length, received",
	  "A payload may have any number of octets.", "RFC 8200 section 3", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, length_odd },
	{ "v6lc.1.1.5.b", "odd payload length, forwarded",
	  "A payload may have any number of octets, for a router too.", "RFC 8200 section 3",
	  LEVEL_MUST, NUT_ROUTER, NUT_CAN_FORWARD | NUT_CAN_ADDR, NS_PER_S, length_odd_through },
	{ "v6lc.1.1.5.c", "even payload length, received",
	  "A payload may have an even number of octets that is no multiple of eight.",
	  "RFC 8200 section 3", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, length_even },
	{ "v6lc.1.1.6.a", "no next header, received",
	  "What follows a header that announces nothing is ignored.", "RFC 8200 section 4.7",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, none_end },
	{ "v6lc.1.1.6.b", "no next header, forwarded",
	  "What follows a header that announces nothing is passed on unchanged.",
	  "RFC 8200 section 4.7", LEVEL_MUST, NUT_ROUTER, NUT_CAN_FORWARD | NUT_CAN_ADDR, NS_PER_S,
	  none_through },
	{ "v6lc.1.1.7.a", "unknown next header",
	  "Each unknown next header is answered by a Parameter Problem that points at it.",
	  "RFC 8200 section 4", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, next_unknown },
	{ "v6lc.1.1.7.b", "unexpected next header",
	  "A header is read as what the one before it says, not as what it looks like.",
	  "RFC 8200 section 4", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, next_unexpected },
	{ "v6lc.1.1.8", "hop limit of zero at the destination",
	  "Who has reached the destination needs no more hops; the answer has its own hop limit.",
	  "RFC 8200 section 3", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, hops_zero },
	{ "v6lc.1.1.9", "hop limit, forwarded", "A router takes one hop off.", "RFC 8200 section 3",
	  LEVEL_MUST, NUT_ROUTER, NUT_CAN_FORWARD | NUT_CAN_ADDR, NS_PER_S, hops_through },
	{ "v6lc.1.1.10.a", "forwarding to a global address",
	  "A packet to a node on another link is forwarded there.", "RFC 4291 section 2.5.4",
	  LEVEL_MUST, NUT_ROUTER, ROUTES, NS_PER_S, to_global },
	{ "v6lc.1.1.10.b", "forwarding to a prefix that ends in zeros",
	  "Zeros in a prefix mean nothing special.", "RFC 4291 section 2.1", LEVEL_MUST, NUT_ROUTER,
	  ROUTES, NS_PER_S, to_zeros },
	{ "v6lc.1.1.10.c", "no forwarding from the unspecified address",
	  "A router forwards nothing that has no source.", "RFC 4291 section 2.5.2", LEVEL_MUST,
	  NUT_ROUTER, ROUTES, NS_PER_S, from_unspecified },
	{ "v6lc.1.1.10.d", "no forwarding to the loopback address",
	  "The loopback address never leaves a node.", "RFC 4291 section 2.5.3", LEVEL_MUST,
	  NUT_ROUTER, ROUTES, NS_PER_S, to_loopback },
	{ "v6lc.1.1.10.e", "no forwarding from a link-local address",
	  "A link-local source stays on its link.", "RFC 4291 section 2.5.6", LEVEL_MUST,
	  NUT_ROUTER, ROUTES, NS_PER_S, from_link_local },
	{ "v6lc.1.1.10.f", "no forwarding to a link-local address",
	  "A link-local destination is not looked for on another link.", "RFC 4291 section 2.5.6",
	  LEVEL_MUST, NUT_ROUTER, ROUTES, NS_PER_S, to_link_local },
	{ "v6lc.1.1.10.g", "forwarding to a site-local address",
	  "The deprecated site-local prefix is treated as global unicast.",
	  "RFC 4291 section 2.5.7", LEVEL_MUST, NUT_ROUTER, ROUTES, NS_PER_S, to_site_local },
	{ "v6lc.1.1.10.h", "forwarding to a global group",
	  "A group of global scope reaches a listener on another link.", "RFC 4291 section 2.7",
	  LEVEL_MUST, NUT_ROUTER, ROUTES_GROUPS, NS_PER_S, to_group_global },
	{ "v6lc.1.1.10.i", "no forwarding to a link-local group",
	  "A group of link-local scope stays on its link.", "RFC 4291 section 2.7", LEVEL_MUST,
	  NUT_ROUTER, ROUTES_GROUPS, NS_PER_S, to_group_link_local },
	{ "v6lc.1.1.10.j", "no forwarding to a group of scope 0",
	  "The reserved scope 0 is silently dropped.", "RFC 4291 section 2.7", LEVEL_MUST,
	  NUT_ROUTER, ROUTES_GROUPS, NS_PER_S, to_group_scope_0 },
	{ "v6lc.1.1.10.k", "forwarding to a group of scope F",
	  "The reserved scope F is treated as global.", "RFC 4291 section 2.7", LEVEL_MUST,
	  NUT_ROUTER, ROUTES_GROUPS, NS_PER_S, to_group_scope_f },
};

const struct suite suite_rfc8200_header = {
	.name = "rfc8200-header",
	.title = "the IPv6 header",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
