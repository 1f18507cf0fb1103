/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The receiver's side of RFC 2018: what arrived out of order, and telling the sender. The octets
 * are in the ring already; here are only their ranges. What was told is never thrown away (section
 * 8 would allow it).
 */
#include "transport/tcp_part.h"

#include <stdlib.h>

void tcp_ooo_done(struct tcp *tc)
{
	free(tc->ooo);
	tc->ooo = NULL;
}

static void remove_range(struct tcp_ooo *o, uint32_t i)
{
	uint32_t behind = o->n - i - 1;

	memmove(&o->range[i], &o->range[i + 1], behind * sizeof(o->range[0]));
	memmove(&o->fresh[i], &o->fresh[i + 1], behind * sizeof(o->fresh[0]));
	o->n--;
}

static void insert_range(struct tcp_ooo *o, uint32_t i, struct tcp_range r)
{
	uint32_t behind = o->n - i;

	memmove(&o->range[i + 1], &o->range[i], behind * sizeof(o->range[0]));
	memmove(&o->fresh[i + 1], &o->fresh[i], behind * sizeof(o->fresh[0]));
	o->range[i] = r;
	o->n++;
}

/**
 * tcp_ooo_add() - Octets @from to @to, behind rcv_nxt, arrived.
 *
 * Return: false if there is no room to remember one more range: they did not arrive, then.
 */
bool tcp_ooo_add(struct tcp *tc, uint32_t from, uint32_t to)
{
	struct tcp_range r = { from, to };
	struct tcp_ooo *o = tc->ooo;
	uint32_t i = 0;

	ASSERT(seq_lt(from, to) && seq_lt(tc->rcv_nxt, from));
	if (o == NULL) {
		o = tc->ooo = malloc(sizeof(*o));
		if (o == NULL)
			return false;
		o->n = o->clock = 0;
	}
	while (i < o->n && seq_lt(o->range[i].to, from))
		i++;
	if (i < o->n && seq_le(o->range[i].from, from) && seq_le(to, o->range[i].to))
		tc->dsack = r; /* RFC 2883 section 4: all of it was here */
	for (; i < o->n && seq_le(o->range[i].from, r.to); remove_range(o, i)) {
		r.from = seq_min(r.from, o->range[i].from);
		r.to = seq_max(r.to, o->range[i].to);
	}
	if (o->n == TCP_OOO_MAX)
		return false;
	insert_range(o, i, r);
	o->fresh[i] = ++o->clock;
	return true;
}

/** tcp_ooo_pull() - rcv_nxt moved: take what is in order now along with it. */
void tcp_ooo_pull(struct tcp *tc)
{
	struct tcp_ooo *o = tc->ooo;

	if (LIKELY(o == NULL))
		return;
	while (o->n != 0 && seq_le(o->range[0].from, tc->rcv_nxt)) {
		tc->rcv_nxt = seq_max(tc->rcv_nxt, o->range[0].to);
		remove_range(o, 0);
	}
	if (o->n == 0)
		tcp_ooo_done(tc);
}

/**
 * tcp_ooo_blocks() - Blocks of a SACK option, RFC 2018 section 4: the one that changed last MUST
 * come first, then those that were told of most recently.
 *
 * Return: how many were written to @to, @max at most.
 */
unsigned tcp_ooo_blocks(const struct tcp *tc, struct tcp_range *to, unsigned max)
{
	const struct tcp_ooo *o = tc->ooo;
	uint32_t below = UINT32_MAX;
	unsigned n = 0;

	while (o != NULL && n < max && n < o->n) {
		uint32_t best = 0;

		for (uint32_t i = 0; i < o->n; i++)
			if (o->fresh[i] < below && o->fresh[i] > best) {
				best = o->fresh[i];
				to[n] = o->range[i];
			}
		if (best == 0)
			break;
		below = best;
		n++;
	}
	return n;
}
