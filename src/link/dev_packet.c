/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An existing Ethernet interface, through a packet socket that sees all that arrives there and
 * nothing that leaves. The kernel's own stack sees the same frames: give it no addresses there.
 *
 * A peer in the same machine (the other end of a veth) leaves checksums to hardware that is not
 * there, and sends TCP segments of up to 64 KiB. PACKET_VNET_HDR says so before each frame; here
 * the checksum is completed and the segment cut (dev_gso.h). What is cut may be more frames than
 * a batch holds: the rest waits in @rest.
 */
#define _GNU_SOURCE 1 /* dev_io.h */
#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "link/dev_gso.h"
#include "link/dev_io.h"
#include "link/dev_merge.h"

#define RCVBUF_OCTETS (4 << 20) /* bursts while the node is busy; the kernel may give less */

struct dev_packet {
	struct dev dev;
	struct dev_io *io;
	struct pktq rest; /* cut, and not yet taken */
};

/* The frame as it would have left real hardware: none, one or many, into @p->rest. */
static void finish(struct dev_packet *p, struct pkt_pool *pool, struct pkt *pkt,
		   const struct virtio_net_hdr *h)
{
	enum drop why = dev_gso_finish(h, pool, pkt, &p->rest);

	if (why != DROP_NONE)
		dev_drop(&p->dev, pkt, why);
}

static int packet_recv(struct dev *d, struct pkt_pool *pool, struct batch *out)
{
	struct dev_packet *p = CONTAINER_OF(d, struct dev_packet, dev);
	unsigned before = out->n;
	int got = 0;

	if (p->rest.head == NULL)
		got = dev_io_recv(p->io, d, d->fd, pool, BATCH_MAX - out->n);
	if (got < 0)
		return got;
	for (int i = 0; i < got; i++)
		if (p->io->pkt[i] != NULL)
			finish(p, pool, p->io->pkt[i], &p->io->vnet[i]);
	while (p->rest.head != NULL && out->n < BATCH_MAX)
		batch_put(out, pktq_get(&p->rest));
	d->more = p->rest.head != NULL;
	return (int)(out->n - before);
}

/* Fill io->pkt from the head of @q, which keeps them, up to where a run begins. */
static unsigned load_head(struct dev_io *io, const struct pktq *q)
{
	unsigned n = 0;

	for (struct pkt *pkt = q->head; pkt != NULL && n < BATCH_MAX; pkt = pkt->next) {
		if (n > 0 && dev_run_find(pkt).n > 1)
			break;
		io->pkt[n++] = pkt;
	}
	dev_io_load(io, n);
	return n;
}

/* Return: frames at the head of @q that were sent, or a negative errno that concerns the first. */
static int send_head(struct dev_packet *p, const struct pktq *q)
{
	struct dev_run run = dev_run_find(q->head);
	int rc;

	if (run.n == 1)
		return dev_io_send(p->io, p->dev.fd, 0, load_head(p->io, q));
	rc = dev_run_write(p->dev.fd, q->head, &run);
	return rc < 0 ? rc : (int)run.n;
}

/* What an error of sendmmsg() means for the frame: gone with a reason, or (DROP_NONE) it waits. */
static enum drop packet_refusal(int err)
{
	switch (err) {
	case EMSGSIZE:
		return DROP_LINK_TOO_BIG;
	case EINVAL:
		return DROP_LINK_SHORT;
	case ENOBUFS: /* the interface's own queue refused it */
		return DROP_QUEUE_FULL;
	default:
		return DROP_NONE;
	}
}

static int packet_send(struct dev *d, struct pktq *q)
{
	struct dev_packet *p = CONTAINER_OF(d, struct dev_packet, dev);
	int total = 0;

	while (q->head != NULL) {
		int sent = send_head(p, q);

		if (sent < 0 && packet_refusal(-sent) != DROP_NONE) {
			dev_drop(d, pktq_get(q), packet_refusal(-sent));
			total++;
		} else if (sent < 0) {
			return total > 0 || sent == -EAGAIN ? total : sent;
		}
		for (int i = 0; i < sent; i++)
			pkt_free(pktq_get(q));
		total += MAX(sent, 0);
	}
	return total;
}

