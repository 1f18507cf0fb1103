/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a router at a customer's edge tells beyond RFC 4861 section 6.2, where nd_adv.edge says that an
 * interface is on its LAN side. Read RFC 7084 sections 4.1 and 4.3, then RFC 9096 section 3.
 *
 * G-4, G-5 and L-4: it is a default router only while it has a way out itself, by another interface,
 * and a prefix; a change is told at once. L-16: lifetimes are capped (router_lifetimes(), and here for
 * those that hang on the prefixes). L-13, as RFC 9096 section 3.5 has it: a prefix that is advertised
 * no more, or with a valid lifetime of zero, is told of with lifetimes of zero, A and L as they were,
 * for as long as its last valid lifetime was. L-14: what a LAN's host sends from such a prefix is
 * refused with code 5.
 *
 * Stable storage is the caller's: nd_adv_was() takes what it kept.
 */
#include "nd/part.h"

#define PREFIX_OCTETS 32 /* of an option: RFC 4861 section 4.6.2 */

static bool same(const struct ip6_addr *a, unsigned a_len, const struct ip6_addr *b, unsigned b_len)
{
	struct ip6_addr prefix = ip6_prefix(b, b_len);

	return a_len == b_len && ip6_eq(a, &prefix);
}

/* The prefix in @adv with a lifetime, or NULL. */
static const struct nd_adv_prefix *lives(const struct nd_adv *adv, const struct ip6_addr *prefix,
					 unsigned len)
{
	for (unsigned i = 0; i < adv->n_prefixes; i++)
		if (adv->prefix[i].valid_s > 0 &&
		    same(prefix, len, &adv->prefix[i].prefix, adv->prefix[i].len))
			return &adv->prefix[i];
	return NULL;
}

static void stale_del(struct nd_if *ni, unsigned i)
{
	memmove(&ni->stale[i], &ni->stale[i + 1], (--ni->n_stale - i) * sizeof(ni->stale[0]));
}

/* What was told of for long enough goes. */
static void stale_prune(struct nd_if *ni, time_ns now)
{
	for (unsigned i = ni->n_stale; i > 0; i--)
		if (ni->stale[i - 1].until <= now)
			stale_del(ni, i - 1);
}

/* @p was told of until now, with a valid lifetime of @valid_s. The oldest gives way. */
static void stale_add(struct nd *nd, struct nd_if *ni, const struct nd_adv_prefix *p,
		      uint32_t valid_s)
{
	struct nd_stale s = { .prefix = ip6_prefix(&p->prefix, p->len),
			      .len = p->len,
			      .on_link = p->on_link,
			      .autonomous = p->autonomous,
			      .until = time_after(nd->ip6->env->now, nd_lifetime(valid_s)) };

	for (unsigned i = 0; i < ni->n_stale; i++) {
		if (!same(&ni->stale[i].prefix, ni->stale[i].len, &p->prefix, p->len))
			continue;
		s.until = MAX(s.until, ni->stale[i].until);
		stale_del(ni, i);
		break;
	}
	if (ni->n_stale == ND_STALE_MAX)
		stale_del(ni, 0);
	ni->stale[ni->n_stale++] = s;
}

void edge_change(struct nd *nd, struct iface *ifc, const struct nd_adv *to)
{
	struct nd_if *ni = nd_if(ifc);
	time_ns now = nd->ip6->env->now;

	if (!to->edge) {
		ni->n_stale = 0;
		return;
	}
	stale_prune(ni, now);
	for (unsigned i = 0; i < ni->adv.n_prefixes && ni->ra_ever; i++) {
		const struct nd_adv_prefix *p = &ni->adv.prefix[i];
		struct ip6_addr prefix = ip6_prefix(&p->prefix, p->len);
		uint32_t valid_s, preferred_s;

		router_lifetimes(ni, p, now, &valid_s, &preferred_s);
		if (valid_s > 0 && lives(to, &prefix, p->len) == NULL)
			stale_add(nd, ni, p, valid_s);
	}
	for (unsigned i = ni->n_stale; i > 0; i--)
		if (lives(to, &ni->stale[i - 1].prefix, ni->stale[i - 1].len) != NULL)
			stale_del(ni, i - 1);
}

int nd_adv_was(struct nd *nd, struct iface *ifc, const struct nd_adv_prefix *p)
{
	struct nd_if *ni = nd_if(ifc);
	struct ip6_addr prefix;

	if (!ni->adv.edge || p->len > IP6_ADDR_BITS)
		return -EINVAL;
	prefix = ip6_prefix(&p->prefix, p->len);
	if (p->valid_s == 0 || lives(&ni->adv, &prefix, p->len) != NULL)
		return 0;
	stale_add(nd, ni, p, p->valid_s);
	edge_refresh(nd, ifc);
	if (router_advertises(ifc))
		router_again(nd, ifc);
	return 0;
}

static uint32_t longest_valid(const struct nd_if *ni, time_ns now)
{
	uint32_t valid_s, preferred_s, most = 0;

	for (unsigned i = 0; i < ni->adv.n_prefixes; i++) {
		router_lifetimes(ni, &ni->adv.prefix[i], now, &valid_s, &preferred_s);
		most = MAX(most, valid_s);
	}
	return most;
}

