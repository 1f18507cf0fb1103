/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which router a host uses: preferences and more-specific routes (RFC 4191), load sharing (RFC
 * 4311), and routers that serve the prefix of the source (RFC 8028). What later revisions of the
 * IPv6 Ready core specification ask of hosts, and more.
 */
#include "conform/cache.h"
#include "conform/message.h"
#include "nd/opt.h"

#define PREFIX_LEN  64
#define LIFE	    9000
#define DAD_FOR	    (3 * NS_PER_S)
#define PREF_LOW    3u
#define PREF_MEDIUM 0u
#define PREF_HIGH   1u
#define PREF_BAD    2u /* reserved: RFC 4191 section 2.1 */
#define HOSTS_FAR   16

static const struct ip6_addr far_c = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };
static const struct ip6_addr far_d = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0d, [15] = 2 } };
static const struct ip6_addr prefix_c = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c } };
static const struct ip6_addr prefix_y = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0e } };

/* A router with its link-layer address, so that it counts as probably reachable. */
static struct pv router(struct tester *t, enum station_id who, uint16_t lifetime_s, unsigned pref)
{
	struct pv adv = ra(t, who, lifetime_s, (uint8_t)(pref << 3));

	option_lla(t, &adv, ND_OPT_SLLA, &t->st[who].mac);
	return adv;
}

static void is_router(struct tester *t, enum station_id who, uint16_t lifetime_s, unsigned pref)
{
	struct pv adv = router(t, who, lifetime_s, pref);

	tx(t, who, &adv);
}

/* Who hears advertisements and who sends may be two processes. */
#define HEARD_WITHIN (NS_PER_S / 2)

/* RFC 4191 section 2.3; @units: length of the option, which has to be 3 for a prefix above 64. */
static void option_route(struct tester *t, struct pv *pv, const struct ip6_addr *prefix,
			 unsigned len, unsigned pref, uint32_t lifetime_s, unsigned units)
{
	uint8_t body[22] = { (uint8_t)len, (uint8_t)(pref << 3) };

	put_be32(body + 2, lifetime_s);
	memcpy(body + 6, prefix->b, sizeof(prefix->b));
	option(t, pv, ND_OPT_ROUTE, body, units * 8 - 2);
}

static void has_route(struct tester *t, enum station_id who, uint16_t router_lifetime_s,
		      const struct ip6_addr *prefix, unsigned len, unsigned pref,
		      uint32_t lifetime_s)
{
	struct pv adv = router(t, who, router_lifetime_s, PREF_MEDIUM);

	option_route(t, &adv, prefix, len, pref, lifetime_s, 3);
	tx(t, who, &adv);
}

/* An echo request from @from afar to @to. Return: by which router the answer comes. */
static enum station_id router_to(struct tester *t, struct ip6_addr from, struct ip6_addr to)
{
	struct pv echo = echo_to(t, TR1, to), reply;
	struct mac mac;

	pause_for(t, HEARD_WITHIN);
	echo.src = IS_ADDR(from);
	reply = reply_to(tx(t, TR1, &echo));
	mac = expect(t, LINK_B, MAX_MULTICAST_SOLICIT * RETRANS_TIMER, &reply)->pv.eth_dst.m;
	return station_of_mac(&mac);
}

static void goes_by(struct tester *t, struct ip6_addr from, enum station_id by)
{
	enum station_id used = router_to(t, from, nut_global(t, TN1));

	if (used != by)
		tester_fail(t, "the packet went by %s, %s was to be used",
			    used < STATIONS ? station_name(used) : "a stranger", station_name(by));
}

/* An address for the host, of whom TR3 is no default router; then the routers under test. */
static void begin(struct tester *t)
{
	struct pv adv = ra(t, TR3, 0, 0);

	option_prefix(t, &adv, &prefix_b, PREFIX_LEN, PIO_AUTO, LIFE, LIFE);
	tx(t, TR3, &adv);
	settle(t, DAD_FOR, 1);
}

