/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbor Discovery messages of our own: values of msg.h made into packets and sent. */
#include "nd/part.h"

static struct pkt *msg_packet(struct nd *nd, const struct ip6_addr *src, const struct ip6_addr *dst,
			      const struct nd_msg *m)
{
	struct pkt *pkt =
		ip6_new_packet(nd->ip6, src, dst, IP6_NH_ICMP6, ND_HOP_LIMIT, ND_OCTETS_MAX);
	struct wr w;

	if (pkt == NULL)
		return NULL;
	w = wr_of(pkt->p + pkt->len, ND_OCTETS_MAX);
	nd_build(&w, m);
	ASSERT(!w.overflow);
	pkt_put(pkt, (uint32_t)wr_len(&w));
	return pkt;
}

/*
 * Never by way of a router, whose hop limit of 254 would make it worthless: who solicits is on
 * the link even if no prefix says so (an address without an on-link prefix; RFC 5942 section 1),
 * and so is who is probed after the route to it has gone.
 */
static void send_msg(struct nd *nd, struct iface *ifc, const struct ip6_addr *src,
		     const struct ip6_addr *dst, const struct nd_msg *m)
{
	struct pkt *pkt = msg_packet(nd, src, dst, m);

	if (pkt != NULL)
		icmp6_send_on_link(nd->ip6, pkt, ifc);
}

void nd_send_ns(struct nd *nd, struct iface *ifc, const struct ip6_addr *src,
		const struct ip6_addr *dst, const struct ip6_addr *target, const uint8_t *nonce)
{
	struct ip6_addr group = ip6_solicited_node(target);
	struct nd_msg m = { .type = ND_NS, .target = *target };

	/* RFC 4861 section 4.3: MUST NOT with an unspecified source, MUST by multicast */
	if (!ip6_is_unspec(src)) {
		m.opts.has |= ND_HAS_SLLA;
		m.opts.slla = ifc->link.mac;
	}
	if (nonce != NULL) {
		m.opts.has |= ND_HAS_NONCE;
		m.opts.nonce = rd_of(nonce, ND_NONCE_OCTETS);
	}
	send_msg(nd, ifc, src, ip6_is_unspec(dst) ? &group : dst, &m);
}

void nd_send_news(struct nd *nd, const struct if_addr *a)
{
	const struct ip6_addr routers = IP6_ALL_ROUTERS;
	struct iface *ifc = a->ifc;
	struct nd_msg m = { .type = ND_NA,
			    .target = a->addr,
			    .router = ifc->conf.forwarding,
			    .opts = { .has = ND_HAS_TLLA, .tlla = ifc->link.mac } };

	send_msg(nd, ifc, &a->addr, &routers, &m);
}

void nd_send_ns_at(struct nd *nd, struct iface *ifc, const struct ip6_addr *src,
		   const struct ip6_addr *router, const struct mac *mac)
{
	struct nd_msg m = { .type = ND_NS,
			    .target = *router,
			    .opts = { .has = ND_HAS_SLLA, .slla = ifc->link.mac } };
	struct pkt *pkt = msg_packet(nd, src, router, &m);

	if (pkt != NULL)
		icmp6_send_at(nd->ip6, pkt, ifc, mac);
}

/* Section 7.2.4, and 7.2.7 for anycast: such advertisements do not override. */
void nd_send_na(struct nd *nd, struct iface *ifc, const struct if_addr *target,
		const struct ip6_addr *dst, bool solicited)
{
	bool anycast = target->origin == ADDR_ANYCAST;
	const struct if_addr *ll = if_link_local(ifc);
	struct ip6_addr src = target->addr;
	struct nd_msg m = { .type = ND_NA,
			    .target = target->addr,
			    .router = ifc->conf.forwarding,
			    .solicited = solicited,
			    .override = !anycast && target->state != ADDR_OPTIMISTIC,
			    .opts = { .has = ND_HAS_TLLA, .tlla = ifc->link.mac } };

	if (anycast && ll != NULL)
		src = ll->addr;
	send_msg(nd, ifc, &src, dst, &m);
}

