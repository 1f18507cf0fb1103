/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was sent and is not acknowledged, segment by segment, and which of it is lost: RFC 8985
 * (RACK) on the scoreboard of RFC 6675. Read section 6.2 first; the five steps have the same order
 * here.
 *
 * in_flight is RFC 6675's "pipe": octets of segments that are neither SACKed nor believed lost.
 */
#include "transport/tcp_part.h"

#include <stdlib.h>

#define SENTS_MIN   16
#define REO_PERSIST 16 /* RFC 8985 section 6.2, step 4 */

static uint32_t octets_of(const struct tcp_sent *p)
{
	return p->end - p->seq;
}

static bool sents_grow(struct tcp *tc)
{
	uint32_t size = tc->sent.size != 0 ? tc->sent.size * 2 : SENTS_MIN;
	struct tcp_sents to = { .size = size, .tail = tc->sent.tail - tc->sent.head };

	if (size > TCP_SENTS_MAX)
		return false;
	to.p = malloc(size * sizeof(*to.p));
	if (to.p == NULL)
		return false;
	for (uint32_t i = 0; i < to.tail; i++)
		to.p[i] = *tcp_sent_at(tc, tc->sent.head + i);
	free(tc->sent.p);
	tc->sent = to;
	return true;
}

void tcp_sent_done(struct tcp *tc)
{
	free(tc->sent.p);
	tc->sent = (struct tcp_sents){ .p = NULL };
	tc->in_flight = tc->sacked = tc->lost = 0;
}

/** tcp_sent_add() - Remember what is sent now for the first time. Return: false: no room. */
bool tcp_sent_add(struct tcp *tc, uint32_t seq, uint32_t end)
{
	if (tc->sent.tail - tc->sent.head == tc->sent.size && !sents_grow(tc))
		return false;
	*tcp_sent_at(tc, tc->sent.tail++) = (struct tcp_sent){ seq, end, tc->stack->env->now, 0 };
	tc->in_flight += end - seq;
	return true;
}

/** tcp_sent_again() - It was sent again: section 6.1, RACK_retransmit_data(). */
void tcp_sent_again(struct tcp *tc, struct tcp_sent *p)
{
	if ((p->flags & SENT_LOST) != 0) {
		p->flags &= (uint8_t)~SENT_LOST;
		tc->lost--;
		tc->in_flight += octets_of(p);
	}
	p->flags |= SENT_RETRANS;
	p->at = tc->stack->env->now;
}

/** tcp_rack_lose() - Believe it lost; nothing if it is already, or was SACKed. */
void tcp_rack_lose(struct tcp *tc, struct tcp_sent *p)
{
	if ((p->flags & (SENT_LOST | SENT_SACKED)) != 0)
		return;
	p->flags |= SENT_LOST;
	tc->lost++;
	tc->in_flight -= octets_of(p);
}

/*
 * Segments must become smaller: the path's MTU did. Each keeps what is known of it. Return: false
 * without memory: then they go in fragments.
 */
bool tcp_sent_split(struct tcp *tc, uint32_t at_most)
{
	struct tcp_sents old = tc->sent;
	uint32_t in_flight = tc->in_flight, sacked = tc->sacked, lost = tc->lost;

	tc->sent = (struct tcp_sents){ .p = NULL };
	tc->sacked = tc->lost = 0;
	for (uint32_t i = old.head; i != old.tail; i++) {
		const struct tcp_sent *p = &old.p[i & (old.size - 1)];

		for (uint32_t seq = p->seq; seq != p->end;) {
			uint32_t end = seq + MIN(at_most, p->end - seq);
			struct tcp_sent *piece;

			if (!tcp_sent_add(tc, seq, end)) {
				free(tc->sent.p);
				tc->sent = old;
				tc->in_flight = in_flight, tc->sacked = sacked, tc->lost = lost;
				return false;
			}
			piece = tcp_sent_at(tc, tc->sent.tail - 1);
			piece->at = p->at;
			piece->flags = (uint8_t)(p->flags & ~SENT_PROBE);
			tc->sacked += (p->flags & SENT_SACKED) != 0;
			tc->lost += (p->flags & SENT_LOST) != 0;
			seq = end;
		}
	}
	tc->in_flight = in_flight;
	free(old.p);
	return true;
}

