/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a packet to a known neighbour costs: looking it up and sending, with 1,000 and with
 * 100,000 neighbours; and what a packet of an address scan costs. Nanoseconds, best of five.
 */
#include "link/neigh.h"

#include <stdio.h>
#include <time.h>

#define ROUND 2000000

static struct pkt_pool pool;
static struct env env;
static struct neigh_table t;
static struct link_if eth = { .ifindex = 1, .mtu = 1500, .up = true, .tx_max = 4096 };

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static struct ip6_addr addr_of(uint64_t i)
{
	struct ip6_addr a = { { 0x20, 0x01, 0x0d, 0xb8 } };

	put_be64(a.b + 8, i);
	return a;
}

static void one(uint64_t i)
{
	struct ip6_addr a = addr_of(i);
	struct pkt *pkt = pkt_new(&pool, 64);
	enum nud_do what;

	ASSERT(pkt != NULL);
	pkt_put(pkt, 64);
	if (neigh_send(&t, &eth, &a, pkt))
		pkt_free(pktq_get(&eth.tx));
	else
		while (neigh_todo(&t, &what) != NULL)
			;
}

static double best(uint64_t neighbours, uint64_t base)
{
	double min = 1e9;

	for (unsigned r = 0; r < 5; r++) {
		double from = now_ns();

		for (uint64_t i = 0; i < ROUND; i++)
			one(base + (neighbours != 0 ? i * 7919 % neighbours : i + r * ROUND));
		min = MIN(min, (now_ns() - from) / ROUND);
	}
	return min;
}

int main(void)
{
	static const uint64_t counts[] = { 1000, 100000 };
	static const uint8_t seed[RNG_SEED_OCTETS] = { 1 };
	struct neigh_conf conf = NEIGH_CONF_DEFAULT;
	struct mac m = { { 2 } };
	uint64_t have = 0;

	conf.max = 200000;
	pkt_pool_init(&pool, 100000, 0);
	env_init(&env, &pool, seed, 0);
	neigh_init(&t, &env, &conf);
	neigh_if_add(&t, &eth, &NUD_CONF_DEFAULT);
	for (unsigned c = 0; c < ARRAY_LEN(counts); c++) {
		for (; have < counts[c]; have++) {
			struct ip6_addr a = addr_of(have);

			neigh_hint(&t, &eth, &a, &m, NEIGH_ROLE_UNKNOWN);
			neigh_advert(&t, &eth, &a, &m, NUD_NA_SOLICITED);
		}
		printf("%7llu neighbours: %5.1f ns per packet, %zu octets each\n",
		       (unsigned long long)have, best(have, 0), neigh_octets(&t) / have);
	}
	printf("address scan:       %5.1f ns per packet\n", best(0, UINT64_C(1) << 40));
	neigh_done(&t);
	pkt_pool_done(&pool);
	return 0;
}
