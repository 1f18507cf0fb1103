/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extension header walker, a clause per row. A packet is an IPv6 header that names the first
 * header, then the octets of the row; offsets count from the IPv6 header, so these begin at 40.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ip6/ext.h"

#define OCTETS_MAX 512
#define NO_ICMP	   (-1)

#define U	UPPER_8 /* the beginning of some upper-layer header */
#define UPPER_8 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa
#define PAD	1, 4, 0, 0, 0, 0 /* fills the options header that it is in */

enum { UCAST, MCAST };

static const struct ip6_ext_limits none, loud = {
	.chain_octets_max = 32,
	.hdr_octets_max = 24,
	.hdrs_max = 3,
	.opts_max = 2,
	.pad_octets_max = 7,
	.pad_zero = true,
	.report = true,
}, shut = { .refuse_unknown = true }, rh2 = { .rh_type2 = true };

struct row {
	const char *name;
	const struct ip6_ext_limits *limits; /* NULL: the defaults */
	uint8_t next;
	int dst;
	uint8_t octets[64];
	size_t n;

	enum drop why;
	int code; /* of the Parameter Problem, or NO_ICMP */
	uint32_t ptr;
	uint8_t end_next; /* where the walk stands, if it was not refused */
	uint16_t end_off, end_nh_off;
};

/* One row's octets, and how many. */
#define O(...)			   { __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })
#define NO_OCTETS		   { 0 }, 0
#define GOES_ON(next, off, nh_off) DROP_NONE, NO_ICMP, 0, next, off, nh_off
#define SILENT(why)		   DROP_##why, NO_ICMP, 0, 0, 0, 0
#define PROBLEM(why, code, ptr)	   DROP_##why, code, ptr, 0, 0, 0

