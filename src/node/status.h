/* SPDX-License-Identifier: BSD-3-Clause */
/* All state of a node as one JSON object: what people and programs ask a node for. */
#ifndef INABA_NODE_STATUS_H
#define INABA_NODE_STATUS_H

#include "base/jsonw.h"
#include "node/node.h"

#define STATUS_LIST_MAX 10000 /* neighbours or routes shown; the count tells of the rest */

/**
 * status_write() - Write @n's state as one object: interfaces with addresses and groups,
 * neighbours, default routers, routes, multicast routes, paths, counters, drops. Times are
 * seconds left, or null for ever.
 */
void status_write(struct node *n, struct jsonw *j);

#endif
