/* SPDX-License-Identifier: BSD-3-Clause */
/* The node's resolver: names to IPv6 addresses by the servers that routers told of (RFC 8106). */
#ifndef INABA_NODE_RESOLVE_H
#define INABA_NODE_RESOLVE_H

#include "nd/nd.h"
#include "node/dnsmsg.h"
#include "transport/sock.h"

#define RESOLVES_MAX	    16 /* at a time */
#define RESOLVE_SERVERS_MAX 16 /* that one question is put to */
#define RESOLVE_NAMES_MAX   16 /* that are made of one by the search list */
#define RESOLVE_CACHE_MAX   64
#define RESOLVE_TRIES	    3		   /* of each server */
#define RESOLVE_TIMEOUT	    (2 * NS_PER_S) /* of the first; RFC 1035 section 4.2.1: 2 to 5 s */
#define RESOLVE_NDOTS	    1		   /* with so many dots a name is tried as it is first */
#define RESOLVE_TTL_MAX_S   86400
#define RESOLVE_NO_MAX_S    10800 /* RFC 2308 section 5: one to three hours */

/* How it ends. */
enum resolve_end {
	RESOLVE_OK,
	RESOLVE_NO_SERVER,   /* no router told of one */
	RESOLVE_SILENT,	     /* none answered */
	RESOLVE_REFUSED,     /* all that answered could not say */
	RESOLVE_UNREACHABLE, /* nothing could be sent to them */
	RESOLVE_NO_NAME,     /* there is no such name */
	RESOLVE_NO_ADDR,     /* it has no IPv6 address */
	RESOLVE_TRUNCATED,   /* the answer does not fit a datagram, and there is no TCP yet */
	RESOLVE_LOOP,	     /* its aliases lead nowhere */
};

/* Borrowed for the time of the call. */
struct resolve_result {
	enum resolve_end end;
	struct dname name; /* canonical */
	unsigned n;
	struct ip6_addr addr[DNS_ADDRS_MAX]; /* best first: RFC 6724 section 6 */
};

/* Who asked; may start pings and lookups, but not call the node. */
struct resolve_asker {
	void (*fn)(void *ctx, const struct resolve_result *r);
	void *ctx;
};

/* A server, as far as one question is concerned. */
struct resolve_server {
	struct ip6_addr addr, src; /* src: what it was asked from last */
	uint32_t oif;		   /* RFC 8106 section 5.1: of a link-local one; else 0 */
	unsigned tries;
	bool failed; /* said that it cannot, or cannot be reached */
	bool said;   /* it was the former */
};

struct lookup {
	struct timer timer; /* TIMER_RESOLVE */
	struct list on;
	struct resolve_asker asker;
	struct dname name[RESOLVE_NAMES_MAX]; /* to try one after the other */
	unsigned n_names, at;
	bool asking;	   /* the question name[at] has begun */
	bool exists;	   /* one of the names before does, without an address */
	uint16_t id;	   /* of this question */
	struct sock *sock; /* likewise: on a port that nobody can guess; NULL: none yet */
	struct resolver *of;
	struct resolve_server server[RESOLVE_SERVERS_MAX];
	unsigned n_servers, last; /* asked last */
};

struct resolve_cached {
	struct dname name;
	time_ns until; /* free when that is past */
	struct dns_reply reply;
};

struct resolver {
	struct nd *nd;
	struct socks *socks;
	struct list all;
	uint32_t n;
	struct resolve_cached *cache; /* RESOLVE_CACHE_MAX; NULL until first needed */
};

void resolver_init(struct resolver *r, struct nd *nd, struct socks *socks);
void resolver_done(struct resolver *r);

/** resolver_flush() - Forget all answers: they were of another network. */
void resolver_flush(struct resolver *r);

/**
 * resolve_start() - Look @text up: "www.example.com", "www" within the search list, "www." as it is.
 * @ret:	May be NULL; valid until @asker is called, which never happens before this returns.
 *
 * Return: 0, -EINVAL (no name), -ENOSPC, -ENOMEM.
 */
int resolve_start(struct resolver *r, const char *text, const struct resolve_asker *asker,
		  struct lookup **ret);

/** resolve_stop() - Nobody wants to know any more. */
void resolve_stop(struct resolver *r, struct lookup *l);

/** resolve_timer() - TIMER_RESOLVE is due. */
void resolve_timer(struct resolver *r, struct timer *timer);

/** resolve_end_text() - What happened, to follow a name: "there is no such name". */
const char *resolve_end_text(enum resolve_end end);

#endif
