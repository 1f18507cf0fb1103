/* SPDX-License-Identifier: BSD-3-Clause */
/* A kernel to be tested under QEMU: where it is, and where its modules are. */
#ifndef INABA_CONFORM_KERNEL_H
#define INABA_CONFORM_KERNEL_H

#include "base/base.h"

#define KERNEL_PATH 1024

struct kernel {
	char image[KERNEL_PATH];
	char modules[KERNEL_PATH]; /* of its release, with "kernel/" in it; empty: there are none */
	char unpacked[KERNEL_PATH]; /* ours, to be removed; or empty */
};

/**
 * kernel_find() - Find both.
 * @what:	The kernel; a directory into which a package linux-image-* was unpacked; or that
 *		package, a .deb, of which what is needed is unpacked.
 * @why:	On error a sentence that says what to do.
 *
 * The modules of a kernel /boot/vmlinuz-RELEASE are looked for in /lib/modules/RELEASE, with whatever
 * is before /boot.
 *
 * Return: 0, or a negative errno. kernel_done() in any case.
 */
int kernel_find(struct kernel *k, const char *what, char *why, size_t size);
void kernel_done(struct kernel *k);

/** kernel_module() - The module at @path below "kernel/", compressed or not. Return: is there one? */
bool kernel_module(const struct kernel *k, const char *path, char *ret, size_t size);

#endif
