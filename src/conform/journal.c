/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/journal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/pcapng.h"

#define HDR_OCTETS    8 /* type, length */
#define DIGEST_OCTETS 8
#define FRAME_FIXED   16 /* time, link, flags, lengths of octets and comment */

#define FRAME_FROM_NUT 1u
#define FRAME_CLAIMED  2u
#define FRAME_NOTE     4u
#define FRAME_FLAGS    7u

_Static_assert(JOURNAL_FRAME_MAX == PCAPNG_SNAPLEN, "a capture holds each frame whole");
_Static_assert(JOURNAL_NOTE_MAX == PCAPNG_TEXT_MAX, "and each comment");

/* Against torn writes, not against forgers: the key is no secret. */
static uint64_t digest(const void *p, size_t n)
{
	static const struct hash_key key = { { UINT64_C(0x696e616261), 1 } };

	return siphash(&key, p, n);
}

/*
 * Reading.
 */

static bool rd_u64(struct rd *r, uint64_t *ret)
{
	struct rd b;

	if (!rd_take(r, 8, &b))
		return false;
	*ret = get_be64(b.p);
	return true;
}

static bool get_bool(struct rd *r, bool *ret)
{
	uint8_t v;

	if (!rd_u8(r, &v) || v > 1)
		return false;
	*ret = v == 1;
	return true;
}

static bool get_text(struct rd *r, size_t max, struct rd *ret)
{
	uint16_t n;

	return rd_u16(r, &n) && n <= max && rd_take(r, n, ret) &&
	       (n == 0 || memchr(ret->p, '\0', n) == NULL);
}

int journal_next(struct rd *in, struct journal_entry *ret)
{
	struct rd all = *in, r = *in, body, sum;
	uint32_t type, n;

	if (rd_u32(&r, &type) && type != JOURNAL_HEADER && type != JOURNAL_RESULT)
		return -EBADMSG;
	if (in->left < HDR_OCTETS || !rd_u32(&r, &n))
		return 0;
	if (n > JOURNAL_BODY_MAX)
		return -EBADMSG;
	if (!rd_take(&r, n, &body) || !rd_take(&r, DIGEST_OCTETS, &sum))
		return 0;
	if (digest(all.p, HDR_OCTETS + n) != get_be64(sum.p))
		return -EBADMSG;
	*ret = (struct journal_entry){ (enum journal_type)type, body };
	*in = r;
	return 1;
}

bool journal_get_header(struct rd body, struct journal_header *ret)
{
	struct journal_header h;

	if (!get_text(&body, JOURNAL_NAME_MAX, &h.version) ||
	    !get_text(&body, JOURNAL_NAME_MAX, &h.nut) || !rd_u64(&body, &h.seed) ||
	    !rd_u32(&body, &h.roles) || body.left != 0)
		return false;
	*ret = h;
	return true;
}

bool journal_next_frame(struct rd *frames, struct journal_frame *ret)
{
	struct rd r = *frames;
	struct journal_frame f;
	uint8_t link, flags;
	uint16_t note;
	uint32_t n;

	if (!rd_u64(&r, &f.when) || !rd_u8(&r, &link) || !rd_u8(&r, &flags) || !rd_u32(&r, &n) ||
	    !rd_u16(&r, &note))
		return false;
	if (link >= NUT_LINKS || flags > FRAME_FLAGS || n > JOURNAL_FRAME_MAX ||
	    note > JOURNAL_NOTE_MAX)
		return false;
	f.link = (enum nut_link)link;
	f.from_nut = (flags & FRAME_FROM_NUT) != 0;
	f.claimed = (flags & FRAME_CLAIMED) != 0;
	f.has_note = (flags & FRAME_NOTE) != 0;
	if ((!f.has_note && note != 0) || !rd_take(&r, n, &f.octets) ||
	    !rd_take(&r, note, &f.note) || (note != 0 && memchr(f.note.p, '\0', note) != NULL))
		return false;
	ASSERT(r.left < frames->left);
	*ret = f;
	*frames = r;
	return true;
}

