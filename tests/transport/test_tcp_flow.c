/* SPDX-License-Identifier: BSD-3-Clause */
/* Windows, small segments, delayed acknowledgments, options, path MTU, memory: exact. */
#include "transport/peer.h"

#define MS  NS_PER_MS
#define MSS 1440u

static struct tcp_info info(const struct peer *p)
{
	struct tcp_info i;

	tcp_info(p->tc, &i);
	return i;
}

/* RFC 9293 section 3.8.6.3: each second full segment at once, the rest soon; with data for free. */
static void test_delayed_ack(void **state)
{
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	t = b.now;
	assert_int_equal(peer_say(&p, A, 1, 1, MSS), DROP_NONE);
	peer_silent(&p);
	assert_int_equal(peer_say(&p, A, 1 + MSS, 1, MSS), DROP_NONE);
	(void)peer_hears_at(&p, t, A, 1, 1 + 2 * MSS, 0);
	assert_int_equal(peer_say(&p, A, 1 + 2 * MSS, 1, 7), DROP_NONE);
	bed_silent_until(&b, t + 40 * MS - 1);
	(void)peer_hears_at(&p, t + 40 * MS, A, 1, 8 + 2 * MSS, 0);
	assert_int_equal(peer_say(&p, A, 8 + 2 * MSS, 1, 7), DROP_NONE);
	peer_send(&p, 3);
	(void)peer_hears(&p, PA, 1, 15 + 2 * MSS, 3);
	assert_int_equal(peer_say(&p, A, 15 + 2 * MSS, 4, 0), DROP_NONE);
	bed_silent_until(&b, t + NS_PER_S);
	peer_done(&p);
}

/* MUST-58: what arrives together is acknowledged together. */
static void test_batch(void **state)
{
	struct pair_of {
		struct peer p;
		struct bed b;
	} x;

	(void)state;
	peer_init(&x.p, &x.b);
	peer_accepted(&x.p, NULL);
	for (unsigned i = 0; i < 8; i++) { /* into the queue of what is to be delivered */
		struct tcp_seg s = { .seq = PEER_ISS + 1 + i * 100, .flags = A };
		uint8_t m[TCP_HDR_OCTETS + 100] = { 0 };
		struct pkt *pkt;

		s.src = x.p.remote.addr;
		s.dst = bed_addr_of(PEER_OURS);
		s.sport = PEER_PORT;
		s.dport = PEER_OURS_PORT;
		s.ack = x.p.node_iss + 1;
		s.wnd = 65535;
		s.len = 100;
		tcp_seg_put(m, &s);
		pkt = bed_packet(&x.b, PEER_ADDR, PEER_OURS, IP6_NH_TCP, 64, m, sizeof(m));
		pkt->ifindex = x.b.ifindex[0];
		pkt->l4_off = IP6_HDR_OCTETS;
		pkt->proto = IP6_NH_TCP;
		pktq_put(&x.b.node->ip6.upper, pkt);
	}
	peer_settle(&x.p);
	(void)peer_hears(&x.p, A, 1, 801, 0);
	peer_silent(&x.p);
	peer_done(&x.p);
}

/* Section 3.7.4: a small segment waits for an acknowledgment, unless it may not. */
static void test_nagle(void **state)
{
	struct tcp_opts o;
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	peer_send(&p, 10);
	(void)peer_hears(&p, PA, 1, 1, 10);
	peer_send(&p, 10);
	peer_silent(&p);
	peer_send(&p, MSS);
	(void)peer_hears(&p, A, 11, 1, MSS);
	peer_silent(&p);
	assert_int_equal(peer_say(&p, A, 1, 11 + MSS, 0), DROP_NONE);
	(void)peer_hears(&p, PA, 11 + MSS, 1, 10);
	peer_send(&p, 5);
	peer_silent(&p);
	o = *tcp_opts(p.tc);
	o.nodelay = true;
	tcp_set_opts(p.tc, &o);
	peer_settle(&p);
	(void)peer_hears(&p, PA, 21 + MSS, 1, 5);
	peer_done(&p);
}

/*
 * Section 3.8.6.1: a closed window is probed, ever more slowly, and the connection stays
 * (MUST-37).
 */
