/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * A socket is a queue of datagrams that wait to be read, bounded by its receive buffer. Answers are
 * put there while their request is served. A dump is the exception: it keeps one datagram ahead of
 * its reader, so that a list of any length costs no memory (nl_dump_more()); what has changed since
 * the last datagram is told with NLM_F_DUMP_INTR. Notifications go to the sockets that are members
 * of their group; who reads too slowly loses some and is told with ENOBUFS. Read netlink(7) first.
 */
#include "netlink/nl_part.h"

#include <stdlib.h>
#include <sys/socket.h>

#define DGRAM_COST 256			/* what a datagram is counted for beside its octets */
#define PORT_FIRST UINT32_C(0xfffff000) /* downwards: no process has such an id */
#define BUF_MIN	   2048

_Static_assert(sizeof(struct sockaddr_nl) == 12, "what iproute2 expects of recvmsg()");

static const struct nl_proto *const protos[] = { &NL_ROUTE, &NL_SOCK_DIAG };

void nl_init(struct nl *nl, struct nd *nd)
{
	*nl = (struct nl){ .nd = nd, .next_port = PORT_FIRST };
	list_init(&nl->socks);
	list_init(&nl->nexthops);
}

void nl_done(struct nl *nl)
{
	LIST_FOR_EACH(it, &nl->socks)
		nl_close(LIST_ENTRY(it, struct nl_sock, on));
	nexthops_done(nl);
}

int nl_open(struct nl *nl, int protocol, uint32_t port, bool admin, struct nl_sock **ret)
{
	const struct nl_proto *proto = NULL;
	struct nl_sock *s;

	for (unsigned i = 0; i < ARRAY_LEN(protos); i++)
		if (protos[i]->protocol == protocol)
			proto = protos[i];
	if (proto == NULL)
		return -EPROTONOSUPPORT;
	if (nl->n_socks >= NL_SOCKS_MAX)
		return -ENFILE;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	*s = (struct nl_sock){ .nl = nl,
			       .proto = proto,
			       .want_port = port,
			       .admin = admin,
			       .rcvbuf = NL_RCVBUF,
			       .sndbuf = NL_RCVBUF };
	list_init(&s->queue);
	list_add_tail(&nl->socks, &s->on);
	nl->n_socks++;
	*ret = s;
	return 0;
}

static void queue_free(struct nl_sock *s)
{
	LIST_FOR_EACH(it, &s->queue) {
		list_del(it);
		free(LIST_ENTRY(it, struct nl_dgram, on));
	}
	s->queued = 0;
}

static void set_group(struct nl_sock *s, uint32_t group, bool on)
{
	uint64_t bit = UINT64_C(1) << (group - 1);

	if (((s->groups & bit) != 0) == on)
		return;
	s->groups ^= bit;
	if (on)
		s->nl->listeners[group]++;
	else
		s->nl->listeners[group]--;
	s->proto->watch(s->nl);
}

void nl_close(struct nl_sock *s)
{
	if (s == NULL)
		return;
	nl_dump_end(s);
	for (uint32_t g = 1; g <= s->proto->groups; g++)
		set_group(s, g, false);
	queue_free(s);
	bpf_free(s->filter);
	list_del(&s->on);
	s->nl->n_socks--;
	free(s);
}

static bool port_is_free(const struct nl *nl, const struct nl_sock *s, uint32_t port)
{
	LIST_FOR_EACH(it, &nl->socks) {
		const struct nl_sock *o = LIST_ENTRY(it, struct nl_sock, on);

		if (o->bound && o->port == port && o->proto == s->proto)
			return false;
	}
	return true;
}

static void autobind(struct nl_sock *s)
{
	uint32_t port = s->want_port;

	/* there are fewer sockets than ports to try */
	while (port == 0 || !port_is_free(s->nl, s, port))
		port = s->nl->next_port--;
	if (s->nl->next_port < UINT32_C(0x80000000))
		s->nl->next_port = PORT_FIRST;
	s->port = port;
	s->bound = true;
}

