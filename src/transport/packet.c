/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. The node tells its tracer of each frame that comes and goes. The first packet socket
 * puts itself into the tracer's place, and the last one that closes puts the tracer back; so a node
 * without packet sockets pays nothing for them, not even a test.
 *
 * A frame is copied for each socket that wants it, as much of it as its filter says, into a buffer that
 * waits until it is read. Notes about it are in the fields of struct pkt: proto has the PACKET_* of the
 * address it was for, value its octets on the wire, when the time. l4_off is where a reader begins.
 *
 * As on Linux a socket of one protocol sees what is received, one of ETH_P_ALL also what is sent, but
 * not by itself.
 */
#include "transport/packet_part.h"

#include <endian.h>
#include <net/if_arp.h>
#include <stdlib.h>

#include "transport/cmsg.h"

#define ETH_LENGTH_MAX 0x05ff /* less is no EtherType but a length: IEEE 802.3 */
#define ETH_TYPE_802_2 0x0004 /* ETH_P_802_2, as Linux calls those */

static struct env *env_of(const struct packets *p)
{
	return p->socks->ip6->env;
}

static uint16_t protocol_of(const uint8_t *frame)
{
	uint16_t type = get_be16(frame + ETH_TYPE_OFF);

	return type <= ETH_LENGTH_MAX ? ETH_TYPE_802_2 : type;
}

static uint16_t hatype(const struct iface *ifc)
{
	return ifc->loopback ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
}

/*
 * What the node is seen to do.
 */

/* A frame. */
struct seen {
	const struct iface *ifc;
	const uint8_t *p;
	uint32_t octets;
	uint8_t pkttype;
	uint16_t protocol;
};

static void wake(struct packet_sock *s)
{
	if (s->ready != NULL && !list_is_on(&s->on_ready))
		list_add_tail(&s->of->ready, &s->on_ready);
}

static bool wants(const struct packet_sock *s, const struct seen *f)
{
	if (s->ifindex != 0 && s->ifindex != if_index(f->ifc))
		return false;
	if (s->protocol == PACKET_ALL)
		return f->pkttype != PACKET_OUTGOING || (!s->ignore_outgoing && s->of->sends != s);
	return s->protocol != 0 && s->protocol == f->protocol && f->pkttype != PACKET_OUTGOING;
}

/* Octets of the frame that its filter keeps, from the Ethernet header on; 0: none. */
static uint32_t keeps(const struct packet_sock *s, const struct seen *f)
{
	uint32_t skip = s->type == SOCK_DGRAM ? ETH_HDR_OCTETS : 0, n;
	struct bpf_input in = { .p = f->p,
				.octets = f->octets,
				.data = skip,
				.net = ETH_HDR_OCTETS,
				.whole = f->octets - skip,
				.ifindex = if_index(f->ifc),
				.protocol = f->protocol,
				.hatype = hatype(f->ifc),
				.pkttype = f->pkttype };

	if (s->filter == NULL)
		return f->octets;
	n = bpf_run(s->filter, &in);
	return n == 0 ? 0 : MIN(n, in.whole) + skip;
}

static struct pkt *copy_of(struct packets *p, const struct seen *f, uint32_t octets)
{
	struct pkt *ret = pkt_new(env_of(p)->pool, octets);

	if (ret == NULL) {
		env_count_drop(env_of(p), if_index(f->ifc), DROP_NO_BUFFER);
		return NULL;
	}
	memcpy(pkt_put(ret, octets), f->p, octets);
	ret->ifindex = if_index(f->ifc);
	ret->proto = f->pkttype;
	ret->value = f->octets;
	ret->when = env_of(p)->now;
	return ret;
}

static struct sockaddr_ll ll_of(const struct iface *ifc, uint8_t pkttype, const uint8_t *frame)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_ifindex = (int)if_index(ifc),
				  .sll_hatype = hatype(ifc),
				  .sll_pkttype = pkttype,
				  .sll_halen = ETH_MAC_OCTETS };

	ll.sll_protocol = htobe16(protocol_of(frame));
	memcpy(ll.sll_addr, frame + ETH_SRC_OFF, ETH_MAC_OCTETS);
	return ll;
}

