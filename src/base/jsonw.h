/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JSON text (RFC 8259) for people and programs that ask a node for its state: a value is written
 * front to back into one growing buffer. Not for the path of packets.
 *
 *	jsonw_init(&j, 2);
 *	jsonw_object(&j);
 *	jsonw_key(&j, "mtu");
 *	jsonw_u64(&j, 1500);
 *	jsonw_object_end(&j);
 *	r = jsonw_finish(&j, &text, &octets);
 *
 * Values in the wrong place (a member without its key, an end without a beginning) are bugs of
 * the caller and asserted. Lack of memory is remembered, and told by jsonw_finish().
 */
#ifndef INABA_BASE_JSONW_H
#define INABA_BASE_JSONW_H

#include "base/addr.h"

#define JSON_DEPTH_MAX 32

enum json_level {
	JSON_TOP,    /* takes one value */
	JSON_OBJECT, /* takes keys and the end */
	JSON_MEMBER, /* an object whose last key awaits its value */
	JSON_ARRAY,  /* takes values and the end */
};

struct jsonw {
	char *text;
	size_t octets, room;
	int err;	 /* -ENOMEM, and from then on nothing is written */
	unsigned indent; /* spaces for each level; 0: all on one line */
	unsigned depth;
	struct {
		uint8_t level; /* enum json_level */
		bool any;      /* something stands in it: a comma comes first */
	} at[JSON_DEPTH_MAX + 1];
};

/** jsonw_init() - Begin a text; @indent spaces for each level, or 0 for one line. */
void jsonw_init(struct jsonw *j, unsigned indent);

/** jsonw_done() - Give the buffer back. */
void jsonw_done(struct jsonw *j);

/** jsonw_again() - Forget the text and any error, keep the buffer: for the next line of many. */
void jsonw_again(struct jsonw *j);

/**
 * jsonw_finish() - The text, once its one value is complete (asserted).
 * @text:	Ends with a line feed and a NUL; @octets counts the former. Borrowed until the next
 *		call on @j, which is jsonw_again() or jsonw_done(). Set only on success, like @octets.
 *
 * Return: 0, or -ENOMEM if memory was missing at any time since the beginning.
 */
int jsonw_finish(struct jsonw *j, const char **text, size_t *octets);

void jsonw_object(struct jsonw *j);
void jsonw_object_end(struct jsonw *j);
void jsonw_array(struct jsonw *j);
void jsonw_array_end(struct jsonw *j);

/** jsonw_key() - Name of the member whose value comes next; in an object only. */
void jsonw_key(struct jsonw *j, const char *key);

/**
 * jsonw_string(), jsonw_octets_string() - A string, of any octets.
 * What is not well-formed UTF-8 (RFC 3629 section 4) becomes U+FFFD, one for each octet; control
 * characters, DEL and C1 included, are escaped, so that printing the text is safe.
 */
void jsonw_string(struct jsonw *j, const char *s);
void jsonw_octets_string(struct jsonw *j, const void *s, size_t n);

/** jsonw_u64(), jsonw_i64() - Written in full; readers with doubles keep 53 bits of it. */
void jsonw_u64(struct jsonw *j, uint64_t v);
void jsonw_i64(struct jsonw *j, int64_t v);
void jsonw_bool(struct jsonw *j, bool v);
void jsonw_null(struct jsonw *j);

/** jsonw_addr() - A string in the form of RFC 5952. */
void jsonw_addr(struct jsonw *j, const struct ip6_addr *a);

/** jsonw_prefix() - A string "ADDRESS/LENGTH"; @len is 0 to 128. */
void jsonw_prefix(struct jsonw *j, const struct ip6_addr *a, unsigned len);

#endif
