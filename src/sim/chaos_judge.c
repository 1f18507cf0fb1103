/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The verdict. Every host has its addresses and a default router at once. But the first packet to
 * somebody may have to find out that a first hop is dead,
 *	5 s	DELAY_FIRST_PROBE_TIME
 *	3 s	MAX_UNICAST_SOLICIT times RetransTimer
 *	60 s	MAX_RETRANS_TIMER of RFC 7048: a neighbour that came back with another link-layer
 *		address is asked for by multicast this seldom
 *	60 s	RFC 4191 section 3.5: a better router that was dead is asked for this seldom
 * so requests are sent for longer than that, and the last one of each pair must be answered.
 */
#include "sim/chaos_part.h"

#define CHECK_REQUESTS 12
#define CHECK_INTERVAL (8 * NS_PER_S)
#define CHECK_STAGGER  (20 * NS_PER_MS) /* so that slow wires carry them */
#define CHECK_TAIL     (3 * NS_PER_S)
#define CHECK_REST     (61 * NS_PER_S)

static void pair_result(void *ctx, const struct ping_result *r)
{
	struct chaos_pair *p = ctx;

	if (r->event != PING_EVENT_REPLY)
		return;
	if (p->replies++ == 0)
		p->first_seq = r->seq;
	p->last_seq = r->seq;
}

/* An address that nobody has: the routers say that there is no route. */
static struct ip6_addr far_addr(void)
{
	struct ip6_addr a = IP6_UNSPEC;
	int rc = ip6_parse("2001:db8:ff::1", &a);

	ASSERT(rc == 0);
	return a;
}

static void check_ping(struct chaos *c, unsigned from, const struct ip6_addr *to,
		       struct chaos_pair *pair)
{
	struct ping_conf pc = { .dst = *to,
				.count = CHECK_REQUESTS,
				.octets = chance(c, 20) ? 1400 : 56,
				.interval = CHECK_INTERVAL,
				.timeout = 2 * NS_PER_S,
				.hop_limit = -1,
				.fn = pair != NULL ? pair_result : NULL,
				.ctx = pair };

	if (ping_start(&c->host[from].wn->node->pings, &pc, NULL) < 0)
		chaos_fail(c, "h%u cannot ping", from);
	world_touch(c->host[from].wn);
	world_run(&c->w, c->w.now + CHECK_STAGGER);
}

static void check_pair(struct chaos *c, const struct chaos_pair *p, unsigned from, char kind,
		       unsigned to)
{
	if (p->replies == 0 || p->last_seq != CHECK_REQUESTS - 1)
		chaos_fail(c, "h%u (w%u) does not reach %c%u: %u replies, last %u", from,
			   c->host[from].wire, kind, to, p->replies, p->last_seq);
	else
		c->v->late_pairs += p->first_seq != 0;
}

/* To the routers of its wire: these addresses may have got other hardware (RFC 4861 7.3.3). */
static void check_ping_routers(struct chaos *c, unsigned from)
{
	const struct chaos_host *h = &c->host[from];

	for (unsigned n = 0; n < c->n_routers; n++) {
		struct ip6_addr to = chaos_router_addr(c, n, h->wire);

		if (c->router[n].wn != NULL && c->router[n].on[h->wire])
			check_ping(c, from, &to, &c->to_router[from][n]);
	}
}

static void check_pairs(struct chaos *c, unsigned from)
{
	const struct chaos_host *h = &c->host[from];

	for (unsigned k = 0; k < c->n_hosts; k++)
		if (k != from)
			check_pair(c, &c->pair[from][k], from, 'h', k);
	for (unsigned n = 0; n < c->n_routers; n++)
		if (c->router[n].wn != NULL && c->router[n].on[h->wire])
			check_pair(c, &c->to_router[from][n], from, 'r', n);
}

/* Requests from each host to each other, to its routers, and to somebody whom only a default route leads to. */
static void check_reach(struct chaos *c)
{
	struct ip6_addr far = far_addr();

	for (unsigned i = 0; i < c->n_hosts; i++) {
		check_ping(c, i, &far, NULL);
		check_ping_routers(c, i);
		for (unsigned k = 0; k < c->n_hosts; k++) {
			struct ip6_addr to = chaos_host_addr(c, &c->host[k]);

			if (i != k)
				check_ping(c, i, &to, &c->pair[i][k]);
		}
	}
	world_run(&c->w, c->w.now + CHECK_REQUESTS * CHECK_INTERVAL + CHECK_TAIL);
	for (unsigned i = 0; i < c->n_hosts; i++)
		check_pairs(c, i);
}

