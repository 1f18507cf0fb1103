/* SPDX-License-Identifier: BSD-3-Clause */
/* inaba conform compare: two results side by side. */
#include "cmd/compare.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "conform/tester.h"

#define WORD	   "conform compare"
#define KEY_OCTETS 300

/* What may have become of a part, the worst first. */
enum change { REGRESSION, NEW_FAILURE, FIXED, OTHER, ONLY_A, ONLY_B, SAME };

static const struct {
	const char *key, *title;
} groups[] = {
	[REGRESSION] = { "regressions", "passed, and fails now" },
	[NEW_FAILURE] = { "new_failures", "did not pass, and fails now" },
	[FIXED] = { "fixed", "failed, and passes now" },
	[OTHER] = { "other", "otherwise different" },
	[ONLY_A] = { "only_a", "only in the first" },
	[ONLY_B] = { "only_b", "only in the second" },
};

struct side {
	const char *file;
	json_t *root, *by_key; /* "ID ROLE" to a part of root's */
	unsigned sums[VERDICT_ERROR + 1];
};

struct pair {
	json_t *a, *b; /* parts; NULL: not there */
	enum change change;
};

struct comparison {
	struct side a, b;
	struct pair *pair;
	size_t n;
	unsigned sums[SAME + 1];
};

/*
 * Reading.
 */

static const char *text_of(const json_t *part, const char *key)
{
	const char *s = json_string_value(json_object_get(part, key));

	return s != NULL ? s : "";
}

static int verdict_of(const json_t *part)
{
	for (int v = 0; v <= VERDICT_ERROR; v++)
		if (strcmp(verdict_name((enum verdict)v), text_of(part, "verdict")) == 0)
			return v;
	return -1;
}

static bool is_id(const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (!isgraph((unsigned char)s[i]))
			return false;
	return n > 0 && n < KEY_OCTETS - 10;
}

static bool key_of(const json_t *part, char key[KEY_OCTETS])
{
	const char *id = text_of(part, "id"), *role = text_of(part, "role");

	snprintf(key, KEY_OCTETS, "%s %s", id, role);
	return is_id(id) && (strcmp(role, "host") == 0 || strcmp(role, "router") == 0);
}

static int index_parts(struct side *s, const json_t *parts)
{
	size_t n = json_array_size(parts);

	for (size_t i = 0; i < n; i++) {
		json_t *part = json_array_get(parts, i);
		int v = verdict_of(part);
		char key[KEY_OCTETS];

		if (v < 0 || !key_of(part, key))
			return usage(WORD, "%s: part %zu has no id, role or verdict", s->file,
				     i + 1);
		if (json_object_get(s->by_key, key) != NULL)
			return usage(WORD, "%s: %s is there twice", s->file, key);
		json_object_set(s->by_key, key, part);
		s->sums[v]++;
	}
	return EXIT_OK;
}

static int load(struct side *s)
{
	json_error_t error;
	const json_t *parts;

	s->root = json_load_file(s->file, 0, &error);
	s->by_key = json_object();
	if (s->root == NULL && error.line < 0)
		return usage(WORD, "%s: it cannot be read", s->file);
	if (s->root == NULL)
		return usage(WORD, "%s:%d: %s", s->file, error.line, error.text);
	parts = json_object_get(s->root, "parts");
	if (!json_is_array(parts) || !json_is_string(json_object_get(s->root, "nut")))
		return usage(WORD, "%s: no result of \"inaba conform run --json\"", s->file);
	return index_parts(s, parts);
}

/*
 * Comparing.
 */

static bool bad(int verdict)
{
	return verdict == VERDICT_FAIL || verdict == VERDICT_ERROR;
}

static enum change judge(const json_t *a, const json_t *b)
{
	int from = verdict_of(a), to = verdict_of(b);

	if (from == to)
		return SAME;
	if (bad(to) && !bad(from))
		return from == VERDICT_PASS ? REGRESSION : NEW_FAILURE;
	if (to == VERDICT_PASS && (bad(from) || from == VERDICT_XFAIL))
		return FIXED;
	return OTHER;
}

static void add(struct comparison *c, json_t *a, json_t *b, enum change change)
{
	c->pair[c->n++] = (struct pair){ a, b, change };
	c->sums[change]++;
}

static void compare(struct comparison *c)
{
	const char *key;
	json_t *part;

	c->pair = calloc(json_object_size(c->a.by_key) + json_object_size(c->b.by_key) + 1,
			 sizeof(*c->pair));
	ASSERT(c->pair != NULL);
	json_object_foreach(c->a.by_key, key, part)
	{
		json_t *other = json_object_get(c->b.by_key, key);

		add(c, part, other, other != NULL ? judge(part, other) : ONLY_A);
	}
	json_object_foreach(c->b.by_key, key, part)
	{
		if (json_object_get(c->a.by_key, key) == NULL)
			add(c, NULL, part, ONLY_B);
	}
}

/*
 * Text.
 */

