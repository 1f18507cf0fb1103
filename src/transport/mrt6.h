/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Multicast routing by programs: the options MRT6_* of raw ICMPv6 sockets, with the numbers, structures
 * and errno values of linux/mroute6.h, on top of ip6/mroute.h.
 */
#ifndef INABA_TRANSPORT_MRT6_H
#define INABA_TRANSPORT_MRT6_H

#include "transport/sock.h"

#define MRT6_FIRST	  200 /* MRT6_INIT */
#define MRT6_LAST	  212 /* MRT6_FLUSH */
#define MRT6_MIFS	  32  /* that programs can name */
#define MRT6_IOCTL_OCTETS 80  /* of the argument of an ioctl(2) at most */

static inline bool mrt6_is_option(int name)
{
	return name >= MRT6_FIRST && name <= MRT6_LAST;
}

/**
 * mrt6_setsockopt(), mrt6_getsockopt() - MRT6_*. One socket at a time does MRT6_INIT; what others add
 * outlives it.
 *
 * Return: 0; -EOPNOTSUPP (no raw ICMPv6 socket), -ENOPROTOOPT, -EINVAL, -EADDRINUSE, -EADDRNOTAVAIL,
 * -ENFILE (a mif beyond the last), -ENOENT, -EACCES (MRT6_DONE of another), -ENOSPC, -ENOMEM.
 */
int mrt6_setsockopt(struct sock *s, int name, const void *val, socklen_t len);
int mrt6_getsockopt(struct sock *s, int name, void *val, socklen_t *len);

/** mrt6_done() - MRT6_DONE, or the socket is closed. Return: 0; -EACCES: it is not its to end. */
int mrt6_done(struct sock *s);

/** mrt6_ioctl_octets() - Of the argument of SIOCGETMIFCNT_IN6 and SIOCGETSGCNT_IN6; 0: neither. */
size_t mrt6_ioctl_octets(uint32_t cmd);

/** mrt6_ioctl() - Counters. @arg: in and out. Return: 0; -EINVAL, -EADDRNOTAVAIL. */
int mrt6_ioctl(const struct socks *socks, uint32_t cmd, void *arg);

/** mrt6_run() - Hand upcalls to who does multicast routing, as struct mrt6msg. */
void mrt6_run(struct socks *socks);

#endif
