/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/csum.h"
#include "robust_faults.h"

/*
 * Headers, options, addresses.
 */

static bool payload_length(struct pv *pv)
{
	bool wrong = pv->plen.v == 17 || (pv->plen.v == 0 && pv->next.v == IP6_NH_ICMP6);

	pv->plen.set = !wrong;
	if (pv->plen.v == 0) { /* nothing was decoded, all of it is there */
		static uint8_t echo[16] = { ICMP6_ECHO_REQUEST };

		put_be16(echo + 2, 0);
		put_be16(echo + 2, csum_upper(&pv->src.a, &pv->dst.a, echo, 16, IP6_NH_ICMP6));
		pv->kind = PV_RAW;
		pv->data = IS_OCTETS(echo, sizeof(echo));
	}
	return wrong;
}

/* What cannot be read is no reason not to go on: an echo request is behind it all the same. */
static bool reads_on(struct pv *pv)
{
	static const uint8_t data[8];

	if (pv->bad == NULL || pv->next.v == IP6_NH_ICMP6)
		return false;
	*pv = (struct pv){ .eth_src = pv->eth_src,
			   .eth_dst = pv->eth_dst,
			   .src = pv->src,
			   .dst = pv->dst,
			   .kind = PV_ICMP6,
			   .type = IS(ICMP6_ECHO_REQUEST),
			   .data = IS_OCTETS(data, sizeof(data)) };
	return true;
}

static bool option_long(struct pv *pv)
{
	static const uint8_t padn[6] = { 1, 4 };

	if (pv->n_ext != 1 || pv->ext[0].body.n != 6)
		return false;
	if ((has_options(pv, 1) && pv->ext[0].body.p[1] == 4) ||
	    (has_options(pv, 0x1e) && pv->ext[0].body.p[1] != 200) || pv->ext[0].body.p[0] > 0x1e ||
	    pv->ext[0].body.p[0] == 5)
		return false;
	pv->ext[0].body = IS_OCTETS(padn, 6);
	return true;
}

static bool jumbo(struct pv *pv)
{
	static const uint8_t padn[6] = { 1, 4 };
	static uint8_t echo[16] = { ICMP6_ECHO_REQUEST };

	if (pv->next.v != IP6_NH_HBH)
		return false;
	if (pv->plen.v != 0 && !has_options(pv, 0xc2))
		return false;
	put_be16(echo + 2, 0);
	put_be16(echo + 2, csum_upper(&pv->src.a, &pv->dst.a, echo, 16, IP6_NH_ICMP6));
	pv->n_ext = 1;
	pv->ext[0] = (struct pv_ext){ .kind = IP6_NH_HBH,
				      .next = IS(IP6_NH_ICMP6),
				      .body = IS_OCTETS(padn, 6) };
	pv->kind = PV_RAW;
	pv->data = IS_OCTETS(echo, sizeof(echo));
	pv->plen.set = false;
	return true;
}

static bool much(struct pv *pv)
{
	if (pv->n_ext != 1 || pv->ext[0].body.n != 254)
		return false;
	pv->ext[0].body.n = 6;
	pv->ext[0].len = IS(0);
	pv->ext[0].next = IS(143);
	pv->plen.set = false;
	return true;
}

static bool type_0(struct pv *pv)
{
	if (pv->n_ext != 1 || pv->ext[0].kind != IP6_NH_ROUTING)
		return false;
	((uint8_t *)pv->ext[0].body.p)[1] = 0;
	return true;
}

static bool source(struct pv *pv)
{
	static const struct ip6_addr loopback = { { [15] = 1 } };

	if (is_nd(pv) || (!ip6_is_unspec(&pv->src.a) && !ip6_eq(&pv->src.a, &loopback) &&
			  pv->src.a.b[0] != 0xff))
		return false;
	pv->src.a = tn1;
	return true;
}

static bool destination(struct pv *pv)
{
	static const struct ip6_addr loopback = { { [15] = 1 } };

	if (!ip6_is_unspec(&pv->dst.a) && !ip6_eq(&pv->dst.a, &loopback) &&
	    (pv->dst.a.b[0] != 0xff || pv->dst.a.b[1] > 1))
		return false;
	pv->dst.a = device;
	return true;
}

static bool zone(struct pv *pv)
{
	if (!ip6_is_linklocal(&pv->dst.a) || pv->dst.a.b[14] != 0x0a || pv->eth_dst.m.b[4] != 0x0b)
		return false;
	pv->dst.a = device;
	return true;
}

/* Multicast, by the address of either layer, is like anything else. */
static bool group(struct pv *pv)
{
	if ((pv->eth_dst.m.b[0] & 1) == 0 || is_nd(pv) || is(pv, ICMP6_MLD_QUERY) ||
	    (is(pv, ICMP6_ECHO_REQUEST) && !has_options(pv, 0xc7)))
		return false;
	pv->eth_dst.m = (struct mac){ { 2, 0, 0, 0, 0x0b, 0 } };
	pv->dst.a = device;
	return true;
}

