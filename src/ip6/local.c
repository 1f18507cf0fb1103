/* SPDX-License-Identifier: BSD-3-Clause */
/* The node's own addresses and groups: entry, change of state, removal, choice of a source. */
#include <stdlib.h>

#include "ip6/ip6.h"

#define PREFIX_METRIC 256 /* of the route that comes with an address, as on Linux */
#define CANDS_MAX     256

/* The zone of an address for lookups: only link-local ones have one. */
static uint64_t addr_zone(const struct ip6_addr *addr, uint32_t ifindex)
{
	return ip6_is_linklocal(addr) ? ifindex : 0;
}

struct if_addr *ip6_local(const struct ip6 *ip6, const struct ip6_addr *addr, uint32_t ifindex)
{
	struct ip6_addr self;
	uint32_t hash;

	if (UNLIKELY(mapped_is_loopback(addr))) { /* all of it: RFC 1122 section 3.2.1.3 */
		self = MAPPED_LOOPBACK;
		addr = &self;
	}
	hash = hash_addr(&ip6->env->key, addr, 0);
	for (struct hnode *n = htab_first(&ip6->local, hash); n != NULL; n = htab_next(n)) {
		struct if_addr *a = CONTAINER_OF(n, struct if_addr, node);

		if (!ip6_eq(&a->addr, addr))
			continue;
		if (ifindex == 0 || addr_zone(addr, ifindex) == addr_zone(addr, if_index(a->ifc)))
			return a;
	}
	return NULL;
}

static struct list *list_of(const struct if_addr *a)
{
	return ip6_is_v4mapped(&a->addr) ? &a->ifc->addrs4 : &a->ifc->addrs;
}

/* The route to the prefix of an address that the user gave; RAs bring their own (RFC 5942). */
static void prefix_route(struct ip6 *ip6, const struct if_addr *a, bool add)
{
	struct route r = { .table = FIB_TABLE_MAIN,
			   .dst = ip6_prefix(&a->addr, a->prefix_len),
			   .dst_len = a->prefix_len,
			   .via = { .ifindex = if_index(a->ifc),
				    .metric = ip6_is_v4mapped(&a->addr) ? 0 : PREFIX_METRIC,
				    .proto = ROUTE_PROTO_KERNEL },
			   .expires = TIME_NEVER };

	if (a->origin != ADDR_STATIC || a->prefix_len == IP6_ADDR_BITS || a->ifc->loopback ||
	    a->no_route)
		return;
	if (add && !a->ifc->link.up)
		return; /* nd_if_up() has ip6_addr_routes() make up for it */
	if (add) {
		/* a full table costs the route, not the address */
		(void)fib_add(ip6_fib_of(ip6, &r.dst), &r);
		return;
	}
	LIST_FOR_EACH(it, list_of(a)) {
		const struct if_addr *o = LIST_ENTRY(it, struct if_addr, on);

		if (o != a && o->origin == ADDR_STATIC && !o->no_route &&
		    o->prefix_len == a->prefix_len &&
		    ip6_in_prefix(&o->addr, &a->addr, a->prefix_len))
			return;
	}
	(void)fib_del(ip6_fib_of(ip6, &r.dst), &r);
}

void ip6_addr_routes(struct ip6 *ip6, struct iface *ifc)
{
	LIST_FOR_EACH(it, &ifc->addrs)
		prefix_route(ip6, LIST_ENTRY(it, struct if_addr, on), true);
	LIST_FOR_EACH(it, &ifc->addrs4)
		prefix_route(ip6, LIST_ENTRY(it, struct if_addr, on), true);
}

int ip6_addr_add(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *addr,
		 unsigned prefix_len, enum addr_origin origin, struct if_addr **ret)
{
	const struct ip6_addr_opts opts = { .preferred_until = TIME_NEVER,
					    .valid_until = TIME_NEVER };

	return ip6_addr_add_opts(ip6, ifc, addr, prefix_len, origin, &opts, ret);
}