/* Sections 7.2.4 and 7.2.8: MUST NOT override. Its source is ours (section 4.4). */
void nd_send_proxy_na(struct nd *nd, struct iface *ifc, const struct ip6_addr *target,
		      const struct ip6_addr *dst, bool solicited)
{
	const struct if_addr *ll = if_link_local(ifc);
	struct nd_msg m = { .type = ND_NA,
			    .target = *target,
			    .router = ifc->conf.forwarding,
			    .solicited = solicited,
			    .opts = { .has = ND_HAS_TLLA, .tlla = ifc->link.mac } };

	if (ll != NULL)
		send_msg(nd, ifc, &ll->addr, dst, &m);
}

void nd_send_rs(struct nd *nd, struct iface *ifc)
{
	const struct ip6_addr routers = IP6_ALL_ROUTERS;
	const struct if_addr *ll = if_link_local(ifc);
	struct nd_msg m = { .type = ND_RS };
	struct ip6_addr own;

	if (dna_source(ifc, &own)) {
		send_msg(nd, ifc, &own, &routers, &m);
		return;
	}
	/* RFC 4429 section 3.2: not with a source link-layer address from an optimistic one */
	if (ll != NULL && ll->state == ADDR_OPTIMISTIC)
		ll = NULL;
	if (ll != NULL) {
		m.opts.has |= ND_HAS_SLLA;
		m.opts.slla = ifc->link.mac;
	}
	send_msg(nd, ifc, ll != NULL ? &ll->addr : &IP6_UNSPEC, &routers, &m);
}

static struct nd_prefix prefix_option(const struct nd_adv_prefix *p)
{
	return (struct nd_prefix){ .prefix = ip6_prefix(&p->prefix, p->len),
				   .router = p->router_addr ? p->prefix : IP6_UNSPEC,
				   .len = p->len,
				   .on_link = p->on_link,
				   .autonomous = p->autonomous,
				   .router_addr = p->router_addr,
				   .valid_s = p->valid_s,
				   .preferred_s = p->preferred_s };
}

/* RFC 6275 sections 7.3 and 7.4. */
static void mobility_options(const struct nd_adv *adv, uint16_t lifetime_s, struct nd_msg *m)
{
	uint16_t life = adv->ha_lifetime_s != 0 ? adv->ha_lifetime_s : lifetime_s;

	m->ra.home_agent = adv->home_agent;
	if (adv->adv_interval) {
		m->opts.has |= ND_HAS_ADV_INTERVAL;
		m->opts.adv_interval = adv->interval_max;
	}
	/* a lifetime of 0 MUST NOT be sent, nor the option without H or with defaults only */
	if (adv->home_agent && life != 0 && (adv->ha_preference != 0 || adv->ha_lifetime_s != 0)) {
		m->opts.has |= ND_HAS_HOME_AGENT;
		m->opts.ha_preference = adv->ha_preference;
		m->opts.ha_lifetime_s = life;
	}
}

/* RFC 8106 sections 5.1 and 5.2. */
static uint32_t dns_lifetime(const struct nd_adv *adv, int64_t lifetime_s)
{
	if (lifetime_s == ND_ADV_LIFETIME_AUTO)
		return (uint32_t)(3 * adv->interval_max / NS_PER_S);
	return (uint32_t)lifetime_s;
}

static void adv_dns(const struct nd_adv *adv, struct nd_opts *o)
{
	for (unsigned i = 0; i < adv->n_rdnss; i++) {
		const struct nd_adv_rdnss *r = &adv->rdnss[i];

		o->rdnss[o->n_rdnss++] =
			(struct nd_rdnss){ .addrs = rd_of(r->addr, r->n * sizeof(r->addr[0])),
					   .lifetime_s = dns_lifetime(adv, r->lifetime_s) };
	}
	for (unsigned i = 0; i < adv->n_dnssl; i++) {
		const struct nd_adv_dnssl *d = &adv->dnssl[i];

		o->dnssl[o->n_dnssl++] =
			(struct nd_dnssl){ .names = rd_of(d->names, d->octets),
					   .lifetime_s = dns_lifetime(adv, d->lifetime_s) };
	}
}

