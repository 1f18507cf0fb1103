/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The runner: workers and their deaths, the order of what is told, journals, runs that go on, lists
 * of what is known to fail. The devices count in memory that all workers share.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "conform/journal.h"
#include "conform/resume.h"
#include "conform/xfail.h"

#define PATIENCE_MS 20000

/* Seen by all processes of a test. */
struct shared {
	unsigned opened, closed;
	unsigned meet;	   /* a device starts only when so many are open */
	unsigned dies_at;  /* the device opened as this number kills its process; 0: none */
	unsigned error_at; /* likewise: cannot be opened */
	int how;	   /* it dies: of this signal; 0: it exits */
	bool dead;	   /* devices say nothing, in real time */
	bool deaf;	   /* they hear nothing, in virtual time */
};

static unsigned up(unsigned *n)
{
	return __atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST);
}

static unsigned get(const unsigned *n)
{
	return __atomic_load_n(n, __ATOMIC_SEQ_CST);
}

static time_ns clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (time_ns)ts.tv_sec * NS_PER_S + (time_ns)ts.tv_nsec;
}

static void nap(unsigned ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * (long)NS_PER_MS };

	nanosleep(&ts, NULL);
}

/*
 * A simulated node that may die, and a device in real time that is dead.
 */

struct odd {
	struct nut nut;
	struct nut_ops ops;
	struct nut *sim;
	struct shared *shared;
};

static struct odd *odd_of(struct nut *nut)
{
	return CONTAINER_OF(nut, struct odd, nut);
}

static int odd_start(struct nut *nut, enum nut_role role)
{
	struct odd *o = odd_of(nut);

	for (unsigned i = 0; get(&o->shared->opened) < o->shared->meet; i++) {
		if (i == PATIENCE_MS)
			return -ETIMEDOUT;
		nap(1);
	}
	return o->shared->dead ? 0 : o->sim->ops->start(o->sim, role);
}

static void odd_stop(struct nut *nut)
{
	if (!odd_of(nut)->shared->dead)
		odd_of(nut)->sim->ops->stop(odd_of(nut)->sim);
}

static int odd_addr(struct nut *nut, enum nut_link link, const struct ip6_addr *a, unsigned len)
{
	return odd_of(nut)->sim->ops->addr(odd_of(nut)->sim, link, a, len);
}

static int odd_advertise(struct nut *nut, enum nut_link link, const struct ip6_addr *a,
			 unsigned len)
{
	return odd_of(nut)->sim->ops->advertise(odd_of(nut)->sim, link, a, len);
}

static struct mac odd_mac(struct nut *nut, enum nut_link link)
{
	return odd_of(nut)->sim->ops->mac(odd_of(nut)->sim, link);
}

static void odd_send(struct nut *nut, enum nut_link link, const uint8_t *p, size_t octets)
{
	if (!odd_of(nut)->shared->dead && !odd_of(nut)->shared->deaf)
		odd_of(nut)->sim->ops->send(odd_of(nut)->sim, link, p, octets);
}

static bool odd_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	if (!odd_of(nut)->shared->dead)
		return odd_of(nut)->sim->ops->recv(odd_of(nut)->sim, until, ret);
	while (clock_now() < until)
		nap(1);
	return false;
}

static time_ns odd_now(struct nut *nut)
{
	if (odd_of(nut)->shared->dead)
		return clock_now();
	return odd_of(nut)->sim->ops->now(odd_of(nut)->sim);
}

static void odd_close(struct nut *nut)
{
	struct odd *o = odd_of(nut);

	o->sim->ops->close(o->sim);
	up(&o->shared->closed);
	free(o);
}

static void die(int how)
{
	if (how == 0)
		_exit(3);
	kill(getpid(), how);
}

static struct nut *open_odd(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct shared *shared = ctx;
	unsigned n = up(&shared->opened);
	struct odd *o;

	if (n == shared->dies_at)
		die(shared->how);
	if (n == shared->error_at) {
		snprintf(why, size, "the moon is too full");
		return NULL;
	}
	o = calloc(1, sizeof(*o));
	assert_non_null(o);
	o->shared = shared;
	o->sim = nut_sim_new(seed);
	o->ops = (struct nut_ops){ .name = "odd",
				   .virtual_time = !shared->dead,
				   .start = odd_start,
				   .stop = odd_stop,
				   .addr = odd_addr,
				   .advertise = odd_advertise,
				   .mac = odd_mac,
				   .send = odd_send,
				   .recv = odd_recv,
				   .now = odd_now,
				   .close = odd_close };
	o->nut.ops = &o->ops;
	o->nut.has = NUT_CAN_ADDR | NUT_CAN_ADVERTISE | NUT_CAN_FORWARD;
	return &o->nut;
}

