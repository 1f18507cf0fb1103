/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMP for this node: RFC 792, RFC 1122 section 3.2.2. Errors change into words of ICMPv6 as RFC 7915
 * section 4.2 translates them, because who gets them (TCP, sockets) knows those.
 */
#include "ip4/ip4.h"

#include "base/csum.h"

#define MTU_FLOOR 552 /* as Linux's min_pmtu: below, a lie is likelier than such a link */

static enum icmp4_verdict done(struct ip6 *ip6, struct pkt *pkt, enum drop why)
{
	env_drop(ip6->env, pkt, why);
	return ICMP4_DONE;
}

/* RFC 1122 section 3.2.2.6: the data, and the type of service, come back. */
static enum icmp4_verdict echo_reply(struct ip6 *ip6, struct pkt *pkt)
{
	struct ip6_addr from = ip6_hdr_src(pkt->p), to = ip6_hdr_dst(pkt->p);
	uint32_t len = pkt->len - pkt->l4_off;
	struct pkt *reply;
	uint8_t *m;

	if ((pkt->flags & PKT_MULTICAST) != 0) /* section 3.2.2.6: MAY be discarded */
		return done(ip6, pkt, DROP_ICMP4_ECHO_BROADCAST);
	reply = ip6_new_packet(ip6, &to, &from, IP4_PROTO_ICMP, -1, len);
	if (reply == NULL) {
		pkt_free(pkt); /* counted already */
		return ICMP4_DONE;
	}
	ip6_hdr_set_class(reply->p, ip6_hdr_class(pkt->p));
	m = pkt_put(reply, len);
	memcpy(m, pkt->p + pkt->l4_off, len);
	pkt_free(pkt);
	m[0] = ICMP4_ECHO_REPLY;
	put_be16(m + ICMP4_CSUM_OFF, 0);
	put_be16(m + ICMP4_CSUM_OFF, (uint16_t)~csum_fold(csum_add(0, m, len)));
	(void)ip6_output(ip6, reply, 0);
	return ICMP4_DONE;
}

/* RFC 1191 section 7.1: a router that does not tell the MTU leaves a guess. */
static uint32_t plateau(uint32_t len)
{
	static const uint16_t table[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006 };

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i] < len)
			return table[i];
	return MTU_FLOOR;
}

struct word {
	uint8_t type, code;
	uint32_t info;
};

/* RFC 7915 section 4.2. */
static bool translate(const uint8_t *m, const struct ip4_hdr *quote, struct word *ret)
{
	static const uint8_t unreach[ICMP4_UNREACH_CODES] = {
		[ICMP4_UNREACH_HOST] = ICMP6_UNREACH_ADDR,
		[ICMP4_UNREACH_PORT] = ICMP6_UNREACH_PORT,
		[7] = ICMP6_UNREACH_ADDR,
		[9] = ICMP6_UNREACH_ADMIN,
		[10] = ICMP6_UNREACH_ADMIN,
		[12] = ICMP6_UNREACH_ADDR,
		[ICMP4_UNREACH_ADMIN] = ICMP6_UNREACH_ADMIN,
		[14] = ICMP6_UNREACH_ADDR,
		[15] = ICMP6_UNREACH_ADMIN,
	};
	uint32_t mtu = get_be16(m + 6);

	if (m[0] == ICMP4_TIME_EXCEEDED) {
		*ret = (struct word){ ICMP6_TIME_EXCEEDED, m[1], 0 };
	} else if (m[0] == ICMP4_PARAM_PROB) {
		*ret = (struct word){ ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, 0 };
	} else if (m[0] != ICMP4_UNREACH || m[1] >= ICMP4_UNREACH_CODES) {
		return false;
	} else if (m[1] == ICMP4_UNREACH_PROTOCOL) {
		*ret = (struct word){ ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, IP6_NEXT_OFF };
	} else if (m[1] == ICMP4_UNREACH_TOO_BIG) {
		if (mtu == 0)
			mtu = plateau(quote->len);
		*ret = (struct word){ ICMP6_TOO_BIG, 0, MAX(mtu, MTU_FLOOR) + MAPPED_MORE };
	} else {
		*ret = (struct word){ ICMP6_UNREACH, unreach[m[1]], 0 };
	}
	return true;
}

