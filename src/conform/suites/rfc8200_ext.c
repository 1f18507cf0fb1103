/* SPDX-License-Identifier: BSD-3-Clause */
/* Extension headers: the beginning of group 1.2 of the core specification 4.0.7, by RFC 8200. */
#include "conform/tester.h"

#define GAP NS_PER_S /* between errors: see rfc8200_header.c */

static const uint8_t padn[] = { 1, 4, 0, 0, 0, 0 };
static const uint8_t unknown_loud[] = { 135, 4, 0, 0, 0, 0 }; /* 10: discard, say so */
static const uint8_t unknown_quiet[] = { 17, 4, 0, 0, 0, 0 }; /* 00: skip */
static const uint8_t filler[] = { 0x10, 0x11, 0x12, 0x13, 0x14 };

/* One more extension header behind those that @pv has. */
static void add_ext(struct pv *pv, struct pv_ext e)
{
	ASSERT(pv->n_ext < PV_EXT_MAX);
	pv->ext[pv->n_ext++] = e;
}

static struct pv_ext options(uint8_t kind, const uint8_t option[6])
{
	return (struct pv_ext){ .kind = kind, .body = IS_OCTETS(option, 6) };
}

static struct pv_ext fragment(uint64_t more)
{
	return (struct pv_ext){ .kind = IP6_NH_FRAGMENT, .flags = IS(more), .id = IS(135) };
}

static struct pv echo_to_nut(struct tester *t)
{
	return echo_to(t, TN1, nut_lla(t, TN1));
}

/* @pv is answered by this Parameter Problem and by nothing else. */
static void is_a_problem(struct tester *t, const struct pv *pv, uint8_t code, uint32_t pointer)
{
	struct pv problem = error_about(tx(t, TN1, pv), ICMP6_PARAM_PROB, code, pointer);

	expect(t, LINK_B, REPLY_WITHIN, &problem);
	silence(t, SILENCE_FOR, NULL);
}

static void second_hop_by_hop(struct tester *t)
{
	struct pv echo = echo_to_nut(t);

	add_ext(&echo, options(IP6_NH_HBH, padn));
	add_ext(&echo, options(IP6_NH_HBH, padn));
	is_a_problem(t, &echo, ICMP6_PARAM_NEXT, 0x28);
}

static struct pv none_behind_options(struct pv echo)
{
	add_ext(&echo, options(IP6_NH_DSTOPTS, padn));
	echo.ext[0].next = IS(IP6_NH_NONE);
	return echo;
}

static void none_end(struct tester *t)
{
	struct pv echo;

	ping(t, TN1);
	echo = none_behind_options(echo_to_nut(t));
	tx(t, TN1, &echo);
	silence(t, SILENCE_FOR, NULL);
}

static void none_through(struct tester *t)
{
	struct pv echo, want;

	setup_router(t);
	echo = none_behind_options(echo_to(t, TN1, t->st[TN2].global));
	want = forwarded(tx(t, TN1, &echo));
	want.tclass.set = (t->nut->has & NUT_USES_CLASS) == 0;
	want.flow.set = (t->nut->has & NUT_USES_FLOW) == 0;
	expect(t, LINK_A, REPLY_WITHIN, &want);
}

static void next_unknown(struct tester *t)
{
	for (unsigned next = 143; next <= 252; next++) {
		struct pv echo = echo_to_nut(t), problem;

		add_ext(&echo, options(IP6_NH_DSTOPTS, padn));
		echo.ext[0].next = IS(next);
		problem = error_about(tx(t, TN1, &echo), ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, 0x28);
		expect(t, LINK_B, REPLY_WITHIN, &problem);
		ping(t, TN1);
		pause_for(t, GAP);
	}
}

/* A fragment header where options are announced: its offset is read as an option of type 135. */
static void next_unexpected(struct tester *t)
{
	struct pv echo = echo_to_nut(t);

	add_ext(&echo, options(IP6_NH_DSTOPTS, padn));
	add_ext(&echo,
		(struct pv_ext){ .kind = IP6_NH_FRAGMENT, .offset = IS(0x10e0), .flags = IS(4) });
	echo.ext[0].next = IS(IP6_NH_DSTOPTS);
	is_a_problem(t, &echo, ICMP6_PARAM_OPTION, 0x32);
}

/* Payload of 37 octets: no multiple of eight, so more fragments may not follow. */
static struct pv three_headers(struct tester *t)
{
	struct pv echo = echo_to_nut(t);

