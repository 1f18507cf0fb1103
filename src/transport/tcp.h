/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP (RFC 9293) of one node, for whoever sits on it: sockets, programs inside a world.
 *
 * Nothing here blocks or sleeps. A connection is asked what it is ready for (tcp_poll()) and tells
 * its owner by a callback when that may have changed. After calls on connections the node must be
 * settled (node_settle()), which sends what follows from them; callbacks come from there, too.
 *
 * Who owns what: a connection is its owner's from tcp_connect() or tcp_accept() to tcp_close() or
 * tcp_abort(), whatever happens to it on the wire. After tcp_close() it lives on without an owner
 * until the protocol is through with it.
 *
 * Also: RFC 7323 (window scale, timestamps, PAWS), RFC 2018 and 6675 (SACK), RFC 8985 (RACK-TLP),
 * RFC 5681, 6582 and 9438 (congestion control), RFC 6298 (retransmission timer), RFC 6928 (initial
 * window), RFC 5961 (blind attacks), RFC 6528 (initial sequence numbers), RFC 6056 (ports), RFC
 * 3168 (ECN), RFC 6191 (TIME-WAIT), RFC 4987 (SYN cookies).
 */
#ifndef INABA_TRANSPORT_TCP_H
#define INABA_TRANSPORT_TCP_H

#include "ip6/ip6.h"

struct tcp;
struct tcp_listener;

/* RFC 9293 section 3.3.2. What a listener is has an object of its own. */
enum tcp_state {
	TCP_CLOSED,	  /* nothing more is sent or taken; the owner may still read and ask */
	TCP_SYN_SENT,	  /* we asked */
	TCP_SYN_RECEIVED, /* both asked, our SYN is not acknowledged yet */
	TCP_ESTABLISHED,  /* data both ways */
	TCP_FIN_WAIT_1,	  /* we ended our side, not acknowledged yet */
	TCP_FIN_WAIT_2,	  /* and now it is; the peer may still send */
	TCP_CLOSE_WAIT,	  /* the peer ended its side; we may still send */
	TCP_CLOSING,	  /* both ended at once; our FIN is not acknowledged yet */
	TCP_LAST_ACK,	  /* both ended, the peer first; our FIN is not acknowledged yet */
	TCP_TIME_WAIT,	  /* both ended; old segments may still come */
	TCP_NUM_STATES
};

const char *tcp_state_name(enum tcp_state s);

/* What a connection is ready for: tcp_poll(). */
#define TCP_READABLE 0x01 /* tcp_recv() returns something: octets, the end, or an error */
#define TCP_WRITABLE 0x02 /* tcp_send() would take at least an octet, or fail */
#define TCP_HUNG_UP  0x04 /* the peer ended its side */
#define TCP_FAILED   0x08 /* tcp_error_of() tells why */
#define TCP_URGENT   0x10 /* urgent data is before us (RFC 9293 section 3.8.5) */
#define TCP_GONE     0x20 /* both sides are through */

/* Congestion control, behind which there are two. */
struct tcp_cc;
extern const struct tcp_cc TCP_NEWRENO; /* RFC 5681, RFC 6582 */
extern const struct tcp_cc TCP_CUBIC;	/* RFC 9438 */

const char *tcp_cc_name(const struct tcp_cc *cc);

/*
 * Options of a connection; a listener's go to its connections. May be changed at any time but
 * where said.
 */
struct tcp_opts {
	uint32_t sndbuf, rcvbuf; /* octets; rcvbuf: the window scale stays as it was agreed */
	const struct tcp_cc *cc; /* before connecting */
	time_ns keep_idle, keep_interval;
	time_ns user_timeout; /* data unacknowledged for so long; 0: the usual (3.9.1.1) */
	uint16_t mss; /* largest we say and send; 0: what the link allows; before connecting */
	uint8_t keep_count;
	uint8_t tclass;	   /* traffic class, without the two bits of ECN */
	uint8_t hop_limit; /* 0: the interface's */
	bool nodelay;	   /* no Nagle algorithm */
	bool keepalive;
	bool ecn, sack, timestamps, wscale; /* offer it; before connecting */
};

struct tcp_conf {
	uint32_t conns_max;	/* connections, TIME-WAIT included */
	uint32_t listeners_max; /* listeners */
	uint32_t time_wait_max; /* of the connections; beyond, the oldest goes */
	uint32_t half_open_max; /* of one listener; beyond, SYN cookies */
	uint64_t mem_max;	/* octets in all buffers */
	time_ns rto_min;
	time_ns msl;
	uint16_t port_first, port_last; /* ephemeral ports */
	struct tcp_opts opts;		/* of new connections */
};

