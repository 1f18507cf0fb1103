/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/rng.h"
#include "base/timer.h"

#include "aborts.h"

#include <time.h>

#define MODEL_MAX 300

/* One timer and what the naive model knows of it: the due one is least by (when, order). */
struct item {
	struct timer t;
	time_ns when;
	uint64_t order;
	bool armed;
};

struct model {
	struct timers wheel;
	struct item item[MODEL_MAX];
	uint64_t order;
	unsigned armed;
	time_ns now;
};

static struct item *model_first(struct model *m)
{
	struct item *first = NULL;

	for (unsigned i = 0; i < MODEL_MAX; i++) {
		struct item *it = &m->item[i];

		if (it->armed && (first == NULL || it->when < first->when ||
				  (it->when == first->when && it->order < first->order)))
			first = it;
	}
	return first;
}

static void model_init(struct model *m, time_ns now)
{
	memset(m, 0, sizeof(*m));
	timers_init(&m->wheel, now);
	m->now = now;
	for (unsigned i = 0; i < MODEL_MAX; i++)
		timer_init(&m->item[i].t, TIMER_TEST);
}

static void model_cancel(struct model *m, struct item *it)
{
	timer_cancel(&m->wheel, &it->t);
	m->armed -= it->armed;
	it->armed = false;
}

static void model_set(struct model *m, struct item *it, time_ns when)
{
	timer_set(&m->wheel, &it->t, when);
	m->armed -= it->armed;
	it->armed = when != TIME_NEVER;
	m->armed += it->armed;
	it->when = MAX(when, m->now); /* the past is due at once */
	it->order = m->order++;
}

/* Pop all that is due at @now, or the first @most of it. */
static void model_pop(struct model *m, time_ns now, unsigned most)
{
	while (most-- > 0) {
		struct item *want = model_first(m);
		struct timer *got = timers_pop(&m->wheel, now);

		if (want == NULL || want->when > now) {
			assert_null(got);
			m->now = now;
			return;
		}
		assert_ptr_equal(got, &want->t);
		assert_true(got->when == want->when);
		assert_false(timer_is_armed(got));
		want->armed = false;
		m->armed--;
		m->now = want->when;
	}
}

/*
 * Go to the earliest timer by timers_next() alone: each step is a later one (or the owner would
 * spin), none is too late, and the last is exact.
 */
static void model_next(struct model *m)
{
	struct item *want = model_first(m);
	time_ns next = timers_next(&m->wheel), last;
	unsigned steps = 0;

	if (want == NULL) {
		/* A long slot's beginning may be remembered when its last timer has gone. */
		if (next != TIME_NEVER)
			model_pop(m, next, 1);
		assert_true(timers_next(&m->wheel) == TIME_NEVER);
		return;
	}
	while (next < want->when) {
		assert_true(steps++ <= 2 * TIMERS_LEVELS);
		model_pop(m, next, 1);
		last = next;
		next = timers_next(&m->wheel);
		assert_true(next > last);
	}
	assert_true(next == want->when);
}

static time_ns random_span(struct rng *r)
{
	return rng_u64(r) >> (4 + rng_below(r, 60));
}

/* Some of the times are close together, some the same, some far, some in the past. */
static time_ns random_when(struct model *m, struct rng *r)
{
	switch (rng_below(r, 8)) {
	case 0:
		return m->item[rng_below(r, MODEL_MAX)].when;
	case 1:
		return m->now - MIN(m->now, random_span(r));
	case 2:
		return time_after(m->now, random_span(r));
	case 3:
		return rng_below(r, 50) == 0 ? TIME_NEVER : m->now + rng_below(r, 64);
	default:
		return m->now + (NS_PER_S << rng_below(r, 6)) + rng_below(r, 1000);
	}
}

