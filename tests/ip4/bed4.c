/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip4/bed4.h"

#include "base/csum.h"

#define EVERYBODY "ff:ff:ff:ff:ff:ff"

void bed4_init(struct bed *b, unsigned links)
{
	static const char *const addrs[BED_IFS_MAX] = { "192.0.2.1/24", "198.51.100.1/24",
							"203.0.113.1/24" };

	bed_init(b, links);
	for (unsigned i = 0; i < links; i++)
		bed_addr(b, i, addrs[i]);
	bed_quiet(b);
}

void bed4_know(struct bed *b)
{
	bed_neigh(b, 0, "192.0.2.2", PEER4_MAC);
}

void bed4_csum(struct pkt *pkt)
{
	uint32_t octets = (pkt->p[0] & 0xf) * 4u;

	put_be16(pkt->p + IP4_CSUM_OFF, 0);
	put_be16(pkt->p + IP4_CSUM_OFF, (uint16_t)~csum_fold(csum_add(0, pkt->p, octets)));
}

struct pkt *bed4_packet(struct bed *b, const struct ip4_say *say)
{
	struct ip4_hdr h = { .tos = say->tos,
			     .ttl = say->ttl != 0 ? say->ttl : 64,
			     .proto = say->proto,
			     .id = say->id,
			     .off = say->off,
			     .src = bed_addr_of(say->src),
			     .dst = bed_addr_of(say->dst) };
	size_t more = say->n_options + say->octets;
	struct pkt *pkt = pkt_new(&b->pool, (uint32_t)(IP4_HDR_OCTETS + more));

	assert_non_null(pkt);
	ip4_hdr_put(pkt_put(pkt, IP4_HDR_OCTETS), &h, (uint32_t)more);
	if (say->n_options != 0)
		memcpy(pkt_put(pkt, (uint32_t)say->n_options), say->options, say->n_options);
	if (say->octets != 0)
		memcpy(pkt_put(pkt, (uint32_t)say->octets), say->data, say->octets);
	pkt->p[0] = (uint8_t)(0x40 | (IP4_HDR_OCTETS + say->n_options) / 4);
	bed4_csum(pkt);
	return pkt;
}

struct pkt *bed4_icmp(struct bed *b, const char *src, const char *dst, const void *m, size_t n)
{
	struct ip4_say say = { .src = src, .dst = dst, .proto = 1, .data = m, .octets = n };
	struct pkt *pkt = bed4_packet(b, &say);
	uint8_t *p = pkt->p + IP4_HDR_OCTETS;

	put_be16(p + ICMP4_CSUM_OFF, 0);
	put_be16(p + ICMP4_CSUM_OFF, (uint16_t)~csum_fold(csum_add(0, p, n)));
	return pkt;
}

struct pkt *bed4_echo(struct bed *b, const char *src, const char *dst, uint16_t seq, size_t octets)
{
	uint8_t m[ICMP4_HDR_OCTETS + 2000] = { ICMP4_ECHO_REQUEST, 0, 0, 0, 0, 7 };

	assert_true(octets <= 2000);
	put_be16(m + 6, seq);
	for (size_t i = 0; i < octets; i++)
		m[ICMP4_HDR_OCTETS + i] = (uint8_t)i;
	return bed4_icmp(b, src, dst, m, ICMP4_HDR_OCTETS + octets);
}

enum drop bed4_rx(struct bed *b, unsigned link, struct pkt *pkt)
{
	uint32_t dst = pkt->len >= IP4_HDR_OCTETS ? get_be32(pkt->p + IP4_DST_OFF) : 0;
	struct mac from = bed_mac_of(PEER4_MAC), to = b->mac[link];

	if ((dst & 0xff) == 0xff)
		to = bed_mac_of(EVERYBODY);
	else if (dst >> 28 == 0xe)
		to = (struct mac){ { 1, 0, 0x5e, dst >> 16 & 0x7f, dst >> 8 & 0xff, dst & 0xff } };
	link_header(pkt, &to, &from, ETH_TYPE_IP4);
	return bed_rx_frame(b, link, pkt);
}

