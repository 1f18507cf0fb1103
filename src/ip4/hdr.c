/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip4/hdr.h"

#include "base/csum.h"
#include "ip6/hdr.h"

static struct ip6_addr addr_at(const uint8_t *p)
{
	return ip4_mapped(get_be32(p));
}

static enum drop parse(struct rd pkt, struct ip4_hdr *ret)
{
	const uint8_t *p = pkt.p;
	struct ip4_hdr h;

	if (pkt.left < IP4_HDR_OCTETS)
		return DROP_IP4_SHORT;
	if (p[0] >> 4 != IP4_VERSION)
		return DROP_IP4_VERSION;
	h = (struct ip4_hdr){ .tos = p[IP4_TOS_OFF],
			      .ttl = p[IP4_TTL_OFF],
			      .proto = p[IP4_PROTO_OFF],
			      .id = get_be16(p + IP4_ID_OFF),
			      .off = get_be16(p + IP4_FRAG_OFF),
			      .octets = (uint16_t)((p[0] & 0xf) * 4),
			      .len = get_be16(p + IP4_LEN_OFF),
			      .src = addr_at(p + IP4_SRC_OFF),
			      .dst = addr_at(p + IP4_DST_OFF) };
	if (h.octets < IP4_HDR_OCTETS || h.octets > pkt.left)
		return DROP_IP4_HDR_LEN;
	if (h.len < h.octets)
		return DROP_IP4_LEN;
	*ret = h;
	return DROP_NONE;
}

enum drop ip4_quote_parse(struct rd pkt, struct ip4_hdr *ret)
{
	return parse(pkt, ret);
}

enum drop ip4_hdr_parse(struct rd pkt, struct ip4_hdr *ret)
{
	struct ip4_hdr h;
	enum drop why = parse(pkt, &h);

	if (why != DROP_NONE)
		return why;
	if (csum_fold(csum_add(0, pkt.p, h.octets)) != 0xffff)
		return DROP_IP4_CSUM;
	*ret = h;
	return DROP_NONE;
}

void ip4_hdr_put(uint8_t *p, const struct ip4_hdr *h, uint32_t payload)
{
	ASSERT(payload <= MAPPED_PLEN_MAX);
	p[0] = IP4_VERSION << 4 | IP4_HDR_OCTETS / 4;
	p[IP4_TOS_OFF] = h->tos;
	put_be16(p + IP4_LEN_OFF, (uint16_t)(IP4_HDR_OCTETS + payload));
	put_be16(p + IP4_ID_OFF, h->id);
	put_be16(p + IP4_FRAG_OFF, h->off);
	p[IP4_TTL_OFF] = h->ttl;
	p[IP4_PROTO_OFF] = h->proto;
	put_be16(p + IP4_CSUM_OFF, 0);
	put_be32(p + IP4_SRC_OFF, ip4_of(&h->src));
	put_be32(p + IP4_DST_OFF, ip4_of(&h->dst));
	put_be16(p + IP4_CSUM_OFF, (uint16_t)~csum_fold(csum_add(0, p, IP4_HDR_OCTETS)));
}

void ip4_to_mapped(struct pkt *pkt, const struct ip4_hdr *h)
{
	uint32_t payload = pkt->len - h->octets;

	pkt_pull(pkt, h->octets);
	ip6_put_header(pkt_push(pkt, IP6_HDR_OCTETS), h->tos, 0, (uint16_t)payload, h->proto,
		       h->ttl, &h->src, &h->dst);
	pkt->ip4_id = h->id;
	pkt->ip4_off = h->off;
}

void ip4_from_mapped(struct pkt *pkt, uint16_t id, uint16_t off)
{
	struct ip4_hdr h = { .tos = ip6_hdr_class(pkt->p),
			     .ttl = pkt->p[IP6_HLIM_OFF],
			     .proto = pkt->p[IP6_NEXT_OFF],
			     .id = id,
			     .off = off,
			     .src = ip6_hdr_src(pkt->p),
			     .dst = ip6_hdr_dst(pkt->p) };
	uint32_t payload;

	pkt_pull(pkt, IP6_HDR_OCTETS);
	if ((pkt->flags & PKT_FRAGMENT) != 0 && h.proto == IP6_NH_FRAGMENT &&
	    pkt->len >= IP6_FRAG_OCTETS) {
		h.proto = pkt->p[0];
		pkt_pull(pkt, IP6_FRAG_OCTETS);
	}
	payload = pkt->len;
	ip4_hdr_put(pkt_push(pkt, IP4_HDR_OCTETS), &h, payload);
}
