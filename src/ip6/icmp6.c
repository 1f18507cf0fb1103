/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/icmp6.h"

#include "base/csum.h"
#include "ip6/ip6.h"

/* RFC 4443 section 2.4 (f): average and burst; generous enough for traceroute and path MTU. */
#define RATE_ALL  (NS_PER_S / 1000) /* between errors of the node */
#define BURST_ALL 200
#define BURST_DST 20

static bool bucket_has(const struct icmp6_bucket *b, time_ns now, time_ns cost, unsigned burst)
{
	return b->full_at <= now || b->full_at - now <= cost * (burst - 1);
}

static void bucket_take(struct icmp6_bucket *b, time_ns now, time_ns cost)
{
	b->full_at = MAX(b->full_at, now) + cost;
}

bool icmp6_rate_ok(struct ip6 *ip6, const struct ip6_addr *dst)
{
	struct icmp6_limit *l = &ip6->icmp_limit;
	struct ip6_addr net = ip6_prefix(dst, ip6_is_v4mapped(dst) ? 128 : 64);
	uint32_t slot = hash_addr(&ip6->env->key, &net, 0) % ICMP6_LIMIT_SLOTS;
	time_ns now = ip6->env->now;

	if (l->per_dst == 0)
		return true;
	/* what is not sent costs nobody anything */
	if (!bucket_has(&l->dst[slot], now, l->per_dst, BURST_DST) ||
	    !bucket_has(&l->all, now, RATE_ALL, BURST_ALL))
		return false;
	bucket_take(&l->dst[slot], now, l->per_dst);
	bucket_take(&l->all, now, RATE_ALL);
	return true;
}

static void put_checksum(struct pkt *pkt)
{
	uint32_t off = pkt->l4_off != 0 ? pkt->l4_off : IP6_HDR_OCTETS;
	struct ip6_addr src = ip6_hdr_src(pkt->p), dst = ip6_hdr_dst(pkt->p);
	uint8_t *m = pkt->p + off;

	ASSERT(pkt->len >= off + ICMP6_HDR_OCTETS);
	put_be16(m + ICMP6_CSUM_OFF, 0);
	put_be16(m + ICMP6_CSUM_OFF, csum_upper(&src, &dst, m, pkt->len - off, IP6_NH_ICMP6));
}

int icmp6_send(struct ip6 *ip6, struct pkt *pkt, uint32_t oif)
{
	put_checksum(pkt);
	return ip6_output(ip6, pkt, oif);
}

void icmp6_send_on_link(struct ip6 *ip6, struct pkt *pkt, struct iface *ifc)
{
	struct ip6_addr dst = ip6_hdr_dst(pkt->p);

	ASSERT(pkt->len <= IP6_MTU_MIN && pkt->p[IP6_HLIM_OFF] != 0);
	put_be16(pkt->p + IP6_PLEN_OFF, (uint16_t)(pkt->len - IP6_HDR_OCTETS));
	put_checksum(pkt);
	pkt->flags |= PKT_ON_LINK;
	if (ip6_optimistic_hop(ip6, ifc, pkt, &dst))
		ip6_xmit(ip6, ifc, &dst, pkt);
}

void icmp6_send_at(struct ip6 *ip6, struct pkt *pkt, struct iface *ifc, const struct mac *mac)
{
	ASSERT(pkt->len <= IP6_MTU_MIN && pkt->p[IP6_HLIM_OFF] != 0);
	put_be16(pkt->p + IP6_PLEN_OFF, (uint16_t)(pkt->len - IP6_HDR_OCTETS));
	put_checksum(pkt);
	if (ifc->disabled) {
		env_drop(ip6->env, pkt, DROP_IF_DISABLED);
		return;
	}
	ifc->count.out_pkts++;
	link_header(pkt, mac, &ifc->link.mac, ETH_TYPE_IP6);
	link_tx(ip6->env, &ifc->link, pkt);
}

/* RFC 4443 section 2.4 (e.1) and (e.2): is the packet itself an error, or a redirect? */
static bool about_an_error(const struct pkt *pkt)
{
	struct rd r = rd_of(pkt->p, pkt->len);
	uint8_t next, type;
	uint32_t off;

	if (!ip6_upper_find(r, &next, &off))
		return false;
	if (next != IP6_NH_ICMP6 || !rd_skip(&r, off) || !rd_u8(&r, &type))
		return false;
	return type < ICMP6_INFO_FIRST || type == ICMP6_REDIRECT;
}

/* The exceptions of section 2.4 (e.3) to (e.5): answered even if it came to many. */
static bool even_multicast(const struct pkt *pkt, uint8_t type, uint8_t code, uint32_t param)
{
	if (type == ICMP6_TOO_BIG)
		return true;
	return type == ICMP6_PARAM_PROB && code == ICMP6_PARAM_OPTION && param < pkt->len &&
	       ip6_opt_action(pkt->p[param]) == IP6_OPT_DISCARD_ICMP;
}

