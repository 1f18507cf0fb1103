/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/seam_ioctl.h"

#include <linux/in.h>
#include <linux/ipv6.h>
#include <linux/ipv6_route.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>

#include "host/seam.h"
#include "ip6/mapped.h"
#include "nd/nd.h"
#include "transport/mrt6.h"

#define METRIC_USER 1024 /* of routes without one: Linux's IP6_RT_PRIO_USER */
#define REJECT	    0x0200 /* RTF_REJECT, of a header that does not go together with the C library's */

uint32_t seam_ioctl_octets(uint32_t cmd, int family)
{
	size_t counters = mrt6_ioctl_octets(cmd);

	if (cmd == SIOCGIFCONF)
		return 0;
	if (counters != 0)
		return (uint32_t)counters;
	if (family == AF_INET6 && (cmd == SIOCADDRT || cmd == SIOCDELRT))
		return sizeof(struct in6_rtmsg);
	if (family == AF_INET6 && (cmd == SIOCSIFADDR || cmd == SIOCDIFADDR))
		return sizeof(struct in6_ifreq);
	return sizeof(struct ifreq);
}

/*
 * Interfaces.
 */

static short if_flags(const struct node *n, const struct iface *ifc)
{
	int ret = ifc->loopback ? IFF_LOOPBACK : IFF_BROADCAST | IFF_MULTICAST;

	if (n->packets.promisc[if_index(ifc)] > 0)
		ret |= IFF_PROMISC;
	if (n->packets.allmulti[if_index(ifc)] > 0)
		ret |= IFF_ALLMULTI;
	return (short)(ret | (ifc->link.up ? IFF_UP | IFF_RUNNING : 0));
}

/* What a router advertised for a while is not the interface's own. */
static uint32_t mtu_of(const struct iface *ifc)
{
	const struct nd_if *ni = nd_if(ifc);

	return ni != NULL && ni->own_saved ? ni->own.link_mtu : ifc->conf.link_mtu;
}

static struct ip6_addr mask_of(unsigned bits)
{
	return ip4_mapped(bits == 0 ? 0 : UINT32_MAX << (IP4_ADDR_BITS - bits));
}

/* Of more than one the first: ioctl(2) knows an interface's address by the interface's name only. */
static const struct if_addr *first4(const struct iface *ifc)
{
	LIST_FOR_EACH(it, &ifc->addrs4) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (if_addr_is_assigned(a))
			return a;
	}
	return NULL;
}

static void put_in(struct sockaddr *to, const struct ip6_addr *a)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	put_be32((uint8_t *)&in.sin_addr, ip4_of(a));
	memcpy(to, &in, sizeof(in));
}

/* netdevice(7): what is IPv4's. What has no broadcast address has 0.0.0.0. */
static int tell4(const struct iface *ifc, uint32_t cmd, struct ifreq *ifr)
{
	const struct if_addr *a = first4(ifc);
	struct ip6_addr ret;

	if (a == NULL)
		return -EADDRNOTAVAIL;
	ret = a->addr;
	if (cmd == SIOCGIFBRDADDR)
		ret = ifc->loopback ? MAPPED_ANY : mapped_broadcast(a);
	else if (cmd == SIOCGIFNETMASK)
		ret = mask_of(a->prefix_len - (unsigned)IP4_MAPPED_BITS);
	put_in(&ifr->ifr_addr, &ret);
	return 0;
}

static int tell(const struct node *n, const struct iface *ifc, uint32_t cmd, struct ifreq *ifr)
{
	switch (cmd) {
	case SIOCGIFNAME:
		snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", ifc->name);
		return 0;
	case SIOCGIFINDEX:
		ifr->ifr_ifindex = (int)if_index(ifc);
		return 0;
	case SIOCGIFFLAGS:
		ifr->ifr_flags = if_flags(n, ifc);
		return 0;
	case SIOCGIFMTU:
		ifr->ifr_mtu = (int)mtu_of(ifc);
		return 0;
	case SIOCGIFMETRIC:
		ifr->ifr_metric = 0;
		return 0;
	case SIOCGIFTXQLEN:
		ifr->ifr_qlen = (int)ifc->link.tx_max;
		return 0;
	case SIOCGIFHWADDR:
		ifr->ifr_hwaddr.sa_family = ifc->loopback ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
		memcpy(ifr->ifr_hwaddr.sa_data, ifc->link.mac.b, sizeof(ifc->link.mac.b));
		return 0;
	case SIOCGIFMAP:
		memset(&ifr->ifr_map, 0, sizeof(ifr->ifr_map));
		return 0;
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR: /* of no point-to-point link: its own */
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
		return tell4(ifc, cmd, ifr);
	default: /* a number of the program's */
		return -ENOTTY;
	}
}

