/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests: taking a datagram apart, acknowledgements with their reasons, lists in parts. */
#include <stdlib.h>

#include "netlink/nl_part.h"

#define ACK_TLVS_MAX 128 /* octets of an extended ack: reason and offset */

int nl_head(struct nl_req *req, void *head, size_t octets)
{
	if (!rd_copy(&req->body, head, octets))
		return nl_refuse(req, -EINVAL, NULL, "the header is too short");
	rd_skip(&req->body, MIN(req->body.left, nl_padding(octets)));
	return 0;
}

int nl_attrs(struct nl_req *req, const struct nla_policy *policy, unsigned n, struct rd *ret)
{
	/* Linux checks strictly what asks, on a socket that wants it, and what is new since */
	bool get = (req->h.nlmsg_type & 3) == 2;

	return nla_parse(req->body, policy, n, get && req->sock->strict, &req->why, ret);
}

struct nlmsghdr nl_answer_head(const struct nl_req *req, uint16_t type)
{
	return (struct nlmsghdr){ .nlmsg_type = type,
				  .nlmsg_seq = req->h.nlmsg_seq,
				  .nlmsg_pid = req->sock->port };
}

int nl_answer(struct nl_req *req, struct nl_dgram *d, const struct wr *w)
{
	d->octets = wr_len(w);
	return nl_queue(req->sock, d);
}

/*
 * Acknowledgements.
 */
static void put_why(struct wr *w, const struct nl_req *req)
{
	if (req->why.text != NULL)
		nla_text(w, NLMSGERR_ATTR_MSG, req->why.text);
	if (req->why.at != NULL)
		nla_u32(w, NLMSGERR_ATTR_OFFS, (uint32_t)(req->why.at - req->msg.p));
}

static void ack(struct nl_req *req, int err)
{
	bool whole = err < 0 && !req->sock->cap_ack;
	bool tlvs = req->sock->ext_ack && (req->why.text != NULL || req->why.at != NULL);
	struct nlmsghdr h = nl_answer_head(req, NLMSG_ERROR);
	struct wr w;
	struct nl_dgram *d = nl_dgram_new(req->msg.left + NL_HDR + ACK_TLVS_MAX, &w);
	struct nlmsg m;
	bool fits;

	if (d == NULL)
		return;
	h.nlmsg_flags = (uint16_t)((whole ? 0 : NLM_F_CAPPED) | (tlvs ? NLM_F_ACK_TLVS : 0));
	m = nlmsg_begin(&w, &h, &err, sizeof(err));
	wr_bytes(&w, req->msg.p, whole ? req->msg.left : NL_HDR);
	wr_zero(&w, nl_padding(wr_len(&w)));
	if (tlvs)
		put_why(&w, req);
	fits = nlmsg_end(&m);
	ASSERT(fits);
	(void)nl_answer(req, d, &w);
}

/*
 * Dumps.
 */
void nl_dump_end(struct nl_sock *s)
{
	if (s->dump == NULL)
		return;
	free(s->dump->state);
	free(s->dump);
	s->dump = NULL;
	s->nl->dumps--;
	s->proto->watch(s->nl);
}

int nl_dump_start(struct nl_req *req, const struct nl_lister *lister, const void *state)
{
	struct nl_sock *s = req->sock;
	struct nl_dump *d;

	if (s->dump != NULL)
		return nl_refuse(req, -EBUSY, NULL, "this socket has not read the last list yet");
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return -ENOMEM;
	d->state = malloc(lister->octets);
	if (d->state == NULL) {
		free(d);
		return -ENOMEM;
	}
	memcpy(d->state, state, lister->octets);
	d->lister = lister;
	d->h = nl_answer_head(req, 0);
	d->h.nlmsg_flags = NLM_F_MULTI;
	s->dump = d;
	s->nl->dumps++;
	s->proto->watch(s->nl);
	d->changes = s->nl->changes;
	nl_dump_more(s);
	return 1;
}

static int list_nothing(struct nl *nl, struct nl_dump *d, struct wr *w)
{
	(void)nl;
	(void)d;
	(void)w;
	return 0;
}

