/* SPDX-License-Identifier: BSD-3-Clause */
/* Results for people: a line per part, the reasons below it, the sums at the end. */
#include "conform/run.h"

static void table_begin(struct out *o, const struct run_conf *conf, unsigned n_parts)
{
	o->n_parts = n_parts;
	fprintf(o->to, "%u parts on %s, seed %llu\n", n_parts, conf->nut_name,
		(unsigned long long)conf->seed);
}

static void table_group(struct out *o, const struct suite *s, enum nut_role role, unsigned n_parts)
{
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
	o->done++;
	fprintf(o->to, "%s  %-5s %-14s %-6s %s\n", o->progress ? "\r\033[K" : "",
		verdict_name(r->verdict), r->part->id, level_name(r->part->level), r->part->title);
	if (r->why != NULL && r->verdict != VERDICT_PASS)
		indented(o->to, r->why);
	if (r->verdict == VERDICT_FAIL)
		fprintf(o->to, "        %s: %s\n", r->part->clause, r->part->purpose);
	if (o->progress && o->done < o->n_parts)
		fprintf(o->to, "  %u of %u ...", o->done, o->n_parts);
	fflush(o->to);
}

static void table_end(struct out *o, const struct tally *tally)
{
	fprintf(o->to, "\n%u parts:", tally->n);
	for (unsigned v = 0; v < ARRAY_LEN(tally->by); v++)
		if (tally->by[v] > 0)
			fprintf(o->to, " %u %s", tally->by[v], verdict_name((enum verdict)v));
	fprintf(o->to, "\n");
}

void out_table_init(struct out *o, FILE *to, bool progress)
{
	*o = (struct out){ .begin = table_begin,
			   .group = table_group,
			   .part = table_part,
			   .end = table_end,
			   .to = to,
			   .progress = progress };
}
