/* SPDX-License-Identifier: BSD-3-Clause */
/* Between host.c and its two implementations. */
#ifndef INABA_HOST_PART_H
#define INABA_HOST_PART_H

#include "host/host.h"

struct host_event {
	int handle;
	unsigned events;
};

void host_init(struct host *h, const struct host_ops *ops, time_ns now);

/** host_done() - Close what is open; timers that are armed become idle. */
void host_done(struct host *h);

/** host_add() - A new handle, to be given to its owner or to host_drop(). Return: NULL: -EMFILE. */
struct host_handle *host_add(struct host *h);
void host_drop(struct host *h, struct host_handle *s);

/** host_find() - NULL: there is none of that number. */
struct host_handle *host_find(struct host *h, int number);

/** host_wants() - What of @events, as of poll(2), its watcher is to be told. */
unsigned host_wants(const struct host_handle *s, unsigned events);

/**
 * host_round() - Call whoever is due at @now, then the watchers of @ev, in the order that host.h promises.
 * @ev:	What is ready, in any order; is sorted.
 *
 * Return: was anybody called?
 */
bool host_round(struct host *h, time_ns now, struct host_event *ev, unsigned n);

#endif
