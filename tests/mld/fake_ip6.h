/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * As much of an IPv6 layer as MLD needs: one interface, memberships, and a record of what was sent.
 */
#ifndef INABA_TESTS_FAKE_IP6_H
#define INABA_TESTS_FAKE_IP6_H

#include "ip6/ip6.h"

#define FAKE_SENT_MAX 1024
#define FAKE_TEXT_MAX 2048

struct fake_sent {
	time_ns at;
	uint32_t octets;	  /* of the whole packet */
	char text[FAKE_TEXT_MAX]; /* "source > destination message" */
};

struct fake {
	struct ip6 ip6;
	struct env env;
	struct pkt_pool pool;
	struct iface ifc;
	struct if_addr link_local;
	bool has_link_local;
	struct fake_sent *sent;
	unsigned n_sent;
};

void fake_init(struct fake *f, uint64_t seed);

/** fake_done() - Asserts that no membership is left. */
void fake_done(struct fake *f);

#endif
