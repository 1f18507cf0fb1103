/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conform/rfc4443_faults.h"

#define MTU_MIN	   1280
#define QUOTE_MAX  1232
#define EXTENSIONS 8

static const struct ip6_addr all_of_us = { { 0xff, 0x02, [15] = 1 } };
static const struct ip6_addr group = { { 0xff, 0x1e, [13] = 1, [15] = 2 } };
static const struct ip6_addr anycast = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0b } };
static const struct ip6_addr tn1 = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0b, [15] = 1 } };
static const struct ip6_addr tn2 = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0a, [15] = 2 } };

/*
 * What the faults look at and do.
 */

static bool is(const struct pv *pv, unsigned type)
{
	return pv->kind == PV_ICMP6 && pv->type.v == type;
}

static bool is_error(const struct pv *pv)
{
	return pv->kind == PV_ICMP6 && pv->type.v < ICMP6_INFO_FIRST;
}

static bool goes_to(const struct pv *pv, const struct ip6_addr *a)
{
	return ip6_eq(&pv->dst.a, a);
}

/* As if it had been sent to @a. */
static void readdress(struct wrong *w, struct pv *pv, const struct ip6_addr *a)
{
	pv->dst.a = *a;
	pv->eth_dst = IS_MAC(w->real->mac(w->nut, w->link));
}

static void make_echo(struct pv *pv)
{
	pv->kind = PV_ICMP6;
	pv->type = IS(ICMP6_ECHO_REQUEST);
	pv->code = IS(0);
	pv->id = pv->seq = IS(1);
}

bool fault_deaf(struct wrong *w, struct pv *pv)
{
	(void)w;
	(void)pv;
	return false;
}

/*
 * Echo.
 */

static bool pings_code(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_ECHO_REQUEST))
		pv->code.v = 1;
	return true;
}

static bool pings_another(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_ECHO_REQUEST))
		pv->dst.a.b[15] ^= 2;
	return true;
}

static bool pings_badly(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_ECHO_REQUEST))
		pv->csum = IS(1);
	return true;
}

static bool answers_as_stranger(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_ECHO_REPLY) && pv->seq.v > 1) /* the set-up's ping may pass */
		pv->src.a.b[15] ^= 0x10;
	return true;
}

static bool answers_as_group(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_ECHO_REPLY) && w->to.b[0] == 0xff)
		pv->src.a = w->to;
	return true;
}

static bool hears_no_group(struct wrong *w, struct pv *pv)
{
	(void)w;
	return pv->dst.a.b[0] != 0xff;
}

static bool is_anybody(struct wrong *w, struct pv *pv)
{
	if (ip6_is_unspec(&pv->dst.a))
		readdress(w, pv, &w->own);
	return true;
}

static bool is_loopback(struct wrong *w, struct pv *pv)
{
	static const struct ip6_addr loopback = { { [15] = 1 } };

	if (goes_to(pv, &loopback))
		readdress(w, pv, &w->own);
	return true;
}

static bool hates_site_local(struct wrong *w, struct pv *pv)
{
	(void)w;
	return pv->dst.a.b[0] != 0xfe || pv->dst.a.b[1] != 0xc0;
}

/*
 * Errors.
 */

static bool says_nothing(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is_error(pv);
}

static bool says_prohibited(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_UNREACH))
		pv->code.v = ICMP6_UNREACH_ADMIN;
	return true;
}

static bool says_as_stranger(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_error(pv))
		pv->src.a.b[15] ^= 0x10;
	return true;
}

static bool says_as_addressee(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_error(pv))
		memcpy(pv->src.a.b, pv->data.p + IP6_DST_OFF, IP6_ADDR_OCTETS);
	return true;
}

static bool quotes_little(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_error(pv))
		pv->data.n = MIN(pv->data.n, (size_t)500);
	return true;
}

static bool quotes_much(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_error(pv))
		pv->data.n += 8;
	return true;
}

static bool quotes_wrongly(struct wrong *w, struct pv *pv)
{
	if (is_error(pv))
		w->data[IP6_HDR_OCTETS] ^= 1;
	return true;
}

static bool quotes_hops(struct wrong *w, struct pv *pv)
{
	if (is_error(pv))
		w->data[IP6_HLIM_OFF] -= 2;
	return true;
}

/* That is allowed. */
static bool quotes_after_hop(struct wrong *w, struct pv *pv)
{
	if (is_error(pv) && w->data[IP6_HLIM_OFF] % 2 == 1) /* 255 and 1, as they were sent */
		w->data[IP6_HLIM_OFF]--;
	return true;
}

