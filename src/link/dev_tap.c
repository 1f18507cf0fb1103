/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TAP interface: the kernel at one end, we at the other. The two ends are two stations, so our
 * address is not the interface's. We offer the kernel no offloads (no IFF_VNET_HDR), so it
 * completes checksums and cuts segments before a frame gets here. One frame per system call is
 * all that the interface has.
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

#include "link/dev_io.h"

unsigned if_nametoindex(const char *name); /* net/if.h and linux/if.h cannot both be included */

struct dev_tap {
	struct dev dev;
	struct dev_io *io;
};

static int tap_recv(struct dev *d, struct pkt_pool *pool, struct batch *out)
{
	struct dev_io *io = CONTAINER_OF(d, struct dev_tap, dev)->io;
	unsigned before = out->n;

	while (out->n < BATCH_MAX) {
		struct pkt *pkt;
		ssize_t n;

		if (dev_io_room(io, pool, 1) == 0)
			return out->n > before ? (int)(out->n - before) : -ENOBUFS;
		n = readv(d->fd, &io->iov[0][DEV_IO_FRAME], DEV_IO_PARTS - DEV_IO_FRAME);
		if (n < 0) {
			pkt_free(io->pkt[0]);
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN || out->n > before)
				break;
			return -errno;
		}
		pkt = dev_io_take(io, d, pool, 0, (size_t)n);
		if (pkt != NULL)
			batch_put(out, pkt);
	}
	return (int)(out->n - before);
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
		ssize_t n = write(d->fd, q->head->p, q->head->len);
		enum drop why = n < 0 ? tap_refusal(errno) : DROP_NONE;

		if (why != DROP_NONE) {
			dev_drop(d, pktq_get(q), why);
		} else if (n >= 0) {
			pkt_free(pktq_get(q));
		} else if (errno == EINTR) {
			continue;
		} else {
			if (sent > 0 || errno == EAGAIN)
				break;
			return errno == EIO ? -ENETDOWN : -errno; /* EIO: it is down */
		}
		sent++;
	}
	return sent;
}

static void tap_close(struct dev *d)
{
	struct dev_tap *t = CONTAINER_OF(d, struct dev_tap, dev);

	close(d->fd);
	dev_io_free(t->io);
	free(t);
}

static const struct dev_ops tap_ops = { tap_recv, tap_send, tap_close };

static int tap_attach(int fd, const char *name, char err[DEV_ERR_MAX])
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int e;

	memcpy(ifr.ifr_name, name, strlen(name));
	if (ioctl(fd, TUNSETIFF, &ifr) == 0)
		return 0;
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
	t->io = dev_io_new(false);
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
