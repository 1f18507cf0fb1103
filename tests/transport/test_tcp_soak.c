/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bad wire between two stacks: what is sent arrives whole, in order, and soon enough, whatever
 * the two agreed on. A seed is a run; the number of a failing one is printed. The environment may
 * ask for more, which wants a build without sanitizers:
 *
 *	SOAK_OCTETS=10000000000 SOAK_SEEDS=100 SOAK_FROM=0 test_tcp_soak
 */
#include "transport/tcp_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SEEDS 100
#define BYTES 1000000

static uint64_t asked(const char *name, uint64_t otherwise)
{
	const char *v = getenv(name);

	return v != NULL ? strtoull(v, NULL, 10) : otherwise;
}

static const struct wire_conf bad = {
	.delay = 5 * NS_PER_MS,
	.jitter = NS_PER_MS,
	.reorder_delay = 8 * NS_PER_MS,
	.rate_bps = 100000000,
	.loss_ppm = 50000,
	.dup_ppm = 20000,
	.reorder_ppm = 30000,
	.mtu = 1500,
};

/* Every combination of what may be agreed on comes about. */
static struct tcp_opts opts_of(unsigned seed)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;

	o.sack = seed % 4 != 3;
	o.timestamps = seed % 3 != 2;
	o.wscale = seed % 5 != 4;
	o.ecn = seed % 2 == 0;
	o.cc = seed / 2 % 2 == 0 ? &TCP_CUBIC : &TCP_NEWRENO;
	o.nodelay = seed % 7 == 0;
	o.sndbuf = o.rcvbuf = seed % 6 == 5 ? 20000 : 1u << 20;
	return o;
}

/* @limit: virtual time for each of the first million octets, or any million more. */
static time_ns one(unsigned seed, const struct wire_conf *conf, uint64_t octets, time_ns limit)
{
	struct tcp_opts opts = opts_of(seed);
	struct pair_stream s[2];
	struct pair p;
	time_ns from;

	opts.user_timeout = limit;
	pair_init(&p, seed, conf);
	pair_open(&p, &opts);
	from = p.w.now;
	s[0] = (struct pair_stream){ .from = p.ca, .to = p.cb, .total = octets };
	s[1] = (struct pair_stream){ .from = p.cb, .to = p.ca, .total = octets / 10 };
	if (!pair_pump(&p, s, 2, p.w.now + limit * MAX(octets / BYTES, 1)))
		fail_msg("seed %u: %llu and %llu octets of %llu and %llu in the end", seed,
			 (unsigned long long)s[0].got, (unsigned long long)s[1].got,
			 (unsigned long long)s[0].total, (unsigned long long)s[1].total);
	assert_int_equal(s[0].got, s[0].total);
	assert_int_equal(s[1].got, s[1].total);
	from = p.w.now - from;
	pair_run(&p, limit);
	if (pair_state(p.ca) != TCP_CLOSED || pair_state(p.cb) != TCP_CLOSED)
		fail_msg("seed %u: %s and %s in the end", seed, tcp_state_name(pair_state(p.ca)),
			 tcp_state_name(pair_state(p.cb)));
	pair_done(&p);
	return from;
}

/* One line a seed, for who waits for hours. */
static void tell(unsigned seed, uint64_t octets, time_ns took, clock_t began)
{
	if (octets == BYTES)
		return;
	print_message("# seed %u: %llu octets arrived whole, %u s of theirs, %u s of ours\n", seed,
		      (unsigned long long)octets, (unsigned)(took / NS_PER_S),
		      (unsigned)((clock() - began) / CLOCKS_PER_SEC));
	fflush(stdout);
}

static void test_loss_reordering_duplication(void **state)
{
	uint64_t octets = asked("SOAK_OCTETS", BYTES);
	unsigned first = (unsigned)asked("SOAK_FROM", 0);
	unsigned seeds = (unsigned)asked("SOAK_SEEDS", SEEDS);
	time_ns sum[2] = { 0, 0 }, worst = 0;
	unsigned n[2] = { 0, 0 }, slowest = 0;

	(void)state;
	for (unsigned seed = first; seed < first + seeds; seed++) {
		bool sack = opts_of(seed).sack;
		clock_t began = clock();
		time_ns took = one(seed, &bad, octets, 300 * NS_PER_S);

		tell(seed, octets, took, began);
		sum[sack] += took;
		n[sack]++;
		if (took > worst)
			worst = took, slowest = seed;
	}
	print_message("%llu octets: %u ms with SACK, %u without; at worst %u (seed %u)\n",
		      (unsigned long long)octets, (unsigned)(sum[1] / MAX(n[1], 1u) / NS_PER_MS),
		      (unsigned)(sum[0] / MAX(n[0], 1u) / NS_PER_MS), (unsigned)(worst / NS_PER_MS),
		      slowest);
}

/* Half of all round trips fail: it still comes through, given patience. */
static void test_terrible(void **state)
{
	struct wire_conf conf = bad;
	time_ns sum = 0;

	(void)state;
	conf.loss_ppm = 300000;
	conf.corrupt_ppm = 20000;
	for (unsigned seed = 0; seed < 8; seed++)
		sum += one(seed, &conf, 30000, 3000 * NS_PER_S);
	print_message("30000 octets: %u s\n", (unsigned)(sum / 8 / NS_PER_S));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loss_reordering_duplication),
		cmocka_unit_test(test_terrible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
