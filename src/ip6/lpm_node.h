/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The trie's node and what lookup and update share of it. Private to lpm*.c; the theory is in lpm.c.
 */
#ifndef INABA_IP6_LPM_NODE_H
#define INABA_IP6_LPM_NODE_H

#include "ip6/lpm.h"
#include "ip6/lpm_pool.h"

#define LPM_STRIDE    6
#define LPM_INLINE    3	 /* values that fit into a node without children */
#define LPM_PER_UNIT  8	 /* values in a unit */
#define LPM_LAST_POS  61 /* the last node of the first half; its children are in the other */
#define LPM_DEPTH_MAX 22 /* nodes on a path: 11 in each half */

struct lpm_node {
	uint64_t tag; /* its half of the address; bits from @pos on are 0 */
	uint64_t own; /* which prefixes of @pos to @pos + 5 bits exist: own_bit() */
	union {
		struct {
			uint64_t kids; /* which of 64 children exist */
			uint32_t base; /* block: children, then values in order of @own */
			uint8_t half;  /* 0: bits 0 to 63 of the address; 1: the rest */
			uint8_t leaf;  /* no children, no block: values are here */
			uint8_t unused;
			uint8_t pos; /* bits of its half before it: 1, 7, .. 61; 0, 6, .. 60 */
		};
		uint32_t value[LPM_INLINE]; /* if @leaf, instead of @kids and @base */
	};
};

_Static_assert(sizeof(struct lpm_node) == LPM_UNIT_OCTETS, "a node is a unit");

/* The last place for a node of this half at @bits (not 0 if @half is) or before. */
static inline unsigned lpm_grid(unsigned half, unsigned bits)
{
	unsigned first = half == 0;

	return first + (bits - first) / LPM_STRIDE * LPM_STRIDE;
}

/* An address as two numbers. */
struct lpm_key {
	uint64_t w[2];
};

/* Where walks begin, by the first @bits of the address. */
struct lpm_root {
	uint32_t node;	/* 0 if there is no longer prefix */
	uint32_t value; /* longest match of less than @bits bits */
};

/* What the lookups may use of the processor. */
enum lpm_cpu {
	LPM_CPU_ANY,
	LPM_CPU_POPCNT, /* and BMI2 */
	LPM_CPU_AVX512,
};

struct lpm {
	struct lpm_pool pool;
	const struct lpm_root *start; /* @top, or @dir if there is one */
	unsigned shift;		      /* 64 minus the bits that index @start */
	uint32_t count, limit;
	enum lpm_cpu cpu;
	struct lpm_root *dir;	/* large tables: prefixes of @dir_bits or more */
	uint8_t *dir_len;	/* length of each dir[].value */
	unsigned dir_bits;	/* 0 if there is no directory */
	struct lpm_root top[2]; /* all prefixes, or those shorter than @dir_bits */
};

extern const uint64_t lpm_own_mask[64];

static inline struct lpm_node *lpm_node(const struct lpm *t, uint32_t at)
{
	return (struct lpm_node *)(void *)&t->pool.unit[at];
}

static inline struct lpm_key lpm_key(const struct ip6_addr *a)
{
	return (struct lpm_key){ { ip6_hi(a), ip6_lo(a) } };
}

/* Are the first @bits (0 to 63) the same? Two shifts, because one by 64 is not defined. */
static inline bool lpm_agree(uint64_t a, uint64_t b, unsigned bits)
{
	return (a ^ b) >> 1 >> (63 - bits) == 0;
}

/* Does the path to @n agree with the key? */
static inline bool lpm_on_path(const struct lpm_node *n, const struct lpm_key *k)
{
	return lpm_agree(k->w[n->half], n->tag, n->pos);
}

/* Which of the node's 64 slots the word falls into; behind bit 63 come zeros. */
static inline unsigned lpm_slot(uint64_t word, unsigned pos)
{
	return (unsigned)(word << pos >> (64 - LPM_STRIDE));
}

static inline uint64_t lpm_kids(const struct lpm_node *n)
{
	return n->kids & ((uint64_t)n->leaf - 1);
}

static inline uint64_t lpm_below(unsigned bit)
{
	return (UINT64_C(1) << bit) - 1;
}

static inline unsigned lpm_popcount(uint64_t x)
{
	return (unsigned)__builtin_popcountll(x);
}

static inline uint32_t lpm_kid(const struct lpm_node *n, unsigned slot)
{
	return n->base + lpm_popcount(n->kids & lpm_below(slot));
}

/* The values of @n, in order of its own bits. */
static inline uint32_t *lpm_values(const struct lpm *t, struct lpm_node *n)
{
	if (n->leaf)
		return n->value;
	return (uint32_t *)(void *)&t->pool.unit[n->base + lpm_popcount(n->kids)];
}

/* Number in @own of the prefix that is @deep bits longer than pos and holds @slot. */
static inline unsigned lpm_own_bit(unsigned deep, unsigned slot)
{
	return (1u << deep) + (slot >> (LPM_STRIDE - deep));
}

/* Depth of the bit of own numbered @bit. */
static inline unsigned lpm_bit_deep(unsigned bit)
{
	return 31u - (unsigned)__builtin_clz(bit);
}

static inline unsigned lpm_top_bit(uint64_t x)
{
	return 63u - (unsigned)__builtin_clzll(x);
}

/* Bits of the address before node @n. */
static inline unsigned lpm_node_pos(const struct lpm_node *n)
{
	return n->half * 64u + n->pos;
}

#endif
