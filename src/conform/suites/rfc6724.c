/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Source address selection, RFC 6724 sections 4 and 5, as far as it shows on the wire: the device
 * has several addresses, is told to ping somebody, and the source of its echo request is judged.
 * Where a rule decides, a later rule would decide otherwise, or the part says that it cannot.
 *
 * Not to be seen from outside: rule 1 (what a node sends to itself), rule 4 (home addresses) and
 * section 6 (the order of destinations); unit tests have them.
 */
#include <string.h>

#include "conform/suites/robust.h"

#define PREFIX_LEN  64
#define SHORT_LEN   32
#define LIFETIME_S  9000
#define DAD_FOR	    (3 * NS_PER_S)
#define PREF_HIGH   0x08u /* of a router, in the flags of an advertisement (RFC 4191 section 2.2) */
#define PREF_LOW    0x18u
#define KNOWN_MAX   16
#define PREFERRED_S 10
#define ECHO_OCTETS 8

/* A prefix of a router's, valid for long. */
struct offer {
	const char *prefix;
	uint32_t preferred_s;
};

static struct ip6_addr addr_of(struct tester *t, const char *text)
{
	struct ip6_addr a;

	if (ip6_parse(text, &a) < 0)
		tester_error(t, "\"%s\" is no address", text);
	return a;
}

static void offer(struct tester *t, enum station_id who, uint16_t router_s, uint8_t flags,
		  const struct offer *offers, size_t n)
{
	struct pv adv = ra(t, who, router_s, flags);

	for (size_t i = 0; i < n; i++) {
		struct ip6_addr prefix = addr_of(t, offers[i].prefix);

		option_prefix(t, &adv, &prefix, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, LIFETIME_S,
			      offers[i].preferred_s);
	}
	tx(t, who, &adv);
}

/* What lies beyond the link is reached by TR1, who advertises no prefix. */
static void beyond_tr1(struct tester *t)
{
	if (t->role == NUT_ROUTER) {
		default_route(t);
		return;
	}
	offer(t, TR1, LIFETIME_S, 0, NULL, 0);
	pause_for(t, NS_PER_S);
}

static void do_ping(struct tester *t, enum nut_link link, struct ip6_addr dst)
{
	device_ping(t, link, &dst, ECHO_OCTETS);
}

/* The device's echo request to @dst, whatever its source. */
static struct ip6_addr source_to(struct tester *t, enum nut_link link, struct ip6_addr dst)
{
	struct pv want = { .dst = IS_ADDR(dst), .kind = PV_ICMP6, .type = IS(ICMP6_ECHO_REQUEST) };

	do_ping(t, link, dst);
	return expect(t, link, REPLY_WITHIN, &want)->pv.src.a;
}

static void goes_from(struct tester *t, enum nut_link link, struct ip6_addr dst,
		      struct ip6_addr src)
{
	struct pv want = { .src = IS_ADDR(src),
			   .dst = IS_ADDR(dst),
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_ECHO_REQUEST) };

	do_ping(t, link, dst);
	expect(t, link, REPLY_WITHIN, &want);
}

/* The same on link B, in words. */
static void b_from(struct tester *t, const char *dst, const char *src)
{
	goes_from(t, LINK_B, addr_of(t, dst), addr_of(t, src));
}

/* Frame number @i probes for an address (RFC 4862 section 5.4.2) with @prefix: which? */
static bool probed_in(const struct tester *t, size_t i, const struct ip6_addr *prefix,
		      struct ip6_addr *ret)
{
	const struct seen *s = t->record.seen[i];

	if (!s->from_nut || !s->ip6 || s->pv.kind != PV_ICMP6 || s->pv.type.v != ICMP6_NS ||
	    !ip6_is_unspec(&s->pv.src.a) || s->pv.data.n < IP6_ADDR_OCTETS)
		return false;
	memcpy(ret->b, s->pv.data.p, IP6_ADDR_OCTETS);
	return ip6_in_prefix(ret, prefix, PREFIX_LEN);
}

/* The address that the device has made of @prefix. */
static struct ip6_addr formed(struct tester *t, const char *text)
{
	struct ip6_addr prefix = addr_of(t, text), a;

	for (size_t i = t->record.n; i > 0; i--)
		if (probed_in(t, i - 1, &prefix, &a))
			return a;
	tester_fail(t, "no address was made of the advertised prefix %s/64", text);
}

