/* SPDX-License-Identifier: BSD-3-Clause */
/* Results as the Linux kernel's KTAP, version 1: a subtest for each suite and role. */
#include "conform/run.h"

static void tap_begin(struct out *o, const struct run_conf *conf, unsigned n_parts)
{
	(void)n_parts;
	fprintf(o->to, "KTAP version 1\n1..%u\n", run_groups(conf));
}

static void tap_group(struct out *o, const struct suite *s, enum nut_role role, unsigned n_parts)
{
	(void)s;
	(void)role;
	fprintf(o->to, "  KTAP version 1\n  1..%u\n", n_parts);
	o->done = 0;
}

static const char *directive(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
	case VERDICT_FAIL:
		return "";
	case VERDICT_SKIP:
		return " # SKIP";
	case VERDICT_XFAIL:
		return " # XFAIL";
	case VERDICT_ERROR:
		return " # ERROR";
	}
	ASSERT_NOT_REACHED();
}

static bool bad(enum verdict v)
{
	return v == VERDICT_FAIL || v == VERDICT_ERROR;
}

/* Diagnostic lines come before the result they belong to. */
static void diagnose(FILE *to, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		fprintf(to, "  # %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void tap_part(struct out *o, const struct result *r)
{
	bool skip = r->verdict == VERDICT_SKIP && r->why != NULL;

	if (r->why != NULL && !skip)
		diagnose(o->to, r->why);
	fprintf(o->to, "  %sok %u %s%s%s%s\n", bad(r->verdict) ? "not " : "", ++o->done,
		r->part->id, directive(r->verdict), skip ? " " : "", skip ? r->why : "");
	fflush(o->to);
}

static void tap_group_end(struct out *o, const struct suite *s, enum nut_role role,
			  const struct tally *tally)
{
	fprintf(o->to, "%sok %u %s-%s\n", run_ok(tally) ? "" : "not ", ++o->groups, s->name,
		nut_role_name(role));
}

void out_tap_init(struct out *o, FILE *to)
{
	*o = (struct out){ .begin = tap_begin,
			   .group = tap_group,
			   .part = tap_part,
			   .group_end = tap_group_end,
			   .to = to };
}
