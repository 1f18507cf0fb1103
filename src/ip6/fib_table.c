/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/fib_table.h"

#include <stdlib.h>

void fib_tables_done(struct fib_tables *ts)
{
	for (uint32_t i = 0; i < ts->n; i++)
		lpm_free(ts->table[i].lpm);
	free(ts->table);
	*ts = (struct fib_tables){ 0 };
}

/* Index of table @id, or of the first behind it. */
static uint32_t index_of(const struct fib_tables *ts, uint32_t id)
{
	uint32_t from = 0, to = ts->n;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (ts->table[mid].id < id)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

struct lpm *fib_table_find(const struct fib_tables *ts, uint32_t id)
{
	uint32_t i;

	if (id == FIB_TABLE_MAIN)
		return ts->main;
	i = index_of(ts, id);
	return i < ts->n && ts->table[i].id == id ? ts->table[i].lpm : NULL;
}

int fib_table_new(struct fib_tables *ts, uint32_t id, uint32_t max, uint32_t prefixes,
		  struct lpm **ret)
{
	uint32_t at = index_of(ts, id);
	struct fib_table *table;
	struct lpm *lpm;

	if (ts->n >= max)
		return -ENOSPC;
	table = realloc(ts->table, (ts->n + 1) * sizeof(*table));
	if (table == NULL)
		return -ENOMEM;
	ts->table = table;
	lpm = lpm_new(prefixes);
	if (lpm == NULL)
		return -ENOMEM;
	memmove(&table[at + 1], &table[at], (ts->n - at) * sizeof(*table));
	table[at] = (struct fib_table){ id, lpm };
	ts->n++;
	if (id == FIB_TABLE_MAIN)
		ts->main = lpm;
	*ret = lpm;
	return 0;
}

void fib_table_tidy(struct fib_tables *ts, uint32_t id)
{
	uint32_t at = index_of(ts, id);

	if (at == ts->n || ts->table[at].id != id || lpm_count(ts->table[at].lpm) != 0)
		return;
	lpm_free(ts->table[at].lpm);
	ts->n--;
	memmove(&ts->table[at], &ts->table[at + 1], (ts->n - at) * sizeof(ts->table[0]));
	if (id == FIB_TABLE_MAIN)
		ts->main = NULL;
}
