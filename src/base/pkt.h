/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet buffers: one contiguous run of octets with headroom, in two sizes (a frame, a whole
 * reassembled datagram), from a bounded pool; queues and batches of them.
 */
#ifndef INABA_BASE_PKT_H
#define INABA_BASE_PKT_H

#include "base/base.h"

#define PKT_HEADROOM 192  /* link header, two tunnels and an IPsec header to come */
#define PKT_SMALL    1984 /* octets of a small buffer, headroom included */
#define PKT_LARGE    (PKT_HEADROOM + 65536 + 40 + 24)
#define BATCH_MAX    64

/* pkt.flags */
#define PKT_MULTICAST	 0x01 /* arrived as link-layer multicast or broadcast */
#define PKT_LOCAL_IN	 0x02 /* looped back: came from this node */
#define PKT_REASSEMBLED	 0x04
#define PKT_FRAGMENT	 0x08 /* came with a fragment header, be it an atomic one */
#define PKT_ROUTER_ALERT 0x10 /* input: RFC 2711 option seen */
#define PKT_TCP		 0x10 /* output: TCP of our own judges itself whether an error quotes it */
#define PKT_ON_LINK	 0x20 /* goes straight to its destination, by no router */
#define PKT_HOP_LIMIT	 0x40 /* output: its hop limit stands, even 0 */
#define PKT_TAKEN	 0x80 /* a raw socket has a copy: that nobody else wants it is no refusal */

/* Of struct pkt.ip4_off, on the way out. */
#define PKT_IP4_FRAGMENT 0x01 /* whoever must may fragment it */

/*
 * One packet, owned by one place at a time. The fields behind @len are notes from stage to
 * stage; each names who writes it. One cache line, then the octets.
 */
struct pkt {
	uint8_t *p;	  /* first octet of the present layer */
	struct pkt *next; /* in a queue or the pool's free list */
	struct pkt_pool *pool;
	uint32_t len;	   /* octets from p */
	uint32_t size;	   /* octets of buf */
	uint32_t ifindex;  /* link: interface it arrived on; output: leaves by */
	uint32_t value;	   /* lookup: result of the route lookup */
	uint16_t l4_off;   /* input: offset of the upper-layer header from p */
	uint16_t nh_off;   /* input: offset of the next-header octet that named it */
	uint16_t frag_max; /* reassembly: largest fragment, in octets of whole packet; output: the
			    * largest that may be made, 0: as the path says */
	uint8_t proto;	   /* input: upper-layer protocol */
	uint8_t flags;	   /* PKT_* */
	uint64_t when;	   /* socket: time of arrival, for whoever reads it */
	uint16_t ip4_id;   /* input: Identification of the IPv4 header that it came with; of an
			    * ICMP error its type and code */
	uint16_t ip4_off;  /* input: flags and offset there; output: PKT_IP4_FRAGMENT, or 0 */
	uint8_t buf[] __attribute__((aligned(64)));
};

_Static_assert(sizeof(struct pkt) == 64, "one cache line before the octets");

struct pkt_pool {
	struct pkt *free_small, *free_large;
	void *chunks;		       /* all memory taken, to give back */
	uint32_t n_small, n_large;     /* buffers made so far */
	uint32_t max_small, max_large; /* and the limits on them */
	uint32_t used;		       /* buffers that are out */
};

/**
 * pkt_pool_init() - An empty pool; memory is taken in chunks when first needed and kept.
 * Not locked: one thread at a time, but any number of nodes.
 */
void pkt_pool_init(struct pkt_pool *pool, uint32_t max_small, uint32_t max_large);

/** pkt_pool_done() - Give all memory back. Every packet must have been freed: asserted. */
void pkt_pool_done(struct pkt_pool *pool);

/**
 * pkt_new() - An empty packet with PKT_HEADROOM before it and room for @octets behind.
 *
 * Return: NULL if the pool is at its limit or @octets is more than a large buffer holds.
 */
struct pkt *pkt_new(struct pkt_pool *pool, uint32_t octets);

/** pkt_copy() - A new packet with the octets and notes of @from, or NULL as pkt_new(). */
struct pkt *pkt_copy(struct pkt_pool *pool, const struct pkt *from);

/** pkt_free() - Give @pkt back to its pool; NULL is allowed. */
void pkt_free(struct pkt *pkt);

static inline uint32_t pkt_headroom(const struct pkt *pkt)
{
	return (uint32_t)(pkt->p - pkt->buf);
}

static inline uint32_t pkt_tailroom(const struct pkt *pkt)
{
	return pkt->size - pkt_headroom(pkt) - pkt->len;
}

/** pkt_push() - Grow @pkt by @n octets at the front. */
static inline uint8_t *pkt_push(struct pkt *pkt, uint32_t n)
{
	ASSERT(n <= pkt_headroom(pkt));
	pkt->p -= n;
	pkt->len += n;
	return pkt->p;
}

/** pkt_pull() - Drop the first @n octets. */
static inline uint8_t *pkt_pull(struct pkt *pkt, uint32_t n)
{
	ASSERT(n <= pkt->len);
	pkt->p += n;
	pkt->len -= n;
	return pkt->p;
}

/** pkt_put() - Grow @pkt by @n octets at the end; returns where they begin. */
static inline uint8_t *pkt_put(struct pkt *pkt, uint32_t n)
{
	uint8_t *end = pkt->p + pkt->len;

	ASSERT(n <= pkt_tailroom(pkt));
	pkt->len += n;
	return end;
}

/** pkt_trim() - Cut @pkt to its first @len octets. */
static inline void pkt_trim(struct pkt *pkt, uint32_t len)
{
	ASSERT(len <= pkt->len);
	pkt->len = len;
}

/* First in, first out; owns what is in it. All zero is empty. */
struct pktq {
	struct pkt *head, *tail;
	uint32_t n;
};

static inline void pktq_put(struct pktq *q, struct pkt *pkt)
{
	pkt->next = NULL;
	if (q->head == NULL)
		q->head = pkt;
	else
		q->tail->next = pkt;
	q->tail = pkt;
	q->n++;
}

static inline struct pkt *pktq_get(struct pktq *q)
{
	struct pkt *pkt = q->head;

	if (pkt != NULL) {
		q->head = pkt->next;
		q->n--;
	}
	return pkt;
}

/** pktq_free() - Free all that is queued. */
void pktq_free(struct pktq *q);

/* Up to BATCH_MAX packets that take the same way. */
struct batch {
	unsigned n;
	struct pkt *pkt[BATCH_MAX];
};

static inline void batch_put(struct batch *b, struct pkt *pkt)
{
	ASSERT(b->n < BATCH_MAX);
	b->pkt[b->n++] = pkt;
}

#endif
