/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets that may come, or go, in fragments (RFC 8200 section 4.5). */
#ifndef INABA_CONFORM_WHOLE_H
#define INABA_CONFORM_WHOLE_H

#include "conform/tester.h"

/**
 * expect_whole() - As expect(), but it may come as fragments, none larger than @max octets as a packet.
 *
 * Return: the packet, or its largest fragment. FAIL if it does not come, is another one than
 * wanted once it is whole, or came in a packet that is too large.
 */
const struct seen *expect_whole(struct tester *t, enum nut_link link, time_ns within,
				const struct pv *pv, uint32_t max);

/** tx_pieces() - As tx(), in fragments of at most @max octets each as a packet; @pv has no ext. */
void tx_pieces(struct tester *t, enum station_id from, const struct pv *pv, uint32_t max);

#endif
