/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A network device of the machine, for a node that runs as a process: frames in, frames out,
 * one descriptor to poll. Three kinds: a TAP interface, an existing interface through a packet
 * socket, and a segment between processes over Unix sockets, which needs no privilege.
 */
#ifndef INABA_LINK_DEV_H
#define INABA_LINK_DEV_H

#include "base/drop.h"
#include "base/pkt.h"
#include "link/link.h"

#define DEV_ERR_MAX   256
#define DEV_FRAME_MAX (65536 + ETH_HDR_OCTETS) /* octets, Ethernet header included */

_Static_assert(DEV_FRAME_MAX <= PKT_LARGE - PKT_HEADROOM, "a large buffer holds any frame");

struct dev;

struct dev_ops {
	int (*recv)(struct dev *d, struct pkt_pool *pool, struct batch *out);
	int (*send)(struct dev *d, struct pktq *q);
	void (*close)(struct dev *d); /* frees @d */
};

/*
 * Part of each implementation's own structure. Read by all, written by the implementation; but
 * @drops and @n_drops may be set to zero by who has taken them over.
 */
struct dev {
	const struct dev_ops *ops;
	int fd;	      /* to poll for reading; see dev_send() for writing */
	uint32_t mtu; /* octets behind the Ethernet header */
	struct mac mac;
	bool more; /* dev_recv() has frames of which @fd says nothing, and will not read others first */
	uint64_t drops[DROP_NUM]; /* frames that went no further than here, and why */
	uint64_t n_drops;	  /* their sum */
};

/**
 * dev_open() - Open a device.
 * @spec:	"tap:NAME"	the TAP interface NAME, created if need be;
 *		"packet:NAME"	the Ethernet interface NAME;
 *		"wire:SEGMENT"	the segment of that name between processes of this user.
 * @ret:	The device; set only on success.
 * @err:	A sentence that says what is wrong and what to do; set only on failure.
 *
 * Everything that needs privileges or the file system is done here: the caller may drop the
 * former and lose sight of the latter before the first frame.
 *
 * Return: 0, or a negative errno.
 */
int dev_open(const char *spec, struct dev **ret, char err[DEV_ERR_MAX]);

/**
 * dev_close() - NULL is allowed. A TAP that was created by dev_open() goes away. Close a device
 * before the pool it was given: frames may wait within it.
 */
void dev_close(struct dev *d);

/**
 * dev_recv() - Take frames that wait, without waiting for any.
 * @out:	Filled up to BATCH_MAX; frames begin at their Ethernet header, whose checksums are
 *		complete.
 *
 * Return: number of frames added, or a negative errno: -ENOBUFS if @pool is at its limit (frames
 * wait on), -ENETDOWN if the interface is down and may come up again, others if it is gone.
 */
static inline int dev_recv(struct dev *d, struct pkt_pool *pool, struct batch *out)
{
	return d->ops->recv(d, pool, out);
}

/**
 * dev_send() - Send what the device takes now from the head of @q; the rest stays. When frames
 * stay, poll d->fd for writing. (A segment takes all: who does not keep up loses frames.)
 *
 * Return: number of frames that left @q, those counted in d->drops included, or a negative errno
 * as dev_recv(), when none did.
 */
static inline int dev_send(struct dev *d, struct pktq *q)
{
	return d->ops->send(d, q);
}

/**
 * dev_mac() - An address for the node: the interface's own for "packet:", a random local one for
 * the others. Frames to any other address are received as well, so a caller may choose its own.
 */
static inline struct mac dev_mac(const struct dev *d)
{
	return d->mac;
}

/** dev_mtu() - Octets behind the Ethernet header. A segment takes frames up to DEV_FRAME_MAX. */
static inline uint32_t dev_mtu(const struct dev *d)
{
	return d->mtu;
}

/* For the implementations. @name is what follows the colon. */
int dev_tap_open(const char *name, struct dev **ret, char err[DEV_ERR_MAX]);
int dev_packet_open(const char *name, struct dev **ret, char err[DEV_ERR_MAX]);
int dev_seg_open(const char *name, struct dev **ret, char err[DEV_ERR_MAX]);

/** dev_count_drops() - Count @n frames, of which nothing is held. */
void dev_count_drops(struct dev *d, uint64_t n, enum drop why);

/** dev_drop() - Count and free. */
void dev_drop(struct dev *d, struct pkt *pkt, enum drop why);

/** dev_fail() - Write a sentence to @err. Return: @code, for return statements. */
int dev_fail(char err[DEV_ERR_MAX], int code, const char *fmt, ...) PRINTF(3, 4);

/** dev_random() - @n octets from the kernel, for addresses and names. */
void dev_random(void *p, size_t n);

/** dev_random_mac() - A random unicast address with the local bit (IEEE 802 section 8.4). */
struct mac dev_random_mac(void);

#endif
