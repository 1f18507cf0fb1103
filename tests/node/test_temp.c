/* SPDX-License-Identifier: BSD-3-Clause */
/* Temporary addresses: RFC 8981 sections 3.3 to 3.8. */
#include "bed.h"

#define PREFIX	"2001:db8:1::"
#define OTHER	"2001:db8:2::"
#define STABLE	"2001:db8:1::ff:fe00:0"
#define ROUTER	"fe80::101"
#define S	NS_PER_S
#define DAY	(86400 * S)
#define ADVANCE (5 * S) /* REGEN_ADVANCE: 2 + 3 * 1 * 1 */
#define TEMPS	8

static void begin(struct bed *b, bool on)
{
	bed_init_down(b, 1);
	nd_set_temp_addrs(&b->node->nd, bed_if(b, 0), on);
	bed_up(b, 0);
	bed_run(b, b->now + 5 * S);
	bed_forget(b);
}

static void prefix(struct bed *b, const char *addr, uint8_t len, bool autonomous, uint32_t valid_s,
		   uint32_t preferred_s)
{
	struct nd_msg m = { .ra = { .lifetime_s = 9000 }, .opts = { .n_prefixes = 1 } };
	struct ip6_addr a = bed_addr_of(addr);

	m.opts.prefix[0] = (struct nd_prefix){ .prefix = ip6_prefix(&a, len),
					       .len = len,
					       .autonomous = autonomous,
					       .valid_s = valid_s,
					       .preferred_s = preferred_s };
	assert_int_equal(bed_rx(b, 0, bed_ra(b, ROUTER, &m)), DROP_NONE);
}

/* The temporary addresses of a prefix, oldest first. */
static unsigned temps(struct bed *b, const char *addr, struct if_addr *ret[TEMPS])
{
	struct ip6_addr p = bed_addr_of(addr);
	unsigned n = 0;

	LIST_FOR_EACH(it, &bed_if(b, 0)->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->origin != ADDR_TEMPORARY || !ip6_in_prefix(&a->addr, &p, 64))
			continue;
		assert_true(n < TEMPS);
		ret[n++] = a;
	}
	return n;
}

static struct if_addr *only(struct bed *b, const char *addr)
{
	struct if_addr *t[TEMPS] = { NULL };

	assert_int_equal(temps(b, addr, t), 1);
	return t[0];
}

static void test_off(void **state)
{
	struct if_addr *t[TEMPS];
	struct bed b;

	(void)state;
	begin(&b, false);
	prefix(&b, PREFIX, 64, true, 1000, 1000);
	assert_int_equal(temps(&b, PREFIX, t), 0);
	nd_set_temp_addrs(&b.node->nd, bed_if(&b, 0), true);
	prefix(&b, PREFIX, 64, true, 1000, 1000);
	assert_int_equal(temps(&b, PREFIX, t), 1);
	nd_set_temp_addrs(&b.node->nd, bed_if(&b, 0), false);
	assert_int_equal(temps(&b, PREFIX, t), 0);
	bed_done(&b);
}

/* Section 3.4 steps 3 to 7: one for each autonomous prefix, with DAD, preferred as a source. */
static void test_made(void **state)
{
	struct ip6_addr dst = bed_addr_of("2001:db8:f::1"), src, first;
	struct if_addr *t[TEMPS];
	const struct if_addr *a;
	struct bed b;

	(void)state;
	begin(&b, true);
	prefix(&b, PREFIX, 64, false, 9000, 9000);
	prefix(&b, "fe80::", 64, true, 9000, 9000);
	prefix(&b, PREFIX, 63, true, 9000, 9000);
	assert_int_equal(temps(&b, PREFIX, t), 0);
	prefix(&b, PREFIX, 64, true, 9000, 8000);
	prefix(&b, OTHER, 64, true, 9000, 8000);
	prefix(&b, PREFIX, 64, true, 9000, 8000); /* "if none is configured" */
	a = only(&b, PREFIX);
	(void)only(&b, OTHER);
	assert_int_equal(a->state, ADDR_TENTATIVE);
	assert_int_equal(a->preferred_until, b.now + 8000 * S);
	assert_int_equal(a->valid_until, b.now + 9000 * S);
	assert_int_not_equal(memcmp(a->addr.b + 8, only(&b, OTHER)->addr.b + 8, 8), 0);
	bed_run(&b, b.now + 3 * S);
	assert_int_equal(a->state, ADDR_PREFERRED);
	assert_int_equal(bed_addr_state(&b, 0, STABLE), ADDR_PREFERRED);
	first = a->addr;
	prefix(&b, OTHER, 64, true, 9000, 0);
	assert_int_equal(ip6_source(&b.node->ip6, &dst, 0, &src), 0);
	assert_memory_equal(src.b, first.b, 16); /* RFC 6724 rule 7 */
	bed_done(&b);
}

