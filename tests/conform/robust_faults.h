/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that lack one check each (test_robust.c). A packet that the check is there for is mended
 * on its way in, so that the node behind acts on it, as a device would that does not look.
 */
#ifndef INABA_TESTS_ROBUST_FAULTS_H
#define INABA_TESTS_ROBUST_FAULTS_H

#include "conform/part.h"
#include "conform/value.h"
#include "ip6/scope.h"

#define CAUGHT_MAX 20

struct fault {
	const char *name;
	/* Change a packet; false: leave it as it is. Its octets are a copy, to be written to. */
	bool (*in)(struct pv *pv);
	/* The device does not send this. */
	bool (*mute)(const struct pv *pv);
	enum nut_role role;
	const char *caught_by[CAUGHT_MAX]; /* in the order of the suites: these parts, no others */
};

/* Of neighbor discovery, routers and MLD; of all others. */
extern const struct fault faults_nd[], faults_ip[];
extern const size_t n_faults_nd, n_faults_ip;

/*
 * What is known of the packets.
 */

static const struct ip6_addr tn1 = { { 0xfe, 0x80, [15] = 0x01 } };
static const struct ip6_addr tr1 = { { 0xfe, 0x80, [15] = 0xa1 } };
static const struct ip6_addr tr2 = { { 0xfe, 0x80, [15] = 0xa2 } };
static const struct ip6_addr far = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0f, [15] = 1 } };
static const struct ip6_addr device = { { 0xfe, 0x80, [11] = 0xff, 0xfe, 0, 0x0b, 0 } };

static inline bool is(const struct pv *pv, unsigned type)
{
	return pv->kind == PV_ICMP6 && pv->type.v == type;
}

static inline bool is_nd(const struct pv *pv)
{
	return pv->kind == PV_ICMP6 && pv->type.v >= ICMP6_RS && pv->type.v <= ICMP6_REDIRECT;
}

/* Octet @i of the data; it is the copy's. */
static inline uint8_t *at(struct pv *pv, size_t i)
{
	ASSERT(i < pv->data.n);
	return (uint8_t *)pv->data.p + i;
}

/* Does the only extension header begin with option @first? */
static inline bool has_options(const struct pv *pv, uint8_t first)
{
	return pv->n_ext == 1 && pv->ext[0].kind != IP6_NH_FRAGMENT &&
	       pv->ext[0].body.p[0] == first;
}

#endif
