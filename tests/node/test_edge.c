/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A router at a customer's edge: RFC 7084 sections 4.1 to 4.3, RFC 9096 sections 3.4 and 3.5. Link 0 is
 * the LAN, link 1 the WAN with a router that is the way out.
 */
#include "nd_pkt.h"

#include <stdio.h>

#define OUR_LL	 "fe80::ff:fe00:0"
#define WAN_LL	 "fe80::ff:fe00:1"
#define ISP	 "fe80::200"
#define ISP_MAC	 "02:00:00:00:02:00"
#define HOST	 "2001:db8:1::100"
#define FAR	 "2001:db8:ffff::1"
#define DAY	 86400
#define S	 NS_PER_S
#define OLD	 "2001:db8:1::"
#define NEW	 "2001:db8:2::"
#define SAID_MAX 16

struct bench {
	struct bed b;
	struct nd_adv adv;
};

static void put(struct nd_adv *adv, const char *prefix, uint32_t valid_s, uint32_t preferred_s)
{
	adv->prefix[adv->n_prefixes++] = (struct nd_adv_prefix){ .prefix = bed_addr_of(prefix),
								 .len = 64,
								 .on_link = true,
								 .autonomous = true,
								 .valid_s = valid_s,
								 .preferred_s = preferred_s };
}

static void set(struct bench *x)
{
	assert_int_equal(nd_set_adv(&x->b.node->nd, bed_if(&x->b, 0), &x->adv), 0);
	bed_run(&x->b, x->b.now);
}

static struct route way_out(struct bench *x, unsigned link)
{
	return (struct route){
		.table = FIB_TABLE_MAIN,
		.via = { .gateway = bed_addr_of(ISP), .ifindex = x->b.ifindex[link], .metric = 1 },
		.expires = TIME_NEVER
	};
}

static void add_default(struct bench *x, unsigned link)
{
	struct route r = way_out(x, link);

	assert_int_equal(fib_add(x->b.node->ip6.fib, &r), 0);
	bed_run(&x->b, x->b.now);
}

static void del_default(struct bench *x, unsigned link)
{
	struct route r = way_out(x, link);

	assert_int_equal(fib_del(x->b.node->ip6.fib, &r), 0);
	bed_run(&x->b, x->b.now);
}

/* An edge router with a prefix on its LAN, silent since long ago. */
static void begin(struct bench *x)
{
	x->adv = ND_ADV_EDGE;
	x->adv.send = true;
	put(&x->adv, OLD, 30 * DAY, 7 * DAY);
	bed_init(&x->b, 2);
	bed_router(&x->b, 2);
	bed_addr(&x->b, 0, "2001:db8:1::1/64");
	bed_addr(&x->b, 0, "2001:db8:2::1/64");
	bed_neigh(&x->b, 1, ISP, ISP_MAC);
	add_default(x, 1);
	set(x);
	bed_quiet(&x->b);
}

/* The next advertisement on the LAN, no later than @until; its time, or 0. */
static time_ns next_ra(struct bench *x, time_ns until, struct nd_msg *ret)
{
	struct ip6_addr src = bed_addr_of(OUR_LL), dst = bed_addr_of("ff02::1");
	const struct pkt *pkt;
	const uint8_t *m = bed_tx_icmp6(&x->b, ND_RA, &pkt);

	while (m == NULL && node_next(x->b.node) <= until) {
		bed_run(&x->b, MAX(x->b.now, node_next(x->b.node)));
		m = bed_tx_icmp6(&x->b, ND_RA, &pkt);
	}
	if (m == NULL) {
		bed_run(&x->b, until);
		return 0;
	}
	assert_int_equal(nd_parse(rd_of(m, pkt->len - IP6_HDR_OCTETS), &src, &dst, 255, ret),
			 DROP_NONE);
	return bed_msg_when(&x->b);
}

static const struct nd_prefix *said(const struct nd_msg *m, const char *prefix)
{
	struct ip6_addr p = bed_addr_of(prefix);

	for (unsigned i = 0; i < m->opts.n_prefixes; i++)
		if (ip6_eq(&m->opts.prefix[i].prefix, &p))
			return &m->opts.prefix[i];
	return NULL;
}

static void is_withdrawn(const struct nd_msg *m, const char *prefix, bool on_link, bool autonomous)
{
	const struct nd_prefix *p = said(m, prefix);

	assert_non_null(p);
	assert_int_equal(p->valid_s, 0);
	assert_int_equal(p->preferred_s, 0);
	assert_int_equal(p->on_link, on_link);
	assert_int_equal(p->autonomous, autonomous);
}

