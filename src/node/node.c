/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of the stages, and who owns which timer and which upper-layer protocol. */
#include "node/node.h"

#include <stdio.h>
#include <stdlib.h>

#include "ip4/ip4.h"
#include "transport/icmp.h"
#include "transport/mrt6.h"
#include "transport/raw.h"
#include "transport/udp.h"

void node_conf_init(struct node_conf *conf, const char *name, struct pkt_pool *pool)
{
	*conf = (struct node_conf){ .name = name,
				    .pool = pool,
				    .ip6 = { .neigh = NEIGH_CONF_DEFAULT,
					     .fib = FIB_CONF_DEFAULT,
					     .path = PATH_CONF_DEFAULT,
					     .frag = FRAG_CONF_DEFAULT,
					     .mroute = MROUTE_CONF_DEFAULT } };
}

/* An interface of netlink's: no device, so nobody to ask on the link. */
static int dummy_add(void *ctx, const char *name, const struct mac *mac, uint32_t mtu)
{
	struct node *n = ctx;
	int rc = node_if_add(n, name, mac, mtu);
	struct iface *ifc;

	if (rc < 0)
		return rc;
	ifc = node_if(n, (uint32_t)rc);
	ifc->link.dummy = true;
	ifc->conf.dad_transmits = 0;
	ifc->conf.max_rtr_solicitations = 0;
	return rc;
}

/* As dummy_add(): a tunnel's neighbour is not asked for, either. */
static int tunnel_add(void *ctx, const char *name, const struct tunnel_conf *conf, uint32_t mtu)
{
	struct node *n = ctx;
	struct mac mac = { { 0x02 } };
	struct iface *ifc;
	int rc = tunnel_check(&n->ip6, conf);

	if (rc < 0)
		return rc;
	if (mtu == 0)
		mtu = TUNNEL_LINK_MTU - tunnel_overhead(conf);
	if (mtu < IP6_MTU_MIN || mtu > TUNNEL_MTU_MAX)
		return -EINVAL;
	put_be32(mac.b + 1, rng_u32(&n->env.rng)); /* for an interface identifier */
	mac.b[5] = (uint8_t)rng_u32(&n->env.rng);
	rc = node_if_add(n, name, &mac, TUNNEL_MTU_MAX);
	if (rc < 0)
		return rc;
	ifc = node_if(n, (uint32_t)rc);
	if (tunnel_attach(&n->ip6, ifc, conf) < 0) {
		(void)node_if_del(n, (uint32_t)rc);
		return -ENOMEM;
	}
	(void)nd_set_mtu(&n->nd, ifc, mtu);
	return rc;
}

int node_tunnel_add(struct node *n, const char *name, const struct tunnel_conf *conf)
{
	return tunnel_add(n, name, conf, 0);
}

struct node *node_new(const struct node_conf *conf, time_ns now)
{
	struct node *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	snprintf(n->name, sizeof(n->name), "%s", conf->name);
	env_init(&n->env, conf->pool, conf->seed, now);
	if (ip6_init(&n->ip6, &n->env, &conf->ip6) < 0) {
		free(n);
		return NULL;
	}
	mld_init(&n->mld, &n->ip6);
	nd_init(&n->nd, &n->ip6, &n->mld);
	tcp_init(&n->tcp, &n->ip6, &TCP_CONF_DEFAULT);
	pings_init(&n->pings, &n->ip6);
	socks_init(&n->socks, &n->ip6, &n->mld, &n->nd, &n->tcp);
	packets_init(&n->packets, &n->socks);
	resolver_init(&n->resolver, &n->nd, &n->socks);
	nl_init(&n->nl, &n->nd);
	n->nl.shown = &n->socks;
	n->nl.ifs = (struct nl_ifs){ dummy_add, tunnel_add, n };
	return n;
}

void node_free(struct node *n)
{
	if (n == NULL)
		return;
	nl_done(&n->nl);
	pings_done(&n->pings);
	resolver_done(&n->resolver);
	packets_done(&n->packets);
	socks_done(&n->socks);
	tcp_done(&n->tcp);
	for (uint32_t i = IF_MAX; i > 0; i--)
		if (n->ip6.ifs[i] != NULL && !n->ip6.ifs[i]->loopback)
			node_if_del(n, i);
	nd_done(&n->nd);
	mld_done(&n->mld);
	ip6_done(&n->ip6);
	free(n);
}

void node_trace(struct node *n, struct tracer tracer)
{
	packets_trace(&n->packets, tracer);
}

struct iface *node_if(struct node *n, uint32_t ifindex)
{
	return ip6_if(&n->ip6, ifindex);
}

