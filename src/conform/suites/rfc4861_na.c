/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbor advertisements received: tests 2.1.15 to 2.1.21 of the core specification 4.0.7, by RFC
 * 4861 sections 7.1.2 and 7.2.5, as RFC 9131 changed it.
 *
 * Parts of one test differ in one advertisement only: it stands in a table, in the order of their
 * letters.
 */
#include "conform/cache.h"
#include "conform/message.h"
#include "ip6/scope.h"
#include "nd/opt.h"

#define PREFIX_LEN    64
#define DAD_FOR	      (3 * NS_PER_S)
#define TARGET_OCTETS 16
#define WRONG_CSUM    0x1bad

#define S NA_SOLICITED
#define O NA_OVERRIDE

static const struct ip6_addr far_node = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };

/* The part's place in its table. */
static size_t letter(const struct tester *t, size_t n)
{
	size_t i = (size_t)(t->part->id[strlen(t->part->id) - 1] - 'a');

	ASSERT(i < n);
	return i;
}

/* TN1 advertises itself, with the link-layer address that @lla stands for. */
static struct pv advert(struct tester *t, struct ip6_addr dst, uint32_t flags, enum cache_lla lla)
{
	struct mac mac = lla == LLA_OTHER ? other_mac(t, TN1) : t->st[TN1].mac;

	return na(t, TN1, t->st[TN1].lla, dst, flags, lla == LLA_NONE ? NULL : &mac);
}

/*
 * 2.1.15
 */

static struct pv to_all(struct tester *t, uint32_t flags)
{
	return advert(t, all_nodes, flags, LLA_SAME);
}

/* TN1 is sought as if nothing had come. */
static void is_ignored(struct tester *t, const struct pv *pv)
{
	struct pv owed = cache_bring(t, TN1, CACHE_INCOMPLETE);

	tx(t, TN1, pv);
	cache_still_sought(t, TN1);
	silence(t, 0, &owed);
}

static void bad_solicited(struct tester *t)
{
	struct pv pv = to_all(t, S | O);

	is_ignored(t, &pv);
}

static void bad_hop_limit(struct tester *t)
{
	struct pv pv = to_all(t, O);

	pv.hop_limit = IS(254);
	is_ignored(t, &pv);
}

static void bad_checksum(struct tester *t)
{
	struct pv pv = to_all(t, O);

	pv.csum = IS(WRONG_CSUM);
	is_ignored(t, &pv);
}

static void bad_code(struct tester *t)
{
	struct pv pv = to_all(t, O);

	pv.code = IS(1);
	is_ignored(t, &pv);
}

static void bad_length(struct tester *t)
{
	struct pv pv = to_all(t, O);

	pv.data.n = 16 - 8;
	is_ignored(t, &pv);
}

static void bad_target(struct tester *t)
{
	struct ip6_addr group = ip6_solicited_node(&t->st[TN1].lla);
	struct pv pv = to_all(t, O);

	memcpy((uint8_t *)pv.data.p, group.b, IP6_ADDR_OCTETS); /* the tester's octets */
	is_ignored(t, &pv);
}

static void bad_option_length(struct tester *t)
{
	struct pv pv = to_all(t, O);

	((uint8_t *)pv.data.p)[TARGET_OCTETS + 1] = 0;
	is_ignored(t, &pv);
}

/*
 * 2.1.16
 */

/*
 * RFC 9131 section 6.1.1: a host SHOULD discard what it did not ask for; a router SHOULD believe where
 * the neighbor is, in doubt, if it is told.
 */
static void unasked(struct tester *t)
{
	static const struct {
		uint32_t flags;
		enum cache_lla lla;
	} rows[] = {
		{ 0, LLA_SAME }, { O, LLA_SAME }, { S, LLA_SAME }, { S | O, LLA_SAME },
		{ 0, LLA_NONE }, { O, LLA_NONE }, { S, LLA_NONE }, { S | O, LLA_NONE },
	};
	size_t i = letter(t, ARRAY_LEN(rows)), since;
	struct pv pv = advert(t, nut_lla(t, TN1), rows[i].flags, rows[i].lla);
	struct pv ask = { .kind = PV_ICMP6,
			  .type = IS(ICMP6_NS),
			  .begin = IS_OCTETS(t->st[TN1].lla.b, IP6_ADDR_OCTETS) };

	ping(t, TR1); /* it is alive */
	t->st[TN1].muted = true;
	tx(t, TN1, &pv);
	since = t->since;
	silence(t, SILENCE_FOR, &ask);
	t->since = since;
	silence(t, 0, NULL);
	if (t->role == NUT_ROUTER && rows[i].lla == LLA_SAME)
		cache_is_stale(t, TN1, &t->st[TN1].mac);
	else
		cache_is_incomplete(t, TN1);
}