/* RFC 9096 section 3.4: lifetimes are capped, and run down below the caps. */
static void test_lifetimes(void **state)
{
	struct dname domain;
	struct ip6_addr dns = bed_addr_of("2001:db8:1::53");
	struct bench x;
	struct nd_msg m;
	time_ns t;

	(void)state;
	begin(&x);
	assert_int_equal(dname_parse("example.com", &domain), 0);
	assert_int_equal(nd_adv_add_rdnss(&x.adv, &dns, ND_INFINITY), 0);
	assert_int_equal(nd_adv_add_dnssl(&x.adv, &domain, 100000), 0);
	put(&x.adv, NEW, ND_INFINITY, 1000);
	x.adv.route[x.adv.n_routes++] = (struct nd_adv_route){ .prefix = bed_addr_of("2001:db8::"),
							       .len = 48,
							       .pref = ND_PREF_HIGH,
							       .lifetime_s = ND_INFINITY };
	set(&x);
	t = x.b.now;
	assert_int_equal(next_ra(&x, t, &m), t);
	assert_int_equal(m.ra.lifetime_s, 2700);
	assert_int_equal(said(&m, OLD)->valid_s, 5400);
	assert_int_equal(said(&m, OLD)->preferred_s, 2700);
	assert_int_equal(said(&m, NEW)->valid_s, 5400);
	assert_int_equal(said(&m, NEW)->preferred_s, 1000);
	assert_int_equal(m.opts.rdnss[0].lifetime_s, 5400);
	assert_int_equal(m.opts.dnssl[0].lifetime_s, 5400);
	assert_int_equal(m.opts.n_routes, 1); /* RFC 7084 L-3 */
	assert_int_equal(m.opts.route[0].len, 48);
	assert_int_equal(m.opts.route[0].pref, ND_PREF_HIGH);
	assert_int_equal(m.opts.route[0].lifetime_s, 5400);
	/* L-15: what is delegated for less is advertised for less, in real time */
	x.adv.n_prefixes = 0;
	put(&x.adv, OLD, 3600, 1800);
	x.adv.prefix[0].decrement = true;
	set(&x);
	assert_int_equal(next_ra(&x, t + 100 * S, &m), t + 3 * S);
	assert_int_equal(said(&m, OLD)->valid_s, 3597);
	assert_int_equal(said(&m, OLD)->preferred_s, 1797);
	assert_int_equal(m.opts.rdnss[0].lifetime_s, 3597);
	assert_int_equal(m.opts.dnssl[0].lifetime_s, 3597);
	assert_int_equal(m.opts.route[0].lifetime_s, 3597);
	bed_done(&x.b);
}

/* Without the rules nothing of this is done. */
static void test_no_edge(void **state)
{
	struct bench x;
	struct nd_msg m;

	(void)state;
	begin(&x);
	del_default(&x, 1);
	bed_quiet(&x.b);
	x.adv.edge = false;
	set(&x);
	assert_int_equal(next_ra(&x, x.b.now, &m), x.b.now);
	assert_int_equal(m.ra.lifetime_s, 2700);
	assert_int_equal(said(&m, OLD)->valid_s, 30 * DAY);
	x.adv.n_prefixes = 0;
	set(&x);
	assert_true(next_ra(&x, x.b.now + 10 * S, &m) != 0);
	assert_int_equal(m.opts.n_prefixes, 0);
	assert_int_equal(m.ra.lifetime_s, 2700);
	bed_done(&x.b);
}

/* RFC 7084 G-4 and G-5: a default router only with a way out; its loss is told at once. */
static void test_default(void **state)
{
	struct bench x;
	struct nd_msg m;
	time_ns t;

	(void)state;
	begin(&x);
	t = x.b.now;
	del_default(&x, 1);
	assert_int_equal(next_ra(&x, t, &m), t);
	assert_int_equal(m.ra.lifetime_s, 0);
	assert_int_equal(said(&m, OLD)->valid_s, 5400); /* L-3: the prefix is as it was */
	assert_int_equal(next_ra(&x, t + 100 * S, &m), t + 16 * S);
	assert_int_equal(m.ra.lifetime_s, 0);
	/* a route by the LAN itself is no way out for the LAN */
	add_default(&x, 0);
	assert_int_equal(next_ra(&x, t + 100 * S, &m), t + 32 * S);
	assert_int_equal(m.ra.lifetime_s, 0);
	bed_run(&x.b, t + 40 * S);
	add_default(&x, 1);
	assert_int_equal(next_ra(&x, t + 40 * S, &m), t + 40 * S);
	assert_int_equal(m.ra.lifetime_s, 2700);
	/* the WAN goes; no sooner than MIN_DELAY_BETWEEN_RAS after the last */
	assert_int_equal(node_if_set(x.b.node, x.b.ifindex[1], false, x.b.now), 0);
	assert_int_equal(next_ra(&x, t + 50 * S, &m), t + 43 * S);
	assert_int_equal(m.ra.lifetime_s, 0);
	bed_done(&x.b);
}

