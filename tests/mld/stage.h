/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A listener in virtual time. A scenario is what happens and all that may be sent, each packet with
 * the time or the window of time in which it must leave; a packet more is a failure. Every scenario
 * runs with many seeds.
 */
#ifndef INABA_TESTS_MLD_STAGE_H
#define INABA_TESTS_MLD_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "fake_ip6.h"
#include "mld/listener.h"

/* A step names only what it needs. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define SEEDS	    50
#define STEPS_MAX   12
#define ROWS_MAX    12
#define SOURCES_MAX 8
#define LONG	    8000000 /* ms; a draw from this long is never soon */

enum what {
	END,
	JOIN,
	LEAVE,
	LISTEN, /* to these sources; to none: leave */
	EXCEPT, /* to all but these */
	UP,
	DOWN,
	LL_READY, /* the link-local address is there */
	QUERY2,
	QUERY1,
	REPORT1,     /* of somebody else */
	REPORT1_OWN, /* ours, looped back */
	VERSION,     /* check: Host Compatibility Mode is max_ms */
};

struct step {
	uint64_t ms;
	enum what what;
	const char *group; /* NULL: General Query */
	uint32_t max_ms;
	const char *sources; /* separated by blanks */
	uint8_t qrv;
	uint32_t qqi_s;
	uint8_t who; /* of LISTEN and EXCEPT: a listener, and what it gets */
	int rc;
};

/* [from, to) in ms; from == to is an exact time. After row "of" (from 1), if it is not 0. */
struct row {
	uint64_t from, to;
	const char *text;
	unsigned of;
};

struct scenario {
	const char *name;
	bool starts_down, no_link_local, loopback, v2_only, done_always;
	struct step steps[STEPS_MAX];
	struct row rows[ROWS_MAX];
};

#define A	 "ff05::a"
#define B	 "ff05::b"
#define V2	 "fe80::1 > ff02::16 report v2 "
#define TO_EX_A	 V2 "TO_EX ff05::a {}"
#define TO_EX_B	 V2 "TO_EX ff05::b {}"
#define TO_IN_A	 V2 "TO_IN ff05::a {}"
#define IS_EX_A	 V2 "IS_EX ff05::a {}"
#define IS_EX_B	 V2 "IS_EX ff05::b {}"
#define IS_EX_AB V2 "IS_EX ff05::a {}, IS_EX ff05::b {}"
#define REPORT_A "fe80::1 > ff05::a report v1 ff05::a"
#define REPORT_B "fe80::1 > ff05::b report v1 ff05::b"
#define DONE_A	 "fe80::1 > ff02::2 done v1 ff05::a"

struct stage {
	struct fake f;
	struct mld mld;
	char who[4]; /* listeners: their addresses */
};

/** stage_init() - With a link-local address, and the interface still down. */
void stage_init(struct stage *s, uint64_t seed);

/** stage_done() - All memberships are left; asserts that nothing is left over. */
void stage_done(struct stage *s);

struct ip6_addr stage_addr(const char *text);

/** stage_run() - Time passes until then. */
void stage_run(struct stage *s, time_ns until);

/** stage_pkt() - An MLD message as it is delivered. */
struct pkt *stage_pkt(struct stage *s, const char *src, const void *msg, size_t n);

/** stage_query() - Write the query of a step. Return: its octets. */
size_t stage_query(const struct step *st, uint8_t *buf, size_t size);

void stage_play(struct stage *s, const struct step *st);

/** stage_table() - Run each of @n scenarios with each seed. */
void stage_table(const struct scenario *sc, size_t n);

#endif
