/* SPDX-License-Identifier: BSD-3-Clause */
/* What host/host.h says of timers, of watching, and of the order of calls, on both hosts. */
#include "host/rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/inside.h"

#define MANY 10000

/* Who was called, as letters. */
struct log {
	char text[64];
	unsigned n;
};

static void note(struct log *l, char c)
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

static void called(struct actor *a)
{
	a->calls++;
	a->called = host_now(a->r->h);
	if (a->log != NULL)
		note(a->log, a->letter);
	if (a->act != NULL)
		a->act(a);
}

static void on_timer(void *ctx)
{
	called(ctx);
}

static void on_ready(void *ctx, int handle, unsigned events)
{
	struct actor *a = ctx;

	assert_int_equal(handle, a->handle);
	a->events = events;
	called(a);
}

static struct actor actor(struct rig *r, struct log *log, char letter)
{
	struct actor a = { .r = r, .log = log, .letter = letter };

	return a;
}

static void ready_timer(struct actor *a, time_ns when)
{
	host_timer_init(&a->timer, on_timer, a);
	host_timer_set(a->r->h, &a->timer, when);
}

/* One with a datagram to be read. */
static void ready_handle(struct actor *a)
{
	struct sockaddr_in6 at;

	a->handle = rig_bound(a->r, SOCK_DGRAM, &at);
	assert_int_equal(
		host_sendto(a->r->h, a->handle, "x", 1, (struct sockaddr *)&at, sizeof(at)), 1);
}

static void watch(struct actor *a)
{
	assert_int_equal(host_watch(a->r->h, a->handle, POLLIN, on_ready, a), 0);
}

static void drain(struct actor *a)
{
	char c;

	assert_int_equal(host_recvfrom(a->r->h, a->handle, &c, 1, NULL, NULL), 1);
}

/*
 * Timers.
 */

static void timers_by_time_then_arming(void **state)
{
	static const struct {
		char letter;
		unsigned ms;
	} rows[] = { { 'e', 3 }, { 'c', 2 }, { 'a', 0 }, { 'd', 2 }, { 'b', 0 }, { 'f', 3 } };
	struct rig *r = *state;
	struct log log = { .n = 0 };
	struct actor a[ARRAY_LEN(rows)];
	time_ns now = host_now(r->h);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		a[i] = actor(r, &log, rows[i].letter);
		ready_timer(&a[i], now + rows[i].ms * NS_PER_MS);
		assert_true(host_timer_is_armed(&a[i].timer));
	}
	rig_wait(r, &log.n, ARRAY_LEN(rows));
	assert_string_equal(log.text, "abcdef");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_false(host_timer_is_armed(&a[i].timer));
		assert_true(a[i].called >= now + rows[i].ms * NS_PER_MS);
	}
	rig_pass(r, RIG_PASS);
	assert_int_equal(log.n, ARRAY_LEN(rows));
}

/* Zero and other times long past are due, the earlier first. */
static void timers_of_the_past(void **state)
{
	struct rig *r = *state;
	struct log log = { .n = 0 };
	struct actor a = actor(r, &log, 'a'), b = actor(r, &log, 'b'), c = actor(r, &log, 'c');

	rig_pass(r, NS_PER_MS);
	ready_timer(&a, 0);
	ready_timer(&b, host_now(r->h) - 1000);
	ready_timer(&c, host_now(r->h));
	rig_wait(r, &log.n, 3);
	assert_string_equal(log.text, "abc");
}

static void timer_never(void **state)
{
	struct rig *r = *state;
	struct actor a = actor(r, NULL, 'a'), b = actor(r, NULL, 'b');

	ready_timer(&a, host_now(r->h) + NS_PER_MS);
	host_timer_set(r->h, &a.timer, TIME_NEVER);
	assert_false(host_timer_is_armed(&a.timer));
	ready_timer(&b, host_now(r->h) + NS_PER_MS);
	host_timer_after(r->h, &b.timer, TIME_NEVER);
	host_timer_cancel(r->h, &b.timer);
	host_timer_cancel(r->h, &b.timer);
	rig_pass(r, RIG_PASS);
	assert_int_equal(a.calls + b.calls, 0);
}

