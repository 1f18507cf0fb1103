/* SPDX-License-Identifier: BSD-3-Clause */
/* The common set-ups and the clean-up of the IPv6 Ready specification. */
#include "conform/message.h"

#define PREFIX_LEN    64
#define LIFETIME_S    9000u /* longer than any case */
#define CONFIGURED_ID 0xfe

/* A router advertisement with the prefix of its link, on-link and autonomous (RFC 4861 section 4.2). */
static void advertise(struct tester *t, enum station_id who, uint16_t lifetime_s)
{
	struct pv pv = ra(t, who, lifetime_s, 0);

	option_prefix(t, &pv, t->st[who].link == LINK_A ? &prefix_a : &prefix_b, PREFIX_LEN,
		      PIO_ON_LINK | PIO_AUTO, lifetime_s, lifetime_s);
	tx(t, who, &pv);
}

static void add_addr(struct tester *t, enum nut_link link, const struct ip6_addr *a)
{
	must_do(t,
		t->nut->ops->addr == NULL ? -EOPNOTSUPP
					  : t->nut->ops->addr(t->nut, link, a, PREFIX_LEN),
		"a configured address");
}

/* An address of our choice with the prefix of a link. */
static void number(struct tester *t, enum nut_link link)
{
	struct ip6_addr a = link == LINK_A ? prefix_a : prefix_b;

	a.b[15] = CONFIGURED_ID;
	add_addr(t, link, &a);
	t->global[link] = a;
}

struct nd_adv adv_with(const struct ip6_addr *prefix)
{
	struct nd_adv adv = ND_ADV_DEFAULT;

	adv.send = true;
	adv.prefix[adv.n_prefixes++] = (struct nd_adv_prefix){ .prefix = *prefix,
							       .len = PREFIX_LEN,
							       .on_link = true,
							       .autonomous = true,
							       .valid_s = 2592000,
							       .preferred_s = 604800 };
	return adv;
}

void setup_adv(struct tester *t, enum nut_link link, const struct nd_adv *adv)
{
	must_do(t,
		t->nut->ops->advertise == NULL ? -EOPNOTSUPP
					       : t->nut->ops->advertise(t->nut, link, adv),
		adv->send ? "router advertisements" : "the end of router advertisements");
}

void setup_router(struct tester *t)
{
	static const enum nut_link links[] = { LINK_A, LINK_B };

	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		struct nd_adv adv = adv_with(links[i] == LINK_A ? &prefix_a : &prefix_b);

		number(t, links[i]);
		if ((t->nut->has & NUT_CAN_ADVERTISE) != 0)
			setup_adv(t, links[i], &adv);
	}
	settle(t, 2 * NS_PER_S, NUT_LINKS); /* DAD */
}

void setup_addr(struct tester *t, enum nut_link link, const char *addr)
{
	struct ip6_addr a;

	if (ip6_parse(addr, &a) < 0)
		tester_error(t, "\"%s\" is no address", addr);
	add_addr(t, link, &a);
	settle(t, 2 * NS_PER_S, 1);
}

void setup_mroute(struct tester *t, enum nut_link from, const char *group, enum nut_link to)
{
	struct ip6_addr a;
	int rc = -EOPNOTSUPP;

	if (ip6_parse(group, &a) < 0)
		tester_error(t, "\"%s\" is no address", group);
	if (t->nut->ops->mroute != NULL)
		rc = t->nut->ops->mroute(t->nut, from, &a, to);
	if (rc != -EOPNOTSUPP)
		must_do(t, rc, "a multicast route");
}

void device_ping(struct tester *t, enum nut_link link, const struct ip6_addr *dst, uint32_t octets)
{
	must_do(t,
		t->nut->ops->ping == NULL ? -EOPNOTSUPP
					  : t->nut->ops->ping(t->nut, link, dst, octets),
		"a ping");
}

void setup_temp(struct tester *t)
{
	must_do(t,
		t->nut->ops->temp_addrs == NULL ? -EOPNOTSUPP
						: t->nut->ops->temp_addrs(t->nut, LINK_B),
		"temporary addresses");
}

