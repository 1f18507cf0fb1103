/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: the plan is the list of all jobs in the order of their telling. Jobs are
 * given out and come back in any order, as the entry of a journal; each waits as such until those
 * before it have been told. So the order of what is written does not depend on who was first, and
 * what was read from a file goes the same way as what a worker has just said.
 */
#include "conform/run.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "conform/journal.h"
#include "conform/resume.h"
#include "conform/work.h"
#include "conform/xfail.h"

#define PATH_OCTETS 4096
#define GRACE_S	    15 /* for workers to take their devices down */

static const enum nut_role roles[] = { NUT_HOST, NUT_ROUTER };

bool run_selects(const struct run_conf *conf, const struct suite *s, const struct part *p,
		 enum nut_role role)
{
	if ((conf->roles & p->roles & (unsigned)role) == 0)
		return false;
	if (conf->suite != NULL && strcmp(conf->suite, s->name) != 0 &&
	    strcmp(conf->suite, suite_family(s)) != 0)
		return false;
	for (size_t i = 0; i < conf->n_globs; i++)
		if (fnmatch(conf->globs[i], p->id, 0) == 0)
			return true;
	return conf->n_globs == 0;
}

static unsigned count(const struct run_conf *conf, const struct suite *s, enum nut_role role)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += run_selects(conf, s, &s->part[i], role);
	return n;
}

unsigned run_count(const struct run_conf *conf)
{
	const struct suite *s;
	unsigned n = 0;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < ARRAY_LEN(roles); k++)
			n += count(conf, s, roles[k]);
	return n;
}

unsigned run_groups(const struct run_conf *conf)
{
	const struct suite *s;
	unsigned n = 0;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < ARRAY_LEN(roles); k++)
			n += count(conf, s, roles[k]) > 0;
	return n;
}

/* Of a job. */
struct outcome {
	bool done, given;
	uint8_t *entry; /* until it is told */
	size_t octets;
};

struct run {
	const struct run_conf *conf;
	struct out *out;
	struct job *jobs;
	struct outcome *outcome; /* of each */
	size_t n, given, told;	 /* all before these numbers */
	size_t resumed;
	const struct job *last; /* that was told, or NULL */
	struct tally group, all;
	struct progress progress;
	int rc;
	bool stopped;
	uint64_t stopped_at; /* tick */
};

/*
 * Telling.
 */

static int save(const struct run_conf *conf, const struct result *r)
{
	char path[PATH_OCTETS], comment[256];
	FILE *f;
	int rc;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s-%s.pcapng", conf->pcap_dir, r->part->id,
			     nut_role_name(r->role)) >= sizeof(path))
		return -ENAMETOOLONG;
	snprintf(comment, sizeof(comment), "%s (%s), %s: %s, seed %llu", r->part->id,
		 r->part->title, nut_role_name(r->role), verdict_name(r->verdict),
		 (unsigned long long)conf->seed);
	f = fopen(path, "wb");
	if (f == NULL)
		return -errno;
	rc = record_write(r->record, f, comment);
	if (fclose(f) != 0 && rc == 0)
		rc = -errno;
	return rc;
}

static bool same_group(const struct job *a, const struct job *b)
{
	return a->suite == b->suite && a->role == b->role;
}

static void end_group(struct run *run)
{
	if (run->last == NULL)
		return;
	for (struct out *w = run->out; w != NULL; w = w->next)
		if (w->group_end != NULL)
			w->group_end(w, run->last->suite, run->last->role, &run->group);
	run->group = (struct tally){ 0 };
}

static void begin_group(struct run *run, const struct job *job)
{
	unsigned n = count(run->conf, job->suite, job->role);

	for (struct out *w = run->out; w != NULL; w = w->next)
		if (w->group != NULL)
			w->group(w, job->suite, job->role, n);
}

static void tell(struct run *run, const struct job *job, const struct result *r)
{
	int rc = 0;

	if (run->last == NULL || !same_group(run->last, job)) {
		end_group(run);
		begin_group(run, job);
	}
	run->last = job;
	run->group.n++;
	run->group.by[r->verdict]++;
	run->all.n++;
	run->all.by[r->verdict]++;
	for (struct out *w = run->out; w != NULL; w = w->next)
		if (w->part != NULL)
			w->part(w, r);
	if (run->conf->pcap_dir != NULL && r->record->n > 0)
		rc = save(run->conf, r);
	if (run->rc == 0)
		run->rc = rc;
}

