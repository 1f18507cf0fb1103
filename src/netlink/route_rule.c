/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Policy rules: RTM_*RULE. The node's rules mean interfaces by index, so a rule can name only an
 * interface that is there; else they are what ip-rule(8) describes, without goto, ports and uids.
 */
#include "netlink/rtnl.h"

#include <linux/fib_rules.h>

static const struct nla_policy policy[FRA_MAX + 1] = {
	[FRA_DST] = { NLP_ADDR, 0 },	    [FRA_SRC] = { NLP_ADDR, 0 },
	[FRA_IIFNAME] = { NLP_NAME, 0 },    [FRA_OIFNAME] = { NLP_NAME, 0 },
	[FRA_PRIORITY] = { NLP_U32, 0 },    [FRA_FWMARK] = { NLP_U32, 0 },
	[FRA_FWMASK] = { NLP_U32, 0 },	    [FRA_TABLE] = { NLP_U32, 0 },
	[FRA_PROTOCOL] = { NLP_U8, 0 },	    [FRA_SUPPRESS_PREFIXLEN] = { NLP_U32, 0 },
	[FRA_GOTO] = { NLP_U32, 0 },	    [FRA_L3MDEV] = { NLP_U8, 0 },
	[FRA_UID_RANGE] = { NLP_ANY, 8 },   [FRA_IP_PROTO] = { NLP_U8, 0 },
	[FRA_SPORT_RANGE] = { NLP_ANY, 4 }, [FRA_DPORT_RANGE] = { NLP_ANY, 4 },
	[FRA_FLOW] = { NLP_U32, 0 },	    [FRA_SUPPRESS_IFGROUP] = { NLP_U32, 0 },
	[FRA_TUN_ID] = { NLP_ANY, 8 },
};

static uint8_t action_of(const struct rule *r)
{
	switch ((enum route_type)r->type) {
	case ROUTE_UNICAST:
		return FR_ACT_TO_TBL;
	case ROUTE_UNREACHABLE:
		return FR_ACT_UNREACHABLE;
	case ROUTE_PROHIBIT:
		return FR_ACT_PROHIBIT;
	case ROUTE_BLACKHOLE:
		return FR_ACT_BLACKHOLE;
	case ROUTE_THROW:
		return FR_ACT_NOP;
	}
	ASSERT_NOT_REACHED();
}

static void put_if(struct wr *w, const struct nl *nl, unsigned type, uint32_t ifindex)
{
	const struct iface *ifc = ip6_if(nl_ip6(nl), ifindex);

	if (ifindex != 0)
		nla_text(w, type, ifc != NULL ? ifc->name : "-");
}

static bool fill(struct wr *w, const struct nl *nl, const struct nlmsghdr *h, const struct rule *r)
{
	struct fib_rule_hdr head = {
		.family = AF_INET6,
		.dst_len = r->dst_len,
		.src_len = r->src_len,
		.table = (uint8_t)(r->table < 256 ? r->table : RT_TABLE_COMPAT),
		.action = action_of(r),
		.flags = r->invert ? FIB_RULE_INVERT : 0,
	};
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));

	nla_u32(w, FRA_TABLE, r->table);
	nla_u32(w, FRA_SUPPRESS_PREFIXLEN, (uint32_t)r->suppress_len);
	nla_u8(w, FRA_PROTOCOL, r->proto);
	put_if(w, nl, FRA_IIFNAME, r->iif);
	put_if(w, nl, FRA_OIFNAME, r->oif);
	if (r->priority != 0)
		nla_u32(w, FRA_PRIORITY, r->priority);
	if (r->mark != 0)
		nla_u32(w, FRA_FWMARK, r->mark);
	if (r->mask != 0)
		nla_u32(w, FRA_FWMASK, r->mask);
	if (r->dst_len != 0)
		nla_addr(w, FRA_DST, &r->dst);
	if (r->src_len != 0)
		nla_addr(w, FRA_SRC, &r->src);
	return nlmsg_end(&m);
}

static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	uint32_t *at = d->state;
	struct nlmsghdr h = d->h;
	const struct rule *rules;
	unsigned n;

	h.nlmsg_type = RTM_NEWRULE;
	rules = fib_rules(nl_ip6(nl)->fib, &n);
	for (; *at < n; ++*at)
		if (!fill(w, nl, &h, &rules[*at]))
			return 1;
	return 0;
}

