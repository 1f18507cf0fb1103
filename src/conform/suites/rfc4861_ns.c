/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbor solicitations received: tests 2.1.7 to 2.1.14 of the core specification 4.0.7, by RFC 4861
 * sections 7.1.1, 7.2.3, 7.2.4 and 7.2.7.
 */
#include "conform/cache.h"
#include "conform/message.h"
#include "ip6/scope.h"
#include "nd/opt.h"

#define MAX_ANYCAST_DELAY_TIME NS_PER_S
#define TARGET_OCTETS	       16
#define WRONG_CSUM	       0x1bad

static const struct ip6_addr far_node = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };

/*
 * 2.1.7
 */

/* For the device's link-local address, sent to it alone. */
static struct pv to_nut(struct tester *t, enum station_id from, const struct mac *lla)
{
	struct pv pv = ns(t, from, nut_lla(t, from), lla);

	pv.dst = IS_ADDR(nut_lla(t, from));
	return pv;
}

/* It is not answered, nobody is asked for so that it can be, and it teaches nothing of TN1. */
static void is_ignored(struct tester *t, const struct pv *pv)
{
	struct pv answer = { .kind = PV_ICMP6, .type = IS(ICMP6_NA) };
	struct pv ask = { .kind = PV_ICMP6,
			  .type = IS(ICMP6_NS),
			  .begin = IS_OCTETS(t->st[TN1].lla.b, IP6_ADDR_OCTETS) };
	size_t since;

	ping(t, TR1); /* it is alive */
	t->st[TN1].muted = true;
	tx(t, TN1, pv);
	since = t->since;
	silence(t, SILENCE_FOR, &answer);
	t->since = since;
	silence(t, 0, &ask);
	t->since = since;
	silence(t, 0, NULL);
	cache_is_incomplete(t, TN1);
}

static void bad_target(struct tester *t)
{
	struct pv pv = ns(t, TN1, all_nodes, &t->st[TN1].mac);

	pv.src = IS_ADDR(t->st[TN1].lla);
	pv.dst = IS_ADDR(nut_lla(t, TN1));
	is_ignored(t, &pv);
}

static void bad_destination(struct tester *t)
{
	struct pv pv = to_nut(t, TN1, NULL);

	pv.src = IS_ADDR(IP6_UNSPEC);
	is_ignored(t, &pv);
}

static void bad_option(struct tester *t)
{
	struct pv pv = ns(t, TN1, nut_lla(t, TN1), &t->st[TN1].mac);

	pv.src = IS_ADDR(IP6_UNSPEC);
	is_ignored(t, &pv);
}

static void bad_hop_limit(struct tester *t)
{
	struct pv pv = to_nut(t, TN1, &t->st[TN1].mac);

	pv.hop_limit = IS(254);
	is_ignored(t, &pv);
}

static void bad_checksum(struct tester *t)
{
	struct pv pv = to_nut(t, TN1, &t->st[TN1].mac);

	pv.csum = IS(WRONG_CSUM);
	is_ignored(t, &pv);
}

static void bad_code(struct tester *t)
{
	struct pv pv = to_nut(t, TN1, &t->st[TN1].mac);

	pv.code = IS(1);
	is_ignored(t, &pv);
}

static void bad_length(struct tester *t)
{
	struct pv pv = to_nut(t, TN1, NULL);

	pv.data.n = 16 - 8;
	is_ignored(t, &pv);
}

static void bad_option_length(struct tester *t)
{
	struct pv pv = to_nut(t, TN1, &t->st[TN1].mac);

	((uint8_t *)pv.data.p)[TARGET_OCTETS + 1] = 0; /* the tester's octets */
	is_ignored(t, &pv);
}

/*
 * 2.1.8 to 2.1.12
 */

/*
 * Section 7.2.4. Who solicited at a group must be told a link-layer address; who solicited at an
 * address has it. Without one, and for an anycast address, Override SHOULD be clear; that is looked at
 * only where the part is no MUST.
 */
static void check_answer(struct tester *t, const struct seen *s, bool group, bool anycast)
{
	struct mac mac = t->nut->ops->mac(t->nut, s->link);
	bool told = option_find(&s->pv, TARGET_OCTETS, ND_OPT_TLLA) != NULL;
	uint32_t flags = (uint32_t)s->pv.param.v;

	if ((flags & NA_SOLICITED) == 0)
		tester_fail(t, "the answer to a solicitation does not say so");
	if (((flags & NA_ROUTER) != 0) != (t->role == NUT_ROUTER))
		tester_fail(t, "a %s says that it is a %s", nut_role_name(t->role),
			    nut_role_name((flags & NA_ROUTER) != 0 ? NUT_ROUTER : NUT_HOST));
	if (group && !told)
		tester_fail(t, "the answer has no target link-layer address");
	if (told && !has_lla(&s->pv, ND_OPT_TLLA, &mac))
		tester_fail(t, "the answer says another link-layer address than the device's");
	if (t->part->level == LEVEL_SHOULD && ((flags & NA_OVERRIDE) != 0) != (told && !anycast))
		tester_fail(t, "the override flag is %s",
			    (flags & NA_OVERRIDE) != 0 ? "set" : "clear");
}

