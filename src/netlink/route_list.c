/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * A list of routes goes from table to table, and through each in the order of Linux: what lies
 * within a prefix before the prefix, so that a default route is last. The tables are walked the
 * other way round (lpm_next()), so prefixes that have been passed wait on a stack. All of them are
 * prefixes of one address, and the stack is a list of lengths. The state is prefixes and not
 * pointers: the routes may change between two datagrams, and what is gone then is not listed.
 */
#include "netlink/route_route.h"

struct list_state {
	uint32_t only_table, only_oif; /* 0: any */
	uint8_t only_proto, only_type;
	bool nothing;	    /* cached routes: there are none */
	bool only_prefixes; /* RTM_F_PREFIX: that routers advertised as on the link */
	bool filtered;	    /* said of whatever a strict socket lists, as on Linux */
	uint32_t table;
	struct lpm_cursor c;	 /* the prefix passed last */
	struct ip6_addr deepest; /* of the stack, whose lengths are: */
	uint8_t len[IP6_ADDR_BITS + 1];
	unsigned depth;
	uint32_t done; /* routes of the prefix on top, or interfaces or addresses of a kind */
	bool link_local_done;
	struct ip6_addr addr; /* table local: the address listed last, */
	uint32_t addr_if;     /* and its interface */
	bool addrs_done;
};

/* What is shared by one call of list(). */
struct listing {
	struct nl *nl;
	struct list_state *at;
	struct nlmsghdr h;
	struct wr *w;
	uint32_t seen;	     /* routes of the prefix */
	struct route_show s; /* that is being gathered */
	bool gathering;
};

static bool leaves_by(const struct route_show *s, uint32_t ifindex)
{
	for (unsigned i = 0; s->n_hops > 1 && i < s->n_hops; i++)
		if (s->hop[i].ifindex == ifindex)
			return true;
	return s->r.via.ifindex == ifindex;
}

static bool takes(const struct list_state *at, const struct route_show *s)
{
	return (at->only_oif == 0 || leaves_by(s, at->only_oif)) &&
	       (!at->only_prefixes ||
		(s->r.via.proto == ROUTE_PROTO_RA && ip6_is_unspec(&s->r.via.gateway))) &&
	       (at->only_proto == 0 || at->only_proto == s->r.via.proto) &&
	       (at->only_type == 0 || at->only_type == s->type);
}

static bool put(struct listing *l, const struct route_show *s)
{
	return !takes(l->at, s) || route_fill(l->w, l->nl, &l->h, s);
}

/* RFC 4861's default routers are not one route; those that a user gave one metric are. */
bool route_shares(const struct route *a, const struct route *b)
{
	return a->src_len == b->src_len && ip6_eq(&a->src, &b->src) &&
	       a->via.metric == b->via.metric && a->via.type == ROUTE_UNICAST &&
	       b->via.type == ROUTE_UNICAST && a->via.proto != ROUTE_PROTO_RA &&
	       b->via.proto != ROUTE_PROTO_RA && a->via.nexthop == b->via.nexthop &&
	       (a->via.nexthop != 0 ||
		(!ip6_is_unspec(&a->via.gateway) && !ip6_is_unspec(&b->via.gateway)));
}

/* Write what was gathered. Return: 0, or 1 if it did not fit. */
static int flush(struct listing *l)
{
	if (!l->gathering)
		return 0;
	if (!put(l, &l->s))
		return 1;
	l->gathering = false;
	l->at->done += l->s.n_hops;
	return 0;
}

static int each(void *ctx, const struct route *r)
{
	struct listing *l = ctx;

	if (l->seen++ < l->at->done)
		return 0;
	if (l->gathering && l->s.n_hops < ROUTE_HOPS_MAX && route_shares(&l->s.r, r)) {
		l->s.hop[l->s.n_hops++] = r->via;
		return 0;
	}
	if (flush(l) != 0)
		return 1;
	l->s = route_show_of(l->nl, r);
	l->gathering = true;
	return 0;
}

