/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Multicast Listener Discovery. The listener tells the routers of a link which multicast groups
 * this node listens to there; the router, where a node is one, asks and keeps what it is told. RFC
 * 3810 (MLDv2) with its MLDv1 compatibility modes (RFC 2710).
 *
 * Whoever wants a group on an interface joins it here, not with ip6_group_join().
 */
#ifndef INABA_MLD_MLD_H
#define INABA_MLD_MLD_H

#include "ip6/ip6.h"

/* RFC 3810 section 9, RFC 2710 section 7. */
#define MLD_ROBUSTNESS			   2
#define MLD_QUERY_INTERVAL		   (125 * NS_PER_S)
#define MLD_QUERY_RESPONSE_INTERVAL	   (10 * NS_PER_S)
#define MLD_UNSOLICITED_REPORT_INTERVAL	   NS_PER_S
#define MLD_V1_UNSOLICITED_REPORT_INTERVAL (10 * NS_PER_S)

/* Variables of a router on an interface (RFC 3810 section 9); MLD_ROUTER_DEFAULT has the RFC's. */
struct mld_router_conf {
	bool on;
	uint8_t version;	   /* 2, or 1: an administrator's choice (section 8.3.1) */
	uint8_t robustness;	   /* [Robustness Variable], 2 to 7 */
	time_ns query_interval;	   /* [Query Interval] */
	time_ns response_interval; /* [Query Response Interval] */
	time_ns last_interval;	   /* [Last Listener Query Interval] */
};

extern const struct mld_router_conf MLD_ROUTER_DEFAULT;

struct mld_router;

/* One per node. The options may be changed at any time. */
struct mld {
	struct ip6 *ip6;  /* borrowed */
	bool v2_only;	  /* MLDv1 messages are refused (RFC 3810 section 10.1) */
	bool done_always; /* RFC 2710 section 4: a Done even if others listen, too */
	struct mld_router *router[IF_MAX + 1]; /* by ifindex; NULL: not there */
	bool forwards;			       /* to listeners: multicast routing is ours */
	struct timer idle; /* TIMER_MLD_FORWARD: are there routes that nobody uses? */
};

/** mld_init() - A listener without interfaces. @ip6: Borrowed until mld_done(). */
void mld_init(struct mld *mld, struct ip6 *ip6);

/** mld_done() - mld_if_del() for all interfaces. Sends nothing. */
void mld_done(struct mld *mld);

/**
 * mld_if_up() - The interface came up: join ff02::1, report what was joined before.
 * Call it after ip6_if_up(); a second call does nothing.
 *
 * Return: 0, -ENOMEM, -ENOSPC (nothing changed: no reports are sent from this interface).
 */
int mld_if_up(struct mld *mld, struct iface *ifc);

/**
 * mld_if_farewell() - The interface is about to be taken down: tell routers that nobody listens any
 * more, so that they need not find out (RFC 3810 section 6.1, RFC 2710 section 4). Memberships stay.
 * Only mld_if_down() is to follow.
 */
void mld_if_farewell(struct mld *mld, struct iface *ifc);

/**
 * mld_if_down() - The interface goes down or away: forget what was heard and what was to be sent.
 * Memberships other than ff02::1 stay, for the next mld_if_up(). Sends nothing. Must come before
 * ip6_if_del(); a second call does nothing.
 */
void mld_if_down(struct mld *mld, struct iface *ifc);

/**
 * mld_if_del() - mld_if_down(), and all that mld_listen() and mld_set_router() told of it goes.
 * Before ip6_if_del(); a second call does nothing.
 */
void mld_if_del(struct mld *mld, struct iface *ifc);

/**
 * mld_link_local_ready() - An address for which if_link_local() answers is there for the first
 * time: report everything again, because routers discard what came from the unspecified address
 * (SHOULD of RFC 3590 section 4 and RFC 3810 section 5.2.13).
 */
void mld_link_local_ready(struct mld *mld, struct iface *ifc);

/**
 * mld_join() - One member more for @group, from any source. The first makes it known on the link
 * at once if the interface is up.
 * @group:	A multicast address; asserted.
 *
 * Return: 0, -ENOSPC, -ENOMEM.
 */
int mld_join(struct mld *mld, struct iface *ifc, const struct ip6_addr *group);

