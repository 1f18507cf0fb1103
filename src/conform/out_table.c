/* SPDX-License-Identifier: BSD-3-Clause */
/* Results for people: a line per part, the reasons below it, the sums at the end. */
#include "conform/run.h"

#define LINE_OCTETS 80 /* of the last line of a terminal, NUL included: longer ones would scroll */

/* Take the line of progress away. */
static void wipe(const struct out *o)
{
	if (o->progress)
		fputs("\r\033[K", o->to);
}

static void table_begin(struct out *o, const struct run_conf *conf, unsigned n_parts)
{
	fprintf(o->to, "%u parts on %s, seed %llu\n", n_parts, conf->nut_name,
		(unsigned long long)conf->seed);
}

static void table_group(struct out *o, const struct suite *s, enum nut_role role, unsigned n_parts)
{
	wipe(o);
	fprintf(o->to, "\n%s: %s, as a %s (%u parts)\n", s->name, s->title, nut_role_name(role),
		n_parts);
}

static void indented(FILE *to, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		fprintf(to, "        %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void table_part(struct out *o, const struct result *r)
{
	wipe(o);
	fprintf(o->to, "  %-5s %-14s %-6s %s\n", verdict_name(r->verdict), r->part->id,
		level_name(r->part->level), r->part->title);
	if (r->why != NULL && r->verdict != VERDICT_PASS)
		indented(o->to, r->why);
	if (r->verdict == VERDICT_FAIL)
		fprintf(o->to, "        %s: %s\n", r->part->clause, r->part->purpose);
	fflush(o->to);
}

static void table_end(struct out *o, const struct tally *tally)
{
	wipe(o);
	fprintf(o->to, "\n%u parts:", tally->n);
	for (unsigned v = 0; v < ARRAY_LEN(tally->by); v++)
		if (tally->by[v] > 0)
			fprintf(o->to, " %u %s", tally->by[v], verdict_name((enum verdict)v));
	fprintf(o->to, "\n");
}

static void left_text(unsigned s, char *text, size_t size)
{
	if (s == 0)
		text[0] = '\0';
	else if (s < 100)
		snprintf(text, size, ", %u s left", s);
	else
		snprintf(text, size, ", %u min left", (s + 59) / 60);
}

/* "12 of 340 done, 2 failed, 3 min left, now: v6lc.1.1.4.a v6lc.1.1.5.a", as far as there is room. */
static void table_tick(struct out *o, const struct progress *p)
{
	char text[LINE_OCTETS], left[32], failed[32] = "";
	int n;

	if (!o->progress)
		return;
	left_text(p->left_s, left, sizeof(left));
	if (p->failed > 0)
		snprintf(failed, sizeof(failed), ", %u failed", p->failed);
	n = snprintf(text, sizeof(text), "  %u of %u done%s%s%s", p->done, p->n_parts, failed, left,
		     p->n_running > 0 ? ", now:" : "");
	for (unsigned i = 0; i < p->n_running && n > 0; i++) {
		const char *id = p->running[i]->part->id;

		if ((size_t)n + strlen(id) + 1 >= sizeof(text))
			break;
		n += snprintf(text + n, sizeof(text) - (size_t)n, " %s", id);
	}
	wipe(o);
	fputs(text, o->to);
	fflush(o->to);
}

void out_table_init(struct out *o, FILE *to, bool progress)
{
	*o = (struct out){ .begin = table_begin,
			   .group = table_group,
			   .part = table_part,
			   .end = table_end,
			   .tick = table_tick,
			   .to = to,
			   .progress = progress };
}
