/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs what is selected and tells whoever writes the results. */
#ifndef INABA_CONFORM_RUN_H
#define INABA_CONFORM_RUN_H

#include "conform/tester.h"

#define RUN_JOBS_MAX 64

struct jsonw;
struct qemu_conf;
struct resume;
struct xfail;

struct run_conf {
	unsigned roles;		  /* NUT_HOST, NUT_ROUTER, NUT_BOTH */
	const char *suite;	  /* its name, or NULL for all */
	const char *const *globs; /* of part ids; a part that matches any of them is run */
	size_t n_globs;		  /* 0: all */
	const char *pcap_dir;	  /* a capture per part goes here, or NULL */
	const char *nut_name;	  /* for the reports */
	uint64_t seed;
	/* A new device for each part; run_parts() closes it. NULL: an ERROR, and @why its text. */
	struct nut *(*open)(void *ctx, uint64_t seed, char *why, size_t size);
	void *ctx;
	const struct qemu_conf *qemu; /* instead: machines that run the parts (qemu.h), or NULL */

	unsigned jobs;	     /* worker processes, to RUN_JOBS_MAX; 0: in this process, one by one */
	bool signals;	     /* SIGINT, SIGTERM and SIGHUP end the run before its time */
	const char *version; /* of the program, for the journal */
	struct resume *resume; /* what was finished before, and where results are kept, or NULL */
	const struct xfail *xfail; /* what is known to fail, or NULL */
};

/* A part in one role: what a worker does at a time. */
struct job {
	const struct suite *suite;
	const struct part *part;
	enum nut_role role;
};

struct result {
	const struct suite *suite;
	const struct part *part;
	enum nut_role role;
	enum verdict verdict;
	const char *why;	     /* of several lines; NULL for PASS; borrowed */
	time_ns took;		     /* on the device's clock */
	const struct record *record; /* borrowed */
};

struct tally {
	unsigned n, by[VERDICT_ERROR + 1];
};

/* How far a run with workers is. */
struct progress {
	unsigned done, n_parts, failed;
	const struct job *running[RUN_JOBS_MAX];
	unsigned n_running;
	unsigned left_s; /* estimated; 0: nobody knows yet */
};

/* Who writes results: table, JSON, KTAP ... Any function may be NULL. Several may listen to a run. */
struct out {
	struct out *next;
	void (*begin)(struct out *o, const struct run_conf *conf, unsigned n_parts);
	/* Parts of one suite in one role follow: so many of them. */
	void (*group)(struct out *o, const struct suite *s, enum nut_role role, unsigned n_parts);
	void (*part)(struct out *o, const struct result *r);
	void (*group_end)(struct out *o, const struct suite *s, enum nut_role role,
			  const struct tally *tally);
	void (*end)(struct out *o, const struct tally *tally);
	/* Now and then, in between. */
	void (*tick)(struct out *o, const struct progress *p);
	FILE *to;
	bool progress; /* a terminal: may overwrite its line */
	unsigned done, groups, n_parts;
	struct jsonw *json;
};

/** run_selects() - Is @p, of @s, in the selection? */
bool run_selects(const struct run_conf *conf, const struct suite *s, const struct part *p,
		 enum nut_role role);

/** run_count() - Number of results that the selection gives. */
unsigned run_count(const struct run_conf *conf);

/** run_groups() - Number of groups (suite and role) with a selected part. */
unsigned run_groups(const struct run_conf *conf);

/**
 * run_parts() - Run the selection.
 * @o:		Who writes; with those behind it by @next.
 *
 * Writers are told in one order, whatever finishes first; the parts are run by workers (work.h), so
 * that one which crashes costs its verdict and no more. A worker's device is its own, and has its
 * process id for a name.
 *
 * Return: 0, or the negative errno of the first capture that could not be written; all parts are
 * run in any case. -EINTR if a signal ended it: what was finished has been told.
 */
int run_parts(const struct run_conf *conf, struct out *o, struct tally *tally);

/** run_ok() - Something was run, and nothing of it failed. */
bool run_ok(const struct tally *tally);

/** out_table_init(), out_json_init(), out_tap_init() - A writer to @to. */
void out_table_init(struct out *o, FILE *to, bool progress);
void out_json_init(struct out *o, FILE *to, struct jsonw *json);
void out_tap_init(struct out *o, FILE *to);

#endif
