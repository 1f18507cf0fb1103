/* SPDX-License-Identifier: BSD-3-Clause */
/* What was lost, who finds out, and how much may be in flight then: exact, segment by segment. */
#include "transport/peer.h"

#define MS  NS_PER_MS
#define MSS 1440u

/* The node connects; the round trip of the SYN was 100 ms. */
static void connected(struct peer *p, struct bed *b, struct tcp_opts *opts)
{
	peer_init(p, b);
	assert_int_equal(tcp_connect(p->stack, NULL, &p->remote, opts, &p->tc), 0);
	peer_settle(p);
	(void)peer_hears(p, S, 0, 0, 0);
	bed_run(b, b->now + 100 * MS);
	assert_int_equal(peer_say(p, SA, 0, 1, 0), DROP_NONE);
	(void)peer_hears(p, A, 1, 1, 0);
}

static struct tcp_info info(const struct peer *p)
{
	struct tcp_info i;

	tcp_info(p->tc, &i);
	return i;
}

/*
 * RFC 6928: ten segments at once, no more; RFC 6298: then time-outs that double, RFC 5681: of one.
 */
static void test_rto(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	o.cc = &TCP_NEWRENO;
	connected(&p, &b, &o);
	t = b.now;
	peer_send(&p, 20 * MSS);
	for (unsigned i = 0; i < 10; i++)
		(void)peer_hears(&p, A, 1 + i * MSS, 1, MSS);
	peer_silent(&p);
	assert_int_equal(info(&p).rto, 300 * MS); /* 100 + 4 * 50 */
	(void)peer_hears_at(&p, t + 300 * MS, A, 1, 1, MSS);
	assert_int_equal(info(&p).cwnd, MSS);
	assert_int_equal(info(&p).ssthresh, 5 * MSS);
	(void)peer_hears_at(&p, t + 900 * MS, A, 1, 1, MSS);
	assert_int_equal(info(&p).ssthresh, 5 * MSS); /* as it was: the same segment */
	assert_int_equal(peer_say(&p, A, 1, 1 + MSS, 0), DROP_NONE);
	(void)peer_hears(&p, A, 1 + MSS, 1, MSS); /* slow start from there on */
	(void)peer_hears(&p, A, 1 + 2 * MSS, 1, MSS);
	peer_silent(&p);
	assert_int_equal(info(&p).srtt, 100 * MS); /* Karn: sent twice tells nothing */
	(void)peer_hears_at(&p, t + 2100 * MS, A, 1 + MSS, 1, MSS);
	assert_int_equal(info(&p).ssthresh, 2 * MSS); /* another segment */
	peer_done(&p);
}

/*
 * The acknowledgment was lost, not the segment: what acknowledges the second transmission echoes
 * the first, and from one to the other passed our own timer. No sample, so nothing takes back the
 * longer time-out (RFC 6298 section 5) before one that is sent once.
 */
static void test_rto_ack_lost(void **state)
{
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	peer_init(&p, &b);
	p.has = TCP_HAS_TS;
	assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, NULL, &p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, S, 0, 0, 0);
	bed_run(&b, b.now + 100 * MS);
	assert_int_equal(peer_say(&p, SA, 0, 1, 0), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, 0);
	t = b.now;
	peer_send(&p, 10);
	(void)peer_hears(&p, PA, 1, 1, 10);
	p.tsecr = p.got.tsval;
	(void)peer_hears_at(&p, t + 300 * MS, PA, 1, 1, 10);
	bed_run(&b, t + 400 * MS);
	assert_int_equal(peer_say(&p, A, 1, 11, 0), DROP_NONE);
	assert_int_equal(info(&p).srtt, 100 * MS);
	assert_int_equal(info(&p).rto, 600 * MS);
	peer_send(&p, 10);
	(void)peer_hears(&p, PA, 11, 1, 10);
	(void)peer_hears_at(&p, t + 1000 * MS, PA, 11, 1, 10);
	p.tsecr = p.got.tsval; /* of the second transmission: that is one */
	bed_run(&b, t + 1099 * MS);
	assert_int_equal(peer_say(&p, A, 1, 21, 0), DROP_NONE);
	assert_int_equal(info(&p).srtt, 100 * MS);
	assert_int_equal(info(&p).rto, 250 * MS);
	peer_done(&p);
}

