/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routers at a customer's edge, RFC 7084, as far as it asks more of forwarding and Neighbor
 * Discovery than the RFCs of the core do: link B is the WAN, link A a LAN. What it says of prefixes
 * depends on delegation (RFC 8415), and is not here.
 */
#include "conform/suites/robust.h"

static const struct ip6_addr lan_addr = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0a, [15] = 0xfe } };

/* The WAN has no address but the link-local one. */
static void number_lan(struct tester *t)
{
	setup_addr(t, LINK_A, "2001:db8:a::fe");
	default_route(t);
}

static void sends_from_lan(struct tester *t)
{
	struct pv want = { .src = IS_ADDR(lan_addr),
			   .dst = IS_ADDR(far),
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_ECHO_REQUEST) };

	number_lan(t);
	must_do(t, t->nut->ops->ping(t->nut, LINK_B, &far, 8), "a ping");
	expect(t, LINK_B, REPLY_WITHIN, &want);
}

static void answers_for_lan(struct tester *t)
{
	struct pv echo, reply;

	number_lan(t);
	echo = echo_to(t, TR1, lan_addr);
	echo.src = IS_ADDR(far);
	reply = reply_to(tx(t, TR1, &echo));
	reply.eth_dst = IS_MAC(t->st[TR1].mac);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

/* Somebody's packet that cannot go on is told so from the LAN's address, too. */
static void complains_from_lan(struct tester *t)
{
	struct pv echo, error;

	number_lan(t);
	echo = echo_to(t, TR1, t->st[TN2].global);
	echo.src = IS_ADDR(far);
	echo.hop_limit = IS(1);
	error = error_about(tx(t, TR1, &echo), ICMP6_TIME_EXCEEDED, ICMP6_TIME_HOP_LIMIT, 0);
	error.src = IS_ADDR(lan_addr);
	error.data.set = error.param.set = false;
	expect(t, LINK_B, REPLY_WITHIN, &error);
}

#define EDGE (NUT_CAN_ADDR | NUT_CAN_ROUTE | NUT_CAN_FORWARD)

static const struct part parts[] = {
	{ "rfc7084.4.2.a", "WAN without a global address, a packet sent",
	  "Its source is the address of another interface.", "RFC 7084 section 4.2, WAA-9",
	  LEVEL_MUST, NUT_ROUTER, EDGE | NUT_CAN_PING, NS_PER_S, sends_from_lan },
	{ "rfc7084.4.2.b", "WAN without a global address, a packet received",
	  "One for the address of another interface is answered.", "RFC 7084 section 4.2, WAA-9",
	  LEVEL_MUST, NUT_ROUTER, EDGE, NS_PER_S, answers_for_lan },
	{ "rfc7084.4.2.c", "WAN without a global address, an error",
	  "It comes from an address that its receiver can answer.", "RFC 7084 section 4.2, WAA-9",
	  LEVEL_MUST, NUT_ROUTER, EDGE, NS_PER_S, complains_from_lan },
};

const struct suite suite_rfc7084 = { "rfc7084", "Customer edge routers (RFC 7084)", parts,
				     ARRAY_LEN(parts) };
