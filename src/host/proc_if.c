/* SPDX-License-Identifier: BSD-3-Clause */
/* Of /proc/net what is about interfaces, their addresses and groups, and routes. */
#include <inttypes.h>

#include "host/proc_net.h"

static void say_addr(struct text *t, const struct ip6_addr *a)
{
	for (unsigned i = 0; i < IP6_ADDR_OCTETS; i++)
		text_say(t, "%02x", a->b[i]);
}

/* The interface behind @ifindex, or NULL. */
static const struct iface *next_if(const struct node *n, uint32_t ifindex)
{
	while (++ifindex <= IF_MAX)
		if (ip6_if(&n->ip6, ifindex) != NULL)
			return ip6_if(&n->ip6, ifindex);
	return NULL;
}

#define FOR_EACH_IF(n, ifc)                                                                        \
	for (const struct iface *ifc = next_if(n, 0); ifc != NULL; ifc = next_if(n, if_index(ifc)))

static const char dev_head[] =
	"Inter-|   Receive                                                |  Transmit\n"
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
	"fifo colls carrier compressed\n";

void proc_dev(const struct node *n, struct text *t)
{
	text_say(t, "%s", dev_head);
	FOR_EACH_IF(n, ifc)
	{
		const struct link_counters *c = &ifc->link.count;

		text_say(t,
			 "%6s: %7" PRIu64 " %7" PRIu64 " %4d %4d %4d %5d %10d %9" PRIu64
			 " %8" PRIu64 " %7" PRIu64 " %4d %4d %4d %5d %7d %10d\n",
			 ifc->name, c->rx_octets, c->rx_pkts, 0, 0, 0, 0, 0, ifc->count.in_mcast,
			 c->tx_octets, c->tx_pkts, 0, 0, 0, 0, 0, 0);
	}
}

/*
 * if_inet6: address, index, prefix length, scope and flags in hexadecimal, and the name.
 */

static unsigned flags_of(const struct if_addr *a)
{
	unsigned ret = a->valid_until == TIME_NEVER ? 0x80u : 0; /* IFA_F_PERMANENT */

	if (a->state == ADDR_TENTATIVE)
		ret |= 0x40;
	if (a->state == ADDR_OPTIMISTIC)
		ret |= 0x44;
	if (a->state == ADDR_DUPLICATE)
		ret |= 0x48;
	if (a->state == ADDR_DEPRECATED)
		ret |= 0x20;
	return a->origin == ADDR_TEMPORARY ? ret | 1 : ret;
}

static unsigned scope_of(const struct ip6_addr *a)
{
	return ip6_is_loopback(a) ? 0x10 : ip6_is_linklocal(a) ? 0x20 : 0;
}

void proc_if_inet6(const struct node *n, struct text *t)
{
	FOR_EACH_IF(n, ifc)
	{
		LIST_FOR_EACH(it, &ifc->addrs) {
			const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

			if (a->origin == ADDR_ANYCAST)
				continue;
			say_addr(t, &a->addr);
			text_say(t, " %02x %02x %02x %02x %8s\n", if_index(ifc), a->prefix_len,
				 scope_of(&a->addr), flags_of(a), ifc->name);
		}
	}
}

void proc_anycast6(const struct node *n, struct text *t)
{
	FOR_EACH_IF(n, ifc)
	{
		LIST_FOR_EACH(it, &ifc->addrs) {
			const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

			if (a->origin != ADDR_ANYCAST)
				continue;
			text_say(t, "%-4u %-15s ", if_index(ifc), ifc->name);
			say_addr(t, &a->addr);
			text_say(t, " %5d\n", 1);
		}
	}
}

/*
 * Routes: what linux/ipv6_route.h calls RTF_*.
 */

#define FLAG_UP	       0x00000001u
#define FLAG_GATEWAY   0x00000002u
#define FLAG_HOST      0x00000004u
#define FLAG_REJECT    0x00000200u
#define FLAG_DEFAULT   0x00010000u
#define FLAG_ADDRCONF  0x00040000u
#define FLAG_ANYCAST   0x00100000u
#define FLAG_NONEXTHOP 0x00200000u
#define FLAG_EXPIRES   0x00400000u
#define FLAG_LOCAL     0x80000000u
#define PREF_SHIFT     27

struct route_text {
	const struct node *n;
	struct text *t;
};