extern const struct tcp_conf TCP_CONF_DEFAULT;

struct tcp_counters {
	uint64_t in_segs, out_segs, retrans_segs, active_opens, passive_opens, accepted;
	uint64_t resets_sent, resets_taken, cookies_sent, cookies_taken, challenge_acks;
	uint64_t rtos, tlps, recoveries, black_holes;
};

struct tcp_stack {
	struct ip6 *ip6;
	struct env *env;
	struct tcp_conf conf;
	struct htab conns;     /* struct tcp, by both ends */
	struct htab listeners; /* struct tcp_listener, by port */
	struct list work;      /* connections that have something to send */
	struct list ready;     /* whose owner is to be told */
	struct list accepts;   /* listeners, likewise */
	struct list time_wait; /* oldest first */
	uint32_t n_conns, n_listeners, n_time_wait;
	uint32_t port_next;	    /* RFC 6056 algorithm 3 */
	uint64_t mem;		    /* octets in all buffers */
	struct hash_key secret;	    /* ISNs, ports, timestamps */
	struct hash_key cookie_key; /* SYN cookies */
	struct tcp_counters count;
};

/** tcp_init() - An empty stack on @ip6. Takes no memory before it is used. */
void tcp_init(struct tcp_stack *s, struct ip6 *ip6, const struct tcp_conf *conf);

/** tcp_done() - End all connections and listeners, without a word; none may be used afterwards. */
void tcp_done(struct tcp_stack *s);

/*
 * From below: the node calls these.
 */

/**
 * tcp_input() - Take a segment that was delivered to this node. Given. RFC 9293 section 3.10.7.
 * Sends nothing but resets: acknowledgments and data wait for tcp_run(), so that a batch is
 * acknowledged as a whole (MUST-58, MUST-59).
 */
void tcp_input(struct tcp_stack *s, struct pkt *pkt);

/**
 * tcp_error() - Take an ICMPv6 error about a packet of ours that quotes TCP: path MTU (RFC 8201)
 * and unreachable destinations, each only if the quoted sequence number is in flight (RFC 5927).
 *
 * Return: true if it was about TCP: @pkt is then gone.
 */
bool tcp_error(struct tcp_stack *s, struct pkt *pkt);

/** tcp_timer() - A TIMER_TCP is due. */
void tcp_timer(struct tcp_stack *s, struct timer *timer);

/** tcp_run() - Send what is to be sent, tell owners what changed. */
void tcp_run(struct tcp_stack *s);

static inline bool tcp_has_work(const struct tcp_stack *s)
{
	return !list_is_empty(&s->work) || !list_is_empty(&s->ready) || !list_is_empty(&s->accepts);
}

/*
 * From above.
 */

/* One end of a connection. */
struct tcp_end {
	struct ip6_addr addr;
	uint16_t port;
	uint32_t ifindex; /* zone of a link-local address; of a listener, any interface */
};

/**
 * tcp_connect() - Open a connection (RFC 9293 section 3.9.1.1, active OPEN).
 * @local:	Where from, or NULL; an unspecified address and port 0 are chosen.
 * @opts:	NULL: the stack's.
 * @ret:	The connection, in SYN-SENT; set on success.
 *
 * Return: 0; -EADDRINUSE, -EADDRNOTAVAIL, -EINVAL (an address that names no one node),
 * -ENETUNREACH, -ENODEV (a zone is missing), -ENOBUFS (too many connections), -ENOMEM.
 */
int tcp_connect(struct tcp_stack *s, const struct tcp_end *local, const struct tcp_end *remote,
		const struct tcp_opts *opts, struct tcp **ret);

/**
 * tcp_listen() - Wait for connections (passive OPEN).
 * @at:		Address (unspecified: any) and port; 0 chooses one.
 * @backlog:	Connections that may wait for tcp_accept(); at least one.
 *
 * Return: 0; -EADDRINUSE, -ENOBUFS, -ENOMEM.
 */
int tcp_listen(struct tcp_stack *s, const struct tcp_end *at, unsigned backlog,
	       const struct tcp_opts *opts, struct tcp_listener **ret);

/** tcp_listener_free() - Stop listening; what was not accepted is reset. NULL is allowed. */
void tcp_listener_free(struct tcp_listener *l);

