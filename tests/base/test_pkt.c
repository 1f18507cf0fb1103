/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/pkt.h"

#include "aborts.h"

/* Sizes at the edges of the two kinds of buffer. */
static const struct {
	uint32_t octets;
	uint32_t room; /* 0: none is made */
} sizes[] = {
	{ 0, PKT_SMALL - PKT_HEADROOM },
	{ PKT_SMALL - PKT_HEADROOM, PKT_SMALL - PKT_HEADROOM },
	{ PKT_SMALL - PKT_HEADROOM + 1, PKT_LARGE - PKT_HEADROOM },
	{ 65535 + 40, PKT_LARGE - PKT_HEADROOM },
	{ PKT_LARGE - PKT_HEADROOM, PKT_LARGE - PKT_HEADROOM },
	{ PKT_LARGE - PKT_HEADROOM + 1, 0 },
	{ UINT32_MAX, 0 },
};

static void room_is_as_asked(void **state)
{
	struct pkt_pool pool;

	(void)state;
	pkt_pool_init(&pool, 10, 10);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct pkt *pkt = pkt_new(&pool, sizes[i].octets);

		assert_int_equal(pkt != NULL, sizes[i].room != 0);
		if (pkt == NULL)
			continue;
		assert_int_equal((uintptr_t)pkt % 64, 0);
		assert_int_equal(pkt_headroom(pkt), PKT_HEADROOM);
		assert_int_equal(pkt_tailroom(pkt), sizes[i].room);
		assert_int_equal(pkt->len, 0);
		memset(pkt_put(pkt, sizes[i].room), 0xaa, sizes[i].room);
		pkt_push(pkt, PKT_HEADROOM);
		memset(pkt->p, 0xbb, PKT_HEADROOM);
		assert_int_equal(pkt_headroom(pkt) + pkt_tailroom(pkt), 0);
		pkt_free(pkt);
	}
	assert_int_equal(pool.used, 0);
	pkt_pool_done(&pool);
}

static void limits_hold(void **state)
{
	struct pkt *pkt[1000], *large[3];
	struct pkt_pool pool;

	(void)state;
	pkt_pool_init(&pool, ARRAY_LEN(pkt), ARRAY_LEN(large));
	for (unsigned round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_LEN(pkt); i++) {
			pkt[i] = pkt_new(&pool, 100);
			assert_non_null(pkt[i]);
			memset(pkt_put(pkt[i], 1700), (int)i, 1700);
		}
		assert_null(pkt_new(&pool, 100));
		for (size_t i = 0; i < ARRAY_LEN(large); i++) {
			large[i] = pkt_new(&pool, 60000);
			assert_non_null(large[i]);
		}
		assert_null(pkt_new(&pool, 60000));
		assert_int_equal(pool.used, ARRAY_LEN(pkt) + ARRAY_LEN(large));
		for (size_t i = 0; i < ARRAY_LEN(pkt); i++) {
			assert_int_equal(pkt[i]->p[0], (uint8_t)i); /* nobody else's memory */
			assert_int_equal(pkt[i]->p[1699], (uint8_t)i);
			pkt_free(pkt[i]);
		}
		for (size_t i = 0; i < ARRAY_LEN(large); i++)
			pkt_free(large[i]);
		assert_int_equal(pool.used, 0);
		assert_int_equal(pool.n_small, ARRAY_LEN(pkt)); /* kept, not made again */
	}
	pkt_pool_done(&pool);
	pkt_pool_init(&pool, 0, 0);
	assert_null(pkt_new(&pool, 1));
	pkt_pool_done(&pool);
}

