/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way in (RFC 8200 sections 3 and 4): header checks, then for each packet whether it is for
 * this node, for a group, or for somebody else. Extension headers are looked at only where the
 * RFC lets us: hop-by-hop options on the way, all of them at the destination.
 */
#include "ip6/input.h"

/* Is there a jumbo payload option to look for? Payload length 0 is otherwise "nothing behind". */
static bool maybe_jumbo(const struct pkt *pkt)
{
	return get_be16(pkt->p + IP6_PLEN_OFF) == 0 && pkt->p[IP6_NEXT_OFF] == IP6_NH_HBH &&
	       pkt->len > IP6_HDR_OCTETS;
}

static enum drop check_header(struct pkt *pkt)
{
	uint32_t plen;

	if (pkt->len < IP6_HDR_OCTETS)
		return DROP_IP6_SHORT;
	if (pkt->p[0] >> 4 != 6)
		return DROP_IP6_VERSION;
	plen = get_be16(pkt->p + IP6_PLEN_OFF);
	if (plen > pkt->len - IP6_HDR_OCTETS)
		return DROP_IP6_LEN;
	if (pkt->p[IP6_SRC_OFF] == 0xff)
		return DROP_IP6_SRC_MCAST;
	if (LIKELY(!maybe_jumbo(pkt)))
		pkt_trim(pkt, IP6_HDR_OCTETS + plen); /* padding of the link */
	return DROP_NONE;
}

/* RFC 4291 sections 2.5.2, 2.5.3 and 2.7: addresses that never come from a link. */
static enum drop check_addrs(const struct pkt *pkt, const struct ip6_addr *dst)
{
	struct ip6_addr src;

	/* all of them begin with one of these octets */
	if (LIKELY(pkt->p[IP6_SRC_OFF] != 0 && dst->b[0] != 0 && dst->b[0] != 0xff))
		return DROP_NONE;
	src = ip6_hdr_src(pkt->p);
	if (ip6_is_unspec(dst))
		return DROP_IP6_DST_UNSPEC;
	if ((pkt->flags & PKT_LOCAL_IN) != 0)
		return DROP_NONE;
	if (ip6_is_loopback(&src))
		return DROP_IP6_SRC_LOOPBACK;
	if (UNLIKELY(ip6_is_v4mapped(&src) || ip6_is_v4mapped(dst)))
		return DROP_IP6_MAPPED;
	if (ip6_is_loopback(dst))
		return DROP_IP6_DST_LOOPBACK;
	if (ip6_is_mcast(dst) && ip6_scope(dst) <= SCOPE_IFACE)
		return DROP_IP6_DST_MCAST_SCOPE;
	return DROP_NONE;
}

static void refuse(struct ip6 *ip6, struct pkt *pkt, const struct ip6_walk *w)
{
	if (w->icmp)
		icmp6_error(ip6, pkt, w->icmp_type, w->icmp_code, w->icmp_ptr, w->why);
	else
		env_drop(ip6->env, pkt, w->why);
}

static void deliver(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt)
{
	ifc->count.in_delivers++;
	pktq_put(&ip6->upper, pkt);
}

/* The whole header chain, reassembling on the way. */
static void local_chain(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt)
{
	struct ip6_walk w;

	ip6_walk_begin(&w, pkt);
	for (;;) {
		struct frag_error err = { 0 };

		ip6_walk_chain(&w, pkt, &ip6->ext_limits);
		if (w.why != DROP_NONE) {
			refuse(ip6, pkt, &w);
			return;
		}
		if (w.next != IP6_NH_FRAGMENT)
			break;
		pkt = frag_input(&ip6->frag, pkt, &w, &err);
		if (err.quote != NULL)
			icmp6_error(ip6, err.quote, err.type, err.code, err.param, err.why);
		if (pkt == NULL)
			return;
		pkt->flags |= PKT_FRAGMENT;
		ifc->count.reasm_ok++;
	}
	if (w.next == IP6_NH_NONE) {
		env_drop(ip6->env, pkt, DROP_IP6_NO_NEXT_HEADER);
		return;
	}
	pkt->proto = w.next;
	pkt->l4_off = w.off;
	pkt->nh_off = w.nh_off;
	deliver(ip6, ifc, pkt);
}

static bool is_upper(uint8_t next)
{
	return next == IP6_NH_TCP || next == IP6_NH_UDP || next == IP6_NH_ICMP6;
}

