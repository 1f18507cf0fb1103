/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Journals of conformance runs: what can be read is written again as the same octets, and a result
 * goes the way of a run (unpacked, packed) without loss. The digests of the input are made right
 * first, or nothing would get past them.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "conform/journal.h"

#define OCTETS_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As journal.c has it. */
static void set_digest(uint8_t *p, size_t n)
{
	static const struct hash_key key = { { UINT64_C(0x696e616261), 1 } };

	put_be64(p + n, siphash(&key, p, n));
}

static void set_digests(uint8_t *p, size_t left)
{
	while (left >= 16) {
		size_t n = 8 + (size_t)get_be32(p + 4);

		if (n > left - 8)
			return;
		set_digest(p, n);
		p += n + 8;
		left -= n + 8;
	}
}

static void same(struct rd body, const struct wr *w)
{
	ASSERT(!w->overflow && wr_len(w) == body.left + 16);
	ASSERT(body.left == 0 || memcmp(w->start + 8, body.p, body.left) == 0);
}

static void unpack_and_pack(struct rd body, const struct journal_result *j)
{
	char suite[JOURNAL_NAME_MAX + 1] = "", id[JOURNAL_NAME_MAX + 1] = "";
	struct suite s = { .name = suite };
	struct part p = { .id = id };
	struct record record = { 0 };
	struct result r = { &s, &p, j->role, j->verdict, NULL, j->took, &record };
	char *why = journal_unpack(j, &record);
	uint8_t *again;
	size_t n;

	memcpy(suite, j->suite.p, j->suite.left);
	memcpy(id, j->id.p, j->id.left);
	r.why = why;
	again = journal_pack(&r, &n);
	ASSERT(n == body.left + 16 && memcmp(again + 8, body.p, body.left) == 0);
	free(again);
	free(why);
	record_done(&record);
}

static void result(struct rd body)
{
	static uint8_t buf[OCTETS_MAX + 16], frames[OCTETS_MAX];
	struct wr w = wr_of(buf, sizeof(buf)), wf = wr_of(frames, sizeof(frames));
	struct journal_result r;
	struct journal_frame f;

	if (!journal_get_result(body, &r))
		return;
	journal_put_result(&w, &r);
	same(body, &w);
	unpack_and_pack(body, &r);
	for (struct rd left = r.frames; journal_next_frame(&left, &f);)
		journal_put_frame(&wf, &f);
	ASSERT(!wf.overflow && wr_len(&wf) == r.frames.left);
	ASSERT(r.frames.left == 0 || memcmp(frames, r.frames.p, r.frames.left) == 0);
}

static void header(struct rd body)
{
	static uint8_t buf[OCTETS_MAX + 16];
	struct wr w = wr_of(buf, sizeof(buf));
	struct journal_header h;

	if (!journal_get_header(body, &h))
		return;
	journal_put_header(&w, &h);
	same(body, &w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[OCTETS_MAX];
	struct journal_entry e;
	struct rd in;

	if (size > OCTETS_MAX)
		return 0;
	memcpy(buf, data, size);
	set_digests(buf, size);
	in = rd_of(buf, size);
	while (journal_next(&in, &e) == 1) {
		if (e.type == JOURNAL_HEADER)
			header(e.body);
		else
			result(e.body);
	}
	return 0;
}
