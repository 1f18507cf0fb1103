/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/dname.h"

#include <stdio.h>

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Octets of the label that @text begins with, or 0 if it is none. */
static size_t label_of(const char *text)
{
	size_t n = 0;

	while (is_letter(text[n]) || (text[n] >= '0' && text[n] <= '9') || text[n] == '-' ||
	       text[n] == '_')
		n++;
	if (n == 0 || n > DNAME_LABEL_MAX || text[0] == '-' || text[n - 1] == '-')
		return 0;
	return n;
}

int dname_parse(const char *text, struct dname *ret)
{
	struct dname name = { .octets = 0 };

	while (*text != '\0') {
		size_t n = label_of(text);

		if (n == 0 || name.octets + n + 2 > DNAME_MAX)
			return -EINVAL;
		name.b[name.octets] = (uint8_t)n;
		memcpy(&name.b[name.octets + 1], text, n);
		name.octets = (uint8_t)(name.octets + n + 1);
		text += n;
		if (*text == '.')
			text++;
		else if (*text != '\0')
			return -EINVAL;
	}
	if (name.octets == 0)
		return -EINVAL;
	name.octets++; /* the root */
	*ret = name;
	return 0;
}

bool dname_take(struct rd *in, struct dname *ret)
{
	struct rd r = *in;
	size_t octets = 0;
	uint8_t n;

	do {
		if (!rd_u8(&r, &n) || n > DNAME_LABEL_MAX || !rd_skip(&r, n))
			return false;
		octets += 1u + n;
	} while (n != 0 && octets <= DNAME_MAX);
	if (octets > DNAME_MAX)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->octets = (uint8_t)octets;
	return rd_copy(in, ret->b, octets);
}

const char *dname_text(const struct dname *n, char buf[DNAME_TEXT_MAX])
{
	struct rd in = rd_of(n->b, n->octets), label;
	char *to = buf;
	uint8_t len;

	while (rd_u8(&in, &len) && len != 0 && rd_take(&in, len, &label)) {
		if (to != buf)
			*to++ = '.';
		for (size_t i = 0; i < label.left; i++) {
			uint8_t c = label.p[i];

			ASSERT(buf + DNAME_TEXT_MAX - to > 5);
			if (c > ' ' && c < 0x7f && c != '.' && c != '\\')
				*to++ = (char)c;
			else
				to += snprintf(to, 5, "\\%03u", (unsigned)c);
		}
	}
	if (to == buf)
		*to++ = '.';
	*to = '\0';
	return buf;
}

int dname_append(struct dname *n, const struct dname *suffix)
{
	size_t own = n->octets - 1u; /* without the root */

	if (own + suffix->octets > DNAME_MAX)
		return -ENAMETOOLONG;
	memcpy(&n->b[own], suffix->b, suffix->octets);
	n->octets = (uint8_t)(own + suffix->octets);
	return 0;
}

unsigned dname_labels(const struct dname *n)
{
	unsigned labels = 0;

	for (size_t at = 0; n->b[at] != 0; at += n->b[at] + 1u)
		labels++;
	return labels;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* Lengths are no letters: they are at most 63. */
bool dname_octets_eq(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}
