/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMPv6: group 5 of the core specification 4.0.7, by RFC 4443. */
#include <string.h>

#include "conform/message.h"
#include "ip6/scope.h"

#define PORT	       9000 /* on which nobody listens */
#define MTU_MIN	       1280
#define REASSEMBLY_FOR (60 * NS_PER_S)
#define RESOLUTION_FOR (5 * NS_PER_S) /* MAX_MULTICAST_SOLICIT times RETRANS_TIMER, and some */
#define NEXT_AT	       0x28 /* the next header of an extension header behind an IPv6 header */
#define UNKNOWN_TYPE   254

/* Where nothing is: beyond all routers, and on link B. */
static const struct ip6_addr nowhere = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0xff, [15] = 1 } };
static const struct ip6_addr nobody = { { 0x20, 0x01, 0x0d, 0xb8, 0,
					  0x0b, [14] = 0xde, [15] = 0xad } };

static void sends_echo(struct tester *t)
{
	struct pv want = { .dst = IS_ADDR(t->st[TN1].lla),
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_ECHO_REQUEST),
			   .code = IS(0) };

	setup_1(t, 1);
	want.src = IS_ADDR(nut_lla(t, TN1));
	must_do(t, t->nut->ops->ping(t->nut, LINK_B, &t->st[TN1].lla, 8), "a ping");
	expect(t, LINK_B, REPLY_WITHIN, &want);
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
	if (!ip6_eq(&src, &t->lla[LINK_B]) && !ip6_eq(&src, &t->global[LINK_B]))
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

/* Not answered, by nothing; the device's link-layer address is the only thing that is right. */
static void echo_to_no_one(struct tester *t, struct ip6_addr dst)
{
	struct pv echo;

	setup_1(t, 1);
	echo = echo_to(t, TN1, nut_lla(t, TN1));
	echo.dst = IS_ADDR(dst);
	tx(t, TN1, &echo);
	silence(t, SILENCE_FOR, NULL);
}

/*
 * It may not be used as a destination; no RFC says that a router has to hold back what somebody
 * sent there all the same. So it is replies that may not come.
 */
static void echo_unspecified(struct tester *t)
{
	struct pv echo, never = { .kind = PV_ICMP6, .type = IS(ICMP6_ECHO_REPLY) };

	setup_1(t, 1);
	echo = echo_to(t, TN1, nut_lla(t, TN1));
	echo.dst = IS_ADDR(IP6_UNSPEC);
	tx(t, TN1, &echo);
	silence(t, SILENCE_FOR, &never);
}

static void echo_loopback(struct tester *t)
{
	echo_to_no_one(t, (struct ip6_addr){ { [15] = 1 } });
}

/* RFC 4291 section 2.5.7: a prefix like any other. */
static void echo_site_local(struct tester *t)
{
	static const struct ip6_addr prefix = { { 0xfe, 0xc0, [7] = 0x0b } };
	struct ip6_addr a = prefix;
	struct pv echo;

	setup_1(t, 1);
	if (t->role == NUT_ROUTER) {
		setup_addr(t, LINK_B, "fec0:0:0:b::fe");
		a.b[15] = 0xfe;
	} else {
		struct pv adv = ra(t, TR1, 600, 0);

		option_prefix(t, &adv, &prefix, 64, PIO_ON_LINK | PIO_AUTO, 600, 600);
		tx(t, TR1, &adv);
		pause_for(t, 3 * NS_PER_S);
		for (unsigned i = 8; i < IP6_ADDR_OCTETS; i++)
			a.b[i] = nut_global(t, TN1).b[i];
	}
	echo = echo_to(t, TN1, a);
	echo.src = IS_ADDR(t->st[TN1].lla);
	answered(t, echo, echo.dst);
}

