/* SPDX-License-Identifier: BSD-3-Clause */
/* Temporary addresses, by RFC 8981. Which source a host uses, RFC 6724 rule 7, is rfc6724.c's. */
#include <string.h>

#include "conform/message.h"

#define PREFIX_LEN    64
#define IN_PREFIX     (PREFIX_LEN / 8)
#define DAD_FOR	      (3 * NS_PER_S)
#define DAY	      (86400 * NS_PER_S)
#define REGEN_ADVANCE (5 * NS_PER_S) /* with one probe, one second apart */
#define IDGEN_RETRIES 3

static const struct ip6_addr prefix_y = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0e } };

static void advertise(struct tester *t, const struct ip6_addr *prefix, uint32_t valid_s,
		      uint32_t preferred_s)
{
	struct pv adv = ra(t, TR1, 1800, 0);

	option_prefix(t, &adv, prefix, PREFIX_LEN, PIO_ON_LINK | PIO_AUTO, valid_s, preferred_s);
	tx(t, TR1, &adv);
}

static struct pv probe_in(const struct ip6_addr *prefix)
{
	return (struct pv){ .src = IS_ADDR(IP6_UNSPEC),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .begin = IS_OCTETS(prefix->b, IN_PREFIX) };
}

static struct ip6_addr next_probe(struct tester *t, const struct ip6_addr *prefix, time_ns within,
				  time_ns *when)
{
	struct pv probe = probe_in(prefix);
	const struct seen *s = expect(t, LINK_B, within, &probe);
	struct ip6_addr a;

	memcpy(a.b, s->pv.data.p, sizeof(a.b));
	if (when != NULL)
		*when = s->when;
	return a;
}

/* The interface identifier that stays: the link-local address has it, or the first address seen. */
static bool is_stable(const struct tester *t, const struct ip6_addr *a)
{
	return memcmp(a->b + 8, t->lla[LINK_B].b + 8, 8) == 0;
}

/* Two addresses are probed for, one of them temporary. Return: that one. */
static struct ip6_addr forms(struct tester *t, const struct ip6_addr *prefix)
{
	struct ip6_addr first = next_probe(t, prefix, DAD_FOR, NULL);
	struct ip6_addr second = next_probe(t, prefix, DAD_FOR, NULL);

	if (ip6_eq(&first, &second))
		tester_fail(t, "an address is probed for twice, and no other one");
	return is_stable(t, &first) ? second : first;
}

static void is_formed(struct tester *t)
{
	struct ip6_addr temp, other;

	setup_temp(t);
	advertise(t, &prefix_b, 9000, 8000);
	temp = forms(t, &prefix_b);
	advertise(t, &prefix_y, 9000, 8000);
	other = forms(t, &prefix_y);
	if (memcmp(temp.b + 8, other.b + 8, 8) == 0)
		tester_fail(t, "two prefixes have the same temporary interface identifier");
}

/* Once it is there another advertisement makes no second one. */
static void only_one(struct tester *t)
{
	struct pv more = probe_in(&prefix_b);

	setup_temp(t);
	advertise(t, &prefix_b, 9000, 8000);
	(void)forms(t, &prefix_b);
	settle(t, DAD_FOR, 2);
	from_now(t);
	ping(t, TN1);
	advertise(t, &prefix_b, 9000, 8000);
	silence(t, DAD_FOR, &more);
}

/* Preferred no longer than it takes to make the next one: only the stable address is made. */
static void not_formed(struct tester *t)
{
	struct pv more = probe_in(&prefix_b);

	setup_temp(t);
	ping(t, TN1);
	advertise(t, &prefix_b, 9000, REGEN_ADVANCE / NS_PER_S);
	(void)next_probe(t, &prefix_b, DAD_FOR, NULL);
	silence(t, DAD_FOR, &more);
	advertise(t, &prefix_b, 9000, 0);
	silence(t, DAD_FOR, &more);
}

static void is_refused(struct tester *t, const struct ip6_addr *a)
{
	struct pv pv = na(t, TR1, *a, all_nodes, NA_OVERRIDE, &t->st[TR1].mac);

	tx(t, TR1, &pv);
}

