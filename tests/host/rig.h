/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host to try the contract of host/host.h on: the kernel's, in a network namespace of this process where one can
 * be made, or that of a node in a world. Each has a loopback interface with ::1, of index 1.
 */
#ifndef INABA_TESTS_RIG_H
#define INABA_TESTS_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "host/host.h"
#include "sim/world.h"

#define RIG_LO	 1
#define RIG_WAIT (5 * NS_PER_S) /* for what must happen */
#define RIG_PASS (30 * NS_PER_MS)

struct rig {
	struct host *h;
	bool inside;
	struct world w; /* if inside */
	struct world_node *wn;
};

/** rig_namespace() - Before any test: a process with a network of its own, if that can be had. */
void rig_namespace(void);

/** rig_needs_namespace() - Skips the test on the kernel if there is none. */
void rig_needs_namespace(const struct rig *r);

int rig_inside(void **state);
int rig_linux(void **state);
int rig_done(void **state);

/** RIG_BOTH() - The same test on both. */
#define RIG_BOTH(test)                                                                             \
	{ #test ", inside", test, rig_inside, rig_done, NULL },                                    \
	{                                                                                          \
#test ", linux", test, rig_linux, rig_done, NULL                                   \
	}

/** rig_wait() - Rounds until *@what is @n; fails when that takes too long. */
void rig_wait(struct rig *r, const unsigned *what, unsigned n);

/** rig_pass() - Rounds for @t. */
void rig_pass(struct rig *r, time_ns t);

/** rig_ready() - Rounds until @handle is ready for one of @events, which are returned; it is unwatched then. */
unsigned rig_ready(struct rig *r, int handle, unsigned events);

/** rig_is_ready() - The same for what need not happen: 0 then. */
unsigned rig_is_ready(struct rig *r, int handle, unsigned events);

/** rig_open() - A socket of AF_INET6; must succeed. */
int rig_open(struct rig *r, int type, int protocol);

/** rig_bound() - One that is bound to a port of ::1, which is in *@at. */
int rig_bound(struct rig *r, int type, struct sockaddr_in6 *at);

int rig_connect(struct rig *r, int handle, const struct sockaddr_in6 *to);

/** rig_set() - An option that is an int; must succeed. */
void rig_set(struct rig *r, int handle, int level, int name, int v);
int rig_get(struct rig *r, int handle, int level, int name);

/** rig_pair() - A connection: *@a connected, *@b accepted. */
void rig_pair(struct rig *r, int *a, int *b);

#endif
