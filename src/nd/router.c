/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a router tells: RFC 4861 section 6.2. Multicast advertisements at random intervals, the
 * first three closer together; solicitations answered by one of those, brought forward, no
 * sooner than MIN_DELAY_BETWEEN_RAS after the last; final ones when advertising ends.
 */
#include "nd/part.h"

#define ND_LIFETIME_SKEW_S 60 /* section 6.2.7: between routers whose lifetimes run down */

const struct nd_adv ND_ADV_DEFAULT = {
	.cur_hop_limit = 64,
	.default_lifetime_s = 1800,
	.interval_min = 200 * NS_PER_S,
	.interval_max = 600 * NS_PER_S,
};

const struct nd_adv ND_ADV_EDGE = {
	.edge = true,
	.cur_hop_limit = 64,
	.default_lifetime_s = ND_PREFERRED_LIMIT_S,
	.interval_min = 200 * NS_PER_S,
	.interval_max = 600 * NS_PER_S,
};

bool router_advertises(const struct iface *ifc)
{
	const struct nd_if *ni = nd_if(ifc);

	return ni->adv.send && !ni->ceased && ifc->link.up && ifc->conf.forwarding &&
	       if_link_local(ifc) != NULL;
}

/* Section 6.2.6: multicast advertisements are MIN_DELAY_BETWEEN_RAS apart, or more. */
static time_ns ra_allowed(const struct nd_if *ni, time_ns now)
{
	return ni->ra_ever ? MAX(now, time_after(ni->ra_last, ND_MIN_DELAY_BETWEEN_RAS)) : now;
}

void router_start(struct nd *nd, struct iface *ifc)
{
	struct nd_if *ni = nd_if(ifc);

	if (!router_advertises(ifc))
		return;
	params_restore(nd, ifc);
	params_take(nd, ifc,
		    &(struct nd_ra){ .hop_limit = ni->adv.cur_hop_limit,
				     .reachable = ni->adv.reachable_ms * NS_PER_MS,
				     .retrans = ni->adv.retrans_ms * NS_PER_MS },
		    ni->adv.link_mtu);
	router_again(nd, ifc);
}

void router_again(struct nd *nd, struct iface *ifc)
{
	struct nd_if *ni = nd_if(ifc);

	ni->finals = 0;
	ni->ra_sent = 0;
	timer_set(&nd->ip6->env->timers, &ni->ra, ra_allowed(ni, nd->ip6->env->now));
}

static void send_to_all(struct nd *nd, struct nd_if *ni, uint16_t lifetime_s)
{
	const struct ip6_addr all_nodes = IP6_ALL_NODES;

	nd_send_ra(nd, ni->ifc, &all_nodes, lifetime_s);
	ni->ra_last = nd->ip6->env->now;
	ni->ra_ever = true;
}

/* Section 6.2.5: more than one, as any may be lost. */
static void final_timer(struct nd *nd, struct nd_if *ni)
{
	if (!ni->ifc->link.up || if_link_local(ni->ifc) == NULL) {
		ni->finals = 0;
		return;
	}
	send_to_all(nd, ni, 0);
	if (--ni->finals > 0)
		timer_set(&nd->ip6->env->timers, &ni->ra, ra_allowed(ni, nd->ip6->env->now));
}

void router_timer(struct nd *nd, struct nd_if *ni)
{
	struct env *env = nd->ip6->env;
	time_ns wait;

	if (ni->finals > 0) {
		final_timer(nd, ni);
		return;
	}
	if (!router_advertises(ni->ifc))
		return;
	edge_refresh(nd, ni->ifc);
	send_to_all(nd, ni, edge_lifetime(nd, ni->ifc));
	ni->ra_sent++;
	wait = rng_between(&env->rng, ni->adv.interval_min, ni->adv.interval_max);
	if (ni->ra_sent < ND_MAX_INITIAL_RTR_ADVERTISEMENTS)
		wait = MIN(wait, ND_MAX_INITIAL_RTR_ADVERT_INTERVAL);
	timer_set(&env->timers, &ni->ra, time_after(env->now, wait));
}

