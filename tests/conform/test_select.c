/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The suites about address selection and scopes guarded: simulated nodes that are wrong on
 * purpose, each by one thing that is changed on its way in or out or in what it is told, each failed
 * by the parts that are about it and by no others of their tests. Each part is failed by one at
 * least. Nodes that are wrong inside are in tests/mutants/list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conform/wrong.h"
#include "ip6/scope.h"

static const struct ip6_addr tn1 = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0b, [15] = 1 } };
static const struct ip6_addr tn1_lla = { { 0xfe, 0x80, [15] = 1 } };
static const struct ip6_addr tn2 = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0a, [15] = 2 } };
static const struct ip6_addr configured = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0b, [15] = 0xfe } };
static const struct ip6_addr its_second = { { 0xfe, 0x80, [15] = 0xfe } };
static const struct mac tr1_mac = { { 2, 0, 0, 0, 0xff, 0xa1 } };
static const struct mac tn1_mac = { { 2, 0, 0, 0, 0xff, 0x01 } };
static const struct mac tn2_mac = { { 2, 0, 0, 0, 0xff, 0x02 } };

struct fault {
	const char *suite, *name;
	bool (*in)(struct wrong *w, struct pv *pv); /* change it; false: it is lost */
	bool (*out)(struct wrong *w, struct pv *pv);
	int (*ping)(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
		    uint32_t octets);
	unsigned role;
	const char *tests;  /* of the suite: a glob */
	const char *caught; /* by these of them, in order */
	bool public_only;   /* makes no temporary addresses */
};

static bool is(const struct pv *pv, unsigned type)
{
	return pv->kind == PV_ICMP6 && pv->type.v == type;
}

static bool is_error(const struct pv *pv)
{
	return pv->kind == PV_ICMP6 && pv->type.v < ICMP6_INFO_FIRST;
}

/* All but MLD; solicitations may be heard on a wrong link. */
static bool is_any(const struct pv *pv)
{
	return pv->kind != PV_ICMP6 || pv->type.v <= ICMP6_ECHO_REPLY || pv->type.v == ICMP6_NS;
}

static struct ip6_addr lla_of(const struct pv *pv)
{
	return ip6_linklocal_of(ip6_iid_of_mac(&pv->eth_src.m));
}

static bool is_local(const struct ip6_addr *a)
{
	return ip6_scope(a) == SCOPE_LINK;
}

/*
 * Sources.
 */

static bool asks_locally(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_ECHO_REQUEST))
		pv->src.a = lla_of(pv);
	return true;
}

static bool asks_globally(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_ECHO_REQUEST) && is_local(&pv->dst.a))
		pv->src.a = configured;
	return true;
}

static bool replies_locally(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_ECHO_REPLY) && w->to.b[0] == 0xff)
		pv->src.a = lla_of(pv);
	return true;
}

static bool complains_locally(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_error(pv))
		pv->src.a = lla_of(pv);
	return true;
}

static bool complains_globally(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_error(pv))
		pv->src.a = configured;
	return true;
}

/*
 * Zones.
 */

/* The links are one to it. */
static bool hears_on_both(struct wrong *w, struct pv *pv)
{
	bool to_one = pv->dst.a.b[0] != 0xff;

	wrong_pass(w, pv);
	w->link = w->link == LINK_A ? LINK_B : LINK_A;
	if (to_one)
		pv->eth_dst = IS_MAC(w->real->mac(w->nut, w->link));
	wrong_pass(w, pv);
	return false;
}

static bool has_it_once(struct wrong *w, struct pv *pv)
{
	return w->link != LINK_A || !ip6_eq(&pv->dst.a, &its_second) || !is(pv, ICMP6_ECHO_REQUEST);
}

static bool answers_as_on_a(struct wrong *w, struct pv *pv)
{
	struct mac mac = w->real->mac(w->nut, LINK_A);

	if (is(pv, ICMP6_ECHO_REPLY) && w->to.b[0] == 0xff)
		pv->src.a = ip6_linklocal_of(ip6_iid_of_mac(&mac));
	return true;
}

/* It knows neighbors by their addresses alone. */
static bool confuses_neighbors(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (ip6_eq(&pv->dst.a, &tn1_lla))
		pv->eth_dst = IS_MAC(tn1_mac);
	else if (mac_eq(&pv->eth_dst.m, &tr1_mac))
		pv->eth_dst = IS_MAC(tn2_mac);
	return true;
}

static bool says_nothing(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is_error(pv);
}

