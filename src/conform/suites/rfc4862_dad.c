/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Duplicate address detection: tests 3.1.1 to 3.1.5 of the core specification 4.0.7, by RFC 4862.
 * Each part restarts the device and does something to it while its link-local address is
 * tentative, that is, between its probe and RetransTimer (one second) later.
 */
#include <string.h>

#include "conform/message.h"
#include "ip6/scope.h"
#include "nd/opt.h"

#define PROBE_WITHIN  (4 * NS_PER_S) /* MAX_RTR_SOLICITATION_DELAY, and a device's boot */
#define RETRANS_TIMER NS_PER_S
#define DAD_FOR	      (3 * NS_PER_S) /* until it must be over */
#define WRONG_CSUM    0x1bad
#define NS_RESERVED   0xffffffffu
#define NA_RESERVED   0x1fffffffu

static struct pv probe_for(const struct ip6_addr *target, size_t octets_of_it)
{
	return (struct pv){ .src = IS_ADDR(IP6_UNSPEC),
			    .hop_limit = IS(255),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .code = IS(0),
			    .begin = IS_OCTETS(target->b, octets_of_it) };
}

/* Restart the device. Return: its link-local address on link B, which it has just probed for. */
static struct ip6_addr tentative(struct tester *t)
{
	static const struct ip6_addr link_local = { { 0xfe, 0x80 } };
	struct pv probe = probe_for(&link_local, 8), other;
	const struct seen *s;
	struct ip6_addr a;

	reboot(t);
	s = expect(t, LINK_B, PROBE_WITHIN, &probe);
	memcpy(a.b, s->pv.data.p, sizeof(a.b));
	other = probe_for(&a, sizeof(a.b)); /* a router probes on link A as well */
	other.dst = IS_ADDR(ip6_solicited_node(&a));
	if (pv_match(&other, &s->pv) != 0)
		tester_fail(t, "the probe is not sent to the solicited-node group of its target");
	return a;
}

/* TN1 asks for @a, at its group and then at itself; both are answered, or neither is. */
static void asked_for(struct tester *t, struct ip6_addr a, bool has_it)
{
	struct pv never = { .kind = PV_ICMP6,
			    .type = IS(ICMP6_NA),
			    .begin = IS_OCTETS(a.b, sizeof(a.b)) };
	struct pv answer = never;

	answer.dst = IS_ADDR(t->st[TN1].lla);
	for (unsigned i = 0; i < 2; i++) {
		struct pv ask = ns(t, TN1, a, &t->st[TN1].mac);

		ask.src = IS_ADDR(t->st[TN1].lla);
		if (i == 1)
			ask.dst = IS_ADDR(a);
		tx(t, TN1, &ask);
		if (has_it) {
			const struct seen *s = expect(t, LINK_B, REPLY_WITHIN, &answer);

			if ((s->pv.param.v & NA_SOLICITED) == 0)
				tester_fail(t, "the answer is not marked as solicited");
		} else {
			silence(t, SILENCE_FOR, &never);
		}
	}
}

/* @a is nobody else's: the device has it once its probe is over. */
static void survives(struct tester *t, struct ip6_addr a)
{
	pause_for(t, DAD_FOR);
	asked_for(t, a, true);
}

static void no_router_solicitation(struct tester *t)
{
	struct pv never = { .kind = PV_ICMP6, .type = IS(ICMP6_RS) };

	silence(t, DAD_FOR, &never);
}

/* The interface is off: an address made of an advertised prefix does not come to be. */
static void no_global_address(struct tester *t, struct ip6_addr lla)
{
	struct ip6_addr global = prefix_b;
	struct pv adv = ra(t, TR1, 600, 0), ask, never;

	memcpy(global.b + 8, lla.b + 8, 8);
	option_prefix(t, &adv, &prefix_b, 64, PIO_ON_LINK | PIO_AUTO, 600, 600);
	tx(t, TR1, &adv);
	pause_for(t, DAD_FOR);
	ask = ns(t, TN1, global, NULL);
	ask.src = IS_ADDR(IP6_UNSPEC);
	never = (struct pv){ .kind = PV_ICMP6, .type = IS(ICMP6_NA) };
	tx(t, TN1, &ask);
	silence(t, SILENCE_FOR, &never);
}

