/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/hash.h"
#include "base/rng.h"

#include "aborts.h"

/* SipHash-2-4, key 00..0f, message 00..(n-1): the vectors of its authors; 15 is the paper's. */
static const struct {
	size_t n;
	uint64_t hash;
} sip[] = {
	{ 0, UINT64_C(0x726fdb47dd0e0e31) },  { 1, UINT64_C(0x74f839c593dc67fd) },
	{ 2, UINT64_C(0x0d6c8009d9a94f5a) },  { 3, UINT64_C(0x85676696d7fb7e2d) },
	{ 7, UINT64_C(0xab0200f58b01d137) },  { 8, UINT64_C(0x93f5f5799a932462) },
	{ 15, UINT64_C(0xa129ca6149be45e5) },
};

static void siphash_vectors(void **state)
{
	struct hash_key key;
	uint8_t b[16];

	(void)state;
	for (unsigned i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)i;
	memcpy(&key, b, sizeof(key));
	for (size_t i = 0; i < ARRAY_LEN(sip); i++)
		assert_true(siphash(&key, b, sip[i].n) == sip[i].hash);
	assert_true(siphash(&key, NULL, 0) == sip[0].hash);
}

/* 4,096 hashes over as many buckets: by chance, 13 meet in one once in a million such tables. */
static void assert_spread(const uint32_t *hash, size_t n)
{
	static uint8_t bucket[4096];

	memset(bucket, 0, sizeof(bucket));
	for (size_t i = 0; i < n; i++)
		assert_true(++bucket[hash[i] % ARRAY_LEN(bucket)] <= 12);
}

#define N 4096

static const struct hash_key some_key = { { UINT64_C(0x0123456789abcdef),
					    UINT64_C(0xfedcba9876543211) } };

/* What traffic and attackers choose: counting up in either half, in the word more, in all. */
static void addresses_spread(void **state)
{
	static uint32_t hash[N];

	(void)state;
	for (unsigned kind = 0; kind < 6; kind++) {
		for (uint64_t i = 0; i < N; i++) {
			struct ip6_addr a = { { 0x20, 0x01, 0x0d, 0xb8 } };
			uint64_t more = 1, lo = 0;

			if (kind == 0)
				put_be64(a.b + 8, i);
			if (kind == 1)
				put_be32(a.b + 4, (uint32_t)i);
			if (kind == 2)
				more = i;
			if (kind == 3)
				memcpy(a.b + 8, &i, sizeof(i));
			if (kind == 4)
				put_be64(a.b + 8, i << 52);
			if (kind == 5) { /* more times the golden ratio, to cancel out */
				more = i;
				lo = i * UINT64_C(0x9e3779b97f4a7c15);
				memcpy(a.b + 8, &lo, sizeof(lo));
			}
			hash[i] = hash_addr(&some_key, &a, more);
		}
		assert_spread(hash, N);
	}
}

static void the_key_matters(void **state)
{
	struct ip6_addr a = { { 0xfe, 0x80, [15] = 1 } };
	struct hash_key key = some_key;
	uint32_t h = hash_addr(&key, &a, 1);

	(void)state;
	for (unsigned bit = 0; bit < 128; bit++) {
		key = some_key;
		key.k[bit / 64] ^= UINT64_C(1) << bit % 64;
		assert_int_not_equal(hash_addr(&key, &a, 1), h);
		assert_true(siphash(&key, "x", 1) != siphash(&some_key, "x", 1));
	}
}

struct entry {
	struct hnode node;
	uint32_t key;
	bool in, seen;
};

static struct entry *find(const struct htab *h, uint32_t key, uint32_t hash)
{
	for (struct hnode *n = htab_first(h, hash); n != NULL; n = htab_next(n))
		if (CONTAINER_OF(n, struct entry, node)->key == key)
			return CONTAINER_OF(n, struct entry, node);
	return NULL;
}

/* A few hashes for many keys, so that chains hold both equal hashes and strangers. */
static uint32_t weak_hash(uint32_t key)
{
	return key % 700 * 0x10001;
}

static void check_walk(const struct htab *h, struct entry *e, size_t n)
{
	size_t in = 0, walked = 0;

	for (size_t i = 0; i < n; i++) {
		e[i].seen = false;
		in += e[i].in;
	}
	for (struct hnode *it = htab_iter(h, NULL); it != NULL; it = htab_iter(h, it)) {
		struct entry *at = CONTAINER_OF(it, struct entry, node);

		assert_true(at->in && !at->seen);
		at->seen = true;
		walked++;
	}
	assert_int_equal(walked, in);
	assert_int_equal(h->n, in);
}

static void table_as_a_set(void **state)
{
	static struct entry e[3000];
	struct htab h = { 0 };
	struct rng r;

	(void)state;
	rng_init_u64(&r, 8, 0);
	assert_null(htab_first(&h, 1));
	assert_null(htab_iter(&h, NULL));
	for (uint32_t i = 0; i < ARRAY_LEN(e); i++)
		e[i].key = i;
	for (unsigned i = 0; i < 60000; i++) {
		uint32_t key = (uint32_t)rng_below(&r, ARRAY_LEN(e));
		struct entry *at = &e[key];

		assert_ptr_equal(find(&h, key, weak_hash(key)), at->in ? at : NULL);
		if (at->in)
			htab_del(&h, &at->node);
		else
			assert_int_equal(htab_add(&h, &at->node, weak_hash(key)), 0);
		at->in = !at->in;
		if (i % 1000 == 0)
			check_walk(&h, e, ARRAY_LEN(e));
	}
	check_walk(&h, e, ARRAY_LEN(e));
	assert_true(h.mask + 1 >= h.n); /* it grew: a chain stays short */
	assert_true(h.mask + 1 <= 4096);
	assert_int_equal(htab_octets(&h), (h.mask + 1) * sizeof(void *));
	htab_done(&h);
	assert_int_equal(htab_octets(&h), 0);
	assert_null(htab_iter(&h, NULL));
	htab_done(&h);
}

/* As whoever empties a table does it: fetch the next, then remove. */
static void removal_while_walking(void **state)
{
	static struct entry e[100];
	struct htab h = { 0 };
	struct hnode *it, *next;
	unsigned n = 0;

	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(e); i++)
		assert_int_equal(htab_add(&h, &e[i].node, i * 7), 0);
	for (it = htab_iter(&h, NULL); it != NULL; it = next, n++) {
		next = htab_iter(&h, it);
		htab_del(&h, it);
	}
	assert_int_equal(n, ARRAY_LEN(e));
	assert_int_equal(h.n, 0);
	htab_done(&h);
}

static void delete_a_stranger(void *ctx)
{
	struct hnode stranger = { .hash = 3 };

	htab_del(ctx, &stranger);
}

static void misuse_is_asserted(void **state)
{
	struct htab h = { 0 };
	struct entry e = { .key = 3 };

	(void)state;
	assert_int_equal(htab_add(&h, &e.node, 3), 0);
	assert_true(aborts(delete_a_stranger, &h));
	htab_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_vectors),	 cmocka_unit_test(addresses_spread),
		cmocka_unit_test(the_key_matters),	 cmocka_unit_test(table_as_a_set),
		cmocka_unit_test(removal_while_walking), cmocka_unit_test(misuse_is_asserted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
