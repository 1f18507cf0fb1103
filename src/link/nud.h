/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbor Unreachability Detection: the state of one neighbour.
 *
 * Read RFC 4861 sections 7.2.2 to 7.2.5 and 7.3, then its appendix C, then RFC 7048 section 3.
 *
 * The machine is told events by name and answers with what to send; it sends nothing, holds no
 * address and knows no table. Its owner keeps the link-layer address and the IsRouter flag, and
 * is told when to overwrite them.
 *
 * Where RFC 4861 contradicts itself the text wins over the summary in appendix C:
 *  - an advertisement without Override for another link-layer address makes REACHABLE STALE even
 *    if it is not solicited (section 7.2.5 I; appendix C says unchanged);
 *  - an advertisement without link-layer address for an INCOMPLETE entry is discarded whole
 *    (section 7.2.5; appendix C updates IsRouter).
 *
 * RFC 7048 replaces the end of PROBE: the entry is kept as UNREACHABLE. Packets still go to the
 * address on record; solicitations are multicast (the neighbour may have got a new address), the
 * time between them grows, and they stop while nobody sends. Set nud_conf.backoff to 0 for the
 * RFC 4861 way, which deletes the entry.
 */
#ifndef INABA_LINK_NUD_H
#define INABA_LINK_NUD_H

#include "base/base.h"

enum nud_state {
	/*
	 * No entry in the sense of the RFC: not yet, or not any more. No link-layer address. The
	 * first packet starts resolution.
	 */
	NUD_FREE,
	/*
	 * Address resolution runs (7.2.2): multicast solicitations every RetransTimer. No
	 * link-layer address, so packets wait. Only an address ends it, or giving up.
	 */
	NUD_INCOMPLETE,
	/* Confirmed within ReachableTime. Packets go out and nothing is done. */
	NUD_REACHABLE,
	/*
	 * An address, not confirmed lately. Nothing is done until a packet is sent: no packet has
	 * been sent since the state was entered.
	 */
	NUD_STALE,
	/* A packet went out while STALE; upper layers have DELAY_FIRST_PROBE_TIME to confirm. */
	NUD_DELAY,
	/* Unicast solicitations every RetransTimer. Packets go out meanwhile. */
	NUD_PROBE,
	/*
	 * RFC 7048 section 3: no answer to the probes. Packets still go to the address on record;
	 * multicast solicitations back off, and pause while no packet is sent. A router in this
	 * state is not "known to be reachable".
	 */
	NUD_UNREACHABLE,
	/* Set by hand: never probed, never changed by what neighbours say. */
	NUD_PERMANENT,
	NUD_NUM_STATES
};

/* What the machine wants done. */
enum nud_do {
	NUD_DO_NOTHING,
	NUD_DO_NS_MCAST, /* solicit at the solicited-node multicast address */
	NUD_DO_NS_UCAST, /* solicit at the address on record */
	NUD_DO_UNREACH,	 /* resolution failed: answer waiting packets (7.2.2) */
};

/* RFC 4861 section 10, RFC 7048 section 4. */
#define NUD_REACHABLE_TIME	   (30 * NS_PER_S)
#define NUD_RETRANS_TIMER	   NS_PER_S
#define NUD_DELAY_FIRST_PROBE_TIME (5 * NS_PER_S)
#define NUD_MAX_MULTICAST_SOLICIT  3
#define NUD_MAX_UNICAST_SOLICIT	   3
#define NUD_MAX_RETRANS_TIMER	   (60 * NS_PER_S)
#define NUD_BACKOFF_MULTIPLE	   3

/*
 * Per interface; may change at any time. Timers that run keep their time, the next one armed
 * takes the new value. At least one solicitation is sent whatever the maxima say.
 */
struct nud_conf {
	time_ns reachable;	   /* ReachableTime, already randomised (6.3.2) */
	time_ns retrans;	   /* RetransTimer */
	time_ns retrans_max;	   /* MAX_RETRANS_TIMER of RFC 7048 */
	time_ns delay_first_probe; /* DELAY_FIRST_PROBE_TIME */
	uint8_t mcast_probes_max;  /* MAX_MULTICAST_SOLICIT */
	uint8_t ucast_probes_max;  /* MAX_UNICAST_SOLICIT */
	uint8_t backoff;	   /* BACKOFF_MULTIPLE; 0: no UNREACHABLE, delete instead */
};