/* Armed again, it counts from then, and is behind others of that time. */
static void timer_rearmed(void **state)
{
	struct rig *r = *state;
	struct log log = { .n = 0 };
	struct actor a = actor(r, &log, 'a'), b = actor(r, &log, 'b');
	time_ns when = host_now(r->h) + 5 * NS_PER_MS;

	ready_timer(&a, when);
	ready_timer(&b, when);
	host_timer_set(r->h, &a.timer, when + NS_PER_S);
	host_timer_set(r->h, &a.timer, when);
	rig_wait(r, &log.n, 2);
	assert_string_equal(log.text, "ba");
}

static void again(struct actor *a)
{
	if (a->calls < 20)
		host_timer_set(a->r->h, &a->timer, 0);
}

/* One that is always due does not keep the others waiting. */
static void timer_for_the_past_from_itself(void **state)
{
	struct rig *r = *state;
	struct actor a = actor(r, NULL, 'a'), s = actor(r, NULL, 's');

	a.act = again;
	ready_handle(&s);
	s.act = drain;
	watch(&s);
	ready_timer(&a, 0);
	rig_wait(r, &s.calls, 1);
	assert_int_equal(a.calls, 1);
	rig_wait(r, &a.calls, 20);
	if (r->inside) /* a round takes a microsecond */
		assert_int_equal(a.called - s.called, 19 * HOST_ROUND_NS);
}

static void cancel_other(struct actor *a)
{
	host_timer_cancel(a->r->h, &a->other->timer);
	assert_false(host_timer_is_armed(&a->other->timer));
}

static void timer_cancelled_by_one_before(void **state)
{
	struct rig *r = *state;
	struct log log = { .n = 0 };
	struct actor a = actor(r, &log, 'a'), b = actor(r, &log, 'b'), c = actor(r, &log, 'c');

	a.act = cancel_other;
	a.other = &b;
	ready_timer(&a, 0);
	ready_timer(&b, 0);
	ready_timer(&c, 0);
	rig_pass(r, RIG_PASS);
	assert_string_equal(log.text, "ac");
}

static void arm_other(struct actor *a)
{
	assert_true(host_timer_is_armed(&a->other->timer)); /* due, and not yet called */
	host_timer_after(a->r->h, &a->other->timer, 2 * NS_PER_MS);
}

static void timer_put_off_by_one_before(void **state)
{
	struct rig *r = *state;
	struct log log = { .n = 0 };
	struct actor a = actor(r, &log, 'a'), b = actor(r, &log, 'b'), c = actor(r, &log, 'c');

	a.act = arm_other;
	a.other = &b;
	ready_timer(&a, 0);
	ready_timer(&b, 0);
	ready_timer(&c, 0);
	rig_wait(r, &log.n, 3);
	assert_string_equal(log.text, "acb");
	assert_true(b.called >= a.called + 2 * NS_PER_MS);
}

struct owner {
	struct actor a;
	struct owner *other;
};

static void free_other(struct actor *a)
{
	struct owner *o = CONTAINER_OF(a, struct owner, a);

	host_timer_cancel(a->r->h, &o->other->a.timer);
	free(o->other);
	free(o);
}

/* Owners may go in any call: their own, and that of another whose turn would have come. */
static void timer_owners_freed(void **state)
{
	struct rig *r = *state;
	struct owner *x = calloc(1, sizeof(*x)), *y = calloc(1, sizeof(*y));
	struct log log = { .n = 0 };

	assert_true(x != NULL && y != NULL);
	x->a = actor(r, &log, 'x');
	y->a = actor(r, &log, 'y');
	x->a.act = y->a.act = free_other;
	x->other = y;
	y->other = x;
	ready_timer(&x->a, 0);
	ready_timer(&y->a, 0);
	rig_pass(r, RIG_PASS);
	assert_string_equal(log.text, "x");
}

struct many {
	struct host_timer timer;
	struct many_of *of;
	time_ns when;
};

struct many_of {
	struct rig *r;
	unsigned n;
	time_ns last;
};

static void on_many(void *ctx)
{
	struct many *m = ctx;

	assert_true(m->when >= m->of->last);
	assert_true(m->when <= host_now(m->of->r->h));
	m->of->last = m->when;
	m->of->n++;
}