int ip6_addr_add_opts(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *addr,
		      unsigned prefix_len, enum addr_origin origin,
		      const struct ip6_addr_opts *opts, struct if_addr **ret)
{
	struct if_addr *a;

	if (addr_is_mcast(addr) || addr_is_any(addr) || prefix_len > IP6_ADDR_BITS ||
	    (ip6_is_v4mapped(addr) && prefix_len < IP4_MAPPED_BITS) ||
	    ((ip6_is_loopback(addr) || mapped_is_loopback(addr)) && !ifc->loopback))
		return -EINVAL;
	if (if_addr_find(ifc, addr) != NULL)
		return -EEXIST;
	if (ifc->n_addrs >= IF_ADDRS_MAX)
		return -ENOSPC;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return -ENOMEM;
	*a = (struct if_addr){ .ifc = ifc,
			       .addr = *addr,
			       .prefix_len = (uint8_t)prefix_len,
			       .state = ADDR_TENTATIVE,
			       .origin = (uint8_t)origin,
			       .no_dad = opts->no_dad || origin == ADDR_ANYCAST,
			       .no_route = opts->no_route,
			       .home = opts->home,
			       .wants_optimistic = opts->optimistic,
			       .created = ip6->env->now,
			       .updated = ip6->env->now,
			       .preferred_until = opts->preferred_until,
			       .valid_until = opts->valid_until };
	timer_init(&a->announce, ip6_is_v4mapped(addr) ? TIMER_IP4_ANNOUNCE : TIMER_ND_ANNOUNCE);
	timer_init(&a->dad, TIMER_DAD);
	timer_init(&a->life, TIMER_ADDR);
	if (htab_add(&ip6->local, &a->node, hash_addr(&ip6->env->key, addr, 0)) < 0) {
		free(a);
		return -ENOMEM;
	}
	list_add_tail(list_of(a), &a->on);
	ifc->n_addrs++;
	timer_set(&ip6->env->timers, &a->life, MIN(a->preferred_until, a->valid_until));
	prefix_route(ip6, a, true);
	env_event(ip6->env, EVENT_ADDR_TENTATIVE, if_index(ifc), addr, prefix_len);
	if (origin != ADDR_SLAAC && origin != ADDR_TEMPORARY) /* whose lifetimes come next */
		env_news(ip6->env, NEWS_ADDR, a);
	*ret = a;
	return 0;
}

void ip6_addr_enter(struct ip6 *ip6, struct if_addr *a, enum addr_state state)
{
	static const uint8_t from[] = {
		/* states that may precede, as bits */
		[ADDR_TENTATIVE] = 1 << ADDR_PREFERRED | 1 << ADDR_DEPRECATED |
				   1 << ADDR_OPTIMISTIC | 1 << ADDR_DUPLICATE,
		[ADDR_OPTIMISTIC] = 1 << ADDR_TENTATIVE,
		[ADDR_PREFERRED] = 1 << ADDR_TENTATIVE | 1 << ADDR_OPTIMISTIC |
				   1 << ADDR_DEPRECATED,
		[ADDR_DEPRECATED] = 1 << ADDR_TENTATIVE | 1 << ADDR_OPTIMISTIC |
				    1 << ADDR_PREFERRED,
		[ADDR_DUPLICATE] = 1 << ADDR_TENTATIVE | 1 << ADDR_OPTIMISTIC,
	};
	static const enum event events[] = {
		[ADDR_TENTATIVE] = EVENT_ADDR_TENTATIVE, [ADDR_OPTIMISTIC] = EVENT_ADDR_OPTIMISTIC,
		[ADDR_PREFERRED] = EVENT_ADDR_PREFERRED, [ADDR_DEPRECATED] = EVENT_ADDR_DEPRECATED,
		[ADDR_DUPLICATE] = EVENT_ADDR_DUPLICATE,
	};

	bool was_optimistic = a->state == ADDR_OPTIMISTIC;
	bool was = if_addr_is_assigned(a);

	if (a->state == state)
		return;
	ASSERT((from[state] & 1 << a->state) != 0);
	a->state = (uint8_t)state;
	ip6->n_optimistic += state == ADDR_OPTIMISTIC;
	ip6->n_optimistic -= was_optimistic;
	env_event(ip6->env, events[state], if_index(a->ifc), &a->addr, a->prefix_len);
	if (was_optimistic)
		ip6_optimistic_go(ip6, a);
	if (was != if_addr_is_assigned(a))
		env_news(ip6->env, was ? NEWS_ADDR_END : NEWS_ADDR_BEGIN, a);
	else
		env_news(ip6->env, NEWS_ADDR, a);
}

