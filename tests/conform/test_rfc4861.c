/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Test group 2.1 of the conformance suites guarded: simulated nodes that are wrong on purpose about
 * Neighbor Discovery, each by one thing that is changed on its way in or out, each failed by
 * the parts that are about it and by no others of their tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conform/message.h"
#include "conform/wrong.h"
#include "ip6/scope.h"
#include "nd/opt.h"

#define PREFIX	      "v6lc.2.1."
#define DATA_MAX      512
#define TARGET_OCTETS 16
#define RA_FIXED      8
#define PIO_FLAGS_OFF 3
#define PIO_VALID_OFF 4

struct fault {
	const char *name;
	/* What becomes of a message on its way in: wrong_pass() it, changed or not, or others, or none. */
	void (*in)(struct wrong *w, struct pv *pv);
	bool (*out)(struct wrong *w, struct pv *pv); /* change it; false: it is lost */
	enum nut_role role;
	const char *tests;  /* of the group: a glob */
	const char *caught; /* by these of them, in order */
};

/* Neighbor Discovery and echoes: all that is ICMPv6. */
static bool is_message(const struct pv *pv)
{
	return pv->kind == PV_ICMP6 && pv->data.n <= DATA_MAX;
}

static struct nut *open_wrong(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct wrong *w = wrong_new(seed);
	const struct fault *fault = ctx;

	(void)why;
	(void)size;
	w->fault = fault;
	w->takes = is_message;
	w->in = fault->in;
	w->out = fault->out;
	return w->nut;
}

/*
 * What the faults look at.
 */

static bool is(const struct pv *pv, unsigned type)
{
	return pv->type.v == type;
}

static struct ip6_addr *target(struct wrong *w)
{
	return (struct ip6_addr *)(void *)w->data;
}

/* A message of TN1's about itself, or what it stands for. */
static bool of_tn1(const struct pv *pv)
{
	return ip6_is_linklocal(&pv->src.a) && pv->src.a.b[15] == 1;
}

/* Not one for duplicate address detection. */
static bool asks(const struct pv *pv)
{
	return is(pv, ICMP6_NS) && !ip6_is_unspec(&pv->src.a);
}

static void tell(struct wrong *w, struct pv *pv, uint8_t type, const struct mac *mac)
{
	uint8_t *p = w->data + TARGET_OCTETS;

	p[0] = type;
	p[1] = 1;
	memcpy(p + 2, mac->b, sizeof(mac->b));
	pv->data.n = TARGET_OCTETS + 8;
}

/*
 * 2.1.1 to 2.1.6
 */

static bool asks_no_local(struct wrong *w, struct pv *pv)
{
	return !asks(pv) || !ip6_is_linklocal(target(w));
}

static bool asks_no_global(struct wrong *w, struct pv *pv)
{
	return !asks(pv) || ip6_is_linklocal(target(w));
}

static bool loses_third(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is(pv, ICMP6_ECHO_REPLY) || pv->seq.v != 3;
}

static bool loses_second(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is(pv, ICMP6_ECHO_REPLY) || pv->seq.v != 2;
}

static void takes_flag_for_no(struct wrong *w, struct pv *pv)
{
	uint8_t *pio = w->data + RA_FIXED;

	if (is(pv, ICMP6_RA) && pio[0] == ND_OPT_PREFIX &&
	    (pio[PIO_FLAGS_OFF] & PIO_ON_LINK) == 0) {
		pio[PIO_FLAGS_OFF] |= PIO_ON_LINK;
		memset(pio + PIO_VALID_OFF, 0, 8);
	}
	wrong_pass(w, pv);
}

static void forgets_early(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_RA) && w->data[RA_FIXED] == ND_OPT_PREFIX)
		put_be32(w->data + RA_FIXED + PIO_VALID_OFF, 7);
	wrong_pass(w, pv);
}

static void believes_once(struct wrong *w, struct pv *pv)
{
	if (!is(pv, ICMP6_RA) || w->data[RA_FIXED] != ND_OPT_PREFIX || w->n++ == 0)
		wrong_pass(w, pv);
}

static void own_timer(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_RA))
		put_be32(w->data + 4, 0);
	wrong_pass(w, pv);
}

static bool in_group(const struct pv *pv)
{
	return asks(pv) && ip6_is_mcast(&pv->dst.a);
}

