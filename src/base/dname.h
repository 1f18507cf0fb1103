/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Domain names as values (RFC 1035 section 3.1): labels with their lengths, the root's zero at the
 * end, never compressed. Octets are kept as they came; comparison takes upper and lower case for
 * the same (RFC 1035 section 2.3.3).
 */
#ifndef INABA_BASE_DNAME_H
#define INABA_BASE_DNAME_H

#include "base/rd.h"

#define DNAME_MAX	255 /* octets, RFC 1035 section 2.3.4 */
#define DNAME_LABEL_MAX 63
#define DNAME_TEXT_MAX	1024 /* 255 octets, each as \DDD, and a NUL */

struct dname {
	uint8_t octets; /* the final zero included: 1 is the root */
	uint8_t b[DNAME_MAX];
};

/**
 * dname_parse() - A name as people write it, "www.example.com", with or without a final dot.
 * @ret:	Set only on success.
 *
 * Labels are letters, digits, hyphens (not at their ends) and underscores: a host's name (RFC 1123
 * section 2.1) or a service's.
 *
 * Return: 0, or -EINVAL.
 */
int dname_parse(const char *text, struct dname *ret);

/** dname_take() - Take one name off the front of @in; false, with nothing changed, if it is none. */
bool dname_take(struct rd *in, struct dname *ret);

/**
 * dname_text() - The name without a final dot, "." for the root; whatever is no plain printable
 * character, and dots and backslashes within a label, as \DDD (RFC 1035 section 5.1).
 *
 * Return: @buf.
 */
const char *dname_text(const struct dname *n, char buf[DNAME_TEXT_MAX]);

/** dname_append() - @n within @suffix. Return: 0, or -ENAMETOOLONG with @n left alone. */
int dname_append(struct dname *n, const struct dname *suffix);

/** dname_labels() - How many it has, the root not counted. */
unsigned dname_labels(const struct dname *n);

/** dname_octets_eq() - The same names, both of @n octets? */
bool dname_octets_eq(const uint8_t *a, const uint8_t *b, size_t n);

static inline bool dname_eq(const struct dname *a, const struct dname *b)
{
	return a->octets == b->octets && dname_octets_eq(a->b, b->b, a->octets);
}

#endif
