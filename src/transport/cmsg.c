/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ancillary data is a list of objects, each a struct cmsghdr, its data and padding (RFC 3542 section 20.1).
 * It may come from another process and lie anywhere, so it is copied, never pointed into, but for headers,
 * which are octets.
 */
#include "transport/cmsg.h"

/* As Linux cuts: the header must fit, of the data what does. */
void cmsg_put(struct cmsg_out *c, int level, int type, const void *data, size_t n)
{
	struct cmsghdr h = { .cmsg_level = level, .cmsg_type = type };
	size_t space;

	if (c->left < sizeof(h)) {
		c->cut = true;
		return;
	}
	h.cmsg_len = CMSG_LEN(n);
	if (h.cmsg_len > c->left) {
		c->cut = true;
		h.cmsg_len = c->left;
	}
	memcpy(c->p, &h, sizeof(h));
	memcpy(c->p + CMSG_LEN(0), data, h.cmsg_len - CMSG_LEN(0));
	space = MIN(CMSG_SPACE(n), c->left);
	memset(c->p + h.cmsg_len, 0, space - h.cmsg_len);
	c->p += space;
	c->left -= space;
}

void cmsg_end(struct msghdr *msg, const struct cmsg_out *c)
{
	if (c->cut)
		msg->msg_flags |= MSG_CTRUNC;
	msg->msg_controllen =
		msg->msg_control != NULL ? (size_t)(c->p - (uint8_t *)msg->msg_control) : 0;
}

/*
 * Of the program.
 */
int pktinfo_check(const struct sock *s, const struct in6_pktinfo *info, uint32_t oif)
{
	struct ip6_addr addr = addr_of_in6(&info->ipi6_addr);
	const struct if_addr *a;

	if (oif != 0 && ip6_if(s->of->ip6, oif) == NULL)
		return -ENODEV;
	if (ip6_is_unspec(&addr))
		return 0;
	if (oif == 0 && ip6_is_linklocal(&addr))
		return -EINVAL;
	if (s->opt->freebind || s->opt->transparent)
		return 0;
	a = ip6_is_mcast(&addr) ? NULL : ip6_local(s->of->ip6, &addr, oif);
	return a != NULL && if_addr_is_assigned(a) ? 0 : -EINVAL;
}

int hdr_check(enum sock_hdr_place place, const uint8_t *p, size_t n, uint16_t *octets)
{
	size_t len;

	if (n < 2)
		return -EINVAL;
	len = IP6_EXT_UNIT + (size_t)p[IP6_EXT_LEN_OFF] * IP6_EXT_UNIT;
	if (len > n || len > SOCK_HDR_OCTETS_MAX)
		return -EINVAL;
	/* RFC 5095: no type 0. Of type 2 there is one form, with one address: RFC 6275 section 6.4 */
	if (place == SOCK_RTHDR &&
	    (p[IP6_RH_TYPE_OFF] != IP6_RH_TYPE2 || len != 24 || p[IP6_RH_LEFT_OFF] != 1))
		return -EINVAL;
	*octets = (uint16_t)len;
	return 0;
}

static int read_pktinfo(const struct sock *s, struct rd data, struct sock_out *o)
{
	struct in6_pktinfo info;
	uint32_t oif;
	int rc;

	if (!rd_copy(&data, &info, sizeof(info)))
		return -EINVAL;
	oif = (uint32_t)info.ipi6_ifindex;
	if (oif != 0 && s->device != 0 && oif != s->device)
		return -EINVAL;
	if (oif != 0)
		o->oif = oif;
	rc = pktinfo_check(s, &info, o->oif);
	if (rc == 0)
		o->src = addr_of_in6(&info.ipi6_addr);
	return rc;
}

static int read_hdr(struct rd data, enum sock_hdr_place place, struct sock_out *o)
{
	uint16_t octets = 0;
	int rc = hdr_check(place, data.p, data.left, &octets);

	if (rc == 0)
		o->hdr[place] = rd_of(data.p, octets);
	return rc;
}

static int read_int(struct rd data, int least, int most, int *ret)
{
	int v;

	if (data.left != sizeof(v) || !rd_copy(&data, &v, sizeof(v)) || v < least || v > most)
		return -EINVAL;
	*ret = v;
	return 0;
}

static int read_object(struct sock *s, int type, struct rd data, struct sock_out *o)
{
	int v = 0, rc;

	switch (type) {
	case IPV6_PKTINFO:
		return read_pktinfo(s, data, o);
	case IPV6_HOPLIMIT:
		rc = read_int(data, -1, UINT8_MAX, &o->hops);
		o->hops_given = rc == 0;
		return rc;
	case IPV6_TCLASS:
		rc = read_int(data, -1, UINT8_MAX, &v);
		if (rc == 0)
			o->tclass = MAX(v, 0);
		return rc;
	case IPV6_DONTFRAG:
		rc = read_int(data, 0, 1, &v);
		if (rc == 0)
			o->dontfrag = v != 0;
		return rc;
	case IPV6_HOPOPTS:
		return read_hdr(data, SOCK_HBH, o);
	case IPV6_RTHDRDSTOPTS:
		return read_hdr(data, SOCK_DST0, o);
	case IPV6_RTHDR:
		return read_hdr(data, SOCK_RTHDR, o);
	case IPV6_DSTOPTS:
		return read_hdr(data, SOCK_DST1, o);
	default: /* numbers of a program's */
		return -EINVAL;
	}
}

