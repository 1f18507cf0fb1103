/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Results as octets: what a worker tells the run, and what the file of --resume consists of.
 *
 * An entry is its type and the length of its body (32 bits each), the body, and 64 bits of digest
 * over all of it; numbers are big-endian. A file begins with a header; results follow in the order
 * in which they were finished. Whoever wrote it may have died in the middle, or be another
 * version: everything read has a limit, and nothing is believed before the whole entry has passed.
 */
#ifndef INABA_CONFORM_JOURNAL_H
#define INABA_CONFORM_JOURNAL_H

#include "base/rd.h"
#include "base/wr.h"
#include "conform/run.h"

#define JOURNAL_BODY_MAX  (64u << 20)
#define JOURNAL_NAME_MAX  255u	 /* of a device, version, suite, part */
#define JOURNAL_WHY_MAX	  65535u /* what is longer is cut off */
#define JOURNAL_FRAME_MAX 65664u /* likewise; the largest that a capture holds */
#define JOURNAL_NOTE_MAX  1020u	 /* of a frame's comment: PCAPNG_TEXT_MAX */

/* "IJ", the version of the form, and which. */
enum journal_type { JOURNAL_HEADER = 0x494a3148, JOURNAL_RESULT = 0x494a3152 };

struct journal_entry {
	enum journal_type type;
	struct rd body; /* borrowed, like all that follows */
};

/* Texts have no NUL and no end but their length. */
struct journal_header {
	struct rd version, nut;
	uint64_t seed;
	uint32_t roles;
};

struct journal_result {
	struct rd suite, id;
	enum nut_role role;
	enum verdict verdict;
	bool has_why;
	struct rd why;
	time_ns took;
	uint32_t n_frames;
	struct rd frames; /* judged already: journal_next_frame() takes n_frames of them */
};

struct journal_frame {
	time_ns when;
	enum nut_link link;
	bool from_nut, claimed, has_note;
	struct rd octets, note;
};

/**
 * journal_next() - Take one entry off the front.
 *
 * Return: 1; 0 if its end is not there yet; -EBADMSG if this is none. @in and @ret change on 1 only.
 */
int journal_next(struct rd *in, struct journal_entry *ret);

/** journal_get_header(), journal_get_result() - The body of an entry. Return: false if it is none. */
bool journal_get_header(struct rd body, struct journal_header *ret);
bool journal_get_result(struct rd body, struct journal_result *ret);

/** journal_next_frame() - Take one of the frames of a result. Return: false behind the last one. */
bool journal_next_frame(struct rd *frames, struct journal_frame *ret);

/** journal_put_header(), journal_put_result() - Write an entry; the latter with its frames as is. */
void journal_put_header(struct wr *w, const struct journal_header *h);
void journal_put_result(struct wr *w, const struct journal_result *r);
void journal_put_frame(struct wr *w, const struct journal_frame *f);

/**
 * journal_pack() - A result as an entry.
 * @octets:	Its length.
 *
 * A record that is larger than JOURNAL_BODY_MAX is left out; the verdict's text says so.
 *
 * Return: the entry, for free().
 */
uint8_t *journal_pack(const struct result *r, size_t *octets);

/** journal_unpack() - Frames into the empty @record; record_done() ends it. Return: why, or NULL. */
char *journal_unpack(const struct journal_result *r, struct record *record);

/** journal_is() - Is it this text? */
bool journal_is(struct rd text, const char *s);

#endif
