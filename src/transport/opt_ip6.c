/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The options of IPPROTO_IPV6: RFC 3493 section 5, RFC 3542, RFC 5014. Those about groups are in mcast.c,
 * those of raw sockets in raw.c, of multicast routing in mrt6.c.
 */
#include <stdlib.h>

#include "transport/cmsg.h"
#include "transport/mcast.h"
#include "transport/mrt6.h"
#include "transport/opt.h"

#define USE_MIN_MTU 63 /* RFC 3542 section 11.1; Linux keeps the number free for it */

/* RFC 5014 section 3 as Linux numbers it: a wish taken back has a number of its own. */
#define PREFER_PUBTMP_DEFAULT 0x0100u
#define PREFER_CGA	      0x0008u
#define PREFER_NONCGA	      0x0800u

static const struct opt_flag flags[] = {
	OPT_FLAG(IPV6_RECVPKTINFO, recvpktinfo),
	OPT_FLAG(IPV6_RECVHOPLIMIT, recvhoplimit),
	OPT_FLAG(IPV6_2292PKTINFO, oldpktinfo),
	OPT_FLAG(IPV6_2292HOPLIMIT, oldhoplimit),
	OPT_FLAG(IPV6_RECVTCLASS, recvtclass),
	OPT_FLAG(IPV6_RECVRTHDR, recvrthdr),
	OPT_FLAG(IPV6_RECVHOPOPTS, recvhopopts),
	OPT_FLAG(IPV6_RECVDSTOPTS, recvdstopts),
	OPT_FLAG(IPV6_RECVPATHMTU, recvpathmtu),
	OPT_FLAG(IPV6_RECVERR, recverr),
	OPT_FLAG(IPV6_FLOWINFO, flowinfo),
	OPT_FLAG(IPV6_FLOWINFO_SEND, flowinfo_send),
	OPT_FLAG(IPV6_FREEBIND, freebind),
	OPT_FLAG(IPV6_TRANSPARENT, transparent),
	OPT_FLAG(IPV6_DONTFRAG, dontfrag),
	OPT_FLAG(IPV6_AUTOFLOWLABEL, autoflowlabel),
	OPT_FLAG(IPV6_RECVORIGDSTADDR, recvorigdst),
	OPT_FLAG(IPV6_RECVFRAGSIZE, recvfragsize),
	OPT_FLAG_STRICT(IPV6_MULTICAST_LOOP, mcast_loop),
	OPT_FLAG(IPV6_MULTICAST_ALL, mcast_all),
};

/* An option that is a number within bounds; where it is kept. */
struct opt_number {
	int name, least, most;
	uint16_t off;
	int unset; /* what -1 stands for */
};

#define NUMBER(name, least, most, field, unset)                                                    \
	{                                                                                          \
		name, least, most, offsetof(struct sock_opts, field), unset                        \
	}

static const struct opt_number numbers[] = {
	NUMBER(IPV6_UNICAST_HOPS, -1, 255, hops, -1),
	NUMBER(IPV6_MULTICAST_HOPS, -1, 255, mcast_hops, 1),
	NUMBER(IPV6_TCLASS, -1, 255, tclass, 0),
	NUMBER(IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT, IPV6_PMTUDISC_OMIT, mtu_discover, 0),
	NUMBER(IPV6_MINHOPCOUNT, 0, 255, min_hops, 0),
	NUMBER(USE_MIN_MTU, -1, 1, use_min_mtu, -1),
};

static const struct opt_number *number_find(int name)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].name == name)
			return &numbers[i];
	return NULL;
}

static int number_get(const struct sock *s, const struct opt_number *n)
{
	return *(const int *)(const void *)((const char *)s->opt + n->off);
}

static void number_set(struct sock *s, const struct opt_number *n, int v)
{
	*(int *)(void *)((char *)opt_mut(s) + n->off) = v;
}

static int set_pktinfo(struct sock *s, const void *val, socklen_t len)
{
	struct in6_pktinfo info = { 0 };
	int rc;

	if (len == 0) { /* RFC 3542 section 6.2: none any more */
		opt_mut(s)->pktinfo = info;
		return 0;
	}
	if (len < sizeof(info))
		return -EINVAL;
	memcpy(&info, val, sizeof(info));
	if (s->device != 0 && info.ipi6_ifindex != 0 && info.ipi6_ifindex != s->device)
		return -EINVAL;
	rc = pktinfo_check(s, &info, (uint32_t)info.ipi6_ifindex);
	if (rc == 0)
		opt_mut(s)->pktinfo = info;
	return rc;
}

