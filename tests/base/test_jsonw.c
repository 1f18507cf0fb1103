/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/jsonw.h"
#include "base/rng.h"

#include "aborts.h"

#include <iconv.h>
#include <limits.h>

static void expect(struct jsonw *j, const char *want)
{
	const char *text;
	size_t octets;

	assert_int_equal(jsonw_finish(j, &text, &octets), 0);
	assert_string_equal(text, want);
	assert_int_equal(octets, strlen(want));
}

static void node_state(struct jsonw *j)
{
	struct ip6_addr a;

	assert_int_equal(ip6_parse("2001:db8::1", &a), 0);
	jsonw_object(j);
	jsonw_key(j, "mtu");
	jsonw_u64(j, 1500);
	jsonw_key(j, "up");
	jsonw_bool(j, true);
	jsonw_key(j, "addrs");
	jsonw_array(j);
	jsonw_addr(j, &a);
	jsonw_prefix(j, &a, 64);
	jsonw_array_end(j);
	jsonw_key(j, "none");
	jsonw_array(j);
	jsonw_array_end(j);
	jsonw_key(j, "nested");
	jsonw_object(j);
	jsonw_key(j, "x");
	jsonw_null(j);
	jsonw_key(j, "y");
	jsonw_object(j);
	jsonw_object_end(j);
	jsonw_object_end(j);
	jsonw_object_end(j);
}

static void on_one_line(void **state)
{
	struct jsonw j;

	(void)state;
	jsonw_init(&j, 0);
	node_state(&j);
	expect(&j, "{\"mtu\":1500,\"up\":true,\"addrs\":[\"2001:db8::1\",\"2001:db8::1/64\"],"
		   "\"none\":[],\"nested\":{\"x\":null,\"y\":{}}}\n");
	jsonw_done(&j);
}

static void indented(void **state)
{
	struct jsonw j;

	(void)state;
	jsonw_init(&j, 2);
	node_state(&j);
	expect(&j, "{\n"
		   "  \"mtu\": 1500,\n"
		   "  \"up\": true,\n"
		   "  \"addrs\": [\n"
		   "    \"2001:db8::1\",\n"
		   "    \"2001:db8::1/64\"\n"
		   "  ],\n"
		   "  \"none\": [],\n"
		   "  \"nested\": {\n"
		   "    \"x\": null,\n"
		   "    \"y\": {}\n"
		   "  }\n"
		   "}\n");
	jsonw_done(&j);
}

static void numbers_in_full(void **state)
{
	struct jsonw j;

	(void)state;
	jsonw_init(&j, 0);
	jsonw_array(&j);
	jsonw_u64(&j, 0);
	jsonw_u64(&j, UINT64_MAX);
	jsonw_i64(&j, INT64_MIN);
	jsonw_i64(&j, -1);
	jsonw_bool(&j, false);
	jsonw_array_end(&j);
	expect(&j, "[0,18446744073709551615,-9223372036854775808,-1,false]\n");
	jsonw_done(&j);
}