int nl_bind(struct nl_sock *s, uint32_t port, uint32_t groups)
{
	if (s->bound && port != s->port)
		return -EINVAL;
	if (!s->bound && port != 0 && !port_is_free(s->nl, s, port))
		return -EADDRINUSE;
	if (!s->bound && port != 0) {
		s->port = port;
		s->bound = true;
	} else if (!s->bound) {
		autobind(s);
	}
	for (uint32_t g = 1; g <= MIN(s->proto->groups, 32u); g++)
		set_group(s, g, (groups >> (g - 1) & 1) != 0);
	return 0;
}

void nl_getsockname(const struct nl_sock *s, struct sockaddr_nl *ret)
{
	*ret = (struct sockaddr_nl){ .nl_family = AF_NETLINK,
				     .nl_pid = s->port,
				     .nl_groups = (uint32_t)s->groups };
}

/*
 * Options.
 */
static int set_buffer(struct nl_sock *s, int option, int value)
{
	size_t octets = value < 0 ? NL_RCVBUF_MAX : (size_t)value * 2; /* as Linux doubles it */

	octets = MIN(MAX(octets, BUF_MIN), NL_RCVBUF_MAX);
	if (option == SO_RCVBUF || option == SO_RCVBUFFORCE)
		s->rcvbuf = octets;
	else
		s->sndbuf = octets;
	return 0;
}

static int set_member(struct nl_sock *s, int option, int group)
{
	if (group < 1 || (uint32_t)group > s->proto->groups)
		return -EINVAL;
	set_group(s, (uint32_t)group, option == NETLINK_ADD_MEMBERSHIP);
	return 0;
}

static bool *option_flag(struct nl_sock *s, int option)
{
	switch (option) {
	case NETLINK_PKTINFO:
		return &s->pktinfo;
	case NETLINK_BROADCAST_ERROR:
		return &s->broadcast_error;
	case NETLINK_NO_ENOBUFS:
		return &s->no_enobufs;
	case NETLINK_CAP_ACK:
		return &s->cap_ack;
	case NETLINK_EXT_ACK:
		return &s->ext_ack;
	case NETLINK_GET_STRICT_CHK:
		return &s->strict;
	}
	return NULL;
}

/* Of what is for this socket, zebra wants none of its own doing. */
static int set_filter(struct nl_sock *s, int option, const void *value, size_t octets)
{
	struct sock_fprog prog;
	struct bpf *new = NULL;
	int rc = 0;

	if (option == SO_DETACH_FILTER && s->filter == NULL)
		return -ENOENT;
	if (option == SO_ATTACH_FILTER) {
		if (octets != sizeof(prog))
			return -EINVAL;
		memcpy(&prog, value, sizeof(prog));
		rc = prog.filter != NULL ? bpf_new(prog.filter, prog.len, &new) : -EINVAL;
	}
	if (rc < 0)
		return rc;
	bpf_free(s->filter);
	s->filter = new;
	return 0;
}

int nl_setsockopt(struct nl_sock *s, int level, int option, const void *value, size_t octets)
{
	bool *flag;
	int v;

	if (octets < sizeof(v))
		return -EINVAL;
	if (level == SOL_SOCKET && (option == SO_ATTACH_FILTER || option == SO_DETACH_FILTER))
		return set_filter(s, option, value, octets);
	memcpy(&v, value, sizeof(v));
	if (level == SOL_SOCKET && (option == SO_SNDBUF || option == SO_SNDBUFFORCE ||
				    option == SO_RCVBUF || option == SO_RCVBUFFORCE))
		return set_buffer(s, option, v);
	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (option == NETLINK_ADD_MEMBERSHIP || option == NETLINK_DROP_MEMBERSHIP)
		return set_member(s, option, v);
	flag = option_flag(s, option);
	if (flag == NULL)
		return -ENOPROTOOPT;
	*flag = v != 0;
	return 0;
}

