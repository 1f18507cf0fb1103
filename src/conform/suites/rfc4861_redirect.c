/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Redirects: group 2.3 of the core specification 4.0.7, by RFC 4861 section 8. Where the
 * specification has TN1 and TN2 be elsewhere first, their addresses here are of networks behind
 * TR1.
 */
#include <string.h>

#include "conform/cache.h"
#include "conform/message.h"
#include "ip6/scope.h"
#include "nd/opt.h"

#define PREFIX_LEN   64
#define WRONG_CSUM   0x1bad
#define MTU_MIN	     1280
#define UNKNOWN_OPT  0x7f
#define TARGET_DEST  (2 * IP6_ADDR_OCTETS) /* octets of a redirect before its options */
#define ND_REDIRECTS ((struct pv){ .kind = PV_ICMP6, .type = IS(ICMP6_REDIRECT) })

/* Behind the routers: who is redirected to, and who is only spoken of. */
static const struct ip6_addr far_a = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };
static const struct ip6_addr far_b = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0d, [15] = 3 } };

/* TR1 forwards an echo request from @far_a; the answer goes to @mac. Return: the request. */
static const struct seen *goes_to(struct tester *t, const struct mac *mac)
{
	struct pv echo = echo_to(t, TR1, nut_global(t, TR1)), reply;
	const struct seen *s;

	echo.src = IS_ADDR(far_a);
	s = tx(t, TR1, &echo);
	reply = reply_to(s);
	reply.eth_dst = IS_MAC(*mac);
	expect(t, LINK_B, MAX_MULTICAST_SOLICIT * RETRANS_TIMER, &reply);
	return s;
}

static void goes_by(struct tester *t, enum station_id by)
{
	goes_to(t, &t->st[by].mac);
}

/* The packet redirected, as far as @max octets of a whole redirect allow; its IPv6 header first. */
static void option_packet(struct tester *t, struct pv *pv, size_t max)
{
	size_t n = max - IP6_HDR_OCTETS - 8 - pv->data.n - 8;
	uint8_t *body = octets(t, 6 + n), *ip = body + 6;
	struct ip6_addr src = nut_global(t, TR1);

	ip6_put_header(ip, 0, 0, (uint16_t)(n - IP6_HDR_OCTETS), IP6_NH_ICMP6, 64, &src, &far_a);
	ip[IP6_HDR_OCTETS] = ICMP6_ECHO_REPLY;
	option(t, pv, ND_OPT_REDIRECTED, body, 6 + n);
}

enum where { TO_NODE, TO_ROUTER }; /* that @far_a is: on the link itself, or behind TR2 */

static struct pv redirect_to(struct tester *t, enum where where)
{
	return redirect(t, TR1, nut_global(t, TR1), where == TO_NODE ? far_a : t->st[TR2].lla,
			far_a);
}

static const struct mac *mac_of(const struct tester *t, enum where where)
{
	return &t->st[where == TO_NODE ? TN1 : TR2].mac;
}

/* Common set-up; TN1 knows of its far address, TR2 has been heard of. */
static void before(struct tester *t, enum where where)
{
	setup_1(t, 1);
	t->st[TN1].extra = far_a;
	if (where == TO_ROUTER)
		ping(t, TR2);
	goes_by(t, TR1);
}

static void is_believed(struct tester *t, const struct pv *pv, enum where where)
{
	tx(t, TR1, pv);
	goes_to(t, mac_of(t, where));
}

static void is_ignored(struct tester *t, const struct pv *pv)
{
	tx(t, TR1, pv);
	goes_by(t, TR1);
}

static void valid(struct tester *t, enum where where, bool lla, bool packet)
{
	struct pv pv;

	before(t, where);
	pv = redirect_to(t, where);
	if (lla)
		option_lla(t, &pv, ND_OPT_TLLA, mac_of(t, where));
	if (packet)
		option_packet(t, &pv, MTU_MIN);
	is_believed(t, &pv, where);
}

