/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The options of IPPROTO_IP, as ip(7) has them: of sockets of AF_INET, and of AF_INET6 for what they say to
 * IPv4. Nearly all may be given as one octet.
 */
#include "ip4/hdr.h"
#include "transport/mcast.h"
#include "transport/opt.h"

static const struct opt_flag flags[] = {
	OPT_FLAG(IP_PKTINFO, ip4.recvpktinfo),
	OPT_FLAG(IP_RECVTTL, ip4.recvttl),
	OPT_FLAG(IP_RECVTOS, ip4.recvtos),
	OPT_FLAG(IP_RECVERR, ip4.recverr),
	OPT_FLAG(IP_FREEBIND, freebind),
	OPT_FLAG(IP_TRANSPARENT, transparent),
	OPT_FLAG(IP_MULTICAST_LOOP, ip4.mcast_loop),
	OPT_FLAG_STRICT(IP_MULTICAST_ALL, ip4.mcast_all),
	OPT_FLAG(IP_BIND_ADDRESS_NO_PORT, ip4.no_port),
};

/* A number within bounds; of those with @unset -1 is taken, and stands for that. */
struct number {
	int name, least, most;
	uint16_t off;
	bool may_unset;
	int unset;
};

#define NUMBER(name, least, most, field, may_unset, unset)                                         \
	{                                                                                          \
		name, least, most, offsetof(struct sock_opts, ip4.field), may_unset, unset         \
	}

static const struct number numbers[] = {
	NUMBER(IP_TTL, 1, 255, ttl, true, -1),
	NUMBER(IP_MULTICAST_TTL, 0, 255, mcast_ttl, true, 1),
	NUMBER(IP_MTU_DISCOVER, IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT, mtu_discover, false, 0),
	NUMBER(IP_MINTTL, 0, 255, min_ttl, false, 0),
};

static const struct number *number_find(int name)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].name == name)
			return &numbers[i];
	return NULL;
}

static int number_get(const struct sock *s, const struct number *n)
{
	return *(const int *)(const void *)((const char *)s->opt + n->off);
}

static void number_set(struct sock *s, const struct number *n, int v)
{
	*(int *)(void *)((char *)opt_mut(s) + n->off) = v;
}

/* An int, an octet, or nothing: 0. */
static int value_of(const void *val, socklen_t len)
{
	int v = 0;

	if (len >= sizeof(v))
		memcpy(&v, val, sizeof(v));
	else if (len >= 1)
		v = *(const uint8_t *)val;
	return v;
}

static int put_value(void *val, socklen_t *len, int v)
{
	uint8_t octet = (uint8_t)v;

	if (*len > 0 && *len < sizeof(v) && v >= 0 && v <= UINT8_MAX)
		return opt_put(val, len, &octet, sizeof(octet));
	return opt_put_int(val, len, v);
}

/* The three shapes in which a group, or an interface, is named: struct ip_mreqn, ip_mreq, in_addr. */
static int mreq_of(const void *val, socklen_t len, struct ip_mreqn *ret)
{
	struct ip_mreqn m = { 0 };

	if (len >= sizeof(m))
		memcpy(&m, val, sizeof(m));
	else if (len >= sizeof(struct ip_mreq))
		memcpy(&m, val, sizeof(struct ip_mreq));
	else
		return -EINVAL;
	*ret = m;
	return 0;
}

/* Return: the interface that is meant; 0: any; -ENODEV. */
static int mreq_if(const struct sock *s, const struct ip_mreqn *m)
{
	struct ip6_addr a = ip4_mapped(get_be32((const uint8_t *)&m->imr_address));
	const struct if_addr *own;

	if (m->imr_ifindex != 0)
		return ip6_if(s->of->ip6, (uint32_t)m->imr_ifindex) != NULL ? m->imr_ifindex
									    : -ENODEV;
	if (addr_is_any(&a))
		return 0;
	own = ip6_local(s->of->ip6, &a, 0);
	return own != NULL ? (int)if_index(own->ifc) : -ENODEV;
}

static int membership(struct sock *s, int name, const void *val, socklen_t len)
{
	struct ip6_addr group;
	struct ip_mreqn m;
	int rc = mreq_of(val, len, &m);

	if (rc == 0)
		rc = mreq_if(s, &m);
	if (rc < 0)
		return rc;
	group = ip4_mapped(get_be32((const uint8_t *)&m.imr_multiaddr));
	return name == IP_ADD_MEMBERSHIP ? mcast4_join(s, (uint32_t)rc, &group)
					 : mcast4_leave(s, (uint32_t)rc, &group);
}