static int setup(void **state)
{
	*state = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return *state == MAP_FAILED;
}

static int teardown(void **state)
{
	return munmap(*state, sizeof(struct shared));
}

static const char *const header[] = { "v6lc.1.1.*" };

static struct run_conf conf_of(struct shared *shared, unsigned jobs)
{
	return (struct run_conf){ .roles = NUT_BOTH,
				  .globs = header,
				  .n_globs = 1,
				  .nut_name = "odd",
				  .seed = 1,
				  .open = open_odd,
				  .ctx = shared,
				  .jobs = jobs,
				  .version = "1" };
}

/* What a run writes as JSON; to be freed. */
static char *json_of(const struct run_conf *conf, struct tally *tally)
{
	struct jsonw json;
	char *text = NULL;
	struct out o;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	jsonw_init(&json, 0);
	out_json_init(&o, f, &json);
	assert_int_equal(run_parts(conf, &o, tally), 0);
	jsonw_done(&json);
	fclose(f);
	return text;
}

/* A file of this test's, for mkstemp() to name. */
static void temp_file(char path[32])
{
	int fd;

	snprintf(path, 32, "/tmp/inaba-run-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
}

static void write_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

static uint8_t *read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = malloc(1 << 20);

	assert_non_null(f);
	assert_non_null(p);
	*n = fread(p, 1, 1 << 20, f);
	assert_true(*n < 1 << 20);
	fclose(f);
	return p;
}

/*
 * Journals.
 */

static const uint8_t frame[] = { 1, 2, 3, 0, 5 };

/* A result of the first part with two frames, as an entry. */
static uint8_t *entry_of(size_t *octets)
{
	const struct suite *s = suite_get(0);
	struct record record = { 0 };
	struct result r = { s, &s->part[0], NUT_ROUTER, VERDICT_FAIL, "a\nb", 77, &record };
	struct seen *seen = record_add(&record, 1000, LINK_A, true, frame, sizeof(frame));
	uint8_t *p;

	seen->claimed = true;
	record_comment(seen, "judged");
	record_add(&record, UINT64_MAX, LINK_B, false, frame, 0);
	p = journal_pack(&r, octets);
	record_done(&record);
	return p;
}

static void test_round_trip(void **state)
{
	struct record record = { 0 };
	struct journal_result r;
	struct journal_entry e;
	size_t n;
	uint8_t *p = entry_of(&n);
	struct rd in = rd_of(p, n);
	char *why;

	(void)state;
	assert_int_equal(journal_next(&in, &e), 1);
	assert_int_equal(in.left, 0);
	assert_int_equal(e.type, JOURNAL_RESULT);
	assert_true(journal_get_result(e.body, &r));
	assert_true(journal_is(r.suite, suite_get(0)->name));
	assert_true(journal_is(r.id, suite_get(0)->part[0].id));
	assert_int_equal(r.role, NUT_ROUTER);
	assert_int_equal(r.verdict, VERDICT_FAIL);
	assert_int_equal(r.took, 77);
	why = journal_unpack(&r, &record);
	assert_string_equal(why, "a\nb");
	assert_int_equal(record.n, 2);
	assert_int_equal(record.seen[0]->when, 1000);
	assert_int_equal(record.seen[0]->n, sizeof(frame));
	assert_memory_equal(record.seen[0]->octets, frame, sizeof(frame));
	assert_true(record.seen[0]->claimed && record.seen[0]->from_nut);
	assert_string_equal(record.seen[0]->comment, "judged");
	assert_true(record.seen[1]->when == UINT64_MAX && record.seen[1]->n == 0);
	assert_int_equal(record.seen[1]->link, LINK_B);
	assert_false(record.seen[1]->claimed || record.seen[1]->from_nut);
	assert_null(record.seen[1]->comment);
	free(why);
	record_done(&record);
	free(p);
}

