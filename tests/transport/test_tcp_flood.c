/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who opens and never answers: half-open connections are bounded, cookies let the honest through.
 * The environment may ask for another size of flood: FLOOD_SYNS.
 */
#include "transport/peer.h"

#include <stdlib.h>

#define FLOOD	  300000
#define ROUNDS	  10
#define HALF_OPEN 500
#define PORTS	  150000 /* of all liars */

static const char *const liars[] = { "2001:db8::201", "2001:db8::202", "2001:db8::203" };

/* The @k-th address of each has ports of its own. */
static struct ip6_addr liar_addr(const char *text, uint8_t k)
{
	struct ip6_addr a = bed_addr_of(text);

	a.b[8] = k;
	return a;
}

static void liar_is_known(struct bed *b, const char *text, uint8_t k)
{
	struct ip6_addr a = liar_addr(text, k);
	struct mac m = bed_mac_of("02:00:00:00:02:00");

	assert_non_null(neigh_set(&b->node->ip6.neigh, &bed_if(b, 0)->link, &a, &m));
}

static void flood(struct peer *p, unsigned from, unsigned n)
{
	struct peer liar = *p;

	liar.has = TCP_HAS_TS | TCP_HAS_SACK_OK | TCP_HAS_WSCALE;
	for (unsigned i = from; i < from + n; i++) {
		liar.remote.addr = liar_addr(liars[i % ARRAY_LEN(liars)], (uint8_t)(i / PORTS));
		liar.remote.port = (uint16_t)(1024 + i % PORTS / ARRAY_LEN(liars));
		(void)peer_say(&liar, S, 0, 0, 0);
		bed_forget(p->b);
	}
}

/* A flood leaves established connections alone, and what waits for nothing takes no memory. */
static void test_flood(void **state)
{
	const char *asked = getenv("FLOOD_SYNS");
	unsigned each = (asked != NULL ? (unsigned)atoi(asked) : FLOOD) / ROUNDS;
	uint8_t buf[10];
	struct peer p, q;
	struct bed b;
	long got = 0;

	(void)state;
	peer_init(&p, &b);
	for (unsigned i = 0; i < ARRAY_LEN(liars); i++)
		for (unsigned k = 0; k <= ROUNDS * each / PORTS; k++)
			liar_is_known(&b, liars[i], (uint8_t)k);
	p.stack->conf.half_open_max = HALF_OPEN;
	peer_accepted(&p, NULL);
	for (unsigned round = 0; round < ROUNDS; round++) {
		flood(&p, round * each, each);
		assert_int_equal(peer_say(&p, A, 1 + round * 10, 1, 10), DROP_NONE);
		got += tcp_recv(p.tc, buf, sizeof(buf));
		peer_settle(&p);
		bed_forget(&b);
	}
	assert_int_equal(got, 100);
	assert_int_equal(peer_state(&p), TCP_ESTABLISHED);
	assert_int_equal(p.stack->n_conns, 1 + HALF_OPEN);
	assert_int_equal(p.stack->count.cookies_sent, ROUNDS * each - HALF_OPEN);
	assert_true(p.stack->mem <= 65536); /* of the one that stands */

	q = p; /* and somebody honest comes in by a cookie */
	q.remote.port = 5000;
	assert_int_equal(peer_say(&q, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&q, SA, 0, 1, 0);
	assert_int_equal(peer_say(&q, A, 1, 1, 4), DROP_NONE);
	q.tc = tcp_accept(p.l);
	assert_non_null(q.tc);
	assert_int_equal(tcp_recv(q.tc, buf, sizeof(buf)), 4);
	assert_int_equal(p.stack->count.cookies_taken, 1);
	tcp_abort(q.tc);
	for (unsigned i = 0; i < 64; i++) { /* the half-open ones give up */
		bed_forget(&b);
		bed_run(&b, b.now + NS_PER_S);
	}
	assert_int_equal(p.stack->n_conns, 1);
	peer_done(&p);
}

static void begin(struct peer *p, struct bed *b)
{
	peer_init(p, b);
	p->stack->conf.half_open_max = 0;
	assert_int_equal(tcp_listen(p->stack, &(struct tcp_end){ .port = 80 }, 5, NULL, &p->l), 0);
}

/* A cookie remembers what was agreed on, by way of the timestamp. */
static void test_cookie_options(void **state)
{
	struct tcp_info i;
	struct peer p;
	struct bed b;

	(void)state;
	begin(&p, &b);
	p.has = TCP_HAS_TS | TCP_HAS_SACK_OK | TCP_HAS_WSCALE;
	p.wscale = 9;
	p.mss = 1300;
	p.tsval = 5;
	assert_int_equal(peer_say(&p, S | TCP_ECE | TCP_CWR, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA | TCP_ECE, 0, 1, 0);
	assert_int_equal(p.got.has, TCP_HAS_TS | TCP_HAS_SACK_OK | TCP_HAS_WSCALE | TCP_HAS_MSS);
	assert_int_equal(p.stack->n_conns, 0);
	p.tsecr = p.got.tsval;
	p.tsval = 7;
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_NONE);
	p.tc = tcp_accept(p.l);
	assert_non_null(p.tc);
	tcp_info(p.tc, &i);
	assert_int_equal(i.snd_wscale, 9);
	assert_int_equal(i.snd_wnd, 65535 << 9);
	assert_true(i.timestamps && i.sack && i.ecn);
	assert_int_equal(i.snd_mss, 1220 - 12); /* the next lower of eight */
	peer_send(&p, 10);
	(void)peer_hears(&p, PA, 1, 1, 10);
	assert_true((int32_t)(p.got.tsval - p.tsecr) >= 0);
	peer_done(&p);
}

/* Without timestamps: no scale, no SACK. */
static void test_cookie_plain(void **state)
{
	struct tcp_info i;
	struct peer p;
	struct bed b;

	(void)state;
	begin(&p, &b);
	p.has = TCP_HAS_SACK_OK | TCP_HAS_WSCALE;
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA, 0, 1, 0);
	assert_int_equal(p.got.has, TCP_HAS_MSS);
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_NONE);
	p.tc = tcp_accept(p.l);
	assert_non_null(p.tc);
	tcp_info(p.tc, &i);
	assert_false(i.sack);
	assert_int_equal(i.snd_wscale, 0);
	assert_int_equal(i.snd_mss, 1440);
	peer_done(&p);
}

