/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IPv6 packets that are broken or forbidden: headers and options that say more than there is (RFC
 * 8200 sections 3 and 4, RFC 2675), addresses that never come from a link (RFC 4291, RFC 4007),
 * routing headers of type 0 (RFC 5095), UDP without a checksum (RFC 8200 section 8.1).
 *
 * Where processing cannot go on, RFC 4443 section 3.4 has the packet discarded (MUST) and reported
 * (SHOULD); which field is to blame is often a matter of taste, so those parts judge the discard.
 */
#include "conform/suites/robust.h"

#include "ip6/ext.h"

#define OPTIONS	  6 /* octets of options in a header of 8 */
#define AT_OPTION (IP6_HDR_OCTETS + 2)
#define A_PORT	  9 /* discard (RFC 863): hardly anybody listens */

static struct pv echo_to_nut(struct tester *t)
{
	return echo_to(t, TN1, nut_lla(t, TN1));
}

/*
 * The IPv6 header.
 */

static void payload_length_long(struct tester *t)
{
	struct pv bad = echo_to_nut(t), good = bad;

	bad.plen = IS(16 + 1);
	ignored(t, TN1, &bad);
	answered(t, TN1, &good);
}

static void payload_length_zero(struct tester *t)
{
	struct pv bad = echo_to_nut(t), good = bad;

	bad.plen = IS(0);
	discarded(t, TN1, &bad);
	answered(t, TN1, &good);
}