/* Cut anywhere it is not there yet; with any bit wrong it is never taken for whole. */
static void test_torn_and_wrong(void **state)
{
	struct journal_entry e;
	size_t n;
	uint8_t *p = entry_of(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct rd in = rd_of(p, i);

		assert_int_equal(journal_next(&in, &e), 0);
		assert_int_equal(in.left, i);
	}
	for (size_t i = 0; i < n * 8; i++) {
		struct rd in = rd_of(p, n);

		p[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_not_equal(journal_next(&in, &e), 1);
		p[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	put_be32(p + 4, JOURNAL_BODY_MAX + 1);
	assert_int_equal(journal_next(&(struct rd){ p, n }, &e), -EBADMSG);
	free(p);
}

/* Bodies whose digest is right, and which are wrong nevertheless. */
static void test_bad_bodies(void **state)
{
	static const struct {
		size_t at; /* behind the two names */
		uint8_t was, is;
	} rows[] = {
		{ 0, NUT_ROUTER, 0 }, { 0, NUT_ROUTER, NUT_BOTH }, { 1, VERDICT_FAIL, 5 },
		{ 2, 1, 2 },   /* has why */
		{ 2, 1, 0 },   /* a text that is not there */
		{ 4, 3, 4 },   /* its length */
		{ 5, 'a', 0 }, /* NUL in a text */
		{ 19, 2, 1 },  /* number of frames */
		{ 19, 2, 3 },	      { 28, LINK_A, NUT_LINKS },   { 29, 7, 8 }, /* flags */
		{ 29, 7, 3 }, /* a comment that is not there */
		{ 33, 5, 6 }, /* length of the frame */
		{ 35, 6, 5 }, /* of the comment */
	};
	size_t n, names;
	uint8_t *p = entry_of(&n);
	struct journal_result r;

	(void)state;
	names = 4 + strlen(suite_get(0)->name) + strlen(suite_get(0)->part[0].id);
	assert_true(journal_get_result(rd_of(p + 8, n - 16), &r));
	assert_false(journal_get_result(rd_of(p + 8, n - 17), &r));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t *at = p + 8 + names + rows[i].at;

		assert_int_equal(*at, rows[i].was);
		*at = rows[i].is;
		if (journal_get_result(rd_of(p + 8, n - 16), &r))
			fail_msg("row %zu: taken", i);
		*at = rows[i].was;
	}
	free(p);
}

/* More than a journal holds: the verdict stays, the frames go, and it says so. */
static void test_too_large(void **state)
{
	static uint8_t large[JOURNAL_FRAME_MAX];
	const struct suite *s = suite_get(0);
	struct record record = { 0 };
	struct result r = { s, &s->part[0], NUT_HOST, VERDICT_FAIL, "wrong", 0, &record };
	struct journal_entry e;
	struct journal_result j;
	struct rd in;
	uint8_t *p;
	size_t n;

	(void)state;
	for (size_t i = 0; i <= JOURNAL_BODY_MAX / JOURNAL_FRAME_MAX; i++)
		record_add(&record, i, LINK_A, true, large, sizeof(large));
	p = journal_pack(&r, &n);
	in = rd_of(p, n);
	assert_int_equal(journal_next(&in, &e), 1);
	assert_true(journal_get_result(e.body, &j));
	assert_int_equal(j.verdict, VERDICT_FAIL);
	assert_int_equal(j.n_frames, 0);
	assert_true(journal_is(j.why, "wrong\nthe record of 1023 frames was too large to be kept"));
	free(p);
	record_done(&record);
}

/*
 * Workers.
 */

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

/* Verdicts and reasons, in order. */
struct told {
	struct out out;
	enum verdict verdict[64];
	char why[64][128];
	const struct part *part[64];
	unsigned n, ticks, done, running;
};

static void note(struct out *o, const struct result *r)
{
	struct told *t = CONTAINER_OF(o, struct told, out);

	assert_true(t->n < ARRAY_LEN(t->verdict));
	t->part[t->n] = r->part;
	t->verdict[t->n] = r->verdict;
	snprintf(t->why[t->n++], sizeof(t->why[0]), "%s", r->why != NULL ? r->why : "");
}

static void note_tick(struct out *o, const struct progress *p)
{
	struct told *t = CONTAINER_OF(o, struct told, out);

	t->ticks++;
	assert_true(p->done >= t->done && p->done <= p->n_parts);
	t->done = p->done;
	t->running = MAX(t->running, p->n_running);
	for (unsigned i = 0; i < p->n_running; i++)
		assert_non_null(p->running[i]->part);
}

static struct told run_and_note(const struct run_conf *conf, int want)
{
	struct told t = { .out = { .part = note, .tick = note_tick } };
	struct tally tally;

	assert_int_equal(run_parts(conf, &t.out, &tally), want);
	assert_int_equal(tally.n, t.n);
	return t;
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
	time_ns start = clock_now();
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
	assert_true(clock_now() - start < 4 * NS_PER_S); /* they would wait 5 s at the least */
}

/*
 * Runs that go on.
 */

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
		assert_int_equal(try_open(&resume, &conf, path, why), 0);
		assert_int_equal(resume.torn, 0);
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

/*
 * What is known to fail.
 */

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),	   TEST(test_torn_and_wrong),
		TEST(test_bad_bodies),	   TEST(test_too_large),
		TEST(test_same_bytes),	   TEST(test_side_by_side),
		TEST(test_death),	   TEST(test_death_beside_others),
		TEST(test_cannot_open),	   TEST(test_interrupt),
		TEST(test_resume),	   TEST(test_resume_torn),
		TEST(test_resume_refused), TEST(test_resume_errors),
		TEST(test_xfail_lines),	   TEST(test_xfail_verdicts),
		TEST(test_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
