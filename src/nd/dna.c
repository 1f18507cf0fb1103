/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Simple DNA, RFC 6059: is this a link where we have been before?
 *
 * Read sections 4 (the table), 5.5 to 5.8 (the procedure) and 5.11.
 *
 * While a router advertises, dna_ra() keeps what it says. When the link goes down, dna_down() notes
 * the addresses that were made of it; then they are deleted, which is what "inoperable" of section
 * 5.4 comes to here: nothing is sent from them, and nothing taken for them. When the link comes up,
 * dna_up() solicits each router of the table that gave us an address which is still valid, at the
 * link-layer address that it had, while all routers are solicited by multicast, as always. Who
 * answers is here: dna_na() enters its addresses again without DAD, and its prefixes and itself as
 * a default router as if it had advertised them. Its next advertisement is the last word: what is
 * not in it goes. More-specific routes and what there is of DNS come with that one only.
 *
 * Both solicitations leave before DAD of the link-local address is over. On the link of such a
 * router it has been ours, and on any other they do no harm: the one reaches only a station with
 * the router's link-layer address, the other carries no link-layer address (section 5.6.2). DAD
 * goes on meanwhile, and is called off by the router's answer. Addresses given by hand go through
 * DAD in any case (appendix A).
 */
#include "nd/part.h"

#define DNA_PROBES_MAX 3 /* section 5.11: SHOULD NOT retransmit more than twice */
#define DNA_MISSES_MAX 3 /* section 5.10: consecutive advertisements without the prefix */
#define DNA_INTERVAL   NS_PER_S

const char *dna_state_name(enum dna_state s)
{
	static const char *const names[] = { [DNA_KNOWN] = "known",
					     [DNA_PROBED] = "probed",
					     [DNA_CONFIRMED] = "confirmed",
					     [DNA_HEARD] = "heard" };

	return names[s];
}

static bool is_on(const struct iface *ifc)
{
	return ifc->conf.simple_dna && ifc->conf.accept_ra && !ifc->conf.forwarding;
}

static bool is_here(const struct dna_router *r)
{
	return r->state == DNA_CONFIRMED || r->state == DNA_HEARD;
}

/*
 * The table: section 5.1 and 5.10.
 */

static struct dna_router *router_find(struct dna *d, const struct ip6_addr *addr,
				      const struct mac *mac)
{
	for (unsigned i = 0; i < d->n; i++)
		if (ip6_eq(&d->router[i].addr, addr) && mac_eq(&d->router[i].mac, mac))
			return &d->router[i];
	return NULL;
}

/* Section 5.9: when the table is full, who was heard of the longest ago goes. */
static struct dna_router *router_new(struct dna *d, const struct ip6_addr *addr,
				     const struct mac *mac)
{
	struct dna_router *r = &d->router[0];

	if (d->n < DNA_ROUTERS_MAX)
		r = &d->router[d->n++];
	for (unsigned i = 0; i < d->n && d->n == DNA_ROUTERS_MAX; i++)
		if (d->router[i].heard < r->heard)
			r = &d->router[i];
	*r = (struct dna_router){ .addr = *addr, .mac = *mac };
	return r;
}

static struct dna_prefix *prefix_find(struct dna_router *r, const struct ip6_addr *prefix,
				      uint8_t len)
{
	for (unsigned i = 0; i < r->n; i++)
		if (r->prefix[i].len == len && ip6_eq(&r->prefix[i].prefix, prefix))
			return &r->prefix[i];
	return NULL;
}

static void prefix_drop(struct dna_router *r, struct dna_prefix *p)
{
	*p = r->prefix[--r->n];
}

static const struct nd_prefix *advertised(const struct nd_msg *m, const struct dna_prefix *p)
{
	for (unsigned i = 0; i < m->opts.n_prefixes; i++)
		if (m->opts.prefix[i].len == p->len &&
		    ip6_eq(&m->opts.prefix[i].prefix, &p->prefix))
			return &m->opts.prefix[i];
	return NULL;
}

