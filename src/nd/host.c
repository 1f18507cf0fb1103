/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a host learns from routers: RFC 4861 section 6.3, RFC 4862 section 5.5, RFC 4191, and how
 * it asks for them: RFC 7559.
 *
 * Default routers are a list here, with lifetimes, and each is a route to ::/0 as well, where the
 * choice among them is made (ip6/output). On-link prefixes and more-specific routes are routes
 * with a lifetime and nothing else.
 */
#include <stdlib.h>

#include "nd/part.h"

#define RA_METRIC     1024 /* as on Linux */
#define PREFIX_METRIC 256
#define SLAAC_LEN     64 /* 128 minus the interface identifier of RFC 2464 */

/*
 * Soliciting. RFC 7559 section 2: it goes on, ever more slowly, until a router answers.
 */
static bool solicits(const struct iface *ifc)
{
	return ifc->conf.accept_ra && ifc->conf.max_rtr_solicitations != 0;
}

void host_start(struct nd *nd, struct iface *ifc, bool delayed)
{
	struct env *env = nd->ip6->env;
	struct nd_if *ni = nd_if(ifc);
	time_ns wait = 0;

	if (!solicits(ifc))
		return;
	if (ni->dna.soliciting) { /* it has begun */
		ni->dna.soliciting = false;
		return;
	}
	/* RFC 4861 section 6.3.7: one random delay is enough, and DAD may have had it */
	if (!delayed)
		wait = rng_below(&env->rng, ND_MAX_RTR_SOLICITATION_DELAY);
	ni->rs_sent = 0;
	timer_set(&env->timers, &ni->rs, time_after(env->now, wait));
}

/* RFC 6059 section 5.5.1: SHOULD immediately. */
bool host_start_now(struct nd *nd, struct iface *ifc)
{
	struct nd_if *ni = nd_if(ifc);

	if (!solicits(ifc))
		return false;
	ni->rs_sent = 0;
	host_rs_timer(nd, ni);
	return true;
}

void host_rs_timer(struct nd *nd, struct nd_if *ni)
{
	struct env *env = nd->ip6->env;
	time_ns base = ni->ifc->conf.rtr_solicitation_interval;

	nd_send_rs(nd, ni->ifc);
	if (ni->n_routers > 0) { /* RFC 7559 section 2.1: found before we asked; once will do */
		ni->rs_sent++;
		return;
	}
	/* RFC 3315 section 14: RAND is between -0.1 and +0.1 */
	if (ni->rs_sent++ == 0)
		ni->rs_interval = env_jitter(env, base, 90, 110);
	else
		ni->rs_interval = env_jitter(env, ni->rs_interval, 190, 210);
	if (ni->rs_interval > ND_RS_INTERVAL_MAX)
		ni->rs_interval = env_jitter(env, ND_RS_INTERVAL_MAX, 90, 110);
	if (ni->ifc->conf.max_rtr_solicitations == IF_RS_FOREVER ||
	    ni->rs_sent < ni->ifc->conf.max_rtr_solicitations)
		timer_set(&env->timers, &ni->rs, time_after(env->now, ni->rs_interval));
}

static time_ns lifetime(time_ns now, uint32_t seconds)
{
	return time_after(now, nd_lifetime(seconds));
}

/*
 * Default routers.
 */
static struct route default_route(const struct nd_router *r)
{
	return (struct route){ .table = FIB_TABLE_MAIN,
			       .via = { .gateway = r->addr,
					.ifindex = if_index(r->ifc),
					.metric = RA_METRIC,
					.proto = ROUTE_PROTO_RA,
					.pref = (int8_t)r->pref },
			       .expires = TIME_NEVER };
}

static struct nd_router *router_find(const struct nd_if *ni, const struct ip6_addr *addr)
{
	LIST_FOR_EACH(it, &ni->routers) {
		struct nd_router *r = LIST_ENTRY(it, struct nd_router, on);

		if (ip6_eq(&r->addr, addr))
			return r;
	}
	return NULL;
}