/* RFC 6582 (no SACK): three duplicates, a partial acknowledgment, the end of recovery. */
static void test_newreno(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;

	(void)state;
	o.cc = &TCP_NEWRENO;
	connected(&p, &b, &o);
	peer_send(&p, 10 * MSS);
	for (unsigned i = 0; i < 9; i++)
		(void)peer_hears(&p, A, 1 + i * MSS, 1, MSS);
	(void)peer_hears(&p, PA, 1 + 9 * MSS, 1, MSS);
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_NONE);
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_NONE);
	peer_silent(&p);
	assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, MSS);
	assert_true(info(&p).in_recovery);
	assert_int_equal(info(&p).ssthresh, 5 * MSS);
	assert_int_equal(info(&p).cwnd, 8 * MSS);
	assert_int_equal(peer_say(&p, A, 1, 1 + 4 * MSS, 0),
			 DROP_NONE); /* partial: the next is lost */
	(void)peer_hears(&p, A, 1 + 4 * MSS, 1, MSS);
	assert_int_equal(peer_say(&p, A, 1, 1 + 10 * MSS, 0), DROP_NONE);
	assert_false(info(&p).in_recovery);
	assert_int_equal(info(&p).cwnd, 5 * MSS);
	peer_silent(&p);
	peer_done(&p);
}

/* With SACK; a flight of ten stands. */
static time_ns flight(struct peer *p, struct bed *b, struct tcp_opts *o)
{
	connected(p, b, o);
	/* connected() cannot know: the option is in the SYN,ACK */
	peer_send(p, 10 * MSS);
	for (unsigned i = 0; i < 9; i++)
		(void)peer_hears(p, A, 1 + i * MSS, 1, MSS);
	(void)peer_hears(p, PA, 1 + 9 * MSS, 1, MSS);
	return b->now;
}

static void sack_connected(struct peer *p, struct bed *b, struct tcp_opts *o)
{
	peer_init(p, b);
	p->has = TCP_HAS_SACK_OK;
	assert_int_equal(tcp_connect(p->stack, NULL, &p->remote, o, &p->tc), 0);
	peer_settle(p);
	(void)peer_hears(p, S, 0, 0, 0);
	bed_run(b, b->now + 100 * MS);
	assert_int_equal(peer_say(p, SA, 0, 1, 0), DROP_NONE);
	(void)peer_hears(p, A, 1, 1, 0);
	peer_send(p, 10 * MSS);
	for (unsigned i = 0; i < 9; i++)
		(void)peer_hears(p, A, 1 + i * MSS, 1, MSS);
	(void)peer_hears(p, PA, 1 + 9 * MSS, 1, MSS);
}

static enum drop say_sack(struct peer *p, uint32_t ack, uint32_t from, uint32_t to)
{
	p->sack[0] = (struct tcp_range){ 1 + from * MSS, 1 + to * MSS };
	p->n_sack = 1;
	return peer_say(p, A, 1, 1 + ack * MSS, 0);
}

/* RFC 8985 section 6.2: one SACK, then a quarter of the round trip; three, then at once. */
static void test_rack(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	o.cc = &TCP_NEWRENO;
	sack_connected(&p, &b, &o);
	t = b.now;
	bed_run(&b, t + 100 * MS);
	assert_int_equal(say_sack(&p, 0, 1, 2), DROP_NONE);
	bed_silent_until(&b, t + 125 * MS - 1);
	(void)peer_hears_at(&p, t + 125 * MS, A, 1, 1, MSS);
	assert_true(info(&p).in_recovery);
	assert_int_equal(info(&p).ssthresh, 5 * MSS);
	assert_int_equal(info(&p).cwnd, 5 * MSS);
	/* the retransmission was lost, too: RACK finds out by what was sent later */
	peer_send(&p, 10 * MSS);
	peer_silent(&p); /* nine in flight, five allowed */
	bed_run(&b, t + 150 * MS);
	assert_int_equal(say_sack(&p, 0, 1, 10), DROP_NONE);
	for (unsigned i = 10; i < 14; i++)
		(void)peer_hears(&p, A, 1 + i * MSS, 1, MSS);
	peer_silent(&p);
	bed_run(&b, t + 250 * MS);
	assert_int_equal(say_sack(&p, 0, 10, 11), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, MSS);
	peer_done(&p);

	sack_connected(&p, &b, &o);
	bed_run(&b, b.now + 100 * MS);
	assert_int_equal(say_sack(&p, 0, 1, 4), DROP_NONE);
	(void)peer_hears_at(&p, b.now, A, 1, 1, MSS); /* three SACKed: no waiting */
	assert_int_equal(say_sack(&p, 10, 20, 20), DROP_NONE);
	assert_false(info(&p).in_recovery);
	peer_done(&p);
}

