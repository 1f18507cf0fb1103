/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is known to fail. A line each: "ID [host|router] REASON"; without a role both are meant.
 * Empty lines and those that begin with # are none.
 */
#ifndef INABA_CONFORM_XFAIL_H
#define INABA_CONFORM_XFAIL_H

#include <stdio.h>

#include "conform/run.h"

struct xfail_line {
	const struct part *part;
	unsigned roles, line;
	char *reason;
};

struct xfail {
	struct xfail_line *row;
	size_t n;
};

/**
 * xfail_read() - Read a list.
 * @name:	Of the file, for messages.
 * @why:	On error: "NAME:LINE: what is wrong".
 *
 * Return: 0; -EINVAL; or the negative errno of reading.
 */
int xfail_read(struct xfail *x, FILE *f, const char *name, char *why, size_t size);
void xfail_done(struct xfail *x);

/** xfail_reason() - Why @part is known to fail in this role, or NULL. @x may be NULL. */
const char *xfail_reason(const struct xfail *x, const struct part *part, enum nut_role role);

#endif
