/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Operations on one trie of the table, named by its root (0 if empty). Private to lpm*.c. Prefixes
 * are 1 to 128 bits long; bits of the key behind the length are 0.
 */
#ifndef INABA_IP6_LPM_UPDATE_H
#define INABA_IP6_LPM_UPDATE_H

#include "ip6/lpm_node.h"

/** lpm_block_units() - Length of the block of @n, which is no leaf. */
static inline unsigned lpm_block_units(const struct lpm_node *n)
{
	return lpm_popcount(n->kids) + (lpm_popcount(n->own) + LPM_PER_UNIT - 1) / LPM_PER_UNIT;
}

/** lpm_trie_get() - The value of exactly this prefix, or 0. */
uint32_t lpm_trie_get(const struct lpm *t, uint32_t root, const struct lpm_key *k, unsigned len);

/**
 * lpm_trie_set() - Insert or replace.
 * @root:	Not in the pool.
 *
 * Return: 0, or -ENOMEM, with the same prefixes as before.
 */
int lpm_trie_set(struct lpm *t, uint32_t *root, const struct lpm_key *k, unsigned len,
		 uint32_t value);

/** lpm_trie_del() - Remove. Moves no pool. Return: 0, or -ENOENT. */
int lpm_trie_del(struct lpm *t, uint32_t *root, const struct lpm_key *k, unsigned len);

/** lpm_trie_free() - Remove all. */
void lpm_trie_free(struct lpm *t, uint32_t root);

/** lpm_trie_shorter() - lpm_lookup_shorter() in one trie. */
uint32_t lpm_trie_shorter(const struct lpm *t, uint32_t root, const struct lpm_key *k, unsigned max,
			  unsigned *len);

/** lpm_cpu_detect() - What this processor can do. */
enum lpm_cpu lpm_cpu_detect(void);

/** lpm_lookup_batch_avx512() - lpm_lookup_batch(); only with LPM_CPU_AVX512. */
void lpm_lookup_batch_avx512(const struct lpm *t, const struct ip6_addr *const dst[],
			     uint32_t value[], unsigned n);

/** lpm_trie_next() - lpm_next() in one trie. */
bool lpm_trie_next(const struct lpm *t, uint32_t root, struct lpm_cursor *c);

#endif
