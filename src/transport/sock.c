/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. A socket is made of a kind (udp.c, raw.c, icmp.c: what differs between protocols)
 * and of what all share: addresses (here), the table of ports (sock_table.c), the queues towards the program
 * (sock_in.c, sock_error.c), the way of a packet out (sock_out.c), options (opt.c, opt_ip6.c, mcast.c) and
 * ancillary data (cmsg.c). What arrives stays in its packet buffer until it is read: all ancillary data is
 * made from the packet then, and only if it is wanted.
 *
 * Nothing here calls a program. Who is to be told goes onto a list, which socks_run() works off at the end
 * of the node's step; so an owner may do anything there, and no loop of ours has a socket vanish under it.
 *
 * Memory is bounded thrice: sockets, octets of buffers in the queues of one (SO_RCVBUF), and of all.
 *
 * Read RFC 3493 sections 3 to 5, RFC 3542 sections 3 to 11. Where these are silent, or Linux differs, it is
 * as Linux does it: doc/sockets.md.
 */
#include "transport/sock.h"

#include <stdlib.h>

#include "transport/mcast.h"
#include "transport/opt.h"
#include "transport/part.h"

static const struct sock_kind *const kinds[] = { &tcp_kind, &udp_kind, &icmp_kind, &icmp4_kind,
						 &raw_kind };

void socks_init(struct socks *socks, struct ip6 *ip6, struct mld *mld, struct nd *nd,
		struct tcp_stack *tcp)
{
	*socks = (struct socks){ .ip6 = ip6,
				 .mld = mld,
				 .nd = nd,
				 .tcp = tcp,
				 .conf = { .max = SOCKS_MAX,
					   .queued_max = SOCKS_QUEUED_MAX,
					   .port_first = SOCK_PORT_FIRST,
					   .port_last = SOCK_PORT_LAST,
					   .backlog_max = SOCK_BACKLOG_MAX,
					   .rcvbuf = SOCK_BUF_DEFAULT,
					   .sndbuf = SOCK_BUF_DEFAULT,
					   .rcvbuf_max = SOCK_BUF_MAX,
					   .sndbuf_max = SOCK_BUF_MAX } };
	list_init(&socks->all);
	list_init(&socks->ready);
}

void socks_done(struct socks *socks)
{
	LIST_FOR_EACH(it, &socks->all)
		sock_close(LIST_ENTRY(it, struct sock, on));
	opt_release(socks->opt);
	ASSERT(socks->n == 0 && socks->queued == 0 && socks->ports.n == 0);
	htab_done(&socks->ports);
}

void socks_if_gone(struct socks *socks, uint32_t ifindex)
{
	LIST_FOR_EACH(it, &socks->all)
		mcast_done(LIST_ENTRY(it, struct sock, on), ifindex);
}

void socks_run(struct socks *socks)
{
	while (!list_is_empty(&socks->ready)) {
		struct sock *s = LIST_ENTRY(socks->ready.next, struct sock, on_ready);

		list_del(&s->on_ready);
		s->ready(s->ctx, s);
	}
}

void sock_wake(struct sock *s)
{
	if (s->ready != NULL && !list_is_on(&s->on_ready))
		list_add_tail(&s->of->ready, &s->on_ready);
}

void sock_on_ready(struct sock *s, sock_ready_fn *fn, void *ctx)
{
	s->ready = fn;
	s->ctx = ctx;
	if (list_is_on(&s->on_ready))
		list_del(&s->on_ready);
	if ((sock_poll(s) & (POLLIN | POLLERR)) != 0)
		sock_wake(s);
}

/*
 * Life.
 */
static int kind_find(int family, int type, int protocol, const struct sock_kind **ret)
{
	int rc = -ESOCKTNOSUPPORT;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct sock_kind *k = kinds[i];

		if (k->type != type || (k->family != 0 && k->family != family))
			continue;
		rc = -EPROTONOSUPPORT;
		/* the first of a type stands for protocol 0; a kind of any protocol wants one */
		if (k->protocol == 0 ? protocol != 0 : protocol == 0 || protocol == k->protocol) {
			*ret = k;
			return 0;
		}
	}
	return rc;
}

