/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device's neighbor cache entry about a station, from outside: brought into a state of RFC
 * 4861 section 7.3.2, changed, and seen again by what the device sends, to whom and when.
 */
#ifndef INABA_CONFORM_CACHE_H
#define INABA_CONFORM_CACHE_H

#include "conform/tester.h"

/* RFC 4861 section 10. */
#define RETRANS_TIMER	       NS_PER_S
#define DELAY_FIRST_PROBE_TIME (5 * NS_PER_S)
#define MAX_MULTICAST_SOLICIT  3
#define MAX_UNICAST_SOLICIT    3
#define REACHABLE_TIME_MAX     (45 * NS_PER_S) /* REACHABLE_TIME * MAX_RANDOM_FACTOR */

enum cache_state { CACHE_NONE, CACHE_INCOMPLETE, CACHE_REACHABLE, CACHE_STALE, CACHE_PROBE };

/* The link-layer address that a message brings. */
enum cache_lla { LLA_NONE, LLA_SAME, LLA_OTHER };

/**
 * cache_bring() - Bring the entry of @who's link-local address, of which the device knows nothing
 * yet, into @state; @who answers solicitations by hand from here on.
 *
 * Return: what the device still owes it, in INCOMPLETE: the answer to an echo request.
 */
struct pv cache_bring(struct tester *t, enum station_id who, enum cache_state state);

/** cache_grow_stale() - Wait until whatever is REACHABLE now and not confirmed again is STALE. */
void cache_grow_stale(struct tester *t);

/** cache_is_stale() - Used, with this link-layer address, it is probed DELAY_FIRST_PROBE_TIME later. */
void cache_is_stale(struct tester *t, enum station_id who, const struct mac *mac);

/** cache_is_reachable() - Used, with this link-layer address, it is not probed. */
void cache_is_reachable(struct tester *t, enum station_id who, const struct mac *mac);

/** cache_is_incomplete() - Used, the device solicits for it in its group. */
void cache_is_incomplete(struct tester *t, enum station_id who);

/** cache_still_sought() - In INCOMPLETE, after the first of MAX_MULTICAST_SOLICIT: the others come. */
void cache_still_sought(struct tester *t, enum station_id who);

/** cache_pays() - What was owed comes, to this link-layer address. */
const struct seen *cache_pays(struct tester *t, enum station_id who, struct pv owed,
			      const struct mac *mac);

/** cache_probed() - In DELAY since @from: the first probe comes DELAY_FIRST_PROBE_TIME after that. */
void cache_probed(struct tester *t, enum station_id who, const struct mac *mac, time_ns from);

/**
 * cache_still_probed() - In PROBE, after the first of MAX_UNICAST_SOLICIT probes: packets go to this
 * link-layer address, and so do the other probes.
 */
void cache_still_probed(struct tester *t, enum station_id who, const struct mac *mac);

/**
 * cache_after() - What a message that may bring a link-layer address, but confirms nothing, does to
 * the entry: RFC 4861 sections 6.2.6, 6.3.4, 7.2.3 and 8.3 say the same of solicitations,
 * advertisements of routers and redirects.
 * @send:	Sends it, with the link-layer address of @lla or, if that is NULL, with none.
 */
void cache_after(struct tester *t, enum station_id who, enum cache_state state, enum cache_lla lla,
		 void (*send)(struct tester *t, enum station_id who, const struct mac *lla));

/** cache_told() - The second half of cache_after(): what such a message has done. */
void cache_told(struct tester *t, enum station_id who, enum cache_state state, enum cache_lla lla,
		struct pv owed);

/**
 * cache_confirmed_every() - TN1, in use for @how_long, is asked for again and again, @low to @high
 * after it was confirmed last. Unless it is @new, the first time is of what was set before.
 */
void cache_confirmed_every(struct tester *t, bool new, time_ns how_long, time_ns low, time_ns high);

/** other_mac() - A link-layer address that @who had not before. */
struct mac other_mac(const struct tester *t, enum station_id who);

#endif
