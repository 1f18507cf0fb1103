/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the files of this folder only. */
#ifndef INABA_TRANSPORT_PART_H
#define INABA_TRANSPORT_PART_H

#include <time.h> /* for the next */

#include <linux/errqueue.h>

#include "base/wr.h"
#include "transport/sock.h"

/* Linux has them, but in a header that does not go together with the C library's. */
#define IPV6_FLOWINFO	   11
#define IPV6_FLOWINFO_SEND 33
#define IPV6_FLOWLABEL_MGR 32

#define SIN6_LEN_MIN 24 /* RFC 2133 had no sin6_scope_id, and Linux still takes that */

extern const struct sock_kind udp_kind, raw_kind, icmp_kind, icmp4_kind, tcp_kind;

/** mrt4_is() - Is that one of MRT_*, of a raw IGMP socket? mrt4.c. */
bool mrt4_is(const struct sock *s, int level, int name);
int mrt4_setsockopt(int name, socklen_t len);

static inline struct env *sock_env(const struct sock *s)
{
	return s->of->ip6->env;
}

static inline struct ip6_addr addr_of_in6(const struct in6_addr *a)
{
	struct ip6_addr ret;

	memcpy(ret.b, a->s6_addr, sizeof(ret.b));
	return ret;
}

static inline struct in6_addr in6_of_addr(const struct ip6_addr *a)
{
	struct in6_addr ret;

	memcpy(ret.s6_addr, a->b, sizeof(ret.s6_addr));
	return ret;
}

/** needs_zone() - Does it mean nothing without its link? As Linux has it: groups, too. */
static inline bool needs_zone(const struct ip6_addr *a)
{
	return ip6_is_linklocal(a) || (ip6_is_mcast(a) && ip6_scope(a) <= SCOPE_LINK);
}

/** sock_any() - What a socket that was bound to nothing is bound to. */
static inline struct ip6_addr sock_any(const struct sock *s)
{
	return s->family == AF_INET ? MAPPED_ANY : IP6_UNSPEC;
}

/*
 * sock_ip4.c
 */

/**
 * sin_to_sin6() - What a program said in a struct sockaddr_in, as a mapped address; AF_UNSPEC stays so.
 *
 * Return: 0; -EINVAL (too short), -EAFNOSUPPORT.
 */
int sin_to_sin6(const void *addr, socklen_t len, struct sockaddr_in6 *ret);

/** name_put() - @sin6 as the programs of @s know addresses, cut to @room. Return: its octets. */
socklen_t sock_name_put(const struct sock *s, void *to, socklen_t room,
			const struct sockaddr_in6 *sin6);

/** sock_may_speak() - Can @s have to do with @dst, by its family and address? 0, -ENETUNREACH, -EACCES. */
int sock_may_speak(const struct sock *s, const struct ip6_addr *dst);

/** sock_is_broadcast4() - Of any of our links. */
bool sock_is_broadcast4(const struct sock *s, const struct ip6_addr *addr);

/** sock_may_bind4() - Any, an address of ours, a group, a broadcast; or IP_FREEBIND. */
bool sock_may_bind4(const struct sock *s, const struct ip6_addr *addr);

/** sin6_of() - @zone counts only where the address needs it. */
struct sockaddr_in6 sin6_of(const struct ip6_addr *addr, uint16_t port, uint32_t zone);

/** sin6_take() - Copy what a program gave; what is not there is zero. */
struct sockaddr_in6 sin6_take(const void *addr, socklen_t len);

/** sock_judge() - Set s->plain anew: options, an end or a filter may be others than before. */
void sock_judge(struct sock *s);

/** sock_more() - What few sockets have, made when it is not there. Return: NULL: no memory. */
struct sock_more *sock_more(struct sock *s);

/** sock_wake() - Something arrived: note it for socks_run(). */
void sock_wake(struct sock *s);

/*
 * sock_table.c
 */

/** sock_port_take() - Enter @s under @port, or under any if 0. Return: 0, -EADDRINUSE, -EAGAIN, -ENOMEM. */
int sock_port_take(struct sock *s, uint16_t port);

/** sock_port_drop() - No port any more. */
void sock_port_drop(struct sock *s);

/* Where a packet is from and for, as a socket sees it. */
struct sock_flow {
	struct ip6_addr local, remote;
	uint16_t lport, rport;
	uint32_t ifindex;
	int protocol;
};

