/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What may be sent now, and building it: straight into packets, from the ring of what the owner
 * gave. RFC 9293 sections 3.7.4 (Nagle), 3.8.6.2.1 (silly windows), RFC 5681 (congestion window).
 */
#include "ip6/scope.h"
#include "transport/tcp_part.h"

#define OVERRIDE_MIN (500 * NS_PER_MS) /* RFC 9293 section 3.8.6.2.1: 0.1 to 1 s */

/* The shift with which 16 bits tell of @rcvbuf octets: RFC 7323 section 2. */
uint8_t tcp_wscale_for(uint32_t rcvbuf)
{
	uint8_t n = 0;

	while (n < TCP_WSCALE_MAX && rcvbuf >> n > UINT16_MAX)
		n++;
	return n;
}

/*
 * Right edge of the window that we would tell now. It never goes back (section 3.8.6), and moves
 * on by no less than a segment or half the buffer (section 3.8.6.2.2, MUST-39).
 */
uint32_t tcp_window_edge(const struct tcp *tc)
{
	uint32_t most = MIN(tc->opts.rcvbuf, (uint32_t)UINT16_MAX << tc->rcv_wscale);
	uint32_t edge = (tc->rcv_read + most), step = MIN(most / 2, (uint32_t)tc->rcv_mss);

	if (edge - tc->rcv_nxt > most || seq_lt(edge, tc->rcv_adv + step))
		return tc->rcv_adv;
	return edge;
}

/* The window field, and the edge that it stands for. */
static uint16_t window_field(struct tcp *tc, bool syn)
{
	uint32_t edge = tcp_window_edge(tc), wnd = edge - tc->rcv_nxt;
	uint8_t shift = syn ? 0 : tc->rcv_wscale;

	if (syn) {
		wnd = MIN(wnd, UINT16_MAX);
		tc->rcv_adv = tc->rcv_nxt + wnd;
		return (uint16_t)wnd;
	}
	/* rounded down if that does not take back what was told, else up */
	if (seq_le(tc->rcv_adv, tc->rcv_nxt + (wnd >> shift << shift)))
		wnd = wnd >> shift;
	else
		wnd = (wnd + (1u << shift) - 1) >> shift;
	wnd = MIN(wnd, UINT16_MAX);
	tc->rcv_adv = seq_max(tc->rcv_adv, tc->rcv_nxt + (wnd << shift));
	return (uint16_t)wnd;
}

uint32_t tcp_clock_ms(const struct tcp_stack *s)
{
	return (uint32_t)(s->env->now / NS_PER_MS); /* RFC 7323 section 5.4: 1 ms to 1 s */
}

/*
 * A packet for @s->len octets of text: headers' room is reserved, the text is for the caller to
 * fill at the place returned.
 */
static struct pkt *new_packet(struct tcp_stack *st, const struct tcp_seg *s, uint8_t **text)
{
	uint32_t hdr = tcp_seg_hdr_octets(s);
	struct pkt *pkt = pkt_new(st->env->pool, IP6_HDR_OCTETS + hdr + s->len);

	if (pkt == NULL) {
		env_count_drop(st->env, 0, DROP_NO_BUFFER);
		return NULL;
	}
	*text = pkt_put(pkt, IP6_HDR_OCTETS + hdr + s->len) + IP6_HDR_OCTETS + hdr;
	return pkt;
}

static int send_packet(struct tcp_stack *st, struct pkt *pkt, const struct tcp_seg *s,
		       uint8_t tclass, uint8_t hop_limit, uint32_t flow)
{
	ip6_put_header(pkt->p, tclass, flow, 0, IP6_NH_TCP, hop_limit, &s->src, &s->dst);
	tcp_seg_put(pkt->p + IP6_HDR_OCTETS, s);
	pkt->flags |= PKT_TCP;
	st->count.out_segs++;
	return ip6_output(st->ip6, pkt, s->ifindex);
}

