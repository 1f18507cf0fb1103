/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Errors towards a program, as Linux tells them. An ICMPv6 error about a packet of a socket sets its
 * pending error (SO_ERROR, the next call) if the socket is connected and the error is a lasting one; with
 * IPV6_RECVERR, in any case, and the error with what it quotes goes into a queue of its own
 * (MSG_ERRQUEUE). RFC 1122 section 4.1.3.3: UDP MUST pass errors to the application.
 */
#include "ip4/hdr.h"
#include "transport/cmsg.h"

#define ERR_HDR_OCTETS 8 /* of the ICMPv6 error, before what it quotes */

/* Before the quoted data in a packet buffer of the error queue. */
struct note {
	struct sock_extended_err ee;
	struct sockaddr_in6 offender, dst;
	int hops; /* of the packet that told */
};

int sock_error_take(struct sock *s)
{
	int err = s->err;

	s->err = 0;
	return -err;
}

static void error_queue(struct sock *s, const struct note *note, struct rd data)
{
	uint32_t n = (uint32_t)(sizeof(*note) + data.left);
	struct sock_more *more = sock_more(s);
	struct pkt *pkt = more != NULL ? pkt_new(sock_env(s)->pool, n) : NULL;

	if (pkt == NULL) {
		env_count_drop(sock_env(s), 0, DROP_NO_BUFFER);
		return;
	}
	if (s->queued + pkt->size > (uint32_t)s->opt->rcvbuf ||
	    s->of->queued + pkt->size > s->of->conf.queued_max) {
		env_drop(sock_env(s), pkt, DROP_SOCK_FULL);
		return;
	}
	memcpy(pkt_put(pkt, sizeof(*note)), note, sizeof(*note));
	if (data.left != 0)
		memcpy(pkt_put(pkt, (uint32_t)data.left), data.p, data.left);
	s->queued += pkt->size;
	s->of->queued += pkt->size;
	pktq_put(&more->errors, pkt);
}

static bool is_from_afar(const struct note *n)
{
	return n->ee.ee_origin == SO_EE_ORIGIN_ICMP6 || n->ee.ee_origin == SO_EE_ORIGIN_ICMP;
}

static bool wants_errors(const struct sock *s, const struct ip6_addr *dst)
{
	return ip6_is_v4mapped(dst) ? s->opt->ip4.recverr || s->opt->recverr : s->opt->recverr;
}

/* Of those that wait, the next says what is pending. */
static void pending_from(struct sock *s, const struct note *was)
{
	struct note next = { 0 };

	if (s->more->errors.head != NULL)
		memcpy(&next, s->more->errors.head->p, sizeof(next));
	if (is_from_afar(&next))
		s->err = (int)next.ee.ee_errno;
	else if (is_from_afar(was))
		s->err = 0;
}

ssize_t sock_errqueue_read(struct sock *s, struct msghdr *msg)
{
	struct pkt *pkt = s->more != NULL ? pktq_get(&s->more->errors) : NULL;
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in6 offender;
	} told;
	bool ip4 = s->family == AF_INET;
	struct cmsg_out c;
	struct note note;
	size_t n;

	if (pkt == NULL) {
		msg->msg_controllen = 0;
		return -EAGAIN;
	}
	memcpy(&note, pkt->p, sizeof(note));
	n = msg_copy_out(msg, pkt->p + sizeof(note), pkt->len - sizeof(note));
	msg_name_out(s, msg, sizeof(note.dst), &note.dst);
	memset(&told, 0, sizeof(told));
	told.ee = note.ee;
	if (ip4 && note.ee.ee_origin == SO_EE_ORIGIN_LOCAL)
		note.offender.sin6_family = AF_UNSPEC;
	(void)sock_name_put(s, &told.offender, sizeof(told.offender), &note.offender);
	c = cmsg_begin(msg);
	if (note.ee.ee_origin == SO_EE_ORIGIN_ICMP6)
		cmsg_put_hops(s, note.hops, &c);
	else if (note.ee.ee_origin == SO_EE_ORIGIN_ICMP && s->opt->ip4.recvttl)
		cmsg_put(&c, IPPROTO_IP, IP_TTL, &note.hops, sizeof(note.hops));
	cmsg_put(&c, ip4 ? IPPROTO_IP : IPPROTO_IPV6, ip4 ? IP_RECVERR : IPV6_RECVERR, &told,
		 ip4 ? sizeof(told.ee) + sizeof(struct sockaddr_in) : sizeof(told));
	cmsg_end(msg, &c);
	msg->msg_flags |= MSG_ERRQUEUE;
	s->queued -= pkt->size;
	s->of->queued -= pkt->size;
	pkt_free(pkt);
	pending_from(s, &note);
	return (ssize_t)n;
}