/*
 * What is known to fail is no failure, and a failure if it does not. Return: the verdict; a new
 * text instead of *@why if it is another.
 */
static enum verdict judge(const struct run_conf *conf, const struct job *job, enum verdict v,
			  char **why)
{
	const char *reason = xfail_reason(conf->xfail, job->part, job->role);
	char *text = NULL;

	if (reason == NULL || (v != VERDICT_FAIL && v != VERDICT_PASS))
		return v;
	if (v == VERDICT_PASS) {
		if (asprintf(&text, "expected to fail (%s), but passes: take it off the list",
			     reason) < 0)
			text = NULL;
	} else if (asprintf(&text, "expected to fail: %s\n%s", reason, *why) < 0) {
		text = NULL;
	}
	free(*why);
	*why = text;
	return v == VERDICT_PASS ? VERDICT_FAIL : VERDICT_XFAIL;
}

static void unpack(const struct outcome *o, struct journal_result *ret)
{
	struct rd in = rd_of(o->entry, o->octets);
	struct journal_entry e;

	ASSERT(journal_next(&in, &e) == 1 && journal_get_result(e.body, ret));
}

static void unpack_and_tell(struct run *run, size_t i)
{
	const struct job *job = &run->jobs[i];
	struct outcome *o = &run->outcome[i];
	struct record record = { 0 };
	struct journal_result j;
	struct result r;
	char *why;

	unpack(o, &j);
	why = journal_unpack(&j, &record);
	r = (struct result){ .suite = job->suite,
			     .part = job->part,
			     .role = job->role,
			     .verdict = judge(run->conf, job, j.verdict, &why),
			     .took = j.took,
			     .record = &record };
	r.why = why;
	tell(run, job, &r);
	record_done(&record);
	free(why);
	free(o->entry);
	o->entry = NULL;
}

/* All whose turn it is; with @gaps also those behind parts that will not be finished. */
static void tell_all(struct run *run, bool gaps)
{
	for (; run->told < run->n; run->told++) {
		if (run->outcome[run->told].done)
			unpack_and_tell(run, run->told);
		else if (!gaps)
			return;
	}
}

/*
 * Running.
 */

static void plan(struct run *run)
{
	const struct run_conf *conf = run->conf;
	size_t room = run_count(conf);
	const struct suite *s;

	run->jobs = calloc(room + 1, sizeof(*run->jobs));
	run->outcome = calloc(room + 1, sizeof(*run->outcome));
	ASSERT(run->jobs != NULL && run->outcome != NULL);
	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < ARRAY_LEN(roles); k++)
			for (size_t p = 0; p < s->n; p++)
				if (run_selects(conf, s, &s->part[p], roles[k]))
					run->jobs[run->n++] =
						(struct job){ s, &s->part[p], roles[k] };
	ASSERT(run->n == room);
	run->progress.n_parts = (unsigned)run->n;
}

/* @entry is given. */
static void finished(struct run *run, size_t i, uint8_t *entry, size_t octets)
{
	struct outcome *o = &run->outcome[i];
	struct journal_result r;
	enum verdict v;
	bool listed;

	*o = (struct outcome){ .done = true, .given = true, .entry = entry, .octets = octets };
	unpack(o, &r);
	listed = xfail_reason(run->conf->xfail, run->jobs[i].part, r.role) != NULL;
	v = r.verdict;
	run->progress.done++;
	run->progress.failed += v == VERDICT_ERROR || v == (listed ? VERDICT_PASS : VERDICT_FAIL);
}

static void keep_and_tell(struct run *run, size_t i, uint8_t *entry, size_t octets)
{
	if (run->conf->resume != NULL)
		resume_add(run->conf->resume, entry, octets);
	finished(run, i, entry, octets);
	tell_all(run, false);
}

static void take_over(struct run *run)
{
	for (size_t i = 0; run->conf->resume != NULL && i < run->n; i++) {
		struct rd kept;
		uint8_t *entry;

		if (!resume_find(run->conf->resume, &run->jobs[i], &kept))
			continue;
		entry = malloc(kept.left);
		ASSERT(entry != NULL);
		memcpy(entry, kept.p, kept.left);
		finished(run, i, entry, kept.left);
		run->resumed++;
	}
	tell_all(run, false);
}

