/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that a packet socket shares with a program (PACKET_RX_RING). */
#ifndef INABA_HOST_SEAM_RING_H
#define INABA_HOST_SEAM_RING_H

#include "host/end.h"

/* All zero: none. */
struct seam_ring {
	void *mem;
	size_t octets;
	int fd; /* of a file that cannot shrink under us */
};

/**
 * seam_ring_set() - setsockopt(2): a ring, or an end to it.
 * @val:	@len octets of a program's: struct tpacket_req.
 *
 * Return: 0; -ENOPROTOOPT: no such socket, -EINVAL, -ENOMEM, -EBUSY: there is one.
 */
int seam_ring_set(struct seam_ring *r, const struct end *end, const void *val, size_t len);

/** seam_ring_done() - The socket has been closed. */
void seam_ring_done(struct seam_ring *r);

#endif
