/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conform/message.h"
#include "conform/rfc8200_faults.h"
#include "ip6/scope.h"

#define HALF_WAY   (50 * NS_PER_S)
#define BITS	   0xc0 /* of an option's type: what to do if it is unknown */
#define LEFT_AT	   1	/* in the body of a routing header: segments left */
#define ADDRESS_AT 6	/* the first address */

static struct scratch *scratch(const struct wrong *w)
{
	return ((const struct device *)w->fault)->scratch;
}

/*
 * What the faults look at.
 */

static bool is(const struct pv *pv, unsigned type)
{
	return pv->kind == PV_ICMP6 && pv->type.v == type;
}

static bool has(const struct pv *pv, uint8_t kind)
{
	return pv->n_ext > 0 && pv->ext[0].kind == kind;
}

static bool has_options(const struct pv *pv)
{
	return has(pv, IP6_NH_HBH) || has(pv, IP6_NH_DSTOPTS);
}

/* The first option's type: those of 1.2.5 are four. */
static uint8_t first_option(const struct pv *pv)
{
	return has_options(pv) ? pv->ext[0].body.p[0] : 0;
}

static bool is_row(const struct pv *pv)
{
	return has_options(pv) && pv->ext[0].body.n == 30;
}

static bool is_group(const struct pv *pv)
{
	return pv->dst.a.b[0] == 0xff;
}

/* Not addressed to the device, nor to a group that it must be in. */
static bool is_on_its_way(const struct pv *pv)
{
	return !ip6_is_linklocal(&pv->dst.a) && !ip6_eq(&pv->dst.a, &all_nodes);
}

/* A copy of the first extension header's body, to be changed. */
static uint8_t *body(struct pv *pv, uint8_t *copy)
{
	struct ov *b = &pv->ext[0].body;

	assert_true(b->n <= BODY_MAX);
	memcpy(copy, b->p, b->n);
	b->p = copy;
	return copy;
}

static void replace(struct wrong *w, struct pv *pv, uint8_t old, uint8_t new)
{
	uint8_t *p;

	if (!has_options(pv))
		return;
	p = body(pv, scratch(w)->in);
	if (p[0] == old)
		p[0] = new;
	for (size_t i = 6; is_row(pv) && i < 30; i += 8)
		if (p[i] == old)
			p[i] = new;
}

/*
 * Options.
 */

static bool hates_pad1(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !has_options(pv) || first_option(pv) != 0;
}

static bool hates_padn(struct wrong *w, struct pv *pv)
{
	(void)w;
	return first_option(pv) != 1;
}

static bool skips_nothing(struct wrong *w, struct pv *pv)
{
	(void)w;
	return first_option(pv) != 17;
}

/* As who thinks that the last option decides. */
static bool begins_at_the_end(struct wrong *w, struct pv *pv)
{
	uint8_t *p, second;

	if (!is_row(pv))
		return true;
	p = body(pv, scratch(w)->in);
	second = p[6];
	p[6] = p[22];
	p[22] = second;
	return true;
}

static bool skips_01(struct wrong *w, struct pv *pv)
{
	if (!is_on_its_way(pv))
		replace(w, pv, 71, 17);
	return true;
}

static bool skips_10(struct wrong *w, struct pv *pv)
{
	if (!is_on_its_way(pv))
		replace(w, pv, 135, 17);
	return true;
}

static bool skips_11(struct wrong *w, struct pv *pv)
{
	if (!is_on_its_way(pv))
		replace(w, pv, 199, 17);
	return true;
}

static bool tells_of_01(struct wrong *w, struct pv *pv)
{
	replace(w, pv, 71, 135);
	return true;
}

static bool tells_groups(struct wrong *w, struct pv *pv)
{
	if (is_group(pv))
		replace(w, pv, 199, 135);
	return true;
}

static bool tells_no_groups(struct wrong *w, struct pv *pv)
{
	return !is(pv, ICMP6_PARAM_PROB) || w->to.b[0] != 0xff;
}

static bool says_nothing(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is(pv, ICMP6_PARAM_PROB);
}

static bool points_behind(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_PARAM_PROB))
		pv->param.v++;
	return true;
}

static bool says_another_code(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_PARAM_PROB))
		pv->code.v = ICMP6_PARAM_NEXT;
	return true;
}

static bool says_as_stranger(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_PARAM_PROB) || is(pv, ICMP6_TIME_EXCEEDED))
		pv->src.a.b[15] ^= 0x10;
	return true;
}