/* It quotes @about, before or after the hop that it did not survive. */
static bool quotes(const struct seen *error, const struct pv *want, const struct seen *about)
{
	const uint8_t *p = error->pv.data.p, *q = want->data.p;
	uint64_t hops = about->pv.hop_limit.v;

	return error->pv.data.n == want->data.n && memcmp(p, q, IP6_HLIM_OFF) == 0 &&
	       (p[IP6_HLIM_OFF] == hops || p[IP6_HLIM_OFF] + 1u == hops) &&
	       memcmp(p + IP6_SRC_OFF, q + IP6_SRC_OFF, want->data.n - IP6_SRC_OFF) == 0;
}

/* @pv of TN1's is answered by this error, from @src (unset: a unicast address of the device's). */
static void is_told(struct tester *t, const struct pv *pv, uint8_t type, uint8_t code,
		    uint32_t param, struct av src)
{
	const struct seen *about = tx(t, TN1, pv), *s;
	struct pv error = error_about(about, type, code, param);

	error.src = src;
	error.data.set = false;
	s = expect(t, LINK_B, RESOLUTION_FOR, &error);
	if (!quotes(s, &error, about))
		tester_fail(t, "the error does not quote the packet, or not as much as fits");
	if (ip6_is_mcast(&s->pv.src.a) || ip6_is_unspec(&s->pv.src.a))
		tester_fail(t, "the error does not come from a unicast address");
}

static const struct av any_source;

static void no_route(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	echo = echo_to(t, TN1, nowhere);
	is_told(t, &echo, ICMP6_UNREACH, ICMP6_UNREACH_ROUTE, 0, any_source);
}

static void no_address(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	echo = echo_to(t, TN1, nobody);
	is_told(t, &echo, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, 0, any_source);
}

static struct pv datagram(struct ip6_addr src, struct ip6_addr dst)
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
	udp = datagram(t->st[TN1].lla, nut_lla(t, TN1));
	is_told(t, &udp, ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0, udp.dst);
}

static void no_port_global(struct tester *t)
{
	struct pv udp;

	setup_1(t, 1);
	udp = datagram(t->st[TN1].global, nut_global(t, TN1));
	is_told(t, &udp, ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0, udp.dst);
}

static void beyond_scope(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	echo = echo_to(t, TN1, t->st[TN2].global);
	echo.src = IS_ADDR(t->st[TN1].lla);
	is_told(t, &echo, ICMP6_UNREACH, ICMP6_UNREACH_SCOPE, 0, any_source);
}

/* TN1's packet of 1,500 octets to where the way on has an MTU of 1,280. */
static struct pv large(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	setup_mtu(t, LINK_A, MTU_MIN);
	ping(t, TN1);
	ping(t, TN2);
	echo = echo_to(t, TN1, t->st[TN2].global);
	echo.data = IS_OCTETS(octets(t, 1500 - 48), 1500 - 48);
	return echo;
}

static void too_big(struct tester *t)
{
	struct pv echo = large(t);

	is_told(t, &echo, ICMP6_TOO_BIG, 0, MTU_MIN, any_source);
}

static void too_big_group(struct tester *t)
{
	static const char group[] = "ff1e::1:2";
	struct pv echo = large(t);

	setup_mroute(t, LINK_B, group, LINK_A);
	if (ip6_parse(group, &echo.dst.a) < 0)
		tester_error(t, "\"%s\" is no address", group);
	is_told(t, &echo, ICMP6_TOO_BIG, 0, MTU_MIN, any_source);
}

static void hops_over(struct tester *t, unsigned hop_limit)
{
	struct pv echo, never = { .kind = PV_ICMP6, .type = IS(ICMP6_ECHO_REQUEST) };

	setup_router(t);
	echo = echo_to(t, TN1, t->st[TN2].global);
	echo.hop_limit = IS(hop_limit);
	is_told(t, &echo, ICMP6_TIME_EXCEEDED, ICMP6_TIME_HOP_LIMIT, 0, any_source);
	silence(t, SILENCE_FOR, &never);
}

static void hops_0(struct tester *t)
{
	hops_over(t, 0);
}

