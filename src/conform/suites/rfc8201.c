/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Path MTU discovery: group 4 of the core specification 4.0.7, which cites RFC 1981, by RFC 8201.
 * Where the specification has TR1 forward what TN2 and TN3 send, their addresses here are of
 * networks behind TR1, so that the parts mean the same for a router under test.
 */
#include "conform/message.h"
#include "conform/whole.h"

#define LINK_MTU  1500
#define ECHO_HDRS (IP6_HDR_OCTETS + 8)
#define QUOTE_MAX (1280 - ECHO_HDRS)

static const struct ip6_addr tn2 = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };
static const struct ip6_addr tn3 = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0d, [15] = 3 } };
static const struct ip6_addr group = { { 0xff, 0x1e, [13] = 1, [15] = 2 } };

/* An echo request of @octets as a packet from @from, who is @src, to the device's @dst. */
static struct pv echo_of(struct tester *t, enum station_id from, struct ip6_addr src,
			 struct ip6_addr dst, size_t octets_in_all)
{
	struct pv echo = echo_to(t, from, dst);
	uint8_t *data = octets(t, octets_in_all - ECHO_HDRS);

	for (size_t i = 0; i < octets_in_all - ECHO_HDRS; i++)
		data[i] = (uint8_t)(i * 7);
	echo.src = IS_ADDR(src);
	echo.data = IS_OCTETS(data, octets_in_all - ECHO_HDRS);
	return echo;
}

/* It is answered, in packets of at most @max octets. Return: the answer's largest. */
static const struct seen *answered(struct tester *t, enum station_id from, const struct pv *echo,
				   uint32_t max)
{
	struct pv reply;

	if (echo->data.n + ECHO_HDRS <= LINK_MTU)
		reply = reply_to(tx(t, from, echo));
	else
		tester_error(t, "an echo request larger than the link");
	reply.eth_dst = IS_MAC(t->st[from].mac);
	return expect_whole(t, t->st[from].link, REPLY_WITHIN, &reply, max);
}

/* TR1 forwards an echo request of 1,500 octets; the answer's packets are no larger than @max. */
static const struct seen *afar(struct tester *t, struct ip6_addr src, uint32_t max)
{
	struct pv echo = echo_of(t, TR1, src, nut_global(t, TR1), LINK_MTU);

	return answered(t, TR1, &echo, max);
}

/* Packet Too Big from @router about @about, as RFC 4443 section 3.2 has it: to who sent that. */
static void too_big(struct tester *t, enum station_id router, const struct seen *about,
		    uint32_t mtu, uint8_t code)
{
	size_t quoted = MIN(about->n - ETH_HDR_OCTETS, (size_t)QUOTE_MAX);
	struct pv error = { .src = IS_ADDR(t->st[router].lla),
			    .dst = about->pv.src,
			    .hop_limit = IS(255),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_TOO_BIG),
			    .code = IS(code),
			    .param = IS(mtu),
			    .data = IS_OCTETS(about->octets + ETH_HDR_OCTETS, quoted) };

	tx(t, router, &error);
}

static void confirm(struct tester *t, size_t size)
{
	struct pv echo;

	setup_1(t, 1);
	echo = echo_of(t, TR1, tn2, nut_global(t, TR1), size);
	if (answered(t, TR1, &echo, LINK_MTU)->n - ETH_HDR_OCTETS != size)
		tester_fail(t, "the answer is not of the size of the request, %zu octets", size);
}

static void confirm_64(struct tester *t)
{
	confirm(t, 64);
}

static void confirm_1280(struct tester *t)
{
	confirm(t, 1280);
}

static void confirm_1500(struct tester *t)
{
	confirm(t, 1500);
}

static void three_answers(struct tester *t, uint32_t to_tn2, uint32_t to_tn3,
			  const struct seen **about_tn2, const struct seen **about_tn3)
{
	struct pv near = echo_of(t, TN1, t->st[TN1].global, nut_global(t, TN1), LINK_MTU);

	answered(t, TN1, &near, LINK_MTU);
	*about_tn2 = afar(t, tn2, to_tn2);
	*about_tn3 = afar(t, tn3, to_tn3);
}

static void stored(struct tester *t)
{
	const struct seen *about_tn2, *about_tn3;

	setup_1(t, 1);
	three_answers(t, LINK_MTU, LINK_MTU, &about_tn2, &about_tn3);
	too_big(t, TR1, about_tn2, 1400, 0);
	three_answers(t, 1400, LINK_MTU, &about_tn2, &about_tn3);
	too_big(t, TR1, about_tn3, 1280, 0);
	three_answers(t, 1400, 1280, &about_tn2, &about_tn3);
}

