/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options of Neighbor Discovery messages as values. See opt.c for what is refused, what is
 * ignored and why.
 */
#ifndef INABA_ND_OPT_H
#define INABA_ND_OPT_H

#include "base/dname.h"
#include "base/drop.h"
#include "base/rd.h"
#include "base/wr.h"
#include "link/link.h"

#define ND_OPT_UNIT	  8  /* octets; option lengths count these */
#define ND_OPT_HDR	  2  /* type and length */
#define ND_OPTS_MAX	  64 /* options in a message, of known and unknown types */
#define ND_OPT_OCTETS_MAX (255 * ND_OPT_UNIT)

/* How many of one kind are kept; those behind are ignored and counted. */
#define ND_PREFIXES_MAX 16
#define ND_ROUTES_MAX	16 /* RFC 4191 */
#define ND_RDNSS_MAX	4  /* options; each has up to 127 servers */
#define ND_DNSSL_MAX	4
#define ND_PREF64_MAX	4

#define ND_NONCE_OCTETS 6	   /* of a nonce that we send: the least that is allowed */
#define ND_INFINITY	UINT32_MAX /* lifetimes of 32 bits: for ever */

/** nd_lifetime() - A lifetime in seconds as a duration; ND_INFINITY becomes TIME_NEVER. */
static inline time_ns nd_lifetime(uint32_t s)
{
	return s == ND_INFINITY ? TIME_NEVER : s * NS_PER_S;
}

enum nd_opt_type {
	ND_OPT_SLLA = 1, /* RFC 4861 section 4.6.1 */
	ND_OPT_TLLA = 2,
	ND_OPT_PREFIX = 3,	 /* 4.6.2, with R of RFC 6275 section 7.2 */
	ND_OPT_REDIRECTED = 4,	 /* 4.6.3 */
	ND_OPT_MTU = 5,		 /* 4.6.4 */
	ND_OPT_ADV_INTERVAL = 7, /* RFC 6275 section 7.3 */
	ND_OPT_HOME_AGENT = 8,	 /* RFC 6275 section 7.4 */
	ND_OPT_NONCE = 14,	 /* RFC 7527 (defined by RFC 3971 section 5.3.2) */
	ND_OPT_ROUTE = 24,	 /* RFC 4191 section 2.3 */
	ND_OPT_RDNSS = 25,	 /* RFC 8106 section 5.1 */
	ND_OPT_RA_FLAGS = 26,	 /* RFC 5175 section 4 */
	ND_OPT_DNSSL = 31,	 /* RFC 8106 section 5.2 */
	ND_OPT_CAPTIVE = 37,	 /* RFC 8910 */
	ND_OPT_PREF64 = 38,	 /* RFC 8781 section 4 */
};

/* RFC 4191 section 2.1. */
enum nd_pref { ND_PREF_LOW = -1, ND_PREF_MEDIUM = 0, ND_PREF_HIGH = 1 };

/*
 * RFC 4861 section 4.6.2. Not judged here: preferred above valid lifetime, link-local prefixes,
 * lengths that do not fit an interface identifier (RFC 4862 section 5.5.3 says what to do).
 */
struct nd_prefix {
	struct ip6_addr prefix; /* no bits set behind len */
	struct ip6_addr router; /* R set: address of the sending router, else unspecified */
	uint32_t valid_s;	/* or ND_INFINITY */
	uint32_t preferred_s;	/* likewise */
	uint8_t len;		/* 0 to 128 */
	bool on_link;		/* L */
	bool autonomous;	/* A */
	bool router_addr;	/* R */
};

struct nd_route {
	struct ip6_addr prefix; /* no bits set behind len */
	uint32_t lifetime_s;	/* or ND_INFINITY; 0 takes the route back */
	uint8_t len;		/* 0 to 128 */
	int8_t pref;		/* enum nd_pref */
};

struct nd_rdnss {
	struct rd addrs;     /* see nd_rdnss_next() */
	uint32_t lifetime_s; /* or ND_INFINITY; 0: use no longer */
};

struct nd_dnssl {
	struct rd names;     /* see nd_dnssl_next(); well formed, without padding */
	uint32_t lifetime_s; /* or ND_INFINITY; 0: use no longer */
};

