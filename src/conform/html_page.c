/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page of a part. The reason of a verdict is text, as the table and JSON have it; where it holds
 * the comparison of pv_compare(), that becomes a table, by the columns of its heading.
 */
#include "conform/html.h"

#include <inttypes.h>

/*
 * Words.
 */

const char *html_class(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return "pass";
	case VERDICT_FAIL:
		return "fail";
	case VERDICT_SKIP:
		return "skip";
	case VERDICT_XFAIL:
		return "xfail";
	case VERDICT_ERROR:
		return "error";
	}
	ASSERT_NOT_REACHED();
}

const char *html_sign(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return "✓";
	case VERDICT_FAIL:
		return "✗";
	case VERDICT_SKIP:
		return "–";
	case VERDICT_XFAIL:
		return "≈";
	case VERDICT_ERROR:
		return "!";
	}
	ASSERT_NOT_REACHED();
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void html_name(char buf[HTML_NAME_MAX], const char *id, enum nut_role role, const char *suffix)
{
	size_t n;

	snprintf(buf, HTML_NAME_MAX, "%.100s-%s%s", id, nut_role_name(role), suffix);
	n = strlen(buf);
	for (size_t i = 0; i < n; i++)
		if (!is_word(buf[i]) && (i == 0 || strchr(".-_", buf[i]) == NULL))
			buf[i] = '_';
}

size_t html_first_line(const char *text)
{
	return strcspn(text, "\n");
}

/*
 * Head and foot.
 */

void html_head(FILE *f, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n<title>",
	      f);
	html_escape(f, title);
	fputs("</title>\n<link rel=\"stylesheet\" href=\"style.css\"/>\n</head>\n<body>\n<main>\n",
	      f);
}

void html_foot(FILE *f)
{
	fputs("</main>\n</body>\n</html>\n", f);
}

/*
 * What it is about.
 */

/* "RFC 8200 section 4.2": octets of it at @text, or 0; its parts are set. */
static size_t cites(const char *text, size_t *number, size_t *section, size_t *octets)
{
	static const char before[] = " section ";
	size_t n = strlen("RFC "), rest;

	if (strncmp(text, "RFC ", n) != 0)
		return 0;
	*number = strspn(text + n, "0123456789");
	if (*number == 0)
		return 0;
	n += *number;
	*section = *octets = 0;
	if (strncmp(text + n, before, strlen(before)) != 0)
		return n;
	rest = strspn(text + n + strlen(before), "0123456789.");
	while (rest > 0 && text[n + strlen(before) + rest - 1] == '.')
		rest--;
	if (rest == 0)
		return n;
	*section = n + strlen(before);
	*octets = rest;
	return *section + rest;
}

/* The citations in it become links to their places. */
static void clause(FILE *f, const char *text)
{
	while (*text != '\0') {
		size_t number, section, octets, n = cites(text, &number, &section, &octets);

		if (n == 0) {
			const char *next = strstr(text + 1, "RFC ");

			n = next != NULL ? (size_t)(next - text) : strlen(text);
			html_escape_octets(f, text, n);
			text += n;
			continue;
		}
		fprintf(f, "<a href=\"https://www.rfc-editor.org/rfc/rfc%.*s%s%.*s\">", (int)number,
			text + strlen("RFC "), octets > 0 ? "#section-" : "", (int)octets,
			text + section);
		html_escape_octets(f, text, n);
		fputs("</a>", f);
		text += n;
	}
}

static void fact(FILE *f, const char *name, const char *text)
{
	fprintf(f, "<dt>%s</dt><dd>", name);
	html_escape(f, text);
	fputs("</dd>\n", f);
}

static void needs(FILE *f, const struct part *p)
{
	const char *between = "";

	fputs("<dt>Needs</dt><dd>", f);
	for (uint32_t bit = 1; bit != 0; bit <<= 1) {
		if ((p->needs & bit) == 0)
			continue;
		fputs(between, f);
		html_escape(f, nut_cap_name(bit));
		between = ", ";
	}
	fputs(p->needs == 0 ? "nothing special</dd>\n" : "</dd>\n", f);
}

