/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMPv6 (RFC 4443): which errors may be sent and how often, echo, and the sorting of what
 * arrives.
 */
#ifndef INABA_IP6_ICMP6_H
#define INABA_IP6_ICMP6_H

#include "base/env.h"

struct ip6;
struct iface;
struct mac;

#define ICMP6_LIMIT_SLOTS 64
#define ICMP6_RATE_DST	  (NS_PER_S / 20) /* between errors to one destination */

/* One token bucket; tokens in units of a packet's cost in time. */
struct icmp6_bucket {
	time_ns full_at;
};

/* RFC 4443 section 2.4 (f): one bucket for the node, one for each group of destinations. */
struct icmp6_limit {
	time_ns per_dst; /* between errors to one; 0: no limits */
	struct icmp6_bucket all;
	struct icmp6_bucket dst[ICMP6_LIMIT_SLOTS];
};

/* Who goes on with an ICMPv6 message. */
enum icmp6_verdict {
	ICMP6_DONE,	/* answered, or dropped with a reason: the packet is gone */
	ICMP6_TO_ND,	/* types 133 to 137 */
	ICMP6_TO_MLD,	/* types 130 to 132 and 143 */
	ICMP6_TO_ECHO,	/* an echo reply, for whoever asked */
	ICMP6_TO_ERROR, /* an error about a packet of ours, path MTU already noted */
};

/**
 * icmp6_input() - Take an ICMPv6 message that was delivered to this node: checksum, echo
 * request, Packet Too Big; the rest is the verdict's.
 * @pkt:	Given if the verdict is ICMP6_DONE, else still the caller's.
 */
enum icmp6_verdict icmp6_input(struct ip6 *ip6, struct pkt *pkt);

/**
 * icmp6_error() - Answer @pkt with an error if RFC 4443 section 2.4 (e) and (f) allow it, and
 * drop it for @why in any case. Given.
 * @pkt:	As received, from its IPv6 header; pkt->ifindex is where it came from.
 * @param:	The 32 bits behind the checksum: MTU, pointer, or 0.
 */
void icmp6_error(struct ip6 *ip6, struct pkt *pkt, uint8_t type, uint8_t code, uint32_t param,
		 enum drop why);

/** icmp6_rate_ok() - May an error (or redirect) go to @dst now? Counts it. Section 2.4 (f). */
bool icmp6_rate_ok(struct ip6 *ip6, const struct ip6_addr *dst);

/**
 * icmp6_send() - Finish and send an ICMPv6 message: checksum, then ip6_output(). Given.
 * @pkt:	From its IPv6 header; the message follows it directly, or behind a hop-by-hop
 *		header when pkt->l4_off says so.
 */
int icmp6_send(struct ip6 *ip6, struct pkt *pkt, uint32_t oif);

/**
 * icmp6_send_on_link() - The same, but straight to the destination, whatever the routes say: it
 * is a neighbour on @ifc, or a group. Given; at most 1,280 octets, with its hop limit.
 */
void icmp6_send_on_link(struct ip6 *ip6, struct pkt *pkt, struct iface *ifc);

/** icmp6_send_at() - The same, to a link-layer address that the caller knows. */
void icmp6_send_at(struct ip6 *ip6, struct pkt *pkt, struct iface *ifc, const struct mac *mac);

#endif
