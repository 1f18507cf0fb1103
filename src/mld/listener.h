/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listener's state on one interface, shared by mld.c (interfaces, timers, answers), change.c
 * (joining, leaving, and telling it), filter.c (who listens to which sources), query.c (what
 * arrives) and report.c (what is sent). Not for others.
 */
#ifndef INABA_MLD_LISTENER_H
#define INABA_MLD_LISTENER_H

#include "mld/mld.h"
#include "mld/msg.h"

#define MLD_CHANGES_MAX	   (IF_GROUPS_MAX + 64) /* to be told again; of more, only once */
#define MLD_REPEATS_MAX	   64 /* sources of a change; of more, the whole state is told */
#define MLD_MEMBERS_MAX	   64 /* of a group that have a filter, */
#define MLD_FILTER_SOURCES 64 /* sources of each, and of what an interface makes of them */
#define MLD_ASKED_MAX	   4  /* groups asked about by source at a time, and the sources of */
#define MLD_ASKED_SOURCES  64 /* each; of more, the whole state is the answer */
#define MLD_IP6_OCTETS	   40
#define MLD_ALERT_OCTETS   8	/* the hop-by-hop header of all MLD messages */
#define MLD_PKT_MAX	   1500 /* of a report, if the link does not say less */

#define MLD_RECORD_AT (MLD_IP6_OCTETS + MLD_ALERT_OCTETS + MLD_REPORT_OCTETS)
_Static_assert(MLD_RECORD_AT + MLD_RECORD_OCTETS + MLD_ASKED_SOURCES * 16 <= IP6_MTU_MIN,
	       "any one record fits into a packet of any link");
_Static_assert(MLD_REPEATS_MAX <= MLD_ASKED_SOURCES && MLD_FILTER_SOURCES <= MLD_ASKED_SOURCES,
	       "whatever it is about");

/* The timers of an interface (TIMER_MLD_IFACE). */
enum mld_iface_timer {
	MLD_GENERAL, /* answer to a General Query: RFC 3810 section 6.2, Interface Timer */
	MLD_CHANGE,  /* State Change Reports are repeated: section 6.1 */
	MLD_OLDER,   /* Older Version Querier Present: section 8.2.1 */
	MLD_NUM_IFACE_TIMERS
};

struct mld_timer {
	struct timer timer;
	uint8_t what; /* enum mld_iface_timer */
	struct mld_if *mif;
};

/* A filter: from these sources, or from all but these. What is not there is INCLUDE {}. */
struct mld_state {
	bool include;
	uint16_t n;
	struct ip6_addr source[MLD_FILTER_SOURCES];
};

/* Somebody who listens to a group by mld_listen(). */
struct mld_member {
	struct list on;
	const void *who;
	struct mld_state state;
};

/* if_group.mld_filter */
struct mld_filter {
	struct list members;
	uint32_t n;
	struct mld_state state; /* of the interface: if_group.source lies in it */
};

/* A source whose change is yet to be told. */
struct mld_repeat {
	struct ip6_addr source;
	uint8_t left; /* Source Retransmission Counter */
};

/* A change of a group's state, which may be gone by now, yet to be told: section 6.1. */
struct mld_change {
	struct list on;
	struct ip6_addr group;
	uint8_t mode_left; /* Filter Mode Retransmission Counter */
	uint16_t n;
	struct mld_repeat repeat[MLD_REPEATS_MAX]; /* Retransmission List */
};

/* Sources that a pending answer is about. The table's slots are free when n is 0. */
struct mld_asked {
	struct ip6_addr group;
	uint16_t n;
	struct ip6_addr source[MLD_ASKED_SOURCES];
};

/* iface.mld, while the interface is up. */
struct mld_if {
	struct iface *ifc;
	uint8_t version;	   /* Host Compatibility Mode; mld_enter_version() writes it */
	uint8_t robustness;	   /* [Robustness Variable], adopted from queries */
	time_ns query_interval;	   /* [Query Interval], likewise */
	time_ns response_interval; /* [Query Response Interval], of the last General Query */
	struct mld_timer timer[MLD_NUM_IFACE_TIMERS];
	uint32_t n_changes;
	struct list changes;	/* struct mld_change */
	struct mld_change once; /* one that there was no room for */
	struct mld_asked asked[MLD_ASKED_MAX];
};

