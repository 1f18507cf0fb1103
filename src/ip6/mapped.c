/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/mapped.h"

#include "ip6/ip6.h"

#define HOST_BITS(a) ((unsigned)IP6_ADDR_BITS - (a)->prefix_len)

/* RFC 3021: of 31 bits both are hosts. */
struct ip6_addr mapped_broadcast(const struct if_addr *a)
{
	uint32_t host = HOST_BITS(a) < 32 ? (1u << HOST_BITS(a)) - 1 : UINT32_MAX;

	return HOST_BITS(a) < 2 ? MAPPED_ANY : ip4_mapped(ip4_of(&a->addr) | host);
}

bool mapped_is_broadcast(const struct iface *ifc, const struct ip6_addr *addr)
{
	const struct ip6_addr all = MAPPED_BROADCAST;

	if (ip6_eq(addr, &all))
		return true;
	LIST_FOR_EACH(it, &ifc->addrs4) {
		struct ip6_addr b = mapped_broadcast(LIST_ENTRY(it, struct if_addr, on));

		if (ip6_eq(addr, &b) && !addr_is_any(&b))
			return true;
	}
	return false;
}

static const struct if_addr *first_on(const struct iface *ifc, const struct ip6_addr *next_hop)
{
	const struct if_addr *first = NULL;

	LIST_FOR_EACH(it, &ifc->addrs4) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (!if_addr_is_assigned(a))
			continue;
		if (ip6_in_prefix(next_hop, &a->addr, a->prefix_len))
			return a;
		if (first == NULL)
			first = a;
	}
	return first;
}

int mapped_source(const struct ip6 *ip6, const struct iface *out, const struct ip6_addr *next_hop,
		  struct ip6_addr *ret)
{
	const struct if_addr *a = first_on(out, next_hop);

	for (uint32_t i = 1; a == NULL && i <= IF_MAX; i++)
		if (ip6->ifs[i] != NULL && !ip6->ifs[i]->loopback)
			a = first_on(ip6->ifs[i], next_hop);
	if (a == NULL)
		return -EADDRNOTAVAIL;
	*ret = a->addr;
	return 0;
}

int mapped_output(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *next_hop,
		  struct pkt *pkt, uint32_t mtu)
{
	if (ip6->to_ip4.n >= IP6_LOOP_MAX) {
		env_drop(ip6->env, pkt, DROP_QUEUE_FULL);
		return -ENOBUFS;
	}
	pkt->ifindex = if_index(ifc);
	pkt->frag_max = (uint16_t)MIN(mtu - MAPPED_MORE, UINT16_MAX);
	memcpy(pkt_push(pkt, sizeof(next_hop->b)), next_hop->b, sizeof(next_hop->b));
	pktq_put(&ip6->to_ip4, pkt);
	return 0;
}

struct ip6_addr mapped_hop(struct pkt *pkt)
{
	struct ip6_addr hop;

	memcpy(hop.b, pkt->p, sizeof(hop.b));
	pkt_pull(pkt, sizeof(hop.b));
	return hop;
}

void mapped_deliver(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt)
{
	pkt->proto = pkt->p[IP6_NEXT_OFF];
	pkt->l4_off = IP6_HDR_OCTETS;
	pkt->nh_off = IP6_NEXT_OFF;
	ifc->count.in_delivers++;
	pktq_put(&ip6->upper, pkt);
}

void mapped_error(struct ip6 *ip6, struct pkt *pkt, uint8_t type, uint8_t code, enum drop why)
{
	if (ip6->refused4.n >= IP6_LOOP_MAX) {
		env_drop(ip6->env, pkt, why);
		return;
	}
	pkt->value = (uint32_t)type << 24 | (uint32_t)code << 16 | (uint32_t)why;
	pktq_put(&ip6->refused4, pkt);
}

struct mapped_error mapped_error_of(const struct pkt *pkt)
{
	return (struct mapped_error){ (uint8_t)(pkt->value >> 24), (uint8_t)(pkt->value >> 16),
				      (enum drop)(pkt->value & 0xffff) };
}
