/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The suite about DNS options guarded: simulated nodes that are wrong on purpose, each by one thing that is
 * changed in the advertisements they hear or send, or in what they ask; each failed by the parts that
 * are about it and by no others. Each part is failed by one at least.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "conform/wrong.h"
#include "nd/opt.h"

#define PREFIX	     "rfc8106."
#define RA_FIXED     8
#define UNKNOWN	     200 /* an option of no meaning */
#define LIFETIME_OFF 4
#define BODY_OFF     8

struct fault {
	const char *name;
	/* Change an option of this type. */
	uint8_t type;
	void (*option)(struct wrong *w, uint8_t *p);
	bool (*out)(struct wrong *w, struct pv *pv); /* change a query; false: it is lost */
	enum nut_role role;
	const char *caught;
};

static bool is_ra(const struct pv *pv)
{
	return pv->kind == PV_ICMP6 && pv->type.v == ICMP6_RA;
}

static bool is_ours(const struct pv *pv)
{
	return is_ra(pv) || pv->kind == PV_UDP;
}

static void change(struct wrong *w, struct pv *pv)
{
	const struct fault *f = w->fault;
	size_t at = RA_FIXED;

	while (is_ra(pv) && f->option != NULL && at + 2 <= pv->data.n) {
		size_t n = w->data[at + 1] * (size_t)ND_OPT_UNIT;

		if (w->data[at] == f->type)
			f->option(w, w->data + at);
		at += n;
	}
	w->n += is_ra(pv);
}

static void in(struct wrong *w, struct pv *pv)
{
	change(w, pv);
	wrong_pass(w, pv);
}

static bool out(struct wrong *w, struct pv *pv)
{
	const struct fault *f = w->fault;

	change(w, pv);
	return f->out == NULL || pv->kind != PV_UDP || f->out(w, pv);
}

static struct nut *open_wrong(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct wrong *w = wrong_new(seed);
	const struct fault *f = ctx;

	(void)why;
	(void)size;
	w->fault = f;
	w->takes = is_ours;
	if (f->role == NUT_HOST && f->option != NULL)
		w->in = in;
	if (f->role == NUT_ROUTER || f->out != NULL)
		w->out = out;
	return w->nut;
}

/*
 * Faults.
 */

static uint32_t lifetime(const uint8_t *p)
{
	return get_be32(p + LIFETIME_OFF);
}

static void unread(struct wrong *w, uint8_t *p)
{
	(void)w;
	p[0] = UNKNOWN;
}

static void zero_unread(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (lifetime(p) == 0)
		p[0] = UNKNOWN;
}

static void for_ever(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (lifetime(p) != 0)
		put_be32(p + LIFETIME_OFF, ND_INFINITY);
}

static void infinity_short(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (lifetime(p) == ND_INFINITY)
		put_be32(p + LIFETIME_OFF, 86400);
}

static void swap(uint8_t *a, uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t c = a[i];

		a[i] = b[i];
		b[i] = c;
	}
}

/* The last server of an option comes first. */
static void reversed(struct wrong *w, uint8_t *p)
{
	size_t n = (p[1] - 1u) / 2;

	(void)w;
	if (n > 1)
		swap(p + BODY_OFF, p + BODY_OFF + (n - 1) * IP6_ADDR_OCTETS, IP6_ADDR_OCTETS);
}

static void two_kept(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (p[1] == 7)
		memcpy(p + BODY_OFF + 32, p + BODY_OFF + 16, IP6_ADDR_OCTETS);
}

static void half_taken(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (p[1] != 4)
		return;
	p[1] = 3;
	p[24] = UNKNOWN;
	p[25] = 1;
}

static void multicast_taken(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (p[1] == 5 && p[24] == 0xff)
		memcpy(p + 24, p + 8, IP6_ADDR_OCTETS);
}

static void names_swapped(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (memcmp(p + BODY_OFF, "\3one", 4) == 0)
		swap(p + BODY_OFF, p + BODY_OFF + 13, 4);
}

static void compressed_taken(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (p[BODY_OFF + 4] == 0xc0)
		memset(p + BODY_OFF + 4, 0, 4);
}

static void endless_taken(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (p[BODY_OFF + 4] == 63)
		memset(p + BODY_OFF + 4, 0, 4);
}

/* Only the first advertisement is read. */
static void second_unread(struct wrong *w, uint8_t *p)
{
	if (w->n > 0)
		p[0] = UNKNOWN;
}

static bool no_link_local(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !ip6_is_linklocal(&pv->dst.a);
}

/* Whatever is asked first is lost. */
static bool first_lost(struct wrong *w, struct pv *pv)
{
	(void)pv;
	return w->dead || !(w->dead = true);
}

static bool no_recursion(struct wrong *w, struct pv *pv)
{
	(void)pv;
	w->data[2] = 0;
	return true;
}

static bool asks_ipv4(struct wrong *w, struct pv *pv)
{
	w->data[pv->data.n - 3] = 1;
	return true;
}

static void lifetime_small(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (lifetime(p) == 1800)
		put_be32(p + LIFETIME_OFF, 1200);
}

static void lifetime_one(struct wrong *w, uint8_t *p)
{
	(void)w;
	if (lifetime(p) == 0)
		p[LIFETIME_OFF + 3] = 1;
}

static void padded_badly(struct wrong *w, uint8_t *p)
{
	(void)w;
	p[p[1] * 8 - 1] = 1;
}

