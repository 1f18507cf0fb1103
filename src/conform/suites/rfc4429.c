/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Optimistic duplicate address detection, RFC 4429. A part begins with the advertisement that the
 * address is made of, and has RetransTimer (one second) from its probe on; whatever it waits for in
 * that time is in tenths of it.
 *
 * Section 3.2's router solicitation is not here: a device solicits from its link-local address,
 * which is there before any router is heard of, and so is never optimistic.
 */
#include <string.h>

#include "conform/message.h"
#include "nd/opt.h"

#define PREFIX_LEN    64
#define RETRANS_TIMER NS_PER_S
#define SOON	      (RETRANS_TIMER / 10)
#define DAD_FOR	      (2 * RETRANS_TIMER) /* until it must be over */

static const struct ip6_addr far_node = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };

static void advertise(struct tester *t, bool lladdr)
{
	struct pv adv = ra(t, TR1, 1800, 0);

	if (lladdr)
		option_lla(t, &adv, ND_OPT_SLLA, &t->st[TR1].mac);
	option_prefix(t, &adv, &prefix_b, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, 9000, 8000);
	tx(t, TR1, &adv);
}

/* Return: the address, which has just been probed for. */
static struct ip6_addr probed(struct tester *t, time_ns within)
{
	struct pv probe = { .src = IS_ADDR(IP6_UNSPEC),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .begin = IS_OCTETS(prefix_b.b, PREFIX_LEN / 8) };
	const struct seen *s = expect(t, LINK_B, within, &probe);
	struct ip6_addr a;

	memcpy(a.b, s->pv.data.p, sizeof(a.b));
	return a;
}

/* The router's link-layer address is known, and the address optimistic. */
static struct ip6_addr optimistic(struct tester *t)
{
	setup_optimistic(t);
	ping(t, TR1);
	advertise(t, true);
	return probed(t, DAD_FOR);
}

static struct pv echo_from(struct tester *t, enum station_id who, struct ip6_addr src,
			   struct ip6_addr dst)
{
	struct pv echo = echo_to(t, who, dst);

	echo.src = IS_ADDR(src);
	return echo;
}

/* @who, from @src, gets its answer at once, by way of @by. */
static void answered(struct tester *t, enum station_id who, struct ip6_addr src,
		     struct ip6_addr dst, enum station_id by)
{
	struct pv echo = echo_from(t, who, src, dst), reply = reply_to(tx(t, who, &echo));

	reply.eth_dst = IS_MAC(t->st[by].mac);
	expect(t, LINK_B, SOON, &reply);
}

static struct pv any_answer_for(const struct ip6_addr *a)
{
	return (struct pv){ .kind = PV_ICMP6,
			    .type = IS(ICMP6_NA),
			    .begin = IS_OCTETS(a->b, sizeof(a->b)) };
}

static void asks_for(struct tester *t, const struct ip6_addr *a)
{
	struct pv ask = ns(t, TN1, *a, &t->st[TN1].mac);

	ask.src = IS_ADDR(t->st[TN1].lla);
	tx(t, TN1, &ask);
}

static void not_answered(struct tester *t, const struct ip6_addr *a, time_ns how_long)
{
	struct pv never = any_answer_for(a);

	never.dst = IS_ADDR(t->st[TN1].lla);
	asks_for(t, a);
	silence(t, how_long, &never);
}

/*
 * Section 3.1 and 3.3: which addresses, and when.
 */

static void usable_at_once(struct tester *t)
{
	struct ip6_addr a = optimistic(t);

	answered(t, TR1, far_node, a, TR1);
}

static void no_delay(struct tester *t)
{
	setup_optimistic(t);
	ping(t, TR1);
	advertise(t, true);
	(void)probed(t, SOON);
}

/* Whoever is on the link is in TN1's place: nothing of an address is used before it is tested. */
static void no_lladdr(struct tester *t)
{
	struct pv reply;
	struct ip6_addr a;

	setup_optimistic(t);
	ping(t, TN1);
	advertise(t, false);
	a = probed(t, DAD_FOR);
	reply = echo_from(t, TR1, far_node, a);
	reply = reply_to(tx(t, TR1, &reply));
	silence(t, 4 * SOON, &reply);
	not_answered(t, &a, 4 * SOON);
	pause_for(t, DAD_FOR);
	answered(t, TR1, far_node, a, TR1);
}

static void by_hand(struct tester *t)
{
	struct ip6_addr a = prefix_b;

	(void)optimistic(t);
	pause_for(t, DAD_FOR);
	from_now(t);
	a.b[15] = 0x77;
	must_do(t,
		t->nut->ops->addr == NULL ? -EOPNOTSUPP
					  : t->nut->ops->addr(t->nut, LINK_B, &a, PREFIX_LEN),
		"a configured address");
	(void)probed(t, DAD_FOR);
	not_answered(t, &a, 5 * SOON);
}

/*
 * Section 3.2: what must not be sent.
 */

static struct pv asks_where(const struct ip6_addr *a)
{
	return (struct pv){ .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .begin = IS_OCTETS(a->b, sizeof(a->b)) };
}

static void asks_nobody(struct tester *t)
{
	struct ip6_addr a = optimistic(t);
	struct pv never = asks_where(&t->st[TN1].global);
	struct pv echo = echo_from(t, TN1, t->st[TN1].global, a), reply;

	reply = reply_to(tx(t, TN1, &echo));
	silence(t, 8 * SOON, &never);
	expect(t, LINK_B, 2 * DAD_FOR, &reply); /* by a router before, or by itself now */
}

static void by_router(struct tester *t)
{
	struct ip6_addr a = optimistic(t);

	answered(t, TN1, t->st[TN1].global, a, TR1);
}