static void test_persist(void **state)
{
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	p.wnd = 0;
	assert_int_equal(peer_say(&p, A, 1, 1, 1), DROP_NONE);
	bed_run(&b, b.now + 100 * MS);
	(void)peer_hears(&p, A, 1, 2, 0);
	t = b.now;
	peer_send(&p, 3000);
	bed_silent_until(&b, t + 200 * MS - 1);
	(void)peer_hears_at(&p, t + 200 * MS, A, 1, 2, 1);
	assert_int_equal(peer_say(&p, A, 2, 1, 0), DROP_NONE);
	(void)peer_hears_at(&p, t + 600 * MS, A, 1, 2, 1);
	assert_int_equal(peer_say(&p, A, 2, 1, 0), DROP_NONE);
	(void)peer_hears_at(&p, t + 1400 * MS, A, 1, 2, 1);
	for (unsigned i = 0; i < 40; i++) { /* far longer than the user timeout */
		bed_run(&b, b.now + 60 * NS_PER_S);
		assert_int_equal(peer_say(&p, A, 2, 1, 0), DROP_NONE);
	}
	assert_int_equal(peer_state(&p), TCP_ESTABLISHED);
	assert_int_equal(info(&p).cwnd, 14400); /* none of it was congestion */
	bed_forget(&b);
	p.wnd = 65535;
	assert_int_equal(peer_say(&p, A, 2, 1, 0), DROP_NONE);
	(void)peer_hears(&p, A, 1, 2, 1);
	(void)peer_hears(&p, A, 2, 2, MSS);
	(void)peer_hears(&p, A, 2 + MSS, 2, MSS);
	assert_int_equal(peer_say(&p, A, 2, 2 + 2 * MSS, 0), DROP_NONE);
	(void)peer_hears(&p, PA, 2 + 2 * MSS, 2, 2999 - 2 * MSS);
	peer_done(&p);
}

/* And one that nobody answers does end. */
static void test_persist_ends(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;

	(void)state;
	o.user_timeout = 30 * NS_PER_S;
	peer_init(&p, &b);
	peer_accepted(&p, &o);
	p.wnd = 0;
	assert_int_equal(peer_say(&p, A, 1, 1, 1), DROP_NONE);
	peer_send(&p, 3000);
	bed_run(&b, b.now + 25 * NS_PER_S);
	assert_int_equal(peer_state(&p), TCP_ESTABLISHED);
	bed_run(&b, b.now + 60 * NS_PER_S);
	assert_int_equal(peer_state(&p), TCP_CLOSED);
	assert_int_equal(tcp_error_of(p.tc), -ETIMEDOUT);
	peer_done(&p);
}

/* Section 3.8.6.2.1: a small window is not filled with a small segment, but not for ever. */
static void test_sws_sender(void **state)
{
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	p.wnd = 100;
	assert_int_equal(peer_say(&p, A, 1, 1, 1), DROP_NONE);
	bed_run(&b, b.now + 40 * MS);
	(void)peer_hears(&p, A, 1, 2, 0);
	t = b.now;
	peer_send(&p, 3000);
	bed_silent_until(&b, t + 200 * MS - 1);
	(void)peer_hears_at(&p, t + 200 * MS, A, 1, 2, 100);
	peer_done(&p);
}

/* Section 3.8.6.2.2: the window opens by a segment at least; and it never shrinks. */
static void test_sws_receiver(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	static uint8_t buf[10000];
	struct peer p;
	struct bed b;

	(void)state;
	o.rcvbuf = 6000;
	peer_init(&p, &b);
	peer_accepted(&p, &o);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(peer_say(&p, A, 1 + i * MSS, 1, MSS), DROP_NONE);
	assert_int_equal(peer_say(&p, A, 1 + 4 * MSS, 1, 6000 - 4 * MSS), DROP_NONE);
	bed_run(&b, b.now + 50 * MS);
	(void)peer_hears(&p, A, 1, 1 + 2 * MSS, 0);
	assert_int_equal(p.got.wnd, 6000 - 2 * MSS);
	(void)peer_hears(&p, A, 1, 1 + 4 * MSS, 0);
	(void)peer_hears(&p, A, 1, 6001, 0);
	assert_int_equal(p.got.wnd, 0);
	assert_int_equal(peer_say(&p, A, 6001, 1, 1), DROP_NONE); /* a probe: answered, not taken */
	(void)peer_hears(&p, A, 1, 6001, 0);
	assert_int_equal(tcp_recv(p.tc, buf, 1000), 1000);
	peer_settle(&p);
	peer_silent(&p);
	assert_int_equal(tcp_recv(p.tc, buf, 440), 440);
	peer_settle(&p);
	(void)peer_hears(&p, A, 1, 6001, 0);
	assert_int_equal(p.got.wnd, MSS);
	peer_done(&p);
}

