/* SPDX-License-Identifier: BSD-3-Clause */
/* What owners call: RFC 9293 section 3.9.1, and 3.10.1 to 3.10.6 for what the states make of it. */
#include "transport/tcp_part.h"

/* RFC 6056 section 3.3.3: where the search begins is a keyed hash of the ends. */
static int choose_port(struct tcp_stack *s, struct tcp_end *local, const struct tcp_end *remote)
{
	uint32_t n = s->conf.port_last - s->conf.port_first + 1u;
	uint32_t offset;

	local->port = 0;
	offset = (uint32_t)tcp_tuple_hash(&s->secret, local, remote, 3);
	for (uint32_t i = 0; i < n; i++) {
		local->port = (uint16_t)(s->conf.port_first + (s->port_next++ + offset) % n);
		if (tcp_find(s, &local->addr, local->port, &remote->addr, remote->port,
			     local->ifindex) == NULL &&
		    !tcp_port_is_taken(s, local))
			return 0;
	}
	return -EADDRINUSE;
}

/* Where from: what was given, the rest is chosen. */
static int choose_local(struct tcp_stack *s, const struct tcp_end *given,
			const struct tcp_end *remote, struct tcp_end *ret)
{
	struct tcp_end local = given != NULL ? *given : (struct tcp_end){ .port = 0 };
	int rc = 0;

	local.ifindex = remote->ifindex;
	if (addr_is_any(&local.addr)) {
		if (ip6_local(s->ip6, &remote->addr, remote->ifindex) != NULL)
			local.addr = remote->addr;
		else
			rc = ip6_source(s->ip6, &remote->addr, remote->ifindex, &local.addr);
	} else if (ip6_local(s->ip6, &local.addr, local.ifindex) == NULL) {
		rc = -EADDRNOTAVAIL;
	}
	if (rc < 0)
		return rc;
	if (local.port == 0)
		rc = choose_port(s, &local, remote);
	else if (tcp_find(s, &local.addr, local.port, &remote->addr, remote->port, local.ifindex) !=
		 NULL)
		rc = -EADDRINUSE;
	*ret = local;
	return rc;
}

int tcp_connect(struct tcp_stack *s, const struct tcp_end *local, const struct tcp_end *remote,
		const struct tcp_opts *opts, struct tcp **ret)
{
	struct tcp_end from;
	struct tcp *tc;
	int rc;

	if (ip6_is_mcast(&remote->addr) || addr_is_any(&remote->addr) || remote->port == 0)
		return -EINVAL;
	if (ip6_is_linklocal(&remote->addr) && remote->ifindex == 0)
		return -ENODEV;
	rc = choose_local(s, local, remote, &from);
	if (rc < 0)
		return rc;
	if (opts == NULL)
		opts = &s->conf.opts;
	tc = tcp_new(s, &from, remote, opts);
	if (tc == NULL)
		return -ENOBUFS;
	tc->owned = true;
	tc->ts_ok = opts->timestamps;
	tc->sack_ok = opts->sack;
	tc->ws_ok = opts->wscale;
	tc->ecn_ok = opts->ecn;
	s->count.active_opens++;
	tcp_enter(tc, TCP_SYN_SENT);
	tcp_work(tc);
	*ret = tc;
	return 0;
}

int tcp_error_of(struct tcp *tc)
{
	int error = tc->error;

	tc->error = 0;
	return error;
}

static bool is_opening(const struct tcp *tc)
{
	return tc->state == TCP_SYN_SENT || tc->state == TCP_SYN_RECEIVED;
}

/* The first octet of data that we still have to keep. */
static uint32_t first_kept(const struct tcp *tc)
{
	return is_opening(tc) ? tc->iss + 1 : tc->snd_una;
}

static uint32_t send_room(const struct tcp *tc)
{
	uint32_t used = tcp_fin_acked(tc) ? 0 : tc->snd_end - first_kept(tc);

	return tc->opts.sndbuf > used ? tc->opts.sndbuf - used : 0;
}

