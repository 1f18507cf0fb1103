/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that are wrong on purpose: a simulated node, some of whose packets are changed on their
 * way in or out; and who writes down which parts see it.
 */
#ifndef INABA_TESTS_CONFORM_WRONG_H
#define INABA_TESTS_CONFORM_WRONG_H

#include "conform/run.h"

#define FAILED_MAX 1024

struct wrong {
	struct nut *nut;
	struct nut_ops ops; /* nut's, but for those that are changed */
	const struct nut_ops *real;
	const void *fault; /* the test's */
	/* Which packets are looked at; their data are in w->data, lengths and checksum follow. */
	bool (*takes)(const struct pv *pv);
	/* What becomes of one on its way in: wrong_pass() it, changed or not, or others, or none. */
	void (*in)(struct wrong *w, struct pv *pv);
	/* Change one on its way out; false: it is lost. */
	bool (*out)(struct wrong *w, struct pv *pv);
	enum nut_link link;	 /* of the packet */
	unsigned n;		 /* of packets that the fault has counted */
	bool dead;		 /* the fault has ended it */
	struct ip6_addr own, to; /* the device's (link-local), and whatever was written to last */
	uint8_t data[PV_FRAME_MAX];
	uint8_t frame[PV_FRAME_MAX];
};

/** wrong_new() - A node from @seed; the caller sets what is wrong. It is freed when it is closed. */
struct wrong *wrong_new(uint64_t seed);

/** wrong_of() - The device behind @nut. */
struct wrong *wrong_of(struct nut *nut);

/** wrong_pass() - Give the node a packet. */
void wrong_pass(struct wrong *w, const struct pv *pv);

/* Who failed; a writer of results. Any other verdict than PASS, FAIL and SKIP ends the test. */
struct failed {
	struct out out;
	size_t prefix; /* octets of an id that are left out of ids */
	const char *id[FAILED_MAX];
	unsigned n, skipped;
	char ids[16 * FAILED_MAX]; /* each with a blank behind */
	size_t octets;
};

void failed_init(struct failed *f, size_t prefix);

#endif
