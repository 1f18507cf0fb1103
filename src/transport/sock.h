/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets of a node: what RFC 3493, RFC 3542, RFC 3678 and RFC 5014 describe, with the numbers, the
 * structures and the errno values of Linux, so that both code inside the program and the request of
 * another process find what they know.
 *
 * Nothing blocks: what cannot be done now is -EAGAIN, and who waits is told by sock_on_ready(). The
 * owner is called from socks_run(), at the end of a step, never from within a call of his own; there he
 * may do whatever he likes, closing any socket included. After a call that sends, node_settle() is due.
 *
 *	sock_open(&node->socks, AF_INET6, SOCK_DGRAM, 0, &s);
 *	sock_bind(s, &addr, sizeof(addr));
 *	sock_on_ready(s, fn, ctx);		fn calls sock_recvmsg() until -EAGAIN
 *	sock_close(s);
 */
#ifndef INABA_TRANSPORT_SOCK_H
#define INABA_TRANSPORT_SOCK_H

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#include "ip6/ip6.h"
#include "mld/mld.h"
#include "nd/nd.h"

#define SOCKS_MAX	    4096
#define SOCKS_QUEUED_MAX    (64u << 20) /* octets of buffers in the queues of all sockets */
#define SOCK_PORT_FIRST	    32768	/* ports that are given out; as Linux does it */
#define SOCK_PORT_LAST	    60999
#define SOCK_BUF_DEFAULT    212992
#define SOCK_BUF_MAX	    212992 /* that may be asked for; twice of it is given */
#define SOCK_RCVBUF_MIN	    2304
#define SOCK_BACKLOG_MAX    4096
#define SOCK_SNDBUF_MIN	    4608
#define SOCK_GROUPS_MAX	    64 /* memberships of one socket */
#define SOCK_SOURCES_MAX    64 /* of one membership */
#define SOCK_FILTER_WORDS   8
#define SOCK_HDR_OCTETS_MAX 2040 /* of a header that goes with each packet */

struct bpf;
struct sock;
struct sock_kind;
struct sock_more;
struct tcp_stack;

struct sock_conf {
	uint32_t max;	     /* sockets */
	uint32_t queued_max; /* octets */
	uint16_t port_first, port_last;
	uint32_t backlog_max;	    /* of listen() */
	int rcvbuf, sndbuf;	    /* of new sockets */
	int rcvbuf_max, sndbuf_max; /* that may be asked for; twice of it is given */
	bool v6only, nonlocal_bind; /* of new sockets; bind() to addresses of others */
};

/* One per node. */
struct socks {
	struct ip6 *ip6; /* borrowed, as the others */
	struct mld *mld;
	struct nd *nd;
	struct tcp_stack *tcp; /* NULL: no streams */
	struct sock_conf conf;
	time_ns wall;	       /* what the wall clock is ahead of the node's, for SO_TIMESTAMP */
	struct sock_opts *opt; /* of new sockets, shared; NULL: none was opened yet */
	struct list all;
	struct list ready;		/* to be told by socks_run() */
	struct htab ports;		/* by protocol and port */
	struct sock *mroute;		/* whose is multicast routing (MRT6_INIT), or NULL */
	bool mroute_assert, mroute_pim; /* MRT6_ASSERT, MRT6_PIM */
	uint32_t n, n_raw;
	uint32_t queued;
	uint64_t serial;
};

/* A header that goes with each packet. */
struct sock_hdr {
	uint16_t octets; /* 0: none */
	uint8_t *p;
};

enum sock_hdr_place { SOCK_HBH, SOCK_DST0, SOCK_RTHDR, SOCK_DST1, SOCK_HDRS };

/* Those of IPPROTO_IP. */
struct sock_opts4 {
	bool recvpktinfo, recvttl, recvtos, recverr, mcast_loop, mcast_all, no_port;
	int ttl, mcast_ttl; /* ttl -1: what IPv4 begins with */
	int tos, mtu_discover, min_ttl;
	uint32_t mcast_if;
	struct in_addr mcast_from; /* IP_MULTICAST_IF by address */
};

