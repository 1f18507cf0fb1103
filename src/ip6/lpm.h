/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Longest-prefix match over IPv6 prefixes: a routing table's index. A prefix of 0 to 128 bits leads
 * to a value of 32 bits, not 0; what a value means is the caller's business (0 means "no route").
 * An empty table takes 416 octets and a handful of routes a KiB; a large one takes 30 to 50 octets
 * per route, all told.
 *
 * Not locked: many threads may look up while none changes the table.
 */
#ifndef INABA_IP6_LPM_H
#define INABA_IP6_LPM_H

#include "base/addr.h"

#define LPM_BATCH_MAX 64

struct lpm;

/**
 * lpm_new() - Make an empty table.
 * @limit:	Most prefixes it may hold.
 *
 * Return: the table, freed with lpm_free(); NULL if there is no memory.
 */
struct lpm *lpm_new(uint32_t limit);

/** lpm_free() - Free @t and all it holds; NULL is fine. */
void lpm_free(struct lpm *t);

/**
 * lpm_set() - Insert a prefix, or give it another value.
 * @addr:	Bits behind @len are ignored. Copied.
 * @len:	0 to 128.
 * @value:	Not 0.
 *
 * Return: 0; -ENOSPC if the prefix is new and the table at its limit; -ENOMEM. On error the table
 * is as it was.
 */
int lpm_set(struct lpm *t, const struct ip6_addr *addr, unsigned len, uint32_t value);

/** lpm_get() - The value of exactly this prefix, 0 if it is not in the table. */
uint32_t lpm_get(const struct lpm *t, const struct ip6_addr *addr, unsigned len);

/** lpm_del() - Remove exactly this prefix. Return: 0, or -ENOENT. Never lacks memory. */
int lpm_del(struct lpm *t, const struct ip6_addr *addr, unsigned len);

/** lpm_lookup() - The value of the longest prefix that holds @dst, 0 if none does. */
uint32_t lpm_lookup(const struct lpm *t, const struct ip6_addr *dst);

/**
 * lpm_lookup_batch() - lpm_lookup() of @n (0 to LPM_BATCH_MAX) addresses at once.
 * @value:	Set to the results, in the order of @dst.
 *
 * The walks take their steps in turn, so that one waits for memory while others compute.
 */
void lpm_lookup_batch(const struct lpm *t, const struct ip6_addr *const dst[], uint32_t value[],
		      unsigned n);

/**
 * lpm_lookup_shorter() - The longest match among prefixes shorter than @max.
 * @max:	129 for any prefix; the length of the last match for the next less specific one.
 * @len:	Set to the matched length, only if there is a match; may be NULL.
 *
 * Return: its value, 0 if there is none.
 */
uint32_t lpm_lookup_shorter(const struct lpm *t, const struct ip6_addr *dst, unsigned max,
			    unsigned *len);

/* A place in the order of lpm_next(), and the prefix found there. Starts as { 0 }. */
struct lpm_cursor {
	struct ip6_addr addr;
	unsigned len;
	uint32_t value;
	bool begun;
};

/**
 * lpm_next() - Advance @c to the next prefix, in order of address, the shorter first.
 *
 * The cursor is a prefix and not a pointer: the table may change between two calls, even lose the
 * prefix at @c.
 *
 * Return: false, and @c unchanged, if there are no more.
 */
bool lpm_next(const struct lpm *t, struct lpm_cursor *c);

/** lpm_count() - Number of prefixes in the table. */
uint32_t lpm_count(const struct lpm *t);

/** lpm_octets() - Memory that the table holds, all told (without malloc's own). */
size_t lpm_octets(const struct lpm *t);

/** lpm_check() - Assert that the table is sound; slow, for tests. */
void lpm_check(const struct lpm *t);

#endif
