/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Time passes on a connection. Eight things may be due, one timer of the wheel serves them: it is
 * armed for the earliest, and put off only when it goes off. So an acknowledgment that moves the
 * retransmission timer, as nearly all do, writes one number.
 */
#include "transport/tcp_part.h"

#define RTO_MAX		(120 * NS_PER_S)  /* RFC 6298 section 2 (2.5): at least 60 s */
#define SYN_GIVE_UP	(180 * NS_PER_S)  /* RFC 9293 section 3.8.3, MUST-23: at least that */
#define SYN_ACK_GIVE_UP (63 * NS_PER_S)	  /* nobody waits for these, and floods leave them */
#define USER_TIMEOUT	(300 * NS_PER_S)  /* section 3.9.1.1: five minutes */
#define TLP_ACK_DELAY	(200 * NS_PER_MS) /* RFC 8985 section 7.2, TLP.max_ack_delay */
#define IDLE_BUFFERS	NS_PER_S

void tcp_due_set(struct tcp *tc, enum tcp_due which, time_ns when)
{
	tc->due[which] = when;
	if (!timer_is_armed(&tc->timer) || when < tc->timer.when)
		timer_set(&tc->stack->env->timers, &tc->timer, when);
}

void tcp_due_clear(struct tcp *tc)
{
	for (unsigned i = 0; i < TCP_DUE_NUM; i++)
		tc->due[i] = TIME_NEVER;
	timer_cancel(&tc->stack->env->timers, &tc->timer);
}

/* RFC 6298 section 5 (5.5) and section 2 (2.5). */
time_ns tcp_rto_now(const struct tcp *tc)
{
	return MIN(tc->rto << MIN(tc->backoff, 16), RTO_MAX);
}

/* RFC 6298 section 5 (5.1 to 5.3): it runs while something is unacknowledged. */
void tcp_rto_restart(struct tcp *tc)
{
	if (tcp_sent_any(tc))
		tcp_due_set(tc, TCP_DUE_RTO, time_after(tc->stack->env->now, tcp_rto_now(tc)));
	else
		tcp_due_off(tc, TCP_DUE_RTO);
}

/* RFC 8985 section 7.2. */
void tcp_tlp_arm(struct tcp *tc)
{
	time_ns now = tc->stack->env->now, pto;

	tcp_due_off(tc, TCP_DUE_TLP);
	if (!tc->sack_ok || tc->recovery > TCP_REDUCED || tc->sacked != 0 || !tcp_sent_any(tc))
		return;
	pto = tc->srtt != 0 ? 2 * tc->srtt : NS_PER_S;
	if (tc->srtt != 0 && tc->in_flight <= tc->snd_mss)
		pto += TLP_ACK_DELAY;
	if (time_after(now, pto) >= tc->due[TCP_DUE_RTO])
		return; /* the RTO is no later: it does the same, and more */
	tcp_due_set(tc, TCP_DUE_TLP, time_after(now, pto));
}

void tcp_keep_restart(struct tcp *tc)
{
	tc->keep_probes = 0;
	if (tc->opts.keepalive && tcp_is_synchronized(tc) && tc->state != TCP_TIME_WAIT)
		tcp_due_set(tc, TCP_DUE_KEEP, time_after(tc->rx_at, tc->opts.keep_idle));
	else
		tcp_due_off(tc, TCP_DUE_KEEP);
}

static time_ns user_timeout(const struct tcp *tc)
{
	return tc->opts.user_timeout != 0 ? tc->opts.user_timeout : USER_TIMEOUT;
}

/* RFC 6298 section 5 (5.5 to 5.7) for a SYN. */
static void syn_due(struct tcp *tc)
{
	time_ns now = tc->stack->env->now, limit = SYN_GIVE_UP;

	if (tc->listener != NULL)
		limit = SYN_ACK_GIVE_UP;
	else if (tc->opts.user_timeout != 0)
		limit = tc->opts.user_timeout;
	if (now - tc->syn_at >= limit) {
		tcp_end_with(tc, -ETIMEDOUT);
		return;
	}
	tc->syn_again = true;
	tc->backoff++;
	tc->retransmits++;
	tc->stack->count.retrans_segs++;
	if (tc->ecn_ok && tc->state == TCP_SYN_SENT)
		tc->ecn_ok = false; /* RFC 3168 section 6.1.1.1: it may be the reason */
	tcp_send_syn(tc);
}

/*
 * The window is closed and what lies beyond it is unacknowledged: a probe (RFC 9293 section
 * 3.8.6.1). While the peer answers these, the connection MUST stay open (MUST-37).
 */
static bool is_probe(const struct tcp *tc)
{
	return seq_le(tc->snd_una + tc->snd_wnd, tcp_sent_at(tc, tc->sent.head)->seq);
}

