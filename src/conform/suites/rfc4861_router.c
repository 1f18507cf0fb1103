/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Router solicitations and advertisements, what a router does: tests 2.2.4 to 2.2.10, and of 2.2.13 and 2.2.15, of the core
 * specification 4.0.7, by RFC 4861 section 6.2.
 */
#include <inttypes.h>
#include <string.h>

#include "conform/cache.h"
#include "conform/message.h"
#include "base/csum.h"
#include "nd/opt.h"

#define MAX_RA_DELAY_TIME      (NS_PER_S / 2)
#define MIN_DELAY_BETWEEN_RAS  (3 * NS_PER_S)
#define INITIAL_INTERVAL       (16 * NS_PER_S) /* MAX_INITIAL_RTR_ADVERT_INTERVAL */
#define INITIAL_ADVERTISEMENTS 3
#define FINAL_ADVERTISEMENTS   3
#define INTERVALS	       8 /* advertisements observed in 7.a: ours */
#define WRONG_CSUM	       0x1bad

/* Any advertisement of the device's, as section 6.1.2 wants it. */
static struct pv advertisement(const struct tester *t, enum nut_link link)
{
	return (struct pv){ .src = IS_ADDR(t->lla[link]),
			    .hop_limit = IS(255),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_RA),
			    .code = IS(0) };
}

static struct pv solicitation(struct tester *t, enum station_id from)
{
	struct pv pv = rs(t, from);

	option_lla(t, &pv, ND_OPT_SLLA, &t->st[from].mac);
	return pv;
}

/* The first advertisements, which nobody asked for, are over. */
static void advertising(struct tester *t)
{
	setup_router(t);
	pause_for(t, INITIAL_ADVERTISEMENTS * INITIAL_INTERVAL);
	ping(t, TN1);
	from_now(t);
}

/* Nothing that could be an answer comes in the time that an answer would. */
static void is_ignored(struct tester *t, const struct pv *pv)
{
	struct pv never = advertisement(t, LINK_B);

	advertising(t);
	tx(t, TN1, pv);
	silence(t, MAX_RA_DELAY_TIME, &never);
}

static void bad_hop_limit(struct tester *t)
{
	struct pv pv = solicitation(t, TN1);

	pv.hop_limit = IS(254);
	is_ignored(t, &pv);
}

static void bad_checksum(struct tester *t)
{
	struct pv pv = solicitation(t, TN1);

	pv.csum = IS(WRONG_CSUM);
	is_ignored(t, &pv);
}

static void bad_code(struct tester *t)
{
	struct pv pv = solicitation(t, TN1);

	pv.code = IS(1);
	is_ignored(t, &pv);
}

/* Six octets: the checksum is right, the length is not. */
static void bad_length(struct tester *t)
{
	struct pv pv = rs(t, TN1);
	uint8_t *m = octets(t, 6);

	m[0] = ICMP6_RS;
	put_be16(m + ICMP6_CSUM_OFF, csum_upper(&pv.src.a, &pv.dst.a, m, 6, IP6_NH_ICMP6));
	pv.kind = PV_RAW;
	pv.next = IS(IP6_NH_ICMP6);
	pv.data = IS_OCTETS(m, 6);
	is_ignored(t, &pv);
}

static void bad_option(struct tester *t)
{
	struct pv pv = rs(t, TN1);
	uint8_t *data = octets(t, 8);

	data[0] = ND_OPT_SLLA;
	pv.data = IS_OCTETS(data, 8);
	is_ignored(t, &pv);
}

static void bad_source(struct tester *t)
{
	struct pv pv = solicitation(t, TN1);

	pv.src = IS_ADDR(IP6_UNSPEC);
	is_ignored(t, &pv);
}

/* Section 6.1.2: the options are whole, none has no length. */
static void check_options(struct tester *t, const struct seen *s)
{
	size_t at = 8, n = s->pv.data.n;

	if (n < at)
		tester_fail(t, "an advertisement of %zu octets is too short", n + 8);
	while (at < n) {
		size_t left = n - at, len = left < 2 ? 0 : (size_t)s->pv.data.p[at + 1] * 8;

		if (len == 0 || len > left)
			tester_fail(t, "an option is broken, %zu octets behind the header", at);
		at += len;
	}
}