static void router_del(struct nd *nd, struct nd_router *r)
{
	struct nd_if *ni = nd_if(r->ifc);
	struct route route = default_route(r);

	(void)fib_del(nd->ip6->fib, &route);
	timer_cancel(&nd->ip6->env->timers, &r->timer);
	list_del(&r->on);
	ni->n_routers--;
	path_forget_gateway(&nd->ip6->path, &r->addr, if_index(r->ifc));
	env_event(nd->ip6->env, EVENT_ROUTER_GONE, if_index(r->ifc), &r->addr, 0);
	free(r);
}

void host_router_gone(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr)
{
	struct nd_router *r = router_find(nd_if(ifc), addr);

	if (r != NULL)
		router_del(nd, r);
}

static bool is_gateway(const struct nd_if *ni, const struct ip6_addr *addr, time_ns now)
{
	for (unsigned i = 0; i < ND_LEARNED_MAX; i++)
		if (ni->learned[i].until > now && ip6_eq(&ni->learned[i].gateway, addr))
			return true;
	return router_find(ni, addr) != NULL;
}

void host_router_unfound(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr)
{
	time_ns now = nd->ip6->env->now;

	if (is_gateway(nd_if(ifc), addr, now))
		hop_failed(&nd->ip6->hops, if_index(ifc), addr, now);
}

static struct nd_router *router_new(struct iface *ifc, const struct ip6_addr *addr)
{
	struct nd_if *ni = nd_if(ifc);
	struct nd_router *r;

	if (ni->n_routers >= ND_ROUTERS_MAX)
		return NULL;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->ifc = ifc;
	r->addr = *addr;
	timer_init(&r->timer, TIMER_ND_ROUTER);
	list_add_tail(&ni->routers, &r->on);
	ni->n_routers++;
	return r;
}

/* RFC 4861 section 6.3.4, first list; RFC 4191 section 2.2: preference goes with lifetime. */
static void take_router(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr,
			uint32_t lifetime_s, int8_t pref)
{
	struct nd_router *r = router_find(nd_if(ifc), addr);
	struct env *env = nd->ip6->env;
	struct route route;
	bool fresh = r == NULL;

	if (lifetime_s == 0) {
		if (r != NULL)
			router_del(nd, r);
		return;
	}
	if (fresh)
		r = router_new(ifc, addr);
	if (r == NULL)
		return;
	if (!fresh && (int)r->pref != pref) {
		route = default_route(r);
		(void)fib_del(nd->ip6->fib, &route);
		fresh = true;
	}
	r->pref = (enum route_pref)pref;
	r->until = lifetime(env->now, lifetime_s);
	timer_set(&env->timers, &r->timer, r->until);
	if (!fresh)
		return;
	route = default_route(r);
	(void)fib_add(nd->ip6->fib, &route);
	env_event(env, EVENT_ROUTER_NEW, if_index(ifc), addr, lifetime_s);
}

void host_router_timer(struct nd *nd, struct nd_router *r)
{
	router_del(nd, r);
}

/* The place of a route's key, or one that is free, or NULL: whoever advertises fills no table. */
static struct nd_learned *learned_get(struct nd_if *ni, const struct route *r, time_ns now)
{
	struct nd_learned *free_one = NULL;

	for (unsigned i = 0; i < ND_LEARNED_MAX; i++) {
		struct nd_learned *l = &ni->learned[i];

		if (l->until <= now)
			free_one = l;
		else if (l->len == r->dst_len && ip6_eq(&l->dst, &r->dst) &&
			 ip6_eq(&l->gateway, &r->via.gateway))
			return l;
	}
	return free_one;
}

static void take_route(struct nd *nd, struct iface *ifc, const struct route *r, uint32_t lifetime_s)
{
	struct nd_learned *l = learned_get(nd_if(ifc), r, nd->ip6->env->now);
	struct route route = *r;

	if (l == NULL)
		return;
	route.table = FIB_TABLE_MAIN;
	route.via.ifindex = if_index(ifc);
	route.via.proto = ROUTE_PROTO_RA;
	route.expires = time_after(nd->ip6->env->now, nd_lifetime(lifetime_s));
	if (lifetime_s == 0) {
		(void)fib_del(nd->ip6->fib, &route);
		l->until = 0;
	} else if (fib_add(nd->ip6->fib, &route) == 0) {
		*l = (struct nd_learned){ r->dst, r->via.gateway, r->dst_len, route.expires };
	}
}