int node_if_add(struct node *n, const char *name, const struct mac *mac, uint32_t mtu)
{
	struct iface *ifc;
	int rc = ip6_if_add(&n->ip6, name, mac, mtu, &ifc);

	if (rc < 0)
		return rc;
	rc = nd_if_add(&n->nd, ifc);
	if (rc < 0) {
		ip6_if_del(&n->ip6, ifc);
		return rc;
	}
	return (int)if_index(ifc);
}

int node_if_del(struct node *n, uint32_t ifindex)
{
	struct iface *ifc = node_if(n, ifindex);

	if (ifc == NULL || ifc->loopback)
		return -ENODEV;
	(void)node_if_set(n, ifindex, false, n->env.now);
	socks_if_gone(&n->socks, ifindex);
	packets_if_gone(&n->packets, ifindex);
	mld_if_del(&n->mld, ifc);
	nd_if_del(&n->nd, ifc);
	ip6_if_del(&n->ip6, ifc);
	return 0;
}

int node_if_set(struct node *n, uint32_t ifindex, bool up, time_ns now)
{
	struct iface *ifc = node_if(n, ifindex);
	bool was;
	int rc;

	if (ifc == NULL || ifc->loopback)
		return -ENODEV;
	n->env.now = now;
	was = ifc->link.up;
	rc = nd_if_set(&n->nd, ifc, up);
	if (was && !up)
		resolver_flush(&n->resolver);
	node_settle(n, now);
	return rc;
}

int node_if_farewell(struct node *n, uint32_t ifindex, time_ns now)
{
	struct iface *ifc = node_if(n, ifindex);

	if (ifc == NULL || ifc->loopback)
		return -ENODEV;
	n->env.now = now;
	if (if_is_usable(ifc)) {
		nd_if_farewell(&n->nd, ifc);
		mld_if_farewell(&n->mld, ifc);
	}
	node_settle(n, now);
	return 0;
}

/* Nobody's, unless a raw socket has read it. */
static void unwanted(struct node *n, struct pkt *pkt, enum drop why)
{
	if ((pkt->flags & PKT_TAKEN) != 0)
		pkt_free(pkt);
	else
		env_drop(&n->env, pkt, why);
}

static bool through_tunnel(struct node *n, const struct pkt *pkt)
{
	const struct iface *ifc = node_if(n, pkt->ifindex);

	return ifc != NULL && ifc->tunnel != NULL;
}

/* An error from within a tunnel is passed on to who sent what was inside: RFC 2473 section 8. */
static bool tunnel_told(struct node *n, struct pkt *pkt)
{
	struct tunnel_news t;

	if (!tunnel_error(&n->ip6, pkt, &t))
		return false;
	if (t.type == 0)
		env_drop(&n->env, pkt, DROP_TUNNEL_ERROR);
	else if (t.proto == IP6_NH_IP6)
		icmp6_error(&n->ip6, pkt, t.type, t.code, t.mtu, DROP_TUNNEL_TOLD);
	else if (t.type != ICMP6_TOO_BIG) /* section 8.3 */
		ip4_refuse(&n->ip6, pkt, ICMP4_UNREACH, ICMP4_UNREACH_HOST, 0, DROP_TUNNEL_TOLD);
	else if ((get_be16(pkt->p + IP4_FRAG_OFF) & IP4_DF) != 0)
		ip4_refuse(&n->ip6, pkt, ICMP4_UNREACH, ICMP4_UNREACH_TOO_BIG, t.mtu,
			   DROP_TUNNEL_TOLD);
	else /* section 7.2 (b): the next one is fragmented outside */
		env_drop(&n->env, pkt, DROP_TUNNEL_ERROR);
	return true;
}

static void icmp_deliver(struct node *n, struct pkt *pkt)
{
	bool raw;

	switch (icmp6_input(&n->ip6, pkt)) {
	case ICMP6_DONE:
		break;
	case ICMP6_TO_ND:
		if (through_tunnel(n, pkt))
			env_drop(&n->env, pkt, DROP_TUNNEL_ND);
		else
			nd_input(&n->nd, pkt);
		break;
	case ICMP6_TO_MLD:
		if (through_tunnel(n, pkt))
			env_drop(&n->env, pkt, DROP_TUNNEL_ND);
		else
			mld_input(&n->mld, pkt);
		break;
	case ICMP6_TO_ECHO:
		if (ping_waits(&n->pings, pkt))
			ping_reply(&n->pings, pkt);
		else if (!icmp_reply_input(&n->socks, pkt))
			unwanted(n, pkt, DROP_ICMP6_ECHO_NOBODY);
		break;
	case ICMP6_TO_ERROR:
		raw = raw_error(&n->socks, pkt);
		if (tunnel_told(n, pkt))
			break;
		if (raw)
			pkt->flags |= PKT_TAKEN;
		if (tcp_error(&n->tcp, pkt))
			break;
		if (socks_error(&n->socks, pkt) || raw)
			env_drop(&n->env, pkt, DROP_ICMP6_ERROR_DONE);
		else
			ping_error(&n->pings, pkt);
		break;
	}
}

