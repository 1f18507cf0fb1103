/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/message.h"

#include <stdlib.h>
#include <string.h>

#include "ip6/scope.h"
#include "nd/opt.h"

#define ND_HOPS	       255
#define RA_FIXED       8  /* behind the word that pv.param is: reachable time, timer */
#define TARGET_FIXED   16 /* target address */
#define REDIRECT_FIXED 32 /* target and destination address */
#define PREFIX_OCTETS  30 /* of the option's body */

const struct ip6_addr all_nodes = { { 0xff, 0x02, [15] = 1 } };
const struct ip6_addr all_routers = { { 0xff, 0x02, [15] = 2 } };

struct scratch {
	struct scratch *next;
	uint8_t octets[];
};

uint8_t *octets(struct tester *t, size_t n)
{
	struct scratch *s = calloc(1, sizeof(*s) + n);

	ASSERT(s != NULL);
	s->next = t->scratch;
	t->scratch = s;
	return s->octets;
}

void scratch_done(struct tester *t)
{
	while (t->scratch != NULL) {
		struct scratch *next = t->scratch->next;

		free(t->scratch);
		t->scratch = next;
	}
}

/* Make the data of @pv longer by @n zeros. Return: where they are. */
static uint8_t *grow(struct tester *t, struct pv *pv, size_t n)
{
	uint8_t *p = octets(t, pv->data.n + n);
	size_t old = pv->data.n;

	if (old > 0)
		memcpy(p, pv->data.p, old);
	pv->data = IS_OCTETS(p, old + n);
	return p + old;
}

void option(struct tester *t, struct pv *pv, uint8_t type, const void *body, size_t n)
{
	size_t units = (n + ND_OPT_HDR + ND_OPT_UNIT - 1) / ND_OPT_UNIT;
	uint8_t *p = grow(t, pv, units * ND_OPT_UNIT);

	p[0] = type;
	p[1] = (uint8_t)units;
	memcpy(p + ND_OPT_HDR, body, n);
}

void option_lla(struct tester *t, struct pv *pv, uint8_t type, const struct mac *mac)
{
	option(t, pv, type, mac->b, sizeof(mac->b));
}

const uint8_t *option_find(const struct pv *pv, size_t fixed, uint8_t type)
{
	const uint8_t *p = pv->data.p;

	for (size_t at = fixed, n; at + ND_OPT_UNIT <= pv->data.n; at += n) {
		n = (size_t)p[at + 1] * ND_OPT_UNIT;
		if (n == 0 || n > pv->data.n - at)
			return NULL;
		if (p[at] == type)
			return p + at;
	}
	return NULL;
}

bool has_lla(const struct pv *pv, uint8_t type, const struct mac *mac)
{
	const uint8_t *p = option_find(pv, TARGET_FIXED, type);

	return p != NULL && memcmp(p + ND_OPT_HDR, mac->b, sizeof(mac->b)) == 0;
}

void option_prefix(struct tester *t, struct pv *pv, const struct ip6_addr *prefix, unsigned len,
		   uint8_t flags, uint32_t valid_s, uint32_t preferred_s)
{
	uint8_t body[PREFIX_OCTETS] = { (uint8_t)len, flags };

	put_be32(body + 2, valid_s);
	put_be32(body + 6, preferred_s);
	memcpy(body + 14, prefix->b, IP6_ADDR_OCTETS);
	option(t, pv, ND_OPT_PREFIX, body, sizeof(body));
}

void option_mtu(struct tester *t, struct pv *pv, uint32_t mtu)
{
	uint8_t body[6] = { 0 };

	put_be32(body + 2, mtu);
	option(t, pv, ND_OPT_MTU, body, sizeof(body));
}

static struct pv message(const struct station *from, uint8_t type, struct ip6_addr dst)
{
	return (struct pv){ .src = IS_ADDR(from->lla),
			    .dst = IS_ADDR(dst),
			    .hop_limit = IS(ND_HOPS),
			    .kind = PV_ICMP6,
			    .type = IS(type),
			    .code = IS(0),
			    .param = IS(0) };
}

struct pv rs(struct tester *t, enum station_id from)
{
	return message(&t->st[from], ICMP6_RS, all_routers);
}

struct pv ra(struct tester *t, enum station_id from, uint16_t lifetime_s, uint8_t flags)
{
	struct pv pv = message(&t->st[from], ICMP6_RA, all_nodes);

	pv.param = IS(64u << 24 | (uint32_t)flags << 16 | lifetime_s);
	grow(t, &pv, RA_FIXED);
	t->st[from].advertised = lifetime_s != 0;
	return pv;
}

void ra_timers(struct pv *pv, uint32_t reachable_ms, uint32_t retrans_ms)
{
	uint8_t *p = (uint8_t *)pv->data.p; /* ours: ra() made it */

	put_be32(p, reachable_ms);
	put_be32(p + 4, retrans_ms);
}

struct pv ns(struct tester *t, enum station_id from, struct ip6_addr target, const struct mac *lla)
{
	struct pv pv = message(&t->st[from], ICMP6_NS, ip6_solicited_node(&target));

	if (!ip6_is_linklocal(&target))
		pv.src = IS_ADDR(t->st[from].global);
	memcpy(grow(t, &pv, TARGET_FIXED), target.b, IP6_ADDR_OCTETS);
	if (lla != NULL)
		option_lla(t, &pv, ND_OPT_SLLA, lla);
	return pv;
}

struct pv na(struct tester *t, enum station_id from, struct ip6_addr target, struct ip6_addr dst,
	     uint32_t flags, const struct mac *lla)
{
	struct pv pv = message(&t->st[from], ICMP6_NA, dst);

	pv.src = IS_ADDR(target);
	pv.param = IS(flags);
	memcpy(grow(t, &pv, TARGET_FIXED), target.b, IP6_ADDR_OCTETS);
	if (lla != NULL)
		option_lla(t, &pv, ND_OPT_TLLA, lla);
	return pv;
}

struct pv redirect(struct tester *t, enum station_id from, struct ip6_addr dst,
		   struct ip6_addr target, struct ip6_addr about)
{
	struct pv pv = message(&t->st[from], ICMP6_REDIRECT, dst);
	uint8_t *p = grow(t, &pv, REDIRECT_FIXED);

	memcpy(p, target.b, IP6_ADDR_OCTETS);
	memcpy(p + IP6_ADDR_OCTETS, about.b, IP6_ADDR_OCTETS);
	return pv;
}
