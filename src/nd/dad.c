/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Duplicate Address Detection: RFC 4862 section 5.4, with the nonce of RFC 7527 against links
 * that bring our own probes back. The constants are DupAddrDetectTransmits probes, RetransTimer
 * apart, and silence for RetransTimer after the last.
 */
#include "nd/part.h"

static void join_solicited(struct nd *nd, struct if_addr *a)
{
	struct ip6_addr group = ip6_solicited_node(&a->addr);

	if (a->dad_joined)
		return;
	a->dad_joined = mld_join(nd->mld, a->ifc, &group) >= 0;
}

/* One for good: an optimistic one may have been there before. */
static bool has_link_local(const struct iface *ifc)
{
	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (ip6_is_linklocal(&a->addr) && if_addr_is_assigned(a) &&
		    a->state != ADDR_OPTIMISTIC && a->origin != ADDR_ANYCAST)
			return true;
	}
	return false;
}

static bool runs_dad(const struct iface *ifc)
{
	return ifc->conf.dad_transmits != 0 && ifc->conf.accept_dad != 0;
}

/* The address is ours. */
static void dad_done(struct nd *nd, struct if_addr *a)
{
	struct iface *ifc = a->ifc;
	bool first = ifc->nd != NULL && !has_link_local(ifc);
	bool known = a->state == ADDR_OPTIMISTIC;

	ip6_addr_enter(nd->ip6, a,
		       a->preferred_until > nd->ip6->env->now ? ADDR_PREFERRED : ADDR_DEPRECATED);
	if (!known)
		announce_start(nd, a);
	if (first && has_link_local(ifc)) {
		mld_link_local_ready(nd->mld, ifc);
		host_start(nd, ifc, !a->no_dad && runs_dad(ifc));
		router_start(nd, ifc);
	}
}

/*
 * RFC 4429 section 3.3: a host may use the address once its first probe is out, if it knows the
 * link-layer address of a router; routers SHOULD NOT. Section 3.1: nor SHOULD addresses that were
 * entered by hand, which somebody else may well have been given, too.
 */
static bool may_be_optimistic(struct nd *nd, const struct if_addr *a)
{
	const struct iface *ifc = a->ifc;

	if (ifc->conf.forwarding || a->state != ADDR_TENTATIVE)
		return false;
	if (!a->wants_optimistic && (!ifc->conf.optimistic_dad || a->origin == ADDR_STATIC))
		return false;
	LIST_FOR_EACH(it, &nd_if(ifc)->routers) {
		const struct nd_router *r = LIST_ENTRY(it, struct nd_router, on);
		const struct neigh *n = neigh_find(&nd->ip6->neigh, &ifc->link, &r->addr);

		if (n != NULL && nud_has_lladdr(&n->nud))
			return true;
	}
	return false;
}

void dad_start(struct nd *nd, struct if_addr *a, bool delay)
{
	struct env *env = nd->ip6->env;
	struct nd_if *ni = nd_if(a->ifc);
	time_ns wait = 0;

	if (!if_is_usable(a->ifc))
		return;
	if (a->no_dad || !runs_dad(a->ifc)) {
		join_solicited(nd, a);
		dad_done(nd, a);
		return;
	}
	a->dad_left = a->ifc->conf.dad_transmits;
	a->dad_looped = false;
	if (may_be_optimistic(nd, a)) {
		dad_timer(nd, a); /* RFC 4429 section 3.3: SHOULD NOT delay */
		return;
	}
	/*
	 * Section 5.4.2: the first messages of an interface, whichever address they are for, and
	 * the probe of an address that was made after a multicast, come after a random delay; so
	 * does joining the group.
	 */
	if (delay)
		wait = rng_below(&env->rng, ND_MAX_RTR_SOLICITATION_DELAY);
	timer_set(&env->timers, &a->dad, MAX(time_after(env->now, wait), ni->start_at));
}

/* RFC 7527 section 4.1: each probe has a nonce of its own. */
static const uint8_t *new_nonce(struct env *env, struct if_addr *a)
{
	uint8_t *nonce = a->dad_nonce[a->dad_sent++ % IF_DAD_NONCES];

	for (unsigned i = 0; i < ND_NONCE_OCTETS; i++)
		nonce[i] = (uint8_t)rng_u32(&env->rng);
	return nonce;
}

bool dad_looped_back(struct if_addr *a, struct rd nonce)
{
	if (nonce.left != ND_NONCE_OCTETS)
		return false;
	for (unsigned i = 0; i < MIN(a->dad_sent, (uint32_t)IF_DAD_NONCES); i++) {
		if (memcmp(nonce.p, a->dad_nonce[i], ND_NONCE_OCTETS) == 0) {
			a->dad_looped = true;
			return true;
		}
	}
	return false;
}

void dad_timer(struct nd *nd, struct if_addr *a)
{
	struct env *env = nd->ip6->env;

	if (a->state == ADDR_DUPLICATE) {
		iid_retry(nd, a);
		return;
	}
	if (a->dad_left == 0 && a->dad_looped) {
		/* RFC 7527 section 4.1: on a link that loops nothing is proven yet */
		a->dad_left = NUD_MAX_MULTICAST_SOLICIT;
		a->dad_looped = false;
	}
	if (a->dad_left == 0) {
		dad_done(nd, a);
		return;
	}
	join_solicited(nd, a);
	a->dad_left--;
	nd_send_ns(nd, a->ifc, &IP6_UNSPEC, &IP6_UNSPEC, &a->addr, new_nonce(env, a));
	if (may_be_optimistic(nd, a)) {
		ip6_addr_enter(nd->ip6, a, ADDR_OPTIMISTIC);
		announce_start(nd, a);
	}
	timer_set(&env->timers, &a->dad, time_after(env->now, a->ifc->conf.retrans));
}

void dad_confirmed(struct nd *nd, struct if_addr *a)
{
	if (a->state != ADDR_TENTATIVE && a->state != ADDR_OPTIMISTIC)
		return;
	timer_cancel(&nd->ip6->env->timers, &a->dad);
	join_solicited(nd, a); /* RFC 6059 section 5.8: SHOULD rejoin */
	dad_done(nd, a);
}

void dad_failed(struct nd *nd, struct if_addr *a)
{
	struct ip6_addr group = ip6_solicited_node(&a->addr);

	timer_cancel(&nd->ip6->env->timers, &a->dad);
	if (a->dad_joined)
		mld_leave(nd->mld, a->ifc, &group);
	a->dad_joined = false;
	ip6_addr_enter(nd->ip6, a, ADDR_DUPLICATE);
	if (a->origin == ADDR_TEMPORARY)
		temp_failed(nd, a);
	if (iid_may_retry(nd, a)) {
		iid_retry_later(nd, a);
		return;
	}
	/* section 5.4.5: it was made of the link-layer address, so another node has that, too */
	if (a->origin == ADDR_LINK_LOCAL && !nd->iid_opaque && a->ifc->conf.accept_dad == 2)
		nd_disable(nd, a->ifc);
}