static void preferences(struct tester *t)
{
	begin(t);
	is_router(t, TR1, LIFE, PREF_LOW);
	goes_by(t, far_c, TR1);
	is_router(t, TR2, LIFE, PREF_MEDIUM);
	goes_by(t, far_c, TR2);
	is_router(t, TR3, LIFE, PREF_HIGH);
	goes_by(t, far_c, TR3);
	is_router(t, TR3, 0, PREF_MEDIUM);
	goes_by(t, far_c, TR2);
	is_router(t, TR1, LIFE, PREF_HIGH);
	goes_by(t, far_c, TR1);
}

/* Whatever the destination: equal routers may share them. */
static void all_go_by(struct tester *t, enum station_id by)
{
	for (uint8_t i = 1; i <= HOSTS_FAR / 2; i++) {
		struct ip6_addr from = far_c;

		from.b[14] = i;
		goes_by(t, from, by);
	}
}

static void reserved_preference(struct tester *t)
{
	begin(t);
	is_router(t, TR1, LIFE, PREF_BAD);
	is_router(t, TR2, LIFE, PREF_LOW);
	all_go_by(t, TR1);
	is_router(t, TR2, LIFE, PREF_HIGH);
	all_go_by(t, TR2);
}

/* Packets go to @dead until it is known that it does not answer: five seconds and three probes. */
static void dies(struct tester *t, enum station_id dead, struct ip6_addr from)
{
	struct pv echo = echo_to(t, TN1, nut_global(t, TN1));

	t->st[dead].muted = true;
	cache_grow_stale(t);
	echo.src = IS_ADDR(from);
	for (unsigned i = 0; i < 12; i++) {
		struct pv reply = reply_to(tx(t, TN1, &echo));

		tester_claim(t, (struct seen *)expect(t, LINK_B, REPLY_WITHIN, &reply));
		pause_for(t, NS_PER_S);
	}
}

static unsigned probes_of(struct tester *t, enum station_id who, time_ns how_long)
{
	struct pv echo = echo_to(t, TN1, nut_global(t, TN1));
	time_ns until = time_after(t->nut->ops->now(t->nut), how_long);
	size_t from = t->record.n;
	struct pv probe = { .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .begin = IS_OCTETS(t->st[who].lla.b, IP6_ADDR_OCTETS) };
	unsigned n = 0;

	echo.src = IS_ADDR(far_c);
	while (t->nut->ops->now(t->nut) < until) {
		tx(t, TN1, &echo);
		pause_for(t, NS_PER_S);
	}
	for (size_t i = from; i < t->record.n; i++) {
		struct seen *s = t->record.seen[i];

		if (s->from_nut && s->ip6 && pv_match(&probe, &s->pv) == 0) {
			tester_claim(t, s);
			n++;
		}
	}
	return n;
}

static void reachable_first(struct tester *t)
{
	begin(t);
	is_router(t, TR2, LIFE, PREF_HIGH);
	is_router(t, TR1, LIFE, PREF_LOW);
	goes_by(t, far_c, TR2);
	dies(t, TR2, far_c);
	goes_by(t, far_c, TR1);
}

/* It is better, were it there: it is asked, not more than once a minute. */
static void probes_better(struct tester *t)
{
	unsigned n;

	reachable_first(t);
	n = probes_of(t, TR2, 150 * NS_PER_S);
	if (n < 1 || n > 3)
		tester_fail(t, "in 150 s the better router was asked for %u times", n);
	t->st[TR2].muted = false;
	(void)probes_of(t, TR2, 61 * NS_PER_S);
	goes_by(t, far_c, TR2);
}

