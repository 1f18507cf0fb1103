/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. A socket with a port is in a hash by protocol and port; addresses are compared in
 * the chain. Who may share a port, and who of them gets a packet, is as on Linux:
 *
 * Two sockets are in each other's way if their ports are the same, their devices are not different, and
 * their addresses are the same or one of them is any. Then both must have SO_REUSEADDR, or both
 * SO_REUSEPORT. Any of IPv4 is 0.0.0.0, mapped; the wildcard :: of a socket without IPV6_V6ONLY stands for
 * all of IPv4, too (RFC 3493 section 5.3).
 *
 * A packet to one node goes to the socket that says most about it: an address, a peer, a device of its own
 * is a point each; then a socket of AF_INET says more than one of AF_INET6. Among equals the one that was bound last wins; those that share by SO_REUSEPORT take
 * turns by a keyed hash of the flow, so that a flow stays with its socket while the group is the same. A
 * packet to a group goes to all that fit.
 */
#include "transport/part.h"

static uint32_t port_hash(int protocol, uint16_t port)
{
	return (uint32_t)protocol << 16 ^ (uint32_t)port * 0x9e3779b1u;
}

static struct sock *sock_of(struct hnode *n, int protocol, uint16_t port)
{
	for (; n != NULL; n = htab_next(n)) {
		struct sock *s = CONTAINER_OF(n, struct sock, node);

		if (s->port == port && s->protocol == protocol)
			return s;
	}
	return NULL;
}

struct sock *sock_port_first(const struct socks *socks, int protocol, uint16_t port)
{
	return sock_of(htab_first(&socks->ports, port_hash(protocol, port)), protocol, port);
}

struct sock *sock_port_next(struct sock *s)
{
	return sock_of(htab_next(&s->node), s->protocol, s->port);
}

/* Does @s, bound to a wildcard, stand for @addr, be that one, too? */
static bool any_covers(const struct sock *s, const struct ip6_addr *addr, bool v6only)
{
	if (ip6_is_v4mapped(&s->addr))
		return ip6_is_v4mapped(addr) || (ip6_is_unspec(addr) && !v6only);
	return !ip6_is_v4mapped(addr) || !s->opt->v6only;
}

static bool addrs_meet(const struct sock *a, const struct sock *b)
{
	if (addr_is_any(&a->addr))
		return any_covers(a, &b->addr, b->opt->v6only);
	if (addr_is_any(&b->addr))
		return any_covers(b, &a->addr, a->opt->v6only);
	return ip6_eq(&a->addr, &b->addr);
}

static bool in_the_way(const struct sock *a, const struct sock *b)
{
	if (a->device != 0 && b->device != 0 && a->device != b->device)
		return false;
	if ((a->opt->reuseaddr && b->opt->reuseaddr) || (a->opt->reuseport && b->opt->reuseport))
		return false;
	return addrs_meet(a, b);
}

static bool port_is_free(const struct sock *s, uint16_t port)
{
	for (struct sock *o = sock_port_first(s->of, s->protocol, port); o != NULL;
	     o = sock_port_next(o))
		if (o != s && in_the_way(s, o))
			return false;
	return true;
}

/* RFC 6056 section 3.3.2: a random one, and from there the next that is nobody's. */
static uint16_t port_any(struct sock *s)
{
	uint16_t first = s->of->conf.port_first;
	uint32_t n = s->of->conf.port_last - first + 1u;
	uint32_t at = (uint32_t)rng_below(&sock_env(s)->rng, n);

	for (uint32_t i = 0; i < n; i++) {
		uint16_t port = (uint16_t)(first + (at + i) % n);

		if (sock_port_first(s->of, s->protocol, port) == NULL)
			return port;
	}
	return 0;
}

int sock_port_take(struct sock *s, uint16_t port)
{
	int rc;

	ASSERT(s->port == 0);
	if (port == 0) {
		port = port_any(s);
		if (port == 0)
			return -EAGAIN;
	} else if (!port_is_free(s, port)) {
		return -EADDRINUSE;
	}
	rc = htab_add(&s->of->ports, &s->node, port_hash(s->protocol, port));
	if (rc < 0)
		return rc;
	s->port = port;
	s->serial = ++s->of->serial;
	return 0;
}

void sock_port_drop(struct sock *s)
{
	if (s->port == 0)
		return;
	htab_del(&s->of->ports, &s->node);
	s->port = 0;
}

/* Raw sockets and those of ICMP are of one family. */
static bool is_deaf(const struct sock *s, const struct ip6_addr *addr)
{
	return s->kind->hdr_octets == 0 && ip6_is_v4mapped(addr) != (s->family == AF_INET);
}

int sock_fits(const struct sock *s, const struct sock_flow *f)
{
	int score = 0;

	if (ip6_eq(&s->addr, &f->local))
		score++;
	else if (!addr_is_any(&s->addr) || !any_covers(s, &f->local, false) ||
		 is_deaf(s, &f->local))
		return -1;
	if (s->connected) {
		if (!ip6_eq(&s->peer, &f->remote) ||
		    (s->kind->hdr_octets != 0 && s->peer_port != 0 && s->peer_port != f->rport))
			return -1;
		score += 2;
	}
	if (s->device != 0) {
		if (s->device != f->ifindex)
			return -1;
		score++;
	}
	return score * 2 + (s->family == AF_INET);
}

static bool shares_with(const struct sock *s, const struct sock *best)
{
	return s->opt->reuseport && !s->connected && s->device == best->device &&
	       ip6_eq(&s->addr, &best->addr);
}

/* The one of @best's group whose turn it is: the nth by age, so that the order of the table is nothing. */
static struct sock *share(const struct socks *socks, const struct sock_flow *f, struct sock *best)
{
	uint64_t ports = (uint64_t)f->lport << 16 | f->rport, n = 0, at;
	struct sock *ret = best;

	for (struct sock *s = best; s != NULL; s = sock_port_next(s))
		n += shares_with(s, best);
	at = (hash_addr(&socks->ip6->env->key, &f->remote, ports) * n) >> 32;
	for (struct sock *s = best; s != NULL; s = sock_port_next(s))
		if (shares_with(s, best) && at-- == 0)
			ret = s;
	return ret;
}

static struct sock *best_of(const struct socks *socks, const struct sock_flow *f,
			    struct sock *first)
{
	struct sock *best = NULL;
	int most = -1;

	for (struct sock *s = first; s != NULL; s = sock_port_next(s)) {
		int score = sock_fits(s, f);

		if (score < 0 || score < most)
			continue;
		/* the first of a sharing group in the table stands for it */
		if (score == most &&
		    (best->opt->reuseport ? shares_with(s, best) || s->serial < best->serial
					  : s->serial < best->serial))
			continue;
		best = s;
		most = score;
	}
	if (best != NULL && best->opt->reuseport && !best->connected)
		best = share(socks, f, best);
	return best;
}

struct sock *sock_find(const struct socks *socks, const struct sock_flow *f)
{
	struct sock *s = sock_port_first(socks, f->protocol, f->lport);

	if (UNLIKELY(s == NULL))
		return NULL;
	if (UNLIKELY(sock_port_next(s) != NULL))
		return best_of(socks, f, s);
	return sock_fits(s, f) >= 0 ? s : NULL;
}
