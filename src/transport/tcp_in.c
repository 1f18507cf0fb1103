/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A segment arrives: RFC 9293 section 3.10.7, in its order, with the mitigations of RFC 5961 and
 * the timestamps of RFC 7323 section 5. Each function is a step; it returns DROP_NONE to go on to
 * the next, or TCP_TAKEN to end well, or why the segment is refused.
 */
#include "transport/tcp_part.h"

#define CHALLENGES   10 /* RFC 5961 section 7: so many in */
#define CHALLENGE_IN (5 * NS_PER_S)
#define DELACK	     (40 * NS_PER_MS) /* RFC 9293 section 3.8.6.3, MUST-40: below 0.5 s */
#define PAWS_OLD     (24 * UINT64_C(86400) * NS_PER_S) /* RFC 7323 section 5.5 */

/*
 * An acknowledgment to somebody who may be an attacker, so not too many of them. The count is of
 * one connection: one for all would let an attacker find out about others.
 */
void tcp_challenge(struct tcp *tc)
{
	time_ns now = tc->stack->env->now;

	if (tc->challenge_n == 0 || now - tc->challenge_at >= CHALLENGE_IN) {
		tc->challenge_at = now;
		tc->challenge_n = 0;
	}
	if (tc->challenge_n >= CHALLENGES) {
		env_count_drop(tc->stack->env, 0, DROP_TCP_CHALLENGE);
		return;
	}
	tc->challenge_n++;
	tc->stack->count.challenge_acks++;
	tcp_ack_now(tc);
}

/* The connection stands. */
static void established(struct tcp *tc, const struct tcp_seg *seg)
{
	tcp_enter(tc, TCP_ESTABLISHED);
	tc->snd_una = seg->ack;
	tc->snd_wnd = tc->max_snd_wnd = (uint32_t)seg->wnd
					<< ((seg->flags & TCP_SYN) != 0 ? 0 : tc->snd_wscale);
	tc->snd_wl1 = seg->seq;
	tc->snd_wl2 = seg->ack;
	tc->rack_fack = tc->snd_una;
	tc->backoff = 0;
	tcp_due_off(tc, TCP_DUE_RTO);
	tcp_mtu_set(tc, tc->mtu);
	tcp_cc_init(tc);
	if (tc->syn_at != 0 && !tc->syn_again)
		tcp_rtt_sample(tc, tc->stack->env->now - tc->syn_at);
	else
		tc->rto = 3 * NS_PER_S; /* RFC 6298 section 5 (5.7) */
	tcp_keep_restart(tc);
	if (tc->fin_queued) /* section 3.10.4: CLOSE was called meanwhile */
		tcp_enter(tc, TCP_FIN_WAIT_1);
	tcp_work(tc);
}

/* Section 3.10.7.3: what the SYN of the peer says. */
static enum drop syn_sent(struct tcp *tc, const struct tcp_seg *seg)
{
	bool ack = (seg->flags & TCP_ACK) != 0;

	if (ack && (seq_le(seg->ack, tc->iss) || seq_lt(tc->snd_nxt, seg->ack))) {
		tcp_refuse(tc->stack, seg);
		return DROP_TCP_ACK_UNSENT;
	}
	if ((seg->flags & TCP_RST) != 0) {
		if (!ack)
			return DROP_TCP_RST;
		tc->stack->count.resets_taken++;
		tcp_end_with(tc, -ECONNREFUSED);
		return TCP_TAKEN;
	}
	if ((seg->flags & TCP_SYN) == 0)
		return DROP_TCP_NO_SYN;
	tcp_take_syn(tc, seg);
	if (!ack) { /* both opened at once */
		tc->snd_nxt = tc->iss;
		tcp_enter(tc, TCP_SYN_RECEIVED);
		tcp_work(tc);
		return TCP_TAKEN;
	}
	established(tc, seg);
	tcp_ack_now(tc);
	return DROP_NONE;
}

static bool is_old_timestamp(const struct tcp *tc, const struct tcp_seg *seg)
{
	return seq_lt(seg->tsval, tc->ts_recent) &&
	       tc->stack->env->now - tc->ts_recent_at < PAWS_OLD;
}

