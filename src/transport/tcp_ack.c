/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an acknowledgment means to the sender: RFC 9293 section 3.10.7.4, fifth step, with the
 * round trip (RFC 6298), loss and recovery (RFC 8985, 6675; RFC 6582 for peers without SACK), ECN
 * (RFC 3168).
 */
#include "transport/tcp_part.h"

#define ECHO_MAX_MS 300000 /* an older timestamp is a mistake */

/** tcp_rtt_sample() - RFC 6298 section 2 (2.2 to 2.4). */
void tcp_rtt_sample(struct tcp *tc, time_ns rtt)
{
	time_ns diff, var;

	rtt = MAX(rtt, NS_PER_US);
	if (tc->srtt == 0) {
		tc->srtt = rtt;
		tc->rttvar = rtt / 2;
	} else {
		diff = tc->srtt > rtt ? tc->srtt - rtt : rtt - tc->srtt;
		tc->rttvar = tc->rttvar - tc->rttvar / 4 + diff / 4;
		tc->srtt = tc->srtt - tc->srtt / 8 + rtt / 8;
	}
	if (tc->min_rtt == 0 || rtt < tc->min_rtt)
		tc->min_rtt = rtt;
	var = MAX(4 * tc->rttvar, NS_PER_MS); /* G: the clock's granularity, as peers see it */
	tc->rto = MAX(tc->srtt + var, tc->stack->conf.rto_min);
	tc->backoff = 0; /* section 5: only a measurement takes it back */
	tc->tlp_sampled = true;
}

/** tcp_enter_recovery() - RFC 6675 section 5, steps 4.1 to 4.3. */
void tcp_enter_recovery(struct tcp *tc)
{
	if (tc->recovery != TCP_REDUCED) /* ECN has reduced the window in this round trip already */
		tcp_cc_congestion(tc);
	tc->recovery = TCP_RECOVERY;
	tc->recover = tc->snd_nxt;
	tc->rtx_one = true;
	tc->tlp_out = false; /* RFC 8985 section 7.1 */
	tcp_due_off(tc, TCP_DUE_TLP);
	tc->stack->count.recoveries++;
}

static void leave_recovery(struct tcp *tc)
{
	if (tc->recovery >= TCP_RECOVERY && tc->rack_persist != 0 && --tc->rack_persist == 0)
		tc->rack_mult = 1;
	tc->recovery = TCP_OPEN;
	tc->dupacks = 0;
}

/* RFC 3168 section 6.1.2: ECN-Echo is answered once a round trip, as if a packet had been lost. */
static void take_ecn(struct tcp *tc, const struct tcp_seg *seg)
{
	if (!tc->ecn_ok || (seg->flags & TCP_ECE) == 0 || tc->recovery != TCP_OPEN)
		return;
	tcp_cc_congestion(tc);
	tc->recovery = TCP_REDUCED;
	tc->recover = tc->snd_nxt;
	tc->ecn_cwr = true;
}

/* RFC 8985 section 7.4.2, TLP_process_ack(). */
static void take_tlp(struct tcp *tc, const struct tcp_seg *seg, const struct tcp_acked *a, bool dup)
{
	if (!tc->tlp_out || seq_lt(seg->ack, tc->tlp_end))
		return;
	if (tc->tlp_retrans && !a->dsack && !dup) {
		if (seg->ack == tc->tlp_end)
			return;
		if (tc->recovery == TCP_OPEN) { /* the probe repaired the loss */
			tcp_cc_congestion(tc);
			tc->recovery = TCP_REDUCED;
			tc->recover = tc->snd_nxt;
		}
	}
	tc->tlp_out = false;
}

/*
 * RFC 5681 section 3.2 and RFC 6582 section 3.2, for a peer without SACK. A duplicate tells that a
 * segment has left the network, though not which: in_flight is less by one.
 */
static void newreno(struct tcp *tc, bool dup, uint32_t cumulative)
{
	struct tcp_sent *head;

	if (!tcp_sent_any(tc)) {
		tc->dupacks = 0;
		return;
	}
	head = tcp_sent_at(tc, tc->sent.head);
	if (cumulative != 0) {
		tc->dupacks = 0;
		if (tc->recovery == TCP_RECOVERY) { /* a partial acknowledgment: step 3 */
			tcp_rack_lose(tc, head);
			tc->rtx_one = true;
			tc->cwnd -= MIN(cumulative, tc->cwnd - tc->snd_mss);
			tc->cwnd += cumulative >= tc->snd_mss ? tc->snd_mss : 0u;
		}
	} else if (dup && tc->dupacks < UINT8_MAX) {
		tc->dupacks++;
		if (tc->recovery == TCP_RECOVERY && tc->in_flight != 0)
			tc->cwnd += tc->snd_mss;
		if (tc->dupacks == TCP_DUP_THRESH && tc->recovery < TCP_RECOVERY) {
			tcp_rack_lose(tc, head);
			if (tcp_mtu_probe_lost(tc))
				return;
			tcp_enter_recovery(tc);
			tc->cwnd = tc->ssthresh + TCP_DUP_THRESH * tc->snd_mss;
		}
	}
}