static void icmp4_deliver(struct node *n, struct pkt *pkt)
{
	switch (icmp4_input(&n->ip6, pkt)) {
	case ICMP4_DONE:
		break;
	case ICMP4_TO_ECHO:
		if (!icmp_reply_input(&n->socks, pkt))
			unwanted(n, pkt, DROP_ICMP6_ECHO_NOBODY);
		break;
	case ICMP4_TO_ERROR:
		if (tcp_error(&n->tcp, pkt))
			break;
		if (socks_error(&n->socks, pkt)) {
			icmp4_believed(&n->ip6, pkt);
			env_drop(&n->env, pkt, DROP_ICMP6_ERROR_DONE);
		} else {
			unwanted(n, pkt, DROP_ICMP4_QUOTE);
		}
		break;
	}
}

/* What came by IPv4, in mapped form. */
static void deliver4(struct node *n, struct pkt *pkt)
{
	bool taken = raw_input(&n->socks, pkt);

	switch (pkt->proto) {
	case IP4_PROTO_ICMP:
		icmp4_deliver(n, pkt);
		break;
	case IP6_NH_UDP:
		udp_input(&n->socks, pkt);
		break;
	case IP6_NH_TCP:
		if ((pkt->flags & PKT_MULTICAST) != 0) /* RFC 9293 section 3.9.2.3, MUST-57 */
			unwanted(n, pkt, DROP_TCP_ADDRESS);
		else
			tcp_input(&n->tcp, pkt);
		break;
	default:
		if (taken)
			pkt_free(pkt);
		else
			icmp6_error(&n->ip6, pkt, ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, pkt->nh_off,
				    DROP_IP4_PROTOCOL);
		break;
	}
}

/* RFC 8200 section 4: pointer to the octet that named it. */
static void unknown(struct node *n, struct pkt *pkt, bool taken)
{
	if (taken)
		pkt_free(pkt);
	else
		icmp6_error(&n->ip6, pkt, ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, pkt->nh_off,
			    DROP_IP6_NEXT_HEADER);
}

/* What comes out of a tunnel goes on as if from a link. Return: false if it is no tunnel's. */
static bool tunnel_deliver(struct node *n, struct pkt *pkt)
{
	struct batch in = { .n = 0 };
	uint8_t proto = pkt->proto;
	struct iface *ifc;

	if (!tunnel_input(&n->ip6, pkt, &ifc))
		return false;
	if (ifc == NULL)
		return true;
	if (proto == IP6_NH_IP4) {
		ip4_input(&n->ip6, ifc, pkt);
		return true;
	}
	batch_put(&in, pkt);
	ip6_input(&n->ip6, ifc, &in);
	return true;
}

static void deliver(struct node *n, struct pkt *pkt)
{
	struct ip6_addr dst = ip6_hdr_dst(pkt->p);
	bool taken;

	if (UNLIKELY(ip6_is_v4mapped(&dst))) {
		deliver4(n, pkt);
		return;
	}
	taken = raw_input(&n->socks, pkt);
	switch (pkt->proto) {
	case IP6_NH_ICMP6:
		icmp_deliver(n, pkt);
		break;
	case IP6_NH_UDP:
		udp_input(&n->socks, pkt);
		break;
	case IP6_NH_TCP:
		tcp_input(&n->tcp, pkt);
		break;
	case IP6_NH_IP6:
	case IP6_NH_IP4:
		if (!tunnel_deliver(n, pkt))
			unknown(n, pkt, taken);
		break;
	default:
		unknown(n, pkt, taken);
		break;
	}
}

void node_settle(struct node *n, time_ns now)
{
	struct pkt *pkt;

	n->env.now = now;
	if (n->nl.if_went_down) {
		n->nl.if_went_down = false;
		resolver_flush(&n->resolver);
	}
	while (n->nl.ifs_to_go != 0) {
		uint32_t i = (uint32_t)__builtin_ctzll(n->nl.ifs_to_go);

		n->nl.ifs_to_go &= ~(UINT64_C(1) << i);
		(void)node_if_del(n, i + 1);
	}
	do {
		while ((pkt = pktq_get(&n->ip6.upper)) != NULL)
			deliver(n, pkt);
		nd_run(&n->nd);
		mld_run(&n->mld);
		mrt6_run(&n->socks);
		tcp_run(&n->tcp);
		ip4_run(&n->ip6);
		ip6_run_loop(&n->ip6);
		socks_run(&n->socks);
		packets_run(&n->packets);
	} while (n->ip6.upper.n > 0 || n->ip6.loop.n > 0 || nd_has_work(&n->nd) ||
		 ip4_has_work(&n->ip6) || mld_has_work(&n->mld) || tcp_has_work(&n->tcp) ||
		 socks_has_work(&n->socks) || packets_has_work(&n->packets));
}

