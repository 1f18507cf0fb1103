/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A socket's memberships, each of one group on one interface with a filter: all sources but these, or these
 * only. The "any source" calls of RFC 3493 and RFC 3678 section 5.1 make the first, empty; those of section
 * 5.1.2 the second. The mode is changed only while no source is named, or by MCAST_MSFILTER. Each change is
 * tried on MLD first, and kept if MLD took it.
 */
#include "transport/mcast.h"

#include <stdlib.h>

#include "transport/opt.h"

struct sock_group {
	struct list on;
	uint32_t ifindex;
	struct ip6_addr group;
	bool exclude;
	uint16_t n;
	struct ip6_addr source[SOCK_SOURCES_MAX];
};

struct sock_anycast {
	struct list on;
	uint32_t ifindex;
	struct ip6_addr addr;
	bool ours; /* it was made for us, and goes with us */
};

/* @ifindex of 0: of whatever interface. */
static struct sock_group *group_find(const struct sock *s, uint32_t ifindex,
				     const struct ip6_addr *group)
{
	if (s->more == NULL)
		return NULL;
	LIST_FOR_EACH(it, &s->more->groups) {
		struct sock_group *g = LIST_ENTRY(it, struct sock_group, on);

		if ((ifindex == 0 || g->ifindex == ifindex) && ip6_eq(&g->group, group))
			return g;
	}
	return NULL;
}

bool mcast_wants(const struct sock *s, uint32_t ifindex, const struct ip6_addr *group,
		 const struct ip6_addr *src)
{
	const struct sock_group *g = group_find(s, ifindex, group);

	if (g == NULL)
		return ip6_is_v4mapped(group) ? s->opt->ip4.mcast_all : s->opt->mcast_all;
	for (unsigned i = 0; i < g->n; i++)
		if (ip6_eq(&g->source[i], src))
			return !g->exclude;
	return g->exclude;
}

/* IPv4 has nobody to tell: there is no IGMP, and so no filter beside the socket's. */
static int listen_to4(struct sock *s, struct sock_group *g, bool wanted)
{
	struct iface *ifc = ip6_if(s->of->ip6, g->ifindex);
	struct if_group *is = ifc != NULL ? if_group_find(ifc, &g->group) : NULL;

	if (wanted)
		return ip6_group_join(s->of->ip6, ifc, &g->group, NULL) < 0 ? -ENOBUFS : 0;
	if (is != NULL)
		(void)ip6_group_leave(s->of->ip6, is);
	return 0;
}

/* What the membership is to be, to MLD; then it is so. Who listens is the membership, not the socket. */
static int listen_to(struct sock *s, struct sock_group *g, bool exclude,
		     const struct ip6_addr *source, unsigned n)
{
	struct iface *ifc = ip6_if(s->of->ip6, g->ifindex);
	int rc;

	if (ip6_is_v4mapped(&g->group)) {
		rc = listen_to4(s, g, exclude || n != 0);
		g->exclude = exclude;
		return rc;
	}
	rc = ifc != NULL ? mld_listen(s->of->mld, ifc, g, &g->group, exclude, source, n) : 0;

	if (rc < 0)
		return rc == -ENOSPC ? -ENOBUFS : rc;
	g->exclude = exclude;
	g->n = (uint16_t)n;
	if (n != 0)
		memmove(g->source, source, n * sizeof(*source));
	return 0;
}

static void leave(struct sock *s, struct sock_group *g)
{
	(void)listen_to(s, g, false, NULL, 0);
	list_del(&g->on);
	s->more->n_groups--;
	free(g);
}

/* RFC 3493 section 5.2: 0 lets the system choose. */
static int choose_if(const struct sock *s, const struct ip6_addr *group, uint32_t *ifindex)
{
	if (!addr_is_mcast(group))
		return -EINVAL;
	if (*ifindex == 0)
		*ifindex = sock_first_zone(s->of);
	return ip6_if(s->of->ip6, *ifindex) != NULL ? 0 : -ENODEV;
}

static int join(struct sock *s, uint32_t ifindex, const struct ip6_addr *group, bool exclude,
		const struct ip6_addr *source, unsigned n)
{
	struct sock_more *more = sock_more(s);
	struct sock_group *g;
	int rc = choose_if(s, group, &ifindex);

	if (rc < 0)
		return rc;
	if (group_find(s, ifindex, group) != NULL)
		return -EADDRINUSE;
	if (more != NULL && more->n_groups == SOCK_GROUPS_MAX)
		return -ENOBUFS;
	g = more != NULL ? calloc(1, sizeof(*g)) : NULL;
	if (g == NULL)
		return -ENOMEM;
	g->ifindex = ifindex;
	g->group = *group;
	rc = listen_to(s, g, exclude, source, n);
	if (rc < 0) {
		free(g);
		return rc;
	}
	list_add_tail(&more->groups, &g->on);
	more->n_groups++;
	return 0;
}