/* fe80::/64 of each interface that has an address there. */
static bool put_link_local(struct listing *l)
{
	struct iface *ifc;

	while ((ifc = rtnl_if_next(l->nl, l->at->done)) != NULL) {
		struct route_show s = route_link_local(ifc);

		if (ifc->link.up && if_link_local(ifc) != NULL && !put(l, &s))
			return false;
		l->at->done = if_index(ifc);
	}
	l->at->done = 0;
	l->at->link_local_done = true;
	return true;
}

/* Does a prefix come behind fe80::/64 in the order of the list? */
static bool is_behind_link_local(const struct ip6_addr *addr, unsigned len)
{
	static const struct ip6_addr link_local = { { 0xfe, 0x80 } };

	if (len < 64 && ip6_in_prefix(&link_local, addr, len))
		return true;
	return ip6_cmp(addr, &link_local) > 0 && !ip6_in_prefix(addr, &link_local, 64);
}

/* The prefix on top of the stack. Return: whether all its routes did fit. */
static bool put_top(struct listing *l)
{
	struct list_state *at = l->at;
	unsigned len = at->len[at->depth - 1];
	struct ip6_addr dst = ip6_prefix(&at->deepest, len);

	if (at->table == FIB_TABLE_MAIN && !at->link_local_done &&
	    is_behind_link_local(&dst, len) && !put_link_local(l))
		return false;
	l->seen = 0;
	l->gathering = false;
	if (fib_walk_prefix(nl_ip6(l->nl)->fib, at->table, &dst, len, each, l) != 0 ||
	    flush(l) != 0)
		return false;
	at->done = 0;
	at->depth--;
	return true;
}

static void push(struct list_state *at)
{
	at->deepest = at->c.addr;
	at->len[at->depth++] = (uint8_t)at->c.len;
}

static bool list_table(struct listing *l)
{
	struct list_state *at = l->at;

	for (;;) {
		struct lpm_cursor next = at->c;
		bool more = fib_next_prefix(nl_ip6(l->nl)->fib, at->table, &next);

		if (more && (at->depth == 0 ||
			     (next.len > at->len[at->depth - 1] &&
			      ip6_in_prefix(&next.addr, &at->deepest, at->len[at->depth - 1])))) {
			at->c = next;
			push(at);
		} else if (at->depth > 0) {
			if (!put_top(l))
				return false;
		} else {
			break;
		}
	}
	return at->table != FIB_TABLE_MAIN || at->link_local_done || put_link_local(l);
}

/*
 * The table local.
 */
static bool addr_before(const struct ip6_addr *a, uint32_t a_if, const struct ip6_addr *b,
			uint32_t b_if)
{
	int c = ip6_cmp(a, b);

	return c < 0 || (c == 0 && a_if < b_if);
}

/* The assigned address behind @at's, or NULL. */
static const struct if_addr *addr_behind(const struct nl *nl, const struct list_state *at)
{
	const struct if_addr *best = NULL;
	struct iface *ifc = NULL;
	uint32_t i = 0;

	while ((ifc = rtnl_if_next(nl, i)) != NULL) {
		i = if_index(ifc);
		LIST_FOR_EACH(it, &ifc->addrs) {
			const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

			if (if_addr_is_assigned(a) &&
			    addr_before(&at->addr, at->addr_if, &a->addr, i) &&
			    (best == NULL ||
			     addr_before(&a->addr, i, &best->addr, if_index(best->ifc))))
				best = a;
		}
	}
	return best;
}

static bool list_local(struct listing *l)
{
	struct list_state *at = l->at;
	const struct if_addr *a;
	struct route_show s;
	struct iface *ifc;

	while (!at->addrs_done) {
		a = addr_behind(l->nl, at);
		if (a == NULL) {
			at->addrs_done = true;
			break;
		}
		s = route_local(a);
		if (!put(l, &s))
			return false;
		at->addr = a->addr;
		at->addr_if = if_index(a->ifc);
	}
	while ((ifc = rtnl_if_next(l->nl, at->done)) != NULL) {
		s = route_groups(ifc);
		if (ifc->link.up && !ifc->loopback && !put(l, &s))
			return false;
		at->done = if_index(ifc);
	}
	at->done = 0;
	return true;
}

