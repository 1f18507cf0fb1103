/* SPDX-License-Identifier: BSD-3-Clause */
#include "robust_faults.h"

/*
 * Any message.
 */

static bool checksum(struct pv *pv)
{
	return pv->csum_wrong && !(pv->kind == PV_UDP && pv->csum.v == 0);
}

static bool hop_limit(struct pv *pv)
{
	bool wrong = is_nd(pv) && pv->hop_limit.v != 255;

	pv->hop_limit.v = wrong ? 255 : pv->hop_limit.v;
	return wrong;
}

static bool code(struct pv *pv)
{
	bool wrong = is_nd(pv) && pv->code.v != 0;

	pv->code.v = 0;
	return wrong;
}

/* As if the octet behind the message belonged to it. */
static bool length(struct pv *pv)
{
	static uint8_t longer[64];
	size_t n = pv->data.n;

	if (is(pv, ICMP6_NS) && n == 15)
		longer[n] = device.b[15];
	else if ((is(pv, ICMP6_REDIRECT) && n == 31))
		longer[n] = far.b[15];
	else if (!is(pv, ICMP6_RA) || n != 7)
		return false;
	memcpy(longer, pv->data.p, n);
	pv->data = IS_OCTETS(longer, n + 1);
	pv->plen.v++;
	return true;
}

static bool rs_length(struct pv *pv)
{
	static const uint8_t whole[] = { ICMP6_RS, 0, 0, 0, 0, 0, 0, 0 };

	if (pv->kind != PV_RAW || pv->data.n != 4 || pv->data.p[0] != ICMP6_RS)
		return false;
	pv->kind = PV_ICMP6;
	pv->type = IS(ICMP6_RS);
	pv->data = IS_OCTETS(whole, 0);
	pv->plen.v = 8;
	return true;
}

static bool last_option(struct pv *pv, uint8_t units)
{
	if (!is_nd(pv) || pv->data.n < 8 || *at(pv, pv->data.n - 7) != units)
		return false;
	if (units == 0 && *at(pv, pv->data.n - 8) != 1)
		return false; /* no option begins there */
	*at(pv, pv->data.n - 7) = 1;
	return true;
}

static bool option_zero(struct pv *pv)
{
	return last_option(pv, 0);
}

static bool option_overrun(struct pv *pv)
{
	return last_option(pv, 200);
}

static bool nd_fragment(struct pv *pv)
{
	if (!is_nd(pv) || pv->n_ext != 1 || pv->ext[0].kind != IP6_NH_FRAGMENT)
		return false;
	pv->n_ext = 0;
	pv->next = IS(IP6_NH_ICMP6);
	pv->plen.v -= 8;
	return true;
}

/* The second piece brings the option; what the first had is known here. */
static bool ns_in_two(struct pv *pv)
{
	static uint8_t data[24];

	if (pv->n_ext != 1 || pv->ext[0].kind != IP6_NH_FRAGMENT || pv->ext[0].offset.v != 3 ||
	    pv->data.n != 8 || pv->data.p[0] != 1)
		return false;
	memcpy(data, device.b, IP6_ADDR_OCTETS);
	memcpy(data + IP6_ADDR_OCTETS, pv->data.p, 8);
	pv->n_ext = 0;
	pv->kind = PV_ICMP6;
	pv->type = IS(ICMP6_NS);
	pv->data = IS_OCTETS(data, sizeof(data));
	pv->next.set = pv->plen.set = false;
	return true;
}

/*
 * Neighbors.
 */

static bool ns_target(struct pv *pv)
{
	if (!is(pv, ICMP6_NS) || *at(pv, 0) != 0xff)
		return false;
	memcpy(at(pv, 0), pv->dst.a.b, IP6_ADDR_OCTETS);
	return true;
}

static bool ns_others(struct pv *pv)
{
	if (!is(pv, ICMP6_NS) || memcmp(at(pv, 0), tr1.b, IP6_ADDR_OCTETS) != 0)
		return false;
	memcpy(at(pv, 0), pv->dst.a.b, IP6_ADDR_OCTETS);
	return true;
}

static bool probe_dst(struct pv *pv)
{
	if (!is(pv, ICMP6_NS) || !ip6_is_unspec(&pv->src.a) || ip6_is_solicited_node(&pv->dst.a))
		return false;
	pv->dst.a = ip6_solicited_node(&device);
	return true;
}

static bool probe_lla(struct pv *pv)
{
	if (!is(pv, ICMP6_NS) || !ip6_is_unspec(&pv->src.a) || pv->data.n <= 16)
		return false;
	pv->data.n = 16;
	pv->plen.v -= 8;
	return true;
}