int rule_dump(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(uint32_t), list };
	const uint32_t first = 0;
	struct fib_rule_hdr head;
	int err;

	if (req->sock->strict) {
		err = nl_head(req, &head, sizeof(head));
		if (err == 0)
			err = RTNL_STRICT(req, head.dst_len == 0 && head.src_len == 0 &&
						       head.tos == 0 && head.table == 0 &&
						       head.action == 0 && head.flags == 0 &&
						       req->body.left == 0);
		if (err != 0)
			return err;
	}
	return nl_dump_start(req, &lister, &first);
}

/*
 * Changing.
 */
static int take_action(struct nl_req *req, uint8_t action, uint8_t *ret)
{
	switch (action) {
	case FR_ACT_UNSPEC:
	case FR_ACT_TO_TBL:
		*ret = ROUTE_UNICAST;
		return 0;
	case FR_ACT_UNREACHABLE:
		*ret = ROUTE_UNREACHABLE;
		return 0;
	case FR_ACT_PROHIBIT:
		*ret = ROUTE_PROHIBIT;
		return 0;
	case FR_ACT_BLACKHOLE:
		*ret = ROUTE_BLACKHOLE;
		return 0;
	case FR_ACT_NOP:
		*ret = ROUTE_THROW;
		return 0;
	}
	return nl_refuse(req, -EOPNOTSUPP, NULL, "no action that a rule here can have");
}

static int take_if(struct nl_req *req, const struct rd *at, uint32_t *ret)
{
	char name[NLA_NAME_MAX];
	const struct iface *ifc;

	if (at->p == NULL)
		return 0;
	nla_get_name(*at, name);
	ifc = ip6_if_by_name(nl_ip6(req->nl), name);
	if (ifc == NULL)
		return nl_refuse(req, -ENODEV, at, "there is no such interface");
	*ret = if_index(ifc);
	return 0;
}

static int take_selectors(struct nl_req *req, const struct fib_rule_hdr *head,
			  const struct rd *attr, struct rule *r)
{
	int err = take_if(req, &attr[FRA_IIFNAME], &r->iif);

	if (err == 0)
		err = take_if(req, &attr[FRA_OIFNAME], &r->oif);
	if (err == 0 && (head->dst_len > IP6_ADDR_BITS || head->src_len > IP6_ADDR_BITS ||
			 (head->dst_len != 0) != (attr[FRA_DST].p != NULL && head->dst_len != 0) ||
			 (head->src_len != 0) != (attr[FRA_SRC].p != NULL && head->src_len != 0)))
		err = nl_refuse(req, -EINVAL, NULL, "a prefix is a length and an address");
	if (err != 0)
		return err;
	r->dst_len = head->dst_len;
	r->src_len = head->src_len;
	if (r->dst_len != 0)
		r->dst = nla_get_addr(attr[FRA_DST]);
	if (r->src_len != 0)
		r->src = nla_get_addr(attr[FRA_SRC]);
	if (attr[FRA_FWMARK].p != NULL)
		r->mark = nla_get_u32(attr[FRA_FWMARK]);
	r->mask = attr[FRA_FWMASK].p != NULL ? nla_get_u32(attr[FRA_FWMASK])
					     : (r->mark != 0 ? UINT32_MAX : 0);
	return 0;
}

