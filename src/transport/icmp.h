/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets of type SOCK_DGRAM and protocol IPPROTO_ICMPV6: echo requests without privileges, as Linux has
 * them. The port is the identifier.
 */
#ifndef INABA_TRANSPORT_ICMP_H
#define INABA_TRANSPORT_ICMP_H

#include "transport/sock.h"

/** icmp_reply_input() - An echo reply arrived. Return: false, with @pkt the caller's, if nobody's. */
bool icmp_reply_input(struct socks *socks, struct pkt *pkt);

#endif
