/* SPDX-License-Identifier: BSD-3-Clause */
/* Nodes that are wrong about ICMPv6, for test_rfc4443.c. */
#ifndef INABA_TESTS_CONFORM_RFC4443_FAULTS_H
#define INABA_TESTS_CONFORM_RFC4443_FAULTS_H

#include "conform/wrong.h"

#define UNKNOWN 254 /* type of a message that nobody knows */

struct fault {
	const char *name;
	bool (*in)(struct wrong *w, struct pv *pv); /* change it; false: it is lost */
	bool (*out)(struct wrong *w, struct pv *pv);
	enum nut_role role;
	const char *tests;  /* of the group: a glob */
	const char *caught; /* by these of them, in order */
	/* Instead of the node's; a device that has one can route multicast packets. */
	int (*mtu)(struct nut *nut, enum nut_link link, uint32_t octets);
	int (*mroute)(struct nut *nut, enum nut_link from, const struct ip6_addr *group,
		      enum nut_link to);
};

/* Each is caught by at least one part, each part catches at least one. */
extern const struct fault rfc4443_faults[];
extern const size_t rfc4443_n_faults;

/* Two that more than the table uses: hears nothing, routes a group (in words). */
bool fault_deaf(struct wrong *w, struct pv *pv);
int fault_mroute(struct nut *nut, enum nut_link from, const struct ip6_addr *group,
		 enum nut_link to);

#endif
