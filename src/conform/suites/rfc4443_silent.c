/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMPv6: tests 5.1.9 to 5.1.13 of the core specification 4.0.7, by RFC 4443 section 2.4 (e): what
 * would deserve an error, but for what it is, where it went to or who sent it. For those that are
 * sent see rfc4443.c.
 */
#include "conform/suites/rfc4443.h"
#include "ip6/scope.h"

#define REASSEMBLY_FOR (60 * NS_PER_S) /* RFC 8200 section 4.5 */

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
			     .param = IS(type == ICMP6_TOO_BIG ? ICMP6_MTU_MIN : 0),
			     .data = IS_OCTETS(frame + ETH_HDR_OCTETS, n - ETH_HDR_OCTETS) };
	tx(t, TN1, &error);
	silence(t, RESOLUTION_FOR, NULL);
}

static void unreach_unreachable(struct tester *t)
{
	error_meets_error(t, ICMP6_UNREACH, ICMP6_UNREACH_ROUTE, icmp6_nobody, 64);
}

static void unreach_no_hops(struct tester *t)
{
	error_meets_error(t, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, t->st[TN2].global, 0);
}

static void exceeded_no_route(struct tester *t)
{
	error_meets_error(t, ICMP6_TIME_EXCEEDED, ICMP6_TIME_HOP_LIMIT, icmp6_nowhere, 64);
}

static void reassembly_no_route(struct tester *t)
{
	error_meets_error(t, ICMP6_TIME_EXCEEDED, ICMP6_TIME_REASSEMBLY, icmp6_nowhere, 64);
}

static void too_big_unreachable(struct tester *t)
{
	error_meets_error(t, ICMP6_TOO_BIG, 0, icmp6_nobody, 64);
}

static void problem_no_hops(struct tester *t)
{
	error_meets_error(t, ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, t->st[TN2].global, 0);
}

/*
 * No word about a fragment whose others do not come. Devices in real time have other things to say
 * in a minute, so that only this error is listened for.
 */
static void given_up_in_silence(struct tester *t, const struct pv *fragment)
{
	struct pv never = { .kind = PV_ICMP6, .type = IS(ICMP6_TIME_EXCEEDED) };

	tx(t, TN1, fragment);
	silence(t, SILENCE_FOR, NULL);
	silence(t, REASSEMBLY_FOR + SILENCE_FOR, &never);
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
	udp = icmp6_datagram(t->st[TN1].lla, all_nodes);
	tx(t, TN1, &udp);
	silence(t, SILENCE_FOR, NULL);
}

static void to_group_reassembly(struct tester *t)
{
	struct pv echo;

	setup_1(t, 1);
	echo = fragment_to(t, all_nodes);
	echo.src = IS_ADDR(t->st[TN1].lla);
	given_up_in_silence(t, &echo);
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

static void nobody_is_told(struct tester *t, struct pv pv, enum source who)
{
	pv.src = source_of(t, who);
	tx(t, TN1, &pv);
	silence(t, SILENCE_FOR, NULL);
}

static void source_no_port(struct tester *t, enum source who)
{
	setup_1(t, 1);
	nobody_is_told(t, icmp6_datagram(t->st[TN1].global, nut_global(t, TN1)), who);
}

static void source_too_big(struct tester *t, enum source who)
{
	nobody_is_told(t, icmp6_large(t), who);
}

static void source_reassembly(struct tester *t, enum source who)
{
	struct pv echo;

	setup_1(t, 1);
	echo = fragment_to(t, nut_global(t, TN1));
	echo.src = source_of(t, who);
	given_up_in_silence(t, &echo);
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
	nobody_is_told(t, echo, who);
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

#define MUST(id, title, purpose, section, roles, needs, fn)                                        \
	{                                                                                          \
		"v6lc.5.1." id, title, purpose, "RFC 4443 section " section, LEVEL_MUST, roles,    \
			needs, NS_PER_S, fn                                                        \
	}

#define NO_CHAIN "No error is sent about an error."
#define NO_GROUP "No error is sent about what came to a group."
#define NO_NODE	 "No error is sent to a source that is not one node."

static const struct part parts[] = {
	MUST("9.a", "about unreachable: no such neighbor", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER,
	     ICMP6_ROUTES, unreach_unreachable),
	MUST("9.b", "about unreachable: no hops left", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER,
	     ICMP6_ROUTES, unreach_no_hops),
	MUST("9.c", "about time exceeded: no route", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER,
	     ICMP6_ROUTES, exceeded_no_route),
	MUST("9.d", "about reassembly: no route", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER, ICMP6_ROUTES,
	     reassembly_no_route),
	MUST("9.e", "about too big: no such neighbor", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER,
	     ICMP6_ROUTES, too_big_unreachable),
	MUST("9.f", "about a problem: no hops left", NO_CHAIN, "2.4 (e.1)", NUT_ROUTER,
	     ICMP6_ROUTES, problem_no_hops),
	MUST("10.a", "to a group: no such port", NO_GROUP, "2.4 (e.3)", NUT_BOTH, 0,
	     to_group_no_port),
	MUST("10.b", "to a group: reassembly", NO_GROUP, "2.4 (e.3)", NUT_BOTH, 0,
	     to_group_reassembly),
	MUST("11.a", "from nobody: no such port", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     nobody_no_port),
	MUST("11.b", "from nobody: too big", NO_NODE, "2.4 (e.6)", NUT_ROUTER, ICMP6_LARGE,
	     nobody_too_big),
	MUST("11.c", "from nobody: reassembly", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     nobody_reassembly),
	MUST("11.d", "from nobody: an unknown option", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     nobody_option),
	MUST("12.a", "from a group: no such port", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     group_no_port),
	MUST("12.b", "from a group: too big", NO_NODE, "2.4 (e.6)", NUT_ROUTER, ICMP6_LARGE,
	     group_too_big),
	MUST("12.c", "from a group: reassembly", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     group_reassembly),
	MUST("12.d", "from a group: an unknown option", NO_NODE, "2.4 (e.6)", NUT_BOTH, 0,
	     group_option),
	MUST("13.a", "from an anycast address: no such port", NO_NODE, "2.4 (e.6)", NUT_ROUTER,
	     NUT_CAN_ADDR, anycast_no_port),
	MUST("13.b", "from an anycast address: too big", NO_NODE, "2.4 (e.6)", NUT_ROUTER,
	     ICMP6_LARGE, anycast_too_big),
	MUST("13.c", "from an anycast address: reassembly", NO_NODE, "2.4 (e.6)", NUT_ROUTER,
	     NUT_CAN_ADDR, anycast_reassembly),
	MUST("13.d", "from an anycast address: an unknown option", NO_NODE, "2.4 (e.6)", NUT_ROUTER,
	     NUT_CAN_ADDR, anycast_option),
};

const struct suite suite_rfc4443_silent = {
	.name = "rfc4443-silent",
	.title = "ICMPv6: where no error may be sent",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
