/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The same calls on a node and on the kernel that this runs on, each with a loopback interface and nothing
 * else: what they say must be the same, word for word. The kernel's are made in a user and network
 * namespace of a child; where none can be made, the test is skipped.
 */
#include "bed.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/mroute6.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKETS	 4
#define TEXT_MAX (256 * 1024)
#define FLOWINFO 11 /* IPV6_FLOWINFO */

/* What can be done with a socket; the words of a row depend on it. */
enum op {
	END,
	OPEN,  /* type, protocol */
	OPEN4, /* the same, of AF_INET */
	BIND,  /* address, port */
	CONN,  /* address, port; no address: AF_UNSPEC */
	SEND,  /* address, port, data */
	RECV,  /* octets, flags */
	SET,   /* level, name, value */
	SETN,  /* level, name, octets of zeros */
	GET,   /* level, name */
	NAME,
	PEER,
	SHUT, /* how */
	POLL,
	SHORT, /* bind with so many octets of address of family */
	JOIN,  /* name, group, ifindex */
};

struct row {
	enum op op;
	unsigned s;
	int a, b, c;
	const char *text;
};

#define U		    SOCK_DGRAM
#define ADDR(s, text, port) s, port, 0, 0, text
#define I6		    IPPROTO_IPV6

static const struct row opening[] = {
	{ OPEN, 0, U, 0, 0, 0 },
	{ GET, 0, SOL_SOCKET, SO_TYPE, 0, 0 },
	{ GET, 0, SOL_SOCKET, SO_PROTOCOL, 0, 0 },
	{ GET, 0, SOL_SOCKET, SO_DOMAIN, 0, 0 },
	{ GET, 0, SOL_SOCKET, SO_ACCEPTCONN, 0, 0 },
	{ OPEN, 0, U, 999, 0, 0 },
	{ OPEN, 0, U, -1, 0, 0 },
	{ OPEN, 0, U, 200, 0, 0 },
	{ OPEN, 0, SOCK_RAW, 0, 0, 0 },
	{ OPEN, 0, SOCK_SEQPACKET + 20, 0, 0, 0 },
	{ OPEN, 0, SOCK_RAW, 253, 0, 0 },
	{ GET, 0, SOL_SOCKET, SO_PROTOCOL, 0, 0 },
	{ 0 },
};

static const struct row binding[] = {
	{ OPEN, 0, U, 0, 0, 0 },
	{ OPEN, 1, U, 0, 0, 0 },
	{ NAME, 0, 0, 0, 0, 0 },
	{ PEER, 0, 0, 0, 0, 0 },
	{ SHORT, 0, 23, AF_INET6, 0, 0 },
	{ SHORT, 0, 24, AF_INET, 0, 0 },
	{ SHORT, 0, 24, AF_UNIX, 0, 0 },
	{ BIND, ADDR(0, "2001:db8::1", 7) },
	{ BIND, ADDR(0, "fe80::1", 7) },
	{ BIND, ADDR(0, "ff02::1", 7) },
	{ BIND, ADDR(0, "fe80::1%1", 7) },
	{ OPEN, 3, U, 0, 0, 0 }, /* of its own: Linux keeps the zone of a bind() that failed */
	{ BIND, ADDR(3, "fe80::1%77", 7) },
	{ NAME, 0, 0, 0, 0, 0 },
	{ BIND, ADDR(0, "::1", 7) },
	{ BIND, ADDR(0, "::1", 8) },
	{ NAME, 0, 0, 0, 0, 0 },
	{ BIND, ADDR(1, "::", 7) },
	{ BIND, ADDR(1, "::1", 7) },
	{ SET, 1, SOL_SOCKET, SO_REUSEADDR, 1, 0 },
	{ BIND, ADDR(1, "::", 7) },
	{ SET, 0, SOL_SOCKET, SO_REUSEADDR, 1, 0 },
	{ BIND, ADDR(1, "::", 7) },
	{ OPEN, 2, U, 0, 0, 0 },
	{ SET, 2, SOL_SOCKET, SO_REUSEPORT, 1, 0 },
	{ BIND, ADDR(2, "::1", 7) },
	{ BIND, ADDR(2, "ff02::1%1", 7) },
	{ BIND, ADDR(2, "ff15::1", 9) },
	{ NAME, 2, 0, 0, 0, 0 },
	{ OPEN, 3, U, 0, 0, 0 },
	{ SET, 3, I6, IPV6_FREEBIND, 1, 0 },
	{ BIND, ADDR(3, "2001:db8::77", 7) },
	{ NAME, 3, 0, 0, 0, 0 },
	{ OPEN, 3, U, 0, 0, 0 },
	{ SET, 3, I6, IPV6_V6ONLY, 1, 0 },
	{ BIND, ADDR(3, "::ffff:192.0.2.1", 7) },
	{ SET, 3, I6, IPV6_V6ONLY, 0, 0 },
	{ BIND, ADDR(3, "::ffff:192.0.2.1", 7) },
	{ BIND, ADDR(3, "::", 0) },
	{ NAME, 3, 0, 0, 0, 0 },
	{ SET, 3, I6, IPV6_V6ONLY, 1, 0 },
	{ BIND, ADDR(3, "::", 0) },
	{ 0 },
};

static const struct row connecting[] = {
	{ OPEN, 0, U, 0, 0, 0 },
	{ SEND, 0, 0, 0, 0, 0 },
	{ NAME, 0, 0, 0, 0, 0 },
	{ CONN, ADDR(0, "2001:db8::1", 7) },
	{ CONN, ADDR(0, "::ffff:192.0.2.1", 7) },
	{ CONN, ADDR(0, "fe80::1", 7) },
	{ SEND, 0, 7, 0, 0, "2001:db8::1" },
	{ SEND, 0, 0, 0, 0, "::1" },
	{ SEND, 0, 7, 0, 0, "::ffff:192.0.2.1" },
	{ CONN, ADDR(0, "::1", 7) },
	{ NAME, 0, 0, 0, 0, 0 },
	{ PEER, 0, 0, 0, 0, 0 },
	{ POLL, 0, 0, 0, 0, 0 },
	{ SEND, 0, 0, 0, 0, 0 },
	{ POLL, 0, 0, 0, 0, 0 },
	{ RECV, 0, 10, 0, 0, 0 },
	{ POLL, 0, 0, 0, 0, 0 },
	{ SEND, 0, 0, 0, 0, 0 },
	{ GET, 0, SOL_SOCKET, SO_ERROR, 0, 0 },
	{ GET, 0, SOL_SOCKET, SO_ERROR, 0, 0 },
	{ SEND, 0, 0, 0, 0, 0 },
	{ SEND, 0, 0, 0, 0, 0 },
	{ SEND, 0, 0, 0, 0, 0 },
	{ CONN, 0, 0, 0, 0, 0 },
	{ NAME, 0, 0, 0, 0, 0 },
	{ PEER, 0, 0, 0, 0, 0 },
	{ OPEN, 1, U, 0, 0, 0 },
	{ BIND, ADDR(1, "::1", 7) },
	{ CONN, ADDR(1, "2001:db8::1", 9) },
	{ CONN, ADDR(1, "::", 9) },
	{ PEER, 1, 0, 0, 0, 0 },
	{ CONN, 1, 0, 0, 0, 0 },
	{ NAME, 1, 0, 0, 0, 0 },
	{ OPEN, 2, U, 0, 0, 0 },
	{ SHUT, 2, SHUT_RD, 0, 0, 0 },
	{ POLL, 2, 0, 0, 0, 0 },
	{ OPEN, 2, U, 0, 0, 0 },
	{ CONN, ADDR(2, "::1", 7) },
	{ SHUT, 2, 3, 0, 0, 0 },
	{ SHUT, 2, SHUT_WR, 0, 0, 0 },
	{ POLL, 2, 0, 0, 0, 0 },
	{ SEND, 2, 0, 0, 0, 0 },
	{ SHUT, 2, SHUT_RD, 0, 0, 0 },
	{ POLL, 2, 0, 0, 0, 0 },
	{ RECV, 2, 10, 0, 0, 0 },
	{ 0 },
};