/*
 * RFC 4862 section 5.5.3 (e): an address that is there gets the advertised lifetime, but nobody
 * can shorten what remains to less than two hours.
 */
static time_ns valid_until(const struct if_addr *a, time_ns now, time_ns advertised)
{
	time_ns left = a->valid_until > now ? a->valid_until - now : 0;
	time_ns want = advertised > now ? advertised - now : 0;

	if (want > ND_TWO_HOURS || want > left)
		return advertised;
	if (left <= ND_TWO_HOURS)
		return a->valid_until;
	return time_after(now, ND_TWO_HOURS);
}

static struct if_addr *slaac_find(struct iface *ifc, const struct nd_prefix *p, unsigned *n)
{
	struct if_addr *found = NULL;

	*n = 0;
	LIST_FOR_EACH(it, &ifc->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->origin != ADDR_SLAAC)
			continue;
		++*n;
		if (a->prefix_len == p->len && ip6_in_prefix(&a->addr, &p->prefix, p->len))
			found = a;
	}
	return found;
}

/* RFC 4862 section 5.5.3. */
static void autoconf(struct nd *nd, struct iface *ifc, const struct nd_prefix *p)
{
	time_ns now = nd->ip6->env->now;
	struct ip6_addr addr;
	struct if_addr *a;
	uint8_t counter = 0;
	unsigned n;

	if (!ifc->conf.autoconf || p->preferred_s > p->valid_s || ip6_is_linklocal(&p->prefix) ||
	    ip6_is_mcast(&p->prefix))
		return;
	a = slaac_find(ifc, p, &n);
	if (a != NULL) {
		ip6_addr_lifetime(nd->ip6, a, lifetime(now, p->preferred_s),
				  valid_until(a, now, lifetime(now, p->valid_s)));
		temp_prefix(nd, ifc, &p->prefix, a->preferred_until, a->valid_until);
		return;
	}
	if (p->valid_s == 0 || p->len != SLAAC_LEN || n >= ifc->conf.slaac_max)
		return;
	addr = iid_addr(nd, ifc, &p->prefix, &counter);
	if (if_addr_find(ifc, &addr) != NULL ||
	    nd_addr_add(nd, ifc, &addr, p->len, ADDR_SLAAC, false) < 0)
		return;
	a = if_addr_find(ifc, &addr);
	a->dad_counter = counter;
	ip6_addr_lifetime(nd->ip6, a, lifetime(now, p->preferred_s), lifetime(now, p->valid_s));
	temp_prefix(nd, ifc, &p->prefix, a->preferred_until, a->valid_until);
}

static void take_prefix(struct nd *nd, struct iface *ifc, const struct ip6_addr *router,
			const struct nd_prefix *p)
{
	time_ns now = nd->ip6->env->now;
	struct route on_link = { .dst = ip6_prefix(&p->prefix, p->len),
				 .dst_len = p->len,
				 .via = { .metric = PREFIX_METRIC } };

	/* RFC 8028 section 2.1: whatever the flags */
	hop_prefix_set(&nd->ip6->hops, if_index(ifc), router, &p->prefix, p->len,
		       lifetime(now, p->valid_s), now);
	/* section 6.3.4: the link-local prefix is on link without being told */
	if (p->on_link && !ip6_is_linklocal(&p->prefix) && !ip6_is_mcast(&p->prefix))
		take_route(nd, ifc, &on_link, p->valid_s);
	if (p->autonomous)
		autoconf(nd, ifc, p);
	env_news(nd->ip6->env, NEWS_PREFIX,
		 &(struct news_prefix){ if_index(ifc), p->prefix.b, p->len, p->on_link,
					p->autonomous, p->valid_s, p->preferred_s });
}

