/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a router tells: RFC 4861 section 6.2. What is random is read off the wire and must be
 * within its bounds; each random course is run with several seeds of times.
 */
#include "bed.h"

#include "mld/msg.h"

#define OUR_LL	"fe80::ff:fe00:0"
#define PEER_LL "fe80::100"
#define S	NS_PER_S

static struct nd_adv usual(void)
{
	struct nd_adv adv = ND_ADV_DEFAULT;

	adv.send = true;
	return adv;
}

/* An advertising router; nothing of it has been taken yet. */
static void begin(struct bed *b, const struct nd_adv *adv)
{
	bed_init(b, 1);
	bed_router(b, 1);
	bed_quiet(b);
	assert_int_equal(nd_set_adv(&b->node->nd, bed_if(b, 0), adv), 0);
}

/* Take the next advertisement, which comes by @until. Return: when it was sent, or 0. */
static time_ns next_ra(struct bed *b, time_ns until, struct nd_msg *ret)
{
	struct ip6_addr src = bed_addr_of(OUR_LL), dst = bed_addr_of("ff02::1");
	size_t octets;
	const uint8_t *m;

	bed_run(b, b->now);
	while (bed_silent(b)) {
		if (node_next(b->node) > until) {
			bed_run(b, until);
			return 0;
		}
		bed_run(b, MAX(b->now, node_next(b->node)));
	}
	m = bed_tx_msg(b, OUR_LL, "ff02::1", ND_RA, 0, &octets);
	assert_int_equal(bed_msg_pkt(b)->p[IP6_HLIM_OFF], 255);
	if (ret != NULL)
		assert_int_equal(nd_parse(rd_of(m, octets), &src, &dst, 255, ret), DROP_NONE);
	return bed_msg_when(b);
}

static time_ns must_ra(struct bed *b)
{
	time_ns t = next_ra(b, TIME_NEVER - 1, NULL);

	assert_true(t != 0);
	return t;
}

/*
 * Section 6.2.1: bounds of the variables.
 */
static void test_bounds(void **state)
{
	/* clang-format off */
	static const struct {
		time_ns min, max;
		uint16_t lifetime_s;
		uint32_t reachable_ms, mtu;
		bool ok;
	} rows[] = {
		{ 200 * S, 600 * S, 1800, 0, 0, true },
		{ 3 * S, 4 * S, 4, 0, 0, true },
		{ 3 * S, 4 * S - 1, 1800, 0, 0, false },	/* no less than 4 s */
		{ 200 * S, 1800 * S, 1800, 0, 0, true },
		{ 200 * S, 1801 * S, 9000, 0, 0, false },	/* no more than 1,800 s */
		{ 3 * S - 1, 600 * S, 1800, 0, 0, false },	/* no less than 3 s */
		{ 450 * S, 600 * S, 1800, 0, 0, true },
		{ 451 * S, 600 * S, 1800, 0, 0, false },	/* no more than 0.75 of the other */
		{ 200 * S, 600 * S, 0, 0, 0, true },
		{ 200 * S, 600 * S, 599, 0, 0, false },
		{ 200 * S, 600 * S, 600, 0, 0, true },
		{ 200 * S, 600 * S, 9000, 0, 0, true },
		{ 200 * S, 600 * S, 9001, 0, 0, false },
		{ 200 * S, 600 * S, 1800, 3600000, 0, true },
		{ 200 * S, 600 * S, 1800, 3600001, 0, false },
		{ 200 * S, 600 * S, 1800, 0, 1279, false },
		{ 200 * S, 600 * S, 1800, 0, 1280, true },
	};
	/* clang-format on */
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	bed_router(&b, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nd_adv adv = usual();

		bed_row(i, ARRAY_LEN(rows));
		adv.interval_min = rows[i].min;
		adv.interval_max = rows[i].max;
		adv.default_lifetime_s = rows[i].lifetime_s;
		adv.reachable_ms = rows[i].reachable_ms;
		adv.link_mtu = rows[i].mtu;
		assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv),
				 rows[i].ok ? 0 : -EINVAL);
	}
	bed_row(1, 1);
	bed_done(&b);
}

