/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/path.h"

#include <stdlib.h>

#include "ip6/hdr.h"

const struct path_conf PATH_CONF_DEFAULT = {
	.max = 4096,
	.mtu_life = 600 * NS_PER_S,
};

/*
 * What a digest covers: everything that a router may not change, as far as every error quotes
 * it. An error holds at least 1,232 octets of the packet that it is about, if there are as many.
 */
#define DIGEST_UPPER 64

void path_init(struct path_table *t, struct env *env, const struct path_conf *conf)
{
	*t = (struct path_table){ .env = env, .conf = *conf };
	list_init(&t->lru);
	timer_init(&t->timer, TIMER_PATH);
}

static void path_del(struct path_table *t, struct path *p)
{
	htab_del(&t->tab, &p->node);
	list_del(&p->lru);
	free(p);
}

void path_done(struct path_table *t)
{
	LIST_FOR_EACH(it, &t->lru)
		path_del(t, LIST_ENTRY(it, struct path, lru));
	timer_cancel(&t->env->timers, &t->timer);
	htab_done(&t->tab);
	free(t->sent);
	t->sent = NULL;
}

struct path *path_find(struct path_table *t, const struct ip6_addr *dst, uint32_t ifindex)
{
	if (t->tab.n == 0)
		return NULL;
	for (struct hnode *n = htab_first(&t->tab, hash_addr(&t->env->key, dst, ifindex));
	     n != NULL; n = htab_next(n)) {
		struct path *p = CONTAINER_OF(n, struct path, node);

		if (p->ifindex == ifindex && ip6_eq(&p->dst, dst))
			return p;
	}
	return NULL;
}

static struct path *path_get(struct path_table *t, const struct ip6_addr *dst, uint32_t ifindex)
{
	struct path *p = path_find(t, dst, ifindex);

	if (p != NULL) {
		list_del(&p->lru);
		list_add_tail(&t->lru, &p->lru);
		return p;
	}
	if (t->tab.n >= t->conf.max)
		path_del(t, LIST_ENTRY(t->lru.next, struct path, lru));
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->dst = *dst;
	p->ifindex = ifindex;
	p->mtu_expires = TIME_NEVER;
	if (htab_add(&t->tab, &p->node, hash_addr(&t->env->key, dst, ifindex)) < 0) {
		free(p);
		return NULL;
	}
	list_add_tail(&t->lru, &p->lru);
	return p;
}

uint32_t path_mtu(struct path_table *t, const struct ip6_addr *dst, uint32_t ifindex,
		  uint32_t link_mtu)
{
	const struct path *p = path_find(t, dst, ifindex);

	return p != NULL && p->mtu != 0 ? MIN(p->mtu, link_mtu) : link_mtu;
}

/* 0 is never a digest, so that an empty slot matches nothing. */
static uint64_t digest(const struct path_table *t, const uint8_t *p)
{
	uint8_t b[IP6_HDR_OCTETS + DIGEST_UPPER];

	memcpy(b, p, sizeof(b));
	memset(b, 0, 4); /* traffic class (RFC 2474) and flow label may be rewritten */
	b[IP6_HLIM_OFF] = 0;
	return siphash(&t->env->key, b, sizeof(b)) | 1;
}

void path_sent(struct path_table *t, const struct pkt *pkt)
{
	ASSERT(pkt->len >= IP6_HDR_OCTETS + DIGEST_UPPER);
	if (t->sent == NULL) {
		t->sent = calloc(PATH_SENT_MAX, sizeof(t->sent[0]));
		if (t->sent == NULL)
			return; /* then no Packet Too Big is believed */
	}
	t->sent[t->sent_at++ % PATH_SENT_MAX] = digest(t, pkt->p);
}

bool path_quoted(const struct path_table *t, struct rd quote)
{
	uint64_t d;

	if (t->sent == NULL || quote.left < IP6_HDR_OCTETS + DIGEST_UPPER)
		return false;
	d = digest(t, quote.p);
	for (unsigned i = 0; i < PATH_SENT_MAX; i++)
		if (t->sent[i] == d)
			return true;
	return false;
}

bool path_too_big(struct path_table *t, const struct ip6_addr *dst, uint32_t ifindex, uint32_t mtu)
{
	struct path *p = path_get(t, dst, ifindex);

	if (p == NULL || (p->mtu != 0 && p->mtu <= mtu))
		return false;
	p->mtu = mtu;
	p->mtu_expires = time_after(t->env->now, t->conf.mtu_life);
	if (!timer_is_armed(&t->timer) || t->timer.when > p->mtu_expires)
		timer_set(&t->env->timers, &t->timer, p->mtu_expires);
	env_event(t->env, EVENT_PATH_MTU, ifindex, dst, mtu);
	return true;
}

void path_redirect(struct path_table *t, const struct ip6_addr *dst, const struct ip6_addr *src,
		   const struct ip6_addr *gateway, uint32_t gateway_if, uint32_t fib_generation)
{
	struct path *p = path_get(t, dst, 0);

	if (p == NULL)
		return;
	p->gateway = *gateway;
	p->gateway_if = gateway_if;
	p->redirected_src = *src;
	p->fib_generation = fib_generation;
	env_event(t->env, EVENT_REDIRECTED, gateway_if, gateway, 0);
}

void path_forget_gateway(struct path_table *t, const struct ip6_addr *gateway, uint32_t ifindex)
{
	LIST_FOR_EACH(it, &t->lru) {
		struct path *p = LIST_ENTRY(it, struct path, lru);

		if (p->gateway_if != ifindex || !ip6_eq(&p->gateway, gateway))
			continue;
		p->gateway = IP6_UNSPEC;
		if (p->mtu == 0)
			path_del(t, p);
	}
}

void path_flush_if(struct path_table *t, uint32_t ifindex)
{
	LIST_FOR_EACH(it, &t->lru) {
		struct path *p = LIST_ENTRY(it, struct path, lru);

		if (p->ifindex == ifindex || p->gateway_if == ifindex)
			path_del(t, p);
	}
}

void path_timer(struct path_table *t)
{
	time_ns next = TIME_NEVER;

	LIST_FOR_EACH(it, &t->lru) {
		struct path *p = LIST_ENTRY(it, struct path, lru);

		if (p->mtu != 0 && p->mtu_expires <= t->env->now) {
			p->mtu = 0;
			p->mtu_expires = TIME_NEVER;
			if (ip6_is_unspec(&p->gateway)) {
				path_del(t, p);
				continue;
			}
		}
		next = MIN(next, p->mtu_expires);
	}
	timer_set(&t->env->timers, &t->timer, next);
}
