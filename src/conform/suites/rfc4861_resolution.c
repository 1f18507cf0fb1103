/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who is on the link, and how a node asks for neighbors: tests 2.1.1 to 2.1.6 of the core
 * specification 4.0.7, by RFC 4861 sections 5.2, 7.2.2 and 7.3, RFC 5942 and RFC 7048.
 */
#include "conform/cache.h"
#include "conform/message.h"
#include "ip6/scope.h"
#include "nd/opt.h"

#define PREFIX_LEN 64
#define DAD_FOR	   (3 * NS_PER_S)
#define N_FIRST	   3 /* packets that wait for TN1, and for TR1 */
#define N_SECOND   4

static const struct ip6_addr far_node = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };

/* A solicitation for @target, which must live as long; @dst: its group, or itself when probed. */
static struct pv solicitation(const struct ip6_addr *target, struct ip6_addr dst)
{
	return (struct pv){ .dst = IS_ADDR(dst),
			    .hop_limit = IS(255),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .code = IS(0),
			    .begin = IS_OCTETS(target->b, IP6_ADDR_OCTETS) };
}

static struct pv in_group(const struct ip6_addr *target)
{
	struct pv pv = solicitation(target, ip6_solicited_node(target));

	pv.eth_dst = IS_MAC(mac_of_group(&pv.dst.a));
	return pv;
}

/* Section 4.3: it comes from an address of the device's. */
static void check_source(struct tester *t, const struct seen *s)
{
	if (!ip6_eq(&s->pv.src.a, &t->lla[s->link]) && !ip6_eq(&s->pv.src.a, &t->global[s->link]))
		tester_fail(t, "the solicitation comes from an address that was not probed for");
}

/* Section 7.2.2: one to a group MUST say where its sender is. */
static const struct seen *check_asked(struct tester *t, const struct seen *s)
{
	struct mac mac = t->nut->ops->mac(t->nut, s->link);

	check_source(t, s);
	if (!has_lla(&s->pv, ND_OPT_SLLA, &mac))
		tester_fail(t, "the solicitation does not say its sender's link-layer address");
	return s;
}

/* The device asks for @target, who is on link B. */
static const struct seen *asks(struct tester *t, const struct ip6_addr *target)
{
	struct pv want = in_group(target);

	return check_asked(t, expect(t, LINK_B, REPLY_WITHIN, &want));
}

/*
 * It asks for @target MAX_MULTICAST_SOLICIT times, @retrans apart, and then ceases: RFC 7048 section
 * 3 lets it go on, but ever more slowly.
 */
static void asks_in_vain(struct tester *t, const struct ip6_addr *target, time_ns retrans)
{
	time_ns last = asks(t, target)->when;
	struct pv want = in_group(target);

	for (unsigned i = 1; i < MAX_MULTICAST_SOLICIT; i++)
		last = check_asked(t, expect_at(t, LINK_B, time_after(last, retrans), &want))->when;
	silence(t, time_after(retrans, retrans / 2), &want);
}

/* @who answers what it was asked for. */
static void answers(struct tester *t, enum station_id who, const struct ip6_addr *target,
		    struct ip6_addr dst)
{
	struct station *st = &t->st[who];
	struct pv pv = na(t, who, *target, dst,
			  (st->router ? NA_ROUTER : 0) | NA_SOLICITED | NA_OVERRIDE, &st->mac);

	tx(t, who, &pv);
}

/* TR1 advertises the prefix of link B; @flags: PIO_*, or 0 for no prefix. */
static void advertises(struct tester *t, uint16_t lifetime_s, uint8_t flags, uint32_t prefix_s)
{
	struct pv adv = ra(t, TR1, lifetime_s, 0);

	ra_timers(&adv, 30000, 1000);
	option_prefix(t, &adv, &prefix_b, PREFIX_LEN, flags, prefix_s, prefix_s);
	tx(t, TR1, &adv);
}

