/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/jsonw.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

#define ROOM_MIN   256
#define NUMBER_MAX 24 /* 20 digits, a sign, NUL */

void jsonw_init(struct jsonw *j, unsigned indent)
{
	memset(j, 0, sizeof(*j));
	j->indent = indent;
}

void jsonw_done(struct jsonw *j)
{
	free(j->text);
	memset(j, 0, sizeof(*j));
}

void jsonw_again(struct jsonw *j)
{
	j->octets = 0;
	j->err = 0;
	j->depth = 0;
	j->at[0].any = false;
}

static void put(struct jsonw *j, const char *s, size_t n)
{
	if (j->err != 0)
		return;
	if (n > j->room - j->octets) {
		size_t room = MAX(j->room * 2, MAX(j->octets + n, (size_t)ROOM_MIN));
		char *text = realloc(j->text, room);

		if (text == NULL) {
			j->err = -ENOMEM;
			return;
		}
		j->text = text;
		j->room = room;
	}
	memcpy(j->text + j->octets, s, n);
	j->octets += n;
}

static void put_text(struct jsonw *j, const char *s)
{
	put(j, s, strlen(s));
}

static void new_line(struct jsonw *j)
{
	if (j->indent == 0)
		return;
	put(j, "\n", 1);
	for (unsigned i = 0; i < j->indent * j->depth; i++)
		put(j, " ", 1);
}

/* The comma and the line break before an element of the present level. */
static void begin_element(struct jsonw *j)
{
	if (j->at[j->depth].any)
		put(j, ",", 1);
	j->at[j->depth].any = true;
	new_line(j);
}

/* A value comes: is it its turn? */
static void begin_value(struct jsonw *j)
{
	uint8_t *level = &j->at[j->depth].level;

	switch ((enum json_level) * level) {
	case JSON_TOP:
		ASSERT(!j->at[0].any);
		j->at[0].any = true;
		return;
	case JSON_MEMBER:
		*level = JSON_OBJECT;
		return;
	case JSON_ARRAY:
		begin_element(j);
		return;
	case JSON_OBJECT:
		break; /* a value without its key */
	}
	ASSERT_NOT_REACHED();
}

static void open_level(struct jsonw *j, enum json_level level, const char *bracket)
{
	begin_value(j);
	put_text(j, bracket);
	ASSERT(j->depth < JSON_DEPTH_MAX);
	j->depth++;
	j->at[j->depth].level = (uint8_t)level;
	j->at[j->depth].any = false;
}

static void close_level(struct jsonw *j, enum json_level level, const char *bracket)
{
	bool any = j->at[j->depth].any;

	ASSERT(j->depth > 0 && j->at[j->depth].level == level);
	j->depth--;
	if (any)
		new_line(j);
	put_text(j, bracket);
}

void jsonw_object(struct jsonw *j)
{
	open_level(j, JSON_OBJECT, "{");
}

void jsonw_object_end(struct jsonw *j)
{
	close_level(j, JSON_OBJECT, "}");
}

void jsonw_array(struct jsonw *j)
{
	open_level(j, JSON_ARRAY, "[");
}

void jsonw_array_end(struct jsonw *j)
{
	close_level(j, JSON_ARRAY, "]");
}

int jsonw_finish(struct jsonw *j, const char **text, size_t *octets)
{
	ASSERT(j->depth == 0 && j->at[0].any);
	put(j, "\n", sizeof("\n"));
	if (j->err != 0)
		return j->err;
	j->octets--; /* the NUL */
	*text = j->text;
	*octets = j->octets;
	return 0;
}

/* RFC 8259 section 7: the escapes that MUST be, and those that spare a terminal. */
static bool put_escape(struct jsonw *j, uint32_t c)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char buf[8];

	for (const char *l = letters; *l != '\0'; l += 2) {
		if (c == (uint8_t)*l) {
			put(j, (char[]){ '\\', l[1] }, 2);
			return true;
		}
	}
	if ((c >= 0x20 && c < 0x7f) || c > 0x9f)
		return false;
	snprintf(buf, sizeof(buf), "\\u%04x", (unsigned)c);
	put_text(j, buf);
	return true;
}

static void put_string(struct jsonw *j, const uint8_t *s, size_t n)
{
	put(j, "\"", 1);
	while (n > 0) {
		uint32_t code = 0;
		size_t len = utf8_char(s, n, &code);

		if (len == 0)
			put_text(j, "\\ufffd");
		else if (!put_escape(j, code))
			put(j, (const char *)s, len);
		len = MAX(len, (size_t)1);
		s += len;
		n -= len;
	}
	put(j, "\"", 1);
}

void jsonw_key(struct jsonw *j, const char *key)
{
	ASSERT(j->at[j->depth].level == JSON_OBJECT);
	begin_element(j);
	put_string(j, (const uint8_t *)key, strlen(key));
	put_text(j, j->indent != 0 ? ": " : ":");
	j->at[j->depth].level = JSON_MEMBER;
}

void jsonw_octets_string(struct jsonw *j, const void *s, size_t n)
{
	begin_value(j);
	put_string(j, s, n);
}

void jsonw_string(struct jsonw *j, const char *s)
{
	jsonw_octets_string(j, s, strlen(s));
}

void jsonw_u64(struct jsonw *j, uint64_t v)
{
	char buf[NUMBER_MAX];

	begin_value(j);
	snprintf(buf, sizeof(buf), "%" PRIu64, v);
	put_text(j, buf);
}

void jsonw_i64(struct jsonw *j, int64_t v)
{
	char buf[NUMBER_MAX];

	begin_value(j);
	snprintf(buf, sizeof(buf), "%" PRId64, v);
	put_text(j, buf);
}

void jsonw_bool(struct jsonw *j, bool v)
{
	begin_value(j);
	put_text(j, v ? "true" : "false");
}

void jsonw_null(struct jsonw *j)
{
	begin_value(j);
	put_text(j, "null");
}

void jsonw_addr(struct jsonw *j, const struct ip6_addr *a)
{
	char buf[IP6_TEXT_MAX];

	jsonw_string(j, addr_text(a, buf));
}

void jsonw_prefix(struct jsonw *j, const struct ip6_addr *a, unsigned len)
{
	char addr[IP6_TEXT_MAX], buf[IP6_TEXT_MAX + sizeof("/128")];

	ASSERT(len <= IP6_ADDR_BITS);
	snprintf(buf, sizeof(buf), "%s/%u", ip6_text(a, addr), len);
	jsonw_string(j, buf);
}
