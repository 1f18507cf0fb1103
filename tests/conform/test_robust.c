/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The robustness suites, guarded by devices that lack one check each (robust_faults.h): simulated
 * nodes behind something that changes what goes in, or keeps back what comes out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conform/run.h"
#include "robust_faults.h"

struct wrong {
	struct nut nut;
	struct nut_ops ops;
	struct nut *inner;
	const struct fault *fault;
};

static struct nut *inner(struct nut *nut)
{
	return CONTAINER_OF(nut, struct wrong, nut)->inner;
}

static int wrong_start(struct nut *nut, enum nut_role role)
{
	return inner(nut)->ops->start(inner(nut), role);
}

static void wrong_stop(struct nut *nut)
{
	inner(nut)->ops->stop(inner(nut));
}

static int wrong_addr(struct nut *nut, enum nut_link link, const struct ip6_addr *a, unsigned len)
{
	return inner(nut)->ops->addr(inner(nut), link, a, len);
}

static int wrong_route(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
		       unsigned len, const struct ip6_addr *via)
{
	return inner(nut)->ops->route(inner(nut), link, dst, len, via);
}

static int wrong_advertise(struct nut *nut, enum nut_link link, const struct nd_adv *adv)
{
	return inner(nut)->ops->advertise(inner(nut), link, adv);
}

static struct mac wrong_mac(struct nut *nut, enum nut_link link)
{
	return inner(nut)->ops->mac(inner(nut), link);
}

static time_ns wrong_now(struct nut *nut)
{
	return inner(nut)->ops->now(inner(nut));
}

static void wrong_send(struct nut *nut, enum nut_link link, const uint8_t *p, size_t octets)
{
	const struct fault *fault = CONTAINER_OF(nut, struct wrong, nut)->fault;
	uint8_t copy[PV_FRAME_MAX], mended[PV_FRAME_MAX];
	struct pv pv;

	memcpy(copy, p, octets);
	if (fault->in != NULL && pv_decode(copy, octets, &pv) && fault->in(&pv)) {
		if (pv.kind != PV_RAW)
			pv.csum.set = false;
		octets = pv_build(&pv, mended, sizeof(mended));
		p = mended;
	}
	if (octets > 0)
		inner(nut)->ops->send(inner(nut), link, p, octets);
}

static bool wrong_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	const struct fault *fault = CONTAINER_OF(nut, struct wrong, nut)->fault;
	struct pv pv;

	while (inner(nut)->ops->recv(inner(nut), until, ret))
		if (fault->mute == NULL || !pv_decode(ret->p, ret->octets, &pv) ||
		    !fault->mute(&pv))
			return true;
	return false;
}

static void wrong_close(struct nut *nut)
{
	inner(nut)->ops->close(inner(nut));
	free(CONTAINER_OF(nut, struct wrong, nut));
}

static struct nut *open_wrong(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct wrong *w = calloc(1, sizeof(*w));

	(void)why;
	(void)size;
	assert_non_null(w);
	w->ops = (struct nut_ops){ .name = "wrong",
				   .virtual_time = true,
				   .start = wrong_start,
				   .stop = wrong_stop,
				   .addr = wrong_addr,
				   .route = wrong_route,
				   .advertise = wrong_advertise,
				   .mac = wrong_mac,
				   .send = wrong_send,
				   .recv = wrong_recv,
				   .now = wrong_now,
				   .close = wrong_close };
	w->inner = nut_sim_new(seed);
	w->nut.ops = &w->ops;
	w->nut.has = w->inner->has;
	w->fault = ctx;
	return &w->nut;
}

/* Nothing ever comes out. */
static bool all(const struct pv *pv)
{
	(void)pv;
	return true;
}

/* Writes down who failed. */
struct failed {
	struct out out;
	const char *id[256];
	unsigned n, passed, others;
};

