/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The variables of an interface that routers set: MTU, hop limit, times. A host takes what it
 * hears (RFC 4861 section 6.3.4); a router what it says itself, or it would contradict its own
 * advertisements. What the interface had before is kept, and comes back.
 */
#include "nd/part.h"

/* RFC 4861 section 6.3.2: uniform between 0.5 and 1.5 times BaseReachableTime. */
void params_redraw(struct nd *nd, struct nd_if *ni)
{
	struct env *env = nd->ip6->env;

	ni->ifc->neigh->nud.reachable = env_jitter(env, ni->ifc->conf.base_reachable, 50, 150);
	timer_set(&env->timers, &ni->redraw, time_after(env->now, ND_REACHABLE_REDRAW));
}

static void save(struct nd_if *ni)
{
	const struct if_conf *cf = &ni->ifc->conf;

	if (ni->own_saved)
		return;
	ni->own = (struct nd_own_conf){ cf->link_mtu, cf->cur_hop_limit, cf->base_reachable,
					cf->retrans };
	ni->own_saved = true;
}

void params_take(struct nd *nd, struct iface *ifc, const struct nd_ra *ra, uint32_t mtu)
{
	struct if_conf *cf = &ifc->conf;

	save(nd_if(ifc));
	if (ra->hop_limit != 0 && ra->hop_limit >= cf->accept_ra_hops_min)
		cf->cur_hop_limit = ra->hop_limit;
	if (ra->reachable != 0 && ra->reachable != cf->base_reachable) {
		cf->base_reachable = ra->reachable;
		params_redraw(nd, nd_if(ifc));
	}
	if (ra->retrans != 0)
		cf->retrans = ra->retrans;
	/* section 6.3.4: between 1280 and what the link can do */
	if (cf->accept_ra_mtu && mtu >= IP6_MTU_MIN && mtu <= ifc->link.mtu)
		cf->link_mtu = mtu;
	ip6_if_conf_changed(nd->ip6, ifc);
}

void params_restore(struct nd *nd, struct iface *ifc)
{
	struct nd_if *ni = nd_if(ifc);
	struct if_conf *cf = &ifc->conf;

	if (!ni->own_saved)
		return;
	cf->link_mtu = ni->own.link_mtu;
	cf->cur_hop_limit = ni->own.cur_hop_limit;
	cf->base_reachable = ni->own.base_reachable;
	cf->retrans = ni->own.retrans;
	ni->own_saved = false;
	ip6_if_conf_changed(nd->ip6, ifc);
	params_redraw(nd, ni);
}

int nd_set_mtu(struct nd *nd, struct iface *ifc, uint32_t mtu)
{
	if (ifc->loopback || mtu < IP6_MTU_MIN || mtu > ifc->link.mtu)
		return -EINVAL;
	ifc->conf.link_mtu = nd_if(ifc)->own.link_mtu = mtu;
	ip6_if_conf_changed(nd->ip6, ifc);
	env_news(nd->ip6->env, NEWS_LINK, ifc);
	return 0;
}

void nd_set_hop_limit(struct iface *ifc, uint8_t hops)
{
	ASSERT(hops != 0);
	ifc->conf.cur_hop_limit = nd_if(ifc)->own.cur_hop_limit = hops;
}

void nd_set_reachable(struct nd *nd, struct iface *ifc, time_ns t)
{
	ifc->conf.base_reachable = nd_if(ifc)->own.base_reachable = t;
	params_redraw(nd, nd_if(ifc));
}

void nd_set_retrans(struct nd *nd, struct iface *ifc, time_ns t)
{
	ifc->conf.retrans = nd_if(ifc)->own.retrans = t;
	ip6_if_conf_changed(nd->ip6, ifc);
}
