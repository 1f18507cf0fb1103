/* SPDX-License-Identifier: BSD-3-Clause */
/* The neighbour cache: queueing, limits, eviction, and what messages do to it. Virtual time. */
#include "link/neigh.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define S	   NUD_NA_SOLICITED
#define O	   NUD_NA_OVERRIDE
#define R	   NUD_NA_ROUTER
#define EVENTS_MAX 64

/* One node with two interfaces, and a tracer that remembers changes of state. */
struct world {
	struct pkt_pool pool;
	struct env env;
	struct link_if eth[2];
	struct neigh_table t;
	unsigned n_events;
	struct {
		uint32_t ifindex;
		struct ip6_addr addr;
		enum nud_state state;
	} events[EVENTS_MAX];
	uint64_t timer_pops;
};

static void watch(void *ctx, const struct trace *tr)
{
	struct world *w = ctx;

	if (tr->kind != TRACE_EVENT || w->n_events == EVENTS_MAX)
		return;
	assert_int_equal(tr->event, EVENT_NEIGH_STATE);
	w->events[w->n_events].ifindex = tr->ifindex;
	w->events[w->n_events].addr = *tr->addr;
	w->events[w->n_events++].state = (enum nud_state)tr->value;
}

static struct ip6_addr addr_of(uint64_t i)
{
	struct ip6_addr a = { { 0xfe, 0x80 } };

	put_be64(a.b + 8, i);
	return a;
}

static struct mac mac_of(uint64_t i)
{
	struct mac m = { { 2, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
			   (uint8_t)i } };

	return m;
}

static struct world *world_new(const struct neigh_conf *conf)
{
	struct world *w = calloc(1, sizeof(*w));
	const uint8_t seed[RNG_SEED_OCTETS] = { 1 };

	assert_non_null(w);
	pkt_pool_init(&w->pool, 100000, 0);
	env_init(&w->env, &w->pool, seed, 0);
	w->env.tracer = (struct tracer){ watch, w };
	neigh_init(&w->t, &w->env, conf);
	for (unsigned i = 0; i < 2; i++) {
		w->eth[i] = (struct link_if){ .ifindex = i + 1,
					      .mtu = 1500,
					      .mac = mac_of(0xee0000 + i),
					      .up = true,
					      .tx_max = 1000 };
		assert_non_null(neigh_if_add(&w->t, &w->eth[i], &NUD_CONF_DEFAULT));
	}
	return w;
}

static void world_free(struct world *w)
{
	neigh_done(&w->t);
	for (unsigned i = 0; i < 2; i++)
		pktq_free(&w->eth[i].tx);
	assert_int_equal(w->env.timers.n, 0);
	pkt_pool_done(&w->pool);
	free(w);
}

/* Let time pass to @to, running each timer at its exact time. */
static void run_to(struct world *w, time_ns to)
{
	struct timer *timer;

	while (timers_next(&w->env.timers) <= to) {
		w->env.now = timers_next(&w->env.timers);
		while ((timer = timers_pop(&w->env.timers, w->env.now)) != NULL) {
			assert_int_equal(timer->kind, TIMER_NEIGH);
			w->timer_pops++;
			neigh_timer(&w->t, timer, w->env.now);
		}
	}
	w->env.now = to;
	assert_null(timers_pop(&w->env.timers, to));
}

/* A packet that can be told from others. */
static struct pkt *packet(struct world *w, uint8_t mark)
{
	struct pkt *pkt = pkt_new(&w->pool, 40);

	assert_non_null(pkt);
	memset(pkt_put(pkt, 40), mark, 40);
	return pkt;
}

static bool send_to(struct world *w, uint64_t i, uint8_t mark)
{
	struct ip6_addr a = addr_of(i);

	return neigh_send(&w->t, &w->eth[0], &a, packet(w, mark));
}

static struct neigh *entry(struct world *w, uint64_t i)
{
	struct ip6_addr a = addr_of(i);

	return neigh_find(&w->t, &w->eth[0], &a);
}

static struct neigh_news advert(struct world *w, uint64_t i, const struct mac *m, unsigned flags)
{
	struct ip6_addr a = addr_of(i);

	return neigh_advert(&w->t, &w->eth[0], &a, m, flags);
}

static struct neigh_news hint(struct world *w, uint64_t i, const struct mac *m, enum neigh_role r)
{
	struct ip6_addr a = addr_of(i);

	return neigh_hint(&w->t, &w->eth[0], &a, m, r);
}

static void assert_state(struct world *w, uint64_t i, enum nud_state s)
{
	struct neigh *n = entry(w, i);

	assert_non_null(n);
	if (n->nud.state != s)
		fail_msg("state %s, expected %s", nud_state_name(n->nud.state), nud_state_name(s));
}

/* The next frame that left on the first interface. */
static void assert_frame(struct world *w, const struct mac *dst, uint8_t mark)
{
	struct pkt *pkt = pktq_get(&w->eth[0].tx);

	assert_non_null(pkt);
	assert_int_equal(pkt->len, ETH_HDR_OCTETS + 40);
	assert_memory_equal(pkt->p + ETH_DST_OFF, dst->b, ETH_MAC_OCTETS);
	assert_memory_equal(pkt->p + ETH_SRC_OFF, w->eth[0].mac.b, ETH_MAC_OCTETS);
	assert_int_equal(get_be16(pkt->p + ETH_TYPE_OFF), ETH_TYPE_IP6);
	assert_int_equal(pkt->p[ETH_HDR_OCTETS], mark);
	pkt_free(pkt);
}

