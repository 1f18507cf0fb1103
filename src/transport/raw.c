/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. A raw socket gets a copy of each packet of its protocol that is for this node, from
 * its upper-layer header (RFC 3542 section 3), before whoever else takes it. ICMPv6 is checked before, other
 * protocols where IPV6_CHECKSUM says so (section 3.1). ICMP6_FILTER (section 3.2) keeps types away.
 * One of AF_INET gets the IPv4 header before that, as everywhere; it is made anew, without options.
 * IPPROTO_RAW, and IPV6_HDRINCL as Linux has it, send packets whose IPv6 header is the program's.
 */
#include "transport/raw.h"

#include "base/csum.h"
#include "ip4/hdr.h"
#include "transport/mcast.h"
#include "transport/mrt6.h"
#include "transport/opt.h"

#define FILTER_NAME 1 /* ICMP6_FILTER, of a header that collides with ours */

static bool filtered(const struct sock *s, const struct pkt *pkt)
{
	uint8_t type = pkt->p[pkt->l4_off];

	if (s->family == AF_INET) /* ICMP_FILTER has bits for the first 32 types */
		return s->protocol == IP4_PROTO_ICMP && type < 32 &&
		       (s->opt->filter[0] >> type & 1) != 0;
	return s->protocol == IP6_NH_ICMP6 && (s->opt->filter[type / 32] >> type % 32 & 1) != 0;
}

/* RFC 3542 section 3.1: a wrong checksum is discarded. */
static bool csum_ok(const struct sock *s, const struct pkt *pkt)
{
	struct ip6_addr src, dst;

	if (s->opt->csum_off < 0)
		return true;
	src = ip6_hdr_src(pkt->p);
	dst = ip6_hdr_dst(pkt->p);
	return csum_upper(&src, &dst, pkt->p + pkt->l4_off, pkt->len - pkt->l4_off,
			  (uint8_t)s->protocol) == 0;
}

static bool wants(const struct sock *s, const struct sock_flow *f, const struct pkt *pkt)
{
	if (s->kind != &raw_kind || s->protocol != f->protocol || sock_fits(s, f) < 0)
		return false;
	if (addr_is_mcast(&f->local) && !mcast_wants(s, f->ifindex, &f->local, &f->remote))
		return false;
	return !filtered(s, pkt);
}

/* It counts as the beginning of the upper layer; the mapped header stays before it. */
static void put_ip4_header(struct pkt *pkt)
{
	struct ip4_hdr h = { .tos = ip6_hdr_class(pkt->p),
			     .ttl = pkt->p[IP6_HLIM_OFF],
			     .proto = pkt->proto,
			     .id = pkt->ip4_id,
			     .off = pkt->ip4_off & IP4_DF,
			     .src = ip6_hdr_src(pkt->p),
			     .dst = ip6_hdr_dst(pkt->p) };
	uint32_t payload = pkt->len - pkt->l4_off;

	pkt_push(pkt, IP4_HDR_OCTETS);
	memmove(pkt->p, pkt->p + IP4_HDR_OCTETS, pkt->l4_off);
	ip4_hdr_put(pkt->p + pkt->l4_off, &h, payload);
}

static bool to_raw(struct socks *socks, struct pkt *pkt)
{
	struct env *env = socks->ip6->env;
	struct sock_flow f = { .local = ip6_hdr_dst(pkt->p),
			       .remote = ip6_hdr_src(pkt->p),
			       .ifindex = pkt->ifindex,
			       .protocol = pkt->proto };
	bool taken = false;

	LIST_FOR_EACH(it, &socks->all) {
		struct sock *s = LIST_ENTRY(it, struct sock, on);
		struct pkt *copy;

		if (!wants(s, &f, pkt))
			continue;
		taken = true;
		if (!csum_ok(s, pkt)) {
			env_count_drop(env, pkt->ifindex, DROP_SOCK_CSUM);
			continue;
		}
		copy = pkt_copy(env->pool, pkt);
		if (copy != NULL && s->family == AF_INET)
			put_ip4_header(copy);
		if (copy != NULL)
			sock_queue(s, copy);
		else
			env_count_drop(env, pkt->ifindex, DROP_NO_BUFFER);
	}
	if (taken)
		pkt->flags |= PKT_TAKEN;
	return taken;
}

bool raw_input(struct socks *socks, struct pkt *pkt)
{
	return UNLIKELY(socks->n_raw != 0) && pkt->len != pkt->l4_off && to_raw(socks, pkt);
}

