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

uint64_t csum_add(uint64_t sum, const void *from, size_t n)
{
	const uint8_t *p = from;
	uint64_t v;

	if (n >= 2 * VEC_ROUND) {
		size_t whole = n & ~(VEC_ROUND - 1);

		sum = add_vecs(sum, p, whole);
		p += whole;
		n -= whole;
	}
	for (; n >= sizeof(v); n -= sizeof(v), p += sizeof(v)) {
		memcpy(&v, p, sizeof(v));
		sum = add64(sum, v);
	}
	if (n != 0) {
		v = 0;
		memcpy(&v, p, n);
		sum = add64(sum, v);
	}
	return sum;
}

uint16_t csum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return __builtin_bswap16((uint16_t)sum);
}

uint64_t csum_pseudo(const struct ip6_addr *src, const struct ip6_addr *dst, uint32_t len,
		     uint8_t proto)
{
	uint8_t tail[8];
	uint64_t sum;

	put_be32(tail, len);
	put_be32(tail + 4, proto);
	sum = csum_add(0, src->b, sizeof(src->b));
	sum = csum_add(sum, dst->b, sizeof(dst->b));
	return csum_add(sum, tail, sizeof(tail));
}

uint16_t csum_upper(const struct ip6_addr *src, const struct ip6_addr *dst, const void *p,
		    uint32_t len, uint8_t proto)
{
	return (uint16_t)~csum_fold(csum_add(csum_pseudo(src, dst, len, proto), p, len));
}
