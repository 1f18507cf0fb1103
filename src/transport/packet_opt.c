/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of packet sockets: those of packet(7), and of SOL_SOCKET what makes sense. */
#include <endian.h>

#include "transport/opt.h"
#include "transport/packet_part.h"

int packet_error_take(struct packet_sock *s)
{
	int err = s->err;

	s->err = 0;
	return -err;
}

/*
 * Memberships: one counter an interface says whether frames for others are wanted. Groups are counted only,
 * because an interface takes the frames of all of them.
 */

static void count(struct packets *p, const struct packet_mreq *m, bool more)
{
	uint32_t *of = m->mr_type == PACKET_MR_PROMISC	  ? p->promisc
		       : m->mr_type == PACKET_MR_ALLMULTI ? p->allmulti
							  : NULL;

	if (of == NULL)
		return;
	if (more)
		of[m->mr_ifindex]++;
	else
		of[m->mr_ifindex]--;
}

static bool same(const struct packet_mreq *a, const struct packet_mreq *b)
{
	return a->mr_ifindex == b->mr_ifindex && a->mr_type == b->mr_type &&
	       a->mr_alen == b->mr_alen && memcmp(a->mr_address, b->mr_address, a->mr_alen) == 0;
}

static struct packet_mreq_kept *mreq_find(struct packet_sock *s, const struct packet_mreq *m)
{
	for (unsigned i = 0; i < PACKET_MREQS_MAX; i++)
		if (s->mreq[i].refs > 0 && same(&s->mreq[i].is, m))
			return &s->mreq[i];
	return NULL;
}

static int mreq_add(struct packet_sock *s, const struct packet_mreq *m)
{
	struct packet_mreq_kept *k = mreq_find(s, m);

	if (m->mr_ifindex <= 0 || ip6_if(s->of->socks->ip6, (uint32_t)m->mr_ifindex) == NULL)
		return -ENODEV;
	if (m->mr_type == PACKET_MR_MULTICAST && m->mr_alen != ETH_MAC_OCTETS)
		return -EINVAL;
	if (m->mr_type > PACKET_MR_UNICAST)
		return -EINVAL;
	for (unsigned i = 0; k == NULL && i < PACKET_MREQS_MAX; i++)
		if (s->mreq[i].refs == 0)
			k = &s->mreq[i];
	if (k == NULL)
		return -ENOBUFS;
	if (k->refs++ == 0) {
		k->is = *m;
		count(s->of, m, true);
	}
	return 0;
}

static void mreq_end(struct packet_sock *s, struct packet_mreq_kept *k)
{
	count(s->of, &k->is, false);
	k->refs = 0;
}

static int mreq_del(struct packet_sock *s, const struct packet_mreq *m)
{
	struct packet_mreq_kept *k = mreq_find(s, m);

	if (k == NULL)
		return -EADDRNOTAVAIL;
	if (k->refs == 1)
		mreq_end(s, k);
	else
		k->refs--;
	return 0;
}

void packet_mreqs_done(struct packet_sock *s, uint32_t ifindex)
{
	for (unsigned i = 0; i < PACKET_MREQS_MAX; i++)
		if (s->mreq[i].refs > 0 &&
		    (ifindex == 0 || (uint32_t)s->mreq[i].is.mr_ifindex == ifindex))
			mreq_end(s, &s->mreq[i]);
}

static int membership(struct packet_sock *s, int name, const void *val, socklen_t len)
{
	struct packet_mreq m;

	if (len < sizeof(m))
		return -EINVAL;
	memcpy(&m, val, sizeof(m));
	if (m.mr_alen > sizeof(m.mr_address))
		return -EINVAL;
	return name == PACKET_ADD_MEMBERSHIP ? mreq_add(s, &m) : mreq_del(s, &m);
}

/*
 * packet(7).
 */

static int packet_set_int(struct packet_sock *s, int name, int v)
{
	switch (name) {
	case PACKET_AUXDATA:
		s->auxdata = v != 0;
		return 0;
	case PACKET_ORIGDEV:
		s->origdev = v != 0;
		return 0;
	case PACKET_IGNORE_OUTGOING:
		if (v < 0 || v > 1)
			return -EINVAL;
		s->ignore_outgoing = v != 0;
		return 0;
	case PACKET_VERSION:
		if (v != TPACKET_V1 && v != TPACKET_V2)
			return -EINVAL;
		if (s->ring.mem != NULL)
			return -EBUSY;
		s->version = v;
		return 0;
	case PACKET_RESERVE:
		if (v < 0 || v > PACKET_RESERVE_MAX)
			return -EINVAL;
		if (s->ring.mem != NULL)
			return -EBUSY;
		s->reserve = (unsigned)v;
		return 0;
	case PACKET_TIMESTAMP: /* there is no clock but one */
		return 0;
	case PACKET_QDISC_BYPASS:
		return 0; /* there is none */
	default:	  /* rings are for who shares memory with a program; FANOUT, VNET_HDR: no */
		return -ENOPROTOOPT;
	}
}