/* Of one's own making from the IPv6 header on; only its length is ours. */
static ssize_t send_whole(struct sock *s, struct sock_out *o)
{
	struct ip6 *ip6 = s->of->ip6;
	struct pkt *pkt;
	int rc;

	if (o->octets < IP6_HDR_OCTETS)
		return -EINVAL;
	if (o->octets > sock_mtu_to(s, &o->dst, o->oif)) {
		sock_local_error(s, &o->dst, 0, o->oif, sock_mtu_to(s, &o->dst, o->oif));
		return -EMSGSIZE;
	}
	pkt = pkt_new(ip6->env->pool, (uint32_t)o->octets);
	if (pkt == NULL) {
		env_count_drop(ip6->env, 0, DROP_NO_BUFFER);
		return -ENOBUFS;
	}
	for (size_t i = 0; i < o->n_iov; i++) {
		uint32_t n = (uint32_t)o->iov[i].iov_len;

		if (n != 0)
			memcpy(pkt_put(pkt, n), o->iov[i].iov_base, n);
	}
	pkt->flags |= PKT_HOP_LIMIT;
	rc = ip6_output(ip6, pkt, o->oif);
	return rc < 0 ? rc : (ssize_t)o->octets;
}

/* IP_HDRINCL, raw(7): of the header all but addresses, TTL, TOS and DF is ours. */
static ssize_t send_whole4(struct sock *s, struct sock_out *o)
{
	struct ip6 *ip6 = s->of->ip6;
	struct ip4_hdr h;
	struct pkt *pkt;
	int rc;

	if (o->octets < IP4_HDR_OCTETS)
		return -EINVAL;
	if (o->octets + MAPPED_MORE > sock_mtu_to(s, &o->dst, o->oif))
		return -EMSGSIZE;
	pkt = pkt_new(ip6->env->pool, (uint32_t)o->octets);
	if (pkt == NULL) {
		env_count_drop(ip6->env, 0, DROP_NO_BUFFER);
		return -ENOBUFS;
	}
	for (size_t i = 0; i < o->n_iov; i++)
		if (o->iov[i].iov_len != 0)
			memcpy(pkt_put(pkt, (uint32_t)o->iov[i].iov_len), o->iov[i].iov_base,
			       o->iov[i].iov_len);
	put_be16(pkt->p + IP4_LEN_OFF, (uint16_t)o->octets);
	if (ip4_quote_parse(rd_of(pkt->p, pkt->len), &h) != DROP_NONE) {
		pkt_free(pkt);
		return -EINVAL;
	}
	if (addr_is_any(&h.src))
		h.src = o->src;
	ip4_to_mapped(pkt, &h);
	pkt->ip4_off = (h.off & IP4_DF) != 0 ? 0 : PKT_IP4_FRAGMENT;
	pkt->flags |= PKT_HOP_LIMIT;
	rc = ip6_output(ip6, pkt, o->oif);
	return rc < 0 ? rc : (ssize_t)o->octets;
}

/* RFC 3542 section 3.1: the kernel computes it, of ICMPv6 always. */
static int put_csum(const struct sock *s, const struct sock_out *o, uint8_t proto, struct pkt *pkt)
{
	uint32_t len = pkt->len - pkt->l4_off;
	uint8_t *m = pkt->p + pkt->l4_off;
	uint16_t csum;

	if (s->opt->csum_off < 0)
		return 0;
	if ((uint32_t)s->opt->csum_off + 2 > len)
		return -EINVAL;
	put_be16(m + s->opt->csum_off, 0);
	csum = csum_upper(&o->src, &o->dst, m, len, proto);
	put_be16(m + s->opt->csum_off, csum != 0 ? csum : 0xffff);
	return 0;
}

static ssize_t raw_sendmsg(struct sock *s, const struct msghdr *msg, int flags)
{
	struct sock_out o;
	struct pkt *pkt;
	int rc = sock_out_begin(s, msg, flags, &o);
	uint16_t proto;

	if (rc < 0)
		return rc;
	if (s->opt->hdrincl)
		return s->family == AF_INET ? send_whole4(s, &o) : send_whole(s, &o);
	/* Linux: the port of the address may name the protocol */
	proto = o.port != 0 && msg->msg_name != NULL && s->family != AF_INET
			? o.port
			: (uint16_t)s->protocol;
	if (proto != s->protocol)
		return -EINVAL;
	rc = sock_out_packet(s, &o, (uint8_t)proto, 0, &pkt);
	if (rc < 0)
		return rc;
	rc = put_csum(s, &o, (uint8_t)proto, pkt);
	if (rc < 0) {
		pkt_free(pkt);
		return rc;
	}
	rc = sock_out_send(s, &o, pkt);
	return rc < 0 ? rc : (ssize_t)o.octets;
}

