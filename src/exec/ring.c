/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mmap(2) of a packet socket: what libpcap captures with. A socket of ours is one end of a socket pair,
 * which cannot be mapped. So while the kernel does the call the program's descriptor is the memory that
 * the node writes frames to; when the thread that has called makes its next call the socket is put
 * back. Between these two another thread that uses the descriptor would find no socket.
 */
#include "exec/part.h"
#include "exec/target.h"

#include <sys/stat.h>
#include <unistd.h>

static struct swapped *swap_free(struct exec *e)
{
	for (unsigned i = 0; i < SWAPS_MAX; i++)
		if (e->swapped[i].tid == 0)
			return &e->swapped[i];
	return NULL;
}

/* Return: 0, with the program's descriptor that of the memory @ring; or a negative errno. */
static int swap(struct exec *e, struct call *c, int ring)
{
	struct swapped *w = swap_free(e);
	struct stat st;
	int rc, sock;

	if (w == NULL || fstat(ring, &st) < 0)
		return -EBUSY;
	sock = target_fd(c->tid, c->fd);
	if (sock < 0)
		return -EBADF;
	rc = call_replace(e, c, ring, c->fd, c->s->cloexec);
	if (rc < 0) {
		close(sock);
		return rc;
	}
	*w = (struct swapped){ c->tid, c->fd, sock, st.st_dev, st.st_ino, c->s->cloexec };
	c->s->ring_tid = c->tid;
	c->s->ring_fd = c->fd;
	return 0;
}

static void ring_there(struct exec *e, struct call *c, struct answer *a)
{
	int rc = a->h.rc;

	if (a->fd >= 0) {
		rc = swap(e, c, a->fd);
		close(a->fd);
	}
	if (rc < 0)
		call_end(e, c, rc);
	else
		call_pass(e, c);
}

void begin_mmap(struct exec *e, struct call *c)
{
	c->fd = (int)c->arg[4];
	c->s = esock_of(e, c->tid, c->fd);
	if (c->s == NULL || c->s->domain != AF_PACKET)
		call_pass(e, c);
	else
		ask(e, c, &(struct seam_req){ .op = SEAM_RING }, NULL, NULL, NULL, ring_there);
}

/* A thread of its number may be another one by now, and the descriptor anything. */
static bool is_still(const struct swapped *w)
{
	int fd = target_fd(w->tid, w->fd);
	struct stat st;
	bool ret;

	if (fd < 0)
		return false;
	ret = fstat(fd, &st) == 0 && st.st_dev == w->dev && st.st_ino == w->ino;
	close(fd);
	return ret;
}

void put_back(struct exec *e, const struct call *c)
{
	for (unsigned i = 0; i < SWAPS_MAX; i++) {
		struct swapped *w = &e->swapped[i];

		if (w->tid != c->tid)
			continue;
		if (is_still(w))
			(void)call_replace(e, c, w->sock, w->fd, w->cloexec);
		close(w->sock);
		w->tid = 0;
	}
}