/* Guesses, other peers' cookies and old ones open nothing. */
static void test_cookie_forged(void **state)
{
	struct peer p, q;
	struct bed b;

	(void)state;
	begin(&p, &b);
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_TCP_LISTEN_ACK); /* none was ever sent */
	bed_forget(&b);
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA, 0, 1, 0);
	assert_int_equal(peer_say(&p, A, 1, 2, 0), DROP_TCP_LISTEN_ACK);
	assert_int_equal(peer_say(&p, A, 2, 1, 0), DROP_TCP_LISTEN_ACK);
	q = p;
	q.remote.port++;
	assert_int_equal(peer_say(&q, A, 1, 1, 0), DROP_TCP_LISTEN_ACK);
	for (uint32_t i = 0; i < 20000; i++) /* one in sixteen million */
		assert_int_equal(peer_say(&p, A, 1, i * 7919 + 3, 0), DROP_TCP_LISTEN_ACK),
			bed_forget(&b);
	assert_int_equal(p.stack->n_conns, 0);
	bed_run(&b, b.now + 130 * NS_PER_S);
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE); /* so that cookies are looked at */
	bed_forget(&b);
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_TCP_LISTEN_ACK); /* the old one */
	bed_forget(&b);
	peer_done(&p);
}

/* A good cookie does not get past a full accept queue, and is not refused for ever either. */
static void test_cookie_backlog(void **state)
{
	struct peer p, q;
	struct bed b;

	(void)state;
	begin(&p, &b);
	for (unsigned i = 0; i < 5; i++) {
		q = p;
		q.remote.port = (uint16_t)(5000 + i);
		assert_int_equal(peer_say(&q, S, 0, 0, 0), DROP_NONE);
		(void)peer_hears(&q, SA, 0, 1, 0);
		assert_int_equal(peer_say(&q, A, 1, 1, 0), DROP_NONE);
	}
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_TCP_BACKLOG);
	tcp_abort(tcp_accept(p.l));
	peer_settle(&p);
	bed_forget(&b);
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA, 0, 1, 0);
	q.remote.port = 5010;
	assert_int_equal(peer_say(&q, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&q, SA, 0, 1, 0);
	assert_int_equal(peer_say(&q, A, 1, 1, 0), DROP_NONE); /* the queue is full again */
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_TCP_BACKLOG);
	peer_silent(&p);
	assert_int_equal(p.stack->n_conns, 5);
	tcp_abort(tcp_accept(p.l));
	peer_settle(&p);
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_NONE);
	assert_int_equal(tcp_accept_waiting(p.l), 5);
	peer_done(&p);
}

/* The accept queue is bounded: SYNs beyond it are not answered, and half-open ones wait. */
static void test_backlog(void **state)
{
	struct peer p, q;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	assert_int_equal(tcp_listen(p.stack, &(struct tcp_end){ .port = 80 }, 1, NULL, &p.l), 0);
	q = p;
	q.remote.port++;
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA, 0, 1, 0);
	assert_int_equal(peer_say(&q, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&q, SA, 0, 1, 0);
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_NONE);
	assert_int_equal(peer_say(&q, A, 1, 1, 0), DROP_TCP_BACKLOG);
	p.remote.port += 2;
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_TCP_BACKLOG);
	p.tc = tcp_accept(p.l);
	assert_non_null(p.tc);
	assert_null(tcp_accept(p.l));
	assert_int_equal(peer_say(&q, A, 1, 1, 0), DROP_NONE);
	q.tc = tcp_accept(p.l);
	assert_non_null(q.tc);
	tcp_abort(q.tc);
	peer_done(&p);
}

/* RFC 6056 algorithm 3, RFC 6528: ports and numbers of one end tell nothing of another's. */
static void test_unguessable(void **state)
{
	uint16_t port[2][3];
	uint32_t iss[2][3];
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	for (unsigned k = 0; k < 6; k++) {
		struct tcp_info i;

		p.remote.port = (uint16_t)(100 + k % 2);
		assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, NULL, &p.tc), 0);
		peer_settle(&p);
		(void)peer_hears(&p, S, 0, 0, 0);
		tcp_info(p.tc, &i);
		port[k % 2][k / 2] = i.local.port;
		iss[k % 2][k / 2] = p.node_iss;
		assert_in_range(i.local.port, 32768, 60999);
		tcp_abort(p.tc);
	}
	p.tc = NULL;
	for (unsigned k = 0; k < 2; k++) {
		assert_true(port[k][0] != port[k][1] && port[k][1] != port[k][2]);
		assert_true(iss[k][0] - iss[k][1] > 1000 || iss[k][1] - iss[k][0] > 1000);
	}
	assert_true(port[0][0] - port[1][0] > 8 || port[1][0] - port[0][0] > 8);
	peer_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood),	     cmocka_unit_test(test_cookie_options),
		cmocka_unit_test(test_cookie_plain), cmocka_unit_test(test_cookie_forged),
		cmocka_unit_test(test_backlog),	     cmocka_unit_test(test_cookie_backlog),
		cmocka_unit_test(test_unguessable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
