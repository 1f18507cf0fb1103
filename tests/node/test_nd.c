/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbours of a whole node: which solicitations are answered and how (RFC 4861 section 7.2.3 to
 * 7.2.7), what is learned from them, and unreachability detection on the wire (section 7.3.3, RFC
 * 7048). Exact times.
 */
#include "bed.h"

#define OURS	    "2001:db8::1"
#define OUR_LL	    "fe80::ff:fe00:0"
#define OUR_ANYCAST "2001:db8::"
#define GROUP	    "ff02::1:ff00:1"
#define GROUP_LL    "ff02::1:ff00:0"
#define PEER	    "2001:db8::100"
#define PEER_LL	    "fe80::100"
#define PEER_MAC    "\2\0\0\0\1\0"
#define SLLA	    "\1\1" PEER_MAC
#define TLLA	    "\2\1" PEER_MAC
#define UNKNOWN	    253

static struct neigh *entry(struct bed *b, const char *addr)
{
	struct ip6_addr a = bed_addr_of(addr);

	return neigh_find(&b->node->ip6.neigh, &bed_if(b, 0)->link, &a);
}

static enum nud_state state_of(struct bed *b, const char *addr)
{
	const struct neigh *n = entry(b, addr);

	return n != NULL ? (enum nud_state)n->nud.state : NUD_FREE;
}

/*
 * Solicitations.
 */
struct ns_row {
	bool router;
	const char *src, *dst, *target, *opts; /* opts: 8 octets, or NULL */
	const char *from, *to;		       /* of the answer; from NULL: silence */
	uint8_t flags;			       /* NUD_NA_* */
	enum nud_state after;		       /* the entry of src then */
};

#define S NUD_NA_SOLICITED
#define O NUD_NA_OVERRIDE
#define R NUD_NA_ROUTER

/* clang-format off */
static const struct ns_row ns_rows[] = {
	/* 7.2.4: solicited, override; the answer is a packet, so the entry is in use: DELAY */
	{ false, PEER, GROUP, OURS, SLLA, OURS, PEER, S | O, NUD_DELAY },
	{ false, PEER, OURS, OURS, SLLA, OURS, PEER, S | O, NUD_DELAY },
	{ false, PEER_LL, GROUP, OURS, SLLA, OURS, PEER_LL, S | O, NUD_DELAY },
	{ false, PEER_LL, GROUP_LL, OUR_LL, SLLA, OUR_LL, PEER_LL, S | O, NUD_DELAY },
	{ false, PEER, "ff02::1", OURS, SLLA, OURS, PEER, S | O, NUD_DELAY },
	{ true, PEER, GROUP, OURS, SLLA, OURS, PEER, R | S | O, NUD_DELAY },
	/* from nobody: to all, not solicited; nothing is learned */
	{ false, "::", GROUP, OURS, NULL, OURS, "ff02::1", O, NUD_FREE },
	{ true, "::", GROUP, OURS, NULL, OURS, "ff02::1", R | O, NUD_FREE },
	/* 7.2.7: anycast does not override */
	{ true, PEER, GROUP_LL, OUR_ANYCAST, SLLA, OUR_LL, PEER, R | S, NUD_DELAY },
	{ false, PEER, GROUP_LL, OUR_ANYCAST, SLLA, NULL, NULL, 0, NUD_FREE },
	/* 7.2.3: for others, in silence; and nothing is learned from it */
	{ false, PEER, GROUP, "2001:db8::100:1", SLLA, NULL, NULL, 0, NUD_FREE },
	{ true, PEER, "ff02::1", "2001:db8::5", SLLA, NULL, NULL, 0, NUD_FREE },
	{ false, PEER, OURS, PEER, SLLA, NULL, NULL, 0, NUD_FREE },
	/* 7.1.1: invalid ones */
	{ false, "::", OURS, OURS, NULL, NULL, NULL, 0, NUD_FREE },
	{ false, "::", GROUP, OURS, SLLA, NULL, NULL, 0, NUD_FREE },
	{ false, PEER, GROUP, "ff02::1", SLLA, NULL, NULL, 0, NUD_FREE },
};
/* clang-format on */

