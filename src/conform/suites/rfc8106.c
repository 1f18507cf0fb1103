/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DNS options of router advertisements (RFC 8106): a host is told to look up a name, and judged by the
 * queries that it sends, to whom and in which order; a router by its advertisements.
 *
 * TR1 advertises; TR2, TR3 and TN1 are the servers. Queries for other types and other names than the
 * case is about are answered with "no", so that devices with a search list or a use for IPv4 go on.
 */
#include "conform/message.h"
#include "base/dname.h"
#include "nd/opt.h"
#include "node/dnsmsg.h"

#define NAME	      "host.example.net."
#define NAME_2	      "other.example.net."
#define ROUTER_LIFE_S 9000
#define LONG_S	      6000
#define QUERY_WITHIN  (3 * NS_PER_S)
#define NEXT_WITHIN   (40 * NS_PER_S) /* to the next server: RFC 1035 section 4.2.1 has no bound */
#define NEVER_FOR     (20 * NS_PER_S)
#define QUESTION_OFF  12
#define QUERIES_MAX   32
#define RA_FIXED      8
#define RDNSS_OCTETS  6 /* of the option's body, before the addresses */

/*
 * Advertisements.
 */

static struct pv announcement(struct tester *t)
{
	struct pv pv = ra(t, TR1, ROUTER_LIFE_S, 0);

	option_prefix(t, &pv, &prefix_b, 64, PIO_ON_LINK | PIO_AUTO, LIFE_INFINITE, LIFE_INFINITE);
	return pv;
}

static void put_server(uint8_t *body, unsigned i, const struct ip6_addr *a)
{
	memcpy(body + RDNSS_OCTETS + i * IP6_ADDR_OCTETS, a->b, IP6_ADDR_OCTETS);
}

/* Up to three servers; @b and @c may be NULL. */
static void rdnss(struct tester *t, struct pv *pv, uint32_t lifetime_s, const struct ip6_addr *a,
		  const struct ip6_addr *b, const struct ip6_addr *c)
{
	uint8_t body[RDNSS_OCTETS + 3 * IP6_ADDR_OCTETS] = { 0 };
	const struct ip6_addr *const all[] = { a, b, c };
	unsigned n = 0;

	put_be32(body + 2, lifetime_s);
	for (; n < ARRAY_LEN(all) && all[n] != NULL; n++)
		put_server(body, n, all[n]);
	option(t, pv, ND_OPT_RDNSS, body, RDNSS_OCTETS + n * IP6_ADDR_OCTETS);
}

/* Names as octets, one behind the other. */
static void dnssl(struct tester *t, struct pv *pv, uint32_t lifetime_s, const char *names, size_t n)
{
	uint8_t body[128] = { 0 };

	ASSERT(n <= sizeof(body) - RDNSS_OCTETS);
	put_be32(body + 2, lifetime_s);
	memcpy(body + RDNSS_OCTETS, names, n);
	option(t, pv, ND_OPT_DNSSL, body, RDNSS_OCTETS + n);
}

/* The device has an address and knows what was advertised. */
static void begin(struct tester *t, const struct pv *pv)
{
	tx(t, TR1, pv);
	settle(t, 3 * NS_PER_S, 1);
	ping(t, TN1);
}

/* One server, TR2. */
static struct pv one_server(struct tester *t, uint32_t lifetime_s)
{
	struct pv pv = announcement(t);

	rdnss(t, &pv, lifetime_s, &t->st[TR2].global, NULL, NULL);
	return pv;
}

/*
 * Queries.
 */

static void look_up(struct tester *t, const char *name)
{
	from_now(t);
	must_do(t,
		t->nut->ops->resolve == NULL ? -EOPNOTSUPP
					     : t->nut->ops->resolve(t->nut, LINK_B, name),
		"a resolver");
}

static struct pv any_query(const struct ip6_addr *server)
{
	struct pv pv = { .kind = PV_UDP, .dport = IS(DNS_PORT) };

	if (server != NULL)
		pv.dst = IS_ADDR(*server);
	return pv;
}

static bool is_query(const struct seen *s)
{
	return s->from_nut && s->ip6 && s->pv.kind == PV_UDP && s->pv.dport.v == DNS_PORT;
}