static void route(struct tester *t)
{
	begin(t);
	is_router(t, TR1, LIFE, PREF_HIGH);
	has_route(t, TR2, LIFE, &prefix_c, 48, PREF_LOW, LIFE);
	goes_by(t, far_c, TR2);
	goes_by(t, far_d, TR1);
	has_route(t, TR2, LIFE, &prefix_c, 48, PREF_LOW, 0);
	goes_by(t, far_c, TR1);
}

static void route_expires(struct tester *t)
{
	begin(t);
	is_router(t, TR1, LIFE, PREF_MEDIUM);
	has_route(t, TR2, 0, &prefix_c, 48, PREF_MEDIUM, 5);
	goes_by(t, far_c, TR2);
	goes_by(t, far_d, TR1);
	pause_for(t, 6 * NS_PER_S);
	goes_by(t, far_c, TR1);
}

static void route_of_all(struct tester *t)
{
	struct pv adv;

	begin(t);
	is_router(t, TR2, LIFE, PREF_MEDIUM);
	adv = router(t, TR1, LIFE, PREF_HIGH);
	option_route(t, &adv, &IP6_UNSPEC, 0, PREF_LOW, LIFE, 1);
	tx(t, TR1, &adv);
	goes_by(t, far_c, TR2);
	is_router(t, TR2, 0, PREF_MEDIUM);
	goes_by(t, far_c, TR1);
}

static void route_preferences(struct tester *t)
{
	begin(t);
	has_route(t, TR1, LIFE, &prefix_c, 48, PREF_LOW, LIFE);
	has_route(t, TR2, LIFE, &prefix_c, 48, PREF_HIGH, LIFE);
	goes_by(t, far_c, TR2);
	has_route(t, TR2, LIFE, &prefix_c, 48, PREF_LOW, LIFE);
	has_route(t, TR1, LIFE, &prefix_c, 48, PREF_MEDIUM, LIFE);
	goes_by(t, far_c, TR1);
	has_route(t, TR2, LIFE, &far_c, 128, PREF_LOW, LIFE); /* the longest prefix comes first */
	goes_by(t, far_c, TR2);
}

/* A route that is not one leaves the default router in its place. */
static void no_route(struct tester *t, unsigned len, unsigned pref, unsigned units)
{
	struct pv adv;

	begin(t);
	is_router(t, TR1, LIFE, PREF_MEDIUM);
	adv = router(t, TR2, 0, PREF_MEDIUM);
	option_route(t, &adv, &far_c, len, pref, LIFE, units);
	tx(t, TR2, &adv);
	goes_by(t, far_c, TR1);
}

static void route_reserved(struct tester *t)
{
	no_route(t, 48, PREF_BAD, 3);
}

static void route_too_long(struct tester *t)
{
	no_route(t, 129, PREF_HIGH, 3);
}

static void route_cut(struct tester *t)
{
	no_route(t, 96, PREF_HIGH, 2);
}

static void shorter_route(struct tester *t)
{
	begin(t);
	is_router(t, TR1, LIFE, PREF_MEDIUM);
	has_route(t, TR2, LIFE, &prefix_c, 48, PREF_MEDIUM, LIFE);
	goes_by(t, far_c, TR2);
	dies(t, TR2, far_c);
	goes_by(t, far_c, TR1);
}

static void shares_load(struct tester *t)
{
	enum station_id used[HOSTS_FAR];
	unsigned by_second = 0;

	begin(t);
	is_router(t, TR1, LIFE, PREF_MEDIUM);
	is_router(t, TR2, LIFE, PREF_MEDIUM);
	for (unsigned i = 0; i < 2 * HOSTS_FAR; i++) {
		struct ip6_addr from = far_c;
		enum station_id by;

		from.b[14] = (uint8_t)(i % HOSTS_FAR * 37);
		by = router_to(t, from, nut_global(t, TN1));
		if (i < HOSTS_FAR)
			used[i] = by;
		else if (used[i - HOSTS_FAR] != by)
			tester_fail(t, "packets to one destination go by different routers");
		by_second += by == TR2;
	}
	if (by_second == 0 || by_second == 2 * HOSTS_FAR)
		tester_fail(t, "of two equal routers one is used for all of %u destinations",
			    HOSTS_FAR);
}

