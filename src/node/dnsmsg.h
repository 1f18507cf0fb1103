/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DNS messages (RFC 1035 section 4) as a stub resolver needs them: a question for the IPv6 addresses of
 * a name (RFC 3596), and what an answer says to it.
 */
#ifndef INABA_NODE_DNSMSG_H
#define INABA_NODE_DNSMSG_H

#include "base/dname.h"
#include "base/wr.h"

#define DNS_PORT	   53
#define DNS_QUERY_OCTETS   (12 + DNAME_MAX + 4)
#define DNS_ADDRS_MAX	   16 /* of an answer; those behind are ignored */
#define DNS_CNAMES_MAX	   8  /* names of a chain */
#define DNS_RECORDS_MAX	   64 /* looked at; those behind are ignored */
#define DNS_TYPE_AAAA	   28 /* RFC 3596 section 2.1 */
#define DNS_TYPE_CNAME	   5
#define DNS_TYPE_SOA	   6
#define DNS_CLASS_IN	   1
#define DNS_RCODE_OK	   0
#define DNS_RCODE_NXDOMAIN 3

enum dns_verdict {
	DNS_ADDRS,     /* addresses, one at least */
	DNS_NO_NAME,   /* RFC 2308 section 2.1: the name does not exist */
	DNS_NO_ADDR,   /* section 2.2: it does, but has no IPv6 address */
	DNS_REFUSED,   /* another response code: this server does not know */
	DNS_TRUNCATED, /* more than fits a datagram */
	DNS_LOOP,      /* a chain of aliases that does not end, or is too long */
	DNS_BAD,       /* no DNS response, or one that is broken */
	DNS_OTHER,     /* the response to another question */
};

/* What a response says; a field that the verdict is not about is zero. */
struct dns_reply {
	enum dns_verdict verdict;
	uint32_t ttl_s; /* how long that may be believed; 0: for this once */
	struct dname canonical;
	unsigned n;
	struct ip6_addr addr[DNS_ADDRS_MAX]; /* in the order of the response */
};

/** dns_query_build() - Ask for the IPv6 addresses of @name, recursion desired. */
void dns_query_build(struct wr *w, uint16_t id, const struct dname *name);

/**
 * dns_reply_parse() - Judge a response to dns_query_build(id, name).
 *
 * RFC 5452 section 3 and 9.1: id and question must be those that were asked. Names may be
 * compressed, by pointers that lead backwards only. A chain of aliases is followed within the
 * response, whatever its order.
 */
void dns_reply_parse(struct rd msg, uint16_t id, const struct dname *name, struct dns_reply *ret);

#endif