static int hdr_place(int name)
{
	switch (name) {
	case IPV6_HOPOPTS:
		return SOCK_HBH;
	case IPV6_RTHDRDSTOPTS:
		return SOCK_DST0;
	case IPV6_RTHDR:
		return SOCK_RTHDR;
	case IPV6_DSTOPTS:
		return SOCK_DST1;
	default:
		return -1;
	}
}

/* RFC 3542 section 4: length 0 takes it away. */
static int set_hdr(struct sock *s, enum sock_hdr_place place, const void *val, socklen_t len)
{
	struct sock_hdr h = { 0 };
	int rc;

	if (len != 0) {
		if (len % IP6_EXT_UNIT != 0 || len > SOCK_HDR_OCTETS_MAX)
			return -EINVAL;
		rc = hdr_check(place, val, len, &h.octets);
		if (rc < 0)
			return rc;
		h.p = malloc(h.octets);
		if (h.p == NULL)
			return -ENOMEM;
		memcpy(h.p, val, h.octets);
	}
	free(s->opt->hdr[place].p);
	opt_mut(s)->hdr[place] = h;
	return 0;
}

/* The two sides of a wish exclude each other; what is not mentioned is as if it never had been. */
static int set_prefer(struct sock *s, uint32_t v)
{
	const uint32_t tmp = SRC_PREFER_TMP | SRC_PREFER_PUBLIC | PREFER_PUBTMP_DEFAULT;
	const uint32_t mobile = SRC_PREFER_HOME | SRC_PREFER_COA;
	const uint32_t cga = PREFER_CGA | PREFER_NONCGA;

	if (__builtin_popcount(v & tmp) > 1 || __builtin_popcount(v & mobile) > 1 ||
	    __builtin_popcount(v & cga) > 1)
		return -EINVAL;
	opt_mut(s)->prefer = v & (SRC_PREFER_TMP | SRC_PREFER_PUBLIC | SRC_PREFER_COA);
	return 0;
}

static int get_prefer(const struct sock *s)
{
	uint32_t v = s->opt->prefer;

	if ((v & (SRC_PREFER_TMP | SRC_PREFER_PUBLIC)) == 0)
		v |= PREFER_PUBTMP_DEFAULT;
	if ((v & SRC_PREFER_COA) == 0)
		v |= SRC_PREFER_HOME;
	return (int)v;
}

static int set_mcast_if(struct sock *s, int v)
{
	if (v < 0)
		return -ENODEV;
	if (v != 0) {
		if (s->device != 0 && s->device != (uint32_t)v)
			return -EINVAL;
		if (ip6_if(s->of->ip6, (uint32_t)v) == NULL)
			return -ENODEV;
	}
	opt_mut(s)->mcast_if = (uint32_t)v;
	return 0;
}

static int set_unicast_if(struct sock *s, uint32_t be)
{
	uint32_t ifindex = get_be32((const uint8_t *)&be);

	if (ifindex != 0 && ip6_if(s->of->ip6, ifindex) == NULL)
		return -EADDRNOTAVAIL;
	if (ifindex != 0 && s->device != 0)
		return -EINVAL;
	opt_mut(s)->unicast_if = ifindex;
	return 0;
}

/*
 * As struct in6_flowlabel_req begins: an address, the label, what is to be done. Labels are nobody's here:
 * whoever names one may use it, so there is nothing to be leased, kept or given back.
 */
#define LABEL_REQ_OCTETS 32
#define LABEL_OFF	 16
#define LABEL_ACTION_OFF 20
#define LABEL_ACTIONS	 3 /* get, put, renew */

static int flow_label(const uint8_t *req, socklen_t len)
{
	if (len < LABEL_REQ_OCTETS || req[LABEL_ACTION_OFF] >= LABEL_ACTIONS)
		return -EINVAL;
	if ((get_be32(req + LABEL_OFF) & ~IP6_FLOW_MASK) != 0)
		return -EINVAL;
	/* to find one for a program is what IPV6_AUTOFLOWLABEL is for */
	return (get_be32(req + LABEL_OFF) & IP6_FLOW_MASK) != 0 ? 0 : -EOPNOTSUPP;
}

static int set_int(struct sock *s, int name, int v)
{
	switch (name) {
	case IPV6_V6ONLY: /* RFC 3493 section 5.3: before bind() */
		if (s->port != 0 || s->addr_given)
			return -EINVAL;
		opt_mut(s)->v6only = v != 0;
		return 0;
	case IPV6_MULTICAST_IF:
		return set_mcast_if(s, v);
	case IPV6_UNICAST_IF:
		return set_unicast_if(s, (uint32_t)v);
	case IPV6_MTU:
		if (v != 0 && (v < (int)IP6_MTU_MIN || v > UINT16_MAX))
			return -EINVAL;
		opt_mut(s)->mtu = v;
		return 0;
	case IPV6_ADDR_PREFERENCES:
		return set_prefer(s, (uint32_t)v);
	default:
		return -ENOPROTOOPT;
	}
}