static bool complains_of_nothing(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_error(pv))
		pv->code.v = ICMP6_UNREACH_ROUTE;
	return true;
}

/* To somebody beyond, as if from somebody who may. */
static void make_unicast(struct wrong *w, struct pv *pv)
{
	pv->dst.a = w->link == LINK_A ? tn1 : tn2;
	pv->src.a = w->link == LINK_A ? tn2 : tn1;
	pv->eth_dst = IS_MAC(w->real->mac(w->nut, w->link));
}

static bool forwards_out_of_zone(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_ECHO_REQUEST) && is_local(&pv->src.a) && !is_local(&pv->dst.a)) {
		struct pv again = *pv;

		wrong_pass(w, pv);
		make_unicast(w, &again);
		wrong_pass(w, &again);
		return false;
	}
	return true;
}

static bool never_turns_back(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !mac_eq(&pv->eth_dst.m, &tr1_mac) || !is(pv, ICMP6_ECHO_REQUEST);
}

static bool forwards_interface_local(struct wrong *w, struct pv *pv)
{
	if (pv->dst.a.b[0] == 0xff && ip6_scope(&pv->dst.a) < SCOPE_LINK)
		make_unicast(w, pv);
	return true;
}

static bool forwards_no_site(struct wrong *w, struct pv *pv)
{
	(void)w;
	return pv->dst.a.b[0] != 0xff || ip6_scope(&pv->dst.a) != SCOPE_SITE;
}

static bool forwards_local_to_group(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_local(&pv->src.a) && pv->dst.a.b[0] == 0xff && !is_local(&pv->dst.a))
		pv->src.a = tn2;
	return true;
}

static bool complains_of_group(struct wrong *w, struct pv *pv)
{
	if (is_local(&pv->src.a) && pv->dst.a.b[0] == 0xff && !is_local(&pv->dst.a)) {
		pv->dst.a = tn1;
		pv->eth_dst = IS_MAC(w->real->mac(w->nut, w->link));
	}
	return true;
}

static bool forwards_loopback(struct wrong *w, struct pv *pv)
{
	if (ip6_is_loopback(&pv->src.a))
		make_unicast(w, pv);
	return true;
}

static bool forwards_from_group(struct wrong *w, struct pv *pv)
{
	if (ip6_is_mcast(&pv->src.a))
		make_unicast(w, pv);
	return true;
}

static int pings_loopback(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
			  uint32_t octets)
{
	return wrong_of(nut)->real->ping(nut, link, ip6_is_loopback(dst) ? &tn1_lla : dst, octets);
}

static int pings_any_group(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
			   uint32_t octets)
{
	struct ip6_addr a = *dst;

	if (ip6_is_mcast(&a) && ip6_scope(&a) < SCOPE_LINK)
		a.b[1] = 0x12;
	return wrong_of(nut)->real->ping(nut, link, &a, octets);
}

/* The strong end system model of RFC 1122: an interface has only its own addresses. */
static bool sends_strongly(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_error(pv) || is(pv, ICMP6_ECHO_REQUEST))
		pv->src.a = lla_of(pv);
	return true;
}

static bool hears_strongly(struct wrong *w, struct pv *pv)
{
	return w->link == LINK_A || pv->dst.a.b[5] != 0x0a || pv->dst.a.b[15] != 0xfe;
}

static int no_temp_addrs(struct nut *nut, enum nut_link link)
{
	(void)nut;
	(void)link;
	return 0;
}

