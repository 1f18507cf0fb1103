/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets as values. A case fills in the fields that it is about and leaves the rest: an unset
 * field is computed when a packet is built, and not compared when one is matched. What was seen
 * is decoded into the same struct with every field set, so one list of fields (pv_fields())
 * serves comparison and text.
 */
#ifndef INABA_CONFORM_VALUE_H
#define INABA_CONFORM_VALUE_H

#include "ip6/hdr.h"
#include "link/link.h"

#include <stdio.h>

#define PV_EXT_MAX   8
#define PV_FRAME_MAX 2048 /* octets of a frame that is built */

/* A number, an address, octets (borrowed): set or not. */
struct fv {
	bool set;
	uint64_t v;
};

struct av {
	bool set;
	struct ip6_addr a;
};

struct mv {
	bool set;
	struct mac m;
};

struct ov {
	bool set;
	const uint8_t *p;
	size_t n;
};

#define IS(x)		((struct fv){ true, (x) })
#define IS_ADDR(x)	((struct av){ true, (x) })
#define IS_MAC(x)	((struct mv){ true, (x) })
#define IS_OCTETS(p, n) ((struct ov){ true, (p), (n) })

/* One extension header; @kind is its own number, whatever the octet before it says. */
struct pv_ext {
	uint8_t kind; /* IP6_NH_HBH, _ROUTING, _FRAGMENT, _DSTOPTS */
	struct fv next, len;
	struct ov body;			       /* behind next and len; not for fragment headers */
	struct fv reserved, offset, flags, id; /* of a fragment header; offset in units of 8 */
};

enum pv_kind {
	PV_ANY,	  /* matched: whatever follows; built: nothing follows */
	PV_RAW,	  /* octets */
	PV_ICMP6, /* an ICMPv6 message */
	PV_UDP,	  /* a UDP datagram */
};

/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of a packet */
struct pv {
	struct mv eth_src, eth_dst;
	struct fv version, tclass, flow, plen, next, hop_limit;
	struct av src, dst;
	struct pv_ext ext[PV_EXT_MAX];
	unsigned n_ext;
	enum pv_kind kind;
	struct fv type, code, csum;
	struct fv id, seq; /* echo request and reply */
	struct fv param;   /* errors: unused word, MTU or pointer */
	struct fv sport, dport, ulen;
	struct ov
		data; /* behind the ICMPv6 header and that word, or the UDP header; or the raw octets */
	struct ov begin;    /* matched only: the data begins so */
	bool csum_wrong;    /* decoded only */
	const uint8_t *bad; /* decoded only: where decoding had to stop, or NULL */
};

/**
 * pv_build() - Write the frame, from the Ethernet header.
 *
 * Return: its octets, or 0 if it does not fit @size.
 */
size_t pv_build(const struct pv *pv, uint8_t *to, size_t size);

/**
 * pv_decode() - A frame as a value with every field set, pointing into @frame.
 *
 * Return: false for what is no IPv6 packet with a whole header.
 */
bool pv_decode(const uint8_t *frame, size_t octets, struct pv *ret);

/** pv_match() - Number of @want's set fields that @seen does not have so: 0 is a match. */
unsigned pv_match(const struct pv *want, const struct pv *seen);

/**
 * pv_compare() - Print both side by side, a line for each field, "!" where they differ.
 * @seen:	NULL: nothing was seen.
 */
void pv_compare(const struct pv *want, const struct pv *seen, FILE *to);

/** pv_describe() - Print it, a line for each field that is set. */
void pv_describe(const struct pv *pv, FILE *to);

/** pv_line() - The packet in one line: "fe80::1 > fe80::2 echo request". Return: @buf. */
const char *pv_line(const struct pv *pv, char *buf, size_t size);

#endif
