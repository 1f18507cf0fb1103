/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The frames of a part as a sequence diagram: the device in the middle, the stations of link A to
 * its left and those of link B to its right, as far as they took part; time runs down. What the
 * device does while it starts is one line, and a long capture is cut, but not at what is wrong.
 */
#include "conform/html.h"

/* All in units that are pixels at the size of text. */
#define GUTTER	   58 /* the times */
#define EDGE	   46 /* from a lifeline to the border */
#define COL_MIN	   112
#define COL_MAX	   240
#define LABEL_CHAR 6.4 /* of a label, about */
#define HEAD	   62
#define ROW	   34
#define ROW_BACK   24
#define ROW_WORDS  17 /* more, for what was thought of it */
#define PAUSE	   12 /* more, after a second or longer */
#define ARROW	   7
#define CIRCLE	   3
#define SHOWN_MAX  150
#define LANES_MAX  (STATIONS + 1 + NUT_LINKS)
#define NO_LANE	   UINT32_MAX

struct lane {
	int end;
	enum nut_link link; /* not of the device */
	int x;
};

struct picture {
	const struct result *r;
	struct lane lane[LANES_MAX];
	unsigned n, device;
	int width, height;
	size_t start;  /* frames that are one line */
	size_t hidden; /* frames that are left out */
};

/*
 * Lanes.
 */

static bool is_used(const struct record *rec, enum nut_link link, int end)
{
	for (size_t i = 0; i < rec->n; i++)
		if (rec->seen[i]->link == link &&
		    (html_from(rec->seen[i]) == end || html_to(rec->seen[i]) == end))
			return true;
	return false;
}

/* Stations of a link; if none took part, a lane for where its frames go. */
static void add_link(struct picture *p, enum nut_link link)
{
	const struct record *rec = p->r->record;
	unsigned before = p->n;

	for (int i = 0; i < STATIONS; i++)
		if (station_link((enum station_id)i) == link && is_used(rec, link, i))
			p->lane[p->n++] = (struct lane){ .end = i, .link = link };
	if (is_used(rec, link, END_OTHER) || (p->n == before && is_used(rec, link, END_GROUP)))
		p->lane[p->n++] = (struct lane){ .end = END_OTHER, .link = link };
}

/* Wide enough for the longest label between two neighbours. */
static int column(const struct picture *p)
{
	const struct record *rec = p->r->record;
	size_t longest = 0;
	char line[HTML_LINE_MAX];

	for (size_t i = p->start; i < rec->n; i++)
		longest = MAX(longest, strlen(html_kind(rec->seen[i], line, sizeof(line))));
	return (int)MIN(MAX((double)longest * LABEL_CHAR + 2 * CIRCLE, (double)COL_MIN),
			(double)COL_MAX);
}

static void add_lanes(struct picture *p)
{
	int width = column(p);

	add_link(p, LINK_A);
	p->device = p->n;
	p->lane[p->n++] = (struct lane){ .end = END_DEVICE };
	add_link(p, LINK_B);
	for (unsigned i = 0; i < p->n; i++)
		p->lane[i].x = GUTTER + EDGE + (int)i * width;
	p->width = p->lane[p->n - 1].x + EDGE;
}

static unsigned lane_of(const struct picture *p, enum nut_link link, int end)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->lane[i].end == end && (end == END_DEVICE || p->lane[i].link == link))
			return i;
	return NO_LANE;
}

/* The outermost lane of a link: how far a frame to all of them goes. */
static unsigned outermost(const struct picture *p, enum nut_link link)
{
	return link == LINK_A ? 0 : p->n - 1;
}

/*
 * Rows.
 */

static bool is_shown(const struct picture *p, size_t i)
{
	const char *words;

	return i >= p->start && (i < p->start + SHOWN_MAX ||
				 html_mark(p->r, p->r->record->seen[i], &words) == MARK_BAD);
}

/* Room above a frame, for the time that has passed. */
static int pause_before(const struct picture *p, size_t i)
{
	const struct record *rec = p->r->record;

	return i > p->start && rec->seen[i]->when >= time_after(rec->seen[i - 1]->when, NS_PER_S)
		       ? PAUSE
		       : 0;
}

static int row_height(const struct picture *p, size_t i)
{
	const struct seen *s = p->r->record->seen[i];

	if (s->comment != NULL)
		return ROW + ROW_WORDS;
	return s->background ? ROW_BACK : ROW;
}

/* From the top of its row to the arrow of a frame. */
static int arrow_at(const struct seen *s)
{
	return (s->background && s->comment == NULL ? ROW_BACK : ROW) - 12;
}

static void measure(struct picture *p)
{
	p->height = HEAD + (p->start > 0 ? ROW : 0);
	for (size_t i = p->start; i < p->r->record->n; i++) {
		if (is_shown(p, i))
			p->height += pause_before(p, i) + row_height(p, i);
		else
			p->hidden++;
	}
	p->height += (p->hidden > 0 ? ROW : 0) + PAUSE;
}

/*
 * Drawing.
 */