static void notes_begin_empty_and_are_copied(void **state)
{
	struct pkt_pool pool;
	struct pkt *pkt, *copy;

	(void)state;
	pkt_pool_init(&pool, 2, 0);
	pkt = pkt_new(&pool, 8);
	pkt->ifindex = 7;
	pkt->value = 8;
	pkt->l4_off = 40;
	pkt->nh_off = 6;
	pkt->frag_max = 1280;
	pkt->proto = 58;
	pkt->flags = PKT_MULTICAST | PKT_FRAGMENT;
	memcpy(pkt_put(pkt, 8), "abcdefgh", 8);
	pkt_pull(pkt, 3);
	copy = pkt_copy(&pool, pkt);
	assert_non_null(copy);
	assert_null(pkt_copy(&pool, pkt)); /* the pool's limit */
	assert_int_equal(copy->len, 5);
	assert_memory_equal(copy->p, "defgh", 5);
	assert_memory_equal(&copy->ifindex, &pkt->ifindex,
			    offsetof(struct pkt, when) - offsetof(struct pkt, ifindex));
	assert_int_equal(pkt_headroom(copy), PKT_HEADROOM);
	pkt_free(copy);
	pkt_free(pkt);
	pkt = pkt_new(&pool, 8); /* used before: nothing is left of it */
	assert_int_equal(pkt->ifindex | pkt->value | pkt->l4_off | pkt->nh_off | pkt->frag_max |
				 pkt->proto | pkt->flags,
			 0);
	assert_int_equal(pkt->len, 0);
	pkt_free(pkt);
	pkt_free(NULL);
	pkt_pool_done(&pool);
}

static void queues_are_first_in_first_out(void **state)
{
	struct pkt_pool pool;
	struct pktq q = { 0 };
	struct batch b = { 0 };

	(void)state;
	pkt_pool_init(&pool, BATCH_MAX, 0);
	for (unsigned round = 0; round < 2; round++) {
		assert_null(pktq_get(&q));
		for (uint32_t i = 0; i < BATCH_MAX; i++) {
			struct pkt *pkt = pkt_new(&pool, 0);

			pkt->value = i;
			pktq_put(&q, pkt);
			assert_int_equal(q.n, i + 1);
		}
		for (uint32_t i = 0; i < BATCH_MAX; i++) {
			struct pkt *pkt = pktq_get(&q);

			assert_int_equal(pkt->value, i);
			batch_put(&b, pkt);
		}
		assert_int_equal(q.n, 0);
		while (b.n > 0)
			pktq_put(&q, b.pkt[--b.n]);
		pktq_free(&q);
		assert_int_equal(q.n, 0);
		assert_int_equal(pool.used, 0);
	}
	pkt_pool_done(&pool);
}

static void push_too_much(void *ctx)
{
	pkt_push(ctx, PKT_HEADROOM + 1);
}

static void pull_too_much(void *ctx)
{
	pkt_pull(ctx, 11);
}

static void put_too_much(void *ctx)
{
	pkt_put(ctx, PKT_SMALL - PKT_HEADROOM - 9);
}

static void trim_to_more(void *ctx)
{
	pkt_trim(ctx, 11);
}

static void free_twice(void *ctx)
{
	pkt_free(ctx);
	pkt_free(ctx);
}

static void leak(void *ctx)
{
	pkt_pool_done(((struct pkt *)ctx)->pool);
}

static void overfill_batch(void *ctx)
{
	struct batch b = { .n = BATCH_MAX };

	batch_put(&b, ctx);
}

static void misuse_is_asserted(void **state)
{
	static void (*const bad[])(void *) = { push_too_much, pull_too_much, put_too_much,
					       trim_to_more,  free_twice,    leak,
					       overfill_batch };
	struct pkt_pool pool;
	struct pkt *pkt, *other;

	(void)state;
	pkt_pool_init(&pool, 2, 0);
	other = pkt_new(&pool, 0); /* so that the count alone does not show a second free */
	pkt = pkt_new(&pool, 10);
	pkt_put(pkt, 10);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (!aborts(bad[i], pkt))
			fail_msg("misuse %zu went through", i);
	pkt_trim(pkt, 4);
	assert_int_equal(pkt->len, 4);
	pkt_free(pkt);
	pkt_free(other);
	pkt_pool_done(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_is_as_asked),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(notes_begin_empty_and_are_copied),
		cmocka_unit_test(queues_are_first_in_first_out),
		cmocka_unit_test(misuse_is_asserted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
