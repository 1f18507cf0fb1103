/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP segments as values: octets to numbers and back (RFC 9293 section 3.1, options of RFC 7323 and
 * RFC 2018). What they mean is for tcp_in.c and tcp_out.c.
 */
#ifndef INABA_TRANSPORT_TCP_SEG_H
#define INABA_TRANSPORT_TCP_SEG_H

#include "base/env.h"
#include "base/rd.h"
#include "ip6/hdr.h"

/* RFC 9293 section 3.1 */
#define TCP_SPORT_OFF  0
#define TCP_DPORT_OFF  2
#define TCP_SEQ_OFF    4
#define TCP_ACK_OFF    8
#define TCP_DOFF_OFF   12
#define TCP_FLAGS_OFF  13
#define TCP_WND_OFF    14
#define TCP_CSUM_OFF   16
#define TCP_URG_OFF    18
#define TCP_HDR_OCTETS 20
#define TCP_HDR_MAX    60

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_URG 0x20
#define TCP_ECE 0x40 /* RFC 3168 section 6.1 */
#define TCP_CWR 0x80

#define TCP_OPT_END	0
#define TCP_OPT_NOP	1
#define TCP_OPT_MSS	2 /* RFC 9293 section 3.7.1 */
#define TCP_OPT_WSCALE	3 /* RFC 7323 section 2.2 */
#define TCP_OPT_SACK_OK 4 /* RFC 2018 section 2 */
#define TCP_OPT_SACK	5 /* RFC 2018 section 3 */
#define TCP_OPT_TS	8 /* RFC 7323 section 3.2 */

#define TCP_OPT_TS_OCTETS   12 /* with two NOPs before it: RFC 7323 appendix A */
#define TCP_SACK_BLOCKS_MAX 4
#define TCP_WSCALE_MAX	    14 /* RFC 7323 section 2.3 */

/* tcp_seg.has */
#define TCP_HAS_MSS	0x01
#define TCP_HAS_WSCALE	0x02
#define TCP_HAS_SACK_OK 0x04
#define TCP_HAS_TS	0x08

/* Sequence numbers from, up to but not with, to. */
struct tcp_range {
	uint32_t from, to;
};

struct tcp_seg {
	struct ip6_addr src, dst;
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint32_t len;	  /* octets of text */
	uint16_t wnd;	  /* as on the wire */
	uint16_t urgent;  /* pointer */
	uint8_t flags;	  /* TCP_FIN ... */
	uint8_t ecn;	  /* IP6_ECN_*: how it came */
	uint8_t has;	  /* TCP_HAS_* */
	uint8_t n_sack;	  /* blocks that follow */
	uint8_t wscale;	  /* shift count, at most TCP_WSCALE_MAX */
	uint16_t mss;	  /* of the option */
	uint32_t ifindex; /* it came by */
	uint32_t tsval, tsecr;
	const uint8_t *data; /* text, in its packet */
	struct tcp_range sack[TCP_SACK_BLOCKS_MAX];
};

/* Sequence numbers wrap (RFC 9293 section 3.4): compared by their distance. */
static inline bool seq_lt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool seq_le(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
	return seq_lt(a, b) ? b : a;
}

static inline uint32_t seq_min(uint32_t a, uint32_t b)
{
	return seq_lt(a, b) ? a : b;
}

/** tcp_seg_len() - SEG.LEN of RFC 9293 section 3.4: the text, SYN and FIN. */
static inline uint32_t tcp_seg_len(const struct tcp_seg *s)
{
	return s->len + ((s->flags & TCP_SYN) != 0) + ((s->flags & TCP_FIN) != 0);
}

/**
 * tcp_seg_parse() - Read a segment that was delivered to this node; the checksum is verified.
 * @ret:	Set only on success; its text points into @pkt.
 *
 * Unknown options are passed over (RFC 9293 section 3.1, MUST-6); one whose length is wrong ends
 * the segment (MUST-7). Window scale and MSS count in a SYN only (RFC 7323 section 2.2).
 *
 * Return: DROP_NONE, or why it is to be dropped.
 */
enum drop tcp_seg_parse(const struct pkt *pkt, struct tcp_seg *ret);

/** tcp_seg_hdr_octets() - Octets of header and options that tcp_seg_put() will write. */
uint32_t tcp_seg_hdr_octets(const struct tcp_seg *s);

/**
 * tcp_seg_put() - Write header and options; the text (@s->len octets) already stands behind them.
 * @h:		Room of tcp_seg_hdr_octets() octets, then the text.
 *
 * The checksum is filled in, from the addresses of @s.
 */
void tcp_seg_put(uint8_t *h, const struct tcp_seg *s);

#endif
