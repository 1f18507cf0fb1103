/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * An Ethernet segment between processes of one user, without privileges and without a process in
 * the middle. Each attached process listens on a SOCK_SEQPACKET socket in the segment's runtime
 * directory (runtime.h) and is connected to each other one: whoever comes connects to all that
 * are there. A lock on the directory, held while a device is opened, keeps two newcomers from
 * connecting to each other at once. One message is one frame.
 *
 * From then on only descriptors are used: a process may change its user or its root directory,
 * later newcomers still reach it. (Its own socket's name then stays behind when it ends; the next
 * newcomer, refused there, removes it.) Datagram sockets would need the path for each frame, and
 * hold ten of them; a connection holds what SO_SNDBUF says.
 *
 * Frames go to the peer from which their destination was last heard, or to all. A peer that does
 * not keep up loses frames (DROP_QUEUE_FULL), as at a switch, and delays nobody.
 *
 * The directory's owner decides who is on the segment: root's segments are not those of others.
 */
#define _GNU_SOURCE 1 /* accept4() */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/hash.h"
#include "link/dev_io.h"
#include "link/runtime.h"

#define SEG_NAME_MAX  32
#define SEG_PEERS_MAX 1024 /* more are hung up on */
#define SEG_MTU	      1500
#define DIR_MAX	      88	/* octets: with a slash and a name they fill sun_path */
#define SOCKET_MAX    18	/* "4194304-0123abcd" */
#define SNDBUF_OCTETS (4 << 20) /* the kernel may give less */
#define EVENTS_MAX    32
#define NO_PEER	      UINT32_MAX /* in an event: the listening socket; as a destination: all */

#define MAC_WAYS 4u
#define MAC_SETS 1024u

/* Where an address was last heard. What finds no room takes the place of another in its set. */
struct seg_mac {
	struct mac mac;
	uint16_t peer; /* plus one; 0: empty */
};

_Static_assert(SEG_PEERS_MAX < UINT16_MAX, "peers fit seg_mac.peer");

struct dev_seg {
	struct dev dev; /* fd: the epoll that watches all others */
	struct dev_io *io;
	int listener;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* of the listener */
	uint32_t n_peers;					/* slots in use or free again */
	int peer[SEG_PEERS_MAX];				/* connection, or -1 */
	struct hash_key key;
	unsigned next_way;
	struct seg_mac macs[MAC_SETS][MAC_WAYS];
};

/* Addresses */

static struct seg_mac *mac_set(struct dev_seg *s, const uint8_t *mac)
{
	uint64_t v = 0;

	memcpy(&v, mac, ETH_MAC_OCTETS);
	v = hash_mix(hash_mix(v ^ s->key.k[0], s->key.k[1]) ^ s->key.k[0],
		     UINT64_C(0xd6e8feb86659fd93));
	return s->macs[v % MAC_SETS];
}

static struct seg_mac *mac_find(struct dev_seg *s, const uint8_t *mac)
{
	struct seg_mac *set = mac_set(s, mac);

	for (unsigned i = 0; i < MAC_WAYS; i++)
		if (set[i].peer != 0 && memcmp(set[i].mac.b, mac, ETH_MAC_OCTETS) == 0)
			return &set[i];
	return NULL;
}

static void mac_learn(struct dev_seg *s, const uint8_t *mac, uint32_t peer)
{
	struct seg_mac *m = mac_find(s, mac), *set = mac_set(s, mac);

	if ((mac[0] & 1) != 0)
		return;
	for (unsigned i = 0; i < MAC_WAYS && m == NULL; i++)
		if (set[i].peer == 0)
			m = &set[i];
	if (m == NULL)
		m = &set[s->next_way++ % MAC_WAYS];
	memcpy(m->mac.b, mac, ETH_MAC_OCTETS);
	m->peer = (uint16_t)(peer + 1);
}

