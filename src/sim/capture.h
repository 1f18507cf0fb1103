/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All frames of a world, kept: each once, as its sender put it on a wire, with what became of it.
 * Whoever refuses a frame later (a receiver, the wire itself) adds a comment to it, which is why
 * a capture is kept in memory and written at the end.
 */
#ifndef INABA_SIM_CAPTURE_H
#define INABA_SIM_CAPTURE_H

#include <stdio.h>

#include "sim/world.h"

#define CAPTURE_NONE	     UINT32_MAX
#define CAPTURE_COMMENTS_MAX 4 /* of one frame; what is more is left out */

struct capture_frame {
	time_ns when;
	const struct world_wire *wire;
	uint8_t *octets; /* from the Ethernet header */
	uint32_t len;
	char *comment[CAPTURE_COMMENTS_MAX];
};

/* Which frame a node's packet came in or went out as. */
struct capture_pkt {
	const struct pkt *pkt;
	uint32_t frame;
};

struct capture {
	struct capture_frame *frame; /* in order of time */
	uint32_t n, room;
	struct capture_pkt *pkt;
	uint32_t n_pkts, room_pkts;
};

/** capture_init() - All zero is empty too. */
void capture_init(struct capture *c);
void capture_done(struct capture *c);

/**
 * capture_see() - Take in what a node traced: call it from the world's watch, for everything.
 * A refusal (see drop_is_refusal()) becomes a comment on the frame it is about, if there is one.
 *
 * Return: number of the frame that was sent, received or dropped, counted from 0; or
 * CAPTURE_NONE.
 */
uint32_t capture_see(struct capture *c, const struct world_node *wn, const struct trace *t);

/** capture_wire() - Likewise for what became of a frame on @ww, from its wire's watch. */
uint32_t capture_wire(struct capture *c, const struct world_wire *ww, const struct wire_seen *s);

/** capture_comment() - Add a comment to a frame. */
void capture_comment(struct capture *c, uint32_t frame, const char *fmt, ...) PRINTF(3, 4);

/**
 * capture_write() - Write it all as pcapng, an interface for each wire of @w.
 * @comment:	On the whole, or NULL.
 *
 * Return: 0, or a negative errno.
 */
int capture_write(const struct capture *c, const struct world *w, FILE *f, const char *comment);

#endif
