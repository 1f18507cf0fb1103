/* SPDX-License-Identifier: BSD-3-Clause */
/* The file of --resume: a journal that one run at a time reads and appends to. */
#ifndef INABA_CONFORM_RESUME_H
#define INABA_CONFORM_RESUME_H

#include "conform/journal.h"

struct kept {
	struct journal_result result;
	struct rd entry;
};

struct resume {
	int fd, err;	 /* err: of the first result that could not be written */
	uint8_t *octets; /* what was there */
	size_t n;
	struct kept *kept; /* the results among it, in order */
	size_t n_kept, room;
	size_t size; /* of the file, as far as it is whole */
	size_t torn; /* octets that were cut off its end */
};

/**
 * resume_open() - Read @path, or begin it, and lock it until resume_close().
 * @conf:	Whose run it is: version, device, seed and roles must be those of the file.
 * @why:	A sentence, on error.
 *
 * What is not whole at the end of the file is cut off: it was being written when a run ended.
 *
 * Return: 0, or a negative errno.
 */
int resume_open(struct resume *r, const struct run_conf *conf, const char *path, char *why,
		size_t size);
void resume_close(struct resume *r);

/** resume_find() - The last entry about @job; borrowed. Return: false if there is none, or an ERROR. */
bool resume_find(const struct resume *r, const struct job *job, struct rd *ret);

/** resume_add() - Append an entry. An error is kept in @r, and nothing is written behind it. */
void resume_add(struct resume *r, const uint8_t *entry, size_t octets);

#endif
