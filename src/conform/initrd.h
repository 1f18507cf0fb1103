/* SPDX-License-Identifier: BSD-3-Clause */
/* The first root file system of a kernel under test: this program as init, and what it runs. */
#ifndef INABA_CONFORM_INITRD_H
#define INABA_CONFORM_INITRD_H

#include "conform/kernel.h"

/* Where the guest finds its modules, in the order of their names. */
#define INITRD_MODULES "modules"

/**
 * initrd_new() - This program, ip, radvd if there is one, their libraries, and modules of @k.
 * @why:	On error a sentence that says what to do.
 *
 * Return: a file in memory, or a negative errno.
 */
int initrd_new(const struct kernel *k, char *why, size_t size);

#endif
