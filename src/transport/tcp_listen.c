/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Listeners: RFC 9293 section 3.10.7.2. A listener has two queues: connections that are half open,
 * and those that stand and wait for tcp_accept(). When the first is full, SYNs are answered with
 * cookies and forgotten; when the second is, SYNs are not answered.
 */
#include "transport/tcp_part.h"

#include <stdlib.h>

#define COOKIE_LIFE (120 * NS_PER_S)

static uint32_t port_hash(const struct tcp_stack *s, uint16_t port)
{
	return (uint32_t)hash_mix(s->secret.k[0] ^ port, s->secret.k[1] | 1);
}

/* How well does @l suit? 0: not at all; an address and a zone that are named suit better. */
static unsigned suits(const struct tcp_listener *l, const struct ip6_addr *addr, uint32_t ifindex)
{
	bool any = addr_is_any(&l->at.addr);

	/* 0.0.0.0 is all of IPv4, and :: all of both unless it was told to be IPv6's (RFC 3493 section 5.3) */
	if (any && (ip6_is_unspec(&l->at.addr) ? l->v6only && ip6_is_v4mapped(addr)
					       : !ip6_is_v4mapped(addr)))
		return 0;
	if ((!any && !ip6_eq(&l->at.addr, addr)) ||
	    (l->at.ifindex != 0 && l->at.ifindex != ifindex))
		return 0;
	return 1u + (any ? 0u : 4u) + (l->at.ifindex != 0 ? 2u : 0u) +
	       (any && !ip6_is_unspec(&l->at.addr));
}

struct tcp_listener *tcp_find_listener(const struct tcp_stack *s, const struct ip6_addr *addr,
				       uint16_t port, uint32_t ifindex)
{
	struct tcp_listener *best = NULL;
	unsigned found = 0;

	for (struct hnode *n = htab_first(&s->listeners, port_hash(s, port)); n != NULL;
	     n = htab_next(n)) {
		struct tcp_listener *l = CONTAINER_OF(n, struct tcp_listener, node);
		unsigned how = l->at.port == port ? suits(l, addr, ifindex) : 0;

		if (how > found) {
			found = how;
			best = l;
		}
	}
	return best;
}

/** tcp_port_is_taken() - Does a listener have this port on this address? */
bool tcp_port_is_taken(const struct tcp_stack *s, const struct tcp_end *at)
{
	for (struct hnode *n = htab_first(&s->listeners, port_hash(s, at->port)); n != NULL;
	     n = htab_next(n)) {
		const struct tcp_listener *l = CONTAINER_OF(n, struct tcp_listener, node);

		if (l->at.port == at->port && ip6_eq(&l->at.addr, &at->addr) &&
		    l->at.ifindex == at->ifindex)
			return true;
	}
	return false;
}

static int choose_port(struct tcp_stack *s, struct tcp_end *at)
{
	uint32_t n = s->conf.port_last - s->conf.port_first + 1u, from = rng_u32(&s->env->rng);

	for (uint32_t i = 0; i < n; i++) {
		at->port = (uint16_t)(s->conf.port_first + (from + i) % n);
		if (!tcp_port_is_taken(s, at))
			return 0;
	}
	return -EADDRINUSE;
}

int tcp_listen(struct tcp_stack *s, const struct tcp_end *at, unsigned backlog,
	       const struct tcp_opts *opts, struct tcp_listener **ret)
{
	struct tcp_listener *l;
	struct tcp_end end = *at;

	if (end.port == 0 && choose_port(s, &end) < 0)
		return -EADDRINUSE;
	if (tcp_port_is_taken(s, &end))
		return -EADDRINUSE;
	if (s->n_listeners >= s->conf.listeners_max)
		return -ENOBUFS;
	l = calloc(1, sizeof(*l));
	if (l == NULL || htab_add(&s->listeners, &l->node, port_hash(s, end.port)) < 0) {
		free(l);
		return -ENOMEM;
	}
	s->n_listeners++;
	l->stack = s;
	l->at = end;
	l->backlog = MAX(backlog, 1u);
	l->opts = opts != NULL ? *opts : s->conf.opts;
	list_init(&l->half);
	list_init(&l->full);
	*ret = l;
	return 0;
}

