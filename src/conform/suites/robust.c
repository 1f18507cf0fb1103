/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/suites/robust.h"

#include "ip6/scope.h"
#include "base/csum.h"
#include "nd/opt.h"

const struct ip6_addr far = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0f, [15] = 1 } };
const struct pv any_echo_reply = { .kind = PV_ICMP6, .type = { true, ICMP6_ECHO_REPLY } };
const struct pv any_na = { .kind = PV_ICMP6, .type = { true, ICMP6_NA } };
const struct pv any_ra = { .kind = PV_ICMP6, .type = { true, ICMP6_RA } };

void alive(struct tester *t)
{
	ping(t, TR3);
}

void ignored(struct tester *t, enum station_id from, const struct pv *bad)
{
	alive(t);
	tx(t, from, bad);
	silence(t, SILENCE_FOR, NULL);
	alive(t);
}

void discarded(struct tester *t, enum station_id from, const struct pv *bad)
{
	alive(t);
	tx(t, from, bad);
	silence(t, SILENCE_FOR, &any_echo_reply);
	alive(t);
}

void answered(struct tester *t, enum station_id from, const struct pv *good)
{
	struct pv reply = reply_to(tx(t, from, good));

	expect(t, t->st[from].link, REPLY_WITHIN, &reply);
}

void refused(struct tester *t, enum station_id from, const struct pv *bad, uint8_t code,
	     uint32_t pointer)
{
	struct pv problem = error_about(tx(t, from, bad), ICMP6_PARAM_PROB, code, pointer);

	expect(t, t->st[from].link, REPLY_WITHIN, &problem);
	silence(t, SILENCE_FOR, NULL);
	alive(t);
}

bool came(struct tester *t, time_ns within, const struct pv *pv)
{
	size_t begin = t->record.n;

	pause_for(t, within);
	for (size_t i = begin; i < t->record.n; i++) {
		const struct seen *s = t->record.seen[i];

		if (s->from_nut && s->ip6 && pv_match(pv, &s->pv) == 0)
			return true;
	}
	return false;
}

/* RFC 4861 section 7.2.2: to all who could be @who. */
static struct pv asks_for(const struct tester *t, enum station_id who)
{
	return (struct pv){ .dst = IS_ADDR(ip6_solicited_node(&t->st[who].lla)),
			    .hop_limit = IS(255),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .code = IS(0) };
}

void must_resolve(struct tester *t, enum station_id who)
{
	struct pv echo = echo_to(t, who, nut_lla(t, who)), asks = asks_for(t, who);
	struct pv reply = reply_to(tx(t, who, &echo));

	expect(t, t->st[who].link, REPLY_WITHIN, &asks);
	expect(t, t->st[who].link, REPLY_WITHIN, &reply);
}

void must_know(struct tester *t, enum station_id who)
{
	struct pv echo = echo_to(t, who, nut_lla(t, who)), asks = asks_for(t, who);
	struct pv reply = reply_to(tx(t, who, &echo));

	expect(t, t->st[who].link, REPLY_WITHIN, &reply);
	silence(t, NS_PER_S, &asks);
}

void far_goes_by(struct tester *t, enum station_id router)
{
	struct pv echo = echo_to(t, TR1, nut_global(t, TR1)), reply;

	echo.src = IS_ADDR(far);
	reply = reply_to(tx(t, TR1, &echo));
	reply.eth_dst = IS_MAC(t->st[router].mac);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

struct pv cut_to(struct tester *t, const struct pv *whole, size_t n)
{
	static const size_t hdrs = ETH_HDR_OCTETS + IP6_HDR_OCTETS;
	uint8_t *frame = octets(t, PV_FRAME_MAX), *m = frame + hdrs;
	size_t all = pv_build(whole, frame, PV_FRAME_MAX);
	struct pv pv = *whole;

	ASSERT(whole->kind == PV_ICMP6 && whole->n_ext == 0 && all >= hdrs + n);
	if (n >= ICMP6_HDR_OCTETS) {
		put_be16(m + ICMP6_CSUM_OFF, 0);
		put_be16(m + ICMP6_CSUM_OFF,
			 csum_upper(&pv.src.a, &pv.dst.a, m, (uint32_t)n, IP6_NH_ICMP6));
	}
	pv.kind = PV_RAW;
	pv.next = IS(IP6_NH_ICMP6);
	pv.data = IS_OCTETS(m, n);
	return pv;
}

void spoil_checksum(struct pv *pv)
{
	uint8_t frame[PV_FRAME_MAX];
	struct pv right;
	bool ok;

	ok = pv_decode(frame, pv_build(pv, frame, sizeof(frame)), &right);
	ASSERT(ok && right.csum.set);
	pv->csum = IS(right.csum.v ^ 0x0100);
}

void zero_option(struct tester *t, struct pv *pv)
{
	static const uint8_t body[ND_OPT_UNIT - ND_OPT_HDR];

	option(t, pv, ND_OPT_SLLA, body, sizeof(body));
	((uint8_t *)pv->data.p)[pv->data.n - ND_OPT_UNIT + 1] = 0; /* ours: option() made it */
}

void overrun_option(struct tester *t, struct pv *pv)
{
	static const uint8_t body[ND_OPT_UNIT - ND_OPT_HDR];

	option(t, pv, ND_OPT_MTU, body, sizeof(body));
	((uint8_t *)pv->data.p)[pv->data.n - ND_OPT_UNIT + 1] = 200;
}

struct pv piece(struct tester *t, const struct pv *whole, size_t from, size_t to)
{
	static const size_t hdrs = ETH_HDR_OCTETS + IP6_HDR_OCTETS;
	uint8_t *frame = octets(t, PV_FRAME_MAX);
	size_t n = pv_build(whole, frame, PV_FRAME_MAX);
	bool last = to == 0;
	struct pv pv = { .eth_dst = whole->eth_dst,
			 .src = whole->src,
			 .dst = whole->dst,
			 .hop_limit = whole->hop_limit,
			 .n_ext = 1,
			 .kind = PV_RAW };

	if (last)
		to = n - hdrs;
	ASSERT(n > hdrs && from % IP6_EXT_UNIT == 0 && from <= to && to <= n - hdrs);
	pv.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT,
				     .next = IS(frame[ETH_HDR_OCTETS + IP6_NEXT_OFF]),
				     .offset = IS(from / IP6_EXT_UNIT),
				     .flags = IS(last ? 0 : IP6_FRAG_MORE),
				     .id = IS(PIECE_ID) };
	pv.data = IS_OCTETS(frame + hdrs + from, to - from);
	return pv;
}

struct pv in_fragment(struct pv whole)
{
	ASSERT(whole.n_ext == 0);
	whole.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT, .id = IS(PIECE_ID) };
	whole.n_ext = 1;
	return whole;
}

struct pv with_options(struct pv pv, uint8_t kind, const uint8_t *body, size_t n)
{
	ASSERT(pv.n_ext < PV_EXT_MAX && (n + 2) % IP6_EXT_UNIT == 0);
	pv.ext[pv.n_ext++] = (struct pv_ext){ .kind = kind, .body = IS_OCTETS(body, n) };
	return pv;
}