static void assert_no_frame(struct world *w)
{
	assert_null(w->eth[0].tx.head);
}

static void assert_todo(struct world *w, uint64_t i, enum nud_do what)
{
	struct ip6_addr a = addr_of(i);
	enum nud_do got = NUD_DO_NOTHING;
	struct neigh *n = neigh_todo(&w->t, &got);

	assert_non_null(n);
	assert_int_equal(got, what);
	assert_true(ip6_eq(&n->addr, &a));
}

static void assert_nothing_to_do(struct world *w)
{
	enum nud_do what;

	assert_null(neigh_todo(&w->t, &what));
}

/* Make @i REACHABLE at mac_of(i). */
static void meet(struct world *w, uint64_t i)
{
	struct mac m = mac_of(i);

	hint(w, i, &m, NEIGH_ROLE_UNKNOWN);
	assert_int_equal(advert(w, i, &m, S | O).why, DROP_NONE);
	assert_state(w, i, NUD_REACHABLE);
}

/* RFC 4861 section 7.2.2: packets wait, and leave in order when the answer comes. */
static void test_packets_wait_in_order(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct mac m = mac_of(7);

	(void)state;
	assert_false(send_to(w, 7, 1));
	assert_false(send_to(w, 7, 2));
	assert_false(send_to(w, 7, 3));
	assert_int_equal(entry(w, 7)->waiting.head->p[0], 1); /* the source to solicit from */
	assert_todo(w, 7, NUD_DO_NS_MCAST);
	assert_nothing_to_do(w);
	assert_no_frame(w);
	run_to(w, 10 * NS_PER_MS);
	assert_int_equal(advert(w, 7, &m, S).why, DROP_NONE);
	for (uint8_t i = 1; i <= 3; i++)
		assert_frame(w, &m, i);
	assert_no_frame(w);
	assert_state(w, 7, NUD_REACHABLE);
	assert_true(send_to(w, 7, 4));
	assert_frame(w, &m, 4);
	run_to(w, 10 * NS_PER_MS + NUD_REACHABLE_TIME - 1);
	assert_state(w, 7, NUD_REACHABLE);
	run_to(w, 10 * NS_PER_MS + NUD_REACHABLE_TIME);
	assert_state(w, 7, NUD_STALE);
	assert_nothing_to_do(w);
	world_free(w);
}

/* v6LC.2.1.17 C and D: resolved but not confirmed, what waited starts DELAY. */
static void test_queued_packets_start_delay(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct mac m = mac_of(7);

	(void)state;
	send_to(w, 7, 1);
	assert_todo(w, 7, NUD_DO_NS_MCAST);
	run_to(w, NS_PER_MS);
	advert(w, 7, &m, 0);
	assert_frame(w, &m, 1);
	assert_state(w, 7, NUD_DELAY);
	run_to(w, NS_PER_MS + NUD_DELAY_FIRST_PROBE_TIME - 1);
	assert_nothing_to_do(w);
	run_to(w, NS_PER_MS + NUD_DELAY_FIRST_PROBE_TIME);
	assert_todo(w, 7, NUD_DO_NS_UCAST);
	assert_state(w, 7, NUD_PROBE);
	world_free(w);
}

/* The same by a solicitation from the neighbour (appendix C, second table). */
static void test_hint_resolves(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct mac m = mac_of(7);

	(void)state;
	send_to(w, 7, 1);
	hint(w, 7, NULL, NEIGH_ROLE_UNKNOWN);
	assert_state(w, 7, NUD_INCOMPLETE);
	hint(w, 7, &m, NEIGH_ROLE_UNKNOWN);
	assert_frame(w, &m, 1);
	assert_state(w, 7, NUD_DELAY);
	assert_nothing_to_do(w); /* the solicitation is not needed any more */
	world_free(w);
}

/* 7.2.2: three solicitations a second apart, then every waiting packet is to be answered. */
static void test_resolution_gives_up(void **state)
{
	static const unsigned long ms[] = { 0, 1000, 2000 };
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct pktq q = { 0 };
	enum nud_do what;
	struct neigh *n;

	(void)state;
	send_to(w, 7, 1);
	for (unsigned i = 0; i < ARRAY_LEN(ms); i++) {
		if (ms[i] != 0) {
			run_to(w, ms[i] * NS_PER_MS - 1);
			assert_nothing_to_do(w);
		}
		run_to(w, ms[i] * NS_PER_MS);
		assert_todo(w, 7, NUD_DO_NS_MCAST);
		assert_nothing_to_do(w);
	}
	send_to(w, 7, 2);
	run_to(w, 3 * NS_PER_S - 1);
	assert_nothing_to_do(w);
	run_to(w, 3 * NS_PER_S);
	assert_null(entry(w, 7));
	n = neigh_todo(&w->t, &what);
	assert_non_null(n);
	assert_int_equal(what, NUD_DO_UNREACH);
	neigh_take_waiting(&w->t, n, &q);
	assert_int_equal(w->t.n_waiting, 0);
	assert_int_equal(q.n, 2);
	assert_int_equal(q.head->p[0], 1);
	assert_nothing_to_do(w);
	assert_int_equal(w->t.n, 0);
	assert_int_equal(w->env.drops[DROP_NEIGH_UNREACH], 0);
	pktq_free(&q);

	/* nobody takes them; and a packet in between starts afresh */
	send_to(w, 7, 3);
	assert_todo(w, 7, NUD_DO_NS_MCAST);
	for (unsigned i = 4; i < 6; i++) {
		run_to(w, i * NS_PER_S);
		assert_todo(w, 7, NUD_DO_NS_MCAST);
	}
	run_to(w, 6 * NS_PER_S);
	send_to(w, 7, 4);
	assert_todo(w, 7, NUD_DO_UNREACH);
	assert_int_equal(w->env.drops[DROP_NEIGH_UNREACH], 0);
	assert_todo(w, 7, NUD_DO_NS_MCAST);
	assert_int_equal(w->env.drops[DROP_NEIGH_UNREACH], 1);
	assert_state(w, 7, NUD_INCOMPLETE);
	assert_int_equal(entry(w, 7)->waiting.head->p[0], 4);
	assert_int_equal(w->t.n, 1);
	world_free(w);
}

