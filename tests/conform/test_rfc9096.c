/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The suites about edge routers and about new addresses guarded: simulated nodes that are wrong on
 * purpose, each by one thing; each failed by the parts that are about it and by no others. Each part is
 * failed by one at least.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conform/message.h"
#include "conform/wrong.h"
#include "nd/opt.h"

#define PREFIX	 "rfc"
#define RA_FIXED 8
#define UNKNOWN	 200 /* an option of no meaning */

struct fault {
	const char *name, *suite;
	enum nut_role role;
	/* Change a prefix option of an advertisement that is sent. */
	void (*prefix)(struct wrong *w, uint8_t *o);
	bool (*out)(struct wrong *w, struct pv *pv);
	void (*in)(struct wrong *w, struct pv *pv);
	const char *caught;
};

static bool is_type(const struct pv *pv, unsigned type)
{
	return pv->kind == PV_ICMP6 && pv->type.v == type;
}

static bool is_ours(const struct pv *pv)
{
	return is_type(pv, ICMP6_RA) || is_type(pv, ICMP6_RS) || is_type(pv, ICMP6_NA) ||
	       is_type(pv, ICMP6_UNREACH);
}

static bool out(struct wrong *w, struct pv *pv)
{
	const struct fault *f = w->fault;

	for (size_t at = RA_FIXED; is_type(pv, ICMP6_RA) && f->prefix != NULL && at < pv->data.n;
	     at += w->data[at + 1] * (size_t)ND_OPT_UNIT)
		if (w->data[at] == ND_OPT_PREFIX)
			f->prefix(w, w->data + at);
	w->n += is_type(pv, ICMP6_RA);
	return f->out == NULL || f->out(w, pv);
}

static struct nut *open_wrong(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct wrong *w = wrong_new(seed);
	const struct fault *f = ctx;

	(void)why;
	(void)size;
	w->fault = f;
	w->takes = is_ours;
	w->in = f->in;
	w->out = out;
	return w->nut;
}

/*
 * Faults of a router at a customer's edge.
 */

static uint32_t valid_s(const uint8_t *o)
{
	return get_be32(o + 4);
}

static void lifetimes(uint8_t *o, uint32_t valid, uint32_t preferred)
{
	put_be32(o + 4, valid);
	put_be32(o + 8, preferred);
}

static bool always_router(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_type(pv, ICMP6_RA))
		pv->param.v |= 2700;
	return true;
}

static bool never_router(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_type(pv, ICMP6_RA))
		pv->param.v &= ~UINT64_C(0xffff);
	return true;
}

static bool no_rs(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is_type(pv, ICMP6_RS);
}

/* Deaf to routers on the WAN. */
static void no_ra(struct wrong *w, struct pv *pv)
{
	if (!is_type(pv, ICMP6_RA))
		wrong_pass(w, pv);
}

static void no_final_ra(struct wrong *w, struct pv *pv)
{
	if (!is_type(pv, ICMP6_RA) || (pv->param.v & 0xffff) != 0)
		wrong_pass(w, pv);
}

static bool other_code(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_type(pv, ICMP6_UNREACH))
		pv->code.v = ICMP6_UNREACH_ADMIN;
	return true;
}

static void uncapped(struct wrong *w, uint8_t *o)
{
	(void)w;
	if (valid_s(o) == ND_VALID_LIMIT_S)
		lifetimes(o, 2592000, 604800);
}

static void stands_still(struct wrong *w, uint8_t *o)
{
	(void)w;
	if (valid_s(o) > 3000 && valid_s(o) < 3600)
		lifetimes(o, 3600, get_be32(o + 8));
}

static void stands_still_preferred(struct wrong *w, uint8_t *o)
{
	(void)w;
	if (valid_s(o) > 3000 && valid_s(o) < 3600)
		lifetimes(o, valid_s(o), 1800);
}

static void forgets(struct wrong *w, uint8_t *o)
{
	(void)w;
	if (valid_s(o) == 0)
		o[0] = UNKNOWN;
}

static void forgets_soon(struct wrong *w, uint8_t *o)
{
	if (valid_s(o) == 0 && w->n > 8)
		o[0] = UNKNOWN;
}

static void only_deprecates(struct wrong *w, uint8_t *o)
{
	(void)w;
	if (valid_s(o) == 0)
		lifetimes(o, 7200, 0);
}

static void other_flags(struct wrong *w, uint8_t *o)
{
	(void)w;
	if (valid_s(o) == 0)
		o[3] |= PIO_ON_LINK;
}

/*
 * Faults about new addresses.
 */

static bool is_news(const struct pv *pv)
{
	return is_type(pv, ICMP6_NA) && ip6_is_mcast(&pv->dst.a);
}

static bool tells_nobody(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is_news(pv);
}

static bool overrides(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_news(pv))
		pv->param.v |= NA_OVERRIDE;
	return true;
}

static bool solicited(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_news(pv))
		pv->param.v |= NA_SOLICITED;
	return true;
}

