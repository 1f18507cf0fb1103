/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IPv4 on the test bed. The node is 192.0.2.1/24 on link 0; the peer is 192.0.2.2 at PEER4_MAC.
 */
#ifndef INABA_TESTS_BED4_H
#define INABA_TESTS_BED4_H

#include "bed.h"
#include "ip4/ip4.h"

#define PEER4_MAC  "02:00:00:00:01:00"
#define ARP_OCTETS 28

/** bed4_init() - A node with @links; 192.0.2.1/24, 198.51.100.1/24, 203.0.113.1/24; silent. */
void bed4_init(struct bed *b, unsigned links);

/** bed4_know() - The peer 192.0.2.2 is in the neighbour cache for good. */
void bed4_know(struct bed *b);

struct ip4_say {
	const char *src, *dst;
	uint8_t proto, ttl, tos;
	uint16_t id, off;
	const void *options;
	size_t n_options; /* a multiple of four */
	const void *data;
	size_t octets;
};

/** bed4_packet() - From its IPv4 header, with a right checksum; ttl of 0 is 64. */
struct pkt *bed4_packet(struct bed *b, const struct ip4_say *say);

/** bed4_csum() - After a test has changed the header of @pkt. */
void bed4_csum(struct pkt *pkt);

/** bed4_icmp() - An ICMP message; its checksum is made right. */
struct pkt *bed4_icmp(struct bed *b, const char *src, const char *dst, const void *m, size_t n);

/** bed4_echo() - An echo request, id 7, @octets of data. */
struct pkt *bed4_echo(struct bed *b, const char *src, const char *dst, uint16_t seq, size_t octets);

/** bed4_rx() - It arrives from PEER4_MAC, addressed as its destination demands. As bed_rx(). */
enum drop bed4_rx(struct bed *b, unsigned link, struct pkt *pkt);

/** bed4_arp() - An ARP message arrives; @to_all by broadcast. */
enum drop bed4_arp(struct bed *b, unsigned link, uint16_t op, const char *sha, const char *spa,
		   const char *tpa, bool to_all);

/** bed4_tx() - The next frame must be IPv4 with a right header, from @src to @dst (NULL: any). */
const struct pkt *bed4_tx(struct bed *b, const char *src, const char *dst, struct ip4_hdr *h);

/** bed4_tx_icmp() - It must be this ICMP message, with a right checksum. Return: the message. */
const uint8_t *bed4_tx_icmp(struct bed *b, const char *src, const char *dst, uint8_t type,
			    uint8_t code, size_t *octets);

/** bed4_tx_arp() - The next frame must be this ARP message. */
void bed4_tx_arp(struct bed *b, uint16_t op, const char *to_mac, const char *spa, const char *tpa);

#endif