static int leave_group(struct sock *s, uint32_t ifindex, const struct ip6_addr *group)
{
	struct sock_group *g;

	if (!addr_is_mcast(group))
		return -EINVAL;
	g = group_find(s, ifindex, group);
	if (g == NULL)
		return -EADDRNOTAVAIL;
	leave(s, g);
	return 0;
}

int mcast4_join(struct sock *s, uint32_t ifindex, const struct ip6_addr *group)
{
	return mapped_is_mcast(group) ? join(s, ifindex, group, true, NULL, 0) : -EINVAL;
}

int mcast4_leave(struct sock *s, uint32_t ifindex, const struct ip6_addr *group)
{
	return mapped_is_mcast(group) ? leave_group(s, ifindex, group) : -EINVAL;
}

/* RFC 3678 section 5.1: one source more, or less, in that mode. */
static int change_source(struct sock *s, struct sock_group *g, bool exclude, bool add,
			 const struct ip6_addr *source)
{
	struct ip6_addr list[SOCK_SOURCES_MAX];
	unsigned n = g->n, at = 0;

	if (g->exclude != exclude && n != 0)
		return -EINVAL;
	while (at < n && !ip6_eq(&g->source[at], source))
		at++;
	if (add == (at < n))
		return -EADDRNOTAVAIL;
	if (add && n == SOCK_SOURCES_MAX)
		return -ENOBUFS;
	memcpy(list, g->source, sizeof(list));
	if (add)
		list[n++] = *source;
	else
		memmove(&list[at], &list[at + 1], (--n - at) * sizeof(*list));
	if (n == 0 && !exclude) {
		leave(s, g);
		return 0;
	}
	return listen_to(s, g, exclude, list, n);
}

static int source_option(struct sock *s, int name, const struct group_source_req *req)
{
	struct sockaddr_in6 group = sin6_take(&req->gsr_group, sizeof(group));
	struct sockaddr_in6 source = sin6_take(&req->gsr_source, sizeof(source));
	struct ip6_addr g = addr_of_in6(&group.sin6_addr), from = addr_of_in6(&source.sin6_addr);
	struct sock_group *m;

	if (group.sin6_family != AF_INET6 || source.sin6_family != AF_INET6)
		return -EADDRNOTAVAIL;
	if (!ip6_is_mcast(&g))
		return -EINVAL;
	m = group_find(s, req->gsr_interface, &g);
	if (m == NULL)
		return name == MCAST_JOIN_SOURCE_GROUP
			       ? join(s, req->gsr_interface, &g, false, &from, 1)
			       : -EINVAL;
	return change_source(s, m, name == MCAST_BLOCK_SOURCE || name == MCAST_UNBLOCK_SOURCE,
			     name == MCAST_BLOCK_SOURCE || name == MCAST_JOIN_SOURCE_GROUP, &from);
}

/* RFC 3678 section 5.2. The list of sources lies behind the fixed part, where struct group_filter has one. */
#define FILTER_HDR_OCTETS offsetof(struct group_filter, gf_slist)

static int set_filter(struct sock *s, const void *val, socklen_t len)
{
	struct ip6_addr list[SOCK_SOURCES_MAX], addr;
	struct group_filter f = { 0 };
	struct sockaddr_in6 group;
	struct sock_group *g;

	if (len < FILTER_HDR_OCTETS)
		return -EINVAL;
	memcpy(&f, val, FILTER_HDR_OCTETS);
	if (f.gf_numsrc > SOCK_SOURCES_MAX)
		return -ENOBUFS;
	if (len < FILTER_HDR_OCTETS + f.gf_numsrc * sizeof(struct sockaddr_storage))
		return -EINVAL;
	group = sin6_take(&f.gf_group, sizeof(group));
	addr = addr_of_in6(&group.sin6_addr);
	if (!ip6_is_mcast(&addr) || (f.gf_fmode != MCAST_INCLUDE && f.gf_fmode != MCAST_EXCLUDE))
		return -EINVAL;
	for (unsigned i = 0; i < f.gf_numsrc; i++) {
		struct sockaddr_in6 src = sin6_take((const uint8_t *)val + FILTER_HDR_OCTETS +
							    i * sizeof(struct sockaddr_storage),
						    sizeof(src));

		list[i] = addr_of_in6(&src.sin6_addr);
	}
	g = group_find(s, f.gf_interface, &addr);
	if (f.gf_fmode == MCAST_INCLUDE && f.gf_numsrc == 0)
		return leave_group(s, f.gf_interface, &addr);
	return g == NULL ? -EINVAL
			 : listen_to(s, g, f.gf_fmode == MCAST_EXCLUDE, list, f.gf_numsrc);
}