/* Every other is cancelled, the others come in order. */
static void many_timers(void **state)
{
	struct rig *r = *state;
	struct many *m = calloc(MANY, sizeof(*m));
	struct many_of of = { .r = r };
	time_ns now = host_now(r->h);

	assert_non_null(m);
	for (unsigned i = 0; i < MANY; i++) {
		m[i].of = &of;
		m[i].when = now + (time_ns)(i * 7919 % MANY) * 2 * NS_PER_US;
		host_timer_init(&m[i].timer, on_many, &m[i]);
		host_timer_set(r->h, &m[i].timer, m[i].when);
	}
	for (unsigned i = 0; i < MANY; i += 2)
		host_timer_cancel(r->h, &m[i].timer);
	rig_wait(r, &of.n, MANY / 2);
	free(m);
}

/*
 * Watching.
 */

static void drain_third(struct actor *a)
{
	if (a->calls == 3)
		drain(a);
}

static void as_long_as_ready(void **state)
{
	struct rig *r = *state;
	struct actor a = actor(r, NULL, 'a');

	ready_handle(&a);
	a.act = drain_third;
	watch(&a);
	rig_pass(r, RIG_PASS);
	assert_int_equal(a.calls, 3);
	assert_int_equal(a.events, POLLIN);
}

/* A peek reads nothing; who was not watched when it came is told all the same. */
static void level_not_edge(void **state)
{
	struct rig *r = *state;
	struct actor a = actor(r, NULL, 'a');
	char c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	ready_handle(&a);
	rig_pass(r, RIG_PASS);
	assert_int_equal(rig_ready(r, a.handle, POLLIN), POLLIN);
	assert_int_equal(host_recvmsg(r->h, a.handle, &msg, MSG_PEEK), 1);
	assert_int_equal(rig_ready(r, a.handle, POLLIN), POLLIN);
	drain(&a);
	assert_int_equal(rig_is_ready(r, a.handle, POLLIN), 0);
}

static void only_what_is_wanted(void **state)
{
	struct rig *r = *state;
	struct actor a = actor(r, NULL, 'a');

	ready_handle(&a);
	assert_int_equal(rig_ready(r, a.handle, POLLIN | POLLOUT), POLLIN | POLLOUT);
	assert_int_equal(rig_ready(r, a.handle, POLLOUT), POLLOUT);
	assert_int_equal(rig_is_ready(r, a.handle, 0), 0);
	assert_int_equal(rig_is_ready(r, a.handle, POLLRDHUP), 0);
	assert_int_equal(host_unwatch(r->h, a.handle), 0); /* as it was */
}

/* The last word counts: events, function and context. */
static void watched_anew(void **state)
{
	struct rig *r = *state;
	struct log log = { .n = 0 };
	struct actor a = actor(r, &log, 'a'), b = actor(r, &log, 'b');

	ready_handle(&a);
	watch(&a);
	b.handle = a.handle;
	b.act = drain;
	assert_int_equal(host_watch(r->h, a.handle, 0, on_ready, &a), 0);
	rig_pass(r, NS_PER_MS);
	assert_int_equal(log.n, 0);
	watch(&b);
	rig_pass(r, RIG_PASS);
	assert_string_equal(log.text, "b");
}

/*
 * Rounds.
 */

static void timers_before_handles_by_age(void **state)
{
	struct rig *r = *state;
	struct log log = { .n = 0 };
	struct actor a[4], t = actor(r, &log, 't');

	for (unsigned i = 0; i < ARRAY_LEN(a); i++) {
		a[i] = actor(r, &log, (char)('a' + i));
		a[i].act = drain;
	}
	ready_handle(&a[0]);
	assert_int_equal(host_close(r->h, a[0].handle), 0); /* its place is not for the next */
	for (unsigned i = 0; i < ARRAY_LEN(a); i++)
		ready_handle(&a[i]);
	watch(&a[2]);
	watch(&a[0]);
	watch(&a[3]);
	watch(&a[1]);
	ready_timer(&t, 0);
	rig_pass(r, RIG_PASS);
	assert_string_equal(log.text, "tabcd");
}

static void unwatch_self(struct actor *a)
{
	assert_int_equal(host_unwatch(a->r->h, a->handle), 0);
}

static void unwatch_other(struct actor *a)
{
	drain(a);
	assert_int_equal(host_unwatch(a->r->h, a->other->handle), 0);
}

static void close_self(struct actor *a)
{
	assert_int_equal(host_close(a->r->h, a->handle), 0);
	assert_int_equal(host_close(a->r->h, a->handle), -EBADF);
}