/* States in which our side is open: section 3.10.2. */
static bool may_send(const struct tcp *tc)
{
	return !tc->fin_queued && tc->state != TCP_CLOSED;
}

long tcp_send(struct tcp *tc, const void *data, size_t n)
{
	uint32_t room, first = first_kept(tc);

	if (tc->error != 0)
		return tcp_error_of(tc);
	if (!may_send(tc))
		return -EPIPE;
	room = send_room(tc);
	n = MIN(n, room);
	if (n == 0)
		return room != 0 ? 0 : -EAGAIN;
	if (!tcp_ring_reserve(tc, &tc->snd, first, tc->snd_end - first,
			      tc->snd_end - first + (uint32_t)n))
		return -ENOBUFS;
	if (tc->due[TCP_DUE_IDLE] == TIME_NEVER)
		tcp_due_set(tc, TCP_DUE_IDLE, time_after(tc->stack->env->now, NS_PER_S));
	tcp_ring_in(&tc->snd, tc->snd_end, data, (uint32_t)n);
	tc->snd_end += (uint32_t)n;
	tcp_work(tc);
	return (long)n;
}

long tcp_send_urgent(struct tcp *tc, const void *data, size_t n)
{
	long rc = tcp_send(tc, data, n);

	if (rc > 0) {
		tc->snd_up = tc->snd_end;
		tc->urgent_out = true;
	}
	return rc;
}

/* Octets that may be read: those in order, without the peer's FIN. */
static uint32_t unread(const struct tcp *tc)
{
	return tc->rcv_nxt - tc->fin_taken - tc->rcv_read;
}

long tcp_peek(struct tcp *tc, void *buf, size_t n)
{
	uint32_t there = is_opening(tc) ? 0 : unread(tc);

	if (there == 0) {
		if (tc->error != 0)
			return tcp_error_of(tc);
		return tc->fin_taken || tc->state == TCP_CLOSED ? 0 : -EAGAIN;
	}
	there = (uint32_t)MIN(n, there);
	tcp_ring_out(&tc->rcv, tc->rcv_read, buf, there);
	return (long)there;
}

long tcp_recv(struct tcp *tc, void *buf, size_t n)
{
	long rc = tcp_peek(tc, buf, n);

	if (rc <= 0)
		return rc;
	tc->rcv_read += (uint32_t)rc;
	if (tc->urgent_in && seq_le(tc->rcv_up, tc->rcv_read))
		tc->urgent_in = false;
	if (tc->hashed)
		tcp_work(tc); /* the window may open */
	return rc;
}

/* Section 3.10.4. */
int tcp_shutdown(struct tcp *tc)
{
	switch ((enum tcp_state)tc->state) {
	case TCP_CLOSED:
		return -ENOTCONN;
	case TCP_SYN_SENT:
	case TCP_SYN_RECEIVED:
		tc->fin_queued = true; /* goes when the connection stands */
		return 0;
	case TCP_ESTABLISHED:
		tcp_enter(tc, TCP_FIN_WAIT_1);
		break;
	case TCP_CLOSE_WAIT:
		tcp_enter(tc, TCP_LAST_ACK);
		break;
	case TCP_FIN_WAIT_1:
	case TCP_FIN_WAIT_2:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
	case TCP_TIME_WAIT:
		return 0;
	case TCP_NUM_STATES:
		ASSERT_NOT_REACHED();
	}
	tc->fin_queued = true;
	tcp_work(tc);
	return 0;
}

/* It is no more the caller's: it goes when the protocol is through with it. */
static void disown(struct tcp *tc)
{
	tc->owned = false;
	tc->notify = NULL;
	if (list_is_on(&tc->ready))
		list_del(&tc->ready);
	tcp_work(tc); /* to be freed, or to wait no longer than it must */
}