/* clang-format off */
static const struct row chain_rows[] = {
	/* RFC 8200 section 4: where a walk ends */
	{ "upper layer at once", NULL, 58, UCAST, O(U), GOES_ON(58, 40, 6) },
	{ "unknown next header is the caller's", NULL, 143, UCAST, O(U), GOES_ON(143, 40, 6) },
	{ "59", NULL, 59, UCAST, O(U), GOES_ON(59, 40, 6) },
	{ "59 behind options", NULL, 60, UCAST, O(59, 0, PAD, U), GOES_ON(59, 48, 40) },
	{ "ESP", NULL, 50, UCAST, O(U), GOES_ON(50, 40, 6) },
	{ "AH behind options", NULL, 60, UCAST, O(51, 0, PAD, U), GOES_ON(51, 48, 40) },
	{ "header at the packet's end", NULL, 0, UCAST, O(6, 0, PAD), GOES_ON(6, 48, 40) },

	/* section 4.1: any order, any number, but hop-by-hop first */
	{ "hop-by-hop", NULL, 0, UCAST, O(58, 0, PAD, U), GOES_ON(58, 48, 40) },
	{ "recommended order", NULL, 0, UCAST,
	  O(60, 0, PAD, 43, 0, PAD, 60, 0, 9, 0, 0, 0, 0, 0, 17, 0, PAD, U), GOES_ON(17, 72, 64) },
	{ "routing, then routing", NULL, 43, UCAST,
	  O(43, 0, 9, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, U), GOES_ON(6, 56, 48) },
	{ "destination options three times", NULL, 60, UCAST,
	  O(60, 0, PAD, 60, 0, PAD, 6, 0, PAD, U), GOES_ON(6, 64, 56) },
	{ "hop-by-hop behind hop-by-hop", NULL, 0, UCAST, O(0, 0, PAD, 58, 0, PAD, U),
	  PROBLEM(EXT_HBH_PLACE, 1, 40) },
	{ "hop-by-hop behind destination options", NULL, 60, UCAST, O(0, 0, PAD, 58, 0, PAD, U),
	  PROBLEM(EXT_HBH_PLACE, 1, 40) },
	{ "hop-by-hop behind two headers", NULL, 60, UCAST,
	  O(43, 0, PAD, 0, 0, 9, 0, 0, 0, 0, 0, 58, 0, PAD), PROBLEM(EXT_HBH_PLACE, 1, 48) },

	/* RFC 4443 section 3.4: a header that is not there */
	{ "no octet of it", NULL, 60, UCAST, NO_OCTETS, PROBLEM(EXT_SHORT, 0, 4) },
	{ "seven octets of eight", NULL, 0, UCAST, O(58, 0, 0, 0, 0, 0, 0),
	  PROBLEM(EXT_SHORT, 0, 4) },
	{ "as long as the packet", NULL, 60, UCAST,
	  O(58, 1, PAD, 0x11, 6, 0, 0, 0, 0, 0, 0), GOES_ON(58, 56, 40) },
	{ "longer by one unit", NULL, 60, UCAST, O(58, 2, PAD, U, 0, 0, 0, 0, 0, 0, 0),
	  PROBLEM(EXT_SHORT, 0, 41) },
	{ "routing header too long", NULL, 43, UCAST, O(58, 255, 9, 0, 0, 0, 0, 0, U),
	  PROBLEM(EXT_SHORT, 0, 41) },

	/* section 4.2: the two high bits; hop-by-hop and destination options alike */
	{ "00 hbh", NULL, 0, UCAST, O(58, 0, 0x11, 4, 1, 2, 3, 4, U), GOES_ON(58, 48, 40) },
	{ "01 hbh", NULL, 0, UCAST, O(58, 0, 0x47, 4, 1, 2, 3, 4, U), SILENT(OPT_UNKNOWN) },
	{ "10 hbh", NULL, 0, UCAST, O(58, 0, 0x87, 4, 1, 2, 3, 4, U),
	  PROBLEM(OPT_UNKNOWN_ICMP, 2, 42) },
	{ "11 hbh", NULL, 0, UCAST, O(58, 0, 0xc7, 4, 1, 2, 3, 4, U),
	  PROBLEM(OPT_UNKNOWN_UCAST, 2, 42) },
	{ "00 hbh multicast", NULL, 0, MCAST, O(58, 0, 0x11, 4, 1, 2, 3, 4, U),
	  GOES_ON(58, 48, 40) },
	{ "01 hbh multicast", NULL, 0, MCAST, O(58, 0, 0x47, 4, 1, 2, 3, 4, U),
	  SILENT(OPT_UNKNOWN) },
	{ "10 hbh multicast", NULL, 0, MCAST, O(58, 0, 0x87, 4, 1, 2, 3, 4, U),
	  PROBLEM(OPT_UNKNOWN_ICMP, 2, 42) },
	{ "11 hbh multicast", NULL, 0, MCAST, O(58, 0, 0xc7, 4, 1, 2, 3, 4, U),
	  SILENT(OPT_UNKNOWN_UCAST) },
	{ "00 dst", NULL, 60, UCAST, O(58, 0, 0x11, 4, 1, 2, 3, 4, U), GOES_ON(58, 48, 40) },
	{ "01 dst", NULL, 60, UCAST, O(58, 0, 0x47, 4, 1, 2, 3, 4, U), SILENT(OPT_UNKNOWN) },
	{ "10 dst", NULL, 60, UCAST, O(58, 0, 0x87, 4, 1, 2, 3, 4, U),
	  PROBLEM(OPT_UNKNOWN_ICMP, 2, 42) },
	{ "11 dst", NULL, 60, UCAST, O(58, 0, 0xc7, 4, 1, 2, 3, 4, U),
	  PROBLEM(OPT_UNKNOWN_UCAST, 2, 42) },
	{ "10 dst multicast", NULL, 60, MCAST, O(58, 0, 0x87, 4, 1, 2, 3, 4, U),
	  PROBLEM(OPT_UNKNOWN_ICMP, 2, 42) },
	{ "11 dst multicast", NULL, 60, MCAST, O(58, 0, 0xc7, 4, 1, 2, 3, 4, U),
	  SILENT(OPT_UNKNOWN_UCAST) },
	{ "known bits, another type", NULL, 60, UCAST, O(58, 0, 0x81, 4, 1, 2, 3, 4, U),
	  PROBLEM(OPT_UNKNOWN_ICMP, 2, 42) },

	/* section 4.2: strictly in order (v6LC.1.2.5) */
	{ "00, 01, 10, 11", NULL, 60, UCAST,
	  O(58, 3, 0x11, 4, 0, 0, 0, 0, 0x47, 6, 0, 0, 0, 0, 0, 0, 0x87, 6, 0, 0, 0, 0, 0, 0,
	    0xc7, 6, 0, 0, 0, 0, 0, 0, U), SILENT(OPT_UNKNOWN) },
	{ "00, 10, 11, 01", NULL, 60, UCAST,
	  O(58, 3, 0x11, 4, 0, 0, 0, 0, 0x87, 6, 0, 0, 0, 0, 0, 0, 0xc7, 6, 0, 0, 0, 0, 0, 0,
	    0x47, 6, 0, 0, 0, 0, 0, 0, U), PROBLEM(OPT_UNKNOWN_ICMP, 2, 48) },
	{ "00, 11, 01, 10", NULL, 60, UCAST,
	  O(58, 3, 0x11, 4, 0, 0, 0, 0, 0xc7, 6, 0, 0, 0, 0, 0, 0, 0x47, 6, 0, 0, 0, 0, 0, 0,
	    0x87, 6, 0, 0, 0, 0, 0, 0, U), PROBLEM(OPT_UNKNOWN_UCAST, 2, 48) },
	/* and headers likewise (v6LC.1.2.3 part B): a fragment header read as options */
	{ "fragment header as options", NULL, 60, UCAST,
	  O(60, 0, PAD, 58, 0, 0x87, 0x04, 0, 0, 0, 0, U), PROBLEM(OPT_UNKNOWN_ICMP, 2, 50) },
	{ "second header's option", NULL, 0, UCAST,
	  O(60, 0, PAD, 58, 0, 1, 0, 0, 0x87, 0, 0, U), PROBLEM(OPT_UNKNOWN_ICMP, 2, 53) },

	/* options that run past their header */
	{ "option too long by one", NULL, 60, UCAST, O(58, 0, 0x11, 5, 0, 0, 0, 0, U),
	  PROBLEM(OPT_SHORT, 0, 43) },
	{ "option without its length", NULL, 60, UCAST, O(58, 0, 1, 3, 0, 0, 0, 0x11, U),
	  PROBLEM(OPT_SHORT, 0, 47) },
	{ "option of no data at the end", NULL, 60, UCAST, O(58, 0, 1, 2, 0, 0, 0x11, 0, U),
	  GOES_ON(58, 48, 40) },
	{ "PadN too long", NULL, 0, UCAST, O(58, 0, 1, 255, 0, 0, 0, 0, U),
	  PROBLEM(OPT_SHORT, 0, 43) },
	{ "unknown 01 too long", NULL, 0, UCAST, O(58, 0, 0x47, 9, 0, 0, 0, 0, U),
	  PROBLEM(OPT_SHORT, 0, 43) },

	/* padding: RFC 8200 section 4.2, RFC 8504 section 5.3 */
	{ "six Pad1", NULL, 60, UCAST, O(58, 0, 0, 0, 0, 0, 0, 0, U), GOES_ON(58, 48, 40) },
	{ "PadN of 0", NULL, 60, UCAST, O(58, 0, 1, 0, 1, 2, 0, 0, U), GOES_ON(58, 48, 40) },
	{ "seven Pad1 in a row", NULL, 60, UCAST,
	  O(58, 1, 0x11, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x11, 2, 0, 0, U), GOES_ON(58, 56, 40) },
	{ "eight Pad1 in a row", NULL, 60, UCAST,
	  O(58, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x11, 4, 0, 0, 0, 0, U), SILENT(OPT_PAD) },
	{ "PadN of seven octets", NULL, 60, UCAST,
	  O(58, 1, 1, 5, 0, 0, 0, 0, 0, 0x11, 5, 0, 0, 0, 0, 0, U), GOES_ON(58, 56, 40) },
	{ "PadN of eight octets", NULL, 60, UCAST,
	  O(58, 1, 1, 6, 0, 0, 0, 0, 0, 0, 0x11, 4, 0, 0, 0, 0, U), SILENT(OPT_PAD) },
	{ "Pad1 and PadN add up", NULL, 60, UCAST,
	  O(58, 1, 0, 0, 1, 4, 0, 0, 0, 0, 0x11, 4, 0, 0, 0, 0, U), SILENT(OPT_PAD) },
	{ "an option parts them", NULL, 60, UCAST,
	  O(58, 1, 1, 4, 0, 0, 0, 0, 0x11, 0, 1, 4, 0, 0, 0, 0, U), GOES_ON(58, 56, 40) },
	{ "a header parts them", NULL, 60, UCAST, O(60, 0, PAD, 58, 0, PAD, U),
	  GOES_ON(58, 56, 48) },
	{ "PadN not zero at its end", NULL, 60, UCAST, O(58, 0, 1, 4, 0, 0, 0, 1, U),
	  SILENT(OPT_PAD) },
	{ "padding without limits", &none, 60, UCAST,
	  O(58, 1, 1, 12, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, U), GOES_ON(58, 56, 40) },

	/* RFC 8504 section 5.3: eight options, unknown ones at all */
	{ "eight options", NULL, 60, UCAST,
	  O(58, 2, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 4, 0, 0,
	    0, 0, 0, 0, U), GOES_ON(58, 64, 40) },
	{ "nine options", NULL, 60, UCAST,
	  O(58, 2, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11,
	    2, 0, 0, 0, 0, U), SILENT(OPT_TOO_MANY) },
	{ "padding does not count", NULL, 60, UCAST,
	  O(58, 2, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0, 0x11, 0, 0, 0x11, 0, 0, 0x11, 0, 0,
	    0x11, 0, 0, 0, U), GOES_ON(58, 64, 40) },
	{ "each header counts anew", NULL, 60, UCAST,
	  O(60, 1, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0,
	    58, 1, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, 0x11, 0, U),
	  GOES_ON(58, 72, 56) },
	{ "unknown refused", &shut, 60, UCAST, O(58, 0, 0x11, 4, 0, 0, 0, 0, U),
	  SILENT(OPT_UNKNOWN) },
	{ "unknown refused, silently", &shut, 60, UCAST, O(58, 0, 0x87, 4, 0, 0, 0, 0, U),
	  SILENT(OPT_UNKNOWN) },
	{ "unknown refused, padding not", &shut, 60, UCAST, O(58, 0, PAD, U),
	  GOES_ON(58, 48, 40) },

	/* eight extension headers, the fragment header among them */
	{ "eight headers", NULL, 43, UCAST,
	  O(43, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0,
	    43, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0,
	    43, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0), GOES_ON(6, 104, 96) },
	{ "a ninth", NULL, 43, UCAST,
	  O(43, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0,
	    43, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0,
	    43, 0, 0, 0, 0, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0), SILENT(EXT_TOO_MANY) },

	/* RFC 8883 section 2: the same, told */
	{ "too many headers", &loud, 43, UCAST,
	  O(43, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0,
	    60, 0, 0, 0, 0, 0, 0, 0, 60, 0, PAD), PROBLEM(EXT_TOO_MANY, 8, 64) },
	{ "chain too long", &loud, 60, UCAST,
	  O(60, 1, PAD, 0x11, 6, 0, 0, 0, 0, 0, 0, 43, 2, 0, 0, 0, 0, 0, 0, U, U, U),
	  PROBLEM(EXT_CHAIN_LONG, 7, 72) },
	{ "chain just short enough", &loud, 60, UCAST,
	  O(43, 1, PAD, 0x11, 6, 0, 0, 0, 0, 0, 0, 58, 1, 0, 0, 0, 0, 0, 0, U, U),
	  GOES_ON(58, 72, 56) },
	{ "header too long", &loud, 60, UCAST,
	  O(58, 3, PAD, U, U, U, U), PROBLEM(EXT_CHAIN_LONG, 6, 40) },
	{ "too many options", &loud, 60, UCAST, O(58, 0, 0x11, 0, 0x11, 0, 0x11, 0, U),
	  PROBLEM(OPT_TOO_MANY, 9, 46) },
	{ "too much padding", &loud, 60, UCAST,
	  O(58, 1, 0, 0, 1, 4, 0, 0, 0, 0, 0x11, 4, 0, 0, 0, 0, U), PROBLEM(OPT_PAD, 10, 44) },
	{ "unless it is malformed first", &loud, 60, UCAST, O(58, 0, 0x11, 0, 0x11, 9, 0, 0, U),
	  PROBLEM(OPT_SHORT, 0, 45) },

	/* RFC 2711, RFC 2675 */
	{ "router alert", NULL, 0, UCAST, O(58, 0, 5, 2, 0, 0, 1, 0, U), GOES_ON(58, 48, 40) },
	{ "router alert too short", NULL, 0, UCAST, O(58, 0, 5, 1, 0, 1, 1, 0, U),
	  PROBLEM(OPT_ROUTER_ALERT, 0, 43) },
	{ "router alert too long", NULL, 0, UCAST, O(58, 0, 1, 0, 5, 2, 0, 0, U),
	  GOES_ON(58, 48, 40) },
	{ "router alert too long", NULL, 0, UCAST, O(58, 0, 0, 5, 3, 0, 0, 0, U),
	  PROBLEM(OPT_ROUTER_ALERT, 0, 44) },
	{ "router alert elsewhere means nothing", NULL, 60, UCAST, O(58, 0, 5, 4, 0, 0, 1, 0, U),
	  GOES_ON(58, 48, 40) },
	{ "jumbo payload", NULL, 0, UCAST, O(58, 0, 0xc2, 4, 0, 1, 0, 0, U),
	  PROBLEM(OPT_JUMBO, 2, 42) },
	{ "jumbo payload multicast", NULL, 0, MCAST, O(58, 0, 0xc2, 4, 0, 1, 0, 0, U),
	  SILENT(OPT_JUMBO) },
	{ "jumbo payload elsewhere", NULL, 60, UCAST, O(58, 0, 0xc2, 4, 0, 1, 0, 0, U),
	  PROBLEM(OPT_UNKNOWN_UCAST, 2, 42) },

	/* section 4.4, RFC 5095 section 3 (v6LC.1.2.9, v6LC.1.2.10) */
	{ "type 33, none left", NULL, 43, UCAST, O(58, 1, 33, 0, 0, 0, 0, 0, U, U),
	  GOES_ON(58, 56, 40) },
	{ "type 0, none left", NULL, 43, UCAST, O(58, 1, 0, 0, 0, 0, 0, 0, U, U),
	  GOES_ON(58, 56, 40) },
	{ "type 33, one left", NULL, 43, UCAST, O(58, 0, 33, 1, 0, 0, 0, 0, U),
	  PROBLEM(RH_TYPE, 0, 42) },
	{ "type 0, one left", NULL, 43, UCAST, O(58, 0, 0, 1, 0, 0, 0, 0, U),
	  PROBLEM(RH_TYPE0, 0, 42) },
	{ "type 0 behind options", NULL, 60, UCAST, O(43, 0, PAD, 58, 0, 0, 1, 0, 0, 0, 0, U),
	  PROBLEM(RH_TYPE0, 0, 50) },
	{ "type 2, one left", NULL, 43, UCAST, O(58, 0, 2, 1, 0, 0, 0, 0, U),
	  PROBLEM(RH_TYPE, 0, 42) },
	{ "type 2, one left, wanted", &rh2, 43, UCAST, O(58, 0, 2, 1, 0, 0, 0, 0, U),
	  GOES_ON(43, 40, 6) },
	{ "type 2, none left, wanted", &rh2, 43, UCAST, O(58, 0, 2, 0, 0, 0, 0, 0, U),
	  GOES_ON(58, 48, 40) },
	{ "type 2, wanted, too long", &rh2, 43, UCAST, O(58, 2, 2, 1, 0, 0, 0, 0, U),
	  PROBLEM(EXT_SHORT, 0, 41) },

	/* section 4.5: stop at the fragment header */
	{ "fragment", NULL, 44, UCAST, O(58, 0, 0, 1, 0, 0, 0, 7, U), GOES_ON(44, 40, 6) },
	{ "fragment behind options", NULL, 60, UCAST, O(44, 0, PAD, 58, 0, 0, 1, 0, 0, 0, 7, U),
	  GOES_ON(44, 48, 40) },
	{ "fragment behind a bad option", NULL, 60, UCAST,
	  O(44, 0, 0x87, 4, 0, 0, 0, 0, 58, 0, 0, 1, 0, 0, 0, 7, U),
	  PROBLEM(OPT_UNKNOWN_ICMP, 2, 42) },
	{ "what is in a fragment is not looked at", NULL, 44, UCAST,
	  O(60, 0, 0, 1, 0, 0, 0, 7, 58, 0, 0x87, 4, 0, 0, 0, 0), GOES_ON(44, 40, 6) },
	{ "reserved octet is no length", NULL, 44, UCAST, O(58, 255, 0, 1, 0, 0, 0, 7, U),
	  GOES_ON(44, 40, 6) },
	{ "fragment header too short", NULL, 44, UCAST, O(58, 0, 0, 1, 0, 0, 0),
	  PROBLEM(FRAG_SHORT, 0, 4) },
};

