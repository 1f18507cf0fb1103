/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The stations of the common topology, and the packets that they send. TR1 to TR3 and TN1 are on
 * link B, TN2 on link A, beyond a router under test.
 */
#include <string.h>

#include "conform/message.h"

#define PREFIX_LEN  64
#define QUOTE_MAX   (1280 - IP6_HDR_OCTETS - 8) /* RFC 4443 section 2.4 (c) */
#define ECHO_ID	    0x1ba
#define ECHO_OCTETS 8

const struct ip6_addr prefix_a = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0a } };
const struct ip6_addr prefix_b = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0b } };

static const struct ip6_addr link_local = { { 0xfe, 0x80 } };

static struct ip6_addr with_id(const struct ip6_addr *prefix, uint64_t id)
{
	struct ip6_addr a = *prefix;

	put_be64(a.b + 8, id);
	return a;
}

/* RFC 4291 appendix A: what a device that says nothing of its addresses probably has. */
static uint64_t eui64(const struct mac *m)
{
	uint8_t id[8] = { m->b[0] ^ 2, m->b[1], m->b[2], 0xff, 0xfe, m->b[3], m->b[4], m->b[5] };

	return get_be64(id);
}

static const struct {
	const char *name;
	enum nut_link link;
	bool router;
	uint8_t id;
} common[STATIONS] = {
	[TR1] = { "TR1", LINK_B, true, 0xa1 },	[TR2] = { "TR2", LINK_B, true, 0xa2 },
	[TR3] = { "TR3", LINK_B, true, 0xa3 },	[TN1] = { "TN1", LINK_B, false, 0x01 },
	[TN2] = { "TN2", LINK_A, false, 0x02 },
};

static struct mac mac_of_station(enum station_id id)
{
	return (struct mac){ { 2, 0, 0, 0, 0xff, common[id].id } };
}

const char *station_name(enum station_id id)
{
	return common[id].name;
}

enum nut_link station_link(enum station_id id)
{
	return common[id].link;
}

enum station_id station_of_mac(const struct mac *mac)
{
	for (enum station_id i = 0; i < STATIONS; i++) {
		struct mac own = mac_of_station(i), m = *mac;

		for (size_t k = 0; k < sizeof(m.b); k++)
			if (m.b[k] == (own.b[k] ^ 0x80))
				m.b[k] = own.b[k];
		if (mac_eq(&own, &m))
			return i;
	}
	return STATIONS;
}

void stations_init(struct tester *t)
{
	for (unsigned i = 0; i < STATIONS; i++) {
		const struct ip6_addr *prefix = common[i].link == LINK_A ? &prefix_a : &prefix_b;

		t->st[i] = (struct station){ .name = common[i].name,
					     .link = common[i].link,
					     .router = common[i].router,
					     .mac = mac_of_station((enum station_id)i),
					     .lla = with_id(&link_local, common[i].id),
					     .global = with_id(prefix, common[i].id) };
	}
	for (unsigned i = 0; i < NUT_LINKS; i++) {
		struct mac mac = t->nut->ops->mac(t->nut, (enum nut_link)i);

		t->lla[i] = with_id(&link_local, eui64(&mac));
		t->global[i] = with_id(i == LINK_A ? &prefix_a : &prefix_b, eui64(&mac));
	}
}

struct ip6_addr nut_lla(const struct tester *t, enum station_id near)
{
	return t->lla[t->st[near].link];
}

struct ip6_addr nut_global(const struct tester *t, enum station_id near)
{
	return t->global[t->st[near].link];
}

/* RFC 4861 section 7.2.4; to a probe (RFC 4862 section 5.4.3), for all nodes to hear. */
static void advertise(struct tester *t, enum station_id who, const struct ip6_addr *target,
		      const struct ip6_addr *to)
{
	struct station *st = &t->st[who];
	bool probe = ip6_is_unspec(to), used = st->used;
	struct pv pv = na(t, who, *target, probe ? all_nodes : *to,
			  (st->router ? NA_ROUTER : 0) | (probe ? 0 : NA_SOLICITED) | NA_OVERRIDE,
			  &st->mac);

	station_tx(t, who, &pv);
	st->used = used;
}