static bool asks_anonymously(struct wrong *w, struct pv *pv)
{
	if (in_group(pv))
		w->data[TARGET_OCTETS] = ND_OPT_NONCE;
	return true;
}

static bool asks_seldom(struct wrong *w, struct pv *pv)
{
	return !in_group(pv) || w->n++ % 2 == 0;
}

static bool asks_everybody(struct wrong *w, struct pv *pv)
{
	if (in_group(pv))
		pv->eth_dst.m = (struct mac){ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	(void)w;
	return true;
}

static bool probes_nobody(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !asks(pv) || in_group(pv);
}

static bool probes_group(struct wrong *w, struct pv *pv)
{
	if (asks(pv))
		pv->dst.a = ip6_solicited_node(target(w));
	return true;
}

static bool probes_twice(struct wrong *w, struct pv *pv)
{
	return !asks(pv) || in_group(pv) || ++w->n < 3;
}

/*
 * 2.1.7 and 2.1.15: what is no good is made good.
 */

static void mends(struct pv *pv)
{
	pv->hop_limit.v = 255;
	pv->code.v = 0;
	pv->csum.set = false;
}

static void believes_any_ns(struct wrong *w, struct pv *pv)
{
	struct mac nut = w->nut->ops->mac(w->nut, w->link);
	struct ip6_addr own = { { 0xfe, 0x80, [8] = (uint8_t)(nut.b[0] ^ 2), nut.b[1], nut.b[2],
				  0xff, 0xfe, nut.b[3], nut.b[4], nut.b[5] } };

	if (is(pv, ICMP6_NS)) {
		mends(pv);
		if (ip6_is_mcast(target(w)) || pv->data.n < TARGET_OCTETS) {
			*target(w) = own;
			pv->data.n = MAX(pv->data.n, (size_t)TARGET_OCTETS);
		}
		if (ip6_is_unspec(&pv->src.a)) {
			pv->dst.a = ip6_solicited_node(&own);
			pv->data.n = TARGET_OCTETS;
		} else if (pv->data.n > TARGET_OCTETS) {
			w->data[TARGET_OCTETS + 1] = 1;
		}
	}
	wrong_pass(w, pv);
}

static void believes_any_na(struct wrong *w, struct pv *pv)
{
	struct mac mac = pv->eth_src.m;

	if (is(pv, ICMP6_NA)) {
		mends(pv);
		if (ip6_is_mcast(&pv->dst.a))
			pv->param.v &= ~(uint64_t)NA_SOLICITED;
		*target(w) = pv->src.a;
		tell(w, pv, ND_OPT_TLLA, &mac);
	}
	wrong_pass(w, pv);
}

/*
 * 2.1.8 to 2.1.14
 */

static void learns_nothing(struct wrong *w, struct pv *pv)
{
	if (asks(pv) && option_find(pv, TARGET_OCTETS, ND_OPT_SLLA) != NULL)
		pv->data.n = TARGET_OCTETS;
	wrong_pass(w, pv);
}

static void guesses(struct wrong *w, struct pv *pv)
{
	struct mac mac = pv->eth_src.m;

	if (asks(pv))
		tell(w, pv, ND_OPT_SLLA, &mac);
	wrong_pass(w, pv);
}

/* TN1's advertisement comes with each solicitation of its. */
static void with_advert(struct wrong *w, struct pv *pv, uint32_t flags, uint8_t mac_xor)
{
	struct pv adv = *pv;
	uint8_t keep[DATA_MAX];
	struct mac mac;

	if (asks(pv) && pv->data.n > TARGET_OCTETS && option_find(pv, TARGET_OCTETS, ND_OPT_SLLA)) {
		memcpy(keep, w->data, sizeof(keep));
		memcpy(mac.b, w->data + TARGET_OCTETS + 2, sizeof(mac.b));
		mac.b[5] ^= mac_xor;
		adv.type.v = ICMP6_NA;
		adv.param.v = flags;
		*target(w) = pv->src.a;
		tell(w, &adv, ND_OPT_TLLA, &mac);
		if (!ip6_is_mcast(&adv.dst.a))
			wrong_pass(w, &adv);
		memcpy(w->data, keep, sizeof(keep));
	}
	wrong_pass(w, pv);
}

static void doubts_who_asks(struct wrong *w, struct pv *pv)
{
	with_advert(w, pv, NA_OVERRIDE, 0x55);
}

/* ... and is believed to answer. */
static void confirms_who_asks(struct wrong *w, struct pv *pv)
{
	struct ip6_addr src = pv->src.a;

	wrong_pass(w, pv);
	if (!asks(pv) || !of_tn1(pv))
		return;
	pv->type.v = ICMP6_NA;
	pv->param.v = NA_SOLICITED;
	pv->data.n = TARGET_OCTETS;
	pv->dst.a = *target(w);
	*target(w) = src;
	wrong_pass(w, pv);
}

static bool answers_unasked(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_NA))
		pv->param.v &= ~(uint64_t)NA_SOLICITED;
	return true;
}