static void hops_1(struct tester *t)
{
	hops_over(t, 1);
}

/* A fragment that others must follow, of an odd length. */
static void bad_field(struct tester *t)
{
	struct pv echo, never = { .kind = PV_ICMP6, .type = IS(ICMP6_ECHO_REPLY) };

	setup_1(t, 1);
	echo = echo_to(t, TN1, nut_global(t, TN1));
	echo.data.n = 5;
	echo.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT, .flags = IS(1), .id = IS(135) };
	echo.n_ext = 1;
	is_told(t, &echo, ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, IP6_PLEN_OFF, echo.dst);
	silence(t, SILENCE_FOR, &never);
}

static void bad_next(struct tester *t)
{
	static const uint8_t padn[6] = { 1, 4 };
	struct pv echo, never = { .kind = PV_ICMP6, .type = IS(ICMP6_ECHO_REPLY) };

	setup_1(t, 1);
	echo = echo_to(t, TN1, nut_global(t, TN1));
	echo.ext[0] = (struct pv_ext){ .kind = IP6_NH_DSTOPTS,
				       .next = IS(252),
				       .body = IS_OCTETS(padn, sizeof(padn)) };
	echo.n_ext = 1;
	is_told(t, &echo, ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, NEXT_AT, echo.dst);
	silence(t, SILENCE_FOR, &never);
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
}

/*
 * What no error is sent about (section 2.4 (e)).
 */

/* An error of TN1's to @dst, about a packet that it says it got from there. */
static void error_meets_error(struct tester *t, uint8_t type, uint8_t code, struct ip6_addr dst,
			      unsigned hop_limit)
{
	struct pv about = echo_to(t, TN1, t->st[TN1].global), error;
	uint8_t *frame = octets(t, PV_FRAME_MAX);
	size_t n;

	setup_router(t);
	ping(t, TN1);
	about.src = IS_ADDR(dst);
	n = pv_build(&about, frame, PV_FRAME_MAX);
	error = (struct pv){ .src = IS_ADDR(t->st[TN1].global),
			     .dst = IS_ADDR(dst),
			     .hop_limit = IS(hop_limit),
			     .kind = PV_ICMP6,
			     .type = IS(type),
			     .code = IS(code),
			     .param = IS(type == ICMP6_TOO_BIG ? MTU_MIN : 0),
			     .data = IS_OCTETS(frame + ETH_HDR_OCTETS, n - ETH_HDR_OCTETS) };
	tx(t, TN1, &error);
	silence(t, RESOLUTION_FOR, NULL);
}

static void unreach_unreachable(struct tester *t)
{
	error_meets_error(t, ICMP6_UNREACH, ICMP6_UNREACH_ROUTE, nobody, 64);
}

static void unreach_no_hops(struct tester *t)
{
	error_meets_error(t, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, t->st[TN2].global, 0);
}

static void exceeded_no_route(struct tester *t)
{
	error_meets_error(t, ICMP6_TIME_EXCEEDED, ICMP6_TIME_HOP_LIMIT, nowhere, 64);
}

static void reassembly_no_route(struct tester *t)
{
	error_meets_error(t, ICMP6_TIME_EXCEEDED, ICMP6_TIME_REASSEMBLY, nowhere, 64);
}

static void too_big_unreachable(struct tester *t)
{
	error_meets_error(t, ICMP6_TOO_BIG, 0, nobody, 64);
}

static void problem_no_hops(struct tester *t)
{
	error_meets_error(t, ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, t->st[TN2].global, 0);
}

static struct pv fragment_to(struct tester *t, struct ip6_addr dst)
{
	struct pv echo = echo_to(t, TN1, dst);

	echo.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT, .flags = IS(1), .id = IS(135) };
	echo.n_ext = 1;
	return echo;
}

