/* SPDX-License-Identifier: BSD-3-Clause */
/* Redirects, RFC 4861 section 8: what a host believes, and what a router sends. */
#include "nd/part.h"

/* Section 8.1, the check that needs state: it comes from the present first hop. */
static bool from_first_hop(struct nd *nd, const struct iface *ifc, const struct ip6_addr *src,
			   const struct ip6_addr *dst, const struct ip6_addr *about)
{
	struct ip6_addr next_hop;
	struct iface *out;
	uint32_t mtu;

	return ip6_first_hop(nd->ip6, dst, about, 0, &out, &next_hop, &mtu) == 0 && out == ifc &&
	       ip6_eq(&next_hop, src);
}

/*
 * RFC 4429 section 3.2: what an optimistic address sent to a neighbour it may not ask for went by this
 * router, in the hope of just this redirect. @about: its source; unspecified: not told.
 */
static bool from_optimistic_hop(struct nd *nd, const struct iface *ifc, const struct ip6_addr *src,
				const struct ip6_addr *about)
{
	struct ip6_addr router;

	if (nd->ip6->n_optimistic == 0)
		return false;
	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->state == ADDR_OPTIMISTIC &&
		    (ip6_is_unspec(about) || ip6_eq(about, &a->addr)) &&
		    ip6_optimistic_router(nd->ip6, ifc, &a->addr, &router) && ip6_eq(&router, src))
			return true;
	}
	return false;
}

/* RFC 8028 section 3.4: whose packet it was, if the message quotes it; else unspecified. */
static struct ip6_addr redirected_source(const struct nd_msg *m)
{
	const struct rd *quote = &m->opts.redirected;

	if ((m->opts.has & ND_HAS_REDIRECTED) == 0 || quote->left < IP6_HDR_OCTETS)
		return IP6_UNSPEC;
	return ip6_hdr_src(quote->p);
}

void redirect_in(struct nd *nd, struct iface *ifc, struct pkt *pkt, const struct nd_msg *m)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p);
	struct ip6 *ip6 = nd->ip6;
	bool on_link = ip6_eq(&m->target, &m->dest);
	struct ip6_addr about;

	if (ifc->conf.forwarding || !ifc->conf.accept_redirects) {
		env_drop(ip6->env, pkt, DROP_ND_NOT_HOST);
		return;
	}
	about = redirected_source(m);
	if (!from_first_hop(nd, ifc, &src, &m->dest, &about) &&
	    !from_optimistic_hop(nd, ifc, &src, &about)) {
		env_drop(ip6->env, pkt, DROP_ND_REDIRECT_ROUTER);
		return;
	}
	/* section 8.3: with a target that is not the destination, the target is a router */
	(void)neigh_hint(&ip6->neigh, &ifc->link, &m->target, nd_tlla(m),
			 on_link ? NEIGH_ROLE_UNKNOWN : NEIGH_ROLE_ROUTER);
	path_redirect(&ip6->path, &m->dest, &about, &m->target, if_index(ifc),
		      fib_generation(ip6->fib));
	env_drop(ip6->env, pkt, DROP_ND_DONE);
}

/* Is @src a neighbour on @ifc: link-local, or in a prefix that is on link there? */
static bool is_neighbour(struct nd *nd, const struct iface *ifc, const struct ip6_addr *src)
{
	struct fib_key key = { .dst = *src };
	struct fib_choices c;

	if (ip6_is_linklocal(src))
		return true;
	return fib_lookup(nd->ip6->fib, &key, &c) == ROUTE_UNICAST &&
	       c.via[0]->ifindex == if_index(ifc) && ip6_is_unspec(&c.via[0]->gateway);
}

/*
 * Section 8.2. @about arrived on the interface that its next hop is on. The target must be a
 * link-local address if it is a router: a gateway that is known by another one cannot be told.
 */
void redirect_out(struct nd *nd, struct pkt *about)
{
	struct ip6_addr src = ip6_hdr_src(about->p), dst = ip6_hdr_dst(about->p), next_hop;
	struct iface *ifc = ip6_if(nd->ip6, about->ifindex), *out;
	struct ip6 *ip6 = nd->ip6;
	const struct neigh *n;
	struct mac mac;
	uint32_t mtu;

	if (ifc != NULL && !ip6_is_mcast(&dst) && is_neighbour(nd, ifc, &src) &&
	    ip6_first_hop(ip6, &dst, &src, ip6_is_linklocal(&dst) ? if_index(ifc) : 0, &out,
			  &next_hop, &mtu) == 0 &&
	    out == ifc && !ip6_eq(&next_hop, &src) &&
	    (ip6_eq(&next_hop, &dst) || ip6_is_linklocal(&next_hop)) &&
	    if_link_local(ifc) != NULL && icmp6_rate_ok(ip6, &src)) {
		n = neigh_find(&ip6->neigh, &ifc->link, &next_hop);
		if (n != NULL && nud_has_lladdr(&n->nud))
			mac = neigh_mac(n);
		else
			n = NULL;
		nd_send_redirect(nd, ifc, &next_hop, n != NULL ? &mac : NULL, about);
	}
	pkt_free(about);
}