int nl_dump_nothing(struct nl_req *req)
{
	static const struct nl_lister nothing = { 1, list_nothing };

	return nl_dump_start(req, &nothing, "");
}

static bool put_done(const struct nl_dump *d, struct wr *w, int err)
{
	struct nlmsghdr h = d->h;
	struct nlmsg m;

	h.nlmsg_type = NLMSG_DONE;
	m = nlmsg_begin(w, &h, &err, sizeof(err));
	return nlmsg_end(&m);
}

int nl_dump_refuse(struct nl_req *req, int err)
{
	bool tlvs = req->sock->ext_ack && (req->why.text != NULL || req->why.at != NULL);
	struct nlmsghdr h = nl_answer_head(req, NLMSG_DONE);
	struct nl_dgram *d;
	struct nlmsg m;
	struct wr w;
	bool fits;

	d = nl_dgram_new(NL_HDR + ACK_TLVS_MAX, &w);
	if (d == NULL)
		return -ENOBUFS;
	h.nlmsg_flags = (uint16_t)(NLM_F_MULTI | (tlvs ? NLM_F_ACK_TLVS : 0));
	m = nlmsg_begin(&w, &h, &err, sizeof(err));
	if (tlvs)
		put_why(&w, req);
	fits = nlmsg_end(&m);
	ASSERT(fits);
	(void)nl_answer(req, d, &w);
	return 1;
}

/* What is there, or the end. Return: whether the dump goes on. */
static bool fill(struct nl_sock *s, struct nl_dump *d, struct wr *w)
{
	int rc = 0;

	if (s->nl->changes != d->changes && d->begun)
		d->h.nlmsg_flags |= NLM_F_DUMP_INTR;
	d->changes = s->nl->changes;
	if (!d->ended) {
		rc = d->lister->list(s->nl, d, w);
		d->begun = true;
	}
	if (rc > 0) {
		ASSERT(wr_len(w) > 0); /* each datagram makes progress */
		return true;
	}
	d->ended = true;
	if (rc < 0)
		d->err = rc;
	return !put_done(d, w, d->err);
}

void nl_dump_more(struct nl_sock *s)
{
	size_t room = MAX(s->read_max, NL_DGRAM_OCTETS);
	struct nl_dump *d = s->dump;
	struct nl_dgram *g;
	struct wr w;
	bool more;

	if (d == NULL || !list_is_empty(&s->queue))
		return;
	g = nl_dgram_new(room, &w);
	if (g == NULL)
		return; /* it goes on when the reader asks again */
	more = fill(s, d, &w);
	g->octets = wr_len(&w);
	if (!more)
		nl_dump_end(s);
	(void)nl_queue(s, g);
}

/*
 * Datagrams.
 */
static void serve(struct nl_req *req)
{
	const struct nl_proto *proto = req->sock->proto;
	bool echo = (req->h.nlmsg_flags & NLM_F_ECHO) != 0;
	int rc = 0;

	if ((req->h.nlmsg_flags & NLM_F_REQUEST) == 0)
		return;
	req->nl->req = req;
	if (echo)
		proto->watch(req->nl);
	if (req->h.nlmsg_type >= NLMSG_MIN_TYPE)
		rc = proto->request(req);
	req->nl->req = NULL;
	if (echo)
		proto->watch(req->nl);
	if (rc < 0 || (rc == 0 && (req->h.nlmsg_flags & NLM_F_ACK) != 0))
		ack(req, rc);
}

void nl_requests(struct nl_sock *s, struct rd in)
{
	while (in.left >= NL_HDR) {
		struct nl_req req = { .nl = s->nl, .sock = s };
		struct rd look = in;

		rd_copy(&look, &req.h, sizeof(req.h));
		if (req.h.nlmsg_len < NL_HDR ||
		    !rd_take(&in, req.h.nlmsg_len, &req.msg)) /* as the kernel: silence */
			return;
		rd_skip(&in, MIN(in.left, nl_padding(req.h.nlmsg_len)));
		req.body = rd_of(req.msg.p + NL_HDR, req.msg.left - NL_HDR);
		serve(&req);
	}
}