struct nd_pref64 {
	struct ip6_addr prefix; /* no bits set behind len */
	uint16_t lifetime_s;	/* a multiple of 8 on the wire; a builder rounds up */
	uint8_t len;		/* 96, 64, 56, 48, 40 or 32 */
};

/* nd_opts.has: options of which a message has one; of several the first counts. */
#define ND_HAS_SLLA	    0x0001u
#define ND_HAS_TLLA	    0x0002u
#define ND_HAS_REDIRECTED   0x0004u
#define ND_HAS_MTU	    0x0008u
#define ND_HAS_ADV_INTERVAL 0x0010u
#define ND_HAS_HOME_AGENT   0x0020u
#define ND_HAS_NONCE	    0x0040u
#define ND_HAS_RA_FLAGS	    0x0080u
#define ND_HAS_CAPTIVE	    0x0100u

/*
 * The options of one message, all that it may have. Cursors point into the message they were
 * read from and live as long. A field without its ND_HAS_* is zero.
 */
struct nd_opts {
	uint32_t has;
	struct mac slla, tlla;
	uint32_t mtu;		/* as advertised, below 1280 or not */
	time_ns adv_interval;	/* RFC 6275 */
	uint16_t ha_preference; /* RFC 6275 */
	uint16_t ha_lifetime_s;
	uint64_t ra_flags;    /* flag bits 8 to 55 (RFC 5175), bit 8 being 1 << 47 */
	struct rd nonce;      /* 6 octets or 8 n + 6 */
	struct rd redirected; /* the packet, with up to 7 octets of padding */
	struct rd captive;    /* URI, without padding */
	uint8_t n_prefixes, n_routes, n_rdnss, n_dnssl, n_pref64;
	uint8_t ignored; /* of known types, but malformed, repeated or too many */
	struct nd_prefix prefix[ND_PREFIXES_MAX];
	struct nd_route route[ND_ROUTES_MAX];
	struct nd_rdnss rdnss[ND_RDNSS_MAX];
	struct nd_dnssl dnssl[ND_DNSSL_MAX];
	struct nd_pref64 pref64[ND_PREF64_MAX];
};

/* One option as it stands in a message. */
struct nd_opt {
	uint8_t type;	/* enum nd_opt_type or any other */
	struct rd body; /* behind type and length */
};

/**
 * nd_opt_next() - Take one option off the front of a list of ND options.
 * @msg:	Rest of the message; advanced only on success.
 * @ret:	Option found, its body pointing into @msg's buffer; set only on success.
 *
 * RFC 4861 section 4.6: length in units of 8 octets, header included; zero MUST be discarded.
 */
enum drop nd_opt_next(struct rd *msg, struct nd_opt *ret);

/**
 * nd_opts_parse() - Decode the options of a message.
 * @type:	Of the message, enum nd_type: it says which options count.
 * @ret:	Set only on success.
 */
enum drop nd_opts_parse(struct rd in, unsigned type, struct nd_opts *ret);

/**
 * nd_opts_build() - Write the options that @type may have, each in its shortest form.
 * @o:		May hold no option that @type may not have (asserted).
 */
void nd_opts_build(struct wr *w, unsigned type, const struct nd_opts *o);

/**
 * nd_prefix_parse(), nd_prefix_build() - One Prefix Information option, which RFC 6275 section
 * 6.8 uses too. @body is behind type and length.
 *
 * Return: false, with @ret left alone, for a wrong length or a prefix length above 128.
 */
bool nd_prefix_parse(struct rd body, struct nd_prefix *ret);
void nd_prefix_build(struct wr *w, const struct nd_prefix *p);

/** nd_rdnss_next() - Take the next server off a copy of nd_rdnss.addrs. */
static inline bool nd_rdnss_next(struct rd *addrs, struct ip6_addr *ret)
{
	return rd_addr(addrs, ret);
}

#define ND_NAME_TEXT_MAX DNAME_TEXT_MAX

/**
 * nd_dnssl_next() - Take the next domain name off a copy of nd_dnssl.names.
 * @buf:	Set to the name without a final dot; whatever is no plain printable character,
 *		and dots and backslashes within a label, as \DDD (RFC 1035 section 5.1), so that
 *		hostile names do no harm in logs and configuration files.
 *
 * Return: false when there is none left.
 */
bool nd_dnssl_next(struct rd *names, char buf[ND_NAME_TEXT_MAX]);

#endif