/* RFC 8985 section 5.2, RACK_sent_after(). */
static bool sent_after(time_ns at1, uint32_t end1, time_ns at2, uint32_t end2)
{
	return at1 > at2 || (at1 == at2 && seq_lt(end2, end1));
}

/* Steps 1 to 3 for one segment that was delivered. */
static void delivered(struct tcp *tc, const struct tcp_seg *seg, const struct tcp_sent *p,
		      struct tcp_acked *ret)
{
	time_ns rtt = tc->stack->env->now - p->at;
	bool again = (p->flags & SENT_RETRANS) != 0;

	ret->octets += octets_of(p);
	if (UNLIKELY((p->flags & SENT_PROBE) != 0))
		tcp_mtu_probe_arrived(tc);
	if (seq_lt(tc->rack_fack, p->end))
		tc->rack_fack = p->end;
	else if (!again && seq_lt(p->end, tc->rack_fack))
		tc->rack_reo = true;
	if (!again)
		ret->rtt = rtt; /* Karn: RFC 6298 section 3 */
	if (again && (seg->has & TCP_HAS_TS) != 0 &&
	    seq_lt(seg->tsecr, (uint32_t)(p->at / NS_PER_MS) + tc->ts_offset))
		return; /* it answers an earlier transmission */
	if (again && rtt < tc->min_rtt)
		return;
	tc->rack_rtt = rtt;
	if (tc->rack_at == 0 || sent_after(p->at, p->end, tc->rack_at, tc->rack_end)) {
		tc->rack_at = p->at;
		tc->rack_end = p->end;
	}
}

static void leaves(struct tcp *tc, const struct tcp_sent *p)
{
	if ((p->flags & SENT_SACKED) != 0)
		tc->sacked--;
	else if ((p->flags & SENT_LOST) != 0)
		tc->lost--;
	else
		tc->in_flight -= octets_of(p);
}

/** tcp_rack_cumulative() - SEG.ACK is new: what it covers is delivered and forgotten. */
void tcp_rack_cumulative(struct tcp *tc, const struct tcp_seg *seg, struct tcp_acked *ret)
{
	while (tcp_sent_any(tc)) {
		struct tcp_sent *p = tcp_sent_at(tc, tc->sent.head);

		if (seq_le(seg->ack, p->seq))
			break;
		if (seq_lt(seg->ack, p->end)) { /* part of it */
			uint32_t n = seg->ack - p->seq;

			if ((p->flags & (SENT_SACKED | SENT_LOST)) == 0)
				tc->in_flight -= n;
			ret->octets += n;
			p->seq = seg->ack;
			break;
		}
		if ((p->flags & SENT_SACKED) == 0)
			delivered(tc, seg, p, ret);
		if ((p->flags & SENT_RETRANS) != 0)
			ret->again_at = MAX(ret->again_at, p->at);
		leaves(tc, p);
		tc->sent.head++;
	}
	if (ret->again_at != 0) /* what lay behind the gap has waited for it: no round trip */
		ret->rtt = 0;
}

