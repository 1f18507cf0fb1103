/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fragments that do not make a packet: the error conditions of RFC 8200 section 4.5, RFC 5722
 * (overlaps), RFC 6946 (atomic fragments) and RFC 7112 (first fragments without all headers).
 *
 * The packet is an echo request of 48 octets, in pieces. A bad set of pieces must not be answered;
 * a good set is, at the end of each part.
 */
#include "conform/suites/robust.h"

#define DATA_OCTETS 40
#define ALL	    (DATA_OCTETS + 8)

static struct pv whole_echo(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));
	uint8_t *data = octets(t, DATA_OCTETS);

	for (unsigned i = 0; i < DATA_OCTETS; i++)
		data[i] = (uint8_t)i;
	echo.data = IS_OCTETS(data, DATA_OCTETS);
	return echo;
}

/* Fragments of another packet than those that went before. */
static struct pv with_id(struct pv fragment, uint32_t id)
{
	fragment.ext[0].id = IS(id);
	return fragment;
}

static void send_piece(struct tester *t, const struct pv *whole, size_t from, size_t to)
{
	struct pv pv = piece(t, whole, from, to);

	tx(t, TN1, &pv);
}

/* What answers @whole when it is made whole. */
static struct pv reply_when_whole(const struct pv *whole)
{
	struct seen sent = { .pv = *whole };

	return reply_to(&sent);
}

