/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The few things that every file needs: assertions, sizes, time, big-endian octets.
 */
#ifndef INABA_BASE_BASE_H
#define INABA_BASE_BASE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LEN(a)			(sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define MIN(a, b)			((a) < (b) ? (a) : (b))
#define MAX(a, b)			((a) > (b) ? (a) : (b))
#define LIKELY(c)			__builtin_expect(!!(c), 1)
#define UNLIKELY(c)			__builtin_expect(!!(c), 0)
#define PRINTF(fmt, args)		__attribute__((format(printf, fmt, args)))

/* Our own bugs end the program, always: a node that goes on after one cannot be trusted. */
#define ASSERT(c)                                                                                  \
	do {                                                                                       \
		if (UNLIKELY(!(c)))                                                                \
			assert_failed(__FILE__, __LINE__, #c);                                     \
	} while (0)
#define ASSERT_NOT_REACHED() assert_failed(__FILE__, __LINE__, "not reached")

/** assert_failed() - Print where and what, then abort(). */
_Noreturn void assert_failed(const char *file, int line, const char *what);

__extension__ typedef unsigned __int128 uint128; /* of both compilers, not of ISO C */

/* Monotonic time in nanoseconds from an epoch of the caller's; the one time type. */
typedef uint64_t time_ns;

#define TIME_NEVER UINT64_MAX
#define NS_PER_US  UINT64_C(1000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_S   UINT64_C(1000000000)

/** time_after() - @t plus @d, saturating at TIME_NEVER. */
static inline time_ns time_after(time_ns t, time_ns d)
{
	return d > TIME_NEVER - t ? TIME_NEVER : t + d;
}

/* Big-endian octets at any alignment. */
static inline uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline uint32_t get_be32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

static inline uint64_t get_be64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap64(v);
}

static inline void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put_be32(uint8_t *p, uint32_t v)
{
	v = __builtin_bswap32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void put_be64(uint8_t *p, uint64_t v)
{
	v = __builtin_bswap64(v);
	memcpy(p, &v, sizeof(v));
}

#endif
