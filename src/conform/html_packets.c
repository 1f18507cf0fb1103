/* SPDX-License-Identifier: BSD-3-Clause */
/* The frames of a part as text: a line each, which opens to its fields and octets. */
#include "conform/html.h"

#include <inttypes.h>
#include <stdlib.h>

#define START_MIN 4 /* frames of a start that are worth being folded */
#define OPEN_MAX  4 /* judged frames that are shown with all their fields */
#define DUMP_ROW  16

/*
 * One frame.
 */

enum html_mark html_mark(const struct result *r, const struct seen *s, const char **words)
{
	static const char fail[] = "FAIL: ";
	size_t id = strlen(r->part->id);

	*words = "";
	if (s->comment == NULL)
		return MARK_NONE;
	*words = s->comment;
	if (strncmp(*words, r->part->id, id) == 0 && strncmp(*words + id, ": ", 2) == 0)
		*words += id + 2;
	if (strncmp(*words, fail, strlen(fail)) != 0)
		return MARK_GOOD;
	*words += strlen(fail);
	return MARK_BAD;
}

const char *html_mark_class(enum html_mark mark)
{
	switch (mark) {
	case MARK_NONE:
		return "";
	case MARK_GOOD:
		return "good";
	case MARK_BAD:
		return "bad";
	}
	ASSERT_NOT_REACHED();
}

const char *html_mark_sign(enum html_mark mark)
{
	switch (mark) {
	case MARK_NONE:
		return "";
	case MARK_GOOD:
		return "✓";
	case MARK_BAD:
		return "✗";
	}
	ASSERT_NOT_REACHED();
}

size_t html_judged(const struct result *r)
{
	const char *words;
	size_t n = 0;

	for (size_t i = 0; i < r->record->n; i++)
		n += html_mark(r, r->record->seen[i], &words) != MARK_NONE;
	return n;
}

size_t html_starting(const struct result *r)
{
	const struct record *rec = r->record;
	size_t n = 0;

	while (n < rec->n && rec->seen[n]->from_nut && rec->seen[n]->background &&
	       rec->seen[n]->comment == NULL)
		n++;
	return n >= START_MIN ? n : 0;
}

const char *html_time(const struct record *r, const struct seen *s, char *buf, size_t size)
{
	time_ns t = s->when >= r->seen[0]->when ? s->when - r->seen[0]->when : 0;

	snprintf(buf, size, "%" PRIu64 ".%03" PRIu64, t / NS_PER_S, t % NS_PER_S / NS_PER_MS);
	return buf;
}

const char *html_line(const struct seen *s, char *buf, size_t size)
{
	if (s->ip6)
		return pv_line(&s->pv, buf, size);
	if (s->n < ETH_HDR_OCTETS)
		snprintf(buf, size, "a frame of %zu octets", s->n);
	else
		snprintf(buf, size, "no whole IPv6 header: type 0x%04x, %zu octets",
			 get_be16(s->octets + ETH_HDR_OCTETS - 2), s->n);
	return buf;
}

/* A line of pv_line() begins with source, ">" and destination. */
const char *html_kind(const struct seen *s, char *buf, size_t size)
{
	const char *p = html_line(s, buf, size);

	for (unsigned i = 0; s->ip6 && i < 3; i++) {
		const char *blank = strchr(p, ' ');

		if (blank == NULL)
			return buf;
		p = blank + 1;
	}
	return p;
}

static struct mac mac_at(const struct seen *s, size_t at)
{
	struct mac m = { { 0 } };

	if (s->n >= ETH_HDR_OCTETS)
		memcpy(m.b, s->octets + at, sizeof(m.b));
	return m;
}

static int end_of(const struct seen *s, const struct mac *mac)
{
	enum station_id id = station_of_mac(mac);

	return id != STATIONS && station_link(id) == s->link ? (int)id : END_OTHER;
}

