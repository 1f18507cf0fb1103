/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TAP interface: the kernel at one end, we at the other. The two ends are two stations, so our
 * address is not the interface's. One frame per system call is all that the interface has, so each
 * had better be large: before it stands a struct virtio_net_hdr (IFF_VNET_HDR), with which the
 * kernel gives us TCP segments of up to 64 KiB, their checksums not made, which are cut here
 * (dev_gso.h), and takes the like of us (dev_merge.h). What is cut may be more frames than a batch
 * holds: the rest waits in @rest.
 */
#define _GNU_SOURCE 1 /* dev_io.h */
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "link/dev_gso.h"
#include "link/dev_io.h"
#include "link/dev_merge.h"

unsigned if_nametoindex(const char *name); /* net/if.h and linux/if.h cannot both be included */

struct dev_tap {
	struct dev dev;
	struct dev_io *io;
	struct pktq rest; /* received, and not yet taken */
};

/* A frame with @octets, its virtio_net_hdr included, was read. */
static void take(struct dev_tap *t, struct pkt_pool *pool, size_t octets)
{
	size_t vnet = MIN(t->io->vnet_octets, octets);
	struct pkt *pkt = dev_io_take(t->io, &t->dev, pool, 0, octets - vnet);
	enum drop why;

	if (pkt == NULL)
		return;
	why = dev_gso_finish(&t->io->vnet[0], pool, pkt, &t->rest);
	if (why != DROP_NONE)
		dev_drop(&t->dev, pkt, why);
}

/* Return: 1, or 0 if nothing waits, or a negative errno. */
static int read_one(struct dev_tap *t, struct pkt_pool *pool)
{
	struct dev_io *io = t->io;
	ssize_t n;

	if (dev_io_room(io, pool, 1) == 0)
		return -ENOBUFS;
	do
		n = readv(t->dev.fd, io->iov[0], DEV_IO_PARTS);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		pkt_free(io->pkt[0]);
		return errno == EAGAIN ? 0 : -errno;
	}
	take(t, pool, (size_t)n);
	return 1;
}

static int tap_recv(struct dev *d, struct pkt_pool *pool, struct batch *out)
{
	struct dev_tap *t = CONTAINER_OF(d, struct dev_tap, dev);
	unsigned before = out->n;
	int rc = 1;

	if (t->rest.head == NULL)
		while (rc > 0 && out->n + t->rest.n < BATCH_MAX)
			rc = read_one(t, pool);
	while (t->rest.head != NULL && out->n < BATCH_MAX)
		batch_put(out, pktq_get(&t->rest));
	d->more = t->rest.head != NULL;
	return out->n > before || rc > 0 ? (int)(out->n - before) : rc;
}

/* What an error of write() means for the frame: gone with a reason, or (DROP_NONE) it waits. */
static enum drop tap_refusal(int err)
{
	switch (err) {
	case EINVAL:
		return DROP_LINK_SHORT;
	case EMSGSIZE:
		return DROP_LINK_TOO_BIG;
	case ENOMEM:
	case ENOBUFS:
		return DROP_NO_BUFFER;
	default:
		return DROP_NONE;
	}
}

static int tap_send(struct dev *d, struct pktq *q)
{
	int sent = 0;

	while (q->head != NULL) {
		struct dev_run run = dev_run_find(q->head);
		int rc = dev_run_write(d->fd, q->head, &run);
		enum drop why = tap_refusal(-rc);

		if (rc == -EINTR)
			continue;
		if (rc < 0 && why == DROP_NONE) {
			if (sent > 0 || rc == -EAGAIN)
				break;
			return rc == -EIO ? -ENETDOWN : rc; /* EIO: it is down */
		}
		for (unsigned i = 0; i < run.n; i++) {
			if (rc < 0)
				dev_drop(d, pktq_get(q), why);
			else
				pkt_free(pktq_get(q));
		}
		sent += (int)run.n;
	}
	return sent;
}