/* Steps 1, 2 and 4: no longer than a day less DESYNC_FACTOR preferred, than two days valid. */
static void test_bounds(void **state)
{
	time_ns least = TIME_NEVER, most = 0;

	(void)state;
	for (unsigned i = 0; i < 32; i++) {
		struct if_addr *a;
		time_ns life, t0;
		struct bed b;

		bed_init_down(&b, 1);
		rng_init_u64(&b.node->env.rng, i, 0);
		nd_set_temp_addrs(&b.node->nd, bed_if(&b, 0), true);
		bed_up(&b, 0);
		bed_run(&b, b.now + 5 * S);
		t0 = b.now;
		prefix(&b, PREFIX, 64, true, ND_INFINITY, ND_INFINITY);
		a = only(&b, PREFIX);
		life = a->preferred_until - t0;
		assert_int_equal(a->valid_until, t0 + 2 * DAY);
		assert_true(life <= DAY && life >= DAY / 10 * 6);
		least = MIN(least, life);
		most = MAX(most, life);
		bed_run(&b, t0 + 3600 * S);
		prefix(&b, PREFIX, 64, true, ND_INFINITY, ND_INFINITY); /* renews nothing */
		assert_int_equal(a->preferred_until, t0 + life);
		assert_int_equal(a->valid_until, t0 + 2 * DAY);
		prefix(&b, PREFIX, 64, true, 9000, 100);
		assert_int_equal(a->preferred_until, b.now + 100 * S);
		assert_int_equal(a->valid_until, b.now + 9000 * S);
		prefix(&b, PREFIX, 64, true, ND_INFINITY, ND_INFINITY);
		assert_int_equal(a->preferred_until, t0 + life);
		bed_done(&b);
	}
	assert_true(most - least > DAY / 10 * 3); /* DESYNC_FACTOR is up to 0.4 days */
}

/* Sections 3.5 and 3.6: the next one is there before the last is deprecated, day after day. */
static void test_regenerated(void **state)
{
	struct if_addr *t[TEMPS];
	struct bed b;

	(void)state;
	begin(&b, true);
	prefix(&b, PREFIX, 64, true, ND_INFINITY, ND_INFINITY);
	for (unsigned i = 0; i < 10; i++) {
		unsigned n = temps(&b, PREFIX, t);
		struct if_addr *old = t[n - 1];
		time_ns until = old->preferred_until;

		assert_true(n >= 1 && n <= 3);
		bed_run(&b, until - ADVANCE - 1);
		n = temps(&b, PREFIX, t);
		assert_ptr_equal(t[n - 1], old);
		bed_run(&b, until - ADVANCE);
		n = temps(&b, PREFIX, t);
		assert_ptr_equal(t[n - 2], old);
		bed_run(&b, until - 1);
		assert_int_equal(old->state, ADDR_PREFERRED);
		assert_int_equal(t[n - 1]->state, ADDR_PREFERRED);
		bed_run(&b, until);
		assert_int_equal(old->state, ADDR_DEPRECATED);
	}
	bed_done(&b);
}

/* Step 5: nothing that would be deprecated at once; section 3.5: nothing new for a prefix that ends. */
static void test_prefix_ends(void **state)
{
	struct if_addr *t[TEMPS], *a;
	struct bed b;

	(void)state;
	begin(&b, true);
	prefix(&b, PREFIX, 64, true, 9000, 5);
	assert_int_equal(temps(&b, PREFIX, t), 0);
	prefix(&b, PREFIX, 64, true, 9000, 6);
	a = only(&b, PREFIX);
	bed_run(&b, b.now + 10 * S);
	assert_int_equal(a->state, ADDR_DEPRECATED);
	assert_int_equal(temps(&b, PREFIX, t), 1);
	prefix(&b, PREFIX, 64, true, 9000, 8000); /* it goes on, and so does the address */
	assert_int_equal(a->state, ADDR_PREFERRED);
	assert_ptr_equal(only(&b, PREFIX), a);
	prefix(&b, PREFIX, 64, true, 9000, 0);
	assert_int_equal(a->state, ADDR_DEPRECATED);
	assert_ptr_equal(only(&b, PREFIX), a);
	bed_run(&b, b.now + 9000 * S);
	assert_int_equal(temps(&b, PREFIX, t), 0);
	bed_done(&b);
}

/* Step 7: another one, three times; then no more for this prefix. */
static void test_duplicate(void **state)
{
	struct if_addr *t[TEMPS];
	struct ip6_addr seen[TEMPS];
	struct bed b;

	(void)state;
	begin(&b, true);
	prefix(&b, PREFIX, 64, true, 9000, 8000);
	for (unsigned i = 0; i < 4; i++) {
		char text[IP6_TEXT_MAX];

		seen[i] = only(&b, PREFIX)->addr;
		for (unsigned k = 0; k < i; k++)
			assert_false(ip6_eq(&seen[i], &seen[k]));
		ip6_text(&seen[i], text);
		bed_run(&b, b.now + S);
		bed_rx(&b, 0, bed_ns(&b, ND_NA, NUD_NA_OVERRIDE, text, "ff02::1", text, "", 0));
		bed_run(&b, b.now);
	}
	assert_int_equal(only(&b, PREFIX)->state, ADDR_DUPLICATE);
	bed_run(&b, b.now + 100 * S);
	prefix(&b, PREFIX, 64, true, 9000, 8000);
	bed_run(&b, b.now + 100 * S);
	assert_int_equal(temps(&b, PREFIX, t), 1);
	assert_int_equal(t[0]->state, ADDR_DUPLICATE);
	assert_int_equal(bed_addr_state(&b, 0, STABLE), ADDR_PREFERRED);
	bed_done(&b);
}

/* Section 3.6: on another link other ones. */
static void test_moves(void **state)
{
	struct if_addr *t[TEMPS];
	struct ip6_addr first;
	struct bed b;

	(void)state;
	begin(&b, true);
	prefix(&b, PREFIX, 64, true, 9000, 8000);
	first = only(&b, PREFIX)->addr;
	assert_int_equal(node_if_set(b.node, b.ifindex[0], false, b.now), 0);
	assert_int_equal(temps(&b, PREFIX, t), 0);
	bed_up(&b, 0);
	bed_run(&b, b.now + 5 * S);
	prefix(&b, PREFIX, 64, true, 9000, 8000);
	assert_false(ip6_eq(&only(&b, PREFIX)->addr, &first));
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off),	    cmocka_unit_test(test_made),
		cmocka_unit_test(test_bounds),	    cmocka_unit_test(test_regenerated),
		cmocka_unit_test(test_prefix_ends), cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
