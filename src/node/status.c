/* SPDX-License-Identifier: BSD-3-Clause */
#include "node/status_part.h"

#include <inttypes.h>
#include <stdio.h>

static void member_bool(struct jsonw *j, const char *key, bool v)
{
	jsonw_key(j, key);
	jsonw_bool(j, v);
}

static void member_addr(struct jsonw *j, const char *key, const struct ip6_addr *a)
{
	jsonw_key(j, key);
	jsonw_addr(j, a);
}

static void member_left(struct jsonw *j, const char *key, time_ns until, time_ns now)
{
	jsonw_key(j, key);
	if (until == TIME_NEVER)
		jsonw_null(j);
	else
		jsonw_u64(j, until > now ? (until - now) / NS_PER_S : 0);
}

static const char *if_name(const struct node *n, uint32_t ifindex)
{
	const struct iface *ifc = ip6_if(&n->ip6, ifindex);

	return ifc != NULL ? ifc->name : "";
}

/* Groups that are not listened to from all sources. */
static void write_filters(const struct iface *ifc, struct jsonw *j)
{
	jsonw_key(j, "group_filters");
	jsonw_array(j);
	LIST_FOR_EACH(it, &ifc->groups) {
		const struct if_group *g = LIST_ENTRY(it, struct if_group, on);

		if (!g->include && g->n_sources == 0)
			continue;
		jsonw_object(j);
		member_addr(j, "group", &g->addr);
		member_text(j, "mode", g->include ? "include" : "exclude");
		jsonw_key(j, "sources");
		jsonw_array(j);
		for (unsigned i = 0; i < g->n_sources; i++)
			jsonw_addr(j, &g->source[i]);
		jsonw_array_end(j);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void write_addr(const struct node *n, const struct if_addr *a, struct jsonw *j)
{
	unsigned before = ip6_is_v4mapped(&a->addr) ? IP4_MAPPED_BITS : 0;

	jsonw_object(j);
	member_addr(j, "address", &a->addr);
	member_u64(j, "prefix_length", a->prefix_len - before);
	member_text(j, "state", addr_state_name(a->state));
	member_text(j, "origin", addr_origin_name(a->origin));
	member_text(j, "scope", scope_name(ip6_scope(&a->addr)));
	member_left(j, "preferred_s", a->preferred_until, n->env.now);
	member_left(j, "valid_s", a->valid_until, n->env.now);
	jsonw_object_end(j);
}

static void write_addrs(const struct node *n, const struct iface *ifc, struct jsonw *j)
{
	jsonw_key(j, "addresses");
	jsonw_array(j);
	LIST_FOR_EACH(it, &ifc->addrs)
		write_addr(n, LIST_ENTRY(it, struct if_addr, on), j);
	LIST_FOR_EACH(it, &ifc->addrs4)
		write_addr(n, LIST_ENTRY(it, struct if_addr, on), j);
	jsonw_array_end(j);
	jsonw_key(j, "groups");
	jsonw_array(j);
	LIST_FOR_EACH(it, &ifc->groups)
		jsonw_addr(j, &LIST_ENTRY(it, struct if_group, on)->addr);
	jsonw_array_end(j);
	write_filters(ifc, j);
}

static void write_servers(const struct node *n, const struct nd_dns *d, struct jsonw *j)
{
	jsonw_key(j, "dns_servers");
	jsonw_array(j);
	for (unsigned i = 0; i < d->servers.n; i++) {
		struct ip6_addr a = nd_said_addr(&d->servers.item[i]);

		jsonw_object(j);
		member_addr(j, "address", &a);
		member_left(j, "lifetime_s", d->servers.item[i].until, n->env.now);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void write_domains(const struct node *n, const struct nd_dns *d, struct jsonw *j)
{
	char text[DNAME_TEXT_MAX];

	jsonw_key(j, "dns_search");
	jsonw_array(j);
	for (unsigned i = 0; i < d->domains.n; i++) {
		struct dname name = nd_said_name(&d->domains.item[i]);

		jsonw_object(j);
		member_text(j, "domain", dname_text(&name, text));
		member_left(j, "lifetime_s", d->domains.item[i].until, n->env.now);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void write_pref64(const struct node *n, const struct nd_dns *d, struct jsonw *j)
{
	jsonw_key(j, "nat64_prefixes");
	jsonw_array(j);
	for (unsigned i = 0; i < d->pref64.n; i++) {
		struct ip6_addr a = nd_said_addr(&d->pref64.item[i]);

		jsonw_object(j);
		jsonw_key(j, "prefix");
		jsonw_prefix(j, &a, nd_said_len(&d->pref64.item[i]));
		member_left(j, "lifetime_s", d->pref64.item[i].until, n->env.now);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

/* What routers said beside how to reach them. */
static void write_said(const struct node *n, const struct iface *ifc, struct jsonw *j)
{
	const struct nd_dns *d = &nd_if(ifc)->dns;
	char flags[16];

	write_servers(n, d, j);
	write_domains(n, d, j);
	write_pref64(n, d, j);
	if (d->captive_octets > 0) {
		jsonw_key(j, "captive_portal");
		jsonw_octets_string(j, d->captive, d->captive_octets);
	}
	if (d->has_flags) {
		snprintf(flags, sizeof(flags), "%012" PRIx64, d->flags);
		member_text(j, "ra_flags", flags);
	}
}

/* RFC 6059: routers that would be known again. */
static void write_known(const struct node *n, const struct iface *ifc, struct jsonw *j)
{
	const struct dna *d = &nd_if(ifc)->dna;
	char text[MAC_TEXT_MAX];

	jsonw_key(j, "known_routers");
	jsonw_array(j);
	for (unsigned i = 0; i < d->n; i++) {
		const struct dna_router *r = &d->router[i];

		jsonw_object(j);
		member_addr(j, "address", &r->addr);
		member_text(j, "mac", mac_text(&r->mac, text));
		member_text(j, "state", dna_state_name(r->state));
		member_left(j, "heard_s_ago", n->env.now, r->heard);
		jsonw_key(j, "prefixes");
		jsonw_array(j);
		for (unsigned k = 0; k < r->n; k++)
			jsonw_prefix(j, &r->prefix[k].prefix, r->prefix[k].len);
		jsonw_array_end(j);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void write_counters(const struct iface *ifc, struct jsonw *j)
{
	jsonw_key(j, "counters");
	jsonw_object(j);
	member_u64(j, "rx_frames", ifc->link.count.rx_pkts);
	member_u64(j, "rx_octets", ifc->link.count.rx_octets);
	member_u64(j, "tx_frames", ifc->link.count.tx_pkts);
	member_u64(j, "tx_octets", ifc->link.count.tx_octets);
	member_u64(j, "in_packets", ifc->count.in_pkts);
	member_u64(j, "in_delivered", ifc->count.in_delivers);
	member_u64(j, "in_forwarded", ifc->count.in_forwarded);
	member_u64(j, "in_multicast", ifc->count.in_mcast);
	member_u64(j, "out_packets", ifc->count.out_pkts);
	member_u64(j, "out_multicast", ifc->count.out_mcast);
	member_u64(j, "fragments_created", ifc->count.frag_created);
	member_u64(j, "reassembled", ifc->count.reasm_ok);
	member_u64(j, "icmp_errors_sent", ifc->count.icmp_errors_sent);
	jsonw_object_end(j);
}

struct want_writer {
	const struct node *n;
	struct jsonw *j;
};

static void write_want(void *ctx, const struct mld_want *w)
{
	const struct want_writer *ww = ctx;

	jsonw_object(ww->j);
	member_addr(ww->j, "group", &w->group);
	member_text(ww->j, "mode", w->exclude ? "exclude" : "include");
	member_u64(ww->j, "sources_wanted", w->n_wanted);
	member_u64(ww->j, "sources_excluded", w->n_not);
	member_bool(ww->j, "mldv1", w->v1);
	if (w->exclude)
		member_left(ww->j, "filter_s", w->until, ww->n->env.now);
	jsonw_object_end(ww->j);
}

/* RFC 9096 section 3.5. */
static void write_withdrawn(const struct node *n, const struct nd_if *ni, struct jsonw *j)
{
	if (ni->n_stale == 0)
		return;
	jsonw_key(j, "withdrawn");
	jsonw_array(j);
	for (unsigned i = 0; i < ni->n_stale; i++) {
		jsonw_object(j);
		jsonw_key(j, "prefix");
		jsonw_prefix(j, &ni->stale[i].prefix, ni->stale[i].len);
		member_left(j, "told_s", ni->stale[i].until, n->env.now);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

/* Of a router: the listeners there, and other routers that contradict it. */
static void write_router(const struct node *n, const struct iface *ifc, struct jsonw *j)
{
	struct want_writer ww = { n, j };
	const struct nd_if *ni = nd_if(ifc);

	if (ni != NULL && ni->conflicts > 0) {
		member_u64(j, "ra_conflicts", ni->conflicts);
		member_addr(j, "ra_conflict_with", &ni->conflict_with);
	}
	if (ni != NULL)
		write_withdrawn(n, ni, j);
	if (n->mld.router[if_index(ifc)] == NULL)
		return;
	member_bool(j, "mld_querier", mld_is_querier(&n->mld, ifc));
	jsonw_key(j, "listened");
	jsonw_array(j);
	mld_walk(&n->mld, ifc, write_want, &ww);
	jsonw_array_end(j);
}

/* Addresses of others that it answers for (RFC 4861 section 7.2.8). */
static void write_proxied(const struct iface *ifc, struct jsonw *j)
{
	if (ifc->n_proxied == 0)
		return;
	jsonw_key(j, "proxied");
	jsonw_array(j);
	LIST_FOR_EACH(it, &ifc->proxied)
		jsonw_addr(j, &LIST_ENTRY(it, struct if_proxied, on)->addr);
	jsonw_array_end(j);
}

static void write_if(const struct node *n, const struct iface *ifc, struct jsonw *j)
{
	char mac[MAC_TEXT_MAX];

	jsonw_object(j);
	member_text(j, "name", ifc->name);
	member_u64(j, "ifindex", if_index(ifc));
	member_bool(j, "up", ifc->link.up);
	member_bool(j, "disabled", ifc->disabled);
	if (!ifc->loopback)
		member_text(j, "mac", mac_text(&ifc->link.mac, mac));
	member_u64(j, "mtu", ifc->link.mtu);
	member_u64(j, "ip6_mtu", ifc->conf.link_mtu);
	member_u64(j, "hop_limit", ifc->conf.cur_hop_limit);
	member_bool(j, "forwarding", ifc->conf.forwarding);
	if (ifc->neigh != NULL) {
		member_u64(j, "reachable_ms", ifc->neigh->nud.reachable / NS_PER_MS);
		member_u64(j, "retrans_ms", ifc->neigh->nud.retrans / NS_PER_MS);
	}
	write_router(n, ifc, j);
	write_addrs(n, ifc, j);
	write_proxied(ifc, j);
	if (ifc->nd != NULL) {
		write_said(n, ifc, j);
		write_known(n, ifc, j);
	}
	write_counters(ifc, j);
	jsonw_object_end(j);
}

static void write_neighbours(const struct node *n, struct jsonw *j)
{
	const struct neigh *e = NULL;
	unsigned left = STATUS_LIST_MAX;
	char text[MAC_TEXT_MAX];

	member_u64(j, "neighbour_count", n->ip6.neigh.n);
	jsonw_key(j, "neighbours");
	jsonw_array(j);
	while (left-- > 0 && (e = neigh_iter(&n->ip6.neigh, e)) != NULL) {
		jsonw_object(j);
		member_addr(j, "address", &e->addr);
		member_text(j, "interface", if_name(n, e->nif->lif->ifindex));
		member_text(j, "state", nud_state_name(e->nud.state));
		if (nud_has_lladdr(&e->nud)) {
			struct mac mac = neigh_mac(e);

			member_text(j, "mac", mac_text(&mac, text));
		}
		member_bool(j, "router", e->is_router);
		member_u64(j, "waiting", e->waiting.n);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static const char *pref_name(int pref)
{
	return pref > 0 ? "high" : pref < 0 ? "low" : "medium";
}

static void write_routers(const struct node *n, struct jsonw *j)
{
	jsonw_key(j, "default_routers");
	jsonw_array(j);
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = n->ip6.ifs[i];

		if (ifc == NULL || ifc->nd == NULL)
			continue;
		LIST_FOR_EACH(it, &nd_if(ifc)->routers) {
			const struct nd_router *r = LIST_ENTRY(it, struct nd_router, on);

			jsonw_object(j);
			member_addr(j, "address", &r->addr);
			member_text(j, "interface", ifc->name);
			member_text(j, "preference", pref_name(r->pref));
			member_left(j, "lifetime_s", r->until, n->env.now);
			jsonw_object_end(j);
		}
	}
	jsonw_array_end(j);
}

struct route_walk {
	const struct node *n;
	struct jsonw *j;
	unsigned left;
};

static const char *route_type_name(uint8_t type)
{
	static const char *const names[] = {
		[ROUTE_UNICAST] = "unicast",   [ROUTE_UNREACHABLE] = "unreachable",
		[ROUTE_PROHIBIT] = "prohibit", [ROUTE_BLACKHOLE] = "blackhole",
		[ROUTE_THROW] = "throw",
	};

	return names[type];
}

static const char *route_proto_name(uint8_t proto)
{
	switch (proto) {
	case ROUTE_PROTO_KERNEL:
		return "kernel";
	case ROUTE_PROTO_BOOT:
		return "boot";
	case ROUTE_PROTO_STATIC:
		return "static";
	case ROUTE_PROTO_RA:
		return "ra";
	default:
		return "other";
	}
}

static int write_route(void *ctx, const struct route *r)
{
	struct route_walk *w = ctx;
	struct jsonw *j = w->j;

	if (w->left-- == 0)
		return 1;
	jsonw_object(j);
	jsonw_key(j, "prefix");
	jsonw_prefix(j, &r->dst, r->dst_len);
	if (r->src_len != 0) {
		jsonw_key(j, "from");
		jsonw_prefix(j, &r->src, r->src_len);
	}
	member_u64(j, "table", r->table);
	member_text(j, "type", route_type_name(r->via.type));
	if (!ip6_is_unspec(&r->via.gateway))
		member_addr(j, "via", &r->via.gateway);
	if (r->via.ifindex != 0)
		member_text(j, "interface", if_name(w->n, r->via.ifindex));
	member_u64(j, "metric", r->via.metric);
	member_text(j, "protocol", route_proto_name(r->via.proto));
	member_text(j, "preference", pref_name(r->via.pref));
	member_left(j, "expires_s", r->expires, w->n->env.now);
	jsonw_object_end(j);
	return 0;
}

static void write_routes(const struct node *n, struct jsonw *j)
{
	struct route_walk w = { n, j, STATUS_LIST_MAX };

	member_u64(j, "route_count", fib_count(n->ip6.fib));
	jsonw_key(j, "routes");
	jsonw_array(j);
	(void)fib_walk(n->ip6.fib, 0, write_route, &w);
	jsonw_array_end(j);
}

static void write_oifs(const struct node *n, const struct mroute_route *r, struct jsonw *j)
{
	jsonw_key(j, "to");
	jsonw_array(j);
	for (unsigned i = 0; i < MROUTE_MIFS; i++)
		if ((r->oifs >> i & 1) != 0)
			jsonw_string(j, if_name(n, n->ip6.mroute->mif[i].ifindex));
	jsonw_array_end(j);
}

static void write_mroutes(const struct node *n, struct jsonw *j)
{
	const struct mfc *e = NULL;
	unsigned left = STATUS_LIST_MAX;

	jsonw_key(j, "multicast_routes");
	jsonw_array(j);
	while (left-- > 0 && (e = mroute_iter(&n->ip6, e)) != NULL) {
		jsonw_object(j);
		if (!ip6_is_unspec(&e->r.src))
			member_addr(j, "source", &e->r.src);
		member_addr(j, "group", &e->r.group);
		member_text(j, "from", if_name(n, n->ip6.mroute->mif[e->r.iif].ifindex));
		write_oifs(n, &e->r, j);
		member_bool(j, "static", e->r.is_static);
		member_u64(j, "packets", e->pkts);
		member_u64(j, "octets", e->octets);
		member_u64(j, "wrong_interface", e->wrong_if);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void write_paths(const struct node *n, struct jsonw *j)
{
	jsonw_key(j, "paths");
	jsonw_array(j);
	LIST_FOR_EACH(it, &n->ip6.path.lru) {
		const struct path *p = LIST_ENTRY(it, struct path, lru);

		jsonw_object(j);
		member_addr(j, "destination", &p->dst);
		if (p->mtu != 0) {
			member_u64(j, "mtu", p->mtu);
			member_left(j, "mtu_expires_s", p->mtu_expires, n->env.now);
		}
		if (!ip6_is_unspec(&p->gateway)) {
			member_addr(j, "redirected_to", &p->gateway);
			member_text(j, "interface", if_name(n, p->gateway_if));
		}
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void write_drops(const struct node *n, struct jsonw *j)
{
	jsonw_key(j, "drops");
	jsonw_array(j);
	for (enum drop d = DROP_NONE + 1; d < DROP_NUM; d++) {
		if (n->env.drops[d] == 0)
			continue;
		jsonw_object(j);
		member_text(j, "reason", drop_name(d));
		member_u64(j, "count", n->env.drops[d]);
		member_text(j, "text", drop_text(d));
		member_bool(j, "refusal", drop_is_refusal(d));
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

void status_write(struct node *n, struct jsonw *j)
{
	jsonw_object(j);
	member_text(j, "name", n->name);
	jsonw_key(j, "interfaces");
	jsonw_array(j);
	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (n->ip6.ifs[i] != NULL)
			write_if(n, n->ip6.ifs[i], j);
	jsonw_array_end(j);
	write_neighbours(n, j);
	write_routers(n, j);
	write_routes(n, j);
	write_mroutes(n, j);
	write_paths(n, j);
	status_sockets(n, j);
	write_drops(n, j);
	jsonw_key(j, "memory");
	jsonw_object(j);
	member_u64(j, "neighbour_octets", neigh_octets(&n->ip6.neigh));
	member_u64(j, "route_octets", fib_octets(n->ip6.fib));
	member_u64(j, "packets_in_use", n->env.pool->used);
	jsonw_object_end(j);
	jsonw_object_end(j);
}