/*
 * 2.1.17
 */

/* Override means nothing where nothing is to be overridden. */
static void completes(struct tester *t, uint32_t flags)
{
	struct pv owed = cache_bring(t, TN1, CACHE_INCOMPLETE);
	struct pv pv = advert(t, nut_lla(t, TN1), flags, LLA_SAME);
	const struct mac *mac = &t->st[TN1].mac;
	time_ns paid;

	tx(t, TN1, &pv);
	paid = cache_pays(t, TN1, owed, mac)->when;
	if ((flags & S) != 0)
		cache_is_reachable(t, TN1, mac);
	else
		cache_probed(t, TN1, mac, paid);
}

static void completes_so(struct tester *t)
{
	completes(t, S | O);
}

static void completes_s(struct tester *t)
{
	completes(t, S);
}

static void completes_o(struct tester *t)
{
	completes(t, O);
}

static void completes_plain(struct tester *t)
{
	completes(t, 0);
}

static void completes_not(struct tester *t)
{
	struct pv pv = advert(t, nut_lla(t, TN1), S | O, LLA_NONE);

	is_ignored(t, &pv);
}

/*
 * 2.1.18 to 2.1.20
 */

/* What RFC 4861 section 7.2.5 makes of it. */
enum outcome {
	KEPT,	   /* nothing changes */
	CONFIRMED, /* REACHABLE */
	DOUBTED,   /* what is known stays, but REACHABLE becomes STALE: I */
	MOVED,	   /* STALE, at the other address: II */
};

static const struct row {
	bool group; /* it goes to all nodes */
	uint32_t flags;
	enum cache_lla lla;
	enum outcome outcome;
	enum cache_lla known; /* afterwards */
} rows[] = {
	{ false, 0, LLA_NONE, KEPT, LLA_SAME },
	{ false, O, LLA_NONE, KEPT, LLA_SAME },
	{ false, S, LLA_NONE, CONFIRMED, LLA_SAME },
	{ false, S | O, LLA_NONE, CONFIRMED, LLA_SAME },
	{ false, 0, LLA_SAME, KEPT, LLA_SAME },
	{ false, O, LLA_SAME, KEPT, LLA_SAME },
	{ false, S, LLA_SAME, CONFIRMED, LLA_SAME },
	{ false, S | O, LLA_SAME, CONFIRMED, LLA_SAME },
	{ false, 0, LLA_OTHER, DOUBTED, LLA_SAME },
	{ false, O, LLA_OTHER, MOVED, LLA_OTHER },
	{ false, S, LLA_OTHER, DOUBTED, LLA_SAME },
	{ false, S | O, LLA_OTHER, CONFIRMED, LLA_OTHER },
	{ true, 0, LLA_SAME, KEPT, LLA_SAME },
	{ true, O, LLA_SAME, KEPT, LLA_SAME },
	{ true, 0, LLA_OTHER, DOUBTED, LLA_SAME },
	{ true, O, LLA_OTHER, MOVED, LLA_OTHER },
	{ true, 0, LLA_NONE, KEPT, LLA_SAME },
	{ true, O, LLA_NONE, KEPT, LLA_SAME },
};

static enum cache_state after(enum cache_state state, enum outcome outcome)
{
	switch (outcome) {
	case KEPT:
		return state;
	case CONFIRMED:
		return CACHE_REACHABLE;
	case DOUBTED:
		return state == CACHE_REACHABLE ? CACHE_STALE : state;
	case MOVED:
		return CACHE_STALE;
	}
	ASSERT_NOT_REACHED();
}