/* Section 6.2.3: all that is configured is said. */
static void test_content(void **state)
{
	struct nd_adv adv = usual();
	struct nd_msg m;
	struct bed b;

	(void)state;
	adv.managed = true;
	adv.other_config = true;
	adv.cur_hop_limit = 99;
	adv.pref = ND_PREF_HIGH;
	adv.reachable_ms = 12345;
	adv.retrans_ms = 678;
	adv.link_mtu = 1400;
	adv.n_prefixes = 2;
	adv.prefix[0] = (struct nd_adv_prefix){
		bed_addr_of("2001:db8:1::"), 64, true, false, 2592000, 604800, false, false
	};
	adv.prefix[1] = (struct nd_adv_prefix){
		bed_addr_of("2001:db8:2::"), 56, false, true, ND_INFINITY, ND_INFINITY, false, false
	};
	begin(&b, &adv);
	assert_int_equal(next_ra(&b, b.now, &m), b.now); /* the first, at once */
	assert_true(m.ra.managed && m.ra.other);
	assert_int_equal(m.ra.hop_limit, 99);
	assert_int_equal(m.ra.pref, ND_PREF_HIGH);
	assert_int_equal(m.ra.lifetime_s, 1800);
	assert_int_equal(m.ra.reachable, 12345 * NS_PER_MS);
	assert_int_equal(m.ra.retrans, 678 * NS_PER_MS);
	assert_int_equal(m.opts.has, ND_HAS_SLLA | ND_HAS_MTU);
	assert_memory_equal(m.opts.slla.b, b.mac[0].b, ETH_MAC_OCTETS);
	assert_int_equal(m.opts.mtu, 1400);
	assert_int_equal(m.opts.n_prefixes, 2);
	for (unsigned i = 0; i < 2; i++) {
		const struct nd_adv_prefix *want = &adv.prefix[i];
		const struct nd_prefix *p = &m.opts.prefix[i];

		assert_memory_equal(p->prefix.b, want->prefix.b, IP6_ADDR_OCTETS);
		assert_int_equal(p->len, want->len);
		assert_int_equal(p->on_link, want->on_link);
		assert_int_equal(p->autonomous, want->autonomous);
		assert_int_equal(p->valid_s, want->valid_s);
		assert_int_equal(p->preferred_s, want->preferred_s);
	}
	bed_done(&b);
}

/*
 * Section 6.2.4: uniform between the two intervals; the first three no more than 16 s apart.
 */
static void test_intervals(void **state)
{
	time_ns min = 200 * S, max = 600 * S, least = TIME_NEVER, most = 0, last, t;
	struct nd_adv adv = usual();
	struct bed b;

	(void)state;
	begin(&b, &adv);
	last = must_ra(&b);
	for (unsigned i = 1; i < 3; i++) {
		t = must_ra(&b);
		assert_int_equal(t - last, 16 * S); /* as 200 s and more would be later */
		last = t;
	}
	for (unsigned i = 0; i < 500; i++) {
		t = must_ra(&b);
		assert_true(t - last >= min && t - last <= max);
		least = MIN(least, t - last);
		most = MAX(most, t - last);
		last = t;
		bed_forget(&b);
	}
	assert_true(least < min + 10 * S && most > max - 10 * S);
	bed_done(&b);
}

/* With short intervals the first three are not made longer. */
static void test_short_intervals(void **state)
{
	struct nd_adv adv = usual();
	time_ns last, t;
	struct bed b;

	(void)state;
	adv.interval_min = 3 * S;
	adv.interval_max = 4 * S;
	begin(&b, &adv);
	last = must_ra(&b);
	for (unsigned i = 1; i < 100; i++) {
		t = must_ra(&b);
		assert_true(t - last >= 3 * S && t - last <= 4 * S);
		last = t;
	}
	bed_done(&b);
}

