/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses made of advertised prefixes: RFC 4862 sections 5.5.3 and 5.5.4. Which prefixes, for
 * how long, and how little a router can take away again.
 */
#include "bed.h"

#define ROUTER	"fe80::100"
#define PREFIX	"2001:db8:5::"
#define ADDR	"2001:db8:5::ff:fe00:0"
#define FOREVER ND_INFINITY

static void begin(struct bed *b)
{
	bed_init(b, 1);
	bed_neigh(b, 0, ROUTER, "02:00:00:00:01:00");
	bed_quiet(b);
}

static void advertise(struct bed *b, const char *prefix, uint8_t len, bool autonomous,
		      uint32_t valid_s, uint32_t preferred_s)
{
	struct ip6_addr addr = bed_addr_of(prefix);
	struct nd_msg ra = { .opts = { .n_prefixes = 1 } };

	ra.opts.prefix[0] = (struct nd_prefix){ .prefix = ip6_prefix(&addr, len),
						.len = len,
						.on_link = true,
						.autonomous = autonomous,
						.valid_s = valid_s,
						.preferred_s = preferred_s };
	assert_int_equal(bed_rx(b, 0, bed_ra(b, ROUTER, &ra)), DROP_NONE);
}

/*
 * Section 5.5.3 (a) to (d): a prefix that was not heard of before.
 */
struct new_row {
	const char *prefix;
	uint8_t len;
	bool autonomous;
	uint32_t valid_s, preferred_s;
	int state; /* of the address, or -1: none is made */
};

/* clang-format off */
static const struct new_row new_rows[] = {
	{ PREFIX, 64, true, 1000, 500, ADDR_PREFERRED },
	{ PREFIX, 64, true, 1000, 1000, ADDR_PREFERRED },
	{ PREFIX, 64, true, FOREVER, 500, ADDR_PREFERRED },
	{ PREFIX, 64, true, FOREVER, FOREVER, ADDR_PREFERRED },
	{ PREFIX, 64, true, 1, 1, ADDR_PREFERRED },
	{ PREFIX, 64, true, 1000, 0, ADDR_DEPRECATED },
	{ PREFIX, 64, false, 1000, 500, -1 },		/* (a) */
	{ "fe80::", 64, true, 1000, 500, -1 },		/* (b) */
	{ PREFIX, 64, true, 500, 501, -1 },		/* (c) */
	{ PREFIX, 64, true, 1000, FOREVER, -1 },
	{ PREFIX, 64, true, 0, 0, -1 },			/* (d): "and ... is not 0" */
	{ PREFIX, 63, true, 1000, 500, -1 },		/* the sum must be 128 bits */
	{ PREFIX, 65, true, 1000, 500, -1 },
	{ PREFIX, 128, true, 1000, 500, -1 },
	{ PREFIX, 0, true, 1000, 500, -1 },
	{ "ff0e::", 64, true, 1000, 500, -1 },
};
/* clang-format on */

static void at(struct bed *b, time_ns when, int state)
{
	bed_silent_until(b, when);
	assert_int_equal(bed_addr_state(b, 0, ADDR), state);
}

