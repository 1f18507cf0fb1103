/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stable and opaque interface identifiers: RFC 7217. Stable over restarts, different for each
 * prefix, interface and secret, of nothing that others know; another one after a conflict.
 */
#include "bed.h"

#define ROUTER	"fe80::100"
#define PREFIX	"2001:db8:5::"
#define OTHER	"2001:db8:6::"
#define RETRIES 3

static const uint8_t secret[ND_IID_SECRET_OCTETS] = "0123456789abcde";
static const uint8_t another[ND_IID_SECRET_OCTETS] = "0123456789abcdf";

static void begin(struct bed *b, const uint8_t *with)
{
	bed_init_down(b, 2);
	nd_set_iid_secret(&b->node->nd, with);
	bed_if(b, 0)->conf.dad_transmits = 1;
	bed_if(b, 1)->conf.dad_transmits = 1;
	bed_up(b, 0);
	bed_up(b, 1);
	bed_run(b, b->now + 5 * NS_PER_S);
	bed_forget(b);
}

static void advertise(struct bed *b, const char *prefix)
{
	struct nd_msg ra = { .opts = { .n_prefixes = 1 } };

	ra.opts.prefix[0] = (struct nd_prefix){ .prefix = bed_addr_of(prefix),
						.len = 64,
						.on_link = true,
						.autonomous = true,
						.valid_s = 9000,
						.preferred_s = 3600 };
	assert_int_equal(bed_rx(b, 0, bed_ra(b, ROUTER, &ra)), DROP_NONE);
}

/* The address that a link has of this prefix, of which there is one. */
static struct if_addr *addr_in(struct bed *b, unsigned link, const char *prefix)
{
	struct ip6_addr p = bed_addr_of(prefix);
	struct if_addr *found = NULL;

	LIST_FOR_EACH(it, &bed_if(b, link)->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (!ip6_in_prefix(&a->addr, &p, 64))
			continue;
		assert_null(found);
		found = a;
	}
	ASSERT(found != NULL);
	return found;
}

static uint64_t iid_in(struct bed *b, unsigned link, const char *prefix)
{
	return ip6_lo(&addr_in(b, link, prefix)->addr);
}

/* Section 5: what an identifier depends on, and what it does not. */
static void test_made_of(void **state)
{
	uint64_t link_local, global, other_prefix, other_link, other_secret, again[2];
	struct bed b;

	(void)state;
	begin(&b, secret);
	advertise(&b, PREFIX);
	advertise(&b, OTHER);
	link_local = iid_in(&b, 0, "fe80::");
	other_link = iid_in(&b, 1, "fe80::");
	global = iid_in(&b, 0, PREFIX);
	other_prefix = iid_in(&b, 0, OTHER);
	bed_done(&b);
	assert_true(link_local != ip6_iid_of_mac(&b.mac[0]));
	assert_true(link_local != other_link);
	assert_true(link_local != global && global != other_prefix);

	begin(&b, secret);
	advertise(&b, PREFIX);
	again[0] = iid_in(&b, 0, "fe80::");
	again[1] = iid_in(&b, 0, PREFIX);
	bed_done(&b);
	assert_true(again[0] == link_local && again[1] == global);

	begin(&b, another);
	other_secret = iid_in(&b, 0, "fe80::");
	bed_done(&b);
	assert_true(other_secret != link_local);
}

/* Somebody else has it: RFC 4862 section 5.4.4. */
static void conflict(struct bed *b, const char *prefix)
{
	char addr[IP6_TEXT_MAX];

	ip6_text(&addr_in(b, 0, prefix)->addr, addr);
	assert_int_equal(addr_in(b, 0, prefix)->state, ADDR_TENTATIVE);
	bed_rx(b, 0, bed_ns(b, ND_NA, 0, ROUTER, "ff02::1", addr, NULL, 0));
	assert_int_equal(addr_in(b, 0, prefix)->state, ADDR_DUPLICATE);
}