/* A route to somewhere is none to ::/0, and one that forbids is no way out. */
static void test_no_default(void **state)
{
	struct bench x;
	struct nd_msg m;
	time_ns t;

	(void)state;
	begin(&x);
	bed_route(&x.b, 1, "2000::/3", ISP);
	bed_route(&x.b, 1, "::/96", ISP);
	bed_quiet(&x.b);
	t = x.b.now;
	del_default(&x, 1);
	assert_int_equal(next_ra(&x, t, &m), t);
	assert_int_equal(m.ra.lifetime_s, 0);
	bed_quiet(&x.b);
	t = x.b.now;
	bed_route_type(&x.b, "::/0", ROUTE_BLACKHOLE);
	bed_run(&x.b, t);
	assert_int_equal(next_ra(&x, t, &m), 0);
	bed_done(&x.b);
}

/* L-4: nor without a prefix that lives. */
static void test_no_prefix(void **state)
{
	struct bench x;
	struct nd_msg m;

	(void)state;
	begin(&x);
	x.adv.n_prefixes = 0;
	set(&x);
	assert_int_equal(next_ra(&x, x.b.now, &m), x.b.now);
	assert_int_equal(m.ra.lifetime_s, 0);
	bed_done(&x.b);
}

/*
 * RFC 9096 section 3.5: what was advertised is withdrawn at once, with its flags, for as long as its
 * valid lifetime was; the new one is there. Then it is told of no more.
 */
static void test_withdrawn(void **state)
{
	struct nd_msg m;
	struct bench x;
	time_ns t, at;
	unsigned n = 0;

	(void)state;
	begin(&x);
	x.adv.prefix[0].on_link = false;
	set(&x);
	bed_quiet(&x.b);
	t = x.b.now;
	x.adv.n_prefixes = 0;
	put(&x.adv, NEW, 30 * DAY, 7 * DAY);
	set(&x);
	while ((at = next_ra(&x, t + 5400 * S - 1, &m)) != 0) {
		assert_true(n++ > 0 || at == t);
		assert_int_equal(m.opts.n_prefixes, 2);
		is_withdrawn(&m, OLD, false, true);
		assert_int_equal(said(&m, NEW)->valid_s, 5400);
		assert_int_equal(m.ra.lifetime_s, 2700);
	}
	assert_true(n >= 3 + 8); /* no more than ten minutes apart */
	assert_true(next_ra(&x, t + 6001 * S, &m) != 0);
	assert_null(said(&m, OLD));
	assert_int_equal(m.opts.n_prefixes, 1);
	assert_int_equal(bed_if(&x.b, 0)->n_refused, 0);
	bed_done(&x.b);
}

/* It is withdrawn no more when it is back; a lifetime of zero withdraws it, too. */
static void test_back(void **state)
{
	struct nd_msg m;
	struct bench x;

	(void)state;
	begin(&x);
	x.adv.prefix[0].valid_s = x.adv.prefix[0].preferred_s = 0;
	set(&x);
	assert_int_equal(next_ra(&x, x.b.now, &m), x.b.now);
	assert_int_equal(m.opts.n_prefixes, 1);
	is_withdrawn(&m, OLD, true, true);
	bed_quiet(&x.b);
	x.adv.n_prefixes = 0; /* section 3.5, third point: for as long all the same */
	set(&x);
	assert_int_equal(next_ra(&x, x.b.now, &m), x.b.now);
	is_withdrawn(&m, OLD, true, true);
	bed_quiet(&x.b);
	put(&x.adv, OLD, 30 * DAY, 7 * DAY);
	set(&x);
	assert_int_equal(next_ra(&x, x.b.now, &m), x.b.now);
	assert_int_equal(m.opts.n_prefixes, 1);
	assert_int_equal(said(&m, OLD)->valid_s, 5400);
	bed_done(&x.b);
}

