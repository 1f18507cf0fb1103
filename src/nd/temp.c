/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Temporary addresses (RFC 8981): beside the stable address of an autonomous prefix one with a
 * random interface identifier, for a day at most, so that a node is not recognized by what it sends.
 *
 * A temporary address is an if_addr of origin ADDR_TEMPORARY that remembers when it was created and
 * by how much its life is shortened (DESYNC_FACTOR). One timer per interface goes off when the next
 * of them has to be replaced, REGEN_ADVANCE before it is deprecated, or has failed DAD. What the
 * prefix's lifetimes are at that time, the stable address of the same prefix tells.
 */
#include "nd/part.h"

#define TEMP_IDGEN_RETRIES 3 /* section 3.8 */
#define TEMP_LEN	   64

static bool is_temp(const struct if_addr *a, const struct ip6_addr *prefix)
{
	return a->origin == ADDR_TEMPORARY && ip6_in_prefix(&a->addr, prefix, TEMP_LEN);
}

/* Section 3.8: the time that DAD may take in the worst case, and two seconds. */
static time_ns regen_advance(const struct iface *ifc)
{
	return 2 * NS_PER_S + TEMP_IDGEN_RETRIES * ifc->conf.dad_transmits * ifc->conf.retrans;
}

/* It needs no successor: has one, or failed so often that nobody tries again. */
static bool is_settled(const struct if_addr *a)
{
	return a->temp_replaced ||
	       (a->state == ADDR_DUPLICATE && a->temp_tries >= TEMP_IDGEN_RETRIES);
}

static void rearm(struct nd *nd, struct nd_if *ni)
{
	time_ns next = TIME_NEVER, advance = regen_advance(ni->ifc), now = nd->ip6->env->now;

	LIST_FOR_EACH(it, &ni->ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->origin != ADDR_TEMPORARY || is_settled(a))
			continue;
		next = MIN(next, a->state == ADDR_DUPLICATE || a->preferred_until < advance
					 ? now
					 : a->preferred_until - advance);
	}
	timer_set(&nd->ip6->env->timers, &ni->temp, next);
}

static time_ns life_ends(const struct if_addr *a)
{
	time_ns life = a->ifc->conf.temp_preferred;

	return a->created + life - MIN(a->temp_desync, life);
}

/* Section 3.4: no longer than advertised, and no longer than a temporary address may live. */
static void set_lifetimes(struct nd *nd, struct if_addr *a, time_ns preferred_until,
			  time_ns valid_until)
{
	ip6_addr_lifetime(nd->ip6, a, MIN(preferred_until, life_ends(a)),
			  MIN(valid_until, a->created + a->ifc->conf.temp_valid));
}

static struct ip6_addr random_addr(struct nd *nd, const struct iface *ifc,
				   const struct ip6_addr *prefix)
{
	struct ip6_addr a;
	uint64_t iid;

	do { /* section 3.3.1 */
		iid = rng_u64(&nd->ip6->env->rng);
		a = ip6_with_iid(prefix, iid);
	} while (ip6_iid_is_reserved(iid) || if_addr_find(ifc, &a) != NULL);
	return a;
}

/* Section 3.4, steps 4 to 7. Return: whether there is a new one. */
static bool create(struct nd *nd, struct iface *ifc, const struct ip6_addr *prefix,
		   time_ns preferred_until, time_ns valid_until, uint8_t tries)
{
	time_ns now = nd->ip6->env->now, life = ifc->conf.temp_preferred;
	time_ns desync = rng_below(&nd->ip6->env->rng, ND_TEMP_DESYNC(life));
	time_ns until = MIN(preferred_until, now + life - desync);
	struct ip6_addr addr;
	struct if_addr *a;

	if (until <= now + regen_advance(ifc))
		return false;
	addr = random_addr(nd, ifc, prefix);
	if (nd_addr_add(nd, ifc, &addr, TEMP_LEN, ADDR_TEMPORARY, false) < 0)
		return false;
	a = if_addr_find(ifc, &addr);
	a->created = now;
	a->temp_desync = desync;
	a->temp_tries = tries;
	set_lifetimes(nd, a, preferred_until, valid_until);
	return true;
}

void temp_prefix(struct nd *nd, struct iface *ifc, const struct ip6_addr *prefix,
		 time_ns preferred_until, time_ns valid_until)
{
	bool have = false;

	if (!ifc->conf.temp_addrs)
		return;
	LIST_FOR_EACH(it, &ifc->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (!is_temp(a, prefix))
			continue;
		set_lifetimes(nd, a, preferred_until, valid_until);
		/* the prefix was at its end, not the address, and now it goes on */
		if (life_ends(a) > time_after(nd->ip6->env->now, regen_advance(ifc)))
			a->temp_replaced = false;
		have |= a->state != ADDR_DEPRECATED && !a->temp_replaced;
	}
	if (!have)
		(void)create(nd, ifc, prefix, preferred_until, valid_until, 0);
	rearm(nd, nd_if(ifc));
}

/* The stable address of the same prefix, which has the prefix's lifetimes. */
static const struct if_addr *stable_of(const struct iface *ifc, const struct ip6_addr *temp)
{
	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->origin == ADDR_SLAAC && ip6_in_prefix(&a->addr, temp, TEMP_LEN))
			return a;
	}
	return NULL;
}

/* Section 3.5; section 3.4 step 7 for one that somebody else has. */
static void replace(struct nd *nd, struct if_addr *a)
{
	const struct if_addr *stable = stable_of(a->ifc, &a->addr);
	bool failed = a->state == ADDR_DUPLICATE;
	uint8_t tries = failed ? (uint8_t)(a->temp_tries + 1) : 0;
	struct ip6_addr old = a->addr;
	struct iface *ifc = a->ifc;

	a->temp_replaced = true;
	if (stable == NULL)
		return;
	if (create(nd, ifc, &old, stable->preferred_until, stable->valid_until, tries) && failed)
		(void)nd_addr_del(nd, ifc, &old);
}

void temp_timer(struct nd *nd, struct nd_if *ni)
{
	time_ns now = nd->ip6->env->now, advance = regen_advance(ni->ifc);

	LIST_FOR_EACH(it, &ni->ifc->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->origin == ADDR_TEMPORARY && !is_settled(a) &&
		    (a->state == ADDR_DUPLICATE || a->preferred_until <= now + advance))
			replace(nd, a);
	}
	rearm(nd, ni);
}

void temp_failed(struct nd *nd, struct if_addr *a)
{
	if (is_settled(a))
		env_event(nd->ip6->env, EVENT_TEMP_GIVEN_UP, if_index(a->ifc), &a->addr, 0);
	rearm(nd, nd_if(a->ifc));
}

void nd_set_temp_addrs(struct nd *nd, struct iface *ifc, bool on)
{
	ifc->conf.temp_addrs = on;
	if (on)
		return; /* the next advertisement makes them */
	LIST_FOR_EACH(it, &ifc->addrs) {
		struct ip6_addr addr = LIST_ENTRY(it, struct if_addr, on)->addr;

		if (LIST_ENTRY(it, struct if_addr, on)->origin == ADDR_TEMPORARY)
			(void)nd_addr_del(nd, ifc, &addr);
	}
	timer_cancel(&nd->ip6->env->timers, &nd_if(ifc)->temp);
}
