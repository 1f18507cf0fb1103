/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/mld_msg.h"

#include <string.h>

#include "conform/message.h"
#include "mld/msg.h"

#define ICMP6_OCTETS 8 /* type to the word that pv.param is: not in pv.data */
#define S_FLAG	     0x08u
#define ALERT_OCTETS 6

/* Offsets in pv.data. */
#define AT_GROUP  0
#define AT_FLAGS  16
#define AT_QQIC	  17
#define AT_N	  18
#define AT_SOURCE 20

static const uint8_t alert[ALERT_OCTETS] = { 5, 2, 0, 0, 1, 0 }; /* RFC 2711, padding */

const struct ip6_addr mld_m1 = { { 0xff, 0x1e, [13] = 1, [15] = 3 } };
const struct ip6_addr mld_m2 = { { 0xff, 0x1e, [13] = 1, [15] = 4 } };
const struct ip6_addr all_mld_routers = { { 0xff, 0x02, [15] = 0x16 } };

struct ip6_addr mld_source(unsigned i)
{
	return (struct ip6_addr){ { 0x20, 0x01, 0x0d, 0xb8, 0, 0x50, [15] = (uint8_t)i } };
}

static bool has(const struct mld_list *l, const struct ip6_addr *a)
{
	for (unsigned i = 0; i < l->n; i++)
		if (ip6_eq(&l->a[i], a))
			return true;
	return false;
}

bool mld_same(const struct mld_list *a, const struct mld_list *b)
{
	for (unsigned i = 0; i < a->n; i++)
		if (!has(b, &a->a[i]))
			return false;
	return a->n == b->n;
}

struct mq mq_general(unsigned version)
{
	return (struct mq){ .version = version, .code = 10000, .qrv = 2, .qqic = 125 };
}

static struct pv message(struct tester *t, enum station_id from, uint8_t type, size_t n)
{
	struct pv pv = { .src = IS_ADDR(t->st[from].lla),
			 .hop_limit = IS(1),
			 .n_ext = 1,
			 .kind = PV_ICMP6,
			 .type = IS(type),
			 .code = IS(0),
			 .param = IS(0),
			 .data = IS_OCTETS(octets(t, n), n) };

	pv.ext[0] = (struct pv_ext){ .kind = IP6_NH_HBH, .body = IS_OCTETS(alert, ALERT_OCTETS) };
	return pv;
}

uint8_t *mld_octet(struct pv *pv, size_t at)
{
	ASSERT(at >= ICMP6_OCTETS && at - ICMP6_OCTETS < pv->data.n);
	return (uint8_t *)pv->data.p + at - ICMP6_OCTETS; /* ours: message() made it */
}

void mld_resize(struct tester *t, struct pv *pv, size_t n)
{
	uint8_t *p = octets(t, n);

	ASSERT(n >= ICMP6_OCTETS);
	memcpy(p, pv->data.p, MIN(n - ICMP6_OCTETS, pv->data.n));
	pv->data = IS_OCTETS(p, n - ICMP6_OCTETS);
}

/* Checksum and payload length of @pv as it is. */
static void freeze(const struct pv *pv, uint16_t *csum, uint16_t *plen)
{
	uint8_t frame[PV_FRAME_MAX];
	struct pv whole;
	size_t n = pv_build(pv, frame, sizeof(frame));

	ASSERT(n > 0 && pv_decode(frame, n, &whole) && whole.csum.set);
	*csum = (uint16_t)whole.csum.v;
	*plen = (uint16_t)whole.plen.v;
}

void mld_trailer(struct tester *t, struct pv *pv, size_t n)
{
	uint16_t csum, plen;

	freeze(pv, &csum, &plen);
	mld_resize(t, pv, pv->data.n + ICMP6_OCTETS + n);
	pv->csum = IS(csum);
	pv->plen = IS(plen);
}

void mld_bad_sum(struct tester *t, struct pv *pv)
{
	uint16_t csum, plen;

	(void)t;
	freeze(pv, &csum, &plen);
	pv->csum = IS(csum ^ 1u);
}

