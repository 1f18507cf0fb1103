/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. A program that routes multicast, as smcrouted or a PIM daemon does, opens a raw
 * ICMPv6 socket and does MRT6_INIT on it. From then on the node's own forwarding by MLD rests; the
 * program says which interfaces take part (mifs) and where packets of a source to a group go (mfc), and
 * reads upcalls from the socket between its packets: struct mrt6msg, which no ICMPv6 message can be
 * taken for, since its first octet is 0. With MRT6_DONE, or when the socket is closed, all that it has
 * said is forgotten and MLD goes on.
 *
 * There is no RFC; the interface is that of Linux, which has it from BSD's mrouted. Where the node
 * differs, doc/sockets.md says so.
 */
#include "transport/mrt6.h"

#include "transport/opt.h"

#include <linux/mroute6.h>

#define VERSION	     0x0305
#define TABLE	     254 /* RT6_TABLE_DFLT: the only one */
#define TABLE_MAX    99999999u
#define WHOLE_TOO    4 /* MRT6MSG_WRMIFWHOLE, as a value of MRT6_PIM */
#define MSG_OCTETS   40
#define MSG_TYPE_OFF 1
#define MSG_MIF_OFF  2
#define MSG_SRC_OFF  8
#define MSG_DST_OFF  24

_Static_assert(MRT6_FIRST == MRT6_INIT && MRT6_LAST == MRT6_MAX, "numbers of Linux");
_Static_assert(MRT6_MIFS == MAXMIFS && MAXMIFS <= MROUTE_MIFS, "each of them can be one of ours");
_Static_assert(sizeof(struct mrt6msg) == MSG_OCTETS, "as it is written here");
_Static_assert(sizeof(struct sioc_sg_req6) <= MRT6_IOCTL_OCTETS &&
		       sizeof(struct sioc_mif_req6) <= MRT6_IOCTL_OCTETS,
	       "room for either");
_Static_assert((int)MROUTE_NOCACHE == MRT6MSG_NOCACHE && (int)MROUTE_WRONGMIF == MRT6MSG_WRONGMIF,
	       "one numbering");

static const struct mroute_mif *mif_of(const struct ip6 *ip6, unsigned mif)
{
	if (ip6->mroute == NULL || mif >= MRT6_MIFS || ip6->mroute->mif[mif].ifindex == 0)
		return NULL;
	return &ip6->mroute->mif[mif];
}

/* Copy what a program gave, if it is long enough. */
static int take(void *to, size_t n, const void *val, socklen_t len)
{
	if (len < n)
		return -EINVAL;
	memcpy(to, val, n);
	return 0;
}

/*
 * Beginning and end.
 */

static int init(struct sock *s)
{
	struct socks *socks = s->of;
	int rc;

	if (socks->mroute != NULL)
		return -EADDRINUSE;
	mld_forward_stop(socks->mld);
	rc = mroute_open(socks->ip6);
	if (rc < 0)
		mld_forward_start(socks->mld);
	else
		socks->mroute = s;
	return rc;
}

int mrt6_done(struct sock *s)
{
	struct socks *socks = s->of;

	if (socks->mroute != s)
		return -EACCES;
	mroute_close(socks->ip6);
	socks->mroute = NULL;
	mld_forward_start(socks->mld);
	return 0;
}

/*
 * Interfaces and routes.
 */

static int add_mif(struct sock *s, const void *val, socklen_t len)
{
	struct ip6 *ip6 = s->of->ip6;
	struct mif6ctl c;
	int rc = take(&c, sizeof(c), val, len);

	if (rc < 0)
		return rc;
	if (c.mif6c_mifi >= MRT6_MIFS)
		return -ENFILE;
	if (mif_of(ip6, c.mif6c_mifi) != NULL)
		return -EADDRINUSE;
	if (c.mif6c_flags != 0) /* MIFF_REGISTER: PIM's tunnel */
		return c.mif6c_flags == MIFF_REGISTER ? -EOPNOTSUPP : -EINVAL;
	rc = mroute_mif_add(ip6, c.mif6c_mifi, c.mif6c_pifi, c.vifc_threshold);
	if (rc < 0)
		return rc == -ENODEV ? -EADDRNOTAVAIL : rc;
	ip6->mroute->mif[c.mif6c_mifi].is_static = s->of->mroute != s;
	return 0;
}

static int del_mif(struct sock *s, const void *val, socklen_t len)
{
	mifi_t mif;
	int rc = take(&mif, sizeof(mif), val, len);

	if (rc < 0)
		return rc;
	return mif < MRT6_MIFS ? mroute_mif_del(s->of->ip6, mif) : -EADDRNOTAVAIL;
}

static bool has_oif(const struct mf6cctl *c, unsigned mif)
{
	return (c->mf6cc_ifset.ifs_bits[mif / NIFBITS] >> mif % NIFBITS & 1) != 0;
}

