/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a packet socket receives with PACKET_VNET_HDR: the kernel's header, then a frame, both
 * arbitrary octets. What comes out holds the payload that went in, cut where it should be, under
 * checksums that are right if the pseudo-header's sum was.
 */
#include <linux/virtio_net.h>

#include "base/csum.h"
#include "link/dev.h"
#include "link/dev_gso.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct original {
	struct virtio_net_hdr h;
	const uint8_t *p;
	uint32_t len;
	uint32_t csum_off; /* of the checksum, from the Ethernet header */
};

/* RFC 1071: 0 and 0xffff are one number. */
static uint32_t sum_mod(const uint8_t *p, uint32_t n)
{
	return csum_fold(csum_add(0, p, n)) % 0xffff;
}

/* The sum that stood in the field covers the whole length; @len is that of the piece. */
static void check_csum(const struct original *o, const struct pkt *pkt, uint32_t len)
{
	uint32_t l4 = o->h.csum_start;
	uint32_t pseudo = get_be16(o->p + o->csum_off);

	pseudo = (pseudo + 0xffff - (o->len - l4) % 0xffff + len) % 0xffff;
	ASSERT((sum_mod(pkt->p + l4, pkt->len - l4) + pseudo) % 0xffff == 0);
}

static void check_cut(struct original *o, struct pktq *q)
{
	bool tcp = (o->h.gso_type & ~(unsigned)VIRTIO_NET_HDR_GSO_ECN) != 5;
	uint32_t l4 = o->h.csum_start, at = 0;
	uint32_t hdr = l4 + (tcp ? (uint32_t)(o->p[l4 + 12] >> 4) * 4 : 8);
	struct pkt *pkt;

	o->csum_off = l4 + (tcp ? 16 : 6);
	ASSERT(o->len > hdr);
	ASSERT(q->n == (o->len - hdr + o->h.gso_size - 1) / o->h.gso_size);
	while ((pkt = pktq_get(q)) != NULL) {
		ASSERT(pkt->len > hdr && pkt->len - hdr <= o->h.gso_size);
		ASSERT(pkt->len - hdr == o->h.gso_size || q->n == 0);
		ASSERT(memcmp(pkt->p, o->p, ETH_HDR_OCTETS) == 0);
		ASSERT(memcmp(pkt->p + hdr, o->p + hdr + at, pkt->len - hdr) == 0);
		ASSERT(!tcp || get_be32(pkt->p + l4 + 4) - get_be32(o->p + l4 + 4) == at);
		ASSERT(tcp || get_be16(pkt->p + l4 + 4) == pkt->len - l4);
		check_csum(o, pkt, pkt->len - l4);
		at += pkt->len - hdr;
		pkt_free(pkt);
	}
	ASSERT(at == o->len - hdr);
}

static void check_whole(struct original *o, struct pktq *q)
{
	struct pkt *pkt = pktq_get(q);

	ASSERT(q->n == 0 && pkt->len == o->len);
	o->csum_off = (uint32_t)o->h.csum_start + o->h.csum_offset;
	if ((o->h.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) == 0) {
		ASSERT(memcmp(pkt->p, o->p, o->len) == 0);
	} else {
		if (o->h.csum_offset % 2 == 0)
			check_csum(o, pkt, o->len - o->h.csum_start);
		memcpy(pkt->p + o->csum_off, o->p + o->csum_off, 2);
		ASSERT(memcmp(pkt->p, o->p, o->len) == 0); /* nothing else was touched */
	}
	pkt_free(pkt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct original o = { .p = data + sizeof(o.h), .len = (uint32_t)(size - sizeof(o.h)) };
	struct pkt_pool pool;
	struct pktq q = { 0 };
	struct pkt *pkt;
	enum drop why;

	if (size < sizeof(o.h) + ETH_HDR_OCTETS || size > sizeof(o.h) + DEV_FRAME_MAX)
		return 0;
	memcpy(&o.h, data, sizeof(o.h));
	pkt_pool_init(&pool, 256, 4);
	pkt = pkt_new(&pool, o.len);
	ASSERT(pkt != NULL);
	memcpy(pkt_put(pkt, o.len), o.p, o.len);
	why = dev_gso_finish(&o.h, &pool, pkt, &q);
	if (why != DROP_NONE) {
		ASSERT(why == DROP_NO_BUFFER || q.n == 0);
		ASSERT(pkt->len == o.len);
		pkt_free(pkt);
		pktq_free(&q);
	} else if ((o.h.gso_type & ~(unsigned)VIRTIO_NET_HDR_GSO_ECN) != 0 &&
		   (o.h.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0) {
		check_cut(&o, &q);
	} else {
		check_whole(&o, &q);
	}
	ASSERT(pool.used == 0);
	pkt_pool_done(&pool);
	return 0;
}