static void close_other(struct actor *a)
{
	drain(a);
	assert_int_equal(host_close(a->r->h, a->other->handle), 0);
}

/* As above, with another in its place that is ready, too: of the next round, if it is watched. */
static void replace_other(struct actor *a)
{
	drain(a);
	assert_int_equal(host_close(a->r->h, a->other->handle), 0);
	ready_handle(a->other);
	note(a->log, '-');
	watch(a->other);
}

static void drain_other(struct actor *a)
{
	drain(a);
	drain(a->other);
}

/* What the first does to the second while that is due in the same round. */
static const struct {
	void (*act)(struct actor *a);
	const char *text;
} in_a_round[] = {
	{ drain, "ab" },       { unwatch_self, "ab" }, { unwatch_other, "a" },
	{ close_self, "ab" },  { close_other, "a" },   { replace_other, "a-b" },
	{ drain_other, "ab" },
};

static void drain_if_any(struct actor *a)
{
	char c;

	(void)host_recvfrom(a->r->h, a->handle, &c, 1, NULL, NULL);
}

static void acts_in_a_round(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_LEN(in_a_round); i++) {
		struct log log = { .n = 0 };
		struct actor a = actor(r, &log, 'a'), b = actor(r, &log, 'b');

		a.act = in_a_round[i].act;
		a.other = &b;
		b.act = drain_if_any;
		ready_handle(&a);
		ready_handle(&b);
		watch(&a);
		watch(&b);
		rig_pass(r, RIG_PASS);
		if (strcmp(log.text, in_a_round[i].text) != 0)
			fail_msg("row %u: %s", (unsigned)i, log.text);
		(void)host_close(r->h, a.handle);
		(void)host_close(r->h, b.handle);
	}
}

/* A timer that closes a handle that was ready in the same round. */
static void timer_closes_handle(void **state)
{
	struct rig *r = *state;
	struct log log = { .n = 0 };
	struct actor t = actor(r, &log, 't'), b = actor(r, &log, 'b');

	ready_handle(&b);
	watch(&b);
	t.handle = b.handle;
	t.act = close_self;
	ready_timer(&t, 0);
	rig_pass(r, RIG_PASS);
	assert_string_equal(log.text, "t");
}

/* The host goes while timers are armed and handles open: they are idle, and nothing is lost. */
static void host_goes_first(void **state)
{
	struct rig *r = *state;
	struct actor a = actor(r, NULL, 'a'), b = actor(r, NULL, 'b');
	void *mine;

	assert_int_equal((r->inside ? rig_inside : rig_linux)(&mine), 0);
	a.r = mine;
	ready_timer(&a, 0);
	b.r = mine;
	ready_timer(&b, host_now(b.r->h) + 1000 * NS_PER_S);
	ready_handle(&a);
	watch(&a);
	assert_int_equal(rig_done(&mine), 0);
	assert_false(host_timer_is_armed(&a.timer));
	assert_false(host_timer_is_armed(&b.timer));
	assert_int_equal(a.calls + b.calls, 0);
}

/*
 * Time and chance.
 */

static void now_never_goes_back(void **state)
{
	struct rig *r = *state;
	time_ns before = host_now(r->h), start = before;

	for (unsigned i = 0; i < 1000; i++) {
		time_ns now = host_now(r->h);

		assert_true(now >= before);
		before = now;
		if (i % 100 == 0)
			rig_pass(r, 100 * NS_PER_US);
	}
	assert_true(before - start >= NS_PER_MS);
}