static void sends(struct tester *t, enum station_id who, struct ip6_addr src, struct ip6_addr dst)
{
	struct pv echo = echo_to(t, who, dst);

	echo.src = IS_ADDR(src);
	tx(t, who, &echo);
}

/*
 * 2.1.1
 */

static void link_local(struct tester *t)
{
	t->st[TN1].muted = true;
	sends(t, TN1, t->st[TN1].lla, nut_lla(t, TN1));
	asks(t, &t->st[TN1].lla);
}

static void covered(struct tester *t)
{
	setup_1(t, 1);
	t->st[TN1].muted = true;
	sends(t, TN1, t->st[TN1].global, nut_global(t, TN1));
	asks(t, &t->st[TN1].global);
}

/* Its answer goes by TR1, who is asked for; who is far is not (RFC 5942 section 4, rule 1). */
static void not_covered(struct tester *t)
{
	struct pv echo, reply, never = in_group(&far_node);

	if (t->role == NUT_ROUTER) {
		setup_router(t);
		default_route(t);
	} else {
		advertises(t, 600, PIO_ON_LINK | PIO_AUTO, 9000);
		pause_for(t, DAD_FOR);
	}
	echo = echo_to(t, TR1, nut_global(t, TR1));
	echo.src = IS_ADDR(far_node);
	reply = reply_to(tx(t, TR1, &echo));
	reply.eth_dst = IS_MAC(t->st[TR1].mac);
	asks(t, &t->st[TR1].lla);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
	silence(t, SILENCE_FOR, &never);
}

/*
 * 2.1.2
 */

/* Has this come, and was it asked for by nobody? It is now. */
static bool came(struct tester *t, const struct pv *pv)
{
	for (size_t i = t->boot; i < t->record.n; i++) {
		struct seen *s = t->record.seen[i];

		if (!s->from_nut || !s->ip6 || s->claimed || pv_match(pv, &s->pv) != 0)
			continue;
		tester_claim(t, s);
		return true;
	}
	return false;
}

static void fill(struct tester *t, enum station_id who, struct pv *owed, unsigned n)
{
	t->st[who].muted = true;
	for (unsigned i = 0; i < n; i++) {
		struct pv echo = echo_to(t, who, nut_lla(t, who));

		owed[i] = reply_to(tx(t, who, &echo));
		owed[i].eth_dst = IS_MAC(t->st[who].mac);
	}
}

/*
 * What waited goes out: the last packet MUST, and those before it that were not replaced; it is the
 * oldest that SHOULD be (section 7.2.2).
 */
static void empties(struct tester *t, enum station_id who, const struct pv *owed, unsigned n)
{
	bool gap = false;

	answers(t, who, &t->st[who].lla, nut_lla(t, who));
	expect(t, LINK_B, REPLY_WITHIN, &owed[n - 1]);
	pause_for(t, NS_PER_S);
	for (unsigned i = n - 1; i > 0; i--) {
		bool there = came(t, &owed[i - 1]);

		if (there && gap)
			tester_fail(t, "of %u packets number %u waited, a newer one did not", n, i);
		gap |= !there;
	}
}

static void one_queue(struct tester *t)
{
	struct pv owed[N_FIRST];

	fill(t, TN1, owed, N_FIRST);
	asks(t, &t->st[TN1].lla);
	empties(t, TN1, owed, N_FIRST);
}

static void two_queues(struct tester *t)
{
	struct pv owed[N_FIRST], more[N_SECOND];

	fill(t, TN1, owed, N_FIRST);
	fill(t, TR1, more, N_SECOND);
	asks(t, &t->st[TN1].lla);
	asks(t, &t->st[TR1].lla);
	empties(t, TN1, owed, N_FIRST);
	empties(t, TR1, more, N_SECOND);
}

/*
 * 2.1.3 and 2.1.4
 */