/* RFC 7323 section 5.3, R1, and section 3.2. A reset is not held to it. */
static enum drop check_timestamp(struct tcp *tc, const struct tcp_seg *seg)
{
	if (!tc->ts_ok || (seg->flags & TCP_RST) != 0)
		return DROP_NONE;
	if ((seg->has & TCP_HAS_TS) == 0)
		return DROP_TCP_NO_TS;
	if (!is_old_timestamp(tc, seg))
		return DROP_NONE;
	tcp_challenge(tc);
	return DROP_TCP_PAWS;
}

/* Section 3.10.7.4, first: table 6, by the window that we told. */
static enum drop check_sequence(struct tcp *tc, const struct tcp_seg *seg)
{
	uint32_t len = tcp_seg_len(seg), wnd = tcp_rcv_wnd(tc), last = seg->seq + len - 1;
	uint32_t edge = tc->rcv_nxt + wnd;
	bool begins = seq_le(tc->rcv_nxt, seg->seq) && seq_lt(seg->seq, edge);
	bool ok;

	if (wnd == 0) /* acknowledgments and resets count even so */
		ok = seg->seq == tc->rcv_nxt;
	else
		ok = begins || (len != 0 && seq_le(tc->rcv_nxt, last) && seq_lt(last, edge));
	/* a pure acknowledgment just at the right edge: the window was used up */
	if (ok || (len == 0 && seg->seq == edge))
		return DROP_NONE;
	if ((seg->flags & TCP_RST) != 0)
		return DROP_TCP_RST;
	if (tc->state == TCP_TIME_WAIT) /* the peer's FIN again: fifth and eighth step */
		tcp_due_set(tc, TCP_DUE_WAIT,
			    time_after(tc->stack->env->now, 2 * tc->stack->conf.msl));
	if (tc->sack_ok && len != 0 && seq_lt(seg->seq, tc->rcv_nxt))
		tc->dsack =
			(struct tcp_range){ seg->seq, seq_min(seg->seq + seg->len, tc->rcv_nxt) };
	if (len != 0 && (seg->flags & TCP_SYN) == 0)
		tcp_ack_now(tc);
	else
		tcp_challenge(tc);
	return DROP_TCP_SEQ;
}

/* Second: RFC 5961 section 3.2. */
static enum drop take_reset(struct tcp *tc, const struct tcp_seg *seg)
{
	int error = -ECONNRESET;

	if (seg->seq != tc->rcv_nxt) {
		tcp_challenge(tc);
		return DROP_TCP_RST;
	}
	if (tc->state == TCP_SYN_RECEIVED)
		error = -ECONNREFUSED;
	else if (tc->state == TCP_CLOSE_WAIT)
		error = -EPIPE;
	else if (tc->state == TCP_TIME_WAIT || tc->state == TCP_CLOSING ||
		 tc->state == TCP_LAST_ACK)
		error = 0;
	tc->stack->count.resets_taken++;
	tcp_end_with(tc, error);
	return TCP_TAKEN;
}

/* Fifth: what an acknowledgment of our SYN or FIN moves. */
static enum drop take_ack(struct tcp *tc, const struct tcp_seg *seg)
{
	enum drop why;

	if (tc->state == TCP_SYN_RECEIVED) {
		if (!seq_lt(tc->snd_una, seg->ack) || seq_lt(tc->snd_nxt, seg->ack)) {
			tcp_refuse(tc->stack, seg);
			return DROP_TCP_ACK_UNSENT;
		}
		if (!tcp_listen_established(tc))
			return DROP_TCP_BACKLOG;
		established(tc, seg);
	}
	why = tcp_ack(tc, seg);
	if (why != DROP_NONE || !tcp_fin_acked(tc))
		return why;
	switch ((enum tcp_state)tc->state) {
	case TCP_FIN_WAIT_1:
		tcp_enter(tc, TCP_FIN_WAIT_2);
		tcp_work(tc);
		break;
	case TCP_CLOSING:
		tcp_enter(tc, TCP_TIME_WAIT);
		break;
	case TCP_LAST_ACK:
		tcp_end_with(tc, 0);
		return TCP_TAKEN;
	case TCP_CLOSED:
	case TCP_SYN_SENT:
	case TCP_SYN_RECEIVED:
	case TCP_ESTABLISHED:
	case TCP_CLOSE_WAIT:
	case TCP_FIN_WAIT_2:
	case TCP_TIME_WAIT:
	case TCP_NUM_STATES:
		break;
	}
	return DROP_NONE;
}