/* As on Linux, mifs that are not there are left out, and each wants a hop limit above 1. */
static int add_mfc(struct sock *s, const struct mf6cctl *c)
{
	struct ip6 *ip6 = s->of->ip6;
	struct mroute_route r = { .src = addr_of_in6(&c->mf6cc_origin.sin6_addr),
				  .group = addr_of_in6(&c->mf6cc_mcastgrp.sin6_addr),
				  .iif = (uint8_t)c->mf6cc_parent,
				  .is_static = s->of->mroute != s };

	if (c->mf6cc_parent >= MRT6_MIFS)
		return -ENFILE;
	for (unsigned i = 0; i < MRT6_MIFS; i++) {
		if (!has_oif(c, i) || mif_of(ip6, i) == NULL)
			continue;
		r.oifs |= UINT64_C(1) << i;
		r.threshold[i] = 1;
	}
	return mroute_add(ip6, &r);
}

static int del_mfc(struct sock *s, const struct mf6cctl *c, bool of_parent)
{
	struct ip6_addr src = addr_of_in6(&c->mf6cc_origin.sin6_addr);
	struct ip6_addr group = addr_of_in6(&c->mf6cc_mcastgrp.sin6_addr);
	const struct mfc *e = mroute_get(s->of->ip6, &src, &group);

	if (e == NULL || (of_parent && e->r.iif != c->mf6cc_parent))
		return -ENOENT;
	return mroute_del(s->of->ip6, &src, &group);
}

static int set_mfc(struct sock *s, int name, const void *val, socklen_t len)
{
	struct mf6cctl c;
	int rc = take(&c, sizeof(c), val, len);

	if (rc < 0)
		return rc;
	if (name == MRT6_DEL_MFC || name == MRT6_DEL_MFC_PROXY)
		return del_mfc(s, &c, name == MRT6_DEL_MFC_PROXY);
	return add_mfc(s, &c);
}

static bool goes(bool is_static, int flags, int flag, int flag_static)
{
	return (flags & (is_static ? flag_static : flag)) != 0;
}

static int flush(struct sock *s, int flags)
{
	struct ip6 *ip6 = s->of->ip6;
	const struct mfc *e, *next;

	for (unsigned i = 0; i < MRT6_MIFS; i++) {
		const struct mroute_mif *m = mif_of(ip6, i);

		if (m != NULL && goes(m->is_static, flags, MRT6_FLUSH_MIFS, MRT6_FLUSH_MIFS_STATIC))
			(void)mroute_mif_del(ip6, i);
	}
	for (e = mroute_iter(ip6, NULL); e != NULL; e = next) {
		next = mroute_iter(ip6, e);
		if (goes(e->r.is_static, flags, MRT6_FLUSH_MFC, MRT6_FLUSH_MFC_STATIC))
			(void)mroute_del(ip6, &e->r.src, &e->r.group);
	}
	return 0;
}

/*
 * Options.
 */

static bool is_router(const struct sock *s)
{
	return s->kind == &raw_kind && s->protocol == IP6_NH_ICMP6;
}

/* Those that are a number, of exactly its length. */
static int set_int(struct sock *s, int name, const void *val, socklen_t len)
{
	int v;

	if (len != sizeof(v))
		return -EINVAL;
	memcpy(&v, val, sizeof(v));
	switch (name) {
	case MRT6_FLUSH:
		return flush(s, v);
	case MRT6_ASSERT:
		s->of->mroute_assert = v != 0;
		return 0;
	case MRT6_PIM: /* PIM wants to be told of wrong interfaces, too */
		if (s->of->mroute_pim != (v != 0))
			s->of->mroute_assert = v != 0;
		s->of->mroute_pim = v != 0;
		return 0;
	default: /* MRT6_TABLE */
		if ((unsigned)v > TABLE_MAX)
			return -EINVAL;
		if (s->of->mroute == s)
			return -EBUSY;
		return v == TABLE ? 0 : -ENOPROTOOPT;
	}
}

int mrt6_setsockopt(struct sock *s, int name, const void *val, socklen_t len)
{
	if (!is_router(s))
		return -EOPNOTSUPP;
	switch (name) {
	case MRT6_INIT:
		return len < sizeof(int) ? -EINVAL : init(s);
	case MRT6_DONE:
		return mrt6_done(s);
	case MRT6_ADD_MIF:
		return add_mif(s, val, len);
	case MRT6_DEL_MIF:
		return del_mif(s, val, len);
	case MRT6_ADD_MFC:
	case MRT6_DEL_MFC:
	case MRT6_ADD_MFC_PROXY:
	case MRT6_DEL_MFC_PROXY:
		return set_mfc(s, name, val, len);
	case MRT6_FLUSH:
	case MRT6_ASSERT:
	case MRT6_PIM:
	case MRT6_TABLE:
		return set_int(s, name, val, len);
	default: /* MRT6_VERSION */
		return -ENOPROTOOPT;
	}
}

