/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a router tells: RFC 4861 section 6.2. Multicast advertisements at random intervals, the
 * first three closer together; solicitations answered by one of those, brought forward, no
 * sooner than MIN_DELAY_BETWEEN_RAS after the last; a final one when advertising ends.
 */
#include "nd/part.h"

const struct nd_adv ND_ADV_DEFAULT = {
	.cur_hop_limit = 64,
	.default_lifetime_s = 1800,
	.interval_min = 200 * NS_PER_S,
	.interval_max = 600 * NS_PER_S,
};

static bool advertises(const struct iface *ifc)
{
	return nd_if(ifc)->adv.send && ifc->link.up && ifc->conf.forwarding &&
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

	if (!advertises(ifc))
		return;
	ni->ra_sent = 0;
	timer_set(&nd->ip6->env->timers, &ni->ra, ra_allowed(ni, nd->ip6->env->now));
}

void router_timer(struct nd *nd, struct nd_if *ni)
{
	const struct ip6_addr all_nodes = IP6_ALL_NODES;
	struct env *env = nd->ip6->env;
	time_ns wait;

	if (!advertises(ni->ifc))
		return;
	nd_send_ra(nd, ni->ifc, &all_nodes, ni->adv.default_lifetime_s);
	ni->ra_last = env->now;
	ni->ra_ever = true;
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
	if (advertises(ifc)) {
		when = time_after(ra_allowed(ni, env->now),
				  rng_below(&env->rng, ND_MAX_RA_DELAY_TIME));
		if (!timer_is_armed(&ni->ra) || when < ni->ra.when)
			timer_set(&env->timers, &ni->ra, when);
	}
	env_drop(env, pkt, DROP_ND_DONE);
}

void router_stop(struct nd *nd, struct iface *ifc, bool final)
{
	const struct ip6_addr all_nodes = IP6_ALL_NODES;
	struct nd_if *ni = nd_if(ifc);

	if (final && timer_is_armed(&ni->ra) && ifc->link.up) {
		nd_send_ra(nd, ifc, &all_nodes, 0);
		ni->ra_last = nd->ip6->env->now;
		ni->ra_ever = true;
	}
	timer_cancel(&nd->ip6->env->timers, &ni->ra);
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
	    (adv->link_mtu != 0 && adv->link_mtu < IP6_MTU_MIN))
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
	if (ni->adv.send && !adv->send)
		router_stop(nd, ifc, true);
	ni->adv = *adv;
	router_start(nd, ifc);
	return 0;
}
