/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Proxy Neighbor Advertisements: RFC 4861 section 7.2.8, and what 7.2.3 and 7.2.4 say of it. A
 * router answers for a node that is elsewhere, so that packets for it come to the router, which
 * forwards them. Its answers never override, so that the node itself, back on the link, wins.
 *
 * Nothing is advertised when an address is entered (section 7.2.6: MAY): with Override set, as it
 * would have to be to have an effect, it could displace the node itself.
 */
#include "nd/part.h"

int nd_proxy_add(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr)
{
	struct ip6_addr group = ip6_solicited_node(addr);
	int rc = if_addr_find(ifc, addr) != NULL ? -EEXIST : ip6_proxied_add(nd->ip6, ifc, addr);

	if (rc < 0)
		return rc;
	rc = mld_join(nd->mld, ifc, &group); /* stays while the interface is down */
	if (rc < 0)
		ip6_proxied_del(nd->ip6, ip6_proxied(nd->ip6, ifc, addr));
	return rc;
}

int nd_proxy_del(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr)
{
	struct if_proxied *p = ip6_proxied(nd->ip6, ifc, addr);
	struct ip6_addr group = ip6_solicited_node(addr);

	if (p == NULL)
		return -ENOENT;
	ip6_proxied_del(nd->ip6, p);
	(void)mld_leave(nd->mld, ifc, &group);
	return 0;
}

bool proxy_answers(const struct nd *nd, const struct iface *ifc, const struct ip6_addr *target)
{
	return ifc->conf.forwarding && ifc->conf.proxy_ndp &&
	       ip6_proxied(nd->ip6, ifc, target) != NULL;
}