/* Both headers of the packet become mapped ones: what lies before the quoted data moves to the front. */
static void rewrite(struct pkt *pkt, const struct ip4_hdr *quote, const struct word *w)
{
	uint32_t before = (uint32_t)pkt->l4_off + ICMP4_HDR_OCTETS, grow;
	uint8_t head[IP6_HDR_OCTETS + ICMP4_HDR_OCTETS], *m = head + IP6_HDR_OCTETS;

	ASSERT(before == sizeof(head));
	memcpy(head, pkt->p, sizeof(head));
	pkt->ip4_id = get_be16(m);
	m[0] = w->type;
	m[1] = w->code;
	put_be32(m + 4, w->info);
	grow = IP6_HDR_OCTETS - MIN(quote->octets, (uint32_t)IP6_HDR_OCTETS);
	if (grow > 0)
		pkt_push(pkt, grow);
	else
		pkt_pull(pkt, quote->octets - (uint32_t)IP6_HDR_OCTETS);
	memcpy(pkt->p, head, sizeof(head));
	ip6_put_header(pkt->p + sizeof(head), quote->tos, 0, (uint16_t)(quote->len - quote->octets),
		       quote->proto, quote->ttl, &quote->src, &quote->dst);
	put_be16(pkt->p + IP6_PLEN_OFF, (uint16_t)(pkt->len - IP6_HDR_OCTETS));
}

static enum icmp4_verdict error_input(struct ip6 *ip6, struct pkt *pkt)
{
	const uint8_t *m = pkt->p + pkt->l4_off;
	struct rd r =
		rd_of(m + ICMP4_HDR_OCTETS, pkt->len - pkt->l4_off - (size_t)ICMP4_HDR_OCTETS);
	struct ip4_hdr quote;
	struct word w;

	if (ip4_quote_parse(r, &quote) != DROP_NONE)
		return done(ip6, pkt, DROP_ICMP4_SHORT);
	if ((quote.off & IP4_OFFSET_MASK) != 0 || ip6_local(ip6, &quote.src, 0) == NULL)
		return done(ip6, pkt, DROP_ICMP4_QUOTE);
	if (!translate(m, &quote, &w))
		return done(ip6, pkt, DROP_ICMP4_TYPE);
	if (w.type == ICMP6_TOO_BIG && w.info >= quote.len + (uint32_t)MAPPED_MORE)
		return done(ip6, pkt, DROP_ICMP4_QUOTE); /* it would have fit */
	rewrite(pkt, &quote, &w);
	return ICMP4_TO_ERROR;
}

void icmp4_believed(struct ip6 *ip6, const struct pkt *pkt)
{
	const uint8_t *m = pkt->p + pkt->l4_off;
	struct ip6_addr dst = ip6_hdr_dst(m + ICMP4_HDR_OCTETS);

	if (m[0] == ICMP6_TOO_BIG)
		path_too_big(&ip6->path, &dst, 0, get_be32(m + 4));
}

enum icmp4_verdict icmp4_input(struct ip6 *ip6, struct pkt *pkt)
{
	const uint8_t *m = pkt->p + pkt->l4_off;
	uint32_t len = pkt->len - pkt->l4_off;

	if (len < ICMP4_HDR_OCTETS)
		return done(ip6, pkt, DROP_ICMP4_SHORT);
	if (csum_fold(csum_add(0, m, len)) != 0xffff)
		return done(ip6, pkt, DROP_ICMP4_CSUM);
	switch (m[0]) {
	case ICMP4_ECHO_REQUEST:
		return echo_reply(ip6, pkt);
	case ICMP4_ECHO_REPLY:
		return ICMP4_TO_ECHO;
	case ICMP4_UNREACH:
	case ICMP4_TIME_EXCEEDED:
	case ICMP4_PARAM_PROB:
		return error_input(ip6, pkt);
	default: /* RFC 1122 section 3.2.2: unknown types MUST be silently discarded */
		break;
	}
	if ((pkt->flags & PKT_TAKEN) == 0)
		return done(ip6, pkt, DROP_ICMP4_TYPE);
	pkt_free(pkt);
	return ICMP4_DONE;
}
