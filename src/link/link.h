/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The link layer's side of an interface: Ethernet framing, counters, the queue of frames that
 * wait to leave. What sits behind it (a simulated wire, a TAP device) takes frames from the
 * queue and hands received ones to the node; neither is known here.
 */
#ifndef INABA_LINK_LINK_H
#define INABA_LINK_LINK_H

#include "base/env.h"

#define ETH_MAC_OCTETS 6
#define ETH_HDR_OCTETS 14
#define ETH_DST_OFF    0
#define ETH_SRC_OFF    6
#define ETH_TYPE_OFF   12
#define ETH_TYPE_IP4   0x0800
#define ETH_TYPE_ARP   0x0806
#define ETH_TYPE_IP6   0x86dd

struct mac {
	uint8_t b[ETH_MAC_OCTETS];
};

static inline bool mac_eq(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static inline bool mac_is_group(const struct mac *m)
{
	return (m->b[0] & 1) != 0;
}

/** mac_of_group() - RFC 2464 section 7: 33:33 and the last four octets of the group. */
static inline struct mac mac_of_group(const struct ip6_addr *group)
{
	struct mac m = { { 0x33, 0x33 } };

	memcpy(m.b + 2, group->b + 12, 4);
	return m;
}

#define MAC_TEXT_MAX 18

/** mac_text() - "02:00:00:00:00:01"; returns @buf. */
const char *mac_text(const struct mac *m, char buf[MAC_TEXT_MAX]);

/** mac_parse() - Read six octets in hexadecimal, with colons. Return: 0, or -EINVAL. */
int mac_parse(const char *text, struct mac *ret);

struct link_counters {
	uint64_t rx_pkts, rx_octets, tx_pkts, tx_octets;
};

#define LINK_TX_MAX 4096 /* frames that may wait, unless the owner says otherwise */

/* Owned by the node; frames in tx are complete, from the Ethernet header. */
struct link_if {
	uint32_t ifindex; /* from 1 */
	uint32_t mtu;	  /* octets behind the link header */
	struct mac mac;
	bool up;
	bool dummy; /* there is nothing behind it: what is sent is swallowed */
	struct pktq tx;
	uint32_t tx_max;
	struct link_counters count;
};

/** link_header() - Put an Ethernet header before @pkt. */
static inline void link_header(struct pkt *pkt, const struct mac *dst, const struct mac *src,
			       uint16_t type)
{
	uint8_t *p = pkt_push(pkt, ETH_HDR_OCTETS);

	memcpy(p + ETH_DST_OFF, dst->b, ETH_MAC_OCTETS);
	memcpy(p + ETH_SRC_OFF, src->b, ETH_MAC_OCTETS);
	put_be16(p + ETH_TYPE_OFF, type);
}

/** link_tx() - Queue a complete frame for sending, or drop it with a reason. Takes @pkt. */
void link_tx(struct env *e, struct link_if *lif, struct pkt *pkt);

/**
 * link_rx() - Judge a received frame and take its header off.
 * @type:	EtherType, set on success.
 *
 * Marks link-layer multicast in pkt->flags and sets pkt->ifindex. Frames for other stations
 * are refused here; which multicast groups are ours is IPv6's business.
 *
 * Return: DROP_NONE, or why the caller should drop @pkt.
 */
enum drop link_rx(struct link_if *lif, struct pkt *pkt, uint16_t *type);

#endif
