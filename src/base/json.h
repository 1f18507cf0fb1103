/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JSON text (RFC 8259) for people and programs that ask a node for its state: a value is written
 * front to back into one growing buffer. Not for the path of packets.
 *
 *	json_init(&j, 2);
 *	json_object(&j);
 *	json_key(&j, "mtu");
 *	json_u64(&j, 1500);
 *	json_object_end(&j);
 *	r = json_finish(&j, &text, &octets);
 *
 * Values in the wrong place (a member without its key, an end without a beginning) are bugs of
 * the caller and asserted. Lack of memory is remembered, and told by json_finish().
 */
#ifndef INABA_BASE_JSON_H
#define INABA_BASE_JSON_H

#include "base/addr.h"

#define JSON_DEPTH_MAX 32

enum json_level {
	JSON_TOP,    /* takes one value */
	JSON_OBJECT, /* takes keys and the end */
	JSON_MEMBER, /* an object whose last key awaits its value */
	JSON_ARRAY,  /* takes values and the end */
};

struct json {
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

/** json_init() - Begin a text; @indent spaces for each level, or 0 for one line. */
void json_init(struct json *j, unsigned indent);

/** json_done() - Give the buffer back. */
void json_done(struct json *j);

/** json_again() - Forget the text and any error, keep the buffer: for the next line of many. */
void json_again(struct json *j);

/**
 * json_finish() - The text, once its one value is complete (asserted).
 * @text:	Ends with a line feed and a NUL; @octets counts the former. Borrowed until the next
 *		call on @j, which is json_again() or json_done(). Set only on success, like @octets.
 *
 * Return: 0, or -ENOMEM if memory was missing at any time since the beginning.
 */
int json_finish(struct json *j, const char **text, size_t *octets);

void json_object(struct json *j);
void json_object_end(struct json *j);
void json_array(struct json *j);
void json_array_end(struct json *j);

/** json_key() - Name of the member whose value comes next; in an object only. */
void json_key(struct json *j, const char *key);

/**
 * json_string(), json_octets_string() - A string, of any octets.
 * What is not well-formed UTF-8 (RFC 3629 section 4) becomes U+FFFD, one for each octet; control
 * characters, DEL and C1 included, are escaped, so that printing the text is safe.
 */
void json_string(struct json *j, const char *s);
void json_octets_string(struct json *j, const void *s, size_t n);

/** json_u64(), json_i64() - Written in full; readers with doubles keep 53 bits of it. */
void json_u64(struct json *j, uint64_t v);
void json_i64(struct json *j, int64_t v);
void json_bool(struct json *j, bool v);
void json_null(struct json *j);

/** json_addr() - A string in the form of RFC 5952. */
void json_addr(struct json *j, const struct ip6_addr *a);

/** json_prefix() - A string "ADDRESS/LENGTH"; @len is 0 to 128. */
void json_prefix(struct json *j, const struct ip6_addr *a, unsigned len);

#endif
