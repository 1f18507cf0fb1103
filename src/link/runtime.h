/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the sockets by which Inaba's processes find each other live: a directory that only the
 * present user can enter.
 */
#ifndef INABA_LINK_RUNTIME_H
#define INABA_LINK_RUNTIME_H

#include "base/base.h"

#define RUNTIME_ERR 256 /* octets of a caller's buffer for a sentence */

/**
 * runtime_dir() - Make sure that a directory of the present (effective) user exists.
 * @sub:	Below Inaba's own, "wire/lan0" say; each part is created when absent. No part is
 *		empty, "." or "..".
 * @path:	Its absolute path; set only on success.
 * @err:	What is wrong and what to do about it; set only on failure.
 *
 * It lies in $XDG_RUNTIME_DIR/inaba if that variable names a directory of this user's, else in
 * /run/inaba for root, in /tmp/inaba-UID for others. Every part from Inaba's own down must be a
 * real directory, owned by this user and closed to all others: in /tmp anybody could have made
 * it first.
 *
 * Return: 0, -ENAMETOOLONG, -EPERM (not ours, or open to others), or another negative errno.
 */
int runtime_dir(const char *sub, char *path, size_t size, char err[RUNTIME_ERR]);

#endif
