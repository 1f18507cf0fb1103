/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host tells the routers of its link of a new address: RFC 9131 section 6.1.2, which sections 4.1
 * and 5 explain. They enter it, in doubt, and the first packet from far away need not wait for it.
 * What routers do is in neighbour.c (section 6.1.1).
 */
#include "nd/part.h"

static void announce(struct nd *nd, struct if_addr *a)
{
	struct env *env = nd->ip6->env;

	nd_send_news(nd, a);
	if (--a->announce_left > 0) /* MUST be RetransTimer apart, or more */
		timer_set(&env->timers, &a->announce, time_after(env->now, a->ifc->conf.retrans));
}

/* Of the order of events: as soon as an address is optimistic, or else preferred (SHOULD). */
void announce_start(struct nd *nd, struct if_addr *a)
{
	const struct if_conf *cf = &a->ifc->conf;

	if (!cf->announce || cf->forwarding || a->origin == ADDR_ANYCAST ||
	    ip6_scope(&a->addr) != SCOPE_GLOBAL ||
	    (a->state != ADDR_OPTIMISTIC && a->state != ADDR_PREFERRED))
		return;
	a->announce_left = ND_MAX_NEIGHBOR_ADVERTISEMENT;
	announce(nd, a);
}

void announce_timer(struct nd *nd, struct if_addr *a)
{
	if (if_addr_is_assigned(a) && if_is_usable(a->ifc))
		announce(nd, a);
}
