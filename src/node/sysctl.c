/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tree: paths to rows of the tables, rows to text and back. Directories are few and fixed, but for
 * the interfaces below ipv6/conf and ipv6/neigh.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/sysctl_part.h"

#define CONF_PATH  "ipv6/conf"
#define NEIGH_PATH "ipv6/neigh"
#define DIR_MAX	   128

int64_t sysctl_always_1(const struct sysctl_at *at)
{
	(void)at;
	return 1;
}

int sysctl_as_it_is(const struct sysctl_at *at, int64_t v)
{
	(void)at;
	(void)v;
	return 0;
}

static const char *const fixed[] = { "", "core", "ipv4", "ipv6", "ipv6/icmp", "ipv6/route" };

/* A directory with rows: whose, and which tables. */
struct place {
	struct sysctl_at at;
	const struct sysctl_dir *dir[2];
};

/*
 * Finding.
 */

/* "all", "default" or an interface, in @path behind @prefix and a slash; with nothing behind it. */
static bool is_of(struct node *n, const char *path, const char *prefix, struct sysctl_at *at)
{
	size_t len = strlen(prefix);

	if (strncmp(path, prefix, len) != 0 || path[len] != '/')
		return false;
	path += len + 1;
	*at = (struct sysctl_at){ .n = n, .of = SYSCTL_OF_IF };
	if (strcmp(path, "default") == 0)
		at->of = SYSCTL_OF_DEFAULT;
	else if (strcmp(path, "all") == 0)
		at->of = SYSCTL_OF_ALL;
	else
		at->ifc = ip6_if_by_name(&n->ip6, path);
	return at->of != SYSCTL_OF_IF || at->ifc != NULL;
}

static bool find_place(struct node *n, const char *path, struct place *p)
{
	*p = (struct place){ .at = { .n = n } };
	if (is_of(n, path, CONF_PATH, &p->at)) {
		p->dir[0] = &SYSCTL_CONF;
		return true;
	}
	if (is_of(n, path, NEIGH_PATH, &p->at)) {
		p->dir[0] = &SYSCTL_NEIGH;
		if (p->at.of == SYSCTL_OF_DEFAULT)
			p->dir[1] = &SYSCTL_NEIGH_DEFAULT;
		return p->at.of == SYSCTL_OF_DEFAULT ||
		       (p->at.ifc != NULL && p->at.ifc->neigh != NULL);
	}
	p->at = (struct sysctl_at){ .n = n };
	for (size_t i = 0; i < SYSCTL_NODE_N; i++) {
		if (strcmp(SYSCTL_NODE[i].path, path) == 0) {
			p->dir[0] = &SYSCTL_NODE[i];
			return true;
		}
	}
	return false;
}

static bool is_here(const struct sysctl_row *row, const struct sysctl_at *at)
{
	return !row->only_if || at->of == SYSCTL_OF_IF;
}

static const struct sysctl_row *find_row(const struct place *p, const char *name)
{
	for (size_t d = 0; d < ARRAY_LEN(p->dir) && p->dir[d] != NULL; d++)
		for (size_t i = 0; i < p->dir[d]->n; i++)
			if (strcmp(p->dir[d]->row[i].name, name) == 0 &&
			    is_here(&p->dir[d]->row[i], &p->at))
				return &p->dir[d]->row[i];
	return NULL;
}

static bool is_dir(struct node *n, const char *path)
{
	struct place p;

	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (strcmp(path, fixed[i]) == 0)
			return true;
	return strcmp(path, CONF_PATH) == 0 || strcmp(path, NEIGH_PATH) == 0 ||
	       find_place(n, path, &p);
}

static bool is_writable(const struct sysctl_row *row)
{
	return row->set != NULL || row->take != NULL || row->base != SYSCTL_NO_FIELD;
}

/* Return: 0, -ENOENT, -EISDIR. */
static int find(struct node *n, const char *path, struct place *p, const struct sysctl_row **row)
{
	const char *name = strrchr(path, '/');
	char dir[DIR_MAX];

	if (is_dir(n, path))
		return -EISDIR;
	if (name == NULL || (size_t)(name - path) >= sizeof(dir))
		return -ENOENT;
	memcpy(dir, path, (size_t)(name - path));
	dir[name - path] = '\0';
	if (!find_place(n, dir, p))
		return -ENOENT;
	*row = find_row(p, name + 1);
	return *row != NULL ? 0 : -ENOENT;
}

