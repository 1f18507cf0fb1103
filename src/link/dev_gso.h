/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What network hardware does for a kernel that leaves it to it: completing a checksum, and
 * cutting a large TCP or UDP packet into ones of the link's size.
 */
#ifndef INABA_LINK_DEV_GSO_H
#define INABA_LINK_DEV_GSO_H

#include "base/drop.h"
#include "base/pkt.h"

struct virtio_net_hdr;

struct dev_gso {
	uint32_t size;	 /* octets of payload in each packet but the last */
	uint32_t l4_off; /* of the TCP or UDP header, from the Ethernet header */
	bool tcp;	 /* else UDP */
};

/**
 * dev_csum_complete() - Sum from @start to the end of @pkt, and put the complement at @start +
 * @offset, where the sum of the pseudo-header stands.
 *
 * Return: DROP_NONE, or DROP_LINK_SHORT if that lies outside of @pkt (nothing changed).
 */
enum drop dev_csum_complete(struct pkt *pkt, uint32_t start, uint32_t offset);

/**
 * dev_gso_cut() - Cut @big, an Ethernet frame of IPv6 or IPv4 whose checksum is not complete.
 * @out:	The pieces are appended, complete. Their lengths, sequence numbers, IPv4 identifiers
 *		and flags are what a sender of small packets would have sent.
 *
 * @big stays the caller's. Return: DROP_NONE; DROP_LINK_TYPE or DROP_LINK_SHORT if it is not what
 * @g says; DROP_NO_BUFFER if @pool has too few buffers (then some pieces may be in @out).
 */
enum drop dev_gso_cut(const struct dev_gso *g, struct pkt_pool *pool, const struct pkt *big,
		      struct pktq *out);

/**
 * dev_gso_finish() - Make of @pkt what would have left real hardware.
 * @h:		What the kernel wrote before it; any octets.
 * @out:	One or many frames are appended. @pkt is taken on success.
 *
 * Return: DROP_NONE; DROP_LINK_TOO_BIG for a datagram that is left to us to fragment; else as
 * above. On failure @pkt stays the caller's.
 */
enum drop dev_gso_finish(const struct virtio_net_hdr *h, struct pkt_pool *pool, struct pkt *pkt,
			 struct pktq *out);

#endif