/* The address that the device probes for in a prefix. */
static struct ip6_addr forms(struct tester *t, const struct ip6_addr *prefix)
{
	struct pv probe = { .src = IS_ADDR(IP6_UNSPEC),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .begin = IS_OCTETS(prefix->b, PREFIX_LEN / 8) };
	const struct seen *s = expect(t, LINK_B, DAD_FOR, &probe);
	struct ip6_addr a;

	memcpy(a.b, s->pv.data.p, sizeof(a.b));
	settle(t, DAD_FOR, 1);
	return a;
}

static void serves_prefix(struct tester *t, enum station_id who, const struct ip6_addr *prefix,
			  uint8_t flags, unsigned pref)
{
	struct pv adv = router(t, who, LIFE, pref);

	option_prefix(t, &adv, prefix, PREFIX_LEN, flags, LIFE, LIFE);
	tx(t, who, &adv);
}

static void is_used(struct tester *t, struct ip6_addr from, struct ip6_addr to, enum station_id by)
{
	enum station_id used = router_to(t, from, to);
	char text[IP6_TEXT_MAX];

	if (used != by)
		tester_fail(t, "a packet from %s went by %s, not by %s", ip6_text(&to, text),
			    used < STATIONS ? station_name(used) : "a stranger", station_name(by));
}

static void by_source(struct tester *t)
{
	struct ip6_addr b, y;

	serves_prefix(t, TR1, &prefix_b, PIO_AUTO, PREF_MEDIUM);
	b = forms(t, &prefix_b);
	serves_prefix(t, TR2, &prefix_y, PIO_AUTO, PREF_HIGH);
	y = forms(t, &prefix_y);
	is_used(t, far_c, b, TR1);
	is_used(t, far_c, y, TR2);
	is_router(t, TR3, LIFE, PREF_HIGH); /* which serves neither */
	is_used(t, far_c, b, TR1);
	is_used(t, far_c, y, TR2);
}

/* The flags say what the prefix is good for, not whom it belongs to. */
static void by_source_without_flags(struct tester *t)
{
	struct ip6_addr y = prefix_y;

	y.b[15] = 0xfe;
	begin(t);
	is_router(t, TR1, LIFE, PREF_HIGH);
	setup_addr(t, LINK_B, "2001:db8:e::fe");
	serves_prefix(t, TR2, &prefix_y, 0, PREF_LOW);
	is_used(t, far_c, y, TR2);
	goes_by(t, far_c, TR1);
}

/* RFC 4861 section 4.6.3, of an echo reply from @src to @dst. */
static void option_redirected(struct tester *t, struct pv *pv, struct ip6_addr src,
			      struct ip6_addr dst)
{
	uint8_t body[6 + IP6_HDR_OCTETS + 8] = { 0 };

	ip6_put_header(body + 6, 0, 0, 8, IP6_NH_ICMP6, 64, &src, &dst);
	body[6 + IP6_HDR_OCTETS] = ICMP6_ECHO_REPLY;
	option(t, pv, ND_OPT_REDIRECTED, body, sizeof(body));
}

static void redirected_pair(struct tester *t)
{
	struct ip6_addr b, y;
	struct pv pv;

	serves_prefix(t, TR1, &prefix_b, PIO_AUTO, PREF_MEDIUM);
	b = forms(t, &prefix_b);
	serves_prefix(t, TR1, &prefix_y, PIO_AUTO, PREF_MEDIUM);
	y = forms(t, &prefix_y);
	is_used(t, far_c, b, TR1);
	pv = redirect(t, TR1, b, t->st[TR2].lla, far_c);
	option_lla(t, &pv, ND_OPT_TLLA, &t->st[TR2].mac);
	option_redirected(t, &pv, b, far_c);
	tx(t, TR1, &pv);
	is_used(t, far_c, b, TR2);
	is_used(t, far_c, y, TR1);
}