int sock_open(struct socks *socks, int family, int type, int protocol, struct sock **ret)
{
	const struct sock_kind *kind = NULL;
	struct sock *s;
	int rc;

	if (family != AF_INET6 && family != AF_INET)
		return -EAFNOSUPPORT;
	type &= ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (type < 0 || type > SOCK_PACKET || protocol < 0 || protocol > UINT8_MAX)
		return -EINVAL;
	rc = kind_find(family, type, protocol, &kind);
	if (rc < 0)
		return rc;
	if (type == SOCK_STREAM && socks->tcp == NULL)
		return -EPROTONOSUPPORT;
	if (socks->n >= socks->conf.max)
		return -ENFILE;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	s->opt = opt_share(socks);
	if (s->opt == NULL) {
		free(s);
		return -ENOMEM;
	}
	s->of = socks;
	s->kind = kind;
	s->family = family;
	s->addr = sock_any(s);
	s->protocol = kind->protocol != 0 ? kind->protocol : protocol;
	list_init(&s->on_ready);
	rc = kind->open != NULL ? kind->open(s) : 0;
	if (rc < 0) {
		opt_release(s->opt);
		free(s);
		return rc;
	}
	sock_judge(s);
	list_add_tail(&socks->all, &s->on);
	socks->n++;
	*ret = s;
	return 0;
}

struct sock_more *sock_more(struct sock *s)
{
	if (s->more != NULL)
		return s->more;
	s->more = calloc(1, sizeof(*s->more));
	if (s->more == NULL)
		return NULL;
	list_init(&s->more->groups);
	list_init(&s->more->anycasts);
	return s->more;
}

static bool is_plain_out(const struct sock *s)
{
	const struct sock_opts *o = s->opt;

	if (s->kind != &udp_kind || !s->connected || s->port == 0 || s->device != 0 ||
	    s->shut != 0 || s->peer_flow != 0 || ip6_is_mcast(&s->peer) ||
	    ip6_is_v4mapped(&s->peer) || ip6_is_mcast(&s->addr) || ip6_is_unspec(&s->addr))
		return false;
	for (unsigned i = 0; i < SOCK_HDRS; i++)
		if (o->hdr[i].octets != 0)
			return false;
	return o->gso == 0 && !o->autoflowlabel && !o->flowinfo_send && o->unicast_if == 0 &&
	       o->pktinfo.ipi6_ifindex == 0 && IN6_IS_ADDR_UNSPECIFIED(&o->pktinfo.ipi6_addr);
}

static bool is_plain_in(const struct sock *s)
{
	const struct sock_opts *o = s->opt;

	return !o->timestamp && !o->timestampns && !o->oldpktinfo && !o->oldhoplimit &&
	       !o->recvpktinfo && !o->recvhoplimit && !o->recvtclass && !o->recvrthdr &&
	       !o->recvhopopts && !o->recvdstopts && !o->recvpathmtu && !o->flowinfo &&
	       !o->recvorigdst && !o->recvfragsize && !o->gro && o->min_hops == 0 &&
	       !o->ip4.recvpktinfo && !o->ip4.recvttl && !o->ip4.recvtos && o->ip4.min_ttl == 0 &&
	       (s->more == NULL || s->more->filter == NULL);
}

void sock_judge(struct sock *s)
{
	s->plain = (uint8_t)((is_plain_out(s) ? SOCK_PLAIN_OUT : 0) |
			     (is_plain_in(s) ? SOCK_PLAIN_IN : 0));
}

void sock_close(struct sock *s)
{
	if (s == NULL)
		return;
	if (s->kind->done != NULL)
		s->kind->done(s);
	mcast_done(s, 0);
	sock_port_drop(s);
	sock_purge(s, &s->rx);
	sock_purge_errors(s);
	if (s->more != NULL)
		bpf_free(s->more->filter);
	free(s->more);
	opt_release(s->opt);
	list_del(&s->on_ready);
	list_del(&s->on);
	s->of->n--;
	free(s);
}

