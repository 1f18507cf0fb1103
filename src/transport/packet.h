/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet sockets of a node, as packet(7) has them: copies of the frames that its interfaces receive and
 * send, and frames of a program's own. With them go the filters of bpf(base/bpf.h).
 *
 * As with the sockets of sock.h nothing blocks, and owners are called at the end of a step. While no packet
 * socket is open, the node does nothing for them: the first one takes the tracer's place and hands on what
 * it is told.
 *
 * On the loopback interface there are the packets that the node sends to itself, with an Ethernet header of
 * zeros. Frames for other stations are seen while a membership asks for PACKET_MR_PROMISC there.
 */
#ifndef INABA_TRANSPORT_PACKET_H
#define INABA_TRANSPORT_PACKET_H

#include <linux/if_packet.h>

#include "transport/sock.h"

#define PACKET_SOCKS_MAX   64
#define PACKET_MREQS_MAX   32	       /* memberships of one socket */
#define PACKET_QUEUED_MAX  (16u << 20) /* octets of buffers that wait in all of them */
#define PACKET_BUF_DEFAULT SOCK_BUF_DEFAULT
#define PACKET_RESERVE_MAX 4096
#define PACKET_RING_MAX	   (32u << 20) /* octets of one ring */

struct packet_sock;

/* One per node. */
struct packets {
	struct socks *socks; /* borrowed: the node's interfaces and clock */
	struct tracer next;  /* who is told after us */
	struct list all, ready;
	unsigned n;
	uint32_t queued;	      /* octets of buffers */
	uint32_t promisc[IF_MAX + 1]; /* memberships by ifindex */
	uint32_t
		allmulti[IF_MAX + 1]; /* likewise: nothing is filtered, but programs see the flag */
	const struct packet_sock *sends; /* does not see what it sends */
};

typedef void packet_ready_fn(void *ctx);

void packets_init(struct packets *p, struct socks *socks);

/** packets_done() - Close all that are open. */
void packets_done(struct packets *p);

/** packets_trace() - Who watches the node; instead of setting its tracer. */
void packets_trace(struct packets *p, struct tracer tracer);

/** packets_if_gone() - The interface is deleted: who is bound to it gets -ENETDOWN once. */
void packets_if_gone(struct packets *p, uint32_t ifindex);

/** packets_run() - Tell the owners of the sockets that became ready. */
void packets_run(struct packets *p);

static inline bool packets_has_work(const struct packets *p)
{
	return !list_is_empty(&p->ready);
}

/**
 * packet_open() - socket(2) with AF_PACKET.
 * @type:	SOCK_RAW: frames; SOCK_DGRAM: what is behind the Ethernet header.
 * @protocol:	EtherType in network byte order, or 0: nothing is received until a bind(2) names one.
 *
 * Return: 0; -ESOCKTNOSUPPORT, -ENFILE, -ENOMEM.
 */
int packet_open(struct packets *p, int type, int protocol, struct packet_sock **ret);
void packet_close(struct packet_sock *s);

/** packet_on_ready() - Who is told when something arrives, or is there already; NULL: nobody. */
void packet_on_ready(struct packet_sock *s, packet_ready_fn *fn, void *ctx);

/** packet_bind() - To an interface (0: all) and an EtherType (0: as before). Return: 0, -EINVAL, -ENODEV. */
int packet_bind(struct packet_sock *s, const struct sockaddr *addr, socklen_t len);

/**
 * packet_sendmsg() - One frame, out by the interface of its address or of bind(2).
 *
 * Return: octets; -EINVAL, -ENXIO, -ENETDOWN, -EMSGSIZE, -ENOBUFS, -EOPNOTSUPP by loopback.
 */
ssize_t packet_sendmsg(struct packet_sock *s, const struct msghdr *msg, int flags);

/** packet_recvmsg() - MSG_PEEK, MSG_TRUNC. Return: octets; -EAGAIN, or the error that was pending. */
ssize_t packet_recvmsg(struct packet_sock *s, struct msghdr *msg, int flags);

int packet_getsockname(const struct packet_sock *s, struct sockaddr *addr, socklen_t *len);
int packet_setsockopt(struct packet_sock *s, int level, int name, const void *val, socklen_t len);
int packet_getsockopt(struct packet_sock *s, int level, int name, void *val, socklen_t *len);
unsigned packet_poll(const struct packet_sock *s);

/**
 * packet_ring_octets() - Of a ring (TPACKET_V2) as a program wants it; 0: it wants an end to its ring.
 * Return: 0, -EINVAL, -ENOMEM: more than there may be.
 */
int packet_ring_octets(const struct packet_sock *s, const struct tpacket_req *req, size_t *ret);

/**
 * packet_ring_set() - From now on frames go into a ring, and none waits for packet_recvmsg().
 * @req:	packet_ring_octets() has looked at it.
 * @mem:	So many octets, zero, shared with the program; borrowed until the socket is closed or this is
 *		called again. NULL: no ring any more.
 */
void packet_ring_set(struct packet_sock *s, const struct tpacket_req *req, void *mem);

/** packet_queued() - Octets of the next frame, for FIONREAD; 0: there is none. */
uint32_t packet_queued(const struct packet_sock *s);

#endif