/* The device probes for an address of its own: that is how we learn it. */
static void learn(struct tester *t, const struct seen *s, const struct ip6_addr *target)
{
	const struct ip6_addr *prefix = s->link == LINK_A ? &prefix_a : &prefix_b;

	if (ip6_in_prefix(target, &link_local, PREFIX_LEN))
		t->lla[s->link] = *target;
	else if (ip6_in_prefix(target, prefix, PREFIX_LEN))
		t->global[s->link] = *target;
}

static bool has_addr(const struct station *st, const struct ip6_addr *a)
{
	return ip6_eq(&st->lla, a) || ip6_eq(&st->global, a) ||
	       (ip6_eq(&st->extra, a) && !ip6_is_unspec(a));
}

void station_hear(struct tester *t, const struct seen *s)
{
	struct ip6_addr target;

	if (!s->ip6 || s->pv.kind != PV_ICMP6 || s->pv.type.v != ICMP6_NS ||
	    s->pv.data.n < IP6_ADDR_OCTETS || s->pv.csum_wrong)
		return;
	memcpy(target.b, s->pv.data.p, sizeof(target.b));
	for (unsigned i = 0; i < STATIONS; i++) {
		const struct station *st = &t->st[i];

		if (st->link != s->link || st->muted || !has_addr(st, &target))
			continue;
		advertise(t, (enum station_id)i, &target, &s->pv.src.a);
		return;
	}
	if (ip6_is_unspec(&s->pv.src.a))
		learn(t, s, &target);
}

/*
 * Packets.
 */

struct pv echo_to(struct tester *t, enum station_id from, struct ip6_addr dst)
{
	static const uint8_t data[ECHO_OCTETS] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	const struct station *st = &t->st[from];
	bool local = ip6_in_prefix(&dst, &link_local, 10);

	return (struct pv){ .src = IS_ADDR(local ? st->lla : st->global),
			    .dst = IS_ADDR(dst),
			    .hop_limit = IS(255),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_ECHO_REQUEST),
			    .code = IS(0),
			    .id = IS(ECHO_ID),
			    .seq = IS(++t->seq),
			    .data = IS_OCTETS(data, sizeof(data)) };
}

struct pv reply_to(const struct seen *request)
{
	const struct pv *pv = &request->pv;

	return (struct pv){ .version = IS(IP6_VERSION),
			    .src = pv->dst,
			    .dst = pv->src,
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_ECHO_REPLY),
			    .code = IS(0),
			    .id = pv->id,
			    .seq = pv->seq,
			    .data = pv->data };
}

struct pv forwarded(const struct seen *sent)
{
	struct pv pv = sent->pv;

	ASSERT(pv.hop_limit.v > 0);
	pv.eth_src.set = pv.eth_dst.set = false;
	pv.hop_limit.v--;
	return pv;
}

struct pv error_about(const struct seen *about, uint8_t type, uint8_t code, uint32_t param)
{
	size_t quoted = MIN(about->n - ETH_HDR_OCTETS, (size_t)QUOTE_MAX);

	return (struct pv){ .version = IS(IP6_VERSION),
			    .dst = about->pv.src,
			    .kind = PV_ICMP6,
			    .type = IS(type),
			    .code = IS(code),
			    .param = IS(param),
			    .data = IS_OCTETS(about->octets + ETH_HDR_OCTETS, quoted) };
}

void ping(struct tester *t, enum station_id from)
{
	struct pv echo = echo_to(t, from, nut_lla(t, from));
	struct pv reply = reply_to(tx(t, from, &echo));

	expect(t, t->st[from].link, REPLY_WITHIN, &reply);
}
