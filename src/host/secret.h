/* SPDX-License-Identifier: BSD-3-Clause */
/* A node's secret that outlives it: a file of 32 hexadecimal digits that its owner alone reads. */
#ifndef INABA_HOST_SECRET_H
#define INABA_HOST_SECRET_H

#include <stdint.h>

#define SECRET_OCTETS 16

/**
 * secret_load() - Read @path; if there is no such file, draw a secret and write it there.
 *
 * Return: 0; -EINVAL for a file that is no secret; -EACCES for one that others may read; or what
 * opening, reading or writing gave.
 */
int secret_load(const char *path, uint8_t ret[SECRET_OCTETS]);

#endif
