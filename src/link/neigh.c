/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every event of an entry goes the same way: ask nud, then neigh_settle() brings the lists, the
 * timer, the tracer and the list of things to do in line with the new state.
 */
#include "link/neigh.h"

#include <stdlib.h>

/* Most hosts know a few neighbours, and thousands of hosts may share a process. */
#define SLAB_ENTRIES_FIRST 8
#define SLAB_ENTRIES_MAX   64 /* each slab has twice the last one's until then */

struct neigh_slab {
	struct neigh_slab *next;
	uint32_t n;
	struct neigh entry[];
};

void neigh_init(struct neigh_table *t, struct env *env, const struct neigh_conf *conf)
{
	ASSERT(conf->max_unresolved >= 1 && conf->max_unresolved <= conf->max);
	ASSERT(conf->queue_pkts >= 1);
	*t = (struct neigh_table){ .env = env, .conf = *conf };
	list_init(&t->unresolved);
	list_init(&t->idle);
	list_init(&t->todo);
}

/* Memory. */

static bool slab_add(struct neigh_table *t)
{
	uint32_t n = t->slabs == NULL ? SLAB_ENTRIES_FIRST : MIN(t->slabs->n * 2, SLAB_ENTRIES_MAX);
	size_t octets = sizeof(struct neigh_slab) + n * sizeof(struct neigh);
	struct neigh_slab *s = calloc(1, octets);

	if (s == NULL)
		return false;
	*s = (struct neigh_slab){ .next = t->slabs, .n = n };
	t->slabs = s;
	t->slab_octets += octets;
	for (uint32_t i = n; i-- > 0;) {
		s->entry[i].node.next = t->spare;
		t->spare = &s->entry[i].node;
	}
	return true;
}

size_t neigh_octets(const struct neigh_table *t)
{
	return t->slab_octets + htab_octets(&t->tab);
}

/* Ageing: which list a state is on. */

static struct list *age_list(struct neigh_table *t, enum nud_state s)
{
	switch (s) {
	case NUD_FREE:
	case NUD_INCOMPLETE:
		return &t->unresolved;
	case NUD_STALE:
	case NUD_UNREACHABLE:
		return &t->idle;
	case NUD_REACHABLE:
	case NUD_DELAY:
	case NUD_PROBE:
	case NUD_PERMANENT:
		return NULL;
	case NUD_NUM_STATES:
		break;
	}
	ASSERT_NOT_REACHED();
}

static void neigh_age(struct neigh_table *t, struct neigh *n, enum nud_state old)
{
	struct list *from = age_list(t, old), *to = age_list(t, n->nud.state);

	if (from == to)
		return;
	if (from != NULL)
		list_del(&n->on_age);
	if (to != NULL)
		list_add_tail(to, &n->on_age);
	if (from == &t->unresolved)
		t->n_unresolved--; /* NOLINT(clang-analyzer-core.NullDereference): t is in use */
	if (to == &t->unresolved)
		t->n_unresolved++;
}

static time_ns idle_until(const struct neigh_table *t)
{
	return t->conf.gc_idle != 0 ? time_after(t->env->now, t->conf.gc_idle) : TIME_NEVER;
}

/*
 * While nud has no deadline the timer counts idleness. A deadline that is put off, as by each
 * confirmation, leaves the timer where it is; neigh_timer() finds nothing to do and comes back.
 */
static void neigh_arm(struct neigh_table *t, struct neigh *n, bool entered)
{
	struct timers *timers = &t->env->timers;
	bool armed = timer_is_armed(&n->timer);
	time_ns when = n->nud.deadline;

	if (!n->in_tab || (when == TIME_NEVER && age_list(t, n->nud.state) == NULL)) {
		timer_cancel(timers, &n->timer);
	} else if (when == TIME_NEVER) {
		if (entered || !armed)
			timer_set(timers, &n->timer, idle_until(t));
	} else if (!armed || n->timer.when > when) {
		timer_set(timers, &n->timer, when);
	}
}

static void neigh_transmit(struct neigh_table *t, struct neigh *n, struct pkt *pkt)
{
	neigh_push_header(n, pkt);
	link_tx(t->env, n->nif->lif, pkt);
}

