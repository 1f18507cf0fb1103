/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The runner: workers and their deaths, the order of what is told, interrupts, lists of what is
 * known to fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conform/odd.h"
#include "conform/xfail.h"

static void test_same_bytes(void **state)
{
	static const unsigned jobs[] = { 1, 2, 4, 64 };
	struct run_conf conf = conf_of(*state, 0);
	struct tally tally, want;
	char *serial = json_of(&conf, &want);

	assert_int_equal(want.n, run_count(&conf));
	assert_true(run_ok(&want));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		char *text;

		conf.jobs = jobs[i];
		text = json_of(&conf, &tally);
		assert_string_equal(text, serial);
		assert_memory_equal(&tally, &want, sizeof(tally));
		free(text);
	}
	free(serial);
}

/* As many devices as workers are there at one time, and no more. */
static void test_side_by_side(void **state)
{
	struct shared *shared = *state;
	struct run_conf conf = conf_of(shared, 4);
	struct tally tally;

	*shared = (struct shared){ .meet = 4 };
	free(json_of(&conf, &tally));
	assert_true(run_ok(&tally));
	assert_int_equal(shared->opened, tally.n);
	assert_int_equal(shared->closed, tally.n);
}

static void test_death(void **state)
{
	static const struct {
		int how;
		const char *why;
	} rows[] = {
		{ SIGKILL, "the process of this part was ended by signal 9 (Killed)" },
		{ 0, "the process of this part ended before its time, status 3" },
	};
	struct shared *shared = *state;
	struct run_conf conf = conf_of(shared, 1);
	struct told good, t;

	good = run_and_note(&conf, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		*shared = (struct shared){ .dies_at = 4, .how = rows[i].how };
		t = run_and_note(&conf, 0);
		assert_int_equal(t.n, good.n);
		for (unsigned k = 0; k < t.n; k++) {
			assert_ptr_equal(t.part[k], good.part[k]);
			assert_int_equal(t.verdict[k], k == 3 ? VERDICT_ERROR : good.verdict[k]);
		}
		assert_string_equal(t.why[3], rows[i].why);
		assert_int_equal(shared->closed, t.n - 1);
	}
}

/* Whichever it is of several: one ERROR, the others are told in order. */
static void test_death_beside_others(void **state)
{
	struct shared *shared = *state;
	struct run_conf conf = conf_of(shared, 4);
	struct told t;
	unsigned errors = 0;

	*shared = (struct shared){ .dies_at = 2, .how = SIGSEGV };
	signal(SIGSEGV, SIG_DFL); /* not the sanitizer's */
	t = run_and_note(&conf, 0);
	assert_int_equal(t.n, run_count(&conf));
	for (unsigned k = 0; k < t.n; k++)
		errors += t.verdict[k] == VERDICT_ERROR;
	assert_int_equal(errors, 1);
	assert_int_equal(t.done, t.n - 1); /* the last tick is before the last result */
	assert_true(t.ticks > 0 && t.running == 4);
}

/* A script of its device's, say: nothing of a dead worker's goes on. */
static void test_death_of_all(void **state)
{
	struct shared *shared = *state;
	struct run_conf conf = conf_of(shared, 1);
	struct pollfd p;
	int fd[2];

	*shared = (struct shared){ .dies_at = 1, .how = SIGKILL, .leaves_one = true };
	assert_int_equal(pipe(fd), 0);
	run_and_note(&conf, 0);
	close(fd[1]);
	p = (struct pollfd){ .fd = fd[0] };
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1); /* the last one who could write has gone */
	assert_true((p.revents & POLLHUP) != 0);
	close(fd[0]);
}

static void test_cannot_open(void **state)
{
	struct shared *shared = *state;

	for (unsigned jobs = 0; jobs <= 2; jobs += 2) {
		struct run_conf conf = conf_of(shared, jobs);
		struct told t;
		unsigned found = 0;

		*shared = (struct shared){ .error_at = 2 };
		t = run_and_note(&conf, 0);
		for (unsigned k = 0; k < t.n; k++)
			found += t.verdict[k] == VERDICT_ERROR &&
				 strcmp(t.why[k], "the moon is too full") == 0;
		assert_int_equal(found, 1);
	}
}

/* Of real-time devices that wait for seconds: all are closed, nothing unfinished is told. */
static void test_interrupt(void **state)
{
	struct shared *shared = *state;
	struct run_conf conf = conf_of(shared, 4);
	struct told t;
	pid_t helper;

	*shared = (struct shared){ .dead = true };
	conf.roles = NUT_HOST;
	conf.signals = true;
	helper = fork();
	if (helper == 0) {
		for (unsigned i = 0; get(&shared->opened) < 4 && i < PATIENCE_MS; i++)
			nap(1);
		kill(getppid(), SIGINT);
		_exit(0);
	}
	t = run_and_note(&conf, -EINTR);
	assert_int_equal(waitpid(helper, NULL, 0), helper);
	assert_int_equal(t.n, 0);
	assert_int_equal(shared->opened, 4);
	assert_int_equal(shared->closed, 4);
	assert_true(shared->waits < 4 * 50); /* five seconds each, before a part begins */
}

static int xfail_of(struct xfail *x, const char *text, char *why)
{
	FILE *f = fmemopen((char *)text, strlen(text), "r");
	int rc;

	assert_non_null(f);
	rc = xfail_read(x, f, "list", why, 200);
	fclose(f);
	return rc;
}