static int raw_open(struct sock *s)
{
	int rc = opt_own(s);

	if (rc < 0)
		return rc;
	s->of->n_raw++;
	opt_mut(s)->hdrincl = s->protocol == IPPROTO_RAW;
	if (s->protocol == IP6_NH_ICMP6 && s->family != AF_INET)
		opt_mut(s)->csum_off = ICMP6_CSUM_OFF;
	return 0;
}

static void raw_done(struct sock *s)
{
	(void)mrt6_done(s);
	s->of->n_raw--;
}

static int set_csum(struct sock *s, int level, const void *val, socklen_t len)
{
	int v, rc = opt_int(val, len, &v);

	if (rc < 0)
		return rc;
	/* RFC 3542 section 3.1: of ICMPv6 it is no choice; of others an even offset, or none */
	if ((s->protocol == IP6_NH_ICMP6 && level == IPPROTO_IPV6) || (v > 0 && v % 2 != 0) ||
	    v > IP6_PLEN_MAX)
		return -EINVAL;
	opt_mut(s)->csum_off = v < 0 ? -1 : v;
	return 0;
}

/* raw(7), icmp(7) */
static int raw4_setsockopt(struct sock *s, int level, int name, const void *val, socklen_t len)
{
	int v, rc;

	if (level == SOL_RAW && name == FILTER_NAME) {
		if (s->protocol != IP4_PROTO_ICMP)
			return -EOPNOTSUPP;
		if (len != 0)
			memcpy(opt_mut(s)->filter, val, MIN(len, sizeof(s->opt->filter[0])));
		return 0;
	}
	if (mrt4_is(s, level, name))
		return mrt4_setsockopt(name, len);
	if (level != IPPROTO_IP || name != IP_HDRINCL)
		return -ENOPROTOOPT;
	rc = opt_int(val, len, &v);
	if (rc == 0)
		opt_mut(s)->hdrincl = v != 0;
	return rc;
}

static int raw4_getsockopt(struct sock *s, int level, int name, void *val, socklen_t *len)
{
	if (level == SOL_RAW && name == FILTER_NAME)
		return s->protocol == IP4_PROTO_ICMP
			       ? opt_put(val, len, s->opt->filter, sizeof(s->opt->filter[0]))
			       : -EOPNOTSUPP;
	if (level == IPPROTO_IP && name == IP_HDRINCL)
		return opt_put_int(val, len, s->opt->hdrincl);
	return -ENOPROTOOPT;
}

static int raw_setsockopt(struct sock *s, int level, int name, const void *val, socklen_t len)
{
	if (s->family == AF_INET)
		return raw4_setsockopt(s, level, name, val, len);
	if ((level == IPPROTO_IPV6 || level == SOL_RAW) && name == IPV6_CHECKSUM)
		return set_csum(s, level, val, len);
	if (level == IPPROTO_IPV6 && name == IPV6_HDRINCL) {
		int v, rc = opt_int(val, len, &v);

		if (rc == 0)
			opt_mut(s)->hdrincl = v != 0;
		return rc;
	}
	if (level != IPPROTO_ICMPV6 || s->protocol != IP6_NH_ICMP6)
		return level == IPPROTO_ICMPV6 ? -EOPNOTSUPP : -ENOPROTOOPT;
	if (name != FILTER_NAME)
		return -ENOPROTOOPT;
	if (len != 0)
		memcpy(opt_mut(s)->filter, val, MIN(len, sizeof(s->opt->filter)));
	return 0;
}

static int raw_getsockopt(struct sock *s, int level, int name, void *val, socklen_t *len)
{
	if (s->family == AF_INET)
		return raw4_getsockopt(s, level, name, val, len);
	if ((level == IPPROTO_IPV6 || level == SOL_RAW) && name == IPV6_CHECKSUM)
		return opt_put_int(val, len, s->opt->csum_off);
	if (level == IPPROTO_IPV6 && name == IPV6_HDRINCL)
		return opt_put_int(val, len, s->opt->hdrincl);
	if (level != IPPROTO_ICMPV6 || s->protocol != IP6_NH_ICMP6)
		return level == IPPROTO_ICMPV6 ? -EOPNOTSUPP : -ENOPROTOOPT;
	return name == FILTER_NAME ? opt_put(val, len, s->opt->filter, sizeof(s->opt->filter))
				   : -ENOPROTOOPT;
}

const struct sock_kind raw_kind = {
	.type = SOCK_RAW,
	.open = raw_open,
	.done = raw_done,
	.connect = dgram_connect,
	.sendmsg = raw_sendmsg,
	.recvmsg = dgram_recvmsg,
	.shutdown = dgram_shutdown,
	.poll = dgram_poll,
	.setsockopt = raw_setsockopt,
	.getsockopt = raw_getsockopt,
};