/* RFC 9673 section 5: what a router does; only hop-by-hop options are its business. */
static const struct ip6_ext_limits router = { .opts_max = 1, .pad_octets_max = 7, .pad_zero = true,
					      .hdr_octets_max = 16 },
				   skipper = { .forward_skip = true };

static const struct row hbh_rows[] = {
	{ "no options at all", NULL, 58, UCAST, O(U), GOES_ON(58, 40, 6) },
	{ "destination options are not looked at", NULL, 60, UCAST,
	  O(58, 0, 0x87, 4, 0, 0, 0, 0, U), GOES_ON(60, 40, 6) },
	{ "padding", NULL, 0, UCAST, O(60, 0, PAD, 58, 0, 0x87, 4, 0, 0, 0, 0),
	  GOES_ON(60, 48, 40) },
	{ "00", NULL, 0, UCAST, O(58, 0, 0x11, 4, 0, 0, 0, 0, U), GOES_ON(58, 48, 40) },
	{ "01", NULL, 0, UCAST, O(58, 0, 0x47, 4, 0, 0, 0, 0, U), SILENT(OPT_UNKNOWN) },
	{ "10", NULL, 0, UCAST, O(58, 0, 0x87, 4, 0, 0, 0, 0, U),
	  PROBLEM(OPT_UNKNOWN_ICMP, 2, 42) },
	{ "11", NULL, 0, UCAST, O(58, 0, 0xc7, 4, 0, 0, 0, 0, U),
	  PROBLEM(OPT_UNKNOWN_UCAST, 2, 42) },
	{ "11 multicast", NULL, 0, MCAST, O(58, 0, 0xc7, 4, 0, 0, 0, 0, U),
	  SILENT(OPT_UNKNOWN_UCAST) },
	{ "01 skipped", &skipper, 0, UCAST, O(58, 0, 0x47, 4, 0, 0, 0, 0, U),
	  GOES_ON(58, 48, 40) },
	{ "10 skipped", &skipper, 0, UCAST, O(58, 0, 0x87, 4, 0, 0, 0, 0, U),
	  GOES_ON(58, 48, 40) },
	{ "11 skipped", &skipper, 0, UCAST, O(58, 0, 0xc7, 4, 0, 0, 0, 0, U),
	  GOES_ON(58, 48, 40) },
	{ "jumbo payload is not", &skipper, 0, UCAST, O(58, 0, 0xc2, 4, 0, 1, 0, 0, U),
	  PROBLEM(OPT_JUMBO, 2, 42) },
	{ "router alert", NULL, 0, UCAST, O(58, 0, 5, 2, 0, 0, 1, 0, U), GOES_ON(58, 48, 40) },
	{ "too many options are not judged", &router, 0, UCAST,
	  O(58, 1, 0x11, 4, 0, 0, 0, 0, 0x87, 6, 0, 0, 0, 0, 0, 0, U), GOES_ON(58, 56, 40) },
	{ "one is", &router, 0, UCAST, O(58, 0, 0x87, 4, 0, 0, 0, 0, U),
	  PROBLEM(OPT_UNKNOWN_ICMP, 2, 42) },
	{ "nor what is behind too much padding", &router, 0, UCAST,
	  O(58, 1, 0, 1, 5, 0, 0, 0, 0, 0, 0x87, 4, 0, 0, 0, 0, U), GOES_ON(58, 56, 40) },
	{ "padding need not be zero", &router, 0, UCAST, O(58, 0, 1, 4, 0, 1, 0, 0, U),
	  GOES_ON(58, 48, 40) },
	{ "nor a header that is too long", &router, 0, UCAST, O(58, 2, 0x87, 4, 0, 0, 0, 0, U, U),
	  GOES_ON(58, 64, 40) },
	{ "not there", NULL, 0, UCAST, O(58), PROBLEM(EXT_SHORT, 0, 4) },
	{ "too short", NULL, 0, UCAST, O(58, 1, PAD), PROBLEM(EXT_SHORT, 0, 41) },
};
/* clang-format on */

