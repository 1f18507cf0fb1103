/* SPDX-License-Identifier: BSD-3-Clause */
/* What both suites about ICMPv6 are made of: rfc4443.c, rfc4443_silent.c. */
#ifndef INABA_CONFORM_RFC4443_H
#define INABA_CONFORM_RFC4443_H

#include "conform/message.h"

#define ICMP6_MTU_MIN  1280
#define RESOLUTION_FOR (5 * NS_PER_S) /* MAX_MULTICAST_SOLICIT times RETRANS_TIMER, and some */

#define ICMP6_ROUTES (NUT_CAN_FORWARD | NUT_CAN_ADDR)
#define ICMP6_LARGE  (ICMP6_ROUTES | NUT_CAN_MTU)

/* Where nothing is: beyond all routers, and on link B. */
extern const struct ip6_addr icmp6_nowhere, icmp6_nobody;

/** icmp6_sized() - @pv, its data such that with @before octets of headers the payload is so large. */
struct pv icmp6_sized(struct tester *t, struct pv pv, size_t before, size_t payload);

/** icmp6_datagram() - UDP to a port where nobody listens. */
struct pv icmp6_datagram(struct ip6_addr src, struct ip6_addr dst);

/** icmp6_large() - TN1 sends 1,500 octets to TN2; the MTU of link A has been made 1,280. */
struct pv icmp6_large(struct tester *t);

#endif
