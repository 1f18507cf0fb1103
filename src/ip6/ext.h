/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Extension headers as a receiver reads them (RFC 8200 section 4): one walker for forwarders,
 * who look at hop-by-hop options only, and for the destination, which takes all headers in the
 * order in which they come.
 */
#ifndef INABA_IP6_EXT_H
#define INABA_IP6_EXT_H

#include "base/drop.h"
#include "base/pkt.h"
#include "base/rd.h"
#include "ip6/hdr.h"

/* RFC 8504 section 5.3 lets a host limit what it is willing to look at. 0 means no limit. */
struct ip6_ext_limits {
	uint32_t chain_octets_max; /* all extension headers together */
	uint16_t hdr_octets_max;   /* one options header */
	uint16_t hdrs_max;	   /* extension headers */
	uint16_t opts_max;	   /* options of one header that are no padding */
	uint8_t pad_octets_max;	   /* padding in a row, Pad1 and PadN together */
	bool pad_zero;		   /* PadN holds zeros, or the packet is refused */
	bool refuse_unknown;	   /* unknown options: discard, whatever their two high bits say */
	bool report;		   /* refuse aloud (RFC 8883), not silently (RFC 8504) */
	bool forward_skip;	   /* forwarders skip unknown options (RFC 9673 section 5.2) */
	bool rh_type2;		   /* stop at a type 2 routing header: somebody takes them */
};

extern const struct ip6_ext_limits IP6_EXT_LIMITS_DEFAULT;

/*
 * Where a walk is, and how it ended. Goes on from @off when walked again, so that whoever took
 * what it stopped at (a fragment, a routing header) may continue behind.
 */
struct ip6_walk {
	enum drop why; /* DROP_NONE, or why to discard the packet */
	bool icmp;     /* answer with an error; RFC 4443 section 2.4 (e) still applies */
	uint8_t icmp_type, icmp_code;
	uint32_t icmp_ptr; /* of a Parameter Problem: octets from the IPv6 header */

	uint16_t off;	 /* the header that @next names, from the IPv6 header */
	uint16_t nh_off; /* the octet that names it */
	uint8_t next;	 /* Next Header value */
	uint16_t n_hdrs; /* extension headers passed */

	bool router_alert; /* RFC 2711, in the hop-by-hop header */
	uint16_t router_alert_value;

	/* RFC 8200 section 4.5, when @next is IP6_NH_FRAGMENT */
	bool frag_more, frag_atomic; /* atomic: offset 0 and nothing follows (RFC 6946) */
	uint16_t frag_off;	     /* octets */
	uint32_t frag_id;
};

/* One option, as ip6_opt_next() found it. */
struct ip6_opt {
	uint8_t type;
	struct rd data;
};

/**
 * ip6_opt_next() - Take one option off the front of an options header's rest.
 * @opts:	Not empty; advanced only on success.
 * @ret:	Borrows from @opts; set only on success. A Pad1 has no data.
 *
 * RFC 8200 section 4.2. Return: DROP_NONE or DROP_OPT_SHORT.
 */
enum drop ip6_opt_next(struct rd *opts, struct ip6_opt *ret);

/** ip6_walk_begin() - Stand behind the IPv6 header of @pkt, which is there in whole. */
void ip6_walk_begin(struct ip6_walk *w, const struct pkt *pkt);

/**
 * ip6_walk_hbh() - What a node on the path does: the hop-by-hop header if there is one.
 *
 * RFC 8200 section 4.3, RFC 9673 section 5. A header that is longer, or has more options, than
 * the limits is passed over, not refused (RFC 9673 section 5.2). Unknown options are judged by
 * their two high bits unless limits->forward_skip. Sets PKT_ROUTER_ALERT in @pkt.
 *
 * Result in w->why; behind the header if that is DROP_NONE.
 */
void ip6_walk_hbh(struct ip6_walk *w, struct pkt *pkt, const struct ip6_ext_limits *limits);

/**
 * ip6_walk_chain() - What the destination does: all headers, in order, up to the first that is
 * not this file's business. Changes nothing but @w and the PKT_ROUTER_ALERT flag of @pkt.
 *
 * Any order and number is taken (RFC 8200 section 4.1), with the hop-by-hop header in its only
 * place. With w->why DROP_NONE, w->next is an upper-layer protocol, which may well be unknown;
 * IP6_NH_ESP or IP6_NH_AH; IP6_NH_NONE; IP6_NH_FRAGMENT with the frag_ fields set, for
 * frag_input(); or IP6_NH_ROUTING, if limits->rh_type2. w->off may be the packet's end.
 */
void ip6_walk_chain(struct ip6_walk *w, struct pkt *pkt, const struct ip6_ext_limits *limits);

/**
 * ip6_upper_find() - Find the upper-layer header without judging what lies before it.
 * @pkt:	From its IPv6 header; may be cut off anywhere, as what an ICMPv6 error quotes.
 * @next:	Its protocol (IP6_NH_NONE if there is none, IP6_NH_ESP if the rest is secret).
 * @off:	Where it begins, at most pkt.left.
 *
 * Return: false if the packet ends before, or is a fragment other than the first. @next and
 * @off are set only on success.
 */
bool ip6_upper_find(struct rd pkt, uint8_t *next, uint32_t *off);

/**
 * ip6_chain_is_whole() - Does the header chain of RFC 7112 section 3, upper-layer header
 * included, end within @pkt?
 * @next, @off:	The header to begin with.
 */
bool ip6_chain_is_whole(struct rd pkt, uint8_t next, uint32_t off);

#endif