/* Section 6: another one within IDGEN_DELAY, with the lifetimes of the prefix; not for ever. */
static void test_conflict(void **state)
{
	uint64_t tried[RETRIES + 1];
	time_ns t0, valid_until;
	struct bed b;

	(void)state;
	begin(&b, secret);
	advertise(&b, PREFIX);
	valid_until = addr_in(&b, 0, PREFIX)->valid_until;
	for (unsigned i = 0; i < ARRAY_LEN(tried); i++) {
		tried[i] = iid_in(&b, 0, PREFIX);
		for (unsigned k = 0; k < i; k++)
			assert_true(tried[k] != tried[i]);
		conflict(&b, PREFIX);
		t0 = b.now;
		while (i < RETRIES && addr_in(&b, 0, PREFIX)->state == ADDR_DUPLICATE)
			bed_run(&b, node_next(b.node));
		assert_true(b.now - t0 <= NS_PER_S);
	}
	bed_run(&b, b.now + 100 * NS_PER_S);
	assert_int_equal(addr_in(&b, 0, PREFIX)->state, ADDR_DUPLICATE);
	assert_int_equal(iid_in(&b, 0, PREFIX), tried[RETRIES]);
	assert_true(addr_in(&b, 0, PREFIX)->valid_until == valid_until);
	assert_false(bed_if(&b, 0)->disabled);
	bed_done(&b);
}

/* Section 5: an identifier that an address of ours with that prefix has already is no good. */
static void test_ours_already(void **state)
{
	struct ip6_addr taken;
	struct bed b;

	(void)state;
	begin(&b, secret);
	advertise(&b, PREFIX);
	taken = addr_in(&b, 0, PREFIX)->addr;
	bed_done(&b);

	begin(&b, secret);
	assert_int_equal(nd_addr_add(&b.node->nd, bed_if(&b, 0), &taken, 64, ADDR_STATIC, false),
			 0);
	advertise(&b, PREFIX);
	LIST_FOR_EACH(it, &bed_if(&b, 0)->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->origin != ADDR_SLAAC)
			continue;
		assert_false(ip6_eq(&a->addr, &taken));
		assert_int_equal(a->dad_counter, 1);
		taken = IP6_UNSPEC;
	}
	assert_true(ip6_is_unspec(&taken));
	bed_done(&b);
}

/*
 * The same of the link-local address, without which there is nothing: but it was not made of the
 * link-layer address, so the interface stays on (RFC 4862 section 5.4.5) and gets another one.
 */
static void test_conflict_link_local(void **state)
{
	struct bed b;
	uint64_t first;

	(void)state;
	bed_init_down(&b, 1);
	nd_set_iid_secret(&b.node->nd, secret);
	bed_if(&b, 0)->conf.dad_transmits = 1;
	bed_up(&b, 0);
	first = iid_in(&b, 0, "fe80::");
	conflict(&b, "fe80::");
	bed_run(&b, b.now + 10 * NS_PER_S);
	assert_int_equal(addr_in(&b, 0, "fe80::")->state, ADDR_PREFERRED);
	assert_true(iid_in(&b, 0, "fe80::") != first);
	assert_false(bed_if(&b, 0)->disabled);
	assert_non_null(bed_tx_icmp6(&b, ND_RS, NULL)); /* and the interface goes on from there */
	bed_done(&b);

	bed_init_down(&b, 1);
	nd_set_iid_secret(&b.node->nd, secret);
	bed_if(&b, 0)->conf.dad_transmits = 1;
	bed_up(&b, 0);
	for (unsigned i = 0; i <= RETRIES; i++) {
		while (addr_in(&b, 0, "fe80::")->state == ADDR_DUPLICATE)
			bed_run(&b, node_next(b.node));
		conflict(&b, "fe80::");
	}
	assert_false(bed_if(&b, 0)->disabled);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_of),
		cmocka_unit_test(test_conflict),
		cmocka_unit_test(test_ours_already),
		cmocka_unit_test(test_conflict_link_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