static void neigh_set_todo(struct neigh_table *t, struct neigh *n, enum nud_do what)
{
	enum nud_state s = n->nud.state;

	if (what != NUD_DO_NOTHING) {
		n->todo = (uint8_t)what;
		if (!list_is_on(&n->on_todo))
			list_add_tail(&t->todo, &n->on_todo);
	} else if (s != NUD_INCOMPLETE && s != NUD_PROBE && s != NUD_UNREACHABLE &&
		   list_is_on(&n->on_todo)) {
		list_del(&n->on_todo); /* answered before it was asked */
	}
}

static void neigh_event(struct neigh_table *t, const struct neigh *n)
{
	env_event(t->env, EVENT_NEIGH_STATE, n->nif->lif->ifindex, &n->addr, n->nud.state);
	if (n->in_tab)
		env_news(t->env, NEWS_NEIGH, n);
}

/* After each event: @old was the state before it, @what is the answer of nud. */
static void neigh_settle(struct neigh_table *t, struct neigh *n, enum nud_state old,
			 enum nud_do what)
{
	struct pkt *pkt;

	neigh_age(t, n, old);
	neigh_arm(t, n, n->nud.state != old);
	neigh_set_todo(t, n, what);
	if (n->nud.state != old)
		neigh_event(t, n);
	if (LIKELY(n->waiting.head == NULL) || !nud_has_lladdr(&n->nud))
		return;
	while ((pkt = pktq_get(&n->waiting)) != NULL) {
		t->n_waiting--;
		neigh_transmit(t, n, pkt);
	}
	/* 7.3.3: these packets are the first to a neighbour that may be STALE. */
	old = n->nud.state;
	what = nud_on_send(&n->nud, &n->nif->nud, t->env->now);
	neigh_settle(t, n, old, what);
}

/* The same, and another link-layer address may be on record: a change, too. */
static void neigh_settle_lladdr(struct neigh_table *t, struct neigh *n, enum nud_state old,
				bool recorded)
{
	bool told = n->nud.state != old;

	neigh_settle(t, n, old, NUD_DO_NOTHING);
	if (recorded && !told)
		env_news(t->env, NEWS_NEIGH, n);
}

/* Out of the reach of neigh_find() and neigh_deref(). */
static void neigh_unlink(struct neigh_table *t, struct neigh *n)
{
	if (!n->in_tab)
		return;
	env_news(t->env, NEWS_NEIGH_GONE, n);
	htab_del(&t->tab, &n->node);
	n->in_tab = false;
	n->gen++;
}

static void neigh_free(struct neigh_table *t, struct neigh *n)
{
	enum nud_state old = n->nud.state;
	bool failed = !n->in_tab;

	neigh_unlink(t, n);
	if (old != NUD_FREE) {
		nud_free(&n->nud);
		neigh_settle(t, n, old, NUD_DO_NOTHING);
	}
	timer_cancel(&t->env->timers, &n->timer);
	if (list_is_on(&n->on_todo))
		list_del(&n->on_todo);
	list_del(&n->on_age);
	t->n_unresolved--;
	t->n--;
	t->n_waiting -= n->waiting.n;
	env_drop_queue(t->env, &n->waiting, failed ? DROP_NEIGH_UNREACH : DROP_NEIGH_GONE);
	if (t->gone == n)
		t->gone = NULL;
	n->node.next = t->spare;
	t->spare = &n->node;
}

static struct neigh *oldest(const struct list *age)
{
	return list_is_empty(age) ? NULL : LIST_ENTRY(age->next, struct neigh, on_age);
}

static bool neigh_make_room(struct neigh_table *t, bool unresolved)
{
	struct neigh *n = NULL;

	if (unresolved && t->n_unresolved >= t->conf.max_unresolved) {
		n = oldest(&t->unresolved);
	} else if (t->n >= t->conf.max) {
		n = oldest(&t->idle);
		if (n == NULL)
			n = oldest(&t->unresolved);
		if (n == NULL)
			return false;
	}
	if (n != NULL)
		neigh_free(t, n);
	return t->spare != NULL || slab_add(t);
}