/* RFC 6298 section 5 (5.4 to 5.6), RFC 8985 section 6.3, RFC 5681 section 3.1. */
static void rto_due(struct tcp *tc)
{
	time_ns now = tc->stack->env->now;
	bool probe;

	if (tc->state == TCP_SYN_SENT || tc->state == TCP_SYN_RECEIVED) {
		syn_due(tc);
		return;
	}
	if (!tcp_sent_any(tc))
		return;
	probe = is_probe(tc);
	if (now - (probe ? tc->rx_at : tc->stuck_at) >= user_timeout(tc)) {
		tcp_end_with(tc, -ETIMEDOUT);
		return;
	}
	tc->stack->count.rtos++;
	if (!probe) {
		tcp_cc_timeout(tc, !tc->rto_again);
		tc->rto_again = true;
		tc->recovery = TCP_LOSS;
		tc->recover = tc->snd_nxt;
		tcp_rack_rto(tc);
		(void)tcp_mtu_probe_lost(tc);
		tcp_mtu_timeout(tc);
		/* RFC 6298 section 5 (5.4): the oldest MUST go, whatever else is in flight */
		tc->rtx_one = true;
	}
	tc->backoff = (uint8_t)MIN(tc->backoff + 1, 32);
	tc->tlp_out = false;
	tcp_due_off(tc, TCP_DUE_TLP);
	tcp_due_off(tc, TCP_DUE_REO);
	if (probe)
		(void)tcp_retransmit(tc, tcp_sent_at(tc, tc->sent.head));
	tcp_rto_restart(tc);
	tcp_work(tc);
}

static void persist_due(struct tcp *tc)
{
	tc->probe_now = true;
	tc->backoff = (uint8_t)MIN(tc->backoff + 1, 32);
	tcp_work(tc);
}

/* RFC 8985 section 7.3. */
static void tlp_due(struct tcp *tc)
{
	if (!tcp_sent_any(tc) || tc->recovery > TCP_REDUCED)
		return;
	if ((tcp_sent_at(tc, tc->sent.tail - 1)->flags & SENT_PROBE) != 0) { /* of the path's MTU */
		tcp_rack_lose(tc, tcp_sent_at(tc, tc->sent.tail - 1));
		(void)tcp_mtu_probe_lost(tc);
		tcp_rto_restart(tc);
		return;
	}
	if (!tc->tlp_out && tc->tlp_sampled) {
		tc->tlp_retrans = !tcp_send_new(tc, tc->snd_mss);
		if (tc->tlp_retrans)
			(void)tcp_retransmit(tc, tcp_sent_at(tc, tc->sent.tail - 1));
		tc->tlp_out = true;
		tc->tlp_sampled = false;
		tc->tlp_end = tc->snd_nxt;
		tc->stack->count.tlps++;
	}
	tcp_rto_restart(tc);
}

static void keep_due(struct tcp *tc)
{
	time_ns now = tc->stack->env->now, since = now - tc->rx_at;

	if (since < tc->opts.keep_idle) { /* something came meanwhile */
		tcp_keep_restart(tc);
		return;
	}
	if (tcp_sent_any(tc)) { /* the retransmission timer looks after it */
		tcp_due_set(tc, TCP_DUE_KEEP, time_after(now, tc->opts.keep_interval));
		return;
	}
	if (tc->keep_probes >= tc->opts.keep_count ||
	    (tc->opts.user_timeout != 0 && tc->keep_probes != 0 &&
	     since >= tc->opts.user_timeout)) {
		tcp_send_reset(tc);
		tcp_end_with(tc, -ETIMEDOUT);
		return;
	}
	tc->keep_probes++;
	tcp_send_keepalive(tc);
	tcp_due_set(tc, TCP_DUE_KEEP, time_after(now, tc->opts.keep_interval));
}

/* Buffers that have been empty for a while. */
static void idle_due(struct tcp *tc)
{
	if (tc->rcv_read == tc->rcv_nxt && tc->ooo == NULL)
		tcp_ring_free(tc, &tc->rcv);
	if (tc->snd_una == tc->snd_nxt && seq_le(tc->snd_end, tc->snd_nxt)) {
		tcp_ring_free(tc, &tc->snd);
		tcp_sent_done(tc);
	}
	if (tc->rcv.size != 0 || tc->snd.size != 0)
		tcp_due_set(tc, TCP_DUE_IDLE, time_after(tc->stack->env->now, IDLE_BUFFERS));
}

static void one_due(struct tcp *tc, enum tcp_due which)
{
	switch (which) {
	case TCP_DUE_RTO:
		rto_due(tc);
		return;
	case TCP_DUE_PERSIST:
		persist_due(tc);
		return;
	case TCP_DUE_TLP:
		tlp_due(tc);
		return;
	case TCP_DUE_REO:
		tcp_rack_detect(tc);
		tcp_work(tc);
		return;
	case TCP_DUE_DELACK:
		tcp_ack_now(tc);
		return;
	case TCP_DUE_KEEP:
		keep_due(tc);
		return;
	case TCP_DUE_WAIT:
		tcp_end_with(tc, 0);
		return;
	case TCP_DUE_IDLE:
		idle_due(tc);
		return;
	case TCP_DUE_NUM:
		break;
	}
	ASSERT_NOT_REACHED();
}

void tcp_timer(struct tcp_stack *s, struct timer *timer)
{
	struct tcp *tc = CONTAINER_OF(timer, struct tcp, timer);
	time_ns next = TIME_NEVER;

	for (unsigned i = 0; i < TCP_DUE_NUM; i++) {
		if (tc->due[i] > s->env->now)
			continue;
		tc->due[i] = TIME_NEVER;
		one_due(tc, (enum tcp_due)i);
		if (!tc->hashed)
			return;
	}
	for (unsigned i = 0; i < TCP_DUE_NUM; i++)
		next = MIN(next, tc->due[i]);
	timer_set(&s->env->timers, timer, next);
}