/*
 * Addresses.
 */
struct sockaddr_in6 sin6_of(const struct ip6_addr *addr, uint16_t port, uint32_t zone)
{
	struct sockaddr_in6 ret = { .sin6_family = AF_INET6,
				    .sin6_addr = in6_of_addr(addr),
				    .sin6_scope_id = needs_zone(addr) ? zone : 0 };

	put_be16((uint8_t *)&ret.sin6_port, port);
	return ret;
}

struct sockaddr_in6 sin6_take(const void *addr, socklen_t len)
{
	struct sockaddr_in6 ret = { 0 };

	memcpy(&ret, addr, MIN(len, sizeof(ret)));
	return ret;
}

/* RFC 4007 section 6: an address of a link names it, or the socket did before. */
static int bind_zone(const struct sock *s, const struct ip6_addr *addr, uint32_t zone,
		     uint32_t *device)
{
	if (!needs_zone(addr))
		return 0;
	if (zone != 0)
		*device = zone;
	if (*device == 0)
		return -EINVAL;
	return ip6_if(s->of->ip6, *device) != NULL ? 0 : -ENODEV;
}

/* As Linux: no anycast address, none on trial. */
static bool may_bind(const struct sock *s, const struct ip6_addr *addr, uint32_t device)
{
	const struct if_addr *a;

	if (ip6_is_v4mapped(addr))
		return sock_may_bind4(s, addr);
	if (ip6_is_mcast(addr) || s->opt->freebind || s->opt->transparent ||
	    s->of->conf.nonlocal_bind)
		return true;
	a = ip6_local(s->of->ip6, addr, device);
	return a != NULL && if_addr_is_assigned(a) && a->origin != ADDR_ANYCAST &&
	       (device == 0 || a->ifc->loopback || if_index(a->ifc) == device);
}

/* As Linux: AF_UNSPEC is taken for the wildcard. */
static int bind_name4(const void *addr, socklen_t len, struct sockaddr_in6 *ret)
{
	static const uint8_t none[4];
	struct ip6_addr any = MAPPED_ANY;
	int rc = len < sizeof(struct sockaddr_in) ? -EINVAL : sin_to_sin6(addr, len, ret);

	if (rc < 0 || ret->sin6_family != AF_UNSPEC)
		return rc;
	if (memcmp((const uint8_t *)addr + 4, none, sizeof(none)) != 0)
		return -EAFNOSUPPORT;
	*ret = sin6_of(&any, 0, 0);
	memcpy(&ret->sin6_port, (const uint8_t *)addr + 2, sizeof(ret->sin6_port));
	return 0;
}

static int bind_to(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_in6 sin6;
	struct ip6_addr want;
	uint32_t device = s->device, before = s->device;
	int rc;

	if (s->family == AF_INET) {
		rc = bind_name4(addr, len, &sin6);
		if (rc < 0)
			return rc;
	} else if (len < SIN6_LEN_MIN) {
		return -EINVAL;
	} else {
		sin6 = sin6_take(addr, len);
		if (sin6.sin6_family != AF_INET6)
			return -EAFNOSUPPORT;
	}
	if (s->port != 0 || s->connected || s->addr_given)
		return -EINVAL;
	want = addr_of_in6(&sin6.sin6_addr);
	if (ip6_is_v4mapped(&want) && s->opt->v6only)
		return -EINVAL;
	if (!addr_is_any(&want)) {
		rc = bind_zone(s, &want, sin6.sin6_scope_id, &device);
		if (rc < 0)
			return rc;
		if (!may_bind(s, &want, device))
			return -EADDRNOTAVAIL;
	}
	s->addr = want;
	s->device = device;
	if (s->kind->has_ports) {
		uint16_t port = get_be16((const uint8_t *)&sin6.sin6_port);

		rc = sock_port_take(s, port);
		if (rc < 0) {
			s->addr = sock_any(s);
			s->device = before;
			return rc == -EAGAIN ? -EADDRINUSE : rc;
		}
		s->port_given = port != 0;
	}
	s->addr_given = !addr_is_any(&want);
	return 0;
}

