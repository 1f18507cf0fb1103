/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The messages of Multicast Listener Discovery, as octets and as values. Read RFC 3810 section 5
 * (MLDv2) and RFC 2710 section 3 (MLDv1) first.
 *
 * A message begins with its ICMPv6 header. The checksum is neither looked at nor filled in: who
 * delivers a message has verified it, who sends one completes it. Times are in time_ns; the codes
 * of the wire stay in here. Lists of sources are cursors over the octets of the message: borrowed.
 */
#ifndef INABA_MLD_MSG_H
#define INABA_MLD_MSG_H

#include "base/drop.h"
#include "base/rd.h"
#include "base/wr.h"

#define MLD_TYPE_QUERY	   130
#define MLD_TYPE_V1_REPORT 131
#define MLD_TYPE_V1_DONE   132
#define MLD_TYPE_V2_REPORT 143

#define MLD_V1_OCTETS	    24 /* RFC 2710 section 3: any message */
#define MLD_V2_QUERY_OCTETS 28 /* RFC 3810 section 5.1: before the sources */
#define MLD_REPORT_OCTETS   8  /* RFC 3810 section 5.2: before the records */
#define MLD_RECORD_OCTETS   20 /* a record before its sources */

#define MLD_DELAY_MAX (8387584 * NS_PER_MS) /* largest Maximum Response Delay */
#define MLD_QQI_MAX   (31744 * NS_PER_S)    /* largest Querier's Query Interval */
#define MLD_QRV_MAX   7

/* RFC 3810 section 5.2.12. Other values may arrive and MUST be ignored. */
enum mld_record_type {
	MLD_IS_IN = 1, /* MODE_IS_INCLUDE */
	MLD_IS_EX = 2, /* MODE_IS_EXCLUDE */
	MLD_TO_IN = 3, /* CHANGE_TO_INCLUDE_MODE */
	MLD_TO_EX = 4, /* CHANGE_TO_EXCLUDE_MODE */
	MLD_ALLOW = 5, /* ALLOW_NEW_SOURCES */
	MLD_BLOCK = 6, /* BLOCK_OLD_SOURCES */
};

struct mld_query {
	uint8_t version;       /* 1 or 2 */
	time_ns max_delay;     /* Maximum Response Delay */
	struct ip6_addr group; /* unspecified: a General Query */
	bool suppress;	       /* S flag; this and what follows: 0 in version 1 */
	uint8_t qrv;	       /* 0: more than 7 */
	time_ns interval;      /* QQI; 0: not told */
	uint16_t n_sources;
	struct rd sources; /* n_sources addresses */
};

struct mld_record {
	uint8_t type; /* enum mld_record_type, or unknown */
	struct ip6_addr group;
	uint16_t n_sources;
	struct rd sources;
};

struct mld_report {
	uint16_t n_records;
	struct rd records; /* for mld_record_next() */
};

/** mld_delay_of() - Maximum Response Delay of a code (RFC 3810 section 5.1.3). */
time_ns mld_delay_of(uint16_t code);

/** mld_delay_code() - The code of @t, or of the next lower delay that has one (section 9.8). */
uint16_t mld_delay_code(time_ns t);

/** mld_interval_of() - Querier's Query Interval of a QQIC (RFC 3810 section 5.1.9). */
time_ns mld_interval_of(uint8_t code);

/** mld_interval_code() - The QQIC of @t, or of the next lower interval that has one. */
uint8_t mld_interval_code(time_ns t);

/** mld_type() - The type octet, 0 of an empty message. */
static inline uint8_t mld_type(struct rd msg)
{
	return msg.left != 0 ? msg.p[0] : 0;
}

/**
 * mld_get_query() - Read a Query of either version; its length tells which.
 * @ret:	Set only on success.
 * RFC 3810 section 8.1: 24 octets or at least 28, others MUST be ignored. Octets behind the
 * sources are ignored (section 5.1.12).
 *
 * Return: DROP_NONE, DROP_MLD_SHORT, or DROP_MLD_GROUP: about no multicast address, or about
 * sources of no group.
 */
enum drop mld_get_query(struct rd msg, struct mld_query *ret);

/**
 * mld_get_v1() - Read an MLDv1 Report or Done (RFC 2710 section 3).
 * @group:	Set only on success.
 *
 * Return: DROP_NONE, DROP_MLD_SHORT or DROP_MLD_GROUP.
 */
enum drop mld_get_v1(struct rd msg, struct ip6_addr *group);

/**
 * mld_get_report() - Read an MLDv2 Report, and see that all its records are whole.
 * @ret:	Set only on success.
 *
 * Return: DROP_NONE or DROP_MLD_SHORT.
 */
enum drop mld_get_report(struct rd msg, struct mld_report *ret);

/**
 * mld_record_next() - Take one record, with its auxiliary data, off the front of @records.
 * @ret:	Set only on success.
 *
 * Return: false if no whole record is left: @records is as before.
 */
bool mld_record_next(struct rd *records, struct mld_record *ret);

/** mld_put_query() - Write a Query of the version that @q says; what has no code is rounded down. */
void mld_put_query(struct wr *w, const struct mld_query *q);

/** mld_put_v1() - Write an MLDv1 Report or Done. */
void mld_put_v1(struct wr *w, uint8_t type, const struct ip6_addr *group);

/** mld_put_report() - Write the head of an MLDv2 Report; @n_records records are to follow. */
void mld_put_report(struct wr *w, uint16_t n_records);

/** mld_put_record() - Write one record, without auxiliary data (RFC 3810 section 5.2.10). */
void mld_put_record(struct wr *w, const struct mld_record *r);

/** mld_record_name() - "TO_EX" and so on, as RFC 3810 section 5.2.12 writes them, or "?". */
const char *mld_record_name(uint8_t type);

/**
 * mld_text() - Write a message in one line, for people.
 * @buf:	@n octets, at least one; what does not fit is cut off.
 *
 * Return: @buf.
 */
const char *mld_text(struct rd msg, char *buf, size_t n);

#endif