/** sock_find() - The socket that fits best; NULL: none does. */
struct sock *sock_find(const struct socks *socks, const struct sock_flow *f);

/** sock_fits() - Would it take this packet? More than 0, and the more the better; -1: no. */
int sock_fits(const struct sock *s, const struct sock_flow *f);

/** sock_port_first(), sock_port_next() - The sockets of a port, in no order. */
struct sock *sock_port_first(const struct socks *socks, int protocol, uint16_t port);
struct sock *sock_port_next(struct sock *s);

/*
 * sock_in.c
 */

/** sock_queue() - @pkt, from its IPv6 header, is for @s. Given; dropped if there is no room. */
void sock_queue(struct sock *s, struct pkt *pkt);

/** sock_purge() - Forget what waits in @q, one of the socket's. */
void sock_purge(struct sock *s, struct pktq *q);

/** sock_purge_errors() - The same of its errors, if it has any. */
void sock_purge_errors(struct sock *s);

/* Linux's numbers; <netinet/udp.h> has them, with a struct over the wire. */
#define UDP_SEGMENT 103
#define UDP_GRO	    104

ssize_t dgram_recvmsg(struct sock *s, struct msghdr *msg, int flags);
unsigned dgram_poll(const struct sock *s);

/** msg_copy_out() - To the iov; tells how much was copied, and MSG_TRUNC if that is not all. */
size_t msg_copy_out(struct msghdr *msg, const uint8_t *p, size_t n);

/** msg_name_out() - @msg's name, if it wants one. */
void msg_name_out(const struct sock *s, struct msghdr *msg, socklen_t room,
		  const struct sockaddr_in6 *sin6);

/*
 * sock_error.c
 */

/** sock_errqueue_read() - The oldest error, for MSG_ERRQUEUE. */
ssize_t sock_errqueue_read(struct sock *s, struct msghdr *msg);

/** sock_local_error() - A packet to @dst was larger than @mtu and may not be fragmented. */
void sock_local_error(struct sock *s, const struct ip6_addr *dst, uint16_t port, uint32_t zone,
		      uint32_t mtu);

/** sock_tell_mtu() - IPV6_RECVPATHMTU (RFC 3542 section 11.3). */
void sock_tell_mtu(struct sock *s, const struct ip6_addr *dst, uint16_t port, uint32_t zone,
		   uint32_t mtu);

/** sock_error_take() - The pending error as negative errno, which is over then; 0: none. */
int sock_error_take(struct sock *s);

/*
 * sock_out.c
 */

/* All that the way out of one packet depends on. */
struct sock_out {
	struct ip6_addr src, dst; /* src unspecified: to be chosen. dst: the last */
	uint16_t port;
	uint32_t oif, flow;
	int hops, tclass;
	bool hops_given, dontfrag;
	struct rd hdr[SOCK_HDRS];
	const struct iovec *iov;
	size_t n_iov, skip, octets; /* of the program's data: from skip on so many */
	uint16_t gso;		    /* UDP_SEGMENT */
};

/** sock_out_begin() - Destination, ancillary data, source. Return: 0, or as sock_sendmsg(). */
int sock_out_begin(struct sock *s, const struct msghdr *msg, int flags, struct sock_out *o);

/**
 * sock_out_packet() - The packet with its IPv6 and extension headers, and, at l4_off, @hdr octets for the
 * upper layer's header, then the program's data.
 *
 * Return: 0; -EMSGSIZE, -ENOBUFS.
 */
int sock_out_packet(struct sock *s, const struct sock_out *o, uint8_t proto, uint32_t hdr,
		    struct pkt **ret);

/** sock_out_send() - On its way. Given. Return: 0, or as ip6_output(). */
int sock_out_send(struct sock *s, const struct sock_out *o, struct pkt *pkt);

/** sock_first_zone() - Of a destination that needs one, and nobody said which; 0: none. */
uint32_t sock_first_zone(const struct socks *socks);

/** sock_mtu_to() - Octets that a packet to @dst may have. */
uint32_t sock_mtu_to(const struct sock *s, const struct ip6_addr *dst, uint32_t oif);

/** dgram_connect(), dgram_shutdown() - Of the kinds without connections. */
int dgram_connect(struct sock *s, const struct sockaddr *addr, socklen_t len);
int dgram_shutdown(struct sock *s, int how);

#endif
