/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * NETLINK_SOCK_DIAG: what ss(8) speaks. Read sock_diag(7). A request says of which family and protocol, in which
 * states, and what is wanted besides; the answer is a message a socket. Of local sockets, packet sockets
 * and netlink's own, which sock_diag knows too, nothing is listed.
 *
 * A list goes on where it was by number: sockets that come and go while it is read may be missed, or listed
 * twice, as with the kernel's.
 */
#include "netlink/nl_part.h"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include "transport/sock_view.h"

#define CONG_CUBIC "cubic"
#define INFO_MAX   512 /* octets of struct tcp_info */
#define CONG_RENO  "reno"

/* What was asked for, and how many have been told. */
struct asked {
	struct inet_diag_req_v2 req;
	uint32_t protocol; /* INET_DIAG_REQ_PROTOCOL: of raw sockets */
	uint64_t skip;
};

struct walk {
	const struct asked *asked;
	struct wr *w;
	struct nlmsghdr h;
	uint64_t at, told; /* sockets passed; told of in all */
	bool full;
	const struct sock_view *found; /* by-socket requests */
	struct sock_view one;
};

/*
 * One socket.
 */

static void put_end(const struct tcp_end *e, uint8_t family, __be32 *addr, __be16 *port)
{
	put_be16((uint8_t *)port, e->port);
	if (family == AF_INET)
		memcpy(addr, e->addr.b + IP6_ADDR_OCTETS - 4, 4);
	else
		memcpy(addr, e->addr.b, IP6_ADDR_OCTETS);
}

static struct inet_diag_msg head_of(const struct sock_view *v)
{
	struct inet_diag_msg m = { .idiag_family = v->family,
				   .idiag_state = v->state,
				   .idiag_timer = v->timer,
				   .idiag_retrans = v->retrans,
				   .id.idiag_if = v->local.ifindex,
				   .id.idiag_cookie = { (uint32_t)v->cookie,
							(uint32_t)(v->cookie >> 32) },
				   .idiag_expires = (uint32_t)(v->timer_left / NS_PER_MS),
				   .idiag_rqueue = v->rqueue,
				   .idiag_wqueue = v->wqueue,
				   .idiag_inode = (uint32_t)v->inode };

	put_end(&v->local, v->family, m.id.idiag_src, &m.id.idiag_sport);
	put_end(&v->remote, v->family, m.id.idiag_dst, &m.id.idiag_dport);
	return m;
}

static bool is_wanted(const struct asked *a, unsigned extension)
{
	return (a->req.idiag_ext >> (extension - 1) & 1) != 0;
}

static void put_memory(struct wr *w, const struct asked *a, const struct sock_view *v)
{
	const struct tcp_opts *o = v->tc != NULL ? tcp_opts(v->tc) : NULL;
	uint32_t rcvbuf = o != NULL ? o->rcvbuf : v->s != NULL ? (uint32_t)v->s->opt.rcvbuf : 0;
	uint32_t sndbuf = o != NULL ? o->sndbuf : v->s != NULL ? (uint32_t)v->s->opt.sndbuf : 0;
	bool listens = v->state == VIEW_LISTEN;
	uint32_t rqueue = listens ? 0 : v->rqueue, wqueue = listens ? 0 : v->wqueue;
	uint32_t sk[SK_MEMINFO_VARS] = { [SK_MEMINFO_RMEM_ALLOC] = rqueue,
					 [SK_MEMINFO_RCVBUF] = rcvbuf,
					 [SK_MEMINFO_WMEM_ALLOC] = 0,
					 [SK_MEMINFO_SNDBUF] = sndbuf,
					 [SK_MEMINFO_WMEM_QUEUED] = wqueue };
	struct inet_diag_meminfo mem = { .idiag_rmem = rqueue, .idiag_wmem = wqueue };

	if (is_wanted(a, INET_DIAG_MEMINFO))
		nla_put(w, INET_DIAG_MEMINFO, &mem, sizeof(mem));
	if (is_wanted(a, INET_DIAG_SKMEMINFO))
		nla_put(w, INET_DIAG_SKMEMINFO, sk, sizeof(sk));
}

