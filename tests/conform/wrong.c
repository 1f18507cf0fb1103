/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/wrong.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct ip6_addr link_local = { { 0xfe, 0x80 } };

struct wrong *wrong_of(struct nut *nut)
{
	return CONTAINER_OF(nut->ops, struct wrong, ops);
}

static bool take(struct wrong *w, const uint8_t *p, size_t octets, struct pv *pv)
{
	if (!pv_decode(p, octets, pv) || pv->bad != NULL || !w->takes(pv))
		return false;
	memset(w->data, 0, sizeof(w->data));
	memcpy(w->data, pv->data.p, pv->data.n);
	pv->data.p = w->data;
	pv->csum.set = pv->csum_wrong;
	pv->plen.set = false;
	return true;
}

void wrong_pass(struct wrong *w, const struct pv *pv)
{
	uint8_t frame[PV_FRAME_MAX];
	size_t n = pv_build(pv, frame, sizeof(frame));

	assert_true(n > 0);
	w->real->send(w->nut, w->link, frame, n);
}

static void wrong_send(struct nut *nut, enum nut_link link, const uint8_t *p, size_t octets)
{
	struct wrong *w = wrong_of(nut);
	struct pv pv;
	bool taken = take(w, p, octets, &pv);

	w->link = link;
	if (taken) {
		w->to = pv.dst.a;
		if (ip6_in_prefix(&w->to, &link_local, 64))
			w->own = w->to;
	}
	if (taken && w->in != NULL)
		w->in(w, &pv);
	else
		w->real->send(nut, link, p, octets);
}

static bool wrong_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	struct wrong *w = wrong_of(nut);
	struct pv pv;

	while (w->real->recv(nut, until, ret)) {
		if (w->out == NULL || !take(w, ret->p, ret->octets, &pv))
			return true;
		if (!w->out(w, &pv))
			continue;
		ret->octets = pv_build(&pv, w->frame, sizeof(w->frame));
		ret->p = w->frame;
		return true;
	}
	return false;
}

static void wrong_close(struct nut *nut)
{
	struct wrong *w = wrong_of(nut);

	w->real->close(nut);
	free(w);
}

struct wrong *wrong_new(uint64_t seed)
{
	struct wrong *w = calloc(1, sizeof(*w));

	ASSERT(w != NULL);
	w->nut = nut_sim_new(seed);
	w->real = w->nut->ops;
	w->ops = *w->real;
	w->ops.send = wrong_send;
	w->ops.recv = wrong_recv;
	w->ops.close = wrong_close;
	w->nut->ops = &w->ops;
	return w;
}

static void note(struct out *o, const struct result *r)
{
	struct failed *f = CONTAINER_OF(o, struct failed, out);

	f->skipped += r->verdict == VERDICT_SKIP;
	if (r->verdict == VERDICT_PASS || r->verdict == VERDICT_SKIP)
		return;
	if (r->verdict != VERDICT_FAIL)
		fail_msg("%s: %s: %s", r->part->id, verdict_name(r->verdict), r->why);
	ASSERT(f->n < FAILED_MAX);
	f->id[f->n++] = r->part->id;
	f->octets += (size_t)snprintf(f->ids + f->octets, sizeof(f->ids) - f->octets, "%s ",
				      r->part->id + f->prefix);
	ASSERT(f->octets < sizeof(f->ids));
}

void failed_init(struct failed *f, size_t prefix)
{
	*f = (struct failed){ .out = { .part = note }, .prefix = prefix };
}
