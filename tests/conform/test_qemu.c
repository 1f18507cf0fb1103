/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Machines, from outside: QEMU is played by a script, which answers with what the test has laid out,
 * or misbehaves. Its descriptors are those of QEMU: 3 is the second serial port.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conform/guest.h"
#include "conform/journal.h"
#include "conform/odd.h"
#include "conform/qemu.h"
#include "conform/work.h"

#define VERSION "1"

/* "$D" is the test's folder, in which "hello" is the greeting and each job a file. */
#define PROLOGUE                                                                                   \
	"#!/bin/sh\nD=${0%/*}\necho $$ >>\"$D/boots\"\nprintf '%s\\n' \"$@\" >\"$D/args\"\n"
#define GREETS "cat \"$D/hello\" >&3\n"
#define SERVES "while read -r line <&3; do cat \"$D/$line\" >&3; done\n"
#define HANGS  "exec sleep 1000\n"

struct fake {
	char dir[32], program[64];
	struct qemu_conf conf;
	struct qemu *q;
	int stop[2]; /* the test's side, and the machine's */
	struct shared *shared;
};

static const char *path_of(const struct fake *f, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return path;
}

static struct job job_of(const char *id, enum nut_role role)
{
	const struct suite *s;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < s->n; k++)
			if (strcmp(s->part[k].id, id) == 0)
				return (struct job){ s, &s->part[k], role };
	fail();
	return (struct job){ 0 };
}

static struct job first_job(void)
{
	return job_of("v6lc.1.1.1", NUT_HOST);
}

/* What the script says to a request for @job. */
static void lay_out(const struct fake *f, const struct job *job)
{
	static const struct record none;
	struct result r = { .suite = job->suite,
			    .part = job->part,
			    .role = job->role,
			    .verdict = VERDICT_PASS,
			    .record = &none };
	char name[128];
	size_t octets;
	uint8_t *entry = journal_pack(&r, &octets);

	snprintf(name, sizeof(name), "%s %s %s", job->suite->name, job->part->id,
		 nut_role_name(job->role));
	write_file(path_of(f, name), entry, octets);
	free(entry);
}

static void lay_out_greeting(const struct fake *f, const char *version)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof(buf));
	struct journal_header h = { .version = rd_of(version, strlen(version)),
				    .nut = rd_of("6.1", 3) };

	journal_put_header(&w, &h);
	write_file(path_of(f, "hello"), buf, wr_len(&w));
}

static void script(struct fake *f, const char *text)
{
	char all[2048];
	int n = snprintf(all, sizeof(all), "%s%s", PROLOGUE, text);

	write_file(f->program, all, (size_t)n);
	assert_int_equal(chmod(f->program, 0700), 0);
}

static int fake_setup(void **state)
{
	struct fake *f = calloc(1, sizeof(*f));
	void *shared;

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/inaba-qemu.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->program, sizeof(f->program), "%s/qemu", f->dir);
	f->conf = (struct qemu_conf){ .program = f->program,
				      .kernel = open("/dev/null", O_RDONLY | O_CLOEXEC),
				      .initrd = open("/dev/zero", O_RDONLY | O_CLOEXEC),
				      .version = VERSION,
				      .seed = 7,
				      .boot_within = 20 * NS_PER_S,
				      .part_within = 20 * NS_PER_S };
	f->q = qemu_new(&f->conf);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f->stop), 0);
	lay_out_greeting(f, VERSION);
	for (unsigned role = NUT_HOST; role <= NUT_ROUTER; role++) {
		struct job job = first_job();

		job.role = (enum nut_role)role;
		lay_out(f, &job);
	}
	assert_int_equal(setup(&shared), 0);
	f->shared = shared;
	*state = f;
	return 0;
}

static int fake_teardown(void **state)
{
	struct fake *f = *state;
	char rm[64];

	qemu_free(f->q);
	qemu_unprepare(&f->conf);
	for (int i = 0; i < 2; i++)
		close(f->stop[i]);
	snprintf(rm, sizeof(rm), "rm -rf %s", f->dir);
	assert_int_equal(system(rm), 0); /* NOLINT(cert-env33-c): of our own name */
	teardown((void **)&f->shared);
	free(f);
	return 0;
}