static const struct row talking[] = {
	{ OPEN, 0, U, 0, 0, 0 },
	{ OPEN, 1, U, 0, 0, 0 },
	{ BIND, ADDR(0, "::", 7) },
	{ BIND, ADDR(1, "::1", 1000) },
	{ POLL, 0, 0, 0, 0, 0 },
	{ SET, 0, I6, IPV6_RECVPKTINFO, 1, 0 },
	{ SET, 0, I6, IPV6_RECVHOPLIMIT, 1, 0 },
	{ SET, 0, I6, IPV6_RECVTCLASS, 1, 0 },
	{ SET, 0, I6, FLOWINFO, 1, 0 },
	{ SET, 1, I6, IPV6_TCLASS, 0xb8, 0 },
	{ SET, 1, I6, IPV6_UNICAST_HOPS, 9, 0 },
	{ SEND, 1, 7, 5, 0, "::1" },
	{ SEND, 1, 7, 3, 0, "::" },
	{ SEND, 1, 7, 0, 0, "::1" },
	{ POLL, 0, 0, 0, 0, 0 },
	{ RECV, 0, 3, MSG_PEEK, 0, 0 },
	{ RECV, 0, 3, MSG_PEEK | MSG_TRUNC, 0, 0 },
	{ RECV, 0, 3, 0, 0, 0 },
	{ RECV, 0, 100, 0, 0, 0 },
	{ RECV, 0, 100, 0, 0, 0 },
	{ RECV, 0, 100, 0, 0, 0 },
	{ RECV, 0, 100, MSG_ERRQUEUE, 0, 0 },
	{ SET, 1, I6, IPV6_UNICAST_HOPS, -1, 0 },
	{ SET, 1, I6, IPV6_TCLASS, -1, 0 },
	{ SEND, 1, 7, 2000, 0, "::1" },
	{ RECV, 0, 10, MSG_TRUNC, 0, 0 },
	{ SEND, 1, 7, 65528, 0, "::1" },
	{ CONN, ADDR(0, "::1", 1001) },
	{ SEND, 1, 7, 1, 0, "::1" },
	{ POLL, 0, 0, 0, 0, 0 },
	{ CONN, ADDR(0, "::1", 1000) },
	{ SEND, 1, 7, 1, 0, "::1" },
	{ RECV, 0, 1, 0, 0, 0 },
	{ SET, 1, I6, IPV6_RECVERR, 1, 0 },
	{ SEND, 1, 99, 6, 0, "::1" },
	{ POLL, 1, 0, 0, 0, 0 },
	{ RECV, 1, 10, 0, 0, 0 },
	{ POLL, 1, 0, 0, 0, 0 },
	{ RECV, 1, 10, MSG_ERRQUEUE, 0, 0 },
	{ POLL, 1, 0, 0, 0, 0 },
	{ SEND, 1, 99, 6, 0, "::1" },
	{ SEND, 1, 99, 6, 0, "::1" },
	{ SEND, 1, 98, 6, 0, "::1" },
	{ RECV, 1, 10, MSG_ERRQUEUE, 0, 0 },
	{ GET, 1, SOL_SOCKET, SO_ERROR, 0, 0 },
	{ SET, 1, I6, IPV6_RECVERR, 0, 0 },
	{ RECV, 1, 10, MSG_ERRQUEUE, 0, 0 },
	{ 0 },
};

/* UDP_SEGMENT, UDP_GRO, and what else one may be told of a datagram. */
static const struct row segments[] = {
	{ OPEN, 0, U, 0, 0, 0 },
	{ OPEN, 1, U, 0, 0, 0 },
	{ BIND, ADDR(0, "::1", 7) },
	{ BIND, ADDR(1, "::1", 1000) },
	{ SET, 1, IPPROTO_UDP, 103, 4, 0 },
	{ SEND, 1, 7, 10, 0, "::1" },
	{ RECV, 0, 100, 0, 0, 0 },
	{ RECV, 0, 100, 0, 0, 0 },
	{ RECV, 0, 100, 0, 0, 0 },
	{ RECV, 0, 100, 0, 0, 0 },
	{ SEND, 1, 7, 4, 0, "::1" },
	{ RECV, 0, 100, 0, 0, 0 },
	{ SEND, 1, 7, 600, 0, "::1" },
	{ SET, 0, IPPROTO_UDP, 104, 1, 0 },
	{ SEND, 1, 7, 10, 0, "::1" },
	{ RECV, 0, 100, 0, 0, 0 },
	{ SEND, 1, 7, 8, 0, "::1" },
	{ RECV, 0, 100, 0, 0, 0 },
	{ SEND, 1, 7, 10, 0, "::1" },
	{ SEND, 1, 7, 2, 0, "::1" }, /* no part of what ended before */
	{ RECV, 0, 100, 0, 0, 0 },
	{ RECV, 0, 100, 0, 0, 0 },
	{ SEND, 1, 7, 4, 0, "::1" },
	{ RECV, 0, 100, 0, 0, 0 },
	{ SET, 0, I6, IPV6_RECVORIGDSTADDR, 1, 0 },
	{ SET, 0, I6, IPV6_RECVFRAGSIZE, 1, 0 },
	{ SEND, 1, 7, 3, 0, "::1" },
	{ RECV, 0, 100, 0, 0, 0 },
	{ 0 },
};

/* Each int option of a level: as it is at first; then what it says to values, and is then. */
#define OPTION(level, name)                                                                        \
	{ GET, 0, level, name, 0, 0 }, { SET, 0, level, name, 1, 0 },                              \
		{ GET, 0, level, name, 0, 0 }, { SET, 0, level, name, 0, 0 },                      \
		{ GET, 0, level, name, 0, 0 }, { SET, 0, level, name, -1, 0 },                     \
		{ GET, 0, level, name, 0, 0 }, { SET, 0, level, name, 300, 0 },                    \
		{ GET, 0, level, name, 0, 0 },                                                     \
	{                                                                                          \
		SETN, 0, level, name, 1, 0                                                         \
	}

