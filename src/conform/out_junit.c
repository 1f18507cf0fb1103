/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Results as JUnit's XML, which most continuous integration reads. The sums stand before what they
 * are of, so all is kept in memory until the end.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/html.h"
#include "conform/report.h"

static struct out_junit *junit_of(struct out *o)
{
	return CONTAINER_OF(o, struct out_junit, out);
}

static void seconds(FILE *f, time_ns t)
{
	fprintf(f, " time=\"%" PRIu64 ".%06" PRIu64 "\"", t / NS_PER_S, t % NS_PER_S / NS_PER_US);
}

static void attribute(FILE *f, const char *name, const char *text, size_t n)
{
	fprintf(f, " %s=\"", name);
	html_escape_octets(f, text, n);
	fputc('"', f);
}

static void sums(FILE *f, const struct tally *tally, time_ns took)
{
	fprintf(f, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"", tally->n,
		tally->by[VERDICT_FAIL], tally->by[VERDICT_ERROR],
		tally->by[VERDICT_SKIP] + tally->by[VERDICT_XFAIL]);
	seconds(f, took);
}

static void property(FILE *f, const char *name, const char *value)
{
	fprintf(f, "   <property name=\"%s\"", name);
	attribute(f, "value", value, strlen(value));
	fputs("/>\n", f);
}

/* Of each suite: of the whole, some readers know none. */
static void properties(FILE *f, const struct run_conf *conf)
{
	char seed[32];

	snprintf(seed, sizeof(seed), "%" PRIu64, conf->seed);
	fputs("  <properties>\n", f);
	property(f, "nut", conf->nut_name);
	property(f, "seed", seed);
	property(f, "version", conf->version != NULL ? conf->version : "unknown");
	fputs("  </properties>\n", f);
}

static void junit_begin(struct out *o, const struct run_conf *conf, unsigned n_parts)
{
	(void)n_parts;
	junit_of(o)->conf = conf;
}

static void junit_group(struct out *o, const struct suite *s, enum nut_role role, unsigned n_parts)
{
	struct out_junit *j = junit_of(o);

	(void)s;
	(void)role;
	(void)n_parts;
	j->group_took = 0;
	j->group = open_memstream(&j->group_text, &j->group_octets);
	ASSERT(j->group != NULL);
}

/* The element of a verdict, with its first line as the message. */
static void outcome(FILE *f, const char *element, const struct result *r)
{
	const char *why = r->why != NULL ? r->why : verdict_name(r->verdict);

	fprintf(f, "   <%s", element);
	attribute(f, "message", why, strcspn(why, "\n"));
	if (r->verdict != VERDICT_SKIP && r->verdict != VERDICT_XFAIL)
		fprintf(f, " type=\"%s\"", level_name(r->part->level));
	fputc('>', f);
	html_escape(f, why);
	fputc('\n', f);
	html_escape(f, r->part->clause);
	fprintf(f, " (%s): ", level_name(r->part->level));
	html_escape(f, r->part->purpose);
	fprintf(f, "</%s>\n", element);
}

static const char *element_of(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return NULL;
	case VERDICT_FAIL:
		return "failure";
	case VERDICT_SKIP:
	case VERDICT_XFAIL:
		return "skipped";
	case VERDICT_ERROR:
		return "error";
	}
	ASSERT_NOT_REACHED();
}

static void junit_part(struct out *o, const struct result *r)
{
	struct out_junit *j = junit_of(o);
	const char *element = element_of(r->verdict);
	FILE *f = j->group;

	j->group_took += r->took;
	fputs("  <testcase classname=\"", f);
	html_escape(f, r->suite->name);
	fprintf(f, ".%s\" name=\"", nut_role_name(r->role));
	html_escape(f, r->part->id);
	fputs(" ", f);
	html_escape(f, r->part->title);
	fputc('"', f);
	seconds(f, r->took);
	if (element == NULL) {
		fputs("/>\n", f);
		return;
	}
	fputs(">\n", f);
	outcome(f, element, r);
	fputs("  </testcase>\n", f);
}

static void junit_group_end(struct out *o, const struct suite *s, enum nut_role role,
			    const struct tally *tally)
{
	struct out_junit *j = junit_of(o);

	ASSERT(fclose(j->group) == 0);
	j->group = NULL;
	fputs(" <testsuite name=\"", j->all);
	html_escape(j->all, s->name);
	fprintf(j->all, ".%s\"", nut_role_name(role));
	sums(j->all, tally, j->group_took);
	fputs(">\n", j->all);
	properties(j->all, j->conf);
	(void)fwrite(j->group_text, 1, j->group_octets, j->all); /* memory: cannot fail */
	fputs(" </testsuite>\n", j->all);
	free(j->group_text);
	j->group_text = NULL;
	j->took += j->group_took;
}

static void junit_end(struct out *o, const struct tally *tally)
{
	struct out_junit *j = junit_of(o);

	ASSERT(fflush(j->all) == 0);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"inaba conform\"",
	      j->to);
	sums(j->to, tally, j->took);
	fputs(">\n", j->to);
	(void)fwrite(j->all_text, 1, j->all_octets, j->to); /* errors stay in the stream */
	fputs("</testsuites>\n", j->to);
}

int out_junit_init(struct out_junit *j, const char *path)
{
	FILE *to = fopen(path, "wb");

	*j = (struct out_junit){ .out = { .begin = junit_begin,
					  .group = junit_group,
					  .part = junit_part,
					  .group_end = junit_group_end,
					  .end = junit_end },
				 .to = to };
	if (to == NULL)
		return -errno;
	j->all = open_memstream(&j->all_text, &j->all_octets);
	ASSERT(j->all != NULL);
	return 0;
}

int out_junit_done(struct out_junit *j)
{
	if (j->to == NULL)
		return 0;
	errno = 0;
	if (ferror(j->to) != 0)
		j->err = -EIO;
	if (fclose(j->to) != 0 || j->err != 0)
		j->err = errno != 0 ? -errno : -EIO;
	if (j->group != NULL)
		(void)fclose(j->group);
	(void)fclose(j->all);
	free(j->group_text);
	free(j->all_text);
	j->to = NULL;
	return j->err;
}