static void begin(struct bed *b, bool router)
{
	bed_init(b, 1);
	if (router)
		bed_router(b, 1);
	bed_addr(b, 0, OURS "/64");
	bed_quiet(b);
}

static void ns_one(const struct ns_row *r)
{
	struct ip6_addr target = bed_addr_of(r->target);
	const uint8_t *m;
	size_t octets;
	struct bed b;

	begin(&b, r->router);
	bed_rx(&b, 0,
	       bed_ns(&b, ND_NS, 0, r->src, r->dst, r->target, r->opts, r->opts != NULL ? 8 : 0));
	if (strcmp(r->target, OUR_ANYCAST) == 0) { /* MAX_ANYCAST_DELAY_TIME */
		assert_true(bed_silent(&b));
		bed_run(&b, b.now + NS_PER_S);
	}
	if (r->from != NULL) {
		m = bed_tx_msg(&b, r->from, r->to, ND_NA, 0, &octets);
		assert_int_equal(bed_msg_pkt(&b)->p[IP6_HLIM_OFF], 255);
		assert_int_equal(octets, 32);
		assert_int_equal(m[4], r->flags);
		assert_memory_equal(m + 8, target.b, IP6_ADDR_OCTETS);
		assert_memory_equal(m + 24, "\2\1\2\0\0\0\0\0", 8);
		if (r->opts != NULL)
			assert_memory_equal(bed_tx_eth(bed_msg_pkt(&b)), PEER_MAC, 6);
	}
	assert_true(bed_silent(&b));
	if (r->src[0] != ':')
		assert_int_equal(state_of(&b, r->src), r->after);
	if (r->after != NUD_FREE)
		assert_false(entry(&b, r->src)->is_router);
	bed_done(&b);
}

static void test_solicited(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ns_rows); i++) {
		bed_row(i, ARRAY_LEN(ns_rows));
		ns_one(&ns_rows[i]);
	}
	bed_row(1, 1);
}

/*
 * RFC 9131 section 6.1.1, in place of the beginning of RFC 4861 section 7.2.5: an advertisement about
 * somebody unknown is nothing to a host; to a router it is, if it says where.
 */
