/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Netlink sockets of a node: what a program that runs on the node opens instead of the kernel's.
 *
 * Requests go in as datagrams, answers and notifications come out of a bounded queue; nothing
 * blocks and nothing is called back but "there is something to read". A process that serves
 * programs does, for each of their sockets:
 *
 *	nl_open(&node->nl, NETLINK_ROUTE, pid, admin, &s);
 *	nl_bind(s, 0, groups);		nl_setsockopt(s, SOL_NETLINK, ...);
 *	nl_send(s, bytes, n, NULL);	node_settle(node, now);
 *	while (nl_readable(s))
 *		nl_recv(s, buf, room, flags, &from);
 *	nl_close(s);
 *
 * What a request changes takes effect at once, but packets that follow from it leave only with the
 * next node_settle(): call it after nl_send(). Times that are told, and that lifetimes begin at, are
 * those of the node's last step: who was idle calls node_run(node, now) before.
 */
#ifndef INABA_NETLINK_NL_H
#define INABA_NETLINK_NL_H

#include <sys/types.h>

#include <linux/netlink.h>

#include "nd/nd.h"

#define NL_SOCKS_MAX	1024
#define NL_REQUEST_MAX	65536	 /* octets of a datagram that is taken; -EMSGSIZE beyond */
#define NL_DGRAM_OCTETS 3776	 /* of an answer, unless larger ones have been read: a page less */
#define NL_DGRAM_MAX	32768	 /* octets of an answer at most */
#define NL_RCVBUF	212992	 /* octets that may wait, as Linux counts them */
#define NL_RCVBUF_MAX	16777216 /* and the most that one may ask for */
#define NL_GROUPS_MAX	64

struct nl_proto;
struct nl_req;

/* Interfaces that are nothing but the node's own: given by who puts the node together, or all NULL. */
struct nl_ifs {
	/** add() - As node_if_add(), but @link swallows what is sent there. */
	int (*add)(void *ctx, const char *name, const struct mac *mac, uint32_t mtu);
	/** tunnel() - The same for a tunnel; an MTU of 0 is the usual one. */
	int (*tunnel)(void *ctx, const char *name, const struct tunnel_conf *conf, uint32_t mtu);
	void *ctx;
};

/* All of a node. */
struct nl {
	struct nd *nd;
	struct socks *shown; /* sockets of the transports; NULL: none are shown */
	struct list socks;
	uint32_t n_socks;
	uint32_t next_port;
	uint32_t listeners[NL_GROUPS_MAX + 1]; /* of NETLINK_ROUTE, by group */
	uint64_t changes;		       /* counts while somebody dumps */
	uint32_t dumps;			       /* that run */
	struct nl_req *req;		       /* being served now, or NULL */
	bool if_went_down;		       /* a note for the node */
	uint64_t ifs_to_go; /* likewise: interfaces to take away; bit ifindex - 1 */
	struct nl_ifs ifs;
	struct list nexthops; /* by id: route_nexthop.c */
	uint32_t n_nexthops;
	bool routes_are_quiet; /* while those of a next hop's object follow it */
};

/* Where a datagram came from. */
struct nl_from {
	struct sockaddr_nl addr; /* to be told with sizeof(addr), 12 octets */
	uint32_t group;		 /* NETLINK_PKTINFO; 0: it was sent to this socket alone */
	int flags;		 /* MSG_TRUNC: the datagram was longer than the room for it */
};

struct nl_sock;

/** nl_init() - No sockets. @nd: borrowed until nl_done(). */
void nl_init(struct nl *nl, struct nd *nd);

/** nl_done() - Close what is open. */
void nl_done(struct nl *nl);

/**
 * nl_open() - A socket; SOCK_RAW and SOCK_DGRAM are the same thing.
 * @protocol:	NETLINK_ROUTE, NETLINK_SOCK_DIAG.
 * @port:	What the kernel would take first for a port id: the process's id. 0: none.
 * @admin:	May it change anything, or only ask?
 *
 * Return: 0, -EPROTONOSUPPORT, -ENFILE, -ENOMEM.
 */
int nl_open(struct nl *nl, int protocol, uint32_t port, bool admin, struct nl_sock **ret);

/** nl_close() - Forget it and all that waits; NULL is fine. */
void nl_close(struct nl_sock *s);

/**
 * nl_bind() - Take a port id, 0 for one of the node's choice, and join groups 1 to 32 by bit.
 *
 * Return: 0; -EADDRINUSE; -EINVAL (it has another one), -EPERM (a group of somebody with no rights).
 */
int nl_bind(struct nl_sock *s, uint32_t port, uint32_t groups);

/** nl_getsockname() - As bind() left it; port id 0 before the first bind or send. */
void nl_getsockname(const struct nl_sock *s, struct sockaddr_nl *ret);

/**
 * nl_setsockopt() - SOL_SOCKET: SO_SNDBUF, SO_RCVBUF and both with FORCE, SO_ATTACH_FILTER,
 * SO_DETACH_FILTER. SOL_NETLINK: memberships, NETLINK_EXT_ACK, NETLINK_CAP_ACK,
 * NETLINK_GET_STRICT_CHK, NETLINK_NO_ENOBUFS, NETLINK_BROADCAST_ERROR, NETLINK_PKTINFO.
 *
 * Return: 0; -ENOPROTOOPT, -EINVAL (too short, no such group, or no filter), -ENOENT, -ENOMEM.
 */
int nl_setsockopt(struct nl_sock *s, int level, int option, const void *value, size_t octets);

/** nl_getsockopt() - The same, and SO_TYPE's kin SO_PROTOCOL, SO_DOMAIN, SO_ERROR. @octets: in, out. */
int nl_getsockopt(struct nl_sock *s, int level, int option, void *value, size_t *octets);

/**
 * nl_send() - A datagram of requests; each is answered as its flags ask before this returns,
 * except for the later datagrams of a dump, which are made as the earlier are read.
 * @to:	NULL, or where to: only the kernel, port id 0, listens.
 *
 * A request that fails is no error here: it has an answer of its own, NLMSG_ERROR.
 *
 * Return: @octets; -EMSGSIZE, -ECONNREFUSED, -EPERM (to a group), -EINVAL (another family).
 */
ssize_t nl_send(struct nl_sock *s, const void *p, size_t octets, const struct sockaddr_nl *to);

/**
 * nl_recv() - The next datagram, cut to @room.
 * @buf:	May be NULL with no room.
 * @flags:	MSG_PEEK: it stays. MSG_TRUNC: return its whole length. Others are ignored.
 * @from:	Set on success; may be NULL.
 *
 * Return: octets; -EAGAIN when nothing waits; -ENOBUFS, once, when notifications were lost.
 */
ssize_t nl_recv(struct nl_sock *s, void *buf, size_t room, int flags, struct nl_from *from);

/** nl_readable() - Would nl_recv() return something else than -EAGAIN? */
bool nl_readable(const struct nl_sock *s);

/** nl_on_ready() - Call @fn when the socket becomes readable; it must not call the node or @s. */
void nl_on_ready(struct nl_sock *s, void (*fn)(void *ctx), void *ctx);

#endif
