/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/ip6.h"

#include <stdlib.h>

#define LO_MTU 65536

static struct iface *if_new(struct ip6 *ip6, const char *name, uint32_t ifindex)
{
	struct iface *ifc = calloc(1, sizeof(*ifc));

	if (ifc == NULL)
		return NULL;
	ifc->conf = ip6->if_default;
	ifc->conf.forwarding = false; /* whoever joins the groups that go with it sets it */
	memcpy(ifc->name, name, strlen(name) + 1);
	ifc->link.ifindex = ifindex;
	ifc->link.tx_max = LINK_TX_MAX;
	list_init(&ifc->addrs);
	list_init(&ifc->addrs4);
	list_init(&ifc->groups);
	list_init(&ifc->groups4);
	list_init(&ifc->proxied);
	ip6->ifs[ifindex] = ifc;
	ip6->n_ifs++;
	return ifc;
}

static int add_loopback(struct ip6 *ip6)
{
	struct ip6_addr one = IP6_LOOPBACK;
	struct iface *lo = if_new(ip6, "lo", 1);
	struct if_addr *a;
	int rc;

	if (lo == NULL)
		return -ENOMEM;
	lo->loopback = true;
	lo->link.mtu = lo->conf.link_mtu = LO_MTU;
	lo->link.up = true;
	lo->conf.dad_transmits = 0;
	lo->conf.accept_ra = false;
	ip6->lo = lo;
	rc = ip6_addr_add(ip6, lo, &one, IP6_ADDR_BITS, ADDR_STATIC, &a);
	if (rc < 0)
		return rc;
	ip6_addr_enter(ip6, a, ADDR_PREFERRED);
	one = MAPPED_LOOPBACK;
	rc = ip6_addr_add(ip6, lo, &one, IP4_MAPPED_BITS + 8, ADDR_STATIC, &a);
	if (rc == 0)
		ip6_addr_enter(ip6, a, ADDR_PREFERRED);
	return rc;
}

int ip6_init(struct ip6 *ip6, struct env *env, const struct ip6_conf *conf)
{
	int rc;

	memset(ip6, 0, sizeof(*ip6));
	ip6->env = env;
	ip6->if_default = IF_CONF_DEFAULT;
	ip6->nud_default = NUD_CONF_DEFAULT;
	ip6->icmp_limit.per_dst = ICMP6_RATE_DST;
	ip6_policy_init(&ip6->policy);
	ip6->ext_limits = IP6_EXT_LIMITS_DEFAULT;
	neigh_init(&ip6->neigh, env, &conf->neigh);
	path_init(&ip6->path, env, &conf->path);
	frag_init(&ip6->frag, env, &conf->frag);
	ip6->mroute_conf = conf->mroute;
	ip6->fib = fib_new(env, &conf->fib);
	ip6->fib4 = fib_new(env, &conf->fib);
	rc = ip6->fib != NULL && ip6->fib4 != NULL ? add_loopback(ip6) : -ENOMEM;
	if (rc < 0)
		ip6_done(ip6);
	return rc;
}

void ip6_done(struct ip6 *ip6)
{
	for (uint32_t i = IF_MAX; i > 0; i--)
		if (ip6->ifs[i] != NULL)
			ip6_if_del(ip6, ip6->ifs[i]);
	mroute_done(ip6);
	pktq_free(&ip6->upper);
	pktq_free(&ip6->loop);
	pktq_free(&ip6->to_ip4);
	pktq_free(&ip6->refused4);
	pktq_free(&ip6->redirect);
	frag_done(&ip6->frag);
	path_done(&ip6->path);
	neigh_done(&ip6->neigh);
	fib_free(ip6->fib);
	fib_free(ip6->fib4);
	ip6->fib = ip6->fib4 = NULL;
	htab_done(&ip6->local);
	htab_done(&ip6->proxied);
}

struct iface *ip6_if_by_name(const struct ip6 *ip6, const char *name)
{
	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (ip6->ifs[i] != NULL && strcmp(ip6->ifs[i]->name, name) == 0)
			return ip6->ifs[i];
	return NULL;
}

int ip6_if_add(struct ip6 *ip6, const char *name, const struct mac *mac, uint32_t mtu,
	       struct iface **ret)
{
	struct iface *ifc;
	uint32_t i = 1;

