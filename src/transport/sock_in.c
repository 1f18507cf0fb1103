/* SPDX-License-Identifier: BSD-3-Clause */
/* What waits for a program, and how it is read. */
#include <net/if_arp.h>

#include "base/bpf.h"
#include "transport/cmsg.h"

void sock_purge(struct sock *s, struct pktq *q)
{
	struct pkt *pkt;

	while ((pkt = pktq_get(q)) != NULL) {
		s->queued -= pkt->size;
		s->of->queued -= pkt->size;
		pkt_free(pkt);
	}
}

void sock_purge_errors(struct sock *s)
{
	if (s->more != NULL)
		sock_purge(s, &s->more->errors);
}

/* RFC 5082: nobody from further away. */
static bool too_far(const struct sock *s, const struct pkt *pkt)
{
	struct ip6_addr dst = ip6_hdr_dst(pkt->p);

	return pkt->p[IP6_HLIM_OFF] <
	       (ip6_is_v4mapped(&dst) ? s->opt->ip4.min_ttl : s->opt->min_hops);
}

/* As on Linux the program begins at the upper-layer header, and may cut what is behind it. */
static bool filter_refuses(const struct sock *s, struct pkt *pkt)
{
	struct bpf_input in = { .p = pkt->p,
				.octets = pkt->len,
				.data = pkt->l4_off,
				.whole = pkt->len - pkt->l4_off,
				.ifindex = pkt->ifindex,
				.protocol = ETH_TYPE_IP6,
				.hatype = ARPHRD_ETHER };
	uint32_t n = bpf_run(s->more->filter, &in);

	if (n != 0 && n < in.whole)
		pkt_trim(pkt, pkt->l4_off + MAX(n, (uint32_t)s->kind->hdr_octets));
	return n == 0;
}

static enum drop refuses(const struct sock *s, struct pkt *pkt)
{
	if (too_far(s, pkt))
		return DROP_SOCK_HOPS;
	return s->more != NULL && s->more->filter != NULL && filter_refuses(s, pkt)
		       ? DROP_SOCK_FILTER
		       : DROP_NONE;
}

void sock_queue(struct sock *s, struct pkt *pkt)
{
	struct socks *socks = s->of;

	if (UNLIKELY(s->queued + pkt->size > (uint32_t)s->opt->rcvbuf ||
		     socks->queued + pkt->size > socks->conf.queued_max)) {
		env_drop(sock_env(s), pkt, DROP_SOCK_FULL);
		return;
	}
	if (UNLIKELY((s->plain & SOCK_PLAIN_IN) == 0)) {
		enum drop why = refuses(s, pkt);

		if (why != DROP_NONE) {
			env_drop(sock_env(s), pkt, why);
			return;
		}
	}
	s->queued += pkt->size;
	socks->queued += pkt->size;
	pkt->when = sock_env(s)->now;
	pktq_put(&s->rx, pkt);
	sock_wake(s);
}

size_t msg_copy_out(struct msghdr *msg, const uint8_t *p, size_t n)
{
	size_t done = 0;

	for (size_t i = 0; i < msg->msg_iovlen && done < n; i++) {
		size_t k = MIN(msg->msg_iov[i].iov_len, n - done);

		if (k != 0)
			memcpy(msg->msg_iov[i].iov_base, p + done, k);
		done += k;
	}
	if (done < n)
		msg->msg_flags |= MSG_TRUNC;
	return done;
}

void msg_name_out(const struct sock *s, struct msghdr *msg, socklen_t room,
		  const struct sockaddr_in6 *sin6)
{
	if (msg->msg_name != NULL)
		msg->msg_namelen = sock_name_put(s, msg->msg_name, room, sin6);
}

static bool has_path_mtu(const struct sock *s)
{
	return s->opt->recvpathmtu && s->more != NULL && s->more->path_mtu.ip6m_mtu != 0;
}

/* RFC 3542 section 11.3: an empty message whose ancillary data is the news. */
static ssize_t path_mtu_read(struct sock *s, struct msghdr *msg, socklen_t room)
{
	struct ip6_mtuinfo *info = &s->more->path_mtu;
	struct cmsg_out c = cmsg_begin(msg);

	msg_name_out(s, msg, room, &info->ip6m_addr);
	cmsg_put(&c, IPPROTO_IPV6, IPV6_PATHMTU, info, sizeof(*info));
	cmsg_end(msg, &c);
	info->ip6m_mtu = 0;
	return 0;
}

static void name_of(const struct sock *s, const struct pkt *pkt, struct msghdr *msg, socklen_t room)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p);
	uint16_t port = s->kind->hdr_octets != 0 ? get_be16(pkt->p + pkt->l4_off) : 0;
	struct sockaddr_in6 sin6 = sin6_of(&src, port, pkt->ifindex);

	msg_name_out(s, msg, room, &sin6);
}

static void forget(struct sock *s)
{
	struct pkt *pkt = pktq_get(&s->rx);

	s->queued -= pkt->size;
	s->of->queued -= pkt->size;
	pkt_free(pkt);
}

/* Are both of one flow, from one end to the other, and the second no larger? */
static bool follows(const struct pkt *a, const struct pkt *b)
{
	return a->l4_off == b->l4_off && a->ifindex == b->ifindex && b->len <= a->len &&
	       memcmp(a->p, b->p, IP6_PLEN_OFF) == 0 && a->p[IP6_HLIM_OFF] == b->p[IP6_HLIM_OFF] &&
	       memcmp(a->p + IP6_SRC_OFF, b->p + IP6_SRC_OFF, 2 * IP6_ADDR_OCTETS) == 0 &&
	       memcmp(a->p + a->l4_off, b->p + b->l4_off, 4) == 0;
}

