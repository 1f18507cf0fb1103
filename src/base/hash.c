/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/hash.h"

#include <stdlib.h>

#define HTAB_MIN 8

static uint64_t rotl(uint64_t x, unsigned b)
{
	return x << b | x >> (64 - b);
}

static void sip_rounds(uint64_t v[4], unsigned n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] = rotl(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] = rotl(v[2], 32);
	}
}

uint64_t siphash(const struct hash_key *key, const void *from, size_t n)
{
	uint64_t v[4] = { key->k[0] ^ UINT64_C(0x736f6d6570736575),
			  key->k[1] ^ UINT64_C(0x646f72616e646f6d),
			  key->k[0] ^ UINT64_C(0x6c7967656e657261),
			  key->k[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t last = (uint64_t)n << 56, m;
	const uint8_t *p = from;

	for (; n >= sizeof(m); n -= sizeof(m), p += sizeof(m)) {
		memcpy(&m, p, sizeof(m));
		v[3] ^= m;
		sip_rounds(v, 2);
		v[0] ^= m;
	}
	m = 0;
	if (n != 0)
		memcpy(&m, p, n);
	last |= m;
	v[3] ^= last;
	sip_rounds(v, 2);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void htab_done(struct htab *h)
{
	free(h->slot);
	*h = (struct htab){ 0 };
}

static int htab_grow(struct htab *h)
{
	uint32_t size = h->slot != NULL ? (h->mask + 1) * 2 : HTAB_MIN;
	struct hnode **slot;

	if (size == 0)
		return -ENOMEM;
	slot = calloc(size, sizeof(struct hnode *));
	if (slot == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; h->slot != NULL && i <= h->mask; i++) {
		struct hnode *n = h->slot[i];

		while (n != NULL) {
			struct hnode *next = n->next;

			n->next = slot[n->hash & (size - 1)];
			slot[n->hash & (size - 1)] = n;
			n = next;
		}
	}
	free(h->slot);
	h->slot = slot;
	h->mask = size - 1;
	return 0;
}

int htab_add(struct htab *h, struct hnode *node, uint32_t hash)
{
	if ((h->slot == NULL || h->n > h->mask) && htab_grow(h) < 0 && h->slot == NULL)
		return -ENOMEM;
	node->hash = hash;
	node->next = h->slot[hash & h->mask];
	h->slot[hash & h->mask] = node;
	h->n++;
	return 0;
}

void htab_del(struct htab *h, struct hnode *node)
{
	struct hnode **at = &h->slot[node->hash & h->mask];

	while (*at != node) {
		ASSERT(*at != NULL);
		at = &(*at)->next;
	}
	*at = node->next;
	node->next = NULL;
	h->n--;
}

struct hnode *htab_iter(const struct htab *h, const struct hnode *last)
{
	uint32_t i = 0;

	if (h->slot == NULL)
		return NULL;
	if (last != NULL) {
		if (last->next != NULL)
			return last->next;
		i = (last->hash & h->mask) + 1;
	}
	for (; i <= h->mask; i++)
		if (h->slot[i] != NULL)
			return h->slot[i];
	return NULL;
}