static void mac_forget_peer(struct dev_seg *s, uint32_t peer)
{
	for (unsigned i = 0; i < MAC_SETS; i++)
		for (unsigned k = 0; k < MAC_WAYS; k++)
			if (s->macs[i][k].peer == peer + 1)
				s->macs[i][k].peer = 0;
}

/* The peer a frame goes to; NO_PEER for all. */
static uint32_t destination(struct dev_seg *s, const struct pkt *pkt)
{
	const struct seg_mac *m = mac_find(s, pkt->p + ETH_DST_OFF);

	return m != NULL ? m->peer - 1u : NO_PEER;
}

/* Peers */

static int watch(const struct dev_seg *s, int fd, uint32_t peer)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = peer };

	return epoll_ctl(s->dev.fd, EPOLL_CTL_ADD, fd, &ev) == 0 ? 0 : -errno;
}

/* Takes @fd, which is closed when there is no room. */
static int peer_add(struct dev_seg *s, int fd)
{
	int room = SNDBUF_OCTETS, err;
	uint32_t i = 0;

	while (i < s->n_peers && s->peer[i] >= 0)
		i++;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	err = i < SEG_PEERS_MAX ? watch(s, fd, i) : -ENOSPC;
	if (err != 0) {
		close(fd);
		return err;
	}
	s->peer[i] = fd;
	s->n_peers = MAX(s->n_peers, i + 1);
	return 0;
}

static void peer_del(struct dev_seg *s, uint32_t i)
{
	close(s->peer[i]); /* and so out of the epoll */
	s->peer[i] = -1;
	mac_forget_peer(s, i);
	while (s->n_peers > 0 && s->peer[s->n_peers - 1] < 0)
		s->n_peers--;
}

/* Let newcomers in. Without descriptors for them the segment goes on among those who are there. */
static void accept_all(struct dev_seg *s)
{
	while (s->listener >= 0) {
		int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			peer_add(s, fd);
		} else if (errno != EINTR && errno != ECONNABORTED) {
			if (errno != EAGAIN) {
				close(s->listener);
				s->listener = -1;
			}
			return;
		}
	}
}

/* Frames */

static unsigned peer_recv(struct dev_seg *s, uint32_t peer, struct pkt_pool *pool, unsigned max,
			  struct batch *out, int *err)
{
	unsigned before = out->n;
	int got = dev_io_recv(s->io, &s->dev, s->peer[peer], pool, max);

	if (got == -ENOBUFS) {
		*err = got;
		return 0;
	}
	for (int i = 0; i < got; i++) {
		struct pkt *pkt = s->io->pkt[i];

		if (pkt == NULL)
			continue;
		mac_learn(s, pkt->p + ETH_SRC_OFF, peer);
		batch_put(out, pkt);
	}
	/* A reset is told before the frames that were sent ahead of it; the end comes after them. */
	if (s->io->eof || (got < 0 && got != -ECONNRESET))
		peer_del(s, peer);
	return out->n - before;
}

/*
 * Each peer that has frames gets an equal share of the room, and what others left of theirs.
 * Return: number of frames, or a negative errno; -EAGAIN to ask again, as newcomers were let in.
 */
static int recv_round(struct dev_seg *s, struct pkt_pool *pool, struct batch *out)
{
	struct epoll_event ev[EVENTS_MAX];
	unsigned room = BATCH_MAX - out->n, got = 0;
	int n, err = 0;

	do
		n = epoll_wait(s->dev.fd, ev, EVENTS_MAX, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n && got < room; i++) {
		unsigned left = (unsigned)(n - i), share = (room - got + left - 1) / left;

		if (ev[i].data.u32 != NO_PEER) {
			got += peer_recv(s, ev[i].data.u32, pool, share, out, &err);
		} else {
			accept_all(s);
			err = -EAGAIN;
		}
	}
	return got > 0 ? (int)got : err;
}