/* Level and type of UDP_SEGMENT are those of the option; its value is of 16 bits. */
static int read_segment(int type, struct rd data, struct sock_out *o)
{
	if (type != UDP_SEGMENT || data.left != sizeof(o->gso))
		return -EINVAL;
	return rd_copy(&data, &o->gso, sizeof(o->gso)) ? 0 : -EINVAL;
}

static int read_pktinfo4(const struct sock *s, struct rd data, struct sock_out *o)
{
	struct in6_pktinfo info = { 0 };
	struct in_pktinfo in;
	struct ip6_addr a;
	int rc;

	if (data.left != sizeof(in) || !rd_copy(&data, &in, sizeof(in)))
		return -EINVAL;
	if (in.ipi_ifindex != 0)
		o->oif = (uint32_t)in.ipi_ifindex;
	a = ip4_mapped(get_be32((const uint8_t *)&in.ipi_spec_dst));
	info.ipi6_addr = in6_of_addr(&a);
	if (addr_is_any(&a))
		return o->oif != 0 && ip6_if(s->of->ip6, o->oif) == NULL ? -ENODEV : 0;
	rc = pktinfo_check(s, &info, o->oif);
	if (rc == 0)
		o->src = a;
	return rc;
}

/* Of IPPROTO_IP, as ip(7) has it. */
static int read_object4(struct sock *s, int type, struct rd data, struct sock_out *o)
{
	int v = 0, rc;

	switch (type) {
	case IP_PKTINFO:
		return read_pktinfo4(s, data, o);
	case IP_TTL:
		rc = read_int(data, 1, UINT8_MAX, &o->hops);
		o->hops_given = rc == 0;
		return rc;
	case IP_TOS:
		if (data.left == 1)
			v = data.p[0];
		rc = data.left == 1 ? 0 : read_int(data, 0, UINT8_MAX, &v);
		if (rc == 0)
			o->tclass = v;
		return rc;
	default: /* numbers of a program's */
		return -EINVAL;
	}
}

int cmsg_read(struct sock *s, const struct msghdr *msg, struct sock_out *o)
{
	struct rd r = rd_of(msg->msg_control, msg->msg_controllen);
	int rc = 0;

	while (rc == 0 && r.left >= sizeof(struct cmsghdr)) {
		const uint8_t *at = r.p;
		struct cmsghdr h;

		memcpy(&h, at, sizeof(h));
		if (h.cmsg_len < sizeof(h) || h.cmsg_len > r.left)
			return -EINVAL;
		if (h.cmsg_level == IPPROTO_UDP && s->kind == &udp_kind)
			rc = read_segment(h.cmsg_type,
					  rd_of(at + CMSG_LEN(0), h.cmsg_len - CMSG_LEN(0)), o);
		else if (h.cmsg_level == IPPROTO_IPV6)
			rc = read_object(s, h.cmsg_type,
					 rd_of(at + CMSG_LEN(0), h.cmsg_len - CMSG_LEN(0)), o);
		else if (h.cmsg_level == IPPROTO_IP && ip6_is_v4mapped(&o->dst))
			rc = read_object4(s, h.cmsg_type,
					  rd_of(at + CMSG_LEN(0), h.cmsg_len - CMSG_LEN(0)), o);
		(void)rd_skip(&r, MIN(CMSG_ALIGN(h.cmsg_len), r.left));
	}
	return rc;
}

/*
 * For the program.
 */
static void put_time(const struct sock *s, const struct pkt *pkt, struct cmsg_out *c)
{
	time_ns t = pkt->when + s->of->wall;
	struct timespec ts = { .tv_sec = (time_t)(t / NS_PER_S), .tv_nsec = (long)(t % NS_PER_S) };
	struct timeval tv = { .tv_sec = ts.tv_sec, .tv_usec = ts.tv_nsec / 1000 };

	if (s->opt->timestampns)
		cmsg_put(c, SOL_SOCKET, SCM_TIMESTAMPNS, &ts, sizeof(ts));
	else
		cmsg_put(c, SOL_SOCKET, SCM_TIMESTAMP, &tv, sizeof(tv));
}

/* Options that go with a kind of header, and those behind a routing header with others than before it. */
static void put_headers(const struct sock *s, const struct pkt *pkt, struct cmsg_out *c)
{
	uint8_t next = pkt->p[IP6_NEXT_OFF];
	uint32_t at = IP6_HDR_OCTETS, n;

	for (; at + IP6_EXT_UNIT <= pkt->l4_off; at += n) {
		const uint8_t *h = pkt->p + at;

		n = next == IP6_NH_FRAGMENT
			    ? IP6_FRAG_OCTETS
			    : IP6_EXT_UNIT + (uint32_t)h[IP6_EXT_LEN_OFF] * IP6_EXT_UNIT;
		if (n > pkt->l4_off - at)
			return;
		if (next == IP6_NH_HBH && s->opt->recvhopopts)
			cmsg_put(c, IPPROTO_IPV6, IPV6_HOPOPTS, h, n);
		else if (next == IP6_NH_DSTOPTS && s->opt->recvdstopts)
			cmsg_put(c, IPPROTO_IPV6, IPV6_DSTOPTS, h, n);
		else if (next == IP6_NH_ROUTING && s->opt->recvrthdr)
			cmsg_put(c, IPPROTO_IPV6, IPV6_RTHDR, h, n);
		next = h[0];
	}
}