/* TR1 is the router and offers this; the device has made addresses of it. */
static void offered_by_tr1(struct tester *t, const struct offer *offers, size_t n)
{
	offer(t, TR1, LIFETIME_S, 0, offers, n);
	settle(t, DAD_FOR, (unsigned)n);
}

/*
 * Section 4: which addresses take part.
 */

static void of_each_link(struct tester *t)
{
	goes_from(t, LINK_B, t->st[TN1].lla, nut_lla(t, TN1));
	goes_from(t, LINK_A, t->st[TN2].lla, nut_lla(t, TN2));
}

/* Link A has no global address; that of link B would suit the group's scope. */
static void group_of_each_link(struct tester *t)
{
	struct ip6_addr group = addr_of(t, "ff1e::1:2");

	setup_addr(t, LINK_B, "2001:db8:b::fe");
	goes_from(t, LINK_B, group, addr_of(t, "2001:db8:b::fe"));
	goes_from(t, LINK_A, group, nut_lla(t, TN2));
	setup_addr(t, LINK_A, "2001:db8:a::fe");
	goes_from(t, LINK_A, group, addr_of(t, "2001:db8:a::fe"));
}

static void not_yet_its(struct tester *t)
{
	struct ip6_addr late = addr_of(t, "2001:db8:b::fe");

	setup_addr(t, LINK_B, "2001:0:c000:201::fe");
	beyond_tr1(t);
	must_do(t, t->nut->ops->addr(t->nut, LINK_B, &late, PREFIX_LEN), "a configured address");
	b_from(t, "2001:db8:c::1", "2001:0:c000:201::fe");
	settle(t, DAD_FOR, 1);
	goes_from(t, LINK_B, addr_of(t, "2001:db8:c::1"), late);
}

/*
 * Rule 2: scopes.
 */

static void numbered(struct tester *t)
{
	setup_addr(t, LINK_B, "2001:db8:b::fe");
	beyond_tr1(t);
}

static void scope_local(struct tester *t)
{
	numbered(t);
	goes_from(t, LINK_B, t->st[TN1].lla, nut_lla(t, TN1));
}

static void scope_global(struct tester *t)
{
	numbered(t);
	goes_from(t, LINK_B, t->st[TN1].global, addr_of(t, "2001:db8:b::fe"));
	b_from(t, "2001:db8:c::1", "2001:db8:b::fe");
}

static void scope_group_local(struct tester *t)
{
	numbered(t);
	goes_from(t, LINK_B, addr_of(t, "ff12::1:2"), nut_lla(t, TN1));
}

/* A global address is the smallest that the device has which reaches as far. */
static void scope_group_larger(struct tester *t)
{
	static const char *const groups[] = { "ff13::1:2", "ff14::1:2", "ff15::1:2", "ff18::1:2",
					      "ff1e::1:2" };

	numbered(t);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		b_from(t, groups[i], "2001:db8:b::fe");
}

/* By its scope (section 3.1) as by its label (2.1), which RFC 4291 section 2.5.7 has left it. */
static void scope_site(struct tester *t)
{
	setup_addr(t, LINK_B, "fec0:0:0:b::fe");
	numbered(t);
	b_from(t, "fec0:0:0:c::1", "fec0:0:0:b::fe");
	b_from(t, "2001:db8:c::1", "2001:db8:b::fe");
}

/*
 * Rule 3: deprecated addresses.
 */

static const struct offer one_deprecated[] = { { "2001:db8:e::", 0 },
					       { "2001:db8:b::", LIFETIME_S } };

/* It would match in more bits (rule 8). */
static void deprecated(struct tester *t)
{
	offered_by_tr1(t, one_deprecated, ARRAY_LEN(one_deprecated));
	goes_from(t, LINK_B, addr_of(t, "2001:db8:f::1"), formed(t, "2001:db8:b::"));
}

/* Until then rule 6 chooses it. */
static void deprecated_in_time(struct tester *t)
{
	static const struct offer offers[] = { { "2001:db8:e::", PREFERRED_S },
					       { "fd00:db8:b::", LIFETIME_S } };
	struct ip6_addr dst = addr_of(t, "2001:db8:f::1");

	offered_by_tr1(t, offers, ARRAY_LEN(offers));
	goes_from(t, LINK_B, dst, formed(t, offers[0].prefix));
	pause_for(t, (PREFERRED_S + 1) * NS_PER_S);
	goes_from(t, LINK_B, dst, formed(t, offers[1].prefix));
}

