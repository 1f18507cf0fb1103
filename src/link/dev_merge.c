/* SPDX-License-Identifier: BSD-3-Clause */
#include "link/dev_merge.h"

#include <linux/virtio_net.h>
#include <sys/uio.h>

#include "base/csum.h"
#include "link/link.h"

/* RFC 8200 section 3, from the Ethernet header */
#define IP6_OFF	     ETH_HDR_OCTETS
#define IP6_LEN_OFF  (IP6_OFF + 4)
#define IP6_NEXT_OFF (IP6_OFF + 6)
#define IP6_SRC_OFF  (IP6_OFF + 8)
#define IP6_DST_OFF  (IP6_OFF + 24)
#define TCP_OFF	     (IP6_OFF + 40)
#define IP6_NH_TCP   6

/* RFC 9293 section 3.1, likewise */
#define TCP_SEQ_OFF   (TCP_OFF + 4)
#define TCP_ACK_OFF   (TCP_OFF + 8)
#define TCP_DATA_OFF  (TCP_OFF + 12)
#define TCP_FLAGS_OFF (TCP_OFF + 13)
#define TCP_WND_OFF   (TCP_OFF + 14)
#define TCP_CSUM_OFF  (TCP_OFF + 16)
#define TCP_URG_OFF   (TCP_OFF + 18)
#define TCP_HDR	      20
#define TCP_HDR_MAX   60
#define TCP_PSH	      0x08
#define TCP_ACK	      0x10
#define TCP_ECE	      0x40

#define HDR_MAX	 (TCP_OFF + TCP_HDR_MAX)
#define PLEN_MAX 65535u

/* Octets of its headers, if it can be part of a run; 0: it goes alone. */
static uint32_t headers(const struct pkt *f)
{
	uint32_t hdr;

	if (f->len < TCP_OFF + TCP_HDR || get_be16(f->p + ETH_TYPE_OFF) != ETH_TYPE_IP6 ||
	    f->p[IP6_OFF] >> 4 != 6 || f->p[IP6_NEXT_OFF] != IP6_NH_TCP ||
	    get_be16(f->p + IP6_LEN_OFF) != f->len - TCP_OFF)
		return 0;
	if ((f->p[TCP_FLAGS_OFF] & ~(TCP_PSH | TCP_ECE)) != TCP_ACK)
		return 0;
	hdr = TCP_OFF + (uint32_t)(f->p[TCP_DATA_OFF] >> 4) * 4;
	return hdr >= TCP_OFF + TCP_HDR && hdr < f->len ? hdr : 0;
}

static bool same(const struct pkt *a, const struct pkt *b, uint32_t from, uint32_t to)
{
	return memcmp(a->p + from, b->p + from, to - from) == 0;
}

/* All but the payload length, the number, PSH and the checksum. */
static bool same_headers(const struct pkt *a, const struct pkt *b, uint32_t hdr)
{
	return same(a, b, 0, IP6_LEN_OFF) && same(a, b, IP6_NEXT_OFF, TCP_SEQ_OFF) &&
	       same(a, b, TCP_ACK_OFF, TCP_FLAGS_OFF) && same(a, b, TCP_WND_OFF, TCP_CSUM_OFF) &&
	       same(a, b, TCP_URG_OFF, hdr) &&
	       ((a->p[TCP_FLAGS_OFF] ^ b->p[TCP_FLAGS_OFF]) & ~TCP_PSH) == 0;
}

struct dev_run dev_run_find(const struct pkt *head)
{
	struct dev_run r = { .n = 1, .hdr = headers(head) };
	uint32_t seq, n;

	if (r.hdr == 0)
		return r;
	seq = get_be32(head->p + TCP_SEQ_OFF);
	r.size = r.octets = n = head->len - r.hdr;
	for (const struct pkt *last = head, *f = head->next; f != NULL && r.n < DEV_MERGE_MAX;
	     last = f, f = f->next) {
		if (n < r.size || (last->p[TCP_FLAGS_OFF] & TCP_PSH) != 0 || headers(f) != r.hdr ||
		    !same_headers(head, f, r.hdr))
			break;
		n = f->len - r.hdr;
		if (n > r.size || get_be32(f->p + TCP_SEQ_OFF) != seq + r.octets ||
		    r.hdr - TCP_OFF + r.octets + n > PLEN_MAX)
			break;
		r.octets += n;
		r.n++;
	}
	return r;
}

/* Their one header, whose checksum is that of the pseudo-header, not complemented. */
static void put_header(uint8_t *h, const struct pkt *head, const struct pkt *last,
		       const struct dev_run *run)
{
	uint32_t len = run->hdr - TCP_OFF + run->octets;
	struct ip6_addr src, dst;

	memcpy(h, head->p, run->hdr);
	memcpy(src.b, h + IP6_SRC_OFF, sizeof(src.b));
	memcpy(dst.b, h + IP6_DST_OFF, sizeof(dst.b));
	put_be16(h + IP6_LEN_OFF, (uint16_t)len);
	h[TCP_FLAGS_OFF] |= last->p[TCP_FLAGS_OFF] & TCP_PSH;
	put_be16(h + TCP_CSUM_OFF, csum_fold(csum_pseudo(&src, &dst, len, IP6_NH_TCP)));
}

int dev_run_write(int fd, const struct pkt *head, const struct dev_run *run)
{
	struct virtio_net_hdr vnet = { 0 };
	struct iovec iov[2 + DEV_MERGE_MAX] = { { &vnet, sizeof(vnet) } };
	const struct pkt *f = head, *last = head;
	uint8_t hdr[HDR_MAX];
	int parts = 2;

	if (run->n == 1) {
		iov[1] = (struct iovec){ head->p, head->len };
		return writev(fd, iov, parts) < 0 ? -errno : 0;
	}
	for (unsigned i = 0; i < run->n; i++, f = f->next) {
		iov[parts++] = (struct iovec){ f->p + run->hdr, f->len - run->hdr };
		last = f;
	}
	put_header(hdr, head, last, run);
	iov[1] = (struct iovec){ hdr, run->hdr };
	vnet = (struct virtio_net_hdr){ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
					.gso_type = VIRTIO_NET_HDR_GSO_TCPV6,
					.hdr_len = (uint16_t)run->hdr,
					.gso_size = (uint16_t)run->size,
					.csum_start = TCP_OFF,
					.csum_offset = TCP_CSUM_OFF - TCP_OFF };
	return writev(fd, iov, parts) < 0 ? -errno : 0;
}