void sock_local_error(struct sock *s, const struct ip6_addr *dst, uint16_t port, uint32_t zone,
		      uint32_t mtu)
{
	struct note note = {
		.ee = { .ee_errno = EMSGSIZE, .ee_origin = SO_EE_ORIGIN_LOCAL, .ee_info = mtu },
		.dst = sin6_of(dst, port, zone)
	};

	if (wants_errors(s, dst))
		error_queue(s, &note, rd_of("", 0));
}

void sock_tell_mtu(struct sock *s, const struct ip6_addr *dst, uint16_t port, uint32_t zone,
		   uint32_t mtu)
{
	struct sock_more *more = s->opt->recvpathmtu ? sock_more(s) : NULL;

	if (more == NULL)
		return;
	more->path_mtu.ip6m_addr = sin6_of(dst, port, zone);
	more->path_mtu.ip6m_mtu = mtu;
	sock_wake(s);
}

/* errno of an error; *@lasts: it is no passing trouble. Linux's table; RFC 3542 has none. */
static int errno_of(uint8_t type, uint8_t code, bool *lasts)
{
	static const struct {
		int err;
		bool lasts;
	} unreach[] = {
		[ICMP6_UNREACH_ROUTE] = { ENETUNREACH, false },
		[ICMP6_UNREACH_ADMIN] = { EACCES, true },
		[ICMP6_UNREACH_SCOPE] = { EHOSTUNREACH, false },
		[ICMP6_UNREACH_ADDR] = { EHOSTUNREACH, false },
		[ICMP6_UNREACH_PORT] = { ECONNREFUSED, true },
		[ICMP6_UNREACH_POLICY] = { EACCES, true },
		[ICMP6_UNREACH_REJECT] = { EACCES, true },
	};

	*lasts = type == ICMP6_UNREACH || type == ICMP6_PARAM_PROB;
	if (type == ICMP6_UNREACH && code < ARRAY_LEN(unreach)) {
		*lasts = unreach[code].lasts;
		return unreach[code].err;
	}
	if (type == ICMP6_TOO_BIG)
		return EMSGSIZE;
	return type == ICMP6_TIME_EXCEEDED ? EHOSTUNREACH : EPROTO;
}

/* The same of ICMP, Linux's table, too. */
static int errno_of4(uint8_t type, uint8_t code, bool *lasts)
{
	static const struct {
		int err;
		bool lasts;
	} unreach[ICMP4_UNREACH_CODES] = {
		{ ENETUNREACH, false },	 { EHOSTUNREACH, false }, { ENOPROTOOPT, true },
		{ ECONNREFUSED, true },	 { EMSGSIZE, false },	  { EOPNOTSUPP, false },
		{ ENETUNREACH, true },	 { EHOSTDOWN, true },	  { ENONET, true },
		{ ENETUNREACH, true },	 { EHOSTUNREACH, true },  { ENETUNREACH, false },
		{ EHOSTUNREACH, false }, { EHOSTUNREACH, true },  { EHOSTUNREACH, true },
		{ EHOSTUNREACH, true },
	};

	*lasts = type == ICMP4_PARAM_PROB;
	if (type == ICMP4_UNREACH && code < ICMP4_UNREACH_CODES) {
		*lasts = unreach[code].lasts;
		return unreach[code].err;
	}
	return type == ICMP4_PARAM_PROB ? EPROTO : EHOSTUNREACH;
}

/* As it came, not as ip4 put it. */
static int note4(const struct pkt *pkt, struct note *note, bool *lasts)
{
	note->ee.ee_origin = SO_EE_ORIGIN_ICMP;
	note->ee.ee_type = (uint8_t)(pkt->ip4_id >> 8);
	note->ee.ee_code = (uint8_t)pkt->ip4_id;
	note->ee.ee_info -= note->ee.ee_info != 0 ? MAPPED_MORE : 0;
	return errno_of4(note->ee.ee_type, note->ee.ee_code, lasts);
}

