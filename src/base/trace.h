/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a node tells whoever watches it: frames in and out, packets dropped and why, changes of
 * state. Nothing is formatted unless somebody watches.
 */
#ifndef INABA_BASE_TRACE_H
#define INABA_BASE_TRACE_H

#include "base/addr.h"
#include "base/drop.h"

struct pkt;

/* Changes of state, the one list: X(NAME, "words"); what addr and value mean stands beside it. */
#define EVENTS(X)                                                                                  \
	X(IF_UP, "interface up")                                                                   \
	X(IF_DOWN, "interface down")                                                               \
	X(ADDR_TENTATIVE, "address tentative")	       /* addr */                                  \
	X(ADDR_OPTIMISTIC, "address optimistic")       /* addr */                                  \
	X(ADDR_PREFERRED, "address preferred")	       /* addr */                                  \
	X(ADDR_DEPRECATED, "address deprecated")       /* addr */                                  \
	X(ADDR_DUPLICATE, "duplicate address refused") /* addr */                                  \
	X(TEMP_GIVEN_UP, "no temporary address")       /* addr: the last one tried */              \
	X(ADDR_GONE, "address removed")		       /* addr */                                  \
	X(NEIGH_STATE, "neighbour")		       /* addr, value: enum nud_state */           \
	X(ROUTER_NEW, "default router found")	       /* addr, value: lifetime in s */            \
	X(ROUTER_GONE, "default router gone")	       /* addr */                                  \
	X(DNA_BACK, "back on the link of")	       /* addr: a router known from before */      \
	X(ROUTER_CHOSEN, "default router chosen")      /* addr */                                  \
	X(RA_CONFLICT, "router contradicts us")	       /* addr, value: ND_CONFLICT_* */            \
	X(PREFIX_NEW, "prefix on link")		       /* addr, value: length */                   \
	X(PREFIX_GONE, "prefix off link")	       /* addr, value: length */                   \
	X(DNS_SERVER_NEW, "name server learned")       /* addr */                                  \
	X(DNS_SERVER_GONE, "name server gone")	       /* addr */                                  \
	X(REDIRECTED, "redirected to")		       /* addr: the better first hop */            \
	X(PATH_MTU, "path MTU")			       /* addr: destination, value: octets */      \
	X(GROUP_JOINED, "group joined")		       /* addr */                                  \
	X(GROUP_LEFT, "group left")		       /* addr */                                  \
	X(MROUTE_IF, "multicast routing")	       /* value: 1 begins, 0 ends */               \
	X(MLD_VERSION, "MLD version spoken")	       /* value: 1 or 2 */                         \
	X(MLD_QUERIER, "MLD querier") /* addr: the other; value: 1 we are, 0 no more */            \
	X(MLD_OLDER, "MLDv1 query heard, MLDv2 spoken") /* addr, value: 1 */                       \
	X(MLD_LISTENED, "listeners on the link")	/* addr: group, value: 1 some, 0 none */   \
	X(TCP_STATE, "TCP connection")			/* addr: peer, value: enum tcp_state */    \
	X(PING_REPLY, "echo reply")			/* addr, value: round trip in ns */        \
	X(PING_LOST, "echo lost")			/* addr */

#define EVENT_ENUM(name, text) EVENT_##name,
enum event { EVENTS(EVENT_ENUM) EVENT_NUM };
#undef EVENT_ENUM

/** event_name(), event_text() - For machines, and for people. */
const char *event_name(enum event e);
const char *event_text(enum event e);

enum trace_kind {
	TRACE_RX,    /* a frame came in: pkt from its link header */
	TRACE_TX,    /* a frame goes out: likewise */
	TRACE_SELF,  /* a packet to the node itself, at its IPv6 header, PKT_LOCAL_IN */
	TRACE_DROP,  /* pkt (NULL if it never was one) is dropped for the reason drop */
	TRACE_EVENT, /* a change of state: event, addr, value */
};

/* Borrowed for the time of the call. */
struct trace {
	enum trace_kind kind;
	time_ns now;
	uint32_t ifindex; /* 0 if of no one interface */
	const struct pkt *pkt;
	enum drop drop;
	enum event event;
	const struct ip6_addr *addr; /* or NULL */
	uint64_t value;
};

/* Who watches. @fn must not call the node. */
struct tracer {
	void (*fn)(void *ctx, const struct trace *t);
	void *ctx;
};

#endif
