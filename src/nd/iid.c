/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interface identifiers: of the link-layer address (RFC 2464 section 4), or stable and opaque (RFC
 * 7217): the same for a prefix each time, of no use to who looks for the node elsewhere, and
 * another one when duplicate address detection says so.
 */
#include "nd/part.h"

/* What the pseudo-random function is of (section 5): there is no Network_ID on a wire. */
struct iid_input {
	uint8_t prefix[8];
	char net_iface[IF_NAME_MAX];
	uint32_t dad_counter;
};

_Static_assert(sizeof(struct iid_input) == 8 + IF_NAME_MAX + 4, "no padding");

void nd_set_iid_secret(struct nd *nd, const uint8_t secret[ND_IID_SECRET_OCTETS])
{
	nd->iid_opaque = true;
	memcpy(nd->iid_secret.k, secret, sizeof(nd->iid_secret.k));
}

struct ip6_addr iid_addr(const struct nd *nd, const struct iface *ifc,
			 const struct ip6_addr *prefix, uint8_t *dad_counter)
{
	struct iid_input in = { .dad_counter = *dad_counter };
	struct ip6_addr addr;
	uint64_t iid;

	if (!nd->iid_opaque)
		return ip6_with_iid(prefix, ip6_iid_of_mac(&ifc->link.mac));
	memcpy(in.prefix, prefix->b, sizeof(in.prefix));
	memcpy(in.net_iface, ifc->name, strnlen(ifc->name, sizeof(in.net_iface)));
	do { /* section 5: reserved ones, and what we have already, are passed over as if taken */
		iid = siphash(&nd->iid_secret, &in, sizeof(in));
		addr = ip6_with_iid(prefix, iid);
		*dad_counter = (uint8_t)in.dad_counter++;
	} while (ip6_iid_is_reserved(iid) || if_addr_find(ifc, &addr) != NULL);
	return addr;
}

bool iid_may_retry(const struct nd *nd, const struct if_addr *a)
{
	return nd->iid_opaque && (a->origin == ADDR_LINK_LOCAL || a->origin == ADDR_SLAAC) &&
	       a->dad_counter < nd->idgen_retries;
}

void iid_retry_later(struct nd *nd, struct if_addr *a)
{
	struct env *env = nd->ip6->env;

	ASSERT(a->state == ADDR_DUPLICATE);
	timer_set(&env->timers, &a->dad,
		  time_after(env->now, rng_below(&env->rng, nd->idgen_delay)));
}

void iid_retry(struct nd *nd, struct if_addr *a)
{
	time_ns preferred_until = a->preferred_until, valid_until = a->valid_until;
	uint8_t len = a->prefix_len, counter = (uint8_t)(a->dad_counter + 1);
	enum addr_origin origin = (enum addr_origin)a->origin;
	struct ip6_addr old = a->addr, addr;
	struct iface *ifc = a->ifc;

	ASSERT(a->state == ADDR_DUPLICATE && iid_may_retry(nd, a));
	addr = iid_addr(nd, ifc, &old, &counter);
	(void)nd_addr_del(nd, ifc, &old);
	if (if_addr_find(ifc, &addr) != NULL || nd_addr_add(nd, ifc, &addr, len, origin, false) < 0)
		return;
	a = if_addr_find(ifc, &addr);
	a->dad_counter = counter;
	if (origin == ADDR_SLAAC)
		ip6_addr_lifetime(nd->ip6, a, preferred_until, valid_until);
}
