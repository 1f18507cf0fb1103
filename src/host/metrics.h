/* SPDX-License-Identifier: BSD-3-Clause */
/* The counters of a node in the text format of Prometheus, version 0.0.4. */
#ifndef INABA_HOST_METRICS_H
#define INABA_HOST_METRICS_H

#include "host/text.h"
#include "node/node.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/** metrics_write() - All of them; names begin with "inaba_", and each has the label "node". */
void metrics_write(const struct node *n, struct text *t);

#endif
