/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The harness of the benchmarks. A row of the table names one thing and measures it on several
 * sides: Inaba first, then its peers. The sides take turns, many short measurements each, so that
 * what else happens on the machine happens to all of them; the median is what counts.
 *
 * A measurement is a number of chunks of well under a millisecond, of which the lower quartile
 * counts: a chunk in which something else got the processor tells nothing.
 */
#ifndef INABA_BENCH_BENCH_H
#define INABA_BENCH_BENCH_H

#include "base/base.h"

#define BENCH_SIDES_MAX 6
#define BENCH_NOTE_MAX	96

struct bench;

/* One contender of a row. */
struct side {
	const char *name;
	double (*once)(void *ctx); /* a chunk of work, in the row's unit; NULL: see note */
	void *ctx;
	bool whole;		   /* one call is a measurement, not a chunk of one */
	char note[BENCH_NOTE_MAX]; /* why there is no figure, or what to know about it */
};

struct row {
	const char *name; /* what --only matches */
	const char *unit;
	void (*run)(struct bench *b, const struct row *row);
	double at_most;	 /* goal for the median; 0: none */
	uint32_t arg;	 /* routes, octets, ...: the run function's business */
	bool beat_peers; /* goal: no slower (or larger) than any peer */
	bool once;	 /* one measurement is enough */
};

/* Each file's rows, ended by one without name. */
extern const struct row forward_rows[], mroute_rows[], lookup_rows[], part_rows[], frag_rows[],
	world_rows[], tcp_rows[], udp_rows[];

/**
 * bench_measure() - Measure all sides of @row, print its part of the table.
 * @sides:	Inaba's first; BENCH_SIDES_MAX at most.
 */
void bench_measure(struct bench *b, const struct row *row, const struct side *sides, unsigned n);

/** bench_is_quick() - Was --quick given? Then leave out what takes long to set up. */
bool bench_is_quick(const struct bench *b);

/** bench_say() - Progress, for who waits. */
void bench_say(const struct bench *b, const char *fmt, ...) PRINTF(2, 3);

/** bench_quartile() - The lower quartile of @n values, which are sorted. */
double bench_quartile(double *v, unsigned n);

/** bench_ns() - The clock. */
double bench_ns(void);

/** bench_rnd() - Random numbers that are the same in each run; @state is any number. */
static inline uint64_t bench_rnd(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/** bench_alloc() - Zeroed memory, aligned to a cache line; never NULL. Freed with free(). */
void *bench_alloc(size_t n, size_t each);

/** BENCH_USE() - The compiler must work @v out, though nobody reads it. */
#define BENCH_USE(v) __asm__ volatile("" : : "r"(v) : "memory")

#endif
