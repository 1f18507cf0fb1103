/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TCP peer in the test's hands: it says exactly what the test wants, and what the node answers
 * is looked at segment by segment, with its time. Sequence numbers are relative: 0 is the SYN of
 * each side.
 */
#ifndef INABA_TESTS_PEER_H
#define INABA_TESTS_PEER_H

#include "bed.h"
#include "transport/tcp.h"
#include "transport/tcp_seg.h"

#define PEER_OURS      "2001:db8::1"
#define PEER_ADDR      "2001:db8::100"
#define PEER_PORT      4000 /* the peer's */
#define PEER_OURS_PORT 80
#define PEER_ISS       0xfffff000u /* so that numbers wrap early */

/* Shorthands for flags. */
#define A  TCP_ACK
#define S  TCP_SYN
#define F  TCP_FIN
#define R  TCP_RST
#define P  TCP_PSH
#define SA (TCP_SYN | TCP_ACK)
#define FA (TCP_FIN | TCP_ACK)
#define PA (TCP_PSH | TCP_ACK)
#define RA (TCP_RST | TCP_ACK)

struct peer {
	struct bed *b;
	struct tcp_stack *stack;
	struct tcp *tc;
	struct tcp_listener *l;
	struct tcp_end remote;			    /* the peer, as the node sees it */
	uint32_t node_iss;			    /* known when its SYN was seen */
	uint16_t port;				    /* of the node */
	uint16_t wnd;				    /* of what the peer sends */
	uint16_t mss;				    /* of its SYN; 0: none */
	uint8_t wscale;				    /* likewise, if has says so */
	uint8_t has;				    /* TCP_HAS_*: options of its SYN */
	uint8_t ecn;				    /* codepoint of its packets */
	uint32_t tsval, tsecr;			    /* with TCP_HAS_TS, in all it sends */
	struct tcp_range sack[TCP_SACK_BLOCKS_MAX]; /* relative, of the next segment only */
	uint8_t n_sack;
	struct tcp_seg got; /* last segment of the node's */
	time_ns got_at;
	const struct pkt *got_pkt;
};

/** peer_init() - A bed with one link, the neighbour known; quiet. */
void peer_init(struct peer *p, struct bed *b);

/** peer_attach() - The same on a bed that has these addresses already. */
void peer_attach(struct peer *p, struct bed *b);

void peer_done(struct peer *p);

/** peer_say() - The peer sends @n octets (NULL: pattern) at @seq. Return: why they were refused. */
enum drop peer_say(struct peer *p, unsigned flags, uint32_t seq, uint32_t ack, size_t n);

/** peer_say_urgent() - The same with an urgent pointer. */
enum drop peer_say_urgent(struct peer *p, uint32_t seq, uint32_t ack, size_t n, uint16_t up);

/** peer_hears() - The node's next segment is this one, sent by now. */
const struct tcp_seg *peer_hears(struct peer *p, unsigned flags, uint32_t seq, uint32_t ack,
				 uint32_t len);

/** peer_hears_at() - The same, sent at exactly @when from the bed's beginning of the test. */
const struct tcp_seg *peer_hears_at(struct peer *p, time_ns when, unsigned flags, uint32_t seq,
				    uint32_t ack, uint32_t len);

/** peer_silent() - Nothing has been sent that was not heard. */
void peer_silent(struct peer *p);

/** peer_settle() - Carry out what follows from calls on the connection. */
void peer_settle(struct peer *p);

/** peer_accepted() - The peer opens to a listener; the connection is accepted as tc. */
void peer_accepted(struct peer *p, const struct tcp_opts *opts);

/** peer_connected() - The node opens to the peer. */
void peer_connected(struct peer *p, const struct tcp_opts *opts);

/** peer_send() - The node's owner sends @n octets. */
void peer_send(struct peer *p, size_t n);

enum tcp_state peer_state(const struct peer *p);

#endif