static int get_filter(const struct sock *s, void *val, socklen_t *len)
{
	struct group_filter f = { 0 };
	struct sockaddr_in6 group;
	struct ip6_addr addr;
	const struct sock_group *g;
	uint32_t n;

	if (*len < FILTER_HDR_OCTETS)
		return -EINVAL;
	memcpy(&f, val, FILTER_HDR_OCTETS);
	group = sin6_take(&f.gf_group, sizeof(group));
	addr = addr_of_in6(&group.sin6_addr);
	if (!ip6_is_mcast(&addr))
		return -EINVAL;
	g = group_find(s, f.gf_interface, &addr);
	if (g == NULL)
		return -EADDRNOTAVAIL;
	n = (uint32_t)((*len - FILTER_HDR_OCTETS) / sizeof(struct sockaddr_storage));
	n = MIN(MIN(n, f.gf_numsrc), g->n);
	for (unsigned i = 0; i < n; i++) {
		struct sockaddr_storage ss = { 0 };
		struct sockaddr_in6 sin6 = sin6_of(&g->source[i], 0, 0);

		memcpy(&ss, &sin6, sizeof(sin6));
		memcpy((uint8_t *)val + FILTER_HDR_OCTETS + i * sizeof(ss), &ss, sizeof(ss));
	}
	f.gf_fmode = g->exclude ? MCAST_EXCLUDE : MCAST_INCLUDE;
	f.gf_numsrc = g->n; /* how many there are, told even where they had no room */
	memcpy(val, &f, FILTER_HDR_OCTETS);
	*len = (socklen_t)(FILTER_HDR_OCTETS + n * sizeof(struct sockaddr_storage));
	return 0;
}

/*
 * Anycast addresses (Linux; RFC 4291 section 2.6). A host's must lie in a prefix of the link.
 */
static struct sock_anycast *anycast_find(const struct sock *s, uint32_t ifindex,
					 const struct ip6_addr *addr)
{
	if (s->more == NULL)
		return NULL;
	LIST_FOR_EACH(it, &s->more->anycasts) {
		struct sock_anycast *a = LIST_ENTRY(it, struct sock_anycast, on);

		if ((ifindex == 0 || a->ifindex == ifindex) && ip6_eq(&a->addr, addr))
			return a;
	}
	return NULL;
}

static bool on_link(const struct iface *ifc, const struct ip6_addr *addr)
{
	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->origin != ADDR_ANYCAST && ip6_in_prefix(addr, &a->addr, a->prefix_len))
			return true;
	}
	return false;
}

static int anycast_join(struct sock *s, uint32_t ifindex, const struct ip6_addr *addr)
{
	struct sock_more *more = sock_more(s);
	struct sock_anycast *a;
	const struct if_addr *is;
	struct iface *ifc;
	int rc = 0;

	if (!ip6_is_unicast(addr))
		return -EINVAL;
	if (ifindex == 0)
		ifindex = sock_first_zone(s->of);
	ifc = ip6_if(s->of->ip6, ifindex);
	if (ifc == NULL)
		return -ENODEV;
	is = if_addr_find(ifc, addr);
	if (is != NULL && is->origin != ADDR_ANYCAST)
		return -EINVAL;
	if (!ifc->conf.forwarding && !on_link(ifc, addr))
		return -EADDRNOTAVAIL;
	if (more != NULL && more->n_groups == SOCK_GROUPS_MAX)
		return -ENOBUFS;
	a = more != NULL ? calloc(1, sizeof(*a)) : NULL;
	if (a == NULL)
		return -ENOMEM;
	a->ifindex = ifindex;
	a->addr = *addr;
	if (is == NULL)
		rc = nd_addr_add(s->of->nd, ifc, addr, IP6_ADDR_BITS, ADDR_ANYCAST, true);
	if (rc < 0) {
		free(a);
		return rc == -ENOSPC ? -ENOBUFS : rc;
	}
	a->ours = is == NULL;
	list_add_tail(&more->anycasts, &a->on);
	more->n_groups++;
	return 0;
}