/*
 * RFC 4191 section 3.1: lifetime and preference of a ::/0 option override those of the header,
 * and it is the same route.
 */
static void take_default(struct nd *nd, struct iface *ifc, const struct ip6_addr *router,
			 const struct nd_msg *m)
{
	const struct nd_route *any = NULL;
	bool pref = ifc->conf.accept_ra_pref;

	if (!ifc->conf.accept_ra_defrtr)
		return;

	for (unsigned i = 0; i < m->opts.n_routes; i++)
		if (m->opts.route[i].len == 0)
			any = &m->opts.route[i];
	if (any != NULL)
		take_router(nd, ifc, router, any->lifetime_s, pref ? any->pref : 0);
	else
		take_router(nd, ifc, router, m->ra.lifetime_s, pref ? m->ra.pref : 0);
}

/* RFC 4861 section 6.3.4; RFC 4191. */
void host_take(struct nd *nd, struct iface *ifc, const struct ip6_addr *router,
	       const struct nd_msg *m)
{
	take_default(nd, ifc, router, m);
	params_take(nd, ifc, &m->ra, m->opts.mtu);
	for (unsigned i = 0; i < m->opts.n_prefixes && ifc->conf.accept_ra_pinfo; i++)
		take_prefix(nd, ifc, router, &m->opts.prefix[i]);
	for (unsigned i = 0; i < m->opts.n_routes; i++) {
		struct route more = { .dst = m->opts.route[i].prefix,
				      .dst_len = m->opts.route[i].len,
				      .via = { .gateway = *router,
					       .metric = RA_METRIC,
					       .pref = m->opts.route[i].pref } };

		if (more.dst_len != 0 && more.dst_len <= ifc->conf.accept_ra_plen_max)
			take_route(nd, ifc, &more, m->opts.route[i].lifetime_s);
	}
}

void host_prefix_gone(struct nd *nd, struct iface *ifc, const struct ip6_addr *router,
		      const struct ip6_addr *prefix, uint8_t len)
{
	struct nd_prefix p = { .prefix = *prefix, .len = len, .on_link = true };

	take_prefix(nd, ifc, router, &p);
}

void host_ra(struct nd *nd, struct iface *ifc, struct pkt *pkt, const struct nd_msg *m)
{
	struct ip6_addr router = ip6_hdr_src(pkt->p);
	struct nd_if *ni = nd_if(ifc);

	if (ifc->conf.forwarding)
		router_ra(nd, ifc, &router, m);
	if (!ifc->conf.accept_ra) {
		env_drop(nd->ip6->env, pkt, DROP_ND_NOT_HOST);
		return;
	}
	dna_ra(nd, ifc, pkt, m);
	(void)neigh_hint(&nd->ip6->neigh, &ifc->link, &router, nd_slla(m), NEIGH_ROLE_ROUTER);
	host_take(nd, ifc, &router, m);
	dns_ra(nd, ifc, m);
	/*
	 * RFC 7559 section 2.1: it MUST have resulted in a default route; but RFC 4861 section 6.3.7: SHOULD solicit once even if somebody
	 * advertised before, as unsolicited advertisements may be incomplete
	 */
	if (router_find(ni, &router) != NULL && ni->rs_sent > 0)
		timer_cancel(&nd->ip6->env->timers, &ni->rs);
	env_drop(nd->ip6->env, pkt, DROP_ND_DONE);
}

void host_stop(struct nd *nd, struct iface *ifc)
{
	struct nd_if *ni = nd_if(ifc);

	dna_stop(nd, ifc);
	ni->dna.soliciting = false;
	timer_cancel(&nd->ip6->env->timers, &ni->rs);
	ni->rs_sent = 0;
	LIST_FOR_EACH(it, &ni->routers)
		router_del(nd, LIST_ENTRY(it, struct nd_router, on));
	fib_flush_proto(nd->ip6->fib, if_index(ifc), ROUTE_PROTO_RA);
	memset(ni->learned, 0, sizeof(ni->learned));
	hop_forget(&nd->ip6->hops, if_index(ifc));
	dns_forget(nd, ifc);
	params_restore(nd, ifc);
}