#define VALID(name, where, lla, packet)                                                            \
	static void name(struct tester *t)                                                         \
	{                                                                                          \
		valid(t, where, lla, packet);                                                      \
	}

VALID(node_plain, TO_NODE, false, false)
VALID(node_packet, TO_NODE, false, true)
VALID(node_lla, TO_NODE, true, false)
VALID(node_lla_packet, TO_NODE, true, true)
VALID(router_plain, TO_ROUTER, false, false)
VALID(router_packet, TO_ROUTER, false, true)
VALID(router_lla, TO_ROUTER, true, false)
VALID(router_lla_packet, TO_ROUTER, true, true)

static struct pv with_lla(struct tester *t, enum where where)
{
	struct pv pv = redirect_to(t, where);

	option_lla(t, &pv, ND_OPT_TLLA, mac_of(t, where));
	return pv;
}

static void unknown_option(struct tester *t, enum where where)
{
	static const uint8_t body[6] = { 0 };
	struct pv pv;

	before(t, where);
	pv = with_lla(t, where);
	option(t, &pv, UNKNOWN_OPT, body, sizeof(body));
	is_believed(t, &pv, where);
}

static void reserved(struct tester *t, enum where where)
{
	struct pv pv;

	before(t, where);
	pv = with_lla(t, where);
	pv.param = IS(0xffffffffu);
	is_believed(t, &pv, where);
}

static void node_unknown_option(struct tester *t)
{
	unknown_option(t, TO_NODE);
}

static void node_reserved(struct tester *t)
{
	reserved(t, TO_NODE);
}

/* Its prefix was never said to be on link; the redirect says it of the one address. */
static void node_off_prefix(struct tester *t)
{
	valid(t, TO_NODE, true, false);
}

static void router_unknown_option(struct tester *t)
{
	unknown_option(t, TO_ROUTER);
}

static void router_reserved(struct tester *t)
{
	reserved(t, TO_ROUTER);
}

/*
 * What makes a redirect invalid (section 8.1).
 */
enum fault {
	GLOBAL_SOURCE,
	OTHER_ROUTER,
	HOP_LIMIT,
	CODE,
	CHECKSUM,
	MULTICAST_DESTINATION,
	MULTICAST_TARGET,
	TOO_SHORT,
	OPTION_ZERO,
};

static void spoil_option(struct tester *t, struct pv *pv)
{
	static const uint8_t body[6] = { 0 };
	size_t at = pv->data.n;

	option(t, pv, ND_OPT_REDIRECTED, body, sizeof(body));
	((uint8_t *)pv->data.p)[at + 1] = 0; /* the tester's octets */
}

/* The destination or the target becomes ff02::1. */
static void spoil_address(struct tester *t, struct pv *pv, size_t at)
{
	uint8_t *data = octets(t, pv->data.n);

	memcpy(data, pv->data.p, pv->data.n);
	memcpy(data + at, all_nodes.b, IP6_ADDR_OCTETS);
	pv->data.p = data;
}

static void spoil(struct tester *t, struct pv *pv, enum fault fault)
{
	switch (fault) {
	case GLOBAL_SOURCE:
		pv->src = IS_ADDR(far_b);
		return;
	case OTHER_ROUTER:
		pv->src = IS_ADDR(t->st[TR2].lla);
		pv->eth_src = IS_MAC(t->st[TR2].mac);
		return;
	case HOP_LIMIT:
		pv->hop_limit = IS(254);
		return;
	case CODE:
		pv->code = IS(1);
		return;
	case CHECKSUM:
		pv->csum = IS(WRONG_CSUM);
		return;
	case MULTICAST_DESTINATION:
		spoil_address(t, pv, IP6_ADDR_OCTETS);
		return;
	case MULTICAST_TARGET:
		spoil_address(t, pv, 0);
		return;
	case TOO_SHORT:
		pv->data.n = 39 - 8;
		return;
	case OPTION_ZERO:
		spoil_option(t, pv);
		return;
	}
	ASSERT_NOT_REACHED();
}