static void random_differs(void **state)
{
	struct rig *r = *state;
	uint8_t a[64], b[64] = { 0 };

	host_random(r->h, a, sizeof(a));
	host_random(r->h, b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	host_random(r->h, b, 0);
}

/*
 * Inside only.
 */

static void same_seed_same_octets(void **state)
{
	struct rig *r = *state;
	struct world_node *wn = world_add_node(&r->w, "m");
	struct host *h[3] = { world_host(r->wn), world_host(wn), NULL };
	uint8_t x[3][32];
	void *other;

	assert_int_equal(rig_inside(&other), 0);
	h[2] = world_host(((struct rig *)other)->wn);
	for (unsigned i = 0; i < 3; i++)
		host_random(h[i], x[i], sizeof(x[i]));
	assert_memory_not_equal(x[0], x[1], sizeof(x[0])); /* another node */
	assert_memory_equal(x[0], x[2], sizeof(x[0]));	   /* another world of the same seed */
	host_random(r->h, x[1], sizeof(x[1]));
	assert_memory_not_equal(x[0], x[1], sizeof(x[0])); /* another daemon of that node */
	assert_int_equal(rig_done(&other), 0);
}

static void exact_to_the_nanosecond(void **state)
{
	struct rig *r = *state;
	struct actor a = actor(r, NULL, 'a');

	for (unsigned i = 0; i < 50; i++) {
		time_ns when = host_now(r->h) + 3600 * NS_PER_S + i * 12345677;

		ready_timer(&a, when);
		world_run(&r->w, when - 1);
		assert_int_equal(a.calls, i);
		world_run(&r->w, when);
		assert_int_equal(a.calls, i + 1);
		assert_int_equal(a.called, when);
	}
}

/* One that never reads is called every microsecond, and time goes on. */
static void busy_is_not_stuck(void **state)
{
	struct rig *r = *state;
	struct actor a = actor(r, NULL, 'a');

	ready_handle(&a);
	watch(&a);
	world_run(&r->w, r->w.now + NS_PER_MS - 1);
	assert_int_equal(a.calls, 1000);
}

/* A daemon lives in its node's time: while that sleeps, nothing happens; a jump makes it all due. */
static void time_of_the_node(void **state)
{
	struct rig *r = *state;
	struct actor a = actor(r, NULL, 'a');
	time_ns now = host_now(r->h);

	ready_timer(&a, now + NS_PER_S);
	world_sleep(r->wn);
	world_run(&r->w, r->w.now + 10 * NS_PER_S);
	assert_int_equal(a.calls, 0);
	assert_int_equal(host_now(r->h), now);
	world_wake(r->wn, false);
	world_run(&r->w, r->w.now + NS_PER_S - 1);
	assert_int_equal(a.calls, 0);
	world_run(&r->w, r->w.now + 1);
	assert_int_equal(a.calls, 1);
	assert_int_equal(a.called, now + NS_PER_S);

	ready_timer(&a, host_now(r->h) + 100 * NS_PER_S);
	world_clock_step(r->wn, 200 * NS_PER_S);
	world_run(&r->w, r->w.now);
	assert_int_equal(a.calls, 2);
	assert_int_equal(host_now(r->h), now + 201 * NS_PER_S);
	r->wn->node->socks.wall = 5 * NS_PER_S;
	assert_int_equal(host_wall(r->h), now + 206 * NS_PER_S);
}

static void daemon_ends(void **state)
{
	struct rig *r = *state;
	struct host *h = r->h;
	struct actor a = actor(r, NULL, 'a');

	r->h = world_host(r->wn);
	ready_timer(&a, 0);
	ready_handle(&a);
	watch(&a);
	world_host_end(r->wn, r->h);
	r->h = h;
	rig_pass(r, RIG_PASS);
	assert_int_equal(a.calls, 0);
	assert_int_equal(r->wn->node->socks.n, 0);
}

#define INSIDE(test) cmocka_unit_test_setup_teardown(test, rig_inside, rig_done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_BOTH(timers_by_time_then_arming),
		RIG_BOTH(timers_of_the_past),
		RIG_BOTH(timer_never),
		RIG_BOTH(timer_rearmed),
		RIG_BOTH(timer_for_the_past_from_itself),
		RIG_BOTH(timer_cancelled_by_one_before),
		RIG_BOTH(timer_put_off_by_one_before),
		RIG_BOTH(timer_owners_freed),
		RIG_BOTH(many_timers),
		RIG_BOTH(as_long_as_ready),
		RIG_BOTH(level_not_edge),
		RIG_BOTH(only_what_is_wanted),
		RIG_BOTH(watched_anew),
		RIG_BOTH(timers_before_handles_by_age),
		RIG_BOTH(acts_in_a_round),
		RIG_BOTH(timer_closes_handle),
		RIG_BOTH(host_goes_first),
		RIG_BOTH(now_never_goes_back),
		RIG_BOTH(random_differs),
		INSIDE(same_seed_same_octets),
		INSIDE(exact_to_the_nanosecond),
		INSIDE(busy_is_not_stuck),
		INSIDE(time_of_the_node),
		INSIDE(daemon_ends),
	};

	rig_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
