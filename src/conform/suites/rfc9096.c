/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What routers at a customer's edge advertise, RFC 7084 sections 4.1 to 4.3 and RFC 9096 section 3: link
 * A is a LAN, link B the WAN, where TR1 is the provider's router. The device is told which prefix it
 * has, as if it had been delegated.
 */
#include "conform/suites/robust.h"
#include "nd/opt.h"

#define MIN_DELAY_BETWEEN_RAS (3 * NS_PER_S)
#define INITIAL_INTERVAL      (16 * NS_PER_S)
#define RS_WITHIN	      (5 * NS_PER_S)
#define RA_FIXED	      8
#define ISP_LIFETIME_S	      9000
#define DELEGATED_S	      3600
#define HALF		      1800
#define OLD_FLAGS	      PIO_AUTO /* not the usual ones */
#define FLAGS		      (PIO_ON_LINK | PIO_AUTO)

static const struct ip6_addr renumbered = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x1a } };

/* What @p is to be told of with, in place of lifetimes of thirty days. */
static struct nd_adv edge_with(const struct ip6_addr *p)
{
	struct nd_adv adv = ND_ADV_EDGE, usual = adv_with(p);

	adv.send = true;
	adv.prefix[adv.n_prefixes++] = usual.prefix[0];
	return adv;
}

static void number_lan(struct tester *t)
{
	setup_addr(t, LINK_A, "2001:db8:a::fe");
	ping(t, TN2);
}

/* The next advertisement on the LAN. */
static const struct seen *told(struct tester *t, time_ns within)
{
	struct pv want = { .dst = IS_ADDR(all_nodes), .kind = PV_ICMP6, .type = IS(ICMP6_RA) };

	return expect(t, LINK_A, within, &want);
}

static unsigned router_lifetime(const struct seen *s)
{
	return (unsigned)(s->pv.param.v & 0xffff);
}

static void is_no_router(struct tester *t, const struct seen *s)
{
	if (router_lifetime(s) != 0)
		tester_fail(t, "it advertises a router lifetime of %u s", router_lifetime(s));
}

/* The option for @p, or NULL. */
static const uint8_t *prefix_in(const struct seen *s, const struct ip6_addr *p)
{
	const struct ov *d = &s->pv.data;

	for (size_t at = RA_FIXED; at + 2 <= d->n && d->p[at + 1] != 0;
	     at += d->p[at + 1] * (size_t)ND_OPT_UNIT)
		if (d->p[at] == ND_OPT_PREFIX && at + 32 <= d->n &&
		    memcmp(d->p + at + 16, p->b, IP6_ADDR_OCTETS) == 0)
			return d->p + at;
	return NULL;
}

static uint32_t valid_s(const uint8_t *o)
{
	return get_be32(o + 4);
}

static uint32_t preferred_s(const uint8_t *o)
{
	return get_be32(o + 8);
}

/* The provider's router advertises itself on the WAN. */
static void provider(struct tester *t, uint16_t lifetime_s)
{
	struct pv pv = ra(t, TR1, lifetime_s, 0);

	option_lla(t, &pv, ND_OPT_SLLA, &t->st[TR1].mac);
	from_now(t);
	tx(t, TR1, &pv);
}

/*
 * RFC 7084.
 */

static void no_way_out(struct tester *t)
{
	struct nd_adv adv = edge_with(&prefix_a);

	number_lan(t);
	setup_adv(t, LINK_A, &adv);
	for (unsigned i = 0; i < 3; i++)
		is_no_router(t, told(t, INITIAL_INTERVAL));
}

static void begin_with_provider(struct tester *t)
{
	struct nd_adv adv = edge_with(&prefix_a);

	number_lan(t);
	setup_adv(t, LINK_A, &adv);
	pause_for(t, MIN_DELAY_BETWEEN_RAS);
	provider(t, ISP_LIFETIME_S);
	if (router_lifetime(told(t, INITIAL_INTERVAL)) == 0)
		tester_fail(t, "with a default router on the WAN it advertises none on the LAN");
}

static void loses_way_out(struct tester *t)
{
	begin_with_provider(t);
	pause_for(t, MIN_DELAY_BETWEEN_RAS);
	provider(t, 0);
	is_no_router(t, told(t, MIN_DELAY_BETWEEN_RAS));
}