static void to_ring(struct packet_sock *s, const struct seen *f, uint32_t keep)
{
	struct sockaddr_ll ll = ll_of(f->ifc, f->pkttype, f->p);
	struct env *env = env_of(s->of);

	if (!packet_ring_put(s, f->p, f->octets, keep, &ll, env->now + s->of->socks->wall)) {
		s->lost++;
		env_count_drop(env, if_index(f->ifc), DROP_PACKET_FULL);
	}
	wake(s);
}

/* What a filter refuses is no drop: nobody is without it who wanted it. */
static void look(struct packet_sock *s, const struct seen *f)
{
	struct packets *p = s->of;
	uint32_t n = keeps(s, f);
	struct pkt *pkt;

	if (n == 0)
		return;
	s->seen++;
	if (s->ring.mem != NULL) {
		to_ring(s, f, n);
		return;
	}
	if (s->queued >= (uint32_t)s->rcvbuf || p->queued >= PACKET_QUEUED_MAX) {
		s->lost++;
		env_count_drop(env_of(p), if_index(f->ifc), DROP_PACKET_FULL);
		return;
	}
	pkt = copy_of(p, f, n);
	if (pkt == NULL) {
		s->lost++;
		return;
	}
	pkt->l4_off = s->type == SOCK_DGRAM ? ETH_HDR_OCTETS : 0;
	s->queued += pkt->size;
	p->queued += pkt->size;
	pktq_put(&s->rx, pkt);
	wake(s);
}

static void show(struct packets *p, const struct seen *f)
{
	LIST_FOR_EACH(it, &p->all) {
		struct packet_sock *s = LIST_ENTRY(it, struct packet_sock, on);

		if (wants(s, f))
			look(s, f);
	}
}

static uint8_t pkttype_of(const struct iface *ifc, const uint8_t *frame)
{
	static const struct mac all = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	struct mac dst;

	memcpy(dst.b, frame + ETH_DST_OFF, sizeof(dst.b));
	if (mac_eq(&dst, &all))
		return PACKET_BROADCAST;
	if (mac_is_group(&dst))
		return PACKET_MULTICAST;
	return mac_eq(&dst, &ifc->link.mac) ? PACKET_HOST : PACKET_OTHERHOST;
}

static void on_frame(struct packets *p, const struct trace *t, bool out)
{
	const struct iface *ifc = ip6_if(p->socks->ip6, t->ifindex);
	struct seen f = { .ifc = ifc, .p = t->pkt->p, .octets = t->pkt->len };

	if (ifc == NULL || !ifc->link.up || f.octets < ETH_HDR_OCTETS)
		return;
	f.pkttype = out ? PACKET_OUTGOING : pkttype_of(ifc, f.p);
	if (f.pkttype == PACKET_OTHERHOST && p->promisc[t->ifindex] == 0)
		return;
	f.protocol = protocol_of(f.p);
	show(p, &f);
}

/* Sent and received by loopback. What is also on a link was seen there. */
static void on_self(struct packets *p, const struct trace *t)
{
	static const struct mac none;
	struct pkt *pkt;
	struct seen f = { .ifc = p->socks->ip6->lo,
			  .pkttype = PACKET_OUTGOING,
			  .protocol = ETH_TYPE_IP6 };

	if ((t->pkt->flags & PKT_MULTICAST) != 0)
		return;
	pkt = pkt_copy(env_of(p)->pool, t->pkt);
	if (pkt == NULL) {
		env_count_drop(env_of(p), if_index(f.ifc), DROP_NO_BUFFER);
		return;
	}
	link_header(pkt, &none, &none, ETH_TYPE_IP6);
	f.p = pkt->p;
	f.octets = pkt->len;
	show(p, &f);
	f.pkttype = PACKET_HOST;
	show(p, &f);
	pkt_free(pkt);
}

static void net_down(struct packets *p, uint32_t ifindex)
{
	LIST_FOR_EACH(it, &p->all) {
		struct packet_sock *s = LIST_ENTRY(it, struct packet_sock, on);

		if (s->ifindex != ifindex)
			continue;
		s->err = ENETDOWN;
		wake(s);
	}
}