static void solicit(struct bed *b, const char *src)
{
	uint8_t m[16] = { ND_RS };

	memcpy(m + 8, "\1\1\2\0\0\0\1\0", 8);
	bed_rx(b, 0, bed_icmp6(b, src, "ff02::2", 255, m, src[0] == ':' ? 8 : 16));
}

/*
 * Section 6.2.6: solicited ones, by multicast, 0 to 0.5 s later, or, within three seconds of the
 * last one, that much after those three seconds. Row: when it is solicited after the last one.
 */
static void test_solicited(void **state)
{
	/* clang-format off */
	static const struct {
		time_ns after, base;
	} rows[] = {
		{ 0, 3 * S },	       { 1, 3 * S },	     { S, 3 * S },
		{ 3 * S - 1, 3 * S },  { 3 * S, 3 * S },     { 3 * S + 1, 3 * S + 1 },
		{ 10 * S, 10 * S },    { 100 * S, 100 * S },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nd_adv adv = usual();
		time_ns last, t, low = TIME_NEVER, high = 0;
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		begin(&b, &adv);
		for (unsigned k = 0; k < 3; k++)
			must_ra(&b);
		for (unsigned k = 0; k < 100; k++) {
			last = bed_msg_when(&b);
			if (rows[i].after != 0)
				assert_int_equal(next_ra(&b, last + rows[i].after, NULL), 0);
			solicit(&b, k % 2 != 0 ? PEER_LL : "::");
			t = must_ra(&b);
			assert_true(t >= last + rows[i].base && t < last + rows[i].base + S / 2);
			low = MIN(low, t - last);
			high = MAX(high, t - last);
			assert_true(bed_silent(&b));
		}
		assert_true(low < rows[i].base + S / 20 && high > rows[i].base + S / 2 - S / 20);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* One answer for all who ask, counted from the first; and none that delays what is due anyway. */
static void test_solicited_often(void **state)
{
	struct nd_adv adv = usual();
	time_ns last, t, first, due;
	struct bed b;

	(void)state;
	begin(&b, &adv);
	for (unsigned k = 0; k < 3; k++)
		must_ra(&b);
	last = bed_msg_when(&b);
	assert_int_equal(next_ra(&b, last + 50 * S, NULL), 0);
	first = b.now;
	do {
		due = nd_if(bed_if(&b, 0))->ra.when;
		solicit(&b, PEER_LL);
		assert_true(nd_if(bed_if(&b, 0))->ra.when <= due);
		t = next_ra(&b, b.now + 10 * NS_PER_MS, NULL);
	} while (t == 0);
	assert_true(t < first + S / 2);
	/* the timer was set anew: the next unsolicited one is an interval later */
	last = t;
	t = must_ra(&b);
	assert_true(t - last >= 200 * S && t - last <= 600 * S);
	bed_done(&b);
}

/* Section 6.2.6: what a router learns of who asks; a host discards. */
static void test_solicitor(void **state)
{
	struct ip6_addr peer = bed_addr_of(PEER_LL);
	struct nd_adv adv = usual();
	const struct neigh *n;
	struct bed b;

	(void)state;
	begin(&b, &adv);
	must_ra(&b);
	solicit(&b, "::");
	assert_null(neigh_iter(&b.node->ip6.neigh, NULL));
	solicit(&b, PEER_LL);
	n = neigh_find(&b.node->ip6.neigh, &bed_if(&b, 0)->link, &peer);
	assert_non_null(n);
	assert_int_equal(n->nud.state, NUD_STALE);
	assert_false(n->is_router);
	/* it had said that it is a router */
	bed_rx(&b, 0,
	       bed_ns(&b, ND_NA, NUD_NA_ROUTER | NUD_NA_OVERRIDE, PEER_LL, "ff02::1", PEER_LL,
		      "\2\1\2\0\0\0\1\0", 8));
	assert_true(n->is_router);
	solicit(&b, PEER_LL);
	assert_false(n->is_router);
	bed_done(&b);
}

/*
 * Section 6.2.5: an end of advertising is said with a lifetime of 0; three times if there is time for
 * it, MIN_DELAY_BETWEEN_RAS apart.
 */
enum end { END_SHUTDOWN, END_ADV, END_FORWARDING, END_FAREWELL };

static void test_final(void **state)
{
	(void)state;
	for (unsigned end = END_SHUTDOWN; end <= END_FAREWELL; end++) {
		struct nd_adv adv = usual();
		struct nd_msg m;
		struct bed b;
		time_ns t;

		bed_row(end, 4);
		adv.pref = ND_PREF_HIGH;
		begin(&b, &adv);
		must_ra(&b);
		assert_int_equal(next_ra(&b, b.now + 10 * S, NULL), 0);
		t = b.now;
		bed_if(&b, 0)->conf.max_rtr_solicitations = 0;
		switch ((enum end)end) {
		case END_SHUTDOWN:
			node_shutdown(b.node, t);
			break;
		case END_ADV:
			adv.send = false;
			assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
			break;
		case END_FORWARDING:
			nd_set_forwarding(&b.node->nd, bed_if(&b, 0), false);
			break;
		case END_FAREWELL:
			assert_int_equal(node_if_farewell(b.node, b.ifindex[0], t), 0);
			break;
		}
		assert_int_equal(next_ra(&b, t, &m), t);
		assert_int_equal(m.ra.lifetime_s, 0);
		assert_int_equal(m.ra.pref, ND_PREF_MEDIUM); /* RFC 4191 section 2.2 */
		for (unsigned i = 1; i < 3 && end == END_ADV; i++) {
			assert_int_equal(next_ra(&b, t + 10 * S, &m), t + i * 3 * S);
			assert_int_equal(m.ra.lifetime_s, 0);
		}
		bed_run(&b, t + 60 * S); /* MLD says which groups are left */
		assert_null(bed_tx_icmp6(&b, ND_RA, NULL));
		solicit(&b, PEER_LL);
		bed_silent_until(&b, t + 10000 * S);
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* Who ceases right after an advertisement waits; who goes on instead is not held to have ceased. */
static void test_cease(void **state)
{
	struct nd_adv adv = usual(), off = usual();
	struct nd_msg m;
	struct bed b;
	time_ns t;

	(void)state;
	off.send = false;
	off.cur_hop_limit = 1;
	begin(&b, &adv);
	t = must_ra(&b);
	assert_int_equal(next_ra(&b, t + S, NULL), 0);
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &off), 0);
	assert_int_equal(next_ra(&b, TIME_NEVER - 1, &m), t + 3 * S);
	assert_int_equal(m.ra.lifetime_s, 0);
	assert_int_equal(m.ra.hop_limit, 64); /* it ceases, and nothing else */
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	assert_int_equal(next_ra(&b, TIME_NEVER - 1, &m), t + 6 * S);
	assert_int_equal(m.ra.lifetime_s, 1800);
	assert_int_equal(next_ra(&b, TIME_NEVER - 1, &m), t + 22 * S);
	assert_int_equal(m.ra.lifetime_s, 1800);
	/* and while it ceases the link goes */
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &off), 0);
	assert_int_equal(node_if_set(b.node, b.ifindex[0], false, b.now), 0);
	bed_silent_until(&b, b.now + 60 * S);
	bed_done(&b);
}