static void tap_close(struct dev *d)
{
	struct dev_tap *t = CONTAINER_OF(d, struct dev_tap, dev);

	close(d->fd);
	pktq_free(&t->rest);
	dev_io_free(t->io);
	free(t);
}

static const struct dev_ops tap_ops = { tap_recv, tap_send, tap_close };

static int tap_attach(int fd, const char *name, char err[DEV_ERR_MAX])
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int e, octets = sizeof(struct virtio_net_hdr);

	memcpy(ifr.ifr_name, name, strlen(name));
	if (ioctl(fd, TUNSETIFF, &ifr) == 0) {
		/* without the latter it does all by itself, as it did for whoever was here before */
		e = ioctl(fd, TUNSETVNETHDRSZ, &octets) == 0 ? 0 : errno;
		(void)ioctl(fd, TUNSETOFFLOAD,
			    TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN);
		return e == 0 ? 0 : dev_fail(err, -e, "tap:%s: %s", name, strerror(e));
	}
	e = errno;
	if (e == EPERM)
		return dev_fail(err, -e,
				"tap:%s: needs root or CAP_NET_ADMIN, or a TAP owned by you: "
				"ip tuntap add %s mode tap user $USER",
				name, name);
	if (e == EBUSY)
		return dev_fail(err, -e,
				"tap:%s: another process has it open: stop it, or use "
				"another name",
				name);
	if (e == EINVAL)
		return dev_fail(err, -e,
				"tap:%s: that interface is no TAP: use packet:%s, or "
				"another name",
				name, name);
	return dev_fail(err, -e, "tap:%s: %s", name, strerror(e));
}

/* Read the MTU, and bring an interface up that we created. */
static int tap_setup(struct dev *d, const char *name, bool created, char err[DEV_ERR_MAX])
{
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* any socket serves */
	struct ifreq ifr = { 0 };
	int e = 0;

	if (s < 0)
		return dev_fail(err, -errno, "tap:%s: %s", name, strerror(errno));
	memcpy(ifr.ifr_name, name, strlen(name));
	if (ioctl(s, SIOCGIFMTU, &ifr) == 0)
		d->mtu = (uint32_t)ifr.ifr_mtu;
	else
		e = errno;
	if (e == 0 && created) {
		if (ioctl(s, SIOCGIFFLAGS, &ifr) == 0) {
			ifr.ifr_flags |= IFF_UP;
			e = ioctl(s, SIOCSIFFLAGS, &ifr) == 0 ? 0 : errno;
		} else {
			e = errno;
		}
	}
	close(s);
	return e == 0 ? 0
		      : dev_fail(err, -e, "tap:%s: cannot be brought up: %s", name, strerror(e));
}

static int tap_start(struct dev *d, const char *name, char err[DEV_ERR_MAX])
{
	bool created = if_nametoindex(name) == 0;
	int e;

	d->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (d->fd < 0)
		return dev_fail(err, -errno,
				"tap:%s: /dev/net/tun: %s: load the module (modprobe tun), "
				"or give this container the device",
				name, strerror(errno));
	e = tap_attach(d->fd, name, err);
	if (e == 0)
		e = tap_setup(d, name, created, err);
	if (e != 0)
		close(d->fd);
	return e;
}

int dev_tap_open(const char *name, struct dev **ret, char err[DEV_ERR_MAX])
{
	struct dev_tap *t;
	int e;

	if (name[0] == '\0' || strlen(name) >= IFNAMSIZ || strpbrk(name, "/% \t") != NULL)
		return dev_fail(err, -EINVAL,
				"tap:%.40s: an interface has a name of 1 to 15 characters "
				"without / %% and blanks",
				name);
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return dev_fail(err, -ENOMEM, "tap:%s: no memory", name);
	t->dev.ops = &tap_ops;
	t->dev.mac = dev_random_mac();
	t->io = dev_io_new(true);
	e = t->io != NULL ? tap_start(&t->dev, name, err)
			  : dev_fail(err, -ENOMEM, "tap:%s: no memory", name);
	if (e != 0) {
		dev_io_free(t->io);
		free(t);
		return e;
	}
	*ret = &t->dev;
	return 0;
}