/* What is asked; FAIL if it is no question. */
static void question_of(struct tester *t, const struct seen *s, struct dname *name, uint16_t *type)
{
	struct rd in = rd_of(s->pv.data.p, s->pv.data.n);

	if (s->pv.csum_wrong || in.left < QUESTION_OFF || (in.p[2] & 0xf9) != 0x01 ||
	    get_be16(in.p + 4) != 1)
		tester_fail(t, "not a query that desires recursion, of one question");
	(void)rd_skip(&in, QUESTION_OFF);
	if (!dname_take(&in, name) || !rd_u16(&in, type))
		tester_fail(t, "the query's question is broken");
}

/* @n octets of records; @rcode of RFC 1035 section 4.1.1. */
static void respond(struct tester *t, const struct seen *s, unsigned rcode, const void *records,
		    size_t n)
{
	struct pv pv = { .src = s->pv.dst,
			 .dst = s->pv.src,
			 .hop_limit = IS(64),
			 .kind = PV_UDP,
			 .sport = IS(DNS_PORT),
			 .dport = s->pv.sport };
	size_t asked = QUESTION_OFF;
	enum station_id who = TR2;
	uint8_t *m;

	while (s->pv.data.p[asked] != 0)
		asked += s->pv.data.p[asked] + 1u;
	asked += 5;
	m = octets(t, asked + n);
	memcpy(m, s->pv.data.p, asked);
	put_be16(m + 2, (uint16_t)(0x8180 | rcode));
	put_be16(m + 6, n > 0);
	memset(m + 8, 0, 4);
	if (n > 0)
		memcpy(m + asked, records, n);
	pv.data = IS_OCTETS(m, asked + n);
	for (enum station_id i = TR1; i <= TN1; i++)
		if (ip6_eq(&t->st[i].global, &s->pv.dst.a) || ip6_eq(&t->st[i].lla, &s->pv.dst.a))
			who = i;
	tx(t, who, &pv);
}

static void respond_no(struct tester *t, const struct seen *s)
{
	respond(t, s, DNS_RCODE_NXDOMAIN, NULL, 0);
}

static void respond_addr(struct tester *t, const struct seen *s)
{
	uint8_t rr[12 + IP6_ADDR_OCTETS] = { 0xc0, QUESTION_OFF, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16 };

	memcpy(rr + 12, t->st[TN1].global.b, IP6_ADDR_OCTETS);
	respond(t, s, DNS_RCODE_OK, rr, sizeof(rr));
}

static bool asks_for(struct tester *t, const struct seen *s, const char *name)
{
	struct dname want, got;
	uint16_t type;

	question_of(t, s, &got, &type);
	return dname_parse(name, &want) == 0 && dname_eq(&want, &got) && type == DNS_TYPE_AAAA;
}

/* The first query for @name; others get "no". It goes to @server. */
static const struct seen *first_query(struct tester *t, const struct ip6_addr *server,
				      const char *name)
{
	struct pv want = any_query(NULL);

	for (unsigned i = 0; i < QUERIES_MAX; i++) {
		const struct seen *s = expect(t, LINK_B, QUERY_WITHIN, &want);
		char is[IP6_TEXT_MAX], should[IP6_TEXT_MAX];

		if (!ip6_eq(&s->pv.dst.a, server))
			tester_fail(t, "the query goes to %s, not to %s",
				    ip6_text(&s->pv.dst.a, is), ip6_text(server, should));
		if (asks_for(t, s, name))
			return s;
		respond_no(t, s);
	}
	tester_fail(t, "%u queries and none for %s", QUERIES_MAX, name);
}

/* Sooner or later @server is asked. */
static void next_query(struct tester *t, const struct ip6_addr *server)
{
	struct pv want = any_query(server);

	expect(t, LINK_B, NEXT_WITHIN, &want);
}

/* @server is not, even if nobody answers. */
static void not_asked(struct tester *t, const struct ip6_addr *server)
{
	struct pv never = any_query(server);

	t->since = t->boot;
	silence(t, NEVER_FOR, &never);
}

/* What is left of queries are repetitions. */
static void finish(struct tester *t)
{
	for (size_t i = 0; i < t->record.n; i++)
		if (is_query(t->record.seen[i]))
			tester_claim(t, t->record.seen[i]);
}

/*
 * Servers.
 */

static void server_used(struct tester *t)
{
	struct pv pv = one_server(t, LONG_S);

	begin(t, &pv);
	look_up(t, NAME);
	respond_addr(t, first_query(t, &t->st[TR2].global, NAME));
	finish(t);
}

