/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The simulated wire: exact times of arrival, who hears what, what is lost and why, and that a
 * run is a function of its seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "link/wire.h"

#define N_PORTS 5
#define MS	NS_PER_MS

/* Destinations in tables. */
enum { TO_NOBODY = 90, TO_BROADCAST, TO_ALL_NODES, TO_GROUP_A, TO_GROUP_B };

struct lan {
	struct pkt_pool pool;
	struct wire w;
};

static struct mac mac_of(unsigned to)
{
	switch (to) {
	case TO_BROADCAST:
		return (struct mac){ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	case TO_ALL_NODES:
		return (struct mac){ { 0x33, 0x33, 0, 0, 0, 1 } };
	case TO_GROUP_A:
		return (struct mac){ { 0x33, 0x33, 0xff, 0, 0, 0xa } };
	case TO_GROUP_B:
		return (struct mac){ { 0x33, 0x33, 0xff, 0, 0, 0xb } };
	default:
		return (struct mac){ { 2, 0, 0, 0, (uint8_t)(to >> 8), (uint8_t)to } };
	}
}

static void lan_init(struct lan *l, unsigned n_ports, uint64_t seed)
{
	pkt_pool_init(&l->pool, 1u << 20, 16);
	wire_init(&l->w, &l->pool, seed, 0);
	for (unsigned i = 0; i < n_ports; i++) {
		struct mac mac = mac_of(i);

		assert_int_equal(wire_port_add(&l->w, &mac), i);
	}
}

/* Every buffer must have come home: pkt_pool_done() asserts it. */
static void lan_done(struct lan *l)
{
	wire_done(&l->w);
	pkt_pool_done(&l->pool);
}

/* A frame of @len octets whose octets behind the header are @tag. */
static struct pkt *frame(struct lan *l, unsigned from, unsigned to, uint32_t len, uint8_t tag)
{
	struct mac dst = mac_of(to), src = mac_of(from);
	struct pkt *pkt = pkt_new(&l->pool, len);

