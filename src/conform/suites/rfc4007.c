/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scoped addresses, RFC 4007 and RFC 4291 section 2: link A and link B are zones of their own for
 * link-local addresses, and nothing of a zone leaves it. What a single packet from one link shows is in
 * rfc8200_header.c (v6lc.1.1.10) and robust_rfc8200.c (robust.4007 and robust.4291) already.
 *
 * That groups of admin-local scope and more stop at a boundary is not here: a device cannot be
 * told where one is. Section 9's rule for routing headers has no subject left (RFC 5095).
 */
#include "conform/suites/robust.h"

#define FAR "2001:db8:c::1"

static const struct pv any_request = { .kind = PV_ICMP6, .type = { true, ICMP6_ECHO_REQUEST } };

static struct ip6_addr addr_of(struct tester *t, const char *text)
{
	struct ip6_addr a;

	if (ip6_parse(text, &a) < 0)
		tester_error(t, "\"%s\" is no address", text);
	return a;
}

/* @echo is answered by @from's link, to @from itself, and nothing comes by the other link. */
static void answered_there(struct tester *t, enum station_id from, const struct pv *echo)
{
	struct pv reply = reply_to(tx(t, from, echo));

	reply.eth_dst = IS_MAC(t->st[from].mac);
	expect(t, t->st[from].link, REPLY_WITHIN, &reply);
	silence(t, NS_PER_S, NULL);
}

/*
 * Section 5: the same address in two zones.
 */

static void own_address_twice(struct tester *t)
{
	static const enum station_id near[] = { TN1, TN2, TN1 };

	setup_addr(t, LINK_A, "fe80::fe");
	setup_addr(t, LINK_B, "fe80::fe");
	for (size_t i = 0; i < ARRAY_LEN(near); i++) {
		struct pv echo = echo_to(t, near[i], addr_of(t, "fe80::fe"));

		answered_there(t, near[i], &echo);
	}
}

/* TN1's link-local address, on link A, is TN2's. */
static void neighbor_twice(struct tester *t)
{
	static const enum station_id near[] = { TN1, TN2, TN1 };

	t->st[TN2].extra = t->st[TN1].lla;
	for (size_t i = 0; i < ARRAY_LEN(near); i++) {
		struct pv echo = echo_to(t, near[i], nut_lla(t, near[i]));

		echo.src = IS_ADDR(t->st[TN1].lla);
		answered_there(t, near[i], &echo);
	}
}

static struct pv any_answer_for(const struct ip6_addr *a)
{
	struct pv pv = any_na;

	pv.begin = IS_OCTETS(a->b, sizeof(a->b));
	return pv;
}

/* On its own link the device answers for @a, on link B it does not. */
static void solicited_in_zone(struct tester *t, const struct ip6_addr *a, bool probe)
{
	struct pv bad = ns(t, TN1, *a, probe ? NULL : &t->st[TN1].mac), answer = any_answer_for(a);
	struct pv good = ns(t, TN2, *a, probe ? NULL : &t->st[TN2].mac);

	bad.src = IS_ADDR(probe ? IP6_UNSPEC : t->st[TN1].lla);
	good.src = IS_ADDR(probe ? IP6_UNSPEC : t->st[TN2].lla);
	alive(t);
	tx(t, TN1, &bad);
	silence(t, SILENCE_FOR, &answer);
	if (!probe) { /* it need not listen to the group there; so to itself */
		bad.dst = IS_ADDR(nut_lla(t, TN1));
		tx(t, TN1, &bad);
		silence(t, SILENCE_FOR, &answer);
	}
	tx(t, TN2, &good);
	expect(t, LINK_A, REPLY_WITHIN, &answer);
}

static void solicited_local(struct tester *t)
{
	struct ip6_addr a = nut_lla(t, TN2);

	solicited_in_zone(t, &a, false);
}

static void probed_local(struct tester *t)
{
	struct ip6_addr a = nut_lla(t, TN2);

	solicited_in_zone(t, &a, true);
}

static void solicited_global(struct tester *t)
{
	struct ip6_addr a;

	setup_router(t);
	a = nut_global(t, TN2);
	solicited_in_zone(t, &a, false);
}