#define NUD_CONF_DEFAULT                                                                           \
	((struct nud_conf){ .reachable = NUD_REACHABLE_TIME,                                       \
			    .retrans = NUD_RETRANS_TIMER,                                          \
			    .retrans_max = NUD_MAX_RETRANS_TIMER,                                  \
			    .delay_first_probe = NUD_DELAY_FIRST_PROBE_TIME,                       \
			    .mcast_probes_max = NUD_MAX_MULTICAST_SOLICIT,                         \
			    .ucast_probes_max = NUD_MAX_UNICAST_SOLICIT,                           \
			    .backoff = NUD_BACKOFF_MULTIPLE })

struct nud {
	uint8_t state;	       /* enum nud_state; only nud_enter() writes it */
	uint8_t probes;	       /* sent in this INCOMPLETE, PROBE or UNREACHABLE */
	bool used;	       /* UNREACHABLE: a packet was sent since the last probe */
	time_ns deadline;      /* when to call nud_on_timer(); TIME_NEVER: not at all */
	time_ns solicit_after; /* 7.3.3: no solicitation before */
};

/* Flags of a Neighbor Advertisement as they lie in its octet 4 (RFC 4861 section 4.4). */
#define NUD_NA_ROUTER	 0x80
#define NUD_NA_SOLICITED 0x40
#define NUD_NA_OVERRIDE	 0x20

/* A link-layer address option against the address on record; any is NEW if there is none. */
enum nud_lladdr {
	NUD_LLADDR_NONE, /* no option */
	NUD_LLADDR_SAME,
	NUD_LLADDR_NEW,
};

/* What the owner must copy from an advertisement: bits of nud_on_advert()'s answer. */
#define NUD_TAKE_LLADDR 0x01
#define NUD_TAKE_ROUTER 0x02

/** nud_state_name() - "INCOMPLETE", for users. */
const char *nud_state_name(enum nud_state s);

/** nud_init() - A neighbour in state FREE that was never solicited. */
void nud_init(struct nud *n);

/** nud_has_lladdr() - Is a link-layer address on record, so that packets may leave? */
static inline bool nud_has_lladdr(const struct nud *n)
{
	return n->state >= NUD_REACHABLE;
}

/** nud_is_ready() - May packets leave without nud_on_send() being told? */
static inline bool nud_is_ready(const struct nud *n)
{
	const unsigned ready = 1u << NUD_REACHABLE | 1u << NUD_DELAY | 1u << NUD_PROBE |
			       1u << NUD_PERMANENT;

	return (ready >> n->state & 1) != 0;
}

/**
 * nud_on_send() - A unicast packet is to be sent to the neighbour (7.2.2, 7.3.3).
 * Queue it if nud_has_lladdr() is false afterwards.
 */
enum nud_do nud_on_send(struct nud *n, const struct nud_conf *cf, time_ns now);

#define NUD_ASK_INTERVAL (60 * NS_PER_S) /* RFC 4191 section 3.5: MUST NOT be more often */

/**
 * nud_on_ask() - A packet that would have gone to this router, were it not UNREACHABLE, goes to
 * another one: probe whether it is back (RFC 4191 section 3.5, SHOULD). If it is FREE it is sought, as
 * if there were a packet; the caller sees to it that this is not too often.
 */
enum nud_do nud_on_ask(struct nud *n, const struct nud_conf *cf, time_ns now);

/** nud_on_timer() - The time is @now; does nothing before n->deadline. */
enum nud_do nud_on_timer(struct nud *n, const struct nud_conf *cf, time_ns now);

/**
 * nud_on_advert() - A valid Neighbor Advertisement for this neighbour (7.2.5).
 * @lladdr:	Its Target Link-Layer Address option.
 * @flags:	NUD_NA_*.
 *
 * Return: NUD_TAKE_* bits; 0 if the advertisement MUST NOT update the entry.
 */
unsigned nud_on_advert(struct nud *n, const struct nud_conf *cf, time_ns now,
		       enum nud_lladdr lladdr, unsigned flags);

/**
 * nud_on_hint() - A solicitation, Router Solicitation, Router Advertisement or Redirect brought
 * the neighbour's link-layer address (7.2.3, 6.2.6, 6.3.4, 8.3). No confirmation (7.3.1).
 * @lladdr:	SAME or NEW; messages without the option change nothing (7.2).
 *
 * Return: whether to record the address.
 */
bool nud_on_hint(struct nud *n, enum nud_lladdr lladdr);

/** nud_on_confirm() - An upper layer made forward progress (7.3.1). */
void nud_on_confirm(struct nud *n, const struct nud_conf *cf, time_ns now);

/** nud_set_permanent() - The operator gave the link-layer address. */
void nud_set_permanent(struct nud *n);

/** nud_free() - The entry goes; nud_init() before @n serves again. */
void nud_free(struct nud *n);

#endif