/* What getsockopt() tells; names as there. Flags are of one octet: the tables in opt*.c point at them. */
struct sock_opts {
	uint32_t refs; /* more than 1: shared, and not to be changed */
	bool reuseaddr, reuseport, broadcast, keepalive, dontroute, timestamp, timestampns;
	bool oldpktinfo, oldhoplimit; /* as RFC 2292 had them: tracepath asks so */
	bool v6only, recvpktinfo, recvhoplimit, recvtclass, recvrthdr, recvhopopts, recvdstopts;
	bool recvpathmtu, recverr, flowinfo, flowinfo_send, freebind, transparent, mcast_loop;
	bool mcast_all, dontfrag, autoflowlabel, hdrincl, recvorigdst, recvfragsize, gro;
	int rcvbuf, sndbuf, rcvlowat, priority, mark;
	int hops, mcast_hops; /* -1: the interface's */
	int tclass, mtu_discover, mtu, use_min_mtu, min_hops;
	uint32_t mcast_if, unicast_if, prefer;
	uint16_t gso; /* UDP_SEGMENT: octets of a datagram; 0: what is sent is one */
	struct in6_pktinfo pktinfo;
	struct timeval rcvtimeo, sndtimeo; /* for whoever waits on behalf of a program */
	struct linger linger;
	struct sock_hdr hdr[SOCK_HDRS];
	struct sock_opts4 ip4;
	int csum_off;			    /* IPV6_CHECKSUM; -1: none */
	uint32_t filter[SOCK_FILTER_WORDS]; /* ICMP6_FILTER: a bit set is a type not wanted */
};

typedef void sock_ready_fn(void *ctx, struct sock *s);

/*
 * A socket. @addr is what packets must be for, and what they are sent from: given by bind(), or found
 * by connect(); unspecified is any. ::ffff:0.0.0.0 is any of IPv4, which a socket of
 * AF_INET begins with.
 */
struct sock {
	struct socks *of;
	const struct sock_kind *kind;
	struct hnode node; /* in socks.ports, while port is not 0 */
	struct ip6_addr addr, peer;
	uint16_t port, peer_port; /* of raw sockets: 0 */
	uint32_t device;	  /* ifindex; 0: any */
	int family;		  /* AF_INET: its addresses are mapped ones all the same */
	int protocol;
	uint32_t peer_flow;
	bool addr_given, port_given; /* by bind() */
	bool connected;
	uint8_t shut;	 /* SOCK_SHUT_* */
	uint8_t plain;	 /* SOCK_PLAIN_*, by sock_judge() */
	int err;	 /* positive, for SO_ERROR */
	uint32_t queued; /* octets of buffers in rx and more->errors */
	uint32_t pid;	 /* whose it was first; and of a program's descriptor, 0: none */
	uint64_t inode;
	struct pktq rx;
	const struct sock_opts *opt; /* changed by opt_mut() only */
	struct sock_more *more;	     /* NULL: all of it is empty */
	void *own;		     /* the kind's */
	struct list on;		     /* in socks.all */
	struct list on_ready;
	uint64_t serial; /* grows with each bind(): of equals, the younger is preferred */
	sock_ready_fn *ready;
	void *ctx;
};

/* There may be a million of them, and most do nothing: see also the size of struct tcp. */
_Static_assert(sizeof(struct sock) <= 216, "what nearly no socket needs is in struct sock_more");

#define SOCK_SHUT_RD 1
#define SOCK_SHUT_WR 2

/* What the way of a datagram need not ask, because nothing has been asked for. */
#define SOCK_PLAIN_OUT 1 /* to the peer it goes with nothing but the headers of IPv6 and UDP */
#define SOCK_PLAIN_IN  2 /* no filter, no ancillary data, nothing that is joined */

/* What few sockets need: sock_more(). */
struct sock_more {
	struct pktq errors;
	struct ip6_mtuinfo path_mtu; /* to be told; ip6m_mtu of 0: nothing */
	struct list groups;	     /* struct sock_group */
	struct list anycasts;
	unsigned n_groups;
	bool filter_locked;
	struct bpf *filter; /* SO_ATTACH_FILTER; NULL: none */
};

/*
 * One per protocol. What is NULL is -EOPNOTSUPP. The datagram kinds share nearly all of it; TCP has its
 * own. A kind's functions are called with arguments that sock.c has not looked at, unless it says so.
 */
struct sock_kind {
	int type, protocol; /* of socket(2); protocol 0: any */
	int family;	    /* 0: both */
	bool has_ports;
	uint8_t hdr_octets; /* of the upper layer, that a reader does not see */
	int (*open)(struct sock *s);
	void (*done)(struct sock *s);
	int (*connect)(struct sock *s, const struct sockaddr *addr, socklen_t len);
	int (*listen)(struct sock *s, int backlog);
	int (*accept)(struct sock *s, struct sock **ret);
	ssize_t (*sendmsg)(struct sock *s, const struct msghdr *msg, int flags);
	ssize_t (*recvmsg)(struct sock *s, struct msghdr *msg, int flags);
	int (*shutdown)(struct sock *s, int how);
	unsigned (*poll)(const struct sock *s);
	/* its own address, or the peer's; NULL: as in struct sock */
	int (*name)(const struct sock *s, bool peer, struct sockaddr_in6 *ret);
	/* levels that only it knows; -ENOPROTOOPT: not even it */
	int (*setsockopt)(struct sock *s, int level, int name, const void *val, socklen_t len);
	int (*getsockopt)(struct sock *s, int level, int name, void *val, socklen_t *len);
};

