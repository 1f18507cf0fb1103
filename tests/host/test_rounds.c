/* SPDX-License-Identifier: BSD-3-Clause */
/* What host/host.h says of watching, of the order of calls and of the loop, on both hosts. */
#include "host/actor.h"

#include <signal.h>
#include <sys/time.h>

#include "host/linux.h"

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
 * On the kernel only.
 */

static void stop(struct actor *a)
{
	host_linux_stop(a->r->h);
}

/* The round that runs is finished; and it can be run again. */
static void linux_runs_until_stopped(void **state)
{
	struct rig *r = *state;
	struct actor a = actor(r, NULL, 'a'), b = actor(r, NULL, 'b'), c = actor(r, NULL, 'c');
	time_ns start = host_now(r->h);

	a.act = stop;
	ready_timer(&c, start + NS_PER_S);
	for (unsigned i = 1; i < 3; i++) {
		ready_timer(&a, start + i * 5 * NS_PER_MS);
		ready_timer(&b, start + i * 5 * NS_PER_MS);
		assert_int_equal(host_linux_run(r->h), 0);
		assert_true(host_now(r->h) >= start + i * 5 * NS_PER_MS);
		assert_int_equal(a.calls, i);
		assert_int_equal(b.calls, i);
	}
	assert_int_equal(c.calls, 0);
	host_timer_cancel(r->h, &c.timer);
}

static void on_signal(int signal)
{
	(void)signal;
}

/* A signal that is caught ends a wait early, and nothing else. */
static void linux_signals(void **state)
{
	struct rig *r = *state;
	struct sigaction sa = { .sa_handler = on_signal };
	struct itimerval tv = { .it_value = { .tv_usec = 5000 } };
	struct actor a = actor(r, NULL, 'a');

	assert_int_equal(sigaction(SIGALRM, &sa, NULL), 0);
	a.act = stop;
	ready_timer(&a, host_now(r->h) + 30 * NS_PER_MS);
	assert_int_equal(setitimer(ITIMER_REAL, &tv, NULL), 0);
	assert_int_equal(host_linux_run(r->h), 0);
	assert_int_equal(a.calls, 1);
}

/*
 * Inside only.
 */

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

#define LINUX(test)  cmocka_unit_test_setup_teardown(test, rig_linux, rig_done)
#define INSIDE(test) cmocka_unit_test_setup_teardown(test, rig_inside, rig_done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_BOTH(as_long_as_ready),
		RIG_BOTH(level_not_edge),
		RIG_BOTH(only_what_is_wanted),
		RIG_BOTH(watched_anew),
		RIG_BOTH(timers_before_handles_by_age),
		RIG_BOTH(acts_in_a_round),
		RIG_BOTH(timer_closes_handle),
		RIG_BOTH(host_goes_first),
		LINUX(linux_runs_until_stopped),
		LINUX(linux_signals),
		INSIDE(busy_is_not_stuck),
		INSIDE(daemon_ends),
	};

	rig_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
