/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Router solicitations and advertisements, what a host does: tests 2.2.1 to 2.2.3 and 2.2.11 to
 * 2.2.19 of the core specification 4.0.7, by RFC 4861 section 6.3 and RFC 7559.
 */
#include "conform/cache.h"
#include "conform/message.h"
#include "ip6/scope.h"
#include "nd/opt.h"

#define MAX_RTR_SOLICITATION_DELAY NS_PER_S
#define RTR_SOLICITATION_INTERVAL  (4 * NS_PER_S)
#define MAX_RTR_SOLICITATIONS	   3
#define DAD_FOR			   (3 * NS_PER_S)
#define PREFIX_LEN		   64
#define WRONG_CSUM		   0x1bad

/* Beyond the routers, and of a second prefix of the link. */
static const struct ip6_addr far_node = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };
static const struct ip6_addr prefix_y = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0e } };

static struct pv solicitation(void)
{
	return (struct pv){ .dst = IS_ADDR(all_routers),
			    .hop_limit = IS(255),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_RS),
			    .code = IS(0) };
}

/* The next solicitation, as RFC 4861 section 4.1 and RFC 4862 section 5.4 want it. */
static const struct seen *solicits(struct tester *t, time_ns within)
{
	struct pv want = solicitation();
	const struct seen *s = expect(t, LINK_B, within, &want);
	bool anonymous = ip6_is_unspec(&s->pv.src.a), told = false;

	for (size_t at = 0; at + 8 <= s->pv.data.n && s->pv.data.p[at + 1] != 0;
	     at += (size_t)s->pv.data.p[at + 1] * 8)
		told |= s->pv.data.p[at] == ND_OPT_SLLA;
	if (!anonymous && !ip6_eq(&s->pv.src.a, &t->lla[LINK_B]))
		tester_fail(t, "a solicitation comes from an address that was not probed for");
	if (anonymous && told)
		tester_fail(t, "an anonymous solicitation has a source link-layer address");
	return s;
}

/*
 * RFC 4861 section 6.3.7 has three, four seconds apart; RFC 7559 section 2 lets the time between
 * them grow (by RFC 8415 section 15, with 10 % of chance), and does not let them end.
 */
static void solicits_three(struct tester *t)
{
	const struct seen *s;
	time_ns last;

	reboot(t);
	last = solicits(t, DAD_FOR + MAX_RTR_SOLICITATION_DELAY)->when;
	for (unsigned i = 1; i < MAX_RTR_SOLICITATIONS; i++) {
		s = solicits(t, RTR_SOLICITATION_INTERVAL * 3);
		if (time_after(s->when, tester_slack(t)) <
		    last + RTR_SOLICITATION_INTERVAL / 10 * 9)
			tester_fail(t, "solicitations come %.3f s apart",
				    (double)(s->when - last) / (double)NS_PER_S);
		last = s->when;
	}
}

static void is_answered_by(struct tester *t, const struct pv *adv, bool believed)
{
	struct pv more = solicitation();

	reboot(t);
	solicits(t, DAD_FOR + MAX_RTR_SOLICITATION_DELAY);
	tx(t, TR1, adv);
	if (believed)
		silence(t, RTR_SOLICITATION_INTERVAL * 2 + MAX_RTR_SOLICITATION_DELAY, &more);
	else
		solicits(t, RTR_SOLICITATION_INTERVAL * 2 + MAX_RTR_SOLICITATION_DELAY);
}

static void answered(struct tester *t)
{
	struct pv adv = ra(t, TR1, 600, 0);

	is_answered_by(t, &adv, true);
}

static void answered_with_slla(struct tester *t)
{
	struct pv adv = ra(t, TR1, 600, 0);

	option_lla(t, &adv, ND_OPT_SLLA, &t->st[TR1].mac);
	is_answered_by(t, &adv, true);
}

static void answered_from_global(struct tester *t)
{
	struct pv adv = ra(t, TR1, 600, 0);

	adv.src = IS_ADDR(t->st[TR1].global);
	is_answered_by(t, &adv, false);
}