/* RFC 4861 section 7.3.3 and RFC 7048 section 3 through table, timer and list of things to do. */
struct step {
	unsigned ms;
	enum { RX_NS, APP_SENDS, TIMER } what;
	enum { TX_NOTHING, TX_DATA, TX_NS_UCAST, TX_NS_MCAST, TX_DATA_AND_NS } wire;
	enum nud_state after;
};

static const struct step probe_gives_up[] = {
	/*  ms   stimulus    on the wire    state after */
	{ 0, RX_NS, TX_NOTHING, NUD_STALE },
	{ 100, APP_SENDS, TX_DATA, NUD_DELAY },
	{ 5099, TIMER, TX_NOTHING, NUD_DELAY }, /* DELAY_FIRST_PROBE_TIME */
	{ 5100, TIMER, TX_NS_UCAST, NUD_PROBE },
	{ 6099, TIMER, TX_NOTHING, NUD_PROBE }, /* RETRANS_TIMER */
	{ 6100, TIMER, TX_NS_UCAST, NUD_PROBE },
	{ 6500, APP_SENDS, TX_DATA, NUD_PROBE },
	{ 7100, TIMER, TX_NS_UCAST, NUD_PROBE }, /* MAX_UNICAST_SOLICIT */
	{ 8099, TIMER, TX_NOTHING, NUD_PROBE },
	{ 8100, TIMER, TX_NS_MCAST, NUD_UNREACHABLE },
	{ 9000, APP_SENDS, TX_DATA, NUD_UNREACHABLE },
	{ 11100, TIMER, TX_NS_MCAST, NUD_UNREACHABLE }, /* 3 s */
	{ 20099, TIMER, TX_NOTHING, NUD_UNREACHABLE },
	{ 20100, TIMER, TX_NOTHING, NUD_UNREACHABLE }, /* 9 s, nobody sent */
	{ 90000, TIMER, TX_NOTHING, NUD_UNREACHABLE },
	{ 90000, APP_SENDS, TX_DATA_AND_NS, NUD_UNREACHABLE },
	{ 90001, APP_SENDS, TX_DATA, NUD_UNREACHABLE },
	{ 116999, TIMER, TX_NOTHING, NUD_UNREACHABLE },
	{ 117000, TIMER, TX_NS_MCAST, NUD_UNREACHABLE }, /* 27 s */
	{ 177000, TIMER, TX_NOTHING, NUD_UNREACHABLE },
	{ 776999, TIMER, TX_NOTHING, NUD_UNREACHABLE },
	{ 777000, TIMER, TX_NOTHING, NUD_FREE }, /* gc_idle */
};

static void run_step(struct world *w, const struct step *s)
{
	struct mac m = mac_of(7);

	if (w->env.now < s->ms * NS_PER_MS)
		run_to(w, s->ms * NS_PER_MS - 1);
	assert_nothing_to_do(w);
	run_to(w, s->ms * NS_PER_MS);
	if (s->what == RX_NS)
		hint(w, 7, &m, NEIGH_ROLE_UNKNOWN);
	else if (s->what == APP_SENDS)
		assert_true(send_to(w, 7, 9));
	if (s->wire == TX_DATA || s->wire == TX_DATA_AND_NS)
		assert_frame(w, &m, 9);
	if (s->wire == TX_NS_UCAST)
		assert_todo(w, 7, NUD_DO_NS_UCAST);
	if (s->wire == TX_NS_MCAST || s->wire == TX_DATA_AND_NS)
		assert_todo(w, 7, NUD_DO_NS_MCAST);
	assert_no_frame(w);
	assert_nothing_to_do(w);
	if (s->after == NUD_FREE)
		assert_null(entry(w, 7));
	else
		assert_state(w, 7, s->after);
}

static void test_probe_gives_up(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(probe_gives_up); i++)
		run_step(w, &probe_gives_up[i]);
	assert_int_equal(w->t.n, 0);
	world_free(w);
}

/* RFC 4861 section 7.3.3 without RFC 7048: the entry is deleted. */
static void test_probe_deletes(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);

	(void)state;
	neigh_if_find(&w->t, &w->eth[0])->nud.backoff = 0;
	for (size_t i = 0; i < 9; i++)
		run_step(w, &probe_gives_up[i]);
	run_to(w, 8100 * NS_PER_MS);
	assert_null(entry(w, 7));
	assert_int_equal(w->t.n, 0);
	assert_int_equal(w->t.n_unresolved, 0);
	assert_nothing_to_do(w);
	world_free(w);
}

/* 7.2.2: when a queue overflows the new arrival replaces the oldest. */
static void test_queue_overflow(void **state)
{
	struct neigh_conf conf = NEIGH_CONF_DEFAULT;
	struct mac m = mac_of(7);
	struct world *w;

	(void)state;
	conf.queue_pkts = 3;
	w = world_new(&conf);
	for (uint8_t i = 1; i <= 5; i++)
		send_to(w, 7, i);
	assert_int_equal(w->env.drops[DROP_NEIGH_QUEUE_FULL], 2);
	assert_int_equal(w->t.n_waiting, 3);
	advert(w, 7, &m, S);
	for (uint8_t i = 3; i <= 5; i++)
		assert_frame(w, &m, i);
	assert_no_frame(w);
	assert_int_equal(w->t.n_waiting, 0);
	world_free(w);
}

