/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbor Discovery messages as values, as a case that is not about their form wants them; it may
 * change any field afterwards. Their octets belong to the tester and live until the part ends.
 */
#ifndef INABA_CONFORM_MESSAGE_H
#define INABA_CONFORM_MESSAGE_H

#include "conform/tester.h"

#define RA_MANAGED    0x80u /* the flags of a Router Advertisement (RFC 4861 section 4.2) */
#define RA_OTHER      0x40u
#define NA_ROUTER     0x80000000u /* in pv.param of a Neighbor Advertisement (section 4.4) */
#define NA_SOLICITED  0x40000000u
#define NA_OVERRIDE   0x20000000u
#define PIO_ON_LINK   0x80u /* Prefix Information (section 4.6.2) */
#define PIO_AUTO      0x40u
#define LIFE_INFINITE UINT32_MAX

/** octets() - @n octets of zeros, the tester's. */
uint8_t *octets(struct tester *t, size_t n);

/** option() - Put an ND option behind those of @pv: padded to units of 8 octets, length right. */
void option(struct tester *t, struct pv *pv, uint8_t type, const void *body, size_t octets);

/** option_lla() - Source (1) or target (2) link-layer address. */
void option_lla(struct tester *t, struct pv *pv, uint8_t type, const struct mac *mac);

/**
 * option_find() - The first option of type @type, behind @fixed octets of @pv's data.
 *
 * Return: its header, or NULL if there is none that is whole.
 */
const uint8_t *option_find(const struct pv *pv, size_t fixed, uint8_t type);

/** has_lla() - Has an NS (type 1) or NA (type 2) that option, and does it say @mac? */
bool has_lla(const struct pv *pv, uint8_t type, const struct mac *mac);

/** option_prefix() - Prefix Information; lifetimes in seconds. */
void option_prefix(struct tester *t, struct pv *pv, const struct ip6_addr *prefix, unsigned len,
		   uint8_t flags, uint32_t valid_s, uint32_t preferred_s);

/** option_mtu() - MTU. */
void option_mtu(struct tester *t, struct pv *pv, uint32_t mtu);

/** rs() - A Router Solicitation of @from's, without options. */
struct pv rs(struct tester *t, enum station_id from);

/** ra() - A Router Advertisement of @from's to all nodes: its lifetime and flags, no options. */
struct pv ra(struct tester *t, enum station_id from, uint16_t lifetime_s, uint8_t flags);

/** ra_timers() - Reachable time and retransmission timer of @pv, in ms. */
void ra_timers(struct pv *pv, uint32_t reachable_ms, uint32_t retrans_ms);

/** ns() - @from solicits @target at its solicited-node group. @lla: its own, or NULL for no option. */
struct pv ns(struct tester *t, enum station_id from, struct ip6_addr target, const struct mac *lla);

/** na() - @from advertises @target to @dst. @flags: NA_*. @lla: target's, or NULL for no option. */
struct pv na(struct tester *t, enum station_id from, struct ip6_addr target, struct ip6_addr dst,
	     uint32_t flags, const struct mac *lla);

/** redirect() - @from tells @dst that @target is the better first hop to @about; no options. */
struct pv redirect(struct tester *t, enum station_id from, struct ip6_addr dst,
		   struct ip6_addr target, struct ip6_addr about);

/** all_nodes, all_routers - ff02::1 and ff02::2. */
extern const struct ip6_addr all_nodes, all_routers;

#endif