static bool na_target(struct pv *pv)
{
	if (!is(pv, ICMP6_NA) || *at(pv, 0) != 0xff)
		return false;
	memcpy(at(pv, 0), pv->src.a.b, IP6_ADDR_OCTETS);
	return true;
}

static bool na_solicited(struct pv *pv)
{
	if (!is(pv, ICMP6_NA) || pv->dst.a.b[0] != 0xff || (pv->param.v & 0x40000000) == 0)
		return false;
	pv->param.v &= ~0x40000000u;
	return true;
}

/* The link-layer address is taken from the frame. */
static bool na_lla(struct pv *pv)
{
	static uint8_t data[24];

	if (!is(pv, ICMP6_NA) || pv->data.n != 16)
		return false;
	memcpy(data, pv->data.p, 16);
	data[16] = 2;
	data[17] = 1;
	memcpy(data + 18, pv->eth_src.m.b, ETH_MAC_OCTETS);
	pv->data = IS_OCTETS(data, sizeof(data));
	pv->plen.v += 8;
	return true;
}

/* A neighbor is made of an advertisement as of a solicitation. */
static bool na_unasked(struct pv *pv)
{
	if (!is(pv, ICMP6_NA) || pv->param.v != 0x20000000 || pv->dst.a.b[0] != 0xff ||
	    pv->data.n != 24)
		return false;
	pv->type.v = ICMP6_NS;
	pv->dst.a = device;
	memcpy(at(pv, 0), device.b, IP6_ADDR_OCTETS);
	*at(pv, 16) = 1;
	return true;
}

/*
 * Routers and hosts.
 */

static bool rs_unspecified(struct pv *pv)
{
	if (!is(pv, ICMP6_RS) || !ip6_is_unspec(&pv->src.a))
		return false;
	pv->src.a = tn1;
	return true;
}

static bool host_takes_rs(struct pv *pv)
{
	static uint8_t data[24];

	if (!is(pv, ICMP6_RS))
		return false;
	memcpy(data, device.b, IP6_ADDR_OCTETS);
	memcpy(data + 16, pv->data.p, 8);
	pv->type.v = ICMP6_NS;
	pv->data = IS_OCTETS(data, sizeof(data));
	pv->plen.v += 16;
	return true;
}

static bool router_source(struct pv *pv)
{
	if ((!is(pv, ICMP6_RA) && !is(pv, ICMP6_REDIRECT)) || ip6_is_linklocal(&pv->src.a))
		return false;
	pv->src.a = tr1;
	return true;
}

static bool hop_limit_zero(struct pv *pv)
{
	bool zero = is(pv, ICMP6_RA) && pv->param.v >> 24 == 0;

	pv->param.v |= zero ? 1u << 24 : 0;
	return zero;
}

static bool redirect_stranger(struct pv *pv)
{
	if (!is(pv, ICMP6_REDIRECT) || !ip6_eq(&pv->src.a, &tn1))
		return false;
	pv->src.a = tr1;
	return true;
}

static bool redirect_group(struct pv *pv)
{
	if (!is(pv, ICMP6_REDIRECT) || *at(pv, 16) != 0xff)
		return false;
	memcpy(at(pv, 16), far.b, IP6_ADDR_OCTETS);
	return true;
}

static bool redirect_target(struct pv *pv)
{
	if (!is(pv, ICMP6_REDIRECT) || *at(pv, 0) == 0xfe)
		return false;
	memcpy(at(pv, 0), tr2.b, IP6_ADDR_OCTETS);
	return true;
}

/* The prefix option of @pv that has @len, @flags and lifetimes so, or NULL. */
static uint8_t *prefix(struct pv *pv)
{
	for (size_t i = 8; is(pv, ICMP6_RA) && i + 32 <= pv->data.n; i += 8)
		if (*at(pv, i) == 3)
			return at(pv, i);
	return NULL;
}

static bool prefix_flag(struct pv *pv)
{
	uint8_t *p = prefix(pv);
	bool wrong = p != NULL && (p[3] & 0x40) == 0;

	if (wrong)
		p[3] |= 0x40;
	return wrong;
}

static bool prefix_link_local(struct pv *pv)
{
	uint8_t *p = prefix(pv);
	bool wrong = p != NULL && p[16] == 0xfe;

	if (wrong)
		p[16] = 0x20;
	return wrong;
}

static bool prefix_lifetimes(struct pv *pv)
{
	uint8_t *p = prefix(pv);
	bool wrong = p != NULL && get_be32(p + 8) > get_be32(p + 4);

	if (wrong)
		memcpy(p + 8, p + 4, 4);
	return wrong;
}