static void answered_from_afar(struct tester *t)
{
	struct pv adv = ra(t, TR1, 600, 0);

	adv.hop_limit = IS(2);
	is_answered_by(t, &adv, false);
}

static void answered_checksum(struct tester *t)
{
	struct pv adv = ra(t, TR1, 600, 0);

	adv.csum = IS(WRONG_CSUM);
	is_answered_by(t, &adv, false);
}

static void answered_code(struct tester *t)
{
	struct pv adv = ra(t, TR1, 600, 0);

	adv.code = IS(1);
	is_answered_by(t, &adv, false);
}

/* A solicitation teaches a host nothing about who sent it. */
static void ignores_rs_to(struct tester *t, struct ip6_addr dst)
{
	struct pv pv = rs(t, TN1);

	t->st[TN1].muted = true;
	pv.dst = IS_ADDR(dst);
	option_lla(t, &pv, ND_OPT_SLLA, &t->st[TN1].mac);
	tx(t, TN1, &pv);
	pause_for(t, MAX_MULTICAST_SOLICIT * RETRANS_TIMER);
	cache_is_incomplete(t, TN1);
}

static void ignores_rs_routers(struct tester *t)
{
	ignores_rs_to(t, all_routers);
}

static void ignores_rs_nodes(struct tester *t)
{
	ignores_rs_to(t, all_nodes);
}

static void ignores_rs_unicast(struct tester *t)
{
	ignores_rs_to(t, nut_lla(t, TN1));
}

/* An advertisement of the prefix of link B, with what it says of time. */
static struct pv full_ra(struct tester *t, enum station_id who, uint16_t lifetime_s,
			 uint32_t reachable_ms)
{
	struct pv adv = ra(t, who, lifetime_s, 0);

	ra_timers(&adv, reachable_ms, 1000);
	option_prefix(t, &adv, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 9000, 9000);
	return adv;
}

/* @via forwards an echo request from afar. Return: what answers it. */
static struct pv from_afar(struct tester *t, enum station_id via)
{
	struct pv echo = echo_to(t, via, nut_global(t, via));

	echo.src = IS_ADDR(far_node);
	return reply_to(tx(t, via, &echo));
}

/* The answer to who is far comes by @by. */
static void goes_by(struct tester *t, enum station_id via, enum station_id by)
{
	struct pv reply = from_afar(t, via);

	reply.eth_dst = IS_MAC(t->st[by].mac);
	expect(t, LINK_B, MAX_MULTICAST_SOLICIT * RETRANS_TIMER, &reply);
}

/* It comes by nobody, and nobody is asked for (RFC 4861 section 5.2, RFC 5942 section 4). */
static void goes_nowhere(struct tester *t)
{
	struct pv reply = from_afar(t, TR1);
	struct pv ask1 = { .kind = PV_ICMP6,
			   .type = IS(ICMP6_NS),
			   .dst = IS_ADDR(ip6_solicited_node(&t->st[TR1].lla)) };
	struct pv ask2 = ask1;
	size_t since = t->since;

	ask2.dst = IS_ADDR(ip6_solicited_node(&far_node));
	silence(t, MAX_MULTICAST_SOLICIT * RETRANS_TIMER, &reply);
	t->since = since;
	silence(t, 0, &ask1);
	silence(t, 0, &ask2);
}

