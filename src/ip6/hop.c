/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. The routes of the longest prefix are a set of choices. Of those that may
 * work the best is taken: metric, preference, known to work, and among equals the one with the
 * highest digest of destination and router, so that a router that comes or goes moves only its own
 * share. If a set was learned from routers and none of its routers works, the next shorter prefix
 * is asked (RFC 4191 section 3.2); a set that somebody configured is the last word, as in a
 * router. When no router works at all, those of the longest prefix are asked in turn.
 *
 * A source that some router advertised a prefix for asks twice: first only for routers that did
 * (RFC 8028 section 3.2), then for any.
 */
#include "ip6/hop.h"

#include "ip6/ip6.h"

void hop_prefix_set(struct hops *h, uint32_t ifindex, const struct ip6_addr *router,
		    const struct ip6_addr *prefix, uint8_t len, time_ns until, time_ns now)
{
	struct hop_prefix fresh = { ip6_prefix(prefix, len), *router, ifindex, len, until };
	uint32_t n = 0;

	for (uint32_t i = 0; i < h->n; i++) {
		const struct hop_prefix *p = &h->prefix[i];

		if (p->until > now &&
		    (p->ifindex != ifindex || p->len != len || !ip6_eq(&p->router, router) ||
		     !ip6_eq(&p->prefix, &fresh.prefix)))
			h->prefix[n++] = *p;
	}
	if (until > now && n < HOP_PREFIXES_MAX)
		h->prefix[n++] = fresh;
	h->n = n;
}

void hop_forget(struct hops *h, uint32_t ifindex)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < h->n; i++)
		if (h->prefix[i].ifindex != ifindex)
			h->prefix[n++] = h->prefix[i];
	h->n = n;
	n = 0;
	for (uint32_t i = 0; i < h->n_failed; i++)
		if (h->failed[i].ifindex != ifindex)
			h->failed[n++] = h->failed[i];
	h->n_failed = n;
}

static struct hop_failed *failed_find(struct hops *h, uint32_t ifindex,
				      const struct ip6_addr *router)
{
	for (uint32_t i = 0; i < h->n_failed; i++)
		if (h->failed[i].ifindex == ifindex && ip6_eq(&h->failed[i].router, router))
			return &h->failed[i];
	return NULL;
}

void hop_failed(struct hops *h, uint32_t ifindex, const struct ip6_addr *router, time_ns now)
{
	struct hop_failed *f = failed_find(h, ifindex, router);

	if (f == NULL && h->n_failed == HOP_FAILED_MAX) {
		memmove(&h->failed[0], &h->failed[1], (HOP_FAILED_MAX - 1) * sizeof(*f));
		h->n_failed--;
	}
	if (f == NULL)
		f = &h->failed[h->n_failed++];
	*f = (struct hop_failed){ *router, ifindex, time_after(now, NUD_ASK_INTERVAL) };
}

/* @router NULL: did any? */
static bool serves(const struct hops *h, uint32_t ifindex, const struct ip6_addr *router,
		   const struct ip6_addr *src, time_ns now)
{
	for (uint32_t i = 0; i < h->n; i++) {
		const struct hop_prefix *p = &h->prefix[i];

		if (p->until > now && ip6_in_prefix(src, &p->prefix, p->len) &&
		    (router == NULL || (p->ifindex == ifindex && ip6_eq(&p->router, router))))
			return true;
	}
	return false;
}

bool hop_serves(const struct hops *h, uint32_t ifindex, const struct ip6_addr *router,
		const struct ip6_addr *src, time_ns now)
{
	return serves(h, ifindex, router, src, now);
}

/* How a router looks (RFC 4861 section 6.3.6, RFC 4191 section 3.2). */
enum hop_grade {
	HOP_REACHABLE, /* known to be, or probably */
	HOP_UNKNOWN,   /* nothing known: assumed to be */
	HOP_SUSPECT,   /* does not answer, was not found, or its interface is down */
};

static enum hop_grade hop_grade(struct ip6 *ip6, const struct via *via)
{
	const struct iface *ifc = ip6_if(ip6, via->ifindex);
	const struct neigh *n;

	if (ifc == NULL || !if_is_usable(ifc))
		return HOP_SUSPECT;
	if (ip6_is_unspec(&via->gateway))
		return HOP_REACHABLE;
	n = neigh_find(&ip6->neigh, &ifc->link, &via->gateway);
	if (n == NULL && failed_find(&ip6->hops, via->ifindex, &via->gateway) != NULL)
		return HOP_SUSPECT;
	if (n == NULL)
		return HOP_UNKNOWN;
	switch ((enum nud_state)n->nud.state) {
	case NUD_REACHABLE:
	case NUD_STALE:
	case NUD_DELAY:
	case NUD_PROBE:
	case NUD_PERMANENT:
		return HOP_REACHABLE;
	case NUD_INCOMPLETE:
	case NUD_UNREACHABLE:
		return HOP_SUSPECT;
	case NUD_FREE:
	case NUD_NUM_STATES:
		break;
	}
	return HOP_UNKNOWN;
}

/* Would @a be chosen rather than @b, were both known to work? */
static bool is_better(const struct via *a, const struct via *b)
{
	return a->metric < b->metric || (a->metric == b->metric && a->pref > b->pref);
}