/* Who answers no group at all passes robust.4291.2.7.b by a SKIP, and this one. */
static void all_nodes_of_each(struct tester *t)
{
	static const enum station_id near[] = { TN1, TN2 };

	for (size_t i = 0; i < ARRAY_LEN(near); i++) {
		struct pv echo = echo_to(t, near[i], all_nodes), reply;

		echo.src = IS_ADDR(t->st[near[i]].lla);
		reply = reply_to(tx(t, near[i], &echo));
		reply.src.set = false;
		if (!came(t, REPLY_WITHIN, &reply))
			tester_skip(t, "the device answers no echo request to a group (RFC 4443 "
				       "section 4.2: SHOULD), so there is nothing to see");
		reply.src = IS_ADDR(nut_lla(t, near[i]));
		reply.eth_dst = IS_MAC(t->st[near[i]].mac);
		expect(t, t->st[near[i]].link, REPLY_WITHIN, &reply);
		silence(t, NS_PER_S, NULL);
	}
}

/*
 * Section 9: forwarding.
 */

/* From link A; robust.4007.9.a has the other direction. */
static void out_of_zone(struct tester *t)
{
	struct pv echo, error;

	setup_router(t);
	ping(t, TN2);
	echo = echo_to(t, TN2, t->st[TN1].global);
	echo.src = IS_ADDR(t->st[TN2].lla);
	error = error_about(tx(t, TN2, &echo), ICMP6_UNREACH, ICMP6_UNREACH_SCOPE, 0);
	error.data.set = false;
	expect(t, LINK_A, REPLY_WITHIN, &error);
	silence(t, SILENCE_FOR, &any_request);
}

/* @pv of TN1's comes back out of link B, to TR1. */
static void turns_to_tr1(struct tester *t, const struct pv *pv)
{
	struct pv want = forwarded(tx(t, TN1, pv));

	want.eth_dst = IS_MAC(t->st[TR1].mac);
	want.tclass.set = want.flow.set = false;
	expect(t, LINK_B, REPLY_WITHIN, &want);
}

static void source_stays_in_zone(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	default_route(t);
	echo = echo_to(t, TN1, addr_of(t, FAR));
	echo.src = IS_ADDR(t->st[TN1].lla);
	turns_to_tr1(t, &echo);
}

static void destination_in_zone(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	ping(t, TN1);
	echo = echo_to(t, TN1, t->st[TR1].lla);
	turns_to_tr1(t, &echo);
}

/* TN1 listens to @group (RFC 3810 section 5.2: "changes to exclude nothing"), TN2 is a source. */
static struct pv echo_to_group(struct tester *t, const char *group)
{
	static const uint8_t alert[] = { 5, 2, 0, 0, 1, 0 }; /* RFC 2711, padding */
	uint8_t *record = octets(t, 4 + IP6_ADDR_OCTETS);
	struct ip6_addr a = addr_of(t, group);
	struct pv report = { .src = IS_ADDR(t->st[TN1].lla),
			     .dst = IS_ADDR(addr_of(t, "ff02::16")),
			     .hop_limit = IS(1),
			     .kind = PV_ICMP6,
			     .type = IS(ICMP6_MLD2_REPORT),
			     .param = IS(1) };

	record[0] = 4;
	memcpy(record + 4, a.b, IP6_ADDR_OCTETS);
	report.data = IS_OCTETS(record, 4 + IP6_ADDR_OCTETS);
	report = with_options(report, IP6_NH_HBH, alert, sizeof(alert));
	setup_mroute(t, LINK_A, group, LINK_B);
	tx(t, TN1, &report);
	pause_for(t, NS_PER_S);
	return echo_to(t, TN2, a);
}

static void group_of_interface(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	echo = echo_to_group(t, "ff11::1:2");
	ping(t, TN2);
	tx(t, TN2, &echo);
	silence(t, SILENCE_FOR, &any_request);
}

static void groups_beyond_links(struct tester *t)
{
	static const char *const groups[] = { "ff14::1:2", "ff15::1:2", "ff18::1:2", "ff1e::1:2" };

	setup_router(t);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		struct pv echo = echo_to_group(t, groups[i]);
		struct pv want = forwarded(tx(t, TN2, &echo));

		expect(t, LINK_B, REPLY_WITHIN, &want);
	}
}

