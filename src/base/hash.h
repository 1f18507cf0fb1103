/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keyed hashing and an intrusive hash table. Keys come from the network, so every hash takes a
 * secret of the node's; without it nobody can aim at one bucket.
 */
#ifndef INABA_BASE_HASH_H
#define INABA_BASE_HASH_H

#include "base/addr.h"

/* Secret of two words, drawn once per node from its rng. */
struct hash_key {
	uint64_t k[2];
};

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	uint128 m = (uint128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/** hash_addr() - Fast keyed hash of an address and a word more (an interface, say). */
static inline uint32_t hash_addr(const struct hash_key *key, const struct ip6_addr *a,
				 uint64_t more)
{
	uint64_t w[2], h;

	memcpy(w, a, sizeof(w));
	/* @more meets the address only behind a multiplication by the secret: if it were added
	 * to a word of it, anyone could choose pairs of the two that cancel out. */
	h = hash_mix(w[0] ^ key->k[0], w[1] ^ key->k[1]);
	h = hash_mix(h ^ key->k[1], more ^ key->k[0] ^ UINT64_C(0x9e3779b97f4a7c15));
	return (uint32_t)h;
}

/** siphash() - SipHash-2-4 of @n octets (a pseudo-random function; RFC 6056, 7217, 7739). */
uint64_t siphash(const struct hash_key *key, const void *p, size_t n);

struct hnode {
	struct hnode *next;
	uint32_t hash;
};

/*
 * Chained table of power-of-two size that grows with its content and never shrinks. All zero is
 * an empty one.
 */
struct htab {
	struct hnode **slot;
	uint32_t mask;
	uint32_t n;
};

/** htab_done() - Give the table's memory back; the entries are their owner's. */
void htab_done(struct htab *h);

/**
 * htab_add() - Put @node in under @hash; does not look whether its key is there.
 *
 * Return: 0, or -ENOMEM (nothing changed).
 */
int htab_add(struct htab *h, struct hnode *node, uint32_t hash);

/** htab_del() - Take @node out; it must be in. */
void htab_del(struct htab *h, struct hnode *node);

/** htab_first(), htab_next() - The nodes whose hash is @hash; compare the key yourself. */
static inline struct hnode *htab_first(const struct htab *h, uint32_t hash)
{
	struct hnode *n = h->slot != NULL ? h->slot[hash & h->mask] : NULL;

	while (n != NULL && n->hash != hash)
		n = n->next;
	return n;
}

static inline struct hnode *htab_next(struct hnode *n)
{
	uint32_t hash = n->hash;

	do
		n = n->next;
	while (n != NULL && n->hash != hash);
	return n;
}

static inline void htab_prefetch(const struct htab *h, uint32_t hash)
{
	if (h->slot != NULL)
		__builtin_prefetch(&h->slot[hash & h->mask]);
}

/**
 * htab_iter() - Walk all nodes: start with NULL, pass the last one to get the next.
 * The node that was returned may be removed only after the next has been fetched.
 */
struct hnode *htab_iter(const struct htab *h, const struct hnode *last);

static inline size_t htab_octets(const struct htab *h)
{
	return h->slot != NULL ? ((size_t)h->mask + 1) * sizeof(h->slot[0]) : 0;
}

#endif
