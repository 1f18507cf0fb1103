/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rings of packet sockets, PACKET_RX_RING as packet_mmap of Linux describes it, in its second version: slots
 * of one size in memory that a program shares. A slot belongs to the node while its status is
 * TP_STATUS_KERNEL; the node fills them in turn, and what it does not find free is lost. The program can
 * write whatever it likes there; all that is read of it is the status.
 */
#include <errno.h>

#include "base/addr.h"
#include "transport/packet_part.h"

#define BLOCK_UNIT 4096 /* a page: what a program maps */
#define LL_ROOM	   16	/* for a link header, at least */
#define UNIT	   ((uint32_t)TPACKET_ALIGNMENT)
#define ALIGNED(n) (((uint32_t)(n) + UNIT - 1) / UNIT * UNIT)

/* Behind the header of a slot, the address and room for a link header, as on Linux. */
static uint32_t net_off(const struct packet_sock *s)
{
	return ALIGNED(ALIGNED(sizeof(struct tpacket2_hdr)) + sizeof(struct sockaddr_ll) +
		       LL_ROOM) +
	       s->reserve;
}

int packet_ring_octets(const struct packet_sock *s, const struct tpacket_req *req, size_t *ret)
{
	uint64_t octets = (uint64_t)req->tp_block_size * req->tp_block_nr;

	if (s->version != TPACKET_V2)
		return -EINVAL;
	if (octets == 0 && req->tp_frame_nr == 0) {
		*ret = 0;
		return 0;
	}
	if (octets == 0 || req->tp_block_size % BLOCK_UNIT != 0 || req->tp_frame_size % UNIT != 0 ||
	    req->tp_frame_size <= net_off(s) || req->tp_frame_size > req->tp_block_size)
		return -EINVAL;
	if ((uint64_t)(req->tp_block_size / req->tp_frame_size) * req->tp_block_nr !=
	    req->tp_frame_nr)
		return -EINVAL;
	if (octets > PACKET_RING_MAX) /* who asks takes less */
		return -ENOMEM;
	*ret = (size_t)octets;
	return 0;
}

void packet_ring_set(struct packet_sock *s, const struct tpacket_req *req, void *mem)
{
	s->ring = (struct packet_ring){ .mem = mem, .req = *req };
}

static uint8_t *slot(const struct packet_ring *r, uint32_t i)
{
	uint32_t per_block = r->req.tp_block_size / r->req.tp_frame_size;

	return r->mem + (size_t)(i / per_block) * r->req.tp_block_size +
	       (size_t)(i % per_block) * r->req.tp_frame_size;
}

static uint32_t status(const uint8_t *at)
{
	return __atomic_load_n((const uint32_t *)(const void *)at, __ATOMIC_ACQUIRE);
}

bool packet_ring_waits(const struct packet_sock *s)
{
	const struct packet_ring *r = &s->ring;
	uint32_t last = r->next == 0 ? r->req.tp_frame_nr - 1 : r->next - 1;

	return r->mem != NULL && status(slot(r, last)) != TP_STATUS_KERNEL;
}

bool packet_ring_put(struct packet_sock *s, const uint8_t *frame, uint32_t octets, uint32_t keep,
		     const struct sockaddr_ll *from, time_ns when)
{
	struct packet_ring *r = &s->ring;
	uint8_t *at = slot(r, r->next);
	uint32_t skip = s->type == SOCK_DGRAM ? ETH_HDR_OCTETS : 0;
	uint32_t net = net_off(s), mac = net - ETH_HDR_OCTETS + skip;
	struct tpacket2_hdr h = { .tp_len = octets - skip,
				  .tp_snaplen = MIN(keep - skip, r->req.tp_frame_size - mac),
				  .tp_mac = (uint16_t)mac,
				  .tp_net = (uint16_t)net,
				  .tp_sec = (uint32_t)(when / NS_PER_S),
				  .tp_nsec = (uint32_t)(when % NS_PER_S) };
	uint32_t ready = TP_STATUS_USER | (s->ring.losing ? TP_STATUS_LOSING : 0);

	if (status(at) != TP_STATUS_KERNEL) {
		r->losing = true;
		return false;
	}
	memcpy(at + sizeof(h.tp_status), (const uint8_t *)&h + sizeof(h.tp_status),
	       sizeof(h) - sizeof(h.tp_status));
	memcpy(at + ALIGNED(sizeof(h)), from, sizeof(*from));
	memcpy(at + mac, frame + skip, h.tp_snaplen);
	__atomic_store_n((uint32_t *)(void *)at, ready, __ATOMIC_RELEASE);
	r->losing = false;
	r->next = (r->next + 1) % r->req.tp_frame_nr;
	return true;
}
