/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way out of a datagram. Where it goes, and what goes with it, is said by (the later wins) the socket's
 * options, its peer, the destination's address and the ancillary data; then a source is chosen (RFC 6724
 * with the wishes of RFC 5014), and the whole packet is written at once, straight from the program's memory.
 */
#include <stdlib.h>

#include "transport/cmsg.h"

uint32_t sock_first_zone(const struct socks *socks)
{
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6_if(socks->ip6, i);

		if (ifc != NULL && !ifc->loopback && if_is_usable(ifc))
			return i;
	}
	return 0;
}

/* Both families number the modes alike. */
static int mtu_discover_of(const struct sock *s, const struct ip6_addr *dst)
{
	return ip6_is_v4mapped(dst) ? s->opt->ip4.mtu_discover : s->opt->mtu_discover;
}

uint32_t sock_mtu_to(const struct sock *s, const struct ip6_addr *dst, uint32_t oif)
{
	int mode = mtu_discover_of(s, dst);
	struct ip6 *ip6 = s->of->ip6;
	struct ip6_addr next_hop;
	struct iface *ifc;
	uint32_t mtu;

	if (!ip6_is_mcast(dst) && ip6_local(ip6, dst, oif) != NULL)
		return ip6->lo->conf.link_mtu + (ip6_is_v4mapped(dst) ? MAPPED_MORE : 0);
	if (mode < IPV6_PMTUDISC_PROBE || mode == IPV6_PMTUDISC_OMIT)
		return ip6_path_mtu(ip6, dst, oif);
	if (ip6_first_hop(ip6, dst, &IP6_UNSPEC, oif, &ifc, &next_hop, &mtu) < 0)
		return IP6_MTU_MIN;
	return mtu; /* what probes are for is to find out */
}

/* The program's address, or the peer. */
static int destination(const struct sock *s, const struct msghdr *msg, struct sock_out *o)
{
	struct sockaddr_in6 sin6;
	socklen_t len = msg->msg_name != NULL ? msg->msg_namelen : 0;

	if (len != 0 && len < sizeof(sa_family_t))
		return -EINVAL;
	sin6 = sin6_take(msg->msg_name != NULL ? msg->msg_name : &(struct sockaddr_in6){ 0 }, len);
	if (len == 0 || (sin6.sin6_family == AF_UNSPEC && s->kind == &udp_kind)) {
		if (!s->connected)
			return -EDESTADDRREQ;
		o->dst = s->peer;
		o->port = s->peer_port;
		o->flow = s->peer_flow;
		return 0;
	}
	if (sin6.sin6_family == AF_INET && s->kind == &udp_kind) {
		int rc = s->opt->v6only ? -ENETUNREACH : sin_to_sin6(msg->msg_name, len, &sin6);

		if (rc < 0)
			return rc;
		len = sizeof(sin6);
	}
	if (len < SIN6_LEN_MIN)
		return -EINVAL;
	if (sin6.sin6_family != AF_INET6)
		return s->kind == &udp_kind ? -EINVAL : -EAFNOSUPPORT;
	o->dst = addr_of_in6(&sin6.sin6_addr);
	o->port = get_be16((const uint8_t *)&sin6.sin6_port);
	if (o->port == 0 && s->kind == &udp_kind)
		return -EINVAL;
	if (s->opt->flowinfo_send)
		o->flow = get_be32((const uint8_t *)&sin6.sin6_flowinfo);
	if (needs_zone(&o->dst))
		o->oif = sin6.sin6_scope_id;
	return 0;
}

/* RFC 3493 section 5.2, RFC 3542 section 6.7: the interface, if nothing has said it yet. */
static void choose_interface(const struct sock *s, struct sock_out *o)
{
	if (o->oif == 0)
		o->oif = s->device;
	if (o->oif == 0)
		o->oif = (uint32_t)s->opt->pktinfo.ipi6_ifindex;
	if (o->oif == 0 && mapped_is_on_link(&o->dst))
		o->oif = s->opt->ip4.mcast_if;
	else if (o->oif == 0)
		o->oif = ip6_is_mcast(&o->dst) ? s->opt->mcast_if : s->opt->unicast_if;
}

