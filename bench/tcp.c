/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP between two nodes, both in this process on one core. A stream: from the sender's buffer to
 * the receiver's, in packets of 1,500 octets with checksums made and verified. Request and
 * response: an octet to the other end, and one back when it has been read. What a connection takes
 * that nobody uses.
 */
#include "ends.h"
#include "loopback.h"

#include <malloc.h>
#include <stdlib.h>

#define BURST  65536
#define BURSTS 8 /* of a chunk */
#define TEXT   (ENDS_MTU - 60 - 12)
#define TURNS  64 /* round trips of a chunk */
#define IDLERS 1000

struct stream {
	struct ends e;
	struct tcp_listener *l;
	struct tcp *ca, *cb;
	uint8_t *out, *in;
};

static void stream_init(struct stream *s)
{
	struct tcp_end at = { .port = ENDS_PORT }, to = { .port = ENDS_PORT };

	s->out = bench_alloc(BURST, 1);
	s->in = bench_alloc(BURST, 1);
	ends_init(&s->e);
	to.addr = s->e.b.addr;
	ASSERT(tcp_listen(&s->e.b.node->tcp, &at, 1, NULL, &s->l) == 0);
	ASSERT(tcp_connect(&s->e.a.node->tcp, NULL, &to, NULL, &s->ca) == 0);
	ends_settle(&s->e);
	s->cb = tcp_accept(s->l);
	ASSERT(s->cb != NULL);
}

static void stream_done(struct stream *s)
{
	tcp_abort(s->ca);
	tcp_abort(s->cb);
	tcp_listener_free(s->l);
	ends_settle(&s->e);
	ends_done(&s->e);
	free(s->out);
	free(s->in);
}

/* In ns for each packet's worth of text. */
static double stream_ns(void *ctx)
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
		ends_settle(&s->e);
		while ((rc = tcp_recv(s->cb, s->in, BURST)) > 0)
			got += (uint32_t)rc;
	}
	return (bench_ns() - from) / got * TEXT;
}

/* In ns for each time there and back. */
static double turns_ns(void *ctx)
{
	struct stream *s = ctx;
	struct ends *e = &s->e;
	double from = bench_ns();

	for (unsigned i = 0; i < TURNS; i++) {
		e->now += NS_PER_US;
		ASSERT(tcp_send(s->ca, s->out, 1) == 1);
		node_run(e->a.node, e->now);
		(void)ends_carry(e, &e->a, &e->b);
		ASSERT(tcp_recv(s->cb, s->in, BURST) == 1);
		ASSERT(tcp_send(s->cb, s->in, 1) == 1);
		node_run(e->b.node, e->now);
		(void)ends_carry(e, &e->b, &e->a);
		ASSERT(tcp_recv(s->ca, s->in, BURST) == 1);
	}
	return (bench_ns() - from) / TURNS;
}

struct peer {
	const struct lwip_module *module;
	struct lwip *lwip;
};

static double lwip_stream_ns(void *ctx)
{
	const struct peer *p = ctx;
	double from = bench_ns();
	uint32_t got = p->module->stream(p->lwip, BURSTS * BURST);

	return (bench_ns() - from) / got * TEXT;
}

static double lwip_turns_ns(void *ctx)
{
	const struct peer *p = ctx;
	double from = bench_ns();

	ASSERT(p->module->turns(p->lwip, TURNS) == TURNS);
	return (bench_ns() - from) / TURNS;
}

static double kernel_turns_ns(void *ctx)
{
	double from = bench_ns();

	loopback_turns(ctx, TURNS);
	return (bench_ns() - from) / TURNS;
}

static void run_stream(struct bench *b, const struct row *row)
{
	struct stream *s = bench_alloc(1, sizeof(*s));
	struct side sides[] = { { .name = "Inaba", .once = stream_ns, .ctx = s },
				{ .name = "lwIP" } };
	struct peer peer = { .lwip = NULL };

	peer.module = lwip_load(&peer.lwip, sides[1].note);
	if (peer.module != NULL) {
		sides[1].once = lwip_stream_ns;
		sides[1].ctx = &peer;
	}
	stream_init(s);
	bench_measure(b, row, sides, ARRAY_LEN(sides));
	stream_done(s);
	free(s);
	if (peer.module != NULL)
		peer.module->free(peer.lwip);
}

static void run_turns(struct bench *b, const struct row *row)
{
	struct stream *s = bench_alloc(1, sizeof(*s));
	struct side sides[] = { { .name = "Inaba", .once = turns_ns, .ctx = s },
				{ .name = "lwIP" },
				{ .name = "Linux, ::1" } };
	struct peer peer = { .lwip = NULL };
	struct loopback lo;

	peer.module = lwip_load(&peer.lwip, sides[1].note);
	if (peer.module != NULL) {
		sides[1].once = lwip_turns_ns;
		sides[1].ctx = &peer;
	}
	if (loopback_open(&lo, SOCK_STREAM, sides[2].note)) {
		sides[2].once = kernel_turns_ns;
		sides[2].ctx = &lo;
	}
	stream_init(s);
	bench_measure(b, row, sides, ARRAY_LEN(sides));
	stream_done(s);
	free(s);
	loopback_close(&lo);
	if (peer.module != NULL)
		peer.module->free(peer.lwip);
}

/* Sockets that are connected to each other, all told, by what the heap grew: octets of one. */
static double idle_octets(void *ctx)
{
	struct ends *e = ctx;
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	struct sockaddr_in6 at = end_name(&e->b, ENDS_PORT);
	struct sock *l = end_sock(&e->b, SOCK_STREAM), *s[2 * IDLERS];
	size_t before;
	double ret;

	any.sin6_port = at.sin6_port;
	ASSERT(sock_bind(l, (const struct sockaddr *)&any, sizeof(any)) == 0);
	ASSERT(sock_listen(l, 1) == 0);
	before = mallinfo2().uordblks;
	for (unsigned i = 0; i < IDLERS; i++) {
		s[2 * i] = end_sock(&e->a, SOCK_STREAM);
		ASSERT(sock_connect(s[2 * i], (const struct sockaddr *)&at, sizeof(at)) ==
		       -EINPROGRESS);
		ends_settle(e);
		ASSERT(sock_accept(l, &s[2 * i + 1]) == 0);
	}
	ends_settle(e);
	ret = (double)(mallinfo2().uordblks - before) / (2 * IDLERS);
	for (unsigned i = 0; i < 2 * IDLERS; i++)
		sock_close(s[i]);
	sock_close(l);
	ends_settle(e);
	return ret;
}

static void run_idle(struct bench *b, const struct row *row)
{
	struct ends *e = bench_alloc(1, sizeof(*e));
	struct side side = { .name = "Inaba", .once = idle_octets, .ctx = e };

	ends_init(e);
	bench_measure(b, row, &side, 1);
	ends_done(e);
	free(e);
}

/* 16 Gbit/s of packets of 1,500 octets are 750 ns each. */
const struct row tcp_rows[] = {
	{ .name = "tcp-stream/1500",
	  .unit = "ns/pkt",
	  .run = run_stream,
	  .at_most = 750,
	  .arg = ENDS_MTU },
	{ .name = "tcp-turn/1", .unit = "ns", .run = run_turns, .at_most = 1500, .arg = 1 },
	{ .name = "tcp-idle-size",
	  .unit = "octets",
	  .run = run_idle,
	  .at_most = 1024,
	  .once = true },
	{ .name = NULL },
};