/* All queues together have a limit, but one packet always may wait (7.2.2 MUST). */
static void test_queue_total(void **state)
{
	struct neigh_conf conf = NEIGH_CONF_DEFAULT;
	struct world *w;

	(void)state;
	conf.queue_total = 4;
	w = world_new(&conf);
	for (uint8_t i = 1; i <= 4; i++)
		send_to(w, 1, i);
	send_to(w, 2, 5);
	send_to(w, 3, 6);
	assert_int_equal(w->env.drops[DROP_NEIGH_QUEUE_FULL], 0);
	send_to(w, 2, 7);
	assert_int_equal(w->env.drops[DROP_NEIGH_QUEUE_FULL], 1);
	assert_int_equal(entry(w, 2)->waiting.head->p[0], 7);
	assert_int_equal(entry(w, 1)->waiting.n, 4);
	assert_int_equal(w->t.n_waiting, 6);
	world_free(w);
}

/* RFC 4861 section 7.2.5 and appendix D, advertisements against the IsRouter flag. */
static void test_advert_news(void **state)
{
	static const struct {
		bool reachable; /* or INCOMPLETE */
		bool was_router;
		int lladdr; /* 0 none, 1 same, 2 different */
		unsigned flags;
		enum drop why;
		bool is_router, router_gone;
		unsigned mac;
	} table[] = {
		{ false, false, 0, R | S | O, DROP_ND_NO_LLADDR, false, false, 0 },
		{ false, true, 0, S | O, DROP_ND_NO_LLADDR, true, false, 0 },
		{ false, false, 2, R | S, DROP_NONE, true, false, 2 },
		{ false, true, 2, S, DROP_NONE, false, true, 2 },
		{ true, false, 0, R, DROP_NONE, true, false, 1 },
		{ true, true, 0, 0, DROP_NONE, false, true, 1 },
		{ true, true, 1, S, DROP_NONE, false, true, 1 },
		{ true, true, 1, R | S, DROP_NONE, true, false, 1 },
		{ true, true, 2, S, DROP_NONE, true, false, 1 }, /* I: not the router flag */
		{ true, true, 2, S | O, DROP_NONE, false, true, 2 },
		{ true, false, 2, R | O, DROP_NONE, true, false, 2 },
		{ true, false, 0, 0, DROP_NONE, false, false, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct world *w = world_new(&NEIGH_CONF_DEFAULT);
		struct mac m[3] = { { { 0 } }, mac_of(7), mac_of(8) }, has;
		struct neigh_news news;

		if (table[i].reachable)
			meet(w, 7);
		else
			send_to(w, 7, 1);
		entry(w, 7)->is_router = table[i].was_router;
		news = advert(w, 7, table[i].lladdr != 0 ? &m[table[i].lladdr] : NULL,
			      table[i].flags);
		has = neigh_mac(entry(w, 7));
		if (news.why != table[i].why || news.router_gone != table[i].router_gone ||
		    entry(w, 7)->is_router != table[i].is_router || !mac_eq(&has, &m[table[i].mac]))
			fail_msg("row %zu", i);
		assert_ptr_equal(news.n, entry(w, 7));
		world_free(w);
	}
}

static void test_advert_for_nobody(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct ip6_addr a = addr_of(8);
	struct mac m = mac_of(7);

	(void)state;
	assert_int_equal(advert(w, 7, &m, S | O).why, DROP_ND_NO_ENTRY);
	assert_null(entry(w, 7));
	neigh_get(&w->t, &w->eth[0], &a); /* an entry, but nothing was asked */
	assert_int_equal(advert(w, 8, &m, S | O).why, DROP_ND_NO_ENTRY);
	assert_state(w, 8, NUD_FREE);
	world_free(w);
}

/* RFC 4861 appendix D, sections 6.2.6, 6.3.4, 7.2.3, 8.3: hints against the IsRouter flag. */
static void test_hint_roles(void **state)
{
	static const struct {
		bool exists, was_router, lladdr;
		enum neigh_role role;
		bool found, is_router, router_gone;
	} table[] = {
		{ false, false, true, NEIGH_ROLE_UNKNOWN, true, false, false }, /* 7.2.3 */
		{ true, true, true, NEIGH_ROLE_UNKNOWN, true, true, false },	/* MUST NOT */
		{ true, false, true, NEIGH_ROLE_UNKNOWN, true, false, false },
		{ false, false, true, NEIGH_ROLE_ROUTER, true, true, false }, /* 6.3.4 */
		{ true, false, false, NEIGH_ROLE_ROUTER, true, true, false },
		{ false, false, false, NEIGH_ROLE_ROUTER, false, false, false },
		{ false, false, true, NEIGH_ROLE_HOST, true, false, false }, /* 6.2.6 */
		{ true, true, true, NEIGH_ROLE_HOST, true, false, true },
		{ true, true, false, NEIGH_ROLE_HOST, true, false, true },
		{ false, false, false, NEIGH_ROLE_HOST, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct world *w = world_new(&NEIGH_CONF_DEFAULT);
		struct mac m = mac_of(7);
		struct neigh_news news;

		if (table[i].exists) {
			meet(w, 7);
			entry(w, 7)->is_router = table[i].was_router;
		}
		news = hint(w, 7, table[i].lladdr ? &m : NULL, table[i].role);
		if (news.why != DROP_NONE || news.router_gone != table[i].router_gone ||
		    (news.n != NULL) != table[i].found || news.n != entry(w, 7) ||
		    (news.n != NULL && news.n->is_router != table[i].is_router))
			fail_msg("row %zu", i);
		world_free(w);
	}
}

/* 7.2.3: another address in a solicitation is taken, and is in doubt. */
static void test_hint_moves(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct mac m = mac_of(8);

	(void)state;
	meet(w, 7);
	hint(w, 7, &m, NEIGH_ROLE_UNKNOWN);
	assert_state(w, 7, NUD_STALE);
	assert_true(send_to(w, 7, 1));
	assert_frame(w, &m, 1);
	assert_state(w, 7, NUD_DELAY);
	world_free(w);
}

/* An answer before the solicitation left: there is nothing to ask any more. */
static void test_answered_before_asked(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct mac m = mac_of(1);

	(void)state;
	send_to(w, 1, 1);
	send_to(w, 2, 1);
	advert(w, 1, &m, S);
	assert_todo(w, 2, NUD_DO_NS_MCAST);
	assert_nothing_to_do(w);
	world_free(w);
}

/* What is to be done comes first in, first out. */
static void test_todo_order(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);

	(void)state;
	for (uint64_t i = 1; i <= 5; i++)
		send_to(w, i, 1);
	for (uint64_t i = 1; i <= 5; i++)
		assert_todo(w, i, NUD_DO_NS_MCAST);
	assert_nothing_to_do(w);
	world_free(w);
}

/*
 * RFC 6583: a million addresses are scanned through a router with 1,000 neighbours in use, most
 * of which have to be confirmed again meanwhile. The neighbours lose nothing; memory stays.
 */
#define SCAN   1000000
#define IN_USE 1000

static void answer_probes(struct world *w)
{
	enum nud_do what;
	struct neigh *n;

	while ((n = neigh_todo(&w->t, &what)) != NULL)
		if (what == NUD_DO_NS_UCAST)
			neigh_advert(&w->t, &w->eth[0], &n->addr, NULL, S);
}

static void test_address_scan(void **state)
{
	struct neigh_conf conf = NEIGH_CONF_DEFAULT;
	size_t octets = 0;
	struct world *w;

	(void)state;
	conf.max = 2048;
	conf.max_unresolved = 256;
	w = world_new(&conf);
	w->env.tracer.fn = NULL;
	for (uint64_t i = 1; i <= IN_USE; i++)
		meet(w, i);
	for (uint64_t i = 0; i < SCAN; i++) {
		run_to(w, i * 50 * NS_PER_US);
		send_to(w, UINT64_C(1) << 32 | i, 1);
		assert_true(send_to(w, i % IN_USE + 1, 2)); /* leaves at once */
		pktq_free(&w->eth[0].tx);
		answer_probes(w);
		if (i == 1000)
			octets = neigh_octets(&w->t);
		assert_true(w->t.n <= IN_USE + 256);
		assert_true(w->t.n_unresolved <= 256);
		assert_true(w->t.n_waiting <= 256);
	}
	for (uint64_t i = 1; i <= IN_USE; i++)
		assert_non_null(entry(w, i));
	assert_int_equal(neigh_octets(&w->t), octets);
	assert_true(w->pool.n_small < 512);
	/* every packet of the scan is accounted for */
	assert_int_equal(w->env.drops[DROP_NEIGH_GONE] + w->env.drops[DROP_NEIGH_UNREACH] +
				 w->t.n_waiting,
			 SCAN);
	assert_int_equal(w->env.drops[DROP_NEIGH_TABLE_FULL], 0);
	world_free(w);
}

/* Beyond max_unresolved the oldest without an address goes, and nobody else. */
static void test_unresolved_limit(void **state)
{
	struct neigh_conf conf = NEIGH_CONF_DEFAULT;
	struct mac m = mac_of(2);
	struct world *w;

	(void)state;
	conf.max_unresolved = 3;
	w = world_new(&conf);
	for (uint64_t i = 1; i <= 3; i++)
		send_to(w, i, 1);
	advert(w, 2, &m, S); /* no longer one of them */
	send_to(w, 4, 1);
	assert_non_null(entry(w, 1));
	send_to(w, 5, 1);
	assert_null(entry(w, 1));
	assert_int_equal(w->env.drops[DROP_NEIGH_GONE], 1);
	assert_state(w, 2, NUD_REACHABLE);
	assert_todo(w, 3, NUD_DO_NS_MCAST); /* and the one that went is not solicited */
	assert_todo(w, 4, NUD_DO_NS_MCAST);
	assert_todo(w, 5, NUD_DO_NS_MCAST);
	assert_nothing_to_do(w);
	world_free(w);
}

/* A full table: idle ones go, longest idle first; then unresolved ones; never those in use. */
static void test_eviction_order(void **state)
{
	struct neigh_conf conf = NEIGH_CONF_DEFAULT;
	struct ip6_addr a = addr_of(1);
	struct mac m = mac_of(1);
	struct world *w;

	(void)state;
	conf.max = 6;
	conf.max_unresolved = 6;
	w = world_new(&conf);
	neigh_set(&w->t, &w->eth[0], &a, &m); /* 1 PERMANENT */
	meet(w, 2);			      /* 2 REACHABLE */
	for (uint64_t i = 3; i <= 5; i++)     /* 3, 4, 5 STALE; 3 is used again: DELAY */
		hint(w, i, &m, NEIGH_ROLE_UNKNOWN);
	send_to(w, 3, 1);
	send_to(w, 6, 1); /* 6 INCOMPLETE */
	assert_int_equal(w->t.n, 6);

	hint(w, 7, &m, NEIGH_ROLE_UNKNOWN);
	assert_null(entry(w, 4));
	send_to(w, 8, 1);
	assert_null(entry(w, 5));
	send_to(w, 9, 1);
	assert_null(entry(w, 7)); /* 7 was idle too */
	assert_non_null(entry(w, 6));
	send_to(w, 10, 1); /* now those that were never found */
	assert_null(entry(w, 6));
	advert(w, 8, &m, S);
	advert(w, 9, &m, S);
	advert(w, 10, &m, S);
	send_to(w, 11, 1); /* all six in use */
	assert_null(entry(w, 11));
	assert_int_equal(w->env.drops[DROP_NEIGH_TABLE_FULL], 1);
	assert_int_equal(hint(w, 12, &m, NEIGH_ROLE_UNKNOWN).why, DROP_NEIGH_TABLE_FULL);
	a = addr_of(13);
	assert_null(neigh_get(&w->t, &w->eth[0], &a));
	assert_null(neigh_set(&w->t, &w->eth[0], &a, &m));
	assert_int_equal(w->t.n, 6);
	assert_state(w, 1, NUD_PERMANENT);
	assert_state(w, 2, NUD_REACHABLE);
	assert_state(w, 3, NUD_DELAY);
	world_free(w);
}

/* An UNREACHABLE entry that is still sent to is not the one to go. */
static void test_unreachable_in_use_is_younger(void **state)
{
	struct neigh_conf conf = NEIGH_CONF_DEFAULT;
	struct mac m = mac_of(1);
	struct world *w;

	(void)state;
	conf.max = 2;
	conf.max_unresolved = 1;
	w = world_new(&conf);
	hint(w, 1, &m, NEIGH_ROLE_UNKNOWN);
	send_to(w, 1, 1);
	run_to(w, 8 * NS_PER_S);
	assert_state(w, 1, NUD_UNREACHABLE);
	hint(w, 2, &m, NEIGH_ROLE_UNKNOWN);
	send_to(w, 1, 1);
	hint(w, 3, &m, NEIGH_ROLE_UNKNOWN);
	assert_null(entry(w, 2));
	assert_state(w, 1, NUD_UNREACHABLE);
	world_free(w);
}

/* Idle entries go after gc_idle to the nanosecond; use puts it off; 0 turns it off. */
static void test_gc_idle(void **state)
{
	struct neigh_conf conf = NEIGH_CONF_DEFAULT;
	struct ip6_addr a = addr_of(2);
	struct mac m = mac_of(1);
	struct world *w;

	(void)state;
	w = world_new(&conf);
	meet(w, 1);
	neigh_set(&w->t, &w->eth[0], &a, &m);
	a = addr_of(3);
	neigh_get(&w->t, &w->eth[0], &a); /* and then not used at all */
	meet(w, 4);
	hint(w, 4, &m, NEIGH_ROLE_UNKNOWN); /* STALE before its time */
	run_to(w, conf.gc_idle - 1);
	assert_non_null(entry(w, 3));
	assert_state(w, 4, NUD_STALE);
	run_to(w, conf.gc_idle);
	assert_null(entry(w, 3));
	assert_null(entry(w, 4));
	run_to(w, NUD_REACHABLE_TIME + conf.gc_idle - 1);
	assert_state(w, 1, NUD_STALE);
	run_to(w, NUD_REACHABLE_TIME + conf.gc_idle);
	assert_null(entry(w, 1));
	run_to(w, 1000 * conf.gc_idle);
	assert_state(w, 2, NUD_PERMANENT);
	assert_int_equal(w->t.n, 1);
	world_free(w);

	conf.gc_idle = 0;
	w = world_new(&conf);
	meet(w, 1);
	run_to(w, 1000 * NUD_REACHABLE_TIME);
	assert_state(w, 1, NUD_STALE);
	assert_true(timers_next(&w->env.timers) == TIME_NEVER);
	world_free(w);
}

/* A new ReachableTime or RetransTimer counts from the next time one is armed. */
static void test_conf_changes(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct nud_conf *cf = &neigh_if_find(&w->t, &w->eth[0])->nud;
	struct mac m = mac_of(1);

	(void)state;
	meet(w, 1);
	cf->reachable = 10 * NS_PER_S;
	run_to(w, 10 * NS_PER_S);
	assert_state(w, 1, NUD_REACHABLE);
	advert(w, 1, &m, S); /* confirmed at 10 s: now a shorter time, though 30 s ran */
	run_to(w, 20 * NS_PER_S - 1);
	assert_state(w, 1, NUD_REACHABLE);
	run_to(w, 20 * NS_PER_S);
	assert_state(w, 1, NUD_STALE);

	send_to(w, 2, 1);
	assert_todo(w, 2, NUD_DO_NS_MCAST);
	cf->retrans = 4 * NS_PER_S;
	run_to(w, 21 * NS_PER_S);
	assert_todo(w, 2, NUD_DO_NS_MCAST);
	run_to(w, 25 * NS_PER_S - 1);
	assert_nothing_to_do(w);
	run_to(w, 25 * NS_PER_S);
	assert_todo(w, 2, NUD_DO_NS_MCAST);

	assert_int_equal(neigh_if_find(&w->t, &w->eth[1])->nud.retrans, NUD_RETRANS_TIMER);
	world_free(w);
}

/* A stream of confirmations costs no timer; the entry turns STALE exactly after the last. */
static void test_confirm_is_cheap(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	time_ns last = 0, when = 0;
	unsigned armed = 0;

	(void)state;
	meet(w, 1);
	for (unsigned i = 1; i <= 9000; i++) { /* each 10 ms, for 90 s */
		last = i * 10 * NS_PER_MS;
		run_to(w, last);
		neigh_confirm(&w->t, entry(w, 1));
		armed += entry(w, 1)->timer.when != when;
		when = entry(w, 1)->timer.when;
	}
	assert_true(armed <= 4 && w->timer_pops <= 4);
	run_to(w, last + NUD_REACHABLE_TIME - 1);
	assert_state(w, 1, NUD_REACHABLE);
	run_to(w, last + NUD_REACHABLE_TIME);
	assert_state(w, 1, NUD_STALE);
	world_free(w);
}

/* The longest ReachableTime there is does not make an entry look idle. */
static void test_reachable_for_ever(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);

	(void)state;
	neigh_if_find(&w->t, &w->eth[0])->nud.reachable = TIME_NEVER;
	meet(w, 1);
	run_to(w, UINT64_C(100000) * NS_PER_S);
	assert_state(w, 1, NUD_REACHABLE);
	world_free(w);
}

