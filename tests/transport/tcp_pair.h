/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two nodes on one wire, in virtual time, with a TCP connection between them: a (::1) connects, b
 * (::2) listens. For tests of both ends together.
 */
#ifndef INABA_TESTS_TCP_PAIR_H
#define INABA_TESTS_TCP_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/world.h"
#include "transport/tcp.h"

#define PAIR_PORT 80

struct pair {
	struct world w;
	struct world_wire *wire;
	struct world_node *a, *b;
	uint32_t if_a, if_b;
	struct tcp_end at_a, at_b;
	struct tcp_listener *l;
	struct tcp *ca, *cb;
};

/** pair_init() - Nodes with addresses and neighbours known, a listener at b; nothing is sent. */
void pair_init(struct pair *p, uint64_t seed, const struct wire_conf *conf);

/** pair_open() - Connect and accept; a second may pass. @opts: of both sides, or NULL. */
void pair_open(struct pair *p, const struct tcp_opts *opts);

/** pair_run() - Time passes, by @by. */
void pair_run(struct pair *p, time_ns by);

/** pair_touch() - Carry out what follows from calls on connections. */
void pair_touch(struct pair *p);

void pair_done(struct pair *p);

struct tcp_stack *pair_stack(struct world_node *wn);

enum tcp_state pair_state(const struct tcp *tc);

/*
 * A stream of octets that is known at both ends: octet i is a function of i. Each call sends or
 * reads as much as goes, and checks what it reads.
 */
struct pair_stream {
	struct tcp *from, *to;
	uint64_t sent, got, total;
	bool end; /* the end was read */
};

void pair_push(struct pair_stream *s);
void pair_pull(struct pair_stream *s);

/** pair_pump() - Move @s until all has arrived, at most until @until. Return: has it? */
bool pair_pump(struct pair *p, struct pair_stream *s, unsigned n, time_ns until);

#endif