/* RFC 8259 section 7 and RFC 3629 section 4. */
static const struct {
	const char *in, *out;
} strings[] = {
	{ "", "" },
	{ "plain text / not escaped", "plain text / not escaped" },
	{ "\"\\\b\f\n\r\t", "\\\"\\\\\\b\\f\\n\\r\\t" },
	{ "\x01\x1b[31m\x1f\x7f", "\\u0001\\u001b[31m\\u001f\\u007f" },
	{ "\xc2\x80\xc2\x9b\xc2\x9f", "\\u0080\\u009b\\u009f" }, /* C1: CSI is one of them */
	{ "\xc2\xa0\xc3\xa9", "\xc2\xa0\xc3\xa9" },
	{ "\xe5\x9b\xa0\xe5\xb9\xa1", "\xe5\x9b\xa0\xe5\xb9\xa1" }, /* Inaba */
	{ "\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	  "\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
	{ "a\x80z", "a\\ufffdz" },				/* a tail alone */
	{ "\xc0\x80\xc1\xbf", "\\ufffd\\ufffd\\ufffd\\ufffd" }, /* longer than needed */
	{ "\xe0\x9f\xbf", "\\ufffd\\ufffd\\ufffd" },
	{ "\xf0\x8f\xbf\xbf", "\\ufffd\\ufffd\\ufffd\\ufffd" },
	{ "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80" },
	{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" }, /* surrogates */
	{ "\xed\xbf\xbf", "\\ufffd\\ufffd\\ufffd" },
	{ "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" }, /* past U+10FFFF */
	{ "\xf5\x80\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
	{ "\xff\xfe", "\\ufffd\\ufffd" },
	{ "\xe5\x9b", "\\ufffd\\ufffd" }, /* cut */
	{ "\xe5\"", "\\ufffd\\\"" },	  /* must not swallow what ends it */
	{ "\xf0\x90\x80\"x", "\\ufffd\\ufffd\\ufffd\\\"x" },
};

static void hostile_strings(void **state)
{
	struct jsonw j;

	(void)state;
	jsonw_init(&j, 0);
	for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
		size_t n = strlen(strings[i].in);
		uint8_t *exact = malloc(MAX(n, (size_t)1)); /* ASan watches the end */
		char want[128];

		assert_non_null(exact);
		memcpy(exact, strings[i].in, n);
		jsonw_again(&j);
		jsonw_octets_string(&j, exact, n);
		snprintf(want, sizeof(want), "\"%s\"\n", strings[i].out);
		expect(&j, want);
		jsonw_again(&j);
		jsonw_object(&j);
		jsonw_key(&j, strings[i].in); /* keys likewise */
		jsonw_string(&j, strings[i].in);
		jsonw_object_end(&j);
		snprintf(want, sizeof(want), "{\"%s\":\"%s\"}\n", strings[i].out, strings[i].out);
		expect(&j, want);
		free(exact);
	}
	jsonw_again(&j);
	jsonw_octets_string(&j, "a\0b", 3);
	expect(&j, "\"a\\u0000b\"\n");
	jsonw_done(&j);
}

static bool well_formed(iconv_t cd, const char *s, size_t n)
{
	char out[4096], *to = out, *from = (char *)(uintptr_t)s;
	size_t room = sizeof(out);

	iconv(cd, NULL, NULL, NULL, NULL);
	return iconv(cd, &from, &n, &to, &room) != (size_t)-1 && n == 0;
}

/* Against libc's decoder: whatever comes in, UTF-8 goes out; what was UTF-8 is not replaced. */
static void any_octets_make_utf8(void **state)
{
	static const uint8_t edge[] = { 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2,
					0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 'a',	'"' };
	iconv_t cd = iconv_open("UTF-16LE", "UTF-8");
	struct jsonw j;
	struct rng r;

	(void)state;
	assert_true(cd != (iconv_t)-1);
	rng_init_u64(&r, 14, 0);
	jsonw_init(&j, 0);
	for (unsigned round = 0; round < 50000; round++) {
		size_t n = rng_below(&r, 9), octets;
		const char *text;
		char in[8];

		for (size_t i = 0; i < n; i++)
			in[i] = (char)(round % 2 == 0 ? edge[rng_below(&r, sizeof(edge))]
						      : (uint8_t)rng_u32(&r));
		jsonw_again(&j);
		jsonw_octets_string(&j, in, n);
		assert_int_equal(jsonw_finish(&j, &text, &octets), 0);
		assert_true(well_formed(cd, text, octets));
		assert_int_equal(strstr(text, "\\ufffd") == NULL, well_formed(cd, in, n));
		for (size_t i = 0; i + 1 < octets; i++)
			assert_true((uint8_t)text[i] >= 0x20 && text[i] != 0x7f);
	}
	jsonw_done(&j);
	iconv_close(cd);
}

static void grows(void **state)
{
	struct jsonw j;
	const char *text;
	size_t octets;

	(void)state;
	jsonw_init(&j, 0);
	jsonw_array(&j);
	for (unsigned i = 0; i < 100000; i++)
		jsonw_u64(&j, 7);
	jsonw_array_end(&j);
	assert_int_equal(jsonw_finish(&j, &text, &octets), 0);
	assert_int_equal(octets, 200000 + 2);
	assert_int_equal(strlen(text), octets);
	jsonw_done(&j);
	jsonw_done(&j);
}

/* Lack of memory, planted in the middle: nothing more is written, and the end tells. */
static void errors_stay(void **state)
{
	const char *text = "untouched";
	size_t octets = 1;
	struct jsonw j;

	(void)state;
	jsonw_init(&j, 0);
	jsonw_array(&j);
	j.err = -ENOMEM;
	jsonw_u64(&j, 1);
	jsonw_array_end(&j);
	assert_int_equal(jsonw_finish(&j, &text, &octets), -ENOMEM);
	assert_string_equal(text, "untouched");
	assert_int_equal(octets, 1);
	jsonw_again(&j);
	jsonw_null(&j);
	expect(&j, "null\n");
	jsonw_done(&j);
}

static void deepest(void **state)
{
	struct jsonw j;

	(void)state;
	jsonw_init(&j, 0);
	for (unsigned i = 0; i < JSON_DEPTH_MAX; i++)
		jsonw_array(&j);
	for (unsigned i = 0; i < JSON_DEPTH_MAX; i++)
		jsonw_array_end(&j);
	expect(&j, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n");
	jsonw_done(&j);
}

/* What may not follow what: o, O object and its end; a, A array; k key; v value; f finish. */
static const char *const misuses[] = {
	"vv",
	"k",
	"O",
	"A",
	"ov",
	"oo",
	"okO",
	"okk",
	"okA",
	"oA",
	"aO",
	"ak",
	"f",
	"of",
	"okf",
	"okvv",
	"aAv",
	"aAA",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

static void play(void *ctx)
{
	struct jsonw j;
	const char *text;
	size_t octets;

	jsonw_init(&j, 0);
	for (const char *c = ctx; *c != '\0'; c++) {
		if (*c == 'o')
			jsonw_object(&j);
		else if (*c == 'O')
			jsonw_object_end(&j);
		else if (*c == 'a')
			jsonw_array(&j);
		else if (*c == 'A')
			jsonw_array_end(&j);
		else if (*c == 'k')
			jsonw_key(&j, "k");
		else if (*c == 'v')
			jsonw_null(&j);
		else
			jsonw_finish(&j, &text, &octets);
	}
}

static void misuse_is_asserted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(misuses); i++)
		if (!aborts(play, (void *)(uintptr_t)misuses[i]))
			fail_msg("\"%s\" went through", misuses[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_one_line),		cmocka_unit_test(indented),
		cmocka_unit_test(numbers_in_full),	cmocka_unit_test(hostile_strings),
		cmocka_unit_test(any_octets_make_utf8), cmocka_unit_test(grows),
		cmocka_unit_test(errors_stay),		cmocka_unit_test(deepest),
		cmocka_unit_test(misuse_is_asserted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
