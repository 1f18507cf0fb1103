/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors of our own: RFC 792, RFC 1122 section 3.2.2, RFC 1812 section 4.3.2. */
#include "ip4/ip4.h"

#include "base/csum.h"

static bool is_error(uint8_t type)
{
	return type == ICMP4_UNREACH || type == ICMP4_QUENCH || type == ICMP4_REDIRECT ||
	       type == ICMP4_TIME_EXCEEDED || type == ICMP4_PARAM_PROB;
}

/* RFC 1122 section 3.2.2: the list of what is never answered. */
static bool may_answer(struct ip6 *ip6, const struct pkt *pkt, const struct ip4_hdr *h)
{
	const struct iface *ifc = ip6_if(ip6, pkt->ifindex);

	if ((h->off & IP4_OFFSET_MASK) != 0 || (pkt->flags & PKT_MULTICAST) != 0)
		return false;
	if (mapped_is_on_link(&h->dst) || addr_is_any(&h->src) || h->src.b[12] >= 0xe0)
		return false;
	if (ifc != NULL && (mapped_is_broadcast(ifc, &h->dst) || mapped_is_broadcast(ifc, &h->src)))
		return false;
	if (mapped_is_loopback(&h->src) != mapped_is_loopback(&h->dst))
		return false;
	return h->proto != IP4_PROTO_ICMP || (pkt->len > h->octets && !is_error(pkt->p[h->octets]));
}

static void send_error(struct ip6 *ip6, const struct pkt *pkt, const struct ip4_hdr *h,
		       uint8_t type, uint8_t code, uint32_t info)
{
	uint32_t quote = MIN(pkt->len, (uint32_t)ICMP4_QUOTE_OCTETS_MAX);
	struct ip6_addr src = h->dst;
	struct pkt *err;
	uint8_t *m;

	if (ip6_local(ip6, &src, 0) == NULL && ip6_source(ip6, &h->src, 0, &src) < 0)
		return;
	if (!icmp6_rate_ok(ip6, &h->src)) {
		env_count_drop(ip6->env, pkt->ifindex, DROP_ICMP6_RATE);
		return;
	}
	err = ip6_new_packet(ip6, &src, &h->src, IP4_PROTO_ICMP, -1, ICMP4_HDR_OCTETS + quote);
	if (err == NULL)
		return;
	ip6_hdr_set_class(err->p, 0xc0); /* RFC 1812 section 4.3.2.5: internetwork control */
	m = pkt_put(err, ICMP4_HDR_OCTETS + quote);
	m[0] = type;
	m[1] = code;
	put_be16(m + ICMP4_CSUM_OFF, 0);
	put_be32(m + 4, info);
	memcpy(m + ICMP4_HDR_OCTETS, pkt->p, quote);
	put_be16(m + ICMP4_CSUM_OFF,
		 (uint16_t)~csum_fold(csum_add(0, m, ICMP4_HDR_OCTETS + quote)));
	if (ip6_if(ip6, pkt->ifindex) != NULL)
		ip6_if(ip6, pkt->ifindex)->count.icmp_errors_sent++;
	(void)ip6_output(ip6, err, 0);
}

void ip4_refuse(struct ip6 *ip6, struct pkt *pkt, uint8_t type, uint8_t code, uint32_t info,
		enum drop why)
{
	struct ip4_hdr h;

	if (ip4_quote_parse(rd_of(pkt->p, pkt->len), &h) == DROP_NONE && may_answer(ip6, pkt, &h))
		send_error(ip6, pkt, &h, type, code, info);
	env_drop(ip6->env, pkt, why);
}

void ip4_answer(struct ip6 *ip6, struct pkt *pkt)
{
	struct mapped_error e = mapped_error_of(pkt);
	uint8_t type = ICMP4_UNREACH, code = ICMP4_UNREACH_HOST;

	if (e.type == ICMP6_TIME_EXCEEDED) {
		type = ICMP4_TIME_EXCEEDED;
		code = e.code;
	} else if (e.type == ICMP6_UNREACH && e.code == ICMP6_UNREACH_PORT) {
		code = ICMP4_UNREACH_PORT;
	} else if (e.type == ICMP6_PARAM_PROB && e.code == ICMP6_PARAM_NEXT) {
		code = ICMP4_UNREACH_PROTOCOL;
	} else if (e.type != ICMP6_UNREACH) {
		env_drop(ip6->env, pkt, e.why);
		return;
	}
	ip4_from_mapped(pkt, pkt->ip4_id, pkt->ip4_off & (IP4_DF | IP4_MF));
	ip4_refuse(ip6, pkt, type, code, 0, e.why);
}
