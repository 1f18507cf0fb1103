/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/rng.h"

#define ROUNDS 8

void rng_init(struct rng *r, const uint8_t seed[RNG_SEED_OCTETS])
{
	memset(r, 0, sizeof(*r));
	memcpy(r->key, seed, sizeof(r->key));
	r->used = RNG_BLOCK;
}

void rng_init_u64(struct rng *r, uint64_t seed, uint64_t stream)
{
	uint8_t full[RNG_SEED_OCTETS] = { 0 };

	memcpy(full, &seed, sizeof(seed));
	memcpy(full + sizeof(seed), &stream, sizeof(stream));
	rng_init(r, full);
}

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*a += *b;
	*d = (*d ^ *a) << 16 | (*d ^ *a) >> 16;
	*c += *d;
	*b = (*b ^ *c) << 12 | (*b ^ *c) >> 20;
	*a += *b;
	*d = (*d ^ *a) << 8 | (*d ^ *a) >> 24;
	*c += *d;
	*b = (*b ^ *c) << 7 | (*b ^ *c) >> 25;
}

static void next_block(struct rng *r)
{
	uint32_t in[RNG_BLOCK] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	uint32_t *x = r->out;

	memcpy(in + 4, r->key, sizeof(r->key));
	in[12] = (uint32_t)r->block;
	in[13] = (uint32_t)(r->block >> 32);
	memcpy(x, in, sizeof(in));
	for (unsigned i = 0; i < ROUNDS; i += 2) {
		quarter(&x[0], &x[4], &x[8], &x[12]);
		quarter(&x[1], &x[5], &x[9], &x[13]);
		quarter(&x[2], &x[6], &x[10], &x[14]);
		quarter(&x[3], &x[7], &x[11], &x[15]);
		quarter(&x[0], &x[5], &x[10], &x[15]);
		quarter(&x[1], &x[6], &x[11], &x[12]);
		quarter(&x[2], &x[7], &x[8], &x[13]);
		quarter(&x[3], &x[4], &x[9], &x[14]);
	}
	for (unsigned i = 0; i < RNG_BLOCK; i++)
		x[i] += in[i];
	r->block++;
	r->used = 0;
}

uint32_t rng_u32(struct rng *r)
{
	if (r->used == RNG_BLOCK)
		next_block(r);
	return r->out[r->used++];
}

uint64_t rng_u64(struct rng *r)
{
	uint64_t hi = rng_u32(r);

	return hi << 32 | rng_u32(r);
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
	uint64_t v, top;

	if (n == 0)
		return 0;
	top = UINT64_MAX - UINT64_MAX % n; /* a multiple of n: no value is favoured */
	do
		v = rng_u64(r);
	while (v >= top);
	return v % n;
}

uint64_t rng_between(struct rng *r, uint64_t from, uint64_t to)
{
	ASSERT(from <= to);
	return to - from == UINT64_MAX ? rng_u64(r) : from + rng_below(r, to - from + 1);
}
