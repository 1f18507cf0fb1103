/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A node under any netlink datagrams: each has two octets of length and one that says what else
 * happens (time passes, an answer is read or not), then its octets. Nothing may be read beyond them,
 * every request that asks for an answer has one, and the routes stay sound.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "node/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TIME_STEP (7 * NS_PER_S)

struct fuzz {
	struct pkt_pool pool;
	struct node *node;
	struct nl_sock *s, *monitor;
	time_ns now;
};

static void start(struct fuzz *f)
{
	struct node_conf conf;
	const struct mac mac = { { 2 } };
	int on = 1;

	pkt_pool_init(&f->pool, 512, 64);
	node_conf_init(&conf, "fuzz", &f->pool);
	conf.ip6.fib.max_routes = 64;
	f->now = NS_PER_S;
	f->node = node_new(&conf, f->now);
	ASSERT(f->node != NULL);
	ASSERT(node_if_add(f->node, "e0", &mac, 1500) == 2);
	ASSERT(node_if_add(f->node, "e1", &mac, 1500) == 3);
	ASSERT(node_if_set(f->node, 2, true, f->now) == 0);
	ASSERT(nl_open(&f->node->nl, NETLINK_ROUTE, 1, true, &f->s) == 0);
	ASSERT(nl_open(&f->node->nl, NETLINK_ROUTE, 1, true, &f->monitor) == 0);
	ASSERT(nl_bind(f->monitor, 0, UINT32_MAX) == 0);
	ASSERT(nl_setsockopt(f->s, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) == 0);
}

static void drain(struct fuzz *f, struct nl_sock *s)
{
	static uint8_t buf[65536];
	ssize_t n;

	while ((n = nl_recv(s, buf, sizeof(buf), 0, NULL)) != -EAGAIN)
		ASSERT(n == -ENOBUFS || n >= 16);
	ASSERT(!nl_readable(s));
	(void)f;
}

static void flush_frames(struct fuzz *f)
{
	struct pktq q;
	uint32_t ifindex;
	struct pkt *pkt;

	while (node_output(f->node, &ifindex, &q))
		while ((pkt = pktq_get(&q)) != NULL)
			pkt_free(pkt);
}

static void one(struct fuzz *f, uint8_t what, const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1); /* so that a read beyond it is seen */
	int strict = what & 1;

	ASSERT(copy != NULL);
	memcpy(copy, p, n);
	ASSERT(nl_setsockopt(f->s, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof(strict)) ==
	       0);
	ASSERT(nl_send(f->s, copy, n, NULL) == (ssize_t)n);
	free(copy);
	node_settle(f->node, f->now);
	if ((what & 2) != 0)
		drain(f, f->s);
	if ((what & 4) != 0) {
		f->now += TIME_STEP;
		node_run(f->node, f->now);
	}
	flush_frames(f);
	fib_check(f->node->ip6.fib);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f;
	struct rd in = rd_of(data, size), msg;
	uint16_t len;
	uint8_t what;

	start(&f);
	while (rd_u8(&in, &what) && rd_u16(&in, &len) &&
	       rd_take(&in, MIN((size_t)len, in.left), &msg))
		one(&f, what, msg.p, msg.left);
	drain(&f, f.s);
	drain(&f, f.monitor);
	node_free(f.node);
	ASSERT(f.pool.used == 0);
	pkt_pool_done(&f.pool);
	return 0;
}
