/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbor Solicitations and Advertisements: what is answered (RFC 4861 section 7.2.3 to 7.2.6,
 * RFC 4862 section 5.4.3 and 5.4.4), what is learned (RFC 4861 section 7.2.5, RFC 9131), and what the neighbour cache wants sent.
 */
#include "ip4/ip4.h"
#include "nd/part.h"

static void done(struct nd *nd, struct pkt *pkt, enum drop why)
{
	env_drop(nd->ip6->env, pkt, why);
}

/* RFC 4862 section 5.4.3. */
static enum drop ns_for_tentative(struct nd *nd, struct if_addr *a, const struct ip6_addr *src,
				  const struct nd_msg *m)
{
	if (a->state == ADDR_DUPLICATE || !ip6_is_unspec(src))
		return DROP_ND_TENTATIVE;
	if (dad_looped_back(a, m->opts.nonce))
		return DROP_ND_OWN_DAD;
	dad_failed(nd, a);
	return DROP_ND_DONE;
}

static void send_answer(struct nd *nd, struct iface *ifc, const struct ip6_addr *target,
			const struct ip6_addr *to)
{
	const struct if_addr *a = if_addr_find(ifc, target);

	if (a != NULL && if_addr_is_assigned(a))
		nd_send_na(nd, ifc, a, to, true);
	else if (a == NULL && proxy_answers(nd, ifc, target))
		nd_send_proxy_na(nd, ifc, target, to, true);
}

/*
 * RFC 4861 sections 7.2.7 and 7.2.8: who asks for an anycast or proxied address is answered after a
 * random time, so that all who have it do not answer at once; when too many ask, at once all the
 * same.
 */
static void answer_late(struct nd *nd, struct iface *ifc, const struct ip6_addr *target,
			const struct ip6_addr *to)
{
	struct nd_if *ni = nd_if(ifc);
	struct env *env = nd->ip6->env;
	struct nd_late *free_one = NULL;

	for (unsigned i = 0; i < ND_LATE_MAX; i++) {
		struct nd_late *late = &ni->late[i];

		if (!timer_is_armed(&late->timer))
			free_one = late;
		else if (ip6_eq(&late->target, target) && ip6_eq(&late->to, to))
			return;
	}
	if (free_one == NULL) {
		send_answer(nd, ifc, target, to);
		return;
	}
	free_one->target = *target;
	free_one->to = *to;
	timer_set(&env->timers, &free_one->timer,
		  time_after(env->now, rng_below(&env->rng, ND_MAX_ANYCAST_DELAY_TIME)));
}

void neighbour_na_timer(struct nd *nd, struct nd_late *late)
{
	send_answer(nd, late->ni->ifc, &late->target, &late->to);
}

/*
 * Sections 7.2.3 and 7.2.8. Who tries for an address of somebody else's is told at once: after the
 * random delay its DAD may be over.
 */
static void ns_for_proxied(struct nd *nd, struct iface *ifc, const struct ip6_addr *src,
			   const struct nd_msg *m)
{
	const struct ip6_addr all_nodes = IP6_ALL_NODES;

	if (ip6_is_unspec(src)) {
		nd_send_proxy_na(nd, ifc, &m->target, &all_nodes, false);
		return;
	}
	(void)neigh_hint(&nd->ip6->neigh, &ifc->link, src, nd_slla(m), NEIGH_ROLE_UNKNOWN);
	answer_late(nd, ifc, &m->target, src);
}

void neighbour_ns(struct nd *nd, struct iface *ifc, struct pkt *pkt, const struct nd_msg *m)
{
	const struct ip6_addr all_nodes = IP6_ALL_NODES;
	struct ip6_addr src = ip6_hdr_src(pkt->p);
	struct if_addr *a = if_addr_find(ifc, &m->target);

	if (a == NULL && proxy_answers(nd, ifc, &m->target)) {
		ns_for_proxied(nd, ifc, &src, m);
		done(nd, pkt, DROP_ND_DONE);
		return;
	}
	if (a == NULL) {
		done(nd, pkt, DROP_ND_NOT_OURS);
		return;
	}
	/* RFC 4429 section 3.3: an optimistic address is not defended, but answered for */
	if (!if_addr_is_assigned(a) || (a->state == ADDR_OPTIMISTIC && ip6_is_unspec(&src))) {
		done(nd, pkt, ns_for_tentative(nd, a, &src, m));
		return;
	}
	if (ip6_is_unspec(&src)) {
		/* somebody tries for an address of ours: everybody shall hear that it is taken */
		nd_send_na(nd, ifc, a, &all_nodes, false);
		done(nd, pkt, DROP_ND_DONE);
		return;
	}
	(void)neigh_hint(&nd->ip6->neigh, &ifc->link, &src, nd_slla(m), NEIGH_ROLE_UNKNOWN);
	if (a->origin == ADDR_ANYCAST)
		answer_late(nd, ifc, &a->addr, &src);
	else
		nd_send_na(nd, ifc, a, &src, true);
	done(nd, pkt, DROP_ND_DONE);
}

