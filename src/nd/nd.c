/* SPDX-License-Identifier: BSD-3-Clause */
#include "nd/nd.h"

#include <stdlib.h>

#include "ip4/ip4.h"
#include "nd/part.h"

void nd_init(struct nd *nd, struct ip6 *ip6, struct mld *mld)
{
	*nd = (struct nd){ .ip6 = ip6, .mld = mld, .idgen_retries = 3, .idgen_delay = NS_PER_S };
}

void nd_done(struct nd *nd)
{
	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (nd->ip6->ifs[i] != NULL && nd->ip6->ifs[i]->nd != NULL)
			nd_if_del(nd, nd->ip6->ifs[i]);
}

int nd_if_add(struct nd *nd, struct iface *ifc)
{
	struct nd_if *ni = calloc(1, sizeof(*ni));

	if (ni == NULL)
		return -ENOMEM;
	ni->ifc = ifc;
	ni->adv = ND_ADV_DEFAULT;
	list_init(&ni->routers);
	timer_init(&ni->rs, TIMER_ND_RS);
	timer_init(&ni->redraw, TIMER_ND_IFACE);
	timer_init(&ni->temp, TIMER_ND_TEMP);
	timer_init(&ni->dns.timer, TIMER_ND_DNS);
	timer_init(&ni->dna.timer, TIMER_ND_DNA);
	timer_init(&ni->ra, TIMER_ND_RA);
	for (unsigned i = 0; i < ND_LATE_MAX; i++) {
		timer_init(&ni->late[i].timer, TIMER_ND_NA);
		ni->late[i].ni = ni;
	}
	ifc->nd = ni;
	params_redraw(nd, ni);
	ifc->disabled = ifc->conf.disable_ipv6;
	nd_set_forwarding(nd, ifc, nd->ip6->if_default.forwarding);
	return 0;
}

void nd_if_del(struct nd *nd, struct iface *ifc)
{
	struct nd_if *ni = nd_if(ifc);

	nd_if_down(nd, ifc);
	timer_cancel(&nd->ip6->env->timers, &ni->redraw);
	ifc->nd = NULL;
	free(ni);
}

/* RFC 4862 section 5.3: fe80::/64 and the interface identifier. */
static void make_link_local(struct nd *nd, struct iface *ifc)
{
	static const struct ip6_addr link_local = { { 0xfe, 0x80 } };
	uint8_t counter = 0;
	struct ip6_addr a = iid_addr(nd, ifc, &link_local, &counter);

	if (ifc->conf.no_link_local)
		return;
	LIST_FOR_EACH(it, &ifc->addrs)
		if (ip6_is_linklocal(&LIST_ENTRY(it, struct if_addr, on)->addr))
			return; /* the user gave one */
	if (nd_addr_add(nd, ifc, &a, 64, ADDR_LINK_LOCAL, false) == 0)
		if_addr_find(ifc, &a)->dad_counter = counter;
}

void nd_if_up(struct nd *nd, struct iface *ifc)
{
	struct env *env = nd->ip6->env;

	ifc->disabled = ifc->conf.disable_ipv6;
	nd_if(ifc)->ceased = false;
	if (ifc->disabled)
		return;
	nd_if(ifc)->start_at = env->now + rng_below(&env->rng, ND_MAX_RTR_SOLICITATION_DELAY);
	ip6_addr_routes(nd->ip6, ifc);
	make_link_local(nd, ifc);
	LIST_FOR_EACH(it, &ifc->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->state == ADDR_TENTATIVE && !timer_is_armed(&a->dad))
			dad_start(nd, a, false);
	}
	dna_up(nd, ifc);
	ip4_if_up(nd->ip6, ifc);
}

/* Nothing more is to be sent there, and what routers said is forgotten. */
static void fall_silent(struct nd *nd, struct iface *ifc)
{
	struct nd_if *ni = nd_if(ifc);

	router_stop(nd, ifc, false);
	host_stop(nd, ifc);
	for (unsigned i = 0; i < ND_LATE_MAX; i++)
		timer_cancel(&nd->ip6->env->timers, &ni->late[i].timer);
}

void nd_disable(struct nd *nd, struct iface *ifc)
{
	fall_silent(nd, ifc);
	LIST_FOR_EACH(it, &ifc->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		timer_cancel(&nd->ip6->env->timers, &a->dad);
		timer_cancel(&nd->ip6->env->timers, &a->announce);
	}
	ifc->disabled = true;
	neigh_flush(&nd->ip6->neigh, &ifc->link);
	path_flush_if(&nd->ip6->path, if_index(ifc));
}