/* The interface goes down: all goes but PERMANENT, on that interface only; waiting is named. */
static void test_flush(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct ip6_addr a[5];
	struct mac m = mac_of(1);

	(void)state;
	for (unsigned i = 1; i < 5; i++)
		a[i] = addr_of(i);
	neigh_set(&w->t, &w->eth[0], &a[1], &m);
	meet(w, 2);
	send_to(w, 3, 1);
	neigh_send(&w->t, &w->eth[1], &a[3], packet(w, 2));
	neigh_set(&w->t, &w->eth[1], &a[4], &m);
	neigh_flush(&w->t, &w->eth[0]);
	assert_int_equal(w->env.drops[DROP_NEIGH_GONE], 1);
	assert_state(w, 1, NUD_PERMANENT);
	assert_null(entry(w, 2));
	assert_null(entry(w, 3));
	assert_int_equal(w->t.n, 3);
	assert_int_equal(w->t.n_unresolved, 1);

	/* one that has failed and was not fetched, one that was */
	run_to(w, 3 * NS_PER_S);
	assert_null(neigh_find(&w->t, &w->eth[1], &a[3]));
	assert_int_equal(w->t.n, 3);
	neigh_flush(&w->t, &w->eth[1]);
	assert_int_equal(w->env.drops[DROP_NEIGH_UNREACH], 1);
	assert_int_equal(w->t.n, 2);
	assert_nothing_to_do(w);
	neigh_send(&w->t, &w->eth[1], &a[3], packet(w, 2));
	run_to(w, 6 * NS_PER_S);
	assert_todo(w, 3, NUD_DO_UNREACH);
	neigh_if_del(&w->t, &w->eth[1]);
	assert_int_equal(w->env.drops[DROP_NEIGH_UNREACH], 2);
	assert_null(neigh_if_find(&w->t, &w->eth[1]));
	assert_int_equal(w->t.n, 1);
	assert_nothing_to_do(w);
	world_free(w);
}

