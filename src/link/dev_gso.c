/* SPDX-License-Identifier: BSD-3-Clause */
#include "link/dev_gso.h"

#include <linux/virtio_net.h>

#include "base/csum.h"
#include "link/link.h"

#define GSO_UDP_L4 5 /* VIRTIO_NET_HDR_GSO_UDP_L4, missing in headers before 6.2 */

/* RFC 8200 section 3, RFC 791 section 3.1 */
#define IP6_LEN_OFF  4
#define IP6_HDR	     40
#define IP4_LEN_OFF  2
#define IP4_ID_OFF   4
#define IP4_CSUM_OFF 10
#define IP4_HDR	     20

/* RFC 9293 section 3.1, RFC 768 */
#define TCP_SEQ_OFF   4
#define TCP_DATA_OFF  12
#define TCP_FLAGS_OFF 13
#define TCP_CSUM_OFF  16
#define TCP_HDR	      20
#define TCP_FIN	      0x01
#define TCP_PSH	      0x08
#define TCP_CWR	      0x80
#define UDP_LEN_OFF   4
#define UDP_CSUM_OFF  6
#define UDP_HDR	      8

enum drop dev_csum_complete(struct pkt *pkt, uint32_t start, uint32_t offset)
{
	uint16_t sum;

	if (start > pkt->len || offset > pkt->len - start || pkt->len - start - offset < 2)
		return DROP_LINK_SHORT;
	sum = (uint16_t)~csum_fold(csum_add(0, pkt->p + start, pkt->len - start));
	put_be16(pkt->p + start + offset, sum != 0 ? sum : 0xffff); /* RFC 768: 0 means none */
	return DROP_NONE;
}

/* Octets of all headers of @big; 0 if it is not what @g says, or has no payload. */
static uint32_t headers(const struct dev_gso *g, const struct pkt *big)
{
	uint32_t l4 = g->l4_off, n = g->tcp ? TCP_HDR : UDP_HDR;

	if (g->size == 0 || l4 > big->len || big->len - l4 < n)
		return 0;
	if (g->tcp) {
		n = (uint32_t)(big->p[l4 + TCP_DATA_OFF] >> 4) * 4;
		if (n < TCP_HDR || big->len - l4 < n)
			return 0;
	}
	return l4 + n < big->len ? l4 + n : 0;
}

static void fix_ip6(struct pkt *pkt)
{
	put_be16(pkt->p + ETH_HDR_OCTETS + IP6_LEN_OFF,
		 (uint16_t)(pkt->len - ETH_HDR_OCTETS - IP6_HDR));
}

static void fix_ip4(const struct dev_gso *g, struct pkt *pkt, uint32_t index)
{
	uint8_t *ip = pkt->p + ETH_HDR_OCTETS;

	put_be16(ip + IP4_LEN_OFF, (uint16_t)(pkt->len - ETH_HDR_OCTETS));
	put_be16(ip + IP4_ID_OFF, (uint16_t)(get_be16(ip + IP4_ID_OFF) + index));
	put_be16(ip + IP4_CSUM_OFF, 0);
	put_be16(ip + IP4_CSUM_OFF,
		 (uint16_t)~csum_fold(csum_add(0, ip, g->l4_off - ETH_HDR_OCTETS)));
}

/* The piece's TCP or UDP header; @at is where its payload begins in that of @big. */
static void fix_l4(const struct dev_gso *g, struct pkt *pkt, const struct pkt *big, uint32_t at)
{
	uint8_t *l4 = pkt->p + g->l4_off;
	uint8_t *csum = l4 + (g->tcp ? TCP_CSUM_OFF : UDP_CSUM_OFF);
	uint16_t len = (uint16_t)(pkt->len - g->l4_off);
	bool first = at == 0, last = pkt->len + at == big->len;

	if (g->tcp) {
		put_be32(l4 + TCP_SEQ_OFF, get_be32(l4 + TCP_SEQ_OFF) + at);
		if (!last)
			l4[TCP_FLAGS_OFF] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
		if (!first) /* RFC 3168 section 6.1.2: told once */
			l4[TCP_FLAGS_OFF] &= (uint8_t)~TCP_CWR;
	} else {
		put_be16(l4 + UDP_LEN_OFF, len);
	}
	/* The pseudo-header's sum, which is not complemented, with the new length. */
	put_be16(csum, (uint16_t)~csum_update((uint16_t)~get_be16(csum),
					      (uint16_t)(big->len - g->l4_off), len));
	dev_csum_complete(pkt, g->l4_off, (uint32_t)(csum - l4));
}

enum drop dev_gso_cut(const struct dev_gso *g, struct pkt_pool *pool, const struct pkt *big,
		      struct pktq *out)
{
	uint32_t hdr = headers(g, big), index = 0;
	uint16_t type;

	if (hdr == 0)
		return DROP_LINK_SHORT;
	type = get_be16(big->p + ETH_TYPE_OFF);
	if ((type != ETH_TYPE_IP6 || g->l4_off < ETH_HDR_OCTETS + IP6_HDR) &&
	    (type != ETH_TYPE_IP4 || g->l4_off < ETH_HDR_OCTETS + IP4_HDR))
		return DROP_LINK_TYPE;
	for (uint32_t at = 0; at < big->len - hdr; at += g->size, index++) {
		uint32_t n = MIN(g->size, big->len - hdr - at);
		struct pkt *pkt = pkt_new(pool, hdr + n);

		if (pkt == NULL)
			return DROP_NO_BUFFER;
		memcpy(pkt_put(pkt, hdr), big->p, hdr);
		memcpy(pkt_put(pkt, n), big->p + hdr + at, n);
		if (type == ETH_TYPE_IP6)
			fix_ip6(pkt);
		else
			fix_ip4(g, pkt, index);
		fix_l4(g, pkt, big, at);
		pktq_put(out, pkt);
	}
	return DROP_NONE;
}

enum drop dev_gso_finish(const struct virtio_net_hdr *h, struct pkt_pool *pool, struct pkt *pkt,
			 struct pktq *out)
{
	unsigned type = h->gso_type & ~(unsigned)VIRTIO_NET_HDR_GSO_ECN;
	bool needs_csum = (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
	struct dev_gso gso = { .size = h->gso_size,
			       .l4_off = h->csum_start,
			       .tcp = type != GSO_UDP_L4 };
	enum drop why = DROP_NONE;

	if (type != VIRTIO_NET_HDR_GSO_NONE && type != VIRTIO_NET_HDR_GSO_TCPV4 &&
	    type != VIRTIO_NET_HDR_GSO_TCPV6 && type != GSO_UDP_L4)
		return DROP_LINK_TOO_BIG;
	if (needs_csum && type != VIRTIO_NET_HDR_GSO_NONE) {
		why = dev_gso_cut(&gso, pool, pkt, out);
		if (why == DROP_NONE)
			pkt_free(pkt); /* its pieces are there */
		return why;
	}
	if (needs_csum) /* else it is complete as it is */
		why = dev_csum_complete(pkt, h->csum_start, h->csum_offset);
	if (why == DROP_NONE)
		pktq_put(out, pkt);
	return why;
}