/* Section 6.2.6: by multicast, after a random delay, and not too soon after the last. */
void router_rs(struct nd *nd, struct iface *ifc, struct pkt *pkt, const struct nd_msg *m)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p);
	struct env *env = nd->ip6->env;
	struct nd_if *ni = nd_if(ifc);
	time_ns when;

	if (!ifc->conf.forwarding) {
		env_drop(env, pkt, DROP_ND_NOT_ROUTER);
		return;
	}
	if (!ip6_is_unspec(&src)) {
		struct neigh_news news =
			neigh_hint(&nd->ip6->neigh, &ifc->link, &src, nd_slla(m), NEIGH_ROLE_HOST);

		if (news.router_gone)
			host_router_gone(nd, ifc, &src);
	}
	if (router_advertises(ifc)) {
		when = time_after(ra_allowed(ni, env->now),
				  rng_below(&env->rng, ND_MAX_RA_DELAY_TIME));
		if (!timer_is_armed(&ni->ra) || when < ni->ra.when)
			timer_set(&env->timers, &ni->ra, when);
	}
	env_drop(env, pkt, DROP_ND_DONE);
}

void router_cease(struct nd *nd, struct iface *ifc)
{
	struct nd_if *ni = nd_if(ifc);

	if (!timer_is_armed(&ni->ra))
		return;
	ni->finals = ND_MAX_FINAL_RTR_ADVERTISEMENTS;
	timer_set(&nd->ip6->env->timers, &ni->ra, ra_allowed(ni, nd->ip6->env->now));
	params_restore(nd, ifc);
}

/*
 * At once, or never: there will be no later. So a final one may come sooner after the last than
 * section 6.2.6 allows, as the only one.
 */
void router_stop(struct nd *nd, struct iface *ifc, bool final)
{
	struct nd_if *ni = nd_if(ifc);

	if (final && timer_is_armed(&ni->ra) && ifc->link.up)
		send_to_all(nd, ni, 0);
	ni->finals = 0;
	timer_cancel(&nd->ip6->env->timers, &ni->ra);
	params_restore(nd, ifc);
}

/* Section 6.2.1: what is left of a lifetime that runs down. */
static uint32_t lifetime_left(const struct nd_if *ni, const struct nd_adv_prefix *p, uint32_t s,
			      time_ns now)
{
	uint64_t gone = (uint64_t)((now - ni->adv_since) / NS_PER_S);

	if (!p->decrement || s == ND_INFINITY)
		return s;
	return gone < s ? s - (uint32_t)gone : 0;
}

void router_lifetimes(const struct nd_if *ni, const struct nd_adv_prefix *p, time_ns now,
		      uint32_t *valid_s, uint32_t *preferred_s)
{
	*valid_s = lifetime_left(ni, p, p->valid_s, now);
	*preferred_s = lifetime_left(ni, p, p->preferred_s, now);
	if (!ni->adv.edge)
		return;
	/* RFC 9096 section 3.4, L-16 */
	*valid_s = MIN(*valid_s, (uint32_t)ND_VALID_LIMIT_S);
	*preferred_s = MIN(*preferred_s, (uint32_t)ND_PREFERRED_LIMIT_S);
}

/* Of a time that both say, and of lifetimes: those may differ by the way and the clocks. */
static bool differ(uint64_t a, uint64_t b)
{
	return a != 0 && b != 0 && a != b;
}

static bool lifetimes_differ(uint32_t a, uint32_t b)
{
	return a > b ? a - b > ND_LIFETIME_SKEW_S : b - a > ND_LIFETIME_SKEW_S;
}

static bool prefix_conflicts(const struct nd_if *ni, const struct nd_prefix *p, time_ns now)
{
	for (unsigned i = 0; i < ni->adv.n_prefixes; i++) {
		const struct nd_adv_prefix *own = &ni->adv.prefix[i];
		struct ip6_addr prefix = ip6_prefix(&own->prefix, own->len);
		uint32_t valid_s, preferred_s;

		if (own->len != p->len || !ip6_eq(&prefix, &p->prefix))
			continue;
		router_lifetimes(ni, own, now, &valid_s, &preferred_s);
		return lifetimes_differ(valid_s, p->valid_s) ||
		       lifetimes_differ(preferred_s, p->preferred_s);
	}
	return false;
}

