/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A path that loses large packets without a word, and what a sender finds out about it: RFC 4821
 * and RFC 8899 (cited from memory). Two stacks, one wire whose MTU the test changes.
 */
#include "transport/tcp_pair.h"

#define STEP 8 /* octets that the search does not care for */

static const struct wire_conf path = {
	.delay = 5 * NS_PER_MS,
	.rate_bps = 10000000,
	.mtu = 1500,
};

static struct tcp_info info(const struct tcp *tc)
{
	struct tcp_info i;

	tcp_info(tc, &i);
	return i;
}

static void open_pair(struct pair *p, bool sack)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;

	o.sack = sack;
	o.sndbuf = o.rcvbuf = 64 << 10;
	pair_init(p, 1, &path);
	pair_open(p, &o);
}

/* Data goes for @by, without end. */
static void stream(struct pair *p, struct pair_stream *s, time_ns by)
{
	(void)pair_pump(p, s, 1, p->w.now + by);
}

static void search(bool sack)
{
	struct pair_stream s = { .total = UINT64_MAX };
	struct tcp_counters *count;
	uint64_t recoveries, rtos;
	struct pair p;

	open_pair(&p, sack);
	s.from = p.ca, s.to = p.cb;
	count = &pair_stack(p.a)->count;
	stream(&p, &s, NS_PER_S);
	assert_int_equal(info(p.ca).mtu, 1500);

	p.wire->wire.conf.mtu = 1400; /* a tunnel, and nobody tells */
	stream(&p, &s, 5 * NS_PER_S);
	assert_int_equal(count->black_holes, 1);
	assert_int_equal(info(p.ca).mtu, 1280);

	recoveries = count->recoveries;
	rtos = count->rtos;
	stream(&p, &s, 30 * NS_PER_S);
	assert_in_range(info(p.ca).mtu, 1400 - STEP, 1400);
	assert_int_equal(count->recoveries, recoveries); /* what was lost meanwhile were probes */
	assert_int_equal(count->rtos, rtos);
	assert_int_equal(count->black_holes, 1);

	p.wire->wire.conf.mtu = 1500; /* nobody tells that either */
	pair_run(&p, 300 * NS_PER_S);
	stream(&p, &s, 2 * NS_PER_S);
	assert_in_range(info(p.ca).mtu, 1400 - STEP, 1400);
	pair_run(&p, 310 * NS_PER_S);
	stream(&p, &s, 2 * NS_PER_S);
	assert_int_equal(info(p.ca).mtu, 1500);
	pair_done(&p);
}

static void test_search(void **state)
{
	(void)state;
	search(true);
}

static void test_search_without_sack(void **state)
{
	(void)state;
	search(false);
}

/* It gets worse after it was found out: that is a black hole like the first. */
static void test_worse(void **state)
{
	struct pair_stream s = { .total = UINT64_MAX };
	struct pair p;

	(void)state;
	open_pair(&p, true);
	s.from = p.ca, s.to = p.cb;
	p.wire->wire.conf.mtu = 1450;
	stream(&p, &s, 40 * NS_PER_S);
	assert_in_range(info(p.ca).mtu, 1450 - STEP, 1450);
	p.wire->wire.conf.mtu = 1300;
	stream(&p, &s, 40 * NS_PER_S);
	assert_int_equal(pair_stack(p.a)->count.black_holes, 2);
	assert_in_range(info(p.ca).mtu, 1300 - STEP, 1300);
	pair_done(&p);
}

/* Nothing follows a probe: its loss is found out all the same, without a time-out. */
static void test_probe_is_last(void **state)
{
	static const uint8_t text[4 * (1280 - 72)];
	struct pair_stream s = { .total = UINT64_MAX };
	uint32_t probe = (1280 + 1500) / 2 - 72;
	struct tcp_counters *count;
	uint64_t rtos, segs;
	struct pair p;

	(void)state;
	open_pair(&p, true);
	s.from = p.ca, s.to = p.cb;
	count = &pair_stack(p.a)->count;
	p.wire->wire.conf.mtu = 1300;
	stream(&p, &s, 5 * NS_PER_S);
	pair_run(&p, 20 * NS_PER_S);
	pair_pull(&s);
	pair_run(&p, NS_PER_S);
	assert_int_equal(info(p.ca).in_flight, 0);
	assert_int_equal(info(p.ca).mtu, 1280);
	rtos = count->rtos;
	segs = info(p.ca).segs_out;
	assert_int_equal(tcp_send(p.ca, text, sizeof(text)), sizeof(text));
	pair_touch(&p);
	assert_int_equal(tcp_send(p.ca, text, probe), probe);
	pair_touch(&p);
	assert_int_equal(info(p.ca).segs_out, segs + 5);
	pair_run(&p, 400 * NS_PER_MS);
	assert_int_equal(info(p.ca).in_flight, 0);
	assert_int_equal(info(p.ca).segs_out, segs + 7);
	assert_int_equal(count->rtos, rtos);
	assert_int_equal(info(p.ca).cwnd, 10 * (1280 - 72)); /* after a pause: as at first */
	pair_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_search_without_sack),
		cmocka_unit_test(test_worse),
		cmocka_unit_test(test_probe_is_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
