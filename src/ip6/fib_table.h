/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The longest-prefix tables of a fib, by number. One exists while it has a prefix. Private to
 * fib*.c.
 */
#ifndef INABA_IP6_FIB_TABLE_H
#define INABA_IP6_FIB_TABLE_H

#include "ip6/lpm.h"

#define FIB_TABLE_MAIN	254 /* as the Linux kernel numbers it */
#define FIB_TABLE_LOCAL 255 /* never held here: the node's addresses are its content */

struct fib_table {
	uint32_t id;
	struct lpm *lpm;
};

/* All zero is empty. */
struct fib_tables {
	struct fib_table *table; /* in order of id */
	uint32_t n;
	struct lpm *main; /* of FIB_TABLE_MAIN, or NULL */
};

/** fib_tables_done() - Free all tables; what their values stand for is the owner's. */
void fib_tables_done(struct fib_tables *ts);

/** fib_table_find() - The table, or NULL if it has no prefix. */
struct lpm *fib_table_find(const struct fib_tables *ts, uint32_t id);

/**
 * fib_table_new() - Make table @id, which does not exist.
 * @max:	Most tables there may be.
 * @prefixes:	Most prefixes it may hold.
 * @ret:	Set only on success.
 *
 * Return: 0, -ENOSPC, -ENOMEM.
 */
int fib_table_new(struct fib_tables *ts, uint32_t id, uint32_t max, uint32_t prefixes,
		  struct lpm **ret);

/** fib_table_tidy() - Free table @id if it exists and has no prefix. */
void fib_table_tidy(struct fib_tables *ts, uint32_t id);

#endif