enum drop bed4_arp(struct bed *b, unsigned link, uint16_t op, const char *sha, const char *spa,
		   const char *tpa, bool to_all)
{
	struct mac from = bed_mac_of(sha), to = to_all ? bed_mac_of(EVERYBODY) : b->mac[link];
	struct ip6_addr s = bed_addr_of(spa), t = bed_addr_of(tpa);
	struct pkt *pkt = pkt_new(&b->pool, ARP_OCTETS);
	uint8_t *p = pkt_put(pkt, ARP_OCTETS);

	memset(p, 0, ARP_OCTETS);
	put_be16(p, 1);
	put_be16(p + 2, ETH_TYPE_IP4);
	p[4] = 6;
	p[5] = 4;
	put_be16(p + 6, op);
	memcpy(p + 8, from.b, 6);
	put_be32(p + 14, ip4_of(&s));
	put_be32(p + 24, ip4_of(&t));
	link_header(pkt, &to, &from, ETH_TYPE_ARP);
	return bed_rx_frame(b, link, pkt);
}

const struct pkt *bed4_tx(struct bed *b, const char *src, const char *dst, struct ip4_hdr *h)
{
	const struct pkt *pkt = bed_tx(b, NULL, NULL);
	char text[IP6_TEXT_MAX];

	if (pkt == NULL)
		fail_msg("silence, not a packet");
	assert_int_equal(get_be16(bed_tx_eth(pkt) + ETH_TYPE_OFF), ETH_TYPE_IP4);
	assert_int_equal(ip4_hdr_parse(rd_of(pkt->p, pkt->len), h), DROP_NONE);
	assert_int_equal(h->len, pkt->len);
	if (src != NULL)
		assert_string_equal(addr_text(&h->src, text), src);
	if (dst != NULL)
		assert_string_equal(addr_text(&h->dst, text), dst);
	return pkt;
}

const uint8_t *bed4_tx_icmp(struct bed *b, const char *src, const char *dst, uint8_t type,
			    uint8_t code, size_t *octets)
{
	struct ip4_hdr h;
	const struct pkt *pkt = bed4_tx(b, src, dst, &h);
	const uint8_t *m = pkt->p + h.octets;
	size_t n = pkt->len - h.octets;

	assert_int_equal(h.proto, IP4_PROTO_ICMP);
	assert_int_equal(csum_fold(csum_add(0, m, n)), 0xffff);
	assert_int_equal(m[0], type);
	assert_int_equal(m[1], code);
	if (octets != NULL)
		*octets = n;
	return m;
}

void bed4_tx_arp(struct bed *b, uint16_t op, const char *to_mac, const char *spa, const char *tpa)
{
	const struct pkt *pkt = bed_tx(b, NULL, NULL);
	struct ip6_addr s, t;
	struct mac to;
	char text[IP6_TEXT_MAX];

	if (pkt == NULL)
		fail_msg("silence, not an ARP message");
	assert_int_equal(get_be16(bed_tx_eth(pkt) + ETH_TYPE_OFF), ETH_TYPE_ARP);
	assert_int_equal(pkt->len, ARP_OCTETS);
	memcpy(to.b, bed_tx_eth(pkt), 6);
	assert_string_equal(mac_text(&to, text), to_mac);
	assert_int_equal(get_be16(pkt->p + 6), op);
	assert_memory_equal(pkt->p + 8, bed_tx_eth(pkt) + ETH_SRC_OFF, 6);
	s = ip4_mapped(get_be32(pkt->p + 14));
	t = ip4_mapped(get_be32(pkt->p + 24));
	assert_string_equal(addr_text(&s, text), spa);
	assert_string_equal(addr_text(&t, text), tpa);
}