/** tcp_send_raw() - Send a segment without text that belongs to no connection. */
void tcp_send_raw(struct tcp_stack *st, struct tcp_seg *s, const struct tcp_opts *opts,
		  uint32_t flow)
{
	uint8_t *text;
	struct pkt *pkt;

	s->len = 0;
	if (!ip6_is_linklocal(&s->dst) && !ip6_is_linklocal(&s->src))
		s->ifindex = 0;
	pkt = new_packet(st, s, &text);
	if (pkt != NULL)
		(void)send_packet(st, pkt, s, opts->tclass, opts->hop_limit, flow);
}

/* RFC 9293 section 3.10.7.1: the reset that a segment for nobody is answered with. */
void tcp_refuse(struct tcp_stack *st, const struct tcp_seg *seg)
{
	struct tcp_seg s = { .src = seg->dst,
			     .dst = seg->src,
			     .sport = seg->dport,
			     .dport = seg->sport,
			     .ifindex = seg->ifindex,
			     .flags = TCP_RST };

	if ((seg->flags & TCP_RST) != 0)
		return;
	if ((seg->flags & TCP_ACK) != 0) {
		s.seq = seg->ack;
	} else {
		s.flags |= TCP_ACK;
		s.ack = seg->seq + tcp_seg_len(seg);
	}
	st->count.resets_sent++;
	tcp_send_raw(st, &s, &st->conf.opts, 0);
}

/* What all segments of a connection have in common. */
static struct tcp_seg seg_of(struct tcp *tc, uint32_t seq, uint8_t flags)
{
	struct tcp_seg s = { .src = tc->local,
			     .dst = tc->remote,
			     .sport = tc->lport,
			     .dport = tc->rport,
			     .ifindex = tc->ifindex,
			     .seq = seq,
			     .flags = flags };

	if ((flags & TCP_ACK) != 0)
		s.ack = tc->rcv_nxt;
	if (tc->ts_ok) {
		s.has = TCP_HAS_TS;
		s.tsval = tcp_clock_ms(tc->stack) + tc->ts_offset;
		s.tsecr = (flags & TCP_ACK) != 0 ? tc->ts_recent : 0;
	}
	return s;
}

/* An acknowledgment goes out, with whatever. */
static void acked(struct tcp *tc)
{
	tc->ack_now = tc->ack_soon = false;
	tc->unacked_segs = 0;
	tc->last_ack = tc->rcv_nxt;
	tcp_due_off(tc, TCP_DUE_DELACK);
}

/* RFC 3168 section 6.1.3, RFC 2018 section 4, RFC 2883 section 4. */
static void add_ack_notes(struct tcp *tc, struct tcp_seg *s)
{
	unsigned max = tc->ts_ok ? 3 : TCP_SACK_BLOCKS_MAX;

	if (tc->ecn_echo)
		s->flags |= TCP_ECE;
	if (!tc->sack_ok || s->len != 0)
		return;
	if (tc->dsack.from != tc->dsack.to) {
		s->sack[s->n_sack++] = tc->dsack;
		tc->dsack.to = tc->dsack.from;
	}
	s->n_sack = (uint8_t)(s->n_sack + tcp_ooo_blocks(tc, s->sack + s->n_sack, max - s->n_sack));
}

/*
 * RFC 4862 section 5.5.4: an address that is no more valid MUST NOT be a source. It may come back,
 * as one does when its link does: until then the connection is silent, as if all were lost.
 */
static bool may_speak(const struct tcp *tc)
{
	const struct if_addr *a = ip6_local(tc->stack->ip6, &tc->local, tc->ifindex);

	return (a != NULL && if_addr_is_assigned(a)) || ip6_is_v4mapped(&tc->local);
}

