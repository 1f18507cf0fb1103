/* SPDX-License-Identifier: BSD-3-Clause */
/* Nodes that are wrong about options, routing headers and fragments, for test_rfc8200.c. */
#ifndef INABA_TESTS_CONFORM_RFC8200_FAULTS_H
#define INABA_TESTS_CONFORM_RFC8200_FAULTS_H

#include "conform/wrong.h"

#define BODY_MAX 64

struct fault {
	const char *name;
	bool (*in)(struct wrong *w, struct pv *pv); /* change it; false: it is lost */
	bool (*out)(struct wrong *w, struct pv *pv);
	time_ns early, late; /* Time Exceeded is */
	/* By these parts in order, as a router; as a host by the same without those of 1.2.7. */
	const char *caught;
};

/* Of one device, in one part. */
struct scratch {
	uint8_t sent[PV_FRAME_MAX]; /* the last packet to it, as it was */
	size_t n;
	uint8_t in[BODY_MAX], out[BODY_MAX]; /* the changed body of its first extension header */
	uint8_t type;			     /* of an option that was replaced; 0: none */
	uint8_t first[PV_FRAME_MAX];	     /* the data of the first fragment */
	struct pv first_pv;
	time_ns began; /* when that came; 0: not yet */
};

struct device {
	const struct fault *fault;
	struct scratch *scratch;
};

/* Two of them are right; all others are caught by one part at least. */
extern const struct fault rfc8200_faults[];
extern const size_t rfc8200_n_faults;

/* Hears nothing. */
bool fault_deaf(struct wrong *w, struct pv *pv);

#endif