/* Rule 2 comes first: better deprecated than of too small a scope. */
static void deprecated_only(struct tester *t)
{
	static const struct offer offers[] = { { "2001:db8:b::", 0 } };

	offered_by_tr1(t, offers, ARRAY_LEN(offers));
	goes_from(t, LINK_B, addr_of(t, "2001:db8:f::1"), formed(t, "2001:db8:b::"));
}

static void deprecated_label(struct tester *t)
{
	static const struct offer offers[] = { { "fd00:db8:b::", 0 },
					       { "2001:db8:b::", LIFETIME_S } };

	offered_by_tr1(t, offers, ARRAY_LEN(offers));
	goes_from(t, LINK_B, addr_of(t, "fd00:db8:c::1"), formed(t, "2001:db8:b::"));
}

/* RFC 4862 section 5.5.4: each advertisement sets the preferred lifetime anew. */
static void preferred_again(struct tester *t)
{
	static const struct offer offers[] = { { "fd00:db8:b::", LIFETIME_S } };

	deprecated_label(t);
	offer(t, TR1, LIFETIME_S, 0, offers, ARRAY_LEN(offers));
	pause_for(t, NS_PER_S);
	goes_from(t, LINK_B, addr_of(t, "fd00:db8:c::1"), formed(t, "fd00:db8:b::"));
}

/*
 * Rules 5 and 5.5: the way out.
 */

static void outgoing(struct tester *t)
{
	setup_addr(t, LINK_A, "2001:db8:e::fe");
	numbered(t);
	b_from(t, "2001:db8:f::1", "2001:db8:b::fe");
}

static void outgoing_label(struct tester *t)
{
	setup_addr(t, LINK_A, "fd00:db8:b::fe");
	numbered(t);
	b_from(t, "fd00:db8:c::1", "2001:db8:b::fe");
}

/* TR1 is no default router, but its prefix is the one that matches in more bits. */
static void next_hop(struct tester *t)
{
	static const struct offer first = { "2001:db8:e::", LIFETIME_S },
				  second = { "2001:db8:b::", LIFETIME_S };

	offer(t, TR1, 0, 0, &first, 1);
	offer(t, TR2, LIFETIME_S, 0, &second, 1);
	settle(t, DAD_FOR, 2);
	goes_from(t, LINK_B, addr_of(t, "2001:db8:f::1"), formed(t, second.prefix));
}

/* The preferred one of two routers, then the other (RFC 4191 section 3.2). */
static void next_hop_changes(struct tester *t)
{
	static const struct offer first = { "2001:db8:e::", LIFETIME_S },
				  second = { "2001:db8:b::", LIFETIME_S };
	struct ip6_addr dst = addr_of(t, "2001:db8:f::1");

	offer(t, TR1, LIFETIME_S, PREF_HIGH, &first, 1);
	offer(t, TR2, LIFETIME_S, PREF_LOW, &second, 1);
	settle(t, DAD_FOR, 2);
	goes_from(t, LINK_B, dst, formed(t, first.prefix));
	offer(t, TR1, LIFETIME_S, PREF_LOW, &first, 1);
	offer(t, TR2, LIFETIME_S, PREF_HIGH, &second, 1);
	pause_for(t, NS_PER_S);
	goes_from(t, LINK_B, dst, formed(t, second.prefix));
}

/*
 * Rule 6: labels, of the default policy table in section 2.1.
 */

/* Has both, pings @dst, which is like the first; its address matches the second in more bits. */
static void labelled(struct tester *t, const char *want, const char *other, const char *dst)
{
	setup_addr(t, LINK_B, other);
	setup_addr(t, LINK_B, want);
	beyond_tr1(t);
	b_from(t, dst, want);
}

static void native_not_teredo(struct tester *t)
{
	labelled(t, "3fff:0:0:b::fe", "2001:0:c000:201::fe", "2001:db8:c::1");
}

static void native_not_6to4(struct tester *t)
{
	labelled(t, "3fff:0:0:b::fe", "2002:c000:201:b::fe", "2003:db8:c::1");
}

static void native_not_6bone(struct tester *t)
{
	labelled(t, "2001:db8:b::fe", "3ffe:0:0:b::fe", "3fff:0:0:c::1");
}

/* Rule 8 would say the same of those that have their label to themselves. */
static void local_to_local(struct tester *t)
{
	labelled(t, "fd00:db8:b::fe", "2001:db8:b::fe", "fdff:db8:c::1");
}

static void native_not_local(struct tester *t)
{
	labelled(t, "2001:db8:b::fe", "fd00:db8:b::fe", "2001:db8:c::1");
}

