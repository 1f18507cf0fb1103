/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sums run over the octets as the machine reads them; the fold swaps once. That one's complement
 * sums are independent of byte order is RFC 1071 section 2(B).
 */
#include "base/csum.h"

static uint64_t add64(uint64_t sum, uint64_t v)
{
	sum += v;
	return sum + (sum < v); /* end-around carry */
}

/*
 * Vectors of the compiler's: SSE2, NEON or two words, whatever the target has. Each 64-bit word
 * is added as two halves, so no carry is lost before 2^32 rounds.
 */
typedef uint64_t vec __attribute__((vector_size(16)));

#define VEC_ROUND (2 * sizeof(vec))

/* @n is a multiple of VEC_ROUND. */
static uint64_t add_vecs(uint64_t sum, const uint8_t *p, size_t n)
{
	vec lo[2] = { { 0 } }, hi[2] = { { 0 } };
	uint128 all;

	for (; n != 0; n -= VEC_ROUND, p += VEC_ROUND) {
		vec v[2];

		memcpy(v, p, sizeof(v));
		lo[0] += v[0] & UINT32_MAX;
		hi[0] += v[0] >> 32;
		lo[1] += v[1] & UINT32_MAX;
		hi[1] += v[1] >> 32;
	}
	lo[0] += lo[1];
	hi[0] += hi[1];
	all = (uint128)hi[0][0] + hi[0][1];
	all = (all << 32) + lo[0][0] + lo[0][1];
	return add64(add64(sum, (uint64_t)all), (uint64_t)(all >> 64));
}

/* The last @n octets, less than 8: in parts of a fixed size, which need no call. */
static uint64_t tail(const uint8_t *p, size_t n)
{
	uint64_t sum = 0;
	uint32_t v4;
	uint16_t v2;

	if ((n & 4) != 0) {
		memcpy(&v4, p, sizeof(v4));
		sum += v4;
		p += sizeof(v4);
	}
	if ((n & 2) != 0) {
		memcpy(&v2, p, sizeof(v2));
		sum += v2;
		p += sizeof(v2);
	}
	if ((n & 1) != 0) {
		v2 = 0;
		memcpy(&v2, p, 1);
		sum += v2;
	}
	return sum;
}

/* In 128 bits nothing is carried out, so nothing need be carried in. */
static inline uint64_t fold128(uint128 sum)
{
	return add64((uint64_t)sum, (uint64_t)(sum >> 64));
}

static inline uint128 add_words(uint128 sum, const uint8_t *p, size_t n)
{
	uint64_t v;

	for (; n >= sizeof(v); n -= sizeof(v), p += sizeof(v)) {
		memcpy(&v, p, sizeof(v));
		sum += v;
	}
	return sum + tail(p, n);
}

uint64_t csum_add(uint64_t sum, const void *from, size_t n)
{
	const uint8_t *p = from;

	if (n >= 2 * VEC_ROUND) {
		size_t whole = n & ~(VEC_ROUND - 1);

		sum = add_vecs(sum, p, whole);
		p += whole;
		n -= whole;
	}
	return fold128(add_words(sum, p, n));
}

static inline uint16_t fold(uint64_t sum)
{
	uint32_t low = (uint32_t)sum, half = low + (uint32_t)(sum >> 32);
	uint16_t quarter;

	half += half < low;
	quarter = (uint16_t)(half + (half >> 16));
	quarter = (uint16_t)(quarter + (quarter < (uint16_t)half));
	return __builtin_bswap16(quarter);
}

uint16_t csum_fold(uint64_t sum)
{
	return fold(sum);
}

static inline uint128 add_pseudo(const struct ip6_addr *src, const struct ip6_addr *dst,
				 uint32_t len, uint8_t proto)
{
	uint128 sum = 0;
	uint8_t last[8];

	put_be64(last, (uint64_t)len << 32 | proto);
	sum = add_words(sum, src->b, sizeof(src->b));
	sum = add_words(sum, dst->b, sizeof(dst->b));
	return add_words(sum, last, sizeof(last));
}

uint64_t csum_pseudo(const struct ip6_addr *src, const struct ip6_addr *dst, uint32_t len,
		     uint8_t proto)
{
	return fold128(add_pseudo(src, dst, len, proto));
}

uint16_t csum_upper(const struct ip6_addr *src, const struct ip6_addr *dst, const void *p,
		    uint32_t len, uint8_t proto)
{
	uint128 sum = add_pseudo(src, dst, len, proto);

	if (len < 2 * VEC_ROUND)
		return (uint16_t)~fold(fold128(add_words(sum, p, len)));
	return (uint16_t)~fold(csum_add(fold128(sum), p, len));
}

uint16_t csum_upper_of(const struct ip6_addr *src, const struct ip6_addr *dst, uint64_t first,
		       const void *rest, uint32_t n, uint8_t proto)
{
	uint128 sum = add_pseudo(src, dst, (uint32_t)sizeof(first) + n, proto) + first;

	if (n < 2 * VEC_ROUND)
		return (uint16_t)~fold(fold128(add_words(sum, rest, n)));
	return (uint16_t)~fold(csum_add(fold128(sum), rest, n));
}