void ip6_local_in(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt)
{
	if (LIKELY(is_upper(pkt->p[IP6_NEXT_OFF]))) {
		pkt->proto = pkt->p[IP6_NEXT_OFF];
		pkt->l4_off = IP6_HDR_OCTETS;
		pkt->nh_off = IP6_NEXT_OFF;
		deliver(ip6, ifc, pkt);
		return;
	}
	local_chain(ip6, ifc, pkt);
}

/* On the way, only hop-by-hop options are anybody's business (RFC 8200 section 4, RFC 9673). */
static bool hop_by_hop(struct ip6 *ip6, struct pkt *pkt)
{
	struct ip6_walk w;

	ip6_walk_begin(&w, pkt);
	ip6_walk_hbh(&w, pkt, &ip6->ext_limits);
	if (w.why == DROP_NONE && maybe_jumbo(pkt))
		w.why = DROP_EXT_SHORT;
	if (w.why == DROP_NONE)
		return true;
	refuse(ip6, pkt, &w);
	return false;
}

/* A packet that multicast routing takes, and, if @joined, this node too. */
static void multicast_on(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt, struct mfc *route,
			 bool joined)
{
	struct pkt *copy;

	if (pkt->p[IP6_NEXT_OFF] == IP6_NH_HBH && !hop_by_hop(ip6, pkt))
		return;
	if (joined) {
		copy = pkt_copy(ip6->env->pool, pkt);
		if (copy != NULL)
			ip6_local_in(ip6, ifc, copy);
		else
			env_count_drop(ip6->env, if_index(ifc), DROP_NO_BUFFER);
	}
	if (route != NULL)
		mroute_forward(ip6, route, pkt, joined);
	else
		mroute_ask(ip6, pkt);
}

static bool is_mld(const struct pkt *pkt)
{
	uint32_t off;

	if (LIKELY(pkt->p[IP6_NEXT_OFF] != IP6_NH_HBH) || pkt->len < IP6_HDR_OCTETS + 8 ||
	    pkt->p[IP6_HDR_OCTETS] != IP6_NH_ICMP6)
		return false;
	off = IP6_HDR_OCTETS + (pkt->p[IP6_HDR_OCTETS + 1] + 1u) * 8;
	return off < pkt->len && icmp6_is_mld(pkt->p[off]);
}

/*
 * Is it for this node? MLD messages are whatever the filter of their group says (RFC 3810 section
 * 4.2), and for routers also to groups that they did not join: RFC 2711, RFC 2710 section 4.
 */
static enum drop is_wanted(const struct iface *ifc, const struct pkt *pkt,
			   const struct ip6_addr *dst)
{
	const struct if_group *g = if_group_find(ifc, dst);
	struct ip6_addr src;

	if (g != NULL) {
		src = ip6_hdr_src(pkt->p);
		if (if_group_wants(g, &src))
			return DROP_NONE;
	}
	if ((g != NULL || ifc->conf.hears_listeners) && is_mld(pkt))
		return DROP_NONE;
	return g != NULL ? DROP_IP6_MCAST_SOURCE : DROP_IP6_MCAST_NOT_JOINED;
}

static void multicast_in(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt,
			 const struct ip6_addr *dst)
{
	enum drop unwanted = is_wanted(ifc, pkt, dst), why = DROP_IP6_MCAST_NOT_JOINED;
	bool joined = unwanted == DROP_NONE;
	struct mfc *route = NULL;

	ifc->count.in_mcast++;
	if (ip6->mroute != NULL)
		why = mroute_judge(ip6, ifc, pkt, &route);
	if (why == DROP_NONE)
		multicast_on(ip6, ifc, pkt, route, joined);
	else if (joined)
		ip6_local_in(ip6, ifc, pkt);
	else
		env_drop(ip6->env, pkt, why == DROP_IP6_MCAST_NOT_JOINED ? unwanted : why);
}

static bool is_nd(const struct pkt *pkt)
{
	return pkt->p[IP6_NEXT_OFF] == IP6_NH_ICMP6 && pkt->len > IP6_HDR_OCTETS &&
	       pkt->p[IP6_HDR_OCTETS] >= ICMP6_RS && pkt->p[IP6_HDR_OCTETS] <= ICMP6_REDIRECT;
}