static void prefixes_learn(struct dna_router *r, const struct nd_msg *m, time_ns now)
{
	for (unsigned i = 0; i < m->opts.n_prefixes; i++) {
		const struct nd_prefix *said = &m->opts.prefix[i];
		struct dna_prefix *p = prefix_find(r, &said->prefix, said->len);

		if (p == NULL && r->n < DNA_PREFIXES_MAX) {
			p = &r->prefix[r->n++];
			*p = (struct dna_prefix){ .prefix = said->prefix, .len = said->len };
		}
		if (p == NULL)
			continue;
		p->misses = 0;
		p->on_link = said->on_link;
		p->autonomous = said->autonomous;
		p->preferred_until = time_after(now, nd_lifetime(said->preferred_s));
		p->valid_until = time_after(now, nd_lifetime(said->valid_s));
	}
	for (unsigned i = r->n; i-- > 0;) {
		struct dna_prefix *p = &r->prefix[i];

		if (advertised(m, p) == NULL)
			p->misses++;
		if (p->misses >= DNA_MISSES_MAX || p->valid_until <= now)
			prefix_drop(r, p);
	}
}

/* What the header does not say stays as it was said before: RFC 4861 section 6.3.4. */
static void header_learn(struct dna_router *r, const struct nd_msg *m, time_ns now)
{
	struct nd_ra old = r->ra;

	r->ra = m->ra;
	if (m->ra.hop_limit == 0)
		r->ra.hop_limit = old.hop_limit;
	if (m->ra.reachable == 0)
		r->ra.reachable = old.reachable;
	if (m->ra.retrans == 0)
		r->ra.retrans = old.retrans;
	if (m->opts.mtu != 0)
		r->mtu = m->opts.mtu;
	r->until = time_after(now, nd_lifetime(m->ra.lifetime_s));
	r->heard = now;
}

/* Has another router that is here advertised the same? */
static bool is_vouched_for(const struct dna *d, const struct dna_router *not_by,
			   const struct dna_prefix *p)
{
	for (unsigned i = 0; i < d->n; i++) {
		const struct dna_router *r = &d->router[i];

		for (unsigned k = 0; r != not_by && is_here(r) && k < r->n; k++)
			if (r->prefix[k].len == p->len && ip6_eq(&r->prefix[k].prefix, &p->prefix))
				return true;
	}
	return false;
}

/*
 * Section 5.7.2: the advertisement of a router that had answered a probe, and what we took up
 * again because of that is not in it.
 */
static void take_back(struct nd *nd, struct iface *ifc, struct dna_router *r,
		      const struct nd_msg *m)
{
	for (unsigned i = r->n; i-- > 0;) {
		struct dna_prefix *p = &r->prefix[i];
		const struct nd_prefix *said = advertised(m, p);

		if (is_vouched_for(&nd_if(ifc)->dna, r, p))
			continue;
		if (said == NULL || !said->autonomous)
			(void)nd_addr_del(nd, ifc, &p->addr);
		if (said == NULL) {
			host_prefix_gone(nd, ifc, &r->addr, &p->prefix, p->len);
			prefix_drop(r, p);
		}
	}
}

/* Where it is: the option; else whoever sent the frame. */
static struct mac sender(const struct pkt *pkt, const struct mac *said)
{
	struct mac mac;

	if (said != NULL)
		return *said;
	memcpy(mac.b, pkt->p - ETH_HDR_OCTETS + ETH_SRC_OFF, sizeof(mac.b));
	return mac;
}

void dna_ra(struct nd *nd, struct iface *ifc, const struct pkt *pkt, const struct nd_msg *m)
{
	struct mac mac = sender(pkt, nd_slla(m));
	struct ip6_addr addr = ip6_hdr_src(pkt->p);
	struct dna *d = &nd_if(ifc)->dna;
	time_ns now = nd->ip6->env->now;
	struct dna_router *r;

	if (!is_on(ifc))
		return;
	r = router_find(d, &addr, &mac);
	if (r == NULL)
		r = router_new(d, &addr, &mac);
	else if (r->state == DNA_CONFIRMED)
		take_back(nd, ifc, r, m);
	r->state = DNA_HEARD;
	header_learn(r, m, now);
	prefixes_learn(r, m, now);
}

/*
 * The link goes down: section 5.4.
 */

static const struct if_addr *operable_in(const struct iface *ifc, const struct dna_prefix *p)
{
	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->origin == ADDR_SLAAC && a->prefix_len == p->len &&
		    (a->state == ADDR_PREFERRED || a->state == ADDR_DEPRECATED) &&
		    ip6_in_prefix(&a->addr, &p->prefix, p->len))
			return a;
	}
	return NULL;
}