/* Reordering is seen, and waited for from then on. */
static void test_reordering(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;

	(void)state;
	sack_connected(&p, &b, &o);
	bed_run(&b, b.now + 100 * MS);
	assert_int_equal(say_sack(&p, 0, 1, 3), DROP_NONE);
	assert_false(info(&p).reordering);
	assert_int_equal(peer_say(&p, A, 1, 1 + 3 * MSS, 0), DROP_NONE);
	assert_true(info(&p).reordering);
	assert_false(info(&p).in_recovery);
	assert_int_equal(say_sack(&p, 3, 4, 8), DROP_NONE); /* four SACKed: not yet */
	bed_silent_until(&b, b.now + 25 * MS - 1);
	(void)peer_hears_at(&p, b.now + 1, A, 1 + 3 * MSS, 1, MSS);
	peer_done(&p);
}

/* RFC 8985 section 7: a probe after two round trips, and what its acknowledgment tells. */
static void test_tlp(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	o.cc = &TCP_NEWRENO;
	sack_connected(&p, &b, &o);
	t = b.now;
	(void)peer_hears_at(&p, t + 200 * MS, PA, 1 + 9 * MSS, 1, MSS);
	assert_int_equal(p.stack->count.tlps, 1);
	assert_int_equal(info(&p).cwnd, 10 * MSS);
	bed_run(&b, t + 300 * MS);
	assert_int_equal(say_sack(&p, 8, 9, 10), DROP_NONE); /* the tail was lost */
	(void)peer_hears_at(&p, b.now, A, 1 + 8 * MSS, 1, MSS);
	assert_true(info(&p).in_recovery);
	peer_done(&p);

	sack_connected(&p, &b, &o); /* the probe itself repairs the loss: it counts all the same */
	(void)peer_hears_at(&p, b.now + 200 * MS, PA, 1 + 9 * MSS, 1, MSS);
	assert_int_equal(peer_say(&p, A, 1, 1 + 10 * MSS, 0), DROP_NONE);
	assert_int_equal(info(&p).ssthresh, 1u << 30);
	peer_send(&p, 10);
	(void)peer_hears(&p, PA, 1 + 10 * MSS, 1, 10);
	assert_int_equal(peer_say(&p, A, 1, 11 + 10 * MSS, 0), DROP_NONE);
	assert_int_equal(info(&p).ssthresh, 2 * MSS);
	peer_done(&p);
}

/*
 * RFC 6298 section 5.4: the oldest goes when the timer does, though what was sent since is in
 * flight.
 */
static void test_rto_with_flight(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	peer_init(&p, &b);
	p.has = TCP_HAS_SACK_OK;
	assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, &o, &p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, S, 0, 0, 0);
	bed_run(&b, b.now + 100 * MS);
	assert_int_equal(peer_say(&p, SA, 0, 1, 0), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, 0);
	peer_send(&p, MSS);
	(void)peer_hears(&p, PA, 1, 1, MSS);
	bed_run(&b, b.now + 100 * MS);
	assert_int_equal(peer_say(&p, A, 1, 1 + MSS, 0), DROP_NONE);
	assert_int_equal(info(&p).rto, 250 * MS);
	t = b.now;
	peer_send(&p, MSS);
	(void)peer_hears(&p, PA, 1 + MSS, 1, MSS);
	bed_run(&b, t + 200 * MS);
	peer_send(&p, 5 * MSS);
	for (unsigned i = 0; i < 5; i++)
		(void)peer_hears(&p, i == 4 ? PA : A, 1 + (2 + i) * MSS, 1, MSS);
	(void)peer_hears_at(&p, t + 250 * MS, A, 1 + MSS, 1, MSS);
	assert_int_equal(info(&p).cwnd, MSS);
	peer_done(&p);
}

/*
 * What waited behind a gap has no round trip (and without timestamps what was sent twice has
 * none).
 */
static void test_rtt_behind_gap(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	t = flight(&p, &b, &o);
	bed_run(&b, t + 100 * MS);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(peer_say(&p, A, 1, 1, 0), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, MSS);
	bed_run(&b, t + 290 * MS);
	assert_int_equal(peer_say(&p, A, 1, 1 + 10 * MSS, 0), DROP_NONE);
	assert_int_equal(info(&p).srtt, 100 * MS);
	peer_done(&p);
}