static void invalid(struct tester *t, enum where where, enum fault fault)
{
	struct pv pv;

	before(t, where);
	pv = redirect_to(t, where);
	spoil(t, &pv, fault);
	is_ignored(t, &pv);
}

/* Nor does it tell where TR2 is. */
static void invalid_teaches(struct tester *t, enum fault fault)
{
	struct pv pv;

	setup_1(t, 1);
	goes_by(t, TR1);
	t->st[TR2].muted = true;
	pv = with_lla(t, TO_ROUTER);
	spoil(t, &pv, fault);
	tx(t, TR1, &pv);
	pause_for(t, MAX_MULTICAST_SOLICIT * RETRANS_TIMER);
	cache_is_incomplete(t, TR2);
}

#define INVALID(name, fault)                                                                       \
	static void node_##name(struct tester *t)                                                  \
	{                                                                                          \
		invalid(t, TO_NODE, fault);                                                        \
	}                                                                                          \
	static void router_##name(struct tester *t)                                                \
	{                                                                                          \
		invalid(t, TO_ROUTER, fault);                                                      \
	}                                                                                          \
	static void cache_##name(struct tester *t)                                                 \
	{                                                                                          \
		invalid_teaches(t, fault);                                                         \
	}

INVALID(global_source, GLOBAL_SOURCE)
INVALID(other_router, OTHER_ROUTER)
INVALID(hop_limit, HOP_LIMIT)
INVALID(code, CODE)
INVALID(checksum, CHECKSUM)
INVALID(multicast_destination, MULTICAST_DESTINATION)
INVALID(multicast_target, MULTICAST_TARGET)
INVALID(too_short, TOO_SHORT)
INVALID(option_zero, OPTION_ZERO)

static void twice(struct tester *t)
{
	struct pv pv;

	before(t, TO_ROUTER);
	ping(t, TR3);
	pv = redirect_to(t, TO_ROUTER);
	is_believed(t, &pv, TO_ROUTER);
	pv = redirect(t, TR2, nut_global(t, TR2), t->st[TR3].lla, far_a);
	tx(t, TR2, &pv);
	goes_by(t, TR3);
}

static void with_mtu(struct tester *t)
{
	struct pv pv;

	before(t, TO_ROUTER);
	pv = redirect_to(t, TO_ROUTER);
	option_mtu(t, &pv, MTU_MIN);
	is_believed(t, &pv, TO_ROUTER);
}

static void with_prefix(struct tester *t)
{
	struct pv pv;

	before(t, TO_ROUTER);
	pv = redirect_to(t, TO_ROUTER);
	option_prefix(t, &pv, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 20, 20);
	is_believed(t, &pv, TO_ROUTER);
}

static void with_slla(struct tester *t)
{
	struct mac other;
	struct pv pv;

	before(t, TO_ROUTER);
	other = other_mac(t, TR2);
	pv = redirect_to(t, TO_ROUTER);
	option_lla(t, &pv, ND_OPT_SLLA, &other);
	is_believed(t, &pv, TO_ROUTER);
}

static void unasked(struct tester *t)
{
	struct pv pv;

	setup_1(t, 1);
	ping(t, TR2);
	pv = with_lla(t, TO_ROUTER);
	is_believed(t, &pv, TO_ROUTER);
}

/*
 * What a redirect does to the entry of its target, TR2, when it is about somebody else.
 */
static void send_quoting(struct tester *t, const struct mac *lla, size_t max)
{
	struct pv pv = redirect(t, TR1, nut_global(t, TR1), t->st[TR2].lla, far_b);

	if (lla != NULL)
		option_lla(t, &pv, ND_OPT_TLLA, lla);
	if (max != 0)
		option_packet(t, &pv, max);
	tx(t, TR1, &pv);
}

static void send_plain(struct tester *t, enum station_id who, const struct mac *lla)
{
	(void)who;
	send_quoting(t, lla, 0);
}

static void send_packet(struct tester *t, enum station_id who, const struct mac *lla)
{
	(void)who;
	send_quoting(t, lla, MTU_MIN);
}

