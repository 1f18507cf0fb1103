/* SPDX-License-Identifier: BSD-3-Clause */
/* What programs learn of a network from files. */
#ifndef INABA_HOST_SEAM_FILES_H
#define INABA_HOST_SEAM_FILES_H

#include "host/text.h"
#include "node/node.h"

#define SEAM_PATH_MAX 4096

/* Paths are absolute, without "." and "..", and below /proc/net whoever's link to it was named. */

enum seam_file_what {
	SEAM_FILE_DIR,
	SEAM_FILE_RO, /* can only be read */
	SEAM_FILE_RW,
};

/**
 * seam_file_what() - What a node has for a file below /proc/net, /proc/sys/net and for /etc/resolv.conf.
 *
 * Return: enum seam_file_what; -EOPNOTSUPP: the machine's is right, -ENOENT: a node has none.
 */
int seam_file_what(struct node *n, const char *path);

/** seam_file() - Its contents. Return: 0; as before, -EISDIR, -EFBIG, -ENOMEM. */
int seam_file(struct node *n, const char *path, struct text *t);

/**
 * seam_file_list() - The names in a directory, each with a letter before (d, r, w) and a NUL behind.
 * Return: 0; -ENOENT, -ENOTDIR, -ENOMEM.
 */
int seam_file_list(struct node *n, const char *path, struct text *t);

/** seam_file_write() - Return: 0, or as sysctl_write(). */
int seam_file_write(struct node *n, const char *path, const char *data, size_t octets);

#endif