static void put_tcp(struct wr *w, const struct asked *a, const struct sock_view *v)
{
	bool listens = v->state == VIEW_LISTEN;
	struct tcp_info info = { .state = TCP_CLOSED };
	uint8_t buf[INFO_MAX];

	if (v->protocol != IP6_NH_TCP || v->state == VIEW_TIME_WAIT)
		return;
	if (v->tc != NULL)
		tcp_info(v->tc, &info);
	if (is_wanted(a, INET_DIAG_INFO))
		nla_put(w, INET_DIAG_INFO, buf, tcp_info_put(&info, listens, buf, sizeof(buf)));
	if (is_wanted(a, INET_DIAG_CONG) && v->tc != NULL)
		nla_text(w, INET_DIAG_CONG,
			 tcp_opts(v->tc)->cc == &TCP_NEWRENO ? CONG_RENO : CONG_CUBIC);
}

static bool fill(struct wr *w, const struct nlmsghdr *h, const struct asked *a,
		 const struct sock_view *v)
{
	struct inet_diag_msg head = head_of(v);
	struct nlmsg m = nlmsg_begin(w, h, &head, sizeof(head));

	nla_u8(w, INET_DIAG_SHUTDOWN, v->s != NULL ? v->s->shut : 0);
	if (a->req.sdiag_protocol == IPPROTO_RAW)
		nla_u8(w, INET_DIAG_PROTOCOL, v->protocol);
	if (v->family == AF_INET6 && v->s != NULL && v->state != VIEW_TIME_WAIT) {
		if (is_wanted(a, INET_DIAG_TCLASS))
			nla_u8(w, INET_DIAG_TCLASS, (uint8_t)MAX(v->s->opt.tclass, 0));
		if (v->state == VIEW_LISTEN || v->state == VIEW_CLOSE)
			nla_u8(w, INET_DIAG_SKV6ONLY, v->s->opt.v6only);
	}
	put_memory(w, a, v);
	put_tcp(w, a, v);
	return nlmsg_end(&m);
}

/*
 * Which.
 */

static bool is_asked_for(const struct asked *a, const struct sock_view *v)
{
	const struct inet_diag_req_v2 *q = &a->req;
	bool raw = q->sdiag_protocol == IPPROTO_RAW;

	if (v->family != q->sdiag_family || (q->idiag_states >> v->state & 1) == 0)
		return false;
	if (raw ? v->type != SOCK_RAW || (a->protocol != 0 && v->protocol != a->protocol)
		: v->type == SOCK_RAW || v->protocol != q->sdiag_protocol)
		return false;
	if (q->id.idiag_sport != 0 &&
	    get_be16((const uint8_t *)&q->id.idiag_sport) != v->local.port)
		return false;
	return q->id.idiag_dport == 0 ||
	       get_be16((const uint8_t *)&q->id.idiag_dport) == v->remote.port;
}

static bool one(void *ctx, const struct sock_view *v)
{
	struct walk *k = ctx;

	if (!is_asked_for(k->asked, v) || k->at++ < k->asked->skip)
		return true;
	k->full = !fill(k->w, &k->h, k->asked, v);
	k->told += !k->full;
	return !k->full;
}

static int protocol_of(const struct asked *a)
{
	return a->req.sdiag_protocol == IPPROTO_RAW ? 0 : a->req.sdiag_protocol;
}

static int list(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	struct asked *a = d->state;
	struct walk k = { .asked = a, .w = w, .h = d->h };

	if (nl->shown == NULL)
		return 0;
	k.h.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	sock_views(nl->shown, protocol_of(a), one, &k);
	a->skip += k.told;
	return k.full;
}

/* Both ends, by what a program says of them: a listener's remote one is nothing. */
static bool same_ends(const struct sock_view *v, const struct inet_diag_msg *want)
{
	struct inet_diag_msg m = head_of(v);

	return memcmp(&m.id, &want->id, offsetof(struct inet_diag_sockid, idiag_if)) == 0;
}