static bool has_unused(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_UNREACH) || is(pv, ICMP6_TIME_EXCEEDED))
		pv->param.v = 1;
	return true;
}

/* RFC 4884: at least 128 octets, in whole units of 8, then the extensions. */
static bool extends(struct wrong *w, struct pv *pv)
{
	size_t n = MAX((pv->data.n + 7) & ~(size_t)7, (size_t)128);

	if (!is(pv, ICMP6_UNREACH) && !is(pv, ICMP6_TIME_EXCEEDED))
		return true;
	n = MIN(n, (size_t)QUOTE_MAX - EXTENSIONS);
	w->data[n] = 2 << 4;
	pv->data.n = n + EXTENSIONS;
	pv->param.v = n / 8 << 24;
	return true;
}

static bool extends_over(struct wrong *w, struct pv *pv)
{
	size_t before = pv->data.n;

	extends(w, pv);
	if (pv->data.n != before)
		w->data[before] = 1;
	return true;
}

static bool extends_early(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_UNREACH) || is(pv, ICMP6_TIME_EXCEEDED)) {
		pv->param.v = pv->data.n / 8 << 24;
		pv->data.n += EXTENSIONS;
	}
	(void)w;
	return true;
}

static bool says_minimum(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_TOO_BIG))
		pv->param.v = MTU_MIN;
	return true;
}

static bool says_device(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_TOO_BIG))
		pv->param.v = 1500;
	return true;
}

static bool refuses_1400(struct wrong *w, struct pv *pv)
{
	(void)w;
	return pv->plen.set || pv->kind != PV_ICMP6 || pv->data.n != 1400 - 48;
}

static int keeps_mtu(struct nut *nut, enum nut_link link, uint32_t octets)
{
	(void)nut;
	(void)link;
	(void)octets;
	return 0;
}

static int takes_one_more(struct nut *nut, enum nut_link link, uint32_t octets)
{
	return wrong_of(nut)->real->mtu(nut, link, octets + 1);
}

/* A router of groups, as far as it says that something is too big for one. */
int fault_mroute(struct nut *nut, enum nut_link from, const struct ip6_addr *g, enum nut_link to)
{
	(void)nut;
	assert_true(from == LINK_B && to == LINK_A && ip6_eq(g, &group));
	return 0;
}

static bool routes_group(struct wrong *w, struct pv *pv)
{
	if (!goes_to(pv, &group))
		return true;
	pv->csum.set = true; /* nobody on the way looks at it, and it will be quoted */
	readdress(w, pv, &tn2);
	return true;
}

static bool quotes_group(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_TOO_BIG) && ip6_eq(&w->to, &group))
		memcpy(w->data + IP6_DST_OFF, group.b, IP6_ADDR_OCTETS);
	return true;
}

static bool forwards_without_hops(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (pv->hop_limit.v == 0 && goes_to(pv, &tn2))
		pv->hop_limit.v = 2;
	return true;
}

static bool forwards_last_hop(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (pv->hop_limit.v == 1 && goes_to(pv, &tn2))
		pv->hop_limit.v = 2;
	return true;
}

/* It says that it did not, and does it. */
static bool forwards_anyhow(struct wrong *w, struct pv *pv)
{
	struct pv again = *pv;

	if (!is(pv, ICMP6_ECHO_REQUEST) || !goes_to(pv, &tn2))
		return true;
	again.hop_limit = IS(64);
	again.src.a = tn1;
	wrong_pass(w, pv);
	again.data.n = 8;
	wrong_pass(w, &again);
	return false;
}

static bool points_at_start(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_PARAM_PROB))
		pv->param.v = 0;
	return true;
}

static bool problem_of_field(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_PARAM_PROB))
		pv->code.v = ICMP6_PARAM_FIELD;
	return true;
}

static bool problem_of_next(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_PARAM_PROB))
		pv->code.v = ICMP6_PARAM_NEXT;
	return true;
}

/* It complains, and answers all the same. */
static bool answers_anyhow(struct wrong *w, struct pv *pv)
{
	wrong_pass(w, pv);
	if (pv->n_ext == 0)
		return false;
	pv->n_ext = 0;
	pv->next.set = false;
	make_echo(pv);
	return true;
}

static bool answers_unknown(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, UNKNOWN))
		make_echo(pv);
	return true;
}

/* As of a datagram that nobody wants. */
static bool complains_of_unknown(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (!is(pv, UNKNOWN))
		return true;
	pv->kind = PV_UDP;
	pv->next.set = false;
	pv->sport = pv->dport = IS(9000);
	return true;
}