static void say_route(struct text *t, const struct route *r, uint32_t flags, const char *dev)
{
	say_addr(t, &r->dst);
	text_say(t, " %02x ", r->dst_len);
	say_addr(t, &r->src);
	text_say(t, " %02x ", r->src_len);
	say_addr(t, &r->via.gateway);
	text_say(t, " %08x %08x %08x %08x %8s\n", r->via.metric, 1, 0, flags, dev);
}

/* RFC 4191 section 2.1: medium is 00, high 01, low 11. */
static uint32_t pref_bits(int8_t pref)
{
	return ((uint32_t)pref & 3) << PREF_SHIFT;
}

static int one_route(void *ctx, const struct route *r)
{
	const struct route_text *w = ctx;
	const struct iface *ifc = ip6_if(&w->n->ip6, r->via.ifindex);
	uint32_t flags = FLAG_UP;

	if (r->via.type != ROUTE_UNICAST)
		flags |= FLAG_REJECT;
	if (!ip6_is_unspec(&r->via.gateway))
		flags |= FLAG_GATEWAY;
	if (r->dst_len == IP6_ADDR_BITS)
		flags |= FLAG_HOST;
	if (r->expires != TIME_NEVER)
		flags |= FLAG_EXPIRES;
	if (r->via.proto == ROUTE_PROTO_RA)
		flags |= FLAG_ADDRCONF | (r->dst_len == 0 ? FLAG_DEFAULT : 0);
	if (r->via.proto == ROUTE_PROTO_RA && (flags & FLAG_GATEWAY) != 0)
		flags |= pref_bits(r->via.pref);
	say_route(w->t, r, flags, ifc != NULL ? ifc->name : "lo");
	return 0;
}

/* What are no routes here, and are to Linux: addresses of our own, and groups. */
void proc_ipv6_route(const struct node *n, struct text *t)
{
	struct route_text w = { n, t };

	(void)fib_walk(n->ip6.fib, 0, one_route, &w);
	FOR_EACH_IF(n, ifc)
	{
		struct route mcast = { .dst = { { 0xff } }, .dst_len = 8, .via.metric = 256 };

		LIST_FOR_EACH(it, &ifc->addrs) {
			const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);
			struct route r = { .dst = a->addr, .dst_len = IP6_ADDR_BITS };

			if (if_addr_is_assigned(a))
				say_route(t, &r,
					  FLAG_UP | FLAG_NONEXTHOP |
						  (a->origin == ADDR_ANYCAST ? FLAG_ANYCAST
									     : FLAG_LOCAL),
					  ifc->name);
		}
		if (ifc->link.up && !ifc->loopback)
			say_route(t, &mcast, FLAG_UP, ifc->name);
	}
}

void proc_rt6_stats(const struct node *n, struct text *t)
{
	unsigned routes = fib_count(n->ip6.fib), paths = (unsigned)n->ip6.path.tab.n;

	text_say(t, "%04x %04x %04x %04x %04x %04x %04x\n", routes, routes, routes, routes, paths,
		 paths, 0);
}

/*
 * Groups.
 */

#define FLAG_RUNNING 0x01 /* MAF_TIMER_RUNNING */
#define FLAG_LAST    0x02 /* MAF_LAST_REPORTER */
#define TICK	     (NS_PER_S / 100)

void proc_igmp6(const struct node *n, struct text *t)
{
	time_ns now = n->env.now;

	FOR_EACH_IF(n, ifc)
	{
		LIST_FOR_EACH(it, &ifc->groups) {
			const struct if_group *g = LIST_ENTRY(it, struct if_group, on);
			bool runs = timer_is_armed(&g->timer) && g->timer.when > now;

			text_say(t, "%-4u %-15s ", if_index(ifc), ifc->name);
			say_addr(t, &g->addr);
			text_say(t, " %5u %08X %" PRIu64 "\n", g->refs,
				 (runs ? FLAG_RUNNING : 0u) | (g->last_reporter ? FLAG_LAST : 0u),
				 runs ? (g->timer.when - now) / TICK : UINT64_C(0));
		}
	}
}

void proc_mcfilter6(const struct node *n, struct text *t)
{
	text_say(t,
		 "Idx Device                Multicast Address                   Source Address    "
		 "INC    EXC\n");
	FOR_EACH_IF(n, ifc)
	{
		LIST_FOR_EACH(it, &ifc->groups) {
			const struct if_group *g = LIST_ENTRY(it, struct if_group, on);

			for (unsigned i = 0; i < g->n_sources; i++) {
				text_say(t, "%3u %6.6s ", if_index(ifc), ifc->name);
				say_addr(t, &g->addr);
				text_say(t, " ");
				say_addr(t, &g->source[i]);
				text_say(t, " %6d %6d\n", g->include, !g->include);
			}
		}
	}
}

