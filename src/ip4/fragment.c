/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 791 section 3.2, "An Example Fragmentation Procedure". */
#include "ip4/ip4.h"

#include "base/csum.h"

/* Of the options at @r those that every fragment carries, padded. Return: octets in @to. */
static uint32_t copied_options(struct rd r, uint8_t to[IP4_HDR_MAX])
{
	uint32_t n = 0;
	uint8_t type, len;

	memset(to, 0, IP4_HDR_MAX);
	while (rd_u8(&r, &type) && type != IP4_OPT_END) {
		if (type == IP4_OPT_NOP)
			continue;
		if (!rd_u8(&r, &len) || len < 2 || r.left < len - 2u)
			break; /* checked on the way in */
		if ((type & IP4_OPT_COPIED) != 0) {
			to[n] = type;
			to[n + 1] = len;
			memcpy(to + n + 2, r.p, len - 2u);
			n += len;
		}
		(void)rd_skip(&r, len - 2u);
	}
	return (n + 3) / 4 * 4;
}

struct header {
	uint8_t b[IP4_HDR_MAX];
	uint32_t octets;
};

static struct header later_header(const struct pkt *pkt, const struct ip4_hdr *h)
{
	struct header ret = { .octets = IP4_HDR_OCTETS };
	uint8_t options[IP4_HDR_MAX];
	uint32_t n = copied_options(
		rd_of(pkt->p + IP4_HDR_OCTETS, h->octets - (size_t)IP4_HDR_OCTETS), options);

	memcpy(ret.b, pkt->p, IP4_HDR_OCTETS);
	memcpy(ret.b + IP4_HDR_OCTETS, options, MIN(n, IP4_HDR_MAX - IP4_HDR_OCTETS));
	ret.octets += n;
	ret.b[0] = (uint8_t)(IP4_VERSION << 4 | ret.octets / 4);
	return ret;
}

/* @at: octets of data before these; @last: nothing follows in this packet. */
static struct pkt *piece(struct ip6 *ip6, const struct pkt *pkt, const struct ip4_hdr *h,
			 const struct header *hdr, uint32_t at, uint32_t n, bool last)
{
	struct pkt *f = pkt_new(ip6->env->pool, hdr->octets + n);
	uint16_t off = (uint16_t)((h->off & (IP4_MF | IP4_OFFSET_MASK)) + at / 8);
	uint8_t *p;

	if (f == NULL)
		return NULL;
	p = pkt_put(f, hdr->octets + n);
	memcpy(p, hdr->b, hdr->octets);
	memcpy(p + hdr->octets, pkt->p + h->octets + at, n);
	put_be16(p + IP4_LEN_OFF, (uint16_t)f->len);
	put_be16(p + IP4_FRAG_OFF, last ? off : off | IP4_MF);
	put_be16(p + IP4_CSUM_OFF, 0);
	put_be16(p + IP4_CSUM_OFF, (uint16_t)~csum_fold(csum_add(0, p, hdr->octets)));
	f->ifindex = pkt->ifindex;
	return f;
}

int ip4_fragment(struct ip6 *ip6, struct pkt *pkt, const struct ip4_hdr *h, uint32_t mtu,
		 struct pktq *out)
{
	struct header first = { .octets = h->octets }, later = later_header(pkt, h);
	uint32_t data = pkt->len - h->octets, n;

	if (mtu < h->octets + 8u) {
		env_drop(ip6->env, pkt, DROP_IP6_TOO_BIG);
		return -EMSGSIZE;
	}
	memcpy(first.b, pkt->p, h->octets);
	for (uint32_t at = 0; at < data; at += n) {
		const struct header *hdr = at == 0 ? &first : &later;
		bool last = data - at <= mtu - hdr->octets;
		struct pkt *f;

		n = last ? data - at : (mtu - hdr->octets) / 8 * 8;
		f = piece(ip6, pkt, h, hdr, at, n, last);
		if (f == NULL) {
			pktq_free(out);
			*out = (struct pktq){ 0 };
			env_drop(ip6->env, pkt, DROP_NO_BUFFER);
			return -ENOMEM;
		}
		pktq_put(out, f);
	}
	pkt_free(pkt);
	return 0;
}