	assert_non_null(pkt);
	memset(pkt_put(pkt, len), tag, len);
	memcpy(pkt->p + ETH_DST_OFF, dst.b, sizeof(dst.b));
	memcpy(pkt->p + ETH_SRC_OFF, src.b, sizeof(src.b));
	put_be16(pkt->p + ETH_TYPE_OFF, ETH_TYPE_IP6);
	return pkt;
}

static void send_frame(struct lan *l, time_ns now, unsigned from, unsigned to, uint32_t len,
		       uint8_t tag)
{
	wire_send(&l->w, from, frame(l, from, to, len, tag), now);
}

/* The next frame arrives at @when, not a nanosecond sooner, at @port, and is the one of @tag. */
static void expect(struct lan *l, time_ns when, unsigned port, uint32_t len, uint8_t tag)
{
	unsigned at = 999;
	struct pkt *pkt;

	assert_int_equal(wire_next(&l->w), when);
	if (when > l->w.now)
		assert_null(wire_pop(&l->w, when - 1, &at));
	assert_int_equal(at, 999);
	pkt = wire_pop(&l->w, when, &at);
	assert_non_null(pkt);
	assert_int_equal(at, port);
	assert_int_equal(pkt->len, len);
	for (uint32_t i = ETH_HDR_OCTETS; i < len; i++)
		assert_int_equal(pkt->p[i], tag);
	pkt_free(pkt);
}

static void expect_silence(struct lan *l)
{
	unsigned at;

	assert_int_equal(wire_next(&l->w), TIME_NEVER);
	assert_null(wire_pop(&l->w, l->w.now + NS_PER_S, &at));
}

static void expect_drops(const struct lan *l, enum drop why, uint64_t n)
{
	for (unsigned d = 0; d < DROP_NUM; d++)
		assert_int_equal(l->w.drops[d], d == why ? n : 0);
}

/* Two frames from port 0, one from port 1, all to port 2: when each arrives. */
struct timing {
	time_ns delay;
	uint64_t rate_bps;
	struct {
		time_ns at;
		unsigned from;
		uint32_t len;
		time_ns arrives;
	} f[3];
};

/* clang-format off */
static const struct timing timings[] = {
	/* no parameters: at once, in order of sending */
	{ 0, 0,			{ { 5, 0, 100, 5 }, { 5, 0, 14, 5 }, { 5, 1, 60, 5 } } },
	/* delay alone */
	{ 10 * MS, 0,		{ { 0, 0, 100, 10 * MS }, { 1, 0, 100, 10 * MS + 1 },
				  { 1, 1, 100, 10 * MS + 1 } } },
	/* 1,250 octets at 10 Mbit/s are 1 ms; the second waits for the first, the other port does not */
	{ 0, 10000000,		{ { 0, 0, 1250, MS }, { 0, 1, 2500, 2 * MS }, { 0, 0, 1250, 2 * MS } } },
	{ 3 * MS, 10000000,	{ { 0, 0, 1250, 4 * MS }, { MS / 2, 0, 1250, 5 * MS },
				  { 9 * MS, 1, 1250, 13 * MS } } },
	/* an idle port starts afresh */
	{ 0, 10000000,		{ { 0, 0, 1250, MS }, { 5 * MS, 0, 1250, 6 * MS },
				  { 7 * MS, 0, 125, 7 * MS + MS / 10 } } },
	/* a fraction of a nanosecond is rounded up: 14 octets at 3 bit/s */
	{ 0, 3,			{ { 0, 0, 14, UINT64_C(37333333334) },
				  { 0, 1, 15, UINT64_C(40000000000) },
				  { 0, 0, 14, UINT64_C(74666666668) } } },
};
/* clang-format on */

/* Take what arrives by @until, at its exact time, and note that. */
static void note_arrivals(struct lan *l, time_ns until, time_ns arrived[3])
{
	while (wire_next(&l->w) <= until && wire_next(&l->w) != TIME_NEVER) {
		time_ns when = wire_next(&l->w);
		struct pkt *pkt;
		unsigned at;

		if (when > l->w.now)
			assert_null(wire_pop(&l->w, when - 1, &at));
		pkt = wire_pop(&l->w, when, &at);
		assert_non_null(pkt);
		assert_int_equal(at, 2);
		arrived[pkt->p[pkt->len - 1] % 3] = when;
		pkt_free(pkt);
	}
}

static void test_timing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(timings); i++) {
		const struct timing *t = &timings[i];
		time_ns arrived[3] = { TIME_NEVER, TIME_NEVER, TIME_NEVER };
		struct lan l;

		lan_init(&l, 3, 1);
		l.w.conf.delay = t->delay;
		l.w.conf.rate_bps = t->rate_bps;
		for (unsigned k = 0; k < 3; k++) {
			struct pkt *pkt = frame(&l, t->f[k].from, 2, t->f[k].len, 0);

			pkt->p[pkt->len - 1] = (uint8_t)k;
			note_arrivals(&l, t->f[k].at, arrived);
			wire_send(&l.w, t->f[k].from, pkt, t->f[k].at);
		}
		note_arrivals(&l, TIME_NEVER - 1, arrived);
		for (unsigned k = 0; k < 3; k++)
			assert_int_equal(arrived[k], t->f[k].arrives);
		assert_int_equal(l.w.sent, 3);
		assert_int_equal(l.w.delivered, 3);
		expect_drops(&l, DROP_NONE, 0);
		lan_done(&l);
	}
}

/*
 * Who hears a frame of port 0. Ports 1 and 2 filter groups, 1 listens to A, 2 to A and B; 3 does
 * not filter; 4 neither, but is in another part, or down, as the row says.
 */
struct hearing {
	unsigned to;
	bool part4, down4;
	const char *heard_by; /* in order; NULL: a drop */
	enum drop drop;
};

