/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Duplicate address detection on links that bring a device's own probes back, RFC 7527. Each part
 * restarts the device and has the link bring back what it probes for its link-local address with.
 */
#include <string.h>

#include "conform/message.h"
#include "ip6/scope.h"
#include "nd/opt.h"

#define PROBE_WITHIN	      (4 * NS_PER_S) /* MAX_RTR_SOLICITATION_DELAY, and a device's boot */
#define RETRANS_TIMER	      NS_PER_S
#define DAD_FOR		      (3 * NS_PER_S) /* until it must be over, if nothing comes back */
#define MAX_MULTICAST_SOLICIT 3
#define NONCE_MIN	      6

static struct pv probe_of(const struct ip6_addr *a, size_t octets)
{
	return (struct pv){ .src = IS_ADDR(IP6_UNSPEC),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .begin = IS_OCTETS(a->b, octets) };
}

/* Restart the device. Return: its first probe for its link-local address on link B. */
static const struct seen *first_probe(struct tester *t)
{
	static const struct ip6_addr link_local = { { 0xfe, 0x80 } };
	struct pv probe = probe_of(&link_local, 8);

	reboot(t);
	return expect(t, LINK_B, PROBE_WITHIN, &probe);
}

static struct ip6_addr target_of(const struct seen *probe)
{
	struct ip6_addr a;

	memcpy(a.b, probe->pv.data.p, sizeof(a.b));
	return a;
}

/* The next probe for the same, a RetransTimer later. */
static const struct seen *next_probe(struct tester *t, const struct seen *last)
{
	struct ip6_addr a = target_of(last);
	struct pv probe = probe_of(&a, sizeof(a.b));

	return expect_at(t, LINK_B, time_after(last->when, RETRANS_TIMER), &probe);
}

static const uint8_t *nonce_of(const struct seen *probe)
{
	return option_find(&probe->pv, IP6_ADDR_OCTETS, ND_OPT_NONCE);
}

/* The same frame again: from the device's own link-layer address, with its nonce. */
static void comes_back(struct tester *t, const struct seen *probe)
{
	tx(t, TN1, &probe->pv);
}

static void asked_for(struct tester *t, struct ip6_addr a, bool has_it)
{
	struct pv ask = ns(t, TN1, a, &t->st[TN1].mac);
	struct pv answer = { .kind = PV_ICMP6,
			     .type = IS(ICMP6_NA),
			     .begin = IS_OCTETS(a.b, sizeof(a.b)) };

	ask.src = IS_ADDR(t->st[TN1].lla);
	tx(t, TN1, &ask);
	if (has_it)
		expect(t, LINK_B, REPLY_WITHIN, &answer);
	else
		silence(t, SILENCE_FOR, &answer);
}

static void has_nonce(struct tester *t)
{
	const uint8_t *nonce = nonce_of(first_probe(t));

	if (nonce == NULL)
		tester_fail(t, "the probe has no nonce option");
	if (nonce[1] * (size_t)ND_OPT_UNIT - ND_OPT_HDR < NONCE_MIN)
		tester_fail(t, "the nonce is shorter than six octets (RFC 3971 section 5.3.2)");
}

static void not_duplicate(struct tester *t)
{
	const struct seen *probe = first_probe(t);

	comes_back(t, probe);
	pause_for(t, DAD_FOR + MAX_MULTICAST_SOLICIT * RETRANS_TIMER);
	asked_for(t, target_of(probe), true);
}

/* A probe that comes back proves nothing: three more follow, and then the address is there. */
static void probes_again(struct tester *t)
{
	const struct seen *probe = first_probe(t);
	struct ip6_addr a = target_of(probe);
	struct pv more = probe_of(&a, sizeof(a.b));

	comes_back(t, probe);
	for (unsigned i = 0; i < MAX_MULTICAST_SOLICIT; i++)
		probe = next_probe(t, probe);
	pause_for(t, 2 * RETRANS_TIMER);
	asked_for(t, a, true);
	silence(t, SILENCE_FOR, &more);
}

static void other_nonces(struct tester *t)
{
	const struct seen *probe = first_probe(t), *next;

	comes_back(t, probe);
	for (unsigned i = 0; i < MAX_MULTICAST_SOLICIT; i++) {
		next = next_probe(t, probe);
		if (nonce_of(probe) == NULL || nonce_of(next) == NULL)
			tester_fail(t, "a probe has no nonce option");
		if (memcmp(nonce_of(probe), nonce_of(next), ND_OPT_UNIT) == 0)
			tester_fail(t, "two probes have one nonce");
		probe = next;
	}
}

/* An earlier probe comes back late, after the next has been sent. */
static void late(struct tester *t)
{
	const struct seen *probe = first_probe(t), *next;

	comes_back(t, probe);
	next = next_probe(t, probe);
	comes_back(t, probe);
	comes_back(t, next);
	pause_for(t, DAD_FOR + 2 * MAX_MULTICAST_SOLICIT * RETRANS_TIMER);
	asked_for(t, target_of(probe), true);
}

/* Somebody else's probe has another nonce, or none. */
static void duplicate(struct tester *t, bool with_nonce)
{
	static const uint8_t nonce[NONCE_MIN] = { 1, 2, 3, 4, 5, 6 };
	struct ip6_addr a = target_of(first_probe(t));
	struct pv probe = ns(t, TN1, a, NULL);

	probe.src = IS_ADDR(IP6_UNSPEC);
	if (with_nonce)
		option(t, &probe, ND_OPT_NONCE, nonce, sizeof(nonce));
	tx(t, TN1, &probe);
	/* as long as it would take who had mistaken it for its own */
	pause_for(t, DAD_FOR + MAX_MULTICAST_SOLICIT * RETRANS_TIMER);
	asked_for(t, a, false);
}

static void other_nonce(struct tester *t)
{
	duplicate(t, true);
}

static void no_nonce(struct tester *t)
{
	duplicate(t, false);
}

#define PART(id, title, purpose, section, level, fn)                                               \
	{                                                                                          \
		"rfc7527." id, title, purpose, "RFC 7527 section " section, level, NUT_BOTH,       \
			NUT_CAN_REBOOT, NS_PER_S / 2, fn                                           \
	}

static const struct part parts[] = {
	PART("4.1.a", "a nonce", "A probe has a nonce that tells it from another node's.", "4.1",
	     LEVEL_SHOULD, has_nonce),
	PART("4.1.b", "three probes more",
	     "When a probe has come back three more are sent before the address is used.", "4.1",
	     LEVEL_SHOULD, probes_again),
	PART("4.1.c", "a nonce each", "No two probes have the same nonce.", "4.1", LEVEL_SHOULD,
	     other_nonces),
	PART("4.2.a", "a probe that comes back", "The device's own probe makes no duplicate.",
	     "4.2", LEVEL_SHOULD, not_duplicate),
	PART("4.2.b", "a probe that comes back late",
	     "Nor does one that another has been sent after.", "4.2", LEVEL_SHOULD, late),
	PART("4.2.c", "another node's nonce", "Who probes with another nonce is another node.",
	     "4.2", LEVEL_MUST, other_nonce),
	PART("4.2.d", "another node without nonce", "So is who probes without one.", "4.2",
	     LEVEL_MUST, no_nonce),
};

const struct suite suite_rfc7527 = {
	.name = "rfc7527",
	.title = "enhanced DAD",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