static bool answers_as_other(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_NA))
		pv->param.v ^= NA_ROUTER;
	return true;
}

static bool answers_without(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_NA)) {
		pv->data.n = TARGET_OCTETS;
		pv->param.v &= ~(uint64_t)NA_OVERRIDE;
	}
	return true;
}

static bool answers_override(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_NA))
		pv->param.v |= NA_OVERRIDE;
	return true;
}

static bool answers_not(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is(pv, ICMP6_NA);
}

/* A solicitation of a router's makes it a host. */
static void hosts_ask(struct wrong *w, struct pv *pv)
{
	struct ip6_addr src = pv->src.a;

	wrong_pass(w, pv);
	if (!asks(pv))
		return;
	pv->type.v = ICMP6_NA;
	pv->param.v = 0;
	pv->data.n = TARGET_OCTETS;
	pv->dst.a = all_nodes;
	*target(w) = src;
	wrong_pass(w, pv);
}

/*
 * 2.1.16 to 2.1.21. TN1's first advertisement is the one that it is brought into a state with.
 */

static bool counts(struct wrong *w, const struct pv *pv)
{
	return is(pv, ICMP6_NA) && of_tn1(pv) && w->n++ > 0;
}

static void unknown_known(struct wrong *w, struct pv *pv)
{
	struct mac mac = pv->eth_src.m;

	if (is(pv, ICMP6_NA) && of_tn1(pv)) {
		pv->type.v = ICMP6_NS;
		pv->param.v = 0;
		*target(w) = pv->dst.a;
		tell(w, pv, ND_OPT_SLLA, &mac);
	}
	wrong_pass(w, pv);
}

static void unknown_unknown(struct wrong *w, struct pv *pv)
{
	if (!is(pv, ICMP6_NA) || !of_tn1(pv))
		wrong_pass(w, pv);
}

static void first_confirms(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_NA) && of_tn1(pv))
		pv->param.v |= NA_SOLICITED;
	wrong_pass(w, pv);
}

static void first_confirms_not(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_NA) && of_tn1(pv))
		pv->param.v &= ~(uint64_t)NA_SOLICITED;
	wrong_pass(w, pv);
}

static void first_guesses(struct wrong *w, struct pv *pv)
{
	struct mac mac = pv->eth_src.m;

	if (is(pv, ICMP6_NA) && of_tn1(pv))
		tell(w, pv, ND_OPT_TLLA, &mac);
	wrong_pass(w, pv);
}

static void first_wants_override(struct wrong *w, struct pv *pv)
{
	if (!is(pv, ICMP6_NA) || !of_tn1(pv) || (pv->param.v & NA_OVERRIDE) != 0)
		wrong_pass(w, pv);
}

/* ... which no valid one to all can: so to the device alone. */
static void confirms_always(struct wrong *w, struct pv *pv)
{
	if (!ip6_is_mcast(&pv->dst.a))
		w->own = pv->dst.a;
	if (counts(w, pv)) {
		pv->param.v |= NA_SOLICITED;
		pv->dst.a = w->own;
	}
	wrong_pass(w, pv);
}

static void confirms_never(struct wrong *w, struct pv *pv)
{
	if (counts(w, pv))
		pv->param.v &= ~(uint64_t)NA_SOLICITED;
	wrong_pass(w, pv);
}

static void overrides_always(struct wrong *w, struct pv *pv)
{
	if (counts(w, pv))
		pv->param.v |= NA_OVERRIDE;
	wrong_pass(w, pv);
}

static void overrides_never(struct wrong *w, struct pv *pv)
{
	if (counts(w, pv))
		pv->param.v &= ~(uint64_t)NA_OVERRIDE;
	wrong_pass(w, pv);
}

