/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The host of a daemon that lives inside this program, on a node, in the node's time: see host.h for what
 * it offers. A world gives one by world_host() (sim/world.h) and does what follows; whoever runs a node
 * otherwise does it by himself:
 *
 *	node_run(...), node_input(...)		then
 *	if (host_inside_next(h) <= now)
 *		host_inside_run(h);		then node_output(), as after every step
 *	sleep until node_next(n), host_inside_next(h) or a frame
 *
 * A round takes HOST_ROUND_NS: the next one is not before that has passed. So a daemon that leaves
 * something unread, or arms a timer for the past over and over, is busy, as it would be elsewhere,
 * and time goes on.
 */
#ifndef INABA_HOST_INSIDE_H
#define INABA_HOST_INSIDE_H

#include "host/host.h"
#include "node/node.h"

#define HOST_ROUND_NS NS_PER_US

struct host_inside_conf {
	struct node *node; /* borrowed; host_inside_free() comes before node_free() */
	uint64_t seed, stream;
	time_ns (*now)(void *ctx); /* the node's clock */
	void (*changed)(
		void *ctx); /* after calls outside of rounds: output waits, deadlines are other ones */
	void *ctx;
};

/** host_inside_new() - Return: NULL without memory. */
struct host *host_inside_new(const struct host_inside_conf *conf);

/** host_inside_free() - Close what is still open. NULL is fine. */
void host_inside_free(struct host *h);

/** host_inside_next() - When host_inside_run() has to be called next; may be in the past. */
time_ns host_inside_next(struct host *h);

/** host_inside_run() - A round, if anything is due. From within no step of the node. */
void host_inside_run(struct host *h);

#endif
