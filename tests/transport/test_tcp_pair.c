/* SPDX-License-Identifier: BSD-3-Clause */
/* Two stacks of ours: opening, data both ways, closing in each order. */
#include "transport/tcp_pair.h"

static const struct wire_conf delayed = { .delay = 10 * NS_PER_MS, .mtu = 1500 };

/* RFC 9293 section 3.5, figure 6: a round trip to open, data, and figure 12 to close. */
static void test_open_data_close(void **state)
{
	struct pair_stream s[2];
	struct tcp_info i;
	struct pair p;

	(void)state;
	pair_init(&p, 1, &delayed);
	pair_open(&p, NULL);
	s[0] = (struct pair_stream){ .from = p.ca, .to = p.cb, .total = 3000000 };
	s[1] = (struct pair_stream){ .from = p.cb, .to = p.ca, .total = 1234567 };
	assert_true(pair_pump(&p, s, 2, p.w.now + 100 * NS_PER_S));
	assert_int_equal(s[0].got, s[0].total);
	assert_int_equal(s[1].got, s[1].total);
	tcp_info(p.ca, &i);
	assert_int_equal(i.retransmits, 0);
	assert_int_equal(i.snd_mss, 1500 - 60 - 12);
	assert_true(i.srtt >= 20 * NS_PER_MS && i.srtt < 70 * NS_PER_MS);
	pair_run(&p, NS_PER_S);
	assert_int_equal(pair_stack(p.a)->n_time_wait + pair_stack(p.b)->n_time_wait, 1);
	pair_run(&p, 60 * NS_PER_S);
	assert_int_equal(pair_state(p.ca), TCP_CLOSED);
	assert_int_equal(pair_state(p.cb), TCP_CLOSED);
	pair_done(&p);
}

/* An orphan carries all that was given before it was closed. */
static void test_close_at_once(void **state)
{
	static uint8_t data[100000], got[sizeof(data)];
	struct pair p;
	size_t n = 0;
	long rc;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	pair_init(&p, 2, &delayed);
	pair_open(&p, NULL);
	assert_int_equal(tcp_send(p.ca, data, sizeof(data)), sizeof(data));
	tcp_close(p.ca);
	p.ca = NULL;
	for (unsigned i = 0; i < 100 && n < sizeof(got); i++) {
		pair_run(&p, 10 * NS_PER_MS);
		while ((rc = tcp_recv(p.cb, got + n, sizeof(got) - n)) > 0)
			n += (size_t)rc;
	}
	assert_int_equal(n, sizeof(data));
	assert_memory_equal(got, data, sizeof(data));
	pair_run(&p, 100 * NS_PER_MS);
	assert_int_equal(tcp_recv(p.cb, got, 1), 0);
	tcp_close(p.cb);
	p.cb = NULL;
	pair_run(&p, 61 * NS_PER_S);
	assert_int_equal(pair_stack(p.a)->n_conns, 0);
	assert_int_equal(pair_stack(p.b)->n_conns, 0);
	pair_done(&p);
}

/*
 * Link-local addresses have zones; and a node may talk to itself, even from one port to the same.
 */
static void test_link_local(void **state)
{
	struct tcp_end at = { .port = 81 }, to = { .port = 81 };
	const struct if_addr *ll;
	struct pair_stream s;
	struct tcp_info i;
	struct pair p;

	(void)state;
	pair_init(&p, 3, &delayed);
	ll = if_link_local(world_if(p.b, p.if_b));
	assert_non_null(ll);
	to.addr = ll->addr;
	assert_int_equal(tcp_listen(pair_stack(p.b), &at, 1, NULL, &p.l), 0);
	assert_int_equal(tcp_connect(pair_stack(p.a), NULL, &to, NULL, &p.ca), -ENODEV);
	to.ifindex = p.if_a;
	assert_int_equal(tcp_connect(pair_stack(p.a), NULL, &to, NULL, &p.ca), 0);
	pair_run(&p, NS_PER_S);
	p.cb = tcp_accept(p.l);
	assert_non_null(p.cb);
	tcp_info(p.cb, &i);
	assert_int_equal(i.local.ifindex, p.if_b);
	s = (struct pair_stream){ .from = p.ca, .to = p.cb, .total = 100000 };
	assert_true(pair_pump(&p, &s, 1, p.w.now + 10 * NS_PER_S));
	pair_done(&p);
}

static void test_to_itself(void **state)
{
	struct tcp_end at = { .port = 81 }, to;
	struct tcp *self;
	struct pair_stream s;
	struct pair p;

	(void)state;
	pair_init(&p, 4, &delayed);
	to = p.at_a;
	to.port = 81;
	assert_int_equal(tcp_listen(pair_stack(p.a), &at, 1, NULL, &p.l), 0);
	assert_int_equal(tcp_connect(pair_stack(p.a), NULL, &to, NULL, &p.ca), 0);
	pair_touch(&p);
	p.cb = tcp_accept(p.l);
	assert_non_null(p.cb);
	s = (struct pair_stream){ .from = p.ca, .to = p.cb, .total = 1000000 };
	assert_true(pair_pump(&p, &s, 1, p.w.now + 10 * NS_PER_S));
	to.port = 7; /* its own SYN opens it: section 3.5, both at once */
	assert_int_equal(tcp_connect(pair_stack(p.a), &to, &to, NULL, &self), 0);
	pair_touch(&p);
	assert_int_equal(pair_state(self), TCP_ESTABLISHED);
	tcp_abort(self);
	pair_done(&p);
}