/*
 * Counters. Those of an interface, or the sum of all; what is only counted for the node is in the sum.
 */

static void say_count(struct text *t, const char *name, uint64_t v)
{
	text_say(t, "%-32s\t%" PRIu64 "\n", name, v);
}

static void say_counters(struct text *t, const struct node *n, const struct if_counters *c,
			 const struct link_counters *l, bool whole)
{
	const uint64_t *d = n->env.drops;

	say_count(t, "Ip6InReceives", c->in_pkts);
	if (whole) {
		say_count(t, "Ip6InHdrErrors",
			  d[DROP_IP6_SHORT] + d[DROP_IP6_VERSION] + d[DROP_IP6_HOP_LIMIT]);
		say_count(t, "Ip6InTooBigErrors", d[DROP_IP6_TOO_BIG]);
		say_count(t, "Ip6InNoRoutes", d[DROP_IP6_NO_ROUTE]);
		say_count(t, "Ip6InAddrErrors",
			  d[DROP_IP6_NOT_OURS] + d[DROP_IP6_DST_LOOPBACK] + d[DROP_IP6_DST_UNSPEC]);
		say_count(t, "Ip6InUnknownProtos", d[DROP_IP6_NEXT_HEADER]);
		say_count(t, "Ip6InTruncatedPkts", d[DROP_IP6_LEN]);
	}
	say_count(t, "Ip6InDelivers", c->in_delivers);
	say_count(t, "Ip6OutForwDatagrams", c->in_forwarded);
	say_count(t, "Ip6OutRequests", c->out_pkts);
	if (whole)
		say_count(t, "Ip6ReasmTimeout", d[DROP_FRAG_TIMEOUT]);
	say_count(t, "Ip6ReasmOKs", c->reasm_ok);
	say_count(t, "Ip6FragCreates", c->frag_created);
	say_count(t, "Ip6InMcastPkts", c->in_mcast);
	say_count(t, "Ip6OutMcastPkts", c->out_mcast);
	say_count(t, "Ip6InOctets", l->rx_octets - MIN(l->rx_octets, l->rx_pkts * ETH_HDR_OCTETS));
	say_count(t, "Ip6OutOctets", l->tx_octets - MIN(l->tx_octets, l->tx_pkts * ETH_HDR_OCTETS));
	say_count(t, "Icmp6OutErrors", c->icmp_errors_sent);
	if (whole)
		say_count(t, "Icmp6InCsumErrors", d[DROP_ICMP6_CSUM]);
}

void proc_snmp6(const struct node *n, struct text *t)
{
	struct if_counters sum = { 0 };
	struct link_counters link = { 0 };

	FOR_EACH_IF(n, ifc)
	{
		sum.in_pkts += ifc->count.in_pkts;
		sum.in_delivers += ifc->count.in_delivers;
		sum.in_forwarded += ifc->count.in_forwarded;
		sum.out_pkts += ifc->count.out_pkts;
		sum.in_mcast += ifc->count.in_mcast;
		sum.out_mcast += ifc->count.out_mcast;
		sum.frag_created += ifc->count.frag_created;
		sum.reasm_ok += ifc->count.reasm_ok;
		sum.icmp_errors_sent += ifc->count.icmp_errors_sent;
		link.rx_octets += ifc->link.count.rx_octets;
		link.rx_pkts += ifc->link.count.rx_pkts;
		link.tx_octets += ifc->link.count.tx_octets;
		link.tx_pkts += ifc->link.count.tx_pkts;
	}
	say_counters(t, n, &sum, &link, true);
	say_count(t, "Udp6NoPorts", n->env.drops[DROP_IP6_PORT_UNREACH]);
	say_count(t, "Udp6InErrors",
		  n->env.drops[DROP_UDP_SHORT] + n->env.drops[DROP_UDP_CSUM] +
			  n->env.drops[DROP_SOCK_FULL]);
	say_count(t, "Udp6RcvbufErrors", n->env.drops[DROP_SOCK_FULL]);
	say_count(t, "Udp6InCsumErrors", n->env.drops[DROP_UDP_CSUM]);
}

void proc_dev_snmp6(const struct node *n, const struct iface *ifc, struct text *t)
{
	say_count(t, "ifIndex", if_index(ifc));
	say_counters(t, n, &ifc->count, &ifc->link.count, false);
}