static void send_oversized(struct tester *t, enum station_id who, const struct mac *lla)
{
	(void)who;
	send_quoting(t, lla, 1440);
}

#define AFTER(name, state, lla, send)                                                              \
	static void name(struct tester *t)                                                         \
	{                                                                                          \
		setup_1(t, 1);                                                                     \
		goes_by(t, TR1);                                                                   \
		cache_after(t, TR2, state, lla, send);                                             \
	}

AFTER(none_a, CACHE_NONE, LLA_NONE, send_plain)
AFTER(none_b, CACHE_NONE, LLA_SAME, send_plain)
AFTER(none_c, CACHE_NONE, LLA_SAME, send_packet)
AFTER(none_d, CACHE_NONE, LLA_SAME, send_oversized)
AFTER(incomplete_a, CACHE_INCOMPLETE, LLA_NONE, send_plain)
AFTER(incomplete_b, CACHE_INCOMPLETE, LLA_SAME, send_plain)
AFTER(incomplete_c, CACHE_INCOMPLETE, LLA_SAME, send_packet)
AFTER(incomplete_d, CACHE_INCOMPLETE, LLA_SAME, send_oversized)
AFTER(reachable_a, CACHE_REACHABLE, LLA_NONE, send_plain)
AFTER(reachable_b, CACHE_REACHABLE, LLA_SAME, send_plain)
AFTER(reachable_c, CACHE_REACHABLE, LLA_OTHER, send_plain)
AFTER(reachable_d, CACHE_REACHABLE, LLA_OTHER, send_packet)
AFTER(reachable_e, CACHE_REACHABLE, LLA_OTHER, send_oversized)
AFTER(stale_a, CACHE_STALE, LLA_NONE, send_plain)
AFTER(stale_b, CACHE_STALE, LLA_SAME, send_plain)
AFTER(stale_c, CACHE_STALE, LLA_OTHER, send_plain)
AFTER(stale_d, CACHE_STALE, LLA_OTHER, send_packet)
AFTER(stale_e, CACHE_STALE, LLA_OTHER, send_oversized)
AFTER(probe_a, CACHE_PROBE, LLA_NONE, send_plain)
AFTER(probe_b, CACHE_PROBE, LLA_SAME, send_plain)
AFTER(probe_c, CACHE_PROBE, LLA_OTHER, send_plain)
AFTER(probe_d, CACHE_PROBE, LLA_OTHER, send_packet)
AFTER(probe_e, CACHE_PROBE, LLA_OTHER, send_oversized)

/*
 * A router's redirects.
 */

/* Section 4.5: options of the redirect @s about @about, whose target is @target's. */
static void check_options(struct tester *t, const struct seen *s, const struct seen *about,
			  enum station_id target)
{
	const uint8_t *p = s->pv.data.p, *packet = about->octets + ETH_HDR_OCTETS;
	bool quoted = false;

	if (s->n - ETH_HDR_OCTETS > MTU_MIN)
		tester_fail(t, "a redirect of %zu octets is too long", s->n - ETH_HDR_OCTETS);
	for (size_t at = TARGET_DEST, n; at + 8 <= s->pv.data.n; at += n) {
		n = (size_t)p[at + 1] * 8;
		if (n == 0 || at + n > s->pv.data.n)
			tester_fail(t, "an option of the redirect is broken");
		if (p[at] == ND_OPT_TLLA && memcmp(p + at + 2, t->st[target].mac.b, 6) != 0)
			tester_fail(t, "the target's link-layer address is wrong");
		if (p[at] == ND_OPT_REDIRECTED) /* its hop limit may be the one or the other */
			quoted = n >= 8 + IP6_HDR_OCTETS &&
				 memcmp(p + at + 8, packet, IP6_HLIM_OFF) == 0 &&
				 memcmp(p + at + 8 + IP6_SRC_OFF, packet + IP6_SRC_OFF, 32) == 0;
	}
	if (!quoted)
		tester_fail(t, "the redirect does not quote the packet that it is about");
}

