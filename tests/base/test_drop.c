/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/drop.h"

#include "base/base.h"

#include "aborts.h"

#include <ctype.h>

static void every_reason_has_a_name_and_a_sentence(void **state)
{
	(void)state;
	for (int d = DROP_NONE; d < DROP_NUM; d++) {
		const char *name = drop_name((enum drop)d), *text = drop_text((enum drop)d);
		size_t n = strlen(text);

		assert_true(name[0] != '\0');
		for (const char *c = name; *c != '\0'; c++)
			assert_true(isupper((unsigned char)*c) || isdigit((unsigned char)*c) ||
				    *c == '_');
		assert_true(n >= 10);
		assert_true(text[n - 1] != '.' && text[n - 1] != ' ' && text[0] != ' ');
		for (int other = d + 1; other < DROP_NUM; other++) {
			assert_string_not_equal(name, drop_name((enum drop)other));
			if (strcmp(text, drop_text((enum drop)other)) == 0)
				fail_msg("%s and %s say the same", name,
					 drop_name((enum drop)other));
		}
	}
	assert_string_equal(drop_name(DROP_NONE), "NONE");
	assert_string_equal(drop_name(DROP_IP6_NO_ROUTE), "IP6_NO_ROUTE");
	assert_string_equal(drop_text(DROP_IP6_NO_ROUTE), "no route to the destination");
}

/* A message that was taken is named *_DONE, and only those are no refusals. */
static void what_is_a_refusal(void **state)
{
	(void)state;
	for (int d = DROP_NONE; d < DROP_NUM; d++) {
		const char *name = drop_name((enum drop)d);
		size_t n = strlen(name);
		bool done = n > 5 && strcmp(name + n - 5, "_DONE") == 0;

		if (drop_is_refusal((enum drop)d) != (d != DROP_NONE && !done))
			fail_msg("%s", name);
	}
}

static void name_out_of_range(void *ctx)
{
	(void)ctx;
	drop_name(DROP_NUM);
}

static void text_out_of_range(void *ctx)
{
	(void)ctx;
	drop_text(DROP_NUM);
}

static void range_is_asserted(void **state)
{
	(void)state;
	assert_true(aborts(name_out_of_range, NULL));
	assert_true(aborts(text_out_of_range, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_name_and_a_sentence),
		cmocka_unit_test(what_is_a_refusal),
		cmocka_unit_test(range_is_asserted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