static struct pkt *packet(struct pkt_pool *pool, uint8_t next, int dst, const uint8_t *octets,
			  size_t n)
{
	struct ip6_addr from = { { 0x20, 1, [15] = 1 } }, to = { { 0x20, 1, [15] = 2 } };
	struct pkt *pkt = pkt_new(pool, (uint32_t)(IP6_HDR_OCTETS + n));

	assert_non_null(pkt);
	if (dst == MCAST)
		to = (struct ip6_addr){ { 0xff, 0x02, [15] = 1 } };
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), 0, 0, (uint16_t)n, next, 64, &from, &to);
	if (n != 0)
		memcpy(pkt_put(pkt, (uint32_t)n), octets, n);
	return pkt;
}

static void check_row(const struct row *r, const struct ip6_walk *w)
{
	print_message("  %s: %s\n", r->name, drop_name(w->why));
	assert_int_equal(w->why, r->why);
	assert_int_equal(w->icmp, r->code != NO_ICMP);
	if (w->icmp) {
		assert_int_equal(w->icmp_type, 4);
		assert_int_equal(w->icmp_code, r->code);
		assert_int_equal(w->icmp_ptr, r->ptr);
	}
	if (w->why != DROP_NONE)
		return;
	assert_int_equal(w->next, r->end_next);
	assert_int_equal(w->off, r->end_off);
	assert_int_equal(w->nh_off, r->end_nh_off);
}