/*
 * RFC 4861 section 7.2.8: who is answered for is probed by unicast, too, and we answer; nobody could
 * behind another hop. All else is forwarded; but what is for a link-local address stays on this link
 * (RFC 4291 section 2.5.6), where its owner is not.
 *
 * Return: true when @pkt is still ours to forward.
 */
static bool for_proxied(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt,
			const struct ip6_addr *dst)
{
	if (!ifc->conf.forwarding || ip6_proxied(ip6, ifc, dst) == NULL)
		return true;
	if (is_nd(pkt)) {
		ip6_local_in(ip6, ifc, pkt);
		return false;
	}
	if (!ip6_is_linklocal(dst))
		return true;
	icmp6_error(ip6, pkt, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, 0, DROP_IP6_PROXY_LINK_LOCAL);
	return false;
}

/* An advertisement that was solicited by unicast: by whose address is tentative, if RFC 6059 lets it. */
static bool is_nd_answer(const struct pkt *pkt)
{
	uint8_t type;

	if (pkt->p[IP6_NEXT_OFF] != IP6_NH_ICMP6 || pkt->len <= IP6_HDR_OCTETS)
		return false;
	type = pkt->p[IP6_HDR_OCTETS];
	return type == ICMP6_RA || type == ICMP6_NA;
}

/* Return: true when @pkt is somebody else's and still ours to forward. */
static bool sort(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt)
{
	enum drop why = check_header(pkt);
	const struct if_addr *a;
	struct ip6_addr dst;

	if (LIKELY(why == DROP_NONE)) {
		dst = ip6_hdr_dst(pkt->p);
		why = check_addrs(pkt, &dst);
	}
	if (UNLIKELY(why != DROP_NONE)) {
		env_drop(ip6->env, pkt, why);
		return false;
	}
	ifc->count.in_pkts++;
	if (UNLIKELY(ip6_is_v4mapped(&dst))) { /* of our own: check_addrs() took no other */
		mapped_deliver(ip6, ifc, pkt);
		return false;
	}
	if (UNLIKELY(maybe_jumbo(pkt)) && !hop_by_hop(ip6, pkt))
		return false;
	if (dst.b[0] == 0xff) {
		multicast_in(ip6, ifc, pkt, &dst);
		return false;
	}
	a = ip6_local(ip6, &dst, if_index(ifc));
	if (a == NULL && UNLIKELY(ifc->n_proxied != 0) && !for_proxied(ip6, ifc, pkt, &dst))
		return false;
	if (a == NULL)
		return pkt->p[IP6_NEXT_OFF] != IP6_NH_HBH || !ifc->conf.forwarding ||
		       hop_by_hop(ip6, pkt);
	if (if_addr_is_assigned(a) || (a->dna_asks && is_nd_answer(pkt)))
		ip6_local_in(ip6, ifc, pkt);
	else
		env_drop(ip6->env, pkt, DROP_IP6_DST_TENTATIVE);
	return false;
}

void ip6_input(struct ip6 *ip6, struct iface *ifc, struct batch *in)
{
	struct batch onward = { .n = 0 };

	if (UNLIKELY(ifc->disabled)) {
		for (unsigned i = 0; i < in->n; i++)
			env_drop(ip6->env, in->pkt[i], DROP_IF_DISABLED);
		in->n = 0;
		return;
	}
	for (unsigned i = 0; i < in->n; i++)
		if (sort(ip6, ifc, in->pkt[i]))
			batch_put(&onward, in->pkt[i]);
	in->n = 0;
	ip6_forward_batch(ip6, ifc, &onward);
}

void ip6_run_loop(struct ip6 *ip6)
{
	for (unsigned i = 0; i < BATCH_MAX && ip6->loop.n > 0; i++) {
		struct pkt *pkt = pktq_get(&ip6->loop);
		struct iface *ifc = ip6_if(ip6, pkt->ifindex);

		env_frame(ip6->env, TRACE_SELF, pkt->ifindex, pkt);
		if (ifc == NULL)
			env_drop(ip6->env, pkt, DROP_IF_DOWN);
		else if (sort(ip6, ifc, pkt))
			env_drop(ip6->env, pkt, DROP_IP6_SELF_GONE);
	}
}

void ip6_frag_timer(struct ip6 *ip6, struct timer *timer)
{
	struct frag_error err = { 0 };

	frag_timer(&ip6->frag, timer, &err);
	if (err.quote != NULL)
		icmp6_error(ip6, err.quote, err.type, err.code, err.param, err.why);
}