/* Is the next packet an MLD report that @group is listened to no more, among others? */
static bool told_left(struct bed *b, const char *group)
{
	struct ip6_addr g = bed_addr_of(group);
	const struct pkt *pkt = bed_tx(b, NULL, NULL);
	const uint8_t *m;

	if (pkt == NULL || pkt->p[IP6_NEXT_OFF] != IP6_NH_HBH)
		return false;
	m = pkt->p + IP6_HDR_OCTETS + 8;
	if (m[0] != MLD_TYPE_V2_REPORT)
		return false;
	for (unsigned i = 0; i < get_be16(m + 6); i++)
		if (m[8 + 20 * i] == MLD_TO_IN &&
		    memcmp(m + 12 + 20 * i, g.b, IP6_ADDR_OCTETS) == 0)
			return true;
	return false;
}

/* What is said before an interface is taken down; it advertises again when it is up again. */
static void test_farewell(void **state)
{
	struct nd_adv adv = usual();
	struct bed b;
	time_ns t;

	(void)state;
	begin(&b, &adv);
	must_ra(&b);
	assert_int_equal(next_ra(&b, b.now + 10 * S, NULL), 0);
	t = b.now;
	assert_int_equal(node_if_farewell(b.node, 1, t), -ENODEV); /* loopback */
	assert_int_equal(node_if_farewell(b.node, b.ifindex[0], t), 0);
	bed_run(&b, t);
	bed_tx_msg(&b, OUR_LL, "ff02::1", ND_RA, 0, NULL);
	assert_true(told_left(&b, "ff02::2"));
	assert_true(bed_silent(&b));
	solicit(&b, PEER_LL);
	bed_silent_until(&b, t + 5 * S);
	assert_int_equal(node_if_set(b.node, b.ifindex[0], false, b.now), 0);
	assert_int_equal(node_if_farewell(b.node, b.ifindex[0], b.now), 0);
	bed_silent_until(&b, t + 60 * S);
	assert_int_equal(node_if_set(b.node, b.ifindex[0], true, b.now), 0);
	bed_run(&b, b.now + 10 * S);
	assert_non_null(bed_tx_icmp6(&b, ND_RA, NULL));
	bed_done(&b);
}

