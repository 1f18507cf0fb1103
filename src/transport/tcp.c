/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connections: the table, birth and death, and the one list of moves between states.
 *
 * A connection that has come to its end is TCP_CLOSED and out of the table at once, but its memory
 * goes only in tcp_run(), and not before its owner has closed it: so nothing that happens while a
 * segment is processed makes a pointer invalid.
 */
#include "transport/tcp_part.h"

#include <stdlib.h>

#define BUF_MAX (1u << 30) /* half of what sequence numbers tell apart */

_Static_assert(sizeof(struct tcp) + sizeof(struct hnode *) < 1024, "an idle connection is small");

const struct tcp_conf TCP_CONF_DEFAULT = {
	.conns_max = 1u << 18,
	.listeners_max = 4096,
	.time_wait_max = 16384,
	.half_open_max = 1024,
	.mem_max = UINT64_C(1) << 30,
	.rto_min = 200 * NS_PER_MS, /* RFC 6298 section 2 (2.4): SHOULD be 1 s; kernels differ */
	.msl = 30 * NS_PER_S,
	.port_first = 32768, /* as Linux; RFC 6056 section 3.2 would have them from 1024 */
	.port_last = 60999,
	.opts = { .sndbuf = 1u << 20,
		  .rcvbuf = 1u << 20,
		  .cc = &TCP_CUBIC,
		  .keep_idle = 7200 * NS_PER_S, /* RFC 9293 section 3.8.4, MUST-28: two hours */
		  .keep_interval = 75 * NS_PER_S,
		  .keep_count = 9,
		  .ecn = true,
		  .sack = true,
		  .timestamps = true,
		  .wscale = true },
};

size_t tcp_idle_octets(void)
{
	return sizeof(struct tcp) + sizeof(struct hnode *); /* and its share of the table */
}

const char *tcp_state_name(enum tcp_state s)
{
	static const char *const names[TCP_NUM_STATES] = {
		[TCP_CLOSED] = "CLOSED",
		[TCP_SYN_SENT] = "SYN-SENT",
		[TCP_SYN_RECEIVED] = "SYN-RECEIVED",
		[TCP_ESTABLISHED] = "ESTABLISHED",
		[TCP_FIN_WAIT_1] = "FIN-WAIT-1",
		[TCP_FIN_WAIT_2] = "FIN-WAIT-2",
		[TCP_CLOSE_WAIT] = "CLOSE-WAIT",
		[TCP_CLOSING] = "CLOSING",
		[TCP_LAST_ACK] = "LAST-ACK",
		[TCP_TIME_WAIT] = "TIME-WAIT",
	};

	ASSERT(s < TCP_NUM_STATES);
	return names[s];
}

void tcp_init(struct tcp_stack *s, struct ip6 *ip6, const struct tcp_conf *conf)
{
	*s = (struct tcp_stack){ .ip6 = ip6, .env = ip6->env, .conf = *conf };
	list_init(&s->work);
	list_init(&s->ready);
	list_init(&s->accepts);
	list_init(&s->time_wait);
	for (uint8_t i = 0; i < 2;
	     i++) { /* of the node's key: its random numbers are not touched */
		uint8_t label[] = { 't', 'c', 'p', i }, other[] = { 's', 'y', 'n', i };

		s->secret.k[i] = siphash(&s->env->key, label, sizeof(label));
		s->cookie_key.k[i] = siphash(&s->env->key, other, sizeof(other));
	}
	s->port_next = (uint32_t)siphash(&s->env->key, "port", 4);
}

void tcp_done(struct tcp_stack *s)
{
	struct hnode *n;

	while ((n = htab_iter(&s->listeners, NULL)) != NULL)
		tcp_listener_free(CONTAINER_OF(n, struct tcp_listener, node));
	while ((n = htab_iter(&s->conns, NULL)) != NULL) {
		struct tcp *tc = CONTAINER_OF(n, struct tcp, node);

		tc->owned = false;
		tcp_end_with(tc, 0);
	}
	LIST_FOR_EACH(it, &s->work)
		tcp_free(LIST_ENTRY(it, struct tcp, work));
	ASSERT(s->n_conns == 0 && s->mem == 0); /* an owner closes what has ended, too */
	htab_done(&s->conns);
	htab_done(&s->listeners);
}