static void asks_on_wan(struct tester *t)
{
	struct nd_adv adv = edge_with(&prefix_a);
	struct pv want = { .src = IS_ADDR(t->lla[LINK_B]),
			   .dst = IS_ADDR(all_routers),
			   .hop_limit = IS(255),
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_RS) };

	number_lan(t);
	setup_adv(t, LINK_A, &adv);
	expect(t, LINK_B, RS_WITHIN, &want);
}

static void no_prefix(struct tester *t)
{
	struct nd_adv adv = edge_with(&prefix_a);

	adv.n_prefixes = 0;
	number_lan(t);
	default_route(t);
	setup_adv(t, LINK_A, &adv);
	is_no_router(t, told(t, INITIAL_INTERVAL));
}

/* The old one is withdrawn, with these flags; the new one is there. Return: when. */
static time_ns renumber(struct tester *t, uint8_t old_flags)
{
	struct nd_adv adv = edge_with(&prefix_a), new = edge_with(&renumbered);

	adv.prefix[0].on_link = (old_flags & PIO_ON_LINK) != 0;
	adv.prefix[0].autonomous = (old_flags & PIO_AUTO) != 0;
	number_lan(t);
	default_route(t);
	setup_adv(t, LINK_A, &adv);
	told(t, INITIAL_INTERVAL);
	pause_for(t, 2 * INITIAL_INTERVAL + MIN_DELAY_BETWEEN_RAS);
	from_now(t);
	setup_adv(t, LINK_A, &new);
	return t->nut->ops->now(t->nut);
}

static void refuses(struct tester *t)
{
	struct pv echo, error, never;
	const struct seen *sent;

	renumber(t, FLAGS);
	echo = echo_to(t, TN2, far);
	sent = tx(t, TN2, &echo);
	error = error_about(sent, ICMP6_UNREACH, ICMP6_UNREACH_POLICY, 0);
	expect(t, LINK_A, REPLY_WITHIN, &error);
	never = forwarded(sent);
	silence(t, 0, &never);
}

/*
 * RFC 9096.
 */

static void is_capped(struct tester *t, const char *what, uint64_t s, uint64_t want)
{
	if (s != want)
		tester_fail(t, "the %s lifetime is %u s, not %u", what, (unsigned)s,
			    (unsigned)want);
}

static void capped(struct tester *t)
{
	struct nd_adv adv = edge_with(&prefix_a);
	const struct seen *s;
	const uint8_t *o;

	number_lan(t);
	default_route(t);
	setup_adv(t, LINK_A, &adv);
	s = told(t, INITIAL_INTERVAL);
	o = prefix_in(s, &prefix_a);
	if (o == NULL)
		tester_fail(t, "the prefix is not advertised");
	is_capped(t, "router", router_lifetime(s), ND_PREFERRED_LIMIT_S);
	is_capped(t, "preferred", preferred_s(o), ND_PREFERRED_LIMIT_S);
	is_capped(t, "valid", valid_s(o), ND_VALID_LIMIT_S);
}

/* The delegation ends an hour from now. */
static void within_delegation(struct tester *t)
{
	struct nd_adv adv = edge_with(&prefix_a);
	time_ns since;

	adv.prefix[0].valid_s = DELEGATED_S;
	adv.prefix[0].preferred_s = HALF;
	adv.prefix[0].decrement = true;
	number_lan(t);
	setup_adv(t, LINK_A, &adv);
	since = t->nut->ops->now(t->nut);
	for (unsigned i = 0; i < 3; i++) {
		const struct seen *s = told(t, INITIAL_INTERVAL);
		const uint8_t *o = prefix_in(s, &prefix_a);
		uint64_t gone = (s->when - MIN(s->when, since)) / NS_PER_S, slack;

		slack = tester_slack(t) / NS_PER_S;
		if (o == NULL)
			tester_fail(t, "the prefix is not advertised");
		if (valid_s(o) + gone > DELEGATED_S + slack || preferred_s(o) + gone > HALF + slack)
			tester_fail(t, "%u s on, the prefix is valid for %u s, preferred for %u",
				    (unsigned)gone, valid_s(o), preferred_s(o));
	}
}

