/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTM_*ADDRLABEL: the labels of the policy table (RFC 6724 section 2.1), which RFC 6724 section 10
 * wants configurable. Netlink knows nothing of precedences: a new row has that of the row that covered
 * its prefix, so that destinations keep their order.
 */
#include "netlink/rtnl.h"

#include <linux/if_addrlabel.h>

static const struct nla_policy policy[IFAL_MAX + 1] = {
	[IFAL_ADDRESS] = { NLP_ADDR, 0 },
	[IFAL_LABEL] = { NLP_U32, 0 },
};

static bool fill(struct wr *w, const struct nlmsghdr *h, const struct ip6_policy_row *row,
		 const struct ip6_addr *addr, uint8_t len)
{
	struct ifaddrlblmsg head = { .ifal_family = AF_INET6, .ifal_prefixlen = len };
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));

	nla_addr(w, IFAL_ADDRESS, addr);
	nla_u32(w, IFAL_LABEL, row->label);
	return nlmsg_end(&m);
}

static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	const struct ip6_policy *p = &nl_ip6(nl)->policy;
	uint32_t *at = d->state;
	struct nlmsghdr h = d->h;

	h.nlmsg_type = RTM_NEWADDRLABEL;
	for (; *at < p->n; ++*at)
		if (!fill(w, &h, &p->row[*at], &p->row[*at].prefix, p->row[*at].len))
			return 1;
	return 0;
}

int label_dump(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(uint32_t), list };
	const uint32_t first = 0;
	struct ifaddrlblmsg head;
	int err = req->sock->strict ? nl_head(req, &head, sizeof(head)) : 0;

	if (err == 0 && req->sock->strict)
		err = RTNL_STRICT(req, head.ifal_prefixlen == 0 && head.ifal_flags == 0 &&
					       head.ifal_index == 0 && head.ifal_seq == 0 &&
					       req->body.left == 0);
	return err != 0 ? err : nl_dump_start(req, &lister, &first);
}

/* The row that a request means; one that is being made has a label. */
static int take(struct nl_req *req, struct ip6_policy_row *ret)
{
	struct rd attr[IFAL_MAX + 1];
	struct ifaddrlblmsg head;
	struct ip6_addr addr;
	int err = nl_head(req, &head, sizeof(head));

	if (err == 0)
		err = nl_attrs(req, policy, ARRAY_LEN(attr), attr);
	if (err == 0 && head.ifal_prefixlen > IP6_ADDR_BITS)
		err = nl_refuse(req, -EINVAL, NULL, "a prefix has 128 bits at most");
	if (err == 0 && attr[IFAL_ADDRESS].p == NULL)
		err = nl_refuse(req, -EINVAL, NULL, "of which prefix?");
	if (err == 0 && head.ifal_index != 0)
		err = nl_refuse(req, -EOPNOTSUPP, NULL, "labels are not of one interface here");
	if (err != 0)
		return err;
	addr = nla_get_addr(attr[IFAL_ADDRESS]);
	*ret = (struct ip6_policy_row){ .prefix = ip6_prefix(&addr, head.ifal_prefixlen),
					.len = head.ifal_prefixlen,
					.label = IP6_LABEL_NONE };
	if (attr[IFAL_LABEL].p != NULL)
		ret->label = nla_get_u32(attr[IFAL_LABEL]);
	return 0;
}

int label_get(struct nl_req *req)
{
	struct nlmsghdr h = nl_answer_head(req, RTM_NEWADDRLABEL);
	const struct ip6_policy_row *row;
	struct ip6_policy_row of;
	struct nl_dgram *d;
	struct wr w;
	int err = take(req, &of);

	if (err == 0 && of.len != IP6_ADDR_BITS)
		err = nl_refuse(req, -EINVAL, NULL, "an address, not a prefix");
	if (err != 0)
		return err;
	row = ip6_policy_find(&nl_ip6(req->nl)->policy, &of.prefix);
	if (row->label == IP6_LABEL_NONE)
		return nl_refuse(req, -ESRCH, NULL, "no row of the table covers it");
	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	fill(&w, &h, row, &of.prefix, IP6_ADDR_BITS);
	return nl_answer(req, d, &w);
}

static const struct ip6_policy_row *same(const struct ip6_policy *p, const struct ip6_policy_row *r)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->row[i].len == r->len && ip6_eq(&p->row[i].prefix, &r->prefix))
			return &p->row[i];
	return NULL;
}

/* The row that would cover all of a prefix, were there none of its own. */
static uint32_t precedence_of(const struct ip6_policy *p, const struct ip6_policy_row *r)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->row[i].len <= r->len &&
		    ip6_in_prefix(&r->prefix, &p->row[i].prefix, p->row[i].len))
			return p->row[i].precedence;
	return 0;
}

int label_new(struct nl_req *req)
{
	struct ip6_policy *p = &nl_ip6(req->nl)->policy;
	struct ip6_policy_row row;
	int err = take(req, &row);

	if (err == 0 && row.label == IP6_LABEL_NONE)
		err = nl_refuse(req, -EINVAL, NULL, "which label?");
	if (err != 0)
		return err;
	if (same(p, &row) != NULL && (req->h.nlmsg_flags & NLM_F_REPLACE) == 0)
		return nl_refuse(req, -EEXIST, NULL, "this prefix has a label");
	if (same(p, &row) == NULL && (req->h.nlmsg_flags & NLM_F_CREATE) == 0)
		return nl_refuse(req, -ENOENT, NULL, "this prefix has no label");
	row.precedence = precedence_of(p, &row);
	err = ip6_policy_set(p, &row);
	return err == -ENOSPC ? nl_refuse(req, err, NULL, "the policy table is full") : err;
}

int label_del(struct nl_req *req)
{
	struct ip6_policy_row row;
	int err = take(req, &row);

	if (err != 0)
		return err;
	if (ip6_policy_del(&nl_ip6(req->nl)->policy, &row.prefix, row.len) < 0)
		return nl_refuse(req, -ESRCH, NULL, "this prefix has no label");
	return 0;
}
