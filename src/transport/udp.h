/* SPDX-License-Identifier: BSD-3-Clause */
/* UDP (RFC 768, RFC 8200 section 8.1) over sockets. */
#ifndef INABA_TRANSPORT_UDP_H
#define INABA_TRANSPORT_UDP_H

#include "transport/sock.h"

/* A datagram that has passed all checks, pointing into its packet. */
struct udp {
	struct ip6_addr src, dst;
	uint16_t sport, dport;
	struct rd data;
};

/**
 * udp_parse() - Judge a packet that was delivered to this node.
 *
 * RFC 8200 section 8.1: a checksum of zero MUST be discarded; the length in the pseudo-header is
 * that of the UDP header.
 *
 * Return: DROP_NONE with @ret set, or why it is to be dropped.
 */
enum drop udp_parse(const struct pkt *pkt, struct udp *ret);

/** udp_input() - A UDP packet arrived. Given. RFC 4443 section 3.1: code 4 if it is nobody's. */
void udp_input(struct socks *socks, struct pkt *pkt);

#endif