int mrt6_getsockopt(struct sock *s, int name, void *val, socklen_t *len)
{
	if (!is_router(s))
		return -EOPNOTSUPP;
	switch (name) {
	case MRT6_VERSION:
		return opt_put_int(val, len, VERSION);
	case MRT6_PIM:
		return opt_put_int(val, len, s->of->mroute_pim);
	case MRT6_ASSERT:
		return opt_put_int(val, len, s->of->mroute_assert);
	default:
		return -ENOPROTOOPT;
	}
}

/*
 * Counters.
 */

size_t mrt6_ioctl_octets(uint32_t cmd)
{
	switch (cmd) {
	case SIOCGETMIFCNT_IN6:
		return sizeof(struct sioc_mif_req6);
	case SIOCGETSGCNT_IN6:
		return sizeof(struct sioc_sg_req6);
	default:
		return 0;
	}
}

static int count_mif(const struct ip6 *ip6, void *arg)
{
	const struct mroute_mif *m;
	struct sioc_mif_req6 req;
	unsigned end = MRT6_MIFS;

	memcpy(&req, arg, sizeof(req));
	while (end > 0 && mif_of(ip6, end - 1) == NULL)
		end--;
	if (req.mifi >= end)
		return -EINVAL;
	m = mif_of(ip6, req.mifi);
	if (m == NULL)
		return -EADDRNOTAVAIL;
	req.icount = m->in_pkts;
	req.ocount = m->out_pkts;
	req.ibytes = m->in_octets;
	req.obytes = m->out_octets;
	memcpy(arg, &req, sizeof(req));
	return 0;
}

static int count_route(const struct ip6 *ip6, void *arg)
{
	struct sioc_sg_req6 req;
	struct ip6_addr src, group;
	const struct mfc *e;

	memcpy(&req, arg, sizeof(req));
	src = addr_of_in6(&req.src.sin6_addr);
	group = addr_of_in6(&req.grp.sin6_addr);
	e = mroute_get(ip6, &src, &group);
	if (e == NULL)
		return -EADDRNOTAVAIL;
	req.pktcnt = e->pkts;
	req.bytecnt = e->octets;
	req.wrong_if = e->wrong_if;
	memcpy(arg, &req, sizeof(req));
	return 0;
}

int mrt6_ioctl(const struct socks *socks, uint32_t cmd, void *arg)
{
	ASSERT(mrt6_ioctl_octets(cmd) != 0);
	return cmd == SIOCGETMIFCNT_IN6 ? count_mif(socks->ip6, arg) : count_route(socks->ip6, arg);
}

/*
 * Upcalls.
 */

/* Wrong interfaces are for who asked: of a route's oifs, or, where PIM switches trees, of any. */
static bool is_wanted(const struct socks *socks, const struct mroute_upcall *u)
{
	const struct mfc *e;

	if (u->type != MROUTE_WRONGMIF)
		return true;
	if (!socks->mroute_assert || socks->mroute_pim)
		return socks->mroute_assert;
	e = mroute_get(socks->ip6, &u->src, &u->group);
	if (e == NULL)
		e = mroute_get(socks->ip6, &IP6_UNSPEC, &u->group);
	return e != NULL && (e->r.oifs >> u->mif & 1) != 0;
}

/* Where the packet's ICMPv6 message would be; its addresses stay, for recvmsg(). */
static void tell(struct socks *socks, const struct mroute_upcall *u)
{
	struct env *env = socks->ip6->env;
	const struct mroute_mif *m = mif_of(socks->ip6, u->mif);
	struct pkt *pkt = pkt_new(env->pool, IP6_HDR_OCTETS + MSG_OCTETS);
	uint16_t mif = u->mif;
	uint8_t *p;

	if (pkt == NULL || m == NULL) {
		pkt_free(pkt);
		env_count_drop(env, 0, DROP_NO_BUFFER);
		return;
	}
	p = pkt_put(pkt, IP6_HDR_OCTETS + MSG_OCTETS);
	memset(p, 0, IP6_HDR_OCTETS + MSG_OCTETS);
	ip6_put_header(p, 0, 0, MSG_OCTETS, IP6_NH_ICMP6, UINT8_MAX, &u->src, &u->group);
	p += IP6_HDR_OCTETS;
	p[MSG_TYPE_OFF] = u->type;
	memcpy(p + MSG_MIF_OFF, &mif, sizeof(mif));
	memcpy(p + MSG_SRC_OFF, u->src.b, sizeof(u->src.b));
	memcpy(p + MSG_DST_OFF, u->group.b, sizeof(u->group.b));
	pkt->proto = IP6_NH_ICMP6;
	pkt->l4_off = IP6_HDR_OCTETS;
	pkt->ifindex = m->ifindex;
	sock_queue(socks->mroute, pkt);
}

void mrt6_run(struct socks *socks)
{
	struct mroute_upcall u;

	while (socks->mroute != NULL && mroute_upcall(socks->ip6, &u))
		if (is_wanted(socks, &u))
			tell(socks, &u);
}
