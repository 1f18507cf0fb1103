/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet sockets. The kernel stamps a frame when it arrives, by the clock of the day; its age by
 * that clock tells when it was by the monotonic one. So a tester that was kept from running still
 * judges by when things happened, and live_recv() gives no frame that came after its time: that
 * one stays for the next call.
 *
 * A sender in the same machine may leave checksums to hardware that is not there. PACKET_VNET_HDR
 * says so before each frame, and the sum is completed here. A packet that nobody cut is given as
 * it is.
 */
#include "conform/live.h"

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/csum.h"

#define RCVBUF_OCTETS (4 << 20) /* what comes while a program runs */
#define TAG_OFF	      12	/* a VLAN tag follows the two link-layer addresses */
#define TAG_OCTETS    4

static time_ns clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts); /* lint-ok: the clock of devices in real time */
	return (time_ns)ts.tv_sec * NS_PER_S + (time_ns)ts.tv_nsec;
}

time_ns live_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

void live_init(struct live *l)
{
	for (unsigned i = 0; i < NUT_LINKS; i++) {
		l->link[i].fd = -1;
		l->link[i].full = false;
	}
}

void live_close(struct live *l)
{
	for (unsigned i = 0; i < NUT_LINKS; i++)
		if (l->link[i].fd >= 0)
			close(l->link[i].fd);
	live_init(l);
}

/*
 * Opening.
 */

static int complain(char *why, size_t size, const char *dev, const char *what, int err)
{
	snprintf(why, size, "interface %s: %s%s%s", dev, what, err != 0 ? ": " : "",
		 err != 0 ? strerror(err) : "");
	return err != 0 ? -err : -EINVAL;
}

static void feature_off(int fd, const char *dev, uint32_t feature)
{
	struct ethtool_value value = { .cmd = feature };
	struct ifreq ifr = { .ifr_data = (char *)&value };

	memcpy(ifr.ifr_name, dev, strlen(dev));
	if (ioctl(fd, SIOCETHTOOL, &ifr) != 0)
		return; /* it has no such feature, or it is not ours: then frames say what lacks */
}

void live_sums(const char *dev)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	feature_off(fd, dev, ETHTOOL_STXCSUM);
	close(fd);
}

static int check(int fd, const char *dev, int *ifindex, char *why, size_t size)
{
	struct ifreq ifr = { 0 };

	memcpy(ifr.ifr_name, dev, strlen(dev));
	if (ioctl(fd, SIOCGIFINDEX, &ifr) != 0)
		return complain(why, size, dev, "ip link shows those there are", errno);
	*ifindex = ifr.ifr_ifindex;
	if (ioctl(fd, SIOCGIFHWADDR, &ifr) != 0)
		return complain(why, size, dev, "address", errno);
	if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return complain(why, size, dev, "this is no Ethernet interface", 0);
	if (ioctl(fd, SIOCGIFFLAGS, &ifr) != 0)
		return complain(why, size, dev, "flags", errno);
	if ((ifr.ifr_flags & IFF_UP) == 0)
		return complain(why, size, dev, "it is down: ip link set it up", 0);
	return 0;
}

/* All options first: until bind() names a protocol, the socket receives nothing. */
static int configure(int fd, int ifindex)
{
	static const struct {
		int level, option;
	} flag[] = {
		{ SOL_PACKET, PACKET_IGNORE_OUTGOING },
		{ SOL_PACKET, PACKET_VNET_HDR },
		{ SOL_PACKET, PACKET_AUXDATA },
		{ SOL_SOCKET, SO_TIMESTAMPNS },
	};
	struct packet_mreq mr = { .mr_ifindex = ifindex, .mr_type = PACKET_MR_PROMISC };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = ifindex };
	int on = 1, room = RCVBUF_OCTETS;

	for (size_t i = 0; i < ARRAY_LEN(flag); i++)
		if (setsockopt(fd, flag[i].level, flag[i].option, &on, sizeof(on)) != 0)
			return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) != 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) != 0)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mr, sizeof(mr)) != 0 ||
	    bind(fd, (struct sockaddr *)&ll, sizeof(ll)) != 0)
		return -errno;
	return 0;
}

int live_open(struct live *l, enum nut_link link, const char *dev, char *why, size_t size)
{
	int fd, ifindex = 0, rc;

	ASSERT(l->link[link].fd < 0);
	if (dev[0] == '\0' || strlen(dev) >= IFNAMSIZ)
		return complain(why, size, dev, "a name has 1 to 15 characters", 0);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return complain(why, size, dev, "a packet socket needs root or CAP_NET_RAW", errno);
	rc = check(fd, dev, &ifindex, why, size);
	if (rc == 0) {
		feature_off(fd, dev, ETHTOOL_SGRO);
		rc = configure(fd, ifindex);
		if (rc < 0)
			complain(why, size, dev, "packet socket", -rc);
	}
	if (rc < 0) {
		close(fd);
		return rc;
	}
	l->link[link].fd = fd;
	return 0;
}

/*
 * Frames.
 */

