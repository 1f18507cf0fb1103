/* SPDX-License-Identifier: BSD-3-Clause */
/* Every frame of a part, in order, with what the tester thought of it; written as pcapng. */
#ifndef INABA_CONFORM_RECORD_H
#define INABA_CONFORM_RECORD_H

#include "conform/nut.h"
#include "conform/value.h"

/* One frame. Its address stays the same until record_done(). */
struct seen {
	time_ns when;
	enum nut_link link;
	bool from_nut;
	bool ip6;	 /* pv is valid */
	bool background; /* neighbor discovery and MLD: judged only by cases that name them */
	bool claimed;	 /* a case has asked for it */
	struct pv pv;	 /* points into octets */
	uint8_t *octets;
	size_t n;
	char *comment; /* or NULL */
};

struct record {
	struct seen **seen;
	size_t n, room;
};

/** record_add() - Keep a copy of a frame, decoded. */
struct seen *record_add(struct record *r, time_ns when, enum nut_link link, bool from_nut,
			const uint8_t *p, size_t octets);

/** record_comment() - Say something about it; the last word counts. */
void record_comment(struct seen *s, const char *fmt, ...) PRINTF(2, 3);

/** record_write() - All as pcapng, @comment on the whole. Return: 0, or a negative errno. */
int record_write(const struct record *r, FILE *f, const char *comment);

/** record_done() - Free all; @r is empty again. */
void record_done(struct record *r);

#endif