static void servers_in_order(struct tester *t)
{
	struct pv pv = announcement(t);

	rdnss(t, &pv, LONG_S, &t->st[TR3].global, &t->st[TR2].global, NULL);
	begin(t, &pv);
	look_up(t, NAME);
	first_query(t, &t->st[TR3].global, NAME);
	next_query(t, &t->st[TR2].global);
	finish(t);
}

static void three_servers(struct tester *t)
{
	struct pv pv = announcement(t);

	rdnss(t, &pv, LONG_S, &t->st[TR2].global, &t->st[TR3].global, &t->st[TN1].global);
	begin(t, &pv);
	look_up(t, NAME);
	first_query(t, &t->st[TR2].global, NAME);
	next_query(t, &t->st[TR3].global);
	next_query(t, &t->st[TN1].global);
	finish(t);
}

static void server_link_local(struct tester *t)
{
	struct pv pv = announcement(t);

	rdnss(t, &pv, LONG_S, &t->st[TR2].lla, NULL, NULL);
	begin(t, &pv);
	look_up(t, NAME);
	respond_addr(t, first_query(t, &t->st[TR2].lla, NAME));
	finish(t);
}

static void lifetime_zero(struct tester *t)
{
	struct pv pv = announcement(t), zero = one_server(t, 0);

	rdnss(t, &pv, LONG_S, &t->st[TR2].global, &t->st[TR3].global, NULL);
	begin(t, &pv);
	tx(t, TR1, &zero);
	look_up(t, NAME);
	first_query(t, &t->st[TR3].global, NAME);
	not_asked(t, &t->st[TR2].global);
	finish(t);
}

static void lifetime_over(struct tester *t)
{
	struct pv pv = one_server(t, 30);

	rdnss(t, &pv, LONG_S, &t->st[TR3].global, NULL, NULL);
	begin(t, &pv);
	pause_for(t, 30 * NS_PER_S);
	look_up(t, NAME);
	first_query(t, &t->st[TR3].global, NAME);
	not_asked(t, &t->st[TR2].global);
	finish(t);
}

static void lifetime_shortened(struct tester *t)
{
	struct pv pv = one_server(t, LONG_S), again = one_server(t, 10);

	rdnss(t, &pv, LONG_S, &t->st[TR3].global, NULL, NULL);
	begin(t, &pv);
	tx(t, TR1, &again);
	pause_for(t, 12 * NS_PER_S);
	look_up(t, NAME);
	first_query(t, &t->st[TR3].global, NAME);
	not_asked(t, &t->st[TR2].global);
	finish(t);
}

static void lifetime_renewed(struct tester *t)
{
	struct pv pv = one_server(t, 30);

	begin(t, &pv);
	pause_for(t, 20 * NS_PER_S);
	tx(t, TR1, &pv);
	pause_for(t, 20 * NS_PER_S);
	look_up(t, NAME);
	respond_addr(t, first_query(t, &t->st[TR2].global, NAME));
	finish(t);
}

static void lifetime_infinite(struct tester *t)
{
	struct pv pv = one_server(t, LIFE_INFINITE);

	begin(t, &pv);
	pause_for(t, 100 * 86400 * NS_PER_S);
	look_up(t, NAME);
	respond_addr(t, first_query(t, &t->st[TR2].global, NAME));
	finish(t);
}

static void newest_first(struct tester *t)
{
	struct pv pv = one_server(t, LONG_S), newer = announcement(t);

	rdnss(t, &newer, LONG_S, &t->st[TR3].global, NULL, NULL);
	begin(t, &pv);
	look_up(t, NAME);
	respond_addr(t, first_query(t, &t->st[TR2].global, NAME));
	tx(t, TR1, &newer);
	look_up(t, NAME_2);
	first_query(t, &t->st[TR3].global, NAME_2);
	next_query(t, &t->st[TR2].global);
	finish(t);
}

/* @n octets of an option's body, TR2 in it, before a good option of TR3. */
static void discarded(struct tester *t, const uint8_t *body, size_t n)
{
	struct pv pv = announcement(t);

	option(t, &pv, ND_OPT_RDNSS, body, n);
	rdnss(t, &pv, LONG_S, &t->st[TR3].global, NULL, NULL);
	begin(t, &pv);
	look_up(t, NAME);
	first_query(t, &t->st[TR3].global, NAME);
	not_asked(t, &t->st[TR2].global);
	finish(t);
}

