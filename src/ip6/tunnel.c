/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Generic packet tunneling: RFC 2473 (read sections 4.1.1, 7.1, 8.1 and 8.2 first).
 *
 * Where others hand a packet to a link, ip6_xmit() and ip4_xmit() hand it to tunnel_output(), which puts
 * a header of ours before it and sends it as any packet of this node: by ip6_output(), which fragments it
 * if it must (section 7.1 (b)). On the other side it is delivered as what it is, a packet for the node
 * with protocol 41 or 4; tunnel_input() takes the headers off and the node takes in what is left as
 * if it had come by the link. There is no Neighbor Discovery and no MLD on the way: neither has
 * anybody to ask.
 *
 * What is too large is refused before it comes here: who looks for an interface's MTU asks
 * tunnel_mtu(), which follows the path MTU to the exit.
 *
 * A packet may enter several tunnels at this node, one within the other. Each has a flag while it asks
 * for routes or sends: whoever comes to a tunnel that is busy has come round in a circle, and ends
 * there. So the depth of calls is bounded by the headroom that packets have, for TUNNEL_NEST_MAX headers.
 * Rounds by way of other nodes are what the Tunnel Encapsulation Limit is for (section 4.1.3).
 */
#include "ip6/tunnel.h"

#include <stdlib.h>

#include "base/csum.h"
#include "ip6/ip6.h"

#define LIMIT_OCTETS	8 /* section 5.1: a header with this option only */
#define LIMIT_VALUE_OFF 4 /* in there */
#define IP4_HDR_MIN	20
#define IP4_TOS_OFF	1
#define IP4_TTL_OFF	8
#define IP4_CSUM_OFF	10
#define HEADROOM_MORE	16 /* for the link's header */

uint32_t tunnel_overhead(const struct tunnel_conf *c)
{
	return IP6_HDR_OCTETS + (c->no_limit ? 0 : LIMIT_OCTETS);
}

static bool is_unicast(const struct ip6_addr *a)
{
	return !ip6_is_unspec(a) && !ip6_is_mcast(a) && !ip6_is_loopback(a) && !ip6_is_v4mapped(a);
}

static bool takes(const struct tunnel_conf *c, uint8_t proto)
{
	return c->proto == 0 || c->proto == proto;
}

/* @proto of 0: whatever it carries. */
static struct iface *find(const struct ip6 *ip6, const struct ip6_addr *local,
			  const struct ip6_addr *remote, uint8_t proto)
{
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		struct iface *ifc = ip6->ifs[i];

		if (ifc != NULL && ifc->tunnel != NULL && ip6_eq(&ifc->tunnel->conf.local, local) &&
		    ip6_eq(&ifc->tunnel->conf.remote, remote) &&
		    (proto == 0 || takes(&ifc->tunnel->conf, proto)))
			return ifc;
	}
	return NULL;
}

int tunnel_check(const struct ip6 *ip6, const struct tunnel_conf *c)
{
	if (!is_unicast(&c->local) || !is_unicast(&c->remote) || ip6_eq(&c->local, &c->remote))
		return -EINVAL;
	if (ip6_local(ip6, &c->local, c->link) != NULL &&
	    ip6_local(ip6, &c->remote, c->link) != NULL)
		return -EINVAL;
	return find(ip6, &c->local, &c->remote, 0) != NULL ? -EEXIST : 0;
}

int tunnel_attach(struct ip6 *ip6, struct iface *ifc, const struct tunnel_conf *c)
{
	int rc = tunnel_check(ip6, c);

	ASSERT(ifc->tunnel == NULL && !ifc->loopback);
	if (rc < 0)
		return rc;
	ifc->tunnel = calloc(1, sizeof(*ifc->tunnel));
	if (ifc->tunnel == NULL)
		return -ENOMEM;
	ifc->tunnel->conf = *c;
	ifc->link.dummy = true; /* frames, if anybody makes one, go nowhere */
	ifc->conf.dad_transmits = 0;
	ifc->conf.max_rtr_solicitations = 0;
	ifc->conf.accept_ra_level = 0;
	ifc->conf.accept_ra = false;
	ifc->conf.accept_redirects = false;
	ifc->conf.send_redirects = false;
	return 0;
}

static void enter(struct ip6 *ip6, struct tunnel *t)
{
	ASSERT(!t->busy);
	t->busy = true;
	ip6->tunnels_busy++;
}

static void leave(struct ip6 *ip6, struct tunnel *t)
{
	ASSERT(t->busy && ip6->tunnels_busy > 0);
	t->busy = false;
	ip6->tunnels_busy--;
}

