/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The routes of one prefix, where a value of the longest-prefix table cannot hold them: when
 * there are several, or one has a source prefix or a lifetime. Private to fib.c.
 */
#ifndef INABA_IP6_FIB_SET_H
#define INABA_IP6_FIB_SET_H

#include "base/timer.h"
#include "ip6/via.h"

struct fib_entry {
	struct timer timer; /* TIMER_ROUTE; idle when it has no lifetime */
	struct fib_entry *next;
	struct fib_set *set;
	struct ip6_addr src;
	uint32_t via; /* index; counts as a user of it */
	uint8_t src_len;
};

/* Longest source prefix first, then by source prefix, metric, preference (high first), age. */
struct fib_set {
	struct fib_entry *first;
	struct ip6_addr dst;
	uint32_t table;
	uint32_t index;
	uint32_t n;
	uint8_t dst_len;
};

/* All of a fib, by index. All zero is empty. */
struct fib_sets {
	union fib_sets_slot {
		struct fib_set *set;
		uintptr_t next; /* free: next free index plus 1, 0 at the end */
	} * slot;
	uint32_t room, top;
	uintptr_t free;
	uint32_t n;
	uint32_t entries; /* in all of them */
};

/** fib_sets_done() - Give back the table; all sets are gone by then. */
void fib_sets_done(struct fib_sets *ss);

/** fib_set_new() - An empty set; NULL if there is no memory. */
struct fib_set *fib_set_new(struct fib_sets *ss);

/** fib_set_free() - Free @set, which is empty. */
void fib_set_free(struct fib_sets *ss, struct fib_set *set);

static inline struct fib_set *fib_set_at(const struct fib_sets *ss, uint32_t index)
{
	return ss->slot[index].set;
}

/** fib_entry_new() - An entry in no set, without lifetime; NULL if there is no memory. */
struct fib_entry *fib_entry_new(const struct ip6_addr *src, uint8_t src_len, uint32_t via);

/** fib_set_link() - Put @e in its place among the set's entries. */
void fib_set_link(struct fib_sets *ss, struct fib_set *set, struct fib_entry *e,
		  const struct via *vias);

/** fib_set_unlink() - Take @e out of its set; the entry and its timer are the caller's then. */
void fib_set_unlink(struct fib_sets *ss, struct fib_entry *e);

static inline bool fib_entry_alike(const struct fib_entry *a, const struct fib_entry *b)
{
	return a->src_len == b->src_len && ip6_eq(&a->src, &b->src);
}

static inline time_ns fib_entry_expires(const struct fib_entry *e)
{
	return timer_is_armed(&e->timer) ? e->timer.when : TIME_NEVER;
}

static inline size_t fib_sets_octets(const struct fib_sets *ss)
{
	return ss->room * sizeof(ss->slot[0]) + ss->n * sizeof(struct fib_set) +
	       ss->entries * sizeof(struct fib_entry);
}

#endif