void ip6_addr_lifetime(struct ip6 *ip6, struct if_addr *a, time_ns preferred_until,
		       time_ns valid_until)
{
	bool preferred = preferred_until > ip6->env->now;
	bool same = a->preferred_until == preferred_until && a->valid_until == valid_until;
	uint8_t state = a->state;

	a->preferred_until = preferred_until;
	a->valid_until = valid_until;
	a->updated = ip6->env->now;
	if (preferred && a->state == ADDR_DEPRECATED)
		ip6_addr_enter(ip6, a, ADDR_PREFERRED);
	if (!preferred && a->state == ADDR_PREFERRED)
		ip6_addr_enter(ip6, a, ADDR_DEPRECATED);
	timer_set(&ip6->env->timers, &a->life,
		  preferred ? MIN(preferred_until, valid_until) : valid_until);
	if (!same && a->state == state)
		env_news(ip6->env, NEWS_ADDR, a);
}

bool ip6_addr_timer(struct ip6 *ip6, struct if_addr *a)
{
	if (a->valid_until <= ip6->env->now)
		return true;
	if (a->preferred_until <= ip6->env->now && a->state == ADDR_PREFERRED)
		ip6_addr_enter(ip6, a, ADDR_DEPRECATED);
	timer_set(&ip6->env->timers, &a->life, a->valid_until);
	return false;
}

void ip6_addr_del(struct ip6 *ip6, struct if_addr *a)
{
	if (a->state == ADDR_OPTIMISTIC)
		ip6_addr_enter(ip6, a, ADDR_TENTATIVE);
	env_event(ip6->env, EVENT_ADDR_GONE, if_index(a->ifc), &a->addr, a->prefix_len);
	env_news(ip6->env, NEWS_ADDR_GONE, a);
	prefix_route(ip6, a, false);
	timer_cancel(&ip6->env->timers, &a->announce);
	timer_cancel(&ip6->env->timers, &a->dad);
	timer_cancel(&ip6->env->timers, &a->life);
	htab_del(&ip6->local, &a->node);
	list_del(&a->on);
	a->ifc->n_addrs--;
	free(a);
}

int ip6_group_join(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *group,
		   struct if_group **ret)
{
	struct if_group *g = if_group_find(ifc, group);
	int rc = 0;

	if (!addr_is_mcast(group))
		return -EINVAL;
	if (g == NULL) {
		if (ifc->n_groups >= IF_GROUPS_MAX)
			return -ENOSPC;
		g = calloc(1, sizeof(*g));
		if (g == NULL)
			return -ENOMEM;
		g->ifc = ifc;
		g->addr = *group;
		timer_init(&g->timer, TIMER_MLD_GROUP);
		list_add_tail(ip6_is_v4mapped(group) ? &ifc->groups4 : &ifc->groups, &g->on);
		ifc->n_groups++;
		env_event(ip6->env, EVENT_GROUP_JOINED, if_index(ifc), group, 0);
		rc = 1;
	}
	g->refs++;
	if (ret != NULL)
		*ret = g;
	return rc;
}

bool ip6_group_leave(struct ip6 *ip6, struct if_group *g)
{
	ASSERT(g->refs > 0);
	if (--g->refs > 0)
		return false;
	env_event(ip6->env, EVENT_GROUP_LEFT, if_index(g->ifc), &g->addr, 0);
	timer_cancel(&ip6->env->timers, &g->timer);
	list_del(&g->on);
	g->ifc->n_groups--;
	free(g);
	return true;
}

/*
 * RFC 6724 section 4: any address of the node, but to link-local and multicast destinations, and
 * for whoever asks with @only_out, those of the outgoing link; and link-local ones of no other.
 */