/* Section 6.2.4, last paragraph: a change is told, but MIN_DELAY_BETWEEN_RAS after the last. */
static void test_change(void **state)
{
	struct nd_adv adv = usual();
	struct nd_msg m;
	time_ns last;
	struct bed b;

	(void)state;
	begin(&b, &adv);
	last = must_ra(&b);
	assert_int_equal(next_ra(&b, last + S, NULL), 0);
	adv.cur_hop_limit = 33;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	assert_int_equal(next_ra(&b, last + 10 * S, &m), last + 3 * S);
	assert_int_equal(m.ra.hop_limit, 33);
	assert_int_equal(next_ra(&b, last + 100 * S, NULL), last + 19 * S); /* three of them */
	assert_int_equal(next_ra(&b, last + 100 * S, NULL), last + 35 * S);
	assert_int_equal(next_ra(&b, last + 200 * S, NULL), 0);
	adv.cur_hop_limit = 34;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	assert_int_equal(next_ra(&b, b.now, &m), b.now);
	assert_int_equal(m.ra.hop_limit, 34);
	bed_done(&b);
}

/* AdvSendAdvertisements is FALSE unless set, and a host does not advertise. */
static void test_silent(void **state)
{
	struct nd_adv adv = usual();
	struct bed b;

	(void)state;
	bed_init(&b, 1);
	bed_router(&b, 1);
	bed_quiet(&b);
	solicit(&b, PEER_LL);
	bed_silent_until(&b, b.now + 10000 * S);
	bed_done(&b);

	bed_init(&b, 1);
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	solicit(&b, PEER_LL);
	bed_silent_until(&b, b.now + 10000 * S);
	bed_done(&b);
}

/* What it advertises it uses, and no longer when it ceases; so 2.2.13 and 2.2.15 of v6LC want it. */
static void test_own_variables(void **state)
{
	struct nd_adv adv = usual();
	struct if_conf *cf;
	struct bed b;

	(void)state;
	adv.cur_hop_limit = 15;
	adv.reachable_ms = 10000;
	adv.retrans_ms = 2000;
	adv.link_mtu = 1400;
	begin(&b, &adv);
	cf = &bed_if(&b, 0)->conf;
	assert_int_equal(cf->cur_hop_limit, 15);
	assert_int_equal(cf->base_reachable, 10 * S);
	assert_int_equal(cf->retrans, 2 * S);
	assert_int_equal(cf->link_mtu, 1400);
	adv = usual(); /* zero says nothing */
	adv.cur_hop_limit = 0;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	assert_int_equal(cf->cur_hop_limit, 64);
	assert_int_equal(cf->base_reachable, 30 * S);
	adv.cur_hop_limit = 15;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	assert_int_equal(cf->cur_hop_limit, 15);
	adv.send = false;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	assert_int_equal(cf->cur_hop_limit, 64);
	bed_done(&b);
}