/* RFC 9293 section 3.10.7.4. Return: true if the window changed. */
static bool take_window(struct tcp *tc, const struct tcp_seg *seg)
{
	uint32_t wnd = (uint32_t)seg->wnd << tc->snd_wscale, was = tc->snd_wnd;

	if (!seq_lt(tc->snd_wl1, seg->seq) &&
	    !(tc->snd_wl1 == seg->seq && seq_le(tc->snd_wl2, seg->ack)))
		return false;
	tc->snd_wnd = wnd;
	tc->snd_wl1 = seg->seq;
	tc->snd_wl2 = seg->ack;
	tc->max_snd_wnd = MAX(tc->max_snd_wnd, wnd);
	return wnd != was;
}

/*
 * The window was closed and opens: what was sent into it as a probe was not taken, so it goes
 * again.
 */
static void opened(struct tcp *tc)
{
	tc->backoff = 0;
	tcp_due_off(tc, TCP_DUE_PERSIST);
	if (!tcp_sent_any(tc))
		return;
	tcp_rack_lose(tc, tcp_sent_at(tc, tc->sent.head));
	tc->rtx_one = true;
	tcp_rto_restart(tc);
}

/* SND.UNA moves. */
static void advance(struct tcp *tc, const struct tcp_seg *seg, struct tcp_acked *a)
{
	a->cumulative = seg->ack - tc->snd_una;
	tcp_rack_cumulative(tc, seg, a);
	tc->snd_una = seg->ack;
	tc->octets_acked += a->cumulative;
	tc->stuck_at = tc->stack->env->now;
	tc->mtu_fails = 0;
	tc->rto_again = false;
	if (tc->urgent_out && seq_le(tc->snd_up, seg->ack))
		tc->urgent_out = false;
	if (tc->recovery != TCP_OPEN && seq_le(tc->recover, seg->ack)) {
		if (tc->recovery == TCP_RECOVERY)
			tc->cwnd = tc->ssthresh; /* RFC 6582 section 3.2, step 3 (2) */
		leave_recovery(tc);
	}
	tcp_tell(tc);
}

/*
 * RFC 7323 section 4.1: of segments sent again only their timestamps tell. If the echo is of an
 * earlier transmission, that arrived, and its acknowledgment was lost or late: what we waited for
 * was our own timer, and a sample of that makes the next wait longer still. 0: nothing is known.
 */
static time_ns echoed_rtt(const struct tcp *tc, const struct tcp_seg *seg, time_ns again_at)
{
	uint32_t ms = tcp_clock_ms(tc->stack) + tc->ts_offset - seg->tsecr;

	if ((seg->has & TCP_HAS_TS) == 0 || !tc->ts_ok || seg->tsecr == 0 || ms > ECHO_MAX_MS)
		return 0;
	if (again_at != 0 && seq_lt(seg->tsecr, (uint32_t)(again_at / NS_PER_MS) + tc->ts_offset))
		return 0;
	return (ms + 1) * NS_PER_MS;
}

static void take_new(struct tcp *tc, const struct tcp_seg *seg)
{
	struct tcp_acked a = { .octets = 0 };
	bool closed = tc->snd_wnd == 0, recovering = tc->recovery == TCP_RECOVERY, changed, dup;

	if (seg->ack != tc->snd_una)
		advance(tc, seg, &a);
	changed = take_window(tc, seg);
	/* RFC 5681 section 2, "duplicate acknowledgment"; the answer to a probe is none */
	dup = a.cumulative == 0 && tcp_sent_any(tc) && tcp_seg_len(seg) == 0 && !changed &&
	      tc->snd_wnd != 0;
	take_ecn(tc, seg);
	if (tc->sack_ok) {
		tcp_rack_sacks(tc, seg, &a);
		tcp_rack_window(tc, a.dsack);
		take_tlp(tc, seg, &a, dup && seg->n_sack == 0);
	} else {
		newreno(tc, dup, a.cumulative);
	}
	if (a.rtt == 0 && a.cumulative != 0)
		a.rtt = echoed_rtt(tc, seg, a.again_at);
	if (a.rtt != 0)
		tcp_rtt_sample(tc, a.rtt);
	if (tc->sack_ok && (a.octets != 0 || tc->sacked != 0))
		tcp_rack_detect(tc);
	if (a.octets != 0 && !recovering && tc->recovery != TCP_RECOVERY &&
	    (tc->cwnd_limited || tc->recovery == TCP_LOSS))
		tcp_cc_acked(tc, a.octets);
	if (a.cumulative != 0) {
		tcp_rto_restart(tc);
		tcp_tlp_arm(tc);
	}
	if (closed && tc->snd_wnd != 0)
		opened(tc);
}

/**
 * tcp_ack() - Check and take SEG.ACK, SEG.WND and the SACK blocks, in a synchronized state.
 *
 * RFC 5961 section 5: acceptable from SND.UNA - MAX.SND.WND to SND.NXT.
 */
enum drop tcp_ack(struct tcp *tc, const struct tcp_seg *seg)
{
	if (seq_lt(tc->snd_nxt, seg->ack)) {
		tcp_challenge(tc);
		return DROP_TCP_ACK_UNSENT;
	}
	if (seq_lt(seg->ack, tc->snd_una - tc->max_snd_wnd)) {
		tcp_challenge(tc);
		return DROP_TCP_ACK_OLD;
	}
	if (seq_lt(seg->ack, tc->snd_una))
		return DROP_NONE; /* late: its text may be new all the same */
	take_new(tc, seg);
	if (tcp_sent_any(tc) || seq_lt(tc->snd_nxt, tcp_snd_last(tc)))
		tcp_work(tc);
	return DROP_NONE;
}