static void random_op(struct model *m, struct rng *r)
{
	struct item *it = &m->item[rng_below(r, MODEL_MAX)];
	struct item *first;

	switch (rng_below(r, 16)) {
	case 0:
	case 1:
	case 2:
		model_cancel(m, it);
		break;
	case 3:
		first = model_first(m);
		if (first != NULL)
			model_pop(m, first->when, 1 + (unsigned)rng_below(r, 4));
		break;
	case 4: /* time passes, more or less than to the next one */
		model_pop(m, MIN(time_after(m->now, rng_below(r, NS_PER_S)), TIME_NEVER - 1),
			  MODEL_MAX + 1);
		break;
	case 5:
		model_next(m);
		break;
	case 6: /* asked, and then something else happens */
		first = model_first(m);
		if (first != NULL)
			assert_true(timers_next(&m->wheel) <= first->when);
		break;
	case 7:
		if (rng_below(r, 2000) != 0)
			break;
		for (unsigned i = 0; i < MODEL_MAX; i++)
			model_cancel(m, &m->item[i]);
		model_next(m);
		break;
	default:
		model_set(m, it, random_when(m, r));
		break;
	}
	assert_true(m->wheel.n == m->armed);
	assert_int_equal(timer_is_armed(&it->t), it->armed);
}

static void a_million_operations_as_in_the_model(void **state)
{
	static struct model m;
	struct rng r;

	(void)state;
	rng_init_u64(&r, 6, 0);
	for (unsigned run = 0; run < 10; run++) {
		model_init(&m, run < 5 ? run * 1000 : rng_u64(&r) >> 8);
		for (unsigned i = 0; i < 100000; i++)
			random_op(&m, &r);
		model_pop(&m, TIME_NEVER - 1, MODEL_MAX + 1);
		assert_true(m.armed == 0);
	}
}

/* Bits that change between now and a timer, each alone and with all below. */
static void each_bit_of_time(void **state)
{
	static struct model m;

	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		for (unsigned kind = 0; kind < 3; kind++) {
			time_ns at = UINT64_C(1) << bit;
			time_ns now = kind == 2 ? at - 1 : 0;
			time_ns when = kind == 1 ? MIN((at << 1) - 1, TIME_NEVER - 1) : at;

			model_init(&m, now);
			if (when == TIME_NEVER)
				continue;
			model_set(&m, &m.item[0], when);
			assert_true(timers_next(&m.wheel) == when);
			model_pop(&m, when - 1, 2);
			assert_true(timers_next(&m.wheel) == when);
			model_pop(&m, when, 2);
			assert_true(timers_next(&m.wheel) == TIME_NEVER);
			assert_false(m.item[0].armed);
		}
	}
}

/* Armed for one time from near and far, before and after the wheel has moved: order is kept. */
static void same_time_comes_in_order(void **state)
{
	static struct model m;
	time_ns when = 7 * NS_PER_S;

	(void)state;
	model_init(&m, 3);
	for (unsigned i = 0; i < 100; i++) {
		model_set(&m, &m.item[i], when);
		model_pop(&m, 3 + i * (when - 4) / 99, 1);
	}
	assert_true(m.now == when - 1);
	for (unsigned i = 0; i < 100; i++) {
		struct timer *t = timers_pop(&m.wheel, when);

		assert_ptr_equal(t, &m.item[i].t);
	}
	assert_null(timers_pop(&m.wheel, when));
}

/* More timers in a slot than timers_next() scans: once, the owner spun at the slot's beginning. */
static void long_slots_do_not_spin(void **state)
{
	static struct model m;

	(void)state;
	model_init(&m, 0);
	for (unsigned i = 0; i < 200; i++)
		model_set(&m, &m.item[i], NS_PER_S + i);
	model_next(&m);
	model_pop(&m, NS_PER_S + 199, 201);
	assert_true(m.armed == 0);

	for (unsigned i = 0; i < 200; i++) /* the earliest is the last to be armed */
		model_set(&m, &m.item[i], 5 * NS_PER_S - i);
	model_next(&m);
	model_pop(&m, 5 * NS_PER_S, 201);

	for (unsigned i = 0; i < 200; i++) /* and when they are cancelled meanwhile */
		model_set(&m, &m.item[i], 9 * NS_PER_S + i);
	assert_true(timers_next(&m.wheel) <= 9 * NS_PER_S);
	for (unsigned i = 0; i < 200; i++)
		model_cancel(&m, &m.item[i]);
	model_next(&m);
}

