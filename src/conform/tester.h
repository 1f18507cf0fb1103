/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a case is written with. The stations of the common topology answer neighbor solicitations
 * by themselves while a case waits; everything that passes is recorded. A call that does not get
 * what it asks for ends the case with its verdict and does not return.
 *
 *	struct pv echo = echo_to(t, TN1, nut_addr(t, TN1));
 *	echo.hop_limit = IS(0);
 *	expect(t, REPLY_WITHIN, &reply_to(t, tx(t, TN1, &echo)));
 */
#ifndef INABA_CONFORM_TESTER_H
#define INABA_CONFORM_TESTER_H

#include "conform/part.h"
#include "conform/record.h"

#include <setjmp.h>

/* How long a case waits: the specification names no times here, so these are ours. */
#define REPLY_WITHIN (2 * NS_PER_S)
#define SILENCE_FOR  (2 * NS_PER_S)

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP, VERDICT_XFAIL, VERDICT_ERROR };

enum station_id { TR1, TR2, TR3, TN1, TN2, STATIONS };

/* A router or node of the tester's. */
struct station {
	const char *name;
	enum nut_link link;
	struct mac mac;
	struct ip6_addr lla, global, extra; /* extra: of a case's own, or unspecified */
	bool router;
	bool muted; /* does not answer solicitations */
	bool used;  /* has sent something: to be cleaned up */
	bool advertised;
};

struct tester {
	struct nut *nut;
	enum nut_role role;
	const struct part *part;
	struct station st[STATIONS];
	struct ip6_addr lla[NUT_LINKS], global[NUT_LINKS]; /* the device's, as it probed for them */
	struct record record;
	bool alive;   /* it has answered in this part */
	size_t boot;  /* number of the first frame since the device was started last */
	size_t since; /* of the first since the last tx() */
	uint16_t seq;
	struct scratch *scratch; /* message.c's */
	enum verdict verdict;
	char *why; /* text of several lines, or NULL for PASS */
	jmp_buf end;
};

/** station_name() - "TN1"; station_link() - where it is. */
const char *station_name(enum station_id id);
enum nut_link station_link(enum station_id id);

/**
 * station_of_mac() - Whose address this is; STATIONS if nobody's. An address that differs by the
 * high bit of octets is the same station's, when a case or the clean-up lets it have moved.
 */
enum station_id station_of_mac(const struct mac *mac);

/* The prefix of a link. */
extern const struct ip6_addr prefix_a, prefix_b;

/** tester_run() - One part in one role: start, run, clean up, stop. @t is the caller's, new. */
void tester_run(struct tester *t, struct nut *nut, enum nut_role role, const struct part *part);
void tester_done(struct tester *t);

/** verdict_name() - "PASS", "FAIL", ... */
const char *verdict_name(enum verdict v);

/** tester_fail() - End the case: the device is wrong. */
_Noreturn void tester_fail(struct tester *t, const char *fmt, ...) PRINTF(2, 3);

/** tester_skip() - End the case: it does not apply, for this reason. */
_Noreturn void tester_skip(struct tester *t, const char *fmt, ...) PRINTF(2, 3);

/** tester_error() - End the case: we, or the driver, cannot do it. */
_Noreturn void tester_error(struct tester *t, const char *fmt, ...) PRINTF(2, 3);

/**
 * tx() - Station @from sends @pv; its Ethernet addresses, if unset, are @from's and the device's
 * (or the group's).
 *
 * Return: what was sent, valid until the part ends.
 */
const struct seen *tx(struct tester *t, enum station_id from, const struct pv *pv);

/**
 * expect() - Wait until the device sends what matches @pv on @link, which no other expect() has
 * claimed; what it sent since the last tx() counts. FAIL at the end of the time.
 */
const struct seen *expect(struct tester *t, enum nut_link link, time_ns within,
			  const struct pv *pv);

/**
 * expect_at() - As expect(), but neither later than at @when, on the device's clock, nor earlier; in
 * real time later by the tolerance of the part, and earlier by a fifth of it.
 */
const struct seen *expect_at(struct tester *t, enum nut_link link, time_ns when,
			     const struct pv *pv);

/**
 * silence() - For so long nothing that matches @pv (NULL: nothing but neighbor discovery and MLD)
 * leaves the device, on any link. ERROR if it has not been proven alive before.
 */
void silence(struct tester *t, time_ns how_long, const struct pv *pv);

/** from_now() - Whatever came until now is history: expect() and silence() look no further back. */
void from_now(struct tester *t);

/** pause_for() - Let time pass, without a judgement. */
void pause_for(struct tester *t, time_ns how_long);

/** settle() - The same, until the device has tested @addrs addresses if it is in real time. */
void settle(struct tester *t, time_ns at_most, unsigned addrs);

/*
 * Packets that cases are made of.
 */

