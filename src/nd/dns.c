/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. Servers, domains and translators' prefixes come in options of advertisements,
 * each with a lifetime of its own that has nothing to do with the router's (RFC 8106 section 6.1).
 * Each kind is a short list of octets with a time, so one procedure serves all three, that of RFC
 * 8106 section 6.2: a lifetime of zero takes an entry out at once, an entry that is there gets the
 * new lifetime and keeps its place, a new one goes before all others. New ones of the same
 * advertisement stay in its order, as section 5.3.1 wants ("in order"); where a list is full the entry that
 * would end first makes room, but an advertisement never pushes out what it has brought itself: of more than
 * ND_SAID_MAX the first count.
 *
 * One timer for each interface goes off when the first entry ends. All is forgotten when the
 * interface goes down or becomes a router's: another link has other servers.
 *
 * Of the captive portal and the flags the last word counts; they have no lifetime. An advertisement
 * that does not mention them changes nothing, as another router may know more.
 *
 * Read RFC 8106 sections 5 and 6, RFC 8781 sections 4 and 5, RFC 8910 section 2.3, RFC 5175.
 */
#include "nd/dns.h"

#include "base/utf8.h"
#include "nd/part.h"

/* A list and what an advertisement says that is new in it. */
struct update {
	struct env *env;
	const struct iface *ifc;
	struct nd_said_list *list, fresh;
	bool is_servers; /* whose coming and going is told */
};

static void tell(const struct update *u, enum event what, const struct nd_said *s)
{
	struct ip6_addr a = nd_said_addr(s);

	if (u->is_servers)
		env_event(u->env, what, if_index(u->ifc), &a, 0);
}

static struct nd_said *find(struct nd_said_list *l, const struct nd_said *s, bool names)
{
	for (unsigned i = 0; i < l->n; i++) {
		struct nd_said *o = &l->item[i];

		if (o->octets == s->octets && (names ? dname_octets_eq(o->b, s->b, s->octets)
						     : memcmp(o->b, s->b, s->octets) == 0))
			return o;
	}
	return NULL;
}

static void take_out(struct nd_said_list *l, struct nd_said *s)
{
	unsigned behind = l->n - (unsigned)(s - l->item) - 1;

	memmove(s, s + 1, behind * sizeof(*s));
	l->n--;
}

static void gone(const struct update *u, struct nd_said *s)
{
	tell(u, EVENT_DNS_SERVER_GONE, s);
	take_out(u->list, s);
}

/* RFC 8106 section 6.2, steps (b) to (d), but for entering what is new. */
static void say(struct update *u, const struct nd_said *s, bool names)
{
	struct nd_said *old = find(u->list, s, names), *fresh = find(&u->fresh, s, names);

	if (s->until <= u->env->now) {
		if (old != NULL)
			gone(u, old);
		if (fresh != NULL)
			take_out(&u->fresh, fresh);
	} else if (old != NULL) {
		old->until = s->until;
		old->heard = u->env->now;
	} else if (fresh != NULL) {
		fresh->until = s->until;
	} else if (u->fresh.n < ND_SAID_MAX) {
		u->fresh.item[u->fresh.n] = *s;
		u->fresh.item[u->fresh.n++].heard = u->env->now;
	}
}

static struct nd_said *first_to_end(struct nd_said_list *l)
{
	struct nd_said *first = &l->item[0];

	for (unsigned i = 1; i < l->n; i++)
		if (l->item[i].until < first->until)
			first = &l->item[i];
	return first;
}

/* The same, of those that the present advertisement did not mention; or NULL. */
static struct nd_said *to_replace(struct nd_said_list *l, time_ns now)
{
	struct nd_said *first = NULL;

	for (unsigned i = 0; i < l->n; i++)
		if (l->item[i].heard != now && (first == NULL || l->item[i].until < first->until))
			first = &l->item[i];
	return first;
}

/* Step (d): before all others. */
static void enter(struct update *u)
{
	struct nd_said_list *l = u->list;

	while (l->n + u->fresh.n > ND_SAID_MAX) {
		struct nd_said *old = to_replace(l, u->env->now);

		if (old != NULL)
			gone(u, old);
		else
			u->fresh.n--;
	}
	memmove(&l->item[u->fresh.n], l->item, l->n * sizeof(l->item[0]));
	memcpy(l->item, u->fresh.item, u->fresh.n * sizeof(l->item[0]));
	l->n += u->fresh.n;
	for (unsigned i = 0; i < u->fresh.n; i++)
		tell(u, EVENT_DNS_SERVER_NEW, &u->fresh.item[i]);
}

static time_ns until(const struct update *u, uint32_t lifetime_s)
{
	return time_after(u->env->now, nd_lifetime(lifetime_s));
}

static void take_servers(struct update u, const struct nd_opts *o)
{
	for (unsigned i = 0; i < o->n_rdnss; i++) {
		struct nd_said s = { .until = until(&u, o->rdnss[i].lifetime_s),
				     .octets = IP6_ADDR_OCTETS };
		struct rd addrs = o->rdnss[i].addrs;
		struct ip6_addr a;

		while (nd_rdnss_next(&addrs, &a)) {
			memcpy(s.b, a.b, sizeof(a.b));
			say(&u, &s, false);
		}
	}
	enter(&u);
}

static void take_domains(struct update u, const struct nd_opts *o)
{
	for (unsigned i = 0; i < o->n_dnssl; i++) {
		struct nd_said s = { .until = until(&u, o->dnssl[i].lifetime_s) };
		struct rd names = o->dnssl[i].names;
		struct dname name;

		while (dname_take(&names, &name)) {
			s.octets = name.octets;
			memcpy(s.b, name.b, sizeof(name.b));
			say(&u, &s, true);
		}
	}
	enter(&u);
}

