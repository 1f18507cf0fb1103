/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 9293 section 3.10: states, segment by segment, against a peer that says just what we want. */
#include "transport/peer.h"

#define MS NS_PER_MS

/* Active open, close by us: 3.5 figure 6, 3.6 figure 12. */
static void test_active(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_connected(&p, NULL);
	assert_int_equal(peer_state(&p), TCP_ESTABLISHED);
	peer_send(&p, 5);
	(void)peer_hears(&p, PA, 1, 1, 5);
	assert_int_equal(peer_say(&p, A, 1, 6, 0), DROP_NONE);
	assert_int_equal(tcp_shutdown(p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, FA | P, 6, 1, 0);
	assert_int_equal(peer_state(&p), TCP_FIN_WAIT_1);
	assert_int_equal(tcp_send(p.tc, "x", 1), -EPIPE);
	assert_int_equal(peer_say(&p, A, 1, 7, 0), DROP_NONE);
	assert_int_equal(peer_state(&p), TCP_FIN_WAIT_2);
	assert_int_equal(peer_say(&p, A, 1, 7, 10), DROP_NONE); /* half closed: data still comes */
	assert_int_equal(peer_say(&p, FA, 11, 7, 0), DROP_NONE);
	(void)peer_hears(&p, A, 7, 12, 0);
	assert_int_equal(peer_state(&p), TCP_TIME_WAIT);
	bed_silent_until(&b, b.now + 59999 * MS);
	assert_int_equal(peer_state(&p), TCP_TIME_WAIT);
	bed_silent_until(&b, b.now + MS);
	assert_int_equal(peer_state(&p), TCP_CLOSED);
	peer_done(&p);
}

/* Passive open, close by the peer: CLOSE-WAIT, LAST-ACK. */
static void test_passive(void **state)
{
	uint8_t buf[20];
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	assert_int_equal(peer_say(&p, FA, 1, 1, 4), DROP_NONE);
	(void)peer_hears(&p, A, 1, 6, 0);
	assert_int_equal(peer_state(&p), TCP_CLOSE_WAIT);
	assert_int_equal(tcp_poll(p.tc), TCP_READABLE | TCP_WRITABLE | TCP_HUNG_UP);
	assert_int_equal(tcp_recv(p.tc, buf, sizeof(buf)), 4);
	assert_int_equal(tcp_recv(p.tc, buf, sizeof(buf)), 0);
	peer_send(&p, 3);
	(void)peer_hears(&p, PA, 1, 6, 3);
	tcp_close(p.tc);
	p.tc = NULL;
	peer_settle(&p);
	(void)peer_hears(&p, FA | P, 4, 6, 0);
	assert_int_equal(p.stack->n_conns, 1);
	assert_int_equal(peer_say(&p, A, 6, 5, 0), DROP_NONE);
	assert_int_equal(p.stack->n_conns, 0);
	peer_silent(&p);
	peer_done(&p);
}

/* Both close at once: CLOSING (3.6 figure 13). */
static void test_closing(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_connected(&p, NULL);
	assert_int_equal(tcp_shutdown(p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, FA | P, 1, 1, 0);
	assert_int_equal(peer_say(&p, FA, 1, 1, 0), DROP_NONE);
	(void)peer_hears(&p, A, 2, 2, 0);
	assert_int_equal(peer_state(&p), TCP_CLOSING);
	assert_int_equal(peer_say(&p, A, 2, 2, 0), DROP_NONE);
	assert_int_equal(peer_state(&p), TCP_TIME_WAIT);
	peer_done(&p);
}

/* Both open at once: 3.5 figure 7. */
static void test_simultaneous_open(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, NULL, &p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, S, 0, 0, 0);
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA, 0, 1, 0);
	assert_int_equal(peer_state(&p), TCP_SYN_RECEIVED);
	assert_int_equal(peer_say(&p, SA, 0, 1, 0), DROP_NONE);
	assert_int_equal(peer_state(&p), TCP_ESTABLISHED);
	peer_send(&p, 1);
	(void)peer_hears(&p, PA, 1, 1, 1);
	peer_done(&p);
}

