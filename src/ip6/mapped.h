/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IPv4 seen from above: packets whose header is an IPv6 header with IPv4-mapped addresses (RFC 4291
 * section 2.5.5.2), which never is on a wire. Sockets, TCP and the choice of a first hop know IPv4 as
 * such addresses only; ip4 changes headers. The pseudo-header's sum is the same in both forms: what
 * mapped addresses add is 0xffff twice, which is nothing in one's complement.
 */
#ifndef INABA_IP6_MAPPED_H
#define INABA_IP6_MAPPED_H

#include "ip6/iface.h"
#include "ip6/scope.h"

#define MAPPED_MORE	 20    /* octets of that header more than of IPv4's: MTUs are told so */
#define MAPPED_PLEN_MAX	 65515 /* behind an IPv4 header of 20 octets */
#define MAPPED_ANY	 ip4_mapped(0)
#define MAPPED_LOOPBACK	 ip4_mapped(0x7f000001)
#define MAPPED_BROADCAST ip4_mapped(0xffffffff)
#define MAPPED_TTL	 64 /* RFC 1700 */

struct ip6;

/** addr_is_any() - The unspecified address of either family. */
static inline bool addr_is_any(const struct ip6_addr *a)
{
	return ip6_is_unspec(a) || (ip6_is_v4mapped(a) && ip4_of(a) == 0);
}

/** mapped_is_mcast() - 224.0.0.0/4 (RFC 1112 section 4). */
static inline bool mapped_is_mcast(const struct ip6_addr *a)
{
	return ip6_is_v4mapped(a) && a->b[12] >> 4 == 0xe;
}

/** addr_is_mcast() - A group of either family. */
static inline bool addr_is_mcast(const struct ip6_addr *a)
{
	return ip6_is_mcast(a) || mapped_is_mcast(a);
}

/** mapped_is_loopback() - 127.0.0.0/8 (RFC 1122 section 3.2.1.3). */
static inline bool mapped_is_loopback(const struct ip6_addr *a)
{
	return ip6_is_v4mapped(a) && a->b[12] == 127;
}

/** mapped_is_on_link() - A group or 255.255.255.255: names no route, but is of a link. */
static inline bool mapped_is_on_link(const struct ip6_addr *a)
{
	return ip6_is_v4mapped(a) && (a->b[12] >> 4 == 0xe || ip4_of(a) == 0xffffffff);
}

/** mapped_is_linklocal() - 169.254.0.0/16 (RFC 3927). */
static inline bool mapped_is_linklocal(const struct ip6_addr *a)
{
	return ip6_is_v4mapped(a) && a->b[12] == 169 && a->b[13] == 254;
}

/** mapped_is_broadcast() - Of @ifc: 255.255.255.255, or all ones behind a prefix there (RFC 919). */
bool mapped_is_broadcast(const struct iface *ifc, const struct ip6_addr *a);

/** mapped_broadcast() - The broadcast address of @a's prefix, or of none: 0.0.0.0 (RFC 3021). */
struct ip6_addr mapped_broadcast(const struct if_addr *a);

/**
 * mapped_source() - The source for what goes to @next_hop by @out: the first address whose prefix it is
 * in, else the first there, else the first of any interface.
 *
 * Return: 0, -EADDRNOTAVAIL.
 */
int mapped_source(const struct ip6 *ip6, const struct iface *out, const struct ip6_addr *next_hop,
		  struct ip6_addr *ret);

/**
 * mapped_output() - Leave @pkt, complete but for its form, to ip4_run().
 * @mtu:	In octets of this form.
 */
int mapped_output(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *next_hop,
		  struct pkt *pkt, uint32_t mtu);

/** mapped_hop() - What mapped_output() noted, off the front of @pkt. */
struct ip6_addr mapped_hop(struct pkt *pkt);

/** mapped_deliver() - @pkt is for this node: queue it for its upper layer. Given. */
void mapped_deliver(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt);

/**
 * mapped_error() - icmp6_error() of what came by IPv4: note it for ip4_run(). Given. What IPv4 has no
 * word for is dropped only.
 */
void mapped_error(struct ip6 *ip6, struct pkt *pkt, uint8_t type, uint8_t code, enum drop why);

/* What it noted. */
struct mapped_error {
	uint8_t type, code; /* of ICMPv6 */
	enum drop why;
};
struct mapped_error mapped_error_of(const struct pkt *pkt);

#endif