static const struct row options[] = {
	{ OPEN, 0, U, 0, 0, 0 },
	OPTION(SOL_SOCKET, SO_REUSEADDR),
	OPTION(SOL_SOCKET, SO_REUSEPORT),
	OPTION(SOL_SOCKET, SO_BROADCAST),
	OPTION(SOL_SOCKET, SO_KEEPALIVE),
	OPTION(SOL_SOCKET, SO_DONTROUTE),
	OPTION(SOL_SOCKET, SO_TIMESTAMP),
	OPTION(SOL_SOCKET, SO_TIMESTAMPNS),
	OPTION(SOL_SOCKET, SO_RCVLOWAT),
	OPTION(SOL_SOCKET, SO_TYPE),
	OPTION(SOL_SOCKET, SO_ERROR),
	OPTION(SOL_SOCKET, SO_DOMAIN),
	OPTION(SOL_SOCKET, SO_PROTOCOL),
	OPTION(SOL_SOCKET, SO_ACCEPTCONN),
	OPTION(SOL_SOCKET, 9999),
	{ GET, 0, SOL_SOCKET, SO_RCVBUF, 0, 0 },
	{ SET, 0, SOL_SOCKET, SO_RCVBUF, 10000, 0 },
	{ GET, 0, SOL_SOCKET, SO_RCVBUF, 0, 0 },
	{ SET, 0, SOL_SOCKET, SO_RCVBUF, 1, 0 },
	{ GET, 0, SOL_SOCKET, SO_RCVBUF, 0, 0 },
	{ GET, 0, SOL_SOCKET, SO_SNDBUF, 0, 0 },
	{ SET, 0, SOL_SOCKET, SO_SNDBUF, 10000, 0 },
	{ GET, 0, SOL_SOCKET, SO_SNDBUF, 0, 0 },
	{ SET, 0, SOL_SOCKET, SO_SNDBUF, 1, 0 },
	{ GET, 0, SOL_SOCKET, SO_SNDBUF, 0, 0 },
	OPTION(I6, IPV6_V6ONLY),
	OPTION(I6, IPV6_RECVPKTINFO),
	OPTION(I6, IPV6_RECVHOPLIMIT),
	OPTION(I6, IPV6_RECVTCLASS),
	OPTION(I6, IPV6_RECVRTHDR),
	OPTION(I6, IPV6_RECVHOPOPTS),
	OPTION(I6, IPV6_RECVDSTOPTS),
	OPTION(I6, IPV6_RECVPATHMTU),
	OPTION(I6, IPV6_RECVERR),
	OPTION(I6, IPV6_DONTFRAG),
	OPTION(I6, IPV6_UNICAST_HOPS),
	OPTION(I6, IPV6_MULTICAST_HOPS),
	OPTION(I6, IPV6_MULTICAST_LOOP),
	OPTION(I6, IPV6_MULTICAST_ALL),
	OPTION(I6, IPV6_TCLASS),
	OPTION(I6, IPV6_MTU_DISCOVER),
	OPTION(I6, IPV6_MINHOPCOUNT),
	OPTION(I6, IPV6_FREEBIND),
	OPTION(I6, IPV6_CHECKSUM),
	OPTION(I6, IPV6_HDRINCL),
	OPTION(I6, IPV6_RECVORIGDSTADDR),
	OPTION(I6, IPV6_RECVFRAGSIZE),
	OPTION(IPPROTO_UDP, 103),
	OPTION(IPPROTO_UDP, 104),
	OPTION(SOL_SOCKET, SO_LOCK_FILTER),
	OPTION(I6, 250),
	{ SET, 0, I6, IPV6_MULTICAST_IF, 1, 0 },
	{ GET, 0, I6, IPV6_MULTICAST_IF, 0, 0 },
	{ SET, 0, I6, IPV6_MULTICAST_IF, 77, 0 },
	{ SET, 0, I6, IPV6_MULTICAST_IF, -1, 0 },
	{ SET, 0, I6, IPV6_MULTICAST_IF, 0, 0 },
	{ GET, 0, I6, IPV6_MULTICAST_IF, 0, 0 },
	{ GET, 0, I6, IPV6_ADDR_PREFERENCES, 0, 0 },
	{ SET, 0, I6, IPV6_ADDR_PREFERENCES, 1, 0 },
	{ GET, 0, I6, IPV6_ADDR_PREFERENCES, 0, 0 },
	{ SET, 0, I6, IPV6_ADDR_PREFERENCES, 3, 0 },
	{ SET, 0, I6, IPV6_ADDR_PREFERENCES, 4, 0 },
	{ GET, 0, I6, IPV6_ADDR_PREFERENCES, 0, 0 },
	{ SET, 0, I6, IPV6_ADDR_PREFERENCES, 0x404, 0 },
	{ SET, 0, I6, IPV6_ADDR_PREFERENCES, 0x100, 0 },
	{ GET, 0, I6, IPV6_ADDR_PREFERENCES, 0, 0 },
	{ SET, 0, I6, IPV6_ADDR_PREFERENCES, 0x400, 0 },
	{ GET, 0, I6, IPV6_ADDR_PREFERENCES, 0, 0 },
	{ GET, 0, I6, IPV6_MTU, 0, 0 },
	{ SET, 0, I6, IPV6_MTU, 1279, 0 },
	{ SET, 0, I6, IPV6_MTU, 1280, 0 },
	{ GET, 0, I6, IPV6_PATHMTU, 0, 0 },
	{ CONN, ADDR(0, "::1", 7) },
	{ GET, 0, I6, IPV6_MTU, 0, 0 },
	{ GET, 0, I6, IPV6_UNICAST_HOPS, 0, 0 },
	{ SET, 0, I6, IPV6_V6ONLY, 1, 0 },
	{ GET, 0, IPPROTO_UDP, 1, 0, 0 },
	{ SET, 0, IPPROTO_UDP, 1, 0, 0 },
	{ SET, 0, IPPROTO_UDP, 101, 0, 0 },
	{ GET, 0, IPPROTO_UDP, 103, 0, 0 },
	{ SET, 0, IPPROTO_UDP, 104, 1, 0 },
	{ SETN, 0, IPPROTO_UDP, 104, 2, 0 },
	{ SET, 0, IPPROTO_UDP, 250, 0, 0 },
	{ GET, 0, IPPROTO_TCP, 1, 0, 0 },
	{ SET, 0, IPPROTO_TCP, 1, 1, 0 },
	{ SET, 0, IPPROTO_ICMPV6, 1, 1, 0 },
	{ SETN, 0, I6, IPV6_PKTINFO, 4, 0 },
	{ SETN, 0, I6, IPV6_PKTINFO, 20, 0 },
	{ SETN, 0, I6, IPV6_RTHDR, 0, 0 },
	{ SETN, 0, I6, IPV6_RTHDR, 8, 0 },
	{ SETN, 0, I6, IPV6_HOPOPTS, 7, 0 },
	{ SETN, 0, I6, IPV6_HOPOPTS, 8, 0 },
	{ SETN, 0, I6, IPV6_DSTOPTS, 16, 0 },
	{ SETN, 0, I6, IPV6_DSTOPTS, 0, 0 },
	{ OPEN, 1, SOCK_RAW, 253, 0, 0 },
	{ GET, 1, I6, IPV6_CHECKSUM, 0, 0 },
	{ SET, 1, I6, IPV6_CHECKSUM, 3, 0 },
	{ SET, 1, I6, IPV6_CHECKSUM, 4, 0 },
	{ GET, 1, I6, IPV6_CHECKSUM, 0, 0 },
	{ SET, 1, I6, IPV6_CHECKSUM, -5, 0 },
	{ GET, 1, I6, IPV6_CHECKSUM, 0, 0 },
	{ SET, 1, IPPROTO_ICMPV6, 1, 0, 0 },
	{ OPEN, 1, SOCK_RAW, IPPROTO_ICMPV6, 0, 0 },
	{ GET, 1, I6, IPV6_CHECKSUM, 0, 0 },
	{ SET, 1, I6, IPV6_CHECKSUM, 4, 0 },
	{ SETN, 1, IPPROTO_ICMPV6, 1, 32, 0 },
	{ SETN, 1, IPPROTO_ICMPV6, 2, 32, 0 },
	{ 0 },
};