static int take(struct nl_req *req, struct rule *r, struct rd *attr)
{
	static const uint16_t unable[] = { FRA_GOTO,	 FRA_L3MDEV,	  FRA_UID_RANGE,
					   FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE,
					   FRA_TUN_ID,	 FRA_FLOW };
	struct fib_rule_hdr head;
	int err = nl_head(req, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(req, policy, FRA_MAX + 1, attr);
	for (unsigned i = 0; err == 0 && i < ARRAY_LEN(unable); i++)
		if (attr[unable[i]].p != NULL)
			err = nl_refuse(req, -EOPNOTSUPP, &attr[unable[i]], "not of rules here");
	*r = (struct rule){ .suppress_len = -1, .invert = (head.flags & FIB_RULE_INVERT) != 0 };
	if (err == 0)
		err = take_action(req, head.action, &r->type);
	if (err == 0)
		err = take_selectors(req, &head, attr, r);
	if (err != 0)
		return err;
	r->table = attr[FRA_TABLE].p != NULL ? nla_get_u32(attr[FRA_TABLE]) : head.table;
	if (attr[FRA_PROTOCOL].p != NULL)
		r->proto = nla_get_u8(attr[FRA_PROTOCOL]);
	if (attr[FRA_PRIORITY].p != NULL)
		r->priority = nla_get_u32(attr[FRA_PRIORITY]);
	if (attr[FRA_SUPPRESS_PREFIXLEN].p != NULL &&
	    nla_get_u32(attr[FRA_SUPPRESS_PREFIXLEN]) <= IP6_ADDR_BITS)
		r->suppress_len =
			(int8_t)MIN(nla_get_u32(attr[FRA_SUPPRESS_PREFIXLEN]), (uint32_t)INT8_MAX);
	return 0;
}

/* A rule without priority comes before all but the first. */
static uint32_t default_priority(const struct nl *nl)
{
	unsigned n;
	const struct rule *rules = fib_rules(nl_ip6(nl)->fib, &n);

	return n > 1 && rules[1].priority > 0 ? rules[1].priority - 1 : 0;
}

int rule_new(struct nl_req *req)
{
	struct rd attr[FRA_MAX + 1];
	struct rule r;
	int err = take(req, &r, attr);

	if (err != 0)
		return err;
	if (attr[FRA_PRIORITY].p == NULL)
		r.priority = default_priority(req->nl);
	if (r.type == ROUTE_UNICAST && r.table == 0)
		return nl_refuse(req, -EINVAL, NULL, "which table?");
	err = fib_rule_add(nl_ip6(req->nl)->fib, &r);
	/* two of the same are refused if that was asked, and else, too: nothing would differ */
	return err == -EEXIST ? nl_refuse(req, err, NULL, "there is this very rule") : err;
}

/* Does a rule agree in all that the request says? */
static bool agrees(const struct rule *have, const struct rule *r, const struct rd *attr)
{
	return have->type == r->type && (r->table == 0 || have->table == r->table) &&
	       (attr[FRA_PRIORITY].p == NULL || have->priority == r->priority) &&
	       (r->iif == 0 || have->iif == r->iif) && (r->oif == 0 || have->oif == r->oif) &&
	       (attr[FRA_FWMARK].p == NULL || have->mark == r->mark) &&
	       (attr[FRA_FWMASK].p == NULL || have->mask == r->mask) &&
	       (attr[FRA_SUPPRESS_PREFIXLEN].p == NULL || have->suppress_len == r->suppress_len) &&
	       (attr[FRA_PROTOCOL].p == NULL || r->proto == 0 || have->proto == r->proto) &&
	       have->invert == r->invert &&
	       (r->src_len == 0 ||
		(have->src_len == r->src_len && ip6_in_prefix(&have->src, &r->src, r->src_len))) &&
	       (r->dst_len == 0 ||
		(have->dst_len == r->dst_len && ip6_in_prefix(&have->dst, &r->dst, r->dst_len)));
}

int rule_remove(struct nl_req *req)
{
	struct fib *fib = nl_ip6(req->nl)->fib;
	struct rd attr[FRA_MAX + 1];
	const struct rule *rules;
	struct rule r;
	unsigned n;
	int err = take(req, &r, attr);

	if (err != 0)
		return err;
	rules = fib_rules(fib, &n);
	for (unsigned i = 0; i < n; i++)
		if (agrees(&rules[i], &r, attr))
			return fib_rule_del(fib, &rules[i]);
	return nl_refuse(req, -ENOENT, NULL, "there is no such rule");
}

void rule_changed(struct nl *nl, const struct rule *r, bool gone)
{
	struct nlmsghdr h = rtnl_head(nl, gone ? RTM_DELRULE : RTM_NEWRULE, true);
	struct nl_dgram *d;
	struct wr w;

	if (!nl_wants(nl, RTNLGRP_IPV6_RULE, true) ||
	    (d = nl_dgram_new(NL_DGRAM_OCTETS, &w)) == NULL)
		return;
	fill(&w, nl, &h, r);
	nl_notify(nl, RTNLGRP_IPV6_RULE, true, d, &w);
}
