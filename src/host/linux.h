/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The host of a program: system calls, epoll, the machine's clocks. Its network is that of the process:
 * the kernel's, or a node's when it was started by "inaba exec".
 *
 *	host_linux_new(&h);
 *	my_daemon_open(h, ...);
 *	rc = host_linux_run(h);			until somebody calls host_linux_stop(h)
 *	my_daemon_close(...);
 *	host_linux_free(h);
 */
#ifndef INABA_HOST_LINUX_H
#define INABA_HOST_LINUX_H

#include "host/host.h"

/** host_linux_new() - Return: 0, -EMFILE, -ENOMEM. */
int host_linux_new(struct host **ret);

/** host_linux_free() - Close what is still open; nobody is called any more. NULL is fine. */
void host_linux_free(struct host *h);

/** host_linux_run() - Rounds, until host_linux_stop(). Return: 0, or what waiting failed with. */
int host_linux_run(struct host *h);

/** host_linux_stop() - host_linux_run() returns after the round that runs. To be called in one. */
void host_linux_stop(struct host *h);

/**
 * host_linux_step() - Wait for the next round, but not beyond @until, and make it. For who has a loop of his own.
 * Return: 1 if anybody was called, 0, or a negative errno.
 */
int host_linux_step(struct host *h, time_ns until);

/**
 * host_linux_adopt() - A handle for a descriptor of the program's: a signalfd, a control socket.
 * @fd:	Must be one that epoll takes, and should be non-blocking; given: host_close() closes it.
 *
 * Return: a handle, or -EMFILE with @fd still the caller's.
 */
int host_linux_adopt(struct host *h, int fd);

#endif
