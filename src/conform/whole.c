/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: what the device sends is taken from the record in order. Fragments are
 * put together by source, destination and identification in a frame of our own, as a node that
 * knows them all to be good would; that frame, decoded, is matched like any other.
 */
#include "conform/whole.h"

#include <stdlib.h>
#include <string.h>

#include "conform/message.h"

#define WHOLE_MAX 4096 /* octets of a reassembled frame */
#define UNIT	  IP6_EXT_UNIT

struct whole {
	uint8_t frame[WHOLE_MAX];
	bool have[WHOLE_MAX / UNIT]; /* units of the fragmentable part */
	size_t end;		     /* of that part; 0: the last fragment is not there yet */
	struct seen *largest;
};

static bool is_fragment(const struct seen *s)
{
	return s->from_nut && s->ip6 && !s->claimed && s->pv.n_ext > 0 &&
	       s->pv.ext[0].kind == IP6_NH_FRAGMENT && s->pv.bad == NULL;
}

static bool of_one(const struct seen *a, const struct seen *b)
{
	return is_fragment(a) && a->link == b->link && ip6_eq(&a->pv.src.a, &b->pv.src.a) &&
	       ip6_eq(&a->pv.dst.a, &b->pv.dst.a) && a->pv.ext[0].id.v == b->pv.ext[0].id.v;
}

/* What is behind the fragment header: where it is in the frame, and how much. */
static size_t piece_octets(const struct seen *s)
{
	return s->pv.plen.v - IP6_FRAG_OCTETS;
}

/* Return: false if it does not fit. */
static bool add_piece(struct whole *w, struct seen *s)
{
	size_t at = s->pv.ext[0].offset.v * UNIT, n = piece_octets(s);
	size_t hdrs = ETH_HDR_OCTETS + IP6_HDR_OCTETS;

	if (hdrs + at + n > WHOLE_MAX || s->n < hdrs + IP6_FRAG_OCTETS + n)
		return false;
	memcpy(w->frame + hdrs + at, s->octets + hdrs + IP6_FRAG_OCTETS, n);
	for (size_t i = at / UNIT; i < (at + n + UNIT - 1) / UNIT; i++)
		w->have[i] = true;
	if (at == 0) {
		memcpy(w->frame, s->octets, hdrs);
		w->frame[ETH_HDR_OCTETS + IP6_NEXT_OFF] = (uint8_t)s->pv.ext[0].next.v;
	}
	if ((s->pv.ext[0].flags.v & 1) == 0)
		w->end = at + n;
	if (w->largest == NULL || s->n > w->largest->n)
		w->largest = s;
	return true;
}

static bool is_whole(const struct whole *w)
{
	for (size_t i = 0; i < (w->end + UNIT - 1) / UNIT; i++)
		if (!w->have[i])
			return false;
	return w->end > 0;
}

/* All fragments of @s' packet so far. Return: its frame as a value if they are all there. */
static bool put_together(struct tester *t, const struct seen *s, struct whole *w, struct pv *ret)
{
	*w = (struct whole){ .end = 0 };
	for (size_t i = 0; i < t->record.n; i++)
		if (of_one(t->record.seen[i], s) && !add_piece(w, t->record.seen[i]))
			return false;
	if (!is_whole(w))
		return false;
	put_be16(w->frame + ETH_HDR_OCTETS + IP6_PLEN_OFF, (uint16_t)w->end);
	return pv_decode(w->frame, ETH_HDR_OCTETS + IP6_HDR_OCTETS + w->end, ret);
}

static void claim_all(struct tester *t, const struct seen *s)
{
	for (size_t i = 0; i < t->record.n; i++)
		if (t->record.seen[i] != s && of_one(t->record.seen[i], s))
			tester_claim(t, t->record.seen[i]);
}

static const struct seen *judge(struct tester *t, struct seen *s, uint32_t max)
{
	if (s->n - ETH_HDR_OCTETS <= max)
		return s;
	record_comment(s, "%s: FAIL: larger than %u octets", t->part->id, (unsigned)max);
	tester_fail(t, "a packet of %zu octets came, no more than %u may", s->n - ETH_HDR_OCTETS,
		    (unsigned)max);
}

/* Is @s the packet, or the fragment that completes it? Return: its largest piece, or NULL. */
static const struct seen *completes(struct tester *t, struct seen *s, const struct pv *pv,
				    uint32_t max)
{
	struct whole *w;
	struct seen *largest = NULL;
	struct pv got;

	if (!is_fragment(s))
		return NULL;
	w = (struct whole *)octets(t, sizeof(*w));
	if (put_together(t, s, w, &got) && pv_match(pv, &got) == 0)
		largest = w->largest;
	if (largest == NULL)
		return NULL;
	claim_all(t, s);
	tester_claim(t, s);
	return judge(t, largest, max);
}

const struct seen *expect_whole(struct tester *t, enum nut_link link, time_ns within,
				const struct pv *pv, uint32_t max)
{
	time_ns until = tester_deadline(t, within);
	struct seen *s;

	for (size_t i = t->boot;; i++) {
		const struct seen *done;

		if (i == t->record.n && tester_take(t, until) == NULL)
			tester_unseen(t, link, pv);
		s = t->record.seen[i];
		if (s->link != link || !s->from_nut || s->claimed || !s->ip6)
			continue;
		if (pv_match(pv, &s->pv) == 0) {
			tester_claim(t, s);
			return judge(t, s, max);
		}
		done = completes(t, s, pv, max);
		if (done != NULL)
			return done;
	}
}

void tx_pieces(struct tester *t, enum station_id from, const struct pv *pv, uint32_t max)
{
	size_t hdrs = ETH_HDR_OCTETS + IP6_HDR_OCTETS, n, step;
	uint8_t frame[PV_FRAME_MAX];
	struct pv out = *pv;

	ASSERT(pv->n_ext == 0 && max >= IP6_HDR_OCTETS + IP6_FRAG_OCTETS + UNIT);
	step = (max - IP6_HDR_OCTETS - IP6_FRAG_OCTETS) / UNIT * UNIT;
	n = pv_build(pv, frame, sizeof(frame));
	if (n == 0)
		tester_error(t, "a packet of this case is too large to be built");
	t->seq++;
	for (size_t at = 0; hdrs + at < n; at += step) {
		size_t len = MIN(step, n - hdrs - at);

		out.kind = PV_RAW;
		out.n_ext = 1;
		out.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT,
					      .next = IS(frame[ETH_HDR_OCTETS + IP6_NEXT_OFF]),
					      .offset = IS(at / UNIT),
					      .flags = IS(hdrs + at + len < n),
					      .id = IS(t->seq) };
		out.data = IS_OCTETS(frame + hdrs + at, len);
		tx(t, from, &out);
	}
}
