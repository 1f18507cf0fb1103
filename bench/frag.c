/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reassembly: a datagram's fragments come in order, each in a buffer that is taken from the pool
 * and filled for it, on both sides; the whole is freed. Inaba's is one run of octets then, DPDK's a
 * chain of buffers.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "dpdk.h"
#include "ip6/frag.h"

#define PIECE_OCTETS	1448 /* of payload; a multiple of 8 */
#define PIECE_MAX	(IP6_HDR_OCTETS + IP6_FRAG_OCTETS + PIECE_OCTETS)
#define PIECES_MAX	28
#define CHUNK		128 /* datagrams */
#define DPDK_PIECES_MAX 8   /* RTE_LIBRTE_IP_FRAG_MAX_FRAG of Debian's */

struct pieces {
	uint8_t piece[PIECES_MAX][PIECE_MAX];
	unsigned n;
	uint32_t id;
};

struct own {
	struct pieces *in;
	struct pkt_pool pool;
	struct env env;
	struct frag_table table;
};

struct peer {
	struct pieces *in;
	struct dpdk *d;
};

static void pieces_init(struct pieces *in, unsigned n)
{
	static const struct ip6_addr src = { { 0xfd, [15] = 1 } }, dst = { { 0xfd, [15] = 2 } };

	*in = (struct pieces){ .n = n };
	for (unsigned i = 0; i < n; i++) {
		uint8_t *p = in->piece[i], *ext = p + IP6_HDR_OCTETS;

		ip6_put_header(p, 0, 0, PIECE_MAX - IP6_HDR_OCTETS, IP6_NH_FRAGMENT, 64, &src,
			       &dst);
		ext[0] = IP6_NH_UDP;
		put_be16(ext + IP6_FRAG_OFFSET_OFF,
			 (uint16_t)(i * PIECE_OCTETS | (i + 1 < n ? IP6_FRAG_MORE : 0)));
	}
}

/* A new datagram: all its pieces say so. */
static void next_id(struct pieces *in)
{
	in->id++;
	for (unsigned i = 0; i < in->n; i++)
		put_be32(in->piece[i] + IP6_HDR_OCTETS + IP6_FRAG_ID_OFF, in->id);
}

static struct pkt *own_put(struct own *o, const uint8_t *piece)
{
	struct pkt *pkt = pkt_new(&o->pool, PIECE_MAX);
	struct frag_error err = { 0 };
	struct ip6_walk w;

	ASSERT(pkt != NULL);
	memcpy(pkt_put(pkt, PIECE_MAX), piece, PIECE_MAX);
	ip6_walk_begin(&w, pkt);
	ip6_walk_chain(&w, pkt, &IP6_EXT_LIMITS_DEFAULT);
	ASSERT(w.why == DROP_NONE && w.next == IP6_NH_FRAGMENT);
	return frag_input(&o->table, pkt, &w, &err);
}

static double own_ns(void *ctx)
{
	struct own *o = ctx;
	double from = bench_ns();

	for (unsigned i = 0; i < CHUNK; i++) {
		struct pkt *whole = NULL;

		next_id(o->in);
		for (unsigned j = 0; j < o->in->n; j++)
			whole = own_put(o, o->in->piece[j]);
		ASSERT(whole != NULL && whole->len == IP6_HDR_OCTETS + o->in->n * PIECE_OCTETS);
		pkt_free(whole);
	}
	return (bench_ns() - from) / CHUNK;
}

static double peer_ns(void *ctx)
{
	struct peer *p = ctx;
	double from = bench_ns();

	for (unsigned i = 0; i < CHUNK; i++) {
		uint32_t octets = 0;

		next_id(p->in);
		for (unsigned j = 0; j < p->in->n; j++)
			octets = dpdk_frag_put(p->d, p->in->piece[j], PIECE_MAX);
		ASSERT(octets == IP6_HDR_OCTETS + p->in->n * PIECE_OCTETS);
	}
	return (bench_ns() - from) / CHUNK;
}

static void run(struct bench *b, const struct row *row)
{
	static const uint8_t seed[RNG_SEED_OCTETS] = { 1 };
	struct pieces *in = bench_alloc(1, sizeof(*in));
	struct own *o = bench_alloc(1, sizeof(*o));
	struct peer peer = { .in = in };
	struct side sides[] = { { .name = "Inaba", .once = own_ns, .ctx = o },
				{ .name = "DPDK ip_frag", .ctx = &peer } };

	pieces_init(in, row->arg);
	o->in = in;
	pkt_pool_init(&o->pool, 1024, 16);
	env_init(&o->env, &o->pool, seed, NS_PER_S);
	frag_init(&o->table, &o->env, &FRAG_CONF_DEFAULT);
	if (row->arg > DPDK_PIECES_MAX)
		snprintf(sides[1].note, BENCH_NOTE_MAX, "%d fragments at most", DPDK_PIECES_MAX);
	else
		peer.d = dpdk_frag_new(sides[1].note);
	if (peer.d != NULL)
		sides[1].once = peer_ns;
	bench_measure(b, row, sides, ARRAY_LEN(sides));
	dpdk_free(peer.d);
	frag_done(&o->table);
	pkt_pool_done(&o->pool);
	free(o);
	free(in);
}

const struct row frag_rows[] = {
	{ .name = "reassembly/2", .unit = "ns/whole", .run = run, .arg = 2 },
	{ .name = "reassembly/28", .unit = "ns/whole", .run = run, .arg = PIECES_MAX },
	{ .name = NULL },
};
