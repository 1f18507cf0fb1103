/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/value.h"

#include "base/csum.h"
#include "base/rd.h"
#include "base/wr.h"

static uint64_t or_else(struct fv f, uint64_t v)
{
	return f.set ? f.v : v;
}

static bool is_echo(uint64_t type)
{
	return type == ICMP6_ECHO_REQUEST || type == ICMP6_ECHO_REPLY;
}

/*
 * Building.
 */

static uint8_t upper_number(const struct pv *pv)
{
	switch (pv->kind) {
	case PV_ICMP6:
		return IP6_NH_ICMP6;
	case PV_UDP:
		return IP6_NH_UDP;
	case PV_ANY:
	case PV_RAW:
		break;
	}
	return IP6_NH_NONE;
}

/* What the header before number @i of the extension headers should say. */
static uint8_t kind_of(const struct pv *pv, unsigned i)
{
	return i < pv->n_ext ? pv->ext[i].kind : upper_number(pv);
}

static void build_ext(struct wr *w, const struct pv_ext *e, uint8_t next)
{
	wr_u8(w, (uint8_t)or_else(e->next, next));
	if (e->kind == IP6_NH_FRAGMENT) {
		wr_u8(w, (uint8_t)or_else(e->reserved, 0));
		wr_u16(w, (uint16_t)(or_else(e->offset, 0) << 3 | or_else(e->flags, 0)));
		wr_u32(w, (uint32_t)or_else(e->id, 0));
		return;
	}
	wr_u8(w, (uint8_t)or_else(e->len, (e->body.n + 2 + 7) / IP6_EXT_UNIT - 1));
	wr_bytes(w, e->body.p, e->body.n);
}

static void build_icmp6(struct wr *w, const struct pv *pv)
{
	uint8_t *start = w->p;
	uint64_t type = or_else(pv->type, 0);

	wr_u8(w, (uint8_t)type);
	wr_u8(w, (uint8_t)or_else(pv->code, 0));
	wr_u16(w, 0);
	if (is_echo(type))
		wr_u32(w, (uint32_t)(or_else(pv->id, 0) << 16 | or_else(pv->seq, 0)));
	else
		wr_u32(w, (uint32_t)or_else(pv->param, 0));
	wr_bytes(w, pv->data.p, pv->data.n);
	if (w->overflow)
		return;
	put_be16(start + ICMP6_CSUM_OFF,
		 (uint16_t)or_else(pv->csum, csum_upper(&pv->src.a, &pv->dst.a, start,
							(uint32_t)(w->p - start), IP6_NH_ICMP6)));
}

static void build_udp(struct wr *w, const struct pv *pv)
{
	uint8_t *start = w->p;
	uint16_t csum;

	wr_u16(w, (uint16_t)or_else(pv->sport, 0));
	wr_u16(w, (uint16_t)or_else(pv->dport, 0));
	wr_u16(w, (uint16_t)or_else(pv->ulen, pv->data.n + UDP_HDR_OCTETS));
	wr_u16(w, 0);
	wr_bytes(w, pv->data.p, pv->data.n);
	if (w->overflow)
		return;
	csum = csum_upper(&pv->src.a, &pv->dst.a, start, (uint32_t)(w->p - start), IP6_NH_UDP);
	put_be16(start + UDP_CSUM_OFF, (uint16_t)or_else(pv->csum, csum != 0 ? csum : 0xffff));
}

size_t pv_build(const struct pv *pv, uint8_t *to, size_t size)
{
	struct wr w = wr_of(to, size);
	uint8_t *ip;

	wr_bytes(&w, pv->eth_dst.m.b, ETH_MAC_OCTETS);
	wr_bytes(&w, pv->eth_src.m.b, ETH_MAC_OCTETS);
	wr_u16(&w, ETH_TYPE_IP6);
	ip = wr_take(&w, IP6_HDR_OCTETS);
	for (unsigned i = 0; i < pv->n_ext; i++)
		build_ext(&w, &pv->ext[i], kind_of(pv, i + 1));
	if (pv->kind == PV_ICMP6)
		build_icmp6(&w, pv);
	else if (pv->kind == PV_UDP)
		build_udp(&w, pv);
	else if (pv->kind == PV_RAW)
		wr_bytes(&w, pv->data.p, pv->data.n);
	if (w.overflow)
		return 0;
	ip6_put_header(ip, (uint8_t)or_else(pv->tclass, 0), (uint32_t)or_else(pv->flow, 0),
		       (uint16_t)or_else(pv->plen, (size_t)(w.p - ip) - IP6_HDR_OCTETS),
		       (uint8_t)or_else(pv->next, kind_of(pv, 0)),
		       (uint8_t)or_else(pv->hop_limit, 64), &pv->src.a, &pv->dst.a);
	ip[0] = (uint8_t)((ip[0] & 0x0f) | or_else(pv->version, IP6_VERSION) << 4);
	return wr_len(&w);
}

/*
 * Decoding.
 */

static bool is_ext(uint8_t kind)
{
	return kind == IP6_NH_HBH || kind == IP6_NH_ROUTING || kind == IP6_NH_FRAGMENT ||
	       kind == IP6_NH_DSTOPTS;
}