static bool dies_of_unknown(struct wrong *w, struct pv *pv)
{
	w->dead |= is(pv, UNKNOWN);
	return !w->dead;
}

/*
 * Silence: what must not be answered is made what may be.
 */

static bool errors_are_packets(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_error(pv))
		make_echo(pv);
	return true;
}

static bool groups_are_its(struct wrong *w, struct pv *pv)
{
	if (goes_to(pv, &all_of_us) && !is(pv, ICMP6_ECHO_REQUEST))
		readdress(w, pv, &w->own);
	return true;
}

static bool nobody_is_tn1(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (ip6_is_unspec(&pv->src.a))
		pv->src.a = tn1;
	return true;
}

static bool groups_are_tn1(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (pv->src.a.b[0] == 0xff)
		pv->src.a = tn1;
	return true;
}

static bool anycast_is_tn1(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (ip6_eq(&pv->src.a, &anycast))
		pv->src.a = tn1;
	return true;
}

/* Which parts of its role fail, in order: these and no others. */
const struct fault rfc4443_faults[] = {
/* clang-format off */
#define HOST   NUT_HOST
#define ROUTER NUT_ROUTER
#define ERRORS_H "3.c 3.d 6 7 "
#define ERRORS_R "3.a 3.b 3.c 3.d 3.e 4.a 4.b 5.a 5.b 6 7 "
#define OPEN_R	 "3.a 3.b 3.c 3.d 3.e 5.a 5.b "
	{ "none", NULL, NULL, HOST, "*", "", NULL, NULL },
	{ "none", NULL, NULL, ROUTER, "*", "", NULL, NULL },
	{ "pings with a code", NULL, pings_code, HOST, "1", "1 ", NULL, NULL },
	{ "pings another", NULL, pings_another, ROUTER, "1", "1 ", NULL, NULL },
	{ "pings with a wrong checksum", NULL, pings_badly, ROUTER, "1", "1 ", NULL, NULL },
	{ "answers as a stranger", NULL, answers_as_stranger, HOST, "2.*", "2.a 2.b 2.c 2.g ",
	  NULL, NULL },
	{ "answers as a stranger", NULL, answers_as_stranger, ROUTER, "2.*",
	  "2.a 2.b 2.c 2.d 2.g ", NULL, NULL },
	{ "answers as the group", NULL, answers_as_group, HOST, "2.*", "2.c ", NULL, NULL },
	{ "answers as the group", NULL, answers_as_group, ROUTER, "2.*", "2.c 2.d ", NULL, NULL },
	{ "hears no group", hears_no_group, NULL, ROUTER, "2.*", "2.c 2.d ", NULL, NULL },
	{ "is anybody", is_anybody, NULL, HOST, "2.*", "2.e ", NULL, NULL },
	{ "is anybody", is_anybody, NULL, ROUTER, "2.*", "2.e ", NULL, NULL },
	{ "is the loopback", is_loopback, NULL, HOST, "2.*", "2.f ", NULL, NULL },
	{ "is the loopback", is_loopback, NULL, ROUTER, "2.*", "2.f ", NULL, NULL },
	{ "no site-local address", hates_site_local, NULL, HOST, "*", "2.g ", NULL, NULL },
	{ "says nothing", NULL, says_nothing, HOST, "*", ERRORS_H, NULL, NULL },
	{ "says nothing", NULL, says_nothing, ROUTER, "*", ERRORS_R, NULL, NULL },
	{ "says it is prohibited", NULL, says_prohibited, ROUTER, "*", "3.a 3.b 3.c 3.d 3.e ",
	  NULL, NULL },
	{ "says it as a stranger", NULL, says_as_stranger, HOST, "*", ERRORS_H, NULL, NULL },
	{ "says it as a stranger", NULL, says_as_stranger, ROUTER, "*", ERRORS_R, NULL, NULL },
	{ "says it as who was meant", NULL, says_as_addressee, ROUTER, "*",
	  "3.a 3.b 3.e 4.a 4.b 5.a 5.b ", NULL, NULL },
	{ "quotes too little", NULL, quotes_little, ROUTER, "*", "4.a 4.b ", NULL, NULL },
	{ "quotes too much", NULL, quotes_much, HOST, "*", ERRORS_H, NULL, NULL },
	{ "quotes too much", NULL, quotes_much, ROUTER, "*", ERRORS_R, NULL, NULL },
	{ "quotes wrongly", NULL, quotes_wrongly, ROUTER, "*", ERRORS_R, NULL, NULL },
	{ "quotes other hops", NULL, quotes_hops, ROUTER, "*", ERRORS_R, NULL, NULL },
	{ "quotes behind the hop", NULL, quotes_after_hop, ROUTER, "*", "", NULL, NULL },
	{ "uses the unused", NULL, has_unused, ROUTER, "*", OPEN_R, NULL, NULL },
	{ "extends errors", NULL, extends, ROUTER, "*", "", NULL, NULL },
	{ "extends errors", NULL, extends, HOST, "*", "", NULL, NULL },
	{ "fills up with rubbish", NULL, extends_over, ROUTER, "*", OPEN_R, NULL, NULL },
	{ "extends too early", NULL, extends_early, ROUTER, "*", OPEN_R, NULL, NULL },
	{ "says 1280", NULL, says_minimum, ROUTER, "*", "4.a ", NULL, NULL },
	{ "says 1500", NULL, says_device, ROUTER, "*", "4.a 4.b ", NULL, NULL },
	{ "refuses what just fits", refuses_1400, NULL, ROUTER, "*", "4.a ", NULL, NULL },
	{ "knows no small MTU", NULL, NULL, ROUTER, "4.*", "4.a 4.b ", keeps_mtu, NULL },
	{ "takes an octet more", NULL, NULL, ROUTER, "4.*", "4.a 4.b ", takes_one_more, NULL },
	{ "routes groups", routes_group, quotes_group, ROUTER, "4.*", "", NULL, fault_mroute },
	{ "routes no groups", fault_deaf, NULL, ROUTER, "4.b", "4.b ", NULL, fault_mroute },
	{ "says nothing of groups", NULL, NULL, ROUTER, "4.*", "4.b ", NULL, fault_mroute },
	{ "quotes its own route", routes_group, NULL, ROUTER, "4.*", "4.b ", NULL, fault_mroute },
	{ "forwards without hops", forwards_without_hops, NULL, ROUTER, "*", "5.a 9.b 9.f ",
	  NULL, NULL },
	{ "forwards with the last hop", forwards_last_hop, NULL, ROUTER, "*", "5.b ", NULL, NULL },
	{ "forwards, whatever it says", forwards_anyhow, NULL, ROUTER, "*",
	  "3.e 4.a 5.a 5.b 11.b 12.b 13.b ", NULL, NULL },
	{ "points at the start", NULL, points_at_start, HOST, "*", "6 7 ", NULL, NULL },
	{ "points at the start", NULL, points_at_start, ROUTER, "*", "6 7 ", NULL, NULL },
	{ "a problem is a field", NULL, problem_of_field, HOST, "*", "7 ", NULL, NULL },
	{ "a problem is a header", NULL, problem_of_next, HOST, "*", "6 ", NULL, NULL },
	{ "answers, whatever it says", answers_anyhow, NULL, HOST, "*", "6 7 10.b ",
	  NULL, NULL },
	{ "answers unknown messages", answers_unknown, NULL, HOST, "*", "8 ", NULL, NULL },
	{ "answers unknown messages", answers_unknown, NULL, ROUTER, "*", "8 ", NULL, NULL },
	{ "complains of unknown messages", complains_of_unknown, NULL, ROUTER, "*", "8 ", NULL, NULL },
	{ "dies of unknown messages", dies_of_unknown, NULL, HOST, "*", "8 ", NULL, NULL },
	{ "errors are packets", errors_are_packets, NULL, ROUTER, "*",
	  "9.a 9.b 9.c 9.d 9.e 9.f ", NULL, NULL },
	{ "speaks for groups", groups_are_its, NULL, HOST, "*", "10.a 10.b ", NULL, NULL },
	{ "speaks for groups", groups_are_its, NULL, ROUTER, "*", "10.a 10.b ", NULL, NULL },
	{ "tells nobody", nobody_is_tn1, NULL, HOST, "*", "11.a 11.c 11.d ", NULL, NULL },
	{ "tells nobody", nobody_is_tn1, NULL, ROUTER, "*", "11.a 11.b 11.c 11.d ", NULL, NULL },
	{ "tells groups", groups_are_tn1, NULL, HOST, "*", "12.a 12.c 12.d ", NULL, NULL },
	{ "tells groups", groups_are_tn1, NULL, ROUTER, "*", "12.a 12.b 12.c 12.d ", NULL, NULL },
	{ "tells anycast addresses", anycast_is_tn1, NULL, ROUTER, "*", "13.a 13.b 13.c 13.d ",
	  NULL, NULL },
	/* clang-format on */
};

const size_t rfc4443_n_faults = ARRAY_LEN(rfc4443_faults);