static bool by_socket(void *ctx, const struct sock_view *v)
{
	struct walk *k = ctx;
	const struct inet_diag_sockid *id = &k->asked->req.id;
	struct inet_diag_msg want = { .id = *id };
	bool any = id->idiag_cookie[0] == INET_DIAG_NOCOOKIE &&
		   id->idiag_cookie[1] == INET_DIAG_NOCOOKIE;

	if (v->family != k->asked->req.sdiag_family || !same_ends(v, &want))
		return true;
	if (!any && (id->idiag_cookie[0] != (uint32_t)v->cookie ||
		     id->idiag_cookie[1] != (uint32_t)(v->cookie >> 32)))
		return true;
	k->one = *v;
	k->found = &k->one;
	return false;
}

/*
 * Requests.
 */

static int get_one(struct nl_req *req, const struct asked *a, const struct sock_view *v)
{
	struct nlmsghdr h = nl_answer_head(req, SOCK_DIAG_BY_FAMILY);
	struct nl_dgram *d;
	struct wr w;

	d = nl_dgram_new(NL_DGRAM_OCTETS, &w);
	if (d == NULL)
		return -ENOBUFS;
	if (!fill(&w, &h, a, v))
		ASSERT_NOT_REACHED();
	return nl_answer(req, d, &w);
}

/* SOCK_DESTROY: the owner finds out by ECONNABORTED (RFC 9293 section 3.10.5). */
static int destroy(struct nl_req *req, const struct sock_view *v)
{
	if (!req->sock->admin)
		return -EPERM;
	if (v->tc == NULL)
		return nl_refuse(req, -EOPNOTSUPP, NULL, "only connections can be ended");
	sock_destroy(v);
	return 0;
}

static int one_socket(struct nl_req *req, const struct asked *a)
{
	struct walk k = { .asked = a };

	if (req->nl->shown != NULL)
		sock_views(req->nl->shown, protocol_of(a), by_socket, &k);
	if (k.found == NULL)
		return nl_refuse(req, -ENOENT, NULL, "there is no such socket");
	if (req->h.nlmsg_type == SOCK_DESTROY)
		return destroy(req, k.found);
	return get_one(req, a, k.found);
}

static int inet(struct nl_req *req)
{
	static const struct nl_lister lister = { sizeof(struct asked), list };
	static const struct nla_policy policy[INET_DIAG_REQ_PROTOCOL + 1] = {
		[INET_DIAG_REQ_BYTECODE] = { NLP_ANY, 0 },
		[INET_DIAG_REQ_PROTOCOL] = { NLP_U32, 0 },
	};
	struct rd attr[ARRAY_LEN(policy)];
	struct asked a = { .skip = 0 };
	int err = nl_head(req, &a.req, sizeof(a.req));

	if (err == 0)
		err = nla_parse(req->body, policy, ARRAY_LEN(attr), false, &req->why, attr);
	if (err != 0)
		return err;
	if (attr[INET_DIAG_REQ_PROTOCOL].p != NULL)
		a.protocol = nla_get_u32(attr[INET_DIAG_REQ_PROTOCOL]);
	if ((req->h.nlmsg_flags & NLM_F_DUMP) == 0)
		return one_socket(req, &a);
	/* the filter of ss(8) is a hint: it judges what is listed once more */
	return nl_dump_start(req, &lister, &a);
}

static int request(struct nl_req *req)
{
	bool dump = (req->h.nlmsg_flags & NLM_F_DUMP) != 0;
	uint8_t family;

	if (req->h.nlmsg_type != SOCK_DIAG_BY_FAMILY && req->h.nlmsg_type != SOCK_DESTROY)
		return nl_refuse(req, -EINVAL, NULL, "no such request here");
	if (req->body.left < sizeof(struct sock_diag_req))
		return nl_refuse(req, -EINVAL, NULL, "the header is too short");
	family = req->body.p[0];
	if (family == AF_INET6 || family == AF_INET)
		return inet(req);
	if (dump && (family == AF_UNIX || family == AF_PACKET || family == AF_NETLINK))
		return nl_dump_nothing(req);
	return nl_refuse(req, -ENOENT, NULL, "there are no sockets of this family here");
}

static void watch(struct nl *nl)
{
	(void)nl; /* nothing is told of by itself */
}

const struct nl_proto NL_SOCK_DIAG = {
	.protocol = NETLINK_SOCK_DIAG,
	.groups = 0,
	.request = request,
	.watch = watch,
};
