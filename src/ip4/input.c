/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way in (RFC 791, RFC 1122 section 3.2.1): header checks, then whether the packet is for this node,
 * for many, or for somebody else. What is for this node changes its header here; a fragment gets a
 * Fragment header, too, so that one reassembler (ip6/frag.c) serves both families: bounded, and without
 * mercy for overlaps. Protocol and Identification make its identification (RFC 791 section 3.2).
 */
#include "ip4/ip4.h"

/* RFC 7126 sections 4.3 and 4.4: source routes are not followed. The rest of the options means nothing. */
static enum drop check_options(const struct pkt *pkt, const struct ip4_hdr *h)
{
	struct rd r = rd_of(pkt->p + IP4_HDR_OCTETS, h->octets - (size_t)IP4_HDR_OCTETS);
	uint8_t type, len;

	while (rd_u8(&r, &type) && type != IP4_OPT_END) {
		if (type == IP4_OPT_NOP)
			continue;
		if (!rd_u8(&r, &len) || len < 2 || !rd_skip(&r, len - 2u))
			return DROP_IP4_OPTION;
		if (type == IP4_OPT_LSRR || type == IP4_OPT_SSRR)
			return DROP_IP4_SOURCE_ROUTE;
	}
	return DROP_NONE;
}

/* RFC 1122 section 3.2.1.3: what may not be a source, and what is nobody's address. */
static enum drop check_addrs(const struct ip6 *ip6, const struct iface *ifc,
			     const struct ip4_hdr *h)
{
	uint32_t src = ip4_of(&h->src), dst = ip4_of(&h->dst);

	if (src >> 28 >= 0xe || (src >> 24 == 0 && src != 0) || mapped_is_broadcast(ifc, &h->src))
		return DROP_IP4_SRC;
	if (src >> 24 == 127 || dst >> 24 == 127)
		return DROP_IP4_LOOPBACK;
	if (dst >> 24 == 0 || (dst >> 28 == 0xf && dst != UINT32_MAX))
		return DROP_IP4_DST;
	if (src == 0 && !mapped_is_on_link(&h->dst)) /* who has no address yet asks all */
		return DROP_IP4_SRC;
	return ip6_local(ip6, &h->src, 0) != NULL ? DROP_IP4_SRC_OWN : DROP_NONE;
}

static enum drop check(const struct ip6 *ip6, const struct iface *ifc, struct pkt *pkt,
		       struct ip4_hdr *h)
{
	enum drop why = ip4_hdr_parse(rd_of(pkt->p, pkt->len), h);

	if (why != DROP_NONE)
		return why;
	if (h->len > pkt->len)
		return DROP_IP4_LEN;
	pkt_trim(pkt, h->len); /* padding of the link */
	why = h->octets > IP4_HDR_OCTETS ? check_options(pkt, h) : DROP_NONE;
	return why != DROP_NONE ? why : check_addrs(ip6, ifc, h);
}

/* The header that a fragment of IPv6 would have. */
static void put_fragment_header(struct pkt *pkt, const struct ip4_hdr *h)
{
	uint32_t off = (h->off & IP4_OFFSET_MASK) * 8u;
	uint8_t *p;

	pkt_push(pkt, IP6_FRAG_OCTETS);
	memmove(pkt->p, pkt->p + IP6_FRAG_OCTETS, IP6_HDR_OCTETS);
	p = pkt->p + IP6_HDR_OCTETS;
	p[0] = h->proto;
	p[1] = 0;
	put_be16(p + IP6_FRAG_OFFSET_OFF,
		 (uint16_t)(off | ((h->off & IP4_MF) != 0 ? IP6_FRAG_MORE : 0)));
	put_be32(p + IP6_FRAG_ID_OFF, (uint32_t)h->proto << 16 | h->id);
	pkt->p[IP6_NEXT_OFF] = IP6_NH_FRAGMENT;
	put_be16(pkt->p + IP6_PLEN_OFF, (uint16_t)(pkt->len - IP6_HDR_OCTETS));
}

/* Return: the whole packet, or NULL: held, or dropped. */
static struct pkt *reassemble(struct ip6 *ip6, struct pkt *pkt, const struct ip4_hdr *h)
{
	uint32_t off = (h->off & IP4_OFFSET_MASK) * 8u, len = pkt->len - IP6_HDR_OCTETS;
	struct ip6_walk w = { .next = IP6_NH_FRAGMENT,
			      .off = IP6_HDR_OCTETS,
			      .nh_off = IP6_NEXT_OFF,
			      .frag_more = (h->off & IP4_MF) != 0,
			      .frag_off = (uint16_t)off,
			      .frag_id = (uint32_t)h->proto << 16 | h->id };
	struct frag_error err = { 0 };
	enum drop why = DROP_NONE;

	if (len == 0 || ((h->off & IP4_MF) != 0 && len % 8 != 0))
		why = DROP_IP4_FRAG_LEN;
	else if (off + len > MAPPED_PLEN_MAX)
		why = DROP_FRAG_TOO_BIG;
	if (why != DROP_NONE) {
		env_drop(ip6->env, pkt, why);
		return NULL;
	}
	put_fragment_header(pkt, h);
	pkt = frag_input(&ip6->frag, pkt, &w, &err);
	if (err.quote != NULL) /* IPv4 has no word for what IPv6 complains of here */
		env_drop(ip6->env, err.quote, err.why);
	if (pkt != NULL)
		pkt->flags |= PKT_FRAGMENT;
	return pkt;
}

static void local_in(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt, const struct ip4_hdr *h)
{
	ip4_to_mapped(pkt, h);
	if (UNLIKELY(ip4_is_fragment(h))) {
		pkt = reassemble(ip6, pkt, h);
		if (pkt == NULL)
			return;
		ifc->count.reasm_ok++;
	}
	mapped_deliver(ip6, ifc, pkt);
}

/* RFC 1112 section 7.2: of a group that was joined; all systems are, always. */
static enum drop is_joined(const struct iface *ifc, const struct ip6_addr *dst)
{
	if (ip4_of(dst) == 0xe0000001 || if_group_find(ifc, dst) != NULL)
		return DROP_NONE;
	return DROP_IP4_MCAST_NOT_JOINED;
}

void ip4_input(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt)
{
	struct ip4_hdr h;
	enum drop why = ifc->disabled ? DROP_IF_DISABLED : check(ip6, ifc, pkt, &h);
	const struct if_addr *a;

	if (why == DROP_NONE && mapped_is_mcast(&h.dst))
		why = is_joined(ifc, &h.dst);
	if (why != DROP_NONE) {
		if (why == DROP_IP4_OPTION) /* RFC 1122 section 3.2.2.5: SHOULD be told */
			ip4_refuse(ip6, pkt, ICMP4_PARAM_PROB, 0, IP4_HDR_OCTETS << 24, why);
		else
			env_drop(ip6->env, pkt, why);
		return;
	}
	ifc->count.in_pkts++;
	if (mapped_is_mcast(&h.dst) || mapped_is_broadcast(ifc, &h.dst)) {
		ifc->count.in_mcast++;
		pkt->flags |= PKT_MULTICAST;
		local_in(ip6, ifc, pkt, &h);
		return;
	}
	a = ip6_local(ip6, &h.dst, 0);
	if ((pkt->flags & PKT_MULTICAST) != 0) /* RFC 1122 section 3.3.6 */
		env_drop(ip6->env, pkt, DROP_IP4_LINK_UNICAST);
	else if (a != NULL)
		local_in(ip6, ifc, pkt, &h);
	else
		ip4_forward(ip6, ifc, pkt, &h);
}
