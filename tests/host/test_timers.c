/* SPDX-License-Identifier: BSD-3-Clause */
/* What host/host.h says of timers, time and randomness, on both hosts. */
#include "host/actor.h"

#include <stdlib.h>

#include "host/inside.h"

#define MANY 10000

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
	uint8_t a[64] = { 0 }, b[64] = { 0 };

	host_random(r->h, a, sizeof(a));
	assert_memory_not_equal(a, b, sizeof(a));
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
		RIG_BOTH(now_never_goes_back),
		RIG_BOTH(random_differs),
		INSIDE(same_seed_same_octets),
		INSIDE(exact_to_the_nanosecond),
		INSIDE(time_of_the_node),
	};

	rig_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