static void to_group_no_port(struct tester *t)
{
	struct pv udp;

	setup_1(t, 1);
	udp = datagram(t->st[TN1].lla, all_nodes);
	tx(t, TN1, &udp);
	silence(t, SILENCE_FOR, NULL);
}

static void to_group_reassembly(struct tester *t)
{
	struct pv echo;

	setup_1(t, 1);
	echo = fragment_to(t, all_nodes);
	echo.src = IS_ADDR(t->st[TN1].lla);
	tx(t, TN1, &echo);
	silence(t, REASSEMBLY_FOR + 5 * NS_PER_S, NULL);
}

/*
 * The same from sources that are not one node: nobody, a group, and an anycast address, which is
 * the device's as well.
 */
enum source { NOBODY, A_GROUP, ANYCAST };

static struct av source_of(const struct tester *t, enum source who)
{
	switch (who) {
	case NOBODY:
		return IS_ADDR(IP6_UNSPEC);
	case A_GROUP:
		return IS_ADDR(ip6_solicited_node(&t->st[TN1].global));
	case ANYCAST:
		return IS_ADDR(prefix_b);
	}
	ASSERT_NOT_REACHED();
}

static void nobody_is_told(struct tester *t, struct pv pv, enum source who, time_ns how_long)
{
	pv.src = source_of(t, who);
	tx(t, TN1, &pv);
	silence(t, how_long, NULL);
}

static void source_no_port(struct tester *t, enum source who)
{
	setup_1(t, 1);
	nobody_is_told(t, datagram(t->st[TN1].global, nut_global(t, TN1)), who, SILENCE_FOR);
}

static void source_too_big(struct tester *t, enum source who)
{
	nobody_is_told(t, large(t), who, SILENCE_FOR);
}

static void source_reassembly(struct tester *t, enum source who)
{
	setup_1(t, 1);
	nobody_is_told(t, fragment_to(t, nut_global(t, TN1)), who, REASSEMBLY_FOR + 5 * NS_PER_S);
}

static void source_option(struct tester *t, enum source who)
{
	static const uint8_t bits_10[6] = { 135, 4 };
	struct pv echo;

	setup_1(t, 1);
	echo = echo_to(t, TN1, nut_global(t, TN1));
	echo.ext[0] = (struct pv_ext){ .kind = IP6_NH_DSTOPTS,
				       .body = IS_OCTETS(bits_10, sizeof(bits_10)) };
	echo.n_ext = 1;
	nobody_is_told(t, echo, who, SILENCE_FOR);
}

#define FROM(name, who)                                                                            \
	static void name##_no_port(struct tester *t)                                               \
	{                                                                                          \
		source_no_port(t, who);                                                            \
	}                                                                                          \
	static void name##_too_big(struct tester *t)                                               \
	{                                                                                          \
		source_too_big(t, who);                                                            \
	}                                                                                          \
	static void name##_reassembly(struct tester *t)                                            \
	{                                                                                          \
		source_reassembly(t, who);                                                         \
	}                                                                                          \
	static void name##_option(struct tester *t)                                                \
	{                                                                                          \
		source_option(t, who);                                                             \
	}

FROM(nobody, NOBODY)
FROM(group, A_GROUP)
FROM(anycast, ANYCAST)