static void on_trace(void *ctx, const struct trace *t)
{
	struct packets *p = ctx;

	if (t->kind == TRACE_RX || t->kind == TRACE_TX)
		on_frame(p, t, t->kind == TRACE_TX);
	else if (t->kind == TRACE_SELF)
		on_self(p, t);
	else if (t->kind == TRACE_EVENT && t->event == EVENT_IF_DOWN)
		net_down(p, t->ifindex);
	if (p->next.fn != NULL)
		p->next.fn(p->next.ctx, t);
}

void packets_trace(struct packets *p, struct tracer tracer)
{
	if (p->n > 0)
		p->next = tracer;
	else
		env_of(p)->tracer = tracer;
}

/*
 * Life.
 */

void packets_init(struct packets *p, struct socks *socks)
{
	*p = (struct packets){ .socks = socks };
	list_init(&p->all);
	list_init(&p->ready);
}

void packets_done(struct packets *p)
{
	LIST_FOR_EACH(it, &p->all)
		packet_close(LIST_ENTRY(it, struct packet_sock, on));
	ASSERT(p->n == 0 && p->queued == 0);
}

int packet_open(struct packets *p, int type, int protocol, struct packet_sock **ret)
{
	struct packet_sock *s;

	type &= ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (p->n >= PACKET_SOCKS_MAX)
		return -ENFILE;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	s->of = p;
	s->type = type;
	s->protocol = be16toh((uint16_t)protocol);
	s->rcvbuf = s->sndbuf = PACKET_BUF_DEFAULT;
	list_init(&s->on_ready);
	list_add_tail(&p->all, &s->on);
	if (p->n++ == 0) {
		p->next = env_of(p)->tracer;
		env_of(p)->tracer = (struct tracer){ on_trace, p };
	}
	*ret = s;
	return 0;
}

static struct pkt *take(struct packet_sock *s)
{
	struct pkt *pkt = pktq_get(&s->rx);

	if (pkt != NULL) {
		s->queued -= pkt->size;
		s->of->queued -= pkt->size;
	}
	return pkt;
}

void packet_close(struct packet_sock *s)
{
	struct pkt *pkt;

	if (s == NULL)
		return;
	while ((pkt = take(s)) != NULL)
		pkt_free(pkt);
	packet_mreqs_done(s, 0);
	bpf_free(s->filter);
	list_del(&s->on_ready);
	list_del(&s->on);
	if (--s->of->n == 0)
		env_of(s->of)->tracer = s->of->next;
	free(s);
}

void packets_if_gone(struct packets *p, uint32_t ifindex)
{
	net_down(p, ifindex);
	LIST_FOR_EACH(it, &p->all) {
		struct packet_sock *s = LIST_ENTRY(it, struct packet_sock, on);

		packet_mreqs_done(s, ifindex);
		if (s->ifindex == ifindex) {
			s->ifindex = UINT32_MAX; /* none, and not all */
			s->protocol = 0;
		}
	}
}

void packets_run(struct packets *p)
{
	while (!list_is_empty(&p->ready)) {
		struct packet_sock *s = LIST_ENTRY(p->ready.next, struct packet_sock, on_ready);

		list_del(&s->on_ready);
		s->ready(s->ctx);
	}
}

void packet_on_ready(struct packet_sock *s, packet_ready_fn *fn, void *ctx)
{
	s->ready = fn;
	s->ctx = ctx;
	if (list_is_on(&s->on_ready))
		list_del(&s->on_ready);
	if ((packet_poll(s) & (POLLIN | POLLERR)) != 0)
		wake(s);
}

/* Too short is what lacks an interface; the address itself may be as long as a link's is. */
static int ll_take(const void *addr, socklen_t len, struct sockaddr_ll *ret)
{
	struct sockaddr_ll ll = { 0 };

	if (len < offsetof(struct sockaddr_ll, sll_addr))
		return -EINVAL;
	memcpy(&ll, addr, MIN(len, sizeof(ll)));
	*ret = ll;
	return 0;
}

int packet_bind(struct packet_sock *s, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_ll ll;

	if (len < sizeof(ll) || ll_take(addr, len, &ll) < 0 || ll.sll_family != AF_PACKET)
		return -EINVAL;
	if (ll.sll_ifindex != 0 && ip6_if(s->of->socks->ip6, (uint32_t)ll.sll_ifindex) == NULL)
		return -ENODEV;
	s->ifindex = (uint32_t)ll.sll_ifindex;
	if (ll.sll_protocol != 0)
		s->protocol = be16toh(ll.sll_protocol);
	if (s->ifindex != 0 && !ip6_if(s->of->socks->ip6, s->ifindex)->link.up) {
		s->err = ENETDOWN;
		wake(s);
	}
	return 0;
}