/* Section 6.2.1: lifetimes that decrement in real time, down to zero. */
static void test_decrement(void **state)
{
	struct nd_adv adv = usual();
	struct nd_msg m;
	time_ns t0;
	struct bed b;

	(void)state;
	adv.interval_min = 3 * S;
	adv.interval_max = 4 * S;
	adv.n_prefixes = 2;
	adv.prefix[0] = (struct nd_adv_prefix){
		bed_addr_of("2001:db8:1::"), 64, true, true, 20, 10, true, false
	};
	adv.prefix[1] = (struct nd_adv_prefix){
		bed_addr_of("2001:db8:2::"), 64, true, true, ND_INFINITY, 10, false, false
	};
	begin(&b, &adv);
	t0 = b.now;
	for (unsigned i = 0; i < 10; i++) {
		unsigned gone = (unsigned)((next_ra(&b, TIME_NEVER - 1, &m) - t0) / S);

		assert_int_equal(m.opts.prefix[0].valid_s, gone < 20 ? 20 - gone : 0);
		assert_int_equal(m.opts.prefix[0].preferred_s, gone < 10 ? 10 - gone : 0);
		assert_int_equal(m.opts.prefix[1].valid_s, ND_INFINITY);
		assert_int_equal(m.opts.prefix[1].preferred_s, 10);
	}
	assert_int_equal(m.opts.prefix[0].valid_s, 0);
	bed_done(&b);
}

/* RFC 6275 sections 7.1 to 7.4. */
static void test_home_agent(void **state)
{
	struct ip6_addr own = bed_addr_of("2001:db8:1::5");
	struct nd_adv adv = usual();
	struct nd_msg m;
	struct bed b;

	(void)state;
	adv.home_agent = adv.adv_interval = true;
	adv.n_prefixes = 1;
	adv.prefix[0] = (struct nd_adv_prefix){ own, 64, true, true, 100, 100, false, true };
	begin(&b, &adv);
	(void)next_ra(&b, b.now, &m);
	assert_true(m.ra.home_agent);
	assert_int_equal(m.opts.has, ND_HAS_SLLA | ND_HAS_ADV_INTERVAL);
	assert_int_equal(m.opts.adv_interval, 600 * S);
	assert_true(m.opts.prefix[0].router_addr);
	assert_memory_equal(m.opts.prefix[0].router.b, own.b, 16);
	adv.ha_preference = 7;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	(void)next_ra(&b, TIME_NEVER - 1, &m);
	assert_int_equal(m.opts.ha_preference, 7);
	assert_int_equal(m.opts.ha_lifetime_s, 1800);
	adv.default_lifetime_s = 0; /* a lifetime of 0 MUST NOT be sent */
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	(void)next_ra(&b, TIME_NEVER - 1, &m);
	assert_int_equal(m.opts.has & ND_HAS_HOME_AGENT, 0);
	adv.ha_lifetime_s = 99;
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	(void)next_ra(&b, TIME_NEVER - 1, &m);
	assert_int_equal(m.opts.ha_lifetime_s, 99);
	adv.home_agent = false; /* nor the option without H */
	assert_int_equal(nd_set_adv(&b.node->nd, bed_if(&b, 0), &adv), 0);
	(void)next_ra(&b, TIME_NEVER - 1, &m);
	assert_false(m.ra.home_agent);
	assert_int_equal(m.opts.has & ND_HAS_HOME_AGENT, 0);
	bed_done(&b);
}

