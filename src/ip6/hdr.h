/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The IPv6 header and the numbers that go with it: next headers, options, ICMPv6 types and codes.
 */
#ifndef INABA_IP6_HDR_H
#define INABA_IP6_HDR_H

#include "base/addr.h"

/* RFC 8200 section 3 */
#define IP6_VERSION    6
#define IP6_PLEN_OFF   4
#define IP6_NEXT_OFF   6
#define IP6_HLIM_OFF   7
#define IP6_SRC_OFF    8
#define IP6_DST_OFF    24
#define IP6_HDR_OCTETS 40
#define IP6_PLEN_MAX   65535
#define IP6_FLOW_MASK  0xfffffu

_Static_assert(IP6_DST_OFF + IP6_ADDR_OCTETS == IP6_HDR_OCTETS, "addresses end the header");

/* Traffic class: the last two bits are ECN (RFC 3168 section 5). */
#define IP6_ECN_MASK	0x03
#define IP6_ECN_NOT_ECT 0x00
#define IP6_ECN_ECT1	0x01
#define IP6_ECN_ECT0	0x02
#define IP6_ECN_CE	0x03

/* Next Header values: IANA's protocol numbers. */
#define IP6_NH_HBH	0 /* hop-by-hop options, RFC 8200 section 4.3 */
#define IP6_NH_IP4	4
#define IP6_NH_TCP	6
#define IP6_NH_UDP	17
#define IP6_NH_DCCP	33
#define IP6_NH_IP6	41
#define IP6_NH_ROUTING	43 /* RFC 8200 section 4.4 */
#define IP6_NH_FRAGMENT 44 /* RFC 8200 section 4.5 */
#define IP6_NH_GRE	47
#define IP6_NH_ESP	50 /* RFC 4303 */
#define IP6_NH_AH	51 /* RFC 4302 */
#define IP6_NH_ICMP6	58
#define IP6_NH_NONE	59 /* RFC 8200 section 4.7 */
#define IP6_NH_DSTOPTS	60 /* RFC 8200 section 4.6 */
#define IP6_NH_OSPF	89
#define IP6_NH_IPCOMP	108 /* RFC 3173 */
#define IP6_NH_SCTP	132
#define IP6_NH_MH	135 /* Mobility Header, RFC 6275 section 6.1 */
#define IP6_NH_UDPLITE	136
#define IP6_NH_HIP	139
#define IP6_NH_SHIM6	140

/* Extension headers come in units of eight octets and say so in their second octet. */
#define IP6_EXT_UNIT	8
#define IP6_EXT_LEN_OFF 1

/* Routing header, RFC 8200 section 4.4 */
#define IP6_RH_TYPE_OFF 2
#define IP6_RH_LEFT_OFF 3
#define IP6_RH_TYPE0	0 /* deprecated by RFC 5095 */
#define IP6_RH_TYPE2	2 /* RFC 6275 section 6.4 */

/* Fragment header, RFC 8200 section 4.5 */
#define IP6_FRAG_OFFSET_OFF  2
#define IP6_FRAG_ID_OFF	     4
#define IP6_FRAG_OCTETS	     8
#define IP6_FRAG_OFFSET_MASK 0xfff8 /* of the 16 bits there: octets, as they come in units of 8 */
#define IP6_FRAG_MORE	     0x0001

/* Options: type, length of the data, data (RFC 8200 section 4.2). */
#define IP6_OPT_HDR_OCTETS   2
#define IP6_OPT_PAD1	     0x00 /* one octet, without a length */
#define IP6_OPT_PADN	     0x01
#define IP6_OPT_TUNNEL_LIMIT 0x04 /* RFC 2473 section 4.1.1 */
#define IP6_OPT_ROUTER_ALERT 0x05 /* RFC 2711 */
#define IP6_OPT_JUMBO	     0xc2 /* RFC 2675 */
#define IP6_OPT_HOME_ADDR    0xc9 /* RFC 6275 section 6.3 */

#define IP6_ROUTER_ALERT_OCTETS 2 /* of data */
#define IP6_ROUTER_ALERT_MLD	0

/* What the two high bits of an option's type tell a node that does not know it. */
enum ip6_opt_action {
	IP6_OPT_SKIP,
	IP6_OPT_DISCARD,
	IP6_OPT_DISCARD_ICMP,	    /* and send Parameter Problem, code 2 */
	IP6_OPT_DISCARD_ICMP_UCAST, /* the same, unless the destination is multicast */
};

static inline enum ip6_opt_action ip6_opt_action(uint8_t type)
{
	return (enum ip6_opt_action)(type >> 6);
}

/* ICMPv6: RFC 4443 section 2.1 */
#define ICMP6_TYPE_OFF	 0
#define ICMP6_CODE_OFF	 1
#define ICMP6_CSUM_OFF	 2
#define UDP_HDR_OCTETS	 8
#define UDP_CSUM_OFF	 6
#define ICMP6_HDR_OCTETS 4