/* Another socket that joined it too inherits it. */
static bool inherited(struct socks *socks, const struct sock_anycast *a)
{
	LIST_FOR_EACH(it, &socks->all) {
		const struct sock *o = LIST_ENTRY(it, struct sock, on);

		if (o->more == NULL)
			continue;
		LIST_FOR_EACH(at, &o->more->anycasts) {
			struct sock_anycast *b = LIST_ENTRY(at, struct sock_anycast, on);

			if (b != a && b->ifindex == a->ifindex && ip6_eq(&b->addr, &a->addr)) {
				b->ours = true;
				return true;
			}
		}
	}
	return false;
}

static void anycast_drop(struct sock *s, struct sock_anycast *a)
{
	struct iface *ifc = ip6_if(s->of->ip6, a->ifindex);

	if (a->ours && ifc != NULL && !inherited(s->of, a))
		(void)nd_addr_del(s->of->nd, ifc, &a->addr);
	list_del(&a->on);
	s->more->n_groups--;
	free(a);
}

void mcast_done(struct sock *s, uint32_t ifindex)
{
	if (s->more == NULL)
		return;
	LIST_FOR_EACH(it, &s->more->groups) {
		struct sock_group *g = LIST_ENTRY(it, struct sock_group, on);

		if (ifindex == 0 || g->ifindex == ifindex)
			leave(s, g);
	}
	LIST_FOR_EACH(it, &s->more->anycasts) {
		struct sock_anycast *a = LIST_ENTRY(it, struct sock_anycast, on);

		if (ifindex == 0 || a->ifindex == ifindex)
			anycast_drop(s, a);
	}
}

/*
 * Options.
 */
static int mreq_option(struct sock *s, int name, const void *val, socklen_t len)
{
	struct sock_anycast *any;
	struct ipv6_mreq m;
	struct ip6_addr a;

	if (len < sizeof(m))
		return -EINVAL;
	memcpy(&m, val, sizeof(m));
	a = addr_of_in6(&m.ipv6mr_multiaddr);
	switch (name) {
	case IPV6_JOIN_GROUP:
		return join(s, m.ipv6mr_interface, &a, true, NULL, 0);
	case IPV6_LEAVE_GROUP:
		return leave_group(s, m.ipv6mr_interface, &a);
	case IPV6_JOIN_ANYCAST:
		return anycast_join(s, m.ipv6mr_interface, &a);
	default:
		any = anycast_find(s, m.ipv6mr_interface, &a);
		if (any == NULL)
			return -ENOENT;
		anycast_drop(s, any);
		return 0;
	}
}

static int group_option(struct sock *s, int name, const void *val, socklen_t len)
{
	struct sockaddr_in6 sin6;
	struct group_req req;
	struct ip6_addr group;

	if (len < sizeof(req))
		return -EINVAL;
	memcpy(&req, val, sizeof(req));
	sin6 = sin6_take(&req.gr_group, sizeof(sin6));
	if (sin6.sin6_family != AF_INET6)
		return -EADDRNOTAVAIL;
	group = addr_of_in6(&sin6.sin6_addr);
	return name == MCAST_JOIN_GROUP ? join(s, req.gr_interface, &group, true, NULL, 0)
					: leave_group(s, req.gr_interface, &group);
}

int mcast_setsockopt(struct sock *s, int name, const void *val, socklen_t len)
{
	struct group_source_req req;

	switch (name) {
	case IPV6_JOIN_GROUP:
	case IPV6_LEAVE_GROUP:
	case IPV6_JOIN_ANYCAST:
	case IPV6_LEAVE_ANYCAST:
		return mreq_option(s, name, val, len);
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
		return group_option(s, name, val, len);
	case MCAST_JOIN_SOURCE_GROUP:
	case MCAST_LEAVE_SOURCE_GROUP:
	case MCAST_BLOCK_SOURCE:
	case MCAST_UNBLOCK_SOURCE:
		if (len < sizeof(req))
			return -EINVAL;
		memcpy(&req, val, sizeof(req));
		return source_option(s, name, &req);
	case MCAST_MSFILTER:
		return set_filter(s, val, len);
	default:
		return -ENOPROTOOPT;
	}
}

int mcast_getsockopt(struct sock *s, int name, void *val, socklen_t *len)
{
	return name == MCAST_MSFILTER ? get_filter(s, val, len) : -ENOPROTOOPT;
}
