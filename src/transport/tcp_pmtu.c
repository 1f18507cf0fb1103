/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How large a packet the path takes (RFC 8201), and ICMPv6 errors about connections (RFC 5927:
 * believed only if they quote something in flight). Where errors are filtered, time-outs of large
 * segments end in the 1,280 octets that every path takes (RFC 4821 section 7.7, RFC 8899 section
 * 4.3).
 */
#include "transport/tcp_part.h"

#define CHECK_EVERY   (10 * NS_PER_S) /* routes and interfaces change */
#define CLAMP_FOR     (600 * NS_PER_S)
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

/**
 * tcp_mtu_update() - What the routes and the destination cache say now, if they may say something
 * new.
 */
void tcp_mtu_update(struct tcp *tc)
{
	struct ip6 *ip6 = tc->stack->ip6;
	time_ns now = tc->stack->env->now;
	uint32_t mtu = LOCAL_MTU;

	if (LIKELY(tc->mtu != 0 && ip6->path.tab.n == 0 && now - tc->mtu_at < CHECK_EVERY))
		return;
	tc->mtu_at = now;
	if (ip6_local(ip6, &tc->remote, tc->ifindex) == NULL)
		mtu = ip6_path_mtu(ip6, &tc->remote, tc->ifindex);
	if (now < tc->mtu_clamped_until)
		mtu = IP6_MTU_MIN;
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
	tc->mtu_fails = 0;
	tc->mtu_clamped_until = time_after(tc->stack->env->now, CLAMP_FOR);
	tc->stack->count.black_holes++;
	tcp_mtu_set(tc, IP6_MTU_MIN);
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
