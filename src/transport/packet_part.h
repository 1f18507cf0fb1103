/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the files of packet sockets. */
#ifndef INABA_TRANSPORT_PACKET_PART_H
#define INABA_TRANSPORT_PACKET_PART_H

#include "base/bpf.h"
#include "transport/packet.h"

#define PACKET_ALL 0x0003 /* ETH_P_ALL: every frame, sent ones, too */

/* A wish about an interface, for as long as the socket is open. */
struct packet_mreq_kept {
	struct packet_mreq is;
	unsigned refs; /* 0: free */
};

struct packet_ring {
	uint8_t *mem; /* NULL: there is none */
	struct tpacket_req req;
	uint32_t next; /* slot to be filled */
	bool losing;
};

struct packet_sock {
	struct packets *of;
	struct list on, on_ready;
	int type, err;
	uint16_t protocol; /* host byte order; 0: nothing */
	uint32_t ifindex;  /* 0: all */
	struct pktq rx;
	uint32_t queued; /* octets of buffers */
	struct bpf *filter;
	bool filter_locked, auxdata, ignore_outgoing, timestamp, timestampns, origdev;
	int rcvbuf, sndbuf, priority, mark;
	int version; /* TPACKET_V* */
	unsigned reserve;
	struct packet_ring ring;
	uint32_t seen, lost; /* since they were last asked for */
	struct packet_mreq_kept mreq[PACKET_MREQS_MAX];
	packet_ready_fn *ready;
	void *ctx;
};

/** packet_mreqs_done() - Its memberships are over; @ifindex of 0: all. */
void packet_mreqs_done(struct packet_sock *s, uint32_t ifindex);

/** packet_ring_waits() - Is there a frame in the ring that the program has not seen? */
bool packet_ring_waits(const struct packet_sock *s);

/**
 * packet_ring_put() - A frame of @octets, of which @keep stay, both from the Ethernet header on.
 * Return: false: there is no room.
 */
bool packet_ring_put(struct packet_sock *s, const uint8_t *frame, uint32_t octets, uint32_t keep,
		     const struct sockaddr_ll *from, time_ns when);

/** packet_error_take() - The pending error as negative errno, which is over then; 0: none. */
int packet_error_take(struct packet_sock *s);

#endif