int sysctl_what(struct node *n, const char *path)
{
	const struct sysctl_row *row;
	struct place p;
	int rc = find(n, path, &p, &row);

	if (rc == -EISDIR)
		return SYSCTL_DIR;
	return rc < 0 ? rc : is_writable(row) ? SYSCTL_RW : SYSCTL_RO;
}

/*
 * Listing.
 */

struct listing {
	void (*fn)(void *ctx, const char *name, enum sysctl_what what);
	void *ctx;
};

static void list_rows(const struct place *p, const struct listing *l)
{
	for (size_t d = 0; d < ARRAY_LEN(p->dir) && p->dir[d] != NULL; d++) {
		for (size_t i = 0; i < p->dir[d]->n; i++) {
			const struct sysctl_row *row = &p->dir[d]->row[i];

			if (is_here(row, &p->at))
				l->fn(l->ctx, row->name, is_writable(row) ? SYSCTL_RW : SYSCTL_RO);
		}
	}
}

static void list_ifs(const struct node *n, bool neigh, const struct listing *l)
{
	if (!neigh)
		l->fn(l->ctx, "all", SYSCTL_DIR);
	l->fn(l->ctx, "default", SYSCTL_DIR);
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6_if(&n->ip6, i);

		if (ifc != NULL && (!neigh || ifc->neigh != NULL))
			l->fn(l->ctx, ifc->name, SYSCTL_DIR);
	}
}

/* Directories of the fixed ones that lie in @path. */
static void list_dirs(const char *path, const struct listing *l)
{
	static const char *const more[] = { CONF_PATH, NEIGH_PATH };
	size_t len = strlen(path);

	for (size_t i = 1; i < ARRAY_LEN(fixed) + ARRAY_LEN(more); i++) {
		const char *d = i < ARRAY_LEN(fixed) ? fixed[i] : more[i - ARRAY_LEN(fixed)];

		if (len > 0 && (strncmp(d, path, len) != 0 || d[len] != '/'))
			continue;
		d += len > 0 ? len + 1 : 0;
		if (*d != '\0' && strchr(d, '/') == NULL)
			l->fn(l->ctx, d, SYSCTL_DIR);
	}
}

int sysctl_list(struct node *n, const char *path,
		void (*fn)(void *ctx, const char *name, enum sysctl_what what), void *ctx)
{
	const struct listing l = { fn, ctx };
	const struct sysctl_row *row;
	struct place p;

	if (!is_dir(n, path))
		return find(n, path, &p, &row) == 0 ? -ENOTDIR : -ENOENT;
	if (strcmp(path, CONF_PATH) == 0 || strcmp(path, NEIGH_PATH) == 0)
		list_ifs(n, strcmp(path, NEIGH_PATH) == 0, &l);
	else
		list_dirs(path, &l);
	if (find_place(n, path, &p))
		list_rows(&p, &l);
	return 0;
}

/*
 * Values.
 */

static uint8_t *field_of(const struct sysctl_row *row, const struct sysctl_at *at)
{
	uint8_t *base = NULL;

	switch ((enum sysctl_base)row->base) {
	case SYSCTL_NO_FIELD:
		break;
	case SYSCTL_IN_NODE:
		base = (uint8_t *)at->n;
		break;
	case SYSCTL_IN_CONF:
		base = (uint8_t *)(at->ifc != NULL ? &at->ifc->conf : &at->n->ip6.if_default);
		break;
	case SYSCTL_IN_NUD:
		base = (uint8_t *)(at->ifc != NULL ? &at->ifc->neigh->nud
						   : &at->n->ip6.nud_default);
		break;
	}
	ASSERT(base != NULL);
	return base + row->off;
}