/* A silent router is given up for another one, after three probes (section 7.3.3). */
static void switches(struct tester *t)
{
	struct pv adv = full_ra(t, TR1, 45, 10000), probe, reply;
	const struct seen *s = NULL;

	tx(t, TR1, &adv);
	pause_for(t, DAD_FOR);
	goes_by(t, TR1, TR1);
	adv = full_ra(t, TR2, 45, 10000);
	tx(t, TR2, &adv);
	t->st[TR1].muted = true;
	probe = (struct pv){ .dst = IS_ADDR(t->st[TR1].lla),
			     .kind = PV_ICMP6,
			     .type = IS(ICMP6_NS),
			     .begin = IS_OCTETS(t->st[TR1].lla.b, IP6_ADDR_OCTETS) };
	for (unsigned i = 0; i < 10; i++) { /* 15 s at most until it is stale, and 5 s of delay */
		(void)from_afar(t, TR2);
		pause_for(t, 3 * NS_PER_S);
	}
	for (unsigned i = 0; i < MAX_UNICAST_SOLICIT; i++)
		s = expect(t, LINK_B, RETRANS_TIMER, &probe);
	ASSERT(s != NULL);
	reply = from_afar(t, TR2);
	reply.eth_dst = IS_MAC(t->st[TR2].mac);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
	for (size_t i = t->boot; i < t->record.n; i++) /* those that came by either of them */
		if (t->record.seen[i]->from_nut && t->record.seen[i]->pv.kind == PV_ICMP6 &&
		    t->record.seen[i]->pv.type.v == ICMP6_ECHO_REPLY)
			tester_claim(t, t->record.seen[i]);
}

/* After an advertisement that was no good nothing is known of who sent it. */
static void unlearned(struct tester *t, const struct pv *adv)
{
	t->st[TR1].muted = true;
	tx(t, TR1, adv);
	pause_for(t, MAX_MULTICAST_SOLICIT * RETRANS_TIMER);
	cache_is_incomplete(t, TR1);
}

static struct pv told_ra(struct tester *t)
{
	struct pv adv = ra(t, TR1, 20, 0);

	ra_timers(&adv, 600000, 1000);
	option_lla(t, &adv, ND_OPT_SLLA, &t->st[TR1].mac);
	return adv;
}

static void bad_source(struct tester *t)
{
	struct pv adv = told_ra(t);

	adv.src = IS_ADDR(t->st[TR1].global);
	unlearned(t, &adv);
}

static void bad_hop_limit(struct tester *t)
{
	struct pv adv = told_ra(t);

	adv.hop_limit = IS(2);
	unlearned(t, &adv);
}

static void bad_checksum(struct tester *t)
{
	struct pv adv = told_ra(t);

	adv.csum = IS(WRONG_CSUM);
	unlearned(t, &adv);
}

static void bad_code(struct tester *t)
{
	struct pv adv = told_ra(t);

	adv.code = IS(1);
	unlearned(t, &adv);
}

static void bad_length(struct tester *t)
{
	struct pv adv = ra(t, TR1, 20, 0);

	adv.data.n = 14 - 8;
	unlearned(t, &adv);
}

static void bad_option(struct tester *t)
{
	struct pv adv = told_ra(t);
	uint8_t zero[6] = { 0 };

	option(t, &adv, ND_OPT_SLLA, zero, sizeof(zero));
	((uint8_t *)adv.data.p)[adv.data.n - 7] = 0; /* the tester's octets */
	unlearned(t, &adv);
}

static uint64_t hops_of_answer(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));
	struct pv reply = reply_to(tx(t, TN1, &echo));

	return expect(t, LINK_B, REPLY_WITHIN, &reply)->pv.hop_limit.v;
}

static void hop_limit_of(struct tester *t, uint8_t cur_hop_limit)
{
	uint64_t before, after;
	struct pv adv;

	setup_1(t, 1);
	before = hops_of_answer(t);
	adv = full_ra(t, TR1, 600, 0);
	adv.param.v = (uint64_t)cur_hop_limit << 24 | (adv.param.v & 0xffffff);
	tx(t, TR1, &adv);
	after = hops_of_answer(t);
	if (after != (cur_hop_limit != 0 ? cur_hop_limit : before))
		tester_fail(t, "the hop limit was %u, %u was advertised, now it is %u",
			    (unsigned)before, cur_hop_limit, (unsigned)after);
}

static void hop_limit_none(struct tester *t)
{
	hop_limit_of(t, 0);
}