#define ALL                                                                                        \
	"5.1.a 5.1.b 5.1.c 5.1.d 5.2.a 5.2.b 5.3.1.a 5.3.1.b 5.3.1.c 5.3.1.d 5.3.1.e 5.3.1.f "     \
	"5.3.1.g 5.3.1.h 5.3.1.i 6.1.a 6.1.b 6.2 "

static const struct fault faults[] = {
	{ "hears of no servers", ND_OPT_RDNSS, unread, NULL, NUT_HOST, ALL },
	{ "keeps who ceases", ND_OPT_RDNSS, zero_unread, NULL, NUT_HOST, "5.1.b " },
	{ "keeps servers for ever", ND_OPT_RDNSS, for_ever, NULL, NUT_HOST, "5.1.c 6.1.b " },
	{ "nothing is for ever", ND_OPT_RDNSS, infinity_short, NULL, NUT_HOST, "5.1.d " },
	{ "asks the last first", ND_OPT_RDNSS, reversed, NULL, NUT_HOST, "5.3.1.b 5.3.1.c " },
	{ "knows two", ND_OPT_RDNSS, two_kept, NULL, NUT_HOST, "5.3.1.c " },
	{ "takes half an address", ND_OPT_RDNSS, half_taken, NULL, NUT_HOST, "5.3.1.d " },
	{ "takes a group", ND_OPT_RDNSS, multicast_taken, NULL, NUT_HOST, "5.3.1.e " },
	{ "reads once", ND_OPT_RDNSS, second_unread, NULL, NUT_HOST, "5.1.b 6.1.a 6.1.b 6.2 " },
	{ "hears of no domains", ND_OPT_DNSSL, unread, NULL, NUT_HOST, "5.3.1.f 5.3.1.g " },
	{ "keeps what ceases", ND_OPT_DNSSL, zero_unread, NULL, NUT_HOST, "5.2.a " },
	{ "keeps domains for ever", ND_OPT_DNSSL, for_ever, NULL, NUT_HOST, "5.2.b " },
	{ "searches the second first", ND_OPT_DNSSL, names_swapped, NULL, NUT_HOST, "5.3.1.g " },
	{ "takes a pointer", ND_OPT_DNSSL, compressed_taken, NULL, NUT_HOST, "5.3.1.h " },
	{ "takes what has no end", ND_OPT_DNSSL, endless_taken, NULL, NUT_HOST, "5.3.1.i " },
	{ "asks nobody on the link", 0, NULL, no_link_local, NUT_HOST, "5.1.a " },
	{ "asks too late", 0, NULL, first_lost, NUT_HOST, "5.3.1.b 5.3.1.c " },
	{ "desires no recursion", 0, NULL, no_recursion, NUT_HOST, ALL },
	{ "asks for IPv4 only", 0, NULL, asks_ipv4, NUT_HOST, ALL },
	{ "tells of no servers", ND_OPT_RDNSS, unread, NULL, NUT_ROUTER, "5.1.e 5.1.f 5.1.g " },
	{ "tells the last first", ND_OPT_RDNSS, reversed, NULL, NUT_ROUTER, "5.1.e 5.1.g " },
	{ "tells for too short", ND_OPT_RDNSS, lifetime_small, NULL, NUT_ROUTER, "5.1.f " },
	{ "never withdraws", ND_OPT_RDNSS, lifetime_one, NULL, NUT_ROUTER, "5.1.g " },
	{ "tells of no domains", ND_OPT_DNSSL, unread, NULL, NUT_ROUTER, "5.2.c " },
	{ "pads with ones", ND_OPT_DNSSL, padded_badly, NULL, NUT_ROUTER, "5.2.c " },
};

static void run_on(const struct fault *fault, uint64_t seed, struct failed *f)
{
	struct fault ctx = *fault;
	const char *glob = PREFIX "*";
	struct run_conf conf = { .roles = fault->role,
				 .nut_name = "wrong",
				 .seed = seed,
				 .open = open_wrong,
				 .ctx = &ctx,
				 .globs = &glob,
				 .n_globs = 1 };
	struct tally tally;

	failed_init(f, strlen(PREFIX));
	assert_int_equal(run_parts(&conf, &f->out, &tally), 0);
	assert_true(tally.n > 0);
	assert_int_equal(f->skipped, 0);
}

static void test_wrong_devices(void **state)
{
	const char *caught[64];
	unsigned wrong = 0, n = 0;
	const struct suite *s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct failed f;

		run_on(&faults[i], 1, &f);
		if (strcmp(f.ids, faults[i].caught) != 0) {
			print_error("\"%s\" is caught by: \"%s\"\n    not by: %s\n", faults[i].name,
				    f.ids, faults[i].caught);
			wrong++;
		}
		for (unsigned k = 0; k < f.n && n < ARRAY_LEN(caught); k++) {
			bool known = false;

			for (unsigned j = 0; j < n; j++)
				known = known || caught[j] == f.id[k];
			if (!known)
				caught[n++] = f.id[k];
		}
	}
	assert_int_equal(wrong, 0);
	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		if (strcmp(s->name, "rfc8106") == 0)
			assert_int_equal(n, s->n);
}

/* The same with other chances. */
static void test_seeds(void **state)
{
	struct failed f;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		run_on(&(struct fault){ .role = NUT_HOST }, seed, &f);
		assert_string_equal(f.ids, "");
		run_on(&(struct fault){ .role = NUT_ROUTER }, seed, &f);
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
