/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IPv6 addresses as values: comparison, prefixes, text. What an address means (scope, kind) is
 * in ip6/scope.h. IPv4 addresses travel as IPv4-mapped ones where both families share a table.
 */
#ifndef INABA_BASE_ADDR_H
#define INABA_BASE_ADDR_H

#include "base/base.h"

#define IP6_ADDR_OCTETS 16
#define IP6_ADDR_BITS	128
#define IP6_TEXT_MAX	46 /* with the final NUL */
#define IP4_ADDR_BITS	32
#define IP4_MAPPED_BITS 96 /* of a mapped address, before the IPv4 address */

/* 16 octets in network order. */
struct ip6_addr {
	uint8_t b[IP6_ADDR_OCTETS];
};

#define IP6_UNSPEC ((struct ip6_addr){ { 0 } })

static inline uint64_t ip6_hi(const struct ip6_addr *a)
{
	return get_be64(a->b);
}

static inline uint64_t ip6_lo(const struct ip6_addr *a)
{
	return get_be64(a->b + 8);
}

static inline bool ip6_eq(const struct ip6_addr *a, const struct ip6_addr *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

static inline bool ip6_is_unspec(const struct ip6_addr *a)
{
	uint64_t x[2];

	memcpy(x, a, sizeof(x));
	return (x[0] | x[1]) == 0;
}

/** ip6_is_v4mapped() - ::ffff:0:0/96 (RFC 4291 section 2.5.5.2). */
static inline bool ip6_is_v4mapped(const struct ip6_addr *a)
{
	return ip6_hi(a) == 0 && ip6_lo(a) >> 32 == 0xffff;
}

/** ip4_mapped() - The IPv4 address @ip4, a number, as it travels in the tables of both families. */
static inline struct ip6_addr ip4_mapped(uint32_t ip4)
{
	struct ip6_addr a = { { [10] = 0xff, [11] = 0xff } };

	put_be32(a.b + 12, ip4);
	return a;
}

/** ip4_of() - The number again; @a is mapped. */
static inline uint32_t ip4_of(const struct ip6_addr *a)
{
	return get_be32(a->b + 12);
}

static inline int ip6_cmp(const struct ip6_addr *a, const struct ip6_addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

/** ip6_prefix() - @a with all but its first @len bits (0 to 128) cleared. */
struct ip6_addr ip6_prefix(const struct ip6_addr *a, unsigned len);

/** ip6_in_prefix() - Do the first @len bits (0 to 128) of @a and @prefix agree? */
bool ip6_in_prefix(const struct ip6_addr *a, const struct ip6_addr *prefix, unsigned len);

/** ip6_common_bits() - Number of leading bits that @a and @b share, 0 to 128. */
unsigned ip6_common_bits(const struct ip6_addr *a, const struct ip6_addr *b);

/**
 * ip6_text() - Write @a in the form of RFC 5952 (RFC 4291 section 2.2 made canonical).
 * @buf:	At least IP6_TEXT_MAX octets.
 *
 * Return: @buf.
 */
const char *ip6_text(const struct ip6_addr *a, char buf[IP6_TEXT_MAX]);

/** addr_text() - The same, but an IPv4-mapped address as IPv4 writes it: "192.0.2.1". */
const char *addr_text(const struct ip6_addr *a, char buf[IP6_TEXT_MAX]);

/**
 * ip6_parse() - Read an address in any of the forms of RFC 4291 section 2.2.
 * @ret:	Set only on success.
 *
 * Return: 0, or -EINVAL.
 */
int ip6_parse(const char *text, struct ip6_addr *ret);

/**
 * ip6_parse_prefix() - Read ADDRESS/LENGTH; the address keeps the bits behind the length.
 * @ret, @len:	Set only on success.
 *
 * Return: 0, or -EINVAL.
 */
int ip6_parse_prefix(const char *text, struct ip6_addr *ret, unsigned *len);

/**
 * addr_parse(), addr_parse_prefix() - The same of either family: "192.0.2.1/24" is ::ffff:192.0.2.1,
 * 120 bits.
 */
int addr_parse(const char *text, struct ip6_addr *ret);
int addr_parse_prefix(const char *text, struct ip6_addr *ret, unsigned *len);

#endif
