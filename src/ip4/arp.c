/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. ARP (RFC 826) in place of Neighbor Discovery, over the same neighbour cache and
 * the same machine (link/nud.h): what ND says by a solicitation is a request here, to the station itself
 * where the machine wants a unicast probe, else to all; what it says by a solicited advertisement
 * is a reply. So a neighbour of IPv4 is confirmed, and given up, as RFC 4861 section 7.3 has it, which RFC
 * 1122 section 2.3.2.1 asks for in its own way (unicast polls; an entry that does not last).
 *
 * A reply that nobody asked for makes no entry, but moves one that is there, as a gratuitous ARP is to.
 *
 * Read first: RFC 826, RFC 5227 sections 2.3 and 2.4.
 */
#include "ip4/ip4.h"

#define ARP_OCTETS	28
#define ARP_ETHERNET	1
#define ARP_REQUEST	1
#define ARP_REPLY	2
#define DEFEND_INTERVAL (10 * NS_PER_S) /* RFC 5227 section 1.1 */

struct arp {
	uint16_t op;
	struct mac sha, tha;
	struct ip6_addr spa, tpa; /* mapped */
};

static enum drop parse(struct rd r, struct arp *ret)
{
	struct arp m;
	uint16_t hw, proto;
	uint8_t hw_len, proto_len;
	uint32_t spa, tpa;

	if (r.left < ARP_OCTETS || !rd_u16(&r, &hw) || !rd_u16(&r, &proto) || !rd_u8(&r, &hw_len) ||
	    !rd_u8(&r, &proto_len) || !rd_u16(&r, &m.op) || !rd_copy(&r, m.sha.b, ETH_MAC_OCTETS) ||
	    !rd_u32(&r, &spa) || !rd_copy(&r, m.tha.b, ETH_MAC_OCTETS) || !rd_u32(&r, &tpa))
		return DROP_ARP_SHORT;
	if (hw != ARP_ETHERNET || proto != ETH_TYPE_IP4 || hw_len != ETH_MAC_OCTETS ||
	    proto_len != 4 || (m.op != ARP_REQUEST && m.op != ARP_REPLY))
		return DROP_ARP_FORMAT;
	m.spa = ip4_mapped(spa);
	m.tpa = ip4_mapped(tpa);
	if (mac_is_group(&m.sha) || mapped_is_on_link(&m.spa) || mapped_is_loopback(&m.spa))
		return DROP_ARP_SENDER;
	*ret = m;
	return DROP_NONE;
}

static void arp_send(struct ip6 *ip6, struct iface *ifc, const struct mac *to, const struct arp *m)
{
	struct pkt *pkt;
	uint8_t *p;

	if (!if_is_usable(ifc) || ifc->tunnel != NULL)
		return;
	pkt = pkt_new(ip6->env->pool, ARP_OCTETS);
	if (pkt == NULL) {
		env_count_drop(ip6->env, if_index(ifc), DROP_NO_BUFFER);
		return;
	}
	p = pkt_put(pkt, ARP_OCTETS);
	put_be16(p, ARP_ETHERNET);
	put_be16(p + 2, ETH_TYPE_IP4);
	p[4] = ETH_MAC_OCTETS;
	p[5] = 4;
	put_be16(p + 6, m->op);
	memcpy(p + 8, ifc->link.mac.b, ETH_MAC_OCTETS);
	put_be32(p + 14, ip4_of(&m->spa));
	memcpy(p + 18, m->tha.b, ETH_MAC_OCTETS);
	put_be32(p + 24, ip4_of(&m->tpa));
	link_header(pkt, to, &ifc->link.mac, ETH_TYPE_ARP);
	link_tx(ip6->env, &ifc->link, pkt);
}

static const struct mac everybody = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

void arp_announce(struct ip6 *ip6, const struct if_addr *a)
{
	struct arp m = { .op = ARP_REQUEST, .spa = a->addr, .tpa = a->addr };

	arp_send(ip6, a->ifc, &everybody, &m);
}

/* RFC 5227 section 2.4 (b): say once that it is ours; not again and again if the other insists. */
static enum drop conflict(struct ip6 *ip6, struct if_addr *a)
{
	if (ip6->env->now >= a->defend_at) {
		a->defend_at = time_after(ip6->env->now, DEFEND_INTERVAL);
		arp_announce(ip6, a);
	}
	return DROP_ARP_CONFLICT;
}

