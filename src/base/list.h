/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Intrusive doubly linked circular list. A head and an entry look alike; an entry that is on no
 * list points to itself or is zero.
 */
#ifndef INABA_BASE_LIST_H
#define INABA_BASE_LIST_H

#include "base/base.h"

struct list {
	struct list *next, *prev;
};

#define LIST_ENTRY(ptr, type, member) CONTAINER_OF(ptr, type, member)

/* The body may remove @it, nothing else. */
#define LIST_FOR_EACH(it, head)                                                                    \
	for (struct list *it = (head)->next, *it##_next = it->next; it != (head);                  \
	     it = it##_next, it##_next = it->next)

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_is_empty(const struct list *head)
{
	return head->next == head;
}

/** list_is_on() - Is @entry, initialised or zero, on some list? */
static inline bool list_is_on(const struct list *entry)
{
	return entry->next != NULL && entry->next != entry;
}

static inline void list_add_tail(struct list *head, struct list *entry)
{
	entry->next = head;
	entry->prev = head->prev;
	head->prev->next = entry;
	head->prev = entry;
}

static inline void list_add_head(struct list *head, struct list *entry)
{
	list_add_tail(head->next, entry);
}

static inline void list_del(struct list *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	list_init(entry);
}

#endif
