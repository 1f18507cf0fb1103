/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/input.h"

#include "ip6/scope.h"

/* The interface for a destination that names no route: link-local, or multicast. */
static struct iface *zone_if(const struct ip6 *ip6, uint32_t oif)
{
	struct iface *only = NULL;

	if (oif != 0)
		return ip6_if(ip6, oif);
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		struct iface *ifc = ip6->ifs[i];

		if (ifc == NULL || ifc->loopback || !if_is_usable(ifc))
			continue;
		if (only != NULL)
			return NULL;
		only = ifc;
	}
	return only;
}

/*
 * Has the router @p was redirected to stopped answering? Then the next hop is determined anew (RFC
 * 4861 sections 5.2 and 7.3.1). A destination that is itself the next hop is looked for instead.
 */
static bool redirect_failed(const struct ip6 *ip6, const struct path *p)
{
	const struct iface *ifc = ip6_if(ip6, p->gateway_if);
	const struct neigh *n;

	if (ifc == NULL || ip6_eq(&p->gateway, &p->dst))
		return ifc == NULL;
	n = neigh_find(&ip6->neigh, &ifc->link, &p->gateway);
	return n != NULL && n->nud.state == NUD_UNREACHABLE;
}

/* RFC 8028 section 3.4: a redirect to another router is about the source that it names. */
static bool is_redirected_source(const struct path *p, const struct ip6_addr *src)
{
	return ip6_eq(&p->gateway, &p->dst) || ip6_is_unspec(&p->redirected_src) ||
	       ip6_is_unspec(src) || ip6_eq(&p->redirected_src, src);
}

/* A redirect holds while the routes are as they were and its router answers. */
static bool redirected(struct ip6 *ip6, const struct ip6_addr *dst, const struct ip6_addr *src,
		       uint32_t oif, struct iface **ifc, struct ip6_addr *next_hop)
{
	const struct path *p = path_find(&ip6->path, dst, 0);

	if (p == NULL || ip6_is_unspec(&p->gateway) || !is_redirected_source(p, src) ||
	    p->fib_generation != fib_generation(ip6_fib_of(ip6, dst)) ||
	    (oif != 0 && p->gateway_if != oif) || redirect_failed(ip6, p))
		return false;
	*ifc = ip6_if(ip6, p->gateway_if);
	ASSERT(*ifc != NULL); /* or the redirect has failed */
	*next_hop = p->gateway;
	return true;
}

static int route_errno(enum route_type type)
{
	switch (type) {
	case ROUTE_PROHIBIT:
		return -EACCES;
	case ROUTE_BLACKHOLE:
		return -EINVAL;
	case ROUTE_UNREACHABLE:
	case ROUTE_THROW:
	case ROUTE_UNICAST:
		break;
	}
	return -ENETUNREACH;
}

/* @sending: a packet goes there now; otherwise the answer leaves no trace. */
static int first_hop(struct ip6 *ip6, const struct ip6_addr *dst, const struct ip6_addr *src,
		     uint32_t oif, bool sending, struct iface **ifc, struct ip6_addr *next_hop,
		     uint32_t *mtu)
{
	const struct via *via = NULL;

	if (ip6_is_mcast(dst) || ip6_is_linklocal(dst) || mapped_is_on_link(dst)) {
		*ifc = zone_if(ip6, oif);
		*next_hop = *dst;
		if (*ifc == NULL)
			return -ENODEV;
	} else if (!redirected(ip6, dst, src, oif, ifc, next_hop)) {
		struct fib_key key = { .dst = *dst, .src = *src, .oif = oif };
		enum route_type type = hop_lookup(ip6, &key, sending, &via);

		if (type != ROUTE_UNICAST)
			return route_errno(type);
		*ifc = ip6_if(ip6, via->ifindex);
		*next_hop = ip6_is_unspec(&via->gateway) ? *dst : via->gateway;
		if (*ifc == NULL)
			return -ENETUNREACH;
	}
	if (!if_is_usable(*ifc) ||
	    (*ifc)->loopback) /* nothing leaves by loopback: it has no link */
		return -ENETUNREACH;
	*mtu = (*ifc)->conf.link_mtu;
	if (ip6_is_v4mapped(dst)) /* whatever IPv6's routers say */
		*mtu = (*ifc)->link.mtu;
	if (UNLIKELY((*ifc)->tunnel != NULL))
		*mtu = tunnel_mtu_for(ip6, *ifc, dst, *mtu);
	if (via != NULL && via->mtu != 0)
		*mtu = MIN(*mtu, via->mtu);
	if (ip6_is_v4mapped(dst))
		*mtu += MAPPED_MORE;
	return 0;
}

