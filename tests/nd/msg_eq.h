/* SPDX-License-Identifier: BSD-3-Clause */
/* Are two decoded messages the same value? Shared by the unit test and the fuzzer. */
#ifndef INABA_TESTS_ND_MSG_EQ_H
#define INABA_TESTS_ND_MSG_EQ_H

#include "nd/msg.h"

static inline bool rd_eq(struct rd a, struct rd b)
{
	return a.left == b.left && (a.left == 0 || memcmp(a.p, b.p, a.left) == 0);
}

static inline bool ra_eq(const struct nd_ra *a, const struct nd_ra *b)
{
	return a->hop_limit == b->hop_limit && a->managed == b->managed && a->other == b->other &&
	       a->home_agent == b->home_agent && a->proxied == b->proxied && a->pref == b->pref &&
	       a->lifetime_s == b->lifetime_s && a->reachable == b->reachable &&
	       a->retrans == b->retrans;
}

static inline bool prefix_eq(const struct nd_prefix *a, const struct nd_prefix *b)
{
	return ip6_eq(&a->prefix, &b->prefix) && ip6_eq(&a->router, &b->router) &&
	       a->valid_s == b->valid_s && a->preferred_s == b->preferred_s && a->len == b->len &&
	       a->on_link == b->on_link && a->autonomous == b->autonomous &&
	       a->router_addr == b->router_addr;
}

static inline bool lists_eq(const struct nd_opts *a, const struct nd_opts *b)
{
	bool eq = a->n_prefixes == b->n_prefixes && a->n_routes == b->n_routes &&
		  a->n_rdnss == b->n_rdnss && a->n_dnssl == b->n_dnssl &&
		  a->n_pref64 == b->n_pref64;

	for (unsigned i = 0; eq && i < a->n_prefixes; i++)
		eq = prefix_eq(&a->prefix[i], &b->prefix[i]);
	for (unsigned i = 0; eq && i < a->n_routes; i++)
		eq = ip6_eq(&a->route[i].prefix, &b->route[i].prefix) &&
		     a->route[i].lifetime_s == b->route[i].lifetime_s &&
		     a->route[i].len == b->route[i].len && a->route[i].pref == b->route[i].pref;
	for (unsigned i = 0; eq && i < a->n_rdnss; i++)
		eq = rd_eq(a->rdnss[i].addrs, b->rdnss[i].addrs) &&
		     a->rdnss[i].lifetime_s == b->rdnss[i].lifetime_s;
	for (unsigned i = 0; eq && i < a->n_dnssl; i++)
		eq = rd_eq(a->dnssl[i].names, b->dnssl[i].names) &&
		     a->dnssl[i].lifetime_s == b->dnssl[i].lifetime_s;
	for (unsigned i = 0; eq && i < a->n_pref64; i++)
		eq = ip6_eq(&a->pref64[i].prefix, &b->pref64[i].prefix) &&
		     a->pref64[i].len == b->pref64[i].len &&
		     a->pref64[i].lifetime_s == b->pref64[i].lifetime_s;
	return eq;
}

/* All but opts.ignored, which does not outlive the message. */
static inline bool msg_eq(const struct nd_msg *a, const struct nd_msg *b)
{
	const struct nd_opts *x = &a->opts, *y = &b->opts;

	return a->type == b->type && ip6_eq(&a->target, &b->target) && ip6_eq(&a->dest, &b->dest) &&
	       a->router == b->router && a->solicited == b->solicited &&
	       a->override == b->override && ra_eq(&a->ra, &b->ra) && x->has == y->has &&
	       mac_eq(&x->slla, &y->slla) && mac_eq(&x->tlla, &y->tlla) && x->mtu == y->mtu &&
	       x->adv_interval == y->adv_interval && x->ha_preference == y->ha_preference &&
	       x->ha_lifetime_s == y->ha_lifetime_s && x->ra_flags == y->ra_flags &&
	       rd_eq(x->nonce, y->nonce) && rd_eq(x->redirected, y->redirected) &&
	       rd_eq(x->captive, y->captive) && lists_eq(x, y);
}

#endif
