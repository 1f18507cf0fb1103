/* SPDX-License-Identifier: BSD-3-Clause */
/* The sending side of RFC 8200 section 4.5. */
#include "ip6/frag.h"

uint32_t frag_id(struct frag_table *t, const struct ip6_addr *src, const struct ip6_addr *dst)
{
	struct ip6_addr both[2] = { *src, *dst };
	uint64_t f = siphash(&t->id_key, both, sizeof(both));
	struct hash_key g_key = { { t->id_key.k[1], ~t->id_key.k[0] } }; /* "secret2" */
	uint64_t g;

	/* the destination's first 64 bits only: its neighbours cannot search for its counter */
	g = siphash(&g_key, both, sizeof(both[0]) + IP6_ADDR_OCTETS / 2);
	return (uint32_t)f + t->id_counter[g % FRAG_COUNTERS]++;
}

/*
 * Octets of the Per-Fragment headers: up to and including the routing header if there is one,
 * else the hop-by-hop header, else the IPv6 header. @nh_off is their last Next Header octet.
 */
static uint32_t per_fragment_octets(const struct pkt *pkt, uint32_t *nh_off)
{
	uint32_t at = IP6_HDR_OCTETS, nh_at = IP6_NEXT_OFF, end = at, n;
	uint8_t next = pkt->p[IP6_NEXT_OFF];

	*nh_off = nh_at;
	while (next == IP6_NH_HBH || next == IP6_NH_DSTOPTS || next == IP6_NH_ROUTING) {
		if (pkt->len - at < IP6_EXT_UNIT)
			break;
		n = IP6_EXT_UNIT + (uint32_t)pkt->p[at + IP6_EXT_LEN_OFF] * IP6_EXT_UNIT;
		if (n > pkt->len - at)
			break;
		nh_at = at;
		at += n;
		if (next != IP6_NH_DSTOPTS) {
			end = at;
			*nh_off = nh_at;
		}
		next = pkt->p[nh_at];
	}
	return end;
}

static struct pkt *one_fragment(struct env *env, const struct pkt *from, uint32_t hdrs,
				uint32_t nh_off, uint32_t data_off, uint32_t n, uint32_t id)
{
	struct pkt *f = pkt_new(env->pool, hdrs + IP6_FRAG_OCTETS + n);
	bool more = hdrs + data_off + n < from->len;
	uint8_t *p;

	if (f == NULL)
		return NULL;
	memcpy(pkt_put(f, hdrs), from->p, hdrs);
	f->p[nh_off] = IP6_NH_FRAGMENT;
	put_be16(f->p + IP6_PLEN_OFF, (uint16_t)(hdrs - IP6_HDR_OCTETS + IP6_FRAG_OCTETS + n));
	p = pkt_put(f, IP6_FRAG_OCTETS);
	p[0] = from->p[nh_off];
	p[1] = 0;
	put_be16(p + IP6_FRAG_OFFSET_OFF, (uint16_t)(data_off | (more ? IP6_FRAG_MORE : 0)));
	put_be32(p + IP6_FRAG_ID_OFF, id);
	memcpy(pkt_put(f, n), from->p + hdrs + data_off, n);
	f->ifindex = from->ifindex;
	f->flags = (uint8_t)(from->flags | PKT_FRAGMENT);
	return f;
}

/* RFC 7112 section 5: the whole chain within the first @room octets behind the @hdrs. */
static bool chain_fits(const struct pkt *pkt, uint32_t hdrs, uint32_t nh_off, uint32_t room)
{
	return ip6_chain_is_whole(rd_of(pkt->p, MIN(pkt->len, hdrs + room)), pkt->p[nh_off], hdrs);
}

static int fail(struct env *env, struct pkt *pkt, enum drop why, int rc)
{
	env_drop(env, pkt, why);
	return rc;
}

int ip6_fragment(struct env *env, struct pkt *pkt, uint32_t mtu, uint32_t id, struct pktq *out)
{
	struct pktq made = { 0 };
	uint32_t hdrs, nh_off, room, left;
	struct pkt *f;

	ASSERT(pkt->len >= IP6_HDR_OCTETS && pkt->len - IP6_HDR_OCTETS <= IP6_PLEN_MAX);
	if (pkt->len <= mtu) {
		pktq_put(out, pkt);
		return 0;
	}
	hdrs = per_fragment_octets(pkt, &nh_off);
	if (mtu < hdrs + IP6_FRAG_OCTETS + IP6_EXT_UNIT)
		return fail(env, pkt, DROP_IP6_TOO_BIG, -EMSGSIZE);
	room = (mtu - hdrs - IP6_FRAG_OCTETS) & ~(uint32_t)(IP6_EXT_UNIT - 1);
	if (!chain_fits(pkt, hdrs, nh_off, room))
		return fail(env, pkt, DROP_IP6_TOO_BIG, -EMSGSIZE);
	for (uint32_t off = 0; (left = pkt->len - hdrs - off) > 0; off += MIN(room, left)) {
		f = one_fragment(env, pkt, hdrs, nh_off, off, MIN(room, left), id);
		if (f == NULL) {
			pktq_free(&made);
			return fail(env, pkt, DROP_NO_BUFFER, -ENOMEM);
		}
		pktq_put(&made, f);
	}
	pkt_free(pkt);
	while ((f = pktq_get(&made)) != NULL)
		pktq_put(out, f);
	return 0;
}
