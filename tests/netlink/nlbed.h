/* SPDX-License-Identifier: BSD-3-Clause */
/* A bed (tests/bed.h) with a netlink socket: requests in, answers out, one message at a time. */
#ifndef INABA_TESTS_NLBED_H
#define INABA_TESTS_NLBED_H

#include <sys/socket.h>

#include "bed.h"
#include "netlink/rtnl.h"

#define NLB_PORT   4711
#define NLB_OCTETS 65536

struct nlb {
	struct bed b;
	struct nl_sock *s;
	uint32_t seq; /* of the last request */
	struct wr w;  /* of the request that is being made */
	struct nlmsg m;
	struct rd in; /* what is left of the datagram that was read */
	struct nl_from from;
	unsigned dgrams; /* read so far */
	size_t room;	 /* to read into */
	uint8_t out[NLB_OCTETS], buf[NLB_OCTETS];
};

struct nlb_msg {
	struct nlmsghdr h;
	struct rd body;
};

/** nlb_init() - bed_init(), and a socket as iproute2 opens it: strict, with extended acks. */
void nlb_init(struct nlb *n, unsigned links);
void nlb_done(struct nlb *n);

/** nlb_req() - Begin a request; put attributes with nla_put(&n->w, ...); then nlb_send(). */
void nlb_req(struct nlb *n, unsigned type, unsigned flags, const void *head, size_t octets);
void nlb_send(struct nlb *n);

/** nlb_next() - The next message that waits; false: none. Its sequence number and port id are right. */
bool nlb_next(struct nlb *n, struct nlb_msg *m);

/** nlb_error() - The next message is an acknowledgement and nothing follows. Return: its error. */
int nlb_error(struct nlb *n);

/** nlb_done_with() - The next message ends a list that has failed. Return: why. */
int nlb_done_with(struct nlb *n);

/** nlb_dump() - Read to NLMSG_DONE. Return: how many messages of @type; the last of them in @last. */
unsigned nlb_dump(struct nlb *n, unsigned type, struct nlb_msg *last);

/** nlb_attr() - An attribute of @m behind a header of @octets; fails the test if it is not there. */
struct rd nlb_attr(const struct nlb_msg *m, size_t octets, unsigned type);
bool nlb_has_attr(const struct nlb_msg *m, size_t octets, unsigned type, struct rd *ret);

/** nlb_in() - The same within a nest. */
bool nlb_in(struct rd list, unsigned type, struct rd *ret);

/** nlb_silent() - Does nothing wait to be read? */
bool nlb_silent(struct nlb *n);

#endif
