/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. An address is usable at once, as on most systems, and told to the link twice
 * (RFC 5227 section 2.3, ANNOUNCE_NUM and ANNOUNCE_INTERVAL). It is not probed for before: that would
 * take up to seven seconds, and who configures an address by hand has said that it is his. A conflict that shows
 * itself later is counted, and defended against once in ten seconds (section 2.4 (b)); see arp.c.
 */
#include "ip4/ip4.h"

#define ANNOUNCE_NUM	  2
#define ANNOUNCE_INTERVAL (2 * NS_PER_S)

static void announce(struct ip6 *ip6, struct if_addr *a)
{
	arp_announce(ip6, a);
	if (--a->announce_left > 0)
		timer_set(&ip6->env->timers, &a->announce,
			  time_after(ip6->env->now, ANNOUNCE_INTERVAL));
}

static void announce_begin(struct ip6 *ip6, struct if_addr *a)
{
	if (a->ifc->loopback || !if_is_usable(a->ifc))
		return;
	a->announce_left = ANNOUNCE_NUM;
	announce(ip6, a);
}

void ip4_announce_timer(struct ip6 *ip6, struct timer *timer)
{
	announce(ip6, CONTAINER_OF(timer, struct if_addr, announce));
}

int ip4_addr_add(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *addr,
		 unsigned prefix_len, const struct ip6_addr_opts *opts)
{
	struct if_addr *a;
	int rc = ip6_addr_add_opts(ip6, ifc, addr, prefix_len, ADDR_STATIC, opts, &a);

	if (rc < 0)
		return rc;
	ip6_addr_enter(ip6, a, ADDR_PREFERRED);
	announce_begin(ip6, a);
	return 0;
}

int ip4_addr_del(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *addr)
{
	struct if_addr *a = if_addr_find(ifc, addr);

	if (a == NULL)
		return -EADDRNOTAVAIL;
	ip6_addr_del(ip6, a);
	return 0;
}

void ip4_if_up(struct ip6 *ip6, struct iface *ifc)
{
	LIST_FOR_EACH(it, &ifc->addrs4)
		announce_begin(ip6, LIST_ENTRY(it, struct if_addr, on));
}

void ip4_if_down(struct ip6 *ip6, struct iface *ifc)
{
	LIST_FOR_EACH(it, &ifc->addrs4)
		timer_cancel(&ip6->env->timers, &LIST_ENTRY(it, struct if_addr, on)->announce);
}
