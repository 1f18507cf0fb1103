/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. A packet to a group passes mroute_judge() once: it finds the route, of its
 * source and group or else of its group, and holds it to the rules. From there the packet leaves
 * by mroute_forward(), a copy for each link, or waits in mroute_ask() for somebody to say where.
 * Waiting packets are judged anew once the route is there.
 *
 * All memory of that way is made beforehand, by mroute_open(); routes come and go from above.
 *
 * A packet is discarded, with a reason, if no copy of it leaves. That a threshold or a zone's
 * boundary keeps one of several copies back is what they are for, and counted nowhere. A link that
 * a packet is too large for is told of in any case: RFC 4443 section 2.4 (e.3) has Packet Too Big
 * sent for multicast, too, so that path MTU discovery works; once a packet, with the smallest MTU.
 * Exhausted hop limits are told to nobody.
 *
 * Read first: RFC 4291 section 2.7, RFC 4007 sections 5 and 9, RFC 4443 sections 2.4 and 3.2.
 */
#include "ip6/mroute.h"

#include <stdlib.h>

#include "ip6/input.h"

#define TELL_EVERY (3 * NS_PER_S) /* of a route's wrong interface, as Linux does */

const struct mroute_conf MROUTE_CONF_DEFAULT = {
	.max = 4096,
	.unresolved_max = 32,
	.queue_pkts = 4,
	.timeout = 10 * NS_PER_S,
};

static unsigned first_of(uint64_t mifs)
{
	return (unsigned)__builtin_ctzll(mifs);
}

static uint64_t bit_of(unsigned mif)
{
	return UINT64_C(1) << mif;
}

/* All of it, when it is first needed. */
static int begin(struct ip6 *ip6)
{
	struct mroute *m;

	if (ip6->mroute != NULL)
		return 0;
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return -ENOMEM;
	timer_init(&m->timer, TIMER_MROUTE);
	list_init(&m->waiting);
	list_init(&m->spare);
	ip6->mroute = m;
	return 0;
}

/*
 * Routes.
 */

static uint32_t hash_of(const struct ip6 *ip6, const struct ip6_addr *src,
			const struct ip6_addr *group)
{
	const struct hash_key *key = &ip6->env->key;

	return hash_addr(key, group, hash_addr(key, src, 0));
}

static struct mfc *find(const struct ip6 *ip6, const struct ip6_addr *src,
			const struct ip6_addr *group)
{
	uint32_t hash = hash_of(ip6, src, group);

	for (struct hnode *n = htab_first(&ip6->mroute->tab, hash); n != NULL; n = htab_next(n)) {
		struct mfc *e = CONTAINER_OF(n, struct mfc, node);

		if (ip6_eq(&e->r.group, group) && ip6_eq(&e->r.src, src))
			return e;
	}
	return NULL;
}

const struct mfc *mroute_get(const struct ip6 *ip6, const struct ip6_addr *src,
			     const struct ip6_addr *group)
{
	return ip6->mroute != NULL ? find(ip6, src, group) : NULL;
}

static struct mfc *next_route(const struct mroute *m, const struct mfc *last)
{
	struct hnode *n = htab_iter(&m->tab, last != NULL ? &last->node : NULL);

	return n != NULL ? CONTAINER_OF(n, struct mfc, node) : NULL;
}

const struct mfc *mroute_iter(const struct ip6 *ip6, const struct mfc *last)
{
	return ip6->mroute != NULL ? next_route(ip6->mroute, last) : NULL;
}

static void route_free(struct mroute *m, struct mfc *e)
{
	htab_del(&m->tab, &e->node);
	free(e);
}

/*
 * Packets that wait.
 */

static void arm(struct ip6 *ip6)
{
	struct mroute *m = ip6->mroute;
	const struct list *oldest = m->waiting.next;

	timer_set(&ip6->env->timers, &m->timer,
		  oldest != &m->waiting ? LIST_ENTRY(oldest, struct mroute_wait, on)->until
					: TIME_NEVER);
}