/* neigh_done() with packets waiting names their end. */
static void test_done_drops(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);

	(void)state;
	send_to(w, 1, 1);
	send_to(w, 2, 1);
	neigh_done(&w->t);
	assert_int_equal(w->env.drops[DROP_NEIGH_GONE], 2);
	neigh_init(&w->t, &w->env, &NEIGH_CONF_DEFAULT);
	world_free(w);
}

/* The same address on two interfaces is two neighbours (RFC 4007 zones). */
static void test_interfaces_are_apart(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct ip6_addr a = addr_of(1);
	struct mac m = mac_of(1), other = mac_of(2), got;

	(void)state;
	memcpy(&w->env.key.k[0], &a, sizeof(w->env.key.k[0])); /* all hashes are 0 now */
	w->env.key.k[1] = 0;
	neigh_hint(&w->t, &w->eth[0], &a, &m, NEIGH_ROLE_UNKNOWN);
	assert_null(neigh_find(&w->t, &w->eth[1], &a));
	neigh_hint(&w->t, &w->eth[1], &a, &other, NEIGH_ROLE_UNKNOWN);
	got = neigh_mac(neigh_find(&w->t, &w->eth[0], &a));
	assert_true(mac_eq(&got, &m));
	got = neigh_mac(neigh_find(&w->t, &w->eth[1], &a));
	assert_true(mac_eq(&got, &other));
	assert_int_equal(w->t.n, 2);
	neigh_send(&w->t, &w->eth[1], &a, packet(w, 1));
	assert_no_frame(w);
	assert_int_equal(w->eth[1].tx.n, 1);
	world_free(w);
}