int sock_bind(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
	int rc = bind_to(s, addr, len);

	sock_judge(s);
	return rc;
}

int sock_connect(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_in6 sin6;
	int rc;

	if (s->kind->connect == NULL)
		return -EOPNOTSUPP;
	if (s->family == AF_INET) {
		rc = sin_to_sin6(addr, len, &sin6);
		if (rc < 0)
			return rc;
		addr = (const struct sockaddr *)&sin6;
		len = sizeof(sin6);
	}
	rc = s->kind->connect(s, addr, len);
	sock_judge(s);
	return rc;
}

int sock_listen(struct sock *s, int backlog)
{
	return s->kind->listen != NULL ? s->kind->listen(s, backlog) : -EOPNOTSUPP;
}

int sock_accept(struct sock *s, struct sock **ret)
{
	return s->kind->accept != NULL ? s->kind->accept(s, ret) : -EOPNOTSUPP;
}

/* Not to be inlined, nor is its like in udp.c: what is rare would cost the others a frame on the stack. */
static __attribute__((noinline)) ssize_t sendmsg4(struct sock *s, const struct msghdr *msg,
						  int flags)
{
	struct sockaddr_in6 sin6;
	struct msghdr m = *msg;
	int rc;

	rc = sin_to_sin6(msg->msg_name, msg->msg_namelen, &sin6);
	if (rc < 0)
		return rc;
	m.msg_name = &sin6;
	m.msg_namelen = sizeof(sin6);
	return s->kind->sendmsg(s, &m, flags);
}

ssize_t sock_sendmsg(struct sock *s, const struct msghdr *msg, int flags)
{
	if (s->family == AF_INET && msg->msg_name != NULL && msg->msg_namelen != 0)
		return sendmsg4(s, msg, flags);
	return s->kind->sendmsg(s, msg, flags);
}

ssize_t sock_recvmsg(struct sock *s, struct msghdr *msg, int flags)
{
	return s->kind->recvmsg(s, msg, flags);
}

int sock_shutdown(struct sock *s, int how)
{
	int rc;

	if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
		return -EINVAL;
	rc = s->kind->shutdown(s, how);
	sock_judge(s);
	return rc;
}

unsigned sock_poll(const struct sock *s)
{
	return s->kind->poll(s);
}

static int name_put(const struct sock *s, struct sockaddr *addr, socklen_t *len,
		    const struct sockaddr_in6 *sin6)
{
	if ((int)*len < 0)
		return -EINVAL;
	*len = sock_name_put(s, addr, *len, sin6);
	return 0;
}

int sock_getsockname(const struct sock *s, struct sockaddr *addr, socklen_t *len)
{
	uint16_t port = s->kind->has_ports ? s->port : (uint16_t)s->protocol;
	struct sockaddr_in6 sin6 = sin6_of(&s->addr, port, s->device);
	int rc = s->kind->name != NULL ? s->kind->name(s, false, &sin6) : 0;

	return rc < 0 ? rc : name_put(s, addr, len, &sin6);
}

int sock_getpeername(const struct sock *s, struct sockaddr *addr, socklen_t *len)
{
	struct sockaddr_in6 sin6 = sin6_of(&s->peer, s->peer_port, s->device);
	int rc;

	if (s->kind->name != NULL) {
		rc = s->kind->name(s, true, &sin6);
		return rc < 0 ? rc : name_put(s, addr, len, &sin6);
	}
	if (!s->connected || s->peer_port == 0) /* a peer without a port is none to Linux */
		return -ENOTCONN;
	if (s->opt->flowinfo_send)
		put_be32((uint8_t *)&sin6.sin6_flowinfo, s->peer_flow);
	return name_put(s, addr, len, &sin6);
}
