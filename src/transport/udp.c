/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/udp.h"

#include "base/csum.h"
#include "transport/mcast.h"
#include "transport/opt.h"

#define LEN_OFF	 4
#define CSUM_OFF 6

/* Linux's numbers; <netinet/udp.h> has them, with a struct over the wire. */
#define UDP_CORK	 1
#define UDP_NO_CHECK6_TX 101
#define UDP_NO_CHECK6_RX 102
#define UDP_SEGMENT	 103
#define UDP_GRO		 104

enum drop udp_parse(const struct pkt *pkt, struct udp *ret)
{
	const uint8_t *h = pkt->p + pkt->l4_off;
	uint32_t left = pkt->len - pkt->l4_off, len;
	struct udp u = { .src = ip6_hdr_src(pkt->p), .dst = ip6_hdr_dst(pkt->p) };

	if (left < UDP_HDR_OCTETS)
		return DROP_UDP_SHORT;
	len = get_be16(h + LEN_OFF);
	if (len < UDP_HDR_OCTETS || len > left)
		return DROP_UDP_SHORT;
	/* RFC 768: over IPv4 a sender may leave it out */
	if (get_be16(h + CSUM_OFF) == 0 ? !ip6_is_v4mapped(&u.dst)
					: csum_upper(&u.src, &u.dst, h, len, IP6_NH_UDP) != 0)
		return DROP_UDP_CSUM;
	u.sport = get_be16(h);
	u.dport = get_be16(h + 2);
	u.data = rd_of(h + UDP_HDR_OCTETS, len - UDP_HDR_OCTETS);
	*ret = u;
	return DROP_NONE;
}

/* A group's, or a broadcast. */
static bool is_to_many4(const struct pkt *pkt, const struct ip6_addr *dst)
{
	return (pkt->flags & PKT_MULTICAST) != 0 && ip6_is_v4mapped(dst);
}

/* To a group: all that fit get one each, the last the packet itself. */
static bool to_all(struct socks *socks, struct pkt *pkt, const struct sock_flow *f)
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
	struct sock_flow f = { .protocol = IP6_NH_UDP, .ifindex = pkt->ifindex };
	struct sock *s = NULL;
	struct udp u;
	enum drop why = udp_parse(pkt, &u);
	bool taken;

	if (UNLIKELY(why != DROP_NONE)) {
		env_drop(socks->ip6->env, pkt, why);
		return;
	}
	f.local = u.dst;
	f.remote = u.src;
	f.lport = u.dport;
	f.rport = u.sport;
	pkt_trim(pkt, pkt->l4_off + UDP_HDR_OCTETS + (uint32_t)u.data.left);
	if (UNLIKELY(ip6_is_mcast(&u.dst) || is_to_many4(pkt, &u.dst))) {
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

static ssize_t udp_sendmsg(struct sock *s, const struct msghdr *msg, int flags)
{
	struct sock_out o;
	struct pkt *pkt;
	uint32_t len;
	uint16_t csum;
	uint8_t *h;
	int rc = sock_out_begin(s, msg, flags, &o);

	if (rc < 0)
		return rc;
	rc = sock_out_packet(s, &o, IP6_NH_UDP, UDP_HDR_OCTETS, &pkt);
	if (rc < 0)
		return rc;
	h = pkt->p + pkt->l4_off;
	len = pkt->len - pkt->l4_off;
	put_be16(h, s->port);
	put_be16(h + 2, o.port);
	put_be16(h + LEN_OFF, (uint16_t)len);
	put_be16(h + CSUM_OFF, 0);
	csum = csum_upper(&o.src, &o.dst, h, len, IP6_NH_UDP);
	put_be16(h + CSUM_OFF, csum != 0 ? csum : 0xffff);
	rc = sock_out_send(s, &o, pkt);
	return rc < 0 ? rc : (ssize_t)o.octets;
}

/* Each is off, and can be asked and told to be; who wants more takes another way. */
static bool is_option(int name)
{
	return name == UDP_CORK || name == UDP_NO_CHECK6_TX || name == UDP_NO_CHECK6_RX ||
	       name == UDP_SEGMENT || name == UDP_GRO;
}

static int udp_setsockopt(struct sock *s, int level, int name, const void *val, socklen_t len)
{
	int v, rc;

	(void)s;
	if (level != IPPROTO_UDP || !is_option(name))
		return -ENOPROTOOPT;
	rc = opt_int(val, len, &v);
	if (rc < 0)
		return rc;
	/* to join datagrams is allowed, not promised */
	return v == 0 || name == UDP_GRO ? 0 : -EOPNOTSUPP;
}

static int udp_getsockopt(struct sock *s, int level, int name, void *val, socklen_t *len)
{
	(void)s;
	if (level != IPPROTO_UDP || !is_option(name))
		return -ENOPROTOOPT;
	return opt_put_int(val, len, 0);
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