static int transmit(struct tcp *tc, struct pkt *pkt, struct tcp_seg *s, uint8_t ecn)
{
	if ((s->flags & TCP_SYN) == 0)
		s->wnd = window_field(tc, false);
	tc->segs_out++;
	if ((s->flags & TCP_ACK) != 0)
		acked(tc);
	if (UNLIKELY(!may_speak(tc))) {
		tc->soft = -EADDRNOTAVAIL;
		env_drop(tc->stack->env, pkt, DROP_IP6_SRC_GONE);
		return -EADDRNOTAVAIL;
	}
	return send_packet(tc->stack, pkt, s, (uint8_t)(tc->opts.tclass | ecn), tc->opts.hop_limit,
			   tc->flow);
}

static void send_empty(struct tcp *tc, uint32_t seq, uint8_t flags)
{
	struct tcp_seg s = seg_of(tc, seq, flags);
	uint8_t *text;
	struct pkt *pkt;

	add_ack_notes(tc, &s);
	pkt = new_packet(tc->stack, &s, &text);
	if (pkt != NULL)
		(void)transmit(tc, pkt, &s, IP6_ECN_NOT_ECT);
}

void tcp_send_ack(struct tcp *tc)
{
	send_empty(tc, tc->snd_nxt, TCP_ACK);
}

void tcp_send_reset(struct tcp *tc)
{
	tc->stack->count.resets_sent++;
	if (tc->state == TCP_SYN_SENT)
		return; /* the peer knows of nothing */
	send_empty(tc, tc->snd_nxt, TCP_RST | TCP_ACK);
}

/* RFC 9293 section 3.8.4: without text, just below what the peer expects. */
void tcp_send_keepalive(struct tcp *tc)
{
	send_empty(tc, tc->snd_una - 1, TCP_ACK);
}

/* The SYN of SYN-SENT, or the SYN,ACK of SYN-RECEIVED: first, or again. */
void tcp_send_syn(struct tcp *tc)
{
	bool answer = tc->state == TCP_SYN_RECEIVED;
	struct tcp_seg s = seg_of(tc, tc->iss, answer ? TCP_SYN | TCP_ACK : TCP_SYN);
	uint32_t mss = tc->mtu - TCP_HDRS_OCTETS;
	uint8_t *text;
	struct pkt *pkt;

	s.mss = (uint16_t)(tc->opts.mss != 0 ? MIN(tc->opts.mss, mss) : mss);
	s.has |= TCP_HAS_MSS;
	if (tc->sack_ok)
		s.has |= TCP_HAS_SACK_OK;
	if (tc->ws_ok) {
		s.has |= TCP_HAS_WSCALE;
		s.wscale = tc->rcv_wscale;
	}
	if (tc->ecn_ok) /* RFC 3168 section 6.1.1 */
		s.flags |= answer ? TCP_ECE : TCP_ECE | TCP_CWR;
	s.wnd = window_field(tc, true);
	if (tc->syn_at == 0)
		tc->syn_at = tc->stack->env->now;
	tc->snd_nxt = tc->iss + 1;
	tcp_due_set(tc, TCP_DUE_RTO, time_after(tc->stack->env->now, tcp_rto_now(tc)));
	pkt = new_packet(tc->stack, &s, &text);
	if (pkt != NULL)
		(void)transmit(tc, pkt, &s, IP6_ECN_NOT_ECT);
}

/*
 * Text from @seq to @end (which a FIN may be behind), once more or for the first time. Return:
 * false if no buffer was to be had: it counts as not sent.
 */
