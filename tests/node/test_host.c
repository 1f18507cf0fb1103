/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a host learns from routers: RFC 4861 section 6.3.4 bullet by bullet, how it asks for them
 * (section 6.3.7, RFC 7559), how it chooses (section 6.3.6, RFC 4191), and redirects (section 8).
 */
#include "bed.h"

#define OURS	"2001:db8::1"
#define OUR_LL	"fe80::ff:fe00:0"
#define R1	"fe80::101"
#define R2	"fe80::102"
#define R1_MAC	"\2\0\0\0\1\1"
#define R2_MAC	"\2\0\0\0\1\2"
#define FAR	"2001:db8:77::1"
#define UNKNOWN 253
#define MAC(n)                                                                                     \
	{                                                                                          \
		{                                                                                  \
			2, 0, 0, 0, 1, n                                                           \
		}                                                                                  \
	}

static void begin(struct bed *b)
{
	bed_init(b, 1);
	bed_addr(b, 0, OURS "/64");
	bed_quiet(b);
}

/* The routers' link-layer addresses are known for good: no probing in between. */
static void know_routers(struct bed *b)
{
	bed_neigh(b, 0, R1, "02:00:00:00:01:01");
	bed_neigh(b, 0, R2, "02:00:00:00:01:02");
}

/* An advertisement of R1 or R2 with its link-layer address. */
static void ra(struct bed *b, unsigned router, const struct nd_msg *m)
{
	struct nd_msg msg = *m;

	msg.opts.has |= ND_HAS_SLLA;
	msg.opts.slla = (struct mac)MAC((uint8_t)router);
	assert_int_equal(bed_rx(b, 0, bed_ra(b, router == 1 ? R1 : R2, &msg)), DROP_NONE);
}

static void lifetime(struct bed *b, unsigned router, uint16_t s, int8_t pref)
{
	ra(b, router, &(struct nd_msg){ .ra = { .lifetime_s = s, .pref = pref } });
}

/* Where a packet to @dst goes now: 1, 2: that router; 0: to @dst itself; -1: nowhere. */
static int goes_to(struct bed *b, const char *dst)
{
	const struct pkt *pkt;
	struct pkt *p = bed_packet(b, OURS, dst, UNKNOWN, 64, "x", 1);
	const uint8_t *eth;

	bed_forget(b);
	bed_mark(b);
	bed_send(b, p, 0);
	pkt = bed_tx(b, NULL, NULL);
	if (pkt == NULL) {
		bed_dropped_only(b, DROP_IP6_NO_ROUTE, 1);
		return -1;
	}
	if (pkt->p[IP6_NEXT_OFF] == IP6_NH_ICMP6) { /* looks for it on the link */
		struct ip6_addr d = bed_addr_of(dst);

		assert_memory_equal(pkt->p + IP6_HDR_OCTETS + 8, d.b, IP6_ADDR_OCTETS);
		return 0;
	}
	eth = bed_tx_eth(pkt);
	return memcmp(eth, R1_MAC, 6) == 0 ? 1 : memcmp(eth, R2_MAC, 6) == 0 ? 2 : 0;
}

/*
 * Section 6.3.4: parameters. 0 says nothing; what is out of bounds is ignored.
 */