static bool is_verdict(uint8_t v)
{
	return v <= VERDICT_ERROR;
}

bool journal_get_result(struct rd body, struct journal_result *ret)
{
	struct journal_result r;
	struct journal_frame f;
	uint8_t role, verdict;
	uint32_t n = 0;

	if (!get_text(&body, JOURNAL_NAME_MAX, &r.suite) ||
	    !get_text(&body, JOURNAL_NAME_MAX, &r.id) || !rd_u8(&body, &role) ||
	    !rd_u8(&body, &verdict) || !get_bool(&body, &r.has_why) ||
	    !get_text(&body, r.has_why ? JOURNAL_WHY_MAX : 0, &r.why) || !rd_u64(&body, &r.took) ||
	    !rd_u32(&body, &r.n_frames))
		return false;
	if ((role != NUT_HOST && role != NUT_ROUTER) || !is_verdict(verdict))
		return false;
	r.role = (enum nut_role)role;
	r.verdict = (enum verdict)verdict;
	r.frames = body;
	while (journal_next_frame(&body, &f))
		n++;
	if (body.left != 0 || n != r.n_frames)
		return false;
	*ret = r;
	return true;
}

/*
 * Writing.
 */

static void wr_u64(struct wr *w, uint64_t v)
{
	uint8_t b[8];

	put_be64(b, v);
	wr_bytes(w, b, sizeof(b));
}

static void put_text(struct wr *w, struct rd text)
{
	wr_u16(w, (uint16_t)text.left);
	wr_bytes(w, text.p, text.left);
}

/* @body octets follow, then entry_end() with the returned start. */
static uint8_t *entry_begin(struct wr *w, enum journal_type type, size_t body)
{
	uint8_t *start = w->p;

	wr_u32(w, type);
	wr_u32(w, (uint32_t)body);
	return start;
}

static void entry_end(struct wr *w, const uint8_t *start)
{
	if (!w->overflow)
		wr_u64(w, digest(start, (size_t)(w->p - start)));
}

void journal_put_header(struct wr *w, const struct journal_header *h)
{
	uint8_t *start =
		entry_begin(w, JOURNAL_HEADER, 2 + h->version.left + 2 + h->nut.left + 8 + 4);

	put_text(w, h->version);
	put_text(w, h->nut);
	wr_u64(w, h->seed);
	wr_u32(w, h->roles);
	entry_end(w, start);
}

/* Octets of a body before its frames. */
static size_t head_octets(const struct journal_result *r)
{
	return 2 + r->suite.left + 2 + r->id.left + 3 + 2 + r->why.left + 8 + 4;
}

static void put_head(struct wr *w, const struct journal_result *r)
{
	put_text(w, r->suite);
	put_text(w, r->id);
	wr_u8(w, (uint8_t)r->role);
	wr_u8(w, (uint8_t)r->verdict);
	wr_u8(w, r->has_why);
	put_text(w, r->why);
	wr_u64(w, r->took);
	wr_u32(w, r->n_frames);
}

void journal_put_result(struct wr *w, const struct journal_result *r)
{
	uint8_t *start = entry_begin(w, JOURNAL_RESULT, head_octets(r) + r->frames.left);

	put_head(w, r);
	wr_bytes(w, r->frames.p, r->frames.left);
	entry_end(w, start);
}

void journal_put_frame(struct wr *w, const struct journal_frame *f)
{
	wr_u64(w, f->when);
	wr_u8(w, (uint8_t)f->link);
	wr_u8(w, (uint8_t)((f->from_nut ? FRAME_FROM_NUT : 0) | (f->claimed ? FRAME_CLAIMED : 0) |
			   (f->has_note ? FRAME_NOTE : 0)));
	wr_u32(w, (uint32_t)f->octets.left);
	wr_u16(w, (uint16_t)f->note.left);
	wr_bytes(w, f->octets.p, f->octets.left);
	wr_bytes(w, f->note.p, f->note.left);
}