static void take_pref64(struct update u, const struct nd_opts *o)
{
	for (unsigned i = 0; i < o->n_pref64; i++) {
		const struct nd_pref64 *p = &o->pref64[i];
		struct nd_said s = { .until = until(&u, p->lifetime_s),
				     .octets = IP6_ADDR_OCTETS + 1 };

		memcpy(s.b, p->prefix.b, IP6_ADDR_OCTETS);
		s.b[IP6_ADDR_OCTETS] = p->len;
		say(&u, &s, false);
	}
	enter(&u);
}

/* Printable, and nothing that ends a word where it is shown: C0, blank, DEL, C1. */
static bool is_uri(struct rd uri)
{
	while (uri.left > 0) {
		uint32_t c = 0;
		size_t n = utf8_char(uri.p, uri.left, &c);

		if (n == 0 || c <= ' ' || (c >= 0x7f && c <= 0xa0))
			return false;
		(void)rd_skip(&uri, n);
	}
	return true;
}

static void take_captive(struct nd_dns *d, struct rd uri)
{
	if (uri.left == 0 || uri.left > ND_CAPTIVE_MAX || !is_uri(uri))
		return;
	memcpy(d->captive, uri.p, uri.left);
	d->captive_octets = (uint16_t)uri.left;
}

static void expire(struct update u)
{
	for (unsigned i = u.list->n; i > 0; i--)
		if (u.list->item[i - 1].until <= u.env->now)
			gone(&u, &u.list->item[i - 1]);
}

static time_ns next_end(struct nd_said_list *l)
{
	return l->n > 0 ? first_to_end(l)->until : TIME_NEVER;
}

static void arm(struct env *env, struct nd_dns *d)
{
	time_ns next = MIN(next_end(&d->servers), next_end(&d->domains));

	timer_set(&env->timers, &d->timer, MIN(next, next_end(&d->pref64)));
}

static struct update update(struct nd *nd, const struct iface *ifc, struct nd_said_list *l)
{
	return (struct update){ .env = nd->ip6->env,
				.ifc = ifc,
				.list = l,
				.is_servers = l == &nd_if(ifc)->dns.servers };
}

void dns_ra(struct nd *nd, struct iface *ifc, const struct nd_msg *m)
{
	struct nd_dns *d = &nd_if(ifc)->dns;

	take_servers(update(nd, ifc, &d->servers), &m->opts);
	take_domains(update(nd, ifc, &d->domains), &m->opts);
	take_pref64(update(nd, ifc, &d->pref64), &m->opts);
	if ((m->opts.has & ND_HAS_CAPTIVE) != 0)
		take_captive(d, m->opts.captive);
	if ((m->opts.has & ND_HAS_RA_FLAGS) != 0) {
		d->has_flags = true;
		d->flags = m->opts.ra_flags;
	}
	arm(nd->ip6->env, d);
}

void dns_timer(struct nd *nd, struct nd_if *ni)
{
	expire(update(nd, ni->ifc, &ni->dns.servers));
	expire(update(nd, ni->ifc, &ni->dns.domains));
	expire(update(nd, ni->ifc, &ni->dns.pref64));
	arm(nd->ip6->env, &ni->dns);
}

void dns_forget(struct nd *nd, struct iface *ifc)
{
	struct nd_dns *d = &nd_if(ifc)->dns;
	struct update servers = update(nd, ifc, &d->servers);

	while (d->servers.n > 0)
		gone(&servers, &d->servers.item[d->servers.n - 1]);
	timer_cancel(&nd->ip6->env->timers, &d->timer);
	*d = (struct nd_dns){ .timer = d->timer };
}

/*
 * A router's side: what to advertise.
 */

int nd_adv_add_rdnss(struct nd_adv *adv, const struct ip6_addr *server, int64_t lifetime_s)
{
	struct nd_adv_rdnss *r = adv->rdnss;

	if (!ip6_is_unicast(server))
		return -EINVAL;
	while (r < adv->rdnss + adv->n_rdnss && r->lifetime_s != lifetime_s)
		r++;
	if (r == adv->rdnss + ND_RDNSS_MAX || r->n == ND_ADV_SERVERS_MAX)
		return -ENOSPC;
	if (r == adv->rdnss + adv->n_rdnss)
		*r = (struct nd_adv_rdnss){ .lifetime_s = lifetime_s };
	r->addr[r->n++] = *server;
	adv->n_rdnss = MAX(adv->n_rdnss, (unsigned)(r - adv->rdnss) + 1);
	return 0;
}

int nd_adv_add_dnssl(struct nd_adv *adv, const struct dname *domain, int64_t lifetime_s)
{
	struct nd_adv_dnssl *d = adv->dnssl;

	if (domain->octets < 2) /* the root would be padding */
		return -EINVAL;
	while (d < adv->dnssl + adv->n_dnssl && d->lifetime_s != lifetime_s)
		d++;
	if (d == adv->dnssl + ND_DNSSL_MAX)
		return -ENOSPC;
	if (d == adv->dnssl + adv->n_dnssl)
		*d = (struct nd_adv_dnssl){ .lifetime_s = lifetime_s };
	if (domain->octets > sizeof(d->names) - d->octets)
		return -ENOSPC;
	memcpy(&d->names[d->octets], domain->b, domain->octets);
	d->octets += domain->octets;
	adv->n_dnssl = MAX(adv->n_dnssl, (unsigned)(d - adv->dnssl) + 1);
	return 0;
}