static void reset_all(struct list *q)
{
	while (!list_is_empty(q)) {
		struct tcp *tc = LIST_ENTRY(q->next, struct tcp, on);

		tcp_send_reset(tc);
		tcp_end_with(tc, 0); /* takes it off the queue */
	}
}

void tcp_listener_free(struct tcp_listener *l)
{
	if (l == NULL)
		return;
	reset_all(&l->half);
	reset_all(&l->full);
	if (list_is_on(&l->ready))
		list_del(&l->ready);
	htab_del(&l->stack->listeners, &l->node);
	l->stack->n_listeners--;
	free(l);
}

void tcp_listener_notify(struct tcp_listener *l, void (*fn)(void *ctx, struct tcp_listener *l),
			 void *ctx)
{
	l->notify = fn;
	l->notify_ctx = ctx;
}

void tcp_listener_v6only(struct tcp_listener *l, bool v6only)
{
	l->v6only = v6only;
}

const struct tcp_end *tcp_listener_end(const struct tcp_listener *l)
{
	return &l->at;
}

unsigned tcp_accept_waiting(const struct tcp_listener *l)
{
	return l->n_full;
}

struct tcp *tcp_accept(struct tcp_listener *l)
{
	struct tcp *tc;

	if (list_is_empty(&l->full))
		return NULL;
	tc = LIST_ENTRY(l->full.next, struct tcp, on);
	tcp_listen_forget(tc);
	tc->owned = true;
	l->stack->count.accepted++;
	return tc;
}

/** tcp_listen_forget() - @tc is no more (or not) of a listener's queues. */
void tcp_listen_forget(struct tcp *tc)
{
	if (tc->listener == NULL)
		return;
	if (tc->state == TCP_SYN_RECEIVED)
		tc->listener->n_half--;
	else
		tc->listener->n_full--;
	list_del(&tc->on);
	tc->listener = NULL;
}

/**
 * tcp_listen_established() - May @tc stand? Then it waits for tcp_accept(), if a listener made it.
 */
bool tcp_listen_established(struct tcp *tc)
{
	struct tcp_listener *l = tc->listener;

	if (l == NULL)
		return true;
	if (l->n_full >= l->backlog)
		return false;
	list_del(&tc->on);
	l->n_half--;
	list_add_tail(&l->full, &tc->on);
	l->n_full++;
	l->stack->count.passive_opens++;
	if (l->notify != NULL && !list_is_on(&l->ready))
		list_add_tail(&l->stack->accepts, &l->ready);
	return true;
}

/** tcp_take_syn() - The peer's SYN: where its numbers begin, and what both ends can do. */
void tcp_take_syn(struct tcp *tc, const struct tcp_seg *seg)
{
	uint32_t told = tc->rcv_adv - tc->rcv_nxt;
	uint8_t ecn = seg->flags & (TCP_ECE | TCP_CWR);
	uint8_t want = (seg->flags & TCP_ACK) != 0 ? TCP_ECE : TCP_ECE | TCP_CWR;

	tc->irs = seg->seq;
	tc->rcv_nxt = tc->rcv_read = tc->rcv_up = tc->last_ack = seg->seq + 1;
	tc->rcv_adv = tc->rcv_nxt + told;
	tc->peer_mss = TCP_MSS_DEFAULT;
	if ((seg->has & TCP_HAS_MSS) != 0)
		tc->peer_mss = (uint16_t)MAX(seg->mss, TCP_MSS_MIN);
	tc->ts_ok = tc->ts_ok && (seg->has & TCP_HAS_TS) != 0;
	tc->sack_ok = tc->sack_ok && (seg->has & TCP_HAS_SACK_OK) != 0;
	tc->ws_ok = tc->ws_ok && (seg->has & TCP_HAS_WSCALE) != 0;
	tc->ecn_ok = tc->ecn_ok && ecn == want; /* RFC 3168 section 6.1.1 */
	tc->snd_wscale = tc->ws_ok ? seg->wscale : 0;
	if (!tc->ws_ok)
		tc->rcv_wscale = 0;
	tc->ts_recent = seg->tsval;
	tc->ts_recent_at = tc->rx_at = tc->stack->env->now;
	tcp_mtu_set(tc, tc->mtu);
}

