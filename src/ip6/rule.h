/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Policy rules: an ordered list of selectors, each with the routing table to ask or a verdict.
 * They mean what those of Linux (ip-rule(8)) mean.
 */
#ifndef INABA_IP6_RULE_H
#define INABA_IP6_RULE_H

#include "ip6/via.h"

/* A policy rule: the first one that matches, in order of priority, names the table. */
struct rule {
	uint32_t priority;
	struct ip6_addr src, dst;
	uint8_t src_len, dst_len;
	uint32_t iif, oif;   /* 0: any */
	uint32_t mark, mask; /* matches when (packet's mark & mask) == mark */
	uint32_t table;
	uint8_t type;	     /* ROUTE_UNICAST: look in table; else the verdict itself */
	bool invert;	     /* matches what its selectors do not */
	int8_t suppress_len; /* take no match of this length or shorter; -1: any */
	uint8_t proto;	     /* who put it in, as enum route_proto; means nothing else */
};

/* What is asked of the routes. */
struct fib_key {
	struct ip6_addr dst, src; /* src: unspecified when not yet chosen */
	uint32_t iif, oif;	  /* oif: must leave by it; 0: any */
	uint32_t mark;
	uint8_t shorter_than; /* only routes of shorter prefixes; 0: all */
};

/* In order of priority; those of the same priority in the order they were added. */
struct rules {
	struct rule *rule;
	uint32_t n, room;
};

void rules_done(struct rules *rs);

/**
 * rules_add() - Put a rule in. @max: the limit. Address bits behind the lengths are ignored.
 *
 * Return: 0; -EINVAL (lengths, table 0, an unknown type, mark bits outside the mask), -EEXIST
 * (one that equals it in everything), -ENOSPC, -ENOMEM.
 */
int rules_add(struct rules *rs, const struct rule *r, uint32_t max);

/** rules_del() - Take out the rule that equals @r in everything. Return: 0, -EINVAL, -ENOENT. */
int rules_del(struct rules *rs, const struct rule *r);

/** rule_is_any() - Does @r match whatever is asked, and take whatever its table says? */
bool rule_is_any(const struct rule *r);

/** rule_matches() - A source that is not yet chosen is in no source prefix but ::/0. */
bool rule_matches(const struct rule *r, const struct fib_key *key);

#endif