/* 3.10.7.3: what a SYN-SENT takes and refuses. */
static void test_syn_sent(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, NULL, &p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, S, 0, 0, 0);
	assert_int_equal(peer_say(&p, SA, 0, 2, 0), DROP_TCP_ACK_UNSENT);
	(void)peer_hears(&p, R, 2, 0, 0);
	assert_int_equal(peer_say(&p, SA, 0, 0, 0), DROP_TCP_ACK_UNSENT);
	(void)peer_hears(&p, R, 0, 0, 0);
	assert_int_equal(peer_say(&p, R, 0, 0, 0), DROP_TCP_RST);
	assert_int_equal(peer_say(&p, RA, 0, 2, 0), DROP_TCP_ACK_UNSENT);
	assert_int_equal(peer_say(&p, A, 0, 1, 0), DROP_TCP_NO_SYN);
	peer_silent(&p);
	assert_int_equal(peer_state(&p), TCP_SYN_SENT);
	assert_int_equal(peer_say(&p, RA, 0, 1, 0), DROP_NONE);
	assert_int_equal(peer_state(&p), TCP_CLOSED);
	assert_int_equal(tcp_poll(p.tc) & TCP_FAILED, TCP_FAILED);
	assert_int_equal(tcp_send(p.tc, "x", 1), -ECONNREFUSED);
	assert_int_equal(tcp_send(p.tc, "x", 1), -EPIPE);
	peer_silent(&p);
	peer_done(&p);
}

/* 3.10.7.1: what is for nobody is reset, in the two forms, but for resets. */
static void test_for_nobody(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	p.port = 81;
	assert_int_equal(peer_say(&p, S, 5, 0, 0), DROP_TCP_NOBODY);
	(void)peer_hears(&p, RA, 0, 6, 0);
	assert_int_equal(peer_say(&p, FA, 5, 77, 3), DROP_TCP_NOBODY);
	(void)peer_hears(&p, R, 77, 0, 0);
	assert_int_equal(peer_say(&p, RA, 5, 77, 0), DROP_TCP_NOBODY);
	peer_silent(&p);
	peer_done(&p);
}

/*
 * Half-open connections: the SYN again, a reset, another SYN; the SYN,ACK is repeated and given
 * up.
 */
static void test_half_open(void **state)
{
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	peer_init(&p, &b);
	assert_int_equal(tcp_listen(p.stack, &(struct tcp_end){ .port = 80 }, 1, NULL, &p.l), 0);
	t = b.now;
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA, 0, 1, 0);
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA, 0, 1, 0);
	assert_int_equal(peer_say(&p, R, 1, 0, 0), DROP_NONE);
	assert_int_equal(p.stack->n_conns, 0);
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA, 0, 1, 0);
	assert_int_equal(peer_say(&p, S, 10, 0, 0), DROP_TCP_SYN); /* back to LISTEN */
	assert_int_equal(p.stack->n_conns, 0);
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA, 0, 1, 0);
	for (unsigned s = 1; s <= 31; s = s * 2 + 1)
		(void)peer_hears_at(&p, t + s * NS_PER_S, SA, 0, 1, 0);
	bed_silent_until(&b, t + 63 * NS_PER_S);
	assert_int_equal(p.stack->n_conns, 0);
	peer_done(&p);
}

/* Our SYN goes unanswered: RFC 6298, and three minutes (3.8.3, MUST-23). */
static void test_nobody_answers(void **state)
{
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	peer_init(&p, &b);
	t = b.now;
	assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, NULL, &p.tc), 0);
	(void)peer_hears_at(&p, t, S, 0, 0, 0);
	bed_run(&b, t);
	for (unsigned s = 1; s <= 127; s = s * 2 + 1)
		(void)peer_hears_at(&p, t + s * NS_PER_S, S, 0, 0, 0);
	bed_run(&b, t + 246 * NS_PER_S);
	assert_int_equal(peer_state(&p), TCP_SYN_SENT);
	bed_silent_until(&b, t + 247 * NS_PER_S);
	assert_int_equal(peer_state(&p), TCP_CLOSED);
	assert_int_equal(tcp_error_of(p.tc), -ETIMEDOUT);
	peer_done(&p);
}

/* 3.10.7.4, table 6: which segments are acceptable, with a window of 1,000 from 101 on. */
struct acceptable {
	uint32_t seq, len;
	enum drop why;
};

static const struct acceptable table_6[] = {
	{ 101, 0, DROP_NONE },	   { 100, 0, DROP_TCP_SEQ }, { 1100, 0, DROP_NONE },
	{ 1102, 0, DROP_TCP_SEQ }, { 101, 1, DROP_NONE },    { 1101, 1, DROP_TCP_SEQ },
	{ 91, 10, DROP_TCP_SEQ },  { 92, 10, DROP_NONE },    { 1100, 10, DROP_NONE },
	{ 1, 1000, DROP_NONE },	   { 1, 100, DROP_TCP_SEQ }, { 0x7fffffff, 5, DROP_TCP_SEQ },
};

