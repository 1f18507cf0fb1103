/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* recvmmsg() */
#include "link/dev_io.h"

#include <stdlib.h>

#define FRAME_SMALL (PKT_SMALL - PKT_HEADROOM)
#define SPILL	    (DEV_FRAME_MAX - FRAME_SMALL)

struct dev_io *dev_io_new(bool vnet)
{
	struct dev_io *io = calloc(1, sizeof(*io));

	if (io == NULL)
		return NULL;
	io->spill = malloc((size_t)BATCH_MAX * SPILL);
	if (io->spill == NULL) {
		free(io);
		return NULL;
	}
	io->vnet_octets = vnet ? sizeof(io->vnet[0]) : 0;
	for (unsigned i = 0; i < BATCH_MAX; i++) {
		struct iovec *iov = io->iov[i];

		iov[DEV_IO_VNET] = (struct iovec){ &io->vnet[i], io->vnet_octets };
		io->msg[i].msg_hdr.msg_iov = iov;
	}
	return io;
}

void dev_io_free(struct dev_io *io)
{
	if (io == NULL)
		return;
	free(io->spill);
	free(io);
}

unsigned dev_io_room(struct dev_io *io, struct pkt_pool *pool, unsigned max)
{
	unsigned n;

	for (n = 0; n < max; n++) {
		struct pkt *pkt = pkt_new(pool, FRAME_SMALL);

		if (pkt == NULL)
			break;
		io->pkt[n] = pkt;
		io->iov[n][DEV_IO_FRAME] = (struct iovec){ pkt->p, FRAME_SMALL };
		io->iov[n][DEV_IO_SPILL] = (struct iovec){ io->spill + n * (size_t)SPILL, SPILL };
	}
	return n;
}

/* The frame in a large buffer: first what fitted the small one, then what spilled. */
static struct pkt *gather(const struct dev_io *io, struct pkt_pool *pool, unsigned i,
			  const struct pkt *small, size_t octets)
{
	struct pkt *large = pkt_new(pool, (uint32_t)octets);
	size_t rest = octets - FRAME_SMALL;

	if (large == NULL)
		return NULL;
	memcpy(pkt_put(large, FRAME_SMALL), small->p, FRAME_SMALL);
	memcpy(pkt_put(large, (uint32_t)rest), io->iov[i][DEV_IO_SPILL].iov_base, rest);
	return large;
}

struct pkt *dev_io_take(struct dev_io *io, struct dev *d, struct pkt_pool *pool, unsigned i,
			size_t octets)
{
	struct pkt *small = io->pkt[i], *large;

	io->pkt[i] = NULL;
	if (octets < ETH_HDR_OCTETS) {
		dev_drop(d, small, DROP_LINK_SHORT);
		return NULL;
	}
	if (octets <= FRAME_SMALL) {
		pkt_put(small, (uint32_t)octets);
		return small;
	}
	large = gather(io, pool, i, small, octets);
	if (large == NULL)
		dev_drop(d, small, DROP_NO_BUFFER);
	else
		pkt_free(small);
	return large;
}

/* Judge what recvmmsg() put into slot @i; false at the end of the connection. */
static bool settle(struct dev_io *io, struct dev *d, struct pkt_pool *pool, unsigned i)
{
	const struct mmsghdr *m = &io->msg[i];

	if (m->msg_len == 0) {
		io->eof = true;
		return false;
	}
	if ((m->msg_hdr.msg_flags & MSG_TRUNC) != 0) {
		dev_drop(d, io->pkt[i], DROP_LINK_TOO_BIG);
		io->pkt[i] = NULL;
		return true;
	}
	io->pkt[i] =
		dev_io_take(io, d, pool, i, m->msg_len - MIN(io->vnet_octets, (size_t)m->msg_len));
	return true;
}

int dev_io_recv(struct dev_io *io, struct dev *d, int fd, struct pkt_pool *pool, unsigned max)
{
	unsigned room = dev_io_room(io, pool, max), n = 0;
	int got;

	io->eof = false;
	if (room == 0)
		return max == 0 ? 0 : -ENOBUFS;
	for (unsigned i = 0; i < room; i++)
		io->msg[i].msg_hdr.msg_iovlen = DEV_IO_PARTS;
	do
		got = recvmmsg(fd, io->msg, room, MSG_DONTWAIT, NULL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		got = errno == EAGAIN ? 0 : -errno;
	while ((int)n < got && settle(io, d, pool, n))
		n++;
	for (unsigned i = n; i < room; i++)
		pkt_free(io->pkt[i]);
	return got < 0 ? got : (int)n;
}

void dev_io_load(struct dev_io *io, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		io->vnet[i] = (struct virtio_net_hdr){ 0 };
		io->iov[i][DEV_IO_FRAME] = (struct iovec){ io->pkt[i]->p, io->pkt[i]->len };
		io->msg[i].msg_hdr.msg_iovlen = DEV_IO_SPILL; /* the parts before it */
	}
}

int dev_io_send(struct dev_io *io, int fd, unsigned i, unsigned n)
{
	int sent;

	do
		sent = sendmmsg(fd, io->msg + i, n - i, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}