#define PART(id, title, purpose, clause, level, fn)                                                \
	{                                                                                          \
		id, title, purpose, "RFC " clause, level, NUT_HOST, 0, NS_PER_S, fn                \
	}

#define OF_ROUTE "A route that is not well formed is ignored."
#define SERVED	 "A packet goes by a router that advertised the prefix of its source."

static const struct part parts[] = {
	PART("rfc4191.2.2.a", "a reserved preference of a router",
	     "A reserved preference counts as medium.", "4191 section 2.2", LEVEL_MUST,
	     reserved_preference),
	PART("rfc4191.2.3.a", "a reserved preference of a route", OF_ROUTE, "4191 section 2.3",
	     LEVEL_MUST, route_reserved),
	PART("rfc4191.2.3.b", "a route with a prefix of 129 bits", OF_ROUTE, "4191 section 2.3",
	     LEVEL_MUST, route_too_long),
	PART("rfc4191.2.3.c", "a route whose prefix is cut off", OF_ROUTE, "4191 section 2.3",
	     LEVEL_MUST, route_cut),
	PART("rfc4191.3.1.a", "a more-specific route",
	     "Who has a more-specific route is used for its prefix, until it takes it back.",
	     "4191 section 3.1", LEVEL_SHOULD, route),
	PART("rfc4191.3.1.b", "a more-specific route runs out",
	     "A route ends with its lifetime, whether or not its router is a default router.",
	     "4191 section 3.1", LEVEL_SHOULD, route_expires),
	PART("rfc4191.3.1.c", "a route to everywhere",
	     "Preference and lifetime of a route to ::/0 override those of the header.",
	     "4191 section 3.1", LEVEL_SHOULD, route_of_all),
	PART("rfc4191.3.2.a", "preferences of default routers",
	     "The default router with the highest preference is used.",
	     "4191 section 3.2, RFC 8504 section 5.9", LEVEL_MUST, preferences),
	PART("rfc4191.3.2.b", "preferences of routes",
	     "The longest prefix is used, and of equal ones the highest preference.",
	     "4191 section 3.2", LEVEL_SHOULD, route_preferences),
	PART("rfc4191.3.2.c", "a preferred router that is dead",
	     "A router that can be reached comes before one that is preferred.",
	     "4191 section 3.2, RFC 8504 section 5.9", LEVEL_MUST, reachable_first),
	PART("rfc4191.3.2.d", "the next best route",
	     "When the router of the longest prefix is dead, a shorter one is used.",
	     "4191 section 3.2", LEVEL_SHOULD, shorter_route),
	PART("rfc4191.3.5.a", "probing a preferred router",
	     "A better router that is avoided is probed once a minute, and used when it answers.",
	     "4191 section 3.5", LEVEL_MUST, probes_better),
	PART("rfc4311.2.a", "load sharing",
	     "Different destinations are spread over equal routers, each goes by one of them.",
	     "4311 section 2", LEVEL_SHOULD, shares_load),
	{ "rfc8028.2.1.a", "a prefix without flags", SERVED, "RFC 8028 section 2.1", LEVEL_SHOULD,
	  NUT_HOST, NUT_CAN_ADDR, NS_PER_S, by_source_without_flags },
	PART("rfc8028.3.2.a", "a router for each prefix", SERVED, "8028 section 3.2", LEVEL_SHOULD,
	     by_source),
	PART("rfc8028.3.4.a", "a redirect for one source",
	     "A redirect to another router holds for the source that it is about.",
	     "8028 section 3.4", LEVEL_SHOULD, redirected_pair),
};

const struct suite suite_rfc4191 = {
	.name = "rfc4191",
	.title = "choice of routers",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
