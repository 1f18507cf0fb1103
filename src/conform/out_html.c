/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes the pages while the run goes on. A page is kept back until the next part comes, or the
 * end, since only then it is known what its link to the next one has to be.
 */
#include <stdlib.h>

#include "conform/html.h"
#include "host/dirs.h"

#define PATH_OCTETS 4096

static struct out_html *html_of(struct out *o)
{
	return CONTAINER_OF(o, struct out_html, out);
}

/*
 * Files. An error is kept, and ends the writing.
 */

static FILE *start(struct out_html *h, const char *name)
{
	char path[PATH_OCTETS];
	FILE *f = NULL;

	if (h->err != 0)
		return NULL;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", h->dir, name) >= sizeof(path)) {
		h->err = -ENAMETOOLONG;
		return NULL;
	}
	f = fopen(path, "wb");
	if (f == NULL)
		h->err = -errno;
	return f;
}

static void finish(struct out_html *h, FILE *f)
{
	bool bad = ferror(f) != 0;

	/* what fclose() has to write may be all there is: its errno is then the reason */
	errno = 0;
	if (fclose(f) != 0 || bad)
		h->err = errno != 0 ? -errno : -EIO;
}

static void put_style(struct out_html *h)
{
	FILE *f = start(h, "style.css");

	if (f == NULL)
		return;
	html_put_style(f);
	finish(h, f);
}

static void put_capture(struct out_html *h, const struct result *r)
{
	char name[HTML_NAME_MAX], comment[256];
	FILE *f;
	int rc;

	html_name(name, r->part->id, r->role, ".pcapng");
	snprintf(comment, sizeof(comment), "%s (%s), %s: %s, seed %llu", r->part->id,
		 r->part->title, nut_role_name(r->role), verdict_name(r->verdict),
		 (unsigned long long)h->conf->seed);
	f = start(h, name);
	if (f == NULL)
		return;
	rc = record_write(r->record, f, comment);
	finish(h, f);
	if (rc < 0)
		h->err = rc;
}

static void neighbour(FILE *f, const struct html_row *to, const char *rel, const char *before,
		      const char *after)
{
	if (to == NULL) {
		fputs("<span></span>", f);
		return;
	}
	fprintf(f, "<a href=\"%s\" rel=\"%s\">%s", to->page, rel, before);
	html_escape(f, to->part->id);
	fprintf(f, "<span class=\"aside\">, %s</span>%s</a>", nut_role_name(to->role), after);
}

static void navigation(const struct out_html *h, size_t i, const char *name, FILE *f)
{
	fprintf(f, "<nav aria-label=\"%s\">", name);
	neighbour(f, i > 0 ? &h->row[i - 1] : NULL, "prev", "← ", "");
	fputs("<a href=\"index.html\">all parts</a>", f);
	neighbour(f, i + 1 < h->n ? &h->row[i + 1] : NULL, "next", "", " →");
	fputs("</nav>\n", f);
}

/* The page that waits, which is that of row @i. */
static void put_page(struct out_html *h, size_t i)
{
	const struct html_row *row = &h->row[i];
	char title[HTML_LINE_MAX];
	FILE *f = start(h, row->page);

	if (f != NULL) {
		snprintf(title, sizeof(title), "%s %s, %s", verdict_name(row->verdict),
			 row->part->id, nut_role_name(row->role));
		html_head(f, title);
		navigation(h, i, "Parts", f);
		(void)fwrite(h->page.body, 1, h->page.octets, f); /* errors stay in the stream */
		navigation(h, i, "Parts, again", f);
		html_foot(f);
		finish(h, f);
	}
	free(h->page.body);
	h->page = (struct html_page){ 0 };
}

/*
 * A writer.
 */

static void html_begin(struct out *o, const struct run_conf *conf, unsigned n_parts)
{
	(void)n_parts;
	html_of(o)->conf = conf;
}

static struct html_row *add_row(struct out_html *h)
{
	if (h->n == h->room) {
		h->room = MAX((size_t)64, h->room * 2);
		h->row = realloc(h->row, h->room * sizeof(*h->row));
		ASSERT(h->row != NULL);
	}
	h->row[h->n] = (struct html_row){ 0 };
	return &h->row[h->n++];
}

static void html_result(struct out *o, const struct result *r)
{
	struct out_html *h = html_of(o);
	struct html_row *row = add_row(h);
	FILE *f;

	row->suite = r->suite;
	row->part = r->part;
	row->role = r->role;
	row->verdict = r->verdict;
	row->took = r->took;
	html_name(row->page, r->part->id, r->role, ".html");
	if (r->why != NULL)
		row->why = html_summary(r->why);
	if (h->n > 1)
		put_page(h, h->n - 2);
	f = open_memstream(&h->page.body, &h->page.octets);
	ASSERT(f != NULL);
	html_part(h->conf, r, f);
	ASSERT(fclose(f) == 0);
	if (r->record->n > 0)
		put_capture(h, r);
}

static void html_end(struct out *o, const struct tally *tally)
{
	struct out_html *h = html_of(o);
	FILE *f;

	(void)tally;
	if (h->n > 0)
		put_page(h, h->n - 1);
	f = start(h, "index.html");
	if (f == NULL)
		return;
	html_index(h, f);
	finish(h, f);
}

int out_html_init(struct out_html *h, const char *dir)
{
	int rc = make_dirs(dir);

	*h = (struct out_html){
		.out = { .begin = html_begin, .part = html_result, .end = html_end }, .dir = dir
	};
	if (rc == 0)
		put_style(h);
	return rc == 0 ? h->err : rc;
}

int out_html_done(struct out_html *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->row[i].why);
	free(h->row);
	free(h->page.body);
	h->row = NULL;
	h->page.body = NULL;
	h->n = h->room = 0;
	return h->err;
}
