/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way out. ip6_output() has found the first hop, of the routes in ip6.fib4, and asks here for the
 * IPv4 header and for fragments. A packet that need not be fragmented has DF set (RFC 1191 section 3),
 * unless its sender said otherwise, and then no Identification: RFC 6864 section 4.1. All
 * others have one that does not repeat soon and cannot be guessed (section 4.2; RFC 7739).
 */
#include "ip4/ip4.h"

/* RFC 1112 section 6.4: 01:00:5e and the low 23 bits. */
static struct mac mac_of(const struct ip6_addr *group)
{
	return (struct mac){ { 0x01, 0x00, 0x5e, group->b[13] & 0x7f, group->b[14],
			       group->b[15] } };
}

void ip4_xmit(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *next_hop, struct pkt *pkt)
{
	struct mac to = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

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
	if (LIKELY(!mapped_is_mcast(next_hop) && !mapped_is_broadcast(ifc, next_hop))) {
		neigh_send(&ip6->neigh, &ifc->link, next_hop, pkt);
		return;
	}
	ifc->count.out_mcast++;
	if (mapped_is_mcast(next_hop))
		to = mac_of(next_hop);
	link_header(pkt, &to, &ifc->link.mac, ETH_TYPE_IP4);
	link_tx(ip6->env, &ifc->link, pkt);
}

static void output(struct ip6 *ip6, struct pkt *pkt)
{
	struct ip6_addr next_hop = mapped_hop(pkt), src = ip6_hdr_src(pkt->p),
			dst = ip6_hdr_dst(pkt->p);
	struct iface *ifc = ip6_if(ip6, pkt->ifindex);
	uint32_t mtu = pkt->frag_max;
	bool df = pkt->len <= mtu + MAPPED_MORE && (pkt->ip4_off & PKT_IP4_FRAGMENT) == 0;
	struct pktq q = { 0 };
	struct ip4_hdr h;
	struct pkt *f;

	if (ifc == NULL) {
		env_drop(ip6->env, pkt, DROP_IF_DOWN);
		return;
	}
	ip4_from_mapped(pkt, df ? 0 : (uint16_t)frag_id(&ip6->frag, &src, &dst), df ? IP4_DF : 0);
	if (LIKELY(pkt->len <= mtu)) {
		ip4_xmit(ip6, ifc, &next_hop, pkt);
		return;
	}
	(void)ip4_hdr_parse(rd_of(pkt->p, pkt->len), &h);
	if (ip4_fragment(ip6, pkt, &h, mtu, &q) < 0)
		return;
	ifc->count.frag_created += q.n;
	while ((f = pktq_get(&q)) != NULL)
		ip4_xmit(ip6, ifc, &next_hop, f);
}

void ip4_run(struct ip6 *ip6)
{
	struct pkt *pkt;

	while ((pkt = pktq_get(&ip6->to_ip4)) != NULL)
		output(ip6, pkt);
	while ((pkt = pktq_get(&ip6->refused4)) != NULL)
		ip4_answer(ip6, pkt);
}