static int seg_recv(struct dev *d, struct pkt_pool *pool, struct batch *out)
{
	struct dev_seg *s = CONTAINER_OF(d, struct dev_seg, dev);
	int got = recv_round(s, pool, out);

	if (got == -EAGAIN) /* newcomers may have sent already */
		got = recv_round(s, pool, out);
	return got == -EAGAIN ? 0 : got;
}

/* The loaded frames to one peer; what it does not take is lost to it. */
static void peer_send(struct dev_seg *s, uint32_t peer, unsigned n)
{
	unsigned i = 0;

	while (i < n) {
		int sent = dev_io_send(s->io, s->peer[peer], i, n);

		if (sent > 0) {
			i += (unsigned)sent;
		} else if (sent == -EMSGSIZE) {
			dev_count_drops(&s->dev, 1, DROP_LINK_TOO_BIG);
			i++;
		} else if (sent == -EAGAIN || sent == -ENOBUFS || sent == -ENOMEM) {
			dev_count_drops(&s->dev, n - i, DROP_QUEUE_FULL);
			return;
		} else { /* it has gone; what it sent before is still to be read */
			dev_count_drops(&s->dev, n - i, DROP_IF_DOWN);
			return;
		}
	}
}

/* Move frames of one destination from the head of @q to io->pkt; their number. */
static unsigned take_run(struct dev_seg *s, struct pktq *q, uint32_t *to)
{
	unsigned n = 0;

	while (q->head != NULL && n < BATCH_MAX) {
		struct pkt *pkt = q->head;

		if (pkt->len < ETH_HDR_OCTETS || pkt->len > DEV_FRAME_MAX) {
			dev_drop(&s->dev, pktq_get(q),
				 pkt->len < ETH_HDR_OCTETS ? DROP_LINK_SHORT : DROP_LINK_TOO_BIG);
			continue;
		}
		if (n == 0)
			*to = destination(s, pkt);
		else if (destination(s, pkt) != *to)
			break;
		s->io->pkt[n++] = pktq_get(q);
	}
	dev_io_load(s->io, n);
	return n;
}

static int seg_send(struct dev *d, struct pktq *q)
{
	struct dev_seg *s = CONTAINER_OF(d, struct dev_seg, dev);
	uint32_t total = q->n;

	accept_all(s); /* who has come since the last frame shall hear this one */
	while (q->head != NULL) {
		uint32_t to = NO_PEER;
		unsigned n = take_run(s, q, &to);

		if (to != NO_PEER)
			peer_send(s, to, n);
		for (uint32_t i = 0; to == NO_PEER && i < s->n_peers; i++)
			if (s->peer[i] >= 0)
				peer_send(s, i, n);
		for (unsigned i = 0; i < n; i++)
			pkt_free(s->io->pkt[i]);
	}
	return (int)total;
}

/* Coming and going */

static void seg_close(struct dev *d)
{
	struct dev_seg *s = CONTAINER_OF(d, struct dev_seg, dev);

	for (uint32_t i = 0; i < s->n_peers; i++)
		if (s->peer[i] >= 0)
			close(s->peer[i]);
	if (s->listener >= 0)
		close(s->listener);
	if (s->path[0] != '\0')
		unlink(s->path);
	if (d->fd >= 0)
		close(d->fd);
	dev_io_free(s->io);
	free(s);
}

static const struct dev_ops seg_ops = { seg_recv, seg_send, seg_close };

/* @name is checked to fit. */
static struct sockaddr_un address(const char *dir, const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%.*s/%.*s", DIR_MAX, dir, SOCKET_MAX, name);
	return sun;
}

static int new_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd >= 0 ? fd : -errno;
}

/* Connect to whoever listens at @name; remove the name if nobody does any more. */
static int meet(struct dev_seg *s, const char *dir, const char *name)
{
	struct sockaddr_un sun = address(dir, name);
	int fd = new_socket(), err;

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return peer_add(s, fd);
	err = errno;
	close(fd);
	if (err == ECONNREFUSED)
		unlink(sun.sun_path);
	return err == ECONNREFUSED || err == ENOENT ? 0 : -err;
}