/* What lies behind the payload is the link's: the answer has none of it. */
static void payload_length_short(struct tester *t)
{
	struct pv echo = echo_to_nut(t), padded, reply;
	const struct seen *sent = tx(t, TN1, &echo);
	uint8_t *data = octets(t, 32);

	reply = reply_to(sent);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
	padded = echo;
	padded.csum = sent->pv.csum;
	padded.plen = sent->pv.plen;
	memcpy(data, echo.data.p, echo.data.n);
	memset(data + echo.data.n, 0xa5, 32 - echo.data.n);
	padded.data = IS_OCTETS(data, 32);
	tx(t, TN1, &padded);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void send_octets(struct tester *t, const struct pv *pv, size_t n)
{
	uint8_t frame[PV_FRAME_MAX];
	struct pv whole = *pv;

	whole.eth_src = IS_MAC(t->st[TN1].mac);
	whole.eth_dst = IS_MAC(t->nut->ops->mac(t->nut, LINK_B));
	(void)pv_build(&whole, frame, sizeof(frame));
	record_add(&t->record, t->nut->ops->now(t->nut), LINK_B, false, frame, n);
	t->nut->ops->send(t->nut, LINK_B, frame, n);
}

static void frame_short(struct tester *t)
{
	struct pv echo = echo_to_nut(t);

	alive(t);
	send_octets(t, &echo, ETH_HDR_OCTETS);
	send_octets(t, &echo, ETH_HDR_OCTETS + 1);
	send_octets(t, &echo, ETH_HDR_OCTETS + IP6_HDR_OCTETS - 1);
	silence(t, SILENCE_FOR, NULL);
	answered(t, TN1, &echo);
}

/*
 * Extension headers that are longer than the packet.
 */

static void header_missing(struct tester *t)
{
	struct pv bad = echo_to_nut(t), good = bad;

	bad.kind = PV_RAW;
	bad.data.n = 0;
	bad.next = IS(IP6_NH_DSTOPTS);
	discarded(t, TN1, &bad);
	answered(t, TN1, &good);
}

static const uint8_t padn[OPTIONS] = { IP6_OPT_PADN, 4 };

/* The header says that it takes 2048 octets. */
static void header_overruns(struct tester *t, uint8_t kind, const uint8_t *body)
{
	struct pv bad = with_options(echo_to_nut(t), kind, body, OPTIONS);
	struct pv good = bad;

	bad.ext[0].len = IS(255);
	discarded(t, TN1, &bad);
	answered(t, TN1, &good);
}

static void dstopts_overrun(struct tester *t)
{
	header_overruns(t, IP6_NH_DSTOPTS, padn);
}

static void hbh_overrun(struct tester *t)
{
	header_overruns(t, IP6_NH_HBH, padn);
}

static void routing_overrun(struct tester *t)
{
	static const uint8_t type_253_left_0[OPTIONS] = { 253, 0 };

	header_overruns(t, IP6_NH_ROUTING, type_253_left_0);
}

static void fragment_header_short(struct tester *t)
{
	struct pv bad = echo_to_nut(t), good = in_fragment(bad);

	bad.kind = PV_RAW;
	bad.data = IS_OCTETS(padn, 4);
	bad.next = IS(IP6_NH_FRAGMENT);
	discarded(t, TN1, &bad);
	answered(t, TN1, &good);
}

/*
 * Options that are longer than their header.
 */

static void options_are_bad(struct tester *t, uint8_t kind, const uint8_t *body)
{
	struct pv bad = with_options(echo_to_nut(t), kind, body, OPTIONS);
	struct pv good = with_options(echo_to_nut(t), kind, padn, OPTIONS);

	discarded(t, TN1, &bad);
	answered(t, TN1, &good);
}

static const uint8_t pad_long[OPTIONS] = { IP6_OPT_PADN, 5 };
static const uint8_t unknown_long[OPTIONS] = { 0x1e, 200 };
static const uint8_t unknown_cut[OPTIONS] = { IP6_OPT_PADN, 3, 0, 0, 0, 0x1e };

static void dst_pad_long(struct tester *t)
{
	options_are_bad(t, IP6_NH_DSTOPTS, pad_long);
}

static void hbh_pad_long(struct tester *t)
{
	options_are_bad(t, IP6_NH_HBH, pad_long);
}

static void dst_option_long(struct tester *t)
{
	options_are_bad(t, IP6_NH_DSTOPTS, unknown_long);
}

static void dst_option_cut(struct tester *t)
{
	options_are_bad(t, IP6_NH_DSTOPTS, unknown_cut);
}

static void hbh_option_cut(struct tester *t)
{
	options_are_bad(t, IP6_NH_HBH, unknown_cut);
}

/*
 * RFC 2675 section 3: who knows the option points at what is wrong (code 0); to all others it is
 * unknown, of those that are to be reported (code 2). The pointer is of the IPv6 header or the
 * option in any case.
 */
static void jumbo_is_refused(struct tester *t, uint32_t jumbo, bool zero_length)
{
	uint8_t *body = octets(t, OPTIONS);
	struct pv bad, good, problem;
	const struct seen *s;

	body[0] = IP6_OPT_JUMBO;
	body[1] = 4;
	put_be32(body + 2, jumbo);
	bad = with_options(echo_to_nut(t), IP6_NH_HBH, body, OPTIONS);
	if (zero_length)
		bad.plen = IS(0);
	problem = error_about(tx(t, TN1, &bad), ICMP6_PARAM_PROB, 0, 0);
	problem.code.set = problem.param.set = problem.data.set = false;
	s = expect(t, LINK_B, REPLY_WITHIN, &problem);
	if (s->pv.code.v == ICMP6_PARAM_OPTION
		    ? s->pv.param.v != AT_OPTION
		    : s->pv.code.v != ICMP6_PARAM_FIELD || s->pv.param.v >= AT_OPTION + OPTIONS)
		tester_fail(t, "the Parameter Problem has code %u and points at 0x%x",
			    (unsigned)s->pv.code.v, (unsigned)s->pv.param.v);
	silence(t, SILENCE_FOR, NULL);
	good = with_options(echo_to_nut(t), IP6_NH_HBH, padn, OPTIONS);
	answered(t, TN1, &good);
}

static void jumbo_beside_length(struct tester *t)
{
	jumbo_is_refused(t, 65536, false);
}

static void jumbo_zero(struct tester *t)
{
	jumbo_is_refused(t, 0, true);
}

static void jumbo_too_small(struct tester *t)
{
	jumbo_is_refused(t, 65535, true);
}

/* RFC 8504 section 5.3: who limits what it reads, discards the packet in silence. */
static void within_limits(struct tester *t, const uint8_t *body, size_t n)
{
	struct pv echo = with_options(echo_to_nut(t), IP6_NH_DSTOPTS, body, n), reply;

	alive(t);
	reply = reply_to(tx(t, TN1, &echo));
	if (came(t, SILENCE_FOR, &reply))
		expect(t, LINK_B, REPLY_WITHIN, &reply);
	silence(t, SILENCE_FOR, NULL);
	alive(t);
}

static void much_pad1(struct tester *t)
{
	within_limits(t, octets(t, 254), 254);
}

static void much_padn(struct tester *t)
{
	uint8_t *body = octets(t, 254);

	body[0] = IP6_OPT_PADN;
	body[1] = 252;
	within_limits(t, body, 254);
}

static void many_options(struct tester *t)
{
	uint8_t *body = octets(t, 254);

	for (unsigned i = 0; i < 254; i += 2)
		body[i] = 0x1e; /* unknown, to be skipped, without data */
	within_limits(t, body, 254);
}

/*
 * Routing headers of type 0.
 */

static struct pv through_type_0(struct tester *t, uint8_t left)
{
	static const uint8_t hdr[2] = { IP6_RH_TYPE0, 1 };
	uint8_t *body = octets(t, 6 + IP6_ADDR_OCTETS);
	struct pv pv;

	memcpy(body, hdr, sizeof(hdr));
	body[1] = left;
	memcpy(body + 6, t->st[TR1].lla.b, IP6_ADDR_OCTETS);
	pv = with_options(echo_to_nut(t), IP6_NH_ROUTING, body, 6 + IP6_ADDR_OCTETS);
	return pv;
}

static void type_0_left(struct tester *t)
{
	struct pv bad = through_type_0(t, 1), good = through_type_0(t, 0);

	refused(t, TN1, &bad, ICMP6_PARAM_FIELD, AT_OPTION);
	answered(t, TN1, &good);
}

static void type_0_too_many_left(struct tester *t)
{
	struct pv bad = through_type_0(t, 200), good = through_type_0(t, 0);

	refused(t, TN1, &bad, ICMP6_PARAM_FIELD, AT_OPTION);
	answered(t, TN1, &good);
}

/*
 * Addresses that never come from a link.
 */

static void from(struct tester *t, const struct ip6_addr *src)
{
	struct pv bad = echo_to_nut(t), good = bad;

	bad.src = IS_ADDR(*src);
	ignored(t, TN1, &bad);
	answered(t, TN1, &good);
}

/* For a unicast address there may be an error: nothing says that there may not. */
static void to(struct tester *t, const struct ip6_addr *dst)
{
	struct pv bad = echo_to_nut(t), good = bad;

	bad.dst = IS_ADDR(*dst);
	if (dst->b[0] == 0xff)
		ignored(t, TN1, &bad);
	else
		discarded(t, TN1, &bad);
	answered(t, TN1, &good);
}

static const struct ip6_addr loopback = { { [15] = 1 } };

static void from_group(struct tester *t)
{
	from(t, &all_nodes);
}

static void from_nobody(struct tester *t)
{
	from(t, &IP6_UNSPEC);
}

static void from_loopback(struct tester *t)
{
	from(t, &loopback);
}

static void to_loopback(struct tester *t)
{
	to(t, &loopback);
}

static void to_nobody(struct tester *t)
{
	to(t, &IP6_UNSPEC);
}

/* All nodes of another scope than the link's: who hears that hears ff02::1 too, if it answers. */
static void to_scope(struct tester *t, uint8_t scope)
{
	struct ip6_addr group = { { 0xff, scope, [15] = 1 } };
	struct pv echo = echo_to_nut(t), reply;

	alive(t);
	echo.dst = IS_ADDR(all_nodes);
	reply = reply_to(tx(t, TN1, &echo));
	reply.src.set = false;
	if (!came(t, REPLY_WITHIN, &reply))
		tester_skip(t, "the device answers no echo request to a group (RFC 4443 section "
			       "4.2: SHOULD), so there is nothing to see");
	expect(t, LINK_B, REPLY_WITHIN, &reply);
	to(t, &group);
}

static void to_interface_local(struct tester *t)
{
	to_scope(t, 1);
}

static void to_scope_0(struct tester *t)
{
	to_scope(t, 0);
}

/* RFC 4007 section 5: each link is a zone of its own for the link-local address. */
static void to_other_zone(struct tester *t)
{
	struct pv bad = echo_to(t, TN1, nut_lla(t, TN2)), good = echo_to_nut(t);

	if (ip6_eq(&bad.dst.a, &good.dst.a))
		tester_skip(t, "the device has the same link-local address on both links");
	discarded(t, TN1, &bad);
	answered(t, TN1, &good);
}

/* TN1 goes by its link-local address to a node beyond. */
static void out_of_scope(struct tester *t)
{
	struct pv good, bad, want;

	setup_router(t);
	good = echo_to(t, TN1, t->st[TN2].global);
	want = forwarded(tx(t, TN1, &good));
	want.tclass.set = want.flow.set = false;
	expect(t, LINK_A, REPLY_WITHIN, &want);
	bad = good;
	bad.src = IS_ADDR(t->st[TN1].lla);
	want = error_about(tx(t, TN1, &bad), ICMP6_UNREACH, ICMP6_UNREACH_SCOPE, 0);
	want.param.set = false;
	expect(t, LINK_B, REPLY_WITHIN, &want);
	silence(t, SILENCE_FOR, NULL);
	alive(t);
}

/*
 * UDP, to a port where nobody listens: Port Unreachable shows that a datagram was taken.
 */

static void udp_is_ignored(struct tester *t, bool none)
{
	static const uint8_t data[4] = { 1, 2, 3, 4 };
	struct pv udp = { .src = IS_ADDR(t->st[TN1].lla),
			  .dst = IS_ADDR(nut_lla(t, TN1)),
			  .kind = PV_UDP,
			  .sport = IS(4096),
			  .dport = IS(A_PORT),
			  .data = IS_OCTETS(data, sizeof(data)) };
	struct pv bad = udp, want;

	if (none)
		bad.csum = IS(0);
	else
		spoil_checksum(&bad);
	ignored(t, TN1, &bad);
	want = error_about(tx(t, TN1, &udp), ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0);
	want.param.set = false;
	expect(t, LINK_B, REPLY_WITHIN, &want);
}

static void udp_without_checksum(struct tester *t)
{
	udp_is_ignored(t, true);
}

static void udp_wrong_checksum(struct tester *t)
{
	udp_is_ignored(t, false);
}

static const struct part parts[] = {
	{ "robust.8200.3.a", "payload length beyond the packet",
	  "A packet that was cut is not processed as if it were whole.", "RFC 8200 section 3",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, payload_length_long },
	{ "robust.8200.3.b", "payload length of zero before a message",
	  "What is not of the payload is not read.", "RFC 8200 section 3", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, payload_length_zero },
	{ "robust.8200.3.c", "octets behind the payload",
	  "Padding of the link is not taken for data.", "RFC 8200 section 3", LEVEL_MUST, NUT_BOTH,
	  0, NS_PER_S, payload_length_short },
	{ "robust.8200.3.d", "frames that end within the header",
	  "A frame of any length does no harm.", "RFC 8200 section 3", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, frame_short },
	{ "robust.8200.4.a", "header chain that ends early",
	  "Options are announced and the packet is over.", "RFC 4443 section 3.4", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, header_missing },
	{ "robust.8200.4.b", "destination options longer than the packet",
	  "A header that is not there in whole is not passed over.", "RFC 4443 section 3.4",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, dstopts_overrun },
	{ "robust.8200.4.c", "hop-by-hop options longer than the packet",
	  "A header that is not there in whole is not passed over.", "RFC 4443 section 3.4",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, hbh_overrun },
	{ "robust.8200.4.d", "routing header longer than the packet",
	  "A header that is not there in whole is not passed over.", "RFC 4443 section 3.4",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, routing_overrun },
	{ "robust.8200.4.e", "half a fragment header",
	  "A header that is not there in whole is not made up for.", "RFC 4443 section 3.4",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, fragment_header_short },
	{ "robust.8200.4.2.a", "padding longer than destination options",
	  "A PadN that runs past its header is no padding.", "RFC 8200 section 4.2", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, dst_pad_long },
	{ "robust.8200.4.2.b", "padding longer than hop-by-hop options",
	  "A PadN that runs past its header is no padding.", "RFC 8200 section 4.2", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, hbh_pad_long },
	{ "robust.8200.4.2.c", "unknown option longer than its header",
	  "It may be skipped, but not beyond the header.", "RFC 8200 section 4.2", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, dst_option_long },
	{ "robust.8200.4.2.d", "destination option without a length",
	  "The header ends behind the type of an option.", "RFC 8200 section 4.2", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, dst_option_cut },
	{ "robust.8200.4.2.e", "hop-by-hop option without a length",
	  "The header ends behind the type of an option.", "RFC 8200 section 4.2", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, hbh_option_cut },
	{ "robust.2675.3.a", "jumbo payload beside a payload length",
	  "A packet cannot have two lengths.", "RFC 2675 section 3", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, jumbo_beside_length },
	{ "robust.2675.3.b", "jumbo payload of zero octets",
	  "A jumbogram is longer than 65535 octets.", "RFC 2675 section 3", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, jumbo_zero },
	{ "robust.2675.3.c", "jumbo payload of 65535 octets",
	  "What fits the payload length is no jumbogram.", "RFC 2675 section 3", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, jumbo_too_small },
	{ "robust.8504.5.3.a", "254 octets of Pad1",
	  "Such a packet is answered, or discarded in silence.", "RFC 8504 section 5.3", LEVEL_MAY,
	  NUT_BOTH, 0, NS_PER_S, much_pad1 },
	{ "robust.8504.5.3.b", "a PadN of 252 octets",
	  "Such a packet is answered, or discarded in silence.", "RFC 8504 section 5.3",
	  LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, much_padn },
	{ "robust.8504.5.3.c", "127 options to be skipped",
	  "Such a packet is answered, or discarded in silence.", "RFC 8504 section 5.3",
	  LEVEL_SHOULD, NUT_BOTH, 0, NS_PER_S, many_options },
	{ "robust.5095.3.a", "routing header type 0",
	  "With segments left it is refused as an unknown type, and nothing is sent on.",
	  "RFC 5095 section 3", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, type_0_left },
	{ "robust.5095.3.b", "routing header type 0, more left than there are",
	  "It is refused for its type, without a look at the addresses.", "RFC 5095 section 3",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, type_0_too_many_left },
	{ "robust.4291.2.5.2.a", "echo request from nobody",
	  "An answer would have to go to the unspecified address.", "RFC 4291 section 2.5.2",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, from_nobody },
	{ "robust.4291.2.5.2.b", "echo request to the unspecified address",
	  "It is no node's address.", "RFC 4291 section 2.5.2", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S,
	  to_nobody },
	{ "robust.4291.2.5.3.a", "echo request to the loopback address",
	  "What comes from a link is not for the node's inside.", "RFC 4291 section 2.5.3",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, to_loopback },
	{ "robust.4291.2.5.3.b", "echo request from the loopback address", "Nobody outside has it.",
	  "RFC 4291 section 2.5.3", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, from_loopback },
	{ "robust.4291.2.7.a", "echo request from a group",
	  "A group sends nothing, and is sent no answer.", "RFC 4291 section 2.7", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, from_group },
	{ "robust.4291.2.7.b", "group of interface-local scope, from a link",
	  "Such a group is for loopback only.", "RFC 4291 section 2.7", LEVEL_MUST, NUT_BOTH, 0,
	  NS_PER_S, to_interface_local },
	{ "robust.4291.2.7.c", "group of scope 0", "The reserved scope is dropped in silence.",
	  "RFC 4291 section 2.7", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, to_scope_0 },
	{ "robust.4007.5.a", "link-local address of the other link",
	  "On this link it is another address, which the device does not have.",
	  "RFC 4007 section 5", LEVEL_MUST, NUT_ROUTER, 0, NS_PER_S, to_other_zone },
	{ "robust.4007.9.a", "packet that would leave its source's zone",
	  "It is discarded, and its sender told so.", "RFC 4007 section 9", LEVEL_MUST, NUT_ROUTER,
	  NUT_CAN_FORWARD | NUT_CAN_ADDR, NS_PER_S, out_of_scope },
	{ "robust.8200.8.1.a", "UDP without a checksum",
	  "Zero is no checksum; the datagram is discarded.", "RFC 8200 section 8.1", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, udp_without_checksum },
	{ "robust.8200.8.1.b", "UDP with a wrong checksum", "A damaged datagram is discarded.",
	  "RFC 8200 section 8.1", LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, udp_wrong_checksum },
};

const struct suite suite_robust_rfc8200 = {
	.name = "robust-8200",
	.title = "robustness: headers, options, addresses",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