/* @data: the quoted packet behind its upper-layer header. */
static void tell(struct sock *s, const struct pkt *pkt, const struct sock_flow *f, struct rd data)
{
	const uint8_t *m = pkt->p + pkt->l4_off;
	struct ip6_addr from = ip6_hdr_src(pkt->p);
	uint32_t info = get_be32(m + 4);
	struct note note = { .ee = { .ee_origin = SO_EE_ORIGIN_ICMP6,
				     .ee_type = m[0],
				     .ee_code = m[1],
				     .ee_info = info },
			     .offender = sin6_of(&from, 0, pkt->ifindex),
			     .dst = sin6_of(&f->remote, f->rport, pkt->ifindex),
			     .hops = pkt->p[IP6_HLIM_OFF] };
	bool lasts;
	bool ip4 = ip6_is_v4mapped(&f->remote);
	int err = ip4 ? note4(pkt, &note, &lasts) : errno_of(m[0], m[1], &lasts);

	if (m[0] == ICMP6_TOO_BIG && ip4) {
		lasts = s->opt->ip4.mtu_discover != IP_PMTUDISC_DONT;
	} else if (m[0] == ICMP6_TOO_BIG) {
		sock_tell_mtu(s, &f->remote, f->rport, pkt->ifindex, info);
		/* a raw socket that did not ask never hears of it */
		lasts = s->kind->has_ports ? s->opt->mtu_discover != IPV6_PMTUDISC_DONT
					   : s->opt->mtu_discover == IPV6_PMTUDISC_DO;
	}
	note.ee.ee_errno = (uint32_t)err;
	if (wants_errors(s, &f->remote))
		error_queue(s, &note, data);
	else if (!lasts || !s->connected)
		return;
	s->err = err;
	sock_wake(s);
}

static bool tell_raw(struct socks *socks, const struct pkt *pkt, const struct sock_flow *f,
		     struct rd data)
{
	bool ret = false;

	LIST_FOR_EACH(it, &socks->all) {
		struct sock *s = LIST_ENTRY(it, struct sock, on);

		if (s->kind == &raw_kind && s->protocol == f->protocol && sock_fits(s, f) >= 0) {
			tell(s, pkt, f, data);
			ret = true;
		}
	}
	return ret;
}

/* Who sent what is quoted: of UDP by its ports, of an echo request by its identifier. */
static struct sock *sender(struct socks *socks, struct rd upper, struct sock_flow *f)
{
	if (upper.left < ERR_HDR_OCTETS)
		return NULL;
	if (f->protocol == IP6_NH_UDP) {
		f->lport = get_be16(upper.p);
		f->rport = get_be16(upper.p + 2);
		return sock_find(socks, f);
	}
	if ((f->protocol == IP6_NH_ICMP6 && upper.p[0] == ICMP6_ECHO_REQUEST) ||
	    (f->protocol == IP4_PROTO_ICMP && upper.p[0] == ICMP4_ECHO_REQUEST)) {
		f->lport = get_be16(upper.p + 4);
		return sock_find(socks, f);
	}
	return NULL;
}

/* What is quoted: *@upper from its upper-layer header on. */
static bool quoted(const struct pkt *pkt, struct rd *upper, struct sock_flow *f)
{
	uint32_t off;
	uint8_t next;

	*upper = rd_of(pkt->p + pkt->l4_off + ERR_HDR_OCTETS,
		       pkt->len - pkt->l4_off - (size_t)ERR_HDR_OCTETS);
	*f = (struct sock_flow){ .ifindex = pkt->ifindex };
	if (!ip6_upper_find(*upper, &next, &off))
		return false;
	f->protocol = next;
	f->local = ip6_hdr_src(upper->p);
	f->remote = ip6_hdr_dst(upper->p);
	(void)rd_skip(upper, off);
	return true;
}

bool raw_error(struct socks *socks, const struct pkt *pkt)
{
	struct sock_flow f;
	struct rd upper;

	return socks->n_raw != 0 && quoted(pkt, &upper, &f) && tell_raw(socks, pkt, &f, upper);
}

bool socks_error(struct socks *socks, const struct pkt *pkt)
{
	struct sock_flow f;
	struct rd upper;
	struct sock *s;

	if (socks->n == 0 || !quoted(pkt, &upper, &f))
		return false;
	s = sender(socks, upper, &f);
	if (s == NULL)
		return false;
	/* UDP's header is no data; that of an echo request is */
	(void)rd_skip(&upper, s->kind->hdr_octets);
	tell(s, pkt, &f, upper);
	return true;
}