/* RFC 3678 section 5.1.1, of IPv4. */
static int group_request(struct sock *s, int name, const void *val, socklen_t len)
{
	struct group_req req;
	struct sockaddr_in6 sin6;
	struct ip6_addr group;
	int rc;

	if (len < sizeof(req))
		return -EINVAL;
	memcpy(&req, val, sizeof(req));
	rc = sin_to_sin6(&req.gr_group, sizeof(struct sockaddr_in), &sin6);
	if (rc < 0)
		return -EINVAL;
	group = addr_of_in6(&sin6.sin6_addr);
	return name == MCAST_JOIN_GROUP ? mcast4_join(s, req.gr_interface, &group)
					: mcast4_leave(s, req.gr_interface, &group);
}

static int set_mcast_if(struct sock *s, const void *val, socklen_t len)
{
	struct ip_mreqn m = { 0 };
	int rc = 0;

	if (len >= sizeof(struct ip_mreq))
		rc = mreq_of(val, len, &m);
	else if (len >= sizeof(m.imr_address))
		memcpy(&m.imr_address, val, sizeof(m.imr_address));
	else
		rc = -EINVAL;
	if (rc == 0)
		rc = mreq_if(s, &m);
	if (rc < 0)
		return rc == -ENODEV ? -EADDRNOTAVAIL : rc;
	opt_mut(s)->ip4.mcast_if = (uint32_t)rc;
	opt_mut(s)->ip4.mcast_from = m.imr_address;
	return 0;
}

/* TCP owns the two bits of ECN. */
static int set_tos(struct sock *s, int v)
{
	opt_mut(s)->ip4.tos = s->kind == &tcp_kind ? (v & ~IP6_ECN_MASK) & UINT8_MAX
						   : v & UINT8_MAX;
	return 0;
}

int ip4_setsockopt(struct sock *s, int name, const void *val, socklen_t len)
{
	const struct opt_flag *f = opt_flag_find(flags, ARRAY_LEN(flags), name);
	const struct number *n = number_find(name);
	int v = value_of(val, len);

	if (f != NULL && f->strict && v != 0 && v != 1)
		return -EINVAL;
	if (f != NULL) {
		opt_flag_set(s, f, v != 0);
		if (name == IP_RECVERR && v == 0)
			sock_purge_errors(s);
		return 0;
	}
	if (n != NULL) {
		if ((v < n->least || v > n->most) && !(n->may_unset && v == -1))
			return -EINVAL;
		number_set(s, n, n->may_unset && v == -1 ? n->unset : v);
		return 0;
	}
	switch (name) {
	case IP_TOS:
		return set_tos(s, v);
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
		return membership(s, name, val, len);
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
		return group_request(s, name, val, len);
	case IP_MULTICAST_IF:
		return set_mcast_if(s, val, len);
	case IP_OPTIONS: /* none is sent */
		return len == 0 ? 0 : -EINVAL;
	default:
		return -ENOPROTOOPT;
	}
}

static int get_mtu(const struct sock *s, void *val, socklen_t *len)
{
	if (!s->connected || !ip6_is_v4mapped(&s->peer))
		return -ENOTCONN;
	return opt_put_int(
		val, len,
		(int)MIN(sock_mtu_to(s, &s->peer, s->device) - MAPPED_MORE, (uint32_t)UINT16_MAX));
}

int ip4_getsockopt(struct sock *s, int name, void *val, socklen_t *len)
{
	const struct opt_flag *f = opt_flag_find(flags, ARRAY_LEN(flags), name);
	const struct number *n = number_find(name);

	if (f != NULL)
		return put_value(val, len, opt_flag_get(s, f));
	if (name == IP_TTL && s->opt->ip4.ttl < 0)
		return put_value(val, len, MAPPED_TTL);
	if (n != NULL)
		return put_value(val, len, number_get(s, n));
	switch (name) {
	case IP_TOS:
		return put_value(val, len, s->opt->ip4.tos);
	case IP_MTU:
		return get_mtu(s, val, len);
	case IP_MULTICAST_IF:
		return opt_put(val, len, &s->opt->ip4.mcast_from, sizeof(s->opt->ip4.mcast_from));
	case IP_OPTIONS:
		*len = 0;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}