static int choose_source(const struct sock *s, struct sock_out *o)
{
	struct ip6_addr sticky = addr_of_in6(&s->opt->pktinfo.ipi6_addr);

	if (o->oif == 0 && needs_zone(&o->dst) &&
	    (ip6_is_mcast(&o->dst) || ip6_local(s->of->ip6, &o->dst, 0) == NULL))
		o->oif = sock_first_zone(s->of);
	if (o->oif == 0 && (ip6_is_mcast(&o->dst) || mapped_is_on_link(&o->dst)))
		o->oif = sock_first_zone(s->of);
	if (o->oif == 0 && needs_zone(&o->dst) && ip6_is_mcast(&o->dst))
		return -ENETUNREACH;
	if (o->oif != 0 && ip6_if(s->of->ip6, o->oif) == NULL)
		return -ENODEV;
	if (ip6_is_unspec(&o->src))
		o->src = sticky;
	if (ip6_is_unspec(&o->src) && !addr_is_mcast(&s->addr) && !sock_is_broadcast4(s, &s->addr))
		o->src = s->addr;
	if (addr_is_any(&o->src) && mapped_is_on_link(&o->dst) &&
	    s->opt->ip4.mcast_from.s_addr != 0)
		o->src = ip4_mapped(get_be32((const uint8_t *)&s->opt->ip4.mcast_from));
	if (!addr_is_any(&o->src))
		return 0;
	return ip6_source_prefer(s->of->ip6, &o->dst, o->oif, s->opt->prefer, &o->src);
}

static int octets_of(const struct msghdr *msg, size_t *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		if (msg->msg_iov[i].iov_len > INT32_MAX - n)
			return -EMSGSIZE;
		n += msg->msg_iov[i].iov_len;
	}
	*ret = n;
	return 0;
}

static void from_options(const struct sock *s, struct sock_out *o)
{
	*o = (struct sock_out){ .hops = -1,
				.gso = s->opt->gso,
				.tclass = s->opt->tclass,
				.dontfrag = s->opt->dontfrag };
	for (unsigned i = 0; i < SOCK_HDRS; i++)
		o->hdr[i] = rd_of(s->opt->hdr[i].p, s->opt->hdr[i].octets);
}

/* Linux binds before it looks at anything else, and so a failed call leaves a port. */
static int autobind(struct sock *s)
{
	int rc;

	if (!s->kind->has_ports || s->port != 0)
		return 0;
	rc = sock_port_take(s, 0);
	sock_judge(s);
	return rc;
}

/* RFC 6437 section 3: the same for all packets of a flow, and for nobody else to guess. */
static uint32_t auto_label(const struct sock *s, const struct sock_out *o)
{
	uint8_t flow[2 * IP6_ADDR_OCTETS + 5];

	memcpy(flow, o->src.b, IP6_ADDR_OCTETS);
	memcpy(flow + IP6_ADDR_OCTETS, o->dst.b, IP6_ADDR_OCTETS);
	put_be16(flow + 32, s->port);
	put_be16(flow + 34, o->port);
	flow[36] = (uint8_t)s->protocol;
	return (uint32_t)siphash(&sock_env(s)->key, flow, sizeof(flow)) & IP6_FLOW_MASK;
}

int sock_out_begin(struct sock *s, const struct msghdr *msg, int flags, struct sock_out *o)
{
	int rc = autobind(s);

	from_options(s, o);
	if (rc == 0 && (flags & (MSG_OOB | MSG_MORE)) != 0)
		rc = -EOPNOTSUPP;
	if (rc == 0)
		rc = octets_of(msg, &o->octets);
	if (rc == 0)
		rc = destination(s, msg, o);
	if (rc < 0)
		return rc;
	if (addr_is_any(&o->dst))
		o->dst = ip6_is_v4mapped(&o->dst) ? MAPPED_LOOPBACK : IP6_LOOPBACK;
	rc = sock_may_speak(s, &o->dst);
	if (rc < 0)
		return rc;
	if (ip6_is_v4mapped(&o->dst))
		o->tclass = s->opt->ip4.tos;
	o->iov = msg->msg_iov;
	o->n_iov = msg->msg_iovlen;
	if (s->opt->flowinfo_send && (o->flow >> 20 & 0xff) != 0)
		o->tclass = (int)(o->flow >> 20 & 0xff);
	choose_interface(s, o);
	rc = msg->msg_controllen != 0 ? cmsg_read(s, msg, o) : 0;
	if (rc == 0)
		rc = choose_source(s, o);
	if (rc == 0 && s->opt->autoflowlabel && (o->flow & IP6_FLOW_MASK) == 0)
		o->flow |= auto_label(s, o);
	if (rc == 0 && (s->shut & SOCK_SHUT_WR) != 0)
		rc = -EPIPE;
	if (rc == 0 && (flags & SOCK_SEND_LATE) == 0)
		rc = sock_error_take(s);
	if (rc == 0 &&
	    o->octets > IP6_PLEN_MAX) { /* as Linux tells it: who looks for the MTU begins so */
		sock_local_error(s, &o->dst, o->port, o->oif, sock_mtu_to(s, &o->dst, o->oif));
		rc = -EMSGSIZE;
	}
	return rc;
}

