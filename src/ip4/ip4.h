/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IPv4 beside IPv6. The layer has no tables of its own: addresses are in struct iface and ip6.local,
 * routes in ip6.fib4, neighbours in ip6.neigh, fragments in ip6.frag, all as IPv4-mapped addresses. What
 * is for this node gets a header of the mapped form and waits in ip6.upper; what this node sends comes
 * in that form from ip6_output(), by ip6.to_ip4 (ip6/mapped.h).
 *
 *	ip4_input()	header checks; ours, everybody's, somebody else's	input.c, forward.c
 *	icmp4_input()	echo, errors; see enum icmp4_verdict			icmp.c
 *	ip4_run()	what ip6_output() and icmp6_error() left to IPv4	output.c, error.c
 *	arp_input()	who has what address (RFC 826)				arp.c
 *	arp_todo()	what the neighbour cache wants asked			arp.c
 */
#ifndef INABA_IP4_IP4_H
#define INABA_IP4_IP4_H

#include "ip4/hdr.h"
#include "ip6/ip6.h"

/** ip4_input() - A packet that arrived on @ifc, from its IPv4 header. Given. */
void ip4_input(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt);

/** ip4_run() - Send what waits for it, and the errors that were noted. */
void ip4_run(struct ip6 *ip6);

static inline bool ip4_has_work(const struct ip6 *ip6)
{
	return ip6->to_ip4.n > 0 || ip6->refused4.n > 0;
}

/** ip4_xmit() - Hand @pkt, complete from its IPv4 header, to the link. Given. */
void ip4_xmit(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *next_hop, struct pkt *pkt);

/**
 * ip4_fragment() - Split @pkt, from its IPv4 header, into fragments of at most @mtu octets.
 * @h:		Its header; it may be a fragment itself.
 *
 * RFC 791 section 3.2. Given. Return: 0; -EMSGSIZE, -ENOMEM with @pkt dropped and nothing in @out.
 */
int ip4_fragment(struct ip6 *ip6, struct pkt *pkt, const struct ip4_hdr *h, uint32_t mtu,
		 struct pktq *out);

/** ip4_forward() - @pkt, from its IPv4 header, is for somebody else. Given. */
void ip4_forward(struct ip6 *ip6, struct iface *in, struct pkt *pkt, const struct ip4_hdr *h);

/*
 * ICMP.
 */

/* What is to be done with a message. */
enum icmp4_verdict {
	ICMP4_DONE,	/* taken */
	ICMP4_TO_ECHO,	/* an echo reply, for whoever waits for one */
	ICMP4_TO_ERROR, /* an error about a packet of ours: see icmp4_input() */
};

/**
 * icmp4_input() - A message of protocol 1 was delivered, in mapped form.
 *
 * RFC 1122 section 3.2.2. An error that is passed on has been put into words of ICMPv6, quote and all, so
 * that tcp_error() and socks_error() read it; pkt->ip4_id holds type and code as they came. A next-hop
 * MTU (RFC 1191) is in octets of the mapped form.
 */
enum icmp4_verdict icmp4_input(struct ip6 *ip6, struct pkt *pkt);

/** icmp4_believed() - The error that was passed on is about a packet that really was ours. */
void icmp4_believed(struct ip6 *ip6, const struct pkt *pkt);

/**
 * ip4_refuse() - Drop @pkt, from its IPv4 header, for @why, and tell its sender if that may be told.
 * @info:	The second word of the message.
 *
 * RFC 1122 section 3.2.2 (never about errors, broadcasts, fragments but the first), RFC 1812 section
 * 4.3.2.8 (rate limited).
 */
void ip4_refuse(struct ip6 *ip6, struct pkt *pkt, uint8_t type, uint8_t code, uint32_t info,
		enum drop why);

/** ip4_answer() - The same of what mapped_error() noted: @pkt is in mapped form. */
void ip4_answer(struct ip6 *ip6, struct pkt *pkt);

/*
 * ARP and addresses.
 */

/** arp_input() - A message that arrived on @ifc, from behind the Ethernet header. Given. */
void arp_input(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt);

/** arp_todo() - Do what neigh_todo() said of an IPv4 neighbour. */
void arp_todo(struct ip6 *ip6, struct neigh *n, enum nud_do what);

/** arp_announce() - Tell everybody on the link that @a is ours (RFC 5227 section 2.3). */
void arp_announce(struct ip6 *ip6, const struct if_addr *a);

/**
 * ip4_addr_add() - A new address of this node, to be used at once.
 * @addr:	Mapped, as is @prefix_len.
 *
 * Return: as ip6_addr_add_opts().
 */
int ip4_addr_add(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *addr,
		 unsigned prefix_len, const struct ip6_addr_opts *opts);

/** ip4_addr_del() - Return: 0, -EADDRNOTAVAIL. */
int ip4_addr_del(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *addr);

/** ip4_if_up(), ip4_if_down() - Announce the addresses of @ifc; be silent of them. */
void ip4_if_up(struct ip6 *ip6, struct iface *ifc);
void ip4_if_down(struct ip6 *ip6, struct iface *ifc);

/** ip4_announce_timer() - TIMER_IP4_ANNOUNCE is due. */
void ip4_announce_timer(struct ip6 *ip6, struct timer *timer);

#endif