void nd_set_disabled(struct nd *nd, struct iface *ifc, bool off)
{
	if (ifc->conf.disable_ipv6 == off)
		return;
	ifc->conf.disable_ipv6 = off;
	if (!off) {
		if (ifc->link.up)
			nd_if_up(nd, ifc);
		else
			ifc->disabled = false;
		return;
	}
	router_stop(nd, ifc, true);
	while (!list_is_empty(&ifc->addrs)) {
		struct ip6_addr a = LIST_ENTRY(ifc->addrs.next, struct if_addr, on)->addr;

		(void)nd_addr_del(nd, ifc, &a);
	}
	nd_disable(nd, ifc);
	fib_flush_if(nd->ip6->fib, if_index(ifc));
}

void nd_if_farewell(struct nd *nd, struct iface *ifc)
{
	router_stop(nd, ifc, true);
	nd_if(ifc)->ceased = true;
}

/* One that goes with the link, or NULL. To delete it may delete an anycast address, too. */
static struct if_addr *first_learned(const struct iface *ifc)
{
	LIST_FOR_EACH(it, &ifc->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->origin == ADDR_SLAAC || a->origin == ADDR_TEMPORARY ||
		    a->origin == ADDR_LINK_LOCAL)
			return a;
	}
	return NULL;
}

void nd_if_down(struct nd *nd, struct iface *ifc)
{
	struct if_addr *learned;

	ip4_if_down(nd->ip6, ifc);
	dna_down(nd, ifc);
	fall_silent(nd, ifc);
	while ((learned = first_learned(ifc)) != NULL)
		(void)nd_addr_del(nd, ifc, &learned->addr);
	LIST_FOR_EACH(it, &ifc->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		timer_cancel(&nd->ip6->env->timers, &a->announce);
		timer_cancel(&nd->ip6->env->timers, &a->dad);
		if (a->dad_joined) {
			struct ip6_addr group = ip6_solicited_node(&a->addr);

			mld_leave(nd->mld, ifc, &group);
			a->dad_joined = false;
		}
		ip6_addr_enter(nd->ip6, a, ADDR_TENTATIVE);
	}
}

int nd_if_set(struct nd *nd, struct iface *ifc, bool up)
{
	int rc = 0;

	if (ifc->loopback)
		return -ENODEV;
	if (up && !ifc->link.up) {
		ip6_if_up(nd->ip6, ifc);
		rc = mld_if_up(nd->mld, ifc);
		nd_if_up(nd, ifc);
	} else if (!up && ifc->link.up) {
		nd_if_down(nd, ifc);
		mld_if_down(nd->mld, ifc);
		ip6_if_down(nd->ip6, ifc);
	}
	return rc;
}

/*
 * RFC 4291 section 2.6.1: a router has the anycast address of each subnet that it has an interface
 * to, however it came by its own address there. fe80::/64 tells no subnet from another.
 */
static bool has_anycast(const struct if_addr *a)
{
	return (a->origin == ADDR_STATIC || a->origin == ADDR_SLAAC) &&
	       a->prefix_len < IP6_ADDR_BITS - 1;
}

int nd_addr_add(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr, unsigned prefix_len,
		enum addr_origin origin, bool no_dad)
{
	const struct ip6_addr_opts opts = { .no_dad = no_dad,
					    .preferred_until = TIME_NEVER,
					    .valid_until = TIME_NEVER };

	return nd_addr_add_opts(nd, ifc, addr, prefix_len, origin, &opts);
}

int nd_addr_add_opts(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr,
		     unsigned prefix_len, enum addr_origin origin, const struct ip6_addr_opts *opts)
{
	struct if_addr *a;
	int rc;

	if (ip6_is_v4mapped(addr))
		return ip4_addr_add(nd->ip6, ifc, addr, prefix_len, opts);
	rc = ip6_addr_add_opts(nd->ip6, ifc, addr, prefix_len, origin, opts, &a);
	if (rc < 0)
		return rc;
	dad_start(nd, a, origin == ADDR_SLAAC || origin == ADDR_TEMPORARY);
	if (ifc->conf.forwarding && has_anycast(a)) {
		struct ip6_addr any = ip6_prefix(addr, prefix_len);

		(void)nd_addr_add(nd, ifc, &any, prefix_len, ADDR_ANYCAST, true);
	}
	return 0;
}