/* What tcp_connect() refuses. */
static void test_connect_refused(void **state)
{
	struct tcp_end to, from;
	struct tcp *tc;
	struct pair p;

	(void)state;
	pair_init(&p, 5, &delayed);
	to = p.at_b;
	to.addr.b[0] = 0xff;
	assert_int_equal(tcp_connect(pair_stack(p.a), NULL, &to, NULL, &tc), -EINVAL);
	to = (struct tcp_end){ .port = 1 };
	assert_int_equal(tcp_connect(pair_stack(p.a), NULL, &to, NULL, &tc), -EINVAL);
	to = p.at_b;
	to.addr.b[0] = 0x30;
	assert_int_equal(tcp_connect(pair_stack(p.a), NULL, &to, NULL, &tc), -ENETUNREACH);
	from = p.at_b;
	assert_int_equal(tcp_connect(pair_stack(p.a), &from, &p.at_b, NULL, &tc), -EADDRNOTAVAIL);
	from = p.at_a;
	assert_int_equal(tcp_connect(pair_stack(p.a), &from, &p.at_b, NULL, &p.ca), 0);
	assert_int_equal(tcp_connect(pair_stack(p.a), &from, &p.at_b, NULL, &tc), -EADDRINUSE);
	pair_run(&p, NS_PER_S); /* b has no listener */
	assert_int_equal(tcp_error_of(p.ca), -ECONNREFUSED);
	pair_done(&p);
}

/* Callbacks: told once a step, and free to do what they like. */
struct told {
	struct tcp *tc;
	unsigned n;
	bool close;
};

static void on_change(void *ctx, struct tcp *tc)
{
	struct told *t = ctx;

	t->n++;
	if (t->close && (tcp_poll(tc) & TCP_HUNG_UP) != 0) {
		tcp_close(tc);
		t->tc = NULL;
	}
}

static void on_accept(void *ctx, struct tcp_listener *l)
{
	struct told *t = ctx;

	t->tc = tcp_accept(l);
	t->close = true;
	tcp_notify(t->tc, on_change, t);
}

static void test_callbacks(void **state)
{
	struct tcp_end at = { .port = PAIR_PORT };
	struct told a = { .n = 0 }, b = { .n = 0 };
	struct pair p;

	(void)state;
	pair_init(&p, 6, &delayed);
	assert_int_equal(tcp_listen(pair_stack(p.b), &at, 1, NULL, &p.l), 0);
	tcp_listener_notify(p.l, on_accept, &b);
	assert_int_equal(tcp_connect(pair_stack(p.a), NULL, &p.at_b, NULL, &p.ca), 0);
	tcp_notify(p.ca, on_change, &a);
	pair_run(&p, NS_PER_S);
	assert_non_null(b.tc);
	assert_true(a.n >= 1);
	assert_int_equal(tcp_shutdown(p.ca), 0);
	pair_run(&p, NS_PER_S);
	assert_null(b.tc);
	assert_int_equal(pair_stack(p.b)->n_conns, 0);
	assert_int_equal(pair_state(p.ca), TCP_TIME_WAIT);
	pair_done(&p);
}

/*
 * RFC 9438 section 4.2 against its formula: after a reduction the window comes back to W_max in K
 * seconds, and goes on from there as the cube of the time.
 */
static void test_cubic(void **state)
{
	struct wire_conf conf = { .delay = 50 * NS_PER_MS, .mtu = 1500 };
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	double k, w_max;
	struct pair_stream s;
	struct tcp_info i;
	struct pair p;
	time_ns from;

	(void)state;
	o.sndbuf = o.rcvbuf = 8u << 20;
	pair_init(&p, 7, &conf);
	pair_open(&p, &o);
	s = (struct pair_stream){ .from = p.ca, .to = p.cb, .total = UINT64_C(1) << 40 };
	do
		assert_false(pair_pump(&p, &s, 1, p.w.now + 10 * NS_PER_MS));
	while (tcp_info(p.ca, &i), i.cwnd < 800 * i.snd_mss);
	p.wire->wire.conf.loss_ppm = 20000; /* once */
	while (tcp_info(p.ca, &i), !i.in_recovery)
		assert_false(pair_pump(&p, &s, 1, p.w.now + NS_PER_MS));
	p.wire->wire.conf.loss_ppm = 0;
	while (tcp_info(p.ca, &i), i.in_recovery)
		assert_false(pair_pump(&p, &s, 1, p.w.now + NS_PER_MS));
	from = p.w.now;
	w_max = i.cwnd / 0.7 / i.snd_mss;
	k = 0;
	while (k * k * k * 0.4 < w_max * 0.3)
		k += 0.001;
	for (unsigned n = 0; n < 100; n++) {
		double t, want, got;

		assert_false(pair_pump(&p, &s, 1, p.w.now + 50 * NS_PER_MS));
		tcp_info(p.ca, &i);
		t = (double)(p.w.now - from) / 1e9;
		want = 0.4 * (t - k) * (t - k) * (t - k) + w_max;
		got = (double)i.cwnd / i.snd_mss;
		if (n > 6 && (got > want * 1.15 || got < want * 0.85))
			fail_msg("after %.2f s %.0f segments, not %.0f (K %.2f)", t, got, want, k);
	}
	assert_int_equal(i.state, TCP_ESTABLISHED);
	pair_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_data_close), cmocka_unit_test(test_close_at_once),
		cmocka_unit_test(test_link_local),	cmocka_unit_test(test_to_itself),
		cmocka_unit_test(test_connect_refused), cmocka_unit_test(test_callbacks),
		cmocka_unit_test(test_cubic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