/* The first segment that begins at or behind @seq. */
static uint32_t find_sent(const struct tcp *tc, uint32_t seq)
{
	uint32_t lo = tc->sent.head, n = tc->sent.tail - lo;

	while (n != 0) {
		uint32_t half = n / 2;

		if (seq_lt(tcp_sent_at(tc, lo + half)->seq, seq)) {
			lo += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return lo;
}

static void take_block(struct tcp *tc, const struct tcp_seg *seg, struct tcp_range b,
		       struct tcp_acked *ret)
{
	for (uint32_t i = find_sent(tc, b.from); i != tc->sent.tail; i++) {
		struct tcp_sent *p = tcp_sent_at(tc, i);

		if (seq_lt(b.to, p->end))
			return;
		if ((p->flags & SENT_SACKED) != 0)
			continue;
		delivered(tc, seg, p, ret);
		leaves(tc, p);
		p->flags = (uint8_t)((p->flags & ~SENT_LOST) | SENT_SACKED);
		tc->sacked++;
		ret->sacked = true;
	}
}

/* RFC 2883 section 4: the first block tells of a duplicate. */
static bool is_dsack(const struct tcp_seg *seg)
{
	struct tcp_range b = seg->sack[0], c = seg->sack[1];

	return seq_lt(b.from, seg->ack) ||
	       (seg->n_sack > 1 && seq_le(c.from, b.from) && seq_le(b.to, c.to));
}

/** tcp_rack_sacks() - Take the SACK blocks of a segment, RFC 6675 section 3, Update(). */
void tcp_rack_sacks(struct tcp *tc, const struct tcp_seg *seg, struct tcp_acked *ret)
{
	struct tcp_range b[TCP_SACK_BLOCKS_MAX];
	unsigned n = 0;

	if (seg->n_sack == 0)
		return;
	ret->dsack = is_dsack(seg);
	for (unsigned i = 0; i < seg->n_sack; i++) { /* upwards: see delivered() on reordering */
		struct tcp_range r = seg->sack[i];
		unsigned at = n;

		if (!seq_lt(r.from, r.to) || seq_lt(r.from, tc->snd_una) ||
		    seq_lt(tc->snd_nxt, r.to))
			continue;
		for (; at > 0 && seq_lt(r.from, b[at - 1].from); at--)
			b[at] = b[at - 1];
		b[at] = r;
		n++;
	}
	for (unsigned i = 0; i < n; i++)
		take_block(tc, seg, b[i], ret);
}

/** tcp_rack_window() - Step 4, the part that looks at each acknowledgment. */
void tcp_rack_window(struct tcp *tc, bool dsack)
{
	if (tc->rack_dsack && seq_le(tc->rack_dsack_round, tc->snd_una))
		tc->rack_dsack = false;
	if (!tc->rack_dsack && dsack) {
		tc->rack_dsack = true;
		tc->rack_dsack_round = tc->snd_nxt;
		tc->rack_mult = (uint8_t)MIN(tc->rack_mult + 1, UINT8_MAX);
		tc->rack_persist = REO_PERSIST;
	}
}

static time_ns reo_wnd(const struct tcp *tc)
{
	if (!tc->rack_reo && (tc->recovery >= TCP_RECOVERY || tc->sacked >= TCP_DUP_THRESH))
		return 0;
	return MIN(tc->rack_mult * (tc->min_rtt / 4), tc->srtt);
}

/** tcp_rack_detect() - Step 5: what is lost now; when to look again, if it is not yet sure. */
void tcp_rack_detect(struct tcp *tc)
{
	time_ns now = tc->stack->env->now, wait = 0, allow = tc->rack_rtt + reo_wnd(tc);
	uint32_t before = tc->lost;

	tcp_due_off(tc, TCP_DUE_REO);
	if (tc->rack_at == 0 || !tc->sack_ok)
		return;
	for (uint32_t i = tc->sent.head; i != tc->sent.tail; i++) {
		struct tcp_sent *p = tcp_sent_at(tc, i);

		if ((p->flags & (SENT_SACKED | SENT_LOST)) != 0)
			continue;
		if (!sent_after(tc->rack_at, tc->rack_end, p->at, p->end)) {
			if ((p->flags & SENT_RETRANS) == 0)
				break; /* all behind it were sent later still */
			continue;
		}
		if (p->at + allow <= now)
			tcp_rack_lose(tc, p);
		else
			wait = MAX(wait, p->at + allow - now);
	}
	if (wait != 0)
		tcp_due_set(tc, TCP_DUE_REO, now + wait);
	if (tc->lost != before && !tcp_mtu_probe_lost(tc) && tc->recovery < TCP_RECOVERY)
		tcp_enter_recovery(tc);
}

/*
 * RFC 8985 section 6.3. If the oldest segment was SACKed and yet not acknowledged, the peer has
 * thrown it away (RFC 2018 section 8): then nothing that it SACKed counts. Without SACK, all goes
 * again.
 */
void tcp_rack_rto(struct tcp *tc)
{
	time_ns now = tc->stack->env->now, allow = tc->rack_rtt + reo_wnd(tc);
	bool renege = (tcp_sent_at(tc, tc->sent.head)->flags & SENT_SACKED) != 0;

	for (uint32_t i = tc->sent.head; i != tc->sent.tail; i++) {
		struct tcp_sent *p = tcp_sent_at(tc, i);

		if (renege && (p->flags & SENT_SACKED) != 0) {
			p->flags &= (uint8_t)~SENT_SACKED;
			tc->sacked--;
			tc->in_flight += octets_of(p);
		}
		if (i == tc->sent.head || !tc->sack_ok || renege || p->at + allow <= now)
			tcp_rack_lose(tc, p);
	}
}