void tcp_abort(struct tcp *tc)
{
	switch ((enum tcp_state)tc->state) {
	case TCP_SYN_RECEIVED:
	case TCP_ESTABLISHED:
	case TCP_FIN_WAIT_1:
	case TCP_FIN_WAIT_2:
	case TCP_CLOSE_WAIT:
		tcp_send_reset(tc);
		break;
	case TCP_CLOSED:
	case TCP_SYN_SENT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
	case TCP_TIME_WAIT:
	case TCP_NUM_STATES:
		break;
	}
	tcp_end_with(tc, 0);
	disown(tc);
}

void tcp_close(struct tcp *tc)
{
	bool lost = tc->hashed && tcp_is_synchronized(tc) && unread(tc) != 0;

	if (tc->state == TCP_SYN_SENT || (lost && tc->state != TCP_TIME_WAIT)) {
		tcp_abort(tc);
		return;
	}
	(void)tcp_shutdown(tc);
	disown(tc);
}

void tcp_notify(struct tcp *tc, void (*fn)(void *ctx, struct tcp *tc), void *ctx)
{
	tc->notify = fn;
	tc->notify_ctx = ctx;
	tcp_tell(tc);
}

unsigned tcp_poll(const struct tcp *tc)
{
	bool opening = is_opening(tc);
	unsigned ready = 0;

	if (tc->error != 0)
		ready |= TCP_FAILED | TCP_READABLE | TCP_WRITABLE;
	if (tc->state == TCP_CLOSED)
		ready |= TCP_READABLE | TCP_WRITABLE | TCP_GONE;
	else if (!opening && (tc->fin_queued || send_room(tc) != 0))
		ready |= TCP_WRITABLE;
	if (!opening && (unread(tc) != 0 || tc->fin_taken))
		ready |= TCP_READABLE;
	if (tc->fin_taken)
		ready |= TCP_HUNG_UP;
	if (tc->fin_taken && tc->fin_queued)
		ready |= TCP_GONE;
	if (tc->urgent_in)
		ready |= TCP_URGENT;
	return ready;
}

const struct tcp_opts *tcp_opts(const struct tcp *tc)
{
	return &tc->opts;
}

void tcp_set_opts(struct tcp *tc, const struct tcp_opts *opts)
{
	tcp_opts_take(tc, opts);
	if (!tc->hashed)
		return;
	tcp_keep_restart(tc);
	tcp_work(tc); /* TCP_NODELAY lets go what waits */
}

void tcp_info(const struct tcp *tc, struct tcp_info *ret)
{
	*ret = (struct tcp_info){
		.state = (enum tcp_state)tc->state,
		.local = tcp_local_end(tc),
		.remote = tcp_remote_end(tc),
		.cc = tc->opts.cc->name,
		.cwnd = tc->cwnd,
		.ssthresh = tc->ssthresh,
		.in_flight = tc->in_flight,
		.snd_wnd = tc->snd_wnd,
		.rcv_wnd = tcp_rcv_wnd(tc),
		.snd_mss = tc->snd_mss,
		.mtu = tc->mtu,
		.unsent = seq_lt(tc->snd_nxt, tc->snd_end) ? tc->snd_end - tc->snd_nxt : 0,
		.unread = tcp_is_synchronized(tc) ? unread(tc) : 0,
		.srtt = tc->srtt,
		.rttvar = tc->rttvar,
		.rto = tcp_rto_now(tc),
		.min_rtt = tc->min_rtt,
		.octets_sent = tc->octets_sent,
		.octets_acked = tc->octets_acked,
		.octets_received = tc->octets_received,
		.segs_out = tc->segs_out,
		.segs_in = tc->segs_in,
		.retransmits = tc->retransmits,
		.snd_wscale = tc->snd_wscale,
		.rcv_wscale = tc->rcv_wscale,
		.timestamps = tc->ts_ok,
		.sack = tc->sack_ok,
		.ecn = tc->ecn_ok,
		.in_recovery = tc->recovery >= TCP_RECOVERY,
		.reordering = tc->rack_reo,
		.soft_error = tc->soft,
	};
}