static void new_one(const struct new_row *r)
{
	struct bed b;
	time_ns t0;

	begin(&b);
	t0 = b.now;
	advertise(&b, r->prefix, r->len, r->autonomous, r->valid_s, r->preferred_s);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), r->state);
	assert_int_equal(bed_if(&b, 0)->n_addrs, r->state < 0 ? 1 : 2);
	bed_run(&b, t0 + 1);
	bed_quiet(&b);
	/* section 5.5.4: to the nanosecond */
	if (r->state == ADDR_PREFERRED && r->preferred_s != FOREVER && r->preferred_s > 60) {
		at(&b, t0 + r->preferred_s * NS_PER_S - 1, ADDR_PREFERRED);
		if (r->preferred_s < r->valid_s)
			at(&b, t0 + r->preferred_s * NS_PER_S, ADDR_DEPRECATED);
	}
	if (r->state >= 0 && r->valid_s != FOREVER && r->valid_s > 60) {
		bed_silent_until(&b, t0 + r->valid_s * NS_PER_S - 1);
		assert_int_not_equal(bed_addr_state(&b, 0, ADDR), -1);
		bed_run(&b, t0 + r->valid_s * NS_PER_S); /* its group is left */
		assert_int_equal(bed_addr_state(&b, 0, ADDR), -1);
	} else if (r->valid_s == FOREVER && r->state >= 0) {
		at(&b, t0 + UINT64_C(0xffffffff) * NS_PER_S,
		   r->preferred_s == FOREVER ? ADDR_PREFERRED : ADDR_DEPRECATED);
	}
	bed_done(&b);
}

static void test_new(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(new_rows); i++) {
		bed_row(i, ARRAY_LEN(new_rows));
		new_one(&new_rows[i]);
	}
	bed_row(1, 1);
}

/*
 * Section 5.5.3 (e): a prefix that an address was made of already. The valid lifetime it has
 * left, the one advertised, and the one it has then; the preferred one is always as advertised.
 */
#define TWO_HOURS 7200

/* clang-format off */
static const struct {
	uint32_t left_s, advertised_s, then_s;
} two_hours[] = {
	/* 1: more than two hours, or more than what is left */
	{ 10000, 10000, 10000 },
	{ 10000, 9000, 9000 },
	{ 10000, TWO_HOURS + 1, TWO_HOURS + 1 },
	{ 100, TWO_HOURS + 1, TWO_HOURS + 1 },
	{ 100, TWO_HOURS, TWO_HOURS },
	{ 100, 101, 101 },
	{ 100, FOREVER, FOREVER },
	{ FOREVER, TWO_HOURS + 1, TWO_HOURS + 1 },
	{ FOREVER, FOREVER, FOREVER },
	/* 2: two hours or less are left: ignored */
	{ 100, 100, 100 },
	{ 100, 99, 100 },
	{ 100, 0, 100 },
	{ TWO_HOURS, TWO_HOURS, TWO_HOURS },
	{ TWO_HOURS, TWO_HOURS - 1, TWO_HOURS },
	{ TWO_HOURS, 0, TWO_HOURS },
	/* 3: otherwise two hours */
	{ TWO_HOURS + 1, TWO_HOURS, TWO_HOURS },
	{ TWO_HOURS + 1, 0, TWO_HOURS },
	{ 10000, TWO_HOURS, TWO_HOURS },
	{ 10000, 1, TWO_HOURS },
	{ 10000, 0, TWO_HOURS },
	{ FOREVER, TWO_HOURS, TWO_HOURS },
	{ FOREVER, 0, TWO_HOURS },
};
/* clang-format on */

static void test_two_hours(void **state)
{
	struct ip6_addr addr = bed_addr_of(ADDR);

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(two_hours); i++) {
		uint32_t adv = two_hours[i / 2].advertised_s, then = two_hours[i / 2].then_s;
		uint32_t preferred = i % 2 != 0 ? adv : 0;
		const struct if_addr *a;
		struct bed b;

		bed_row(i / 2, ARRAY_LEN(two_hours));
		begin(&b);
		advertise(&b, PREFIX, 64, true, two_hours[i / 2].left_s, two_hours[i / 2].left_s);
		advertise(&b, PREFIX, 64, true, adv, preferred);
		a = if_addr_find(bed_if(&b, 0), &addr);
		assert_non_null(a);
		assert_int_equal(a->valid_until, time_after(b.now, nd_lifetime(then)));
		assert_int_equal(a->preferred_until, time_after(b.now, nd_lifetime(preferred)));
		assert_int_equal(a->state, preferred == 0 ? ADDR_DEPRECATED : ADDR_PREFERRED);
		assert_int_equal(bed_if(&b, 0)->n_addrs, 2);
		if (then != FOREVER) {
			bed_run(&b, b.now + then * NS_PER_S - 1);
			assert_int_not_equal(bed_addr_state(&b, 0, ADDR), -1);
			bed_run(&b, b.now + 1);
			assert_int_equal(bed_addr_state(&b, 0, ADDR), -1);
		}
		bed_done(&b);
	}
	bed_row(1, 1);
}