static const struct row groups[] = {
	{ OPEN, 0, U, 0, 0, 0 },
	{ JOIN, 0, IPV6_LEAVE_GROUP, 1, 0, "ff15::1" },
	{ JOIN, 0, IPV6_JOIN_GROUP, 1, 0, "2001:db8::1" },
	{ JOIN, 0, IPV6_JOIN_GROUP, 77, 0, "ff15::1" },
	{ JOIN, 0, IPV6_JOIN_GROUP, 1, 0, "ff15::1" },
	{ JOIN, 0, IPV6_JOIN_GROUP, 1, 0, "ff15::1" },
	{ JOIN, 0, IPV6_LEAVE_GROUP, 0, 0, "ff15::1" },
	{ JOIN, 0, IPV6_LEAVE_GROUP, 1, 0, "ff15::1" },
	{ JOIN, 0, IPV6_JOIN_ANYCAST, 1, 0, "::1" },
	{ JOIN, 0, IPV6_JOIN_ANYCAST, 1, 0, "ff15::1" },
	{ JOIN, 0, IPV6_JOIN_ANYCAST, 1, 0, "2001:db8::1" },
	{ JOIN, 0, IPV6_LEAVE_ANYCAST, 1, 0, "2001:db8::1" },
	{ SETN, 0, I6, IPV6_JOIN_GROUP, 19, 0 },
	{ SETN, 0, I6, MCAST_JOIN_GROUP, 100, 0 },
	{ SETN, 0, I6, MCAST_JOIN_GROUP, 136, 0 },
	{ SETN, 0, I6, MCAST_JOIN_SOURCE_GROUP, 263, 0 },
	{ SETN, 0, I6, MCAST_JOIN_SOURCE_GROUP, 264, 0 },
	{ SETN, 0, I6, MCAST_MSFILTER, 20, 0 },
	{ SETN, 0, I6, MCAST_MSFILTER, 144, 0 },
	{ 0 },
};

static const struct row raw_ones[] = {
	{ OPEN, 0, SOCK_RAW, 253, 0, 0 },
	{ OPEN, 1, SOCK_RAW, 253, 0, 0 },
	{ NAME, 0, 0, 0, 0, 0 },
	{ BIND, ADDR(0, "2001:db8::1", 0) },
	{ BIND, ADDR(0, "::1", 0) },
	{ NAME, 0, 0, 0, 0, 0 },
	{ SEND, 1, 0, 5, 0, "::1" },
	{ SEND, 1, 253, 4, 0, "::1" },
	{ SEND, 1, 252, 3, 0, "::1" },
	{ RECV, 0, 10, 0, 0, 0 },
	{ RECV, 0, 10, 0, 0, 0 },
	{ RECV, 0, 10, 0, 0, 0 },
	{ RECV, 1, 10, 0, 0, 0 },
	{ SET, 1, I6, IPV6_CHECKSUM, 4, 0 },
	{ SEND, 1, 0, 5, 0, "::1" },
	{ SEND, 1, 0, 6, 0, "::1" },
	{ RECV, 0, 10, 0, 0, 0 },
	{ SEND, 1, 0, 5, 0, 0 },
	{ CONN, ADDR(1, "::1", 0) },
	{ SEND, 1, 0, 8, 0, 0 },
	{ RECV, 0, 10, 0, 0, 0 },
	{ PEER, 1, 0, 0, 0, 0 },
	{ OPEN, 2, U, IPPROTO_ICMPV6, 0, 0 },
	{ BIND, ADDR(2, "::1", 77) },
	{ NAME, 2, 0, 0, 0, 0 },
	{ SEND, 2, 0, 7, 0, "::1" },
	{ SEND, 2, 0, 12, 128, "::1" },
	{ RECV, 2, 20, 0, 0, 0 },
	{ RECV, 2, 20, 0, 0, 0 },
	{ SEND, 2, 0, 12, 129, "::1" },
	{ OPEN, 3, SOCK_RAW, IPPROTO_ICMPV6, 0, 0 },
	{ SEND, 2, 0, 12, 128, "::1" },
	{ RECV, 3, 20, 0, 0, 0 },
	{ RECV, 3, 20, 0, 0, 0 },
	{ RECV, 3, 20, 0, 0, 0 },
	{ 0 },
};

/* RFC 3493 sections 3.7 and 5.3: who may bind what beside whom, in both orders. */
#define BESIDE(first, only1, second, only2, opt)                                                   \
	{ OPEN, 0, U, 0, 0, 0 }, { OPEN, 1, U, 0, 0, 0 }, { OPEN4, 2, U, 0, 0, 0 },                \
		{ SET, 0, SOL_SOCKET, opt, 1, 0 }, { SET, 1, SOL_SOCKET, opt, 1, 0 },              \
		{ SET, 2, SOL_SOCKET, opt, 1, 0 }, { SET, 0, I6, IPV6_V6ONLY, only1, 0 },          \
		{ SET, 1, I6, IPV6_V6ONLY, only2, 0 }, { BIND, ADDR(0, first, 7) },                \
	{                                                                                          \
		BIND, ADDR(1, second, 7)                                                           \
	}
