/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. RFC 6724 is two lists of rules, each of which compares two addresses and
 * either decides or ties. So there are two comparisons here, source_cmp() for section 5 and
 * dest_cmp() for section 6, in which each rule is one line that subtracts the two addresses'
 * merits: positive prefers the first, negative the second, zero asks the next rule. The best
 * source is found in one pass, destinations are sorted by insertion.
 *
 * Read sections 2.1 (policy table), 3 (scopes), 4 (candidates), 5 and 6.
 */
#include "ip6/select.h"

#include "ip6/scope.h"

/* clang-format off */
static const struct ip6_policy_row default_rows[] = {
	/* prefix                                              length  precedence  label */
	{ { { [15] = 1 } },                                       128,         50,     0 },
	{ { { 0 } },                                                0,         40,     1 },
	{ { { [10] = 0xff, [11] = 0xff } },                        96,         35,     4 },
	{ { { 0x20, 0x02 } },                                      16,         30,     2 },
	{ { { 0x20, 0x01 } },                                      32,          5,     5 },
	{ { { 0xfc } },                                             7,          3,    13 },
	{ { { 0 } },                                               96,          1,     3 },
	{ { { 0xfe, 0xc0 } },                                      10,          1,    11 },
	{ { { 0x3f, 0xfe } },                                      16,          1,    12 },
};
/* clang-format on */

static const struct ip6_policy_row no_row = { .label = IP6_LABEL_NONE };

void ip6_policy_clear(struct ip6_policy *p)
{
	p->n = 0;
}

void ip6_policy_init(struct ip6_policy *p)
{
	ip6_policy_clear(p);
	for (size_t i = 0; i < ARRAY_LEN(default_rows); i++) {
		int err = ip6_policy_set(p, &default_rows[i]);

		ASSERT(err == 0);
	}
}

/* Where the row of this prefix is, or, if it is not there, belongs. */
static unsigned row_place(const struct ip6_policy *p, const struct ip6_addr *prefix, unsigned len,
			  bool *found)
{
	unsigned i = 0;

	while (i < p->n && p->row[i].len > len)
		i++;
	while (i < p->n && p->row[i].len == len && !ip6_eq(&p->row[i].prefix, prefix))
		i++;
	*found = i < p->n && p->row[i].len == len;
	return i;
}

int ip6_policy_set(struct ip6_policy *p, const struct ip6_policy_row *row)
{
	struct ip6_policy_row r = *row;
	bool found;
	unsigned i;

	if (r.len > IP6_ADDR_BITS || r.label == IP6_LABEL_NONE)
		return -EINVAL;
	r.prefix = ip6_prefix(&row->prefix, r.len);
	i = row_place(p, &r.prefix, r.len, &found);
	if (!found) {
		if (p->n == IP6_POLICY_MAX)
			return -ENOSPC;
		memmove(&p->row[i + 1], &p->row[i], (p->n - i) * sizeof(p->row[0]));
		p->n++;
	}
	p->row[i] = r;
	return 0;
}

int ip6_policy_del(struct ip6_policy *p, const struct ip6_addr *prefix, unsigned len)
{
	struct ip6_addr masked;
	bool found;
	unsigned i;

	if (len > IP6_ADDR_BITS)
		return -ENOENT;
	masked = ip6_prefix(prefix, len);
	i = row_place(p, &masked, len, &found);
	if (!found)
		return -ENOENT;
	p->n--;
	memmove(&p->row[i], &p->row[i + 1], (p->n - i) * sizeof(p->row[0]));
	return 0;
}

const struct ip6_policy_row *ip6_policy_find(const struct ip6_policy *p, const struct ip6_addr *a)
{
	for (unsigned i = 0; i < p->n; i++)
		if (ip6_in_prefix(a, &p->row[i].prefix, p->row[i].len))
			return &p->row[i];
	return &no_row;
}

static uint32_t label_of(const struct ip6_policy *p, const struct ip6_addr *a)
{
	return ip6_policy_find(p, a)->label;
}

/* RFC 6724 sections 3.2 to 3.4: some addresses MUST be treated as preferred. */
static bool is_avoided(const struct src_cand *c)
{
	if (ip6_is_v4mapped(&c->addr) || ip6_is_v4compat(&c->addr) || ip6_is_loopback(&c->addr))
		return false;
	return c->deprecated || c->optimistic;
}

/* Rule 4 of both sections: both kinds at once is best, then the kind that is wanted. */
static int mobility_merit(const struct src_cand *c, bool want_care_of)
{
	if (c->home && c->care_of)
		return 2;
	return c->home != want_care_of;
}

/* RFC 6724 section 2.2: up to the length of the source's prefix. */
static int common_prefix_len(const struct src_cand *c, const struct ip6_addr *d)
{
	unsigned common = ip6_common_bits(&c->addr, d);

	return (int)MIN(common, c->prefix_len);
}

/* Section 5, rule 2: the smallest scope that reaches @d; of those that do not, the largest. */
static int scope_cmp(enum scope a, enum scope b, enum scope d)
{
	if (a == b)
		return 0;
	if (a < b)
		return a < d ? -1 : 1;
	return b < d ? 1 : -1;
}