struct tcp_end tcp_local_end(const struct tcp *tc)
{
	return (struct tcp_end){ tc->local, tc->lport, tc->ifindex };
}

struct tcp_end tcp_remote_end(const struct tcp *tc)
{
	return (struct tcp_end){ tc->remote, tc->rport, tc->ifindex };
}

static uint32_t conn_hash(const struct tcp_stack *s, const struct ip6_addr *local, uint16_t lport,
			  const struct ip6_addr *remote, uint16_t rport, uint32_t ifindex)
{
	uint64_t more = (uint64_t)ifindex << 32 | (uint32_t)lport << 16 | rport;

	return hash_addr(&s->secret, remote, more ^ hash_mix(ip6_lo(local), s->secret.k[0]));
}

struct tcp *tcp_find(const struct tcp_stack *s, const struct ip6_addr *local, uint16_t lport,
		     const struct ip6_addr *remote, uint16_t rport, uint32_t ifindex)
{
	uint32_t zone = ip6_is_linklocal(local) || ip6_is_linklocal(remote) ? ifindex : 0;

	for (struct hnode *n =
		     htab_first(&s->conns, conn_hash(s, local, lport, remote, rport, zone));
	     n != NULL; n = htab_next(n)) {
		struct tcp *tc = CONTAINER_OF(n, struct tcp, node);

		if (tc->lport == lport && tc->rport == rport && tc->ifindex == zone &&
		    ip6_eq(&tc->remote, remote) && ip6_eq(&tc->local, local))
			return tc;
	}
	return NULL;
}

/* A keyed hash of both ends that no peer can guess: SipHash. */
uint64_t tcp_tuple_hash(const struct hash_key *key, const struct tcp_end *local,
			const struct tcp_end *remote, uint64_t more)
{
	uint8_t b[2 * IP6_ADDR_OCTETS + 4 + 8];

	memcpy(b, local->addr.b, IP6_ADDR_OCTETS);
	memcpy(b + IP6_ADDR_OCTETS, remote->addr.b, IP6_ADDR_OCTETS);
	put_be16(b + 32, local->port);
	put_be16(b + 34, remote->port);
	put_be64(b + 36, more);
	return siphash(key, b, sizeof(b));
}

/* RFC 6528 section 3: ISN = M + F(localip, localport, remoteip, remoteport, secretkey); M: 4 us. */
uint32_t tcp_isn(const struct tcp_stack *s, const struct tcp_end *local,
		 const struct tcp_end *remote)
{
	return (uint32_t)(s->env->now / (4 * NS_PER_US)) +
	       (uint32_t)tcp_tuple_hash(&s->secret, local, remote, 0);
}

/*
 * Room for one more: when the table is full, a connection that only waits (TIME-WAIT) makes it.
 */
static bool make_room(struct tcp_stack *s)
{
	if (s->n_conns < s->conf.conns_max)
		return true;
	if (list_is_empty(&s->time_wait))
		return false;
	tcp_end_with(LIST_ENTRY(s->time_wait.next, struct tcp, on), 0);
	return s->n_conns <= s->conf.conns_max; /* it is freed in tcp_run() */
}

/* Options as far as they make sense; the congestion control stays what it was, if there is one. */
void tcp_opts_take(struct tcp *tc, const struct tcp_opts *opts)
{
	const struct tcp_cc *cc = tc->opts.cc != NULL ? tc->opts.cc : opts->cc;

	tc->opts = *opts;
	tc->opts.cc = cc;
	tc->opts.sndbuf = MIN(opts->sndbuf, BUF_MAX);
	tc->opts.rcvbuf = MIN(opts->rcvbuf, BUF_MAX);
	tc->opts.tclass &= (uint8_t)~IP6_ECN_MASK;
	if (opts->mss != 0)
		tc->opts.mss = MAX(opts->mss, (uint16_t)TCP_MSS_MIN);
}

