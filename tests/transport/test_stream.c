/* SPDX-License-Identifier: BSD-3-Clause */
/* Stream sockets: what programs ask of them besides their data. */
#define tcp_info kernel_tcp_info /* ours has that name, too */
#include <linux/tcp.h>
#undef tcp_info

#include "pair.h"

#define TC IPPROTO_TCP

/* Of the kernel's net/tcp_states.h. */
enum { ESTABLISHED = 1, FIN_WAIT2 = 5, CLOSE = 7, CLOSE_WAIT = 8, LISTEN = 10 };

/* a's connection to b's listener, as b's has it. */
static struct sock *connected(struct pair *p, struct sock **l, struct sock **a)
{
	struct sock *ret;

	pair_init(p);
	*l = open_on(p->b, SOCK_STREAM, 0);
	assert_int_equal(bind_to(*l, NULL, 80), 0);
	assert_int_equal(sock_listen(*l, 5), 0);
	*a = open_on(p->a, SOCK_STREAM, 0);
	assert_int_equal(connect_to(*a, ADDR_B, 80), -EINPROGRESS);
	pair_run(p, 10);
	assert_int_equal(sock_accept(*l, &ret), 0);
	return ret;
}

static struct kernel_tcp_info info_of(struct sock *s)
{
	struct kernel_tcp_info ret = { 0 };
	socklen_t len = sizeof(ret);

	assert_int_equal(sock_getsockopt(s, TC, TCP_INFO, &ret, &len), 0);
	assert_int_equal(len, sizeof(ret));
	return ret;
}

static void info(void **state)
{
	struct sock *l, *a, *b;
	struct kernel_tcp_info i;
	struct pair p;
	socklen_t len = 1;
	uint8_t octet = 0;

	(void)state;
	b = connected(&p, &l, &a);
	i = info_of(a);
	assert_int_equal(i.tcpi_state, ESTABLISHED);
	assert_int_equal(i.tcpi_snd_mss, 1428); /* of 1,440, timestamps take 12 */
	assert_int_equal(i.tcpi_snd_cwnd, 10);
	assert_int_equal(i.tcpi_options & (TCPI_OPT_SACK | TCPI_OPT_TIMESTAMPS | TCPI_OPT_WSCALE),
			 TCPI_OPT_SACK | TCPI_OPT_TIMESTAMPS | TCPI_OPT_WSCALE);
	assert_int_equal(i.tcpi_rtt, 4000); /* the neighbor had to be found first */
	assert_int_equal(info_of(l).tcpi_state, LISTEN);
	assert_int_equal(info_of(open_on(p.a, SOCK_STREAM, 0)).tcpi_state, CLOSE);
	assert_int_equal(sock_shutdown(a, SHUT_WR), 0);
	pair_run(&p, 10);
	assert_int_equal(info_of(a).tcpi_state, FIN_WAIT2);
	assert_int_equal(info_of(b).tcpi_state, CLOSE_WAIT);
	assert_int_equal(sock_getsockopt(b, TC, TCP_INFO, &octet, &len), 0); /* as much as fits */
	assert_int_equal(len, 1);
	assert_int_equal(octet, CLOSE_WAIT);
	assert_int_equal(get_int(l, SOL_SOCKET, SO_ACCEPTCONN), 1);
	assert_int_equal(get_int(a, SOL_SOCKET, SO_ACCEPTCONN), 0);
	pair_done(&p);
}

static void options(void **state)
{
	char name[16] = "";
	socklen_t len = sizeof(name);
	struct sock *a;
	struct pair p;

	(void)state;
	pair_init(&p);
	a = open_on(p.a, SOCK_STREAM, 0);
	assert_int_equal(sock_getsockopt(a, TC, TCP_CONGESTION, name, &len), 0);
	assert_string_equal(name, "cubic");
	assert_int_equal(len, sizeof(name));
	assert_int_equal(sock_setsockopt(a, TC, TCP_CONGESTION, "reno", 4), 0);
	assert_int_equal(sock_getsockopt(a, TC, TCP_CONGESTION, name, &len), 0);
	assert_string_equal(name, "reno");
	assert_int_equal(sock_setsockopt(a, TC, TCP_CONGESTION, "vegas", 5), -ENOENT);
	assert_int_equal(set_int(a, TC, TCP_CORK, 1), 0);
	assert_int_equal(get_int(a, TC, TCP_CORK), 1);
	assert_int_equal(get_int(a, TC, TCP_QUICKACK), 0);
	assert_int_equal(set_int(a, TC, TCP_USER_TIMEOUT, 700), 0);
	assert_int_equal(get_int(a, TC, TCP_USER_TIMEOUT), 700);
	assert_int_equal(get_int(a, TC, TCP_REPAIR), -ENOPROTOOPT);
	pair_done(&p);
}

/* SO_LINGER of 0: ABORT (RFC 9293 section 3.10.5). */
static void linger(void **state)
{
	const struct linger none = { .l_onoff = 1 };
	struct sock *l, *a, *b;
	struct pair p;

	(void)state;
	b = connected(&p, &l, &a);
	assert_int_equal(sock_setsockopt(b, SOL_SOCKET, SO_LINGER, &none, sizeof(none)), 0);
	sock_close(b);
	pair_run(&p, 10);
	assert_int_equal(recv_from(a, 10, 0).rc, -ECONNRESET);
	pair_done(&p);
}

/* As Linux: a listener whose reading side is shut listens no more. */
static void shut(void **state)
{
	struct sock *l, *a, *b, *c;
	struct pair p;

	(void)state;
	b = connected(&p, &l, &a);
	assert_int_equal(sock_shutdown(l, SHUT_WR), -ENOTCONN);
	assert_int_equal(sock_shutdown(l, SHUT_RD), 0);
	assert_int_equal(sock_accept(l, &c), -EINVAL);
	c = open_on(p.a, SOCK_STREAM, 0);
	assert_int_equal(connect_to(c, ADDR_B, 80), -EINPROGRESS);
	pair_run(&p, 10);
	assert_int_equal(get_int(c, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
	assert_int_equal(send_to(a, NULL, 0, "lives"), 5);
	pair_run(&p, 10);
	assert_int_equal(recv_from(b, 10, 0).rc, 5);
	pair_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(info),
		cmocka_unit_test(options),
		cmocka_unit_test(linger),
		cmocka_unit_test(shut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