/* The device answers @who about @target, at this link-layer address. */
static const struct seen *advertises(struct tester *t, enum station_id who,
				     const struct ip6_addr *target, struct ip6_addr dst,
				     const struct mac *mac)
{
	struct pv want = { .eth_dst = IS_MAC(*mac),
			   .dst = IS_ADDR(dst),
			   .hop_limit = IS(255),
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_NA),
			   .code = IS(0),
			   .begin = IS_OCTETS(target->b, IP6_ADDR_OCTETS) };

	return expect(t, t->st[who].link, REPLY_WITHIN, &want);
}

/* @who solicits; @lla: what it says, NULL: nothing; @mac: where its answer goes. */
static void solicits(struct tester *t, enum station_id who, bool group, const struct mac *lla,
		     const struct mac *mac)
{
	struct ip6_addr target = nut_lla(t, who);
	struct pv pv = group ? ns(t, who, target, lla) : to_nut(t, who, lla);

	tx(t, who, &pv);
	if (mac != NULL)
		check_answer(t, advertises(t, who, &target, t->st[who].lla, mac), group, false);
}

/*
 * Who solicits tells where it is, not that it can be reached. It is answered at once where its
 * link-layer address is known, by that solicitation or otherwise.
 */
static void after_ns(struct tester *t, enum cache_state state, enum cache_lla lla, bool group)
{
	struct mac known = lla == LLA_OTHER ? other_mac(t, TN1) : t->st[TN1].mac;
	bool lost = lla == LLA_NONE && (state == CACHE_NONE || state == CACHE_INCOMPLETE);
	struct pv owed = cache_bring(t, TN1, state);

	if (state == CACHE_REACHABLE)
		cache_is_reachable(t, TN1, &t->st[TN1].mac);
	solicits(t, TN1, group, lla == LLA_NONE ? NULL : &known, lost ? NULL : &known);
	cache_told(t, TN1, state, lla, owed);
}

#define AFTER_NS(name, state, lla, group)                                                          \
	static void name(struct tester *t)                                                         \
	{                                                                                          \
		after_ns(t, state, lla, group);                                                    \
	}

AFTER_NS(none_unicast, CACHE_NONE, LLA_SAME, false)
AFTER_NS(none_group, CACHE_NONE, LLA_SAME, true)
AFTER_NS(incomplete_without, CACHE_INCOMPLETE, LLA_NONE, false)
AFTER_NS(reachable_unicast, CACHE_REACHABLE, LLA_SAME, false)
AFTER_NS(reachable_unicast_other, CACHE_REACHABLE, LLA_OTHER, false)
AFTER_NS(reachable_group, CACHE_REACHABLE, LLA_SAME, true)
AFTER_NS(reachable_group_other, CACHE_REACHABLE, LLA_OTHER, true)
AFTER_NS(stale_unicast, CACHE_STALE, LLA_SAME, false)
AFTER_NS(stale_unicast_other, CACHE_STALE, LLA_OTHER, false)
AFTER_NS(stale_group, CACHE_STALE, LLA_SAME, true)
AFTER_NS(stale_group_other, CACHE_STALE, LLA_OTHER, true)
AFTER_NS(probe_unicast, CACHE_PROBE, LLA_SAME, false)
AFTER_NS(probe_unicast_other, CACHE_PROBE, LLA_OTHER, false)
AFTER_NS(probe_group, CACHE_PROBE, LLA_SAME, true)
AFTER_NS(probe_group_other, CACHE_PROBE, LLA_OTHER, true)

/* Who does not say where it is has to be asked for before it can be answered (section 7.2.4). */
static void none_without(struct tester *t)
{
	t->st[TN1].muted = true;
	solicits(t, TN1, false, NULL, NULL);
	cache_is_incomplete(t, TN1);
	cache_still_sought(t, TN1);
}

/* What waited goes out, and so does the next packet; then there is doubt. */
static void incomplete(struct tester *t, bool group)
{
	const struct mac *mac = &t->st[TN1].mac;
	struct pv owed = cache_bring(t, TN1, CACHE_INCOMPLETE);

	solicits(t, TN1, group, mac, mac);
	cache_pays(t, TN1, owed, mac);
	cache_is_stale(t, TN1, mac);
}

static void incomplete_unicast(struct tester *t)
{
	incomplete(t, false);
}

static void incomplete_group(struct tester *t)
{
	incomplete(t, true);
}

/*
 * 2.1.13
 */