static bool send_text(struct tcp *tc, uint32_t seq, uint32_t end, bool again)
{
	struct tcp_seg s = seg_of(tc, seq, TCP_ACK);
	bool ect = tc->ecn_ok && !again; /* RFC 3168 section 6.1.5: none on what is sent again */
	uint8_t *text;
	struct pkt *pkt;

	s.len = seq_min(end, tc->snd_end) - seq;
	if (end == tc->snd_end + 1)
		s.flags |= TCP_FIN;
	if (seq_le(tc->snd_end, end))
		s.flags |= TCP_PSH;
	if (tc->urgent_out && seq_lt(seq, tc->snd_up)) {
		s.flags |= TCP_URG;
		s.urgent = (uint16_t)MIN(tc->snd_up - seq, UINT16_MAX);
	}
	if (tc->ecn_cwr && ect && s.len != 0) {
		s.flags |= TCP_CWR;
		tc->ecn_cwr = false;
	}
	if (tc->ecn_echo)
		s.flags |= TCP_ECE;
	pkt = new_packet(tc->stack, &s, &text);
	if (pkt == NULL)
		return false;
	if (s.len != 0)
		tcp_ring_out(&tc->snd, seq, text, s.len);
	tc->octets_sent += s.len;
	tc->tx_at = tc->stack->env->now;
	(void)transmit(tc, pkt, &s, ect && s.len != 0 ? IP6_ECN_ECT0 : IP6_ECN_NOT_ECT);
	return true;
}

/** tcp_retransmit() - Send a segment again. Return: false if no buffer was to be had. */
bool tcp_retransmit(struct tcp *tc, struct tcp_sent *p)
{
	if (!send_text(tc, p->seq, p->end, true))
		return false;
	tcp_sent_again(tc, p);
	tc->retransmits++;
	tc->stack->count.retrans_segs++;
	return true;
}

/**
 * tcp_send_new() - Send the next @at_most octets that were never sent, and the FIN if it is its
 * turn and they are the last.
 *
 * Return: false if there is nothing, the window does not allow it, or no buffer was to be had.
 */
bool tcp_send_new(struct tcp *tc, uint32_t at_most)
{
	uint32_t seq = tc->snd_nxt, end, edge = tc->snd_una + tc->snd_wnd;

	if (seq_le(tcp_snd_last(tc), seq) || tc->fin_sent)
		return false;
	end = seq + MIN(at_most, tc->snd_end - seq);
	if (!tc->probe_now && seq_lt(edge, end))
		end = edge;
	if (end == tc->snd_end && tc->fin_queued && (seq_lt(end, edge) || tc->probe_now))
		end++;
	if (seq_le(end, seq) || !tcp_sent_add(tc, seq, end))
		return false;
	if (!send_text(tc, seq, end, false)) {
		tc->sent.tail--;
		tc->in_flight -= end - seq;
		return false;
	}
	if (seq == tc->snd_una)
		tc->stuck_at = tc->stack->env->now;
	tc->snd_nxt = end;
	tc->fin_sent = end == tc->snd_end + 1;
	if (tc->due[TCP_DUE_RTO] == TIME_NEVER)
		tcp_rto_restart(tc);
	return true;
}

/* RFC 6675 section 5, RFC 8985: what is believed lost goes first, as the window allows. */
static void send_lost(struct tcp *tc)
{
	for (uint32_t i = tc->sent.head; i != tc->sent.tail && tc->lost != 0; i++) {
		struct tcp_sent *p = tcp_sent_at(tc, i);

		if ((p->flags & SENT_LOST) == 0)
			continue;
		if (!tc->rtx_one && tc->in_flight + (p->end - p->seq) > tc->cwnd)
			return;
		if (!tcp_retransmit(tc, p))
			return;
		if (tc->rtx_one)
			tcp_rto_restart(tc);
		tc->rtx_one = false;
	}
}

/*
 * May @n octets, all that the windows allow of what is there, go as a segment that is not full? RFC
 * 9293 section 3.7.4 and 3.8.6.2.1.
 */
static bool may_send_small(const struct tcp *tc, uint32_t n)
{
	bool all = tc->snd_nxt + n == tc->snd_end;

	if (tc->probe_now)
		return true;
	if (all && (tc->fin_queued || tc->opts.nodelay || !tcp_sent_any(tc) || tc->urgent_out))
		return true;
	return n >= tc->max_snd_wnd / 2 && !all;
}

