/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Octets to send and to read: rings that exist only while they hold something (and for TCP_DUE_IDLE
 * afterwards), addressed by sequence number, so that what arrives out of order is put where it
 * belongs.
 */
#include "transport/tcp_part.h"

#include <stdlib.h>

#define RING_MIN 16384

void tcp_ring_free(struct tcp *tc, struct tcp_ring *r)
{
	tc->stack->mem -= r->size;
	free(r->p);
	*r = (struct tcp_ring){ NULL, 0 };
}

/* @n octets from sequence number @at on, out of one ring into a larger one. */
static void move(struct tcp_ring *to, const struct tcp_ring *from, uint32_t at, uint32_t n)
{
	while (n != 0) {
		uint32_t off = at & (from->size - 1), part = MIN(n, from->size - off);

		tcp_ring_in(to, at, from->p + off, part);
		at += part;
		n -= part;
	}
}

/**
 * tcp_ring_reserve() - Make room for @want octets from sequence number @from on.
 * @used:	Octets from @from on that are to be kept.
 *
 * Return: false if there is no memory: nothing has changed.
 */
bool tcp_ring_reserve(struct tcp *tc, struct tcp_ring *r, uint32_t from, uint32_t used,
		      uint32_t want)
{
	struct tcp_ring bigger = { NULL, MAX(r->size, (uint32_t)RING_MIN) };

	if (LIKELY(want <= r->size))
		return true;
	while (bigger.size < want)
		bigger.size *= 2;
	if (tc->stack->mem + bigger.size > tc->stack->conf.mem_max)
		return false;
	bigger.p = malloc(bigger.size);
	if (bigger.p == NULL)
		return false;
	if (r->size != 0)
		move(&bigger, r, from, MIN(used, r->size));
	tcp_ring_free(tc, r);
	tc->stack->mem += bigger.size;
	*r = bigger;
	return true;
}

void tcp_ring_in(struct tcp_ring *r, uint32_t at, const uint8_t *p, uint32_t n)
{
	uint32_t off = at & (r->size - 1), part = MIN(n, r->size - off);

	ASSERT(n <= r->size);
	memcpy(r->p + off, p, part);
	if (part < n)
		memcpy(r->p, p + part, n - part);
}

void tcp_ring_out(const struct tcp_ring *r, uint32_t at, uint8_t *p, uint32_t n)
{
	uint32_t off = at & (r->size - 1), part = MIN(n, r->size - off);

	ASSERT(n <= r->size);
	memcpy(p, r->p + off, part);
	if (part < n)
		memcpy(p + part, r->p, n - part);
}
