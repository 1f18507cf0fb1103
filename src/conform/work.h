/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: a worker is a child process at the other end of a socket pair. It reads the
 * number of a job, opens a device, runs the part, closes the device and writes the result as an
 * entry of a journal. When it reads the end of the stream it goes; on a device in real time it looks
 * for that end at least ten times a second, so that an interrupted run, even one whose first process
 * was killed, takes its devices down in an orderly way. It is in a process group of its own, out of
 * reach of the terminal's ^C, which would hit the device's scripts as well.
 */
#ifndef INABA_CONFORM_WORK_H
#define INABA_CONFORM_WORK_H

#include "conform/run.h"

#define POOL_TICKS_PER_S 4

struct pool;

enum pool_event_type {
	POOL_RESULT, /* of a job */
	POOL_DIED,   /* the worker of a job has ended without a result */
	POOL_TICK,   /* of the clock */
	POOL_SIGNAL, /* the run is to end */
	POOL_EMPTY,  /* there is no worker, and nothing to wait for */
};

struct pool_event {
	enum pool_event_type type;
	size_t job;
	uint8_t *entry; /* given: for free() */
	size_t octets;
	char why[160]; /* it died */
};

/** work_part() - Open a device, run one part on it. Return: the result as an entry, for free(). */
uint8_t *work_part(const struct run_conf *conf, const struct job *job, size_t *octets);

/** work_lost() - The entry for a job that nobody could finish: an ERROR, @why. For free(). */
uint8_t *work_lost(const struct job *job, const char *why, size_t *octets);

/**
 * pool_new() - No workers yet.
 * @conf, @jobs:	Borrowed until pool_free().
 *
 * Return: 0, or a negative errno.
 */
int pool_new(const struct run_conf *conf, const struct job *jobs, struct pool **ret);

/** pool_give() - Let a worker do job number @i. Return: 0, -EBUSY if none is free, or no worker. */
int pool_give(struct pool *p, size_t i);

/** pool_wait() - Wait for the next event; at least every tick. */
void pool_wait(struct pool *p, struct pool_event *ret);

/** pool_running() - Numbers of the jobs under way, to RUN_JOBS_MAX. Return: how many. */
unsigned pool_running(const struct pool *p, size_t *jobs);

/** pool_ticks() - Since the beginning. */
uint64_t pool_ticks(const struct pool *p);

/** pool_stop() - Workers end, without a result where the part was not finished. */
void pool_stop(struct pool *p);

/** pool_kill() - They end at once, with all that they have started. */
void pool_kill(struct pool *p);

/** pool_free() - When nothing is under way. NULL is none. */
void pool_free(struct pool *p);

#endif
