/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel of this machine as a peer: two of its sockets on ::1, system calls and all. */
#ifndef INABA_BENCH_LOOPBACK_H
#define INABA_BENCH_LOOPBACK_H

#include <sys/socket.h>

#include "bench.h"

struct loopback {
	int from, to; /* -1: none */
};

/** loopback_open() - Two that are connected. Return: false, and why not in @note. */
bool loopback_open(struct loopback *l, int type, char note[BENCH_NOTE_MAX]);

void loopback_close(struct loopback *l);

/** loopback_turns() - @n times an octet there, and when it was read one back. */
void loopback_turns(const struct loopback *l, unsigned n);

/** loopback_datagrams() - @n of @octets each, then all are read. */
void loopback_datagrams(const struct loopback *l, unsigned n, unsigned octets);

#endif