/* The router tells it where TN1 is. */
static void is_redirected(struct tester *t)
{
	struct ip6_addr a = optimistic(t), tn1 = t->st[TN1].global;
	struct pv better;

	answered(t, TN1, tn1, a, TR1);
	better = redirect(t, TR1, a, tn1, tn1);
	option_lla(t, &better, ND_OPT_TLLA, &t->st[TN1].mac);
	tx(t, TR1, &better);
	answered(t, TN1, tn1, a, TN1);
}

/* Afterwards it asks like any other node. */
static void asks_afterwards(struct tester *t)
{
	struct ip6_addr a = optimistic(t);
	struct pv want = asks_where(&t->st[TN1].global);
	struct pv echo = echo_from(t, TN1, t->st[TN1].global, a);

	pause_for(t, DAD_FOR);
	tx(t, TN1, &echo);
	expect(t, LINK_B, REPLY_WITHIN, &want);
}

/*
 * Section 3.3: who asks for the address, and who wants it.
 */

/* TN1 asks; the answer overrides nothing, or with @override it does. */
static void answers(struct tester *t, const struct ip6_addr *a, bool override)
{
	struct pv answer = any_answer_for(a);
	const struct seen *s;

	answer.dst = IS_ADDR(t->st[TN1].lla);
	asks_for(t, a);
	s = expect(t, LINK_B, SOON, &answer);
	if ((s->pv.param.v & NA_SOLICITED) == 0)
		tester_fail(t, "the answer is not marked as solicited");
	if (((s->pv.param.v & NA_OVERRIDE) != 0) != override)
		tester_fail(t, "the Override flag is %s, DAD is %s", override ? "clear" : "set",
			    override ? "over" : "not over");
}

static void overrides_nothing(struct tester *t)
{
	struct ip6_addr a = optimistic(t);

	answers(t, &a, false);
}

static void overrides_afterwards(struct tester *t)
{
	struct ip6_addr a = optimistic(t);

	pause_for(t, DAD_FOR);
	answers(t, &a, true);
}

/* It is gone, now and when DAD would be over. */
static void deconfigured(struct tester *t, const struct ip6_addr *a)
{
	not_answered(t, a, 2 * SOON);
	pause_for(t, DAD_FOR);
	not_answered(t, a, SILENCE_FOR);
}

static void not_defended(struct tester *t)
{
	struct ip6_addr a = optimistic(t);
	struct pv never = any_answer_for(&a), probe = ns(t, TN1, a, NULL);

	never.dst = IS_ADDR(all_nodes); /* to routers it may be told: RFC 9131 section 6.1.2 */
	probe.src = IS_ADDR(IP6_UNSPEC);
	tx(t, TN1, &probe);
	silence(t, 2 * SOON, &never);
	deconfigured(t, &a);
}

static void taken(struct tester *t)
{
	struct ip6_addr a = optimistic(t);
	struct pv pv = na(t, TN1, a, all_nodes, NA_OVERRIDE, &t->st[TN1].mac);

	tx(t, TN1, &pv);
	deconfigured(t, &a);
}

#define PART(id, title, purpose, section, level, needs, fn)                                        \
	{                                                                                          \
		"rfc4429." id, title, purpose, "RFC 4429 section " section, level, NUT_HOST,       \
			NUT_CAN_OPTIMISTIC | (needs), SOON, fn                                     \
	}

static const struct part parts[] = {
	PART("3.1.a", "an address that somebody entered",
	     "It is not optimistic: somebody else may have been given the same.", "3.1",
	     LEVEL_SHOULD, NUT_CAN_ADDR, by_hand),
	PART("3.2.a", "a neighbor that is not known",
	     "For what an optimistic address sends nobody's link-layer address is asked for.",
	     "3.2", LEVEL_MUST, 0, asks_nobody),
	PART("3.2.b", "a neighbor that is not known, by a router",
	     "What an optimistic address sends there goes to a default router.", "3.2",
	     LEVEL_SHOULD, 0, by_router),
	PART("3.2.c", "a router that redirects",
	     "The redirect says where the neighbor is; what follows goes there.", "3.2",
	     LEVEL_SHOULD, 0, is_redirected),
	PART("3.2.d", "a router whose link-layer address is not known",
	     "Without it an address stays tentative until DAD is over.", "3.2", LEVEL_MUST, 0,
	     no_lladdr),
	PART("3.2.e", "a neighbor that is not known, afterwards",
	     "Once DAD is over the neighbor is asked for.", "3.3", LEVEL_MUST, 0, asks_afterwards),
	PART("3.3.a", "an address at once", "An optimistic address is in use while DAD runs.",
	     "3.3", LEVEL_MUST, 0, usable_at_once),
	PART("3.3.b", "a probe without delay", "The probe for an optimistic address does not wait.",
	     "3.3", LEVEL_SHOULD, 0, no_delay),
	PART("3.3.c", "asked for", "Who asks gets an answer that overrides nothing.", "3.3",
	     LEVEL_MUST, 0, overrides_nothing),
	PART("3.3.d", "asked for, afterwards",
	     "Once DAD is over the address is like any other, and its answer overrides.", "3.3",
	     LEVEL_SHOULD, 0, overrides_afterwards),
	PART("3.3.e", "another node's probe",
	     "Who tries for the address is not answered; it is a duplicate, and given up.", "3.3",
	     LEVEL_MUST, 0, not_defended),
	PART("3.3.f", "another node's address", "The address of somebody else is given up.", "3.3",
	     LEVEL_MUST, 0, taken),
};

const struct suite suite_rfc4429 = {
	.name = "rfc4429",
	.title = "optimistic DAD",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