static void valid(struct tester *t)
{
	struct pv pv = solicitation(t, TN1), want = advertisement(t, LINK_B);

	advertising(t);
	tx(t, TN1, &pv);
	check_options(t, expect(t, LINK_B, MAX_RA_DELAY_TIME, &want));
}

/* Nothing for who asks, by the unspecified address and by its own. */
static void says_nothing_to(struct tester *t, enum station_id who)
{
	struct pv anonymous = rs(t, who), open = solicitation(t, who);
	struct pv never = advertisement(t, t->st[who].link);

	anonymous.src = IS_ADDR(IP6_UNSPEC);
	tx(t, who, &anonymous);
	silence(t, MIN_DELAY_BETWEEN_RAS + MAX_RA_DELAY_TIME, &never);
	tx(t, who, &open);
	silence(t, MIN_DELAY_BETWEEN_RAS + MAX_RA_DELAY_TIME, &never);
}

static void advertises_nowhere(struct tester *t)
{
	ping(t, TN1);
	says_nothing_to(t, TN1);
}

static void advertises_on_one(struct tester *t)
{
	struct pv anonymous = rs(t, TN1), open = solicitation(t, TN1), want;
	const struct nd_adv adv = adv_with(&prefix_b);

	setup_adv(t, LINK_B, &adv);
	pause_for(t, INITIAL_ADVERTISEMENTS * INITIAL_INTERVAL);
	from_now(t);
	want = advertisement(t, LINK_B);
	anonymous.src = IS_ADDR(IP6_UNSPEC);
	tx(t, TN1, &anonymous);
	expect(t, LINK_B, MIN_DELAY_BETWEEN_RAS + MAX_RA_DELAY_TIME, &want);
	pause_for(t, MIN_DELAY_BETWEEN_RAS);
	from_now(t);
	tx(t, TN1, &open);
	expect(t, LINK_B, MIN_DELAY_BETWEEN_RAS + MAX_RA_DELAY_TIME, &want);
	says_nothing_to(t, TN2);
}

/* Section 6.2.4: three, each no later than 16 seconds after the one before. */
static void initial(struct tester *t)
{
	const struct nd_adv adv = adv_with(&prefix_b);
	struct pv want = advertisement(t, LINK_B);
	time_ns last;

	ping(t, TN1);
	last = t->nut->ops->now(t->nut);
	setup_adv(t, LINK_B, &adv);
	want.dst = IS_ADDR(all_nodes);
	for (unsigned i = 0; i < INITIAL_ADVERTISEMENTS; i++) {
		const struct seen *s = expect(t, LINK_B, INITIAL_INTERVAL, &want);

		if (s->when > time_after(last, INITIAL_INTERVAL + tester_slack(t)))
			tester_fail(t, "advertisement %u came too late", i + 1);
		last = s->when;
	}
}

/* An advertisement with this prefix, on link and for autoconfiguration. */
static void advertises(struct tester *t, const struct ip6_addr *prefix)
{
	const struct nd_adv adv = adv_with(prefix);
	struct pv want = advertisement(t, LINK_B);
	const struct seen *s;

	ping(t, TN1);
	setup_adv(t, LINK_B, &adv);
	want.dst = IS_ADDR(all_nodes);
	s = expect(t, LINK_B, INITIAL_INTERVAL, &want);
	check_options(t, s);
	for (size_t at = 8; at < s->pv.data.n; at += (size_t)s->pv.data.p[at + 1] * 8) {
		const uint8_t *o = s->pv.data.p + at;

		if (o[0] == ND_OPT_PREFIX && o[1] == 4 && o[2] == 64 &&
		    memcmp(o + 16, prefix->b, IP6_ADDR_OCTETS) == 0 &&
		    (o[3] & (PIO_ON_LINK | PIO_AUTO)) == (PIO_ON_LINK | PIO_AUTO))
			return;
	}
	tester_fail(t, "the advertisement does not have the prefix that was configured");
}

