/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How large a packet the path takes (RFC 8201), and ICMPv6 errors about connections (RFC 5927:
 * believed only if they quote something in flight).
 *
 * Where errors are filtered, time-outs of large segments end in the 1,280 octets that every path
 * takes. From there on (as RFC 8201 section 1 suggests; RFC 4821 and RFC 8899, which say how, are
 * cited from memory) we search: now and then a segment of new data is larger, amid a stream, so that its
 * loss is noticed at once. If it arrives, packets become that large. If it is lost MAX_PROBES times,
 * none does; a lost probe tells nothing of congestion, and its octets go again in small segments.
 * What goes and what does not come closer by half each time; when they are close enough, RAISE_AFTER
 * passes before the path is asked whether it takes all again.
 */
#include "transport/tcp_part.h"

#define CHECK_EVERY   (10 * NS_PER_S)  /* routes and interfaces change */
#define SEARCH_AFTER  (10 * NS_PER_S)  /* a black hole was found */
#define RAISE_AFTER   (600 * NS_PER_S) /* RFC 8899 section 5.1.1, PMTU_RAISE_TIMER */
#define MAX_PROBES    3		       /* section 5.1.2 */
#define SEARCH_STEP   8		       /* octets that are not worth a probe */
#define PROBE_AMONG   TCP_DUP_THRESH   /* full segments in flight or waiting: a stream */
#define HOLE_TIMEOUTS 3
#define LEAST_MTU4    (552 + MAPPED_MORE) /* over IPv4 smaller ones are not believed */
#define LOCAL_MTU     1500		  /* to ourselves */

/* Octets of text in a full segment: RFC 9293 section 3.7.1, Eff.snd.MSS. */
static uint16_t mss_for(const struct tcp *tc, uint32_t mtu)
{
	uint32_t mss = MIN((uint32_t)tc->peer_mss, mtu - TCP_HDRS_OCTETS);

	if (tc->opts.mss != 0)
		mss = MIN(mss, tc->opts.mss);
	return (uint16_t)(mss - (tc->ts_ok ? TCP_OPT_TS_OCTETS : 0));
}

/*
 * What is in flight in segments of more than @mss octets was lost, which tells nothing of
 * congestion.
 */
static void too_large(struct tcp *tc, uint32_t mss)
{
	for (uint32_t i = tc->sent.head; i != tc->sent.tail; i++) {
		struct tcp_sent *p = tcp_sent_at(tc, i);

		if (p->end - p->seq > mss)
			tcp_rack_lose(tc, p);
	}
	(void)tcp_sent_split(tc, mss);
	tc->mtu_probe = 0;
	tc->rtx_one = true;
	tcp_work(tc);
}

/** tcp_mtu_set() - Packets of @mtu octets go; segments become as large as fits. */
void tcp_mtu_set(struct tcp *tc, uint32_t mtu)
{
	uint32_t least = ip6_is_v4mapped(&tc->remote) ? LEAST_MTU4 : IP6_MTU_MIN;
	uint16_t mss;

	tc->mtu = (uint16_t)MIN(MAX(mtu, least), UINT16_MAX);
	mss = mss_for(tc, tc->mtu);
	if (tcp_sent_any(tc) && mss < tc->snd_mss)
		too_large(tc, mss);
	tc->snd_mss = mss;
}

/* Without regard to what we found out ourselves. */
static uint32_t told_mtu(const struct tcp *tc)
{
	struct ip6 *ip6 = tc->stack->ip6;

	if (ip6_local(ip6, &tc->remote, tc->ifindex) != NULL)
		return LOCAL_MTU;
	return MIN(ip6_path_mtu(ip6, &tc->remote, tc->ifindex), (uint32_t)UINT16_MAX);
}

/**
 * tcp_mtu_update() - What the routes and the destination cache say now, if they may say something
 * new.
 */