/*
 * The packet.
 */
static int hop_limit_of(const struct sock *s, const struct sock_out *o)
{
	if (o->hops_given)
		return o->hops;
	if (ip6_is_v4mapped(&o->dst))
		return mapped_is_mcast(&o->dst) ? s->opt->ip4.mcast_ttl : s->opt->ip4.ttl;
	return ip6_is_mcast(&o->dst) ? s->opt->mcast_hops : s->opt->hops;
}

/* The first hop of a routing header stands in the IPv6 header, and the last destination in its place. */
static struct ip6_addr on_the_wire(const struct sock_out *o)
{
	struct ip6_addr first = o->dst;

	if (o->hdr[SOCK_RTHDR].left != 0)
		memcpy(first.b, o->hdr[SOCK_RTHDR].p + IP6_EXT_UNIT, sizeof(first.b));
	return first;
}

/* RFC 3542 section 6.4: IPV6_RTHDRDSTOPTS without a routing header is not there. */
static bool goes_out(const struct sock_out *o, unsigned place)
{
	return o->hdr[place].left != 0 && (place != SOCK_DST0 || o->hdr[SOCK_RTHDR].left != 0);
}

static uint8_t put_headers(struct pkt *pkt, const struct sock_out *o, uint8_t proto)
{
	static const uint8_t numbers[SOCK_HDRS] = { IP6_NH_HBH, IP6_NH_DSTOPTS, IP6_NH_ROUTING,
						    IP6_NH_DSTOPTS };
	uint8_t *next = pkt->p + IP6_NEXT_OFF;

	for (unsigned i = 0; i < SOCK_HDRS; i++) {
		uint8_t *h;

		if (!goes_out(o, i))
			continue;
		h = pkt_put(pkt, (uint32_t)o->hdr[i].left);
		memcpy(h, o->hdr[i].p, o->hdr[i].left);
		if (i == SOCK_RTHDR)
			memcpy(h + IP6_EXT_UNIT, o->dst.b, sizeof(o->dst.b));
		*next = numbers[i];
		next = h;
	}
	*next = proto;
	return proto;
}

/* May it be as large as that? RFC 3542 section 11.2, and Linux's IPV6_MTU_DISCOVER. */
static int check_size(struct sock *s, const struct sock_out *o, uint32_t octets)
{
	struct ip6_addr first = on_the_wire(o);
	bool mapped = ip6_is_v4mapped(&first);
	int mode = mtu_discover_of(s, &first);
	bool whole = mode >= IPV6_PMTUDISC_DO && mode != IPV6_PMTUDISC_OMIT;
	uint32_t mtu;

	if (octets - IP6_HDR_OCTETS > (mapped ? MAPPED_PLEN_MAX : IP6_PLEN_MAX))
		return -EMSGSIZE;
	if ((octets <= IP6_MTU_MIN && !mapped) || (!o->dontfrag && !whole))
		return 0;
	mtu = sock_mtu_to(s, &first, o->oif);
	if (octets <= mtu)
		return 0;
	if (mapped)
		mtu -= MAPPED_MORE;
	if (o->dontfrag)
		sock_tell_mtu(s, &o->dst, o->port, o->oif, mtu);
	sock_local_error(s, &o->dst, o->port, o->oif, mtu);
	return -EMSGSIZE;
}