/* One part: its verdict, and why into @why. */
static enum verdict part(struct fake *f, const struct job *job, char why[512])
{
	size_t octets;
	uint8_t *entry = qemu_part(f->q, job, f->stop[1], &octets);
	struct rd in = rd_of(entry, octets);
	struct journal_entry e;
	struct journal_result r;

	assert_non_null(entry);
	assert_int_equal(journal_next(&in, &e), 1);
	assert_int_equal(in.left, 0);
	assert_true(journal_get_result(e.body, &r));
	assert_true(journal_is(r.id, job->part->id));
	snprintf(why, 512, "%.*s", (int)r.why.left, (const char *)r.why.p);
	free(entry);
	return r.verdict;
}

static void passes(struct fake *f)
{
	struct job job = first_job();
	char why[512];

	if (part(f, &job, why) != VERDICT_PASS)
		fail_msg("%s", why);
}

static void is_error(struct fake *f, const char *want)
{
	struct job job = first_job();
	char why[512];

	assert_int_equal(part(f, &job, why), VERDICT_ERROR);
	if (strstr(why, want) == NULL)
		fail_msg("not \"%s\" but: %s", want, why);
}

/* Lines of a file; the last one as a number. */
static unsigned lines(const struct fake *f, const char *name, int *last)
{
	FILE *in = fopen(path_of(f, name), "r");
	char line[64];
	unsigned n = 0;

	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL) {
		n++;
		*last = atoi(line);
	}
	fclose(in);
	return n;
}

static void boots(const struct fake *f, unsigned n)
{
	int last;

	assert_int_equal(lines(f, "boots", &last), n);
}