static void bad_length(struct tester *t)
{
	uint8_t body[RDNSS_OCTETS + IP6_ADDR_OCTETS + ND_OPT_UNIT] = { 0 };

	put_be32(body + 2, LONG_S);
	put_server(body, 0, &t->st[TR2].global);
	discarded(t, body, sizeof(body));
}

static void bad_multicast(struct tester *t)
{
	uint8_t body[RDNSS_OCTETS + 2 * IP6_ADDR_OCTETS] = { 0 };

	put_be32(body + 2, LONG_S);
	put_server(body, 0, &t->st[TR2].global);
	put_server(body, 1, &all_nodes);
	discarded(t, body, sizeof(body));
}

/*
 * Domains.
 */

#define DOMAIN	  "\7example\3net\0"
#define TWO	  "\3one\7example\0\3two\7example\0"
#define BAD_POINT "\3bad\300\0\0\0"
#define BAD_END	  "\3bad\77xyz"
#define SIZED(s)  (s), sizeof(s) - 1

static void domain_used(struct tester *t)
{
	struct pv pv = one_server(t, LONG_S);

	dnssl(t, &pv, LONG_S, SIZED(DOMAIN));
	begin(t, &pv);
	look_up(t, "host");
	respond_addr(t, first_query(t, &t->st[TR2].global, NAME));
	finish(t);
}

static void domains_in_order(struct tester *t)
{
	struct pv pv = one_server(t, LONG_S);
	const struct seen *s;
	struct dname two, got;
	uint16_t type;

	(void)dname_parse("host.two.example", &two);
	dnssl(t, &pv, LONG_S, SIZED(TWO));
	begin(t, &pv);
	look_up(t, "host");
	do {
		const struct pv want = any_query(&t->st[TR2].global);

		s = expect(t, LINK_B, QUERY_WITHIN, &want);
		question_of(t, s, &got, &type);
		if (dname_eq(&got, &two))
			tester_fail(t, "the second domain comes first");
		respond_no(t, s);
	} while (!asks_for(t, s, "host.one.example"));
	respond_addr(t, first_query(t, &t->st[TR2].global, "host.two.example"));
	finish(t);
}

/* "host" is looked up, with "no" for an answer, and never in a domain with @label. */
static void not_searched(struct tester *t, const char *label)
{
	char text[DNAME_TEXT_MAX];
	time_ns until;

	look_up(t, "host");
	until = tester_deadline(t, NEVER_FOR);
	for (struct seen *s = NULL; (s = tester_take(t, until)) != NULL;) {
		struct dname name;
		uint16_t type;

		if (!is_query(s))
			continue;
		question_of(t, s, &name, &type);
		if (strstr(dname_text(&name, text), label) != NULL)
			tester_fail(t, "a query for %s", text);
		tester_claim(t, s);
		respond_no(t, s);
	}
}

/* Afterwards the server is still in use. */
static void still_serves(struct tester *t)
{
	look_up(t, NAME_2);
	respond_addr(t, first_query(t, &t->st[TR2].global, NAME_2));
	finish(t);
}

static void domain_zero(struct tester *t)
{
	struct pv pv = one_server(t, LONG_S), zero = announcement(t);

	dnssl(t, &pv, LONG_S, SIZED(DOMAIN));
	dnssl(t, &zero, 0, SIZED(DOMAIN));
	begin(t, &pv);
	tx(t, TR1, &zero);
	not_searched(t, "example");
	still_serves(t);
}

static void domain_over(struct tester *t)
{
	struct pv pv = one_server(t, LONG_S);

	dnssl(t, &pv, 30, SIZED(DOMAIN));
	begin(t, &pv);
	pause_for(t, 30 * NS_PER_S);
	not_searched(t, "example");
	still_serves(t);
}

static void domain_bad(struct tester *t, const char *names, size_t n)
{
	struct pv pv = announcement(t);

	dnssl(t, &pv, LONG_S, names, n);
	rdnss(t, &pv, LONG_S, &t->st[TR2].global, NULL, NULL);
	begin(t, &pv);
	not_searched(t, "bad");
	still_serves(t);
}

static void domain_compressed(struct tester *t)
{
	domain_bad(t, SIZED(BAD_POINT));
}

static void domain_endless(struct tester *t)
{
	domain_bad(t, SIZED(BAD_END));
}