/* With few timers the answer is exact after each change, so nobody is woken for nothing. */
static void next_follows_each_change(void **state)
{
	struct timers w;
	struct timer a, b;

	(void)state;
	timers_init(&w, 0);
	timer_init(&a, TIMER_TEST);
	timer_init(&b, TIMER_TEST);
	timer_set(&w, &b, 2 * NS_PER_S);
	assert_true(timers_next(&w) == 2 * NS_PER_S);
	timer_set(&w, &a, NS_PER_S);
	assert_true(timers_next(&w) == NS_PER_S);
	timer_cancel(&w, &a);
	assert_true(timers_next(&w) == 2 * NS_PER_S);
	timer_set(&w, &b, 3 * NS_PER_S);
	assert_true(timers_next(&w) == 3 * NS_PER_S);
	timer_set(&w, &b, TIME_NEVER);
	assert_true(timers_next(&w) == TIME_NEVER);
	timer_set(&w, &a, 0);
	assert_true(timers_next(&w) == 0);
	assert_ptr_equal(timers_pop(&w, 0), &a);
	assert_true(timers_next(&w) == TIME_NEVER);
}

/* A timer may be armed again, for now, while its kind is being served. */
static void armed_again_while_popping(void **state)
{
	struct timers w;
	struct timer a, b;

	(void)state;
	timers_init(&w, 10);
	timer_init(&a, TIMER_TEST);
	timer_init(&b, TIMER_TEST);
	timer_set(&w, &a, 20);
	timer_set(&w, &b, 20);
	assert_ptr_equal(timers_pop(&w, 25), &a);
	timer_set(&w, &a, 5); /* the past: behind b, which was first */
	assert_ptr_equal(timers_pop(&w, 25), &b);
	assert_ptr_equal(timers_pop(&w, 25), &a);
	assert_true(a.when == 20);
	timer_set(&w, &a, 22); /* later than the last, but due as well */
	assert_ptr_equal(timers_pop(&w, 25), &a);
	assert_null(timers_pop(&w, 25));
	timer_cancel(&w, &a); /* idle: allowed */
	assert_true(w.n == 0);
}

static void go_back(void *ctx)
{
	timers_pop(ctx, 99);
}

static void set_without_kind(void *ctx)
{
	struct timer t = { .kind = TIMER_NONE };

	timer_set(ctx, &t, 200);
}

static void misuse_is_asserted(void **state)
{
	struct timers w;

	(void)state;
	timers_init(&w, 100);
	assert_true(aborts(go_back, &w));
	assert_true(aborts(set_without_kind, &w));
}

#define MANY 1000000

static double since_ns(clock_t begin)
{
	return (double)(clock() - begin) * 1e9 / CLOCKS_PER_SEC / MANY;
}

/* A million timers, as of a large neighbour table: in order, and what each step costs. */
static void a_million_timers(void **state)
{
	struct timer *t = calloc(MANY, sizeof(*t)), *got;
	struct timers w;
	struct rng r;
	time_ns last = 0;
	uint64_t n = 0;
	double set, move, pop;
	clock_t begin;

	(void)state;
	assert_non_null(t);
	rng_init_u64(&r, 7, 0);
	timers_init(&w, 0);
	for (unsigned i = 0; i < MANY; i++)
		timer_init(&t[i], TIMER_TEST);
	begin = clock();
	for (unsigned i = 0; i < MANY; i++)
		timer_set(&w, &t[i], rng_below(&r, 60 * NS_PER_S));
	set = since_ns(begin);
	begin = clock();
	for (unsigned i = 0; i < MANY; i++)
		timer_set(&w, &t[i], rng_below(&r, 60 * NS_PER_S));
	move = since_ns(begin);
	begin = clock();
	for (time_ns now = 0; w.n > 0; now = timers_next(&w)) {
		while ((got = timers_pop(&w, now)) != NULL) {
			assert_true(got->when >= last);
			last = got->when;
			n++;
		}
	}
	pop = since_ns(begin);
	assert_true(n == MANY);
	print_message("of %u timers: set %.0f ns, move %.0f ns, pop %.0f ns each\n", MANY, set,
		      move, pop);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_operations_as_in_the_model),
		cmocka_unit_test(each_bit_of_time),
		cmocka_unit_test(same_time_comes_in_order),
		cmocka_unit_test(long_slots_do_not_spin),
		cmocka_unit_test(next_follows_each_change),
		cmocka_unit_test(armed_again_while_popping),
		cmocka_unit_test(misuse_is_asserted),
		cmocka_unit_test(a_million_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
