/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The IPv4 header (RFC 791 section 3.1), its options, ICMP's numbers, and the change of a packet from
 * this header to the mapped form that the upper layers know (ip6/mapped.h), and back.
 */
#ifndef INABA_IP4_HDR_H
#define INABA_IP4_HDR_H

#include "base/drop.h"
#include "base/pkt.h"
#include "base/rd.h"
#include "ip6/mapped.h"

#define IP4_VERSION    4
#define IP4_TOS_OFF    1
#define IP4_LEN_OFF    2
#define IP4_ID_OFF     4
#define IP4_FRAG_OFF   6
#define IP4_TTL_OFF    8
#define IP4_PROTO_OFF  9
#define IP4_CSUM_OFF   10
#define IP4_SRC_OFF    12
#define IP4_DST_OFF    16
#define IP4_HDR_OCTETS 20
#define IP4_HDR_MAX    60
#define IP4_MTU_MIN    68 /* every module forwards so much: RFC 791 section 3.2 */

#define IP4_DF		0x4000
#define IP4_MF		0x2000
#define IP4_OFFSET_MASK 0x1fff /* in units of eight octets */

/* Options (RFC 791 section 3.1): the high bit says that fragments carry it, too. */
#define IP4_OPT_END    0
#define IP4_OPT_NOP    1
#define IP4_OPT_COPIED 0x80
#define IP4_OPT_LSRR   131
#define IP4_OPT_SSRR   137

#define IP4_PROTO_ICMP 1

/* ICMP: RFC 792, RFC 1122 section 3.2.2, RFC 1812 section 5.2.7.1 */
#define ICMP4_HDR_OCTETS       8
#define ICMP4_CSUM_OFF	       2
#define ICMP4_ECHO_REPLY       0
#define ICMP4_UNREACH	       3
#define ICMP4_UNREACH_NET      0
#define ICMP4_UNREACH_HOST     1
#define ICMP4_UNREACH_PROTOCOL 2
#define ICMP4_UNREACH_PORT     3
#define ICMP4_UNREACH_TOO_BIG  4 /* RFC 1191 section 4 */
#define ICMP4_UNREACH_ROUTE    5
#define ICMP4_UNREACH_ADMIN    13
#define ICMP4_UNREACH_CODES    16
#define ICMP4_QUENCH	       4 /* RFC 6633: ignored */
#define ICMP4_REDIRECT	       5
#define ICMP4_ECHO_REQUEST     8
#define ICMP4_TIME_EXCEEDED    11
#define ICMP4_TIME_TTL	       0
#define ICMP4_TIME_REASSEMBLY  1
#define ICMP4_PARAM_PROB       12
#define ICMP4_QUOTE_OCTETS_MAX                                                                     \
	(576 - IP4_HDR_OCTETS - ICMP4_HDR_OCTETS) /* RFC 1812 section 4.3.2.3 */

/* What a header says. */
struct ip4_hdr {
	uint8_t tos, ttl, proto;
	uint16_t id;
	uint16_t off;	 /* flags and offset, as in the header */
	uint16_t octets; /* of the header, options included */
	uint16_t len;	 /* total length */
	struct ip6_addr src, dst;
};

static inline bool ip4_is_fragment(const struct ip4_hdr *h)
{
	return (h->off & (IP4_MF | IP4_OFFSET_MASK)) != 0;
}

/**
 * ip4_hdr_parse() - Read the header at the front of @pkt, which may be cut off behind it.
 * @ret:	Set on success.
 *
 * RFC 1122 section 3.2.1.1 (a version other than 4 MUST be discarded) and 3.2.1.2 (a wrong checksum, too).
 */
enum drop ip4_hdr_parse(struct rd pkt, struct ip4_hdr *ret);

/** ip4_quote_parse() - The same of what an ICMP error quotes: the checksum may be anything. */
enum drop ip4_quote_parse(struct rd pkt, struct ip4_hdr *ret);

/** ip4_hdr_put() - Write IP4_HDR_OCTETS octets; h->octets and h->len are not looked at. */
void ip4_hdr_put(uint8_t *p, const struct ip4_hdr *h, uint32_t payload);

/** ip4_to_mapped() - The header @h at the front of @pkt becomes the mapped one. */
void ip4_to_mapped(struct pkt *pkt, const struct ip4_hdr *h);

/**
 * ip4_from_mapped() - The mapped header becomes an IPv4 header.
 * @id, @off:	Of the header to be; a fragment that waited for others brings its own.
 */
void ip4_from_mapped(struct pkt *pkt, uint16_t id, uint16_t off);

#endif