void tcp_mtu_update(struct tcp *tc)
{
	struct ip6 *ip6 = tc->stack->ip6;
	time_ns now = tc->stack->env->now;
	uint32_t mtu;

	if (LIKELY(tc->mtu != 0 && ip6->path.tab.n == 0 && now - tc->mtu_at < CHECK_EVERY))
		return;
	tc->mtu_at = now;
	mtu = told_mtu(tc);
	if (tc->mtu_found != 0)
		mtu = MIN(mtu, (uint32_t)tc->mtu_found);
	if (mtu != tc->mtu)
		tcp_mtu_set(tc, mtu);
}

/** tcp_mtu_timeout() - The retransmission timer went off: perhaps the path is a black hole. */
void tcp_mtu_timeout(struct tcp *tc)
{
	const struct tcp_sent *head = tcp_sent_at(tc, tc->sent.head);

	if (tc->mtu <= IP6_MTU_MIN || head->end - head->seq <= mss_for(tc, IP6_MTU_MIN) ||
	    ++tc->mtu_fails < HOLE_TIMEOUTS)
		return;
	tc->mtu_fails = tc->mtu_tries = 0;
	tc->mtu_failed = tc->mtu;
	tc->mtu_found = IP6_MTU_MIN;
	tc->mtu_search_at = time_after(tc->stack->env->now, SEARCH_AFTER);
	tc->stack->count.black_holes++;
	tcp_mtu_set(tc, IP6_MTU_MIN);
}

/*
 * The search.
 */

/* The next size to try: between what goes and what does not. 0: found, for a while. */
static uint16_t probe_size(struct tcp *tc)
{
	uint32_t most = told_mtu(tc);

	if (most <= tc->mtu_found) {
		tc->mtu_found = 0; /* it takes all there is */
		return 0;
	}
	if (tc->mtu_failed == 0 || tc->mtu_failed > most)
		return (uint16_t)most;
	if (tc->mtu_failed - tc->mtu_found > SEARCH_STEP)
		return (uint16_t)((tc->mtu_found + tc->mtu_failed) / 2);
	tc->mtu_failed = 0;
	tc->mtu_search_at = time_after(tc->stack->env->now, RAISE_AFTER);
	return 0;
}

/** tcp_mtu_search() - After a black hole: send a larger segment, if it is time and there is enough. */
void tcp_mtu_search(struct tcp *tc)
{
	uint32_t there = tc->snd_end - tc->snd_nxt, room = tc->snd_una + tc->snd_wnd - tc->snd_nxt;
	uint16_t size;
	uint32_t n;

	if (tc->mtu_probe != 0 || tc->stack->env->now < tc->mtu_search_at ||
	    tc->recovery != TCP_OPEN || there <= tc->snd_mss)
		return;
	size = probe_size(tc);
	if (size == 0)
		return;
	n = mss_for(tc, size);
	if (n <= tc->snd_mss) { /* the peer wants no more */
		tc->mtu_search_at = time_after(tc->stack->env->now, RAISE_AFTER);
		return;
	}
	if (there < n || there - n + tc->in_flight < PROBE_AMONG * (uint32_t)tc->snd_mss ||
	    (int32_t)room < (int32_t)n || tc->in_flight + n > tc->cwnd || !tcp_send_new(tc, n))
		return;
	tcp_sent_at(tc, tc->sent.tail - 1)->flags |= SENT_PROBE;
	tc->mtu_probe = size;
}

/** tcp_mtu_probe_arrived() - The path takes the size that was tried. */
void tcp_mtu_probe_arrived(struct tcp *tc)
{
	if (tc->mtu_probe == 0)
		return;
	tc->mtu_found = tc->mtu_probe;
	tc->mtu_probe = 0;
	tc->mtu_tries = 0;
	tc->mtu_at = 0; /* segments grow with the next that is sent */
	tcp_work(tc);
}

/**
 * tcp_mtu_probe_lost() - Something was found lost: if the probe is, its octets go in small segments.
 *
 * Return: true if it is all that is lost, which calls for no congestion control.
 */