static void redirects(struct tester *t, const struct pv *echo, struct ip6_addr target,
		      enum station_id whose)
{
	const struct seen *about = tx(t, TN1, echo), *s;
	struct pv want = ND_REDIRECTS;
	uint8_t *begin = octets(t, TARGET_DEST);

	memcpy(begin, target.b, IP6_ADDR_OCTETS);
	memcpy(begin + IP6_ADDR_OCTETS, echo->dst.a.b, IP6_ADDR_OCTETS);
	want.src = IS_ADDR(nut_lla(t, TN1));
	want.dst = echo->src;
	want.hop_limit = IS(255);
	want.code = IS(0);
	want.begin = IS_OCTETS(begin, TARGET_DEST);
	s = expect(t, LINK_B, REPLY_WITHIN, &want);
	check_options(t, s, about, whose);
}

/* It comes out where it went in, too. */
static void forwarded_back(struct tester *t, const struct pv *echo, enum station_id to)
{
	struct pv want = { .eth_dst = IS_MAC(t->st[to].mac),
			   .src = echo->src,
			   .dst = echo->dst,
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_ECHO_REQUEST) };

	expect(t, LINK_B, REPLY_WITHIN, &want);
}

static void to_neighbor(struct tester *t)
{
	struct pv echo;

	setup_1(t, 1);
	echo = echo_to(t, TN1, t->st[TR3].global);
	redirects(t, &echo, echo.dst.a, TR3);
	forwarded_back(t, &echo, TR3);
}

static void to_router(struct tester *t)
{
	struct pv echo;

	setup_1(t, 1);
	echo = echo_to(t, TN1, far_a);
	redirects(t, &echo, t->st[TR1].lla, TR1);
	forwarded_back(t, &echo, TR1);
}

static void not_a_neighbor(struct tester *t)
{
	struct pv echo, never = ND_REDIRECTS;

	setup_1(t, 1);
	t->st[TN1].extra = far_b; /* a redirect would find it */
	echo = echo_to(t, TN1, t->st[TR3].global);
	echo.src = IS_ADDR(far_b);
	tx(t, TN1, &echo);
	silence(t, SILENCE_FOR, &never);
	forwarded_back(t, &echo, TR3);
}

static void to_group(struct tester *t)
{
	struct pv echo, never = ND_REDIRECTS;

	setup_1(t, 1);
	echo = echo_to(t, TN1, ip6_solicited_node(&t->st[TN2].global));
	tx(t, TN1, &echo);
	silence(t, SILENCE_FOR, &never);
}

static void router_ignores(struct tester *t)
{
	struct pv echo, want, pv;
	struct ip6_addr net = ip6_prefix(&far_a, PREFIX_LEN);

	setup_1(t, 2);
	must_do(t, t->nut->ops->route(t->nut, LINK_B, &net, PREFIX_LEN, &t->st[TR1].lla),
		"a route");
	goes_by(t, TR1);
	pv = redirect_to(t, TO_ROUTER);
	is_ignored(t, &pv);
	echo = echo_to(t, TN2, far_a);
	want = forwarded(tx(t, TN2, &echo));
	want.eth_dst = IS_MAC(t->st[TR1].mac);
	expect(t, LINK_B, REPLY_WITHIN, &want);
}

#define HOST(id, title, purpose, section, fn)                                                      \
	{                                                                                          \
		"v6lc.2.3." id, title, purpose, "RFC 4861 section " section, LEVEL_SHOULD,         \
			NUT_HOST, 0, NS_PER_S, fn                                                  \
	}
#define ROUTER(id, title, purpose, level, section, fn)                                             \
	{                                                                                          \
		"v6lc.2.3." id, title, purpose, "RFC 4861 section " section, level, NUT_ROUTER,    \
			NUT_CAN_FORWARD | NUT_CAN_ADDR | NUT_CAN_ROUTE, NS_PER_S, fn               \
	}

