/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/list.h"

#include "aborts.h"

struct item {
	int n;
	struct list on;
};

static void expect(struct list *head, const char *want)
{
	char fwd[16] = "", back[16] = "";
	size_t n = 0;

	LIST_FOR_EACH(it, head)
		fwd[n++] = (char)LIST_ENTRY(it, struct item, on)->n;
	n = strlen(want);
	for (struct list *it = head->prev; it != head; it = it->prev)
		back[--n] = (char)LIST_ENTRY(it, struct item, on)->n;
	assert_string_equal(fwd, want);
	assert_string_equal(back, want);
	assert_int_equal(list_is_empty(head), want[0] == '\0');
}

static void entries_come_and_go(void **state)
{
	struct item a = { 'a', { 0 } }, b = { 'b', { 0 } }, c = { 'c', { 0 } };
	struct list head;

	(void)state;
	list_init(&head);
	expect(&head, "");
	assert_false(list_is_on(&a.on)); /* zero */
	list_add_tail(&head, &a.on);
	list_add_tail(&head, &b.on);
	list_add_head(&head, &c.on);
	expect(&head, "cab");
	assert_true(list_is_on(&a.on));
	list_del(&a.on);
	assert_false(list_is_on(&a.on)); /* initialised */
	expect(&head, "cb");
	list_del(&a.on); /* of one that is initialised: nothing happens */
	expect(&head, "cb");
	list_add_head(&head, &a.on);
	expect(&head, "acb");
	list_del(&b.on);
	list_del(&a.on);
	list_del(&c.on);
	expect(&head, "");
}

static void the_body_may_remove(void **state)
{
	struct item it[5];
	struct list head;

	(void)state;
	list_init(&head);
	for (int i = 0; i < 5; i++) {
		it[i].n = 'a' + i;
		list_add_tail(&head, &it[i].on);
	}
	LIST_FOR_EACH(e, &head)
		if (LIST_ENTRY(e, struct item, on)->n % 2 != 0)
			list_del(e);
	expect(&head, "bd");
	LIST_FOR_EACH(e, &head)
		list_del(e);
	expect(&head, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_and_go),
		cmocka_unit_test(the_body_may_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