/* clang-format off */
static const struct hearing hearings[] = {
	{ 1,		false, false, "1",	DROP_NONE },
	{ 4,		false, false, "4",	DROP_NONE },
	{ 4,		true,  false, "",	DROP_WIRE_PARTED },
	{ 4,		false, true,  "",	DROP_IF_DOWN },
	{ 0,		false, false, "",	DROP_NONE },		/* to itself: nobody */
	{ TO_NOBODY,	false, false, "1234",	DROP_NONE },		/* unknown: flooded */
	{ TO_BROADCAST,	false, false, "1234",	DROP_NONE },
	{ TO_ALL_NODES,	false, false, "1234",	DROP_NONE },
	{ TO_ALL_NODES,	true,  false, "123",	DROP_NONE },
	{ TO_ALL_NODES,	false, true,  "123",	DROP_NONE },
	{ TO_GROUP_A,	false, false, "1234",	DROP_NONE },
	{ TO_GROUP_B,	false, false, "234",	DROP_NONE },
	{ TO_GROUP_B,	true,  false, "23",	DROP_NONE },
};
/* clang-format on */

static void listen_to(struct lan *l, unsigned port, unsigned to, bool on, int result)
{
	struct mac mac = mac_of(to);

	assert_int_equal(wire_port_listen(&l->w, port, &mac, on), result);
}

static void test_hearing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hearings); i++) {
		const struct hearing *h = &hearings[i];
		struct lan l;

		lan_init(&l, N_PORTS, 1);
		wire_port_filter(&l.w, 1, true);
		wire_port_filter(&l.w, 2, true);
		listen_to(&l, 2, TO_GROUP_A, true, 0);
		listen_to(&l, 1, TO_GROUP_A, true, 0);
		listen_to(&l, 2, TO_GROUP_B, true, 0);
		listen_to(&l, 3, TO_GROUP_B, true, 0); /* unfiltered: not twice */
		wire_port_part(&l.w, 4, h->part4 ? 7 : 0);
		wire_port_up(&l.w, 4, !h->down4);
		send_frame(&l, 0, 0, h->to, 60, 9);
		for (const char *p = h->heard_by; *p != '\0'; p++)
			expect(&l, 0, (unsigned)(*p - '0'), 60, 9);
		expect_silence(&l);
		expect_drops(&l, h->drop, h->drop != DROP_NONE);
		lan_done(&l);
	}
}

static void test_listening_is_counted(void **state)
{
	struct lan l;

	(void)state;
	lan_init(&l, 2, 1);
	wire_port_filter(&l.w, 1, true);
	listen_to(&l, 1, TO_GROUP_A, false, -ENOENT);
	listen_to(&l, 1, TO_GROUP_A, true, 0);
	listen_to(&l, 1, TO_GROUP_A, true, 0);
	listen_to(&l, 1, TO_GROUP_A, false, 0);
	send_frame(&l, 0, 0, TO_GROUP_A, 60, 1);
	expect(&l, 0, 1, 60, 1);
	listen_to(&l, 1, TO_GROUP_A, false, 0);
	listen_to(&l, 1, TO_GROUP_A, false, -ENOENT);
	send_frame(&l, 0, 0, TO_GROUP_A, 60, 2);
	expect_silence(&l);
	wire_port_filter(&l.w, 1, false);
	send_frame(&l, l.w.now, 0, TO_GROUP_A, 60, 3);
	expect(&l, l.w.now, 1, 60, 3);
	/* a second unicast address, and two owners of one: both get it */
	listen_to(&l, 1, TO_NOBODY, true, 0);
	assert_int_equal(wire_port_add(&l.w, NULL), 2);
	send_frame(&l, l.w.now, 0, TO_NOBODY, 60, 4);
	expect(&l, l.w.now, 1, 60, 4);
	listen_to(&l, 2, TO_NOBODY, true, 0);
	send_frame(&l, l.w.now, 0, TO_NOBODY, 60, 5);
	expect(&l, l.w.now, 1, 60, 5);
	expect(&l, l.w.now, 2, 60, 5);
	expect_silence(&l);
	lan_done(&l);
}