static void facts(const struct run_conf *conf, const struct result *r, FILE *f)
{
	const struct part *p = r->part;

	fputs("<dl class=\"facts\">\n", f);
	fact(f, "Purpose", p->purpose);
	fputs("<dt>Clause</dt><dd>", f);
	clause(f, p->clause);
	fprintf(f, " (%s)</dd>\n", level_name(p->level));
	needs(f, p);
	fprintf(f, "<dt>Suite</dt><dd><a href=\"index.html#");
	html_escape(f, r->suite->name);
	fputs("\">", f);
	html_escape(f, r->suite->name);
	fputs("</a>: ", f);
	html_escape(f, r->suite->title);
	fputs("</dd>\n<dt>Device</dt><dd>", f);
	html_escape(f, conf->nut_name);
	fprintf(f,
		", as a %s, seed %" PRIu64 "</dd>\n<dt>Took</dt><dd>%" PRIu64 ".%03" PRIu64
		" s of the device’s time",
		nut_role_name(r->role), conf->seed, r->took / NS_PER_S,
		r->took % NS_PER_S / NS_PER_MS);
	fprintf(f, "; waits are longer by %" PRIu64 ".%03" PRIu64 " s in real time</dd>\n</dl>\n",
		p->tolerance / NS_PER_S, p->tolerance % NS_PER_S / NS_PER_MS);
}

/*
 * Why.
 */

/* Where pv_compare()'s columns begin. */
struct columns {
	size_t name, want, seen;
};

/* Is the line of @n octets the heading of a comparison? */
static bool is_heading(const char *line, size_t n, struct columns *ret)
{
	static const char want[] = " expected ", seen[] = " seen";
	const char *w = memmem(line, n, want, strlen(want));
	const char *s = w == NULL ? NULL : memmem(w, (size_t)(line + n - w), seen, strlen(seen));

	if (n < 8 || memcmp(line, "  field ", 8) != 0 || s == NULL || s + strlen(seen) != line + n)
		return false;
	*ret = (struct columns){ 2, (size_t)(w + 1 - line), (size_t)(s + 1 - line) };
	return true;
}

static bool is_row(const char *line, size_t n)
{
	return n > 2 && (line[0] == '!' || line[0] == ' ') && line[1] == ' ';
}

static size_t trimmed(const char *from, size_t n)
{
	while (n > 0 && from[n - 1] == ' ')
		n--;
	return n;
}

/* Do the texts of the line keep to their columns? */
static bool is_apart(const struct columns *c, const char *line, size_t n)
{
	return n > c->seen && line[c->want - 1] == ' ' && line[c->seen - 1] == ' ';
}

/* "any" and "-": not compared. */
static bool is_open(const struct columns *c, const char *line, size_t n)
{
	const char *want = line + c->want;

	return is_apart(c, line, n) &&
	       (strncmp(want, "any ", 4) == 0 || strncmp(want, "- ", 2) == 0);
}

static void cell(FILE *f, const char *from, size_t n)
{
	fputs("<td>", f);
	html_escape_octets(f, from, trimmed(from, n));
	fputs("</td>", f);
}

/* A line whose texts do not keep to their columns is shown as it is. */
static void row(FILE *f, const struct columns *c, const char *line, size_t n)
{
	bool bad = line[0] == '!';

	fprintf(f, "<tr%s><td class=\"sign\">%s</td>",
		bad		      ? " class=\"differs\""
		: is_open(c, line, n) ? " class=\"open\""
				      : "",
		bad ? "≠<span class=\"aside\"> differs</span>" : "");
	if (is_apart(c, line, n)) {
		cell(f, line + c->name, c->want - c->name);
		cell(f, line + c->want, c->seen - c->want);
		cell(f, line + c->seen, n - c->seen);
	} else {
		fputs("<td colspan=\"3\"><code>", f);
		html_escape_octets(f, line + c->name, n - c->name);
		fputs("</code></td>", f);
	}
	fputs("</tr>\n", f);
}

static const char *next_line(const char *line, size_t n)
{
	return line + n + (line[n] == '\n');
}