/* A connection in the table, TCP_CLOSED yet; NULL when there is no room. */
struct tcp *tcp_new(struct tcp_stack *s, const struct tcp_end *local, const struct tcp_end *remote,
		    const struct tcp_opts *opts)
{
	struct tcp *tc = make_room(s) ? calloc(1, sizeof(*tc)) : NULL;
	bool zoned = ip6_is_linklocal(&local->addr) || ip6_is_linklocal(&remote->addr);

	if (tc == NULL)
		return NULL;
	tc->stack = s;
	tc->local = local->addr;
	tc->remote = remote->addr;
	tc->lport = local->port;
	tc->rport = remote->port;
	tc->ifindex = zoned ? local->ifindex : 0;
	tcp_opts_take(tc, opts);
	if (htab_add(&s->conns, &tc->node,
		     conn_hash(s, &tc->local, tc->lport, &tc->remote, tc->rport, tc->ifindex)) <
	    0) {
		free(tc);
		return NULL;
	}
	tc->hashed = true;
	s->n_conns++;
	timer_init(&tc->timer, TIMER_TCP);
	for (unsigned i = 0; i < TCP_DUE_NUM; i++)
		tc->due[i] = TIME_NEVER;
	tc->iss = tcp_isn(s, local, remote);
	tc->snd_una = tc->snd_nxt = tc->snd_up = tc->iss;
	tc->snd_end = tc->iss + 1; /* data begins behind the SYN */
	tc->ts_offset = (uint32_t)tcp_tuple_hash(&s->secret, local, remote, 1);
	tc->flow = (uint32_t)tcp_tuple_hash(&s->secret, local, remote, 2) & IP6_FLOW_MASK;
	tc->rto = NS_PER_S; /* RFC 6298 section 2 (2.1) */
	tc->peer_mss = TCP_MSS_DEFAULT;
	tc->rcv_wscale = tcp_wscale_for(opts->rcvbuf);
	tcp_mtu_update(tc);
	tcp_cc_init(tc);
	return tc;
}

/* Where a connection may go from each state: RFC 9293 section 3.3.2, figure 5. */
static const uint16_t moves[TCP_NUM_STATES] = {
	[TCP_CLOSED] = 1 << TCP_SYN_SENT | 1 << TCP_SYN_RECEIVED,
	[TCP_SYN_SENT] = 1 << TCP_SYN_RECEIVED | 1 << TCP_ESTABLISHED | 1 << TCP_CLOSED,
	[TCP_SYN_RECEIVED] = 1 << TCP_ESTABLISHED | 1 << TCP_CLOSED,
	[TCP_ESTABLISHED] = 1 << TCP_FIN_WAIT_1 | 1 << TCP_CLOSE_WAIT | 1 << TCP_CLOSED,
	[TCP_FIN_WAIT_1] = 1 << TCP_FIN_WAIT_2 | 1 << TCP_CLOSING | 1 << TCP_TIME_WAIT |
			   1 << TCP_CLOSED,
	[TCP_FIN_WAIT_2] = 1 << TCP_TIME_WAIT | 1 << TCP_CLOSED,
	[TCP_CLOSE_WAIT] = 1 << TCP_LAST_ACK | 1 << TCP_CLOSED,
	[TCP_CLOSING] = 1 << TCP_TIME_WAIT | 1 << TCP_CLOSED,
	[TCP_LAST_ACK] = 1 << TCP_CLOSED,
	[TCP_TIME_WAIT] = 1 << TCP_CLOSED,
};