/** tcp_listener_notify() - @fn is called when tcp_accept() has something. */
void tcp_listener_notify(struct tcp_listener *l, void (*fn)(void *ctx, struct tcp_listener *l),
			 void *ctx);

/** tcp_listener_v6only() - Of ::, whether peers of IPv4 are not for it: RFC 3493 section 5.3. */
void tcp_listener_v6only(struct tcp_listener *l, bool v6only);

/** tcp_listener_end() - Where it listens. */
const struct tcp_end *tcp_listener_end(const struct tcp_listener *l);

/**
 * tcp_accept() - Take the oldest connection that waits; the caller's. Return: NULL if none waits.
 */
struct tcp *tcp_accept(struct tcp_listener *l);

/** tcp_accept_waiting() - Connections that wait. */
unsigned tcp_accept_waiting(const struct tcp_listener *l);

/**
 * tcp_send() - Give octets to send; they are copied.
 *
 * Return: how many were taken, at least 1 unless @n is 0; -EAGAIN (the buffer is full), -EPIPE
 * (after tcp_shutdown() or the end), -ENOBUFS (no memory), or why the connection failed (told
 * once).
 */
long tcp_send(struct tcp *tc, const void *data, size_t n);

/** tcp_send_urgent() - The same; the last octet taken is where urgent data ends (section 3.8.5). */
long tcp_send_urgent(struct tcp *tc, const void *data, size_t n);

/**
 * tcp_recv() - Take octets that arrived; they are copied. Urgent data stays in line.
 *
 * Return: how many; 0 at the end of the peer's stream, -EAGAIN, or why the connection failed (told
 * once, after all that had arrived).
 */
long tcp_recv(struct tcp *tc, void *buf, size_t n);

/** tcp_peek() - The same, and leave them there. */
long tcp_peek(struct tcp *tc, void *buf, size_t n);

/** tcp_shutdown() - End our side behind what was sent. Return: 0, -ENOTCONN. */
int tcp_shutdown(struct tcp *tc);

/**
 * tcp_close() - End it: our side ends behind what was sent, and @tc is no more the caller's. What
 * had arrived and was not read is lost: the peer is told by a reset (RFC 9293 section 3.6.1,
 * SHLD-3).
 */
void tcp_close(struct tcp *tc);

/** tcp_abort() - Reset the connection (section 3.10.5); @tc is no more the caller's. */
void tcp_abort(struct tcp *tc);

/**
 * tcp_notify() - @fn is called when tcp_poll() may have changed; it may do what it likes with @tc.
 */
void tcp_notify(struct tcp *tc, void (*fn)(void *ctx, struct tcp *tc), void *ctx);

/** tcp_poll() - What it is ready for: TCP_READABLE ... */
unsigned tcp_poll(const struct tcp *tc);

/** tcp_error_of() - Why it failed, as a negative errno, and forget it; 0. */
int tcp_error_of(struct tcp *tc);

const struct tcp_opts *tcp_opts(const struct tcp *tc);
void tcp_set_opts(struct tcp *tc, const struct tcp_opts *opts);

/* For people: sockets of a node, inaba top. Octets and nanoseconds. */
struct tcp_info {
	enum tcp_state state;
	struct tcp_end local, remote;
	const char *cc;
	uint32_t cwnd, ssthresh, in_flight, snd_wnd, rcv_wnd, snd_mss, mtu;
	uint32_t unsent, unread; /* in the buffers */
	time_ns srtt, rttvar, rto, min_rtt;
	uint64_t octets_sent, octets_acked, octets_received;
	uint64_t segs_out, segs_in, retransmits;
	uint8_t snd_wscale, rcv_wscale;
	bool timestamps, sack, ecn, in_recovery, reordering;
	int soft_error; /* negative errno that an ICMPv6 error spoke of; 0 */
};

void tcp_info(const struct tcp *tc, struct tcp_info *ret);

/**
 * tcp_info_put() - The same as Linux's struct of that name, TCP_INFO of programs, as far as there is room.
 * @listens:	It is a listener's; @i is all zero.
 *
 * Return: octets written.
 */
size_t tcp_info_put(const struct tcp_info *i, bool listens, void *buf, size_t room);

/** tcp_idle_octets() - What a connection takes that sends and receives nothing. */
size_t tcp_idle_octets(void);

/** tcp_iter() - Walk all connections: start with NULL, then with the last one. */
const struct tcp *tcp_iter(const struct tcp_stack *s, const struct tcp *last);

#endif