/* From the heading at *@text on; *@text is then behind it. */
static void comparison(FILE *f, const char **text, const struct columns *c, const char *want)
{
	const char *line = next_line(*text, html_first_line(*text));

	fprintf(f,
		"<div class=\"scroll\"><table class=\"compare\">\n<thead><tr><th class=\"sign\">"
		"<span class=\"aside\">differs</span></th><th>Field</th><th>%s</th><th>Seen</th>"
		"</tr></thead>\n<tbody>\n",
		want);
	while (is_row(line, html_first_line(line))) {
		row(f, c, line, html_first_line(line));
		line = next_line(line, html_first_line(line));
	}
	fputs("</tbody></table></div>\n", f);
	*text = line;
}

void html_why(const char *why, FILE *f)
{
	bool never = strncmp(why, "silence ", 8) == 0;

	while (*why != '\0') {
		size_t n = html_first_line(why);
		struct columns c;

		if (is_heading(why, n, &c)) {
			comparison(f, &why, &c, never ? "Not to come" : "Expected");
			continue;
		}
		fputs("<p class=\"why\">", f);
		html_escape_octets(f, why, n);
		fputs("</p>\n", f);
		why = next_line(why, n);
	}
}

#define SUMMARY_FIELDS 3

/* "hop limit 15, not 14" */
static void difference(FILE *f, const struct columns *c, const char *line, size_t n, unsigned nth)
{
	if (nth == SUMMARY_FIELDS)
		fputs("; and more", f);
	if (nth >= SUMMARY_FIELDS || !is_apart(c, line, n))
		return;
	line += c->name;
	fprintf(f, "%s%.*s", nth > 0 ? "; " : " ", (int)trimmed(line, c->want - c->name), line);
	line += c->want - c->name;
	n -= c->seen;
	fprintf(f, " %.*s", (int)trimmed(line + c->seen - c->want, n), line + c->seen - c->want);
	fprintf(f, ", not %.*s", (int)trimmed(line, c->seen - c->want), line);
}

char *html_summary(const char *why)
{
	struct columns c = { 0 };
	char *text = NULL;
	unsigned found = 0;
	size_t octets;
	FILE *f = open_memstream(&text, &octets);

	ASSERT(f != NULL);
	fprintf(f, "%.*s", (int)html_first_line(why), why);
	while (*why != '\0') {
		size_t n = html_first_line(why);

		if (c.want == 0)
			(void)is_heading(why, n, &c);
		else if (is_row(why, n) && why[0] == '!')
			difference(f, &c, why, n, found++);
		why = next_line(why, n);
	}
	ASSERT(fclose(f) == 0);
	return text;
}

/*
 * The page.
 */

static void judged(const struct result *r, FILE *f)
{
	size_t n = html_judged(r);

	fprintf(f, "<p>Nothing is wrong. %zu of %zu packets %s judged, and as %s should be.</p>\n",
		n, r->record->n, n == 1 ? "was" : "were", n == 1 ? "it" : "they");
}

static void frames(const struct result *r, FILE *f)
{
	char name[HTML_NAME_MAX];

	if (r->record->n == 0)
		return;
	html_name(name, r->part->id, r->role, ".pcapng");
	fputs("<h2>Sequence</h2>\n", f);
	html_diagram(r, f);
	fputs("<h2>Packets</h2>\n<p>Seconds since the first packet. Each line opens to all fields "
	      "and octets. Those that were judged are marked.</p>\n",
	      f);
	html_packets(r, f);
	fprintf(f,
		"<h2>Capture</h2>\n<p>All %zu packets, with comments on those that were judged: "
		"<a href=\"%s\" download=\"%s\">%s</a></p>\n",
		r->record->n, name, name, name);
}

void html_part(const struct run_conf *conf, const struct result *r, FILE *f)
{
	fputs("<h1><small>", f);
	html_escape(f, r->part->id);
	fprintf(f, ", %s</small> ", nut_role_name(r->role));
	html_escape(f, r->part->title);
	fprintf(f, "</h1>\n<p><span class=\"v big %s\">%s %s</span></p>\n", html_class(r->verdict),
		html_sign(r->verdict), verdict_name(r->verdict));
	facts(conf, r, f);
	if (r->why != NULL) {
		fputs("<h2>Why</h2>\n", f);
		html_why(r->why, f);
	} else if (r->verdict == VERDICT_PASS) {
		judged(r, f);
	}
	frames(r, f);
}
