/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parts, the smallest things that have a verdict, and the suites that they come in. A new suite is
 * a file below suites/ and a line in suite.c.
 */
#ifndef INABA_CONFORM_PART_H
#define INABA_CONFORM_PART_H

#include "conform/nut.h"

#define NUT_BOTH (NUT_HOST | NUT_ROUTER)

struct tester;

enum level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_MAY };

struct part {
	const char *id; /* "v6lc.1.1.4.b": specification, test, part; never changed */
	const char *title;
	const char *purpose; /* a sentence or two */
	const char *clause;  /* of the RFC now in force */
	enum level level;
	unsigned roles;	   /* NUT_HOST, NUT_ROUTER, NUT_BOTH */
	uint32_t needs;	   /* NUT_* bits: SKIP where one is lacking */
	time_ns tolerance; /* added to each wait, on devices in real time */
	void (*fn)(struct tester *t);
};

struct suite {
	const char *name, *title;
	const struct part *part;
	size_t n;
};

extern const struct suite suite_rfc8200_header;
extern const struct suite suite_rfc8200_ext;
extern const struct suite suite_robust_rfc8200;
extern const struct suite suite_robust_frag;
extern const struct suite suite_robust_rfc4443;
extern const struct suite suite_robust_nd;
extern const struct suite suite_robust_router;
extern const struct suite suite_robust_redirect;
extern const struct suite suite_robust_mld;
extern const struct suite suite_rfc8200_options;
extern const struct suite suite_rfc8200_fragment;
extern const struct suite suite_rfc4861_resolution;
extern const struct suite suite_rfc4861_ns;
extern const struct suite suite_rfc4861_na;
extern const struct suite suite_rfc4861_host;
extern const struct suite suite_rfc4861_redirect;
extern const struct suite suite_rfc4861_router;
extern const struct suite suite_rfc4862_dad;
extern const struct suite suite_rfc4862_slaac;
extern const struct suite suite_rfc8201;
extern const struct suite suite_rfc8106;
extern const struct suite suite_rfc4443;
extern const struct suite suite_rfc4443_silent;
extern const struct suite suite_rfc4191;
extern const struct suite suite_rfc8981;
extern const struct suite suite_rfc4429;
extern const struct suite suite_rfc5942;
extern const struct suite suite_rfc6059;
extern const struct suite suite_rfc7527;
extern const struct suite suite_rfc6724;
extern const struct suite suite_rfc4007;
extern const struct suite suite_mld_listener;
extern const struct suite suite_mld_v1;
extern const struct suite suite_mld_basic;
extern const struct suite suite_mld_query;
extern const struct suite suite_mld_report;
extern const struct suite suite_mld_other;
extern const struct suite suite_mld_current;
extern const struct suite suite_mld_change;
extern const struct suite suite_mld_merge;
extern const struct suite suite_mld_compat;
extern const struct suite suite_rfc7084;
extern const struct suite suite_rfc9096;
extern const struct suite suite_rfc9131;

/**
 * suite_family() - "core" (the IPv6 Ready core specification), "more" (what the RFCs have added to
 * it), "mld" (IPv6 Ready's two specifications of it) or "robust"; also for --suite.
 */
const char *suite_family(const struct suite *s);

/** suite_get() - Suite number @i, counted from 0, or NULL behind the last one. */
const struct suite *suite_get(size_t i);

/** level_name() - "MUST", "SHOULD", "MAY". */
const char *level_name(enum level level);

#endif
