/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A simulated node as the device under test: its two links end in the tester's hands, and time
 * passes only in recv(). Every start() makes a new node, so no part sees what another one did.
 */
#include "conform/nut.h"

#include <stdlib.h>

#include "node/node.h"

#define POOL_SMALL 4096
#define POOL_LARGE 256
#define START	   (1000 * NS_PER_S)
#define METRIC	   1024

struct sent {
	time_ns when;
	enum nut_link link;
	struct pkt *pkt;
};

struct nut_sim {
	struct nut nut;
	struct pkt_pool pool;
	struct node *node; /* NULL: stopped */
	enum nut_role role;
	struct rng rng;
	time_ns now;
	uint32_t ifindex[NUT_LINKS];
	struct sent *sent; /* from taken to n: not yet seen by the tester */
	size_t n, taken, room;
};

static struct nut_sim *sim_of(struct nut *nut)
{
	return CONTAINER_OF(nut, struct nut_sim, nut);
}

static enum nut_link link_of(const struct nut_sim *s, uint32_t ifindex)
{
	return ifindex == s->ifindex[LINK_A] ? LINK_A : LINK_B;
}

static struct iface *sim_if(struct nut_sim *s, enum nut_link link)
{
	return node_if(s->node, s->ifindex[link]);
}

static void keep(struct nut_sim *s, enum nut_link link, struct pkt *pkt)
{
	if (s->n == s->room) {
		s->room = MAX(64u, s->room * 2);
		s->sent = realloc(s->sent, s->room * sizeof(*s->sent));
		ASSERT(s->sent != NULL);
	}
	s->sent[s->n++] = (struct sent){ s->now, link, pkt };
}

static void collect(struct nut_sim *s)
{
	uint32_t ifindex;
	struct pktq q;

	while (node_output(s->node, &ifindex, &q)) {
		struct pkt *pkt;

		while ((pkt = pktq_get(&q)) != NULL)
			keep(s, link_of(s, ifindex), pkt);
	}
}

static void settle(struct nut_sim *s)
{
	node_settle(s->node, s->now);
	collect(s);
}

static void forget(struct nut_sim *s)
{
	for (size_t i = 0; i < s->n; i++)
		pkt_free(s->sent[i].pkt);
	s->n = s->taken = 0;
}

static void sim_stop(struct nut *nut)
{
	struct nut_sim *s = sim_of(nut);

	forget(s);
	node_free(s->node);
	s->node = NULL;
}

/* 02:00:00:00:0a:00 on link A, 02:00:00:00:0b:00 on link B. */
static struct mac sim_mac(struct nut *nut, enum nut_link link)
{
	(void)nut;
	return (struct mac){ { 2, 0, 0, 0, link == LINK_A ? 0x0a : 0x0b, 0 } };
}

static int bring_up(struct nut_sim *s)
{
	int rc;

	for (unsigned i = 0; i < NUT_LINKS; i++) {
		struct mac mac = sim_mac(&s->nut, (enum nut_link)i);

		rc = node_if_add(s->node, i == LINK_A ? "a" : "b", &mac, 1500);
		if (rc < 0)
			return rc;
		s->ifindex[i] = (uint32_t)rc;
		nd_set_forwarding(&s->node->nd, sim_if(s, (enum nut_link)i), s->role == NUT_ROUTER);
		sim_if(s, (enum nut_link)i)->conf.announce = true; /* as inaba up */
		if (s->role == NUT_HOST && i == LINK_A)
			continue;
		rc = node_if_set(s->node, s->ifindex[i], true, s->now);
		if (rc < 0)
			return rc;
	}
	collect(s);
	return 0;
}

static int sim_start(struct nut *nut, enum nut_role role)
{
	struct nut_sim *s = sim_of(nut);
	struct node_conf conf;

	ASSERT(s->node == NULL);
	node_conf_init(&conf, "nut", &s->pool);
	for (size_t i = 0; i < sizeof(conf.seed); i++)
		conf.seed[i] = (uint8_t)rng_u32(&s->rng);
	s->role = role;
	s->node = node_new(&conf, s->now);
	return s->node != NULL ? bring_up(s) : -ENOMEM;
}