/* As RFC 4861 appendix C has it, whose text wins: no doubt where nothing is solicited. */
static void appendix_c(struct wrong *w, struct pv *pv)
{
	if (!counts(w, pv) || (pv->param.v & (NA_OVERRIDE | NA_SOLICITED)) != 0 ||
	    has_lla(pv, ND_OPT_TLLA, &pv->eth_src.m) || pv->data.n == TARGET_OCTETS)
		wrong_pass(w, pv);
}

static void deaf_to_all(struct wrong *w, struct pv *pv)
{
	if (!counts(w, pv) || !ip6_is_mcast(&pv->dst.a))
		wrong_pass(w, pv);
}

static void wants_address(struct wrong *w, struct pv *pv)
{
	if (!counts(w, pv) || pv->data.n > TARGET_OCTETS)
		wrong_pass(w, pv);
}

static void once_router(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_NA))
		pv->param.v |= NA_ROUTER;
	wrong_pass(w, pv);
}

#define HOST   NUT_HOST
#define ROUTER NUT_ROUTER

static const struct fault faults[] = {
	/* clang-format off */
	{ "none", NULL, NULL, HOST, "*", "" },
	{ "none", NULL, NULL, ROUTER, "*", "" },
	{ "asks for no link-local address", NULL, asks_no_local, HOST, "1.*", "1.a 1.b 1.c " },
	{ "asks for no link-local address", NULL, asks_no_local, ROUTER, "1.*", "1.a 1.b 1.c " },
	{ "asks for no global address", NULL, asks_no_global, HOST, "1.*", "1.b " },
	{ "loses the newest", NULL, loses_third, HOST, "2.*", "2.a 2.b " },
	{ "loses one in between", NULL, loses_second, ROUTER, "2.*", "2.a 2.b " },
	{ "no flag: not on the link", takes_flag_for_no, NULL, HOST, "[34]*", "3 " },
	{ "forgets a prefix early", forgets_early, NULL, HOST, "[34]*", "4.a 4.b " },
	{ "believes a prefix once", believes_once, NULL, HOST, "[34]*", "4.b " },
	{ "a timer of its own", own_timer, NULL, HOST, "5.*", "5.a 5.b " },
	{ "asks without an address", NULL, asks_anonymously, ROUTER, "[56].*",
	  "5.a 5.b 6.a 6.b 6.c 6.d " },
	{ "asks every other second", NULL, asks_seldom, ROUTER, "5.*", "5.a 5.b " },
	{ "asks everybody", NULL, asks_everybody, ROUTER, "5.*", "5.a 5.b " },
	{ "probes nobody", NULL, probes_nobody, HOST, "[568].*", "6.a 6.b 6.c 6.d 8.a 8.b " },
	{ "probes in the group", NULL, probes_group, HOST, "6.*", "6.a 6.b 6.c 6.d " },
	{ "probes twice", NULL, probes_twice, ROUTER, "6.*", "6.a 6.b 6.c 6.d " },
	{ "believes any solicitation", believes_any_ns, NULL, HOST, "*",
	  "7.a 7.b 7.c 7.d 7.e 7.f 7.g 7.h " },
	{ "believes any advertisement", believes_any_na, NULL, ROUTER, "1[57].*",
	  "15.a 15.b 15.c 15.d 15.e 15.f 15.g 17.e " },
	{ "learns nothing", learns_nothing, NULL, HOST, "*",
	  "8.a 8.b 9.a 9.b 10.b 10.d 11.b 11.d 12.b 12.d 13.c " },
	{ "guesses who asks", guesses, NULL, HOST, "[89].*", "8.c 9.c " },
	{ "doubts who asks", doubts_who_asks, NULL, HOST, "1[0-3].*",
	  "10.a 12.a 13.b " },
	{ "confirms who asks", confirms_who_asks, NULL, HOST, "*",
	  "8.a 8.b 9.a 9.b 10.b 10.d 11.a 11.b 11.c 11.d 12.a 12.b 12.c 12.d " },
	{ "answers unasked", NULL, answers_unasked, HOST, "*",
	  "8.a 8.b 9.a 9.b 10.a 10.b 10.c 10.d 11.a 11.b 11.c 11.d 12.a 12.b 12.c 12.d 13.a 13.b "
	  "13.c " },
	{ "answers as a host", NULL, answers_as_other, ROUTER, "*",
	  "8.a 8.b 9.a 9.b 10.a 10.b 10.c 10.d 11.a 11.b 11.c 11.d 12.a 12.b 12.c 12.d 14 " },
	{ "does not say where it is", NULL, answers_without, ROUTER, "*",
	  "8.b 9.b 10.c 10.d 11.c 11.d 12.c 12.d 14 " },
	{ "overrides as anycast", NULL, answers_override, ROUTER, "*", "14 " },
	{ "does not answer", NULL, answers_not, ROUTER, "*",
	  "8.a 8.b 9.a 9.b 10.a 10.b 10.c 10.d 11.a 11.b 11.c 11.d 12.a 12.b 12.c 12.d 14 " },
	{ "takes who asks for a host", hosts_ask, NULL, HOST, "*", "13.a 13.b 13.c " },
	{ "a host believes strangers", unknown_known, NULL, HOST, "16.*",
	  "16.a 16.b 16.c 16.d 16.e 16.f 16.g 16.h " },
	{ "a router does not", unknown_unknown, NULL, ROUTER, "16.*", "16.a 16.b 16.c 16.d " },
	{ "completion confirms", first_confirms, NULL, HOST, "17.*", "17.c 17.d " },
	{ "completion does not confirm", first_confirms_not, NULL, ROUTER, "17.*", "17.a 17.b " },
	{ "completion guesses", first_guesses, NULL, HOST, "17.*", "17.e " },
	{ "completion needs override", first_wants_override, NULL, HOST, "17.*", "17.b 17.d " },
	{ "everything confirms", confirms_always, NULL, HOST, "*",
	  "18.j 18.p 19.a 19.b 19.e 19.f 19.j 19.m 19.n 19.p 19.q 19.r "
	  "20.a 20.b 20.e 20.f 20.j 20.m 20.n 20.p 20.q 20.r " },
	{ "nothing confirms", confirms_never, NULL, HOST, "*",
	  "18.l 19.c 19.d 19.g 19.h 19.l 20.c 20.d 20.g 20.h 20.l " },
	{ "everything overrides", overrides_always, NULL, ROUTER, "*",
	  "18.i 18.k 18.o 19.i 19.k 19.o 20.i 20.k 20.o " },
	{ "nothing overrides", overrides_never, NULL, ROUTER, "*",
	  "18.j 18.l 18.p 19.j 19.l 19.p 20.j 20.l 20.p " },
	{ "no doubt unsolicited", appendix_c, NULL, HOST, "*", "18.i 18.o " },
	{ "deaf to what all hear", deaf_to_all, NULL, HOST, "*", "18.o 18.p 19.p 20.p " },
	{ "wants an address", wants_address, NULL, HOST, "*", "19.c 19.d 20.c 20.d " },
	{ "once a router", once_router, NULL, HOST, "*",
	  "21.a 21.b 21.c 21.d 21.e 21.f 21.g 21.h " },
	/* clang-format on */
};

