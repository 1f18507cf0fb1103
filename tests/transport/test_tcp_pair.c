/* SPDX-License-Identifier: BSD-3-Clause */
/* Two stacks of ours: opening, data both ways, closing in each order. */
#include "transport/pair.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_data_close),
		cmocka_unit_test(test_close_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
