/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Router solicitations and advertisements, what a router does: tests 2.2.4 to 2.2.10 of the core
 * specification 4.0.7, by RFC 4861 section 6.2.
 */
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
	PART("7.b", "the first advertisements",
	     "The first three advertisements come no more than 16 seconds apart.", "6.2.4",
	     initial),
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
};

const struct suite suite_rfc4861_router = {
	.name = "rfc4861-router",
	.title = "router discovery, the router",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