/* What a message says of its sender, if we know him already; the rest is news of no use here. */
static bool refresh(struct ip6 *ip6, struct iface *ifc, const struct arp *m, bool solicited)
{
	unsigned flags = NUD_NA_OVERRIDE | (solicited ? NUD_NA_SOLICITED : 0u);

	if (neigh_find(&ip6->neigh, &ifc->link, &m->spa) == NULL)
		return false;
	(void)neigh_advert(&ip6->neigh, &ifc->link, &m->spa, &m->sha, flags);
	return true;
}

/* RFC 826: a question for us tells where the asker is, too. One from 0.0.0.0 is a probe (RFC 5227). */
static enum drop request(struct ip6 *ip6, struct iface *ifc, const struct arp *m)
{
	struct arp answer = { .op = ARP_REPLY, .tha = m->sha, .spa = m->tpa, .tpa = m->spa };
	const struct if_addr *a = if_addr_find(ifc, &m->tpa);

	if (a == NULL || !if_addr_is_assigned(a))
		return refresh(ip6, ifc, m, false) ? DROP_ARP_DONE : DROP_ARP_NOT_OURS;
	if (!addr_is_any(&m->spa))
		(void)neigh_hint(&ip6->neigh, &ifc->link, &m->spa, &m->sha, NEIGH_ROLE_UNKNOWN);
	arp_send(ip6, ifc, &m->sha, &answer);
	return DROP_ARP_DONE;
}

/* RFC 4861 section 7.2.5 counts as an answer what was sent to us alone. */
static enum drop reply(struct ip6 *ip6, struct iface *ifc, const struct arp *m, bool to_all)
{
	bool solicited = !to_all && if_addr_find(ifc, &m->tpa) != NULL;

	return refresh(ip6, ifc, m, solicited) ? DROP_ARP_DONE : DROP_ARP_NO_ENTRY;
}

void arp_input(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt)
{
	bool to_all = (pkt->flags & PKT_MULTICAST) != 0;
	struct if_addr *own;
	struct arp m;
	enum drop why = parse(rd_of(pkt->p, pkt->len), &m);

	if (why == DROP_NONE) {
		own = if_addr_find(ifc, &m.spa);
		if (own != NULL)
			why = conflict(ip6, own);
		else if (m.op == ARP_REQUEST)
			why = request(ip6, ifc, &m);
		else
			why = reply(ip6, ifc, &m, to_all);
	}
	env_drop(ip6->env, pkt, why);
}

/* The source of what waits, if it is ours on this link; else any there. */
static bool asker(struct ip6 *ip6, struct iface *ifc, const struct neigh *n, struct ip6_addr *ret)
{
	if (n->waiting.head != NULL && n->waiting.head->len >= IP4_HDR_OCTETS) {
		*ret = ip4_mapped(get_be32(n->waiting.head->p + IP4_SRC_OFF));
		if (if_addr_find(ifc, ret) != NULL)
			return true;
	}
	return mapped_source(ip6, ifc, &n->addr, ret) == 0;
}

/* RFC 1122 section 3.3.1.1: who cannot be found is a host that cannot be reached. */
static void unreachable(struct ip6 *ip6, struct neigh *n)
{
	struct iface *ifc = ip6_if(ip6, n->nif->lif->ifindex);
	struct ip6_addr addr = n->addr;
	struct pktq q = { 0 };
	struct pkt *pkt;

	neigh_take_waiting(&ip6->neigh, n, &q);
	path_forget_gateway(&ip6->path, &addr, if_index(ifc));
	while ((pkt = pktq_get(&q)) != NULL)
		ip4_refuse(ip6, pkt, ICMP4_UNREACH, ICMP4_UNREACH_HOST, 0, DROP_NEIGH_UNREACH);
}

void arp_todo(struct ip6 *ip6, struct neigh *n, enum nud_do what)
{
	struct iface *ifc = ip6_if(ip6, n->nif->lif->ifindex);
	struct arp m = { .op = ARP_REQUEST, .tpa = n->addr };
	struct mac to = everybody;

	if (what == NUD_DO_UNREACH) {
		unreachable(ip6, n);
		return;
	}
	if (!asker(ip6, ifc, n, &m.spa))
		return;
	if (what == NUD_DO_NS_UCAST)
		memcpy(to.b, n->hdr + ETH_DST_OFF, ETH_MAC_OCTETS);
	arp_send(ip6, ifc, &to, &m);
}
