/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/udp.h"

#include "base/csum.h"
#include "transport/mcast.h"
#include "transport/opt.h"

#define LEN_OFF	 4
#define CSUM_OFF 6

#define PLAIN_MAX (IP6_MTU_MIN - IP6_HDR_OCTETS - UDP_HDR_OCTETS) /* goes whole by any path */

/* Linux's numbers; <netinet/udp.h> has them, with a struct over the wire. */
#define UDP_CORK	 1
#define UDP_NO_CHECK6_TX 101
#define UDP_NO_CHECK6_RX 102
#define SEGMENTS_MAX	 64 /* that one call sends, as on Linux */

/* *@octets: of the datagram, header included. */
static inline enum drop judge(const struct pkt *pkt, const struct ip6_addr *src,
			      const struct ip6_addr *dst, uint32_t *octets)
{
	const uint8_t *h = pkt->p + pkt->l4_off;
	uint32_t left = pkt->len - pkt->l4_off, len;

	if (left < UDP_HDR_OCTETS)
		return DROP_UDP_SHORT;
	len = get_be16(h + LEN_OFF);
	if (len < UDP_HDR_OCTETS || len > left)
		return DROP_UDP_SHORT;
	/* RFC 768: over IPv4 a sender may leave it out */
	if (get_be16(h + CSUM_OFF) == 0 ? !ip6_is_v4mapped(dst)
					: csum_upper(src, dst, h, len, IP6_NH_UDP) != 0)
		return DROP_UDP_CSUM;
	*octets = len;
	return DROP_NONE;
}

enum drop udp_parse(const struct pkt *pkt, struct udp *ret)
{
	const uint8_t *h = pkt->p + pkt->l4_off;
	struct ip6_addr src = ip6_hdr_src(pkt->p), dst = ip6_hdr_dst(pkt->p);
	uint32_t len = 0;
	enum drop why = judge(pkt, &src, &dst, &len);

	if (why != DROP_NONE)
		return why;
	ret->src = src;
	ret->dst = dst;
	ret->sport = get_be16(h);
	ret->dport = get_be16(h + 2);
	ret->data = rd_of(h + UDP_HDR_OCTETS, len - UDP_HDR_OCTETS);
	return DROP_NONE;
}

/* A group's, or a broadcast. */
static bool is_to_many4(const struct pkt *pkt, const struct ip6_addr *dst)
{
	return (pkt->flags & PKT_MULTICAST) != 0 && ip6_is_v4mapped(dst);
}

/* To a group: all that fit get one each, the last the packet itself. */
static __attribute__((noinline)) bool to_all(struct socks *socks, struct pkt *pkt,
					     const struct sock_flow *f)
{
	struct sock *last = NULL;

	for (struct sock *s = sock_port_first(socks, f->protocol, f->lport); s != NULL;
	     s = sock_port_next(s)) {
		struct pkt *copy;

		if (sock_fits(s, f) < 0 || !mcast_wants(s, f->ifindex, &f->local, &f->remote))
			continue;
		if (last != NULL) {
			copy = pkt_copy(socks->ip6->env->pool, pkt);
			if (copy != NULL)
				sock_queue(last, copy);
			else
				env_count_drop(socks->ip6->env, f->ifindex, DROP_NO_BUFFER);
		}
		last = s;
	}
	if (last != NULL)
		sock_queue(last, pkt);
	return last != NULL;
}

void udp_input(struct socks *socks, struct pkt *pkt)
{
	struct sock_flow f = { .local = ip6_hdr_dst(pkt->p),
			       .remote = ip6_hdr_src(pkt->p),
			       .protocol = IP6_NH_UDP,
			       .ifindex = pkt->ifindex };
	const uint8_t *h = pkt->p + pkt->l4_off;
	struct sock *s = NULL;
	uint32_t len = 0;
	enum drop why = judge(pkt, &f.remote, &f.local, &len);
	bool taken;

	if (UNLIKELY(why != DROP_NONE)) {
		env_drop(socks->ip6->env, pkt, why);
		return;
	}
	f.rport = get_be16(h);
	f.lport = get_be16(h + 2);
	pkt_trim(pkt, pkt->l4_off + len);
	if (UNLIKELY(ip6_is_mcast(&f.local) || is_to_many4(pkt, &f.local))) {
		taken = to_all(socks, pkt, &f);
	} else {
		s = sock_find(socks, &f);
		taken = s != NULL;
		if (taken)
			sock_queue(s, pkt);
	}
	if (!taken)
		icmp6_error(socks->ip6, pkt, ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0,
			    DROP_IP6_PORT_UNREACH);
}

/*
 * The header, and of a text at @text that may still be elsewhere, of @n octets, the sum: what was
 * just written in other pieces would be slow to read.
 */
static void put_header(uint8_t *h, const struct ip6_addr *src, const struct ip6_addr *dst,
		       uint32_t ports, const void *text, uint32_t n)
{
	uint32_t len = UDP_HDR_OCTETS + n;
	uint64_t first;
	uint16_t csum;

	put_be64((uint8_t *)&first, (uint64_t)ports << 32 | (uint64_t)len << 16);
	csum = csum_upper_of(src, dst, first, text, n, IP6_NH_UDP);
	csum = csum != 0 ? csum : 0xffff;
	put_be64(h, (uint64_t)ports << 32 | (uint64_t)len << 16 | csum);
}

/*
 * Most datagrams go to the socket's peer in one piece, and nothing unusual goes with them: for these,
 * what sock_out_begin() and sock_out_packet() would find out is known.
 */