#define ON_LINK	 "A host sends to a neighbor directly once its router says that it is one."
#define BETTER	 "A host sends by the router that its router says is better."
#define BELIEVED "What is not understood of a valid redirect is ignored, its meaning is not."
#define IGNORED	 "An invalid redirect changes no way."
#define TEACHES	 "An invalid redirect teaches nothing about its target."
#define OF_CACHE "A redirect tells where its target is, not that it can be reached."

static const struct part parts[] = {
	HOST("1.a", "to a neighbor", ON_LINK, "8.3", node_plain),
	HOST("1.b", "to a neighbor, with the packet", ON_LINK, "8.3", node_packet),
	HOST("1.c", "to a neighbor, with its address", ON_LINK, "8.3", node_lla),
	HOST("1.d", "to a neighbor, with both", ON_LINK, "8.3", node_lla_packet),
	HOST("2.a", "to a neighbor: unknown option", BELIEVED, "8.1", node_unknown_option),
	HOST("2.b", "to a neighbor: reserved field", BELIEVED, "8.1", node_reserved),
	HOST("2.c", "to a neighbor: of no prefix of the link", ON_LINK, "8.1", node_off_prefix),
	HOST("3.a", "to a neighbor, bad: global source", IGNORED, "8.1", node_global_source),
	HOST("3.b", "to a neighbor, bad: from another router", IGNORED, "8.1", node_other_router),
	HOST("3.c", "to a neighbor, bad: hop limit", IGNORED, "8.1", node_hop_limit),
	HOST("3.d", "to a neighbor, bad: code", IGNORED, "8.1", node_code),
	HOST("3.e", "to a neighbor, bad: checksum", IGNORED, "8.1", node_checksum),
	HOST("3.f", "to a neighbor, bad: about a group", IGNORED, "8.1",
	     node_multicast_destination),
	HOST("3.g", "to a neighbor, bad: to a group", IGNORED, "8.1", node_multicast_target),
	HOST("3.h", "to a neighbor, bad: too short", IGNORED, "8.1", node_too_short),
	HOST("3.i", "to a neighbor, bad: option of length zero", IGNORED, "8.1", node_option_zero),
	HOST("4.a", "to a router", BETTER, "8.3", router_plain),
	HOST("4.b", "to a router, with the packet", BETTER, "8.3", router_packet),
	HOST("4.c", "to a router, with its address", BETTER, "8.3", router_lla),
	HOST("4.d", "to a router, with both", BETTER, "8.3", router_lla_packet),
	HOST("5.a", "to a router: unknown option", BELIEVED, "8.1", router_unknown_option),
	HOST("5.b", "to a router: reserved field", BELIEVED, "8.1", router_reserved),
	HOST("6.a", "to a router, bad: global source", IGNORED, "8.1", router_global_source),
	HOST("6.b", "to a router, bad: from another router", IGNORED, "8.1", router_other_router),
	HOST("6.c", "to a router, bad: hop limit", IGNORED, "8.1", router_hop_limit),
	HOST("6.d", "to a router, bad: code", IGNORED, "8.1", router_code),
	HOST("6.e", "to a router, bad: checksum", IGNORED, "8.1", router_checksum),
	HOST("6.f", "to a router, bad: about a group", IGNORED, "8.1",
	     router_multicast_destination),
	HOST("6.g", "to a router, bad: to a group", IGNORED, "8.1", router_multicast_target),
	HOST("6.h", "to a router, bad: too short", IGNORED, "8.1", router_too_short),
	HOST("6.i", "to a router, bad: option of length zero", IGNORED, "8.1", router_option_zero),
	HOST("7", "twice", "The last redirect by the present first hop counts.", "8.3", twice),
	HOST("8.a", "with an MTU", BELIEVED, "8.1", with_mtu),
	HOST("8.b", "with a prefix", BELIEVED, "8.1", with_prefix),
	HOST("8.c", "with a source link-layer address", BELIEVED, "8.1", with_slla),
	HOST("9", "before anything was sent",
	     "A redirect about a destination that was not in use is remembered.", "8.3", unasked),
	HOST("10.a", "to a stranger", OF_CACHE, "8.3", none_a),
	HOST("10.b", "to a stranger, with its address", OF_CACHE, "8.3", none_b),
	HOST("10.c", "to a stranger, with both", OF_CACHE, "8.3", none_c),
	HOST("10.d", "to a stranger, with both, too long", OF_CACHE, "8.3", none_d),
	HOST("11.a", "to who is sought", OF_CACHE, "8.3", incomplete_a),
	HOST("11.b", "to who is sought, with its address", OF_CACHE, "8.3", incomplete_b),
	HOST("11.c", "to who is sought, with both", OF_CACHE, "8.3", incomplete_c),
	HOST("11.d", "to who is sought, with both, too long", OF_CACHE, "8.3", incomplete_d),
	HOST("12.a", "to who is reachable", OF_CACHE, "8.3", reachable_a),
	HOST("12.b", "to who is reachable, with its address", OF_CACHE, "8.3", reachable_b),
	HOST("12.c", "to who is reachable, another address", OF_CACHE, "8.3", reachable_c),
	HOST("12.d", "to who is reachable, another, packet", OF_CACHE, "8.3", reachable_d),
	HOST("12.e", "to who is reachable, another, too long", OF_CACHE, "8.3", reachable_e),
	HOST("13.a", "to who is stale", OF_CACHE, "8.3", stale_a),
	HOST("13.b", "to who is stale, with its address", OF_CACHE, "8.3", stale_b),
	HOST("13.c", "to who is stale, another address", OF_CACHE, "8.3", stale_c),
	HOST("13.d", "to who is stale, another, packet", OF_CACHE, "8.3", stale_d),
	HOST("13.e", "to who is stale, another, too long", OF_CACHE, "8.3", stale_e),
	HOST("14.a", "to who is probed", OF_CACHE, "8.3", probe_a),
	HOST("14.b", "to who is probed, with its address", OF_CACHE, "8.3", probe_b),
	HOST("14.c", "to who is probed, another address", OF_CACHE, "8.3", probe_c),
	HOST("14.d", "to who is probed, another, packet", OF_CACHE, "8.3", probe_d),
	HOST("14.e", "to who is probed, another, too long", OF_CACHE, "8.3", probe_e),
	HOST("15.a", "bad and of a stranger: global source", TEACHES, "8.1", cache_global_source),
	HOST("15.b", "bad and of a stranger: from another router", TEACHES, "8.1",
	     cache_other_router),
	HOST("15.c", "bad and of a stranger: hop limit", TEACHES, "8.1", cache_hop_limit),
	HOST("15.d", "bad and of a stranger: code", TEACHES, "8.1", cache_code),
	HOST("15.e", "bad and of a stranger: checksum", TEACHES, "8.1", cache_checksum),
	HOST("15.f", "bad and of a stranger: about a group", TEACHES, "8.1",
	     cache_multicast_destination),
	HOST("15.g", "bad and of a stranger: to a group", TEACHES, "8.1", cache_multicast_target),
	HOST("15.h", "bad and of a stranger: too short", TEACHES, "8.1", cache_too_short),
	HOST("15.i", "bad and of a stranger: option of length zero", TEACHES, "8.1",
	     cache_option_zero),
	ROUTER("16.a", "sent about a neighbor",
	       "A router tells who could send to a neighbor directly.", LEVEL_SHOULD, "8.2",
	       to_neighbor),
	ROUTER("16.b", "sent about a better router",
	       "A router tells who could send by another router directly.", LEVEL_SHOULD, "8.2",
	       to_router),
	ROUTER("16.c", "not sent to who is no neighbor",
	       "A router redirects only who is a neighbor on that link.", LEVEL_MUST, "8.2",
	       not_a_neighbor),
	ROUTER("16.d", "not sent about a group", "A router redirects nobody about a group.",
	       LEVEL_MUST, "8.2", to_group),
	ROUTER("17", "received by a router", "A router does not change its ways by redirects.",
	       LEVEL_MUST, "8.2", router_ignores),
};

const struct suite suite_rfc4861_redirect = {
	.name = "rfc4861-redirect",
	.title = "redirects",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
