/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What happened in a world, for people: acts, and in them entries on lanes (one for each node).
 * Filled while the world runs; then printed as text, or drawn (see page.h).
 */
#ifndef INABA_SIM_TIMELINE_H
#define INABA_SIM_TIMELINE_H

#include <stdio.h>

#include "base/base.h"

#define TL_LANES_MAX 32
#define TL_NAME_MAX  16
#define TL_TEXT_MAX  200
#define TL_WORLD     (-1) /* lane of what no one node did */

enum tl_kind {
	TL_ACT, /* a heading */
	TL_NOTE,
	TL_GOOD,  /* what one hopes for */
	TL_BAD,	  /* what one does not */
	TL_FRAME, /* a frame from lane to the lanes in to and lost; drawn, not printed */
};

struct tl_lane {
	char name[TL_NAME_MAX];
	time_ns from, until; /* when the node lives */
};

struct tl_entry {
	time_ns when;
	enum tl_kind kind;
	int lane;	   /* or TL_WORLD */
	uint32_t to, lost; /* TL_FRAME: bits of the lanes that got it, or should have */
	uint32_t n;	   /* TL_FRAME: frames that are shown as this one */
	char text[TL_TEXT_MAX];
};

struct timeline {
	struct tl_lane lane[TL_LANES_MAX];
	int n_lanes;
	struct tl_entry *entry;
	uint32_t n, room;
};

/** timeline_init() - All zero is empty too. */
void timeline_init(struct timeline *tl);
void timeline_done(struct timeline *tl);

/** timeline_lane() - One more lane, without a limit to its life. Return: its number, from 0. */
int timeline_lane(struct timeline *tl, const char *name);

/** timeline_add() - One more entry; text that does not fit is cut. Return: its number. */
uint32_t timeline_add(struct timeline *tl, time_ns when, enum tl_kind kind, int lane,
		      const char *fmt, ...) PRINTF(5, 6);

/** timeline_print() - All but the frames, a line each, seconds first. */
void timeline_print(const struct timeline *tl, FILE *f, bool colour);

#endif