static void advertises_8000(struct tester *t)
{
	static const struct ip6_addr prefix = { { 0x80 } };

	advertises(t, &prefix);
}

static void advertises_fec0(struct tester *t)
{
	static const struct ip6_addr prefix = { { 0xfe, 0xc0 } };

	advertises(t, &prefix);
}

/* Section 6.2.5: not more than three, with a lifetime of zero, and then silence. */
static void ceases(struct tester *t)
{
	struct pv want = advertisement(t, LINK_B);
	time_ns until;

	advertising(t);
	setup_adv(t, LINK_B, &ND_ADV_DEFAULT);
	want.dst = IS_ADDR(all_nodes);
	if ((expect(t, LINK_B, INITIAL_INTERVAL, &want)->pv.param.v & 0xffff) != 0)
		tester_fail(t, "the final advertisement has a router lifetime");
	until = time_after(t->nut->ops->now(t->nut), FINAL_ADVERTISEMENTS * INITIAL_INTERVAL);
	for (unsigned n = 1; t->nut->ops->now(t->nut) < until;) {
		struct seen *s = tester_take(t, until);

		if (s == NULL)
			break;
		if (!s->ip6 || s->link != LINK_B || pv_match(&want, &s->pv) != 0)
			continue;
		tester_claim(t, s);
		if ((s->pv.param.v & 0xffff) != 0)
			tester_fail(t, "an advertisement with a lifetime came after the final one");
		if (++n > FINAL_ADVERTISEMENTS)
			tester_fail(t, "there are more than %u final advertisements",
				    FINAL_ADVERTISEMENTS);
	}
}

static void answers_in_time(struct tester *t)
{
	struct pv pv = solicitation(t, TN1), want = advertisement(t, LINK_B);

	advertising(t);
	tx(t, TN1, &pv);
	expect(t, LINK_B, MAX_RA_DELAY_TIME, &want);
	pause_for(t, MIN_DELAY_BETWEEN_RAS);
	from_now(t);
	tx(t, TN1, &pv);
	expect(t, LINK_B, MAX_RA_DELAY_TIME, &want);
}

/* Section 6.2.6, of those to all nodes. */
static void not_too_often(struct tester *t)
{
	struct pv pv = rs(t, TN1), want = advertisement(t, LINK_B);
	time_ns last = 0;

	pv.src = IS_ADDR(IP6_UNSPEC);
	advertising(t);
	want.dst = IS_ADDR(all_nodes);
	for (unsigned i = 0; i < 4; i++) {
		const struct seen *s;

		tx(t, TN1, &pv);
		pause_for(t, 2 * NS_PER_S);
		tx(t, TN1, &pv);
		s = expect(t, LINK_B, MIN_DELAY_BETWEEN_RAS + MAX_RA_DELAY_TIME, &want);
		if (last != 0 && s->when < last + MIN_DELAY_BETWEEN_RAS - tester_slack(t) / 10)
			tester_fail(t, "two advertisements came within %.3f s",
				    (double)(s->when - last) / (double)NS_PER_S);
		last = s->when;
	}
}

/* Section 6.2.4: at random, between the two intervals. */
static void intervals(struct tester *t)
{
	struct nd_adv adv = adv_with(&prefix_b);
	struct pv want = advertisement(t, LINK_B);
	time_ns least = TIME_NEVER, most = 0, last = 0;

	adv.interval_min = 5 * NS_PER_S;
	adv.interval_max = 10 * NS_PER_S;
	ping(t, TN1);
	setup_adv(t, LINK_B, &adv);
	want.dst = IS_ADDR(all_nodes);
	for (unsigned i = 0; i < INTERVALS; i++) {
		const struct seen *s = expect(t, LINK_B, adv.interval_max, &want);
		time_ns gap = s->when - last;

		if (last != 0) {
			if (gap + tester_slack(t) / 10 < adv.interval_min ||
			    gap > adv.interval_max + tester_slack(t))
				tester_fail(t, "two advertisements came %.3f s apart",
					    (double)gap / (double)NS_PER_S);
			least = MIN(least, gap);
			most = MAX(most, gap);
		}
		last = s->when;
	}
	if (most - least < NS_PER_S / 10)
		tester_fail(t, "the intervals are not random: %u of %.3f s", INTERVALS - 1,
			    (double)most / (double)NS_PER_S);
}