static unsigned candidates(const struct ip6 *ip6, const struct iface *out,
			   const struct ip6_addr *next_hop, bool only_out, struct src_cand *cand)
{
	time_ns now = ip6->env->now;
	unsigned n = 0;

	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6->ifs[i];

		if (ifc == NULL || ifc->loopback)
			continue;
		LIST_FOR_EACH(it, &ifc->addrs) {
			const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

			if (n == CANDS_MAX || !if_addr_is_assigned(a) || a->origin == ADDR_ANYCAST)
				continue;
			if ((only_out || ip6_is_linklocal(&a->addr)) && ifc != out)
				continue;
			cand[n++] = (struct src_cand){ .addr = a->addr,
						       .ifindex = if_index(ifc),
						       .prefix_len = a->prefix_len,
						       .deprecated = a->state == ADDR_DEPRECATED,
						       .optimistic = a->state == ADDR_OPTIMISTIC,
						       .temporary = a->origin == ADDR_TEMPORARY,
						       .home = a->home,
						       .from_next_hop = hop_serves(
							       &ip6->hops, if_index(out), next_hop,
							       &a->addr, now) };
		}
	}
	return n;
}

static int pick(const struct ip6 *ip6, const struct ip6_addr *dst, const struct iface *out,
		const struct ip6_addr *next_hop, bool only_out, uint32_t prefer,
		struct ip6_addr *ret)
{
	struct src_query q = { .dst = *dst, .ifindex = if_index(out), .prefer = prefer };
	struct src_cand cand[CANDS_MAX];
	const struct src_cand *best;

	if (ip6_is_v4mapped(dst))
		return mapped_source(ip6, out, next_hop, ret);
	best = ip6_pick_source(&ip6->policy, &q, cand,
			       candidates(ip6, out, next_hop, only_out, cand));
	if (best == NULL)
		return -EADDRNOTAVAIL;
	*ret = best->addr;
	return 0;
}

/* What the route says, while the node has it; RFC 6724 section 1 leaves such choices to who configures. */
static bool source_of_route(struct ip6 *ip6, const struct ip6_addr *dst, uint32_t oif,
			    struct ip6_addr *ret)
{
	struct fib_key key = { .dst = *dst, .oif = oif };
	const struct via *via = NULL;
	const struct if_addr *a;

	if (ip6_is_mcast(dst) || ip6_is_linklocal(dst) ||
	    hop_lookup(ip6, &key, false, &via) != ROUTE_UNICAST || ip6_is_unspec(&via->prefsrc))
		return false;
	a = ip6_local(ip6, &via->prefsrc, 0);
	if (a == NULL || !if_addr_is_assigned(a) || a->origin == ADDR_ANYCAST)
		return false;
	*ret = via->prefsrc;
	return true;
}

int ip6_source_prefer(struct ip6 *ip6, const struct ip6_addr *dst, uint32_t oif, uint32_t prefer,
		      struct ip6_addr *ret)
{
	const struct if_addr *self = ip6_is_mcast(dst) ? NULL : ip6_local(ip6, dst, oif);
	struct ip6_addr next_hop;
	struct iface *out;
	uint32_t mtu;
	int rc;

	if (self != NULL && if_addr_is_assigned(self)) {
		*ret = *dst;
		return 0;
	}
	rc = ip6_first_hop(ip6, dst, &IP6_UNSPEC, oif, &out, &next_hop, &mtu);
	if (rc < 0)
		return rc;
	if (fib_has_prefsrc(ip6_fib_of(ip6, dst)) && source_of_route(ip6, dst, oif, ret))
		return 0;
	return pick(ip6, dst, out, &next_hop, ip6_is_mcast(dst) || ip6_is_linklocal(dst), prefer,
		    ret);
}

int ip6_source(struct ip6 *ip6, const struct ip6_addr *dst, uint32_t oif, struct ip6_addr *ret)
{
	return ip6_source_prefer(ip6, dst, oif, 0, ret);
}

int ip6_source_of(const struct ip6 *ip6, const struct ip6_addr *dst, const struct iface *ifc,
		  struct ip6_addr *ret)
{
	return ifc == NULL ? -EADDRNOTAVAIL : pick(ip6, dst, ifc, dst, true, 0, ret);
}