/* ip(7): the address of ours that a broadcast or a group's packet came to, beside that of the header. */
static void put_pktinfo4(const struct sock *s, const struct pkt *pkt, struct cmsg_out *c)
{
	struct ip6_addr dst = ip6_hdr_dst(pkt->p), ours = dst;
	struct in_pktinfo info = { .ipi_ifindex = (int)pkt->ifindex };
	const struct iface *ifc = ip6_if(s->of->ip6, pkt->ifindex);
	struct ip6_addr src = ip6_hdr_src(pkt->p);

	if ((pkt->flags & PKT_MULTICAST) != 0 && ifc != NULL)
		(void)mapped_source(s->of->ip6, ifc, &src, &ours);
	put_be32((uint8_t *)&info.ipi_addr, ip4_of(&dst));
	put_be32((uint8_t *)&info.ipi_spec_dst, ip4_of(&ours));
	cmsg_put(c, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
}

static void write4(const struct sock *s, const struct pkt *pkt, struct cmsg_out *c)
{
	uint8_t tos = ip6_hdr_class(pkt->p);
	int ttl = pkt->p[IP6_HLIM_OFF];

	if (s->opt->ip4.recvpktinfo)
		put_pktinfo4(s, pkt, c);
	if (s->opt->ip4.recvttl)
		cmsg_put(c, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
	if (s->opt->ip4.recvtos)
		cmsg_put(c, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
}

void cmsg_put_hops(const struct sock *s, int hops, struct cmsg_out *c)
{
	if (s->opt->recvhoplimit)
		cmsg_put(c, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops, sizeof(hops));
	if (s->opt->oldhoplimit)
		cmsg_put(c, IPPROTO_IPV6, IPV6_2292HOPLIMIT, &hops, sizeof(hops));
}

/* For who got what was not for his socket's address, and who wants no fragments. */
static void put_way(const struct sock *s, const struct pkt *pkt, struct cmsg_out *c)
{
	struct ip6_addr dst = ip6_hdr_dst(pkt->p);
	struct sockaddr_in6 sin6;
	int frag = pkt->frag_max;

	if (s->opt->recvorigdst && pkt->len - pkt->l4_off >= 4) {
		sin6 = sin6_of(&dst, get_be16(pkt->p + pkt->l4_off + 2), pkt->ifindex);
		cmsg_put(c, IPPROTO_IPV6, IPV6_ORIGDSTADDR, &sin6, sizeof(sin6));
	}
	if (s->opt->recvfragsize && (pkt->flags & PKT_REASSEMBLED) != 0)
		cmsg_put(c, IPPROTO_IPV6, IPV6_RECVFRAGSIZE, &frag, sizeof(frag));
}

void cmsg_write(const struct sock *s, const struct pkt *pkt, struct cmsg_out *c)
{
	int hops = pkt->p[IP6_HLIM_OFF], tclass = ip6_hdr_class(pkt->p);
	struct ip6_addr to = ip6_hdr_dst(pkt->p);
	uint32_t flow;

	if (s->opt->timestamp || s->opt->timestampns)
		put_time(s, pkt, c);
	if (s->opt->recvpktinfo || s->opt->oldpktinfo) {
		struct ip6_addr dst = ip6_hdr_dst(pkt->p);
		struct in6_pktinfo info = { .ipi6_addr = in6_of_addr(&dst),
					    .ipi6_ifindex = pkt->ifindex };

		if (s->opt->recvpktinfo)
			cmsg_put(c, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
		if (s->opt->oldpktinfo)
			cmsg_put(c, IPPROTO_IPV6, IPV6_2292PKTINFO, &info, sizeof(info));
	}
	if (ip6_is_v4mapped(&to)) {
		write4(s, pkt, c);
		return;
	}
	cmsg_put_hops(s, hops, c);
	if (s->opt->recvtclass)
		cmsg_put(c, IPPROTO_IPV6, IPV6_TCLASS, &tclass, sizeof(tclass));
	if (s->opt->flowinfo) {
		put_be32((uint8_t *)&flow, get_be32(pkt->p) & 0x0fffffff);
		cmsg_put(c, IPPROTO_IPV6, IPV6_FLOWINFO, &flow, sizeof(flow));
	}
	if (s->opt->recvhopopts || s->opt->recvdstopts || s->opt->recvrthdr)
		put_headers(s, pkt, c);
	if (s->opt->recvorigdst || s->opt->recvfragsize)
		put_way(s, pkt, c);
}
