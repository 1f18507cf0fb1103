/* SPDX-License-Identifier: BSD-3-Clause */
#include "netlink/nlbed.h"

void nlb_init(struct nlb *n, unsigned links)
{
	int on = 1;

	memset(n, 0, sizeof(*n));
	n->room = sizeof(n->buf);
	bed_init(&n->b, links);
	assert_int_equal(nl_open(&n->b.node->nl, NETLINK_ROUTE, NLB_PORT, true, &n->s), 0);
	assert_int_equal(nl_setsockopt(n->s, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)), 0);
	assert_int_equal(nl_bind(n->s, 0, 0), 0);
	assert_int_equal(nl_setsockopt(n->s, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on)),
			 0);
}

void nlb_done(struct nlb *n)
{
	nl_close(n->s);
	bed_done(&n->b);
}

void nlb_req(struct nlb *n, unsigned type, unsigned flags, const void *head, size_t octets)
{
	struct nlmsghdr h = { .nlmsg_type = (uint16_t)type,
			      .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
			      .nlmsg_seq = ++n->seq };

	n->w = wr_of(n->out, sizeof(n->out));
	n->m = nlmsg_begin(&n->w, &h, head, octets);
}

void nlb_send(struct nlb *n)
{
	size_t octets;

	assert_true(nlmsg_end(&n->m));
	octets = wr_len(&n->w);
	assert_int_equal(nl_send(n->s, n->out, octets, NULL), octets);
	node_settle(n->b.node, n->b.now);
}

bool nlb_next(struct nlb *n, struct nlb_msg *m)
{
	struct rd look, whole = n->in;
	ssize_t got;

	if (n->in.left == 0) {
		got = nl_recv(n->s, n->buf, n->room, 0, &n->from);
		if (got == -EAGAIN)
			return false;
		assert_true(got >= (ssize_t)NL_HDR);
		n->in = rd_of(n->buf, (size_t)got);
		n->dgrams++;
	}
	look = n->in;
	assert_true(rd_copy(&look, &m->h, sizeof(m->h)));
	assert_true(m->h.nlmsg_len >= NL_HDR);
	assert_true(rd_take(&n->in, m->h.nlmsg_len, &whole));
	rd_skip(&n->in, MIN(n->in.left, nl_padding(m->h.nlmsg_len)));
	if (n->from.group == 0) {
		assert_int_equal(m->h.nlmsg_seq, n->seq);
		assert_int_equal(m->h.nlmsg_pid, NLB_PORT);
	}
	m->body = rd_of(whole.p + NL_HDR, whole.left - NL_HDR);
	return true;
}

static int ends_with(struct nlb *n, unsigned type)
{
	struct nlb_msg m;
	int err = 0;

	assert_true(nlb_next(n, &m));
	assert_int_equal(m.h.nlmsg_type, type);
	assert_true(rd_copy(&m.body, &err, sizeof(err)));
	assert_true(nlb_silent(n));
	return err;
}

int nlb_error(struct nlb *n)
{
	return ends_with(n, NLMSG_ERROR);
}

int nlb_done_with(struct nlb *n)
{
	return ends_with(n, NLMSG_DONE);
}

unsigned nlb_dump(struct nlb *n, unsigned type, struct nlb_msg *last)
{
	struct nlb_msg m;
	unsigned k = 0;
	int err = 0;

	for (;;) {
		assert_true(nlb_next(n, &m));
		if (m.h.nlmsg_type == NLMSG_DONE)
			break;
		assert_int_equal(m.h.nlmsg_type, type);
		assert_true((m.h.nlmsg_flags & NLM_F_MULTI) != 0);
		k++;
		if (last != NULL)
			*last = m;
	}
	assert_true(rd_copy(&m.body, &err, sizeof(err)));
	assert_int_equal(err, 0);
	assert_true(nlb_silent(n));
	return k;
}

bool nlb_in(struct rd list, unsigned type, struct rd *ret)
{
	struct nlattr a;
	struct rd value;

	while (list.left > 0) {
		assert_true(rd_copy(&list, &a, sizeof(a)));
		assert_true(a.nla_len >= NL_ATTR && rd_take(&list, a.nla_len - NL_ATTR, &value));
		assert_true(rd_skip(&list, nl_padding(a.nla_len)));
		if ((a.nla_type & NL_TYPE_OF) == type) {
			*ret = value;
			return true;
		}
	}
	return false;
}

bool nlb_has_attr(const struct nlb_msg *m, size_t octets, unsigned type, struct rd *ret)
{
	struct rd list = m->body;

	assert_true(rd_skip(&list, octets));
	return nlb_in(list, type, ret);
}

struct rd nlb_attr(const struct nlb_msg *m, size_t octets, unsigned type)
{
	struct rd ret;

	if (!nlb_has_attr(m, octets, type, &ret))
		fail_msg("message of type %u without attribute %u", m->h.nlmsg_type, type);
	return ret;
}

bool nlb_silent(struct nlb *n)
{
	return n->in.left == 0 && !nl_readable(n->s);
}