static int get_socket_option(struct nl_sock *s, int option, int *ret)
{
	switch (option) {
	case SO_SNDBUF:
		*ret = (int)s->sndbuf;
		return 0;
	case SO_RCVBUF:
		*ret = (int)s->rcvbuf;
		return 0;
	case SO_PROTOCOL:
		*ret = s->proto->protocol;
		return 0;
	case SO_DOMAIN:
		*ret = AF_NETLINK;
		return 0;
	case SO_ERROR:
		*ret = s->lost ? ENOBUFS : 0;
		s->lost = false;
		return 0;
	}
	return -ENOPROTOOPT;
}

/* NETLINK_LIST_MEMBERSHIPS: words of bits, and how long the whole list is. */
static int list_members(const struct nl_sock *s, void *value, size_t *octets)
{
	size_t whole = (s->proto->groups + 31) / 32 * sizeof(uint32_t);

	memcpy(value, &s->groups, MIN(MIN(*octets, whole), sizeof(s->groups)));
	*octets = whole;
	return 0;
}

int nl_getsockopt(struct nl_sock *s, int level, int option, void *value, size_t *octets)
{
	const bool *flag;
	int rc = 0, v = 0;

	if (level == SOL_NETLINK && option == NETLINK_LIST_MEMBERSHIPS)
		return list_members(s, value, octets);
	if (*octets < sizeof(v))
		return -EINVAL;
	if (level == SOL_SOCKET) {
		rc = get_socket_option(s, option, &v);
	} else if (level == SOL_NETLINK) {
		flag = option_flag(s, option);
		rc = flag != NULL ? 0 : -ENOPROTOOPT;
		v = flag != NULL && *flag;
	} else {
		rc = -ENOPROTOOPT;
	}
	if (rc < 0)
		return rc;
	memcpy(value, &v, sizeof(v));
	*octets = sizeof(v);
	return 0;
}

/*
 * Datagrams.
 */
struct nl_dgram *nl_dgram_new(size_t room, struct wr *w)
{
	struct nl_dgram *d = malloc(sizeof(*d) + room);

	if (d == NULL)
		return NULL;
	*d = (struct nl_dgram){ .room = room };
	*w = wr_of(d->data, room);
	return d;
}

bool nl_readable(const struct nl_sock *s)
{
	return s->lost || !list_is_empty(&s->queue);
}

/* Octets that the socket's filter keeps; 0: it is not for this one. */
static size_t keeps(const struct nl_sock *s, const struct nl_dgram *d)
{
	uint32_t octets = (uint32_t)d->octets;
	struct bpf_input in = { .p = d->data, .octets = octets, .whole = octets };

	return s->filter == NULL ? octets : MIN(bpf_run(s->filter, &in), octets);
}

int nl_queue(struct nl_sock *s, struct nl_dgram *d)
{
	bool was = nl_readable(s);

	d->octets = keeps(s, d);
	if (d->octets == 0) {
		free(d);
		return 0;
	}
	/* one always fits, however small the buffer, or a dump could not end */
	if (!list_is_empty(&s->queue) && s->queued + d->octets + DGRAM_COST > s->rcvbuf) {
		free(d);
		return -ENOBUFS;
	}
	s->queued += d->octets + DGRAM_COST;
	list_add_tail(&s->queue, &d->on);
	if (!was && s->ready != NULL)
		s->ready(s->ready_ctx);
	return 0;
}

static void lose(struct nl_sock *s)
{
	bool was = nl_readable(s);

	if (s->no_enobufs)
		return;
	s->lost = true;
	if (!was && s->ready != NULL)
		s->ready(s->ready_ctx);
}