/*
 * For programs.
 */

/**
 * sock_open() - socket(2).
 * @type:	SOCK_STREAM, SOCK_DGRAM or SOCK_RAW; SOCK_NONBLOCK and SOCK_CLOEXEC may be set and change nothing.
 *
 * Return: 0; -EAFNOSUPPORT, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -EINVAL, -ENFILE, -ENOMEM.
 */
int sock_open(struct socks *socks, int family, int type, int protocol, struct sock **ret);

/** sock_close() - It is gone, with what waits in it; its owner is told nothing any more. */
void sock_close(struct sock *s);

/**
 * sock_on_ready() - Who is told when data or an error arrives, or is there already; @fn of NULL: nobody.
 * It is told once for all that came since; who does not read it all calls this again.
 */
void sock_on_ready(struct sock *s, sock_ready_fn *fn, void *ctx);

/** sock_bind() - RFC 3493 section 3.2. Return: 0; -EINVAL, -EAFNOSUPPORT, -EADDRNOTAVAIL,
 * -EADDRINUSE, -ENODEV. */
int sock_bind(struct sock *s, const struct sockaddr *addr, socklen_t len);

/** sock_connect() - AF_UNSPEC undoes it. Return: 0, or as bind and as ip6_output(). */
int sock_connect(struct sock *s, const struct sockaddr *addr, socklen_t len);

/** sock_listen(), sock_accept() - For kinds with connections; else -EOPNOTSUPP. */
int sock_listen(struct sock *s, int backlog);
int sock_accept(struct sock *s, struct sock **ret);

/*
 * A flag of sock_sendmsg(): the program was told long ago that this is sent. An error that is pending is for
 * its next call.
 */
#define SOCK_SEND_LATE MSG_SYN

/**
 * sock_sendmsg() - RFC 3542 sections 4 to 11: ancillary data for this one packet.
 *
 * Return: octets sent; -EDESTADDRREQ, -EMSGSIZE, -EPIPE, -ENETUNREACH, -EINVAL, -ENODEV, -ENOBUFS, or the
 * error that was pending.
 */
ssize_t sock_sendmsg(struct sock *s, const struct msghdr *msg, int flags);

/**
 * sock_recvmsg() - MSG_PEEK, MSG_TRUNC and MSG_ERRQUEUE; msg_flags, msg_namelen, msg_controllen are set.
 * Return: octets; -EAGAIN, also when it was shut for reading (who waits sees POLLRDHUP), or the error that
 * was pending.
 */
ssize_t sock_recvmsg(struct sock *s, struct msghdr *msg, int flags);

/** sock_shutdown() - @how: SHUT_RD, SHUT_WR, SHUT_RDWR. Return: 0, -EINVAL, -ENOTCONN. */
int sock_shutdown(struct sock *s, int how);

int sock_getsockname(const struct sock *s, struct sockaddr *addr, socklen_t *len);
int sock_getpeername(const struct sock *s, struct sockaddr *addr, socklen_t *len);

/** sock_setsockopt(), sock_getsockopt() - The table is in doc/sockets.md. @len: in and out, as there. */
int sock_setsockopt(struct sock *s, int level, int name, const void *val, socklen_t len);
int sock_getsockopt(struct sock *s, int level, int name, void *val, socklen_t *len);

/** sock_poll() - POLLIN, POLLOUT, POLLERR ... as poll(2) has them; those that hold now. */
unsigned sock_poll(const struct sock *s);

/*
 * For the node.
 */

void socks_init(struct socks *socks, struct ip6 *ip6, struct mld *mld, struct nd *nd,
		struct tcp_stack *tcp);

/** socks_done() - Close all that are open. */
void socks_done(struct socks *socks);

/** socks_if_gone() - The interface is deleted: memberships there are over. */
void socks_if_gone(struct socks *socks, uint32_t ifindex);

/**
 * socks_error() - An ICMPv6 error arrived, as icmp6_input() passed it on (ICMP6_TO_ERROR).
 *
 * Return: was it about a packet of a socket? Raw ones do not count: what they send may be anybody's. @pkt
 * is the caller's still.
 */
bool socks_error(struct socks *socks, const struct pkt *pkt);

/**
 * raw_error() - The same for raw sockets, who hear of it first and take nothing from anybody. Return: has
 * one heard?
 */
bool raw_error(struct socks *socks, const struct pkt *pkt);

/** socks_run() - Tell the owners of the sockets that became ready. */
void socks_run(struct socks *socks);

static inline bool socks_has_work(const struct socks *socks)
{
	return !list_is_empty(&socks->ready);
}

#endif