/* RFC 2018 section 4, RFC 2883: the newest block first; a duplicate is told of. */
static void test_sack_blocks(void **state)
{
	struct peer p;
	struct bed b;

	(void)state;
	peer_init(&p, &b);
	p.has = TCP_HAS_SACK_OK;
	peer_accepted(&p, NULL);
	assert_int_equal(peer_say(&p, A, 101, 1, 100), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(p.got.n_sack, 1);
	assert_int_equal(p.got.sack[0].from - PEER_ISS, 101);
	assert_int_equal(p.got.sack[0].to - PEER_ISS, 201);
	assert_int_equal(peer_say(&p, A, 301, 1, 100), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(p.got.n_sack, 2);
	assert_int_equal(p.got.sack[0].from - PEER_ISS, 301);
	assert_int_equal(p.got.sack[1].from - PEER_ISS, 101);
	assert_int_equal(peer_say(&p, A, 151, 1, 100), DROP_NONE); /* grows the older one */
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(p.got.sack[0].from - PEER_ISS, 101);
	assert_int_equal(p.got.sack[0].to - PEER_ISS, 251);
	assert_int_equal(peer_say(&p, A, 311, 1, 10), DROP_NONE); /* a duplicate */
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(p.got.n_sack, 3);
	assert_int_equal(p.got.sack[0].from - PEER_ISS, 311);
	assert_int_equal(p.got.sack[0].to - PEER_ISS, 321);
	assert_int_equal(p.got.sack[1].from - PEER_ISS, 301);
	assert_int_equal(peer_say(&p, A, 1, 1, 100), DROP_NONE); /* fills a gap: at once */
	(void)peer_hears(&p, A, 1, 251, 0);
	assert_int_equal(p.got.n_sack, 1);
	assert_int_equal(peer_say(&p, A, 1, 1, 50), DROP_TCP_SEQ);
	(void)peer_hears(&p, A, 1, 251, 0);
	assert_int_equal(p.got.sack[0].from - PEER_ISS, 1); /* D-SACK below SEG.ACK */
	assert_int_equal(p.got.sack[0].to - PEER_ISS, 51);
	peer_done(&p);
}

/*
 * RFC 3168 section 6.1: agreed on in the SYNs; marks are echoed until CWR, and halve the window
 * once.
 */
static void test_ecn(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;

	(void)state;
	o.cc = &TCP_NEWRENO;
	peer_init(&p, &b);
	assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, &o, &p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, S | TCP_ECE | TCP_CWR, 0, 0, 0);
	assert_int_equal(peer_say(&p, SA | TCP_ECE, 0, 1, 0), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, 0);
	assert_int_equal(ip6_hdr_class(p.got_pkt->p) & IP6_ECN_MASK, IP6_ECN_NOT_ECT);
	peer_send(&p, 10 * MSS);
	for (unsigned i = 0; i < 10; i++) {
		(void)peer_hears(&p, i == 9 ? PA : A, 1 + i * MSS, 1, MSS);
		assert_int_equal(ip6_hdr_class(p.got_pkt->p) & IP6_ECN_MASK, IP6_ECN_ECT0);
	}
	assert_int_equal(peer_say(&p, A | TCP_ECE, 1, 1 + MSS, 0), DROP_NONE);
	assert_int_equal(info(&p).cwnd, 9 * MSS / 2); /* of what is still in flight */
	assert_int_equal(peer_say(&p, A | TCP_ECE, 1, 1 + 2 * MSS, 0), DROP_NONE);
	assert_int_equal(info(&p).cwnd, 9 * MSS / 2); /* once a round trip */
	assert_int_equal(peer_say(&p, A, 1, 1 + 10 * MSS, 0), DROP_NONE);
	peer_send(&p, 2 * MSS);
	(void)peer_hears(&p, A | TCP_CWR, 1 + 10 * MSS, 1, MSS);
	(void)peer_hears(&p, PA, 1 + 11 * MSS, 1, MSS);
	p.ecn = IP6_ECN_CE;
	assert_int_equal(peer_say(&p, A, 1, 1 + 12 * MSS, 10), DROP_NONE);
	(void)peer_hears(&p, A | TCP_ECE, 1 + 12 * MSS, 11, 0);
	p.ecn = IP6_ECN_ECT0;
	assert_int_equal(peer_say(&p, A, 11, 1 + 12 * MSS, MSS), DROP_NONE);
	assert_int_equal(peer_say(&p, A, 11 + MSS, 1 + 12 * MSS, MSS), DROP_NONE);
	(void)peer_hears(&p, A | TCP_ECE, 1 + 12 * MSS, 11 + 2 * MSS, 0);
	assert_int_equal(peer_say(&p, A | TCP_CWR, 11 + 2 * MSS, 1 + 12 * MSS, MSS), DROP_NONE);
	assert_int_equal(peer_say(&p, A, 11 + 3 * MSS, 1 + 12 * MSS, MSS), DROP_NONE);
	(void)peer_hears(&p, A, 1 + 12 * MSS, 11 + 4 * MSS, 0);
	peer_done(&p);
}

/*
 * RFC 3168 section 6.1.1.1: perhaps the offer is why nobody answers, so the next SYN has none.
 * Section 6.1.5: what is sent again is not ECN-capable.
 */
static void test_ecn_again(void **state)
{
	struct peer p;
	struct bed b;
	time_ns t;

	(void)state;
	peer_init(&p, &b);
	t = b.now;
	assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, NULL, &p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, S | TCP_ECE | TCP_CWR, 0, 0, 0);
	bed_run(&b, t + NS_PER_S);
	(void)peer_hears(&p, S, 0, 0, 0);
	assert_int_equal(p.got_pkt->p[IP6_HDR_OCTETS + TCP_FLAGS_OFF], S);
	peer_done(&p);

	peer_init(&p, &b);
	assert_int_equal(tcp_connect(p.stack, NULL, &p.remote, NULL, &p.tc), 0);
	peer_settle(&p);
	(void)peer_hears(&p, S, 0, 0, 0);
	assert_int_equal(peer_say(&p, SA | TCP_ECE, 0, 1, 0), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, 0);
	t = b.now;
	peer_send(&p, 10);
	(void)peer_hears(&p, PA, 1, 1, 10);
	assert_int_equal(ip6_hdr_class(p.got_pkt->p) & IP6_ECN_MASK, IP6_ECN_ECT0);
	(void)peer_hears_at(&p, t + 200 * MS, PA, 1, 1, 10);
	assert_int_equal(ip6_hdr_class(p.got_pkt->p) & IP6_ECN_MASK, IP6_ECN_NOT_ECT);
	peer_done(&p);
}