/** echo_to() - Echo request from @from (its link-local address to link-local ones). */
struct pv echo_to(struct tester *t, enum station_id from, struct ip6_addr dst);

/** reply_to() - What answers an echo request: same id, sequence and data. */
struct pv reply_to(const struct seen *request);

/** forwarded() - @sent after a hop: every field compared, the hop limit one less. */
struct pv forwarded(const struct seen *sent);

/** error_about() - An ICMPv6 error to @about's sender that quotes as much as fits 1,280 octets. */
struct pv error_about(const struct seen *about, uint8_t type, uint8_t code, uint32_t param);

/** nut_lla() - The device's link-local address on @near's link; nut_global() likewise. */
struct ip6_addr nut_lla(const struct tester *t, enum station_id near);
struct ip6_addr nut_global(const struct tester *t, enum station_id near);

/** ping() - @from sends an echo request to the device's link-local address and gets the reply. */
void ping(struct tester *t, enum station_id from);

/*
 * Set-ups, each written once (setup.c).
 */

/** setup_1() - Common test setups 1.1 to 1.3: @routers (1 to 3) routers, a prefix, reachability. */
void setup_1(struct tester *t, unsigned routers);

/** adv_with() - A router's variables at their defaults, with one prefix on link and autonomous. */
struct nd_adv adv_with(const struct ip6_addr *prefix);

/** setup_adv() - The device advertises this, or no more. */
void setup_adv(struct tester *t, enum nut_link link, const struct nd_adv *adv);

/** setup_router() - Addresses and advertisements of a router under test on both links. */
void setup_router(struct tester *t);

/**
 * setup_mroute() - Packets to @group that come in on @from go on to @to. A device that cannot be
 * told is believed to learn it from listeners' reports.
 */
void setup_mroute(struct tester *t, enum nut_link from, const char *group, enum nut_link to);

/** device_ping() - The device sends an echo request. */
void device_ping(struct tester *t, enum nut_link link, const struct ip6_addr *dst, uint32_t octets);

/** setup_temp() - Temporary addresses on link B. */
void setup_temp(struct tester *t);

/** setup_optimistic() - Addresses made from now on are optimistic (RFC 4429). */
void setup_optimistic(struct tester *t);

/** setup_link() - A link of the device's goes down, or comes up. */
void setup_link(struct tester *t, enum nut_link link, bool up);

/** setup_mld() - The device is an MLD router there with these variables. */
void setup_mld(struct tester *t, enum nut_link link, const struct mld_router_conf *conf);

/**
 * setup_listen() - The device listens to @group: EXCLUDE or INCLUDE these sources; INCLUDE none of
 * them: no more.
 */
void setup_listen(struct tester *t, enum nut_link link, const struct ip6_addr *group, bool exclude,
		  const struct ip6_addr *source, unsigned n);

/** setup_mld_option() - Change a choice of the device's about MLD. */
void setup_mld_option(struct tester *t, enum nut_mld_option option, bool on);

/** setup_mtu() - The MTU of a link of the device's. */
void setup_mtu(struct tester *t, enum nut_link link, uint32_t octets);

/** default_route() - Of a router under test: by TR1. */
void default_route(struct tester *t);

/** setup_addr() - One more address of the device's. */
void setup_addr(struct tester *t, enum nut_link link, const char *addr);

/** reboot() - Start the device again; what it sent before is history. */
void reboot(struct tester *t);

/** cleanup() - The common test cleanup. Judges nothing. */
void cleanup(struct tester *t);

/*
 * For other ways to wait (whole.c).
 */

/** tester_take() - The device's next frame until then, heard by the stations; or NULL: it is then. */
struct seen *tester_take(struct tester *t, time_ns until);

/** tester_deadline() - From now on, with the tolerance of the part in real time. */
time_ns tester_deadline(const struct tester *t, time_ns within);

/** tester_slack() - The tolerance of the part: 0 in virtual time. */
time_ns tester_slack(const struct tester *t);

/** tester_claim() - @s was asked for. Return: @s. */
const struct seen *tester_claim(struct tester *t, struct seen *s);

/** tester_unseen() - FAIL: @pv was expected, beside what is most like it. */
_Noreturn void tester_unseen(struct tester *t, enum nut_link link, const struct pv *pv);

/* Between tester.c, station.c, setup.c and message.c only. */

/** scratch_done() - Free what octets() gave. */
void scratch_done(struct tester *t);

/** stations_init() - The common topology. */
void stations_init(struct tester *t);

/** station_tx() - As tx(), but as a station does by itself, not as a step of the case. */
const struct seen *station_tx(struct tester *t, enum station_id from, const struct pv *pv);

/** station_hear() - What all stations do about a frame of the device's: answer, learn. */
void station_hear(struct tester *t, const struct seen *s);

/** must_do() - End the case if the driver could not: SKIP if it never can, else ERROR. */
void must_do(struct tester *t, int rc, const char *what);

#endif
