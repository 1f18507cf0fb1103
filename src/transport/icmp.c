/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/icmp.h"

#include "base/csum.h"
#include "ip4/hdr.h"
#include "transport/part.h"

#define ECHO_HDR_OCTETS 8
#define ID_OFF		4

bool icmp_reply_input(struct socks *socks, struct pkt *pkt)
{
	struct sock_flow f = { .local = ip6_hdr_dst(pkt->p),
			       .remote = ip6_hdr_src(pkt->p),
			       .lport = get_be16(pkt->p + pkt->l4_off + ID_OFF),
			       .ifindex = pkt->ifindex,
			       .protocol = pkt->proto };
	struct sock *s = sock_find(socks, &f);

	if (s == NULL)
		return false;
	sock_queue(s, pkt);
	return true;
}

static ssize_t icmp_sendmsg(struct sock *s, const struct msghdr *msg, int flags)
{
	struct pkt *pkt = NULL;
	struct sock_out o;
	bool ip4 = s->family == AF_INET;
	uint8_t *m;
	int rc = sock_out_begin(s, msg, flags, &o);

	if (rc == 0 && o.octets < ECHO_HDR_OCTETS)
		rc = -EINVAL;
	if (rc == 0)
		rc = sock_out_packet(s, &o, (uint8_t)s->protocol, 0, &pkt);
	if (rc < 0 || pkt == NULL)
		return rc;
	m = pkt->p + pkt->l4_off;
	if (m[0] != (ip4 ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST) || m[1] != 0) {
		pkt_free(pkt);
		return -EINVAL;
	}
	put_be16(m + ID_OFF, s->port);
	put_be16(m + ICMP6_CSUM_OFF, 0);
	if (ip4)
		put_be16(m + ICMP4_CSUM_OFF,
			 (uint16_t)~csum_fold(csum_add(0, m, pkt->len - pkt->l4_off)));
	else
		put_be16(m + ICMP6_CSUM_OFF,
			 csum_upper(&o.src, &o.dst, m, pkt->len - pkt->l4_off, IP6_NH_ICMP6));
	rc = sock_out_send(s, &o, pkt);
	return rc < 0 ? rc : (ssize_t)o.octets;
}

const struct sock_kind icmp_kind = {
	.type = SOCK_DGRAM,
	.protocol = IP6_NH_ICMP6,
	.family = AF_INET6,
	.has_ports = true,
	.connect = dgram_connect,
	.sendmsg = icmp_sendmsg,
	.recvmsg = dgram_recvmsg,
	.shutdown = dgram_shutdown,
	.poll = dgram_poll,
};

const struct sock_kind icmp4_kind = {
	.type = SOCK_DGRAM,
	.protocol = IP4_PROTO_ICMP,
	.family = AF_INET,
	.has_ports = true,
	.connect = dgram_connect,
	.sendmsg = icmp_sendmsg,
	.recvmsg = dgram_recvmsg,
	.shutdown = dgram_shutdown,
	.poll = dgram_poll,
};