#define BESIDE4(first, only1, second, opt)                                                         \
	BESIDE(first, only1, "::1", 0, opt), { BIND, ADDR(2, second, 7) },                         \
		{ OPEN, 1, U, 0, 0, 0 }, { OPEN, 0, U, 0, 0, 0 }, { OPEN4, 2, U, 0, 0, 0 },        \
		{ SET, 2, SOL_SOCKET, opt, 1, 0 }, { SET, 0, SOL_SOCKET, opt, 1, 0 },              \
		{ SET, 0, I6, IPV6_V6ONLY, only1, 0 }, { BIND, ADDR(2, second, 7) },               \
	{                                                                                          \
		BIND, ADDR(0, first, 7)                                                            \
	}
#define BESIDES(opt)                                                                               \
	BESIDE("::", 0, "::ffff:127.0.0.1", 0, opt), BESIDE("::", 1, "::ffff:127.0.0.1", 0, opt),  \
		BESIDE("::", 0, "::ffff:0.0.0.0", 0, opt),                                         \
		BESIDE("::", 1, "::ffff:0.0.0.0", 0, opt), BESIDE("::", 0, "::", 1, opt),          \
		BESIDE("::1", 0, "::ffff:0.0.0.0", 0, opt),                                        \
		BESIDE("::ffff:127.0.0.1", 0, "::ffff:127.0.0.1", 0, opt),                         \
		BESIDE("::ffff:127.0.0.1", 0, "::ffff:127.0.0.2", 0, opt),                         \
		BESIDE4("::", 0, "0.0.0.0", opt), BESIDE4("::", 1, "0.0.0.0", opt),                \
		BESIDE4("::", 0, "127.0.0.1", opt), BESIDE4("::", 1, "127.0.0.1", opt),            \
		BESIDE4("::1", 0, "0.0.0.0", opt),                                                 \
		BESIDE4("::ffff:127.0.0.1", 0, "127.0.0.1", opt),                                  \
		BESIDE4("::ffff:0.0.0.0", 0, "127.0.0.1", opt)

static const struct row beside[] = {
	BESIDES(SO_KEEPALIVE), /* neither */
	BESIDES(SO_REUSEADDR),
	BESIDES(SO_REUSEPORT),
	{ 0 },
};

#define I4 IPPROTO_IP

static const struct row ip4[] = {
	{ OPEN4, 0, U, 0, 0, 0 },
	{ GET, 0, SOL_SOCKET, SO_DOMAIN, 0, 0 },
	{ GET, 0, SOL_SOCKET, SO_PROTOCOL, 0, 0 },
	{ NAME, 0, 0, 0, 0, 0 },
	{ PEER, 0, 0, 0, 0, 0 },
	{ SHORT, 0, 15, AF_INET, 0, 0 },
	{ SHORT, 0, 28, AF_INET6, 0, 0 },
	{ BIND, ADDR(0, "::", 7) },
	{ BIND, ADDR(0, "192.0.2.1", 7) },
	{ BIND, ADDR(0, "127.0.0.1", 7) },
	{ BIND, ADDR(0, "127.0.0.1", 8) },
	{ NAME, 0, 0, 0, 0, 0 },
	{ OPEN4, 1, U, 0, 0, 0 },
	{ BIND, ADDR(1, "127.3.2.1", 1000) },
	{ NAME, 1, 0, 0, 0, 0 },
	{ CONN, ADDR(1, "192.0.2.1", 7) },
	{ CONN, ADDR(1, "::1", 7) },
	{ SEND, 1, 7, 3, 0, "192.0.2.1" },
	{ SEND, 1, 0, 3, 0, "127.0.0.1" },
	{ SEND, 1, 0, 3, 0, 0 },
	{ SET, 0, I4, IP_PKTINFO, 1, 0 },
	{ SET, 0, I4, IP_RECVTTL, 1, 0 },
	{ SET, 0, I4, IP_RECVTOS, 1, 0 },
	{ SET, 1, I4, IP_TTL, 9, 0 },
	{ SET, 1, I4, IP_TOS, 0xb8, 0 },
	{ SEND, 1, 7, 5, 0, "127.0.0.1" },
	{ POLL, 0, 0, 0, 0, 0 },
	{ RECV, 0, 3, MSG_PEEK, 0, 0 },
	{ RECV, 0, 30, 0, 0, 0 },
	{ SEND, 1, 7, 65507, 0, "127.0.0.1" },
	{ SEND, 1, 7, 65508, 0, "127.0.0.1" },
	{ RECV, 0, 1, 0, 0, 0 },
	{ CONN, ADDR(1, "127.0.0.1", 7) },
	{ NAME, 1, 0, 0, 0, 0 },
	{ PEER, 1, 0, 0, 0, 0 },
	{ SEND, 1, 0, 1, 0, 0 },
	{ RECV, 0, 1, 0, 0, 0 },
	{ CONN, 1, 0, 0, 0, 0 },
	{ PEER, 1, 0, 0, 0, 0 },
	{ CONN, ADDR(1, "127.0.0.1", 99) },
	{ SEND, 1, 0, 1, 0, 0 },
	{ POLL, 1, 0, 0, 0, 0 },
	{ RECV, 1, 1, 0, 0, 0 },
	{ RECV, 1, 1, 0, 0, 0 },
	{ SET, 1, I4, IP_RECVERR, 1, 0 },
	{ SEND, 1, 0, 6, 0, 0 },
	{ POLL, 1, 0, 0, 0, 0 },
	{ RECV, 1, 10, MSG_ERRQUEUE, 0, 0 },
	{ RECV, 1, 10, MSG_ERRQUEUE, 0, 0 },
	{ GET, 1, SOL_SOCKET, SO_ERROR, 0, 0 },
	/* a socket of both families */
	{ OPEN, 2, U, 0, 0, 0 },
	{ BIND, ADDR(2, "::", 70) },
	{ OPEN4, 3, U, 0, 0, 0 },
	{ BIND, ADDR(3, "127.0.0.1", 71) },
	{ SEND, 3, 70, 4, 0, "127.0.0.1" },
	{ RECV, 2, 10, 0, 0, 0 },
	{ SEND, 2, 71, 4, 0, "::ffff:127.0.0.1" },
	{ RECV, 3, 10, 0, 0, 0 },
	{ SEND, 2, 71, 4, 0, "127.0.0.1" },
	{ RECV, 3, 10, 0, 0, 0 },
	{ CONN, ADDR(2, "::ffff:127.0.0.1", 71) },
	{ NAME, 2, 0, 0, 0, 0 },
	{ PEER, 2, 0, 0, 0, 0 },
	{ OPEN, 2, U, 0, 0, 0 },
	{ SET, 2, I6, IPV6_V6ONLY, 1, 0 },
	{ SEND, 2, 71, 4, 0, "::ffff:127.0.0.1" },
	{ SEND, 2, 71, 4, 0, "127.0.0.1" },
	{ CONN, ADDR(2, "::ffff:127.0.0.1", 71) },
	{ CONN, ADDR(2, "127.0.0.1", 71) },
	{ 0 },
};