static void test_unasked(void **state)
{
	static const struct {
		bool router;
		const char *target;
		uint8_t flags;
		const char *opts;
		enum nud_state after;
		bool is_router;
	} rows[] = {
		{ false, PEER, 0, TLLA, NUD_FREE, false },
		{ false, PEER, S | O, TLLA, NUD_FREE, false },
		{ true, PEER, 0, TLLA, NUD_STALE, false },
		{ true, PEER, S | O, TLLA, NUD_STALE, false },
		{ true, PEER, R | O, TLLA, NUD_STALE, true },
		{ true, "2001:db8::77", O, TLLA, NUD_STALE, false },
		{ true, PEER, O, NULL, NUD_FREE, false },
		{ true, PEER, S | O, NULL, NUD_FREE, false },
		{ true, "::", O, TLLA, NUD_FREE, false },
		{ true, "::1", O, TLLA, NUD_FREE, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		begin(&b, rows[i].router);
		bed_mark(&b);
		bed_rx(&b, 0,
		       bed_ns(&b, ND_NA, rows[i].flags, PEER, OUR_LL, rows[i].target, rows[i].opts,
			      rows[i].opts != NULL ? 8 : 0));
		bed_dropped_only(&b, rows[i].after == NUD_FREE ? DROP_ND_NO_ENTRY : DROP_ND_DONE,
				 1);
		assert_true(bed_silent(&b));
		assert_int_equal(state_of(&b, rows[i].target), rows[i].after);
		if (rows[i].after != NUD_FREE)
			assert_int_equal(entry(&b, rows[i].target)->is_router, rows[i].is_router);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* Without a link-layer address in it, the answer waits for one: 7.2.4, 7.2.2. */
static void test_answer_waits(void **state)
{
	struct bed b;
	time_ns t0;

	(void)state;
	begin(&b, false);
	t0 = b.now;
	bed_rx(&b, 0, bed_ns(&b, ND_NS, 0, PEER, GROUP, OURS, NULL, 0));
	bed_tx_msg(&b, OURS, "ff02::1:ff00:100", ND_NS, 0, NULL);
	bed_silent_until(&b, t0 + 300 * NS_PER_MS);
	bed_rx(&b, 0, bed_ns(&b, ND_NA, S | O, PEER, OURS, PEER, TLLA, 8));
	bed_tx_msg(&b, OURS, PEER, ND_NA, 0, NULL);
	assert_int_equal(state_of(&b, PEER), NUD_REACHABLE);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/*
 * RFC 4861 section 7.3.3 on the wire. Times from the first row; at each time the table says what
 * is sent then and nothing is sent in between.
 */
enum stimulus { TIMER, RX_NS, RX_NA, RX_NA_UNASKED, RX_RA, APP_SENDS };
enum on_wire { TX_NOTHING, TX_NA, TX_DATA, TX_NS, TX_NS_MCAST };

struct step {
	uint32_t ms;
	enum stimulus stimulus;
	enum on_wire tx;
	enum nud_state after;
};

/* A silent neighbour gets three unicast probes a second apart, then goes. */
/* clang-format off */
static const struct step probe_gives_up[] = {
	/*  ms   stimulus    on the wire  state after */
	{    0,  RX_RA,      TX_NOTHING,  NUD_STALE },
	{  100,  APP_SENDS,  TX_DATA,     NUD_DELAY },
	{ 5099,  TIMER,      TX_NOTHING,  NUD_DELAY },	/* DELAY_FIRST_PROBE_TIME */
	{ 5100,  TIMER,      TX_NS,       NUD_PROBE },
	{ 6099,  TIMER,      TX_NOTHING,  NUD_PROBE },	/* RETRANS_TIMER */
	{ 6100,  TIMER,      TX_NS,       NUD_PROBE },
	{ 6500,  APP_SENDS,  TX_DATA,     NUD_PROBE },	/* packets still go */
	{ 7100,  TIMER,      TX_NS,       NUD_PROBE },	/* MAX_UNICAST_SOLICIT */
	{ 8099,  TIMER,      TX_NOTHING,  NUD_PROBE },
	{ 8100,  TIMER,      TX_NOTHING,  NUD_FREE },
	{ 9000,  APP_SENDS,  TX_NS_MCAST, NUD_INCOMPLETE },
};
/* clang-format on */

/* Our answer to a solicitation is a packet, too: it is what makes the entry DELAY. */
/* clang-format off */
static const struct step probe_after_answer[] = {
	{    0,  RX_NS,      TX_NA,       NUD_DELAY },
	{ 4999,  TIMER,      TX_NOTHING,  NUD_DELAY },
	{ 5000,  TIMER,      TX_NS,       NUD_PROBE },
	{ 6000,  TIMER,      TX_NS,       NUD_PROBE },
	{ 7000,  TIMER,      TX_NS,       NUD_PROBE },
	{ 8000,  TIMER,      TX_NOTHING,  NUD_FREE },
};
/* clang-format on */

/* An answer ends it, for ReachableTime: the bed sets 20 s. */
/* clang-format off */
static const struct step probe_is_answered[] = {
	{     0, RX_RA,      TX_NOTHING,  NUD_STALE },
	{   100, APP_SENDS,  TX_DATA,     NUD_DELAY },
	{  5100, TIMER,      TX_NS,       NUD_PROBE },
	{  5500, RX_NA,      TX_NOTHING,  NUD_REACHABLE },
	{ 25499, TIMER,      TX_NOTHING,  NUD_REACHABLE },
	{ 25500, TIMER,      TX_NOTHING,  NUD_STALE },
	{ 99000, TIMER,      TX_NOTHING,  NUD_STALE },	/* nothing without traffic */
	{ 99000, APP_SENDS,  TX_DATA,     NUD_DELAY },
	{ 99500, RX_NA,      TX_NOTHING,  NUD_REACHABLE },
};
/* clang-format on */

/* What was not asked for confirms nothing: 7.2.5, 7.3.1. */
/* clang-format off */
static const struct step unasked_confirms_nothing[] = {
	{    0,  RX_RA,      TX_NOTHING,  NUD_STALE },
	{   10,  RX_NA_UNASKED, TX_NOTHING, NUD_STALE },
	{  100,  APP_SENDS,  TX_DATA,     NUD_DELAY },
	{  200,  RX_NA_UNASKED, TX_NOTHING, NUD_DELAY },
	{ 5100,  TIMER,      TX_NS,       NUD_PROBE },
	{ 5200,  RX_NA_UNASKED, TX_NOTHING, NUD_PROBE },
	{ 6100,  TIMER,      TX_NS,       NUD_PROBE },
};
/* clang-format on */

/* RFC 7048 section 3: kept, solicited by multicast ever more rarely, while there is traffic. */
/* clang-format off */
static const struct step backs_off[] = {
	{     0, RX_RA,      TX_NOTHING,  NUD_STALE },
	{   100, APP_SENDS,  TX_DATA,     NUD_DELAY },
	{  5100, TIMER,      TX_NS,       NUD_PROBE },
	{  6100, TIMER,      TX_NS,       NUD_PROBE },
	{  7100, TIMER,      TX_NS,       NUD_PROBE },
	{  8099, TIMER,      TX_NOTHING,  NUD_PROBE },
	{  8100, TIMER,      TX_NS_MCAST, NUD_UNREACHABLE },
	{  9000, APP_SENDS,  TX_DATA,     NUD_UNREACHABLE },
	{ 11099, TIMER,      TX_NOTHING,  NUD_UNREACHABLE },
	{ 11100, TIMER,      TX_NS_MCAST, NUD_UNREACHABLE },	/* 3 s */
	{ 12000, APP_SENDS,  TX_DATA,     NUD_UNREACHABLE },
	{ 20099, TIMER,      TX_NOTHING,  NUD_UNREACHABLE },
	{ 20100, TIMER,      TX_NS_MCAST, NUD_UNREACHABLE },	/* 9 s */
	{ 90000, TIMER,      TX_NOTHING,  NUD_UNREACHABLE },	/* nobody sends: it rests */
	{ 91000, RX_NA,      TX_NOTHING,  NUD_REACHABLE },
};
/* clang-format on */

static void stimulate(struct bed *b, enum stimulus s)
{
	switch (s) {
	case TIMER:
		return;
	case RX_NS:
		bed_rx(b, 0, bed_ns(b, ND_NS, 0, PEER_LL, GROUP, OURS, SLLA, 8));
		return;
	case RX_NA:
		bed_rx(b, 0, bed_ns(b, ND_NA, S | R, PEER_LL, OURS, PEER_LL, TLLA, 8));
		return;
	case RX_NA_UNASKED:
		bed_rx(b, 0, bed_ns(b, ND_NA, O | R, PEER_LL, "ff02::1", PEER_LL, TLLA, 8));
		return;
	case RX_RA:
		bed_rx(b, 0,
		       bed_ra(b, PEER_LL,
			      &(struct nd_msg){ .opts = { .has = ND_HAS_SLLA,
							  .slla = { { 2, 0, 0, 0, 1, 0 } } } }));
		return;
	case APP_SENDS:
		bed_send(b, bed_packet(b, OUR_LL, PEER_LL, UNKNOWN, 64, "x", 1), 0);
		return;
	}
}

static void expect_tx(struct bed *b, enum on_wire tx)
{
	const struct pkt *pkt;

	switch (tx) {
	case TX_NOTHING:
		break;
	case TX_NA:
		bed_tx_msg(b, OURS, PEER_LL, ND_NA, 0, NULL);
		break;
	case TX_DATA:
		pkt = bed_tx(b, NULL, NULL);
		assert_non_null(pkt);
		assert_int_equal(pkt->p[IP6_NEXT_OFF], UNKNOWN);
		assert_memory_equal(bed_tx_eth(pkt), PEER_MAC, ETH_MAC_OCTETS);
		break;
	case TX_NS:
		bed_tx_msg(b, OUR_LL, PEER_LL, ND_NS, 0, NULL);
		assert_memory_equal(bed_tx_eth(bed_msg_pkt(b)), PEER_MAC, ETH_MAC_OCTETS);
		break;
	case TX_NS_MCAST:
		bed_tx_msg(b, OUR_LL, "ff02::1:ff00:100", ND_NS, 0, NULL);
		break;
	}
	assert_true(bed_silent(b));
}

static void run_steps(const struct step *steps, size_t n, uint8_t backoff)
{
	struct bed b;
	time_ns t0;

	begin(&b, false);
	bed_if(&b, 0)->neigh->nud.backoff = backoff;
	bed_if(&b, 0)->neigh->nud.reachable = 20 * NS_PER_S;
	t0 = b.now;
	for (size_t i = 0; i < n; i++) {
		time_ns when = t0 + steps[i].ms * NS_PER_MS;

		bed_row(i, n);
		if (when > b.now)
			bed_silent_until(&b, when - 1);
		bed_run(&b, when);
		stimulate(&b, steps[i].stimulus);
		expect_tx(&b, steps[i].tx);
		assert_int_equal(state_of(&b, PEER_LL), steps[i].after);
	}
	bed_row(1, 1);
	bed_done(&b);
}

#define STEPS(table, backoff)                                                                      \
	static void test_##table(void **state)                                                     \
	{                                                                                          \
		(void)state;                                                                       \
		run_steps(table, ARRAY_LEN(table), backoff);                                       \
	}

STEPS(probe_gives_up, 0)
STEPS(probe_after_answer, 0)
STEPS(probe_is_answered, 0)
STEPS(unasked_confirms_nothing, 0)
STEPS(backs_off, NUD_BACKOFF_MULTIPLE)

/*
 * Section 7.2.2: whom a solicitation comes from, by what waits.
 */
static void test_ns_source(void **state)
{
	/* clang-format off */
	static const struct {
		const char *src, *dst, *from;
	} rows[] = {
		{ OURS, PEER, OURS },
		{ "2001:db8::2", PEER, "2001:db8::2" },
		{ OUR_LL, PEER, OUR_LL },
		{ "2001:db8:9::9", PEER, OUR_LL },	/* none of ours: forwarded, say */
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		begin(&b, false);
		bed_addr(&b, 0, "2001:db8::2/64");
		bed_quiet(&b);
		bed_send(&b, bed_packet(&b, rows[i].src, rows[i].dst, UNKNOWN, 64, "x", 1), 0);
		bed_tx_msg(&b, rows[i].from, "ff02::1:ff00:100", ND_NS, 0, NULL);
		assert_true(bed_silent(&b));
		bed_done(&b);
	}
	bed_row(1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_solicited),
		cmocka_unit_test(test_answer_waits),
		cmocka_unit_test(test_unasked),
		BED_ROWS(test_probe_gives_up),
		BED_ROWS(test_probe_after_answer),
		BED_ROWS(test_probe_is_answered),
		BED_ROWS(test_unasked_confirms_nothing),
		BED_ROWS(test_backs_off),
		BED_ROWS(test_ns_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