static int sim_reboot(struct nut *nut)
{
	sim_stop(nut);
	return sim_start(nut, sim_of(nut)->role);
}

static int sim_addr(struct nut *nut, enum nut_link link, const struct ip6_addr *a, unsigned len)
{
	struct nut_sim *s = sim_of(nut);
	int rc = nd_addr_add(&s->node->nd, sim_if(s, link), a, len, ADDR_STATIC, false);

	settle(s);
	return rc;
}

static int sim_route(struct nut *nut, enum nut_link link, const struct ip6_addr *dst, unsigned len,
		     const struct ip6_addr *via)
{
	struct nut_sim *s = sim_of(nut);
	struct route r = { .table = FIB_TABLE_MAIN,
			   .dst = ip6_prefix(dst, len),
			   .dst_len = (uint8_t)len,
			   .via = { .gateway = *via,
				    .ifindex = s->ifindex[link],
				    .metric = METRIC,
				    .proto = ROUTE_PROTO_STATIC },
			   .expires = TIME_NEVER };

	return fib_add(s->node->ip6.fib, &r);
}

static int sim_mtu(struct nut *nut, enum nut_link link, uint32_t octets)
{
	struct nut_sim *s = sim_of(nut);

	return nd_set_mtu(&s->node->nd, sim_if(s, link), octets);
}

static int sim_advertise(struct nut *nut, enum nut_link link, const struct nd_adv *adv)
{
	struct nut_sim *s = sim_of(nut);
	int rc = nd_set_adv(&s->node->nd, sim_if(s, link), adv);

	if (adv->edge && link == LINK_A)
		nd_set_accept_ra(&s->node->nd, sim_if(s, LINK_B), true);
	settle(s);
	return rc;
}

static int sim_forwarding(struct nut *nut, enum nut_link link, bool on)
{
	struct nut_sim *s = sim_of(nut);

	nd_set_forwarding(&s->node->nd, sim_if(s, link), on);
	settle(s);
	return 0;
}

static int sim_temp_addrs(struct nut *nut, enum nut_link link)
{
	struct nut_sim *s = sim_of(nut);

	nd_set_temp_addrs(&s->node->nd, sim_if(s, link), true);
	return 0;
}

static int sim_optimistic(struct nut *nut, bool on)
{
	struct nut_sim *s = sim_of(nut);

	for (unsigned i = 0; i < NUT_LINKS; i++)
		sim_if(s, (enum nut_link)i)->conf.optimistic_dad = on;
	return 0;
}

static int sim_link(struct nut *nut, enum nut_link link, bool up)
{
	struct nut_sim *s = sim_of(nut);
	int rc = node_if_set(s->node, s->ifindex[link], up, s->now);

	collect(s);
	return rc;
}

static int sim_mld_router(struct nut *nut, enum nut_link link, const struct mld_router_conf *conf)
{
	struct nut_sim *s = sim_of(nut);
	int rc = mld_set_router(&s->node->mld, sim_if(s, link), conf);

	settle(s);
	return rc;
}

static int sim_mroute(struct nut *nut, enum nut_link from, const struct ip6_addr *group,
		      enum nut_link to)
{
	struct nut_sim *s = sim_of(nut);
	int rc = mroute_add_static(&s->node->ip6, group, s->ifindex[from], &s->ifindex[to], 1);

	settle(s);
	return rc;
}

static int sim_listen(struct nut *nut, enum nut_link link, const struct ip6_addr *group,
		      bool exclude, const struct ip6_addr *source, unsigned n)
{
	struct nut_sim *s = sim_of(nut);
	int rc = mld_listen(&s->node->mld, sim_if(s, link), s, group, exclude, source, n);

	settle(s);
	return rc;
}

static int sim_mld_option(struct nut *nut, enum nut_mld_option option, bool on)
{
	struct mld *mld = &sim_of(nut)->node->mld;

	switch (option) {
	case NUT_MLD_V2_ONLY:
		mld->v2_only = on;
		return 0;
	case NUT_MLD_DONE_ALWAYS:
		mld->done_always = on;
		return 0;
	}
	return -EOPNOTSUPP;
}