/* An error that comes in is a message like any other. */
static bool error(struct pv *pv)
{
	if (pv->n_ext != 1 || pv->kind != PV_ICMP6 || pv->ext[0].kind != IP6_NH_DSTOPTS ||
	    (pv->type.v >= ICMP6_INFO_FIRST && pv->type.v != ICMP6_REDIRECT))
		return false;
	pv->type.v = ICMP6_ECHO_REQUEST;
	pv->id = pv->seq = IS(0);
	return true;
}

static bool error_alone(struct pv *pv)
{
	if (pv->n_ext != 0 || pv->kind != PV_ICMP6 || pv->type.v >= ICMP6_INFO_FIRST)
		return false;
	pv->type.v = ICMP6_ECHO_REQUEST;
	pv->id = pv->seq = IS(0);
	return true;
}

/* As if zeros followed. */
static bool short_echo(struct pv *pv)
{
	static const uint8_t data[8];

	if (pv->kind != PV_RAW || pv->next.v != IP6_NH_ICMP6 || pv->data.n == 0 ||
	    pv->data.n >= 8 || pv->data.p[0] != ICMP6_ECHO_REQUEST)
		return false;
	pv->kind = PV_ICMP6;
	pv->type = IS(ICMP6_ECHO_REQUEST);
	pv->data = IS_OCTETS(data, sizeof(data));
	pv->plen.set = false;
	return true;
}

static bool info(struct pv *pv)
{
	if (!is(pv, 199) && !is(pv, 99) && !is(pv, ICMP6_ECHO_REPLY))
		return false;
	pv->type.v = ICMP6_ECHO_REQUEST;
	pv->id = pv->seq = IS(0);
	return true;
}

/*
 * Fragments.
 */

static const struct pv_ext *fragment(const struct pv *pv)
{
	return pv->n_ext == 1 && pv->ext[0].kind == IP6_NH_FRAGMENT ? &pv->ext[0] : NULL;
}

/* The first to come wins: of the second piece of each overlap the new octets are taken. */
static bool overlap(struct pv *pv)
{
	struct pv_ext *f = pv->n_ext == 1 ? &pv->ext[0] : NULL;

	if (fragment(pv) == NULL || f->offset.v != 2 || f->flags.v != 0)
		return false;
	f->offset.v = 3;
	pv->data = IS_OCTETS(pv->data.p + 8, pv->data.n - 8);
	pv->plen.v -= 8;
	return true;
}

static bool overlap_backwards(struct pv *pv)
{
	if (fragment(pv) == NULL || pv->ext[0].offset.v != 0 || pv->data.n != 32)
		return false;
	pv->data.n = 24;
	pv->plen.v -= 8;
	return true;
}

static bool overlap_within(struct pv *pv)
{
	if (fragment(pv) == NULL || pv->ext[0].offset.v != 1)
		return false;
	pv->version.v = 0; /* as if it had never come */
	return true;
}

static bool any_packet(struct pv *pv)
{
	if (fragment(pv) == NULL || pv->ext[0].id.v != 1)
		return false;
	pv->ext[0].id.v = 0x1ba9;
	return true;
}

static bool any_source(struct pv *pv)
{
	if (fragment(pv) == NULL || !ip6_eq(&pv->src.a, &tr1))
		return false;
	pv->src.a = tn1;
	return true;
}

/* Atomic fragments, and those with reserved bits, are something else here. */
static bool atomic(struct pv *pv)
{
	if (fragment(pv) == NULL || pv->ext[0].offset.v != 0 || pv->ext[0].flags.v != 0)
		return false;
	pv->hop_limit.v = 0;
	pv->version.v = 0;
	return true;
}

static bool reserved(struct pv *pv)
{
	if (fragment(pv) == NULL || pv->ext[0].reserved.v == 0)
		return false;
	pv->version.v = 0;
	return true;
}

static bool unreachable(const struct pv *pv)
{
	return is(pv, ICMP6_UNREACH);
}

static bool minimum(const struct pv *pv)
{
	return is(pv, ICMP6_ECHO_REPLY) && pv->plen.v == 1240;
}

static bool problem(const struct pv *pv)
{
	return is(pv, ICMP6_PARAM_PROB);
}

static bool udp_zero(struct pv *pv)
{
	return pv->kind == PV_UDP && pv->csum.v == 0;
}

static bool ptb_mtu(struct pv *pv)
{
	bool wrong = is(pv, ICMP6_TOO_BIG) && pv->param.v == 1300;

	pv->param.v = wrong ? 1420 : pv->param.v;
	return wrong;
}

/* Whoever sent what is quoted. */
static bool ptb_quote(struct pv *pv)
{
	if (!is(pv, ICMP6_TOO_BIG) || pv->data.n < 24 || *at(pv, 13) != 0x0e)
		return false;
	memcpy(at(pv, 8), pv->dst.a.b, IP6_ADDR_OCTETS);
	return true;
}

