/* SPDX-License-Identifier: BSD-3-Clause */
#include "node/ping.h"

#include <stdlib.h>

#define WINDOW		ARRAY_LEN(((struct ping *)NULL)->sent_at)
#define ECHO_HDR_OCTETS 8

void pings_init(struct pings *p, struct ip6 *ip6)
{
	*p = (struct pings){ .ip6 = ip6, .next_id = (uint16_t)rng_u32(&ip6->env->rng) };
	list_init(&p->all);
}

void ping_stop(struct pings *p, struct ping *ping)
{
	timer_cancel(&p->ip6->env->timers, &ping->timer);
	list_del(&ping->on);
	p->n--;
	free(ping);
}

void pings_done(struct pings *p)
{
	LIST_FOR_EACH(it, &p->all)
		ping_stop(p, LIST_ENTRY(it, struct ping, on));
}

static uint64_t bit_of(uint32_t seq)
{
	return UINT64_C(1) << seq % WINDOW;
}

static void tell(struct ping *ping, const struct ping_result *r)
{
	if (ping->conf.fn != NULL)
		ping->conf.fn(ping->conf.ctx, r);
}

static int send_one(struct pings *p, struct ping *ping, uint32_t seq)
{
	const struct ping_conf *cf = &ping->conf;
	struct ip6_addr src = cf->src;
	struct pkt *pkt;
	uint8_t *m;
	int rc = 0;

	if (ip6_is_unspec(&src))
		rc = ip6_source(p->ip6, &cf->dst, cf->oif, &src);
	if (rc < 0)
		return rc;
	pkt = ip6_new_packet(p->ip6, &src, &cf->dst, IP6_NH_ICMP6, cf->hop_limit,
			     ECHO_HDR_OCTETS + cf->octets);
	if (pkt == NULL)
		return -ENOBUFS;
	m = pkt_put(pkt, ECHO_HDR_OCTETS + cf->octets);
	m[0] = ICMP6_ECHO_REQUEST;
	m[1] = 0;
	put_be16(m + 4, ping->id);
	put_be16(m + 6, (uint16_t)seq);
	for (uint32_t i = 0; i < cf->octets; i++)
		m[ECHO_HDR_OCTETS + i] = (uint8_t)(i + seq);
	return icmp6_send(p->ip6, pkt, cf->oif);
}

static void lost(struct pings *p, struct ping *ping, uint32_t seq)
{
	env_event(p->ip6->env, EVENT_PING_LOST, ping->conf.oif, &ping->conf.dst, seq);
	tell(ping, &(struct ping_result){ .event = PING_EVENT_TIMEOUT, .seq = seq });
}

/* Requests whose time is over; they are waited for in order of sending. */
static void expire(struct pings *p, struct ping *ping, time_ns now)
{
	while (ping->oldest_seq != ping->next_seq) {
		time_ns *at = &ping->sent_at[ping->oldest_seq % WINDOW];

		if (*at != 0) {
			if (time_after(*at, ping->conf.timeout) > now)
				return;
			*at = 0;
			if ((ping->answered & bit_of(ping->oldest_seq)) == 0)
				lost(p, ping, ping->oldest_seq);
		}
		ping->oldest_seq++;
	}
}

static bool wants_more(const struct ping *ping)
{
	return ping->conf.count == 0 || ping->sent < ping->conf.count;
}

static void send_next(struct pings *p, struct ping *ping, time_ns now)
{
	uint32_t seq = ping->next_seq;
	int rc;

	if (seq - ping->oldest_seq == WINDOW)
		ping->oldest_seq++; /* too many in flight: the oldest is not waited for */
	ping->sent_at[seq % WINDOW] = now + 1; /* so that it is never 0 */
	ping->answered &= ~bit_of(seq);
	ping->next_seq++;
	ping->sent++;
	ping->next_at = time_after(now, ping->conf.interval);
	rc = send_one(p, ping, seq);
	if (rc < 0) {
		ping->sent_at[seq % WINDOW] = 0;
		tell(ping,
		     &(struct ping_result){ .event = PING_EVENT_SEND, .seq = seq, .err = rc });
	}
}

/* Also called when a reply was counted: sends, expires, arms the timer, or ends. */
static void go_on(struct pings *p, struct ping *ping)
{
	time_ns now = p->ip6->env->now, next = TIME_NEVER;

	expire(p, ping, now);
	if (wants_more(ping) && ping->next_at <= now)
		send_next(p, ping, now);
	while (ping->oldest_seq != ping->next_seq && ping->sent_at[ping->oldest_seq % WINDOW] == 0)
		ping->oldest_seq++;
	if (wants_more(ping))
		next = ping->next_at;
	if (ping->oldest_seq != ping->next_seq)
		next = MIN(next, time_after(ping->sent_at[ping->oldest_seq % WINDOW],
					    ping->conf.timeout));
	if (next == TIME_NEVER) {
		tell(ping, &(struct ping_result){ .event = PING_EVENT_DONE });
		ping_stop(p, ping);
		return;
	}
	timer_set(&p->ip6->env->timers, &ping->timer, next);
}