uint32_t tunnel_mtu(struct ip6 *ip6, const struct iface *ifc)
{
	struct tunnel *t = ifc->tunnel;
	uint32_t path;

	if (t->busy) /* the packet will come back here, and end */
		return ifc->conf.link_mtu;
	enter(ip6, t);
	path = ip6_path_mtu(ip6, &t->conf.remote, t->conf.link);
	leave(ip6, t);
	return MIN(ifc->conf.link_mtu, path - tunnel_overhead(&t->conf));
}

uint32_t tunnel_mtu_for(struct ip6 *ip6, const struct iface *ifc, const struct ip6_addr *dst,
			uint32_t mtu)
{
	mtu = MIN(mtu, tunnel_mtu(ip6, ifc));
	return ip6_is_v4mapped(dst) ? mtu : MAX(mtu, (uint32_t)IP6_MTU_MIN);
}

/*
 * The way in.
 */

/* The value of a limit option among the options of one header: its offset in @pkt, or 0. */
static uint32_t limit_of(struct rd pkt, struct rd opts)
{
	struct ip6_opt opt;

	while (opts.left > 0 && ip6_opt_next(&opts, &opt) == DROP_NONE)
		if (opt.type == IP6_OPT_TUNNEL_LIMIT && opt.data.left == 1)
			return (uint32_t)(opt.data.p - pkt.p);
	return 0;
}

/*
 * Section 4.1.1 (a): look, from left to right, for a Tunnel Encapsulation Limit, up to anything that is
 * no extension header or cannot be read. Return: offset of its value, or 0.
 */
static uint32_t find_limit(struct rd pkt)
{
	uint32_t at = IP6_HDR_OCTETS, n, found;
	uint8_t next;

	if (pkt.left < IP6_HDR_OCTETS)
		return 0;
	next = pkt.p[IP6_NEXT_OFF];
	while (next == IP6_NH_HBH || next == IP6_NH_ROUTING || next == IP6_NH_DSTOPTS ||
	       next == IP6_NH_FRAGMENT) {
		if (pkt.left - at < IP6_EXT_UNIT)
			return 0;
		n = next == IP6_NH_FRAGMENT ? IP6_FRAG_OCTETS
					    : (pkt.p[at + IP6_EXT_LEN_OFF] + 1u) * IP6_EXT_UNIT;
		if (n > pkt.left - at)
			return 0;
		if (next == IP6_NH_DSTOPTS) {
			found = limit_of(pkt, rd_of(pkt.p + at + 2, n - 2));
			if (found != 0)
				return found;
		}
		if (next == IP6_NH_FRAGMENT &&
		    (get_be16(pkt.p + at + IP6_FRAG_OFFSET_OFF) & IP6_FRAG_OFFSET_MASK) != 0)
			return 0;
		next = pkt.p[at];
		at += n;
	}
	return 0;
}

/* Why @pkt may not enter: section 4.1.2, and what this node can do. */
static enum drop may_enter(const struct ip6 *ip6, const struct iface *ifc, const struct pkt *pkt,
			   uint8_t proto)
{
	const struct tunnel_conf *c = &ifc->tunnel->conf;
	const struct if_addr *local = ip6_local(ip6, &c->local, c->link);
	struct ip6_addr src, dst;

	if (!ifc->link.up)
		return DROP_IF_DOWN;
	if (ifc->tunnel->busy || ip6_local(ip6, &c->remote, c->link) != NULL)
		return DROP_TUNNEL_LOOP;
	if (!takes(c, proto) ||
	    pkt->len < (proto == IP6_NH_IP6 ? (uint32_t)IP6_HDR_OCTETS : IP4_HDR_MIN))
		return DROP_TUNNEL_PROTO;
	if (local == NULL || !if_addr_is_assigned(local))
		return DROP_TUNNEL_ENTRY;
	if (pkt_headroom(pkt) < IP6_HDR_OCTETS + LIMIT_OCTETS + HEADROOM_MORE)
		return DROP_TUNNEL_NESTED;
	if (proto != IP6_NH_IP6)
		return DROP_NONE;
	src = ip6_hdr_src(pkt->p);
	dst = ip6_hdr_dst(pkt->p);
	return ip6_eq(&src, &c->local) && ip6_eq(&dst, &c->remote) ? DROP_TUNNEL_LOOP : DROP_NONE;
}

/* Is there a way to the exit that is not this tunnel? */
static enum drop way(struct ip6 *ip6, const struct iface *ifc)
{
	const struct tunnel_conf *c = &ifc->tunnel->conf;
	struct ip6_addr next_hop;
	struct iface *out;
	uint32_t mtu;
	int rc;

	enter(ip6, ifc->tunnel);
	rc = ip6_first_hop(ip6, &c->remote, &c->local, c->link, &out, &next_hop, &mtu);
	leave(ip6, ifc->tunnel);
	if (rc < 0)
		return DROP_TUNNEL_NO_WAY;
	if (out == ifc)
		return DROP_TUNNEL_LOOP;
	return ip6->tunnels_busy >= TUNNEL_NEST_MAX ? DROP_TUNNEL_NESTED : DROP_NONE;
}