/* A half-open connection for @syn; NULL when there is no room. */
static struct tcp *new_half(struct tcp_listener *l, const struct tcp_seg *syn)
{
	struct tcp_end local = { syn->dst, syn->dport, syn->ifindex };
	struct tcp_end remote = { syn->src, syn->sport, syn->ifindex };
	struct tcp *tc = tcp_new(l->stack, &local, &remote, &l->opts);

	if (tc == NULL)
		return NULL;
	tc->ts_ok = l->opts.timestamps;
	tc->sack_ok = l->opts.sack;
	tc->ws_ok = l->opts.wscale;
	tc->ecn_ok = l->opts.ecn;
	tcp_take_syn(tc, syn);
	tcp_enter(tc, TCP_SYN_RECEIVED);
	tc->listener = l;
	list_add_tail(&l->half, &tc->on);
	l->n_half++;
	return tc;
}

/* The acknowledgment of a SYN,ACK that we have forgotten. */
static struct tcp *from_cookie(struct tcp_listener *l, const struct tcp_seg *ack)
{
	struct tcp_seg syn;
	struct tcp *tc;

	if (l->stack->env->now >= l->cookies_until || !tcp_cookie_check(l, ack, &syn))
		return NULL;
	tc = new_half(l, &syn);
	if (tc == NULL)
		return NULL;
	tc->iss = tc->snd_una = tc->snd_up = ack->ack - 1;
	tc->snd_nxt = tc->snd_end = ack->ack;
	tc->rcv_adv = tc->rcv_nxt + MIN(l->opts.rcvbuf, UINT16_MAX);
	tcp_due_set(tc, TCP_DUE_RTO, time_after(l->stack->env->now, tcp_rto_now(tc)));
	l->stack->count.cookies_taken++;
	return tc;
}

/**
 * tcp_listen_input() - A segment for a listener.
 * @ret:	Set if it belongs to a connection that a cookie brought back: it goes on there.
 */
enum drop tcp_listen_input(struct tcp_listener *l, const struct tcp_seg *seg, struct tcp **ret)
{
	struct tcp *tc;

	if ((seg->flags & TCP_RST) != 0)
		return DROP_TCP_RST;
	if ((seg->flags & TCP_ACK) != 0) {
		if (l->n_full >= l->backlog && l->stack->env->now < l->cookies_until)
			return DROP_TCP_BACKLOG; /* it may be good: the peer will try again */
		*ret = (seg->flags & TCP_SYN) == 0 ? from_cookie(l, seg) : NULL;
		if (*ret == NULL)
			tcp_refuse(l->stack, seg);
		return DROP_TCP_LISTEN_ACK;
	}
	if ((seg->flags & TCP_SYN) == 0)
		return DROP_TCP_NO_SYN;
	if (l->n_full >= l->backlog)
		return DROP_TCP_BACKLOG;
	if (l->n_half >= l->stack->conf.half_open_max) {
		l->cookies_until = time_after(l->stack->env->now, COOKIE_LIFE);
		tcp_cookie_send(l, seg);
		return TCP_TAKEN;
	}
	tc = new_half(l, seg);
	if (tc == NULL)
		return DROP_TCP_TABLE_FULL;
	tcp_work(tc);
	return TCP_TAKEN;
}