/* What is advertised, pointing into @adv. */
static struct nd_msg adv_msg(const struct nd_adv *adv, const struct mac *mac, uint16_t lifetime_s)
{
	struct nd_msg m = {
		.type = ND_RA,
		.ra = { .hop_limit = adv->cur_hop_limit,
			.managed = adv->managed,
			.other = adv->other_config,
			.pref = (int8_t)(lifetime_s != 0 ? adv->pref : ND_PREF_MEDIUM),
			.lifetime_s = lifetime_s,
			.reachable = adv->reachable_ms * NS_PER_MS,
			.retrans = adv->retrans_ms * NS_PER_MS },
		.opts = { .has = ND_HAS_SLLA, .slla = *mac, .n_prefixes = (uint8_t)adv->n_prefixes }
	};

	if (adv->link_mtu != 0) {
		m.opts.has |= ND_HAS_MTU;
		m.opts.mtu = adv->link_mtu;
	}
	for (unsigned i = 0; i < adv->n_prefixes; i++)
		m.opts.prefix[i] = prefix_option(&adv->prefix[i]);
	for (unsigned i = 0; i < adv->n_routes; i++)
		m.opts.route[i] = (struct nd_route){
			.prefix = ip6_prefix(&adv->route[i].prefix, adv->route[i].len),
			.lifetime_s = adv->route[i].lifetime_s,
			.len = adv->route[i].len,
			.pref = (int8_t)adv->route[i].pref,
		};
	m.opts.n_routes = (uint8_t)adv->n_routes;
	mobility_options(adv, lifetime_s, &m);
	adv_dns(adv, &m.opts);
	return m;
}

size_t nd_msg_octets(const struct nd_msg *m)
{
	uint8_t octets[ND_OCTETS_MAX];
	struct wr w = wr_of(octets, sizeof(octets));

	nd_build(&w, m);
	return w.overflow ? SIZE_MAX : wr_len(&w);
}

bool nd_adv_fits(const struct nd_adv *adv)
{
	static const struct mac any;
	struct nd_msg m = adv_msg(adv, &any, adv->default_lifetime_s);

	return nd_msg_octets(&m) != SIZE_MAX;
}

void nd_send_ra(struct nd *nd, struct iface *ifc, const struct ip6_addr *dst, uint16_t lifetime_s)
{
	const struct if_addr *ll = if_link_local(ifc);
	const struct nd_if *ni = nd_if(ifc);
	struct nd_msg m = adv_msg(&ni->adv, &ifc->link.mac, lifetime_s);
	time_ns now = nd->ip6->env->now;

	for (unsigned i = 0; i < ni->adv.n_prefixes; i++)
		router_lifetimes(ni, &ni->adv.prefix[i], now, &m.opts.prefix[i].valid_s,
				 &m.opts.prefix[i].preferred_s);
	if (ni->adv.edge)
		edge_fill(nd, ifc, &m);
	if (ll != NULL)
		send_msg(nd, ifc, &ll->addr, dst, &m);
}

void nd_send_redirect(struct nd *nd, struct iface *ifc, const struct ip6_addr *target,
		      const struct mac *target_mac, const struct pkt *about)
{
	struct ip6_addr to = ip6_hdr_src(about->p);
	const struct if_addr *ll = if_link_local(ifc);
	struct nd_msg m = { .type = ND_REDIRECT,
			    .target = *target,
			    .dest = ip6_hdr_dst(about->p),
			    .opts = { .has = ND_HAS_REDIRECTED } };

	if (ll == NULL)
		return;
	m.opts.redirected = rd_of(about->p, MIN(about->len, (uint32_t)ND_REDIRECTED_MAX));
	if (target_mac != NULL) {
		m.opts.has |= ND_HAS_TLLA;
		m.opts.tlla = *target_mac;
	}
	send_msg(nd, ifc, &ll->addr, &to, &m);
}