static bool prefix_invalid(struct pv *pv)
{
	uint8_t *p = prefix(pv);
	bool wrong = p != NULL && p[21] == 0x0c && get_be32(p + 4) == 0;

	if (wrong)
		put_be32(p + 4, 1800);
	return wrong;
}

static bool prefix_length(struct pv *pv)
{
	uint8_t *p = prefix(pv);
	bool wrong = p != NULL && p[2] != 64;

	if (wrong)
		p[2] = 64;
	return wrong;
}

/* An address is taken away, and a way out with it. */
static bool prefix_short(struct pv *pv)
{
	uint8_t *p = prefix(pv);
	bool wrong = p != NULL && get_be32(p + 4) == 10;

	pv->param.v &= wrong ? 0xffff0000 : UINT32_MAX;
	return wrong;
}

/*
 * MLD.
 */

static bool query_hops(struct pv *pv)
{
	bool wrong = is(pv, ICMP6_MLD_QUERY) && pv->hop_limit.v != 1;

	pv->hop_limit.v = wrong ? 1 : pv->hop_limit.v;
	return wrong;
}

static bool query_source(struct pv *pv)
{
	if (!is(pv, ICMP6_MLD_QUERY) || ip6_is_linklocal(&pv->src.a))
		return false;
	pv->src.a = tr1;
	return true;
}

static bool query_alert(struct pv *pv)
{
	static const uint8_t alert[6] = { 5, 2, 0, 0, 1, 0 };

	if (!is(pv, ICMP6_MLD_QUERY) || has_options(pv, 5))
		return false;
	pv->n_ext = 1;
	pv->ext[0] = (struct pv_ext){ .kind = IP6_NH_HBH, .body = IS_OCTETS(alert, 6) };
	pv->next.set = pv->plen.set = false;
	return true;
}

static bool query_length(struct pv *pv)
{
	static const uint8_t data[20];

	if (!is(pv, ICMP6_MLD_QUERY) || pv->data.n == 16 || pv->data.n == 20)
		return false;
	pv->data = IS_OCTETS(data, pv->data.n == 0 ? 16 : 20);
	pv->plen.set = false;
	return true;
}

static bool query_sources(struct pv *pv)
{
	if (!is(pv, ICMP6_MLD_QUERY) || pv->data.n != 20 || *at(pv, 19) == 0)
		return false;
	*at(pv, 19) = 0;
	return true;
}