/* In state FREE, in the table; the caller lets an event follow. */
static struct neigh *neigh_new(struct neigh_table *t, struct link_if *lif,
			       const struct ip6_addr *addr, bool unresolved)
{
	struct neigh_if *nif = neigh_if_find(t, lif);
	struct neigh *n;

	ASSERT(nif != NULL);
	if (!neigh_make_room(t, unresolved))
		return NULL;
	n = CONTAINER_OF(t->spare, struct neigh, node);
	t->spare = n->node.next;
	*n = (struct neigh){ .addr = *addr, .nif = nif, .gen = n->gen, .in_tab = true };
	if (htab_add(&t->tab, &n->node, neigh_hash(t, lif, addr)) < 0) {
		n->node.next = t->spare;
		t->spare = &n->node;
		return NULL;
	}
	nud_init(&n->nud);
	timer_init(&n->timer, TIMER_NEIGH);
	list_add_tail(&t->unresolved, &n->on_age);
	t->n_unresolved++;
	t->n++;
	neigh_arm(t, n, true);
	return n;
}

struct neigh *neigh_get(struct neigh_table *t, struct link_if *lif, const struct ip6_addr *addr)
{
	struct neigh *n = neigh_find(t, lif, addr);

	return n != NULL ? n : neigh_new(t, lif, addr, true);
}

struct neigh *neigh_iter(const struct neigh_table *t, const struct neigh *last)
{
	struct hnode *h = htab_iter(&t->tab, last != NULL ? &last->node : NULL);

	return h != NULL ? CONTAINER_OF(h, struct neigh, node) : NULL;
}

/* Interfaces. */

struct neigh_if *neigh_if_find(const struct neigh_table *t, const struct link_if *lif)
{
	struct hnode *h = htab_first(&t->ifs, lif->ifindex);

	return h != NULL ? CONTAINER_OF(h, struct neigh_if, node) : NULL;
}

struct neigh_if *neigh_if_add(struct neigh_table *t, struct link_if *lif,
			      const struct nud_conf *conf)
{
	struct neigh_if *nif;

	ASSERT(neigh_if_find(t, lif) == NULL);
	nif = malloc(sizeof(*nif));
	if (nif == NULL)
		return NULL;
	*nif = (struct neigh_if){ .lif = lif, .nud = *conf };
	if (htab_add(&t->ifs, &nif->node, lif->ifindex) < 0) {
		free(nif);
		return NULL;
	}
	return nif;
}

static void flush(struct neigh_table *t, const struct link_if *lif, bool permanent_too)
{
	struct neigh *n = neigh_iter(t, NULL);

	while (n != NULL) {
		struct neigh *next = neigh_iter(t, n);

		if (n->nif->lif == lif && (permanent_too || n->nud.state != NUD_PERMANENT))
			neigh_free(t, n);
		n = next;
	}
	LIST_FOR_EACH(it, &t->todo) { /* those that failed are only here ... */
		n = LIST_ENTRY(it, struct neigh, on_todo);
		if (n->nif->lif == lif && !n->in_tab)
			neigh_free(t, n);
	}
	if (t->gone != NULL && t->gone->nif->lif == lif) /* ... or there */
		neigh_free(t, t->gone);
}

void neigh_flush(struct neigh_table *t, struct link_if *lif)
{
	flush(t, lif, false);
}

void neigh_if_del(struct neigh_table *t, struct link_if *lif)
{
	struct neigh_if *nif = neigh_if_find(t, lif);

	if (nif == NULL)
		return;
	flush(t, lif, true);
	htab_del(&t->ifs, &nif->node);
	free(nif);
}

void neigh_done(struct neigh_table *t)
{
	struct neigh_slab *s = t->slabs;
	struct hnode *h;

	while ((h = htab_iter(&t->ifs, NULL)) != NULL)
		neigh_if_del(t, CONTAINER_OF(h, struct neigh_if, node)->lif);
	ASSERT(t->n == 0 && t->n_unresolved == 0 && t->n_waiting == 0);
	while (s != NULL) {
		struct neigh_slab *next = s->next;

		free(s);
		s = next;
	}
	htab_done(&t->tab);
	htab_done(&t->ifs);
	memset(t, 0, sizeof(*t));
}