static void test_parted_under_way(void **state)
{
	struct lan l;
	unsigned at;

	(void)state;
	lan_init(&l, 3, 1);
	l.w.conf.delay = MS;
	send_frame(&l, 0, 0, TO_ALL_NODES, 60, 1);
	wire_port_part(&l.w, 1, 1);
	expect(&l, MS, 2, 60, 1);
	expect_drops(&l, DROP_WIRE_PARTED, 1);
	expect_silence(&l);
	wire_port_part(&l.w, 0, 1); /* with 1 again, without 2 */
	send_frame(&l, 2 * NS_PER_S, 0, TO_ALL_NODES, 60, 2);
	expect(&l, 2 * NS_PER_S + MS, 1, 60, 2);
	send_frame(&l, 3 * NS_PER_S, 0, 1, 60, 3);
	wire_port_up(&l.w, 1, false);
	assert_null(wire_pop(&l.w, 3 * NS_PER_S + MS, &at));
	assert_int_equal(l.w.drops[DROP_IF_DOWN], 1);
	expect_silence(&l);
	lan_done(&l);
}

/* What is refused, at which limit. */
struct refusal {
	struct wire_conf conf;
	bool down;
	unsigned n;	/* frames of 1,000 octets sent at once */
	uint32_t len;	/* then one of this length */
	enum drop drop; /* and what becomes of it */
};

/* clang-format off */
static const struct refusal refusals[] = {
	{ { 0 },			true,	0, 60,	 DROP_IF_DOWN },
	{ { 0 },			false,	0, 13,	 DROP_LINK_SHORT },
	{ { 0 },			false,	0, 14,	 DROP_NONE },
	{ { .mtu = 1500 },		false,	0, 1514, DROP_NONE },
	{ { .mtu = 1500 },		false,	0, 1515, DROP_LINK_TOO_BIG },
	{ { .queue_octets = 1 },	false,	5, 60,	 DROP_NONE },	/* nothing waits without a rate */
	{ { .queue_octets = 2500, .rate_bps = 8000 },	false, 0, 60000, DROP_NONE },	/* idle */
	{ { .queue_octets = 2500, .rate_bps = 8000 },	false, 1, 1500, DROP_NONE },
	{ { .queue_octets = 2500, .rate_bps = 8000 },	false, 1, 1501, DROP_WIRE_FULL },
	{ { .queue_octets = 2500, .rate_bps = 8000 },	false, 2, 500, DROP_NONE },
	{ { .queue_octets = 2500, .rate_bps = 8000 },	false, 2, 501, DROP_WIRE_FULL },
	{ { .queue_octets = 2500, .rate_bps = 8000 },	false, 2, 2501, DROP_WIRE_FULL },
	{ { .rate_bps = 8000 },		false,	9, 1500, DROP_NONE },	/* no limit */
};
/* clang-format on */

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct refusal *r = &refusals[i];
		struct lan l;

		lan_init(&l, 2, 1);
		l.w.conf = r->conf;
		wire_port_up(&l.w, 0, !r->down);
		for (unsigned k = 0; k < r->n; k++)
			send_frame(&l, 0, 0, 1, 1000, 1);
		send_frame(&l, 0, 0, 1, r->len, 2);
		expect_drops(&l, r->drop, r->drop != DROP_NONE);
		assert_int_equal(l.w.sent, r->n + (r->drop == DROP_NONE));
		lan_done(&l);
	}
}

/* The queue drains at the rate: room for one more frame comes at an exact time. */
static void test_queue_drains(void **state)
{
	struct lan l;

	(void)state;
	lan_init(&l, 2, 1);
	l.w.conf = (struct wire_conf){ .queue_octets = 2000, .rate_bps = 8000 }; /* 1 ms an octet */
	send_frame(&l, 0, 0, 1, 1000, 1);
	send_frame(&l, 0, 0, 1, 1000, 2);
	send_frame(&l, 100 * MS - 1, 0, 1, 100, 3);
	expect_drops(&l, DROP_WIRE_FULL, 1);
	send_frame(&l, 100 * MS, 0, 1, 100, 4);
	expect_drops(&l, DROP_WIRE_FULL, 1);
	expect(&l, 1000 * MS, 1, 1000, 1);
	expect(&l, 2000 * MS, 1, 1000, 2);
	expect(&l, 2100 * MS, 1, 100, 4);
	expect_silence(&l);
	lan_done(&l);
}