/* Tables main and local are always there, in the order of the numbers. */
static uint32_t next_table(const struct nl *nl, uint32_t table)
{
	uint32_t next = fib_next_table(nl_ip6(nl)->fib, table);

	if (table < FIB_TABLE_MAIN && (next == 0 || next > FIB_TABLE_MAIN))
		return FIB_TABLE_MAIN;
	if (table < FIB_TABLE_LOCAL && (next == 0 || next > FIB_TABLE_LOCAL))
		return FIB_TABLE_LOCAL;
	return next;
}

static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	struct list_state *at = d->state;
	struct listing l = { .nl = nl, .at = at, .h = d->h, .w = w };

	l.h.nlmsg_type = RTM_NEWROUTE;
	if (at->filtered)
		l.h.nlmsg_flags |= NLM_F_DUMP_FILTERED;
	if (at->table == 0 && !at->nothing)
		at->table = at->only_table != 0 ? at->only_table : next_table(nl, 0);
	while (at->table != 0) {
		if (!(at->table == FIB_TABLE_LOCAL ? list_local(&l) : list_table(&l)))
			return 1;
		at->c = (struct lpm_cursor){ 0 };
		at->table = at->only_table != 0 ? 0 : next_table(nl, at->table);
		at->nothing = at->table == 0;
	}
	return 0;
}

static int check_filter(struct nl_req *req, const struct rtmsg *head, const struct rd *attr,
			struct list_state *at)
{
	struct iface *ifc;

	for (unsigned i = 0; i <= RTA_MAX; i++)
		if (attr[i].p != NULL && i != RTA_TABLE && i != RTA_OIF)
			return nl_refuse(req, -EINVAL, &attr[i], "no filter of a list");
	at->filtered = true;
	at->only_proto = head->rtm_protocol;
	at->only_type = head->rtm_type;
	at->only_table = attr[RTA_TABLE].p != NULL ? nla_get_u32(attr[RTA_TABLE]) : head->rtm_table;
	if (attr[RTA_OIF].p != NULL)
		at->only_oif = nla_get_u32(attr[RTA_OIF]);
	if ((head->rtm_flags & ~(unsigned)(RTM_F_CLONED | RTM_F_PREFIX)) != 0)
		return nl_refuse(req, -EINVAL, NULL, "flags that are no filter of a list");
	at->nothing = (head->rtm_flags & RTM_F_CLONED) != 0;
	at->only_prefixes = (head->rtm_flags & RTM_F_PREFIX) != 0;
	if (at->only_oif != 0 && rtnl_if(req, at->only_oif, &ifc) < 0)
		return -ENODEV;
	if (at->only_table != 0 && at->only_table != FIB_TABLE_MAIN &&
	    at->only_table != FIB_TABLE_LOCAL &&
	    fib_table_find(&nl_ip6(req->nl)->fib->tables, at->only_table) == NULL)
		return nl_refuse(req, -ENOENT, NULL, "there is no such table");
	return 0;
}

int route_dump(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(struct list_state), list };
	struct list_state at = { .table = 0 };
	struct rd attr[RTA_MAX + 1];
	struct rtmsg head;
	int err;

	if (!req->sock->strict) {
		/* of old, iproute2 asked so for what it calls cached routes, and checked the rest */
		at.nothing = rd_copy(&req->body, &head, sizeof(head)) &&
			     (head.rtm_flags & RTM_F_CLONED) != 0;
		return nl_dump_start(req, &lister, &at);
	}
	err = nl_head(req, &head, sizeof(head));
	if (err == 0)
		err = nl_attrs(req, ROUTE_POLICY, ARRAY_LEN(attr), attr);
	if (err == 0)
		err = RTNL_STRICT(req, head.rtm_dst_len == 0 && head.rtm_src_len == 0 &&
					       head.rtm_tos == 0 && head.rtm_scope == 0);
	if (err == 0)
		err = check_filter(req, &head, attr, &at);
	return err != 0 ? err : nl_dump_start(req, &lister, &at);
}