/* The subnet-router anycast address goes with the last address that has the prefix. */
static void anycast_del(struct nd *nd, struct iface *ifc, const struct ip6_addr *any)
{
	const struct if_addr *a = if_addr_find(ifc, any);

	if (a == NULL || a->origin != ADDR_ANYCAST)
		return;
	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *o = LIST_ENTRY(it, struct if_addr, on);
		struct ip6_addr prefix = ip6_prefix(&o->addr, o->prefix_len);

		if (has_anycast(o) && ip6_eq(&prefix, any))
			return;
	}
	(void)nd_addr_del(nd, ifc, any);
}

int nd_addr_del(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr)
{
	struct if_addr *a = if_addr_find(ifc, addr);
	struct ip6_addr group, any;
	bool had_anycast;

	if (ip6_is_v4mapped(addr))
		return ip4_addr_del(nd->ip6, ifc, addr);
	if (a == NULL)
		return -EADDRNOTAVAIL;
	group = ip6_solicited_node(&a->addr);
	any = ip6_prefix(&a->addr, a->prefix_len);
	had_anycast = has_anycast(a);
	if (a->dad_joined)
		mld_leave(nd->mld, ifc, &group);
	ip6_addr_del(nd->ip6, a);
	if (had_anycast)
		anycast_del(nd, ifc, &any);
	return 0;
}

static void anycast_addrs(struct nd *nd, struct iface *ifc, bool on)
{
	struct ip6_addr any[IF_ADDRS_MAX];
	uint8_t len[IF_ADDRS_MAX];
	unsigned n = 0;

	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (on ? !has_anycast(a) : a->origin != ADDR_ANYCAST)
			continue;
		any[n] = ip6_prefix(&a->addr, a->prefix_len);
		len[n++] = a->prefix_len;
	}
	for (unsigned i = 0; i < n; i++) {
		if (on)
			(void)nd_addr_add(nd, ifc, &any[i], len[i], ADDR_ANYCAST, true);
		else
			(void)nd_addr_del(nd, ifc, &any[i]);
	}
}

static bool takes_ra(const struct iface *ifc)
{
	uint8_t level = ifc->conf.accept_ra_level;

	return level == 2 || (level == 1 && !ifc->conf.forwarding);
}

void nd_set_forwarding(struct nd *nd, struct iface *ifc, bool on)
{
	const struct ip6_addr routers = IP6_ALL_ROUTERS, site = IP6_ALL_ROUTERS_SITE;

	if (ifc->conf.forwarding == on)
		return;
	ifc->conf.forwarding = on;
	ifc->conf.accept_ra = takes_ra(ifc);
	ip6_if_conf_changed(nd->ip6, ifc);
	env_news(nd->ip6->env, NEWS_CONF, ifc);
	if (on) {
		(void)mld_join(nd->mld, ifc, &routers); /* RFC 4291 section 2.8 */
		(void)mld_join(nd->mld, ifc, &site);
		host_stop(nd, ifc);
		router_start(nd, ifc);
	} else {
		router_stop(nd, ifc, true);
		mld_leave(nd->mld, ifc, &routers);
		mld_leave(nd->mld, ifc, &site);
		if (ifc->link.up && if_link_local(ifc) != NULL)
			host_start(nd, ifc, false);
	}
	anycast_addrs(nd, ifc, on);
}

static void set_accept_ra(struct nd *nd, struct iface *ifc, bool on)
{
	if (ifc->conf.accept_ra == on)
		return;
	ifc->conf.accept_ra = on;
	if (!on)
		host_stop(nd, ifc);
	else if (ifc->link.up && if_link_local(ifc) != NULL)
		host_start(nd, ifc, false);
}

void nd_set_accept_ra(struct nd *nd, struct iface *ifc, bool on)
{
	ifc->conf.accept_ra_level = !on ? 0 : ifc->conf.forwarding ? 2 : 1;
	set_accept_ra(nd, ifc, on);
}

void nd_set_accept_ra_level(struct nd *nd, struct iface *ifc, uint8_t level)
{
	ifc->conf.accept_ra_level = level;
	set_accept_ra(nd, ifc, takes_ra(ifc));
}

