/* SPDX-License-Identifier: BSD-3-Clause */
/* For somebody else: RFC 1812 section 5.2.1, and 5.3.1 for the time to live. */
#include "ip4/ip4.h"

#include "base/csum.h"

static void no_route(struct ip6 *ip6, struct pkt *pkt, int rc)
{
	if (rc == -EACCES)
		ip4_refuse(ip6, pkt, ICMP4_UNREACH, ICMP4_UNREACH_ADMIN, 0, DROP_IP6_PROHIBIT);
	else if (rc == -EINVAL)
		env_drop(ip6->env, pkt, DROP_IP6_BLACKHOLE);
	else
		ip4_refuse(ip6, pkt, ICMP4_UNREACH, ICMP4_UNREACH_NET, 0, DROP_IP4_NO_ROUTE);
}

static void less_to_live(struct pkt *pkt)
{
	uint16_t was = get_be16(pkt->p + IP4_TTL_OFF), is = (uint16_t)(was - 0x100);

	put_be16(pkt->p + IP4_TTL_OFF, is);
	put_be16(pkt->p + IP4_CSUM_OFF, csum_update(get_be16(pkt->p + IP4_CSUM_OFF), was, is));
}

static void onward(struct ip6 *ip6, struct iface *out, const struct ip6_addr *next_hop,
		   struct pkt *pkt, struct ip4_hdr *h, uint32_t mtu)
{
	struct pktq q = { 0 };
	struct pkt *f;

	if (pkt->len > mtu && (h->off & IP4_DF) != 0) {
		ip4_refuse(ip6, pkt, ICMP4_UNREACH, ICMP4_UNREACH_TOO_BIG, mtu,
			   DROP_IP4_DONT_FRAGMENT);
		return;
	}
	less_to_live(pkt);
	h->ttl--;
	if (pkt->len <= mtu)
		pktq_put(&q, pkt);
	else if (ip4_fragment(ip6, pkt, h, mtu, &q) == 0)
		out->count.frag_created += q.n;
	while ((f = pktq_get(&q)) != NULL)
		ip4_xmit(ip6, out, next_hop, f);
}

void ip4_forward(struct ip6 *ip6, struct iface *in, struct pkt *pkt, const struct ip4_hdr *h)
{
	struct ip4_hdr was = *h;
	struct ip6_addr next_hop;
	struct iface *out;
	uint32_t mtu;
	int rc;

	if (!in->conf.forwarding4) {
		env_drop(ip6->env, pkt, DROP_IP4_NOT_OURS);
		return;
	}
	if (mapped_is_linklocal(&h->src) || mapped_is_linklocal(&h->dst) || addr_is_any(&h->src)) {
		env_drop(ip6->env, pkt, DROP_IP4_SCOPE);
		return;
	}
	if (h->ttl <= 1) {
		ip4_refuse(ip6, pkt, ICMP4_TIME_EXCEEDED, ICMP4_TIME_TTL, 0, DROP_IP4_TTL);
		return;
	}
	rc = ip6_first_hop(ip6, &h->dst, &h->src, 0, &out, &next_hop, &mtu);
	if (rc < 0) {
		no_route(ip6, pkt, rc);
		return;
	}
	if (mapped_is_broadcast(out, &h->dst)) {
		env_drop(ip6->env, pkt, DROP_IP4_BROADCAST);
		return;
	}
	in->count.in_forwarded++;
	onward(ip6, out, &next_hop, pkt, &was, mtu - MAPPED_MORE);
}