/* @w waits no more: its packets are dropped for @why, or the caller's by now. */
static void wait_end(struct ip6 *ip6, struct mroute_wait *w, enum drop why)
{
	struct mroute *m = ip6->mroute;

	env_drop_queue(ip6->env, &w->q, why);
	list_del(&w->on);
	list_add_tail(&m->spare, &w->on);
	m->n_waiting--;
	arm(ip6);
}

void mroute_timer(struct ip6 *ip6)
{
	LIST_FOR_EACH(it, &ip6->mroute->waiting) {
		struct mroute_wait *w = LIST_ENTRY(it, struct mroute_wait, on);

		if (w->until > ip6->env->now)
			break;
		wait_end(ip6, w, DROP_MROUTE_UNRESOLVED);
	}
	arm(ip6);
}

static struct mroute_wait *wait_find(struct mroute *m, const struct ip6_addr *src,
				     const struct ip6_addr *group, uint8_t mif)
{
	LIST_FOR_EACH(it, &m->waiting) {
		struct mroute_wait *w = LIST_ENTRY(it, struct mroute_wait, on);

		if (w->mif == mif && ip6_eq(&w->src, src) && ip6_eq(&w->group, group))
			return w;
	}
	return NULL;
}

static bool tell(struct mroute *m, enum mroute_upcall_type type, uint8_t mif,
		 const struct ip6_addr *src, const struct ip6_addr *group)
{
	uint32_t at = (m->upcall_at + m->n_upcalls) % MROUTE_UPCALLS_MAX;

	if (m->wait == NULL || m->n_upcalls >= MROUTE_UPCALLS_MAX)
		return false;
	m->upcall[at] = (struct mroute_upcall){ *src, *group, (uint8_t)type, mif };
	m->n_upcalls++;
	return true;
}

bool mroute_upcall(struct ip6 *ip6, struct mroute_upcall *ret)
{
	struct mroute *m = ip6->mroute;

	if (m == NULL || m->n_upcalls == 0)
		return false;
	*ret = m->upcall[m->upcall_at];
	m->upcall_at = (m->upcall_at + 1) % MROUTE_UPCALLS_MAX;
	m->n_upcalls--;
	return true;
}

static struct mroute_wait *wait_new(struct ip6 *ip6, const struct ip6_addr *src,
				    const struct ip6_addr *group, uint8_t mif)
{
	struct mroute *m = ip6->mroute;
	struct mroute_wait *w;

	if (!tell(m, MROUTE_NOCACHE, mif, src, group))
		return NULL;
	if (list_is_empty(&m->spare))
		wait_end(ip6, LIST_ENTRY(m->waiting.next, struct mroute_wait, on),
			 DROP_MROUTE_UNRESOLVED_FULL);
	w = LIST_ENTRY(m->spare.next, struct mroute_wait, on);
	list_del(&w->on);
	w->src = *src;
	w->group = *group;
	w->mif = mif;
	w->until = time_after(ip6->env->now, ip6->mroute_conf.timeout);
	list_add_tail(&m->waiting, &w->on);
	m->n_waiting++;
	arm(ip6);
	return w;
}

void mroute_ask(struct ip6 *ip6, struct pkt *pkt)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p), group = ip6_hdr_dst(pkt->p);
	struct mroute *m = ip6->mroute;
	uint8_t mif = (uint8_t)(m->mif_of[pkt->ifindex] - 1);
	struct mroute_wait *w = wait_find(m, &src, &group, mif);

	if (w == NULL)
		w = wait_new(ip6, &src, &group, mif);
	if (w == NULL) {
		env_drop(ip6->env, pkt, DROP_MROUTE_UPCALLS_FULL);
		return;
	}
	if (w->q.n >= ip6->mroute_conf.queue_pkts)
		env_drop(ip6->env, pktq_get(&w->q), DROP_MROUTE_QUEUE_FULL);
	pktq_put(&w->q, pkt);
}