/**
 * mld_leave() - One member less. The last makes it known on the link.
 *
 * Return: 0, or -EADDRNOTAVAIL: there is no such membership.
 */
int mld_leave(struct mld *mld, struct iface *ifc, const struct ip6_addr *group);

/**
 * mld_listen() - IPv6MulticastListen() of RFC 3810 section 3.1: what one listener wants of a group.
 * @who:	The listener: any address that is its own. It has one filter for a group of an
 *		interface; a later one takes the place of the earlier.
 * @group:	A multicast address; asserted.
 * @exclude:	Packets from all sources but these, or from these only. From none: it leaves.
 * @source:	@n addresses, copied; some may be the same.
 *
 * The interface's state follows from all its listeners, those by mld_join() included (section
 * 4.2), and is told on the link if it changed. Packets from sources that nobody listens to are
 * dropped; who else of this node gets a packet is for the listeners to sort out.
 *
 * Return: 0; -EINVAL (a source is no unicast address), -ENOBUFS (more sources than a listener may
 * have), -ENOSPC (than the interface may have, or too many listeners or groups), -ENOMEM: nothing
 * has changed.
 */
int mld_listen(struct mld *mld, struct iface *ifc, const void *who, const struct ip6_addr *group,
	       bool exclude, const struct ip6_addr *source, unsigned n);

/**
 * mld_input() - Take an MLD message that ICMPv6 handed on (ICMP6_TO_MLD). Given.
 * @pkt:	From its IPv6 header, without octets behind its payload (the length tells the
 *		version); checksum verified; PKT_ROUTER_ALERT, PKT_LOCAL_IN, l4_off, ifindex set.
 *
 * Checks as RFC 3810 section 6.2 wants them, then acts; ends in a drop, DROP_MLD_DONE if the
 * message was taken.
 */
void mld_input(struct mld *mld, struct pkt *pkt);

/** mld_timer() - A timer of the kind TIMER_MLD_GROUP or TIMER_MLD_IFACE is due. */
void mld_timer(struct mld *mld, struct timer *timer);

/**
 * mld_set_router() - Be an MLD router on @ifc, with these variables, from its first link-local
 * address on; or, with conf->on false, no more. What listeners have told is forgotten.
 *
 * Return: 0; -EINVAL (a variable without a code, or the response interval not below the query
 * interval: RFC 3810 section 9.3), -ENOMEM.
 *
 * Packets to groups are forwarded to where listeners are, unless multicast routing is in
 * somebody else's hands (mroute_open()).
 */
int mld_set_router(struct mld *mld, struct iface *ifc, const struct mld_router_conf *conf);

/**
 * mld_forward_stop(), mld_forward_start() - Leave multicast routing to somebody else, who calls
 * mroute_open() and mroute_close() between the two; and take it back where there are MLD routers.
 */
void mld_forward_stop(struct mld *mld);
void mld_forward_start(struct mld *mld);

/** mld_run() - Route packets to groups that wait for it. */
void mld_run(struct mld *mld);

static inline bool mld_has_work(const struct mld *mld)
{
	return mld->forwards && mld->ip6->mroute != NULL && mld->ip6->mroute->n_upcalls > 0;
}

/* What listeners want of a group, for show. */
struct mld_want {
	struct ip6_addr group;
	bool exclude, v1;  /* Router Filter Mode; there are MLDv1 listeners */
	uint32_t n_wanted; /* sources asked for: Include List, or Requested List */
	uint32_t n_not;	   /* Exclude List */
	time_ns until;	   /* Filter Timer, in EXCLUDE mode */
};

/** mld_walk() - Call @fn for each group that has listeners on @ifc, the oldest first. */
void mld_walk(const struct mld *mld, const struct iface *ifc,
	      void (*fn)(void *ctx, const struct mld_want *w), void *ctx);

/** mld_is_querier() - Is this node the querier of that link? */
bool mld_is_querier(const struct mld *mld, const struct iface *ifc);

/** mld_wants() - Is there a listener on @ifc for packets of @source to @group? RFC 3810 section 7.3. */
bool mld_wants(const struct mld *mld, const struct iface *ifc, const struct ip6_addr *source,
	       const struct ip6_addr *group);

/** mld_version() - Host Compatibility Mode of @ifc (RFC 3810 section 8.2.1): 1, 2; 0 if down. */
unsigned mld_version(const struct iface *ifc);

#endif
