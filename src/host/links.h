/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of the kernel's interfaces behind a node's devices: whether they are up and have a
 * carrier, and when they go. Told by the kernel over rtnetlink(7); needs no privileges.
 */
#ifndef INABA_HOST_LINKS_H
#define INABA_HOST_LINKS_H

#include "base/base.h"

struct links_event {
	uint32_t kernel_ifindex;
	bool gone; /* deleted, or moved out of our network namespace */
	bool up;   /* administratively, and with a carrier */
};

/** links_open() - Return: a non-blocking descriptor to watch for reading, or a negative errno. */
int links_open(void);

/** links_ask() - Have the present state of all interfaces told, as events. */
void links_ask(int fd);

/** links_read() - Call @fn for each event that waits. */
void links_read(int fd, void (*fn)(void *ctx, const struct links_event *ev), void *ctx);

/** links_index() - The kernel's index of interface @name. Return: 0 if there is none. */
uint32_t links_index(const char *name);

#endif