static void test_parameters(void **state)
{
	/* clang-format off */
	static const struct {
		uint8_t hop_limit;
		uint32_t reachable_ms, retrans_ms, mtu;
		uint8_t want_hop_limit;
		uint32_t want_reachable_ms, want_retrans_ms, want_mtu;
	} rows[] = {
		{ 0, 0, 0, 0, 64, 30000, 1000, 1500 },
		{ 32, 0, 0, 0, 32, 30000, 1000, 1500 },
		{ 255, 0, 0, 0, 255, 30000, 1000, 1500 },
		{ 0, 10000, 0, 0, 64, 10000, 1000, 1500 },
		{ 0, 0, 250, 0, 64, 30000, 250, 1500 },
		{ 0, 0, 0, 1500, 64, 30000, 1000, 1500 },
		{ 0, 0, 0, 1400, 64, 30000, 1000, 1400 },
		{ 0, 0, 0, 1280, 64, 30000, 1000, 1280 },
		{ 0, 0, 0, 1279, 64, 30000, 1000, 1500 },
		{ 0, 0, 0, 1501, 64, 30000, 1000, 1500 },
		{ 0, 0, 0, 9000, 64, 30000, 1000, 1500 },
		{ 1, 1, 1, 1281, 1, 1, 1, 1281 },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nd_msg m = { .ra = { .hop_limit = rows[i].hop_limit,
					    .reachable = rows[i].reachable_ms * NS_PER_MS,
					    .retrans = rows[i].retrans_ms * NS_PER_MS } };
		time_ns base = rows[i].want_reachable_ms * NS_PER_MS;
		struct if_conf *cf;
		struct neigh_if *nif;
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		begin(&b);
		cf = &bed_if(&b, 0)->conf;
		nif = bed_if(&b, 0)->neigh;
		if (rows[i].mtu != 0) {
			m.opts.has = ND_HAS_MTU;
			m.opts.mtu = rows[i].mtu;
		}
		ra(&b, 1, &m);
		for (unsigned again = 0; again < 2; again++) {
			assert_int_equal(cf->cur_hop_limit, rows[i].want_hop_limit);
			assert_int_equal(cf->base_reachable, base);
			assert_true(nif->nud.reachable >= base / 2);
			assert_true(nif->nud.reachable <= base / 2 * 3);
			assert_int_equal(cf->retrans, rows[i].want_retrans_ms * NS_PER_MS);
			assert_int_equal(nif->nud.retrans, cf->retrans);
			assert_int_equal(cf->link_mtu, rows[i].want_mtu);
			lifetime(&b, 1, 1800, 0); /* says nothing about them: they stay */
		}
		bed_send(&b, bed_packet(&b, OURS, FAR, UNKNOWN, 0, "x", 1), 0);
		assert_int_equal(bed_tx(&b, NULL, NULL)->p[IP6_HLIM_OFF], rows[i].want_hop_limit);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* Section 6.3.4: ReachableTime is drawn again every few hours at least (section 6.3.2). */
static void test_redraw(void **state)
{
	time_ns drawn;
	struct bed b;

	(void)state;
	begin(&b);
	drawn = bed_if(&b, 0)->neigh->nud.reachable;
	bed_silent_until(&b, b.now + 7200 * NS_PER_S);
	assert_int_not_equal(bed_if(&b, 0)->neigh->nud.reachable, drawn);
	bed_done(&b);
}

/*
 * Section 6.3.4, 6.3.5: the default router list. Each row: what comes when, and who is used then.
 */
#define EITHER (-2)

struct router_row {
	uint32_t s;
	unsigned router; /* advertises; 0: nobody */
	uint16_t lifetime_s;
	int8_t pref;
	int used; /* goes_to(FAR) */
};

/* clang-format off */
static const struct router_row comes_and_goes[] = {
	{ 0, 0, 0, 0, -1 },
	{ 1, 1, 0, 0, -1 },		/* lifetime 0: no default router */
	{ 10, 1, 100, 0, 1 },
	{ 109, 0, 0, 0, 1 },
	{ 110, 0, 0, 0, -1 },		/* its time is over */
	{ 200, 1, 100, 0, 1 },
	{ 250, 1, 100, 0, 1 },		/* and is renewed */
	{ 349, 0, 0, 0, 1 },
	{ 350, 0, 0, 0, -1 },
	{ 400, 1, 9000, 0, 1 },
	{ 410, 1, 0, 0, -1 },		/* 0: immediately */
	{ 420, 1, 65535, 0, 1 },	/* RFC 8319: more than 9,000 seconds are taken */
	{ 65954, 0, 0, 0, 1 },
	{ 65955, 0, 0, 0, -1 },
};
/* clang-format on */

/* RFC 4191 section 3.2. */
/* clang-format off */
static const struct router_row preferences[] = {
	{ 0, 1, 1000, 0, 1 },
	{ 1, 2, 1000, 1, 2 },		/* high before medium */
	{ 2, 1, 1000, 1, EITHER },	/* equals */
	{ 3, 2, 1000, -1, 1 },
	{ 4, 1, 1000, -1, EITHER },
	{ 5, 1, 1000, 0, 1 },
	{ 6, 1, 0, 0, 2 },		/* low is better than nobody */
	{ 7, 2, 0, 0, -1 },
};
/* clang-format on */

static void run_routers(const struct router_row *r, size_t n)
{
	struct bed b;
	time_ns t0;

	begin(&b);
	know_routers(&b);
	t0 = b.now;
	for (size_t i = 0; i < n; i++) {
		int to;

		bed_row(i, n);
		bed_run(&b, t0 + r[i].s * NS_PER_S - (r[i].router == 0 && r[i].used > 0));
		if (r[i].router != 0)
			lifetime(&b, r[i].router, r[i].lifetime_s, r[i].pref);
		to = goes_to(&b, FAR);
		if (r[i].used == EITHER)
			assert_true(to == 1 || to == 2);
		else
			assert_int_equal(to, r[i].used);
	}
	bed_row(1, 1);
	bed_done(&b);
}

static void test_comes_and_goes(void **state)
{
	(void)state;
	run_routers(comes_and_goes, ARRAY_LEN(comes_and_goes));
}

static void test_preferences(void **state)
{
	(void)state;
	run_routers(preferences, ARRAY_LEN(preferences));
}

/* Section 6.3.4: the neighbour entry of the router: STALE, IsRouter. */
static void test_router_entry(void **state)
{
	struct ip6_addr r1 = bed_addr_of(R1);
	const struct neigh *n;
	struct bed b;

	(void)state;
	begin(&b);
	bed_rx(&b, 0, bed_ra(&b, R1, &(struct nd_msg){ .ra = { .lifetime_s = 100 } }));
	assert_null(neigh_find(&b.node->ip6.neigh, &bed_if(&b, 0)->link, &r1));
	lifetime(&b, 1, 100, 0);
	n = neigh_find(&b.node->ip6.neigh, &bed_if(&b, 0)->link, &r1);
	assert_non_null(n);
	assert_int_equal(n->nud.state, NUD_STALE);
	assert_true(n->is_router);
	/* 7.2.5: it says that it is none any more, so it is no default router (6.3.5) */
	bed_rx(&b, 0, bed_ns(&b, ND_NA, NUD_NA_OVERRIDE, R1, "ff02::1", R1, "\2\1" R1_MAC, 8));
	assert_false(n->is_router);
	assert_int_equal(goes_to(&b, FAR), -1);
	bed_done(&b);
}

/* Section 6.3.6: a router that does not answer is not used while another may. */
static void test_router_fails(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	lifetime(&b, 1, 9000, 0);
	lifetime(&b, 2, 9000, -1);
	assert_int_equal(goes_to(&b, FAR), 1);
	bed_run(&b, b.now + 8 * NS_PER_S - 1);
	assert_int_equal(goes_to(&b, FAR), 1);
	bed_run(&b, b.now + 1); /* delay 5 s, three probes */
	assert_int_equal(goes_to(&b, FAR), 2);
	bed_rx(&b, 0,
	       bed_ns(&b, ND_NA, NUD_NA_SOLICITED | NUD_NA_ROUTER, R1, OURS, R1, "\2\1" R1_MAC, 8));
	assert_int_equal(goes_to(&b, FAR), 1);
	bed_done(&b);
}

/*
 * Section 6.3.4: prefixes that are on link, or not. Where a packet goes while R1 is there.
 */
static void prefix(struct bed *b, const char *addr, uint8_t len, bool on_link, uint32_t valid_s)
{
	struct nd_msg m = { .ra = { .lifetime_s = 9000 }, .opts = { .n_prefixes = 1 } };
	struct ip6_addr a = bed_addr_of(addr);

	m.opts.prefix[0] = (struct nd_prefix){
		.prefix = ip6_prefix(&a, len), .len = len, .on_link = on_link, .valid_s = valid_s
	};
	ra(b, 1, &m);
}

static void test_on_link(void **state)
{
	struct bed b;
	time_ns t0;

	(void)state;
	begin(&b);
	know_routers(&b);
	prefix(&b, FAR, 64, false, 1000); /* says nothing about being on link */
	assert_int_equal(goes_to(&b, FAR), 1);
	prefix(&b, FAR, 64, true, 0); /* never was */
	assert_int_equal(goes_to(&b, FAR), 1);
	prefix(&b, FAR, 64, true, 1000);
	t0 = b.now;
	assert_int_equal(goes_to(&b, FAR), 0);
	prefix(&b, FAR, 64, false, 1000); /* L of 0 takes nothing back */
	assert_int_equal(goes_to(&b, "2001:db8:77::2"), 0);
	bed_run(&b, t0 + 1000 * NS_PER_S - 1);
	assert_int_equal(goes_to(&b, "2001:db8:77::3"), 0);
	bed_run(&b, t0 + 1000 * NS_PER_S);
	assert_int_equal(goes_to(&b, "2001:db8:77::4"), 1);
	prefix(&b, FAR, 64, true, 1000);
	assert_int_equal(goes_to(&b, "2001:db8:77::5"), 0);
	prefix(&b, FAR, 64, true, 0); /* 0: immediately */
	assert_int_equal(goes_to(&b, "2001:db8:77::6"), 1);
	prefix(&b, FAR, 127, true, ND_INFINITY); /* any length, longest match */
	assert_int_equal(goes_to(&b, "2001:db8:77::"), 0);
	assert_int_equal(goes_to(&b, "2001:db8:77::8"), 1);
	prefix(&b, "fe80::", 64, true, 0); /* the link-local prefix is not theirs to take */
	assert_int_equal(goes_to(&b, "fe80::77"), 0);
	bed_done(&b);
}

/*
 * Soliciting: RFC 4861 section 6.3.7, RFC 7559 section 2 with RFC 3315 section 14.
 */
static time_ns until_rs(struct bed *b)
{
	size_t octets;
	const uint8_t *m;

	while (bed_tx_icmp6(b, ND_RS, NULL) == NULL)
		bed_run(b, node_next(b->node));
	b->taken--;
	m = bed_tx_msg(b, OUR_LL, "ff02::2", ND_RS, 0, &octets);
	assert_int_equal(octets, 16);
	assert_int_equal(bed_msg_pkt(b)->p[IP6_HLIM_OFF], 255);
	assert_memory_equal(m + 8, "\1\1\2\0\0\0\0\0", 8);
	return bed_msg_when(b);
}

static void test_solicits(void **state)
{
	time_ns last, prev = 4 * NS_PER_S, t, up;
	bool less = false, more = false;
	struct bed b;

	(void)state;
	bed_init_down(&b, 1);
	up = b.now;
	bed_up(&b, 0);
	last = until_rs(&b);
	/* DAD had the random delay: the address is there a second after its probe */
	assert_int_equal(bed_addr_state(&b, 0, OUR_LL), ADDR_PREFERRED);
	assert_true(last >= up + NS_PER_S && last < up + 2 * NS_PER_S);
	for (unsigned i = 0; i < 30; i++) {
		time_ns lo = i == 0 ? 36 : 19, hi = i == 0 ? 44 : 21, gap;

		bed_forget(&b);
		t = until_rs(&b);
		gap = t - last;
		if (i == 0) { /* IRT + RAND * IRT */
			assert_true(gap >= lo * NS_PER_S / 10 && gap <= hi * NS_PER_S / 10);
		} else if (gap < 3600 * NS_PER_S / 10 * 9) {
			assert_true(gap >= prev / 10 * lo && gap <= prev / 10 * hi + 10);
		} else { /* MRT + RAND * MRT, for ever: MRC and MRD are 0 */
			assert_true(gap <= 3600 * NS_PER_S / 10 * 11);
			assert_true(i > 8);
		}
		less |= i != 0 && i < 9 && gap < 2 * prev;
		more |= i != 0 && i < 9 && gap > 2 * prev;
		prev = gap;
		last = t;
	}
	assert_true(less && more); /* RAND has both signs */
	/* a router without lifetime is none: section 2.1; one with it ends it */
	bed_rx(&b, 0, bed_ra(&b, R1, &(struct nd_msg){ .ra = { .lifetime_s = 0 } }));
	bed_forget(&b);
	until_rs(&b);
	/* nor is one whose ::/0 option says otherwise: RFC 4191 section 3.1 */
	bed_rx(&b, 0,
	       bed_ra(&b, R1,
		      &(struct nd_msg){ .ra = { .lifetime_s = 9000 }, .opts = { .n_routes = 1 } }));
	bed_forget(&b);
	until_rs(&b);
	bed_rx(&b, 0, bed_ra(&b, R1, &(struct nd_msg){ .ra = { .lifetime_s = 9000 } }));
	bed_run(&b, b.now + 10000 * NS_PER_S);
	assert_null(bed_tx_icmp6(&b, ND_RS, NULL));
	bed_done(&b);
}

/* Section 6.3.7: without DAD there was no random delay yet. Who has heard asks once. */
static void test_solicits_when(void **state)
{
	time_ns up, t;
	struct bed b;

	(void)state;
	bed_init_down(&b, 1);
	bed_if(&b, 0)->conf.dad_transmits = 0;
	up = b.now;
	bed_up(&b, 0);
	t = until_rs(&b);
	assert_true(t > up && t < up + NS_PER_S);
	bed_done(&b);

	bed_init_down(&b, 1);
	bed_up(&b, 0);
	bed_rx(&b, 0, bed_ra(&b, R1, &(struct nd_msg){ .ra = { .lifetime_s = 9000 } }));
	until_rs(&b); /* "at least one", as unsolicited ones may be incomplete; no more */
	bed_run(&b, b.now + 1000 * NS_PER_S);
	assert_null(bed_tx_icmp6(&b, ND_RS, NULL));
	bed_done(&b);
}

/*
 * Redirects, sections 8.1 and 8.3. R1 is the default router. A row is a redirect of FAR unless
 * it says otherwise.
 */
struct redirect_row {
	const char *src, *target, *dest;
	uint8_t hop_limit, code;
	bool tlla;
	enum drop why;
	int then; /* goes_to(FAR) */
};

/* clang-format off */
static const struct redirect_row redirect_rows[] = {
	{ R1, R2, FAR, 255, 0, true, DROP_ND_DONE, 2 },
	{ R1, R2, FAR, 255, 0, false, DROP_ND_DONE, 2 },	/* R2 is known */
	{ R1, FAR, FAR, 255, 0, false, DROP_ND_DONE, 0 },	/* on link */
	{ R1, R2, "2001:db8:77::2", 255, 0, true, DROP_ND_DONE, 1 },
	{ R2, R2, FAR, 255, 0, true, DROP_ND_REDIRECT_ROUTER, 1 },
	{ "fe80::103", R2, FAR, 255, 0, true, DROP_ND_REDIRECT_ROUTER, 1 },
	{ "2001:db8::101", R2, FAR, 255, 0, true, DROP_ND_SRC_NOT_LL, 1 },
	{ R1, R2, FAR, 254, 0, true, DROP_ND_HOP_LIMIT, 1 },
	{ R1, R2, FAR, 255, 1, true, DROP_ND_CODE, 1 },
	{ R1, "2001:db8::102", FAR, 255, 0, true, DROP_ND_REDIRECT_TARGET, 1 },
	{ R1, R2, "ff0e::1", 255, 0, true, DROP_ND_REDIRECT_DST, 1 },
};
/* clang-format on */

static void redirect_one(const struct redirect_row *r)
{
	struct ip6_addr target = bed_addr_of(r->target), dest = bed_addr_of(r->dest);
	uint8_t m[48] = { ND_REDIRECT, r->code };
	const struct neigh *n;
	struct bed b;

	begin(&b);
	lifetime(&b, 1, 9000, 1);
	lifetime(&b, 2, 9000, 0);
	memcpy(m + 8, target.b, 16);
	memcpy(m + 24, dest.b, 16);
	memcpy(m + 40, "\2\1" R2_MAC, 8);
	bed_mark(&b);
	bed_rx(&b, 0, bed_icmp6(&b, r->src, OURS, r->hop_limit, m, r->tlla ? 48 : 40));
	bed_dropped_only(&b, r->why, 1);
	assert_int_equal(goes_to(&b, FAR), r->then);
	if (r->then == 2) { /* section 8.3: the target is a router */
		n = neigh_find(&b.node->ip6.neigh, &bed_if(&b, 0)->link, &target);
		assert_true(n != NULL && n->is_router);
		/* section 7.3.3: and when it is known to fail, it is not used any more */
		lifetime(&b, 2, 0, 0);
		assert_int_equal(goes_to(&b, FAR), 1);
	}
	bed_done(&b);
}

static void test_redirect(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(redirect_rows); i++) {
		bed_row(i, ARRAY_LEN(redirect_rows));
		redirect_one(&redirect_rows[i]);
	}
	bed_row(1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_parameters),
		cmocka_unit_test(test_redraw),
		BED_ROWS(test_comes_and_goes),
		BED_ROWS(test_preferences),
		cmocka_unit_test(test_router_entry),
		cmocka_unit_test(test_router_fails),
		cmocka_unit_test(test_on_link),
		cmocka_unit_test(test_solicits),
		cmocka_unit_test(test_solicits_when),
		BED_ROWS(test_redirect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