/* The parts that catch each. */
const struct fault faults_ip[] = {
	/* clang-format off */
	{ "none", NULL, NULL, NUT_HOST, { NULL } },
	{ "none", NULL, NULL, NUT_ROUTER, { NULL } },
	{ "UDP without a checksum", udp_zero, NULL, NUT_HOST, { "robust.8200.8.1.a" } },
	{ "Packet Too Big's quotation", ptb_quote, NULL, NUT_HOST, { "robust.8201.4.c" } },
	{ "Packet Too Big's MTU", ptb_mtu, NULL, NUT_HOST, { "robust.8201.4.b" } },
	{ "payload length", payload_length, NULL, NUT_HOST, { "robust.8200.3.a", "robust.8200.3.b" } },
	{ "headers beyond the end", reads_on, NULL, NUT_HOST,
	  { "robust.8200.4.a", "robust.8200.4.b", "robust.8200.4.c", "robust.8200.4.d",
	    "robust.8200.4.e", "robust.2675.3.b", "robust.2675.3.c" } },
	{ "options beyond the header", option_long, NULL, NUT_HOST,
	  { "robust.8200.4.2.a", "robust.8200.4.2.b", "robust.8200.4.2.c",
	    "robust.8200.4.2.d", "robust.8200.4.2.e" } },
	{ "jumbo payload", jumbo, NULL, NUT_HOST,
	  { "robust.2675.3.a", "robust.2675.3.b", "robust.2675.3.c" } },
	{ "routing header type 0", type_0, NULL, NUT_HOST, { "robust.5095.3.a", "robust.5095.3.b" } },
	{ "source", source, NULL, NUT_HOST,
	  { "robust.4291.2.5.2.a", "robust.4291.2.5.3.b", "robust.4291.2.7.a",
	    "robust.4443.2.4.m", "robust.4443.2.4.n", "robust.3810.5.1.14.b" } },
	{ "destination", destination, NULL, NUT_HOST,
	  { "robust.4291.2.5.2.b", "robust.4291.2.5.3.a", "robust.4291.2.7.b",
	    "robust.4291.2.7.c" } },
	{ "zone", zone, NULL, NUT_ROUTER, { "robust.4007.5.a" } },
	{ "much of everything", much, NULL, NUT_HOST,
	  { "robust.8504.5.3.a", "robust.8504.5.3.b", "robust.8504.5.3.c" } },
	{ "groups", group, NULL, NUT_HOST,
	  { "robust.4443.2.4.h", "robust.4443.2.4.i", "robust.4443.2.4.j",
	    "robust.4443.2.4.k", "robust.4443.2.4.l" } },
	{ "errors", error, NULL, NUT_HOST,
	  { "robust.4443.2.4.e", "robust.4443.2.4.f", "robust.4443.2.4.g" } },
	{ "short messages", short_echo, NULL, NUT_HOST, { "robust.4443.4.1.a" } },
	{ "answers errors", error_alone, NULL, NUT_HOST,
	  { "robust.4443.2.4.a", "robust.4443.2.4.c", "robust.4443.2.4.d", "robust.8201.4.a",
	    "robust.8201.4.b", "robust.8201.4.c", "robust.8201.4.d", "robust.8201.4.e" } },
	{ "unknown messages", info, NULL, NUT_HOST,
	  { "robust.4443.4.2.a", "robust.4443.2.4.a", "robust.4443.2.4.b", "robust.4443.2.4.f" } },
	{ "overlaps", overlap, NULL, NUT_HOST, { "robust.5722.4.a" } },
	{ "overlaps, within", overlap_within, NULL, NUT_HOST,
	  { "robust.5722.4.c", "robust.5722.4.d" } },
	{ "overlaps, backwards", overlap_backwards, NULL, NUT_HOST, { "robust.5722.4.b" } },
	{ "identification", any_packet, NULL, NUT_HOST, { "robust.8200.4.5.d" } },
	{ "fragments' source", any_source, NULL, NUT_HOST, { "robust.8200.4.5.e" } },
	{ "takes no atomic fragment", atomic, NULL, NUT_HOST,
	  { "robust.8200.4.e", "robust.6946.4.a" } },
	{ "wants reserved bits zero", reserved, NULL, NUT_HOST, { "robust.8200.4.5.g" } },
	{ "says nothing", NULL, problem, NUT_HOST,
	  { "robust.2675.3.a", "robust.2675.3.b", "robust.2675.3.c", "robust.5095.3.a",
	    "robust.5095.3.b", "robust.8200.4.5.a", "robust.8200.4.5.b", "robust.8200.4.5.c",
	    "robust.7112.5.a", "robust.7112.5.b", "robust.4443.2.4.e", "robust.4443.2.4.f",
	    "robust.4443.2.4.g", "robust.4443.2.4.h", "robust.4443.2.4.i",
	    "robust.4443.2.4.k", "robust.4443.2.4.l", "robust.4443.2.4.m", "robust.4443.2.4.n" } },
	{ "cannot do 1280", NULL, minimum, NUT_HOST, { "robust.8201.4.a", "robust.4861.6.3.4.a" } },
	{ "tells nobody", NULL, unreachable, NUT_ROUTER,
	  { "robust.4007.9.a", "robust.8200.8.1.a", "robust.8200.8.1.b", "robust.4443.2.4.j" } },
	/* clang-format on */
};

const size_t n_faults_ip = ARRAY_LEN(faults_ip);
