/* SPDX-License-Identifier: BSD-3-Clause */
/* Ancillary data: RFC 3542 sections 4 to 11, in and out. */
#ifndef INABA_TRANSPORT_CMSG_H
#define INABA_TRANSPORT_CMSG_H

#include "transport/part.h"

/* Where the next object goes; what does not fit is cut, and MSG_CTRUNC says so. */
struct cmsg_out {
	uint8_t *p;
	size_t left;
	bool cut;
};

static inline struct cmsg_out cmsg_begin(const struct msghdr *msg)
{
	return (struct cmsg_out){ msg->msg_control,
				  msg->msg_control != NULL ? msg->msg_controllen : 0, false };
}

void cmsg_put(struct cmsg_out *c, int level, int type, const void *data, size_t n);

/** cmsg_end() - Set @msg's length and flag. */
void cmsg_end(struct msghdr *msg, const struct cmsg_out *c);

/** cmsg_read() - What a program said of one packet. Return: 0, -EINVAL, -ENODEV. */
int cmsg_read(struct sock *s, const struct msghdr *msg, struct sock_out *o);

/** cmsg_put_hops() - Of the packet that is told of, if the program wants it. */
void cmsg_put_hops(const struct sock *s, int hops, struct cmsg_out *c);

/** cmsg_write() - What a program wants to know of @pkt, from its IPv6 header. */
void cmsg_write(const struct sock *s, const struct pkt *pkt, struct cmsg_out *c);

/** pktinfo_check() - May that be sent from? Return: 0, -ENODEV, -EINVAL. */
int pktinfo_check(const struct sock *s, const struct in6_pktinfo *info, uint32_t oif);

/** hdr_check() - Is it a header of that place? @n: octets there; *@octets: those of it. Return: 0, -EINVAL. */
int hdr_check(enum sock_hdr_place place, const uint8_t *p, size_t n, uint16_t *octets);

#endif