static bool quotes_little(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_PARAM_PROB) || is(pv, ICMP6_TIME_EXCEEDED))
		pv->data.n = IP6_HDR_OCTETS + IP6_EXT_UNIT;
	return true;
}

/* It refuses them, and goes on with what it has refused. */
static bool answers_what_it_refuses(struct wrong *w, struct pv *pv)
{
	struct pv bare = *pv;

	if (!is_row(pv) && (first_option(pv) & BITS) == 0)
		return true;
	bare.n_ext = 0;
	bare.next = IS(IP6_NH_ICMP6);
	wrong_pass(w, pv);
	wrong_pass(w, &bare);
	return false;
}

/*
 * On the way.
 */

static bool hates_options_on_the_way(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !has(pv, IP6_NH_HBH) || !is_on_its_way(pv);
}

static bool is_unknown_on_the_way(const struct pv *pv)
{
	return has(pv, IP6_NH_HBH) && is_on_its_way(pv) && (first_option(pv) & BITS) != 0;
}

/* What RFC 9673 section 5.2 wants: as if its bits were 00. brings_back() is the other half. */
static bool skips_all(struct wrong *w, struct pv *pv)
{
	struct scratch *s = scratch(w);

	s->type = 0;
	if (is_unknown_on_the_way(pv)) {
		s->type = first_option(pv);
		replace(w, pv, s->type, 17);
	}
	return true;
}

static bool brings_back(struct wrong *w, struct pv *pv)
{
	struct scratch *s = scratch(w);

	if (is(pv, ICMP6_ECHO_REQUEST) && s->type != 0)
		body(pv, s->out)[0] = s->type;
	return true;
}

static bool skips_and_tells(struct wrong *w, struct pv *pv)
{
	if (is_unknown_on_the_way(pv))
		wrong_pass(w, pv);
	return skips_all(w, pv);
}

static bool skips_with_less_hops(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_ECHO_REQUEST) && scratch(w)->type != 0)
		pv->hop_limit.v--;
	return brings_back(w, pv);
}

/* And what it allows. */
static bool discards_in_silence(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is_unknown_on_the_way(pv);
}

static bool takes_no_hop_off(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_ECHO_REQUEST))
		pv->hop_limit.v++;
	return true;
}

/*
 * Routing headers.
 */

static uint8_t *routing(struct wrong *w, struct pv *pv, uint8_t type)
{
	return has(pv, IP6_NH_ROUTING) && pv->ext[0].body.p[0] == type ? body(pv, scratch(w)->in)
								       : NULL;
}

static bool set_left(struct wrong *w, struct pv *pv, uint8_t type, uint8_t left)
{
	uint8_t *p = routing(w, pv, type);

	if (p != NULL)
		p[LEFT_AT] = left;
	return true;
}

static bool refuses_33(struct wrong *w, struct pv *pv)
{
	return set_left(w, pv, 33, 1);
}

static bool refuses_0(struct wrong *w, struct pv *pv)
{
	return set_left(w, pv, 0, 1);
}

static bool ignores_33(struct wrong *w, struct pv *pv)
{
	return set_left(w, pv, 33, 0);
}

static bool ignores_0(struct wrong *w, struct pv *pv)
{
	return set_left(w, pv, 0, 0);
}

/* As RFC 2460 had it, and RFC 5095 ended it. */
static bool follows_0(struct wrong *w, struct pv *pv)
{
	const uint8_t *p = routing(w, pv, 0);

	if (p != NULL && p[LEFT_AT] != 0)
		memcpy(pv->dst.a.b, p + ADDRESS_AT, IP6_ADDR_OCTETS);
	return true;
}

static bool answers_by_another(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is(pv, ICMP6_ECHO_REPLY) && pv->dst.a.b[5] == 0x0c)
		pv->eth_dst.m.b[5] ^= 1;
	return true;
}

/*
 * Fragments.
 */

static bool is_piece(const struct pv *pv)
{
	return has(pv, IP6_NH_FRAGMENT) && pv->kind == PV_RAW;
}

static bool is_first(const struct pv *pv)
{
	return is_piece(pv) && pv->ext[0].offset.v == 0;
}

static bool is_later(const struct pv *pv)
{
	return is_piece(pv) && pv->ext[0].offset.v != 0;
}

static void keep_first(struct wrong *w, const struct pv *pv)
{
	struct scratch *s = scratch(w);

	if (!is_first(pv))
		return;
	s->began = w->real->now(w->nut);
	s->first_pv = *pv;
	memcpy(s->first, pv->data.p, pv->data.n);
	s->first_pv.data.p = s->first;
}

static bool puts_nothing_together(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is_later(pv);
}