int ip6_first_hop(struct ip6 *ip6, const struct ip6_addr *dst, const struct ip6_addr *src,
		  uint32_t oif, struct iface **ifc, struct ip6_addr *next_hop, uint32_t *mtu)
{
	return first_hop(ip6, dst, src, oif, false, ifc, next_hop, mtu);
}

uint32_t ip6_path_mtu(struct ip6 *ip6, const struct ip6_addr *dst, uint32_t oif)
{
	struct ip6_addr next_hop;
	struct iface *ifc;
	uint32_t mtu;

	if (ip6_first_hop(ip6, dst, &IP6_UNSPEC, oif, &ifc, &next_hop, &mtu) < 0)
		return IP6_MTU_MIN;
	return path_mtu(&ip6->path, dst, ip6_is_linklocal(dst) ? if_index(ifc) : 0, mtu);
}

struct pkt *ip6_new_packet(struct ip6 *ip6, const struct ip6_addr *src, const struct ip6_addr *dst,
			   uint8_t next, int hop_limit, uint32_t octets)
{
	struct pkt *pkt = pkt_new(ip6->env->pool, IP6_HDR_OCTETS + octets);

	if (pkt == NULL) {
		env_count_drop(ip6->env, 0, DROP_NO_BUFFER);
		return NULL;
	}
	/* hop limit 0 until ip6_output() knows the interface */
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), 0, 0, 0, next,
		       hop_limit < 0 ? 0 : (uint8_t)hop_limit, src, dst);
	return pkt;
}

void ip6_xmit(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *next_hop, struct pkt *pkt)
{
	if (UNLIKELY(ifc->disabled)) {
		env_drop(ip6->env, pkt, DROP_IF_DISABLED);
		return;
	}
	ifc->count.out_pkts++;
	if (UNLIKELY(ifc->tunnel != NULL)) {
		tunnel_output(ip6, ifc, pkt);
		return;
	}
	pkt->ifindex = if_index(ifc);
	if (ip6_is_mcast(next_hop)) {
		struct mac dst = mac_of_group(next_hop);

		ifc->count.out_mcast++;
		link_header(pkt, &dst, &ifc->link.mac, ETH_TYPE_IP6);
		link_tx(ip6->env, &ifc->link, pkt);
		return;
	}
	neigh_send(&ip6->neigh, &ifc->link, next_hop, pkt);
}

static int fail(struct ip6 *ip6, struct pkt *pkt, enum drop why, int rc)
{
	env_drop(ip6->env, pkt, why);
	return rc;
}

static int output_fragments(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *next_hop,
			    struct pkt *pkt, uint32_t mtu)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p), dst = ip6_hdr_dst(pkt->p);
	struct pktq q = { 0 };
	struct pkt *f;
	int rc = ip6_fragment(ip6->env, pkt, mtu, frag_id(&ip6->frag, &src, &dst), &q);

	while ((f = pktq_get(&q)) != NULL) {
		ifc->count.frag_created++;
		if (f->len > IP6_MTU_MIN)
			path_sent(&ip6->path, f);
		ip6_xmit(ip6, ifc, next_hop, f);
	}
	return rc;
}

