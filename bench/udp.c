/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * UDP: 18 octets of text from one program's memory to another's, both in this process on one core,
 * with checksums made and verified. "self": both on one node; "wire": on two, frames handed over.
 */
#include "ends.h"
#include "loopback.h"

#include <stdlib.h>

#define TEXT  18
#define PORT  5000
#define BURST 64 /* datagrams that are sent before any is read */

struct pair {
	struct ends e;
	struct end *to;
	struct sock *from, *at;
	uint8_t text[TEXT];
};

/* In ns for each datagram that was sent and read. */
static double pair_ns(void *ctx)
{
	struct pair *p = ctx;
	struct iovec iov = { p->text, TEXT };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	double from = bench_ns();

	p->e.now += NS_PER_US;
	for (unsigned i = 0; i < BURST; i++)
		ASSERT(sock_sendmsg(p->from, &msg, 0) == TEXT);
	node_run(p->e.a.node, p->e.now);
	if (p->to != &p->e.a)
		(void)ends_carry(&p->e, &p->e.a, &p->e.b);
	for (unsigned i = 0; i < BURST; i++)
		ASSERT(sock_recvmsg(p->at, &msg, 0) == TEXT);
	return (bench_ns() - from) / BURST;
}

static void pair_init(struct pair *p, bool self)
{
	struct sockaddr_in6 at;

	ends_init(&p->e);
	p->to = self ? &p->e.a : &p->e.b;
	at = end_name(p->to, PORT);
	p->from = end_sock(&p->e.a, SOCK_DGRAM);
	p->at = end_sock(p->to, SOCK_DGRAM);
	ASSERT(sock_bind(p->at, (const struct sockaddr *)&at, sizeof(at)) == 0);
	ASSERT(sock_connect(p->from, (const struct sockaddr *)&at, sizeof(at)) == 0);
}

static void pair_done(struct pair *p)
{
	sock_close(p->from);
	sock_close(p->at);
	ends_done(&p->e);
}

struct peer {
	const struct lwip_module *module;
	struct lwip *lwip;
};

static double lwip_ns(void *ctx)
{
	const struct peer *p = ctx;
	double from = bench_ns();

	ASSERT(p->module->datagrams(p->lwip, BURST, TEXT) == BURST);
	return (bench_ns() - from) / BURST;
}

static double kernel_ns(void *ctx)
{
	double from = bench_ns();

	loopback_datagrams(ctx, BURST, TEXT);
	return (bench_ns() - from) / BURST;
}

static void run(struct bench *b, const struct row *row)
{
	struct pair *p = bench_alloc(1, sizeof(*p));
	struct side sides[] = { { .name = "Inaba", .once = pair_ns, .ctx = p },
				{ .name = "lwIP" },
				{ .name = "Linux, ::1" } };
	struct peer peer = { .lwip = NULL };
	struct loopback lo;

	peer.module = lwip_load(&peer.lwip, sides[1].note);
	if (peer.module != NULL) {
		sides[1].once = lwip_ns;
		sides[1].ctx = &peer;
	}
	if (loopback_open(&lo, SOCK_DGRAM, sides[2].note)) {
		sides[2].once = kernel_ns;
		sides[2].ctx = &lo;
	}
	pair_init(p, row->arg == 0);
	bench_measure(b, row, sides, ARRAY_LEN(sides));
	pair_done(p);
	free(p);
	loopback_close(&lo);
	if (peer.module != NULL)
		peer.module->free(peer.lwip);
}

const struct row udp_rows[] = {
	{ .name = "udp-self/18", .unit = "ns", .run = run, .at_most = 60, .arg = 0 },
	{ .name = "udp-wire/18", .unit = "ns", .run = run, .arg = 1 },
	{ .name = NULL },
};
