/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/rule.h"

#include <stdlib.h>

void rules_done(struct rules *rs)
{
	free(rs->rule);
	*rs = (struct rules){ 0 };
}

static bool rule_is_valid(const struct rule *r)
{
	return r->src_len <= IP6_ADDR_BITS && r->dst_len <= IP6_ADDR_BITS &&
	       r->type <= ROUTE_THROW && (r->table != 0 || r->type != ROUTE_UNICAST) &&
	       (r->mark & ~r->mask) == 0 && r->suppress_len >= -1;
}

static struct rule cleaned(const struct rule *r)
{
	struct rule c = *r;

	c.src = ip6_prefix(&r->src, r->src_len);
	c.dst = ip6_prefix(&r->dst, r->dst_len);
	return c;
}

static bool rule_eq(const struct rule *a, const struct rule *b)
{
	return a->priority == b->priority && ip6_eq(&a->src, &b->src) && ip6_eq(&a->dst, &b->dst) &&
	       a->src_len == b->src_len && a->dst_len == b->dst_len && a->iif == b->iif &&
	       a->oif == b->oif && a->mark == b->mark && a->mask == b->mask &&
	       a->table == b->table && a->type == b->type && a->invert == b->invert &&
	       a->suppress_len == b->suppress_len;
}

/* Index of what equals @r, or rs->n. */
static uint32_t rules_find(const struct rules *rs, const struct rule *r)
{
	uint32_t i = 0;

	while (i < rs->n && !rule_eq(&rs->rule[i], r))
		i++;
	return i;
}

static int rules_make_room(struct rules *rs)
{
	uint32_t room = rs->room == 0 ? 4 : rs->room * 2;
	struct rule *rule;

	if (rs->n < rs->room)
		return 0;
	rule = realloc(rs->rule, room * sizeof(*rule));
	if (rule == NULL)
		return -ENOMEM;
	rs->rule = rule;
	rs->room = room;
	return 0;
}

int rules_add(struct rules *rs, const struct rule *given, uint32_t max)
{
	struct rule r;
	uint32_t at;

	if (!rule_is_valid(given))
		return -EINVAL;
	r = cleaned(given);
	if (rules_find(rs, &r) < rs->n)
		return -EEXIST;
	if (rs->n >= max)
		return -ENOSPC;
	if (rules_make_room(rs) < 0)
		return -ENOMEM;
	for (at = rs->n; at > 0 && rs->rule[at - 1].priority > r.priority; at--)
		rs->rule[at] = rs->rule[at - 1];
	rs->rule[at] = r;
	rs->n++;
	return 0;
}

int rules_del(struct rules *rs, const struct rule *given)
{
	struct rule r;
	uint32_t at;

	if (!rule_is_valid(given))
		return -EINVAL;
	r = cleaned(given);
	at = rules_find(rs, &r);
	if (at == rs->n)
		return -ENOENT;
	rs->n--;
	memmove(&rs->rule[at], &rs->rule[at + 1], (rs->n - at) * sizeof(r));
	return 0;
}

bool rule_is_any(const struct rule *r)
{
	return r->src_len == 0 && r->dst_len == 0 && r->iif == 0 && r->oif == 0 && r->mask == 0 &&
	       !r->invert && r->suppress_len < 0;
}

/* What the node itself sends has come from the loopback interface: the first of all, ip6_init(). */
#define LOOPBACK 1u

static bool selects(const struct rule *r, const struct fib_key *key)
{
	if (r->src_len != 0 &&
	    (ip6_is_unspec(&key->src) || !ip6_in_prefix(&key->src, &r->src, r->src_len)))
		return false;
	return ip6_in_prefix(&key->dst, &r->dst, r->dst_len) &&
	       (r->iif == 0 || r->iif == (key->iif != 0 ? key->iif : LOOPBACK)) &&
	       (r->oif == 0 || r->oif == key->oif) && (key->mark & r->mask) == r->mark;
}

bool rule_matches(const struct rule *r, const struct fib_key *key)
{
	return selects(r, key) != r->invert;
}