/* RFC 2018 section 8: the peer takes back what it SACKed; a time-out finds it out. */
static void test_reneging(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;

	(void)state;
	sack_connected(&p, &b, &o);
	bed_run(&b, b.now + 100 * MS);
	assert_int_equal(say_sack(&p, 0, 1, 10), DROP_NONE);
	(void)peer_hears(&p, A, 1, 1, MSS);
	assert_int_equal(peer_say(&p, A, 1, 1 + MSS, 0), DROP_NONE); /* and not up to the tenth */
	peer_silent(&p);
	bed_run(&b, b.now + 300 * MS);
	(void)peer_hears(&p, A, 1 + MSS, 1, MSS);
	assert_int_equal(peer_say(&p, A, 1, 1 + 2 * MSS, 0), DROP_NONE);
	(void)peer_hears(&p, A, 1 + 2 * MSS, 1, MSS);
	peer_done(&p);
}

/* RFC 5681 section 4.1: after a pause no burst of what once was. */
static void test_idle_restart(void **state)
{
	struct tcp_opts o = TCP_CONF_DEFAULT.opts;
	struct peer p;
	struct bed b;

	(void)state;
	(void)flight(&p, &b, &o);
	bed_run(&b, b.now + 100 * MS);
	assert_int_equal(peer_say(&p, A, 1, 1 + 10 * MSS, 0), DROP_NONE);
	assert_int_equal(info(&p).cwnd, 20 * MSS);
	bed_run(&b, b.now + 10 * NS_PER_S);
	peer_send(&p, 1);
	assert_int_equal(info(&p).cwnd, 10 * MSS);
	peer_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rto),
		cmocka_unit_test(test_rto_ack_lost),
		cmocka_unit_test(test_newreno),
		cmocka_unit_test(test_rack),
		cmocka_unit_test(test_reordering),
		cmocka_unit_test(test_tlp),
		cmocka_unit_test(test_sack_blocks),
		cmocka_unit_test(test_ecn),
		cmocka_unit_test(test_ecn_again),
		cmocka_unit_test(test_reneging),
		cmocka_unit_test(test_idle_restart),
		cmocka_unit_test(test_rto_with_flight),
		cmocka_unit_test(test_rtt_behind_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