	if (name[0] == '\0' || strlen(name) >= IF_NAME_MAX || mtu < IP6_MTU_MIN ||
	    mac_is_group(mac))
		return -EINVAL;
	if (ip6_if_by_name(ip6, name) != NULL)
		return -EEXIST;
	while (i <= IF_MAX && ip6->ifs[i] != NULL)
		i++;
	if (i > IF_MAX)
		return -ENOSPC;
	ifc = if_new(ip6, name, i);
	if (ifc == NULL)
		return -ENOMEM;
	ifc->link.mac = *mac;
	ifc->link.mtu = ifc->conf.link_mtu = mtu;
	ifc->neigh = neigh_if_add(&ip6->neigh, &ifc->link, &ip6->nud_default);
	if (ifc->neigh == NULL) {
		ip6_if_del(ip6, ifc);
		return -ENOMEM;
	}
	ip6_if_conf_changed(ip6, ifc);
	env_news(ip6->env, NEWS_LINK, ifc);
	*ret = ifc;
	return 0;
}

int ip6_if_rename(struct ip6 *ip6, struct iface *ifc, const char *name)
{
	const struct iface *other = ip6_if_by_name(ip6, name);

	if (name[0] == '\0' || strlen(name) >= IF_NAME_MAX)
		return -EINVAL;
	if (other == ifc)
		return 0;
	if (other != NULL)
		return -EEXIST;
	memcpy(ifc->name, name, strlen(name) + 1);
	env_news(ip6->env, NEWS_LINK, ifc);
	return 0;
}

int ip6_if_set_mac(struct ip6 *ip6, struct iface *ifc, const struct mac *mac)
{
	if (ifc->loopback)
		return -EOPNOTSUPP;
	if (mac_is_group(mac))
		return -EINVAL;
	ifc->link.mac = *mac;
	neigh_if_new_mac(&ip6->neigh, &ifc->link);
	env_news(ip6->env, NEWS_LINK, ifc);
	return 0;
}

static void leave_all(struct ip6 *ip6, struct list *groups)
{
	LIST_FOR_EACH(it, groups) {
		struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		g->refs = 1;
		ip6_group_leave(ip6, g);
	}
}

void ip6_if_del(struct ip6 *ip6, struct iface *ifc)
{
	ASSERT(ifc->nd == NULL && ifc->mld == NULL);
	ip6_if_down(ip6, ifc);
	env_drop_queue(ip6->env, &ifc->link.tx, DROP_IF_DOWN); /* of its farewell */
	/* what was entered while it was down */
	fib_flush_if(ip6->fib, if_index(ifc));
	fib_flush_if(ip6->fib4, if_index(ifc));
	path_flush_if(&ip6->path, if_index(ifc));
	mroute_if_gone(ip6, if_index(ifc));
	LIST_FOR_EACH(it, &ifc->addrs)
		ip6_addr_del(ip6, LIST_ENTRY(it, struct if_addr, on));
	LIST_FOR_EACH(it, &ifc->addrs4)
		ip6_addr_del(ip6, LIST_ENTRY(it, struct if_addr, on));
	LIST_FOR_EACH(it, &ifc->proxied)
		ip6_proxied_del(ip6, LIST_ENTRY(it, struct if_proxied, on));
	leave_all(ip6, &ifc->groups);
	leave_all(ip6, &ifc->groups4);
	if (ifc->neigh != NULL)
		neigh_if_del(&ip6->neigh, &ifc->link);
	ifc->neigh = NULL; /* who is told looks */
	env_news(ip6->env, NEWS_LINK_GONE, ifc);
	ip6->ifs[if_index(ifc)] = NULL;
	ip6->n_ifs--;
	free(ifc->tunnel);
	free(ifc);
}

void ip6_if_conf_changed(struct ip6 *ip6, struct iface *ifc)
{
	if (ifc->neigh != NULL)
		ifc->neigh->nud.retrans = ifc->conf.retrans;
	ip6->forwarding = false;
	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (ip6->ifs[i] != NULL && ip6->ifs[i]->conf.forwarding)
			ip6->forwarding = true;
}

void ip6_if_up(struct ip6 *ip6, struct iface *ifc)
{
	if (ifc->link.up)
		return;
	ifc->link.up = true;
	env_event(ip6->env, EVENT_IF_UP, if_index(ifc), NULL, 0);
	env_news(ip6->env, NEWS_LINK_UP, ifc);
}

void ip6_if_down(struct ip6 *ip6, struct iface *ifc)
{
	if (!ifc->link.up)
		return;
	ifc->link.up = false;
	env_drop_queue(ip6->env, &ifc->link.tx, DROP_IF_DOWN);
	neigh_flush(&ip6->neigh, &ifc->link);
	fib_flush_if(ip6->fib, if_index(ifc));
	fib_flush_if(ip6->fib4, if_index(ifc));
	path_flush_if(&ip6->path, if_index(ifc));
	env_event(ip6->env, EVENT_IF_DOWN, if_index(ifc), NULL, 0);
	env_news(ip6->env, NEWS_LINK_DOWN, ifc);
}
