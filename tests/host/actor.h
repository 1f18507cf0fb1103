/* SPDX-License-Identifier: BSD-3-Clause */
/* Those whom a host calls in a test: they note it, and do something then. */
#ifndef INABA_TESTS_ACTOR_H
#define INABA_TESTS_ACTOR_H

#include "host/rig.h"

/* Who was called, as letters. */
struct log {
	char text[64];
	unsigned n;
};

static inline void note(struct log *l, char c)
{
	assert_true(l->n < sizeof(l->text) - 1);
	l->text[l->n++] = c;
}

/* Something that can be called, and what it does then. */
struct actor {
	struct rig *r;
	struct log *log;
	char letter;
	int handle;
	struct host_timer timer;
	time_ns called;
	unsigned calls, events;
	void (*act)(struct actor *a);
	struct actor *other;
};

static inline void called(struct actor *a)
{
	a->calls++;
	a->called = host_now(a->r->h);
	if (a->log != NULL)
		note(a->log, a->letter);
	if (a->act != NULL)
		a->act(a);
}

static inline void on_timer(void *ctx)
{
	called(ctx);
}

static inline void on_ready(void *ctx, int handle, unsigned events)
{
	struct actor *a = ctx;

	assert_int_equal(handle, a->handle);
	a->events = events;
	called(a);
}

static inline struct actor actor(struct rig *r, struct log *log, char letter)
{
	struct actor a = { .r = r, .log = log, .letter = letter };

	return a;
}

static inline void ready_timer(struct actor *a, time_ns when)
{
	host_timer_init(&a->timer, on_timer, a);
	host_timer_set(a->r->h, &a->timer, when);
}

/* One with a datagram to be read. */
static inline void ready_handle(struct actor *a)
{
	struct sockaddr_in6 at;

	a->handle = rig_bound(a->r, SOCK_DGRAM, &at);
	assert_int_equal(
		host_sendto(a->r->h, a->handle, "x", 1, (struct sockaddr *)&at, sizeof(at)), 1);
}

static inline void watch(struct actor *a)
{
	assert_int_equal(host_watch(a->r->h, a->handle, POLLIN, on_ready, a), 0);
}

static inline void drain(struct actor *a)
{
	char c;

	assert_int_equal(host_recvfrom(a->r->h, a->handle, &c, 1, NULL, NULL), 1);
}

#endif