static void on_link_flag(struct tester *t)
{
	t->st[TR1].muted = true;
	advertises(t, 100, PIO_ON_LINK, 20);
	pause_for(t, NS_PER_S); /* who hears it and who sends may be two processes */
	sends(t, TR1, t->st[TR1].global, nut_lla(t, TR1));
	asks_in_vain(t, &t->st[TR1].global, RETRANS_TIMER);
	advertises(t, 100, 0, 20); /* section 6.3.4: says nothing of what is on the link */
	pause_for(t, NS_PER_S);
	sends(t, TR1, t->st[TR1].global, nut_lla(t, TR1));
	asks_in_vain(t, &t->st[TR1].global, RETRANS_TIMER);
}

/* The prefix of ten seconds is advertised so many times, eight seconds before it is looked at. */
static void prefix_lasts(struct tester *t, unsigned times)
{
	struct pv adv = ra(t, TR1, 20, 0);

	ra_timers(&adv, 600000, 1000);
	tx(t, TR1, &adv);
	ping(t, TR1);
	for (unsigned i = 0; i < times; i++) {
		advertises(t, 20, PIO_ON_LINK, 10);
		pause_for(t, 8 * NS_PER_S);
	}
	t->st[TN1].muted = true;
	sends(t, TN1, t->st[TN1].global, nut_lla(t, TN1));
	asks(t, &t->st[TN1].global);
}

static void prefix_new(struct tester *t)
{
	prefix_lasts(t, 1);
}

static void prefix_renewed(struct tester *t)
{
	prefix_lasts(t, 2);
}

/*
 * 2.1.5
 */

static void retransmits(struct tester *t, bool global)
{
	const struct ip6_addr *from = global ? &t->st[TN1].global : &t->st[TN1].lla;
	struct pv adv;

	setup_1(t, 1);
	t->st[TN1].muted = true;
	sends(t, TN1, *from, global ? nut_global(t, TN1) : nut_lla(t, TN1));
	asks_in_vain(t, from, RETRANS_TIMER);
	if (t->role == NUT_ROUTER)
		return; /* nothing says how to tell it another RetransTimer */
	adv = ra(t, TR1, 600, 0);
	ra_timers(&adv, 30000, 5000);
	tx(t, TR1, &adv);
	pause_for(t, RETRANS_TIMER);
	sends(t, TN1, *from, global ? nut_global(t, TN1) : nut_lla(t, TN1));
	asks_in_vain(t, from, 5 * RETRANS_TIMER);
}

static void retransmits_link_local(struct tester *t)
{
	retransmits(t, false);
}

static void retransmits_global(struct tester *t)
{
	retransmits(t, true);
}

/*
 * 2.1.6
 */

/* @src answers once, is used, and is then in doubt: probed three times, and no more at its address. */
static void confirms(struct tester *t, const struct ip6_addr *src, const struct ip6_addr *dst)
{
	bool local = ip6_is_linklocal(src) && ip6_is_linklocal(dst);
	struct pv echo = echo_to(t, TN1, *dst), probe = solicitation(src, *src), reply;
	time_ns when;

	t->st[TN1].muted = true;
	probe.eth_dst = IS_MAC(t->st[TN1].mac);
	if (local)
		probe.src = IS_ADDR(*dst);
	echo.src = IS_ADDR(*src);
	reply = reply_to(tx(t, TN1, &echo));
	reply.eth_dst = IS_MAC(t->st[TN1].mac);
	answers(t, TN1, src, asks(t, src)->pv.src.a);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
	cache_grow_stale(t);
	echo.seq.v++;
	t->seq++;
	reply = reply_to(tx(t, TN1, &echo));
	reply.eth_dst = IS_MAC(t->st[TN1].mac);
	when = time_after(expect(t, LINK_B, REPLY_WITHIN, &reply)->when, DELAY_FIRST_PROBE_TIME);
	for (unsigned i = 0; i < MAX_UNICAST_SOLICIT; i++) {
		const struct seen *s = expect_at(t, LINK_B, when, &probe);

		check_source(t, s);
		when = time_after(s->when, RETRANS_TIMER);
	}
	silence(t, 3 * RETRANS_TIMER, &probe);
}