static int packet_set(struct packet_sock *s, int name, const void *val, socklen_t len)
{
	int v, rc;

	if (name == PACKET_ADD_MEMBERSHIP || name == PACKET_DROP_MEMBERSHIP)
		return membership(s, name, val, len);
	rc = opt_int(val, len, &v);
	return rc < 0 ? rc : packet_set_int(s, name, v);
}

static int statistics(struct packet_sock *s, void *val, socklen_t *len)
{
	struct tpacket_stats st = { .tp_packets = s->seen, .tp_drops = s->lost };

	s->seen = s->lost = 0;
	return opt_put(val, len, &st, sizeof(st));
}

/* In: a version; out: octets of its header. */
static int hdrlen(const void *val, socklen_t *len, void *out)
{
	int v;

	if (*len < sizeof(v))
		return -EINVAL;
	memcpy(&v, val, sizeof(v));
	if (v != TPACKET_V1 && v != TPACKET_V2) /* who asks for more is content with less */
		return -EINVAL;
	return opt_put_int(out, len,
			   v == TPACKET_V1 ? (int)sizeof(struct tpacket_hdr)
					   : (int)sizeof(struct tpacket2_hdr));
}

static int packet_get(struct packet_sock *s, int name, void *val, socklen_t *len)
{
	switch (name) {
	case PACKET_STATISTICS:
		return statistics(s, val, len);
	case PACKET_HDRLEN:
		return hdrlen(val, len, val);
	case PACKET_AUXDATA:
		return opt_put_int(val, len, s->auxdata);
	case PACKET_ORIGDEV:
		return opt_put_int(val, len, s->origdev);
	case PACKET_IGNORE_OUTGOING:
		return opt_put_int(val, len, s->ignore_outgoing);
	case PACKET_VERSION:
		return opt_put_int(val, len, s->version);
	case PACKET_RESERVE:
		return opt_put_int(val, len, (int)s->reserve);
	default: /* a number of the program's */
		return -ENOPROTOOPT;
	}
}

/*
 * SOL_SOCKET.
 */

static int socket_set(struct packet_sock *s, int name, const void *val, socklen_t len)
{
	int v, rc;

	if (name == SO_ATTACH_FILTER || name == SO_DETACH_FILTER || name == SO_LOCK_FILTER)
		return opt_filter(&s->filter, &s->filter_locked, name, val, len);
	rc = opt_int(val, len, &v);
	if (rc < 0)
		return rc;
	switch (name) {
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		s->rcvbuf = opt_buffer(v, SOCK_BUF_MAX, SOCK_RCVBUF_MIN);
		return 0;
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
		s->sndbuf = opt_buffer(v, SOCK_BUF_MAX, SOCK_SNDBUF_MIN);
		return 0;
	case SO_TIMESTAMP:
	case SO_TIMESTAMPNS:
		s->timestamp = v != 0;
		s->timestampns = v != 0 && name == SO_TIMESTAMPNS;
		return 0;
	case SO_PRIORITY:
		s->priority = v;
		return 0;
	case SO_MARK:
		s->mark = v;
		return 0;
	case SO_BROADCAST:
	case SO_REUSEADDR:
	case SO_RCVTIMEO: /* for whoever waits on behalf of a program */
	case SO_SNDTIMEO:
		return 0;
	default: /* a number of the program's */
		return -ENOPROTOOPT;
	}
}

static int socket_get(struct packet_sock *s, int name, int *v)
{
	switch (name) {
	case SO_TYPE:
		*v = s->type;
		return 0;
	case SO_DOMAIN:
		*v = AF_PACKET;
		return 0;
	case SO_PROTOCOL:
		*v = htobe16(s->protocol);
		return 0;
	case SO_ERROR:
		*v = -packet_error_take(s);
		return 0;
	case SO_RCVBUF:
		*v = s->rcvbuf;
		return 0;
	case SO_SNDBUF:
		*v = s->sndbuf;
		return 0;
	case SO_TIMESTAMP:
		*v = s->timestamp && !s->timestampns;
		return 0;
	case SO_TIMESTAMPNS:
		*v = s->timestampns;
		return 0;
	case SO_PRIORITY:
		*v = s->priority;
		return 0;
	case SO_MARK:
		*v = s->mark;
		return 0;
	case SO_LOCK_FILTER:
		*v = s->filter_locked;
		return 0;
	default: /* a number of the program's */
		return -ENOPROTOOPT;
	}
}

int packet_setsockopt(struct packet_sock *s, int level, int name, const void *val, socklen_t len)
{
	if ((int)len < 0)
		return -EINVAL;
	if (val == NULL && len != 0)
		return -EFAULT;
	if (level == SOL_SOCKET)
		return socket_set(s, name, val, len);
	return level == SOL_PACKET ? packet_set(s, name, val, len) : -ENOPROTOOPT;
}

int packet_getsockopt(struct packet_sock *s, int level, int name, void *val, socklen_t *len)
{
	int v = 0, rc;

	if ((int)*len < 0)
		return -EINVAL;
	if (level == SOL_PACKET)
		return packet_get(s, name, val, len);
	if (level != SOL_SOCKET)
		return -ENOPROTOOPT;
	rc = socket_get(s, name, &v);
	return rc < 0 ? rc : opt_put_int(val, len, v);
}