static void text_at(FILE *f, int x, int y, const char *class, const char *words)
{
	fprintf(f, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	html_escape(f, words);
	fputs("</text>\n", f);
}

static void draw_link(const struct picture *p, enum nut_link link, FILE *f)
{
	int from = p->lane[p->device].x + EDGE / 2, to = p->width;

	if (link == LINK_A) {
		from = GUTTER;
		to = p->lane[p->device].x - EDGE / 2;
	}
	if (p->device == outermost(p, link))
		return;
	fprintf(f, "<rect class=\"band\" x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n",
		from, to - from, p->height);
	text_at(f, (from + to) / 2, 17, "wire", link == LINK_A ? "link A" : "link B");
}

static void draw_lanes(const struct picture *p, FILE *f)
{
	for (unsigned i = 0; i < p->n; i++) {
		const struct lane *l = &p->lane[i];
		bool device = i == p->device;

		fprintf(f, "<path class=\"life%s\" d=\"M%d %dV%d\"/>\n", device ? " device" : "",
			l->x, HEAD - 14, p->height);
		fprintf(f,
			"<rect class=\"box%s\" x=\"%d\" y=\"26\" width=\"%d\" height=\"24\" "
			"rx=\"5\"/>\n",
			device ? " device" : "", l->x - EDGE + 14, 2 * EDGE - 28);
		text_at(f, l->x, 43, "name", html_end_name(l->end));
	}
}

static void draw_arrow(int from, int to, int y, bool to_all, FILE *f)
{
	int back = to > from ? -1 : 1;

	fprintf(f,
		"<path class=\"arrow%s\" d=\"M%d %dH%d\"/><path class=\"head\" d=\"M%d %dl%d -4v8z\"/>",
		to_all ? " group" : "", from, y, to + back * ARROW, to, y, back * (ARROW + 2));
	fprintf(f, "<circle class=\"from\" cx=\"%d\" cy=\"%d\" r=\"%d\"/>\n", from, y, CIRCLE);
}

/* What it is, above its arrow; what was thought of it, below. */
static void draw_words(const struct picture *p, const struct seen *s, int middle, int y, FILE *f)
{
	char line[HTML_LINE_MAX];
	const char *words;
	enum html_mark mark = html_mark(p->r, s, &words);

	text_at(f, middle, y - 6, "label", html_kind(s, line, sizeof(line)));
	if (mark == MARK_NONE)
		return;
	fprintf(f, "<text x=\"%d\" y=\"%d\" class=\"words\">%s ", middle, y + 16,
		html_mark_sign(mark));
	html_escape(f, words);
	fputs("</text>\n", f);
}

static void draw_frame(const struct picture *p, size_t i, int y, bool timed, FILE *f)
{
	const struct seen *s = p->r->record->seen[i];
	unsigned from = lane_of(p, s->link, html_from(s));
	bool to_all = html_to(s) == END_GROUP;
	unsigned to = !to_all	    ? lane_of(p, s->link, html_to(s))
		      : s->from_nut ? outermost(p, s->link)
				    : p->device;
	char time[32], line[HTML_LINE_MAX];
	const char *words;
	enum html_mark mark = html_mark(p->r, s, &words);

	html_time(p->r->record, s, time, sizeof(time));
	fprintf(f, "<a href=\"#p%zu\" tabindex=\"-1\"><g class=\"frame %s\"><title>%s s, link %c: ",
		i + 1,
		mark != MARK_NONE ? html_mark_class(mark)
		: s->background	  ? "back"
				  : "",
		time, 'A' + (int)s->link);
	html_escape(f, html_line(s, line, sizeof(line)));
	fputs("</title>\n", f);
	if (mark != MARK_NONE)
		fprintf(f,
			"<rect class=\"judged\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
			"rx=\"5\"/>\n",
			1, y - 19, p->width - 2, ROW + 8);
	if (timed)
		text_at(f, GUTTER - 6, y + 4, "time", time);
	if (from != NO_LANE && to != NO_LANE && from != to) {
		draw_arrow(p->lane[from].x, p->lane[to].x, y, to_all, f);
		draw_words(p, s, (p->lane[from].x + p->lane[to].x) / 2, y, f);
	}
	fputs("</g></a>\n", f);
}

/* A line across all lanes. */
static void draw_note(const struct picture *p, int y, const char *anchor, size_t n,
		      const char *what, FILE *f)
{
	char words[128];

	snprintf(words, sizeof(words), "%zu packets %s", n, what);
	fprintf(f,
		"<a href=\"#%s\" tabindex=\"-1\"><g class=\"note\"><rect x=\"%d\" y=\"%d\" "
		"width=\"%d\" height=\"22\" rx=\"11\"/>\n",
		anchor, 4, y - 15, p->width - 8);
	text_at(f, p->width / 2, y, "label", words);
	fputs("</g></a>\n", f);
}

static void draw_rows(const struct picture *p, FILE *f)
{
	const struct record *rec = p->r->record;
	char now[32], before[32] = "";
	int y = HEAD;

	if (p->start > 0) {
		draw_note(p, y + 10, "start", p->start, "while it starts", f);
		y += ROW;
	}
	for (size_t i = p->start; i < rec->n; i++) {
		int height = row_height(p, i);

		if (!is_shown(p, i))
			continue;
		y += pause_before(p, i);
		html_time(rec, rec->seen[i], now, sizeof(now));
		draw_frame(p, i, y + arrow_at(rec->seen[i]), strcmp(now, before) != 0, f);
		memcpy(before, now, sizeof(now));
		y += height;
	}
	if (p->hidden > 0)
		draw_note(p, y + 15, "p1", p->hidden, "more, listed below", f);
}

void html_diagram(const struct result *r, FILE *f)
{
	struct picture p = { .r = r, .start = html_starting(r) };

	add_lanes(&p);
	measure(&p);
	fprintf(f,
		"<figure class=\"scroll\">\n<svg class=\"seq\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		"height=\"%d\" role=\"img\" aria-labelledby=\"seq-title seq-desc\">\n"
		"<title id=\"seq-title\">Sequence of packets</title>\n"
		"<desc id=\"seq-desc\">Arrows between the stations and the device, in the order of "
		"time. The list below says the same in words.</desc>\n",
		p.width, p.height, p.width, p.height);
	draw_link(&p, LINK_A, f);
	draw_link(&p, LINK_B, f);
	draw_lanes(&p, f);
	draw_rows(&p, f);
	fputs("</svg>\n</figure>\n", f);
}
