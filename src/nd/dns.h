/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What routers say of the network beside how to reach it: servers for names and domains to look
 * them up in (RFC 8106), prefixes of translators to IPv4 (RFC 8781), the captive portal (RFC 8910),
 * flags of advertisements (RFC 5175). Kept for each interface until its time is over.
 */
#ifndef INABA_ND_DNS_H
#define INABA_ND_DNS_H

#include "base/dname.h"
#include "base/timer.h"
#include "nd/opt.h"

#define ND_SAID_MAX    8    /* of one kind on one interface; RFC 8106 section 5.3.1: at least 3 */
#define ND_CAPTIVE_MAX 2038 /* octets: as many as fit an option */

/* One thing said: the octets of an address, of a domain name, of a prefix and its length. */
struct nd_said {
	time_ns until; /* or TIME_NEVER */
	time_ns heard; /* of the last advertisement that said so */
	uint8_t octets;
	uint8_t b[DNAME_MAX];
};

/* In the order in which to use them. */
struct nd_said_list {
	unsigned n;
	struct nd_said item[ND_SAID_MAX];
};

struct nd_dns {
	struct timer timer; /* TIMER_ND_DNS: the time of the first is over */
	struct nd_said_list servers, domains, pref64;
	bool has_flags;
	uint64_t flags; /* of the last advertisement with the option: as nd_opts.ra_flags */
	uint16_t captive_octets;
	uint8_t captive[ND_CAPTIVE_MAX]; /* a URI, verbatim: well-formed UTF-8 without blanks */
};

/** nd_said_addr() - The address that a server's or prefix's entry begins with. */
static inline struct ip6_addr nd_said_addr(const struct nd_said *s)
{
	struct ip6_addr a;

	memcpy(a.b, s->b, sizeof(a.b));
	return a;
}

/** nd_said_len() - Length of a prefix that was said. */
static inline unsigned nd_said_len(const struct nd_said *s)
{
	return s->b[IP6_ADDR_OCTETS];
}

/** nd_said_name() - A domain that was said. */
static inline struct dname nd_said_name(const struct nd_said *s)
{
	struct dname n = { .octets = s->octets };

	memcpy(n.b, s->b, s->octets);
	return n;
}

#endif