/* A deprecated address is preferred again when its router says so. */
static void test_preferred_again(void **state)
{
	struct bed b;
	time_ns t0;

	(void)state;
	begin(&b);
	advertise(&b, PREFIX, 64, true, 9000, 100);
	bed_quiet(&b);
	t0 = b.now;
	at(&b, t0 + 50 * NS_PER_S, ADDR_DEPRECATED);
	advertise(&b, PREFIX, 64, true, 9000, 100);
	at(&b, t0 + 50 * NS_PER_S, ADDR_PREFERRED);
	at(&b, t0 + 150 * NS_PER_S - 1, ADDR_PREFERRED);
	at(&b, t0 + 150 * NS_PER_S, ADDR_DEPRECATED);
	bed_done(&b);
}

/*
 * Section 5.4.2: the probe for an address that a multicast advertisement made is delayed; its
 * lifetime runs meanwhile; and a duplicate stays one whatever is advertised.
 */
static void test_dad(void **state)
{
	const struct pkt *pkt;
	time_ns t0, t = 0;
	struct bed b;

	(void)state;
	begin(&b);
	bed_if(&b, 0)->conf.dad_transmits = 1;
	t0 = b.now;
	advertise(&b, PREFIX, 64, true, 9000, 3600);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_TENTATIVE);
	bed_run(&b, t0 + 10 * NS_PER_S);
	assert_non_null(bed_tx_icmp6(&b, ND_NS, &pkt));
	t = bed_msg_when(&b);
	assert_true(t > t0 && t < t0 + NS_PER_S);
	assert_null(bed_tx_icmp6(&b, ND_NS, NULL));
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_PREFERRED);
	bed_done(&b);

	begin(&b);
	bed_if(&b, 0)->conf.dad_transmits = 1;
	advertise(&b, PREFIX, 64, true, 9000, 3600);
	bed_rx(&b, 0, bed_ns(&b, ND_NA, 0, ROUTER, "ff02::1", ADDR, NULL, 0));
	assert_int_equal(bed_addr_state(&b, 0, ADDR), ADDR_DUPLICATE);
	bed_quiet(&b);
	advertise(&b, PREFIX, 64, true, 9000, 3600);
	at(&b, b.now + 100 * NS_PER_S, ADDR_DUPLICATE);
	bed_done(&b);
}

/* The table of a link is bounded: an attacker's prefixes are no way to all of it. */
static void test_many(void **state)
{
	char prefix[IP6_TEXT_MAX];
	struct bed b;

	(void)state;
	begin(&b);
	for (unsigned i = 0; i < 2u * IF_CONF_DEFAULT.slaac_max; i++) {
		struct ip6_addr a = bed_addr_of(PREFIX);

		a.b[7] = (uint8_t)i;
		advertise(&b, ip6_text(&a, prefix), 64, true, 9000, 3600);
	}
	assert_int_equal(bed_if(&b, 0)->n_addrs, 1 + IF_CONF_DEFAULT.slaac_max);
	bed_done(&b);
}

/* A router, and a host that is told not to, take no part. */
static void test_turned_off(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	bed_if(&b, 0)->conf.autoconf = false;
	advertise(&b, PREFIX, 64, true, 9000, 3600);
	assert_int_equal(bed_addr_state(&b, 0, ADDR), -1);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ROWS(test_new),
		BED_ROWS(test_two_hours),
		cmocka_unit_test(test_preferred_again),
		cmocka_unit_test(test_dad),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_turned_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