static void six_to_6to4(struct tester *t)
{
	labelled(t, "2002:c000:201:b::fe", "2001:db8:b::fe", "2002:c633:6401::1");
}

static void teredo_to_teredo(struct tester *t)
{
	labelled(t, "2001:0:c000:201::fe", "3fff:0:0:b::fe", "2001:0:c633:6401::1");
}

/*
 * Rule 7: temporary addresses. They are those that are made anew when the device starts again.
 */

static unsigned all_formed(const struct tester *t, const struct ip6_addr *prefix,
			   struct ip6_addr *to)
{
	unsigned n = 0;

	for (size_t i = 0; i < t->record.n && n < KNOWN_MAX; i++)
		if (probed_in(t, i, prefix, &to[n]))
			n++;
	return n;
}

static void temporary(struct tester *t)
{
	static const struct offer offers[] = { { "2001:db8:b::", LIFETIME_S } };
	struct ip6_addr before[KNOWN_MAX], src, prefix = addr_of(t, offers[0].prefix);
	unsigned n;

	setup_temp(t);
	offer(t, TR1, LIFETIME_S, 0, offers, 1);
	settle(t, DAD_FOR, 2);
	n = all_formed(t, &prefix, before);
	reboot(t);
	settle(t, DAD_FOR, 1);
	setup_temp(t);
	offer(t, TR1, LIFETIME_S, 0, offers, 1);
	settle(t, DAD_FOR, 2);
	src = source_to(t, LINK_B, addr_of(t, "2001:db8:f::1"));
	if (!ip6_in_prefix(&src, &prefix, PREFIX_LEN))
		tester_fail(t, "the source is not of the advertised prefix");
	for (unsigned i = 0; i < n; i++)
		if (ip6_eq(&src, &before[i]))
			tester_fail(t, "the source is an address that it had before: a public one");
}

/*
 * Rule 8: bits that match.
 */

static void longest_match(struct tester *t)
{
	setup_addr(t, LINK_B, "2001:db8:e000::fe");
	setup_addr(t, LINK_B, "2001:db8:b::fe");
	beyond_tr1(t);
	b_from(t, "2001:db8:e001::1", "2001:db8:e000::fe");
	b_from(t, "2001:db8:c::1", "2001:db8:b::fe");
}

/* Section 2.2: bits behind the prefix of the source do not count. TN1 has the destination. */
static void longest_match_in_prefix(struct tester *t)
{
	struct ip6_addr wide = addr_of(t, "2001:db8:f:1::fe");

	t->st[TN1].extra = addr_of(t, "2001:db8:f:2::1");
	setup_addr(t, LINK_B, "2001:db8:e:1::fe");
	must_do(t, t->nut->ops->addr(t->nut, LINK_B, &wide, SHORT_LEN), "a configured address");
	settle(t, DAD_FOR, 1);
	goes_from(t, LINK_B, t->st[TN1].extra, addr_of(t, "2001:db8:e:1::fe"));
}

/*
 * What is not sent on somebody's order: ICMPv6 (RFC 4443 sections 2.2 and 4.2).
 */

/* An error about TN1's packet through the router comes from @src. */
static void complains_from(struct tester *t, struct pv pv, uint8_t type, uint8_t code,
			   struct ip6_addr src)
{
	struct pv error = error_about(tx(t, TN1, &pv), type, code, 0);

	error.data.set = error.param.set = false;
	error.src = IS_ADDR(src);
	expect(t, LINK_B, REPLY_WITHIN, &error);
}

static void error_global(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	echo = echo_to(t, TN1, t->st[TN2].global);
	echo.hop_limit = IS(1);
	complains_from(t, echo, ICMP6_TIME_EXCEEDED, ICMP6_TIME_HOP_LIMIT, nut_global(t, TN1));
}

static void error_local(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	echo = echo_to(t, TN1, t->st[TN2].global);
	echo.src = IS_ADDR(t->st[TN1].lla);
	complains_from(t, echo, ICMP6_UNREACH, ICMP6_UNREACH_SCOPE, nut_lla(t, TN1));
}

static void error_label(struct tester *t)
{
	struct pv echo;

	setup_router(t);
	setup_addr(t, LINK_B, "fd00:db8:b::fe");
	t->st[TN1].extra = addr_of(t, "fd00:db8:b::1");
	echo = echo_to(t, TN1, t->st[TN2].global);
	echo.src = IS_ADDR(t->st[TN1].extra);
	echo.hop_limit = IS(1);
	complains_from(t, echo, ICMP6_TIME_EXCEEDED, ICMP6_TIME_HOP_LIMIT,
		       addr_of(t, "fd00:db8:b::fe"));
}