/* There is a route now: @w's packets are judged by it. */
static void wait_over(struct ip6 *ip6, struct mroute_wait *w)
{
	struct pktq q = w->q;
	struct pkt *pkt;

	w->q = (struct pktq){ 0 };
	wait_end(ip6, w, DROP_NONE);
	while ((pkt = pktq_get(&q)) != NULL) {
		struct ip6_addr src = ip6_hdr_src(pkt->p), group = ip6_hdr_dst(pkt->p);
		const struct iface *in = ip6_if(ip6, pkt->ifindex);
		const struct if_group *g = if_group_find(in, &group);
		struct mfc *route = NULL;
		enum drop why = mroute_judge(ip6, in, pkt, &route);

		if (why != DROP_NONE)
			env_drop(ip6->env, pkt, why);
		else
			mroute_forward(ip6, route, pkt, g != NULL && if_group_wants(g, &src));
	}
}

/*
 * What users and routing protocols do.
 */

int mroute_mif(const struct ip6 *ip6, uint32_t ifindex)
{
	if (ip6->mroute == NULL || ifindex > IF_MAX || ip6->mroute->mif_of[ifindex] == 0)
		return -ENODEV;
	return ip6->mroute->mif_of[ifindex] - 1;
}

int mroute_mif_add(struct ip6 *ip6, unsigned mif, uint32_t ifindex, uint8_t threshold)
{
	const struct iface *ifc = ip6_if(ip6, ifindex);

	if (ifc == NULL)
		return -ENODEV;
	if (mif >= MROUTE_MIFS || ifc->loopback)
		return -EINVAL;
	if (begin(ip6) < 0)
		return -ENOMEM;
	if (ip6->mroute->mif[mif].ifindex != 0 || ip6->mroute->mif_of[ifindex] != 0)
		return -EADDRINUSE;
	ip6->mroute->mif[mif] = (struct mroute_mif){ .ifindex = ifindex,
						     .threshold = MAX(threshold, (uint8_t)1),
						     .boundary = SCOPE_LINK };
	ip6->mroute->mif_of[ifindex] = (uint8_t)(mif + 1);
	env_event(ip6->env, EVENT_MROUTE_IF, ifindex, NULL, 1);
	return 0;
}

static bool has_mif(const struct ip6 *ip6, unsigned mif)
{
	return ip6->mroute != NULL && mif < MROUTE_MIFS && ip6->mroute->mif[mif].ifindex != 0;
}

int mroute_mif_del(struct ip6 *ip6, unsigned mif)
{
	struct mroute *m = ip6->mroute;
	uint32_t ifindex;

	if (!has_mif(ip6, mif))
		return -EADDRNOTAVAIL;
	for (struct mfc *e = next_route(m, NULL), *next; e != NULL; e = next) {
		next = next_route(m, e);
		e->r.oifs &= ~bit_of(mif);
		if (e->r.iif == mif)
			route_free(m, e);
	}
	LIST_FOR_EACH(it, &m->waiting) {
		struct mroute_wait *w = LIST_ENTRY(it, struct mroute_wait, on);

		if (w->mif == mif)
			wait_end(ip6, w, DROP_MROUTE_NO_ROUTE);
	}
	ifindex = m->mif[mif].ifindex;
	m->mif_of[ifindex] = 0;
	m->mif[mif] = (struct mroute_mif){ 0 };
	env_event(ip6->env, EVENT_MROUTE_IF, ifindex, NULL, 0);
	return 0;
}

int mroute_mif_boundary(struct ip6 *ip6, unsigned mif, enum scope scope)
{
	if (!has_mif(ip6, mif))
		return -EADDRNOTAVAIL;
	ip6->mroute->mif[mif].boundary = (uint8_t)MAX(scope, SCOPE_LINK);
	return 0;
}

void mroute_if_gone(struct ip6 *ip6, uint32_t ifindex)
{
	int mif = mroute_mif(ip6, ifindex);

	if (mif >= 0)
		(void)mroute_mif_del(ip6, (unsigned)mif);
}

static int check_route(const struct ip6 *ip6, const struct mroute_route *r)
{
	if (!ip6_is_mcast(&r->group) || ip6_is_mcast(&r->src))
		return -EINVAL;
	if (!has_mif(ip6, r->iif))
		return -EADDRNOTAVAIL;
	for (uint64_t left = r->oifs; left != 0; left &= left - 1)
		if (!has_mif(ip6, first_of(left)))
			return -EADDRNOTAVAIL;
	return 0;
}

