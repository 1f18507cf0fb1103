/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random numbers: the ChaCha8 key stream of a 32-octet seed. Good enough for what peers must not
 * guess (RFC 7739, RFC 4086), and the same run after run from the same seed.
 */
#ifndef INABA_BASE_RNG_H
#define INABA_BASE_RNG_H

#include "base/base.h"

#define RNG_SEED_OCTETS 32
#define RNG_BLOCK	16 /* words */

struct rng {
	uint32_t key[8];
	uint64_t block;
	uint32_t out[RNG_BLOCK];
	unsigned used;
};

/** rng_init() - From a full seed, of getrandom() say. */
void rng_init(struct rng *r, const uint8_t seed[RNG_SEED_OCTETS]);

/** rng_init_u64() - From a small seed and a stream number, for worlds that replay. */
void rng_init_u64(struct rng *r, uint64_t seed, uint64_t stream);

uint32_t rng_u32(struct rng *r);
uint64_t rng_u64(struct rng *r);

/** rng_below() - Uniform in [0, @n); 0 for @n of 0. */
uint64_t rng_below(struct rng *r, uint64_t n);

/** rng_between() - Uniform in [@from, @to]. */
uint64_t rng_between(struct rng *r, uint64_t from, uint64_t to);

#endif
