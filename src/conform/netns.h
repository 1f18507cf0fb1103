/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside of the devices that are network namespaces of this machine: nut_netns.c, and the daemons that
 * speak for the kernel. One of these runs at a time, if any does: radvd while a router advertises,
 * or systemd-networkd from the start.
 */
#ifndef INABA_CONFORM_NETNS_H
#define INABA_CONFORM_NETNS_H

#include <sys/types.h>

#include "conform/live.h"

enum netns_which { NS_HOME, NS_TESTER, NS_DEVICE, NAMESPACES };

struct nut_netns {
	struct nut nut;
	struct live live;
	enum nut_role role;
	const struct netns_daemon *daemon;
	int ns[NAMESPACES];	     /* -1: there is none */
	int pings, mroutes, listens; /* sockets of the device's, or -1 */
	pid_t pid;		     /* of the daemon; 0: not running */
	bool forwards[NUT_LINKS];
	struct nd_adv adv[NUT_LINKS];
};

/* What differs. The others return 0 or a negative errno, with a sentence in nut.why. */
struct netns_daemon {
	/* Can it be run here? If not, @why is a sentence that says what to do. */
	bool (*usable)(char *why, size_t size);
	/* Once the namespaces and their links are there: bring those of the role up. */
	int (*up)(struct nut_netns *n);
	/* Run, restarted, so that n->adv is advertised on each link with adv.send. */
	int (*advertise)(struct nut_netns *n);
};

extern const struct netns_daemon netns_radvd, netns_networkd;

/** netns_dev() - The name of the device's interface on a link. */
const char *netns_dev(enum nut_link link);

/** netns_enter() - This thread goes to one of the namespaces; it lives in NS_HOME. */
void netns_enter(const struct nut_netns *n, enum netns_which which);

/** netns_ip() - A line for ip(8), or several, there. */
int netns_ip(struct nut_netns *n, enum netns_which which, const char *fmt, ...) PRINTF(3, 4);

/** netns_complain() - "@what: " and what @rc means becomes nut.why. Return: @rc. */
int netns_complain(struct nut_netns *n, int rc, const char *what);

/** netns_daemon_end() - If it runs, it does not any more: killed, or asked to end as routers do. */
void netns_daemon_end(struct nut_netns *n, bool orderly);

#endif