/* Section 6.4, with ECN as RFC 6040 section 4.1 has it: copied, whatever the rest is. */
static uint8_t outer_class(const struct tunnel_conf *c, uint8_t inner)
{
	uint8_t base = c->inherit_class ? inner : c->tclass;

	return (uint8_t)((base & ~IP6_ECN_MASK) | (inner & IP6_ECN_MASK));
}

/* Section 5. @limit of -1: no option. */
static void put_headers(const struct tunnel_conf *c, struct pkt *pkt, uint8_t proto, int limit)
{
	bool is6 = proto == IP6_NH_IP6;
	uint8_t tclass = outer_class(c, is6 ? ip6_hdr_class(pkt->p) : pkt->p[IP4_TOS_OFF]);
	uint32_t flow = c->inherit_flow && is6 ? ip6_hdr_flow(pkt->p) : c->flow;
	uint8_t hops = pkt->p[is6 ? IP6_HLIM_OFF : IP4_TTL_OFF];
	uint8_t *p;

	if (limit >= 0) {
		const uint8_t opts[LIMIT_OCTETS] = {
			proto, 0, IP6_OPT_TUNNEL_LIMIT, 1, (uint8_t)limit, IP6_OPT_PADN, 1, 0
		};

		memcpy(pkt_push(pkt, sizeof(opts)), opts, sizeof(opts));
	}
	p = pkt_push(pkt, IP6_HDR_OCTETS);
	ip6_put_header(p, tclass, flow, 0, limit >= 0 ? IP6_NH_DSTOPTS : proto,
		       c->hop_limit != 0 ? c->hop_limit : hops, &c->local, &c->remote);
}

/* Nothing of what others noted about the packet inside is true of the one around it. */
static void forget_notes(struct pkt *pkt)
{
	pkt->flags = 0;
	pkt->l4_off = pkt->nh_off = pkt->frag_max = 0;
	pkt->proto = 0;
	pkt->ip4_id = pkt->ip4_off = 0;
	pkt->ifindex = 0;
}

static void send_in_tunnel(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt, uint8_t proto,
			   int limit)
{
	struct tunnel *t = ifc->tunnel;

	ifc->link.count.tx_pkts++;
	ifc->link.count.tx_octets += pkt->len;
	put_headers(&t->conf, pkt, proto, limit);
	forget_notes(pkt);
	if (pkt->p[IP6_HLIM_OFF] == 0)
		pkt->flags |= PKT_HOP_LIMIT;
	enter(ip6, t);
	(void)ip6_output(ip6, pkt, t->conf.link);
	leave(ip6, t);
}

void tunnel_output(struct ip6 *ip6, struct iface *ifc, struct pkt *pkt)
{
	const struct tunnel_conf *c = &ifc->tunnel->conf;
	uint8_t proto = pkt->len > 0 && pkt->p[0] >> 4 == 4 ? IP6_NH_IP4 : IP6_NH_IP6;
	enum drop why = may_enter(ip6, ifc, pkt, proto);
	int limit = c->no_limit ? -1 : c->limit;
	uint32_t found = 0;

	if (why == DROP_NONE)
		why = way(ip6, ifc);
	if (why == DROP_TUNNEL_NO_WAY && proto == IP6_NH_IP6) {
		icmp6_error(ip6, pkt, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, 0, why);
		return;
	}
	if (why != DROP_NONE) {
		env_drop(ip6->env, pkt, why);
		return;
	}
	if (proto == IP6_NH_IP6)
		found = find_limit(rd_of(pkt->p, pkt->len));
	if (found != 0 && pkt->p[found] == 0) { /* 4.1.1 (b) */
		icmp6_error(ip6, pkt, ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, found,
			    DROP_TUNNEL_LIMIT);
		return;
	}
	if (found != 0) /* (c) */
		limit = pkt->p[found] - 1;
	send_in_tunnel(ip6, ifc, pkt, proto, limit);
}

/*
 * The way out.
 */

static void set_class(struct pkt *pkt, uint8_t proto, uint8_t tclass)
{
	uint16_t was;

	if (proto == IP6_NH_IP6) {
		ip6_hdr_set_class(pkt->p, tclass);
		return;
	}
	was = get_be16(pkt->p);
	pkt->p[IP4_TOS_OFF] = tclass;
	put_be16(pkt->p + IP4_CSUM_OFF,
		 csum_update(get_be16(pkt->p + IP4_CSUM_OFF), was, get_be16(pkt->p)));
}