/* RFC 7323 section 2: both must offer it; the shift of each side. */
static void test_window_scale(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	p.has = TCP_HAS_WSCALE;
	p.wscale = 7;
	p.wnd = 1000;
	peer_connected(&p, NULL);
	assert_int_equal(info(&p).snd_wnd, 1000); /* of a SYN: never scaled */
	assert_int_equal(peer_say(&p, A, 1, 1, 1), DROP_NONE);
	assert_int_equal(info(&p).snd_wnd, 128000);
	assert_int_equal(info(&p).rcv_wscale, 5);
	bed_run(&b, b.now + 40 * MS);
	(void)peer_hears(&p, A, 1, 2, 0);
	assert_int_equal(p.got.wnd, (1u << 20) >> 5); /* rounded up: no less than was told */
	peer_done(&p);

	peer_init(&p, &b);
	p.wnd = 1000;
	peer_connected(&p, NULL);
	assert_int_equal(info(&p).rcv_wscale, 0);
	assert_int_equal(info(&p).snd_wscale, 0);
	peer_done(&p);
}

/* RFC 7323 sections 3.2, 4.3, 5: echoed is the stamp of what moved the left edge. */
static void test_timestamps(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	p.has = TCP_HAS_TS;
	p.tsval = 1000;
	peer_accepted(&p, NULL);
	assert_int_equal(info(&p).snd_mss, MSS - 12);
	p.tsval = 1005;
	assert_int_equal(peer_say(&p, A, 101, 1, 100), DROP_NONE); /* out of order */
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(p.got.tsecr, 1000);
	p.tsval = 1003;
	assert_int_equal(peer_say(&p, A, 1, 1, 100), DROP_NONE);
	(void)peer_hears(&p, A, 1, 201, 0);
	assert_int_equal(p.got.tsecr, 1003);
	p.tsval = 1002;
	assert_int_equal(peer_say(&p, A, 201, 1, 100), DROP_TCP_PAWS);
	(void)peer_hears(&p, A, 1, 201, 0);
	assert_int_equal(peer_say(&p, R, 201, 1, 0), DROP_NONE); /* a reset is not held to it */
	assert_int_equal(peer_state(&p), TCP_CLOSED);
	peer_done(&p);
}

/* Section 5.5: after 24 days a stamp says nothing any more. */
static void test_paws_outdated(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	p.has = TCP_HAS_TS;
	p.tsval = 0x7fffffff;
	peer_accepted(&p, NULL);
	p.tsval = 0x7ffffff0;
	bed_run(&b, b.now + 23 * UINT64_C(86400) * NS_PER_S);
	assert_int_equal(peer_say(&p, A, 1, 1, 10), DROP_TCP_PAWS);
	bed_run(&b, b.now + 2 * UINT64_C(86400) * NS_PER_S);
	assert_int_equal(peer_say(&p, A, 1, 1, 10), DROP_NONE);
	peer_done(&p);
}

/* RFC 9293 section 3.7.1: MSS: none (MUST-15), a small one, our own limit. */
static void test_mss(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	p.mss = 0;
	peer_connected(&p, NULL);
	assert_int_equal(info(&p).snd_mss, 1220);
	peer_done(&p);
	peer_init(&p, &b);
	p.mss = 1;
	peer_connected(&p, NULL);
	assert_int_equal(info(&p).snd_mss, 64);
	peer_done(&p);
	peer_init(&p, &b);
	o.mss = 1000;
	assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, &o, &p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, S, 0, 0, 0);
	assert_int_equal(p.got.mss, 1000);
	assert_int_equal(peer_say(&p, SA, 0, 1, 0), DROP_NONE);
	assert_int_equal(info(&p).snd_mss, 1000);
	peer_done(&p);
	peer_init(&p, &b);
	o.mss = 1;
	p.has = TCP_HAS_TS;
	peer_connected(&p, &o);
	assert_int_equal(info(&p).snd_mss, 64 - 12);
	peer_done(&p);
}

/* An ICMPv6 error that quotes a segment of ours of @seq. */
static enum drop say_icmp(struct peer *p, uint8_t type, uint8_t code, uint32_t param, uint32_t seq)
{
	uint8_t m[8 + IP6_HDR_OCTETS + 20] = { type, code };
	struct ip6_addr src = bed_addr_of(PEER_OURS);
	uint8_t *q = m + 8, *h = q + IP6_HDR_OCTETS;

