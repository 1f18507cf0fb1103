/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/scope.h"

#define IID_UNIVERSAL UINT64_C(0x0200000000000000) /* the "u" bit of RFC 4291 appendix A */
#define IID_FFFE      UINT64_C(0x000000fffe000000)

/* RFC 6724 section 3.2. */
static enum scope v4_scope(uint32_t a)
{
	return a >> 24 == 127 || a >> 16 == 0xa9fe ? SCOPE_LINK : SCOPE_GLOBAL;
}

enum scope ip6_scope(const struct ip6_addr *a)
{
	if (ip6_is_mcast(a)) {
		unsigned scop = a->b[1] & 0x0f;

		return scop == 0x0f ? SCOPE_GLOBAL : (enum scope)scop;
	}
	if (ip6_is_linklocal(a) || ip6_is_loopback(a))
		return SCOPE_LINK;
	if (ip6_is_sitelocal(a))
		return SCOPE_SITE;
	if (ip6_is_v4mapped(a))
		return v4_scope((uint32_t)ip6_lo(a));
	return SCOPE_GLOBAL;
}

const char *scope_name(enum scope s)
{
	switch (s) {
	case SCOPE_RESERVED:
		return "reserved";
	case SCOPE_IFACE:
		return "interface-local";
	case SCOPE_LINK:
		return "link-local";
	case SCOPE_REALM:
		return "realm-local";
	case SCOPE_ADMIN:
		return "admin-local";
	case SCOPE_SITE:
		return "site-local";
	case SCOPE_ORG:
		return "organization-local";
	case SCOPE_GLOBAL:
		return "global";
	}
	return "unassigned";
}

struct ip6_addr ip6_solicited_node(const struct ip6_addr *a)
{
	struct ip6_addr r = { { 0xff, 0x02, [11] = 0x01, [12] = 0xff } };

	memcpy(r.b + 13, a->b + 13, 3);
	return r;
}

uint64_t ip6_iid_of_mac(const struct mac *mac)
{
	uint64_t oui = (uint64_t)get_be16(mac->b) << 8 | mac->b[2];
	uint64_t serial = (uint64_t)get_be16(mac->b + 3) << 8 | mac->b[5];

	return (oui << 40 | IID_FFFE | serial) ^ IID_UNIVERSAL;
}

struct ip6_addr ip6_with_iid(const struct ip6_addr *prefix, uint64_t iid)
{
	struct ip6_addr r = *prefix;

	put_be64(r.b + 8, iid);
	return r;
}

struct ip6_addr ip6_linklocal_of(uint64_t iid)
{
	return ip6_with_iid(&(struct ip6_addr){ { 0xfe, 0x80 } }, iid);
}

bool ip6_iid_is_reserved(uint64_t iid)
{
	return iid == 0 ||				      /* subnet-router anycast */
	       iid >> 24 == UINT64_C(0x02005efffe) ||	      /* IANA's Ethernet block */
	       iid >> 7 == UINT64_C(0xfdffffffffffff80) >> 7; /* subnet anycast, RFC 2526 */
}

bool ip6_is_subnet_router(const struct ip6_addr *a, unsigned len)
{
	struct ip6_addr p;

	if (len >= IP6_ADDR_BITS - 1)
		return false;
	p = ip6_prefix(a, len);
	return ip6_eq(a, &p);
}