/* What the rules ask of the destination again and again. */
struct query {
	const struct ip6_policy *policy;
	const struct src_query *q;
	enum scope scope;
	uint32_t label;
};

/* Section 5. Positive: prefer @a; negative: prefer @b. */
static int source_cmp(const struct query *x, const struct src_cand *a, const struct src_cand *b)
{
	const struct ip6_addr *d = &x->q->dst;
	bool coa = (x->q->prefer & SRC_PREFER_COA) != 0;
	int r;

	r = ip6_eq(&a->addr, d) - ip6_eq(&b->addr, d); /* 1 */
	if (r == 0)
		r = scope_cmp(ip6_scope(&a->addr), ip6_scope(&b->addr), x->scope); /* 2 */
	if (r == 0)
		r = is_avoided(b) - is_avoided(a); /* 3 */
	if (r == 0)
		r = mobility_merit(a, coa) - mobility_merit(b, coa); /* 4 */
	if (r == 0 && x->q->ifindex != 0)
		r = (a->ifindex == x->q->ifindex) - (b->ifindex == x->q->ifindex); /* 5 */
	if (r == 0)
		r = a->from_next_hop - b->from_next_hop; /* 5.5 */
	if (r == 0)
		r = (label_of(x->policy, &a->addr) == x->label) -
		    (label_of(x->policy, &b->addr) == x->label); /* 6 */
	if (r == 0) {
		r = a->temporary - b->temporary; /* 7 */
		if (x->q->prefer & SRC_PREFER_PUBLIC)
			r = -r;
	}
	if (r == 0)
		r = common_prefix_len(a, d) - common_prefix_len(b, d); /* 8 */
	return r;
}

/* Section 4. Interfaces of one site are not told apart: a node is in one site only. */
static bool is_candidate(const struct src_query *q, const struct src_cand *c)
{
	bool same_link = ip6_is_mcast(&q->dst) || ip6_is_linklocal(&q->dst);

	if (!ip6_is_unicast(&c->addr))
		return false;
	if (ip6_is_v4mapped(&c->addr) != ip6_is_v4mapped(&q->dst))
		return false;
	return !same_link || q->ifindex == 0 || c->ifindex == q->ifindex;
}

const struct src_cand *ip6_pick_source(const struct ip6_policy *p, const struct src_query *q,
				       const struct src_cand *cands, size_t n)
{
	const struct query x = {
		.policy = p,
		.q = q,
		.scope = ip6_scope(&q->dst),
		.label = label_of(p, &q->dst),
	};
	const struct src_cand *best = NULL;

	ASSERT(src_prefer_is_valid(q->prefer));
	for (size_t i = 0; i < n; i++) {
		if (!is_candidate(q, &cands[i]))
			continue;
		if (best == NULL || source_cmp(&x, &cands[i], best) > 0)
			best = &cands[i];
	}
	return best;
}

static bool is_usable(const struct dst_cand *d)
{
	return !d->unreachable && d->src != NULL;
}

static bool scope_matches(const struct dst_cand *d)
{
	return ip6_scope(&d->addr) == ip6_scope(&d->src->addr);
}

static bool label_matches(const struct ip6_policy *p, const struct dst_cand *d)
{
	return label_of(p, &d->addr) == label_of(p, &d->src->addr);
}

static int order(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

/* Rules 2 to 5, which ask about the sources; both are defined. */
static int dest_source_cmp(const struct ip6_policy *p, const struct dst_cand *a,
			   const struct dst_cand *b)
{
	int r;

	r = scope_matches(a) - scope_matches(b); /* 2 */
	if (r == 0)
		r = is_avoided(b->src) - is_avoided(a->src); /* 3 */
	if (r == 0)
		r = mobility_merit(a->src, false) - mobility_merit(b->src, false); /* 4 */
	if (r == 0)
		r = label_matches(p, a) - label_matches(p, b); /* 5 */
	return r;
}

/* Section 6. Positive: prefer @a; negative: prefer @b; zero: rule 10. */
static int dest_cmp(const struct ip6_policy *p, const struct dst_cand *a, const struct dst_cand *b)
{
	bool sources = a->src != NULL && b->src != NULL;
	int r;

	r = is_usable(a) - is_usable(b); /* 1 */
	if (r == 0 && sources)
		r = dest_source_cmp(p, a, b);
	if (r == 0)
		r = order(ip6_policy_find(p, &a->addr)->precedence,
			  ip6_policy_find(p, &b->addr)->precedence); /* 6 */
	if (r == 0)
		r = b->encapsulated - a->encapsulated; /* 7 */
	if (r == 0)
		r = order(ip6_scope(&b->addr), ip6_scope(&a->addr)); /* 8 */
	if (r == 0 && sources && ip6_is_v4mapped(&a->addr) == ip6_is_v4mapped(&b->addr))
		r = common_prefix_len(a->src, &a->addr) - common_prefix_len(b->src, &b->addr);
	return r; /* 9 */
}

void ip6_sort_dests(const struct ip6_policy *p, struct dst_cand *dst, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct dst_cand d = dst[i];
		size_t at = i;

		for (; at > 0 && dest_cmp(p, &d, &dst[at - 1]) > 0; at--)
			dst[at] = dst[at - 1];
		dst[at] = d;
	}
}
