/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A Linux kernel of one's choice as the device, in virtual time: it runs under QEMU, and in it, as
 * init, this program, with tester and tested in namespaces of that one kernel. A machine is booted
 * for the first part of a worker and kept for the rest; one that dies or hangs costs its part, and
 * the next is given a new one.
 */
#ifndef INABA_CONFORM_QEMU_H
#define INABA_CONFORM_QEMU_H

#include "conform/run.h"

#define QEMU_PROGRAM "qemu-system-x86_64"

/* What all machines of a run have in common. */
struct qemu_conf {
	const char *program;		  /* QEMU */
	int kernel, initrd;		  /* files */
	const char *version;		  /* of this program: the guest's is to be the same */
	uint64_t seed;			  /* of all chance in it */
	time_ns boot_within, part_within; /* real time; later it counts as hung */
};

/**
 * qemu_prepare() - Find the kernel, make its first root file system; see kernel_find().
 * @why:	On error a sentence that says what to do.
 *
 * Return: 0, or a negative errno. qemu_unprepare() in any case.
 */
int qemu_prepare(struct qemu_conf *conf, const char *kernel, char *why, size_t size);
void qemu_unprepare(struct qemu_conf *conf);

struct qemu;

/** qemu_new() - A machine that is not yet booted. @conf: borrowed. */
struct qemu *qemu_new(const struct qemu_conf *conf);

/**
 * qemu_part() - Have a part run.
 * @stop:	A socket; when the other side has shut it down the machine ends at once.
 *
 * Return: its result as an entry of a journal, for free(); an ERROR for what is wrong with the
 * machine. NULL if it was stopped.
 */
uint8_t *qemu_part(struct qemu *q, const struct job *job, int stop, size_t *octets);

/** qemu_free() - Kill it. NULL is none. */
void qemu_free(struct qemu *q);

#endif
