/* SPDX-License-Identifier: BSD-3-Clause */
/* Raw sockets (RFC 3542 section 3). */
#ifndef INABA_TRANSPORT_RAW_H
#define INABA_TRANSPORT_RAW_H

#include "transport/sock.h"

/**
 * raw_input() - A packet of whatever protocol arrived: each raw socket that wants it gets a copy.
 *
 * Return: was there one? Then PKT_TAKEN is set, too. @pkt is the caller's still.
 */
bool raw_input(struct socks *socks, struct pkt *pkt);

#endif
