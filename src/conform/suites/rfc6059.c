/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Detecting network attachment, RFC 6059: the device's link goes down and comes up, where it was or
 * elsewhere. Elsewhere is where TR1 does not answer. What a device does without simple DNA is in
 * the parts that do not ask for it.
 */
#include <string.h>

#include "conform/message.h"
#include "nd/opt.h"

#define PREFIX_LEN 64
#define DAD_FOR	   (3 * NS_PER_S)
#define AT_ONCE	   (NS_PER_S / 10)
#define AWAY	   (5 * NS_PER_S)
#define PROBES_FOR (10 * NS_PER_S)
#define PROBES_MAX 3		  /* section 5.11: SHOULD NOT retransmit more than twice */
#define RS_AGAIN   (3 * NS_PER_S) /* RTR_SOLICITATION_INTERVAL, less its jitter */
#define LIFETIME_S 9000u

static const struct ip6_addr prefix_y = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0e } };

static void advertise(struct tester *t, enum station_id who, const struct ip6_addr *prefix,
		      uint8_t flags, uint32_t valid_s)
{
	struct pv adv = ra(t, who, 1800, 0);

	option_lla(t, &adv, ND_OPT_SLLA, &t->st[who].mac);
	option_prefix(t, &adv, prefix, PREFIX_LEN, flags, valid_s, valid_s);
	tx(t, who, &adv);
}

/* To the address of prefix_b, from a neighbor who can be asked for, wherever this is. */
static struct pv request(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_global(t, TN1));

	echo.src = IS_ADDR(t->st[TN1].lla);
	return echo;
}

static void works(struct tester *t, time_ns within)
{
	struct pv echo = request(t), reply = reply_to(tx(t, TN1, &echo));

	expect(t, LINK_B, within, &reply);
}

static void works_not(struct tester *t, time_ns how_long)
{
	struct pv echo = request(t), reply = reply_to(tx(t, TN1, &echo));

	silence(t, how_long, &reply);
}

/* The device has an address of TR1's prefix, and of TR1's link-layer address. */
static void attached(struct tester *t)
{
	ping(t, TR1);
	advertise(t, TR1, &prefix_b, PIO_ON_LINK | PIO_AUTO, LIFETIME_S);
	settle(t, DAD_FOR, 1);
	works(t, REPLY_WITHIN);
}

static void down(struct tester *t)
{
	setup_link(t, LINK_B, false);
	pause_for(t, AWAY);
}

static void up(struct tester *t)
{
	from_now(t);
	setup_link(t, LINK_B, true);
}

static void back(struct tester *t)
{
	down(t);
	up(t);
}

static struct pv probe_of(const struct tester *t, enum station_id who)
{
	return (struct pv){ .dst = IS_ADDR(t->st[who].lla),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .begin = IS_OCTETS(t->st[who].lla.b, IP6_ADDR_OCTETS) };
}

static struct pv any_rs(void)
{
	return (struct pv){ .dst = IS_ADDR(all_routers), .kind = PV_ICMP6, .type = IS(ICMP6_RS) };
}

/* A test of the address of TR1's prefix. */
static struct pv any_dad(const struct tester *t)
{
	struct ip6_addr a = nut_global(t, TR1);
	struct pv pv = { .src = IS_ADDR(IP6_UNSPEC), .kind = PV_ICMP6, .type = IS(ICMP6_NS) };

	pv.dst = IS_ADDR(ip6_solicited_node(&a));
	return pv;
}

/*
 * Section 5.4 and 5.5: the link comes up.
 */

/* TR1 does not answer: nobody knows what is in use here. */
static void inoperable(struct tester *t)
{
	attached(t);
	t->st[TR1].muted = true;
	back(t);
	works_not(t, NS_PER_S);
	works_not(t, SILENCE_FOR);
	t->st[TR1].muted = false;
	ping(t, TR1);
}

static void solicits_routers(struct tester *t)
{
	struct pv want = any_rs(), again = any_rs();
	const struct seen *s;

	attached(t);
	t->st[TR1].muted = true;
	down(t);
	up(t);
	want.src = IS_ADDR(nut_lla(t, TR1));
	want.hop_limit = IS(255);
	s = expect(t, LINK_B, AT_ONCE, &want);
	if (option_find(&s->pv, 0, ND_OPT_SLLA) != NULL)
		tester_fail(t, "the solicitation has a source link-layer address (section 5.6.2: "
			       "SHOULD NOT)");
	silence(t, RS_AGAIN, &again);
}

/* Any host: it comes up anew. */
static void solicits_somehow(struct tester *t)
{
	struct pv want = any_rs();

	attached(t);
	back(t);
	expect(t, LINK_B, DAD_FOR, &want);
}

