/* SPDX-License-Identifier: BSD-3-Clause */
/* The other side of qemu.h: what runs as init of a kernel under test. */
#ifndef INABA_CONFORM_GUEST_H
#define INABA_CONFORM_GUEST_H

#include "conform/run.h"

/* A line of the console that begins so tells whoever started the machine why it ended. */
#define GUEST_SAYS "inaba: "

/**
 * guest_main() - Prepare the machine, then run the parts that the second serial port names.
 * @version:	Of the program, for the greeting.
 * @open:	A device: the kernel, in namespaces.
 *
 * Only for init: it mounts file systems, and ends with the machine. A request is a line "SUITE PART
 * host" or "... router"; answers are entries of a journal, the first one a header.
 *
 * Return: only if this process is no init.
 */
int guest_main(const char *version,
	       struct nut *(*open)(void *ctx, uint64_t seed, char *why, size_t size));

#endif
