/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A node: the layers put together. It is a pure function of its state, its input and the time:
 * it reads no clock, opens nothing, never sleeps. Whoever runs it (a world, a process) gives it
 * frames and the time, takes frames, and comes back no later than node_next() says.
 *
 *	node_input(n, ifindex, &batch, now);	frames came in
 *	node_run(n, now);			time passed
 *	while (node_output(n, &ifindex, &q))	frames to send, by interface
 *		...
 *	sleep until node_next(n) or a frame
 */
#ifndef INABA_NODE_NODE_H
#define INABA_NODE_NODE_H

#include "ip6/ip6.h"
#include "mld/mld.h"
#include "nd/nd.h"
#include "netlink/nl.h"
#include "node/ping.h"
#include "node/resolve.h"
#include "transport/packet.h"
#include "transport/sock.h"
#include "transport/tcp.h"

#define NODE_NAME_MAX 32

struct node_conf {
	const char *name;      /* copied */
	struct pkt_pool *pool; /* borrowed until node_free() */
	uint8_t seed[RNG_SEED_OCTETS];
	struct ip6_conf ip6; /* limits; node_conf_init() gives the usual ones */
};

struct node {
	char name[NODE_NAME_MAX];
	struct env env;
	struct ip6 ip6;
	struct mld mld;
	struct nd nd;
	struct socks socks;
	struct packets packets;
	struct tcp_stack tcp;
	struct pings pings;
	struct resolver resolver;
	struct nl nl;	      /* after nl_send(): node_settle() */
	uint32_t output_from; /* interface to look at next, so that none starves */
};

/** node_conf_init() - The usual limits; name and pool are the caller's. */
void node_conf_init(struct node_conf *conf, const char *name, struct pkt_pool *pool);

/** node_new() - A node with a loopback interface. Return: NULL without memory. */
struct node *node_new(const struct node_conf *conf, time_ns now);

/** node_free() - End it without a word to its neighbours; see node_shutdown(). */
void node_free(struct node *n);

/** node_trace() - Who watches; fn of NULL ends it. */
void node_trace(struct node *n, struct tracer tracer);

/**
 * node_if_add() - A new interface, down. Return: its ifindex, or as ip6_if_add().
 */
int node_if_add(struct node *n, const char *name, const struct mac *mac, uint32_t mtu);

/** node_tunnel_add() - A tunnel, down. Return: its ifindex; as tunnel_check(), or as ip6_if_add(). */
int node_tunnel_add(struct node *n, const char *name, const struct tunnel_conf *conf);

/** node_if_del() - Take an interface away. Return: 0, or -ENODEV. */
int node_if_del(struct node *n, uint32_t ifindex);

/** node_if_set() - Bring an interface up or down. Return: 0, -ENODEV, -ENOMEM. */
int node_if_set(struct node *n, uint32_t ifindex, bool up, time_ns now);

/**
 * node_if_farewell() - Say goodbye on one interface before node_if_set() takes it down: final router
 * advertisement (RFC 4861 section 6.2.5), end of all memberships (MLD). What is said waits for
 * node_output(), which is to come between the two; who loses a link has nothing to say there.
 *
 * Return: 0, or -ENODEV.
 */
int node_if_farewell(struct node *n, uint32_t ifindex, time_ns now);

struct iface *node_if(struct node *n, uint32_t ifindex);

/**
 * node_input() - Give the node a batch of received frames.
 * @ifindex:	Receiving interface, as returned by node_if_add().
 * @in:		Frames without FCS. Given, unless an error is returned; empty afterwards.
 * @now:	Current time; never less than in an earlier call on @n.
 *
 * A frame that the protocol says to discard is no error: see node_drops() for the reasons.
 *
 * Return: 0, or -ENODEV.
 */
int node_input(struct node *n, uint32_t ifindex, struct batch *in, time_ns now);

/** node_run() - Time passed: do what is due at @now. */
void node_run(struct node *n, time_ns now);

/**
 * node_output() - Take the frames that wait on some interface.
 * @q:		Empty; the frames are the caller's afterwards.
 *
 * Return: false when no frame waits.
 */
bool node_output(struct node *n, uint32_t *ifindex, struct pktq *q);

/** node_next() - When to call node_run() at the latest; TIME_NEVER: only input matters. */
static inline time_ns node_next(struct node *n)
{
	return timers_next(&n->env.timers);
}

/**
 * node_settle() - Do what follows from a direct call into a layer (an address added, a packet
 * sent by ip6_output()) at @now, as node_input() does after a batch.
 */
void node_settle(struct node *n, time_ns now);

/** node_shutdown() - Say goodbye: final router advertisements (RFC 4861 section 6.2.5). */
void node_shutdown(struct node *n, time_ns now);

/** node_drops() - How often @why happened. */
static inline uint64_t node_drops(const struct node *n, enum drop why)
{
	return n->env.drops[why];
}

#endif