static int route_new(struct ip6 *ip6, const struct mroute_route *r, struct mfc **ret)
{
	struct mroute *m = ip6->mroute;
	struct mfc *e;

	if (m->tab.n >= ip6->mroute_conf.max)
		return -ENOSPC;
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return -ENOMEM;
	if (htab_add(&m->tab, &e->node, hash_of(ip6, &r->src, &r->group)) < 0) {
		free(e);
		return -ENOMEM;
	}
	*ret = e;
	return 0;
}

int mroute_add(struct ip6 *ip6, const struct mroute_route *r)
{
	int rc = check_route(ip6, r);
	struct mfc *e;

	if (rc < 0)
		return rc;
	e = find(ip6, &r->src, &r->group);
	if (e == NULL)
		rc = route_new(ip6, r, &e);
	if (rc < 0)
		return rc;
	e->r = *r;
	e->r.oifs &= ~bit_of(r->iif);
	LIST_FOR_EACH(it, &ip6->mroute->waiting) {
		struct mroute_wait *w = LIST_ENTRY(it, struct mroute_wait, on);

		if (ip6_eq(&w->group, &r->group) &&
		    (ip6_is_unspec(&r->src) || ip6_eq(&w->src, &r->src)))
			wait_over(ip6, w);
	}
	return 0;
}

int mroute_del(struct ip6 *ip6, const struct ip6_addr *src, const struct ip6_addr *group)
{
	struct mfc *e = ip6->mroute != NULL ? find(ip6, src, group) : NULL;

	if (e == NULL)
		return -ENOENT;
	route_free(ip6->mroute, e);
	return 0;
}

/* The mif that an interface is, made if need be: from above, so that MRT6_* find theirs free. */
static int static_mif(struct ip6 *ip6, uint32_t ifindex)
{
	unsigned mif = MROUTE_MIFS - 1;
	int rc = mroute_mif(ip6, ifindex);

	if (rc < 0) {
		while (has_mif(ip6, mif))
			mif--; /* there are as many as interfaces */
		rc = mroute_mif_add(ip6, mif, ifindex, 1);
		if (rc < 0)
			return rc;
		rc = (int)mif;
	}
	ip6->mroute->mif[rc].is_static = true;
	return rc;
}

int mroute_add_static(struct ip6 *ip6, const struct ip6_addr *group, uint32_t iif,
		      const uint32_t *oif, unsigned n)
{
	struct mroute_route r = { .group = *group, .is_static = true };
	int mif = static_mif(ip6, iif);

	if (mif < 0)
		return mif;
	r.iif = (uint8_t)mif;
	for (unsigned i = 0; i < n; i++) {
		mif = static_mif(ip6, oif[i]);
		if (mif < 0)
			return mif;
		r.oifs |= bit_of((unsigned)mif);
	}
	return mroute_add(ip6, &r);
}

int mroute_open(struct ip6 *ip6)
{
	const struct mroute_conf *conf = &ip6->mroute_conf;
	struct mroute *m;

	if (conf->unresolved_max == 0 || conf->queue_pkts == 0)
		return -EINVAL;
	if (begin(ip6) < 0)
		return -ENOMEM;
	m = ip6->mroute;
	if (m->wait != NULL)
		return -EADDRINUSE;
	m->wait = calloc(conf->unresolved_max, sizeof(*m->wait));
	if (m->wait == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < conf->unresolved_max; i++)
		list_add_tail(&m->spare, &m->wait[i].on);
	return 0;
}

static void forget_waiting(struct ip6 *ip6)
{
	struct mroute *m = ip6->mroute;

	LIST_FOR_EACH(it, &m->waiting)
		wait_end(ip6, LIST_ENTRY(it, struct mroute_wait, on), DROP_MROUTE_NO_ROUTE);
	list_init(&m->spare);
	free(m->wait);
	m->wait = NULL;
	m->n_upcalls = 0;
}

