/* SPDX-License-Identifier: BSD-3-Clause */
/* A binary heap of timers, as many programs have: the peer of Inaba's wheel. */
#ifndef INABA_BENCH_HEAP_H
#define INABA_BENCH_HEAP_H

#include <stdlib.h>

#include "bench.h"

struct heap_node {
	time_ns when;
	uint32_t id;
};

struct heap {
	struct heap_node *node; /* from 1, so that a child is twice its parent */
	uint32_t *place;	/* of each id; 0: not in */
	uint32_t n;
	time_ns now;
};

static inline void heap_init(struct heap *h, uint32_t ids)
{
	*h = (struct heap){ .node = bench_alloc((size_t)ids + 1, sizeof(*h->node)),
			    .place = bench_alloc(ids, sizeof(*h->place)) };
}

static inline void heap_done(struct heap *h)
{
	free(h->node);
	free(h->place);
}

static inline void heap_put(struct heap *h, uint32_t at, struct heap_node node)
{
	h->node[at] = node;
	h->place[node.id] = at;
}

/* Arm @id, or arm it anew. */
static inline void heap_set(struct heap *h, uint32_t id, time_ns when)
{
	struct heap_node node = { when, id };
	uint32_t at = h->place[id] != 0 ? h->place[id] : ++h->n;

	for (; at > 1 && h->node[at / 2].when > when; at /= 2)
		heap_put(h, at, h->node[at / 2]);
	for (uint32_t child = 2 * at; child <= h->n; child = 2 * at) {
		if (child < h->n && h->node[child + 1].when < h->node[child].when)
			child++;
		if (h->node[child].when >= when)
			break;
		heap_put(h, at, h->node[child]);
		at = child;
	}
	heap_put(h, at, node);
}

/* The earliest, which stays in until it is armed anew; it is its time then. */
static inline uint32_t heap_first(struct heap *h)
{
	h->now = h->node[1].when;
	return h->node[1].id;
}

#endif