typedef void walk_fn(struct ip6_walk *w, struct pkt *pkt, const struct ip6_ext_limits *limits);

static void run_rows(const struct row *rows, size_t n, walk_fn *walk)
{
	struct pkt_pool pool;

	pkt_pool_init(&pool, 64, 1);
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		struct pkt *pkt = packet(&pool, r->next, r->dst, r->octets, r->n);
		uint8_t before[OCTETS_MAX];
		struct ip6_walk w;

		memcpy(before, pkt->p, pkt->len);
		ip6_walk_begin(&w, pkt);
		walk(&w, pkt, r->limits != NULL ? r->limits : &IP6_EXT_LIMITS_DEFAULT);
		check_row(r, &w);
		assert_memory_equal(before, pkt->p, pkt->len);
		pkt_free(pkt);
	}
	pkt_pool_done(&pool);
}

static void chain(void **state)
{
	(void)state;
	run_rows(chain_rows, ARRAY_LEN(chain_rows), ip6_walk_chain);
}

static void hop_by_hop(void **state)
{
	(void)state;
	run_rows(hbh_rows, ARRAY_LEN(hbh_rows), ip6_walk_hbh);
}

/* RFC 2711: seen, with its value; the first counts; only in a header that is taken. */
static void router_alert(void **state)
{
	static const struct {
		uint8_t next;
		uint8_t octets[16];
		bool seen;
		uint16_t value;
	} rows[] = {
		{ 0, { 58, 0, 5, 2, 0, 0, 1, 0, U }, true, 0 },
		{ 0, { 58, 0, 5, 2, 0x12, 0x34, 0, 0, U }, true, 0x1234 },
		{ 0, { 58, 1, 5, 2, 0, 1, 5, 2, 0, 2, PAD }, true, 1 },
		{ 0, { 58, 0, PAD, U }, false, 0 },
		{ 0, { 58, 1, 5, 2, 0, 1, 0x87, 0, 1, 6, 0, 0, 0, 0, 0, 0 }, false, 0 },
		{ 60, { 58, 0, 5, 2, 0, 1, 1, 0, U }, false, 0 },
	};
	struct pkt_pool pool;

	(void)state;
	pkt_pool_init(&pool, 64, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int forward = 0; forward < 2; forward++) {
			struct pkt *pkt = packet(&pool, rows[i].next, UCAST, rows[i].octets, 16);
			struct ip6_walk w;

			ip6_walk_begin(&w, pkt);
			(forward ? ip6_walk_hbh : ip6_walk_chain)(&w, pkt, &IP6_EXT_LIMITS_DEFAULT);
			assert_int_equal(w.router_alert, rows[i].seen);
			assert_int_equal(pkt->flags, rows[i].seen ? PKT_ROUTER_ALERT : 0);
			if (rows[i].seen)
				assert_int_equal(w.router_alert_value, rows[i].value);
			pkt_free(pkt);
		}
	}
	pkt_pool_done(&pool);
}