#define ROUTES (NUT_CAN_FORWARD | NUT_CAN_ADDR)
#define LARGE  (ROUTES | NUT_CAN_MTU)

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
#define NO_CHAIN "No error is sent about an error."
#define NO_GROUP "No error is sent about what came to a group."
#define NO_NODE	 "No error is sent to a source that is not one node."

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
	SHOULD("3.a", "no route", UNREACH, "3.1", NUT_ROUTER, ROUTES, no_route),
	SHOULD("3.b", "no such neighbor", UNREACH, "3.1", NUT_ROUTER, ROUTES, no_address),
	SHOULD("3.c", "no such port, link-local", UNREACH, "3.1", NUT_BOTH, 0, no_port_local),
	SHOULD("3.d", "no such port, global", UNREACH, "3.1", NUT_BOTH, 0, no_port_global),
	SHOULD("3.e", "beyond the scope of the source", UNREACH, "3.1", NUT_ROUTER, ROUTES,
	       beyond_scope),
	MUST("4.a", "packet too big", "Who sent what is too big for the way on is told its MTU.",
	     "3.2", NUT_ROUTER, LARGE, too_big),
	MUST("4.b", "packet too big for a group",
	     "Who sent what is too big for the way on is told its MTU, of groups too.", "3.2",
	     NUT_ROUTER, LARGE | NUT_MCAST_ROUTING, too_big_group),
	MUST("5.a", "hop limit of zero", "A packet without hops left ends, and its sender is told.",
	     "3.3", NUT_ROUTER, ROUTES, hops_0),
	MUST("5.b", "hop limit of one", "A packet without hops left ends, and its sender is told.",
	     "3.3", NUT_ROUTER, ROUTES, hops_1),
	SHOULD("6", "a bad field", "An error points at the field that is bad.", "3.4", NUT_BOTH, 0,
	       bad_field),
	SHOULD("7", "an unknown next header", "An error points at the next header that is unknown.",
	       "3.4", NUT_BOTH, 0, bad_next),
	MUST("8", "an unknown message", "An informational message of unknown type is ignored.",
	     "2.4 (b)", NUT_BOTH, 0, unknown_message),
	MUST("9.a", "about unreachable: no such neighbor", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER,
	     ROUTES, unreach_unreachable),
	MUST("9.b", "about unreachable: no hops left", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER, ROUTES,
	     unreach_no_hops),
	MUST("9.c", "about time exceeded: no route", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER, ROUTES,
	     exceeded_no_route),
	MUST("9.d", "about reassembly: no route", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER, ROUTES,
	     reassembly_no_route),
	MUST("9.e", "about too big: no such neighbor", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER, ROUTES,
	     too_big_unreachable),
	MUST("9.f", "about a problem: no hops left", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER, ROUTES,
	     problem_no_hops),
	MUST("10.a", "to a group: no such port", NO_GROUP, "2.4 (e.3)", NUT_BOTH, 0,
	     to_group_no_port),
	MUST("10.b", "to a group: reassembly", NO_GROUP, "2.4 (e.3)", NUT_BOTH, 0,
	     to_group_reassembly),
	MUST("11.a", "from nobody: no such port", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     nobody_no_port),
	MUST("11.b", "from nobody: too big", NO_NODE, "2.4 (e.6)", NUT_ROUTER, LARGE,
	     nobody_too_big),
	MUST("11.c", "from nobody: reassembly", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     nobody_reassembly),
	MUST("11.d", "from nobody: an unknown option", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     nobody_option),
	MUST("12.a", "from a group: no such port", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     group_no_port),
	MUST("12.b", "from a group: too big", NO_NODE, "2.4 (e.6)", NUT_ROUTER, LARGE,
	     group_too_big),
	MUST("12.c", "from a group: reassembly", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     group_reassembly),
	MUST("12.d", "from a group: an unknown option", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     group_option),
	MUST("13.a", "from an anycast address: no such port", NO_NODE, "2.4 (e.6)", NUT_ROUTER,
	     NUT_CAN_ADDR, anycast_no_port),
	MUST("13.b", "from an anycast address: too big", NO_NODE, "2.4 (e.6)", NUT_ROUTER, LARGE,
	     anycast_too_big),
	MUST("13.c", "from an anycast address: reassembly", NO_NODE, "2.4 (e.6)", NUT_ROUTER,
	     NUT_CAN_ADDR, anycast_reassembly),
	MUST("13.d", "from an anycast address: an unknown option", NO_NODE, "2.4 (e.6)", NUT_ROUTER,
	     NUT_CAN_ADDR, anycast_option),
};

const struct suite suite_rfc4443 = {
	.name = "rfc4443",
	.title = "ICMPv6",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