static bool wants_order(struct wrong *w, struct pv *pv)
{
	keep_first(w, pv);
	return !is_later(pv) || scratch(w)->began != 0;
}

static bool believes_any_id(struct wrong *w, struct pv *pv)
{
	keep_first(w, pv);
	if (is_later(pv) && scratch(w)->began != 0)
		pv->ext[0].id = scratch(w)->first_pv.ext[0].id;
	return true;
}

static bool believes_anybody(struct wrong *w, struct pv *pv)
{
	keep_first(w, pv);
	if (is_later(pv) && scratch(w)->began != 0)
		pv->src = scratch(w)->first_pv.src;
	return true;
}

static bool is_any_address(struct wrong *w, struct pv *pv)
{
	keep_first(w, pv);
	if (is_later(pv) && scratch(w)->began != 0)
		pv->dst = scratch(w)->first_pv.dst;
	return true;
}

static bool hates_large_ones(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is_piece(pv) || pv->data.n <= 512;
}

static bool forgets_early(struct wrong *w, struct pv *pv)
{
	struct scratch *s = scratch(w);

	keep_first(w, pv);
	return !is_later(pv) || s->began == 0 || w->real->now(w->nut) - s->began < HALF_WAY;
}

/* It tells the sender, and keeps what it has. */
static bool never_forgets(struct wrong *w, struct pv *pv)
{
	struct scratch *s = scratch(w);

	keep_first(w, pv);
	if (is_later(pv) && w->n > 0) {
		wrong_pass(w, &s->first_pv);
		w->n = 0;
	}
	return true;
}

static bool counts_times(struct wrong *w, struct pv *pv)
{
	w->n += is(pv, ICMP6_TIME_EXCEEDED);
	return true;
}

static bool tells_without_first(struct wrong *w, struct pv *pv)
{
	struct pv as_first = *pv;

	if (is_piece(pv) && w->n++ == 0 && is_later(pv) && (pv->ext[0].flags.v & 1) != 0) {
		as_first.ext[0].offset = IS(0);
		w->data[0] = ICMP6_ECHO_REQUEST; /* no error: those are not told of */
		wrong_pass(w, &as_first);
		return false;
	}
	return true;
}

static bool tells_no_times(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !is(pv, ICMP6_TIME_EXCEEDED);
}

static bool is_odd(const struct pv *pv)
{
	return is_first(pv) && pv->data.n % IP6_EXT_UNIT != 0;
}

static bool takes_odd_ones(struct wrong *w, struct pv *pv)
{
	(void)w;
	if (is_odd(pv))
		pv->ext[0].flags = IS(0);
	return true;
}

static bool hates_stubs(struct wrong *w, struct pv *pv)
{
	(void)w;
	return !has(pv, IP6_NH_FRAGMENT) || is_piece(pv);
}

/* RFC 8021: nobody sends such packets any more. */
static bool answers_with_stubs(struct wrong *w, struct pv *pv)
{
	w->n += has(pv, IP6_NH_FRAGMENT) && !is_piece(pv);
	return true;
}

static bool sends_stubs(struct wrong *w, struct pv *pv)
{
	if (is(pv, ICMP6_ECHO_REPLY) && w->n > 0) {
		pv->ext[pv->n_ext++] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT };
		pv->next = IS(IP6_NH_FRAGMENT);
	}
	return true;
}

bool fault_deaf(struct wrong *w, struct pv *pv)
{
	(void)w;
	(void)pv;
	return false;
}

#define PROBLEMS     "2.5.b 2.5.c 2.6.e 2.6.f 2.6.g "
#define WAY	     "2.7.e 2.7.f 2.7.g "
#define PROBLEMS_DST "2.8.e 2.8.f 2.8.g 2.10.a 2.10.b "
#define TIMES	     "3.1.c 3.1.d 3.1.e 3.2.b 3.2.c 3.2.d "