static void test_flight_limit(void **state)
{
	struct lan l;

	(void)state;
	lan_init(&l, 4, 1);
	l.w.flight_max = 2;
	send_frame(&l, 0, 0, TO_ALL_NODES, 60, 1);
	expect_drops(&l, DROP_WIRE_FULL, 1);
	expect(&l, 0, 1, 60, 1);
	expect(&l, 0, 2, 60, 1);
	expect_silence(&l);
	lan_done(&l);
}

/* A flood keeps one buffer until it is taken; the receivers' copies may fail one by one. */
static void test_flood_shares_one_buffer(void **state)
{
	struct pkt *got[3];
	struct lan l;
	unsigned at;

	(void)state;
	lan_init(&l, 1000, 1);
	send_frame(&l, 0, 0, TO_ALL_NODES, 1000, 7);
	assert_int_equal(l.pool.used, 1);
	for (unsigned port = 1; port < 997; port++)
		expect(&l, 0, port, 1000, 7);
	assert_int_equal(l.pool.used, 1);
	for (unsigned i = 0; i < 3; i++) {
		got[i] = wire_pop(&l.w, 0, &at);
		assert_int_equal(at, 997 + i);
		got[i]->p[20] = (uint8_t)i; /* its own octets, its own notes */
		assert_int_equal(got[i]->value | got[i]->ifindex, 0);
	}
	assert_int_equal(l.pool.used, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(got[i]->p[20], i);
		pkt_free(got[i]);
	}
	lan_done(&l);
}

static void test_no_buffer(void **state)
{
	struct pkt *held;
	struct lan l;
	unsigned at;

	(void)state;
	lan_init(&l, 4, 1);
	l.pool.max_small = 2;
	send_frame(&l, 0, 0, TO_ALL_NODES, 60, 7);
	held = wire_pop(&l.w, 0, &at);
	assert_int_equal(at, 1);
	expect(&l, 0, 3, 60, 7); /* the last takes the original */
	expect_drops(&l, DROP_NO_BUFFER, 1);
	pkt_free(held);
	lan_done(&l);
}

/* Parameters in ppm, and how many of 100,000 frames arrive how: binomial, within five sigma. */
#define TRIALS 100000

struct chance {
	struct wire_conf conf;
	unsigned arrive_min, arrive_max; /* deliveries */
	unsigned late_min, late_max;	 /* that come behind a later frame */
	unsigned bad_min, bad_max;	 /* with a bit inverted */
};

/* clang-format off */
static const struct chance chances[] = {
	{ { .loss_ppm = WIRE_PPM },			0, 0,		0, 0,		0, 0 },
	{ { .loss_ppm = 0 },				100000, 100000,	0, 0,		0, 0 },
	{ { .loss_ppm = 100000 },			89526, 90474,	0, 0,		0, 0 },
	{ { .dup_ppm = WIRE_PPM },			200000, 200000,	0, 0,		0, 0 },
	{ { .dup_ppm = 20000 },				101779, 102221,	0, 0,		0, 0 },
	{ { .reorder_ppm = 50000, .reorder_delay = 1500 }, 100000, 100000, 4655, 5345,	0, 0 },
	{ { .jitter = 100 * MS },			100000, 100000,	0, 0,		0, 0 },
	{ { .corrupt_ppm = 30000 },			100000, 100000,	0, 0,		2731, 3269 },
};
/* clang-format on */

struct tally {
	unsigned arrived, late, bad;
	uint32_t last;
};

