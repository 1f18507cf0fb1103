/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM_FIRST 4096

static bool reserve(struct text *t, size_t n)
{
	size_t room = t->room != 0 ? t->room : ROOM_FIRST;
	char *p;

	if (t->err == 0 && n > TEXT_MAX - t->n)
		t->err = -EFBIG;
	if (t->err != 0)
		return false;
	while (room < t->n + n)
		room *= 2;
	if (room == t->room)
		return true;
	p = realloc(t->buf, room);
	if (p == NULL) {
		t->err = -ENOMEM;
		return false;
	}
	t->buf = p;
	t->room = room;
	return true;
}

void text_say(struct text *t, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0 && reserve(t, (size_t)n + 1)) {
		(void)vsnprintf(t->buf + t->n, (size_t)n + 1, fmt, again);
		t->n += (size_t)n;
	}
	va_end(again);
}

void text_put(struct text *t, const void *p, size_t n)
{
	if (n == 0 || !reserve(t, n))
		return;
	memcpy(t->buf + t->n, p, n);
	t->n += n;
}

void text_done(struct text *t)
{
	free(t->buf);
	*t = (struct text){ .n = 0 };
}
