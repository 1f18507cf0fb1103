/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs that go on where another one ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <signal.h>
#include <unistd.h>

#include "conform/odd.h"
#include "conform/resume.h"

static int try_open(struct resume *r, const struct run_conf *conf, const char *path, char *why)
{
	int rc = resume_open(r, conf, path, why, 200);

	if (rc == 0)
		resume_close(r);
	return rc;
}

/* Results of a part of the selection are there already: all is told, the rest is run. */
static void test_resume(void **state)
{
	static const char *const first[] = { "v6lc.1.1.4.*", "v6lc.1.1.8" };
	struct shared *shared = *state;
	struct run_conf conf = conf_of(shared, 2);
	struct tally tally;
	struct resume resume;
	char path[32], why[200], *plain = json_of(&conf, &tally), *text;
	unsigned done;

	temp_file(path);
	conf.resume = &resume;
	conf.globs = first;
	conf.n_globs = 2;
	assert_int_equal(resume_open(&resume, &conf, path, why, sizeof(why)), 0);
	free(json_of(&conf, &tally));
	done = tally.n;
	assert_int_equal(try_open(&(struct resume){ 0 }, &conf, path, why), -EWOULDBLOCK);
	assert_string_equal(why, "another run is using it");
	resume_close(&resume);

	conf.globs = header;
	conf.n_globs = 1;
	for (unsigned jobs = 0; jobs <= 2; jobs += 2) { /* the second time nothing is left to do */
		*shared = (struct shared){ 0 };
		conf.jobs = jobs;
		assert_int_equal(resume_open(&resume, &conf, path, why, sizeof(why)), 0);
		assert_int_equal(resume.n_kept, jobs == 0 ? done : tally.n);
		text = json_of(&conf, &tally);
		resume_close(&resume);
		assert_string_equal(text, plain);
		assert_int_equal(shared->opened, jobs == 0 ? tally.n - done : 0);
		free(text);
	}
	free(plain);
	unlink(path);
}

/* Cut off anywhere in its last entry, the file gives all the others. */
static void test_resume_torn(void **state)
{
	static const char *const first[] = { "v6lc.1.1.4.*" };
	struct run_conf conf = conf_of(*state, 1);
	struct resume resume;
	struct tally tally;
	char path[32], why[200];
	uint8_t *all;
	size_t n, last;

	temp_file(path);
	conf.globs = first;
	conf.resume = &resume;
	assert_int_equal(resume_open(&resume, &conf, path, why, sizeof(why)), 0);
	free(json_of(&conf, &tally));
	resume_close(&resume);
	all = read_file(path, &n);
	assert_int_equal(resume_open(&resume, &conf, path, why, sizeof(why)), 0);
	assert_int_equal(resume.n_kept, 3);
	last = resume.kept[2].entry.left;
	resume_close(&resume);
	for (size_t cut = 1; cut <= last; cut += cut < 20 ? 1 : 37) {
		write_file(path, all, n - cut);
		assert_int_equal(resume_open(&resume, &conf, path, why, sizeof(why)), 0);
		assert_int_equal(resume.n_kept, 2);
		assert_int_equal(resume.torn, last - cut);
		assert_int_equal(resume.size, n - last);
		((struct shared *)*state)->opened = 0;
		free(json_of(&conf, &tally));
		assert_int_equal(((struct shared *)*state)->opened, 1);
		resume_close(&resume);
		assert_int_equal(resume_open(&resume, &conf, path, why, sizeof(why)), 0);
		assert_int_equal(resume.torn, 0);
		assert_int_equal(resume.n_kept, 3);
		resume_close(&resume);
	}
	for (size_t keep = 0; keep < 30; keep++) { /* not even the header was written */
		write_file(path, all, keep);
		assert_int_equal(try_open(&resume, &conf, path, why), 0);
	}
	free(all);
	unlink(path);
}

static void test_resume_refused(void **state)
{
	struct run_conf conf = conf_of(*state, 1), other;
	struct resume resume;
	char path[32], why[200];

	temp_file(path);
	assert_int_equal(try_open(&resume, &conf, path, why), 0);
	assert_int_equal(try_open(&resume, &conf, path, why), 0);
	other = conf;
	other.version = "2";
	assert_int_equal(try_open(&resume, &other, path, why), -EINVAL);
	assert_string_equal(why, "its results are of version 1 of this program, not 2");
	other = conf;
	other.nut_name = "even";
	assert_int_equal(try_open(&resume, &other, path, why), -EINVAL);
	assert_string_equal(why, "its results are of the device odd, not even");
	other = conf;
	other.seed = 2;
	assert_int_equal(try_open(&resume, &other, path, why), -EINVAL);
	assert_string_equal(why, "its results are of seed 1, not 2");
	other = conf;
	other.roles = NUT_HOST;
	assert_int_equal(try_open(&resume, &other, path, why), -EINVAL);
	assert_string_equal(why, "its results are of a run with --role both, not host");
	write_file(path, "IJ", 2); /* a part of a header, and no more */
	assert_int_equal(try_open(&resume, &conf, path, why), 0);
	write_file(path, "IJKL", 4);
	assert_int_equal(try_open(&resume, &conf, path, why), -EBADMSG);
	assert_string_equal(why, "this is no file of --resume");
	write_file(path, "IJ1H but not that of a run", 26);
	assert_int_equal(try_open(&resume, &conf, path, why), -EBADMSG);
	unlink(path);
	assert_int_equal(try_open(&resume, &conf, "/dev/null", why), -EBADMSG);
	assert_int_equal(try_open(&resume, &conf, "/dev/null/x", why), -ENOTDIR);
}

/* What was our fault is tried again, and then it counts. */
static void test_resume_errors(void **state)
{
	struct shared *shared = *state;
	struct run_conf conf = conf_of(shared, 1);
	struct resume resume;
	char path[32], why[200];
	unsigned n;

	temp_file(path);
	conf.resume = &resume;
	*shared = (struct shared){ .dies_at = 2, .how = SIGKILL, .error_at = 3 };
	assert_int_equal(resume_open(&resume, &conf, path, why, sizeof(why)), 0);
	n = run_and_note(&conf, 0).n;
	resume_close(&resume);
	for (unsigned left = 2; left <= 2; left -= 2) {
		struct told t;

		*shared = (struct shared){ 0 };
		assert_int_equal(resume_open(&resume, &conf, path, why, sizeof(why)), 0);
		t = run_and_note(&conf, 0);
		resume_close(&resume);
		assert_int_equal(shared->opened, left);
		assert_int_equal(t.n, n);
		for (unsigned i = 0; i < n; i++)
			assert_int_not_equal(t.verdict[i], VERDICT_ERROR);
	}
	unlink(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_resume),
		TEST(test_resume_torn),
		TEST(test_resume_refused),
		TEST(test_resume_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