static void is_value(struct tester *t, const char *what, uint64_t got, uint64_t want)
{
	if (got != want)
		tester_fail(t, "%s: %" PRIu64 " is advertised, %" PRIu64 " was configured", what,
			    got, want);
}

static void prefix_is(struct tester *t, const struct seen *s, const struct nd_adv_prefix *p)
{
	const uint8_t *o = option_find(&s->pv, 8, ND_OPT_PREFIX);

	if (o == NULL || o[1] != 4 || o[2] != p->len ||
	    memcmp(o + 16, p->prefix.b, IP6_ADDR_OCTETS) != 0)
		tester_fail(t, "the prefix is not advertised");
	is_value(t, "AdvOnLinkFlag", (o[3] & PIO_ON_LINK) != 0, p->on_link);
	is_value(t, "AdvAutonomousFlag", (o[3] & PIO_AUTO) != 0, p->autonomous);
	is_value(t, "AdvValidLifetime", get_be32(o + 4), p->valid_s);
	is_value(t, "AdvPreferredLifetime", get_be32(o + 8), p->preferred_s);
}

/* Section 6.2.3: an advertisement says what is configured. */
static void says(struct tester *t, const struct nd_adv *adv)
{
	struct pv want = advertisement(t, LINK_B);
	const struct seen *s;
	const uint8_t *mtu;

	ping(t, TN1);
	setup_adv(t, LINK_B, adv);
	want.dst = IS_ADDR(all_nodes);
	s = expect(t, LINK_B, INITIAL_INTERVAL, &want);
	check_options(t, s);
	is_value(t, "AdvCurHopLimit", s->pv.param.v >> 24 & 0xff, adv->cur_hop_limit);
	is_value(t, "AdvManagedFlag", s->pv.param.v >> 23 & 1, adv->managed);
	is_value(t, "AdvOtherConfigFlag", s->pv.param.v >> 22 & 1, adv->other_config);
	is_value(t, "AdvDefaultLifetime", s->pv.param.v & 0xffff, adv->default_lifetime_s);
	is_value(t, "AdvReachableTime", get_be32(s->pv.data.p), adv->reachable_ms);
	is_value(t, "AdvRetransTimer", get_be32(s->pv.data.p + 4), adv->retrans_ms);
	mtu = option_find(&s->pv, 8, ND_OPT_MTU);
	is_value(t, "AdvLinkMTU", mtu != NULL ? get_be32(mtu + 4) : 0, adv->link_mtu);
	prefix_is(t, s, &adv->prefix[0]);
}

static void says_least(struct tester *t)
{
	struct nd_adv adv = { .send = true,
			      .interval_min = 3 * NS_PER_S,
			      .interval_max = 4 * NS_PER_S,
			      .n_prefixes = 1,
			      .prefix = { { .prefix = prefix_b, .len = 64 } } };

	says(t, &adv);
}

static void says_most(struct tester *t)
{
	struct nd_adv adv = { .send = true,
			      .managed = true,
			      .other_config = true,
			      .cur_hop_limit = 255,
			      .default_lifetime_s = 9000,
			      .reachable_ms = 3600000,
			      .retrans_ms = UINT32_MAX,
			      .link_mtu = 1500,
			      .interval_min = 1350 * NS_PER_S,
			      .interval_max = 1800 * NS_PER_S,
			      .n_prefixes = 1,
			      .prefix = { { .prefix = prefix_b,
					    .len = 64,
					    .on_link = true,
					    .autonomous = true,
					    .valid_s = UINT32_MAX,
					    .preferred_s = UINT32_MAX } } };

	says(t, &adv);
}

static uint64_t hops_of_answer(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));
	struct pv reply = reply_to(tx(t, TN1, &echo));

	return expect(t, LINK_B, REPLY_WITHIN, &reply)->pv.hop_limit.v;
}