static void no_forwarding(struct tester *t)
{
	struct pv echo, never = { .kind = PV_ICMP6, .type = IS(ICMP6_ECHO_REQUEST) };

	setup_router(t);
	echo = echo_to(t, TN1, t->st[TN2].global);
	tx(t, TN1, &echo);
	silence(t, SILENCE_FOR, &never);
}

/*
 * @a is somebody else's. RFC 4862 section 5.4.5: not assigned, and as it was made of the
 * interface's own address, IP operation SHOULD be off.
 */
static void succumbs(struct tester *t, struct ip6_addr a)
{
	if (t->role == NUT_HOST)
		no_router_solicitation(t);
	else
		pause_for(t, DAD_FOR);
	asked_for(t, a, false);
	if (t->role == NUT_HOST)
		no_global_address(t, a);
	else
		no_forwarding(t);
}

static struct pv dad_ns(struct tester *t, struct ip6_addr a)
{
	struct pv pv = ns(t, TN1, a, NULL);

	pv.src = IS_ADDR(IP6_UNSPEC);
	return pv;
}

static struct pv dad_na(struct tester *t, struct ip6_addr a)
{
	return na(t, TN1, a, all_nodes, NA_OVERRIDE, &t->st[TN1].mac);
}

static void autoconfigures(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv again = probe_for(&a, sizeof(a.b)), ask, answer;

	again.dst = IS_ADDR(ip6_solicited_node(&a));
	silence(t, DAD_FOR, &again); /* DupAddrDetectTransmits is 1 */
	ask = dad_ns(t, a);
	tx(t, TN1, &ask);
	answer = (struct pv){ .src = IS_ADDR(a),
			      .dst = IS_ADDR(all_nodes),
			      .hop_limit = IS(255),
			      .kind = PV_ICMP6,
			      .type = IS(ICMP6_NA),
			      .begin = IS_OCTETS(a.b, sizeof(a.b)) };
	if ((expect(t, LINK_B, REPLY_WITHIN, &answer)->pv.param.v & NA_SOLICITED) != 0)
		tester_fail(t, "an answer to the unspecified address is marked as solicited");
}

static void ns_for_other(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, t->st[TN1].lla);

	pv.dst = IS_ADDR(ip6_solicited_node(&a));
	tx(t, TN1, &pv);
	survives(t, a);
}

static void ns_for_same(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, a);

	tx(t, TN1, &pv);
	succumbs(t, a);
}

static void na_for_other(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_na(t, t->st[TN1].lla);

	tx(t, TN1, &pv);
	survives(t, a);
}

static void na_for_same(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = na(t, TN1, a, all_nodes, NA_OVERRIDE, NULL);

	tx(t, TN1, &pv);
	succumbs(t, a);
}

static void ns_short(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, a);

	pv.data.n = 8;
	tx(t, TN1, &pv);
	survives(t, a);
}

static void ns_hop_limit(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, a);

	pv.hop_limit = IS(254);
	tx(t, TN1, &pv);
	survives(t, a);
}

static void ns_unicast(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, a);

	pv.dst = IS_ADDR(a);
	tx(t, TN1, &pv);
	survives(t, a);
}

static void ns_all_nodes(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, a);

	pv.dst = IS_ADDR(all_nodes);
	tx(t, TN1, &pv);
	survives(t, a);
}

static void ns_code(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, a);

	pv.code = IS(1);
	tx(t, TN1, &pv);
	survives(t, a);
}

static void ns_checksum(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, a);

	pv.csum = IS(WRONG_CSUM);
	tx(t, TN1, &pv);
	survives(t, a);
}