/* (e.6): does @src name one node? */
static bool is_one_node(const struct ip6 *ip6, const struct ip6_addr *src, uint32_t ifindex)
{
	const struct if_addr *a;

	if (ip6_is_unspec(src) || ip6_is_mcast(src))
		return false;
	a = ip6_local(ip6, src, ifindex);
	return a == NULL || a->origin != ADDR_ANYCAST;
}

/* RFC 4443 section 2.4 (e). */
static bool may_answer(struct ip6 *ip6, const struct pkt *pkt, uint8_t type, uint8_t code,
		       uint32_t param)
{
	struct ip6_addr src, dst;

	if (pkt->len < IP6_HDR_OCTETS)
		return false;
	src = ip6_hdr_src(pkt->p);
	dst = ip6_hdr_dst(pkt->p);
	if (!is_one_node(ip6, &src, pkt->ifindex) || ip6_is_loopback(&src) != ip6_is_loopback(&dst))
		return false;
	if ((ip6_is_mcast(&dst) || (pkt->flags & PKT_MULTICAST) != 0) &&
	    !even_multicast(pkt, type, code, param))
		return false;
	return !about_an_error(pkt);
}

/*
 * Where an answer to @pkt comes from. Section 2.2 (a): the address that was meant, if it is ours
 * and names one node; (b): the one that any packet to @to would have. Section 4.2 has echo
 * replies to a group come from the interface that the request came to (@of_if).
 * @oif:	Set to the interface that a link-local address on either end demands, else 0.
 */
static int answer_source(struct ip6 *ip6, const struct pkt *pkt, const struct ip6_addr *to,
			 bool of_if, struct ip6_addr *ret, uint32_t *oif)
{
	struct ip6_addr meant = ip6_hdr_dst(pkt->p);
	const struct if_addr *a = ip6_is_mcast(&meant) ? NULL
						       : ip6_local(ip6, &meant, pkt->ifindex);
	int rc = 0;

	*oif = ip6_is_linklocal(to) ? pkt->ifindex : 0;
	if (a != NULL && if_addr_is_assigned(a) && a->origin != ADDR_ANYCAST)
		*ret = meant;
	else if (of_if)
		rc = ip6_source_of(ip6, to, ip6_if(ip6, pkt->ifindex), ret);
	else
		rc = ip6_source(ip6, to, *oif, ret);
	if (rc == 0 && ip6_is_linklocal(ret))
		*oif = pkt->ifindex;
	return rc;
}

static void send_error(struct ip6 *ip6, const struct pkt *pkt, uint8_t type, uint8_t code,
		       uint32_t param)
{
	struct ip6_addr to = ip6_hdr_src(pkt->p), src;
	uint32_t quote = MIN(pkt->len, IP6_MTU_MIN - IP6_HDR_OCTETS - ICMP6_HDR_OCTETS - 4);
	struct pkt *err;
	uint32_t oif;
	uint8_t *m;

	if (answer_source(ip6, pkt, &to, false, &src, &oif) < 0)
		return;
	if (!icmp6_rate_ok(ip6, &to)) {
		env_count_drop(ip6->env, pkt->ifindex, DROP_ICMP6_RATE);
		return;
	}
	err = ip6_new_packet(ip6, &src, &to, IP6_NH_ICMP6, -1, ICMP6_HDR_OCTETS + 4 + quote);
	if (err == NULL)
		return;
	m = pkt_put(err, ICMP6_HDR_OCTETS + 4 + quote);
	m[0] = type;
	m[1] = code;
	put_be32(m + 4, param);
	memcpy(m + 8, pkt->p, quote);
	if (pkt->ifindex != 0 && ip6_if(ip6, pkt->ifindex) != NULL)
		ip6_if(ip6, pkt->ifindex)->count.icmp_errors_sent++;
	(void)icmp6_send(ip6, err, oif);
}

void icmp6_error(struct ip6 *ip6, struct pkt *pkt, uint8_t type, uint8_t code, uint32_t param,
		 enum drop why)
{
	struct ip6_addr src = pkt->len >= IP6_HDR_OCTETS ? ip6_hdr_src(pkt->p) : IP6_UNSPEC;

	if (UNLIKELY(ip6_is_v4mapped(&src))) { /* only ip4 brings such */
		mapped_error(ip6, pkt, type, code, why);
		return;
	}
	if (may_answer(ip6, pkt, type, code, param))
		send_error(ip6, pkt, type, code, param);
	env_drop(ip6->env, pkt, why);
}