/* Sixth. */
static void take_urgent(struct tcp *tc, const struct tcp_seg *seg)
{
	uint32_t up = seg->seq + seg->urgent;

	if ((seg->flags & TCP_URG) == 0 || !tcp_can_receive(tc))
		return;
	if (tc->urgent_in && seq_le(up, tc->rcv_up))
		return;
	if (seq_le(up, tc->rcv_read))
		return;
	tc->rcv_up = up;
	tc->urgent_in = true;
	tcp_tell(tc);
}

/* RFC 3168 section 6.1.3. */
static void take_mark(struct tcp *tc, const struct tcp_seg *seg)
{
	if (!tc->ecn_ok)
		return;
	if ((seg->flags & TCP_CWR) != 0)
		tc->ecn_echo = false;
	if (seg->ecn == IP6_ECN_CE) {
		if (!tc->ecn_echo)
			tcp_ack_now(tc);
		tc->ecn_echo = true;
	}
}

/*
 * When to acknowledge text in order: each second full segment at once (RFC 9293 section 3.8.6.3,
 * SHLD-19), what fills a gap, too (RFC 5681 section 4.2); else soon.
 */
static void plan_ack(struct tcp *tc, uint32_t len, bool gap)
{
	tc->rcv_mss = (uint16_t)MAX(tc->rcv_mss, MIN(len, UINT16_MAX));
	if (len >= tc->rcv_mss)
		tc->unacked_segs++;
	if (gap || tc->unacked_segs >= 2) {
		tcp_ack_now(tc);
	} else if (!tc->ack_now && !tc->ack_soon) {
		tc->ack_soon = true;
		tcp_due_set(tc, TCP_DUE_DELACK, time_after(tc->stack->env->now, DELACK));
	}
}

/*
 * Seventh: text, cut to the window, goes to its place in the ring, in order or not.
 * @from, @to:	Sequence numbers of what is new and in the window.
 */
static enum drop take_text(struct tcp *tc, const struct tcp_seg *seg, uint32_t from, uint32_t to)
{
	bool gap = tc->ooo != NULL;

	if (!tcp_ring_reserve(tc, &tc->rcv, tc->rcv_read, UINT32_MAX, to - tc->rcv_read))
		return DROP_TCP_MEMORY;
	if (tc->due[TCP_DUE_IDLE] == TIME_NEVER)
		tcp_due_set(tc, TCP_DUE_IDLE, time_after(tc->stack->env->now, NS_PER_S));
	if (from != tc->rcv_nxt) {
		if (!tcp_ooo_add(tc, from, to))
			return DROP_TCP_MEMORY;
		tcp_ring_in(&tc->rcv, from, seg->data + (from - seg->seq), to - from);
		tcp_ack_now(tc); /* RFC 5681 section 4.2: out of order, at once */
		return DROP_NONE;
	}
	tcp_ring_in(&tc->rcv, from, seg->data + (from - seg->seq), to - from);
	tc->rcv_nxt = to;
	tcp_ooo_pull(tc);
	plan_ack(tc, seg->len, gap);
	tcp_tell(tc);
	return DROP_NONE;
}