static int output_self(struct ip6 *ip6, struct if_addr *self, struct pkt *pkt)
{
	if (ip6->loop.n >= IP6_LOOP_MAX)
		return fail(ip6, pkt, DROP_QUEUE_FULL, -ENOBUFS);
	if (!if_addr_is_assigned(self))
		return fail(ip6, pkt, DROP_IP6_DST_TENTATIVE, -EADDRNOTAVAIL);
	pkt->ifindex = if_index(self->ifc);
	pkt->flags |= PKT_LOCAL_IN;
	if (pkt->p[IP6_HLIM_OFF] == 0 && (pkt->flags & PKT_HOP_LIMIT) == 0)
		pkt->p[IP6_HLIM_OFF] = ip6_is_v4mapped(&self->addr) ? MAPPED_TTL
								    : self->ifc->conf.cur_hop_limit;
	pktq_put(&ip6->loop, pkt);
	return 0;
}

/*
 * Optimistic addresses, RFC 4429 section 3.2.
 */

static bool has_lladdr(const struct ip6 *ip6, const struct iface *ifc, const struct ip6_addr *addr)
{
	const struct neigh *n = neigh_find(&ip6->neigh, &ifc->link, addr);

	return n != NULL && nud_has_lladdr(&n->nud);
}

bool ip6_optimistic_router(struct ip6 *ip6, const struct iface *ifc, const struct ip6_addr *src,
			   struct ip6_addr *ret)
{
	struct fib_key key = { .dst = IP6_UNSPEC, .src = *src, .oif = if_index(ifc) };
	const struct via *via = NULL;

	if (hop_lookup(ip6, &key, false, &via) != ROUTE_UNICAST || via->ifindex != if_index(ifc) ||
	    ip6_is_unspec(&via->gateway) || !has_lladdr(ip6, ifc, &via->gateway))
		return false;
	*ret = via->gateway;
	return true;
}

/*
 * To a link-local destination it waits, too: a router that passes it on breaks no rule, but most
 * do not, and a second later there is an answer.
 */
bool ip6_optimistic_hop(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt,
			struct ip6_addr *next_hop)
{
	struct ip6_addr src, dst;
	struct if_addr *a;

	if (LIKELY(ip6->n_optimistic == 0))
		return true;
	src = ip6_hdr_src(pkt->p);
	dst = ip6_hdr_dst(pkt->p);
	a = ip6_local(ip6, &src, if_index(ifc));
	if (a == NULL || a->state != ADDR_OPTIMISTIC || ip6_is_mcast(next_hop) ||
	    has_lladdr(ip6, ifc, next_hop))
		return true;
	if ((pkt->flags & PKT_ON_LINK) == 0 && !ip6_is_linklocal(&dst) &&
	    ip6_optimistic_router(ip6, ifc, &src, next_hop))
		return true;
	if (a->waiting.n >= IF_WAIT_MAX)
		env_drop(ip6->env, pktq_get(&a->waiting), DROP_IP6_SRC_WAITS);
	pkt->ifindex = if_index(ifc);
	pktq_put(&a->waiting, pkt);
	return false;
}

void ip6_optimistic_go(struct ip6 *ip6, struct if_addr *a)
{
	struct pktq q = a->waiting;
	struct pkt *pkt;

	ASSERT(a->state != ADDR_OPTIMISTIC);
	a->waiting = (struct pktq){ 0 };
	while ((pkt = pktq_get(&q)) != NULL) {
		struct iface *ifc = ip6_if(ip6, pkt->ifindex);
		struct ip6_addr dst = ip6_hdr_dst(pkt->p);

		if (!if_addr_is_assigned(a) || ifc == NULL)
			env_drop(ip6->env, pkt, DROP_IP6_SRC_GONE);
		else if ((pkt->flags & PKT_ON_LINK) != 0)
			ip6_xmit(ip6, ifc, &dst, pkt);
		else
			(void)ip6_output(ip6, pkt, pkt->ifindex);
	}
}