/* Of the flags only IFF_UP can be changed; what else is asked for is as it is, or comes by packet sockets. */
static int set_flags(struct node *n, const struct iface *ifc, short flags)
{
	bool up = (flags & IFF_UP) != 0;

	if (up == ifc->link.up)
		return 0;
	if (ifc->loopback)
		return -EOPNOTSUPP;
	return node_if_set(n, if_index(ifc), up, n->env.now);
}

static int set_mac(struct node *n, struct iface *ifc, const struct sockaddr *addr)
{
	struct mac mac;

	if (ifc->loopback || addr->sa_family != ARPHRD_ETHER)
		return -EINVAL;
	memcpy(mac.b, addr->sa_data, sizeof(mac.b));
	return ip6_if_set_mac(&n->ip6, ifc, &mac);
}

static int change(struct node *n, struct iface *ifc, uint32_t cmd, struct ifreq *ifr)
{
	switch (cmd) {
	case SIOCSIFFLAGS:
		return set_flags(n, ifc, ifr->ifr_flags);
	case SIOCSIFMTU:
		return nd_set_mtu(&n->nd, ifc, (uint32_t)ifr->ifr_mtu);
	case SIOCSIFTXQLEN:
		if (ifr->ifr_qlen < 0)
			return -EINVAL;
		ifc->link.tx_max = MIN((uint32_t)ifr->ifr_qlen, (uint32_t)LINK_TX_MAX);
		return 0;
	case SIOCSIFHWADDR:
		return set_mac(n, ifc, &ifr->ifr_hwaddr);
	case SIOCSIFNAME:
		ifr->ifr_newname[IFNAMSIZ - 1] = '\0';
		return ip6_if_rename(&n->ip6, ifc, ifr->ifr_newname);
	case SIOCADDMULTI: /* an interface takes the frames of all groups */
	case SIOCDELMULTI:
		return 0;
	case SIOCSIFMETRIC:
	case SIOCETHTOOL: /* a device has nothing to be asked for */
	case SIOCGMIIPHY:
	case SIOCSIFADDR:
	case SIOCDIFADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFBRDADDR:
	case SIOCSIFDSTADDR:
	case SIOCADDRT: /* of IPv4 */
	case SIOCDELRT:
		return -EOPNOTSUPP;
	default: /* a number of the program's */
		return -ENOTTY;
	}
}

static int on_interface(struct node *n, uint32_t cmd, struct ifreq *ifr)
{
	struct iface *ifc;
	int rc;

	ifr->ifr_name[IFNAMSIZ - 1] = '\0';
	ifc = cmd == SIOCGIFNAME ? ip6_if(&n->ip6, (uint32_t)ifr->ifr_ifindex)
				 : ip6_if_by_name(&n->ip6, ifr->ifr_name);
	if (ifc == NULL)
		return cmd == SIOCGIFNAME ? -ENXIO : -ENODEV;
	rc = tell(n, ifc, cmd, ifr);
	if (rc == 0)
		return sizeof(*ifr);
	return rc == -ENOTTY ? change(n, ifc, cmd, ifr) : rc;
}

/* SIOCGIFCONF: an entry an address of IPv4. */
static int conf_of(const struct iface *ifc, uint8_t *to, size_t room)
{
	struct ifreq ifr = { .ifr_ifindex = 0 };
	size_t octets = 0;

	LIST_FOR_EACH(it, &ifc->addrs4) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (!if_addr_is_assigned(a) || room - octets < sizeof(ifr))
			continue;
		snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifc->name);
		put_in(&ifr.ifr_addr, &a->addr);
		memcpy(to + octets, &ifr, sizeof(ifr));
		octets += sizeof(ifr);
	}
	return (int)octets;
}

static int conf_of_all(const struct node *n, uint8_t *to)
{
	int octets = 0;

	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (ip6_if(&n->ip6, i) != NULL)
			octets += conf_of(ip6_if(&n->ip6, i), to + octets,
					  SEAM_DATA_MAX - (size_t)octets);
	return octets;
}

/*
 * Addresses and routes of IPv6.
 */