/* New data and the FIN. */
static void send_more(struct tcp *tc)
{
	uint32_t edge = tc->snd_una + tc->snd_wnd;

	tc->cwnd_limited = false;
	if (UNLIKELY(tc->mtu_found != 0))
		tcp_mtu_search(tc);
	while (seq_lt(tc->snd_nxt, tcp_snd_last(tc)) && !tc->fin_sent) {
		uint32_t there = tc->snd_end - tc->snd_nxt;
		uint32_t room = seq_lt(tc->snd_nxt, edge) ? edge - tc->snd_nxt : 0;
		uint32_t n = MIN(MIN(there, room), (uint32_t)tc->snd_mss);

		if (tc->probe_now && n == 0)
			n = MIN(there, 1u);
		if (n < tc->snd_mss && !(n == there && tc->fin_queued) &&
		    (n == 0 || !may_send_small(tc, n)))
			break;
		if (tc->in_flight != 0 && tc->in_flight + n > tc->cwnd && !tc->probe_now) {
			tc->cwnd_limited = true;
			break;
		}
		if (!tcp_send_new(tc, n))
			break;
		tc->probe_now = false;
	}
	if (tc->in_flight + tc->snd_mss > tc->cwnd)
		tc->cwnd_limited = true;
}

/* Nothing is in flight and yet there is something that may not go: ask again later. */
static void arm_persist(struct tcp *tc)
{
	time_ns wait = tcp_rto_now(tc);

	if (tcp_sent_any(tc) || seq_le(tcp_snd_last(tc), tc->snd_nxt)) {
		tcp_due_off(tc, TCP_DUE_PERSIST);
		return;
	}
	if (tc->due[TCP_DUE_PERSIST] != TIME_NEVER)
		return;
	if (tc->snd_wnd != 0)
		wait = MIN(wait, OVERRIDE_MIN);
	tcp_due_set(tc, TCP_DUE_PERSIST, time_after(tc->stack->env->now, wait));
}

static bool may_send_data(const struct tcp *tc)
{
	return tc->state >= TCP_ESTABLISHED && tc->state != TCP_FIN_WAIT_2 &&
	       tc->state != TCP_TIME_WAIT;
}

/*
 * The owner has read: is the peer to be told by itself (section 3.8.6.2.2)? What goes out anyway
 * tells of smaller steps; a peer that has little left must not wait for that.
 */
static bool window_opens(const struct tcp *tc)
{
	uint32_t more = tcp_window_edge(tc) - tc->rcv_adv;

	return more != 0 && tc->rcv_mss != 0 &&
	       (tcp_rcv_wnd(tc) < 4u * tc->rcv_mss || more >= tc->opts.rcvbuf / 2);
}

/** tcp_output() - Send all that may be sent now. */
void tcp_output(struct tcp *tc)
{
	uint32_t before = tc->snd_nxt;

	if (tc->state == TCP_SYN_SENT || tc->state == TCP_SYN_RECEIVED) {
		if (tc->snd_nxt == tc->iss || tc->ack_now)
			tcp_send_syn(tc);
		return;
	}
	if (tc->ack_now && (tc->ooo != NULL || tc->dsack.from != tc->dsack.to))
		tcp_send_ack(tc); /* SACK blocks go by themselves: text leaves them no room */
	if (may_send_data(tc)) {
		tcp_mtu_update(tc);
		if (!tcp_sent_any(tc))
			tcp_cc_idle(tc);
		send_lost(tc);
		if (tc->lost == 0) {
			tc->rtx_one = false;
			send_more(tc);
		}
		tc->probe_now = false;
		arm_persist(tc);
		if (tc->snd_nxt != before)
			tcp_tlp_arm(tc);
	}
	if (tc->state == TCP_FIN_WAIT_2 && !tc->owned && tc->due[TCP_DUE_WAIT] == TIME_NEVER)
		tcp_due_set(tc,
			    TCP_DUE_WAIT, /* the peer has as long as TIME-WAIT to end its side */
			    time_after(tc->stack->env->now, 2 * tc->stack->conf.msl));
	if (tc->ack_now || (tcp_can_receive(tc) && window_opens(tc)))
		tcp_send_ack(tc);
}