static void test_wrong_devices(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct fault fault = faults[i];
		char tests[64];
		const char *glob = tests;
		struct run_conf conf = { .roles = fault.role,
					 .nut_name = "wrong",
					 .seed = 1,
					 .open = open_wrong,
					 .ctx = &fault,
					 .globs = &glob,
					 .n_globs = 1 };
		struct tally tally;
		struct failed f;

		failed_init(&f, strlen(PREFIX));
		snprintf(tests, sizeof(tests), PREFIX "%s", fault.tests);
		assert_int_equal(run_parts(&conf, &f.out, &tally), 0);
		assert_true(tally.n > 0);
		if (strcmp(f.ids, fault.caught) != 0)
			fail_msg("\"%s\", as a %s, is caught by: %s\nnot by: %s", fault.name,
				 nut_role_name(fault.role), f.ids, fault.caught);
	}
}

/* All parts are there, and the same with other chances: all pass. */
static void test_seeds(void **state)
{
	static const struct fault none = { .name = "none" };
	static const char *const glob = PREFIX "*";

	(void)state;
	for (uint64_t seed = 2; seed <= 5; seed++) {
		struct run_conf conf = { .roles = NUT_BOTH,
					 .nut_name = "sim",
					 .seed = seed,
					 .open = open_wrong,
					 .ctx = (void *)(uintptr_t)&none,
					 .globs = &glob,
					 .n_globs = 1 };
		struct tally tally;
		struct failed f;

		failed_init(&f, strlen(PREFIX));
		assert_int_equal(run_parts(&conf, &f.out, &tally), 0);
		assert_string_equal(f.ids, "");
		assert_int_equal(tally.n, 237);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_devices),
		cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
