/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of Multicast Listener Discovery as values, built and read by code of the tester's own:
 * what the node's codec has wrong must not be right here.
 */
#ifndef INABA_CONFORM_MLD_MSG_H
#define INABA_CONFORM_MLD_MSG_H

#include "conform/tester.h"

#define MLD_LIST_MAX 100 /* sources of a message */

/* Octets, with the ICMPv6 header: RFC 2710 section 3, RFC 3810 sections 5.1 and 5.2. */
#define V1_OCTETS     24
#define V2_OCTETS     28
#define REPORT_OCTETS 8
#define RECORD_OCTETS 20
#define AUX_UNIT      4 /* of a record's auxiliary data */

struct mld_list {
	unsigned n;
	struct ip6_addr a[MLD_LIST_MAX];
};

/* A Query. */
struct mq {
	unsigned version;      /* 1 or 2; what begins with s is of 2 only */
	uint16_t code;	       /* Maximum Response Code, or Delay in ms */
	struct ip6_addr group; /* unspecified: a General Query */
	bool s;		       /* Suppress Router-Side Processing */
	uint8_t qrv, qqic;
	struct mld_list list; /* Source Address [i] */
};

/* A record of a Version 2 Report. */
struct mrec {
	uint8_t type; /* enum mld_record_type */
	struct ip6_addr group;
	struct mld_list list;
};

/* ff1e::1:3 and ff1e::1:4: groups of no special kind. */
extern const struct ip6_addr mld_m1, mld_m2;

/* ff02::16: RFC 3810 section 5.2.14. */
extern const struct ip6_addr all_mld_routers;

/** mld_source() - S1, S2, ...: senders behind a network that no station is on. */
struct ip6_addr mld_source(unsigned i);

/** mld_same() - Have both lists the same members, in whatever order? */
bool mld_same(const struct mld_list *a, const struct mld_list *b);

/** mq_general() - A General Query with the default values of RFC 3810 section 9. */
struct mq mq_general(unsigned version);

/** mq_pv() - @from sends the query where it belongs, behind a router alert, with hop limit 1. */
struct pv mq_pv(struct tester *t, enum station_id from, const struct mq *q);

/** mq_of() - Is @pv a query of 24, or 28 and more octets? Then the value, sources as far as there. */
bool mq_of(const struct pv *pv, struct mq *ret);

/** mreport_pv() - @from sends a Version 2 Report with these records. */
struct pv mreport_pv(struct tester *t, enum station_id from, const struct mrec *r, unsigned n);

/** mrec_of() - Record number @i, counted from 0, of the Version 2 Report that @pv is. */
bool mrec_of(const struct pv *pv, unsigned i, struct mrec *ret);

/** mv1_pv() - @from sends a Version 1 Report (131) or Done (132). */
struct pv mv1_pv(struct tester *t, enum station_id from, uint8_t type, struct ip6_addr group);

/** mld_resize() - @pv's message has so many octets: the last are gone, or zeros are added. */
void mld_resize(struct tester *t, struct pv *pv, size_t octets);

/** mld_octet() - Octet @at of a message that was built here, counted from its ICMPv6 header. */
uint8_t *mld_octet(struct pv *pv, size_t at);

/** mld_trailer() - Behind the packet, so not counted by its payload length, are @n octets more. */
void mld_trailer(struct tester *t, struct pv *pv, size_t n);

/** mld_no_options(), mld_no_alert() - Without hop-by-hop options, or without a router alert. */
void mld_no_options(struct tester *t, struct pv *pv);
void mld_no_alert(struct tester *t, struct pv *pv);

/** mld_bad_sum() - A bit of its checksum is wrong. */
void mld_bad_sum(struct tester *t, struct pv *pv);

/**
 * mld_form() - What is wrong about the form of a message of the device's, or NULL: hop limit,
 * router alert, code, reserved fields, length (RFC 3810 section 5, RFC 2710 section 3).
 */
const char *mld_form(const struct pv *pv);

#endif
