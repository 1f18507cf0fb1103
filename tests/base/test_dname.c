/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/dname.h"

#define L63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"

/* RFC 1035 section 2.3.4, RFC 1123 section 2.1. */
static const struct {
	const char *text, *wire; /* NULL: refused */
	unsigned octets;
} rows[] = {
	{ "a", "\1a", 3 },
	{ "a.", "\1a", 3 },
	{ "www.Example.com", "\3www\7Example\3com", 17 },
	{ "_dns._udp.x-1", "\4_dns\4_udp\3x-1", 15 },
	{ "1.2", "\0011\0012", 5 },
	{ L63, "\77" L63, 65 },
	{ L63 "." L63 "." L63 "."
	      "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxy",
	  "\77" L63 "\77" L63 "\77" L63 "\75"
	  "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxy",
	  255 },
	{ L63 "." L63 "." L63 "."
	      "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz",
	  NULL, 0 },
	{ L63 "a", NULL, 0 },
	{ "", NULL, 0 },
	{ ".", NULL, 0 },
	{ "a..b", NULL, 0 },
	{ ".a", NULL, 0 },
	{ "-a", NULL, 0 },
	{ "a-.b", NULL, 0 },
	{ "a b", NULL, 0 },
	{ "a/b", NULL, 0 },
	{ "2001:db8::1", NULL, 0 },
	{ "\xc3\xa9", NULL, 0 },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dname n = { .octets = 99 };
		char text[DNAME_TEXT_MAX];
		size_t len = strlen(rows[i].text);

		if (rows[i].wire == NULL) {
			assert_int_equal(dname_parse(rows[i].text, &n), -EINVAL);
			assert_int_equal(n.octets, 99);
			continue;
		}
		assert_int_equal(dname_parse(rows[i].text, &n), 0);
		assert_int_equal(n.octets, rows[i].octets);
		assert_memory_equal(n.b, rows[i].wire, n.octets);
		len -= rows[i].text[len - 1] == '.';
		dname_text(&n, text);
		assert_int_equal(strlen(text), len);
		assert_memory_equal(text, rows[i].text, len);
	}
}

/* Octets of others: shorter than they say, compressed, too long; nothing is taken then. */
static void test_take(void **state)
{
	static const struct {
		const char *in;
		size_t octets, taken; /* 0: refused */
		const char *text;
	} takes[] = {
		{ "\0", 1, 1, "." },
		{ "\1a\0\1b\0", 6, 3, "a" },
		{ "\3a.\\\0", 5, 5, "a\\046\\092" },
		{ "\2\x1b\xff\0", 4, 4, "\\027\\255" },
		{ "", 0, 0, NULL },
		{ "\1a", 2, 0, NULL },
		{ "\5abc\0", 5, 0, NULL },
		{ "\300\0", 2, 0, NULL },
		{ "\100a", 2, 0, NULL },
	};
	uint8_t big[300];
	struct rd in = rd_of(big, sizeof(big));
	struct dname n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(takes); i++) {
		struct rd r = rd_of(takes[i].in, takes[i].octets);
		char text[DNAME_TEXT_MAX];

		assert_int_equal(dname_take(&r, &n), takes[i].taken != 0);
		assert_int_equal(r.left, takes[i].octets - takes[i].taken);
		if (takes[i].taken != 0)
			assert_string_equal(dname_text(&n, text), takes[i].text);
	}
	memset(big, 1, sizeof(big)); /* labels of one octet, without end */
	assert_false(dname_take(&in, &n));
	big[254] = 0;
	assert_true(dname_take(&in, &n));
	assert_int_equal(n.octets, 255);
	in = rd_of(big, sizeof(big));
	big[254] = 1;
	big[256] = 0;
	assert_false(dname_take(&in, &n));
}

static void test_append(void **state)
{
	struct dname a, b, c, big;

	(void)state;
	assert_int_equal(dname_parse("WWW", &a), 0);
	assert_int_equal(dname_parse("eXample.com", &b), 0);
	assert_int_equal(dname_parse("www.example.COM", &c), 0);
	assert_false(dname_eq(&a, &c));
	assert_int_equal(dname_append(&a, &b), 0);
	assert_true(dname_eq(&a, &c));
	assert_int_equal(dname_labels(&a), 3);
	c.b[1] = 'x';
	assert_false(dname_eq(&a, &c));
	assert_int_equal(dname_parse(L63 "." L63 "." L63, &big), 0);
	assert_int_equal(dname_append(&big, &big), -ENAMETOOLONG);
	assert_int_equal(big.octets, 193);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