/* What it tells others to use it uses itself. */
static void hop_limit_of(struct tester *t, uint8_t cur_hop_limit)
{
	struct nd_adv adv = adv_with(&prefix_b);
	struct pv want = advertisement(t, LINK_B);
	uint64_t before, after;

	ping(t, TN1);
	before = hops_of_answer(t);
	adv.cur_hop_limit = cur_hop_limit;
	setup_adv(t, LINK_B, &adv);
	want.dst = IS_ADDR(all_nodes);
	is_value(t, "AdvCurHopLimit",
		 expect(t, LINK_B, INITIAL_INTERVAL, &want)->pv.param.v >> 24 & 0xff,
		 cur_hop_limit);
	pause_for(t, NS_PER_S); /* who advertises and who forwards may be two processes */
	after = hops_of_answer(t);
	if (after != (cur_hop_limit != 0 ? cur_hop_limit : before))
		tester_fail(t, "the hop limit was %u, %u is advertised, now it is %u",
			    (unsigned)before, cur_hop_limit, (unsigned)after);
}

static void hop_limit_none(struct tester *t)
{
	hop_limit_of(t, 0);
}

static void hop_limit_15(struct tester *t)
{
	hop_limit_of(t, 15);
}

static void reachable_time(struct tester *t)
{
	struct nd_adv adv = adv_with(&prefix_b);
	struct pv want = advertisement(t, LINK_B);

	adv.default_lifetime_s = 0;
	adv.reachable_ms = 10000;
	setup_adv(t, LINK_B, &adv);
	want.dst = IS_ADDR(all_nodes);
	is_value(t, "AdvReachableTime",
		 get_be32(expect(t, LINK_B, INITIAL_INTERVAL, &want)->pv.data.p), adv.reachable_ms);
	cache_confirmed_every(t, true, 60 * NS_PER_S, 10 * NS_PER_S, 20 * NS_PER_S);
}

static void send_rs(struct tester *t, enum station_id who, const struct mac *lla)
{
	struct pv pv = rs(t, who);

	if (lla != NULL)
		option_lla(t, &pv, ND_OPT_SLLA, lla);
	tx(t, who, &pv);
}

#define AFTER_RS(name, state, lla)                                                                 \
	static void name(struct tester *t)                                                         \
	{                                                                                          \
		setup_router(t);                                                                   \
		cache_after(t, TN1, state, lla, send_rs);                                          \
	}

AFTER_RS(rs_none, CACHE_NONE, LLA_SAME)
AFTER_RS(rs_none_without, CACHE_NONE, LLA_NONE)
AFTER_RS(rs_incomplete, CACHE_INCOMPLETE, LLA_SAME)
AFTER_RS(rs_reachable_other, CACHE_REACHABLE, LLA_OTHER)
AFTER_RS(rs_reachable, CACHE_REACHABLE, LLA_SAME)
AFTER_RS(rs_stale_other, CACHE_STALE, LLA_OTHER)
AFTER_RS(rs_stale, CACHE_STALE, LLA_SAME)
AFTER_RS(rs_probe_other, CACHE_PROBE, LLA_OTHER)
AFTER_RS(rs_probe, CACHE_PROBE, LLA_SAME)

#define ROUTES (NUT_CAN_FORWARD | NUT_CAN_ADVERTISE | NUT_CAN_ADDR)

#define SAYS   "An advertisement says all that was configured, no more and no less."
#define ITSELF "A router uses what it tells others to use."

/* Of parts that need variables of their own. */
#define VARS(id, title, purpose, section, level, fn)                                               \
	{                                                                                          \
		"v6lc.2.2." id, title, purpose, "RFC 4861 section " section, level, NUT_ROUTER,    \
			NUT_CAN_ADVERTISE | NUT_ADV_VARS, NS_PER_S, fn                             \
	}

#define PART(id, title, purpose, section, fn)                                                      \
	{                                                                                          \
		"v6lc.2.2." id, title, purpose, "RFC 4861 section " section, LEVEL_MUST,           \
			NUT_ROUTER, ROUTES, NS_PER_S, fn                                           \
	}