static int sim_ping(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
		    uint32_t octets)
{
	struct nut_sim *s = sim_of(nut);
	struct ping_conf conf = { .dst = *dst,
				  .oif = s->ifindex[link],
				  .count = 1,
				  .octets = octets,
				  .interval = NS_PER_S,
				  .timeout = NS_PER_S,
				  .hop_limit = -1 };
	int rc = ping_start(&s->node->pings, &conf, NULL);

	settle(s);
	return rc;
}

static int sim_resolve(struct nut *nut, enum nut_link link, const char *name)
{
	struct nut_sim *s = sim_of(nut);
	int rc = resolve_start(&s->node->resolver, name, &(struct resolve_asker){ 0 }, NULL);

	(void)link;
	node_run(s->node, s->now);
	settle(s);
	return rc;
}

static void sim_send(struct nut *nut, enum nut_link link, const uint8_t *p, size_t octets)
{
	struct nut_sim *s = sim_of(nut);
	struct pkt *pkt = pkt_new(&s->pool, (uint32_t)octets);
	struct batch in = { .n = 1, .pkt = { pkt } };

	ASSERT(pkt != NULL);
	memcpy(pkt_put(pkt, (uint32_t)octets), p, octets);
	if (node_input(s->node, s->ifindex[link], &in, s->now) < 0)
		pkt_free(pkt);
	collect(s);
}

static bool sim_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	struct nut_sim *s = sim_of(nut);
	const struct sent *sent;

	if (s->taken == s->n)
		forget(s);
	while (s->n == 0 && s->now < until) {
		s->now = MAX(s->now, MIN(node_next(s->node), until));
		node_run(s->node, s->now);
		collect(s);
	}
	if (s->taken == s->n)
		return false;
	sent = &s->sent[s->taken++];
	*ret = (struct nut_frame){ sent->when, sent->link, sent->pkt->p, sent->pkt->len };
	return true;
}

static time_ns sim_now(struct nut *nut)
{
	return sim_of(nut)->now;
}

static void sim_close(struct nut *nut)
{
	struct nut_sim *s = sim_of(nut);

	if (s->node != NULL)
		sim_stop(nut);
	pkt_pool_done(&s->pool);
	free(s->sent);
	free(s);
}

static const struct nut_ops ops = {
	.name = "sim",
	.virtual_time = true,
	.start = sim_start,
	.stop = sim_stop,
	.reboot = sim_reboot,
	.addr = sim_addr,
	.route = sim_route,
	.mtu = sim_mtu,
	.advertise = sim_advertise,
	.forwarding = sim_forwarding,
	.mroute = sim_mroute,
	.temp_addrs = sim_temp_addrs,
	.optimistic = sim_optimistic,
	.link = sim_link,
	.mld_router = sim_mld_router,
	.listen = sim_listen,
	.mld_option = sim_mld_option,
	.ping = sim_ping,
	.resolve = sim_resolve,
	.mac = sim_mac,
	.send = sim_send,
	.recv = sim_recv,
	.now = sim_now,
	.close = sim_close,
};

struct nut *nut_sim_new(uint64_t seed)
{
	struct nut_sim *s = calloc(1, sizeof(*s));

	ASSERT(s != NULL);
	s->nut.ops = &ops;
	s->nut.has = NUT_CAN_REBOOT | NUT_CAN_ADDR | NUT_CAN_ROUTE | NUT_CAN_ADVERTISE |
		     NUT_CAN_PING | NUT_CAN_FORWARD | NUT_CAN_MTU | NUT_MCAST_ROUTING |
		     NUT_ADV_VARS | NUT_CAN_TEMP | NUT_MLD_ROUTER | NUT_CAN_LISTEN |
		     NUT_CAN_RESOLVE | NUT_CAN_OPTIMISTIC | NUT_CAN_LINK | NUT_HAS_DNA | NUT_EDGE |
		     NUT_WAITS_HOURS;
	s->now = START;
	rng_init_u64(&s->rng, seed, 0);
	pkt_pool_init(&s->pool, POOL_SMALL, POOL_LARGE);
	return &s->nut;
}
