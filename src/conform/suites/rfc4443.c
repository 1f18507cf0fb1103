/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMPv6: tests 5.1.1 to 5.1.8 of the core specification 4.0.7, by RFC 4443: echo, and the errors
 * that are sent. For those that must not be see rfc4443_silent.c.
 *
 * Each error has to quote as much of the packet as fits 1,280 octets, and to come from a unicast
 * address of the device's: that the packet was sent to, or if it was only to pass, any.
 */
#include "conform/suites/rfc4443.h"

#include <string.h>

#define PORT	     9000 /* on which nobody listens */
#define MTU_BETWEEN  1400
#define QUOTE_MAX    (ICMP6_MTU_MIN - IP6_HDR_OCTETS - 8) /* section 2.4 (c) */
#define EXTENDED_MIN 128      /* octets quoted where extensions follow, RFC 4884 section 4 */
#define GAP	     NS_PER_S /* between errors: section 2.4 (f) has their rate limited */
#define NEXT_AT	     0x28     /* the next header of an extension header behind an IPv6 header */
#define UNKNOWN_TYPE 254

const struct ip6_addr icmp6_nowhere = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0xff, [15] = 1 } };
const struct ip6_addr icmp6_nobody = { { 0x20, 0x01, 0x0d, 0xb8, 0,
					 0x0b, [14] = 0xde, [15] = 0xad } };

struct pv icmp6_sized(struct tester *t, struct pv pv, size_t before, size_t payload)
{
	uint8_t *data = octets(t, payload - before);

	for (size_t i = 0; i < payload - before; i++)
		data[i] = (uint8_t)(i * 7);
	pv.data = IS_OCTETS(data, payload - before);
	return pv;
}

/* A whole echo request of 64 octets, as most of the specification's are. */
static struct pv echo_64(struct tester *t, struct ip6_addr dst)
{
	return icmp6_sized(t, echo_to(t, TN1, dst), 8, 64);
}

/* The address on @link that frame number @i probes for (RFC 4862 section 5.4.2). */
static bool probed_in(const struct tester *t, size_t i, enum nut_link link, struct ip6_addr *ret)
{
	const struct seen *s = t->record.seen[i];

	if (!s->from_nut || !s->ip6 || s->link != link || s->pv.kind != PV_ICMP6 ||
	    s->pv.type.v != ICMP6_NS || !ip6_is_unspec(&s->pv.src.a) ||
	    s->pv.data.n < IP6_ADDR_OCTETS)
		return false;
	memcpy(ret->b, s->pv.data.p, IP6_ADDR_OCTETS);
	return true;
}

/* Is @a an address of the device's on @link? It has probed for each that it has. */
static bool is_its(const struct tester *t, enum nut_link link, const struct ip6_addr *a)
{
	struct ip6_addr probed;

	for (size_t i = 0; i < t->record.n; i++)
		if (probed_in(t, i, link, &probed) && ip6_eq(&probed, a))
			return true;
	return ip6_eq(a, &t->lla[link]) || ip6_eq(a, &t->global[link]);
}

static void sends_echo(struct tester *t)
{
	struct pv want = { .version = IS(IP6_VERSION),
			   .dst = IS_ADDR(t->st[TN1].lla),
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_ECHO_REQUEST),
			   .code = IS(0) };
	struct pv reply;

	setup_1(t, 1);
	want.src = IS_ADDR(nut_lla(t, TN1));
	device_ping(t, LINK_B, &t->st[TN1].lla, 8);
	reply = reply_to(expect(t, LINK_B, REPLY_WITHIN, &want));
	tx(t, TN1, &reply);
}

