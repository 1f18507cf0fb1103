/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sums run over the octets as the machine reads them; the fold swaps once. That one's complement
 * sums are independent of byte order is RFC 1071 section 2(B).
 */
#include "base/csum.h"

static uint64_t add64(uint64_t sum, uint64_t v)
{
	sum += v;
	return sum + (sum < v);		/* end-around carry */
}

uint64_t csum_add(uint64_t sum, const void *from, size_t n)
{
	const uint8_t *p = from;
	uint64_t v[4], wide[4] = { 0 }, last = 0;

	/* Four lanes of 32-bit halves, so that the compiler can use vectors. */
	while (n >= 2 * sizeof(v)) {
		uint32_t w[16];

		memcpy(w, p, sizeof(w));
		for (unsigned i = 0; i < 16; i++)
			wide[i & 3] += w[i];
		p += sizeof(w);
		n -= sizeof(w);
	}
	for (unsigned i = 0; i < 4; i++)
		sum = add64(sum, wide[i]);
	while (n >= sizeof(v[0])) {
		memcpy(v, p, sizeof(v[0]));
		sum = add64(sum, v[0]);
		p += sizeof(v[0]);
		n -= sizeof(v[0]);
	}
	if (n != 0) {
		memcpy(&last, p, n);
		sum = add64(sum, last);
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
