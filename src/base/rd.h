/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading cursor over octets that somebody else sent. Every read tests the length first; a read
 * that does not fit changes nothing and returns false.
 */
#ifndef INABA_BASE_RD_H
#define INABA_BASE_RD_H

#include "base/addr.h"

/* Borrows the octets; copy the struct to remember a place. */
struct rd {
	const uint8_t *p;
	size_t left;
};

static inline struct rd rd_of(const void *p, size_t n)
{
	return (struct rd){ p, n };
}

static inline bool rd_skip(struct rd *r, size_t n)
{
	if (n > r->left)
		return false;
	r->p += n;
	r->left -= n;
	return true;
}

/** rd_take() - Take the next @n octets as a cursor of their own; @ret is set only on success. */
static inline bool rd_take(struct rd *r, size_t n, struct rd *ret)
{
	const uint8_t *p = r->p;

	if (!rd_skip(r, n))
		return false;
	*ret = rd_of(p, n);
	return true;
}

static inline bool rd_copy(struct rd *r, void *to, size_t n)
{
	if (n > r->left)
		return false;
	memcpy(to, r->p, n);
	return rd_skip(r, n);
}

static inline bool rd_u8(struct rd *r, uint8_t *ret)
{
	if (r->left < 1)
		return false;
	*ret = *r->p;
	return rd_skip(r, 1);
}

static inline bool rd_u16(struct rd *r, uint16_t *ret)
{
	if (r->left < 2)
		return false;
	*ret = get_be16(r->p);
	return rd_skip(r, 2);
}

static inline bool rd_u32(struct rd *r, uint32_t *ret)
{
	if (r->left < 4)
		return false;
	*ret = get_be32(r->p);
	return rd_skip(r, 4);
}

static inline bool rd_addr(struct rd *r, struct ip6_addr *ret)
{
	return rd_copy(r, ret->b, sizeof(ret->b));
}

#endif
