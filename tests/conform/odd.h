/* SPDX-License-Identifier: BSD-3-Clause */
/* Devices for tests of the runner. They count in memory that all workers share. */
#ifndef INABA_TESTS_CONFORM_ODD_H
#define INABA_TESTS_CONFORM_ODD_H

#include "conform/run.h"

#define PATIENCE_MS 10000

/* Seen by all processes of a test. */
struct shared {
	unsigned opened, closed;
	unsigned waits;	   /* of dead devices, each a tenth of a second at the most */
	unsigned meet;	   /* a device starts only when so many are open */
	unsigned dies_at;  /* the device opened as this number kills its process; 0: none */
	unsigned error_at; /* likewise: cannot be opened */
	int how;	   /* it dies: of this signal; 0: it exits */
	bool dead;	   /* devices say nothing, in real time */
	bool deaf;	   /* they hear nothing, in virtual time */
	bool leaves_one;   /* what dies leaves a process behind */
};

/* Verdicts and reasons, in order. */
struct told {
	struct out out;
	enum verdict verdict[64];
	char why[64][128];
	const struct part *part[64];
	unsigned n, ticks, done, running;
};

/** setup(), teardown() - Of cmocka; the state is a struct shared. */
int setup(void **state);
int teardown(void **state);

unsigned get(const unsigned *n);
void nap(unsigned ms);

/* What conf_of() selects. */
extern const char *const header[1];

/** conf_of() - A run of group 1.1 on odd devices, in both roles. */
struct run_conf conf_of(struct shared *shared, unsigned jobs);

/** json_of() - What a run writes as JSON; to be freed. */
char *json_of(const struct run_conf *conf, struct tally *tally);

/** run_and_note() - Run, write down what is told; run_parts() returns @want. */
struct told run_and_note(const struct run_conf *conf, int want);

/** temp_file() - An empty file of this test's own. */
void temp_file(char path[32]);
void write_file(const char *path, const void *p, size_t n);
uint8_t *read_file(const char *path, size_t *n);

#endif