/* Eighth. The FIN is in order: all before it was taken. */
static void take_fin(struct tcp *tc)
{
	tc->rcv_nxt++;
	tc->rcv_adv = seq_max(tc->rcv_adv, tc->rcv_nxt);
	tc->fin_taken = true;
	tcp_ack_now(tc);
	switch ((enum tcp_state)tc->state) {
	case TCP_ESTABLISHED:
		tcp_enter(tc, TCP_CLOSE_WAIT);
		break;
	case TCP_FIN_WAIT_1: /* had our FIN been acknowledged, this were FIN-WAIT-2 by now */
		tcp_enter(tc, TCP_CLOSING);
		break;
	case TCP_FIN_WAIT_2:
		tcp_enter(tc, TCP_TIME_WAIT);
		break;
	case TCP_CLOSED:
	case TCP_SYN_SENT:
	case TCP_SYN_RECEIVED:
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
	case TCP_TIME_WAIT:
	case TCP_NUM_STATES:
		ASSERT_NOT_REACHED();
	}
}

/* Seventh and eighth, for the part of the segment that is new and in the window. */
static enum drop take_data(struct tcp *tc, const struct tcp_seg *seg)
{
	uint32_t begin = seg->seq + ((seg->flags & TCP_SYN) != 0);
	uint32_t end = begin + seg->len, from = seq_max(begin, tc->rcv_nxt);
	uint32_t to = seq_min(end, tc->rcv_adv);
	enum drop why;

	if (!tcp_can_receive(tc))
		return DROP_NONE; /* the peer has ended its side: ignored */
	if (seg->len != 0 && !tc->owned && tc->listener == NULL && seq_lt(tc->rcv_nxt, end)) {
		tcp_refuse(tc->stack, seg); /* RFC 9293 section 3.6.1: nobody will read it */
		tcp_end_with(tc, 0);
		return DROP_TCP_CLOSED;
	}
	if (seq_lt(begin, tc->rcv_nxt) && seg->len != 0 && tc->sack_ok)
		tc->dsack = (struct tcp_range){ begin, seq_min(end, tc->rcv_nxt) };
	if (seg->len != 0 && seq_lt(from, to)) {
		struct tcp_seg cut = *seg;

		cut.seq = begin;
		tc->octets_received += to - from;
		why = take_text(tc, &cut, from, to);
		if (why != DROP_NONE)
			return why;
	} else if (tcp_seg_len(seg) != 0 && seq_lt(tc->rcv_nxt, end)) {
		tcp_ack_now(tc); /* a probe of a closed window: section 3.8.6.1 */
	}
	if ((seg->flags & TCP_FIN) != 0) {
		if (end == tc->rcv_nxt)
			take_fin(tc);
		else
			tcp_ack_now(tc); /* it comes too early; the peer will repeat it */
	}
	return DROP_NONE;
}

/* RFC 7323 section 4.3: what we echo. */
static void note_timestamp(struct tcp *tc, const struct tcp_seg *seg)
{
	if (!tc->ts_ok || (seg->has & TCP_HAS_TS) == 0 || seq_lt(tc->last_ack, seg->seq) ||
	    is_old_timestamp(tc, seg))
		return;
	tc->ts_recent = seg->tsval;
	tc->ts_recent_at = tc->stack->env->now;
}

/* Section 3.10.7.4 up to the fourth step: is this a segment of the connection at all? */
static enum drop check(struct tcp *tc, const struct tcp_seg *seg)
{
	enum drop why = check_timestamp(tc, seg);

	/* both opened at once: our SYN,ACK may have been lost, then the SYN comes again */
	if (tc->state == TCP_SYN_RECEIVED && (seg->flags & (TCP_SYN | TCP_RST)) == TCP_SYN &&
	    seg->seq == tc->irs && (seg->flags & TCP_ACK) == 0) {
		tc->ack_now = true;
		tcp_work(tc);
		return TCP_TAKEN;
	}
	if (why == DROP_NONE && (seg->flags & TCP_SYN) == 0)
		why = check_sequence(tc, seg);
	if (why != DROP_NONE)
		return why;
	if ((seg->flags & TCP_RST) != 0)
		return take_reset(tc, seg);
	if ((seg->flags & TCP_SYN) != 0) { /* RFC 5961 section 4.2: wherever it lies */
		if (tc->state == TCP_SYN_RECEIVED && (seg->flags & TCP_ACK) != 0 &&
		    seg->seq == tc->irs && seg->ack == tc->snd_nxt)
			return DROP_NONE; /* the other's answer in a simultaneous open */
		if (tc->state == TCP_SYN_RECEIVED && tc->listener != NULL &&
		    seg->seq - tc->rcv_nxt < tcp_rcv_wnd(tc)) { /* back to LISTEN */
			tcp_end_with(tc, 0);
			return DROP_TCP_SYN;
		}
		tcp_challenge(tc);
		return DROP_TCP_SYN;
	}
	return DROP_NONE;
}