static const struct fault faults[] = {
/* clang-format off */
#define HOST   NUT_HOST
#define ROUTER NUT_ROUTER
#define RULES_B "rfc6724.5.2.b rfc6724.5.2.d rfc6724.5.2.e "
#define RULES_6 "rfc6724.5.6.a rfc6724.5.6.b rfc6724.5.6.c rfc6724.5.6.d rfc6724.5.6.e rfc6724.5.6.f " \
		"rfc6724.5.6.g "
#define RULES_8 "rfc6724.5.8.a rfc6724.5.8.b "
	{ "rfc6724", "none", NULL, NULL, NULL, HOST, "*", "", false },
	{ "rfc6724", "none", NULL, NULL, NULL, ROUTER, "*", "", false },
	{ "rfc6724", "asks from its link-local address", NULL, asks_locally, NULL, HOST, "*",
	  "rfc6724.4.c " RULES_B "rfc6724.5.3.a rfc6724.5.3.b rfc6724.5.3.c rfc6724.5.3.d "
	  "rfc6724.5.3.e rfc6724.5.5.5.a rfc6724.5.5.5.b " RULES_6 "rfc6724.5.7.a " RULES_8, false },
	{ "rfc6724", "asks from its link-local address", NULL, asks_locally, NULL, ROUTER, "*",
	  "rfc6724.4.b rfc6724.4.c " RULES_B "rfc6724.5.5.a rfc6724.5.5.b " RULES_6 RULES_8, false },
	{ "rfc6724", "asks from its global address", NULL, asks_globally, NULL, HOST, "*",
	  "rfc6724.5.2.a rfc6724.5.2.c ", false },
	{ "rfc6724", "asks from its global address", NULL, asks_globally, NULL, ROUTER, "*",
	  "rfc6724.4.a rfc6724.5.2.a rfc6724.5.2.c ", false },
	{ "rfc6724", "has public addresses only", NULL, NULL, NULL, HOST, "rfc6724.5.7.*",
	  "rfc6724.5.7.a ", true },
	{ "rfc6724", "answers groups from its link-local address", NULL, replies_locally, NULL, HOST,
	  "*", "rfc4443.4.2.a ", false },
	{ "rfc6724", "answers groups from its link-local address", NULL, replies_locally, NULL,
	  ROUTER, "*", "rfc4443.4.2.a ", false },
	{ "rfc6724", "complains from its link-local address", NULL, complains_locally, NULL, ROUTER,
	  "rfc4443.*", "rfc4443.2.2.a rfc4443.2.2.c ", false },
	{ "rfc6724", "complains from its global address", NULL, complains_globally, NULL, ROUTER,
	  "rfc4443.*", "rfc4443.2.2.b rfc4443.2.2.c ", false },
	{ "rfc4007", "none", NULL, NULL, NULL, HOST, "*", "", false },
	{ "rfc4007", "none", NULL, NULL, NULL, ROUTER, "*", "", false },
	{ "rfc4007", "hears on both links", hears_on_both, NULL, NULL, ROUTER, "rfc4007.5.*",
	  "rfc4007.5.b rfc4007.5.c rfc4007.5.d rfc4007.5.e ", false },
	{ "rfc4007", "has an address on one link", has_it_once, NULL, NULL, ROUTER, "*",
	  "rfc4007.5.a ", false },
	{ "rfc4007", "answers as on link A", NULL, answers_as_on_a, NULL, ROUTER, "*",
	  "rfc4007.5.f ", false },
	{ "rfc4007", "confuses neighbors", NULL, confuses_neighbors, NULL, ROUTER, "rfc4007.[51]*",
	  "rfc4007.5.b rfc4007.10.a ", false },
	{ "rfc4007", "says nothing", NULL, says_nothing, NULL, ROUTER, "*", "rfc4007.9.a ", false },
	{ "rfc4007", "complains of no route", NULL, complains_of_nothing, NULL, ROUTER, "*",
	  "rfc4007.9.a ", false },
	{ "rfc4007", "complains and forwards", forwards_out_of_zone, NULL, NULL, ROUTER,
	  "rfc4007.9.a", "rfc4007.9.a ", false },
	{ "rfc4007", "never turns back", NULL, never_turns_back, NULL, ROUTER, "rfc4007.*",
	  "rfc4007.9.b rfc4007.9.c rfc4007.10.a ", false },
	{ "rfc4007", "forwards interface-local groups", forwards_interface_local, NULL, NULL, ROUTER,
	  "*", "rfc4007.9.d ", false },
	{ "rfc4007", "forwards no site-local groups", forwards_no_site, NULL, NULL, ROUTER, "*",
	  "rfc4007.9.e ", false },
	{ "rfc4007", "forwards to groups from link-local", forwards_local_to_group, NULL, NULL,
	  ROUTER, "*", "rfc4007.9.f ", false },
	{ "rfc4007", "complains to link-local sources of groups", complains_of_group, NULL, NULL,
	  ROUTER, "*", "rfc4007.9.f ", false },
	{ "rfc4007", "forwards from loopback", forwards_loopback, NULL, NULL, ROUTER, "*",
	  "rfc4291.2.5.3.a ", false },
	{ "rfc4007", "forwards from groups", forwards_from_group, NULL, NULL, ROUTER, "*",
	  "rfc4291.2.7.a ", false },
	{ "rfc4007", "pings loopback on the wire", NULL, NULL, pings_loopback, HOST, "*",
	  "rfc4291.2.5.3.b ", false },
	{ "rfc4007", "pings loopback on the wire", NULL, NULL, pings_loopback, ROUTER, "*",
	  "rfc4291.2.5.3.b ", false },
	{ "rfc4007", "pings any group", NULL, NULL, pings_any_group, HOST, "*",
	  "rfc4291.2.7.b rfc4291.2.7.c ", false },
	{ "rfc4007", "pings any group", NULL, NULL, pings_any_group, ROUTER, "*",
	  "rfc4291.2.7.b rfc4291.2.7.c ", false },
	{ "rfc7084", "none", NULL, NULL, NULL, ROUTER, "*", "", false },
	{ "rfc7084", "is of the strong model, sending", NULL, sends_strongly, NULL, ROUTER, "*",
	  "rfc7084.4.2.a rfc7084.4.2.c ", false },
	{ "rfc7084", "is of the strong model, receiving", hears_strongly, NULL, NULL, ROUTER, "*",
	  "rfc7084.4.2.b ", false },
	/* clang-format on */
};