static void ns_multicast_target(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, ip6_solicited_node(&a));

	pv.dst = IS_ADDR(ip6_solicited_node(&a));
	tx(t, TN1, &pv);
	survives(t, a);
}

static void ns_with_slla(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, a);

	option_lla(t, &pv, ND_OPT_SLLA, &t->st[TN1].mac);
	tx(t, TN1, &pv);
	survives(t, a);
}

static void ns_reserved(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, a);

	pv.param = IS(NS_RESERVED);
	tx(t, TN1, &pv);
	succumbs(t, a);
}

static void ns_with_tlla(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_ns(t, a);

	option_lla(t, &pv, ND_OPT_TLLA, &t->st[TN1].mac);
	tx(t, TN1, &pv);
	succumbs(t, a);
}

static void na_short(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_na(t, a);

	pv.data.n = 8;
	tx(t, TN1, &pv);
	survives(t, a);
}

static void na_hop_limit(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_na(t, a);

	pv.hop_limit = IS(254);
	tx(t, TN1, &pv);
	survives(t, a);
}

static void na_code(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_na(t, a);

	pv.code = IS(1);
	tx(t, TN1, &pv);
	survives(t, a);
}

static void na_checksum(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_na(t, a);

	pv.csum = IS(WRONG_CSUM);
	tx(t, TN1, &pv);
	survives(t, a);
}

static void na_solicited(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_na(t, a);

	pv.param.v |= NA_SOLICITED;
	tx(t, TN1, &pv);
	survives(t, a);
}

static void na_multicast_target(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_na(t, ip6_solicited_node(&a));

	pv.src = IS_ADDR(a);
	tx(t, TN1, &pv);
	survives(t, a);
}

static void na_option_zero(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_na(t, a);
	uint8_t *data = octets(t, pv.data.n);

	memcpy(data, pv.data.p, pv.data.n);
	data[IP6_ADDR_OCTETS + 1] = 0;
	pv.data.p = data;
	tx(t, TN1, &pv);
	survives(t, a);
}

static void na_reserved(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = dad_na(t, a);

	pv.param.v |= NA_RESERVED;
	tx(t, TN1, &pv);
	succumbs(t, a);
}

static void na_with_slla(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = na(t, TN1, a, all_nodes, NA_OVERRIDE, NULL);

	option_lla(t, &pv, ND_OPT_SLLA, &t->st[TN1].mac);
	tx(t, TN1, &pv);
	succumbs(t, a);
}

static void resolution(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = ns(t, TN1, a, &t->st[TN1].mac);

	tx(t, TN1, &pv);
	survives(t, a);
}

static void resolution_unicast(struct tester *t)
{
	struct ip6_addr a = tentative(t);
	struct pv pv = ns(t, TN1, a, &t->st[TN1].mac);

	pv.dst = IS_ADDR(a);
	tx(t, TN1, &pv);
	survives(t, a);
}

#define PART(id, title, purpose, clause, level, fn)                                                \
	{                                                                                          \
		"v6lc.3.1." id, title, purpose, clause, level, NUT_BOTH, NUT_CAN_REBOOT, NS_PER_S, \
			fn                                                                         \
	}

#define IGNORED	 "An invalid message does not keep the tentative address from being assigned."
#define BELIEVED "What is not understood of a valid message is ignored, its meaning is not."