static void copy_in(struct pkt *pkt, const struct sock_out *o)
{
	size_t skip = o->skip, left = o->octets;

	for (size_t i = 0; i < o->n_iov && left > 0; i++) {
		size_t n = o->iov[i].iov_len, from = MIN(skip, n);

		skip -= from;
		n = MIN(n - from, left);
		left -= n;
		if (n != 0)
			memcpy(pkt_put(pkt, (uint32_t)n),
			       (const uint8_t *)o->iov[i].iov_base + from, n);
	}
}

int sock_out_packet(struct sock *s, const struct sock_out *o, uint8_t proto, uint32_t hdr,
		    struct pkt **ret)
{
	uint32_t ext = 0, octets;
	struct ip6_addr first = on_the_wire(o);
	int hops = hop_limit_of(s, o), rc;
	struct pkt *pkt;

	for (unsigned i = 0; i < SOCK_HDRS; i++)
		ext += goes_out(o, i) ? (uint32_t)o->hdr[i].left : 0;
	octets = ext + hdr + (uint32_t)o->octets;
	rc = check_size(s, o, IP6_HDR_OCTETS + octets);
	if (rc < 0)
		return rc;
	pkt = ip6_new_packet(s->of->ip6, &o->src, &first, proto, hops, octets);
	if (pkt == NULL)
		return -ENOBUFS;
	put_be32(pkt->p, get_be32(pkt->p) | (o->flow & IP6_FLOW_MASK));
	ip6_hdr_set_class(pkt->p, (uint8_t)o->tclass);
	if (hops >= 0)
		pkt->flags |= PKT_HOP_LIMIT;
	if (mtu_discover_of(s, &first) == IP_PMTUDISC_DONT ||
	    mtu_discover_of(s, &first) == IP_PMTUDISC_OMIT)
		pkt->ip4_off = PKT_IP4_FRAGMENT;
	(void)put_headers(pkt, o, proto);
	pkt->l4_off = (uint16_t)(IP6_HDR_OCTETS + ext);
	if (hdr != 0)
		memset(pkt_put(pkt, hdr), 0, hdr);
	copy_in(pkt, o);
	*ret = pkt;
	return 0;
}

static bool hears_itself(const struct sock *s, const struct iface *ifc, const struct ip6_addr *dst)
{
	if (ip6_is_v4mapped(dst) && mapped_is_broadcast(ifc, dst))
		return true;
	return (ip6_is_v4mapped(dst) ? s->opt->ip4.mcast_loop : s->opt->mcast_loop) &&
	       if_group_find(ifc, dst) != NULL;
}

/* IPV6_MULTICAST_LOOP: the node itself is a member where it sends. RFC 4291 section 2.7: ff01:: stays. */
static bool loop_back(struct sock *s, const struct sock_out *o, const struct pkt *pkt)
{
	struct ip6 *ip6 = s->of->ip6;
	const struct iface *ifc = ip6_if(ip6, o->oif);
	struct pkt *copy;

	if (ifc == NULL || !hears_itself(s, ifc, &o->dst))
		return false;
	copy = ip6->loop.n < IP6_LOOP_MAX ? pkt_copy(ip6->env->pool, pkt) : NULL;
	if (copy == NULL) {
		env_count_drop(ip6->env, o->oif, DROP_NO_BUFFER);
		return false;
	}
	put_be16(copy->p + IP6_PLEN_OFF, (uint16_t)(copy->len - IP6_HDR_OCTETS));
	if ((copy->flags & PKT_HOP_LIMIT) == 0)
		copy->p[IP6_HLIM_OFF] = ip6_is_v4mapped(&o->dst) ? MAPPED_TTL
								 : ifc->conf.cur_hop_limit;
	copy->flags = PKT_LOCAL_IN | PKT_MULTICAST;
	copy->ifindex = o->oif;
	pktq_put(&ip6->loop, copy);
	return true;
}

