/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of one longest-prefix-match table: blocks of 1 to LPM_BLOCK_MAX units of 32 octets, named
 * by the index of their first unit in one array. Private to lpm.c and lpm_lookup.c.
 */
#ifndef INABA_IP6_LPM_POOL_H
#define INABA_IP6_LPM_POOL_H

#include "base/base.h"

#define LPM_UNIT_OCTETS 32
#define LPM_BLOCK_MAX	72 /* 64 children, and 63 values of 4 octets */
#define LPM_BINS	(LPM_BLOCK_MAX + 1)

/* A unit whose contents are the user's; a free block keeps its links in its first and last unit. */
struct lpm_unit {
	uint64_t w[4];
};

struct lpm_pool {
	struct lpm_unit *unit; /* aligned in @raw; unit 0 is never given out */
	void *raw;
	uint64_t *edge;		/* a bit per unit: first or last unit of a free block? */
	uint32_t size;		/* units there is room for */
	uint32_t top;		/* units from here on were never used, or are free again */
	uint32_t size_max;	/* no growth beyond; tests set it to see memory fail */
	uint32_t spare;		/* units in free blocks below @top */
	uint32_t bin[LPM_BINS]; /* free blocks of 1 .. 72 units; the last: any larger */
	uint64_t filled[2];	/* which bins are not empty */
};

/** lpm_pool_init() - Make an empty pool; allocates nothing. */
void lpm_pool_init(struct lpm_pool *p);

/** lpm_pool_done() - Give back all memory. */
void lpm_pool_done(struct lpm_pool *p);

/**
 * lpm_pool_alloc() - Take a block of @n units (1 to LPM_BLOCK_MAX), contents undefined.
 *
 * May move the array: pointers to units are stale after it.
 *
 * Return: index of the first unit; 0 if there is no memory.
 */
uint32_t lpm_pool_alloc(struct lpm_pool *p, unsigned n);

/** lpm_pool_reserve() - Make sure that @n units can be had one by one. Return: 0, or -ENOMEM. */
int lpm_pool_reserve(struct lpm_pool *p, uint32_t n);

/** lpm_pool_free() - Give back the @n units at @at; also a part of a block. Moves nothing. */
void lpm_pool_free(struct lpm_pool *p, uint32_t at, unsigned n);

/**
 * lpm_pool_grow() - Make the block of @n units at @at one unit longer, in place or elsewhere.
 *
 * May move the array, like lpm_pool_alloc(). If there is no memory the block stays as it is.
 *
 * Return: the block's index, its first @n units as they were; 0 if there is no memory.
 */
uint32_t lpm_pool_grow(struct lpm_pool *p, uint32_t at, unsigned n);

/** lpm_pool_trim() - Return memory to the system if less than half is used. May move the array. */
void lpm_pool_trim(struct lpm_pool *p);

/** lpm_pool_octets() - Memory held, without struct lpm_pool itself. */
size_t lpm_pool_octets(const struct lpm_pool *p);

/** lpm_pool_check() - Assert that free blocks are whole, merged and counted; slow, for tests. */
void lpm_pool_check(const struct lpm_pool *p);

#endif
