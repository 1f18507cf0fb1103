/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef INABA_HOST_DIRS_H
#define INABA_HOST_DIRS_H

/** make_dirs() - Like mkdir -p. Return: 0 or a negative errno. */
int make_dirs(const char *dir);

#endif
