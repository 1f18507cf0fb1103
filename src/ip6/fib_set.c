/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/fib_set.h"

#include <stdlib.h>

#define SETS_MIN 4
#define SETS_MAX (UINT32_C(1) << 31) /* bit 31 of a value tells a set's index from a via's */

void fib_sets_done(struct fib_sets *ss)
{
	ASSERT(ss->n == 0 && ss->entries == 0);
	free(ss->slot);
	*ss = (struct fib_sets){ 0 };
}

static int sets_grow(struct fib_sets *ss)
{
	uint32_t room = ss->room == 0 ? SETS_MIN : ss->room * 2;
	union fib_sets_slot *slot;

	if (ss->room >= SETS_MAX)
		return -ENOMEM;
	slot = realloc(ss->slot, room * sizeof(*slot));
	if (slot == NULL)
		return -ENOMEM;
	ss->slot = slot;
	ss->room = room;
	return 0;
}

struct fib_set *fib_set_new(struct fib_sets *ss)
{
	struct fib_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	if (ss->free == 0 && ss->top == ss->room && sets_grow(ss) < 0) {
		free(set);
		return NULL;
	}
	if (ss->free != 0) {
		set->index = (uint32_t)(ss->free - 1);
		ss->free = ss->slot[set->index].next;
	} else {
		set->index = ss->top++;
	}
	ss->slot[set->index].set = set;
	ss->n++;
	return set;
}

void fib_set_free(struct fib_sets *ss, struct fib_set *set)
{
	ASSERT(set->n == 0 && set->first == NULL);
	ss->slot[set->index].next = ss->free;
	ss->free = (uintptr_t)set->index + 1;
	ss->n--;
	free(set);
}

struct fib_entry *fib_entry_new(const struct ip6_addr *src, uint8_t src_len, uint32_t via)
{
	struct fib_entry *e = malloc(sizeof(*e));

	if (e == NULL)
		return NULL;
	*e = (struct fib_entry){ .src = *src, .src_len = src_len, .via = via };
	timer_init(&e->timer, TIMER_ROUTE);
	return e;
}

/* Does @a stand before @b, which came later? */
static bool is_before(const struct fib_entry *a, const struct fib_entry *b, const struct via *vias)
{
	const struct via *va = &vias[a->via], *vb = &vias[b->via];

	if (a->src_len != b->src_len)
		return a->src_len > b->src_len;
	if (!ip6_eq(&a->src, &b->src))
		return ip6_cmp(&a->src, &b->src) < 0;
	if (va->metric != vb->metric)
		return va->metric < vb->metric;
	return va->pref >= vb->pref;
}

void fib_set_link(struct fib_sets *ss, struct fib_set *set, struct fib_entry *e,
		  const struct via *vias)
{
	struct fib_entry **at = &set->first;

	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what was freed has left the list */
	while (*at != NULL && is_before(*at, e, vias))
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	e->set = set;
	set->n++;
	ss->entries++;
}

void fib_set_unlink(struct fib_sets *ss, struct fib_entry *e)
{
	struct fib_entry **at = &e->set->first;

	while (*at != e) {
		ASSERT(*at != NULL);
		at = &(*at)->next;
	}
	*at = e->next;
	e->set->n--;
	ss->entries--;
	e->set = NULL;
	e->next = NULL;
}