#define IGNORED	 "An invalid solicitation is not answered."
#define OF_CACHE "A solicitation tells where its sender is, not that it can be reached."

static const struct part parts[] = {
	PART("4.a", "bad solicitation: hop limit", IGNORED, "6.1.1", bad_hop_limit),
	PART("4.b", "bad solicitation: checksum", IGNORED, "6.1.1", bad_checksum),
	PART("4.c", "bad solicitation: code", IGNORED, "6.1.1", bad_code),
	PART("4.d", "bad solicitation: too short", IGNORED, "6.1.1", bad_length),
	PART("4.e", "bad solicitation: option of length zero", IGNORED, "6.1.1", bad_option),
	PART("4.f", "bad solicitation: an option that tells who nobody is", IGNORED, "6.1.1",
	     bad_source),
	PART("5", "a valid advertisement", "An advertisement is as its receivers demand it.",
	     "6.1.2", valid),
	PART("6.a", "no advertising interface", "Who is not told to advertise does not.", "6.2.2",
	     advertises_nowhere),
	PART("6.b", "one advertising interface", "Each interface is told by itself to advertise.",
	     "6.2.2", advertises_on_one),
	VARS("7.a", "advertisements between the two intervals",
	     "Advertisements come at random intervals within the bounds that were configured.",
	     "6.2.4", LEVEL_MUST, intervals),
	PART("7.b", "the first advertisements",
	     "The first three advertisements come no more than 16 seconds apart.", "6.2.4",
	     initial),
	VARS("7.c", "advertising the smallest values", SAYS, "6.2.3", LEVEL_MUST, says_least),
	VARS("7.d", "advertising the largest values", SAYS, "6.2.3", LEVEL_MUST, says_most),
	PART("7.e", "advertising 8000::/64", "A prefix is advertised as it was configured.",
	     "6.2.3", advertises_8000),
	PART("7.f", "advertising fec0::/64", "A prefix is advertised as it was configured.",
	     "6.2.3", advertises_fec0),
	PART("8", "the last advertisements",
	     "Who ceases to advertise says so, at most three times, with a lifetime of zero.",
	     "6.2.5", ceases),
	PART("9.a", "answers in time", "A solicitation is answered within half a second.", "6.2.6",
	     answers_in_time),
	PART("9.b", "answers not too often",
	     "Advertisements to all nodes are three seconds apart, however many ask.", "6.2.6",
	     not_too_often),
	PART("10.a", "solicited by a stranger", OF_CACHE, "6.2.6", rs_none),
	PART("10.b", "solicited by a stranger without an address", OF_CACHE, "6.2.6",
	     rs_none_without),
	PART("10.c", "solicited by who is sought", OF_CACHE, "6.2.6", rs_incomplete),
	PART("10.d", "solicited by who is reachable, from another address", OF_CACHE, "6.2.6",
	     rs_reachable_other),
	PART("10.e", "solicited by who is reachable", OF_CACHE, "6.2.6", rs_reachable),
	PART("10.f", "solicited by who is stale, from another address", OF_CACHE, "6.2.6",
	     rs_stale_other),
	PART("10.g", "solicited by who is stale", OF_CACHE, "6.2.6", rs_stale),
	PART("10.h", "solicited by who is probed, from another address", OF_CACHE, "6.2.6",
	     rs_probe_other),
	PART("10.i", "solicited by who is probed", OF_CACHE, "6.2.6", rs_probe),
	VARS("13.a", "advertising no hop limit", ITSELF, "6.2.1", LEVEL_SHOULD, hop_limit_none),
	VARS("13.b", "advertising a hop limit", ITSELF, "6.2.1", LEVEL_SHOULD, hop_limit_15),
	VARS("15.b", "advertising a reachable time", ITSELF, "6.2.1", LEVEL_SHOULD, reachable_time),
};

const struct suite suite_rfc4861_router = {
	.name = "rfc4861-router",
	.title = "router discovery, the router",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
