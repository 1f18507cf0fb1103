/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/run.h"

#include <fnmatch.h>
#include <stdlib.h>

#define PATH_OCTETS 4096
#define WHY_OCTETS  256

static const enum nut_role roles[] = { NUT_HOST, NUT_ROUTER };

bool run_selects(const struct run_conf *conf, const struct suite *s, const struct part *p,
		 enum nut_role role)
{
	if ((conf->roles & p->roles & (unsigned)role) == 0)
		return false;
	if (conf->suite != NULL && strcmp(conf->suite, s->name) != 0)
		return false;
	for (size_t i = 0; i < conf->n_globs; i++)
		if (fnmatch(conf->globs[i], p->id, 0) == 0)
			return true;
	return conf->n_globs == 0;
}

static unsigned count(const struct run_conf *conf, const struct suite *s, enum nut_role role)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += run_selects(conf, s, &s->part[i], role);
	return n;
}

unsigned run_groups(const struct run_conf *conf)
{
	const struct suite *s;
	unsigned n = 0;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < ARRAY_LEN(roles); k++)
			n += count(conf, s, roles[k]) > 0;
	return n;
}

static int save(const struct run_conf *conf, const struct tester *t)
{
	char path[PATH_OCTETS], comment[256];
	FILE *f;
	int rc;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s-%s.pcapng", conf->pcap_dir, t->part->id,
			     nut_role_name(t->role)) >= sizeof(path))
		return -ENAMETOOLONG;
	snprintf(comment, sizeof(comment), "%s (%s), %s: %s, seed %llu", t->part->id,
		 t->part->title, nut_role_name(t->role), verdict_name(t->verdict),
		 (unsigned long long)conf->seed);
	f = fopen(path, "wb");
	if (f == NULL)
		return -errno;
	rc = record_write(&t->record, f, comment);
	if (fclose(f) != 0 && rc == 0)
		rc = -errno;
	return rc;
}

static void tell(struct out *o, const struct suite *s, const struct tester *t, time_ns took,
		 struct tally *tally)
{
	struct result r = { .suite = s,
			    .part = t->part,
			    .role = t->role,
			    .verdict = t->verdict,
			    .why = t->why,
			    .took = took,
			    .record = &t->record };

	tally->n++;
	tally->by[r.verdict]++;
	for (; o != NULL; o = o->next)
		if (o->part != NULL)
			o->part(o, &r);
}

static int run_part(const struct run_conf *conf, struct out *o, const struct suite *s,
		    const struct part *p, enum nut_role role, struct tally *tally)
{
	char why[WHY_OCTETS] = "the device cannot be opened";
	struct nut *nut = conf->open(conf->ctx, conf->seed, why, sizeof(why));
	struct tester t = { .part = p, .role = role, .verdict = VERDICT_ERROR };
	time_ns start = 0, took = 0;
	int rc = 0;

	if (nut != NULL) {
		start = nut->ops->now(nut);
		tester_run(&t, nut, role, p);
		took = nut->ops->now(nut) - start;
	} else {
		t.why = strdup(why);
	}
	tell(o, s, &t, took, tally);
	if (conf->pcap_dir != NULL && t.record.n > 0)
		rc = save(conf, &t);
	tester_done(&t);
	if (nut != NULL)
		nut->ops->close(nut);
	return rc;
}

static void add_up(struct tally *to, const struct tally *from)
{
	to->n += from->n;
	for (size_t i = 0; i < ARRAY_LEN(to->by); i++)
		to->by[i] += from->by[i];
}

static int run_group(const struct run_conf *conf, struct out *o, const struct suite *s,
		     enum nut_role role, struct tally *all)
{
	unsigned n = count(conf, s, role);
	struct tally tally = { 0 };
	int rc = 0;

	if (n == 0)
		return 0;
	for (struct out *w = o; w != NULL; w = w->next)
		if (w->group != NULL)
			w->group(w, s, role, n);
	for (size_t i = 0; i < s->n; i++) {
		int err = 0;

		if (run_selects(conf, s, &s->part[i], role))
			err = run_part(conf, o, s, &s->part[i], role, &tally);
		if (rc == 0)
			rc = err;
	}
	for (struct out *w = o; w != NULL; w = w->next)
		if (w->group_end != NULL)
			w->group_end(w, s, role, &tally);
	add_up(all, &tally);
	return rc;
}

int run_parts(const struct run_conf *conf, struct out *o, struct tally *tally)
{
	const struct suite *s;
	unsigned n = 0;
	int rc = 0;

	*tally = (struct tally){ 0 };
	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < ARRAY_LEN(roles); k++)
			n += count(conf, s, roles[k]);
	for (struct out *w = o; w != NULL; w = w->next)
		if (w->begin != NULL)
			w->begin(w, conf, n);
	for (size_t i = 0; (s = suite_get(i)) != NULL; i++) {
		for (size_t k = 0; k < ARRAY_LEN(roles); k++) {
			int err = run_group(conf, o, s, roles[k], tally);

			if (rc == 0)
				rc = err;
		}
	}
	for (struct out *w = o; w != NULL; w = w->next)
		if (w->end != NULL)
			w->end(w, tally);
	return rc;
}

bool run_ok(const struct tally *tally)
{
	return tally->n > 0 && tally->by[VERDICT_FAIL] == 0 && tally->by[VERDICT_ERROR] == 0;
}
