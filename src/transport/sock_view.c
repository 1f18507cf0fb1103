/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/sock_view.h"

#include "transport/tcp_part.h"

/*
 * TCP.
 */

static uint8_t state_of(const struct tcp *tc)
{
	static const uint8_t states[TCP_NUM_STATES] = {
		[TCP_CLOSED] = VIEW_CLOSE,	    [TCP_SYN_SENT] = VIEW_SYN_SENT,
		[TCP_SYN_RECEIVED] = VIEW_SYN_RECV, [TCP_ESTABLISHED] = VIEW_ESTABLISHED,
		[TCP_FIN_WAIT_1] = VIEW_FIN_WAIT_1, [TCP_FIN_WAIT_2] = VIEW_FIN_WAIT_2,
		[TCP_CLOSE_WAIT] = VIEW_CLOSE_WAIT, [TCP_CLOSING] = VIEW_CLOSING,
		[TCP_LAST_ACK] = VIEW_LAST_ACK,	    [TCP_TIME_WAIT] = VIEW_TIME_WAIT,
	};

	return states[tc->state];
}

/* The first of these that is armed, as Linux has only one of them at a time. */
static void view_timer(const struct tcp *tc, struct sock_view *v)
{
	static const struct {
		uint8_t due, timer;
	} order[] = {
		{ TCP_DUE_RTO, VIEW_RETRANSMIT },  { TCP_DUE_TLP, VIEW_RETRANSMIT },
		{ TCP_DUE_PERSIST, VIEW_PERSIST }, { TCP_DUE_WAIT, VIEW_WAIT },
		{ TCP_DUE_KEEP, VIEW_KEEPALIVE },
	};
	time_ns now = tc->stack->env->now;

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		time_ns due = tc->due[order[i].due];

		if (due == TIME_NEVER || due < now)
			continue;
		v->timer = order[i].timer;
		v->timer_left = due - now;
		v->retrans = v->timer == VIEW_KEEPALIVE ? tc->keep_probes : tc->backoff;
		return;
	}
}

static uint8_t family_of(const struct tcp_end *e)
{
	return ip6_is_v4mapped(&e->addr) ? AF_INET : AF_INET6;
}

/* Not the address itself: that is nobody's business. */
static uint64_t cookie_of(const struct hash_key *key, const void *p)
{
	return siphash(key, &p, sizeof(p));
}

static void owned_by(struct sock_view *v, const struct sock *s)
{
	v->s = s;
	v->inode = s != NULL ? s->inode : 0;
	v->pid = s != NULL ? s->pid : 0;
}

static struct sock_view view_of_tcp(const struct tcp *tc)
{
	struct sock_view v = { .protocol = IP6_NH_TCP,
			       .type = SOCK_STREAM,
			       .state = state_of(tc),
			       .local = tcp_local_end(tc),
			       .remote = tcp_remote_end(tc),
			       .tc = tc,
			       .cookie = cookie_of(&tc->stack->env->key, tc) };

	v.family = family_of(&v.local);
	if (tcp_is_synchronized(tc)) {
		v.rqueue = tc->rcv_nxt - tc->fin_taken - tc->rcv_read;
		v.wqueue = tcp_snd_last(tc) - tc->snd_una;
	}
	if (tc->state == TCP_TIME_WAIT)
		v.rqueue = v.wqueue = 0;
	view_timer(tc, &v);
	owned_by(&v, sock_of_tcp(tc));
	return v;
}

static struct sock_view view_of_listener(const struct tcp_listener *l)
{
	struct sock_view v = { .protocol = IP6_NH_TCP,
			       .type = SOCK_STREAM,
			       .state = VIEW_LISTEN,
			       .local = l->at,
			       .rqueue = l->n_full,
			       .wqueue = l->backlog,
			       .cookie = cookie_of(&l->stack->env->key, l) };

	v.family = family_of(&v.local);
	owned_by(&v, sock_of_listener(l));
	return v;
}

