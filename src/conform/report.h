/* SPDX-License-Identifier: BSD-3-Clause */
/* Results as files beside what goes to standard output: a folder of pages, and JUnit's XML. */
#ifndef INABA_CONFORM_REPORT_H
#define INABA_CONFORM_REPORT_H

#include "conform/run.h"

#define HTML_NAME_MAX 128

/* A result, as the matrix has it. */
struct html_row {
	const struct suite *suite;
	const struct part *part;
	enum nut_role role;
	enum verdict verdict;
	time_ns took;
	char *why; /* in one line, or NULL */
	char page[HTML_NAME_MAX];
};

/* A page waits until it is known whether there is one behind it. */
struct html_page {
	char *body;
	size_t octets;
};

struct out_html {
	struct out out; /* for run_parts() */
	const char *dir;
	const struct run_conf *conf;
	struct html_row *row; /* in the order of the run */
	size_t n, room;
	struct html_page page; /* of the last row */
	int err;	       /* the first; nothing is written behind it */
};

/**
 * out_html_init() - Pages for people: DIR/index.html, and one for each part and role.
 * @dir:	Borrowed; made if it is not there. Pages of another run that lie there are replaced or
 *		left alone.
 *
 * Return: 0, or a negative errno if the folder cannot be made or written to.
 */
int out_html_init(struct out_html *h, const char *dir);

/** out_html_done() - Free all. Return: 0, or the first error of a file (-ENOSPC, ...). */
int out_html_done(struct out_html *h);

struct out_junit {
	struct out out; /* for run_parts() */
	FILE *to;
	FILE *all, *group; /* what is ready, and the present suite, in memory */
	char *all_text, *group_text;
	size_t all_octets, group_octets;
	const struct run_conf *conf;
	time_ns took, group_took;
	int err;
};

/**
 * out_junit_init() - JUnit's XML to the file @path, at the end of the run.
 *
 * A testsuite for each suite and role. XFAIL is told as skipped, which is the nearest that it has.
 * Return: 0, or a negative errno if the file cannot be made.
 */
int out_junit_init(struct out_junit *j, const char *path);

/** out_junit_done() - Close and free all. Return: 0, or the first error. */
int out_junit_done(struct out_junit *j);

#endif
