/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames through a descriptor, up to BATCH_MAX in one system call. Shared by the devices.
 *
 * Most frames fit a small buffer, few do not. So each frame is read into a small buffer and,
 * what is longer, on into a spill area of the device; only a frame that did spill is moved to a
 * large buffer.
 *
 * Define _GNU_SOURCE before the first #include: recvmmsg() and sendmmsg() are Linux's.
 */
#ifndef INABA_LINK_DEV_IO_H
#define INABA_LINK_DEV_IO_H

#include <linux/virtio_net.h>
#include <sys/socket.h>

#include "link/dev.h"

/* iovec[] of one frame. */
enum { DEV_IO_VNET, DEV_IO_FRAME, DEV_IO_SPILL, DEV_IO_PARTS };

struct dev_io {
	struct mmsghdr msg[BATCH_MAX];
	struct iovec iov[BATCH_MAX][DEV_IO_PARTS];
	struct pkt *pkt[BATCH_MAX];
	struct virtio_net_hdr vnet[BATCH_MAX];
	size_t vnet_octets; /* before each frame: 0 or sizeof(vnet[0]) */
	uint8_t *spill;	    /* BATCH_MAX times; pages are taken when touched */
	bool eof;	    /* dev_io_recv() saw the end of the connection */
};

/** dev_io_new() - @vnet: each frame is preceded by a struct virtio_net_hdr. NULL: no memory. */
struct dev_io *dev_io_new(bool vnet);
void dev_io_free(struct dev_io *io);

/**
 * dev_io_room() - Put empty buffers for up to @max frames into io->pkt.
 *
 * Return: their number; the caller frees them or has dev_io_take() do so.
 */
unsigned dev_io_room(struct dev_io *io, struct pkt_pool *pool, unsigned max);

/**
 * dev_io_take() - Frame @i has been received with @octets after its vnet header.
 *
 * Return: the frame, the caller's, or NULL if it was dropped, with a reason counted in @d.
 */
struct pkt *dev_io_take(struct dev_io *io, struct dev *d, struct pkt_pool *pool, unsigned i,
			size_t octets);

/**
 * dev_io_recv() - Receive up to @max frames from the socket @fd into io->pkt; NULL stands there
 * for one that was dropped. Sets io->eof.
 *
 * Return: number of frames, or a negative errno; 0 if none waits.
 */
int dev_io_recv(struct dev_io *io, struct dev *d, int fd, struct pkt_pool *pool, unsigned max);

/** dev_io_load() - Prepare io->pkt[0] to [@n - 1] for dev_io_send(); they are borrowed. */
void dev_io_load(struct dev_io *io, unsigned n);

/**
 * dev_io_send() - Send the loaded frames from @i to @n - 1 to the socket @fd.
 *
 * Return: number of frames sent, at least one, or a negative errno that concerns frame @i.
 */
int dev_io_send(struct dev_io *io, int fd, unsigned i, unsigned n);

#endif