int ip6_setsockopt(struct sock *s, int name, const void *val, socklen_t len)
{
	const struct opt_flag *f = opt_flag_find(flags, ARRAY_LEN(flags), name);
	const struct opt_number *n = number_find(name);
	int place = hdr_place(name), v, rc;

	if (place >= 0)
		return set_hdr(s, (enum sock_hdr_place)place, val, len);
	if (name == IPV6_PKTINFO)
		return set_pktinfo(s, val, len);
	if (mrt6_is_option(name))
		return mrt6_setsockopt(s, name, val, len);
	if (name == IPV6_FLOWLABEL_MGR)
		return flow_label(val, len);
	rc = mcast_setsockopt(s, name, val, len);
	if (rc != -ENOPROTOOPT)
		return rc;
	rc = opt_int(val, len, &v);
	if (f != NULL) {
		if (rc < 0 && (name == IPV6_DONTFRAG || name == IPV6_RECVFRAGSIZE))
			v = 0; /* Linux does not look at its length */
		else if (rc < 0 || (f->strict && v != 0 && v != 1))
			return -EINVAL;
		opt_flag_set(s, f, v != 0);
		if (name == IPV6_RECVERR && v == 0)
			sock_purge_errors(s);
		return 0;
	}
	if (n != NULL) {
		if (rc < 0 || v < n->least || v > n->most)
			return -EINVAL;
		number_set(s, n, v == -1 ? n->unset : v);
		return 0;
	}
	if (rc < 0)
		return set_int(s, name, 0) == -ENOPROTOOPT ? -ENOPROTOOPT : -EINVAL;
	return set_int(s, name, v);
}

/* RFC 3542 section 11.4: of the peer only. */
static int get_path_mtu(const struct sock *s, void *val, socklen_t *len, bool whole)
{
	struct ip6_mtuinfo info = { .ip6m_addr = sin6_of(&s->peer, 0, s->device) };

	if (whole && *len < sizeof(info))
		return -EINVAL;
	if (!s->connected)
		return -ENOTCONN;
	info.ip6m_mtu = sock_mtu_to(s, &s->peer, s->device);
	if (whole)
		return opt_put(val, len, &info, sizeof(info));
	return opt_put_int(val, len, (int)info.ip6m_mtu);
}

/* -1 is the interface's: of the way to the peer, or what interfaces begin with. */
static int get_hops(const struct sock *s)
{
	struct ip6_addr next_hop;
	struct iface *ifc;
	uint32_t mtu;

	if (s->opt->hops >= 0)
		return s->opt->hops;
	if (s->connected &&
	    ip6_first_hop(s->of->ip6, &s->peer, &s->addr, s->device, &ifc, &next_hop, &mtu) == 0)
		return ifc->conf.cur_hop_limit;
	return s->of->ip6->if_default.cur_hop_limit;
}

static int get_int(const struct sock *s, int name, void *val, socklen_t *len)
{
	uint32_t be;

	switch (name) {
	case IPV6_V6ONLY:
		return opt_put_int(val, len, s->opt->v6only);
	case IPV6_UNICAST_HOPS:
		return opt_put_int(val, len, get_hops(s));
	case IPV6_MULTICAST_IF:
		return opt_put_int(val, len, (int)s->opt->mcast_if);
	case IPV6_UNICAST_IF:
		put_be32((uint8_t *)&be, s->opt->unicast_if);
		return opt_put_int(val, len, (int)be);
	case IPV6_ADDR_PREFERENCES:
		return opt_put_int(val, len, get_prefer(s));
	case IPV6_MTU:
		return get_path_mtu(s, val, len, false);
	case IPV6_PATHMTU:
		return get_path_mtu(s, val, len, true);
	default:
		return -ENOPROTOOPT;
	}
}

int ip6_getsockopt(struct sock *s, int name, void *val, socklen_t *len)
{
	const struct opt_flag *f = opt_flag_find(flags, ARRAY_LEN(flags), name);
	const struct opt_number *n = number_find(name);
	int place = hdr_place(name), rc;

	if (place >= 0)
		return opt_put(val, len, s->opt->hdr[place].p, s->opt->hdr[place].octets);
	if (f != NULL)
		return opt_put_int(val, len, opt_flag_get(s, f));
	if (mrt6_is_option(name))
		return mrt6_getsockopt(s, name, val, len);
	rc = mcast_getsockopt(s, name, val, len);
	if (rc == -ENOPROTOOPT)
		rc = get_int(s, name, val, len);
	return rc == -ENOPROTOOPT && n != NULL ? opt_put_int(val, len, number_get(s, n)) : rc;
}
