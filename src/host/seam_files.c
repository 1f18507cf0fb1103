/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/seam_files.h"

#include <stdarg.h>
#include <stdio.h>

#include "nd/dns.h"
#include "nd/nd.h"

struct text {
	char *buf;
	size_t size, n;
	bool full;
};

static void PRINTF(2, 3) say(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->n, t->size - t->n, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->size - t->n)
		t->full = true;
	else
		t->n += (size_t)n;
}

/*
 * resolv.conf(5): the name servers and domains that routers have told of.
 */

static void servers(const struct iface *ifc, struct text *t)
{
	const struct nd_dns *d = &nd_if(ifc)->dns;
	char text[IP6_TEXT_MAX];

	for (unsigned i = 0; i < d->servers.n; i++) {
		struct ip6_addr a = nd_said_addr(&d->servers.item[i]);

		say(t, "nameserver %s%s%s\n", ip6_text(&a, text), ip6_is_linklocal(&a) ? "%" : "",
		    ip6_is_linklocal(&a) ? ifc->name : "");
	}
}

static void domains(const struct iface *ifc, struct text *t)
{
	const struct nd_dns *d = &nd_if(ifc)->dns;
	char text[DNAME_TEXT_MAX];

	for (unsigned i = 0; i < d->domains.n; i++) {
		struct dname name = nd_said_name(&d->domains.item[i]);

		say(t, " %s", dname_text(&name, text));
	}
}

static void resolv_conf(const struct node *n, struct text *t)
{
	bool any = false;

	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6_if(&n->ip6, i);

		if (ifc == NULL || nd_if(ifc) == NULL)
			continue;
		servers(ifc, t);
		any = any || nd_if(ifc)->dns.domains.n > 0;
	}
	if (!any)
		return;
	say(t, "search");
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6_if(&n->ip6, i);

		if (ifc != NULL && nd_if(ifc) != NULL)
			domains(ifc, t);
	}
	say(t, "\n");
}

/*
 * /proc/net/if_inet6: address, index, prefix length, scope and flags in hexadecimal, and the name.
 */

static unsigned flags_of(const struct if_addr *a)
{
	unsigned ret = a->valid_until == TIME_NEVER ? 0x80u : 0; /* IFA_F_PERMANENT */

	if (a->state == ADDR_TENTATIVE)
		ret |= 0x40;
	if (a->state == ADDR_OPTIMISTIC)
		ret |= 0x44;
	if (a->state == ADDR_DEPRECATED)
		ret |= 0x20;
	return a->origin == ADDR_TEMPORARY ? ret | 1 : ret;
}

static unsigned scope_of(const struct ip6_addr *a)
{
	return ip6_is_loopback(a) ? 0x10 : ip6_is_linklocal(a) ? 0x20 : 0;
}

static void if_inet6(const struct node *n, struct text *t)
{
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6_if(&n->ip6, i);

		if (ifc == NULL)
			continue;
		LIST_FOR_EACH(it, &ifc->addrs) {
			const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

			for (unsigned k = 0; k < IP6_ADDR_OCTETS; k++)
				say(t, "%02x", a->addr.b[k]);
			say(t, " %02x %02x %02x %02x %8s\n", i, a->prefix_len, scope_of(&a->addr),
			    flags_of(a), ifc->name);
		}
	}
}

int seam_file(const struct node *n, const char *path, char *buf, size_t size)
{
	struct text t = { buf, size, 0, false };
	int rc = seam_mroute(n, path, buf, size);

	if (rc != -ENOENT)
		return rc;
	if (strcmp(path, "/etc/resolv.conf") == 0) {
		resolv_conf(n, &t);
		if (t.n == 0)
			return -EOPNOTSUPP;
	} else if (strcmp(path, "/proc/net/if_inet6") == 0 ||
		   strcmp(path, "/proc/self/net/if_inet6") == 0) {
		if_inet6(n, &t);
	} else {
		return -ENOENT;
	}
	return t.full ? -EFBIG : (int)t.n;
}
