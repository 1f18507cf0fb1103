/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Real directories for those of a node's: of a private directory, made when it is first asked for, each
 * listing gets one of its own with empty files of the names. They go with the supervisor, or when many
 * younger ones have been asked for.
 */
#ifndef INABA_EXEC_SHADOW_H
#define INABA_EXEC_SHADOW_H

#include <stdbool.h>
#include <stddef.h>

#define SHADOWS_MAX 64

/* All zero is none. */
struct shadow {
	char root[64]; /* "": not yet */
	unsigned next;
	char *path[SHADOWS_MAX]; /* of the node's directory; NULL: free */
};

/**
 * shadow_open() - A directory that looks like @path of the node.
 * @names:	As the node lists them (SEAM_FILE).
 *
 * Return: a descriptor, or a negative errno.
 */
int shadow_open(struct shadow *s, const char *path, const char *names, size_t octets);

/** shadow_name() - If @path is one of these directories, make it that of the node's. Return: false: no room. */
bool shadow_name(const struct shadow *s, char *path, size_t size);

/** shadow_done() - All are removed. */
void shadow_done(struct shadow *s);

#endif
