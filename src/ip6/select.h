/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Default address selection (RFC 6724) as pure functions: the policy table, the choice of a
 * source, the order of destinations. Who gathers the candidates is in ip6/iface.c; nothing here
 * knows interfaces or routes. IPv4 addresses take part as IPv4-mapped ones (section 3.2).
 */
#ifndef INABA_IP6_SELECT_H
#define INABA_IP6_SELECT_H

#include "base/addr.h"

#define IP6_POLICY_MAX 64	  /* rows of a policy table */
#define IP6_LABEL_NONE UINT32_MAX /* of an address that no row covers */

/* RFC 6724 section 2.1. */
struct ip6_policy_row {
	struct ip6_addr prefix; /* no bits set behind len */
	uint8_t len;
	uint32_t precedence;
	uint32_t label;
};

/* Longest prefix first. */
struct ip6_policy {
	unsigned n;
	struct ip6_policy_row row[IP6_POLICY_MAX];
};

/** ip6_policy_init() - The default table of RFC 6724 section 2.1. */
void ip6_policy_init(struct ip6_policy *p);

/** ip6_policy_clear() - No rows: every address has precedence 0 and label IP6_LABEL_NONE. */
void ip6_policy_clear(struct ip6_policy *p);

/**
 * ip6_policy_set() - Enter a row, or replace the one of the same prefix. Copied.
 *
 * Return: 0, -EINVAL (length above 128, or label IP6_LABEL_NONE), -ENOSPC.
 */
int ip6_policy_set(struct ip6_policy *p, const struct ip6_policy_row *row);

/** ip6_policy_del() - Take the row of a prefix out. Return: 0, or -ENOENT. */
int ip6_policy_del(struct ip6_policy *p, const struct ip6_addr *prefix, unsigned len);

/** ip6_policy_find() - The longest row that covers @a; never NULL. */
const struct ip6_policy_row *ip6_policy_find(const struct ip6_policy *p, const struct ip6_addr *a);

/*
 * Wishes of an application, RFC 5014 section 6, with the values that Linux gives them. Rule 4
 * prefers home and rule 7 temporary addresses unless COA or PUBLIC is set. An administrator's
 * wish for public addresses (the Privacy Preference flag of rule 7) is for the caller to add.
 */
#define SRC_PREFER_TMP	  0x0001u
#define SRC_PREFER_PUBLIC 0x0002u
#define SRC_PREFER_COA	  0x0004u
#define SRC_PREFER_HOME	  0x0400u

/** src_prefer_is_valid() - False for contradictory flags: EINVAL (RFC 5014 section 6). */
static inline bool src_prefer_is_valid(uint32_t prefer)
{
	const uint32_t tmp = SRC_PREFER_TMP | SRC_PREFER_PUBLIC;
	const uint32_t mobile = SRC_PREFER_HOME | SRC_PREFER_COA;

	return (prefer & tmp) != tmp && (prefer & mobile) != mobile;
}

/* A source address that could be used. Tentative and anycast addresses are no candidates. */
struct src_cand {
	struct ip6_addr addr;
	uint32_t ifindex;
	uint8_t prefix_len; /* of the address; an IPv4 one counts from 96 */
	bool deprecated;    /* RFC 4862 section 5.5.4 */
	bool optimistic;    /* RFC 4429 section 2.1: like deprecated */
	bool temporary;	    /* RFC 8981 */
	bool home;	    /* RFC 6724 section 3.5 */
	bool care_of;	    /* with home: a mobile node that is at home */
	bool from_next_hop; /* rule 5.5: the chosen next hop advertised its prefix */
};

struct src_query {
	struct ip6_addr dst;
	uint32_t ifindex; /* outgoing interface; 0 if not known */
	uint32_t prefer;  /* SRC_PREFER_*, valid */
};

/**
 * ip6_pick_source() - Choose a source address (RFC 6724 sections 4 and 5, RFC 8981).
 * @cands:	Borrowed. Those that MUST NOT be in the candidate set are passed over: unspecified
 *		and multicast addresses, addresses of the other family, and for multicast and
 *		link-local destinations addresses of other interfaces.
 *
 * All rules are implemented, 5.5 too. Where they do not decide, the first candidate wins.
 *
 * An address that is not a home address counts as a care-of address in rule 4: else an address
 * that is neither would tie with both, and the winner would depend on the order of candidates.
 *
 * Return: one of @cands, or NULL when the candidate set is empty.
 */
const struct src_cand *ip6_pick_source(const struct ip6_policy *p, const struct src_query *q,
				       const struct src_cand *cands, size_t n);

/* A destination to be put in order. */
struct dst_cand {
	struct ip6_addr addr;
	const struct src_cand *src; /* Source(D); borrowed; NULL: undefined */
	bool unreachable;	    /* rule 1: known to be */
	bool encapsulated;	    /* rule 7: reached through a transition tunnel */
};

/**
 * ip6_sort_dests() - Put destinations in the order in which to try them, in place (RFC 6724
 * section 6, rules 1 to 10). Stable, as rule 10 demands.
 *
 * Rule 9 compares within one family only. A table that gives both families the same precedence
 * can so define a circle; the order is then still a function of the order given.
 */
void ip6_sort_dests(const struct ip6_policy *p, struct dst_cand *dst, size_t n);

#endif