static bool decode_ext(struct rd *in, struct pv_ext *e)
{
	struct rd r = *in, body;
	uint8_t next, len;
	uint16_t off;
	uint32_t id;

	if (!rd_u8(&r, &next) || !rd_u8(&r, &len))
		return false;
	e->next = IS(next);
	if (e->kind == IP6_NH_FRAGMENT) {
		if (!rd_u16(&r, &off) || !rd_u32(&r, &id))
			return false;
		e->reserved = IS(len);
		e->offset = IS(off >> 3);
		e->flags = IS(off & 7);
		e->id = IS(id);
	} else {
		if (!rd_take(&r, (size_t)len * IP6_EXT_UNIT + 6, &body))
			return false;
		e->len = IS(len);
		e->body = IS_OCTETS(body.p, body.left);
	}
	*in = r;
	return true;
}

static bool decode_icmp6(struct rd r, struct pv *pv)
{
	const uint8_t *start = r.p;
	uint32_t octets = (uint32_t)r.left, word;
	uint8_t type, code;
	uint16_t csum;

	if (!rd_u8(&r, &type) || !rd_u8(&r, &code) || !rd_u16(&r, &csum) || !rd_u32(&r, &word))
		return false;
	pv->kind = PV_ICMP6;
	pv->type = IS(type);
	pv->code = IS(code);
	pv->csum = IS(csum);
	pv->csum_wrong = csum_upper(&pv->src.a, &pv->dst.a, start, octets, IP6_NH_ICMP6) != 0;
	if (is_echo(type)) {
		pv->id = IS(word >> 16);
		pv->seq = IS(word & 0xffff);
	} else {
		pv->param = IS(word);
	}
	pv->data = IS_OCTETS(r.p, r.left);
	return true;
}

static bool decode_udp(struct rd r, struct pv *pv)
{
	const uint8_t *start = r.p;
	uint32_t octets = (uint32_t)r.left;
	uint16_t sport, dport, len, csum;

	if (!rd_u16(&r, &sport) || !rd_u16(&r, &dport) || !rd_u16(&r, &len) || !rd_u16(&r, &csum))
		return false;
	pv->kind = PV_UDP;
	pv->sport = IS(sport);
	pv->dport = IS(dport);
	pv->ulen = IS(len);
	pv->csum = IS(csum);
	pv->csum_wrong = csum_upper(&pv->src.a, &pv->dst.a, start, octets, IP6_NH_UDP) != 0;
	pv->data = IS_OCTETS(r.p, r.left);
	return true;
}

static void decode_header(struct pv *pv, const uint8_t *frame, const uint8_t *ip)
{
	memcpy(pv->eth_dst.m.b, frame, ETH_MAC_OCTETS);
	memcpy(pv->eth_src.m.b, frame + ETH_SRC_OFF, ETH_MAC_OCTETS);
	pv->eth_dst.set = pv->eth_src.set = true;
	pv->version = IS(ip6_hdr_version(ip));
	pv->tclass = IS(ip6_hdr_class(ip));
	pv->flow = IS(ip6_hdr_flow(ip));
	pv->plen = IS(ip6_hdr_plen(ip));
	pv->next = IS(ip[IP6_NEXT_OFF]);
	pv->hop_limit = IS(ip[IP6_HLIM_OFF]);
	pv->src = IS_ADDR(ip6_hdr_src(ip));
	pv->dst = IS_ADDR(ip6_hdr_dst(ip));
}

bool pv_decode(const uint8_t *frame, size_t octets, struct pv *ret)
{
	struct rd r = rd_of(frame, octets);
	const uint8_t *ip = frame + ETH_HDR_OCTETS;
	struct pv pv = { .kind = PV_RAW };
	bool first = true, piece = false;
	uint8_t next;

	if (!rd_skip(&r, ETH_HDR_OCTETS) || !rd_skip(&r, IP6_HDR_OCTETS) ||
	    get_be16(frame + ETH_TYPE_OFF) != ETH_TYPE_IP6)
		return false;
	decode_header(&pv, frame, ip);
	if (r.left > pv.plen.v) /* padding of short Ethernet frames */
		r.left = pv.plen.v;
	next = (uint8_t)pv.next.v;
	while (is_ext(next) && pv.n_ext < PV_EXT_MAX && (next != IP6_NH_HBH || first)) {
		struct pv_ext *e = &pv.ext[pv.n_ext];

		e->kind = next;
		if (!decode_ext(&r, e)) {
			*e = (struct pv_ext){ 0 };
			pv.bad = r.p;
			break;
		}
		pv.n_ext++;
		first = false;
		next = (uint8_t)e->next.v;
		if (e->kind == IP6_NH_FRAGMENT && (e->offset.v != 0 || (e->flags.v & 1) != 0)) {
			piece = true; /* what follows is not whole: octets */
			break;
		}
	}
	pv.data = IS_OCTETS(r.p, r.left);
	if (piece || pv.bad != NULL) {
		*ret = pv;
		return true;
	}
	if ((next == IP6_NH_ICMP6 && !decode_icmp6(r, &pv)) ||
	    (next == IP6_NH_UDP && !decode_udp(r, &pv)))
		pv.bad = r.p;
	*ret = pv;
	return true;
}
