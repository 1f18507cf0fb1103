/* SPDX-License-Identifier: BSD-3-Clause */
#include "ends.h"

#include <dlfcn.h>
#include <stdio.h>

static void end_init(struct ends *s, struct end *e, const char *name, uint8_t n)
{
	struct node_conf conf;
	struct iface *ifc;

	node_conf_init(&conf, name, &s->pool);
	conf.seed[0] = n;
	e->node = node_new(&conf, s->now);
	ASSERT(e->node != NULL);
	e->mac = (struct mac){ { 2, 0, 0, 0, 0, n } };
	e->addr = (struct ip6_addr){ { 0x20, 1, 0xd, 0xb8, [15] = n } };
	e->ifindex = (uint32_t)node_if_add(e->node, "e0", &e->mac, ENDS_MTU);
	ifc = node_if(e->node, e->ifindex);
	ifc->conf.dad_transmits = 0;
	ifc->conf.max_rtr_solicitations = 0;
	ASSERT(node_if_set(e->node, e->ifindex, true, s->now) == 0);
	ASSERT(nd_addr_add(&e->node->nd, ifc, &e->addr, 64, ADDR_STATIC, true) == 0);
}

static void neighbours(struct end *e, const struct end *other)
{
	ASSERT(neigh_set(&e->node->ip6.neigh, &node_if(e->node, e->ifindex)->link, &other->addr,
			 &other->mac) != NULL);
}

bool ends_carry(struct ends *s, struct end *from, struct end *to)
{
	uint32_t ifindex;
	bool any = false;
	struct pktq q;

	while (node_output(from->node, &ifindex, &q)) {
		struct batch in = { .n = 0 };
		struct pkt *pkt;

		any = true;
		while ((pkt = pktq_get(&q)) != NULL) {
			batch_put(&in, pkt);
			if (in.n == BATCH_MAX || q.n == 0)
				ASSERT(node_input(to->node, to->ifindex, &in, s->now) == 0);
		}
	}
	return any;
}

void ends_settle(struct ends *s)
{
	s->now += 10 * NS_PER_US;
	node_run(s->a.node, s->now);
	node_run(s->b.node, s->now);
	while (ends_carry(s, &s->a, &s->b) || ends_carry(s, &s->b, &s->a))
		;
}

void ends_init(struct ends *s)
{
	s->now = 1000 * NS_PER_S;
	pkt_pool_init(&s->pool, 4096, 4);
	end_init(s, &s->a, "a", 1);
	end_init(s, &s->b, "b", 2);
	neighbours(&s->a, &s->b);
	neighbours(&s->b, &s->a);
	ends_settle(s);
}

void ends_done(struct ends *s)
{
	node_free(s->a.node);
	node_free(s->b.node);
	pkt_pool_done(&s->pool);
}

struct sock *end_sock(struct end *e, int type)
{
	struct sock *ret = NULL;

	ASSERT(sock_open(&e->node->socks, AF_INET6, type, 0, &ret) == 0);
	return ret;
}

struct sockaddr_in6 end_name(const struct end *e, uint16_t port)
{
	struct sockaddr_in6 ret = { .sin6_family = AF_INET6 };

	memcpy(&ret.sin6_addr, e->addr.b, sizeof(ret.sin6_addr));
	put_be16((uint8_t *)&ret.sin6_port, port);
	return ret;
}

const struct lwip_module *lwip_load(struct lwip **ret, char *note)
{
#ifdef BENCH_LWIP
	void *so = dlopen(BENCH_LWIP, RTLD_NOW | RTLD_LOCAL);
	const struct lwip_module *module = so != NULL ? dlsym(so, "lwip_module") : NULL;

	if (module == NULL) {
		snprintf(note, BENCH_NOTE_MAX, "%s", dlerror());
		return NULL;
	}
	*ret = module->new (note);
	return *ret != NULL ? module : NULL;
#else
	(void)ret;
	snprintf(note, BENCH_NOTE_MAX, "liblwip-dev was not there when this was built");
	return NULL;
#endif
}
