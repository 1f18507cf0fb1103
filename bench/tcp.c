/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One TCP stream, both ends in this process on one core: from the sender's buffer to the
 * receiver's, in packets of 1,500 octets with checksums made and verified, frames handed from one
 * node to the other.
 */
#include "bench.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "lwip.h"
#include "node/node.h"

#define BURST  65536
#define BURSTS 8 /* of a chunk */
#define MTU    1500
#define TEXT   (MTU - 60 - 12)

struct end {
	struct node *node;
	uint32_t ifindex;
	struct mac mac;
	struct ip6_addr addr;
};

struct stream {
	struct pkt_pool pool;
	struct end a, b;
	struct tcp_listener *l;
	struct tcp *ca, *cb;
	time_ns now;
	uint8_t *out, *in;
};

static void end_init(struct stream *s, struct end *e, const char *name, uint8_t n)
{
	struct node_conf conf;
	struct iface *ifc;

	node_conf_init(&conf, name, &s->pool);
	conf.seed[0] = n;
	e->node = node_new(&conf, s->now);
	ASSERT(e->node != NULL);
	e->mac = (struct mac){ { 2, 0, 0, 0, 0, n } };
	e->addr = (struct ip6_addr){ { 0x20, 1, 0xd, 0xb8, [15] = n } };
	e->ifindex = (uint32_t)node_if_add(e->node, "e0", &e->mac, MTU);
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

/* All that one node has to send arrives at the other, in batches. */
static bool carry(struct stream *s, struct end *from, struct end *to)
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

static void settle(struct stream *s)
{
	s->now += 10 * NS_PER_US;
	node_run(s->a.node, s->now);
	node_run(s->b.node, s->now);
	while (carry(s, &s->a, &s->b) || carry(s, &s->b, &s->a))
		;
}

static void stream_init(struct stream *s)
{
	struct tcp_end at = { .port = 80 }, to = { .port = 80 };

	s->now = 1000 * NS_PER_S;
	s->out = bench_alloc(BURST, 1);
	s->in = bench_alloc(BURST, 1);
	pkt_pool_init(&s->pool, 4096, 4);
	end_init(s, &s->a, "a", 1);
	end_init(s, &s->b, "b", 2);
	neighbours(&s->a, &s->b);
	neighbours(&s->b, &s->a);
	to.addr = s->b.addr;
	ASSERT(tcp_listen(&s->b.node->tcp, &at, 1, NULL, &s->l) == 0);
	ASSERT(tcp_connect(&s->a.node->tcp, NULL, &to, NULL, &s->ca) == 0);
	settle(s);
	s->cb = tcp_accept(s->l);
	ASSERT(s->cb != NULL);
}

static void stream_done(struct stream *s)
{
	tcp_abort(s->ca);
	tcp_abort(s->cb);
	tcp_listener_free(s->l);
	settle(s);
	node_free(s->a.node);
	node_free(s->b.node);
	pkt_pool_done(&s->pool);
	free(s->out);
	free(s->in);
}

/* In ns for each packet's worth of text. */
static double own_ns(void *ctx)
{
	struct stream *s = ctx;
	uint32_t sent = 0, got = 0;
	double from = bench_ns();

	while (got < BURSTS * BURST) {
		long rc;

		if (sent < BURSTS * BURST) {
			rc = tcp_send(s->ca, s->out, BURST);
			sent += rc > 0 ? (uint32_t)rc : 0;
		}
		settle(s);
		while ((rc = tcp_recv(s->cb, s->in, BURST)) > 0)
			got += (uint32_t)rc;
	}
	return (bench_ns() - from) / got * TEXT;
}

struct peer {
	const struct lwip_module *module;
	struct lwip *lwip;
};

static double lwip_ns(void *ctx)
{
	const struct peer *p = ctx;
	double from = bench_ns();
	uint32_t got = p->module->stream(p->lwip, BURSTS * BURST);

	return (bench_ns() - from) / got * TEXT;
}

static void peer_init(struct peer *p, char *note)
{
#ifdef BENCH_LWIP
	void *so = dlopen(BENCH_LWIP, RTLD_NOW | RTLD_LOCAL);

	p->module = so != NULL ? dlsym(so, "lwip_module") : NULL;
	if (p->module != NULL)
		p->lwip = p->module->new (note);
	else
		snprintf(note, BENCH_NOTE_MAX, "%s", dlerror());
#else
	(void)p;
	snprintf(note, BENCH_NOTE_MAX, "liblwip-dev was not there when this was built");
#endif
}

static double idle_octets(void *ctx)
{
	(void)ctx;
	return (double)tcp_idle_octets();
}

static void run(struct bench *b, const struct row *row)
{
	struct stream *s = bench_alloc(1, sizeof(*s));
	struct side sides[] = { { .name = "Inaba", .once = own_ns, .ctx = s }, { .name = "lwIP" } };
	struct peer peer = { .lwip = NULL };

	peer_init(&peer, sides[1].note);
	if (peer.lwip != NULL) {
		sides[1].once = lwip_ns;
		sides[1].ctx = &peer;
	}
	stream_init(s);
	bench_measure(b, row, sides, ARRAY_LEN(sides));
	stream_done(s);
	free(s);
	if (peer.lwip != NULL)
		peer.module->free(peer.lwip);
}

static void size(struct bench *b, const struct row *row)
{
	struct side side = { .name = "Inaba", .once = idle_octets };

	bench_measure(b, row, &side, 1);
}

/* 16 Gbit/s of packets of 1,500 octets are 750 ns each. */
const struct row tcp_rows[] = {
	{ .name = "tcp-stream/1500", .unit = "ns/pkt", .run = run, .at_most = 750, .arg = MTU },
	{ .name = "tcp-idle-size", .unit = "octets", .run = size, .at_most = 1024, .once = true },
	{ .name = NULL },
};