static unsigned bits_inverted(const struct pkt *pkt, unsigned from, uint32_t index)
{
	unsigned n = 0;

	assert_memory_equal(pkt->p + ETH_SRC_OFF, mac_of(from).b, ETH_MAC_OCTETS);
	n += (unsigned)__builtin_popcount(get_be32(pkt->p + 14) ^ index);
	for (uint32_t i = 18; i < pkt->len; i++)
		n += (unsigned)__builtin_popcount(pkt->p[i]);
	return n;
}

static void tally_up(struct lan *l, struct tally *t, time_ns now, bool corrupt)
{
	struct pkt *pkt;
	unsigned at;

	while ((pkt = wire_pop(&l->w, now, &at)) != NULL) {
		uint32_t index = corrupt ? (uint32_t)(now / 1000 - 1) : get_be32(pkt->p + 14);
		unsigned bits = bits_inverted(pkt, 0, index);

		assert_in_range(bits, 0, corrupt);
		t->arrived++;
		t->bad += bits;
		t->late += index < t->last;
		t->last = MAX(t->last, index);
		pkt_free(pkt);
	}
}

/* Frames leave 1,000 ns apart. */
static void test_chances(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chances); i++) {
		const struct chance *c = &chances[i];
		struct tally t = { 0 };
		struct lan l;

		lan_init(&l, 2, 4711);
		l.w.conf = c->conf;
		for (uint32_t k = 0; k < TRIALS; k++) {
			struct pkt *pkt = frame(&l, 0, 1, 60, 0);

			put_be32(pkt->p + 14, k);
			wire_send(&l.w, 0, pkt, k * 1000);
			tally_up(&l, &t, (k + 1) * 1000 - 1 + (c->conf.corrupt_ppm != 0),
				 c->conf.corrupt_ppm != 0);
		}
		tally_up(&l, &t, NS_PER_S, false);
		assert_in_range(t.arrived, c->arrive_min, c->arrive_max);
		assert_in_range(t.late, c->late_min, c->late_max);
		assert_in_range(t.bad, c->bad_min, c->bad_max);
		assert_int_equal(t.arrived, l.w.delivered);
		lan_done(&l);
	}
}

/* Jitter lies in [0, jitter], reaches both halves, and is one draw for all receivers. */
static void test_jitter(void **state)
{
	time_ns min = TIME_NEVER, max = 0;
	struct lan l;

	(void)state;
	lan_init(&l, 3, 1);
	l.w.conf.delay = MS;
	l.w.conf.jitter = MS;
	for (unsigned i = 0; i < 200; i++) {
		time_ns sent = i * 10 * MS, when;

		send_frame(&l, sent, 0, TO_ALL_NODES, 60, 1);
		when = wire_next(&l.w);
		expect(&l, when, 1, 60, 1);
		expect(&l, when, 2, 60, 1);
		min = MIN(min, when - sent);
		max = MAX(max, when - sent);
	}
	assert_in_range(min, MS, MS + MS / 10);
	assert_in_range(max, 2 * MS - MS / 10, 2 * MS);
	lan_done(&l);
}

/* A world that uses everything, and its trace: every fate, time, port and octet. */
struct trail {
	uint64_t hash, n;
	uint64_t fates[WIRE_NUM_FATES];
};

static void trail_add(struct trail *t, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++) /* FNV-1a */
		t->hash = (t->hash ^ b[i]) * UINT64_C(0x100000001b3);
	t->n += n;
}

static void trail_watch(void *ctx, const struct wire_seen *s)
{
	struct trail *t = ctx;
	uint64_t v[4] = { s->fate, s->drop, s->now, s->port };

	trail_add(t, v, sizeof(v));
	trail_add(t, s->pkt->p, s->pkt->len);
	t->fates[s->fate]++;
}

static void drain(struct lan *l, time_ns until)
{
	struct pkt *pkt;
	unsigned at;

	while (wire_next(&l->w) <= until)
		while ((pkt = wire_pop(&l->w, MIN(wire_next(&l->w), until), &at)) != NULL)
			pkt_free(pkt);
}

