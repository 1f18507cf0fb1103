/* SPDX-License-Identifier: BSD-3-Clause */
/* Echo requests that the node itself sends (RFC 4443 section 4), and their statistics. */
#ifndef INABA_NODE_PING_H
#define INABA_NODE_PING_H

#include "ip6/ip6.h"

#define PINGS_MAX     64
#define PING_DATA_MAX (65535 - 8)

/* What came of one request. */
enum ping_event {
	PING_EVENT_REPLY, /* rtt */
	PING_EVENT_TIMEOUT,
	PING_EVENT_ERROR, /* an ICMPv6 error: type, code, from */
	PING_EVENT_SEND,  /* could not be sent: err is a negative errno */
	PING_EVENT_DONE,  /* the last one is over; the session is gone when the call returns */
};

struct ping_result {
	enum ping_event event;
	uint32_t seq;
	time_ns rtt;
	struct ip6_addr from;
	uint32_t octets; /* of ICMPv6 message */
	uint8_t hop_limit, type, code;
	int err;
};

struct ping_conf {
	struct ip6_addr dst;
	struct ip6_addr src; /* unspecified: RFC 6724 */
	uint32_t oif;	     /* for link-local and multicast destinations */
	uint32_t count;	     /* 0: until ping_stop() */
	uint32_t octets;     /* data behind the echo header, to PING_DATA_MAX */
	time_ns interval;
	time_ns timeout; /* how long a reply is waited for */
	int hop_limit;	 /* -1: the interface's */
	/* Called for each event; must not call the node. NULL: only events are traced. */
	void (*fn)(void *ctx, const struct ping_result *r);
	void *ctx;
};

struct ping {
	struct timer timer;
	struct list on;
	struct ping_conf conf;
	uint16_t id;
	uint32_t sent, received;
	uint32_t next_seq, oldest_seq;
	time_ns next_at;
	time_ns sent_at[64]; /* by seq; 0: answered or given up */
	uint64_t answered;   /* likewise, a bit each: by a member of the group at least */
};

struct pings {
	struct ip6 *ip6;
	struct list all;
	uint32_t n;
	uint16_t next_id;
};

void pings_init(struct pings *p, struct ip6 *ip6);
void pings_done(struct pings *p);

/**
 * ping_start() - Begin a session; the first request leaves now.
 * @ret:	May be NULL; valid until PING_EVENT_DONE.
 *
 * Return: 0, -EINVAL (size), -ENOSPC, -ENOMEM.
 */
int ping_start(struct pings *p, const struct ping_conf *conf, struct ping **ret);

/** ping_stop() - End it; no further event. */
void ping_stop(struct pings *p, struct ping *ping);

/** ping_timer() - TIMER_PING is due. */
void ping_timer(struct pings *p, struct timer *timer);

/** ping_waits() - Is this echo reply for a session of ours? */
bool ping_waits(struct pings *p, const struct pkt *pkt);

/** ping_reply() - An echo reply arrived. Given. */
void ping_reply(struct pings *p, struct pkt *pkt);

/** ping_error() - An ICMPv6 error about something of ours arrived. Given. */
void ping_error(struct pings *p, struct pkt *pkt);

#endif