static void is(struct tester *t, enum cache_state state, const struct mac *mac)
{
	switch (state) {
	case CACHE_REACHABLE:
		cache_is_reachable(t, TN1, mac);
		return;
	case CACHE_STALE:
		cache_is_stale(t, TN1, mac);
		return;
	case CACHE_PROBE:
		cache_still_probed(t, TN1, mac);
		return;
	case CACHE_NONE:
	case CACHE_INCOMPLETE:
		break;
	}
	ASSERT_NOT_REACHED();
}

static void updates(struct tester *t, enum cache_state state)
{
	const struct row *row = &rows[letter(t, ARRAY_LEN(rows))];
	struct mac same = t->st[TN1].mac, other = other_mac(t, TN1);
	struct pv pv = advert(t, row->group ? all_nodes : nut_lla(t, TN1), row->flags, row->lla);

	(void)cache_bring(t, TN1, state);
	if (state == CACHE_REACHABLE)
		cache_is_reachable(t, TN1, &same);
	tx(t, TN1, &pv);
	is(t, after(state, row->outcome), row->known == LLA_OTHER ? &other : &same);
}

static void updates_reachable(struct tester *t)
{
	updates(t, CACHE_REACHABLE);
}

static void updates_stale(struct tester *t)
{
	updates(t, CACHE_STALE);
}

static void updates_probe(struct tester *t)
{
	updates(t, CACHE_PROBE);
}

/*
 * 2.1.21
 */

/* Who is far sends by TR1. Return: the answer to it, by TR1. */
static struct pv from_afar(struct tester *t)
{
	struct pv echo = echo_to(t, TR1, nut_global(t, TR1)), reply;

	echo.src = IS_ADDR(far_node);
	reply = reply_to(tx(t, TR1, &echo));
	reply.eth_dst = IS_MAC(t->st[TR1].mac);
	return reply;
}