static const struct row ip4_options[] = {
	{ OPEN4, 0, U, 0, 0, 0 },
	OPTION(I4, IP_PKTINFO),
	OPTION(I4, IP_RECVTTL),
	OPTION(I4, IP_RECVTOS),
	OPTION(I4, IP_RECVERR),
	OPTION(I4, IP_FREEBIND),
	OPTION(I4, IP_TTL),
	OPTION(I4, IP_TOS),
	OPTION(I4, IP_MTU_DISCOVER),
	OPTION(I4, IP_MINTTL),
	OPTION(I4, IP_MULTICAST_TTL),
	OPTION(I4, IP_MULTICAST_LOOP),
	OPTION(I4, IP_MULTICAST_ALL),
	OPTION(I4, IP_BIND_ADDRESS_NO_PORT),
	{ GET, 0, I4, IP_MTU, 0, 0 },
	{ CONN, ADDR(0, "127.0.0.1", 7) },
	{ GET, 0, I4, IP_MTU, 0, 0 },
	{ GET, 0, I4, IP_MULTICAST_IF, 0, 0 },
	{ SETN, 0, I4, IP_MULTICAST_IF, 4, 0 },
	{ SETN, 0, I4, IP_MULTICAST_IF, 3, 0 },
	{ SETN, 0, I4, IP_ADD_MEMBERSHIP, 8, 0 },
	{ SETN, 0, I4, IP_ADD_MEMBERSHIP, 7, 0 },
	{ GET, 0, I4, 250, 0, 0 },
	{ GET, 0, I6, IPV6_V6ONLY, 0, 0 },
	{ SET, 0, I6, IPV6_V6ONLY, 1, 0 },
	{ OPEN, 1, U, 0, 0, 0 },
	{ GET, 1, I4, IP_TTL, 0, 0 },
	{ SET, 1, I4, IP_TTL, 7, 0 },
	{ GET, 1, I4, IP_TTL, 0, 0 },
	{ GET, 1, I6, IPV6_UNICAST_HOPS, 0, 0 },
	{ 0 },
};

static const struct row ip4_raw[] = {
	{ OPEN4, 0, SOCK_RAW, 253, 0, 0 },
	{ OPEN4, 1, SOCK_RAW, 253, 0, 0 },
	{ OPEN, 2, SOCK_RAW, 253, 0, 0 },
	{ NAME, 0, 0, 0, 0, 0 },
	{ SEND, 1, 0, 5, 0, "127.0.0.1" },
	{ RECV, 0, 0, MSG_TRUNC, 0, 0 },
	{ RECV, 2, 30, 0, 0, 0 },
	{ SEND, 2, 0, 5, 0, "::1" },
	{ RECV, 0, 30, 0, 0, 0 },
	{ GET, 0, I4, IP_HDRINCL, 0, 0 },
	{ OPEN4, 2, SOCK_RAW, IPPROTO_RAW, 0, 0 },
	{ GET, 2, I4, IP_HDRINCL, 0, 0 },
	{ SETN, 2, SOL_RAW, 1, 4, 0 },
	{ OPEN4, 2, SOCK_RAW, IPPROTO_ICMP, 0, 0 },
	{ SETN, 2, SOL_RAW, 1, 4, 0 },
	{ OPEN4, 3, U, IPPROTO_ICMPV6, 0, 0 },
	{ OPEN4, 3, U, IPPROTO_ICMP, 0, 0 },
	{ BIND, ADDR(3, "127.0.0.1", 77) },
	{ NAME, 3, 0, 0, 0, 0 },
	{ SEND, 3, 0, 7, 8, "127.0.0.1" },
	{ SEND, 3, 0, 12, 8, "127.0.0.1" },
	{ RECV, 3, 20, 0, 0, 0 },
	{ SEND, 3, 0, 12, 0xff, "127.0.0.1" },
	{ 0 },
};

/* Of multicast routing; there is no interface that could take part. */
static const struct row mroutes[] = {
	{ OPEN, 0, U, 0, 0, 0 },
	{ SET, 0, I6, MRT6_INIT, 1, 0 },
	{ GET, 0, I6, MRT6_VERSION, 0, 0 },
	{ OPEN, 0, SOCK_RAW, 253, 0, 0 },
	{ SET, 0, I6, MRT6_INIT, 1, 0 },
	{ OPEN, 0, SOCK_RAW, IPPROTO_ICMPV6, 0, 0 },
	{ OPEN, 1, SOCK_RAW, IPPROTO_ICMPV6, 0, 0 },
	{ GET, 0, I6, MRT6_VERSION, 0, 0 },
	{ GET, 0, I6, MRT6_INIT, 0, 0 },
	{ SET, 0, I6, MRT6_VERSION, 1, 0 },
	{ SET, 0, I6, MRT6_DONE, 1, 0 },
	{ SETN, 0, I6, MRT6_INIT, 3, 0 },
	{ SET, 0, I6, MRT6_TABLE, 254, 0 },
	{ SET, 0, I6, MRT6_TABLE, -1, 0 },
	{ SETN, 0, I6, MRT6_TABLE, 3, 0 },
	{ SET, 0, I6, MRT6_INIT, 1, 0 },
	{ SET, 0, I6, MRT6_INIT, 1, 0 },
	{ SET, 1, I6, MRT6_INIT, 1, 0 },
	{ SET, 1, I6, MRT6_DONE, 1, 0 },
	{ SET, 0, I6, MRT6_TABLE, 254, 0 },
	{ SETN, 0, I6, MRT6_ADD_MIF, 11, 0 },
	{ SETN, 0, I6, MRT6_ADD_MIF, 12, 0 },
	{ SETN, 0, I6, MRT6_DEL_MIF, 1, 0 },
	{ SETN, 0, I6, MRT6_DEL_MIF, 2, 0 },
	{ SETN, 0, I6, MRT6_ADD_MFC, 91, 0 },
	{ SETN, 0, I6, MRT6_DEL_MFC, 91, 0 },
	{ SETN, 0, I6, MRT6_DEL_MFC, 92, 0 },
	{ SETN, 0, I6, MRT6_DEL_MFC_PROXY, 92, 0 },
	{ SETN, 0, I6, MRT6_FLUSH, 3, 0 },
	{ SET, 0, I6, MRT6_FLUSH, 15, 0 },
	OPTION(I6, MRT6_ASSERT),
	OPTION(I6, MRT6_PIM),
	{ GET, 0, I6, MRT6_ASSERT, 0, 0 },
	{ SET, 1, I6, MRT6_ASSERT, 1, 0 },
	{ GET, 0, I6, MRT6_ASSERT, 0, 0 },
	{ SET, 0, I6, MRT6_DONE, 1, 0 },
	{ SET, 0, I6, MRT6_DONE, 1, 0 },
	{ SET, 1, I6, MRT6_INIT, 1, 0 },
	{ GET, 1, I6, MRT6_ASSERT, 0, 0 },
	{ 0 },
};

