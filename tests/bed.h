/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A test bed: one node in virtual time, whose links end in the test's hands. The test puts
 * frames in, moves the clock, and takes out what the node sends, in order and with its time.
 */
#ifndef INABA_TESTS_BED_H
#define INABA_TESTS_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/node.h"

#define BED_IFS_MAX  3
#define BED_SENT_MAX 1024

struct bed_sent {
	time_ns when;
	uint32_t ifindex;
	struct pkt *pkt; /* from the Ethernet header */
};

struct bed {
	struct pkt_pool pool;
	struct node *node;
	time_ns now;
	uint32_t ifindex[BED_IFS_MAX]; /* of the bed's links 0, 1, 2 */
	struct mac mac[BED_IFS_MAX];   /* of the node there: 02:00:00:00:00:0N */
	struct bed_sent sent[BED_SENT_MAX];
	unsigned n_sent, taken;
	enum drop last_drop;	   /* newest refusal */
	uint64_t marked[DROP_NUM]; /* drop counters at bed_mark() */
};

/** bed_init() - A node with @links interfaces, up, DAD off so that addresses are there at once. */
void bed_init(struct bed *b, unsigned links);

/** bed_init_down() - The same with interfaces down and the usual DAD, to change and bring up. */
void bed_init_down(struct bed *b, unsigned links);

/** bed_init_conf() - bed_init_down() with limits of the test's own (NULL: the usual ones). */
void bed_init_conf(struct bed *b, unsigned links, const struct ip6_conf *ip6);

/** bed_up_quietly() - What bed_init() does after bed_init_down(). */
void bed_up_quietly(struct bed *b, unsigned links);

/** bed_quiet() - Let a minute pass (MLD falls silent), forget what was sent, bed_mark(). */
void bed_quiet(struct bed *b);

/** bed_router() - Let the node forward on its first @links links. */
void bed_router(struct bed *b, unsigned links);

/** bed_mark() - bed_dropped() counts from here. */
void bed_mark(struct bed *b);

/** bed_dropped() - How often @why was counted since bed_mark(). */
uint64_t bed_dropped(const struct bed *b, enum drop why);

/** bed_dropped_only() - Assert that @why was counted @n times since bed_mark(), and nothing else. */
void bed_dropped_only(const struct bed *b, enum drop why, uint64_t n);

/** bed_done() - Ends the node; asserts that no buffer is lost. */
void bed_done(struct bed *b);

/** bed_up() - Bring a link up. */
void bed_up(struct bed *b, unsigned link);

/** bed_addr() - Give the node a static address, "2001:db8::1/64" or "192.0.2.1/24", on a link. */
void bed_addr(struct bed *b, unsigned link, const char *text);

/** bed_route() - A static route, "2001:db8:1::/48" by "fe80::2". */
void bed_route(struct bed *b, unsigned link, const char *prefix, const char *gateway);

/** bed_route_type() - A route that forbids: ROUTE_PROHIBIT, ROUTE_BLACKHOLE ... */
void bed_route_type(struct bed *b, const char *prefix, enum route_type type);

/** bed_neigh() - The link-layer address of a neighbour, known for good. */
void bed_neigh(struct bed *b, unsigned link, const char *addr, const char *mac);

struct iface *bed_if(struct bed *b, unsigned link);

/** bed_addr_of() - Parse an address of either family; the test fails on a bad one. */
struct ip6_addr bed_addr_of(const char *text);

/** bed_mac_of() - Parse a link-layer address. */
struct mac bed_mac_of(const char *text);

/**
 * bed_packet() - An IPv6 packet, from its header; the payload is copied.
 * The payload length is right; tests that want a wrong one write it.
 */
struct pkt *bed_packet(struct bed *b, const char *src, const char *dst, uint8_t next,
		       uint8_t hop_limit, const void *payload, size_t octets);

/** bed_icmp6() - The same with an ICMPv6 message whose checksum is filled in. */
struct pkt *bed_icmp6(struct bed *b, const char *src, const char *dst, uint8_t hop_limit,
		      const void *message, size_t octets);

/**
 * bed_ext() - A packet with one extension header (@octets; its first is made @upper) before
 * @payload. @n of 0: none.
 */