static bool tcp_views(const struct tcp_stack *stack,
		      bool (*fn)(void *ctx, const struct sock_view *v), void *ctx)
{
	const struct tcp *tc = NULL;

	for (struct hnode *n = htab_iter(&stack->listeners, NULL); n != NULL;
	     n = htab_iter(&stack->listeners, n)) {
		struct sock_view v = view_of_listener(CONTAINER_OF(n, struct tcp_listener, node));

		if (!fn(ctx, &v))
			return false;
	}
	while ((tc = tcp_iter(stack, tc)) != NULL) {
		struct sock_view v = view_of_tcp(tc);

		if (!fn(ctx, &v))
			return false;
	}
	return true;
}

/*
 * The others.
 */

static struct sock_view view_of_sock(const struct sock *s)
{
	struct sock_view v = { .protocol = (uint8_t)s->protocol,
			       .type = (uint8_t)s->kind->type,
			       .state = s->connected ? VIEW_ESTABLISHED : VIEW_CLOSE,
			       .local = { s->addr, s->port, s->device },
			       .remote = { s->peer, s->peer_port, s->device },
			       .rqueue = s->queued,
			       .cookie = cookie_of(&s->of->ip6->env->key, s) };

	if (s->kind->type == SOCK_RAW) /* as Linux shows them */
		v.local.port = (uint16_t)s->protocol;
	v.family = family_of(&v.local);
	owned_by(&v, s);
	return v;
}

void sock_views(const struct socks *socks, int protocol,
		bool (*fn)(void *ctx, const struct sock_view *v), void *ctx)
{
	if ((protocol == 0 || protocol == IP6_NH_TCP) && socks->tcp != NULL &&
	    !tcp_views(socks->tcp, fn, ctx))
		return;
	LIST_FOR_EACH(it, &socks->all) {
		const struct sock *s = LIST_ENTRY(it, struct sock, on);
		struct sock_view v;

		if (s->kind->type == SOCK_STREAM || (s->kind->has_ports && s->port == 0) ||
		    (protocol != 0 && s->protocol != protocol))
			continue;
		v = view_of_sock(s);
		if (!fn(ctx, &v))
			return;
	}
}

void sock_destroy(const struct sock_view *v)
{
	const struct tcp *of = v->tc;
	struct tcp *tc =
		tcp_find(of->stack, &of->local, of->lport, &of->remote, of->rport, of->ifindex);

	ASSERT(tc == of);
	if (tcp_is_synchronized(tc) && tc->state != TCP_TIME_WAIT)
		tcp_send_reset(tc);
	tcp_end_with(tc, -ECONNABORTED);
}

const char *view_state_name(enum view_state s)
{
	static const char *const names[VIEW_STATES] = {
		[VIEW_ESTABLISHED] = "ESTAB",	  [VIEW_SYN_SENT] = "SYN-SENT",
		[VIEW_SYN_RECV] = "SYN-RECV",	  [VIEW_FIN_WAIT_1] = "FIN-WAIT-1",
		[VIEW_FIN_WAIT_2] = "FIN-WAIT-2", [VIEW_TIME_WAIT] = "TIME-WAIT",
		[VIEW_CLOSE] = "UNCONN",	  [VIEW_CLOSE_WAIT] = "CLOSE-WAIT",
		[VIEW_LAST_ACK] = "LAST-ACK",	  [VIEW_LISTEN] = "LISTEN",
		[VIEW_CLOSING] = "CLOSING",
	};

	return s < VIEW_STATES && names[s] != NULL ? names[s] : "";
}

/*
 * TCP_INFO. Octets of linux/tcp.h's structure, whose name is taken here.
 */

struct linux_info {
	uint8_t state, ca_state, retransmits, probes, backoff, options, wscales, limited;
	uint32_t rto, ato, snd_mss, rcv_mss;
	uint32_t unacked, sacked, lost, retrans, fackets;
	uint32_t last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
	uint32_t pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering;
	uint32_t rcv_rtt, rcv_space, total_retrans;
	uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
	uint32_t segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
	uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
	uint32_t delivered, delivered_ce;
	uint64_t bytes_sent, bytes_retrans;
	uint32_t dsack_dups, reord_seen, rcv_ooopack, snd_wnd;
};