/* The operator's entry: resolves what waits, and neighbours cannot talk it away. */
static void test_permanent(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct ip6_addr a = addr_of(1);
	struct mac m = mac_of(1), other = mac_of(2);

	(void)state;
	send_to(w, 1, 1);
	neigh_set(&w->t, &w->eth[0], &a, &m);
	assert_frame(w, &m, 1);
	assert_nothing_to_do(w);
	advert(w, 1, &other, R | S | O);
	hint(w, 1, &other, NEIGH_ROLE_UNKNOWN);
	assert_true(send_to(w, 1, 2));
	assert_frame(w, &m, 2);
	assert_false(entry(w, 1)->is_router);
	neigh_set(&w->t, &w->eth[0], &a, &other);
	send_to(w, 1, 3);
	assert_frame(w, &other, 3);
	neigh_del(&w->t, entry(w, 1));
	assert_null(entry(w, 1));
	world_free(w);
}

static void test_new_mac_of_ours(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct mac m = mac_of(1);

	(void)state;
	meet(w, 1);
	w->eth[0].mac = mac_of(99);
	neigh_if_new_mac(&w->t, &w->eth[0]);
	send_to(w, 1, 1);
	assert_frame(w, &m, 1); /* compares the source with eth[0].mac */
	world_free(w);
}