/*
 * RFC 9131 section 6.1.1: what nobody asked for a router SHOULD believe, in doubt, if it says where
 * the neighbour is; packets to a new address of a host then need not wait.
 */
static struct neigh_news unasked(struct nd *nd, struct iface *ifc, const struct nd_msg *m)
{
	enum neigh_role role = m->router ? NEIGH_ROLE_ROUTER : NEIGH_ROLE_HOST;

	if (!ifc->conf.forwarding || nd_tlla(m) == NULL || !ip6_is_unicast(&m->target) ||
	    ip6_is_loopback(&m->target))
		return (struct neigh_news){ .why = DROP_ND_NO_ENTRY };
	return neigh_hint(&nd->ip6->neigh, &ifc->link, &m->target, nd_tlla(m), role);
}

void neighbour_na(struct nd *nd, struct iface *ifc, struct pkt *pkt, const struct nd_msg *m)
{
	struct if_addr *a = if_addr_find(ifc, &m->target);
	struct neigh_news news;
	unsigned flags;

	if (a != NULL) {
		/* RFC 4862 section 5.4.4; for an assigned address nothing can be done any more */
		if (a->state == ADDR_TENTATIVE || a->state == ADDR_OPTIMISTIC)
			dad_failed(nd, a);
		done(nd, pkt, DROP_ND_DONE);
		return;
	}
	dna_na(nd, ifc, pkt, m);
	flags = (m->router ? NUD_NA_ROUTER : 0u) | (m->solicited ? NUD_NA_SOLICITED : 0u) |
		(m->override ? NUD_NA_OVERRIDE : 0u);
	news = neigh_advert(&nd->ip6->neigh, &ifc->link, &m->target, nd_tlla(m), flags);
	if (news.why == DROP_ND_NO_ENTRY)
		news = unasked(nd, ifc, m);
	if (news.router_gone)
		host_router_gone(nd, ifc, &m->target);
	done(nd, pkt, news.why != DROP_NONE ? news.why : DROP_ND_DONE);
}

/* RFC 4429 section 3.2: an optimistic address MUST NOT be the source of a solicitation. */
static bool may_solicit(const struct if_addr *a)
{
	return a != NULL && if_addr_is_assigned(a) && a->state != ADDR_OPTIMISTIC;
}

/* RFC 4861 section 7.2.2: the source of what waits, if it is ours on this link; else any. */
static bool ns_source(struct nd *nd, struct iface *ifc, const struct neigh *n, struct ip6_addr *ret)
{
	const struct if_addr *a;

	if (n->waiting.head != NULL) {
		struct ip6_addr src = ip6_hdr_src(n->waiting.head->p);

		if (may_solicit(if_addr_find(ifc, &src))) {
			*ret = src;
			return true;
		}
	}
	a = if_link_local(ifc);
	if (may_solicit(a)) {
		*ret = a->addr;
		return true;
	}
	return ip6_source(nd->ip6, &n->addr, if_index(ifc), ret) == 0 &&
	       may_solicit(if_addr_find(ifc, ret));
}

/* RFC 4861 section 7.2.2: each packet that waited is answered with Address Unreachable. */
static void unreachable(struct nd *nd, struct neigh *n)
{
	struct iface *ifc = ip6_if(nd->ip6, n->nif->lif->ifindex);
	struct ip6_addr addr = n->addr;
	struct pktq q = { 0 };
	struct pkt *pkt;

	neigh_take_waiting(&nd->ip6->neigh, n, &q);
	path_forget_gateway(&nd->ip6->path, &addr, if_index(ifc));
	host_router_unfound(nd, ifc, &addr);
	while ((pkt = pktq_get(&q)) != NULL)
		icmp6_error(nd->ip6, pkt, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, 0, DROP_NEIGH_UNREACH);
}

void neighbour_todo(struct nd *nd)
{
	struct neigh *n;
	enum nud_do what;

	while ((n = neigh_todo(&nd->ip6->neigh, &what)) != NULL) {
		struct iface *ifc = ip6_if(nd->ip6, n->nif->lif->ifindex);
		struct ip6_addr addr = n->addr, src;

		if (ip6_is_v4mapped(&addr)) {
			arp_todo(nd->ip6, n, what);
			continue;
		}
		if (what == NUD_DO_UNREACH) {
			unreachable(nd, n);
			continue;
		}
		if (!ns_source(nd, ifc, n, &src))
			continue; /* no address yet: nobody could answer us */
		nd_send_ns(nd, ifc, &src, what == NUD_DO_NS_UCAST ? &addr : &IP6_UNSPEC, &addr,
			   NULL);
	}
}
