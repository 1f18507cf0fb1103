/* SPDX-License-Identifier: BSD-3-Clause */
#include "sim/timeline.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#define BOLD  "\033[1m"
#define GREEN "\033[32m"
#define RED   "\033[31m"
#define PLAIN "\033[0m"

void timeline_init(struct timeline *tl)
{
	*tl = (struct timeline){ 0 };
}

void timeline_done(struct timeline *tl)
{
	free(tl->entry);
	timeline_init(tl);
}

int timeline_lane(struct timeline *tl, const char *name)
{
	struct tl_lane *lane = &tl->lane[tl->n_lanes];

	ASSERT(tl->n_lanes < TL_LANES_MAX);
	*lane = (struct tl_lane){ .until = TIME_NEVER };
	snprintf(lane->name, sizeof(lane->name), "%s", name);
	return tl->n_lanes++;
}

uint32_t timeline_add(struct timeline *tl, time_ns when, enum tl_kind kind, int lane,
		      const char *fmt, ...)
{
	struct tl_entry *e;
	va_list args;

	ASSERT(lane >= TL_WORLD && lane < tl->n_lanes);
	if (tl->n == tl->room) {
		tl->room = MAX(64u, tl->room * 2);
		tl->entry = realloc(tl->entry, tl->room * sizeof(*tl->entry));
		ASSERT(tl->entry != NULL);
	}
	e = &tl->entry[tl->n];
	*e = (struct tl_entry){ .when = when, .kind = kind, .lane = lane, .n = 1 };
	va_start(args, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, args);
	va_end(args);
	return tl->n++;
}

static const char *colour_of(enum tl_kind kind)
{
	switch (kind) {
	case TL_ACT:
		return BOLD;
	case TL_GOOD:
		return GREEN;
	case TL_BAD:
		return RED;
	case TL_NOTE:
	case TL_FRAME:
		break;
	}
	return "";
}

static void print_entry(const struct timeline *tl, const struct tl_entry *e, FILE *f, bool colour)
{
	const char *on = colour ? colour_of(e->kind) : "";
	const char *off = *on != '\0' ? PLAIN : "";

	if (e->kind == TL_ACT) {
		fprintf(f, "\n%s%s%s\n", on, e->text, off);
		return;
	}
	fprintf(f, "%4" PRIu64 ".%03" PRIu64 "  %-3s %s%s%s\n", e->when / NS_PER_S,
		e->when % NS_PER_S / NS_PER_MS, e->lane >= 0 ? tl->lane[e->lane].name : "", on,
		e->text, off);
}

void timeline_print(const struct timeline *tl, FILE *f, bool colour)
{
	for (uint32_t i = 0; i < tl->n; i++)
		if (tl->entry[i].kind != TL_FRAME)
			print_entry(tl, &tl->entry[i], f, colour);
}