const struct fault rfc8200_faults[] = {
	/* clang-format off */
	{ "none", NULL, NULL, 0, 0, "" },
	{ "hates Pad1", hates_pad1, NULL, 0, 0, "2.6.a 2.7.a 2.8.a " },
	{ "hates PadN", hates_padn, NULL, 0, 0, "2.6.b 2.7.b 2.8.b " },
	{ "skips nothing", skips_nothing, NULL, 0, 0, "2.5.b 2.5.c 2.6.c 2.7.c 2.8.c " },
	{ "begins at the end", begins_at_the_end, NULL, 0, 0, "2.5.a 2.5.b " },
	{ "skips 01", skips_01, NULL, 0, 0, "2.5.a 2.6.d 2.8.d " },
	{ "skips 10", skips_10, NULL, 0, 0, "2.5.b 2.6.e 2.6.g 2.8.e 2.8.g " },
	{ "skips 11", skips_11, NULL, 0, 0, "2.5.c 2.6.f 2.6.h 2.8.f 2.8.h " },
	{ "tells of 01", tells_of_01, NULL, 0, 0, "2.5.a 2.6.d 2.7.d 2.8.d " },
	{ "tells groups", tells_groups, NULL, 0, 0, "2.6.h 2.7.h 2.8.h " },
	{ "tells no groups", NULL, tells_no_groups, 0, 0, "2.6.g 2.8.g " },
	{ "says nothing", NULL, says_nothing, 0, 0, PROBLEMS PROBLEMS_DST "3.3 " },
	{ "points behind", NULL, points_behind, 0, 0, PROBLEMS WAY PROBLEMS_DST "3.3 " },
	{ "says another code", NULL, says_another_code, 0, 0, PROBLEMS WAY PROBLEMS_DST "3.3 " },
	{ "says it as a stranger", NULL, says_as_stranger, 0, 0,
	  PROBLEMS PROBLEMS_DST TIMES "3.3 " },
	{ "quotes little", NULL, quotes_little, 0, 0, PROBLEMS WAY PROBLEMS_DST TIMES "3.3 " },
	{ "answers what it refuses", answers_what_it_refuses, NULL, 0, 0,
	  "2.5.a 2.5.b 2.5.c 2.6.d 2.6.e 2.6.f 2.6.g 2.6.h 2.7.d 2.7.e 2.7.f 2.7.g 2.7.h "
	  "2.8.d 2.8.e 2.8.f 2.8.g 2.8.h " },
	{ "hates options on the way", hates_options_on_the_way, NULL, 0, 0, "2.7.a 2.7.b 2.7.c " },
	{ "skips all", skips_all, brings_back, 0, 0, "" },
	{ "discards in silence", discards_in_silence, NULL, 0, 0, "" },
	{ "skips and changes", skips_all, NULL, 0, 0, "2.7.d " WAY "2.7.h " },
	{ "skips and tells", skips_and_tells, brings_back, 0, 0, WAY },
	{ "skips, two hops", skips_all, skips_with_less_hops, 0, 0, "2.7.d " WAY "2.7.h " },
	{ "takes no hop off", NULL, takes_no_hop_off, 0, 0, "2.7.a 2.7.b 2.7.c " },
	{ "refuses type 33", refuses_33, NULL, 0, 0, "2.9.a " },
	{ "refuses type 0", refuses_0, NULL, 0, 0, "2.9.b " },
	{ "ignores type 33", ignores_33, NULL, 0, 0, "2.10.a " },
	{ "ignores type 0", ignores_0, NULL, 0, 0, "2.10.b " },
	{ "follows type 0", follows_0, NULL, 0, 0, "2.10.b " },
	{ "answers by another router", NULL, answers_by_another, 0, 0, "2.9.a 2.9.b " },
	{ "puts nothing together", puts_nothing_together, NULL, 0, 0, "3.1.a 3.1.b 3.1.f 3.2.a " },
	{ "wants order", wants_order, NULL, 0, 0, "3.1.b " },
	{ "believes any id", believes_any_id, NULL, 0, 0, "3.1.c " },
	{ "believes anybody", believes_anybody, NULL, 0, 0, "3.1.d " },
	{ "is any address", is_any_address, NULL, 0, 0, "3.1.e " },
	{ "hates large ones", hates_large_ones, NULL, 0, 0, "3.1.f " },
	{ "forgets early", forgets_early, NULL, 0, 0, "3.2.a " },
	{ "never forgets", never_forgets, counts_times, 0, 0, "3.2.b " },
	{ "tells early", NULL, NULL, 1, 0, TIMES },
	{ "tells late", NULL, NULL, 0, 1, TIMES },
	{ "tells no times", NULL, tells_no_times, 0, 0, TIMES },
	{ "tells without the first", tells_without_first, NULL, 0, 0, "3.2.e " },
	{ "takes odd ones", takes_odd_ones, NULL, 0, 0, "3.3 " },
	{ "hates stubs", hates_stubs, NULL, 0, 0, "3.4 " },
	{ "sends stubs", answers_with_stubs, sends_stubs, 0, 0, "3.4 " },
	/* clang-format on */
};

const size_t rfc8200_n_faults = ARRAY_LEN(rfc8200_faults);