/* A packet in two pieces, the last one first, is answered. */
static void two_pieces_do(struct tester *t)
{
	struct pv whole = whole_echo(t), reply = reply_when_whole(&whole), pv;

	pv = with_id(piece(t, &whole, 24, 0), PIECE_ID + 100);
	tx(t, TN1, &pv);
	pv = with_id(piece(t, &whole, 0, 24), PIECE_ID + 100);
	tx(t, TN1, &pv);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void stays_silent(struct tester *t)
{
	silence(t, SILENCE_FOR, NULL);
	alive(t);
	two_pieces_do(t);
}

static void length_no_multiple(struct tester *t)
{
	struct pv whole = whole_echo(t), bad = piece(t, &whole, 0, 24);

	alive(t);
	bad.data.n = 20;
	refused(t, TN1, &bad, ICMP6_PARAM_FIELD, IP6_PLEN_OFF);
	send_piece(t, &whole, 24, 0);
	stays_silent(t);
}

static void too_large(struct tester *t)
{
	struct pv whole = whole_echo(t), bad = piece(t, &whole, 24, 0);

	alive(t);
	bad.ext[0].offset = IS(8191); /* and 24 octets more: 65552 */
	refused(t, TN1, &bad, ICMP6_PARAM_FIELD, IP6_HDR_OCTETS + IP6_FRAG_OFFSET_OFF);
	send_piece(t, &whole, 0, 24);
	stays_silent(t);
}

/* Its offset is within the limit, and more is to follow: the sum is what counts. */
static void too_large_more(struct tester *t)
{
	struct pv whole = whole_echo(t), bad = piece(t, &whole, 0, 24);

	alive(t);
	bad.ext[0].offset = IS(8190);
	refused(t, TN1, &bad, ICMP6_PARAM_FIELD, IP6_HDR_OCTETS + IP6_FRAG_OFFSET_OFF);
	two_pieces_do(t);
}

/* The octets that overlap are the same in both: it makes no difference. */
static void overlap(struct tester *t)
{
	struct pv whole = whole_echo(t);

	alive(t);
	send_piece(t, &whole, 0, 24);
	send_piece(t, &whole, 16, 0);
	stays_silent(t);
}

static void overlap_backwards(struct tester *t)
{
	struct pv whole = whole_echo(t);

	alive(t);
	send_piece(t, &whole, 24, 0);
	send_piece(t, &whole, 0, 32);
	stays_silent(t);
}

static void overlap_within(struct tester *t)
{
	struct pv whole = whole_echo(t);

	alive(t);
	send_piece(t, &whole, 0, 32);
	send_piece(t, &whole, 8, 16);
	send_piece(t, &whole, 32, 0);
	stays_silent(t);
}

/* What was missing comes after the overlap: it is too late. */
static void overlap_then_rest(struct tester *t)
{
	struct pv whole = whole_echo(t);

	alive(t);
	send_piece(t, &whole, 0, 16);
	send_piece(t, &whole, 32, 0);
	send_piece(t, &whole, 8, 24);
	send_piece(t, &whole, 16, 32);
	stays_silent(t);
}

static void other_packet(struct tester *t)
{
	struct pv whole = whole_echo(t), rest = with_id(piece(t, &whole, 24, 0), 1);

	alive(t);
	send_piece(t, &whole, 0, 24);
	tx(t, TN1, &rest);
	stays_silent(t);
}

static void other_source(struct tester *t)
{
	struct pv whole = whole_echo(t), rest = piece(t, &whole, 24, 0);

	alive(t);
	send_piece(t, &whole, 0, 24);
	rest.src = IS_ADDR(t->st[TR1].lla);
	tx(t, TR1, &rest);
	stays_silent(t);
}

/* The last piece has no data, and lies behind a hole that it does not close. */
static void tiny(struct tester *t)
{
	struct pv whole = whole_echo(t), bad = piece(t, &whole, 24, 0);

	alive(t);
	send_piece(t, &whole, 0, 24);
	bad.data.n = 0;
	bad.ext[0].offset = IS(4);
	tx(t, TN1, &bad);
	silence(t, SILENCE_FOR, &any_echo_reply);
	alive(t);
	two_pieces_do(t);
}

/*
 * First fragments without the whole chain of headers.
 */

static const uint8_t padn[14] = { IP6_OPT_PADN, 12 };

static void chain_is_cut(struct tester *t, const struct pv *bad)
{
	alive(t);
	refused(t, TN1, bad, ICMP6_PARAM_FRAG, 0);
	two_pieces_do(t);
}

static void chain_in_options(struct tester *t)
{
	struct pv whole = with_options(whole_echo(t), IP6_NH_DSTOPTS, padn, sizeof(padn));
	struct pv bad = piece(t, &whole, 0, 8);

	chain_is_cut(t, &bad);
}

static void chain_behind_options(struct tester *t)
{
	struct pv whole = with_options(whole_echo(t), IP6_NH_DSTOPTS, padn, sizeof(padn));
	struct pv bad = piece(t, &whole, 0, 16);

	chain_is_cut(t, &bad);
}

/*
 * Atomic fragments.
 */

static void atomic_in_isolation(struct tester *t)
{
	struct pv whole = whole_echo(t), reply = reply_when_whole(&whole), other;

	send_piece(t, &whole, 0, 24);
	other = in_fragment(echo_to(t, TN1, nut_lla(t, TN1)));
	answered(t, TN1, &other);
	send_piece(t, &whole, 24, 0);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void reserved_bits(struct tester *t)
{
	struct pv whole = whole_echo(t), reply = reply_when_whole(&whole);
	struct pv first = piece(t, &whole, 0, 24), rest = piece(t, &whole, 24, 0);

	first.ext[0].reserved = IS(0xff);
	first.ext[0].flags = IS(IP6_FRAG_MORE | 6);
	rest.ext[0].reserved = IS(0xa5);
	rest.ext[0].flags = IS(6);
	tx(t, TN1, &first);
	tx(t, TN1, &rest);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
	alive(t);
}

static const struct part parts[] = {
	{ "robust.8200.4.5.a", "fragment of 20 octets with more to follow",
	  "It is refused with a pointer to the payload length, and is no part of a packet.",
	  "RFC 8200 section 4.5", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, length_no_multiple },
	{ "robust.8200.4.5.b", "last fragment beyond 65535 octets",
	  "It is refused with a pointer to the fragment offset, and is no part of a packet.",
	  "RFC 8200 section 4.5", LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, too_large },
	{ "robust.8200.4.5.c", "fragment beyond 65535 octets with more to follow",
	  "It is refused with a pointer to the fragment offset.", "RFC 8200 section 4.5",
	  LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, too_large_more },
	{ "robust.8200.4.5.d", "fragments of two packets",
	  "Pieces with different identifications make no packet.", "RFC 8200 section 4.5",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, other_packet },
	{ "robust.8200.4.5.e", "fragments of two senders",
	  "Pieces from different sources make no packet.", "RFC 8200 section 4.5", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, other_source },
	{ "robust.8200.4.5.f", "fragment without data", "It closes no hole.",
	  "RFC 8200 section 4.5", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, tiny },
	{ "robust.8200.4.5.g", "reserved bits of fragments", "They are ignored.",
	  "RFC 8200 section 4.5", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, reserved_bits },
	{ "robust.5722.4.a", "overlap by the second fragment",
	  "The whole packet is discarded in silence, even if the octets agree.",
	  "RFC 5722 section 4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, overlap },
	{ "robust.5722.4.b", "overlap, the last fragment first",
	  "The whole packet is discarded in silence, in whatever order it came.",
	  "RFC 5722 section 4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, overlap_backwards },
	{ "robust.5722.4.c", "overlap within a fragment",
	  "A piece that has nothing new to say is an overlap too.", "RFC 5722 section 4",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, overlap_within },
	{ "robust.5722.4.d", "overlap before the packet is whole",
	  "Pieces that come later do not mend it.", "RFC 5722 section 4", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, overlap_then_rest },
	{ "robust.6946.4.a", "atomic fragment beside others",
	  "It is processed alone, and leaves those with its identification in peace.",
	  "RFC 6946 section 4", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, atomic_in_isolation },
	{ "robust.7112.5.a", "first fragment that ends in its options",
	  "It is refused as one without all headers.", "RFC 8200 section 4.5", LEVEL_SHOULD,
	  NUT_BOTH, 0, NS_PER_S, chain_in_options },
	{ "robust.7112.5.b", "first fragment that ends behind its options",
	  "It is refused as one without all headers.", "RFC 8200 section 4.5", LEVEL_SHOULD,
	  NUT_BOTH, 0, NS_PER_S, chain_behind_options },
};

const struct suite suite_robust_frag = {
	.name = "robust-frag",
	.title = "robustness: fragments",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