struct pkt *bed_ext(struct bed *b, const char *src, const char *dst, uint8_t next,
		    const void *octets, size_t n, uint8_t upper, const void *payload, size_t m);

/** bed_send() - The node sends @pkt, complete from its IPv6 header, as its own; by ip6_output(). */
void bed_send(struct bed *b, struct pkt *pkt, unsigned link);

/**
 * bed_ns() - A Neighbor Solicitation, or with @type an Advertisement; hop limit 255.
 * @flags:	Of an advertisement: NUD_NA_*.
 * @opts:	@n octets of options.
 */
struct pkt *bed_ns(struct bed *b, uint8_t type, uint8_t flags, const char *src, const char *dst,
		   const char *target, const void *opts, size_t n);

/** bed_ra() - A Router Advertisement to all nodes; what is zero in @m stays so. */
struct pkt *bed_ra(struct bed *b, const char *src, const struct nd_msg *m);

/** bed_addr_state() - State of an address of a link, or -1 if it is not there. */
int bed_addr_state(struct bed *b, unsigned link, const char *addr);

/** bed_echo() - An echo request with id 7, the given sequence number and @octets of data. */
struct pkt *bed_echo(struct bed *b, const char *src, const char *dst, uint16_t seq, size_t octets);

/**
 * bed_rx() - @pkt (from its IPv6 header) arrives on @link from 02:00:00:00:01:00, addressed as
 * its destination demands: to the node, or to the group's address. Returns what became of it:
 * the refusal counted last by the node because of it, or DROP_NONE.
 */
enum drop bed_rx(struct bed *b, unsigned link, struct pkt *pkt);

/** bed_rx_frame() - A complete frame arrives. */
enum drop bed_rx_frame(struct bed *b, unsigned link, struct pkt *frame);

/** bed_rx_batch() - Complete frames arrive together. */
void bed_rx_batch(struct bed *b, unsigned link, struct batch *in);

/** bed_run() - Time passes until @when, timers going off on the way. */
void bed_run(struct bed *b, time_ns when);

/**
 * bed_tx() - The next frame that the node sent and the test has not yet taken, as its IPv6
 * packet (pkt->p at the IPv6 header), or NULL. The bed keeps owning it.
 */
const struct pkt *bed_tx(struct bed *b, uint32_t *ifindex, time_ns *when);

/** bed_tx_icmp6() - Skip to the next ICMPv6 message of @type; returns the message, or NULL. */
const uint8_t *bed_tx_icmp6(struct bed *b, uint8_t type, const struct pkt **pkt);

/**
 * bed_tx_msg() - The next frame must be this ICMPv6 message, of right length and checksum.
 * @src, @dst:	NULL: any.
 * @octets:	Of the message; may be NULL.
 *
 * Return: the message.
 */
const uint8_t *bed_tx_msg(struct bed *b, const char *src, const char *dst, uint8_t type,
			  uint8_t code, size_t *octets);

/** bed_msg_pkt() - The packet that bed_tx(), bed_tx_msg() or bed_tx_icmp6() gave last. */
const struct pkt *bed_msg_pkt(const struct bed *b);

/** bed_msg_when() - And when it was sent. */
time_ns bed_msg_when(const struct bed *b);

/** bed_silent_until() - Time passes until @when, and nothing is sent, not even then. */
void bed_silent_until(struct bed *b, time_ns when);

/**
 * bed_row() - Row @i of a table begins; told if the test fails in it. To be called once more, with
 * ARRAY_LEN() of the table, at the end. For tests declared with BED_ROWS().
 */
#define BED_ROWS(test) cmocka_unit_test_teardown(test, bed_row_teardown)
void bed_row(size_t i, size_t n);
int bed_row_teardown(void **state);

/** bed_tx_eth() - The Ethernet header of a frame that bed_tx() gave. */
const uint8_t *bed_tx_eth(const struct pkt *pkt);

/** bed_silent() - Has nothing been sent that was not taken? */
bool bed_silent(const struct bed *b);

/** bed_forget() - Take and forget all that was sent. */
void bed_forget(struct bed *b);

#endif