static void packet_close(struct dev *d)
{
	struct dev_packet *p = CONTAINER_OF(d, struct dev_packet, dev);

	if (d->fd >= 0)
		close(d->fd);
	pktq_free(&p->rest);
	dev_io_free(p->io);
	free(p);
}

static const struct dev_ops packet_ops = { packet_recv, packet_send, packet_close };

/* Learn index, address and MTU of the interface. */
static int packet_learn(struct dev *d, const char *name, int *ifindex, char err[DEV_ERR_MAX])
{
	struct ifreq ifr = { 0 };

	memcpy(ifr.ifr_name, name, strlen(name));
	if (ioctl(d->fd, SIOCGIFINDEX, &ifr) != 0)
		return dev_fail(err, -errno,
				"packet:%s: there is no such interface: ip link shows "
				"those there are",
				name);
	*ifindex = ifr.ifr_ifindex;
	if (ioctl(d->fd, SIOCGIFMTU, &ifr) != 0)
		return dev_fail(err, -errno, "packet:%s: MTU: %s", name, strerror(errno));
	d->mtu = (uint32_t)ifr.ifr_mtu;
	if (ioctl(d->fd, SIOCGIFHWADDR, &ifr) != 0)
		return dev_fail(err, -errno, "packet:%s: address: %s", name, strerror(errno));
	if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return dev_fail(err, -EPROTOTYPE,
				"packet:%s: not an Ethernet interface: use one that "
				"is, a veth say",
				name);
	memcpy(d->mac.b, ifr.ifr_hwaddr.sa_data, sizeof(d->mac.b));
	return 0;
}

static int set_option(int fd, int level, int option, const void *value, socklen_t n)
{
	return setsockopt(fd, level, option, value, n) == 0 ? 0 : errno;
}

/* All options first: until bind() names a protocol, the socket receives nothing. */
static int packet_bind(struct dev *d, const char *name, char err[DEV_ERR_MAX])
{
	struct packet_mreq mr = { .mr_type = PACKET_MR_PROMISC };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int on = 1, room = RCVBUF_OCTETS, e;

	e = packet_learn(d, name, &mr.mr_ifindex, err);
	if (e != 0)
		return e;
	ll.sll_ifindex = mr.mr_ifindex;
	set_option(d->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	e = set_option(d->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	if (e == 0)
		e = set_option(d->fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on));
	if (e == 0)
		e = set_option(d->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mr, sizeof(mr));
	if (e == 0 && bind(d->fd, (struct sockaddr *)&ll, sizeof(ll)) != 0)
		e = errno;
	return e == 0 ? 0
		      : dev_fail(err, -e, "packet:%s: %s (Linux 4.20 or later is needed)", name,
				 strerror(e));
}

static int packet_start(struct dev_packet *p, const char *name, char err[DEV_ERR_MAX])
{
	p->io = dev_io_new(true);
	if (p->io == NULL)
		return dev_fail(err, -ENOMEM, "packet:%s: no memory", name);
	p->dev.fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->dev.fd < 0 && (errno == EPERM || errno == EACCES))
		return dev_fail(err, -errno,
				"packet:%s: needs root or CAP_NET_RAW: "
				"setcap cap_net_raw+ep on this program",
				name);
	if (p->dev.fd < 0)
		return dev_fail(err, -errno, "packet:%s: %s", name, strerror(errno));
	return packet_bind(&p->dev, name, err);
}

int dev_packet_open(const char *name, struct dev **ret, char err[DEV_ERR_MAX])
{
	struct dev_packet *p;
	int e;

	if (name[0] == '\0' || strlen(name) >= IFNAMSIZ)
		return dev_fail(err, -EINVAL,
				"packet:%.40s: an interface has a name of 1 to 15 characters",
				name);
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return dev_fail(err, -ENOMEM, "packet:%s: no memory", name);
	p->dev.ops = &packet_ops;
	p->dev.fd = -1;
	e = packet_start(p, name, err);
	if (e != 0) {
		packet_close(&p->dev);
		return e;
	}
	*ret = &p->dev;
	return 0;
}
