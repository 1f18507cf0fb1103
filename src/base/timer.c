/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Eleven levels of 64 slots, six bits of the time each, from the nanosecond up. A timer lies at
 * the level of the highest bit in which its time differs from the wheel's. All timers of a slot
 * of level 0 therefore have the same time. A slot of a higher level is spread over the levels
 * below when the wheel gets to it; a timer moves at most ten times, most of them far fewer.
 *
 * Lists are first in, first out at every level, and a slot is spread before anything can be
 * added to the slots it is spread over, so timers of one time come out in the order they were
 * armed.
 */
#include "base/timer.h"

#define SLOT_BITS 6
#define LEVEL_DUE 0xff
#define SCAN_MAX  64

void timers_init(struct timers *t, time_ns now)
{
	memset(t, 0, sizeof(*t));
	t->now = now;
	for (unsigned l = 0; l < TIMERS_LEVELS; l++)
		for (unsigned s = 0; s < TIMERS_SLOTS; s++)
			list_init(&t->slot[l][s]);
	list_init(&t->due);
	t->next = TIME_NEVER;
	t->next_known = true;
}

static void place(struct timers *t, struct timer *timer)
{
	uint64_t diff = timer->when ^ t->now;
	unsigned level, slot;

	if (timer->when <= t->now) {
		timer->level = LEVEL_DUE;
		list_add_tail(&t->due, &timer->on);
		return;
	}
	level = (63u - (unsigned)__builtin_clzll(diff)) / SLOT_BITS;
	slot = (timer->when >> (level * SLOT_BITS)) & (TIMERS_SLOTS - 1);
	timer->level = (uint8_t)level;
	timer->slot = (uint8_t)slot;
	t->busy[level] |= UINT64_C(1) << slot;
	list_add_tail(&t->slot[level][slot], &timer->on);
}

void timer_cancel(struct timers *t, struct timer *timer)
{
	if (!timer_is_armed(timer))
		return;
	list_del(&timer->on);
	t->n--;
	if (timer->level != LEVEL_DUE && list_is_empty(&t->slot[timer->level][timer->slot]))
		t->busy[timer->level] &= ~(UINT64_C(1) << timer->slot);
	if (timer->when <= t->next)
		t->next_known = false;
}

void timer_set(struct timers *t, struct timer *timer, time_ns when)
{
	ASSERT(timer->kind != TIMER_NONE && timer->kind < TIMER_NUM_KINDS);
	timer_cancel(t, timer);
	if (when == TIME_NEVER)
		return;
	timer->when = MAX(when, t->now);
	place(t, timer);
	t->n++;
	if (t->next_known && timer->when < t->next)
		t->next = timer->when;
}

/* The first busy slot of the lowest busy level holds the earliest timers. */
static bool first_slot(const struct timers *t, unsigned *level, unsigned *slot)
{
	for (unsigned l = 0; l < TIMERS_LEVELS; l++) {
		if (t->busy[l] != 0) {
			*level = l;
			*slot = (unsigned)__builtin_ctzll(t->busy[l]);
			return true;
		}
	}
	return false;
}

static time_ns slot_begin(const struct timers *t, unsigned level, unsigned slot)
{
	time_ns when = LIST_ENTRY(t->slot[level][slot].next, struct timer, on)->when;

	return when & ~((UINT64_C(1) << (level * SLOT_BITS)) - 1);
}

/* Exact for a short slot; for a long one its beginning, when it will be spread and so shorter. */
static time_ns slot_next(const struct timers *t, unsigned level, unsigned slot)
{
	time_ns min = TIME_NEVER;
	unsigned n = 0;

	LIST_FOR_EACH(it, &t->slot[level][slot]) {
		if (++n > SCAN_MAX)
			return slot_begin(t, level, slot);
		min = MIN(min, LIST_ENTRY(it, struct timer, on)->when);
	}
	return min;
}

time_ns timers_next(struct timers *t)
{
	unsigned level, slot;

	if (t->next_known)
		return t->next;
	if (!list_is_empty(&t->due))
		t->next = t->now;
	else if (first_slot(t, &level, &slot))
		t->next = slot_next(t, level, slot);
	else
		t->next = TIME_NEVER;
	t->next_known = true;
	return t->next;
}

/* Move the wheel to @to, at which no armed timer lies in the past, and spread what begins there. */
static void spread(struct timers *t, unsigned level, unsigned slot, time_ns to)
{
	struct list *head = &t->slot[level][slot];

	t->now = to;
	t->busy[level] &= ~(UINT64_C(1) << slot);
	LIST_FOR_EACH(it, head) {
		list_del(it);
		place(t, LIST_ENTRY(it, struct timer, on));
	}
}

/*
 * Nothing is due: move the wheel to @now and spread nothing. Every slot still begins after @now,
 * so each timer still lies at the level of the highest bit in which it differs from the wheel.
 */
static void idle_until(struct timers *t, time_ns now)
{
	t->now = now;
	if (t->next <= now) /* the beginning of a slot, spread or emptied since */
		t->next_known = false;
}

struct timer *timers_pop(struct timers *t, time_ns now)
{
	unsigned level, slot;
	struct timer *timer;

	ASSERT(now >= t->now && now < TIME_NEVER);
	while (list_is_empty(&t->due)) {
		time_ns begin = TIME_NEVER;

		if (first_slot(t, &level, &slot))
			begin = slot_begin(t, level, slot);
		if (begin > now) {
			idle_until(t, now);
			return NULL;
		}
		spread(t, level, slot, begin);
	}
	timer = LIST_ENTRY(t->due.next, struct timer, on);
	list_del(&timer->on);
	t->n--;
	t->next_known = false;
	return timer;
}