	put_be32(m + 4, param);
	ip6_put_header(q, 0, 0, 1460, IP6_NH_TCP, 60, &src, &p->remote.addr);
	put_be16(h, p->port);
	put_be16(h + 2, p->remote.port);
	put_be32(h + 4, seq + p->node_iss);
	return bed_rx(p->b, 0, bed_icmp6(p->b, "2001:db8::ff", PEER_OURS, 64, m, sizeof(m)));
}

/* RFC 8201, RFC 5927: Packet Too Big about what is in flight, and about what is not. */
static void test_packet_too_big(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_connected(&p, NULL);
	peer_send(&p, 2 * MSS);
	(void)peer_hears(&p, A, 1, 1, MSS);
	(void)peer_hears(&p, PA, 1 + MSS, 1, MSS);
	assert_int_equal(say_icmp(&p, ICMP6_TOO_BIG, 0, 1300, 1 + 2 * MSS),
			 DROP_ICMP6_ERROR_FORGED);
	assert_int_equal(say_icmp(&p, ICMP6_TOO_BIG, 0, 1300, 0), DROP_ICMP6_ERROR_FORGED);
	assert_int_equal(say_icmp(&p, ICMP6_TOO_BIG, 0, 1200, 1), DROP_ICMP6_PTB_SMALL);
	peer_silent(&p);
	assert_int_equal(say_icmp(&p, ICMP6_TOO_BIG, 0, 1300, 1), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, 1240);
	(void)peer_hears(&p, A, 1241, 1, MSS - 1240);
	(void)peer_hears(&p, A, 1 + MSS, 1, 1240);
	(void)peer_hears(&p, PA, 1241 + MSS, 1, MSS - 1240);
	assert_int_equal(info(&p).cwnd, 14400); /* it was not congestion */
	assert_int_equal(info(&p).mtu, 1300);
	peer_send(&p, 1240);
	(void)peer_hears(&p, PA, 1 + 2 * MSS, 1, 1240);
	peer_done(&p);
}

/* Without such errors: three time-outs of a large segment end in 1,280 octets. */
static void test_black_hole(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_connected(&p, NULL);
	peer_send(&p, 2 * MSS);
	bed_run(&b, b.now + 800 * MS);
	assert_int_equal(info(&p).mtu, 1500);
	bed_forget(&b);
	bed_run(&b, b.now + NS_PER_S);
	(void)peer_hears(&p, A, 1, 1, 1220);
	assert_int_equal(info(&p).mtu, 1280);
	assert_int_equal(peer_say(&p, A, 1, 1221, 0), DROP_NONE);
	(void)peer_hears(&p, A, 1221, 1, MSS - 1220);
	bed_run(&b, b.now + 10 * MS);
	bed_forget(&b);
	assert_int_equal(peer_say(&p, A, 1, 1 + 2 * MSS, 0), DROP_NONE);
	peer_send(&p, MSS);
	(void)peer_hears(&p, A, 1 + 2 * MSS, 1, 1220);
	peer_done(&p);
}

/* RFC 9293 section 3.9.2.2. */
static void test_unreachable(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, NULL, &p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, S, 0, 0, 0);
	assert_int_equal(say_icmp(&p, ICMP6_UNREACH, ICMP6_UNREACH_ROUTE, 0, 0), DROP_NONE);
	assert_int_equal(peer_state(&p), TCP_SYN_SENT);
	assert_int_equal(info(&p).soft_error, -ENETUNREACH);
	assert_int_equal(say_icmp(&p, ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0, 0), DROP_NONE);
	assert_int_equal(tcp_error_of(p.tc), -ECONNREFUSED);
	peer_done(&p);
	peer_init(&p, &b);
	peer_connected(&p, NULL);
	peer_send(&p, 1);
	assert_int_equal(say_icmp(&p, ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0, 1), DROP_NONE);
	assert_int_equal(peer_state(&p), TCP_ESTABLISHED);
	assert_int_equal(info(&p).soft_error, -ECONNREFUSED);
	assert_int_equal(peer_say(&p, A, 1, 2, 0), DROP_NONE);
	assert_int_equal(info(&p).soft_error, 0);
	peer_send(&p, 1);
	assert_int_equal(say_icmp(&p, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, 0, 2), DROP_NONE);
	bed_run(&b, b.now + 900 * NS_PER_S);
	assert_int_equal(tcp_error_of(p.tc), -EHOSTUNREACH); /* why it timed out: SHLD-25 */
	peer_done(&p);
}

