/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets and connections for those who show them: /proc/net, NETLINK_SOCK_DIAG, inaba top, metrics. */
#ifndef INABA_TRANSPORT_SOCK_VIEW_H
#define INABA_TRANSPORT_SOCK_VIEW_H

#include "transport/sock.h"
#include "transport/tcp.h"

/* States by the numbers of Linux. */
enum view_state {
	VIEW_ESTABLISHED = 1,
	VIEW_SYN_SENT,
	VIEW_SYN_RECV,
	VIEW_FIN_WAIT_1,
	VIEW_FIN_WAIT_2,
	VIEW_TIME_WAIT,
	VIEW_CLOSE,
	VIEW_CLOSE_WAIT,
	VIEW_LAST_ACK,
	VIEW_LISTEN,
	VIEW_CLOSING,
	VIEW_STATES
};

/* Which of a connection's timers comes next; numbers of Linux's, too. */
enum view_timer { VIEW_NO_TIMER, VIEW_RETRANSMIT, VIEW_KEEPALIVE, VIEW_WAIT, VIEW_PERSIST };

struct sock_view {
	uint8_t family, protocol, type; /* AF_INET: of IPv4, the addresses are mapped; SOCK_... */
	uint8_t state;			/* enum view_state */
	uint8_t timer, retrans;		/* enum view_timer; how often it went off */
	time_ns timer_left;
	struct tcp_end local, remote;
	uint32_t rqueue, wqueue; /* octets; of a listener: connections that wait, and may wait */
	uint32_t pid;		 /* of the program that opened it, 0: nobody's */
	uint64_t inode, cookie;	 /* of its descriptor; the same as long as it is there */
	const struct sock *s;	 /* NULL: of none, or of one that has been closed */
	const struct tcp *tc;	 /* NULL: no connection */
};

/**
 * sock_views() - Call @fn for each socket that has an end, and for each connection.
 * @protocol:	Of these only; 0: of all.
 * @fn:		Changes nothing; false ends it.
 */
void sock_views(const struct socks *socks, int protocol,
		bool (*fn)(void *ctx, const struct sock_view *v), void *ctx);

/** view_state_name() - As ss(8) has it: "ESTAB". */
const char *view_state_name(enum view_state s);

/**
 * sock_destroy() - End a connection as if its owner had aborted it; who has it open is told
 * ECONNABORTED. node_settle() is due.
 */
void sock_destroy(const struct sock_view *v);

/** sock_of_tcp() - The stream socket that a connection is of, or NULL. */
const struct sock *sock_of_tcp(const struct tcp *tc);

/** sock_of_listener() - Likewise. */
const struct sock *sock_of_listener(const struct tcp_listener *l);

#endif