bool tcp_mtu_probe_lost(struct tcp *tc)
{
	bool lost = false, alone;

	if (LIKELY(tc->mtu_probe == 0))
		return false;
	for (uint32_t i = tc->sent.head; i != tc->sent.tail && !lost; i++)
		lost = (tcp_sent_at(tc, i)->flags & (SENT_PROBE | SENT_LOST)) ==
		       (SENT_PROBE | SENT_LOST);
	if (!lost)
		return false;
	alone = tc->lost == 1;
	(void)tcp_sent_split(tc, tc->snd_mss);
	if (++tc->mtu_tries >= MAX_PROBES) {
		tc->mtu_failed = tc->mtu_probe;
		tc->mtu_tries = 0;
	}
	tc->mtu_probe = 0;
	tcp_work(tc);
	return alone;
}

/* The connection that an error quotes, if what it quotes is in flight. */
static struct tcp *quoted(const struct tcp_stack *s, const struct pkt *pkt, struct rd quote,
			  uint32_t off)
{
	struct ip6_addr local = ip6_hdr_src(quote.p), remote = ip6_hdr_dst(quote.p);
	struct rd h = quote;
	uint16_t lport, rport;
	struct tcp *tc;
	uint32_t seq;

	if (!rd_skip(&h, off) || !rd_u16(&h, &lport) || !rd_u16(&h, &rport) || !rd_u32(&h, &seq))
		return NULL;
	tc = tcp_find(s, &local, lport, &remote, rport, pkt->ifindex);
	if (tc == NULL || seq_lt(seq, tc->snd_una) || !seq_lt(seq, tc->snd_nxt))
		return NULL;
	return tc;
}

/* What an error says, as a negative errno; the numbers are Linux's. */
static int errno_of(uint8_t type, uint8_t code)
{
	if (type == ICMP6_PARAM_PROB)
		return -EPROTO;
	if (type != ICMP6_UNREACH)
		return -EHOSTUNREACH;
	switch (code) {
	case ICMP6_UNREACH_ROUTE:
		return -ENETUNREACH;
	case ICMP6_UNREACH_ADMIN:
	case ICMP6_UNREACH_POLICY:
	case ICMP6_UNREACH_REJECT:
		return -EACCES;
	case ICMP6_UNREACH_PORT:
		return -ECONNREFUSED;
	default:
		return -EHOSTUNREACH;
	}
}

/*
 * RFC 9293 section 3.9.2.2: what says that the destination refuses ends a connection that does not
 * stand yet (SHLD-26). All else, and all once it stands (RFC 5927 section 5), is soft: no end
 * (MUST-56), but told by tcp_info(), and when the connection times out (SHLD-25).
 */
static void unreachable(struct tcp *tc, uint8_t type, uint8_t code)
{
	bool hard = type == ICMP6_UNREACH &&
		    (code == ICMP6_UNREACH_PORT || code == ICMP6_UNREACH_ADMIN);

	if (hard && tc->state == TCP_SYN_SENT)
		tcp_end_with(tc, errno_of(type, code));
	else
		tc->soft = errno_of(type, code);
}

bool tcp_error(struct tcp_stack *s, struct pkt *pkt)
{
	const uint8_t *m = pkt->p + pkt->l4_off;
	struct rd quote = rd_of(m + 8, pkt->len - pkt->l4_off - 8u);
	uint32_t off, mtu = get_be32(m + 4);
	uint8_t next;
	struct tcp *tc;

	if (!ip6_upper_find(quote, &next, &off) || next != IP6_NH_TCP)
		return false;
	tc = quoted(s, pkt, quote, off);
	if (tc == NULL) {
		env_drop(s->env, pkt,
			 (pkt->flags & PKT_TAKEN) != 0 ? DROP_ICMP6_ERROR_DONE /* a raw socket's */
						       : DROP_ICMP6_ERROR_FORGED);
		return true;
	}
	if (m[0] == ICMP6_TOO_BIG) {
		(void)path_too_big(&s->ip6->path, &tc->remote, tc->ifindex, mtu);
		tc->mtu_at = 0;
		tcp_mtu_update(tc);
	} else {
		unreachable(tc, m[0], m[1]);
	}
	env_drop(s->env, pkt, DROP_ICMP6_ERROR_DONE);
	return true;
}
