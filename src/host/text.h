/* SPDX-License-Identifier: BSD-3-Clause */
/* Text that grows, up to a limit: files that programs read, metrics. Not for the path of packets. */
#ifndef INABA_HOST_TEXT_H
#define INABA_HOST_TEXT_H

#include "base/base.h"

#define TEXT_MAX (64u << 20)

/* All zero is empty. */
struct text {
	char *buf;
	size_t n, room;
	int err; /* -ENOMEM, -EFBIG: and from then on nothing is written */
};

/** text_say() - As printf(3). */
void text_say(struct text *t, const char *fmt, ...) PRINTF(2, 3);

/** text_put() - Octets as they are. */
void text_put(struct text *t, const void *p, size_t n);

/** text_done() - Give the buffer back; it is empty again. */
void text_done(struct text *t);

#endif