/* Sending. */

static void neigh_record(const struct neigh_table *t, struct neigh *n, const struct mac *lladdr)
{
	ASSERT(lladdr != NULL);
	memcpy(n->hdr + ETH_DST_OFF, lladdr->b, ETH_MAC_OCTETS);
	memcpy(n->hdr + ETH_SRC_OFF, n->nif->lif->mac.b, ETH_MAC_OCTETS);
	put_be16(n->hdr + ETH_TYPE_OFF,
		 ip6_is_v4mapped(&n->addr) ? ETH_TYPE_IP4 : t->conf.ethertype);
}

void neigh_if_new_mac(struct neigh_table *t, struct link_if *lif)
{
	for (struct neigh *n = neigh_iter(t, NULL); n != NULL; n = neigh_iter(t, n))
		if (n->nif->lif == lif)
			memcpy(n->hdr + ETH_SRC_OFF, lif->mac.b, ETH_MAC_OCTETS);
}

/* RFC 4861 section 7.2.2: a small queue; the new arrival SHOULD replace the oldest. */
static void neigh_wait(struct neigh_table *t, struct neigh *n, struct pkt *pkt)
{
	if (n->waiting.n >= t->conf.queue_pkts ||
	    (t->n_waiting >= t->conf.queue_total && n->waiting.n > 0)) {
		env_drop(t->env, pktq_get(&n->waiting), DROP_NEIGH_QUEUE_FULL);
		t->n_waiting--;
	}
	pktq_put(&n->waiting, pkt);
	t->n_waiting++;
}

bool neigh_output_slow(struct neigh_table *t, struct neigh *n, struct pkt *pkt)
{
	enum nud_state old = n->nud.state;
	enum nud_do what = nud_on_send(&n->nud, &n->nif->nud, t->env->now);
	bool now = nud_has_lladdr(&n->nud);

	ASSERT(n->in_tab);
	if (now)
		neigh_transmit(t, n, pkt);
	else
		neigh_wait(t, n, pkt);
	neigh_settle(t, n, old, what);
	if (n->nud.state == NUD_UNREACHABLE) { /* in use, so not the next to be evicted */
		list_del(&n->on_age);
		list_add_tail(&t->idle, &n->on_age);
	}
	return now;
}

void neigh_ask(struct neigh_table *t, struct neigh *n)
{
	enum nud_state old = n->nud.state;

	neigh_settle(t, n, old, nud_on_ask(&n->nud, &n->nif->nud, t->env->now));
}

bool neigh_send(struct neigh_table *t, struct link_if *lif, const struct ip6_addr *addr,
		struct pkt *pkt)
{
	struct neigh *n = neigh_get(t, lif, addr);

	if (n != NULL)
		return neigh_output(t, n, pkt);
	env_drop(t->env, pkt, DROP_NEIGH_TABLE_FULL);
	return false;
}

/* What is to be done. */

struct neigh *neigh_todo(struct neigh_table *t, enum nud_do *what)
{
	struct neigh *n;

	if (t->gone != NULL)
		neigh_free(t, t->gone);
	if (list_is_empty(&t->todo))
		return NULL;
	n = LIST_ENTRY(t->todo.next, struct neigh, on_todo);
	list_del(&n->on_todo);
	*what = (enum nud_do)n->todo;
	if (*what == NUD_DO_UNREACH)
		t->gone = n;
	return n;
}

void neigh_take_waiting(struct neigh_table *t, struct neigh *n, struct pktq *q)
{
	struct pkt *pkt;

	t->n_waiting -= n->waiting.n;
	while ((pkt = pktq_get(&n->waiting)) != NULL)
		pktq_put(q, pkt);
}

