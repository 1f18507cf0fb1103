/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A router's state on one interface, shared by router.c (election, general queries), listened.c
 * (what listeners report: RFC 3810 section 7.4) and ask.c (queries about it). Not for others.
 */
#ifndef INABA_MLD_ROUTER_H
#define INABA_MLD_ROUTER_H

#include "mld/listener.h"

#define MLD_LISTENED_MAX 1024 /* groups of one interface */
#define MLD_SOURCES_MAX	 256  /* sources of one group */

/* A source record (section 7.2.3). */
struct mld_source {
	struct ip6_addr addr;
	time_ns until; /* source timer; 0: on the Exclude List */
	uint8_t asks;  /* Source Retransmission Counter (section 7.6.3.2) */
	bool marked;   /* in the record that is being taken */
};

/* What is listened to of a group (section 7.2): INCLUDE(source), or EXCLUDE(X, Y). */
struct mld_listened {
	struct hnode node; /* in mld_router.groups */
	struct list on;
	struct mld_router *r;
	struct ip6_addr group;
	bool exclude;	    /* Router Filter Mode */
	uint8_t asks;	    /* queries about the group yet to be sent */
	time_ns filter;	    /* Filter Timer, in EXCLUDE mode */
	time_ns v1_until;   /* Older Version Host Present; 0: MLDv2 mode */
	time_ns ask_at;	    /* the next of asks */
	time_ns ask_src_at; /* and of those about sources */
	struct timer timer; /* TIMER_MLD_LISTENED: the next of all these */
	uint32_t n, room;
	struct mld_source *source;
};

struct mld_router {
	struct mld *mld;
	struct iface *ifc;
	struct mld_router_conf conf;
	uint8_t robustness; /* as configured, or adopted from the querier (section 5.1.8) */
	time_ns query_interval;
	bool running; /* the interface has a link-local address */
	bool querier;
	uint8_t startup_left;  /* [Startup Query Count] */
	struct timer timer;    /* TIMER_MLD_ROUTER: General Query, or Other Querier Present */
	struct ip6_addr other; /* the querier, if we are not */
	struct htab groups;
	struct list all;
	uint64_t old_queries; /* of MLDv1, while we speak MLDv2 */
};

static inline struct env *mld_router_env(const struct mld_router *r)
{
	return r->mld->ip6->env;
}

/* Section 9.10: [Last Listener Query Count] is [Robustness Variable]. */
static inline time_ns mld_llqt(const struct mld_router *r)
{
	return r->conf.last_interval * r->robustness;
}

/* Sections 9.4, 9.13. */
static inline time_ns mld_mali(const struct mld_router *r)
{
	return r->robustness * r->query_interval + r->conf.response_interval;
}

/* router.c */

/** mld_router_of() - The router on @ifc, or NULL. */
struct mld_router *mld_router_of(const struct mld *mld, const struct iface *ifc);

/** mld_router_start(), mld_router_stop() - There is a link-local address; the interface goes. */
void mld_router_start(struct mld_router *r);
void mld_router_stop(struct mld_router *r);

/** mld_router_query() - A query of @from's, not ours. */
void mld_router_query(struct mld_router *r, const struct ip6_addr *from, const struct mld_query *q);

void mld_router_timer(struct mld_router *r);

/* listened.c */

/** mld_listened_record() - Take a record of a report, DROP_MLD_FULL if there was no room for it. */
enum drop mld_listened_record(struct mld_router *r, const struct mld_record *rec);

/** mld_listened_v1() - A Version 1 Report, or Done (section 8.3.2). */
enum drop mld_listened_v1(struct mld_router *r, const struct ip6_addr *group, bool done);

struct mld_listened *mld_listened_find(const struct mld_router *r, const struct ip6_addr *group);
struct mld_source *mld_source_find(const struct mld_listened *g, const struct ip6_addr *addr);

/** mld_listened_lower() - A query without the S flag was heard (section 7.6.1). */
void mld_listened_lower(struct mld_router *r, const struct mld_query *q);

/** mld_listened_arm() - Set the timer to the next thing to do. */
void mld_listened_arm(struct mld_listened *g);

void mld_listened_timer(struct mld_listened *g);
void mld_listened_flush(struct mld_router *r);

/* ask.c */

/** mld_ask_general() - Send a General Query. */
void mld_ask_general(struct mld_router *r);

/** mld_ask_group() - The action "Send Q(MA)" of section 7.6.3.1. */
void mld_ask_group(struct mld_listened *g);

/** mld_ask_sources() - "Send Q(MA,A)" of section 7.6.3.2; A is what is marked, or what is not. */
void mld_ask_sources(struct mld_listened *g, bool marked);

/** mld_ask_again() - Send what is due of either. */
void mld_ask_again(struct mld_listened *g);

/** mld_ask_end() - We are not the querier any more. */
void mld_ask_end(struct mld_listened *g);

#endif