static void test_acceptable(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table_6); i++) {
		struct tcp_opts o = TCP_CONF_DEFAULT.opts;
		struct peer p;
		struct bed b;

		bed_row(i, ARRAY_LEN(table_6));
		o.rcvbuf = 1100;
		peer_init(&p, &b);
		peer_accepted(&p, &o);
		assert_int_equal(peer_say(&p, A, 1, 1, 100), DROP_NONE);
		bed_run(&b, b.now + 100 * MS);
		(void)peer_hears(&p, A, 1, 101, 0);
		assert_int_equal(p.got.wnd, 1000);
		assert_int_equal(peer_say(&p, A, table_6[i].seq, 1, table_6[i].len),
				 table_6[i].why);
		if (table_6[i].why != DROP_NONE)
			(void)peer_hears(&p, A, 1, 101, 0);
		peer_done(&p);
	}
	bed_row(ARRAY_LEN(table_6), ARRAY_LEN(table_6));
}

/* RFC 5961: resets, SYNs and acknowledgments from who only guesses. */
static void test_blind_attacks(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	assert_int_equal(peer_say(&p, R, 0x10000000, 0, 0), DROP_TCP_RST); /* outside: silence */
	peer_silent(&p);
	assert_int_equal(peer_say(&p, R, 2, 0, 0), DROP_TCP_RST);
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(peer_say(&p, S, 1, 0, 0), DROP_TCP_SYN);
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(peer_say(&p, SA, 0x20000000, 1, 0), DROP_TCP_SYN);
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(peer_say(&p, A, 1, 1u - 70000, 5), DROP_TCP_ACK_OLD);
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(peer_say(&p, A, 1, 2, 5), DROP_TCP_ACK_UNSENT);
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(peer_state(&p), TCP_ESTABLISHED);
	for (unsigned i = 5; i < 10; i++) /* ten in five seconds: section 7 */
		assert_int_equal(peer_say(&p, S, 1, 0, 0), DROP_TCP_SYN),
			(void)peer_hears(&p, A, 1, 1, 0);
	(void)peer_say(&p, S, 1, 0, 0);
	peer_silent(&p);
	assert_int_equal(b.node->env.drops[DROP_TCP_CHALLENGE], 1);
	bed_run(&b, b.now + 5 * NS_PER_S);
	(void)peer_say(&p, S, 1, 0, 0);
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(peer_say(&p, R, 1, 0, 0), DROP_NONE); /* the right number */
	assert_int_equal(peer_state(&p), TCP_CLOSED);
	assert_int_equal(tcp_error_of(p.tc), -ECONNRESET);
	peer_done(&p);
}

/* 3.6.1, SHLD-3: closed with data unread, or data after the close: a reset. */
static void test_close_loses_data(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	assert_int_equal(peer_say(&p, A, 1, 1, 5), DROP_NONE);
	tcp_close(p.tc);
	(void)peer_hears_at(&p, b.now, RA, 1, 6, 0);
	p.tc = NULL;
	peer_done(&p);

	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	tcp_close(p.tc);
	p.tc = NULL;
	peer_settle(&p);
	(void)peer_hears(&p, FA | P, 1, 1, 0);
	assert_int_equal(peer_say(&p, A, 1, 2, 5), DROP_TCP_CLOSED);
	(void)peer_hears(&p, R, 2, 0, 0);
	assert_int_equal(p.stack->n_conns, 0);
	peer_done(&p);
}

/* The peer vanishes behind our FIN: FIN-WAIT-2 of an orphan ends. */
static void test_orphan(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	tcp_close(p.tc);
	p.tc = NULL;
	peer_settle(&p);
	(void)peer_hears(&p, FA | P, 1, 1, 0);
	assert_int_equal(peer_say(&p, A, 1, 2, 0), DROP_NONE);
	bed_silent_until(&b, b.now + 59 * NS_PER_S);
	assert_int_equal(p.stack->n_conns, 1);
	bed_silent_until(&b, b.now + NS_PER_S);
	assert_int_equal(p.stack->n_conns, 0);
	peer_done(&p);
}

/* TIME-WAIT: the peer's FIN again; a new SYN (RFC 6191); at most so many. */
static void test_time_wait(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	p.has = TCP_HAS_TS;
	p.tsval = 1000;
	peer_accepted(&p, NULL);
	assert_int_equal(tcp_shutdown(p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, FA | P, 1, 1, 0);
	assert_int_equal(peer_say(&p, FA, 1, 2, 0), DROP_NONE);
	(void)peer_hears(&p, A, 2, 2, 0);
	bed_run(&b, b.now + 50 * NS_PER_S);
	assert_int_equal(peer_say(&p, FA, 1, 2, 0), DROP_TCP_SEQ);
	(void)peer_hears(&p, A, 2, 2, 0);
	bed_silent_until(&b, b.now + 59 * NS_PER_S); /* the wait began anew */
	assert_int_equal(peer_state(&p), TCP_TIME_WAIT);
	p.tsval = 999; /* an old SYN */
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_TCP_PAWS);
	(void)peer_hears(&p, A, 2, 2, 0);
	p.tsval = 1001;
	assert_int_equal(peer_say(&p, S, 0, 0, 0), DROP_NONE);
	(void)peer_hears(&p, SA, 0, 1, 0);
	assert_int_equal(peer_state(&p), TCP_CLOSED);
	peer_done(&p);
}