static void put_stale(const struct nd_stale *s, struct nd_opts *o)
{
	/* one that is still configured, with a lifetime of zero, is there */
	for (unsigned i = 0; i < o->n_prefixes; i++)
		if (o->prefix[i].len == s->len && ip6_eq(&o->prefix[i].prefix, &s->prefix))
			return;
	o->prefix[o->n_prefixes++] = (struct nd_prefix){ .prefix = s->prefix,
							 .len = s->len,
							 .on_link = s->on_link,
							 .autonomous = s->autonomous };
}

/* RFC 9096 sections 3.4 and 3.5. Withdrawn prefixes take turns where not all have room. */
void edge_fill(struct nd *nd, struct iface *ifc, struct nd_msg *m)
{
	struct nd_if *ni = nd_if(ifc);
	uint32_t most = longest_valid(ni, nd->ip6->env->now);
	size_t room = ND_OCTETS_MAX - nd_msg_octets(m);

	for (unsigned i = 0; i < m->opts.n_routes; i++)
		m->opts.route[i].lifetime_s = MIN(m->opts.route[i].lifetime_s, most);
	for (unsigned i = 0; i < m->opts.n_rdnss; i++)
		m->opts.rdnss[i].lifetime_s = MIN(m->opts.rdnss[i].lifetime_s, most);
	for (unsigned i = 0; i < m->opts.n_dnssl; i++)
		m->opts.dnssl[i].lifetime_s = MIN(m->opts.dnssl[i].lifetime_s, most);
	for (unsigned n = 0; n < ni->n_stale; n++) {
		if (room < PREFIX_OCTETS || m->opts.n_prefixes == ND_PREFIXES_MAX)
			break;
		put_stale(&ni->stale[ni->stale_next++ % ni->n_stale], &m->opts);
		room -= PREFIX_OCTETS;
	}
}

/* A route to ::/0 by another interface: one by this would be no way out for who is on its link. */
static bool has_default(struct nd *nd, const struct iface *ifc)
{
	struct fib_key key = { .shorter_than = 1 };
	struct fib_choices c;

	if (fib_lookup(nd->ip6->fib, &key, &c) != ROUTE_UNICAST)
		return false;
	for (unsigned i = 0; i < c.n; i++) {
		const struct iface *out = ip6_if(nd->ip6, c.via[i]->ifindex);

		if (out != NULL && out != ifc && if_is_usable(out))
			return true;
	}
	return false;
}

uint16_t edge_lifetime(struct nd *nd, const struct iface *ifc)
{
	const struct nd_if *ni = nd_if(ifc);

	if (ni->adv.edge && (!has_default(nd, ifc) || longest_valid(ni, nd->ip6->env->now) == 0))
		return 0;
	return ni->adv.default_lifetime_s;
}

static bool overlaps_live(const struct nd_if *ni, const struct nd_stale *s, time_ns now)
{
	uint32_t valid_s, preferred_s;

	for (unsigned i = 0; i < ni->adv.n_prefixes; i++) {
		const struct nd_adv_prefix *p = &ni->adv.prefix[i];

		router_lifetimes(ni, p, now, &valid_s, &preferred_s);
		if (valid_s > 0 && ip6_in_prefix(&p->prefix, &s->prefix, MIN(p->len, s->len)))
			return true;
	}
	return false;
}

static void refuse(struct iface *ifc, const struct ip6_addr *prefix, uint8_t len)
{
	ifc->refused[ifc->n_refused++] = (struct if_refused){ *prefix, len };
}

void edge_refresh(struct nd *nd, struct iface *ifc)
{
	struct nd_if *ni = nd_if(ifc);
	time_ns now = nd->ip6->env->now;

	_Static_assert(IF_REFUSED_MAX >= ND_STALE_MAX + ND_ADV_PREFIXES_MAX, "room for all");
	ifc->n_refused = 0;
	if (!ni->adv.edge)
		return;
	ni->had_default = has_default(nd, ifc);
	stale_prune(ni, now);
	for (unsigned i = 0; i < ni->n_stale; i++)
		if (!overlaps_live(ni, &ni->stale[i], now))
			refuse(ifc, &ni->stale[i].prefix, ni->stale[i].len);
	for (unsigned i = 0; i < ni->adv.n_prefixes; i++) {
		const struct nd_adv_prefix *p = &ni->adv.prefix[i];
		struct nd_stale s = { .prefix = ip6_prefix(&p->prefix, p->len), .len = p->len };

		if (!overlaps_live(ni, &s, now))
			refuse(ifc, &s.prefix, s.len);
	}
}

void edge_run(struct nd *nd)
{
	struct ip6 *ip6 = nd->ip6;

	if (nd->edge_generation == fib_generation(ip6->fib))
		return;
	nd->edge_generation = fib_generation(ip6->fib);
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		struct iface *ifc = ip6->ifs[i];
		bool has;

		if (ifc == NULL || ifc->nd == NULL || !nd_if(ifc)->adv.edge)
			continue;
		has = has_default(nd, ifc);
		if (has != nd_if(ifc)->had_default && router_advertises(ifc))
			router_again(nd, ifc); /* G-5: MUST, immediately */
		nd_if(ifc)->had_default = has;
	}
}