static void probes(struct tester *t)
{
	struct pv want = probe_of(t, TR1);
	const struct seen *s;

	attached(t);
	back(t);
	want.src = IS_ADDR(nut_lla(t, TR1));
	want.eth_dst = IS_MAC(t->st[TR1].mac);
	want.hop_limit = IS(255);
	s = expect(t, LINK_B, AT_ONCE, &want);
	if (!has_lla(&s->pv, ND_OPT_SLLA, &s->pv.eth_src.m))
		tester_fail(t, "the probe has no source link-layer address (section 5.6.1: "
			       "SHOULD)");
}

static void probes_each_once(struct tester *t)
{
	struct pv one = probe_of(t, TR1), two = probe_of(t, TR2);

	attached(t);
	advertise(t, TR2, &prefix_b, PIO_ON_LINK | PIO_AUTO, LIFETIME_S);
	pause_for(t, NS_PER_S);
	back(t);
	expect(t, LINK_B, AT_ONCE, &one);
	expect(t, LINK_B, AT_ONCE, &two);
	silence(t, NS_PER_S / 2, &one);
	silence(t, NS_PER_S / 2, &two);
}

/* Nothing was made of what TR1 said: it is asked for nothing. */
static void no_address(struct tester *t)
{
	struct pv never = probe_of(t, TR1);

	ping(t, TR1);
	advertise(t, TR1, &prefix_b, PIO_ON_LINK, LIFETIME_S);
	pause_for(t, 8 * NS_PER_S); /* until the probes of the ping are over */
	back(t);
	silence(t, 2 * DAD_FOR, &never);
}

static void no_valid_address(struct tester *t)
{
	struct pv never = probe_of(t, TR1);

	ping(t, TR1);
	advertise(t, TR1, &prefix_b, PIO_ON_LINK | PIO_AUTO, 10);
	settle(t, DAD_FOR, 1);
	works(t, REPLY_WITHIN);
	setup_link(t, LINK_B, false);
	pause_for(t, 15 * NS_PER_S);
	up(t);
	silence(t, 2 * DAD_FOR, &never);
}

/*
 * Sections 5.7 and 5.8: who answers.
 */

static void confirmed(struct tester *t)
{
	struct pv probe = probe_of(t, TR1);

	attached(t);
	back(t);
	expect(t, LINK_B, AT_ONCE, &probe);
	pause_for(t, AT_ONCE);
	works(t, AT_ONCE);
}

static void no_dad(struct tester *t)
{
	struct pv probe = probe_of(t, TR1), never = any_dad(t);

	attached(t);
	never = any_dad(t);
	back(t);
	expect(t, LINK_B, AT_ONCE, &probe);
	silence(t, DAD_FOR, &never);
	works(t, REPLY_WITHIN);
}

/* Its default router is there again, too: what is for far goes to it. */
static void router_again(struct tester *t)
{
	static const struct ip6_addr far = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0c, [15] = 2 } };
	struct pv probe = probe_of(t, TR1), echo, reply;

	attached(t);
	back(t);
	expect(t, LINK_B, AT_ONCE, &probe);
	pause_for(t, AT_ONCE);
	echo = request(t);
	echo.src = IS_ADDR(far);
	reply = reply_to(tx(t, TR1, &echo));
	reply.eth_dst = IS_MAC(t->st[TR1].mac);
	expect(t, LINK_B, AT_ONCE, &reply);
}

/* Somebody with TR1's address answers, but is not TR1. */
static void other_lladdr(struct tester *t)
{
	struct mac other;
	struct pv tell;

	attached(t);
	t->st[TR1].muted = true;
	back(t);
	other = t->st[TR1].mac;
	other.b[5] ^= 0x80;
	tell = na(t, TR1, t->st[TR1].lla, nut_lla(t, TR1), NA_ROUTER | NA_SOLICITED | NA_OVERRIDE,
		  &other);
	tell.eth_src = IS_MAC(other);
	tx(t, TR1, &tell);
	works_not(t, SILENCE_FOR);
}

/* TR1 answers, and then advertises another prefix. */
static void advertisement_counts(struct tester *t)
{
	attached(t);
	back(t);
	pause_for(t, NS_PER_S);
	advertise(t, TR1, &prefix_y, PIO_ON_LINK | PIO_AUTO, LIFETIME_S);
	works_not(t, SILENCE_FOR);
	ping(t, TR1);
}

/* Section 5.8: a new link's prefix is taken as on any link, and TR1's is not here. */
static void elsewhere(struct tester *t)
{
	struct pv probe = { .src = IS_ADDR(IP6_UNSPEC),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .begin = IS_OCTETS(prefix_y.b, PREFIX_LEN / 8) };

	attached(t);
	t->st[TR1].muted = true;
	back(t);
	pause_for(t, DAD_FOR);
	advertise(t, TR2, &prefix_y, PIO_ON_LINK | PIO_AUTO, LIFETIME_S);
	expect(t, LINK_B, DAD_FOR, &probe);
	works_not(t, SILENCE_FOR);
}

/*
 * Section 5.11.
 */

