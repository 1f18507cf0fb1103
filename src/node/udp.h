/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * UDP (RFC 768) as far as the node itself needs it, until there is a transport with sockets: the check
 * of what arrives, and sending from a port that its owner chose.
 */
#ifndef INABA_NODE_UDP_H
#define INABA_NODE_UDP_H

#include "ip6/ip6.h"

#define UDP_HDR_OCTETS 8

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

/**
 * udp_send() - Send @u->data from @u->src, which must be set.
 * @oif:	As for ip6_output().
 *
 * Return: 0, -ENOBUFS, or as ip6_output().
 */
int udp_send(struct ip6 *ip6, const struct udp *u, uint32_t oif);

#endif
