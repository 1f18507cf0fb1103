/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two nodes in this process that know each other: whatever one gives out is handed to the other,
 * in batches, frame by frame. What programs on them do is for the rows.
 */
#ifndef INABA_BENCH_ENDS_H
#define INABA_BENCH_ENDS_H

#include "bench.h"
#include "lwip.h"
#include "node/node.h"

#define ENDS_PORT 80
#define ENDS_MTU  1500

struct end {
	struct node *node;
	uint32_t ifindex;
	struct mac mac;
	struct ip6_addr addr;
};

struct ends {
	struct pkt_pool pool;
	struct end a, b;
	time_ns now;
};

/** ends_init() - Both are up, with addresses, and each other for neighbours. */
void ends_init(struct ends *s);

void ends_done(struct ends *s);

/** ends_carry() - All that @from has to send arrives at @to. Return: was there anything? */
bool ends_carry(struct ends *s, struct end *from, struct end *to);

/** ends_settle() - Time passes, a little; then frames go to and fro until there are none. */
void ends_settle(struct ends *s);

/** lwip_load() - lwIP's module with a fresh connection, or NULL and why in @note. */
const struct lwip_module *lwip_load(struct lwip **ret, char *note);

/** end_sock() - A socket of a node; there is one. */
struct sock *end_sock(struct end *e, int type);

/** end_name() - @e's address and @port, as a program has it. */
struct sockaddr_in6 end_name(const struct end *e, uint16_t port);

#endif