/* The parts that catch each. */
const struct fault faults_nd[] = {
	/* clang-format off */
	{ "checksums", checksum, NULL, NUT_HOST,
	  { "robust.8200.8.1.b", "robust.4443.2.3.a", "robust.8201.4.e",
	    "robust.4861.7.1.1.b", "robust.4861.7.1.2.b", "robust.4861.6.1.2.c",
	    "robust.4861.8.1.c", "robust.3810.5.1.2.a", "robust.2710.5.c" } },
	{ "checksums", checksum, NULL, NUT_ROUTER,
	  { "robust.8200.8.1.b", "robust.4443.2.3.a", "robust.8201.4.e",
	    "robust.4861.7.1.1.b", "robust.4861.7.1.2.b", "robust.4861.6.1.1.b",
	    "robust.3810.5.1.2.a", "robust.2710.5.c" } },
	{ "hop limit of ND", hop_limit, NULL, NUT_HOST,
	  { "robust.4861.7.1.1.a", "robust.4861.7.1.2.a", "robust.4861.6.1.2.b",
	    "robust.4861.8.1.b" } },
	{ "hop limit of ND", hop_limit, NULL, NUT_ROUTER,
	  { "robust.4861.7.1.1.a", "robust.4861.7.1.2.a", "robust.4861.6.1.1.a" } },
	{ "code of ND", code, NULL, NUT_HOST,
	  { "robust.4861.7.1.1.c", "robust.4861.7.1.2.c", "robust.4861.6.1.2.d",
	    "robust.4861.8.1.d" } },
	{ "code of ND", code, NULL, NUT_ROUTER,
	  { "robust.4861.7.1.1.c", "robust.4861.7.1.2.c", "robust.4861.6.1.1.c" } },
	{ "length of ND", length, NULL, NUT_HOST,
	  { "robust.4861.7.1.1.d", "robust.4861.6.1.2.e", "robust.4861.8.1.e" } },
	{ "length of RS", rs_length, NULL, NUT_ROUTER, { "robust.4861.6.1.1.d" } },
	{ "options of length zero", option_zero, NULL, NUT_HOST,
	  { "robust.4861.7.1.1.f", "robust.4861.7.1.2.g", "robust.4861.6.1.2.f",
	    "robust.4861.8.1.i" } },
	{ "options of length zero", option_zero, NULL, NUT_ROUTER,
	  { "robust.4861.7.1.1.f", "robust.4861.7.1.2.g", "robust.4861.6.1.1.e" } },
	{ "options beyond the end", option_overrun, NULL, NUT_HOST,
	  { "robust.4861.4.6.a", "robust.4861.4.6.b", "robust.4861.4.6.c" } },
	{ "fragmented ND", nd_fragment, NULL, NUT_HOST,
	  { "robust.6980.5.a", "robust.6980.5.c", "robust.6980.5.e", "robust.6980.5.f" } },
	{ "fragmented ND", nd_fragment, NULL, NUT_ROUTER,
	  { "robust.6980.5.a", "robust.6980.5.c", "robust.6980.5.d" } },
	{ "NS target a group", ns_target, NULL, NUT_HOST, { "robust.4861.7.1.1.e" } },
	{ "ND in two fragments", ns_in_two, NULL, NUT_HOST, { "robust.6980.5.b" } },
	{ "NS target not ours", ns_others, NULL, NUT_HOST, { "robust.4861.7.2.3.a" } },
	{ "probe's destination", probe_dst, NULL, NUT_HOST,
	  { "robust.4861.7.1.1.g", "robust.4861.7.1.1.h" } },
	{ "probe's option", probe_lla, NULL, NUT_HOST, { "robust.4861.7.1.1.i" } },
	{ "NA target a group", na_target, NULL, NUT_HOST, { "robust.4861.7.1.2.e" } },
	{ "NA solicited by all", na_solicited, NULL, NUT_HOST, { "robust.4861.7.1.2.f" } },
	{ "NA without address", na_lla, NULL, NUT_HOST, { "robust.4861.7.2.5.a" } },
	{ "NA unasked", na_unasked, NULL, NUT_HOST, { "robust.4861.7.2.5.b" } },
	{ "RS from nobody", rs_unspecified, NULL, NUT_ROUTER, { "robust.4861.6.1.1.f" } },
	{ "RS to a host", host_takes_rs, NULL, NUT_HOST, { "robust.4861.6.1.1.g" } },
	{ "source of RA and Redirect", router_source, NULL, NUT_HOST,
	  { "robust.4861.6.1.2.a", "robust.4861.8.1.a" } },
	{ "hop limit of zero", hop_limit_zero, NULL, NUT_HOST, { "robust.4861.6.3.4.b" } },
	{ "stranger's Redirect", redirect_stranger, NULL, NUT_HOST, { "robust.4861.8.1.f" } },
	{ "Redirect of a group", redirect_group, NULL, NUT_HOST, { "robust.4861.8.1.g" } },
	{ "Redirect's target", redirect_target, NULL, NUT_HOST, { "robust.4861.8.1.h" } },
	{ "autonomous flag", prefix_flag, NULL, NUT_HOST, { "robust.4862.5.5.3.a" } },
	{ "link-local prefix", prefix_link_local, NULL, NUT_HOST, { "robust.4862.5.5.3.b" } },
	{ "lifetimes", prefix_lifetimes, NULL, NUT_HOST, { "robust.4862.5.5.3.c" } },
	{ "valid lifetime of zero", prefix_invalid, NULL, NUT_HOST, { "robust.4862.5.5.3.d" } },
	{ "prefix length", prefix_length, NULL, NUT_HOST,
	  { "robust.4862.5.5.3.e", "robust.4862.5.5.3.f", "robust.4862.5.5.3.g" } },
	{ "two hours", prefix_short, NULL, NUT_HOST, { "robust.4862.5.5.3.h" } },
	{ "query's hop limit", query_hops, NULL, NUT_HOST, { "robust.3810.6.2.a" } },
	{ "query's source", query_source, NULL, NUT_HOST,
	  { "robust.3810.5.1.14.a", "robust.3810.5.1.14.b", "robust.2710.5.a" } },
	{ "query's router alert", query_alert, NULL, NUT_HOST,
	  { "robust.3810.6.2.b", "robust.3810.6.2.c" } },
	{ "query's length", query_length, NULL, NUT_HOST,
	  { "robust.3810.8.1.a", "robust.3810.8.1.b", "robust.2710.5.b" } },
	{ "query's sources", query_sources, NULL, NUT_HOST, { "robust.3810.5.1.10.a" } },
	/* clang-format on */
};

const size_t n_faults_nd = ARRAY_LEN(faults_nd);