/*
 * Sending.
 */

static int octets_of(const struct msghdr *msg, uint32_t *ret)
{
	uint32_t n = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		if (msg->msg_iov[i].iov_len > IP6_PLEN_MAX - n)
			return -EMSGSIZE;
		n += (uint32_t)msg->msg_iov[i].iov_len;
	}
	*ret = n;
	return 0;
}

/* Where to, and for SOCK_DGRAM with what header. */
static int out_by(const struct packet_sock *s, const struct msghdr *msg, struct iface **ifc,
		  struct sockaddr_ll *ll)
{
	uint32_t ifindex = s->ifindex;
	int rc = 0;

	*ll = (struct sockaddr_ll){ .sll_protocol = htobe16(s->protocol) };
	if (msg->msg_name != NULL && msg->msg_namelen != 0) {
		rc = ll_take(msg->msg_name, msg->msg_namelen, ll);
		if (rc == 0 &&
		    msg->msg_namelen < offsetof(struct sockaddr_ll, sll_addr) + ll->sll_halen)
			rc = -EINVAL;
		if (rc < 0)
			return rc;
		ifindex = (uint32_t)ll->sll_ifindex;
	}
	*ifc = ip6_if(s->of->socks->ip6, ifindex);
	if (*ifc == NULL)
		return -ENXIO;
	if ((*ifc)->loopback) /* what would come back is nobody's */
		return -EOPNOTSUPP;
	if (!(*ifc)->link.up)
		return -ENETDOWN;
	if (s->type == SOCK_DGRAM && ll->sll_halen != ETH_MAC_OCTETS)
		return -EINVAL;
	return 0;
}

static struct pkt *frame_of(const struct packet_sock *s, const struct msghdr *msg,
			    const struct iface *ifc, const struct sockaddr_ll *ll, uint32_t octets)
{
	struct pkt *pkt = pkt_new(env_of(s->of)->pool, octets);
	struct mac dst;

	if (pkt == NULL)
		return NULL;
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		uint32_t n = (uint32_t)msg->msg_iov[i].iov_len;

		if (n != 0)
			memcpy(pkt_put(pkt, n), msg->msg_iov[i].iov_base, n);
	}
	if (s->type == SOCK_DGRAM) {
		memcpy(dst.b, ll->sll_addr, sizeof(dst.b));
		link_header(pkt, &dst, &ifc->link.mac, be16toh(ll->sll_protocol));
	}
	return pkt;
}

ssize_t packet_sendmsg(struct packet_sock *s, const struct msghdr *msg, int flags)
{
	struct env *env = env_of(s->of);
	struct sockaddr_ll ll;
	struct iface *ifc;
	uint32_t n = 0, room;
	struct pkt *pkt;
	int rc = out_by(s, msg, &ifc, &ll);

	if (rc == 0 && (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL | SOCK_SEND_LATE)) != 0)
		rc = -EINVAL;
	if (rc == 0)
		rc = octets_of(msg, &n);
	if (rc < 0)
		return rc;
	room = ifc->link.mtu + (s->type == SOCK_RAW ? ETH_HDR_OCTETS : 0);
	if (n > room)
		return -EMSGSIZE;
	if (s->type == SOCK_RAW && n < ETH_HDR_OCTETS)
		return -EINVAL;
	if (ifc->link.tx.n >= ifc->link.tx_max)
		return -ENOBUFS;
	pkt = frame_of(s, msg, ifc, &ll, n);
	if (pkt == NULL)
		return -ENOBUFS;
	s->of->sends = s;
	link_tx(env, &ifc->link, pkt);
	s->of->sends = NULL;
	return (ssize_t)n;
}

/*
 * Receiving.
 */

/* Its interface may be gone: the loopback interface is always there, and the others are of one kind. */
static struct sockaddr_ll from_of(const struct packet_sock *s, const struct pkt *pkt)
{
	const struct iface *ifc = ip6_if(s->of->socks->ip6, pkt->ifindex);
	struct sockaddr_ll ll;