static uint32_t conflicts(const struct nd_if *ni, const struct nd_msg *m, time_ns now)
{
	const struct nd_adv *adv = &ni->adv;
	uint32_t ret = 0;

	if (differ(adv->cur_hop_limit, m->ra.hop_limit))
		ret |= ND_CONFLICT_HOP_LIMIT;
	if (adv->managed != m->ra.managed)
		ret |= ND_CONFLICT_MANAGED;
	if (adv->other_config != m->ra.other)
		ret |= ND_CONFLICT_OTHER;
	if (differ(adv->reachable_ms, (uint64_t)(m->ra.reachable / NS_PER_MS)))
		ret |= ND_CONFLICT_REACHABLE;
	if (differ(adv->retrans_ms, (uint64_t)(m->ra.retrans / NS_PER_MS)))
		ret |= ND_CONFLICT_RETRANS;
	if (differ(adv->link_mtu, m->opts.mtu))
		ret |= ND_CONFLICT_MTU;
	for (unsigned i = 0; i < m->opts.n_prefixes; i++)
		if (prefix_conflicts(ni, &m->opts.prefix[i], now))
			ret |= ND_CONFLICT_LIFETIME;
	return ret;
}

void router_ra(struct nd *nd, struct iface *ifc, const struct ip6_addr *from,
	       const struct nd_msg *m)
{
	struct nd_if *ni = nd_if(ifc);
	uint32_t what = router_advertises(ifc) ? conflicts(ni, m, nd->ip6->env->now) : 0;

	if (what == 0)
		return;
	ni->conflicts++;
	if (what != ni->conflict || !ip6_eq(from, &ni->conflict_with))
		env_event(nd->ip6->env, EVENT_RA_CONFLICT, if_index(ifc), from, what);
	ni->conflict = what;
	ni->conflict_with = *from;
}

static bool dns_lifetime_ok(int64_t s)
{
	return s == ND_ADV_LIFETIME_AUTO || (s >= 0 && s <= UINT32_MAX);
}

/* Options as nd_adv_add_rdnss() and nd_adv_add_dnssl() make them. */
static bool adv_dns_ok(const struct nd_adv *adv)
{
	if (adv->n_rdnss > ND_RDNSS_MAX || adv->n_dnssl > ND_DNSSL_MAX)
		return false;
	for (unsigned i = 0; i < adv->n_rdnss; i++)
		if (adv->rdnss[i].n == 0 || adv->rdnss[i].n > ND_ADV_SERVERS_MAX ||
		    !dns_lifetime_ok(adv->rdnss[i].lifetime_s))
			return false;
	for (unsigned i = 0; i < adv->n_dnssl; i++)
		if (adv->dnssl[i].octets == 0 || adv->dnssl[i].octets > ND_ADV_NAMES_OCTETS ||
		    !dns_lifetime_ok(adv->dnssl[i].lifetime_s))
			return false;
	return true;
}

/* Bounds of section 6.2.1. */
static bool adv_ok(const struct nd_adv *adv)
{
	if (adv->interval_max < 4 * NS_PER_S || adv->interval_max > 1800 * NS_PER_S ||
	    adv->interval_min < 3 * NS_PER_S || adv->interval_min > adv->interval_max / 4 * 3)
		return false;
	if (adv->default_lifetime_s != 0 &&
	    (adv->default_lifetime_s * NS_PER_S < adv->interval_max ||
	     adv->default_lifetime_s > 9000))
		return false;
	if (adv->reachable_ms > 3600000 || adv->n_prefixes > ND_PREFIXES_MAX ||
	    (adv->link_mtu != 0 && adv->link_mtu < IP6_MTU_MIN) ||
	    adv->n_routes > ND_ADV_ROUTES_MAX)
		return false;
	for (unsigned i = 0; i < adv->n_routes; i++)
		if (adv->route[i].len > IP6_ADDR_BITS)
			return false;
	for (unsigned i = 0; i < adv->n_prefixes; i++)
		if (adv->prefix[i].len > IP6_ADDR_BITS ||
		    adv->prefix[i].preferred_s > adv->prefix[i].valid_s)
			return false;
	return adv_dns_ok(adv) && nd_adv_fits(adv);
}

int nd_set_adv(struct nd *nd, struct iface *ifc, const struct nd_adv *adv)
{
	struct nd_if *ni = nd_if(ifc);

	if (!adv_ok(adv))
		return -EINVAL;
	if (ni->adv.send && !adv->send) {
		ni->adv.send = false; /* the rest is still told, with a lifetime of zero */
		router_cease(nd, ifc);
		return 0;
	}
	edge_change(nd, ifc, adv);
	ni->adv = *adv;
	ni->adv_since = nd->ip6->env->now;
	edge_refresh(nd, ifc);
	router_start(nd, ifc);
	return 0;
}