static int meet_all(struct dev_seg *s, const char *dir)
{
	DIR *list = opendir(dir);
	struct dirent *e;
	int err = 0;

	if (list == NULL)
		return -errno;
	while (err == 0 && (e = readdir(list)) != NULL)
		if (e->d_name[0] != '.')
			err = meet(s, dir, e->d_name);
	closedir(list);
	return err;
}

/* Names are random: a process may have several devices, and its number may come again. */
static int listen_at(struct dev_seg *s, const char *dir)
{
	struct sockaddr_un sun;
	uint32_t random;
	char name[SOCKET_MAX + 1];

	dev_random(&random, sizeof(random));
	snprintf(name, sizeof(name), "%u-%08x", (unsigned)getpid() % 1000000000, random);
	sun = address(dir, name);
	s->listener = new_socket();
	if (s->listener < 0)
		return s->listener;
	if (bind(s->listener, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		return -errno;
	memcpy(s->path, sun.sun_path, sizeof(s->path));
	if (listen(s->listener, SEG_PEERS_MAX) != 0)
		return -errno;
	return watch(s, s->listener, NO_PEER);
}

/* Under the directory's lock, so that of two newcomers one is first. */
static int attach(struct dev_seg *s, const char *dir)
{
	int lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (lock < 0)
		return -errno;
	do
		err = flock(lock, LOCK_EX) == 0 ? 0 : -errno;
	while (err == -EINTR);
	if (err == 0)
		err = meet_all(s, dir);
	if (err == 0)
		err = listen_at(s, dir);
	close(lock);
	return err;
}

static bool name_is_good(const char *name)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t n = strlen(name);

	return n > 0 && n <= SEG_NAME_MAX && name[0] != '.' && strspn(name, good) == n;
}

static int seg_start(struct dev_seg *s, const char *name, char err[DEV_ERR_MAX])
{
	char sub[SEG_NAME_MAX + 8], dir[DIR_MAX + 1], why[RUNTIME_ERR];
	int e;

	snprintf(sub, sizeof(sub), "wire/%s", name);
	e = runtime_dir(sub, dir, sizeof(dir), why);
	if (e != 0)
		return dev_fail(err, e, "wire:%s: %.200s", name, why);
	s->io = dev_io_new(false);
	s->dev.fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->io == NULL || s->dev.fd < 0)
		return dev_fail(err, -ENOMEM, "wire:%s: no memory or no descriptors left", name);
	e = attach(s, dir);
	if (e == -EAGAIN)
		return dev_fail(err, e,
				"wire:%s: a process on the segment does not answer: "
				"continue or end it",
				name);
	if (e == -ENOSPC)
		return dev_fail(err, e, "wire:%s: %d processes are on the segment: use another",
				name, SEG_PEERS_MAX);
	if (e != 0)
		return dev_fail(err, e, "wire:%s: %s: %s", name, dir, strerror(-e));
	return 0;
}

int dev_seg_open(const char *name, struct dev **ret, char err[DEV_ERR_MAX])
{
	struct dev_seg *s;
	int e;

	if (!name_is_good(name))
		return dev_fail(err, -EINVAL,
				"wire:%.40s: a segment's name has 1 to %d letters, digits "
				"and - _ . and does not begin with a dot",
				name, SEG_NAME_MAX);
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return dev_fail(err, -ENOMEM, "wire:%s: no memory", name);
	s->dev.ops = &seg_ops;
	s->dev.fd = -1;
	s->dev.mtu = SEG_MTU;
	s->dev.mac = dev_random_mac();
	s->listener = -1;
	dev_random(&s->key, sizeof(s->key));
	e = seg_start(s, name, err);
	if (e != 0) {
		seg_close(&s->dev);
		return e;
	}
	*ret = &s->dev;
	return 0;
}