	if (ifc != NULL)
		return ll_of(ifc, pkt->proto, pkt->p);
	ll = ll_of(s->of->socks->ip6->lo, pkt->proto, pkt->p);
	ll.sll_ifindex = (int)pkt->ifindex;
	ll.sll_hatype = ARPHRD_ETHER;
	return ll;
}

static void put_ancillary(const struct packet_sock *s, const struct pkt *pkt, struct msghdr *msg)
{
	struct cmsg_out c = cmsg_begin(msg);
	time_ns t = pkt->when + s->of->socks->wall;
	struct timespec ts = { .tv_sec = (time_t)(t / NS_PER_S), .tv_nsec = (long)(t % NS_PER_S) };
	struct timeval tv = { .tv_sec = ts.tv_sec, .tv_usec = ts.tv_nsec / 1000 };
	struct tpacket_auxdata aux = { .tp_status = TP_STATUS_USER,
				       .tp_len = pkt->value - pkt->l4_off,
				       .tp_snaplen = pkt->len - pkt->l4_off,
				       .tp_net = (uint16_t)(ETH_HDR_OCTETS - pkt->l4_off) };

	if (s->timestampns)
		cmsg_put(&c, SOL_SOCKET, SCM_TIMESTAMPNS, &ts, sizeof(ts));
	else if (s->timestamp)
		cmsg_put(&c, SOL_SOCKET, SCM_TIMESTAMP, &tv, sizeof(tv));
	if (s->auxdata)
		cmsg_put(&c, SOL_PACKET, PACKET_AUXDATA, &aux, sizeof(aux));
	cmsg_end(msg, &c);
}

ssize_t packet_recvmsg(struct packet_sock *s, struct msghdr *msg, int flags)
{
	socklen_t room = msg->msg_name != NULL ? msg->msg_namelen : 0;
	struct pkt *pkt = s->rx.head;
	struct sockaddr_ll ll;
	size_t n, done;
	int rc;

	msg->msg_flags = 0;
	msg->msg_namelen = 0;
	rc = (flags & ~(MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC | MSG_WAITALL)) != 0
		     ? -EINVAL
		     : packet_error_take(s);
	if (rc == 0 && pkt == NULL)
		rc = -EAGAIN;
	if (rc < 0) {
		msg->msg_controllen = 0;
		return rc;
	}
	n = pkt->len - pkt->l4_off;
	done = msg_copy_out(msg, pkt->p + pkt->l4_off, n);
	ll = from_of(s, pkt);
	if (msg->msg_name != NULL) {
		memcpy(msg->msg_name, &ll, MIN(room, (socklen_t)sizeof(ll)));
		msg->msg_namelen = sizeof(ll);
	}
	put_ancillary(s, pkt, msg);
	if ((flags & MSG_PEEK) == 0)
		pkt_free(take(s));
	return (ssize_t)((flags & MSG_TRUNC) != 0 ? n : done);
}

unsigned packet_poll(const struct packet_sock *s)
{
	unsigned ret = POLLOUT | POLLWRNORM | POLLWRBAND;

	if (s->err != 0)
		ret |= POLLERR;
	return s->rx.n != 0 || packet_ring_waits(s) ? ret | POLLIN | POLLRDNORM : ret;
}

uint32_t packet_queued(const struct packet_sock *s)
{
	return s->rx.head != NULL ? s->rx.head->len - s->rx.head->l4_off : 0;
}

int packet_getsockname(const struct packet_sock *s, struct sockaddr *addr, socklen_t *len)
{
	const struct iface *ifc = ip6_if(s->of->socks->ip6, s->ifindex);
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_ifindex = (int)s->ifindex,
				  .sll_protocol = htobe16(s->protocol) };

	if (ifc != NULL) {
		ll.sll_hatype = hatype(ifc);
		ll.sll_halen = ETH_MAC_OCTETS;
		memcpy(ll.sll_addr, ifc->link.mac.b, ETH_MAC_OCTETS);
	}
	memcpy(addr, &ll, MIN(*len, (socklen_t)sizeof(ll)));
	*len = offsetof(struct sockaddr_ll, sll_addr) + ll.sll_halen;
	return 0;
}