static const struct part parts[] = {
	PART("1", "duplicate address detection",
	     "A node probes once for its link-local address and has it a second later.",
	     "RFC 4862 section 5.4", LEVEL_MUST, autoconfigures),
	PART("2.a", "a probe for another address", "Others' addresses are no business of a node's.",
	     "RFC 4862 section 5.4.3", LEVEL_MUST, ns_for_other),
	PART("2.b", "a probe for the same address",
	     "Who sees another's probe for its tentative address does without, and stops.",
	     "RFC 4862 section 5.4.3", LEVEL_MUST, ns_for_same),
	PART("2.c", "an advertisement of another address",
	     "Others' addresses are no business of a node's.", "RFC 4862 section 5.4.4", LEVEL_MUST,
	     na_for_other),
	PART("2.d", "an advertisement of the same address",
	     "Who hears that its tentative address is another's does without, and stops.",
	     "RFC 4862 section 5.4.4", LEVEL_MUST, na_for_same),
	PART("3.a", "bad probe: too short", IGNORED, "RFC 4861 section 7.1.1", LEVEL_MUST,
	     ns_short),
	PART("3.b", "bad probe: hop limit", IGNORED, "RFC 4861 section 7.1.1", LEVEL_MUST,
	     ns_hop_limit),
	PART("3.c", "bad probe: sent to the address", IGNORED, "RFC 4861 section 7.1.1", LEVEL_MUST,
	     ns_unicast),
	PART("3.d", "bad probe: sent to all nodes", IGNORED, "RFC 4861 section 7.1.1", LEVEL_MUST,
	     ns_all_nodes),
	PART("3.e", "bad probe: code", IGNORED, "RFC 4861 section 7.1.1", LEVEL_MUST, ns_code),
	PART("3.f", "bad probe: checksum", IGNORED, "RFC 4861 section 7.1.1", LEVEL_MUST,
	     ns_checksum),
	PART("3.g", "bad probe: multicast target", IGNORED, "RFC 4861 section 7.1.1", LEVEL_MUST,
	     ns_multicast_target),
	PART("3.h", "bad probe: source link-layer address", IGNORED, "RFC 4861 section 7.1.1",
	     LEVEL_MUST, ns_with_slla),
	PART("3.i", "good probe: reserved field", BELIEVED, "RFC 4861 section 4.3", LEVEL_MUST,
	     ns_reserved),
	PART("3.j", "good probe: an option that does not belong there", BELIEVED,
	     "RFC 4861 section 7.1.1", LEVEL_MUST, ns_with_tlla),
	PART("4.a", "bad advertisement: too short", IGNORED, "RFC 4861 section 7.1.2", LEVEL_MUST,
	     na_short),
	PART("4.b", "bad advertisement: hop limit", IGNORED, "RFC 4861 section 7.1.2", LEVEL_MUST,
	     na_hop_limit),
	PART("4.c", "bad advertisement: code", IGNORED, "RFC 4861 section 7.1.2", LEVEL_MUST,
	     na_code),
	PART("4.d", "bad advertisement: checksum", IGNORED, "RFC 4861 section 7.1.2", LEVEL_MUST,
	     na_checksum),
	PART("4.e", "bad advertisement: solicited, to all nodes", IGNORED, "RFC 4861 section 7.1.2",
	     LEVEL_MUST, na_solicited),
	PART("4.f", "bad advertisement: multicast target", IGNORED, "RFC 4861 section 7.1.2",
	     LEVEL_MUST, na_multicast_target),
	PART("4.g", "bad advertisement: option of length zero", IGNORED, "RFC 4861 section 7.1.2",
	     LEVEL_MUST, na_option_zero),
	PART("4.h", "good advertisement: reserved field", BELIEVED, "RFC 4861 section 4.4",
	     LEVEL_MUST, na_reserved),
	PART("4.i", "good advertisement: an option that does not belong there", BELIEVED,
	     "RFC 4861 section 7.1.2", LEVEL_MUST, na_with_slla),
	PART("5.a", "a solicitation of the tentative address",
	     "Who only wants to resolve the address is no owner of it.", "RFC 4862 section 5.4.3",
	     LEVEL_MUST, resolution),
	PART("5.b", "a unicast solicitation of the tentative address",
	     "Who only wants to resolve the address is no owner of it.", "RFC 4862 section 5.4.3",
	     LEVEL_MUST, resolution_unicast),
};

const struct suite suite_rfc4862_dad = {
	.name = "rfc4862-dad",
	.title = "duplicate address detection",
	.part = parts,
	.n = ARRAY_LEN(parts),
};
