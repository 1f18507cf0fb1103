/* SPDX-License-Identifier: BSD-3-Clause */
#include "sim/capture.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/pcapng.h"
#include "ip6/hdr.h"

#define SEARCH_MAX  4096 /* frames, from the last one back, that may still be under way */
#define COMMENT_MAX 200

void capture_init(struct capture *c)
{
	*c = (struct capture){ 0 };
}

void capture_done(struct capture *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		for (unsigned k = 0; k < CAPTURE_COMMENTS_MAX; k++)
			free(c->frame[i].comment[k]);
		free(c->frame[i].octets);
	}
	free(c->frame);
	free(c->pkt);
	capture_init(c);
}

/* Room for one more of @size octets each, or the end: this is a tool, not the packet path. */
static void *grow(void *p, uint32_t n, uint32_t *room, size_t size)
{
	if (n < *room)
		return p;
	*room = MAX(64u, *room * 2);
	p = realloc(p, *room * size);
	ASSERT(p != NULL);
	return p;
}

/* Pools hand out the same few buffers again and again, so this stays short. */
static void remember(struct capture *c, const struct pkt *pkt, uint32_t frame)
{
	for (uint32_t i = 0; i < c->n_pkts; i++) {
		if (c->pkt[i].pkt == pkt) {
			c->pkt[i].frame = frame;
			return;
		}
	}
	c->pkt = grow(c->pkt, c->n_pkts, &c->room_pkts, sizeof(*c->pkt));
	c->pkt[c->n_pkts++] = (struct capture_pkt){ pkt, frame };
}

static uint32_t add(struct capture *c, const struct world_wire *ww, time_ns now,
		    const struct pkt *pkt)
{
	struct capture_frame *f;

	c->frame = grow(c->frame, c->n, &c->room, sizeof(*c->frame));
	f = &c->frame[c->n];
	*f = (struct capture_frame){ .when = now, .wire = ww, .len = pkt->len };
	f->octets = malloc(pkt->len);
	ASSERT(f->octets != NULL);
	memcpy(f->octets, pkt->p, pkt->len);
	return c->n++;
}

/* The frame on @ww that has these octets, the last one first. */
static uint32_t find(const struct capture *c, const struct world_wire *ww, const struct pkt *pkt)
{
	uint32_t end = c->n > SEARCH_MAX ? c->n - SEARCH_MAX : 0;

	for (uint32_t i = c->n; i > end; i--) {
		const struct capture_frame *f = &c->frame[i - 1];

		if (f->wire == ww && f->len == pkt->len && memcmp(f->octets, pkt->p, f->len) == 0)
			return i - 1;
	}
	return CAPTURE_NONE;
}

/*
 * The frame that a packet at its IPv6 header came from. A buffer may have been used for
 * something new meanwhile, so the addresses must be those of the frame.
 */
static uint32_t frame_of(const struct capture *c, const struct pkt *pkt)
{
	for (uint32_t i = 0; i < c->n_pkts; i++) {
		const struct capture_frame *f = &c->frame[c->pkt[i].frame];

		if (c->pkt[i].pkt != pkt)
			continue;
		if (f->len < ETH_HDR_OCTETS + IP6_HDR_OCTETS || pkt->len < IP6_HDR_OCTETS ||
		    memcmp(pkt->p + IP6_SRC_OFF, f->octets + ETH_HDR_OCTETS + IP6_SRC_OFF,
			   (size_t)2 * IP6_ADDR_OCTETS) != 0)
			break;
		return c->pkt[i].frame;
	}
	return CAPTURE_NONE;
}

void capture_comment(struct capture *c, uint32_t frame, const char *fmt, ...)
{
	char text[COMMENT_MAX];
	va_list args;

	ASSERT(frame < c->n);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (unsigned k = 0; k < CAPTURE_COMMENTS_MAX; k++) {
		if (c->frame[frame].comment[k] != NULL)
			continue;
		c->frame[frame].comment[k] = strdup(text);
		ASSERT(c->frame[frame].comment[k] != NULL);
		return;
	}
}

uint32_t capture_see(struct capture *c, const struct world_node *wn, const struct trace *t)
{
	const struct world_wire *ww = t->ifindex <= IF_MAX ? wn->plug[t->ifindex].wire : NULL;
	uint32_t frame = CAPTURE_NONE;

	switch (t->kind) {
	case TRACE_TX:
		if (ww != NULL)
			frame = add(c, ww, t->now, t->pkt);
		break;
	case TRACE_RX:
		if (ww != NULL)
			frame = find(c, ww, t->pkt);
		break;
	case TRACE_SELF:
		break;
	case TRACE_DROP:
		frame = t->pkt != NULL ? frame_of(c, t->pkt) : CAPTURE_NONE;
		if (frame != CAPTURE_NONE && drop_is_refusal(t->drop))
			capture_comment(c, frame, "dropped by %s: %s: %s", wn->node->name,
					drop_name(t->drop), drop_text(t->drop));
		return frame;
	case TRACE_EVENT:
		return CAPTURE_NONE;
	}
	if (frame != CAPTURE_NONE)
		remember(c, t->pkt, frame);
	return frame;
}

uint32_t capture_wire(struct capture *c, const struct world_wire *ww, const struct wire_seen *s)
{
	uint32_t frame;

	if (s->fate != WIRE_DROPPED)
		return CAPTURE_NONE;
	frame = find(c, ww, s->pkt);
	if (frame != CAPTURE_NONE)
		capture_comment(c, frame, "dropped by wire %s: %s: %s", ww->name,
				drop_name(s->drop), drop_text(s->drop));
	return frame;
}

int capture_write(const struct capture *c, const struct world *w, FILE *f, const char *comment)
{
	const struct world_wire **wire = calloc(w->n_wires + 1u, sizeof(const struct world_wire *));
	uint32_t *iface = calloc(w->n_wires + 1u, sizeof(*iface)), n = 0;
	struct pcapng_file out;
	int rc = -ENOMEM;

	if (wire != NULL && iface != NULL)
		rc = pcapng_file_open(&out, f, &(struct pcapng_conf){ .comment = comment });
	if (rc < 0)
		goto free;
	LIST_FOR_EACH(it, &w->wires) {
		wire[n] = LIST_ENTRY(it, struct world_wire, on);
		iface[n] = pcapng_file_iface(&out, wire[n]->name);
		n++;
	}
	for (uint32_t i = 0; i < c->n; i++) {
		const struct capture_frame *from = &c->frame[i];
		struct pcapng_frame to = { .when = from->when,
					   .p = from->octets,
					   .len = from->len };

		for (uint32_t k = 0; k < n; k++)
			if (wire[k] == from->wire)
				to.iface = iface[k];
		for (unsigned k = 0; k < CAPTURE_COMMENTS_MAX; k++)
			to.comment[k] = from->comment[k];
		pcapng_file_frame(&out, &to);
	}
	rc = pcapng_file_close(&out);
free:
	free(wire);
	free(iface);
	return rc;
}