/*
 * Routers.
 */

/* The first option of @type that is advertised. */
static const uint8_t *advertised(struct tester *t, const struct nd_adv *adv, uint8_t type)
{
	struct pv want = { .src = IS_ADDR(t->lla[LINK_B]),
			   .hop_limit = IS(255),
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_RA) };
	const struct seen *s;
	const uint8_t *p;

	from_now(t);
	setup_adv(t, LINK_B, adv);
	s = expect(t, LINK_B, 16 * NS_PER_S, &want);
	p = option_find(&s->pv, RA_FIXED, type);
	if (p == NULL)
		tester_fail(t, "the advertisement has no option of type %u", type);
	return p;
}

/* It must be these octets behind its header. */
static void advertises(struct tester *t, const struct nd_adv *adv, uint8_t type,
		       const uint8_t *body, size_t n)
{
	const uint8_t *p = advertised(t, adv, type);

	if (p[1] * (size_t)ND_OPT_UNIT != n + ND_OPT_HDR)
		tester_fail(t, "the option of type %u has %u octets, not %zu", type,
			    p[1] * ND_OPT_UNIT, n + ND_OPT_HDR);
	for (size_t i = 0; i < n; i++)
		if (p[ND_OPT_HDR + i] != body[i])
			tester_fail(t, "octet %zu of the option of type %u is %02x, not %02x",
				    i + ND_OPT_HDR, type, p[ND_OPT_HDR + i], body[i]);
}

static struct nd_adv adv_servers(struct tester *t, int64_t lifetime_s, uint8_t *body)
{
	struct nd_adv adv = adv_with(&prefix_b);

	ping(t, TN1);
	(void)nd_adv_add_rdnss(&adv, &t->st[TR3].global, lifetime_s);
	(void)nd_adv_add_rdnss(&adv, &t->st[TR2].global, lifetime_s);
	put_server(body, 0, &t->st[TR3].global);
	put_server(body, 1, &t->st[TR2].global);
	return adv;
}

static void advertises_servers(struct tester *t)
{
	uint8_t body[RDNSS_OCTETS + 2 * IP6_ADDR_OCTETS] = { 0 };
	struct nd_adv adv = adv_servers(t, 1234, body);

	put_be32(body + 2, 1234);
	advertises(t, &adv, ND_OPT_RDNSS, body, sizeof(body));
}

static void advertises_default(struct tester *t)
{
	uint8_t body[RDNSS_OCTETS + 2 * IP6_ADDR_OCTETS] = { 0 };
	struct nd_adv adv = adv_servers(t, ND_ADV_LIFETIME_AUTO, body);
	uint32_t least = (uint32_t)(3 * adv.interval_max / NS_PER_S);
	uint32_t is = get_be32(advertised(t, &adv, ND_OPT_RDNSS) + ND_OPT_HDR + 2);

	if (is < least)
		tester_fail(t, "a lifetime of %u s, less than %u s", is, least);
}

static void advertises_zero(struct tester *t)
{
	uint8_t body[RDNSS_OCTETS + 2 * IP6_ADDR_OCTETS] = { 0 };
	struct nd_adv adv = adv_servers(t, 0, body);

	advertises(t, &adv, ND_OPT_RDNSS, body, sizeof(body));
}

static void advertises_domains(struct tester *t)
{
	/* 8 + 13 + 12 octets, and 7 of padding */
	uint8_t body[40 - ND_OPT_HDR] = { 0, 0, 0xff, 0xff, 0xff, 0xff };
	struct nd_adv adv = adv_with(&prefix_b);
	struct dname a, b;

	ping(t, TN1);
	(void)dname_parse("example.net", &a);
	(void)dname_parse("xy.example", &b);
	(void)nd_adv_add_dnssl(&adv, &a, ND_INFINITY);
	(void)nd_adv_add_dnssl(&adv, &b, ND_INFINITY);
	memcpy(body + RDNSS_OCTETS, a.b, a.octets);
	memcpy(body + RDNSS_OCTETS + a.octets, b.b, b.octets);
	advertises(t, &adv, ND_OPT_DNSSL, body, sizeof(body));
}

#define HOST(id, title, purpose, section, level, fn)                                               \
	{                                                                                          \
		"rfc8106." id, title, purpose, "RFC 8106 section " section, level, NUT_HOST,       \
			NUT_CAN_RESOLVE, NS_PER_S, fn                                              \
	}
