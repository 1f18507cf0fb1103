/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routing headers and fragments: tests 1.2.9, 1.2.10 and 1.3.1 to 1.3.4 of the core specification
 * 4.0.7, by RFC 8200 sections 4.4 and 4.5, and RFC 5095.
 */
#include <string.h>

#include "conform/message.h"

#define REASSEMBLY_FOR (60 * NS_PER_S)
#define ROUTING_TYPE   0x2a /* where the type of a routing header behind an IPv6 header is */
#define ECHO_OCTETS    80   /* of data, and the header: 88 */
/* A kernel's timer of a minute may fire 4 s late, and nothing forbids it. */
#define LATE (5 * NS_PER_S)

#define FRAGMENT_ID 2999
#define UNITS	    IP6_EXT_UNIT

static const struct ip6_addr tn2 = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };

/* TR1 forwards an echo request of TN2's with a routing header to the device. */
static struct pv echo_routed(struct tester *t, uint8_t type, uint8_t segments_left)
{
	uint8_t *body = octets(t, 6 + 3 * IP6_ADDR_OCTETS);
	struct pv echo;

	setup_1(t, 1);
	echo = echo_to(t, TR1, nut_global(t, TR1));
	body[0] = type;
	body[1] = segments_left;
	for (unsigned i = 0; i < 3; i++) {
		struct ip6_addr a = i == 2 ? t->st[TR1].global : tn2;

		memcpy(body + 6 + i * IP6_ADDR_OCTETS, a.b, IP6_ADDR_OCTETS);
	}
	echo.src = IS_ADDR(tn2);
	echo.ext[0] = (struct pv_ext){ .kind = IP6_NH_ROUTING,
				       .body = IS_OCTETS(body, 6 + 3 * IP6_ADDR_OCTETS) };
	echo.n_ext = 1;
	return echo;
}

static void route_ended(struct tester *t, uint8_t type)
{
	struct pv echo = echo_routed(t, type, 0);
	struct pv reply = reply_to(tx(t, TR1, &echo));

	reply.eth_dst = IS_MAC(t->st[TR1].mac);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void route_goes_on(struct tester *t, uint8_t type)
{
	struct pv echo = echo_routed(t, type, 1);
	struct pv problem =
		error_about(tx(t, TR1, &echo), ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, ROUTING_TYPE);

	problem.src = echo.dst;
	expect(t, LINK_B, REPLY_WITHIN, &problem);
	silence(t, SILENCE_FOR, NULL);
}

static void ended_33(struct tester *t)
{
	route_ended(t, 33);
}

static void ended_0(struct tester *t)
{
	route_ended(t, 0);
}

static void goes_on_33(struct tester *t)
{
	route_goes_on(t, 33);
}

static void goes_on_0(struct tester *t)
{
	route_goes_on(t, 0);
}

/*
 * An echo request in three fragments: 32, 32 and the other octets, or more for a larger one.
 */
struct train {
	struct pv whole, piece[3];
};

static struct train train_of(struct tester *t, struct pv echo, size_t data_octets, size_t step)
{
	struct train tr = { .whole = echo };
	uint8_t *data = octets(t, data_octets), *frame = octets(t, PV_FRAME_MAX);
	size_t hdrs = ETH_HDR_OCTETS + IP6_HDR_OCTETS, n;

	for (size_t i = 0; i < data_octets; i++)
		data[i] = (uint8_t)i;
	tr.whole.data = IS_OCTETS(data, data_octets);
	n = pv_build(&tr.whole, frame, PV_FRAME_MAX);
	ASSERT(n > hdrs + 2 * step);
	for (size_t i = 0; i < 3; i++) {
		tr.piece[i] = echo;
		tr.piece[i].kind = PV_RAW;
		tr.piece[i].n_ext = 1;
		tr.piece[i].ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT,
						      .next = IS(IP6_NH_ICMP6),
						      .offset = IS(i * step / UNITS),
						      .flags = IS(i < 2),
						      .id = IS(FRAGMENT_ID) };
		tr.piece[i].data =
			IS_OCTETS(frame + hdrs + i * step, i < 2 ? step : n - hdrs - 2 * step);
	}
	return tr;
}

static struct train train(struct tester *t, struct ip6_addr dst)
{
	return train_of(t, echo_to(t, TN1, dst), ECHO_OCTETS, 32);
}