int html_from(const struct seen *s)
{
	struct mac mac = mac_at(s, sizeof(mac.b));

	return s->from_nut ? END_DEVICE : end_of(s, &mac);
}

int html_to(const struct seen *s)
{
	struct mac mac = mac_at(s, 0);

	if (mac_is_group(&mac))
		return END_GROUP;
	return s->from_nut ? end_of(s, &mac) : END_DEVICE;
}

const char *html_end_name(int end)
{
	switch (end) {
	case END_DEVICE:
		return "device";
	case END_GROUP:
		return "group";
	case END_OTHER:
		return "other";
	}
	return station_name((enum station_id)end);
}

/*
 * The list.
 */

static void dump(FILE *f, const struct seen *s)
{
	char text[DUMP_ROW + 1];

	fputs("<pre class=\"dump\">", f);
	for (size_t at = 0; at < s->n; at += DUMP_ROW) {
		size_t n = MIN(s->n - at, (size_t)DUMP_ROW);

		fprintf(f, "%04zx ", at);
		for (size_t i = 0; i < DUMP_ROW; i++) {
			uint8_t c = i < n ? s->octets[at + i] : 0;

			if (i < n)
				fprintf(f, "%s%02x", i == DUMP_ROW / 2 ? "  " : " ", c);
			else
				fputs(i == DUMP_ROW / 2 ? "    " : "   ", f);
			text[i] = (char)(c >= 0x20 && c < 0x7f ? c : '.');
		}
		fputs("  ", f);
		html_escape_octets(f, text, n);
		fputc('\n', f);
	}
	fputs("</pre>\n", f);
}

static void fields(FILE *f, const struct seen *s)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	ASSERT(to != NULL);
	pv_describe(&s->pv, to);
	ASSERT(fclose(to) == 0);
	fputs("<pre>", f);
	html_escape_octets(f, text, n);
	fputs("</pre>\n", f);
	free(text);
}

static void packet(const struct result *r, size_t i, bool open, FILE *f)
{
	const struct seen *s = r->record->seen[i];
	char time[32], line[HTML_LINE_MAX];
	const char *words;
	enum html_mark mark = html_mark(r, s, &words);

	fprintf(f, "<li id=\"p%zu\" class=\"%s\"><details%s><summary><span class=\"t\">%s</span> ",
		i + 1,
		mark != MARK_NONE ? html_mark_class(mark)
		: s->background	  ? "back"
				  : "",
		mark == MARK_BAD || (mark == MARK_GOOD && open) ? " open=\"open\"" : "",
		html_time(r->record, s, time, sizeof(time)));
	fprintf(f, "<b>%s → %s</b> <span class=\"link\">link %c</span> ",
		html_end_name(html_from(s)), html_end_name(html_to(s)), 'A' + (int)s->link);
	html_escape(f, html_line(s, line, sizeof(line)));
	if (mark != MARK_NONE) {
		fprintf(f, " <strong>%s ", html_mark_sign(mark));
		html_escape(f, words);
		fputs("</strong>", f);
	}
	fputs("</summary>\n<div class=\"inside\">\n", f);
	if (s->ip6)
		fields(f, s);
	dump(f, s);
	fputs("</div></details></li>\n", f);
}

static void list(const struct result *r, size_t from, size_t to, FILE *f)
{
	bool open = html_judged(r) <= OPEN_MAX;

	if (from == to)
		return;
	fprintf(f, "<ol class=\"packets\" start=\"%zu\">\n", from + 1);
	for (size_t i = from; i < to; i++)
		packet(r, i, open, f);
	fputs("</ol>\n", f);
}

void html_packets(const struct result *r, FILE *f)
{
	size_t start = html_starting(r);

	if (start > 0) {
		fprintf(f,
			"<details id=\"start\" class=\"start\"><summary>%zu packets while the device "
			"starts (neighbor discovery, MLD)</summary>\n",
			start);
		list(r, 0, start, f);
		fputs("</details>\n", f);
	}
	list(r, start, r->record->n, f);
}