_Static_assert(sizeof(struct linux_info) == TCP_LINUX_INFO_OCTETS, "linux/tcp.h, struct tcp_info");

#define OPT_TIMESTAMPS 1
#define OPT_SACK       2
#define OPT_WSCALE     4
#define OPT_ECN	       8

static uint32_t us(time_ns t)
{
	return (uint32_t)MIN(t / 1000, (time_ns)UINT32_MAX);
}

static uint32_t ms_since(time_ns then, time_ns now)
{
	return then != 0 && then < now
		       ? (uint32_t)MIN((now - then) / NS_PER_MS, (time_ns)UINT32_MAX)
		       : 0;
}

static uint8_t options_of(const struct tcp *tc)
{
	return (uint8_t)((tc->ts_ok ? OPT_TIMESTAMPS : 0) | (tc->sack_ok ? OPT_SACK : 0) |
			 (tc->ws_ok ? OPT_WSCALE : 0) | (tc->ecn_ok ? OPT_ECN : 0));
}

/* TCP_CA_Open, _CWR, _Recovery, _Loss. */
static uint8_t ca_state_of(const struct tcp *tc)
{
	static const uint8_t states[] = {
		[TCP_OPEN] = 0, [TCP_REDUCED] = 2, [TCP_RECOVERY] = 3, [TCP_LOSS] = 4
	};

	return states[tc->recovery];
}

/* Windows in segments, as Linux counts them. */
static void fill_congestion(const struct tcp *tc, struct linux_info *l)
{
	uint32_t mss = MAX(tc->snd_mss, (uint16_t)1);

	l->unacked = (tc->in_flight + mss - 1) / mss;
	l->sacked = tc->sacked;
	l->lost = tc->lost;
	l->snd_cwnd = tc->cwnd / mss;
	l->snd_ssthresh = tc->ssthresh >= INT32_MAX ? INT32_MAX : tc->ssthresh / mss;
	l->rtt = us(tc->srtt);
	l->rttvar = us(tc->rttvar);
	l->min_rtt = us(tc->min_rtt);
	l->rto = us(tcp_rto_now(tc));
	l->reordering = TCP_DUP_THRESH;
	l->reord_seen = tc->rack_reo;
	if (tc->srtt != 0)
		l->pacing_rate = (uint64_t)tc->cwnd * NS_PER_S / tc->srtt;
	l->max_pacing_rate = UINT64_MAX;
}

void tcp_linux_info(const struct tcp *tc, uint8_t ret[TCP_LINUX_INFO_OCTETS])
{
	time_ns now = tc->stack->env->now;
	struct linux_info l = { .state = state_of(tc),
				.ca_state = ca_state_of(tc),
				.retransmits = tc->backoff,
				.probes = tc->keep_probes,
				.backoff = tc->backoff,
				.options = options_of(tc),
				.wscales = (uint8_t)(tc->snd_wscale | tc->rcv_wscale << 4),
				.snd_mss = tc->snd_mss,
				.rcv_mss = tc->rcv_mss,
				.last_data_sent = ms_since(tc->tx_at, now),
				.last_data_recv = ms_since(tc->rx_at, now),
				.last_ack_recv = ms_since(tc->rx_at, now),
				.pmtu = tc->mtu,
				.advmss = tc->mtu > TCP_HDRS_OCTETS ? tc->mtu - TCP_HDRS_OCTETS : 0,
				.rcv_ssthresh = tcp_rcv_wnd(tc),
				.rcv_space = tcp_rcv_wnd(tc),
				.total_retrans = (uint32_t)tc->retransmits,
				.bytes_acked = tc->octets_acked,
				.bytes_received = tc->octets_received,
				.bytes_sent = tc->octets_sent,
				.segs_out = (uint32_t)tc->segs_out,
				.segs_in = (uint32_t)tc->segs_in,
				.snd_wnd = tc->snd_wnd };

	if (seq_lt(tc->snd_nxt, tc->snd_end))
		l.notsent_bytes = tc->snd_end - tc->snd_nxt;
	fill_congestion(tc, &l);
	memcpy(ret, &l, sizeof(l));
}