static struct pv answer_to(const struct train *tr)
{
	return (struct pv){ .src = tr->whole.dst,
			    .dst = tr->whole.src,
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_ECHO_REPLY),
			    .code = IS(0),
			    .id = tr->whole.id,
			    .seq = tr->whole.seq,
			    .data = tr->whole.data };
}

static void is_answered(struct tester *t, const struct train *tr)
{
	struct pv reply = answer_to(tr);

	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void in_order(struct tester *t)
{
	struct train tr = train(t, nut_lla(t, TN1));

	for (unsigned i = 0; i < 3; i++)
		tx(t, TN1, &tr.piece[i]);
	is_answered(t, &tr);
}

static void in_reverse(struct tester *t)
{
	struct train tr = train(t, nut_lla(t, TN1));

	for (unsigned i = 3; i > 0; i--)
		tx(t, TN1, &tr.piece[i - 1]);
	is_answered(t, &tr);
}

/* The time of @first's datagram is over: its sender is told, 60 seconds after it came. */
static void times_out(struct tester *t, const struct seen *first)
{
	struct pv error = error_about(first, ICMP6_TIME_EXCEEDED, ICMP6_TIME_REASSEMBLY, 0);

	error.src = first->pv.dst;
	expect_at(t, LINK_B, time_after(first->when, REASSEMBLY_FOR), &error);
}

/* The second piece is of something else: what was begun is not completed by it. */
static void does_not_fit(struct tester *t, const struct train *tr)
{
	const struct seen *first;
	struct pv never = { .kind = PV_ICMP6, .type = IS(ICMP6_ECHO_REPLY) };

	ping(t, TN1);
	first = tx(t, TN1, &tr->piece[0]);
	tx(t, TN1, &tr->piece[1]);
	tx(t, TN1, &tr->piece[2]);
	silence(t, SILENCE_FOR, &never);
	times_out(t, first);
}

static void other_id(struct tester *t)
{
	struct train tr = train(t, nut_lla(t, TN1));

	tr.piece[1].ext[0].id = IS(FRAGMENT_ID + 1);
	does_not_fit(t, &tr);
}

static void other_source(struct tester *t)
{
	struct train tr = train(t, nut_lla(t, TN1));

	t->st[TN1].extra = t->st[TN1].lla;
	t->st[TN1].extra.b[14] ^= 0x80;
	tr.piece[1].src = IS_ADDR(t->st[TN1].extra);
	does_not_fit(t, &tr);
}

static void other_destination(struct tester *t)
{
	struct train tr;

	setup_1(t, 1);
	tr = train(t, nut_lla(t, TN1));
	tr.piece[1].dst = IS_ADDR(nut_global(t, TN1));
	does_not_fit(t, &tr);
}

static void to_1500(struct tester *t)
{
	struct train tr = train_of(t, echo_to(t, TN1, nut_lla(t, TN1)), 1500 - 48, 640);

	ping(t, TN1);
	for (unsigned i = 0; i < 3; i++)
		tx(t, TN1, &tr.piece[i]);
	is_answered(t, &tr);
}

static struct train global_train(struct tester *t)
{
	setup_1(t, 1);
	return train(t, nut_global(t, TN1));
}

static void after_55(struct tester *t)
{
	struct train tr = global_train(t);

	tx(t, TN1, &tr.piece[0]);
	pause_for(t, REASSEMBLY_FOR - 5 * NS_PER_S);
	tx(t, TN1, &tr.piece[1]);
	tx(t, TN1, &tr.piece[2]);
	is_answered(t, &tr);
}

static void after_65(struct tester *t)
{
	struct train tr = global_train(t);
	struct pv never = answer_to(&tr);
	const struct seen *first = tx(t, TN1, &tr.piece[0]);

	times_out(t, first);
	pause_for(t, 5 * NS_PER_S);
	tx(t, TN1, &tr.piece[1]);
	tx(t, TN1, &tr.piece[2]);
	silence(t, SILENCE_FOR, &never);
}

static void first_only(struct tester *t, struct ip6_addr dst)
{
	struct train tr = train(t, dst);

	times_out(t, tx(t, TN1, &tr.piece[0]));
}

static void first_only_global(struct tester *t)
{
	setup_1(t, 1);
	first_only(t, nut_global(t, TN1));
}

static void first_only_local(struct tester *t)
{
	first_only(t, nut_lla(t, TN1));
}

static void second_only(struct tester *t)
{
	struct train tr = global_train(t);

	tx(t, TN1, &tr.piece[1]);
	silence(t, time_after(REASSEMBLY_FOR, 5 * NS_PER_S), NULL);
}

/* Payload of 21 octets: a fragment header, an echo header, and five octets. */
static void odd_length(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1)), problem;

	echo.data.n = 5;
	echo.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT, .flags = IS(1), .id = IS(135) };
	echo.n_ext = 1;
	problem = error_about(tx(t, TN1, &echo), ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, IP6_PLEN_OFF);
	problem.src = echo.dst;
	expect(t, LINK_B, REPLY_WITHIN, &problem);
	silence(t, SILENCE_FOR, NULL);
}

