/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses of others that this node answers for: a table of interfaces and addresses. */
#include <stdlib.h>

#include "ip6/ip6.h"

static uint32_t hash_of(const struct ip6 *ip6, const struct iface *ifc, const struct ip6_addr *addr)
{
	return hash_addr(&ip6->env->key, addr, if_index(ifc));
}

struct if_proxied *ip6_proxied(const struct ip6 *ip6, const struct iface *ifc,
			       const struct ip6_addr *addr)
{
	struct hnode *n = htab_first(&ip6->proxied, hash_of(ip6, ifc, addr));

	for (; n != NULL; n = htab_next(n)) {
		struct if_proxied *p = CONTAINER_OF(n, struct if_proxied, node);

		if (p->ifc == ifc && ip6_eq(&p->addr, addr))
			return p;
	}
	return NULL;
}

int ip6_proxied_add(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *addr)
{
	struct if_proxied *p;

	if (!ip6_is_unicast(addr) || ip6_is_loopback(addr) || ifc->loopback)
		return -EINVAL;
	if (ip6_proxied(ip6, ifc, addr) != NULL)
		return -EEXIST;
	if (ip6->proxied.n >= IP6_PROXIED_MAX)
		return -ENOSPC;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	p->ifc = ifc;
	p->addr = *addr;
	if (htab_add(&ip6->proxied, &p->node, hash_of(ip6, ifc, addr)) < 0) {
		free(p);
		return -ENOMEM;
	}
	list_add_tail(&ifc->proxied, &p->on);
	ifc->n_proxied++;
	return 0;
}

void ip6_proxied_del(struct ip6 *ip6, struct if_proxied *p)
{
	htab_del(&ip6->proxied, &p->node);
	list_del(&p->on);
	p->ifc->n_proxied--;
	free(p);
}