static void enter_time_wait(struct tcp *tc)
{
	struct tcp_stack *s = tc->stack;

	tcp_due_clear(tc);
	tcp_due_set(tc, TCP_DUE_WAIT, time_after(s->env->now, 2 * s->conf.msl));
	tcp_sent_done(tc);
	tcp_ring_free(tc, &tc->snd);
	list_add_tail(&s->time_wait, &tc->on);
	if (++s->n_time_wait > s->conf.time_wait_max)
		tcp_end_with(LIST_ENTRY(s->time_wait.next, struct tcp, on), 0);
}

/**
 * tcp_enter() - Move to state @to: the only place that does.
 */
void tcp_enter(struct tcp *tc, enum tcp_state to)
{
	enum tcp_state from = (enum tcp_state)tc->state;

	ASSERT((moves[from] & 1 << to) != 0);
	tc->state = (uint8_t)to;
	env_event(tc->stack->env, EVENT_TCP_STATE, tc->ifindex, &tc->remote, to);
	if (from == TCP_TIME_WAIT)
		tc->stack->n_time_wait--, list_del(&tc->on);
	if (to == TCP_TIME_WAIT)
		enter_time_wait(tc);
	tcp_tell(tc);
}

/**
 * tcp_end_with() - The connection is over: out of the table, without timers.
 * @error:	Negative errno for its owner; 0 if all went well.
 */
void tcp_end_with(struct tcp *tc, int error)
{
	if (!tc->hashed)
		return;
	tcp_listen_forget(tc);
	if (tc->state != TCP_CLOSED)
		tcp_enter(tc, TCP_CLOSED);
	htab_del(&tc->stack->conns, &tc->node);
	tc->hashed = false;
	tcp_due_clear(tc);
	tcp_sent_done(tc);
	tcp_ring_free(tc, &tc->snd);
	tcp_ooo_done(tc);
	if (error != 0)
		tc->error = error == -ETIMEDOUT && tc->soft != 0 ? tc->soft : error;
	if (!tc->owned)
		tcp_work(tc);
	tcp_tell(tc);
}

/* The memory goes: in tcp_run(), when it is over and nobody's. */
void tcp_free(struct tcp *tc)
{
	ASSERT(!tc->hashed && !tc->owned && !list_is_on(&tc->on));
	tcp_due_clear(tc);
	if (list_is_on(&tc->work))
		list_del(&tc->work);
	if (list_is_on(&tc->ready))
		list_del(&tc->ready);
	tcp_ring_free(tc, &tc->rcv);
	tc->stack->n_conns--;
	free(tc);
}

static void tell_owners(struct tcp_stack *s)
{
	while (!list_is_empty(&s->accepts)) {
		struct tcp_listener *l = LIST_ENTRY(s->accepts.next, struct tcp_listener, ready);

		list_del(&l->ready);
		if (l->notify != NULL)
			l->notify(l->notify_ctx, l);
	}
	while (!list_is_empty(&s->ready)) {
		struct tcp *tc = LIST_ENTRY(s->ready.next, struct tcp, ready);

		list_del(&tc->ready);
		if (tc->notify != NULL)
			tc->notify(tc->notify_ctx, tc);
	}
}

void tcp_run(struct tcp_stack *s)
{
	struct list dead;

	list_init(&dead);
	while (!list_is_empty(&s->work)) {
		struct tcp *tc = LIST_ENTRY(s->work.next, struct tcp, work);

		list_del(&tc->work);
		if (tc->hashed)
			tcp_output(tc);
		else if (!tc->owned)
			list_add_tail(&dead, &tc->work);
	}
	LIST_FOR_EACH(it, &dead)
		tcp_free(LIST_ENTRY(it, struct tcp, work));
	tell_owners(s);
}

const struct tcp *tcp_iter(const struct tcp_stack *s, const struct tcp *last)
{
	struct hnode *n = htab_iter(&s->conns, last != NULL ? &last->node : NULL);

	return n != NULL ? CONTAINER_OF(n, struct tcp, node) : NULL;
}