void mld_no_options(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->n_ext = 0;
}

void mld_no_alert(struct tester *t, struct pv *pv)
{
	static const uint8_t padn[ALERT_OCTETS] = { 1, 4 };

	(void)t;
	pv->ext[0].body = IS_OCTETS(padn, ALERT_OCTETS);
}

struct pv mq_pv(struct tester *t, enum station_id from, const struct mq *q)
{
	size_t n = q->version == 1 ? V1_OCTETS : V2_OCTETS + q->list.n * IP6_ADDR_OCTETS;
	struct pv pv = message(t, from, ICMP6_MLD_QUERY, n - ICMP6_OCTETS);
	uint8_t *p = mld_octet(&pv, ICMP6_OCTETS);

	pv.dst = IS_ADDR(ip6_is_unspec(&q->group) ? all_nodes : q->group);
	pv.param = IS((uint32_t)q->code << 16);
	memcpy(p + AT_GROUP, q->group.b, IP6_ADDR_OCTETS);
	if (q->version == 1)
		return pv;
	p[AT_FLAGS] = (uint8_t)((q->s ? S_FLAG : 0) | q->qrv);
	p[AT_QQIC] = q->qqic;
	put_be16(p + AT_N, (uint16_t)q->list.n);
	for (unsigned i = 0; i < q->list.n; i++)
		memcpy(p + AT_SOURCE + i * IP6_ADDR_OCTETS, q->list.a[i].b, IP6_ADDR_OCTETS);
	return pv;
}

/* @n addresses from @p, as far as they are there. */
static bool take_list(const uint8_t *p, size_t left, unsigned n, struct mld_list *ret)
{
	if (n > MLD_LIST_MAX || (size_t)n * IP6_ADDR_OCTETS > left)
		return false;
	ret->n = n;
	for (unsigned i = 0; i < n; i++)
		memcpy(ret->a[i].b, p + i * IP6_ADDR_OCTETS, IP6_ADDR_OCTETS);
	return true;
}

bool mq_of(const struct pv *pv, struct mq *ret)
{
	const uint8_t *p = pv->data.p;
	size_t n = pv->data.n + ICMP6_OCTETS;

	if (pv->kind != PV_ICMP6 || pv->type.v != ICMP6_MLD_QUERY || n < V1_OCTETS ||
	    (n > V1_OCTETS && n < V2_OCTETS))
		return false;
	*ret = (struct mq){ .version = n == V1_OCTETS ? 1 : 2,
			    .code = (uint16_t)(pv->param.v >> 16) };
	memcpy(ret->group.b, p + AT_GROUP, IP6_ADDR_OCTETS);
	if (ret->version == 1)
		return true;
	ret->s = (p[AT_FLAGS] & S_FLAG) != 0;
	ret->qrv = p[AT_FLAGS] & 7;
	ret->qqic = p[AT_QQIC];
	return take_list(p + AT_SOURCE, pv->data.n - AT_SOURCE, get_be16(p + AT_N), &ret->list);
}

struct pv mreport_pv(struct tester *t, enum station_id from, const struct mrec *r, unsigned n)
{
	size_t total = 0, at = 0;
	struct pv pv;
	uint8_t *p;

	for (unsigned i = 0; i < n; i++)
		total += RECORD_OCTETS + r[i].list.n * IP6_ADDR_OCTETS;
	pv = message(t, from, ICMP6_MLD2_REPORT, total);
	pv.dst = IS_ADDR(all_mld_routers);
	pv.param = IS(n);
	p = (uint8_t *)pv.data.p;
	for (unsigned i = 0; i < n; i++) {
		p[at] = r[i].type;
		put_be16(p + at + 2, (uint16_t)r[i].list.n);
		memcpy(p + at + 4, r[i].group.b, IP6_ADDR_OCTETS);
		at += RECORD_OCTETS;
		for (unsigned k = 0; k < r[i].list.n; k++, at += IP6_ADDR_OCTETS)
			memcpy(p + at, r[i].list.a[k].b, IP6_ADDR_OCTETS);
	}
	return pv;
}

