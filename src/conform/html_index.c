/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page of all parts. The filter is a row of radio buttons before the tables: what is checked
 * decides, by rules of the style, which rows are hidden; so it needs no script.
 */
#include "conform/html.h"

#include <inttypes.h>

static const enum nut_role roles[] = { NUT_HOST, NUT_ROUTER };

struct sums {
	unsigned n, by[VERDICT_ERROR + 1];
};

/* Of a suite and role; NULL and 0: of all. */
static struct sums count(const struct out_html *h, const struct suite *s, unsigned role)
{
	struct sums sums = { 0 };

	for (size_t i = 0; i < h->n; i++) {
		const struct html_row *row = &h->row[i];

		if ((s != NULL && row->suite != s) || (role != 0 && (unsigned)row->role != role))
			continue;
		sums.n++;
		sums.by[row->verdict]++;
	}
	return sums;
}

static const struct html_row *find(const struct out_html *h, const struct part *p,
				   enum nut_role role)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->row[i].part == p && h->row[i].role == role)
			return &h->row[i];
	return NULL;
}

/* "has-pass has-fail": what the filter looks at. */
static void has(const struct sums *sums, FILE *f)
{
	for (enum verdict v = 0; v <= VERDICT_ERROR; v++)
		if (sums->by[v] > 0)
			fprintf(f, " has-%s", html_class(v));
}

/*
 * What was tested, and how it went.
 */

static void bar(const struct sums *all, FILE *f)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_ERROR, VERDICT_XFAIL,
					      VERDICT_PASS, VERDICT_SKIP };

	fputs("<div class=\"bar\" aria-hidden=\"true\">", f);
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (all->by[order[i]] > 0)
			fprintf(f, "<span class=\"%s\" style=\"flex-grow:%u\"></span>",
				html_class(order[i]), all->by[order[i]]);
	fputs("</div>\n", f);
}

static void tested(const struct out_html *h, const struct sums *all, FILE *f)
{
	bool ok = all->n > 0 && all->by[VERDICT_FAIL] == 0 && all->by[VERDICT_ERROR] == 0;
	time_ns took = 0;

	for (size_t i = 0; i < h->n; i++)
		took += h->row[i].took;
	fputs("<h1>IPv6 conformance: ", f);
	html_escape(f, h->conf->nut_name);
	fprintf(f, "</h1>\n<p><span class=\"v big %s\">%s %s</span></p>\n",
		html_class(ok ? VERDICT_PASS : VERDICT_FAIL),
		html_sign(ok ? VERDICT_PASS : VERDICT_FAIL),
		ok	     ? "nothing failed"
		: all->n > 0 ? "not all is as it should be"
			     : "nothing was run");
	bar(all, f);
	fputs("<dl class=\"facts\">\n<dt>Device</dt><dd>", f);
	html_escape(f, h->conf->nut_name);
	fprintf(f, "</dd>\n<dt>Seed</dt><dd>%" PRIu64 "</dd>\n<dt>Tested by</dt><dd>inaba ",
		h->conf->seed);
	html_escape(f, h->conf->version != NULL ? h->conf->version : "(version unknown)");
	fprintf(f, "</dd>\n<dt>Took</dt><dd>%" PRIu64 " s of the device’s time</dd>\n</dl>\n",
		took / NS_PER_S);
}

static void sums_row(const struct sums *s, const char *name, FILE *f)
{
	fprintf(f, "<tr><th scope=\"row\">%s</th>", name);
	for (enum verdict v = 0; v <= VERDICT_ERROR; v++) {
		if (s->by[v] > 0)
			fprintf(f, "<td class=\"n %s\">%u</td>", html_class(v), s->by[v]);
		else
			fputs("<td class=\"n none\">0</td>", f);
	}
	fprintf(f, "<td class=\"n\">%u</td></tr>\n", s->n);
}

static void sums_table(const struct out_html *h, const struct sums *all, FILE *f)
{
	fputs("<div class=\"scroll\"><table class=\"sums\">\n<thead><tr><th>Parts</th>", f);
	for (enum verdict v = 0; v <= VERDICT_ERROR; v++)
		fprintf(f, "<th class=\"n\" scope=\"col\"><span class=\"%s\">%s</span> %s</th>",
			html_class(v), html_sign(v), verdict_name(v));
	fputs("<th class=\"n\" scope=\"col\">all</th></tr></thead>\n<tbody>\n", f);
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		struct sums s = count(h, NULL, (unsigned)roles[i]);

		if (s.n > 0)
			sums_row(&s, nut_role_name(roles[i]), f);
	}
	sums_row(all, "all", f);
	fputs("</tbody></table></div>\n", f);
}

static void cell(const struct html_row *row, FILE *f)
{
	fprintf(f, "<a class=\"v %s\" href=\"%s\">%s %s</a>", html_class(row->verdict), row->page,
		html_sign(row->verdict), verdict_name(row->verdict));
}

static bool is_bad(enum verdict v)
{
	return v == VERDICT_FAIL || v == VERDICT_ERROR;
}

static void failures(const struct out_html *h, const struct sums *all, FILE *f)
{
	if (all->by[VERDICT_FAIL] + all->by[VERDICT_ERROR] == 0)
		return;
	fputs("<h2>What is wrong</h2>\n<ul class=\"failures\">\n", f);
	for (size_t i = 0; i < h->n; i++) {
		const struct html_row *row = &h->row[i];

		if (!is_bad(row->verdict))
			continue;
		fputs("<li>", f);
		cell(row, f);
		fprintf(f, " <a href=\"%s\"><code>", row->page);
		html_escape(f, row->part->id);
		fprintf(f, "</code></a> %s: ", nut_role_name(row->role));
		html_escape(f, row->part->title);
		if (row->why != NULL) {
			fputs("<p>", f);
			html_escape(f, row->why);
			fputs("</p>", f);
		}
		fputs("</li>\n", f);
	}
	fputs("</ul>\n", f);
}