/* Data that nobody acknowledges: RFC 9293 section 3.9.1.1, USER TIMEOUT. */
static void test_user_timeout(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	o.user_timeout = 5 * NS_PER_S;
	peer_init(&p, &b);
	peer_accepted(&p, &o);
	bed_run(&b, b.now + 100 * NS_PER_S);
	t = b.now;
	peer_send(&p, 1);
	bed_run(&b, t + 4900 * MS);
	assert_int_equal(peer_state(&p), TCP_ESTABLISHED);
	bed_run(&b, t + 10 * NS_PER_S);
	assert_int_equal(peer_state(&p), TCP_CLOSED);
	assert_int_equal(tcp_send(p.tc, "", 1), -ETIMEDOUT);
	peer_done(&p);
}

/*
 * RFC 4862 section 5.5.4: nothing is sent from an address that is gone. A connection outlives a short
 * absence; at a long one it times out, and says why.
 */
static void test_address_gone(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct ip6_addr ours = bed_addr_of(PEER_OURS);
	struct peer p;
	struct bed b;
	struct nd *nd;
	time_ns t;

	(void)state;
	o.user_timeout = 5 * NS_PER_S;
	peer_init(&p, &b);
	nd = &b.node->nd;
	peer_accepted(&p, &o);
	t = b.now;
	assert_int_equal(nd_addr_del(nd, bed_if(&b, 0), &ours), 0);
	node_settle(b.node, b.now);
	bed_forget(&b);
	peer_send(&p, 10);
	peer_silent(&p);
	bed_run(&b, t + 2 * NS_PER_S);
	peer_silent(&p);
	assert_int_equal(info(&p).soft_error, -EADDRNOTAVAIL);
	assert_true(bed_dropped(&b, DROP_IP6_SRC_GONE) > 0);
	assert_int_equal(nd_addr_add(nd, bed_if(&b, 0), &ours, 64, ADDR_STATIC, true), 0);
	bed_run(&b, t + 4 * NS_PER_S);
	bed_forget(&b);
	assert_int_equal(peer_say(&p, A, 1, 11, 0), DROP_NONE);
	assert_int_equal(info(&p).soft_error, 0);

	assert_int_equal(nd_addr_del(nd, bed_if(&b, 0), &ours), 0);
	peer_send(&p, 10);
	bed_run(&b, t + 20 * NS_PER_S);
	assert_int_equal(tcp_error_of(p.tc), -EADDRNOTAVAIL);
	peer_done(&p);
}

/* Buffers exist while they hold something, and a second longer. */
static void test_memory(void **state)
{
	uint8_t buf[3000];
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	peer_accepted(&p, NULL);
	assert_int_equal(p.stack->mem, 0);
	assert_int_equal(peer_say(&p, A, 1, 1, MSS), DROP_NONE);
	peer_send(&p, 100);
	assert_int_equal(p.stack->mem, 2 * 16384);
	assert_int_equal(tcp_recv(p.tc, buf, sizeof(buf)), MSS);
	for (unsigned i = 0; i < MSS; i++)
		assert_int_equal(buf[i], (uint8_t)(PEER_ISS + 1 + i));
	bed_run(&b, b.now + 2 * NS_PER_S);
	assert_int_equal(p.stack->mem, 16384); /* the peer has not acknowledged */
	assert_int_equal(peer_say(&p, A, 1 + MSS, 101, 0), DROP_NONE);
	bed_run(&b, b.now + 2 * NS_PER_S);
	assert_int_equal(p.stack->mem, 0);
	assert_int_equal(peer_say(&p, A, 1 + MSS, 101, 10), DROP_NONE);
	assert_int_equal(tcp_recv(p.tc, buf, sizeof(buf)), 10);
	peer_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delayed_ack),  cmocka_unit_test(test_batch),
		cmocka_unit_test(test_nagle),	     cmocka_unit_test(test_persist),
		cmocka_unit_test(test_persist_ends), cmocka_unit_test(test_sws_sender),
		cmocka_unit_test(test_sws_receiver), cmocka_unit_test(test_window_scale),
		cmocka_unit_test(test_timestamps),   cmocka_unit_test(test_paws_outdated),
		cmocka_unit_test(test_mss),	     cmocka_unit_test(test_packet_too_big),
		cmocka_unit_test(test_black_hole),   cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_user_timeout), cmocka_unit_test(test_address_gone),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
