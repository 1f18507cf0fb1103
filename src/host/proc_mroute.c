/* SPDX-License-Identifier: BSD-3-Clause */
/* What multicast routing tells in /proc/net: the lines of Linux. */
#include "host/proc_net.h"

static void mifs(const struct ip6 *ip6, struct text *t)
{
	text_say(t, "Interface      BytesIn  PktsIn  BytesOut PktsOut Flags\n");
	for (unsigned i = 0; ip6->mroute != NULL && i < MROUTE_MIFS; i++) {
		const struct mroute_mif *m = &ip6->mroute->mif[i];
		const struct iface *ifc = m->ifindex != 0 ? ip6_if(ip6, m->ifindex) : NULL;

		if (ifc != NULL)
			text_say(t, "%2u %-10s %8llu %7llu  %8llu %7llu %05X\n", i, ifc->name,
				 (unsigned long long)m->in_octets, (unsigned long long)m->in_pkts,
				 (unsigned long long)m->out_octets, (unsigned long long)m->out_pkts,
				 m->is_static ? 0x8000u : 0u); /* VIFF_STATIC */
	}
}

/* All eight groups of four digits. */
static void addr(struct text *t, const struct ip6_addr *a)
{
	for (unsigned i = 0; i < IP6_ADDR_OCTETS; i += 2)
		text_say(t, "%s%02x%02x", i != 0 ? ":" : "", a->b[i], a->b[i + 1]);
	text_say(t, " ");
}

static void route(const struct ip6 *ip6, const struct mfc *e, struct text *t)
{
	addr(t, &e->r.group);
	addr(t, &e->r.src);
	text_say(t, "%-3u %8llu %8llu %8llu", e->r.iif, (unsigned long long)e->pkts,
		 (unsigned long long)e->octets, (unsigned long long)e->wrong_if);
	for (unsigned i = 0; i < MROUTE_MIFS; i++) {
		uint8_t hops = e->r.threshold[i];

		if ((e->r.oifs >> i & 1) != 0)
			text_say(t, " %2u:%-3u", i,
				 hops != 0 ? hops : ip6->mroute->mif[i].threshold);
	}
	text_say(t, "\n");
}

static void routes(const struct ip6 *ip6, struct text *t)
{
	const struct mfc *e = NULL;

	text_say(t, "Group                            Origin                           Iif"
		    "      Pkts  Bytes     Wrong  Oifs\n");
	while ((e = mroute_iter(ip6, e)) != NULL)
		route(ip6, e, t);
	if (ip6->mroute == NULL)
		return;
	LIST_FOR_EACH(it, &ip6->mroute->waiting) {
		const struct mroute_wait *w = LIST_ENTRY(it, struct mroute_wait, on);

		addr(t, &w->group);
		addr(t, &w->src);
		text_say(t, "%-3d %8u %8u %8u\n", -1, 0u, 0u, 0u); /* ALL_MIFS */
	}
}

void proc_ip6_mr_vif(const struct node *n, struct text *t)
{
	mifs(&n->ip6, t);
}

void proc_ip6_mr_cache(const struct node *n, struct text *t)
{
	routes(&n->ip6, t);
}