/* The machine that was last is no more. */
static void is_gone(const struct fake *f)
{
	int pid = 0;

	lines(f, "boots", &pid);
	assert_true(pid > 1);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void test_one_machine(void **state)
{
	struct fake *f = *state;

	script(f, GREETS SERVES);
	for (unsigned i = 0; i < 3; i++)
		passes(f);
	boots(f, 1);
}

static void test_command(void **state)
{
	static const char *const want[] = { "\n-icount\nshift=2,sleep=off\n", "\n-seed\n7\n",
					    "clock=vm\n", "\n-no-reboot\n",
					    "\n-kernel\n/proc/self/fd/4\n" };
	struct fake *f = *state;
	uint8_t *args;
	size_t n;

	script(f, "readlink /proc/self/fd/4 /proc/self/fd/5 >\"$D/files\"\n" GREETS SERVES);
	passes(f);
	args = read_file(path_of(f, "args"), &n);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_non_null(memmem(args, n, want[i], strlen(want[i])));
	free(args);
	args = read_file(path_of(f, "files"), &n);
	assert_int_equal(n, 20);
	assert_memory_equal(args, "/dev/null\n/dev/zero\n", n);
	free(args);
}

static void test_bit_by_bit(void **state)
{
	struct fake *f = *state;

	script(f, "dd bs=7 if=\"$D/hello\" 2>&- >&3\nread -r line <&3\n"
		  "head -c 10 \"$D/$line\" >&3\nsleep 0.1\ntail -c +11 \"$D/$line\" >&3\n" HANGS);
	passes(f);
}

/* The kernel's reason comes through; after two such boots there is no third. */
static void test_panic(void **state)
{
	struct fake *f = *state;

	script(f, "echo one\necho 'Kernel panic - not syncing: no init'\necho '--- end'\n");
	for (unsigned i = 0; i < 4; i++)
		is_error(f, "the machine ended before it was up; its last words: "
			    "Kernel panic - not syncing: no init");
	boots(f, 2);
}

static void test_says_why(void **state)
{
	struct fake *f = *state;

	script(f, "printf 'x\\r\\n" GUEST_SAYS "there is no cheese\\r\\n'\necho bye\n");
	is_error(f, "the machine ended before it was up: there is no cheese");
	script(f, "head -c 1000000 /dev/zero\necho\nprintf over\nsleep 0.1\nprintf ' and '\n"
		  "sleep 0.1\necho 'out  ' >&2\n");
	is_error(f, "its last words: over and out");
}

static void test_no_program(void **state)
{
	struct fake *f = *state;

	f->conf.program = "/nonexistent/qemu";
	is_error(f, "/nonexistent/qemu: No such file or directory; install qemu-system-x86");
}

static void test_other_version(void **state)
{
	struct fake *f = *state;

	lay_out_greeting(f, "2");
	script(f, GREETS SERVES);
	is_error(f, "the machine talked nonsense before it was up");
	script(f, "echo rubbish rubbish >&3\n" HANGS);
	is_error(f, "the machine talked nonsense before it was up");
	is_gone(f);
}

static void test_hangs(void **state)
{
	struct fake *f = *state;

	script(f, "echo thinking\n" HANGS);
	f->conf.boot_within = NS_PER_S / 2;
	is_error(f, "the machine hung before it was up: nothing came for 0 s; its last words: "
		    "thinking");
	is_gone(f);
	f->conf.boot_within = 20 * NS_PER_S;
	f->conf.part_within = NS_PER_S / 2;
	script(f, GREETS HANGS);
	is_error(f, "the machine hung during this part");
	is_gone(f);
	f->conf.part_within = 20 * NS_PER_S;
	script(f, GREETS SERVES);
	passes(f);
	boots(f, 3);
}

/* A machine that was up and died costs one part each time. */
static void test_dies(void **state)
{
	struct fake *f = *state;

	script(f, GREETS "read -r line <&3\ncat \"$D/$line\" >&3\nread -r line <&3\n");
	for (unsigned i = 0; i < 3; i++) {
		passes(f);
		is_error(f, "the machine ended during this part");
		is_gone(f);
	}
	boots(f, 3);
}

static void test_wrong_answer(void **state)
{
	struct fake *f = *state;

	script(f, GREETS "read -r line <&3\ncat \"$D/${line% *} router\" >&3\n" HANGS);
	is_error(f, "the machine talked nonsense during this part");
	script(f, GREETS "read -r line <&3\ncat \"$D/hello\" >&3\n" HANGS);
	is_error(f, "the machine talked nonsense during this part");
}

static void test_stop(void **state)
{
	struct fake *f = *state;
	struct job job = first_job();
	size_t octets;

	script(f, GREETS "read -r line <&3\ncat \"$D/$line\" >&3\n" HANGS);
	passes(f);
	shutdown(f->stop[0], SHUT_WR);
	assert_null(qemu_part(f->q, &job, f->stop[1], &octets));
	is_gone(f);
}

/* The run is as ever: its order, whatever machine was first. */
static void test_run(void **state)
{
	struct fake *f = *state;
	struct run_conf conf = conf_of(f->shared, 3);
	struct told t;
	const struct suite *s;
	unsigned n;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < s->n; k++)
			for (unsigned role = NUT_HOST; role <= NUT_ROUTER; role++)
				if (run_selects(&conf, s, &s->part[k], (enum nut_role)role))
					lay_out(f, &(struct job){ s, &s->part[k],
								  (enum nut_role)role });
	script(f, GREETS SERVES);
	conf.open = NULL;
	conf.qemu = &f->conf;
	t = run_and_note(&conf, 0);
	assert_int_equal(t.n, run_count(&conf));
	for (unsigned i = 0; i < t.n; i++)
		assert_int_equal(t.verdict[i], VERDICT_PASS);
	assert_int_equal(f->shared->opened, 0);
	n = lines(f, "boots", &(int){ 0 });
	assert_true(n >= 1 && n <= 3);
	is_gone(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_machine, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_command, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_bit_by_bit, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_panic, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_says_why, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_no_program, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_other_version, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_hangs, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_dies, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_wrong_answer, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_stop, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_run, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