/* TN1's echo request to @dst; answered from @src (unset: any). Return: the answer. */
static const struct seen *answered(struct tester *t, struct pv echo, struct av src)
{
	struct pv reply = reply_to(tx(t, TN1, &echo));

	reply.src = src;
	return expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void echo_link_local(struct tester *t)
{
	struct pv echo;

	setup_1(t, 1);
	echo = echo_to(t, TN1, nut_lla(t, TN1));
	answered(t, echo, echo.dst);
}

static void echo_global(struct tester *t)
{
	struct pv echo;

	setup_1(t, 1);
	echo = echo_to(t, TN1, nut_global(t, TN1));
	answered(t, echo, echo.dst);
}

/* The answer to a group comes from a unicast address of the interface (section 4.2). */
static void echo_to_group(struct tester *t, struct ip6_addr group)
{
	struct ip6_addr src;
	struct pv echo;

	setup_1(t, 1);
	echo = echo_to(t, TN1, group);
	echo.src = IS_ADDR(t->st[TN1].lla);
	src = answered(t, echo, (struct av){ false })->pv.src.a;
	if (!is_its(t, LINK_B, &src))
		tester_fail(t, "the answer does not come from an address of the interface");
}

static void echo_all_nodes(struct tester *t)
{
	echo_to_group(t, all_nodes);
}

static void echo_all_routers(struct tester *t)
{
	echo_to_group(t, all_routers);
}

/* Not answered; the device's link-layer address is the only thing that is right. */
static void echo_to_no_one(struct tester *t, struct ip6_addr dst, const struct pv *never)
{
	struct pv echo;

	setup_1(t, 1);
	echo = echo_to(t, TN1, nut_lla(t, TN1));
	echo.dst = IS_ADDR(dst);
	tx(t, TN1, &echo);
	silence(t, SILENCE_FOR, never);
}

static const struct pv a_reply = { .kind = PV_ICMP6, .type = { true, ICMP6_ECHO_REPLY } };
static const struct pv a_request = { .kind = PV_ICMP6, .type = { true, ICMP6_ECHO_REQUEST } };

/*
 * It may not be used as a destination; no RFC says that a router has to hold back what somebody
 * sent there all the same. So it is replies that may not come.
 */
static void echo_unspecified(struct tester *t)
{
	echo_to_no_one(t, IP6_UNSPEC, &a_reply);
}

static void echo_loopback(struct tester *t)
{
	echo_to_no_one(t, (struct ip6_addr){ { [15] = 1 } }, NULL);
}

/* TR1 advertises @prefix. Return: the address that the host makes of it. */
static struct ip6_addr autoconfigured(struct tester *t, const struct ip6_addr *prefix)
{
	struct pv adv = ra(t, TR1, 600, 0);
	struct ip6_addr a;

	option_prefix(t, &adv, prefix, 64, PIO_ON_LINK | PIO_AUTO, 600, 600);
	tx(t, TR1, &adv);
	settle(t, 3 * NS_PER_S, 1);
	for (size_t i = t->since; i < t->record.n; i++)
		if (probed_in(t, i, LINK_B, &a) && ip6_in_prefix(&a, prefix, 64))
			return a;
	tester_fail(t, "no address was made of an advertised prefix of fec0::/10");
}

/* RFC 4291 section 2.5.7: a prefix like any other. */
static void echo_site_local(struct tester *t)
{
	static const struct ip6_addr prefix = { { 0xfe, 0xc0, [7] = 0x0b } };
	struct ip6_addr a = prefix;
	struct pv echo;

	setup_1(t, 1);
	a.b[15] = 0xfe;
	if (t->role == NUT_ROUTER)
		setup_addr(t, LINK_B, "fec0:0:0:b::fe");
	else
		a = autoconfigured(t, &prefix);
	echo = echo_to(t, TN1, a);
	echo.src = IS_ADDR(t->st[TN1].lla);
	answered(t, echo, echo.dst);
}

/*
 * Errors. RFC 4884 sections 4.4 and 4.5 let extensions follow the quotation in two of them; its
 * length is then in the octet behind the checksum, in units of 8, and zeros fill it up.
 */
static bool may_be_extended(const struct pv *error)
{
	return error->type.v == ICMP6_UNREACH || error->type.v == ICMP6_TIME_EXCEEDED;
}

static bool are_zeros(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* Is as much of @about in @error as there should be? A router may have counted the hop off. */
static bool quotes(const struct pv *error, const struct seen *about)
{
	const uint8_t *p = error->data.p, *q = about->octets + ETH_HDR_OCTETS;
	size_t n = MIN(about->n - ETH_HDR_OCTETS, (size_t)QUOTE_MAX);
	size_t said = may_be_extended(error) ? (size_t)(error->param.v >> 24) * 8 : 0;

	if (said == 0 && (error->data.n != n || (may_be_extended(error) && error->param.v != 0)))
		return false;
	if (said > 0) {
		n = MIN(n, said);
		if (said < EXTENDED_MIN || said >= error->data.n || error->data.n > QUOTE_MAX ||
		    !are_zeros(p + n, said - n))
			return false;
	}
	return memcmp(p, q, IP6_HLIM_OFF) == 0 &&
	       (p[IP6_HLIM_OFF] == q[IP6_HLIM_OFF] || p[IP6_HLIM_OFF] + 1 == q[IP6_HLIM_OFF]) &&
	       memcmp(p + IP6_SRC_OFF, q + IP6_SRC_OFF, n - IP6_SRC_OFF) == 0;
}

/* @pv of TN1's is answered by this error, from @src (unset: any address of the device's). */
static void is_told(struct tester *t, const struct pv *pv, uint8_t type, uint8_t code,
		    uint32_t param, struct av src)
{
	const struct seen *about = tx(t, TN1, pv), *s;
	struct pv error = error_about(about, type, code, param);

	error.src = src;
	error.data.set = false;
	error.param.set = !may_be_extended(&error);
	s = expect(t, LINK_B, RESOLUTION_FOR, &error);
	if (!quotes(&s->pv, about))
		tester_fail(t, "the error does not quote the packet, or not as much as fits");
	if (!is_its(t, LINK_A, &s->pv.src.a) && !is_its(t, LINK_B, &s->pv.src.a))
		tester_fail(t, "the error does not come from a unicast address of the device");
}

static const struct av any_source;

static void no_route(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	echo = echo_64(t, icmp6_nowhere);
	is_told(t, &echo, ICMP6_UNREACH, ICMP6_UNREACH_ROUTE, 0, any_source);
}

static void no_address(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	echo = echo_64(t, icmp6_nobody);
	is_told(t, &echo, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, 0, any_source);
}

struct pv icmp6_datagram(struct ip6_addr src, struct ip6_addr dst)
{
	static const uint8_t data[] = { 'i', 'n', 'a', 'b', 'a' };

	return (struct pv){ .src = IS_ADDR(src),
			    .dst = IS_ADDR(dst),
			    .kind = PV_UDP,
			    .sport = IS(PORT + 1),
			    .dport = IS(PORT),
			    .data = IS_OCTETS(data, sizeof(data)) };
}

static void no_port_local(struct tester *t)
{
	struct pv udp;

	setup_1(t, 1);
	udp = icmp6_datagram(t->st[TN1].lla, nut_lla(t, TN1));
	is_told(t, &udp, ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0, udp.dst);
}

static void no_port_global(struct tester *t)
{
	struct pv udp;

	setup_1(t, 1);
	udp = icmp6_datagram(t->st[TN1].global, nut_global(t, TN1));
	is_told(t, &udp, ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0, udp.dst);
}

static void beyond_scope(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	echo = echo_64(t, t->st[TN2].global);
	echo.src = IS_ADDR(t->st[TN1].lla);
	is_told(t, &echo, ICMP6_UNREACH, ICMP6_UNREACH_SCOPE, 0, any_source);
	silence(t, SILENCE_FOR, &a_request);
}

struct pv icmp6_large(struct tester *t)
{
	static const enum station_id near[] = { TN1, TN2 };

	setup_router(t);
	setup_mtu(t, LINK_A, ICMP6_MTU_MIN);
	for (size_t i = 0; i < ARRAY_LEN(near); i++) { /* the device knows where both are */
		struct pv echo = echo_to(t, near[i], nut_global(t, near[i]));
		struct pv reply = reply_to(tx(t, near[i], &echo));

		expect(t, t->st[near[i]].link, REPLY_WITHIN, &reply);
	}
	return icmp6_sized(t, echo_to(t, TN1, t->st[TN2].global), 8, 1500 - IP6_HDR_OCTETS);
}

/* It is the MTU of the way on that is told: not always 1,280; and what just fits goes on. */
static void too_big(struct tester *t)
{
	struct pv echo = icmp6_large(t), want;

	is_told(t, &echo, ICMP6_TOO_BIG, 0, ICMP6_MTU_MIN, any_source);
	silence(t, GAP, &a_request);
	setup_mtu(t, LINK_A, MTU_BETWEEN);
	is_told(t, &echo, ICMP6_TOO_BIG, 0, MTU_BETWEEN, any_source);
	silence(t, GAP, &a_request);
	echo = icmp6_sized(t, echo, 8, MTU_BETWEEN + 1 - IP6_HDR_OCTETS);
	is_told(t, &echo, ICMP6_TOO_BIG, 0, MTU_BETWEEN, any_source);
	silence(t, GAP, &a_request);
	echo = icmp6_sized(t, echo, 8, MTU_BETWEEN - IP6_HDR_OCTETS);
	want = forwarded(tx(t, TN1, &echo));
	expect(t, LINK_A, REPLY_WITHIN, &want);
}

static void too_big_group(struct tester *t)
{
	static const char group[] = "ff1e::1:2";
	struct pv echo = icmp6_large(t);

	setup_mroute(t, LINK_B, group, LINK_A);
	if (ip6_parse(group, &echo.dst.a) < 0)
		tester_error(t, "\"%s\" is no address", group);
	is_told(t, &echo, ICMP6_TOO_BIG, 0, ICMP6_MTU_MIN, any_source);
	silence(t, SILENCE_FOR, &a_request);
}

static void hops_over(struct tester *t, unsigned hop_limit)
{
	struct pv echo;

	setup_router(t);
	echo = echo_64(t, t->st[TN2].global);
	echo.hop_limit = IS(hop_limit);
	is_told(t, &echo, ICMP6_TIME_EXCEEDED, ICMP6_TIME_HOP_LIMIT, 0, any_source);
	silence(t, SILENCE_FOR, &a_request);
}

static void hops_0(struct tester *t)
{
	hops_over(t, 0);
}

static void hops_1(struct tester *t)
{
	hops_over(t, 1);
}

/* A fragment that others must follow, with a payload that is no multiple of eight: 37 octets. */
static void bad_field(struct tester *t)
{
	struct pv echo;

	setup_1(t, 1);
	echo = icmp6_sized(t, echo_to(t, TN1, nut_global(t, TN1)), 16, 37);
	echo.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT, .flags = IS(1), .id = IS(135) };
	echo.n_ext = 1;
	is_told(t, &echo, ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, IP6_PLEN_OFF, echo.dst);
	silence(t, SILENCE_FOR, &a_reply);
}

static void bad_next(struct tester *t)
{
	static const uint8_t padn[6] = { 1, 4 };
	struct pv echo;

	setup_1(t, 1);
	echo = icmp6_sized(t, echo_to(t, TN1, nut_global(t, TN1)), 16, 64);
	echo.ext[0] = (struct pv_ext){ .kind = IP6_NH_DSTOPTS,
				       .next = IS(252),
				       .body = IS_OCTETS(padn, sizeof(padn)) };
	echo.n_ext = 1;
	is_told(t, &echo, ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, NEXT_AT, echo.dst);
	silence(t, SILENCE_FOR, &a_reply);
}

static void unknown_message(struct tester *t)
{
	struct pv pv;

	setup_1(t, 1);
	pv = echo_to(t, TN1, nut_global(t, TN1));
	pv.type = IS(UNKNOWN_TYPE);
	pv.param = IS(0);
	tx(t, TN1, &pv);
	silence(t, SILENCE_FOR, NULL);
	ping(t, TN1);
}

#define PART(id, title, purpose, section, level, roles, needs, fn)                                 \
	{                                                                                          \
		"v6lc.5.1." id, title, purpose, "RFC 4443 section " section, level, roles, needs,  \
			NS_PER_S, fn                                                               \
	}
#define MUST(id, title, purpose, section, roles, needs, fn)                                        \
	PART(id, title, purpose, section, LEVEL_MUST, roles, needs, fn)
#define SHOULD(id, title, purpose, section, roles, needs, fn)                                      \
	PART(id, title, purpose, section, LEVEL_SHOULD, roles, needs, fn)

#define ANSWERS	 "An echo request is answered from the address that it came to."
#define A_GROUPS "An echo request to a group is answered from an address of the interface."
#define NOT_OURS "An address that never comes from a link is not answered for."
#define UNREACH	 "Who sent what cannot be delivered is told why."
static const struct part parts[] = {
	MUST("1", "echo requests sent", "A device can send echo requests.", "4.1", NUT_BOTH,
	     NUT_CAN_PING, sends_echo),
	MUST("2.a", "echo: link-local", ANSWERS, "4.2", NUT_BOTH, 0, echo_link_local),
	MUST("2.b", "echo: global", ANSWERS, "4.2", NUT_BOTH, 0, echo_global),
	SHOULD("2.c", "echo: all nodes", A_GROUPS, "4.2", NUT_BOTH, 0, echo_all_nodes),
	SHOULD("2.d", "echo: all routers", A_GROUPS, "4.2", NUT_ROUTER, 0, echo_all_routers),
	{ "v6lc.5.1.2.e", "echo: unspecified address", NOT_OURS, "RFC 4291 section 2.5.2",
	  LEVEL_MUST, NUT_BOTH, 0, NS_PER_S, echo_unspecified },
	{ "v6lc.5.1.2.f", "echo: loopback address", NOT_OURS, "RFC 4291 section 2.5.3", LEVEL_MUST,
	  NUT_BOTH, 0, NS_PER_S, echo_loopback },
	MUST("2.g", "echo: fec0::/64", ANSWERS, "4.2", NUT_BOTH, 0, echo_site_local),
	SHOULD("3.a", "no route", UNREACH, "3.1", NUT_ROUTER, ICMP6_ROUTES, no_route),
	SHOULD("3.b", "no such neighbor", UNREACH, "3.1", NUT_ROUTER, ICMP6_ROUTES, no_address),
	SHOULD("3.c", "no such port, link-local", UNREACH, "3.1", NUT_BOTH, 0, no_port_local),
	SHOULD("3.d", "no such port, global", UNREACH, "3.1", NUT_BOTH, 0, no_port_global),
	SHOULD("3.e", "beyond the scope of the source", UNREACH, "3.1", NUT_ROUTER, ICMP6_ROUTES,
	       beyond_scope),
	MUST("4.a", "packet too big", "Who sent what is too big for the way on is told its MTU.",
	     "3.2", NUT_ROUTER, ICMP6_LARGE, too_big),
	MUST("4.b", "packet too big for a group",
	     "Who sent what is too big for the way on is told its MTU, of groups too.", "3.2",
	     NUT_ROUTER, ICMP6_LARGE | NUT_MCAST_ROUTING, too_big_group),
	MUST("5.a", "hop limit of zero", "A packet without hops left ends, and its sender is told.",
	     "3.3", NUT_ROUTER, ICMP6_ROUTES, hops_0),
	MUST("5.b", "hop limit of one", "A packet without hops left ends, and its sender is told.",
	     "3.3", NUT_ROUTER, ICMP6_ROUTES, hops_1),
	SHOULD("6", "a bad field", "An error points at the field that is bad.", "3.4", NUT_BOTH, 0,
	       bad_field),
	SHOULD("7", "an unknown next header", "An error points at the next header that is unknown.",
	       "3.4", NUT_BOTH, 0, bad_next),
	MUST("8", "an unknown message", "An informational message of unknown type is ignored.",
	     "2.4 (b)", NUT_BOTH, 0, unknown_message),
};

const struct suite suite_rfc4443 = {
	.name = "rfc4443",
	.title = "ICMPv6: echo and errors",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
