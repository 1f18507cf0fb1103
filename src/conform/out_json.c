/* SPDX-License-Identifier: BSD-3-Clause */
/* Results for programs: one JSON object. */
#include "base/jsonw.h"
#include "conform/run.h"

static void member(struct jsonw *j, const char *key, const char *value)
{
	jsonw_key(j, key);
	jsonw_string(j, value);
}

static void json_begin(struct out *o, const struct run_conf *conf, unsigned n_parts)
{
	struct jsonw *j = o->json;

	(void)n_parts;
	jsonw_object(j);
	member(j, "nut", conf->nut_name);
	jsonw_key(j, "seed");
	jsonw_u64(j, conf->seed);
	jsonw_key(j, "parts");
	jsonw_array(j);
}

static void json_part(struct out *o, const struct result *r)
{
	struct jsonw *j = o->json;

	jsonw_object(j);
	member(j, "id", r->part->id);
	member(j, "role", nut_role_name(r->role));
	member(j, "suite", r->suite->name);
	member(j, "title", r->part->title);
	member(j, "clause", r->part->clause);
	member(j, "level", level_name(r->part->level));
	member(j, "verdict", verdict_name(r->verdict));
	if (r->why != NULL)
		member(j, "why", r->why);
	jsonw_key(j, "ns");
	jsonw_u64(j, r->took);
	jsonw_key(j, "frames");
	jsonw_u64(j, r->record->n);
	jsonw_object_end(j);
}

static void json_end(struct out *o, const struct tally *tally)
{
	struct jsonw *j = o->json;
	const char *text;
	size_t octets;

	jsonw_array_end(j);
	jsonw_key(j, "sums");
	jsonw_object(j);
	for (unsigned v = 0; v < ARRAY_LEN(tally->by); v++) {
		jsonw_key(j, verdict_name((enum verdict)v));
		jsonw_u64(j, tally->by[v]);
	}
	jsonw_object_end(j);
	jsonw_object_end(j);
	ASSERT(jsonw_finish(j, &text, &octets) == 0);
	(void)fwrite(text, 1, octets, o->to);
}

void out_json_init(struct out *o, FILE *to, struct jsonw *json)
{
	*o = (struct out){
		.begin = json_begin, .part = json_part, .end = json_end, .to = to, .json = json
	};
}