static unsigned count(struct tester *t, const struct pv *pv, time_ns how_long)
{
	time_ns until = tester_deadline(t, how_long);
	struct seen *s;
	unsigned n = 0;

	while ((s = tester_take(t, until)) != NULL)
		n += s->ip6 && pv_match(pv, &s->pv) == 0;
	return n;
}

static void ceases(struct tester *t)
{
	struct pv probe = probe_of(t, TR1);
	unsigned n;

	attached(t);
	t->st[TR1].muted = true;
	down(t);
	from_now(t);
	setup_link(t, LINK_B, true);
	n = count(t, &probe, PROBES_FOR);
	if (n == 0 || n > PROBES_MAX)
		tester_fail(t, "a router that does not answer is probed %u times", n);
}

static void ceases_with_answer(struct tester *t)
{
	struct pv probe = probe_of(t, TR1);

	attached(t);
	back(t);
	expect(t, LINK_B, AT_ONCE, &probe);
	pause_for(t, AT_ONCE);
	silence(t, 4 * NS_PER_S, &probe);
}

static void damped(struct tester *t)
{
	struct pv probe = probe_of(t, TR1);

	attached(t);
	back(t);
	expect(t, LINK_B, AT_ONCE, &probe);
	setup_link(t, LINK_B, false);
	up(t);
	silence(t, NS_PER_S / 2, &probe);
}

#define PART(id, title, purpose, section, level, needs, fn)                                        \
	{                                                                                          \
		"rfc6059." id, title, purpose, "RFC 6059 section " section, level, NUT_HOST,       \
			NUT_CAN_LINK | (needs), NS_PER_S / 2, fn                                   \
	}

static const struct part parts[] = {
	PART("5.4.a", "addresses of a link that may be another",
	     "Until it knows where it is the device uses no address of the link that it was on.",
	     "5.4", LEVEL_MUST, NUT_HAS_DNA, inoperable),
	PART("5.5.1.a", "a router solicitation after the link was down",
	     "When its link comes up a host solicits routers.", "5.5.1", LEVEL_SHOULD, 0,
	     solicits_somehow),
	PART("5.5.1.b", "a router solicitation at once",
	     "One leaves at once, from the link-local address and without link-layer address.",
	     "5.5.1 and 5.6.2", LEVEL_SHOULD, NUT_HAS_DNA, solicits_routers),
	PART("5.5.2.a", "a router that was there is probed",
	     "It is solicited at once by unicast, at the link-layer address that it had.",
	     "5.5.2 and 5.6.1", LEVEL_MUST, NUT_HAS_DNA, probes),
	PART("5.5.2.b", "two routers are probed", "Each router is probed, and once.", "5.5.2",
	     LEVEL_MUST, NUT_HAS_DNA, probes_each_once),
	PART("5.5.2.c", "a router that gave no address", "Who gave no address is not probed.",
	     "5.5.2", LEVEL_MUST, NUT_HAS_DNA, no_address),
	PART("5.5.2.d", "a router whose address is not valid any more",
	     "Who gave an address that has expired is not probed.", "5.5.2", LEVEL_MUST,
	     NUT_HAS_DNA, no_valid_address),
	PART("5.7.1.a", "the router answers", "Its address is in use again at once.", "5.7.1",
	     LEVEL_MUST, NUT_HAS_DNA, confirmed),
	PART("5.7.1.b", "another router of the same address answers",
	     "With another link-layer address it is another link.", "5.7.1", LEVEL_MUST,
	     NUT_HAS_DNA, other_lladdr),
	PART("5.7.3.a", "the router answers and says otherwise",
	     "An advertisement without the prefix is the last word.", "5.7.2 and 5.7.3.1",
	     LEVEL_MUST, NUT_HAS_DNA, advertisement_counts),
	PART("5.8.a", "no test of a known address",
	     "The address that its router confirms is not tested again.", "5.8", LEVEL_SHOULD,
	     NUT_HAS_DNA, no_dad),
	PART("5.8.b", "the default router again",
	     "The router that answers is a default router again.", "5.8", LEVEL_SHOULD, NUT_HAS_DNA,
	     router_again),
	PART("5.8.c", "another link",
	     "Where its routers do not answer the device makes addresses as anywhere.", "5.8",
	     LEVEL_MUST, NUT_HAS_DNA, elsewhere),
	PART("5.11.a", "nobody answers", "Two retransmissions of a probe are enough.", "5.11",
	     LEVEL_SHOULD, NUT_HAS_DNA, ceases),
	PART("5.11.b", "no probe after the answer", "Who has answered is not probed again.", "5.11",
	     LEVEL_MUST, NUT_HAS_DNA, ceases_with_answer),
	PART("5.11.c", "a link that comes and goes",
	     "More than once a second the device does not do all this.", "5.11", LEVEL_SHOULD,
	     NUT_HAS_DNA, damped),
};

const struct suite suite_rfc6059 = {
	.name = "rfc6059",
	.title = "detecting network attachment",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
