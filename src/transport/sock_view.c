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
	if (s != NULL) /* one of IPv6 may well have mapped addresses */
		v->family = (uint8_t)s->family;
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
