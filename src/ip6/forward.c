/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Forwarding (RFC 8200 section 3, RFC 4007 section 9, RFC 4443 section 3). Batches take the
 * straight way: one lookup for all, next hops with a known link-layer address, nothing to tell
 * anybody. Whatever is unusual about a packet sends it the general way, ip6_forward(), which
 * decides everything anew; the straight way never drops.
 */
#include "ip6/input.h"

#define REDIRECTS_MAX 16 /* that may wait for nd */

static void too_big(struct ip6 *ip6, struct pkt *pkt, uint32_t mtu)
{
	icmp6_error(ip6, pkt, ICMP6_TOO_BIG, 0, MAX(mtu, (uint32_t)IP6_MTU_MIN), DROP_IP6_TOO_BIG);
}

/* RFC 7084 section 4.3, L-14. */
static bool is_refused(const struct iface *in, const struct ip6_addr *src)
{
	for (unsigned i = 0; i < in->n_refused; i++)
		if (ip6_in_prefix(src, &in->refused[i].prefix, in->refused[i].len))
			return true;
	return false;
}

/* What a node that is no router does, and what no router may pass on. */
static enum drop may_forward(const struct iface *in, const struct pkt *pkt,
			     const struct ip6_addr *src)
{
	if (!in->conf.forwarding)
		return DROP_IP6_NOT_OURS;
	if ((pkt->flags & PKT_MULTICAST) != 0)
		return DROP_IP6_LINK_UNICAST;
	if (ip6_is_unspec(src))
		return DROP_IP6_SRC_UNSPEC;
	return is_refused(in, src) ? DROP_IP6_SRC_INVALIDATED : DROP_NONE;
}

static void no_route(struct ip6 *ip6, struct pkt *pkt, enum route_type type)
{
	switch (type) {
	case ROUTE_BLACKHOLE:
		env_drop(ip6->env, pkt, DROP_IP6_BLACKHOLE);
		return;
	case ROUTE_PROHIBIT:
		icmp6_error(ip6, pkt, ICMP6_UNREACH, ICMP6_UNREACH_ADMIN, 0, DROP_IP6_PROHIBIT);
		return;
	case ROUTE_UNREACHABLE:
	case ROUTE_THROW:
	case ROUTE_UNICAST:
		break;
	}
	icmp6_error(ip6, pkt, ICMP6_UNREACH, ICMP6_UNREACH_ROUTE, 0, DROP_IP6_NO_ROUTE);
}

/* RFC 4861 section 8.2: it leaves as it came, so its sender could do without us. nd judges. */
static void note_redirect(struct ip6 *ip6, const struct iface *ifc, const struct pkt *pkt)
{
	struct pkt *copy;

	if (!ifc->conf.send_redirects || ip6->redirect.n >= REDIRECTS_MAX)
		return;
	copy = pkt_copy(ip6->env->pool, pkt);
	if (copy != NULL)
		pktq_put(&ip6->redirect, copy);
}

/*
 * RFC 4007 section 9: the zone of the destination is that of the link that the packet came by; for
 * a link-local one that is the link itself, and no route is needed (@via stays NULL).
 */
static struct iface *way_out(struct ip6 *ip6, struct iface *in, const struct ip6_addr *dst,
			     const struct ip6_addr *src, enum route_type *type,
			     const struct via **via)
{
	struct fib_key key = { .dst = *dst, .src = *src, .iif = if_index(in) };

	if (ip6_is_linklocal(dst))
		return in;
	*type = hop_lookup(ip6, &key, true, via);
	return *via != NULL ? ip6_if(ip6, (*via)->ifindex) : NULL;
}