/* RFC 4311 section 2, RFC 2991 section 3: highest random weight, keyed so that nobody can aim. */
static uint64_t weight(const struct ip6 *ip6, const struct ip6_addr *dst, const struct via *v)
{
	struct {
		struct ip6_addr dst, gateway;
		uint32_t ifindex;
	} what = { *dst, v->gateway, v->ifindex };

	return siphash(&ip6->env->key, &what, sizeof(what));
}

struct wanted {
	const struct fib_key *key;
	bool serving; /* only routers that advertised a prefix for key->src */
};

static bool is_wanted(const struct ip6 *ip6, const struct wanted *w, const struct via *v)
{
	return !w->serving ||
	       serves(&ip6->hops, v->ifindex, &v->gateway, &w->key->src, ip6->env->now);
}

/* The best of those that may work, or NULL. */
static const struct via *working(struct ip6 *ip6, const struct fib_choices *c,
				 const struct wanted *w)
{
	const struct via *best = NULL;
	enum hop_grade best_grade = HOP_SUSPECT;

	for (unsigned i = 0; i < c->n; i++) {
		const struct via *v = c->via[i];
		enum hop_grade g = hop_grade(ip6, v);

		if (g == HOP_SUSPECT || !is_wanted(ip6, w, v))
			continue;
		if (best != NULL && !is_better(v, best) &&
		    (is_better(best, v) || g > best_grade ||
		     (g == best_grade &&
		      weight(ip6, &w->key->dst, v) <= weight(ip6, &w->key->dst, best))))
			continue;
		best = v;
		best_grade = g;
	}
	return best;
}

/* Of a router that was not found: is it time to seek it again? */
static bool is_sought(struct ip6 *ip6, const struct via *v)
{
	struct hop_failed *f = failed_find(&ip6->hops, v->ifindex, &v->gateway);

	return f != NULL && f->ask_at <= ip6->env->now;
}

/* RFC 4191 section 3.5: who would have been used, did it work, is asked if it does. */
static void probe(struct ip6 *ip6, const struct fib_choices *c, const struct via *used)
{
	for (unsigned i = 0; i < c->n; i++) {
		const struct via *v = c->via[i];
		struct iface *ifc = ip6_if(ip6, v->ifindex);
		struct neigh *n;

		if (v == used || ifc == NULL || !ifc->link.up || ip6_is_unspec(&v->gateway) ||
		    hop_grade(ip6, v) != HOP_SUSPECT || (used != NULL && is_better(used, v)))
			continue;
		n = neigh_find(&ip6->neigh, &ifc->link, &v->gateway);
		if (n == NULL && is_sought(ip6, v))
			n = neigh_get(&ip6->neigh, &ifc->link, &v->gateway);
		if (n != NULL)
			neigh_ask(&ip6->neigh, n);
	}
}

static bool is_learned(const struct fib_choices *c)
{
	ASSERT(c->via[0] != NULL); /* there is a route */
	return c->via[0]->proto == ROUTE_PROTO_RA && !ip6_is_unspec(&c->via[0]->gateway);
}

/* From the longest prefix to the shortest, as long as nobody who is wanted works. */
static const struct via *search(struct ip6 *ip6, const struct fib_choices *first,
				const struct wanted *w, bool sending)
{
	struct fib_key key = *w->key;
	struct fib_choices c = *first;
	const struct via *v;

	while ((v = working(ip6, &c, w)) == NULL) {
		if (sending && !w->serving)
			probe(ip6, &c, NULL);
		key.shorter_than = c.dst_len;
		if (!is_learned(&c) || c.dst_len == 0 ||
		    fib_lookup(ip6_fib_of(ip6, &key.dst), &key, &c) != ROUTE_UNICAST)
			return NULL;
	}
	if (sending)
		probe(ip6, &c, v);
	return v;
}

static const struct via *choose(struct ip6 *ip6, const struct fib_key *key,
				const struct fib_choices *c, bool sending)
{
	struct wanted w = { .key = key };
	const struct via *v = NULL;

	if (is_learned(c) && ip6->hops.n > 0 && !ip6_is_unspec(&key->src) &&
	    serves(&ip6->hops, 0, NULL, &key->src, ip6->env->now)) {
		w.serving = true;
		v = search(ip6, c, &w, sending);
		w.serving = false;
	}
	if (v == NULL)
		v = search(ip6, c, &w, sending);
	if (v == NULL) { /* RFC 4861 section 6.3.6: round robin, so that each is probed */
		v = c->via[ip6->hops.turn % c->n];
		ip6->hops.turn += sending;
	}
	return v;
}

enum route_type hop_lookup(struct ip6 *ip6, const struct fib_key *key, bool sending,
			   const struct via **via)
{
	struct fib_choices c;
	enum route_type type = fib_lookup(ip6_fib_of(ip6, &key->dst), key, &c);

	if (type != ROUTE_UNICAST)
		return type;
	/* nothing to choose: as configured, or the destination is on the link */
	*via = c.n == 1 && !is_learned(&c) ? c.via[0] : choose(ip6, key, &c, sending);
	return type;
}
