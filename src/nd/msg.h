/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbor Discovery messages (RFC 4861 sections 4.1 to 4.5) as values: parse, build, text. Wire
 * units end here: what is in milliseconds on the wire is time_ns, lifetimes are in seconds.
 */
#ifndef INABA_ND_MSG_H
#define INABA_ND_MSG_H

#include "nd/opt.h"

#define ND_HOP_LIMIT 255

/* ICMPv6 types. */
enum nd_type {
	ND_RS = 133, /* Router Solicitation */
	ND_RA = 134, /* Router Advertisement */
	ND_NS = 135, /* Neighbor Solicitation */
	ND_NA = 136, /* Neighbor Advertisement */
	ND_REDIRECT = 137,
};

static inline bool nd_is_type(uint8_t icmp_type)
{
	return icmp_type >= ND_RS && icmp_type <= ND_REDIRECT;
}

/* RFC 4861 section 4.2, with H of RFC 6275 section 7.1, Prf of RFC 4191 and P of RFC 4389. */
struct nd_ra {
	uint8_t hop_limit;   /* Cur Hop Limit; 0: unspecified */
	bool managed;	     /* M */
	bool other;	     /* O */
	bool home_agent;     /* H */
	bool proxied;	     /* P, RFC 4389 section 4.1.3.3 */
	int8_t pref;	     /* enum nd_pref; medium if lifetime_s is 0 */
	uint16_t lifetime_s; /* 0: no default router */
	time_ns reachable;   /* whole milliseconds; 0: unspecified */
	time_ns retrans;     /* likewise */
};

/* A message that has passed all checks that need no state. What its type has not is zero. */
struct nd_msg {
	enum nd_type type;
	struct ip6_addr target; /* NS, NA, Redirect */
	struct ip6_addr dest;	/* Redirect: the destination that is redirected */
	bool router;		/* NA: R */
	bool solicited;		/* NA: S */
	bool override;		/* NA: O */
	struct nd_ra ra;	/* RA */
	struct nd_opts opts;
};

/* Octets of the packet in a redirect that fills 1,280 octets, with a link-layer address. */
#define ND_REDIRECTED_MAX (1280 - 40 - 40 - ND_OPT_UNIT - ND_OPT_UNIT)

/**
 * nd_parse() - Decode a Neighbor Discovery message and judge it.
 * @icmp:	The ICMPv6 message. The caller has verified its checksum, and refuses messages
 *		that came in fragments (RFC 6980 section 5).
 * @ret:	Set only on success; points into @icmp's buffer.
 *
 * All checks of RFC 4861 sections 6.1.1, 6.1.2, 7.1.1, 7.1.2 and 8.1 but those that need state:
 * whether the node is a host or a router, and whether a redirect comes from the present first
 * hop. Reserved fields and options that are unknown, or of another message, are ignored.
 *
 * Return: DROP_NONE, or why the message MUST be silently discarded.
 */
enum drop nd_parse(struct rd icmp, const struct ip6_addr *src, const struct ip6_addr *dst,
		   uint8_t hop_limit, struct nd_msg *ret);

/**
 * nd_build() - Write a message; test @w->overflow at the end.
 *
 * The checksum field is left zero: icmp6_send() fills it in. nd_parse() gives the same value
 * back. Times are rounded up to milliseconds and, as lengths, must fit their fields (asserted);
 * so must the message be one that nd_parse() takes.
 */
void nd_build(struct wr *w, const struct nd_msg *m);

/**
 * nd_text() - The message in one line, as in "NS who has fe80::1, from 02:00:00:00:00:01".
 * @buf:	Always terminated; cut if it is too short. 160 octets do for all but long RAs.
 *
 * Return: @buf.
 */
const char *nd_text(const struct nd_msg *m, char *buf, size_t size);

#endif