/*
 * The matrix.
 */

static void filter(const struct sums *all, FILE *f)
{
	fputs("<input type=\"radio\" name=\"v\" id=\"v-all\" class=\"pick\" checked=\"checked\"/>\n",
	      f);
	for (enum verdict v = 0; v <= VERDICT_ERROR; v++)
		if (all->by[v] > 0)
			fprintf(f,
				"<input type=\"radio\" name=\"v\" id=\"v-%s\" class=\"pick\"/>\n",
				html_class(v));
	fprintf(f, "<p class=\"chips\">Show <label for=\"v-all\">all %u</label>\n", all->n);
	for (enum verdict v = 0; v <= VERDICT_ERROR; v++)
		if (all->by[v] > 0)
			fprintf(f,
				"<label for=\"v-%s\"><span class=\"%s\">%s</span> %s %u</label>\n",
				html_class(v), html_class(v), html_sign(v), verdict_name(v),
				all->by[v]);
	fputs("</p>\n", f);
}

static void part_row(const struct out_html *h, const struct part *p, FILE *f)
{
	const struct html_row *row[ARRAY_LEN(roles)];
	const struct html_row *any = NULL;
	struct sums sums = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		row[i] = find(h, p, roles[i]);
		if (row[i] == NULL)
			continue;
		any = any != NULL ? any : row[i];
		sums.by[row[i]->verdict]++;
	}
	if (any == NULL)
		return;
	fputs("<tr class=\"part", f);
	has(&sums, f);
	fprintf(f, "\"><th scope=\"row\"><a href=\"%s\"><code>", any->page);
	html_escape(f, p->id);
	fputs("</code></a> ", f);
	html_escape(f, p->title);
	fprintf(f, "</th><td class=\"clause\"><b>%s</b> ", level_name(p->level));
	html_escape(f, p->clause);
	fputs("</td>", f);
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		fputs("<td class=\"role\">", f);
		if (row[i] != NULL)
			cell(row[i], f);
		fputs("</td>", f);
	}
	fputs("</tr>\n", f);
}

static void role_head(const struct out_html *h, const struct suite *s, enum nut_role role, FILE *f)
{
	struct sums sums = count(h, s, (unsigned)role);

	fprintf(f, "<th scope=\"col\" class=\"role\">%s", nut_role_name(role));
	if (sums.n > 0)
		fprintf(f, " <small>%u/%u</small>", sums.by[VERDICT_PASS],
			sums.n - sums.by[VERDICT_SKIP]);
	fputs("</th>", f);
}

static void suite_table(const struct out_html *h, const struct suite *s, FILE *f)
{
	struct sums sums = count(h, s, 0);

	fputs("<section class=\"suite", f);
	has(&sums, f);
	fputs("\" id=\"", f);
	html_escape(f, s->name);
	fputs("\">\n<h2>", f);
	html_escape(f, s->name);
	fputs(" <small>", f);
	html_escape(f, s->title);
	fputs("</small></h2>\n<table class=\"matrix\">\n<thead><tr><th scope=\"col\">Part</th>"
	      "<th scope=\"col\" class=\"clause\">Clause</th>",
	      f);
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		role_head(h, s, roles[i], f);
	fputs("</tr></thead>\n<tbody>\n", f);
	for (size_t i = 0; i < s->n; i++)
		part_row(h, &s->part[i], f);
	fputs("</tbody></table>\n</section>\n", f);
}

/* Has row @i the first part of its suite? */
static bool begins_suite(const struct out_html *h, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (h->row[k].suite == h->row[i].suite)
			return false;
	return true;
}

static void contents(const struct out_html *h, FILE *f)
{
	fputs("<p class=\"contents\">", f);
	for (size_t i = 0; i < h->n; i++) {
		struct sums sums;

		if (!begins_suite(h, i))
			continue;
		sums = count(h, h->row[i].suite, 0);
		fputs("<a href=\"#", f);
		html_escape(f, h->row[i].suite->name);
		fputs("\">", f);
		html_escape(f, h->row[i].suite->name);
		fputs("</a>", f);
		if (sums.by[VERDICT_FAIL] + sums.by[VERDICT_ERROR] > 0)
			fprintf(f, " <b class=\"fail\">%s %u</b>", html_sign(VERDICT_FAIL),
				sums.by[VERDICT_FAIL] + sums.by[VERDICT_ERROR]);
		fputc('\n', f);
	}
	fputs("</p>\n", f);
}

void html_index(const struct out_html *h, FILE *f)
{
	struct sums all = count(h, NULL, 0);
	char title[HTML_LINE_MAX];

	snprintf(title, sizeof(title), "IPv6 conformance: %s", h->conf->nut_name);
	html_head(f, title);
	tested(h, &all, f);
	sums_table(h, &all, f);
	failures(h, &all, f);
	fputs("<h2 id=\"parts\">All parts</h2>\n", f);
	contents(h, f);
	filter(&all, f);
	fputs("<div class=\"suites\">\n", f);
	for (size_t i = 0; i < h->n; i++)
		if (begins_suite(h, i))
			suite_table(h, h->row[i].suite, f);
	fputs("</div>\n", f);
	html_foot(f);
}