static void fragment_fields(void **state)
{
	static const struct {
		uint8_t octets[8];
		uint16_t off;
		bool more, atomic;
		uint32_t id;
	} rows[] = {
		{ { 58, 0, 0, 1, 1, 2, 3, 4 }, 0, true, false, 0x01020304 },
		{ { 58, 0, 0, 8, 0, 0, 0, 0 }, 8, false, false, 0 },
		{ { 58, 255, 255, 255, 255, 255, 255, 255 }, 65528, true, false, UINT32_MAX },
		{ { 58, 0, 0, 6, 0, 0, 0, 9 }, 0, false, true, 9 }, /* reserved bits */
		{ { 58, 0, 0, 0, 0, 0, 0, 9 }, 0, false, true, 9 },
	};
	struct pkt_pool pool;

	(void)state;
	pkt_pool_init(&pool, 64, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pkt *pkt = packet(&pool, 44, UCAST, rows[i].octets, 8);
		struct ip6_walk w;

		ip6_walk_begin(&w, pkt);
		ip6_walk_chain(&w, pkt, &IP6_EXT_LIMITS_DEFAULT);
		assert_int_equal(w.why, DROP_NONE);
		assert_int_equal(w.frag_off, rows[i].off);
		assert_int_equal(w.frag_more, rows[i].more);
		assert_int_equal(w.frag_atomic, rows[i].atomic);
		assert_int_equal(w.frag_id, rows[i].id);
		pkt_free(pkt);
	}
	pkt_pool_done(&pool);
}