/* A report in the making: all zero but for the first two is an empty one. */
struct mld_out {
	struct mld *mld;
	struct mld_if *mif;
	struct pkt *pkt; /* NULL: no record yet */
	struct wr w;	 /* behind the packet's present end */
	uint16_t n_records;
};

/* mld.c */

static inline struct mld_if *mld_if(const struct iface *ifc)
{
	return ifc->mld;
}

/** mld_is_reported() - RFC 3810 section 6: not ff02::1, nor scopes 0 and 1; nor on loopback. */
bool mld_is_reported(const struct mld_if *mif, const struct ip6_addr *group);

/** mld_draw() - Uniform in (0, @max), the way RFC 3810 draws delays; 0 if there is nothing. */
time_ns mld_draw(struct mld *mld, time_ns max);

/** mld_group_arm() - Set @g's timer; a membership comes from ip6_group_join() without one. */
void mld_group_arm(struct mld *mld, struct if_group *g, time_ns when);

/** mld_enter_version() - Move to another Host Compatibility Mode, if it is another. */
void mld_enter_version(struct mld *mld, struct mld_if *mif, uint8_t version);

/* change.c */

/** mld_change_due() - MLD_CHANGE is due: tell changes again. */
void mld_change_due(struct mld *mld, struct mld_if *mif);

/** mld_changes_forget() - Tell none of them again. */
void mld_changes_forget(struct mld_if *mif);

/** mld_v1_repeat() - MLDv1: @g's report is to be sent so many times more. */
void mld_v1_repeat(struct mld *mld, struct if_group *g, uint8_t reports_left);

/** mld_report_all() - Tell the state of all groups as if it were new. */
void mld_report_all(struct mld *mld, struct mld_if *mif);

/* filter.c */

bool mld_state_has(const struct mld_state *s, const struct ip6_addr *source);

/** mld_state_of() - What the interface listens to of a group; NULL: INCLUDE {}. */
void mld_state_of(const struct if_group *g, struct mld_state *ret);

/** mld_filter_apply() - Make the interface's state of its members'. Return: 0, -ENOSPC. */
int mld_filter_apply(struct if_group *g);

/** mld_filter_find() - The member, or NULL. @g may be NULL. */
struct mld_member *mld_filter_find(const struct if_group *g, const void *who);

/** mld_filter_add() - A member more, INCLUDE {}. Return: 0, -ENOSPC, -ENOMEM. */
int mld_filter_add(struct if_group *g, const void *who, struct mld_member **ret);

/** mld_filter_del() - One less; without any the group is EXCLUDE {}. */
void mld_filter_del(struct if_group *g, struct mld_member *m);

/* query.c */

/** mld_asked_find() - What is asked about @group by source, or NULL. */
struct mld_asked *mld_asked_find(struct mld_if *mif, const struct ip6_addr *group);

/** mld_asked_forget() - Free the slot of @group, if it has one. */
void mld_asked_forget(struct mld_if *mif, const struct ip6_addr *group);

/* report.c */

/** mld_out_add() - Put a record in, and send what no longer fits before it. */
void mld_out_add(struct mld_out *out, uint8_t type, const struct ip6_addr *group,
		 const struct ip6_addr *sources, uint16_t n_sources);

/** mld_out_send() - Send what is there, if anything. */
void mld_out_send(struct mld_out *out);

/** mld_send_record() - A report of one record without sources. */
void mld_send_record(struct mld *mld, struct mld_if *mif, uint8_t type,
		     const struct ip6_addr *group);

/** mld_send_query() - A router's query, from its link-local address. */
void mld_send_query(struct mld *mld, const struct iface *ifc, const struct mld_query *q);

/** mld_send_v1() - An MLDv1 Report or Done about @group. */
void mld_send_v1(struct mld *mld, struct mld_if *mif, uint8_t type, const struct ip6_addr *group);

#endif