/* It is discarded without a word: errors are for unicast destinations. */
static void local_source_to_group(struct tester *t)
{
	struct pv echo, want;

	setup_router(t);
	echo = echo_to_group(t, "ff1e::1:2");
	want = forwarded(tx(t, TN2, &echo));
	expect(t, LINK_B, REPLY_WITHIN, &want);
	echo.src = IS_ADDR(t->st[TN2].lla);
	tx(t, TN2, &echo);
	silence(t, SILENCE_FOR, NULL);
}

/* Section 10: TR1's link-local address, the next hop, is on link A too, and known there. */
static void next_hop_in_zone(struct tester *t)
{
	struct pv echo, want;

	setup_router(t);
	default_route(t);
	t->st[TN2].extra = t->st[TR1].lla;
	echo = echo_to(t, TN2, nut_lla(t, TN2));
	echo.src = IS_ADDR(t->st[TN2].extra);
	answered_there(t, TN2, &echo);
	echo = echo_to(t, TN2, addr_of(t, FAR));
	want = forwarded(tx(t, TN2, &echo));
	want.eth_dst = IS_MAC(t->st[TR1].mac);
	want.tclass.set = want.flow.set = false;
	expect(t, LINK_B, REPLY_WITHIN, &want);
}

/*
 * RFC 4291: addresses that stay within a node, or name no one sender.
 */

/* TN1's packet to TN2 goes through; from @src it does not. */
static void not_passed_from(struct tester *t, const char *src)
{
	struct pv echo, want;

	setup_router(t);
	echo = echo_to(t, TN1, t->st[TN2].global);
	want = forwarded(tx(t, TN1, &echo));
	want.tclass.set = want.flow.set = false;
	expect(t, LINK_A, REPLY_WITHIN, &want);
	echo.src = IS_ADDR(addr_of(t, src));
	tx(t, TN1, &echo);
	silence(t, SILENCE_FOR, NULL);
}

static void loopback_through(struct tester *t)
{
	not_passed_from(t, "::1");
}

static void group_through(struct tester *t)
{
	not_passed_from(t, "ff1e::1:2");
}

/* The device is told to ping @good, which is seen, and @dst, of which nothing may be seen. */
static void never_sent_to(struct tester *t, const char *good, const char *dst)
{
	struct ip6_addr to = addr_of(t, good), not_to = addr_of(t, dst);
	struct pv seen = any_request;

	seen.dst = IS_ADDR(to);
	device_ping(t, LINK_B, &to, 8);
	expect(t, LINK_B, REPLY_WITHIN, &seen);
	from_now(t);
	(void)t->nut->ops->ping(t->nut, LINK_B, &not_to, 8); /* it may refuse */
	silence(t, SILENCE_FOR, &any_request);
}

static void loopback_sent(struct tester *t)
{
	never_sent_to(t, "fe80::1", "::1");
}

static void interface_sent(struct tester *t)
{
	never_sent_to(t, "ff12::1:2", "ff11::1:2");
}

static void scope_0_sent(struct tester *t)
{
	never_sent_to(t, "ff12::1:2", "ff10::1:2");
}

#define NUMBERED (NUT_CAN_ADDR)
#define ROUTES	 (NUT_CAN_ADDR | NUT_CAN_FORWARD)
#define DEFAULT	 (ROUTES | NUT_CAN_ROUTE)
#define GROUPS	 (ROUTES | NUT_MCAST_ROUTING)