static void code_255(struct tester *t)
{
	setup_1(t, 1);
	too_big(t, TR1, afar(t, tn2, LINK_MTU), 1280, 255);
	afar(t, tn2, 1280);
}

static void on_link_from(struct tester *t, struct ip6_addr src, struct ip6_addr dst)
{
	struct pv echo = echo_of(t, TR1, src, dst, LINK_MTU), again, reply;

	too_big(t, TR1, answered(t, TR1, &echo, LINK_MTU), 1280, 0);
	again = echo_of(t, TR1, src, dst, LINK_MTU);
	tx_pieces(t, TR1, &again, 1280);
	reply = (struct pv){ .src = IS_ADDR(dst),
			     .dst = IS_ADDR(src),
			     .kind = PV_ICMP6,
			     .type = IS(ICMP6_ECHO_REPLY),
			     .id = again.id,
			     .seq = again.seq,
			     .data = again.data };
	expect_whole(t, LINK_B, REPLY_WITHIN, &reply, 1280);
}

static void on_link(struct tester *t)
{
	setup_1(t, 1);
	on_link_from(t, t->st[TR1].lla, nut_lla(t, TR1));
	on_link_from(t, t->st[TR1].global, nut_global(t, TR1));
}

static void off_link(struct tester *t)
{
	const struct seen *about;

	setup_1(t, 1);
	too_big(t, TR1, afar(t, tn2, LINK_MTU), 1400, 0);
	about = afar(t, tn2, 1400);
	too_big(t, TR1, about, 1280, 0);
	afar(t, tn2, 1280);
}

/* RFC 8201 section 4: discarded. So no fragment header either, as RFC 2460 section 5 had it. */
static void below(struct tester *t, uint32_t mtu)
{
	struct pv echo;

	setup_1(t, 1);
	echo = echo_of(t, TR1, tn2, nut_global(t, TR1), 1280);
	too_big(t, TR1, answered(t, TR1, &echo, LINK_MTU), mtu, 0);
	echo = echo_of(t, TR1, tn2, nut_global(t, TR1), 1280);
	if (answered(t, TR1, &echo, LINK_MTU)->n != ETH_HDR_OCTETS + 1280)
		tester_fail(t, "a Packet Too Big with an MTU of %u was believed", (unsigned)mtu);
}

static void below_56(struct tester *t)
{
	below(t, 56);
}

static void below_1279(struct tester *t)
{
	below(t, 1279);
}

/* The second error quotes the first answer: it is about something that was sent, and large. */
static void no_increase(struct tester *t, uint32_t mtu)
{
	const struct seen *first;

	setup_1(t, 1);
	first = afar(t, tn2, LINK_MTU);
	too_big(t, TR1, first, 1304, 0);
	afar(t, tn2, 1304);
	too_big(t, TR1, first, mtu, 0);
	afar(t, tn2, 1304);
}

static void no_increase_1500(struct tester *t)
{
	no_increase(t, 1500);
}

static void no_increase_huge(struct tester *t)
{
	no_increase(t, 0x1fffffff);
}

static void advertised(struct tester *t)
{
	struct pv echo, reply, adv;

	setup_1(t, 1);
	afar(t, tn2, LINK_MTU);
	adv = ra(t, TR1, 9000, 0);
	option_prefix(t, &adv, &prefix_b, 64, PIO_ON_LINK | PIO_AUTO, 9000, 9000);
	option_mtu(t, &adv, 1280);
	tx(t, TR1, &adv);
	pause_for(t, NS_PER_S);
	echo = echo_of(t, TR1, tn2, nut_global(t, TR1), LINK_MTU);
	tx_pieces(t, TR1, &echo, 1280);
	reply = (struct pv){ .src = echo.dst,
			     .dst = echo.src,
			     .eth_dst = IS_MAC(t->st[TR1].mac),
			     .kind = PV_ICMP6,
			     .type = IS(ICMP6_ECHO_REPLY),
			     .id = echo.id,
			     .seq = echo.seq,
			     .data = echo.data };
	expect_whole(t, LINK_B, REPLY_WITHIN, &reply, 1280);
}

/* RFC 8201 section 4: no attempt to detect an increase for five minutes. */
static void five_minutes(struct tester *t)
{
	setup_1(t, 1);
	too_big(t, TR1, afar(t, tn2, LINK_MTU), 1304, 0);
	afar(t, tn2, 1304);
	for (unsigned i = 0; i < 9; i++) {
		pause_for(t, 30 * NS_PER_S);
		afar(t, tn2, 1304);
	}
}