static int64_t get(const struct sysctl_row *row, const struct sysctl_at *at)
{
	int64_t unit = row->unit != 0 ? row->unit : 1;
	const uint8_t *p;
	uint64_t v64 = 0;
	uint32_t v32;
	uint16_t v16;

	if (row->get != NULL)
		return row->get(at);
	p = field_of(row, at);
	if (row->width == sizeof(v64)) {
		memcpy(&v64, p, sizeof(v64));
	} else if (row->width == sizeof(v32)) {
		memcpy(&v32, p, sizeof(v32));
		v64 = v32;
	} else if (row->width == sizeof(v16)) {
		memcpy(&v16, p, sizeof(v16));
		v64 = v16;
	} else {
		v64 = *p;
	}
	return (int64_t)v64 / unit;
}

static void put(const struct sysctl_row *row, const struct sysctl_at *at, int64_t v)
{
	uint64_t v64 = (uint64_t)(v * (row->unit != 0 ? row->unit : 1));
	uint8_t *p = field_of(row, at);
	uint32_t v32 = (uint32_t)v64;
	uint16_t v16 = (uint16_t)v64;

	if (row->width == sizeof(v64))
		memcpy(p, &v64, sizeof(v64));
	else if (row->width == sizeof(v32))
		memcpy(p, &v32, sizeof(v32));
	else if (row->width == sizeof(v16))
		memcpy(p, &v16, sizeof(v16));
	else
		*p = (uint8_t)v64;
}

int sysctl_read(struct node *n, const char *path, char buf[SYSCTL_TEXT_MAX])
{
	const struct sysctl_row *row;
	struct place p;
	int rc = find(n, path, &p, &row);
	size_t len;

	if (rc < 0)
		return rc;
	if (row->text != NULL)
		row->text(n, buf);
	else
		snprintf(buf, SYSCTL_TEXT_MAX, "%" PRId64, get(row, &p.at));
	len = strlen(buf);
	ASSERT(len + 1 < SYSCTL_TEXT_MAX);
	memcpy(buf + len, "\n", 2);
	return (int)len + 1;
}

/*
 * Writing.
 */

/* Return: 1; 0: there is no number; -EINVAL: something else, or more than one. */
static int parse(const char *text, int64_t *v)
{
	char *end;

	text += strspn(text, " \t\n");
	if (*text == '\0')
		return 0;
	errno = 0;
	*v = strtoll(text, &end, 0);
	if (errno != 0 || end == text || end[strspn(end, " \t\n")] != '\0')
		return -EINVAL;
	return 1;
}

/* The loopback interface has no neighbours, routers or addresses to be made: nothing can be set there. */
static int set_one(const struct sysctl_row *row, const struct sysctl_at *at, int64_t v)
{
	if (at->ifc != NULL && at->ifc->loopback)
		return v == get(row, at) ? 0 : -EINVAL;
	if (row->set != NULL)
		return row->set(at, v);
	put(row, at, v);
	return 0;
}

static int set_all(struct node *n, const struct sysctl_row *row, int64_t v)
{
	struct sysctl_at at = { n, SYSCTL_OF_DEFAULT, NULL };
	int rc = set_one(row, &at, v);

	at.of = SYSCTL_OF_IF;
	for (uint32_t i = 1; i <= IF_MAX && rc == 0; i++) {
		at.ifc = ip6_if(&n->ip6, i);
		if (at.ifc != NULL && !at.ifc->loopback)
			rc = set_one(row, &at, v);
	}
	return rc;
}

int sysctl_write(struct node *n, const char *path, const char *text, size_t octets)
{
	int64_t v;
	char line[SYSCTL_TEXT_MAX];
	const struct sysctl_row *row;
	struct place p;
	int rc = find(n, path, &p, &row);

	if (rc < 0)
		return rc;
	if (!is_writable(row))
		return -EACCES;
	if (octets >= sizeof(line) || memchr(text, '\0', octets) != NULL)
		return -EINVAL;
	memcpy(line, text, octets);
	line[octets] = '\0';
	if (row->take != NULL) {
		while (octets > 0 && strchr(" \t\n", line[octets - 1]) != NULL)
			line[--octets] = '\0';
		return row->take(n, line);
	}
	rc = parse(line, &v);
	if (rc <= 0)
		return rc;
	if (v < row->min || v > row->max)
		return -EINVAL;
	return p.at.of == SYSCTL_OF_ALL ? set_all(n, row, v) : set_one(row, &p.at, v);
}