void mroute_close(struct ip6 *ip6)
{
	struct mroute *m = ip6->mroute;

	if (m == NULL || m->wait == NULL)
		return;
	forget_waiting(ip6);
	for (struct mfc *e = next_route(m, NULL), *next; e != NULL; e = next) {
		next = next_route(m, e);
		if (!e->r.is_static)
			route_free(m, e);
	}
	for (unsigned i = 0; i < MROUTE_MIFS; i++)
		if (!m->mif[i].is_static)
			(void)mroute_mif_del(ip6, i);
}

void mroute_done(struct ip6 *ip6)
{
	struct mroute *m = ip6->mroute;
	struct mfc *e;

	if (m == NULL)
		return;
	forget_waiting(ip6);
	while ((e = next_route(m, NULL)) != NULL)
		route_free(m, e);
	htab_done(&m->tab);
	free(m);
	ip6->mroute = NULL;
}

/*
 * The way of a packet.
 */

static void wrong_if(struct ip6 *ip6, struct mfc *e, uint8_t mif_1, const struct pkt *pkt)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p);

	e->wrong_if++;
	e->pkts++;
	e->octets += pkt->len;
	if (mif_1 == 0 || e->may_tell > ip6->env->now)
		return;
	if (tell(ip6->mroute, MROUTE_WRONGMIF, (uint8_t)(mif_1 - 1), &src, &e->r.group))
		e->may_tell = time_after(ip6->env->now, TELL_EVERY);
}

/* RFC 4291 section 2.5.2, RFC 4007 section 9, RFC 8200 section 3: may it leave its link? */
static enum drop may_leave(const struct ip6_addr *src, uint8_t hop_limit)
{
	if (ip6_is_linklocal(src))
		return DROP_IP6_SCOPE;
	if (ip6_is_unspec(src))
		return DROP_IP6_SRC_UNSPEC;
	return hop_limit <= 1 ? DROP_IP6_HOP_LIMIT : DROP_NONE;
}

enum drop mroute_judge(struct ip6 *ip6, const struct iface *in, const struct pkt *pkt,
		       struct mfc **route)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p), group = ip6_hdr_dst(pkt->p);
	struct mroute *m = ip6->mroute;
	uint8_t mif_1 = m->mif_of[if_index(in)];
	enum scope scope = ip6_scope(&group);
	enum drop why;
	struct mfc *e;

	if (!in->conf.forwarding || (pkt->flags & PKT_LOCAL_IN) != 0)
		return DROP_IP6_MCAST_NOT_JOINED;
	e = find(ip6, &src, &group);
	if (e == NULL)
		e = find(ip6, &IP6_UNSPEC, &group);
	if (e == NULL && (mif_1 == 0 || scope <= SCOPE_LINK))
		return DROP_IP6_MCAST_NOT_JOINED;
	why = may_leave(&src, pkt->p[IP6_HLIM_OFF]);
	if (why != DROP_NONE)
		return why;
	if (e != NULL && e->r.iif + 1 != mif_1) {
		wrong_if(ip6, e, mif_1, pkt);
		return DROP_MROUTE_WRONG_IF;
	}
	if (scope <= (enum scope)m->mif[mif_1 - 1].boundary) /* RFC 4291 section 2.7 */
		return DROP_IP6_SCOPE;
	if (e == NULL && m->wait == NULL)
		return DROP_MROUTE_NO_ROUTE;
	*route = e;
	return DROP_NONE;
}

/* Where a packet goes, and what keeps it from going elsewhere. */
struct fate {
	uint64_t go;   /* by these mifs */
	uint32_t mtu;  /* smallest of the links it is too large for; 0: of none */
	enum drop why; /* of the others, the last one's reason */
};

static struct fate fate_of(struct ip6 *ip6, const struct mfc *e, const struct pkt *pkt)
{
	struct fate f = { .why = DROP_MROUTE_NO_OIF };
	enum scope scope = ip6_scope(&e->r.group);