static void pass_or_not(struct wrong *w, struct pv *pv)
{
	const struct fault *fault = w->fault;

	if (fault->in(w, pv))
		wrong_pass(w, pv);
}

static struct nut *open_wrong(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct wrong *w = wrong_new(seed);
	const struct fault *fault = ctx;

	(void)why;
	(void)size;
	w->fault = fault;
	w->takes = is_any;
	w->in = fault->in != NULL ? pass_or_not : NULL;
	w->out = fault->out;
	if (fault->ping != NULL)
		w->ops.ping = fault->ping;
	if (fault->public_only)
		w->ops.temp_addrs = no_temp_addrs;
	return w->nut;
}

static void run_on(const struct fault *fault, struct failed *f)
{
	struct fault ctx = *fault;
	struct run_conf conf = { .roles = fault->role,
				 .nut_name = "wrong",
				 .seed = 1,
				 .open = open_wrong,
				 .ctx = &ctx,
				 .suite = fault->suite,
				 .globs = &fault->tests,
				 .n_globs = 1 };
	struct tally tally;

	failed_init(f, 0);
	assert_int_equal(run_parts(&conf, &f->out, &tally), 0);
	assert_true(tally.n > 0);
}

static const struct suite *suite_named(const char *name)
{
	const struct suite *s;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		if (strcmp(s->name, name) == 0)
			return s;
	fail_msg("there is no suite %s", name);
	return NULL;
}

static bool is_in(const char *id, unsigned role, const struct fault *fault)
{
	char word[64];

	snprintf(word, sizeof(word), "%s ", id);
	return (fault->role & role) != 0 && strstr(fault->caught, word) != NULL;
}

/* The table names every part of the suite, in each of its roles. */
static void all_named(const char *suite)
{
	static const unsigned roles[] = { NUT_HOST, NUT_ROUTER };
	const struct suite *s = suite_named(suite);

	for (size_t k = 0; k < s->n * ARRAY_LEN(roles); k++) {
		const struct part *p = &s->part[k / 2];
		unsigned role = roles[k % 2];
		size_t i = 0;

		if ((p->roles & role) == 0)
			continue;
		while (i < ARRAY_LEN(faults) && !is_in(p->id, role, &faults[i]))
			i++;
		if (i == ARRAY_LEN(faults))
			fail_msg("%s, as a %s, fails none of them", p->id,
				 nut_role_name((enum nut_role)role));
	}
}

static void test_wrong_devices(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct failed f;

		run_on(&faults[i], &f);
		if (strcmp(f.ids, faults[i].caught) == 0)
			continue;
		print_error("\"%s\", as a %s, is caught by: %s\n    not by: %s\n", faults[i].name,
			    nut_role_name((enum nut_role)faults[i].role), f.ids, faults[i].caught);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	all_named("rfc6724");
	all_named("rfc4007");
	all_named("rfc7084");
}

static bool is_deaf(struct wrong *w, struct pv *pv)
{
	(void)w;
	(void)pv;
	return false;
}

/* A dead device passes nothing: what is not a FAIL would be an ERROR, and end the test. */
static void test_deaf(void **state)
{
	static const char *const suites[] = { "rfc6724", "rfc4007", "rfc7084" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		const struct fault fault = { .suite = suites[i],
					     .in = is_deaf,
					     .out = is_deaf,
					     .role = NUT_BOTH,
					     .tests = "*" };
		const struct suite *s = suite_named(suites[i]);
		struct failed f;
		unsigned n = 0;

		for (size_t k = 0; k < s->n; k++)
			n += (unsigned)__builtin_popcount(s->part[k].roles);
		run_on(&fault, &f);
		assert_int_equal(f.n + f.skipped, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_devices),
		cmocka_unit_test(test_deaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