/* What it advertised before the rules were on counts with the lifetime that it had. */
static void test_long_ago(void **state)
{
	struct nd_msg m;
	struct bench x;
	time_ns t;

	(void)state;
	begin(&x);
	x.adv.edge = false;
	set(&x);
	bed_quiet(&x.b);
	t = x.b.now;
	x.adv.edge = true;
	x.adv.n_prefixes = 0;
	put(&x.adv, NEW, 30 * DAY, 7 * DAY);
	set(&x);
	for (time_ns at = t; at < t + (time_ns)(29 * DAY) * S; at = x.b.now) {
		bed_forget(&x.b);
		bed_run(&x.b, at + (time_ns)DAY * S);
	}
	bed_forget(&x.b);
	assert_true(next_ra(&x, TIME_NEVER - 1, &m) != 0);
	is_withdrawn(&m, OLD, true, true);
	bed_done(&x.b);
}

/* After a start: what was kept is withdrawn, unless it is advertised. */
static void test_start(void **state)
{
	struct nd_adv_prefix was = { .prefix = bed_addr_of("2001:db8:3::"),
				     .len = 64,
				     .autonomous = true,
				     .valid_s = 5400 };
	struct nd_msg m;
	struct bench x;
	struct nd *nd;

	(void)state;
	begin(&x);
	nd = &x.b.node->nd;
	assert_int_equal(nd_adv_was(nd, bed_if(&x.b, 1), &was), -EINVAL);
	assert_int_equal(nd_adv_was(nd, bed_if(&x.b, 0), &was), 0);
	assert_int_equal(nd_adv_was(nd, bed_if(&x.b, 0), &x.adv.prefix[0]), 0);
	was.len = 129;
	assert_int_equal(nd_adv_was(nd, bed_if(&x.b, 0), &was), -EINVAL);
	bed_run(&x.b, x.b.now);
	assert_int_equal(next_ra(&x, x.b.now, &m), x.b.now);
	assert_int_equal(m.opts.n_prefixes, 2);
	is_withdrawn(&m, "2001:db8:3::", false, true);
	assert_int_equal(said(&m, OLD)->valid_s, 5400);
	was.len = 64;
	was.valid_s = 10; /* what was said before counts, too */
	assert_int_equal(nd_adv_was(nd, bed_if(&x.b, 0), &was), 0);
	bed_run(&x.b, x.b.now + 100 * S);
	bed_forget(&x.b);
	assert_true(next_ra(&x, TIME_NEVER - 1, &m) != 0);
	is_withdrawn(&m, "2001:db8:3::", false, true);
	bed_done(&x.b);
}

/* Sixteen are remembered; where there is no room for all they take turns. */
static void test_many(void **state)
{
	bool seen[SAID_MAX + 4] = { false };
	char text[IP6_TEXT_MAX];
	struct nd_msg m;
	struct bench x;
	unsigned n = 0;

	(void)state;
	begin(&x);
	for (unsigned i = 0; i < ND_STALE_MAX + 4; i++) {
		x.adv.n_prefixes = 0;
		snprintf(text, sizeof(text), "2001:db8:10%02x::", i);
		put(&x.adv, text, 30 * DAY, 7 * DAY);
		set(&x);
		bed_run(&x.b, x.b.now + 4 * S);
	}
	for (unsigned i = x.adv.n_prefixes; i < 8; i++) {
		snprintf(text, sizeof(text), "2001:db8:20%02x::", i);
		put(&x.adv, text, 30 * DAY, 7 * DAY);
	}
	bed_forget(&x.b);
	set(&x);
	for (unsigned k = 0; k < 3; k++) {
		assert_true(next_ra(&x, x.b.now + 20 * S, &m) != 0);
		assert_int_equal(m.opts.n_prefixes, ND_PREFIXES_MAX);
		for (unsigned i = 0; i < ND_STALE_MAX + 4; i++) {
			snprintf(text, sizeof(text), "2001:db8:10%02x::", i);
			if (said(&m, text) != NULL && said(&m, text)->valid_s == 0)
				seen[i] = true;
		}
	}
	for (unsigned i = 0; i < ARRAY_LEN(seen); i++)
		n += seen[i];
	assert_int_equal(n, ND_STALE_MAX);
	assert_false(seen[0]); /* the oldest gave way */
	bed_done(&x.b);
}