static void test_xfail_lines(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "\n  \n# v6lc.none\n#\n", NULL },
		{ "v6lc.1.1.8 bug 7\n", NULL },
		{ "\t v6lc.1.1.8\trouter  bug 7", NULL },
		{ "v6lc.1.1.8 host a\nv6lc.1.1.8 router b\r\n", NULL },
		{ "v6lc.none bug 7\n", "list:1: there is no part \"v6lc.none\"" },
		{ "\nv6lc.1.1.8\n", "list:2: v6lc.1.1.8: say why it fails, behind its name" },
		{ "v6lc.1.1.8 host \n", "list:1: v6lc.1.1.8: say why it fails, behind its name" },
		{ "#\n\nv6lc.1.1.9 host bug\n", "list:3: v6lc.1.1.9 is not for a host" },
		{ "v6lc.1.1.8 a\nv6lc.1.1.8 router b\n",
		  "list:2: v6lc.1.1.8 is in line 1 already" },
	};
	struct xfail x;
	char why[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int rc = xfail_of(&x, rows[i].text, why);

		assert_int_equal(rc, rows[i].why != NULL ? -EINVAL : 0);
		if (rows[i].why != NULL)
			assert_string_equal(why, rows[i].why);
		xfail_done(&x);
	}
	assert_int_equal(xfail_of(&x, rows[2].text, why), 0);
	assert_string_equal(xfail_reason(&x, x.row[0].part, NUT_ROUTER), "bug 7");
	assert_null(xfail_reason(&x, x.row[0].part, NUT_HOST));
	xfail_done(&x);
}

/* Only PASS and FAIL become something else. */
static void test_xfail_verdicts(void **state)
{
	static const char *const glob[] = { "v6lc.1.1.8" };
	struct shared *shared = *state;
	struct run_conf conf = conf_of(shared, 1);
	struct xfail x;
	struct told t;
	char why[200];

	conf.globs = glob;
	conf.xfail = &x;
	assert_int_equal(xfail_of(&x, "v6lc.1.1.8 host bug 7\n", why), 0);
	t = run_and_note(&conf, 0); /* it passes */
	assert_int_equal(t.n, 2);
	assert_int_equal(t.verdict[0], VERDICT_FAIL);
	assert_string_equal(t.why[0], "expected to fail (bug 7), but passes: take it off the list");
	assert_int_equal(t.verdict[1], VERDICT_PASS); /* the router is not on the list */
	*shared = (struct shared){ .deaf = true };
	conf.roles = NUT_HOST;
	t = run_and_note(&conf, 0); /* it fails */
	assert_int_equal(t.verdict[0], VERDICT_XFAIL);
	assert_int_equal(strncmp(t.why[0], "expected to fail: bug 7\nexpected on link B", 42), 0);
	*shared = (struct shared){ .error_at = 1 };
	t = run_and_note(&conf, 0); /* nobody knows */
	assert_int_equal(t.verdict[0], VERDICT_ERROR);
	assert_string_equal(t.why[0], "the moon is too full");
	xfail_done(&x);
}

/* A capture is that of the part, whichever worker ran it. */
static void test_captures(void **state)
{
	static const char name[] = "v6lc.1.1.8-host.pcapng";
	struct run_conf conf = conf_of(*state, 0);
	char dir[] = "/tmp/inaba-run-XXXXXX", path[64];
	uint8_t *p[2];
	size_t n[2];

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	conf.globs = (const char *const[]){ "v6lc.1.1.8" };
	conf.roles = NUT_HOST;
	conf.pcap_dir = dir;
	for (unsigned i = 0; i < 2; i++) {
		conf.jobs = i;
		run_and_note(&conf, 0);
		p[i] = read_file(path, &n[i]);
		unlink(path);
	}
	assert_int_equal(n[0], n[1]);
	assert_true(n[0] > 1000);
	assert_memory_equal(p[0], p[1], n[0]);
	free(p[0]);
	free(p[1]);
	rmdir(dir);
	run_and_note(&conf, -ENOENT);
}

/* The last line of a terminal; nothing of it anywhere else. */
static void test_progress_line(void **state)
{
	const struct suite *s = suite_get(0);
	const struct job job = { s, &s->part[0], NUT_HOST };
	static const struct {
		unsigned failed, left_s, running;
		const char *want;
	} rows[] = {
		{ 0, 0, 0, "\r\033[K  3 of 40 done" },
		{ 2, 99, 1, "\r\033[K  3 of 40 done, 2 failed, 99 s left, now: v6lc.1.1.1" },
		{ 0, 181, 9,
		  "\r\033[K  3 of 40 done, 4 min left, now: v6lc.1.1.1 v6lc.1.1.1 v6lc.1.1.1 v6lc.1.1.1" },
	};

	(void)state;
	for (unsigned i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		unsigned k = i / 2;
		struct progress p = { .done = 3,
				      .n_parts = 40,
				      .failed = rows[k].failed,
				      .n_running = rows[k].running,
				      .left_s = rows[k].left_s };
		char *text = NULL;
		size_t n;
		FILE *f = open_memstream(&text, &n);
		struct out o;

		assert_non_null(f);
		for (unsigned j = 0; j < p.n_running; j++)
			p.running[j] = &job;
		out_table_init(&o, f, i % 2 == 0);
		o.tick(&o, &p);
		fclose(f);
		assert_string_equal(text, i % 2 == 0 ? rows[k].want : "");
		free(text);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_same_bytes),	   TEST(test_side_by_side),
		TEST(test_death),	   TEST(test_death_beside_others),
		TEST(test_death_of_all),   TEST(test_cannot_open),
		TEST(test_interrupt),	   TEST(test_xfail_lines),
		TEST(test_xfail_verdicts), TEST(test_captures),
		TEST(test_progress_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