/* A chain so long that its end has no 16-bit offset. */
static void beyond_offsets(void **state)
{
	static const struct ip6_ext_limits open, told = { .report = true };
	static uint8_t octets[65535];
	struct pkt_pool pool;
	struct ip6_walk w;
	struct pkt *pkt;

	(void)state;
	pkt_pool_init(&pool, 0, 1);
	for (size_t at = 0; at + 8 <= sizeof(octets); at += 8)
		octets[at] = IP6_NH_ROUTING;
	pkt = packet(&pool, IP6_NH_ROUTING, UCAST, octets, sizeof(octets));
	ip6_walk_begin(&w, pkt);
	ip6_walk_chain(&w, pkt, &open);
	assert_int_equal(w.why, DROP_EXT_CHAIN_LONG);
	assert_false(w.icmp);
	assert_int_equal(w.off, 65528);
	ip6_walk_begin(&w, pkt);
	ip6_walk_chain(&w, pkt, &told);
	assert_int_equal(w.icmp_code, 7);
	assert_int_equal(w.icmp_ptr, 65535);
	pkt_free(pkt);
	pkt_pool_done(&pool);
}

/* A walk that stopped goes on from where it stands. */
static void resumes(void **state)
{
	static const uint8_t octets[] = { 43, 0, PAD, 60, 0, 2, 1, 0, 0, 0, 0, 58, 0, PAD, U };
	struct pkt_pool pool;
	struct ip6_walk w;
	struct pkt *pkt;

	(void)state;
	pkt_pool_init(&pool, 64, 1);
	pkt = packet(&pool, 60, UCAST, octets, sizeof(octets));
	ip6_walk_begin(&w, pkt);
	for (int i = 0; i < 2; i++) { /* nothing changes until somebody takes the header */
		ip6_walk_chain(&w, pkt, &rh2);
		assert_int_equal(w.why, DROP_NONE);
		assert_int_equal(w.next, IP6_NH_ROUTING);
		assert_int_equal(w.off, 48);
		assert_int_equal(w.n_hdrs, 1);
	}
	pkt->p[48 + IP6_RH_LEFT_OFF] = 0;
	ip6_walk_chain(&w, pkt, &rh2);
	assert_int_equal(w.why, DROP_NONE);
	assert_int_equal(w.next, 58);
	assert_int_equal(w.off, 64);
	assert_int_equal(w.nh_off, 56);
	assert_int_equal(w.n_hdrs, 3);
	pkt_free(pkt);
	pkt_pool_done(&pool);
}

#define LOST 0 /* no upper layer in there */

