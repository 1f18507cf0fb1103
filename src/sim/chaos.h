/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chaos: a random world from a seed, trouble in it, then calm, and a verdict. Whatever has
 * happened, when the faults end every host must be configured and reach every other host: that
 * is what the RFCs' timers are for, and the seed replays each world in which it does not.
 */
#ifndef INABA_SIM_CHAOS_H
#define INABA_SIM_CHAOS_H

#include <stdio.h>

#include "sim/world.h"

#define CHAOS_WIRES_MAX	   4
#define CHAOS_ROUTERS_MAX  4 /* 3 at the start, and one that may appear */
#define CHAOS_HOSTS_MAX	   12
#define CHAOS_TROUBLES_MAX 12
#define CHAOS_WHAT_MAX	   200

struct chaos_conf {
	uint64_t seed;
	FILE *story;   /* where to tell what happens, line by line; NULL: nowhere */
	FILE *capture; /* where to put all frames of all wires, as pcapng; NULL: nowhere */
};

struct chaos_verdict {
	uint64_t seed;
	bool ok;
	time_ns when;		   /* it was found that */
	char what[CHAOS_WHAT_MAX]; /* went wrong, if not ok: the first finding */
	unsigned n_failures;
	unsigned n_wires, n_routers, n_hosts, n_troubles;
	unsigned late_pairs; /* reached in the end, but not at the first request after the calm */
	time_ns calm, end;   /* when trouble ended, and the world */
	uint64_t frames;     /* delivered */
};

/**
 * chaos_run() - Make the world of a seed, let it live, judge it.
 * @v:	Filled in.
 *
 * The same seed gives the same frames at the same nanoseconds, whether they are captured or not.
 *
 * Return: v->ok.
 */
bool chaos_run(const struct chaos_conf *conf, struct chaos_verdict *v);

#endif