/* The rest is IPv4's: what may be fragmented, and how. */
static int output_mapped(struct ip6 *ip6, struct pkt *pkt, struct iface *ifc,
			 const struct ip6_addr *next_hop, uint32_t mtu)
{
	struct ip6_addr dst = ip6_hdr_dst(pkt->p), src = ip6_hdr_src(pkt->p);

	if (pkt->len - IP6_HDR_OCTETS > MAPPED_PLEN_MAX)
		return fail(ip6, pkt, DROP_IP6_TOO_BIG, -EMSGSIZE);
	if (!ip6_is_v4mapped(&src) || mapped_is_loopback(&src) || mapped_is_loopback(&dst))
		return fail(ip6, pkt, DROP_IP4_LOOPBACK, -EINVAL);
	if (pkt->p[IP6_HLIM_OFF] == 0 && (pkt->flags & PKT_HOP_LIMIT) == 0)
		pkt->p[IP6_HLIM_OFF] = MAPPED_TTL;
	return mapped_output(ip6, ifc, next_hop, pkt, path_mtu(&ip6->path, &dst, 0, mtu));
}

int ip6_output(struct ip6 *ip6, struct pkt *pkt, uint32_t oif)
{
	struct ip6_addr dst = ip6_hdr_dst(pkt->p), src = ip6_hdr_src(pkt->p), next_hop;
	struct if_addr *self;
	struct iface *ifc;
	uint32_t mtu;
	int rc;

	ASSERT(pkt->len >= IP6_HDR_OCTETS);
	if (pkt->len - IP6_HDR_OCTETS > UINT16_MAX)
		return fail(ip6, pkt, DROP_IP6_TOO_BIG, -EMSGSIZE);
	put_be16(pkt->p + IP6_PLEN_OFF, (uint16_t)(pkt->len - IP6_HDR_OCTETS));
	self = ip6_is_mcast(&dst) ? NULL : ip6_local(ip6, &dst, oif);
	if (self != NULL)
		return output_self(ip6, self, pkt);
	if (ip6_is_mcast(&dst) && ip6_scope(&dst) < SCOPE_LINK) /* RFC 4291 section 2.7 */
		return fail(ip6, pkt, DROP_IP6_DST_MCAST_SCOPE, -ENETUNREACH);
	rc = first_hop(ip6, &dst, &src, oif, true, &ifc, &next_hop, &mtu);
	if (rc == -EACCES)
		return fail(ip6, pkt, DROP_IP6_PROHIBIT, rc);
	if (rc == -EINVAL)
		return fail(ip6, pkt, DROP_IP6_BLACKHOLE, rc);
	if (rc < 0)
		return fail(ip6, pkt, DROP_IP6_NO_ROUTE, rc);
	if (UNLIKELY(ip6_is_v4mapped(&dst)))
		return output_mapped(ip6, pkt, ifc, &next_hop, mtu);
	if (pkt->p[IP6_HLIM_OFF] == 0 && (pkt->flags & PKT_HOP_LIMIT) == 0)
		pkt->p[IP6_HLIM_OFF] = ifc->conf.cur_hop_limit;
	if (!ip6_optimistic_hop(ip6, ifc, pkt, &next_hop))
		return 0;
	mtu = path_mtu(&ip6->path, &dst, ip6_is_linklocal(&dst) ? if_index(ifc) : 0, mtu);
	if (pkt->frag_max != 0)
		mtu = MIN(mtu, pkt->frag_max);
	if (pkt->len > mtu)
		return output_fragments(ip6, ifc, &next_hop, pkt, mtu);
	if (pkt->len > IP6_MTU_MIN && (pkt->flags & PKT_TCP) == 0)
		path_sent(&ip6->path, pkt);
	ip6_xmit(ip6, ifc, &next_hop, pkt);
	return 0;
}