static void upper_find(void **state)
{
	/* clang-format off */
	static const struct {
		uint8_t first;
		uint8_t octets[48];
		size_t n;
		uint32_t off;		/* or LOST */
		uint8_t next;
	} rows[] = {
		{ 58, O(U), 40, 58 },
		{ 58, NO_OCTETS, 40, 58 },
		{ 143, O(U), 40, 143 },
		{ 59, NO_OCTETS, 40, 59 },
		{ 50, O(U), 40, 50 },
		{ 0, O(58, 0, 0x87, 4, 0, 0, 0, 0, U), 48, 58 },	/* options are not judged */
		{ 60, O(0, 0, 9, 9, 9, 9, 9, 9, 6, 0, 0, 0, 0, 0, 0, 0), 56, 6 },
		{ 43, O(17, 1, 0, 1, 0, 0, 0, 0, U, U), 56, 17 },
		{ 51, O(17, 4, 0, 0, 0, 0, 0, 0, U, U, U), 64, 17 },	/* AH: (4 + 2) * 4 */
		{ 44, O(58, 0, 0, 1, 0, 0, 0, 0, U), 48, 58 },
		{ 44, O(58, 255, 0, 7, 0, 0, 0, 0, U), 48, 58 },
		{ 44, O(58, 0, 0, 8, 0, 0, 0, 0, U), LOST, 0 },		/* not the first */
		{ 44, O(60, 0, 0, 1, 0, 0, 0, 0, 58, 0, PAD), 56, 58 },
		{ 0, O(58, 0, 0, 0, 0, 0, 0), LOST, 0 },		/* cut off */
		{ 0, O(58, 1, 0, 0, 0, 0, 0, 0), LOST, 0 },
		{ 51, O(58, 1, 0, 0, 0, 0, 0, 0), LOST, 0 },
		{ 44, O(58, 0, 0, 1, 0, 0, 0), LOST, 0 },
	};
	/* clang-format on */
	struct pkt_pool pool;

	(void)state;
	pkt_pool_init(&pool, 64, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pkt *pkt = packet(&pool, rows[i].first, UCAST, rows[i].octets, rows[i].n);
		uint8_t next = 0xee;
		uint32_t off = 0xeeee;
		bool found = ip6_upper_find(rd_of(pkt->p, pkt->len), &next, &off);

		assert_int_equal(found, rows[i].off != LOST);
		assert_int_equal(next, found ? rows[i].next : 0xee);
		assert_int_equal(off, found ? rows[i].off : 0xeeee);
		assert_false(ip6_upper_find(rd_of(pkt->p, IP6_HDR_OCTETS - 1), &next, &off));
		pkt_free(pkt);
	}
	pkt_pool_done(&pool);
}

/* RFC 7112 section 3: which octets the chain must have, the fixed upper-layer header with it. */
static void chain_whole(void **state)
{
	static const struct {
		uint8_t next;
		uint32_t octets; /* the fewest that do */
	} rows[] = { { 6, 20 },	  { 17, 8 },  { 58, 4 },  { 41, 40 }, { 4, 20 },
		     { 132, 12 }, { 50, 8 },  { 135, 8 }, { 59, 0 },  { 143, 0 },
		     { 60, 28 },  { 44, 28 }, { 51, 28 } };
	uint8_t p[IP6_HDR_OCTETS + 48] = { 0 };

	(void)state;
	p[IP6_HDR_OCTETS] = IP6_NH_TCP; /* where it is an extension header of eight octets */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (uint32_t n = 0; n <= 48; n++)
			assert_int_equal(ip6_chain_is_whole(rd_of(p, IP6_HDR_OCTETS + n),
							    rows[i].next, IP6_HDR_OCTETS),
					 n >= rows[i].octets);
	assert_false(ip6_chain_is_whole(rd_of(p, IP6_HDR_OCTETS), 59, IP6_HDR_OCTETS + 1));
}

static void header_fields(void **state)
{
	static const uint8_t expect[] = { 0x6a, 0xb1, 0x23, 0x45, 0xfe, 0xdc, 58, 255, 0xfe, 0x80,
					  0,	0,    0,    0,	  0,	0,    0,  0,   0,    0,
					  0,	0,    0,    1,	  0xff, 2,    0,  0,   0,    0,
					  0,	0,    0,    0,	  0,	0,    0,  0,   0,    2 };
	struct ip6_addr src = { { 0xfe, 0x80, [15] = 1 } }, dst = { { 0xff, 2, [15] = 2 } }, a;
	uint8_t p[IP6_HDR_OCTETS];

	(void)state;
	ip6_put_header(p, 0xab, 0x12345, 0xfedc, 58, 255, &src, &dst);
	assert_memory_equal(p, expect, sizeof(expect));
	assert_int_equal(ip6_hdr_version(p), 6);
	assert_int_equal(ip6_hdr_class(p), 0xab);
	assert_int_equal(ip6_hdr_flow(p), 0x12345);
	assert_int_equal(ip6_hdr_plen(p), 0xfedc);
	a = ip6_hdr_src(p);
	assert_true(ip6_eq(&a, &src));
	a = ip6_hdr_dst(p);
	assert_true(ip6_eq(&a, &dst));
	assert_true(ip6_hdr_dst_is_mcast(p));
	ip6_hdr_set_class(p, 0x54);
	ip6_hdr_set_src(p, &dst);
	ip6_hdr_set_dst(p, &src);
	assert_int_equal(get_be32(p), 0x65412345);
	assert_memory_equal(p + 8, dst.b, 16);
	assert_memory_equal(p + 24, src.b, 16);
	assert_false(ip6_hdr_dst_is_mcast(p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain),	  cmocka_unit_test(hop_by_hop),
		cmocka_unit_test(router_alert),	  cmocka_unit_test(fragment_fields),
		cmocka_unit_test(beyond_offsets), cmocka_unit_test(resumes),
		cmocka_unit_test(upper_find),	  cmocka_unit_test(chain_whole),
		cmocka_unit_test(header_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