static size_t room_of(const struct msghdr *msg)
{
	size_t ret = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++)
		ret += MIN(msg->msg_iov[i].iov_len, (size_t)IP6_PLEN_MAX - ret);
	return ret;
}

static void copy_at(struct msghdr *msg, size_t at, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < msg->msg_iovlen && n > 0; i++) {
		size_t len = msg->msg_iov[i].iov_len, from = MIN(at, len), k = MIN(len - from, n);

		if (k != 0)
			memcpy((uint8_t *)msg->msg_iov[i].iov_base + from, p, k);
		at -= from;
		p += k;
		n -= k;
	}
}

/*
 * UDP_GRO: datagrams that wait behind the first one, of its flow and its length, and a last one that may
 * be shorter, are read as one; the length of each is ancillary data. Of the last one the rest is told.
 */
static size_t join(struct sock *s, struct msghdr *msg, struct cmsg_out *c)
{
	size_t off = (size_t)s->rx.head->l4_off + s->kind->hdr_octets, room = room_of(msg);
	size_t each = s->rx.head->len - off, done = each;
	int segment = (int)each;

	for (struct pkt *a = s->rx.head, *b = a->next; b != NULL && each > 0; b = a->next) {
		size_t n = b->len - off;

		if (!follows(a, b) || n == 0 || n > room - done)
			break;
		copy_at(msg, done, b->p + off, n);
		done += n;
		forget(s);
		a = b;
		if (n < each)
			break;
	}
	if (done > each)
		cmsg_put(c, IPPROTO_UDP, UDP_GRO, &segment, sizeof(segment));
	return done;
}

/* No ancillary data, no pending error: most are read so. */
static ssize_t recv_plain(struct sock *s, struct msghdr *msg)
{
	struct pkt *pkt = s->rx.head;
	uint32_t off = pkt->l4_off + (uint32_t)s->kind->hdr_octets;
	socklen_t room = msg->msg_namelen;
	size_t n = pkt->len - off;

	msg->msg_flags = 0;
	msg->msg_namelen = 0;
	msg->msg_controllen = 0;
	if (LIKELY(msg->msg_iovlen == 1 && n <= msg->msg_iov->iov_len && n != 0))
		memcpy(msg->msg_iov->iov_base, pkt->p + off, n);
	else
		n = msg_copy_out(msg, pkt->p + off, n);
	if (msg->msg_name != NULL)
		name_of(s, pkt, msg, room);
	forget(s);
	return (ssize_t)n;
}

#define UNUSUAL (MSG_OOB | MSG_ERRQUEUE | MSG_PEEK | MSG_TRUNC)

ssize_t dgram_recvmsg(struct sock *s, struct msghdr *msg, int flags)
{
	socklen_t room = msg->msg_name != NULL ? msg->msg_namelen : 0;
	struct cmsg_out c;
	struct pkt *pkt;
	size_t off, n, done;
	int rc;

	if (LIKELY((s->plain & SOCK_PLAIN_IN) != 0 && (flags & UNUSUAL) == 0 &&
		   s->rx.head != NULL && s->err == 0))
		return recv_plain(s, msg);
	msg->msg_flags = 0;
	msg->msg_namelen = 0;
	if ((flags & MSG_OOB) != 0)
		return -EOPNOTSUPP;
	if ((flags & MSG_ERRQUEUE) != 0)
		return sock_errqueue_read(s, msg);
	if (has_path_mtu(s))
		return path_mtu_read(s, msg, room);
	rc = sock_error_take(s);
	pkt = s->rx.head;
	if (rc == 0 && pkt == NULL)
		rc = -EAGAIN; /* also when it was shut: only who waits is told 0, and that is not here */
	if (rc < 0) {
		msg->msg_controllen = 0;
		return rc;
	}
	off = (size_t)pkt->l4_off + s->kind->hdr_octets;
	n = pkt->len - off;
	done = msg_copy_out(msg, pkt->p + off, n);
	if (msg->msg_name != NULL)
		name_of(s, pkt, msg, room);
	c = cmsg_begin(msg);
	if (UNLIKELY(s->opt->gro) && done == n && (flags & (MSG_PEEK | MSG_TRUNC)) == 0)
		done = n = join(s, msg, &c);
	cmsg_write(s, s->rx.head, &c);
	cmsg_end(msg, &c);
	if ((flags & MSG_PEEK) == 0)
		forget(s);
	return (ssize_t)((flags & MSG_TRUNC) != 0 ? n : done);
}

/* Nothing is held back on the way out: a datagram socket can always be written to. */
unsigned dgram_poll(const struct sock *s)
{
	unsigned mask = POLLOUT | POLLWRNORM | POLLWRBAND;

	if (s->err != 0 || (s->more != NULL && s->more->errors.n != 0))
		mask |= POLLERR;
	if ((s->shut & SOCK_SHUT_RD) != 0)
		mask |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (s->shut == (SOCK_SHUT_RD | SOCK_SHUT_WR))
		mask |= POLLHUP;
	if (s->rx.n != 0 || has_path_mtu(s))
		mask |= POLLIN | POLLRDNORM;
	return mask;
}