static void hop_limit_100(struct tester *t)
{
	hop_limit_of(t, 100);
}

static struct pv short_ra(struct tester *t)
{
	struct pv adv = ra(t, TR1, 20, 0);

	ra_timers(&adv, 600000, 1000);
	option_prefix(t, &adv, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 100, 20);
	return adv;
}

static void lifetime_same(struct tester *t)
{
	struct pv adv = short_ra(t);

	tx(t, TR1, &adv);
	pause_for(t, DAD_FOR);
	for (unsigned i = 0; i < 16; i++) {
		goes_by(t, TR1, TR1);
		pause_for(t, NS_PER_S);
	}
	tx(t, TR1, &adv);
	for (unsigned i = 0; i < 19; i++) {
		goes_by(t, TR1, TR1);
		pause_for(t, NS_PER_S);
	}
	pause_for(t, 2 * NS_PER_S);
	goes_nowhere(t);
}

/* Both routers are there; TR1 goes, by @lifetime_s after @wait, then TR2. */
static void routers_go(struct tester *t, uint16_t lifetime_s, time_ns wait)
{
	struct pv adv, reply;

	setup_1(t, 2);
	reply = from_afar(t, TR1);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
	adv = full_ra(t, TR1, lifetime_s, 0);
	tx(t, TR1, &adv);
	pause_for(t, wait);
	goes_by(t, TR2, TR2);
	adv = full_ra(t, TR2, lifetime_s, 0);
	tx(t, TR2, &adv);
	pause_for(t, wait);
	goes_nowhere(t);
}

static void lifetime_zero(struct tester *t)
{
	routers_go(t, 0, NS_PER_S); /* who hears it and who sends may be two processes */
}

static void lifetime_five(struct tester *t)
{
	routers_go(t, 5, 7 * NS_PER_S);
}

static void reachable_time(struct tester *t)
{
	struct pv adv = ra(t, TR1, 0, 0);

	ra_timers(&adv, 10000, 1000);
	tx(t, TR1, &adv);
	cache_confirmed_every(t, true, 60 * NS_PER_S, 10 * NS_PER_S, 20 * NS_PER_S);
	ra_timers(&adv, 40000, 1000);
	tx(t, TR1, &adv);
	cache_confirmed_every(t, false, 140 * NS_PER_S, 25 * NS_PER_S, 65 * NS_PER_S);
}

static void send_ra(struct tester *t, enum station_id who, const struct mac *lla)
{
	struct pv adv = ra(t, who, 0, 0);

	ra_timers(&adv, 10000, 1000);
	if (lla != NULL)
		option_lla(t, &adv, ND_OPT_SLLA, lla);
	tx(t, who, &adv);
}

#define AFTER_RA(name, state, lla)                                                                 \
	static void name(struct tester *t)                                                         \
	{                                                                                          \
		cache_after(t, TR1, state, lla, send_ra);                                          \
	}

AFTER_RA(ra_none, CACHE_NONE, LLA_SAME)
AFTER_RA(ra_incomplete, CACHE_INCOMPLETE, LLA_SAME)
AFTER_RA(ra_reachable_other, CACHE_REACHABLE, LLA_OTHER)
AFTER_RA(ra_reachable, CACHE_REACHABLE, LLA_SAME)
AFTER_RA(ra_reachable_without, CACHE_REACHABLE, LLA_NONE)
AFTER_RA(ra_probe_other, CACHE_PROBE, LLA_OTHER)
AFTER_RA(ra_probe, CACHE_PROBE, LLA_SAME)
AFTER_RA(ra_probe_without, CACHE_PROBE, LLA_NONE)
AFTER_RA(ra_stale_other, CACHE_STALE, LLA_OTHER)
AFTER_RA(ra_stale, CACHE_STALE, LLA_SAME)
AFTER_RA(ra_stale_without, CACHE_STALE, LLA_NONE)