void neigh_timer(struct neigh_table *t, struct timer *timer, time_ns now)
{
	struct neigh *n = CONTAINER_OF(timer, struct neigh, timer);
	enum nud_state old = n->nud.state;
	enum nud_do what;

	if (n->nud.deadline == TIME_NEVER) { /* idle for gc_idle */
		neigh_free(t, n);
		return;
	}
	what = nud_on_timer(&n->nud, &n->nif->nud, now);
	if (n->nud.state == NUD_FREE) /* a packet from now on starts afresh */
		neigh_unlink(t, n);
	neigh_settle(t, n, old, what);
	if (n->nud.state == NUD_FREE && what == NUD_DO_NOTHING)
		neigh_free(t, n);
}

/* What neighbours and others say. */

static enum nud_lladdr neigh_compare(const struct neigh *n, const struct mac *lladdr)
{
	struct mac have = neigh_mac(n);

	if (lladdr == NULL)
		return NUD_LLADDR_NONE;
	return nud_has_lladdr(&n->nud) && mac_eq(&have, lladdr) ? NUD_LLADDR_SAME : NUD_LLADDR_NEW;
}

/* Return: whether a router became a host. */
static bool neigh_set_router(struct neigh *n, bool is_router)
{
	bool gone = n->is_router && !is_router;

	n->is_router = is_router;
	return gone;
}

struct neigh_news neigh_advert(struct neigh_table *t, struct link_if *lif,
			       const struct ip6_addr *addr, const struct mac *lladdr,
			       unsigned flags)
{
	struct neigh *n = neigh_find(t, lif, addr);
	struct neigh_news news = { .why = DROP_ND_NO_ENTRY, .n = n };
	enum nud_state old;
	unsigned take;

	if (n == NULL || n->nud.state == NUD_FREE)
		return news;
	old = n->nud.state;
	take = nud_on_advert(&n->nud, &n->nif->nud, t->env->now, neigh_compare(n, lladdr), flags);
	if ((take & NUD_TAKE_LLADDR) != 0)
		neigh_record(t, n, lladdr);
	if ((take & NUD_TAKE_ROUTER) != 0)
		news.router_gone = neigh_set_router(n, (flags & NUD_NA_ROUTER) != 0);
	neigh_settle_lladdr(t, n, old, (take & NUD_TAKE_LLADDR) != 0);
	news.why = nud_has_lladdr(&n->nud) ? DROP_NONE : DROP_ND_NO_LLADDR;
	return news;
}

struct neigh_news neigh_hint(struct neigh_table *t, struct link_if *lif,
			     const struct ip6_addr *addr, const struct mac *lladdr,
			     enum neigh_role role)
{
	struct neigh *n = neigh_find(t, lif, addr);
	struct neigh_news news = { .why = DROP_NONE, .n = n };
	enum nud_state old;
	bool fresh;

	if (n == NULL && lladdr != NULL) {
		news.n = n = neigh_new(t, lif, addr, false);
		if (n == NULL)
			news.why = DROP_NEIGH_TABLE_FULL;
	}
	if (n == NULL)
		return news;
	if (role != NEIGH_ROLE_UNKNOWN)
		news.router_gone = neigh_set_router(n, role == NEIGH_ROLE_ROUTER);
	if (lladdr == NULL)
		return news;
	old = n->nud.state;
	fresh = nud_on_hint(&n->nud, neigh_compare(n, lladdr));
	if (fresh)
		neigh_record(t, n, lladdr);
	neigh_settle_lladdr(t, n, old, fresh);
	return news;
}

void neigh_confirm(struct neigh_table *t, struct neigh *n)
{
	enum nud_state old = n->nud.state;

	nud_on_confirm(&n->nud, &n->nif->nud, t->env->now);
	neigh_settle(t, n, old, NUD_DO_NOTHING);
}

struct neigh *neigh_set(struct neigh_table *t, struct link_if *lif, const struct ip6_addr *addr,
			const struct mac *lladdr)
{
	struct neigh *n = neigh_find(t, lif, addr);
	enum nud_state old;

	if (n == NULL)
		n = neigh_new(t, lif, addr, false);
	if (n == NULL)
		return NULL;
	old = n->nud.state;
	nud_set_permanent(&n->nud);
	neigh_record(t, n, lladdr);
	neigh_settle_lladdr(t, n, old, true);
	return n;
}

void neigh_del(struct neigh_table *t, struct neigh *n)
{
	neigh_free(t, n);
}
