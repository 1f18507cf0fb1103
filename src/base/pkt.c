/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/pkt.h"

#include <stdlib.h>

#define CHUNK_SMALL 64 /* buffers made at a time */
#define CHUNK_LARGE 1

struct chunk {
	struct chunk *next;
	uint8_t pad[64 - sizeof(struct chunk *)];
	uint8_t mem[];
};

_Static_assert(sizeof(struct chunk) == 64, "the first buffer is aligned");

void pkt_pool_init(struct pkt_pool *pool, uint32_t max_small, uint32_t max_large)
{
	*pool = (struct pkt_pool){ .max_small = max_small, .max_large = max_large };
}

void pkt_pool_done(struct pkt_pool *pool)
{
	struct chunk *c = pool->chunks;

	ASSERT(pool->used == 0);
	while (c != NULL) {
		struct chunk *next = c->next;

		free(c);
		c = next;
	}
	*pool = (struct pkt_pool){ 0 };
}

static void pool_grow(struct pkt_pool *pool, struct pkt **list, uint32_t size, uint32_t n)
{
	/* an odd number of cache lines: or the heads of all would share a few sets of the cache */
	size_t each = ((sizeof(struct pkt) + size + 63) & ~(size_t)63) | 64;
	struct chunk *c = aligned_alloc(64, sizeof(*c) + n * each);

	if (c == NULL)
		return;
	c->next = pool->chunks;
	pool->chunks = c;
	for (uint32_t i = 0; i < n; i++) {
		struct pkt *pkt = (struct pkt *)(void *)(c->mem + i * each);

		pkt->size = size;
		pkt->pool = pool;
		pkt->next = *list;
		*list = pkt;
	}
}

struct pkt *pkt_new(struct pkt_pool *pool, uint32_t octets)
{
	bool large = octets > PKT_SMALL - PKT_HEADROOM;
	struct pkt **list = large ? &pool->free_large : &pool->free_small;
	struct pkt *pkt;

	if (octets > PKT_LARGE - PKT_HEADROOM)
		return NULL;
	if (UNLIKELY(*list == NULL)) {
		uint32_t *n = large ? &pool->n_large : &pool->n_small;
		uint32_t left = (large ? pool->max_large : pool->max_small) - *n;
		uint32_t want = MIN(left, large ? (uint32_t)CHUNK_LARGE : (uint32_t)CHUNK_SMALL);

		if (want == 0)
			return NULL;
		pool_grow(pool, list, large ? PKT_LARGE : PKT_SMALL, want);
		if (*list == NULL)
			return NULL;
		*n += want;
	}
	pkt = *list;
	*list = pkt->next;
	pool->used++;
	pkt->next = NULL;
	pkt->p = pkt->buf + PKT_HEADROOM;
	pkt->len = 0;
	/* the notes, from ifindex to flags */
	memset(&pkt->ifindex, 0, offsetof(struct pkt, buf) - offsetof(struct pkt, ifindex));
	return pkt;
}

struct pkt *pkt_copy(struct pkt_pool *pool, const struct pkt *from)
{
	struct pkt *pkt = pkt_new(pool, from->len);

	if (pkt == NULL)
		return NULL;
	memcpy(&pkt->ifindex, &from->ifindex,
	       offsetof(struct pkt, buf) - offsetof(struct pkt, ifindex));
	memcpy(pkt_put(pkt, from->len), from->p, from->len);
	return pkt;
}

void pkt_free(struct pkt *pkt)
{
	struct pkt_pool *pool;
	struct pkt **list;

	if (pkt == NULL)
		return;
	pool = pkt->pool;
	list = pkt->size == PKT_SMALL ? &pool->free_small : &pool->free_large;
	ASSERT(pkt->p != NULL && pool->used > 0); /* not freed before */
	pool->used--;
	pkt->p = NULL;
	pkt->next = *list;
	*list = pkt;
}

void pktq_free(struct pktq *q)
{
	struct pkt *pkt;

	while ((pkt = pktq_get(q)) != NULL)
		pkt_free(pkt);
}