/* References notice that an entry went, even if its memory serves another. */
static void test_refs(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct neigh_ref none = { 0 }, one, failed;

	(void)state;
	meet(w, 1);
	one = neigh_ref(entry(w, 1));
	assert_ptr_equal(neigh_deref(&one), entry(w, 1));
	assert_null(neigh_deref(&none));
	neigh_del(&w->t, entry(w, 1));
	assert_null(neigh_deref(&one));
	meet(w, 2);
	assert_ptr_equal(entry(w, 2), one.n);
	assert_null(neigh_deref(&one));
	send_to(w, 3, 1);
	failed = neigh_ref(entry(w, 3));
	run_to(w, 3 * NS_PER_S);
	assert_null(neigh_deref(&failed)); /* though it waits in neigh_todo() */
	assert_int_equal(w->t.n, 2);
	world_free(w);
}

/* Every change of state is told, once. */
static void test_events(void **state)
{
	static const enum nud_state expected[] = { NUD_INCOMPLETE, NUD_STALE, NUD_DELAY,
						   NUD_REACHABLE,  NUD_STALE, NUD_FREE };
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	struct ip6_addr a = addr_of(1);
	struct mac m = mac_of(1);

	(void)state;
	send_to(w, 1, 1);
	send_to(w, 1, 1);
	hint(w, 1, &m, NEIGH_ROLE_UNKNOWN);
	neigh_confirm(&w->t, entry(w, 1));
	neigh_confirm(&w->t, entry(w, 1));
	run_to(w, NUD_REACHABLE_TIME);
	neigh_del(&w->t, entry(w, 1));
	assert_int_equal(w->n_events, ARRAY_LEN(expected));
	for (unsigned i = 0; i < ARRAY_LEN(expected); i++) {
		assert_int_equal(w->events[i].state, expected[i]);
		assert_int_equal(w->events[i].ifindex, 1);
		assert_true(ip6_eq(&w->events[i].addr, &a));
	}
	world_free(w);
}

/* A thousand small hosts fit where one large router does: memory follows the entries. */
static void test_size_follows(void **state)
{
	static const struct {
		uint64_t n;
		size_t entries; /* that there is memory for */
	} sizes[] = { { 0, 0 },	  { 1, 8 },    { 8, 8 },     { 9, 24 },	  { 24, 24 },
		      { 25, 56 }, { 57, 120 }, { 121, 184 }, { 185, 248 } };
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	uint64_t n = 0;

	(void)state;
	w->env.tracer.fn = NULL;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t entries = sizes[i].entries * sizeof(struct neigh), slabs;

		while (n < sizes[i].n)
			meet(w, n++);
		slabs = neigh_octets(&w->t) - htab_octets(&w->t.tab);
		assert_in_range(slabs, entries, entries + 16 * (sizes[i].entries / 8));
	}
	world_free(w);
}

/* Walking finds each entry once; the memory of each is within what was promised. */
static void test_iter_and_size(void **state)
{
	struct world *w = world_new(&NEIGH_CONF_DEFAULT);
	unsigned seen = 0;

	(void)state;
	w->env.tracer.fn = NULL;
	for (uint64_t i = 0; i < 8192; i++)
		meet(w, i);
	for (struct neigh *n = neigh_iter(&w->t, NULL); n != NULL; n = neigh_iter(&w->t, n))
		seen++;
	assert_int_equal(seen, 8192);
	print_message("%zu octets per neighbour\n", neigh_octets(&w->t) / 8192);
	assert_true(neigh_octets(&w->t) <= 192 * 8192);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets_wait_in_order),
		cmocka_unit_test(test_queued_packets_start_delay),
		cmocka_unit_test(test_hint_resolves),
		cmocka_unit_test(test_resolution_gives_up),
		cmocka_unit_test(test_probe_gives_up),
		cmocka_unit_test(test_probe_deletes),
		cmocka_unit_test(test_queue_overflow),
		cmocka_unit_test(test_queue_total),
		cmocka_unit_test(test_advert_news),
		cmocka_unit_test(test_advert_for_nobody),
		cmocka_unit_test(test_hint_roles),
		cmocka_unit_test(test_hint_moves),
		cmocka_unit_test(test_answered_before_asked),
		cmocka_unit_test(test_todo_order),
		cmocka_unit_test(test_address_scan),
		cmocka_unit_test(test_unresolved_limit),
		cmocka_unit_test(test_eviction_order),
		cmocka_unit_test(test_unreachable_in_use_is_younger),
		cmocka_unit_test(test_gc_idle),
		cmocka_unit_test(test_conf_changes),
		cmocka_unit_test(test_confirm_is_cheap),
		cmocka_unit_test(test_reachable_for_ever),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_done_drops),
		cmocka_unit_test(test_interfaces_are_apart),
		cmocka_unit_test(test_permanent),
		cmocka_unit_test(test_new_mac_of_ours),
		cmocka_unit_test(test_refs),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_size_follows),
		cmocka_unit_test(test_iter_and_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
