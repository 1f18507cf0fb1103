/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing cursor. What does not fit is not written and remembered in @overflow, so that a
 * builder tests once, at its end.
 */
#ifndef INABA_BASE_WR_H
#define INABA_BASE_WR_H

#include "base/addr.h"

struct wr {
	uint8_t *p; /* next octet to write */
	size_t left;
	uint8_t *start;
	bool overflow;
};

static inline struct wr wr_of(void *p, size_t n)
{
	return (struct wr){ p, n, p, false };
}

static inline size_t wr_len(const struct wr *w)
{
	return (size_t)(w->p - w->start);
}

/** wr_take() - Room for the next @n octets, which the caller fills; NULL if they do not fit. */
static inline uint8_t *wr_take(struct wr *w, size_t n)
{
	uint8_t *p = w->p;

	if (w->overflow || n > w->left) {
		w->overflow = true;
		return NULL;
	}
	w->p += n;
	w->left -= n;
	return p;
}

static inline void wr_bytes(struct wr *w, const void *from, size_t n)
{
	uint8_t *p = wr_take(w, n);

	if (p != NULL && n != 0)
		memcpy(p, from, n);
}

static inline void wr_zero(struct wr *w, size_t n)
{
	uint8_t *p = wr_take(w, n);

	if (p != NULL && n != 0)
		memset(p, 0, n);
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
	wr_bytes(w, &v, 1);
}

static inline void wr_u16(struct wr *w, uint16_t v)
{
	uint8_t b[2];

	put_be16(b, v);
	wr_bytes(w, b, sizeof(b));
}

static inline void wr_u32(struct wr *w, uint32_t v)
{
	uint8_t b[4];

	put_be32(b, v);
	wr_bytes(w, b, sizeof(b));
}

static inline void wr_addr(struct wr *w, const struct ip6_addr *a)
{
	wr_bytes(w, a->b, sizeof(a->b));
}

#endif