static void addr_note(const struct iface *ifc, struct dna_prefix *p)
{
	const struct if_addr *a = p->autonomous ? operable_in(ifc, p) : NULL;

	p->addr = IP6_UNSPEC;
	if (a == NULL)
		return;
	p->addr = a->addr;
	p->dad_counter = a->dad_counter;
	p->addr_preferred_until = a->preferred_until;
	p->addr_valid_until = a->valid_until;
}

void dna_down(struct nd *nd, struct iface *ifc)
{
	const struct if_addr *ll = if_link_local(ifc);
	struct dna *d = &nd_if(ifc)->dna;

	dna_stop(nd, ifc);
	for (unsigned i = 0; i < d->n; i++) {
		struct dna_router *r = &d->router[i];

		if (is_here(r) && ll != NULL) {
			r->own = ll->addr;
			for (unsigned k = 0; k < r->n; k++)
				addr_note(ifc, &r->prefix[k]);
		}
		r->state = DNA_KNOWN;
	}
}

/*
 * The link comes up: section 5.5.
 */

static bool is_valid(const struct dna_prefix *p, time_ns now)
{
	return !ip6_is_unspec(&p->addr) && p->addr_valid_until > now;
}

/* Section 5.5.2: routers with a valid address MUST be probed, and others MUST NOT. */
static bool is_candidate(const struct dna_router *r, const struct ip6_addr *own, time_ns now)
{
	for (unsigned i = 0; i < r->n; i++)
		if (is_valid(&r->prefix[i], now))
			return ip6_eq(&r->own, own);
	return false;
}

/* Return: false if there is nobody (more) to probe. */
static bool probe(struct nd *nd, struct iface *ifc)
{
	struct dna *d = &nd_if(ifc)->dna;
	bool any = false;

	for (unsigned i = 0; i < d->n; i++) {
		struct dna_router *r = &d->router[i];

		if (r->state != DNA_PROBED)
			continue;
		if (r->probes >= DNA_PROBES_MAX) {
			r->state = DNA_KNOWN;
			continue;
		}
		r->probes++;
		any = true;
		nd_send_ns_at(nd, ifc, &d->own, &r->addr, &r->mac);
	}
	return any;
}

/* Our link-local address, tested or not. */
static struct if_addr *link_local(struct iface *ifc)
{
	LIST_FOR_EACH(it, &ifc->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (ip6_is_linklocal(&a->addr) && a->origin != ADDR_ANYCAST &&
		    a->state != ADDR_DUPLICATE)
			return a;
	}
	return NULL;
}

/* Section 5.10: what has expired goes, and who has nothing left. */
static void prune(struct dna *d, time_ns now)
{
	for (unsigned i = d->n; i-- > 0;) {
		struct dna_router *r = &d->router[i];

		for (unsigned k = r->n; k-- > 0;)
			if (!is_valid(&r->prefix[k], now) && r->prefix[k].valid_until <= now)
				prefix_drop(r, &r->prefix[k]);
		if (r->n == 0)
			*r = d->router[--d->n];
	}
}

void dna_up(struct nd *nd, struct iface *ifc)
{
	struct if_addr *ll = link_local(ifc);
	struct dna *d = &nd_if(ifc)->dna;
	struct env *env = nd->ip6->env;
	bool any = false;

	prune(d, env->now);
	/* section 5.11: damping */
	if (!is_on(ifc) || ll == NULL || (d->ever && env->now - d->began < DNA_INTERVAL))
		return;
	for (unsigned i = 0; i < d->n; i++) {
		struct dna_router *r = &d->router[i];

		if (!is_candidate(r, &ll->addr, env->now))
			continue;
		r->state = DNA_PROBED;
		r->probes = 0;
		any = true;
	}
	if (!any)
		return; /* a link like any other new one */
	ll->dna_asks = true;
	d->own = ll->addr;
	d->began = env->now;
	d->ever = true;
	timer_set(&env->timers, &d->timer, time_after(env->now, ifc->conf.retrans));
	d->soliciting = host_start_now(nd, ifc) && !if_addr_is_assigned(ll);
	(void)probe(nd, ifc);
}