/* RFC 9293 section 3.10.7.3 and 3.10.7.4. Return: TCP_TAKEN when all was taken. */
static enum drop arrives(struct tcp *tc, const struct tcp_seg *seg)
{
	enum drop why;

	tc->segs_in++;
	if (tc->state == TCP_SYN_SENT) {
		why = syn_sent(tc, seg);
	} else {
		why = check(tc, seg);
		if (why == DROP_NONE && (seg->flags & TCP_ACK) == 0)
			why = DROP_TCP_NO_ACK;
		if (why == DROP_NONE) {
			tc->rx_at = tc->stack->env->now;
			tc->soft = 0;
			note_timestamp(tc, seg);
			why = take_ack(tc, seg);
		}
	}
	if (why != DROP_NONE)
		return why;
	take_urgent(tc, seg);
	take_mark(tc, seg);
	if (seg->len != 0 || (seg->flags & TCP_FIN) != 0)
		why = take_data(tc, seg);
	return why;
}

/* RFC 6191 section 2 and RFC 9293 section 3.6.1, MAY-2: may a SYN end a TIME-WAIT? */
static bool ends_time_wait(const struct tcp *tc, const struct tcp_seg *seg)
{
	if (tc->state != TCP_TIME_WAIT ||
	    (seg->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) != TCP_SYN)
		return false;
	if (tc->ts_ok && (seg->has & TCP_HAS_TS) != 0 && seg->tsval != tc->ts_recent)
		return seq_lt(tc->ts_recent, seg->tsval);
	return seq_lt(tc->rcv_nxt, seg->seq);
}

/* No connection: perhaps a listener. Section 3.10.7.1 and 3.10.7.2. */
static enum drop no_connection(struct tcp_stack *s, const struct tcp_seg *seg)
{
	struct tcp_listener *l = tcp_find_listener(s, &seg->dst, seg->dport, seg->ifindex);
	struct tcp *tc = NULL;
	enum drop why;

	if (l == NULL) {
		tcp_refuse(s, seg);
		return DROP_TCP_NOBODY;
	}
	why = tcp_listen_input(l, seg, &tc);
	return tc != NULL ? arrives(tc, seg) : why;
}

static enum drop sort(struct tcp_stack *s, const struct tcp_seg *seg)
{
	struct tcp *tc;

	/* RFC 9293 section 3.9.2.3, MUST-57 and MUST-63: no connections with groups */
	if (ip6_is_mcast(&seg->dst) || ip6_is_mcast(&seg->src) || addr_is_any(&seg->src))
		return DROP_TCP_ADDRESS;
	tc = tcp_find(s, &seg->dst, seg->dport, &seg->src, seg->sport, seg->ifindex);
	if (tc != NULL && UNLIKELY(ends_time_wait(tc, seg)) &&
	    tcp_find_listener(s, &seg->dst, seg->dport, seg->ifindex) != NULL) {
		tcp_end_with(tc, 0);
		tc = NULL;
	}
	return LIKELY(tc != NULL) ? arrives(tc, seg) : no_connection(s, seg);
}

void tcp_input(struct tcp_stack *s, struct pkt *pkt)
{
	struct tcp_seg seg;
	enum drop why = tcp_seg_parse(pkt, &seg);

	s->count.in_segs++;
	if (why == DROP_NONE)
		why = sort(s, &seg);
	if (LIKELY(why == DROP_NONE || why == TCP_TAKEN))
		pkt_free(pkt);
	else
		env_drop(s->env, pkt, why);
}
