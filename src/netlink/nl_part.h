/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the engine (nl.c, nl_request.c) and the families only. */
#ifndef INABA_NETLINK_NL_PART_H
#define INABA_NETLINK_NL_PART_H

#include "base/bpf.h"
#include "netlink/nl.h"
#include "netlink/nlmsg.h"

/* A datagram for a program. */
struct nl_dgram {
	struct list on;
	size_t octets, room;
	uint32_t group; /* 0: an answer */
	uint8_t data[];
};

struct nl_dump;

/* How a dump goes on: one for each kind of thing that is listed. */
struct nl_lister {
	size_t octets; /* of its state */
	/**
	 * list() - Write messages into @w until one does not fit, and go on there the next time.
	 *
	 * Return: 1: there is more; 0: that was all; -errno.
	 */
	int (*list)(struct nl *nl, struct nl_dump *d, struct wr *w);
};

struct nl_dump {
	const struct nl_lister *lister;
	void *state;	   /* all zero at first */
	struct nlmsghdr h; /* of the answers: port id, sequence number, NLM_F_MULTI */
	uint64_t changes;  /* of the node when the last datagram was made */
	bool begun, ended; /* something has been listed; and that was all, or err */
	int err;
};

struct nl_sock {
	struct list on;
	struct nl *nl;
	const struct nl_proto *proto;
	uint32_t port, want_port;
	bool bound, admin;
	bool ext_ack, cap_ack, strict, no_enobufs, pktinfo, broadcast_error, ext_groups;
	uint64_t groups; /* bit g - 1 for group g */
	struct list queue;
	size_t queued, rcvbuf, sndbuf;
	struct bpf *filter; /* SO_ATTACH_FILTER; NULL: none */
	size_t read_max;    /* the largest room a reader offered: answers may be as long */
	bool lost;	    /* notifications: nl_recv() says so once */
	struct nl_dump *dump;
	void (*ready)(void *ctx);
	void *ready_ctx;
};

/* A request, taken apart as far as the engine knows it. */
struct nl_req {
	struct nl *nl;
	struct nl_sock *sock;
	struct nlmsghdr h;
	struct rd msg;	/* all of it */
	struct rd body; /* behind the header */
	struct nl_why why;
};

/* What is spoken on a socket. */
struct nl_proto {
	int protocol;
	uint32_t groups; /* the highest group */
	/** request() - Return: 0 or -errno, to be acknowledged; or 1: a dump has begun. */
	int (*request)(struct nl_req *req);
	/** watch() - Somebody joined or left a group, or a dump began or ended. */
	void (*watch)(struct nl *nl);
};

extern const struct nl_proto NL_ROUTE;	   /* rtnl.c */
extern const struct nl_proto NL_SOCK_DIAG; /* diag.c */

/** nexthops_done() - Forget the objects; routes are not changed. */
void nexthops_done(struct nl *nl);

/** nl_refuse() - Words for the extended ack. @at: attribute's value, or NULL. Return: @err. */
static inline int nl_refuse(struct nl_req *req, int err, const struct rd *at, const char *text)
{
	ASSERT(err < 0);
	req->why = (struct nl_why){ text, at != NULL && at->p != NULL ? at->p - NL_ATTR : NULL };
	return err;
}

/** nl_head() - Take the family's header off the body; a short one is -EINVAL. */
int nl_head(struct nl_req *req, void *head, size_t octets);

/** nl_attrs() - Attributes behind the header. @strict: as nla_parse(), and the socket asked for it. */
int nl_attrs(struct nl_req *req, const struct nla_policy *policy, unsigned n, struct rd *ret);

/** nl_dgram_new() - A datagram with room for @room octets, to be written by @w. NULL: no memory. */
struct nl_dgram *nl_dgram_new(size_t room, struct wr *w);

/** nl_answer() - Send what was written to whoever asked. @d: taken. Return: 0, -ENOBUFS. */
int nl_answer(struct nl_req *req, struct nl_dgram *d, const struct wr *w);

/** nl_answer_head() - Header of the one answer to @req. */
struct nlmsghdr nl_answer_head(const struct nl_req *req, uint16_t type);

/**
 * nl_dump_start() - Begin to list. @state: the lister's, copied.
 *
 * Return: 1; -EBUSY when this socket is listing already, -ENOMEM.
 */
int nl_dump_start(struct nl_req *req, const struct nl_lister *lister, const void *state);

/** nl_dump_nothing() - A list of what the node has none of. */
int nl_dump_nothing(struct nl_req *req);

/** nl_dump_refuse() - A list that fails before it begins has an end that says so. Return: 1. */
int nl_dump_refuse(struct nl_req *req, int err);

/** nl_dump_more() - Make the next datagram of a dump, if there is one and there is room. */
void nl_dump_more(struct nl_sock *s);

/** nl_dump_end() - Forget it. */
void nl_dump_end(struct nl_sock *s);

/** nl_requests() - Serve the requests of one datagram. */
void nl_requests(struct nl_sock *s, struct rd in);

/** nl_queue() - Put @d, which is taken, behind what waits. Return: 0, or -ENOBUFS. */
int nl_queue(struct nl_sock *s, struct nl_dgram *d);

/**
 * nl_notify() - Send what was written to all in @group; with @echo, and if it asked for NLM_F_ECHO,
 * to whoever made the request. @d: taken.
 */
void nl_notify(struct nl *nl, uint32_t group, bool echo, struct nl_dgram *d, const struct wr *w);

/** nl_wants() - Would nl_notify() reach anybody? */
bool nl_wants(const struct nl *nl, uint32_t group, bool echo);

#endif
