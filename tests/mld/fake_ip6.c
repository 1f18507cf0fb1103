/* SPDX-License-Identifier: BSD-3-Clause */
#include "fake_ip6.h"

#include "mld/msg.h"

#include <stdio.h>
#include <stdlib.h>

/* The hop-by-hop header that every MLD message has: RFC 2711 section 2.1, value 0; PadN. */
static const uint8_t hop_by_hop[8] = { 58, 0, 5, 2, 0, 0, 1, 0 };

void fake_init(struct fake *f, uint64_t seed)
{
	uint8_t octets[RNG_SEED_OCTETS] = { 0 };

	memset(f, 0, sizeof(*f));
	put_be64(octets, seed);
	pkt_pool_init(&f->pool, 64, 4);
	env_init(&f->env, &f->pool, octets, 0);
	f->sent = calloc(FAKE_SENT_MAX, sizeof(*f->sent));
	ASSERT(f->sent != NULL);
	f->ip6.env = &f->env;
	f->ip6.ifs[1] = &f->ifc;
	f->ifc.link.ifindex = 1;
	f->ifc.link.up = true;
	f->ifc.conf.link_mtu = 1500;
	list_init(&f->ifc.groups);
	ASSERT(ip6_parse("fe80::1", &f->link_local.addr) == 0);
}

void fake_done(struct fake *f)
{
	ASSERT(list_is_empty(&f->ifc.groups));
	ASSERT(timers_next(&f->env.timers) == TIME_NEVER);
	pkt_pool_done(&f->pool);
	free(f->sent);
}

struct if_group *if_group_find(const struct iface *ifc, const struct ip6_addr *group)
{
	LIST_FOR_EACH(it, &ifc->groups) {
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

const struct if_addr *if_link_local(const struct iface *ifc)
{
	const struct fake *f = CONTAINER_OF(ifc, const struct fake, ifc);

	return f->has_link_local ? &f->link_local : NULL;
}

int ip6_group_join(struct ip6 *ip6, struct iface *ifc, const struct ip6_addr *group,
		   struct if_group **ret)
{
	struct if_group *g = if_group_find(ifc, group);
	bool is_new = g == NULL;

	(void)ip6;
	if (is_new) {
		if (ifc->n_groups == IF_GROUPS_MAX)
			return -ENOSPC;
		g = calloc(1, sizeof(*g));
		ASSERT(g != NULL);
		g->ifc = ifc;
		g->addr = *group;
		list_add_tail(&ifc->groups, &g->on);
		ifc->n_groups++;
	}
	g->refs++;
	if (ret != NULL)
		*ret = g;
	return is_new;
}

bool ip6_group_leave(struct ip6 *ip6, struct if_group *g)
{
	(void)ip6;
	if (--g->refs != 0)
		return false;
	ASSERT(!timer_is_armed(&g->timer));
	g->ifc->n_groups--;
	list_del(&g->on);
	free(g);
	return true;
}

struct pkt *ip6_new_packet(struct ip6 *ip6, const struct ip6_addr *src, const struct ip6_addr *dst,
			   uint8_t next, int hop_limit, uint32_t octets)
{
	struct pkt *pkt = pkt_new(ip6->env->pool, 40 + octets);
	uint8_t *p;

	if (pkt == NULL) {
		env_count_drop(ip6->env, 0, DROP_NO_BUFFER);
		return NULL;
	}
	p = pkt_put(pkt, 40);
	memset(p, 0, 8);
	p[0] = 0x60;
	p[6] = next;
	p[7] = (uint8_t)hop_limit;
	memcpy(p + 8, src, 16);
	memcpy(p + 24, dst, 16);
	return pkt;
}

int icmp6_send(struct ip6 *ip6, struct pkt *pkt, uint32_t oif)
{
	struct fake *f = CONTAINER_OF(ip6, struct fake, ip6);
	struct fake_sent *s = &f->sent[f->n_sent++];
	char src[IP6_TEXT_MAX], dst[IP6_TEXT_MAX], msg[FAKE_TEXT_MAX - 100];
	struct ip6_addr a, b;

	ASSERT(f->n_sent <= FAKE_SENT_MAX && oif == 1);
	ASSERT(pkt->p[6] == 0 && pkt->p[7] == 1);
	ASSERT(pkt->l4_off == 48 && memcmp(pkt->p + 40, hop_by_hop, sizeof(hop_by_hop)) == 0);
	ASSERT(get_be16(pkt->p + 50) == 0);
	memcpy(&a, pkt->p + 8, 16);
	memcpy(&b, pkt->p + 24, 16);
	s->at = ip6->env->now;
	s->octets = pkt->len;
	mld_text(rd_of(pkt->p + 48, pkt->len - 48), msg, sizeof(msg));
	snprintf(s->text, sizeof(s->text), "%s > %s %s", ip6_text(&a, src), ip6_text(&b, dst), msg);
	pkt_free(pkt);
	return 0;
}

/* Multicast routing is nobody's here. */

int mroute_open(struct ip6 *ip6)
{
	(void)ip6;
	return -EADDRINUSE;
}

void mroute_close(struct ip6 *ip6)
{
	(void)ip6;
}

int mroute_mif_add(struct ip6 *ip6, unsigned mif, uint32_t ifindex, uint8_t threshold)
{
	(void)ip6;
	(void)mif;
	(void)ifindex;
	(void)threshold;
	return -EOPNOTSUPP;
}

int mroute_mif_del(struct ip6 *ip6, unsigned mif)
{
	(void)ip6;
	(void)mif;
	return -EADDRNOTAVAIL;
}

int mroute_add(struct ip6 *ip6, const struct mroute_route *r)
{
	(void)ip6;
	(void)r;
	return -EADDRNOTAVAIL;
}

int mroute_del(struct ip6 *ip6, const struct ip6_addr *src, const struct ip6_addr *group)
{
	(void)ip6;
	(void)src;
	(void)group;
	return -ENOENT;
}

const struct mfc *mroute_iter(const struct ip6 *ip6, const struct mfc *last)
{
	(void)ip6;
	(void)last;
	return NULL;
}

bool mroute_upcall(struct ip6 *ip6, struct mroute_upcall *ret)
{
	(void)ip6;
	(void)ret;
	return false;
}

enum route_type fib_lookup(const struct fib *f, const struct fib_key *key, struct fib_choices *ret)
{
	(void)f;
	(void)key;
	(void)ret;
	return ROUTE_UNREACHABLE;
}