/* Section 6.2.7: what contradicts us is counted and told; what says nothing, or as much, is not. */
static void test_consistency(void **state)
{
	/* clang-format off */
	static const struct {
		struct nd_ra ra;
		uint32_t mtu, valid_s, preferred_s;
		uint32_t want;
	} rows[] = {
		{ { .hop_limit = 64 }, 1400, 2592000, 604800, 0 },
		{ { .hop_limit = 0, .lifetime_s = 5 }, 0, 2592000, 604800, 0 },
		{ { .hop_limit = 63 }, 0, 2592000, 604800, ND_CONFLICT_HOP_LIMIT },
		{ { .managed = true }, 0, 2592000, 604800, ND_CONFLICT_MANAGED },
		{ { .other = true }, 0, 2592000, 604800, ND_CONFLICT_OTHER },
		{ { .reachable = 10 * S }, 0, 2592000, 604800, ND_CONFLICT_REACHABLE },
		{ { .retrans = S }, 0, 2592000, 604800, ND_CONFLICT_RETRANS },
		{ { .reachable = 20 * S, .retrans = 2 * S }, 0, 2592000, 604800, 0 },
		{ { .hop_limit = 0 }, 1500, 2592000, 604800, ND_CONFLICT_MTU },
		{ { .hop_limit = 0 }, 0, 2592000, 604739, ND_CONFLICT_LIFETIME },
		{ { .hop_limit = 0 }, 0, 2592000, 604740, 0 },
		{ { .hop_limit = 0 }, 0, 2592061, 604800, ND_CONFLICT_LIFETIME },
		{ { .hop_limit = 1, .managed = true }, 0, 2592000, 604800,
		  ND_CONFLICT_HOP_LIMIT | ND_CONFLICT_MANAGED },
	};
	/* clang-format on */
	struct nd_adv adv = usual();

	(void)state;
	adv.reachable_ms = 20000;
	adv.retrans_ms = 2000;
	adv.link_mtu = 1400;
	adv.n_prefixes = 1;
	adv.prefix[0] = (struct nd_adv_prefix){
		bed_addr_of("2001:db8:1::"), 64, true, true, 2592000, 604800, false, false
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nd_msg m = { .ra = rows[i].ra, .opts = { .n_prefixes = 2 } };
		const struct nd_if *ni;
		struct bed b;

		bed_row(i, ARRAY_LEN(rows));
		begin(&b, &adv);
		ni = nd_if(bed_if(&b, 0));
		if (rows[i].mtu != 0) {
			m.opts.has = ND_HAS_MTU;
			m.opts.mtu = rows[i].mtu;
		}
		m.opts.prefix[0] = (struct nd_prefix){ .prefix = bed_addr_of("2001:db8:1::"),
						       .len = 64,
						       .valid_s = rows[i].valid_s,
						       .preferred_s = rows[i].preferred_s };
		/* other prefixes are no error */
		m.opts.prefix[1] = (struct nd_prefix){ .prefix = bed_addr_of("2001:db8:2::"),
						       .len = 64,
						       .valid_s = 1 };
		assert_int_equal(bed_rx(&b, 0, bed_ra(&b, PEER_LL, &m)), DROP_ND_NOT_HOST);
		assert_int_equal(ni->conflict, rows[i].want);
		assert_int_equal(ni->conflicts, rows[i].want != 0);
		assert_int_equal(bed_if(&b, 0)->conf.cur_hop_limit, 64); /* no other action */
		bed_done(&b);
	}
	bed_row(1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_bounds),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_short_intervals),
		BED_ROWS(test_solicited),
		cmocka_unit_test(test_solicited_often),
		cmocka_unit_test(test_solicitor),
		BED_ROWS(test_final),
		cmocka_unit_test(test_cease),
		cmocka_unit_test(test_farewell),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_own_variables),
		cmocka_unit_test(test_decrement),
		cmocka_unit_test(test_home_agent),
		BED_ROWS(test_consistency),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
