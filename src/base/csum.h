/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Internet checksum (RFC 1071), the pseudo-header of RFC 8200 section 8.1, and incremental
 * update (RFC 1624).
 */
#ifndef INABA_BASE_CSUM_H
#define INABA_BASE_CSUM_H

#include "base/addr.h"

/**
 * csum_add() - Add @n octets to an unfolded sum.
 * @sum:	Sum so far; 0 to begin with. All parts but the last have an even length.
 */
uint64_t csum_add(uint64_t sum, const void *p, size_t n);

/** csum_fold() - Fold to 16 bits, not complemented: 0xffff for a valid whole packet. */
uint16_t csum_fold(uint64_t sum);

/** csum_pseudo() - Unfolded sum of the pseudo-header; @len is the upper-layer packet length. */
uint64_t csum_pseudo(const struct ip6_addr *src, const struct ip6_addr *dst, uint32_t len,
		     uint8_t proto);

/**
 * csum_upper() - Checksum field (for put_be16()) of an upper-layer packet whose field is zero;
 * for a packet whose field is set: 0 if and only if it is valid.
 */
uint16_t csum_upper(const struct ip6_addr *src, const struct ip6_addr *dst, const void *p,
		    uint32_t len, uint8_t proto);

/**
 * csum_upper_of() - The same of a packet in two pieces that is still to be written: its first 8 octets are
 * those of @first, as they lie in memory, then come @n at @rest.
 */
uint16_t csum_upper_of(const struct ip6_addr *src, const struct ip6_addr *dst, uint64_t first,
		       const void *rest, uint32_t n, uint8_t proto);

/**
 * csum_update() - New value of the checksum field @old after 16 bits of the packet changed from
 * @from to @to (all as get_be16() reads them). RFC 1624 equation 3.
 */
static inline uint16_t csum_update(uint16_t old, uint16_t from, uint16_t to)
{
	uint32_t s = (uint32_t)(uint16_t)~old + (uint16_t)~from + to;

	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

#endif
