/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/xfail.h"

#include <stdarg.h>
#include <stdlib.h>

#define BLANK " \t\r\n"

/* Where we are, and where to complain. */
struct place {
	const char *name;
	unsigned line;
	char *why;
	size_t size;
};

static int PRINTF(2, 3) complain(const struct place *at, const char *fmt, ...)
{
	int n = snprintf(at->why, at->size, "%s:%u: ", at->name, at->line);
	va_list ap;

	va_start(ap, fmt);
	if (n > 0 && (size_t)n < at->size)
		vsnprintf(at->why + n, at->size - (size_t)n, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static const struct part *find(const char *id)
{
	const struct suite *s;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < s->n; k++)
			if (strcmp(s->part[k].id, id) == 0)
				return &s->part[k];
	return NULL;
}

/* The next word of *@text, which goes on behind it; "" at the end. */
static char *word(char **text)
{
	char *start = *text + strspn(*text, BLANK), *end = start + strcspn(start, BLANK);

	*text = end + (*end != '\0');
	*end = '\0';
	return start;
}

/* A role, if the next word of *@text is one; else 0, and nothing is taken. */
static unsigned role(char **text)
{
	static const enum nut_role roles[] = { NUT_HOST, NUT_ROUTER };
	char *start = *text + strspn(*text, BLANK);
	size_t n = strcspn(start, BLANK);

	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		const char *name = nut_role_name(roles[i]);

		if (n == strlen(name) && strncmp(start, name, n) == 0) {
			*text = start + n;
			return roles[i];
		}
	}
	return 0;
}

static int add(struct xfail *x, const struct place *at, const struct xfail_line *l)
{
	struct xfail_line *row;

	for (size_t i = 0; i < x->n; i++)
		if (x->row[i].part == l->part && (x->row[i].roles & l->roles) != 0)
			return complain(at, "%s is in line %u already", l->part->id,
					x->row[i].line);
	row = realloc(x->row, (x->n + 1) * sizeof(*row));
	ASSERT(row != NULL);
	x->row = row;
	row[x->n] = *l;
	row[x->n].reason = strdup(l->reason);
	ASSERT(row[x->n].reason != NULL);
	x->n++;
	return 0;
}

static int take_line(struct xfail *x, const struct place *at, char *text)
{
	const char *id = word(&text);
	struct xfail_line l = { .part = find(id), .line = at->line };
	unsigned only;
	size_t n;

	if (id[0] == '\0' || id[0] == '#')
		return 0;
	if (l.part == NULL)
		return complain(at, "there is no part \"%s\"", id);
	only = role(&text);
	if (only != 0 && (l.part->roles & only) == 0)
		return complain(at, "%s is not for a %s", id, nut_role_name((enum nut_role)only));
	l.roles = only != 0 ? only : l.part->roles;
	l.reason = text + strspn(text, BLANK);
	for (n = strlen(l.reason); n > 0 && strchr(BLANK, l.reason[n - 1]) != NULL; n--)
		l.reason[n - 1] = '\0';
	if (n == 0)
		return complain(at, "%s: say why it fails, behind its name", id);
	return add(x, at, &l);
}

int xfail_read(struct xfail *x, FILE *f, const char *name, char *why, size_t size)
{
	struct place at = { name, 0, why, size };
	char *line = NULL;
	size_t room = 0;
	int rc = 0;

	*x = (struct xfail){ 0 };
	for (at.line = 1; rc == 0 && getline(&line, &room, f) >= 0; at.line++)
		rc = take_line(x, &at, line);
	if (rc == 0 && ferror(f) != 0) {
		rc = errno != 0 ? -errno : -EIO;
		snprintf(why, size, "%s: %s", name, strerror(-rc));
	}
	free(line);
	if (rc < 0)
		xfail_done(x);
	return rc;
}

void xfail_done(struct xfail *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->row[i].reason);
	free(x->row);
	*x = (struct xfail){ 0 };
}

const char *xfail_reason(const struct xfail *x, const struct part *part, enum nut_role role)
{
	for (size_t i = 0; x != NULL && i < x->n; i++)
		if (x->row[i].part == part && (x->row[i].roles & (unsigned)role) != 0)
			return x->row[i].reason;
	return NULL;
}
