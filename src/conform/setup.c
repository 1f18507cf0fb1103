/* SPDX-License-Identifier: BSD-3-Clause */
/* The common set-ups and the clean-up of the IPv6 Ready specification. */
#include "conform/tester.h"

#define PREFIX_LEN	     64
#define PREFIX_OPTION_OCTETS 32
#define RA_OCTETS	     8	   /* reachable time, retransmission timer */
#define LIFETIME_S	     9000u /* longer than any case */
#define CONFIGURED_ID	     0xfe

static const struct ip6_addr all_nodes = { { 0xff, 0x02, [15] = 1 } };

/* A router advertisement with the prefix of its link, on-link and autonomous (RFC 4861 section 4.2). */
static void advertise(struct tester *t, enum station_id who, uint16_t lifetime_s)
{
	struct station *st = &t->st[who];
	const struct ip6_addr *prefix = st->link == LINK_A ? &prefix_a : &prefix_b;
	uint8_t data[RA_OCTETS + PREFIX_OPTION_OCTETS] = { 0 };
	uint8_t *opt = data + RA_OCTETS;
	struct pv ra = { .src = IS_ADDR(st->lla),
			 .dst = IS_ADDR(all_nodes),
			 .hop_limit = IS(255),
			 .kind = PV_ICMP6,
			 .type = IS(ICMP6_RA),
			 .param = IS(64u << 24 | lifetime_s),
			 .data = IS_OCTETS(data, sizeof(data)) };

	opt[0] = 3;
	opt[1] = PREFIX_OPTION_OCTETS / 8;
	opt[2] = PREFIX_LEN;
	opt[3] = 0xc0;
	put_be32(opt + 4, lifetime_s);
	put_be32(opt + 8, lifetime_s);
	memcpy(opt + 16, prefix->b, IP6_ADDR_OCTETS);
	st->advertised = lifetime_s != 0;
	tx(t, who, &ra);
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

void setup_router(struct tester *t)
{
	static const enum nut_link links[] = { LINK_A, LINK_B };

	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		number(t, links[i]);
		if (t->nut->ops->advertise != NULL)
			must_do(t,
				t->nut->ops->advertise(t->nut, links[i],
						       links[i] == LINK_A ? &prefix_a : &prefix_b,
						       PREFIX_LEN),
				"router advertisements");
	}
	pause_for(t, 2 * NS_PER_S); /* DAD */
}

void setup_addr(struct tester *t, enum nut_link link, const char *addr)
{
	struct ip6_addr a;

	if (ip6_parse(addr, &a) < 0)
		tester_error(t, "\"%s\" is no address", addr);
	add_addr(t, link, &a);
	pause_for(t, 2 * NS_PER_S);
}

static void default_route(struct tester *t)
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
	pause_for(t, 3 * NS_PER_S); /* DAD of what was made of the prefix */
	for (unsigned i = 0; i < routers; i++)
		ping(t, (enum station_id)(TR1 + i));
}

/* Nobody answers at the old link-layer address any more (RFC 4861 section 7.2.5). */
static void move_away(struct tester *t, enum station_id who, const struct ip6_addr *target)
{
	uint8_t data[24] = { 0 };
	struct pv na = { .src = IS_ADDR(*target),
			 .dst = IS_ADDR(nut_lla(t, who)),
			 .hop_limit = IS(255),
			 .kind = PV_ICMP6,
			 .type = IS(ICMP6_NA),
			 .param = IS((t->st[who].router ? 0x80000000u : 0) | 0x20000000u),
			 .data = IS_OCTETS(data, sizeof(data)) };

	memcpy(data, target->b, IP6_ADDR_OCTETS);
	data[16] = 2;
	data[17] = 1;
	memcpy(data + 18, t->st[who].mac.b, ETH_MAC_OCTETS);
	data[23] ^= 0x80;
	tx(t, who, &na);
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
