/* SPDX-License-Identifier: BSD-3-Clause */
/* A socket of a node's, of whichever kind, as those who serve programs see it. */
#ifndef INABA_HOST_END_H
#define INABA_HOST_END_H

#include <sys/socket.h>

#include "node/node.h"

struct end;

/* As the functions of their names in transport/sock.h; NULL: -EOPNOTSUPP. None blocks. */
struct end_ops {
	void (*close)(void *s);
	int (*bind)(void *s, const struct sockaddr *addr, socklen_t len);
	int (*connect)(void *s, const struct sockaddr *addr, socklen_t len);
	int (*listen)(void *s, int backlog);
	int (*accept)(void *s, struct end *ret);
	ssize_t (*sendmsg)(void *s, const struct msghdr *msg, int flags);
	ssize_t (*recvmsg)(void *s, struct msghdr *msg, int flags);
	int (*shutdown)(void *s, int how);
	int (*getsockname)(const void *s, struct sockaddr *addr, socklen_t *len);
	int (*getpeername)(const void *s, struct sockaddr *addr, socklen_t *len);
	int (*setsockopt)(void *s, int level, int name, const void *val, socklen_t len);
	int (*getsockopt)(void *s, int level, int name, void *val, socklen_t *len);
	/* of packet sockets: packet_ring_octets(), packet_ring_set() */
	int (*ring_octets)(const void *s, const struct tpacket_req *req, size_t *ret);
	void (*ring_set)(void *s, const struct tpacket_req *req, void *mem);
	unsigned (*poll)(const void *s);
	/* what it is to the program: for who shows sockets */
	void (*owner)(void *s, uint64_t inode, uint32_t pid);
	/* end_ready(@ctx), a struct end_waiter, when poll() may say something else; from within the node's steps */
	void (*on_ready)(void *s, void *ctx);
	bool in_one_piece; /* messages have one struct iovec */
};

/* Who waits; lives in its owner's object. */
struct end_waiter {
	void (*fn)(struct end_waiter *w);
};

struct end {
	const struct end_ops *ops;
	void *s;
};

/** end_ready() - What end_ops.on_ready calls: @ctx is a struct end_waiter. */
void end_ready(void *ctx);

/**
 * end_open() - socket(2) on a node.
 * @pid:	Of the program: its first netlink socket has it for a port id.
 *
 * Return: 0 or a negative errno.
 */
int end_open(struct node *n, int family, int type, int protocol, uint32_t pid, struct end *ret);

#endif