int sock_out_send(struct sock *s, const struct sock_out *o, struct pkt *pkt)
{
	struct ip6_addr first = on_the_wire(o);
	bool least = s->opt->use_min_mtu > 0 || (s->opt->use_min_mtu < 0 && ip6_is_mcast(&first));

	pkt->frag_max = least ? IP6_MTU_MIN : (uint16_t)s->opt->mtu;
	if (ip6_is_mcast(&first)) {
		bool looped = loop_back(s, o, pkt);

		/* it goes no further than this node: RFC 4291 section 2.7, RFC 8200 section 3 */
		if (ip6_scope(&first) == SCOPE_IFACE ||
		    ((pkt->flags & PKT_HOP_LIMIT) != 0 && pkt->p[IP6_HLIM_OFF] == 0)) {
			if (looped)
				pkt_free(pkt);
			else
				env_drop(sock_env(s), pkt, DROP_IP6_DST_MCAST_SCOPE);
			return 0;
		}
	}
	if (mapped_is_on_link(&first) || sock_is_broadcast4(s, &first))
		(void)loop_back(s, o, pkt);
	return ip6_output(s->of->ip6, pkt, o->oif);
}

/*
 * Peers.
 */
static int disconnect(struct sock *s)
{
	s->connected = false;
	s->peer = IP6_UNSPEC;
	s->peer_port = 0;
	s->device = 0;
	if (!s->addr_given)
		s->addr = sock_any(s);
	if (!s->port_given)
		sock_port_drop(s);
	return 0;
}

/* A peer that cannot be reached now is no peer, wherever it is to be reached from. */
static int check_route(const struct sock *s, const struct sock_out *o)
{
	struct ip6_addr next_hop;
	struct iface *ifc;
	uint32_t mtu;

	if (ip6_is_mcast(&o->dst) || mapped_is_on_link(&o->dst) ||
	    ip6_local(s->of->ip6, &o->dst, o->oif) != NULL)
		return 0;
	return ip6_first_hop(s->of->ip6, &o->dst, &o->src, o->oif, &ifc, &next_hop, &mtu);
}

int dgram_connect(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
	struct sock_out o = { 0 };
	struct sockaddr_in6 sin6;
	int rc;

	if (len < sizeof(sa_family_t))
		return -EINVAL;
	sin6 = sin6_take(addr, len);
	if (sin6.sin6_family == AF_UNSPEC)
		return disconnect(s);
	if (autobind(s) < 0)
		return -EAGAIN;
	if (sin6.sin6_family == AF_INET) {
		rc = s->opt->v6only ? -EAFNOSUPPORT : sin_to_sin6(addr, len, &sin6);
		if (rc < 0)
			return rc;
		len = sizeof(sin6);
	}
	if (len < SIN6_LEN_MIN)
		return -EINVAL;
	if (sin6.sin6_family != AF_INET6)
		return -EAFNOSUPPORT;
	o.dst = addr_of_in6(&sin6.sin6_addr);
	if (addr_is_any(&o.dst))
		o.dst = ip6_is_v4mapped(&o.dst) ? MAPPED_LOOPBACK : IP6_LOOPBACK;
	rc = sock_may_speak(s, &o.dst);
	if (rc < 0)
		return rc;
	if (needs_zone(&o.dst)) {
		if (sin6.sin6_scope_id != 0 && s->device != 0 && s->device != sin6.sin6_scope_id)
			return -EINVAL;
		o.oif = sin6.sin6_scope_id != 0 ? sin6.sin6_scope_id : s->device;
		if (o.oif == 0 && ip6_is_mcast(&o.dst))
			o.oif = s->opt->mcast_if;
		if (o.oif == 0)
			return -EINVAL;
		s->device = o.oif;
	}
	choose_interface(s, &o);
	rc = choose_source(s, &o);
	if (rc == 0)
		rc = check_route(s, &o);
	if (rc < 0)
		return rc;
	s->peer = o.dst;
	s->peer_port = get_be16((const uint8_t *)&sin6.sin6_port);
	s->peer_flow = s->opt->flowinfo_send ? get_be32((const uint8_t *)&sin6.sin6_flowinfo) : 0;
	s->connected = true;
	if (addr_is_any(&s->addr))
		s->addr = o.src;
	return 0;
}

/* Linux shuts an unconnected one, too, so that whoever waits is woken, and says that it was not. */
int dgram_shutdown(struct sock *s, int how)
{
	if (how != SHUT_WR)
		s->shut |= SOCK_SHUT_RD;
	if (how != SHUT_RD)
		s->shut |= SOCK_SHUT_WR;
	sock_wake(s);
	return s->connected ? 0 : -ENOTCONN;
}