bool mrec_of(const struct pv *pv, unsigned i, struct mrec *ret)
{
	const uint8_t *p = pv->data.p;
	size_t left = pv->data.n;

	if (pv->kind != PV_ICMP6 || pv->type.v != ICMP6_MLD2_REPORT || i >= (pv->param.v & 0xffff))
		return false;
	for (;; i--) {
		size_t n;

		if (left < RECORD_OCTETS)
			return false;
		*ret = (struct mrec){ .type = p[0] };
		memcpy(ret->group.b, p + 4, IP6_ADDR_OCTETS);
		if (!take_list(p + RECORD_OCTETS, left - RECORD_OCTETS, get_be16(p + 2),
			       &ret->list))
			return false;
		if (i == 0)
			return true;
		n = RECORD_OCTETS + ret->list.n * IP6_ADDR_OCTETS + (size_t)p[1] * AUX_UNIT;
		if (n > left)
			return false;
		p += n;
		left -= n;
	}
}

struct pv mv1_pv(struct tester *t, enum station_id from, uint8_t type, struct ip6_addr group)
{
	struct pv pv = message(t, from, type, IP6_ADDR_OCTETS);

	pv.dst = IS_ADDR(type == ICMP6_MLD_DONE ? all_routers : group);
	memcpy(mld_octet(&pv, ICMP6_OCTETS), group.b, IP6_ADDR_OCTETS);
	return pv;
}

/*
 * The form of what the device sends.
 */

/* Is there a router alert of value 0 among the options? RFC 2711 section 2.1. */
static bool has_alert(const struct ov *body)
{
	size_t at = 0;

	while (at < body->n) {
		if (body->p[at] == 0) {
			at++;
			continue;
		}
		if (body->n - at < 2 || body->n - at - 2 < body->p[at + 1])
			return false;
		if (body->p[at] == 5)
			return body->p[at + 1] == 2 && get_be16(body->p + at + 2) == 0;
		at += 2 + (size_t)body->p[at + 1];
	}
	return false;
}

static const char *query_form(const struct pv *pv)
{
	struct mq q;

	if (!mq_of(pv, &q))
		return "it is no query of either version";
	if ((pv->param.v & 0xffff) != 0)
		return "its reserved field is not zero";
	if (!ip6_eq(&pv->dst.a, ip6_is_unspec(&q.group) ? &all_nodes : &q.group))
		return "it is not sent where it belongs";
	if (q.version == 1)
		return NULL;
	if ((pv->data.p[AT_FLAGS] & 0xf0) != 0)
		return "its reserved bits are not zero";
	if (pv->data.n != AT_SOURCE + (size_t)q.list.n * IP6_ADDR_OCTETS)
		return "something is behind its sources";
	return NULL;
}

static const char *v1_form(const struct pv *pv)
{
	if (pv->data.n != V1_OCTETS - ICMP6_OCTETS)
		return "it has not 24 octets";
	if (pv->param.v != 0)
		return "its Maximum Response Delay and reserved field are not zero";
	return NULL;
}

const char *mld_form(const struct pv *pv)
{
	static const struct ip6_addr link_local = { { 0xfe, 0x80 } };

	if (pv->csum_wrong)
		return "its checksum is wrong";
	if (pv->hop_limit.v != 1)
		return "its hop limit is not 1";
	if (!ip6_in_prefix(&pv->src.a, &link_local, 64))
		return "its source address is not link-local";
	if (pv->n_ext != 1 || pv->ext[0].kind != IP6_NH_HBH || !has_alert(&pv->ext[0].body))
		return "it has no router alert";
	if (pv->code.v != 0)
		return "its code is not zero";
	switch (pv->type.v) {
	case ICMP6_MLD_QUERY:
		return query_form(pv);
	case ICMP6_MLD_REPORT:
	case ICMP6_MLD_DONE:
		return v1_form(pv);
	}
	return (pv->param.v >> 16) != 0 ? "its reserved field is not zero" : NULL;
}