/* An address that is probed for within that time, if any is. */
static bool may_probe(struct tester *t, const struct ip6_addr *prefix, struct ip6_addr *ret)
{
	time_ns until = tester_deadline(t, DAD_FOR);
	struct pv probe = probe_in(prefix);
	struct seen *s;

	while ((s = tester_take(t, until)) != NULL)
		if (s->ip6 && pv_match(&probe, &s->pv) == 0) {
			memcpy(ret->b, tester_claim(t, s)->pv.data.p, sizeof(ret->b));
			return true;
		}
	return false;
}

/*
 * Another identifier each time, TEMP_IDGEN_RETRIES times: whether the first address counts among
 * these the RFC does not say. Then no more.
 */
static void is_duplicate(struct tester *t)
{
	struct pv more = probe_in(&prefix_b);
	struct ip6_addr temp, last;

	setup_temp(t);
	advertise(t, &prefix_b, 9000, 8000);
	temp = forms(t, &prefix_b);
	for (unsigned i = 1; i < IDGEN_RETRIES; i++) {
		is_refused(t, &temp);
		last = temp;
		temp = next_probe(t, &prefix_b, DAD_FOR, NULL);
		if (memcmp(temp.b + 8, last.b + 8, 8) == 0)
			tester_fail(t, "the identifier that was refused is tried again");
	}
	is_refused(t, &temp);
	if (may_probe(t, &prefix_b, &temp))
		is_refused(t, &temp);
	ping(t, TN1);
	silence(t, 2 * DAD_FOR, &more);
}

static void another_after_reboot(struct tester *t)
{
	struct ip6_addr before, after;

	setup_temp(t);
	advertise(t, &prefix_b, 9000, 8000);
	before = forms(t, &prefix_b);
	reboot(t);
	settle(t, DAD_FOR, 1);
	setup_temp(t);
	advertise(t, &prefix_b, 9000, 8000);
	after = forms(t, &prefix_b);
	if (ip6_eq(&before, &after))
		tester_fail(t, "the temporary address is the same as before");
}

/* A day at most, less DESYNC_FACTOR of up to 0.4 days, is it preferred; the next one comes before. */
static void is_replaced(struct tester *t)
{
	time_ns last, when;

	setup_temp(t);
	advertise(t, &prefix_b, LIFE_INFINITE, LIFE_INFINITE);
	(void)forms(t, &prefix_b);
	last = t->nut->ops->now(t->nut);
	for (unsigned i = 0; i < 4; i++) {
		(void)next_probe(t, &prefix_b, DAY, &when);
		if (when - last < DAY / 10 * 6 - REGEN_ADVANCE - DAD_FOR)
			tester_fail(t, "a temporary address was replaced after %.0f s",
				    (double)(when - last) / (double)NS_PER_S);
		last = when;
	}
}

#define PART(id, title, purpose, section, level, needs, fn)                                        \
	{                                                                                          \
		"rfc8981." id, title, purpose, "RFC 8981 section " section, level, NUT_HOST,       \
			NUT_CAN_TEMP | (needs), NS_PER_S, fn                                       \
	}

static const struct part parts[] = {
	PART("3.3.a", "a temporary address",
	     "Beside its stable address a host makes a temporary one, with another identifier for "
	     "each prefix.",
	     "3.4", LEVEL_SHOULD, 0, is_formed),
	PART("3.3.b", "a temporary address after a reboot",
	     "A temporary address is another one each time.", "3.3", LEVEL_MUST, NUT_CAN_REBOOT,
	     another_after_reboot),
	PART("3.4.a", "one temporary address for a prefix",
	     "A prefix that has a temporary address gets no second one.", "3.4", LEVEL_SHOULD, 0,
	     only_one),
	PART("3.4.b", "a prefix that is about to be deprecated",
	     "A temporary address that would be deprecated at once is not made.", "3.4", LEVEL_MUST,
	     0, not_formed),
	PART("3.4.c", "a temporary address that is taken",
	     "After a duplicate another identifier is tried, three times, and no more.", "3.4",
	     LEVEL_MUST, 0, is_duplicate),
	PART("3.5.a", "a temporary address is replaced",
	     "Before it is deprecated, after less than a day, the next one is made.", "3.5",
	     LEVEL_MUST, NUT_WAITS_HOURS, is_replaced),
};

const struct suite suite_rfc8981 = {
	.name = "rfc8981",
	.title = "temporary addresses",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