	echo.data = IS_OCTETS(filler, sizeof(filler));
	add_ext(&echo, options(IP6_NH_HBH, padn));
	return echo;
}

static void order_options_first(struct tester *t)
{
	struct pv echo = three_headers(t);

	add_ext(&echo, options(IP6_NH_DSTOPTS, unknown_loud));
	add_ext(&echo, fragment(1));
	is_a_problem(t, &echo, ICMP6_PARAM_OPTION, 0x32);
}

static void order_fragment_second(struct tester *t)
{
	struct pv echo = three_headers(t);

	add_ext(&echo, options(IP6_NH_DSTOPTS, unknown_quiet));
	add_ext(&echo, fragment(1));
	is_a_problem(t, &echo, ICMP6_PARAM_FIELD, IP6_PLEN_OFF);
}

static void order_fragment_first(struct tester *t)
{
	struct pv echo = three_headers(t);

	add_ext(&echo, fragment(1));
	add_ext(&echo, options(IP6_NH_DSTOPTS, unknown_loud));
	is_a_problem(t, &echo, ICMP6_PARAM_FIELD, IP6_PLEN_OFF);
}

/*
 * A packet that is its only fragment. Who reassembles it may quote it with the fragment header or
 * without; the pointer has to agree with the quotation.
 */
static void order_atomic_fragment(struct tester *t)
{
	struct pv echo = three_headers(t), problem;
	const struct seen *seen;
	uint32_t pointer;

	add_ext(&echo, fragment(0));
	add_ext(&echo, options(IP6_NH_DSTOPTS, unknown_loud));
	problem = error_about(tx(t, TN1, &echo), ICMP6_PARAM_PROB, ICMP6_PARAM_OPTION, 0);
	problem.param.set = problem.data.set = false;
	seen = expect(t, LINK_B, REPLY_WITHIN, &problem);
	if (seen->pv.data.n <= IP6_HDR_OCTETS)
		tester_fail(t, "the error quotes too little of the packet");
	pointer = seen->pv.data.p[IP6_HDR_OCTETS] == IP6_NH_FRAGMENT ? 0x3a : 0x32;
	if (seen->pv.param.v != pointer)
		tester_fail(t, "the pointer is 0x%x, the option is at 0x%x of what is quoted",
			    (unsigned)seen->pv.param.v, pointer);
	silence(t, SILENCE_FOR, NULL);
}

static const struct part parts[] = {
	{ "v6lc.1.2.1", "hop-by-hop options in second place",
	  "Hop-by-hop options are known directly behind the IPv6 header and nowhere else.",
	  "RFC 8200 section 4", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, second_hop_by_hop },
	{ "v6lc.1.2.2.a", "no next header behind options, received",
	  "What follows an extension header that announces nothing is ignored.",
	  "RFC 8200 section 4.7", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, none_end },
	{ "v6lc.1.2.2.b", "no next header behind options, forwarded",
	  "What follows an extension header that announces nothing is passed on unchanged.",
	  "RFC 8200 section 4.7", LEVEL_MUST, NUT_ROUTER, NUT_CAN_FORWARD | NUT_CAN_ADDR, NS_PER_S,
	  none_through },
	{ "v6lc.1.2.3.a", "unknown next header behind options",
	  "A Parameter Problem points at the octet of the extension header.", "RFC 8200 section 4",
	  LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, next_unknown },
	{ "v6lc.1.2.3.b", "unexpected next header behind options",
	  "A header is read as what the one before it says, not as what it looks like.",
	  "RFC 8200 section 4.2", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, next_unexpected },
	{ "v6lc.1.2.4.a", "order: bad options before a bad fragment",
	  "Headers are processed in the order they stand in: the options are refused.",
	  "RFC 8200 section 4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, order_options_first },
	{ "v6lc.1.2.4.b", "order: good options before a bad fragment",
	  "Headers are processed in the order they stand in: the fragment is refused.",
	  "RFC 8200 section 4.5", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, order_fragment_second },
	{ "v6lc.1.2.4.c", "order: a bad fragment before bad options",
	  "Headers are processed in the order they stand in: the fragment is refused.",
	  "RFC 8200 section 4.5", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, order_fragment_first },
	{ "v6lc.1.2.4.d", "order: a whole fragment before bad options",
	  "The options behind a fragment header are refused once the packet is whole.",
	  "RFC 8200 section 4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, order_atomic_fragment },
};

const struct suite suite_rfc8200_ext = {
	.name = "rfc8200-ext",
	.title = "extension headers",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