/* The device's own echo request to the group, of @size octets, in packets of at most @max. */
static const struct seen *to_group(struct tester *t, uint32_t size, uint32_t max)
{
	struct pv echo = { .dst = IS_ADDR(group),
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_ECHO_REQUEST) };

	device_ping(t, LINK_B, &group, size - ECHO_HDRS);
	return expect_whole(t, LINK_B, REPLY_WITHIN, &echo, max);
}

static void group_one_router(struct tester *t)
{
	const struct seen *about;

	setup_1(t, 1);
	too_big(t, TR1, to_group(t, 1500, LINK_MTU), 1450, 0);
	about = to_group(t, 1500, 1450);
	too_big(t, TR1, about, 1400, 0);
	to_group(t, 1500, 1400);
	about = to_group(t, 1400, 1400);
	too_big(t, TR1, about, 1300, 0);
	to_group(t, 1400, 1300);
	too_big(t, TR1, about, 1350, 0);
	to_group(t, 1400, 1300);
}

static void group_two_routers(struct tester *t)
{
	const struct seen *about;

	setup_1(t, 2);
	too_big(t, TR1, to_group(t, 1500, LINK_MTU), 1480, 0);
	about = to_group(t, 1500, 1480);
	too_big(t, TR1, about, 1440, 0);
	about = to_group(t, 1500, 1440);
	too_big(t, TR1, about, 1400, 0);
	too_big(t, TR2, about, 1360, 0);
	about = to_group(t, 1500, 1360);
	too_big(t, TR1, about, 1280, 0);
	too_big(t, TR2, about, 1320, 0);
	to_group(t, 1500, 1280);
}

static const struct part parts[] = {
	{ "v6lc.4.1.1.a", "echo of 64 octets", "An echo request of 64 octets is answered.",
	  "RFC 4443 section 4.2", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, confirm_64 },
	{ "v6lc.4.1.1.b", "echo of 1,280 octets", "An echo request of 1,280 octets is answered.",
	  "RFC 8200 section 5", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, confirm_1280 },
	{ "v6lc.4.1.1.c", "echo of 1,500 octets", "An echo request of 1,500 octets is answered.",
	  "RFC 8200 section 5", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, confirm_1500 },
	{ "v6lc.4.1.2", "path MTUs are kept by path",
	  "What is learned about the way to one destination limits what is sent there.",
	  "RFC 8201 section 5.2", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, stored },
	{ "v6lc.4.1.3", "Packet Too Big with an unknown code",
	  "The code of a Packet Too Big is ignored.", "RFC 4443 section 3.2", LEVEL_SHOULD,
	  NUT_BOTH, 0, NS_PER_S, code_255 },
	{ "v6lc.4.1.4", "smaller path MTU on the link",
	  "A Packet Too Big about a neighbor is believed too, by link-local and global address.",
	  "RFC 8201 section 3", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, on_link },
	{ "v6lc.4.1.5", "smaller path MTU twice",
	  "Each Packet Too Big with a smaller MTU than the last one limits what is sent.",
	  "RFC 8201 section 4", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, off_link },
	{ "v6lc.4.1.6.a", "path MTU of 56", "An MTU below 1,280 octets is not believed.",
	  "RFC 8201 section 4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, below_56 },
	{ "v6lc.4.1.6.b", "path MTU of 1,279", "An MTU below 1,280 octets is not believed.",
	  "RFC 8201 section 4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, below_1279 },
	{ "v6lc.4.1.7.a", "larger path MTU", "A Packet Too Big never increases the path MTU.",
	  "RFC 8201 section 4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, no_increase_1500 },
	{ "v6lc.4.1.7.b", "path MTU beyond all links",
	  "A Packet Too Big never increases the path MTU.", "RFC 8201 section 4", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, no_increase_huge },
	{ "v6lc.4.1.8", "advertised MTU", "The MTU option of an advertisement limits what is sent.",
	  "RFC 4861 section 6.3.4", LEVEL_SHOULD, NUT_HOST, 0, NS_PER_S, advertised },
	{ "v6lc.4.1.9", "no increase for five minutes",
	  "The path MTU is not increased earlier than five minutes after a Packet Too Big.",
	  "RFC 8201 section 4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, five_minutes },
	{ "v6lc.4.1.10", "path MTU of a group, one router",
	  "The path MTU of a group is the smallest on any way to its members.",
	  "RFC 8201 section 3", LEVEL_SHOULD, NUT_BOTH, NUT_CAN_PING, NS_PER_S, group_one_router },
	{ "v6lc.4.1.11", "path MTU of a group, two routers",
	  "The path MTU of a group is the smallest on any way to its members.",
	  "RFC 8201 section 3", LEVEL_SHOULD, NUT_BOTH, NUT_CAN_PING, NS_PER_S, group_two_routers },
};

const struct suite suite_rfc8201 = {
	.name = "rfc8201",
	.title = "path MTU discovery",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