void ip6_forward(struct ip6 *ip6, struct iface *in, struct pkt *pkt)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p), dst = ip6_hdr_dst(pkt->p), next_hop;
	enum drop why = may_forward(in, pkt, &src);
	enum route_type type = ROUTE_UNICAST;
	const struct via *via = NULL;
	struct iface *out;
	uint32_t mtu;

	if (why == DROP_IP6_SRC_INVALIDATED) {
		icmp6_error(ip6, pkt, ICMP6_UNREACH, ICMP6_UNREACH_POLICY, 0, why);
		return;
	}
	if (why != DROP_NONE) {
		env_drop(ip6->env, pkt, why);
		return;
	}
	if (pkt->p[IP6_HLIM_OFF] <= 1) {
		icmp6_error(ip6, pkt, ICMP6_TIME_EXCEEDED, ICMP6_TIME_HOP_LIMIT, 0,
			    DROP_IP6_HOP_LIMIT);
		return;
	}
	out = way_out(ip6, in, &dst, &src, &type, &via);
	if (out == NULL || !if_is_usable(out) || out->loopback) {
		no_route(ip6, pkt, type);
		return;
	}
	if (ip6_is_linklocal(&src) && out != in) {
		icmp6_error(ip6, pkt, ICMP6_UNREACH, ICMP6_UNREACH_SCOPE, 0, DROP_IP6_SCOPE);
		return;
	}
	mtu = if_mtu(ip6, out);
	if (via != NULL && via->mtu != 0)
		mtu = MIN(mtu, via->mtu);
	if (pkt->len > mtu) {
		too_big(ip6, pkt, mtu);
		return;
	}
	/* who was told that we take it shall not be told otherwise */
	if (out == in && (in->n_proxied == 0 || ip6_proxied(ip6, in, &dst) == NULL))
		note_redirect(ip6, in, pkt);
	next_hop = via == NULL || ip6_is_unspec(&via->gateway) ? dst : via->gateway;
	pkt->p[IP6_HLIM_OFF]--;
	in->count.in_forwarded++;
	ip6_xmit(ip6, out, &next_hop, pkt);
}

/* The straight way for one packet whose route is known. Return: false to take the general way. */
static bool fast(struct ip6 *ip6, struct iface *in, struct pkt *pkt, const struct via *via)
{
	struct iface *out = via->type == ROUTE_UNICAST ? ip6_if(ip6, via->ifindex) : NULL;
	struct ip6_addr dst;
	struct neigh *n;

	if (out == NULL || out == in || !if_is_usable(out) || out->loopback ||
	    out->tunnel != NULL || pkt->p[IP6_HLIM_OFF] <= 1 || pkt->len > out->conf.link_mtu ||
	    (via->mtu != 0 && pkt->len > via->mtu) || !ip6_src_may_leave(pkt->p))
		return false;
	if (ip6_is_unspec(&via->gateway)) {
		dst = ip6_hdr_dst(pkt->p);
		n = neigh_find(&ip6->neigh, &out->link, &dst);
	} else {
		n = neigh_find(&ip6->neigh, &out->link, &via->gateway);
	}
	if (n == NULL || !neigh_ready(n))
		return false;
	pkt->p[IP6_HLIM_OFF]--;
	in->count.in_forwarded++;
	out->count.out_pkts++;
	neigh_output(&ip6->neigh, n, pkt);
	return true;
}

void ip6_forward_batch(struct ip6 *ip6, struct iface *in, const struct batch *b)
{
	struct ip6_addr dst[BATCH_MAX];
	const struct ip6_addr *at[BATCH_MAX];
	uint32_t value[BATCH_MAX];

	if (b->n == 0)
		return;
	if (!in->conf.forwarding || in->n_refused != 0 || !fib_is_plain(ip6->fib)) {
		for (unsigned i = 0; i < b->n; i++)
			ip6_forward(ip6, in, b->pkt[i]);
		return;
	}
	for (unsigned i = 0; i < b->n; i++) {
		dst[i] = ip6_hdr_dst(b->pkt[i]->p);
		at[i] = &dst[i];
	}
	fib_plain_batch(ip6->fib, at, value, b->n);
	for (unsigned i = 0; i < b->n; i++) {
		struct pkt *pkt = b->pkt[i];
		const struct via *via = value[i] != 0 ? fib_plain_via(ip6->fib, value[i]) : NULL;

		if (via == NULL || (pkt->flags & PKT_MULTICAST) != 0 || ip6_is_linklocal(&dst[i]) ||
		    !fast(ip6, in, pkt, via))
			ip6_forward(ip6, in, pkt);
	}
}