static struct trail rough_world(uint64_t seed)
{
	struct trail t = { .hash = UINT64_C(0xcbf29ce484222325) };
	struct rng traffic;
	struct lan l;

	lan_init(&l, 20, seed);
	rng_init_u64(&traffic, 99, 0); /* the same traffic for all seeds of the wire */
	l.w.watch = (struct wire_watch){ trail_watch, &t };
	l.w.conf = (struct wire_conf){ .delay = MS,
				       .jitter = MS,
				       .reorder_delay = 5 * MS,
				       .rate_bps = 10000000,
				       .loss_ppm = 100000,
				       .dup_ppm = 100000,
				       .reorder_ppm = 100000,
				       .corrupt_ppm = 100000,
				       .queue_octets = 5000 };
	for (unsigned i = 0; i < 5000; i++) {
		unsigned to = (unsigned)rng_below(&traffic, 21);

		drain(&l, i * 10 * NS_PER_US);
		send_frame(&l, i * 10 * NS_PER_US, (unsigned)rng_below(&traffic, 20),
			   to == 20 ? TO_ALL_NODES : to, (uint32_t)rng_between(&traffic, 14, 1514),
			   (uint8_t)i);
	}
	drain(&l, NS_PER_S);
	assert_int_equal(l.w.n_flights, 0);
	assert_int_equal(t.fates[WIRE_SENT], l.w.sent);
	assert_int_equal(t.fates[WIRE_DELIVERED], l.w.delivered);
	lan_done(&l);
	return t;
}

static void test_replay(void **state)
{
	struct trail a = rough_world(1), b = rough_world(1), c = rough_world(2);

	(void)state;
	assert_int_equal(a.n, b.n);
	assert_int_equal(a.hash, b.hash);
	assert_int_not_equal(a.hash, c.hash);
	for (unsigned f = 0; f < WIRE_NUM_FATES; f++)
		assert_in_range(a.fates[f], 100, 100000);
}

/* The heap against a plain search: 10,000 flights at few distinct times, popped in exact order. */
static void test_order(void **state)
{
	time_ns last_when = 0;
	uint32_t last_index = 0, n = 0;
	struct pkt *pkt;
	struct lan l;
	unsigned at;

	(void)state;
	lan_init(&l, 2, 5);
	for (uint32_t k = 0; k < 10000; k++) {
		pkt = frame(&l, 0, 1, 60, 0);
		l.w.conf.delay = (k * UINT64_C(7919)) % 97;
		put_be32(pkt->p + 14, k);
		put_be32(pkt->p + 18, (uint32_t)l.w.conf.delay);
		wire_send(&l.w, 0, pkt, 0);
	}
	while ((pkt = wire_pop(&l.w, 100, &at)) != NULL) {
		time_ns when = get_be32(pkt->p + 18);
		uint32_t index = get_be32(pkt->p + 14);

		assert_true(when > last_when || (when == last_when && index >= last_index));
		last_when = when;
		last_index = index;
		n++;
		pkt_free(pkt);
	}
	assert_int_equal(n, 10000);
	lan_done(&l);
}

/* wire_done() with frames under way, shared and not, frees them all. */
static void test_done_under_way(void **state)
{
	struct lan l;

	(void)state;
	lan_init(&l, 10, 5);
	l.w.conf.delay = MS;
	l.w.conf.dup_ppm = WIRE_PPM;
	listen_to(&l, 3, TO_GROUP_A, true, 0);
	send_frame(&l, 0, 0, TO_ALL_NODES, 60, 1);
	send_frame(&l, 0, 0, 4, 60, 1);
	lan_done(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timing),
		cmocka_unit_test(test_hearing),
		cmocka_unit_test(test_listening_is_counted),
		cmocka_unit_test(test_parted_under_way),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_queue_drains),
		cmocka_unit_test(test_flight_limit),
		cmocka_unit_test(test_flood_shares_one_buffer),
		cmocka_unit_test(test_no_buffer),
		cmocka_unit_test(test_chances),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_done_under_way),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