static void check_addr(struct chaos *c, const struct chaos_host *h, const struct ip6_addr *addr)
{
	const struct if_addr *a = if_addr_find(world_if(h->wn, h->ifindex), addr);
	char text[IP6_TEXT_MAX];

	if (a == NULL || a->state != ADDR_PREFERRED)
		chaos_fail(c, "%s on w%u: %s is %s", h->wn->node->name, h->wire,
			   ip6_text(addr, text),
			   a == NULL ? "not there" : addr_state_name((enum addr_state)a->state));
}

/* Is @r a router that lives on the wire of @h? */
static bool is_alive(const struct chaos *c, const struct chaos_host *h, const struct nd_router *r)
{
	for (unsigned n = 0; n < c->n_routers; n++) {
		struct mac mac = chaos_router_mac(&c->router[n], n, h->wire);
		struct ip6_addr ll = ip6_linklocal_of(ip6_iid_of_mac(&mac));

		if (c->router[n].wn != NULL && c->router[n].on[h->wire] && ip6_eq(&ll, &r->addr))
			return true;
	}
	return false;
}

/* The best preference among the default routers that live; INT8_MIN if none does. */
static int best_router(const struct chaos *c, const struct chaos_host *h)
{
	int best = INT8_MIN;

	LIST_FOR_EACH(it, &nd_if(world_if(h->wn, h->ifindex))->routers) {
		const struct nd_router *r = LIST_ENTRY(it, struct nd_router, on);

		if (is_alive(c, h, r))
			best = MAX(best, (int)r->pref);
	}
	return best;
}

/*
 * Does a host that sent to far_addr() use one of its best routers? RFC 4191 section 3.2; and when that
 * had died, section 3.5 lets the host find out within a minute that it is back. It is asked as its
 * packets ask, with their source: the first hop depends on it (RFC 8028 section 3.2).
 */
static void check_choice(struct chaos *c, const struct chaos_host *h)
{
	struct ip6_addr to = far_addr(), src, next_hop;
	struct ip6 *ip6 = &h->wn->node->ip6;
	struct iface *ifc;
	uint32_t mtu;

	if (ip6_source(ip6, &to, 0, &src) < 0 ||
	    ip6_first_hop(ip6, &to, &src, 0, &ifc, &next_hop, &mtu) < 0)
		chaos_fail(c, "%s on w%u: no way out", h->wn->node->name, h->wire);
	LIST_FOR_EACH(it, &nd_if(world_if(h->wn, h->ifindex))->routers) {
		const struct nd_router *r = LIST_ENTRY(it, struct nd_router, on);

		if (ip6_eq(&r->addr, &next_hop) &&
		    (!is_alive(c, h, r) || (int)r->pref < best_router(c, h)))
			chaos_fail(c, "%s on w%u: uses a router that is %s", h->wn->node->name,
				   h->wire, is_alive(c, h, r) ? "not the best" : "dead");
	}
}

static void check_hosts(struct chaos *c)
{
	for (unsigned i = 0; i < c->n_hosts; i++) {
		const struct chaos_host *h = &c->host[i];
		struct mac mac = world_if(h->wn, h->ifindex)->link.mac;
		struct ip6_addr ll = ip6_linklocal_of(ip6_iid_of_mac(&mac));
		struct ip6_addr global = chaos_host_addr(c, h);

		check_addr(c, h, &ll);
		check_addr(c, h, &global);
		if (best_router(c, h) == INT8_MIN)
			chaos_fail(c, "%s on w%u: no default router that lives", h->wn->node->name,
				   h->wire);
	}
}

/*
 * All is silent in the end but timers: nothing waits, nothing leaks. Of a packet whose other pieces
 * were refused on the way a fragment waits for a minute (RFC 8200 section 4.5).
 */
static void check_rest(struct chaos *c)
{
	world_run(&c->w, c->w.now + CHECK_REST);
	LIST_FOR_EACH(it, &c->w.nodes) {
		const struct world_node *wn = LIST_ENTRY(it, struct world_node, on);

		if (wn->node->ip6.neigh.n_waiting != 0)
			chaos_fail(c, "%s: packets still wait for a neighbour", wn->node->name);
		if (wn->node->ip6.frag.octets != 0)
			chaos_fail(c, "%s: fragments still wait", wn->node->name);
	}
}

void chaos_judge(struct chaos *c)
{
	check_hosts(c);
	check_reach(c);
	check_hosts(c);
	for (unsigned i = 0; i < c->n_hosts; i++)
		check_choice(c, &c->host[i]);
	check_rest(c);
}