#define ICMP6_UNREACH	      1 /* RFC 4443 section 3.1 */
#define ICMP6_UNREACH_ROUTE   0
#define ICMP6_UNREACH_ADMIN   1
#define ICMP6_UNREACH_SCOPE   2
#define ICMP6_UNREACH_ADDR    3
#define ICMP6_UNREACH_PORT    4
#define ICMP6_UNREACH_POLICY  5
#define ICMP6_UNREACH_REJECT  6
#define ICMP6_TOO_BIG	      2 /* section 3.2 */
#define ICMP6_TIME_EXCEEDED   3 /* section 3.3 */
#define ICMP6_TIME_HOP_LIMIT  0
#define ICMP6_TIME_REASSEMBLY 1
#define ICMP6_PARAM_PROB      4 /* section 3.4 */
#define ICMP6_PARAM_FIELD     0
#define ICMP6_PARAM_NEXT      1
#define ICMP6_PARAM_OPTION    2
#define ICMP6_PARAM_FRAG      3 /* first fragment without the whole chain, RFC 7112 */
#define ICMP6_PARAM_HDR_BIG   6 /* 6 to 10: RFC 8883 section 2 */
#define ICMP6_PARAM_CHAIN     7
#define ICMP6_PARAM_HDRS      8
#define ICMP6_PARAM_OPTS      9
#define ICMP6_PARAM_OPT_BIG   10

#define ICMP6_INFO_FIRST   128 /* types below are errors */
#define ICMP6_ECHO_REQUEST 128 /* section 4 */
#define ICMP6_ECHO_REPLY   129
#define ICMP6_MLD_QUERY	   130 /* RFC 2710, RFC 3810 */
#define ICMP6_MLD_REPORT   131
#define ICMP6_MLD_DONE	   132
#define ICMP6_ND_FIRST	   133 /* RFC 4861 section 4 */
#define ICMP6_RS	   133
#define ICMP6_RA	   134
#define ICMP6_NS	   135
#define ICMP6_NA	   136
#define ICMP6_REDIRECT	   137
#define ICMP6_ND_LAST	   137
#define ICMP6_MLD2_REPORT  143 /* RFC 3810 section 5.2 */
#define ICMP6_HAAD_REQUEST 144 /* RFC 6275 sections 6.5 to 6.8 */
#define ICMP6_HAAD_REPLY   145
#define ICMP6_MPS	   146
#define ICMP6_MPA	   147

static inline bool icmp6_is_mld(uint8_t type)
{
	return (type >= ICMP6_MLD_QUERY && type <= ICMP6_MLD_DONE) || type == ICMP6_MLD2_REPORT;
}

/*
 * Fields of the header at @p, of which IP6_HDR_OCTETS octets are there.
 */
static inline unsigned ip6_hdr_version(const uint8_t *p)
{
	return p[0] >> 4;
}

static inline uint8_t ip6_hdr_class(const uint8_t *p)
{
	return (uint8_t)(get_be16(p) >> 4);
}

static inline uint32_t ip6_hdr_flow(const uint8_t *p)
{
	return get_be32(p) & IP6_FLOW_MASK;
}

static inline uint16_t ip6_hdr_plen(const uint8_t *p)
{
	return get_be16(p + IP6_PLEN_OFF);
}

static inline struct ip6_addr ip6_hdr_src(const uint8_t *p)
{
	struct ip6_addr a;

	memcpy(a.b, p + IP6_SRC_OFF, sizeof(a.b));
	return a;
}

static inline struct ip6_addr ip6_hdr_dst(const uint8_t *p)
{
	struct ip6_addr a;

	memcpy(a.b, p + IP6_DST_OFF, sizeof(a.b));
	return a;
}

static inline bool ip6_hdr_dst_is_mcast(const uint8_t *p)
{
	return p[IP6_DST_OFF] == 0xff;
}

static inline void ip6_hdr_set_class(uint8_t *p, uint8_t tclass)
{
	put_be16(p, (uint16_t)((get_be16(p) & 0xf00f) | tclass << 4));
}

static inline void ip6_hdr_set_src(uint8_t *p, const struct ip6_addr *src)
{
	memcpy(p + IP6_SRC_OFF, src->b, sizeof(src->b));
}

static inline void ip6_hdr_set_dst(uint8_t *p, const struct ip6_addr *dst)
{
	memcpy(p + IP6_DST_OFF, dst->b, sizeof(dst->b));
}

/**
 * ip6_put_header() - Write a whole IPv6 header (RFC 8200 section 3).
 * @p:		IP6_HDR_OCTETS octets.
 * @flow:	Flow label, 20 bits.
 * @plen:	Payload length: octets behind this header.
 */
static inline void ip6_put_header(uint8_t *p, uint8_t tclass, uint32_t flow, uint16_t plen,
				  uint8_t next, uint8_t hop_limit, const struct ip6_addr *src,
				  const struct ip6_addr *dst)
{
	put_be32(p, (uint32_t)IP6_VERSION << 28 | (uint32_t)tclass << 20 | (flow & IP6_FLOW_MASK));
	put_be16(p + IP6_PLEN_OFF, plen);
	p[IP6_NEXT_OFF] = next;
	p[IP6_HLIM_OFF] = hop_limit;
	ip6_hdr_set_src(p, src);
	ip6_hdr_set_dst(p, dst);
}

#endif