/* ARP alone speaks of IPv4: who could do so here would move IPv4's neighbours. */
static bool is_about_ip4(const struct nd_msg *m)
{
	return ip6_is_v4mapped(&m->target) || ip6_is_v4mapped(&m->dest);
}

/* RFC 6980 section 5: fragmented messages are ignored; then the checks of each section. */
static enum drop judge(const struct pkt *pkt, struct nd_msg *m)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p), dst = ip6_hdr_dst(pkt->p);

	enum drop why;

	if ((pkt->flags & PKT_FRAGMENT) != 0)
		return DROP_FRAG_ND;
	why = nd_parse(rd_of(pkt->p + pkt->l4_off, pkt->len - pkt->l4_off), &src, &dst,
		       pkt->p[IP6_HLIM_OFF], m);
	return why == DROP_NONE && is_about_ip4(m) ? DROP_IP6_MAPPED : why;
}

void nd_input(struct nd *nd, struct pkt *pkt)
{
	struct iface *ifc = ip6_if(nd->ip6, pkt->ifindex);
	struct nd_msg m;
	enum drop why = ifc == NULL || ifc->nd == NULL ? DROP_IF_DOWN : judge(pkt, &m);

	if (why != DROP_NONE) {
		env_drop(nd->ip6->env, pkt, why);
		return;
	}
	switch (m.type) {
	case ND_RS:
		router_rs(nd, ifc, pkt, &m);
		break;
	case ND_RA:
		host_ra(nd, ifc, pkt, &m);
		break;
	case ND_NS:
		neighbour_ns(nd, ifc, pkt, &m);
		break;
	case ND_NA:
		neighbour_na(nd, ifc, pkt, &m);
		break;
	case ND_REDIRECT:
		redirect_in(nd, ifc, pkt, &m);
		break;
	}
}

void nd_run(struct nd *nd)
{
	struct pkt *about;

	neighbour_todo(nd);
	edge_run(nd);
	while ((about = pktq_get(&nd->ip6->redirect)) != NULL)
		redirect_out(nd, about);
}

bool nd_has_work(const struct nd *nd)
{
	return !list_is_empty(&nd->ip6->neigh.todo) || nd->ip6->redirect.n > 0;
}

static void addr_timer(struct nd *nd, struct if_addr *a)
{
	struct ip6_addr addr = a->addr;

	if (ip6_addr_timer(nd->ip6, a))
		(void)nd_addr_del(nd, a->ifc, &addr);
}

void nd_timer(struct nd *nd, struct timer *t)
{
	switch ((int)t->kind) {
	case TIMER_ADDR:
		addr_timer(nd, CONTAINER_OF(t, struct if_addr, life));
		break;
	case TIMER_DAD:
		dad_timer(nd, CONTAINER_OF(t, struct if_addr, dad));
		break;
	case TIMER_ND_RS:
		host_rs_timer(nd, CONTAINER_OF(t, struct nd_if, rs));
		break;
	case TIMER_ND_ROUTER:
		host_router_timer(nd, CONTAINER_OF(t, struct nd_router, timer));
		break;
	case TIMER_ND_IFACE:
		params_redraw(nd, CONTAINER_OF(t, struct nd_if, redraw));
		break;
	case TIMER_ND_TEMP:
		temp_timer(nd, CONTAINER_OF(t, struct nd_if, temp));
		break;
	case TIMER_ND_DNA:
		dna_timer(nd, CONTAINER_OF(t, struct nd_if, dna.timer));
		break;
	case TIMER_ND_DNS:
		dns_timer(nd, CONTAINER_OF(t, struct nd_if, dns.timer));
		break;
	case TIMER_ND_RA:
		router_timer(nd, CONTAINER_OF(t, struct nd_if, ra));
		break;
	case TIMER_ND_ANNOUNCE:
		announce_timer(nd, CONTAINER_OF(t, struct if_addr, announce));
		break;
	case TIMER_ND_NA:
		neighbour_na_timer(nd, CONTAINER_OF(t, struct nd_late, timer));
		break;
	default:
		ASSERT_NOT_REACHED();
	}
}

void nd_shutdown(struct nd *nd)
{
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		struct iface *ifc = nd->ip6->ifs[i];

		if (ifc == NULL || ifc->nd == NULL)
			continue;
		router_stop(nd, ifc, true);
		nd_if(ifc)->adv.send = false; /* or a solicitation would bring us back */
	}
}