ssize_t nl_send(struct nl_sock *s, const void *p, size_t octets, const struct sockaddr_nl *to)
{
	if (to != NULL && to->nl_family != AF_NETLINK)
		return -EINVAL;
	if (to != NULL && to->nl_groups != 0)
		return -EPERM;
	if (to != NULL && to->nl_pid != 0)
		return -ECONNREFUSED;
	if (octets > NL_REQUEST_MAX)
		return -EMSGSIZE;
	if (!s->bound)
		autobind(s);
	nl_requests(s, rd_of(p, octets));
	return (ssize_t)octets;
}

static void tell_from(const struct nl_dgram *d, size_t room, struct nl_from *from)
{
	*from = (struct nl_from){ .addr = { .nl_family = AF_NETLINK }, .group = d->group };
	if (d->group >= 1 && d->group <= 32)
		from->addr.nl_groups = UINT32_C(1) << (d->group - 1);
	if (d->octets > room)
		from->flags = MSG_TRUNC;
}

ssize_t nl_recv(struct nl_sock *s, void *buf, size_t room, int flags, struct nl_from *from)
{
	struct nl_dgram *d;
	size_t n, whole;

	if (s->lost) {
		s->lost = false;
		return -ENOBUFS;
	}
	nl_dump_more(s); /* one that had no memory before */
	if (list_is_empty(&s->queue))
		return -EAGAIN;
	d = LIST_ENTRY(s->queue.next, struct nl_dgram, on);
	whole = d->octets;
	n = MIN(whole, room);
	if (n > 0)
		memcpy(buf, d->data, n);
	if (from != NULL)
		tell_from(d, room, from);
	s->read_max = MAX(s->read_max, MIN(room, NL_DGRAM_MAX));
	if ((flags & MSG_PEEK) == 0) {
		list_del(&d->on);
		s->queued -= d->octets + DGRAM_COST;
		free(d);
		nl_dump_more(s);
	}
	return (ssize_t)((flags & MSG_TRUNC) != 0 ? whole : n);
}

void nl_on_ready(struct nl_sock *s, void (*fn)(void *ctx), void *ctx)
{
	s->ready = fn;
	s->ready_ctx = ctx;
}

/*
 * Notifications.
 */
static bool is_echo(const struct nl *nl)
{
	return nl->req != NULL && (nl->req->h.nlmsg_flags & NLM_F_ECHO) != 0;
}

bool nl_wants(const struct nl *nl, uint32_t group, bool echo)
{
	return nl->listeners[group] > 0 || (echo && is_echo(nl));
}

static void copy_to(struct nl_sock *s, uint32_t group, const struct nl_dgram *d)
{
	struct wr w;
	struct nl_dgram *copy = nl_dgram_new(d->octets, &w);

	if (copy == NULL) {
		lose(s);
		return;
	}
	wr_bytes(&w, d->data, d->octets);
	copy->octets = d->octets;
	copy->group = group;
	if (nl_queue(s, copy) < 0)
		lose(s);
}

/* An echo has the number of its request, whatever the others are told. */
static void as_answer(const struct nl_req *req, struct nl_dgram *d)
{
	struct nlmsghdr h;

	if (d->octets < sizeof(h))
		return;
	memcpy(&h, d->data, sizeof(h));
	h.nlmsg_seq = req->h.nlmsg_seq;
	h.nlmsg_pid = req->sock->port;
	memcpy(d->data, &h, sizeof(h));
}

void nl_notify(struct nl *nl, uint32_t group, bool echo, struct nl_dgram *d, const struct wr *w)
{
	struct nl_sock *asked = echo && is_echo(nl) ? nl->req->sock : NULL;

	d->octets = wr_len(w);
	LIST_FOR_EACH(it, &nl->socks) {
		struct nl_sock *s = LIST_ENTRY(it, struct nl_sock, on);

		if (s != asked && (s->groups >> (group - 1) & 1) != 0)
			copy_to(s, group, d);
	}
	if (asked != NULL) {
		as_answer(nl->req, d);
		copy_to(asked, 0, d);
	}
	free(d);
}