#define ROUTER(id, title, purpose, section, level, fn)                                             \
	{                                                                                          \
		"rfc8106." id, title, purpose, "RFC 8106 section " section, level, NUT_ROUTER,     \
			NUT_CAN_ADVERTISE | NUT_ADV_VARS, NS_PER_S, fn                             \
	}

#define DISCARDED "An option that is not valid is discarded, with all it says; others count."

static const struct part parts[] = {
	HOST("5.1.a", "a server on the link", "A link-local server is asked by the link it is on.",
	     "5.1", LEVEL_MUST, server_link_local),
	HOST("5.1.b", "a server that ceases",
	     "A server with a lifetime of zero is asked no more, though it is there.", "5.1",
	     LEVEL_MUST, lifetime_zero),
	HOST("5.1.c", "a server whose time is over",
	     "A server is asked no longer than its lifetime lets it.", "5.1", LEVEL_MUST,
	     lifetime_over),
	{ "rfc8106.5.1.d", "a server for ever", "A lifetime of all ones does not end.",
	  "RFC 8106 section 5.1", LEVEL_MUST, NUT_HOST, NUT_CAN_RESOLVE | NUT_WAITS_HOURS, NS_PER_S,
	  lifetime_infinite },
	ROUTER("5.1.e", "servers are advertised",
	       "A router advertises the servers it was given, in their order, for their time.",
	       "5.1", LEVEL_MUST, advertises_servers),
	ROUTER("5.1.f", "for how long, if not told",
	       "The lifetime is at least three times the longest interval between advertisements.",
	       "5.1", LEVEL_SHOULD, advertises_default),
	ROUTER("5.1.g", "servers are withdrawn", "A lifetime of zero is advertised, too.", "5.1",
	       LEVEL_MUST, advertises_zero),
	HOST("5.2.a", "a domain that ceases",
	     "A domain with a lifetime of zero is searched no more.", "5.2", LEVEL_MUST,
	     domain_zero),
	HOST("5.2.b", "a domain whose time is over",
	     "A domain is searched no longer than its lifetime lets it.", "5.2", LEVEL_MUST,
	     domain_over),
	ROUTER("5.2.c", "domains are advertised",
	       "Domains are written in full, one behind the other, and zeros behind them.", "5.2",
	       LEVEL_MUST, advertises_domains),
	HOST("5.3.1.a", "a server is used", "Names are looked up at the server advertised.",
	     "5.3.1", LEVEL_SHOULD, server_used),
	HOST("5.3.1.b", "servers in order",
	     "The first server of an option is asked first, and the next if it is silent.", "5.3.1",
	     LEVEL_SHOULD, servers_in_order),
	HOST("5.3.1.c", "three servers", "Three servers at least are kept.", "5.3.1", LEVEL_SHOULD,
	     three_servers),
	HOST("5.3.1.d", "servers of half an address", DISCARDED, "5.3.1", LEVEL_MUST, bad_length),
	HOST("5.3.1.e", "a multicast address among servers", DISCARDED, "5.3.1", LEVEL_MUST,
	     bad_multicast),
	HOST("5.3.1.f", "a domain is used", "Short names are looked up in the domain advertised.",
	     "5.3.1", LEVEL_SHOULD, domain_used),
	HOST("5.3.1.g", "domains in order", "The first domain of an option is searched first.",
	     "5.3.1", LEVEL_SHOULD, domains_in_order),
	HOST("5.3.1.h", "a compressed domain", DISCARDED, "5.3.1", LEVEL_MUST, domain_compressed),
	HOST("5.3.1.i", "a domain without end", DISCARDED, "5.3.1", LEVEL_MUST, domain_endless),
	HOST("6.1.a", "a lifetime is renewed", "The last lifetime of a server counts: it grows.",
	     "6.1", LEVEL_SHOULD, lifetime_renewed),
	HOST("6.1.b", "a lifetime is shortened",
	     "The last lifetime of a server counts: it shrinks.", "6.1", LEVEL_SHOULD,
	     lifetime_shortened),
	HOST("6.2", "a new server comes first",
	     "A server that was not known is put before those that were, which stay.", "6.2",
	     LEVEL_SHOULD, newest_first),
};

const struct suite suite_rfc8106 = {
	.name = "rfc8106",
	.title = "name servers and search domains of advertisements",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