/* TR1 solicits, and is a router as before: the answer to who is far goes by it. */
static void still_router(struct tester *t, bool group, const struct mac *lla, const struct mac *mac)
{
	struct pv echo, reply;

	setup_1(t, 1);
	solicits(t, TR1, group, lla, mac);
	echo = echo_to(t, TR1, nut_global(t, TR1));
	echo.src = IS_ADDR(far_node);
	reply = reply_to(tx(t, TR1, &echo));
	reply.eth_dst = IS_MAC(*mac);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void router_without(struct tester *t)
{
	still_router(t, false, NULL, &t->st[TR1].mac);
}

static void router_same(struct tester *t)
{
	still_router(t, false, &t->st[TR1].mac, &t->st[TR1].mac);
}

static void router_other(struct tester *t)
{
	struct mac other = other_mac(t, TR1);

	still_router(t, true, &other, &other);
}

/*
 * 2.1.14
 */

/* RFC 4291 section 2.6.1: the prefix, and zeros. It is answered once, after a delay by chance. */
static void anycast(struct tester *t)
{
	struct pv pv = ns(t, TN1, prefix_b, &t->st[TN1].mac);
	const struct seen *s;
	time_ns asked;

	setup_router(t);
	asked = tx(t, TN1, &pv)->when;
	s = advertises(t, TN1, &prefix_b, t->st[TN1].global, &t->st[TN1].mac);
	check_answer(t, s, true, true);
	if (s->when > time_after(asked, time_after(MAX_ANYCAST_DELAY_TIME, tester_slack(t))))
		tester_fail(t, "the answer came after %.3f s",
			    (double)(s->when - asked) / (double)NS_PER_S);
}

#define PART(id, title, purpose, section, level, roles, fn)                                        \
	{                                                                                          \
		"v6lc.2.1." id, title, purpose, "RFC 4861 section " section, level, roles, 0,      \
			NS_PER_S, fn                                                               \
	}
#define BAD(id, title, fn)                                                                         \
	PART("7." id, "bad solicitation: " title, IGNORED, "7.1.1", LEVEL_MUST, NUT_BOTH, fn)
#define TELLS(id, title, fn)                                                                       \
	PART(id, "solicited by " title, OF_CACHE, "7.2.3", LEVEL_SHOULD, NUT_BOTH, fn)
#define MUST_TELL(id, title, fn)                                                                   \
	PART(id, "solicited by " title, OF_CACHE, "7.2.3", LEVEL_MUST, NUT_BOTH, fn)
#define ROUTER(id, title, fn)                                                                      \
	PART("13." id, "solicited by a router" title, OF_ROUTER, "7.2.3", LEVEL_MUST, NUT_HOST, fn)

#define IGNORED	  "An invalid solicitation is not answered and teaches nothing."
#define OF_CACHE  "A solicitation tells where its sender is, not that it can be reached."
#define OF_ROUTER "A solicitation does not say whether its sender is a router."

static const struct part parts[] = {
	BAD("a", "a group as target", bad_target),
	BAD("b", "a probe that is not sent to a group", bad_destination),
	BAD("c", "an option that tells who nobody is", bad_option),
	BAD("d", "hop limit", bad_hop_limit),
	BAD("e", "checksum", bad_checksum),
	BAD("f", "code", bad_code),
	BAD("g", "too short", bad_length),
	BAD("h", "option of length zero", bad_option_length),
	TELLS("8.a", "a stranger", none_unicast),
	TELLS("8.b", "a stranger, at the group", none_group),
	PART("8.c", "solicited by a stranger without an address",
	     "Who does not say where it is has to be asked before it can be answered.", "7.2.4",
	     LEVEL_MUST, NUT_BOTH, none_without),
	TELLS("9.a", "who is sought", incomplete_unicast),
	TELLS("9.b", "who is sought, at the group", incomplete_group),
	TELLS("9.c", "who is sought, without an address", incomplete_without),
	TELLS("10.a", "who is reachable", reachable_unicast),
	MUST_TELL("10.b", "who is reachable, from another address", reachable_unicast_other),
	TELLS("10.c", "who is reachable, at the group", reachable_group),
	MUST_TELL("10.d", "who is reachable, at the group, from another", reachable_group_other),
	TELLS("11.a", "who is stale", stale_unicast),
	MUST_TELL("11.b", "who is stale, from another address", stale_unicast_other),
	TELLS("11.c", "who is stale, at the group", stale_group),
	MUST_TELL("11.d", "who is stale, at the group, from another", stale_group_other),
	TELLS("12.a", "who is probed", probe_unicast),
	MUST_TELL("12.b", "who is probed, from another address", probe_unicast_other),
	TELLS("12.c", "who is probed, at the group", probe_group),
	MUST_TELL("12.d", "who is probed, at the group, from another", probe_group_other),
	ROUTER("a", " without an address", router_without),
	ROUTER("b", "", router_same),
	ROUTER("c", ", at the group, from another address", router_other),
	{ "v6lc.2.1.14", "a solicitation for the subnet-router anycast address",
	  "It is answered within a second, and so that a later answer of another router counts less.",
	  "RFC 4861 section 7.2.7", LEVEL_SHOULD, NUT_ROUTER, NUT_CAN_ADDR | NUT_CAN_FORWARD,
	  NS_PER_S, anycast },
};

const struct suite suite_rfc4861_ns = {
	.name = "rfc4861-ns",
	.title = "neighbor solicitations",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
