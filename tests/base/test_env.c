/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/env.h"

#include "aborts.h"

static const uint8_t seed[RNG_SEED_OCTETS] = { 1, 2, 3 };

/* Keeps what the tracer was told; pkt and addr are borrowed, so their content is copied. */
struct seen {
	unsigned n;
	struct trace last;
	uint8_t octet;
	struct ip6_addr addr;
};

static void see(void *ctx, const struct trace *t)
{
	struct seen *s = ctx;

	s->n++;
	s->last = *t;
	if (t->pkt != NULL)
		s->octet = t->pkt->p[0];
	if (t->addr != NULL)
		s->addr = *t->addr;
}

static struct pkt *pkt_of(struct env *e, uint8_t octet, uint32_t ifindex)
{
	struct pkt *pkt = pkt_new(e->pool, 1);

	assert_non_null(pkt);
	*pkt_put(pkt, 1) = octet;
	pkt->ifindex = ifindex;
	return pkt;
}

static void drops_are_counted_and_told(void **state)
{
	struct pkt_pool pool;
	struct pktq q = { 0 };
	struct seen s = { 0 };
	struct env e;

	(void)state;
	pkt_pool_init(&pool, 8, 0);
	env_init(&e, &pool, seed, 100);
	env_drop(&e, pkt_of(&e, 1, 3), DROP_IP6_VERSION); /* nobody watches */
	e.tracer = (struct tracer){ see, &s };
	e.now = 123;
	env_drop(&e, pkt_of(&e, 9, 4), DROP_IP6_VERSION);
	assert_int_equal(e.drops[DROP_IP6_VERSION], 2);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.last.kind, TRACE_DROP);
	assert_int_equal(s.last.drop, DROP_IP6_VERSION);
	assert_int_equal(s.last.ifindex, 4);
	assert_true(s.last.now == 123);
	assert_int_equal(s.octet, 9); /* told before it is freed */
	assert_int_equal(pool.used, 0);

	env_count_drop(&e, 5, DROP_NEIGH_TABLE_FULL);
	assert_int_equal(e.drops[DROP_NEIGH_TABLE_FULL], 1);
	assert_int_equal(s.n, 2);
	assert_null(s.last.pkt);
	assert_int_equal(s.last.ifindex, 5);

	pktq_put(&q, pkt_of(&e, 1, 6));
	pktq_put(&q, pkt_of(&e, 2, 6));
	env_drop_queue(&e, &q, DROP_NEIGH_UNREACH);
	assert_int_equal(e.drops[DROP_NEIGH_UNREACH], 2);
	assert_int_equal(s.n, 4);
	assert_int_equal(q.n, 0);
	pkt_pool_done(&pool);
}

static void frames_and_events_are_told(void **state)
{
	struct ip6_addr a = { { 0xfe, 0x80, [15] = 7 } };
	struct pkt_pool pool;
	struct seen s = { 0 };
	struct pkt *pkt;
	struct env e;

	(void)state;
	pkt_pool_init(&pool, 8, 0);
	env_init(&e, &pool, seed, 5);
	pkt = pkt_of(&e, 8, 1);
	env_frame(&e, TRACE_TX, 2, pkt);
	env_event(&e, EVENT_PATH_MTU, 2, &a, 1280);
	assert_int_equal(s.n, 0);
	e.tracer = (struct tracer){ see, &s };
	env_frame(&e, TRACE_TX, 2, pkt);
	assert_int_equal(s.last.kind, TRACE_TX);
	assert_int_equal(s.last.ifindex, 2);
	assert_int_equal(s.octet, 8);
	env_event(&e, EVENT_PATH_MTU, 3, &a, 1280);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.last.kind, TRACE_EVENT);
	assert_int_equal(s.last.event, EVENT_PATH_MTU);
	assert_int_equal(s.last.ifindex, 3);
	assert_true(s.last.value == 1280 && s.last.now == 5);
	assert_true(ip6_eq(&s.addr, &a));
	pkt_free(pkt);
	pkt_pool_done(&pool);
}

static void every_event_has_a_name_and_words(void **state)
{
	(void)state;
	for (int i = 0; i < EVENT_NUM; i++) {
		assert_true(event_name((enum event)i)[0] != '\0');
		assert_true(event_text((enum event)i)[0] != '\0');
		for (int k = i + 1; k < EVENT_NUM; k++)
			assert_string_not_equal(event_name((enum event)i),
						event_name((enum event)k));
	}
	assert_string_equal(event_name(EVENT_ADDR_DUPLICATE), "ADDR_DUPLICATE");
}

static void seeds_make_the_node(void **state)
{
	uint8_t other[RNG_SEED_OCTETS] = { 1, 2, 4 };
	struct env a, b, c;

	(void)state;
	env_init(&a, NULL, seed, 77);
	env_init(&b, NULL, seed, 77);
	env_init(&c, NULL, other, 77);
	assert_memory_equal(&a.key, &b.key, sizeof(a.key));
	assert_memory_not_equal(&a.key, &c.key, sizeof(a.key));
	assert_true(rng_u64(&a.rng) == rng_u64(&b.rng));
	assert_true(rng_u64(&a.rng) != a.key.k[0]); /* the secret is not drawn again */
	assert_true(a.now == 77 && a.timers.now == 77);
	assert_true(timers_next(&a.timers) == TIME_NEVER);
}

static const struct {
	time_ns t;
	unsigned lo, hi;
	time_ns from, to;
} jitters[] = {
	{ 30 * NS_PER_S, 50, 150, 15 * NS_PER_S, 45 * NS_PER_S },
	{ 10, 50, 150, 5, 15 }, /* exact below 100 ns too */
	{ 1, 90, 110, 0, 1 },
	{ 0, 50, 150, 0, 0 },
	{ NS_PER_S, 100, 100, NS_PER_S, NS_PER_S },
	{ TIME_NEVER, 50, 150, TIME_NEVER, TIME_NEVER },
	{ TIME_NEVER - 1, 100, 150, TIME_NEVER - 1, TIME_NEVER },
};

static void jitter_stays_in_its_range(void **state)
{
	struct env e;

	(void)state;
	env_init(&e, NULL, seed, 0);
	for (size_t i = 0; i < ARRAY_LEN(jitters); i++) {
		time_ns least = TIME_NEVER, most = 0, span = jitters[i].to - jitters[i].from;

		for (unsigned n = 0; n < 2000; n++) {
			time_ns v = env_jitter(&e, jitters[i].t, jitters[i].lo, jitters[i].hi);

			assert_true(v >= jitters[i].from && v <= jitters[i].to);
			least = MIN(least, v);
			most = MAX(most, v);
		}
		assert_true(least <= jitters[i].from + span / 100); /* and reaches its ends */
		assert_true(most >= jitters[i].to - span / 100);
	}
}

static void drop_for_no_reason(void *ctx)
{
	env_count_drop(ctx, 0, DROP_NONE);
}

static void misuse_is_asserted(void **state)
{
	struct env e;

	(void)state;
	env_init(&e, NULL, seed, 0);
	assert_true(aborts(drop_for_no_reason, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drops_are_counted_and_told),
		cmocka_unit_test(frames_and_events_are_told),
		cmocka_unit_test(every_event_has_a_name_and_words),
		cmocka_unit_test(seeds_make_the_node),
		cmocka_unit_test(jitter_stays_in_its_range),
		cmocka_unit_test(misuse_is_asserted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
