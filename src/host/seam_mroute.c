/* SPDX-License-Identifier: BSD-3-Clause */
/* What multicast routing tells in /proc/net: the lines of Linux. */
#include "host/seam_files.h"

#include <stdarg.h>
#include <stdio.h>

struct out {
	char *buf;
	size_t size, n;
	bool full;
};

static void PRINTF(2, 3) say(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->buf + o->n, o->size - o->n, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= o->size - o->n)
		o->full = true;
	else
		o->n += (size_t)n;
}

static void mifs(const struct ip6 *ip6, struct out *o)
{
	say(o, "Interface      BytesIn  PktsIn  BytesOut PktsOut Flags\n");
	for (unsigned i = 0; ip6->mroute != NULL && i < MROUTE_MIFS; i++) {
		const struct mroute_mif *m = &ip6->mroute->mif[i];
		const struct iface *ifc = m->ifindex != 0 ? ip6_if(ip6, m->ifindex) : NULL;

		if (ifc != NULL)
			say(o, "%2u %-10s %8llu %7llu  %8llu %7llu %05X\n", i, ifc->name,
			    (unsigned long long)m->in_octets, (unsigned long long)m->in_pkts,
			    (unsigned long long)m->out_octets, (unsigned long long)m->out_pkts,
			    m->is_static ? 0x8000u : 0u); /* VIFF_STATIC */
	}
}

/* All eight groups of four digits. */
static void addr(struct out *o, const struct ip6_addr *a)
{
	for (unsigned i = 0; i < IP6_ADDR_OCTETS; i += 2)
		say(o, "%s%02x%02x", i != 0 ? ":" : "", a->b[i], a->b[i + 1]);
	say(o, " ");
}

static void route(const struct ip6 *ip6, const struct mfc *e, struct out *o)
{
	addr(o, &e->r.group);
	addr(o, &e->r.src);
	say(o, "%-3u %8llu %8llu %8llu", e->r.iif, (unsigned long long)e->pkts,
	    (unsigned long long)e->octets, (unsigned long long)e->wrong_if);
	for (unsigned i = 0; i < MROUTE_MIFS; i++) {
		uint8_t hops = e->r.threshold[i];

		if ((e->r.oifs >> i & 1) != 0)
			say(o, " %2u:%-3u", i,
			    hops != 0 ? hops : ip6->mroute->mif[i].threshold);
	}
	say(o, "\n");
}

static void routes(const struct ip6 *ip6, struct out *o)
{
	const struct mfc *e = NULL;

	say(o, "Group                            Origin                           Iif"
	       "      Pkts  Bytes     Wrong  Oifs\n");
	while ((e = mroute_iter(ip6, e)) != NULL)
		route(ip6, e, o);
	if (ip6->mroute == NULL)
		return;
	LIST_FOR_EACH(it, &ip6->mroute->waiting) {
		const struct mroute_wait *w = LIST_ENTRY(it, struct mroute_wait, on);

		addr(o, &w->group);
		addr(o, &w->src);
		say(o, "%-3d %8u %8u %8u\n", -1, 0u, 0u, 0u); /* ALL_MIFS */
	}
}

int seam_mroute(const struct node *n, const char *path, char *buf, size_t size)
{
	struct out o = { buf, size, 0, false };
	const char *name = strrchr(path, '/');

	if (strncmp(path, "/proc/", 6) != 0 || name == NULL)
		return -ENOENT;
	if (strcmp(name, "/ip6_mr_vif") == 0)
		mifs(&n->ip6, &o);
	else if (strcmp(name, "/ip6_mr_cache") == 0)
		routes(&n->ip6, &o);
	else
		return -ENOENT;
	return o.full ? -EFBIG : (int)o.n;
}