/* RFC 4443 section 4.2. The request becomes the reply: its data is copied by standing still. */
static void echo_reply(struct ip6 *ip6, struct pkt *pkt)
{
	struct ip6_addr from = ip6_hdr_src(pkt->p), to = ip6_hdr_dst(pkt->p), src;
	struct iface *ifc = ip6_if(ip6, pkt->ifindex);
	const uint8_t *m = pkt->p + pkt->l4_off;
	uint32_t len = pkt->len - pkt->l4_off, oif;
	struct pkt *reply;

	if (ip6_is_mcast(&to) && (ifc == NULL || !ifc->conf.echo_multicast)) {
		env_drop(ip6->env, pkt, DROP_ICMP6_ECHO_MCAST);
		return;
	}
	if (ip6_is_unspec(&from) || answer_source(ip6, pkt, &from, true, &src, &oif) < 0) {
		env_drop(ip6->env, pkt, DROP_IP6_NO_SOURCE);
		return;
	}
	reply = ip6_new_packet(ip6, &src, &from, IP6_NH_ICMP6, -1, len);
	if (reply == NULL) {
		pkt_free(pkt); /* counted already */
		return;
	}
	memcpy(pkt_put(reply, len), m, len);
	pkt_free(pkt);
	reply->p[IP6_HDR_OCTETS] = ICMP6_ECHO_REPLY;
	(void)icmp6_send(ip6, reply, oif);
}

/*
 * RFC 8201 section 4. Believed only about a packet of ours that was larger than the MTU it
 * reports; an MTU below 1280 is no reason to send less (RFC 8021 and RFC 8200 section 5).
 */
static enum drop too_big(struct ip6 *ip6, const struct pkt *pkt, uint32_t mtu, struct rd quote)
{
	struct ip6_addr dst;
	uint32_t off;
	uint8_t next;

	if (mtu < IP6_MTU_MIN)
		return DROP_ICMP6_PTB_SMALL;
	if (quote.left < IP6_HDR_OCTETS || IP6_HDR_OCTETS + (uint32_t)ip6_hdr_plen(quote.p) <= mtu)
		return DROP_ICMP6_ERROR_FORGED;
	if (!path_quoted(&ip6->path,
			 quote)) /* TCP knows what it has in flight, and notes the MTU */
		return ip6_upper_find(quote, &next, &off) && next == IP6_NH_TCP
			       ? DROP_NONE
			       : DROP_ICMP6_ERROR_FORGED;
	dst = ip6_hdr_dst(quote.p);
	path_too_big(&ip6->path, &dst, ip6_is_linklocal(&dst) ? pkt->ifindex : 0, mtu);
	return DROP_NONE;
}

/* An error: it must quote a packet that came from here. */
static enum icmp6_verdict error_input(struct ip6 *ip6, struct pkt *pkt, uint8_t type,
				      uint32_t param)
{
	struct rd quote = rd_of(pkt->p + pkt->l4_off + 8, pkt->len - pkt->l4_off - 8u);
	enum drop why = DROP_NONE;
	struct ip6_addr src;

	if (quote.left < IP6_HDR_OCTETS) {
		why = DROP_ICMP6_SHORT;
	} else {
		src = ip6_hdr_src(quote.p);
		if (ip6_local(ip6, &src, pkt->ifindex) == NULL)
			why = DROP_ICMP6_ERROR_FORGED;
		else if (type == ICMP6_TOO_BIG)
			why = too_big(ip6, pkt, param, quote);
	}
	if (why != DROP_NONE) {
		env_drop(ip6->env, pkt, why);
		return ICMP6_DONE;
	}
	return ICMP6_TO_ERROR;
}

enum icmp6_verdict icmp6_input(struct ip6 *ip6, struct pkt *pkt)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p), dst = ip6_hdr_dst(pkt->p);
	uint32_t len = pkt->len - pkt->l4_off;
	const uint8_t *m = pkt->p + pkt->l4_off;
	enum drop why;

	if (len < ICMP6_HDR_OCTETS) {
		why = DROP_ICMP6_SHORT;
	} else if (csum_upper(&src, &dst, m, len, IP6_NH_ICMP6) != 0) {
		why = DROP_ICMP6_CSUM;
	} else if (m[0] >= ICMP6_ND_FIRST && m[0] <= ICMP6_ND_LAST) {
		return ICMP6_TO_ND;
	} else if (icmp6_is_mld(m[0])) {
		return ICMP6_TO_MLD;
	} else if (len < 8) {
		why = DROP_ICMP6_SHORT;
	} else if (m[0] == ICMP6_ECHO_REQUEST) {
		echo_reply(ip6, pkt);
		return ICMP6_DONE;
	} else if (m[0] == ICMP6_ECHO_REPLY) {
		return ICMP6_TO_ECHO;
	} else if (m[0] < ICMP6_INFO_FIRST) {
		return error_input(ip6, pkt, m[0], get_be32(m + 4));
	} else if ((pkt->flags & PKT_TAKEN) != 0) {
		pkt_free(pkt);
		return ICMP6_DONE;
	} else {
		why = DROP_ICMP6_TYPE; /* section 2.4 (b): discarded in silence */
	}
	env_drop(ip6->env, pkt, why);
	return ICMP6_DONE;
}