/* TR1 is a host first, and a router once it advertises. */
static void becomes_router(struct tester *t, enum cache_lla lla)
{
	struct mac other = other_mac(t, TR1);
	struct pv adv, reply;

	t->st[TR1].router = false;
	ping(t, TR1);
	t->st[TR1].router = true;
	adv = full_ra(t, TR1, 600, 0);
	if (lla != LLA_NONE)
		option_lla(t, &adv, ND_OPT_SLLA, lla == LLA_OTHER ? &other : &t->st[TR1].mac);
	tx(t, TR1, &adv);
	pause_for(t, DAD_FOR);
	reply = from_afar(t, TR1);
	reply.eth_dst = IS_MAC(lla == LLA_OTHER ? other : t->st[TR1].mac);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void is_router(struct tester *t)
{
	becomes_router(t, LLA_NONE);
}

static void is_router_same(struct tester *t)
{
	becomes_router(t, LLA_SAME);
}

static void is_router_other(struct tester *t)
{
	becomes_router(t, LLA_OTHER);
}

static void next_hop(struct tester *t)
{
	struct pv adv = full_ra(t, TR1, 600, 0);

	option_lla(t, &adv, ND_OPT_SLLA, &t->st[TR1].mac);
	tx(t, TR1, &adv);
	pause_for(t, DAD_FOR);
	goes_by(t, TR1, TR1);
}

/* A prefix of 96 bits makes no address, but says who is on the link (RFC 4861 section 6.3.4). */
static void on_link(struct tester *t)
{
	struct pv adv, echo, reply;
	struct ip6_addr near = prefix_y;

	setup_1(t, 1);
	near.b[15] = 1;
	t->st[TN1].extra = near;
	adv = full_ra(t, TR1, 600, 10000);
	option_prefix(t, &adv, &prefix_y, 96, PIO_ON_LINK | PIO_AUTO, 20, 20);
	tx(t, TR1, &adv);
	pause_for(t, DAD_FOR);
	echo = echo_to(t, TN1, nut_global(t, TN1));
	echo.src = IS_ADDR(near);
	reply = reply_to(tx(t, TN1, &echo));
	reply.eth_dst = IS_MAC(t->st[TN1].mac);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

#define PART(id, title, purpose, section, needs, fn)                                               \
	{                                                                                          \
		"v6lc.2.2." id, title, purpose, "RFC 4861 section " section, LEVEL_MUST, NUT_HOST, \
			needs, NS_PER_S, fn                                                        \
	}

#define ONCE	 "A host that has got an answer asks no more."
#define AGAIN	 "An invalid advertisement is no answer: the host asks again."
#define IGNORED	 "An invalid advertisement teaches nothing."
#define OF_HOSTS "A host ignores router solicitations."
#define OF_CACHE "An advertisement tells where a router is, not that it can be reached."
#define OF_ROUTE "Who advertises itself is a router, whatever it was before."

static const struct part parts[] = {
	PART("1", "router solicitations",
	     "A host that starts asks for routers, not more often than every four seconds.",
	     "6.3.7", NUT_CAN_REBOOT, solicits_three),
	PART("2.a", "solicited: an answer", ONCE, "6.3.7", NUT_CAN_REBOOT, answered),
	PART("2.b", "solicited: an answer that tells where", ONCE, "6.3.7", NUT_CAN_REBOOT,
	     answered_with_slla),
	PART("2.c", "solicited: a global source", AGAIN, "6.1.2", NUT_CAN_REBOOT,
	     answered_from_global),
	PART("2.d", "solicited: hop limit", AGAIN, "6.1.2", NUT_CAN_REBOOT, answered_from_afar),
	PART("2.e", "solicited: checksum", AGAIN, "6.1.2", NUT_CAN_REBOOT, answered_checksum),
	PART("2.f", "solicited: code", AGAIN, "6.1.2", NUT_CAN_REBOOT, answered_code),
	PART("3.a", "a solicitation to all routers", OF_HOSTS, "6.2.6", 0, ignores_rs_routers),
	PART("3.b", "a solicitation to all nodes", OF_HOSTS, "6.2.6", 0, ignores_rs_nodes),
	PART("3.c", "a solicitation to the host", OF_HOSTS, "6.2.6", 0, ignores_rs_unicast),
	PART("11", "a router that is silent",
	     "A default router that cannot be reached is left for another one.", "6.3.6", 0,
	     switches),
	PART("12.a", "bad advertisement: global source", IGNORED, "6.1.2", 0, bad_source),
	PART("12.b", "bad advertisement: hop limit", IGNORED, "6.1.2", 0, bad_hop_limit),
	PART("12.c", "bad advertisement: checksum", IGNORED, "6.1.2", 0, bad_checksum),
	PART("12.d", "bad advertisement: code", IGNORED, "6.1.2", 0, bad_code),
	PART("12.e", "bad advertisement: too short", IGNORED, "6.1.2", 0, bad_length),
	PART("12.f", "bad advertisement: option of length zero", IGNORED, "6.1.2", 0, bad_option),
	PART("13.a", "no hop limit advertised", "A hop limit of zero says nothing.", "6.3.4", 0,
	     hop_limit_none),
	PART("13.b", "a hop limit advertised", "What is sent has the hop limit advertised.",
	     "6.3.4", 0, hop_limit_100),
	PART("14.a", "a router's lifetime, renewed",
	     "A lifetime begins anew when it is said again.", "6.3.4", 0, lifetime_same),
	PART("14.b", "a router's lifetime of zero", "A router that says so is none any more.",
	     "6.3.4", 0, lifetime_zero),
	PART("14.c", "a router's lifetime, over",
	     "A router whose lifetime is over is none any more.", "6.3.5", 0, lifetime_five),
	PART("15.a", "reachable time",
	     "Neighbors are asked for after a random time around what is advertised.", "6.3.4", 0,
	     reachable_time),
	PART("16.a", "advertised by a stranger", OF_CACHE, "6.3.4", 0, ra_none),
	PART("16.b", "advertised by who is sought", OF_CACHE, "6.3.4", 0, ra_incomplete),
	PART("16.c", "advertised by who is reachable, another address", OF_CACHE, "6.3.4", 0,
	     ra_reachable_other),
	PART("16.d", "advertised by who is reachable", OF_CACHE, "6.3.4", 0, ra_reachable),
	PART("16.e", "advertised by who is reachable, no address", OF_CACHE, "6.3.4", 0,
	     ra_reachable_without),
	PART("16.f", "advertised by who is probed, another address", OF_CACHE, "6.3.4", 0,
	     ra_probe_other),
	PART("16.g", "advertised by who is probed", OF_CACHE, "6.3.4", 0, ra_probe),
	PART("16.h", "advertised by who is probed, no address", OF_CACHE, "6.3.4", 0,
	     ra_probe_without),
	PART("16.i", "advertised by who is stale, another address", OF_CACHE, "6.3.4", 0,
	     ra_stale_other),
	PART("16.j", "advertised by who is stale", OF_CACHE, "6.3.4", 0, ra_stale),
	PART("16.k", "advertised by who is stale, no address", OF_CACHE, "6.3.4", 0,
	     ra_stale_without),
	PART("17.a", "a host becomes a router", OF_ROUTE, "6.3.4", 0, is_router),
	PART("17.b", "a host becomes a router, its address known", OF_ROUTE, "6.3.4", 0,
	     is_router_same),
	PART("17.c", "a host becomes a router, with another address", OF_ROUTE, "6.3.4", 0,
	     is_router_other),
	PART("18", "the next hop", "What is not on the link goes by a default router.", "5.2", 0,
	     next_hop),
	PART("19", "a prefix that only says what is on the link",
	     "A prefix too long for autoconfiguration still says who is on the link.", "6.3.4", 0,
	     on_link),
};

const struct suite suite_rfc4861_host = {
	.name = "rfc4861-host",
	.title = "router discovery, the host",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
