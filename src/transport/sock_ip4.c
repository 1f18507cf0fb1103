/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IPv4 in sockets: RFC 3493 sections 3.7 and 5.3. A socket of AF_INET is one of AF_INET6 that knows mapped
 * addresses only, and whose program is told of them in a struct sockaddr_in. So there is one table of
 * ports, and who may bind what beside whom is asked of addresses alone.
 */
#include "transport/opt.h"
#include "transport/part.h"

int sin_to_sin6(const void *addr, socklen_t len, struct sockaddr_in6 *ret)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_UNSPEC };
	struct sockaddr_in sin;
	struct ip6_addr a;

	if (len < sizeof(sa_family_t))
		return -EINVAL;
	memset(&sin, 0, sizeof(sin));
	memcpy(&sin, addr, MIN(len, sizeof(sin)));
	if (sin.sin_family == AF_UNSPEC) {
		*ret = sin6;
		return 0;
	}
	if (len < sizeof(sin))
		return -EINVAL;
	if (sin.sin_family != AF_INET)
		return -EAFNOSUPPORT;
	a = ip4_mapped(get_be32((const uint8_t *)&sin.sin_addr));
	sin6.sin6_family = AF_INET6;
	sin6.sin6_port = sin.sin_port;
	sin6.sin6_addr = in6_of_addr(&a);
	*ret = sin6;
	return 0;
}

socklen_t sock_name_put(const struct sock *s, void *to, socklen_t room,
			const struct sockaddr_in6 *sin6)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = sin6->sin6_port };

	if (s->family != AF_INET) {
		memcpy(to, sin6, MIN(room, sizeof(*sin6)));
		return sizeof(*sin6);
	}
	memcpy(&sin.sin_addr, &sin6->sin6_addr.s6_addr[12], sizeof(sin.sin_addr));
	memcpy(to, &sin, MIN(room, sizeof(sin)));
	return sizeof(sin);
}

bool sock_is_broadcast4(const struct sock *s, const struct ip6_addr *addr)
{
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6_if(s->of->ip6, i);

		if (ifc != NULL && !ifc->loopback && mapped_is_broadcast(ifc, addr))
			return true;
	}
	return false;
}

bool sock_may_bind4(const struct sock *s, const struct ip6_addr *addr)
{
	const struct if_addr *a;

	if (addr_is_any(addr) || mapped_is_mcast(addr) || s->opt->freebind || s->opt->transparent ||
	    sock_is_broadcast4(s, addr))
		return true;
	a = ip6_local(s->of->ip6, addr, 0);
	return a != NULL && if_addr_is_assigned(a);
}

/* Linux: a socket that is bound in one family has no way into the other. */
int sock_may_speak(const struct sock *s, const struct ip6_addr *dst)
{
	if (!ip6_is_v4mapped(dst))
		return ip6_is_v4mapped(&s->addr) ? -ENETUNREACH : 0;
	if (s->family != AF_INET &&
	    (s->opt->v6only || s->kind == &raw_kind || s->kind == &icmp_kind))
		return -ENETUNREACH;
	if (!ip6_is_unspec(&s->addr) && !ip6_is_v4mapped(&s->addr))
		return -ENETUNREACH;
	/* RFC 1122 section 3.3.6: who sends to all has said that he means it */
	return !s->opt->broadcast && sock_is_broadcast4(s, dst) ? -EACCES : 0;
}