int ping_start(struct pings *p, const struct ping_conf *conf, struct ping **ret)
{
	struct ping *ping;

	if (conf->octets > PING_DATA_MAX || conf->interval == 0)
		return -EINVAL;
	if (p->n >= PINGS_MAX)
		return -ENOSPC;
	ping = calloc(1, sizeof(*ping));
	if (ping == NULL)
		return -ENOMEM;
	ping->conf = *conf;
	ping->id = p->next_id++;
	ping->next_at = p->ip6->env->now;
	timer_init(&ping->timer, TIMER_PING);
	list_add_tail(&p->all, &ping->on);
	p->n++;
	if (ret != NULL)
		*ret = ping;
	timer_set(&p->ip6->env->timers, &ping->timer, p->ip6->env->now);
	return 0;
}

void ping_timer(struct pings *p, struct timer *timer)
{
	go_on(p, CONTAINER_OF(timer, struct ping, timer));
}

static struct ping *ping_find(struct pings *p, uint16_t id)
{
	LIST_FOR_EACH(it, &p->all) {
		struct ping *ping = LIST_ENTRY(it, struct ping, on);

		if (ping->id == id)
			return ping;
	}
	return NULL;
}

/* The request that @seq16 is of, if it is still waited for. */
static bool in_flight(const struct ping *ping, uint16_t seq16, uint32_t *seq)
{
	uint32_t back = (uint16_t)((uint16_t)ping->next_seq - seq16);

	if (back == 0 || back > ping->next_seq - ping->oldest_seq)
		return false;
	*seq = ping->next_seq - back;
	return ping->sent_at[*seq % WINDOW] != 0;
}

bool ping_waits(struct pings *p, const struct pkt *pkt)
{
	return ping_find(p, get_be16(pkt->p + pkt->l4_off + 4)) != NULL;
}

void ping_reply(struct pings *p, struct pkt *pkt)
{
	const uint8_t *m = pkt->p + pkt->l4_off;
	struct ping *ping = ping_find(p, get_be16(m + 4));
	bool data_ok = ping != NULL &&
		       pkt->len - pkt->l4_off == ECHO_HDR_OCTETS + ping->conf.octets;
	struct ping_result r = { .event = PING_EVENT_REPLY, .hop_limit = pkt->p[IP6_HLIM_OFF] };

	if (ping == NULL || !in_flight(ping, get_be16(m + 6), &r.seq)) {
		env_drop(p->ip6->env, pkt, DROP_ICMP6_ECHO_NOBODY);
		return;
	}
	for (uint32_t i = 0; data_ok && i < ping->conf.octets; i++)
		data_ok = m[ECHO_HDR_OCTETS + i] == (uint8_t)(i + r.seq);
	if (!data_ok) {
		env_drop(p->ip6->env, pkt, DROP_ICMP6_ECHO_NOBODY);
		return;
	}
	r.from = ip6_hdr_src(pkt->p);
	r.octets = pkt->len - pkt->l4_off;
	r.rtt = p->ip6->env->now + 1 - ping->sent_at[r.seq % WINDOW];
	/* a group answers as many times as it has members: all of its time it is listened to */
	ping->answered |= bit_of(r.seq);
	if (!ip6_is_mcast(&ping->conf.dst))
		ping->sent_at[r.seq % WINDOW] = 0;
	ping->received++;
	env_event(p->ip6->env, EVENT_PING_REPLY, pkt->ifindex, &r.from, r.rtt);
	pkt_free(pkt);
	tell(ping, &r);
	go_on(p, ping);
}

void ping_error(struct pings *p, struct pkt *pkt)
{
	const uint8_t *m = pkt->p + pkt->l4_off;
	struct rd quote = rd_of(m + 8, pkt->len - pkt->l4_off - 8u);
	struct ping_result r = { .event = PING_EVENT_ERROR, .type = m[0], .code = m[1] };
	struct ping *ping = NULL;
	uint8_t next, m_type = m[0];
	uint32_t off;

	if (ip6_upper_find(quote, &next, &off) && next == IP6_NH_ICMP6 &&
	    quote.left >= off + ECHO_HDR_OCTETS && quote.p[off] == ICMP6_ECHO_REQUEST)
		ping = ping_find(p, get_be16(quote.p + off + 4));
	/* Packet Too Big is no end: the next request is fragmented */
	if (ping != NULL && in_flight(ping, get_be16(quote.p + off + 6), &r.seq)) {
		r.from = ip6_hdr_src(pkt->p);
		ping->sent_at[r.seq % WINDOW] = 0;
		tell(ping, &r);
		go_on(p, ping);
	}
	env_drop(p->ip6->env, pkt,
		 ping == NULL && m_type > ICMP6_PARAM_PROB ? DROP_ICMP6_ERROR_UNKNOWN
							   : DROP_ICMP6_ERROR_DONE);
}
