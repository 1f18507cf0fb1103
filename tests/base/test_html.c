/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static void is_escaped(const char *text, size_t n, const char *want)
{
	char *got = NULL;
	size_t octets;
	FILE *f = open_memstream(&got, &octets);

	assert_non_null(f);
	html_escape_octets(f, text, n);
	fclose(f);
	assert_string_equal(got, want);
	free(got);
}

/* The Char production of XML 1.0, section 2.2; what HTML refuses beside; RFC 3629 section 4. */
static void test_escape(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "<a href=\"'&'\">", "&lt;a href=&quot;&#39;&amp;&#39;&quot;&gt;" },
		{ "]]>", "]]&gt;" },
		{ "tab\tline\n", "tab\tline\n" },
		{ "\001\b\v\f\r\033[m\037", BAD BAD BAD BAD BAD BAD "[m" BAD },
		{ "\x7f", BAD },
		{ "\xc2\x9b", BAD },
		{ "\xc2\xa0", "\xc2\xa0" },
		{ "\xe2\x86\x92 \xf0\x9f\x90\x87", "\xe2\x86\x92 \xf0\x9f\x90\x87" },
		{ "\xff\xfe", BAD BAD },
		{ "\xc0\xbc", BAD BAD },	 /* an overlong "<" */
		{ "\xed\xa0\x80", BAD BAD BAD }, /* a surrogate */
		{ "\xef\xbf\xbe", BAD },	 /* U+FFFE */
		{ "\xef\xb7\x90", BAD },	 /* U+FDD0 */
		{ "\xe2\x86", BAD BAD },	 /* ends in the middle */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		is_escaped(rows[i].text, strlen(rows[i].text), rows[i].want);
	is_escaped("a\0b", 3, "a" BAD "b");
	is_escaped("\xe2\x86\x92", 2, BAD BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