static void confirms_from(struct tester *t, bool src_global, bool dst_global)
{
	struct ip6_addr dst;

	setup_1(t, 1);
	if (t->role == NUT_HOST)
		advertises(t, 600, PIO_ON_LINK | PIO_AUTO, 9000);
	dst = dst_global ? nut_global(t, TN1) : nut_lla(t, TN1);
	confirms(t, src_global ? &t->st[TN1].global : &t->st[TN1].lla, &dst);
}

static void confirms_local_local(struct tester *t)
{
	confirms_from(t, false, false);
}

static void confirms_global_global(struct tester *t)
{
	confirms_from(t, true, true);
}

static void confirms_local_global(struct tester *t)
{
	confirms_from(t, false, true);
}

static void confirms_global_local(struct tester *t)
{
	confirms_from(t, true, false);
}

#define PART(id, title, purpose, section, level, roles, fn)                                        \
	{                                                                                          \
		"v6lc.2.1." id, title, purpose, "RFC 4861 section " section, level, roles, 0,      \
			NS_PER_S, fn                                                               \
	}

#define WAITS	 "What is to be sent waits while its neighbor is asked for, each neighbor's by itself."
#define LASTS	 "A prefix is on the link as long as it was advertised last."
#define REPEATED "A neighbor that is silent is asked for three times, RetransTimer apart."
#define CONFIRMS "A neighbor in use and not heard of lately is asked by itself, three times."

static const struct part parts[] = {
	PART("1.a", "on the link: a link-local address", "Link-local addresses are on the link.",
	     "5.2", LEVEL_MUST, NUT_BOTH, link_local),
	PART("1.b", "on the link: a prefix that covers it",
	     "An address that an on-link prefix covers is asked for on the link.", "5.2",
	     LEVEL_MUST, NUT_BOTH, covered),
	PART("1.c", "not on the link",
	     "An address that no on-link prefix covers is reached by a router.", "5.2", LEVEL_MUST,
	     NUT_BOTH, not_covered),
	PART("2.a", "packets wait", WAITS, "7.2.2", LEVEL_MUST, NUT_BOTH, one_queue),
	PART("2.b", "packets wait for two", WAITS, "7.2.2", LEVEL_MUST, NUT_BOTH, two_queues),
	PART("3", "a prefix without the on-link flag",
	     "A prefix without the on-link flag does not say that it is not on the link.", "6.3.4",
	     LEVEL_MUST, NUT_HOST, on_link_flag),
	PART("4.a", "a prefix before its end", LASTS, "6.3.4", LEVEL_MUST, NUT_HOST, prefix_new),
	PART("4.b", "a prefix advertised again", LASTS, "6.3.4", LEVEL_MUST, NUT_HOST,
	     prefix_renewed),
	PART("5.a", "asking for a link-local address", REPEATED, "7.2.2", LEVEL_MUST, NUT_BOTH,
	     retransmits_link_local),
	PART("5.b", "asking for a global address", REPEATED, "7.2.2", LEVEL_MUST, NUT_BOTH,
	     retransmits_global),
	PART("6.a", "probing, link-local to link-local", CONFIRMS, "7.3.3", LEVEL_MUST, NUT_BOTH,
	     confirms_local_local),
	PART("6.b", "probing, global to global", CONFIRMS, "7.3.3", LEVEL_MUST, NUT_BOTH,
	     confirms_global_global),
	PART("6.c", "probing, link-local to global", CONFIRMS, "7.3.3", LEVEL_MUST, NUT_BOTH,
	     confirms_local_global),
	PART("6.d", "probing, global to link-local", CONFIRMS, "7.3.3", LEVEL_MUST, NUT_BOTH,
	     confirms_global_local),
};

const struct suite suite_rfc4861_resolution = {
	.name = "rfc4861-resolution",
	.title = "address resolution and reachability",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