void dna_timer(struct nd *nd, struct nd_if *ni)
{
	struct env *env = nd->ip6->env;
	const struct if_addr *ll = if_addr_find(ni->ifc, &ni->dna.own);

	if (ll == NULL || ll->state == ADDR_DUPLICATE || !probe(nd, ni->ifc))
		dna_stop(nd, ni->ifc);
	else
		timer_set(&env->timers, &ni->dna.timer,
			  time_after(env->now, ni->ifc->conf.retrans));
}

void dna_stop(struct nd *nd, struct iface *ifc)
{
	struct dna *d = &nd_if(ifc)->dna;
	struct if_addr *ll = if_addr_find(ifc, &d->own);

	timer_cancel(&nd->ip6->env->timers, &d->timer);
	if (ll != NULL)
		ll->dna_asks = false;
	for (unsigned i = 0; i < d->n; i++)
		if (d->router[i].state == DNA_PROBED)
			d->router[i].state = DNA_KNOWN;
}

bool dna_source(const struct iface *ifc, struct ip6_addr *ret)
{
	const struct dna *d = &nd_if(ifc)->dna;

	if (!timer_is_armed(&d->timer))
		return false;
	*ret = d->own;
	return true;
}

/*
 * A router answers: sections 5.7.1 and 5.8.
 */

/* SHOULD NOT perform DAD on what is confirmed to be operable; or no longer, if it runs. */
static void take_up(struct nd *nd, struct iface *ifc, const struct dna_prefix *p)
{
	struct if_addr *a = if_addr_find(ifc, &p->addr);

	if (a != NULL) {
		dad_confirmed(nd, a);
		return;
	}
	if (nd_addr_add(nd, ifc, &p->addr, p->len, ADDR_SLAAC, true) < 0)
		return;
	a = if_addr_find(ifc, &p->addr);
	a->no_dad = false;
	a->dad_counter = p->dad_counter;
	ip6_addr_lifetime(nd->ip6, a, p->addr_preferred_until, p->addr_valid_until);
}

static uint32_t left_s(time_ns until, time_ns now)
{
	if (until == TIME_NEVER)
		return ND_INFINITY;
	return until > now ? (uint32_t)((until - now) / NS_PER_S) : 0;
}

/* What it would say now if its lifetimes ran down. */
static void say_again(struct nd *nd, struct iface *ifc, const struct dna_router *r)
{
	time_ns now = nd->ip6->env->now;
	struct nd_msg m = { .type = ND_RA, .ra = r->ra, .opts = { .mtu = r->mtu } };

	m.ra.lifetime_s = (uint16_t)left_s(r->until, now);
	for (unsigned i = 0; i < r->n; i++) {
		const struct dna_prefix *p = &r->prefix[i];

		if (p->valid_until <= now)
			continue;
		m.opts.prefix[m.opts.n_prefixes++] =
			(struct nd_prefix){ .prefix = p->prefix,
					    .len = p->len,
					    .on_link = p->on_link,
					    .autonomous = p->autonomous,
					    .preferred_s = left_s(p->preferred_until, now),
					    .valid_s = left_s(p->valid_until, now) };
	}
	host_take(nd, ifc, &r->addr, &m);
}

static void confirm(struct nd *nd, struct iface *ifc, struct dna_router *r)
{
	time_ns now = nd->ip6->env->now;
	struct if_addr *ll = if_addr_find(ifc, &r->own);

	r->state = DNA_CONFIRMED;
	env_event(nd->ip6->env, EVENT_DNA_BACK, if_index(ifc), &r->addr, 0);
	(void)neigh_hint(&nd->ip6->neigh, &ifc->link, &r->addr, &r->mac, NEIGH_ROLE_ROUTER);
	if (ll != NULL)
		dad_confirmed(nd, ll);
	for (unsigned i = 0; i < r->n; i++)
		if (is_valid(&r->prefix[i], now))
			take_up(nd, ifc, &r->prefix[i]);
	say_again(nd, ifc, r);
}

void dna_na(struct nd *nd, struct iface *ifc, const struct pkt *pkt, const struct nd_msg *m)
{
	struct dna *d = &nd_if(ifc)->dna;
	struct dna_router *r;
	struct mac mac;

	if (!timer_is_armed(&d->timer) || !m->solicited)
		return;
	/* both MUST match: whose link-layer address another one is lives on another link */
	mac = sender(pkt, nd_tlla(m));
	r = router_find(d, &m->target, &mac);
	if (r != NULL && r->state == DNA_PROBED)
		confirm(nd, ifc, r);
}