static const struct part parts[] = {
	{ "rfc4007.5.a", "one link-local address on two links",
	  "The device has it on both, and each is a different one.", "RFC 4007 section 5",
	  LEVEL_MUST, NUT_ROUTER, NUMBERED, NS_PER_S, own_address_twice },
	{ "rfc4007.5.b", "neighbors with one link-local address",
	  "Two nodes, on two links, have the same; each is answered where it is.",
	  "RFC 4007 section 5", LEVEL_MUST, NUT_ROUTER, 0, NS_PER_S, neighbor_twice },
	{ "rfc4007.5.c", "solicitation for the other link's link-local address",
	  "On this link the device does not have it.", "RFC 4861 section 7.2.3", LEVEL_MUST,
	  NUT_ROUTER, 0, NS_PER_S, solicited_local },
	{ "rfc4007.5.d", "probe for the other link's link-local address",
	  "Whoever wants to have it here may.", "RFC 4862 section 5.4.3", LEVEL_MUST, NUT_ROUTER, 0,
	  NS_PER_S, probed_local },
	{ "rfc4007.5.e", "solicitation for the other link's global address",
	  "The device answers for the receiving interface's addresses.", "RFC 4861 section 7.2.3",
	  LEVEL_MUST, NUT_ROUTER, ROUTES, NS_PER_S, solicited_global },
	{ "rfc4007.5.f", "all nodes of each link",
	  "Who asks all nodes of a link is answered there, from the link-local address of that link.",
	  "RFC 4007 section 5", LEVEL_SHOULD, NUT_ROUTER, 0, NS_PER_S, all_nodes_of_each },
	{ "rfc4007.9.a", "link-local source that would leave link A",
	  "The packet is discarded, and its sender told so.", "RFC 4007 section 9", LEVEL_MUST,
	  NUT_ROUTER, ROUTES, NS_PER_S, out_of_zone },
	{ "rfc4007.9.b", "link-local source that stays on its link",
	  "What goes back to the link that it came from leaves no zone.", "RFC 4007 section 9",
	  LEVEL_SHOULD, NUT_ROUTER, DEFAULT, NS_PER_S, source_stays_in_zone },
	{ "rfc4007.9.c", "somebody else's link-local destination",
	  "The router tries to pass the packet on to its destination on that link.",
	  "RFC 4007 section 9", LEVEL_SHOULD, NUT_ROUTER, ROUTES, NS_PER_S, destination_in_zone },
	{ "rfc4007.9.d", "group of interface-local scope", "No route makes it pass.",
	  "RFC 4291 section 2.7", LEVEL_MUST, NUT_ROUTER, GROUPS, NS_PER_S, group_of_interface },
	{ "rfc4007.9.e", "groups of larger scopes than a link",
	  "Where no boundary is configured they pass.", "RFC 4007 section 5", LEVEL_SHOULD,
	  NUT_ROUTER, GROUPS, NS_PER_S, groups_beyond_links },
	{ "rfc4007.9.f", "link-local source to a global group",
	  "The packet does not leave its source's zone; nobody is told.", "RFC 4007 section 9",
	  LEVEL_MUST, NUT_ROUTER, GROUPS, NS_PER_S, local_source_to_group },
	{ "rfc4007.10.a", "next hop by its link-local address",
	  "It is the node of that address on the link that the route names.", "RFC 4007 section 10",
	  LEVEL_MUST, NUT_ROUTER, DEFAULT, NS_PER_S, next_hop_in_zone },
	{ "rfc4291.2.5.3.a", "loopback source, through a router",
	  "It may be no packet's source outside of a node.", "RFC 4291 section 2.5.3", LEVEL_MUST,
	  NUT_ROUTER, ROUTES, NS_PER_S, loopback_through },
	{ "rfc4291.2.5.3.b", "ping of the loopback address", "It never leaves the device.",
	  "RFC 4291 section 2.5.3", LEVEL_MUST, NUT_BOTH, NUT_CAN_PING, NS_PER_S, loopback_sent },
	{ "rfc4291.2.7.a", "group as a source, through a router", "A group sends nothing.",
	  "RFC 4291 section 2.7", LEVEL_MUST, NUT_ROUTER, ROUTES, NS_PER_S, group_through },
	{ "rfc4291.2.7.b", "ping of an interface-local group", "It never leaves the device.",
	  "RFC 4291 section 2.7", LEVEL_MUST, NUT_BOTH, NUT_CAN_PING, NS_PER_S, interface_sent },
	{ "rfc4291.2.7.c", "ping of a group of scope 0", "Nothing is sent to the reserved scope.",
	  "RFC 4291 section 2.7", LEVEL_MUST, NUT_BOTH, NUT_CAN_PING, NS_PER_S, scope_0_sent },
};

const struct suite suite_rfc4007 = { "rfc4007", "Scoped addresses (RFC 4007)", parts,
				     ARRAY_LEN(parts) };