static inline bool is_plain(const struct sock *s, const struct msghdr *msg, int flags)
{
	return (s->plain & SOCK_PLAIN_OUT) != 0 && s->err == 0 && msg->msg_name == NULL &&
	       msg->msg_controllen == 0 && msg->msg_iovlen == 1 &&
	       msg->msg_iov[0].iov_len <= PLAIN_MAX && (flags & (MSG_OOB | MSG_MORE)) == 0;
}

static ssize_t send_plain(struct sock *s, const struct iovec *iov)
{
	struct env *env = sock_env(s);
	uint32_t n = (uint32_t)iov->iov_len;
	struct pkt *pkt = pkt_new(env->pool, IP6_HDR_OCTETS + UDP_HDR_OCTETS + n);
	uint32_t ports = (uint32_t)s->port << 16 | s->peer_port;
	int hops = s->opt->hops, rc;
	uint8_t *h;

	if (pkt == NULL) {
		env_count_drop(env, 0, DROP_NO_BUFFER);
		return -ENOBUFS;
	}
	h = pkt_put(pkt, IP6_HDR_OCTETS + UDP_HDR_OCTETS + n);
	ip6_put_header(h, (uint8_t)s->opt->tclass, 0, 0, IP6_NH_UDP, hops < 0 ? 0 : (uint8_t)hops,
		       &s->addr, &s->peer);
	h += IP6_HDR_OCTETS;
	if (hops >= 0)
		pkt->flags |= PKT_HOP_LIMIT;
	pkt->l4_off = IP6_HDR_OCTETS;
	put_header(h, &s->addr, &s->peer, ports, iov->iov_base, n);
	if (n != 0)
		memcpy(h + UDP_HDR_OCTETS, iov->iov_base, n);
	rc = ip6_output(s->of->ip6, pkt, 0);
	return rc < 0 ? rc : (ssize_t)n;
}

static int send_one(struct sock *s, const struct sock_out *o)
{
	struct pkt *pkt;
	uint8_t *h;
	int rc = sock_out_packet(s, o, IP6_NH_UDP, UDP_HDR_OCTETS, &pkt);

	if (rc < 0)
		return rc;
	h = pkt->p + pkt->l4_off;
	put_header(h, &o->src, &o->dst, (uint32_t)s->port << 16 | o->port, h + UDP_HDR_OCTETS,
		   (uint32_t)o->octets);
	return sock_out_send(s, o, pkt);
}

/* UDP_SEGMENT: one call, a datagram for each gso octets of its data. None may need fragments. */
static int send_segments(struct sock *s, struct sock_out *o)
{
	size_t whole = o->octets;
	int rc = 0;

	if (whole > (size_t)o->gso * SEGMENTS_MAX ||
	    IP6_HDR_OCTETS + UDP_HDR_OCTETS + (uint32_t)o->gso > sock_mtu_to(s, &o->dst, o->oif))
		return -EINVAL;
	while (rc == 0 && o->skip < whole) {
		o->octets = MIN(whole - o->skip, (size_t)o->gso);
		rc = send_one(s, o);
		o->skip += o->octets;
	}
	return rc;
}

static ssize_t udp_sendmsg(struct sock *s, const struct msghdr *msg, int flags)
{
	struct sock_out o;
	ssize_t octets;
	int rc;

	if (LIKELY(is_plain(s, msg, flags)))
		return send_plain(s, msg->msg_iov);
	rc = sock_out_begin(s, msg, flags, &o);
	if (rc < 0)
		return rc;
	octets = (ssize_t)o.octets;
	rc = o.gso != 0 && o.octets > o.gso ? send_segments(s, &o) : send_one(s, &o);
	return rc < 0 ? rc : octets;
}

/* Others are off, and can be asked and told to be; who wants more takes another way. */
static bool is_option(int name)
{
	return name == UDP_CORK || name == UDP_NO_CHECK6_TX || name == UDP_NO_CHECK6_RX ||
	       name == UDP_SEGMENT || name == UDP_GRO;
}

static int udp_setsockopt(struct sock *s, int level, int name, const void *val, socklen_t len)
{
	int v, rc;

	if (level != IPPROTO_UDP || !is_option(name))
		return -ENOPROTOOPT;
	rc = opt_int(val, len, &v);
	if (rc < 0)
		return rc;
	if (name == UDP_SEGMENT) {
		if (v < 0 || v > UINT16_MAX)
			return -EINVAL;
		opt_mut(s)->gso = (uint16_t)v;
		return 0;
	}
	if (name == UDP_GRO) {
		opt_mut(s)->gro = v != 0;
		return 0;
	}
	return v == 0 ? 0 : -EOPNOTSUPP;
}

static int udp_getsockopt(struct sock *s, int level, int name, void *val, socklen_t *len)
{
	int v = name == UDP_SEGMENT ? s->opt->gso : name == UDP_GRO ? s->opt->gro : 0;

	if (level != IPPROTO_UDP || !is_option(name))
		return -ENOPROTOOPT;
	return opt_put_int(val, len, v);
}

const struct sock_kind udp_kind = {
	.type = SOCK_DGRAM,
	.protocol = IP6_NH_UDP,
	.has_ports = true,
	.hdr_octets = UDP_HDR_OCTETS,
	.connect = dgram_connect,
	.sendmsg = udp_sendmsg,
	.recvmsg = dgram_recvmsg,
	.shutdown = dgram_shutdown,
	.poll = dgram_poll,
	.setsockopt = udp_setsockopt,
	.getsockopt = udp_getsockopt,
};