static void stub(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1)), reply;

	echo.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT, .id = IS(135) };
	echo.n_ext = 1;
	reply = reply_to(tx(t, TN1, &echo)); /* without extension headers */
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

#define ROUTE "RFC 8200 section 4.4"
#define PIECE "RFC 8200 section 4.5"

static const struct part parts[] = {
	{ "v6lc.1.2.9.a", "unknown routing header, used up",
	  "A routing header without segments left is passed over, whatever its type.", ROUTE,
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ended_33 },
	{ "v6lc.1.2.9.b", "type 0 routing header, used up",
	  "A routing header without segments left is passed over, whatever its type.",
	  "RFC 5095 section 3", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, ended_0 },
	{ "v6lc.1.2.10.a", "unknown routing header, segments left",
	  "An unknown routing header with segments left is refused.", ROUTE, LEVEL_MUST, NUT_BOTH,
	  0, NS_PER_S, goes_on_33 },
	{ "v6lc.1.2.10.b", "type 0 routing header, segments left", "Type 0 is treated as unknown.",
	  "RFC 5095 section 3", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, goes_on_0 },
	{ "v6lc.1.3.1.a", "fragments in order", "A packet is put together of its fragments.", PIECE,
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, in_order },
	{ "v6lc.1.3.1.b", "fragments in reverse",
	  "A packet is put together in whatever order its fragments come.", PIECE, LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, in_reverse },
	{ "v6lc.1.3.1.c", "fragments of different identifications",
	  "Fragments of different identifications are of different packets.", PIECE, LEVEL_MUST,
	  NUT_BOTH, 0, LATE, other_id },
	{ "v6lc.1.3.1.d", "fragments of different sources",
	  "Fragments of different sources are of different packets.", PIECE, LEVEL_MUST, NUT_BOTH,
	  0, LATE, other_source },
	{ "v6lc.1.3.1.e", "fragments to different destinations",
	  "Fragments to different destinations are of different packets.", PIECE, LEVEL_MUST,
	  NUT_BOTH, 0, LATE, other_destination },
	{ "v6lc.1.3.1.f", "fragments of 1,500 octets", "A packet of 1,500 octets is put together.",
	  "RFC 8200 section 5", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, to_1500 },
	{ "v6lc.1.3.2.a", "reassembly within a minute", "Fragments may come within a minute.",
	  PIECE, LEVEL_MUST, NUT_BOTH, 0, LATE, after_55 },
	{ "v6lc.1.3.2.b", "reassembly after more than a minute",
	  "A packet that is not complete within a minute is given up, and its sender told.", PIECE,
	  LEVEL_SHOULD, NUT_BOTH, 0, LATE, after_65 },
	{ "v6lc.1.3.2.c", "only a first fragment, global",
	  "The sender of a first fragment is told that nothing followed.", PIECE, LEVEL_SHOULD,
	  NUT_BOTH, 0, LATE, first_only_global },
	{ "v6lc.1.3.2.d", "only a first fragment, link-local",
	  "The sender of a first fragment is told that nothing followed.", PIECE, LEVEL_SHOULD,
	  NUT_BOTH, 0, LATE, first_only_local },
	{ "v6lc.1.3.2.e", "only a second fragment",
	  "Nobody is told of a packet whose first fragment did not come.", PIECE, LEVEL_MUST,
	  NUT_BOTH, 0, LATE, second_only },
	{ "v6lc.1.3.3", "a fragment of odd length, not the last",
	  "A fragment that others must follow is a multiple of eight octets long.", PIECE,
	  LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, odd_length },
	{ "v6lc.1.3.4", "a fragment that is the whole",
	  "A packet in one fragment is whole at once (RFC 6946).", PIECE, LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, stub },
};

const struct suite suite_rfc8200_fragment = {
	.name = "rfc8200-fragment",
	.title = "routing headers and fragments",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