static void is_withdrawn(struct tester *t, const struct seen *s, uint8_t flags)
{
	const uint8_t *o = prefix_in(s, &prefix_a);

	if (o == NULL)
		tester_fail(t, "the old prefix is not told of any more");
	if (valid_s(o) != 0 || preferred_s(o) != 0)
		tester_fail(t, "the old prefix is valid for %u s, preferred for %u", valid_s(o),
			    preferred_s(o));
	if ((o[3] & FLAGS) != flags)
		tester_fail(t, "the flags of the old prefix have changed from %02x to %02x", flags,
			    o[3] & FLAGS);
	if (prefix_in(s, &renumbered) == NULL)
		tester_fail(t, "the new prefix is not advertised");
}

static void withdrawn(struct tester *t)
{
	renumber(t, OLD_FLAGS);
	is_withdrawn(t, told(t, MIN_DELAY_BETWEEN_RAS), OLD_FLAGS);
}

/* What was the valid lifetime is known from the advertisements before. */
static void withdrawn_long(struct tester *t)
{
	time_ns until = time_after(renumber(t, FLAGS), ND_VALID_LIMIT_S * NS_PER_S);
	const struct seen *s;

	for (;;) {
		s = told(t, 600 * NS_PER_S);
		if (s->when >= until)
			break;
		is_withdrawn(t, s, FLAGS);
	}
}

#define EDGE (NUT_CAN_ADDR | NUT_CAN_ADVERTISE | NUT_ADV_VARS | NUT_EDGE)

#define PART(id, title, purpose, section, level, needs, fn)                                        \
	{                                                                                          \
		id, title, purpose, section, level, NUT_ROUTER, EDGE | (needs), NS_PER_S, fn       \
	}

static const struct part parts[] = {
	PART("rfc7084.4.1.a", "no default router on the WAN", "On the LAN it is none, either.",
	     "RFC 7084 section 4.1, G-4", LEVEL_MUST, 0, no_way_out),
	PART("rfc7084.4.1.b", "a default router on the WAN",
	     "It is taken, as a host does; and on the LAN the device is one itself.",
	     "RFC 7084 section 4.2, W-3", LEVEL_MUST, 0, begin_with_provider),
	PART("rfc7084.4.1.c", "the default router on the WAN goes",
	     "Hosts on the LAN are told at once.", "RFC 7084 section 4.1, G-5", LEVEL_MUST, 0,
	     loses_way_out),
	PART("rfc7084.4.2.d", "a new WAN", "It solicits routers there, from its own address.",
	     "RFC 7084 section 4.2, W-2, W-3", LEVEL_MUST, 0, asks_on_wan),
	PART("rfc7084.4.3.a", "no prefix for the LAN", "It is no default router there.",
	     "RFC 7084 section 4.3, L-4", LEVEL_MUST, NUT_CAN_ROUTE, no_prefix),
	PART("rfc7084.4.3.b", "a packet from a prefix that was withdrawn",
	     "Its sender is told that the source is refused.", "RFC 7084 section 4.3, L-14",
	     LEVEL_MUST, NUT_CAN_ROUTE | NUT_CAN_FORWARD, refuses),
	PART("rfc9096.3.3.a", "a delegation that ends soon",
	     "Nothing is promised for longer than it lasts.", "RFC 9096 section 3.3, L-15",
	     LEVEL_MUST, 0, within_delegation),
	PART("rfc9096.3.4.a", "lifetimes on the LAN",
	     "However long the delegation, hosts are promised 45 and 90 minutes.",
	     "RFC 9096 section 3.4, L-16", LEVEL_SHOULD, NUT_CAN_ROUTE, capped),
	PART("rfc9096.3.5.a", "a new prefix in place of another",
	     "The old one is told of with lifetimes of zero, and flags as before.",
	     "RFC 9096 section 3.5, L-13", LEVEL_MUST, NUT_CAN_ROUTE, withdrawn),
	PART("rfc9096.3.5.b", "how long the old one is told of",
	     "Until nobody can still believe in it.", "RFC 9096 section 3.5, L-13", LEVEL_MUST,
	     NUT_CAN_ROUTE | NUT_WAITS_HOURS, withdrawn_long),
};

const struct suite suite_rfc9096 = { "rfc9096",
				     "a customer's edge: advertisements (RFC 7084, 9096)", parts,
				     ARRAY_LEN(parts) };
