/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What devices in real time share: frames over packet sockets on the tester's interfaces, and the
 * programs that are run to tell the device something.
 */
#ifndef INABA_CONFORM_LIVE_H
#define INABA_CONFORM_LIVE_H

#include "conform/nut.h"

#define LIVE_FRAME_MAX (65536 + 18) /* a large packet that nobody cut, a header and a VLAN tag */
#define LIVE_SAID_MAX  4096

/* The tester's interface on one link. */
struct live_link {
	int fd;	   /* -1: there is none */
	bool full; /* frame, of that time, has not been given yet */
	time_ns when;
	size_t octets;
	uint8_t frame[LIVE_FRAME_MAX];
};

struct live {
	struct live_link link[NUT_LINKS];
};

/* What a program wrote, cut to size. */
struct live_said {
	char out[LIVE_SAID_MAX], err[LIVE_SAID_MAX];
};

/** live_now() - Monotonic time. */
time_ns live_now(void);

/** live_init() - No interface on any link. */
void live_init(struct live *l);

/**
 * live_open() - See all that comes in on interface @dev, and nothing that leaves there, as @link.
 * Its receive offload is turned off.
 * @why:	On failure, a sentence that says what to do.
 *
 * Return: 0, or a negative errno.
 */
int live_open(struct live *l, enum nut_link link, const char *dev, char *why, size_t size);
void live_close(struct live *l);

/** live_flush() - Forget what has come and was not yet given. */
void live_flush(struct live *l);

/** live_send(), live_recv() - As nut_ops.send and .recv; the time is that of the frame's arrival. */
void live_send(struct live *l, enum nut_link link, const uint8_t *p, size_t octets);
bool live_recv(struct live *l, time_ns until, struct nut_frame *ret);

/** live_sums() - Have the sender behind @dev, in this namespace, complete its checksums itself. */
void live_sums(const char *dev);

/**
 * live_run() - Run a program, and wait for its end (not for that of what it leaves running).
 * @argv:	NULL behind the last; argv[0] is looked for in PATH and where administration
 *		programs are.
 * @input:	What it reads, or NULL.
 *
 * Return: its exit status, 128 and the signal's number if that ended it, -ETIMEDOUT if it was
 * killed for its time, or another negative errno if it could not be started.
 */
int live_run(const char *const *argv, const char *input, time_ns within, struct live_said *said);

/** live_why() - A sentence: what @rc of live_run() means for @program, with its last line of errors. */
void live_why(const char *program, int rc, const struct live_said *said, char *why, size_t size);

#endif