static void note(struct out *o, const struct result *r)
{
	struct failed *f = CONTAINER_OF(o, struct failed, out);

	if (r->verdict == VERDICT_FAIL)
		f->id[f->n++] = r->part->id;
	else if (r->verdict == VERDICT_PASS)
		f->passed++;
	else
		f->others++;
}

static void run_with(struct failed *f, const struct fault *fault, unsigned roles)
{
	static const char *const glob = "robust.*";
	struct fault copy = *fault;
	struct run_conf conf = { .roles = roles,
				 .globs = &glob,
				 .n_globs = 1,
				 .nut_name = "wrong",
				 .seed = 1,
				 .open = open_wrong,
				 .ctx = &copy };
	struct tally tally;

	*f = (struct failed){ .out = { .part = note } };
	assert_int_equal(run_parts(&conf, &f->out, &tally), 0);
	assert_int_equal(f->others, 0);
}

static void check(const struct fault *fault)
{
	struct failed f;
	unsigned n = 0;

	run_with(&f, fault, fault->role);
	while (n < CAUGHT_MAX && fault->caught_by[n] != NULL) {
		if (n >= f.n || strcmp(f.id[n], fault->caught_by[n]) != 0)
			fail_msg("%s: not caught by %s", fault->name, fault->caught_by[n]);
		n++;
	}
	if (f.n != n)
		fail_msg("%s: %s fails too", fault->name, f.id[n]);
}

static void test_wrong_devices(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_faults_nd; i++)
		check(&faults_nd[i]);
	for (size_t i = 0; i < n_faults_ip; i++)
		check(&faults_ip[i]);
}

/* Nothing passes, not even silence: it is expected only of what was proven alive before. */
static void test_dead_device(void **state)
{
	static const struct fault dead = { .name = "dead", .mute = all };
	struct failed f;

	(void)state;
	run_with(&f, &dead, NUT_BOTH);
	assert_int_equal(f.passed, 0);
	assert_true(f.n > 200);
}

static struct nut *open_sim(void *ctx, uint64_t seed, char *why, size_t size)
{
	(void)ctx;
	(void)why;
	(void)size;
	return nut_sim_new(seed);
}

static void complain(struct out *o, const struct result *r)
{
	(void)o;
	if (r->verdict != VERDICT_PASS)
		print_error("%s as a %s: %s\n%s\n", r->part->id, nut_role_name(r->role),
			    verdict_name(r->verdict), r->why != NULL ? r->why : "");
}

/* Our node, whatever chance says. */
static void test_all_pass(void **state)
{
	static const char *const glob = "robust.*";

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct run_conf conf = { .roles = NUT_BOTH,
					 .globs = &glob,
					 .n_globs = 1,
					 .nut_name = "sim",
					 .seed = seed,
					 .open = open_sim };
		struct out o = { .part = complain };
		struct tally tally;

		assert_int_equal(run_parts(&conf, &o, &tally), 0);
		assert_true(tally.n > 200);
		assert_int_equal(tally.by[VERDICT_PASS], tally.n);
	}
}

/* Ids: none twice, in whatever suite, and all of the form robust.RFC.SECTION.LETTER. */
static void test_ids(void **state)
{
	const char *ids[256];
	const struct suite *s;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; (s = suite_get(i)) != NULL; i++) {
		if (strncmp(s->name, "robust-", 7) != 0)
			continue;
		for (size_t k = 0; k < s->n; k++) {
			const char *id = s->part[k].id, *end = strrchr(id, '.');

			assert_true(n < ARRAY_LEN(ids));
			assert_int_equal(strncmp(id, "robust.", 7), 0);
			assert_int_equal(strspn(id + 7, "0123456789."), end + 1 - (id + 7));
			assert_true(end[1] >= 'a' && end[1] <= 'z' && end[2] == '\0');
			for (size_t j = 0; j < n; j++)
				assert_string_not_equal(id, ids[j]);
			ids[n++] = id;
		}
	}
	assert_int_equal(n, 142);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_devices),
		cmocka_unit_test(test_dead_device),
		cmocka_unit_test(test_all_pass),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
