/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random worlds from seeds: however bad it was, when the trouble ends every host is configured and
 * reaches every other. CHAOS_WORLDS says how many (300), CHAOS_FIRST from which seed (1); or
 * CHAOS_SEED runs one and leaves its story and its capture in the present folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/chaos.h"

#define WORLDS	   300
#define FILE_LIMIT (64u << 20)

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL && text[0] != '\0' ? strtoull(text, NULL, 0) : otherwise;
}

static void print_failure(const struct chaos_verdict *v)
{
	print_message("# seed %llu: %u wires, %u routers, %u hosts, calm from %.3f s: at %.3f s %s "
		      "(%u findings)\n# replay: CHAOS_SEED=%llu tests/sim_test_chaos\n",
		      (unsigned long long)v->seed, v->n_wires, v->n_routers, v->n_hosts,
		      (double)v->calm / 1e9, (double)v->when / 1e9, v->what, v->n_failures,
		      (unsigned long long)v->seed);
}

static FILE *open_for(uint64_t seed, const char *suffix)
{
	char name[80];
	FILE *f;

	snprintf(name, sizeof(name), "chaos-%llu.%s", (unsigned long long)seed, suffix);
	f = fopen(name, "wb");
	assert_non_null(f);
	print_message("# %s\n", name);
	return f;
}

static void one_world(uint64_t seed)
{
	struct chaos_conf conf = { .seed = seed,
				   .story = open_for(seed, "txt"),
				   .capture = open_for(seed, "pcapng") };
	struct chaos_verdict v;

	chaos_run(&conf, &v);
	assert_int_equal(fclose(conf.story), 0);
	assert_int_equal(fclose(conf.capture), 0);
	if (!v.ok)
		print_failure(&v);
	assert_true(v.ok);
}

static void all_end_well(void **state)
{
	uint64_t first = number("CHAOS_FIRST", 1), worlds = number("CHAOS_WORLDS", WORLDS);
	unsigned bad = 0, troubles = 0;
	uint64_t frames = 0;
	double lived_s = 0;

	(void)state;
	if (number("CHAOS_SEED", 0) != 0) {
		one_world(number("CHAOS_SEED", 0));
		return;
	}
	for (uint64_t seed = first; seed < first + worlds; seed++) {
		struct chaos_verdict v;

		if (!chaos_run(&(struct chaos_conf){ .seed = seed }, &v)) {
			print_failure(&v);
			bad++;
		}
		frames += v.frames;
		troubles += v.n_troubles;
		lived_s += (double)v.end / 1e9;
	}
	print_message(
		"# %llu worlds, %u troubles, %llu frames in %.0f s of virtual time: %u failed\n",
		(unsigned long long)worlds, troubles, (unsigned long long)frames, lived_s, bad);
	assert_int_equal(bad, 0);
}

static size_t captured(uint64_t seed, char *octets, size_t room, struct chaos_verdict *v)
{
	FILE *f = tmpfile();
	size_t n;

	assert_non_null(f);
	chaos_run(&(struct chaos_conf){ .seed = seed, .capture = f }, v);
	rewind(f);
	n = fread(octets, 1, room, f);
	assert_int_equal(ferror(f), 0);
	assert_true(n < room);
	fclose(f);
	return n;
}

/* The captures of two runs are the same octets; and watching changes nothing. */
static void replays(void **state)
{
	char *a = malloc(FILE_LIMIT), *b = malloc(FILE_LIMIT);
	struct chaos_verdict va, vb, unseen;
	size_t n, m;

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	n = captured(7, a, FILE_LIMIT, &va);
	m = captured(7, b, FILE_LIMIT, &vb);
	assert_true(n > 100000);
	assert_int_equal(n, m);
	assert_memory_equal(a, b, n);
	chaos_run(&(struct chaos_conf){ .seed = 7 }, &unseen);
	assert_int_equal(unseen.frames, va.frames);
	assert_int_equal(unseen.end, va.end);
	m = captured(8, b, FILE_LIMIT, &vb);
	assert_true(n != m || memcmp(a, b, n) != 0);
	free(a);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replays),
		cmocka_unit_test(all_end_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