/* The first line, without what would move a terminal's cursor. */
static void put_line(const char *s)
{
	for (; *s != '\0' && *s != '\n'; s++)
		putchar((unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s);
	putchar('\n');
}

static void show_side(const struct side *s)
{
	printf("%s: ", s->file);
	for (unsigned v = 0; v < ARRAY_LEN(s->sums); v++)
		if (s->sums[v] > 0)
			printf("%u %s, ", s->sums[v], verdict_name((enum verdict)v));
	put_line(text_of(s->root, "nut"));
}

static void show_pair(const struct pair *p)
{
	const json_t *part = p->b != NULL ? p->b : p->a;
	const char *from = p->a != NULL ? text_of(p->a, "verdict") : "";
	const char *to = p->b != NULL ? text_of(p->b, "verdict") : "";

	printf("  %-5s %s %-5s %-14s %-6s ", from, p->a != NULL && p->b != NULL ? "->" : "  ", to,
	       text_of(part, "id"), text_of(part, "role"));
	put_line(text_of(part, "title"));
	if ((p->change == REGRESSION || p->change == NEW_FAILURE) &&
	    text_of(part, "why")[0] != '\0') {
		printf("                 ");
		put_line(text_of(part, "why"));
	}
}

static void show(const struct comparison *c)
{
	show_side(&c->a);
	show_side(&c->b);
	for (unsigned g = 0; g < SAME; g++) {
		if (c->sums[g] == 0)
			continue;
		printf("\n%s (%u)\n", groups[g].title, c->sums[g]);
		for (size_t i = 0; i < c->n; i++)
			if (c->pair[i].change == (enum change)g)
				show_pair(&c->pair[i]);
	}
	printf("\n%u the same, %zu different, %u in one only\n", c->sums[SAME],
	       c->n - c->sums[SAME] - c->sums[ONLY_A] - c->sums[ONLY_B],
	       c->sums[ONLY_A] + c->sums[ONLY_B]);
}

/*
 * JSON.
 */

/* By jansson too: its names and those of base/jsonw.h do not go into one file. */
static void member(json_t *o, const char *key, const char *value)
{
	if (value[0] != '\0')
		json_object_set_new(o, key, json_string(value));
}

static json_t *side_json(const struct side *s)
{
	json_t *o = json_object(), *sums = json_object();

	member(o, "file", s->file);
	member(o, "nut", text_of(s->root, "nut"));
	for (unsigned v = 0; v < ARRAY_LEN(s->sums); v++)
		json_object_set_new(sums, verdict_name((enum verdict)v), json_integer(s->sums[v]));
	json_object_set_new(o, "sums", sums);
	return o;
}

static json_t *pair_json(const struct pair *p)
{
	const json_t *part = p->b != NULL ? p->b : p->a;
	json_t *o = json_object();

	member(o, "id", text_of(part, "id"));
	member(o, "role", text_of(part, "role"));
	member(o, "a", p->a != NULL ? text_of(p->a, "verdict") : "");
	member(o, "b", p->b != NULL ? text_of(p->b, "verdict") : "");
	member(o, "why", text_of(part, "why"));
	return o;
}

static void show_json(const struct comparison *c)
{
	json_t *o = json_object();

	json_object_set_new(o, "a", side_json(&c->a));
	json_object_set_new(o, "b", side_json(&c->b));
	for (unsigned g = 0; g < SAME; g++) {
		json_t *list = json_array();

		for (size_t i = 0; i < c->n; i++)
			if (c->pair[i].change == (enum change)g)
				json_array_append_new(list, pair_json(&c->pair[i]));
		json_object_set_new(o, groups[g].key, list);
	}
	json_object_set_new(o, "same", json_integer(c->sums[SAME]));
	json_dumpf(o, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(o);
}

static int take(struct comparison *c, bool json)
{
	int rc = load(&c->a);

	if (rc == EXIT_OK)
		rc = load(&c->b);
	if (rc != EXIT_OK)
		return rc;
	compare(c);
	if (json)
		show_json(c);
	else
		show(c);
	if (fflush(stdout) != 0 && rc == EXIT_OK)
		rc = failed(WORD, "standard output: %s", strerror(errno));
	return rc == EXIT_OK && c->sums[REGRESSION] > 0 ? EXIT_FAILED : rc;
}

int conform_compare(int argc, char **argv)
{
	struct comparison c = { 0 };
	bool json = false;
	int rc, n = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			json = true;
		else if (argv[i][0] == '-')
			return usage(WORD, "unknown option %s", argv[i]);
		else if (n++ < 2)
			*(n == 1 ? &c.a.file : &c.b.file) = argv[i];
	}
	if (n != 2)
		return usage(WORD, "it wants two files of \"inaba conform run --json\"");
	rc = take(&c, json);
	free(c.pair);
	json_decref(c.a.by_key);
	json_decref(c.b.by_key);
	json_decref(c.a.root);
	json_decref(c.b.root);
	return rc;
}