/* RFC 7084 L-14: code 5 for who still uses it; others, and other links, are forwarded. */
static void test_refused(void **state)
{
	struct bench x;
	size_t octets;

	(void)state;
	begin(&x);
	bed_neigh(&x.b, 0, HOST, "02:00:00:00:01:00");
	bed_rx(&x.b, 0, bed_echo(&x.b, HOST, FAR, 1, 8));
	bed_tx_msg(&x.b, HOST, FAR, ICMP6_ECHO_REQUEST, 0, &octets);
	x.adv.n_prefixes = 0;
	put(&x.adv, NEW, 30 * DAY, 7 * DAY);
	set(&x);
	bed_quiet(&x.b);
	assert_int_equal(bed_rx(&x.b, 0, bed_echo(&x.b, HOST, FAR, 2, 8)),
			 DROP_IP6_SRC_INVALIDATED);
	bed_tx_msg(&x.b, NULL, HOST, ICMP6_UNREACH, ICMP6_UNREACH_POLICY, &octets);
	bed_rx(&x.b, 0, bed_echo(&x.b, "2001:db8:2::100", FAR, 3, 8));
	bed_tx_msg(&x.b, "2001:db8:2::100", FAR, ICMP6_ECHO_REQUEST, 0, &octets);
	bed_rx(&x.b, 0, bed_echo(&x.b, HOST, "2001:db8:1::1", 4, 8)); /* ours: not forwarded */
	bed_tx_msg(&x.b, "2001:db8:1::1", HOST, ICMP6_ECHO_REPLY, 0, &octets);
	x.adv.n_prefixes = 0;
	put(&x.adv, OLD, 30 * DAY, 7 * DAY);
	set(&x);
	bed_quiet(&x.b);
	bed_rx(&x.b, 0, bed_echo(&x.b, HOST, FAR, 5, 8));
	bed_tx_msg(&x.b, HOST, FAR, ICMP6_ECHO_REQUEST, 0, &octets);
	bed_done(&x.b);
}

/*
 * RFC 7084 W-1 to W-3: on the WAN it asks, numbers itself and takes a default router, and forwards all
 * the same; RFC 4291 section 2.6.1: it has the anycast address of what it numbered itself of.
 */
static void test_wan(void **state)
{
	struct nd_msg ra = { .type = ND_RA,
			     .ra = { .lifetime_s = 1800 },
			     .opts = { .has = ND_HAS_SLLA, .slla = bed_mac_of(ISP_MAC) } };
	struct nd_msg m;
	struct bench x;
	time_ns t;

	(void)state;
	begin(&x);
	del_default(&x, 1);
	bed_quiet(&x.b);
	bed_if(&x.b, 1)->conf.max_rtr_solicitations = 3; /* the bed has none */
	nd_set_accept_ra(&x.b.node->nd, bed_if(&x.b, 1), true);
	bed_run(&x.b, x.b.now + 2 * S);
	bed_tx_msg(&x.b, WAN_LL, "ff02::2", ND_RS, 0, NULL);
	bed_quiet(&x.b);
	ra.opts.n_prefixes = 1;
	ra.opts.prefix[0] = (struct nd_prefix){ .prefix = bed_addr_of("2001:db8:ff::"),
						.len = 64,
						.on_link = true,
						.autonomous = true,
						.valid_s = DAY,
						.preferred_s = DAY };
	t = x.b.now;
	nd_rx(&x.b, 1, ISP, "ff02::1", &ra);
	assert_int_equal(bed_addr_state(&x.b, 1, "2001:db8:ff::ff:fe00:1"), ADDR_PREFERRED);
	assert_int_equal(bed_addr_state(&x.b, 1, "2001:db8:ff::"), ADDR_PREFERRED);
	bed_run(&x.b, t);
	assert_int_equal(next_ra(&x, t, &m), t); /* G-4: a default router is found */
	assert_int_equal(m.ra.lifetime_s, 2700);
	bed_run(&x.b, t + 1800 * S - 1);
	bed_forget(&x.b);
	assert_true(next_ra(&x, t + 1803 * S, &m) != 0); /* MIN_DELAY_BETWEEN_RAS */
	assert_int_equal(m.ra.lifetime_s, 0);		 /* G-5: its lifetime is over */
	assert_int_equal(node_if_set(x.b.node, x.b.ifindex[1], false, x.b.now), 0);
	assert_int_equal(bed_addr_state(&x.b, 1, "2001:db8:ff::"), -1);
	assert_int_equal(bed_if(&x.b, 1)->n_addrs, 0);
	bed_done(&x.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lifetimes), cmocka_unit_test(test_no_edge),
		cmocka_unit_test(test_default),	  cmocka_unit_test(test_no_default),
		cmocka_unit_test(test_no_prefix), cmocka_unit_test(test_withdrawn),
		cmocka_unit_test(test_back),	  cmocka_unit_test(test_long_ago),
		cmocka_unit_test(test_start),	  cmocka_unit_test(test_many),
		cmocka_unit_test(test_refused),	  cmocka_unit_test(test_wan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
