/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/seam_ring.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* Sealed, so that a program cannot cut off what the node will write to. */
static int ring_new(struct seam_ring *ret, size_t octets)
{
	struct seam_ring r = { .octets = octets };
	int rc;

	r.fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (r.fd < 0)
		return -errno;
	if (ftruncate(r.fd, (off_t)octets) < 0 || fcntl(r.fd, F_ADD_SEALS, SEALS) < 0) {
		rc = -errno;
		close(r.fd);
		return rc;
	}
	r.mem = mmap(NULL, octets, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, 0);
	if (r.mem == MAP_FAILED) {
		close(r.fd);
		return -ENOMEM;
	}
	*ret = r;
	return 0;
}

void seam_ring_done(struct seam_ring *r)
{
	if (r->mem == NULL)
		return;
	(void)munmap(r->mem, r->octets);
	close(r->fd);
	*r = (struct seam_ring){ 0 };
}

int seam_ring_set(struct seam_ring *r, const struct end *end, const void *val, size_t len)
{
	struct seam_ring new = { 0 };
	struct tpacket_req req;
	size_t octets = 0;
	int rc;

	if (end->ops->ring_octets == NULL)
		return -ENOPROTOOPT;
	if (len < sizeof(req))
		return -EINVAL;
	memcpy(&req, val, sizeof(req));
	rc = end->ops->ring_octets(end->s, &req, &octets);
	if (rc == 0 && octets != 0 && r->mem != NULL)
		rc = -EBUSY;
	if (rc == 0 && octets != 0)
		rc = ring_new(&new, octets);
	if (rc < 0)
		return rc;
	end->ops->ring_set(end->s, &req, new.mem);
	seam_ring_done(r);
	*r = new;
	return 0;
}
