/* SPDX-License-Identifier: BSD-3-Clause */
#include "node/udp.h"

#include "base/csum.h"

#define LEN_OFF	 4
#define CSUM_OFF 6

enum drop udp_parse(const struct pkt *pkt, struct udp *ret)
{
	const uint8_t *h = pkt->p + pkt->l4_off;
	uint32_t left = pkt->len - pkt->l4_off, len;
	struct udp u = { .src = ip6_hdr_src(pkt->p), .dst = ip6_hdr_dst(pkt->p) };

	if (left < UDP_HDR_OCTETS)
		return DROP_UDP_SHORT;
	len = get_be16(h + LEN_OFF);
	if (len < UDP_HDR_OCTETS || len > left)
		return DROP_UDP_SHORT;
	if (get_be16(h + CSUM_OFF) == 0 || csum_upper(&u.src, &u.dst, h, len, IP6_NH_UDP) != 0)
		return DROP_UDP_CSUM;
	u.sport = get_be16(h);
	u.dport = get_be16(h + 2);
	u.data = rd_of(h + UDP_HDR_OCTETS, len - UDP_HDR_OCTETS);
	*ret = u;
	return DROP_NONE;
}

int udp_send(struct ip6 *ip6, const struct udp *u, uint32_t oif)
{
	uint32_t len = (uint32_t)(UDP_HDR_OCTETS + u->data.left);
	struct pkt *pkt = ip6_new_packet(ip6, &u->src, &u->dst, IP6_NH_UDP, -1, len);
	uint16_t csum;
	uint8_t *h;

	if (pkt == NULL)
		return -ENOBUFS;
	h = pkt_put(pkt, len);
	put_be16(h, u->sport);
	put_be16(h + 2, u->dport);
	put_be16(h + LEN_OFF, (uint16_t)len);
	put_be16(h + CSUM_OFF, 0);
	memcpy(h + UDP_HDR_OCTETS, u->data.p, u->data.left);
	csum = csum_upper(&u->src, &u->dst, h, len, IP6_NH_UDP);
	put_be16(h + CSUM_OFF, csum != 0 ? csum : 0xffff);
	return ip6_output(ip6, pkt, oif);
}