/* What the kernel says beside a frame. */
struct aside {
	time_ns when;
	bool tagged;
	uint16_t tpid, tci;
};

static time_ns arrival(const struct timespec *ts)
{
	time_ns mono = live_now(), day = clock_ns(CLOCK_REALTIME);
	time_ns at = (time_ns)ts->tv_sec * NS_PER_S + (time_ns)ts->tv_nsec;

	return day > at && day - at < mono ? mono - (day - at) : mono;
}

static struct aside read_aside(struct msghdr *msg)
{
	struct aside a = { .when = live_now() };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		struct tpacket_auxdata aux;
		struct timespec ts;

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			a.when = arrival(&ts);
		} else if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
			memcpy(&aux, CMSG_DATA(c), sizeof(aux));
			a.tagged = (aux.tp_status & TP_STATUS_VLAN_VALID) != 0;
			a.tci = aux.tp_vlan_tci;
			a.tpid = (aux.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? aux.tp_vlan_tpid
										  : ETH_P_8021Q;
		}
	}
	return a;
}

/* Sum from csum_start on, and put the complement where the sum of the pseudo-header stands. */
static void complete(struct live_link *k, const struct virtio_net_hdr *h)
{
	size_t start = h->csum_start, at = start + h->csum_offset;

	if ((h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) == 0 || at + 2 > k->octets)
		return;
	put_be16(k->frame + at,
		 (uint16_t)~csum_fold(csum_add(0, k->frame + start, k->octets - start)));
}

/* The kernel takes VLAN tags off; the device did send it. */
static void put_tag_back(struct live_link *k, const struct aside *a)
{
	if (!a->tagged || k->octets < TAG_OFF || k->octets + TAG_OCTETS > sizeof(k->frame))
		return;
	memmove(k->frame + TAG_OFF + TAG_OCTETS, k->frame + TAG_OFF, k->octets - TAG_OFF);
	put_be16(k->frame + TAG_OFF, a->tpid);
	put_be16(k->frame + TAG_OFF + 2, a->tci);
	k->octets += TAG_OCTETS;
}

/* A frame that waits, if there is one. */
static void fill(struct live_link *k)
{
	union {
		char room[256];
		struct cmsghdr align;
	} control;
	struct virtio_net_hdr h = { 0 };
	struct iovec iov[] = { { &h, sizeof(h) }, { k->frame, sizeof(k->frame) } };
	struct msghdr msg = { .msg_iov = iov,
			      .msg_iovlen = ARRAY_LEN(iov),
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct aside a;
	ssize_t n;

	if (k->fd < 0 || k->full)
		return;
	n = recvmsg(k->fd, &msg, 0);
	if (n < (ssize_t)sizeof(h))
		return; /* nothing there; what is wrong with the interface shows as silence */
	a = read_aside(&msg);
	k->octets = (size_t)n - sizeof(h);
	k->when = a.when;
	complete(k, &h);
	put_tag_back(k, &a);
	k->full = true;
}

/* The link whose frame was first, or NUT_LINKS. */
static unsigned first(const struct live *l)
{
	unsigned best = NUT_LINKS;

	for (unsigned i = 0; i < NUT_LINKS; i++)
		if (l->link[i].full && (best == NUT_LINKS || l->link[i].when < l->link[best].when))
			best = i;
	return best;
}

static void wait_for_any(const struct live *l, time_ns how_long)
{
	struct timespec ts = { (time_t)(how_long / NS_PER_S), (long)(how_long % NS_PER_S) };
	struct pollfd fds[NUT_LINKS];

	for (unsigned i = 0; i < NUT_LINKS; i++)
		fds[i] = (struct pollfd){ .fd = l->link[i].fd, .events = POLLIN };
	ppoll(fds, ARRAY_LEN(fds), &ts, NULL);
}

bool live_recv(struct live *l, time_ns until, struct nut_frame *ret)
{
	for (;;) {
		time_ns now = live_now();
		unsigned i;

		for (i = 0; i < NUT_LINKS; i++)
			fill(&l->link[i]);
		i = first(l);
		if (i != NUT_LINKS && l->link[i].when <= until) {
			struct live_link *k = &l->link[i];

			k->full = false;
			*ret = (struct nut_frame){ k->when, (enum nut_link)i, k->frame, k->octets };
			return true;
		}
		if (now >= until)
			return false;
		wait_for_any(l, until - now);
	}
}

void live_flush(struct live *l)
{
	for (unsigned i = 0; i < NUT_LINKS; i++) {
		do {
			l->link[i].full = false;
			fill(&l->link[i]);
		} while (l->link[i].full);
	}
}

void live_send(struct live *l, enum nut_link link, const uint8_t *p, size_t octets)
{
	struct virtio_net_hdr h = { 0 };
	struct iovec iov[] = { { &h, sizeof(h) }, { .iov_len = octets } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = ARRAY_LEN(iov) };

	memcpy(&iov[1].iov_base, &p, sizeof(p)); /* which is only read */
	if (l->link[link].fd >= 0 && sendmsg(l->link[link].fd, &msg, 0) < 0)
		return; /* a link that is down carries nothing */
}
