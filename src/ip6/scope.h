/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an IPv6 address means: scope (RFC 4007, RFC 7346), kind (RFC 4291), and the addresses that
 * are made from others: solicited-node groups, interface identifiers, subnet-router anycast.
 */
#ifndef INABA_IP6_SCOPE_H
#define INABA_IP6_SCOPE_H

#include "link/link.h"

/* Well-known addresses: RFC 4291 sections 2.5.3 and 2.7.1, RFC 3810 section 5.2.14. */
#define IP6_LOOPBACK	      ((struct ip6_addr){ { [15] = 1 } })
#define IP6_ALL_NODES_IF      ((struct ip6_addr){ { 0xff, 0x01, [15] = 1 } })
#define IP6_ALL_NODES	      ((struct ip6_addr){ { 0xff, 0x02, [15] = 1 } })
#define IP6_ALL_ROUTERS_IF    ((struct ip6_addr){ { 0xff, 0x01, [15] = 2 } })
#define IP6_ALL_ROUTERS	      ((struct ip6_addr){ { 0xff, 0x02, [15] = 2 } })
#define IP6_ALL_ROUTERS_SITE  ((struct ip6_addr){ { 0xff, 0x05, [15] = 2 } })
#define IP6_ALL_MLDV2_ROUTERS ((struct ip6_addr){ { 0xff, 0x02, [15] = 0x16 } })

#define IP6_IID_BITS 64 /* of every unicast prefix but 000 (RFC 4291 section 2.5.1) */

/*
 * The multicast scop field (RFC 7346 section 2), to which unicast scopes are mapped (RFC 6724
 * section 3.1); larger is wider. The unassigned values 6, 7 and 9 to 13 occur too.
 */
enum scope {
	SCOPE_RESERVED = 0, /* nothing may be sent to it, nothing is taken (RFC 4291 2.7) */
	SCOPE_IFACE = 1,
	SCOPE_LINK = 2,
	SCOPE_REALM = 3,
	SCOPE_ADMIN = 4,
	SCOPE_SITE = 5,
	SCOPE_ORG = 8,
	SCOPE_GLOBAL = 14,
};

/**
 * ip6_scope() - Scope of any address, unicast or multicast.
 *
 * RFC 4007 section 4 and RFC 6724 sections 3.1 to 3.4: ::1, and IPv4-mapped 127/8 and
 * 169.254/16, have link-local scope; unique local addresses, and the unspecified address,
 * count as global. RFC 4291 section 2.7: scop F is treated as E.
 */
enum scope ip6_scope(const struct ip6_addr *a);

/** scope_name() - "link-local"; "unassigned" for values without a name. */
const char *scope_name(enum scope s);

static inline bool ip6_is_mcast(const struct ip6_addr *a)
{
	return a->b[0] == 0xff;
}

/** ip6_is_unicast() - May be the address of an interface: not multicast, not unspecified. */
static inline bool ip6_is_unicast(const struct ip6_addr *a)
{
	return !ip6_is_mcast(a) && !ip6_is_unspec(a);
}

/** ip6_is_linklocal() - Unicast fe80::/10 (RFC 4291 section 2.4); not the loopback address. */
static inline bool ip6_is_linklocal(const struct ip6_addr *a)
{
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

/** ip6_is_sitelocal() - fec0::/10, deprecated by RFC 3879 but still a scope of its own. */
static inline bool ip6_is_sitelocal(const struct ip6_addr *a)
{
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0xc0;
}

static inline bool ip6_is_loopback(const struct ip6_addr *a)
{
	return ip6_hi(a) == 0 && ip6_lo(a) == 1;
}

/** ip6_is_v4compat() - ::/96 (RFC 4291 section 2.5.5.1), without :: and ::1. */
static inline bool ip6_is_v4compat(const struct ip6_addr *a)
{
	return ip6_hi(a) == 0 && ip6_lo(a) >> 32 == 0 && ip6_lo(a) > 1;
}

/** ip6_is_ula() - Unique local: fc00::/7 (RFC 4193). */
static inline bool ip6_is_ula(const struct ip6_addr *a)
{
	return (a->b[0] & 0xfe) == 0xfc;
}

/** ip6_is_solicited_node() - ff02::1:ff00:0/104 (RFC 4291 section 2.7.1). */
static inline bool ip6_is_solicited_node(const struct ip6_addr *a)
{
	return ip6_hi(a) == UINT64_C(0xff02000000000000) && ip6_lo(a) >> 24 == 0x1ff;
}

/** ip6_solicited_node() - The group in which @a is asked for (RFC 4291 section 2.7.1). */
struct ip6_addr ip6_solicited_node(const struct ip6_addr *a);

/**
 * ip6_iid_of_mac() - Modified EUI-64 interface identifier (RFC 2464 section 4, RFC 4291
 * appendix A). Identifiers are numbers here: the last 64 bits of an address.
 */
uint64_t ip6_iid_of_mac(const struct mac *mac);

/** ip6_with_iid() - The first 64 bits of @prefix, then @iid. */
struct ip6_addr ip6_with_iid(const struct ip6_addr *prefix, uint64_t iid);

/** ip6_linklocal_of() - fe80::/64 with @iid (RFC 4291 section 2.5.6). */
struct ip6_addr ip6_linklocal_of(uint64_t iid);

/**
 * ip6_iid_is_reserved() - No interface identifier that was made up may be one of these (RFC 7217
 * section 5, RFC 8981 section 3.3): zero is the subnet-router anycast address, the rest is in
 * RFC 5453 and IANA's registry that it began.
 */
bool ip6_iid_is_reserved(uint64_t iid);

/**
 * ip6_is_subnet_router() - Is @a the subnet-router anycast address (RFC 4291 section 2.6.1) of
 * its own prefix of @len bits? Prefixes of 127 and 128 bits have none (RFC 6164).
 */
bool ip6_is_subnet_router(const struct ip6_addr *a, unsigned len);

#endif