/* TR1 is a router and in use; the answer to who is far has gone by it. */
static void by_router(struct tester *t)
{
	struct station *st = &t->st[TR1];
	struct ip6_addr group = ip6_solicited_node(&st->lla);
	struct pv adv = ra(t, TR1, 600, 0), reply, pv;
	struct pv ask = { .dst = IS_ADDR(group), .kind = PV_ICMP6, .type = IS(ICMP6_NS) };

	ra_timers(&adv, 100000, 1000);
	option_prefix(t, &adv, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 9000, 9000);
	tx(t, TR1, &adv);
	pause_for(t, DAD_FOR);
	st->muted = true;
	reply = from_afar(t);
	expect(t, LINK_B, REPLY_WITHIN, &ask);
	pv = na(t, TR1, st->lla, nut_lla(t, TR1), NA_ROUTER | S | O, &st->mac);
	tx(t, TR1, &pv);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

/* It says that it is none any more. Nothing goes by it, and nobody else is there (RFC 5942). */
static void router_no_more(struct tester *t)
{
	static const struct {
		uint32_t flags;
		bool told;
	} adverts[] = {
		{ S | O, false }, { 0, false }, { O, false }, { S, false },
		{ S | O, true },  { 0, true },	{ O, true },  { S, true },
	};
	size_t i = letter(t, ARRAY_LEN(adverts)), since;
	struct station *st = &t->st[TR1];
	struct ip6_addr group = ip6_solicited_node(&st->lla);
	struct pv ask = { .dst = IS_ADDR(group), .kind = PV_ICMP6, .type = IS(ICMP6_NS) };
	struct pv pv, reply;

	by_router(t);
	pv = na(t, TR1, st->lla, nut_lla(t, TR1), adverts[i].flags,
		adverts[i].told ? &st->mac : NULL);
	tx(t, TR1, &pv);
	reply = from_afar(t);
	reply.eth_dst.set = false;
	since = t->since;
	silence(t, MAX_MULTICAST_SOLICIT * RETRANS_TIMER, &reply);
	t->since = since;
	silence(t, 0, &ask);
}

#define PART(id, title, purpose, clause, level, roles, fn)                                         \
	{                                                                                          \
		"v6lc.2.1." id, title, purpose, clause, level, roles, 0, NS_PER_S, fn              \
	}
#define BAD(id, title, fn)                                                                         \
	PART("15." id, "bad advertisement: " title, IGNORED, "RFC 4861 section 7.1.2", LEVEL_MUST, \
	     NUT_BOTH, fn)
#define UNASKED(id, title)                                                                         \
	PART("16." id, "advertised by a stranger" title, UNKNOWN, "RFC 9131 section 6.1.1",        \
	     LEVEL_SHOULD, NUT_BOTH, unasked)
#define DONE(id, title, level, fn)                                                                 \
	PART("17." id, "advertised by who is sought" title, COMPLETES, "RFC 4861 section 7.2.5",   \
	     level, NUT_BOTH, fn)
#define UPDATES(id, title, fn)                                                                     \
	PART(id, "advertised by who is " title, UPDATED, "RFC 4861 section 7.2.5", LEVEL_MUST,     \
	     NUT_BOTH, fn)
#define NO_ROUTER(id, title)                                                                       \
	PART("21." id, "a router no more" title, GONE, "RFC 4861 section 7.2.5", LEVEL_MUST,       \
	     NUT_HOST, router_no_more)

/* One for each of rows[]. */
#define UPDATES_ALL(n, state, fn)                                                                  \
	UPDATES(n ".a", state ", no address", fn), UPDATES(n ".b", state ", no address: O", fn),   \
		UPDATES(n ".c", state ", no address: S", fn),                                      \
		UPDATES(n ".d", state ", no address: S, O", fn), UPDATES(n ".e", state, fn),       \
		UPDATES(n ".f", state ": O", fn), UPDATES(n ".g", state ": S", fn),                \
		UPDATES(n ".h", state ": S, O", fn),                                               \
		UPDATES(n ".i", state ", another address", fn),                                    \
		UPDATES(n ".j", state ", another address: O", fn),                                 \
		UPDATES(n ".k", state ", another address: S", fn),                                 \
		UPDATES(n ".l", state ", another address: S, O", fn),                              \
		UPDATES(n ".m", state ", to all", fn), UPDATES(n ".n", state ", to all: O", fn),   \
		UPDATES(n ".o", state ", to all, another address", fn),                            \
		UPDATES(n ".p", state ", to all, another address: O", fn),                         \
		UPDATES(n ".q", state ", to all, no address", fn),                                 \
		UPDATES(n ".r", state ", to all, no address: O", fn)

#define IGNORED	  "After an invalid advertisement the neighbor is sought as before."
#define UNKNOWN	  "A host discards what it did not ask for, a router believes it in doubt."
#define COMPLETES "The address is known, and only a solicited advertisement confirms it."
#define UPDATED	  "Solicited confirms, Override overrides, and what contradicts raises doubt."
#define GONE	  "A host sends nothing by who says that it is a router no more."

static const struct part parts[] = {
	BAD("a", "solicited by all", bad_solicited),
	BAD("b", "hop limit", bad_hop_limit),
	BAD("c", "checksum", bad_checksum),
	BAD("d", "code", bad_code),
	BAD("e", "too short", bad_length),
	BAD("f", "a group as target", bad_target),
	BAD("g", "option of length zero", bad_option_length),
	UNASKED("a", ""),
	UNASKED("b", ": O"),
	UNASKED("c", ": S"),
	UNASKED("d", ": S, O"),
	UNASKED("e", ", no address"),
	UNASKED("f", ", no address: O"),
	UNASKED("g", ", no address: S"),
	UNASKED("h", ", no address: S, O"),
	DONE("a", ": S, O", LEVEL_MUST, completes_so),
	DONE("b", ": S", LEVEL_MUST, completes_s),
	DONE("c", ": O", LEVEL_MUST, completes_o),
	DONE("d", "", LEVEL_MUST, completes_plain),
	DONE("e", ", no address", LEVEL_SHOULD, completes_not),
	UPDATES_ALL("18", "reachable", updates_reachable),
	UPDATES_ALL("19", "stale", updates_stale),
	UPDATES_ALL("20", "probed", updates_probe),
	NO_ROUTER("a", ", no address: S, O"),
	NO_ROUTER("b", ", no address"),
	NO_ROUTER("c", ", no address: O"),
	NO_ROUTER("d", ", no address: S"),
	NO_ROUTER("e", ": S, O"),
	NO_ROUTER("f", ""),
	NO_ROUTER("g", ": O"),
	NO_ROUTER("h", ": S"),
};

const struct suite suite_rfc4861_na = {
	.name = "rfc4861-na",
	.title = "neighbor advertisements",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