static void run_here(struct run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		uint8_t *entry;
		size_t octets;

		if (run->outcome[i].done)
			continue;
		entry = work_part(run->conf, &run->jobs[i], &octets);
		keep_and_tell(run, i, entry, octets);
	}
}

static void lost(struct run *run, size_t i, const char *why)
{
	size_t octets;
	uint8_t *entry = work_lost(&run->jobs[i], why, &octets);

	keep_and_tell(run, i, entry, octets);
}

/* Keep all workers busy. */
static void give_out(struct run *run, struct pool *pool)
{
	for (; run->given < run->n; run->given++) {
		int rc;

		if (run->outcome[run->given].done)
			continue;
		rc = pool_give(pool, run->given);
		if (rc == -EBUSY)
			return;
		if (rc < 0) {
			char why[128];

			snprintf(why, sizeof(why), "no process for it: %s", strerror(-rc));
			lost(run, run->given, why);
		}
	}
}

static void tick(struct run *run, const struct pool *pool)
{
	struct progress *p = &run->progress;
	uint64_t s = pool_ticks(pool) / POOL_TICKS_PER_S;
	uint64_t now = p->done - run->resumed;
	size_t running[RUN_JOBS_MAX];

	p->n_running = pool_running(pool, running);
	for (unsigned i = 0; i < p->n_running; i++)
		p->running[i] = &run->jobs[running[i]];
	if (now > 0)
		p->left_s = (unsigned)((s * (p->n_parts - p->done) + now - 1) / now);
	for (struct out *w = run->out; w != NULL; w = w->next)
		if (w->tick != NULL)
			w->tick(w, p);
}

/* The first signal asks the workers, a second one or too long a wait does not. */
static void stop(struct run *run, struct pool *pool, bool by_signal)
{
	uint64_t now = pool_ticks(pool);

	if (!run->stopped) {
		run->stopped_at = now;
		pool_stop(pool);
	} else if (by_signal || now - run->stopped_at > (uint64_t)GRACE_S * POOL_TICKS_PER_S) {
		pool_kill(pool);
	}
	run->stopped = true;
}

static void handle(struct run *run, struct pool *pool, const struct pool_event *e)
{
	switch (e->type) {
	case POOL_RESULT:
		keep_and_tell(run, e->job, e->entry, e->octets);
		break;
	case POOL_DIED:
		if (!run->stopped)
			lost(run, e->job, e->why);
		break;
	case POOL_SIGNAL:
		stop(run, pool, true);
		break;
	case POOL_TICK:
		if (run->stopped)
			stop(run, pool, false);
		break;
	case POOL_EMPTY:
		break;
	}
}

/* Until all is done, or it was stopped and the last worker has gone. */
static int run_pool(struct run *run)
{
	struct pool_event e = { .type = POOL_TICK };
	struct pool *pool;
	int rc = pool_new(run->conf, run->jobs, &pool);

	if (rc < 0)
		return rc;
	while (run->stopped ? e.type != POOL_EMPTY : run->progress.done < run->n) {
		if (!run->stopped)
			give_out(run, pool);
		tick(run, pool);
		pool_wait(pool, &e);
		handle(run, pool, &e);
	}
	pool_free(pool);
	return run->stopped && run->progress.done < run->n ? -EINTR : 0;
}

static void clear(struct run *run)
{
	for (size_t i = 0; i < run->n; i++)
		free(run->outcome[i].entry);
	free(run->outcome);
	free(run->jobs);
}

int run_parts(const struct run_conf *conf, struct out *o, struct tally *tally)
{
	struct run run = { .conf = conf, .out = o };
	int rc = 0;

	plan(&run);
	for (struct out *w = o; w != NULL; w = w->next)
		if (w->begin != NULL)
			w->begin(w, conf, (unsigned)run.n);
	take_over(&run);
	if (conf->jobs > 0)
		rc = run_pool(&run);
	else
		run_here(&run);
	tell_all(&run, true);
	end_group(&run);
	for (struct out *w = o; w != NULL; w = w->next)
		if (w->end != NULL)
			w->end(w, &run.all);
	*tally = run.all;
	clear(&run);
	return rc != 0 ? rc : run.rc;
}

bool run_ok(const struct tally *tally)
{
	return tally->n > 0 && tally->by[VERDICT_FAIL] == 0 && tally->by[VERDICT_ERROR] == 0;
}
