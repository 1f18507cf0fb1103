/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is on the link, RFC 5942: prefixes and addresses that somebody said to be, and nothing else.
 * Test 2.1.1 to 2.1.4 of the core specification (rfc4861_resolution.c) has the plain cases; here is
 * what a host may be tempted to conclude from something else.
 */
#include "conform/message.h"
#include "nd/opt.h"

#define PREFIX_LEN 64
#define DAD_FOR	   (3 * NS_PER_S)

static const struct ip6_addr shorter = { { 0x20, 0x01, 0x0d, 0xb8 } };
static const struct ip6_addr far_node = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };

static void advertise(struct tester *t, uint16_t router_s, const struct ip6_addr *prefix,
		      unsigned len, uint8_t flags, uint32_t valid_s)
{
	struct pv adv = ra(t, TR1, router_s, 0);

	option_lla(t, &adv, ND_OPT_SLLA, &t->st[TR1].mac);
	option_prefix(t, &adv, prefix, len, flags, valid_s, valid_s);
	tx(t, TR1, &adv);
}

/* An echo request from @src by way of TN1; the answer goes to @to. */
static void goes(struct tester *t, struct ip6_addr src, enum station_id to)
{
	struct pv echo = echo_to(t, TN1, nut_global(t, TN1)), reply;

	echo.src = IS_ADDR(src);
	reply = reply_to(tx(t, TN1, &echo));
	reply.eth_dst = IS_MAC(t->st[to].mac);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void prefix_of_address(struct tester *t)
{
	advertise(t, 1800, &prefix_b, PREFIX_LEN, PIO_AUTO, 9000);
	settle(t, DAD_FOR, 1);
	goes(t, t->st[TN1].global, TR1);
}

static void no_length(struct tester *t)
{
	struct ip6_addr a = prefix_b;

	advertise(t, 1800, &far_node, PREFIX_LEN, 0, 9000);
	a.b[15] = 0xfe;
	must_do(t,
		t->nut->ops->addr == NULL ? -EOPNOTSUPP
					  : t->nut->ops->addr(t->nut, LINK_B, &a, IP6_ADDR_BITS),
		"a configured address");
	t->global[LINK_B] = a;
	settle(t, DAD_FOR, 1);
	goes(t, t->st[TN1].global, TR1);
}

/* The address lives on for two hours (RFC 4862 section 5.5.3), its prefix does not. */
static void taken_back(struct tester *t)
{
	advertise(t, 1800, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 9000);
	settle(t, DAD_FOR, 1);
	goes(t, t->st[TN1].global, TN1);
	advertise(t, 1800, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 0);
	goes(t, t->st[TN1].global, TR1);
}

static void covered_twice(struct tester *t)
{
	advertise(t, 1800, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 9000);
	advertise(t, 1800, &shorter, 32, PIO_ON_LINK, 9000);
	settle(t, DAD_FOR, 1);
	goes(t, t->st[TN1].global, TN1);
	advertise(t, 1800, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 0);
	goes(t, t->st[TN1].global, TN1);
	advertise(t, 1800, &shorter, 32, PIO_ON_LINK, 0);
	goes(t, t->st[TN1].global, TR1);
}

/* The device pings somebody who is nowhere: nothing is sent for it, not even a question. */
static void sends_nothing(struct tester *t)
{
	struct pv ask = { .kind = PV_ICMP6,
			  .type = IS(ICMP6_NS),
			  .begin = IS_OCTETS(far_node.b, IP6_ADDR_OCTETS) };
	struct pv sent = { .dst = IS_ADDR(far_node) };

	ping(t, TN1);
	from_now(t);
	(void)t->nut->ops->ping(t->nut, LINK_B, &far_node, 8); /* it may refuse: that is right */
	silence(t, SILENCE_FOR, &ask);
	silence(t, SILENCE_FOR, &sent);
}

static void no_router(struct tester *t)
{
	sends_nothing(t);
}

/* It has a prefix on the link and an address, but no router. */
static void no_router_but_prefix(struct tester *t)
{
	advertise(t, 0, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 9000);
	settle(t, DAD_FOR, 1);
	goes(t, t->st[TN1].global, TN1);
	sends_nothing(t);
}

/* TN1 says that it is @far_node, which belongs behind TR1. */
static void heard_of(struct tester *t, const struct pv *pv)
{
	setup_1(t, 1);
	goes(t, far_node, TR1);
	tx(t, TN1, pv);
	goes(t, far_node, TR1);
}

static void heard_asking(struct tester *t)
{
	struct pv ask = ns(t, TN1, nut_lla(t, TN1), &t->st[TN1].mac);

	ask.src = IS_ADDR(far_node);
	heard_of(t, &ask);
}

static void heard_telling(struct tester *t)
{
	struct pv tell = na(t, TN1, far_node, all_nodes, NA_OVERRIDE, &t->st[TN1].mac);

	tell.src = IS_ADDR(far_node);
	heard_of(t, &tell);
}

#define PART(id, title, purpose, section, level, needs, fn)                                        \
	{                                                                                          \
		"rfc5942." id, title, purpose, "RFC 5942 section " section, level, NUT_HOST,       \
			needs, NS_PER_S, fn                                                        \
	}

static const struct part parts[] = {
	PART("3.3.a", "a solicitation from far",
	     "Whose solicitation is heard is a neighbor, but its address is not on the link.",
	     "3, point 3", LEVEL_MUST, 0, heard_asking),
	PART("3.3.b", "an advertisement of far",
	     "Who is advertised here is not on the link for that.", "3, point 3", LEVEL_MUST, 0,
	     heard_telling),
	PART("4.1.a", "an address of a prefix that is not on link",
	     "That the device has an address of a prefix does not put the prefix on the link.",
	     "4, rule 1", LEVEL_MUST, 0, prefix_of_address),
	PART("4.1.b", "an address without a prefix",
	     "For a configured address no prefix length is invented.", "4, rule 1 and section 5",
	     LEVEL_MUST, NUT_CAN_ADDR, no_length),
	PART("4.2.a", "a prefix that ends",
	     "When its valid lifetime is over what it covers is reached by a router, even if the "
	     "device has an address of it.",
	     "4, rule 2", LEVEL_MUST, 0, taken_back),
	PART("4.3.a", "a prefix that ends within another",
	     "A destination that another prefix covers stays on the link.", "4, rule 3", LEVEL_MUST,
	     0, covered_twice),
	PART("4.4.a", "no router",
	     "Without a router nothing is on the link but what was said to be.", "4, rule 4",
	     LEVEL_MUST, NUT_CAN_PING, no_router),
	PART("4.4.b", "no router, but a prefix",
	     "A prefix on the link makes nothing else be there.", "4, rule 4", LEVEL_MUST,
	     NUT_CAN_PING, no_router_but_prefix),
};

const struct suite suite_rfc5942 = {
	.name = "rfc5942",
	.title = "what is on the link",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
