/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers of rtnetlink as lines of text, to compare a node's with the kernel's: one line a message,
 * attributes in the order of their numbers, values in hexadecimal. What must differ (times, counts,
 * words of errors, attributes that only devices of the kernel have) is left out.
 */
#ifndef INABA_TESTS_NLTEXT_H
#define INABA_TESTS_NLTEXT_H

#include <stdio.h>

#include "netlink/rtnl.h"

#define NLTEXT_LINE 2048

/* Takes a line, without its end. */
typedef void nltext_line(void *ctx, const char *line);

/** nltext() - A datagram. Return: how many of its messages end an answer: NLMSG_DONE, NLMSG_ERROR. */
unsigned nltext(const void *p, size_t octets, nltext_line *fn, void *ctx);

/** nltext_request() - Read "> HEX", and number it. Return: octets; 0: no such line. */
size_t nltext_request(const char *line, uint32_t seq, uint8_t *ret, size_t room);

/* What one is told of, beside the answers. */
#define NLTEXT_GROUPS                                                                              \
	(1u << (RTNLGRP_NEIGH - 1) | 1u << (RTNLGRP_IPV6_IFADDR - 1) |                             \
	 1u << (RTNLGRP_IPV6_ROUTE - 1) | 1u << (RTNLGRP_IPV6_RULE - 1) |                          \
	 1u << (RTNLGRP_NEXTHOP - 1))

#endif
