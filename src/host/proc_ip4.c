/* SPDX-License-Identifier: BSD-3-Clause */
/* Of /proc/net what is about IPv4's neighbours and routes, which live in IPv6's tables as mapped addresses. */
#include <arpa/inet.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <stdio.h>

#include "host/proc_net.h"
#include "ip6/mapped.h"

/*
 * arp: those that somebody asked for.
 */

static const char arp_head[] =
	"IP address       HW type     Flags       HW address            Mask     Device\n";

static unsigned arp_flags(const struct neigh *n)
{
	if (n->nud.state == NUD_PERMANENT)
		return ATF_COM | ATF_PERM;
	return nud_has_lladdr(&n->nud) ? ATF_COM : 0;
}

static void say_neighbour(const struct node *n, struct text *t, const struct neigh *who)
{
	const struct iface *ifc = ip6_if(&n->ip6, who->nif->lif->ifindex);
	struct mac mac = { { 0 } };
	const uint8_t *a = who->addr.b + IP4_MAPPED_BITS / 8;
	char addr[sizeof("255.255.255.255")];

	snprintf(addr, sizeof(addr), "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
	if (nud_has_lladdr(&who->nud))
		mac = neigh_mac(who);
	text_say(t, "%-16s 0x%-10x0x%-10x%02x:%02x:%02x:%02x:%02x:%02x     *        %s\n", addr,
		 ARPHRD_ETHER, arp_flags(who), mac.b[0], mac.b[1], mac.b[2], mac.b[3], mac.b[4],
		 mac.b[5], ifc != NULL ? ifc->name : "*");
}

void proc_arp(const struct node *n, struct text *t)
{
	const struct neigh *who = NULL;

	text_say(t, "%s", arp_head);
	while ((who = neigh_iter(&n->ip6.neigh, who)) != NULL)
		if (ip6_is_v4mapped(&who->addr) && who->nud.state != NUD_FREE)
			say_neighbour(n, t, who);
}

/*
 * route: addresses as words of the machine's order; each line has 127 columns.
 */

static const char route_head[] =
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";

struct route_text {
	const struct node *n;
	struct text *t;
};

/* As the kernel reads what lies in memory in the network's order. */
static uint32_t word_of(const struct ip6_addr *a)
{
	return ip6_is_v4mapped(a) ? htonl(ip4_of(a)) : 0;
}

static int one_route(void *ctx, const struct route *r)
{
	const struct route_text *w = ctx;
	const struct iface *ifc = ip6_if(&w->n->ip6, r->via.ifindex);
	unsigned bits = r->dst_len - (unsigned)IP4_MAPPED_BITS, flags = RTF_UP;
	uint32_t mask = bits == 0 ? 0 : UINT32_MAX << (IP4_ADDR_BITS - bits);
	char line[128];

	if (!ip6_is_unspec(&r->via.gateway))
		flags |= RTF_GATEWAY;
	if (bits == IP4_ADDR_BITS)
		flags |= RTF_HOST;
	if (r->via.type == ROUTE_UNREACHABLE || r->via.type == ROUTE_PROHIBIT)
		flags |= RTF_REJECT;
	snprintf(line, sizeof(line), "%s\t%08X\t%08X\t%04X\t0\t0\t%u\t%08X\t0\t0\t0",
		 ifc != NULL ? ifc->name : "*", word_of(&r->dst), word_of(&r->via.gateway), flags,
		 r->via.metric, htonl(mask));
	text_say(w->t, "%-127s\n", line);
	return 0;
}

void proc_route(const struct node *n, struct text *t)
{
	struct route_text w = { n, t };

	text_say(t, "%-127s\n", route_head);
	(void)fib_walk(n->ip6.fib4, FIB_TABLE_MAIN, one_route, &w);
}