/* RFC 6040 section 4.2, figure 4. @pkt begins with the header inside. */
static enum drop take_ecn(struct pkt *pkt, uint8_t proto, uint8_t outer)
{
	uint8_t tclass, inner;

	if (pkt->len < (proto == IP6_NH_IP6 ? (uint32_t)IP6_HDR_OCTETS : IP4_HDR_MIN))
		return DROP_NONE; /* who takes it in says why not */
	tclass = proto == IP6_NH_IP6 ? ip6_hdr_class(pkt->p) : pkt->p[IP4_TOS_OFF];
	inner = tclass & IP6_ECN_MASK;
	outer &= IP6_ECN_MASK;
	if (inner == IP6_ECN_NOT_ECT)
		return outer == IP6_ECN_CE ? DROP_TUNNEL_ECN : DROP_NONE;
	if (outer == IP6_ECN_CE || (outer == IP6_ECN_ECT1 && inner == IP6_ECN_ECT0))
		set_class(pkt, proto, (uint8_t)((tclass & ~IP6_ECN_MASK) | outer));
	return DROP_NONE;
}

bool tunnel_input(struct ip6 *ip6, struct pkt *pkt, struct iface **ret)
{
	struct ip6_addr local = ip6_hdr_dst(pkt->p), remote = ip6_hdr_src(pkt->p);
	struct iface *ifc = find(ip6, &local, &remote, pkt->proto);
	uint8_t outer = ip6_hdr_class(pkt->p), proto = pkt->proto;
	enum drop why;

	if (ifc == NULL || !ifc->link.up ||
	    (ifc->tunnel->conf.link != 0 && ifc->tunnel->conf.link != pkt->ifindex))
		return false;
	pkt_pull(pkt, pkt->l4_off);
	forget_notes(pkt);
	pkt->ifindex = if_index(ifc);
	ifc->link.count.rx_pkts++;
	ifc->link.count.rx_octets += pkt->len;
	*ret = ifc;
	why = take_ecn(pkt, proto, outer);
	if (why != DROP_NONE) {
		env_drop(ip6->env, pkt, why);
		*ret = NULL;
	}
	return true;
}

/*
 * Errors.
 */

static uint32_t inner_octets(const struct pkt *pkt, uint8_t proto)
{
	if (proto == IP6_NH_IP6)
		return pkt->len < IP6_HDR_OCTETS ? 0 : IP6_HDR_OCTETS + ip6_hdr_plen(pkt->p);
	return pkt->len < IP4_HDR_MIN ? 0 : get_be16(pkt->p + 2);
}

/* Section 8.1: what is wrong with the tunnel is, to who sends through it, a link that fails. */
static bool is_of_link(uint8_t type, uint8_t code, uint32_t param, uint32_t limit_off)
{
	return type == ICMP6_UNREACH ||
	       (type == ICMP6_TIME_EXCEEDED && code == ICMP6_TIME_HOP_LIMIT) ||
	       (type == ICMP6_PARAM_PROB && code == ICMP6_PARAM_FIELD && limit_off != 0 &&
		param == limit_off);
}

bool tunnel_error(struct ip6 *ip6, struct pkt *pkt, struct tunnel_news *ret)
{
	const uint8_t *m = pkt->p + pkt->l4_off;
	uint32_t param = get_be32(m + 4), limit_off, off, octets;
	struct rd quote = rd_of(m + 8, pkt->len - pkt->l4_off - 8u);
	uint8_t type = m[0], code = m[1], proto;
	struct ip6_addr local, remote;
	struct iface *ifc;

	if (!ip6_upper_find(quote, &proto, &off) || (proto != IP6_NH_IP6 && proto != IP6_NH_IP4))
		return false;
	local = ip6_hdr_src(quote.p);
	remote = ip6_hdr_dst(quote.p);
	ifc = find(ip6, &local, &remote, proto);
	if (ifc == NULL)
		return false;
	limit_off = find_limit(rd_of(quote.p, off));
	pkt_pull(pkt, pkt->l4_off + 8u + off);
	forget_notes(pkt);
	pkt->ifindex = if_index(ifc);
	*ret = (struct tunnel_news){ .proto = proto };
	octets = inner_octets(pkt, proto);
	if (octets == 0)
		return true;
	if (type == ICMP6_TOO_BIG && (proto == IP6_NH_IP4 || octets > IP6_MTU_MIN)) {
		ret->type = ICMP6_TOO_BIG;
		ret->mtu = param - MIN(param, off);
		if (proto == IP6_NH_IP6) /* section 7.1 (a) */
			ret->mtu = MAX(ret->mtu, (uint32_t)IP6_MTU_MIN);
	} else if (is_of_link(type, code, param, limit_off)) {
		ret->type = ICMP6_UNREACH;
		ret->code = ICMP6_UNREACH_ADDR;
	}
	return true;
}