static bool tells_all(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_news(pv)) {
		pv->dst = IS_ADDR(all_nodes);
		pv->eth_dst.m.b[5] = 1;
	}
	return true;
}

static bool no_address(struct wrong *w, struct pv *pv)
{
	if (is_news(pv) && pv->data.n > IP6_ADDR_OCTETS)
		w->data[IP6_ADDR_OCTETS] = UNKNOWN;
	return true;
}

static void hears_no_news(struct wrong *w, struct pv *pv)
{
	if (!is_news(pv))
		wrong_pass(w, pv);
}

#define EDGE "rfc9096", NUT_ROUTER
#define HOST "rfc9131", NUT_HOST

/* clang-format off */
static const struct fault faults[] = {
	{ "none", EDGE, NULL, NULL, NULL, "" },
	{ "a default router all the same", EDGE, NULL, always_router, NULL,
	  "7084.4.1.a 7084.4.1.c 7084.4.3.a " },
	{ "never a default router", EDGE, NULL, never_router, NULL,
	  "7084.4.1.b 7084.4.1.c 9096.3.4.a " },
	{ "does not ask on the WAN", EDGE, NULL, no_rs, NULL, "7084.4.2.d " },
	{ "takes no routers", EDGE, NULL, NULL, no_ra, "7084.4.1.b 7084.4.1.c " },
	{ "does not see a router go", EDGE, NULL, NULL, no_final_ra, "7084.4.1.c " },
	{ "prohibits in place of refusing", EDGE, NULL, other_code, NULL, "7084.4.3.b " },
	{ "has no caps", EDGE, uncapped, NULL, NULL, "9096.3.4.a " },
	{ "a lifetime that does not run down", EDGE, stands_still, NULL, NULL, "9096.3.3.a " },
	{ "the other lifetime does not run down", EDGE, stands_still_preferred, NULL, NULL,
	  "9096.3.3.a " },
	{ "withdraws nothing", EDGE, forgets, NULL, NULL, "9096.3.5.a 9096.3.5.b " },
	{ "withdraws not long enough", EDGE, forgets_soon, NULL, NULL, "9096.3.5.b " },
	{ "only deprecates", EDGE, only_deprecates, NULL, NULL, "9096.3.5.a 9096.3.5.b " },
	{ "withdraws with other flags", EDGE, other_flags, NULL, NULL, "9096.3.5.a " },
	{ "none", HOST, NULL, NULL, NULL, "" },
	{ "tells nobody", HOST, NULL, tells_nobody, NULL, "9131.6.1.2.a " },
	{ "overrides", HOST, NULL, overrides, NULL, "9131.6.1.2.b " },
	{ "says that it was asked", HOST, NULL, solicited, NULL, "9131.6.1.2.b " },
	{ "tells all nodes", HOST, NULL, tells_all, NULL, "9131.6.1.2.a 9131.6.1.2.b " },
	{ "does not tell where", HOST, NULL, no_address, NULL, "9131.6.1.2.b " },
	{ "none", "rfc9131", NUT_ROUTER, NULL, NULL, NULL, "" },
	{ "hears no news", "rfc9131", NUT_ROUTER, NULL, NULL, hears_no_news, "9131.6.1.1.a " },
};
/* clang-format on */

static void run_on(const struct fault *fault, uint64_t seed, struct failed *f)
{
	struct fault ctx = *fault;
	struct run_conf conf = { .roles = fault->role,
				 .suite = fault->suite,
				 .nut_name = "wrong",
				 .seed = seed,
				 .open = open_wrong,
				 .ctx = &ctx };
	struct tally tally;

	failed_init(f, strlen(PREFIX));
	assert_int_equal(run_parts(&conf, &f->out, &tally), 0);
	assert_true(tally.n > 0);
}

static bool is_named(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		if (strstr(faults[i].caught, id + strlen(PREFIX)) != NULL)
			return true;
	return false;
}

static void test_wrong_devices(void **state)
{
	const struct suite *s;
	unsigned wrong = 0;
	struct failed f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		run_on(&faults[i], 1, &f);
		if (strcmp(f.ids, faults[i].caught) != 0) {
			print_error("\"%s\" is caught by: \"%s\"\n    not by: %s\n", faults[i].name,
				    f.ids, faults[i].caught);
			wrong++;
		}
		/* who tells nobody is asked for no more */
		assert_int_equal(f.skipped, faults[i].out == tells_nobody);
	}
	assert_int_equal(wrong, 0);
	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < s->n; k++)
			if ((strcmp(s->name, "rfc9096") == 0 || strcmp(s->name, "rfc9131") == 0) &&
			    !is_named(s->part[k].id))
				fail_msg("nobody is caught by %s", s->part[k].id);
}

/* The same with other chances. */
static void test_seeds(void **state)
{
	struct failed f;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++)
		for (size_t i = 0; i < ARRAY_LEN(faults); i++)
			if (strcmp(faults[i].name, "none") == 0) {
				run_on(&faults[i], seed, &f);
				assert_string_equal(f.ids, "");
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_devices),
		cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