/* A frame that is none of IPv6's. Given. */
static void other_input(struct node *n, struct iface *ifc, struct pkt *pkt, uint16_t type)
{
	if (type == ETH_TYPE_IP4)
		ip4_input(&n->ip6, ifc, pkt);
	else if (type == ETH_TYPE_ARP)
		arp_input(&n->ip6, ifc, pkt);
	else
		env_drop(&n->env, pkt, DROP_LINK_TYPE);
}

int node_input(struct node *n, uint32_t ifindex, struct batch *in, time_ns now)
{
	struct iface *ifc = node_if(n, ifindex);
	struct batch ip6 = { .n = 0 };

	if (ifc == NULL || ifc->loopback)
		return -ENODEV;
	ASSERT(now >= n->env.now);
	n->env.now = now;
	for (unsigned i = 0; i < in->n; i++) {
		struct pkt *pkt = in->pkt[i];
		uint16_t type = 0;
		enum drop why;

		if (i + 4 < in->n)
			__builtin_prefetch(in->pkt[i + 4]->p);
		env_frame(&n->env, TRACE_RX, ifindex, pkt);
		why = link_rx(&ifc->link, pkt, &type);
		if (UNLIKELY(why != DROP_NONE))
			env_drop(&n->env, pkt, why);
		else if (LIKELY(type == ETH_TYPE_IP6))
			batch_put(&ip6, pkt);
		else
			other_input(n, ifc, pkt, type);
	}
	in->n = 0;
	ip6_input(&n->ip6, ifc, &ip6);
	node_settle(n, now);
	return 0;
}

static void timer_due(struct node *n, struct timer *t)
{
	switch ((enum timer_kind)t->kind) {
	case TIMER_NEIGH:
	case TIMER_NEIGH_GC:
		neigh_timer(&n->ip6.neigh, t, n->env.now);
		return;
	case TIMER_FRAG:
		ip6_frag_timer(&n->ip6, t);
		return;
	case TIMER_PATH:
		path_timer(&n->ip6.path);
		return;
	case TIMER_MROUTE:
		mroute_timer(&n->ip6);
		return;
	case TIMER_ROUTE:
		fib_timer(n->ip6.fib, t);
		return;
	case TIMER_ADDR:
	case TIMER_DAD:
	case TIMER_ND_RS:
	case TIMER_ND_ROUTER:
	case TIMER_ND_TEMP:
	case TIMER_ND_DNA:
	case TIMER_ND_DNS:
	case TIMER_ND_IFACE:
	case TIMER_ND_RA:
	case TIMER_ND_NA:
	case TIMER_ND_ANNOUNCE:
		nd_timer(&n->nd, t);
		return;
	case TIMER_IP4_ANNOUNCE:
		ip4_announce_timer(&n->ip6, t);
		return;
	case TIMER_MLD_GROUP:
	case TIMER_MLD_IFACE:
	case TIMER_MLD_ROUTER:
	case TIMER_MLD_FORWARD:
	case TIMER_MLD_LISTENED:
		mld_timer(&n->mld, t);
		return;
	case TIMER_TCP:
		tcp_timer(&n->tcp, t);
		return;
	case TIMER_PING:
		ping_timer(&n->pings, t);
		return;
	case TIMER_RESOLVE:
		resolve_timer(&n->resolver, t);
		return;
	case TIMER_NONE:
	case TIMER_HOST:
	case TIMER_WIRE:
	case TIMER_WORLD:
	case TIMER_SCRIPT:
	case TIMER_TEST:
	case TIMER_NUM_KINDS:
		break;
	}
	ASSERT_NOT_REACHED();
}

void node_run(struct node *n, time_ns now)
{
	struct timer *t;

	ASSERT(now >= n->env.now);
	n->env.now = now;
	while ((t = timers_pop(&n->env.timers, now)) != NULL)
		timer_due(n, t);
	node_settle(n, now);
}

bool node_output(struct node *n, uint32_t *ifindex, struct pktq *q)
{
	for (uint32_t k = 0; k < IF_MAX; k++) {
		uint32_t i = (n->output_from + k) % IF_MAX + 1;
		struct iface *ifc = n->ip6.ifs[i];

		if (ifc == NULL || ifc->link.tx.n == 0)
			continue;
		*q = ifc->link.tx;
		ifc->link.tx = (struct pktq){ 0 };
		*ifindex = i;
		n->output_from = i;
		return true;
	}
	return false;
}

void node_shutdown(struct node *n, time_ns now)
{
	n->env.now = now;
	nd_shutdown(&n->nd);
	node_settle(n, now);
}