/*
 * Results.
 */

static struct rd text_of(const char *s, size_t max)
{
	return s != NULL ? rd_of(s, strnlen(s, max)) : rd_of("", 0);
}

static struct journal_frame frame_of(const struct seen *s)
{
	return (struct journal_frame){ .when = s->when,
				       .link = s->link,
				       .from_nut = s->from_nut,
				       .claimed = s->claimed,
				       .has_note = s->comment != NULL,
				       .octets = rd_of(s->octets, MIN(s->n, JOURNAL_FRAME_MAX)),
				       .note = text_of(s->comment, JOURNAL_NOTE_MAX) };
}

static size_t record_octets(const struct record *record)
{
	size_t n = 0;

	for (size_t i = 0; i < record->n; i++) {
		struct journal_frame f = frame_of(record->seen[i]);

		n += FRAME_FIXED + f.octets.left + f.note.left;
	}
	return n;
}

static uint8_t *pack(const struct journal_result *r, const struct record *record, size_t *octets)
{
	size_t frames = record_octets(record), n = head_octets(r) + frames;
	uint8_t *p = malloc(HDR_OCTETS + n + DIGEST_OCTETS), *start;
	struct wr w = wr_of(p, HDR_OCTETS + n + DIGEST_OCTETS);

	ASSERT(p != NULL);
	start = entry_begin(&w, JOURNAL_RESULT, n);
	put_head(&w, r);
	for (size_t i = 0; i < record->n; i++) {
		struct journal_frame f = frame_of(record->seen[i]);

		journal_put_frame(&w, &f);
	}
	entry_end(&w, start);
	ASSERT(!w.overflow && w.left == 0);
	*octets = wr_len(&w);
	return p;
}

/* Without its frames, but not without saying so. */
static uint8_t *pack_without(struct journal_result *r, const char *why, const struct result *from,
			     size_t *octets)
{
	static const struct record none;
	uint8_t *p;
	char *text;

	if (asprintf(&text, "%s%sthe record of %zu frames was too large to be kept",
		     why != NULL ? why : "", why != NULL ? "\n" : "", from->record->n) < 0)
		text = NULL;
	r->has_why = true;
	r->why = text_of(text, JOURNAL_WHY_MAX);
	r->n_frames = 0;
	p = pack(r, &none, octets);
	free(text);
	return p;
}

uint8_t *journal_pack(const struct result *r, size_t *octets)
{
	struct journal_result j = { .suite = text_of(r->suite->name, JOURNAL_NAME_MAX),
				    .id = text_of(r->part->id, JOURNAL_NAME_MAX),
				    .role = r->role,
				    .verdict = r->verdict,
				    .has_why = r->why != NULL,
				    .why = text_of(r->why, JOURNAL_WHY_MAX),
				    .took = r->took,
				    .n_frames = (uint32_t)r->record->n };

	if (record_octets(r->record) > JOURNAL_BODY_MAX - head_octets(&j))
		return pack_without(&j, r->why, r, octets);
	return pack(&j, r->record, octets);
}

static char *copy_of(struct rd text)
{
	char *s = strndup((const char *)text.p, text.left);

	ASSERT(s != NULL);
	return s;
}

char *journal_unpack(const struct journal_result *r, struct record *record)
{
	struct rd frames = r->frames;
	struct journal_frame f;

	while (journal_next_frame(&frames, &f)) {
		struct seen *s =
			record_add(record, f.when, f.link, f.from_nut, f.octets.p, f.octets.left);

		s->claimed = f.claimed;
		if (f.has_note)
			s->comment = copy_of(f.note);
	}
	return r->has_why ? copy_of(r->why) : NULL;
}

bool journal_is(struct rd text, const char *s)
{
	return text.left == strlen(s) && memcmp(text.p, s, text.left) == 0;
}