static void test_time_wait_bounded(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	p.stack->conf.time_wait_max = 3;
	for (unsigned i = 0; i < 10; i++) {
		peer_accepted(&p, NULL);
		assert_int_equal(tcp_shutdown(p.tc), 0);
		peer_settle(&p);
		(void)peer_hears(&p, FA | P, 1, 1, 0);
		assert_int_equal(peer_say(&p, FA, 1, 2, 0), DROP_NONE);
		(void)peer_hears(&p, A, 2, 2, 0);
		tcp_close(p.tc);
		tcp_listener_free(p.l);
		p.remote.port++;
		peer_settle(&p);
		assert_int_equal(p.stack->n_conns, MIN(i + 1, 3u));
	}
	p.tc = NULL;
	p.l = NULL;
	peer_done(&p);
}

/* 3.8.5: urgent data is told of, and stays in line; both ways. */
static void test_urgent(void **state)
{
	uint8_t buf[10];
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	assert_int_equal(peer_say_urgent(&p, 1, 1, 4, 3), DROP_NONE);
	assert_int_equal(tcp_poll(p.tc) & TCP_URGENT, TCP_URGENT);
	assert_int_equal(tcp_recv(p.tc, buf, 2), 2);
	assert_int_equal(tcp_poll(p.tc) & TCP_URGENT, TCP_URGENT);
	assert_int_equal(tcp_recv(p.tc, buf, 2), 2);
	assert_int_equal(tcp_poll(p.tc) & TCP_URGENT, 0);
	assert_int_equal(tcp_send_urgent(p.tc, "abc", 3), 3);
	peer_settle(&p);
	(void)peer_hears(&p, PA | TCP_URG, 1, 5, 3);
	assert_int_equal(p.got.urgent, 3);
	peer_done(&p);
}

/* 3.8.4: keepalive, and the end of patience. */
static void test_keepalive(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	o.keepalive = true;
	o.keep_idle = 100 * NS_PER_S;
	o.keep_interval = 10 * NS_PER_S;
	o.keep_count = 2;
	peer_init(&p, &b);
	peer_accepted(&p, &o);
	t = b.now;
	(void)peer_hears_at(&p, t + 100 * NS_PER_S, A, 0, 1, 0);
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_NONE);
	t = b.now;
	(void)peer_hears_at(&p, t + 100 * NS_PER_S, A, 0, 1, 0);
	(void)peer_hears_at(&p, t + 110 * NS_PER_S, A, 0, 1, 0);
	(void)peer_hears_at(&p, t + 120 * NS_PER_S, RA, 1, 1, 0);
	assert_int_equal(peer_state(&p), TCP_CLOSED);
	assert_int_equal(tcp_recv(p.tc, &o, 1), -ETIMEDOUT);
	peer_done(&p);
}

/* RFC 9293 section 3.9.1.1: a user who does not wait that long does not wait for probes either. */
static void test_keepalive_user_timeout(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	o.keepalive = true;
	o.keep_idle = 100 * NS_PER_S;
	o.keep_interval = 10 * NS_PER_S;
	o.user_timeout = 105 * NS_PER_S;
	peer_init(&p, &b);
	peer_accepted(&p, &o);
	t = b.now;
	(void)peer_hears_at(&p, t + 100 * NS_PER_S, A, 0, 1, 0);
	(void)peer_hears_at(&p, t + 110 * NS_PER_S, RA, 1, 1, 0);
	assert_int_equal(tcp_recv(p.tc, &o, 1), -ETIMEDOUT);
	peer_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_active),
		cmocka_unit_test(test_passive),
		cmocka_unit_test(test_closing),
		cmocka_unit_test(test_simultaneous_open),
		cmocka_unit_test(test_syn_sent),
		cmocka_unit_test(test_for_nobody),
		cmocka_unit_test(test_half_open),
		cmocka_unit_test(test_nobody_answers),
		BED_ROWS(test_acceptable),
		cmocka_unit_test(test_blind_attacks),
		cmocka_unit_test(test_close_loses_data),
		cmocka_unit_test(test_orphan),
		cmocka_unit_test(test_time_wait),
		cmocka_unit_test(test_time_wait_bounded),
		cmocka_unit_test(test_urgent),
		cmocka_unit_test(test_keepalive),
		cmocka_unit_test(test_keepalive_user_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
