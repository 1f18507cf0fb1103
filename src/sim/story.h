/* SPDX-License-Identifier: BSD-3-Clause */
/* The demo's nodes trace frames, drops and events: which of them are worth telling, and in what words. */
#ifndef INABA_SIM_STORY_H
#define INABA_SIM_STORY_H

#include "sim/demo.h"

/** story_watch() - For world_watch(); @ctx is a struct demo. */
void story_watch(void *ctx, const struct world_node *wn, const struct trace *t);

/** story_ping() - For ping_conf.fn; @ctx is a struct demo_ping. */
void story_ping(void *ctx, const struct ping_result *r);

#endif