	for (uint64_t left = e->r.oifs; left != 0; left &= left - 1) {
		unsigned i = first_of(left);
		const struct mroute_mif *mif = &ip6->mroute->mif[i];
		const struct iface *out = ip6_if(ip6, mif->ifindex);
		uint32_t mtu = if_mtu(ip6, out);

		if (pkt->p[IP6_HLIM_OFF] <=
		    (e->r.threshold[i] != 0 ? e->r.threshold[i] : mif->threshold))
			f.why = DROP_MROUTE_THRESHOLD;
		else if (scope <= (enum scope)mif->boundary)
			f.why = DROP_IP6_SCOPE;
		else if (!if_is_usable(out))
			f.why = DROP_IF_DOWN;
		else if (pkt->len > mtu)
			f.mtu = f.mtu != 0 ? MIN(f.mtu, mtu) : mtu;
		else
			f.go |= bit_of(i);
	}
	return f;
}

static struct pkt *copy_of(struct ip6 *ip6, const struct pkt *pkt, uint32_t ifindex)
{
	struct pkt *copy = pkt_copy(ip6->env->pool, pkt);

	if (copy == NULL)
		env_count_drop(ip6->env, ifindex, DROP_NO_BUFFER);
	return copy;
}

/* RFC 4443 section 3.2. @pkt is still as it was received. */
static void too_big(struct ip6 *ip6, struct pkt *pkt, uint32_t mtu)
{
	icmp6_error(ip6, pkt, ICMP6_TOO_BIG, 0, MAX(mtu, (uint32_t)IP6_MTU_MIN), DROP_IP6_TOO_BIG);
}

/* This node listens on a link that the packet goes to, where nobody gives it its own frames. */
static void listen_there(struct ip6 *ip6, const struct pkt *pkt, uint64_t go)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p), group = ip6_hdr_dst(pkt->p);

	for (uint64_t left = go; left != 0; left &= left - 1) {
		struct iface *out = ip6_if(ip6, ip6->mroute->mif[first_of(left)].ifindex);
		const struct if_group *g = if_group_find(out, &group);
		struct pkt *copy;

		if (g == NULL || !if_group_wants(g, &src))
			continue;
		copy = copy_of(ip6, pkt, if_index(out));
		if (copy != NULL) {
			copy->ifindex = if_index(out);
			ip6_local_in(ip6, out, copy);
		}
		return;
	}
}

/* A copy for each mif but the last, which gets @pkt itself. */
static void send_copies(struct ip6 *ip6, struct pkt *pkt, uint64_t go)
{
	struct ip6_addr group = ip6_hdr_dst(pkt->p);

	for (uint64_t left = go; left != 0; left &= left - 1) {
		struct mroute_mif *mif = &ip6->mroute->mif[first_of(left)];
		struct pkt *copy = (left & (left - 1)) != 0 ? copy_of(ip6, pkt, mif->ifindex) : pkt;

		if (copy == NULL)
			continue;
		mif->out_pkts++;
		mif->out_octets += copy->len;
		ip6_xmit(ip6, ip6_if(ip6, mif->ifindex), &group, copy);
	}
}

void mroute_forward(struct ip6 *ip6, struct mfc *route, struct pkt *pkt, bool delivered)
{
	struct fate f = fate_of(ip6, route, pkt);
	struct mroute_mif *in = &ip6->mroute->mif[route->r.iif];
	struct pkt *told;

	route->pkts++;
	route->octets += pkt->len;
	route->used = ip6->env->now;
	in->in_pkts++;
	in->in_octets += pkt->len;
	if (UNLIKELY(f.go == 0)) {
		if (f.mtu != 0)
			too_big(ip6, pkt, f.mtu);
		else
			env_drop(ip6->env, pkt, f.why);
		return;
	}
	told = f.mtu != 0 ? copy_of(ip6, pkt, pkt->ifindex) : NULL;
	if (told != NULL)
		too_big(ip6, told, f.mtu);
	pkt->p[IP6_HLIM_OFF]--;
	ip6_if(ip6, in->ifindex)->count.in_forwarded++;
	if (!delivered)
		listen_there(ip6, pkt, f.go);
	send_copies(ip6, pkt, f.go);
}