void setup_optimistic(struct tester *t)
{
	must_do(t,
		t->nut->ops->optimistic == NULL ? -EOPNOTSUPP
						: t->nut->ops->optimistic(t->nut, true),
		"optimistic addresses");
}

void setup_link(struct tester *t, enum nut_link link, bool up)
{
	must_do(t, t->nut->ops->link == NULL ? -EOPNOTSUPP : t->nut->ops->link(t->nut, link, up),
		up ? "a link that comes up" : "a link that goes down");
}

void setup_mld(struct tester *t, enum nut_link link, const struct mld_router_conf *conf)
{
	must_do(t,
		t->nut->ops->mld_router == NULL ? -EOPNOTSUPP
						: t->nut->ops->mld_router(t->nut, link, conf),
		"an MLD router with these variables");
}

void setup_listen(struct tester *t, enum nut_link link, const struct ip6_addr *group, bool exclude,
		  const struct ip6_addr *source, unsigned n)
{
	must_do(t,
		t->nut->ops->listen == NULL
			? -EOPNOTSUPP
			: t->nut->ops->listen(t->nut, link, group, exclude, source, n),
		"listening to a group");
}

void setup_mld_option(struct tester *t, enum nut_mld_option option, bool on)
{
	must_do(t,
		t->nut->ops->mld_option == NULL ? -EOPNOTSUPP
						: t->nut->ops->mld_option(t->nut, option, on),
		"a choice about MLD");
}

void setup_mtu(struct tester *t, enum nut_link link, uint32_t octets)
{
	must_do(t, t->nut->ops->mtu == NULL ? -EOPNOTSUPP : t->nut->ops->mtu(t->nut, link, octets),
		"an MTU");
}

void default_route(struct tester *t)
{
	must_do(t,
		t->nut->ops->route == NULL
			? -EOPNOTSUPP
			: t->nut->ops->route(t->nut, LINK_B, &IP6_UNSPEC, 0, &t->st[TR1].lla),
		"a configured route");
}

void setup_1(struct tester *t, unsigned routers)
{
	ASSERT(routers >= 1 && routers <= 3);
	if (t->role == NUT_ROUTER) {
		setup_router(t);
		default_route(t);
	}
	for (unsigned i = 0; i < routers; i++)
		if (t->role == NUT_HOST)
			advertise(t, (enum station_id)(TR1 + i), LIFETIME_S);
	/* DAD of what was made of the prefix */
	settle(t, 3 * NS_PER_S, t->role == NUT_HOST ? 1 : 0);
	for (unsigned i = 0; i < routers; i++)
		ping(t, (enum station_id)(TR1 + i));
}

void reboot(struct tester *t)
{
	from_now(t);
	must_do(t, t->nut->ops->reboot == NULL ? -EOPNOTSUPP : t->nut->ops->reboot(t->nut),
		"a reboot");
}

/* Nobody answers at the old link-layer address any more (RFC 4861 section 7.2.5). */
static void move_away(struct tester *t, enum station_id who, const struct ip6_addr *target)
{
	struct mac gone = t->st[who].mac;
	struct pv pv;

	gone.b[5] ^= 0x80;
	pv = na(t, who, *target, nut_lla(t, who), (t->st[who].router ? NA_ROUTER : 0) | NA_OVERRIDE,
		&gone);
	tx(t, who, &pv);
}

void cleanup(struct tester *t)
{
	for (unsigned i = 0; i < STATIONS; i++) {
		enum station_id who = (enum station_id)i;
		struct station *st = &t->st[i];
		struct pv echo;

		if (!st->used)
			continue;
		if (st->advertised)
			advertise(t, who, 0);
		move_away(t, who, &st->lla);
		move_away(t, who, &st->global);
		echo = echo_to(t, who, nut_lla(t, who));
		tx(t, who, &echo);
		pause_for(t, NS_PER_S);
		st->muted = true;
	}
}