static const struct {
	const char *name;
	const struct row *row;
} scripts[] = {
	{ "beside", beside },
	{ "ip4", ip4 },
	{ "ip4_options", ip4_options },
	{ "ip4_raw", ip4_raw },
	{ "opening", opening },
	{ "binding", binding },
	{ "connecting", connecting },
	{ "talking", talking },
	{ "options", options },
	{ "segments", segments },
	{ "groups", groups },
	{ "raw", raw_ones },
	{ "multicast routing", mroutes },
};

/*
 * Who is asked. Calls return what they return, or the negative errno.
 */
struct side {
	struct bed *bed; /* NULL: the kernel */
	struct sock *s[SOCKETS];
	int fd[SOCKETS];
	bool open[SOCKETS];
	char *text;
	size_t n;
};

static int err(long rc)
{
	return rc < 0 ? -errno : (int)rc;
}

__attribute__((format(printf, 2, 3))) static void say(struct side *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	x->n += (size_t)vsnprintf(x->text + x->n, TEXT_MAX - x->n, fmt, ap);
	va_end(ap);
	if (x->n >= TEXT_MAX)
		abort();
}

static void shut(struct side *x, unsigned i)
{
	if (x->open[i] && x->bed != NULL)
		sock_close(x->s[i]);
	else if (x->open[i])
		close(x->fd[i]);
	x->open[i] = false;
}

static void do_open(struct side *x, const struct row *r)
{
	int rc, family = r->op == OPEN4 ? AF_INET : AF_INET6;

	shut(x, r->s);
	if (x->bed != NULL)
		rc = sock_open(&x->bed->node->socks, family, r->a, r->b, &x->s[r->s]);
	else
		rc = x->fd[r->s] = err(socket(family, r->a | SOCK_NONBLOCK, r->b));
	x->open[r->s] = rc >= 0;
	say(x, "%d", rc < 0 ? rc : 0);
}

static struct sockaddr_in6 addr_of(const char *text, int port)
{
	struct sockaddr_in6 a = { .sin6_family = text != NULL ? AF_INET6 : AF_UNSPEC };
	char buf[64];
	char *zone;

	if (text == NULL)
		return a;
	if (strchr(text, ':') == NULL) {
		struct sockaddr_in sin = { .sin_family = AF_INET,
					   .sin_port = htons((uint16_t)port) };

		if (inet_pton(AF_INET, text, &sin.sin_addr) != 1)
			abort();
		memcpy(&a, &sin, sizeof(sin));
		return a;
	}
	snprintf(buf, sizeof(buf), "%s", text);
	zone = strchr(buf, '%');
	if (zone != NULL) {
		*zone = '\0';
		a.sin6_scope_id = (uint32_t)strtoul(zone + 1, NULL, 10);
	}
	if (inet_pton(AF_INET6, buf, &a.sin6_addr) != 1)
		abort();
	a.sin6_port = htons((uint16_t)port);
	return a;
}

static socklen_t octets_of(const struct sockaddr_in6 *a)
{
	return a->sin6_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(*a);
}

static int call_bind(struct side *x, unsigned i, const struct sockaddr_in6 *a, socklen_t len)
{
	return x->bed != NULL ? sock_bind(x->s[i], (const struct sockaddr *)a, len)
			      : err(bind(x->fd[i], (const struct sockaddr *)a, len));
}

static int call_connect(struct side *x, unsigned i, const struct sockaddr_in6 *a)
{
	return x->bed != NULL ? sock_connect(x->s[i], (const struct sockaddr *)a, octets_of(a))
			      : err(connect(x->fd[i], (const struct sockaddr *)a, octets_of(a)));
}

/* A port that nobody asked for is the same on no two systems. */
static void say_addr(struct side *x, const struct sockaddr_in6 *a)
{
	char text[INET6_ADDRSTRLEN];
	unsigned port = ntohs(a->sin6_port);

	if (a->sin6_family == AF_INET) {
		inet_ntop(AF_INET, (const uint8_t *)a + 4, text, sizeof(text));
		say(x, " %s:%d", text, port >= 32768 ? -1 : (int)port);
		return;
	}
	inet_ntop(AF_INET6, &a->sin6_addr, text, sizeof(text));
	if (a->sin6_family != AF_INET6)
		say(x, " family %d", a->sin6_family);
	else
		say(x, " [%s%%%u]:%d", text, a->sin6_scope_id, port >= 32768 ? -1 : (int)port);
}

static void do_name(struct side *x, const struct row *r, bool peer)
{
	struct sockaddr_in6 a = { 0 };
	socklen_t len = sizeof(a);
	struct sockaddr *to = (struct sockaddr *)&a;
	int rc;

	if (x->bed != NULL)
		rc = peer ? sock_getpeername(x->s[r->s], to, &len)
			  : sock_getsockname(x->s[r->s], to, &len);
	else
		rc = err(peer ? getpeername(x->fd[r->s], to, &len)
			      : getsockname(x->fd[r->s], to, &len));
	say(x, "%d", rc);
	if (rc == 0)
		say_addr(x, &a);
}

/* r->a is the port, r->b octets, r->c the first of them. */
static void do_send(struct side *x, const struct row *r)
{
	static uint8_t data[70000];
	struct sockaddr_in6 a = addr_of(r->text, r->a);
	struct iovec iov = { data, (size_t)r->b };
	struct msghdr msg = { .msg_name = r->text != NULL ? &a : NULL,
			      .msg_namelen = r->text != NULL ? octets_of(&a) : 0,
			      .msg_iov = &iov,
			      .msg_iovlen = 1 };
	int rc;

	for (int i = 0; i < r->b; i++)
		data[i] = (uint8_t)('a' + i % 26);
	if (r->c != 0) {
		memset(data, 0, 8);
		data[0] = (uint8_t)r->c;
	}
	if (x->bed != NULL) {
		rc = (int)sock_sendmsg(x->s[r->s], &msg, 0);
		node_settle(x->bed->node, x->bed->now);
	} else {
		rc = err(sendmsg(x->fd[r->s], &msg, 0));
	}
	say(x, "%d", rc);
}

/* The flow label is each system's own; the rest of it is the class. */
static void say_cmsg(struct side *x, const struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	     c = CMSG_NXTHDR((struct msghdr *)(uintptr_t)msg, c)) {
		bool flow = c->cmsg_level == I6 && c->cmsg_type == FLOWINFO;

		say(x, " %d/%d", c->cmsg_level, c->cmsg_type);
		for (size_t i = 0; i < (flow ? 1 : c->cmsg_len - CMSG_LEN(0)); i++)
			say(x, "%c%02x", i == 0 ? ':' : ' ', CMSG_DATA(c)[i]);
	}
}

