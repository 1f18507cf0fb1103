/* SPDX-License-Identifier: BSD-3-Clause */
/* The reports that inaba conform run writes beside what it prints. */
#ifndef INABA_CMD_REPORTS_H
#define INABA_CMD_REPORTS_H

#include "conform/report.h"

struct reports {
	const char *html_dir, *junit_path; /* or NULL: none */
	struct out_html html;
	struct out_junit junit;
};

/**
 * reports_open() - Make the files, and let them listen to a run behind @o.
 *
 * Return: EXIT_OK; or EXIT_FAILED with a line on standard error, and nothing is open.
 */
int reports_open(struct reports *r, struct out *o);

/** reports_close() - After the run. Return: EXIT_OK, or EXIT_FAILED with a line for each error. */
int reports_close(struct reports *r);

#endif
