/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/iface.h"

#include "ip6/scope.h"

/* RFC 4861 section 10 and RFC 4862 section 5.1. */
const struct if_conf IF_CONF_DEFAULT = {
	.cur_hop_limit = 64,
	.dad_transmits = 1,
	.max_rtr_solicitations = IF_RS_FOREVER,
	.accept_dad = 2,
	.accept_ra_level = 1,
	.accept_ra_plen_max = 128,
	.accept_ra_hops_min = 1,
	.slaac_max = 16,
	.accept_ra = true,
	.autoconf = true,
	.accept_redirects = true,
	.send_redirects = true,
	.echo_multicast = true,
	.simple_dna = true,
	.accept_ra_defrtr = true,
	.accept_ra_pref = true,
	.accept_ra_pinfo = true,
	.accept_ra_mtu = true,
	.proxy_ndp = true,
	.base_reachable = 30 * NS_PER_S,
	.retrans = NS_PER_S,
	.rtr_solicitation_interval = 4 * NS_PER_S,
	.temp_valid = 2 * 86400 * NS_PER_S, /* RFC 8981 section 3.8 */
	.temp_preferred = 86400 * NS_PER_S,
};

const char *addr_state_name(enum addr_state s)
{
	static const char *const names[] = {
		[ADDR_TENTATIVE] = "tentative", [ADDR_OPTIMISTIC] = "optimistic",
		[ADDR_PREFERRED] = "preferred", [ADDR_DEPRECATED] = "deprecated",
		[ADDR_DUPLICATE] = "duplicate",
	};

	return names[s];
}

const char *addr_origin_name(enum addr_origin o)
{
	static const char *const names[] = {
		[ADDR_STATIC] = "static",   [ADDR_LINK_LOCAL] = "link-local",
		[ADDR_SLAAC] = "slaac",	    [ADDR_TEMPORARY] = "temporary",
		[ADDR_ANYCAST] = "anycast",
	};

	return names[o];
}

struct if_group *if_group_find(const struct iface *ifc, const struct ip6_addr *group)
{
	const struct list *groups = ip6_is_v4mapped(group) ? &ifc->groups4 : &ifc->groups;

	LIST_FOR_EACH(it, groups) {
		struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		if (ip6_eq(&g->addr, group))
			return g;
	}
	return NULL;
}

bool if_group_wants(const struct if_group *g, const struct ip6_addr *src)
{
	for (unsigned i = 0; i < g->n_sources; i++)
		if (ip6_eq(&g->source[i], src))
			return g->include;
	return !g->include;
}

struct if_addr *if_addr_find(const struct iface *ifc, const struct ip6_addr *addr)
{
	const struct list *addrs = ip6_is_v4mapped(addr) ? &ifc->addrs4 : &ifc->addrs;

	LIST_FOR_EACH(it, addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (ip6_eq(&a->addr, addr))
			return a;
	}
	return NULL;
}

const struct if_addr *if_link_local(const struct iface *ifc)
{
	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (ip6_is_linklocal(&a->addr) && if_addr_is_assigned(a) &&
		    a->origin != ADDR_ANYCAST)
			return a;
	}
	return NULL;
}