static void do_recv(struct side *x, const struct row *r)
{
	uint8_t control[1024] __attribute__((aligned(8))) = { 0 }, data[100] = { 0 };
	struct sockaddr_in6 from = { 0 };
	struct iovec iov = { data, (size_t)r->a };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int rc = x->bed != NULL ? (int)sock_recvmsg(x->s[r->s], &msg, r->b)
				: err(recvmsg(x->fd[r->s], &msg, r->b));

	say(x, "%d", rc);
	if (rc < 0)
		return;
	say(x, " flags %x", (unsigned)msg.msg_flags);
	say_addr(x, &from);
	say_cmsg(x, &msg);
	/* a checksum is in octets 2 and 3 of ICMPv6 */
	for (int i = 0; i < rc && i < r->a; i++)
		say(x, "%c%02x", i == 0 ? '|' : ' ', data[i]);
}

static int call_set(struct side *x, unsigned i, int level, int name, const void *p, socklen_t n)
{
	return x->bed != NULL ? sock_setsockopt(x->s[i], level, name, p, n)
			      : err(setsockopt(x->fd[i], level, name, p, n));
}

static void do_get(struct side *x, const struct row *r)
{
	uint8_t buf[64] = { 0 };
	socklen_t len = sizeof(int);
	int rc = x->bed != NULL ? sock_getsockopt(x->s[r->s], r->a, r->b, buf, &len)
				: err(getsockopt(x->fd[r->s], r->a, r->b, buf, &len));
	int v;

	memcpy(&v, buf, sizeof(v));
	say(x, "%d", rc);
	if (rc == 0)
		say(x, " %u: %d", len, v);
}

static void do_join(struct side *x, const struct row *r)
{
	struct ipv6_mreq m = { .ipv6mr_multiaddr = addr_of(r->text, 0).sin6_addr,
			       .ipv6mr_interface = (unsigned)r->b };

	say(x, "%d", call_set(x, r->s, I6, r->a, &m, sizeof(m)));
}

static void do_poll(struct side *x, const struct row *r)
{
	struct pollfd p = { .fd = x->fd[r->s],
			    .events = POLLIN | POLLOUT | POLLRDHUP | POLLRDNORM | POLLWRNORM |
				      POLLWRBAND };

	if (x->bed != NULL) {
		say(x, "%x", sock_poll(x->s[r->s]));
		return;
	}
	(void)poll(&p, 1, 0);
	say(x, "%x", (unsigned)p.revents);
}

static void do_row(struct side *x, const struct row *r)
{
	static const uint8_t zeros[512];
	struct sockaddr_in6 a = addr_of(r->text, r->a);

	switch (r->op) {
	case OPEN:
	case OPEN4:
		do_open(x, r);
		break;
	case BIND:
		say(x, "%d", call_bind(x, r->s, &a, octets_of(&a)));
		break;
	case CONN:
		say(x, "%d", call_connect(x, r->s, &a));
		break;
	case SEND:
		do_send(x, r);
		break;
	case RECV:
		do_recv(x, r);
		break;
	case SET:
		say(x, "%d", call_set(x, r->s, r->a, r->b, &r->c, sizeof(r->c)));
		break;
	case SETN:
		say(x, "%d", call_set(x, r->s, r->a, r->b, zeros, (socklen_t)r->c));
		break;
	case GET:
		do_get(x, r);
		break;
	case NAME:
		do_name(x, r, false);
		break;
	case PEER:
		do_name(x, r, true);
		break;
	case SHUT:
		say(x, "%d",
		    x->bed != NULL ? sock_shutdown(x->s[r->s], r->a)
				   : err(shutdown(x->fd[r->s], r->a)));
		break;
	case POLL:
		do_poll(x, r);
		break;
	case SHORT:
		a.sin6_family = (sa_family_t)r->b;
		say(x, "%d", call_bind(x, r->s, &a, (socklen_t)r->a));
		break;
	case JOIN:
		do_join(x, r);
		break;
	case END:
		break;
	}
}

static void play(struct side *x)
{
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		for (const struct row *r = scripts[i].row; r->op != END; r++) {
			say(x, "%s row %u: ", scripts[i].name, (unsigned)(r - scripts[i].row));
			if (r->op == OPEN || r->op == OPEN4 || x->open[r->s])
				do_row(x, r);
			say(x, "\n");
		}
		for (unsigned k = 0; k < SOCKETS; k++)
			shut(x, k);
	}
}

/*
 * The kernel's side.
 */
static bool put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool own_namespace(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING };
	char map[64];
	unsigned uid = getuid(), gid = getgid();
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (!put_file("/proc/self/uid_map", map))
		return false;
	(void)put_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", gid);
	if (!put_file("/proc/self/gid_map", map) ||
	    !put_file("/proc/sys/net/ipv4/ping_group_range", "0 0"))
		return false;
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "lo");
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		return false;
	close(fd);
	return true;
}

static _Noreturn void child(int out)
{
	struct side k = { .text = calloc(1, TEXT_MAX) };
	size_t at = 0;

	if (k.text == NULL || !own_namespace())
		_exit(77);
	play(&k);
	while (at < k.n) {
		ssize_t n = write(out, k.text + at, k.n - at);

		if (n <= 0)
			_exit(1);
		at += (size_t)n;
	}
	_exit(0);
}

static int kernel_says(char *text)
{
	size_t n = 0;
	int fd[2], status = 0;
	ssize_t k;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(fd[0]);
		child(fd[1]);
	}
	close(fd[1]);
	while (n < TEXT_MAX - 1 && (k = read(fd[0], text + n, TEXT_MAX - 1 - n)) > 0)
		n += (size_t)k;
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* All that differs is shown, not only the first. */
static unsigned differences(char *ours, char *kernels)
{
	char *sa, *sb, *a = strtok_r(ours, "\n", &sa), *b = strtok_r(kernels, "\n", &sb);
	unsigned n = 0;

	for (; a != NULL && b != NULL; a = strtok_r(NULL, "\n", &sa), b = strtok_r(NULL, "\n", &sb))
		if (strcmp(a, b) != 0) {
			print_message("# node:   %s\n# kernel: %s\n", a, b);
			n++;
		}
	return n + (a != NULL || b != NULL);
}

static void compare(struct side *x, char *kernels, int rc)
{
	struct bed b;

	assert_int_equal(rc, 0);
	bed_init(&b, 0);
	x->bed = &b;
	play(x);
	bed_done(&b);
	assert_true(x->n > 1000);
	assert_int_equal(differences(x->text, kernels), 0);
}

static void same_words(void **state)
{
	struct side x = { .text = calloc(1, TEXT_MAX) };
	char *kernels = calloc(1, TEXT_MAX);
	int rc;

	(void)state;
	assert_non_null(x.text);
	assert_non_null(kernels);
	rc = kernel_says(kernels);
	if (rc == 77)
		print_message("# no user and network namespace can be made here\n");
	else
		compare(&x, kernels, rc);
	free(x.text);
	free(kernels);
	if (rc == 77)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same_words) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