/* What was sent to a group is answered from an address of the device's, of the asker's scope. */
static void reply_to_group(struct tester *t)
{
	struct pv echo, reply;

	setup_1(t, 1);
	echo = echo_to(t, TN1, all_nodes);
	reply = reply_to(tx(t, TN1, &echo));
	reply.src.set = false;
	if (!came(t, REPLY_WITHIN, &reply))
		tester_skip(t, "the device answers no echo request to a group (RFC 4443 section "
			       "4.2: SHOULD), so there is nothing to see");
	reply.src = IS_ADDR(nut_global(t, TN1));
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

#define PINGS	  (NUT_CAN_PING)
#define NUMBERED  (NUT_CAN_PING | NUT_CAN_ADDR)
#define ROUTED	  (NUMBERED | NUT_CAN_ROUTE)
#define FORWARDED (NUT_CAN_ADDR | NUT_CAN_FORWARD)

static const struct part parts[] = {
	{ "rfc6724.4.a", "link-local destinations on two links",
	  "Each is written to from the link-local address of its own link.", "RFC 6724 section 4",
	  LEVEL_MUST, NUT_ROUTER, PINGS, NS_PER_S, of_each_link },
	{ "rfc6724.4.b", "a group, by two links",
	  "Only addresses of the outgoing link take part, even if none of them is of the group's scope.",
	  "RFC 6724 section 4", LEVEL_MUST, NUT_ROUTER, NUMBERED, NS_PER_S, group_of_each_link },
	{ "rfc6724.4.c", "tentative address",
	  "An address is no source before it was found to be unique.", "RFC 4862 section 5.4",
	  LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S, not_yet_its },
	{ "rfc6724.5.2.a", "scope of a link-local destination",
	  "It is written to from the link-local address, not from a global one.",
	  "RFC 6724 section 5, rule 2", LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S, scope_local },
	{ "rfc6724.5.2.b", "scope of a global destination",
	  "It is written to from a global address, on the link and beyond.",
	  "RFC 6724 section 5, rule 2", LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S, scope_global },
	{ "rfc6724.5.2.c", "scope of a link-local group",
	  "The smallest scope that reaches it is that of the link.", "RFC 6724 section 5, rule 2",
	  LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S, scope_group_local },
	{ "rfc6724.5.2.d", "scope of larger groups",
	  "A link-local address reaches not as far as groups of realm-local scope (RFC 7346) and more.",
	  "RFC 6724 section 5, rule 2", LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S,
	  scope_group_larger },
	{ "rfc6724.5.2.e", "site-local addresses",
	  "They go to their like, and nowhere else while there is a global one.",
	  "RFC 6724 section 3.1", LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S, scope_site },
	{ "rfc6724.5.3.a", "deprecated address",
	  "It is not used while there is a preferred one, though it has more bits in common with the destination.",
	  "RFC 6724 section 5, rule 3", LEVEL_MUST, NUT_HOST, PINGS, NS_PER_S, deprecated },
	{ "rfc6724.5.3.b", "address that becomes deprecated",
	  "It is used until its preferred lifetime is over.", "RFC 6724 section 5, rule 3",
	  LEVEL_MUST, NUT_HOST, PINGS, NS_PER_S, deprecated_in_time },
	{ "rfc6724.5.3.c", "nothing but a deprecated address",
	  "Its scope counts for more than the link-local address's being preferred.",
	  "RFC 6724 section 5, rules 2 and 3", LEVEL_MUST, NUT_HOST, PINGS, NS_PER_S,
	  deprecated_only },
	{ "rfc6724.5.3.d", "deprecated address with the right label", "Labels count for less.",
	  "RFC 6724 section 5, rules 3 and 6", LEVEL_MUST, NUT_HOST, PINGS, NS_PER_S,
	  deprecated_label },
	{ "rfc6724.5.3.e", "address that is preferred again",
	  "An advertisement gives a deprecated address a new preferred lifetime.",
	  "RFC 4862 section 5.5.4", LEVEL_MUST, NUT_HOST, PINGS, NS_PER_S, preferred_again },
	{ "rfc6724.5.5.a", "address of the outgoing interface",
	  "It is used, though that of another interface has more bits in common with the destination.",
	  "RFC 6724 section 5, rule 5", LEVEL_MUST, NUT_ROUTER, ROUTED, NS_PER_S, outgoing },
	{ "rfc6724.5.5.b", "address of another interface with the right label",
	  "Labels count for less.", "RFC 6724 section 5, rules 5 and 6", LEVEL_MUST, NUT_ROUTER,
	  ROUTED, NS_PER_S, outgoing_label },
	{ "rfc6724.5.5.5.a", "prefix of the next hop",
	  "Of two prefixes that of the router that the packet goes by is used.",
	  "RFC 8028 section 3.3", LEVEL_SHOULD, NUT_HOST, PINGS, NS_PER_S, next_hop },
	{ "rfc6724.5.5.5.b", "prefix of the next hop, which changes",
	  "When another router becomes the better one, its prefix is used.", "RFC 8028 section 3.3",
	  LEVEL_SHOULD, NUT_HOST, PINGS, NS_PER_S, next_hop_changes },
	{ "rfc6724.5.6.a", "Teredo address, native destination",
	  "A native address is used, though the Teredo address has more bits in common.",
	  "RFC 6724 section 5, rule 6", LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S, native_not_teredo },
	{ "rfc6724.5.6.b", "6to4 address, native destination",
	  "A native address is used, though the 6to4 address has more bits in common.",
	  "RFC 6724 section 5, rule 6", LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S, native_not_6to4 },
	{ "rfc6724.5.6.c", "6bone address, native destination",
	  "A native address is used, though that of 3ffe::/16 has more bits in common.",
	  "RFC 6724 section 5, rule 6", LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S, native_not_6bone },
	{ "rfc6724.5.6.d", "unique local destination",
	  "It is written to from a unique local address.", "RFC 6724 section 5, rule 6", LEVEL_MUST,
	  NUT_BOTH, ROUTED, NS_PER_S, local_to_local },
	{ "rfc6724.5.6.e", "unique local address, native destination",
	  "The global address is used.", "RFC 6724 section 5, rule 6", LEVEL_MUST, NUT_BOTH, ROUTED,
	  NS_PER_S, native_not_local },
	{ "rfc6724.5.6.f", "6to4 destination", "It is written to from a 6to4 address.",
	  "RFC 6724 section 5, rule 6", LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S, six_to_6to4 },
	{ "rfc6724.5.6.g", "Teredo destination", "It is written to from a Teredo address.",
	  "RFC 6724 section 5, rule 6", LEVEL_MUST, NUT_BOTH, ROUTED, NS_PER_S, teredo_to_teredo },
	{ "rfc6724.5.7.a", "temporary address",
	  "It is used before the public one of the same prefix.", "RFC 6724 section 5, rule 7",
	  LEVEL_SHOULD, NUT_HOST, PINGS | NUT_CAN_REBOOT | NUT_CAN_TEMP, NS_PER_S, temporary },
	{ "rfc6724.5.8.a", "bits in common with the destination",
	  "Of two equal addresses the one with more of them is used.", "RFC 6724 section 5, rule 8",
	  LEVEL_SHOULD, NUT_BOTH, ROUTED, NS_PER_S, longest_match },
	{ "rfc6724.5.8.b", "bits in common, within the prefix",
	  "Bits behind the prefix of a source do not count.", "RFC 6724 section 2.2", LEVEL_SHOULD,
	  NUT_BOTH, ROUTED, NS_PER_S, longest_match_in_prefix },
	{ "rfc4443.2.2.a", "error to a global address",
	  "An error about a packet that was to pass comes from an address that its sender can reach.",
	  "RFC 4443 section 2.2", LEVEL_SHOULD, NUT_ROUTER, FORWARDED, NS_PER_S, error_global },
	{ "rfc4443.2.2.b", "error to a link-local address",
	  "It comes from the link-local address of the link.", "RFC 4443 section 2.2", LEVEL_SHOULD,
	  NUT_ROUTER, FORWARDED, NS_PER_S, error_local },
	{ "rfc4443.2.2.c", "error to a unique local address",
	  "It comes from an address with the same label.", "RFC 4443 section 2.2", LEVEL_SHOULD,
	  NUT_ROUTER, FORWARDED, NS_PER_S, error_label },
	{ "rfc4443.4.2.a", "reply to a group's echo request",
	  "It goes to a global address, and comes from one.", "RFC 4443 section 2.2", LEVEL_SHOULD,
	  NUT_BOTH, 0, NS_PER_S, reply_to_group },
};

const struct suite suite_rfc6724 = { "rfc6724", "Default address selection (RFC 6724)", parts,
				     ARRAY_LEN(parts) };