static int on_addr(struct node *n, uint32_t cmd, const struct in6_ifreq *req)
{
	struct iface *ifc = ip6_if(&n->ip6, (uint32_t)req->ifr6_ifindex);
	struct ip6_addr addr;
	int rc;

	if (req->ifr6_prefixlen > IP6_ADDR_BITS)
		return -EINVAL;
	if (ifc == NULL)
		return -ENODEV;
	memcpy(addr.b, &req->ifr6_addr, sizeof(addr.b));
	rc = cmd == SIOCSIFADDR
		     ? nd_addr_add(&n->nd, ifc, &addr, req->ifr6_prefixlen, ADDR_STATIC, false)
		     : nd_addr_del(&n->nd, ifc, &addr);
	return rc;
}

static int route_of(const struct node *n, const struct in6_rtmsg *m, struct route *ret)
{
	struct route r = { .table = FIB_TABLE_MAIN, .expires = TIME_NEVER };

	if (m->rtmsg_dst_len > IP6_ADDR_BITS || m->rtmsg_src_len > IP6_ADDR_BITS)
		return -EINVAL;
	r.dst_len = (uint8_t)m->rtmsg_dst_len;
	r.src_len = (uint8_t)m->rtmsg_src_len;
	memcpy(r.dst.b, &m->rtmsg_dst, sizeof(r.dst.b));
	memcpy(r.src.b, &m->rtmsg_src, sizeof(r.src.b));
	memcpy(r.via.gateway.b, &m->rtmsg_gateway, sizeof(r.via.gateway.b));
	r.via.metric = m->rtmsg_metric != 0 ? m->rtmsg_metric : METRIC_USER;
	r.via.proto = RTPROT_BOOT;
	r.via.ifindex = (uint32_t)m->rtmsg_ifindex;
	if ((m->rtmsg_flags & REJECT) != 0) {
		r.via.type = ROUTE_UNREACHABLE;
		r.via.ifindex = 0;
	} else if (r.via.ifindex != 0 && ip6_if(&n->ip6, r.via.ifindex) == NULL) {
		return -ENODEV;
	}
	*ret = r;
	return 0;
}

/* Without an interface: the one by which the gateway is reached. */
static int find_interface(struct node *n, struct route *r)
{
	struct ip6_addr hop;
	struct iface *ifc;
	uint32_t mtu;
	int rc;

	if (r->via.type != ROUTE_UNICAST || r->via.ifindex != 0)
		return 0;
	if (ip6_is_unspec(&r->via.gateway))
		return -ENODEV;
	rc = ip6_first_hop(&n->ip6, &r->via.gateway, &IP6_UNSPEC, 0, &ifc, &hop, &mtu);
	if (rc < 0 || !ip6_eq(&hop, &r->via.gateway))
		return -EHOSTUNREACH;
	r->via.ifindex = if_index(ifc);
	return 0;
}

static int on_route(struct node *n, uint32_t cmd, const struct in6_rtmsg *m)
{
	struct route r;
	int rc = route_of(n, m, &r);

	if (rc < 0)
		return rc;
	if (cmd == SIOCDELRT) {
		r.via.metric = m->rtmsg_metric;
		r.via.proto = 0;
		return fib_del(n->ip6.fib, &r);
	}
	rc = find_interface(n, &r);
	return rc < 0 ? rc : fib_add(n->ip6.fib, &r);
}

int seam_ioctl(struct node *n, uint32_t cmd, int family, void *arg, size_t octets)
{
	struct in6_rtmsg rt;
	struct in6_ifreq addr;
	struct ifreq ifr;
	int rc;

	if (octets != seam_ioctl_octets(cmd, family))
		return -EINVAL;
	if (mrt6_ioctl_octets(cmd) != 0) {
		rc = mrt6_ioctl(&n->socks, cmd, arg);
		return rc < 0 ? rc : (int)octets;
	}
	if (octets == sizeof(rt)) {
		memcpy(&rt, arg, sizeof(rt));
		rc = on_route(n, cmd, &rt);
	} else if (octets == sizeof(addr)) {
		memcpy(&addr, arg, sizeof(addr));
		rc = on_addr(n, cmd, &addr);
	} else if (octets == sizeof(ifr)) {
		memcpy(&ifr, arg, sizeof(ifr));
		rc = on_interface(n, cmd, &ifr);
		if (rc > 0)
			memcpy(arg, &ifr, sizeof(ifr));
		return rc;
	} else {
		return conf_of_all(n, arg);
	}
	node_settle(n, n->env.now);
	return rc;
}
